//! The reserve: what is set aside, taken back and bought back, with its reason and its decision record.

use super::{act, approves, capacity, class_of, granted, holding, id, pledged, stands};
use crate::decisions::{approves as approves_task, record_of, task_about};
use crate::organisations::facts::tells;
use crate::support::world::{Enterprise, TONGCHENG};
use crate::support::{Answer, Client, World};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const END: &str = "2025-12-31";

fn taken_back(world: &World, mill: &Enterprise, class: &str, quantity: &str) -> Value {
    json!({"kind": "take_back", "site": mill.site, "reserve_site": world.reserve.site, "right_class": class,
        "quantity": quantity, "cause": "closure", "document": "咸环收〔2022〕3号"})
}

fn bought_back(world: &World, mill: &Enterprise, class: &str, quantity: &str, total: &str) -> Value {
    json!({"kind": "buy_back", "site": mill.site, "reserve_site": world.reserve.site, "right_class": class,
        "quantity": quantity, "total": total, "cause": "surplus", "document": "鄂环储〔2022〕7号"})
}

async fn operates(client: &Client, body: Value) -> Answer {
    client.post("/reserve-operations", body).await
}

/// Money of the treasury: the usage fee of a grant.
async fn treasury_is_filled(world: &World) {
    let payer = world.buyer("通城缴费", "1000.00").await;
    world.adopts(&[("usage_fee", "1000.00")]).await.granted();
    let grant = id(&world.propose_allocation(&payer, "1.000 t SO2").await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    payer.client.post(&format!("/allocations/{grant}/pay"), json!({})).await.granted();
}

#[tokio::test]
async fn free_rights_of_who_has_closed_go_back_to_the_reserve() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "100.000", "free", END).await;
    let paid = granted(&world, mill.site, "10.000", "paid", END).await;
    operates(&world.officer, taken_back(&world, &mill, &paid, "1.000")).await.is_refused_with("QTA_NOT_FREE_ORIGIN");
    operates(&world.officer, bought_back(&world, &mill, &class, "1.000", "1.00"))
        .await
        .is_refused_with("QTA_NOT_PAID_ORIGIN");
    operates(&world.reserve.client, taken_back(&world, &mill, &class, "1.000"))
        .await
        .is_refused_with("QTA_BY_BUREAU_ONLY");
    operates(&world.officer, taken_back(&world, &mill, &class, "100.001"))
        .await
        .is_refused_with("QTA_NOT_ENOUGH_AVAILABLE");
    let mut wrong = taken_back(&world, &mill, &class, "1.000");
    wrong["reserve_site"] = json!(mill.site);
    operates(&world.officer, wrong).await.is_refused_with("QTA_NOT_A_RESERVE");
    let mut priced = taken_back(&world, &mill, &class, "1.000");
    priced["total"] = json!("1.00");
    operates(&world.officer, priced).await.is_refused_with("QTA_NOT_FOR_KIND");
    for (body, field, code) in [
        (taken_back(&world, &mill, &class, "1.000"), "reserve_site", "QTA_MISSING_FOR_KIND"),
        (bought_back(&world, &mill, &paid, "1.000", "1.00"), "total", "QTA_MISSING_FOR_KIND"),
    ] {
        let mut body = body;
        body[field] = Value::Null;
        let refused = operates(&world.officer, body).await;
        refused.is_refused_with(code);
        assert_eq!(refused.body["violations"][0]["field"], field, "{:#}", refused.body);
    }
    let mut strange = taken_back(&world, &mill, &class, "1.000");
    strange["right_class"] = json!("NOPE");
    let refused = operates(&world.officer, strange).await;
    assert_eq!(refused.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS").body["violations"][0]["field"], "right_class");
    let nope =
        json!({"site": mill.site, "right_class": "NOPE", "quantity": "1.000", "cause": "voluntary", "document": "x"});
    let refused = mill.client.post("/surrenders", nope).await;
    assert_eq!(refused.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS").body["violations"][0]["field"], "right_class");
    let back = id(&operates(&world.officer, taken_back(&world, &mill, &class, "60.000")).await.granted());
    let task = task_about(&world.head, back).await;
    assert_eq!(approves_task(&world.head, &task).await.granted()["outcome"], "approved");
    let record = record_of(&world.head, &task).await;
    assert_eq!((&record["act"], &record["second_person"]), (&json!("take_back"), &json!(true)));
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "40.000")]));
    assert_eq!(holding(&world, world.reserve.site, &class).await, stands(&[("available", "60.000")]));
    assert_eq!(capacity(&world).await, ["950.000", "0.000", "50.000"], "the reserve's holdings use none");
    let seen = world.reserve.client.get("/reserve-operations?kind=take_back").await.granted();
    assert_eq!((&seen["items"][0]["id"], &seen["items"][0]["cause"]), (&json!(back), &json!("closure")));
    operates(
        &world.city_officer,
        json!({"kind": "take_back", "site": world.reserve.site, "reserve_site": world.reserve.site,
        "right_class": class, "quantity": "1.000", "cause": "closure", "document": "1"}),
    )
    .await
    .is_refused_with("QTA_OF_RESERVE");
    world.books_are_right().await;
}

