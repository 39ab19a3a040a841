//! Bulk posting: batches of transfers among 1,000 accounts, each side its slice of every round.

use crate::Outcome;
use crate::hand;
use crate::peer::Peer;
use crate::report::{Bound, Line, median, rate};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::{Dice, Stage};
use sea_orm::sqlx::postgres::PgPoolOptions;
use std::time::Instant;

/// Transfers in a batch.
pub const BATCH: usize = 1_000;
/// Accounts they move money among.
pub const ACCOUNTS: usize = 1_000;
/// Batches of the engine, and of hand-written SQL, in one round.
const BATCHES: usize = 20;
/// Batches of the peer in one round; it needs some seconds for these.
const PEER_BATCHES: usize = 3;

/// Against hand-written SQL and the peer on PostgreSQL.
pub async fn on_postgres(server: &Server, settings: &Settings) -> Outcome<Vec<Line>> {
    let stage = Stage::on_postgres(server, "bulk", ACCOUNTS).await?;
    let accounts = hand::accounts_of(&stage).await?;
    let pool = PgPoolOptions::new().max_connections(1).connect(&stage.url).await?;
    let peer = if settings.wants("peer") { Some(Peer::on(server, ACCOUNTS).await?) } else { None };
    let (mut ours, mut theirs, mut peers) = (Vec::new(), Vec::new(), Vec::new());
    let mut dice = Dice::new(1);
    // The first round warms caches and statements up, and does not count.
    for round in 0..=settings.rounds {
        let our_rate = engine(&stage, &mut dice, BATCHES).await?;
        let began = Instant::now();
        for _ in 0..BATCHES {
            hand::bulk_on_postgres(&pool, &accounts, BATCH, &mut dice).await?;
        }
        let their_rate = rate(BATCHES * BATCH, began.elapsed());
        let began = Instant::now();
        if let Some(peer) = &peer {
            for _ in 0..PEER_BATCHES {
                peer.bulk(BATCH, &mut dice).await?;
            }
        }
        let peer_rate = rate(PEER_BATCHES * BATCH, began.elapsed());
        if round > 0 {
            ours.push(our_rate);
            theirs.push(their_rate);
            peers.push(peer_rate);
        }
    }
    let mut lines = vec![line(&stage, &ours, &theirs)];
    if peer.is_some() {
        let (ours, peers) = (median(&ours), median(&peers));
        let work = format!("bulk posting, {BATCH} a batch, {ACCOUNTS} accounts, PostgreSQL");
        lines.push(Line::rates(work, "cala-ledger's batch call", "transfers/s", ours, peers, Bound::AtLeast(15.0)));
    }
    Ok(lines)
}

/// Against hand-written SQL on SQLite, by the same connection with the same settings.
pub async fn on_sqlite(home: &std::path::Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let stage = Stage::on_sqlite(home, "bulk.sqlite", ACCOUNTS).await?;
    let accounts = hand::accounts_of(&stage).await?;
    let pool = stage.db.writer().get_sqlite_connection_pool();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut dice = Dice::new(1);
    for round in 0..=settings.rounds {
        let our_rate = engine(&stage, &mut dice, BATCHES).await?;
        let began = Instant::now();
        for _ in 0..BATCHES {
            hand::bulk_on_sqlite(pool, &accounts, BATCH, &mut dice).await?;
        }
        let their_rate = rate(BATCHES * BATCH, began.elapsed());
        if round > 0 {
            ours.push(our_rate);
            theirs.push(their_rate);
        }
    }
    Ok(vec![line(&stage, &ours, &theirs)])
}

fn line(stage: &Stage, ours: &[f64], theirs: &[f64]) -> Line {
    let work = format!("bulk posting, {BATCH} a batch, {ACCOUNTS} accounts, {}", stage.database());
    let against = "the same rows by hand-written set-based SQL";
    Line::rates(work, against, "transfers/s", median(ours), median(theirs), Bound::AtLeast(0.6))
}

/// Transfers a second of the engine.
pub async fn engine(stage: &Stage, dice: &mut Dice, batches: usize) -> Outcome<f64> {
    let mut took = std::time::Duration::ZERO;
    for _ in 0..batches {
        // The caller brings its journals; making them is part of the time, as making its rows is of the other side's.
        let began = Instant::now();
        let journals = stage.transfers(dice, BATCH, ACCOUNTS)?;
        stage.post(&journals).await?;
        took += began.elapsed();
    }
    Ok(rate(batches * BATCH, took))
}
