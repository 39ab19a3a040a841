//! Holds beside the business that holds them: what stands in `committed` and `pledged` accounts must be exactly what the open
//! offers, trades and registered pledges say.

use crate::kernel::Failure;
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

/// What each subject should hold, less what the accounts say it holds; rows that differ.
const OF_RIGHTS: &str = "
    SELECT x.subject_id, x.what, CAST(SUM(x.grams) AS bigint) AS difference FROM (
        SELECT trade_id AS subject_id, 'offers' AS what, quantity AS grams FROM offers WHERE state = 'proposed'
        UNION ALL
        SELECT id, 'trades', quantity FROM trades WHERE state IN ('matched', 'approved')
        UNION ALL
        SELECT l.id, 'liens', l.quantity FROM liens l JOIN pledges p ON p.id = l.pledge_id WHERE p.state = 'registered'
    ) x GROUP BY x.subject_id, x.what";

/// Compares holds with the business rows.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn compare(books: &impl ConnectionTrait) -> Result<Vec<Difference>, Failure> {
    let mut differences = Vec::new();
    let sql = format!(
        "SELECT COALESCE(w.subject_id, h.subject_id) AS subject_id, COALESCE(w.what, 'accounts') AS what, \
         CAST(COALESCE(w.difference, 0) AS bigint) AS wanted, CAST(COALESCE(h.units, 0) AS bigint) AS held \
         FROM ({OF_RIGHTS}) w FULL OUTER JOIN ( \
         SELECT a.subject_id, SUM(a.balance) AS units FROM accounts a \
         JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
         WHERE a.book_id = 1 AND s.kind = 'right' AND a.purpose IN ('committed', 'pledged') AND a.balance <> 0 \
         GROUP BY a.subject_id) h ON h.subject_id = w.subject_id \
         WHERE COALESCE(w.difference, 0) <> COALESCE(h.units, 0)"
    );
    collect(books, sql, "rights", &mut differences).await?;
    let sql = "SELECT COALESCE(t.id, h.subject_id) AS subject_id, 'trades' AS what, \
         CAST(COALESCE(t.paid, 0) AS bigint) AS wanted, CAST(COALESCE(h.units, 0) AS bigint) AS held \
         FROM (SELECT id, paid FROM trades WHERE state IN ('matched', 'approved')) t FULL OUTER JOIN ( \
         SELECT a.subject_id, SUM(a.balance) AS units FROM accounts a \
         JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
         WHERE a.book_id = 1 AND s.kind = 'money' AND a.purpose = 'committed' AND a.balance <> 0 \
         GROUP BY a.subject_id) h ON h.subject_id = t.id \
         WHERE COALESCE(t.paid, 0) <> COALESCE(h.units, 0)";
    collect(books, sql.to_owned(), "money", &mut differences).await?;
    Ok(differences)
}

async fn collect(books: &impl ConnectionTrait, sql: String, of: &str, differences: &mut Vec<Difference>) -> Result<(), Failure> {
    for row in books.query_all_raw(Statement::from_string(books.get_database_backend(), sql)).await? {
        let subject: Uuid = row.try_get("", "subject_id")?;
        let what: String = row.try_get("", "what")?;
        let (wanted, held): (i64, i64) = (row.try_get("", "wanted")?, row.try_get("", "held")?);
        let table = match what.as_str() {
            "offers" => "offers",
            "trades" => "trades",
            "liens" => "liens",
            _ => "accounts",
        };
        differences.push(Difference {
            table,
            row: format!("{subject}"),
            fault: format!("the business row holds {wanted} of {of}, the accounts hold {held}"),
        });
    }
    Ok(())
}
