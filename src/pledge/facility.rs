//! A credit facility (授信), and what each enterprise may draw of it.

pub(super) mod store;

use super::error::PledgeRefusal;
use crate::access::{Caller, Scope};
use crate::eligibility::{FacilityFact, PledgeCheck};
use crate::kernel::Moment;
use crate::kernel::ids::{FacilityId, OrganisationId, UserId};
use accounting::{JournalId, Money};

/// A facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facility {
    /// Its identity.
    pub id: FacilityId,
    /// Its name.
    pub name: String,
    /// Who lends.
    pub pledgee: OrganisationId,
    /// What each enterprise may draw; a collective facility (集中授信) has several.
    pub parts: Vec<Part>,
    /// Who offered it.
    pub offered_by: UserId,
    /// When.
    pub offered_at: Moment,
    /// When its pledgee closed it; none while it is open.
    pub closed_at: Option<Moment>,
    /// The journal of the last act on it.
    pub journal: JournalId,
    /// Counts from 1; every act on it adds one. What is drawn is told by the pledges and leaves it.
    pub version: i64,
}

/// One enterprise's part of a facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which enterprise.
    pub organisation: OrganisationId,
    /// Path of its area.
    pub area_path: String,
    /// The most that it may have drawn at a time.
    pub sub_limit: Money,
    /// How far it has come.
    pub state: PartState,
}

/// How far an enterprise's part has come: offered → accepted → closed by the pledgee; declined or withdrawn before it is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// Not yet.
    Offered,
    /// Loans may be drawn.
    Accepted {
        /// When it said yes.
        at: Moment,
        /// Principal of the registered pledges under it.
        drawn: Money,
    },
    /// The enterprise said no.
    Declined {
        /// When.
        at: Moment,
    },
    /// The pledgee took the offer back.
    Withdrawn {
        /// When.
        at: Moment,
    },
    /// The pledgee has closed it: nothing more is drawn, and the pledges under it stand as they are.
    Closed {
        /// When the enterprise had said yes.
        accepted_at: Moment,
        /// When it was closed.
        at: Moment,
        /// Principal of the registered pledges under it.
        drawn: Money,
    },
}

impl PartState {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["offered", "accepted", "declined", "withdrawn", "closed"];

    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Closed { .. } => "closed",
        }
    }

    /// When the enterprise said yes.
    pub fn accepted_at(self) -> Option<Moment> {
        match self {
            Self::Accepted { at, .. } | Self::Closed { accepted_at: at, .. } => Some(at),
            Self::Offered | Self::Declined { .. } | Self::Withdrawn { .. } => None,
        }
    }

    /// When it was declined, withdrawn or closed.
    pub fn ended_at(self) -> Option<Moment> {
        match self {
            Self::Declined { at } | Self::Withdrawn { at } | Self::Closed { at, .. } => Some(at),
            Self::Offered | Self::Accepted { .. } => None,
        }
    }
}

impl Part {
    /// What is drawn of it.
    pub fn drawn(&self) -> Money {
        match self.state {
            PartState::Accepted { drawn, .. } | PartState::Closed { drawn, .. } => drawn,
            PartState::Offered | PartState::Declined { .. } | PartState::Withdrawn { .. } => Money::ZERO,
        }
    }

    /// What is left to draw once it is accepted; nothing of one that is over.
    pub fn left(&self) -> Money {
        if self.state.ended_at().is_some() {
            return Money::ZERO;
        }
        self.sub_limit.checked_sub(self.drawn()).unwrap_or(Money::ZERO)
    }

    /// It still waits for its enterprise.
    fn expect_offered(&self) -> Result<(), PledgeRefusal> {
        match self.state {
            PartState::Offered => Ok(()),
            PartState::Accepted { .. } => Err(PledgeRefusal::PartAccepted {}),
            over => Err(PledgeRefusal::PartOver { state: over.as_str().to_owned() }),
        }
    }
}

impl Facility {
    /// The part of an enterprise.
    pub fn part_of(&self, organisation: OrganisationId) -> Option<&Part> {
        self.parts.iter().find(|part| part.organisation == organisation)
    }

    /// The parts that the caller may know of: the pledgee knows all, an enterprise its own, a bureau those in its area.
    pub fn parts_for(&self, caller: &Caller) -> impl Iterator<Item = &Part> {
        let (scope, is_pledgee) = (caller.scope(), caller.organisation == self.pledgee);
        self.parts.iter().filter(move |part| {
            is_pledgee
                || match &scope {
                    Scope::Everything => true,
                    Scope::Area { .. } => caller.covers(&part.area_path),
                    Scope::Organisation { id } => part.organisation == *id,
                }
        })
    }

