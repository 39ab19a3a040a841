//! What an owner holds of an asset in all: every account of the holding, what stands on them now, and which journals brought it.

use crate::db::columns::hexadecimal;
use crate::db::{BOOK, Work, bind_all};
use crate::kernel::{Failure, Moment};
use crate::ledger::standings_under_lock;
use accounting::{AccountKey, AssetId, Holding, OwnerId, Purpose, SubjectId};
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// What an owner has and may lose again; what it has given up or let expire is none of it.
pub const HELD: [Purpose; 4] = [Purpose::Available, Purpose::Committed, Purpose::Pledged, Purpose::Frozen];

/// Balances of a holding by purpose.
pub type Held = HashMap<Purpose, i64>;

fn purposes() -> String {
    let words: Vec<String> = HELD.iter().map(|purpose| format!("'{}'", purpose.as_str())).collect();
    words.join(", ")
}

fn read_purpose(row: &QueryResult) -> Result<Purpose, Failure> {
    let word: String = row.try_get("", "purpose")?;
    Purpose::parse(&word).ok_or_else(|| Failure::bug(format!("an account for {word}")))
}

/// What stands on the accounts of a holding, under their locks until the end of the work. The free account is locked first: nothing
/// becomes another account of the same holding without passing it.
///
/// # Errors
/// A fault of the database.
pub async fn held_under_lock(work: &Work, holding: Holding) -> Result<Held, Failure> {
    standings_under_lock(work, &[holding.available()]).await?;
    let sql = format!(
        "SELECT a.purpose, a.subject_id FROM accounts a WHERE a.book_id = $1 AND a.owner_id = $2 AND a.asset_id = $3 AND a.purpose IN ({})",
        purposes()
    );
    let values = vec![BOOK.0.into(), holding.owner.0.into(), holding.asset.0.into()];
    let rows = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    let key = |row: &QueryResult| -> Result<AccountKey, Failure> {
        let subject: Uuid = row.try_get("", "subject_id")?;
        let subject = (!subject.is_nil()).then_some(SubjectId(subject));
        Ok(AccountKey { owner: holding.owner, asset: holding.asset, purpose: read_purpose(row)?, subject })
    };
    let keys = rows.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    let books = standings_under_lock(work, &keys).await?;
    let mut held = Held::new();
    for key in keys {
        let sum = held.entry(key.purpose).or_default();
        *sum = sum.saturating_add(books.balance(&key));
    }
    Ok(held)
}

/// What stands on the accounts of holdings now, in one statement.
///
/// # Errors
/// A fault of the database.
pub async fn held_now(books: &impl ConnectionTrait, owners: &[Uuid]) -> Result<HashMap<(Uuid, Uuid), Held>, Failure> {
    if owners.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let owners = bind_all(&mut values, owners.iter().copied());
    let sql = format!(
        "SELECT owner_id, asset_id, purpose, CAST(SUM(balance) AS bigint) AS units FROM accounts \
         WHERE book_id = $1 AND owner_id IN ({owners}) AND purpose IN ({}) GROUP BY owner_id, asset_id, purpose",
        purposes()
    );
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    let mut found: HashMap<(Uuid, Uuid), Held> = HashMap::new();
    for row in books.query_all_raw(statement).await? {
        let key = (row.try_get("", "owner_id")?, row.try_get("", "asset_id")?);
        found.entry(key).or_default().insert(read_purpose(&row)?, row.try_get("", "units")?);
    }
    Ok(found)
}

/// The accounts of these holdings that something stands in, with what does, in id order and without a lock: who holds their subjects is
/// locked first.
///
/// # Errors
/// A fault of the database.
pub async fn accounts_of(work: &Work, holdings: &[Holding]) -> Result<Vec<(AccountKey, i64)>, Failure> {
    if holdings.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![work.book().0.into()];
    let assets = bind_all(&mut values, holdings.iter().map(|holding| holding.asset.0));
    let owners = bind_all(&mut values, holdings.iter().map(|holding| holding.owner.0));
    let sql = format!(
        "SELECT owner_id, asset_id, purpose, subject_id, balance FROM accounts WHERE book_id = $1 AND asset_id IN ({assets}) \
         AND owner_id IN ({owners}) AND balance > 0 AND purpose IN ({}) ORDER BY id",
        purposes()
    );
    let mut found = Vec::new();
    for row in work.connection().query_all_raw(work.statement(&sql, values)).await? {
        let subject: Uuid = row.try_get("", "subject_id")?;
        let account = AccountKey {
            owner: OwnerId(row.try_get("", "owner_id")?),
            asset: AssetId(row.try_get("", "asset_id")?),
            purpose: read_purpose(&row)?,
            subject: (!subject.is_nil()).then_some(SubjectId(subject)),
        };
        // The two lists name more pairs than were asked for.
        if holdings.contains(&Holding { owner: account.owner, asset: account.asset }) {
            found.push((account, row.try_get("", "balance")?));
        }
    }
    Ok(found)
}

