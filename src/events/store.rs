//! Rows of the feed.

use super::parties::Telling;
use crate::db::columns::{Kind, Rows};
use crate::db::{BOOK, Work};
use crate::entity;
use crate::kernel::Failure;
use crate::ledger::log::sequenced::Sequenced;
use sea_orm::{ConnectionTrait, Statement};
use std::collections::HashMap;
use uuid::Uuid;

entity!(event_parties, "event_parties", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    journal_id: Uuid,
});

/// The place in the log up to which the parties of journals are known.
pub async fn told_before(books: &impl ConnectionTrait) -> Result<i64, Failure> {
    let sql = "SELECT told_before FROM event_feeds WHERE book_id = $1";
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()]);
    let row = books.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "told_before")?))
}

/// Moves the end of the feed. Tells whether it still stood where the caller had seen it.
pub async fn carry_on(work: &Work, from: i64, before: i64) -> Result<bool, Failure> {
    let sql = "INSERT INTO event_feeds (book_id, told_before) VALUES ($1, 0) ON CONFLICT DO NOTHING";
    work.connection().execute_raw(work.statement(sql, vec![work.book().0.into()])).await?;
    let sql = "UPDATE event_feeds SET told_before = $3 WHERE book_id = $1 AND told_before = $2";
    let values = vec![work.book().0.into(), from.into(), before.into()];
    let moved = work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(moved.rows_affected() == 1)
}

/// Writes down whom journals concern, in one statement.
pub async fn insert_parties(work: &Work, journals: &[Sequenced], telling: &Telling) -> Result<(), Failure> {
    if telling.is_empty() {
        return Ok(());
    }
    let ids: HashMap<i64, Uuid> = journals.iter().map(|journal| (journal.position, journal.id)).collect();
    let mut rows = Rows::new(&[Kind::Uuid, Kind::Big, Kind::Uuid]);
    for (position, organisation) in telling {
        let journal = ids.get(position).ok_or_else(|| Failure::bug("nothing stands at a place that is told"))?;
        rows.push([(*organisation).into(), (*position).into(), (*journal).into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "INSERT INTO event_parties (book_id, organisation_id, position, journal_id) SELECT $1, r.c0, r.c1, r.c2 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}
