//! What is read of the transparency log: tiles, checkpoints, proofs, keys.

use super::store::hash_of;
use super::{Checkpoint, LogRefusal, signed, store};
use crate::db::{BOOK, Db};
use crate::kernel::{Failure, Moment};
use accounting::note::TreeHead;
use accounting::tree::{Hash, Proof, Span, TreeFault};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Pause between two looks for a row that is on its way.
const BETWEEN: Duration = Duration::from_millis(100);

/// Lines of witnesses under one checkpoint: clients of signed notes need not read more than a hundred signatures.
const MOST_LINES: u32 = 90;

const CHECKPOINT: &str = "c.number, c.tree_size, c.root, c.note, c.key_number, c.stable_before, c.recorded_at";

fn read_checkpoint(row: &QueryResult) -> Result<Checkpoint, Failure> {
    let size: i64 = row.try_get("", "tree_size")?;
    Ok(Checkpoint {
        number: row.try_get("", "number")?,
        size: u64::try_from(size).map_err(Failure::bug)?,
        root: hash_of(&row.try_get::<Vec<u8>>("", "root")?)?,
        note: row.try_get("", "note")?,
        key_number: row.try_get("", "key_number")?,
        stable_before: Moment::from_micros(row.try_get("", "stable_before")?),
        recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
    })
}

fn statement(books: &impl ConnectionTrait, sql: impl Into<String>, more: Vec<Value>) -> Statement {
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    values.extend(more);
    Statement::from_sql_and_values(books.get_database_backend(), sql, values)
}

/// The newest checkpoint. A founded book has one.
///
/// # Errors
/// A fault of the database.
pub async fn newest_checkpoint(books: &impl ConnectionTrait) -> Result<Checkpoint, Failure> {
    let sql = format!("SELECT {CHECKPOINT} FROM log_checkpoints c WHERE c.book_id = $1 ORDER BY c.number DESC LIMIT 1");
    let row = books.query_one_raw(statement(books, sql, Vec::new())).await?;
    read_checkpoint(&row.ok_or_else(|| Failure::bug("the log has no checkpoint"))?)
}

/// When the oldest journal was recorded that no checkpoint covers yet, in business time.
///
/// # Errors
/// A fault of the database.
pub async fn oldest_outside(books: &impl ConnectionTrait) -> Result<Option<Moment>, Failure> {
    let covered = newest_checkpoint(books).await?.stable_before;
    let sql = "SELECT MIN(recorded_at) AS recorded_at FROM journals WHERE book_id = $1 AND recorded_at >= $2";
    let row = books.query_one_raw(statement(books, sql, vec![covered.micros().into()])).await?;
    let oldest = row.map(|row| row.try_get::<Option<i64>>("", "recorded_at")).transpose()?;
    Ok(oldest.flatten().map(Moment::from_micros))
}

/// Checkpoints after a number, in their order.
///
/// # Errors
/// A fault of the database.
pub async fn list_checkpoints(books: &impl ConnectionTrait, after: i64, most: u64) -> Result<Vec<Checkpoint>, Failure> {
    let sql = format!(
        "SELECT {CHECKPOINT} FROM log_checkpoints c WHERE c.book_id = $1 AND c.number > $2 ORDER BY c.number LIMIT {most}"
    );
    let rows = books.query_all_raw(statement(books, sql, vec![after.into()])).await?;
    rows.iter().map(read_checkpoint).collect()
}

/// Checkpoints of one size, in their order: more than one when the key was changed in between.
///
/// # Errors
/// A fault of the database.
pub async fn checkpoints_of_size(books: &impl ConnectionTrait, size: u64) -> Result<Vec<Checkpoint>, Failure> {
    let Ok(size) = i64::try_from(size) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {CHECKPOINT} FROM log_checkpoints c WHERE c.book_id = $1 AND c.tree_size = $2 ORDER BY c.number LIMIT 100"
    );
    let rows = books.query_all_raw(statement(books, sql, vec![size.into()])).await?;
    rows.iter().map(read_checkpoint).collect()
}

/// The note of the first checkpoint that covers a place in the log: the same whenever it is asked for.
///
/// # Errors
/// A fault of the database; a place that no checkpoint covers yet is one of ours.
pub async fn first_covering(books: &impl ConnectionTrait, position: i64) -> Result<String, Failure> {
    let sql =
        "SELECT note FROM log_checkpoints WHERE book_id = $1 AND tree_size > $2 ORDER BY tree_size, number LIMIT 1";
    let row = books.query_one_raw(statement(books, sql, vec![position.into()])).await?;
    let row = row.ok_or_else(|| Failure::bug("no checkpoint covers a leaf"))?;
    Ok(row.try_get("", "note")?)
}

/// Which checkpoint is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Of this size; of any when left out.
    pub size: Option<u64>,
    /// Only one that a witness has cosigned.
    pub is_cosigned: bool,
}

