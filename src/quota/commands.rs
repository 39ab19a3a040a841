//! Granting rights: proposed by one, decided by another.

use super::allocation::{Allocation, AllocationState};
use super::judge::{class_for, judge, load_cases};
use super::store;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Outcome, Place, Rules};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AllocationId, SiteId};
use crate::ledger;
use crate::parties::{PartyRefusal, queries, reference};
use crate::rulebook;
use accounting::{Holding, Journal, JournalKind, Origin, Purpose, Quantity, Subject, SubjectKind, Validity, recipes};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;

/// The word of its decision in tasks, records and the rulebook.
pub const ACT: &str = "allocation";

/// A grant to propose.
#[derive(Debug, Clone)]
pub struct NewAllocation {
    /// To which site.
    pub site: SiteId,
    /// Of which pollutant.
    pub pollutant: String,
    /// Free or paid.
    pub origin: Origin,
    /// First and last day.
    pub validity: Validity,
    /// Basin or city; that of the site when absent. The reserve's holdings must name it.
    pub zone: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// Number of the document that grants it.
    pub document: String,
}

/// A decision on a proposed grant.
#[derive(Debug, Clone)]
pub struct AllocationDecision {
    /// Which.
    pub allocation: AllocationId,
    /// The version the decider saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// Proposes grants to sites in the caller's charge. Nothing moves yet, but everything is judged.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`] and every rule of
/// [`QuotaRefusal`] at once.
pub async fn propose(work: &mut Work, news: &[NewAllocation]) -> Result<Vec<Allocation>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let site_ids: Vec<SiteId> = news.iter().map(|new| new.site).collect();
    let sites = queries::known_sites(work.connection(), &site_ids).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let mut classes = Vec::with_capacity(news.len());
    for new in news {
        let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
        let pollutant = pollutants
            .get(&new.pollutant)
            .ok_or_else(|| PartyRefusal::UnknownPollutant { code: new.pollutant.clone() })?;
        classes.push(class_for(site, pollutant, new.origin, new.validity, new.zone.as_deref())?);
    }
    let records = reference::open_classes(work, &classes).await?;
    let mut allocations = Vec::with_capacity(news.len());
    for (new, class) in news.iter().zip(&classes) {
        let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
        let record = records.get(&class.code()).ok_or_else(|| Failure::bug("a class was not opened"))?;
        allocations.push(Allocation {
            id: AllocationId::fresh(),
            site: site.id,
            organisation: site.organisation,
            area_path: site.area_path.clone(),
            right_class: record.id,
            quantity: new.quantity,
            document: new.document.clone(),
            proposed_by: work.caller().user,
            proposed_at: work.now(),
            state: AllocationState::Proposed,
            rulebook: rulebook.id,
            batch: None,
            version: 1,
        });
    }
    let cases = load_cases(work, &allocations).await?;
    judge(work, &cases, &rulebook, &[]).await?;
    store::insert_allocations(work, &allocations).await?;
    let journals: Vec<Journal> = allocations
        .iter()
        .map(|allocation| journal(work.today(), JournalKind::AllocationProposed, allocation, Vec::new(), None))
        .collect();
    ledger::post(work, &journals).await?;
    decisions::open(work, &rulebook.rules_of(ACT), &allocations.iter().map(task).collect::<Vec<_>>()).await?;
    tell(work, "allocation.proposed", &allocations);
    Ok(allocations)
}

/// Confirms grants that somebody else proposed: the rights come into being and use the area's headroom.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`QuotaRefusal::AlreadyDecided`] and every rule of [`QuotaRefusal`], judged
/// again under the locks.
pub async fn confirm(work: &mut Work, wanted: &[AllocationDecision]) -> Result<Vec<Allocation>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let rules = rulebook.rules_of(ACT);
    let proposed = lock_proposed(work, wanted, &rules).await?;
    let proofs = prove(work, wanted).await?;
    let (by, at) = (work.caller().user, work.now());
    let mut active = Vec::with_capacity(proposed.len());
    for (allocation, decision) in proposed.into_iter().zip(wanted) {
        let confirmed = allocation.confirm(by, at, decision.grounds.reason.clone())?;
        active.push(Allocation { rulebook: rulebook.id, ..confirmed });
    }
    let cases = load_cases(work, &active).await?;
    let mut journals = Vec::with_capacity(active.len());
    for (((allocation, case), decision), proof) in active.iter().zip(&cases).zip(wanted).zip(&proofs) {
        let issued = ledger::book_side(allocation.right_class).account(Purpose::Issued);
        let stock = Holding { owner: allocation.site.into(), asset: allocation.right_class.into() };
        let area = case.capacity.filter(|_| !case.site.is_reserve);
        let postings = recipes::allocate(issued, stock, area, allocation.quantity)?;
        let reason = decision.grounds.reason.clone();
        let journal = journal(work.today(), JournalKind::AllocationConfirmed, allocation, postings, reason);
        journals.push(journal.proved_by(proof.clone()));
    }
    judge(work, &cases, &rulebook, &journals).await?;
    store::save_allocations(work, &active).await?;
    ledger::post(work, &journals).await?;
    record(work, &rules, &active, wanted, &journals, Outcome::Approved).await?;
    tell(work, "allocation.active", &active);
    Ok(active)
}

