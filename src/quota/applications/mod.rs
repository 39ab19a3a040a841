//! Applications for rights (核定申请): what an enterprise asks for to one of its sites, from the draft to the bureau's decision.
//!
//! draft → submitted → accepted | correction_requested (→ submitted again) → proposed (the grant goes its own way from there) | rejected;
//! withdrawn by the applicant until it is decided.
//!
//! Everything that an application lacks is told once (行政许可法第三十二条第(四)项), within `application_acceptance_days` working days; past
//! them the bureau's silence has accepted it, since the day on which it came. The decision is due in `application_decision_days` working days
//! after that (第四十二条), and a refusal gives its reason (第三十八条). What the rulebook leaves null has no term, and nothing happens by itself.

pub mod acts;
pub mod api;
mod api_review;
mod api_view;
pub mod application;
pub mod commands;
pub mod queries;
pub mod review;
pub mod silence;
pub(super) mod store;

pub use application::{Application, ApplicationState, Wanted};
pub use store::issue_number;
