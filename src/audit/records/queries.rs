//! The history of a row.

use crate::db::columns::hexadecimal;
use crate::db::{BOOK, Db};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

/// One version of a row.
#[derive(Debug, Clone)]
pub struct RowVersion {
    /// Identity of the record.
    pub id: Uuid,
    /// Counts from 1.
    pub version: i64,
    /// When it was recorded, in business time.
    pub recorded_at: Moment,
    /// The lines of its columns.
    pub content: String,
    /// SHA-256 over the canonical form of the record, in hexadecimal.
    pub leaf_hash: String,
}

/// The versions of a row, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_versions(db: &Db, table: &str, key: &str, page: &PageRequest) -> Result<Page<RowVersion>, Failure> {
    let sql = format!(
        "SELECT id, version, recorded_at, content, leaf_hash FROM evidence \
         WHERE book_id = $1 AND table_name = $2 AND row_key = $3 AND version > \
         COALESCE((SELECT version FROM evidence WHERE book_id = $1 AND id = $4), 0) ORDER BY version LIMIT {}",
        page.fetch()
    );
    let values = [BOOK.0.into(), table.into(), key.into(), page.after.unwrap_or_default().into()];
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<RowVersion, Failure> {
        Ok(RowVersion {
            id: row.try_get("", "id")?,
            version: row.try_get("", "version")?,
            recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
            content: row.try_get("", "content")?,
            leaf_hash: hexadecimal(&row.try_get::<Vec<u8>>("", "leaf_hash")?),
        })
    };
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |version| version.id))
}
