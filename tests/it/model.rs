//! The model test: random histories through the ledger on the real database and through a plain model that was written
//! independently of it, equal after every step. A batch on one side is posted one by one on a twin beside it. The whole life of liens goes
//! through HTTP beside a model of its own.

mod acts;
mod life;
mod plain;
mod province;
mod twins;

use crate::books::desk::Desk;
use crate::support::soak;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::{Duration, Instant};

/// Histories of a bounded run, and the acts of each.
const HISTORIES: usize = 6;
const ACTS: usize = 70;
/// A bounded run ends after the history in which this time is over, on however slow a machine.
const BOUND: Duration = Duration::from_secs(18);

/// A history in a book of its own.
async fn history(seed: u64, acts: usize) -> plain::Told {
    let desk = Desk::open().await;
    let told = twins::History::new(&desk, seed).await.happens(acts).await;
    // A soak has hundreds of them: none keeps its connections.
    desk.db().clone().close().await.unwrap();
    told
}

#[tokio::test]
async fn a_printed_seed_repeats_its_history_whatever_was_before_it() {
    let mut told = Vec::new();
    for seed in [11, 12, 11] {
        told.push(history(seed, 30).await.to_string());
    }
    assert_eq!(told[0], told[2]);
    assert_ne!(told[0], told[1], "another seed is another history");
}

#[tokio::test]
async fn every_history_leaves_in_the_books_what_the_plain_model_says() {
    let began = Instant::now();
    let seed = soak::seed();
    let longest = soak::duration().unwrap_or(BOUND);
    let mut seeds = StdRng::seed_from_u64(seed);
    let (mut histories, mut told) = (0, plain::Told::default());
    while began.elapsed() < longest && (soak::duration().is_some() || histories < HISTORIES) {
        // The first history of a run is that of the seed itself, and each has a book of its own: whatever seed is printed below
        // repeats its history exactly.
        let seed = if histories == 0 { seed } else { seeds.random() };
        let announced = soak::Announced::new("model", seed);
        told += history(seed, ACTS).await;
        announced.ends_well();
        histories += 1;
    }
    soak::conclude("model", &format!("{histories} histories in {:.0?}: {told}", began.elapsed()));
    assert!(told.done > told.refused && told.refused > 0 && told.batches > 0 && told.seals > 0, "{told}");
}

#[test]
fn in_the_model_every_kind_of_act_is_sometimes_done_and_sometimes_refused() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..60 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut model = plain::Plain::default();
        for act in acts::opening(&mut random) {
            model.does(&[act]).unwrap();
        }
        for _ in 0..ACTS {
            let act = acts::next(&mut random, &model);
            let is_done = model.does(&[act]).is_ok();
            let (done, refused) = seen.entry(act.name()).or_insert((0, 0));
            *if is_done { done } else { refused } += 1;
        }
    }
    for name in acts::NAMES {
        let (done, refused) = seen.get(name).copied().unwrap_or_default();
        let is_free = acts::NEVER_REFUSED.contains(&name);
        assert!(done > 5 && (refused > 5 || is_free), "{name}: {done} done, {refused} refused; {seen:?}");
    }
}
