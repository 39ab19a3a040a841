//! Who asks, and what they may do. A [`Permit`] is made by [`Caller::may`] and nowhere else; no permit, no work.

pub mod caller;
pub mod policy;
pub mod standing;
pub mod token;

pub use caller::{Caller, Permit, Scope, StandIn};
pub use policy::{Action, Role};
pub use standing::Standing;
