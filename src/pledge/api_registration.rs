//! What stands beside a registration: the unified register, and the screening.

use super::api::run;
use super::api_view::PledgeView;
use super::commands::Act;
use super::lien_commands::{self, ExternalWord};
use super::pledge::{ExternalStatus, Pledge};
use super::queries;
use super::screenings::{Screening, SeenPermit};
use crate::access::Action;
use crate::concerns;
use crate::eligibility::pledge::screening::Finding;
use crate::http::extract::not_found;
use crate::http::{Answer, Command, Fields, Id, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::PledgeId;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations beside a registration.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(record_external_registration)).routes(routes!(list_screenings))
}

/// What the unified register of movables and rights (动产和权利担保统一登记) says of a pledge.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordExternalRegistration {
    /// Its number there.
    #[schema(example = "16830024002150738291")]
    pub number: String,
    /// `registered`, `extended`, `expired` or `cancelled`.
    #[schema(example = "registered", extensions(("x-words" = json!(ExternalStatus::WORDS))))]
    pub status: String,
    /// The last day of its term there.
    #[schema(format = Date, example = "2023-03-30")]
    pub valid_until: Option<String>,
}

/// Record what the unified register says of a pledge, as its pledgee. It counts beside the registration here and in no place of it; its
/// deregistration there may be recorded after the release here.
#[utoipa::path(post, path = "/pledges/{id}/external-registration", tag = "pledges",
    operation_id = "record_external_registration",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = RecordExternalRegistration,
    security(("bearer" = [])), extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Recorded", body = PledgeView)))]
async fn record_external_registration(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<RecordExternalRegistration>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    let body = &command.body;
    let mut fields = Fields::default();
    let number = fields.text("number", &body.number);
    let known: Vec<&str> = ExternalStatus::ALL.iter().map(|status| status.as_str()).collect();
    let status = fields.word("status", &body.status, ExternalStatus::parse, &known);
    let until = body.valid_until.as_deref().and_then(|text| fields.date("valid_until", text));
    let act = Act { pledge, expected: command.expected };
    let word = number.zip(status).map(|(number, status)| ExternalWord { act, number, status, until });
    let word = fields.finish(word)?;
    let told = run(&shared, &permit, &command.key, [word], |work, words| {
        Box::pin(lien_commands::record_external(work, words))
    });
    Ok(Answer::ok(told.await?))
}

/// What one check saw.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ScreeningFinding)]
pub struct FindingView {
    /// Its code.
    #[schema(example = "PLG_LTV_OVER_CAP")]
    pub check: String,
    /// `passed`, or `off` where no rule was in force for it.
    #[schema(
        example = "passed",
        extensions(("x-words" = json!(crate::eligibility::pledge::screening::ScreeningOutcome::WORDS)))
    )]
    pub outcome: String,
    /// The value of the rule that it rests on.
    #[schema(example = "0.90")]
    pub rule: Option<String>,
    /// What it was judged on; null where nothing of the kind was known.
    #[schema(example = "0.8846")]
    pub seen: Option<String>,
    /// Which of several pledgors it is about; null of the borrower, and of the pledge as a whole.
    pub further_pledgor: Option<Uuid>,
}

/// A permit of one of the sites, as it stood.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ScreeningPermit)]
pub struct PermitView {
    /// Whose.
    pub site: Uuid,
    /// Its number.
    #[schema(example = "91421222MA0000001F001P")]
    pub number: String,
    /// Its last day.
    #[schema(format = Date, example = "2025-12-31")]
    pub valid_to: String,
    /// Whether the debt ends later: it is told, and not refused.
    pub ends_before_debt: bool,
}

/// What was looked into at a step of a pledge; never changed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Screening)]
pub struct ScreeningView {
    /// The pledge.
    pub pledge: Uuid,
    /// The enterprise whose rights they are.
    pub pledgor: Uuid,
    /// The bank or guarantor.
    pub pledgee: Uuid,
    /// `applied` or `registered`.
    #[schema(example = "registered", extensions(("x-words" = json!(crate::pledge::screenings::ScreeningStep::WORDS))))]
    pub step: String,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub screened_at: Moment,
    /// The version of the rulebook.
    pub rulebook: Uuid,
    /// What each check saw.
    pub findings: Vec<FindingView>,
    /// The permits of the sites that were in force.
    pub permits: Vec<PermitView>,
}

impl ScreeningView {
    fn of(screening: Screening, pledge: &Pledge) -> Self {
        let debt_to = pledge.terms.debt_to.to_string();
        let finding = |finding: Finding| {
            let Finding { check, outcome, rule, seen, further_pledgor } = finding;
            FindingView { check, outcome, rule, seen, further_pledgor }
        };
        let permit = |SeenPermit { site, number, valid_to }| PermitView {
            site,
            number,
            ends_before_debt: valid_to < debt_to,
            valid_to,
        };
        Self {
            pledge: pledge.id.0,
            pledgor: pledge.pledgor.0,
            pledgee: pledge.pledgee.0,
            step: screening.step.as_str().to_owned(),
            screened_at: screening.at,
            rulebook: screening.rulebook.0,
            findings: screening.seen.findings.into_iter().map(finding).collect(),
            permits: screening.seen.permits.into_iter().map(permit).collect(),
        }
    }
}

concerns!(ScreeningsView: Organisation [pledgor, pledgee]);

/// The screenings of a pledge.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Screenings)]
pub struct ScreeningsView {
    /// The enterprise whose rights they are.
    pub pledgor: Uuid,
    /// The bank or guarantor.
    pub pledgee: Uuid,
    /// In the order of the steps.
    pub items: Vec<ScreeningView>,
}

/// What was looked into when a pledge was applied for and when it was registered: what each check saw, under which rulebook, and the permits
/// of its sites.
#[utoipa::path(get, path = "/pledges/{id}/screenings", tag = "pledges", operation_id = "list_screenings",
    params(("id" = Uuid, Path, description = "Id of the pledge")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The screenings", body = ScreeningsView)))]
async fn list_screenings(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PledgeId>,
) -> Reply<ScreeningsView> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_screenings(&shared.db, &caller, id).await?;
    let (pledge, screenings) = found.ok_or_else(|| not_found("pledge"))?;
    let items = screenings.into_iter().map(|one| ScreeningView::of(one, &pledge)).collect();
    let (pledgor, pledgee) = (pledge.pledgor.0, pledge.pledgee.0);
    Ok(Answer::plain(ScreeningsView { pledgor, pledgee, items }))
}
