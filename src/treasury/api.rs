//! Money in and out.

use super::commands::{self, Confirmation};
use super::movement::{Direction, MoneyMovement};
use super::queries;
use super::reversal::{Correction, Reversal, reverse};
use crate::access::Action;
use crate::db::gather::{Callers, Item};
use crate::http::answer::one;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::ids::OrganisationId;
use crate::kernel::{Failure, Moment};
use crate::{concerns, concerns_nobody};
use accounting::JournalId;
use axum::extract::State;
use serde::{Deserialize, Serialize};
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
        .routes(routes!(confirm_withdrawal, list_withdrawals))
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
    #[schema(example = "deposit")]
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
#[derive(Debug, Clone, Deserialize, ToSchema)]
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

async fn confirm(shared: Shared, command: Command<ConfirmMoney>, direction: Direction) -> Reply<MoneyMovementView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let confirmation = command.body.read(direction)?;
    let today = shared.db.clock().business_day();
    if confirmation.effective_on.is_some_and(|date| date < today) {
        command.caller.may(Action::BackDate)?;
    }
    let item = Item { input: confirmation, target: None, callers: Callers::One };
    let movement = shared
        .db
        .gather(&permit, &command.key, item, |work, confirmations| {
            Box::pin(async move {
                let movements = commands::confirm(work, confirmations).await?;
                Ok(movements.into_iter().map(MoneyMovementView::from).collect())
            })
        })
        .await?;
    Ok(Answer::plainly_created(movement))
}

async fn list(
    shared: Shared,
    Signed(caller): Signed,
    Paging(page): Paging,
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
    confirm(shared, command, Direction::Deposit).await
}

/// Confirm money that was paid out to an organisation.
#[utoipa::path(post, path = "/money/withdrawals", tag = "money", operation_id = "confirm_withdrawal",
    request_body = ConfirmMoney, security(("bearer" = [])),
    extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 201, description = "Booked", body = MoneyMovementView)))]
async fn confirm_withdrawal(State(shared): State<Shared>, command: Command<ConfirmMoney>) -> Reply<MoneyMovementView> {
    confirm(shared, command, Direction::Withdrawal).await
}

/// Deposits of your organisation; all of them for the settlement bank and the auditor.
#[utoipa::path(get, path = "/money/deposits", tag = "money", operation_id = "list_deposits", params(PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "Deposits in the order of confirmation", body = Listing<MoneyMovementView>)))]
async fn list_deposits(
    State(shared): State<Shared>,
    signed: Signed,
    _filters: Filters<NoFilters>,
    paging: Paging,
) -> Reply<Listing<MoneyMovementView>> {
    list(shared, signed, paging, Direction::Deposit).await
}

/// Withdrawals of your organisation; all of them for the settlement bank and the auditor.
#[utoipa::path(get, path = "/money/withdrawals", tag = "money", operation_id = "list_withdrawals", params(PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "Withdrawals in the order of confirmation", body = Listing<MoneyMovementView>)))]
async fn list_withdrawals(
    State(shared): State<Shared>,
    signed: Signed,
    _filters: Filters<NoFilters>,
    paging: Paging,
) -> Reply<Listing<MoneyMovementView>> {
    list(shared, signed, paging, Direction::Withdrawal).await
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
    /// SHA-256 of the document that proves the mistake, in lower-case hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: String,
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
    let reason = fields.text("reason", &command.body.reason);
    let document_hash = fields.optional_hash("document_hash", Some(&command.body.document_hash));
    let correction = reason.zip(document_hash).map(|(reason, document_hash)| Correction {
        journal: JournalId(id),
        reason,
        document_hash,
    });
    let correction = fields.finish(correction)?;
    let reversal = shared
        .db
        .run_once(&permit, &command.key, &[correction], |work, corrections| {
            Box::pin(async move { one(reverse(work, corrections).await?, ReversalView::from) })
        })
        .await?;
    Ok(Answer::plainly_created(reversal))
}
