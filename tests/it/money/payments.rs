//! Payments: matched by what their text says, or in suspense until a person decides.

use super::{id, payment, suspense, tells, told};
use crate::quota::suspensions::Province;
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// An approved trade of 2 t COD at 8,790 for 17,580 CNY, of which the deposit of 5,274 is held: its id and its payment reference.
async fn approved(world: &World, mill: &Enterprise, glass: &Enterprise) -> (Uuid, String) {
    let trade = world.approved_trade(mill, glass, "2.000 t COD", "8790.00").await;
    let found = world.auditor.get(&format!("/trades/{trade}")).await.granted();
    (trade, found["payment_reference"].as_str().unwrap().to_owned())
}

async fn free(world: &World, owner: &Enterprise) -> String {
    world.balance(owner.id, "CNY", "available").await
}

async fn stage() -> (World, Enterprise, Enterprise) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "5274.00").await;
    (world, mill, glass)
}

fn of(payment: &Value, field: &str) -> String {
    payment[field].as_str().unwrap_or("null").to_owned()
}

#[tokio::test]
async fn a_payment_goes_to_whom_its_text_names_and_else_to_suspense() {
    let (world, mill, glass) = stage().await;
    let code = json!({"organisation": glass.id, "code": "8800421222000017"});
    world.settlement.post("/money/payment-codes", code).await.granted();
    let organisation = world.auditor.get(&format!("/organisations/{}", mill.id)).await.granted();
    let credit_code = of(&organisation, "code");

    let by_code = told(&world.settlement, "PY-1", "附言:8800421222000017", "100.00").await;
    assert_eq!((of(&by_code, "state"), &by_code["organisation"]), ("matched".to_owned(), &json!(glass.id)));
    assert_eq!((of(&by_code, "towards_trade"), of(&by_code, "left_free")), ("0.00".to_owned(), "100.00".to_owned()));
    assert_eq!(free(&world, &glass).await, "5374.00");
    let by_credit_code = told(&world.settlement, "PY-2", &credit_code.to_lowercase(), "200.00").await;
    assert_eq!(by_credit_code["organisation"], json!(mill.id));

    let nobody = told(&world.settlement, "PY-3", "通城玻璃有限公司 货款", "300.00").await;
    assert_eq!((of(&nobody, "state"), of(&nobody, "cause")), ("unmatched".to_owned(), "no_evidence".to_owned()));
    let both = told(&world.settlement, "PY-4", &format!("{credit_code} 8800421222000017"), "400.00").await;
    assert_eq!(of(&both, "cause"), "conflicting");
    assert_eq!(suspense(&world).await, "700.00");
    let waiting = world.settlement.get("/money/payments?state=unmatched").await.granted();
    assert_eq!(waiting["items"].as_array().unwrap().len(), 2);
    assert!(mill.client.get("/money/payments?state=unmatched").await.granted()["items"].as_array().unwrap().is_empty());
    let own = mill.client.get("/money/payments").await.granted();
    assert_eq!((own["items"].as_array().unwrap().len(), &own["items"][0]["bank_reference"]), (1, &json!("PY-2")));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_payment_for_somebody_who_takes_no_part_waits_in_suspense() {
    let (world, mill, _) = stage().await;
    let organisation = world.auditor.get(&format!("/organisations/{}", mill.id)).await.granted();
    let reason = json!({"reason": "停牌"});
    world.head.post(&format!("/organisations/{}/suspend", mill.id), reason).await.granted();
    let told_of_mill = told(&world.settlement, "PY-1", &of(&organisation, "code"), "1.00").await;
    assert_eq!(of(&told_of_mill, "cause"), "not_active");
    let body = json!({"organisation": mill.id, "reason": "来函确认"});
    let path = format!("/money/payments/{}/match", id(&told_of_mill));
    world.settlement.post(&path, body.clone()).await.is_refused_with("ORG_SUSPENDED");
    let office = world.auditor.get(&format!("/organisations/{}", world.settlement_bank)).await.granted();
    let told_of_bank = told(&world.settlement, "PY-2", &of(&office, "code"), "1.00").await;
    assert_eq!(of(&told_of_bank, "cause"), "no_money_account");
    let body = json!({"organisation": world.settlement_bank, "reason": "来函确认"});
    world.settlement.post(&path, body).await.is_refused_with("STL_NO_MONEY_ACCOUNT");
    let body = json!({"organisation": Uuid::nil(), "reason": "来函确认"});
    world.settlement.post(&path, body).await.is_refused_with("ORG_UNKNOWN_ORGANISATION");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_same_payment_twice_is_booked_once_and_another_one_under_its_reference_is_refused() {
    let (world, _, glass) = stage().await;
    let code = json!({"organisation": glass.id, "code": "8800421222000017"});
    world.settlement.post("/money/payment-codes", code).await.granted();
    let first = told(&world.settlement, "PY-1", "8800421222000017", "100.00").await;
    let again = told(&world.settlement, "PY-1", "8800421222000017", "100.00").await;
    assert_eq!(first, again, "the same answer");
    let twice = [payment("PY-2", "8800421222000017", "1.00"), payment("PY-2", "8800421222000017", "1.00")];
    let both = tells(&world.settlement, &twice).await.granted();
    assert_eq!(both["payments"][0], both["payments"][1]);
    assert_eq!(free(&world, &glass).await, "5375.00");
    let other = [payment("PY-3", "", "1.00"), payment("PY-4", "", "1.00"), payment("PY-3", "", "2.00")];
    let told = tells(&world.settlement, &other).await;
    told.is_refused_with("STL_REFERENCE_TWICE").with_status(422);
    assert_eq!(told.body["violations"][0]["field"], "payments[2].bank_reference", "a fault of this request alone");

    for (field, value) in [("amount", "100.01"), ("text", "x"), ("payer_name", "另一家"), ("payer_account", "1")] {
        let mut other = payment("PY-1", "8800421222000017", "100.00");
        other[field] = json!(value);
        let refused = tells(&world.settlement, &[payment("PY-9", "", "1.00"), other]).await;
        refused.is_refused_with("STL_PAYMENT_DIFFERS").with_status(409);
        assert_eq!(refused.body["violations"][0]["field"], "payments[1].bank_reference");
    }
    let deposit = json!({"organisation": glass.id, "amount": "1.00", "bank_reference": "PY-1"});
    world.settlement.post("/money/deposits", deposit).await.is_refused_with("STL_REFERENCE_BOOKED").with_status(409);
    let deposit = json!({"organisation": glass.id, "amount": "1.00", "bank_reference": "DP-1"});
    world.settlement.post("/money/deposits", deposit).await.granted();
    tells(&world.settlement, &[payment("DP-1", "", "1.00")]).await.is_refused_with("STL_REFERENCE_BOOKED");
    let another = world.head_of_another_settlement_bank().await;
    tells(&another, &[payment("PY-1", "8800421222000017", "100.00")]).await.is_refused_with("STL_PAYMENT_DIFFERS");
    assert_eq!(free(&world, &glass).await, "5376.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_payment_that_names_a_trade_pays_it_short_over_and_exactly() {
    let (world, mill, glass) = stage().await;
    let (trade, reference) = approved(&world, &mill, &glass).await;
    let state = async || of(&world.auditor.get(&format!("/trades/{trade}")).await.granted(), "state");

    let short = told(&world.settlement, "PY-1", &format!("{reference} 首付"), "2000.00").await;
    assert_eq!(
        (of(&short, "trade_outcome"), of(&short, "towards_trade")),
        ("part_paid".to_owned(), "2000.00".to_owned())
    );
    assert_eq!((state().await, free(&world, &glass).await), ("approved".to_owned(), "0.00".to_owned()));

    let over = told(&world.settlement, "PY-2", &format!("尾款{reference}"), "11000.00").await;
    assert_eq!(
        (of(&over, "trade_outcome"), of(&over, "towards_trade")),
        ("paid_in_full".to_owned(), "10306.00".to_owned())
    );
    assert_eq!((of(&over, "left_free"), &over["trade"]), ("694.00".to_owned(), &json!(trade)));
    assert_eq!((state().await, free(&world, &glass).await), ("settled".to_owned(), "694.00".to_owned()));
    assert_eq!(free(&world, &mill).await, "17580.00");

    let again = told(&world.settlement, "PY-3", &reference, "5.00").await;
    assert_eq!(
        (of(&again, "trade_outcome"), of(&again, "left_free")),
        ("already_settled".to_owned(), "5.00".to_owned())
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn several_payments_of_one_request_pay_a_trade_one_after_the_other() {
    let (world, mill, glass) = stage().await;
    let (trade, reference) = approved(&world, &mill, &glass).await;
    let parts = ["6000.00", "6000.00", "6000.00"];
    let payments: Vec<Value> =
        parts.iter().enumerate().map(|(at, amount)| payment(&format!("PY-{at}"), &reference, amount)).collect();
    let all = tells(&world.settlement, &payments).await.granted();
    let outcomes: Vec<(String, String)> = all["payments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payment| (of(payment, "trade_outcome"), of(payment, "left_free")))
        .collect();
    let expected = [("part_paid", "0.00"), ("part_paid", "0.00"), ("already_settled", "6000.00")];
    // 17,580 less the deposit of 5,274 leaves 12,306: two payments are 306 short of it.
    let expected = [expected[0], expected[1], ("paid_in_full", "5694.00")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(outcomes, expected);
    assert_eq!(of(&world.auditor.get(&format!("/trades/{trade}")).await.granted(), "state"), "settled");
    world.books_are_right().await;
}

#[tokio::test]
async fn money_for_a_trade_that_does_not_wait_for_it_stays_free() {
    let (world, mill, glass) = stage().await;
    world.deposits(&glass, "20000.00").await;
    // Not approved yet.
    let offer = id(&mill.offers("2.000 t COD", "8790.00", &glass).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    let found = world.auditor.get(&format!("/trades/{trade}")).await.granted();
    let reference = of(&found, "payment_reference");
    let early = told(&world.settlement, "PY-1", &reference, "1.00").await;
    assert_eq!((of(&early, "trade_outcome"), of(&early, "left_free")), ("not_approved".to_owned(), "1.00".to_owned()));
    // Called off.
    glass.client.post(&format!("/trades/{trade}/cancel"), json!({})).await.granted();
    let cancelled = told(&world.settlement, "PY-2", &reference, "12306.00").await;
    let outcome = (of(&cancelled, "trade_outcome"), of(&cancelled, "left_free"));
    assert_eq!(outcome, ("trade_over".to_owned(), "12306.00".to_owned()));
    assert_eq!(free(&world, &glass).await, "37581.00");
    // Two at once: nobody guesses which.
    let (_, one) = approved(&world, &mill, &glass).await;
    let (_, other) = approved(&world, &mill, &glass).await;
    let several = told(&world.settlement, "PY-3", &format!("{one} {other}"), "1.00").await;
    assert_eq!((of(&several, "trade_outcome"), &several["trade"]), ("several_trades".to_owned(), &Value::Null));
    // Somebody else's trade under the own name.
    let organisation = world.auditor.get(&format!("/organisations/{}", mill.id)).await.granted();
    let foreign = told(&world.settlement, "PY-4", &format!("{one} {}", of(&organisation, "code")), "1.00").await;
    assert_eq!(of(&foreign, "cause"), "conflicting");
    world.books_are_right().await;
}

#[tokio::test]
async fn money_that_comes_after_the_last_day_of_its_trade_stays_free() {
    let (world, mill, glass) = stage().await;
    world.adopts(&[("payment_days", "5")]).await.granted();
    let (trade, reference) = approved(&world, &mill, &glass).await;
    world.days_pass(8);
    let late = told(&world.settlement, "PY-1", &reference, "12306.00").await;
    assert_eq!((of(&late, "trade_outcome"), of(&late, "left_free")), ("late".to_owned(), "12306.00".to_owned()));
    assert_eq!(crate::market::day_passes(&world).await.trades, 1);
    assert_eq!(of(&world.auditor.get(&format!("/trades/{trade}")).await.granted(), "state"), "expired");
    let later = told(&world.settlement, "PY-2", &reference, "1.00").await;
    assert_eq!((of(&later, "trade_outcome"), of(&later, "left_free")), ("late".to_owned(), "1.00".to_owned()));
    assert_eq!(free(&world, &glass).await, "17581.00", "the deposit came back");
    world.books_are_right().await;
}

#[tokio::test]
async fn money_for_a_trade_that_somebody_objects_to_stays_free() {
    let (world, mill, glass) = stage().await;
    world.adopts(&[("trade_publicity_days", "1")]).await.granted();
    let (trade, reference) = approved(&world, &mill, &glass).await;
    crate::market::objections::objects(&mill, trade).await;
    world.days_pass(4);
    let early = told(&world.settlement, "PY-1", &reference, "12306.00").await;
    assert_eq!(
        (of(&early, "trade_outcome"), of(&early, "left_free")),
        ("not_approved".to_owned(), "12306.00".to_owned())
    );
    assert_eq!(of(&world.auditor.get(&format!("/trades/{trade}")).await.granted(), "state"), "publicised");
    world.books_are_right().await;
}

#[tokio::test]
async fn money_for_a_trade_that_a_rule_stands_against_stays_free_and_the_rule_is_told() {
    let (world, mill, _) = stage().await;
    let glass = world.enterprise_in("赤壁玻璃", CHIBI, "glass").await;
    world.deposits(&glass, "5274.00").await;
    let (trade, reference) = approved(&world, &mill, &glass).await;
    Province::of(&world).await.suspends(&glass.area, ("pollutant", "COD")).await;
    let refused = told(&world.settlement, "PY-1", &reference, "12306.00").await;
    assert_eq!(
        (of(&refused, "state"), of(&refused, "trade_outcome")),
        ("matched".to_owned(), "refused_by_rule".to_owned())
    );
    assert_eq!((of(&refused, "towards_trade"), of(&refused, "left_free")), ("0.00".to_owned(), "12306.00".to_owned()));
    assert!(refused["refusals"].as_array().unwrap().contains(&json!("TRD_AREA_SUSPENDED")), "{refused:#}");
    assert_eq!(free(&world, &glass).await, "12306.00");
    assert_eq!(of(&world.auditor.get(&format!("/trades/{trade}")).await.granted(), "state"), "approved");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_person_matches_or_returns_what_waits_in_suspense_and_does_so_once() {
    let (world, mill, glass) = stage().await;
    let (_, reference) = approved(&world, &mill, &glass).await;
    let text = format!("{reference} 另附 8800421222000099");
    let other = world.enterprise("通城建材").await;
    let code = json!({"organisation": other.id, "code": "8800421222000099"});
    world.settlement.post("/money/payment-codes", code).await.granted();
    let first = told(&world.settlement, "PY-1", &text, "12306.00").await;
    assert_eq!(of(&first, "cause"), "conflicting");
    let path = format!("/money/payments/{}/match", id(&first));
    let body = json!({"organisation": glass.id, "reason": "付款单位来函确认"});
    mill.client.post(&path, body.clone()).await.with_status(403);
    world.head_of_another_settlement_bank().await.post(&path, body.clone()).await.with_status(404);
    let matched = world.settlement.post(&path, body.clone()).await.granted();
    assert_eq!(
        (of(&matched, "state"), of(&matched, "trade_outcome")),
        ("matched".to_owned(), "paid_in_full".to_owned())
    );
    assert_eq!((&matched["version"], of(&matched, "reason")), (&json!(2), "付款单位来函确认".to_owned()));
    world.settlement.post(&path, body).await.is_refused_with("STL_PAYMENT_DECIDED").with_status(409);
    assert_eq!(suspense(&world).await, "0.00");

    let second = told(&world.settlement, "PY-2", "货款", "70.00").await;
    let path = format!("/money/payments/{}/return", id(&second));
    let taken = json!({"bank_reference": "PY-1", "reason": "退回"});
    world.settlement.post(&path, taken).await.is_refused_with("STL_REFERENCE_BOOKED").with_status(409);
    let back = json!({"bank_reference": "RT-1", "reason": "付款单位要求退回"});
    let returned = world.settlement.post(&path, back.clone()).await.granted();
    assert_eq!((of(&returned, "state"), of(&returned, "return_reference")), ("returned".to_owned(), "RT-1".to_owned()));
    world.settlement.post(&path, back).await.is_refused_with("STL_PAYMENT_DECIDED");
    assert_eq!(suspense(&world).await, "0.00");
    tells(&world.settlement, &[payment("RT-1", "", "1.00")]).await.is_refused_with("STL_REFERENCE_BOOKED");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_match_by_hand_waits_for_a_second_person_where_the_rules_ask_for_one() {
    let (world, _, glass) = stage().await;
    world.adopts(&[("four_eyes_payment_match", "on")]).await.granted();
    let payment = told(&world.settlement, "PY-1", "货款", "70.00").await;
    let path = format!("/money/payments/{}/match", id(&payment));
    let body = json!({"organisation": glass.id, "reason": "付款单位来函确认"});
    let task = id(&world.settlement.post(&path, body.clone()).await.with_status(202).clone().granted());
    assert_eq!(suspense(&world).await, "70.00");
    let decide = format!("/tasks/{task}/decide");
    let yes = json!({"outcome": "approved"});
    world.settlement.post(&decide, yes.clone()).await.is_refused_with("AUT_OWN_PROPOSAL");
    let head = world.settlement_head().await;
    head.post(&decide, yes).await.granted();
    let matched = world.settlement.get(&format!("/money/payments/{}", id(&payment))).await.granted();
    assert_eq!((of(&matched, "state"), &matched["organisation"]), ("matched".to_owned(), &json!(glass.id)));
    assert_eq!(suspense(&world).await, "0.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_late_payment_needs_its_permission_and_an_open_month() {
    let (world, mill, glass) = stage().await;
    let head = world.settlement_head().await;
    let mut late = payment("PY-1", "货款", "70.00");
    late["value_date"] = json!("2022-11-30");
    tells(&world.settlement, std::slice::from_ref(&late)).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    let booked = tells(&head, std::slice::from_ref(&late)).await.granted();
    assert_eq!(booked["payments"][0]["value_date"], "2022-11-30");
    let mut early = payment("PY-2", "货款", "1.00");
    early["value_date"] = json!("2022-12-02");
    tells(&head, &[early]).await.is_refused_with("LED_FUTURE_DATE");
    world.seals("2022-11").await;
    late["bank_reference"] = json!("PY-3");
    tells(&head, &[late]).await.is_refused_with("LED_PERIOD_SEALED");
    // Late for its trade: a payment of yesterday pays what is still open today.
    let (_, reference) = approved(&world, &mill, &glass).await;
    let mut yesterday = payment("PY-4", &reference, "12306.00");
    world.days_pass(1);
    yesterday["value_date"] = json!("2022-12-01");
    let paid = tells(&head, &[yesterday]).await.granted();
    assert_eq!(paid["payments"][0]["trade_outcome"], "paid_in_full");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_payment_code_is_somebodys_and_means_nothing_else() {
    let (world, mill, glass) = stage().await;
    let register = async |organisation: Uuid, code: &str| {
        world.settlement.post("/money/payment-codes", json!({"organisation": organisation, "code": code})).await
    };
    let registered = register(mill.id, "8800421222000017").await.granted();
    register(glass.id, "8800421222000017").await.is_refused_with("STL_PAYMENT_CODE_TAKEN").with_status(409);
    let organisation = world.auditor.get(&format!("/organisations/{}", mill.id)).await.granted();
    for bad in ["abc123", "12345", "8800-4212", &of(&organisation, "code")] {
        register(glass.id, bad).await.is_refused_with("STL_BAD_PAYMENT_CODE").with_status(422);
    }
    register(world.settlement_bank, "8800421222000018").await.is_refused_with("STL_NO_MONEY_ACCOUNT");
    register(Uuid::nil(), "8800421222000018").await.is_refused_with("ORG_UNKNOWN_ORGANISATION");
    let own = mill.client.get("/money/payment-codes").await.granted();
    assert_eq!((own["items"].as_array().unwrap().len(), &own["items"][0]["id"]), (1, &registered["id"]));
    let path = format!("/money/payment-codes/{}", id(&registered));
    mill.client.get(&path).await.granted();
    glass.client.get(&path).await.with_status(404);
    let body = json!({"organisation": mill.id, "code": "8800421222000019"});
    mill.client.post("/money/payment-codes", body).await.with_status(403);
    let approver = world.colleague_of(&mill.client, Role::EnterpriseApprover).await;
    assert_eq!(approver.get("/money/payment-codes").await.granted()["items"].as_array().unwrap().len(), 1);
}
