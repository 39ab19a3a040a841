//! Comparing permits with rights: site after site in a run, and for a sale or a pledge at the moment it is judged.

use super::mismatch::{Difference, Mismatch, differences, turned};
use super::store;
use crate::access::{Action, Caller, Role};
use crate::db::{Db, Work};
use crate::kernel::event::Event;
use crate::kernel::ids::SiteId;
use crate::kernel::{Failure, Progress};
use crate::ledger::owned::rights_of;
use crate::operations::{Doing, LongWork, Operation};
use crate::parties::queries;
use crate::rulebook::kind::Mismatch as Leads;
use crate::rulebook::{self, Rulebook};
use accounting::RightClass;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Sites that are compared in one work: it commits within a blink, and a sale at one of them waits no longer.
const BATCH: u64 = 200;

/// What a run is asked to compare.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Asked {
    /// Path of an area: it and what lies below; the whole book when absent.
    pub area: Option<String>,
}

/// What a run has compared and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Sites compared.
    pub sites: u64,
    /// Mismatches of these sites that are open now.
    pub open: u64,
    /// Of these, those that are new.
    pub new: u64,
    /// Those that are gone.
    pub ended: u64,
}

/// The work of comparing permits with rights. A run that is begun again finds what was written as it is, and goes on.
#[derive(Debug)]
pub struct PermitReconciliation;

impl LongWork for PermitReconciliation {
    fn kind(&self) -> &'static str {
        "permit_reconciliation"
    }

    fn run<'w>(&'w self, db: &'w Db, operation: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            let asked: Option<Asked> = serde_json::from_value(operation.input.clone()).map_err(Failure::bug)?;
            let found = compare_all(db, asked.unwrap_or_default(), progress).await?;
            let Found { sites, open, new, ended } = found;
            tracing::info!(operation = %operation.id, sites, open, new, ended, "Permits were compared with rights");
            serde_json::to_value(found).map_err(Failure::bug)
        })
    }
}

async fn compare_all(db: &Db, asked: Asked, progress: &Progress) -> Result<Found, Failure> {
    let server = Caller { roles: vec![Role::Auditor], ..Caller::nobody() }.may(Action::Audit)?;
    progress.expect(queries::count_discharging(db.reader(), asked.area.as_deref()).await?);
    let (mut after, mut found) = (None, Found::default());
    loop {
        let wanted = (asked.area.clone(), after);
        let (last, part) = db
            .run(&server, &wanted, |work, (area, after)| Box::pin(compare_some(work, area.as_deref(), *after)))
            .await?;
        found = Found {
            sites: found.sites + part.sites,
            open: found.open + part.open,
            new: found.new + part.new,
            ended: found.ended + part.ended,
        };
        progress.advance(part.sites);
        if part.sites < BATCH {
            return Ok(found);
        }
        after = last;
    }
}

async fn compare_some(
    work: &mut Work,
    area: Option<&str>,
    after: Option<SiteId>,
) -> Result<(Option<SiteId>, Found), Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let sites = queries::discharging_after(work.connection(), area, after, BATCH).await?;
    let ids: Vec<SiteId> = sites.iter().map(|site| site.id).collect();
    queries::lock_sites(work, &ids).await?;
    let mut differences = differences_of(work, &ids, &rulebook).await?;
    let mut open: HashMap<SiteId, Vec<Mismatch>> = HashMap::new();
    for mismatch in store::open_of(work, &ids).await? {
        open.entry(mismatch.site).or_default().push(mismatch);
    }
    let mut found = Found { sites: u64::try_from(sites.len()).map_err(Failure::bug)?, ..Found::default() };
    let mut changed = Vec::new();
    for site in &sites {
        let found_here = differences.remove(&site.id).unwrap_or_default();
        found.open += u64::try_from(found_here.len()).map_err(Failure::bug)?;
        changed.extend(turned(site, open.remove(&site.id).unwrap_or_default(), found_here, work.now()));
    }
    for mismatch in &changed {
        let kind = match (mismatch.ended_at, mismatch.version) {
            (Some(_), _) => "permit.mismatch_ended",
            (None, 1) => "permit.mismatch_found",
            (None, _) => continue,
        };
        found.new += u64::from(mismatch.ended_at.is_none());
        found.ended += u64::from(mismatch.ended_at.is_some());
        let payload = json!({ "site": mismatch.site, "pollutant": mismatch.difference.pollutant });
        work.tell(Event { kind, subject: mismatch.id.0, payload });
    }
    store::save(work, changed).await?;
    Ok((ids.last().copied(), found))
}

/// How permits and rights of sites differ today, as both registers stand.
async fn differences_of(
    work: &Work,
    sites: &[SiteId],
    rulebook: &Rulebook,
) -> Result<HashMap<SiteId, Vec<Difference>>, Failure> {
    let permits = queries::permits_of(work.connection(), sites).await?;
    let rights = rights_by_site(work, sites).await?;
    let of_site = |id: &SiteId| {
        let (permits, rights) = (permits.get(id).map(Vec::as_slice), rights.get(id).map(Vec::as_slice));
        let is_compared = |pollutant: &str| rulebook.is_traded(pollutant);
        (*id, differences(permits.unwrap_or_default(), rights.unwrap_or_default(), is_compared, work.today()))
    };
    Ok(sites.iter().map(of_site).collect())
}

/// The rights that sites own, wherever they stand.
///
/// # Errors
/// A fault of the database.
pub async fn rights_by_site(work: &Work, sites: &[SiteId]) -> Result<HashMap<SiteId, Vec<(RightClass, i64)>>, Failure> {
    let mut rights: HashMap<SiteId, Vec<(RightClass, i64)>> = HashMap::new();
    for owned in rights_of(work, &sites.iter().map(|id| id.0).collect::<Vec<_>>()).await? {
        let class = RightClass::parse(&owned.right_class).map_err(Failure::bug)?;
        rights.entry(SiteId(owned.owner.0)).or_default().push((class, owned.grams));
    }
    Ok(rights)
}

/// Sites and pollutants of which a permit allows more than there are rights for, where the rules block sale and pledge for it; none
/// where they do not. The sites are locked, so that two sales of one seller follow each other.
///
/// # Errors
/// A fault of the database.
pub async fn blocked(work: &Work, sites: &[SiteId], rulebook: &Rulebook) -> Result<HashSet<(SiteId, String)>, Failure> {
    if rulebook.permit_mismatch() != Some(Leads::Block) || sites.is_empty() {
        return Ok(HashSet::new());
    }
    queries::lock_sites(work, sites).await?;
    let found = differences_of(work, sites, rulebook).await?;
    let excess = found.into_iter().flat_map(|(site, differences)| {
        let excess = differences.into_iter().filter(Difference::is_excess);
        excess.map(move |difference| (site, difference.pollutant))
    });
    Ok(excess.collect())
}
