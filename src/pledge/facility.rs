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
    /// The journal of the last offer or acceptance.
    pub journal: JournalId,
    /// Counts from 1; an acceptance adds one. What is drawn is told by the pledges and leaves it.
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
    /// Whether it has said yes.
    pub state: PartState,
}

/// Whether an enterprise has said yes.
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
}

impl PartState {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["offered", "accepted"];

    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Accepted { .. } => "accepted",
        }
    }
}

impl Part {
    /// What is drawn of it.
    pub fn drawn(&self) -> Money {
        match self.state {
            PartState::Offered => Money::ZERO,
            PartState::Accepted { drawn, .. } => drawn,
        }
    }

    /// What is left to draw once it is accepted.
    pub fn left(&self) -> Money {
        self.sub_limit.checked_sub(self.drawn()).unwrap_or(Money::ZERO)
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
        match self.part_of(organisation) {
            Some(part) if matches!(part.state, PartState::Accepted { .. }) => FacilityFact::Left(part.left()),
            _ => FacilityFact::NotAccepted,
        }
    }

    /// An enterprise says yes to its part.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoPart`], [`PledgeRefusal::PartAccepted`].
    pub fn accept(
        mut self,
        organisation: OrganisationId,
        at: Moment,
        journal: JournalId,
    ) -> Result<Self, PledgeRefusal> {
        let part = self.parts.iter_mut().find(|part| part.organisation == organisation);
        let part = part.ok_or(PledgeRefusal::NoPart {})?;
        match part.state {
            PartState::Accepted { .. } => Err(PledgeRefusal::PartAccepted {}),
            PartState::Offered => {
                part.state = PartState::Accepted { at, drawn: Money::ZERO };
                Ok(Self { journal, version: self.version + 1, ..self })
            }
        }
    }

    /// A registered pledge draws its principal.
    ///
    /// # Errors
    /// [`PledgeCheck::FacilityNotAccepted`], [`PledgeCheck::FacilityExhausted`].
    pub fn draw(mut self, organisation: OrganisationId, principal: Money) -> Result<Self, PledgeCheck> {
        let part = self.parts.iter_mut().find(|part| part.organisation == organisation);
        let part = part.ok_or(PledgeCheck::FacilityNotAccepted {})?;
        let PartState::Accepted { at, drawn } = part.state else {
            return Err(PledgeCheck::FacilityNotAccepted {});
        };
        let after = drawn.checked_add(principal).filter(|after| *after <= part.sub_limit);
        let exhausted = || PledgeCheck::FacilityExhausted { left: part.left().print(), wanted: principal.print() };
        let drawn = after.ok_or_else(exhausted)?;
        part.state = PartState::Accepted { at, drawn };
        Ok(self)
    }

    /// A released pledge gives its principal back.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoPart`], [`PledgeRefusal::MoreThanDrawn`].
    pub fn give_back(mut self, organisation: OrganisationId, principal: Money) -> Result<Self, PledgeRefusal> {
        let part = self.parts.iter_mut().find(|part| part.organisation == organisation);
        let part = part.ok_or(PledgeRefusal::NoPart {})?;
        let more = |drawn: Money| PledgeRefusal::MoreThanDrawn { drawn: drawn.print() };
        match part.state {
            PartState::Offered => Err(more(Money::ZERO)),
            PartState::Accepted { at, drawn } => {
                let drawn = drawn.checked_sub(principal).ok_or_else(|| more(drawn))?;
                part.state = PartState::Accepted { at, drawn };
                Ok(self)
            }
        }
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
