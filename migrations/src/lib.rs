//! The tables of Ganhe, the same on SQLite and on PostgreSQL. Each table and index says why it is there; CHECKs and
//! insert-only triggers are part of the tables, so that the database refuses a bad row whoever sends it.

mod applications;
mod approvals;
mod areas;
mod auction_halves;
mod auctions;
mod bank;
mod business;
mod certificates;
mod compliance;
mod consented_sales;
mod court_releases;
mod dialect;
mod disclosure;
mod document_subjects;
mod events;
mod extracts;
mod facility_ends;
mod fees;
mod foundation;
mod freeze_executions;
mod freezes;
mod identity;
mod import;
mod laid_open;
mod ledger;
mod lien_conflicts;
mod lien_ranks;
mod log;
mod logins;
mod market_paths;
mod market_terms;
mod mismatches;
mod operations;
mod organisations;
mod papers;
mod periods;
mod pledge_changes;
mod pledge_enforcement;
mod pledge_life;
mod pledge_parties;
mod pledged_lots;
mod pledgors;
mod prices;
mod quota_life;
mod records;
mod reductions;
mod references;
mod references_of_sets;
mod tasks;
mod tenure;
mod trade_objections;
mod trade_overrides;
mod trade_sources;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(foundation::Migration),
            Box::new(ledger::Migration),
            Box::new(business::Migration),
            Box::new(periods::Migration),
            Box::new(records::Migration),
            Box::new(log::Migration),
            Box::new(operations::Migration),
            Box::new(import::Migration),
            Box::new(identity::Migration),
            Box::new(references::Migration),
            Box::new(organisations::Migration),
            Box::new(tasks::Migration),
            Box::new(approvals::Migration),
            Box::new(quota_life::Migration),
            Box::new(papers::Migration),
            Box::new(areas::Migration),
            Box::new(tenure::Migration),
            Box::new(compliance::Migration),
            Box::new(mismatches::Migration),
            Box::new(applications::Migration),
            Box::new(certificates::Migration),
            Box::new(trade_sources::Migration),
            Box::new(fees::Migration),
            Box::new(reductions::Migration),
            Box::new(bank::Migration),
            Box::new(prices::Migration),
            Box::new(disclosure::Migration),
            Box::new(auctions::Migration),
            Box::new(market_terms::Migration),
            Box::new(trade_objections::Migration),
            Box::new(pledge_life::Migration),
            Box::new(trade_overrides::Migration),
            Box::new(logins::Migration),
            Box::new(pledge_changes::Migration),
            Box::new(pledge_enforcement::Migration),
            Box::new(events::Migration),
            Box::new(freezes::Migration),
            Box::new(extracts::Migration),
            Box::new(references_of_sets::Migration),
            Box::new(auction_halves::Migration),
            Box::new(market_paths::Migration),
            Box::new(laid_open::Migration),
            Box::new(lien_ranks::Migration),
            Box::new(pledge_parties::Migration),
            Box::new(consented_sales::Migration),
            Box::new(freeze_executions::Migration),
            Box::new(pledgors::Migration),
            Box::new(pledged_lots::Migration),
            Box::new(court_releases::Migration),
            Box::new(lien_conflicts::Migration),
            Box::new(document_subjects::Migration),
            Box::new(facility_ends::Migration),
        ]
    }
}
