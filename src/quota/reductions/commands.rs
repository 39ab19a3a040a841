//! Applying for the registration of reductions, deciding on it, and taking it back.

use super::application::{ReductionApplication, ReductionState};
use super::store;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, DecisionRefusal, Grounds, NewTask, Outcome, Place};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, ReductionApplicationId, SiteId};
use crate::ledger;
use crate::parties::commands::{NewReduction, register_reductions};
use crate::parties::site::permitted_on;
use crate::parties::{PartyRefusal, Permit, Pollutant, Site, queries};
use crate::quota::batches::Ruling;
use crate::quota::error::QuotaRefusal;
use crate::quota::issue_number;
use crate::rulebook::{self, Rulebook};
use accounting::{Journal, JournalKind, Quantity, Subject, SubjectKind, decimal};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;

/// The word of the decision in tasks, records and the rulebook: that of a registration.
pub const ACT: &str = "reduction";
/// The kind of thing that it is, in tasks, records and links of documents.
pub(super) const KIND: &str = "reduction_application";
/// Its series of running numbers.
const SERIES: &str = "RD";

/// A reduction to apply for.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// At which site of the caller's organisation.
    pub site: SiteId,
    /// Of which pollutant.
    pub pollutant: String,
    /// How much, a year.
    pub quantity: Quantity,
    /// How it was reduced.
    pub statement: String,
    /// The documents that prove it.
    pub grounds: Grounds,
}

/// A decision on an application.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// Which.
    pub application: ReductionApplicationId,
    /// The version that the bureau saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// A registration of what was applied for, or of less.
#[derive(Debug, Clone)]
pub struct Registering {
    /// The decision.
    pub deciding: Deciding,
    /// Number of the document that verified it; that of the application when left out.
    pub document: Option<String>,
    /// How much; what was applied for when left out.
    pub quantity: Option<Quantity>,
}

/// Applies for the registration of reductions at sites of the caller's organisation: each waits for the bureau in charge.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`QuotaRefusal::NotYourSite`], [`DecisionRefusal::DocumentMissing`], [`QuotaRefusal::ReductionAppliedAlready`], and
/// every rule for what may have been reduced at once.
pub async fn apply(work: &mut Work, news: &[NewApplication]) -> Result<Vec<ReductionApplication>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let site_ids: Vec<SiteId> = news.iter().map(|new| new.site).collect();
    let sites = queries::known_sites(work.connection(), &site_ids).await?;
    let facts = Facts::load(work, &site_ids).await?;
    let proofs = documents::prove(work, &news.iter().map(|new| &new.grounds).collect::<Vec<_>>()).await?;
    let mut applications = Vec::with_capacity(news.len());
    for (new, proof) in news.iter().zip(proofs) {
        let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
        if site.organisation != work.caller().organisation {
            return Err(QuotaRefusal::NotYourSite {}.into());
        }
        facts.expect_possible(site.id, &new.pollutant, new.quantity, work.today())?;
        let document_hash = proof.ok_or(DecisionRefusal::DocumentMissing {})?;
        let number = issue_number(work, SERIES).await?;
        applications.push(application(work, &rulebook, new, site, number, document_hash));
    }
    store::insert(work, &applications).await?;
    for (application, new) in applications.iter().zip(news) {
        link(work, application, &new.grounds).await?;
    }
    post(work, JournalKind::ReductionApplied, &applications, None).await?;
    let tasks: Vec<NewTask> = applications.iter().map(task).collect();
    decisions::open(work, &rulebook.rules_of(ACT), &tasks).await?;
    Ok(applications)
}

fn application(
    work: &Work,
    rulebook: &Rulebook,
    new: &NewApplication,
    site: &Site,
    number: String,
    document_hash: String,
) -> ReductionApplication {
    ReductionApplication {
        id: ReductionApplicationId::fresh(),
        number,
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        pollutant: new.pollutant.clone(),
        quantity: new.quantity,
        statement: new.statement.clone(),
        document_hash,
        applied_by: work.caller().user,
        applied_at: work.now(),
        state: ReductionState::Submitted,
        rulebook: rulebook.id,
        version: 1,
    }
}

/// What a reduction is judged on.
struct Facts {
    permits: HashMap<SiteId, Vec<Permit>>,
    pollutants: HashMap<String, Pollutant>,
}

impl Facts {
    async fn load(work: &Work, sites: &[SiteId]) -> Result<Self, Failure> {
        let permits = queries::permits_of(work.connection(), sites).await?;
        Ok(Self { permits, pollutants: queries::pollutants(work.connection()).await? })
    }

