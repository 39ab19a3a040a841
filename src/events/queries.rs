//! Reading the feed, always as the organisation whose feed it is.

use super::store::event_parties::{self, Column};
use crate::db::{BOOK, Db};
use crate::kernel::Failure;
use crate::kernel::ids::OrganisationId;
use crate::kernel::page::{Order, Page, PageRequest};
use crate::ledger::log::sequenced::{self, Sequenced};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use uuid::Uuid;

pub use super::store::told_before;

/// What the feed says: the place, to whom, and of which journal.
pub type Told = BTreeSet<(i64, Uuid, Uuid)>;

/// A place in the log as the key of a page.
fn key(position: i64) -> Uuid {
    Uuid::from_u128(u128::from(position.unsigned_abs()))
}

fn of_organisation(organisation: OrganisationId) -> Select<event_parties::Entity> {
    let of_book = event_parties::Entity::find().filter(Column::BookId.eq(BOOK.0));
    of_book.filter(Column::OrganisationId.eq(organisation.0))
}

/// Events of an organisation whose place in the log is after the one and before the other, the last one first; at most so many.
async fn events_before(
    books: &impl ConnectionTrait,
    organisation: OrganisationId,
    (after, before): (Option<i64>, Option<i64>),
    most: u64,
) -> Result<Vec<Sequenced>, Failure> {
    let mut select = of_organisation(organisation);
    if let Some(after) = after {
        select = select.filter(Column::Position.gt(after));
    }
    if let Some(before) = before {
        select = select.filter(Column::Position.lt(before));
    }
    let rows = select.order_by_desc(Column::Position).limit(most).all(books).await?;
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let mut events = sequenced::journals_at(books, &positions).await?;
    events.sort_by_key(|event| Reverse(event.position));
    Ok(events)
}

/// Events of an organisation whose place in the log is after `after`, in the order of the log; at most so many.
///
/// # Errors
/// A fault of the database.
pub async fn events_after(
    books: &impl ConnectionTrait,
    organisation: OrganisationId,
    after: Option<i64>,
    most: u64,
) -> Result<Vec<Sequenced>, Failure> {
    let mut select = of_organisation(organisation);
    if let Some(after) = after {
        select = select.filter(Column::Position.gt(after));
    }
    let rows = select.order_by_asc(Column::Position).limit(most).all(books).await?;
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    sequenced::journals_at(books, &positions).await
}

/// A page of the events of an organisation after a place in the log, from either end.
///
/// # Errors
/// A fault of the database.
pub async fn list_events(
    db: &Db,
    organisation: OrganisationId,
    after: Option<i64>,
    page: &PageRequest,
) -> Result<Page<Sequenced>, Failure> {
    let passed = page.after.and_then(|key| i64::try_from(key.as_u128()).ok());
    let events = match page.order {
        Order::Oldest => events_after(db.reader(), organisation, passed.max(after), page.fetch()).await?,
        Order::Newest => events_before(db.reader(), organisation, (after, passed), page.fetch()).await?,
    };
    Ok(Page::cut(events, page, |event| key(event.position)))
}

/// What the feed says of the places in `[from, before)`, to everybody: for the verification.
///
/// # Errors
/// A fault of the database.
pub async fn told(books: &impl ConnectionTrait, from: i64, before: i64) -> Result<Told, Failure> {
    let rows = event_parties::Entity::find()
        .filter(Column::BookId.eq(BOOK.0))
        .filter(Column::Position.gte(from))
        .filter(Column::Position.lt(before));
    let rows = rows.all(books).await?;
    Ok(rows.into_iter().map(|row| (row.position, row.organisation_id, row.journal_id)).collect())
}
