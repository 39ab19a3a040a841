//! Signing people in: the password, the second factor, the session; and what a person does about their own sign-in later.
//!
//! Unknown login, wrong password and a suspended user take the same steps and get the same answer.

use super::error::IdentityRefusal;
use super::passwords;
use super::queries::{self, Member};
use super::second_factor::{self, SecondFactor};
use super::secret;
use super::sessions::commands::{self as sessions, Refreshed, Which};
use super::sessions::queries::{find_session_of_token, is_at_home};
use super::sessions::{EndReason, Session};
use super::throttle::Attempt;
use crate::access::caller::{AccessRefusal, Permit};
use crate::access::password::PasswordRefusal;
use crate::access::token::{Bearer, Tokens};
use crate::access::{Action, Caller, Proof, Role, SignInRules};
use crate::db::Db;
use crate::kernel::Failure;
use crate::kernel::ids::{SessionId, UserId};
use std::net::IpAddr;
use uuid::Uuid;

/// What signing in stands on.
#[derive(Clone, Copy)]
pub struct Door<'a> {
    /// Where people are.
    pub db: &'a Db,
    /// What their tokens are signed with.
    pub tokens: &'a Tokens,
    /// How they sign in.
    pub rules: &'a SignInRules,
}

/// Where somebody comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The address.
    pub address: IpAddr,
    /// What the client calls itself.
    pub agent: String,
}

/// A person who is in.
#[derive(Debug)]
pub struct Entry {
    /// Who.
    pub member: Member,
    /// What the access token is to say.
    pub bearer: Bearer,
    /// The next refresh token, when there is one.
    pub refresh_token: Option<String>,
    /// The session.
    pub session: SessionId,
}

fn fresh_refresh_token() -> String {
    secret::fresh("ganhe_rt")
}

fn bearer(member: &Member, session: &Session) -> Bearer {
    let proof = if session.is_finished { Proof::Full } else { Proof::Unfinished };
    let caller = Caller { proof, ..member.caller() };
    Bearer { session: Some(session.id), second_factor_at: session.second_factor_at, ..Bearer::from(caller) }
}

/// Checks a password. A failure is counted; a success is not yet, because a second factor may be due.
///
/// # Errors
/// [`IdentityRefusal::WrongLogin`], [`IdentityRefusal::TooManyFailures`], busy.
pub async fn check_password(
    door: Door<'_>,
    login: &str,
    password: &str,
    address: IpAddr,
) -> Result<(Member, Attempt), Failure> {
    let attempt = Attempt::of_login(door.tokens, login, address)?;
    let found = queries::find_by_login(door.db, login).await?;
    let user = found.as_ref().map_or(UserId(Uuid::nil()), |member| member.user.id);
    let is_at_home = is_at_home(door.db, user, &address.to_string()).await?;
    attempt.judge(door.db, is_at_home).await?;
    let hash = found.as_ref().and_then(|member| member.user.password_hash.clone());
    let is_match = door.rules.passwords.matches(password.to_owned(), hash).await?;
    if let Some(member) = found.filter(|member| is_match && member.may_sign_in()) {
        // Of many guesses at once, those that come after the failures of the others do not count, right or wrong.
        attempt.judge(door.db, is_at_home).await?;
        return Ok((member, attempt));
    }
    attempt.failed(door.db).await?;
    Err(IdentityRefusal::WrongLogin {}.into())
}

/// Checks a code of a person's second factor and uses it up.
///
/// # Errors
/// [`IdentityRefusal::WrongCode`], [`IdentityRefusal::TooManyFailures`].
pub async fn check_code(door: Door<'_>, member: &Member, code: &str) -> Result<(), Failure> {
    let attempt = Attempt::of_code(door.tokens, member.user.id)?;
    attempt.judge(door.db, false).await?;
    let permit = member.caller().may(Action::KeepOwnSignIn)?;
    let input = (member.user.id, code.to_owned(), &attempt);
    let is_good = door
        .db
        .run(&permit, &input, |work, (user, code, attempt)| {
            Box::pin(async move {
                let is_good = second_factor::commands::use_code(work, *user, code).await?;
                if is_good {
                    attempt.succeeded(work).await?;
                }
                Ok(is_good)
            })
        })
        .await?;
    if is_good {
        return Ok(());
    }
    attempt.failed(door.db).await?;
    Err(IdentityRefusal::WrongCode {}.into())
}

