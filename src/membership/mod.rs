//! Membership: how organisations and people come to take part, and how they are stopped.
//!
//! An enterprise, a bank or a guarantor applies for itself (`applied`) and is verified or refused by the bureau of its area, with a
//! decision record; the operator founds the others. A head of the bureau suspends and reinstates. Each organisation has an
//! administrator who keeps its users and says for which acts a second of them is needed: nobody changes the own roles, and one active administrator stays. A user may hand own roles to
//! another for a while. Whoever asks for anything passes the [`door`], which knows how organisation and user stand.

pub mod acts;
pub mod api_approvals;
pub mod api_delegations;
pub mod api_members;
pub mod api_registration;
pub mod approval_commands;
pub mod commands;
pub mod delegation_commands;
pub mod door;
pub mod error;

pub use error::MembershipRefusal;
