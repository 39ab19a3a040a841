//! Sales with the pledgee's written consent (经质权人同意转让, 民法典第四百四十五条, by analogy): the pledgor asks to sell what a lien holds, the
//! pledgee consents and says how much of the price pays its claim before its time (提前清偿), and the buyer settles. The sale is a
//! trade of the market from the consent on: both sides pass every check, and the bureaux of both areas approve it.
//!
//! requested → consented → settled; refused by the pledgee, or withdrawn by the pledgor, before the consent. After it the trade may be refused,
//! called off or expire, and the sale comes to nothing with it. Without consent what is pledged cannot be sold.

pub mod commands;
pub(super) mod store;

use super::amendments::{Amendment, AmendmentKind, AmendmentState, Changes, ThingChange};
use super::error::PledgeRefusal;
use super::pledge::{Lien, Pledge, Stamp};
use super::shares::{self, PartOf, PledgeeShare};
use crate::access::{Caller, Scope};
use crate::kernel::Moment;
use crate::kernel::ids::{
    AmendmentId, ConsentedSaleId, LienId, OrganisationId, PledgeId, ProjectId, RightClassId, SiteId, TradeId, UserId,
};
use accounting::{Money, Price, Quantity};

/// What the pledgee has consented to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleConsent {
    /// Number of the written consent.
    pub document: String,
    /// Through whom the claim is paid.
    pub settlement_bank: OrganisationId,
    /// How much of the price goes to the claim, in CNY; the rest is the pledgor's.
    pub to_claim: Money,
    /// The trade that the sale is from then on.
    pub trade: TradeId,
    /// Who consented.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// How far a sale has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaleState {
    /// The pledgor asks for it.
    Requested,
    /// The pledgee has consented.
    Consented(SaleConsent),
    /// Rights and money have changed hands.
    Settled {
        /// What the pledgee had consented to.
        consent: SaleConsent,
        /// Who settled it for the buyer.
        by: UserId,
        /// When.
        at: Moment,
        /// What was paid of the claim: the agreed part, as far as the exchange's fee has left it.
        paid_claim: Money,
    },
    /// The pledgee has refused its consent.
    Refused {
        /// Why, in its words.
        reason: String,
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
    },
    /// The pledgor has taken its wish back.
    Withdrawn {
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
    },
}

/// The words of [`SaleState::as_str`].
pub const STATES: &[&str] = &["requested", "consented", "settled", "refused", "withdrawn"];

impl SaleState {
    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Consented(_) => "consented",
            Self::Settled { .. } => "settled",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Why the pledgee has refused.
    pub fn reason(&self) -> Option<&String> {
        match self {
            Self::Refused { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// What the pledgee has consented to, from then on.
    pub fn consent(&self) -> Option<&SaleConsent> {
        match self {
            Self::Consented(consent) | Self::Settled { consent, .. } => Some(consent),
            _ => None,
        }
    }

    /// Who consented, refused or took it back, and when.
    pub fn answered(&self) -> Option<(UserId, Moment)> {
        match self {
            Self::Requested => None,
            Self::Consented(consent) | Self::Settled { consent, .. } => Some((consent.by, consent.at)),
            Self::Refused { by, at, .. } | Self::Withdrawn { by, at } => Some((*by, *at)),
        }
    }

    /// Who settled it, when, and what was paid of the claim.
    pub fn settled(&self) -> Option<(UserId, Moment, Money)> {
        match self {
            Self::Settled { by, at, paid_claim, .. } => Some((*by, *at, *paid_claim)),
            _ => None,
        }
    }
}

/// A sale of what a lien holds, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Its identity.
    pub id: ConsentedSaleId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// Who sells.
    pub pledgor: OrganisationId,
    /// Path of the area of its site.
    pub area_path: String,
    /// Who must consent; the leader of several.
    pub pledgee: OrganisationId,
    /// The pledgees with their shares, where there are several.
    pub shares: Vec<PledgeeShare>,
    /// The other pledgees and pledgors of the pledge.
    pub further: Vec<OrganisationId>,
    /// Of which lien.
    pub lien: LienId,
    /// The site on whose stock it lies.
    pub site: SiteId,
    /// Of what.
    pub right_class: RightClassId,
    /// The site that buys.
    pub buyer_site: SiteId,
    /// Who buys.
    pub buyer: OrganisationId,
    /// Path of the area of the buyer's site.
    pub buyer_area_path: String,
    /// For which project.
    pub project: ProjectId,
    /// How much.
    pub quantity: Quantity,
    /// In CNY per display unit over the whole validity.
    pub unit_price: Price,
    /// Price × quantity in CNY, half up to the fen.
    pub total: Money,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Moment,
    /// How far it has come.
    pub state: SaleState,
    /// Counts from 1.
    pub version: i64,
}

impl Sale {
    /// Whether the caller may know of it: all parties, the bureaux of both areas, and who sees all.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => caller.covers(&self.area_path) || caller.covers(&self.buyer_area_path),
            Scope::Organisation { id } => {
                [self.pledgor, self.pledgee, self.buyer].contains(&id) || self.further.contains(&id)
            }
        }
    }

