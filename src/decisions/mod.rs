//! Decision records (行政执法三项制度): where an authority decides, it is written who proposed, who decided, what, why, by
//! which version of the rules and on which evidence, and the decider is never the proposer.

pub mod delegations;
mod store;

pub use delegations::{Proposal, four_eyes};
pub use store::COVERED;

use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::{RulebookId, UserId};
use crate::refusals;
use uuid::Uuid;

refusals! {
    /// What the four-eyes rule refuses.
    DecisionRefusal {
        /// The decider is the proposer.
        OwnProposal {} => Denied "AUT_OWN_PROPOSAL" at "": "不得审批自己提出的事项", "nobody decides on their own proposal", basis "行政处罚法第五十八条、三项制度:职责分离";
        /// The decider stood in for the proposer, or the other way round, since the proposal.
        BoundToProposer {} => Denied "AUT_BOUND_TO_PROPOSER" at "": "您与提出人之间存在委托代办关系,不得审批该事项", "a delegation has bound you and the proposer since the proposal", basis "行政处罚法第五十八条、三项制度:职责分离";
        /// The delegation was taken back or has ended.
        DelegationOver {} => Conflict "AUT_DELEGATION_OVER" at "": "该委托已结束", "the delegation is over already";
    }
}

/// How it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Approved,
    /// No.
    Refused,
}

impl Outcome {
    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }
}

/// One decision of an authority.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What was decided, in the word of its journal.
    pub act: &'static str,
    /// What kind of thing it is about.
    pub subject_kind: &'static str,
    /// Which thing.
    pub subject: Uuid,
    /// How.
    pub outcome: Outcome,
    /// Who proposed or applied.
    pub proposed_by: UserId,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// SHA-256 of the document it rests on.
    pub document_hash: Option<String>,
    /// The version of the rules it was judged by.
    pub rulebook: RulebookId,
}

/// Writes decision records in the work that carries the decisions out.
///
/// # Errors
/// A fault of the database.
pub async fn record(work: &Work, decisions: &[Decision]) -> Result<(), Failure> {
    store::insert(work, decisions).await
}