    /// Whether so much of a pollutant can have been reduced at a site.
    fn expect_possible(&self, site: SiteId, code: &str, quantity: Quantity, today: Date) -> Result<(), Failure> {
        let unknown = || PartyRefusal::UnknownPollutant { code: code.to_owned() };
        let measure = &self.pollutants.get(code).ok_or_else(unknown)?.measure;
        let permits = self.permits.get(&site).map(Vec::as_slice).unwrap_or_default();
        let nothing = || QuotaRefusal::NothingToReduce { pollutant: code.to_owned() };
        let permitted = permitted_on(permits, code, today).ok_or_else(nothing)?;
        if quantity.grams() > permitted {
            let printed = decimal::print(permitted, measure.grams_per_unit, measure.decimals);
            return Err(QuotaRefusal::OverPermitted { permitted: format!("{printed} {}", measure.unit) }.into());
        }
        Ok(())
    }
}

/// Registers reductions that were applied for, as the bureau in charge; each is judged again.
///
/// # Errors
/// [`QuotaRefusal::OverApplication`], [`QuotaRefusal::ReductionState`], and what refuses a registration; hidden outside the caller's area.
pub async fn register(work: &mut Work, wanted: &[Registering]) -> Result<Vec<ReductionApplication>, Failure> {
    work.caller().may(Action::RegisterReduction)?;
    let rulebook = rulebook::in_force(work).await?;
    let locked = lock_in_charge(work, wanted.iter().map(|one| &one.deciding)).await?;
    let sites: Vec<SiteId> = locked.iter().map(|application| application.site).collect();
    let facts = Facts::load(work, &sites).await?;
    let mut registered = Vec::with_capacity(locked.len());
    for (application, registering) in locked.into_iter().zip(wanted) {
        application.expect_submitted()?;
        let quantity = registering.quantity.unwrap_or(application.quantity);
        facts.expect_no_more(&application, quantity)?;
        facts.expect_possible(application.site, &application.pollutant, quantity, work.today())?;
        let document = registering.document.clone().unwrap_or_else(|| application.number.clone());
        let (site, pollutant) = (application.site, application.pollutant.clone());
        let document_hash = Some(application.document_hash.clone());
        let new = NewReduction { site, pollutant, quantity, document, document_hash };
        let reduction = register_reductions(work, &[new]).await?.pop();
        let reduction = reduction.ok_or_else(|| Failure::bug("no reduction was registered"))?;
        let ruling = ruling(work, &registering.deciding.grounds);
        let application = application.register(reduction.id, ruling)?;
        registered.push(ReductionApplication { rulebook: rulebook.id, ..application });
    }
    let decided: Vec<&Deciding> = wanted.iter().map(|one| &one.deciding).collect();
    finish(work, &rulebook, JournalKind::ReductionRegistered, &registered, &decided, Outcome::Approved).await?;
    Ok(registered)
}

impl Facts {
    fn expect_no_more(&self, application: &ReductionApplication, quantity: Quantity) -> Result<(), Failure> {
        if quantity.grams() <= application.quantity.grams() {
            return Ok(());
        }
        let pollutant = self.pollutants.get(&application.pollutant);
        let measure = &pollutant.ok_or_else(|| Failure::bug("a reduction of an unknown pollutant"))?.measure;
        let applied = format!("{} {}", application.quantity.print(measure), measure.unit);
        Err(QuotaRefusal::OverApplication { applied }.into())
    }
}

/// Turns applications down, in writing, as the bureau in charge.
///
/// # Errors
/// [`DecisionRefusal::ReasonMissing`], [`QuotaRefusal::ReductionState`]; hidden outside the caller's area.
pub async fn refuse(work: &mut Work, wanted: &[Deciding]) -> Result<Vec<ReductionApplication>, Failure> {
    if wanted.iter().any(|deciding| deciding.grounds.reason.is_none()) {
        return Err(DecisionRefusal::ReasonMissing {}.into());
    }
    let rulebook = rulebook::in_force(work).await?;
    let mut refused = Vec::with_capacity(wanted.len());
    for (application, deciding) in lock_in_charge(work, wanted.iter()).await?.into_iter().zip(wanted) {
        let application = application.refuse(ruling(work, &deciding.grounds))?;
        refused.push(ReductionApplication { rulebook: rulebook.id, ..application });
    }
    let decided: Vec<&Deciding> = wanted.iter().collect();
    finish(work, &rulebook, JournalKind::ReductionRefused, &refused, &decided, Outcome::Refused).await?;
    Ok(refused)
}

