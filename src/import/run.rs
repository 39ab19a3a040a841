//! A whole import, from the look at the database to the report.

use super::commands::{Batch, Posted, Start, begin, post_batch};
use super::error::ImportRefusal;
use super::reading::Reading;
use super::register::{self, ACCOUNTS, ASSETS, Beginning, OPENING_BALANCES, Register};
use super::store::{self, Found, Run};
use super::survey::{Survey, survey};
use super::table::{Fault, Hashed, Place};
use super::transaction::{TRANSACTIONS, Transaction};
use super::{queries, report};
use crate::access::Action;
use crate::db::{Db, sqlite_path};
use crate::identity::founding::{self, Founding};
use crate::kernel::{Clock, Failure, WholeFile};
use crate::ledger::log;
use accounting::{Books, Journal};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};
use tokio::sync::mpsc::{self, Receiver};

/// Rows of the first batch, and of the largest. Each is twice the one before: the first is soon in the books, and a large one
/// writes a page of a long index once for many rows: the indexes that begin with the account have pages of its own for each of the
/// thousand accounts that a batch meets, whether it brings that account ten entries or forty. One takes two or three seconds, less than
/// a reader of the past waits for a work under way, and a hundred megabytes.
const FIRST_BATCH: usize = 1_000;
const LARGEST_BATCH: usize = 40_000;
/// Batches read ahead while one is posted.
const READ_AHEAD: usize = 1;
/// Every file of a register.
const FILES: [&str; 4] = [ACCOUNTS, ASSETS, OPENING_BALANCES, TRANSACTIONS];
/// What the province of an imported book is called.
const PROVINCE: &str = "LEGACY";
/// The credit code of its operator: the right check digit and nobody's, because the files do not say who operates.
const NOBODY: &str = "000000000000000000";

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder with the four files.
    pub folder: PathBuf,
    /// Judge everything and change nothing.
    pub is_dry_run: bool,
    /// Leave out what is refused, and go on.
    pub goes_on: bool,
    /// Where to write the final balances.
    pub report: Option<PathBuf>,
    /// Login and password of the first operator; without one nobody can sign in.
    pub operator: Option<(String, String)>,
}

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything is judged, and what passed is in the books.
    Complete,
    /// Everything is judged, and nothing was changed.
    Tried,
    /// It was complete before.
    Unchanged,
    /// It stands before a transaction that is refused.
    Stopped,
    /// The files are unfit, and nothing was begun.
    Unfit,
}

/// What an import has done, over all its runs.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Transactions posted.
    pub transactions: u64,
    /// Their rows.
    pub rows: u64,
    /// Transactions refused and left out.
    pub refused: u64,
}

impl Outcome {
    fn new(ending: Ending) -> Self {
        Self { ending, transactions: 0, rows: 0, refused: 0 }
    }

    fn add(&mut self, posted: &Posted) {
        self.transactions += posted.transactions;
        self.rows += posted.rows;
        self.refused += posted.refused;
        if posted.is_stopped {
            self.ending = Ending::Stopped;
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ending, transactions, rows, refused } = self;
        match ending {
            Ending::Complete => out.write_str("The register is imported: "),
            Ending::Unchanged => out.write_str("The register was imported before and nothing has changed: "),
            Ending::Tried => out.write_str("Nothing was changed. This would be imported: "),
            Ending::Stopped => out.write_str("The import stands before a transaction that is refused: "),
            Ending::Unfit => return out.write_str("The files are unfit, and nothing was imported."),
        }?;
        write!(out, "{transactions} transactions with {rows} rows; {refused} refused and left out.")
    }
}

