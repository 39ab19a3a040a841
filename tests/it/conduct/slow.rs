//! A request that takes too long: 503, and its key is still good.

use crate::support::app::{is_postgres, serve};
use crate::support::{Answer, Client, World};
use ganhe::db::Db;
use ganhe::http::Conduct;
use reqwest::Method;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Keeps everybody else from writing until it is let go.
#[expect(clippy::disallowed_methods, reason = "whoever stands in the way opens no Work")]
async fn hold_the_books(other: &Db) -> DatabaseTransaction {
    let held = other.writer().begin().await.unwrap();
    let lock = if is_postgres() {
        "LOCK TABLE evidence IN EXCLUSIVE MODE"
    } else {
        "UPDATE installation SET version = version"
    };
    held.execute_unprepared(lock).await.unwrap();
    held
}

async fn asks(client: &Client, path: &str, body: &Value, key: &str) -> Answer {
    Answer::of(client.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

#[tokio::test]
async fn a_request_beyond_its_time_is_503_and_its_key_is_still_good() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let hasty = Conduct { longest_request: Duration::from_millis(600), ..Conduct::default() };
    let shared = world.app.shared.clone().conducted(hasty);
    let address = serve(shared.clone()).await;
    let other = Db::open(&world.app.url, world.app.clock.clone()).await.unwrap();
    let deposit = json!({"organisation": mill.id, "amount": "12.00", "bank_reference": "XN-slow"});
    let proposal = json!({
        "site": mill.site, "pollutant": "COD", "origin": "paid", "zone": mill.basin,
        "valid_from": "2021-01-01", "valid_to": "2025-12-31", "quantity": "1.000", "document": "核定2022-001",
    });
    // One that shares its transaction with others, and one that has its own.
    for (client, path, body) in
        [(&world.settlement, "/money/deposits", deposit), (&world.city_officer, "/allocations", proposal)]
    {
        let held = hold_the_books(&other).await;
        let began = Instant::now();
        let late = asks(&client.moved_to(address, &shared), path, &body, "slow").await;
        late.with_status(503);
        assert_eq!(late.headers["content-type"], "application/problem+json");
        assert!(late.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
        assert!(began.elapsed() < Duration::from_secs(8), "{path}: {:?}", began.elapsed());
        held.rollback().await.unwrap();
        let done = asks(client, path, &body, "slow").await;
        done.with_status(201);
        let again = asks(client, path, &body, "slow").await;
        assert_eq!(again.body, done.body, "the key stands for one deed");
        let mut another = body.clone();
        let field = if path == "/allocations" { "quantity" } else { "amount" };
        another[field] = json!("2.00");
        asks(client, path, &another, "slow").await.with_status(409);
    }
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "12.00", "it was done once");
    world.books_are_right().await;
}
