//! A version of the rulebook, read by the rules that are judged by it.

use crate::decisions::Rules;
use crate::kernel::cycle::Period;
use crate::kernel::ids::RulebookId;
use accounting::{Money, Price, Ratio};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// One parameter or switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its value; absent when nobody knows it, and its check is then off.
    pub value: Option<String>,
    /// The rule or practice it rests on.
    pub legal_basis: Option<String>,
}

/// A version of the rulebook of a jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulebook {
    /// Its identity, stored with every decision that it judged.
    pub id: RulebookId,
    /// Code of the area it applies in and below.
    pub jurisdiction: String,
    /// Counts from 1.
    pub version: i64,
    /// The first day it applies.
    pub effective_from: Date,
    /// The rules by name.
    pub rules: BTreeMap<String, Rule>,
}

/// What the value of a rule must look like: a value that nobody can read would switch its check off silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// CNY with two decimals.
    Price,
    /// A share, 0 to 1.
    Rate,
    /// `on` or `off`.
    Switch,
    /// A whole number.
    Count,
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

/// Longest word of a level.
const LONGEST_LEVEL: usize = 32;

/// Whether a text can be the level of a credit rating: 1 to 32 lower-case letters, digits or underscores.
pub fn is_level(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_plain && (1..=LONGEST_LEVEL).contains(&text.len())
}

impl RuleKind {
    /// The kind of a rule; none when there is no such rule.
    pub fn of(name: &str) -> Option<Self> {
        if FOUR_EYES.contains(&name) {
            return Some(Self::Switch);
        }
        if let Some(of) = name.strip_prefix("replacement_ratio_") {
            return is_area_and_pollutant(of).then_some(Self::Ratio);
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
            "deposit_rate" | "exchange_fee_rate" | "ltv_cap" | "winners_share" => Some(Self::Rate),
            "usage_fee" | "bid_step" | "amount_tolerance" => Some(Self::Price),
            "exclusion_credit_levels" | "credit_levels" => Some(Self::Levels),
            "traded_pollutants" => Some(Self::Pollutants),
            "index_base_period" => Some(Self::Period),
            "permit_mismatch" => Some(Self::Mismatch),
            "replacement_ratio" => Some(Self::Ratio),
            "major_acts" => Some(Self::Acts),
            "quota_validity_years"
            | "publication_days"
            | "payment_days"
            | "offer_days"
            | "trade_publicity_days"
            | "pledge_term_cap_months"
            | "valuation_days"
            | "pledge_processing_days"
            | "margin_call_days"
            | "pledge_cure_days"
            | "decision_days"
            | "listing_days"
            | "min_bidders"
            | "auction_rounds"
            | "bids_per_bidder"
            | "final_wait_seconds"
            | "final_bidding_seconds"
            | "soft_close_seconds"
            | "permit_renewal_days"
            | "expiry_notice_days"
            | "take_back_notice_days"
            | "proposal_days"
            | "usage_fee_instalments"
            | "exclusion_accident_years"
            | "exclusion_violation_years"
            | "exclusion_illegal_discharge_years"
            | "application_acceptance_days"
            | "application_correction_days"
            | "application_decision_days"
            | "allocation_publicity_days"
            | "objection_answer_days"
            | "idle_years" => Some(Self::Count),
            _ => name.strip_prefix("base_price_").filter(|pollutant| !pollutant.is_empty()).map(|_| Self::Price),
        }
    }

    /// Whether a value is of this kind.
    pub fn reads(self, value: &str) -> bool {
        match self {
            Self::Price => Price::parse(value).is_ok(),
            Self::Rate => value.parse().is_ok_and(|rate: Decimal| rate >= Decimal::ZERO && rate <= Decimal::ONE),
            Self::Switch => ["on", "off"].contains(&value),
            Self::Count => value.parse::<u32>().is_ok_and(|count| count <= 10_000),
            Self::Ratio => Ratio::parse(value).is_ok(),
            Self::Acts => value.split(',').all(|act| MAJOR_ACTS.contains(&act)),
            Self::Mismatch => Mismatch::parse(value).is_some(),
            Self::Levels => value.split(',').all(is_level),
            Self::Pollutants => value.split(',').all(is_code),
            Self::Period => Period::parse(value).is_some(),
        }
    }

