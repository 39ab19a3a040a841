//! The decisions on acts on rights, as the inbox carries them out, and what waits for a second person of an enterprise.

use super::api::answer_one;
use super::api_proposals::ProposeSurrender;
use super::commands::{self, ActWord};
use super::proposing::propose;
use super::queries;
use super::right_act::{Kind, RightAct};
use crate::access::Action;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Act, Asking, Grounds, Made, Outcome, OwnAct, Place, Task, Verdict};
use crate::encumbrance::Binders;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, RightActId};
use crate::parties::words::Words;
use crate::rulebook::OwnProposal;
use accounting::SubjectKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Approving or refusing an act of one kind.
pub struct DecideRightAct {
    /// Which kind.
    pub kind: Kind,
    /// Who binds the rights.
    pub binders: Binders,
}

impl Act for DecideRightAct {
    fn word(&self) -> &'static str {
        self.kind.as_str()
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_acts(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let act = RightActId(task.subject);
            let words = [ActWord { act, expected: None, grounds: verdict.grounds.clone() }];
            match verdict.outcome {
                Outcome::Approved => commands::approve(work, self.binders, &words).await?,
                Outcome::Refused => commands::refuse(work, &words).await?,
            };
            Ok(None)
        })
    }
}

async fn made(work: &Work, acts: Vec<RightAct>) -> Result<Made, Failure> {
    let view = answer_one(work, acts).await?;
    let (subject_kind, subject) = (SubjectKind::Tenure.as_str(), view.id);
    Ok(Made { subject_kind, subject, answer: serde_json::to_value(view).map_err(Failure::bug)? })
}

/// Proposing a surrender, where the enterprise lets a second of its people approve.
#[derive(Clone, Copy)]
pub struct SurrenderProposal {
    /// Who binds the rights.
    pub binders: Binders,
}

impl OwnProposal for SurrenderProposal {
    fn act(&self) -> OwnAct {
        OwnAct::SurrenderProposal
    }

    fn permission(&self) -> Action {
        Action::SurrenderRights
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, _: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: ProposeSurrender = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let words = Words::of_codes(work.connection(), std::slice::from_ref(&command.right_class)).await?;
            let acts = propose(work, self.binders, &[command.read(&words)?]).await?;
            made(work, acts).await
        })
    }
}

/// An act as it is kept while the seller's yes waits: the id from the path of the operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptAct {
    act: RightActId,
}

/// A seller's yes with what is needed to let it wait for a second of its people.
pub(super) fn kept(act: RightActId, expected: Option<i64>, own: OrganisationId) -> Result<Proposed, Failure> {
    Ok(Proposed {
        body: serde_json::to_value(KeptAct { act }).map_err(Failure::bug)?,
        expected,
        place: Place::Organisation(own),
        about: Some((SubjectKind::Tenure.as_str(), act.0)),
    })
}

/// Agreeing to sell rights back, where the enterprise lets a second of its people approve.
#[derive(Clone, Copy)]
pub struct BuyBackAgreement {
    /// Who binds the rights.
    pub binders: Binders,
}

impl OwnProposal for BuyBackAgreement {
    fn act(&self) -> OwnAct {
        OwnAct::BuyBackAgreement
    }

    fn permission(&self) -> Action {
        Action::AgreeBuyBack
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let KeptAct { act } = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let words = [ActWord { act, expected, grounds: Grounds::default() }];
            let acts = commands::agree(work, self.binders, &words).await?;
            made(work, acts).await
        })
    }
}
