//! Money in and out.

use super::commands::{self, Confirmation};
use super::movement::{Direction, MoneyMovement};
use super::queries;
use super::reversal::{Correction, Reversal, reverse};
use crate::access::caller::AccessRefusal;
use crate::access::{Action, Caller, Permit};
use crate::db::gather::{Callers, Item};
use crate::db::work::Doing;
use crate::db::{CommandKey, Work};
use crate::decisions::api_tasks::{TaskView, act, answer, read_documents};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Grounds, Made, OwnAct, Place, approvals};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Problem, Reply, Shared, Signed};
use crate::kernel::ids::{MoneyMovementId, OrganisationId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use crate::rulebook::OwnProposal;
use crate::rulebook::queries::asks_to_wait;
use crate::{concerns, concerns_nobody};
use accounting::{JournalId, SubjectKind};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(ReversalView);
concerns!(MoneyMovementView: Organisation [organisation]);

/// The operations of the treasury.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(confirm_deposit, list_deposits))
        .routes(routes!(find_deposit))
        .routes(routes!(confirm_withdrawal, list_withdrawals))
        .routes(routes!(find_withdrawal))
        .routes(routes!(reverse_journal))
}

/// Money in or out, as the settlement bank confirmed it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MoneyMovement)]
pub struct MoneyMovementView {
    /// Its identity.
    pub id: Uuid,
    /// Whose money.
    pub organisation: Uuid,
    /// `deposit` or `withdrawal`.
    #[schema(example = "deposit", extensions(("x-words" = json!(Direction::WORDS))))]
    pub direction: String,
    /// CNY.
    #[schema(example = "17580.00")]
    pub amount: String,
    /// The settlement bank's own reference.
    #[schema(example = "XN20221201000017")]
    pub bank_reference: String,
    /// The legal date.
    #[schema(format = Date, example = "2022-12-01")]
    pub effective_on: String,
    /// The journal that booked it.
    pub journal: Uuid,
    /// The journal that undid it, when it was booked by mistake.
    pub reversed_by: Option<Uuid>,
    /// When it was confirmed, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub confirmed_at: Moment,
}

impl From<MoneyMovement> for MoneyMovementView {
    fn from(movement: MoneyMovement) -> Self {
        Self {
            id: movement.id.0,
            organisation: movement.organisation.0,
            direction: movement.direction.as_str().to_owned(),
            amount: movement.amount.print(),
            bank_reference: movement.bank_reference,
            effective_on: movement.effective_on.to_string(),
            journal: movement.journal.0,
            reversed_by: movement.reversed_by.map(|journal| journal.0),
            confirmed_at: movement.confirmed_at,
        }
    }
}

/// Money that the settlement bank received or paid out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmMoney {
    /// Whose money: id of an organisation.
    pub organisation: Uuid,
    /// CNY with at most two decimals.
    #[schema(example = "17580.00")]
    pub amount: String,
    /// Your own reference; it is booked once.
    #[schema(example = "XN20221201000017")]
    pub bank_reference: String,
    /// The legal date, today when left out. An earlier one needs the permission `back_date` and lies in a month that is not
    /// sealed.
    #[schema(format = Date, example = "2022-11-30", extensions(("x-permission" = json!("back_date"))))]
    pub effective_on: Option<String>,
}

impl ConfirmMoney {
    fn read(&self, direction: Direction) -> Result<Confirmation, Failure> {
        let mut fields = Fields::default();
        let amount = fields.money("amount", &self.amount);
        let reference = fields.text("bank_reference", &self.bank_reference);
        let effective_on = self.effective_on.as_deref().and_then(|text| fields.date("effective_on", text));
        let organisation = OrganisationId(self.organisation);
        let read = amount.zip(reference);
        fields.finish(read.map(|(amount, bank_reference)| Confirmation {
            organisation,
            direction,
            amount,
            bank_reference,
            effective_on,
        }))
    }
}

/// Earlier days need a permission of their own.
fn expect_date(confirmation: &Confirmation, caller: &Caller, today: Date) -> Result<(), AccessRefusal> {
    if confirmation.effective_on.is_some_and(|date| date < today) {
        caller.may(Action::BackDate)?;
    }
    Ok(())
}