/// Signs a person in. Where a second factor is active and no code was sent, the sign-in is begun and not finished.
///
/// # Errors
/// As [`check_password`] and [`check_code`].
pub async fn sign_in(
    door: Door<'_>,
    login: &str,
    password: &str,
    code: Option<&str>,
    origin: Origin,
) -> Result<Entry, Failure> {
    let (member, attempt) = check_password(door, login, password, origin.address).await?;
    let has_factor = second_factor::queries::is_active(door.db, member.user.id).await?;
    let now = door.db.clock().wall_now();
    let mut session = Session::begin(member.user.id, origin.address.to_string(), origin.agent, now);
    session.is_finished = !has_factor;
    if let (true, Some(code)) = (has_factor, code) {
        check_code(door, &member, code).await?;
        session.prove(now);
    }
    let old_hash = member.user.password_hash.clone().unwrap_or_default();
    let new_hash = if door.rules.passwords.is_outdated(&old_hash) {
        Some(door.rules.passwords.hash(password.to_owned()).await?)
    } else {
        None
    };
    let refresh_token = fresh_refresh_token();
    let permit = member.caller().may(Action::KeepOwnSignIn)?;
    let input = (&session, &refresh_token, &attempt, (old_hash, new_hash));
    door.db
        .run(&permit, &input, |work, (session, refresh_token, attempt, (old, new))| {
            Box::pin(async move {
                attempt.succeeded(work).await?;
                if let Some(new) = new {
                    passwords::replace_hash(work, session.user, old, new).await?;
                }
                sessions::begin(work, session, refresh_token).await
            })
        })
        .await?;
    let refresh_token = session.is_finished.then_some(refresh_token);
    Ok(Entry { bearer: bearer(&member, &session), refresh_token, session: session.id, member })
}

/// Takes a second factor in a session: it finishes signing in, or proves anew that the person is there.
///
/// # Errors
/// As [`check_code`]; [`IdentityRefusal::NothingEnrolled`], [`IdentityRefusal::NoSession`].
pub async fn give_code(door: Door<'_>, bearer: &Bearer, code: &str) -> Result<Entry, Failure> {
    bearer.caller.may_finish_sign_in()?;
    let session = bearer.session.ok_or(IdentityRefusal::NoSession {})?;
    let member = own(door, bearer).await?;
    if !second_factor::queries::is_active(door.db, member.user.id).await? {
        return Err(IdentityRefusal::NothingEnrolled {}.into());
    }
    check_code(door, &member, code).await?;
    proven(door, member, session).await
}

/// Notes in the session that a second factor was given, and answers with new tokens.
async fn proven(door: Door<'_>, member: Member, id: SessionId) -> Result<Entry, Failure> {
    let permit = member.caller().may(Action::KeepOwnSignIn)?;
    let refresh_token = fresh_refresh_token();
    let input = (id, &refresh_token);
    let is_first = door
        .db
        .run(&permit, &input, |work, (id, refresh_token)| Box::pin(sessions::prove(work, *id, refresh_token)))
        .await?
        .ok_or(IdentityRefusal::NoSession {})?;
    let second_factor_at = Some(door.db.clock().wall_now());
    let bearer = Bearer { session: Some(id), second_factor_at, ..Bearer::from(member.caller()) };
    Ok(Entry { member, bearer, refresh_token: is_first.then_some(refresh_token), session: id })
}

async fn own(door: Door<'_>, bearer: &Bearer) -> Result<Member, Failure> {
    let found = queries::find_member(door.db, bearer.caller.user).await?;
    found.ok_or_else(|| IdentityRefusal::NoSession {}.into())
}

/// Goes on with a session.
///
/// # Errors
/// [`IdentityRefusal::RefreshRefused`], [`IdentityRefusal::RefreshReplayed`].
pub async fn refresh(door: Door<'_>, refresh_token: &str) -> Result<Entry, Failure> {
    let refused = || Failure::from(IdentityRefusal::RefreshRefused {});
    let hash = secret::hash(refresh_token);
    let session = find_session_of_token(door.db, &hash).await?.ok_or_else(refused)?;
    let member = queries::find_member(door.db, session.user).await?.filter(Member::may_sign_in).ok_or_else(refused)?;
    let permit = member.caller().may(Action::KeepOwnSignIn)?;
    let next = fresh_refresh_token();
    let input = (&hash, &next);
    let refreshed = door.db.run(&permit, &input, |work, (hash, next)| Box::pin(sessions::refresh(work, hash, next)));
    match refreshed.await? {
        Refreshed::GoesOn => {
            Ok(Entry { bearer: bearer(&member, &session), refresh_token: Some(next), session: session.id, member })
        }
        Refreshed::Refused => Err(refused()),
        Refreshed::Replayed => {
            tracing::warn!(user.id = %session.user, session.id = %session.id, "A refresh token was replayed: the session has ended");
            Err(IdentityRefusal::RefreshReplayed {}.into())
        }
    }
}

