//! Posting into a month while it is sealed: what was in time is in the seal, what was late is refused, and nothing is between.

use crate::books::desk::{Desk, paid_in};
use accounting::{Holding, Journal, Month};
use futures::future::join_all;
use ganhe::access::Action;
use ganhe::db::terms::Terms;
use ganhe::db::{CommandKey, Db};
use ganhe::kernel::Failure;
use ganhe::ledger::{self, periods};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// How many post at the same moment.
const CLIENTS: usize = 16;

/// Money dated in November.
fn dated_back(purse: Holding) -> Journal {
    Journal { effective_on: "2022-11-17".parse().unwrap(), ..paid_in(purse, 5) }
}

/// Seals November, and tells how many journals it found in it.
async fn seals(desk: &Desk) -> Result<i64, Failure> {
    let permit = desk.app.operator.may(Action::SealPeriod).unwrap();
    let key = CommandKey {
        client: desk.app.operator.user.0,
        operation: "seal".to_owned(),
        key: None,
        request_hash: String::new(),
        terms: Terms::default(),
    };
    let month = Month::parse("2022-11").unwrap();
    let seal = desk.db().run_alone(&permit, &key, &month, |work, month| {
        Box::pin(async move { periods::seal(work, *month).await.map(|sealed| sealed.journals) })
    });
    seal.await
}

/// Posts until the month is sealed; tells how many journals were taken.
async fn posts_until_sealed(desk: &Desk, purse: Holding) -> i64 {
    for taken in 0.. {
        match desk.post(&[dated_back(purse)]).await {
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!(refusal.violations[0].code, "LED_PERIOD_SEALED", "{refusal}");
                return taken;
            }
        }
    }
    unreachable!()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_posted_while_a_month_is_sealed_is_in_the_seal_or_refused() {
    let desk = Desk::open().await;
    let purses = desk.purses(CLIENTS).await;
    desk.post(&[dated_back(purses[0])]).await.unwrap();
    let posting = join_all(purses.iter().map(|purse| posts_until_sealed(&desk, *purse)));
    let sealing = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        seals(&desk).await.unwrap()
    };
    let (taken, sealed) = tokio::join!(posting, sealing);
    assert_eq!(taken.iter().sum::<i64>() + 1, sealed, "{taken:?}");
    assert!(sealed > 1, "nobody was in time: this race was none");
    let dated = "SELECT COUNT(*) FROM journals WHERE effective_on = '2022-11-17'";
    assert_eq!(desk.count(dated).await, sealed);
    desk.is_right().await;
    for purse in &purses {
        let late = desk.post(&[paid_in(*purse, 1), dated_back(*purse)]).await.unwrap_err();
        assert_eq!(late.violations[0].code, "LED_PERIOD_SEALED");
        assert_eq!(late.violations[0].field, "effective_on");
    }
    assert_eq!(desk.count(dated).await, sealed);
    assert_eq!(
        desk.count("SELECT COUNT(*) FROM journals WHERE kind = 'money_deposited'").await,
        sealed,
        "all or nothing"
    );
    desk.is_right().await;
}

/// A work that has posted into the month and lingers before it commits.
struct Lingering {
    journals: Vec<Journal>,
    has_posted: Notify,
    is_over: AtomicBool,
}

async fn lingers(db: Db, permit: ganhe::access::Permit, lingering: Arc<Lingering>) -> Result<(), Failure> {
    db.run(&permit, lingering.as_ref(), |work, input| {
        Box::pin(async move {
            ledger::post(work, &input.journals).await?;
            input.has_posted.notify_one();
            tokio::time::sleep(Duration::from_millis(400)).await;
            input.is_over.store(true, Ordering::SeqCst);
            Ok(())
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_waits_for_the_work_that_began_before_it() {
    let desk = Desk::open().await;
    let purses = desk.purses(1).await;
    let lingering = Arc::new(Lingering {
        journals: vec![dated_back(purses[0])],
        has_posted: Notify::new(),
        is_over: AtomicBool::new(false),
    });
    let work = tokio::spawn(lingers(desk.db().clone(), desk.permit().clone(), lingering.clone()));
    lingering.has_posted.notified().await;
    assert_eq!(seals(&desk).await.unwrap(), 1, "its journal is part of the seal");
    assert!(lingering.is_over.load(Ordering::SeqCst), "the seal waited");
    work.await.unwrap().unwrap();
    desk.is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_seal_the_same_month_one_does() {
    let desk = Desk::open().await;
    let purses = desk.purses(1).await;
    desk.post(&[dated_back(purses[0])]).await.unwrap();
    let outcomes = join_all((0..8).map(|_| seals(&desk))).await;
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for refusal in refused.into_iter().filter_map(Result::err) {
        assert_eq!(refusal.violations[0].code, "LED_PERIOD_ALREADY_SEALED", "{refusal}");
    }
    desk.is_right().await;
}
