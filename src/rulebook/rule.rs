//! A version of the rulebook, read by the rules that are judged by it.

use crate::kernel::ids::RulebookId;
use accounting::Price;
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
    fn value(&self, name: &str) -> Option<&str> {
        self.rules.get(name).and_then(|rule| rule.value.as_deref())
    }

    fn decimal(&self, name: &str) -> Option<Decimal> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    fn number(&self, name: &str) -> Option<i32> {
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

    /// Largest share of the assessed value that may be secured on a right.
    pub fn ltv_cap(&self) -> Option<Decimal> {
        self.decimal("ltv_cap")
    }

    /// Longest term of a pledge in months.
    pub fn pledge_term_cap_months(&self) -> Option<i32> {
        self.number("pledge_term_cap_months")
    }

    /// Days for which a valuation may be relied on.
    pub fn valuation_days(&self) -> Option<i32> {
        self.number("valuation_days")
    }

    /// Longest validity of a right in years.
    pub fn quota_validity_years(&self) -> Option<i32> {
        self.number("quota_validity_years")
    }
}
