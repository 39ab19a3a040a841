//! Annual accounts as stories: from the data to the seal.

use super::{asked, decided, found, id, opened, outlet, says, sends, step, totals, verified};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use ganhe::access::Role;
use ganhe::compliance::queries::over_discharged;
use ganhe::kernel::ids::OrganisationId;
use serde_json::{Value, json};
use uuid::Uuid;

/// Code of the annual surplus of 2022 in the stories.
const SURPLUS: &str = "COD-Y2022-PAID-LUSHUI-20220101-20231231";

/// A mill with paid rights since the first of December, whose discharge of 2022 is reported after the year.
async fn after_the_year(world: &World, of: &Enterprise, rights: &str, discharged: &str) {
    world.allocate(of, rights).await;
    world.reduces(of, rights).await;
    if world.now().day().year() == 2022 {
        world.days_pass(40);
    }
    says(world, &of.client, of, ("COD", "2022", discharged)).await.granted();
}

fn figure<'a>(account: &'a Value, name: &str) -> &'a str {
    account[name].as_str().unwrap_or_else(|| panic!("no {name} in {account:#}"))
}

/// The seller offers annual surplus, the buyer accepts and pays, the bureau approves.
async fn trades(world: &World, seller: &Enterprise, buyer: &Enterprise, quantity: &str) {
    world.deposits(buyer, "200000.00").await;
    let body = json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": SURPLUS, "quantity": quantity, "unit_price": "9000.00"});
    let offer = id(&seller.client.post("/offers", body).await.granted());
    let trade = id(&buyer.accepts(offer).await.granted());
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    assert_eq!(buyer.pays(trade).await.granted()["state"], "settled");
}

#[tokio::test]
async fn a_year_goes_from_its_data_over_a_surplus_and_a_shortfall_to_the_seal() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.allocate(&mill, "365.000 t COD").await;
    world.allocate(&glass, "73.000 t COD").await;
    world.days_pass(40);
    world.reduces(&mill, "11.000 t COD").await;
    says(&world, &mill.client, &mill, ("COD", "2022", "20.000")).await.granted();
    says(&world, &glass.client, &glass, ("COD", "2022", "10.000")).await.granted();
    // A right that was there for 31 of 365 days counts for 31 of them.
    let surplus = verified(&world, &mill, "COD", 2022).await;
    assert_eq!((figure(&surplus, "state"), figure(&surplus, "entitlement")), ("surplus", "31.000"));
    assert_eq!((figure(&surplus, "discharged"), figure(&surplus, "surplus")), ("20.000", "11.000"));
    let shortfall = verified(&world, &glass, "COD", 2022).await;
    assert_eq!((figure(&shortfall, "state"), figure(&shortfall, "shortfall")), ("shortfall", "3.800"));
    let (rich, poor) = (id(&surplus), id(&shortfall));
    decided(&world, rich, "grant", json!({"quantity": "11.000"})).await.granted();
    assert_eq!(world.balance(mill.site, SURPLUS, "available").await, "11.000");
    let tannery = world.enterprise_in("赤壁制革", crate::support::world::CHIBI, "paper").await;
    let away = json!({"seller_site": mill.site, "buyer_site": tannery.site, "right_class": SURPLUS, "quantity": "1.000",
        "unit_price": "9000.00"});
    mill.client.post("/offers", away).await.is_refused_with("TRD_SURPLUS_LEAVES_AREA");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "365.000", "the yearly right stays");
    let next = json!({"site": mill.site, "right_class": SURPLUS, "quantity": "1.000", "valid_from": "2024-01-01",
        "valid_to": "2028-12-31", "document": "x"});
    world.city_officer.post("/renewals", next).await.is_refused_with("QTA_NOT_RENEWABLE");
    trades(&world, &mill, &glass, "5.000").await;
    let cover = async |quantity: &str| {
        step(&glass.client, poor, "cover", json!({"right_class": SURPLUS, "quantity": quantity})).await
    };
    cover("3.801").await.is_refused_with("CMP_OVER_SHORTFALL");
    assert_eq!(cover("3.800").await.granted()["uncovered"], "0.000");
    assert_eq!(world.balance(glass.site, SURPLUS, "retired").await, "3.800");
    assert_eq!(world.balance(glass.site, SURPLUS, "available").await, "1.200");
    for account in [rich, poor] {
        step(&world.officer, account, "seal", json!({})).await.is_refused_with("CMP_WRONG_STATE");
        assert_eq!(step(&world.officer, account, "settle", json!({})).await.granted()["state"], "settled");
        let sealed = step(&world.head, account, "seal", json!({})).await.granted();
        assert_eq!((&sealed["state"], &sealed["version"]), (&json!("sealed"), &json!(6)));
        let journals = world.auditor.get(&format!("/audit/journals?subject={account}")).await.granted();
        assert_eq!(journals["items"].as_array().unwrap().len(), 6, "one for each version");
    }
    let organisations = [mill.id, glass.id].map(OrganisationId);
    assert_eq!(over_discharged(world.app.shared.db.reader(), &organisations).await.unwrap(), []);
    world.books_are_right().await;
}