/// Imports a register into an empty database, or goes on where an import was cut off. Faults are told as they are found.
///
/// # Errors
/// [`ImportRefusal::OtherBook`], [`ImportRefusal::FileChanged`], [`ImportRefusal::UnderWay`], a fault of the database; a report that cannot
/// be written, before anything is imported where that can be known then.
pub async fn import(url: &str, options: &Options, mut tell: impl FnMut(&Fault)) -> Result<Outcome, Failure> {
    let report = options.report.as_deref().map(WholeFile::begin).transpose()?;
    match prepare(url, options).await? {
        Ok(Prepared::Finished(run)) => repeat(url, &run, report, tell).await,
        Ok(Prepared::Fresh(read)) if options.is_dry_run => try_out(*read, options, report, tell),
        Ok(Prepared::Fresh(read)) => {
            let db = Db::migrated(url, Clock::system()).await?;
            let read = found_book(&db, *read, options).await?;
            go_on(&db, read, None, (options, report), tell).await
        }
        Ok(Prepared::Under(survey, run)) => {
            let db = Db::migrated(url, Clock::system()).await?;
            let register = store::load_register(&db).await?;
            go_on(&db, (register, survey), run.next, (options, report), tell).await
        }
        Err(faults) => {
            faults.iter().for_each(&mut tell);
            Ok(Outcome::new(Ending::Unfit))
        }
    }
}

/// Where an import begins.
enum Prepared {
    /// With files that are fit for an empty database.
    Fresh(Box<Whole>),
    /// With transactions that an earlier run has not come to.
    Under(Survey, Box<Run>),
    /// At its end.
    Finished(Box<Run>),
}

/// A register, read and found fit.
struct Whole {
    beginning: Beginning,
    survey: Survey,
    journals: Vec<Journal>,
    /// The books after the opening balances.
    books: Books,
}

/// Looks at the database and at the files, and changes neither.
async fn prepare(url: &str, options: &Options) -> Result<Result<Prepared, Vec<Fault>>, Failure> {
    match look(url).await? {
        Found::Other => Err(ImportRefusal::OtherBook {}.into()),
        Found::Nothing => Ok(read(&options.folder).map(|whole| Prepared::Fresh(Box::new(whole)))),
        Found::Import(run) => {
            if let Err(faults) = refuse_changed(&options.folder, &run)? {
                return Ok(Err(faults));
            }
            if run.is_finished {
                return Ok(Ok(Prepared::Finished(run)));
            }
            if options.is_dry_run {
                return Ok(read(&options.folder).map(|whole| Prepared::Fresh(Box::new(whole))));
            }
            Ok(survey(&options.folder).map(|survey| Prepared::Under(survey, run)))
        }
    }
}

/// What the database is; a file that is not there, or is empty, is not opened and so not made.
async fn look(url: &str) -> Result<Found, Failure> {
    if let Some(path) = sqlite_path(url)
        && std::fs::metadata(&path).map_or(0, |data| data.len()) == 0
    {
        return Ok(Found::Nothing);
    }
    let db = Db::open(url, Clock::system()).await?;
    let found = store::find_run(&db).await;
    db.close().await?;
    found
}

/// Names every file that is not the one with which the import began.
fn refuse_changed(folder: &Path, run: &Run) -> Result<Result<(), Vec<Fault>>, Failure> {
    let (mut changed, mut faults) = (Vec::new(), Vec::new());
    for file in FILES {
        match hash(folder, file) {
            Ok(hash) if run.hashes.get(file) == Some(&hash) => {}
            Ok(_) => changed.push(ImportRefusal::FileChanged { file: file.to_owned() }),
            Err(more) => faults.extend(more),
        }
    }
    Failure::all(&changed)?;
    Ok(if faults.is_empty() { Ok(()) } else { Err(faults) })
}

fn hash(folder: &Path, file: &str) -> Result<String, Vec<Fault>> {
    let mut source = Hashed::new(register::open(folder, file)?);
    io::copy(&mut source, &mut io::sink())
        .map_err(|error| vec![Fault::new(file, 1, &ImportRefusal::Unreadable { reason: error.to_string() })])?;
    Ok(source.digest())
}

/// Reads everything but the transactions, and looks over those.
fn read(folder: &Path) -> Result<Whole, Vec<Fault>> {
    let (beginning, survey) = match (register::read(folder), survey(folder)) {
        (Ok(beginning), Ok(survey)) => (beginning, survey),
        (beginning, survey) => {
            let faults = [beginning.err(), survey.err()].into_iter().flatten().flatten();
            return Err(faults.collect());
        }
    };
    // What a holder begins with it had on the eve of the first day.
    let eve = |day: Date| day.yesterday().ok().filter(|eve| eve.year() > 0).unwrap_or(day);
    let effective_on = survey.first_day.map_or_else(|| Clock::system().business_day(), eve);
    let (journals, books) = beginning.journals(effective_on)?;
    Ok(Whole { beginning, survey, journals, books })
}

