//! Registering webhooks and changing them.

use super::commands::{self, Change, NewWebhook, WebhookChange};
use super::queries;
use super::signature::fresh_secret;
use super::webhook::{Webhook, WebhookState};
use crate::access::Action;
use crate::db::columns::hexadecimal;
use crate::http::extract::Empty;
use crate::http::outbound::judge_now;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed, Versioned};
use crate::identity::api_clients::RotateSecret;
use crate::identity::secret;
use crate::kernel::ids::WebhookId;
use crate::kernel::{Failure, Moment};
use crate::{concerns, concerns_nobody};
use accounting::JournalKind;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(WebhookView: Organisation [organisation]);
concerns_nobody!(WebhookWithSecret);

/// The operations on webhooks.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_webhook, list_webhooks))
        .routes(routes!(find_webhook))
        .routes(routes!(rotate_webhook_secret))
        .routes(routes!(suspend_webhook))
        .routes(routes!(reinstate_webhook))
        .merge(super::api_deliveries::routes())
}

/// A webhook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookView {
    /// Its identity.
    pub id: Uuid,
    /// Whose events it is told of.
    pub organisation: Uuid,
    /// Where messages go.
    #[schema(example = "https://bank.example/hooks/ganhe")]
    pub url: String,
    /// Kinds of events that it is told of; all of them when there is none.
    #[schema(example = json!(["pledge_registered", "pledge_released"]))]
    pub kinds: Vec<String>,
    /// `active` or `suspended`.
    #[schema(example = "active", extensions(("x-words" = json!(WebhookState::WORDS))))]
    pub state: String,
    /// Until when messages are signed with the secret before, too, in wall time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub former_secret_until: Option<Moment>,
    /// Who registered it.
    pub registered_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.0,
            organisation: webhook.organisation.0,
            url: webhook.url,
            kinds: webhook.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
            state: webhook.state.as_str().to_owned(),
            former_secret_until: webhook.former.map(|(_, until)| until),
            registered_by: webhook.registered_by.0,
            registered_at: webhook.registered_at,
            version: webhook.version,
        }
    }
}

impl Versioned for WebhookView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A webhook with the secret of its signatures.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    pub webhook: WebhookView,
    /// What its messages are signed with. It is shown once: a repeat under the same key answers none.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
}

impl Versioned for WebhookWithSecret {
    fn version(&self) -> i64 {
        self.webhook.version
    }
}

/// What is kept under the key of a request that makes a secret: never the secret.
#[derive(Serialize, Deserialize)]
struct Made {
    webhook: WebhookView,
    hash: String,
}

impl Made {
    fn of(webhook: Webhook) -> Self {
        Self { hash: hexadecimal(&secret::hash(&webhook.secret)), webhook: webhook.into() }
    }

    fn with(self, secret: String) -> WebhookWithSecret {
        let is_of_this_request = self.hash == hexadecimal(&secret::hash(&secret));
        WebhookWithSecret { webhook: self.webhook, secret: is_of_this_request.then_some(secret) }
    }
}

/// A webhook to register.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterWebhook {
    /// A public https address, without a user name in it.
    #[schema(example = "https://bank.example/hooks/ganhe")]
    pub url: String,
    /// Kinds of events to be told of, as the feed names them; all of them when left out.
    #[serde(default)]
    #[schema(example = json!(["pledge_registered", "pledge_released"]), max_items = 200)]
    pub kinds: Vec<String>,
}

impl RegisterWebhook {
    fn read(&self, secret: &str) -> Result<NewWebhook, Failure> {
        let mut fields = Fields::default();
        let known: Vec<&str> = JournalKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let mut kinds: Vec<JournalKind> = Vec::new();
        if !self.kinds.is_empty() {
            for kind in fields.count("kinds", &self.kinds, known.len()) {
                let kind = fields.word("kinds", kind, JournalKind::parse, &known);
                kinds.extend(kind.filter(|kind| !kinds.contains(kind)));
            }
        }
        fields.finish(Some(NewWebhook { url: self.url.clone(), kinds, secret: secret.to_owned() }))
    }
}

