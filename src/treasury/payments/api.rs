//! Payments as the settlement bank sees them.

use super::api_acts::{PaymentProposal, Step, decide};
use super::commands::{self, Assignment, Return};
use super::payment::{Incoming, Payment, PaymentState};
use super::queries;
use super::trades::Trades;
use crate::access::{Action, Caller};
use crate::decisions::api_tasks::TaskView;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{
    Answer, Command, Fields, Filters, Id, Listing, NoFilters, Problem, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{OrganisationId, PaymentId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most payments of one request.
const MOST: usize = 1_000;
/// Longest text of a remittance, in characters.
const LONGEST_REMITTANCE: usize = 400;

/// The operations on payments.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(record_payments, list_payments))
        .routes(routes!(find_payment))
        .routes(routes!(match_payment))
        .routes(routes!(return_payment))
}

/// A payment, and what became of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentView {
    /// Its identity.
    pub id: Uuid,
    /// The settlement bank at which it came in.
    pub bank: Uuid,
    /// The bank's own reference.
    #[schema(example = "XN20221201000018")]
    pub bank_reference: String,
    /// Who paid, as the bank knows them.
    #[schema(example = "通城玻璃有限公司")]
    pub payer_name: String,
    /// From which account.
    #[schema(example = "6222020000000000001")]
    pub payer_account: String,
    /// What the payer wrote (附言).
    #[schema(example = "TR4K7Q2M9X1B3CD 排污权交易款")]
    pub text: String,
    /// CNY.
    #[schema(example = "17580.00")]
    pub amount: String,
    /// The day it counts from, in Asia/Shanghai.
    #[schema(format = Date, example = "2022-12-01")]
    pub value_date: String,
    /// `unmatched` (in suspense), `matched` or `returned`.
    #[schema(example = "matched", extensions(("x-words" = json!(PaymentState::WORDS))))]
    pub state: String,
    /// Why nobody is matched: `no_evidence`, `conflicting`, `not_active` or `no_money_account`; `match_undone` where a person had matched
    /// it and that was undone.
    #[schema(
        example = json!(null),
        extensions(("x-words" = json!(["no_evidence", "conflicting", "not_active", "no_money_account", "match_undone"])))
    )]
    pub cause: Option<String>,
    /// Whose it is.
    pub organisation: Option<Uuid>,
    /// The trade that its text names; none where it names several.
    pub trade: Option<Uuid>,
    /// What became of that trade: `paid_in_full`, `part_paid`, `not_approved`, `already_settled`, `trade_over`, `late`,
    /// `refused_by_rule` or `several_trades`.
    #[schema(
        example = "paid_in_full",
        extensions(("x-words" = json!(crate::treasury::payments::trades::TradeOutcome::WORDS)))
    )]
    pub trade_outcome: Option<String>,
    /// CNY that went to the trade.
    #[schema(example = "17580.00")]
    pub towards_trade: String,
    /// CNY that became the organisation's free money when it was matched.
    #[schema(example = "0.00")]
    pub left_free: String,
    /// Codes of the rules that stood against paying the trade.
    #[schema(example = json!([]))]
    pub refusals: Vec<String>,
    /// Why a person matched or returned it, or undid its match.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// The bank's reference of the return.
    #[schema(example = json!(null))]
    pub return_reference: Option<String>,
    /// When the bank told it, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Moment,
    /// When a person decided on it, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for PaymentView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Concerns for PaymentView {
    fn concerns(&self, whose: &mut Whose) {
        // Whose money it is learns of every read, also of the bank's; what is nobody's yet is the bank's own.
        whose.of([Party::Organisation(self.organisation.unwrap_or(self.bank))]);
    }
}

