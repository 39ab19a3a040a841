//! A session, and the judgement on a refresh token.

use crate::kernel::Moment;
use crate::kernel::ids::{SessionId, UserId};
use serde::{Deserialize, Serialize};

/// How long a session lasts, however busy: a working day.
pub const LONGEST_MINUTES: i64 = 12 * 60;
/// How long it lasts without a refresh: a client that is open refreshes with every access token.
pub const IDLE_MINUTES: i64 = 2 * 60;
/// How long the answer to a refresh may be lost on its way and asked for again: a few tries of a client on a bad line.
pub const LOST_ANSWER_SECONDS: i64 = 30;

accounting::words! {
    /// Why a session ended.
    EndReason {
        /// Its person signed out.
        SignedOut = "signed_out",
        /// Its person ended it from another one.
        Ended = "ended",
        /// An administrator ended it.
        EndedByAdministrator = "ended_by_administrator",
        /// The password was changed in another session, or set anew.
        PasswordChanged = "password_changed",
        /// A used refresh token was sent: somebody else has it.
        RefreshTokenReplayed = "refresh_token_replayed",
    }
}

/// The end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Moment,
    /// By whom; nobody when the server noticed something.
    pub by: Option<UserId>,
    /// Why.
    pub reason: EndReason,
}

/// A sign-in of a person. All instants are wall time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identity.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// From which address it began.
    pub address: String,
    /// What the client called itself.
    pub agent: String,
    /// When it began.
    pub began_at: Moment,
    /// When it was last refreshed.
    pub last_seen_at: Moment,
    /// When it ends at the latest.
    pub expires_at: Moment,
    /// When the last second factor was given in it.
    pub second_factor_at: Option<Moment>,
    /// Whether everything was given that signing in takes.
    pub is_finished: bool,
    /// Its end, before it expires.
    pub end: Option<End>,
}

impl Session {
    /// A session that begins now.
    pub fn begin(user: UserId, address: String, agent: String, now: Moment) -> Self {
        Self {
            id: SessionId::fresh(),
            user,
            address,
            agent,
            began_at: now,
            last_seen_at: now,
            expires_at: now.plus_minutes(LONGEST_MINUTES),
            second_factor_at: None,
            is_finished: false,
            end: None,
        }
    }

    /// Whether it still stands.
    pub fn is_live(&self, now: Moment) -> bool {
        self.end.is_none() && now < self.expires_at && now < self.last_seen_at.plus_minutes(IDLE_MINUTES)
    }

    /// Notes that a second factor was given, which finishes the sign-in.
    pub fn prove(&mut self, now: Moment) {
        self.second_factor_at = Some(now);
        self.is_finished = true;
    }

    /// Ends it; an end that it has stays.
    pub fn end(&mut self, at: Moment, by: Option<UserId>, reason: EndReason) {
        self.end.get_or_insert(End { at, by, reason });
    }
}

/// A refresh token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// Of which session.
    pub session: SessionId,
    /// Its place in the family, from 1.
    pub number: i64,
    /// The token that was given for it.
    pub parent: Option<Vec<u8>>,
    /// When it was handed out.
    pub issued_at: Moment,
    /// When it was used up, or replaced because its answer was lost.
    pub used_at: Option<Moment>,
}

/// What a refresh token that is sent means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// It is the newest and unused.
    Next,
    /// It was used moments ago and its successor never was: the answer was lost. The successor is replaced, never told again.
    LostAnswer,
    /// It was used and the family has gone on: two have it.
    Replay,
}

impl RefreshToken {
    /// Judges a token against the newest of its family.
    ///
    /// Asking again for a lost answer is safe: the successor that was on its way is used up by it. When a thief asks for the
    /// "lost" answer, the owner's next refresh is a replay, and when the owner asks, the thief's is: within one refresh either is
    /// found out, as without this rule.
    pub fn judge(&self, newest: &Self, now: Moment) -> Turn {
        let Some(used_at) = self.used_at else { return Turn::Next };
        let is_parent = newest.used_at.is_none() && newest.parent.as_ref() == Some(&self.hash);
        let is_lately = now.micros().saturating_sub(used_at.micros()) <= LOST_ANSWER_SECONDS * 1_000_000;
        if is_parent && is_lately { Turn::LostAnswer } else { Turn::Replay }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: i64, parent: Option<i64>, used_at: Option<Moment>) -> RefreshToken {
        let hash = |number: i64| vec![u8::try_from(number).unwrap()];
        let (session, issued_at) = (SessionId(uuid::Uuid::nil()), Moment::from_micros(0));
        RefreshToken { hash: hash(number), session, number, parent: parent.map(hash), issued_at, used_at }
    }

    #[test]
    fn a_used_token_is_a_replay_unless_its_answer_may_have_been_lost() {
        let now = Moment::from_micros(60_000_000);
        let used = token(1, None, Some(now));
        let next = token(2, Some(1), None);
        assert_eq!(next.judge(&next, now), Turn::Next);
        assert_eq!(used.judge(&next, now), Turn::LostAnswer);
        assert_eq!(used.judge(&next, Moment::from_micros(90_000_001)), Turn::Replay);
        let after = token(2, Some(1), Some(now));
        assert_eq!(used.judge(&after, now), Turn::Replay, "its successor was used");
        let third = token(3, Some(2), None);
        assert_eq!(used.judge(&third, now), Turn::Replay, "the family has gone on");
    }

    #[test]
    fn the_successor_of_a_lost_answer_is_a_replay_when_it_turns_up() {
        let now = Moment::from_micros(60_000_000);
        let lost = token(2, Some(1), Some(now));
        let again = token(3, Some(1), None);
        assert_eq!(lost.judge(&again, now), Turn::Replay);
        assert_eq!(token(1, None, Some(now)).judge(&again, now), Turn::LostAnswer, "it may be lost twice");
    }

    #[test]
    fn a_session_lives_while_it_is_refreshed_and_no_longer_than_a_working_day() {
        let start = Moment::from_micros(0);
        let mut session = Session::begin(UserId::fresh(), String::new(), String::new(), start);
        assert!(session.is_live(start.plus_minutes(IDLE_MINUTES - 1)));
        assert!(!session.is_live(start.plus_minutes(IDLE_MINUTES)));
        session.last_seen_at = start.plus_minutes(LONGEST_MINUTES - 1);
        assert!(session.is_live(session.last_seen_at));
        assert!(!session.is_live(start.plus_minutes(LONGEST_MINUTES)));
        session.end(start, None, EndReason::SignedOut);
        session.end(start, None, EndReason::Ended);
        assert!(!session.is_live(start) && session.end.unwrap().reason == EndReason::SignedOut);
    }
}
