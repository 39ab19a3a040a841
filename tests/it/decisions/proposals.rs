//! Commands of one step that wait for a second person where the rulebook asks for one.

use super::{approves, id, inbox, record_of, refuses};
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG};
use ganhe::access::Role;
use ganhe::decisions::escalation::pass_deadlines;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};

fn cap(tonnes: &str) -> Value {
    json!({"area": TONGCHENG, "pollutant": "COD", "cap": tonnes, "valid_from": "2022-12-01", "document": "咸环总量〔2022〕3号"})
}

#[tokio::test]
async fn a_rule_is_changed_by_two_until_it_asks_for_one_alone() {
    let world = World::new().await;
    let other = world.colleague_of(&world.operator, Role::Operator).await;
    let task = world.proposes_rules(&[("deposit_rate", "0.50")]).await.with_status(202).clone().granted();
    assert_eq!((&task["act"], &task["deadline"]), (&json!("rulebook"), &json!("2022-12-29")));
    assert_eq!(task["proposed"]["body"]["rules"][0]["value"], "0.50");
    approves(&world.operator, &task).await.is_refused_with("AUT_OWN_PROPOSAL");
    let version = world.operator.get("/rulebooks/current").await.granted();
    assert_eq!(version["version"], 1, "nothing has changed");
    approves(&other, &task).await.granted();
    let second = world.operator.get("/rulebooks/current").await.granted();
    assert_eq!((&second["version"], rule(&second, "deposit_rate")), (&json!(2), &json!("0.50")));
    let record = record_of(&other, &task).await;
    assert_eq!((&record["subject"], &record["second_person"]), (&second["id"], &json!(true)));
    assert_ne!(record["decided_by"], record["proposed_by"]);
    world.adopts(&[("four_eyes_rulebook", "off")]).await.granted();
    let adopted = world.proposes_rules(&[("decision_days", "4")]).await.with_status(201).clone().granted();
    let records = world.operator.get("/decisions?act=rulebook&limit=200").await.granted();
    let alone = records["items"].as_array().unwrap().iter().find(|record| record["subject"] == adopted["id"]).unwrap();
    assert_eq!((&alone["second_person"], &alone["decided_by"]), (&json!(false), &alone["proposed_by"]), "{alone:#}");
    let versions = world.auditor.get("/rulebooks").await.granted();
    let told: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|one| one["version"].as_i64().unwrap()).collect();
    assert_eq!(told, [1, 2, 3, 4], "every version stays");
    assert_eq!(rule(&versions["items"][0], "deposit_rate"), "0.30");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_change_that_was_built_on_another_version_of_the_rules_is_stale_also_when_it_is_approved() {
    let world = World::new().await;
    let other = world.colleague_of(&world.operator, Role::Operator).await;
    let proposes = async |version: &str| {
        let rules = json!([{"name": "deposit_rate", "value": "0.50", "legal_basis": "试行"}]);
        let body = json!({"effective_from": world.now().day().to_string(), "rules": rules});
        let request = world.operator.request(reqwest::Method::POST, "/rulebooks").header("If-Match", version);
        crate::support::Answer::of(request.header("Idempotency-Key", fresh().to_string()).json(&body)).await
    };
    let seen = world.operator.get("/rulebooks/current").await.headers["etag"].to_str().unwrap().to_owned();
    proposes("\"7\"").await.with_status(412).is_refused_with("API_STALE_VERSION");
    let task = proposes(&seen).await.with_status(202).clone().granted();
    world.adopts(&[("decision_days", "4")]).await.granted();
    approves(&other, &task).await.with_status(412).is_refused_with("API_STALE_VERSION");
    let now = world.operator.get("/rulebooks/current").await.granted();
    assert_eq!((&now["version"], rule(&now, "deposit_rate")), (&json!(2), &json!("0.30")));
    let anew = proposes("\"2\"").await.with_status(202).clone().granted();
    approves(&other, &anew).await.granted();
    world.books_are_right().await;
}

fn rule<'a>(rulebook: &'a Value, name: &str) -> &'a Value {
    &rulebook["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).unwrap()["value"]
}

