//! The limit: the same rows as the engine writes, into the very same tables under the same locks, by hand-written SQL for
//! this one purpose. It knows its accounts by row id, judges no rule, hashes nothing (the leaf is 32 bytes of filling) and
//! answers nothing.

use crate::Outcome;
use crate::stage::{self, Dice, Stage};
use ganhe::kernel::{Clock, Moment};
use sea_orm::sqlx::{self, PgConnection, PgPool, Row, SqlitePool};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// An account under its lock.
#[derive(Clone, Copy)]
struct Standing {
    balance: i64,
    version: i64,
    last_recorded_at: i64,
}

/// The rows of some transfers, column by column.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    subject_kinds: Vec<&'static str>,
    subjects: Vec<Uuid>,
    subject_versions: Vec<i64>,
    days: Vec<String>,
    instants: Vec<i64>,
    actors: Vec<Uuid>,
    leaves: Vec<Vec<u8>>,
    entries: Entries,
    totals: Totals,
}

/// What the entries add up to by account; all of them are of one legal date, and learnt on one day.
#[derive(Default)]
struct Totals {
    accounts: Vec<Uuid>,
    days: Vec<String>,
    recorded: Vec<String>,
    amounts: Vec<i64>,
    entries: Vec<i64>,
}

#[derive(Default)]
struct Entries {
    accounts: Vec<Uuid>,
    versions: Vec<i64>,
    journals: Vec<Uuid>,
    lines: Vec<i32>,
    amounts: Vec<i64>,
    balances: Vec<i64>,
    instants: Vec<i64>,
    days: Vec<String>,
}

impl Columns {
    /// Moves one fen along each pair.
    fn of(pairs: &[(Uuid, Uuid)], standings: &mut HashMap<Uuid, Standing>) -> Outcome<Self> {
        let now = Clock::system().business_now().micros();
        let actor = Uuid::from_u128(7);
        let mut columns = Self::default();
        let mut moved: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
        for (from, to) in pairs {
            let id = Uuid::now_v7();
            let last = |account: &Uuid| standings.get(account).map_or(0, |standing| standing.last_recorded_at);
            let instant = now.max(last(from).max(last(to)) + 1);
            for (account, amount) in [(from, -1), (to, 1)] {
                let standing = standings.get_mut(account).ok_or("an account is missing")?;
                standing.balance += amount;
                standing.version += 1;
                standing.last_recorded_at = instant;
                let total = moved.entry(*account).or_default();
                *total = (total.0 + amount, total.1 + 1);
                let entries = &mut columns.entries;
                entries.accounts.push(*account);
                entries.versions.push(standing.version);
                entries.journals.push(id);
                entries.lines.push(0);
                entries.amounts.push(amount);
                entries.balances.push(standing.balance);
                entries.instants.push(instant);
                entries.days.push(stage::DAY.to_string());
            }
            columns.ids.push(id);
            columns.kinds.push("money_deposited");
            columns.subject_kinds.push("money_movement");
            columns.subjects.push(Uuid::now_v7());
            columns.subject_versions.push(1);
            columns.days.push(stage::DAY.to_string());
            columns.instants.push(instant);
            columns.actors.push(actor);
            columns.leaves.push(vec![7; 32]);
        }
        let recorded_on = Moment::from_micros(now).day().to_string();
        for (account, (amount, entries)) in moved {
            columns.totals.accounts.push(account);
            columns.totals.days.push(stage::DAY.to_string());
            columns.totals.recorded.push(recorded_on.clone());
            columns.totals.amounts.push(amount);
            columns.totals.entries.push(entries);
        }
        Ok(columns)
    }
}

/// The accounts to move money among, by row id.
pub async fn accounts_of(stage: &Stage) -> Outcome<Vec<Uuid>> {
    let owners: Vec<Uuid> = stage.purses.iter().map(|purse| purse.owner.0).collect();
    let sql = "SELECT owner_id, id FROM accounts WHERE book_id = 1 AND purpose = 'available'";
    let found: HashMap<Uuid, Uuid> = if stage.is_postgres() {
        sqlx::query_as(sql).fetch_all(stage.db.reader().get_postgres_connection_pool()).await?.into_iter().collect()
    } else {
        sqlx::query_as(sql).fetch_all(stage.db.reader().get_sqlite_connection_pool()).await?.into_iter().collect()
    };
    owners.iter().map(|owner| Ok(*found.get(owner).ok_or("an owner has no account")?)).collect()
}

