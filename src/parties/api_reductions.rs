//! Registered reductions (减排登记), the gate before a surplus may be sold.

use super::api_papers::{PaperQuery, Pollutants, measure_of, read_quantity, views};
use super::commands::{self, NewReduction};
use super::queries;
use super::site::{Reduction, Site};
use crate::access::Action;
use crate::concerns;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, Told, act, answer, read_documents};
use crate::decisions::documents::{self, Audience};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Grounds, Made, Place, Proposal, Rules};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed};
use crate::kernel::ids::{ReductionId, SiteId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use crate::rulebook;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ReductionView: Owner [site]);

/// The operations on reductions.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(register_reduction, list_reductions)).routes(routes!(find_reduction))
}

/// A registered reduction (减排登记): how much of a pollutant a site may sell.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Reduction)]
pub struct ReductionView {
    /// Its identity.
    pub id: Uuid,
    /// The site that reduced.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// How much: a decimal string in the unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// The pollutant's unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Number of the document that verified it.
    #[schema(example = "减排核定2022-003")]
    pub document: String,
    /// SHA-256 of the documents that prove it, in hexadecimal, where some were named.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl ReductionView {
    fn try_new(reduction: Reduction, pollutants: &Pollutants) -> Result<Self, Failure> {
        let measure = measure_of(pollutants, &reduction.pollutant)?;
        Ok(Self {
            id: reduction.id.0,
            site: reduction.site.0,
            pollutant: reduction.pollutant,
            quantity: reduction.quantity.print(measure),
            unit: measure.unit.clone(),
            document: reduction.document,
            document_hash: reduction.document_hash,
            registered_at: reduction.registered_at,
        })
    }
}

/// A reduction to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterReduction {
    /// The site that reduced, in your area.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// How much: a decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Number of the document that verified it.
    #[schema(example = "减排核定2022-003")]
    pub document: String,
    /// Ids of documents of your organisation that prove it: whoever approves it and the enterprise may read them from then on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl RegisterReduction {
    fn read(&self, pollutants: &Pollutants) -> Result<(NewReduction, Grounds), Failure> {
        let mut fields = Fields::default();
        let quantity = read_quantity(&mut fields, "", (&self.pollutant, &self.quantity), pollutants);
        let document = fields.text("document", &self.document);
        let grounds = Grounds { documents: read_documents(&mut fields, &self.documents), ..Grounds::default() };
        let (site, pollutant, document_hash) = (SiteId(self.site), self.pollutant.clone(), None);
        let new = quantity.zip(document);
        let new = new.map(|(quantity, document)| NewReduction { site, pollutant, quantity, document, document_hash });
        fields.finish(new.map(|new| (new, grounds)))
    }
}

/// A registration as it is kept while it waits: what proves it stands for itself by its hash.
#[derive(Debug, Serialize, Deserialize)]
struct KeptReduction {
    #[serde(flatten)]
    body: RegisteredReduction,
    document_hash: Option<String>,
}

/// What is registered.
#[derive(Debug, Serialize, Deserialize)]
struct RegisteredReduction {
    site: Uuid,
    pollutant: String,
    quantity: String,
    document: String,
}

/// Registering a reduction, where the rules in force ask for a second person.
pub struct ReductionProposal;

impl Proposal for ReductionProposal {
    fn word(&self) -> &'static str {
        "reduction"
    }

    fn permission(&self) -> Action {
        Action::RegisterReduction
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(Proposal::word(self))) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, _: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let KeptReduction { body, document_hash } =
                serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let RegisteredReduction { site, pollutant, quantity, document } = body;
            let command = RegisterReduction { site, pollutant, quantity, document, documents: Vec::new() };
            let pollutants = queries::pollutants(work.connection()).await?;
            let (new, _) = command.read(&pollutants)?;
            let news = [NewReduction { document_hash, ..new }];
            let reduction = one(commands::register_reductions(work, &news).await?, |reduction| reduction)?;
            let view = ReductionView::try_new(reduction, &pollutants)?;
            let (subject_kind, subject) = ("reduction", view.id);
            Ok(Made { subject_kind, subject, answer: serde_json::to_value(view).map_err(Failure::bug)? })
        })
    }
}

/// Registers a reduction or lets it wait. What proves it is linked at once, so that the second person can read it.
async fn register_or_wait(
    work: &mut Work,
    body: &RegisterReduction,
    grounds: &Grounds,
    site: Option<&Site>,
) -> Result<Told, Failure> {
    let document_hash = documents::prove(work, &[grounds]).await?.pop().flatten();
    // An unknown site is refused by the command, whoever would have been in charge of it.
    let path = site.map_or_else(|| work.caller().area_path.clone(), |site| site.area_path.clone());
    if let Some(site) = site {
        let audiences = [Audience::Organisation(site.organisation), Audience::Area(path.clone())];
        documents::link(work, grounds, "site", site.id.0, &audiences).await?;
    }
    let registered = RegisteredReduction {
        site: body.site,
        pollutant: body.pollutant.clone(),
        quantity: body.quantity.clone(),
        document: body.document.clone(),
    };
    let kept = KeptReduction { body: registered, document_hash };
    let body = serde_json::to_value(kept).map_err(Failure::bug)?;
    let wanted = Proposed { body, expected: None, place: Place::BureauOver(path), about: None };
    act(work, &ReductionProposal, &wanted).await
}

/// Register a verified reduction of a site in your area (湖北省主要污染物排污权交易办法); where the rules in force ask for a second person,
/// it waits for one.
#[utoipa::path(post, path = "/reductions", tag = "parties", operation_id = "register_reduction",
    request_body = RegisterReduction, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_reduction"))),
    responses((status = 201, description = "Registered", body = ReductionView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn register_reduction(
    State(shared): State<Shared>,
    command: Command<RegisterReduction>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::RegisterReduction)?;
    let pollutants = queries::pollutants(shared.db.reader()).await?;
    let (_, grounds) = command.body.read(&pollutants)?;
    let id = SiteId(command.body.site);
    let site = queries::sites_by_id(shared.db.reader(), &[id]).await?.remove(&id);
    let wanted = (command.body, grounds, site);
    let told = shared.db.run_once(&permit, &command.key, &wanted, |work, (body, grounds, site)| {
        Box::pin(register_or_wait(work, body, grounds, site.as_ref()))
    });
    answer(told.await?, |registered: ReductionView| Answer::plainly_created(registered).into_response())
}

/// Registered reductions of your sites; those of your area for a bureau.
#[utoipa::path(get, path = "/reductions", tag = "parties", operation_id = "list_reductions",
    params(PaperQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Reductions in the order of registration", body = Listing<ReductionView>)))]
async fn list_reductions(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PaperQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ReductionView>> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_reductions(reader, &caller.scope(), query.site, &page).await?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::plain(views(found, |reduction| ReductionView::try_new(reduction, &pollutants))?))
}

/// A reduction of a site whose papers you may see.
#[utoipa::path(get, path = "/reductions/{id}", tag = "parties", operation_id = "find_reduction",
    params(("id" = Uuid, Path, description = "Id of the reduction")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The reduction", body = ReductionView)))]
async fn find_reduction(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ReductionId>,
) -> Reply<ReductionView> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_reductions(reader, &caller.scope(), None, &PageRequest::only(id)).await?;
    let reduction = found.only(id, |reduction| reduction.id.0).ok_or_else(|| not_found("reduction"))?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::plain(ReductionView::try_new(reduction, &pollutants)?))
}
