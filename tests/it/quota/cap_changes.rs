//! Caps that change on a day as stories: the change waits, and takes effect by itself, once, in the order of the days.

use crate::quota::batches::{file, id, proposes, row};
use crate::quota::suspensions::Province;
use crate::support::world::{CHIBI, TONGCHENG, WUHAN};
use crate::support::{Answer, Client, World};
use futures::future::join_all;
use ganhe::access::Role;
use ganhe::quota::changes::clock::pass_days;
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody plans a change of a cap.
pub async fn plans(client: &Client, (area, pollutant): (&str, &str), cap: &str, from: &str) -> Answer {
    let body = json!({"area": area, "pollutant": pollutant, "cap": cap, "valid_from": from, "document": "咸环总量〔2022〕9号"});
    client.post("/capacity-changes", body).await
}

/// A node looks what day it is: how many caps it has set.
async fn a_node_looks(world: &World) -> u64 {
    pass_days(&world.app.shared.db, Uuid::nil()).await.unwrap()
}

/// Cap, headroom and pending reduction of Tongcheng for COD.
async fn standing(world: &World) -> (String, String, String) {
    let found = world.auditor.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
    let of = |name: &str| found["items"][0][name].as_str().unwrap().to_owned();
    (of("cap"), of("headroom"), of("pending_reduction"))
}

fn stands(cap: &str, headroom: &str, pending: &str) -> (String, String, String) {
    (cap.to_owned(), headroom.to_owned(), pending.to_owned())
}

async fn states(world: &World) -> Vec<Value> {
    let found = world.officer.get("/capacity-changes").await.granted();
    found["items"].as_array().unwrap().iter().map(|item| item["state"].clone()).collect()
}

