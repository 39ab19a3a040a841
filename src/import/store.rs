//! The import's rows: always sets, one statement for each table.

use super::register::{Beginning, Counted, Holder, Register};
use super::table::{Fault, Place};
use super::transaction::{Read, Transaction};
use crate::access::{Caller, Role};
use crate::db::columns::{Kind, Rows};
use crate::db::{BOOK, Db, Work};
use crate::kernel::Failure;
use crate::kernel::ids::{self, OrganisationId, UserId};
use accounting::{AssetId, OwnerId};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use std::collections::BTreeMap;

/// How far an import has come.
#[derive(Debug, Clone)]
pub struct Run {
    /// Who imports.
    pub caller: Caller,
    /// SHA-256 of each file.
    pub hashes: BTreeMap<String, String>,
    /// Where the first row stands that is not judged yet; none at the beginning.
    pub next: Option<Place>,
    /// Transactions posted.
    pub posted: u64,
    /// Their rows.
    pub rows: u64,
    /// Transactions refused and left out.
    pub refused: u64,
    /// Whether nothing is left to do.
    pub is_finished: bool,
}

/// What a database is, for an import.
#[derive(Debug, Clone)]
pub enum Found {
    /// No book is founded in it.
    Nothing,
    /// Another book.
    Other,
    /// A book that an import founded.
    Import(Box<Run>),
}

async fn rows(db: &Db, sql: &str) -> Result<Vec<QueryResult>, Failure> {
    Ok(db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, [BOOK.0.into()])).await?)
}

/// Whether a table is there: a database that was never migrated has none.
async fn is_there(db: &Db, table: &str) -> Result<bool, Failure> {
    let sql = match db.backend() {
        DbBackend::Postgres => {
            "SELECT 1 AS one FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = $1"
        }
        _ => "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = $1",
    };
    let found = db.reader().query_one_raw(Statement::from_sql_and_values(db.backend(), sql, [table.into()])).await?;
    Ok(found.is_some())
}

/// Looks what the database is. It changes nothing.
///
/// # Errors
/// A fault of the database.
pub async fn find_run(db: &Db) -> Result<Found, Failure> {
    if !is_there(db, "installation").await? || rows(db, "SELECT id FROM installation WHERE id = $1").await?.is_empty() {
        return Ok(Found::Nothing);
    }
    if !is_there(db, "import_runs").await? {
        return Ok(Found::Other);
    }
    let sql = "SELECT actor_id, organisation_id, area_path, next_byte, next_line, posted, posted_rows, refused, finished_at \
               FROM import_runs WHERE book_id = $1";
    let found = rows(db, sql).await?;
    let Some(row) = found.first() else { return Ok(Found::Other) };
    let number =
        |column: &str| -> Result<u64, Failure> { u64::try_from(row.try_get::<i64>("", column)?).map_err(Failure::bug) };
    let mut hashes = BTreeMap::new();
    for file in rows(db, "SELECT name, sha256 FROM import_files WHERE book_id = $1").await? {
        hashes.insert(file.try_get("", "name")?, file.try_get("", "sha256")?);
    }
    let next = Place { byte: number("next_byte")?, line: number("next_line")? };
    Ok(Found::Import(Box::new(Run {
        caller: Caller {
            user: UserId(row.try_get("", "actor_id")?),
            organisation: OrganisationId(row.try_get("", "organisation_id")?),
            roles: vec![Role::Operator],
            area_path: row.try_get("", "area_path")?,
        },
        hashes,
        next: (next != Place::default()).then_some(next),
        posted: number("posted")?,
        rows: number("posted_rows")?,
        refused: number("refused")?,
        is_finished: row.try_get::<Option<i64>>("", "finished_at")?.is_some(),
    })))
}

