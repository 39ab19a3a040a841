//! The transparency log: every journal in it once, whoever sequences and however late it commits; what a stranger can check from
//! outside; and what the verification says when somebody has been at it.

mod proofs;
mod sequenced;
mod stranger;
mod tampered;
pub(crate) mod witnesses;

use crate::books::desk::{Desk, journal};
use crate::support::Client;
use accounting::Journal;
use accounting::tree::Hash;
use ganhe::db::Db;
use ganhe::kernel::Clock;
use ganhe::ledger::log::sequence_once;
use jiff::SignedDuration;

/// Time passes, and what is final enters the log.
async fn sequenced(db: &Db) -> u64 {
    db.clock().advance(SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap()
}

/// Journals that move nothing.
fn events(count: usize) -> Vec<Journal> {
    (0..count).map(|_| journal(Vec::new())).collect()
}

/// Leaf hashes in the order of the log.
async fn leaves(desk: &Desk) -> Vec<Hash> {
    let rows = desk.rows("SELECT leaf_hash FROM log_leaves ORDER BY position").await;
    rows.iter().map(|row| row.try_get_by_index::<Vec<u8>>(0).unwrap().try_into().unwrap()).collect()
}

/// A desk whose founding stands in the log already: it leaves evidence of what it has registered.
async fn opened() -> Desk {
    let desk = Desk::open().await;
    assert!(sequenced(desk.db()).await > 0, "the evidence of the founding");
    desk
}

/// How many leaves the log has.
async fn size(desk: &Desk) -> u64 {
    desk.count("SELECT COUNT(*) FROM log_leaves").await.try_into().unwrap()
}

/// Every journal and every piece of evidence is in the log once, positions are gap-free, and nothing differs.
async fn is_complete(desk: &Desk) {
    let mut rows = 0;
    for (source, table) in [("journal", "journals"), ("evidence", "evidence")] {
        let recorded = desk.count(&format!("SELECT COUNT(*) FROM {table}")).await;
        let logged = format!(
            "SELECT COUNT(DISTINCT l.source_id) FROM log_leaves l JOIN {table} s ON s.id = l.source_id \
             AND s.leaf_hash = l.leaf_hash AND l.source = '{source}'"
        );
        assert_eq!(desk.count(&logged).await, recorded, "{table}");
        rows += recorded;
    }
    assert_eq!(desk.count("SELECT COUNT(*) FROM log_leaves").await, rows);
    assert_eq!(desk.count("SELECT COALESCE(MAX(position), -1) + 1 FROM log_leaves").await, rows);
    desk.is_right().await;
}

/// Somebody without a login.
fn stranger(desk: &Desk) -> Client {
    Client::nobody(desk.app.address)
}

/// Another node on the same database.
async fn another_node(desk: &Desk, clock: Clock) -> Db {
    Db::open(&desk.app.url, clock).await.unwrap()
}
