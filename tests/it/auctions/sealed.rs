//! Sealed bids: nowhere to be read before both officials open them, and bound from the first moment.

use super::stage::{CLOSES, OPENS, Session, id, it_is, key_pair, salt, time_passes};
use crate::support::app::is_postgres;
use crate::support::world::Enterprise;
use crate::support::{Answer, Client, World};
use ganhe::access::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The officials of a sealed session, each with the private half of their key.
struct Officials([(Client, String); 2]);

impl Officials {
    /// Each hands in their own.
    async fn open(&self, session: &Session) {
        for (official, key) in &self.0 {
            official.post(&session.path("/opening"), json!({"key": key})).await.granted();
        }
    }
}

/// An open sealed session, its officials, and its lot.
async fn sealed(world: &World, bidders: &[&Enterprise], rules: &[(&str, &str)]) -> (Session, Officials, Uuid) {
    world.allocate(&world.reserve, "10.000 t COD").await;
    let session = Session::planned(world, "sealed", rules).await;
    let lot = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    let second = world.colleague_of(&world.exchange, Role::ExchangeOfficer).await;
    let [(one, one_public), (other, other_public)] = [key_pair(), key_pair()];
    world.exchange.post(&session.path("/keys"), json!({"public_key": one_public})).await.granted();
    second.post(&session.path("/keys"), json!({"public_key": other_public})).await.granted();
    session.exchange(world, "/announce").await.granted();
    for bidder in bidders {
        session.admits(world, bidder, lot, "9.731").await;
    }
    it_is(world, OPENS);
    time_passes(world).await;
    (session, Officials([(world.exchange.clone(), one), (second, other)]), lot)
}

async fn bids(session: &Session, bidder: &Enterprise, lot: Uuid, price: &str, quantity: &str) -> Answer {
    let body = json!({"lot": lot, "price": price, "quantity": quantity, "salt": salt('c')});
    bidder.client.post(&session.path("/bids"), body).await
}

/// Every value of every table of the database as text.
async fn everything(world: &World) -> Vec<(String, String)> {
    let db = &world.app.shared.db;
    let tables = if is_postgres() {
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    } else {
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
    };
    let rows = db.reader().query_all_raw(Statement::from_string(db.backend(), tables)).await.unwrap();
    let mut found = Vec::new();
    for row in rows {
        let table: String = row.try_get("", "name").unwrap();
        let sql = if is_postgres() {
            format!("SELECT t::text AS line FROM \"{table}\" t")
        } else {
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns = db.reader().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
            let quoted: Vec<String> = columns
                .iter()
                .map(|column| column.try_get::<String>("", "name").unwrap())
                .map(|name| format!("CASE typeof(\"{name}\") WHEN 'blob' THEN hex(\"{name}\") ELSE COALESCE(CAST(\"{name}\" AS text), '') END"))
                .collect();
            format!("SELECT {} AS line FROM \"{table}\"", quoted.join(" || ',' || "))
        };
        for line in db.reader().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap() {
            found.push((table.clone(), line.try_get::<String>("", "line").unwrap()));
        }
    }
    found
}

/// Where a value stands by itself, not as a part of a longer number; or its letters among bytes that are shown in hexadecimal.
fn stands_in(line: &str, value: &str) -> bool {
    if line.to_lowercase().contains(&accounting::hexadecimal(value.as_bytes())) {
        return true;
    }
    line.match_indices(value).any(|(at, _)| {
        let is_digit = |char: Option<char>| char.is_some_and(|char| char.is_ascii_hexdigit());
        !is_digit(line[..at].chars().next_back()) && !is_digit(line[at + value.len()..].chars().next())
    })
}

#[tokio::test]
async fn no_table_holds_price_or_quantity_of_a_sealed_bid_before_it_is_opened() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let (session, officials, lot) = sealed(&world, &[&glass, &brewery], &[]).await;
    let receipt = bids(&session, &glass, lot, "9187.63", "7.913").await.granted();
    assert!(receipt["price"].is_null() && receipt["quantity"].is_null() && receipt["salt"].is_null(), "{receipt:#}");
    bids(&session, &brewery, lot, "8791.37", "6.047").await.granted();
    // What is refused, malformed or over the quantity is told without what was bid.
    let refused = bids(&session, &brewery, lot, "8123.57", "9.991").await;
    refused.is_refused_with("AUC_BELOW_BASE").is_refused_with("AUC_NO_DEPOSIT");
    let number = json!({"lot": lot, "price": 8_377.59, "quantity": "5.003", "salt": salt('c')});
    let malformed = brewery.client.post(&session.path("/bids"), number).await;
    malformed.with_status(400);
    let said = format!("{:#}{:#}", refused.body, malformed.body);
    let secrets = [
        "9187.63", "918763", "7.913", "7913000", "8791.37", "879137", "6.047", "6047000", "8123.57", "812357", "9.991",
        "9991000", "8377.59", "837759", "5.003", "5003000",
    ];
    for secret in secrets {
        assert!(!stands_in(&said, secret), "{secret} is told: {said}");
    }
    let told = session.list(&world.exchange, "/bids").await;
    assert!(told.iter().all(|bid| bid["price"].is_null() && bid["commitment"].is_string()), "{told:#?}");
    let rows = everything(&world).await;
    assert!(
        rows.iter()
            .any(|(table, line)| table == "auction_bids" && line.contains(receipt["commitment"].as_str().unwrap()))
    );
    assert!(
        rows.iter().any(|(table, line)| table == "auction_lots" && stands_in(line, "879000")),
        "the search finds the base price"
    );
    for (table, line) in &rows {
        for secret in secrets {
            assert!(!stands_in(line, secret), "{secret} stands in {table}: {line}");
        }
        assert!(!line.contains(&salt('c')), "the salt stands in {table}: {line}");
    }
    it_is(&world, CLOSES);
    time_passes(&world).await;
    officials.open(&session).await;
    let rows = everything(&world).await;
    assert!(rows.iter().any(|(table, line)| table == "auction_openings" && stands_in(line, "918763")));
    world.books_are_right().await;
}

