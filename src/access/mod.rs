//! Who asks, and what they may do. A [`Permit`] is made by [`Caller::may`] and nowhere else; no permit, no work.

pub mod caller;
mod grants;
mod names;
pub mod password;
pub mod policy;
pub mod rules;
pub mod standing;
pub mod token;

pub use caller::{Caller, Permit, Proof, Scope, StandIn};
pub use password::Passwords;
pub use policy::{Action, Role};
pub use rules::{SecondFactor, SignInRules};
pub use standing::Standing;
