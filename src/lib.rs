//! Ganhe (淦河): the ledger on which pollutant emission rights are allocated, traded, pledged and audited.

pub mod access;
pub mod access_log;
pub mod app;
pub mod audit;
pub mod compliance;
pub mod config;
pub mod db;
pub mod decisions;
pub mod demo;
pub mod disclosure;
pub mod eligibility;
pub mod encumbrance;
pub mod http;
pub mod identity;
pub mod import;
pub mod kernel;
pub mod ledger;
pub mod market;
pub mod membership;
pub mod operations;
pub mod parties;
pub mod pledge;
pub mod prices;
pub mod quota;
pub mod rulebook;
pub mod treasury;
