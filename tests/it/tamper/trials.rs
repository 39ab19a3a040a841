//! Every column of every table: one row is changed, one is deleted, one is copied. Each is a trial of its own, in a
//! transaction that is rolled back.

use super::attack::{another, begin, copied, execute, something, take_the_guards_away, told, victim};
use super::catalogue::{Table, rows, tables};
use super::story;
use crate::imports::files::{import, small};
use crate::support::app::is_postgres;
use crate::support::demo::unloaded_database;
use crate::support::postgres::hash_of_migrations;
use crate::support::{figures, soak};
use accounting::verify::Difference;
use ganhe::access::SignInRules;
use ganhe::app::opening;
use ganhe::audit::records::{NOT_PROVED, PROVED_OTHERWISE};
use ganhe::audit::verify::{verify, verify_in};
use ganhe::db::Db;
use ganhe::db::contents::Contents;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// A row in the words by which a finding names it; any of these will do.
struct Named(Vec<Vec<String>>);

impl Named {
    /// By its key within the book. A record also goes by the row that it is of, an entry by its journal, and a journal by
    /// what it is about: one that is gone has no other name left.
    async fn of(db: &impl ConnectionTrait, name: &str, table: &Table, place: &str) -> Self {
        let own = table.own_key();
        let other = match name {
            "evidence" => Some("row_key"),
            "log_leaves" => Some("source_id"),
            "entries" => Some("journal_id"),
            "journals" => Some("subject_id"),
            _ => None,
        };
        let mut names = vec![told(db, name, &own, place).await];
        if let Some(other) = other {
            names.push(told(db, name, &[other.to_owned()], place).await);
        }
        Self(names)
    }

    /// Whether a finding names the table and the row: a covered table by the key itself; journals, entries and records may
    /// be named in the words of what they belong to, by an id.
    fn is_named(&self, table: &str, found: &Difference) -> bool {
        let is_key = |name: &Vec<String>| found.row == name.join(" ") || found.row == format!("account {}", name[0]);
        if found.table == table && self.0.iter().any(is_key) {
            return true;
        }
        let is_by_id = |name: &Vec<String>| {
            let words = name.iter().flat_map(|part| part.split(' '));
            let mut ids = words.filter(|word| word.parse::<Uuid>().is_ok()).peekable();
            is_key(name) || (ids.peek().is_some() && ids.all(|id| found.row.contains(id)))
        };
        // The log tells its rows by numbers and names, also as what was expected beside another row.
        if table.starts_with("log_") {
            let said = format!("{} {}", found.row, found.fault);
            let words: Vec<&str> = said.split([' ', ',', '(', ')']).collect();
            let is_told = |name: &Vec<String>| name.iter().all(|part| words.contains(&part.as_str()));
            return found.table.starts_with("log_") && self.0.iter().any(is_told);
        }
        let is_own = PROVED_OTHERWISE.iter().any(|(own, _)| *own == table);
        is_own && (found.table == table || found.fault.contains(table)) && self.0.iter().any(is_by_id)
    }
}

/// A row to tamper with.
struct Trial<'t> {
    name: &'t str,
    table: &'t Table,
    place: String,
    sql: String,
}

impl Trial<'_> {
    /// Tampers with the row, and tells the names by which a finding may call it.
    async fn done_in(&self, attack: &impl ConnectionTrait) -> Named {
        let Self { name, table, place, sql } = self;
        let mut names = Named::of(attack, name, table, place).await;
        assert_eq!(execute(attack, sql).await, 1, "{sql}");
        // The row that was made or moved goes by its new name, too; one that was deleted has only its old one.
        if let Some(written) = written_place(attack, name, place, sql).await {
            let new = Named::of(attack, name, table, &written).await;
            names.0.extend(new.0);
        }
        names
    }
}

/// How many rows of different tables are tampered with at once: the same verification has to name each of them, and where it does not,
/// each is tried alone. `GANHE_TEST_AT_ONCE=1` tries all of them alone, which takes minutes.
fn at_once() -> usize {
    soak::at_once().unwrap_or(8)
}

/// Trials and how they went.
struct Trials<'a> {
    db: &'a Db,
    tables: usize,
    tried: usize,
    missed: Vec<String>,
}

