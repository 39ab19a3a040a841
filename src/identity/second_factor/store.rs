//! Rows of second factors.

use super::{FactorState, SecondFactor};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::save_all;
use crate::entity;
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Moment};
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

entity!(second_factors, "second_factors", {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: Uuid,
    state: String,
    secret: String,
    recovery_codes: String,
    changed_by: Uuid,
    changed_at: i64,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<second_factors::Entity>()];

impl TryFrom<second_factors::Model> for SecondFactor {
    type Error = Failure;

    fn try_from(row: second_factors::Model) -> Result<Self, Failure> {
        let state = FactorState::parse(&row.state)
            .ok_or_else(|| Failure::bug(format!("a second factor is in the unknown state {}", row.state)))?;
        Ok(Self {
            user: UserId(row.user_id),
            state,
            secret: row.secret,
            recovery_codes: row.recovery_codes.split_whitespace().map(str::to_owned).collect(),
            changed_by: UserId(row.changed_by),
            changed_at: Moment::from_micros(row.changed_at),
            version: row.version,
        })
    }
}

impl From<SecondFactor> for second_factors::Model {
    fn from(factor: SecondFactor) -> Self {
        Self {
            user_id: factor.user.0,
            state: factor.state.as_str().to_owned(),
            secret: factor.secret,
            recovery_codes: factor.recovery_codes.join(" "),
            changed_by: factor.changed_by.0,
            changed_at: factor.changed_at.micros(),
            version: factor.version,
        }
    }
}

pub async fn lock_factor(work: &Work, user: UserId) -> Result<Option<SecondFactor>, Failure> {
    let row = second_factors::Entity::find_by_id(user.0).lock(LockType::NoKeyUpdate).one(work.connection()).await?;
    row.map(SecondFactor::try_from).transpose()
}

pub async fn save_factor(work: &Work, factor: SecondFactor) -> Result<(), Failure> {
    let rows = vec![second_factors::Model::from(factor)];
    save_all::<second_factors::Entity, second_factors::ActiveModel>(work, rows).await
}

/// Uses up the code of a time step, and with it those of all steps before. Tells whether it was unused.
pub async fn use_step(work: &Work, user: UserId, step: i64) -> Result<bool, Failure> {
    let sql = "INSERT INTO second_factor_steps (user_id, step) VALUES ($1, $2) \
               ON CONFLICT (user_id) DO UPDATE SET step = excluded.step WHERE second_factor_steps.step < excluded.step \
               RETURNING step";
    let statement = work.statement(sql, vec![user.0.into(), step.into()]);
    Ok(work.connection().query_one_raw(statement).await?.is_some())
}
