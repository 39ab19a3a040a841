//! Trades, from the match to the varied permits.

use super::queries;
use super::source::Source;
use super::trade::{Side, Trade, TradeState};
use super::trade_commands::{self, Payment, TradeVariation, TradeWord};
use super::trade_endings;
use crate::access::{Action, Permit};
use crate::concerns;
use crate::db::gather::{Callers, Item};
use crate::db::work::Doing;
use crate::db::{CommandKey, Work};
use crate::decisions::api_tasks::{ReadReason, read_grounds, read_reason, read_reason_of_no};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{PermitId, RightClassId, TradeId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use crate::treasury::payments::reference_of;
use accounting::decimal;
use axum::extract::State;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(TradeView: Organisation [seller, buyer]);

/// The operations on trades.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_trades))
        .routes(routes!(find_trade))
        .routes(routes!(approve_trade))
        .routes(routes!(refuse_trade))
        .routes(routes!(pay_trade))
        .routes(routes!(confirm_settlement))
        .routes(routes!(cancel_trade))
        .routes(routes!(vary_permit))
}

/// What a trade came of.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = TradeSource)]
pub struct SourceView {
    /// `offer`, `listing`, `auction_lot` or `consented_sale`.
    #[schema(example = "offer", extensions(("x-words" = json!(Source::WORDS))))]
    pub kind: String,
    /// Which one.
    pub id: Uuid,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        Self { kind: source.as_str().to_owned(), id: source.id() }
    }
}

/// A rule that an override of the province lifts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LiftedRule {
    /// Code of the rule: `TRD_CITY_MISMATCH` or `TRD_BASIN_MISMATCH`.
    #[schema(example = "TRD_BASIN_MISMATCH")]
    pub rule: String,
    /// Id of the override.
    pub by: Uuid,
}

