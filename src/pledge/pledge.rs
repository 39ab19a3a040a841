//! A pledge and its liens: pure types and transitions. A transition takes the old state away and gives the new one.

use super::error::PledgeRefusal;
use super::notices::LienNotice;
use crate::access::{Caller, Scope};
use crate::kernel::Moment;
use crate::kernel::ids::{
    ConsentId, FacilityId, LienId, OrganisationId, PledgeId, RightClassId, RulebookId, SiteId, UserId,
};
use accounting::{Holding, JournalId, Money, Quantity};
use jiff::civil::Date;

/// A pledge and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pledge {
    /// Its identity.
    pub id: PledgeId,
    /// Whose rights.
    pub pledgor: OrganisationId,
    /// Path of the pledgor's area.
    pub pledgor_area_path: String,
    /// To whom.
    pub pledgee: OrganisationId,
    /// From which facility the loan is drawn.
    pub facility: Option<FacilityId>,
    /// What is owed and secured.
    pub terms: Terms,
    /// What is pledged.
    pub liens: Vec<Lien>,
    /// Who applied for it.
    pub applied_by: UserId,
    /// When.
    pub applied_at: Moment,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// How far it has come.
    pub state: PledgeState,
    /// The journal of its last act.
    pub journal: JournalId,
    /// Counts from 1.
    pub version: i64,
}

/// What is owed, and what of it the rights secure (民法典第四百二十七条).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Number of the loan contract.
    pub loan_contract: String,
    /// Number of the pledge contract.
    pub pledge_contract: String,
    /// The whole loan.
    pub principal: Money,
    /// The part of it that is secured on these rights (对应担保债权额).
    pub secured: Money,
    /// What the rights were assessed at.
    pub assessed_value: Money,
    /// How they were assessed.
    pub valuation_method: String,
    /// When.
    pub valued_on: Date,
    /// First day of the debt.
    pub debt_from: Date,
    /// Last day of the debt.
    pub debt_to: Date,
}

/// What a pledge holds of one site's stock of one right class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lien {
    /// Its identity; the subject of the pledged account.
    pub id: LienId,
    /// Whose stock.
    pub site: SiteId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of what.
    pub right_class: RightClassId,
    /// The consent it was applied for under.
    pub consent: ConsentId,
    /// How much.
    pub quantity: Quantity,
    /// What the pledgee was told about it, and how many of its grams have left for good since.
    pub notices: Vec<LienNotice>,
}

impl Lien {
    /// What it still holds while it is registered, in grams; nothing when all of its rights are over.
    pub fn left(&self) -> Option<Quantity> {
        let lapsed: i64 = self.notices.iter().map(LienNotice::lapsed).sum();
        Quantity::try_new(self.quantity.grams().saturating_sub(lapsed)).ok()
    }

    /// The stock it lies on.
    pub fn stock(&self) -> Holding {
        Holding { owner: self.site.into(), asset: self.right_class.into() }
    }
}

/// Who took the two steps before registration, as far as they were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps {
    /// Who verified the quantity at the bureau.
    pub verified_by: Option<UserId>,
    /// Who agreed for the pledgor.
    pub agreed_by: Option<UserId>,
}

/// What registration made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its number in the register: `PL-2022-000001`.
    pub number: String,
    /// When.
    pub at: Moment,
    /// Who verified the quantity at the bureau.
    pub verified_by: UserId,
    /// Who agreed for the pledgor.
    pub agreed_by: UserId,
}

/// How far a pledge has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PledgeState {
    /// The pledgee has asked for it.
    Applied,
    /// The bureau has verified the quantity against the books.
    Verified {
        /// Who verified it.
        by: UserId,
    },
    /// The pledgor has agreed to the terms.
    Agreed {
        /// Who verified the quantity at the bureau.
        verified_by: UserId,
        /// Who agreed for the pledgor.
        by: UserId,
    },
    /// Set up: the number is issued and the grams are held.
    Registered(Registration),
    /// Over: every gram has gone back.
    Released {
        /// What registration made.
        registration: Registration,
        /// When it ended.
        at: Moment,
    },
    /// Turned down by the bureau or the pledgor.
    Refused {
        /// How far it had come.
        steps: Steps,
        /// Why, in their words.
        reason: String,
    },
    /// Taken back by the pledgee.
    Withdrawn {
        /// How far it had come.
        steps: Steps,
    },
}

