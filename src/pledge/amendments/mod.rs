//! Numbered versions of the terms of a registered pledge: amendment, extension and top-up (补充质押), which both sides agree on, and the
//! partial release, which the pledgee does alone, because it only gives security up (民法典第三百九十三条).
//!
//! proposed → in force, as the next version; or refused by the pledgor, or withdrawn by the pledgee. One is open at a time. A change that asks
//! for credit (more principal, more secured, a later end) is judged like an application; one that only lessens what is owed or
//! adds security is never refused for a ratio, because it makes nobody worse off.

pub mod change;
pub mod commands;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::pledge::{Lien, Pledge, Terms};
use super::ranks::WaitCause;
use crate::kernel::Moment;
use crate::kernel::ids::{AmendmentId, LienId, OrganisationId, PledgeId, RightClassId, SiteId, UserId};
use accounting::{Money, Quantity};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

accounting::words! {
    /// Who brings a change about, and how.
    AmendmentKind {
        /// The pledgee proposes it, and the pledgor agrees.
        Amendment = "amendment",
        /// The pledgee gives a part of its security up.
        PartialRelease = "partial_release",
        /// A part was sold with the pledgee's consent, and the proceeds have paid a part of the claim.
        ConsentedSale = "consented_sale",
    }
}

/// A thing that comes to a pledge by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedThing {
    /// Whose stock.
    pub site: SiteId,
    /// Of what.
    pub right_class: RightClassId,
}

/// What becomes more or less of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThingChange {
    /// Which lien; a new one of a thing that comes in.
    pub lien: LienId,
    /// The thing, when it comes in.
    pub added: Option<AddedThing>,
    /// Grams more, or less below zero.
    pub grams: i64,
    /// Fen more that rest on it, or less below zero.
    pub secured: i64,
    /// What it was assessed at with it, in fen, where somebody has said so.
    pub value: Option<i64>,
}

/// What a change does to the things of a pledge, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Thing by thing, each once.
    pub things: Vec<ThingChange>,
    /// How things were assessed, where any was.
    pub appraised: Option<KeptAppraisal>,
}

/// How things of a change were assessed, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAppraisal {
    /// In the words of the valuer.
    pub method: String,
    /// The day, as `2022-12-01`.
    pub valued_on: String,
}

