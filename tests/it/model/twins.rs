//! One history, told to the plain model and posted twice: in batches in one province, journal by journal in its twin.

use super::acts::{self, Act, Hold};
use super::plain::{Name, Plain, Side, Told, Waiting, What, Who, Why};
use super::province::{Province, words};
use crate::books::desk::Desk;
use accounting::{Books, Journal, Month, Subject, recipes};
use ganhe::access::{Action, Scope};
use ganhe::db::terms::Terms;
use ganhe::db::{CommandKey, Work};
use ganhe::kernel::page::PageRequest;
use ganhe::kernel::{Failure, Moment, Progress, ids};
use ganhe::ledger::balances::{BalanceFilter, View, list_balances};
use ganhe::ledger::{self, Posted, periods};
use jiff::civil::Date;
use jiff::{SignedDuration, Span};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{QueryResult, Statement};
use std::collections::BTreeMap;
use std::sync::Mutex;
use uuid::Uuid;

/// An act with what the command that does it knows beside the balances.
#[derive(Debug, Clone)]
struct Step {
    act: Act,
    number: usize,
    line: Vec<Waiting>,
    /// The legal date.
    day: Date,
}

/// A province and the journals posted in it.
struct Twin {
    province: Province,
    journals: Vec<Journal>,
}

/// What one work is to post, and what it posted.
struct Batch<'a> {
    twin: &'a Twin,
    steps: &'a [Step],
    posted: Mutex<Vec<(Journal, Posted)>>,
}

/// A history under way.
pub struct History<'d> {
    desk: &'d Desk,
    random: StdRng,
    model: Plain,
    batched: Twin,
    single: Twin,
    /// What was known at some instants.
    probes: Vec<(Moment, Plain)>,
    /// The first legal date of the book.
    first: Option<Date>,
    told: Told,
}

impl<'d> History<'d> {
    /// Two empty provinces of a book that has no history yet, and an empty model.
    pub async fn new(desk: &'d Desk, seed: u64) -> Self {
        let twin = async || Twin { province: Province::found(desk).await, journals: Vec::new() };
        let (batched, single) = (twin().await, twin().await);
        let (random, model) = (StdRng::seed_from_u64(seed), Plain::default());
        let first = desk.rows("SELECT MIN(effective_on) FROM journals").await[0].try_get_by_index::<Option<String>>(0);
        let first = first.unwrap().map(|day| day.parse().unwrap());
        Self { desk, random, model, batched, single, probes: Vec::new(), first, told: Told::default() }
    }

    /// Lets so many acts happen, and compares after every step.
    pub async fn happens(mut self, acts: usize) -> Told {
        let opening = acts::opening(&mut self.random);
        self.step(&opening).await;
        let mut left = acts;
        while left > 0 {
            let size = if self.random.random_bool(0.3) { self.random.random_range(2..12) } else { 1 }.min(left);
            let batch = self.think_up(size);
            self.step(&batch).await;
            left -= size;
            if self.random.random_bool(0.1) {
                self.remember_this_instant();
            }
            if self.random.random_bool(0.05) {
                self.earlier_instants_stay_as_they_were().await;
            }
            if self.random.random_bool(0.07) {
                self.somebody_seals().await;
            }
        }
        self.earlier_instants_stay_as_they_were().await;
        self.twins_are_equal_row_for_row().await;
        self.books_are_right().await;
        self.told
    }

    fn think_up(&mut self, size: usize) -> Vec<Act> {
        let mut ahead = self.model.clone();
        let mut batch = Vec::new();
        for _ in 0..size {
            let mut act = acts::next(&mut self.random, &ahead);
            // A batch with one refused act in it is refused as a whole: most are made of acts that can be done.
            for _ in 0..8 {
                if size == 1 || ahead.clone().does(&[act]).is_ok() {
                    break;
                }
                act = acts::next(&mut self.random, &ahead);
            }
            // The refused act of a batch is as good as done: what comes after it never happens either.
            let _ = ahead.does(&[act]);
            batch.push(act);
        }
        batch
    }