    /// What each of several pledgees gets of what is paid of the claim, the leader first; the whole where there is one.
    pub fn parts_of(&self, paid: Money) -> Vec<PartOf> {
        shares::parts(self.pledgee, &self.shares, paid)
    }

    fn wrong(&self, wanted: &str) -> PledgeRefusal {
        PledgeRefusal::SaleState { state: self.state.as_str().to_owned(), wanted: wanted.to_owned() }
    }

    /// Whether it waits for the pledgee's answer.
    ///
    /// # Errors
    /// [`PledgeRefusal::SaleState`].
    pub fn expect_requested(&self) -> Result<(), PledgeRefusal> {
        if self.state == SaleState::Requested { Ok(()) } else { Err(self.wrong("requested")) }
    }

    /// It is answered, or taken back.
    ///
    /// # Errors
    /// [`PledgeRefusal::SaleState`]; [`PledgeRefusal::MoreThanPrice`] when more is to go to the claim than is paid.
    pub fn answer(self, state: SaleState) -> Result<Self, PledgeRefusal> {
        self.expect_requested()?;
        if state.consent().is_some_and(|consent| consent.to_claim > self.total) {
            return Err(PledgeRefusal::MoreThanPrice { total: self.total.print() });
        }
        Ok(Self { state, version: self.version + 1, ..self })
    }

    /// What the pledgee has consented to, where it waits for its settlement.
    ///
    /// # Errors
    /// [`PledgeRefusal::SaleState`].
    pub fn expect_consented(&self) -> Result<&SaleConsent, PledgeRefusal> {
        match &self.state {
            SaleState::Consented(consent) => Ok(consent),
            _ => Err(self.wrong("consented")),
        }
    }

    /// Rights and money have changed hands.
    ///
    /// # Errors
    /// [`PledgeRefusal::SaleState`].
    pub fn settle(self, by: UserId, at: Moment, paid_claim: Money) -> Result<Self, PledgeRefusal> {
        let consent = self.expect_consented()?.clone();
        let state = SaleState::Settled { consent, by, at, paid_claim };
        Ok(Self { state, version: self.version + 1, ..self })
    }

    /// The lien that holds what is sold, as far as it holds enough.
    ///
    /// # Errors
    /// [`PledgeRefusal::MoreThanHeld`].
    pub fn expect_held(&self, pledge: &Pledge) -> Result<(), PledgeRefusal> {
        let lien = pledge.lien(self.lien);
        let left = lien.and_then(Lien::left).filter(|left| *left >= self.quantity);
        left.map(|_| ()).ok_or(PledgeRefusal::MoreThanHeld {})
    }

    /// What the sale makes of the terms of its pledge: less is held, and less is owed and secured by what was paid. The payment goes to what
    /// rests on the lien first, and then to what rests on the others. None when nothing remains of the security, or of the claim.
    pub fn lessens(&self, pledge: &Pledge, paid: Money, at: Stamp) -> Option<Amendment> {
        let claimed = |lien: &Lien| lien.claimed().map_or(0, Quantity::grams);
        let remains = |lien: &Lien| claimed(lien) > if lien.id == self.lien { self.quantity.grams() } else { 0 };
        let secured = pledge.terms.secured.checked_sub(paid).filter(|secured| !secured.is_zero())?;
        let principal = pledge.terms.principal.checked_sub(paid).filter(|principal| !principal.is_zero())?;
        if !pledge.liens.iter().any(remains) {
            return None;
        }
        let mut unpaid = paid.fen();
        let own_first = pledge.liens.iter().filter(|lien| lien.id == self.lien);
        let others = pledge.liens.iter().filter(|lien| lien.id != self.lien);
        let things = own_first.chain(others).map(|lien| {
            let taken = lien.secured.map_or(0, Money::fen).min(unpaid);
            unpaid -= taken;
            let grams = if lien.id == self.lien { -self.quantity.grams() } else { 0 };
            ThingChange { lien: lien.id, added: None, grams, secured: -taken, value: None }
        });
        let things = things.filter(|change| change.grams != 0 || change.secured != 0).collect();
        Some(Amendment {
            id: AmendmentId::fresh(),
            pledge: pledge.id,
            kind: AmendmentKind::ConsentedSale,
            reason: self.state.consent().map(|consent| consent.document.clone()).unwrap_or_default(),
            principal,
            secured,
            debt_to: pledge.terms.debt_to,
            changes: Changes { things, appraised: None },
            proposed_by: at.by,
            proposed_at: at.at,
            agreements: Vec::new(),
            state: AmendmentState::Proposed,
            // It comes into force at once, and is written once, as its first version.
            version: 0,
        })
    }
}
