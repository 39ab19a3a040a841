//! The verification as a long work, for the auditor.

use super::verify::verify_telling;
use crate::db::Db;
use crate::kernel::{Failure, Progress};
use crate::operations::{Doing, LongWork, Operation};
use serde::Serialize;

/// The work of verifying.
#[derive(Debug)]
pub struct Verification;

/// What the verification read and found.
#[derive(Debug, Serialize)]
struct Report {
    is_clean: bool,
    accounts: u64,
    journals: i64,
    entries: u64,
    records: u64,
    /// Each row that differs, in words.
    differences: Vec<String>,
}

impl LongWork for Verification {
    fn kind(&self) -> &'static str {
        "verification"
    }

    fn run<'w>(&'w self, db: &'w Db, _: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            let findings = verify_telling(db, None, progress).await?;
            let report = Report {
                is_clean: findings.differences.is_empty(),
                accounts: findings.accounts,
                journals: findings.journals,
                entries: findings.entries,
                records: findings.records,
                differences: findings.differences.iter().map(ToString::to_string).collect(),
            };
            serde_json::to_value(report).map_err(Failure::bug)
        })
    }
}
