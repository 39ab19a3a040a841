//! Which checks the rulebook switches on: a check that rests on a rule stands only while the rule has a value (and, when it is a
//! switch, is on). Every other check always stands.

use super::kind::FOUR_EYES;
use super::rule::Rulebook;

/// Checks with the rules that each rests on; any one of these that has a value makes the check stand.
const RESTING: &[(&str, &[&str])] = &[
    ("AUT_OWN_PROPOSAL", FOUR_EYES),
    ("DEC_REVIEW_MISSING", &["major_acts"]),
    ("DEC_REVIEW_OBJECTED", &["major_acts"]),
    ("AUT_OWN_REVIEW", &["major_acts"]),
    ("ORG_UNKNOWN_CREDIT_LEVEL", &["credit_levels"]),
    ("PLG_CREDIT_LEVEL", &["exclusion_credit_levels"]),
    ("PLG_CURE_RUNNING", &["pledge_cure_days"]),
    ("PLG_FEE_UNPAID", &["exclusion_fee_unpaid"]),
    ("PLG_ILLEGAL_DISCHARGE", &["exclusion_illegal_discharge_years"]),
    ("PLG_LTV_OVER_CAP", &["ltv_cap"]),
    ("PLG_MAJOR_ACCIDENT", &["exclusion_accident_years"]),
    ("PLG_MAJOR_VIOLATION", &["exclusion_violation_years"]),
    ("PLG_OVER_PERMIT", &["exclusion_over_permit"]),
    ("PLG_PERMIT_MISMATCH", &["permit_mismatch"]),
    ("PLG_TERM_OVER_CAP", &["pledge_term_cap_months"]),
    ("PLG_VALUATION_STALE", &["valuation_days"]),
    ("QTA_ACCEPTED_BY_SILENCE", &["application_acceptance_days"]),
    ("QTA_BATCH_FEE", &["usage_fee"]),
    ("QTA_FEE_TOO_LITTLE", &["usage_fee"]),
    ("QTA_FEE_TOO_MUCH", &["usage_fee"]),
    ("QTA_OBJECTION_OPEN", &["allocation_publicity_days"]),
    ("QTA_OBJECTION_UPHELD", &["allocation_publicity_days"]),
    ("QTA_NOTICE_RUNNING", &["take_back_notice_days"]),
    ("QTA_POLLUTANT_NOT_TRADED", &["traded_pollutants"]),
    ("QTA_PUBLICITY_OVER", &["allocation_publicity_days", "trade_publicity_days"]),
    ("QTA_PUBLICITY_RUNNING", &["allocation_publicity_days"]),
    ("QTA_RENEWAL_LATE", &["permit_renewal_days"]),
    ("QTA_VALIDITY_TOO_LONG", &["quota_validity_years"]),
    ("STL_DEADLINE_PASSED", &["payment_days"]),
    ("STL_OBJECTION_OPEN", &["trade_publicity_days"]),
    ("STL_PUBLICITY_RUNNING", &["trade_publicity_days"]),
    ("TSK_ESCALATED", &["decision_days"]),
    ("TRD_BELOW_BASE_PRICE", &["base_price_binds_auction", "base_price_binds_listing", "base_price_binds_negotiated"]),
    ("TRD_LISTING_OVER", &["listing_days"]),
    ("TRD_OFFER_TOO_LONG", &["offer_days"]),
    ("TRD_PERMIT_MISMATCH", &["permit_mismatch"]),
    ("TRD_POLLUTANT_NOT_TRADED", &["traded_pollutants"]),
    ("TRD_SELLER_OVER_PERMIT", &["exclusion_over_permit_sale"]),
];

/// Values by which a rule refuses nothing: a switch that is off, and a mismatch that is only told.
const OFF: [&str; 2] = ["off", "warn"];

/// The rules that a check rests on; none when it always stands.
pub fn rules_under(check: &str) -> &'static [&'static str] {
    RESTING.iter().find(|(code, _)| *code == check).map_or(&[], |(_, rules)| rules)
}