/// A trade.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Trade)]
pub struct TradeView {
    /// Its identity.
    pub id: Uuid,
    /// What it came of.
    pub source: SourceView,
    /// The offer it came of; null where it came of something else.
    pub offer: Option<Uuid>,
    /// `negotiated`, `listing` or `auction`.
    #[schema(example = "negotiated", extensions(("x-words" = json!(crate::market::offer::Mode::WORDS))))]
    pub mode: String,
    /// The seller's site.
    pub seller_site: Uuid,
    /// The buyer's site.
    pub buyer_site: Uuid,
    /// The seller.
    pub seller: Uuid,
    /// The buyer.
    pub buyer: Uuid,
    /// The buyer's project.
    pub project: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Code of the class that the buyer gets: another one where an override lets the rights pass into the buyer's zone.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub delivered_class: String,
    /// The rule that an override lifts for it; null where none is lifted.
    #[schema(example = json!(null))]
    pub lifted: Option<LiftedRule>,
    /// Decimal string in the class's unit.
    #[schema(example = "2.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// How much must be bought for what the project builds (替代比例), as it stood when it was matched; null where no ratio applies.
    #[schema(example = "1.2:1")]
    pub replacement_ratio: Option<String>,
    /// What the ratio retires of the quantity when it settles, rounded up to the gram, in the class's unit.
    #[schema(example = "0.333334")]
    pub excess: String,
    /// CNY per display unit.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// What the price is for: `per_unit_whole_validity` or `per_unit_year`.
    #[schema(example = "per_unit_whole_validity", extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: String,
    /// CNY: the agreed total.
    #[schema(example = "17580.00")]
    pub total: String,
    /// CNY held when it was matched.
    #[schema(example = "5274.00")]
    pub deposit: String,
    /// CNY held by now, the deposit in it.
    #[schema(example = "5274.00")]
    pub paid: String,
    /// What the buyer writes into the text of a payment (附言), so that the settlement bank's money finds the trade.
    #[schema(example = "TR4K7Q2M9X1B3CD")]
    pub payment_reference: String,
    /// `matched`, `approved`, `publicised`, `paid`, `settled`, `closed`, `refused`, `cancelled` or `expired`.
    #[schema(example = "matched", extensions(("x-words" = json!(TradeState::WORDS))))]
    pub state: String,
    /// Why it was refused or cancelled.
    pub reason: Option<String>,
    /// The last day on which the approved trade is laid open; null where no rule asks for it.
    #[schema(value_type = Option<String>, format = Date, example = json!(null))]
    pub publicised_until: Option<String>,
    /// The last day on which the buyer may pay; null where no rule sets one.
    #[schema(value_type = Option<String>, format = Date, example = json!(null))]
    pub pay_by: Option<String>,
    /// CNY that the exchange took of the total when it settled, out of the seller's proceeds; null where no rule asks for a fee.
    #[schema(example = json!(null))]
    pub fee: Option<String>,
    /// CNY of the deposit that the buyer lost, of a trade that was not paid in time.
    #[schema(example = json!(null))]
    pub forfeited: Option<String>,
    /// Codes of the areas whose bureaux decide.
    #[schema(example = json!(["421222"]))]
    pub deciding_areas: Vec<String>,
    /// Codes of the areas whose bureaux have approved.
    #[schema(example = json!([]))]
    pub approved_by: Vec<String>,
    /// The sides whose permits are varied.
    #[schema(example = json!([]))]
    pub varied: Vec<String>,
    /// When it was matched, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub matched_at: Moment,
    /// When the last bureau approved.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub approved_at: Option<Moment>,
    /// When it was settled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Moment>,
    /// When the last permit was varied.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for TradeView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn area_codes<'a>(paths: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    paths.into_iter().map(|path| path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

impl TradeView {
    #[expect(clippy::needless_pass_by_value, reason = "a view is what becomes of the trade")]
    fn of(trade: Trade, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(trade.right_class)?;
        let state = trade.state.as_str().to_owned();
        let deciding_areas = area_codes(&trade.deciding_areas());
        let excess = decimal::print(trade.excess(), measure.grams_per_unit, measure.decimals);
        let (settled_at, closed_at) = trade.state.settled_and_closed_at();
        let forfeited = matches!(trade.state, TradeState::Expired { .. }).then(|| trade.forfeited().print());
        Ok(Self {
            id: trade.id.0,
            source: trade.source.into(),
            offer: trade.source.offer().map(|offer| offer.0),
            mode: trade.mode.as_str().to_owned(),
            seller_site: trade.seller.site.0,
            buyer_site: trade.buyer.site.0,
            seller: trade.seller.organisation.0,
            buyer: trade.buyer.organisation.0,
            project: trade.project.0,
            right_class,
            delivered_class: words.class(trade.delivered_class())?.0,
            lifted: trade.lifted.map(|lifted| LiftedRule { rule: lifted.boundary.code(), by: lifted.by.0 }),
            quantity: trade.quantity.print(measure),
            unit: measure.unit.clone(),
            replacement_ratio: trade.replacement.map(|ratio| ratio.to_string()),
            excess,
            unit_price: trade.unit_price.print(),
            price_basis: trade.price_basis.as_str().to_owned(),
            total: trade.total.print(),
            deposit: trade.deposit.print(),
            paid: trade.paid.print(),
            payment_reference: reference_of(trade.id),
            state,
            reason: trade.state.reason().cloned(),
            publicised_until: trade.publicised_until.map(|day| day.to_string()),
            pay_by: trade.pay_by.map(|day| day.to_string()),
            fee: trade.fee.map(accounting::Money::print),
            forfeited,
            deciding_areas,
            approved_by: area_codes(&trade.approvals),
            varied: trade.variations.iter().map(|side| side.as_str().to_owned()).collect(),
            matched_at: trade.matched_at,
            approved_at: trade.state.approved_at(),
            settled_at,
            closed_at,
            version: trade.version,
        })
    }
}

/// Trades as they are shown.
async fn views(connection: &impl ConnectionTrait, trades: Vec<Trade>) -> Result<Vec<TradeView>, Failure> {
    let classes: Vec<RightClassId> =
        trades.iter().flat_map(|trade| [trade.right_class, trade.delivered_class()]).collect();
    let words = Words::of_ids(connection, &classes).await?;
    trades.into_iter().map(|trade| TradeView::of(trade, &words)).collect()
}

/// The one trade of a batch of one.
pub(super) async fn only(connection: &impl ConnectionTrait, trades: Vec<Trade>) -> Result<TradeView, Failure> {
    one(views(connection, trades).await?, |trade| trade)
}

/// A word of reason.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideTrade {
    /// Why, for the record; needed for a refusal.
    #[schema(example = "符合总量控制要求，同意交易")]
    pub reason: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

fn word(trade: TradeId, command: &Command<DecideTrade>, read: ReadReason) -> Result<TradeWord, Failure> {
    let mut fields = Fields::default();
    let grounds = read_grounds(&mut fields, read, command.body.reason.as_deref(), &command.body.documents);
    fields.finish(Some(TradeWord { trade, expected: command.expected, grounds }))
}

/// What is done about trades.
type Act = for<'w> fn(&'w mut Work, &'w [TradeWord]) -> Doing<'w, Vec<Trade>>;

/// The one body of the operations in which somebody says a word on a trade.
async fn act(shared: &Shared, permit: &Permit, key: &CommandKey, word: TradeWord, act: Act) -> Reply<TradeView> {
    let words = [word];
    let changed = shared.db.run_once(permit, key, &words, move |work, words| {
        Box::pin(async move {
            let changed = act(work, words).await?;
            only(work.connection(), changed).await
        })
    });
    Ok(Answer::ok(changed.await?))
}

/// Approve a trade as the bureau of a party's area. The last approval holds the headroom it needs.
#[utoipa::path(post, path = "/trades/{id}/approve", tag = "market", operation_id = "approve_trade",
    params(("id" = Uuid, Path, description = "Id of the trade")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_trade"))),
    responses((status = 200, description = "Approved by your bureau", body = TradeView)))]
