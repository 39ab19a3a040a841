//! Applications for the registration of reductions (减排登记申请): what an enterprise has reduced and wants to sell or bank (湖北省主要污染物
//! 排污权交易办法: whoever discharges less in a year than is permitted may apply to the bureau in charge).
//!
//! submitted → registered (the reduction exists from then on, of as much as was applied for or less) | refused, with the reason; withdrawn by the
//! applicant until it is decided. An application names its evidence; whoever decides may read it. It is put before the bureau as a task of the
//! act `reduction`, the same that a registration of the bureau's own waits in where the rules ask for a second person. Here the second
//! person is the bureau itself, so the switch of the act changes nothing. It needs a permit in force that names the pollutant, and no
//! more can have been reduced than that allows.

pub mod acts;
pub mod api;
mod application;
pub mod commands;
pub mod queries;
pub(super) mod store;

pub use application::{ReductionApplication, ReductionState};
