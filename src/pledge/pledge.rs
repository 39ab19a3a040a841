//! A pledge and its liens: pure types and transitions. A transition takes the old state away and gives the new one.

use super::amendments::Amendment;
use super::court::CourtRelease;
use super::disposals::Disposal;
use super::disposals::default::DefaultNotice;
use super::error::PledgeRefusal;
use super::lots::PledgedLot;
use super::notices::LienNotice;
use super::payouts::Payout;
use super::pledgors::FurtherPledgor;
use super::ranks::Wait;
use super::shares::PledgeeShare;
use super::valuations::{MarginCall, Valuation, Worth};
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
    /// Whose rights; the borrower of several pledgors.
    pub pledgor: OrganisationId,
    /// Path of the pledgor's area.
    pub pledgor_area_path: String,
    /// To whom; the leader of several.
    pub pledgee: OrganisationId,
    /// From which facility the loan is drawn.
    pub facility: Option<FacilityId>,
    /// What is owed and secured.
    pub terms: Terms,
    /// What its rights were last assessed at.
    pub worth: Worth,
    /// Its pledgees, where it has several; the leader, who acts for all, is the first.
    pub shares: Vec<PledgeeShare>,
    /// The other pledgors, where it has several.
    pub further: Vec<FurtherPledgor>,
    /// What is pledged.
    pub liens: Vec<Lien>,
    /// Calls for more security, oldest first.
    pub margin_calls: Vec<MarginCall>,
    /// What was paid out on the loan, in the order of the reports.
    pub payouts: Vec<Payout>,
    /// Versions of its terms and proposals of one, oldest first.
    pub amendments: Vec<Amendment>,
    /// Disposals of what it holds, oldest first.
    pub disposals: Vec<Disposal>,
    /// What of it waits for bids at an auction.
    pub on_offer: Vec<PledgedLot>,
    /// Orders of courts by which it was released, oldest first.
    pub court_releases: Vec<CourtRelease>,
    /// The last working day for its registration; none where no rule set one when it was applied for.
    pub due_on: Option<Date>,
    /// Working days that its registration took.
    pub processing_days: Option<i64>,
    /// What the unified register says of it.
    pub external: Option<ExternalRegistration>,
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
    /// What beside the principal is secured.
    pub scope: Vec<ClaimPart>,
    /// First and last day of the period in which the claims of a maximum-amount pledge (最高额质押) arise; `secured` is then its ceiling.
    pub determined: Option<(Date, Date)>,
    /// Whether the parties have agreed that the rights are not sold meanwhile.
    pub restricts_transfer: bool,
    /// First day of the debt.
    pub debt_from: Date,
    /// Last day of the debt.
    pub debt_to: Date,
}

accounting::words! {
    /// What a pledge secures beside the principal; all of it where the contract says nothing (民法典第三百八十九条).
    ClaimPart {
        /// Interest (利息).
        Interest = "interest",
        /// Penalty (违约金).
        Penalty = "penalty",
        /// Damages (损害赔偿金).
        Damages = "damages",
        /// Costs of keeping what is pledged (保管担保财产的费用).
        CustodyCosts = "custody_costs",
        /// Costs of realising the security (实现担保物权的费用).
        EnforcementCosts = "enforcement_costs",
    }
}

accounting::words! {
    /// What the unified register of movables and rights (动产和权利担保统一登记) says of a pledge.
    ExternalStatus {
        /// It is registered there.
        Registered = "registered",
        /// Its registration there was extended.
        Extended = "extended",
        /// Its registration there has run out.
        Expired = "expired",
        /// It was deregistered there.
        Cancelled = "cancelled",
    }
}

/// A registration at the unified register, as the pledgee tells it: that register looks into nothing, and its parties answer for what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalRegistration {
    /// Its number there.
    pub number: String,
    /// How it stands there.
    pub status: ExternalStatus,
    /// The last day of its term there.
    pub until: Option<Date>,
    /// When it was told here.
    pub told_at: Moment,
}

/// What a pledge holds of one site's stock of one right class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lien {
    /// Its identity; the subject of the pledged account.
    pub id: LienId,
    /// Whose stock.
    pub site: SiteId,
    /// The organisation whose site it is.
    pub pledgor: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of what.
    pub right_class: RightClassId,
    /// The consent it was applied for under.
    pub consent: ConsentId,
    /// How much it was registered with.
    pub quantity: Quantity,
    /// Whether it may wait for what liens before it hold.
    pub is_junior: bool,
    /// What it waits for more or less, oldest first.
    pub waits: Vec<Wait>,
    /// Grams that it holds more by versions of the terms, or less below zero.
    pub changed: i64,
    /// Grams of it that were disposed of.
    pub sold: i64,
    /// The part of the secured amount that rests on it (对应担保债权额); none of a pledge of several things that was applied for before
    /// parts were told.
    pub secured: Option<Money>,
    /// What it was assessed at, oldest first.
    pub valuations: Vec<Valuation>,
    /// What the pledgee was told about it, and how many of its grams have left for good since.
    pub notices: Vec<LienNotice>,
}

impl Lien {
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
    /// In force, and in default: what it holds may be disposed of when the term to cure is over.
    Defaulted {
        /// What registration made.
        registration: Registration,
        /// The notice of the default.
        default: DefaultNotice,
    },
    /// Over: everything that it held was disposed of.
    Closed {
        /// What registration made.
        registration: Registration,
        /// When.
        at: Moment,
    },
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
        &["applied", "verified", "agreed", "registered", "released", "refused", "withdrawn", "defaulted", "closed"];

