//! The keys that sign access tokens. They lie in the database, which all nodes share; a node reads them again after some seconds,
//! so that it learns of a new one without a restart. A key gives way to the next with an overlap, and its private part is wiped
//! when the last of its tokens has ended.

mod store;

pub use store::COVERED;

use crate::access::token::{TokenKey, Tokens};
use crate::access::{Action, Caller, Permit, Role};
use crate::db::{Db, Work};
use crate::kernel::ids::TokenKeyId;
use crate::kernel::{Failure, Moment};
use std::time::Duration;

/// How long a new key is published before it signs: every node reads it within seconds, and others who check tokens by the
/// published keys may keep those for five minutes.
pub const LEAD_MINUTES: i64 = 10;

/// How often a node reads the keys.
const READ_EVERY: Duration = Duration::from_secs(5);

/// How soon the keys are read again for a token of a key that this node does not know: forged ones come in any number.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// The server's own permit: nobody signs in to take a new key.
fn keeper() -> Result<Permit, Failure> {
    let server = Caller { roles: vec![Role::Operator], ..Caller::nobody() };
    Ok(server.may(Action::SupportSignIn)?)
}

/// The keys of a founded book.
///
/// # Errors
/// A fault of the database, and one when no book was founded.
pub async fn load(db: &Db, request_secret: &str) -> Result<Tokens, Failure> {
    Tokens::new(store::list_keys(db.reader()).await?, request_secret)
}

/// Reads the keys again when that is some seconds ago.
///
/// # Errors
/// A fault of the database.
pub async fn renew(db: &Db, tokens: &Tokens) -> Result<(), Failure> {
    renew_after(db, tokens, READ_EVERY).await
}

/// Reads the keys again for the sake of a token whose key is not known here.
///
/// # Errors
/// A fault of the database.
pub async fn look_for(db: &Db, tokens: &Tokens) -> Result<(), Failure> {
    renew_after(db, tokens, AT_MOST_EVERY).await
}

async fn renew_after(db: &Db, tokens: &Tokens, age: Duration) -> Result<(), Failure> {
    if tokens.age() < age {
        return Ok(());
    }
    tokens.replace(store::list_keys(db.reader()).await?)
}

/// The first key of a book.
///
/// # Errors
/// A fault of the database.
pub async fn found(work: &Work) -> Result<(), Failure> {
    let now = work.clock().wall_now();
    // A book may be founded by a clock that stands in the past, and served by one that does not.
    let key = TokenKey::fresh(now, Moment::from_micros(0))?;
    store::save_keys(work, &[key]).await
}

/// Lets a new key take over: after [`LEAD_MINUTES`], or at once where the old one is suspected to be known to others; then every
/// token that it has signed ends, too. Tells the new key and from when on it signs.
///
/// # Errors
/// A fault of the database.
pub async fn rotate(db: &Db, is_suspected: bool) -> Result<(TokenKeyId, Moment), Failure> {
    let permit = keeper()?;
    db.run(&permit, &is_suspected, |work, is_suspected| Box::pin(rotate_in(work, *is_suspected))).await
}

async fn rotate_in(work: &Work, is_suspected: bool) -> Result<(TokenKeyId, Moment), Failure> {
    let now = work.clock().wall_now();
    let then = if is_suspected { now } else { now.plus_minutes(LEAD_MINUTES) };
    let mut keys = store::lock_keys(work).await?;
    for key in &mut keys {
        if key.checked_until.is_some_and(|until| until <= now) {
            key.private_key.clear();
            key.version += 1;
        } else {
            key.retire(then, is_suspected);
        }
    }
    let new = TokenKey::fresh(now, then)?;
    let id = new.id;
    keys.push(new);
    store::save_keys(work, &keys).await?;
    Ok((id, then))
}
