//! What the values of rules must look like: one table of kinds and bounds, by which every value is judged before it is adopted.

use crate::kernel::cycle::Period;
use accounting::{Price, Ratio};
use rust_decimal::Decimal;

/// What the value of a rule must look like: a value that nobody can read would switch its check off silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// CNY with two decimals.
    Price,
    /// A rate, 0 to 1.
    Rate,
    /// A share of which something must be left: more than 0, and 1 at most.
    Share,
    /// `on` or `off`.
    Switch,
    /// A whole number, from a least to a most.
    Count(u32, u32),
    /// Two numbers with a colon between them, of which the first is not the smaller.
    Ratio,
    /// Words of acts, separated by commas.
    Acts,
    /// What a mismatch leads to: `warn` or `block`.
    Mismatch,
    /// Levels of credit ratings, separated by commas.
    Levels,
    /// Codes of pollutants, separated by commas.
    Pollutants,
    /// A month, a quarter or a year.
    Period,
}

/// The acts and, beside each, its switch: a name cannot be put together at compile time but by a macro.
macro_rules! acts {
    ($($act:literal),* $(,)?) => {
        /// Acts that the rulebook knows: each may need a second person, or a legal review.
        pub const ACTS: &[&str] = &[$($act),*];

        /// The switches of the acts that may need a second person, in the same order.
        pub const FOUR_EYES: &[&str] = &[$(concat!("four_eyes_", $act)),*];
    };
}

acts![
    "organisation_verification",
    "application_acceptance",
    "application_decision",
    "allocation",
    "surrender",
    "renewal",
    "variation",
    "set_aside",
    "take_back",
    "buy_back",
    "trade",
    "trade_override",
    "objection",
    "pledge_verification",
    "pledge_agreement",
    "pledge_amendment",
    "rulebook",
    "capacity",
    "area_suspension",
    "compliance_verification",
    "surplus_grant",
    "reduction",
    "withdrawal",
    "payment_match",
    "offer",
];

/// Acts of authorities, which are the ones that are reviewed.
pub const MAJOR_ACTS: &[&str] = &[
    "organisation_verification",
    "allocation",
    "surrender",
    "renewal",
    "variation",
    "set_aside",
    "take_back",
    "buy_back",
    "trade",
    "trade_override",
    "pledge_verification",
    "rulebook",
    "capacity",
    "area_suspension",
    "compliance_verification",
    "surplus_grant",
];

accounting::words! {
    /// What it leads to that a site's permit allows more than it has rights for (证量不符).
    Mismatch {
        /// It is listed, and told.
        Warn = "warn",
        /// The site may neither sell nor pledge either.
        Block = "block",
    }
}

/// Whether a text can be the code of a pollutant: capital letters and digits.
fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether these are the codes, in lower case, of a pollutant or of an area and a pollutant.
fn is_area_and_pollutant(text: &str) -> bool {
    let is_code =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    match text.split_once('_') {
        Some((area, pollutant)) => is_code(area) && is_code(pollutant),
        None => is_code(text),
    }
}

/// Whether a text is digits, perhaps with a point: no sign, no exponent.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// A rate from 0 to 1.
fn rate(text: &str) -> Option<Decimal> {
    text.parse().ok().filter(|rate| is_plain(text) && *rate <= Decimal::ONE)
}

/// Longest word of a level.
const LONGEST_LEVEL: usize = 32;

/// Whether a text can be the level of a credit rating: 1 to 32 lower-case letters, digits or underscores.
pub fn is_level(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_plain && (1..=LONGEST_LEVEL).contains(&text.len())
}

/// Longest term in days: ten years.
const MOST_DAYS: u32 = 3_650;
/// Longest term in working days: about two years.
const MOST_WORKING_DAYS: u32 = 500;
/// Longest wait of an auction, in seconds: a day.
const MOST_SECONDS: u32 = 86_400;