#[tokio::test]
async fn the_bureau_of_the_province_changes_its_rules_and_no_other_bureau_does() {
    let world = World::new().await;
    let head = world.head_of_the_province().await;
    let officer = world.colleague_of(&head, Role::BureauOfficer).await;
    let body = json!({"effective_from": "2023-01-01", "rules": [{"name": "ltv_cap", "value": "0.80",
        "legal_basis": "参照湖南、河北"}]});
    for stranger in [&world.city_head, &world.head, &world.officer] {
        let refused = stranger.post("/rulebooks", body.clone()).await;
        refused.is_refused_with("RUL_OUTSIDE_JURISDICTION").with_status(403);
    }
    world.exchange.post("/rulebooks", body.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    let task = officer.post("/rulebooks", body).await.with_status(202).clone().granted();
    approves(&officer, &task).await.is_refused_with("AUT_OWN_PROPOSAL");
    approves(&world.city_head, &task).await.with_status(404);
    approves(&head, &task).await.granted();
    let current = world.officer.get("/rulebooks/current").await.granted();
    assert_eq!(current["version"], 1, "it begins with the new year");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_check_says_whether_its_rule_switches_it_on() {
    let world = World::new().await;
    let check = async |code: &str| {
        let found = world.officer.get("/checks").await.granted();
        found["items"].as_array().unwrap().iter().find(|check| check["code"] == code).unwrap().clone()
    };
    let cap = check("PLG_LTV_OVER_CAP").await;
    let unknown = json!([{"name": "ltv_cap", "value": null, "legal_basis": null}]);
    assert_eq!((&cap["is_on"], &cap["rules"]), (&json!(false), &unknown), "Hubei has published no cap");
    world.adopts(&[("ltv_cap", "0.50")]).await.granted();
    let cap = check("PLG_LTV_OVER_CAP").await;
    assert_eq!((&cap["is_on"], &cap["rules"][0]["value"]), (&json!(true), &json!("0.50")));
    let price = check("TRD_BELOW_BASE_PRICE").await;
    assert_eq!(price["is_on"], true, "{price:#}");
    world.adopts(&[("base_price_binds_listing", "off")]).await.granted();
    assert_eq!(check("TRD_BELOW_BASE_PRICE").await["is_on"], true, "it binds auctions still");
    world.adopts(&[("base_price_binds_auction", "off")]).await.granted();
    assert_eq!(check("TRD_BELOW_BASE_PRICE").await["is_on"], false);
    assert_eq!(check("TRD_SAME_PARTY").await["rules"], json!([]), "what rests on no rule always stands");
    assert_eq!(check("TRD_SAME_PARTY").await["is_on"], true);
}

#[tokio::test]
async fn rules_that_nobody_could_read_or_that_reach_back_are_refused() {
    let world = World::new().await;
    let bad = world.adopts(&[("deposit_rate", "30%"), ("four_eyes_lunch", "on"), ("decision_days", "x")]).await;
    assert_eq!(bad.with_status(422).codes(), ["RUL_BAD_VALUE", "RUL_UNKNOWN", "RUL_BAD_VALUE"]);
    let twice = world.adopts(&[("deposit_rate", "0.30"), ("deposit_rate", "0.40")]).await;
    twice.is_refused_with("RUL_NAMED_TWICE");
    let back = json!({"effective_from": "2022-11-30", "rules": [{"name": "deposit_rate", "value": "0.40", "legal_basis": "试行"}]});
    world.operator.post("/rulebooks", back).await.is_refused_with("RUL_RETROACTIVE");
    let later = json!({"effective_from": "2023-01-01", "rules": [{"name": "deposit_rate", "value": "0.40", "legal_basis": "试行"}]});
    let task = world.operator.post("/rulebooks", later).await.granted();
    approves(&world.colleague_of(&world.operator, Role::Operator).await, &task).await.granted();
    assert_eq!(world.operator.get("/rulebooks/current").await.granted()["version"], 1, "it begins later");
}

#[tokio::test]
async fn every_bad_value_of_a_version_is_told_at_once() {
    let world = World::new().await;
    let rule = |name: &str, value: &str| json!({"name": name, "value": value, "legal_basis": "试行"});
    let mut twice = rule("min_bidders", "2");
    twice["legal_basis"] = json!(" ");
    let rules = [
        rule("min_bidders", "0"),
        rule("ltv_cap", "0"),
        rule("exchange_fee_rate", "1.01"),
        rule("payment_days", "-1"),
        rule("soft_close_seconds", "0"),
        rule("lunch", "on"),
        rule("listing_days", ""),
        twice,
        json!({"name": "base_price_xyz", "value": "1.00"}),
        rule("replacement_ratio_999999_cod", "1.2:1"),
        rule("replacement_ratio_421222_xyz", "1.2:1"),
        rule("traded_pollutants", "COD,XXX"),
        rule("replacement_ratio_421222_cod", "1.2:1"),
    ];
    let body = json!({"effective_from": "2022-11-30", "rules": rules});
    let refused = world.operator.post("/rulebooks", body).await;
    let violations = refused.with_status(422).body["violations"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        violations.iter().map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
    let expected = [
        ("rules[7].legal_basis", "API_BAD_TEXT"),
        ("rules[8].legal_basis", "RUL_BASIS_MISSING"),
        ("effective_from", "RUL_RETROACTIVE"),
        ("rules[0].value", "RUL_BAD_VALUE"),
        ("rules[1].value", "RUL_BAD_VALUE"),
        ("rules[2].value", "RUL_BAD_VALUE"),
        ("rules[3].value", "RUL_BAD_VALUE"),
        ("rules[4].value", "RUL_BAD_VALUE"),
        ("rules[5].name", "RUL_UNKNOWN"),
        ("rules[6].value", "RUL_BAD_VALUE"),
        ("rules[7].name", "RUL_NAMED_TWICE"),
        ("rules[8].name", "RUL_UNKNOWN_POLLUTANT"),
        ("rules[9].name", "RUL_UNKNOWN_AREA"),
        ("rules[10].name", "RUL_UNKNOWN_POLLUTANT"),
        ("rules[11].value", "RUL_UNKNOWN_POLLUTANT"),
    ];
    assert_eq!(told, expected);
    assert!(violations[3]["message"].as_str().unwrap().contains("1 … 1000"), "with its bounds: {violations:#?}");
}

#[tokio::test]
async fn a_cap_waits_for_a_second_head_and_is_judged_again() {
    let world = World::new().await;
    world.adopts(&[("four_eyes_capacity", "on")]).await.granted();
    let second = world.colleague_of(&world.city_head, Role::BureauHead).await;
    world.city_head.post("/capacities", cap("x")).await.is_refused_with("API_NOT_DECIMAL");
    world.chibi_officer.post("/capacities", cap("1.000")).await.is_refused_with("AUT_NOT_ALLOWED");
    let elsewhere =
        json!({"area": "421281", "pollutant": "COD", "cap": "1.000", "valid_from": "2022-12-01", "document": "x"});
    world.head.post("/capacities", elsewhere).await.is_refused_with("ORG_OUTSIDE_AREA");
    world.head.post("/capacities", cap("900.000")).await.is_refused_with("QTA_OWN_CAP").with_status(422);
    assert_eq!(inbox(&world.city_head).await.len(), 0, "what is refused at once does not wait");
    let task = world.city_head.post("/capacities", cap("900.000")).await.with_status(202).clone().granted();
    let cap_now = || async {
        let found = world.head.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
        found["items"][0]["cap"].as_str().unwrap().to_owned()
    };
    assert_eq!(cap_now().await, "1000.000");
    refuses(&second, &task, "依据不足").await.granted();
    assert_eq!(cap_now().await, "1000.000");
    assert_eq!(record_of(&world.city_head, &task).await["outcome"], "refused");
    let task = world.city_head.post("/capacities", cap("900.000")).await.granted();
    let withdrawn = world.city_head.post(&format!("/tasks/{}/withdraw", id(&task)), json!({})).await.granted();
    assert_eq!(withdrawn["state"], "withdrawn");
    approves(&second, &task).await.is_refused_with("TSK_OVER");
    let task = world.city_head.post("/capacities", cap("900.000")).await.granted();
    second.post(&format!("/tasks/{}/withdraw", id(&task)), json!({})).await.is_refused_with("TSK_NOT_YOUR_PROPOSAL");
    approves(&second, &task).await.granted();
    assert_eq!(cap_now().await, "900.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_offer_holds_nothing_before_the_approver_says_yes_and_is_judged_again() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "10.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let second = world.colleague_of(&mill.client, Role::EnterpriseApprover).await;
    world.adopts(&[("four_eyes_offer", "on")]).await.granted();
    mill.offers("11.000 t COD", "8790.00", &glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(mill.offers("6.000 t COD", "8790.00", &glass).await.with_status(202).clone().granted());
    }
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "10.000");
    let approver = Enterprise { client: second.clone(), ..mill.clone() };
    approver.offers("1.000 t COD", "8790.00", &glass).await.is_refused_with("AUT_NOT_ALLOWED");
    mill.offers("1.000 t COD", "8790.00", &glass).await.with_status(202);
    let mine = mill.client.get("/tasks?as=proposer").await.granted();
    let last = mine["items"].as_array().unwrap().last().unwrap().clone();
    mill.client.post(&format!("/tasks/{}/withdraw", id(&last)), json!({})).await.granted();
    assert_eq!(inbox(&mill.client).await.len(), 0, "their own");
    assert_eq!(inbox(&second).await.len(), 2);
    approves(&glass.client, &tasks[0]).await.is_refused_with("API_NOT_FOUND");
    approves(&second, &tasks[0]).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "4.000");
    approves(&second, &tasks[1]).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    let open = second.get(&format!("/tasks/{}", id(&tasks[1]))).await.granted();
    assert_eq!(open["state"], "open", "it may be approved when there is enough again");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn money_leaves_once_however_many_approve_its_withdrawal() {
    let world = World::new().await;
    let mill = world.buyer("通城造纸", "1000.00").await;
    world.adopts(&[("four_eyes_withdrawal", "on")]).await.granted();
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(world.colleague_of(&world.settlement, Role::SettlementOfficer).await);
    }
    let body = json!({"organisation": mill.id, "amount": "400.00", "bank_reference": "XN-OUT-1"});
    let task = world.settlement.post("/money/withdrawals", body.clone()).await.with_status(202).clone().granted();
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "1000.00");
    let (one, two, three) =
        tokio::join!(approves(&others[0], &task), approves(&others[1], &task), approves(&others[2], &task),);
    let granted = [&one, &two, &three].into_iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(granted, 1, "{one:#?} {two:#?} {three:#?}");
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "600.00");
    // The bank's reference is booked once, whoever proposes it again.
    world.settlement.post("/money/withdrawals", body).await.is_refused_with("STL_REFERENCE_BOOKED");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_repeated_proposal_is_one_task_and_an_old_one_lapses() {
    let world = World::new().await;
    world.adopts(&[("four_eyes_capacity", "on"), ("proposal_days", "5")]).await.granted();
    let key = fresh().to_string();
    let first = world.city_head.post_with_key("/capacities", cap("900.000"), &key).await.granted();
    let again =
        world.city_head.post_with_key("/capacities", cap("900.000"), &key).await.with_status(202).clone().granted();
    assert_eq!(first["id"], again["id"]);
    let second = world.colleague_of(&world.city_head, Role::BureauHead).await;
    assert_eq!(inbox(&second).await.len(), 1);
    world.days_pass(8);
    assert_eq!(pass_deadlines(&world.app.shared.db, fresh()).await.unwrap(), 1);
    approves(&second, &first).await.is_refused_with("TSK_OVER");
    let lapsed = second.get(&format!("/tasks/{}", id(&first))).await.granted();
    assert_eq!(lapsed["state"], "lapsed");
    assert_eq!(record_of(&world.city_head, &first).await["state"], "dropped");
    let mut later = cap("800.000");
    later["valid_from"] = json!("2022-12-09");
    let rehearsed = world.city_head.post("/capacities?dry_run=true", later).await.granted();
    assert_eq!(rehearsed["act"], "capacity");
    assert_eq!(inbox(&second).await.len(), 0, "a rehearsal leaves nothing");
    world.books_are_right().await;
}

/// Whoever may adopts a version of one rule from a day on; whoever else may approves it.
async fn adopted_from(world: &World, day: &str, name: &str, value: &str) -> Value {
    let rules = json!([{"name": name, "value": value, "legal_basis": format!("试行，自 {day} 起")}]);
    let body = json!({"effective_from": day, "rules": rules});
    let task = world.operator.post("/rulebooks", body).await.with_status(202).clone().granted();
    approves(&world.colleague_of(&world.operator, Role::Operator).await, &task).await.granted()
}

#[tokio::test]
async fn a_version_that_waits_does_not_undo_what_is_adopted_before_its_day() {
    let world = World::new().await;
    adopted_from(&world, "2022-12-02", "offer_days", "7").await;
    adopted_from(&world, "2022-12-03", "decision_days", "30").await;
    adopted_from(&world, "2022-12-01", "decision_days", "15").await;
    adopted_from(&world, "2022-12-01", "offer_days", "9").await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let now = world.auditor.get("/rulebooks/current").await.granted();
        told.push(["decision_days", "offer_days"].map(|name| rule(&now, name).clone()));
        world.days_pass(1);
    }
    let expected = [["15", "9"], ["15", "7"], ["30", "7"]].map(|day| day.map(Value::from));
    assert_eq!(told, expected, "what is changed today stands tomorrow, but for what tomorrow's version sets itself");
    let versions = world.auditor.get("/rulebooks?limit=200").await.granted();
    let second = &versions["items"].as_array().unwrap()[4];
    assert_eq!((&second["version"], &second["effective_from"]), (&json!(5), &json!("2022-12-02")));
    let days = second["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == "decision_days").unwrap();
    assert_eq!(days["legal_basis"], "试行，自 2022-12-01 起", "with the basis of the change");
    world.books_are_right().await;
}