    /// Some acts at once: together in one province, one by one in the other, and in the model.
    async fn step(&mut self, batch: &[Act]) {
        let pause = SignedDuration::from_micros(self.random.random_range(1_000..60_000_000));
        self.desk.app.clock.advance(pause);
        let is_late = self.model.journals() > 0 && self.random.random_bool(0.2);
        let days: Vec<Date> = batch.iter().map(|_| self.day(is_late)).collect();
        let steps = self.steps(batch, &days);
        let expected = self.model.does_on(batch, &days);
        let posted = post(self.desk, &self.batched, &steps).await;
        let trail = format!("journal {}: {batch:#?}", self.model.journals());
        match expected {
            Err(why) => {
                assert_refused(posted, why, &trail);
                if let [_] = steps.as_slice() {
                    assert_refused(post(self.desk, &self.single, &steps).await, why, &trail);
                }
                self.told.refused += 1;
            }
            Ok(sides) => {
                let posted = posted.unwrap_or_else(|failure| panic!("{failure:?} at {trail}"));
                assert_told(&self.batched.province, &posted, &sides, &trail);
                self.batched.journals.extend(posted.into_iter().map(|(journal, _)| journal));
                for (step, sides) in steps.iter().zip(&sides) {
                    let alone = post(self.desk, &self.single, std::slice::from_ref(step)).await;
                    let alone = alone.unwrap_or_else(|failure| panic!("{failure:?} alone at {trail}"));
                    assert_told(&self.single.province, &alone, std::slice::from_ref(sides), &trail);
                    self.single.journals.extend(alone.into_iter().map(|(journal, _)| journal));
                }
                self.first = self.first.into_iter().chain(days).min();
                self.told.done += batch.len();
                self.told.batches += usize::from(batch.len() > 1);
            }
        }
        for twin in [&self.batched, &self.single] {
            assert_eq!(standings(self.desk, &twin.province).await, known(&self.model), "after {trail}");
        }
    }

    /// The line behind a stock is what the acts before it, also those of the same batch, have left of it.
    fn steps(&self, batch: &[Act], days: &[Date]) -> Vec<Step> {
        let mut ahead = self.model.clone();
        let step = |(at, act): (usize, &Act)| {
            let line = match act {
                Act::Release(Hold { site, class, .. }) | Act::Lift(Hold { site, class, .. }) => {
                    ahead.line(*site, *class).to_vec()
                }
                _ => Vec::new(),
            };
            // Where an act is refused, so is the batch: no line of a later act is ever used.
            let _ = ahead.does(std::slice::from_ref(act));
            Step { act: *act, number: self.model.journals() + at, line, day: days[at] }
        };
        batch.iter().enumerate().map(step).collect()
    }

    /// Today, or some weeks ago: what comes late is dated back.
    fn day(&mut self, is_late: bool) -> Date {
        let today = self.desk.app.clock.business_now().day();
        let back = if is_late { self.random.random_range(0..50) } else { 0 };
        today.checked_sub(Span::new().days(back)).unwrap()
    }

    /// Time passes, and a month is to be sealed: the next one, or one that nobody may seal.
    async fn somebody_seals(&mut self) {
        self.desk.app.clock.advance(SignedDuration::from_hours(24 * self.random.random_range(5..40)));
        let Some(first) = self.first else { return };
        let current = Month::of(self.desk.app.clock.business_now().day());
        let (last, mut next) = (self.model.sealed(), Month::of(first));
        if let Some(last) = last {
            next = last.next().unwrap();
        }
        let month = match self.random.random_range(0..6) {
            0 => current,
            1 => next.next().unwrap(),
            2 => last.unwrap_or(next),
            _ => next,
        };
        let expected = match month {
            month if month >= current => Err("LED_PERIOD_NOT_CLOSED"),
            month if last.is_some_and(|last| month <= last) => Err("LED_PERIOD_ALREADY_SEALED"),
            month if month != next => Err("LED_PERIOD_OUT_OF_ORDER"),
            month => {
                Ok(self.desk.count(&format!("SELECT COUNT(*) FROM journals WHERE effective_on LIKE '{month}-%'")).await)
            }
        };
        let sealed = seal(self.desk, month).await;
        let told = sealed.map_err(|failure| failure.violations[0].code.to_string());
        assert_eq!(told, expected.map_err(str::to_owned), "{month} after {last:?}, the next is {next}, now {current}");
        if expected.is_ok() {
            self.model.seal(month);
            self.told.seals += 1;
        }
    }

