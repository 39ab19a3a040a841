//! The parts of freezes that were sold.

use super::freeze::Freeze;
use super::queries;
use super::store::PartExecution;
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Id, Listing, Paging, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::FreezeId;
use crate::kernel::page::Page;
use crate::parties::words::Words;
use accounting::Measure;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(FreezeExecutionView: Organisation [organisation, buyer]);

/// The operations on executions of parts.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_freeze_executions))
}

/// A part of what a freeze held that was sold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FreezeExecution)]
pub struct FreezeExecutionView {
    /// Its identity.
    pub id: Uuid,
    /// The freeze.
    pub freeze: Uuid,
    /// The organisation whose rights they were.
    pub organisation: Uuid,
    /// How much, in the pollutant's unit.
    #[schema(example = "20.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Number of the document that ordered the sale.
    #[schema(example = "(2022)鄂12执123号之二")]
    pub document: String,
    /// The site that has got the rights.
    pub buyer_site: Uuid,
    /// Its organisation.
    pub buyer: Uuid,
    /// CNY per unit over the whole validity, as the court has sold it.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// Codes of the checks that stood against the sale, and that the court has overruled.
    #[schema(example = json!(["TRD_PERMIT_NOT_IN_FORCE"]))]
    pub warnings: Vec<String>,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub executed_at: Moment,
}

impl FreezeExecutionView {
    fn of(freeze: &Freeze, part: PartExecution, measure: &Measure) -> Self {
        let PartExecution { id, quantity, execution } = part;
        Self {
            id: id.0,
            freeze: freeze.id.0,
            organisation: freeze.organisation.0,
            quantity: quantity.print(measure),
            unit: measure.unit.clone(),
            document: execution.document,
            buyer_site: execution.buyer.0,
            buyer: execution.buyer_organisation.0,
            unit_price: execution.unit_price.print(),
            warnings: execution.warnings,
            executed_at: execution.at,
        }
    }
}

/// The parts of a freeze that were sold while it went on with the rest; the last sale stands in the freeze itself.
#[utoipa::path(get, path = "/freezes/{id}/executions", tag = "pledges", operation_id = "list_freeze_executions",
    params(("id" = Uuid, Path, description = "Id of the freeze"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_freezes"))),
    responses((status = 200, description = "Parts, oldest first", body = Listing<FreezeExecutionView>)))]
async fn list_freeze_executions(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<FreezeId>,
    Paging(page): Paging,
) -> Reply<Listing<FreezeExecutionView>> {
    caller.may(Action::ReadFreezes)?;
    let found = queries::list_executions(&shared.db, &caller.scope(), id, &page).await?;
    let (freeze, parts) = found.ok_or_else(|| not_found("freeze"))?;
    let words = Words::of_ids(shared.db.reader(), &[freeze.right_class]).await?;
    let (_, measure) = words.class(freeze.right_class)?;
    let items = parts.items.into_iter().map(|part| FreezeExecutionView::of(&freeze, part, measure)).collect();
    Ok(Answer::plain(Page { items, next: parts.next }.into()))
}
