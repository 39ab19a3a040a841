//! How an act is bound to the command that carries it out. The commands stand in capabilities above this house; each binds its
//! own here, and `app::acts` lists them.

use super::approvals::OwnAct;
use super::documents::Grounds;
use super::record::Outcome;
use super::task::{Rules, Task};
use crate::access::Action;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::http::concern::Party;
use crate::kernel::Failure;
use serde_json::Value;
use std::collections::HashMap;
use std::pin::Pin;
use uuid::Uuid;

/// What the second person says.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Yes or no.
    pub outcome: Outcome,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// The parties of things, on their way.
pub type Asking<'d> = Pin<Box<dyn Future<Output = Result<HashMap<Uuid, Vec<Party>>, Failure>> + Send + 'd>>;

/// An act that waits for a second person.
pub trait Act: Send + Sync {
    /// Its word in tasks and decision records, and in the rulebook's `four_eyes_…` switch.
    fn word(&self) -> &'static str;

    /// Whether it changes how somebody stands, which the door of a node remembers.
    fn changes_standing(&self) -> bool {
        false
    }

    /// Whose affairs these things are, by their ids, for the log of reads; nobody's where only whoever decides is concerned.
    fn parties<'d>(&'d self, _db: &'d Db, _subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(async { Ok(HashMap::new()) })
    }

    /// Carries the verdict out by the command of the act's own operation. That command closes the task. Where the organisation of
    /// whoever decides asks for a second of its own people, the verdict waits for that one: then the task of theirs is told.
    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>>;
}

/// What a command that waited has made.
#[derive(Debug, Clone)]
pub struct Made {
    /// What kind of thing.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject: Uuid,
    /// What the operation answers.
    pub answer: Value,
}

/// An act of one step that is proposed instead of done where the rules ask for a second person: the very command is kept, and is
/// carried out when it is approved, judged again.
pub trait Proposal: Send + Sync {
    /// Its word in tasks and decision records, and in the rulebook's `four_eyes_…` switch.
    fn word(&self) -> &'static str;

    /// The permission that the proposer needs.
    fn permission(&self) -> Action;

    /// The permission that the second person needs beside the one to decide tasks: that of the proposer, unless an organisation
    /// has people who only approve.
    fn approval(&self) -> Action {
        self.permission()
    }

    /// Whether an authority acts, which leaves a decision record.
    fn is_of_authority(&self) -> bool;

    /// The act for which the proposer's own organisation may ask for a second person; none where only the rulebook does.
    fn own_act(&self) -> Option<OwnAct> {
        None
    }

    /// Whether the rulebook has a switch for it.
    fn has_rule(&self) -> bool {
        true
    }

    /// Whose affairs these things are, as [`Act::parties`] tells them; what a command names by itself needs no telling.
    fn parties<'d>(&'d self, _db: &'d Db, _subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(async { Ok(HashMap::new()) })
    }

    /// What the rulebook in force says of it.
    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules>;

    /// Carries the command out for whoever the work is begun for.
    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made>;
}

impl<P: Proposal> Act for P {
    fn word(&self) -> &'static str {
        Proposal::word(self)
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Proposal::parties(self, db, subjects)
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            super::proposals::decide(work, self, task, verdict).await?;
            Ok(None)
        })
    }
}

/// What became of a command that may have to wait.
#[derive(Debug, Clone)]
pub enum Carried {
    /// It was carried out: what the operation answers.
    Done(Value),
    /// It waits for a second person.
    Waits(Box<Task>),
}

/// Every act there is.
#[derive(Clone, Copy)]
pub struct Acts(pub &'static [&'static dyn Act]);

impl Acts {
    /// The act of a task.
    pub fn find(self, word: &str) -> Option<&'static dyn Act> {
        self.0.iter().copied().find(|act| act.word() == word)
    }
}
