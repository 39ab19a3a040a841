//! The rules of a session, frozen from the rulebook when it is planned. What the rulebook leaves open a session may set for itself,
//! and says so; what neither sets is off.

use super::auction::Format;
use super::error::AuctionRefusal;
use crate::rulebook::Rulebook;
use crate::rulebook::kind::RuleKind;
use accounting::Price;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules that bidding knows.
pub const NAMES: [&str; 8] = [
    "bid_step",
    "bids_per_bidder",
    "deposit_rate",
    "final_bidding_seconds",
    "final_wait_seconds",
    "min_bidders",
    "soft_close_seconds",
    "winners_share",
];
/// Those of them that only bidding in the open knows.
const ASCENDING_ONLY: [&str; 3] = ["final_bidding_seconds", "final_wait_seconds", "soft_close_seconds"];

/// One rule as it stands for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRule {
    /// Its value; absent when its feature is off.
    pub value: Option<String>,
    /// Whether the session has set it itself.
    pub is_own: bool,
}

/// The rules of a session by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuctionRules(pub BTreeMap<String, FrozenRule>);

impl AuctionRules {
    /// Freezes what the rulebook says, with what the session sets where that says nothing.
    ///
    /// # Errors
    /// [`AuctionRefusal::RuleIsSet`], [`AuctionRefusal::NotAnAuctionRule`], [`AuctionRefusal::BadRuleValue`],
    /// [`AuctionRefusal::FormatMismatch`], [`AuctionRefusal::FinalIncomplete`]: all of them at once.
    pub fn freeze(rulebook: &Rulebook, format: Format, own: &[(String, String)]) -> Result<Self, Vec<AuctionRefusal>> {
        let of_book =
            |name: &str| rulebook.value(name).filter(|_| format == Format::Ascending || !is_of_ascending(name));
        let mut rules: BTreeMap<String, FrozenRule> = NAMES
            .iter()
            .map(|name| ((*name).to_owned(), FrozenRule { value: of_book(name).map(str::to_owned), is_own: false }))
            .collect();
        let mut broken = Vec::new();
        for (name, value) in own {
            let rule = name.clone();
            let kind = RuleKind::of(name).filter(|_| NAMES.contains(&name.as_str()));
            match (kind, rules.get_mut(name)) {
                (Some(_), _) if format == Format::Sealed && is_of_ascending(name) => {
                    broken.push(AuctionRefusal::FormatMismatch { rule });
                }
                (Some(_), Some(frozen)) if frozen.is_own => broken.push(AuctionRefusal::NotAnAuctionRule { rule }),
                (Some(_), Some(frozen)) if frozen.value.is_some() => broken.push(AuctionRefusal::RuleIsSet { rule }),
                (Some(kind), Some(_)) if !kind.reads(value) => {
                    broken.push(AuctionRefusal::BadRuleValue { rule, like: kind.told() });
                }
                (Some(_), Some(frozen)) => *frozen = FrozenRule { value: Some(value.clone()), is_own: true },
                _ => broken.push(AuctionRefusal::NotAnAuctionRule { rule }),
            }
        }
        let rules = Self(rules);
        if rules.final_wait_seconds().is_some() && rules.final_bidding_seconds().is_none() {
            broken.push(AuctionRefusal::FinalIncomplete {});
        }
        if broken.is_empty() { Ok(rules) } else { Err(broken) }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|rule| rule.value.as_deref())
    }

    fn count(&self, name: &str) -> Option<u32> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    fn rate(&self, name: &str) -> Option<Decimal> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    /// Bids differ from the base price by whole steps of this, in CNY per display unit.
    pub fn bid_step(&self) -> Option<Price> {
        self.value("bid_step").and_then(|text| Price::parse(text).ok())
    }

    /// How many must bid for a lot; one where nobody says more.
    pub fn min_bidders(&self) -> u32 {
        self.count("min_bidders").unwrap_or(1).max(1)
    }

    /// The share of the bidders that win.
    pub fn winners_share(&self) -> Option<Decimal> {
        self.rate("winners_share")
    }

    /// How often each may bid for a lot.
    pub fn bids_per_bidder(&self) -> Option<u32> {
        self.count("bids_per_bidder")
    }

    /// Share of base price × quantity that the deposit is; all of it where nobody says so.
    pub fn deposit_rate(&self) -> Option<Decimal> {
        self.rate("deposit_rate")
    }

    /// Seconds between the planned close and the timed bidding.
    pub fn final_wait_seconds(&self) -> Option<u32> {
        self.count("final_wait_seconds")
    }

    /// Seconds of timed bidding.
    pub fn final_bidding_seconds(&self) -> Option<u32> {
        self.count("final_bidding_seconds")
    }

    /// A bid in the last so many seconds moves the end so far behind it.
    pub fn soft_close_seconds(&self) -> Option<u32> {
        self.count("soft_close_seconds")
    }
}

