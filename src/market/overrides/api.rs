//! Overrides by the province (省级特批).

use super::api_view::{TradeOverrideUse, TradeOverrideView, only, views};
use super::commands::{self, ACT, NewOverride, OverrideWord, REVOCATION};
use super::queries::{self, OverrideFilter};
use super::trade_override::{OverrideState, TradeOverride};
use crate::access::{Action, Permit};
use crate::db::work::Doing;
use crate::db::{CommandKey, Db, Work};
use crate::decisions::api_tasks::{
    ReadReason, TaskView, act, answer, read_documents, read_grounds, read_reason, read_reason_of_no,
};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Asking, Grounds, Made, Place, Proposal, Rules};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{SiteId, TradeOverrideId};
use crate::kernel::page::Page;
use crate::market::api_trades::DecideTrade;
use crate::parties::words::Words;
use crate::rulebook;
use accounting::SubjectKind;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on overrides.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(request_trade_override, list_trade_overrides))
        .routes(routes!(find_trade_override))
        .routes(routes!(find_trade_override_use))
        .routes(routes!(approve_trade_override))
        .routes(routes!(refuse_trade_override))
        .routes(routes!(withdraw_trade_override))
        .routes(routes!(revoke_trade_override))
}

/// An override to ask the province for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestTradeOverride {
    /// Id of the site that would sell.
    pub seller_site: Uuid,
    /// Id of the site that would buy.
    pub buyer_site: Uuid,
    /// Code of the right class that would be sold.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// The most that trades may take of it: a decimal string in the class's unit, more than zero.
    #[schema(example = "5.000")]
    pub quantity: String,
    /// The last day on which it lifts the boundary.
    #[schema(format = Date, example = "2023-06-30")]
    pub valid_until: String,
    /// Why the boundary is to be lifted.
    #[schema(example = "省重点项目，流域内无可交易量")]
    pub reason: String,
    /// Ids of documents of your bureau that it rests on, one at least: the province and the parties may read them from then on.
    #[schema(example = json!(["018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01"]))]
    pub documents: Vec<Uuid>,
}

impl RequestTradeOverride {
    fn read(&self, words: &Words) -> Result<NewOverride, Failure> {
        let mut fields = Fields::default();
        let class = fields.take("", words.class_by_code(&self.right_class));
        let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &self.quantity, measure));
        let valid_until = fields.date("valid_until", &self.valid_until);
        let reason = fields.passage("reason", &self.reason);
        let documents = read_documents(&mut fields, &self.documents);
        let read = class.zip(quantity).zip(valid_until).zip(reason);
        fields.finish(read.map(|((((right_class, _), quantity), valid_until), reason)| NewOverride {
            seller: SiteId(self.seller_site),
            buyer: SiteId(self.buyer_site),
            right_class,
            quantity,
            valid_until,
            grounds: Grounds { reason: Some(reason.clone()), documents, document_hash: None },
            reason,
        }))
    }
}

/// Ask the province to lift the boundary (city or basin) between a seller and a buyer for a class of rights, up to a quantity and a day, as
/// a bureau of either area. Everything else that a trade is judged on stays.
#[utoipa::path(post, path = "/trade-overrides", tag = "market", operation_id = "request_trade_override",
    request_body = RequestTradeOverride, security(("bearer" = [])), extensions(("x-permission" = json!("request_trade_override"))),
    responses((status = 201, description = "Asked for; it waits for the province", body = TradeOverrideView)))]
async fn request_trade_override(
    State(shared): State<Shared>,
    command: Command<RequestTradeOverride>,
) -> Reply<TradeOverrideView> {
    let permit = command.caller.may(Action::RequestTradeOverride)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let news = [command.body.read(&words)?];
    let requested = shared.db.run_once(&permit, &command.key, &news, |work, news| {
        Box::pin(async move {
            let requested = commands::request(work, news).await?;
            only(work.connection(), requested).await
        })
    });
    Ok(Answer::created(requested.await?))
}

/// What is done about overrides.
type Step = for<'w> fn(&'w mut Work, &'w [OverrideWord]) -> Doing<'w, Vec<TradeOverride>>;

