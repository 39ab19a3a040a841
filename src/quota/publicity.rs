//! What the rules ask for between the proposal of a grant and its effect: publicity, and the usage fee. What they leave null is
//! skipped, and the grant shows that it was. How what is laid open is objected to.

use super::allocation::{AllocationState, UsageFee};
use super::error::QuotaRefusal;
use super::judge::Case;
use super::{batches, store};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::calendar;
use crate::kernel::Failure;
use crate::kernel::ids::{AllocationBatchId, AllocationId, UserId};
use crate::objections::{self, About, LaidOpen, Objection, Open};
use crate::rulebook::Rulebook;
use accounting::{Money, Origin};
use jiff::civil::Date;
use uuid::Uuid;

/// The last day of a publicity that begins today; none where no rule asks for one.
///
/// # Errors
/// A fault of the database.
pub async fn last_day(work: &Work, rulebook: &Rulebook) -> Result<Option<Date>, Failure> {
    let Some(days) = rulebook.allocation_publicity_days() else { return Ok(None) };
    Ok(calendar::from(work, work.today()).await?.working_days_after(work.today(), days))
}

/// Whether rights of this origin wait for a usage fee. The reserve pays none to itself.
pub fn waits_for_fee(rulebook: &Rulebook, origin: Origin, is_reserve: bool) -> bool {
    origin == Origin::Paid && !is_reserve && rulebook.usage_fee().is_some()
}

/// The usage fee of a grant, where the rules ask for one.
///
/// # Errors
/// A fee that the books cannot count.
pub fn fee_of(rulebook: &Rulebook, case: &Case) -> Result<Option<UsageFee>, Failure> {
    let is_due = waits_for_fee(rulebook, case.class.origin, case.recipient.site.is_reserve);
    let Some(price) = rulebook.usage_fee().filter(|_| is_due) else { return Ok(None) };
    let total = price.times(case.quantity, &case.pollutant.measure).map_err(Failure::bug)?;
    let fee = UsageFee { total, paid: Money::default(), instalments: rulebook.usage_fee_instalments() };
    Ok((!total.is_zero()).then_some(fee))
}

/// Refuses to go on while an objection to one of these grants or batches waits for its answer, or was upheld.
///
/// # Errors
/// [`QuotaRefusal::ObjectionOpen`], [`QuotaRefusal::ObjectionUpheld`].
pub async fn expect_answered(work: &Work, subjects: &[Uuid]) -> Result<(), Failure> {
    let waiting = objections::in_the_way(work, subjects).await?;
    let mut broken = Vec::new();
    if waiting.open > 0 {
        broken.push(QuotaRefusal::ObjectionOpen { count: waiting.open.to_string() });
    }
    if waiting.upheld > 0 {
        broken.push(QuotaRefusal::ObjectionUpheld { count: waiting.upheld.to_string() });
    }
    Failure::all(&broken)
}

/// The grants and batches that are laid open.
#[derive(Debug)]
pub struct Grants;

impl LaidOpen for Grants {
    fn kinds(&self) -> &'static [About] {
        &[About::Allocation, About::AllocationBatch]
    }

    fn lock<'w>(&'w self, work: &'w Work, about: About, id: Uuid) -> Doing<'w, Option<Open>> {
        Box::pin(async move {
            match about {
                About::AllocationBatch => lock_batch(work, AllocationBatchId(id)).await,
                _ => lock_grant(work, AllocationId(id)).await,
            }
        })
    }

    /// Nobody has approved what is still laid open, but an officer has proposed it.
    fn approved_by<'w>(&'w self, work: &'w Work, objection: &'w Objection) -> Doing<'w, Vec<UserId>> {
        Box::pin(async move {
            let batch = match objection.about {
                About::AllocationBatch => {
                    batches::store::find(work.connection(), AllocationBatchId(objection.subject)).await?
                }
                _ => None,
            };
            let grants = store::lock_allocations(work, &[AllocationId(objection.subject)]).await?;
            let proposers = grants.into_iter().map(|grant| grant.proposed_by);
            Ok(proposers.chain(batch.map(|batch| batch.proposed_by)).collect())
        })
    }

    /// A grant waits by itself: it is confirmed by a command that looks for objections.
    fn raised<'w>(&'w self, _: &'w mut Work, _: &'w Objection) -> Doing<'w, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Whether it is confirmed or turned down is the head's to say.
    fn answered<'w>(&'w self, _: &'w mut Work, _: &'w Objection) -> Doing<'w, ()> {
        Box::pin(async { Ok(()) })
    }
}

async fn lock_grant(work: &Work, id: AllocationId) -> Result<Option<Open>, Failure> {
    let found = store::lock_allocations(work, &[id]).await?.pop().filter(|allocation| allocation.batch.is_none());
    Ok(found.and_then(|allocation| match allocation.state {
        AllocationState::Proposed { publicised_until: Some(until) } => Some(Open {
            party: Some(allocation.organisation),
            counterparty: None,
            area_path: allocation.area_path,
            until,
        }),
        _ => None,
    }))
}

async fn lock_batch(work: &Work, id: AllocationBatchId) -> Result<Option<Open>, Failure> {
    let found = batches::store::lock(work, id).await?;
    Ok(found.and_then(|batch| {
        let until = batch.publicised_until()?;
        Some(Open { party: None, counterparty: None, area_path: batch.area_path, until })
    }))
}