async fn confirm(
    shared: &Shared,
    permit: &Permit,
    key: &CommandKey,
    confirmation: Confirmation,
) -> Result<MoneyMovementView, Failure> {
    let item = Item { input: confirmation, target: None, callers: Callers::One };
    let confirmed = shared.db.gather(permit, key, item, |work, confirmations| {
        Box::pin(async move {
            let movements = commands::confirm(work, confirmations).await?;
            Ok(movements.into_iter().map(MoneyMovementView::from).collect())
        })
    });
    confirmed.await
}

/// Paying out, where the settlement bank lets a second of its people approve.
pub struct WithdrawalProposal;

impl OwnProposal for WithdrawalProposal {
    fn act(&self) -> OwnAct {
        OwnAct::Withdrawal
    }

    fn permission(&self) -> Action {
        Action::ConfirmMoney
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, _: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: ConfirmMoney = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let confirmation = command.read(Direction::Withdrawal)?;
            expect_date(&confirmation, work.caller(), work.today())?;
            let movement = one(commands::confirm(work, &[confirmation]).await?, |movement| movement)?;
            let (subject_kind, subject) = (SubjectKind::MoneyMovement.as_str(), movement.id.0);
            let view = MoneyMovementView::from(movement);
            Ok(Made { subject_kind, subject, answer: serde_json::to_value(view).map_err(Failure::bug)? })
        })
    }
}

async fn list(
    shared: Shared,
    Signed(caller): Signed,
    Ordered(page): Ordered,
    direction: Direction,
) -> Reply<Listing<MoneyMovementView>> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_movements(&shared.db, &caller, direction, &page).await?;
    Ok(Answer::plain(found.map(MoneyMovementView::from).into()))
}

/// Confirm money that came in for an organisation.
#[utoipa::path(post, path = "/money/deposits", tag = "money", operation_id = "confirm_deposit", request_body = ConfirmMoney,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("confirm_money"))), responses((status = 201, description = "Booked", body = MoneyMovementView)))]
async fn confirm_deposit(State(shared): State<Shared>, command: Command<ConfirmMoney>) -> Reply<MoneyMovementView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let confirmation = command.body.read(Direction::Deposit)?;
    expect_date(&confirmation, &command.caller, shared.db.clock().business_day())?;
    Ok(Answer::plainly_created(confirm(&shared, &permit, &command.key, confirmation).await?))
}

/// Confirm money that was paid out to an organisation; where the rules in force or your own bank ask for a second person of it, it
/// waits for one.
#[utoipa::path(post, path = "/money/withdrawals", tag = "money", operation_id = "confirm_withdrawal",
    request_body = ConfirmMoney, security(("bearer" = [])), extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 201, description = "Booked", body = MoneyMovementView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn confirm_withdrawal(State(shared): State<Shared>, command: Command<ConfirmMoney>) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let confirmation = command.body.read(Direction::Withdrawal)?;
    let today = shared.db.clock().business_day();
    expect_date(&confirmation, &command.caller, today)?;
    let own = approvals::find(shared.db.reader(), command.caller.organisation).await?;
    let by_own = own.is_some_and(|approvals| approvals.acts.contains(&OwnAct::Withdrawal));
    if !by_own && !asks_to_wait(shared.db.reader(), today, OwnAct::Withdrawal.as_str()).await? {
        let movement = confirm(&shared, &permit, &command.key, confirmation).await?;
        return Ok(Answer::plainly_created(movement).into_response());
    }
    let body = serde_json::to_value(&command.body).map_err(Failure::bug)?;
    let place = Place::Organisation(command.caller.organisation);
    let wanted = Proposed { body, expected: None, place, about: None };
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &WithdrawalProposal, wanted)));
    answer(told.await?, |movement: MoneyMovementView| Answer::plainly_created(movement).into_response())
}

/// Deposits of your organisation; all of them for the settlement bank and the auditor.
#[utoipa::path(get, path = "/money/deposits", tag = "money", operation_id = "list_deposits", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "Deposits in the order of confirmation", body = Listing<MoneyMovementView>)))]
async fn list_deposits(
    State(shared): State<Shared>,
    signed: Signed,
    _filters: Filters<NoFilters>,
    paging: Ordered,
) -> Reply<Listing<MoneyMovementView>> {
    list(shared, signed, paging, Direction::Deposit).await
}

/// Withdrawals of your organisation; all of them for the settlement bank and the auditor.
#[utoipa::path(get, path = "/money/withdrawals", tag = "money", operation_id = "list_withdrawals", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "Withdrawals in the order of confirmation", body = Listing<MoneyMovementView>)))]
async fn list_withdrawals(
    State(shared): State<Shared>,
    signed: Signed,
    _filters: Filters<NoFilters>,
    paging: Ordered,
) -> Reply<Listing<MoneyMovementView>> {
    list(shared, signed, paging, Direction::Withdrawal).await
}

