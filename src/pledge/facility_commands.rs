//! Offering credit facilities, answering one's part, taking a part back, and closing a facility.

use super::error::PledgeRefusal;
use super::facility::{Facility, Part, PartState, store};
use crate::db::Work;
use crate::http::Fields;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, FacilityId, OrganisationId};
use crate::ledger;
use crate::parties::{OrganisationKind, PartyRefusal, queries};
use accounting::{Journal, JournalKind, Money, Subject, SubjectKind};
use serde_json::json;
use std::collections::HashSet;

/// A facility to offer.
#[derive(Debug, Clone)]
pub struct NewFacility {
    /// Its name.
    pub name: String,
    /// The most that each enterprise may have drawn at a time.
    pub limits: Vec<(OrganisationId, Money)>,
}

/// An act on a facility.
#[derive(Debug, Clone, Copy)]
pub struct FacilityAct {
    /// Which one.
    pub facility: FacilityId,
    /// The version the actor saw.
    pub expected: Option<i64>,
}

/// What the pledgee takes back before it is answered.
#[derive(Debug, Clone, Copy)]
pub struct PartWithdrawal {
    /// Of which facility.
    pub act: FacilityAct,
    /// Whose part.
    pub organisation: OrganisationId,
}

/// Offers facilities on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::SuspendedOrganisation`], [`PledgeRefusal::NotAnEnterprise`],
/// [`PledgeRefusal::PartNamedTwice`], all at once.
pub async fn offer(work: &mut Work, news: &[NewFacility]) -> Result<Vec<Facility>, Failure> {
    let ids: Vec<OrganisationId> = news.iter().flat_map(|new| new.limits.iter().map(|(id, _)| *id)).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    let mut fields = Fields::default();
    let mut offered = Vec::with_capacity(news.len());
    for new in news {
        let mut named = HashSet::new();
        let mut parts = Vec::with_capacity(new.limits.len());
        for (at, (id, sub_limit)) in new.limits.iter().enumerate() {
            let place = format!("limits[{at}]");
            let known = organisations.get(id).ok_or(PartyRefusal::UnknownOrganisation {});
            let Some(enterprise) = fields.take(&place, known) else {
                continue;
            };
            let (name, area_path) = (enterprise.name.clone(), enterprise.area_path.clone());
            if enterprise.kind != OrganisationKind::Enterprise {
                fields.take::<(), _>(&place, Err(PledgeRefusal::NotAnEnterprise { name: name.clone() }));
            }
            if !enterprise.is_active() {
                fields.take::<(), _>(&place, Err(PartyRefusal::SuspendedOrganisation { name: name.clone() }));
            }
            if !named.insert(*id) {
                fields.take::<(), _>(&place, Err(PledgeRefusal::PartNamedTwice { name }));
            }
            parts.push(Part { organisation: *id, area_path, sub_limit: *sub_limit, state: PartState::Offered });
        }
        offered.push(Facility {
            id: FacilityId::fresh(),
            name: new.name.clone(),
            pledgee: work.caller().organisation,
            parts,
            offered_by: work.caller().user,
            offered_at: work.now(),
            closed_at: None,
            journal: ids::fresh_journal(),
            version: 1,
        });
    }
    let offered = fields.finish(Some(offered))?;
    finish(work, JournalKind::FacilityOffered, "facility.offered", offered).await
}

/// Accepts the parts of the caller's enterprise, each once.
///
/// # Errors
/// [`PledgeRefusal::PartAccepted`], [`PledgeRefusal::PartOver`]; hidden when the caller may not know of it.
pub async fn accept(work: &mut Work, acts: &[FacilityAct]) -> Result<Vec<Facility>, Failure> {
    let (by, now) = (work.caller().organisation, work.now());
    let accepted = changed(work, acts, |_, facility| Ok(facility.accept(by, now, ids::fresh_journal())?)).await?;
    finish(work, JournalKind::FacilityAccepted, "facility.accepted", accepted).await
}