/// Takes an application back before it is decided.
///
/// # Errors
/// [`QuotaRefusal::ReductionState`]; hidden when it is another organisation's.
pub async fn withdraw(
    work: &mut Work,
    id: ReductionApplicationId,
    expected: Option<i64>,
) -> Result<ReductionApplication, Failure> {
    let locked = store::lock(work, &[id]).await?.pop();
    let own = locked.filter(|application| application.organisation == work.caller().organisation);
    let application = own.ok_or_else(|| not_found("reduction application"))?;
    expect_version(expected, application.version)?;
    let withdrawn = application.withdraw()?;
    store::save(work, std::slice::from_ref(&withdrawn)).await?;
    post(work, JournalKind::ReductionWithdrawn, std::slice::from_ref(&withdrawn), None).await?;
    decisions::drop_open(work, &[id.0]).await?;
    Ok(withdrawn)
}

fn ruling(work: &Work, grounds: &Grounds) -> Ruling {
    Ruling { by: work.caller().user, at: work.now(), reason: grounds.reason.clone() }
}

/// Locks applications in the caller's area, in the order asked.
async fn lock_in_charge<'d>(
    work: &Work,
    wanted: impl Iterator<Item = &'d Deciding> + Clone,
) -> Result<Vec<ReductionApplication>, Failure> {
    let ids: Vec<ReductionApplicationId> = wanted.clone().map(|deciding| deciding.application).collect();
    let mut locked: HashMap<ReductionApplicationId, ReductionApplication> =
        store::lock(work, &ids).await?.into_iter().map(|application| (application.id, application)).collect();
    wanted
        .map(|deciding| {
            let found = locked.remove(&deciding.application);
            let application = found.filter(|application| work.caller().covers(&application.area_path));
            let application = application.ok_or_else(|| not_found("reduction application"))?;
            expect_version(deciding.expected, application.version)?;
            Ok(application)
        })
        .collect()
}

/// Writes decided applications with their journals and their decision records.
async fn finish(
    work: &mut Work,
    rulebook: &Rulebook,
    kind: JournalKind,
    applications: &[ReductionApplication],
    decided: &[&Deciding],
    outcome: Outcome,
) -> Result<(), Failure> {
    store::save(work, applications).await?;
    let grounds: Vec<&Grounds> = decided.iter().map(|deciding| &deciding.grounds).collect();
    let proofs = documents::prove(work, &grounds).await?;
    let mut records = Vec::with_capacity(applications.len());
    for ((application, grounds), proof) in applications.iter().zip(&grounds).zip(&proofs) {
        link(work, application, grounds).await?;
        records.push(Decision {
            act: ACT,
            subject_kind: KIND,
            subject: application.id.0,
            outcome,
            proposed_by: application.applied_by,
            reason: grounds.reason.clone(),
            document_hash: proof.clone(),
        });
    }
    post(work, kind, applications, Some(&records)).await?;
    decisions::decide(work, &rulebook.rules_of(ACT), &records).await
}

/// Lets the applicant and the bureaux in charge read what an act rests on.
async fn link(work: &Work, application: &ReductionApplication, grounds: &Grounds) -> Result<(), Failure> {
    let audiences = [Audience::Organisation(application.organisation), Audience::Area(application.area_path.clone())];
    documents::link(work, grounds, KIND, application.id.0, &audiences).await
}

fn task(application: &ReductionApplication) -> NewTask {
    NewTask {
        act: ACT,
        subject_kind: KIND,
        subject: application.id.0,
        place: Place::BureauOver(application.area_path.clone()),
        permission: Action::RegisterReduction,
        has_record: true,
    }
}

/// Records a step of applications as journals without postings, and tells it.
async fn post(
    work: &mut Work,
    kind: JournalKind,
    applications: &[ReductionApplication],
    decided: Option<&[Decision]>,
) -> Result<(), Failure> {
    let journals: Vec<Journal> = applications
        .iter()
        .enumerate()
        .map(|(at, application)| {
            let (id, version) = (application.id.0, application.version);
            let subject = Subject { kind: SubjectKind::ReductionApplication, id, version };
            let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new());
            match decided.and_then(|decided| decided.get(at)) {
                Some(decision) => journal.because(decision.reason.clone()).proved_by(decision.document_hash.clone()),
                None if kind == JournalKind::ReductionApplied => {
                    journal.proved_by(Some(application.document_hash.clone()))
                }
                None => journal,
            }
        })
        .collect();
    ledger::post(work, &journals).await?;
    for application in applications {
        let payload = json!({
            "site": application.site, "pollutant": application.pollutant, "state": application.state.as_str(),
            "grams": application.quantity.grams(),
        });
        let kind = match application.state {
            ReductionState::Submitted => "reduction.applied",
            ReductionState::Registered { .. } => "reduction.registered",
            ReductionState::Refused(_) => "reduction.refused",
            ReductionState::Withdrawn => "reduction.withdrawn",
        };
        work.tell(Event { kind, subject: application.id.0, payload });
    }
    Ok(())
}