    /// What a value must be, in words.
    pub fn told(self) -> &'static str {
        match self {
            Self::Price => "8790.00",
            Self::Rate => "0.30",
            Self::Switch => "on / off",
            Self::Count => "0 … 10000",
            Self::Ratio => "1.2:1",
            Self::Acts => {
                "organisation_verification,allocation,surrender,renewal,variation,set_aside,take_back,buy_back,trade,\
                 pledge_verification,rulebook,capacity,area_suspension,compliance_verification,surplus_grant"
            }
            Self::Mismatch => "warn / block",
            Self::Levels => "yellow,black",
            Self::Pollutants => "COD,NH3N,SO2,NOX",
            Self::Period => "2022, 2022-Q4, 2022-12",
        }
    }
}

impl Rulebook {
    /// What it says of an act that may need a second person.
    pub fn rules_of(&self, act: &str) -> Rules {
        let days = |name: &str| self.value(name).and_then(|text| text.parse().ok());
        Rules {
            rulebook: self.id,
            second_person: self.value(&format!("four_eyes_{act}")) == Some("on"),
            own_approval: false,
            is_major: self.value("major_acts").is_some_and(|acts| acts.split(',').any(|major| major == act)),
            decision_days: days("decision_days"),
            proposal_days: days("proposal_days"),
            publication_days: days("publication_days"),
        }
    }

