//! May this buyer have what a pledgee disposes of?

use crate::eligibility::trade::{TradeCase, TradeRefusal, judge_terms};
use crate::rulebook::Rulebook;
use jiff::civil::Date;

/// Every rule of a buyer that stands today against a disposal. Of the pledgor nothing is asked: its suspension, its permit and its record keep
/// it from selling, and not its creditor from what it holds. The reserve buys where it buys back.
pub fn judge_purchase(case: &TradeCase, rulebook: &Rulebook, today: Date, is_buy_back: bool) -> Vec<TradeRefusal> {
    let (site, organisation) = &case.seller;
    let is_of_pledgor = |refusal: &TradeRefusal| match refusal {
        TradeRefusal::PartySuspended { name } => *name == organisation.name && *name != case.buyer.1.name,
        TradeRefusal::PermitNotInForce { site: name } => *name == site.name && *name != case.buyer.0.name,
        _ => false,
    };
    // The reserve discharges nothing: no boundary, no sector and no headroom binds what it holds.
    let is_of_enterprises = |refusal: &TradeRefusal| {
        use TradeRefusal::{
            AgricultureSector, BasinMismatch, CityMismatch, NoCap, NoHeadroom, PowerSector, ReserveCannotBuy,
            SurplusLeavesArea,
        };
        matches!(
            refusal,
            ReserveCannotBuy {}
                | NoCap { .. }
                | NoHeadroom { .. }
                | PowerSector {}
                | AgricultureSector {}
                | BasinMismatch { .. }
                | CityMismatch { .. }
                | SurplusLeavesArea {}
        )
    };
    let broken = judge_terms(case, rulebook, today).into_iter();
    broken.filter(|one| !(is_of_pledgor(one) || is_buy_back && is_of_enterprises(one))).collect()
}
