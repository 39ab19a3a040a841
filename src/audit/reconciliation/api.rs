//! Reconciliations on demand, and what all of them have found.

use super::{Reconciliation, Run, list_runs};
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Filters, Listing, NoFilters, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::operations;
use crate::operations::api::{OperationView, begun};
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(ReconciliationView);

/// The operations of reconciliation.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(reconcile_books, list_reconciliations))
}

/// A run of the reconciliation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub struct ReconciliationView {
    /// Its identity.
    pub id: Uuid,
    /// `wanted`, `running`, `finished`, or `failed` when it was given up.
    #[schema(example = "finished", extensions(("x-words" = json!(["wanted", "running", "finished", "failed"]))))]
    pub state: String,
    /// Who asked for it; null when the schedule did.
    pub asked_by: Option<Uuid>,
    /// When it was asked for, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Moment,
    /// When the reading began, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Moment>,
    /// When it ended, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Moment>,
    /// Whether everything adds up; null until it has ended.
    pub is_clean: Option<bool>,
    /// Accounts read.
    #[schema(example = 128)]
    pub accounts: Option<i64>,
    /// Journals read.
    #[schema(example = 2_416)]
    pub journals: Option<i64>,
    /// Entries read.
    #[schema(example = 6_204)]
    pub entries: Option<i64>,
    /// How many rows differ.
    #[schema(example = 0)]
    pub differences: Option<i64>,
    /// The first of the differences, in words.
    #[schema(example = json!([]))]
    pub named: Vec<String>,
}

impl From<Run> for ReconciliationView {
    fn from(run: Run) -> Self {
        let outcome = run.outcome.as_ref();
        Self {
            id: run.id.0,
            state: run.state.to_owned(),
            asked_by: run.asked_by.map(|user| user.0),
            asked_at: run.asked_at,
            started_at: run.started_at,
            finished_at: outcome.map(|outcome| outcome.finished_at),
            is_clean: outcome.map(|outcome| outcome.differences == 0),
            accounts: outcome.map(|outcome| outcome.accounts),
            journals: outcome.map(|outcome| outcome.journals),
            entries: outcome.map(|outcome| outcome.entries),
            differences: outcome.map(|outcome| outcome.differences),
            named: run.outcome.map(|outcome| outcome.named).unwrap_or_default(),
        }
    }
}

/// Asks for a reconciliation of the whole book; it goes on beside the market, is followed as an operation and stays in the list.
#[utoipa::path(post, path = "/audit/reconciliations", tag = "audit", operation_id = "reconcile_books", request_body = Empty,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))),
    responses((status = 202, description = "Wanted; follow it at its Location", body = OperationView)))]
async fn reconcile_books(State(shared): State<Shared>, command: Command<Empty>) -> Reply<OperationView> {
    let permit = command.caller.may(Action::Audit)?;
    Ok(begun(operations::begin(&shared.db, &permit, &command.key, &Reconciliation, &()).await?))
}

/// Every reconciliation with what it read and found, by the schedule and on demand.
#[utoipa::path(get, path = "/audit/reconciliations", tag = "audit", operation_id = "list_reconciliations", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))),
    responses((status = 200, description = "Reconciliations in the order in which they were asked for", body = Listing<ReconciliationView>)))]
async fn list_reconciliations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<ReconciliationView>> {
    caller.may(Action::Audit)?;
    Ok(Answer::plain(list_runs(&shared.db, &page).await?.map(ReconciliationView::from).into()))
}
