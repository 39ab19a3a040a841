//! The version that applies.

use super::error::RulebookRefusal;
use super::rule::Rulebook;
use super::store;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::RulebookId;
use crate::kernel::page::{Page, PageRequest};
use jiff::civil::Date;
use sea_orm::ConnectionTrait;

/// The version that a command is judged by: the one that applies on the business day of its work.
///
/// # Errors
/// [`RulebookRefusal::NoneInForce`].
pub async fn in_force(work: &Work) -> Result<Rulebook, Failure> {
    find_on(work.connection(), work.today()).await
}

/// The version that applies on a day.
///
/// # Errors
/// [`RulebookRefusal::NoneInForce`].
pub async fn find_on(connection: &impl ConnectionTrait, day: Date) -> Result<Rulebook, Failure> {
    let found = store::find_on(connection, day).await?;
    found.ok_or_else(|| RulebookRefusal::NoneInForce { day: day.to_string() }.into())
}

/// The version that applies on a day; none before the first one does.
///
/// # Errors
/// A fault of the database.
pub async fn known_on(connection: &impl ConnectionTrait, day: Date) -> Result<Option<Rulebook>, Failure> {
    store::find_on(connection, day).await
}

/// Every version, past and future, in the order of adoption.
///
/// # Errors
/// A fault of the database.
pub async fn list_versions(connection: &impl ConnectionTrait, page: &PageRequest) -> Result<Page<Rulebook>, Failure> {
    Ok(Page::cut(store::list(connection, page).await?, page, |rulebook| rulebook.id.0))
}

/// A version by its id.
///
/// # Errors
/// A fault of the database.
pub async fn find_version(connection: &impl ConnectionTrait, id: RulebookId) -> Result<Option<Rulebook>, Failure> {
    store::find_version(connection, id).await
}

/// Whether the rules in force let an act wait, instead of having it done at once: one look, for commands that many send.
///
/// # Errors
/// A fault of the database.
pub async fn asks_to_wait(connection: &impl ConnectionTrait, day: Date, act: &str) -> Result<bool, Failure> {
    store::is_on(connection, day, &format!("four_eyes_{act}")).await
}
