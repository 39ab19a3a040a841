//! Disposal at an auction of the exchange (拍卖变现, 民法典第四百三十六条): the pledgee puts what a lien holds into a session, where it is bid for like
//! any other lot. The grams stay in the lien, and each win becomes a disposal, which holds the winner's deposit until it is over.
//!
//! Costs and claim are told once for the lot: each win that is paid out pays what those before it have left of them.

pub mod commands;
pub(super) mod store;

use super::disposals::Disposal;
use super::pledge::Pledge;
use crate::kernel::ids::{AuctionLotId, LienId, OrganisationId, PledgeId};
use accounting::Money;
use jiff::civil::Date;

/// What a pledgee says of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PledgedLot {
    /// The lot.
    pub lot: AuctionLotId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// The lien that holds it.
    pub lien: LienId,
    /// Through whom costs and claim are paid out.
    pub settlement_bank: OrganisationId,
    /// Costs of the disposal in CNY, which are paid first.
    pub costs: Money,
    /// The claim that is owed, in CNY.
    pub owed: Money,
}

/// What a win brings with it into its disposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotWin {
    /// The lot.
    pub lot: AuctionLotId,
    /// The winner's deposit in CNY, held by the disposal until it is over.
    pub deposit: Money,
    /// The last day on which the winner may settle without losing it; none where no rule sets a term.
    pub settle_by: Option<Date>,
}

/// What is still to be paid out of proceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Costs.
    pub costs: Money,
    /// The claim.
    pub claim: Money,
}

impl Pledge {
    /// Whether what a lien holds waits for bids.
    pub fn is_on_offer(&self, lien: LienId) -> bool {
        self.on_offer.iter().any(|lot| lot.lien == lien)
    }

    /// What of its costs and its claim a disposal has still to pay: all that it says, but for what other wins of the same lot have paid, and
    /// of the claim no more than is outstanding.
    pub fn left_of(&self, disposal: &Disposal) -> Left {
        let lot = disposal.win.map(|win| win.lot);
        let others = self
            .disposals
            .iter()
            .filter(|other| lot.is_some() && other.id != disposal.id && other.win.map(|win| win.lot) == lot);
        let paid: Vec<_> = others.filter_map(|other| other.state.paid()).collect();
        let left = |all: Money, of: Vec<Money>| {
            of.into_iter().fold(all, |left, paid| left.checked_sub(paid).unwrap_or_default())
        };
        let costs = left(disposal.costs, paid.iter().map(|paid| paid.costs).collect());
        let claim = left(disposal.owed, paid.iter().map(|paid| paid.claim).collect());
        let lien = self.lien(disposal.lien);
        Left { costs, claim: lien.map_or(claim, |lien| claim.min(self.outstanding_on(lien, costs))) }
    }
}