#[tokio::test]
async fn several_changes_wait_and_each_takes_effect_on_its_day() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "120.000 t COD").await;
    let (place, head) = ((TONGCHENG, "COD"), &world.city_head);
    let now =
        json!({"area": TONGCHENG, "pollutant": "COD", "cap": "1.000", "valid_from": "2022-12-02", "document": "文"});
    head.post("/capacities", now).await.is_refused_with("QTA_FUTURE_CAP");
    let second = id(&plans(head, place, "100.000", "2023-01-01").await.with_status(201).body);
    let first = plans(head, place, "500.000", "2022-12-10").await.granted();
    assert_eq!((&first["state"], &first["version"], &first["capacity"]), (&json!("waiting"), &json!(1), &json!(null)));
    plans(head, place, "400.000", "2022-12-10").await.is_refused_with("QTA_CAP_WAITS_ALREADY").with_status(409);
    plans(&world.officer, place, "1.000", "2023-02-01").await.is_refused_with("AUT_NOT_ALLOWED");
    let other = world.colleague_of(&world.xianan_officer, Role::BureauHead).await;
    plans(&other, place, "1.000", "2023-02-01").await.is_refused_with("ORG_OUTSIDE_AREA");

    assert_eq!((a_node_looks(&world).await, standing(&world).await), (0, stands("1000.000", "880.000", "0.000")));
    world.days_pass(9);
    assert_eq!((a_node_looks(&world).await, standing(&world).await), (1, stands("500.000", "380.000", "0.000")));
    world.days_pass(21);
    assert_eq!((a_node_looks(&world).await, a_node_looks(&world).await), (0, 0), "the day before");
    world.days_pass(1);
    assert_eq!((a_node_looks(&world).await, a_node_looks(&world).await), (1, 0), "once");
    assert_eq!(standing(&world).await, stands("100.000", "0.000", "20.000"));
    let found = world.officer.get(&format!("/capacity-changes/{second}")).await.granted();
    assert_eq!((&found["state"], &found["version"]), (&json!("effective"), &json!(2)));
    let capacity = world.officer.get(&format!("/capacities/{}", found["capacity"].as_str().unwrap())).await.granted();
    assert_eq!(capacity["version"], 3, "once set, twice changed");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_that_nobody_saw_are_caught_up_in_their_order_and_by_one_node() {
    let world = World::new().await;
    let head = &world.city_head;
    for (cap, from) in [("300.000", "2022-12-05"), ("100.000", "2022-12-03"), ("200.000", "2022-12-04")] {
        plans(head, (TONGCHENG, "COD"), cap, from).await.granted();
    }
    let first = id(&plans(head, (TONGCHENG, "NH3N"), "10.000", "2022-12-03").await.granted());
    world.days_pass(30);
    let nodes = join_all((0..4).map(|_| pass_days(&world.app.shared.db, ganhe::kernel::ids::fresh()))).await;
    assert_eq!(nodes.into_iter().map(Result::unwrap).sum::<u64>(), 4);
    assert_eq!(standing(&world).await.0, "300.000", "the latest day stands");
    let effective = world.officer.get(&format!("/capacity-changes/{first}")).await.granted();
    let capacity = effective["capacity"].as_str().unwrap();
    let found = world.officer.get(&format!("/capacities/{capacity}")).await.granted();
    assert_eq!((&found["cap"], &found["version"]), (&json!("10.000"), &json!(1)), "the first cap of its pollutant");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_change_is_taken_back_before_its_day_and_never_after() {
    let world = World::new().await;
    let (place, head) = ((TONGCHENG, "COD"), &world.city_head);
    let change = id(&plans(head, place, "500.000", "2022-12-10").await.granted());
    let withdraw = format!("/capacity-changes/{change}/withdraw");
    let other = world.colleague_of(&world.xianan_officer, Role::BureauHead).await;
    let why = json!({"reason": "另行核定"});
    other.post(&withdraw, why.clone()).await.is_refused_with("ORG_OUTSIDE_AREA");
    head.post(&withdraw, json!({"reason": " "})).await.is_refused_with("API_BAD_TEXT");
    let withdrawn = head.post(&withdraw, why.clone()).await.granted();
    assert_eq!((&withdrawn["state"], &withdrawn["reason"]), (&json!("withdrawn"), &json!("另行核定")));
    head.post(&withdraw, why.clone()).await.is_refused_with("QTA_CHANGE_OVER").with_status(409);
    let again = id(&plans(head, place, "400.000", "2022-12-10").await.granted());
    world.days_pass(9);
    assert_eq!((a_node_looks(&world).await, standing(&world).await.0), (1, "400.000".to_owned()));
    let late = head.post(&format!("/capacity-changes/{again}/withdraw"), why.clone()).await;
    late.is_refused_with("QTA_CHANGE_OVER");
    head.post(&format!("/capacity-changes/{}/withdraw", Uuid::nil()), why).await.with_status(404);
    assert_eq!(states(&world).await, [json!("withdrawn"), json!("effective")]);
    world.books_are_right().await;
}

#[tokio::test]
async fn where_two_people_are_asked_for_both_plan_and_both_take_back() {
    let world = World::new().await;
    world.adopts(&[("four_eyes_capacity", "on")]).await.granted();
    let (place, head) = ((TONGCHENG, "COD"), &world.city_head);
    let second = world.colleague_of(head, Role::BureauHead).await;
    let approves = async |answer: Answer| {
        let task = id(&answer.with_status(202).body);
        let path = format!("/tasks/{task}/decide");
        head.post(&path, json!({"outcome": "approved"})).await.is_refused_with("AUT_OWN_PROPOSAL");
        let decided = second.post(&path, json!({"outcome": "approved"})).await.granted();
        decided["subject"].as_str().unwrap().parse::<Uuid>().unwrap()
    };
    let change = approves(plans(head, place, "500.000", "2022-12-10").await).await;
    assert_eq!(states(&world).await, [json!("waiting")]);
    let withdrawal = head.post(&format!("/capacity-changes/{change}/withdraw"), json!({"reason": "另行核定"})).await;
    assert_eq!(approves(withdrawal).await, change);
    assert_eq!(states(&world).await, [json!("withdrawn")]);

    let waiting = plans(head, place, "450.000", "2022-12-03").await;
    world.days_pass(5);
    approves(waiting).await;
    assert_eq!(standing(&world).await.0, "450.000", "approved after its day, it takes effect at once");
    let records = world.auditor.get("/decisions?act=capacity").await.granted();
    let by_two = records["items"].as_array().unwrap().iter().filter(|record| record["second_person"] == true).count();
    assert_eq!(by_two, 3, "{records:#}");
    world.books_are_right().await;
}

/// In the first moments of a day, before any node has looked.
#[tokio::test]
async fn nothing_is_granted_or_sold_by_the_cap_of_yesterday_though_no_node_has_looked_yet() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let (glass, kiln) = (world.enterprise_in("赤壁玻璃", CHIBI, "glass").await, world.enterprise("通城窑炉").await);
    world.deposits(&glass, "1000000.00").await;
    let head = &world.city_head;
    for area in [TONGCHENG, CHIBI] {
        plans(head, (area, "COD"), "105.000", "2022-12-02").await.granted();
        plans(head, (area, "SO2"), "2000.000", "2022-12-02").await.granted();
    }
    let waiting = id(&world.propose_allocation(&kiln, "5.001 t COD").await.granted());
    let offer = id(&mill.offers("50.000 t COD", "9000.00", &glass).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    world.chibi_officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    let other = id(&world.propose_allocation(&glass, "80.000 t COD").await.granted());
    head.post(&format!("/allocations/{other}/confirm"), json!({})).await.granted();
    world.days_pass(1);
    let confirm = format!("/allocations/{waiting}/confirm");
    head.post(&confirm, json!({})).await.is_refused_with("QTA_OVER_HEADROOM");
    world.propose_allocation(&kiln, "5.001 t COD").await.is_refused_with("QTA_OVER_HEADROOM");
    let rows = [row(&world, &kiln, "5.001 t COD").await];
    let batch = proposes(&world.city_officer, "a.csv", "text/csv", file(&rows).as_bytes()).await;
    assert_eq!(batch["faults"][0]["code"], "QTA_OVER_HEADROOM", "{batch:#}");
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.is_refused_with("TRD_NO_HEADROOM");
    assert_eq!(standing(&world).await.0, "1000.000", "what was refused has left no trace");
    // A cap that has grown lets in what yesterday's would not have.
    world.allocate(&kiln, "1500.000 t SO2").await;
    world.allocate(&kiln, "5.000 t COD").await;
    assert_eq!(standing(&world).await, stands("105.000", "0.000", "0.000"), "the change took effect with the grant");
    let states: Vec<Value> = states(&world).await;
    assert_eq!(states.iter().filter(|state| **state == "effective").count(), 2, "{states:?}");
    assert_eq!(a_node_looks(&world).await, 2, "the clock finds what nobody asked about");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_cap_that_is_set_on_a_day_stands_after_those_that_were_planned_for_it_or_before() {
    let world = World::new().await;
    let (place, head) = ((TONGCHENG, "COD"), &world.city_head);
    plans(head, place, "500.000", "2022-12-02").await.granted();
    world.days_pass(2);
    let today = world.now().day().to_string();
    let set = json!({"area": TONGCHENG, "pollutant": "COD", "cap": "700.000", "valid_from": today, "document": "文"});
    assert_eq!(head.post("/capacities", set).await.granted()["version"], 3);
    assert_eq!((a_node_looks(&world).await, standing(&world).await.0), (0, "700.000".to_owned()));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_node_that_was_stopped_leaves_nobody_waiting_for_its_turn() {
    let world = World::new().await;
    plans(&world.city_head, (TONGCHENG, "COD"), "500.000", "2022-12-02").await.granted();
    let db = &world.app.shared.db;
    assert_eq!(pass_days(db, ganhe::kernel::ids::fresh()).await.unwrap(), 0);
    world.days_pass(1);
    assert_eq!(pass_days(db, ganhe::kernel::ids::fresh()).await.unwrap(), 1, "the next node acts at once");
}

#[tokio::test]
async fn a_cap_does_not_reach_back_and_nobody_sets_that_of_their_own_area() {
    let world = World::new().await;
    let county = &world.head;
    plans(county, (TONGCHENG, "COD"), "1.000", "2023-01-01").await.is_refused_with("QTA_OWN_CAP").with_status(422);
    plans(county, (CHIBI, "COD"), "1.000", "2023-01-01").await.is_refused_with("ORG_OUTSIDE_AREA");
    let change = id(&plans(&world.city_head, (TONGCHENG, "COD"), "500.000", "2023-01-01").await.granted());
    let withdraw = format!("/capacity-changes/{change}/withdraw");
    county.post(&withdraw, json!({"reason": "另行核定"})).await.is_refused_with("QTA_OWN_CAP");
    let province = Province::of(&world).await.head;
    plans(&province, ("420000", "COD"), "90000.000", "2023-01-01").await.granted();
    plans(&world.city_head, (TONGCHENG, "COD"), "1.000", "2022-11-30").await.is_refused_with("QTA_PAST_CAP");
    let body =
        json!({"area": "421200", "pollutant": "XYZ", "cap": "1.0x", "valid_from": "2022-11-30", "document": " "});
    let told = world.city_head.post("/capacities", body).await;
    let fields: Vec<(&str, &str)> = told.with_status(422).body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let expected = [
        ("pollutant", "QTA_UNKNOWN_POLLUTANT"),
        ("cap", "API_NOT_DECIMAL"),
        ("document", "API_BAD_TEXT"),
        ("valid_from", "QTA_PAST_CAP"),
        ("area", "QTA_OWN_CAP"),
    ];
    assert_eq!(fields, expected, "all at once");
    world.books_are_right().await;
}

/// One of each state, for whoever needs rows.
pub async fn of_every_state(world: &World) {
    let head = &world.city_head;
    plans(&Province::of(world).await.head, ("421200", "NOX"), "10.000", &world.now().day().to_string()).await.granted();
    plans(head, (TONGCHENG, "NOX"), "20.000", "2099-01-01").await.granted();
    let withdrawn = id(&plans(head, (TONGCHENG, "NOX"), "30.000", "2099-02-01").await.granted());
    let path = format!("/capacity-changes/{withdrawn}/withdraw");
    head.post(&path, json!({"reason": "另行核定"})).await.granted();
    plans(head, (WUHAN, "NOX"), "1.000", "2099-01-01").await.is_refused_with("ORG_OUTSIDE_AREA");
}