/// Judges everything on books in memory.
fn try_out(
    whole: Whole,
    options: &Options,
    report: Option<WholeFile>,
    mut tell: impl FnMut(&Fault),
) -> Result<Outcome, Failure> {
    let Whole { beginning, survey, mut books, .. } = whole;
    let mut outcome = Outcome::new(Ending::Tried);
    let progress = bar(&survey);
    let reading = Reading::from(options.folder.clone(), &beginning.register, &survey, None);
    let mut reading = reading.map_err(unreadable)?;
    while let Some(transaction) = reading.next().map_err(unreadable)? {
        let mut posted = Posted { next: transaction.next, ..Posted::default() };
        match transaction.judge(&mut books, &beginning.register) {
            Ok(_) => (posted.transactions, posted.rows) = (1, transaction.lines.len() as u64),
            Err(faults) => {
                progress.suspend(|| faults.iter().for_each(&mut tell));
                posted.is_stopped = !options.goes_on;
                posted.refused = u64::from(options.goes_on);
            }
        }
        outcome.add(&posted);
        progress.set_position(posted.next.byte);
        if posted.is_stopped {
            break;
        }
    }
    progress.finish_and_clear();
    if let Some(report) = report {
        let balances = report::balances_in(&books, &beginning);
        report::write(report, &beginning.register, &balances).map_err(|failure| without_report(&outcome, &failure))?;
    }
    Ok(outcome)
}

/// A file that was fit a moment ago.
fn unreadable(faults: Vec<Fault>) -> Failure {
    let texts: Vec<String> = faults.into_iter().map(|fault| fault.to_string()).collect();
    Failure::bug(texts.join("; "))
}

/// Founds the book with the opening balances.
async fn found_book(db: &Db, whole: Whole, options: &Options) -> Result<(Register, Survey), Failure> {
    let Whole { beginning, survey, journals, .. } = whole;
    let (login, password) = options.operator.clone().unzip();
    let founding = Founding {
        province: PROVINCE.to_owned(),
        name: "原登记系统 (legacy register)".to_owned(),
        operator_code: NOBODY.to_owned(),
        operator_name: "运营机构 (operator)".to_owned(),
        login: login.unwrap_or_else(|| "operator".to_owned()),
        password,
        is_demonstration: false,
        rules_from: db.clock().business_day(),
    };
    let mut hashes = beginning.hashes.clone();
    hashes.insert(TRANSACTIONS, survey.hash.clone());
    let permit = founding::founder(&founding).may(Action::RegisterReference)?;
    let password_hash = founding::password_hash(&founding).await?;
    let start = Start { founding, password_hash, beginning, journals, hashes };
    db.run(&permit, &start, |work, start| Box::pin(begin(work, start))).await?;
    Ok((start.beginning.register, survey))
}

/// Posts what is still to be read, batch after batch.
async fn go_on(
    db: &Db,
    (register, survey): (Register, Survey),
    next: Option<Place>,
    (options, report): (&Options, Option<WholeFile>),
    mut tell: impl FnMut(&Fault),
) -> Result<Outcome, Failure> {
    let Found::Import(run) = store::find_run(db).await? else { return Err(ImportRefusal::OtherBook {}.into()) };
    let ended = post_all(db, (register, survey), next, options, &run, &mut tell).await?;
    // Whoever verifies or exports the book finds it in the log, without a server that keeps it.
    log::sequence_alone(db).await?;
    write_report(db, &ended, report).await?;
    Ok(ended)
}