/// Whether a check stands under a rulebook; where none is in force, only what rests on no rule does.
pub fn stands(check: &str, rulebook: Option<&Rulebook>) -> bool {
    let under = rules_under(check);
    let is_set = |name: &&str| rulebook.and_then(|known| known.value(name)).is_some_and(|value| !OFF.contains(&value));
    under.is_empty() || under.iter().any(is_set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::RulebookId;
    use crate::rulebook::{Rule, hubei, kind};
    use jiff::civil::date;

    fn rulebook(changes: &[(&str, Option<&str>)]) -> Rulebook {
        let mut rules = hubei::rules();
        for (name, value) in changes {
            rules.insert((*name).to_owned(), Rule { value: value.map(str::to_owned), legal_basis: None });
        }
        let (jurisdiction, effective_from) = ("420000".to_owned(), date(2022, 1, 1));
        Rulebook { id: RulebookId::fresh(), jurisdiction, version: 1, effective_from, rules }
    }

    #[test]
    fn every_rule_that_a_check_rests_on_is_in_the_first_rulebook() {
        for (check, rules) in RESTING {
            assert!(!rules.is_empty(), "{check}");
            for name in *rules {
                assert!(hubei::rules().contains_key(*name), "{check} rests on {name}");
            }
        }
    }

    #[test]
    fn nobody_decides_on_their_own_where_any_act_asks_for_a_second_person() {
        let off: Vec<(&str, Option<&str>)> = FOUR_EYES.iter().map(|name| (*name, Some("off"))).collect();
        assert!(stands("AUT_OWN_PROPOSAL", Some(&rulebook(&[]))) && !stands("AUT_OWN_PROPOSAL", Some(&rulebook(&off))));
    }

    #[test]
    fn where_every_rule_is_null_each_reads_as_nothing_and_no_check_rests_on_zero() {
        let names: Vec<String> = hubei::rules().into_keys().collect();
        let nulls: Vec<(&str, Option<&str>)> = names.iter().map(|name| (name.as_str(), None)).collect();
        let empty = rulebook(&nulls);
        for (check, _) in RESTING {
            assert!(!stands(check, Some(&empty)), "{check}");
        }
        assert_eq!((empty.deposit_rate(), empty.base_price("COD"), empty.ltv_cap()), (None, None, None));
        assert_eq!((empty.pledge_term_cap_months(), empty.valuation_days()), (None, None));
        assert_eq!((empty.usage_fee(), empty.allocation_publicity_days()), (None, None));
        assert_eq!((empty.quota_validity_years(), empty.permit_renewal_days()), (None, None));
        assert_eq!((empty.replacement_ratio("420000", "COD"), empty.permit_mismatch()), (None, None));
        assert_eq!(empty.usage_fee_instalments(), 1, "in one part, never in none");
        assert!(!empty.base_price_binds("listing") && !empty.base_price_binds("negotiated"));
        for act in kind::ACTS {
            let rules = empty.rules_of(act);
            assert!(!rules.waits(), "{act}");
            assert_eq!((rules.decision_days, rules.proposal_days, rules.publication_days), (None, None, None), "{act}");
        }
    }

    #[test]
    fn a_null_is_off_and_a_switch_is_on_only_by_that_word() {
        assert!(!stands("PLG_LTV_OVER_CAP", Some(&rulebook(&[("ltv_cap", None)]))));
        assert!(stands("PLG_LTV_OVER_CAP", Some(&rulebook(&[("ltv_cap", Some("0"))]))), "zero is a cap, not a gap");
        let off = [
            ("base_price_binds_auction", None),
            ("base_price_binds_listing", Some("off")),
            ("base_price_binds_negotiated", None),
        ];
        assert!(!stands("TRD_BELOW_BASE_PRICE", Some(&rulebook(&off))));
        assert!(stands("TRD_BELOW_BASE_PRICE", Some(&rulebook(&[("base_price_binds_negotiated", Some("on"))]))));
        assert!(!stands("TRD_PERMIT_MISMATCH", Some(&rulebook(&[("permit_mismatch", Some("warn"))]))));
        assert!(stands("TRD_PERMIT_MISMATCH", Some(&rulebook(&[("permit_mismatch", Some("block"))]))));
        assert!(stands("TRD_SAME_PARTY", Some(&rulebook(&[]))), "what rests on no rule always stands");
        assert!(!stands("PLG_LTV_OVER_CAP", None));
        assert!(stands("TRD_SAME_PARTY", None));
    }
}
