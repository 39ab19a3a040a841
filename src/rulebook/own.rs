//! Acts of an organisation that it may let a second of its own people approve. What all of them have in common follows from the act
//! itself: its word, that no authority acts, and whether the rulebook has a switch for it beside the organisation's own.

use super::kind::ACTS;
use super::queries;
use crate::access::Action;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::{Made, OwnAct, Proposal, Rules};
use serde_json::Value;

/// A proposal of an act for which the proposer's own organisation may ask for a second person.
pub trait OwnProposal: Send + Sync {
    /// Which act.
    fn act(&self) -> OwnAct;

    /// The permission that the proposer needs.
    fn permission(&self) -> Action;

    /// The permission that the second person needs, as [`Proposal::approval`] tells it.
    fn approval(&self) -> Action {
        self.permission()
    }

    /// Carries the command out, as [`Proposal::carry_out`] does.
    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made>;
}

impl<P: OwnProposal> Proposal for P {
    fn word(&self) -> &'static str {
        self.act().as_str()
    }

    fn permission(&self) -> Action {
        OwnProposal::permission(self)
    }

    fn approval(&self) -> Action {
        OwnProposal::approval(self)
    }

    fn is_of_authority(&self) -> bool {
        false
    }

    fn own_act(&self) -> Option<OwnAct> {
        Some(self.act())
    }

    fn has_rule(&self) -> bool {
        ACTS.contains(&self.act().as_str())
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(queries::in_force(work).await?.rules_of(self.act().as_str())) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        OwnProposal::carry_out(self, work, command, expected)
    }
}
