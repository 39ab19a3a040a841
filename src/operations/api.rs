//! Following long work: by polling, or by server-sent events.

use super::{Operation, State as Standing, queries};
use crate::access::Caller;
use crate::concerns_nobody;
use crate::http::concern;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::problem::ViolationView;
use crate::http::{Answer, Filters, Id, Language, Listing, NoFilters, Problem, Reply, Shared, Signed};
use crate::kernel::ids::OperationId;
use crate::kernel::{Failure, Moment};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// How often a listener's operation is looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(300);

/// The operations of long work.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_operations))
        .routes(routes!(find_operation))
        .routes(routes!(follow_operation))
}

/// A long work and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operation)]
pub struct OperationView {
    /// Its identity.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// Which work.
    #[schema(example = "verification")]
    pub kind: String,
    /// `wanted`, `running`, `finished` or `failed`.
    #[schema(example = "running", extensions(("x-words" = json!(["wanted", "running", "finished", "failed"]))))]
    pub state: String,
    /// Who asked for it; null when a schedule did.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e02")]
    pub asked_by: Option<Uuid>,
    /// When it was asked for, in business time.
    #[schema(value_type = String, format = DateTime, example = "2022-12-01T09:00:00.000000+08:00")]
    pub asked_at: Moment,
    /// When a node began with it, in business time.
    #[schema(value_type = Option<String>, format = DateTime, example = "2022-12-01T09:00:00.120000+08:00")]
    pub started_at: Option<Moment>,
    /// When it ended, in business time.
    #[schema(value_type = Option<String>, format = DateTime, example = "2022-12-01T09:00:04.310000+08:00")]
    pub finished_at: Option<Moment>,
    /// Steps done.
    #[schema(example = 20_000)]
    pub done: u64,
    /// Of how many, once that is known.
    #[schema(example = 84_310)]
    pub total: Option<u64>,
    /// Every rule that stood against it, when it has failed.
    pub faults: Vec<ViolationView>,
    /// What came out, when it has finished; its form depends on the kind.
    #[schema(value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
}

// How far a work has come is no party's affair; what came out is told by its own operations too, for those who may audit.
concerns_nobody!(OperationView);

impl OperationView {
    /// In the language that the client asks for.
    pub fn of(operation: Operation, language: Language) -> Self {
        let (word, started_at, finished_at, result, faults) = match operation.state {
            Standing::Wanted => ("wanted", None, None, None, Vec::new()),
            Standing::Running { started_at } => ("running", Some(started_at), None, None, Vec::new()),
            Standing::Ended { started_at, finished_at, outcome: Ok(result) } => {
                ("finished", Some(started_at), Some(finished_at), Some(result), Vec::new())
            }
            Standing::Ended { started_at, finished_at, outcome: Err(faults) } => {
                ("failed", Some(started_at), Some(finished_at), None, faults)
            }
        };
        Self {
            id: operation.id.0,
            kind: operation.kind,
            state: word.to_owned(),
            asked_by: operation.asked_by.map(|(user, _)| user.0),
            asked_at: operation.asked_at,
            started_at,
            finished_at,
            done: operation.done,
            total: operation.total,
            faults: faults.iter().map(|fault| ViolationView::of(fault, language)).collect(),
            result,
        }
    }
}

/// One event of a followed operation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationEvent {
    /// `progress`, and `ended` for the last one.
    #[schema(example = "progress", extensions(("x-words" = json!(["progress", "ended"]))))]
    pub event: String,
    /// The operation as JSON.
    #[schema(
        example = r#"{"id":"018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01","state":"running","done":20000,"total":84310}"#
    )]
    pub data: String,
}

/// 202 with where to follow the work.
pub fn begun(operation: Operation) -> Answer<OperationView> {
    let location = format!("/api/v1/operations/{}", operation.id);
    // Nothing is told yet that would need a language.
    Answer::begun(OperationView::of(operation, Language::Zh), &location)
}