#[tokio::test]
async fn pledged_rights_are_bought_back_only_after_the_pledgee_has_released_them() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    let pledge = pledged(&world, &world.bank, &mill, &class, "4.000").await;
    treasury_is_filled(&world).await;
    let wanted = bought_back(&world, &mill, &class, "7.000", "700.00");
    let bought = id(&operates(&world.reserve.client, wanted).await.granted());
    let agree = format!("/right-acts/{bought}/agree");
    mill.client.post(&agree, json!({})).await.is_refused_with("QTA_LIENS_IN_THE_WAY");
    world.bank.releases(pledge).await.granted();
    assert_eq!(mill.client.post(&agree, json!({})).await.text("state"), "agreed");
    assert_eq!(approves(&world.head, bought).await.granted()["state"], "carried_out");
    world.books_are_right().await;
}

/// The mill with 10 t of free rights whose fee is settled, 6 t of them pledged.
async fn partly_pledged(world: &World) -> (Enterprise, String, Uuid) {
    let mill = world.enterprise("临江纸业").await;
    let class = granted(world, mill.site, "10.000", "free", END).await;
    let settled =
        json!({"kind": "fee_settled", "happened_on": "2022-12-01", "right_class": class, "quantity": "10.000"});
    tells(&world.officer, &mill, settled).await.granted();
    let pledge = pledged(world, &world.bank, &mill, &class, "6.000").await;
    (mill, class, pledge)
}

#[tokio::test]
async fn a_pledgee_is_told_of_a_take_back_and_where_no_rule_sets_a_term_only_its_release_helps() {
    let world = World::new().await;
    let (mill, class, pledge) = partly_pledged(&world).await;
    let back = id(&operates(&world.officer, taken_back(&world, &mill, &class, "7.000")).await.granted());
    let told = world.bank.client.get(&format!("/pledges/{pledge}")).await.granted();
    let notice = &told["liens"][0]["notices"][0];
    assert_eq!((&notice["cause"], &notice["right_act"]), (&json!("take_back"), &json!(back)));
    assert_eq!((&notice["quantity"], &notice["until"]), (&json!("3.000"), &json!(null)));
    let refused = approves(&world.head, back).await;
    refused.is_refused_with("QTA_LIENS_IN_THE_WAY").with_status(422);
    assert!(refused.body.to_string().contains(told["number"].as_str().unwrap()), "{:#}", refused.body);
    world.days_pass(300);
    approves(&world.head, back).await.is_refused_with("QTA_LIENS_IN_THE_WAY");
    world.bank.releases(pledge).await.granted();
    assert_eq!(approves(&world.head, back).await.granted()["state"], "carried_out");
    assert_eq!(holding(&world, world.reserve.site, &class).await, stands(&[("available", "7.000")]));
    world.books_are_right().await;
}

