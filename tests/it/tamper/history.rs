//! What the auditor reads of a row's history, and that many writers at once leave no gap in it.

use crate::support::World;
use accounting::record::{self, Record};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

fn instant(item: &Value) -> i64 {
    ganhe::kernel::Moment::parse(item["recorded_at"].as_str().unwrap()).unwrap().micros()
}

/// What a record of a table says of a column.
fn column<'a>(item: &'a Value, name: &str) -> &'a str {
    let columns = record::columns(item["content"].as_str().unwrap()).unwrap();
    columns.into_iter().find(|(column, _)| *column == name).unwrap().1
}

#[tokio::test]
async fn the_auditor_reads_every_version_of_a_trade_and_checks_each_alone() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "500000.00").await;
    let trade = world.approved_trade(&mill, &glass, "10.000 t COD", "1000.00").await;
    glass.pays(trade).await.granted();
    let path = format!("/audit/records?table=trades&key={trade}");
    let found = world.auditor.get(&path).await.granted();
    let versions = found["items"].as_array().unwrap();
    let states: Vec<&str> = versions.iter().map(|item| column(item, "state")).collect();
    assert_eq!(
        states,
        ["7 matched", "8 approved", "8 approved", "7 settled"],
        "also the version between pay and settle"
    );
    for (at, item) in (1..).zip(versions) {
        assert_eq!(item["version"], at);
        assert_eq!(column(item, "version"), at.to_string());
        let record = Record {
            book: 1,
            id: id(item),
            table: "trades".to_owned(),
            key: trade.to_string(),
            version: at,
            recorded_at: instant(item),
            content: item["content"].as_str().unwrap().to_owned(),
        };
        let hash = record.hash().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(item["leaf_hash"], hash, "a stranger comes to the same hash");
    }
    let mut paged = Vec::new();
    let mut next = Some(format!("{path}&limit=1"));
    while let Some(page) = next {
        let page = world.auditor.get(&page).await.granted();
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        next = page["next_cursor"].as_str().map(|cursor| format!("{path}&limit=1&cursor={cursor}"));
    }
    assert_eq!(&paged, versions);
    world.auditor.get("/audit/records?table=outbox&key=1").await.is_refused_with("API_UNKNOWN_WORD").with_status(422);
    let nothing = world.auditor.get(&format!("/audit/records?table=pledges&key={trade}")).await.granted();
    assert_eq!(nothing["items"], json!([]));
    world.officer.get(&path).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
}

#[tokio::test]
async fn nobody_learns_a_secret_from_the_evidence() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let user = json!({
        "organisation": mill.id, "login": "mill.second", "name": "第二经办人", "roles": ["enterprise_trader"],
        "password": "correct-horse-battery",
    });
    let user = id(&world.operator.post("/users", user).await.granted());
    let records = async |table: &str, key: &str| {
        let found = world.auditor.get(&format!("/audit/records?table={table}&key={key}")).await.granted();
        found["items"].as_array().unwrap().clone()
    };
    let told = records("users", &user.to_string()).await;
    assert!(column(&told[0], "password_hash").starts_with("sha256 "), "{told:#?}");
    let told = records("installation", "1").await;
    assert!(column(&told[0], "request_secret").starts_with("sha256 "), "{told:#?}");
    let secrets = "SELECT COUNT(*) FROM evidence WHERE content LIKE '%argon2%' OR content LIKE '%BEGIN PRIVATE%'";
    let row = super::catalogue::rows(world.app.shared.db.reader(), secrets).await;
    assert_eq!(row[0].try_get_by_index::<i64>(0).unwrap(), 0);
}

/// Liens are registered and released at the same moment: all of them write the part of one facility, the running number and
/// accounts of one owner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_at_the_same_moment_leave_every_version_once() {
    const CLIENTS: usize = 16;
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let limits = json!({"name": "2022集中授信", "limits": [{"organisation": mill.id, "sub_limit": "1600000.00"}]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    mill.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
    let application = json!({
        "pledgor": mill.id, "facility": facility, "loan_contract": "借字2022-009", "pledge_contract": "质字2022-009",
        "principal": "100000.00", "secured": "100000.00", "assessed_value": "200000.00",
        "valuation_method": "market price", "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2023-11-30",
        "rights": [{"site": mill.site, "right_class": mill.class("COD"), "quantity": "1.000"}],
    });
    let mut pledges = Vec::new();
    for _ in 0..CLIENTS {
        let pledge = id(&world.bank.client.post("/pledges", application.clone()).await.granted());
        world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
        pledges.push(pledge);
    }
    for answer in join_all(pledges.iter().map(|pledge| world.bank.registers(*pledge))).await {
        answer.granted();
    }
    for answer in join_all(pledges.iter().map(|pledge| world.bank.releases(*pledge))).await {
        answer.granted();
    }
    let part = format!("/audit/records?table=facility_limits&key={facility}%20{}&limit=200", mill.id);
    let part = world.auditor.get(&part).await.granted();
    let part = part["items"].as_array().unwrap();
    // Requests that shared a work wrote the row once; none is left out and none comes twice.
    let versions: Vec<i64> = part.iter().map(|item| item["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, (1..=i64::try_from(part.len()).unwrap()).collect::<Vec<_>>());
    assert!((4..=2 + 2 * CLIENTS).contains(&part.len()), "offered, accepted, drawn, given back: {versions:?}");
    assert_eq!(column(part.last().unwrap(), "drawn"), "0");
    assert!(part.iter().any(|item| column(item, "drawn") == "160000000"), "all were drawn at one time");
    let numbers = world.auditor.get("/audit/records?table=pledge_numbers&key=2022&limit=200").await.granted();
    let numbers = numbers["items"].as_array().unwrap();
    let issued: Vec<usize> = numbers.iter().map(|item| column(item, "last").parse().unwrap()).collect();
    assert!(issued.is_sorted() && issued.last() == Some(&CLIENTS), "{issued:?}");
    world.books_are_right().await;
}
