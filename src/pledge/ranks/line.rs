//! Junior liens in the line of those who wait for rights that others hold.

use super::{WaitCause, store};
use crate::db::Work;
use crate::db::work::Doing;
use crate::encumbrance::{Line, Taken, Waiting};
use crate::kernel::Failure;
use crate::kernel::ids::LienId;
use crate::ledger::holdings::accounts_of;
use crate::pledge::commands::{journal, stamp, tell};
use crate::pledge::pledge::Pledge;
use crate::pledge::store as pledges;
use accounting::{AccountKey, Holding, Journal, JournalKind, Posting, Purpose, SubjectId, recipes};

/// The junior liens.
#[derive(Debug)]
pub struct Juniors;

/// Locks the registered pledges that have a lien which waits on one of these stocks, in id order.
async fn lock_waiting(work: &Work, stocks: &[Holding]) -> Result<Vec<Pledge>, Failure> {
    let ids = store::waiting_on(work, stocks).await?;
    if ids.is_empty() { Ok(Vec::new()) } else { pledges::lock_registered(work, &ids).await }
}

impl Line for Juniors {
    fn waiting<'w>(&'w self, work: &'w Work, stocks: &'w [Holding]) -> Doing<'w, Vec<Waiting>> {
        Box::pin(async move {
            let mut found = Vec::new();
            for pledge in lock_waiting(work, stocks).await? {
                let Some(registration) = pledge.state.registration() else { continue };
                let here = pledge.liens.iter().filter(|lien| stocks.contains(&lien.stock()) && lien.waiting() > 0);
                found.extend(here.map(|lien| Waiting {
                    claimant: lien.id.into(),
                    stock: lien.stock(),
                    wanted: lien.waiting(),
                    since: registration.at,
                }));
            }
            Ok(found)
        })
    }

    fn take<'w>(&'w self, work: &'w mut Work, taken: &'w [Taken]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let ids: Vec<LienId> = taken.iter().map(|taken| LienId(taken.claimant.0)).collect();
            let (mut advanced, mut waits, mut journals) = (Vec::new(), Vec::new(), Vec::new());
            for before in pledges::lock_registered(work, &ids).await? {
                let at = stamp(work);
                let (mut after, mut postings): (Pledge, Vec<Posting>) = (before.clone().touched(at), Vec::new());
                for own in taken {
                    let lien = after.liens.iter_mut().find(|lien| SubjectId::from(lien.id) == own.claimant);
                    let Some(lien) = lien else { continue };
                    lien.waits_less(own.quantity.grams(), WaitCause::Advanced, at.at);
                    postings.extend(recipes::pledge(lien.stock(), own.claimant, own.quantity)?);
                }
                journals.push(journal(work.today(), JournalKind::LienAdvanced, &after, postings));
                waits.extend(after.new_waits(&before));
                advanced.push(after);
            }
            pledges::save(work, &advanced).await?;
            store::insert(work, &waits).await?;
            tell(work, "pledge.advanced", &advanced);
            Ok(journals)
        })
    }

    /// A lien ends with what it holds, by its notices.
    fn end_expired<'w>(&'w self, _: &'w mut Work, _: &'w [SubjectId]) -> Doing<'w, Vec<Journal>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn end_gone<'w>(&'w self, work: &'w mut Work, stocks: &'w [Holding]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let waiting = lock_waiting(work, stocks).await?;
            if waiting.is_empty() {
                return Ok(Vec::new());
            }
            let standing = accounts_of(work, stocks).await?;
            let (mut ended, mut waits, mut journals) = (Vec::new(), Vec::new(), Vec::new());
            for before in waiting {
                let at = stamp(work);
                let mut after = before.clone();
                for lien in after.liens.iter_mut().filter(|lien| stocks.contains(&lien.stock())) {
                    let left = held_by_others(&standing, lien.stock(), lien.id.into());
                    let gone = lien.waiting().saturating_sub(left);
                    lien.waits_less(gone, WaitCause::Ended, at.at);
                }
                let new = after.new_waits(&before);
                if new.is_empty() {
                    continue;
                }
                let after = after.touched(at);
                journals.push(journal(work.today(), JournalKind::LienWaitEnded, &after, Vec::new()));
                waits.extend(new);
                ended.push(after);
            }
            pledges::save(work, &ended).await?;
            store::insert(work, &waits).await?;
            tell(work, "pledge.wait_ended", &ended);
            Ok(journals)
        })
    }
}

/// Grams of a stock that liens and freezes other than this one hold.
fn held_by_others(standing: &[(AccountKey, i64)], stock: Holding, lien: SubjectId) -> i64 {
    let is_others = |account: &AccountKey| {
        let is_held = matches!(account.purpose, Purpose::Pledged | Purpose::Frozen);
        is_held && (account.owner, account.asset) == (stock.owner, stock.asset) && account.subject != Some(lien)
    };
    standing.iter().filter(|(account, _)| is_others(account)).map(|(_, grams)| grams).sum()
}
