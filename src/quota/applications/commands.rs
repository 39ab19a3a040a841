//! What an applicant does: drafts, revises, hands in, takes back.

use super::application::{Application, ApplicationState, Submission, Wanted};
use super::queries::own_site;
use super::store;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Grounds, NewTask, Place, calendar};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, ApplicationId, SiteId};
use crate::ledger;
use crate::parties::{PartyRefusal, Site, queries};
use crate::quota::judge::{class_for, judge_validity};
use crate::rulebook::{self, Rulebook};
use accounting::{Journal, JournalKind, Origin, Quantity, Subject, SubjectKind, Validity};
use jiff::civil::Date;
use serde_json::json;

/// The word of its acceptance in tasks, records and the rulebook.
pub const ACCEPTANCE: &str = "application_acceptance";
/// The word of the decision on it.
pub const DECISION: &str = "application_decision";
/// The kind of thing that it is, in tasks, records and links of documents.
pub(super) const KIND: &str = "allocation_application";
/// Its series of running numbers.
const SERIES: &str = "AP";

/// What an applicant says that it wants.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Of which pollutant.
    pub pollutant: String,
    /// Free or paid.
    pub origin: Origin,
    /// First and last day.
    pub validity: Validity,
    /// How much.
    pub quantity: Quantity,
    /// Why.
    pub statement: Option<String>,
}

/// Drafts an application for a site of the caller's organisation. Nobody else knows of it yet.
///
/// # Errors
/// [`QuotaRefusal::NotYourSite`](crate::quota::QuotaRefusal::NotYourSite), [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownPollutant`], [`QuotaRefusal::ZoneMissing`](crate::quota::QuotaRefusal::ZoneMissing).
pub async fn draft(work: &mut Work, site: SiteId, asked: &Asked) -> Result<Application, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let site = own_site(work.connection(), work.caller(), site).await?;
    let application = Application {
        id: ApplicationId::fresh(),
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        wanted: wanted(work, &site, asked).await?,
        drafted_by: work.caller().user,
        drafted_at: work.now(),
        submission: None,
        correction: None,
        acceptance: None,
        state: ApplicationState::Draft,
        rulebook: rulebook.id,
        version: 1,
    };
    store::insert(work, application.clone()).await?;
    post(work, JournalKind::ApplicationDrafted, &application, None, None).await?;
    Ok(application)
}

/// Changes what a draft says, or an application that is to be corrected.
///
/// # Errors
/// As [`draft`] and [`Application::revise`]; hidden when it is another organisation's.
pub async fn revise(
    work: &mut Work,
    id: ApplicationId,
    expected: Option<i64>,
    asked: &Asked,
) -> Result<Application, Failure> {
    let application = lock_own(work, id, expected).await?;
    let site = own_site(work.connection(), work.caller(), application.site).await?;
    let revised = application.revise(wanted(work, &site, asked).await?)?;
    store::save(work, std::slice::from_ref(&revised)).await?;
    post(work, JournalKind::ApplicationRevised, &revised, None, None).await?;
    Ok(revised)
}

/// An application to hand in.
#[derive(Debug, Clone)]
pub struct Handing {
    /// Which.
    pub application: ApplicationId,
    /// The version that the applicant saw.
    pub expected: Option<i64>,
    /// Documents that it rests on.
    pub grounds: Grounds,
}

/// Hands an application in, for the first time or corrected: the bureau in charge has so many working days to accept it or to say what
/// it lacks.
///
/// # Errors
/// [`QuotaRefusal::AppliedAlready`](crate::quota::QuotaRefusal::AppliedAlready), [`QuotaRefusal::OutsideValidity`](crate::quota::QuotaRefusal::OutsideValidity), [`QuotaRefusal::ValidityTooLong`](crate::quota::QuotaRefusal::ValidityTooLong) and those of
/// [`Application::submit`]; hidden when it is another organisation's.
pub async fn submit(work: &mut Work, handing: &Handing) -> Result<Application, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let application = lock_own(work, handing.application, handing.expected).await?;
    let accept_until = last_day(work, work.today(), rulebook.application_acceptance_days()).await?;
    let number = match &application.submission {
        Some(first) => first.number.clone(),
        None => store::issue_number(work, SERIES).await?,
    };
    let (by, at) = (work.caller().user, work.now());
    let submitted = application.submit(Submission { number, by, at, accept_until })?;
    let submitted = Application { rulebook: rulebook.id, ..submitted };
    Failure::all(&judge_validity(submitted.wanted.validity, &rulebook, work.today()))?;
    store::save(work, std::slice::from_ref(&submitted)).await?;
    let proof = documents::prove(work, &[&handing.grounds]).await?.pop().flatten();
    let audience = [Audience::Area(submitted.area_path.clone())];
    documents::link(work, &handing.grounds, KIND, submitted.id.0, &audience).await?;
    post(work, JournalKind::ApplicationSubmitted, &submitted, None, proof).await?;
    open_task(work, &rulebook, &submitted, ACCEPTANCE, accept_until).await?;
    Ok(submitted)
}

