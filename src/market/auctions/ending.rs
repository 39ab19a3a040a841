//! Letting go of what a lot and its bidders hold.

use super::commands::lot_journal;
use super::lot::{Lot, LotState, Registration};
use super::store;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::{self, AuctionLotId};
use crate::ledger::{self, money_of};
use accounting::recipes::{self, Held};
use accounting::{Journal, JournalKind, Posting, Subject, SubjectKind};

/// How a lot ends without winners.
#[derive(Debug, Clone)]
pub enum Ending {
    /// Nobody may have it.
    Failed,
    /// It is called off.
    Cancelled {
        /// Why.
        reason: Option<String>,
    },
}

/// Ends lots on offer, which the caller has locked: grams and deposits go back. The rows are saved and the journals given, which the
/// caller posts. Lots that are over already are passed over.
///
/// # Errors
/// A fault of the database.
pub async fn end_lots(work: &Work, lots: Vec<Lot>, how: &Ending) -> Result<Vec<Journal>, Failure> {
    let open: Vec<Lot> = lots.into_iter().filter(|lot| lot.state == LotState::Offered).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<AuctionLotId> = open.iter().map(|lot| lot.id).collect();
    let (mut ended, mut journals) = (Vec::with_capacity(open.len()), Vec::new());
    for lot in open {
        let (kind, lot, reason) = match how {
            Ending::Failed => (JournalKind::LotFailed, lot.fail()?, None),
            Ending::Cancelled { reason } => (JournalKind::LotCancelled, lot.cancel(reason.clone())?, reason.clone()),
        };
        let rights = Some((lot.stock(), lot.held()));
        let postings = recipes::void(lot.id.into(), &Held { rights, ..Held::default() })?;
        journals.push(lot_journal(work, kind, &lot, postings).because(reason));
        ended.push(lot);
    }
    let live = store::lock_registrations_of(work, &ids).await?.into_iter().filter(Registration::is_live);
    let mut released = Vec::new();
    for registration in live {
        let registration = registration.release()?;
        journals.push(release(work, JournalKind::BidderReleased, &registration)?);
        released.push(registration);
    }
    store::save_lots(work, &ended).await?;
    store::save_registrations(work, &released).await?;
    Ok(journals)
}

/// Calls off lots of what liens hold that are over: planned ones are taken out, and of those on offer the deposits go back.
///
/// # Errors
/// A fault of the database.
pub async fn call_off(work: &Work, ids: &[AuctionLotId], why: &str) -> Result<(), Failure> {
    let reason = Some(why.to_owned());
    let (planned, others): (Vec<Lot>, Vec<Lot>) =
        store::lock_lots(work, ids).await?.into_iter().partition(|lot| lot.state == LotState::Planned);
    let mut journals = end_lots(work, others, &Ending::Cancelled { reason: reason.clone() }).await?;
    let mut withdrawn = Vec::with_capacity(planned.len());
    for lot in planned {
        let lot = lot.remove(reason.clone())?;
        journals.push(lot_journal(work, JournalKind::LotWithdrawn, &lot, Vec::new()).because(reason.clone()));
        withdrawn.push(lot);
    }
    store::save_lots(work, &withdrawn).await?;
    if !journals.is_empty() {
        ledger::post(work, &journals).await?;
    }
    Ok(())
}

/// The journal by which the whole deposit of a registration goes back.
///
/// # Errors
/// A fault of ours in the postings.
pub fn release(work: &Work, kind: JournalKind, registration: &Registration) -> Result<Journal, Failure> {
    let money = Some((money_of(registration.bidder.organisation), registration.deposit.fen()));
    let postings = recipes::void(registration.id.into(), &Held { money, ..Held::default() })?;
    Ok(registration_journal(work, kind, registration, postings))
}

/// A journal about a registration.
pub fn registration_journal(
    work: &Work,
    kind: JournalKind,
    registration: &Registration,
    postings: Vec<Posting>,
) -> Journal {
    let id = registration.id.0;
    let subject = Subject { kind: SubjectKind::AuctionRegistration, id, version: registration.version };
    Journal::new(ids::fresh_journal(), kind, subject, work.today(), postings)
}