/// The permit for what a stolen password alone must not do about a sign-in: whoever has a second factor needs it, given lately
/// where this installation asks for one. Whoever has none yet goes on without.
async fn proven_owner(door: Door<'_>, bearer: &Bearer) -> Result<Permit, Failure> {
    let permit = bearer.caller.may(Action::KeepOwnSignIn)?;
    let is_proven = bearer.second_factor_at.is_some() && bearer.caller.proof == Proof::Full;
    if !is_proven && second_factor::queries::is_active(door.db, bearer.caller.user).await? {
        return Err(AccessRefusal::SecondFactor { action: Action::KeepOwnSignIn.as_str().to_owned() }.into());
    }
    Ok(permit)
}

/// Ends the session of the bearer, also one whose second factor is still to come. Tells how many that are.
///
/// # Errors
/// [`IdentityRefusal::NoSession`]; a fault of the database.
pub async fn sign_out(door: Door<'_>, bearer: &Bearer) -> Result<usize, Failure> {
    let session = bearer.session.ok_or(IdentityRefusal::NoSession {})?;
    let permit = bearer.caller.may_finish_sign_in()?;
    end(door, &permit, Which::One(session), EndReason::SignedOut).await
}

/// Ends sessions of the bearer's own. Tells how many.
///
/// # Errors
/// [`AccessRefusal::SecondFactor`] for others than that of the bearer; a fault of the database.
pub async fn end_own(door: Door<'_>, bearer: &Bearer, which: Which) -> Result<usize, Failure> {
    let is_this = bearer.session.is_some_and(|session| which == Which::One(session));
    let permit = if is_this { bearer.caller.may(Action::KeepOwnSignIn)? } else { proven_owner(door, bearer).await? };
    end(door, &permit, which, EndReason::Ended).await
}

async fn end(door: Door<'_>, permit: &Permit, which: Which, reason: EndReason) -> Result<usize, Failure> {
    let input = (permit.caller().user, which, reason);
    door.db
        .run(permit, &input, |work, (user, which, reason)| Box::pin(sessions::end(work, *user, *which, *reason)))
        .await
}

/// Changes the bearer's own password, and ends their other sessions.
///
/// # Errors
/// As [`check_password`], [`AccessRefusal::SecondFactor`], and every broken rule for the new one.
pub async fn change_password(
    door: Door<'_>,
    bearer: &Bearer,
    old: &str,
    new: &str,
    address: IpAddr,
) -> Result<usize, Failure> {
    let permit = proven_owner(door, bearer).await?;
    let session = bearer.session.ok_or(IdentityRefusal::NoSession {})?;
    let login = own(door, bearer).await?.user.login;
    let (member, attempt) = check_password(door, &login, old, address).await?;
    if old == new {
        return Err(PasswordRefusal::IsOld {}.into());
    }
    let new_hash = door.rules.passwords.hash_new(new.to_owned(), &login).await?;
    let old_hash = member.user.password_hash.clone().unwrap_or_default();
    let input = (member.user.id, session, (old_hash, new_hash), &attempt);
    let ended = door
        .db
        .run(&permit, &input, |work, (user, session, (old, new), attempt)| {
            Box::pin(async move {
                if !passwords::replace_hash(work, *user, old, new).await? {
                    return Ok(None);
                }
                attempt.succeeded(work).await?;
                sessions::end(work, *user, Which::AllBut(*session), EndReason::PasswordChanged).await.map(Some)
            })
        })
        .await?;
    // Somebody else changed it in the meantime.
    ended.ok_or_else(|| IdentityRefusal::WrongLogin {}.into())
}

