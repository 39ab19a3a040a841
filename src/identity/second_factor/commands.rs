//! Enrolling, using and removing second factors.

use super::{FactorState, SecondFactor, store};
use crate::db::Work;
use crate::identity::error::IdentityRefusal;
use crate::kernel::Failure;
use crate::kernel::ids::UserId;

/// Begins an enrolment with a secret. One that is active must be removed before, or whoever has the password alone could put
/// their own app in its place.
///
/// # Errors
/// [`IdentityRefusal::AlreadyEnrolled`].
pub async fn enrol(work: &Work, secret: &str) -> Result<SecondFactor, Failure> {
    let user = work.caller().user;
    let there = store::lock_factor(work, user).await?;
    if there.as_ref().is_some_and(|factor| factor.state == FactorState::Active) {
        return Err(IdentityRefusal::AlreadyEnrolled {}.into());
    }
    let version = there.map_or(0, |factor| factor.version) + 1;
    let factor = SecondFactor {
        user,
        state: FactorState::Pending,
        secret: secret.to_owned(),
        recovery_codes: Vec::new(),
        changed_by: user,
        changed_at: work.clock().wall_now(),
        version,
    };
    store::save_factor(work, factor.clone()).await?;
    Ok(factor)
}

/// Confirms an enrolment by a code of its secret, and keeps the hashes of its recovery codes. Tells whether the code was right.
///
/// # Errors
/// [`IdentityRefusal::NothingEnrolled`].
pub async fn confirm(work: &Work, code: &str, recovery_codes: &[String]) -> Result<bool, Failure> {
    let (user, now) = (work.caller().user, work.clock().wall_now());
    let pending = store::lock_factor(work, user).await?.filter(|factor| factor.state == FactorState::Pending);
    let factor = pending.ok_or(IdentityRefusal::NothingEnrolled {})?;
    let Some(step) = factor.step_of(code, now)? else { return Ok(false) };
    if !store::use_step(work, user, step).await? {
        return Ok(false);
    }
    let (version, recovery_codes) = (factor.version + 1, recovery_codes.to_vec());
    let active = SecondFactor { state: FactorState::Active, recovery_codes, changed_at: now, version, ..factor };
    store::save_factor(work, active).await?;
    Ok(true)
}

/// Uses a code of an active second factor, of the app or for recovery. Tells whether it was good.
///
/// # Errors
/// A fault of the database.
pub async fn use_code(work: &Work, user: UserId, code: &str) -> Result<bool, Failure> {
    let now = work.clock().wall_now();
    let active = store::lock_factor(work, user).await?.filter(|factor| factor.state == FactorState::Active);
    let Some(mut factor) = active else { return Ok(false) };
    if let Some(step) = factor.step_of(code, now)? {
        return store::use_step(work, user, step).await;
    }
    if !factor.take_recovery_code(code) {
        return Ok(false);
    }
    (factor.changed_by, factor.changed_at, factor.version) = (user, now, factor.version + 1);
    store::save_factor(work, factor).await?;
    Ok(true)
}

/// Removes a user's second factor, so that they enrol another one.
///
/// # Errors
/// [`IdentityRefusal::NothingEnrolled`].
pub async fn remove(work: &Work, user: UserId) -> Result<(), Failure> {
    let there = store::lock_factor(work, user).await?.filter(|factor| factor.state != FactorState::Removed);
    let factor = there.ok_or(IdentityRefusal::NothingEnrolled {})?;
    let removed = SecondFactor {
        state: FactorState::Removed,
        secret: String::new(),
        recovery_codes: Vec::new(),
        changed_by: work.caller().user,
        changed_at: work.clock().wall_now(),
        version: factor.version + 1,
        ..factor
    };
    store::save_factor(work, removed).await
}
