//! From the plan to the settled trades, and every way in which that ends early.

use super::stage::{AFTER, CLOSES, OPENS, RULES, Session, TIMED, after, id, it_is, it_is_at, opened, time_passes};
use crate::support::World;
use crate::support::app::serve;
use crate::support::world::Enterprise;
use ganhe::http::Conduct;
use serde_json::{Value, json};
use std::time::Duration;

async fn held(world: &World, bidder: &Enterprise) -> String {
    world.balance(bidder.id, "CNY", "committed").await
}

#[tokio::test]
async fn a_session_of_two_sellers_goes_from_the_plan_to_settled_trades() {
    let world = World::new().await;
    world.allocate(&world.reserve, "10.000 t COD").await;
    let mill = world.seller("临江纸业", "5.000 t SO2").await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let session = Session::planned(&world, "ascending", RULES).await;
    let cod = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    let so2 = session.lot(&mill, "5.000 t SO2", "3990.00").await;
    assert_eq!(world.balance(mill.site, &mill.class("SO2"), "committed").await, "0", "nothing is held yet");
    session.exchange(&world, "/announce").await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("SO2"), "committed").await, "5.000");
    for bidder in [&glass, &brewery] {
        session.admits(&world, bidder, cod, "8.000").await;
        session.admits(&world, bidder, so2, "3.000").await;
    }
    // 30 % of 8 t at 8,790 and of 3 t at 3,990.
    assert_eq!(held(&world, &glass).await, "24687.00");
    it_is(&world, OPENS);
    assert_eq!(time_passes(&world).await, 1);
    session.bids(&glass, cod, "8790.00", "8.000").await.granted();
    session.bids(&brewery, cod, "8840.00", "8.000").await.granted();
    session.bids(&glass, so2, "3990.00", "3.000").await.granted();
    it_is(&world, CLOSES);
    time_passes(&world).await;
    assert_eq!(session.state(&world).await, "final");
    let lots = session.list(&glass.client, "/lots").await;
    let states: Vec<&Value> = lots.iter().map(|lot| &lot["state"]).collect();
    assert_eq!(states, ["offered", "failed"], "one bidder alone gets nothing: {lots:#?}");
    assert_eq!(world.balance(mill.site, &mill.class("SO2"), "available").await, "5.000");
    assert_eq!(held(&world, &glass).await, "21096.00");
    session.bids(&glass, cod, "8890.00", "8.000").await.is_refused_with("AUC_WAITING");
    it_is(&world, TIMED);
    session.bids(&glass, cod, "8890.00", "8.000").await.granted();
    it_is(&world, AFTER);
    time_passes(&world).await;
    assert_eq!(session.state(&world).await, "ranked");
    // The brewery asked for 8 t and would not take the 2 that are left.
    let results = session.list(&glass.client, "/results").await;
    let won: Vec<_> = results.iter().map(|one| (&one["place"], &one["quantity"], &one["total"])).collect();
    assert_eq!(won, [(&json!(1), &json!("8.000"), &json!("71120.00")), (&json!(2), &Value::Null, &Value::Null)]);
    session.exchange(&world, "/confirm").await.granted();
    assert_eq!(held(&world, &brewery).await, "0.00");
    assert_eq!(world.balance(world.reserve.site, &world.reserve.class("COD"), "available").await, "2.000");
    let trade = results[0]["trade"].as_str().unwrap().to_owned();
    let found = glass.client.get(&format!("/trades/{trade}")).await.granted();
    assert_eq!((&found["mode"], &found["deposit"]), (&json!("auction"), &json!("21096.00")), "{found:#}");
    for bureau in [&world.city_officer, &world.officer] {
        bureau.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    assert_eq!(time_passes(&world).await, 0);
    glass.pays(trade.parse().unwrap()).await.granted();
    assert_eq!(time_passes(&world).await, 1);
    assert_eq!(session.state(&world).await, "settled");
    assert_eq!(world.balance(glass.site, &world.reserve.class("COD"), "available").await, "8.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn whoever_takes_a_rest_gets_what_is_left_at_their_own_price() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    world.allocate(&world.reserve, "10.000 t COD").await;
    let session = Session::planned(&world, "ascending", &[("bid_step", "50.00")]).await;
    let lot = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    session.admits(&world, &glass, lot, "8.000").await;
    let registration = id(&session.registers(&brewery, lot, "8.000", Some("1.500")).await.granted());
    world.exchange.post(&format!("/auction-registrations/{registration}/qualify"), json!({})).await.granted();
    it_is(&world, OPENS);
    session.bids(&brewery, lot, "8840.00", "8.000").await.granted();
    session.bids(&glass, lot, "8890.00", "8.000").await.granted();
    it_is(&world, CLOSES);
    time_passes(&world).await;
    let results = session.list(&glass.client, "/results").await;
    assert_eq!((&results[1]["quantity"], &results[1]["total"]), (&json!("2.000"), &json!("17680.00")));
    session.exchange(&world, "/confirm").await.granted();
    // Of its 30 % of 8 t at 8,790 no more than the total goes on into the trade.
    assert_eq!(held(&world, &brewery).await, "17680.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn calling_it_off_gives_everything_back_whenever_it_is_before_the_ranking() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    for instant in ["2022-12-01T10:00:00+08:00", OPENS, CLOSES] {
        it_is(&world, "2022-12-01T09:00:00+08:00");
        let session = Session::planned(&world, "ascending", RULES).await;
        world.allocate(&world.reserve, "10.000 t COD").await;
        let lot = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
        session.exchange(&world, "/announce").await.granted();
        session.admits(&world, &glass, lot, "8.000").await;
        assert_eq!(held(&world, &glass).await, "21096.00");
        it_is(&world, instant);
        let reason = json!({"reason": "标的信息有误"});
        let over = world.exchange.post(&session.path("/cancel"), reason).await.granted();
        assert_eq!((&over["state"], &over["reason"]), (&json!("cancelled"), &json!("标的信息有误")));
        assert_eq!(held(&world, &glass).await, "0.00");
        assert_eq!(world.balance(world.reserve.site, &world.reserve.class("COD"), "committed").await, "0.000");
        session.bids(&glass, lot, "8790.00", "8.000").await.is_refused_with("AUC_CLOSED").with_status(409);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_session_that_too_few_bid_in_fails_and_one_that_is_ranked_cannot_be_called_off() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let (failing, lot) = opened(&world, "10.000 t COD", &[&glass, &brewery], RULES).await;
    failing.bids(&glass, lot, "8790.00", "8.000").await.granted();
    it_is(&world, CLOSES);
    time_passes(&world).await;
    assert_eq!(failing.state(&world).await, "failed");
    assert_eq!(held(&world, &glass).await, "0.00");
    let late = world.exchange.post(&failing.path("/cancel"), json!({"reason": "标的信息有误"})).await;
    late.is_refused_with("AUC_WRONG_STATE");
    it_is(&world, "2022-12-01T09:00:00+08:00");
    let (ranked, lot) = opened(&world, "10.000 t COD", &[&glass, &brewery], &[]).await;
    for bidder in [&glass, &brewery] {
        ranked.bids(bidder, lot, "8790.00", "8.000").await.granted();
    }
    it_is(&world, CLOSES);
    time_passes(&world).await;
    let late = world.exchange.post(&ranked.path("/cancel"), json!({"reason": "标的信息有误"})).await;
    late.is_refused_with("AUC_WRONG_STATE").with_status(409);
    assert_eq!(ranked.exchange(&world, "/confirm").await.granted()["state"], "confirmed");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_late_bid_moves_the_end_and_the_one_after_the_end_is_late_though_no_clock_has_run() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let (session, lot) = opened(&world, "10.000 t COD", &[&glass, &brewery], RULES).await;
    session.bids(&glass, lot, "8790.00", "8.000").await.granted();
    session.bids(&brewery, lot, "8840.00", "8.000").await.granted();
    // From here on the clock is still until everything is over.
    it_is_at(&world, after(TIMED, 55));
    session.bids(&glass, lot, "8890.00", "8.000").await.granted();
    it_is_at(&world, after(TIMED, 64));
    session.bids(&brewery, lot, "8940.00", "8.000").await.granted();
    let ends = world.exchange.get(&format!("/auction-lots/{lot}")).await.text("ends_at");
    assert_eq!(ends, after(TIMED, 74).to_string());
    it_is_at(&world, after(TIMED, 74));
    session.bids(&glass, lot, "8990.00", "8.000").await.is_refused_with("AUC_LATE");
    assert_eq!(session.state(&world).await, "open");
    assert_eq!(time_passes(&world).await, 2, "the final and the ranking at once");
    let results = session.list(&glass.client, "/results").await;
    assert_eq!(results[0]["price"], "8940.00");
}

#[tokio::test]
async fn while_bidding_goes_on_bidders_are_numbers_and_after_it_everybody_is_told_who_bid_what() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let session = Session::planned(&world, "ascending", &[]).await;
    let nobody = world.nobody();
    let public = format!("/public/auctions/{}", session.id);
    nobody.get(&public).await.with_status(404);
    nobody.get("/public/auctions/1").await.is_refused_with("API_BAD_ID");
    world.allocate(&world.reserve, "10.000 t COD").await;
    let lot = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    assert_eq!(nobody.get(&public).await.text("state"), "announced");
    assert_eq!(nobody.get("/public/auctions").await.granted()["items"].as_array().unwrap().len(), 1);
    for bidder in [&glass, &brewery] {
        session.admits(&world, bidder, lot, "8.000").await;
    }
    let own = session.list(&glass.client, "/registrations").await;
    assert_eq!(own.len(), 1, "a bidder sees its own registration only");
    assert_eq!(session.list(&world.exchange, "/registrations").await.len(), 2);
    it_is(&world, OPENS);
    session.bids(&glass, lot, "8790.00", "8.000").await.granted();
    session.bids(&brewery, lot, "8800.00", "8.000").await.granted();
    for client in [&nobody, &glass.client, &world.exchange] {
        let list = if client.is_signed_in() { session.path("/bids") } else { format!("{public}/bids?lot={lot}") };
        let found = client.get(&list).await.granted();
        let seen: Vec<_> =
            found["items"].as_array().unwrap().iter().map(|bid| (&bid["bidder"], &bid["price"])).collect();
        assert_eq!(seen, [(&json!(1), &json!("8790.00")), (&json!(2), &json!("8800.00"))]);
        assert!(found["items"].as_array().unwrap().iter().all(|bid| bid["organisation"].is_null()), "{found:#}");
    }
    it_is(&world, CLOSES);
    time_passes(&world).await;
    let found = nobody.get(&format!("{public}/bids")).await.granted();
    assert_eq!(found["items"][0]["organisation"], json!(glass.id));
    assert_eq!(nobody.get(&format!("{public}/results")).await.granted()["items"].as_array().unwrap().len(), 2);
    assert_eq!(nobody.get(&format!("{public}/lots")).await.granted()["items"][0]["bids"], 2);
}

#[tokio::test]
async fn whoever_listens_is_told_every_change_with_the_time_that_is_left() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let (session, lot) = opened(&world, "10.000 t COD", &[&glass, &brewery], RULES).await;
    let mut stream = glass.client.request(reqwest::Method::GET, &session.path("/events")).send().await.unwrap();
    let mut heard = String::new();
    let mut listen = async |until: &str| {
        while !heard.contains(until) {
            let chunk = tokio::time::timeout(std::time::Duration::from_secs(10), stream.chunk()).await;
            heard.push_str(&String::from_utf8_lossy(&chunk.expect("an event in time").unwrap().expect("no end yet")));
        }
        heard.clone()
    };
    let first = listen("\"phase\":\"bidding\"").await;
    assert!(first.contains("event: state") && first.contains("\"remaining_milliseconds\":[3600000]"), "{first}");
    session.bids(&glass, lot, "8790.00", "8.000").await.granted();
    listen("\"best_price\":\"8790.00\"").await;
    it_is(&world, CLOSES);
    time_passes(&world).await;
    let last = listen("event: ended").await;
    assert!(last.contains("\"state\":\"failed\""), "{last}");
}

