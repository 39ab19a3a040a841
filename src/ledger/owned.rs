//! What owners own of rights, whatever holds it.

use crate::db::columns::{Kind, Rows};
use crate::db::{BOOK, Work};
use crate::kernel::Failure;
use accounting::OwnerId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// What an owner has of a right class: free, held for a trade, pledged or frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedRights {
    /// Whose.
    pub owner: OwnerId,
    /// Code of the right class.
    pub right_class: String,
    /// Grams.
    pub grams: i64,
}

/// The rights of these owners by class. One statement.
///
/// # Errors
/// A fault of the database.
pub async fn rights_of(work: &Work, owners: &[Uuid]) -> Result<Vec<OwnedRights>, Failure> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Rows::new(&[Kind::Uuid]);
    for owner in owners {
        rows.push([(*owner).into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, BOOK.0.into());
    // CROSS JOIN keeps SQLite from scanning the accounts of every owner: the wanted ones drive, the unique index finds.
    let sql = format!(
        "SELECT a.owner_id, s.code, CAST(SUM(a.balance) AS bigint) AS grams FROM {source} CROSS JOIN accounts a \
         CROSS JOIN assets s WHERE a.book_id = $1 AND a.owner_id = r.c0 AND s.book_id = a.book_id AND s.id = a.asset_id \
         AND s.kind = 'right' AND a.purpose IN ('available', 'committed', 'pledged', 'frozen') \
         GROUP BY a.owner_id, s.code ORDER BY a.owner_id, s.code"
    );
    let found = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    found
        .iter()
        .map(|row| {
            let owner = OwnerId(row.try_get("", "owner_id")?);
            Ok(OwnedRights { owner, right_class: row.try_get("", "code")?, grams: row.try_get("", "grams")? })
        })
        .collect()
}
