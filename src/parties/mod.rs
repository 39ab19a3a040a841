//! The parties and the ground they stand on: organisations with their sites, permits and projects; areas, basins,
//! pollutants and right classes; registered reductions; facts that the checks read ([`facts`]); permits that differ from the rights
//! ([`mismatches`]); and the consents by which an enterprise lets a bank look.
//!
//! An organisation is keyed by its unified social credit code (GB 32100). A site (排污单位) holds one discharge permit and
//! owns rights; its organisation owns money. Permits are never transferred (排污许可管理条例): after a trade each side's permit
//! is varied. A reduction is registered (减排登记) before a surplus may be sold (湖北省主要污染物排污权交易办法).

pub mod api;
pub mod api_consents;
pub mod api_papers;
pub mod api_public;
pub mod api_reductions;
pub mod api_reference;
mod ceiling;
pub mod commands;
pub mod consent;
pub mod error;
pub mod facts;
pub mod mismatches;
pub mod names;
pub mod organisation;
pub mod place;
pub mod places;
pub mod queries;
pub mod reference;
pub mod site;
mod store;
pub mod suspensions;
pub mod words;

pub use consent::Consent;
pub use error::PartyRefusal;
pub use facts::{FactRefusal, Facts};
pub use organisation::{Organisation, OrganisationKind, OrganisationState, Ruling};
pub use place::{Area, Medium, Pollutant};
pub use site::{Permit, Project, ProjectBasis, Reduction, Site};
pub use store::{COVERED, project_of_number};

use crate::operations::LongWork;

/// The long works of the parties.
pub const WORKS: &[&dyn LongWork] = &[&mismatches::PermitReconciliation];