#[tokio::test]
async fn a_stream_that_goes_on_for_long_ends_and_the_listener_comes_again() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "200000.00").await;
    let (session, _) = opened(&world, "10.000 t COD", &[&glass], RULES).await;
    let brief = Conduct { longest_stream: Duration::from_millis(500), ..Conduct::default() };
    let shared = world.app.shared.clone().conducted(brief);
    let there = glass.client.moved_to(serve(shared.clone()).await, &shared);
    for _ in 0..2 {
        let stream = there.request(reqwest::Method::GET, &session.path("/events")).send();
        let heard = async { stream.await.unwrap().text().await.unwrap() };
        let heard = tokio::time::timeout(Duration::from_secs(10), heard).await.expect("it ends");
        assert!(heard.contains("event: state") && !heard.contains("event: ended"), "{heard}");
    }
}

#[tokio::test]
async fn a_lot_whose_rights_expire_is_called_off_before_they_do() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    world.allocate(&world.reserve, "10.000 t COD").await;
    it_is(&world, "2025-12-20T09:00:00+08:00");
    let mut late = super::stage::plan("ascending", &[]);
    late["registration_until"] = json!("2026-01-05T09:00:00+08:00");
    late["opens_at"] = json!("2026-01-05T09:00:00+08:00");
    late["closes_at"] = json!("2026-01-05T10:00:00+08:00");
    let session = Session { id: id(&world.exchange.post("/auctions", late).await.granted()) };
    let lot = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    session.admits(&world, &glass, lot, "8.000").await;
    it_is(&world, "2026-01-01T09:00:00+08:00");
    crate::quota::tenure::day_passes(&world).await;
    assert_eq!(held(&world, &glass).await, "0.00");
    let found = world.exchange.get(&format!("/auction-lots/{lot}")).await.granted();
    assert_eq!(found["state"], "cancelled", "{found:#}");
    world.books_are_right().await;
}
