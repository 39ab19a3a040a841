//! Four eyes and the three systems (行政执法三项制度): what waits for a second person is a *task* that somebody claims and decides
//! by a deadline in working days; where an authority decides, its *decision record* tells who proposed, who reviewed, who
//! decided, why, by which version of the rules and on which evidence, and goes on to be published and withdrawn; *documents* are
//! that evidence, kept by their hash.
//!
//! A task: `open` → `claimed` → `decided`, or `withdrawn` or `lapsed`. A record: `recorded` (or `legal_review` → `reviewed` when it
//! is major) → `decided` → `published` → `withdrawn`, or `dropped` when the matter ended by itself.
//!
//! What the rulebook says is handed in as [`Rules`]. The command that an act leads to lives above this house: it is bound to its
//! act by [`Act`], in one place, `app::acts`.

pub mod act;
pub mod api_calendar;
pub mod api_decisions;
pub mod api_documents;
pub mod api_tasks;
pub mod approvals;
mod behind;
pub mod calendar;
pub mod calendar_file;
pub mod commands;
pub mod delegations;
pub mod documents;
pub mod error;
pub mod escalation;
pub mod proposals;
pub mod queries;
pub mod record;
pub mod review;
mod store;
pub mod task;

pub use act::{Act, Acts, Asking, Carried, Made, Proposal, Verdict};
pub use approvals::OwnAct;
pub use commands::{
    Decision, close, decide, drop_open, drop_waiting, open, open_for, open_until, record_alone, release_claims,
};
pub use delegations::{Origin, four_eyes};
pub use documents::Grounds;
pub use error::DecisionRefusal;
pub use record::Outcome;
pub use store::COVERED;
pub use task::{NewTask, Place, Rules, Task};
