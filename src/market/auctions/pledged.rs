//! Lots of what a lien holds (质押标的), which a pledgee puts into a session after a default. The grams stay in the lien until a win is settled, so
//! such a lot holds nothing; nothing is asked of the seller, and a win becomes a disposal instead of a trade. What pledges have to do with it
//! they do through [`PledgedLots`], in the same work.

use super::error::AuctionRefusal;
use super::lot::Lot;
use crate::db::Work;
use crate::db::work::Doing;
use crate::kernel::ids::{AuctionLotId, AuctionRegistrationId, LienId, OrganisationId, ProjectId, TradeId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::market::offer::Party;
use crate::parties::OrganisationKind;
use accounting::{Money, Price, Quantity};
use std::collections::HashSet;

/// What is on offer, and on whose behalf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfLien {
    /// The lien that holds it.
    pub lien: LienId,
    /// The bank or guarantor that has put it into the session.
    pub pledgee: OrganisationId,
}

/// What a bidder has won of a lot that a lien holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PledgedWin {
    /// The identity of the disposal that it becomes, as the award tells it.
    pub id: TradeId,
    /// Of which lot.
    pub lot: Lot,
    /// How the lot is called on a record: its session's title and its number.
    pub document: String,
    /// Who has won.
    pub buyer: Party,
    /// For which project.
    pub project: ProjectId,
    /// How much.
    pub quantity: Quantity,
    /// The bidder's own price.
    pub unit_price: Price,
    /// What it costs.
    pub total: Money,
    /// What is held of it: the deposit, no more than the total.
    pub deposit: Money,
    /// What holds the deposit until now.
    pub registration: AuctionRegistrationId,
}

/// What pledges do for the lots that they hold the rights of.
pub trait PledgedLots: Send + Sync {
    /// Locks the pledges of lots, before anybody locks these, and tells the lots that their liens hold no more, or that may not be disposed
    /// of now.
    fn lock<'w>(&'w self, work: &'w mut Work, lots: &'w [Lot]) -> Doing<'w, HashSet<AuctionLotId>>;

    /// Makes disposals of wins: their deposits pass to these.
    fn award<'w>(&'w self, work: &'w mut Work, wins: &'w [PledgedWin]) -> Doing<'w, ()>;

    /// Whether all the disposals that wins have become are over.
    fn are_over<'w>(&'w self, work: &'w Work, wins: &'w [TradeId]) -> Doing<'w, bool>;
}

/// Locks the pledges of those lots that liens hold, and tells which of them are gone.
///
/// # Errors
/// A fault of the database.
pub(super) async fn lock(
    pledges: &dyn PledgedLots,
    work: &mut Work,
    lots: &[Lot],
) -> Result<HashSet<AuctionLotId>, Failure> {
    let of_liens: Vec<Lot> = lots.iter().filter(|lot| lot.of_lien.is_some()).cloned().collect();
    if of_liens.is_empty() { Ok(HashSet::new()) } else { pledges.lock(work, &of_liens).await }
}

/// What stands against a bidder for a lot that a lien holds: it becomes no creditor's (民法典第四百二十八条).
pub(super) fn judge_bidder(of_lien: Option<OfLien>, bidder: OrganisationKind) -> Option<Violation> {
    let is_creditor = matches!(bidder, OrganisationKind::Bank | OrganisationKind::Guarantor);
    (of_lien.is_some() && is_creditor).then(|| AuctionRefusal::CreditorBids {}.violation())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pledged_is_bid_for_by_everybody_but_creditors() {
        let of_lien = OfLien { lien: LienId::fresh(), pledgee: OrganisationId::fresh() };
        for creditor in [OrganisationKind::Bank, OrganisationKind::Guarantor] {
            let refused = judge_bidder(Some(of_lien), creditor);
            assert_eq!(refused.map(|violation| violation.code.into_owned()).as_deref(), Some("AUC_CREDITOR_BIDS"));
            assert!(judge_bidder(None, creditor).is_none());
        }
        assert!(judge_bidder(Some(of_lien), OrganisationKind::Enterprise).is_none());
    }
}
