//! What was delivered to a webhook, and sending it again.

use super::commands::{self, Replay, Replayed};
use super::delivery::{Attempt, Delivery, DeliveryState};
use super::queries;
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::field::{FieldRefusal, one_of, whole};
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::WebhookId;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(DeliveryView, ReplayView);

/// The operations on deliveries.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_deliveries)).routes(routes!(replay_events))
}

/// A try to deliver a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct AttemptView {
    /// Which one, from 1.
    #[schema(example = 1)]
    pub number: i64,
    /// When, in wall time.
    #[schema(value_type = String, format = DateTime)]
    pub tried_at: Moment,
    /// `delivered`; `refused`: another status than 2xx; `unreachable`; `too_slow`: no answer within 15 seconds; `private_address`:
    /// the name led into a private network, and nothing was sent.
    #[schema(example = "refused")]
    pub outcome: String,
    /// The status that was answered; null when nothing was.
    #[schema(example = 503)]
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    #[schema(example = 42)]
    pub duration_ms: i64,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            tried_at: attempt.tried_at,
            outcome: attempt.outcome.as_str().to_owned(),
            status: attempt.status,
            duration_ms: attempt.duration_ms,
        }
    }
}

/// A message to a webhook, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// Its identity.
    pub id: Uuid,
    /// The event: the id of its journal, and the `webhook-id` of the message.
    pub event: Uuid,
    /// The place of the event in the log.
    #[schema(example = 1841)]
    pub position: i64,
    /// `waiting`, `delivered`, or `dead` after its last try.
    #[schema(example = "waiting", extensions(("x-words" = json!(DeliveryState::WORDS))))]
    pub state: String,
    /// When it is tried next, in wall time; null when it is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_try_at: Option<Moment>,
    /// Its tries, the first one first.
    pub attempts: Vec<AttemptView>,
}

impl From<(Delivery, Vec<Attempt>)> for DeliveryView {
    fn from((delivery, attempts): (Delivery, Vec<Attempt>)) -> Self {
        let is_waiting = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id.0,
            event: delivery.journal,
            position: delivery.position,
            state: delivery.state.as_str().to_owned(),
            next_try_at: is_waiting.then_some(delivery.due_at),
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

/// Filters of the deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// `waiting`, `delivered` or `dead`.
    #[param(example = "dead")]
    state: Option<String>,
}

/// Messages to a webhook with their tries.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", tag = "events", operation_id = "list_deliveries",
    params(("id" = Uuid, Path, description = "The webhook"), DeliveryQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "Deliveries in the order in which they were first put into the queue",
        body = Listing<DeliveryView>)))]
async fn list_deliveries(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<WebhookId>,
    Filters(query): Filters<DeliveryQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<DeliveryView>> {
    caller.may(Action::ManageWebhooks)?;
    let known: Vec<&str> = DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
    one_of("state", query.state.as_deref(), &known)?;
    let state = query.state.as_deref().and_then(DeliveryState::parse);
    let webhook = queries::find_webhook(&shared.db, &caller, id).await?;
    let found = queries::list_deliveries(&shared.db, webhook.id, state, &page).await?;
    Ok(Answer::plain(found.map(DeliveryView::from).into()))
}

/// Which events are sent again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayEvents {
    /// The events after this `position`; 0 or more.
    #[schema(example = 1841, minimum = 0)]
    #[serde(deserialize_with = "whole")]
    pub after: i64,
    /// Only those whose last try has failed; otherwise all that the webhook wants, delivered or not.
    #[serde(default)]
    #[schema(example = true)]
    pub only_dead: bool,
}

/// What was put into the queue.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Replayed)]
pub struct ReplayView {
    /// How many messages.
    #[schema(example = 17)]
    pub count: u64,
    /// Send it as `after` to go on, when there are more events than one replay takes (10,000).
    pub go_on_after: Option<i64>,
}

impl From<Replayed> for ReplayView {
    fn from(replayed: Replayed) -> Self {
        Self { count: replayed.count, go_on_after: replayed.go_on_after }
    }
}

/// Send events to a webhook again, also those from before it was registered. Messages keep their `webhook-id`.
#[utoipa::path(post, path = "/webhooks/{id}/replay", tag = "events", operation_id = "replay_events",
    request_body = ReplayEvents, params(("id" = Uuid, Path, description = "The webhook")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "They wait in the queue", body = ReplayView)))]
async fn replay_events(
    State(shared): State<Shared>,
    Id(webhook): Id<WebhookId>,
    command: Command<ReplayEvents>,
) -> Reply<ReplayView> {
    let permit = command.caller.may(Action::ManageWebhooks)?;
    let mut fields = Fields::default();
    let after = command.body.after;
    let after = fields.take("after", if after >= 0 { Ok(after) } else { Err(FieldRefusal::OutOfRange {}) });
    let only_dead = command.body.only_dead;
    let expected = command.expected;
    let replay = fields.finish(after.map(|after| Replay { webhook, after, only_dead, expected }))?;
    let replayed = shared.db.run_once(&permit, &command.key, &replay, |work, replay| {
        Box::pin(async move { Ok(ReplayView::from(commands::replay(work, replay).await?)) })
    });
    Ok(Answer::plain(replayed.await?))
}
