//! Requests that share a work: each keeps its own answer, its own refusal and its own key.

use super::desk::{Desk, journal};
use accounting::{Holding, Posting};
use futures::future::join_all;
use ganhe::db::gather::{Body, Callers, Item};
use ganhe::db::{CommandKey, Terms};
use ganhe::kernel::{Failure, Kind, ids};
use ganhe::ledger;
use std::time::Duration;
use uuid::Uuid;

/// Money from one purse to another.
#[derive(Clone, Copy)]
struct Transfer {
    from: Holding,
    to: Holding,
    fen: i64,
}

/// An amount over which the body breaks down instead of refusing.
const BREAKS: i64 = 1_000_000_007;
/// An amount over which it panics.
const PANICS: i64 = 1_000_000_009;
/// How long the body lingers, so that others gather meanwhile.
const LINGERS: Duration = Duration::from_millis(5);

/// Posts transfers and answers with the balance that is left.
const TRANSFER: Body<Transfer, i64> = |work, transfers| {
    Box::pin(async move {
        if transfers.iter().any(|transfer| transfer.fen == BREAKS) {
            return Err(Failure::bug("the disk is on fire"));
        }
        assert!(transfers.iter().all(|transfer| transfer.fen != PANICS), "nobody has thought of this");
        let postings = transfers.iter().map(|Transfer { from, to, fen }| {
            let posting = Posting::transfer(from.available(), to.available(), *fen)?;
            Ok(journal(vec![posting]))
        });
        let journals = postings.collect::<Result<Vec<_>, Failure>>()?;
        tokio::time::sleep(LINGERS).await;
        let posted = ledger::post(work, &journals).await?;
        Ok(posted.iter().map(|posted| posted.entries[0].balance_after).collect())
    })
};

fn key(name: &str, hash: &str) -> CommandKey {
    CommandKey {
        client: Uuid::from_u128(5),
        operation: "transfer".to_owned(),
        key: Some(name.to_owned()),
        request_hash: hash.to_owned(),
        terms: Terms::default(),
    }
}

async fn transfer(desk: &Desk, key: &CommandKey, transfer: Transfer) -> Result<i64, Failure> {
    let item = Item { input: transfer, target: None, callers: Callers::One };
    desk.db().gather(desk.permit(), key, item, TRANSFER).await
}