    /// The words of those in which a pledge holds its grams.
    pub const IN_FORCE: &'static [&'static str] = &["registered", "defaulted"];

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
            Self::Defaulted { .. } => "defaulted",
            Self::Closed { .. } => "closed",
        }
    }

    /// What registration made, from then on.
    pub fn registration(&self) -> Option<&Registration> {
        match self {
            Self::Registered(registration)
            | Self::Defaulted { registration, .. }
            | Self::Closed { registration, .. }
            | Self::Released { registration, .. } => Some(registration),
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
            Self::Registered(registration)
            | Self::Defaulted { registration, .. }
            | Self::Closed { registration, .. }
            | Self::Released { registration, .. } => both(registration.verified_by, registration.agreed_by),
            Self::Refused { steps, .. } | Self::Withdrawn { steps } => *steps,
        }
    }

    pub(super) fn wrong(&self, wanted: &str) -> PledgeRefusal {
        PledgeRefusal::WrongState { state: self.as_str().to_owned(), wanted: wanted.to_owned() }
    }

    /// The steps taken, while it is not registered and not over.
    pub(super) fn pending(&self) -> Result<Steps, PledgeRefusal> {
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
    /// The lien of that id.
    pub fn lien(&self, id: LienId) -> Option<&Lien> {
        self.liens.iter().find(|lien| lien.id == id)
    }

    /// The lien of that id, where there must be one.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoSuchLien`].
    pub fn expect_lien(&self, id: LienId) -> Result<&Lien, PledgeRefusal> {
        self.lien(id).ok_or(PledgeRefusal::NoSuchLien {})
    }

    /// Whether the caller may know of it: its parties, the bureaux of the pledgor and of the sites, and who sees all.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => {
                let sites = self.liens.iter().map(|lien| &lien.area_path);
                sites.chain([&self.pledgor_area_path]).any(|path| caller.covers(path))
            }
            Scope::Organisation { id } => self.is_of_pledgor(id) || self.is_of_pledgee(id),
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

    /// Whether it is in force: what is done in its life is done then.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::EnforcedAlready`], [`PledgeRefusal::WrongState`].
    pub fn expect_in_force(&self) -> Result<(), PledgeRefusal> {
        match &self.state {
            PledgeState::Registered(_) | PledgeState::Defaulted { .. } => Ok(()),
            PledgeState::Closed { registration, .. } => {
                Err(PledgeRefusal::EnforcedAlready { number: registration.number.clone() })
            }
            PledgeState::Released { registration, .. } => {
                Err(PledgeRefusal::AlreadyReleased { number: registration.number.clone() })
            }
            state => Err(state.wrong("registered")),
        }
    }

    /// The lien is set up under a number, judged by a version of the rules, so many working days after it was applied for.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`].
    pub fn register(
        self,
        number: String,
        rulebook: RulebookId,
        processing_days: i64,
        stamp: Stamp,
    ) -> Result<Self, PledgeRefusal> {
        match self.state {
            PledgeState::Agreed { verified_by, by: agreed_by } => {
                let registration = Registration { number, at: stamp.at, verified_by, agreed_by };
                let registered = self.become_state(PledgeState::Registered(registration), stamp);
                Ok(Self { rulebook, processing_days: Some(processing_days), ..registered })
            }
            state => Err(state.wrong("agreed")),
        }
    }

    /// The lien ends.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`].
    pub fn release(self, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        self.expect_in_force()?;
        match self.state.clone() {
            PledgeState::Registered(registration) | PledgeState::Defaulted { registration, .. } => {
                Ok(self.become_state(PledgeState::Released { registration, at: stamp.at }, stamp))
            }
            state => Err(state.wrong("registered")),
        }
    }

    /// Its rights were valued anew: these valuations are the newest of their things.
    ///
    /// # Errors
    /// As [`Self::expect_in_force`]; [`PledgeRefusal::PartMissing`] when one of its things was never valued.
    pub fn revalued(self, valuations: &[Valuation], stamp: Stamp) -> Result<Self, PledgeRefusal> {
        self.expect_in_force()?;
        let revalued = self.with_valuations(valuations);
        revalued.assessed().ok_or(PledgeRefusal::PartMissing {})?;
        Ok(revalued.touched(stamp))
    }

    /// The pledgee tells what the unified register says of it. Its deregistration there may be told after the release here.
    ///
    /// # Errors
    /// As [`Self::expect_in_force`].
    pub fn registered_externally(self, external: ExternalRegistration, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        let is_over = matches!(self.state, PledgeState::Released { .. });
        if !(is_over && external.status == ExternalStatus::Cancelled) {
            self.expect_in_force()?;
        }
        Ok(Self { external: Some(external), ..self }.touched(stamp))
    }

    /// The same pledge with this margin call as it stands now.
    #[must_use]
    pub fn with_margin_call(mut self, call: MarginCall) -> Self {
        self.margin_calls.retain(|known| known.id != call.id);
        self.margin_calls.push(call);
        self
    }

    /// So much of a thing was disposed of.
    #[must_use]
    pub fn sold(mut self, lien: LienId, quantity: Quantity) -> Self {
        for lien in self.liens.iter_mut().filter(|held| held.id == lien) {
            lien.sold = lien.sold.saturating_add(quantity.grams());
        }
        self
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

    pub(super) fn become_state(self, state: PledgeState, stamp: Stamp) -> Self {
        Self { state, journal: stamp.journal, version: self.version + 1, ..self }
    }
}

#[cfg(test)]
pub(in crate::pledge) mod tests;