impl Trials<'_> {
    /// Tampers with rows of different tables, and tells which are not named.
    async fn missed_of(&self, group: &[Trial<'_>]) -> Vec<String> {
        let attack = begin(self.db).await;
        let mut names = Vec::with_capacity(group.len());
        for trial in group {
            names.push(trial.done_in(&attack).await);
        }
        let found = verify_in(&attack, &Contents::default(), None).await;
        attack.rollback().await.unwrap();
        let mut missed = Vec::new();
        for (Trial { name, sql, .. }, names) in group.iter().zip(names) {
            match &found {
                Err(fault) => missed.push(format!("{sql}: {fault}")),
                Ok(findings) if findings.differences.iter().any(|found| names.is_named(name, found)) => {}
                Ok(findings) => missed.push(format!("{sql}: {:?} is not named: {:#?}", names.0, findings.differences)),
            }
        }
        missed
    }

    async fn on(&mut self, group: &[Trial<'_>]) {
        self.tried += group.len();
        let missed = self.missed_of(group).await;
        if missed.is_empty() || group.len() == 1 {
            self.missed.extend(missed);
            return;
        }
        for trial in group {
            let missed = self.missed_of(std::slice::from_ref(trial)).await;
            self.missed.extend(missed);
        }
    }
}

/// Every column of a table changed, emptied and filled, one row deleted and one copied.
async fn trials_of<'t>(db: &Db, name: &'t str, table: &'t Table) -> Vec<Trial<'t>> {
    let place = victim(db.writer(), name, "1 = 1").await;
    let place = place.unwrap_or_else(|| panic!("{name} has no row to try: let something happen in story.rs"));
    let trial = |place: &str, sql: String| Trial { name, table, place: place.to_owned(), sql };
    let mut all = Vec::new();
    for column in &table.columns {
        let set = &column.name;
        let filled = victim(db.writer(), name, &format!("{set} IS NOT NULL")).await;
        let empty = victim(db.writer(), name, &format!("{set} IS NULL")).await;
        if let Some(place) = &filled {
            let value = another(column, table.is_unique(set));
            all.push(trial(place, format!("UPDATE {name} SET {set} = {value} WHERE {place}")));
        }
        if let Some(place) = filled.filter(|_| column.is_nullable) {
            all.push(trial(&place, format!("UPDATE {name} SET {set} = NULL WHERE {place}")));
        }
        if let Some(place) = empty {
            let value = something(column);
            all.push(trial(&place, format!("UPDATE {name} SET {set} = {value} WHERE {place}")));
        }
    }
    all.push(trial(&place, format!("DELETE FROM {name} WHERE {place}")));
    all.push(trial(&place, copied(name, table, &place)));
    all
}

/// Where the row is that was written by the attack.
async fn written_place(attack: &impl ConnectionTrait, name: &str, place: &str, sql: &str) -> Option<String> {
    let found = if is_postgres() {
        let written = "xmin::text::bigint = txid_current() % 4294967296";
        format!("SELECT format('ctid = %L', ctid) FROM {name} WHERE {written}")
    } else if sql.starts_with("INSERT") {
        format!("SELECT 'rowid = ' || last_insert_rowid() FROM {name}")
    } else {
        format!("SELECT 'rowid = ' || rowid FROM {name} WHERE {place}")
    };
    rows(attack, &found).await.first().map(|row| row.try_get_by_index(0).unwrap())
}

impl<'a> Trials<'a> {
    /// Every row of these tables that an attack may meet.
    async fn over(db: &'a Db, is_tried: impl Fn(&str) -> bool) -> Self {
        assert_eq!(verify(db).await.unwrap().differences, []);
        take_the_guards_away(db).await;
        let mut trials = Trials { db, tables: 0, tried: 0, missed: Vec::new() };
        let known = tables(db).await;
        let is_meant = |name: &str| is_tried(name) && !NOT_PROVED.iter().any(|(exempt, _)| *exempt == name);
        let mut rounds: Vec<Vec<Trial<'_>>> = Vec::new();
        for (name, table) in known.iter().filter(|(name, _)| is_meant(name)) {
            trials.tables += 1;
            for (at, trial) in trials_of(db, name, table).await.into_iter().enumerate() {
                if rounds.len() == at {
                    rounds.push(Vec::new());
                }
                rounds[at].push(trial);
            }
        }
        for group in rounds.iter().flat_map(|round| round.chunks(at_once())) {
            trials.on(group).await;
        }
        assert_eq!(verify(db).await.unwrap().differences, [], "everything was put back");
        trials
    }

    fn found_all_of_at_least(self, what: &str, least: usize) {
        let (tried, missed) = (self.tried, self.missed);
        let tables = self.tables;
        figures::keep(
            &format!("tamper trials on {what}"),
            &format!("found {} of {tried} trials in {tables} tables", tried - missed.len()),
        );
        assert!(tried > least, "only {tried} trials: does the catalogue still tell every table?");
        assert!(missed.is_empty(), "missed {}: {}", missed.len(), missed.join("\n"));
    }
}

/// A table that only an import writes: no live book has a row in it.
fn is_of_an_import(name: &str) -> bool {
    name.starts_with("import_") || name == "legacy_transactions"
}

/// A number of a table, the same in every run.
fn number_of(name: &str) -> u64 {
    name.bytes().map(u64::from).sum()
}

/// Whether a table is tried on this database. A long run tries all on both; in a bounded one each has its turn on one of them, which is
/// drawn.
fn has_its_turn(name: &str, draw: u64) -> bool {
    soak::duration().is_some() || (number_of(name) / 2 + draw % 2) % 2 == u64::from(is_postgres())
}

/// One half of the tables or the other, so that both are tried side by side.
async fn tries_one_half(half: u64, what: &str) {
    let history = story::happen().await;
    history.world.books_are_right().await;
    // The state of the migrations draws: the same on either database.
    let draw = hash_of_migrations().unwrap();
    let is_tried = |name: &str| !is_of_an_import(name) && number_of(name) % 2 == half && has_its_turn(name, draw);
    Trials::over(&history.world.app.shared.db, is_tried).await.found_all_of_at_least(what, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_changed_deleted_or_inserted_is_found_and_named() {
    tries_one_half(0, "one half of the tables").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_changed_deleted_or_inserted_of_the_other_tables_is_found_and_named() {
    tries_one_half(1, "the other half of the tables").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_changed_of_an_import_is_found_and_named() {
    let (url, mut files) = (unloaded_database().await, small());
    files.transactions("8,T5,2018-01-01,x,nobody,mill,unit,1");
    assert!(import(&url, &files.write(), &["--continue"]).await.is_success);
    let shared = opening::founded(&url, SignInRules::default()).await.unwrap();
    Trials::over(&shared.db, is_of_an_import).await.found_all_of_at_least("an import", 50);
}
