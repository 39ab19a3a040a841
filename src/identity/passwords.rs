//! Changing a password, and setting a new one with a code that an administrator has made.

use super::sessions::EndReason;
use super::sessions::commands::{Which, end};
use super::store::{self, password_resets};
use super::{secret, throttle};
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::UserId;

/// How long a code for a new password is good, in minutes: a day, because it is read out over the telephone or carried on paper.
pub const RESET_MINUTES: i64 = 24 * 60;

/// Replaces the hash of a password that is what it was when it was checked. Tells whether it still was.
///
/// # Errors
/// A fault of the database.
pub async fn replace_hash(work: &Work, user: UserId, old: &str, new: &str) -> Result<bool, Failure> {
    let found = store::lock_user(work, user).await?.filter(|user| user.password_hash.as_deref() == Some(old));
    let Some(mut user) = found else { return Ok(false) };
    (user.password_hash, user.version) = (Some(new.to_owned()), user.version + 1);
    store::save_users(work, &[user]).await?;
    Ok(true)
}

/// Makes a code for a new password. The old password ends with it, and so do all sessions: whoever asks for a new one may have lost
/// the old one to somebody.
///
/// # Errors
/// A fault of the database.
pub async fn prepare_reset(work: &Work, user: UserId, code_hash: &[u8]) -> Result<(), Failure> {
    let now = work.clock().wall_now();
    let mut person = store::lock_user(work, user).await?.ok_or_else(|| Failure::bug("a user vanished"))?;
    if person.password_hash.is_some() {
        (person.password_hash, person.version) = (None, person.version + 1);
        store::save_users(work, &[person]).await?;
    }
    let version = store::lock_reset(work, user).await?.map_or(0, |row| row.version) + 1;
    let row = password_resets::Model {
        user_id: user.0,
        code_hash: Some(code_hash.to_vec()),
        made_by: work.caller().user.0,
        made_at: now.micros(),
        expires_at: now.plus_minutes(RESET_MINUTES).micros(),
        used_at: None,
        version,
    };
    store::save_reset(work, row).await?;
    end(work, user, Which::All, EndReason::PasswordChanged).await?;
    Ok(())
}

/// Whether a code for a new password of a user is good now.
fn is_good(work: &Work, row: &password_resets::Model, code: &str) -> bool {
    let is_in_time = work.clock().wall_now().micros() < row.expires_at;
    let given = secret::hash_code(code);
    is_in_time && row.code_hash.as_ref().is_some_and(|hash| secret::is_same(hash, &given))
}

/// Sets the new password for a code, which is used up by it. Tells whether the code was good.
///
/// # Errors
/// A fault of the database.
pub async fn use_reset(
    work: &Work,
    user: UserId,
    code: &str,
    new_hash: &str,
    attempt: &throttle::Attempt,
) -> Result<bool, Failure> {
    let person = store::lock_user(work, user).await?;
    let row = store::lock_reset(work, user).await?.filter(|row| is_good(work, row, code));
    let (Some(mut person), Some(row)) = (person, row) else { return Ok(false) };
    (person.password_hash, person.version) = (Some(new_hash.to_owned()), person.version + 1);
    store::save_users(work, &[person]).await?;
    let (used_at, version) = (Some(work.clock().wall_now().micros()), row.version + 1);
    store::save_reset(work, password_resets::Model { code_hash: None, used_at, version, ..row }).await?;
    attempt.succeeded(work).await?;
    Ok(true)
}
