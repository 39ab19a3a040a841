//! Undoing a match that was made by hand.

use super::api::PaymentView;
use super::trades::Trades;
use super::undoing::{Undoing, undo};
use crate::access::Action;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, Place, Proposal, Rules};
use crate::http::{Answer, Command, Fields, Id, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::PaymentId;
use crate::rulebook;
use accounting::SubjectKind;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// What is kept of it while it waits.
#[derive(Debug, Serialize, Deserialize)]
struct KeptUndoing {
    payment: PaymentId,
    #[serde(flatten)]
    body: UndoPaymentMatch,
}

impl KeptUndoing {
    fn read(&self, expected: Option<i64>) -> Result<Undoing, Failure> {
        let mut fields = Fields::default();
        let reason = fields.reason("reason", &self.body.reason);
        fields.finish(reason.map(|reason| Undoing { payment: self.payment, expected, reason }))
    }
}

/// Undoing a match by hand, where the rulebook lets a second person of the bank approve matches.
#[derive(Debug)]
pub struct UndoingProposal {
    /// Trades that the payment may have gone to.
    pub trades: Trades,
}

impl Proposal for UndoingProposal {
    fn word(&self) -> &'static str {
        "payment_match_undoing"
    }

    fn permission(&self) -> Action {
        Action::ConfirmMoney
    }

    fn is_of_authority(&self) -> bool {
        false
    }

    /// Whoever has to be two to make a match has to be two to undo it, so one switch is for both.
    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of("payment_match")) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let kept: KeptUndoing = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let payment = undo(work, self.trades.0, &kept.read(expected)?).await?;
            let (subject_kind, subject) = (SubjectKind::Payment.as_str(), payment.id.0);
            let answer = serde_json::to_value(PaymentView::from(payment)).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
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
    let kept = KeptUndoing { payment: id, body: command.body };
    kept.read(command.expected)?;
    let wanted = Proposed {
        body: serde_json::to_value(&kept).map_err(Failure::bug)?,
        expected: command.expected,
        place: Place::Organisation(command.caller.organisation),
        about: Some((SubjectKind::Payment.as_str(), id.0)),
    };
    let wanted = (UndoingProposal { trades }, wanted);
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, (proposal, wanted)| Box::pin(act(work, proposal, wanted)));
    answer(told.await?, |payment: PaymentView| Answer::ok(payment).into_response())
}
