//! What the rulebook says of pledges.

use super::rule::Rulebook;
use rust_decimal::Decimal;

impl Rulebook {
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

    /// Working days from the application for a pledge to its registration; none when nobody says so.
    pub fn pledge_processing_days(&self) -> Option<u32> {
        self.days("pledge_processing_days")
    }

    /// Working days in which a pledgor answers a margin call; without an end when nobody says so.
    pub fn margin_call_days(&self) -> Option<u32> {
        self.days("margin_call_days")
    }

    /// Whether a lien may be registered behind others on the same grams (后顺位).
    pub fn junior_liens(&self) -> bool {
        self.is_on("junior_liens")
    }

    /// Working days in which a default may be cured before anything is disposed of; none when nobody says so.
    pub fn pledge_cure_days(&self) -> Option<u32> {
        self.days("pledge_cure_days")
    }
}
