//! A large book: what grows with its history, and what must not.

use crate::bulk::{self, ACCOUNTS};
use crate::report::{Bound, Line, grouped, median, percentile, rate};
use crate::settings::Settings;
use crate::stage::{self, Dice, Stage};
use crate::{Outcome, memory, say, scan};
use accounting::Journal;
use ganhe::access::Scope;
use ganhe::kernel::Moment;
use ganhe::kernel::page::PageRequest;
use ganhe::ledger::balances::{self, BalanceFilter};
use ganhe::ledger::log;
use std::time::{Duration, Instant};

/// Journals in one work while the book is filled.
const FILLED_AT_ONCE: usize = 5_000;
/// Entries of the account with the short history.
const SHORT: usize = 1_000;
/// Balances asked for of each account.
const PROBES: usize = 3_000;
/// Postings in each journal that lengthens the long history.
const LONG_JOURNAL: usize = 100;
/// Batches in one round of posting.
const BATCHES: usize = 10;

/// Everything that is measured on a large book, beside an empty one of the same database.
pub async fn measure(large: &Stage, empty: &Stage, settings: &Settings) -> Outcome<Vec<Line>> {
    let began = Instant::now();
    fill(large, settings.entries).await?;
    let took = began.elapsed();
    say(&format!("  {} entries posted in {:.0} s", settings.entries, took.as_secs_f64()));
    let mut lines = vec![posting(large, empty, settings).await?];
    lines.push(sequencing(large).await?);
    lines.push(verification(large, settings).await?);
    lines.push(memory::of_export(large).await?);
    lengthen(large, settings.entries).await?;
    lines.push(as_of(large, settings.entries).await?);
    Ok(lines)
}

/// Pays purses in from outside, one journal of one posting after the other: `outside` gets an entry of each. The last
/// purse is paid only as often as its short history wants.
async fn fill(stage: &Stage, entries: usize) -> Outcome<()> {
    let journals = entries / 2;
    let Some((short, others)) = stage.purses.split_last() else { return Err("no purses".into()) };
    let every = (journals / (SHORT - 1)).max(1);
    let mut at = 0;
    while at < journals {
        let until = journals.min(at + FILLED_AT_ONCE);
        let batch: Outcome<Vec<Journal>> =
            (at..until)
                .map(|at| {
                    if at % every == 0 {
                        stage::paid_in(*short, 1)
                    } else {
                        stage::paid_in(others[at % others.len()], 1)
                    }
                })
                .collect();
        stage.post(&batch?).await?;
        at = until;
    }
    Ok(())
}

/// Gives the account with the long history as many entries as asked for.
async fn lengthen(stage: &Stage, entries: usize) -> Outcome<()> {
    let others = &stage.purses[..stage.purses.len() - 1];
    let mut missing = entries - entries / 2;
    while missing > 0 {
        let mut batch = Vec::new();
        while missing > 0 && batch.len() < FILLED_AT_ONCE / LONG_JOURNAL {
            let count = missing.min(LONG_JOURNAL);
            let posting = |at: usize| {
                let purse = others[(missing + at) % others.len()];
                accounting::Posting::transfer(stage::outside(), purse.available(), 1)
            };
            batch.push(stage::journal((0..count).map(posting).collect::<Result<_, _>>()?));
            missing -= count;
        }
        stage.post(&batch).await?;
    }
    Ok(())
}

async fn posting(large: &Stage, empty: &Stage, settings: &Settings) -> Outcome<Line> {
    let (mut into_large, mut into_empty) = (Vec::new(), Vec::new());
    let mut dice = Dice::new(3);
    for round in 0..=settings.rounds {
        let rates = (bulk::engine(large, &mut dice, BATCHES).await?, bulk::engine(empty, &mut dice, BATCHES).await?);
        if round > 0 {
            into_large.push(rates.0);
            into_empty.push(rates.1);
        }
    }
    Ok(Line::rates(
        format!("bulk posting into a book of {} entries, {}", settings.entries_in_words(), large.database()),
        "into an empty book",
        "transfers/s",
        median(&into_large),
        median(&into_empty),
        Bound::AtLeast(0.8),
    ))
}

