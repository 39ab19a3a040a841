//! Applications for the registration of reductions.

use super::application::{ReductionApplication, ReductionState};
use super::commands::{self, Deciding, NewApplication, Registering};
use super::queries::{self, ReductionFilter};
use crate::access::Action;
use crate::concerns;
use crate::db::Work;
use crate::decisions::Grounds;
use crate::decisions::api_tasks::{read_documents, read_grounds, read_reason};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{ReductionApplicationId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::{PartyRefusal, Pollutant, queries as parties};
use crate::quota::api::Decide;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ReductionApplicationView: Organisation [organisation]);

/// The operations on applications for reductions.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(apply_for_reduction, list_reduction_applications))
        .routes(routes!(find_reduction_application))
        .routes(routes!(register_applied_reduction))
        .routes(routes!(refuse_reduction))
        .routes(routes!(withdraw_reduction_application))
}

/// An application for the registration of a reduction, and how far it has come.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ReductionApplication)]
pub struct ReductionApplicationView {
    /// Its identity.
    pub id: Uuid,
    /// Its number in the register.
    #[schema(example = "RD-2022-000001")]
    pub number: String,
    /// At which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// How much was reduced, a year: a decimal string in the unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// How, in the applicant's words.
    #[schema(example = "二期废水深度处理工程投运，年减排 COD 12.5 吨")]
    pub statement: String,
    /// SHA-256 of the documents that prove it, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: String,
    /// `submitted`, `registered`, `refused` or `withdrawn`.
    #[schema(example = "submitted", extensions(("x-words" = json!(ReductionState::WORDS))))]
    pub state: String,
    /// Who applied.
    pub applied_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub applied_at: Moment,
    /// The reduction that was registered for it.
    pub reduction: Option<Uuid>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The version of the rulebook it was last judged by.
    pub rulebook: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ReductionApplicationView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn view(
    application: ReductionApplication,
    pollutants: &HashMap<String, Pollutant>,
) -> Result<ReductionApplicationView, Failure> {
    let pollutant = pollutants.get(&application.pollutant);
    let measure = &pollutant.ok_or_else(|| Failure::bug("a reduction of an unknown pollutant"))?.measure;
    let ruling = application.state.ruling().cloned();
    let reduction = match application.state {
        ReductionState::Registered { reduction, .. } => Some(reduction.0),
        _ => None,
    };
    Ok(ReductionApplicationView {
        id: application.id.0,
        number: application.number,
        site: application.site.0,
        organisation: application.organisation.0,
        pollutant: application.pollutant,
        quantity: application.quantity.print(measure),
        unit: measure.unit.clone(),
        statement: application.statement,
        document_hash: application.document_hash,
        state: application.state.as_str().to_owned(),
        applied_by: application.applied_by.0,
        applied_at: application.applied_at,
        reduction,
        decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
        decided_at: ruling.as_ref().map(|ruling| ruling.at),
        reason: ruling.and_then(|ruling| ruling.reason),
        rulebook: application.rulebook.0,
        version: application.version,
    })
}

/// The one application of a command, as it is shown.
async fn view_in(work: &Work, applications: Vec<ReductionApplication>) -> Result<ReductionApplicationView, Failure> {
    let pollutants = parties::pollutants(work.connection()).await?;
    one(applications, |application| view(application, &pollutants))?
}

/// A reduction to apply for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyForReduction {
    /// Id of your site.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// How much was reduced, a year: a decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// How.
    #[schema(example = "二期废水深度处理工程投运，年减排 COD 12.5 吨")]
    pub statement: String,
    /// Ids of documents of your organisation that prove it, one at least: the bureau may read them from then on.
    #[schema(example = json!(["018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01"]))]
    pub documents: Vec<Uuid>,
}

impl ApplyForReduction {
    fn read(&self, pollutants: &HashMap<String, Pollutant>) -> Result<NewApplication, Failure> {
        let mut fields = Fields::default();
        let unknown = || PartyRefusal::UnknownPollutant { code: self.pollutant.clone() };
        let known = fields.take("", pollutants.get(&self.pollutant).ok_or_else(unknown));
        let quantity = known.and_then(|known| fields.quantity("quantity", &self.quantity, &known.measure));
        let statement = fields.passage("statement", &self.statement);
        let documents = read_documents(&mut fields, &self.documents);
        let grounds = Grounds { reason: None, documents, document_hash: None };
        let (site, pollutant) = (SiteId(self.site), self.pollutant.clone());
        let new = quantity.zip(statement);
        fields.finish(new.map(|(quantity, statement)| NewApplication { site, pollutant, quantity, statement, grounds }))
    }
}

/// Apply for the registration of what your site has reduced (减排登记申请), with the documents that prove it. The bureau in charge decides; what is
/// registered may be sold.
#[utoipa::path(post, path = "/reduction-applications", tag = "quota", operation_id = "apply_for_reduction",
    request_body = ApplyForReduction, security(("bearer" = [])),
    extensions(("x-permission" = json!("apply_for_reduction"))),
    responses((status = 201, description = "Applied for", body = ReductionApplicationView)))]
async fn apply_for_reduction(
    State(shared): State<Shared>,
    command: Command<ApplyForReduction>,
) -> Reply<ReductionApplicationView> {
    let permit = command.caller.may(Action::ApplyForReduction)?;
    let news = [command.body.read(&parties::pollutants(shared.db.reader()).await?)?];
    let applied = shared.db.run_once(&permit, &command.key, &news, |work, news| {
        Box::pin(async move {
            let applied = commands::apply(work, news).await?;
            view_in(work, applied).await
        })
    });
    Ok(Answer::created(applied.await?))
}

