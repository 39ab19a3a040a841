//! Permits beside rights: what differs is found once over all nodes, told to whom it concerns, and blocks where the rulebook says so;
//! after a trade the permits are varied through the inbox; a permit that ends soon is told in time.

use super::id;
use crate::support::world::{Enterprise, VALIDITY, XIANAN};
use crate::support::{Answer, Client, World};
use futures::future::join_all;
use ganhe::db::Db;
use ganhe::operations;
use ganhe::parties::mismatches::PermitReconciliation;
use serde_json::{Value, json};
use uuid::Uuid;

/// Has the permits of the caller's area compared with the rights; what the run found.
pub async fn reconciles(by: &Client) -> Value {
    let begun = by.post("/permit-reconciliations", json!({})).await;
    begun.with_status(202);
    let ended = by.ended(&begun.text("id")).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    ended["result"].clone()
}

async fn mismatches(by: &Client, filter: &str) -> Vec<Value> {
    let found = by.get(&format!("/permit-mismatches?limit=200{filter}")).await.granted();
    found["items"].as_array().unwrap().clone()
}

/// Rights of SO2 and of what a seller has as much as its permit allows, which is 500 t of each.
async fn matched(world: &World, name: &str) -> Enterprise {
    let mill = world.seller(name, "500.000 t COD").await;
    world.allocate(&mill, "500.000 t SO2").await;
    mill
}

#[tokio::test]
async fn what_differs_is_listed_for_the_bureau_and_the_party_until_it_agrees() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.allocate(&mill, "120.000 t COD").await;
    world.allocate(&mill, "500.000 t SO2").await;
    mill.client.post("/permit-reconciliations", json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    let found = reconciles(&world.officer).await;
    assert_eq!(found, json!({"sites": 2, "open": 3, "new": 3, "ended": 0}));
    let own = mismatches(&mill.client, "").await;
    let [only] = own.as_slice() else { panic!("{own:#?}") };
    assert_eq!(
        (&only["pollutant"], &only["permitted"], &only["owned"]),
        (&json!("COD"), &json!("500.000"), &json!("120.000"))
    );
    assert_eq!(
        (&only["kind"], &only["state"], &only["unit"]),
        (&json!("permit_exceeds_rights"), &json!("open"), &json!("t"))
    );
    assert_eq!(mismatches(&world.city_officer, "").await.len(), 3);
    assert_eq!(mismatches(&world.officer, &format!("&site={}", glass.site)).await.len(), 2);
    assert!(mismatches(&world.xianan_officer, "").await.is_empty());
    assert!(mismatches(&world.bank.client, "").await.is_empty());
    glass.client.get(&format!("/permit-mismatches/{}", id(only))).await.with_status(404);
    assert_eq!(reconciles(&world.head).await, json!({"sites": 2, "open": 3, "new": 0, "ended": 0}), "nothing new");
    assert_eq!(reconciles(&world.xianan_officer).await["sites"], 0, "its own area alone");

    world.allocate(&mill, "30.000 t COD").await;
    reconciles(&world.officer).await;
    let changed = mill.client.get(&format!("/permit-mismatches/{}", id(only))).await.granted();
    assert_eq!((&changed["owned"], &changed["version"]), (&json!("150.000"), &json!(2)));
    world.allocate(&mill, "350.000 t COD").await;
    assert_eq!(reconciles(&world.officer).await, json!({"sites": 2, "open": 2, "new": 0, "ended": 1}));
    let ended = mismatches(&mill.client, "&state=ended").await;
    assert_eq!((&ended[0]["id"], &ended[0]["version"]), (&only["id"], &json!(3)));
    assert!(mismatches(&mill.client, "&state=open").await.is_empty());
    world.books_are_right().await;
}

#[tokio::test]
async fn more_rights_than_the_permit_allows_are_listed_too_and_pledged_ones_count() {
    let world = World::new().await;
    let mill = matched(&world, "临江纸业").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "100.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    assert_eq!(reconciles(&world.officer).await["open"], 0, "what is pledged is still owned");
    world.allocate(&mill, "1.000 t COD").await;
    reconciles(&world.officer).await;
    let own = mismatches(&mill.client, "").await;
    assert_eq!((&own[0]["kind"], &own[0]["owned"]), (&json!("rights_exceed_permit"), &json!("501.000")));
}

