//! Which checks the rulebook switches on: a check that rests on a rule stands only while the rule has a value (and, when it is a
//! switch, is on). Every other check always stands.

use super::rule::Rulebook;

/// Checks with the rules that each rests on; any one of these that has a value makes the check stand.
const RESTING: &[(&str, &[&str])] = &[
    ("ORG_UNKNOWN_CREDIT_LEVEL", &["credit_levels"]),
    ("PLG_CREDIT_LEVEL", &["exclusion_credit_levels"]),
    ("PLG_FEE_UNPAID", &["exclusion_fee_unpaid"]),
    ("PLG_ILLEGAL_DISCHARGE", &["exclusion_illegal_discharge_years"]),
    ("PLG_LTV_OVER_CAP", &["ltv_cap"]),
    ("PLG_MAJOR_ACCIDENT", &["exclusion_accident_years"]),
    ("PLG_MAJOR_VIOLATION", &["exclusion_violation_years"]),
    ("PLG_OVER_PERMIT", &["exclusion_over_permit"]),
    ("PLG_TERM_OVER_CAP", &["pledge_term_cap_months"]),
    ("PLG_VALUATION_STALE", &["valuation_days"]),
    ("QTA_BATCH_FEE", &["usage_fee"]),
    ("QTA_FEE_TOO_LITTLE", &["usage_fee"]),
    ("QTA_PUBLICITY_OVER", &["allocation_publicity_days"]),
    ("QTA_PUBLICITY_RUNNING", &["allocation_publicity_days"]),
    ("QTA_VALIDITY_TOO_LONG", &["quota_validity_years"]),
    ("TRD_BELOW_BASE_PRICE", &["base_price_binds_listing", "base_price_binds_negotiated"]),
    ("TRD_SELLER_OVER_PERMIT", &["exclusion_over_permit_sale"]),
];

/// The rules that a check rests on; none when it always stands.
pub fn rules_under(check: &str) -> &'static [&'static str] {
    RESTING.iter().find(|(code, _)| *code == check).map_or(&[], |(_, rules)| rules)
}

/// Whether a check stands under a rulebook; where none is in force, only what rests on no rule does.
pub fn stands(check: &str, rulebook: Option<&Rulebook>) -> bool {
    let under = rules_under(check);
    let is_set = |name: &&str| rulebook.and_then(|known| known.value(name)).is_some_and(|value| value != "off");
    under.is_empty() || under.iter().any(is_set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::RulebookId;
    use crate::rulebook::{Rule, hubei};
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
    fn a_null_is_off_and_a_switch_is_on_only_by_that_word() {
        assert!(!stands("PLG_LTV_OVER_CAP", Some(&rulebook(&[("ltv_cap", None)]))));
        assert!(stands("PLG_LTV_OVER_CAP", Some(&rulebook(&[("ltv_cap", Some("0"))]))), "zero is a cap, not a gap");
        let off = [("base_price_binds_listing", Some("off")), ("base_price_binds_negotiated", None)];
        assert!(!stands("TRD_BELOW_BASE_PRICE", Some(&rulebook(&off))));
        assert!(stands("TRD_BELOW_BASE_PRICE", Some(&rulebook(&[("base_price_binds_negotiated", Some("on"))]))));
        assert!(stands("TRD_SAME_PARTY", Some(&rulebook(&[]))), "what rests on no rule always stands");
        assert!(!stands("PLG_LTV_OVER_CAP", None));
        assert!(stands("TRD_SAME_PARTY", None));
    }
}