#[tokio::test]
async fn both_officials_open_what_a_stranger_then_checks_and_the_newest_bid_counts() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let (session, officials, lot) = sealed(&world, &[&glass, &brewery], &[]).await;
    bids(&session, &glass, lot, "9990.00", "7.000").await.granted();
    bids(&session, &brewery, lot, "9000.00", "4.000").await.granted();
    let newest = bids(&session, &glass, lot, "8790.00", "6.000").await.granted();
    let opening = session.path("/opening");
    let [(first, one), (second, other)] = &officials.0;
    first.post(&opening, json!({"key": one})).await.is_refused_with("AUC_WRONG_STATE");
    it_is(&world, CLOSES);
    bids(&session, &glass, lot, "9990.00", "7.000").await.is_refused_with("AUC_LATE");
    time_passes(&world).await;
    assert_eq!(session.state(&world).await, "closed");
    first.post(&opening, json!({"keys": [one, other]})).await.with_status(400);
    second.post(&opening, json!({"key": key_pair().0})).await.is_refused_with("AUC_WRONG_KEY").with_status(422);
    second.post(&opening, json!({"key": one})).await.is_refused_with("AUC_NOT_YOUR_KEY").with_status(403);
    let waits = second.post(&opening, json!({"key": other})).await.granted();
    assert_eq!((&waits["state"], &waits["keys_handed_in"]), (&json!("closed"), &json!(1)));
    second.post(&opening, json!({"key": other})).await.is_refused_with("AUC_KEY_HANDED_IN").with_status(409);
    second.post(&opening, json!({"key": one})).await.is_refused_with("AUC_NOT_YOUR_KEY");
    let ranked = first.post(&opening, json!({"key": one})).await.granted();
    assert_eq!(ranked["state"], "ranked", "nothing was lost by the wrong ones");
    assert_eq!(ranked["keys_handed_in"], 2);
    let acts = world.auditor.get(&format!("/audit/journals?subject={}&limit=200", session.id)).await.granted();
    let handed = acts["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "auction_key_handed_in");
    let by: Vec<_> = handed.map(|one| one["actor"].clone()).collect();
    assert_eq!(
        by,
        [second, first].map(|one| json!(one.signed_in(&world.app.shared).user.0)),
        "who, and in which order"
    );
    let kept = everything(&world).await;
    assert!(kept.iter().all(|(_, line)| !line.contains(one) && !line.contains(other)), "no half is kept");
    let results = session.list(&glass.client, "/results").await;
    let won: Vec<_> = results.iter().map(|one| (&one["organisation"], &one["price"], &one["quantity"])).collect();
    let second = (&json!(glass.id), &json!("8790.00"), &json!("6.000"));
    assert_eq!(won, [(&json!(brewery.id), &json!("9000.00"), &json!("4.000")), second]);
    assert_eq!(results[1]["bid"], newest["id"]);
    // A stranger computes each commitment again and finds it in the journal of the bid's arrival.
    let public = world.nobody().get(&format!("/public/auctions/{}/bids", session.id)).await.granted();
    for bid in public["items"].as_array().unwrap() {
        let text = |field: &str| bid[field].as_str().unwrap().to_owned();
        let price = text("price").replace('.', "");
        let grams = format!("{}000", text("quantity").replace('.', ""));
        let form = format!(
            "ganhe sealed bid v1\n{}\n{}\n{price}\n{grams}\n{}\n",
            text("lot"),
            text("registration"),
            text("salt")
        );
        assert_eq!(text("commitment"), accounting::hexadecimal(&Sha256::digest(form.as_bytes())));
        let journals = world.auditor.get(&format!("/audit/journals?subject={}", text("id"))).await.granted();
        assert_eq!(journals["items"][0]["document_hash"], bid["commitment"], "{journals:#}");
    }
    session.exchange(&world, "/confirm").await.granted();
    world.books_are_right().await;
}