/// Declines the parts of the caller's enterprise, each before it is accepted.
///
/// # Errors
/// [`PledgeRefusal::PartAccepted`], [`PledgeRefusal::PartOver`]; hidden when the caller may not know of it.
pub async fn decline(work: &mut Work, acts: &[FacilityAct]) -> Result<Vec<Facility>, Failure> {
    let (by, now) = (work.caller().organisation, work.now());
    let declined = changed(work, acts, |_, facility| Ok(facility.decline(by, now, ids::fresh_journal())?)).await?;
    finish(work, JournalKind::FacilityDeclined, "facility.declined", declined).await
}

/// Takes parts back on behalf of the caller's bank or guarantor, each before it is accepted.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::NoSuchPart`], [`PledgeRefusal::PartAccepted`], [`PledgeRefusal::PartOver`];
/// hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, wanted: &[PartWithdrawal]) -> Result<Vec<Facility>, Failure> {
    let acts: Vec<FacilityAct> = wanted.iter().map(|withdrawal| withdrawal.act).collect();
    let (by, now) = (work.caller().organisation, work.now());
    let withdrawn = changed(work, &acts, |at, facility| {
        expect_lender(&facility, by)?;
        Ok(facility.withdraw(wanted[at].organisation, now, ids::fresh_journal())?)
    });
    let withdrawn = withdrawn.await?;
    finish(work, JournalKind::FacilityPartWithdrawn, "facility.part_withdrawn", withdrawn).await
}

/// Closes facilities of the caller's bank or guarantor: nothing more is drawn, and the pledges under them stand as they are.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::FacilityOver`]; hidden when the caller may not know of it.
pub async fn close(work: &mut Work, acts: &[FacilityAct]) -> Result<Vec<Facility>, Failure> {
    let (by, now) = (work.caller().organisation, work.now());
    let closed = changed(work, acts, |_, facility| {
        expect_lender(&facility, by)?;
        Ok(facility.close(now, ids::fresh_journal())?)
    });
    let closed = closed.await?;
    finish(work, JournalKind::FacilityClosed, "facility.closed", closed).await
}

fn expect_lender(facility: &Facility, by: OrganisationId) -> Result<(), PledgeRefusal> {
    if facility.pledgee == by { Ok(()) } else { Err(PledgeRefusal::NotThePledgee {}) }
}

/// Facilities that the caller may know of, locked, each after its act; the same one may be acted on twice.
async fn changed(
    work: &Work,
    acts: &[FacilityAct],
    step: impl Fn(usize, Facility) -> Result<Facility, Failure>,
) -> Result<Vec<Facility>, Failure> {
    let ids: Vec<FacilityId> = acts.iter().map(|act| act.facility).collect();
    let mut desk = store::lock_facilities(work, &ids).await?;
    let mut changed = Vec::with_capacity(acts.len());
    for (at, act) in acts.iter().enumerate() {
        let facility = desk.get(&act.facility).filter(|facility| facility.is_visible_to(work.caller()));
        let facility = facility.ok_or_else(|| not_found("facility"))?.clone();
        expect_version(act.expected, facility.version)?;
        let facility = step(at, facility)?;
        desk.insert(facility.id, facility.clone());
        changed.push(facility);
    }
    Ok(changed)
}

async fn finish(
    work: &mut Work,
    kind: JournalKind,
    event: &'static str,
    facilities: Vec<Facility>,
) -> Result<Vec<Facility>, Failure> {
    let journals: Vec<Journal> = facilities
        .iter()
        .map(|facility| {
            let subject = Subject { kind: SubjectKind::Facility, id: facility.id.0, version: facility.version };
            Journal::new(facility.journal, kind, subject, work.today(), Vec::new())
        })
        .collect();
    store::save_facilities(work, &facilities).await?;
    ledger::post(work, &journals).await?;
    let by = work.caller().organisation;
    for facility in &facilities {
        work.tell(Event {
            kind: event,
            subject: facility.id.0,
            payload: json!({ "pledgee": facility.pledgee, "by": by, "version": facility.version }),
        });
    }
    Ok(facilities)
}
