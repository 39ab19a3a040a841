//! Figures of a run: the test runner hides what a passing test prints, so they are kept in files that `scripts/test.sh` shows at its
//! end.

use super::app::is_postgres;
use std::path::Path;

/// Keeps what a trial has found, by its name and the database.
pub fn keep(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    std::fs::create_dir_all(&folder).unwrap();
    let database = if is_postgres() { "PostgreSQL" } else { "SQLite" };
    std::fs::write(folder.join(format!("{name}, {database}")), format!("{text}\n")).unwrap();
}