/// The newest checkpoint that is wanted, with the lines of its witnesses under those of the operator.
///
/// # Errors
/// [`LogRefusal::NoCheckpoint`].
pub async fn find_checkpoint(db: &Db, wanted: Wanted) -> Result<String, Failure> {
    let mut sql = format!("SELECT {CHECKPOINT} FROM log_checkpoints c WHERE c.book_id = $1");
    let mut values = Vec::new();
    if let Some(size) = wanted.size {
        values.push(i64::try_from(size).map_err(|_| LogRefusal::NoCheckpoint {})?.into());
        sql.push_str(" AND c.tree_size = $2");
    }
    if wanted.is_cosigned {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM log_cosignatures s WHERE s.book_id = c.book_id AND s.checkpoint_number = c.number)",
        );
    }
    let books = db.reader();
    let row = books.query_one_raw(statement(books, sql + " ORDER BY c.number DESC LIMIT 1", values)).await?;
    let checkpoint = read_checkpoint(&row.ok_or(LogRefusal::NoCheckpoint {})?)?;
    let sql = format!(
        "SELECT line FROM log_cosignatures WHERE book_id = $1 AND checkpoint_number = $2 ORDER BY witness LIMIT {MOST_LINES}"
    );
    let lines = books.query_all_raw(statement(books, sql, vec![checkpoint.number.into()])).await?;
    lines.iter().try_fold(checkpoint.note, |note, row| Ok(note + &row.try_get::<String>("", "line")?))
}

/// The hashes of some spans, each in one range of one index: leaves by position, nodes by level and position.
///
/// # Errors
/// [`LogRefusal::NoTile`] when the log does not reach that far.
pub async fn read_spans(books: &impl ConnectionTrait, spans: &[Span]) -> Result<BTreeMap<Span, Vec<Hash>>, Failure> {
    let mut arms = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        values.extend([signed(span.from)?.into(), signed(span.to)?.into()]);
        let range = format!("book_id = $1 AND position >= ${} AND position < ${}", values.len(), values.len() + 1);
        arms.push(match span.level {
            0 => format!("SELECT {at} AS span, position, leaf_hash AS hash FROM log_leaves WHERE {range}"),
            level => format!("SELECT {at} AS span, position, hash FROM log_nodes WHERE level = {level} AND {range}"),
        });
    }
    if arms.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = arms.join(" UNION ALL ") + " ORDER BY span, position";
    let rows = books.query_all_raw(statement(books, sql, values)).await?;
    let mut hashes: Vec<Vec<Hash>> = vec![Vec::new(); spans.len()];
    for row in &rows {
        let (at, position): (i32, i64) = (row.try_get("", "span")?, row.try_get("", "position")?);
        let at = usize::try_from(at).map_err(Failure::bug)?;
        if signed(spans[at].from + hashes[at].len() as u64)? != position {
            return Err(LogRefusal::NoTile {}.into());
        }
        hashes[at].push(hash_of(&row.try_get::<Vec<u8>>("", "hash")?)?);
    }
    let is_whole = |(span, hashes): (&Span, &Vec<Hash>)| hashes.len() as u64 == span.to - span.from;
    if spans.iter().zip(&hashes).all(is_whole) {
        Ok(spans.iter().copied().zip(hashes).collect())
    } else {
        Err(LogRefusal::NoTile {}.into())
    }
}

/// The hashes of a tile, one after the other.
///
/// # Errors
/// [`LogRefusal::NoTile`].
pub async fn find_tile(db: &Db, path: &str) -> Result<Vec<u8>, Failure> {
    let span = accounting::tree::tile_at(path).map_err(|_| LogRefusal::NoTile {})?;
    let read = read_spans(db.reader(), &[span]).await?;
    Ok(read.into_values().flatten().flatten().collect())
}

/// The hashes of a proof.
///
/// # Errors
/// [`LogRefusal::NoSuchSize`] when the log does not reach that far.
pub async fn prove(db: &Db, proof: Proof) -> Result<Vec<Hash>, Failure> {
    let size = newest_checkpoint(db.reader()).await?.size;
    let outside = || LogRefusal::NoSuchSize { size: size.to_string() };
    let (Proof::Inclusion { size: wanted, .. } | Proof::Consistency { to: wanted, .. }) = proof;
    if wanted > size {
        return Err(outside().into());
    }
    let fault = |fault: TreeFault| match fault {
        TreeFault::OutOfRange => outside().into(),
        fault => Failure::bug(fault),
    };
    let spans = proof.spans().map_err(fault)?;
    proof.prove(&read_spans(db.reader(), &spans).await?).map_err(fault)
}

/// Where a row of the books stands in the log; nothing when it is not in it yet.
///
/// # Errors
/// A fault of the database.
pub async fn find_position(db: &Db, source: Uuid) -> Result<Option<u64>, Failure> {
    position(db, "SELECT position FROM log_leaves WHERE book_id = $1 AND source_id = $2", source.into()).await
}