/// Rejects grants that somebody else proposed.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`QuotaRefusal::AlreadyDecided`].
pub async fn reject(work: &mut Work, wanted: &[AllocationDecision]) -> Result<Vec<Allocation>, Failure> {
    let rules = rulebook::in_force(work).await?.rules_of(ACT);
    let proposed = lock_proposed(work, wanted, &rules).await?;
    let proofs = prove(work, wanted).await?;
    let (by, at) = (work.caller().user, work.now());
    let mut rejected = Vec::with_capacity(proposed.len());
    let mut journals = Vec::with_capacity(proposed.len());
    for ((allocation, decision), proof) in proposed.into_iter().zip(wanted).zip(&proofs) {
        let allocation = allocation.reject(by, at, decision.grounds.reason.clone())?;
        let reason = decision.grounds.reason.clone();
        let journal = journal(work.today(), JournalKind::AllocationRejected, &allocation, Vec::new(), reason);
        journals.push(journal.proved_by(proof.clone()));
        rejected.push(allocation);
    }
    store::save_allocations(work, &rejected).await?;
    ledger::post(work, &journals).await?;
    record(work, &rules, &rejected, wanted, &journals, Outcome::Refused).await?;
    tell(work, "allocation.rejected", &rejected);
    Ok(rejected)
}

/// Locks the wanted grants, in the order wanted; hidden ones are not there, and nobody decides on their own.
async fn lock_proposed(work: &Work, wanted: &[AllocationDecision], rules: &Rules) -> Result<Vec<Allocation>, Failure> {
    let ids: Vec<AllocationId> = wanted.iter().map(|decision| decision.allocation).collect();
    let locked: HashMap<AllocationId, Allocation> =
        store::lock_allocations(work, &ids).await?.into_iter().map(|allocation| (allocation.id, allocation)).collect();
    let mut found = Vec::with_capacity(wanted.len());
    for decision in wanted {
        let visible = locked.get(&decision.allocation).filter(|allocation| work.caller().covers(&allocation.area_path));
        let allocation = visible.ok_or_else(|| not_found("allocation"))?;
        expect_version(decision.expected, allocation.version)?;
        found.push(allocation.clone());
    }
    let origins: Vec<decisions::Origin> = found
        .iter()
        .map(|allocation| decisions::Origin { by: allocation.proposed_by, at: allocation.proposed_at })
        .collect();
    decisions::four_eyes(work, rules, &origins).await?;
    Ok(found)
}

fn journal(
    today: Date,
    kind: JournalKind,
    allocation: &Allocation,
    postings: Vec<accounting::Posting>,
    reason: Option<String>,
) -> Journal {
    let subject = Subject { kind: SubjectKind::Allocation, id: allocation.id.0, version: allocation.version };
    Journal::new(ids::fresh_journal(), kind, subject, today, postings).because(reason)
}

fn task(allocation: &Allocation) -> NewTask {
    NewTask {
        act: ACT,
        subject_kind: SubjectKind::Allocation.as_str(),
        subject: allocation.id.0,
        place: Place::BureauOver(allocation.area_path.clone()),
        permission: Action::DecideAllocation,
        has_record: true,
    }
}

/// The hash of what each decision rests on.
async fn prove(work: &Work, wanted: &[AllocationDecision]) -> Result<Vec<Option<String>>, Failure> {
    documents::prove(work, &wanted.iter().map(|decision| &decision.grounds).collect::<Vec<_>>()).await
}

async fn record(
    work: &mut Work,
    rules: &Rules,
    allocations: &[Allocation],
    wanted: &[AllocationDecision],
    journals: &[Journal],
    outcome: Outcome,
) -> Result<(), Failure> {
    let subject_kind = SubjectKind::Allocation.as_str();
    let mut records = Vec::with_capacity(allocations.len());
    for ((allocation, decision), journal) in allocations.iter().zip(wanted).zip(journals) {
        let audiences = [Audience::Organisation(allocation.organisation), Audience::Area(allocation.area_path.clone())];
        documents::link(work, &decision.grounds, subject_kind, allocation.id.0, &audiences).await?;
        records.push(Decision {
            act: ACT,
            subject_kind,
            subject: allocation.id.0,
            outcome,
            proposed_by: allocation.proposed_by,
            reason: journal.reason.clone(),
            document_hash: journal.document_hash.clone(),
        });
    }
    decisions::decide(work, rules, &records).await
}

fn tell(work: &mut Work, kind: &'static str, allocations: &[Allocation]) {
    for allocation in allocations {
        work.tell(Event {
            kind,
            subject: allocation.id.0,
            payload: json!({ "site": allocation.site, "right_class": allocation.right_class, "grams": allocation.quantity.grams() }),
        });
    }
}