/// What of each holding is held for something or pledged, but for these subjects. One statement.
///
/// # Errors
/// A fault of the database.
pub async fn encumbered(
    work: &Work,
    holdings: &[Holding],
    except: impl Iterator<Item = SubjectId>,
) -> Result<Vec<(Holding, i64)>, Failure> {
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let owners = bind_all(&mut values, holdings.iter().map(|holding| holding.owner.0));
    let assets = bind_all(&mut values, holdings.iter().map(|holding| holding.asset.0));
    // The nil UUID is no subject; it stands in for "none", as neither database takes an empty list.
    let but = bind_all(&mut values, except.map(|subject| subject.0).chain([Uuid::nil()]));
    let sql = format!(
        "SELECT owner_id, asset_id, CAST(SUM(balance) AS bigint) AS units FROM accounts WHERE book_id = $1 \
         AND owner_id IN ({owners}) AND asset_id IN ({assets}) AND purpose IN ('committed', 'pledged') \
         AND subject_id NOT IN ({but}) GROUP BY owner_id, asset_id"
    );
    units_of(work, &sql, values).await
}

/// What of each holding was sold out of a lien or a court freeze. One statement.
///
/// # Errors
/// A fault of the database.
pub async fn sold_by_creditors(work: &Work, holdings: &[Holding]) -> Result<Vec<(Holding, i64)>, Failure> {
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let owners = bind_all(&mut values, holdings.iter().map(|holding| holding.owner.0));
    let assets = bind_all(&mut values, holdings.iter().map(|holding| holding.asset.0));
    let sql = format!(
        "SELECT a.owner_id, a.asset_id, CAST(-SUM(e.amount) AS bigint) AS units FROM accounts a \
         JOIN entries e ON e.book_id = a.book_id AND e.account_id = a.id AND e.amount < 0 \
         JOIN journals j ON j.book_id = e.book_id AND j.id = e.journal_id AND j.kind IN ('pledge_enforced', 'freeze_executed') \
         WHERE a.book_id = $1 AND a.owner_id IN ({owners}) AND a.asset_id IN ({assets}) AND a.purpose IN ('pledged', 'frozen') \
         GROUP BY a.owner_id, a.asset_id"
    );
    units_of(work, &sql, values).await
}

/// Units by owner and asset.
async fn units_of(work: &Work, sql: &str, values: Vec<Value>) -> Result<Vec<(Holding, i64)>, Failure> {
    let rows = work.connection().query_all_raw(work.statement(sql, values)).await?;
    let read = |row: &QueryResult| -> Result<(Holding, i64), Failure> {
        let holding =
            Holding { owner: OwnerId(row.try_get("", "owner_id")?), asset: AssetId(row.try_get("", "asset_id")?) };
        Ok((holding, row.try_get("", "units")?))
    };
    rows.iter().map(read).collect()
}

/// A journal that brought something to a holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What happened.
    pub kind: String,
    /// Its legal date, ISO.
    pub effective_on: String,
    /// How much.
    pub units: i64,
    /// Its leaf hash in hexadecimal.
    pub leaf_hash: String,
}