/// A desk with a purse of 1,000.00 and an empty one.
async fn two_purses() -> (Desk, Holding, Holding) {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    desk.post(&[super::desk::paid_in(purses[0], 100_000)]).await.unwrap();
    (desk, purses[0], purses[1])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_ones_in_the_middle_of_a_batch_harm_no_other() {
    let (desk, rich, poor) = two_purses().await;
    let is_poisoned = |at: usize| at % 7 == 3;
    let asked = (0..60).map(|at| {
        let fen = if is_poisoned(at) { 90_000_000 } else { 100 };
        (key(&format!("key-{at}"), "one"), Transfer { from: rich, to: poor, fen })
    });
    let asked: Vec<_> = asked.collect();
    let answers = join_all(asked.iter().map(|(key, wanted)| transfer(&desk, key, *wanted))).await;
    for (at, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => assert!(!is_poisoned(at), "request {at}"),
            Err(refused) => {
                assert!(is_poisoned(at), "request {at}: {refused}");
                assert_eq!(refused.violations[0].code, "LED_NOT_ENOUGH");
            }
        }
    }
    let mut left: Vec<i64> = answers.iter().filter_map(|answer| answer.as_ref().ok().copied()).collect();
    left.sort_unstable();
    let expected: Vec<i64> = (1..=51).rev().map(|count| 100_000 - 100 * count).collect();
    assert_eq!(left, expected, "each saw what those before it left");
    assert_eq!(desk.count("SELECT COUNT(*) FROM refusals").await, 9, "each refusal is evidence, once");
    assert_eq!(desk.count("SELECT COUNT(*) FROM command_keys WHERE answer IS NOT NULL").await, 60);
    let gathered = desk.db().gathered();
    assert_eq!((gathered.requests, gathered.alone), (60, 0));
    assert!(gathered.batches < 20 && gathered.works < 50, "{gathered:?}: they shared works");
    let again = join_all(asked.iter().map(|(key, wanted)| transfer(&desk, key, *wanted))).await;
    let told = |answers: &[Result<i64, Failure>]| -> Vec<String> {
        answers.iter().map(|answer| format!("{:?}", answer.as_ref().map_err(|refused| &refused.violations))).collect()
    };
    assert_eq!(told(&again), told(&answers), "a repeat gets the first answer");
    assert_eq!(desk.count("SELECT COUNT(*) FROM refusals").await, 9);
    desk.is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_breaks_down_runs_one_by_one() {
    let (desk, rich, poor) = two_purses().await;
    let asked: Vec<_> = (0..20)
        .map(|at| {
            let fen = if at == 9 { BREAKS } else { 10 };
            (key(&format!("key-{at}"), "one"), Transfer { from: rich, to: poor, fen })
        })
        .collect();
    let answers = join_all(asked.iter().map(|(key, wanted)| transfer(&desk, key, *wanted))).await;
    for (at, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => assert_ne!(at, 9),
            Err(fault) => assert_eq!((at, fault.kind), (9, Kind::Bug), "{fault}"),
        }
    }
    let gathered = desk.db().gathered();
    assert!(gathered.alone >= 1, "{gathered:?}");
    assert_eq!(desk.count("SELECT COUNT(*) FROM command_keys").await, 19, "what broke down has no answer to keep");
    desk.is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_the_failure_of_one_request_and_leaves_nobody_behind() {
    let (desk, rich, poor) = two_purses().await;
    // More than one batch: what waits behind the one that panics is served, too, though nobody comes after it.
    let panics = |at: usize| [5, 290].contains(&at);
    let asked: Vec<_> = (0..300)
        .map(|at| {
            let fen = if panics(at) { PANICS } else { 10 };
            (key(&format!("key-{at}"), "one"), Transfer { from: rich, to: poor, fen })
        })
        .collect();
    let answers = join_all(asked.iter().map(|(key, wanted)| {
        let answer = transfer(&desk, key, *wanted);
        async { tokio::time::timeout(Duration::from_mins(2), answer).await.expect("somebody was left behind") }
    }))
    .await;
    for (at, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => assert!(!panics(at), "request {at}"),
            Err(fault) => {
                assert!(panics(at) && fault.kind == Kind::Bug, "request {at}: {fault}");
                assert!(fault.to_string().contains("nobody has thought of this"), "{fault}");
            }
        }
    }
    assert_eq!(desk.count("SELECT COUNT(*) FROM journals WHERE kind = 'money_deposited'").await, 299);
    let gathered = desk.db().gathered();
    assert_eq!(gathered.waiting, 0);
    let (again, wanted) = (key("after", "one"), Transfer { from: rich, to: poor, fen: 10 });
    transfer(&desk, &again, wanted).await.unwrap();
    assert_eq!(desk.db().gathered().works, gathered.works + 1, "works are shared as before");
    desk.is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_told_apart_within_a_batch() {
    let (desk, rich, poor) = two_purses().await;
    let wanted = Transfer { from: rich, to: poor, fen: 500 };
    let keys: Vec<CommandKey> = (0..40).map(|at| key("same", if at % 4 == 1 { "other" } else { "one" })).collect();
    transfer(&desk, &keys[0], wanted).await.unwrap();
    let others: Vec<CommandKey> = (0..10).map(|at| key(&format!("other-{at}"), "one")).collect();
    let answers = join_all(keys.iter().chain(&others).map(|key| transfer(&desk, key, wanted))).await;
    for (key, answer) in keys.iter().chain(&others).zip(&answers) {
        match (key.key.as_deref(), key.request_hash.as_str()) {
            (Some("same"), "one") => assert_eq!(*answer.as_ref().unwrap(), 99_500),
            (Some("same"), _) => assert_eq!(answer.as_ref().unwrap_err().violations[0].code, "API_KEY_REUSED"),
            _ => assert!(*answer.as_ref().unwrap() < 99_500),
        }
    }
    assert_eq!(desk.count("SELECT COUNT(*) FROM journals WHERE kind = 'money_deposited'").await, 12);
    desk.is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_leaves_the_others_their_answers() {
    let (desk, rich, poor) = two_purses().await;
    let wanted = Transfer { from: rich, to: poor, fen: 1 };
    let asked: Vec<CommandKey> = (0..30).map(|at| key(&format!("key-{at}"), "one")).collect();
    let answers = join_all(asked.iter().enumerate().map(|(at, key)| {
        let answer = transfer(&desk, key, wanted);
        async move {
            if at % 3 == 0 {
                tokio::time::timeout(Duration::from_millis(1), answer).await.ok()
            } else {
                Some(answer.await)
            }
        }
    }))
    .await;
    for (at, answer) in answers.into_iter().enumerate().filter(|(at, _)| at % 3 != 0) {
        answer.unwrap().unwrap_or_else(|fault| panic!("request {at}: {fault}"));
    }
    // What was taken on is done, whether or not somebody waits for the answer.
    join_all(asked.iter().map(|key| transfer(&desk, key, wanted))).await.into_iter().for_each(|answer| {
        answer.unwrap();
    });
    assert_eq!(desk.count("SELECT COUNT(*) FROM journals WHERE kind = 'money_deposited'").await, 31);
    desk.is_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_finds_the_queue_full_is_told_to_come_again() {
    let (desk, rich, poor) = two_purses().await;
    let wanted = Transfer { from: rich, to: poor, fen: 1 };
    let asked: Vec<CommandKey> = (0..3_000).map(|_| key(&ids::fresh().to_string(), "one")).collect();
    let answers = join_all(asked.iter().map(|key| transfer(&desk, key, wanted))).await;
    let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert!(!refused.is_empty(), "a bounded queue takes only so many");
    for answer in refused {
        assert_eq!(answer.unwrap_err().kind, Kind::Busy);
    }
    let booked = desk.count("SELECT COUNT(*) FROM journals WHERE kind = 'money_deposited'").await;
    assert_eq!(booked, 1 + i64::try_from(granted.len()).unwrap(), "what was not taken on was not done");
    desk.is_right().await;
}
