//! Suspension of areas (区域限批) as stories: while one stands, nothing adds to what its area uses.

use crate::quota::batches::{confirms, file, id, proposed, proposes, row};
use crate::support::world::{CHIBI, TONGCHENG, WUHAN};
use crate::support::{Answer, Client, World};
use futures::future::join_all;
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// The authority of the province: its officer and its head.
pub struct Province {
    pub officer: Client,
    pub head: Client,
}

impl Province {
    pub async fn of(world: &World) -> Self {
        let head = world.head_of_the_province().await;
        Self { officer: world.colleague_of(&head, Role::BureauOfficer).await, head }
    }

    /// The officer proposes a suspension from today on, the head approves it.
    pub async fn suspends(&self, area: &str, reach: (&str, &str)) -> Uuid {
        let task = id(&self.officer.post("/area-suspensions", order(area, reach)).await.with_status(202).body);
        self.approves(&self.head, task).await
    }

    /// The head proposes that it is lifted from today on, the officer approves it.
    pub async fn lifts(&self, suspension: Uuid) {
        let path = format!("/area-suspensions/{suspension}/lift");
        let task = id(&self.head.post(&path, lifting()).await.with_status(202).body);
        assert_eq!(self.approves(&self.officer, task).await, suspension);
    }

    /// Approves what waits: what was made of it.
    async fn approves(&self, second: &Client, task: Uuid) -> Uuid {
        let path = format!("/tasks/{task}/decide");
        let decided = second.post(&path, json!({"outcome": "approved", "reason": "同意"})).await.granted();
        decided["subject"].as_str().unwrap().parse().unwrap()
    }
}

fn order(area: &str, (name, value): (&str, &str)) -> Value {
    json!({"area": area, name: value, "valid_from": "2022-12-01", "document": "鄂环函〔2022〕88号", "reason": "未完成水环境质量目标"})
}

fn lifting() -> Value {
    json!({"valid_from": "2022-12-01", "document": "鄂环函〔2022〕99号", "reason": "整改完成"})
}

#[tokio::test]
async fn a_suspended_city_takes_no_grants_until_the_province_lifts_it() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    let mill = world.enterprise("临江纸业").await;
    let before = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let batch = proposed(&world.city_officer, &file(&[row(&world, &mill, "1.000 t COD").await])).await;
    let suspension = province.suspends("421200", ("pollutant", "COD")).await;

    let refused = world.propose_allocation(&mill, "10.000 t COD").await;
    refused.is_refused_with("QTA_AREA_SUSPENDED").with_status(422);
    assert!(refused.body["violations"][0]["legal_basis"].as_str().unwrap().contains("第四十四条"));
    let confirm = format!("/allocations/{before}/confirm");
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_AREA_SUSPENDED");
    let ended = confirms(&world.city_head, batch).await;
    assert_eq!(
        (&ended["faults"][0]["code"], &ended["faults"][0]["field"]),
        (&json!("QTA_AREA_SUSPENDED"), &json!("lines[2].site"))
    );
    let again = file(&[row(&world, &mill, "2.000 t COD").await]);
    let ended = proposes(&world.city_officer, "b.csv", "text/csv", again.as_bytes()).await;
    assert_eq!(ended["faults"][0]["code"], "QTA_AREA_SUSPENDED");
    world.allocate(&mill, "10.000 t SO2").await;
    world.propose_allocation(&world.reserve, "10.000 t COD").await.granted();
    let wuhan = world.enterprise_in("武汉造纸", WUHAN, "paper").await;
    let body = json!({"site": wuhan.site, "pollutant": "COD", "origin": "paid", "valid_from": "2021-01-01", "valid_to": "2025-12-31",
        "quantity": "1.000", "document": "核定"});
    let elsewhere = province.officer.post("/allocations", body).await;
    assert!(!elsewhere.codes().contains(&"QTA_AREA_SUSPENDED"), "another city is not suspended: {:#}", elsewhere.body);

    province.lifts(suspension).await;
    assert_eq!(world.city_head.post(&confirm, json!({})).await.text("state"), "active");
    assert_eq!(confirms(&world.city_head, batch).await["state"], "finished");
    let found = world.auditor.get(&format!("/area-suspensions/{suspension}")).await.granted();
    assert_eq!(
        (&found["area"], &found["lift_document"], &found["version"]),
        (&json!("421200"), &json!("鄂环函〔2022〕99号"), &json!(2))
    );
    let records = world.auditor.get(&format!("/decisions?subject={suspension}")).await.granted();
    assert_eq!(records["items"].as_array().unwrap().len(), 2, "one record for each decision: {records:#}");
    world.books_are_right().await;
}