impl From<Payment> for PaymentView {
    fn from(payment: Payment) -> Self {
        let towards_trade = payment.towards_trade();
        let state = payment.state.as_str().to_owned();
        let (mut cause, mut organisation, mut trade, mut return_reference) = (None, None, None, None);
        let (mut ruling, mut left_free) = (None, accounting::Money::ZERO);
        match payment.state {
            PaymentState::Unmatched { cause: why } => cause = Some(why.as_str().to_owned()),
            PaymentState::Undone { ruling: why } => {
                (cause, ruling) = (Some(PaymentState::MATCH_UNDONE.to_owned()), Some(why));
            }
            PaymentState::Matched { organisation: whose, towards, by_hand } => {
                left_free = payment.told.amount.checked_sub(towards_trade).unwrap_or_default();
                (organisation, trade, ruling) = (Some(whose.0), towards, by_hand);
            }
            PaymentState::Returned { bank_reference, ruling: why } => {
                (return_reference, ruling) = (Some(bank_reference), Some(why));
            }
        }
        Self {
            id: payment.id.0,
            bank: payment.bank.0,
            bank_reference: payment.told.bank_reference,
            payer_name: payment.told.payer_name,
            payer_account: payment.told.payer_account,
            text: payment.told.text,
            amount: payment.told.amount.print(),
            value_date: payment.told.value_date.to_string(),
            state,
            cause,
            organisation,
            trade: trade.as_ref().and_then(|towards| towards.trade).map(|trade| trade.0),
            trade_outcome: trade.as_ref().map(|towards| towards.outcome.as_str().to_owned()),
            towards_trade: towards_trade.print(),
            left_free: left_free.print(),
            refusals: trade.map(|towards| towards.refusals).unwrap_or_default(),
            reason: ruling.as_ref().map(|ruling| ruling.reason.clone()),
            return_reference,
            received_at: payment.received_at,
            decided_at: ruling.map(|ruling| ruling.at),
            version: payment.version,
        }
    }
}

/// A payment that came in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncomingPayment {
    /// Your own reference; it is booked once.
    #[schema(example = "XN20221201000018")]
    pub bank_reference: String,
    /// Who paid, as you know them.
    #[schema(example = "通城玻璃有限公司")]
    pub payer_name: String,
    /// From which account.
    #[schema(example = "6222020000000000001")]
    pub payer_account: String,
    /// What the payer wrote (附言), up to 400 characters; nothing when left out.
    #[serde(default)]
    #[schema(example = "TR4K7Q2M9X1B3CD 排污权交易款")]
    pub text: String,
    /// CNY with at most two decimals.
    #[schema(example = "17580.00")]
    pub amount: String,
    /// The day it counts from, today when left out. An earlier one needs the permission `back_date` and lies in a month that is not
    /// sealed.
    #[schema(format = Date, example = "2022-11-30", extensions(("x-permission" = json!("back_date"))))]
    pub value_date: Option<String>,
}

impl IncomingPayment {
    fn read(&self, fields: &mut Fields, at: usize, today: Date) -> Option<Incoming> {
        let place = |field: &str| format!("payments[{at}].{field}");
        let bank_reference = fields.text(&place("bank_reference"), &self.bank_reference);
        let payer_name = fields.text(&place("payer_name"), &self.payer_name);
        let payer_account = fields.text(&place("payer_account"), &self.payer_account);
        let text = fields.long_text(&place("text"), &self.text, LONGEST_REMITTANCE);
        let amount = fields.money(&place("amount"), &self.amount);
        let value_date = match &self.value_date {
            Some(text) => fields.date(&place("value_date"), text),
            None => Some(today),
        };
        Some(Incoming {
            bank_reference: bank_reference?,
            payer_name: payer_name?,
            payer_account: payer_account?,
            text: text?,
            amount: amount?,
            value_date: value_date?,
        })
    }
}

/// Payments that came in, from one to a thousand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayments {
    /// The payments, all or none.
    #[schema(min_items = 1, max_items = 1000)]
    pub payments: Vec<IncomingPayment>,
}

impl RecordPayments {
    fn read(&self, caller: &Caller, today: Date) -> Result<Vec<Incoming>, Failure> {
        let mut fields = Fields::default();
        let told = fields.count("payments", &self.payments, MOST).iter().enumerate();
        let read: Vec<Incoming> =
            told.take(MOST).filter_map(|(at, payment)| payment.read(&mut fields, at, today)).collect();
        let read = fields.finish(Some(read))?;
        if read.iter().any(|told| told.value_date < today) {
            caller.may(Action::BackDate)?;
        }
        Ok(read)
    }
}

/// What became of the payments.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReceivedPayments {
    /// In the order in which they were told.
    pub payments: Vec<PaymentView>,
}

impl Concerns for ReceivedPayments {
    fn concerns(&self, whose: &mut Whose) {
        self.payments.concerns(whose);
    }
}

/// Tell payments that came in at your bank. What the text names is matched: by the payment code or the credit code of an organisation,
/// or by the payment reference of a trade; the rest goes to suspense. A payment that names an approved trade of that buyer pays it, up
/// to what is left. A reference that you have told before, with the same content, is answered as it stands.
#[utoipa::path(post, path = "/money/payments", tag = "money", operation_id = "record_payments", request_body = RecordPayments,
    security(("bearer" = [])), extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 201, description = "Booked", body = ReceivedPayments)))]