/// Long work that your organisation has asked for; all of it for whoever sees the whole book.
#[utoipa::path(get, path = "/operations", tag = "operations", operation_id = "list_operations", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!([]))),
    responses((status = 200, description = "Operations in the order in which they were asked for", body = Listing<OperationView>)))]
async fn list_operations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
    headers: HeaderMap,
) -> Reply<Listing<OperationView>> {
    caller.must_have_signed_in("list_operations")?;
    let language = Language::asked(headers.get(header::ACCEPT_LANGUAGE));
    let found = queries::list(&shared.db, &caller, &page).await?;
    Ok(Answer::plain(found.map(|operation| OperationView::of(operation, language)).into()))
}

async fn find(shared: &Shared, caller: &Caller, id: OperationId) -> Result<Operation, Failure> {
    queries::find(&shared.db, caller, id).await?.ok_or_else(|| not_found("operation").into())
}

/// How far a long work has come.
#[utoipa::path(get, path = "/operations/{id}", tag = "operations", operation_id = "find_operation",
    params(("id" = Uuid, Path, description = "Id of the operation")), security(("bearer" = [])),
    extensions(("x-permission" = json!([]))),
    responses((status = 200, description = "The operation", body = OperationView)))]
async fn find_operation(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<OperationId>,
    headers: HeaderMap,
) -> Reply<OperationView> {
    caller.must_have_signed_in("find_operation")?;
    let language = Language::asked(headers.get(header::ACCEPT_LANGUAGE));
    Ok(Answer::plain(OperationView::of(find(&shared, &caller, id).await?, language)))
}

/// Follow a long work: an event `progress` with the operation each time that it has moved, and `ended` with its end. The stream ends
/// then, or after ten minutes if the operator has set nothing else.
#[utoipa::path(get, path = "/operations/{id}/events", tag = "operations", operation_id = "follow_operation",
    params(("id" = Uuid, Path, description = "Id of the operation")), security(("bearer" = [])),
    extensions(("x-permission" = json!([]))),
    responses((status = 200, description = "Server-sent events; the data of each is the operation as JSON", body = OperationEvent,
        content_type = "text/event-stream")))]
async fn follow_operation(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<OperationId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.must_have_signed_in("follow_operation")?;
    let language = Language::asked(headers.get(header::ACCEPT_LANGUAGE));
    let first = find(&shared, &caller, id).await?;
    let until = Instant::now() + shared.conduct.longest_stream;
    let listener = Listener { shared, caller, language, told: None, next: Some(first), until };
    let events = stream::unfold(listener, async |mut listener| {
        let event = listener.hear().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    let nobody: &[OperationView] = &[];
    concern::tell(&mut response, nobody);
    Ok(response)
}

/// Somebody who follows an operation.
struct Listener {
    shared: Shared,
    caller: Caller,
    language: Language,
    told: Option<Operation>,
    next: Option<Operation>,
    until: Instant,
}

impl Listener {
    /// The next event; nothing when the work is over or was followed long enough.
    async fn hear(&mut self) -> Option<Event> {
        let id = self.told.as_ref().or(self.next.as_ref())?.id;
        loop {
            if self.told.as_ref().is_some_and(Operation::is_over) || Instant::now() >= self.until {
                return None;
            }
            let seen = if let Some(first) = self.next.take() {
                Some(first)
            } else {
                tokio::time::sleep(LOOKED_AT_EVERY).await;
                // A database that does not answer for a moment is asked again.
                find(&self.shared, &self.caller, id).await.ok()
            };
            if let Some(seen) = seen.filter(|seen| self.told.as_ref() != Some(seen)) {
                let name = if seen.is_over() { "ended" } else { "progress" };
                self.told = Some(seen.clone());
                let data = serde_json::to_string(&OperationView::of(seen, self.language)).ok()?;
                let OperationEvent { event, data } = OperationEvent { event: name.to_owned(), data };
                return Some(Event::default().event(event).data(data));
            }
        }
    }
}
