//! Money in and out.

use super::commands::{self, Confirmation};
use super::movement::{Direction, MoneyMovement};
use super::queries;
use crate::access::Action;
use crate::db::gather::{Callers, Item};
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::ids::OrganisationId;
use crate::kernel::{Failure, Moment};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations of the treasury.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(confirm_deposit, list_deposits))
        .routes(routes!(confirm_withdrawal, list_withdrawals))
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
}

impl ConfirmMoney {
    fn read(&self, direction: Direction) -> Result<Confirmation, Failure> {
        let mut fields = Fields::default();
        let amount = fields.money("amount", &self.amount);
        let reference = fields.text("bank_reference", &self.bank_reference);
        let organisation = OrganisationId(self.organisation);
        let read = amount.zip(reference);
        fields.finish(read.map(|(amount, bank_reference)| Confirmation {
            organisation,
            direction,
            amount,
            bank_reference,
        }))
    }
}

async fn confirm(shared: Shared, command: Command<ConfirmMoney>, direction: Direction) -> Reply<MoneyMovementView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let confirmation = command.body.read(direction)?;
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
