//! The integration suite: one binary, run once on SQLite and once on PostgreSQL (`GANHE_TEST_DATABASE`).
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what it expects by failing")]

mod support;

mod access;
mod account_statements;
mod architecture;
mod auctions;
mod bad_input;
mod books;
mod checks;
mod compliance;
mod concurrency;
mod conduct;
mod contract;
mod corrections;
mod crash;
mod decisions;
mod demonstration;
mod disclosure;
mod events;
mod exports;
mod extracts;
mod freezes;
mod identity;
mod imports;
mod log;
mod market;
mod metrics;
mod model;
mod money;
mod organisations;
mod periods;
mod pledges;
mod portal;
mod prices;
mod privileges;
mod quota;
mod reconciliation;
mod stability;
mod stories;
mod tamper;
mod tour;
