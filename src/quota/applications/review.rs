//! What the bureau in charge does with an application: it tells once what is missing, accepts it, proposes the grant, or turns it down.

use super::application::{Acceptance, Application, ApplicationState, Correction};
use super::commands::{ACCEPTANCE, DECISION, KIND, last_day, open_task, post};
use super::store;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, DecisionRefusal, Grounds, Outcome};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::ids::{ApplicationId, ProjectId, UserId};
use crate::kernel::{Failure, Refusal};
use crate::parties::queries;
use crate::quota::batches::Ruling;
use crate::quota::commands::{self as grants, NewAllocation};
use crate::quota::error::QuotaRefusal;
use crate::rulebook::{self, Rulebook};
use accounting::{JournalKind, Quantity};

/// A step of the bureau.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// Which application.
    pub application: ApplicationId,
    /// The version that the bureau saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// Accepts an application: the term of the decision begins. What silence has accepted already counts from the day on which it came.
///
/// # Errors
/// Those of [`Application::accept`]; hidden outside the caller's area.
pub async fn accept(work: &mut Work, step: &Reviewed) -> Result<Application, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let application = lock_in_charge(work, step.application, step.expected).await?;
    let by = Some(work.caller().user);
    let accepted = accepted(work, &rulebook, application, by).await?;
    store::save(work, std::slice::from_ref(&accepted)).await?;
    let proof = prove(work, &accepted, &step.grounds).await?;
    post(work, JournalKind::ApplicationAccepted, &accepted, step.grounds.reason.clone(), proof.clone()).await?;
    record(work, &rulebook, ACCEPTANCE, &accepted, Outcome::Approved, &step.grounds, proof).await?;
    put_before_decision(work, &rulebook, &accepted).await?;
    Ok(accepted)
}

/// The application, accepted by somebody or by silence.
pub(super) async fn accepted(
    work: &Work,
    rulebook: &Rulebook,
    application: Application,
    by: Option<UserId>,
) -> Result<Application, Failure> {
    let on = application.accepted_by_silence(work.today()).unwrap_or_else(|| work.today());
    let decide_until = last_day(work, on, rulebook.application_decision_days()).await?;
    let accepted = application.accept(Acceptance { by, at: work.now(), on, decide_until })?;
    Ok(Application { rulebook: rulebook.id, ..accepted })
}

/// Opens the task of the decision, whose last day is known since the acceptance.
pub(super) async fn put_before_decision(
    work: &mut Work,
    rulebook: &Rulebook,
    accepted: &Application,
) -> Result<(), Failure> {
    let deadline = accepted.acceptance.as_ref().and_then(|acceptance| acceptance.decide_until);
    open_task(work, rulebook, accepted, DECISION, deadline).await
}

/// Everything that an application lacks, to be told once.
#[derive(Debug, Clone)]
pub struct Lacking {
    /// Which application.
    pub application: ApplicationId,
    /// The version that the bureau saw.
    pub expected: Option<i64>,
    /// Point by point.
    pub points: Vec<String>,
    /// Working days for the correction; those of the rulebook when left out.
    pub days: Option<u32>,
}

/// Tells the applicant everything that is missing, once.
///
/// # Errors
/// Those of [`Application::request_correction`]; hidden outside the caller's area.
pub async fn request_correction(work: &mut Work, lacking: &Lacking) -> Result<Application, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let application = lock_in_charge(work, lacking.application, lacking.expected).await?;
    let days = lacking.days.or_else(|| rulebook.application_correction_days());
    let until = last_day(work, work.today(), days).await?;
    let (by, at, points) = (work.caller().user, work.now(), lacking.points.clone());
    let asked = application.request_correction(Correction { points, by, at, until })?;
    let asked = Application { rulebook: rulebook.id, ..asked };
    store::save(work, std::slice::from_ref(&asked)).await?;
    let told = lacking.points.join(";");
    post(work, JournalKind::ApplicationCorrectionRequested, &asked, Some(told), None).await?;
    // The bureau has kept its term; the next one begins when the application comes back.
    decisions::drop_open(work, &[asked.id.0]).await?;
    Ok(asked)
}

/// A grant to propose for an application.
#[derive(Debug, Clone)]
pub struct Granting {
    /// For which application, why, and on which documents.
    pub step: Reviewed,
    /// Number of the document that grants it; that of the application when left out.
    pub document: Option<String>,
    /// How much; what was applied for when left out.
    pub quantity: Option<Quantity>,
    /// The construction project that it is for, whose replacement ratio then applies.
    pub project: Option<ProjectId>,
}