/// A deposit that you may see.
#[utoipa::path(get, path = "/money/deposits/{id}", tag = "money", operation_id = "find_deposit",
    params(("id" = Uuid, Path, description = "Id of the deposit")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "The deposit", body = MoneyMovementView)))]
async fn find_deposit(
    State(shared): State<Shared>,
    signed: Signed,
    Id(id): Id<MoneyMovementId>,
) -> Reply<MoneyMovementView> {
    find(shared, signed, id, Direction::Deposit).await
}

/// A withdrawal that you may see.
#[utoipa::path(get, path = "/money/withdrawals/{id}", tag = "money", operation_id = "find_withdrawal",
    params(("id" = Uuid, Path, description = "Id of the withdrawal")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "The withdrawal", body = MoneyMovementView)))]
async fn find_withdrawal(
    State(shared): State<Shared>,
    signed: Signed,
    Id(id): Id<MoneyMovementId>,
) -> Reply<MoneyMovementView> {
    find(shared, signed, id, Direction::Withdrawal).await
}

async fn find(
    shared: Shared,
    Signed(caller): Signed,
    id: MoneyMovementId,
    direction: Direction,
) -> Reply<MoneyMovementView> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_movements(&shared.db, &caller, direction, &PageRequest::only(id)).await?;
    let movement = found.only(id, |movement| movement.id.0).ok_or_else(|| not_found(direction.as_str()))?;
    Ok(Answer::plain(movement.into()))
}

/// A movement of money that was undone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Reversal)]
pub struct ReversalView {
    /// The counter-journal.
    pub journal: Uuid,
    /// The journal that it undoes.
    pub reverses: Uuid,
    /// The movement of money that is undone with it.
    pub movement: Uuid,
    /// Its legal date: the day on which it was undone.
    #[schema(format = Date, example = "2022-12-02")]
    pub effective_on: String,
    /// Why.
    #[schema(example = "付款单位填错")]
    pub reason: String,
    /// SHA-256 of the document that proves the mistake.
    pub document_hash: String,
    /// When it was undone, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub reversed_at: Moment,
}

impl From<Reversal> for ReversalView {
    fn from(reversal: Reversal) -> Self {
        Self {
            journal: reversal.journal.0,
            reverses: reversal.reverses.0,
            movement: reversal.movement.0,
            effective_on: reversal.effective_on.to_string(),
            reason: reversal.reason,
            document_hash: reversal.document_hash,
            reversed_at: reversal.reversed_at,
        }
    }
}

/// Why a journal is undone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReverseJournal {
    /// Why, in your words.
    #[schema(example = "付款单位填错")]
    pub reason: String,
    /// SHA-256 of the document that proves the mistake, in lower-case hexadecimal; left out when the document is named.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// Ids of documents of your organisation that prove it.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// Undo a deposit or a withdrawal that your bank booked by mistake: once, by a counter-journal dated today.
#[utoipa::path(post, path = "/journals/{id}/reversal", tag = "money", operation_id = "reverse_journal",
    params(("id" = Uuid, Path, description = "Id of the journal that booked it")), request_body = ReverseJournal,
    security(("bearer" = [])), extensions(("x-permission" = json!("correct_books"))),
    responses((status = 201, description = "Undone", body = ReversalView)))]
async fn reverse_journal(
    State(shared): State<Shared>,
    Id(id): Id<Uuid>,
    command: Command<ReverseJournal>,
) -> Reply<ReversalView> {
    let permit = command.caller.may(Action::CorrectBooks)?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &command.body.reason);
    let document_hash = fields.optional_hash("document_hash", command.body.document_hash.as_deref());
    let documents = read_documents(&mut fields, &command.body.documents);
    let grounds = Grounds { reason: None, documents, document_hash };
    let correction = reason.map(|reason| Correction { journal: JournalId(id), reason, grounds });
    let correction = fields.finish(correction)?;
    let reversal = shared
        .db
        .run_once(&permit, &command.key, &[correction], |work, corrections| {
            Box::pin(async move { one(reverse(work, corrections).await?, ReversalView::from) })
        })
        .await?;
    Ok(Answer::plainly_created(reversal))
}