/// The rules that are whole numbers, with the least and the most that each can mean. A term of none would be no term: whoever wants none
/// leaves the rule null.
const COUNTS: &[(&str, u32, u32)] = &[
    ("quota_validity_years", 1, 100),
    ("exclusion_accident_years", 1, 100),
    ("exclusion_violation_years", 1, 100),
    ("exclusion_illegal_discharge_years", 1, 100),
    ("idle_years", 1, 100),
    ("pledge_term_cap_months", 1, 1_200),
    ("valuation_days", 1, MOST_DAYS),
    ("pledge_processing_days", 1, MOST_WORKING_DAYS),
    ("margin_call_days", 1, MOST_WORKING_DAYS),
    ("pledge_cure_days", 1, MOST_WORKING_DAYS),
    ("listing_days", 1, MOST_DAYS),
    ("permit_renewal_days", 1, MOST_DAYS),
    ("publication_days", 1, MOST_WORKING_DAYS),
    ("payment_days", 1, MOST_WORKING_DAYS),
    ("offer_days", 1, MOST_WORKING_DAYS),
    ("trade_publicity_days", 1, MOST_WORKING_DAYS),
    ("decision_days", 1, MOST_WORKING_DAYS),
    ("proposal_days", 1, MOST_WORKING_DAYS),
    ("expiry_notice_days", 1, MOST_WORKING_DAYS),
    ("take_back_notice_days", 1, MOST_WORKING_DAYS),
    ("application_acceptance_days", 1, MOST_WORKING_DAYS),
    ("application_correction_days", 1, MOST_WORKING_DAYS),
    ("application_decision_days", 1, MOST_WORKING_DAYS),
    ("allocation_publicity_days", 1, MOST_WORKING_DAYS),
    ("objection_answer_days", 1, MOST_WORKING_DAYS),
    ("usage_fee_instalments", 1, 100),
    ("min_bidders", 1, 1_000),
    ("auction_rounds", 1, 100),
    ("bids_per_bidder", 1, 10_000),
    // Timed bidding may follow the planned close at once.
    ("final_wait_seconds", 0, MOST_SECONDS),
    ("final_bidding_seconds", 1, MOST_SECONDS),
    ("soft_close_seconds", 1, MOST_SECONDS),
];

impl RuleKind {
    /// The kind of a rule; none when there is no such rule.
    pub fn of(name: &str) -> Option<Self> {
        if FOUR_EYES.contains(&name) {
            return Some(Self::Switch);
        }
        if let Some(of) = name.strip_prefix("replacement_ratio_") {
            return is_area_and_pollutant(of).then_some(Self::Ratio);
        }
        if let Some((_, least, most)) = COUNTS.iter().find(|(count, ..)| *count == name) {
            return Some(Self::Count(*least, *most));
        }
        match name {
            "base_price_binds_listing"
            | "base_price_binds_negotiated"
            | "base_price_binds_auction"
            | "junior_liens"
            | "exclusion_over_permit"
            | "exclusion_over_permit_sale"
            | "exclusion_fee_unpaid"
            | "deposit_forfeit"
            | "settlement_confirmation"
            | "disclose_parties" => Some(Self::Switch),
            "deposit_rate" | "exchange_fee_rate" => Some(Self::Rate),
            "ltv_cap" | "winners_share" => Some(Self::Share),
            "usage_fee" | "bid_step" | "amount_tolerance" => Some(Self::Price),
            "exclusion_credit_levels" | "credit_levels" => Some(Self::Levels),
            "traded_pollutants" => Some(Self::Pollutants),
            "index_base_period" => Some(Self::Period),
            "permit_mismatch" => Some(Self::Mismatch),
            "replacement_ratio" => Some(Self::Ratio),
            "major_acts" => Some(Self::Acts),
            _ => name.strip_prefix("base_price_").filter(|pollutant| !pollutant.is_empty()).map(|_| Self::Price),
        }
    }

    /// The area and the pollutant that a rule of this kind names, in lower case as its name has them.
    pub fn named(self, name: &str) -> (Option<&str>, Option<&str>) {
        let of = match self {
            Self::Ratio => name.strip_prefix("replacement_ratio_"),
            Self::Price => name.strip_prefix("base_price_"),
            _ => None,
        };
        match (self, of, of.and_then(|of| of.split_once('_'))) {
            (Self::Ratio, _, Some((area, pollutant))) => (Some(area), Some(pollutant)),
            (_, pollutant, _) => (None, pollutant),
        }
    }

    /// Whether a value is of this kind.
    pub fn reads(self, value: &str) -> bool {
        match self {
            Self::Price => Price::parse(value).is_ok(),
            Self::Rate => rate(value).is_some(),
            Self::Share => rate(value).is_some_and(|share| !share.is_zero()),
            Self::Switch => ["on", "off"].contains(&value),
            Self::Count(least, most) => {
                is_plain(value) && value.parse().is_ok_and(|count: u32| (least..=most).contains(&count))
            }
            Self::Ratio => Ratio::parse(value).is_ok(),
            Self::Acts => value.split(',').all(|act| MAJOR_ACTS.contains(&act)),
            Self::Mismatch => Mismatch::parse(value).is_some(),
            Self::Levels => value.split(',').all(is_level),
            Self::Pollutants => value.split(',').all(is_code),
            Self::Period => Period::parse(value).is_some(),
        }
    }