async fn take_step(
    shared: &Shared,
    permit: &Permit,
    key: &CommandKey,
    word: OverrideWord,
    step: Step,
) -> Reply<TradeOverrideView> {
    let words = [word];
    let changed = shared.db.run_once(permit, key, &words, move |work, words| {
        Box::pin(async move {
            let changed = step(work, words).await?;
            only(work.connection(), changed).await
        })
    });
    Ok(Answer::ok(changed.await?))
}

fn word(
    id: TradeOverrideId,
    expected: Option<i64>,
    body: &DecideTrade,
    read: ReadReason,
) -> Result<OverrideWord, Failure> {
    let mut fields = Fields::default();
    let grounds = read_grounds(&mut fields, read, body.reason.as_deref(), &body.documents);
    fields.finish(Some(OverrideWord { id, expected, grounds }))
}

/// Approve an override as the province: trades between the two sites may pass the boundary from then on.
#[utoipa::path(post, path = "/trade-overrides/{id}/approve", tag = "market", operation_id = "approve_trade_override",
    params(("id" = Uuid, Path, description = "Id of the override")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_trade_override"))),
    responses((status = 200, description = "Approved", body = TradeOverrideView)))]
async fn approve_trade_override(
    State(shared): State<Shared>,
    Id(id): Id<TradeOverrideId>,
    command: Command<DecideTrade>,
) -> Reply<TradeOverrideView> {
    let permit = command.caller.may(Action::DecideTradeOverride)?;
    let word = word(id, command.expected, &command.body, read_reason)?;
    take_step(&shared, &permit, &command.key, word, |work, words| Box::pin(commands::approve(work, words))).await
}

/// Refuse an override as the province, with the reason.
#[utoipa::path(post, path = "/trade-overrides/{id}/refuse", tag = "market", operation_id = "refuse_trade_override",
    params(("id" = Uuid, Path, description = "Id of the override")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_trade_override"))),
    responses((status = 200, description = "Refused", body = TradeOverrideView)))]
async fn refuse_trade_override(
    State(shared): State<Shared>,
    Id(id): Id<TradeOverrideId>,
    command: Command<DecideTrade>,
) -> Reply<TradeOverrideView> {
    let permit = command.caller.may(Action::DecideTradeOverride)?;
    let word = word(id, command.expected, &command.body, read_reason_of_no)?;
    take_step(&shared, &permit, &command.key, word, |work, words| Box::pin(commands::refuse(work, words))).await
}

/// Take a request back before it is decided, as the bureau that has asked.
#[utoipa::path(post, path = "/trade-overrides/{id}/withdraw", tag = "market", operation_id = "withdraw_trade_override",
    params(("id" = Uuid, Path, description = "Id of the override")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("request_trade_override"))),
    responses((status = 200, description = "Taken back", body = TradeOverrideView)))]
async fn withdraw_trade_override(
    State(shared): State<Shared>,
    Id(id): Id<TradeOverrideId>,
    command: Command<DecideTrade>,
) -> Reply<TradeOverrideView> {
    let permit = command.caller.may(Action::RequestTradeOverride)?;
    let word = word(id, command.expected, &command.body, read_reason)?;
    take_step(&shared, &permit, &command.key, word, |work, words| Box::pin(commands::withdraw(work, words))).await
}

/// A revocation as it is kept while it waits.
#[derive(Debug, Serialize, Deserialize)]
struct KeptRevocation {
    id: TradeOverrideId,
    #[serde(flatten)]
    body: DecideTrade,
}

/// Taking an override back: what the province could not grant by one person it does not take back by one.
pub struct RevocationProposal;

impl Proposal for RevocationProposal {
    fn word(&self) -> &'static str {
        REVOCATION
    }

    fn permission(&self) -> Action {
        Action::DecideTradeOverride
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_overrides(db.reader(), subjects))
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(ACT)) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let kept: KeptRevocation = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let revoked = commands::revoke(work, &[word(kept.id, expected, &kept.body, read_reason_of_no)?]).await?;
            let view = only(work.connection(), revoked).await?;
            let (subject_kind, subject) = (SubjectKind::TradeOverride.as_str(), view.id);
            Ok(Made { subject_kind, subject, answer: serde_json::to_value(view).map_err(Failure::bug)? })
        })
    }
}

