//! Who asks, and what they may do. A [`Permit`] is made by [`Caller::may`] and nowhere else; no permit, no work.

pub mod caller;
pub mod policy;
pub mod token;

pub use caller::{Caller, Permit, Scope};
pub use policy::{Action, Role};
