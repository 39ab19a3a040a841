//! Which command carries out which act: the one place where they are bound. An act that is not listed here cannot be decided
//! through the inbox.

use crate::app::binders::{BINDERS, PUBLICITY, TRADES};
use crate::decisions::{Act, Acts};
use crate::market::trade::Side;
use crate::quota::tenure::Kind;
use crate::quota::tenure::acts::{BuyBackAgreement, DecideRightAct, SurrenderProposal};
use crate::treasury::payments::api_acts::{PaymentProposal, Step};
use crate::{compliance, market, membership, objections, parties, pledge, quota, rulebook, treasury};

/// Every act that may wait for a second person.
pub const ACTS: Acts = Acts(LIST);

const LIST: &[&dyn Act] = &[
    &membership::acts::RuleOnApplication { binders: BINDERS },
    &membership::api_approvals::ApprovalsProposal,
    &quota::applications::acts::Submission,
    &quota::applications::acts::RuleOnAcceptance,
    &quota::applications::acts::RuleOnApplication,
    &quota::acts::DecideAllocation,
    &DecideRightAct { kind: Kind::Surrender, binders: BINDERS },
    &DecideRightAct { kind: Kind::Renewal, binders: BINDERS },
    &DecideRightAct { kind: Kind::Variation, binders: BINDERS },
    &DecideRightAct { kind: Kind::SetAside, binders: BINDERS },
    &DecideRightAct { kind: Kind::TakeBack, binders: BINDERS },
    &DecideRightAct { kind: Kind::BuyBack, binders: BINDERS },
    &SurrenderProposal { binders: BINDERS },
    &BuyBackAgreement { binders: BINDERS },
    &objections::acts::AnswerObjection { publicity: PUBLICITY },
    &market::acts::DecideTrade,
    &market::overrides::acts::DecideTradeOverride,
    &market::overrides::api::RevocationProposal,
    &market::acts::ConfirmSettlement,
    &market::acts::VaryPermit(Side::Seller),
    &market::acts::VaryPermit(Side::Buyer),
    &pledge::acts::VerifyPledge,
    &pledge::acts::AgreePledge,
    &pledge::acts::AmendPledge,
    &pledge::acts::Agreement,
    &pledge::acts::Release { binders: BINDERS },
    &pledge::api_facilities::FacilityProposal,
    &parties::api_consents::ConsentProposal,
    &parties::suspensions::api::SuspensionProposal,
    &quota::reductions::acts::DecideReduction,
    &rulebook::api::Adoption,
    &quota::api_capacities::CapProposal,
    &compliance::api_decisions::Verification,
    &compliance::api_decisions::SurplusGrant,
    &treasury::api::WithdrawalProposal,
    &PaymentProposal { trades: TRADES, step: Step::Match },
    &PaymentProposal { trades: TRADES, step: Step::Undo },
    &market::api_offers::OfferProposal,
    &market::api_offers::AcceptanceProposal,
    &market::listings::acts::ListingProposal,
    &market::listings::acts::PurchaseProposal,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decisions::OwnAct;
    use crate::market::overrides::commands::REVOCATION;
    use crate::market::trade_commands::{CONFIRMATION, variation_of};
    use crate::rulebook::kind;
    use std::collections::BTreeSet;

    #[test]
    fn every_act_has_a_switch_somewhere_and_is_bound_once() {
        let bound: Vec<&str> = LIST.iter().map(|act| act.word()).collect();
        let words: BTreeSet<&str> = bound.iter().copied().collect();
        assert_eq!(words.len(), bound.len(), "{bound:?}");
        // Of the rulebook or of an organisation; whether the switches of an organisation wait follows from what they lose.
        let switched = kind::ACTS.iter().copied().chain(OwnAct::ALL.iter().map(|act| act.as_str()));
        // A variation is no choice, so no switch asks for a second person.
        let variations = [Side::Seller, Side::Buyer].map(variation_of);
        // Undoing a match waits where matching does, and revoking an override where granting it does.
        let others = ["approvals", CONFIRMATION, "payment_match_undoing", REVOCATION];
        assert_eq!(words, switched.chain(others).chain(variations).collect());
        assert!(bound.iter().all(|word| ACTS.find(word).is_some()) && ACTS.find("nothing").is_none());
    }
}