/// Revoke an override as the province, with the reason: trades that rest on it and are not settled are called off, and everything that they
/// held goes back, the deposit too. Where the rules in force ask for a second person, it waits for one.
#[utoipa::path(post, path = "/trade-overrides/{id}/revoke", tag = "market", operation_id = "revoke_trade_override",
    params(("id" = Uuid, Path, description = "Id of the override")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_trade_override"))),
    responses((status = 200, description = "Revoked", body = TradeOverrideView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn revoke_trade_override(
    State(shared): State<Shared>,
    Id(id): Id<TradeOverrideId>,
    command: Command<DecideTrade>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::DecideTradeOverride)?;
    word(id, command.expected, &command.body, read_reason_of_no)?;
    let kept = KeptRevocation { id, body: command.body };
    let wanted = Proposed {
        body: serde_json::to_value(&kept).map_err(Failure::bug)?,
        expected: command.expected,
        place: Place::BureauAt(command.caller.area_path.clone()),
        about: Some((SubjectKind::TradeOverride.as_str(), id.0)),
    };
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &RevocationProposal, wanted)));
    answer(told.await?, |revoked: TradeOverrideView| Answer::ok(revoked).into_response())
}

/// Filters of the overrides.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TradeOverrideQuery {
    /// `requested`, `approved`, `refused`, `withdrawn`, `revoked` or `lapsed`.
    #[param(example = "approved")]
    state: Option<String>,
    /// Id of a site that sells or buys.
    site: Option<Uuid>,
}

/// Overrides of your organisation's sites, or of the area of your bureau.
#[utoipa::path(get, path = "/trade-overrides", tag = "market", operation_id = "list_trade_overrides",
    params(TradeOverrideQuery, OrderParams, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "Overrides in the order in which they were asked for", body = Listing<TradeOverrideView>)))]
async fn list_trade_overrides(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<TradeOverrideQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<TradeOverrideView>> {
    caller.may(Action::ReadMarket)?;
    one_of("state", query.state.as_deref(), OverrideState::WORDS)?;
    let filter = OverrideFilter { state: query.state.as_deref(), site: query.site };
    let Page { items, next } = queries::list_overrides(&shared.db, &caller.scope(), filter, &page).await?;
    let items = views(shared.db.reader(), items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}

/// One override.
#[utoipa::path(get, path = "/trade-overrides/{id}", tag = "market", operation_id = "find_trade_override",
    params(("id" = Uuid, Path, description = "Id of the override")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "The override", body = TradeOverrideView)))]
async fn find_trade_override(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<TradeOverrideId>,
) -> Reply<TradeOverrideView> {
    caller.may(Action::ReadMarket)?;
    let found = queries::find_override(&shared.db, &caller.scope(), id).await?;
    let found = found.ok_or_else(|| not_found("override"))?;
    Ok(Answer::ok(only(shared.db.reader(), vec![found]).await?))
}

/// What trades have taken of an override, and what is left.
#[utoipa::path(get, path = "/trade-overrides/{id}/use", tag = "market", operation_id = "find_trade_override_use",
    params(("id" = Uuid, Path, description = "Id of the override")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "What is taken and what is left", body = TradeOverrideUse)))]
async fn find_trade_override_use(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<TradeOverrideId>,
) -> Reply<TradeOverrideUse> {
    caller.may(Action::ReadMarket)?;
    let found = queries::find_override(&shared.db, &caller.scope(), id).await?;
    let found = found.ok_or_else(|| not_found("override"))?;
    let taken = queries::taken_of(&shared.db, id).await?;
    let words = Words::of_ids(shared.db.reader(), &[found.right_class]).await?;
    let (_, measure) = words.class(found.right_class)?;
    Ok(Answer::plain(TradeOverrideUse::of(&found, taken, measure)))
}
