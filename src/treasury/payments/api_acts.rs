//! What one person of the bank decides of a payment by hand and a second approves where the rulebook asks for it: whose it is, and that it was
//! not theirs.

use super::api::{MatchPayment, PaymentView};
use super::api_undoing::UndoPaymentMatch;
use super::commands::assign;
use super::trades::Trades;
use super::undoing::undo;
use crate::access::{Action, Permit};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, Place, Proposal, Rules};
use crate::http::{Answer, Command, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::PaymentId;
use crate::rulebook;
use accounting::SubjectKind;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The word of a match in tasks and in the rulebook.
const MATCH: &str = "payment_match";

/// The body of an operation with the payment from its path, as it is kept while it waits.
#[derive(Debug, Serialize, Deserialize)]
struct Kept<B> {
    payment: PaymentId,
    #[serde(flatten)]
    body: B,
}

/// What is decided of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is given to an organisation.
    Match,
    /// It is taken from it again.
    Undo,
}

/// Matching a payment by hand, or undoing that.
#[derive(Debug)]
pub struct PaymentProposal {
    /// Trades that the payment may pay, or has.
    pub trades: Trades,
    /// Which of both.
    pub step: Step,
}

impl Proposal for PaymentProposal {
    fn word(&self) -> &'static str {
        match self.step {
            Step::Match => MATCH,
            Step::Undo => "payment_match_undoing",
        }
    }

    fn permission(&self) -> Action {
        Action::ConfirmMoney
    }

    fn is_of_authority(&self) -> bool {
        false
    }

    /// Whoever has to be two to make a match has to be two to undo it, so one switch is for both.
    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(MATCH)) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command = command.clone();
            let payment = match self.step {
                Step::Match => {
                    let kept: Kept<MatchPayment> = serde_json::from_value(command).map_err(Failure::bug)?;
                    assign(work, self.trades.0, &kept.body.read(kept.payment, expected)?).await?
                }
                Step::Undo => {
                    let kept: Kept<UndoPaymentMatch> = serde_json::from_value(command).map_err(Failure::bug)?;
                    undo(work, self.trades.0, &kept.body.read(kept.payment, expected)?).await?
                }
            };
            let (subject_kind, subject) = (SubjectKind::Payment.as_str(), payment.id.0);
            let answer = serde_json::to_value(PaymentView::from(payment)).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
    }
}

/// Does what the body of an operation says of a payment, or lets it wait for a second person of the bank.
pub(super) async fn decide<B: Serialize + Send>(
    shared: &Shared,
    permit: &Permit,
    proposal: PaymentProposal,
    payment: PaymentId,
    command: Command<B>,
) -> Result<Response, Problem> {
    let kept = Kept { payment, body: command.body };
    let wanted = Proposed {
        body: serde_json::to_value(&kept).map_err(Failure::bug)?,
        expected: command.expected,
        place: Place::Organisation(command.caller.organisation),
        about: Some((SubjectKind::Payment.as_str(), payment.0)),
    };
    let wanted = (proposal, wanted);
    let told = shared
        .db
        .run_once(permit, &command.key, &wanted, |work, (proposal, wanted)| Box::pin(act(work, proposal, wanted)));
    answer(told.await?, |payment: PaymentView| Answer::ok(payment).into_response())
}
