//! Granting rights: proposed by one, decided by another.

use super::allocation::{Allocation, AllocationState, ForProject};
use super::batches::Ruling;
use super::error::QuotaRefusal;
use super::judge::{Case, class_for, judge, load_cases, place_of};
use super::{fees, publicity, store};
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, DecisionRefusal, Grounds, NewTask, Outcome, Place, Rules};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AllocationId, ProjectId, SiteId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger::{self, money_of};
use crate::parties::{PartyRefusal, Project, Site, queries, reference};
use crate::rulebook::{self, Rulebook};
use accounting::{
    AccountKey, Holding, Journal, JournalKind, Money, Origin, Purpose, Quantity, Subject, SubjectKind, Validity,
    recipes,
};
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
    /// The project that it is for.
    pub project: Option<ProjectId>,
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

/// Proposes grants to sites in the caller's charge. Nothing moves yet, but everything is judged; rules that the caller has found to be
/// broken already are told together with those that are found here.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`] and every rule of
/// [`QuotaRefusal`] at once.
pub async fn propose(
    work: &mut Work,
    news: &[NewAllocation],
    mut broken: Vec<Violation>,
) -> Result<Vec<Allocation>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let site_ids: Vec<SiteId> = news.iter().map(|new| new.site).collect();
    let sites = queries::known_sites(work.connection(), &site_ids).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let mut classes = Vec::with_capacity(news.len());
    for (at, new) in news.iter().enumerate() {
        let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
        let pollutant = pollutants
            .get(&new.pollutant)
            .ok_or_else(|| PartyRefusal::UnknownPollutant { code: new.pollutant.clone() })?;
        let class = |zone: Option<&str>| class_for(site, pollutant, new.origin, new.validity, zone);
        // With a wrong zone the rest is judged in the site's own.
        let judged = class(new.zone.as_deref()).or_else(|refusal| {
            broken.push(refusal.violation().within(&place_of(at, news.len())));
            class(None)
        });
        classes.push(judged?);
    }
    let records = reference::open_classes(work, &classes).await?;
    let project_ids: Vec<ProjectId> = news.iter().filter_map(|new| new.project).collect();
    let projects = queries::projects_by_id(work.connection(), &project_ids).await?;
    let mut allocations = Vec::with_capacity(news.len());
    for (at, (new, class)) in news.iter().zip(&classes).enumerate() {
        let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
        let project = new.project.map(|id| for_project(projects.get(&id), site, new, &rulebook)).transpose();
        let place = place_of(at, news.len());
        let project = project.map_err(|refusal| broken.push(refusal.violation().within(&place))).unwrap_or_default();
        let record = records.get(&class.code()).ok_or_else(|| Failure::bug("a class was not opened"))?;
        allocations.push(Allocation {
            id: AllocationId::fresh(),
            site: site.id,
            organisation: site.organisation,
            area_path: site.area_path.clone(),
            right_class: record.id,
            quantity: new.quantity,
            project,
            document: new.document.clone(),
            proposed_by: work.caller().user,
            proposed_at: work.now(),
            state: AllocationState::Proposed { publicised_until: None },
            laid_open_until: None,
            rulebook: rulebook.id,
            batch: None,
            fee: None,
            version: 1,
        });
    }
    let cases = load_cases(work, &allocations).await?;
    judge(work, &cases, &rulebook, &[], broken).await?;
    store::insert_allocations(work, &allocations).await?;
    let journals: Vec<Journal> = allocations
        .iter()
        .map(|allocation| journal(work.today(), JournalKind::AllocationProposed, allocation, Vec::new(), None))
        .collect();
    ledger::post(work, &journals).await?;
    let allocations = publicise(work, &rulebook, allocations).await?;
    decisions::open(work, &rulebook.rules_of(ACT), &allocations.iter().map(task).collect::<Vec<_>>()).await?;
    tell(work, "allocation.proposed", &allocations);
    Ok(allocations)
}

/// The project of a grant, with its own ratio or that of the rules.
///
/// # Errors
/// [`QuotaRefusal::ProjectMissing`] when the site has no such project, [`QuotaRefusal::NothingUsable`].
fn for_project(
    project: Option<&Project>,
    site: &Site,
    new: &NewAllocation,
    rulebook: &Rulebook,
) -> Result<ForProject, QuotaRefusal> {
    let project = project.filter(|project| project.site == site.id).ok_or(QuotaRefusal::ProjectMissing {})?;
    let of_rules = || rulebook.replacement_ratio(&site.area_path, &new.pollutant);
    let ratio = project.replacement_ratio.or_else(of_rules);
    match ratio.filter(|ratio| ratio.usable_of(new.quantity) == 0) {
        Some(ratio) => Err(QuotaRefusal::NothingUsable { ratio: ratio.to_string() }),
        None => Ok(ForProject { project: project.id, ratio }),
    }
}

