//! What moved of an owner's rights, by their legal dates.

use crate::db::BOOK;
use crate::kernel::Failure;
use accounting::OwnerId;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, Statement};

/// Rights of one class that came to an owner or left it on a legal date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightsMoved {
    /// Code of the right class.
    pub class: String,
    /// The legal date.
    pub on: Date,
    /// Grams, negative when they left.
    pub grams: i64,
}

/// What came to an owner and left it until a legal date, whatever of it is free, held, pledged or frozen: moving between those of the
/// same owner is no movement. One statement over the daily totals.
///
/// # Errors
/// A fault of the database.
pub async fn rights_moved(
    books: &impl ConnectionTrait,
    owner: OwnerId,
    until: Date,
) -> Result<Vec<RightsMoved>, Failure> {
    let sql = "SELECT s.code, t.effective_on, CAST(SUM(t.amount) AS bigint) AS grams FROM accounts a \
         JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
         JOIN daily_totals t ON t.book_id = a.book_id AND t.account_id = a.id \
         WHERE a.book_id = $1 AND a.owner_id = $2 AND s.kind = 'right' \
         AND a.purpose IN ('available', 'committed', 'pledged', 'frozen') AND t.effective_on <= $3 \
         GROUP BY s.code, t.effective_on ORDER BY s.code, t.effective_on";
    let values = [BOOK.0.into(), owner.0.into(), until.to_string().into()];
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    let rows = books.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let on: String = row.try_get("", "effective_on")?;
            let on = on.parse().map_err(Failure::bug)?;
            Ok(RightsMoved { class: row.try_get("", "code")?, on, grams: row.try_get("", "grams")? })
        })
        .collect()
}
