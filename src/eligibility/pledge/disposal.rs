//! May a pledgee put this up, and may this buyer have it?

use crate::eligibility::trade::{TradeCase, TradeRefusal, judge_sale, judge_terms, without_sellers_record};
use crate::rulebook::Rulebook;
use jiff::civil::Date;

/// Every rule that stands today against putting what is pledged up for whoever comes, after a default: the right and its price are judged. Of
/// the pledgor nothing is asked, as in [`judge_purchase`].
pub fn judge_offer(case: &TradeCase, rulebook: &Rulebook, today: Date) -> Vec<TradeRefusal> {
    let mut broken = without_sellers_record(case, |known| judge_sale(known, rulebook, today));
    broken.retain(|one| !matches!(one, TradeRefusal::PartySuspended { .. } | TradeRefusal::PermitNotInForce { .. }));
    broken
}

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
