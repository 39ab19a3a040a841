//! Applications for rights.

use super::acts::{Handed, Submission};
use super::api_review;
use super::api_view::{ApplicationView, view, view_in};
use super::application::ApplicationState;
use super::commands::{self, Asked, KIND};
use super::queries::{self, ApplicationFilter};
use crate::access::Action;
use crate::decisions::api_tasks::{TaskView, act, answer, read_documents};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Grounds, Place};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{ApplicationId, SiteId};
use crate::kernel::page::Page;
use crate::parties::place::measure_for;
use crate::parties::{PartyRefusal, Pollutant, Site, queries as parties};
use crate::quota::judge::zone_for;
use accounting::{Origin, Validity};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on applications.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(draft_application, list_applications))
        .routes(routes!(find_application))
        .routes(routes!(revise_application))
        .routes(routes!(submit_application))
        .routes(routes!(withdraw_application))
        .merge(api_review::routes())
}

/// What to apply for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftApplication {
    /// Id of your site.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid", extensions(("x-words" = json!(Origin::WORDS))))]
    pub origin: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Why.
    #[schema(example = "二期扩建项目，环评批复咸环审〔2022〕31号")]
    pub statement: Option<String>,
}

/// What an application shall say instead; its site stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviseApplication {
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid", extensions(("x-words" = json!(Origin::WORDS))))]
    pub origin: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "11.000")]
    pub quantity: String,
    /// Why.
    #[schema(example = "二期扩建项目，环评批复咸环审〔2022〕31号")]
    pub statement: Option<String>,
}

impl ReviseApplication {
    /// What is asked for a site, which may not be known.
    fn read(&self, pollutants: &HashMap<String, Pollutant>, site: Result<Site, Failure>) -> Result<Asked, Failure> {
        let mut fields = Fields::default();
        let site = fields.join(site)?;
        let unknown = || PartyRefusal::UnknownPollutant { code: self.pollutant.clone() };
        let pollutant = fields.take("", pollutants.get(&self.pollutant).ok_or_else(unknown));
        let measure = measure_for(pollutant, pollutants);
        let quantity = measure.and_then(|measure| fields.quantity("quantity", &self.quantity, measure));
        let origin = fields.word("origin", &self.origin, Origin::parse, &["free", "paid"]);
        let from = fields.date("valid_from", &self.valid_from);
        let to = fields.date("valid_to", &self.valid_to);
        let validity = from.zip(to).and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let statement = fields.optional_passage("statement", self.statement.as_deref());
        if let Some((site, pollutant)) = site.zip(pollutant) {
            fields.take("", zone_for(&site, pollutant, None));
        }
        let pollutant = self.pollutant.clone();
        let asked = quantity.zip(origin).zip(validity);
        let asked =
            asked.map(|((quantity, origin), validity)| Asked { pollutant, origin, validity, quantity, statement });
        fields.finish(asked)
    }
}

impl From<DraftApplication> for ReviseApplication {
    fn from(draft: DraftApplication) -> Self {
        let DraftApplication { site: _, pollutant, origin, valid_from, valid_to, quantity, statement } = draft;
        Self { pollutant, origin, valid_from, valid_to, quantity, statement }
    }
}

/// Draft an application for rights to one of your sites. The bureau knows nothing of it until you hand it in.
#[utoipa::path(post, path = "/allocation-applications", tag = "quota", operation_id = "draft_application",
    request_body = DraftApplication, security(("bearer" = [])),
    extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 201, description = "Drafted", body = ApplicationView)))]
async fn draft_application(State(shared): State<Shared>, command: Command<DraftApplication>) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let site = SiteId(command.body.site);
    let known = queries::own_site(shared.db.reader(), &command.caller, site).await;
    let asked = ReviseApplication::from(command.body).read(&pollutants, known)?;
    let drafted = shared.db.run_once(&permit, &command.key, &asked, |work, asked| {
        Box::pin(async move {
            let drafted = commands::draft(work, site, asked).await?;
            view_in(work, drafted).await
        })
    });
    Ok(Answer::created(drafted.await?))
}