    fn remember_this_instant(&mut self) {
        let clock = &self.desk.app.clock;
        clock.advance(SignedDuration::from_micros(500));
        self.probes.push((clock.business_now(), self.model.clone()));
        clock.advance(SignedDuration::from_micros(500));
    }

    /// As of an instant, about a legal date as the book knew it then, and about one as the book knows it now.
    async fn earlier_instants_stay_as_they_were(&mut self) {
        let mut questions: Vec<(View, BTreeMap<Name, i64>)> = Vec::new();
        let day = self.day(true);
        for (instant, then) in &self.probes {
            let balances = then.accounts().iter().map(|(name, (balance, _))| (*name, *balance));
            questions.push((Some(*instant).into(), balances.filter(|(_, balance)| *balance != 0).collect()));
        }
        if let Some((instant, then)) = self.probes.last() {
            questions.push((View { as_of: Some(*instant), effective_on: Some(day) }, then.effective_on(day)));
        }
        questions.push((View { as_of: None, effective_on: Some(day) }, self.model.effective_on(day)));
        for (view, expected) in questions {
            for twin in [&self.batched, &self.single] {
                let found = balances(self.desk, &twin.province, view).await;
                assert_eq!(found, expected, "{view:?}");
                self.told.probes += found.len();
            }
        }
    }

    async fn twins_are_equal_row_for_row(&self) {
        let (batched, single) = (rows(self.desk, &self.batched).await, rows(self.desk, &self.single).await);
        let sides: usize = self.batched.journals.iter().map(|journal| journal.postings.len() * 2).sum();
        assert_eq!(batched.len(), self.model.journals() + sides, "every journal and every entry is read");
        for (one, other) in batched.iter().zip(&single) {
            assert_eq!(one, other);
        }
        assert_eq!(batched.len(), single.len());
    }

    /// Everything that the ledger can tell of itself; no business rows stand beside these holds.
    async fn books_are_right(&self) {
        let books = self.desk.db().snapshot().await.unwrap();
        let findings = ledger::verify::verify(&books, &[], &Progress::default()).await.unwrap();
        assert_eq!(findings.differences, []);
        books.commit().await.unwrap();
    }
}

async fn post(desk: &Desk, twin: &Twin, steps: &[Step]) -> Result<Vec<(Journal, Posted)>, Failure> {
    let batch = Batch { twin, steps, posted: Mutex::default() };
    desk.db().run(desk.permit(), &batch, |work, batch| Box::pin(commands(work, batch))).await?;
    Ok(batch.posted.into_inner().unwrap())
}

/// As every command does it: read under lock, let the recipe say what moves, post.
async fn commands(work: &Work, batch: &Batch<'_>) -> Result<(), Failure> {
    let province = &batch.twin.province;
    let keys: Vec<_> = batch.steps.iter().flat_map(|step| province.reads(&step.act)).collect();
    let mut books = ledger::balances_under_lock(work, &keys).await?;
    let mut journals: Vec<Journal> = Vec::new();
    for step in batch.steps {
        let journal = journal(batch.twin, step, &journals, &books)?;
        // What a later act of the batch reads; whether this one may happen is judged by the ledger alone.
        follow(&mut books, &keys, &journal);
        journals.push(journal);
    }
    let posted = ledger::post(work, &journals).await?;
    *batch.posted.lock().unwrap() = journals.into_iter().zip(posted).collect();
    Ok(())
}

/// Applies what a journal does to the accounts that were read.
fn follow(books: &mut Books, keys: &[accounting::AccountKey], journal: &Journal) {
    let mut standings: BTreeMap<_, _> = keys.iter().map(|key| (*key, books.standing(key))).collect();
    for posting in &journal.postings {
        for (key, amount) in [(posting.from(), -posting.amount()), (posting.to(), posting.amount())] {
            if let Some(standing) = standings.get_mut(key) {
                standing.balance += amount;
            }
        }
    }
    *books = Books::from_standings(standings);
}