fn pairs(accounts: &[Uuid], count: usize, dice: &mut Dice) -> Vec<(Uuid, Uuid)> {
    let pair = |_| {
        let from = dice.below(accounts.len());
        let to = (from + 1 + dice.below(accounts.len() - 1)) % accounts.len();
        (accounts[from], accounts[to])
    };
    (0..count).map(pair).collect()
}

fn distinct(pairs: &[(Uuid, Uuid)]) -> Vec<Uuid> {
    let both = pairs.iter().flat_map(|(from, to)| [*from, *to]);
    both.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Transfers in one transaction of PostgreSQL, by as many statements as a single one needs.
pub async fn bulk_on_postgres(pool: &PgPool, accounts: &[Uuid], count: usize, dice: &mut Dice) -> Outcome<()> {
    let pairs = pairs(accounts, count, dice);
    let mut transaction = pool.begin().await?;
    write_on_postgres(&mut transaction, &pairs).await?;
    transaction.commit().await?;
    Ok(())
}

/// One transfer in six statements: begin, lock and read, insert the journal, insert its entries, write totals and balances, commit.
pub async fn single_on_postgres(connection: &mut PgConnection, accounts: &[Uuid], dice: &mut Dice) -> Outcome<()> {
    let pairs = pairs(accounts, 1, dice);
    let mut transaction = sqlx::Connection::begin(connection).await?;
    write_on_postgres(&mut transaction, &pairs).await?;
    transaction.commit().await?;
    Ok(())
}

async fn write_on_postgres(connection: &mut PgConnection, pairs: &[(Uuid, Uuid)]) -> Outcome<()> {
    let sql = "SELECT id, balance, version, last_recorded_at FROM accounts WHERE book_id = $1 AND id = ANY($2) \
               ORDER BY id FOR UPDATE";
    let rows = sqlx::query(sql).bind(stage::book()).bind(distinct(pairs)).fetch_all(&mut *connection).await?;
    let mut standings = HashMap::with_capacity(rows.len());
    for row in &rows {
        let standing =
            Standing { balance: row.try_get(1)?, version: row.try_get(2)?, last_recorded_at: row.try_get(3)? };
        standings.insert(row.try_get(0)?, standing);
    }
    let columns = Columns::of(pairs, &mut standings)?;
    let sql = "INSERT INTO journals (book_id, id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, \
               actor_id, leaf_hash) SELECT $1, * FROM UNNEST($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], \
               $7::text[], $8::bigint[], $9::uuid[], $10::bytea[])";
    sqlx::query(sql)
        .bind(stage::book())
        .bind(&columns.ids)
        .bind(&columns.kinds)
        .bind(&columns.subject_kinds)
        .bind(&columns.subjects)
        .bind(&columns.subject_versions)
        .bind(&columns.days)
        .bind(&columns.instants)
        .bind(&columns.actors)
        .bind(&columns.leaves)
        .execute(&mut *connection)
        .await?;
    let entries = &columns.entries;
    let sql = "INSERT INTO entries (book_id, account_id, version, journal_id, line, amount, balance_after, recorded_at, \
               effective_on) SELECT $1, * FROM UNNEST($2::uuid[], $3::bigint[], $4::uuid[], $5::int[], $6::bigint[], \
               $7::bigint[], $8::bigint[], $9::text[])";
    sqlx::query(sql)
        .bind(stage::book())
        .bind(&entries.accounts)
        .bind(&entries.versions)
        .bind(&entries.journals)
        .bind(&entries.lines)
        .bind(&entries.amounts)
        .bind(&entries.balances)
        .bind(&entries.instants)
        .bind(&entries.days)
        .execute(&mut *connection)
        .await?;
    let (mut ids, mut balances, mut versions, mut instants) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, standing) in standings {
        ids.push(id);
        balances.push(standing.balance);
        versions.push(standing.version);
        instants.push(standing.last_recorded_at);
    }
    let totals = &columns.totals;
    let sql = "WITH totals AS (INSERT INTO daily_totals (book_id, account_id, effective_on, recorded_on, amount, entries) \
               SELECT $1, * FROM UNNEST($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) \
               ON CONFLICT (book_id, account_id, effective_on, recorded_on) DO UPDATE \
               SET amount = daily_totals.amount + excluded.amount, entries = daily_totals.entries + excluded.entries) \
               UPDATE accounts SET balance = r.balance, version = r.version, last_recorded_at = r.instant \
               FROM UNNEST($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[]) AS r(id, balance, version, instant) \
               WHERE accounts.book_id = $1 AND accounts.id = r.id";
    sqlx::query(sql)
        .bind(stage::book())
        .bind(&totals.accounts)
        .bind(&totals.days)
        .bind(&totals.recorded)
        .bind(&totals.amounts)
        .bind(&totals.entries)
        .bind(ids)
        .bind(balances)
        .bind(versions)
        .bind(instants)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// `(?1, ?, ?), (?1, ?, ?), …` for so many rows of so many columns beside the book. Places with numbers would be looked up one
/// after the other while SQLite parses.
fn places(rows: usize, columns: usize) -> String {
    let row = format!("(?1{})", ", ?".repeat(columns));
    vec![row; rows].join(", ")
}

/// Transfers in one transaction of SQLite, one statement of many rows for each table.
pub async fn bulk_on_sqlite(pool: &SqlitePool, accounts: &[Uuid], count: usize, dice: &mut Dice) -> Outcome<()> {
    let pairs = pairs(accounts, count, dice);
    let touched = distinct(&pairs);
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let wanted = vec!["?"; touched.len()];
    let sql = format!(
        "SELECT id, balance, version, last_recorded_at FROM accounts WHERE book_id = ?1 AND id IN ({})",
        wanted.join(", ")
    );
    let query =
        touched.iter().fold(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(stage::book()), |query, id| query.bind(*id));
    let mut standings = HashMap::with_capacity(touched.len());
    for row in query.fetch_all(&mut *transaction).await? {
        let standing =
            Standing { balance: row.try_get(1)?, version: row.try_get(2)?, last_recorded_at: row.try_get(3)? };
        standings.insert(row.try_get(0)?, standing);
    }
    let columns = Columns::of(&pairs, &mut standings)?;
    let sql = format!(
        "INSERT INTO journals (book_id, id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, \
         actor_id, leaf_hash) VALUES {}",
        places(count, 9)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(stage::book());
    for at in 0..count {
        query = query.bind(columns.ids[at]).bind(columns.kinds[at]).bind(columns.subject_kinds[at]);
        query = query.bind(columns.subjects[at]).bind(columns.subject_versions[at]).bind(columns.days[at].as_str());
        query = query.bind(columns.instants[at]).bind(columns.actors[at]).bind(columns.leaves[at].as_slice());
    }
    query.execute(&mut *transaction).await?;
    let entries = &columns.entries;
    let sql = format!(
        "INSERT INTO entries (book_id, account_id, version, journal_id, line, amount, balance_after, recorded_at, \
         effective_on) VALUES {}",
        places(2 * count, 8)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(stage::book());
    for at in 0..2 * count {
        query = query.bind(entries.accounts[at]).bind(entries.versions[at]).bind(entries.journals[at]);
        query = query.bind(entries.lines[at]).bind(entries.amounts[at]).bind(entries.balances[at]);
        query = query.bind(entries.instants[at]).bind(entries.days[at].as_str());
    }
    query.execute(&mut *transaction).await?;
    let totals = &columns.totals;
    let sql = format!(
        "INSERT INTO daily_totals (book_id, account_id, effective_on, recorded_on, amount, entries) VALUES {} \
         ON CONFLICT (book_id, account_id, effective_on, recorded_on) DO UPDATE \
         SET amount = daily_totals.amount + excluded.amount, entries = daily_totals.entries + excluded.entries",
        places(totals.accounts.len(), 5)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(stage::book());
    for at in 0..totals.accounts.len() {
        query = query.bind(totals.accounts[at]).bind(totals.days[at].as_str()).bind(totals.recorded[at].as_str());
        query = query.bind(totals.amounts[at]).bind(totals.entries[at]);
    }
    query.execute(&mut *transaction).await?;
    let sql = format!(
        "UPDATE accounts SET balance = r.column3, version = r.column4, last_recorded_at = r.column5 \
         FROM (VALUES {}) AS r WHERE accounts.book_id = r.column1 AND accounts.id = r.column2",
        places(standings.len(), 4)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(stage::book());
    for (id, standing) in &standings {
        query = query.bind(*id).bind(standing.balance).bind(standing.version).bind(standing.last_recorded_at);
    }
    query.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}