    /// Whether the caller may know of it.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        caller.organisation == self.pledgee || self.parts_for(caller).next().is_some()
    }

    /// What the checks of a pledge need to know of it.
    pub fn fact(&self, organisation: OrganisationId) -> FacilityFact {
        match self.part_of(organisation).map(|part| (part, part.state)) {
            Some((part, PartState::Accepted { .. })) => FacilityFact::Left(part.left()),
            Some((_, PartState::Closed { .. })) => FacilityFact::Closed,
            _ => FacilityFact::NotAccepted,
        }
    }

    /// An enterprise says yes to its part.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoPart`], [`PledgeRefusal::PartAccepted`], [`PledgeRefusal::PartOver`].
    pub fn accept(self, organisation: OrganisationId, at: Moment, journal: JournalId) -> Result<Self, PledgeRefusal> {
        let accepted = PartState::Accepted { at, drawn: Money::ZERO };
        self.answered(organisation, accepted, journal, PledgeRefusal::NoPart {})
    }

    /// An enterprise says no to its part.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoPart`], [`PledgeRefusal::PartAccepted`], [`PledgeRefusal::PartOver`].
    pub fn decline(self, organisation: OrganisationId, at: Moment, journal: JournalId) -> Result<Self, PledgeRefusal> {
        self.answered(organisation, PartState::Declined { at }, journal, PledgeRefusal::NoPart {})
    }

    /// The pledgee takes back what it offered to an enterprise that has not answered.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoSuchPart`], [`PledgeRefusal::PartAccepted`], [`PledgeRefusal::PartOver`].
    pub fn withdraw(self, organisation: OrganisationId, at: Moment, journal: JournalId) -> Result<Self, PledgeRefusal> {
        self.answered(organisation, PartState::Withdrawn { at }, journal, PledgeRefusal::NoSuchPart {})
    }

    fn answered(
        mut self,
        organisation: OrganisationId,
        state: PartState,
        journal: JournalId,
        missing: PledgeRefusal,
    ) -> Result<Self, PledgeRefusal> {
        let part = self.parts.iter_mut().find(|part| part.organisation == organisation).ok_or(missing)?;
        part.expect_offered()?;
        part.state = state;
        Ok(Self { journal, version: self.version + 1, ..self })
    }

    /// The pledgee closes it: what was not accepted is taken back, and nothing more is drawn of what was. The pledges under it stand.
    ///
    /// # Errors
    /// [`PledgeRefusal::FacilityOver`].
    pub fn close(mut self, at: Moment, journal: JournalId) -> Result<Self, PledgeRefusal> {
        if self.closed_at.is_some() {
            return Err(PledgeRefusal::FacilityOver {});
        }
        for part in &mut self.parts {
            part.state = match part.state {
                PartState::Offered => PartState::Withdrawn { at },
                PartState::Accepted { at: accepted_at, drawn } => PartState::Closed { accepted_at, at, drawn },
                over => over,
            };
        }
        Ok(Self { closed_at: Some(at), journal, version: self.version + 1, ..self })
    }

    /// A registered pledge draws its principal.
    ///
    /// # Errors
    /// [`PledgeCheck::FacilityNotAccepted`], [`PledgeCheck::FacilityClosed`], [`PledgeCheck::FacilityExhausted`].
    pub fn draw(mut self, organisation: OrganisationId, principal: Money) -> Result<Self, PledgeCheck> {
        let part = self.parts.iter_mut().find(|part| part.organisation == organisation);
        let part = part.ok_or(PledgeCheck::FacilityNotAccepted {})?;
        let (at, drawn) = match part.state {
            PartState::Accepted { at, drawn } => (at, drawn),
            PartState::Closed { .. } => return Err(PledgeCheck::FacilityClosed {}),
            _ => return Err(PledgeCheck::FacilityNotAccepted {}),
        };
        let after = drawn.checked_add(principal).filter(|after| *after <= part.sub_limit);
        let exhausted = || PledgeCheck::FacilityExhausted { left: part.left().print(), wanted: principal.print() };
        let drawn = after.ok_or_else(exhausted)?;
        part.state = PartState::Accepted { at, drawn };
        Ok(self)
    }

    /// A released pledge gives its principal back: to be drawn again, unless its part is closed.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoPart`], [`PledgeRefusal::MoreThanDrawn`].
    pub fn give_back(mut self, organisation: OrganisationId, principal: Money) -> Result<Self, PledgeRefusal> {
        let part = self.parts.iter_mut().find(|part| part.organisation == organisation);
        let part = part.ok_or(PledgeRefusal::NoPart {})?;
        let drawn = part.drawn();
        let more = PledgeRefusal::MoreThanDrawn { drawn: drawn.print() };
        let drawn = drawn.checked_sub(principal).ok_or(more.clone())?;
        part.state = match part.state {
            PartState::Accepted { at, .. } => PartState::Accepted { at, drawn },
            PartState::Closed { accepted_at, at, .. } => PartState::Closed { accepted_at, at, drawn },
            PartState::Offered | PartState::Declined { .. } | PartState::Withdrawn { .. } => return Err(more),
        };
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    fn yuan(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    fn journal() -> JournalId {
        crate::kernel::ids::fresh_journal()
    }

    fn part(sub_limit: &str, area: &str) -> Part {
        let organisation = OrganisationId::fresh();
        Part { organisation, area_path: area.to_owned(), sub_limit: yuan(sub_limit), state: PartState::Offered }
    }

    /// Tongcheng's collective facility, with two of its five parts.
    fn offered() -> Facility {
        Facility {
            id: FacilityId::fresh(),
            name: "通城县排污权集中授信".to_owned(),
            pledgee: OrganisationId::fresh(),
            parts: vec![part("1000000.00", "420000/421200/421222"), part("500000.00", "420000/421200/421221")],
            offered_by: UserId::fresh(),
            offered_at: Moment::from_micros(0),
            closed_at: None,
            journal: journal(),
            version: 1,
        }
    }

    fn caller(organisation: OrganisationId, role: Role, area: &str) -> Caller {
        Caller {
            user: UserId::fresh(),
            organisation,
            roles: vec![role],
            area_path: area.to_owned(),
            ..Caller::nobody()
        }
    }

    #[test]
    fn each_enterprise_accepts_its_own_part_once() {
        let facility = offered();
        let (first, second) = (facility.parts[0].organisation, facility.parts[1].organisation);
        let (at, journal) = (Moment::from_micros(1), journal());
        let accepted = facility.accept(first, at, journal).unwrap();
        assert_eq!((accepted.version, accepted.journal), (2, journal));
        assert_eq!(accepted.parts[0].state, PartState::Accepted { at, drawn: Money::ZERO });
        assert_eq!(accepted.parts[1].state, PartState::Offered);
        assert_eq!(accepted.clone().accept(first, at, journal), Err(PledgeRefusal::PartAccepted {}));
        assert!(accepted.clone().accept(second, at, journal).is_ok());
        let stranger = OrganisationId::fresh();
        assert_eq!(accepted.accept(stranger, at, journal), Err(PledgeRefusal::NoPart {}));
    }

    #[test]
    fn a_part_is_drawn_up_to_its_sub_limit_and_given_back() {
        let facility = offered();
        let enterprise = facility.parts[0].organisation;
        assert_eq!(facility.fact(enterprise), FacilityFact::NotAccepted);
        let accepted = facility.accept(enterprise, Moment::from_micros(1), journal()).unwrap();
        let drawn = accepted.draw(enterprise, yuan("600000.00")).unwrap();
        assert_eq!(drawn.fact(enterprise), FacilityFact::Left(yuan("400000.00")));
        let (left, wanted) = ("400000.00".to_owned(), "400000.01".to_owned());
        let exhausted = PledgeCheck::FacilityExhausted { left, wanted };
        assert_eq!(drawn.clone().draw(enterprise, yuan("400000.01")), Err(exhausted));
        let full = drawn.draw(enterprise, yuan("400000.00")).unwrap();
        assert_eq!(full.fact(enterprise), FacilityFact::Left(Money::ZERO));
        let back = full.give_back(enterprise, yuan("1000000.00")).unwrap();
        assert_eq!((back.parts[0].drawn(), back.version), (Money::ZERO, 2));
        let more = PledgeRefusal::MoreThanDrawn { drawn: "0.00".to_owned() };
        assert_eq!(back.give_back(enterprise, yuan("0.01")), Err(more));
    }

    #[test]
    fn nothing_is_drawn_from_a_part_that_is_not_accepted_or_not_there() {
        let facility = offered();
        let enterprise = facility.parts[0].organisation;
        for organisation in [enterprise, OrganisationId::fresh()] {
            assert_eq!(facility.fact(organisation), FacilityFact::NotAccepted);
            let drawn = facility.clone().draw(organisation, yuan("1.00"));
            assert_eq!(drawn, Err(PledgeCheck::FacilityNotAccepted {}));
        }
        let more = PledgeRefusal::MoreThanDrawn { drawn: "0.00".to_owned() };
        assert_eq!(facility.clone().give_back(enterprise, yuan("1.00")), Err(more));
        let stranger = OrganisationId::fresh();
        assert_eq!(facility.give_back(stranger, yuan("1.00")), Err(PledgeRefusal::NoPart {}));
    }

    #[test]
    fn a_part_that_waits_is_declined_or_withdrawn_once_and_one_that_is_accepted_is_neither() {
        let facility = offered();
        let (first, second) = (facility.parts[0].organisation, facility.parts[1].organisation);
        let (at, journal) = (Moment::from_micros(1), journal());
        let declined = facility.decline(first, at, journal).unwrap();
        assert_eq!((declined.version, declined.parts[0].state), (2, PartState::Declined { at }));
        assert_eq!(declined.parts[0].left(), Money::ZERO);
        assert_eq!(declined.fact(first), FacilityFact::NotAccepted);
        let over = |state: &str| Err(PledgeRefusal::PartOver { state: state.to_owned() });
        assert_eq!(declined.clone().decline(first, at, journal), over("declined"));
        assert_eq!(declined.clone().accept(first, at, journal), over("declined"));
        assert_eq!(declined.clone().withdraw(first, at, journal), over("declined"));
        let withdrawn = declined.clone().withdraw(second, at, journal).unwrap();
        assert_eq!(withdrawn.accept(second, at, journal), over("withdrawn"));
        let accepted = declined.accept(second, at, journal).unwrap();
        assert_eq!(accepted.clone().decline(second, at, journal), Err(PledgeRefusal::PartAccepted {}));
        assert_eq!(accepted.clone().withdraw(second, at, journal), Err(PledgeRefusal::PartAccepted {}));
        let stranger = OrganisationId::fresh();
        assert_eq!(accepted.clone().decline(stranger, at, journal), Err(PledgeRefusal::NoPart {}));
        assert_eq!(accepted.withdraw(stranger, at, journal), Err(PledgeRefusal::NoSuchPart {}));
    }

    #[test]
    fn of_a_closed_facility_nothing_more_is_drawn_and_what_is_drawn_is_still_given_back() {
        let facility = offered();
        let (first, second) = (facility.parts[0].organisation, facility.parts[1].organisation);
        let (at, journal) = (Moment::from_micros(2), journal());
        let accepted = facility.accept(first, Moment::from_micros(1), journal).unwrap();
        let drawn = accepted.draw(first, yuan("600000.00")).unwrap();
        let closed = drawn.close(at, journal).unwrap();
        assert_eq!((closed.closed_at, closed.version), (Some(at), 3));
        assert_eq!(closed.parts[1].state, PartState::Withdrawn { at });
        assert_eq!((closed.parts[0].drawn(), closed.parts[0].left()), (yuan("600000.00"), Money::ZERO));
        assert_eq!(closed.parts[0].state.accepted_at(), Some(Moment::from_micros(1)));
        assert_eq!(closed.fact(first), FacilityFact::Closed);
        assert_eq!(closed.clone().draw(first, yuan("1.00")), Err(PledgeCheck::FacilityClosed {}));
        assert_eq!(closed.clone().draw(second, yuan("1.00")), Err(PledgeCheck::FacilityNotAccepted {}));
        assert_eq!(closed.clone().close(at, journal), Err(PledgeRefusal::FacilityOver {}));
        let back = closed.give_back(first, yuan("600000.00")).unwrap();
        assert_eq!((back.parts[0].drawn(), back.parts[0].left()), (Money::ZERO, Money::ZERO));
    }

    #[test]
    fn an_enterprise_sees_its_own_part_and_not_those_of_others() {
        let facility = offered();
        let seen = |caller: Caller| facility.parts_for(&caller).count();
        let county = "420000/421200/421222";
        assert_eq!(seen(caller(facility.pledgee, Role::PledgeeOfficer, county)), 2);
        assert_eq!(seen(caller(facility.parts[0].organisation, Role::EnterpriseTrader, county)), 1);
        assert_eq!(seen(caller(OrganisationId::fresh(), Role::BureauOfficer, county)), 1);
        assert_eq!(seen(caller(OrganisationId::fresh(), Role::BureauOfficer, "420000/421200")), 2);
        assert_eq!(seen(caller(OrganisationId::fresh(), Role::Auditor, "420000")), 2);
        let stranger = caller(OrganisationId::fresh(), Role::PledgeeOfficer, county);
        assert!(!facility.is_visible_to(&stranger));
        assert!(facility.is_visible_to(&caller(facility.pledgee, Role::PledgeeOfficer, county)));
    }
}
