//! Permit against rights (证量不符): what the permits in force of a site allow of a pollutant, beside what the site owns of its rights in
//! force, whatever holds them. Two registers that the law wants to agree (国办发〔2014〕38号: the right is confirmed on the permit) and that
//! drift apart between a trade and the variation of the permits.
//!
//! A run compares every site each night, once over all nodes, and whenever a bureau asks for its area. A mismatch is *open* from the run
//! that finds it until the run that finds it gone. The list is for people: where the rulebook's `permit_mismatch` is `block`, a sale and a
//! pledge are judged on what permits and books say at that moment. Only pollutants whose rights are traded here are compared.

pub mod api;
pub mod commands;
pub mod mismatch;
pub mod queries;
pub(super) mod store;

pub use commands::PermitReconciliation;
pub use mismatch::{Difference, Mismatch};