impl PledgeState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] =
        &["applied", "verified", "agreed", "registered", "released", "refused", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Verified { .. } => "verified",
            Self::Agreed { .. } => "agreed",
            Self::Registered(_) => "registered",
            Self::Released { .. } => "released",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// What registration made, from then on.
    pub fn registration(&self) -> Option<&Registration> {
        match self {
            Self::Registered(registration) | Self::Released { registration, .. } => Some(registration),
            _ => None,
        }
    }

    /// Who took the steps before registration.
    pub fn steps(&self) -> Steps {
        let both = |verified_by, agreed_by| Steps { verified_by: Some(verified_by), agreed_by: Some(agreed_by) };
        match self {
            Self::Applied => Steps::default(),
            Self::Verified { by } => Steps { verified_by: Some(*by), agreed_by: None },
            Self::Agreed { verified_by, by } => both(*verified_by, *by),
            Self::Registered(registration) | Self::Released { registration, .. } => {
                both(registration.verified_by, registration.agreed_by)
            }
            Self::Refused { steps, .. } | Self::Withdrawn { steps } => *steps,
        }
    }

    fn wrong(&self, wanted: &str) -> PledgeRefusal {
        PledgeRefusal::WrongState { state: self.as_str().to_owned(), wanted: wanted.to_owned() }
    }

    /// The steps taken, while it is not registered and not over.
    fn pending(&self) -> Result<Steps, PledgeRefusal> {
        match self {
            Self::Applied | Self::Verified { .. } | Self::Agreed { .. } => Ok(self.steps()),
            over => Err(over.wrong("applied, verified, agreed")),
        }
    }
}

/// Who acts, when, and in which journal it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// In which journal.
    pub journal: JournalId,
}