#[tokio::test]
async fn only_the_province_suspends_by_two_people_and_an_area_once() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    let body = order(TONGCHENG, ("medium", "water"));
    for client in [&world.city_head, &world.city_officer, &world.head] {
        client.post("/area-suspensions", body.clone()).await.is_refused_with("QTA_NOT_THE_PROVINCE").with_status(403);
    }
    world.exchange.post("/area-suspensions", body.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    let neither = json!({"area": TONGCHENG, "valid_from": "2022-12-01", "document": "文", "reason": "因"});
    province.officer.post("/area-suspensions", neither).await.is_refused_with("QTA_ONE_REACH");
    let unknown = order("999999", ("pollutant", "XYZ"));
    let unknown = province.officer.post("/area-suspensions", unknown).await;
    assert_eq!(unknown.codes(), ["ORG_UNKNOWN_AREA", "QTA_UNKNOWN_POLLUTANT"]);
    let mut back = body.clone();
    back["valid_from"] = json!("2022-11-30");
    province.officer.post("/area-suspensions", back).await.is_refused_with("QTA_SUSPENSION_RETROACTIVE");
    let task = id(&province.officer.post("/area-suspensions", body.clone()).await.with_status(202).body);
    let decide = format!("/tasks/{task}/decide");
    let yes = json!({"outcome": "approved", "reason": "同意"});
    province.officer.post(&decide, yes.clone()).await.is_refused_with("AUT_OWN_PROPOSAL");
    let suspension = Uuid::parse_str(&province.head.post(&decide, yes).await.text("subject")).unwrap();
    province.officer.post("/area-suspensions", body).await.is_refused_with("QTA_SUSPENDED_ALREADY").with_status(409);
    province.suspends(TONGCHENG, ("pollutant", "COD")).await;
    let lift = format!("/area-suspensions/{suspension}/lift");
    world.city_head.post(&lift, lifting()).await.is_refused_with("QTA_NOT_THE_PROVINCE");
    let early = json!({"valid_from": "2022-11-30", "document": "文", "reason": "因"});
    province.head.post(&lift, early).await.is_refused_with("QTA_LIFTED_TOO_EARLY");
    province.lifts(suspension).await;
    province.head.post(&lift, lifting()).await.is_refused_with("QTA_SUSPENSION_LIFTED");
    let nothing = format!("/area-suspensions/{}/lift", Uuid::nil());
    province.head.post(&nothing, lifting()).await.with_status(404);
    let listed = world.nobody().get("/area-suspensions").await;
    listed.with_status(401);
    let listed = world.officer.get(&format!("/area-suspensions?area={TONGCHENG}")).await.granted();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_suspension_stands_from_its_day_to_the_day_before_it_is_lifted() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    world.adopts(&[("four_eyes_area_suspension", "off")]).await.granted();
    let mill = world.enterprise("临江纸业").await;
    let tomorrow =
        json!({"area": TONGCHENG, "medium": "water", "valid_from": "2022-12-02", "document": "文一", "reason": "因"});
    let suspension = id(&province.head.post("/area-suspensions", tomorrow).await.with_status(201).body);
    world.propose_allocation(&mill, "1.000 t COD").await.granted();
    world.days_pass(1);
    world.propose_allocation(&mill, "1.000 t COD").await.is_refused_with("QTA_AREA_SUSPENDED");
    world.days_pass(1);
    let yesterday = json!({"valid_from": "2022-12-02", "document": "文二", "reason": "整改"});
    let lift = format!("/area-suspensions/{suspension}/lift");
    province.head.post(&lift, yesterday).await.is_refused_with("QTA_SUSPENSION_RETROACTIVE");
    let later = json!({"valid_from": "2022-12-04", "document": "文二", "reason": "整改"});
    let lifted = province.head.post(&lift, later).await;
    assert_eq!(lifted.with_status(200).text("lifted_from"), "2022-12-04");
    world.propose_allocation(&mill, "1.000 t COD").await.is_refused_with("QTA_AREA_SUSPENDED");
    world.days_pass(1);
    world.propose_allocation(&mill, "1.000 t COD").await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn no_trade_brings_rights_into_a_suspended_area_and_those_within_it_go_on() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    let mill = world.enterprise("临江纸业").await;
    for seller in [&tannery, &mill] {
        world.allocate(seller, "100.000 t COD").await;
        world.reduces(seller, "100.000 t COD").await;
    }
    world.allocate(&world.reserve, "50.000 t COD").await;
    let (glass, kiln) =
        (world.buyer("通城玻璃", "1000000.00").await, world.enterprise_in("赤壁窑炉", CHIBI, "glass").await);
    world.deposits(&kiln, "1000000.00").await;
    let waiting = id(&tannery.offers("5.000 t COD", "1000.00", &glass).await.granted());
    let matched = id(&tannery.offers("5.000 t COD", "1000.00", &glass).await.granted());
    let matched = id(&glass.accepts(matched).await.granted());
    let approved = world.approved_trade(&tannery, &glass, "5.000 t COD", "1000.00").await;
    let suspension = province.suspends(TONGCHENG, ("medium", "water")).await;

    let is_kept_out = |answer: &Answer| {
        answer.is_refused_with("TRD_AREA_SUSPENDED");
    };
    is_kept_out(&tannery.offers("5.000 t COD", "1000.00", &glass).await);
    is_kept_out(&world.reserve.offers("5.000 t COD", "9000.00", &glass).await);
    is_kept_out(&glass.accepts(waiting).await);
    is_kept_out(&world.officer.post(&format!("/trades/{matched}/approve"), json!({})).await);
    is_kept_out(&glass.pays(approved).await);
    assert_eq!(world.auditor.get(&format!("/trades/{approved}")).await.text("state"), "approved");
    let within = world.approved_trade(&mill, &glass, "5.000 t COD", "1000.00").await;
    assert_eq!(glass.pays(within).await.text("state"), "settled", "within the area nothing is added to it");
    let out = world.approved_trade(&mill, &kiln, "5.000 t COD", "1000.00").await;
    assert_eq!(kiln.pays(out).await.text("state"), "settled", "what leaves the area takes from it");

    province.lifts(suspension).await;
    assert_eq!(glass.pays(approved).await.text("state"), "settled");
    let city = province.suspends("421200", ("pollutant", "COD")).await;
    let between = world.approved_trade(&tannery, &glass, "5.000 t COD", "1000.00").await;
    assert_eq!(glass.pays(between).await.text("state"), "settled", "both counties lie in the suspended city");
    is_kept_out(&world.reserve.offers("5.000 t COD", "9000.00", &glass).await);
    province.lifts(city).await;
    world.books_are_right().await;
}

