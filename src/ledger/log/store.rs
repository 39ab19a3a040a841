//! The rows of the transparency log, written in sets.

use super::Checkpoint;
use crate::db::Work;
use crate::db::columns::{Kind, Rows};
use crate::kernel::{Failure, Moment};
use crate::ledger::rows::log_witnesses;
use accounting::tree::{Hash, Node};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The tables whose rows enter the log, each under the name its leaves carry. They share `id`, `recorded_at` and `leaf_hash`.
pub const SOURCES: [(&str, &str); 2] = [("journal", "journals"), ("evidence", "evidence")];

/// A row of the books on its way into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLeaf {
    pub source: String,
    pub id: Uuid,
    pub recorded_at: i64,
    pub leaf_hash: Hash,
}

/// 32 bytes of a row.
pub fn hash_of(bytes: &[u8]) -> Result<Hash, Failure> {
    bytes.try_into().map_err(Failure::bug)
}

/// The rows that are recorded in `[from, before)` and not in the log, from all sources in one order.
pub fn unsequenced(from: &str, before: &str, most: u64) -> String {
    let arms: Vec<String> = SOURCES
        .iter()
        .map(|(source, table)| {
            format!(
                "SELECT * FROM (SELECT '{source}' AS source, s.id, s.recorded_at, s.leaf_hash FROM {table} s \
                 WHERE s.book_id = $1 AND s.recorded_at >= {from} AND s.recorded_at < {before} AND NOT EXISTS \
                 (SELECT 1 FROM log_leaves l WHERE l.book_id = s.book_id AND l.source_id = s.id) \
                 ORDER BY s.recorded_at, s.id LIMIT {most}) {source}s"
            )
        })
        .collect();
    format!("{} ORDER BY recorded_at, id LIMIT {most}", arms.join(" UNION ALL "))
}

/// The next rows for the log.
pub async fn next_leaves(work: &Work, from: Moment, before: Moment, most: u64) -> Result<Vec<NewLeaf>, Failure> {
    let values = vec![work.book().0.into(), from.micros().into(), before.micros().into()];
    let rows = work.connection().query_all_raw(work.statement(&unsequenced("$2", "$3", most), values)).await?;
    rows.iter()
        .map(|row| {
            Ok(NewLeaf {
                source: row.try_get_by_index(0)?,
                id: row.try_get_by_index(1)?,
                recorded_at: row.try_get_by_index(2)?,
                leaf_hash: hash_of(&row.try_get_by_index::<Vec<u8>>(3)?)?,
            })
        })
        .collect()
}

