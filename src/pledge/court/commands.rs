//! Recording that a court has ordered a release.

use super::{CourtRelease, store};
use crate::db::Work;
use crate::encumbrance::Binders;
use crate::kernel::Failure;
use crate::kernel::ids::{CourtReleaseId, FacilityId, LienId};
use crate::pledge::amendments::change::{NewAmendment, ThingWish};
use crate::pledge::amendments::commands as amendments;
use crate::pledge::commands::{Act, lock, seen};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::facility::{self, Facility};
use crate::pledge::lien_commands::{Released, lock_facilities};
use crate::pledge::pledge::Pledge;
use crate::rulebook;
use accounting::{JournalKind, Quantity};
use jiff::civil::Date;
use std::collections::HashMap;

/// What a court has ordered of a pledge.
#[derive(Debug, Clone)]
pub struct CourtOrder {
    /// Of which pledge.
    pub act: Act,
    /// Which court.
    pub court: String,
    /// Number of its document.
    pub document: String,
    /// The date of the document.
    pub dated_on: Date,
    /// Why, in the court's words.
    pub ground: String,
    /// The liens of which something is released; none where the whole pledge is.
    pub parts: Vec<OrderedPart>,
}

/// A lien of which a court has ordered something released.
#[derive(Debug, Clone, Copy)]
pub struct OrderedPart {
    /// Which.
    pub lien: LienId,
    /// How much; all that it claims when absent.
    pub quantity: Option<Quantity>,
}

/// Releases a pledge by order of a court, or a part of it, as its pledgee would: what it lets go goes to whoever waits for it, and what of it
/// is open ends with it. A part leaves what is owed and secured as it is.
///
/// # Errors
/// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::EnforcedAlready`], [`PledgeRefusal::WrongState`],
/// [`PledgeRefusal::CourtDocumentRecorded`], [`PledgeRefusal::CourtDocumentDay`], [`PledgeRefusal::NoSuchLien`],
/// [`PledgeRefusal::LienNamedTwice`], [`PledgeRefusal::MoreThanHeld`], [`PledgeRefusal::WholeReleased`]; not found.
pub async fn release(work: &mut Work, binders: Binders, order: &CourtOrder) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let known = amendments::known(work, &[order.act]).await?;
    let facilities = lock_facilities(work, &known).await?;
    let desk = lock(work, &[order.act]).await?;
    let before = seen(&desk, work.caller(), order.act)?;
    judge(order, &before, work.today())?;
    let why = format!("{} {}：{}", order.court, order.document, order.ground);
    let after = if order.parts.is_empty() {
        release_whole(work, binders, &before, facilities, &why).await?
    } else {
        let new = part(order, &before, why)?;
        amendments::release_ordered(work, binders, &rulebook, (&before, &new), facilities).await?
    };
    let mut released = Vec::with_capacity(after.len());
    for pledge in after {
        let row = recorded(work, order, &pledge);
        store::insert(work, std::slice::from_ref(&row)).await?;
        released.push(pledge.with_court_release(row));
    }
    Ok(released)
}

fn judge(order: &CourtOrder, pledge: &Pledge, today: Date) -> Result<(), PledgeRefusal> {
    pledge.expect_in_force()?;
    if pledge.is_ordered_by(&order.document) {
        return Err(PledgeRefusal::CourtDocumentRecorded { document: order.document.clone() });
    }
    if order.dated_on > today { Err(PledgeRefusal::CourtDocumentDay {}) } else { Ok(()) }
}

async fn release_whole(
    work: &mut Work,
    binders: Binders,
    before: &Pledge,
    mut facilities: HashMap<FacilityId, Facility>,
    why: &str,
) -> Result<Vec<Pledge>, Failure> {
    let mut released = Released::default();
    released.take(work, &mut facilities, before, JournalKind::PledgeReleasedByCourt)?;
    facility::store::save_parts(work, &facilities.into_values().collect::<Vec<_>>()).await?;
    released.because(why).save(work, binders).await
}

/// The next version of the terms: less is held, and everything else stays.
fn part(order: &CourtOrder, pledge: &Pledge, why: String) -> Result<NewAmendment, PledgeRefusal> {
    let wish = |part: &OrderedPart| {
        let lien = pledge.expect_lien(part.lien)?;
        let quantity = part.quantity.or_else(|| lien.claimed()).ok_or(PledgeRefusal::MoreThanHeld {})?;
        Ok(ThingWish { lien: part.lien, quantity: Some(quantity), secured: None, value: None })
    };
    Ok(NewAmendment {
        act: order.act,
        reason: why,
        principal: None,
        secured: None,
        debt_to: None,
        things: order.parts.iter().map(wish).collect::<Result<_, PledgeRefusal>>()?,
        rights: Vec::new(),
        appraised: None,
    })
}

fn recorded(work: &Work, order: &CourtOrder, pledge: &Pledge) -> CourtRelease {
    let last = pledge.amendments.last().filter(|_| !order.parts.is_empty());
    CourtRelease {
        id: CourtReleaseId::fresh(),
        pledge: pledge.id,
        court: order.court.clone(),
        document: order.document.clone(),
        dated_on: order.dated_on,
        ground: order.ground.clone(),
        amendment: last.map(|amendment| amendment.id),
        recorded_by: work.caller().user,
        recorded_at: work.now(),
        journal: pledge.journal,
    }
}