/// Register an address at which your organisation is told of its events. The secret of its signatures is in the answer, and nowhere
/// else.
#[utoipa::path(post, path = "/webhooks", tag = "events", operation_id = "register_webhook", request_body = RegisterWebhook,
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 201, description = "Registered", body = WebhookWithSecret)))]
async fn register_webhook(State(shared): State<Shared>, command: Command<RegisterWebhook>) -> Reply<WebhookWithSecret> {
    let permit = command.caller.may(Action::ManageWebhooks)?;
    let secret = fresh_secret();
    let new = command.body.read(&secret)?;
    judge_now(&new.url, shared.conduct.receivers).await?;
    let made = shared
        .db
        .run_once(&permit, &command.key, &new, |work, new| {
            Box::pin(async move { Ok(Made::of(commands::register(work, new).await?)) })
        })
        .await?;
    Ok(Answer::created(made.with(secret)))
}

/// Webhooks of your organisation.
#[utoipa::path(get, path = "/webhooks", tag = "events", operation_id = "list_webhooks", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "Webhooks in the order of registration", body = Listing<WebhookView>)))]
async fn list_webhooks(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<WebhookView>> {
    caller.may(Action::ManageWebhooks)?;
    let found = queries::list_webhooks(&shared.db, &caller, &page).await?;
    Ok(Answer::plain(found.map(WebhookView::from).into()))
}

/// A webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "events", operation_id = "find_webhook",
    params(("id" = Uuid, Path, description = "The webhook")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
async fn find_webhook(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<WebhookId>,
) -> Reply<WebhookView> {
    caller.may(Action::ManageWebhooks)?;
    Ok(Answer::ok(queries::find_webhook(&shared.db, &caller, id).await?.into()))
}

/// Give a webhook another secret; for a while messages are signed with the present one, too. Of three, the oldest ends.
#[utoipa::path(post, path = "/webhooks/{id}/rotate", tag = "events", operation_id = "rotate_webhook_secret",
    request_body = RotateSecret, params(("id" = Uuid, Path, description = "The webhook")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "Rotated", body = WebhookWithSecret)))]
async fn rotate_webhook_secret(
    State(shared): State<Shared>,
    Id(webhook): Id<WebhookId>,
    command: Command<RotateSecret>,
) -> Reply<WebhookWithSecret> {
    let permit = command.caller.may(Action::ManageWebhooks)?;
    let secret = fresh_secret();
    let until = command.body.until(shared.db.clock())?;
    let change = Change::Rotate { secret: secret.clone(), until };
    let change = WebhookChange { webhook, expected: command.expected, change };
    let made = shared
        .db
        .run_once(&permit, &command.key, &change, |work, wanted| {
            Box::pin(async move { Ok(Made::of(commands::change(work, wanted).await?)) })
        })
        .await?;
    Ok(Answer::ok(made.with(secret)))
}

async fn turn(shared: &Shared, webhook: WebhookId, command: Command<Empty>, state: WebhookState) -> Reply<WebhookView> {
    let permit = command.caller.may(Action::ManageWebhooks)?;
    let change = WebhookChange { webhook, expected: command.expected, change: Change::Turn(state) };
    let turned = shared
        .db
        .run_once(&permit, &command.key, &change, |work, wanted| {
            Box::pin(async move { Ok(WebhookView::from(commands::change(work, wanted).await?)) })
        })
        .await?;
    Ok(Answer::ok(turned))
}

/// Suspend a webhook: no message leaves for it any more, and what happens meanwhile is not kept for it. It can be replayed later.
#[utoipa::path(post, path = "/webhooks/{id}/suspend", tag = "events", operation_id = "suspend_webhook",
    request_body = Empty, params(("id" = Uuid, Path, description = "The webhook")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "Suspended", body = WebhookView)))]
async fn suspend_webhook(
    State(shared): State<Shared>,
    Id(webhook): Id<WebhookId>,
    command: Command<Empty>,
) -> Reply<WebhookView> {
    turn(&shared, webhook, command, WebhookState::Suspended).await
}

/// Let messages leave for a suspended webhook again.
#[utoipa::path(post, path = "/webhooks/{id}/reinstate", tag = "events", operation_id = "reinstate_webhook",
    request_body = Empty, params(("id" = Uuid, Path, description = "The webhook")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_webhooks"))),
    responses((status = 200, description = "Active", body = WebhookView)))]
async fn reinstate_webhook(
    State(shared): State<Shared>,
    Id(webhook): Id<WebhookId>,
    command: Command<Empty>,
) -> Reply<WebhookView> {
    turn(&shared, webhook, command, WebhookState::Active).await
}
