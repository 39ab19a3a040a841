//! A shortfall that stays uncovered when its account is settled is an over-discharge. This is the one place where it becomes known beyond
//! the account: whoever excludes by it (质押、交易的排除情形:上年度超许可排放) hears of it here.

use super::year::ComplianceYear;
use crate::db::Work;
use crate::kernel::event::Event;
use serde_json::json;

/// Tells of an account that was settled with a part of its shortfall uncovered; of any other nothing.
pub fn tell(work: &mut Work, account: &ComplianceYear) {
    let uncovered = account.state.verified().map_or(0, super::year::Verified::uncovered);
    if uncovered > 0 {
        let payload = json!({
            "site": account.site, "organisation": account.organisation, "pollutant": account.pollutant,
            "year": account.year.number(), "uncovered_grams": uncovered,
        });
        work.tell(Event { kind: "compliance.over_discharged", subject: account.id.0, payload });
    }
}
