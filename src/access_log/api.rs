//! The access log, as the party sees it and as the auditor does.

use super::queries::{self, ReadFilter, ReadRecord};
use crate::access::Action;
use crate::concerns;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Filters, Listing, NoFilters, Reply, Shared, Signed};
use crate::kernel::Moment;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ReadView: Organisation [organisation]);

/// The operations on the access log.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_access)).routes(routes!(list_every_access))
}

/// Somebody has read an organisation's data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRecord)]
pub struct ReadView {
    /// Its identity.
    pub id: Uuid,
    /// Whose data.
    pub organisation: Uuid,
    /// The user who read.
    pub reader: Uuid,
    /// The user whose roles they had been handed for a while, when they acted for one.
    pub acting_for: Option<Uuid>,
    /// The reader's organisation.
    pub reader_organisation: Uuid,
    /// Its name.
    #[schema(example = "通城县生态环境分局")]
    pub reader_organisation_name: String,
    /// Which operation.
    #[schema(example = "GET /api/v1/balances")]
    pub operation: String,
    /// What was asked: path and query with the ids and filters in them.
    #[schema(example = "/api/v1/balances?purpose=available")]
    pub asked: String,
    /// The consent that it rests on; null where the office itself gives the right to read.
    pub consent: Option<Uuid>,
    /// How often the same was read between the two instants.
    #[schema(example = 1)]
    pub times: i64,
    /// When it was first read, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Moment,
    /// When it was last read.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Moment,
}

impl From<ReadRecord> for ReadView {
    fn from(record: ReadRecord) -> Self {
        Self {
            id: record.id,
            organisation: record.organisation,
            reader: record.reader,
            acting_for: record.principal,
            reader_organisation: record.reader_organisation,
            reader_organisation_name: record.reader_organisation_name,
            operation: record.operation,
            asked: record.asked,
            consent: record.consent,
            times: record.times,
            first_at: record.first_at,
            last_at: record.last_at,
        }
    }
}

/// Who has read your organisation's data, which, and when: banks under your consents, bureaux, auditors, the exchange and the
/// operator by their office.
#[utoipa::path(get, path = "/access-log", tag = "consents", operation_id = "list_access", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_access_log"))),
    responses((status = 200, description = "Reads in the order in which they were logged", body = Listing<ReadView>)))]
async fn list_access(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<ReadView>> {
    caller.may(Action::ReadAccessLog)?;
    // Whoever asks this node finds what this node has answered before.
    shared.watch.write(&shared).await?;
    let own = ReadFilter { organisation: Some(caller.organisation.0), reader: None };
    let found = queries::list(&shared.db, own, &page).await?;
    Ok(Answer::plain(found.map(ReadView::from).into()))
}

/// Which reads.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadQuery {
    /// Id of the organisation whose data was read.
    organisation: Option<Uuid>,
    /// Id of the user who read.
    reader: Option<Uuid>,
}

/// Every read of another party's data.
#[utoipa::path(get, path = "/audit/access-log", tag = "audit", operation_id = "list_every_access",
    params(ReadQuery, OrderParams, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("audit"))),
    responses((status = 200, description = "Reads in the order in which they were logged", body = Listing<ReadView>)))]
async fn list_every_access(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ReadQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ReadView>> {
    caller.may(Action::Audit)?;
    shared.watch.write(&shared).await?;
    let filter = ReadFilter { organisation: query.organisation, reader: query.reader };
    let found = queries::list(&shared.db, filter, &page).await?;
    Ok(Answer::plain(found.map(ReadView::from).into()))
}