    /// What a value must look like, with its bounds.
    pub fn told(self) -> String {
        let form = match self {
            Self::Price => "8790.00",
            Self::Rate => "0.30 (0 … 1)",
            Self::Share => "0.70 (> 0, ≤ 1)",
            Self::Switch => "on / off",
            Self::Count(least, most) => return format!("{least} … {most}"),
            Self::Ratio => "1.2:1",
            Self::Acts => {
                "organisation_verification,allocation,surrender,renewal,variation,set_aside,take_back,buy_back,trade,\
                 trade_override,pledge_verification,rulebook,capacity,area_suspension,compliance_verification,surplus_grant"
            }
            Self::Mismatch => "warn / block",
            Self::Levels => "yellow,black",
            Self::Pollutants => "COD,NH3N,SO2,NOX",
            Self::Period => "2022, 2022-Q4, 2022-12",
        };
        form.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::hubei;

    #[test]
    fn every_rule_of_the_first_rulebook_has_a_kind_and_is_read_by_it() {
        for (name, rule) in hubei::rules() {
            let kind = RuleKind::of(&name).unwrap_or_else(|| panic!("{name} has no kind"));
            assert!(rule.value.is_none_or(|value| kind.reads(&value)), "{name}");
        }
        for (act, switch) in ACTS.iter().zip(FOUR_EYES) {
            assert_eq!(*switch, format!("four_eyes_{act}"));
            assert!(hubei::rules().contains_key(*switch), "{act} has no switch");
        }
        for name in [
            "",
            "replacement_ratio_",
            "replacement_ratio_COD",
            "replacement_ratio_1_2_cod",
            "base_price_",
            "four_eyes_",
            "four_eyes_nothing",
            "deposit",
            "Deposit_rate",
        ] {
            assert_eq!(RuleKind::of(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_value_of_another_kind_is_not_read() {
        let bad = [
            (RuleKind::Price, "1.234"),
            (RuleKind::Rate, "1.01"),
            (RuleKind::Rate, "-0.1"),
            (RuleKind::Switch, "true"),
            (RuleKind::Rate, "30%"),
            (RuleKind::Rate, "+0.3"),
            (RuleKind::Count(0, 9), "+1"),
            (RuleKind::Share, "0"),
            (RuleKind::Share, "0.000"),
            (RuleKind::Share, "1.0001"),
            (RuleKind::Count(0, 9), "-1"),
            (RuleKind::Count(0, 9), "1.5"),
            (RuleKind::Count(0, 9), ""),
            (RuleKind::Ratio, "1"),
            (RuleKind::Ratio, "0:1"),
            (RuleKind::Ratio, "1:2"),
            (RuleKind::Acts, "allocation, trade"),
            (RuleKind::Acts, "offer"),
            (RuleKind::Levels, ""),
            (RuleKind::Pollutants, "COD, SO2"),
            (RuleKind::Pollutants, "COD,"),
            (RuleKind::Levels, "Black"),
            (RuleKind::Levels, "yellow, black"),
            (RuleKind::Acts, ""),
        ];
        for (kind, value) in bad {
            assert!(!kind.reads(value), "{kind:?} {value:?}");
        }
    }

    #[test]
    fn a_number_is_read_between_its_bounds_and_not_beyond() {
        for (name, least, most) in COUNTS {
            let kind = RuleKind::of(name).unwrap();
            assert_eq!(kind.told(), format!("{least} … {most}"), "{name}");
            for value in [*least, *most] {
                assert!(kind.reads(&value.to_string()), "{name} {value}");
            }
            let beyond = [i64::from(*least) - 1, i64::from(*most) + 1];
            for value in beyond {
                assert!(!kind.reads(&value.to_string()), "{name} {value}");
            }
        }
    }

    #[test]
    fn a_rate_may_be_nothing_and_a_share_may_not() {
        for name in ["deposit_rate", "exchange_fee_rate"] {
            assert!(["0", "0.30", "1"].iter().all(|value| RuleKind::of(name).unwrap().reads(value)), "{name}");
        }
        for name in ["ltv_cap", "winners_share"] {
            let kind = RuleKind::of(name).unwrap();
            assert!(["0.0001", "0.70", "1"].iter().all(|value| kind.reads(value)) && !kind.reads("0"), "{name}");
        }
    }
}