/// Where a row of the books stands in the log, and a checkpoint that covers it; waits so long for a row that is not in the log yet.
///
/// # Errors
/// [`LogRefusal::NotYet`].
pub async fn wait_for(db: &Db, source: Uuid, patience: Duration) -> Result<(u64, Checkpoint), Failure> {
    let asked = Instant::now();
    loop {
        // In this order: the checkpoint that is read after the position covers it.
        if let Some(position) = find_position(db, source).await? {
            return Ok((position, newest_checkpoint(db.reader()).await?));
        }
        if asked.elapsed() >= patience {
            return Err(LogRefusal::NotYet {}.into());
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Where a leaf stands in the log; nothing when it is not in it.
///
/// # Errors
/// A fault of the database.
pub async fn find_leaf(db: &Db, leaf_hash: Hash) -> Result<Option<u64>, Failure> {
    let sql = "SELECT position FROM log_leaves WHERE book_id = $1 AND leaf_hash = $2 ORDER BY position LIMIT 1";
    position(db, sql, leaf_hash.to_vec().into()).await
}

async fn position(db: &Db, sql: &str, by: Value) -> Result<Option<u64>, Failure> {
    let row = db.reader().query_one_raw(statement(db.reader(), sql, vec![by])).await?;
    let position = row.map(|row| row.try_get::<i64>("", "position")).transpose()?;
    position.map(|position| u64::try_from(position).map_err(Failure::bug)).transpose()
}

/// Whether rows are recorded between two instants that are not in the log.
///
/// # Errors
/// A fault of the database.
pub async fn has_news(db: &Db, from: Moment, before: Moment) -> Result<bool, Failure> {
    let books = db.reader();
    let values = vec![from.micros().into(), before.micros().into()];
    Ok(books.query_one_raw(statement(books, store::unsequenced("$2", "$3", 1), values)).await?.is_some())
}

/// A public key of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// Counts from 1; the highest signs.
    pub number: i64,
    /// The key, as notes write it.
    pub vkey: String,
    /// Since when it signs, in business time.
    pub recorded_at: Moment,
}

/// Every key that the log was ever signed with, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_keys(books: &impl ConnectionTrait) -> Result<Vec<LogKey>, Failure> {
    let sql = "SELECT number, vkey, recorded_at FROM log_keys WHERE book_id = $1 ORDER BY number";
    let rows = books.query_all_raw(statement(books, sql, Vec::new())).await?;
    let read = |row: &QueryResult| -> Result<LogKey, Failure> {
        let recorded_at = Moment::from_micros(row.try_get("", "recorded_at")?);
        Ok(LogKey { number: row.try_get("", "number")?, vkey: row.try_get("", "vkey")?, recorded_at })
    };
    rows.iter().map(read).collect()
}

/// The origin of the log: the name that all its keys carry.
pub fn origin_of(keys: &[LogKey]) -> &str {
    keys.first().and_then(|key| key.vkey.split('+').next()).unwrap_or_default()
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The name on its signature lines.
    pub name: String,
    /// Its public key.
    pub vkey: String,
    /// How many checkpoints it has cosigned.
    pub cosigned: i64,
}

/// Every witness, by name.
///
/// # Errors
/// A fault of the database.
pub async fn list_witnesses(books: &impl ConnectionTrait) -> Result<Vec<Witness>, Failure> {
    let sql = "SELECT name, vkey, cosigned FROM log_witnesses WHERE book_id = $1 ORDER BY name";
    let rows = books.query_all_raw(statement(books, sql, Vec::new())).await?;
    let read = |row: &QueryResult| -> Result<Witness, Failure> {
        Ok(Witness {
            name: row.try_get("", "name")?,
            vkey: row.try_get("", "vkey")?,
            cosigned: row.try_get("", "cosigned")?,
        })
    };
    rows.iter().map(read).collect()
}

/// A line of a witness, with the checkpoint it stands under.
#[derive(Debug, Clone)]
pub struct Cosignature {
    /// Who signed.
    pub witness: String,
    /// Counts the witness's lines from 1.
    pub number: i64,
    /// The line.
    pub line: String,
    /// What was signed; nothing when the note cannot be read.
    pub head: Option<TreeHead>,
}

/// Cosignatures after one, by witness and number.
///
/// # Errors
/// A fault of the database.
pub async fn list_cosignatures(
    books: &impl ConnectionTrait,
    after: (&str, i64),
    most: u64,
) -> Result<Vec<Cosignature>, Failure> {
    let sql = format!(
        "SELECT s.witness, s.number, s.line, c.note FROM log_cosignatures s \
         LEFT JOIN log_checkpoints c ON c.book_id = s.book_id AND c.number = s.checkpoint_number \
         WHERE s.book_id = $1 AND (s.witness, s.number) > ($2, $3) ORDER BY s.witness, s.number LIMIT {most}"
    );
    let rows = books.query_all_raw(statement(books, sql, vec![after.0.into(), after.1.into()])).await?;
    let read = |row: &QueryResult| -> Result<Cosignature, Failure> {
        let note: Option<String> = row.try_get("", "note")?;
        Ok(Cosignature {
            witness: row.try_get("", "witness")?,
            number: row.try_get("", "number")?,
            line: row.try_get("", "line")?,
            head: note.and_then(|note| accounting::note::read(&note).ok()),
        })
    };
    rows.iter().map(read).collect()
}
