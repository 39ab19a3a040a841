//! The register of tables against the tables that there are.

use super::catalogue::tables;
use crate::support::app::TestApp;
use ganhe::audit::records::{COVERED, NOT_PROVED, PROVED_OTHERWISE, covered_tables};
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn every_table_leaves_evidence_or_says_why_not() {
    let app = TestApp::start().await;
    let there = tables(&app.shared.db).await;
    let mut registered: Vec<&str> = covered_tables().unwrap();
    for (table, reason) in PROVED_OTHERWISE.iter().chain(NOT_PROVED) {
        assert!(reason.len() > 20, "{table} gives no reason");
        registered.push(table);
    }
    let names: BTreeSet<&str> = registered.iter().copied().collect();
    assert_eq!(names.len(), registered.len(), "a table stands in the register twice: {registered:?}");
    let missing: Vec<_> = there.keys().filter(|table| !names.contains(table.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?} stand nowhere in audit/records/mod.rs");
    let gone: Vec<_> = names.iter().filter(|table| !there.contains_key(**table)).collect();
    assert!(gone.is_empty(), "{gone:?} are no tables any more: take them from audit/records/mod.rs");
}

/// An account's standing is derived from its entries, a witness's count from its lines; every other column of every covered table is in its evidence.
#[tokio::test]
async fn evidence_holds_every_column() {
    let derived: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("accounts", ["balance", "version", "last_recorded_at"].as_slice()),
        ("log_witnesses", ["cosigned"].as_slice()),
    ]);
    let app = TestApp::start().await;
    let there = tables(&app.shared.db).await;
    for covered in COVERED.iter().copied().flatten() {
        let shape = covered.shape().unwrap();
        let known: BTreeSet<&str> = shape.columns.iter().map(|column| column.name).collect();
        let derived = derived.get(shape.table).copied().unwrap_or_default().iter().copied();
        let known: BTreeSet<&str> = known.into_iter().chain(derived).collect();
        let table = &there[shape.table];
        let has: BTreeSet<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(known, has, "{}", shape.table);
        let is_key = |name: &&String| table.key.len() == 1 || name.as_str() != "book_id";
        let key: Vec<&str> = table.key.iter().filter(is_key).map(String::as_str).collect();
        let told: Vec<&str> = shape.keys.iter().map(|column| column.name).collect();
        assert_eq!(told, key, "{}", shape.table);
    }
}