async fn approve_trade(
    State(shared): State<Shared>,
    Id(id): Id<TradeId>,
    command: Command<DecideTrade>,
) -> Reply<TradeView> {
    let permit = command.caller.may(Action::DecideTrade)?;
    let word = word(id, &command, read_reason)?;
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(trade_commands::approve(work, words))).await
}

/// Refuse a trade as the bureau of a party's area, with the reason in writing; everything it holds goes back.
#[utoipa::path(post, path = "/trades/{id}/refuse", tag = "market", operation_id = "refuse_trade",
    params(("id" = Uuid, Path, description = "Id of the trade")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_trade"))),
    responses((status = 200, description = "Refused", body = TradeView)))]
async fn refuse_trade(
    State(shared): State<Shared>,
    Id(id): Id<TradeId>,
    command: Command<DecideTrade>,
) -> Reply<TradeView> {
    let permit = command.caller.may(Action::DecideTrade)?;
    let word = word(id, &command, read_reason_of_no)?;
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(trade_endings::refuse(work, words))).await
}

/// Confirm a paid trade as the exchange, where the rules let it wait for that: rights against money in one journal.
#[utoipa::path(post, path = "/trades/{id}/confirm-settlement", tag = "market", operation_id = "confirm_settlement",
    params(("id" = Uuid, Path, description = "Id of the trade")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("confirm_settlement"))),
    responses((status = 200, description = "Settled", body = TradeView)))]
async fn confirm_settlement(
    State(shared): State<Shared>,
    Id(id): Id<TradeId>,
    command: Command<DecideTrade>,
) -> Reply<TradeView> {
    let permit = command.caller.may(Action::ConfirmSettlement)?;
    let word = word(id, &command, read_reason)?;
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(trade_commands::confirm(work, words))).await
}

/// Call a trade off as a party: the buyer until it is approved, the seller until it is settled.
#[utoipa::path(post, path = "/trades/{id}/cancel", tag = "market", operation_id = "cancel_trade",
    params(("id" = Uuid, Path, description = "Id of the trade")), request_body = DecideTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("cancel_trade"))),
    responses((status = 200, description = "Cancelled", body = TradeView)))]
async fn cancel_trade(
    State(shared): State<Shared>,
    Id(id): Id<TradeId>,
    command: Command<DecideTrade>,
) -> Reply<TradeView> {
    let permit = command.caller.may(Action::CancelTrade)?;
    let word = word(id, &command, read_reason)?;
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(trade_endings::cancel(work, words))).await
}

/// A payment towards the total.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayTrade {
    /// CNY; all that is left when left out.
    #[schema(example = "12306.00")]
    pub amount: Option<String>,
}

