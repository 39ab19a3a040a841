//! The decisions on a pledge, as the inbox carries them out, and what waits for a second person of a party.

use super::amendments::commands as amendments;
use super::api_view::{PledgeView, words_of};
use super::commands::{self, Act as PledgeAct, Rejection, Verification};
use super::lien_commands;
use super::pledge::Pledge;
use super::queries;
use crate::access::Action;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::proposals::{self, Command as Proposed};
use crate::decisions::{Act, Asking, Carried, Grounds, Made, Outcome, OwnAct, Place, Task, Verdict};
use crate::encumbrance::Binders;
use crate::http::answer::one;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, PledgeId};
use crate::rulebook::OwnProposal;
use accounting::SubjectKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Verifying the quantities of a pledge, by the bureau, or refusing it.
pub struct VerifyPledge;

impl Act for VerifyPledge {
    fn word(&self) -> &'static str {
        commands::VERIFICATION
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_pledges(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            match verdict.outcome {
                Outcome::Approved => {
                    let verification = Verification { act: of(task), grounds: verdict.grounds.clone() };
                    commands::verify(work, &[verification]).await?
                }
                Outcome::Refused => commands::refuse(work, &[rejection(task, verdict)]).await?,
            };
            Ok(None)
        })
    }
}

/// Agreeing to the terms of a pledge, by the pledgor, or refusing them. Where the pledgor asks for a second of its people, a yes waits
/// for that one; a no gives nothing away.
pub struct AgreePledge;

impl Act for AgreePledge {
    fn word(&self) -> &'static str {
        commands::AGREEMENT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_pledges(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            match verdict.outcome {
                Outcome::Approved => {
                    let wanted = proposed(of(task), work.caller().organisation)?;
                    match proposals::act(work, &Agreement, &wanted).await? {
                        Carried::Waits(waits) => Ok(Some(*waits)),
                        Carried::Done(_) => Ok(None),
                    }
                }
                Outcome::Refused => {
                    commands::refuse(work, &[rejection(task, verdict)]).await?;
                    Ok(None)
                }
            }
        })
    }
}

/// Agreeing to a change of the terms of a pledge, by the pledgor, or refusing it.
pub struct AmendPledge;

impl Act for AmendPledge {
    fn word(&self) -> &'static str {
        amendments::AMENDMENT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_pledges(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            match verdict.outcome {
                Outcome::Approved => amendments::agree(work, &[of(task)]).await?,
                Outcome::Refused => amendments::refuse(work, &[of(task)]).await?,
            };
            Ok(None)
        })
    }
}

fn of(task: &Task) -> PledgeAct {
    PledgeAct { pledge: PledgeId(task.subject), expected: None }
}

fn rejection(task: &Task, verdict: &Verdict) -> Rejection {
    let Grounds { reason, documents, document_hash } = verdict.grounds.clone();
    let grounds = Grounds { reason: None, documents, document_hash };
    Rejection { act: of(task), reason: reason.unwrap_or_default(), grounds }
}

/// An act on a pledge as it is kept while it waits: the id from the path of the operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptAct {
    pledge: PledgeId,
}

/// An act on a pledge with what is needed to let it wait for a second person of an organisation.
pub(super) fn proposed(act: PledgeAct, organisation: OrganisationId) -> Result<Proposed, Failure> {
    Ok(Proposed {
        body: serde_json::to_value(KeptAct { pledge: act.pledge }).map_err(Failure::bug)?,
        expected: act.expected,
        place: Place::Organisation(organisation),
        about: Some((SubjectKind::Pledge.as_str(), act.pledge.0)),
    })
}

fn kept(command: &Value, expected: Option<i64>) -> Result<[PledgeAct; 1], Failure> {
    let kept: KeptAct = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
    Ok([PledgeAct { pledge: kept.pledge, expected }])
}

async fn made(work: &Work, pledges: Vec<Pledge>) -> Result<Made, Failure> {
    let pledge = one(pledges, |pledge| pledge)?;
    let words = words_of(work.connection(), std::slice::from_ref(&pledge)).await?;
    let (subject_kind, subject) = (SubjectKind::Pledge.as_str(), pledge.id.0);
    let answer = serde_json::to_value(PledgeView::of(pledge, &words)?).map_err(Failure::bug)?;
    Ok(Made { subject_kind, subject, answer })
}

/// The pledgor's agreement, where it lets a second of its people approve.
pub struct Agreement;

impl OwnProposal for Agreement {
    fn act(&self) -> OwnAct {
        OwnAct::PledgeAcceptance
    }

    fn permission(&self) -> Action {
        Action::AgreePledge
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let agreed = commands::agree(work, &kept(command, expected)?).await?;
            made(work, agreed).await
        })
    }
}

/// The release of a pledge, where the pledgee lets a second of its people approve.
pub struct Release {
    /// Who may wait for what is released.
    pub binders: Binders,
}

impl OwnProposal for Release {
    fn act(&self) -> OwnAct {
        OwnAct::PledgeRelease
    }

    fn permission(&self) -> Action {
        Action::ReleasePledge
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let released = lien_commands::release(work, self.binders, &kept(command, expected)?).await?;
            made(work, released).await
        })
    }
}
