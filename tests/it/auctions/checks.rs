//! Every check of auctions: what it refuses, and beside it what it lets pass.

use super::stage::{
    AFTER, CLOSES, OPENS, REGISTRATION, RULES, Session, id, it_is, key_pair, opened, plan, salt, time_passes,
};
use crate::support::World;
use ganhe::access::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn a_session_is_planned_ahead_by_rules_that_are_open() {
    let world = World::new().await;
    let asks = async |body: Value| world.exchange.post("/auctions", body).await;
    for (field, instant) in [
        ("registration_until", "2022-11-30T09:00:00+08:00"),
        ("opens_at", CLOSES),
        ("opens_at", "2022-12-02T08:00:00+08:00"),
    ] {
        let mut body = plan("ascending", &[]);
        body[field] = json!(instant);
        asks(body).await.is_refused_with("AUC_BAD_WINDOWS");
    }
    asks(plan("ascending", &[("min_bidders", "3")])).await.is_refused_with("AUC_RULE_IS_SET");
    asks(plan("ascending", &[("ltv_cap", "0.5")])).await.is_refused_with("AUC_NOT_AN_AUCTION_RULE");
    asks(plan("ascending", &[("bid_step", "50.00"), ("bid_step", "50.00")]))
        .await
        .is_refused_with("AUC_NOT_AN_AUCTION_RULE");
    asks(plan("ascending", &[("bid_step", "fifty")])).await.is_refused_with("AUC_BAD_RULE_VALUE");
    asks(plan("ascending", &[("final_wait_seconds", "240")])).await.is_refused_with("AUC_FINAL_INCOMPLETE");
    asks(plan("sealed", &[("soft_close_seconds", "10")])).await.is_refused_with("AUC_FORMAT_MISMATCH");
    let planned = asks(plan("ascending", RULES)).await.granted();
    let step = planned["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == "bid_step").unwrap();
    assert_eq!((&step["value"], &step["is_own"]), (&json!("50.00"), &json!(true)));
    let share = planned["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == "winners_share").unwrap();
    assert!(share["value"].is_null(), "what nobody sets is visibly off: {planned:#}");
    asks(plan("sealed", &[("winners_share", "0.70")])).await.granted();
    // Where the rulebook says so, a session may not.
    world.adopts(&[("bid_step", "50.00")]).await.granted();
    asks(plan("ascending", &[("bid_step", "60.00")])).await.is_refused_with("AUC_RULE_IS_SET");
}

#[tokio::test]
async fn two_officials_give_a_key_each_before_a_sealed_session_is_announced() {
    let world = World::new().await;
    world.allocate(&world.reserve, "10.000 t COD").await;
    let session = Session::planned(&world, "sealed", &[]).await;
    session.exchange(&world, "/announce").await.is_refused_with("AUC_NO_LOTS");
    session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.is_refused_with("AUC_KEYS_MISSING");
    let second = world.colleague_of(&world.exchange, Role::ExchangeOfficer).await;
    let third = world.colleague_of(&world.exchange, Role::ExchangeOfficer).await;
    let keys = session.path("/keys");
    world.exchange.post(&keys, json!({"public_key": "ab"})).await.is_refused_with("AUC_BAD_KEY");
    let [one, other, more] = [key_pair().1, key_pair().1, key_pair().1];
    world.exchange.post(&keys, json!({"public_key": one})).await.granted();
    world.exchange.post(&keys, json!({"public_key": more})).await.is_refused_with("AUC_KEY_GIVEN").with_status(409);
    second.post(&keys, json!({"public_key": one})).await.is_refused_with("AUC_KEY_GIVEN");
    session.exchange(&world, "/announce").await.is_refused_with("AUC_KEYS_MISSING");
    second.post(&keys, json!({"public_key": other})).await.granted();
    third.post(&keys, json!({"public_key": more})).await.is_refused_with("AUC_KEY_GIVEN");
    session.exchange(&world, "/announce").await.granted();
    session.exchange(&world, "/announce").await.is_refused_with("AUC_WRONG_STATE").with_status(409);
    let open = Session::planned(&world, "ascending", &[]).await;
    world.exchange.post(&open.path("/keys"), json!({"public_key": more})).await.is_refused_with("AUC_NOT_SEALED");
    world.exchange.post(&open.path("/opening"), json!({"key": more})).await.is_refused_with("AUC_NOT_SEALED");
}

#[tokio::test]
async fn a_seller_puts_its_own_in_and_takes_it_out_until_it_is_announced() {
    let world = World::new().await;
    let (mill, glass) = (world.seller("临江纸业", "10.000 t COD").await, world.seller("通城玻璃", "4.000 t COD").await);
    let session = Session::planned(&world, "ascending", &[]).await;
    let lot = |site: uuid::Uuid, least: &str, most: &str| {
        json!({"site": site, "right_class": mill.class("COD"), "quantity": "10.000", "base_price": "8790.00", "min_quantity": least,
            "max_quantity": most})
    };
    let path = session.path("/lots");
    mill.client
        .post(&path, lot(glass.site, "1.000", "2.000"))
        .await
        .is_refused_with("AUC_NOT_YOUR_SITE")
        .with_status(403);
    mill.client.post(&path, lot(mill.site, "3.000", "2.000")).await.is_refused_with("AUC_BAD_BOUNDS");
    mill.client.post(&path, lot(mill.site, "1.000", "10.001")).await.is_refused_with("AUC_BAD_BOUNDS");
    let own = id(&mill.client.post(&path, lot(mill.site, "1.000", "2.000")).await.granted());
    let withdraw = format!("/auction-lots/{own}/withdraw");
    glass.client.post(&withdraw, json!({})).await.is_refused_with("AUC_NOT_YOURS").with_status(403);
    mill.client.post(&withdraw, json!({})).await.granted();
    mill.client.post(&withdraw, json!({})).await.is_refused_with("AUC_WRONG_STATE");
    // What the sellers cannot give any more stands against the announcement, told by the lot.
    session.lot(&mill, "10.000 t COD", "8790.00").await;
    let third = session.lot(&glass, "4.000 t COD", "8790.00").await;
    world.adopts(&[("base_price_cod", "8790.01")]).await.granted();
    let refused = session.exchange(&world, "/announce").await;
    refused.is_refused_with("TRD_BELOW_BASE_PRICE");
    let fields: Vec<&str> =
        refused.body["violations"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["lots[2].base_price", "lots[3].base_price"]);
    world.adopts(&[("base_price_cod", "8790.00")]).await.granted();
    glass.client.post(&format!("/auction-lots/{third}/withdraw"), json!({})).await.granted();
    session.exchange(&world, "/announce").await.granted();
    session.proposes(&glass, "1.000 t COD", "8790.00").await.is_refused_with("AUC_WRONG_STATE");
    // What is on offer cannot be offered elsewhere.
    mill.offers("1.000 t COD", "8790.00", &glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
}

#[tokio::test]
async fn bidders_register_in_time_once_for_what_they_may_have_and_pay_for() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "10.000 t COD").await;
    let (glass, poor) = (world.buyer("通城玻璃", "100000.00").await, world.buyer("通城酒业", "2636.99").await);
    let lake = world.enterprise_in("斧头湖纺织", crate::support::world::XIANAN, "textile").await;
    let session = Session::planned(&world, "ascending", &[]).await;
    let body = json!({"site": mill.site, "right_class": mill.class("COD"), "quantity": "10.000", "base_price": "8790.00",
        "min_quantity": "1.000", "max_quantity": "5.000"});
    let lot = id(&mill.client.post(&session.path("/lots"), body).await.granted());
    session.registers(&glass, lot, "1.000", None).await.is_refused_with("AUC_REGISTRATION_OVER");
    session.exchange(&world, "/announce").await.granted();
    session.registers(&mill, lot, "1.000", None).await.is_refused_with("AUC_OWN_LOT");
    session
        .registers(&lake, lot, "1.000", None)
        .await
        .is_refused_with("TRD_BASIN_MISMATCH")
        .is_refused_with("STL_MONEY_SHORT");
    session.registers(&poor, lot, "1.000", None).await.is_refused_with("STL_MONEY_SHORT");
    session.registers(&glass, lot, "5.001", None).await.is_refused_with("AUC_OVER_LOT_QUANTITY");
    session.registers(&glass, lot, "0.999", None).await.is_refused_with("AUC_UNDER_LOT_QUANTITY");
    session.registers(&glass, lot, "2.000", Some("2.001")).await.is_refused_with("AUC_MINIMUM_TOO_LARGE");
    let foreign = json!({"lot": lot, "site": mill.site, "project": mill.project, "quantity": "1.000"});
    glass.client.post(&session.path("/registrations"), foreign).await.is_refused_with("AUC_NOT_YOUR_SITE");
    let first = id(&session.registers(&glass, lot, "5.000", None).await.granted());
    session.registers(&glass, lot, "5.000", None).await.is_refused_with("AUC_ALREADY_REGISTERED");
    let path = |act: &str| format!("/auction-registrations/{first}/{act}");
    poor.client.post(&path("withdraw"), json!({})).await.with_status(404);
    world.exchange.post(&path("withdraw"), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    glass.client.post(&path("withdraw"), json!({})).await.granted();
    world.exchange.post(&path("qualify"), json!({})).await.is_refused_with("AUC_WRONG_STATE");
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "100000.00");
    let second = id(&session.registers(&glass, lot, "5.000", None).await.granted());
    let refuse = format!("/auction-registrations/{second}/refuse");
    let refused = world.exchange.post(&refuse, json!({"reason": "材料不全"})).await.granted();
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("材料不全")));
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "100000.00");
    world.deposits(&poor, "0.01").await;
    session.registers(&poor, lot, "1.000", None).await.granted();
    it_is(&world, REGISTRATION);
    session.registers(&glass, lot, "5.000", None).await.is_refused_with("AUC_REGISTRATION_OVER");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_bid_is_in_time_on_the_grid_and_better_than_ones_own() {
    let world = World::new().await;
    let mut bidders = Vec::new();
    for name in ["通城玻璃", "通城酒业", "通城纺织", "通城制药"] {
        bidders.push(world.buyer(name, "100000.00").await);
    }
    let [glass, brewery, waiting, stranger] = &bidders[..] else { unreachable!("there are four") };
    world.allocate(&world.reserve, "10.000 t COD").await;
    let rules = [RULES, &[("bids_per_bidder", "4")]].concat();
    let session = Session::planned(&world, "ascending", &rules).await;
    let body = json!({"site": world.reserve.site, "right_class": world.reserve.class("COD"), "quantity": "10.000",
        "base_price": "8790.00", "min_quantity": "1.000", "max_quantity": "5.000"});
    let lot = id(&world.reserve.client.post(&session.path("/lots"), body).await.granted());
    session.bids(glass, lot, "8790.00", "2.000").await.is_refused_with("AUC_BEFORE_OPENING");
    session.exchange(&world, "/announce").await.granted();
    session.admits(&world, glass, lot, "3.000").await;
    let of_brewery = session.admits(&world, brewery, lot, "5.000").await;
    session.registers(waiting, lot, "2.000", None).await.granted();
    session.bids(glass, lot, "8790.00", "2.000").await.is_refused_with("AUC_BEFORE_OPENING");
    it_is(&world, OPENS);
    time_passes(&world).await;
    for bidder in [waiting, stranger] {
        session.bids(bidder, lot, "8790.00", "2.000").await.is_refused_with("AUC_UNQUALIFIED");
    }
    let all = session.bids(glass, lot, "8740.00", "5.001").await;
    all.is_refused_with("AUC_BELOW_BASE").is_refused_with("AUC_OVER_LOT_QUANTITY").is_refused_with("AUC_NO_DEPOSIT");
    session.bids(glass, lot, "8790.00", "0.999").await.is_refused_with("AUC_UNDER_LOT_QUANTITY");
    session.bids(glass, lot, "8815.00", "2.000").await.is_refused_with("AUC_OFF_STEP");
    session.bids(glass, lot, "8790.00", "3.001").await.is_refused_with("AUC_NO_DEPOSIT");
    let huge = format!("{}.00", 8_790 + 50 * 1_000_000_000_000_000_i64);
    session.bids(glass, lot, &huge, "3.000").await.is_refused_with("AUC_TOTAL_OUT_OF_RANGE");
    let salted = json!({"lot": lot, "price": "8790.00", "quantity": "2.000", "salt": salt('a')});
    glass.client.post(&session.path("/bids"), salted).await.is_refused_with("AUC_NOT_SEALED");
    session.bids(glass, lot, "8840.00", "2.000").await.granted();
    for (price, quantity) in [("8840.00", "2.000"), ("8790.00", "3.000"), ("8890.00", "1.999")] {
        session.bids(glass, lot, price, quantity).await.is_refused_with("AUC_NOT_BETTER");
    }
    session.bids(glass, lot, "8840.00", "2.500").await.granted();
    session.bids(glass, lot, "8890.00", "2.500").await.granted();
    session.bids(glass, lot, "8940.00", "3.000").await.granted();
    session.bids(glass, lot, "8990.00", "3.000").await.is_refused_with("AUC_TOO_MANY_BIDS");
    session.bids(brewery, lot, "8790.00", "5.000").await.granted();
    let withdraw = format!("/auction-registrations/{of_brewery}/withdraw");
    brewery.client.post(&withdraw, json!({})).await.is_refused_with("AUC_HAS_BID").with_status(409);
    it_is(&world, CLOSES);
    session.bids(brewery, lot, "8840.00", "5.000").await.is_refused_with("AUC_WAITING");
    it_is(&world, AFTER);
    session.bids(brewery, lot, "8840.00", "5.000").await.is_refused_with("AUC_LATE");
}