fn journal(twin: &Twin, step: &Step, batch: &[Journal], books: &Books) -> Result<Journal, Failure> {
    let (id, number) = (ids::fresh_journal(), step.number);
    if let Act::Reverse(which) = step.act {
        let before = twin.journals.len();
        let undone = twin.journals.get(which).unwrap_or_else(|| &batch[which - before]);
        return Ok(undone.reversal(id, step.day));
    }
    let (kind, subject) = words(&step.act);
    let subject = Subject { kind: subject, id: ids::fresh(), version: i64::try_from(number).unwrap() + 1 };
    let postings = twin.province.postings(&step.act, books, &step.line)?;
    let hash = number.is_multiple_of(3).then(|| format!("{number:064x}"));
    let reason = number.is_multiple_of(2).then(|| format!("第{number}件"));
    let mut journals = [Journal::new(id, kind, subject, step.day, postings).because(reason).proved_by(hash)];
    if !matches!(step.act, Act::SetCap { .. }) {
        recipes::take_reductions(&mut journals, books)?;
    }
    let [journal] = journals;
    Ok(journal)
}

fn assert_refused(posted: Result<Vec<(Journal, Posted)>, Failure>, why: Why, trail: &str) {
    let Err(failure) = posted else { panic!("the model refuses with {why:?}, the ledger does it: {trail}") };
    let violation = failure.violations.first().unwrap_or_else(|| panic!("{failure:?} at {trail}"));
    let (code, text) = match why {
        Why::Short { held, wanted } => {
            ("LED_NOT_ENOUGH", format!("the account holds {held} and {wanted} would leave it (smallest units)"))
        }
        Why::ReversedAlready => ("LED_ALREADY_REVERSED", violation.en.clone()),
        Why::Sealed(day) => {
            assert!(violation.en.contains(&day.to_string()), "{violation:?} names {day}, {trail}");
            ("LED_PERIOD_SEALED", violation.en.clone())
        }
    };
    assert_eq!((violation.code.as_ref(), &violation.en), (code, &text), "{trail}");
}

fn assert_told(province: &Province, posted: &[(Journal, Posted)], expected: &[Vec<Side>], trail: &str) {
    let told = |(_, posted): &(Journal, Posted)| -> Vec<Side> {
        let entries = posted.entries.iter();
        entries
            .map(|entry| {
                (entry.line, province.name_of(&entry.account), entry.amount, entry.balance_after, entry.version)
            })
            .collect()
    };
    assert_eq!(posted.iter().map(told).collect::<Vec<_>>(), expected, "{trail}");
}

/// What the model knows of the accounts that were ever touched.
fn known(model: &Plain) -> BTreeMap<Name, (i64, i64)> {
    model.accounts().iter().filter(|(_, (_, version))| *version > 0).map(|(name, at)| (*name, *at)).collect()
}

async fn read(desk: &Desk, province: &Province, sql: &str) -> Vec<QueryResult> {
    use sea_orm::ConnectionTrait;
    let owners: Vec<Uuid> = province.owners().collect();
    let places: Vec<String> = (1..=owners.len()).map(|at| format!("${at}")).collect();
    let sql = sql.replace("{owners}", &places.join(", "));
    let values: Vec<sea_orm::Value> = owners.into_iter().map(Into::into).collect();
    let statement = Statement::from_sql_and_values(desk.db().backend(), sql, values);
    desk.db().reader().query_all_raw(statement).await.unwrap()
}

fn name(province: &Province, row: &QueryResult) -> Name {
    let subject: Uuid = row.try_get("", "subject_id").unwrap();
    let purpose: String = row.try_get("", "purpose").unwrap();
    let (owner, asset) = (row.try_get("", "owner_id").unwrap(), row.try_get("", "asset_id").unwrap());
    province.name(owner, asset, &purpose, (!subject.is_nil()).then_some(subject))
}

