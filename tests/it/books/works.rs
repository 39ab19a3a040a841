//! A work is all or nothing, with its events and its evidence.

use super::desk::{Desk, moved, paid_in};
use crate::support::World;
use accounting::Journal;
use ganhe::kernel::event::Event;
use ganhe::kernel::{Failure, Kind, ids};
use ganhe::ledger::{self, LedgerRefusal};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

fn event(kind: &'static str) -> Event {
    Event { kind, subject: ids::fresh(), payload: json!({"fen": 5}) }
}

/// Posts, tells two events, and then ends as it is told to.
async fn told(desk: &Desk, journals: &[Journal], end: impl Fn() -> Result<(), Failure> + Sync) -> Result<(), Failure> {
    let input = (journals.to_vec(), end);
    desk.db()
        .run(desk.permit(), &input, |work, (journals, end)| {
            Box::pin(async move {
                work.tell(event("test.begun"));
                ledger::post(work, journals).await?;
                work.tell(event("test.ended"));
                end()
            })
        })
        .await
}

#[tokio::test]
async fn a_work_that_fails_half_way_leaves_nothing() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    let before = desk.sizes().await;
    let bug = told(&desk, &[paid_in(purses[0], 5)], || Err(Failure::bug("half way"))).await;
    assert_eq!(bug.unwrap_err().kind, Kind::Bug);
    assert_eq!(desk.sizes().await, before, "no account, journal, entry or event, and a bug is no refusal");
    let refused = told(&desk, &[paid_in(purses[0], 5)], || Err(LedgerRefusal::AlreadyReversed {}.into())).await;
    assert_eq!(refused.unwrap_err().kind, Kind::Conflict);
    let mut only_evidence = before.clone();
    only_evidence[4] += 1;
    only_evidence[7] += 1;
    assert_eq!(desk.sizes().await, only_evidence, "a refusal by rule is kept with its evidence, and nothing else");
    let short = desk.post(&[paid_in(purses[0], 5), moved(purses[0], purses[1], 6)]).await.unwrap_err();
    assert_eq!(short.violations[0].code, "LED_NOT_ENOUGH");
    only_evidence[4] += 1;
    only_evidence[7] += 1;
    assert_eq!(desk.sizes().await, only_evidence);
    desk.is_right().await;
}

#[tokio::test]
async fn a_work_that_writes_no_business_row_leaves_no_evidence() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    desk.post(&[paid_in(purses[0], 5), moved(purses[0], purses[1], 1)]).await.unwrap();
    let before = desk.sizes().await;
    desk.post(&[moved(purses[0], purses[1], 1), moved(purses[1], purses[0], 2)]).await.unwrap();
    let grown: Vec<i64> = desk.sizes().await.iter().zip(&before).map(|(after, before)| after - before).collect();
    assert_eq!(grown, [0, 2, 4, 0, 0, 0, 0, 0], "journals and entries carry their own hash");
    desk.is_right().await;
}

#[tokio::test]
async fn each_event_is_told_once_even_when_the_work_ran_three_times() {
    let desk = Desk::open().await;
    let purses = desk.purses(1).await;
    let before = desk.sizes().await;
    let runs = AtomicUsize::new(0);
    let busy_twice = || match runs.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Err(Failure { kind: Kind::Busy, ..Failure::bug("somebody stood in the way") }),
        _ => Ok(()),
    };
    told(&desk, &[paid_in(purses[0], 5)], busy_twice).await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    let after = desk.sizes().await;
    let grown: Vec<i64> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    assert_eq!(grown, [2, 1, 2, 2, 0, 0, 0, 2], "accounts with their evidence, a journal, its entries and two events");
    let kinds = desk.rows("SELECT kind FROM outbox WHERE kind LIKE 'test.%' ORDER BY id").await;
    let kinds: Vec<String> = kinds.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(kinds, ["test.begun", "test.ended"], "in the order told");
    desk.is_right().await;
}

#[tokio::test]
async fn a_refusal_by_rule_is_evidence_and_changes_nothing_else() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let trial = async || world.auditor.get("/audit/trial-balance").await.granted()["assets"].clone();
    let before = trial().await;
    mill.offers("50.000 t COD", "1000.00", &glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE").with_status(422);
    assert_eq!(trial().await, before);
    let offers = world.auditor.get("/offers").await;
    assert!(offers.body["items"].as_array().is_none_or(Vec::is_empty), "{:#}", offers.body);
    let refusals = world.auditor.get("/audit/refusals?limit=200").await.granted();
    let refusals = refusals["items"].as_array().unwrap();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
    assert_eq!(refusals[0]["operation"], "POST /api/v1/offers");
    assert_eq!(refusals[0]["codes"], json!(["TRD_NOT_ENOUGH_AVAILABLE", "TRD_REDUCTION_NOT_REGISTERED"]));
    assert_eq!(refusals[0]["request_hash"].as_str().unwrap().len(), 64);
    let users = world.operator.get("/users?limit=200").await.granted();
    let actor = users["items"].as_array().unwrap().iter().find(|user| user["id"] == refusals[0]["actor"]);
    assert_eq!(actor.unwrap()["organisation"], mill.id.to_string());
    world.books_are_right().await;
}

#[tokio::test]
async fn money_beyond_what_the_books_count_is_refused_not_a_fault() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.deposits(&mill, "92233720368547758.07").await;
    let body = json!({"organisation": mill.id, "amount": "0.01", "bank_reference": "XN-TOO-MUCH"});
    let refused = world.settlement.post("/money/deposits", body).await;
    refused.is_refused_with("LED_OVERFLOW").with_status(422);
    assert_eq!(refused.body["violations"][0]["field"], "amount");
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "92233720368547758.07");
    world.books_are_right().await;
}