/// Change what your draft says, or your application that is to be corrected.
#[utoipa::path(post, path = "/allocation-applications/{id}/revise", tag = "quota", operation_id = "revise_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = ReviseApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 200, description = "Revised", body = ApplicationView)))]
async fn revise_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<ReviseApplication>,
) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let found = queries::find_application(&shared.db, &command.caller.scope(), id).await?;
    let application = found.ok_or_else(|| not_found("application"))?;
    let site = queries::own_site(shared.db.reader(), &command.caller, application.site).await;
    let wanted = (id, command.expected, command.body.read(&pollutants, site)?);
    let revised = shared.db.run_once(&permit, &command.key, &wanted, |work, (id, expected, asked)| {
        Box::pin(async move {
            let revised = commands::revise(work, *id, *expected, asked).await?;
            view_in(work, revised).await
        })
    });
    Ok(Answer::ok(revised.await?))
}

/// What an application rests on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitApplication {
    /// Ids of documents of your organisation, which the bureau may read from then on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl SubmitApplication {
    /// The documents.
    ///
    /// # Errors
    /// Too many of them.
    pub(super) fn read(&self) -> Result<Grounds, Failure> {
        let mut fields = Fields::default();
        let documents = read_documents(&mut fields, &self.documents);
        fields.finish(Some(Grounds { reason: None, documents, document_hash: None }))
    }
}

/// Hand your application in, for the first time or corrected; where your own organisation asks for a second person, it waits for one. The
/// bureau then has the working days of the rulebook to accept it or to say, once, all that it lacks.
#[utoipa::path(post, path = "/allocation-applications/{id}/submit", tag = "quota", operation_id = "submit_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = SubmitApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 200, description = "Handed in", body = ApplicationView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn submit_application(
    State(shared): State<Shared>,
    Id(application): Id<ApplicationId>,
    command: Command<SubmitApplication>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    command.body.read()?;
    let found = queries::find_application(&shared.db, &command.caller.scope(), application).await?;
    let seen = found.ok_or_else(|| not_found("application"))?.version;
    let handed = Handed { application, body: command.body };
    let wanted = Proposed {
        body: serde_json::to_value(&handed).map_err(Failure::bug)?,
        // What is approved is what was proposed: a change in between makes it stale.
        expected: command.expected.or(Some(seen)),
        place: Place::Organisation(command.caller.organisation),
        about: Some((KIND, application.0)),
    };
    let told =
        shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &Submission, wanted)));
    answer(told.await?, |submitted: ApplicationView| Answer::ok(submitted).into_response())
}

/// Take your application back before it is decided.
#[utoipa::path(post, path = "/allocation-applications/{id}/withdraw", tag = "quota", operation_id = "withdraw_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 200, description = "Withdrawn", body = ApplicationView)))]
async fn withdraw_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<Empty>,
) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    let wanted = (id, command.expected);
    let withdrawn = shared.db.run_once(&permit, &command.key, &wanted, |work, (id, expected)| {
        Box::pin(async move {
            let withdrawn = commands::withdraw(work, *id, *expected).await?;
            view_in(work, withdrawn).await
        })
    });
    Ok(Answer::ok(withdrawn.await?))
}

/// Filters of the applications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApplicationQuery {
    /// `draft`, `submitted`, `correction_requested`, `accepted`, `proposed`, `rejected` or `withdrawn`.
    #[param(example = "submitted")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
    /// Id of the grant that was proposed for it.
    allocation: Option<Uuid>,
}

/// Applications of your organisation, or those handed in to your bureau.
#[utoipa::path(get, path = "/allocation-applications", tag = "quota", operation_id = "list_applications",
    params(ApplicationQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Applications in the order in which they were drafted", body = Listing<ApplicationView>)))]
async fn list_applications(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ApplicationQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ApplicationView>> {
    caller.may(Action::ReadQuota)?;
    one_of("state", query.state.as_deref(), ApplicationState::WORDS)?;
    let filter = ApplicationFilter { state: query.state.as_deref(), site: query.site, allocation: query.allocation };
    let found = queries::list_applications(&shared.db, &caller.scope(), filter, &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let items = found.items.into_iter().map(|one| view(one, &pollutants)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One application.
#[utoipa::path(get, path = "/allocation-applications/{id}", tag = "quota", operation_id = "find_application",
    params(("id" = Uuid, Path, description = "Id of the application")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The application", body = ApplicationView)))]
async fn find_application(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ApplicationId>,
) -> Reply<ApplicationView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_application(&shared.db, &caller.scope(), id).await?;
    let application = found.ok_or_else(|| not_found("application"))?;
    Ok(Answer::ok(view(application, &parties::pollutants(shared.db.reader()).await?)?))
}