/// How far a change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmendmentState {
    /// It waits for the pledgor.
    Proposed,
    /// It made this version of the terms.
    InForce {
        /// Counts from 2; the application is the first version.
        number: i64,
        /// Who agreed; the pledgee itself to a partial release.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// The pledgor turned it down.
    Refused {
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// The pledgee took it back, or the pledge ended.
    Withdrawn {
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
    },
}

impl AmendmentState {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["proposed", "in_force", "refused", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::InForce { .. } => "in_force",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Who decided, and when.
    pub fn decided(self) -> Option<(UserId, Moment)> {
        match self {
            Self::Proposed => None,
            Self::InForce { by, at, .. } | Self::Refused { by, at } | Self::Withdrawn { by, at } => Some((by, at)),
        }
    }

    /// Which version of the terms it made.
    pub fn number(self) -> Option<i64> {
        match self {
            Self::InForce { number, .. } => Some(number),
            _ => None,
        }
    }
}

/// The yes of one of several pledgors to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// Whose.
    pub pledgor: OrganisationId,
    /// Who gave it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// A change of the terms of a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Its identity.
    pub id: AmendmentId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// How it is brought about.
    pub kind: AmendmentKind,
    /// Why, in the pledgee's words.
    pub reason: String,
    /// The whole loan with it.
    pub principal: Money,
    /// What of it is secured with it.
    pub secured: Money,
    /// The last day of the debt with it.
    pub debt_to: Date,
    /// What becomes of the things.
    pub changes: Changes,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// Who of several pledgors has agreed, while it waits for the others.
    pub agreements: Vec<Agreement>,
    /// How far it has come.
    pub state: AmendmentState,
    /// Counts from 1.
    pub version: i64,
}

impl Amendment {
    /// Whether it asks for credit: more is owed or secured, or for longer.
    pub fn asks_for_credit(&self, terms: &Terms) -> bool {
        self.principal > terms.principal || self.secured > terms.secured || self.debt_to > terms.debt_to
    }

    /// It is decided.
    ///
    /// # Errors
    /// [`PledgeRefusal::NoOpenAmendment`] when it was decided before.
    pub fn decide(self, state: AmendmentState) -> Result<Self, PledgeRefusal> {
        match self.state {
            AmendmentState::Proposed => Ok(Self { state, version: self.version + 1, ..self }),
            _ => Err(PledgeRefusal::NoOpenAmendment {}),
        }
    }
}

impl Pledge {
    /// The change that waits for the pledgor.
    pub fn open_amendment(&self) -> Option<&Amendment> {
        self.amendments.iter().find(|one| one.state == AmendmentState::Proposed)
    }

    /// Whether an open change still waits for somebody else when this pledgor has agreed to it.
    ///
    /// # Errors
    /// [`PledgeRefusal::AgreedAlready`].
    pub(super) fn waits_for_others(&self, open: &Amendment, agreeing: OrganisationId) -> Result<bool, PledgeRefusal> {
        let has_agreed = |pledgor| open.agreements.iter().any(|agreement| agreement.pledgor == pledgor);
        if has_agreed(agreeing) {
            return Err(PledgeRefusal::AgreedAlready {});
        }
        Ok(self.pledgors().any(|pledgor| pledgor != agreeing && !has_agreed(pledgor)))
    }

    /// The number of the terms in force: 1 as they were applied for, one more with each change.
    pub fn terms_number(&self) -> i64 {
        self.amendments.iter().filter_map(|one| one.state.number()).max().unwrap_or(1)
    }

    /// The same pledge with this change as it stands now.
    #[must_use]
    pub fn with_amendment(mut self, amendment: Amendment) -> Self {
        self.amendments.retain(|known| known.id != amendment.id);
        self.amendments.push(amendment);
        self
    }

    /// The terms and things of this pledge with a change: what comes in is handed over as liens of its own, which hold nothing yet.
    ///
    /// # Errors
    /// [`PledgeRefusal::MoreThanHeld`] when a lien would hold less than nothing, or less than nothing would rest on it;
    /// [`PledgeRefusal::PartsDiffer`] when the parts do not make the whole; [`PledgeRefusal::WholeReleased`] when nothing would be left.
    pub fn changed(mut self, amendment: &Amendment, added: Vec<Lien>) -> Result<Self, PledgeRefusal> {
        self.terms.principal = amendment.principal;
        self.terms.secured = amendment.secured;
        self.terms.debt_to = amendment.debt_to;
        self.liens.extend(added);
        for change in &amendment.changes.things {
            let lien = self.liens.iter_mut().find(|lien| lien.id == change.lien).ok_or(PledgeRefusal::NoSuchLien {})?;
            if change.added.is_none() {
                lien.change(change, amendment)?;
            }
        }
        if self.liens.iter().all(|lien| lien.claimed().is_none()) {
            return Err(PledgeRefusal::WholeReleased {});
        }
        let parts: Option<Vec<Money>> = self.liens.iter().map(|lien| lien.secured).collect();
        let Some(parts) = parts else { return Ok(self) };
        let sum = super::valuations::commands::sum(parts.into_iter());
        if sum == Some(amendment.secured) {
            return Ok(self);
        }
        let sum = sum.map(Money::print).unwrap_or_default();
        Err(PledgeRefusal::PartsDiffer { whole: amendment.secured.print(), sum })
    }
}

impl Lien {
    /// What it waits for is given up before what it holds; what was sold it has held.
    fn change(&mut self, change: &ThingChange, amendment: &Amendment) -> Result<(), PledgeRefusal> {
        let claimed = self.claimed().map_or(0, Quantity::grams);
        let more = || PledgeRefusal::MoreThanHeld {};
        let after = claimed.checked_add(change.grams).filter(|after| *after >= 0).ok_or_else(more)?;
        let is_sold = amendment.kind == AmendmentKind::ConsentedSale;
        let given_up = if is_sold { 0 } else { self.waiting().min(change.grams.saturating_neg()) };
        self.changed = self.changed.checked_add(after - claimed).ok_or_else(more)?;
        self.waits_less(given_up, WaitCause::GivenUp, amendment.proposed_at);
        if change.secured == 0 {
            return Ok(());
        }
        let secured = self.secured.map_or(0, Money::fen).checked_add(change.secured);
        self.secured = Some(secured.and_then(|fen| Money::try_new(fen).ok()).ok_or_else(more)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
