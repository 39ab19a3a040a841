//! Every journal enters the log once: beside writers, from two nodes, after a slow work, with a slow clock.

use super::{another_node, events, is_complete, opened, sequenced, size};
use crate::books::desk::{Desk, moved, paid_in};
use crate::support::app::is_postgres;
use accounting::Journal;
use ganhe::db::Db;
use ganhe::kernel::Clock;
use ganhe::ledger;
use ganhe::ledger::log::sequencer::Sequencer;
use ganhe::ledger::log::{keep, sequence_once};
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// How long writers go on so that the log grows beside them.
const PATIENCE: Duration = Duration::from_secs(30);

async fn checkpoints(desk: &Desk) -> i64 {
    desk.count("SELECT COUNT(*) FROM log_checkpoints").await
}

/// Sequences again and again until told to stop.
fn sequencing(db: Db, is_over: Arc<AtomicBool>) -> tokio::task::JoinHandle<u64> {
    tokio::spawn(async move {
        let mut taken = 0;
        while !is_over.load(Ordering::SeqCst) {
            taken += sequence_once(&db).await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        taken
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_sequence_beside_writers_and_every_journal_is_in_the_log_once() {
    let desk = Arc::new(opened().await);
    let before = size(&desk).await;
    let purses = desk.purses(4).await;
    for purse in &purses {
        desk.post(&[paid_in(*purse, 1_000)]).await.unwrap();
    }
    let other = another_node(&desk, desk.app.clock.clone()).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let nodes = [desk.db().clone(), other].map(|db| sequencing(db, is_over.clone()));
    let clock = desk.app.clock.clone();
    let ticking = is_over.clone();
    let time = tokio::spawn(async move {
        while !ticking.load(Ordering::SeqCst) {
            clock.advance(SignedDuration::from_millis(1));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (desk, purses) = (desk.clone(), purses.clone());
            tokio::spawn(async move {
                // On, until the log has grown beside them: a loaded machine may let the nodes wait.
                let (began, mut written) = (Instant::now(), 0);
                while written < 25 || (began.elapsed() < PATIENCE && checkpoints(&desk).await <= 4) {
                    let paid = moved(purses[writer], purses[(writer + 1) % 4], 1);
                    desk.post(&[paid, events(1).remove(0)]).await.unwrap();
                    written += 1;
                }
                2 * written
            })
        })
        .collect();
    let mut written = 4;
    for writer in writers {
        written += writer.await.unwrap();
    }
    let grown = checkpoints(&desk).await;
    is_over.store(true, Ordering::SeqCst);
    time.await.unwrap();
    assert!(grown > 4, "the log grew while the writers wrote: {grown} checkpoints");
    let mut taken = 0;
    for node in nodes {
        taken += node.await.unwrap();
    }
    // Only now: a node that is still at it would hold the lease.
    taken += sequenced(desk.db()).await;
    assert!(taken >= written, "each of the {written} journals at least: {taken}");
    assert_eq!(taken, size(&desk).await - before, "what the nodes say that they took");
    is_complete(&desk).await;
}

/// A work that has posted and lingers before it commits.
struct Lingering {
    journals: Vec<Journal>,
    has_posted: Notify,
    may_end: Notify,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_work_that_commits_late_is_not_skipped() {
    let desk = opened().await;
    let purses = desk.purses(3).await;
    // Every account is there already: opening one leaves evidence of its own.
    desk.post(&[paid_in(purses[0], 100), paid_in(purses[1], 100), paid_in(purses[2], 100)]).await.unwrap();
    sequenced(desk.db()).await;
    let slow = paid_in(purses[1], 7);
    let slow_id = slow.id.0;
    let lingering = Arc::new(Lingering { journals: vec![slow], has_posted: Notify::new(), may_end: Notify::new() });
    let (db, permit, input) = (desk.db().clone(), desk.permit().clone(), lingering.clone());
    let work = tokio::spawn(async move {
        db.run(&permit, input.as_ref(), |work, input| {
            Box::pin(async move {
                ledger::post(work, &input.journals).await?;
                input.has_posted.notify_one();
                input.may_end.notified().await;
                Ok(())
            })
        })
        .await
    });
    lingering.has_posted.notified().await;
    desk.app.clock.advance(SignedDuration::from_mins(1));
    let quick = moved(purses[0], purses[2], 1);
    let quick_id = quick.id.0;
    if is_postgres() {
        // The quick one commits first and is recorded later; it must wait for the slow one.
        desk.post(std::slice::from_ref(&quick)).await.unwrap();
        assert_eq!(sequenced(desk.db()).await, 0, "nothing enters the log before what may still come ahead of it");
        lingering.may_end.notify_one();
    } else {
        // SQLite has one writer: everybody else waits for the slow one anyway.
        lingering.may_end.notify_one();
        desk.post(std::slice::from_ref(&quick)).await.unwrap();
    }
    work.await.unwrap().unwrap();
    assert_eq!(sequenced(desk.db()).await, 2);
    let order = desk.rows("SELECT source_id FROM log_leaves ORDER BY position DESC LIMIT 2").await;
    let order: Vec<uuid::Uuid> = order.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(order, [quick_id, slow_id], "in the order in which they were recorded");
    is_complete(&desk).await;
}

#[tokio::test]
async fn a_node_whose_clock_is_slow_loses_no_journal() {
    let desk = opened().await;
    desk.post(&events(3)).await.unwrap();
    let slow_clock = Clock::manual(desk.app.clock.wall_now());
    assert_eq!(sequenced(desk.db()).await, 3);
    desk.post(&events(1)).await.unwrap();
    assert_eq!(sequenced(desk.db()).await, 1);
    let slow = another_node(&desk, slow_clock).await;
    let late = events(2);
    slow.run(desk.permit(), &late, |work, late| Box::pin(async move { ledger::post(work, late).await.map(|_| ()) }))
        .await
        .unwrap();
    assert_eq!(
        sequenced(desk.db()).await,
        2,
        "recorded before the last checkpoint's instant, and taken in all the same"
    );
    is_complete(&desk).await;
}

#[tokio::test]
async fn what_is_too_much_for_one_batch_comes_in_several_with_a_checkpoint_each() {
    let desk = opened().await;
    // All of them at one instant: a batch that ends among them must not lose the rest.
    desk.post(&events(7)).await.unwrap();
    desk.app.clock.advance(SignedDuration::from_secs(1));
    desk.post(&events(5)).await.unwrap();
    desk.app.clock.advance(SignedDuration::from_secs(1));
    let mut sequencer = Sequencer::new(desk.db().clone()).in_batches_of(4);
    assert_eq!(sequencer.catch_up().await.unwrap(), 12);
    let sizes = desk.rows("SELECT tree_size FROM log_checkpoints ORDER BY number DESC LIMIT 4").await;
    let sizes: Vec<i64> = sizes.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let before = sizes[3];
    assert_eq!(sizes, [before + 12, before + 8, before + 4, before]);
    let checkpoints = desk.count("SELECT COUNT(*) FROM log_checkpoints").await;
    assert_eq!(sequencer.catch_up().await.unwrap(), 0, "and nothing twice");
    let now = desk.count("SELECT COUNT(*) FROM log_checkpoints").await;
    assert_eq!(now, checkpoints, "nor a checkpoint of nothing new");
    is_complete(&desk).await;
}

#[tokio::test]
async fn a_dead_nodes_lease_is_taken_over_when_it_ends() {
    let desk = opened().await;
    desk.post(&events(1)).await.unwrap();
    desk.app.clock.advance(SignedDuration::from_secs(1));
    let mut dead = Sequencer::new(desk.db().clone());
    assert_eq!(dead.catch_up().await.unwrap(), 1);
    desk.post(&events(2)).await.unwrap();
    desk.app.clock.advance(SignedDuration::from_secs(5));
    let other = another_node(&desk, desk.app.clock.clone()).await;
    assert_eq!(sequence_once(&other).await.unwrap(), 0, "the lease is still another's");
    desk.app.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(sequence_once(&other).await.unwrap(), 2);
    is_complete(&desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_serving_node_keeps_the_log_and_takes_in_the_last_journal_before_it_stops() {
    let desk = opened().await;
    let before = size(&desk).await;
    let (stopping, stop) = watch::channel(false);
    let node = tokio::spawn(keep(desk.db().clone(), stop));
    desk.post(&events(2)).await.unwrap();
    desk.app.clock.advance(SignedDuration::from_secs(1));
    let began = std::time::Instant::now();
    while size(&desk).await < before + 2 {
        assert!(began.elapsed() < Duration::from_secs(20), "the log stands still");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.post(&events(1)).await.unwrap();
    desk.app.clock.advance(SignedDuration::from_secs(1));
    stopping.send(true).unwrap();
    node.await.unwrap();
    is_complete(&desk).await;
    desk.post(&events(1)).await.unwrap();
    assert_eq!(sequenced(desk.db()).await, 1, "the lease was given back");
}
