//! Long works as their askers see them: those of one's own organisation; all of them for whoever sees the whole book.

use super::store::{COLUMNS, read};
use super::{LongWork, Operation};
use crate::access::Caller;
use crate::access::caller::Scope;
use crate::db::{BOOK, Db};
use crate::kernel::Failure;
use crate::kernel::ids::OperationId;
use crate::kernel::page::{Page, PageRequest};
use sea_orm::ConnectionTrait;
use sea_orm::{Statement, Value};
use uuid::Uuid;

async fn select(db: &Db, rest: &str, values: Vec<Value>) -> Result<Vec<Operation>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM operations WHERE book_id = {} AND {rest}", BOOK.0);
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    rows.iter().map(|row| read(row).map(Operation::brought_up_to_date)).collect()
}

/// The organisation whose operations the caller sees; nothing when they see those of all.
fn own(caller: &Caller) -> Option<Uuid> {
    (caller.scope() != Scope::Everything).then_some(caller.organisation.0)
}

/// An operation, when the caller may know of it.
///
/// # Errors
/// A fault of the database.
pub async fn find(db: &Db, caller: &Caller, id: OperationId) -> Result<Option<Operation>, Failure> {
    let found = match own(caller) {
        Some(own) => select(db, "id = $1 AND organisation_id = $2", vec![id.0.into(), own.into()]).await?,
        None => select(db, "id = $1", vec![id.0.into()]).await?,
    };
    Ok(found.into_iter().next())
}

/// Operations that the caller may know of, in the order in which they were asked for.
///
/// # Errors
/// A fault of the database.
pub async fn list(db: &Db, caller: &Caller, page: &PageRequest) -> Result<Page<Operation>, Failure> {
    let (after, (compares, direction)) = (page.start(), page.order.sql());
    let rest = format!("ORDER BY id {direction} LIMIT {}", page.fetch());
    let found = match own(caller) {
        Some(own) => {
            let rest = format!("id {compares} $1 AND organisation_id = $2 {rest}");
            select(db, &rest, vec![after.into(), own.into()]).await?
        }
        None => select(db, &format!("id {compares} $1 {rest}"), vec![after.into()]).await?,
    };
    Ok(Page::cut(found, page, |operation| operation.id.0))
}

/// Every operation of one kind, in the order in which they were asked for.
///
/// # Errors
/// A fault of the database.
pub async fn list_of_kind(db: &Db, work: &dyn LongWork, page: &PageRequest) -> Result<Page<Operation>, Failure> {
    let (compares, direction) = page.order.sql();
    let rest = format!("kind = $1 AND id {compares} $2 ORDER BY id {direction} LIMIT {}", page.fetch());
    let found = select(db, &rest, vec![work.kind().into(), page.start().into()]).await?;
    Ok(Page::cut(found, page, |operation| operation.id.0))
}

/// The operation of one kind that gave its result last.
///
/// # Errors
/// A fault of the database.
pub async fn find_last_result(db: &Db, work: &dyn LongWork) -> Result<Option<Operation>, Failure> {
    let rest = "kind = $1 AND result IS NOT NULL ORDER BY finished_at DESC, id DESC LIMIT 1";
    Ok(select(db, rest, vec![work.kind().into()]).await?.pop())
}