async fn record_payments(
    State(shared): State<Shared>,
    Extension(Trades(trades)): Extension<Trades>,
    command: Command<RecordPayments>,
) -> Reply<ReceivedPayments> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let incoming = command.body.read(&command.caller, shared.db.clock().business_day())?;
    let told = (trades, incoming);
    let received = shared.db.run_once(&permit, &command.key, &told, |work, (trades, incoming)| {
        Box::pin(async move {
            let payments = commands::receive(work, *trades, incoming).await?;
            Ok(ReceivedPayments { payments: payments.into_iter().map(PaymentView::from).collect() })
        })
    });
    Ok(Answer::plainly_created(received.await?))
}

/// Filters of the payments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    /// `unmatched` is the work list of suspense; `matched` or `returned`.
    #[param(example = "unmatched")]
    state: Option<String>,
}

/// Payments at your bank, or to your organisation; all of them for the auditor.
#[utoipa::path(get, path = "/money/payments", tag = "money", operation_id = "list_payments", params(PaymentQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_money"))),
    responses((status = 200, description = "Payments in the order in which they were told", body = Listing<PaymentView>)))]
async fn list_payments(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PaymentQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<PaymentView>> {
    caller.may(Action::ReadMoney)?;
    one_of("state", query.state.as_deref(), PaymentState::WORDS)?;
    let found = queries::list_payments(&shared.db, &caller, query.state.as_deref(), &page).await?;
    Ok(Answer::plain(found.map(PaymentView::from).into()))
}

/// A payment that you may see.
#[utoipa::path(get, path = "/money/payments/{id}", tag = "money", operation_id = "find_payment",
    params(("id" = Uuid, Path, description = "Id of the payment")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "The payment", body = PaymentView)))]
async fn find_payment(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PaymentId>,
    _filters: Filters<NoFilters>,
) -> Reply<PaymentView> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_payments(&shared.db, &caller, None, &PageRequest::only(id)).await?;
    let payment = found.only(id, |payment| payment.id.0).ok_or_else(|| not_found("payment"))?;
    Ok(Answer::ok(payment.into()))
}

/// Whose a payment in suspense is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchPayment {
    /// Whose: id of an organisation.
    pub organisation: Uuid,
    /// How you know, in your words.
    #[schema(example = "付款单位来函确认")]
    pub reason: String,
}

impl MatchPayment {
    pub(super) fn read(&self, payment: PaymentId, expected: Option<i64>) -> Result<Assignment, Failure> {
        let mut fields = Fields::default();
        let reason = fields.reason("reason", &self.reason);
        let organisation = OrganisationId(self.organisation);
        fields.finish(reason.map(|reason| Assignment { payment, expected, organisation, reason }))
    }
}

/// Give a payment in suspense to an organisation; where the rules in force ask for a second person of your bank, it waits for one.
#[utoipa::path(post, path = "/money/payments/{id}/match", tag = "money", operation_id = "match_payment",
    params(("id" = Uuid, Path, description = "Id of the payment")), request_body = MatchPayment, security(("bearer" = [])),
    extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 200, description = "Matched", body = PaymentView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn match_payment(
    State(shared): State<Shared>,
    Extension(trades): Extension<Trades>,
    Id(id): Id<PaymentId>,
    command: Command<MatchPayment>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    command.body.read(id, command.expected)?;
    decide(&shared, &permit, PaymentProposal { trades, step: Step::Match }, id, command).await
}

/// How a payment in suspense went back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnPayment {
    /// Your own reference of the return; it is booked once.
    #[schema(example = "XN20221205000003")]
    pub bank_reference: String,
    /// Why.
    #[schema(example = "付款单位要求退回")]
    pub reason: String,
}

/// Tell that a payment in suspense was sent back to whoever paid it.
#[utoipa::path(post, path = "/money/payments/{id}/return", tag = "money", operation_id = "return_payment",
    params(("id" = Uuid, Path, description = "Id of the payment")), request_body = ReturnPayment, security(("bearer" = [])),
    extensions(("x-permission" = json!("confirm_money"))), responses((status = 200, description = "Returned", body = PaymentView)))]
async fn return_payment(
    State(shared): State<Shared>,
    Id(id): Id<PaymentId>,
    command: Command<ReturnPayment>,
) -> Reply<PaymentView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let mut fields = Fields::default();
    let bank_reference = fields.text("bank_reference", &command.body.bank_reference);
    let reason = fields.reason("reason", &command.body.reason);
    let (payment, expected) = (id, command.expected);
    let wanted = bank_reference.zip(reason);
    let wanted = wanted.map(|(bank_reference, reason)| Return { payment, expected, bank_reference, reason });
    let wanted = fields.finish(wanted)?;
    let returned = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move { Ok(PaymentView::from(commands::send_back(work, wanted).await?)) })
    });
    Ok(Answer::ok(returned.await?))
}
