//! The later life of rights: they are given up (注销), expire (到期), are taken back (无偿收回), bought back (回购), renewed and
//! re-verified (到期重新核定) or varied (变更), and the reserve sets some aside (预留). Rights of a class are interchangeable, so an act is on
//! a quantity of a class at a site, and not on the grant that brought it.
//!
//! An act is proposed → (agreed, by who sells back) → (approved, a renewal until the first day of its new validity) → carried out; refused
//! or withdrawn before that. A bureau decides by two people; its decision record says why, the cause is a word of a closed list.
//! Expiry is no proposal: the clock carries it out, on one node, once.
//!
//! The rules: rights are valid for five years in principle and re-verified after that (财税〔2015〕61号第十二条); paid ones are in
//! principle not altered then, free ones are; free rights go back on bankruptcy, closure, ban, relocation or the end of discharge
//! (湖北省排污权储备和出让管理办法(试行), 鄂环发〔2024〕3号). Only what is free to dispose of may go: a pledgee is told first
//! (民法典第三百九十条), and only a take-back may go on without its release, after the term that the rulebook sets. What uses an area's capacity gives
//! it back gram for gram in the same journal.

pub mod acts;
pub mod api;
mod api_proposals;
mod api_reserve;
mod api_view;
mod carrying;
mod cases;
pub mod clock;
pub mod commands;
pub mod error;
pub mod expiry;
mod judge;
pub mod proposing;
pub mod queries;
pub mod right_act;
pub(super) mod store;

pub use error::TenureRefusal;
pub use right_act::{Cause, Kind, RightAct, State, What};