/// Sets a new password with a code that an administrator has made.
///
/// # Errors
/// [`IdentityRefusal::ResetRefused`], also for a login that is not there; [`IdentityRefusal::TooManyFailures`]; every broken rule for
/// the new password.
pub async fn reset_password(
    door: Door<'_>,
    login: &str,
    code: &str,
    new: &str,
    address: IpAddr,
) -> Result<(), Failure> {
    let attempt = Attempt::of_login(door.tokens, login, address)?;
    // A code of a hundred bits is not guessed: only the count of this login from this address binds, so that nobody is kept from
    // theirs by somebody elsewhere.
    attempt.judge(door.db, true).await?;
    let new_hash = door.rules.passwords.hash_new(new.to_owned(), login).await?;
    let found = queries::find_by_login(door.db, login).await?.filter(Member::may_sign_in);
    // Nobody's code is looked for, too: the time taken does not tell whether there is such a login.
    let user = found.map_or(UserId(Uuid::nil()), |member| member.user.id);
    let server = Caller { roles: vec![Role::Operator], ..Caller::nobody() };
    let permit = server.may(Action::SupportSignIn)?;
    let input = (user, code, &new_hash, &attempt);
    let is_set = door
        .db
        .run(&permit, &input, |work, (user, code, new_hash, attempt)| {
            Box::pin(passwords::use_reset(work, *user, code, new_hash, attempt))
        })
        .await?;
    if is_set {
        return Ok(());
    }
    attempt.failed(door.db).await?;
    Err(IdentityRefusal::ResetRefused {}.into())
}

/// Begins to enrol a second factor: a secret, to be shown once.
///
/// # Errors
/// As [`check_password`]; [`IdentityRefusal::AlreadyEnrolled`], [`IdentityRefusal::NoSession`].
pub async fn enrol(
    door: Door<'_>,
    bearer: &Bearer,
    password: &str,
    address: IpAddr,
) -> Result<(SecondFactor, Member), Failure> {
    let permit = bearer.caller.may(Action::KeepOwnSignIn)?;
    bearer.session.ok_or(IdentityRefusal::NoSession {})?;
    let login = own(door, bearer).await?.user.login;
    let (member, _) = check_password(door, &login, password, address).await?;
    let secret = SecondFactor::fresh_secret();
    let factor = door.db.run(&permit, &secret, |work, secret| {
        Box::pin(async move { second_factor::commands::enrol(work, secret).await.map(|factor| factor.version) })
    });
    factor.await?;
    let found = second_factor::queries::find_factor(door.db, member.user.id).await?;
    let factor = found.ok_or_else(|| Failure::bug("a second factor was not kept"))?;
    Ok((factor, member))
}

/// Confirms an enrolment with a code of the app. The session has its second factor from then on. Tells the recovery codes, to be
/// shown once.
///
/// # Errors
/// [`IdentityRefusal::WrongCode`], [`IdentityRefusal::NothingEnrolled`], [`IdentityRefusal::TooManyFailures`].
pub async fn confirm_enrolment(door: Door<'_>, bearer: &Bearer, code: &str) -> Result<(Entry, Vec<String>), Failure> {
    let permit = bearer.caller.may(Action::KeepOwnSignIn)?;
    let session = bearer.session.ok_or(IdentityRefusal::NoSession {})?;
    let member = own(door, bearer).await?;
    let attempt = Attempt::of_code(door.tokens, member.user.id)?;
    attempt.judge(door.db, false).await?;
    let (codes, hashes) = second_factor::fresh_recovery_codes();
    let input = (code, hashes, &attempt);
    let is_good = door
        .db
        .run(&permit, &input, |work, (code, hashes, attempt)| {
            Box::pin(async move {
                let is_good = second_factor::commands::confirm(work, code, hashes).await?;
                if is_good {
                    attempt.succeeded(work).await?;
                }
                Ok(is_good)
            })
        })
        .await?;
    if !is_good {
        attempt.failed(door.db).await?;
        return Err(IdentityRefusal::WrongCode {}.into());
    }
    Ok((proven(door, member, session).await?, codes))
}

/// Removes the bearer's own second factor, against one of its codes.
///
/// # Errors
/// As [`check_code`]; [`IdentityRefusal::NothingEnrolled`].
pub async fn remove_own_factor(door: Door<'_>, bearer: &Bearer, code: &str) -> Result<(), Failure> {
    let permit = bearer.caller.may(Action::KeepOwnSignIn)?;
    let member = own(door, bearer).await?;
    if !second_factor::queries::is_active(door.db, member.user.id).await? {
        return Err(IdentityRefusal::NothingEnrolled {}.into());
    }
    check_code(door, &member, code).await?;
    let user = member.user.id;
    door.db.run(&permit, &user, |work, user| Box::pin(second_factor::commands::remove(work, *user))).await
}
