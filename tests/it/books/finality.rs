//! What is answered about the past never changes, also beside works that are still under way.

use super::desk::{Desk, paid_in};
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
