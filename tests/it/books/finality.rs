//! What is answered about the past never changes, also beside works that are still under way.

use super::desk::{Desk, paid_in};
use crate::support::app::is_postgres;
use accounting::Journal;
use ganhe::ledger::{self, balances::trial_balance};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// A work that has posted and lingers before it commits.
struct Lingering {
    journals: Vec<Journal>,
    has_posted: Notify,
    is_over: AtomicBool,
}

#[tokio::test]
async fn a_past_instant_waits_for_the_work_that_began_before_it() {
    let desk = Desk::open().await;
    let purses = desk.purses(1).await;
    desk.post(&[paid_in(purses[0], 100)]).await.unwrap();
    let lingering = Arc::new(Lingering {
        journals: vec![paid_in(purses[0], 7)],
        has_posted: Notify::new(),
        is_over: AtomicBool::new(false),
    });
    let (db, permit, input) = (desk.db().clone(), desk.permit().clone(), lingering.clone());
    let work = tokio::spawn(async move {
        db.run(&permit, input.as_ref(), |work, input| {
            Box::pin(async move {
                ledger::post(work, &input.journals).await?;
                input.has_posted.notify_one();
                tokio::time::sleep(Duration::from_millis(400)).await;
                input.is_over.store(true, Ordering::SeqCst);
                Ok(())
            })
        })
        .await
    });
    lingering.has_posted.notified().await;
    let clock = desk.db().clock().clone();
    clock.advance(jiff::SignedDuration::from_mins(2));
    let instant = clock.business_now().plus_minutes(-1);
    let outside = async || {
        let lines = trial_balance(desk.db(), Some(instant)).await.unwrap();
        lines.iter().find(|line| line.purpose == "available").unwrap().units
    };
    assert_eq!(outside().await, 107, "the work posted before the instant, so it is part of it");
    assert!(lingering.is_over.load(Ordering::SeqCst), "the answer waited for the work");
    work.await.unwrap().unwrap();
    desk.post(&[paid_in(purses[0], 50)]).await.unwrap();
    assert_eq!(outside().await, 107, "what was answered once never changes");
    let began = std::time::Instant::now();
    outside().await;
    assert!(began.elapsed() < Duration::from_millis(300), "an instant that is final costs no wait");
}

#[tokio::test]
async fn who_waits_for_the_past_holds_up_nobody_else() {
    // SQLite has one writer at a time, so there the second work waits for the first with or without a reader.
    if !is_postgres() {
        return;
    }
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    let has_posted = Notify::new();
    let is_over = AtomicBool::new(false);
    let signs = (&has_posted, &is_over);
    let lingering = desk.db().run(desk.permit(), &signs, |_, (has_posted, is_over)| {
        Box::pin(async move {
            has_posted.notify_one();
            tokio::time::sleep(Duration::from_millis(600)).await;
            is_over.store(true, Ordering::SeqCst);
            Ok(())
        })
    });
    let instant = desk.db().clock().business_now();
    let others = async {
        has_posted.notified().await;
        let reader = trial_balance(desk.db(), Some(instant));
        let writer = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            desk.post(&[paid_in(purses[1], 5)]).await.unwrap();
            assert!(!is_over.load(Ordering::SeqCst), "a work that began after the reader asked is not held up");
        };
        let (lines, ()) = tokio::join!(reader, writer);
        assert!(is_over.load(Ordering::SeqCst), "the reader waited for the work that began before");
        lines.unwrap();
    };
    let (lingered, ()) = tokio::join!(lingering, others);
    lingered.unwrap();
}
