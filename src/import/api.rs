//! What the auditor reads of an imported register.

use super::queries::{self, LegacyTransaction};
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Filters, Listing, Paging, Reply, Shared, Signed};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// Their holders are names of a register that was closed; who stands behind them reads them in the books.
concerns_nobody!(LegacyTransactionView);

/// The operations of import.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_legacy_transactions))
}

/// A row of a transaction of the legacy register.
#[derive(Debug, Serialize, ToSchema)]
pub struct LegacyRow {
    /// Its sequence number.
    #[schema(example = 17)]
    pub seq: i64,
    /// Its timestamp, as it was written.
    #[schema(example = "2016-12-01T09:00:00")]
    pub timestamp: String,
    /// Its type.
    #[schema(example = "transfer")]
    pub kind: String,
}

/// A transaction of the legacy register and the journal it has become.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyTransaction)]
pub struct LegacyTransactionView {
    /// The journal: `GET /journals/{id}` has its entries.
    pub journal: Uuid,
    /// The id that the register knew it by.
    #[schema(example = "T-2016-000017")]
    pub transaction_id: String,
    /// Timestamp of its first row, as it was written.
    #[schema(example = "2016-12-01T09:00:00")]
    pub timestamp: String,
    /// Type of its first row.
    #[schema(example = "transfer")]
    pub kind: String,
    /// The legal date of the journal: that of the timestamp.
    #[schema(example = "2016-12-01")]
    pub effective_on: String,
    /// Its rows in the order of their sequence numbers; line n of the journal is row n.
    pub rows: Vec<LegacyRow>,
}

impl From<LegacyTransaction> for LegacyTransactionView {
    fn from(transaction: LegacyTransaction) -> Self {
        let rows = transaction.rows();
        Self {
            journal: transaction.journal,
            transaction_id: transaction.transaction_id,
            timestamp: transaction.timestamp,
            kind: transaction.kind,
            effective_on: transaction.effective_on,
            rows: rows.into_iter().map(|(seq, timestamp, kind)| LegacyRow { seq, timestamp, kind }).collect(),
        }
    }
}

/// Filters of the imported transactions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LegacyQuery {
    /// The id that the register knew a transaction by.
    #[param(example = "T-2016-000017")]
    transaction_id: Option<String>,
}

/// Transactions that were imported from a legacy register; the one with an id when asked.
#[utoipa::path(get, path = "/audit/legacy-transactions", tag = "audit", operation_id = "list_legacy_transactions",
    params(LegacyQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))),
    responses((status = 200, description = "Transactions in the order of their journals", body = Listing<LegacyTransactionView>)))]
async fn list_legacy_transactions(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<LegacyQuery>,
    Paging(page): Paging,
) -> Reply<Listing<LegacyTransactionView>> {
    caller.may(Action::Audit)?;
    let found = queries::list_transactions(&shared.db, query.transaction_id.as_deref(), &page).await?;
    Ok(Answer::plain(found.map(LegacyTransactionView::from).into()))
}
