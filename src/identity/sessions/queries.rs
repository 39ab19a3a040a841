//! Reading sessions.

use super::session::{RefreshToken, Session};
use super::store::{refresh_tokens, sessions};
use crate::db::{Db, rows};
use crate::kernel::ids::{SessionId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// For how many days an address from which somebody has signed in counts as theirs.
const AT_HOME_DAYS: i64 = 30;

/// A session by id.
///
/// # Errors
/// A fault of the database.
pub async fn find_session(db: &Db, id: SessionId) -> Result<Option<Session>, Failure> {
    let row = sessions::Entity::find_by_id(id.0).one(db.reader()).await?;
    row.map(Session::try_from).transpose()
}

/// The sessions of a user, ended ones among them, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_sessions(db: &Db, user: UserId, page: &PageRequest) -> Result<Page<Session>, Failure> {
    let select = sessions::Entity::find().filter(sessions::Column::UserId.eq(user.0));
    let rows = rows::page(select, sessions::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Session::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |session| session.id.0))
}

/// Whether a user has signed in from an address in the last weeks.
///
/// # Errors
/// A fault of the database.
pub async fn is_at_home(db: &Db, user: UserId, address: &str) -> Result<bool, Failure> {
    let since = db.clock().wall_now().plus_minutes(-AT_HOME_DAYS * 24 * 60);
    let found = sessions::Entity::find()
        .filter(sessions::Column::UserId.eq(user.0))
        .filter(sessions::Column::Address.eq(address))
        .filter(sessions::Column::IsFinished.eq(true))
        .filter(sessions::Column::BeganAt.gte(since.micros()))
        .limit(1);
    Ok(found.one(db.reader()).await?.is_some())
}

/// The session of a refresh token that was handed out.
///
/// # Errors
/// A fault of the database.
pub async fn find_session_of_token(db: &Db, hash: &[u8]) -> Result<Option<Session>, Failure> {
    let row = refresh_tokens::Entity::find_by_id(hash.to_vec()).one(db.reader()).await?;
    match row.map(RefreshToken::from) {
        Some(token) => find_session(db, token.session).await,
        None => Ok(None),
    }
}

/// The instant until which a session lives if nobody refreshes or ends it.
pub fn ends_at(session: &Session) -> Moment {
    session.expires_at.min(session.last_seen_at.plus_minutes(super::session::IDLE_MINUTES))
}
