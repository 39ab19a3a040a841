//! Freezes in the line of those who wait for rights that others hold.

use super::commands::journal;
use super::freeze::{Freeze, LiftCause};
use super::store;
use crate::db::Work;
use crate::db::work::Doing;
use crate::encumbrance::{Line, Taken, Waiting};
use crate::kernel::Failure;
use crate::ledger::holdings::accounts_of;
use accounting::{Holding, Journal, JournalKind, SubjectId, recipes};
use uuid::Uuid;

/// The freezes.
#[derive(Debug)]
pub struct Freezes;

impl Line for Freezes {
    fn waiting<'w>(&'w self, work: &'w Work, stocks: &'w [Holding]) -> Doing<'w, Vec<Waiting>> {
        Box::pin(async move {
            let open = store::lock_open_on(work, stocks, &[]).await?;
            let waiting = |freeze: Freeze| Waiting {
                claimant: freeze.id.into(),
                stock: freeze.stock(),
                wanted: freeze.wanted(),
                since: freeze.recorded_at,
            };
            Ok(open.into_iter().map(waiting).filter(|waiting| waiting.wanted > 0).collect())
        })
    }

    fn take<'w>(&'w self, work: &'w mut Work, taken: &'w [Taken]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let ids: Vec<Uuid> = taken.iter().map(|taken| taken.claimant.0).collect();
            let (mut changed, mut journals) = (Vec::new(), Vec::new());
            for freeze in store::lock(work, &ids).await? {
                let own = taken.iter().find(|taken| taken.claimant == SubjectId::from(freeze.id));
                let own = own.ok_or_else(|| Failure::bug("a freeze is served that did not wait"))?;
                let freeze = freeze.take(own.quantity.grams()).touched();
                let postings = recipes::freeze(freeze.stock(), own.claimant, own.quantity)?;
                journals.push(journal(work.today(), JournalKind::RightsFrozen, &freeze, postings));
                changed.push(freeze);
            }
            store::save(work, &changed).await?;
            Ok(journals)
        })
    }

    fn end_expired<'w>(&'w self, work: &'w mut Work, claimants: &'w [SubjectId]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let ids: Vec<Uuid> = claimants.iter().map(|claimant| claimant.0).collect();
            let open = store::lock(work, &ids).await?.into_iter().filter(store::is_open);
            end(work, open.collect()).await
        })
    }

    fn end_over<'w>(&'w self, work: &'w mut Work, stocks: &'w [Holding]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let open = store::lock_open_on(work, stocks, &[]).await?;
            let held = accounts_of(work, &open.iter().map(Freeze::stock).collect::<Vec<_>>()).await?;
            let is_held = |stock: Holding| {
                held.iter().any(|(account, _)| (account.owner, account.asset) == (stock.owner, stock.asset))
            };
            end(work, open.into_iter().filter(|freeze| !is_held(freeze.stock())).collect()).await
        })
    }
}

/// Ends open, locked freezes whose rights are over.
async fn end(work: &Work, freezes: Vec<Freeze>) -> Result<Vec<Journal>, Failure> {
    let (mut changed, mut journals) = (Vec::new(), Vec::new());
    for freeze in freezes {
        let freeze = freeze.run_out(LiftCause::RightsExpired, work.now())?;
        journals.push(journal(work.today(), JournalKind::FreezeLifted, &freeze, Vec::new()));
        changed.push(freeze);
    }
    store::save(work, &changed).await?;
    Ok(journals)
}