/// Lays grants open to objections, where the rules ask for it.
async fn publicise(work: &mut Work, rulebook: &Rulebook, news: Vec<Allocation>) -> Result<Vec<Allocation>, Failure> {
    let Some(until) = publicity::last_day(work, rulebook).await? else { return Ok(news) };
    let open = news.into_iter().map(|allocation| allocation.publicise(until)).collect::<Result<Vec<_>, _>>()?;
    store::save_allocations(work, &open).await?;
    let journals: Vec<Journal> = open
        .iter()
        .map(|allocation| journal(work.today(), JournalKind::AllocationPublicised, allocation, Vec::new(), None))
        .collect();
    ledger::post(work, &journals).await?;
    tell(work, "allocation.publicised", &open);
    Ok(open)
}

/// Confirms grants that somebody else proposed: the rights come into being and use the area's headroom. Where the rules ask for a
/// usage fee, the headroom is held until it is paid.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`QuotaRefusal::AlreadyDecided`], [`QuotaRefusal::PublicityRunning`],
/// [`QuotaRefusal::ObjectionOpen`], [`QuotaRefusal::ObjectionUpheld`] and every rule of [`QuotaRefusal`], judged again under the
/// locks.
pub async fn confirm(work: &mut Work, wanted: &[AllocationDecision]) -> Result<Vec<Allocation>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let rules = rulebook.rules_of(ACT);
    let proposed = lock_wanted(work, wanted, &rules).await?;
    publicity::expect_answered(work, &proposed.iter().map(|allocation| allocation.id.0).collect::<Vec<_>>()).await?;
    let proofs = prove(work, wanted).await?;
    let cases = load_cases(work, &proposed).await?;
    let mut confirmed = Vec::with_capacity(proposed.len());
    let mut journals = Vec::with_capacity(proposed.len());
    for (((allocation, case), decision), proof) in proposed.into_iter().zip(&cases).zip(wanted).zip(&proofs) {
        let fee = publicity::fee_of(&rulebook, case)?;
        let allocation = allocation.confirm(ruling(work, decision), fee)?;
        let allocation = Allocation { rulebook: rulebook.id, ..allocation };
        let postings = granted(&allocation, case)?;
        let reason = decision.grounds.reason.clone();
        let journal = journal(work.today(), JournalKind::AllocationConfirmed, &allocation, postings, reason);
        journals.push(journal.proved_by(proof.clone()));
        confirmed.push(allocation);
    }
    judge(work, &cases, &rulebook, &journals, Vec::new()).await?;
    store::save_allocations(work, &confirmed).await?;
    ledger::post(work, &journals).await?;
    record(work, &rules, &confirmed, wanted, &journals, Outcome::Approved).await?;
    for allocation in &confirmed {
        let is_active = matches!(allocation.state, AllocationState::Active(_));
        let kind = if is_active { "allocation.active" } else { "allocation.confirmed" };
        tell(work, kind, std::slice::from_ref(allocation));
    }
    Ok(confirmed)
}

/// What moves when a grant is confirmed: its rights, or only the headroom that is held for it.
fn granted(allocation: &Allocation, case: &Case) -> recipes::Postings {
    match (&allocation.state, case.used_capacity()) {
        (AllocationState::Active(_), area) => {
            let granted = recipes::allocate(issued(allocation), stock(allocation), area, allocation.quantity)?;
            let excess = recipes::retire_excess(stock(allocation), area, allocation.excess())?;
            Ok([granted, excess].concat())
        }
        (_, Some(area)) => recipes::hold_headroom(area, allocation.id.into(), allocation.quantity),
        (_, None) => Ok(Vec::new()),
    }
}

/// The contra account of a grant's class.
pub(super) fn issued(allocation: &Allocation) -> AccountKey {
    ledger::book_side(allocation.right_class).account(Purpose::Issued)
}

/// The stock of the site that a grant is for.
pub(super) fn stock(allocation: &Allocation) -> Holding {
    Holding { owner: allocation.site.into(), asset: allocation.right_class.into() }
}

