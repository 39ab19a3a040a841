//! A plain scan: every row that a verification needs, read once by the driver, in the order in which the database likes to
//! give it, each column decoded and then forgotten.

use crate::Outcome;
use crate::stage::Stage;
use futures::TryStreamExt;
use sea_orm::sqlx::{self, ColumnIndex, Database, Decode, Executor, IntoArguments, Pool, Row, Type};
use std::hint::black_box;
use uuid::Uuid;

const JOURNALS: &str = "SELECT id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, reason, \
                        document_hash, reverses_id, leaf_hash FROM journals WHERE book_id = 1";
const ENTRIES: &str = "SELECT account_id, version, journal_id, line, amount, balance_after, recorded_at, effective_on \
                       FROM entries WHERE book_id = 1";
const ACCOUNTS: &str = "SELECT id, owner_id, asset_id, purpose, subject_id, guarded, balance, version, last_recorded_at FROM accounts \
                        WHERE book_id = 1";
const TOTALS: &str =
    "SELECT account_id, effective_on, recorded_on, amount, entries FROM daily_totals WHERE book_id = 1";
const LEAVES: &str = "SELECT position, source, source_id, leaf_hash, sequenced_at FROM log_leaves WHERE book_id = 1";
const NODES: &str = "SELECT level, position, hash FROM log_nodes WHERE book_id = 1";
const CHECKPOINTS: &str = "SELECT number, tree_size, root, note, key_number, stable_before, recorded_at FROM log_checkpoints \
                           WHERE book_id = 1";
const EVIDENCE: &str = "SELECT book_id, id, table_name, row_key, version, recorded_at, content, leaf_hash FROM evidence \
                        WHERE book_id = 1";

/// Reads the whole book and tells how many rows that was.
pub async fn whole_book(stage: &Stage) -> Outcome<usize> {
    if stage.is_postgres() {
        rows(stage.db.reader().get_postgres_connection_pool()).await
    } else {
        rows(stage.db.reader().get_sqlite_connection_pool()).await
    }
}

/// The first and the last instant of the book.
pub async fn instants(stage: &Stage) -> Outcome<(i64, i64)> {
    let sql = "SELECT MIN(recorded_at), MAX(recorded_at) FROM journals WHERE book_id = 1";
    Ok(if stage.is_postgres() {
        sqlx::query_as(sql).fetch_one(stage.db.reader().get_postgres_connection_pool()).await?
    } else {
        sqlx::query_as(sql).fetch_one(stage.db.reader().get_sqlite_connection_pool()).await?
    })
}

async fn rows<D>(pool: &Pool<D>) -> Outcome<usize>
where
    D: Database,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    usize: ColumnIndex<D::Row>,
    for<'r> Uuid: Decode<'r, D> + Type<D>,
    for<'r> &'r str: Decode<'r, D> + Type<D>,
    for<'r> &'r [u8]: Decode<'r, D> + Type<D>,
    for<'r> i64: Decode<'r, D> + Type<D>,
    for<'r> i32: Decode<'r, D> + Type<D>,
    for<'r> bool: Decode<'r, D> + Type<D>,
{
    let mut count = read(pool, JOURNALS, |row| {
        black_box::<(Uuid, &str, &str, Uuid, i64)>((
            row.try_get(0)?,
            row.try_get(1)?,
            row.try_get(2)?,
            row.try_get(3)?,
            row.try_get(4)?,
        ));
        black_box::<(&str, i64, Uuid)>((row.try_get(5)?, row.try_get(6)?, row.try_get(7)?));
        black_box::<(Option<&str>, Option<&str>)>((row.try_get(8)?, row.try_get(9)?));
        black_box::<(Option<Uuid>, &[u8])>((row.try_get(10)?, row.try_get(11)?));
        Ok(())
    })
    .await?;
    count += read(pool, ENTRIES, |row| {
        black_box::<(Uuid, i64, Uuid, i32)>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        black_box::<(i64, i64, i64, &str)>((row.try_get(4)?, row.try_get(5)?, row.try_get(6)?, row.try_get(7)?));
        Ok(())
    })
    .await?;
    count += read(pool, ACCOUNTS, |row| {
        black_box::<(Uuid, Uuid, Uuid, &str)>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        black_box::<(Uuid, bool, i64, i64, i64)>((
            row.try_get(4)?,
            row.try_get(5)?,
            row.try_get(6)?,
            row.try_get(7)?,
            row.try_get(8)?,
        ));
        Ok(())
    })
    .await?;
    count += read(pool, TOTALS, |row| {
        black_box::<(Uuid, &str, &str, i64)>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        black_box::<i64>(row.try_get(4)?);
        Ok(())
    })
    .await?;
    Ok(count + log_and_evidence(pool).await?)
}

/// What the log is built again from, and the evidence of the business rows.
async fn log_and_evidence<D>(pool: &Pool<D>) -> Outcome<usize>
where
    D: Database,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    usize: ColumnIndex<D::Row>,
    for<'r> Uuid: Decode<'r, D> + Type<D>,
    for<'r> &'r str: Decode<'r, D> + Type<D>,
    for<'r> &'r [u8]: Decode<'r, D> + Type<D>,
    for<'r> i64: Decode<'r, D> + Type<D>,
    for<'r> i32: Decode<'r, D> + Type<D>,
{
    let mut count = read(pool, LEAVES, |row| {
        black_box::<(i64, &str, Uuid, &[u8])>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        black_box::<i64>(row.try_get(4)?);
        Ok(())
    })
    .await?;
    count += read(pool, NODES, |row| {
        black_box::<(i32, i64, &[u8])>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        Ok(())
    })
    .await?;
    count += read(pool, CHECKPOINTS, |row| {
        black_box::<(i64, i64, &[u8], &str)>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        black_box::<(i64, i64, i64)>((row.try_get(4)?, row.try_get(5)?, row.try_get(6)?));
        Ok(())
    })
    .await?;
    count += read(pool, EVIDENCE, |row| {
        black_box::<(i32, Uuid, &str, &str)>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        black_box::<(i64, i64, &str, &[u8])>((row.try_get(4)?, row.try_get(5)?, row.try_get(6)?, row.try_get(7)?));
        Ok(())
    })
    .await?;
    Ok(count)
}

/// Reads the rows of one table, and tells how many they were.
async fn read<D>(pool: &Pool<D>, sql: &'static str, decode: impl Fn(&D::Row) -> sqlx::Result<()>) -> Outcome<usize>
where
    D: Database,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
{
    let mut connection = pool.acquire().await?;
    let mut rows = sqlx::query(sql).fetch(&mut *connection);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        decode(&row)?;
        count += 1;
    }
    Ok(count)
}