/// Writes leaves from a position on.
pub async fn insert_leaves(work: &Work, first: i64, leaves: &[NewLeaf]) -> Result<(), Failure> {
    let mut rows = Rows::new(&[Kind::Big, Kind::Text, Kind::Uuid, Kind::Bytes]);
    for (leaf, position) in leaves.iter().zip(first..) {
        rows.push([position.into(), leaf.source.clone().into(), leaf.id.into(), leaf.leaf_hash.to_vec().into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 3)?;
    values.splice(0..0, [work.book().0.into(), work.now().micros().into()]);
    let sql = format!(
        "INSERT INTO log_leaves (book_id, position, source, source_id, leaf_hash, sequenced_at) \
         SELECT $1, r.c0, r.c1, r.c2, r.c3, $2 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

/// Writes the nodes that leaves have completed.
pub async fn insert_nodes(work: &Work, nodes: &[Node]) -> Result<(), Failure> {
    if nodes.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(&[Kind::Int, Kind::Big, Kind::Bytes]);
    for node in nodes {
        rows.push([i32::from(node.level).into(), super::signed(node.position)?.into(), node.hash.to_vec().into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql =
        format!("INSERT INTO log_nodes (book_id, level, position, hash) SELECT $1, r.c0, r.c1, r.c2 FROM {source}");
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

/// Writes a checkpoint.
pub async fn insert_checkpoint(work: &Work, checkpoint: &Checkpoint) -> Result<(), Failure> {
    let values = vec![
        work.book().0.into(),
        checkpoint.number.into(),
        super::signed(checkpoint.size)?.into(),
        checkpoint.root.to_vec().into(),
        checkpoint.note.clone().into(),
        checkpoint.key_number.into(),
        checkpoint.stable_before.micros().into(),
        checkpoint.recorded_at.micros().into(),
    ];
    let sql = "INSERT INTO log_checkpoints (book_id, number, tree_size, root, note, key_number, stable_before, recorded_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// The key that signs.
#[derive(Clone)]
pub struct SigningKey {
    pub number: i64,
    pub signing_key: String,
}

/// The key that signs now.
pub async fn signing_key(work: &Work) -> Result<SigningKey, Failure> {
    let sql = "SELECT number, signing_key FROM log_signing_keys WHERE book_id = $1";
    let row = work.connection().query_one_raw(work.statement(sql, vec![work.book().0.into()])).await?;
    let row = row.ok_or_else(|| Failure::bug("the log has no key"))?;
    Ok(SigningKey { number: row.try_get("", "number")?, signing_key: row.try_get("", "signing_key")? })
}

/// Lists a public key and lets its private one sign from now on; the one before it is forgotten.
pub async fn replace_key(work: &Work, key: &SigningKey, vkey: &str) -> Result<(), Failure> {
    let book = work.book().0;
    let sql = "INSERT INTO log_keys (book_id, number, vkey, recorded_at) VALUES ($1, $2, $3, $4)";
    let values = vec![book.into(), key.number.into(), vkey.into(), work.now().micros().into()];
    work.connection().execute_raw(work.statement(sql, values)).await?;
    let sql = "INSERT INTO log_signing_keys (book_id, number, signing_key) VALUES ($1, $2, $3) \
               ON CONFLICT (book_id) DO UPDATE SET number = $2, signing_key = $3";
    let values = vec![book.into(), key.number.into(), key.signing_key.clone().into()];
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// Writes a witness. Tells whether its name was free.
pub async fn insert_witness(work: &Work, name: &str, vkey: &str) -> Result<bool, Failure> {
    let sql = "INSERT INTO log_witnesses (book_id, name, vkey, registered_by, registered_at, cosigned) \
               VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING";
    let row = log_witnesses::Model {
        book_id: work.book().0,
        name: name.to_owned(),
        vkey: vkey.to_owned(),
        registered_by: work.caller().user.0,
        registered_at: work.now().micros(),
    };
    let values = vec![row.book_id.into(), name.into(), vkey.into(), row.registered_by.into(), row.registered_at.into()];
    let is_new = work.connection().execute_raw(work.statement(sql, values)).await?.rows_affected() == 1;
    if is_new {
        work.record(&row)?;
    }
    Ok(is_new)
}

/// Writes the line of a witness under a checkpoint, if it has not signed that one yet. The witness's own row is locked meanwhile, so
/// that its lines are numbered without a gap. Tells the number.
pub async fn insert_cosignature(work: &Work, witness: &str, checkpoint: i64, line: &str) -> Result<i64, Failure> {
    let book = work.book().0;
    let sql = "UPDATE log_witnesses SET cosigned = cosigned WHERE book_id = $1 AND name = $2 RETURNING cosigned";
    let row = work.connection().query_one_raw(work.statement(sql, vec![book.into(), witness.into()])).await?;
    let cosigned: i64 = row.ok_or_else(|| Failure::bug("a witness vanished"))?.try_get("", "cosigned")?;
    let sql = "SELECT number FROM log_cosignatures WHERE book_id = $1 AND checkpoint_number = $2 AND witness = $3";
    let values = vec![book.into(), checkpoint.into(), witness.into()];
    if let Some(row) = work.connection().query_one_raw(work.statement(sql, values)).await? {
        return Ok(row.try_get("", "number")?);
    }
    let number = cosigned + 1;
    let sql =
        "INSERT INTO log_cosignatures (book_id, witness, number, checkpoint_number, line) VALUES ($1, $2, $3, $4, $5)";
    let values = vec![book.into(), witness.into(), number.into(), checkpoint.into(), line.into()];
    work.connection().execute_raw(work.statement(sql, values)).await?;
    let sql = "UPDATE log_witnesses SET cosigned = $3 WHERE book_id = $1 AND name = $2";
    work.connection().execute_raw(work.statement(sql, vec![book.into(), witness.into(), number.into()])).await?;
    Ok(number)
}
