//! A history in which every table has rows, and of each row that changes more than one version.

use crate::auctions;
use crate::books::history::History;
use crate::compliance::happened;
use crate::log::witnesses::Witness;
use crate::market::listings::{buys, drafts, lists};
use crate::market::overrides;
use crate::organisations::applicant;
use crate::organisations::facts::{rates, tells};
use crate::organisations::permits::reconciles;
use crate::pledges::disposal_proposed;
use crate::quota::applications::{accepted, submitted};
use crate::quota::batches::{confirms, file, proposed, row};
use crate::quota::certificates::{issued, printed};
use crate::quota::publicity::objected;
use crate::quota::tenure::{day_passes, lived};
use crate::quota::{cap_changes, reduction_applications, suspensions};
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG};
use crate::{disclosure, money};
use ganhe::access::Role;
use ganhe::kernel::ids::fresh;
use ganhe::ledger::log::commands::rotate_key;
use ganhe::ledger::log::sequence_once;
use ganhe::market::clock::pass_day;
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// Lets it happen.
pub async fn happen() -> History {
    happen_to(World::new().await).await
}

/// The same on a stage that is set.
pub async fn happen_to(world: World) -> History {
    let history = History::happen_to(world).await;
    let (world, mill) = (&history.world, &history.mill);
    days_change_and_people_join(world, mill).await;
    a_facility_is_drawn(world, mill).await;
    a_pledge_is_worth_less(world, history.registered).await;
    the_terms_of_a_pledge_change(world, mill, history.registered).await;
    a_pledge_is_enforced(world, mill).await;
    crate::pledges::ranks::happened(world).await;
    crate::pledges::shares::happened(world).await;
    crate::pledges::pledgors::happened(world).await;
    let cap = json!({"area": "421222", "pollutant": "COD", "cap": "900.000", "valid_from": world.now().day().to_string(), "document": "调减"});
    world.city_head.post("/capacities", cap).await.granted();
    months_are_sealed_and_a_deposit_is_undone(world, mill).await;
    let objection = objected(world, mill, mill).await;
    let answer = json!({"outcome": "dismissed", "text": "与环评批复一致"});
    world.officer.post(&format!("/objections/{objection}/answer"), answer).await.granted();
    happened(world, mill).await;
    auctions::happened(world, mill).await;
    suspensions::of_every_state(world).await;
    cap_changes::of_every_state(world).await;
    let rows = [row(world, mill, "3.000 t COD").await];
    let batch = proposed(&world.city_officer, &file(&rows)).await;
    assert_eq!(confirms(&world.city_head, batch).await["state"], "finished");
    lived(world, mill, &world.bank).await;
    money::happened(world, mill).await;
    disclosure::happened(world, mill).await;
    accepted(world, mill, "1.000 t COD").await;
    submitted(mill, "1.000 t SO2").await;
    let glass = world.buyer("通城陶瓷", "100.00").await;
    mill.offers("5000.000 t COD", "1000.00", &glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    the_market_goes_on(world, mill).await;
    reduction_applications::of_every_state(world, mill).await;
    overrides::of_every_state(world).await;
    facts_are_told_and_corrected(world, mill).await;
    permits_are_compared(world, mill).await;
    a_decision_rests_on_a_document_and_is_withdrawn(world, mill).await;
    the_mill_asks_for_a_second_person(world, mill).await;
    world.days_pass(5);
    day_passes(world).await;
    pass_day(&world.app.shared.db, fresh()).await.unwrap();
    let certificates = [issued(mill, "COD").await, issued(mill, "COD").await];
    crate::freezes::happened(world, mill).await;
    let secured = crate::pledges::secured_on(mill, "1.000", "5000.00", "9000.00");
    let claim = id(&crate::pledges::registered(world, mill, secured).await);
    crate::pledges::transfers::happened(world, claim).await;
    crate::pledges::court::happened(world, mill).await;
    crate::extracts::happened(world, mill, history.registered).await;
    crate::events::happened(world, mill).await;
    the_log_is_kept(world).await;
    for certificate in certificates {
        printed(&mill.client, certificate).await;
    }
    history
}

/// Listings of which part is bought and one that is taken back, and trades that are laid open, paid with a fee, and not paid in time.
async fn the_market_goes_on(world: &World, mill: &Enterprise) {
    let kiln = world.buyer("通城陶艺", "1000000.00").await;
    let listing = lists(mill, "3.000 t COD", "1.000", "9000.00").await;
    let bought = id(&buys(&kiln, listing, Some("1.000")).await.granted());
    let draft = drafts(mill, "1.000 t COD", "1.000", "9000.00").await;
    mill.client.post(&format!("/listings/{draft}/withdraw"), json!({"reason": "改期"})).await.granted();
    world.officer.post(&format!("/trades/{bought}/approve"), json!({})).await.granted();
    let rules = [("payment_days", "1"), ("deposit_forfeit", "on"), ("exchange_fee_rate", "0.01"), ("offer_days", "30")];
    world.adopts(&rules).await.granted();
    kiln.pays(bought).await.granted();
    world.approved_trade(mill, &kiln, "1.000 t COD", "1000.00").await;
    mill.offers("1.000 t COD", "1000.00", &kiln).await.granted();
    world.adopts(&[("settlement_confirmation", "on"), ("trade_publicity_days", "1")]).await.granted();
    world.adopts(&[("objection_answer_days", "3")]).await.granted();
    let open = world.approved_trade(mill, &kiln, "1.000 t COD", "1000.00").await;
    crate::market::objections::objects(&kiln, open).await;
    world.forgets_rules(&["trade_publicity_days", "objection_answer_days"]).await.granted();
    let paid = world.approved_trade(mill, &kiln, "1.000 t COD", "1000.00").await;
    kiln.pays(paid).await.granted();
    let names = ["payment_days", "deposit_forfeit", "exchange_fee_rate", "offer_days", "settlement_confirmation"];
    world.forgets_rules(&names).await.granted();
}

/// A rating that is corrected, a fee that is owed and settled, and too much of a pollutant: every column has a value somewhere.
async fn facts_are_told_and_corrected(world: &World, mill: &Enterprise) {
    let rated = id(&rates(&world.officer, mill, "black", "2022Q3").await.granted());
    let document = id(&world.officer.upload("b.pdf", "application/pdf", b"%PDF-1.7 review").await.granted());
    let correction = json!({"content": {"kind": "credit_rating", "level": "green", "period": "2022Q3"}, "reason": "复核",
        "source": "鄂环信评〔2022〕5号", "documents": [document]});
    world.officer.post(&format!("/facts/{rated}/correct"), correction).await.granted();
    let owed = json!({"kind": "fee_unpaid", "happened_on": "2022-06-01"});
    let owed = id(&tells(&world.officer, mill, owed).await.granted());
    let free = json!({"site": mill.site, "pollutant": "COD", "origin": "free", "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": "1.000", "document": "核定2022-002"});
    world.city_officer.post("/allocations", free).await.granted();
    for content in [
        json!({"kind": "fee_settled", "happened_on": "2022-07-01", "settles": owed}),
        json!({"kind": "fee_settled", "happened_on": "2022-07-01", "right_class": mill.class("COD").replace("PAID", "FREE"), "quantity": "1.000"}),
        json!({"kind": "over_permit_discharge", "period": "2021", "pollutant": "COD"}),
    ] {
        tells(&world.officer, mill, content).await.granted();
    }
}

/// Mismatches that are open and one that has ended, and a project with a ratio of its own.
async fn permits_are_compared(world: &World, mill: &Enterprise) {
    let project = json!({"number": "P-RATIO", "site": mill.site, "basis": "verified", "document": "总量核定", "verified_on": "2022-01-01",
        "replacement_ratio": "1.2:1"});
    world.officer.post("/projects", project).await.granted();
    let site = json!({"number": "SITE-OF-MILL-2", "organisation": mill.id, "name": "二厂", "area": TONGCHENG, "basin": "LUSHUI"});
    let site = id(&world.officer.post("/sites", site).await.granted());
    let permit = json!({"number": "PERMIT-OF-MILL-2", "site": site, "valid_from": "2021-01-01", "valid_to": "2022-12-01",
        "quantities": [{"pollutant": "COD", "quantity": "1.000"}]});
    world.officer.post("/permits", permit).await.granted();
    assert!(reconciles(&world.officer).await["open"].as_u64().unwrap() > 1);
    let free = json!({"site": site, "pollutant": "COD", "origin": "free", "valid_from": "2021-01-01", "valid_to": "2025-12-31",
        "quantity": "1.000", "document": "核定2022-002"});
    let free = id(&world.city_officer.post("/allocations", free).await.granted());
    world.city_head.post(&format!("/allocations/{free}/confirm"), json!({})).await.granted();
    assert_eq!(reconciles(&world.officer).await["ended"], 1);
}

/// A task that is claimed and decided on a document, one that waits, one that is withdrawn; a record with everything it may hold.
async fn a_decision_rests_on_a_document_and_is_withdrawn(world: &World, mill: &Enterprise) {
    let reviewer = world.colleague_of(&world.head, Role::LegalReviewer).await;
    world.adopts(&[("major_acts", "allocation"), ("four_eyes_capacity", "on")]).await.granted();
    let document = id(&world.head.upload("a.pdf", "application/pdf", b"%PDF-1.7 evidence").await.granted());
    let allocation = id(&world.propose_allocation(mill, "1.000 t COD").await.granted());
    let found = world.head.get(&format!("/tasks?subject={allocation}")).await.granted();
    let task = id(&found["items"][0]);
    let opinion = json!({"outcome": "agreed", "opinion": "合法"});
    reviewer.post(&format!("/decisions/{task}/review"), opinion).await.granted();
    world.head.post(&format!("/tasks/{task}/claim"), json!({})).await.granted();
    let yes = json!({"outcome": "approved", "reason": "同意", "documents": [document]});
    world.head.post(&format!("/tasks/{task}/decide"), yes).await.granted();
    world.head.post(&format!("/decisions/{task}/publish"), json!({})).await.granted();
    let change = json!({"changed_on": world.now().day().to_string(), "reason": "撤销"});
    world.head.post(&format!("/decisions/{task}/withdraw"), change).await.granted();
    let cap = json!({"area": "421222", "pollutant": "COD", "cap": "950.000", "valid_from": world.now().day().to_string(), "document": "调增"});
    for _ in 0..2 {
        let proposed = id(&world.city_head.post("/capacities", cap.clone()).await.with_status(202).clone().granted());
        world.city_head.post(&format!("/tasks/{proposed}/withdraw"), json!({})).await.granted();
    }
    world.propose_allocation(mill, "2.000 t COD").await.granted();
    let waiting = world.head.get("/tasks").await.granted();
    world.head.post(&format!("/tasks/{}/claim", id(&waiting["items"][0])), json!({})).await.granted();
}

/// A switch that is set twice, and an offer that one person proposes and another approves.
async fn the_mill_asks_for_a_second_person(world: &World, mill: &Enterprise) {
    let keeper = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let approver = world.member(mill.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    for acts in [json!(["offer"]), json!(["offer", "consent"])] {
        let path = format!("/organisations/{}/approvals", mill.id);
        keeper.client.post(&path, json!({"acts": acts})).await.with_status(200);
    }
    let kiln = world.buyer("通城窑炉", "100.00").await;
    let offer = mill.offers("1.000 t COD", "1000.00", &kiln).await;
    let task = id(&offer.with_status(202).clone().granted());
    approver.client.post(&format!("/tasks/{task}/decide"), json!({"outcome": "approved"})).await.granted();
}

/// Leaves and a node, a second key, and a witness that has signed under both.
async fn the_log_is_kept(world: &World) {
    let db = &world.app.shared.db;
    let client = world.nobody();
    let witness = Witness::registered(&world.app, "bank.example").await;
    db.clock().advance(SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap();
    witness.cosigns(&client).await;
    rotate_key(db).await.unwrap();
    witness.cosigns(&client).await;
}

async fn days_change_and_people_join(world: &World, mill: &Enterprise) {
    for kind in ["holiday", "working_day", "holiday"] {
        let days =
            json!({"calendar_days": [{"date": "2022-12-31", "kind": kind}, {"date": "2023-01-02", "kind": "holiday"}]});
        world.operator.post("/reference", days).await.granted();
    }
    let user = json!({
        "organisation": mill.id, "login": "mill.second", "name": "第二经办人", "roles": ["enterprise_trader"],
        "password": "correct-horse-battery",
    });
    let second = id(&world.operator.post("/users", user).await.granted());
    people_and_programs_sign_in(world, mill, second).await;
    somebody_stands_in(world, mill, second).await;
    let applied = applicant(world, "paper.applied").await;
    world.officer.post(&format!("/organisations/{}/verify", applied.organisation), json!({})).await.granted();
}

/// A second factor and a code for a new password, a program whose secret was rotated, and a second key of tokens.
async fn people_and_programs_sign_in(world: &World, mill: &Enterprise, person: Uuid) {
    let (login, password) = ("mill.second", "correct-horse-battery");
    let body = json!({"login": login, "password": password});
    let session = world.nobody().post("/auth/login", body).await.granted();
    let client = world.nobody().with_token(session["access_token"].as_str().unwrap());
    client.post("/auth/second-factor/enrolment", json!({"password": password})).await.granted();
    world.operator.post(&format!("/users/{person}/second-factor/removal"), json!({})).await.granted();
    for _ in 0..2 {
        world.operator.post(&format!("/users/{person}/password-reset"), json!({})).await.granted();
    }
    let program = json!({
        "organisation": mill.id, "name": "厂内系统", "roles": ["enterprise_trader"], "scopes": ["read_books"],
        "networks": ["192.0.2.0/24"],
    });
    let program = id(&world.operator.post("/api-clients", program).await.granted()["client"]);
    world.operator.post(&format!("/api-clients/{program}/rotate"), json!({})).await.granted();
    world.operator.post(&format!("/api-clients/{program}/suspend"), json!({})).await.granted();
    ganhe::identity::keys::rotate(&world.app.shared.db, false).await.unwrap();
}

/// A second trader hands the role to a third, who consents in their place, and takes it back.
async fn somebody_stands_in(world: &World, mill: &Enterprise, second: Uuid) {
    let second = world.signed_in(second, mill.id, TONGCHENG, &[Role::EnterpriseTrader]);
    let third = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let body = json!({"delegate": third.id, "until": "2022-12-31T00:00:00+08:00"});
    let delegation = id(&second.client.post("/delegations", body).await.granted());
    let acting = third.client.acting_for(delegation);
    let consent =
        json!({"pledgee": world.other_bank.id, "right_classes": [mill.class("COD")], "valid_until": "2023-11-30"});
    acting.post("/consents", consent).await.granted();
    second.client.post(&format!("/delegations/{delegation}/revoke"), json!({})).await.granted();
}

/// Two parts, of which one is drawn and given back: its row changes, the other stays as it is.
async fn a_facility_is_drawn(world: &World, mill: &Enterprise) {
    let other = world.enterprise("通城建材").await;
    let limits = json!({"name": "2022集中授信", "limits": [
        {"organisation": mill.id, "sub_limit": "150000.00"}, {"organisation": other.id, "sub_limit": "50000.00"},
    ]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    mill.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
    let application = json!({
        "pledgor": mill.id, "facility": facility, "loan_contract": "借字2022-009", "pledge_contract": "质字2022-009",
        "principal": "100000.00", "secured": "100000.00", "assessed_value": "200000.00",
        "valuation_method": "market price", "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2023-11-30",
        "rights": [{"site": mill.site, "right_class": mill.class("COD"), "quantity": "1.000"}],
    });
    let mut pledges = Vec::new();
    for _ in 0..2 {
        let pledge = id(&world.bank.client.post("/pledges", application.clone()).await.granted());
        world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
        pledges.push(pledge);
    }
    world.bank.registers(pledges[0]).await.granted();
    world.bank.releases(pledges[0]).await.granted();
    world.bank.registers(pledges[1]).await.granted();
}

/// Security is called for and made good, and the unified register is told of: each leaves its rows.
async fn a_pledge_is_worth_less(world: &World, pledge: Uuid) {
    world.adopts(&[("ltv_cap", "0.90"), ("margin_call_days", "10")]).await.granted();
    let bank = &world.bank.client;
    let found = bank.get(&format!("/pledges/{pledge}")).await.granted();
    let liens = found["liens"].as_array().unwrap();
    for value in ["1000.00", "100000000.00", "1000.00"] {
        let values: Vec<Value> =
            liens.iter().map(|lien| json!({"lien": lien["id"], "assessed_value": value})).collect();
        let body = json!({"method": "market_price", "valued_on": "2022-12-01", "expires_on": "2023-11-30", "valuations": values});
        bank.post(&format!("/pledges/{pledge}/revalue"), body).await.granted();
    }
    let told = json!({"number": "16830024002150738291", "status": "registered", "valid_until": "2023-11-30"});
    bank.post(&format!("/pledges/{pledge}/external-registration"), told).await.granted();
    world.forgets_rules(&["ltv_cap", "margin_call_days"]).await.granted();
}

/// A payout, a version that adds to a lien, one that gives a part back, and one that waits: each leaves its rows.
async fn the_terms_of_a_pledge_change(world: &World, mill: &Enterprise, pledge: Uuid) {
    let bank = &world.bank.client;
    let path = |act: &str| format!("/pledges/{pledge}/{act}");
    let payout = json!({"amount": "10.00", "paid_on": "2022-12-01", "annual_rate": "4.35", "reference": "放款01"});
    bank.post(&path("payouts"), payout).await.granted();
    let lien = bank.get(&format!("/pledges/{pledge}")).await.granted()["liens"][0]["id"].clone();
    let extends = |to: &str| json!({"reason": "展期", "debt_to": to});
    bank.post(&path("amendments"), extends("2023-12-29")).await.granted();
    mill.client.post(&path("agree-amendment"), json!({})).await.granted();
    let part = json!({"reason": "部分还款", "liens": [{"lien": lien, "quantity": "0.001"}]});
    bank.post(&path("release-part"), part).await.granted();
    bank.post(&path("amendments"), extends("2023-12-30")).await.granted();
}

/// One disposal is settled and closes its pledge, one is declined, and one waits; sales with consent come to every end.
async fn a_pledge_is_enforced(world: &World, mill: &Enterprise) {
    let (sold, buyer) = disposal_proposed(world, mill).await;
    mill.client.post(&format!("/disposals/{sold}/agree"), json!({})).await.granted();
    buyer.client.post(&format!("/disposals/{sold}/settle"), json!({})).await.granted();
    let (declined, buyer) = disposal_proposed(world, mill).await;
    buyer.client.post(&format!("/disposals/{declined}/decline"), json!({})).await.granted();
    disposal_proposed(world, mill).await;
    crate::pledges::sales::happened(world, mill).await;
    crate::pledges::lots::happened(world, mill).await;
}

/// Two months, so that one seal stands on another, and a movement that was booked by mistake.
async fn months_are_sealed_and_a_deposit_is_undone(world: &World, mill: &Enterprise) {
    let head = world.settlement_head().await;
    for (amount, date) in [("30.00", "2022-10-15"), ("20.00", "2022-11-20")] {
        world.deposits_on(&head, mill, amount, date).await.granted();
    }
    for month in ["2022-10", "2022-11"] {
        world.seals(month).await.granted();
    }
    let mistake = world.deposits_on(&head, mill, "10.00", "2022-12-01").await.granted();
    let path = format!("/journals/{}/reversal", mistake["journal"].as_str().unwrap());
    head.post(&path, json!({"reason": "错账", "document_hash": "9f".repeat(32)})).await.granted();
}
