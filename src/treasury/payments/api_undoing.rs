//! Undoing a match that was made by hand.

use super::api::PaymentView;
use super::api_acts::{PaymentProposal, Step, decide};
use super::trades::Trades;
use super::undoing::Undoing;
use crate::access::Action;
use crate::decisions::api_tasks::TaskView;
use crate::http::{Command, Fields, Id, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::PaymentId;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operation that undoes a match.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(undo_payment_match))
}

/// Why a match is undone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoPaymentMatch {
    /// Why, in your words.
    #[schema(example = "认领有误，付款单位来函更正")]
    pub reason: String,
}

impl UndoPaymentMatch {
    pub(super) fn read(&self, payment: PaymentId, expected: Option<i64>) -> Result<Undoing, Failure> {
        let mut fields = Fields::default();
        let reason = fields.reason("reason", &self.reason);
        fields.finish(reason.map(|reason| Undoing { payment, expected, reason }))
    }
}

/// Undo a match that one of you made by hand: the payment goes back to suspense and waits for a decision again, as long as all of it is
/// still the organisation's free money. Where the rules in force ask for a second person of your bank to match, it waits for one.
#[utoipa::path(post, path = "/money/payments/{id}/undo-match", tag = "money", operation_id = "undo_payment_match",
    params(("id" = Uuid, Path, description = "Id of the payment")), request_body = UndoPaymentMatch, security(("bearer" = [])),
    extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 200, description = "In suspense again", body = PaymentView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn undo_payment_match(
    State(shared): State<Shared>,
    Extension(trades): Extension<Trades>,
    Id(id): Id<PaymentId>,
    command: Command<UndoPaymentMatch>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    command.body.read(id, command.expected)?;
    decide(&shared, &permit, PaymentProposal { trades, step: Step::Undo }, id, command).await
}