/// Filters of the applications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReductionApplicationQuery {
    /// `submitted`, `registered`, `refused` or `withdrawn`.
    #[param(example = "submitted")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
}

/// Applications for reductions of your organisation, or of the area of your bureau.
#[utoipa::path(get, path = "/reduction-applications", tag = "quota", operation_id = "list_reduction_applications",
    params(ReductionApplicationQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Applications in the order in which they came", body = Listing<ReductionApplicationView>)))]
async fn list_reduction_applications(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ReductionApplicationQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ReductionApplicationView>> {
    caller.may(Action::ReadQuota)?;
    one_of("state", query.state.as_deref(), ReductionState::WORDS)?;
    let filter = ReductionFilter { state: query.state.as_deref(), site: query.site };
    let found = queries::list_applications(&shared.db, &caller.scope(), filter, &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let items = found.items.into_iter().map(|one| view(one, &pollutants)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One application for a reduction.
#[utoipa::path(get, path = "/reduction-applications/{id}", tag = "quota", operation_id = "find_reduction_application",
    params(("id" = Uuid, Path, description = "Id of the application")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The application", body = ReductionApplicationView)))]
async fn find_reduction_application(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ReductionApplicationId>,
) -> Reply<ReductionApplicationView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_application(&shared.db, &caller.scope(), id).await?;
    let application = found.ok_or_else(|| not_found("reduction application"))?;
    Ok(Answer::ok(view(application, &parties::pollutants(shared.db.reader()).await?)?))
}

/// What is registered for an application.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterAppliedReduction {
    /// Number of the document that verified it; that of the application when left out.
    #[schema(example = "减排核定2022-003")]
    pub document: Option<String>,
    /// Decimal string in the pollutant's unit; what was applied for when left out, and never more.
    #[schema(example = "12.000")]
    pub quantity: Option<String>,
    /// Why, for the decision record.
    #[schema(example = "经现场核查属实")]
    pub reason: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

fn read_deciding(
    fields: &mut Fields,
    application: ReductionApplicationId,
    expected: Option<i64>,
    reason: Option<&str>,
    documents: &[Uuid],
) -> Deciding {
    Deciding { application, expected, grounds: read_grounds(fields, read_reason, reason, documents) }
}

/// Register the reduction that an enterprise in your area has applied for, or less of it: it may be sold from then on.
#[utoipa::path(post, path = "/reduction-applications/{id}/register", tag = "quota", operation_id = "register_applied_reduction",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = RegisterAppliedReduction,
    security(("bearer" = [])), extensions(("x-permission" = json!("register_reduction"))),
    responses((status = 200, description = "Registered; the application names the reduction", body = ReductionApplicationView)))]
async fn register_applied_reduction(
    State(shared): State<Shared>,
    Id(id): Id<ReductionApplicationId>,
    command: Command<RegisterAppliedReduction>,
) -> Reply<ReductionApplicationView> {
    let permit = command.caller.may(Action::RegisterReduction)?;
    let found = queries::find_application(&shared.db, &command.caller.scope(), id).await?;
    let application = found.ok_or_else(|| not_found("reduction application"))?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let pollutant = pollutants.get(&application.pollutant);
    let measure = &pollutant.ok_or_else(|| Failure::bug("a reduction of an unknown pollutant"))?.measure;
    let (mut fields, body) = (Fields::default(), &command.body);
    let deciding = read_deciding(&mut fields, id, command.expected, body.reason.as_deref(), &body.documents);
    let document = fields.optional_text("document", body.document.as_deref());
    let quantity = body.quantity.as_deref().and_then(|quantity| fields.quantity("quantity", quantity, measure));
    let wanted = [fields.finish(Some(Registering { deciding, document, quantity }))?];
    let registered = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move {
            let registered = commands::register(work, wanted).await?;
            view_in(work, registered).await
        })
    });
    Ok(Answer::ok(registered.await?))
}

/// Refuse the registration that an enterprise in your area has applied for, with the reason in writing.
#[utoipa::path(post, path = "/reduction-applications/{id}/refuse", tag = "quota", operation_id = "refuse_reduction",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_reduction"))),
    responses((status = 200, description = "Refused", body = ReductionApplicationView)))]
async fn refuse_reduction(
    State(shared): State<Shared>,
    Id(id): Id<ReductionApplicationId>,
    command: Command<Decide>,
) -> Reply<ReductionApplicationView> {
    let permit = command.caller.may(Action::RegisterReduction)?;
    let (mut fields, body) = (Fields::default(), &command.body);
    let deciding = read_deciding(&mut fields, id, command.expected, body.reason.as_deref(), &body.documents);
    let wanted = [fields.finish(Some(deciding))?];
    let refused = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move {
            let refused = commands::refuse(work, wanted).await?;
            view_in(work, refused).await
        })
    });
    Ok(Answer::ok(refused.await?))
}

/// Take your application back before it is decided.
#[utoipa::path(post, path = "/reduction-applications/{id}/withdraw", tag = "quota", operation_id = "withdraw_reduction_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("apply_for_reduction"))),
    responses((status = 200, description = "Withdrawn", body = ReductionApplicationView)))]
async fn withdraw_reduction_application(
    State(shared): State<Shared>,
    Id(id): Id<ReductionApplicationId>,
    command: Command<Empty>,
) -> Reply<ReductionApplicationView> {
    let permit = command.caller.may(Action::ApplyForReduction)?;
    let wanted = (id, command.expected);
    let withdrawn = shared.db.run_once(&permit, &command.key, &wanted, |work, (id, expected)| {
        Box::pin(async move {
            let withdrawn = commands::withdraw(work, *id, *expected).await?;
            view_in(work, vec![withdrawn]).await
        })
    });
    Ok(Answer::ok(withdrawn.await?))
}
