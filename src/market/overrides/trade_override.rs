//! An override, and how far it has come.

use super::error::OverrideRefusal;
use crate::eligibility::{Boundary, Lift, Lifted};
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, RightClassId, RulebookId, SiteId, TradeOverrideId, UserId};
use crate::market::offer::Party;
use accounting::{AssetId, Quantity};
use jiff::civil::Date;

/// A boundary that the province lifts, or is asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeOverride {
    /// Its identity.
    pub id: TradeOverrideId,
    /// Who may sell.
    pub seller: Party,
    /// Who may buy.
    pub buyer: Party,
    /// What.
    pub right_class: RightClassId,
    /// The boundary that it lifts.
    pub boundary: Boundary,
    /// The most that trades may take of it.
    pub quantity: Quantity,
    /// The last day on which it lifts anything.
    pub valid_until: Date,
    /// Why it is asked for.
    pub reason: String,
    /// SHA-256 of the documents that the request rests on.
    pub document_hash: String,
    /// The bureau that asks.
    pub requested_for: OrganisationId,
    /// Who of it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Moment,
    /// How far it has come.
    pub state: OverrideState,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// Somebody's word on an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Whose.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: Option<String>,
}

/// The province's yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who said it.
    pub word: Word,
    /// The class that the buyer gets, of its own zone.
    pub delivered: RightClassId,
}

/// How far an override has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverrideState {
    /// It waits for the province.
    Requested,
    /// The boundary is lifted until the last day.
    Approved(Grant),
    /// The province said no.
    Refused(Word),
    /// The bureau took its request back.
    Withdrawn(Word),
    /// The province took it back.
    Revoked {
        /// What it had granted.
        grant: Grant,
        /// Who took it back.
        end: Word,
    },
    /// Its last day has passed.
    Lapsed {
        /// What was granted; nothing when nobody had decided by then.
        grant: Option<Grant>,
        /// When that was seen.
        at: Moment,
    },
}

impl OverrideState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["requested", "approved", "refused", "withdrawn", "revoked", "lapsed"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved(_) => "approved",
            Self::Refused(_) => "refused",
            Self::Withdrawn(_) => "withdrawn",
            Self::Revoked { .. } => "revoked",
            Self::Lapsed { .. } => "lapsed",
        }
    }

    /// The same in Chinese.
    fn zh(word: &str) -> &'static str {
        match word {
            "requested" => "待决定",
            "approved" => "已批准",
            "refused" => "不予批准",
            "withdrawn" => "已撤回",
            "revoked" => "已撤销",
            _ => "已失效",
        }
    }

    /// What the province granted, once it has.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Approved(grant) | Self::Revoked { grant, .. } => Some(grant),
            Self::Lapsed { grant, .. } => grant.as_ref(),
            Self::Requested | Self::Refused(_) | Self::Withdrawn(_) => None,
        }
    }

    /// The province's word, once there is one.
    pub fn ruling(&self) -> Option<&Word> {
        match self {
            Self::Refused(word) => Some(word),
            state => state.grant().map(|grant| &grant.word),
        }
    }

    /// When it ended before or after its last day, by whom and why; nobody's doing when it lapsed.
    pub fn end(&self) -> Option<(Moment, Option<&Word>)> {
        match self {
            Self::Withdrawn(word) | Self::Revoked { end: word, .. } => Some((word.at, Some(word))),
            Self::Lapsed { at, .. } => Some((*at, None)),
            Self::Requested | Self::Approved(_) | Self::Refused(_) => None,
        }
    }
}

impl TradeOverride {
    /// Whether it is about these sites and this class of rights.
    pub fn is_for(&self, seller: SiteId, buyer: SiteId, class: AssetId) -> bool {
        self.seller.site == seller && self.buyer.site == buyer && AssetId::from(self.right_class) == class
    }

    /// Whether it lifts its boundary on a day, whether or not the clock has run since its last one.
    pub fn is_in_force(&self, day: Date) -> bool {
        matches!(self.state, OverrideState::Approved(_)) && day <= self.valid_until
    }

    /// What it does for a trade when so many grams of it are taken; nothing when it is not in force.
    pub fn lift(&self, day: Date, taken: i64) -> Option<Lift> {
        let grant = self.state.grant().filter(|_| self.is_in_force(day))?;
        let lifted = Lifted { by: self.id, boundary: self.boundary, delivered: grant.delivered };
        Some(Lift { lifted, left: self.quantity.grams().saturating_sub(taken) })
    }

    /// The province's yes.
    ///
    /// # Errors
    /// [`OverrideRefusal::WrongState`], [`OverrideRefusal::Over`].
    pub fn approve(self, grant: Grant) -> Result<Self, OverrideRefusal> {
        self.expect_requested()?;
        if grant.word.at.day() > self.valid_until {
            return Err(OverrideRefusal::Over { valid_until: self.valid_until.to_string() });
        }
        Ok(self.turned(OverrideState::Approved(grant)))
    }

    /// The province's no.
    ///
    /// # Errors
    /// [`OverrideRefusal::WrongState`].
    pub fn refuse(self, word: Word) -> Result<Self, OverrideRefusal> {
        self.expect_requested()?;
        Ok(self.turned(OverrideState::Refused(word)))
    }

