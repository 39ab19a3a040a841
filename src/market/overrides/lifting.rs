//! What overrides do for trades as they are judged. Whoever judges a trade holds the lock of the override that it rests on, so that no two
//! trades take the same grams and none goes on beside the end of its override.

use super::store;
use crate::db::Work;
use crate::eligibility::{Lift, TradeCase};
use crate::kernel::Failure;
use crate::kernel::ids::{SiteId, TradeOverrideId};
use crate::market::cases::Candidate;
use crate::market::trade::Trade;
use std::collections::HashMap;

/// Fills in what overrides in force do for trades that are thought of, offered or matched, each after those before it. Those that stay in
/// their zone cost nothing.
///
/// # Errors
/// A fault of the database.
pub async fn fill_lifts(work: &Work, candidates: &mut [Candidate]) -> Result<(), Failure> {
    let sites = |site: fn(&TradeCase) -> SiteId| -> Vec<SiteId> {
        let crossing = candidates.iter().filter(|one| one.case.crossed().is_some());
        crossing.map(|one| site(&one.case)).collect()
    };
    let (sellers, buyers) = (sites(|case| case.seller.0.id), sites(|case| case.buyer.0.id));
    if sellers.is_empty() {
        return Ok(());
    }
    let open = store::lock_open(work, &sellers, &buyers, work.today()).await?;
    let ids: Vec<TradeOverrideId> = open.iter().map(|one| one.id).collect();
    let mut taken: HashMap<TradeOverrideId, i64> = store::taken(work.connection(), &ids)
        .await?
        .into_iter()
        .map(|(id, taken)| (id, taken.committed.saturating_add(taken.consumed)))
        .collect();
    for Candidate { case, stock, .. } in candidates.iter_mut().filter(|one| one.case.crossed().is_some()) {
        let mut found = open.iter().filter(|one| one.is_for(case.seller.0.id, case.buyer.0.id, stock.asset));
        case.lift = found.find_map(|one| one.lift(work.today(), *taken.entry(one.id).or_insert(0)));
        if let Some(lifted) = case.lifted() {
            let taken = taken.entry(lifted.by).or_insert(0);
            *taken = taken.saturating_add(case.quantity.grams());
        }
    }
    Ok(())
}

/// Fills in what overrides do for trades that rest on them already: as much as each has taken, as long as the override is in force.
///
/// # Errors
/// A fault of the database.
pub async fn fill_standing(work: &Work, candidates: &mut [Candidate], trades: &[Trade]) -> Result<(), Failure> {
    let ids: Vec<TradeOverrideId> = trades.iter().filter_map(|trade| trade.lifted).map(|lifted| lifted.by).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let locked = store::lock(work, &ids).await?;
    for (candidate, trade) in candidates.iter_mut().zip(trades) {
        let stands =
            trade.lifted.filter(|lifted| locked.iter().any(|one| one.id == lifted.by && one.is_in_force(work.today())));
        candidate.case.lift = stands.map(|lifted| Lift { lifted, left: trade.quantity.grams() });
    }
    Ok(())
}
