//! The import's rows: always sets, one statement for each table.

use super::register::{Counted, Holder, Register};
use super::table::{Fault, Place};
use super::transaction::{Read, Transaction};
use crate::access::{Caller, Role};
use crate::db::columns::{Kind, Rows};
use crate::db::records::Covered;
use crate::db::rows::{insert_all, save_all};
use crate::db::{BOOK, Db, Work};
use crate::entity;
use crate::kernel::Failure;
use crate::kernel::ids::{self, OrganisationId, UserId};
use accounting::{AssetId, OwnerId};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryResult, QuerySelect, Statement};
use std::collections::BTreeMap;

entity!(import_runs, "import_runs", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    actor_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    next_byte: i64,
    next_line: i64,
    posted: i64,
    posted_rows: i64,
    refused: i64,
    started_at: i64,
    finished_at: Option<i64>,
    version: i64,
});

entity!(import_files, "import_files", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    sha256: String,
});

entity!(import_holders, "import_holders", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    owner_id: Uuid,
    external_id: String,
    kind: String,
});

entity!(import_assets, "import_assets", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    asset_id: Uuid,
    code: String,
    scale: i32,
});

entity!(import_refusals, "import_refusals", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    book_id: i32,
    transaction_id: String,
    line: i64,
    code: String,
    violation: String,
    recorded_at: i64,
});

/// The tables of this store whose rows leave evidence. A transaction is under the hash of its journal instead.
pub const COVERED: &[Covered] = &[
    Covered::of::<import_runs::Entity>(),
    Covered::of::<import_files::Entity>(),
    Covered::of::<import_holders::Entity>(),
    Covered::of::<import_assets::Entity>(),
    Covered::of::<import_refusals::Entity>(),
];

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
            ..Caller::nobody()
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

/// Whether a book is founded by now.
///
/// # Errors
/// A fault of the database.
pub async fn is_founded(work: &Work) -> Result<bool, Failure> {
    let statement = work.statement("SELECT id FROM books WHERE id = $1", vec![work.book().0.into()]);
    Ok(work.connection().query_one_raw(statement).await?.is_some())
}

fn big(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(Failure::bug)
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
    let (caller, book_id) = (work.caller(), work.book().0);
    let run = import_runs::Model {
        book_id,
        actor_id: caller.user.0,
        organisation_id: organisation.0,
        area_path: caller.area_path.clone(),
        next_byte: 0,
        next_line: 0,
        posted: 0,
        posted_rows: 0,
        refused: 0,
        started_at: work.now().micros(),
        finished_at: None,
        version: 1,
    };
    insert_all::<import_runs::Entity, import_runs::ActiveModel>(work, vec![run]).await?;
    let file = |(name, hash): (&&str, &String)| import_files::Model {
        book_id,
        name: (*name).to_owned(),
        sha256: hash.clone(),
    };
    insert_all::<import_files::Entity, import_files::ActiveModel>(work, hashes.iter().map(file).collect()).await
}

/// Writes the ids that the register knew its holders and assets by.
///
/// # Errors
/// A fault of the database.
pub async fn insert_register(work: &Work, register: &Register) -> Result<(), Failure> {
    let book_id = work.book().0;
    let holder = |holder: &Holder| import_holders::Model {
        book_id,
        owner_id: holder.owner.0,
        external_id: holder.external_id.clone(),
        kind: holder.kind.clone(),
    };
    let holders = register.holders.values().map(holder).collect();
    insert_all::<import_holders::Entity, import_holders::ActiveModel>(work, holders).await?;
    let asset = |counted: &Counted| -> Result<import_assets::Model, Failure> {
        let scale = i32::try_from(counted.scale).map_err(Failure::bug)?;
        Ok(import_assets::Model { book_id, asset_id: counted.asset.0, code: counted.code.clone(), scale })
    };
    let assets = register.assets.values().map(asset).collect::<Result<_, _>>()?;
    insert_all::<import_assets::Entity, import_assets::ActiveModel>(work, assets).await
}

/// A run under its lock: nobody else goes on before the work ends.
pub struct Claim(import_runs::Model);

/// Takes the turn; nothing when the import stands elsewhere than at this place.
///
/// # Errors
/// A fault of the database.
pub async fn claim(work: &Work, from: Option<Place>) -> Result<Option<Claim>, Failure> {
    let row = import_runs::Entity::find_by_id(work.book().0).lock_exclusive().one(work.connection()).await?;
    let byte = big(from.unwrap_or_default().byte)?;
    Ok(row.filter(|row| row.next_byte == byte && row.finished_at.is_none()).map(Claim))
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
pub async fn advance(work: &Work, Claim(run): Claim, step: Step) -> Result<(), Failure> {
    let run = import_runs::Model {
        next_byte: big(step.next.byte)?,
        next_line: big(step.next.line)?,
        posted: run.posted + big(step.posted)?,
        posted_rows: run.posted_rows + big(step.rows)?,
        refused: run.refused + big(step.refused)?,
        version: run.version + 1,
        ..run
    };
    save_all::<import_runs::Entity, import_runs::ActiveModel>(work, vec![run]).await
}

/// Writes that nothing is left to do; an import that says so already stays as it is.
///
/// # Errors
/// A fault of the database.
pub async fn finish(work: &Work) -> Result<(), Failure> {
    let row = import_runs::Entity::find_by_id(work.book().0).lock_exclusive().one(work.connection()).await?;
    let finished = row.filter(|run| run.finished_at.is_none()).map(|run| import_runs::Model {
        finished_at: Some(work.now().micros()),
        version: run.version + 1,
        ..run
    });
    save_all::<import_runs::Entity, import_runs::ActiveModel>(work, finished.into_iter().collect()).await
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
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "INSERT INTO legacy_transactions (book_id, journal_id, transaction_id, first_seq, row_count, occurred_at, kind, row_facts) \
         SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

/// Writes why transactions were left out.
///
/// # Errors
/// A fault of the database.
pub async fn insert_refusals(work: &Work, faults: &[Fault]) -> Result<(), Failure> {
    let refusal = |fault: &Fault| -> Result<import_refusals::Model, Failure> {
        // A NUL is no text for PostgreSQL.
        let transaction_id = fault.transaction.clone().unwrap_or_default().replace('\0', "\u{fffd}");
        Ok(import_refusals::Model {
            id: ids::fresh(),
            book_id: work.book().0,
            transaction_id,
            line: big(fault.line)?,
            code: fault.violation.code.clone().into_owned(),
            violation: serde_json::to_string(&fault.violation).map_err(Failure::bug)?,
            recorded_at: work.now().micros(),
        })
    };
    let refusals = faults.iter().map(refusal).collect::<Result<_, _>>()?;
    insert_all::<import_refusals::Entity, import_refusals::ActiveModel>(work, refusals).await
}
