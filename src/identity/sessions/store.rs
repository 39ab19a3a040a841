//! Rows of sessions and of refresh tokens. They leave no evidence: what somebody did stands in what they did it to.

use super::session::{End, EndReason, RefreshToken, Session};
use crate::db::Work;
use crate::entity;
use crate::kernel::ids::{SessionId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};

entity!(sessions, "sessions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    address: String,
    agent: String,
    began_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    second_factor_at: Option<i64>,
    is_finished: bool,
    ended_at: Option<i64>,
    ended_by: Option<Uuid>,
    end_reason: Option<String>,
});

entity!(refresh_tokens, "refresh_tokens", {
    #[sea_orm(primary_key, auto_increment = false)]
    token_hash: Vec<u8>,
    session_id: Uuid,
    number: i64,
    parent_hash: Option<Vec<u8>>,
    issued_at: i64,
    used_at: Option<i64>,
});

impl TryFrom<sessions::Model> for Session {
    type Error = Failure;

    fn try_from(row: sessions::Model) -> Result<Self, Failure> {
        let end = match (row.ended_at, row.end_reason) {
            (Some(at), Some(reason)) => Some(End {
                at: Moment::from_micros(at),
                by: row.ended_by.map(UserId),
                reason: EndReason::parse(&reason)
                    .ok_or_else(|| Failure::bug(format!("a session ended for the unknown reason {reason}")))?,
            }),
            _ => None,
        };
        Ok(Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            address: row.address,
            agent: row.agent,
            began_at: Moment::from_micros(row.began_at),
            last_seen_at: Moment::from_micros(row.last_seen_at),
            expires_at: Moment::from_micros(row.expires_at),
            second_factor_at: row.second_factor_at.map(Moment::from_micros),
            is_finished: row.is_finished,
            end,
        })
    }
}

impl From<Session> for sessions::Model {
    fn from(session: Session) -> Self {
        Self {
            id: session.id.0,
            user_id: session.user.0,
            address: session.address,
            agent: session.agent,
            began_at: session.began_at.micros(),
            last_seen_at: session.last_seen_at.micros(),
            expires_at: session.expires_at.micros(),
            second_factor_at: session.second_factor_at.map(Moment::micros),
            is_finished: session.is_finished,
            ended_at: session.end.map(|end| end.at.micros()),
            ended_by: session.end.and_then(|end| end.by).map(|by| by.0),
            end_reason: session.end.map(|end| end.reason.as_str().to_owned()),
        }
    }
}

impl From<refresh_tokens::Model> for RefreshToken {
    fn from(row: refresh_tokens::Model) -> Self {
        Self {
            hash: row.token_hash,
            session: SessionId(row.session_id),
            number: row.number,
            parent: row.parent_hash,
            issued_at: Moment::from_micros(row.issued_at),
            used_at: row.used_at.map(Moment::from_micros),
        }
    }
}

impl From<RefreshToken> for refresh_tokens::Model {
    fn from(token: RefreshToken) -> Self {
        Self {
            token_hash: token.hash,
            session_id: token.session.0,
            number: token.number,
            parent_hash: token.parent,
            issued_at: token.issued_at.micros(),
            used_at: token.used_at.map(Moment::micros),
        }
    }
}

/// Writes rows that are new or have changed, without evidence.
async fn put<E, A>(work: &Work, key: E::Column, rows: Vec<E::Model>) -> Result<(), Failure>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + Send,
    E::Model: IntoActiveModel<A>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let conflict = OnConflict::column(key).update_columns(E::Column::iter()).to_owned();
    let rows: Vec<A> = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    E::insert_many(rows).on_conflict(conflict).exec_without_returning(work.connection()).await?;
    Ok(())
}

pub async fn save_sessions(work: &Work, sessions: &[Session]) -> Result<(), Failure> {
    let rows = sessions.iter().cloned().map(sessions::Model::from).collect();
    put::<sessions::Entity, sessions::ActiveModel>(work, sessions::Column::Id, rows).await
}

pub async fn save_tokens(work: &Work, tokens: &[RefreshToken]) -> Result<(), Failure> {
    let rows = tokens.iter().cloned().map(refresh_tokens::Model::from).collect();
    put::<refresh_tokens::Entity, refresh_tokens::ActiveModel>(work, refresh_tokens::Column::TokenHash, rows).await
}

/// Removes the sessions of a user that began before an instant, with their refresh tokens.
pub async fn forget_before(work: &Work, user: UserId, instant: Moment) -> Result<(), Failure> {
    let old = "SELECT id FROM sessions WHERE user_id = $1 AND began_at < $2";
    for sql in [
        format!("DELETE FROM refresh_tokens WHERE session_id IN ({old})"),
        "DELETE FROM sessions WHERE user_id = $1 AND began_at < $2".to_owned(),
    ] {
        let values = vec![user.0.into(), instant.micros().into()];
        work.connection().execute_raw(work.statement(&sql, values)).await?;
    }
    Ok(())
}

pub async fn lock_session(work: &Work, id: SessionId) -> Result<Option<Session>, Failure> {
    let row = sessions::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(work.connection()).await?;
    row.map(Session::try_from).transpose()
}

/// The sessions of a user that have not ended, locked in the order in which they began.
pub async fn lock_open_sessions(work: &Work, user: UserId) -> Result<Vec<Session>, Failure> {
    let open = sessions::Entity::find()
        .filter(sessions::Column::UserId.eq(user.0))
        .filter(sessions::Column::EndedAt.is_null())
        .order_by_asc(sessions::Column::Id);
    let rows = open.lock(LockType::NoKeyUpdate).all(work.connection()).await?;
    rows.into_iter().map(Session::try_from).collect()
}

pub async fn find_token(work: &Work, hash: &[u8]) -> Result<Option<RefreshToken>, Failure> {
    let row = refresh_tokens::Entity::find_by_id(hash.to_vec()).one(work.connection()).await?;
    Ok(row.map(RefreshToken::from))
}

pub async fn find_newest_token(work: &Work, session: SessionId) -> Result<Option<RefreshToken>, Failure> {
    let of_session = refresh_tokens::Entity::find().filter(refresh_tokens::Column::SessionId.eq(session.0));
    let row = of_session.order_by_desc(refresh_tokens::Column::Number).one(work.connection()).await?;
    Ok(row.map(RefreshToken::from))
}
