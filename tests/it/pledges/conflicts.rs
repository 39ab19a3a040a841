//! What comes about pledged rights from elsewhere: each time the pledgee is told, and its claim keeps its place.

use super::pledgors::{Group, lien_of};
use super::{Stage, id, registered, secured_on};
use crate::events::{feed, told};
use crate::quota::suspensions::Province;
use crate::quota::tenure::{approves, granted};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise, TONGCHENG};
use ganhe::kernel::ids::fresh;
use ganhe::pledge::notices::clock::pass_day;
use serde_json::{Value, json};
use uuid::Uuid;

const REASON: &str = "未按规定报告排放数据";

/// Cause, quantity and term of what a pledgee was told of a lien.
fn notices(lien: &Value) -> Vec<Value> {
    let notices = lien["notices"].as_array().unwrap().iter();
    notices.map(|notice| json!([notice["cause"], notice["quantity"], notice["until"]])).collect()
}

async fn rules_on(world: &World, organisation: Uuid, ruling: &str) {
    let path = format!("/organisations/{organisation}/{ruling}");
    world.head.post(&path, json!({"reason": REASON})).await.granted();
}

/// How many events of a kind the feed of a bank has about a pledge.
async fn told_of(world: &World, pledge: &Value) -> usize {
    told(world).await;
    let events = feed(&world.bank.client, None).await;
    events.iter().filter(|event| event["kind"] == "pledgee_notified" && event["subject"] == pledge["id"]).count()
}

#[tokio::test]
async fn of_a_suspension_and_its_end_the_pledgee_is_told_and_it_disposes_all_the_same() {
    let stage = Stage::of("100.000 t COD").await;
    let world = &stage.world;
    rules_on(world, stage.mill.id, "suspend").await;
    let suspended = json!(["suspension", "10.000", null]);
    assert_eq!(notices(&stage.state().await["liens"][0]), std::slice::from_ref(&suspended));
    assert_eq!(told_of(world, &stage.pledge).await, 1);
    assert_eq!(world.balance(stage.mill.site, &stage.mill.class("COD"), "pledged").await, "10.000", "the lien stays");
    rules_on(world, stage.mill.id, "reinstate").await;
    rules_on(world, stage.mill.id, "suspend").await;
    let lifted = json!(["suspension_lifted", "10.000", null]);
    assert_eq!(notices(&stage.state().await["liens"][0]), [suspended.clone(), lifted, suspended]);
    assert_eq!(told_of(world, &stage.pledge).await, 3);

    stage.defaults().await;
    let disposal = stage.proposes(stage.disposal("auction", &stage.glass, "8790.00")).await.granted();
    let settled = stage.glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["surplus"]), (&json!("61000.00"), &json!("25900.00")));
    rules_on(world, stage.mill.id, "reinstate").await;
    assert_eq!(notices(&stage.state().await["liens"][0]).len(), 3, "a pledge that is over is told nothing");
    world.books_are_right().await;
}

#[tokio::test]
async fn of_several_pledgors_the_suspension_of_one_concerns_what_it_gave() {
    let group = Group::of().await;
    let pledge = group.registered().await;
    rules_on(&group.world, group.sister.id, "suspend").await;
    let now = group.world.bank.client.get(&format!("/pledges/{}", id(&pledge))).await.granted();
    assert_eq!(notices(lien_of(&now, &group.sister)), [json!(["suspension", "5.000", null])]);
    assert_eq!(notices(lien_of(&now, &group.mill)), Vec::<Value>::new());
    group.world.books_are_right().await;
}