/// Takes everything that the book has into the transparency log, as a serving node does from second to second.
async fn sequencing(stage: &Stage) -> Outcome<Line> {
    // What was recorded in this very instant is not final yet.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    let leaves = usize::try_from(log::sequence_once(&stage.db).await?)?;
    let took = began.elapsed();
    let work = format!("taking {} leaves into the log, {}", grouped_entries(leaves), stage.database());
    Ok(Line::alone(work, format!("{} leaves/s", grouped(rate(leaves, took)))))
}

/// The whole verification as `ganhe verify` does it, with the log built again and the evidence compared.
async fn verification(stage: &Stage, settings: &Settings) -> Outcome<Line> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=settings.rounds.min(3) {
        let began = Instant::now();
        let rows = scan::whole_book(stage).await?;
        let scanned = rate(rows, began.elapsed());
        let began = Instant::now();
        let findings = ganhe::audit::verify::verify(&stage.db).await?;
        let verified = rate(rows, began.elapsed());
        if let Some(first) = findings.differences.first() {
            return Err(format!("the book does not verify: {first}").into());
        }
        if round > 0 {
            theirs.push(scanned);
            ours.push(verified);
        }
    }
    let work = format!(
        "verify, a book of {} entries with its log and evidence, {}",
        settings.entries_in_words(),
        stage.database()
    );
    let against = "a plain scan of the same rows, same driver";
    Ok(Line::rates(work, against, "rows/s", median(&ours), median(&theirs), Bound::AtLeast(0.5)))
}

/// Probes both accounts in turn, each at random instants of its own history.
async fn as_of(stage: &Stage, entries: usize) -> Outcome<Line> {
    let short = stage.purses.last().ok_or("no purses")?;
    let sides = [(stage::outside(), Vec::new()), (short.available(), Vec::new())];
    let mut dice = Dice::new(4);
    let (first, last) = scan::instants(stage).await?;
    let span = usize::try_from(last - first)?;
    let mut sides = sides;
    for probe in 0..PROBES + 100 {
        for (account, millis) in &mut sides {
            let instant = first + i64::try_from(dice.below(span))?;
            let filter = BalanceFilter {
                owner: Some(account.owner.0),
                purpose: Some(account.purpose.as_str().to_owned()),
                view: Some(Moment::from_micros(instant)).into(),
                ..BalanceFilter::default()
            };
            let began = Instant::now();
            let page = balances::list_balances(&stage.db, &Scope::Everything, &filter, &PageRequest::first()).await?;
            let took = began.elapsed().as_secs_f64() * 1_000.0;
            if page.items.len() != 1 {
                return Err("one account was asked for".into());
            }
            // The first probes open connections and prepare the statement.
            if probe >= 100 {
                millis.push(took);
            }
        }
    }
    let [(_, long), (_, short)] = &sides;
    let words = |millis: &[f64]| format!("p50 {:.2} ms, p99 {:.2} ms", median(millis), percentile(millis, 99));
    Ok(Line {
        work: format!("balance as of, account with {} entries, {}", grouped_entries(entries), stage.database()),
        against: format!("account with {} entries", grouped_entries(SHORT)),
        ours: words(long),
        theirs: words(short),
        ratio: Some(percentile(long, 99) / percentile(short, 99)),
        bound: Bound::AtMost(2.0),
    })
}

/// The accounts that a large book needs: those of the bulk posting and one with a short history.
pub const PURSES: usize = ACCOUNTS + 1;

/// A count with its thousands apart.
pub fn grouped_entries(count: usize) -> String {
    grouped(u32::try_from(count).map_or(f64::INFINITY, f64::from))
}

impl Settings {
    fn entries_in_words(&self) -> String {
        grouped_entries(self.entries)
    }
}