#[tokio::test]
async fn a_sealed_bid_needs_a_salt() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let (session, lot) = opened(&world, "2.000 t COD", &[&glass], &[]).await;
    session.bids(&glass, lot, "8790.00", "2.000").await.granted();
    it_is(&world, "2022-12-01T09:00:00+08:00");
    let sealed = Session::planned(&world, "sealed", &[]).await;
    world.allocate(&world.reserve, "2.000 t COD").await;
    let lot = sealed.lot(&world.reserve, "2.000 t COD", "8790.00").await;
    let second = world.colleague_of(&world.exchange, Role::ExchangeOfficer).await;
    world.exchange.post(&sealed.path("/keys"), json!({"public_key": key_pair().1})).await.granted();
    second.post(&sealed.path("/keys"), json!({"public_key": key_pair().1})).await.granted();
    sealed.exchange(&world, "/announce").await.granted();
    sealed.admits(&world, &glass, lot, "2.000").await;
    it_is(&world, OPENS);
    sealed.bids(&glass, lot, "8790.00", "2.000").await.is_refused_with("AUC_SALT_MISSING");
    for bad in ["ab", &"AB".repeat(32)] {
        let body = json!({"lot": lot, "price": "8790.00", "quantity": "2.000", "salt": bad});
        glass.client.post(&sealed.path("/bids"), body).await.is_refused_with("AUC_SALT_MISSING");
    }
    let body = json!({"lot": lot, "price": "8790.00", "quantity": "2.000", "salt": salt('a')});
    glass.client.post(&sealed.path("/bids"), body).await.granted();
}
