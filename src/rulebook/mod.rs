//! The rulebook (规则): parameters and switches of a jurisdiction, in versions by the day from which they apply, each with
//! its legal basis. What nobody knows is null; its check is then off and is shown as off, and it never acts as zero.
//! Every command stores the version it was judged by.

pub mod api;
pub mod checks;
pub mod commands;
pub mod error;
pub mod hubei;
pub mod kind;
pub mod own;
mod pledging;
pub mod queries;
pub mod register;
pub mod rule;
mod store;

pub use error::RulebookRefusal;
pub use own::OwnProposal;
pub use queries::in_force;
pub use register::{Register, Registered};
pub use rule::{Rule, Rulebook};
pub use store::COVERED;
