//! The compliance year (年度核算与清缴): what a site discharged, what it was entitled to, and how the difference is settled.
//!
//! Discharge comes from monitors ([`messages`]), from reports of the sites and from measurements of the bureau ([`reports`]); every day is
//! believed from the best of them: bureau before monitor before report ([`days`]). What nobody can believe (less than nothing, or more
//! than 100 times the permit) is held or refused, never counted. The annual account ([`year`]): open → reported → verified, which makes it
//! a surplus or a shortfall → settled → sealed. Only annual surplus (年度富余排放量) of the same year covers a shortfall; a verified
//! surplus may become such a right, which never mixes with the multi-year one (Xiangyang's pilot of 2020). A multi-year right is a
//! yearly quantity, and discharging does not consume it.

pub mod api;
pub mod api_decisions;
pub mod api_settlement;
pub mod commands;
pub mod days;
pub mod error;
pub mod hj212;
pub mod messages;
pub mod outlets;
mod over_discharge;
pub mod queries;
pub mod reports;
pub mod settlement;
mod store;
pub mod year;

pub use error::ComplianceRefusal;
pub use store::COVERED;
pub use year::{ComplianceYear, YearState};