async fn post_all(
    db: &Db,
    (register, survey): (Register, Survey),
    next: Option<Place>,
    options: &Options,
    run: &Run,
    tell: &mut impl FnMut(&Fault),
) -> Result<Outcome, Failure> {
    let permit = run.caller.may(Action::RegisterReference)?;
    let mut outcome =
        Outcome { ending: Ending::Complete, transactions: run.posted, rows: run.rows, refused: run.refused };
    let progress = bar(&survey);
    let mut batches = read_ahead(options, register, survey, next);
    while let Some(batch) = batches.recv().await {
        let batch = batch.map_err(unreadable)?;
        let posted = db.run(&permit, &batch, |work, batch| Box::pin(post_batch(work, batch))).await?;
        progress.suspend(|| posted.faults.iter().for_each(&mut *tell));
        progress.set_position(posted.next.byte);
        outcome.add(&posted);
        if posted.is_stopped {
            // What stands before the refused transaction is in the books.
            progress.abandon();
            return Ok(outcome);
        }
    }
    progress.finish_and_clear();
    db.run(&permit, &(), |work, ()| Box::pin(async move { store::finish(work).await })).await?;
    Ok(outcome)
}

/// Reads on while a batch is posted.
fn read_ahead(
    options: &Options,
    register: Register,
    survey: Survey,
    next: Option<Place>,
) -> Receiver<Result<Batch, Vec<Fault>>> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    let (folder, goes_on, register) = (options.folder.clone(), options.goes_on, Arc::new(register));
    tokio::task::spawn_blocking(move || {
        let mut from = next;
        let mut reading = Reading::from(folder, &register, &survey, next);
        let mut wanted = FIRST_BATCH;
        loop {
            let read = reading.as_mut().map_err(std::mem::take).and_then(|reading| read_batch(reading, wanted));
            wanted = (2 * wanted).min(LARGEST_BATCH);
            let batch = read.map(|transactions| {
                let batch = Batch { register: Arc::clone(&register), from, transactions, goes_on };
                from = batch.transactions.last().map_or(from, |last| Some(last.next));
                batch
            });
            let is_over = batch.as_ref().is_ok_and(|batch| batch.transactions.is_empty());
            let is_broken = batch.is_err();
            // Nobody listens any more when the import has stopped.
            if is_over || sender.blocking_send(batch).is_err() || is_broken {
                return;
            }
        }
    });
    receiver
}

fn read_batch(reading: &mut Reading<'_>, wanted: usize) -> Result<Vec<Transaction>, Vec<Fault>> {
    let (mut transactions, mut rows) = (Vec::new(), 0);
    while rows < wanted {
        let Some(transaction) = reading.next()? else { break };
        rows += transaction.lines.len();
        transactions.push(transaction);
    }
    Ok(transactions)
}

/// Tells what was left out, and writes the report again; nothing changes.
async fn repeat(url: &str, run: &Run, report: Option<WholeFile>, tell: impl FnMut(&Fault)) -> Result<Outcome, Failure> {
    let db = Db::open(url, Clock::system()).await?;
    queries::each_refusal(&db, tell).await?;
    let ended = Outcome { ending: Ending::Unchanged, transactions: run.posted, rows: run.rows, refused: run.refused };
    write_report(&db, &ended, report).await?;
    Ok(ended)
}

async fn write_report(db: &Db, ended: &Outcome, report: Option<WholeFile>) -> Result<(), Failure> {
    let Some(report) = report else { return Ok(()) };
    let written = write_balances(db, report).await;
    written.map_err(|failure| without_report(ended, &failure))
}

async fn write_balances(db: &Db, report: WholeFile) -> Result<(), Failure> {
    let register = store::load_register(db).await?;
    report::write(report, &register, &queries::list_final_balances(db).await?)
}

/// What has become of the import, and that only its report is missing.
fn without_report(ended: &Outcome, failure: &Failure) -> Failure {
    let reason = failure.source.as_ref().map_or_else(|| failure.to_string(), ToString::to_string);
    Failure::bug(format!(
        "{ended}\nOnly the report is missing: {reason}. The same command with another path writes it."
    ))
}

fn bar(survey: &Survey) -> ProgressBar {
    let progress = ProgressBar::new(survey.bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {elapsed}, {eta} left") {
        progress.set_style(style.progress_chars("=> "));
    }
    progress
}
