//! Codes by which payments to an organisation are recognised.

use super::commands;
use super::queries;
use super::store::PaymentCode;
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, PaymentCodeId};
use crate::kernel::page::PageRequest;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(PaymentCodeView: Organisation [organisation]);

/// The operations on payment codes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(register_payment_code, list_payment_codes)).routes(routes!(find_payment_code))
}

/// A code by which payments to an organisation are recognised.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PaymentCode)]
pub struct PaymentCodeView {
    /// Its identity.
    pub id: Uuid,
    /// The code.
    #[schema(example = "8800421222000017")]
    pub code: String,
    /// Whose payments it marks.
    pub organisation: Uuid,
    /// At which settlement bank.
    pub bank: Uuid,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl From<PaymentCode> for PaymentCodeView {
    fn from(code: PaymentCode) -> Self {
        Self {
            id: code.id.0,
            code: code.code,
            organisation: code.organisation.0,
            bank: code.bank.0,
            registered_at: code.registered_at,
        }
    }
}

/// A code to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPaymentCode {
    /// Whose payments it marks: id of an organisation.
    pub organisation: Uuid,
    /// 6 to 32 capital letters and digits: the number of the account that you keep for it within your own, for example.
    #[schema(example = "8800421222000017")]
    pub code: String,
}

/// Register a code by which payments to an organisation are recognised at your bank. An organisation may have several.
#[utoipa::path(post, path = "/money/payment-codes", tag = "money", operation_id = "register_payment_code",
    request_body = RegisterPaymentCode, security(("bearer" = [])), extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 201, description = "Registered", body = PaymentCodeView)))]
async fn register_payment_code(
    State(shared): State<Shared>,
    command: Command<RegisterPaymentCode>,
) -> Reply<PaymentCodeView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let wanted = (OrganisationId(command.body.organisation), command.body.code.trim().to_owned());
    let code = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move { Ok(PaymentCodeView::from(commands::register_code(work, wanted).await?)) })
    });
    Ok(Answer::plainly_created(code.await?))
}

/// Payment codes of your organisation; all of them for the settlement bank and the auditor.
#[utoipa::path(get, path = "/money/payment-codes", tag = "money", operation_id = "list_payment_codes", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_money"))),
    responses((status = 200, description = "Codes in the order of registration", body = Listing<PaymentCodeView>)))]
async fn list_payment_codes(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<PaymentCodeView>> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_codes(&shared.db, &caller, &page).await?;
    Ok(Answer::plain(found.map(PaymentCodeView::from).into()))
}

/// A payment code that you may see.
#[utoipa::path(get, path = "/money/payment-codes/{id}", tag = "money", operation_id = "find_payment_code",
    params(("id" = Uuid, Path, description = "Id of the payment code")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "The code", body = PaymentCodeView)))]
async fn find_payment_code(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PaymentCodeId>,
) -> Reply<PaymentCodeView> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_codes(&shared.db, &caller, &PageRequest::only(id)).await?;
    let code = found.only(id, |code| code.id.0).ok_or_else(|| not_found("payment code"))?;
    Ok(Answer::plain(code.into()))
}