/// A site of a mill whose permit ends on a day, with ten tonnes that secure a debt until the end of November 2023.
async fn pledged_under_a_permit(world: &World, mill: &Enterprise, name: &str, permit_to: &str) -> (Uuid, Value) {
    let site = json!({"number": format!("SITE-{name}"), "organisation": mill.id, "name": name, "area": TONGCHENG,
        "basin": "LUSHUI", "sector": "paper"});
    let site = id(&world.city_officer.post("/sites", site).await.granted());
    permitted(world, site, name, "2021-01-01", permit_to).await;
    let class = granted(world, site, "10.000", "paid", "2025-12-31").await;
    let eyes = json!({"pledgee": world.bank.id, "right_classes": [class], "valid_until": "2023-11-30"});
    mill.client.post("/consents", eyes).await.granted();
    let mut body = secured_on(mill, "10.000", "60000.00", "90000.00");
    body["rights"] = json!([{"site": site, "right_class": class, "quantity": "10.000"}]);
    (site, registered(world, mill, body).await)
}

async fn permitted(world: &World, site: Uuid, name: &str, from: &str, to: &str) {
    let permit = json!({"number": format!("PERMIT-{name}-{from}"), "site": site, "valid_from": from, "valid_to": to,
        "quantities": [{"pollutant": "COD", "quantity": "500.000"}]});
    world.city_officer.post("/permits", permit).await.granted();
}

/// The clock looks at the permits, on a node of its own.
async fn looks(world: &World) -> u64 {
    pass_day(&world.app.shared.db, fresh()).await.unwrap().expect("nobody else is at it")
}

#[tokio::test]
async fn of_a_permit_that_ends_before_the_debt_or_has_ended_the_pledgee_is_told_once() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let (site, short) = pledged_under_a_permit(&world, &mill, "东厂", "2023-06-30").await;
    let (_, long) = pledged_under_a_permit(&world, &mill, "西厂", "2023-12-31").await;
    let seen = async |pledge: &Value| {
        let now = world.bank.client.get(&format!("/pledges/{}", id(pledge))).await.granted();
        notices(&now["liens"][0])
    };
    assert_eq!(looks(&world).await, 1);
    assert_eq!(seen(&short).await, [json!(["permit_end", "10.000", "2023-06-30"])]);
    assert_eq!(seen(&long).await, Vec::<Value>::new(), "the debt ends first");
    assert_eq!(told_of(&world, &short).await, 1);
    assert_eq!(looks(&world).await, 0, "nobody is told twice");
    permitted(&world, site, "东厂", "2023-07-01", "2023-10-31").await;
    assert_eq!(looks(&world).await, 1, "another end is told");
    permitted(&world, site, "东厂", "2023-11-01", "2028-10-31").await;
    world.days_pass(395);
    assert_eq!(looks(&world).await, 0, "the last day is a day of it");
    world.days_pass(1);
    assert_eq!(looks(&world).await, 1);
    assert_eq!(seen(&long).await, [json!(["permit_end", "10.000", "2023-12-31"])]);
    assert_eq!(seen(&short).await.len(), 2, "its permit was renewed");
    world.bank.releases(id(&long)).await.granted();
    world.days_pass(1);
    assert_eq!(looks(&world).await, 0);
    world.books_are_right().await;
}

/// A buy-back of a closed mill's rights that the reserve proposes.
async fn bought_back(stage: &Stage, quantity: &str, total: &str) -> Uuid {
    let wanted = json!({"kind": "buy_back", "site": stage.mill.site, "reserve_site": stage.world.reserve.site,
        "right_class": stage.mill.class("COD"), "quantity": quantity, "total": total, "cause": "closure",
        "document": "鄂环储〔2022〕9号"});
    id(&stage.world.reserve.client.post("/reserve-operations", wanted).await.granted())
}

/// The treasury has what the reserve has sold: 87,900.
async fn treasury_is_filled(world: &World) {
    world.allocate(&world.reserve, "20.000 t COD").await;
    let works = world.buyer("通城砖瓦", "1000000.00").await;
    crate::prices::settled(world, &world.reserve, &works, "10.000 t COD", "8790.00").await;
}

