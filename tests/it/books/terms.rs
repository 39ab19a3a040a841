//! What a client asks of a command beside its body: a rehearsal that keeps nothing, accounts as they were seen, accounts as they
//! stand after.

use crate::support::{Answer, Client, World};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

async fn ask(client: &Client, path: &str, body: Value, expect: Option<&str>) -> Answer {
    let key = ganhe::kernel::ids::fresh().to_string();
    let request = client.request(Method::POST, path).header("Idempotency-Key", key).json(&body);
    let request = match expect {
        Some(expect) => request.header("Ledger-Expect", expect),
        None => request,
    };
    Answer::of(request).await
}

/// The told accounts by purpose: the item, and its balance.
fn told(answer: &Answer) -> HashMap<String, (String, String)> {
    let header = answer.headers["ledger-accounts"].to_str().unwrap();
    let items = header.split(", ").map(|item| {
        let field = |name: &str| {
            let rest = item.split(&format!(";{name}=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        (format!("{} {}", field("asset"), field("purpose")), (item.to_owned(), field("balance")))
    });
    items.collect()
}

#[tokio::test]
async fn a_rehearsal_answers_like_the_act_and_keeps_nothing() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let body = json!({"organisation": mill.id, "amount": "12.34", "bank_reference": "XN-1"});
    let rehearsed =
        Answer::of(world.settlement.request(Method::POST, "/money/deposits?dry_run=true").json(&body)).await;
    assert_eq!(rehearsed.text("amount"), "12.34");
    rehearsed.with_status(201);
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "0");
    let list = world.settlement.get("/money/deposits").await.granted();
    assert_eq!(list["items"], json!([]));
    let body = json!({"organisation": mill.id, "amount": "99.00", "bank_reference": "XN-1"});
    ask(&world.settlement, "/money/withdrawals?dry_run=true", body, None).await.is_refused_with("STL_MONEY_SHORT");
    let refusals = world.auditor.get("/audit/refusals").await.granted();
    assert_eq!(refusals["items"], json!([]), "a rehearsal that is refused is no evidence");
    let body = json!({"organisation": mill.id, "amount": "12.34", "bank_reference": "XN-1"});
    world.settlement.post("/money/deposits?dry_run=perhaps", body.clone()).await.is_refused_with("API_BAD_QUERY");
    world.settlement.post("/money/deposits?dry=true", body.clone()).await.is_refused_with("API_BAD_QUERY");
    world.settlement.post("/money/deposits", body).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_command_tells_the_callers_own_accounts_as_they_stand_after() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "10000.00").await;
    let trade = world.approved_trade(&mill, &glass, "5.000 t COD", "1000.00").await;
    let path = format!("/trades/{trade}/pay?accounts=true");
    let paid = glass.client.post_with_key(&path, json!({"amount": "1.00"}), "pay-1").await;
    let accounts = told(&paid);
    assert_eq!(accounts.len(), 2, "the buyer's free and held money, nothing of the seller: {accounts:#?}");
    assert_eq!(accounts["CNY available"].1, world.balance(glass.id, "CNY", "available").await);
    let again = glass.client.post_with_key(&path, json!({"amount": "1.00"}), "pay-1").await;
    assert_eq!(again.headers["ledger-accounts"], paid.headers["ledger-accounts"], "the first answer, header and all");
    let rehearsed = ask(&glass.client, &format!("{path}&dry_run=true"), json!({}), None).await;
    assert_eq!(rehearsed.text("state"), "settled");
    assert_eq!(told(&rehearsed).len(), 3, "the rights would be there too: {:?}", told(&rehearsed));
    let quiet = glass.client.post(&format!("/trades/{trade}/pay"), json!({})).await;
    assert!(!quiet.headers.contains_key("ledger-accounts"), "only who asks is told");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_command_that_moves_nothing_tells_of_no_account() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    world.deposits_on(&head, &mill, "1.00", "2022-10-31").await.granted();
    for path in ["/audit/periods/2022-10/seal?accounts=true&dry_run=true", "/audit/periods/2022-10/seal?accounts=true"]
    {
        let sealed = ask(&world.operator, path, json!({}), None).await;
        assert!(
            sealed.headers.get("ledger-accounts").is_none_or(reqwest::header::HeaderValue::is_empty),
            "{:?}",
            sealed.headers
        );
        sealed.granted();
    }
}

#[tokio::test]
async fn a_command_on_accounts_that_have_moved_is_refused() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "10000.00").await;
    let trade = world.approved_trade(&mill, &glass, "5.000 t COD", "1000.00").await;
    let path = format!("/trades/{trade}/pay?accounts=true");
    let pay = |expect: String| {
        let (client, path) = (glass.client.clone(), path.clone());
        async move { ask(&client, &path, json!({"amount": "1.00"}), Some(&expect)).await }
    };
    let paid = ask(&glass.client, &path, json!({"amount": "1.00"}), None).await;
    let seen = told(&paid)["CNY available"].0.clone();
    let paid = pay(seen.clone()).await;
    paid.with_status(200);
    pay(seen).await.with_status(412).is_refused_with("LED_ACCOUNT_MOVED");
    let seen = told(&paid)["CNY available"].0.clone();
    world.deposits(&glass, "5.00").await;
    pay(seen).await.with_status(412).is_refused_with("LED_ACCOUNT_MOVED");
    let foreign = format!("\"{}\";version=1", mill.id);
    pay(foreign).await.with_status(422).is_refused_with("API_ACCOUNT_NOT_TOUCHED");
    for bad in ["", "\"x\";version=1", "\"00000000-0000-0000-0000-000000000001\"", "1;version=1"] {
        pay(bad.to_owned()).await.with_status(400).is_refused_with("API_BAD_EXPECTATION");
    }
    let money = world.balance(glass.id, "CNY", "committed").await;
    assert_eq!(money, "1502.00", "the deposit and the two payments that were not refused");
    world.books_are_right().await;
}
