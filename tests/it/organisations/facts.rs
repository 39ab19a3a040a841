//! Facts that the checks read: who tells them, who sees them, what they stop, and how they are corrected.

use super::id;
use crate::quota::tenure::pledge_agreed;
use crate::support::world::{Enterprise, TONGCHENG};
use crate::support::{Answer, Client, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody records a fact about a site.
pub async fn tells(by: &Client, of: &Enterprise, content: Value) -> Answer {
    by.post("/facts", json!({"site": of.site, "content": content, "source": "咸环罚〔2022〕9号"})).await
}

/// Somebody records how an enterprise was rated.
pub async fn rates(by: &Client, whom: &Enterprise, level: &str, quarter: &str) -> Answer {
    let content = json!({"kind": "credit_rating", "level": level, "period": quarter});
    by.post("/facts", json!({"organisation": whom.id, "content": content, "source": "鄂环信评〔2022〕3号"})).await
}

fn on(kind: &str, day: &str) -> Value {
    json!({"kind": kind, "happened_on": day})
}

async fn listed(by: &Client, filter: &str) -> Vec<Uuid> {
    let found = by.get(&format!("/facts?{filter}")).await.granted();
    found["items"].as_array().unwrap().iter().map(id).collect()
}

/// The mill, with rights of COD that its bank may take in pledge.
async fn mill_with_consent(world: &World) -> Enterprise {
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    mill
}

#[tokio::test]
async fn a_bureau_tells_of_what_lies_in_its_area_and_the_party_sees_it() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let document = id(&world.officer.upload("a.pdf", "application/pdf", b"%PDF-1.7 fine").await.granted());
    let body = json!({"site": mill.site, "content": on("illegal_discharge", "2022-05-04"),
        "source": "咸环罚〔2022〕9号", "documents": [document]});
    let outside = tells(&world.xianan_officer, &mill, on("illegal_discharge", "2022-05-04")).await;
    outside.is_refused_with("ORG_OUTSIDE_AREA");
    mill.client.post("/facts", body.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    world.head.post("/facts", body.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    let fact = world.officer.post("/facts", body).await.with_status(201).clone().granted();
    assert_eq!((&fact["kind"], &fact["stands"]), (&json!("illegal_discharge"), &json!(true)));
    assert_eq!((&fact["organisation"], &fact["area"]), (&json!(mill.id), &json!(TONGCHENG)));
    assert_eq!(fact["document_hash"].as_str().unwrap().len(), 64);
    let path = format!("/facts/{}", id(&fact));
    assert_eq!(mill.client.get(&path).await.granted(), fact);
    mill.client.get(&format!("/documents/{document}/content")).await.with_status(200);
    for stranger in [&glass.client, &world.bank.client, &world.xianan_officer] {
        stranger.get(&path).await.with_status(404);
        assert!(listed(stranger, "").await.is_empty());
    }
    assert_eq!(listed(&world.city_officer, &format!("site={}", mill.site)).await, [id(&fact)]);
    assert!(listed(&world.auditor, "kind=major_accident").await.is_empty());
    let journals = world.auditor.get(&format!("/audit/journals?subject={}", id(&fact))).await.granted();
    assert_eq!(
        (&journals["items"][0]["kind"], &journals["items"][0]["entries"]),
        (&json!("fact_recorded"), &json!([]))
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn what_has_not_happened_or_is_not_so_is_refused_with_every_broken_rule() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let tells = async |content: Value| tells(&world.officer, &mill, content).await;
    tells(on("major_accident", "2022-12-02")).await.is_refused_with("ORG_FACT_IN_FUTURE");
    tells(on("major_accident", "2022-12-01")).await.granted();
    tells(json!({"kind": "over_permit_discharge", "period": "2023"})).await.is_refused_with("ORG_FACT_IN_FUTURE");
    tells(json!({"kind": "over_permit_discharge", "period": "2021", "pollutant": "DUST"}))
        .await
        .is_refused_with("QTA_UNKNOWN_POLLUTANT");
    let settled = |field: &str, value: Value| json!({"kind": "fee_settled", "happened_on": "2022-11-01", field: value});
    let of_class = json!({"kind": "fee_settled", "happened_on": "2022-11-01", "right_class": mill.class("COD"), "quantity": "1.000"});
    tells(of_class.clone()).await.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS");
    world.allocate(&mill, "1.000 t COD").await;
    tells(of_class).await.is_refused_with("ORG_NOT_A_FREE_RIGHT");
    tells(settled("settles", json!(Uuid::nil()))).await.is_refused_with("ORG_FEE_NOT_OWED");
    let accident = id(&tells(on("major_accident", "2022-11-01")).await.granted());
    tells(settled("settles", json!(accident))).await.is_refused_with("ORG_FEE_NOT_OWED");
    let bank = json!({"organisation": world.bank.id, "source": "x",
        "content": {"kind": "credit_rating", "level": "green", "period": "2022Q3"}});
    world.city_officer.post("/facts", bank).await.is_refused_with("ORG_NOT_AN_ENTERPRISE");
    rates(&world.officer, &mill, "mauve", "2022Q4").await.granted();
    world.adopts(&[("credit_levels", "green,yellow,black")]).await.granted();
    rates(&world.officer, &mill, "mauve", "2022Q3").await.is_refused_with("ORG_UNKNOWN_CREDIT_LEVEL");
    rates(&world.officer, &mill, "yellow", "2022Q3").await.granted();
}

#[tokio::test]
async fn a_rating_is_told_once_and_corrected_by_a_new_one_that_names_it() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let first = id(&rates(&world.officer, &mill, "black", "2022Q3").await.granted());
    let twice = rates(&world.officer, &mill, "green", "2022Q3").await;
    twice.is_refused_with("ORG_FACT_TOLD_ALREADY").with_status(409);
    assert_eq!(twice.body["violations"][0]["field"], "content.period");
    rates(&world.officer, &mill, "black", "2022Q2").await.granted();
    let correct = format!("/facts/{first}/correct");
    let told = |level: &str| {
        json!({"content": {"kind": "credit_rating", "level": level, "period": "2022Q3"},
        "reason": "复核后调整", "source": "鄂环信评〔2022〕5号"})
    };
    world.xianan_officer.post(&correct, told("green")).await.with_status(404);
    let other = json!({"content": on("major_accident", "2022-11-01"), "reason": "误", "source": "x"});
    world.officer.post(&correct, other).await.is_refused_with("ORG_FACT_KIND_DIFFERS");
    let second = world.city_officer.post(&correct, told("green")).await.with_status(201).clone().granted();
    assert_eq!((&second["corrects"], &second["reason"]), (&json!(first), &json!("复核后调整")));
    world.officer.post(&correct, told("yellow")).await.is_refused_with("ORG_FACT_CORRECTED_ALREADY");
    let before = mill.client.get(&format!("/facts/{first}")).await.granted();
    assert_eq!((&before["stands"], &before["corrected_by"]), (&json!(false), &second["id"]));
    assert_eq!(before["content"]["level"], "black", "what was told stays");
    let annul = json!({"reason": "评错对象", "source": "鄂环信评〔2022〕6号"});
    let path = format!("/facts/{}/correct", id(&second));
    let nothing = world.officer.post(&path, annul.clone()).await.granted();
    assert_eq!((&nothing["content"], &nothing["stands"]), (&Value::Null, &json!(false)));
    let path = format!("/facts/{}/correct", id(&nothing));
    world.officer.post(&path, annul).await.is_refused_with("ORG_FACT_ANNULLED_ALREADY");
    world.officer.post(&path, told("yellow")).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_park_is_rated_for_a_year_and_everybody_may_know() {
    let world = World::new().await;
    let glass = world.enterprise("通城玻璃").await;
    let park = json!([{"code": "421222101", "name": "通城经济开发区", "parent": TONGCHENG}]);
    world.operator.post("/reference", json!({"areas": park})).await.granted();
    let body = |period: &str| {
        json!({"area": "421222101", "source": "园区评价2021",
        "content": {"kind": "park_rating", "level": "good", "period": period}})
    };
    world.officer.post("/facts", body("2021Q1")).await.is_refused_with("ORG_BAD_PERIOD");
    let fact = world.officer.post("/facts", body("2021")).await.granted();
    assert_eq!((&fact["organisation"], &fact["area"]), (&Value::Null, &json!("421222101")));
    world.officer.post("/facts", body("2021")).await.is_refused_with("ORG_FACT_TOLD_ALREADY");
    assert_eq!(listed(&glass.client, "kind=park_rating").await, [id(&fact)]);
    glass.client.get(&format!("/facts/{}", id(&fact))).await.granted();
}

#[tokio::test]
async fn what_an_enterprise_has_done_excludes_it_from_pledging_where_the_rulebook_says_so() {
    let world = World::new().await;
    let mill = mill_with_consent(&world).await;
    for content in [
        on("major_accident", "2020-06-01"),
        on("major_violation", "2021-06-01"),
        on("illegal_discharge", "2022-03-01"),
        on("fee_unpaid", "2022-04-01"),
        json!({"kind": "over_permit_discharge", "period": "2021", "pollutant": "SO2"}),
    ] {
        tells(&world.officer, &mill, content).await.granted();
    }
    rates(&world.officer, &mill, "black", "2022Q3").await.granted();
    let checks = world.auditor.get("/checks").await.granted();
    let items = checks["items"].as_array().unwrap();
    let is_on = |code: &str| items.iter().find(|check| check["code"] == code).unwrap()["is_on"].clone();
    assert_eq!((is_on("PLG_MAJOR_ACCIDENT"), is_on("TRD_SELLER_OVER_PERMIT")), (json!(false), json!(false)));
    let agreed = world.bank.agreed_pledge(&world, &mill, "10.000 t COD").await;
    let applied = id(&world.bank.applies(&mill, "10.000 t COD").await.granted());
    let rules = [
        ("exclusion_accident_years", "3"),
        ("exclusion_violation_years", "3"),
        ("exclusion_illegal_discharge_years", "1"),
        ("exclusion_fee_unpaid", "on"),
        ("exclusion_over_permit", "on"),
        ("exclusion_credit_levels", "yellow,black"),
    ];
    world.adopts(&rules).await.granted();
    let expected = [
        "PLG_CREDIT_LEVEL",
        "PLG_MAJOR_ACCIDENT",
        "PLG_MAJOR_VIOLATION",
        "PLG_ILLEGAL_DISCHARGE",
        "PLG_OVER_PERMIT",
        "PLG_FEE_UNPAID",
    ];
    assert_eq!(world.bank.applies(&mill, "1.000 t COD").await.codes(), expected, "proposed");
    let verify = format!("/pledges/{applied}/verify");
    assert_eq!(world.city_officer.post(&verify, json!({})).await.codes(), expected, "approved");
    assert_eq!(world.bank.registers(agreed).await.codes(), expected, "executed");
    let other = world.other_bank.applies(&mill, "1.000 t COD").await;
    assert_eq!(other.codes(), ["PLG_CONSENT_MISSING"], "a stranger learns nothing");
    let clean = world.seller("通城玻璃", "10.000 t COD").await;
    clean.consents(&world.bank, &["COD"]).await;
    world.bank.applies(&clean, "1.000 t COD").await.granted();
}

#[tokio::test]
async fn an_owed_fee_that_is_settled_and_an_accident_that_never_was_exclude_no_longer() {
    let world = World::new().await;
    let mill = mill_with_consent(&world).await;
    world.adopts(&[("exclusion_accident_years", "3"), ("exclusion_fee_unpaid", "on")]).await.granted();
    let accident = id(&tells(&world.officer, &mill, on("major_accident", "2022-06-01")).await.granted());
    let owed = id(&tells(&world.officer, &mill, on("fee_unpaid", "2022-06-01")).await.granted());
    let applies = async || world.bank.applies(&mill, "1.000 t COD").await;
    assert_eq!(applies().await.codes(), ["PLG_MAJOR_ACCIDENT", "PLG_FEE_UNPAID"]);
    let settled = json!({"kind": "fee_settled", "happened_on": "2022-12-01", "settles": owed});
    let settlement = id(&tells(&world.officer, &mill, settled.clone()).await.granted());
    tells(&world.officer, &mill, settled).await.is_refused_with("ORG_FACT_TOLD_ALREADY");
    assert_eq!(applies().await.codes(), ["PLG_MAJOR_ACCIDENT"]);
    let annul = json!({"reason": "经查不属实", "source": "咸环函〔2022〕12号"});
    world.officer.post(&format!("/facts/{accident}/correct"), annul.clone()).await.granted();
    applies().await.granted();
    world.officer.post(&format!("/facts/{settlement}/correct"), annul).await.granted();
    assert_eq!(applies().await.codes(), ["PLG_FEE_UNPAID"]);
    world.books_are_right().await;
}

/// Free rights of a site, confirmed.
async fn grants_free(world: &World, mill: &Enterprise, quantity: &str) {
    let body = json!({"site": mill.site, "pollutant": "COD", "origin": "free", "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": quantity, "document": "核定2022-002"});
    let grant = id(&world.city_officer.post("/allocations", body).await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
}

#[tokio::test]
async fn free_rights_are_sold_and_pledged_once_their_usage_fee_is_settled() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.buyer("通城玻璃", "100000.00").await);
    grants_free(&world, &mill, "20.000").await;
    world.reduces(&mill, "20.000 t COD").await;
    let class = mill.class("COD").replace("PAID", "FREE");
    let consent = json!({"pledgee": world.bank.id, "right_classes": [class], "valid_until": "2023-11-30"});
    mill.client.post("/consents", consent).await.granted();
    let offer = json!({"seller_site": mill.site, "buyer_site": glass.site, "right_class": class, "quantity": "1.000",
        "unit_price": "9000.00"});
    let pledge = json!({
        "pledgor": mill.id, "loan_contract": "借字2022-001", "pledge_contract": "质字2022-001", "principal": "100000.00",
        "secured": "100000.00", "assessed_value": "200000.00", "valuation_method": "market price", "valued_on": "2022-12-01",
        "debt_from": "2022-12-01", "debt_to": "2023-11-30",
        "rights": [{"site": mill.site, "right_class": class, "quantity": "1.000"}],
    });
    mill.client.post("/offers", offer.clone()).await.is_refused_with("TRD_FREE_ORIGIN_FEE_UNPAID");
    world.bank.client.post("/pledges", pledge.clone()).await.is_refused_with("PLG_FREE_ORIGIN_FEE_UNPAID");
    let whole = json!({"kind": "fee_settled", "happened_on": "2022-12-01", "right_class": class});
    tells(&world.officer, &mill, whole).await.is_refused_with("ORG_FACT_MISSING");
    let settled =
        json!({"kind": "fee_settled", "happened_on": "2022-12-01", "right_class": class, "quantity": "2.000"});
    let told = tells(&world.officer, &mill, settled.clone()).await.granted();
    assert_eq!(told["content"]["quantity"], "2.000");
    tells(&world.officer, &mill, settled).await.is_refused_with("ORG_FACT_TOLD_ALREADY");
    let fact = id(&told);
    let offered = id(&mill.client.post("/offers", offer).await.granted());
    world.bank.client.post("/pledges", pledge).await.granted();
    let trade = id(&glass.accepts(offered).await.granted());
    let annul = json!({"reason": "票据作废", "source": "咸财函〔2022〕1号"});
    world.officer.post(&format!("/facts/{fact}/correct"), annul).await.granted();
    let approve = format!("/trades/{trade}/approve");
    world.officer.post(&approve, json!({})).await.is_refused_with("TRD_FREE_ORIGIN_FEE_UNPAID");
    world.books_are_right().await;
}

/// The fee is paid for a part of the rights: what is sold, offered or pledged of them has used it, and what comes back has not.
#[tokio::test]
async fn a_settled_fee_covers_so_much_of_a_class_and_not_a_gram_more() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.buyer("通城玻璃", "500000.00").await);
    grants_free(&world, &mill, "20.000").await;
    world.reduces(&mill, "20.000 t COD").await;
    let class = mill.class("COD").replace("PAID", "FREE");
    let eyes = json!({"pledgee": world.bank.id, "right_classes": [class], "valid_until": "2023-11-30"});
    mill.client.post("/consents", eyes).await.granted();
    let settles = async |quantity: &str, source: &str| {
        let content =
            json!({"kind": "fee_settled", "happened_on": "2022-12-01", "right_class": class, "quantity": quantity});
        let fact = json!({"site": mill.site, "content": content, "source": source});
        world.officer.post("/facts", fact).await
    };
    settles("5.000", "咸财函〔2022〕1号").await.granted();
    let offers = async |quantity: &str| {
        let offer = json!({"seller_site": mill.site, "buyer_site": glass.site, "right_class": class, "quantity": quantity,
            "unit_price": "9000.00"});
        mill.client.post("/offers", offer).await
    };
    let pledges = async |quantity: &str| {
        let pledge = json!({
            "pledgor": mill.id, "loan_contract": format!("借字{quantity}"), "pledge_contract": format!("质字{quantity}"),
            "principal": "1000.00", "secured": "1000.00", "assessed_value": "200000.00", "valuation_method": "market price",
            "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2023-11-30",
            "rights": [{"site": mill.site, "right_class": class, "quantity": quantity}],
        });
        world.bank.client.post("/pledges", pledge).await
    };
    offers("5.001").await.is_refused_with("TRD_FREE_ORIGIN_FEE_UNPAID");
    let sold = id(&offers("2.000").await.granted());
    let open = id(&offers("3.000").await.granted());
    offers("0.001").await.is_refused_with("TRD_FREE_ORIGIN_FEE_UNPAID");
    pledges("0.001").await.is_refused_with("PLG_FREE_ORIGIN_FEE_UNPAID");
    mill.client.post(&format!("/offers/{open}/withdraw"), json!({})).await.granted();
    let trade = id(&glass.accepts(sold).await.granted());
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    glass.pays(trade).await.granted();
    pledges("3.001").await.is_refused_with("PLG_FREE_ORIGIN_FEE_UNPAID");
    offers("3.001").await.is_refused_with("TRD_FREE_ORIGIN_FEE_UNPAID");
    pledges("3.000").await.granted();
    settles("1.000", "咸财函〔2022〕2号").await.granted();
    offers("4.000").await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn an_offer_and_a_pledge_at_the_same_moment_do_not_use_one_fee_twice() {
    let world = World::new().await;
    let glass = world.buyer("通城玻璃", "500000.00").await;
    for round in 0..4 {
        let mill = world.enterprise(&format!("临江纸业{round}")).await;
        grants_free(&world, &mill, "20.000").await;
        world.reduces(&mill, "20.000 t COD").await;
        let class = mill.class("COD").replace("PAID", "FREE");
        let settled =
            json!({"kind": "fee_settled", "happened_on": "2022-12-01", "right_class": class, "quantity": "3.000"});
        tells(&world.officer, &mill, settled).await.granted();
        let pledge = pledge_agreed(&world, &world.bank, &mill, &class, "2.000").await;
        let offer = json!({"seller_site": mill.site, "buyer_site": glass.site, "right_class": class, "quantity": "2.000",
            "unit_price": "9000.00"});
        let (offered, registered) = tokio::join!(mill.client.post("/offers", offer), world.bank.registers(pledge));
        let granted = [&offered, &registered].iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(granted, 1, "{:#} {:#}", offered.body, registered.body);
        let lost = if offered.status.is_success() { &registered } else { &offered };
        assert!(lost.codes()[0].ends_with("_FREE_ORIGIN_FEE_UNPAID"), "{:#}", lost.body);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_site_that_discharged_too_much_last_year_sells_no_rights_of_it_where_the_rulebook_says_so() {
    let world = World::new().await;
    let (mill, glass) = (world.seller("临江纸业", "50.000 t COD").await, world.buyer("通城玻璃", "500000.00").await);
    let offered = id(&mill.offers("1.000 t COD", "9000.00", &glass).await.granted());
    let trade = world.approved_trade(&mill, &glass, "2.000 t COD", "9000.00").await;
    let content = json!({"kind": "over_permit_discharge", "period": "2021", "pollutant": "COD"});
    tells(&world.officer, &mill, content.clone()).await.granted();
    tells(&world.officer, &mill, content).await.is_refused_with("ORG_FACT_TOLD_ALREADY");
    mill.offers("1.000 t COD", "9000.00", &glass).await.granted();
    world.adopts(&[("exclusion_over_permit_sale", "on")]).await.granted();
    mill.offers("1.000 t COD", "9000.00", &glass).await.is_refused_with("TRD_SELLER_OVER_PERMIT");
    glass.accepts(offered).await.is_refused_with("TRD_SELLER_OVER_PERMIT");
    glass.pays(trade).await.is_refused_with("TRD_SELLER_OVER_PERMIT");
    world.days_pass(31);
    glass.pays(trade).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn of_many_corrections_at_the_same_moment_one_stands() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let fact = id(&rates(&world.officer, &mill, "black", "2022Q3").await.granted());
    let corrections = (0..6).map(|at| {
        let client = world.officer.clone();
        let told = json!({"content": {"kind": "credit_rating", "level": format!("level_{at}"), "period": "2022Q3"},
            "reason": "复核", "source": "x"});
        tokio::spawn(async move { client.post(&format!("/facts/{fact}/correct"), told).await.status.as_u16() })
    });
    let ratings = (0..6).map(|_| {
        let (client, mill) = (world.officer.clone(), mill.clone());
        tokio::spawn(async move { rates(&client, &mill, "green", "2022Q2").await.status.as_u16() })
    });
    for tasks in [corrections.collect::<Vec<_>>(), ratings.collect()] {
        let mut told = Vec::new();
        for task in tasks {
            told.push(task.await.unwrap());
        }
        told.sort_unstable();
        assert_eq!(told, [201, 409, 409, 409, 409, 409]);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_fact_has_the_fields_of_its_kind_and_the_subject_of_its_kind() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let of_site = async |content: Value| tells(&world.officer, &mill, content).await;
    of_site(json!({"kind": "major_accident"})).await.is_refused_with("ORG_FACT_MISSING");
    let too_much = json!({"kind": "major_accident", "happened_on": "2022-11-01", "period": "2022"});
    of_site(too_much).await.is_refused_with("ORG_FACT_SUPERFLUOUS");
    of_site(json!({"kind": "major_accident", "happened_on": "2022-11-01"})).await.granted();
    let rating = |level: &str| json!({"kind": "credit_rating", "level": level, "period": "2022Q3"});
    of_site(rating("green")).await.is_refused_with("ORG_FACT_SUBJECT");
    rates(&world.officer, &mill, "Green!", "2022Q3").await.is_refused_with("ORG_BAD_CREDIT_LEVEL");
    rates(&world.officer, &mill, "green", "2022Q3").await.granted();
}
