//! Laws over random batches: the database holds what the books in memory say, together or one by one, or nothing at all.

use super::desk::{Desk, journal};
use accounting::{Books, Holding, Journal, Posting};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::HashMap;

/// Postings of one journal: from, to (0 is the outside) and how much.
type Steps = Vec<(usize, usize, i64)>;

fn batch() -> impl Strategy<Value = Vec<Steps>> {
    // Half of the money comes from outside, so that some batches are covered and some are not.
    let step = (prop_oneof![Just(0_usize), 0..4_usize], 1..4_usize, 1..50_i64);
    vec(vec(step.prop_filter("an account cannot pay itself", |(from, to, _)| from != to), 0..4), 1..8)
}

fn journals(purses: &[Holding], batch: &[Steps]) -> Vec<Journal> {
    let account = |at: usize| at.checked_sub(1).map_or_else(super::desk::outside, |at| purses[at].available());
    let posting =
        |(from, to, fen): &(usize, usize, i64)| Posting::transfer(account(*from), account(*to), *fen).unwrap();
    batch.iter().map(|steps| journal(steps.iter().map(posting).collect())).collect()
}

/// What the books in memory say: each purse's balance and version, or nothing when a purse would fall below zero.
fn expected(purses: &[Holding], journals: &[Journal]) -> Option<Vec<(i64, i64)>> {
    let mut books = Books::default();
    for journal in journals {
        // The outside has a past that the purses do not share.
        books.apply(journal).ok()?;
    }
    Some(purses.iter().map(|purse| books.standing(&purse.available())).map(|at| (at.balance, at.version)).collect())
}

async fn standings(desk: &Desk, purses: &[Holding]) -> Vec<(i64, i64)> {
    let mut found = HashMap::new();
    for row in desk.rows("SELECT owner_id, balance, version FROM accounts WHERE purpose = 'available'").await {
        let owner: uuid::Uuid = row.try_get_by_index(0).unwrap();
        found.insert(owner, (row.try_get_by_index(1).unwrap(), row.try_get_by_index(2).unwrap()));
    }
    purses.iter().map(|purse| found.get(&purse.owner.0).copied().unwrap_or_default()).collect()
}

async fn holds(desk: &Desk, batch: &[Steps]) {
    let (together, apart) = (desk.purses(3).await, desk.purses(3).await);
    let (batched, single) = (journals(&together, batch), journals(&apart, batch));
    let sizes = desk.sizes().await;
    let outcome = desk.post(&batched).await;
    let Some(expected) = expected(&together, &batched) else {
        assert_eq!(outcome.unwrap_err().violations[0].code, "LED_NOT_ENOUGH");
        let after = desk.sizes().await;
        assert_eq!(after[..4], sizes[..4], "a refused batch leaves nothing in the books");
        return;
    };
    outcome.unwrap();
    for journal in &single {
        desk.post(std::slice::from_ref(journal)).await.unwrap();
    }
    assert_eq!(standings(desk, &together).await, expected);
    assert_eq!(standings(desk, &apart).await, expected);
    assert_eq!(desk.count("SELECT CAST(COALESCE(SUM(amount), 0) AS bigint) FROM entries").await, 0);
    desk.is_right().await;
}

#[test]
fn the_database_holds_what_the_books_in_memory_say() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(Desk::open());
    let mut runner = TestRunner::new(Config { cases: 16, failure_persistence: None, ..Config::default() });
    runner
        .run(&batch(), |batch| {
            runtime.block_on(holds(&desk, &batch));
            Ok(())
        })
        .unwrap();
}