fn is_of_ascending(name: &str) -> bool {
    ASCENDING_ONLY.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Refusal;
    use crate::kernel::ids::RulebookId;
    use crate::rulebook::{Rule, hubei};

    fn rulebook(changes: &[(&str, Option<&str>)]) -> Rulebook {
        let mut rules = hubei::rules();
        for (name, value) in changes {
            rules.insert((*name).to_owned(), Rule { value: value.map(str::to_owned), legal_basis: None });
        }
        Rulebook {
            id: RulebookId::fresh(),
            jurisdiction: "420000".to_owned(),
            version: 1,
            effective_from: "2016-12-01".parse().unwrap(),
            rules,
        }
    }

    fn freeze(book: &Rulebook, format: Format, own: &[(&str, &str)]) -> Result<AuctionRules, Vec<String>> {
        let own: Vec<_> = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let codes = |broken: Vec<AuctionRefusal>| broken.iter().map(|one| one.violation().code.into_owned()).collect();
        AuctionRules::freeze(book, format, &own).map_err(codes)
    }

    #[test]
    fn in_hubei_only_the_bidders_and_the_deposit_are_ruled() {
        let rules = freeze(&rulebook(&[]), Format::Ascending, &[]).unwrap();
        assert_eq!((rules.min_bidders(), rules.deposit_rate()), (2, "0.30".parse().ok()));
        assert_eq!((rules.bid_step(), rules.winners_share(), rules.bids_per_bidder()), (None, None, None));
        assert_eq!((rules.final_wait_seconds(), rules.soft_close_seconds()), (None, None));
    }

    #[test]
    fn a_session_sets_what_is_open_and_says_so() {
        let rules = freeze(&rulebook(&[]), Format::Ascending, &[("bid_step", "50.00")]).unwrap();
        assert!(rules.0["bid_step"].is_own && !rules.0["min_bidders"].is_own);
        assert_eq!(rules.bid_step().map(Price::fen), Some(5_000));
        let all = [("min_bidders", "1"), ("ltv_cap", "0.5"), ("bid_step", "0"), ("final_wait_seconds", "240")];
        let broken = freeze(&rulebook(&[]), Format::Ascending, &all).unwrap_err();
        assert_eq!(
            broken,
            ["AUC_RULE_IS_SET", "AUC_NOT_AN_AUCTION_RULE", "AUC_BAD_RULE_VALUE", "AUC_FINAL_INCOMPLETE"]
        );
        let twice = [("bid_step", "50.00"), ("bid_step", "60.00")];
        assert_eq!(freeze(&rulebook(&[]), Format::Ascending, &twice).unwrap_err(), ["AUC_NOT_AN_AUCTION_RULE"]);
    }

    #[test]
    fn a_sealed_session_has_one_round_and_no_soft_close() {
        let book = rulebook(&[("soft_close_seconds", Some("10"))]);
        assert_eq!(freeze(&book, Format::Sealed, &[]).unwrap().soft_close_seconds(), None);
        assert_eq!(freeze(&book, Format::Ascending, &[]).unwrap().soft_close_seconds(), Some(10));
        let own = [("final_bidding_seconds", "60")];
        assert_eq!(freeze(&book, Format::Sealed, &own).unwrap_err(), ["AUC_FORMAT_MISMATCH"]);
    }
}
