//! The register of court freezes.

use super::api_view::FreezeView;
use super::commands::{self, NewFreeze, NewLifting};
use super::executing::{self, NewExecution};
use super::freeze::{Freeze, FreezeState};
use super::queries::{self, FreezeFilter};
use crate::access::Action;
use crate::db::Work;
use crate::encumbrance::Binders;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{FreezeId, ProjectId, SiteId};
use crate::kernel::page::Page;
use crate::parties::words::Words;
use axum::Extension;
use axum::extract::State;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on freezes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(record_freeze, list_freezes))
        .routes(routes!(find_freeze))
        .routes(routes!(lift_freeze))
        .routes(routes!(execute_freeze))
}

/// A freeze to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFreeze {
    /// Number of the court's document (协助执行通知书).
    #[schema(example = "(2022)鄂12执123号")]
    pub document: String,
    /// Which court.
    #[schema(example = "咸宁市中级人民法院")]
    pub court: String,
    /// Id of the site whose rights they are.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "50.000")]
    pub quantity: String,
    /// Its last day; leave it out where the court names none.
    #[schema(format = Date, example = "2025-11-30")]
    pub until: Option<String>,
}

impl RecordFreeze {
    fn read(&self, words: &Words) -> Result<NewFreeze, Failure> {
        let mut fields = Fields::default();
        let document = fields.text("document", &self.document);
        let court = fields.text("court", &self.court);
        let until = self.until.as_deref().and_then(|text| fields.date("until", text));
        let class = fields.take("", words.class_by_code(&self.right_class));
        let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &self.quantity, measure));
        let site = SiteId(self.site);
        let read = document.zip(court).zip(class.zip(quantity));
        fields.finish(read.map(|((document, court), ((right_class, measure), quantity))| NewFreeze {
            document,
            court,
            site,
            right_class,
            quantity,
            measure,
            until,
        }))
    }
}

async fn view(work: &Work, freeze: Freeze) -> Result<FreezeView, Failure> {
    let words = Words::of_ids(work.connection(), &[freeze.right_class]).await?;
    FreezeView::of(freeze, &words)
}

/// Record what a court has ordered frozen, as the exchange. What is free is frozen at once; open offers, listings, lots and trades give way
/// as far as that is not enough; behind a lien the freeze waits in line, and the pledgee is told.
#[utoipa::path(post, path = "/freezes", tag = "pledges", operation_id = "record_freeze", request_body = RecordFreeze,
    security(("bearer" = [])), extensions(("x-permission" = json!("record_freeze"))),
    responses((status = 201, description = "Recorded", body = FreezeView)))]
async fn record_freeze(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    command: Command<RecordFreeze>,
) -> Reply<FreezeView> {
    let permit = command.caller.may(Action::RecordFreeze)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let new = command.body.read(&words)?;
    let recorded = shared.db.run_once(&permit, &command.key, &new, move |work, new| {
        Box::pin(async move {
            let freeze = commands::record(work, binders, new).await?;
            view(work, freeze).await
        })
    });
    Ok(Answer::created(recorded.await?))
}

/// The end of a freeze by order of the court.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftFreeze {
    /// Number of the document by which it was recorded: so that no other freeze is lifted by a slip.
    #[schema(example = "(2022)鄂12执123号")]
    pub freezing_document: String,
    /// Number of the document that lifts it.
    #[schema(example = "(2022)鄂12执123号之一")]
    pub document: String,
    /// How much, when it is lifted in part: decimal string in the pollutant's unit, less than what is ordered. It gives up what it waits
    /// for first, and then of what it holds.
    #[schema(example = "20.000")]
    pub quantity: Option<String>,
}

/// Lift a freeze by order of the court, in whole or in part, as the exchange: what it lets go goes to whoever waits next in line, and what
/// nobody waits for is free.
#[utoipa::path(post, path = "/freezes/{id}/lift", tag = "pledges", operation_id = "lift_freeze",
    params(("id" = Uuid, Path, description = "Id of the freeze")), request_body = LiftFreeze,
    security(("bearer" = [])), extensions(("x-permission" = json!("record_freeze"))),
    responses((status = 200, description = "Lifted", body = FreezeView)))]
async fn lift_freeze(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(freeze): Id<FreezeId>,
    command: Command<LiftFreeze>,
) -> Reply<FreezeView> {
    let permit = command.caller.may(Action::RecordFreeze)?;
    let known = queries::find_freeze(&shared.db, &command.caller.scope(), freeze).await?;
    let known = known.ok_or_else(|| not_found("freeze"))?;
    let words = Words::of_ids(shared.db.reader(), &[known.right_class]).await?;
    let mut fields = Fields::default();
    let freezing_document = fields.text("freezing_document", &command.body.freezing_document);
    let document = fields.text("document", &command.body.document);
    let (_, measure) = words.class(known.right_class)?;
    let part = command.body.quantity.as_deref();
    let quantity = part.and_then(|text| fields.quantity("quantity", text, measure));
    let expected = command.expected;
    let new = freezing_document.zip(document);
    let new = fields.finish(new.map(|(freezing_document, document)| NewLifting {
        freeze,
        expected,
        freezing_document,
        document,
        quantity,
    }))?;
    let lifted = shared.db.run_once(&permit, &command.key, &new, move |work, new| {
        Box::pin(async move {
            let freeze = commands::lift(work, binders, new).await?;
            view(work, freeze).await
        })
    });
    Ok(Answer::ok(lifted.await?))
}

