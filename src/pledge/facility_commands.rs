//! Offering credit facilities, and accepting one's part.

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

/// The acceptance of a part.
#[derive(Debug, Clone, Copy)]
pub struct Acceptance {
    /// Of which facility.
    pub facility: FacilityId,
    /// The version the actor saw.
    pub expected: Option<i64>,
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
/// [`PledgeRefusal::PartAccepted`]; hidden when the caller may not know of it.
pub async fn accept(work: &mut Work, wanted: &[Acceptance]) -> Result<Vec<Facility>, Failure> {
    let ids: Vec<FacilityId> = wanted.iter().map(|acceptance| acceptance.facility).collect();
    let mut desk = store::lock_facilities(work, &ids).await?;
    let mut accepted = Vec::with_capacity(wanted.len());
    for acceptance in wanted {
        let facility = desk.get(&acceptance.facility).filter(|facility| facility.is_visible_to(work.caller()));
        let facility = facility.ok_or_else(|| not_found("facility"))?.clone();
        expect_version(acceptance.expected, facility.version)?;
        let facility = facility.accept(work.caller().organisation, work.now(), ids::fresh_journal())?;
        desk.insert(facility.id, facility.clone());
        accepted.push(facility);
    }
    finish(work, JournalKind::FacilityAccepted, "facility.accepted", accepted).await
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