/// Where the accounts of a province stand, read past the ledger.
async fn standings(desk: &Desk, province: &Province) -> BTreeMap<Name, (i64, i64)> {
    let sql = "SELECT owner_id, asset_id, purpose, subject_id, balance, version FROM accounts \
               WHERE version > 0 AND owner_id IN ({owners})";
    let standing = |row: &QueryResult| {
        (name(province, row), (row.try_get("", "balance").unwrap(), row.try_get("", "version").unwrap()))
    };
    read(desk, province, sql).await.iter().map(standing).collect()
}

/// Seals a month as the bureau does, and tells how many journals are dated in it.
async fn seal(desk: &Desk, month: Month) -> Result<i64, Failure> {
    let permit = desk.app.operator.may(Action::SealPeriod).unwrap();
    let key = CommandKey {
        client: desk.app.operator.user.0,
        operation: "seal".to_owned(),
        key: None,
        request_hash: String::new(),
        terms: Terms::default(),
    };
    let seal = desk.db().run_alone(&permit, &key, &month, |work, month| {
        Box::pin(async move { periods::seal(work, *month).await.map(|sealed| sealed.journals) })
    });
    seal.await
}

/// What the ledger answers about an instant, a legal date, or both.
async fn balances(desk: &Desk, province: &Province, view: View) -> BTreeMap<Name, i64> {
    let mut found = BTreeMap::new();
    for owner in province.owners() {
        let filter = BalanceFilter { owner: Some(owner), view, ..BalanceFilter::default() };
        let page = PageRequest::of(200);
        let balances = list_balances(desk.db(), &Scope::Everything, &filter, &page).await.unwrap();
        assert!(balances.next.is_none(), "one page holds all accounts of one owner");
        for balance in balances.items.iter().filter(|balance| balance.units != 0) {
            let asset = balance.asset.parse().unwrap_or(ledger::CNY.0);
            found.insert(province.name(balance.owner, asset, &balance.purpose, balance.subject), balance.units);
        }
    }
    found
}

/// A row of the books without its ids and instants: the journal's number, its columns, and those of the entry.
type Row = (usize, [String; 7], Option<(i32, Name, i64, i64, i64, String)>);

async fn rows(desk: &Desk, twin: &Twin) -> Vec<Row> {
    let numbers: BTreeMap<Uuid, usize> = (0..).zip(&twin.journals).map(|(at, journal)| (journal.id.0, at)).collect();
    let sql = "SELECT j.id, j.kind, j.subject_kind, j.subject_version, j.effective_on, j.reason, j.document_hash, j.reverses_id \
               FROM journals j";
    let journals = desk.rows(sql).await;
    let mut rows: Vec<Row> = Vec::new();
    for row in &journals {
        let Some(number) = numbers.get(&row.try_get("", "id").unwrap()) else { continue };
        let text = |column| row.try_get::<Option<String>>("", column).unwrap().unwrap_or_else(|| "-".to_owned());
        let version: i64 = row.try_get("", "subject_version").unwrap();
        let reverses: Option<Uuid> = row.try_get("", "reverses_id").unwrap();
        let reverses = reverses.map_or_else(|| "-".to_owned(), |id| numbers[&id].to_string());
        let columns = ["kind", "subject_kind", "effective_on", "reason", "document_hash"].map(text);
        let [kind, subject, day, reason, hash] = columns;
        rows.push((*number, [kind, subject, version.to_string(), day, reason, hash, reverses], None));
    }
    let sql = "SELECT e.journal_id, e.line, e.amount, e.balance_after, e.version, e.effective_on, \
               a.owner_id, a.asset_id, a.purpose, a.subject_id FROM entries e \
               JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id WHERE a.owner_id IN ({owners})";
    for row in read(desk, &twin.province, sql).await {
        let number = numbers[&row.try_get("", "journal_id").unwrap()];
        let get = |column| row.try_get::<i64>("", column).unwrap();
        let entry = (
            row.try_get("", "line").unwrap(),
            name(&twin.province, &row),
            get("amount"),
            get("balance_after"),
            get("version"),
            row.try_get("", "effective_on").unwrap(),
        );
        rows.push((number, std::array::from_fn(|_| String::new()), Some(entry)));
    }
    rows.sort();
    assert!(
        rows.iter().any(|(_, _, entry)| matches!(entry, Some((_, Name { who: Who::Book, what: What::Money, .. }, ..))))
    );
    rows
}
