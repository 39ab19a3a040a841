//! Acts for which an organisation asks for a second of its own people (requires_approval), switched by its own administrator. What the
//! rulebook asks for stands beside it: neither takes anything away from the other.
//!
//! An act is worth a second person when it binds the organisation for good: it holds its rights or its money, encumbers them, gives a
//! security up, or opens its books to another. A refusal gives nothing away. A payment fulfils what was approved with the
//! acceptance of the offer: amount and payee stand since then. Neither waits.

mod store;

pub use store::{COVERED, find, lock, save};

use super::error::DecisionRefusal;
use crate::access::{Caller, Standing};
use crate::db::Work;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use std::collections::BTreeSet;

accounting::words! {
    /// An act of an organisation that may wait for a second of its people.
    OwnAct {
        /// Applying for rights: what the enterprise says of itself binds it.
        Application = "application",
        /// Offering rights to a buyer: holds them.
        Offer = "offer",
        /// Accepting an offer as its buyer: holds the deposit, and owes the rest.
        OfferAcceptance = "offer_acceptance",
        /// Opening a listing: holds rights.
        Listing = "listing",
        /// Buying from a listing: holds the deposit, and owes the rest.
        Purchase = "purchase",
        /// Proposing to give rights up for good.
        SurrenderProposal = "surrender_proposal",
        /// Agreeing to sell rights back to the reserve.
        BuyBackAgreement = "buy_back_agreement",
        /// Agreeing to the terms of a pledge as its pledgor: encumbers rights.
        PledgeAcceptance = "pledge_acceptance",
        /// Accepting a part of a credit facility.
        FacilityAcceptance = "facility_acceptance",
        /// Giving a bank consent to look.
        Consent = "consent",
        /// Releasing a pledge as its pledgee: gives the security up.
        PledgeRelease = "pledge_release",
        /// Paying money out, as the settlement bank.
        Withdrawal = "withdrawal",
    }
}

/// What an organisation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvals {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// The acts that wait for a second person.
    pub acts: BTreeSet<OwnAct>,
    /// Who set it: of what took an act out, who approved it.
    pub set_by: UserId,
    /// When.
    pub set_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Approvals {
    /// Whether fewer acts than now would wait: these alone need no second person to be set.
    pub fn loses(&self, acts: &BTreeSet<OwnAct>) -> bool {
        !self.acts.is_subset(acts)
    }
}

/// What the caller's organisation asks for, when it asks for anything; one look, for commands that many send.
///
/// Nobody is kept from giving somebody else their freedom back: of a suspended organisation nobody could approve a release.
///
/// # Errors
/// A fault of the database.
pub async fn of_caller(work: &Work) -> Result<Option<Approvals>, Failure> {
    let caller: &Caller = work.caller();
    if caller.standing != Standing::Verified {
        return Ok(None);
    }
    find(work.connection(), caller.organisation).await
}

/// Whether the caller's organisation asks for a second person for an act.
///
/// # Errors
/// A fault of the database.
pub async fn asks(work: &Work, act: OwnAct) -> Result<bool, Failure> {
    Ok(of_caller(work).await?.is_some_and(|approvals| approvals.acts.contains(&act)))
}

/// Refuses a second proposal about a thing while the first one waits.
pub(super) fn one_at_a_time(failure: Failure) -> Failure {
    let columns = "tasks.act, tasks.subject_id, tasks.organisation_id";
    crate::db::failure::on_unique(failure, "tasks_one_waits", columns, || DecisionRefusal::WaitsAlready {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn approvals(acts: BTreeSet<OwnAct>) -> Approvals {
        Approvals {
            organisation: OrganisationId::fresh(),
            acts,
            set_by: UserId::fresh(),
            set_at: Moment::from_micros(0),
            version: 1,
        }
    }

    fn some_acts() -> impl Strategy<Value = BTreeSet<OwnAct>> {
        proptest::collection::btree_set(proptest::sample::select(OwnAct::ALL), 0..OwnAct::ALL.len())
    }

    proptest! {
        #[test]
        fn whatever_takes_an_act_out_loses_something_and_adding_never_does(before in some_acts(), after in some_acts()) {
            let approvals = approvals(before.clone());
            let is_lost = before.iter().any(|act| !after.contains(act));
            prop_assert_eq!(approvals.loses(&after), is_lost);
            prop_assert!(!approvals.loses(&before.union(&after).copied().collect()));
        }
    }
}