fn ruling(work: &Work, decision: &AllocationDecision) -> Ruling {
    Ruling { by: work.caller().user, at: work.now(), reason: decision.grounds.reason.clone() }
}

/// Rejects grants that somebody else proposed, or that nobody paid for in full: what is held of the headroom goes back, and what was paid of the
/// usage fee to whoever paid it.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], those of [`Allocation::reject`], and [`super::tenure::TenureRefusal::TreasuryShort`].
pub async fn reject(work: &mut Work, wanted: &[AllocationDecision]) -> Result<Vec<Allocation>, Failure> {
    let rules = rulebook::in_force(work).await?.rules_of(ACT);
    let locked = lock_wanted(work, wanted, &rules).await?;
    let proofs = prove(work, wanted).await?;
    let cases = load_cases(work, &locked).await?;
    let mut rejected = Vec::with_capacity(locked.len());
    let (mut journals, mut refunded) = (Vec::with_capacity(locked.len()), Money::default());
    for (((allocation, case), decision), proof) in locked.into_iter().zip(&cases).zip(wanted).zip(&proofs) {
        let held = matches!(allocation.state, AllocationState::Confirmed(_)).then_some(allocation.quantity.grams());
        let held = recipes::Held { headroom: case.used_capacity().zip(held), ..recipes::Held::default() };
        let mut postings = recipes::void(allocation.id.into(), &held)?;
        let (allocation, paid) = allocation.reject(ruling(work, decision))?;
        postings.extend(recipes::refund_usage_fee(money_of(allocation.organisation), fees::treasury(), paid)?);
        refunded = refunded.checked_add(paid).ok_or_else(|| Failure::bug("more fees than money can count"))?;
        let reason = decision.grounds.reason.clone();
        let journal = journal(work.today(), JournalKind::AllocationRejected, &allocation, postings, reason);
        journals.push(journal.proved_by(proof.clone()));
        rejected.push(allocation);
    }
    fees::give_back(work, &mut journals, refunded).await?;
    store::save_allocations(work, &rejected).await?;
    ledger::post(work, &journals).await?;
    record(work, &rules, &rejected, wanted, &journals, Outcome::Refused).await?;
    tell(work, "allocation.rejected", &rejected);
    Ok(rejected)
}

/// Takes one's own proposal back before anybody has decided on it; one that is laid open is not taken back without a reason.
///
/// # Errors
/// [`QuotaRefusal::NotYourProposal`], [`DecisionRefusal::ReasonMissing`] and those of [`Allocation::withdraw`].
pub async fn withdraw(
    work: &mut Work,
    id: AllocationId,
    expected: Option<i64>,
    reason: Option<String>,
) -> Result<Allocation, Failure> {
    let locked = store::lock_allocations(work, &[id]).await?.pop();
    let visible = locked.filter(|allocation| work.caller().covers(&allocation.area_path));
    let allocation = visible.ok_or_else(|| not_found("allocation"))?;
    expect_version(expected, allocation.version)?;
    if allocation.proposed_by != work.caller().user {
        return Err(QuotaRefusal::NotYourProposal {}.into());
    }
    if allocation.publicised_until().is_some() && reason.is_none() {
        return Err(DecisionRefusal::ReasonMissing {}.into());
    }
    let withdrawn = allocation.withdraw()?;
    store::save_allocations(work, std::slice::from_ref(&withdrawn)).await?;
    let journal = journal(work.today(), JournalKind::AllocationWithdrawn, &withdrawn, Vec::new(), reason);
    ledger::post(work, &[journal]).await?;
    decisions::drop_open(work, &[id.0]).await?;
    tell(work, "allocation.withdrawn", std::slice::from_ref(&withdrawn));
    Ok(withdrawn)
}

/// Locks the wanted grants, in the order wanted; hidden ones are not there, and nobody decides on their own.
async fn lock_wanted(work: &Work, wanted: &[AllocationDecision], rules: &Rules) -> Result<Vec<Allocation>, Failure> {
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

pub(super) fn journal(
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

pub(super) fn tell(work: &mut Work, kind: &'static str, allocations: &[Allocation]) {
    for allocation in allocations {
        work.tell(Event {
            kind,
            subject: allocation.id.0,
            payload: json!({ "site": allocation.site, "right_class": allocation.right_class, "grams": allocation.quantity.grams() }),
        });
    }
}