    /// The bureau takes its request back.
    ///
    /// # Errors
    /// [`OverrideRefusal::WrongState`], [`OverrideRefusal::NotYourRequest`].
    pub fn withdraw(self, of: OrganisationId, word: Word) -> Result<Self, OverrideRefusal> {
        if of != self.requested_for {
            return Err(OverrideRefusal::NotYourRequest {});
        }
        self.expect_requested()?;
        Ok(self.turned(OverrideState::Withdrawn(word)))
    }

    /// The province takes it back.
    ///
    /// # Errors
    /// [`OverrideRefusal::WrongState`].
    pub fn revoke(self, end: Word) -> Result<Self, OverrideRefusal> {
        match self.state.clone() {
            OverrideState::Approved(grant) => Ok(self.turned(OverrideState::Revoked { grant, end })),
            _ => Err(self.wrong("approved")),
        }
    }

    /// Its last day has passed; none before that, and when it has ended otherwise.
    pub fn lapse(self, at: Moment) -> Option<Self> {
        let grant = match self.state.clone() {
            OverrideState::Requested => None,
            OverrideState::Approved(grant) => Some(grant),
            _ => return None,
        };
        let is_over = at.day() > self.valid_until;
        is_over.then(|| self.turned(OverrideState::Lapsed { grant, at }))
    }

    fn expect_requested(&self) -> Result<(), OverrideRefusal> {
        if self.state == OverrideState::Requested { Ok(()) } else { Err(self.wrong("requested")) }
    }

    fn wrong(&self, needed: &str) -> OverrideRefusal {
        let state = self.state.as_str();
        OverrideRefusal::WrongState {
            state_zh: OverrideState::zh(state).to_owned(),
            needed_zh: OverrideState::zh(needed).to_owned(),
            state: state.to_owned(),
            needed: needed.to_owned(),
        }
    }

    fn turned(self, state: OverrideState) -> Self {
        Self { state, version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const LAST: Date = date(2022, 12, 30);

    fn on(day: i8) -> Moment {
        Moment::midnight(date(2022, 12, day)).unwrap()
    }

    fn word(day: i8) -> Word {
        Word { by: UserId::fresh(), at: on(day), reason: Some("省重点项目".to_owned()) }
    }

    fn grant(day: i8) -> Grant {
        Grant { word: word(day), delivered: RightClassId::fresh() }
    }

    fn requested() -> TradeOverride {
        let party = |area: &str| Party {
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: format!("420000/421200/{area}"),
        };
        TradeOverride {
            id: TradeOverrideId::fresh(),
            seller: party("421222"),
            buyer: party("421221"),
            right_class: RightClassId::fresh(),
            boundary: Boundary::Basin,
            quantity: Quantity::try_new(5_000_000).unwrap(),
            valid_until: LAST,
            reason: "省重点项目".to_owned(),
            document_hash: "0".repeat(64),
            requested_for: OrganisationId::fresh(),
            requested_by: UserId::fresh(),
            requested_at: on(1),
            state: OverrideState::Requested,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    #[test]
    fn an_override_lifts_its_boundary_until_its_last_day() {
        let asked = requested();
        assert_eq!(asked.lift(LAST, 0), None, "nobody has decided");
        let approved = asked.approve(grant(2)).unwrap();
        assert_eq!(approved.lift(LAST, 0).map(|lift| lift.left), Some(5_000_000));
        assert_eq!(approved.lift(LAST, 4_999_999).map(|lift| lift.left), Some(1));
        assert_eq!(approved.lift(date(2022, 12, 31), 0), None);
        assert_eq!(approved.clone().revoke(word(3)).unwrap().lift(LAST, 0), None);
        assert!(approved.clone().lapse(on(30)).is_none(), "the last day counts");
        assert_eq!(approved.lapse(on(31)).unwrap().lift(LAST, 0), None);
    }

    #[test]
    fn each_state_allows_what_it_allows_and_nothing_else() {
        let requested = requested();
        let own = requested.requested_for;
        let states = [
            requested.clone(),
            requested.clone().approve(grant(2)).unwrap(),
            requested.clone().refuse(word(2)).unwrap(),
            requested.clone().withdraw(own, word(2)).unwrap(),
            requested.clone().approve(grant(2)).unwrap().revoke(word(3)).unwrap(),
            requested.clone().lapse(on(31)).unwrap(),
        ];
        assert_eq!(states.each_ref().map(|one| one.state.as_str()), OverrideState::WORDS);
        let allowed: Vec<[bool; 5]> = states
            .iter()
            .map(|one| {
                [
                    one.clone().approve(grant(2)).is_ok(),
                    one.clone().refuse(word(2)).is_ok(),
                    one.clone().withdraw(own, word(2)).is_ok(),
                    one.clone().revoke(word(2)).is_ok(),
                    one.clone().lapse(on(31)).is_some(),
                ]
            })
            .collect();
        let none = [false; 5];
        assert_eq!(
            allowed,
            [[true, true, true, false, true], [false, false, false, true, true], none, none, none, none]
        );
        assert_eq!(
            requested.clone().withdraw(OrganisationId::fresh(), word(2)),
            Err(OverrideRefusal::NotYourRequest {})
        );
        let over = OverrideRefusal::Over { valid_until: "2022-12-30".to_owned() };
        assert_eq!(requested.approve(grant(31)), Err(over));
    }
}