/// Holders and assets as they were imported.
///
/// # Errors
/// A fault of the database.
pub async fn load_register(db: &Db) -> Result<Register, Failure> {
    let mut register = Register::default();
    let sql = "SELECT h.owner_id, h.external_id, h.kind, o.name FROM import_holders h \
               JOIN owners o ON o.book_id = h.book_id AND o.id = h.owner_id WHERE h.book_id = $1";
    for row in rows(db, sql).await? {
        let holder = Holder {
            owner: OwnerId(row.try_get("", "owner_id")?),
            external_id: row.try_get("", "external_id")?,
            name: row.try_get("", "name")?,
            kind: row.try_get("", "kind")?,
        };
        register.holders.insert(holder.external_id.clone(), holder);
    }
    let sql = "SELECT i.asset_id, i.code, i.scale, s.unit FROM import_assets i \
               JOIN assets s ON s.book_id = i.book_id AND s.id = i.asset_id WHERE i.book_id = $1";
    for row in rows(db, sql).await? {
        let scale = u32::try_from(row.try_get::<i32>("", "scale")?).map_err(Failure::bug)?;
        let (asset, code) = (AssetId(row.try_get("", "asset_id")?), row.try_get::<String>("", "code")?);
        let counted = Counted::with_scale(asset, code.clone(), row.try_get("", "unit")?, scale)
            .ok_or_else(|| Failure::bug(format!("the asset {code} has the scale {scale}")))?;
        register.assets.insert(code, counted);
    }
    Ok(register)
}

/// One statement for a set of rows; `{source}` in it has the columns `c0`, `c1` …, and `$1` is the book.
async fn insert(work: &Work, rows: Rows, sql: &str) -> Result<(), Failure> {
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    work.connection().execute_raw(work.statement(&sql.replace("{source}", &source), values)).await?;
    Ok(())
}

fn big(number: u64) -> Result<Value, Failure> {
    Ok(i64::try_from(number).map_err(Failure::bug)?.into())
}

/// Whether a book is founded by now.
///
/// # Errors
/// A fault of the database.
pub async fn is_founded(work: &Work) -> Result<bool, Failure> {
    let statement = work.statement("SELECT id FROM books WHERE id = $1", vec![work.book().0.into()]);
    Ok(work.connection().query_one_raw(statement).await?.is_some())
}

/// Writes the run at its beginning, with the hashes of its files.
///
/// # Errors
/// A fault of the database.
pub async fn insert_run(
    work: &Work,
    organisation: OrganisationId,
    hashes: &BTreeMap<&'static str, String>,
) -> Result<(), Failure> {
    let caller = work.caller();
    let values = vec![
        work.book().0.into(),
        caller.user.0.into(),
        organisation.0.into(),
        caller.area_path.clone().into(),
        work.now().micros().into(),
    ];
    let sql = "INSERT INTO import_runs (book_id, actor_id, organisation_id, area_path, next_byte, next_line, posted, \
               posted_rows, refused, started_at) VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, $5)";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    let mut files = Rows::new(&[Kind::Text, Kind::Text]);
    for (name, hash) in hashes {
        files.push([(*name).into(), hash.clone().into()]);
    }
    insert(work, files, "INSERT INTO import_files (book_id, name, sha256) SELECT $1, r.c0, r.c1 FROM {source}").await
}

/// Writes the ids that the register knew its holders and assets by.
///
/// # Errors
/// A fault of the database.
pub async fn insert_register(work: &Work, beginning: &Beginning) -> Result<(), Failure> {
    let mut holders = Rows::new(&[Kind::Uuid, Kind::Text, Kind::Text]);
    for holder in beginning.register.holders.values() {
        holders.push([holder.owner.0.into(), holder.external_id.clone().into(), holder.kind.clone().into()]);
    }
    let sql =
        "INSERT INTO import_holders (book_id, owner_id, external_id, kind) SELECT $1, r.c0, r.c1, r.c2 FROM {source}";
    insert(work, holders, sql).await?;
    let mut assets = Rows::new(&[Kind::Uuid, Kind::Text, Kind::Int]);
    for counted in beginning.register.assets.values() {
        let scale = i32::try_from(counted.scale).map_err(Failure::bug)?;
        assets.push([counted.asset.0.into(), counted.code.clone().into(), scale.into()]);
    }
    let sql = "INSERT INTO import_assets (book_id, asset_id, code, scale) SELECT $1, r.c0, r.c1, r.c2 FROM {source}";
    insert(work, assets, sql).await
}