impl Pledge {
    /// Whether the caller may know of it: its parties, the bureaux of the pledgor and of the sites, and who sees all.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => {
                let sites = self.liens.iter().map(|lien| &lien.area_path);
                sites.chain([&self.pledgor_area_path]).any(|path| caller.covers(path))
            }
            Scope::Organisation { id } => id == self.pledgor || id == self.pledgee,
        }
    }

    /// The area of a site that does not lie in the caller's charge.
    pub fn outside(&self, caller: &Caller) -> Option<&str> {
        self.liens.iter().map(|lien| lien.area_path.as_str()).find(|path| !caller.covers(path))
    }

    /// The bureau has verified the quantity.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn verify(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        match self.state {
            PledgeState::Applied => Ok(self.become_state(PledgeState::Verified { by: stamp.by }, stamp)),
            state => Err(state.wrong("applied")),
        }
    }

    /// The pledgor has agreed to the terms.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn agree(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        match self.state {
            PledgeState::Verified { by: verified_by } => {
                Ok(self.become_state(PledgeState::Agreed { verified_by, by: stamp.by }, stamp))
            }
            state => Err(state.wrong("verified")),
        }
    }

    /// Whether it may be registered: asked before a number is issued.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn expect_agreed(&self) -> Result<(), PledgeRefusal> {
        match &self.state {
            PledgeState::Agreed { .. } => Ok(()),
            state => Err(state.wrong("agreed")),
        }
    }

    /// The lien is set up under a number, judged by a version of the rules.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn register(self, number: String, rulebook: RulebookId, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        match self.state {
            PledgeState::Agreed { verified_by, by: agreed_by } => {
                let registration = Registration { number, at: stamp.at, verified_by, agreed_by };
                let registered = self.become_state(PledgeState::Registered(registration), stamp);
                Ok(Self { rulebook, ..registered })
            }
            state => Err(state.wrong("agreed")),
        }
    }

    /// The lien ends.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`].
    pub fn release(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        match self.state.clone() {
            PledgeState::Registered(registration) => {
                Ok(self.become_state(PledgeState::Released { registration, at: stamp.at }, stamp))
            }
            PledgeState::Released { registration, .. } => {
                Err(PledgeRefusal::AlreadyReleased { number: registration.number })
            }
            state => Err(state.wrong("registered")),
        }
    }

    /// Something happened to its rights that its state says nothing of: its pledgee was told, or grams have left.
    #[must_use]
    pub fn touched(self, stamp: Stamp) -> Self {
        let state = self.state.clone();
        self.become_state(state, stamp)
    }

    /// The bureau or the pledgor turns it down.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn refuse(self, reason: String, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        let steps = self.state.pending()?;
        Ok(self.become_state(PledgeState::Refused { steps, reason }, stamp))
    }

    /// The pledgee takes it back.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn withdraw(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        let steps = self.state.pending()?;
        Ok(self.become_state(PledgeState::Withdrawn { steps }, stamp))
    }

    fn become_state(self, state: PledgeState, stamp: Stamp) -> Self {
        Self { state, journal: stamp.journal, version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;
    use crate::kernel::ids::fresh_journal;
    use jiff::civil::date;

    const COUNTY: &str = "420000/421200/421222";

    fn stamp() -> Stamp {
        Stamp { by: UserId::fresh(), at: Moment::from_micros(7), journal: fresh_journal() }
    }

    fn applied() -> Pledge {
        let yuan = |text| Money::parse(text).unwrap();
        Pledge {
            id: PledgeId::fresh(),
            pledgor: OrganisationId::fresh(),
            pledgor_area_path: COUNTY.to_owned(),
            pledgee: OrganisationId::fresh(),
            facility: None,
            terms: Terms {
                loan_contract: "借2022-0331".to_owned(),
                pledge_contract: "质2022-0331".to_owned(),
                principal: yuan("1000000.00"),
                secured: yuan("1000000.00"),
                assessed_value: yuan("1300000.00"),
                valuation_method: "market_price".to_owned(),
                valued_on: date(2022, 3, 31),
                debt_from: date(2022, 3, 31),
                debt_to: date(2023, 3, 30),
            },
            liens: vec![Lien {
                id: LienId::fresh(),
                site: SiteId::fresh(),
                area_path: COUNTY.to_owned(),
                right_class: RightClassId::fresh(),
                consent: ConsentId::fresh(),
                quantity: Quantity::try_new(12_500_000).unwrap(),
                notices: Vec::new(),
            }],
            applied_by: UserId::fresh(),
            applied_at: Moment::from_micros(0),
            rulebook: RulebookId::fresh(),
            state: PledgeState::Applied,
            journal: fresh_journal(),
            version: 1,
        }
    }

    const NUMBER: &str = "PL-2022-000001";

    fn register(pledge: Pledge) -> Result<Pledge, PledgeRefusal> {
        pledge.register(NUMBER.to_owned(), RulebookId::fresh(), stamp())
    }

    fn refuse(pledge: Pledge) -> Result<Pledge, PledgeRefusal> {
        pledge.refuse("资料不全".to_owned(), stamp())
    }

    /// One pledge in every state there is, in the order of [`PledgeState::WORDS`].
    fn every_state() -> Vec<Pledge> {
        let applied = applied();
        let verified = applied.clone().verify(stamp()).unwrap();
        let agreed = verified.clone().agree(stamp()).unwrap();
        let registered = register(agreed.clone()).unwrap();
        let released = registered.clone().release(stamp()).unwrap();
        let refused = refuse(verified.clone()).unwrap();
        let withdrawn = agreed.clone().withdraw(stamp()).unwrap();
        vec![applied, verified, agreed, registered, released, refused, withdrawn]
    }

    /// From which states an act leads where, and that it is refused by name from all others.
    #[track_caller]
    fn leads(act: impl Fn(Pledge) -> Result<Pledge, PledgeRefusal>, from: &[&str], to: &str) {
        for pledge in every_state() {
            let (state, version) = (pledge.state.as_str(), pledge.version);
            match act(pledge.clone()) {
                Ok(after) => {
                    assert!(from.contains(&state), "{state} led to {to}");
                    assert_eq!((after.state.as_str(), after.version), (to, version + 1));
                    assert_ne!(after.journal, pledge.journal);
                    assert_eq!((after.terms, after.liens), (pledge.terms, pledge.liens));
                }
                Err(PledgeRefusal::WrongState { state: named, .. }) => {
                    assert!(!from.contains(&state), "{state} did not lead to {to}");
                    assert_eq!(named, state);
                }
                Err(PledgeRefusal::AlreadyReleased { number }) => {
                    assert_eq!((to, state, number.as_str()), ("released", "released", NUMBER));
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn every_state_has_its_word() {
        let words: Vec<_> = every_state().iter().map(|pledge| pledge.state.as_str()).collect();
        assert_eq!(words, PledgeState::WORDS);
    }

    #[test]
    fn each_act_leads_on_from_its_own_states_only() {
        leads(|pledge| pledge.verify(stamp()), &["applied"], "verified");
        leads(|pledge| pledge.agree(stamp()), &["verified"], "agreed");
        leads(register, &["agreed"], "registered");
        leads(|pledge| pledge.release(stamp()), &["registered"], "released");
        leads(refuse, &["applied", "verified", "agreed"], "refused");
        leads(|pledge| pledge.withdraw(stamp()), &["applied", "verified", "agreed"], "withdrawn");
    }

    #[test]
    fn what_may_be_registered_is_told_before_a_number_is_issued() {
        for pledge in every_state() {
            assert_eq!(pledge.expect_agreed().is_ok(), register(pledge).is_ok());
        }
    }

    #[test]
    fn a_second_release_is_refused_by_its_own_name() {
        let released = every_state().remove(4);
        let refused = PledgeRefusal::AlreadyReleased { number: NUMBER.to_owned() };
        assert_eq!(released.release(stamp()), Err(refused));
    }

    #[test]
    fn a_registration_keeps_who_verified_and_who_agreed_for_ever() {
        let (verifier, pledgor, bank) = (stamp(), stamp(), stamp());
        let rulebook = RulebookId::fresh();
        let agreed = applied().verify(verifier).unwrap().agree(pledgor).unwrap();
        let registered = agreed.register(NUMBER.to_owned(), rulebook, bank).unwrap();
        assert_eq!((registered.rulebook, registered.journal), (rulebook, bank.journal));
        let registration = registered.state.registration().unwrap().clone();
        assert_eq!(registration.number, NUMBER);
        assert_eq!((registration.verified_by, registration.agreed_by), (verifier.by, pledgor.by));
        let released = registered.release(stamp()).unwrap();
        assert_eq!(released.state.registration(), Some(&registration));
        let steps = Steps { verified_by: Some(verifier.by), agreed_by: Some(pledgor.by) };
        assert_eq!(released.state.steps(), steps);
    }

    #[test]
    fn an_application_that_ends_early_keeps_how_far_it_had_come() {
        let officer = stamp();
        let verified = applied().verify(officer).unwrap();
        let steps = Steps { verified_by: Some(officer.by), agreed_by: None };
        assert_eq!(refuse(verified.clone()).unwrap().state.steps(), steps);
        assert_eq!(verified.withdraw(stamp()).unwrap().state.steps(), steps);
        assert_eq!(refuse(applied()).unwrap().state.steps(), Steps::default());
    }

    #[test]
    fn it_is_known_to_its_parties_and_the_bureaux_above_them_only() {
        let pledge = applied();
        let caller = |organisation, role, area: &str| Caller {
            user: UserId::fresh(),
            organisation,
            roles: vec![role],
            area_path: area.to_owned(),
            ..Caller::nobody()
        };
        let other = OrganisationId::fresh();
        for known in [
            caller(pledge.pledgee, Role::PledgeeOfficer, "420000/420100"),
            caller(pledge.pledgor, Role::EnterpriseTrader, COUNTY),
            caller(other, Role::BureauOfficer, COUNTY),
            caller(other, Role::BureauHead, "420000"),
            caller(other, Role::ExchangeOfficer, "420000"),
            caller(other, Role::Auditor, "420000"),
        ] {
            assert!(pledge.is_visible_to(&known), "{:?}", known.roles);
        }
        for stranger in [
            caller(other, Role::PledgeeOfficer, COUNTY),
            caller(other, Role::EnterpriseTrader, COUNTY),
            caller(other, Role::BureauOfficer, "420000/421200/421221"),
        ] {
            assert!(!pledge.is_visible_to(&stranger), "{:?}", stranger.roles);
        }
    }

    #[test]
    fn a_bureau_is_in_charge_only_when_every_site_lies_in_its_area() {
        let mut pledge = applied();
        let county = Caller {
            user: UserId::fresh(),
            organisation: OrganisationId::fresh(),
            roles: vec![Role::BureauOfficer],
            area_path: COUNTY.to_owned(),
            ..Caller::nobody()
        };
        assert_eq!(pledge.outside(&county), None);
        let elsewhere = Lien { area_path: "420000/421200/421281".to_owned(), ..pledge.liens[0].clone() };
        pledge.liens.push(elsewhere);
        assert_eq!(pledge.outside(&county), Some("420000/421200/421281"));
        let city = Caller { area_path: "420000/421200".to_owned(), ..county };
        assert_eq!(pledge.outside(&city), None);
    }
}