/// The sale of what is frozen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecuteFreeze {
    /// Number of the document by which it was recorded.
    #[schema(example = "(2022)鄂12执123号")]
    pub freezing_document: String,
    /// Number of the document that orders the sale.
    #[schema(example = "(2022)鄂12执123号之二")]
    pub document: String,
    /// Id of the site that gets the rights.
    pub buyer_site: Uuid,
    /// Id of the buyer's project, where the court names one.
    pub project: Option<Uuid>,
    /// CNY per unit over the whole validity; the money goes through the court.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// How much of what it holds, when it is executed in part: decimal string in the pollutant's unit. The rest stays frozen.
    #[schema(example = "20.000")]
    pub quantity: Option<String>,
    /// Whether the court orders the sale whatever stands against the buyer: that is then recorded as warnings.
    #[serde(default)]
    #[schema(example = false)]
    pub ordered_anyway: bool,
}

/// Execute a freeze that is in force, as the exchange, or a part of what it holds: that passes to the buyer that the court names, who is
/// judged as in any trade.
#[utoipa::path(post, path = "/freezes/{id}/execute", tag = "pledges", operation_id = "execute_freeze",
    params(("id" = Uuid, Path, description = "Id of the freeze")), request_body = ExecuteFreeze,
    security(("bearer" = [])), extensions(("x-permission" = json!("record_freeze"))),
    responses((status = 200, description = "Executed", body = FreezeView)))]
async fn execute_freeze(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(freeze): Id<FreezeId>,
    command: Command<ExecuteFreeze>,
) -> Reply<FreezeView> {
    let permit = command.caller.may(Action::RecordFreeze)?;
    let (body, expected) = (&command.body, command.expected);
    let known = queries::find_freeze(&shared.db, &command.caller.scope(), freeze).await?;
    let known = known.ok_or_else(|| not_found("freeze"))?;
    let words = Words::of_ids(shared.db.reader(), &[known.right_class]).await?;
    let (_, measure) = words.class(known.right_class)?;
    let mut fields = Fields::default();
    let freezing_document = fields.text("freezing_document", &body.freezing_document);
    let document = fields.text("document", &body.document);
    let unit_price = fields.price("unit_price", &body.unit_price);
    let quantity = body.quantity.as_deref().and_then(|text| fields.quantity("quantity", text, measure));
    let read = freezing_document.zip(document).zip(unit_price);
    let new = fields.finish(read.map(|((freezing_document, document), unit_price)| NewExecution {
        freeze,
        expected,
        freezing_document,
        document,
        buyer: SiteId(body.buyer_site),
        project: body.project.map(ProjectId),
        unit_price,
        quantity,
        is_ordered_anyway: body.ordered_anyway,
    }))?;
    let executed = shared.db.run_once(&permit, &command.key, &new, move |work, new| {
        Box::pin(async move {
            let freeze = executing::execute(work, binders, new).await?;
            view(work, freeze).await
        })
    });
    Ok(Answer::ok(executed.await?))
}

/// Filters of the freezes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FreezeQuery {
    /// Id of the site whose rights they are.
    site: Option<Uuid>,
    /// Number of the court's document.
    #[param(example = "(2022)鄂12执123号")]
    document: Option<String>,
    /// `waiting`, `in_force`, `lifted` or `executed`.
    #[param(example = "in_force")]
    state: Option<String>,
}

/// Freezes of your rights, of those that you have got by one, or in your area; all of them for the exchange.
#[utoipa::path(get, path = "/freezes", tag = "pledges", operation_id = "list_freezes", params(FreezeQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_freezes"))),
    responses((status = 200, description = "Freezes in the order in which they were recorded", body = Listing<FreezeView>)))]
async fn list_freezes(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<FreezeQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<FreezeView>> {
    caller.may(Action::ReadFreezes)?;
    one_of("state", query.state.as_deref(), FreezeState::WORDS)?;
    let filter = FreezeFilter { site: query.site.map(SiteId), document: query.document, state: query.state };
    let found = queries::list_freezes(&shared.db, &caller.scope(), &filter, &page).await?;
    let classes: Vec<_> = found.items.iter().map(|freeze| freeze.right_class).collect();
    let words = Words::of_ids(shared.db.reader(), &classes).await?;
    let views = found.items.into_iter().map(|freeze| FreezeView::of(freeze, &words)).collect::<Result<_, _>>()?;
    Ok(Answer::plain(Page { items: views, next: found.next }.into()))
}

/// A freeze.
#[utoipa::path(get, path = "/freezes/{id}", tag = "pledges", operation_id = "find_freeze",
    params(("id" = Uuid, Path, description = "Id of the freeze")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_freezes"))),
    responses((status = 200, description = "The freeze", body = FreezeView)))]
async fn find_freeze(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<FreezeId>) -> Reply<FreezeView> {
    caller.may(Action::ReadFreezes)?;
    let found = queries::find_freeze(&shared.db, &caller.scope(), id).await?;
    let freeze = found.ok_or_else(|| not_found("freeze"))?;
    let words = Words::of_ids(shared.db.reader(), &[freeze.right_class]).await?;
    Ok(Answer::ok(FreezeView::of(freeze, &words)?))
}