#[tokio::test]
async fn after_its_term_pledged_rights_are_taken_back_and_the_pledge_says_what_has_lapsed() {
    let world = World::new().await;
    world.adopts(&[("take_back_notice_days", "3")]).await.granted();
    let (mill, class, pledge) = partly_pledged(&world).await;
    let back = id(&operates(&world.officer, taken_back(&world, &mill, &class, "7.000")).await.granted());
    let path = format!("/pledges/{pledge}");
    assert_eq!(world.bank.client.get(&path).await.granted()["liens"][0]["notices"][0]["until"], "2022-12-06");
    world.days_pass(5);
    approves(&world.head, back).await.is_refused_with("QTA_NOTICE_RUNNING").with_status(409);
    world.days_pass(1);
    assert_eq!(approves(&world.head, back).await.granted()["state"], "carried_out");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("pledged", "3.000")]));
    assert_eq!(capacity(&world).await, ["997.000", "0.000", "3.000"]);
    let told = world.bank.client.get(&path).await.granted();
    assert_eq!((&told["state"], &told["liens"][0]["lapsed"]), (&json!("registered"), &json!("3.000")));
    world.books_are_right().await;
    world.bank.releases(pledge).await.granted();
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "3.000")]), "what was left");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_reserve_buys_back_what_the_seller_agrees_to_and_the_treasury_pays() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "100.000", "paid", END).await;
    treasury_is_filled(&world).await;
    let before = capacity(&world).await;
    assert_eq!(before, ["900.000", "0.000", "100.000"]);
    let other = world.enterprise("通城玻璃").await;
    let wanted = bought_back(&world, &mill, &class, "20.000", "1000.01");
    operates(&other.client, wanted.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    let bought = id(&operates(&world.reserve.client, wanted).await.granted());
    let early = approves(&world.head, bought).await;
    let told = early.is_refused_with("QTA_ACT_WRONG_STATE").body["violations"][0]["message"].to_string();
    let both = ["agreed, proposed", "已同意、待审批"];
    assert!(both.iter().all(|words| !told.contains(words)), "the seller has to agree first: {told}");
    assert_eq!(
        world.head.get(&format!("/tasks?subject={bought}")).await.granted()["items"],
        json!([]),
        "it is not agreed"
    );
    let agree = format!("/right-acts/{bought}/agree");
    other.client.post(&agree, json!({})).await.with_status(404);
    assert_eq!(mill.client.post(&agree, json!({})).await.text("state"), "agreed");
    mill.client.post(&agree, json!({})).await.is_refused_with("QTA_ACT_WRONG_STATE");
    approves(&world.head, bought).await.is_refused_with("QTA_TREASURY_SHORT");
    let withdraw = format!("/right-acts/{bought}/withdraw");
    assert_eq!(world.reserve.client.post(&withdraw, json!({})).await.text("state"), "withdrawn");
    let wanted = bought_back(&world, &mill, &class, "20.000", "1000.00");
    let bought = id(&operates(&world.officer, wanted).await.granted());
    mill.client.post(&format!("/right-acts/{bought}/agree"), json!({})).await.granted();
    let done = approves(&world.head, bought).await.granted();
    assert_eq!((&done["state"], &done["total"]), (&json!("carried_out"), &json!("1000.00")));
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "1000.00");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "80.000")]));
    assert_eq!(holding(&world, world.reserve.site, &class).await, stands(&[("available", "20.000")]));
    assert_eq!(capacity(&world).await, ["920.000", "0.000", "80.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_seller_declines_or_lets_a_second_of_its_people_agree() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "100.000", "paid", END).await;
    let offered = async || {
        id(&operates(&world.reserve.client, bought_back(&world, &mill, &class, "20.000", "9.00")).await.granted())
    };
    let declined = offered().await;
    let no =
        mill.client.post(&format!("/right-acts/{declined}/decline"), json!({"reason": "价格过低"})).await.granted();
    assert_eq!((&no["state"], &no["reason"]), (&json!("refused"), &json!("价格过低")));
    let keeper = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let approver = world.member(mill.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    let acts = json!({"acts": ["buy_back_agreement"]});
    keeper.client.post(&format!("/organisations/{}/approvals", mill.id), acts).await.with_status(200);
    let bought = offered().await;
    let task =
        mill.client.post(&format!("/right-acts/{bought}/agree"), json!({})).await.with_status(202).clone().granted();
    assert_eq!((&task["act"], &task["subject"]), (&json!("buy_back_agreement"), &json!(bought)));
    assert_eq!(act(&world, bought).await["state"], "proposed");
    approves_task(&approver.client, &task).await.granted();
    assert_eq!(act(&world, bought).await["state"], "agreed");
    world.books_are_right().await;
}

#[tokio::test]
async fn rights_are_set_aside_without_headroom_and_with_a_reason() {
    let world = World::new().await;
    let class = class_of("paid", "2022-12-01", "2027-11-30");
    let body = json!({"kind": "set_aside", "site": world.reserve.site, "right_class": class, "quantity": "50.000",
        "cause": "initial_reserve", "document": "鄂环储〔2022〕1号"});
    let mill = world.enterprise("临江纸业").await;
    let mut elsewhere = body.clone();
    elsewhere["site"] = json!(mill.site);
    operates(&world.officer, elsewhere).await.is_refused_with("QTA_NOT_A_RESERVE");
    let mut long = body.clone();
    long["right_class"] = json!(class_of("paid", "2022-12-01", "2027-12-01"));
    operates(&world.reserve.client, long).await.is_refused_with("QTA_VALIDITY_TOO_LONG");
    operates(&world.officer, body.clone()).await.is_refused_with("ORG_OUTSIDE_AREA");
    let aside = id(&operates(&world.reserve.client, body).await.granted());
    assert_eq!(holding(&world, world.reserve.site, &class).await, stands(&[]));
    approves(&world.head, aside).await.with_status(404);
    assert_eq!(approves(&world.city_head, aside).await.granted()["state"], "carried_out");
    assert_eq!(holding(&world, world.reserve.site, &class).await, stands(&[("available", "50.000")]));
    assert_eq!(capacity(&world).await, ["1000.000", "0.000", "0.000"]);
    let list = world.auditor.get("/reserve-operations").await.granted();
    let kinds: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["set_aside"]);
    mill.client.get(&format!("/right-acts/{aside}")).await.with_status(404);
    world.books_are_right().await;
}
