//! The kinds of events that there are, for whoever chooses what to be told of.

use super::kinds::names;
use crate::concerns_nobody;
use crate::http::{Answer, Filters, Listing, NoFilters, Reply, Shared};
use accounting::JournalKind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(EventKindView);

/// The operation that tells the kinds.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_event_kinds))
}

/// A kind of events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventKind)]
pub struct EventKindView {
    /// Its word, as the feed and webhooks use it.
    #[schema(example = "pledge_registered")]
    pub kind: String,
    /// Its Chinese name.
    #[schema(example = "质押登记")]
    pub name_zh: String,
    /// Its English name.
    #[schema(example = "Pledge registered")]
    pub name_en: String,
}

impl From<JournalKind> for EventKindView {
    fn from(kind: JournalKind) -> Self {
        let (zh, en) = names(kind);
        Self { kind: kind.as_str().to_owned(), name_zh: zh.to_owned(), name_en: en.to_owned() }
    }
}

/// Every kind of events with its names: what the feed tells, and what a webhook may be registered for. Nobody needs to sign in for it.
#[utoipa::path(get, path = "/event-kinds", tag = "events", operation_id = "list_event_kinds",
    responses((status = 200, description = "Every kind, those that belong together beside each other", body = Listing<EventKindView>)))]
async fn list_event_kinds(_filters: Filters<NoFilters>) -> Reply<Listing<EventKindView>> {
    let items = JournalKind::ALL.iter().copied().map(EventKindView::from).collect();
    Ok(Answer::plain(Listing { items, next_cursor: None }))
}