/// Takes the turn: nobody else goes on from this place before the work ends. False when the import stands elsewhere.
///
/// # Errors
/// A fault of the database.
pub async fn claim(work: &Work, from: Option<Place>) -> Result<bool, Failure> {
    let values = vec![work.book().0.into(), big(from.unwrap_or_default().byte)?];
    let sql =
        "UPDATE import_runs SET next_byte = next_byte WHERE book_id = $1 AND next_byte = $2 AND finished_at IS NULL";
    Ok(work.connection().execute_raw(work.statement(sql, values)).await?.rows_affected() == 1)
}

/// What a batch adds to a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Step {
    /// Where to go on.
    pub next: Place,
    /// Transactions posted.
    pub posted: u64,
    /// Their rows.
    pub rows: u64,
    /// Transactions refused.
    pub refused: u64,
}

/// Writes how far the run has come.
///
/// # Errors
/// A fault of the database.
pub async fn advance(work: &Work, step: Step) -> Result<(), Failure> {
    let values = vec![
        work.book().0.into(),
        big(step.next.byte)?,
        big(step.next.line)?,
        big(step.posted)?,
        big(step.rows)?,
        big(step.refused)?,
    ];
    let sql = "UPDATE import_runs SET next_byte = $2, next_line = $3, posted = posted + $4, posted_rows = posted_rows + $5, \
               refused = refused + $6 WHERE book_id = $1";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// Writes that nothing is left to do.
///
/// # Errors
/// A fault of the database.
pub async fn finish(work: &Work) -> Result<(), Failure> {
    let values = vec![work.book().0.into(), work.now().micros().into()];
    let sql = "UPDATE import_runs SET finished_at = $2 WHERE book_id = $1 AND finished_at IS NULL";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// Writes which journal each transaction has become.
///
/// # Errors
/// A fault of the database.
pub async fn insert_transactions(work: &Work, posted: &[(&Transaction, &Read)]) -> Result<(), Failure> {
    use Kind::{Big, Int, Text, Uuid};
    let mut rows = Rows::new(&[Uuid, Text, Big, Int, Text, Text, Text]);
    for (transaction, read) in posted {
        let count = i32::try_from(transaction.lines.len()).map_err(Failure::bug)?;
        rows.push([
            read.journal.id.0.into(),
            transaction.id.clone().into(),
            read.first_seq.into(),
            count.into(),
            read.occurred_at.clone().into(),
            read.kind.clone().into(),
            read.row_facts.clone().into(),
        ]);
    }
    let sql = "INSERT INTO legacy_transactions (book_id, journal_id, transaction_id, first_seq, row_count, occurred_at, kind, row_facts) \
               SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6 FROM {source}";
    insert(work, rows, sql).await
}

/// Writes why transactions were left out.
///
/// # Errors
/// A fault of the database.
pub async fn insert_refusals(work: &Work, faults: &[Fault]) -> Result<(), Failure> {
    use Kind::{Big, Text, Uuid};
    let mut rows = Rows::new(&[Uuid, Text, Big, Text, Text, Big]);
    for fault in faults {
        // A NUL is no text for PostgreSQL.
        let transaction = fault.transaction.clone().unwrap_or_default().replace('\0', "\u{fffd}");
        let violation = serde_json::to_string(&fault.violation).map_err(Failure::bug)?;
        rows.push([
            ids::fresh().into(),
            transaction.into(),
            big(fault.line)?,
            fault.violation.code.clone().into_owned().into(),
            violation.into(),
            work.now().micros().into(),
        ]);
    }
    let sql = "INSERT INTO import_refusals (book_id, id, transaction_id, line, code, violation, recorded_at) \
               SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5 FROM {source}";
    insert(work, rows, sql).await
}
