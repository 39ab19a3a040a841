//! A session of bidding.

use super::error::AuctionRefusal;
use super::rules::AuctionRules;
use super::timetable::Timetable;
use crate::kernel::Moment;
use crate::kernel::ids::{AuctionId, RulebookId, UserId};

accounting::words! {
    /// How bids are made.
    Format {
        /// In the open, each better than the bidder's last.
        Ascending = "ascending",
        /// One round of sealed bids.
        Sealed = "sealed",
    }
}

/// How far a session has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuctionState {
    /// Sellers propose their lots.
    Planned,
    /// Published; bidders register.
    Announced,
    /// Bids are taken.
    Open,
    /// The wait and the timed bidding after the planned close.
    Final,
    /// Sealed bidding is over; the bids wait for both keys.
    Closed,
    /// Who has won is known.
    Ranked,
    /// The wins have become trades.
    Confirmed,
    /// The trades are over.
    Settled,
    /// Too few have bid for anything.
    Failed,
    /// Called off.
    Cancelled {
        /// Why.
        reason: Option<String>,
    },
}

impl AuctionState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] =
        &["planned", "announced", "open", "final", "closed", "ranked", "confirmed", "settled", "failed", "cancelled"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Announced => "announced",
            Self::Open => "open",
            Self::Final => "final",
            Self::Closed => "closed",
            Self::Ranked => "ranked",
            Self::Confirmed => "confirmed",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether everybody may know who has bid what: when the ranking is made.
    pub fn is_disclosed(&self) -> bool {
        matches!(self, Self::Ranked | Self::Confirmed | Self::Settled)
    }

    /// Whether nothing of it changes any more.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Settled | Self::Failed | Self::Cancelled { .. })
    }
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auction {
    /// Its identity.
    pub id: AuctionId,
    /// What it is called.
    pub title: String,
    /// How bids are made.
    pub format: Format,
    /// Bidders register until then.
    pub registration_until: Moment,
    /// Bidding begins.
    pub opens_at: Moment,
    /// Its planned close.
    pub closes_at: Moment,
    /// The rules, as they stood when it was planned.
    pub rules: AuctionRules,
    /// From which version of the rulebook.
    pub rulebook: RulebookId,
    /// How far it has come.
    pub state: AuctionState,
    /// Who planned it.
    pub planned_by: UserId,
    /// When.
    pub planned_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Auction {
    /// When its lots are bid for.
    pub fn timetable(&self) -> Timetable {
        Timetable::of(self.format, self.opens_at, self.closes_at, &self.rules)
    }

    /// Whether the windows follow each other and lie ahead.
    ///
    /// # Errors
    /// [`AuctionRefusal::BadWindows`].
    pub fn judge_windows(&self, now: Moment) -> Result<(), AuctionRefusal> {
        let is_ordered = self.registration_until <= self.opens_at && self.opens_at < self.closes_at;
        if now < self.registration_until && is_ordered { Ok(()) } else { Err(AuctionRefusal::BadWindows {}) }
    }

    /// Whether sellers may still propose and take out lots, and officials contribute keys.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn must_be_planned(&self) -> Result<(), AuctionRefusal> {
        self.must_be(&AuctionState::Planned)
    }

    /// The session is published.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`], [`AuctionRefusal::BadWindows`].
    pub fn announce(self, now: Moment) -> Result<Self, AuctionRefusal> {
        self.must_be_planned()?;
        self.judge_windows(now)?;
        Ok(self.turn(AuctionState::Announced))
    }

    /// An official hands in the private half of a key: the bids wait for both.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn take_half(self) -> Result<Self, AuctionRefusal> {
        self.from(&AuctionState::Closed, AuctionState::Closed)
    }

    /// Bidding begins.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn open(self) -> Result<Self, AuctionRefusal> {
        self.from(&AuctionState::Announced, AuctionState::Open)
    }

    /// The planned close of a session with timed bidding.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn begin_final(self) -> Result<Self, AuctionRefusal> {
        self.from(&AuctionState::Open, AuctionState::Final)
    }

    /// The close of a sealed session.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn close(self) -> Result<Self, AuctionRefusal> {
        self.from(&AuctionState::Open, AuctionState::Closed)
    }

    /// The bids are ranked: those of an open session once bidding has ended, sealed ones once they are opened.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn rank(self) -> Result<Self, AuctionRefusal> {
        match (&self.state, self.format) {
            (AuctionState::Open | AuctionState::Final, Format::Ascending) | (AuctionState::Closed, Format::Sealed) => {
                Ok(self.turn(AuctionState::Ranked))
            }
            _ => Err(self.wrong(if self.format == Format::Sealed { "closed" } else { "final" })),
        }
    }

    /// Nobody may have anything.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn fail(self) -> Result<Self, AuctionRefusal> {
        match self.state {
            AuctionState::Open | AuctionState::Final | AuctionState::Closed => Ok(self.turn(AuctionState::Failed)),
            _ => Err(self.wrong("open")),
        }
    }

    /// The exchange confirms the ranking.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn confirm(self) -> Result<Self, AuctionRefusal> {
        self.from(&AuctionState::Ranked, AuctionState::Confirmed)
    }

    /// Every trade is over.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn settle(self) -> Result<Self, AuctionRefusal> {
        self.from(&AuctionState::Confirmed, AuctionState::Settled)
    }

    /// The exchange calls it off, before the ranking.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn cancel(self, reason: Option<String>) -> Result<Self, AuctionRefusal> {
        match self.state {
            AuctionState::Planned
            | AuctionState::Announced
            | AuctionState::Open
            | AuctionState::Final
            | AuctionState::Closed => Ok(self.turn(AuctionState::Cancelled { reason })),
            _ => Err(self.wrong("planned, announced, open, final, closed")),
        }
    }

    /// Whether it is in this state.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn must_be(&self, needed: &AuctionState) -> Result<(), AuctionRefusal> {
        if self.state == *needed { Ok(()) } else { Err(self.wrong(needed.as_str())) }
    }

    fn from(self, needed: &AuctionState, next: AuctionState) -> Result<Self, AuctionRefusal> {
        self.must_be(needed)?;
        Ok(self.turn(next))
    }

    fn wrong(&self, needed: &str) -> AuctionRefusal {
        AuctionRefusal::WrongState { state: self.state.as_str().to_owned(), needed: needed.to_owned() }
    }

    fn turn(mut self, state: AuctionState) -> Self {
        self.state = state;
        self.version += 1;
        self
    }
}