/// Takes an application back before it is decided.
///
/// # Errors
/// As [`Application::withdraw`]; hidden when it is another organisation's.
pub async fn withdraw(work: &mut Work, id: ApplicationId, expected: Option<i64>) -> Result<Application, Failure> {
    let withdrawn = lock_own(work, id, expected).await?.withdraw()?;
    store::save(work, std::slice::from_ref(&withdrawn)).await?;
    post(work, JournalKind::ApplicationWithdrawn, &withdrawn, None, None).await?;
    decisions::drop_open(work, &[id.0]).await?;
    Ok(withdrawn)
}

async fn wanted(work: &Work, site: &Site, asked: &Asked) -> Result<Wanted, Failure> {
    let pollutants = queries::pollutants(work.connection()).await?;
    let unknown = || PartyRefusal::UnknownPollutant { code: asked.pollutant.clone() };
    let pollutant = pollutants.get(&asked.pollutant).ok_or_else(unknown)?;
    let class = class_for(site, pollutant, asked.origin, asked.validity, None)?;
    Ok(Wanted {
        pollutant: asked.pollutant.clone(),
        origin: asked.origin,
        zone: class.zone,
        validity: asked.validity,
        quantity: asked.quantity,
        statement: asked.statement.clone(),
    })
}

async fn lock_own(work: &Work, id: ApplicationId, expected: Option<i64>) -> Result<Application, Failure> {
    let locked = store::lock(work, id).await?;
    let own = locked.filter(|application| application.organisation == work.caller().organisation);
    let application = own.ok_or_else(|| not_found("application"))?;
    expect_version(expected, application.version)?;
    Ok(application)
}

/// The last day of a term of working days; none where no rule says how long it is.
pub(super) async fn last_day(work: &Work, begins: Date, days: Option<u32>) -> Result<Option<Date>, Failure> {
    let Some(days) = days else { return Ok(None) };
    Ok(calendar::from(work, begins).await?.working_days_after(begins, days))
}

/// Puts an application before the bureau in charge, as the wish of whoever handed it in.
pub(super) async fn open_task(
    work: &mut Work,
    rulebook: &Rulebook,
    application: &Application,
    act: &'static str,
    deadline: Option<Date>,
) -> Result<(), Failure> {
    let task = NewTask {
        act,
        subject_kind: KIND,
        subject: application.id.0,
        place: Place::BureauOver(application.area_path.clone()),
        permission: Action::ReviewApplication,
        has_record: true,
    };
    let applicant = application.submission.as_ref().map_or(application.drafted_by, |submission| submission.by);
    decisions::open_until(work, &rulebook.rules_of(act), &task, applicant, deadline).await
}

/// Records a step of an application as a journal, and tells it.
pub(super) async fn post(
    work: &mut Work,
    kind: JournalKind,
    application: &Application,
    reason: Option<String>,
    document_hash: Option<String>,
) -> Result<(), Failure> {
    let journal = journal(work, kind, application).because(reason).proved_by(document_hash);
    ledger::post(work, &[journal]).await?;
    tell(work, kind, application);
    Ok(())
}

pub(super) fn journal(work: &Work, kind: JournalKind, application: &Application) -> Journal {
    let (id, version) = (application.id.0, application.version);
    let subject = Subject { kind: SubjectKind::AllocationApplication, id, version };
    Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new())
}

pub(super) fn tell(work: &mut Work, kind: JournalKind, application: &Application) {
    let payload = json!({
        "site": application.site, "pollutant": application.wanted.pollutant, "state": application.state.as_str(),
        "grams": application.wanted.quantity.grams(),
    });
    let kind = match kind {
        JournalKind::ApplicationDrafted => "application.drafted",
        JournalKind::ApplicationRevised => "application.revised",
        JournalKind::ApplicationSubmitted => "application.submitted",
        JournalKind::ApplicationCorrectionRequested => "application.correction_requested",
        JournalKind::ApplicationAccepted => "application.accepted",
        JournalKind::ApplicationProposed => "application.proposed",
        JournalKind::ApplicationRejected => "application.rejected",
        _ => "application.withdrawn",
    };
    work.tell(Event { kind, subject: application.id.0, payload });
}