/// Proposes the grant that was applied for, or less. It goes its own way from there: publicity, a second person, the usage fee.
///
/// # Errors
/// [`QuotaRefusal::OverApplication`], those of [`Application::propose`], and every rule that the grant itself breaks.
pub async fn propose(work: &mut Work, granting: &Granting) -> Result<Application, Failure> {
    work.caller().may(Action::ProposeAllocation)?;
    let rulebook = rulebook::in_force(work).await?;
    let step = &granting.step;
    let application = lock_in_charge(work, step.application, step.expected).await?;
    let quantity = granting.quantity.unwrap_or(application.wanted.quantity);
    expect_accepted(&application)?;
    let over = over_application(work, &application, quantity).await?.map(|refusal| refusal.violation());
    let number = application.submission.as_ref().map(|submission| submission.number.clone());
    let wanted = &application.wanted;
    let new = NewAllocation {
        site: application.site,
        pollutant: wanted.pollutant.clone(),
        origin: wanted.origin,
        validity: wanted.validity,
        zone: Some(wanted.zone.clone()),
        quantity,
        project: granting.project,
        document: granting.document.clone().or(number).unwrap_or_default(),
    };
    let grant = grants::propose(work, &[new], over.into_iter().collect()).await?.pop();
    let grant = grant.ok_or_else(|| Failure::bug("no grant was proposed"))?;
    let proposed = application.propose(grant.id, ruling(work, &step.grounds))?;
    let proposed = Application { rulebook: rulebook.id, ..proposed };
    store::save(work, std::slice::from_ref(&proposed)).await?;
    let proof = prove(work, &proposed, &step.grounds).await?;
    post(work, JournalKind::ApplicationProposed, &proposed, step.grounds.reason.clone(), proof.clone()).await?;
    record(work, &rulebook, DECISION, &proposed, Outcome::Approved, &step.grounds, proof).await?;
    Ok(proposed)
}

/// Turns an application down, in writing.
///
/// # Errors
/// [`DecisionRefusal::ReasonMissing`] and those of [`Application::reject`]; hidden outside the caller's area.
pub async fn reject(work: &mut Work, step: &Reviewed) -> Result<Application, Failure> {
    if step.grounds.reason.is_none() {
        return Err(DecisionRefusal::ReasonMissing {}.into());
    }
    let rulebook = rulebook::in_force(work).await?;
    let application = lock_in_charge(work, step.application, step.expected).await?;
    let act = if application.acceptance.is_some() { DECISION } else { ACCEPTANCE };
    let rejected = application.reject(ruling(work, &step.grounds))?;
    let rejected = Application { rulebook: rulebook.id, ..rejected };
    store::save(work, std::slice::from_ref(&rejected)).await?;
    let proof = prove(work, &rejected, &step.grounds).await?;
    post(work, JournalKind::ApplicationRejected, &rejected, step.grounds.reason.clone(), proof.clone()).await?;
    record(work, &rulebook, act, &rejected, Outcome::Refused, &step.grounds, proof).await?;
    Ok(rejected)
}

fn ruling(work: &Work, grounds: &Grounds) -> Ruling {
    Ruling { by: work.caller().user, at: work.now(), reason: grounds.reason.clone() }
}

fn expect_accepted(application: &Application) -> Result<(), QuotaRefusal> {
    match &application.state {
        ApplicationState::Accepted => Ok(()),
        state => Err(QuotaRefusal::ApplicationState { state: state.as_str().to_owned() }),
    }
}

async fn over_application(
    work: &Work,
    application: &Application,
    quantity: Quantity,
) -> Result<Option<QuotaRefusal>, Failure> {
    if quantity.grams() <= application.wanted.quantity.grams() {
        return Ok(None);
    }
    let pollutants = queries::pollutants(work.connection()).await?;
    let pollutant = pollutants.get(&application.wanted.pollutant);
    let measure = &pollutant.ok_or_else(|| Failure::bug("an application for an unknown pollutant"))?.measure;
    let applied = format!("{} {}", application.wanted.quantity.print(measure), measure.unit);
    Ok(Some(QuotaRefusal::OverApplication { applied }))
}

/// Locks an application that was handed in, in the caller's area.
async fn lock_in_charge(work: &Work, id: ApplicationId, expected: Option<i64>) -> Result<Application, Failure> {
    let locked = store::lock(work, id).await?;
    let is_visible =
        |application: &Application| application.submission.is_some() && work.caller().covers(&application.area_path);
    let application = locked.filter(is_visible).ok_or_else(|| not_found("application"))?;
    expect_version(expected, application.version)?;
    Ok(application)
}

/// The hash of the bureau's documents, which the applicant may read from now on.
async fn prove(work: &Work, application: &Application, grounds: &Grounds) -> Result<Option<String>, Failure> {
    let proof = documents::prove(work, &[grounds]).await?.pop().flatten();
    let audiences = [Audience::Organisation(application.organisation), Audience::Area(application.area_path.clone())];
    documents::link(work, grounds, KIND, application.id.0, &audiences).await?;
    Ok(proof)
}

async fn record(
    work: &mut Work,
    rulebook: &Rulebook,
    act: &'static str,
    application: &Application,
    outcome: Outcome,
    grounds: &Grounds,
    document_hash: Option<String>,
) -> Result<(), Failure> {
    let applicant = application.submission.as_ref().map_or(application.drafted_by, |submission| submission.by);
    let decision = Decision {
        act,
        subject_kind: KIND,
        subject: application.id.0,
        outcome,
        proposed_by: applicant,
        reason: grounds.reason.clone(),
        document_hash,
    };
    decisions::decide(work, &rulebook.rules_of(act), &[decision]).await
}