#[tokio::test]
async fn a_fee_is_not_paid_for_what_cannot_come_into_being() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    let mill = world.buyer("临江纸业", "3000.00").await;
    world.adopts(&[("usage_fee", "20.00")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "100.000 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    let suspension = province.suspends(TONGCHENG, ("pollutant", "COD")).await;
    let pay = format!("/allocations/{grant}/pay");
    mill.client.post(&pay, json!({})).await.is_refused_with("QTA_AREA_SUSPENDED");
    province.lifts(suspension).await;
    assert_eq!(mill.client.post(&pay, json!({})).await.text("state"), "active");
    world.books_are_right().await;
}

/// The journal of a kind about a thing. Ids are made in the order of time, and each of these under the lock of its area.
async fn journal(world: &World, subject: Uuid, kind: &str) -> Option<Uuid> {
    let found = world.auditor.get(&format!("/audit/journals?subject={subject}&limit=200")).await.granted();
    found["items"].as_array().unwrap().iter().find(|item| item["kind"] == kind).map(id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_settles_beside_a_suspension_comes_before_it_or_not_at_all() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    world.adopts(&[("four_eyes_area_suspension", "off")]).await.granted();
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    world.allocate(&tannery, "100.000 t COD").await;
    world.reduces(&tannery, "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let mut trades = Vec::new();
    for _ in 0..12 {
        trades.push(world.approved_trade(&tannery, &glass, "1.000 t COD", "1000.00").await);
    }
    let suspends = async {
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        id(&province.head.post("/area-suspensions", order(TONGCHENG, ("pollutant", "COD"))).await.granted())
    };
    let (paid, suspension) = tokio::join!(join_all(trades.iter().map(|trade| glass.pays(*trade))), suspends);
    let suspended = journal(&world, suspension, "area_suspended").await.unwrap();
    let mut settled = 0;
    for (trade, answer) in trades.iter().zip(&paid) {
        match journal(&world, *trade, "trade_settled").await {
            Some(at) => {
                assert!(answer.status.is_success() && at < suspended, "settled by {at}, suspended by {suspended}");
                settled += 1;
            }
            None => {
                answer.is_refused_with("TRD_AREA_SUSPENDED");
            }
        }
    }
    // An account that nothing was ever posted to has no unit.
    let expected = if settled == 0 { "0".to_owned() } else { format!("{settled}.000") };
    assert_eq!(world.balance(glass.site, &glass.class("COD"), "available").await, expected);
    for trade in &trades {
        let answer = glass.pays(*trade).await;
        assert!(["TRD_AREA_SUSPENDED", "STL_ALREADY_SETTLED"].iter().any(|code| answer.codes().contains(code)));
    }
    world.books_are_right().await;
}

/// One that stands and one that is lifted, for whoever needs rows.
pub async fn of_every_state(world: &World) {
    let province = Province::of(world).await;
    let lifted = province.suspends(WUHAN, ("pollutant", "COD")).await;
    province.lifts(lifted).await;
    province.suspends(WUHAN, ("medium", "air")).await;
}
