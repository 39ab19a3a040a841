//! Transfers of a claim (债权转让): the pledgee hands its claim, and the pledge that goes with it, to another bank or guarantor (民法典第五百四十五条、
//! 第五百四十七条). The register shows the new pledgee from its acceptance on, and the pledgor, who is told, pays whoever stands there
//! (第五百四十六条). Number, rank, versions of the terms and every gram stay as they are.
//!
//! A transfer: proposed by the pledgee → accepted by the new one; declined, or withdrawn.

pub mod commands;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::pledge::{Pledge, Stamp};
use crate::access::{Caller, Scope};
use crate::kernel::Moment;
use crate::kernel::ids::{ClaimTransferId, OrganisationId, PledgeId, UserId};
use crate::parties::{Organisation, OrganisationKind};

accounting::words! {
    /// How far a transfer has come.
    TransferState {
        /// The pledgee has named who is to have the claim.
        Proposed = "proposed",
        /// They have it.
        Accepted = "accepted",
        /// They have turned it down.
        Declined = "declined",
        /// The pledgee has taken it back.
        Withdrawn = "withdrawn",
    }
}

/// A transfer of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimTransfer {
    /// Its identity.
    pub id: ClaimTransferId,
    /// With which pledge.
    pub pledge: PledgeId,
    /// Number of that pledge.
    pub number: String,
    /// Whose rights are pledged.
    pub pledgor: OrganisationId,
    /// Who hands the claim over.
    pub from: OrganisationId,
    /// Who is to have it.
    pub to: OrganisationId,
    /// Number of the contract (债权转让协议).
    pub document: String,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// How far it has come.
    pub state: TransferState,
    /// Who ended it, and when.
    pub ended: Option<(UserId, Moment)>,
    /// Counts from 1.
    pub version: i64,
}

impl ClaimTransfer {
    /// Whether the caller may know of it: the three parties, and who sees all.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => false,
            Scope::Organisation { id } => [self.pledgor, self.from, self.to].contains(&id),
        }
    }

    /// It ends so.
    ///
    /// # Errors
    /// [`PledgeRefusal::TransferState`].
    pub fn end(self, state: TransferState, by: UserId, at: Moment) -> Result<Self, PledgeRefusal> {
        match self.state {
            TransferState::Proposed => Ok(Self { state, ended: Some((by, at)), version: self.version + 1, ..self }),
            over => {
                let wanted = TransferState::Proposed.as_str().to_owned();
                Err(PledgeRefusal::TransferState { state: over.as_str().to_owned(), wanted })
            }
        }
    }
}

/// Who may have a claim that a pledge secures: another bank or guarantor, and never the pledgor.
///
/// # Errors
/// [`PledgeRefusal::NotACreditor`].
pub fn expect_creditor(to: Option<&Organisation>, pledge: &Pledge) -> Result<(), PledgeRefusal> {
    let may = |to: &Organisation| {
        let is_creditor = matches!(to.kind, OrganisationKind::Bank | OrganisationKind::Guarantor);
        is_creditor && to.is_active() && to.id != pledge.pledgee && !pledge.is_of_pledgor(to.id)
    };
    if to.is_some_and(may) { Ok(()) } else { Err(PledgeRefusal::NotACreditor {}) }
}

impl Pledge {
    /// Whether its claim may go to another: it is in force, and nothing of it waits for anybody.
    ///
    /// # Errors
    /// As [`Pledge::expect_in_force`]; [`PledgeRefusal::ClaimOfFacility`], [`PledgeRefusal::ClaimShared`], [`PledgeRefusal::AmendmentOpen`],
    /// [`PledgeRefusal::DisposalOpen`].
    pub fn expect_transferable(&self) -> Result<(), PledgeRefusal> {
        self.expect_in_force()?;
        if self.facility.is_some() {
            return Err(PledgeRefusal::ClaimOfFacility {});
        }
        if !self.shares.is_empty() {
            return Err(PledgeRefusal::ClaimShared {});
        }
        if self.open_amendment().is_some() {
            return Err(PledgeRefusal::AmendmentOpen {});
        }
        self.expect_no_disposal()
    }

    /// Another is its pledgee from now on.
    ///
    /// # Errors
    /// As [`Pledge::expect_transferable`].
    pub fn transfer_to(self, pledgee: OrganisationId, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        self.expect_transferable()?;
        Ok(Self { pledgee, ..self }.touched(stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::FacilityId;
    use crate::pledge::pledge::tests::{agreed_on, register, stamp};

    #[test]
    fn a_claim_goes_over_once_and_the_pledge_stays_as_it_is() {
        let pledge = register(agreed_on("230000.00", "260000.00")).unwrap();
        let heir = OrganisationId::fresh();
        let after = pledge.clone().transfer_to(heir, stamp()).unwrap();
        assert_eq!((after.pledgee, after.version), (heir, pledge.version + 1));
        assert_eq!((&after.state, &after.liens, &after.terms), (&pledge.state, &pledge.liens, &pledge.terms));
        let drawn = Pledge { facility: Some(FacilityId::fresh()), ..pledge.clone() };
        assert!(matches!(drawn.transfer_to(heir, stamp()), Err(PledgeRefusal::ClaimOfFacility {})));
        let over = pledge.release(stamp()).unwrap();
        assert!(matches!(over.transfer_to(heir, stamp()), Err(PledgeRefusal::AlreadyReleased { .. })));
    }
}
