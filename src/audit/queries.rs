//! Reading refusals.

use crate::db::{BOOK, Db};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

/// A refusal by rule.
#[derive(Debug, Clone)]
pub struct RefusalRecord {
    /// Its identity.
    pub id: Uuid,
    /// Who asked.
    pub actor: Uuid,
    /// For what.
    pub operation: String,
    /// SHA-256 of the request.
    pub request_hash: String,
    /// Codes of the broken rules.
    pub codes: Vec<String>,
    /// When, in business time.
    pub recorded_at: Moment,
}

/// Every refusal, in the order of their ids.
///
/// # Errors
/// A fault of the database.
pub async fn list_refusals(db: &Db, page: &PageRequest) -> Result<Page<RefusalRecord>, Failure> {
    let (beyond, direction) = page.order.sql();
    let sql = format!(
        "SELECT id, actor_id, operation, request_hash, codes, recorded_at FROM refusals \
         WHERE book_id = $1 AND id {beyond} $2 ORDER BY id {direction} LIMIT {}",
        page.fetch()
    );
    let values = [BOOK.0.into(), page.start().into()];
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<RefusalRecord, Failure> {
        let codes: String = row.try_get("", "codes")?;
        Ok(RefusalRecord {
            id: row.try_get("", "id")?,
            actor: row.try_get("", "actor_id")?,
            operation: row.try_get("", "operation")?,
            request_hash: row.try_get("", "request_hash")?,
            codes: codes.split_whitespace().map(str::to_owned).collect(),
            recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
        })
    };
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |refusal| refusal.id))
}