    /// The value of a rule; none when nobody knows it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.rules.get(name).and_then(|rule| rule.value.as_deref())
    }

    pub(super) fn decimal(&self, name: &str) -> Option<Decimal> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    pub(super) fn number(&self, name: &str) -> Option<i32> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    /// Share of the total that the buyer's deposit is; none means all of it.
    pub fn deposit_rate(&self) -> Option<Decimal> {
        self.decimal("deposit_rate")
    }

    /// Bidding base price (竞价基价) of a pollutant in CNY per display unit.
    pub fn base_price(&self, pollutant: &str) -> Option<Price> {
        self.value(&format!("base_price_{}", pollutant.to_lowercase())).and_then(|text| Price::parse(text).ok())
    }

    /// Whether the base price binds trades of this mode.
    pub fn base_price_binds(&self, mode: &str) -> bool {
        self.value(&format!("base_price_binds_{mode}")) == Some("on")
    }

    /// By how much CNY an agreed total may differ from price × quantity: not at all when nobody says so, because a gap in the rules must
    /// not let money differ.
    pub fn amount_tolerance(&self) -> Money {
        self.value("amount_tolerance").and_then(|text| Money::parse(text).ok()).unwrap_or_default()
    }

    /// Share of a trade's total that the exchange takes out of the seller's proceeds; none when nobody says so.
    pub fn exchange_fee_rate(&self) -> Option<Decimal> {
        self.decimal("exchange_fee_rate")
    }

    /// Days for which a listing is open, its last day included; without an end when nobody says so.
    pub fn listing_days(&self) -> Option<u32> {
        self.days("listing_days")
    }

    /// Working days for which an offer stands at the longest; without an end when nobody says so.
    pub fn offer_days(&self) -> Option<u32> {
        self.days("offer_days")
    }

    /// Working days in which a buyer pays once the trade may be paid; without an end when nobody says so.
    pub fn payment_days(&self) -> Option<u32> {
        self.days("payment_days")
    }

    /// Working days for which an approved trade is laid open before it may be paid; none when nobody asks for it.
    pub fn trade_publicity_days(&self) -> Option<u32> {
        self.days("trade_publicity_days")
    }

    /// Whether a buyer who does not pay in time loses the deposit.
    pub fn forfeits_deposit(&self) -> bool {
        self.is_on("deposit_forfeit")
    }

    /// Whether the exchange confirms a paid trade before it settles.
    pub fn confirms_settlement(&self) -> bool {
        self.is_on("settlement_confirmation")
    }

    fn list(&self, name: &str) -> Option<Vec<&str>> {
        self.value(name).map(|text| text.split(',').collect())
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        self.value(name) == Some("on")
    }

    /// Whether rights of a pollutant are granted and traded here; of any where nobody says which.
    pub fn is_traded(&self, pollutant: &str) -> bool {
        self.list("traded_pollutants").is_none_or(|traded| traded.contains(&pollutant))
    }

    /// The levels of credit ratings that there are; any where nobody says so.
    pub fn credit_levels(&self) -> Option<Vec<&str>> {
        self.list("credit_levels")
    }

    /// The levels of credit ratings that exclude an enterprise from pledging.
    pub fn exclusion_credit_levels(&self) -> Option<Vec<&str>> {
        self.list("exclusion_credit_levels")
    }

    /// Years for which a major accident excludes from pledging.
    pub fn exclusion_accident_years(&self) -> Option<i32> {
        self.number("exclusion_accident_years")
    }

    /// Years for which a major violation excludes from pledging.
    pub fn exclusion_violation_years(&self) -> Option<i32> {
        self.number("exclusion_violation_years")
    }

    /// Years for which illegal discharge excludes from pledging.
    pub fn exclusion_illegal_discharge_years(&self) -> Option<i32> {
        self.number("exclusion_illegal_discharge_years")
    }

    /// Whether whoever discharged more than permitted last year is excluded from pledging.
    pub fn excludes_over_permit(&self) -> bool {
        self.is_on("exclusion_over_permit")
    }

    /// Whether a site that discharged more of a pollutant than permitted last year is kept from selling rights of it.
    pub fn excludes_over_permit_sale(&self) -> bool {
        self.is_on("exclusion_over_permit_sale")
    }

    /// Whether whoever owes a usage fee is excluded from pledging.
    pub fn excludes_fee_unpaid(&self) -> bool {
        self.is_on("exclusion_fee_unpaid")
    }

    /// What it leads to that a permit allows more than there are rights for; nothing when nobody says so.
    pub fn permit_mismatch(&self) -> Option<Mismatch> {
        self.value("permit_mismatch").and_then(Mismatch::parse)
    }

    /// Days before the end of a permit by which its renewal is to be asked for.
    pub fn permit_renewal_days(&self) -> Option<i32> {
        self.number("permit_renewal_days")
    }

    /// How much must be bought for what a project builds, where the project has no ratio of its own: the ratio of its area, or of the
    /// nearest one above it that has one, for the pollutant; else that of the pollutant; else the one for all.
    pub fn replacement_ratio(&self, area_path: &str, pollutant: &str) -> Option<Ratio> {
        let pollutant = pollutant.to_lowercase();
        let areas = area_path.rsplit('/').map(|area| format!("replacement_ratio_{}_{pollutant}", area.to_lowercase()));
        let mut names = areas.chain([format!("replacement_ratio_{pollutant}"), "replacement_ratio".to_owned()]);
        names.find_map(|name| self.value(&name).and_then(|text| Ratio::parse(text).ok()))
    }

    /// Working days between the word to a pledgee that rights are over and their leaving its lien; none when nobody says so.
    pub fn expiry_notice_days(&self) -> Option<u32> {
        self.value("expiry_notice_days").and_then(|text| text.parse().ok())
    }

    /// Working days after which pledged rights may be taken back though the pledgee has not released them; never when nobody says so.
    pub fn take_back_notice_days(&self) -> Option<u32> {
        self.value("take_back_notice_days").and_then(|text| text.parse().ok())
    }

    /// Working days in which a result is published.
    pub fn publication_days(&self) -> Option<u32> {
        self.days("publication_days")
    }

    /// Whether the parties of a published trade are named.
    pub fn discloses_parties(&self) -> bool {
        self.is_on("disclose_parties")
    }

    /// The base period of the price index; the first complete year where nobody says so.
    pub fn index_base_period(&self) -> Option<Period> {
        self.value("index_base_period").and_then(Period::parse)
    }

    /// Usage fee (有偿使用费) of a paid right, in CNY per display unit for the whole validity.
    pub fn usage_fee(&self) -> Option<Price> {
        self.value("usage_fee").and_then(|text| Price::parse(text).ok())
    }

    /// In how many parts the usage fee may be paid; one when nobody says so.
    pub fn usage_fee_instalments(&self) -> u32 {
        self.value("usage_fee_instalments").and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
    }

    /// Working days for which a grant is laid open to objections before it may be confirmed.
    pub fn allocation_publicity_days(&self) -> Option<u32> {
        self.days("allocation_publicity_days")
    }

    /// Working days in which a bureau answers an objection; past them it goes to the head.
    pub fn objection_answer_days(&self) -> Option<u32> {
        self.days("objection_answer_days")
    }

    /// Working days in which a bureau accepts an application for rights or names all that it lacks; past them its silence accepts.
    pub fn application_acceptance_days(&self) -> Option<u32> {
        self.days("application_acceptance_days")
    }

    /// Working days in which an applicant corrects an application, where the notice itself names none.
    pub fn application_correction_days(&self) -> Option<u32> {
        self.days("application_correction_days")
    }

    /// Working days in which a bureau decides on an application for rights, from the day on which it was accepted.
    pub fn application_decision_days(&self) -> Option<u32> {
        self.days("application_decision_days")
    }

    /// Years after which rights that stand above what their site uses are called idle (闲置); none are when nobody says so.
    pub fn idle_years(&self) -> Option<i32> {
        self.number("idle_years")
    }

    pub(super) fn days(&self, name: &str) -> Option<u32> {
        self.value(name).and_then(|text| text.parse().ok()).filter(|days| *days > 0)
    }

    /// Longest validity of a right in years.
    pub fn quota_validity_years(&self) -> Option<i32> {
        self.number("quota_validity_years")
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
            (RuleKind::Count, "-1"),
            (RuleKind::Count, "1.5"),
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
    fn the_nearest_ratio_applies() {
        let mut rules = hubei::rules();
        let ratio = |rules: &BTreeMap<String, Rule>, area: &str, pollutant: &str| {
            let rules = rules.clone();
            let (id, jurisdiction, effective_from) =
                (RulebookId::fresh(), "420000".to_owned(), "2016-12-01".parse().unwrap());
            let rulebook = Rulebook { id, jurisdiction, version: 1, effective_from, rules };
            rulebook.replacement_ratio(area, pollutant).map(|ratio| ratio.to_string())
        };
        let mut set = |name: &str, value: Option<&str>| {
            assert_eq!(RuleKind::of(name), Some(RuleKind::Ratio), "{name}");
            rules.insert(name.to_owned(), Rule { value: value.map(str::to_owned), legal_basis: None });
            rules.clone()
        };
        let county = "420000/421200/421222";
        assert_eq!(ratio(&set("replacement_ratio", Some("1.1:1")), county, "COD").as_deref(), Some("1.1:1"));
        let by_pollutant = set("replacement_ratio_cod", Some("1.2:1"));
        assert_eq!(ratio(&by_pollutant, county, "COD").as_deref(), Some("1.2:1"));
        assert_eq!(ratio(&by_pollutant, county, "SO2").as_deref(), Some("1.1:1"));
        let by_city = set("replacement_ratio_421200_cod", Some("1.5:1"));
        assert_eq!(ratio(&by_city, county, "COD").as_deref(), Some("1.5:1"));
        assert_eq!(ratio(&by_city, "420000/420100", "COD").as_deref(), Some("1.2:1"));
        let by_county = set("replacement_ratio_421222_cod", Some("2:1"));
        assert_eq!(ratio(&by_county, county, "COD").as_deref(), Some("2:1"));
        assert_eq!(
            ratio(&set("replacement_ratio_421222_cod", None), county, "COD").as_deref(),
            Some("1.5:1"),
            "a null is no ratio"
        );
        set("replacement_ratio_421200_cod", None);
        set("replacement_ratio_cod", None);
        assert_eq!(ratio(&set("replacement_ratio", None), county, "COD"), None, "nobody knows one");
    }

    #[test]
    fn an_act_waits_when_a_second_person_is_asked_for_or_it_is_major() {
        let mut rules = hubei::rules();
        let rulebook = |rules| Rulebook {
            id: RulebookId::fresh(),
            jurisdiction: "420000".to_owned(),
            version: 1,
            effective_from: "2016-12-01".parse().unwrap(),
            rules,
        };
        let first = rulebook(rules.clone());
        assert!(first.rules_of("allocation").waits() && !first.rules_of("capacity").waits());
        assert_eq!(first.rules_of("allocation").decision_days, Some(20));
        let major = Rule { value: Some("capacity".to_owned()), legal_basis: None };
        rules.insert("major_acts".to_owned(), major);
        let second = rulebook(rules);
        assert!(second.rules_of("capacity").is_major && second.rules_of("capacity").waits());
        assert!(!second.rules_of("allocation").is_major);
    }
}
