//! Reading refusals and decisions.

use crate::access::{Caller, Scope};
use crate::db::{BOOK, Db};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
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
    let sql = format!(
        "SELECT id, actor_id, operation, request_hash, codes, recorded_at FROM refusals \
         WHERE book_id = $1 AND id > $2 ORDER BY id LIMIT {}",
        page.fetch()
    );
    let values = [BOOK.0.into(), page.after.unwrap_or_default().into()];
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

/// A decision record.
#[derive(Debug, Clone)]
pub struct DecisionRecord {
    /// Its identity.
    pub id: Uuid,
    /// What was decided.
    pub act: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// `approved` or `refused`.
    pub outcome: String,
    /// Who proposed.
    pub proposed_by: Uuid,
    /// Who decided.
    pub decided_by: Uuid,
    /// Why.
    pub reason: Option<String>,
    /// The version of the rules.
    pub rulebook: Uuid,
    /// When, in business time.
    pub recorded_at: Moment,
}

/// Decisions taken by the caller's own organisation; all of them for the auditor.
///
/// # Errors
/// A fault of the database.
pub async fn list_decisions(
    db: &Db,
    caller: &Caller,
    subject: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<DecisionRecord>, Failure> {
    let mut values: Vec<Value> = vec![BOOK.0.into(), page.after.unwrap_or_default().into()];
    let mut conditions = String::new();
    if let Some(subject) = subject {
        values.push(subject.into());
        conditions.push_str(" AND d.subject_id = $3");
    }
    if caller.scope() != Scope::Everything {
        values.push(caller.organisation.0.into());
        conditions = format!("{conditions} AND u.organisation_id = ${}", values.len());
    }
    let sql = format!(
        "SELECT d.id, d.act, d.subject_kind, d.subject_id, d.outcome, d.proposed_by, d.decided_by, d.reason, d.rulebook_id, \
         d.recorded_at FROM decisions d JOIN users u ON u.id = d.decided_by \
         WHERE d.book_id = $1 AND d.id > $2{conditions} ORDER BY d.id LIMIT {}",
        page.fetch()
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<DecisionRecord, Failure> {
        Ok(DecisionRecord {
            id: row.try_get("", "id")?,
            act: row.try_get("", "act")?,
            subject_kind: row.try_get("", "subject_kind")?,
            subject: row.try_get("", "subject_id")?,
            outcome: row.try_get("", "outcome")?,
            proposed_by: row.try_get("", "proposed_by")?,
            decided_by: row.try_get("", "decided_by")?,
            reason: row.try_get("", "reason")?,
            rulebook: row.try_get("", "rulebook_id")?,
            recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
        })
    };
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |decision| decision.id))
}
