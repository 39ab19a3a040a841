//! The version that applies.

use super::error::RulebookRefusal;
use super::rule::Rulebook;
use super::store;
use crate::db::Work;
use crate::kernel::Failure;
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
