//! Reading second factors.

use super::store::second_factors;
use super::{FactorState, SecondFactor};
use crate::db::Db;
use crate::kernel::Failure;
use crate::kernel::ids::UserId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashSet;

/// The second factor of a user, in whatever state.
///
/// # Errors
/// A fault of the database.
pub async fn find_factor(db: &Db, user: UserId) -> Result<Option<SecondFactor>, Failure> {
    let row = second_factors::Entity::find_by_id(user.0).one(db.reader()).await?;
    row.map(SecondFactor::try_from).transpose()
}

/// Whether a user is asked for a second factor.
///
/// # Errors
/// A fault of the database.
pub async fn is_active(db: &Db, user: UserId) -> Result<bool, Failure> {
    Ok(find_factor(db, user).await?.is_some_and(|factor| factor.state == FactorState::Active))
}

/// Which of these users are asked for a second factor.
///
/// # Errors
/// A fault of the database.
pub async fn active_among(db: &Db, users: &[UserId]) -> Result<HashSet<UserId>, Failure> {
    let active = second_factors::Entity::find()
        .filter(second_factors::Column::UserId.is_in(users.iter().map(|user| user.0)))
        .filter(second_factors::Column::State.eq(FactorState::Active.as_str()));
    Ok(active.all(db.reader()).await?.into_iter().map(|row| UserId(row.user_id)).collect())
}