/// Changes what is sealed of a bid behind the back of the program.
async fn bend(world: &World, bid: Uuid, sql: &str) {
    let db = &world.app.shared.db;
    let unguard = if is_postgres() {
        "ALTER TABLE auction_bids DISABLE TRIGGER auction_bids_insert_only"
    } else {
        "DROP TRIGGER auction_bids_never_updated"
    };
    db.writer().execute_unprepared(unguard).await.unwrap();
    let statement = Statement::from_sql_and_values(db.backend(), sql, [bid.into()]);
    assert_eq!(db.writer().execute_raw(statement).await.unwrap().rows_affected(), 1);
}

#[tokio::test]
async fn a_bid_that_does_not_open_is_told_and_left_out() {
    let world = World::new().await;
    let mut bidders = Vec::new();
    for name in ["通城玻璃", "通城酒业", "通城纺织"] {
        bidders.push(world.buyer(name, "200000.00").await);
    }
    let (session, officials, lot) = sealed(&world, &bidders.iter().collect::<Vec<_>>(), &[]).await;
    let mut placed = Vec::new();
    for bidder in &bidders {
        placed.push(id(&bids(&session, bidder, lot, "9000.00", "3.000").await.granted()));
    }
    bend(&world, placed[0], "UPDATE auction_bids SET sealed = 'AAAA' WHERE id = $1").await;
    it_is(&world, CLOSES);
    time_passes(&world).await;
    officials.open(&session).await;
    let told = session.list(&world.exchange, "/bids").await;
    assert_eq!((&told[0]["fault"], &told[0]["price"]), (&json!("unreadable"), &Value::Null));
    assert!(told[1]["fault"].is_null() && told[1]["price"] == "9000.00");
    let results = session.list(&world.exchange, "/results").await;
    assert_eq!(results.len(), 2, "{results:#?}");
    session.exchange(&world, "/confirm").await.granted();
    assert_eq!(world.balance(bidders[0].id, "CNY", "committed").await, "0.00", "its deposit went back");
}

#[tokio::test]
async fn seven_tenths_of_the_bidders_win_each_at_its_own_price() {
    let world = World::new().await;
    let mut bidders = Vec::new();
    for at in 0..4 {
        bidders.push(world.buyer(&format!("通城玻璃{at}"), "200000.00").await);
    }
    let rules = [("winners_share", "0.70"), ("bids_per_bidder", "10")];
    let (session, officials, lot) = sealed(&world, &bidders.iter().collect::<Vec<_>>(), &rules).await;
    for (bidder, price) in bidders.iter().zip(["8800.00", "8900.00", "8800.00", "8790.00"]) {
        bids(&session, bidder, lot, price, "2.000").await.granted();
    }
    for _ in 1..10 {
        bids(&session, &bidders[1], lot, "8900.00", "2.000").await.granted();
    }
    bids(&session, &bidders[1], lot, "8900.00", "2.000").await.is_refused_with("AUC_TOO_MANY_BIDS");
    it_is(&world, CLOSES);
    time_passes(&world).await;
    officials.open(&session).await;
    let results = session.list(&world.exchange, "/results").await;
    let won: Vec<_> = results.iter().map(|one| (one["organisation"].clone(), one["total"].clone())).collect();
    let of = |at: usize, total: Value| (json!(bidders[at].id), total);
    assert_eq!(won, [of(1, json!("17800.00")), of(0, json!("17600.00")), of(2, json!("17600.00")), of(3, Value::Null)]);
}

#[tokio::test]
async fn half_of_the_keys_opens_nothing_and_goes_when_the_session_is_called_off() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "200000.00").await;
    let brewery = world.buyer("通城酒业", "200000.00").await;
    let (session, officials, lot) = sealed(&world, &[&glass, &brewery], &[]).await;
    for bidder in [&glass, &brewery] {
        bids(&session, bidder, lot, "9187.63", "7.913").await.granted();
    }
    it_is(&world, CLOSES);
    time_passes(&world).await;
    let [(first, one), _] = &officials.0;
    first.post(&session.path("/opening"), json!({"key": one})).await.granted();
    assert_eq!(session.state(&world).await, "closed");
    let told = session.list(&world.exchange, "/bids").await;
    assert!(told.iter().all(|bid| bid["price"].is_null()), "{told:#?}");
    let holds = async || everything(&world).await.into_iter().filter(|(_, line)| line.contains(one.as_str()));
    let tables: Vec<String> = holds().await.map(|(table, _)| table).collect();
    assert_eq!(tables, ["auction_key_halves"], "it stands in one place alone");
    world.exchange.post(&session.path("/cancel"), json!({"reason": "一名工作人员失联"})).await.granted();
    assert_eq!(holds().await.count(), 0);
    world.books_are_right().await;
}
