//! Beginning, refreshing and ending sessions.

use super::session::{EndReason, RefreshToken, Session, Turn};
use super::store;
use crate::db::Work;
use crate::identity::secret;
use crate::kernel::Failure;
use crate::kernel::ids::{SessionId, UserId};
use serde::{Deserialize, Serialize};

/// For how many days a session is kept after it began: longer than any lasts, and than an address counts as somebody's own.
const KEPT_DAYS: i64 = 90;

/// Begins a session, and forgets those of its person that are long past. Its first refresh token is only kept when signing in is finished by it.
///
/// # Errors
/// A fault of the database.
pub async fn begin(work: &Work, session: &Session, refresh_token: &str) -> Result<(), Failure> {
    let old = work.clock().wall_now().plus_minutes(-KEPT_DAYS * 24 * 60);
    store::forget_before(work, session.user, old).await?;
    store::save_sessions(work, std::slice::from_ref(session)).await?;
    if session.is_finished {
        store::save_tokens(work, &[first_token(work, session.id, refresh_token)]).await?;
    }
    Ok(())
}

fn first_token(work: &Work, session: SessionId, token: &str) -> RefreshToken {
    let issued_at = work.clock().wall_now();
    RefreshToken { hash: secret::hash(token), session, number: 1, parent: None, issued_at, used_at: None }
}

/// Notes a second factor given in a session. Tells whether it finished the sign-in, which then has its first refresh token;
/// nothing when the session no longer stands.
///
/// # Errors
/// A fault of the database.
pub async fn prove(work: &Work, id: SessionId, refresh_token: &str) -> Result<Option<bool>, Failure> {
    let now = work.clock().wall_now();
    let Some(mut session) = store::lock_session(work, id).await?.filter(|session| session.is_live(now)) else {
        return Ok(None);
    };
    let is_first = !session.is_finished;
    session.prove(now);
    store::save_sessions(work, &[session]).await?;
    if is_first {
        store::save_tokens(work, &[first_token(work, id, refresh_token)]).await?;
    }
    Ok(Some(is_first))
}

/// What a refresh came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refreshed {
    /// The session goes on with the next token.
    GoesOn,
    /// The token is of no session that still stands.
    Refused,
    /// The token was used before: the session has ended.
    Replayed,
}

/// Gives the next refresh token for one that was handed out. Refusals are told as a value, because the end of a replayed family must
/// be committed.
///
/// # Errors
/// A fault of the database.
pub async fn refresh(work: &Work, presented: &[u8], next: &str) -> Result<Refreshed, Failure> {
    let now = work.clock().wall_now();
    let Some(known) = store::find_token(work, presented).await? else { return Ok(Refreshed::Refused) };
    let Some(mut session) = store::lock_session(work, known.session).await? else { return Ok(Refreshed::Refused) };
    if !session.is_live(now) {
        return Ok(Refreshed::Refused);
    }
    // Read again under the lock of the session: of two who send it at once, one is second.
    let presented = store::find_token(work, presented).await?;
    let newest = store::find_newest_token(work, session.id).await?;
    let (Some(mut presented), Some(mut newest)) = (presented, newest) else { return Ok(Refreshed::Refused) };
    let number = newest.number + 1;
    let mut changed = Vec::new();
    match presented.judge(&newest, now) {
        Turn::Next => {
            presented.used_at = Some(now);
            changed.push(presented.clone());
        }
        Turn::LostAnswer => {
            newest.used_at = Some(now);
            changed.push(newest);
        }
        Turn::Replay => {
            session.end(now, None, EndReason::RefreshTokenReplayed);
            store::save_sessions(work, &[session]).await?;
            return Ok(Refreshed::Replayed);
        }
    }
    let (hash, parent) = (secret::hash(next), Some(presented.hash));
    changed.push(RefreshToken { hash, session: session.id, number, parent, issued_at: now, used_at: None });
    session.last_seen_at = now;
    store::save_tokens(work, &changed).await?;
    store::save_sessions(work, &[session]).await?;
    Ok(Refreshed::GoesOn)
}

/// Ends the open sessions of a user: one of them, or all but one, or all. Tells how many.
///
/// # Errors
/// A fault of the database.
pub async fn end(work: &Work, user: UserId, which: Which, reason: EndReason) -> Result<usize, Failure> {
    let (now, by) = (work.clock().wall_now(), work.caller().user);
    let mut sessions = store::lock_open_sessions(work, user).await?;
    sessions.retain(|session| which.has(session.id) && session.is_live(now));
    for session in &mut sessions {
        session.end(now, Some(by), reason);
    }
    store::save_sessions(work, &sessions).await?;
    Ok(sessions.len())
}

/// Which sessions of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// All of them.
    All,
    /// This one.
    One(SessionId),
    /// All but this one.
    AllBut(SessionId),
}

impl Which {
    fn has(self, session: SessionId) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => session == one,
            Self::AllBut(kept) => session != kept,
        }
    }
}
