//! Imported transactions beside the books: what `legacy_transactions` says of each must be what the journal's own reason and
//! document hash say, which its leaf hash covers.

use crate::db::BOOK;
use crate::db::columns::hexadecimal;
use crate::kernel::Failure;
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, Statement, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Rows read at a time.
const CHUNK: u64 = 1_000;

/// Compares imported transactions with their journals.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn compare(books: &impl ConnectionTrait) -> Result<Vec<Difference>, Failure> {
    // The parts of the reason stand between tabs, which no field of a register has in it. Every row is one posting.
    // One way and the other, each by the key of the table that is looked up: SQLite reads a table over and over for a full join.
    let sql = "SELECT l.journal_id AS id, 0 AS is_missing FROM legacy_transactions l \
         LEFT JOIN journals j ON l.book_id = $1 AND j.book_id = l.book_id AND j.id = l.journal_id AND j.kind = 'legacy_transaction' \
         WHERE j.id IS NULL OR (l.row_facts IS NULL) <> (j.document_hash IS NULL) \
         OR COALESCE(j.reason, '') <> l.kind || $2 || l.transaction_id || $2 || l.occurred_at || $2 || CAST(l.first_seq AS text) \
         OR l.row_count <> (SELECT COUNT(*) FROM entries e WHERE e.book_id = l.book_id AND e.journal_id = l.journal_id AND e.amount < 0) \
         UNION ALL SELECT j.id, 1 FROM journals j WHERE j.book_id = $1 AND j.kind = 'legacy_transaction' \
         AND NOT EXISTS (SELECT 1 FROM legacy_transactions l WHERE l.book_id = j.book_id AND l.journal_id = j.id)";
    let mut differences = Vec::new();
    for row in query(books, sql, [BOOK.0.into(), "\t".into()]).await? {
        let is_missing: i32 = row.try_get("", "is_missing")?;
        let fault = if is_missing == 1 { "no row tells what it was" } else { "it does not say what its journal says" };
        differences.push(difference(row.try_get("", "id")?, fault));
    }
    let sql = format!(
        "SELECT l.journal_id, l.row_facts, j.document_hash FROM legacy_transactions l \
         JOIN journals j ON j.book_id = l.book_id AND j.id = l.journal_id \
         WHERE l.book_id = $1 AND l.row_facts IS NOT NULL AND l.journal_id > $2 ORDER BY l.journal_id LIMIT {CHUNK}"
    );
    let mut after = Uuid::nil();
    loop {
        let rows = query(books, &sql, [BOOK.0.into(), after.into()]).await?;
        let Some(last) = rows.last() else { return Ok(differences) };
        after = last.try_get("", "journal_id")?;
        for row in &rows {
            let (facts, hash): (String, Option<String>) =
                (row.try_get("", "row_facts")?, row.try_get("", "document_hash")?);
            if hash.is_some_and(|hash| hash != hexadecimal(&Sha256::digest(facts.as_bytes()))) {
                differences
                    .push(difference(row.try_get("", "journal_id")?, "its row facts are not those of its journal"));
            }
        }
    }
}

async fn query(
    books: &impl ConnectionTrait,
    sql: &str,
    values: [Value; 2],
) -> Result<Vec<sea_orm::QueryResult>, Failure> {
    Ok(books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?)
}

fn difference(journal: Uuid, fault: &str) -> Difference {
    Difference { table: "legacy_transactions", row: format!("journal {journal}"), fault: fault.to_owned() }
}
