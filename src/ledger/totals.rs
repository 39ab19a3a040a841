//! Derives every daily total again from the entries, and names each row that differs, is missing or is one too many.

use crate::db::BOOK;
use crate::kernel::Failure;
use crate::ledger::verify::Findings;
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

/// Days from 0001-01-01 to 1970-01-01, and how far Asia/Shanghai is ahead in seconds: day numbers counted from there are
/// never negative, so integer division rounds them down.
const SECONDS_AHEAD: i64 = 719_162 * 86_400 + 28_800;

/// The recorded day of an entry as a number, and that number as a date.
fn day(backend: DbBackend) -> (String, &'static str) {
    let number = format!("(e.recorded_at / 1000000 + {SECONDS_AHEAD}) / 86400");
    match backend {
        DbBackend::Postgres => (number, "to_char(DATE '0001-01-01' + CAST(g.day AS integer), 'YYYY-MM-DD')"),
        _ => (number, "date('0001-01-01', g.day || ' days')"),
    }
}

/// Compares the table with what the entries add up to.
pub async fn check(books: &impl ConnectionTrait, findings: &mut Findings) -> Result<(), Failure> {
    let backend = books.get_database_backend();
    let (number, date) = day(backend);
    let derived = format!(
        "SELECT g.account_id, g.effective_on, {date} AS recorded_on, g.amount, g.entries FROM \
         (SELECT e.account_id, e.effective_on, {number} AS day, SUM(e.amount) AS amount, COUNT(*) AS entries \
         FROM entries e WHERE e.book_id = $1 GROUP BY 1, 2, 3) g"
    );
    let sql = format!(
        "SELECT COALESCE(d.account_id, t.account_id) AS account_id, COALESCE(d.effective_on, t.effective_on) AS effective_on, \
         COALESCE(d.recorded_on, t.recorded_on, '') AS recorded_on, CAST(d.amount AS text) AS derived, d.entries AS count, \
         CAST(t.amount AS text) AS claimed, t.entries AS claimed_count FROM ({derived}) d FULL OUTER JOIN \
         (SELECT account_id, effective_on, recorded_on, amount, entries FROM daily_totals WHERE book_id = $1) t \
         ON t.account_id = d.account_id AND t.effective_on = d.effective_on AND t.recorded_on = d.recorded_on \
         WHERE d.account_id IS NULL OR t.account_id IS NULL OR d.amount <> t.amount OR d.entries <> t.entries"
    );
    for row in books.query_all_raw(Statement::from_sql_and_values(backend, sql, [BOOK.0.into()])).await? {
        let account: Uuid = row.try_get("", "account_id")?;
        let (effective, recorded): (String, String) =
            (row.try_get("", "effective_on")?, row.try_get("", "recorded_on")?);
        let (derived, count): (Option<String>, Option<i64>) = (row.try_get("", "derived")?, row.try_get("", "count")?);
        let (claimed, claimed_count): (Option<String>, Option<i64>) =
            (row.try_get("", "claimed")?, row.try_get("", "claimed_count")?);
        let fault = match (derived.zip(count), claimed.zip(claimed_count)) {
            (Some((amount, entries)), None) => format!("the row is missing: {entries} entries add up to {amount}"),
            (None, _) => "no entry adds to the row".to_owned(),
            (Some((amount, entries)), Some((claimed, claimed_entries))) => {
                format!("the row claims {claimed} in {claimed_entries} entries, {entries} entries add up to {amount}")
            }
        };
        let row = format!("account {account} effective {effective} recorded {recorded}");
        findings.differences.push(Difference { table: "daily_totals", row, fault });
    }
    Ok(())
}
