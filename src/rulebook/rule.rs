//! A version of the rulebook, read by the rules that are judged by it.

use super::kind::Mismatch;
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
    use crate::rulebook::kind::RuleKind;

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
