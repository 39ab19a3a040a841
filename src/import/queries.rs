//! Reading what was imported: transactions by the id of the register, what was refused, and the final balances.

use super::report::Balances;
use super::table::Fault;
use super::transaction::TRANSACTIONS;
use crate::db::{BOOK, Db};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Violation};
use accounting::decimal;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

/// Refusals read at a time.
const CHUNK: u64 = 1_000;

/// A transaction of the legacy register, as it was imported.
#[derive(Debug, Clone)]
pub struct LegacyTransaction {
    /// The journal it has become.
    pub journal: Uuid,
    /// The id that the register knew it by.
    pub transaction_id: String,
    /// Sequence number of its first row.
    pub first_seq: i64,
    /// How many rows it had.
    pub rows: i32,
    /// Timestamp of its first row, as it was written.
    pub timestamp: String,
    /// Type of its first row.
    pub kind: String,
    /// The legal date of the journal.
    pub effective_on: String,
    /// Sequence number, time and type of each row as JSON, where they do not follow from those of the first.
    pub row_facts: Option<String>,
}

impl LegacyTransaction {
    /// Sequence number, time and type of each of its rows.
    pub fn rows(&self) -> Vec<(i64, String, String)> {
        let told = self.row_facts.as_deref().and_then(|facts| serde_json::from_str(facts).ok());
        let follow = || (self.first_seq..).take(usize::try_from(self.rows).unwrap_or_default());
        told.unwrap_or_else(|| follow().map(|seq| (seq, self.timestamp.clone(), self.kind.clone())).collect())
    }
}

/// Imported transactions, or the one with an id of the register.
///
/// # Errors
/// A fault of the database.
pub async fn list_transactions(
    db: &Db,
    transaction_id: Option<&str>,
    page: &PageRequest,
) -> Result<Page<LegacyTransaction>, Failure> {
    let mut values: Vec<Value> = vec![BOOK.0.into(), page.after.unwrap_or_default().into()];
    let mut condition = "";
    if let Some(id) = transaction_id {
        values.push(id.into());
        condition = " AND l.transaction_id = $3";
    }
    let sql = format!(
        "SELECT l.journal_id, l.transaction_id, l.first_seq, l.row_count, l.occurred_at, l.kind, l.row_facts, j.effective_on \
         FROM legacy_transactions l JOIN journals j ON j.book_id = l.book_id AND j.id = l.journal_id \
         WHERE l.book_id = $1 AND l.journal_id > $2{condition} ORDER BY l.journal_id LIMIT {}",
        page.fetch()
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<LegacyTransaction, Failure> {
        Ok(LegacyTransaction {
            journal: row.try_get("", "journal_id")?,
            transaction_id: row.try_get("", "transaction_id")?,
            first_seq: row.try_get("", "first_seq")?,
            rows: row.try_get("", "row_count")?,
            timestamp: row.try_get("", "occurred_at")?,
            kind: row.try_get("", "kind")?,
            effective_on: row.try_get("", "effective_on")?,
            row_facts: row.try_get("", "row_facts")?,
        })
    };
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |transaction| transaction.journal))
}

/// Everything that was refused and left out, in the order in which it was.
///
/// # Errors
/// A fault of the database.
pub async fn each_refusal(db: &Db, mut tell: impl FnMut(&Fault)) -> Result<(), Failure> {
    let sql = format!(
        "SELECT id, transaction_id, line, violation FROM import_refusals WHERE book_id = $1 AND id > $2 ORDER BY id LIMIT {CHUNK}"
    );
    let mut after = Uuid::nil();
    loop {
        let values = [BOOK.0.into(), after.into()];
        let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), &sql, values)).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.try_get("", "id")?;
        for row in &rows {
            let violation: Violation =
                serde_json::from_str(&row.try_get::<String>("", "violation")?).map_err(Failure::bug)?;
            let line = u64::try_from(row.try_get::<i64>("", "line")?).map_err(Failure::bug)?;
            let transaction = Some(row.try_get("", "transaction_id")?);
            tell(&Fault { file: TRANSACTIONS.to_owned(), line, transaction, violation });
        }
    }
}

/// The balances of all holders that ever had an account of an asset, by external id and code of the register.
///
/// # Errors
/// A fault of the database.
pub(super) async fn list_final_balances(db: &Db) -> Result<Balances, Failure> {
    let sql = "SELECT h.external_id, i.code, s.units_per_whole, s.decimals, a.balance FROM accounts a \
               JOIN import_holders h ON h.book_id = a.book_id AND h.owner_id = a.owner_id \
               JOIN import_assets i ON i.book_id = a.book_id AND i.asset_id = a.asset_id \
               JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
               WHERE a.book_id = $1 AND a.purpose = 'available'";
    let statement = Statement::from_sql_and_values(db.backend(), sql, [BOOK.0.into()]);
    let rows = db.reader().query_all_raw(statement).await?;
    let mut balances = Balances::new();
    for row in &rows {
        let decimals = u32::try_from(row.try_get::<i32>("", "decimals")?).map_err(Failure::bug)?;
        let amount = decimal::print(row.try_get("", "balance")?, row.try_get("", "units_per_whole")?, decimals);
        balances.entry(row.try_get("", "external_id")?).or_default().insert(row.try_get("", "code")?, amount);
    }
    Ok(balances)
}