/// The newest journals that brought something to a holding; what only moves within it brings nothing.
///
/// # Errors
/// A fault of the database.
pub async fn brought(work: &Work, holding: Holding, most: usize) -> Result<Vec<Brought>, Failure> {
    let sql = format!(
        "SELECT j.id, j.kind, j.effective_on, j.leaf_hash, j.recorded_at, CAST(SUM(e.amount) AS bigint) AS units FROM accounts a \
         JOIN entries e ON e.book_id = a.book_id AND e.account_id = a.id \
         JOIN journals j ON j.book_id = e.book_id AND j.id = e.journal_id \
         WHERE a.book_id = $1 AND a.owner_id = $2 AND a.asset_id = $3 AND a.purpose IN ({}) \
         GROUP BY j.id, j.kind, j.effective_on, j.leaf_hash, j.recorded_at HAVING SUM(e.amount) > 0 \
         ORDER BY j.recorded_at DESC, j.id DESC LIMIT {most}",
        purposes()
    );
    let values = vec![BOOK.0.into(), holding.owner.0.into(), holding.asset.0.into()];
    let rows = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    let read = |row: &QueryResult| -> Result<Brought, Failure> {
        Ok(Brought {
            kind: row.try_get("", "kind")?,
            effective_on: row.try_get("", "effective_on")?,
            units: row.try_get("", "units")?,
            leaf_hash: hexadecimal(&row.try_get::<Vec<u8>>("", "leaf_hash")?),
        })
    };
    rows.iter().map(read).collect()
}

/// What a journal has brought to a holding of rights or taken from it in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Whose.
    pub owner: Uuid,
    /// Of what.
    pub asset: Uuid,
    /// Code of the right class.
    pub code: String,
    /// The legal date.
    pub on: Date,
    /// When it was recorded, in microseconds.
    pub recorded_at: i64,
    /// How much; less than nothing when it was taken.
    pub units: i64,
}

/// What every journal has brought to the rights of these owners or taken from them; what only moves within a holding does neither.
///
/// # Errors
/// A fault of the database.
pub async fn moved(books: &impl ConnectionTrait, owners: &[Uuid]) -> Result<Vec<Moved>, Failure> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let owners = bind_all(&mut values, owners.iter().copied());
    let sql = format!(
        "SELECT a.owner_id, a.asset_id, s.code, e.effective_on, e.recorded_at, CAST(SUM(e.amount) AS bigint) AS units FROM accounts a \
         JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id \
         JOIN entries e ON e.book_id = a.book_id AND e.account_id = a.id \
         WHERE a.book_id = $1 AND a.owner_id IN ({owners}) AND s.kind = 'right' AND a.purpose IN ({}) \
         GROUP BY a.owner_id, a.asset_id, s.code, e.journal_id, e.effective_on, e.recorded_at HAVING SUM(e.amount) <> 0",
        purposes()
    );
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    let read = |row: &QueryResult| -> Result<Moved, Failure> {
        let on: String = row.try_get("", "effective_on")?;
        Ok(Moved {
            owner: row.try_get("", "owner_id")?,
            asset: row.try_get("", "asset_id")?,
            code: row.try_get("", "code")?,
            on: on.parse().map_err(Failure::bug)?,
            recorded_at: row.try_get("", "recorded_at")?,
            units: row.try_get("", "units")?,
        })
    };
    books.query_all_raw(statement).await?.iter().map(read).collect()
}

/// What stood on one account of a holding at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    /// What the account is for.
    pub purpose: Purpose,
    /// Which trade, lien or freeze holds it.
    pub subject: Option<SubjectId>,
    /// Smallest units.
    pub units: i64,
}

/// What stood on the accounts of a holding at an instant that is final, as far as something did.
///
/// # Errors
/// A fault of the database.
pub async fn stood_at(work: &Work, holding: Holding, at: Moment) -> Result<Vec<Stood>, Failure> {
    let sql = format!(
        "SELECT h.purpose, h.subject_id, h.units FROM (SELECT a.id, a.purpose, a.subject_id, \
         (SELECT e.balance_after FROM entries e WHERE e.book_id = a.book_id AND e.account_id = a.id AND e.recorded_at <= $4 \
         ORDER BY e.recorded_at DESC, e.version DESC LIMIT 1) AS units \
         FROM accounts a WHERE a.book_id = $1 AND a.owner_id = $2 AND a.asset_id = $3 AND a.purpose IN ({})) h \
         WHERE h.units > 0 ORDER BY h.id",
        purposes()
    );
    let values = vec![BOOK.0.into(), holding.owner.0.into(), holding.asset.0.into(), at.micros().into()];
    let rows = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    let read = |row: &QueryResult| -> Result<Stood, Failure> {
        let subject: Uuid = row.try_get("", "subject_id")?;
        Ok(Stood {
            purpose: read_purpose(row)?,
            subject: (!subject.is_nil()).then_some(SubjectId(subject)),
            units: row.try_get("", "units")?,
        })
    };
    rows.iter().map(read).collect()
}
