//! Rows of the keys that sign tokens.

use crate::access::token::TokenKey;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::save_all;
use crate::entity;
use crate::kernel::ids::TokenKeyId;
use crate::kernel::{Failure, Moment};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

entity!(token_keys, "token_keys", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    private_key: String,
    created_at: i64,
    signs_from: i64,
    signs_until: Option<i64>,
    checked_until: Option<i64>,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<token_keys::Entity>()];

impl From<token_keys::Model> for TokenKey {
    fn from(row: token_keys::Model) -> Self {
        Self {
            id: TokenKeyId(row.id),
            private_key: row.private_key,
            created_at: Moment::from_micros(row.created_at),
            signs_from: Moment::from_micros(row.signs_from),
            signs_until: row.signs_until.map(Moment::from_micros),
            checked_until: row.checked_until.map(Moment::from_micros),
            version: row.version,
        }
    }
}

impl From<TokenKey> for token_keys::Model {
    fn from(key: TokenKey) -> Self {
        Self {
            id: key.id.0,
            private_key: key.private_key,
            created_at: key.created_at.micros(),
            signs_from: key.signs_from.micros(),
            signs_until: key.signs_until.map(Moment::micros),
            checked_until: key.checked_until.map(Moment::micros),
            version: key.version,
        }
    }
}

/// Keys that still have their private part, oldest first.
fn kept() -> Select<token_keys::Entity> {
    token_keys::Entity::find().filter(token_keys::Column::PrivateKey.ne("")).order_by_asc(token_keys::Column::Id)
}

pub async fn list_keys(connection: &impl ConnectionTrait) -> Result<Vec<TokenKey>, Failure> {
    Ok(kept().all(connection).await?.into_iter().map(TokenKey::from).collect())
}

pub async fn lock_keys(work: &Work) -> Result<Vec<TokenKey>, Failure> {
    let rows = kept().lock(LockType::NoKeyUpdate).all(work.connection()).await?;
    Ok(rows.into_iter().map(TokenKey::from).collect())
}

pub async fn save_keys(work: &Work, keys: &[TokenKey]) -> Result<(), Failure> {
    let rows = keys.iter().cloned().map(token_keys::Model::from).collect();
    save_all::<token_keys::Entity, token_keys::ActiveModel>(work, rows).await
}
