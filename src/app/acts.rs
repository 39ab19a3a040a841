//! Which command carries out which act: the one place where they are bound. An act that is not listed here cannot be decided
//! through the inbox.

use crate::decisions::{Act, Acts};
use crate::{market, pledge, quota, rulebook, treasury};

/// Every act that may wait for a second person.
pub const ACTS: Acts = Acts(LIST);

const LIST: &[&dyn Act] = &[
    &quota::acts::DecideAllocation,
    &market::acts::DecideTrade,
    &pledge::acts::VerifyPledge,
    &pledge::acts::AgreePledge,
    &rulebook::api::Adoption,
    &quota::api_capacities::CapProposal,
    &treasury::api::WithdrawalProposal,
    &market::api_offers::OfferProposal,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::rule;
    use std::collections::BTreeSet;

    #[test]
    fn the_rulebook_knows_every_act_and_every_act_is_bound_once() {
        let bound: Vec<&str> = LIST.iter().map(|act| act.word()).collect();
        let words: BTreeSet<&str> = bound.iter().copied().collect();
        assert_eq!(words.len(), bound.len(), "{bound:?}");
        assert_eq!(words, rule::ACTS.iter().copied().collect());
        assert!(bound.iter().all(|word| ACTS.find(word).is_some()) && ACTS.find("nothing").is_none());
    }
}