/// A key to which the bids of a sealed session are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealKey {
    /// Of which session.
    pub auction: AuctionId,
    /// 1 for the inner seal, 2 for the outer.
    pub place: i64,
    /// X25519, in hexadecimal.
    pub public_key: String,
    /// Who keeps the other half.
    pub contributed_by: UserId,
    /// When.
    pub contributed_at: Moment,
}

/// The private half of a key, as an official handed it in. It has no `Debug`: nothing of it is logged.
#[derive(Clone)]
pub struct KeyHalf {
    /// Of which session.
    pub auction: AuctionId,
    /// Of which of its keys.
    pub place: i64,
    /// The half itself, until it has served.
    pub private_key: Option<String>,
    /// Who handed it in.
    pub handed_in_by: UserId,
    /// When.
    pub handed_in_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl KeyHalf {
    /// The same without what it opens: that it was handed in stays.
    #[must_use]
    pub fn spent(self) -> Self {
        Self { private_key: None, version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn planned(format: Format) -> Auction {
        Auction {
            id: AuctionId::fresh(),
            title: "专场".to_owned(),
            format,
            registration_until: Moment::from_micros(1),
            opens_at: Moment::from_micros(2),
            closes_at: Moment::from_micros(3),
            rules: AuctionRules(BTreeMap::new()),
            rulebook: RulebookId::fresh(),
            state: AuctionState::Planned,
            planned_by: UserId::fresh(),
            planned_at: Moment::from_micros(0),
            version: 1,
        }
    }

    const NOW: Moment = Moment::from_micros(0);

    #[test]
    fn each_step_follows_the_one_before_it_and_no_other() {
        let ascending = planned(Format::Ascending).announce(NOW).unwrap().open().unwrap().begin_final().unwrap();
        let over = ascending.rank().unwrap().confirm().unwrap().settle().unwrap();
        assert_eq!((over.state.as_str(), over.version), ("settled", 7));
        let sealed = planned(Format::Sealed).announce(NOW).unwrap().open().unwrap();
        assert!(sealed.clone().rank().is_err(), "sealed bids are opened first");
        assert_eq!(sealed.close().unwrap().rank().unwrap().state, AuctionState::Ranked);
        let early = planned(Format::Ascending);
        for refused in [early.clone().open(), early.clone().rank(), early.clone().confirm(), early.clone().fail()] {
            assert!(matches!(refused, Err(AuctionRefusal::WrongState { .. })));
        }
        assert!(early.clone().settle().is_err() && early.begin_final().is_err());
    }

    #[test]
    fn it_is_called_off_until_it_is_ranked() {
        let open = planned(Format::Ascending).announce(NOW).unwrap().open().unwrap();
        assert_eq!(open.clone().cancel(None).unwrap().state.as_str(), "cancelled");
        let ranked = open.rank().unwrap();
        assert!(matches!(ranked.clone().cancel(None), Err(AuctionRefusal::WrongState { .. })));
        assert!(ranked.fail().is_err());
    }

    #[test]
    fn windows_follow_each_other_and_lie_ahead() {
        let late = planned(Format::Sealed).announce(Moment::from_micros(1));
        assert_eq!(late, Err(AuctionRefusal::BadWindows {}));
        let crossed = Auction { opens_at: Moment::from_micros(3), ..planned(Format::Sealed) };
        assert_eq!(crossed.announce(NOW), Err(AuctionRefusal::BadWindows {}));
    }
}