#[tokio::test]
async fn of_many_nodes_one_compares_each_night() {
    let world = World::new().await;
    world.enterprise("临江纸业").await;
    let url = &world.app.url;
    let nodes = join_all((0..3).map(async |_| Db::open(url, world.app.clock.clone()).await.unwrap())).await;
    for slot in ["2022-12-01T02:00", "2022-12-02T02:00"] {
        join_all(nodes.iter().map(async |db| operations::want(db, &PermitReconciliation, slot).await.unwrap())).await;
        let ended =
            join_all(nodes.iter().map(async |db| operations::run_wanted(db, &[&PermitReconciliation]).await.unwrap()));
        assert_eq!(ended.await.into_iter().sum::<usize>(), 1, "{slot}");
        let found = mismatches(&world.auditor, "").await;
        let versions: Vec<_> = found.iter().map(|one| one["version"].as_i64().unwrap()).collect();
        assert_eq!(versions, [1, 1], "COD and SO2, found once whichever night");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_permit_that_allows_more_than_there_are_rights_for_blocks_where_the_rulebook_says_so() {
    let world = World::new().await;
    let (mill, glass) = (matched(&world, "临江纸业").await, world.buyer("通城玻璃", "5000000.00").await);
    mill.consents(&world.bank, &["COD"]).await;
    let short = world.seller("通城陶瓷", "100.000 t COD").await;
    short.consents(&world.bank, &["COD"]).await;
    let offers = async |seller: &Enterprise| seller.offers("10.000 t COD", "9000.00", &glass).await;
    offers(&short).await.granted();
    let applied = id(&world.bank.applies(&short, "1.000 t COD").await.granted());
    let agreed = world.bank.agreed_pledge(&world, &short, "1.000 t COD").await;
    world.adopts(&[("permit_mismatch", "block")]).await.granted();
    offers(&short).await.is_refused_with("TRD_PERMIT_MISMATCH");
    world.bank.applies(&short, "1.000 t COD").await.is_refused_with("PLG_PERMIT_MISMATCH");
    world.bank.registers(agreed).await.is_refused_with("PLG_PERMIT_MISMATCH");
    world.city_officer.post(&format!("/pledges/{applied}/verify"), json!({})).await.granted();
    // Judged on the books of the moment: no run has looked, and none is needed.
    let second = id(&offers(&mill).await.granted());
    let trade = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    glass.pays(trade).await.granted();
    glass.accepts(second).await.is_refused_with("TRD_PERMIT_MISMATCH");
    world.bank.applies(&mill, "1.000 t COD").await.is_refused_with("PLG_PERMIT_MISMATCH");
    let vary = json!({"side": "seller", "permit": mill.permit});
    world.officer.post(&format!("/trades/{trade}/vary-permit"), vary).await.granted();
    glass.accepts(second).await.granted();
    world.bank.applies(&mill, "1.000 t COD").await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn of_two_sales_that_are_paid_at_once_the_second_waits_for_the_permit() {
    let world = World::new().await;
    let mill = matched(&world, "临江纸业").await;
    let (glass, kiln) = (world.buyer("通城玻璃", "500000.00").await, world.buyer("通城窑炉", "500000.00").await);
    let first = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    let second = world.approved_trade(&mill, &kiln, "10.000 t COD", "9000.00").await;
    world.adopts(&[("permit_mismatch", "block")]).await.granted();
    let (one, other) = tokio::join!(glass.pays(first), kiln.pays(second));
    let mut told = [one.status.as_u16(), other.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [200, 422], "{:#} {:#}", one.body, other.body);
    world.books_are_right().await;
}

/// The tasks about a trade that wait for somebody, by their acts.
async fn tasks(by: &Client, trade: Uuid) -> Vec<(String, Uuid)> {
    let found = by.get(&format!("/tasks?subject={trade}")).await.granted();
    let items = found["items"].as_array().unwrap();
    let mut told: Vec<_> = items.iter().map(|task| (task["act"].as_str().unwrap().to_owned(), id(task))).collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_settled_trade_leaves_a_task_for_the_permit_of_each_side() {
    let world = World::new().await;
    let (mill, glass) = (world.seller("临江纸业", "50.000 t COD").await, world.buyer("通城玻璃", "500000.00").await);
    let trade = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    assert!(tasks(&world.officer, trade).await.is_empty(), "nothing is settled yet");
    glass.pays(trade).await.granted();
    let open = tasks(&world.officer, trade).await;
    assert_eq!(
        open.iter().map(|(act, _)| act.as_str()).collect::<Vec<_>>(),
        ["buyer_permit_variation", "seller_permit_variation"]
    );
    assert!(tasks(&world.xianan_officer, trade).await.is_empty());
    let own =
        glass.client.get(&format!("/tasks?as=proposer&act=buyer_permit_variation&subject={trade}")).await.granted();
    assert_eq!(own["items"].as_array().unwrap().len(), 1, "it goes by whoever accepted the offer");
    let decide = |task: Uuid| format!("/tasks/{task}/decide");
    let no = json!({"outcome": "refused", "reason": "不办"});
    world.officer.post(&decide(open[0].1), no).await.is_refused_with("TRD_VARIATION_OWED");
    world.head.post(&decide(open[0].1), json!({"outcome": "approved"})).await.is_refused_with("AUT_NOT_ALLOWED");
    world.officer.post(&decide(open[0].1), json!({"outcome": "approved"})).await.granted();
    let permit = glass.client.get(&format!("/permits/{}", glass.permit)).await.granted();
    assert_eq!(permit["quantities"][0]["quantity"], "510.000");
    let vary = json!({"side": "seller", "permit": mill.permit});
    assert_eq!(world.officer.post(&format!("/trades/{trade}/vary-permit"), vary).await.text("state"), "closed");
    assert!(tasks(&world.officer, trade).await.is_empty(), "the operation of its own closes the task too");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_reserve_has_no_permit_to_vary_and_several_permits_must_be_named() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "500000.00").await;
    world.allocate(&world.reserve, "100.000 t COD").await;
    let offer = world.reserve.offers("10.000 t COD", "9000.00", &glass).await.granted();
    let trade = id(&glass.accepts(id(&offer)).await.granted());
    for bureau in [&world.city_officer, &world.officer] {
        bureau.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    glass.pays(trade).await.granted();
    let open = tasks(&world.officer, trade).await;
    let [(act, task)] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!(act, "buyer_permit_variation");
    let second = json!({"number": "PERMIT-SECOND", "site": glass.site, "valid_from": VALIDITY.0, "valid_to": VALIDITY.1,
        "quantities": [{"pollutant": "COD", "quantity": "1.000"}]});
    world.officer.post("/permits", second).await.granted();
    let yes = json!({"outcome": "approved"});
    world.officer.post(&format!("/tasks/{task}/decide"), yes).await.is_refused_with("TRD_PERMIT_NOT_NAMED");
    let vary = json!({"side": "buyer", "permit": glass.permit});
    assert_eq!(world.officer.post(&format!("/trades/{trade}/vary-permit"), vary).await.text("state"), "closed");
}

#[tokio::test]
async fn permits_that_end_within_sixty_days_are_due_for_renewal_until_a_later_one_is_there() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let permit = |number: &str, from: &str, to: &str| {
        json!({"number": number, "site": mill.site, "valid_from": from, "valid_to": to,
        "quantities": [{"pollutant": "COD", "quantity": "1.000"}]})
    };
    let due = async |is_due: bool| -> Vec<String> {
        let found = mill.client.get(&format!("/permits?renewal_due={is_due}")).await.granted();
        found["items"].as_array().unwrap().iter().map(|item| item["renew_by"].to_string().replace('"', "")).collect()
    };
    assert_eq!(due(true).await, [""; 0]);
    assert_eq!(due(false).await, ["2025-11-01"]);
    let alone = world.enterprise("通城陶瓷").await;
    let old = json!({"number": "PERMIT-OLD", "site": alone.site, "valid_from": "2018-02-01", "valid_to": "2023-01-30",
        "quantities": [{"pollutant": "COD", "quantity": "1.000"}]});
    let old = world.officer.post("/permits", old).await.granted();
    assert_eq!(old["renew_by"], "2022-12-01", "sixty days before its end");
    let listed =
        async |by: &Client| by.get("/permits?renewal_due=true").await.granted()["items"].as_array().unwrap().len();
    assert_eq!(listed(&world.officer).await, 0, "the site has a later permit");
    // A site whose only permit ends on the last day of the sixty.
    let site =
        json!({"number": "SITE-LAST", "organisation": mill.id, "name": "二厂", "area": mill.area, "basin": "LUSHUI"});
    let site = id(&world.officer.post("/sites", site).await.granted());
    for (number, to) in [("PERMIT-DUE", "2023-01-30"), ("PERMIT-LATER", "2023-01-31")] {
        let mut body = permit(number, "2018-02-01", to);
        body["site"] = json!(site);
        let count = usize::from(number == "PERMIT-DUE");
        world.officer.post("/permits", body).await.granted();
        assert_eq!(listed(&world.officer).await, count, "{number}");
    }
    world.days_pass(1);
    assert_eq!(listed(&world.officer).await, 1, "a day later the other is due as well");
    assert_eq!(listed(&mill.client).await, 1);
    assert_eq!(listed(&world.xianan_officer).await, 0);
    let body = json!({"effective_from": world.now().day().to_string(), "rules": [{"name": "permit_renewal_days", "value": null, "legal_basis": null}]});
    let task = id(&world.operator.post("/rulebooks", body).await.with_status(202).clone().granted());
    let other = world.colleague_of(&world.operator, ganhe::access::Role::Operator).await;
    other.post(&format!("/tasks/{task}/decide"), json!({"outcome": "approved"})).await.granted();
    assert_eq!(listed(&world.officer).await, 0, "nobody says how many days");
}

#[tokio::test]
async fn a_project_tells_its_own_replacement_ratio() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let project = |ratio: Value| {
        json!({"number": format!("P-{ratio}"), "site": mill.site, "basis": "verified",
        "document": "总量核定", "verified_on": "2022-01-01", "replacement_ratio": ratio})
    };
    let made = world.officer.post("/projects", project(json!("1.20:1"))).await.granted();
    assert_eq!(made["replacement_ratio"], "1.2:1");
    assert_eq!(mill.client.get(&format!("/projects/{}", id(&made))).await.granted(), made);
    assert_eq!(world.officer.post("/projects", project(Value::Null)).await.granted()["replacement_ratio"], Value::Null);
    world.officer.post("/projects", project(json!("1:2"))).await.is_refused_with("ORG_BAD_RATIO");
    world.proposes_rules(&[("replacement_ratio", "1:2")]).await.with_status(422);
}

fn told(answer: &Answer) -> Vec<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let violations = answer.with_status(422).body["violations"].as_array().unwrap();
    violations.iter().map(|one| (text(one, "field"), text(one, "code"))).collect()
}

fn at(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_project_is_verified_today_or_before_and_a_permit_is_valid_for_five_years() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let elsewhere = world.enterprise_in("咸安食品", XIANAN, "food").await;
    let project = |day: &str| json!({"number": format!("P-{day}"), "site": mill.site, "basis": "verified", "document": "总量核定", "verified_on": day});
    let refused = world.officer.post("/projects", project("2022-12-02")).await;
    assert_eq!(told(&refused), [at("verified_on", "ORG_VERIFIED_IN_FUTURE")]);
    world.officer.post("/projects", project("2022-12-01")).await.granted();
    let mut body = project("2022-12-02");
    (body["site"], body["basis"]) = (json!(elsewhere.site), json!("guess"));
    let expected =
        [at("basis", "API_UNKNOWN_WORD"), at("verified_on", "ORG_VERIFIED_IN_FUTURE"), at("site", "ORG_OUTSIDE_AREA")];
    assert_eq!(told(&world.officer.post("/projects", body).await), expected, "all at once");
    let permit = |number: &str, to: &str, pollutant: &str| {
        json!({"number": number, "site": mill.site, "valid_from": "2021-01-01", "valid_to": to,
            "quantities": [{"pollutant": pollutant, "quantity": "1.0001"}]})
    };
    let mut body = permit("PERMIT-LONG", "2026-01-01", "XYZ");
    body["site"] = json!(uuid::Uuid::nil());
    let expected = [
        at("valid_to", "ORG_PERMIT_TOO_LONG"),
        at("quantities[0].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        at("quantities[0].quantity", "API_TOO_PRECISE"),
        at("site", "ORG_UNKNOWN_SITE"),
    ];
    assert_eq!(told(&world.officer.post("/permits", body).await), expected);
    let mut body = permit("PERMIT-FIVE", "2025-12-31", "COD");
    body["quantities"][0]["quantity"] = json!("1.000");
    world.officer.post("/permits", body).await.granted();
}

#[tokio::test]
async fn a_grant_and_a_suspension_of_what_nobody_knows_tell_the_rest_too() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let grant = |pollutant: &str, zone: &str| {
        json!({"site": mill.site, "pollutant": pollutant, "origin": "paid", "valid_from": "2021-01-01",
            "valid_to": "2025-12-31", "zone": zone, "quantity": "abc", "document": "核定"})
    };
    let expected =
        [at("pollutant", "QTA_UNKNOWN_POLLUTANT"), at("quantity", "API_NOT_DECIMAL"), at("zone", "QTA_ZONE_MISMATCH")];
    assert_eq!(told(&world.officer.post("/allocations", grant("XYZ", "FUTOU")).await), expected);
    assert_eq!(told(&world.officer.post("/allocations", grant("XYZ", "LUSHUI")).await), expected[..2], "its own zone");
    assert_eq!(told(&world.officer.post("/allocations", grant("COD", "FUTOU")).await), expected[1..]);
    let outside = [expected[0].clone(), expected[1].clone(), at("site", "ORG_OUTSIDE_AREA")];
    assert_eq!(told(&world.xianan_officer.post("/allocations", grant("XYZ", "FUTOU")).await), outside);
    let province = crate::quota::suspensions::Province::of(&world).await;
    let body =
        json!({"area": "999999", "pollutant": "XYZ", "valid_from": "2022-11-30", "document": " ", "reason": "超标"});
    let expected = [
        at("document", "API_BAD_TEXT"),
        at("area", "ORG_UNKNOWN_AREA"),
        at("pollutant", "QTA_UNKNOWN_POLLUTANT"),
        at("valid_from", "QTA_SUSPENSION_RETROACTIVE"),
    ];
    assert_eq!(told(&province.officer.post("/area-suspensions", body).await), expected);
}