#[tokio::test]
async fn an_open_account_tells_what_the_days_that_are_over_come_to() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "365.000 t COD").await;
    let account = opened(&mill, "COD", 2022).await;
    let begun = world.now().day();
    let to_date = async || {
        let days = mill.client.get(&format!("/compliance-years/{account}/days")).await.granted();
        figure(&days, "entitlement_to_date").to_owned()
    };
    assert_eq!(to_date().await, "0.000", "a day counts at its end");
    world.days_pass(1);
    assert_eq!(to_date().await, "1.000");
    world.days_pass(9);
    assert_eq!(to_date().await, "10.000");
    world.allocate(&mill, "365.000 t COD").await;
    world.days_pass(1);
    assert_eq!(to_date().await, "12.000", "twice as much from the day of the second grant on");
    world.days_pass(60);
    let rest = i64::from(31 - begun.day() + 1 - 10);
    assert_eq!(to_date().await, format!("{}.000", 10 + 2 * rest), "and no more once the year is over");
    says(&world, &mill.client, &mill, ("COD", "2022", "5.000")).await.granted();
    let reported = step(&mill.client, account, "report", json!({})).await.granted();
    assert_eq!(figure(&reported, "entitlement"), to_date().await, "what it is handed in with");
}

#[tokio::test]
async fn a_shortfall_that_nothing_covers_is_an_over_discharge() {
    let world = World::new().await;
    let glass = world.enterprise("通城玻璃").await;
    after_the_year(&world, &glass, "73.000 t COD", "10.000").await;
    let account = id(&verified(&world, &glass, "COD", 2022).await);
    let organisations = [OrganisationId(glass.id)];
    let db = &world.app.shared.db;
    assert_eq!(over_discharged(db.reader(), &organisations).await.unwrap(), [], "not before it is settled");
    let settled = step(&world.officer, account, "settle", json!({})).await.granted();
    assert_eq!((figure(&settled, "uncovered"), figure(&settled, "covered")), ("3.800", "0.000"));
    let facts = world.auditor.get(&format!("/facts?organisation={}", glass.id)).await.granted();
    let fact = &facts["items"][0];
    let content = &fact["content"];
    assert_eq!((&content["kind"], &content["period"]), (&json!("over_permit_discharge"), &json!("2022")));
    assert_eq!((&content["pollutant"], facts["items"].as_array().unwrap().len()), (&json!("COD"), 1));
    // Where the rulebook says so, whoever discharged too much last year sells nothing of it.
    let buyer = world.buyer("通城搪瓷", "100000.00").await;
    world.adopts(&[("exclusion_over_permit_sale", "on")]).await.granted();
    glass.offers("1.000 t COD", "9000.00", &buyer).await.is_refused_with("TRD_SELLER_OVER_PERMIT");
    let told = over_discharged(db.reader(), &organisations).await.unwrap();
    assert_eq!((told.len(), told[0].state.verified().unwrap().uncovered()), (1, 3_800_000));
    assert_eq!(over_discharged(db.reader(), &[]).await.unwrap(), []);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_the_bureau_has_told_of_the_year_already_is_not_told_twice() {
    let world = World::new().await;
    let glass = world.enterprise("通城玻璃").await;
    after_the_year(&world, &glass, "73.000 t COD", "10.000").await;
    let content = json!({"kind": "over_permit_discharge", "period": "2022", "pollutant": "COD"});
    let fact = json!({"site": glass.site, "content": content, "source": "咸环罚〔2023〕1号"});
    world.officer.post("/facts", fact).await.granted();
    let account = id(&verified(&world, &glass, "COD", 2022).await);
    step(&world.officer, account, "settle", json!({})).await.granted();
    let facts = world.auditor.get(&format!("/facts?organisation={}", glass.id)).await.granted();
    assert_eq!(facts["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_multi_year_right_never_covers_a_shortfall_and_a_surplus_never_becomes_one() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    after_the_year(&world, &glass, "73.000 t COD", "10.000").await;
    let poor = id(&verified(&world, &glass, "COD", 2022).await);
    let cover = async |class: &str, quantity: &str| {
        step(&glass.client, poor, "cover", json!({"right_class": class, "quantity": quantity})).await
    };
    cover(&glass.class("COD"), "1.000").await.is_refused_with("CMP_NOT_ANNUAL_SURPLUS");
    cover(SURPLUS, "1.000").await.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS");
    cover("COD", "1.000").await.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS");
    world.adopts(&[("four_eyes_surplus_grant", "off")]).await.granted();
    after_the_year(&world, &mill, "365.000 t COD", "0").await;
    says(&world, &mill.client, &mill, ("COD", "2021", "0")).await.granted();
    let rich = id(&verified(&world, &mill, "COD", 2022).await);
    // Rights that came in January count for nothing of the year before.
    step(&world.officer, rich, "grant", json!({"quantity": "0.001"})).await.is_refused_with("CMP_OVER_SURPLUS");
    step(&world.officer, poor, "grant", json!({"quantity": "0.001"})).await.is_refused_with("CMP_WRONG_STATE");
    step(&mill.client, rich, "cover", json!({"right_class": glass.class("COD"), "quantity": "1.000"}))
        .await
        .is_refused_with("CMP_NOT_ANNUAL_SURPLUS");
    assert_eq!(world.balance(glass.site, &glass.class("COD"), "available").await, "73.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn annual_surplus_of_another_pollutant_covers_nothing_and_a_site_without_a_basin_has_none() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.allocate(&mill, "365.000 t SO2").await;
    after_the_year(&world, &glass, "73.000 t COD", "10.000").await;
    says(&world, &mill.client, &mill, ("SO2", "2022", "1.000")).await.granted();
    let rich = id(&verified(&world, &mill, "SO2", 2022).await);
    let poor = id(&verified(&world, &glass, "COD", 2022).await);
    decided(&world, rich, "grant", json!({"quantity": "30.000"})).await.granted();
    let sulphur = "SO2-Y2022-PAID-421200-20220101-20231231";
    assert_eq!(world.balance(mill.site, sulphur, "available").await, "30.000");
    let cover = json!({"right_class": sulphur, "quantity": "1.000"});
    step(&glass.client, poor, "cover", cover).await.is_refused_with("CMP_OTHER_SURPLUS");
    let site = json!({"number": "SITE-DRY", "organisation": mill.id, "name": "无排口厂区", "area": mill.area, "sector": "paper"});
    let site = id(&world.city_officer.post("/sites", site).await.granted());
    let permit = json!({"number": "PERMIT-DRY", "site": site, "valid_from": "2021-01-01", "valid_to": "2025-12-31",
        "quantities": [{"pollutant": "COD", "quantity": "1.000"}]});
    world.city_officer.post("/permits", permit).await.granted();
    let dry = Enterprise { site, ..mill.clone() };
    says(&world, &dry.client, &dry, ("COD", "2022", "0")).await.granted();
    let account = id(&verified(&world, &dry, "COD", 2022).await);
    step(&world.officer, account, "grant", json!({"quantity": "1.000"})).await.is_refused_with("CMP_ZONE_MISSING");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_surplus_that_one_does_not_have_covers_nothing() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.allocate(&mill, "365.000 t COD").await;
    after_the_year(&world, &glass, "73.000 t COD", "10.000").await;
    says(&world, &mill.client, &mill, ("COD", "2022", "0")).await.granted();
    let rich = id(&verified(&world, &mill, "COD", 2022).await);
    let poor = id(&verified(&world, &glass, "COD", 2022).await);
    decided(&world, rich, "grant", json!({"quantity": "1.000"})).await.granted();
    let cover = json!({"right_class": SURPLUS, "quantity": "1.000"});
    step(&glass.client, poor, "cover", cover.clone()).await.is_refused_with("CMP_NOT_ENOUGH");
    step(&mill.client, poor, "cover", cover).await.with_status(404);
    world.books_are_right().await;
}

#[tokio::test]
async fn nothing_changes_after_the_seal() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    after_the_year(&world, &mill, "365.000 t COD", "40.000").await;
    let account = id(&verified(&world, &mill, "COD", 2022).await);
    let message = [totals("88888", "20221130", "w01018-Cou=1.000")];
    sends(&world.officer, &message).await.is_refused_with("CMP_YEAR_VERIFIED");
    says(&world, &mill.client, &mill, ("COD", "2022-11", "1")).await.is_refused_with("CMP_YEAR_VERIFIED");
    step(&world.officer, account, "settle", json!({})).await.granted();
    step(&world.officer, account, "seal", json!({})).await.granted();
    let before = found(&world, account).await;
    sends(&world.officer, &message).await.is_refused_with("CMP_PERIOD_SEALED");
    says(&world, &world.officer, &mill, ("COD", "2022-11-30", "1")).await.is_refused_with("CMP_PERIOD_SEALED");
    for (client, verb, body) in [
        (&mill.client, "report", json!({})),
        (&world.officer, "return", json!({"reason": "x"})),
        (&world.officer, "verify", json!({})),
        (&world.officer, "grant", json!({"quantity": "1.000"})),
        (&mill.client, "cover", json!({"right_class": mill.class("COD"), "quantity": "1.000"})),
        (&world.officer, "settle", json!({})),
        (&world.officer, "seal", json!({})),
    ] {
        let code = if verb == "cover" { "CMP_NOT_ANNUAL_SURPLUS" } else { "CMP_PERIOD_SEALED" };
        step(client, account, verb, body).await.is_refused_with(code);
    }
    assert_eq!(found(&world, account).await, before);
    // Another year and another pollutant are other accounts.
    says(&world, &mill.client, &mill, ("SO2", "2022-11", "1")).await.granted();
    sends(&world.officer, &[totals("88888", "20230105", "w01018-Cou=1.000")]).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_second_person_verifies_and_the_record_names_both() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    after_the_year(&world, &mill, "365.000 t COD", "20.000").await;
    let account = opened(&mill, "COD", 2022).await;
    step(&world.officer, account, "verify", json!({})).await.is_refused_with("CMP_WRONG_STATE");
    step(&mill.client, account, "report", json!({})).await.granted();
    step(&mill.client, account, "verify", json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    step(&world.chibi_officer, account, "verify", json!({})).await.with_status(404);
    let proposed = step(&world.officer, account, "verify", json!({})).await;
    let task = proposed.with_status(202).text("id");
    assert_eq!(found(&world, account).await["state"], "reported", "nothing stands yet");
    let decide = format!("/tasks/{task}/decide");
    let yes = json!({"outcome": "approved", "reason": "核实无误"});
    world.officer.post(&decide, yes.clone()).await.is_refused_with("AUT_OWN_PROPOSAL");
    let other = step(&world.head, account, "verify", json!({})).await.with_status(202).text("id");
    // What was reported meanwhile is judged again.
    says(&world, &world.officer, &mill, ("COD", "2022", "30.000")).await.granted();
    world.head.post(&decide, yes.clone()).await.granted();
    // Whoever is slower finds it verified.
    world.officer.post(&format!("/tasks/{other}/decide"), yes).await.is_refused_with("CMP_WRONG_STATE");
    let verified = found(&world, account).await;
    assert_eq!((figure(&verified, "by_bureau"), figure(&verified, "surplus")), ("30.000", "1.000"));
    let records = world.auditor.get(&format!("/decisions?subject={account}&state=decided")).await.granted();
    let record = &records["items"][0];
    assert_eq!((&record["act"], &record["second_person"]), (&json!("compliance_verification"), &json!(true)));
    assert_ne!(record["proposed_by"], record["decided_by"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn where_the_rules_ask_for_nobody_one_person_verifies_and_the_record_says_so() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.adopts(&[("four_eyes_compliance_verification", "off"), ("four_eyes_surplus_grant", "off")]).await.granted();
    after_the_year(&world, &mill, "365.000 t COD", "20.000").await;
    says(&world, &mill.client, &mill, ("COD", "2021", "0")).await.granted();
    let account = opened(&mill, "COD", 2021).await;
    step(&mill.client, account, "report", json!({})).await.granted();
    let verified = step(&world.officer, account, "verify", json!({})).await;
    assert_eq!(verified.with_status(200).text("state"), "surplus");
    let records = world.auditor.get(&format!("/decisions?subject={account}")).await.granted();
    assert_eq!(records["items"][0]["second_person"], false);
}

#[tokio::test]
async fn nothing_is_verified_that_has_gaps_or_waits_for_a_look() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    world.allocate(&mill, "365.000 t COD").await;
    let early = opened(&mill, "COD", 2022).await;
    step(&mill.client, early, "report", json!({})).await.is_refused_with("CMP_YEAR_NOT_OVER");
    world.days_pass(40);
    sends(&world.officer, &[totals("88888", "20221130", "w01018-Cou=-1")]).await.granted();
    says(&world, &mill.client, &mill, ("COD", "2022-11", "1.000")).await.granted();
    let handed_in = step(&mill.client, early, "report", json!({})).await.granted();
    assert_eq!((&handed_in["missing_days"], figure(&handed_in, "by_report")), (&json!(335), "1.000"));
    let refused = step(&world.officer, early, "verify", json!({})).await;
    assert_eq!(refused.codes(), ["CMP_HOLD_OPEN", "CMP_DAYS_MISSING"]);
    let hold = id(&world.officer.get("/discharge-holds").await.granted()["items"][0]);
    world.officer.post(&format!("/discharge-holds/{hold}/close"), json!({"reason": "校准"})).await.granted();
    says(&world, &world.officer, &mill, ("COD", "2022", "3.650")).await.granted();
    decided(&world, early, "verify", json!({})).await.granted();
    assert_eq!(figure(&found(&world, early).await, "by_bureau"), "3.650");
    // Of what no permit names nothing is plausible, so nothing is verified.
    says(&world, &world.officer, &mill, ("NH3N", "2022", "0")).await.granted();
    let other = opened(&mill, "NH3N", 2022).await;
    step(&world.officer, other, "report", json!({})).await.granted();
    step(&world.officer, other, "verify", json!({})).await.is_refused_with("CMP_NO_PERMITTED_QUANTITY");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_goes_back_takes_the_waiting_verification_with_it() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    after_the_year(&world, &mill, "365.000 t COD", "20.000").await;
    let account = opened(&mill, "COD", 2022).await;
    step(&mill.client, account, "report", json!({})).await.granted();
    let task = step(&world.officer, account, "verify", json!({})).await.with_status(202).text("id");
    let back = step(&world.head, account, "return", json!({"reason": "请补报11月数据"})).await.granted();
    assert_eq!((&back["state"], &back["entitlement"]), (&json!("open"), &Value::Null));
    let yes = json!({"outcome": "approved", "reason": "同意"});
    world.head.post(&format!("/tasks/{task}/decide"), yes).await.is_refused_with("TSK_OVER");
    step(&mill.client, account, "report", json!({})).await.granted();
    decided(&world, account, "verify", json!({})).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_sale_in_the_middle_of_the_year_divides_the_entitlement_by_days() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "365.000 t COD").await;
    let glass = world.buyer("通城玻璃", "2000000.00").await;
    world.days_pass(10);
    let trade = world.approved_trade(&mill, &glass, "73.000 t COD", "9000.00").await;
    glass.pays(trade).await.granted();
    world.days_pass(30);
    for of in [&mill, &glass] {
        says(&world, &of.client, of, ("COD", "2022", "0")).await.granted();
    }
    let (mill, glass) = (verified(&world, &mill, "COD", 2022).await, verified(&world, &glass, "COD", 2022).await);
    // 365 t for 31 days, of which 73 t left for the last 21 of them.
    assert_eq!((figure(&mill, "entitlement"), figure(&glass, "entitlement")), ("26.800", "4.200"));
}

#[tokio::test]
async fn two_monitors_tell_a_day_together_or_not_at_all() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "A1").await;
    outlet(&world, &mill, "A2").await;
    let account = opened(&mill, "COD", 2022).await;
    let sent = [
        totals("A1", "20221128", "w01018-Cou=1.000"),
        totals("A2", "20221128", "w01018-Cou=2.000"),
        totals("A1", "20221129", "w01018-Cou=1.000"),
        asked("A1", "20221130235900000", "2031", "20221130", "w01018-Cou=1.000"),
        totals("A2", "20221130", "w01018-Cou=4.000,w01018-Flag=D"),
    ];
    sends(&world.officer, &sent).await.granted();
    let days = mill.client.get(&format!("/compliance-years/{account}/days")).await.granted();
    let told = |day: &str| {
        let items = days["items"].as_array().unwrap().iter();
        items.clone().find(|item| item["day"] == day).unwrap()["monitor"].clone()
    };
    assert_eq!(days["items"].as_array().unwrap().len(), 365);
    assert_eq!(told("2022-11-28"), "0.003");
    assert_eq!((told("2022-11-29"), told("2022-11-30")), (Value::Null, Value::Null), "the other was silent");
}

#[tokio::test]
async fn an_account_is_opened_once_by_those_it_concerns() {
    let world = World::new().await;
    let (mill, kiln) = (world.enterprise("临江纸业").await, world.enterprise_in("赤壁窑炉", CHIBI, "ceramics").await);
    let body =
        |of: &Enterprise, pollutant: &str, year: i64| json!({"site": of.site, "pollutant": pollutant, "year": year});
    let open = async |client: &crate::support::Client, body: Value| client.post("/compliance-years", body).await;
    open(&mill.client, body(&kiln, "COD", 2022)).await.is_refused_with("CMP_NOT_YOUR_SITE");
    open(&world.officer, body(&kiln, "COD", 2022)).await.is_refused_with("ORG_OUTSIDE_AREA");
    open(&mill.client, body(&mill, "cod", 2022)).await.is_refused_with("QTA_UNKNOWN_POLLUTANT");
    open(&mill.client, body(&mill, "COD", 2023)).await.is_refused_with("CMP_YEAR_NOT_OVER");
    open(&mill.client, body(&mill, "COD", 1999)).await.is_refused_with("CMP_BAD_PERIOD");
    let nowhere = json!({"site": Uuid::nil(), "pollutant": "COD", "year": 2022});
    open(&mill.client, nowhere).await.is_refused_with("ORG_UNKNOWN_SITE");
    let account = id(&open(&world.officer, body(&mill, "COD", 2022)).await.granted());
    open(&mill.client, body(&mill, "COD", 2022)).await.is_refused_with("CMP_YEAR_KNOWN");
    mill.client.get(&format!("/compliance-years/{account}")).await.granted();
    kiln.client.get(&format!("/compliance-years/{account}")).await.with_status(404);
    let reviewer = world.colleague_of(&world.head, Role::LegalReviewer).await;
    let listed = reviewer.get("/compliance-years?state=open&year=2022").await.granted();
    reviewer.get("/compliance-years?year=1999").await.with_status(400).is_refused_with("API_BAD_QUERY");
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}
