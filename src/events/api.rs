//! The feed of events.

use super::queries;
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::columns::hexadecimal;
use crate::http::field::FieldRefusal;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Fields, Filters, Listing, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::ledger::log::sequenced::Sequenced;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(EventView);

/// The operations on the feed.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_events))
}

/// Something that happened to you: a journal at its place in the transparency log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// Its place in the log: events come in this order, and it never changes.
    #[schema(example = 1841)]
    pub position: i64,
    /// Id of the journal; also the id of its message.
    pub id: Uuid,
    /// What happened: the kind of the journal.
    #[schema(example = "pledge_registered")]
    pub kind: String,
    /// What kind of thing it is about.
    #[schema(example = "pledge")]
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The version the thing has reached with it.
    #[schema(example = 4)]
    pub subject_version: i64,
    /// The legal date.
    #[schema(format = Date, example = "2022-12-01")]
    pub effective_on: String,
    /// When the book learnt it, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// SHA-256 over the journal's canonical form, in hexadecimal: its leaf in the log.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: String,
}

impl From<Sequenced> for EventView {
    fn from(event: Sequenced) -> Self {
        Self {
            position: event.position,
            id: event.id,
            kind: event.kind,
            subject_kind: event.subject_kind,
            subject: event.subject,
            subject_version: event.subject_version,
            effective_on: event.effective_on,
            recorded_at: event.recorded_at,
            leaf_hash: hexadecimal(&event.leaf_hash),
        }
    }
}

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// `position` of the last event that you have; from the beginning when left out. With `order=newest` the list ends there.
    #[param(minimum = 0, example = 1841)]
    after: Option<i64>,
}

/// What has happened to your organisation, in an order that never changes: whoever keeps the last `position` misses nothing and gets
/// nothing twice. An event appears within about a second of its commit.
#[utoipa::path(get, path = "/events", tag = "events", operation_id = "list_events", params(EventQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_events"))),
    responses((status = 200, description = "Events in the order of the log", body = Listing<EventView>)))]
async fn list_events(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<EventQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<EventView>> {
    caller.may(Action::ReadEvents)?;
    let mut fields = Fields::default();
    let is_place = query.after.is_none_or(|after| after >= 0);
    let after = fields.take("after", if is_place { Ok(query.after) } else { Err(FieldRefusal::OutOfRange {}) });
    let after = fields.finish(after)?;
    let found = queries::list_events(&shared.db, caller.organisation, after, &page).await?;
    Ok(Answer::plain(found.map(EventView::from).into()))
}