#[tokio::test]
async fn what_is_bought_back_of_a_closed_enterprise_pays_its_pledgee_first_and_the_rest_is_the_enterprises() {
    let stage = Stage::of("100.000 t COD").await;
    let world = &stage.world;
    treasury_is_filled(world).await;
    let bought = bought_back(&stage, "95.000", "10000.00").await;
    let lien = stage.state().await["liens"][0].clone();
    assert_eq!(notices(&lien), [json!(["buy_back", "5.000", null])], "ninety are free");
    assert_eq!(lien["notices"][0]["right_act"], json!(bought));
    assert_eq!(told_of(world, &stage.pledge).await, 1);
    bought_back(&stage, "90.000", "10000.00").await;
    bought_back(&stage, "100.001", "10000.00").await;
    assert_eq!(told_of(world, &stage.pledge).await, 1, "of what is free, and of more than there is, nobody is told");
    let agree = format!("/right-acts/{bought}/agree");
    stage.mill.client.post(&agree, json!({})).await.is_refused_with("QTA_LIENS_IN_THE_WAY").with_status(422);

    stage.defaults().await;
    let disposal = stage.proposes(stage.disposal("buy_back", &world.reserve, "7000.00")).await.granted();
    let settle = format!("/disposals/{}/settle", id(&disposal));
    let settled = world.reserve.client.post(&settle, json!({})).await.granted();
    let paid = ["paid_costs", "paid_claim", "surplus", "shortfall"].map(|field| settled[field].clone());
    assert_eq!(paid, [json!("1000.00"), json!("61000.00"), json!("8000.00"), json!("0.00")]);
    assert_eq!(
        (stage.money(stage.mill.id).await.as_str(), &stage.state().await["state"]),
        ("8000.00", &json!("closed"))
    );

    let rest = bought_back(&stage, "90.000", "10000.00").await;
    stage.mill.client.post(&format!("/right-acts/{rest}/agree"), json!({})).await.granted();
    assert_eq!(approves(&world.head, rest).await.granted()["state"], "carried_out");
    assert_eq!(stage.money(stage.mill.id).await, "18000.00");
    let class = stage.mill.class("COD");
    assert_eq!(world.balance(world.reserve.site, &class, "available").await, "110.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_the_price_of_a_buy_back_does_not_cover_is_still_owed() {
    let stage = Stage::of("100.000 t COD").await;
    let world = &stage.world;
    treasury_is_filled(world).await;
    bought_back(&stage, "100.000", "10000.00").await;
    assert_eq!(notices(&stage.state().await["liens"][0]), [json!(["buy_back", "10.000", null])]);
    stage.defaults().await;
    let disposal = stage.proposes(stage.disposal("buy_back", &world.reserve, "5000.00")).await.granted();
    let settle = format!("/disposals/{}/settle", id(&disposal));
    let settled = world.reserve.client.post(&settle, json!({})).await.granted();
    let paid = ["paid_costs", "paid_claim", "surplus", "shortfall"].map(|field| settled[field].clone());
    assert_eq!(paid, [json!("1000.00"), json!("49000.00"), json!("0.00"), json!("12000.00")]);
    assert_eq!(stage.state().await["still_owed"], "12000.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_suspended_area_keeps_out_buyers_from_outside_and_touches_no_lien_of_its_own() {
    let stage = Stage::of("100.000 t COD").await;
    let (world, province) = (&stage.world, Province::of(&stage.world).await);
    stage.defaults().await;
    province.suspends(TONGCHENG, ("pollutant", "COD")).await;
    let county = province.suspends(CHIBI, ("pollutant", "COD")).await;
    assert_eq!(notices(&stage.state().await["liens"][0]), Vec::<Value>::new(), "what it holds may be sold as before");
    let sale = || stage.disposal("auction", &stage.glass, "8790.00");
    stage.proposes(sale()).await.is_refused_with("TRD_AREA_SUSPENDED").with_status(422);
    province.lifts(county).await;
    let disposal = stage.proposes(sale()).await.granted();
    stage.glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    assert_eq!(stage.state().await["state"], "closed", "out of the suspended area it goes");
    world.books_are_right().await;
}