/// Pay towards an approved trade from your free money. Paid in full, it settles at once: rights against money in one journal.
#[utoipa::path(post, path = "/trades/{id}/pay", tag = "market", operation_id = "pay_trade",
    params(("id" = Uuid, Path, description = "Id of the trade")), request_body = PayTrade, security(("bearer" = [])),
    extensions(("x-permission" = json!("pay_trade"))),
    responses((status = 200, description = "Paid, and settled when nothing is left to pay", body = TradeView)))]
async fn pay_trade(
    State(shared): State<Shared>,
    Id(trade): Id<TradeId>,
    command: Command<PayTrade>,
) -> Reply<TradeView> {
    let permit = command.caller.may(Action::PayTrade)?;
    let mut fields = Fields::default();
    let amount = command.body.amount.as_deref().and_then(|amount| fields.money("amount", amount));
    let by = command.caller;
    let payment = fields.finish(Some(Payment { by, trade, expected: command.expected, amount }))?;
    let item = Item { input: payment, target: Some(trade.0), callers: Callers::Any };
    let trade = shared
        .db
        .gather(&permit, &command.key, item, |work, payments| {
            Box::pin(async move {
                let trades = trade_commands::pay(work, payments).await?;
                views(work.connection(), trades).await
            })
        })
        .await?;
    Ok(Answer::ok(trade))
}

/// A permit varied after a trade.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VaryPermit {
    /// `seller` or `buyer`.
    #[schema(example = "buyer", extensions(("x-words" = json!(Side::WORDS))))]
    pub side: String,
    /// Id of the permit of that side's site.
    pub permit: Uuid,
}

/// Record that one side's permit was varied after a settled trade. With the last of them the trade closes.
#[utoipa::path(post, path = "/trades/{id}/vary-permit", tag = "market", operation_id = "vary_permit",
    params(("id" = Uuid, Path, description = "Id of the trade")), request_body = VaryPermit, security(("bearer" = [])),
    extensions(("x-permission" = json!("vary_permit"))),
    responses((status = 200, description = "Varied", body = TradeView)))]
async fn vary_permit(
    State(shared): State<Shared>,
    Id(trade): Id<TradeId>,
    command: Command<VaryPermit>,
) -> Reply<TradeView> {
    let permit = command.caller.may(Action::VaryPermit)?;
    let mut fields = Fields::default();
    let side = fields.word("side", &command.body.side, Side::parse, &["seller", "buyer"]);
    let (expected, varied) = (command.expected, PermitId(command.body.permit));
    let variation = fields.finish(side.map(|side| TradeVariation { trade, expected, side, permit: varied }))?;
    let trade = shared
        .db
        .run_once(&permit, &command.key, &[variation], |work, variations| {
            Box::pin(async move {
                let trades = trade_commands::vary(work, variations).await?;
                only(work.connection(), trades).await
            })
        })
        .await?;
    Ok(Answer::ok(trade))
}

/// Filters of the trades.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TradeQuery {
    /// `matched`, `approved`, `publicised`, `paid`, `settled`, `closed`, `refused`, `cancelled` or `expired`.
    #[param(example = "settled")]
    state: Option<String>,
}

/// Trades that you may see.
#[utoipa::path(get, path = "/trades", tag = "market", operation_id = "list_trades", params(TradeQuery, OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "Trades in the order of their offers", body = Listing<TradeView>)))]
async fn list_trades(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<TradeQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<TradeView>> {
    caller.may(Action::ReadMarket)?;
    one_of("state", query.state.as_deref(), TradeState::WORDS)?;
    let found = queries::list_trades(&shared.db, &caller.scope(), query.state.as_deref(), &page).await?;
    let items = views(shared.db.reader(), found.items).await?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One trade.
#[utoipa::path(get, path = "/trades/{id}", tag = "market", operation_id = "find_trade",
    params(("id" = Uuid, Path, description = "Id of the trade")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "The trade", body = TradeView)))]
async fn find_trade(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<TradeId>) -> Reply<TradeView> {
    caller.may(Action::ReadMarket)?;
    let found = queries::find_trade(&shared.db, &caller.scope(), id).await?;
    let trade = found.ok_or_else(|| not_found("trade"))?;
    Ok(Answer::ok(only(shared.db.reader(), vec![trade]).await?))
}
