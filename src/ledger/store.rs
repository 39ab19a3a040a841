//! The ledger's rows. One statement per table whatever the batch: see [`crate::db::columns`].

use crate::db::columns::{Kind, Rows};
use crate::db::failure::{is_out_of_range, is_unique};
use crate::db::{BookId, Work};
use crate::kernel::Failure;
use crate::kernel::ids::{self, AccountId};
use crate::ledger::error::LedgerRefusal;
use crate::ledger::owners::{Asset, Owner};
use crate::ledger::rows::{accounts, assets, books, owners};
use accounting::{AccountKey, AssetId, EntryDraft, Journal, JournalId, OwnerId, Purpose, Standing, SubjectId};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// An account as it stands under its lock.
#[derive(Debug, Clone, Copy)]
pub struct AccountRow {
    pub id: AccountId,
    pub standing: Standing,
    pub last_recorded_at: i64,
}

/// A journal about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewJournal<'a> {
    pub journal: &'a Journal,
    pub actor: Uuid,
    pub recorded_at: i64,
    pub leaf_hash: [u8; 32],
}

/// An entry about to be written.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub account: AccountId,
    pub journal: JournalId,
    pub draft: EntryDraft,
    pub recorded_at: i64,
    pub effective_on: String,
}

/// What moved on an account on one legal date, as the book learnt it on one day.
#[derive(Debug, Clone)]
pub struct DayTotal {
    pub account: AccountId,
    pub effective_on: String,
    pub recorded_on: String,
    pub amount: i64,
    pub entries: i64,
}

fn key_cells(key: &AccountKey) -> [Value; 4] {
    let subject = key.subject.map_or(Uuid::nil(), |subject| subject.0);
    [key.owner.0.into(), key.asset.0.into(), key.purpose.as_str().into(), subject.into()]
}

const KEY_MATCHES: &str = "a.owner_id = r.c0 AND a.asset_id = r.c1 AND a.purpose = r.c2 AND a.subject_id = r.c3";

/// Locks the accounts that are there, in id order.
pub async fn lock_accounts(work: &Work, keys: &[AccountKey]) -> Result<HashMap<AccountKey, AccountRow>, Failure> {
    let mut rows = Rows::new(&[Kind::Uuid, Kind::Uuid, Kind::Text, Kind::Uuid]);
    for key in keys {
        rows.push(key_cells(key));
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let lock = if work.backend() == DbBackend::Postgres { " FOR UPDATE OF a" } else { "" };
    // CROSS JOIN keeps SQLite from scanning all accounts: the wanted keys drive, the unique index finds.
    let join = if work.backend() == DbBackend::Postgres { "JOIN accounts a ON" } else { "CROSS JOIN accounts a WHERE" };
    let sql = format!(
        "SELECT a.id, a.owner_id, a.asset_id, a.purpose, a.subject_id, a.balance, a.version, a.last_recorded_at \
         FROM {source} {join} a.book_id = $1 AND {KEY_MATCHES} ORDER BY a.id{lock}"
    );
    let found = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    found.iter().map(read_account).collect()
}

fn read_account(row: &QueryResult) -> Result<(AccountKey, AccountRow), Failure> {
    // By position: a batch locks thousands of accounts, and names are looked up one by one.
    let purpose: String = row.try_get_by_index(3)?;
    let subject: Uuid = row.try_get_by_index(4)?;
    let key = AccountKey {
        owner: OwnerId(row.try_get_by_index(1)?),
        asset: AssetId(row.try_get_by_index(2)?),
        purpose: Purpose::parse(&purpose).ok_or_else(|| Failure::bug(format!("unknown purpose {purpose}")))?,
        subject: (!subject.is_nil()).then_some(SubjectId(subject)),
    };
    let standing = Standing { balance: row.try_get_by_index(5)?, version: row.try_get_by_index(6)? };
    let row =
        AccountRow { id: AccountId(row.try_get_by_index(0)?), standing, last_recorded_at: row.try_get_by_index(7)? };
    Ok((key, row))
}

/// Creates accounts; one that another work created meanwhile is left as it is.
pub async fn insert_accounts(work: &Work, keys: &[AccountKey]) -> Result<(), Failure> {
    let mut rows = Rows::new(&[Kind::Uuid, Kind::Uuid, Kind::Text, Kind::Uuid, Kind::Uuid, Kind::Bool]);
    let mut models = HashMap::with_capacity(keys.len());
    for key in keys {
        let model = accounts::Model {
            book_id: work.book().0,
            id: ids::fresh(),
            owner_id: key.owner.0,
            asset_id: key.asset.0,
            purpose: key.purpose.as_str().to_owned(),
            subject_id: key.subject.map_or(Uuid::nil(), |subject| subject.0),
            guarded: key.purpose.guarded(),
        };
        let more: [Value; 2] = [model.id.into(), model.guarded.into()];
        rows.push(key_cells(key).into_iter().chain(more));
        models.insert(model.id, model);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    // "WHERE true" tells SQLite that ON CONFLICT belongs to the insert and not to a join.
    let sql = format!(
        "INSERT INTO accounts (book_id, id, owner_id, asset_id, purpose, subject_id, guarded, balance, version, last_recorded_at) \
         SELECT $1, r.c4, r.c0, r.c1, r.c2, r.c3, r.c5, 0, 0, 0 FROM {source} WHERE true ON CONFLICT DO NOTHING RETURNING id"
    );
    for created in work.connection().query_all_raw(work.statement(&sql, values)).await? {
        if let Some(model) = models.get(&created.try_get::<Uuid>("", "id")?) {
            work.record(model)?;
        }
    }
    Ok(())
}

/// The month through which a book is sealed. Dates are ISO text, so those up to it sort no later.
const SEALED_THROUGH: &str = "(SELECT MAX(p.month) FROM periods p WHERE p.book_id = $1)";

/// Writes journals, unless one of them is dated in a sealed month: that is judged by the very statement that writes them.
pub async fn insert_journals(work: &Work, journals: &[NewJournal<'_>]) -> Result<(), Failure> {
    use Kind::{Big, Bytes, Text, Uuid};
    let mut rows = Rows::new(&[Uuid, Text, Text, Uuid, Big, Text, Big, Uuid, Text, Text, Uuid, Bytes]);
    for NewJournal { journal, actor, recorded_at, leaf_hash } in journals {
        rows.push([
            journal.id.0.into(),
            journal.kind.as_str().into(),
            journal.subject.kind.as_str().into(),
            journal.subject.id.into(),
            journal.subject.version.into(),
            journal.effective_on.to_string().into(),
            (*recorded_at).into(),
            (*actor).into(),
            journal.reason.clone().into(),
            journal.document_hash.clone().into(),
            journal.reverses.map(|journal| journal.0).into(),
            leaf_hash.to_vec().into(),
        ]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "INSERT INTO journals (book_id, id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, \
         actor_id, reason, document_hash, reverses_id, leaf_hash) \
         SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7, r.c8, r.c9, r.c10, r.c11 FROM {source} \
         WHERE substr(r.c5, 1, 7) > COALESCE({SEALED_THROUGH}, '')"
    );
    match work.connection().execute_raw(work.statement(&sql, values)).await {
        Err(error) if is_second_reversal(&error, journals) => Err(LedgerRefusal::AlreadyReversed {}.into()),
        Ok(written) if written.rows_affected() < journals.len() as u64 => Err(sealed(work, journals).await?),
        outcome => Ok(outcome.map(|_| ())?),
    }
}

/// Names the first journal that the statement left out.
async fn sealed(work: &Work, journals: &[NewJournal<'_>]) -> Result<Failure, Failure> {
    let sql = format!("SELECT {SEALED_THROUGH} AS month");
    let found = work.connection().query_one_raw(work.statement(&sql, vec![work.book().0.into()])).await?;
    let month: Option<String> = found.map(|row| row.try_get("", "month")).transpose()?.flatten();
    let month = month.ok_or_else(|| Failure::bug("a journal was not written though no month is sealed"))?;
    let days = journals.iter().map(|journal| journal.journal.effective_on.to_string());
    let date = days.into_iter().find(|day| day.get(..7) <= Some(month.as_str()));
    let date = date.ok_or_else(|| Failure::bug("a journal was not written though its month is open"))?;
    Ok(LedgerRefusal::PeriodSealed { date, month }.into())
}

/// A second reversal breaks two constraints, for it is also about the first version of the same journal; which of them is
/// told depends on the database.
fn is_second_reversal(error: &DbErr, journals: &[NewJournal<'_>]) -> bool {
    let has_reversal = journals.iter().any(|new| new.journal.reverses.is_some());
    is_unique(error, "journals_reversed_once", "journals.reverses_id")
        || (has_reversal && is_unique(error, "journals_subject_version", "journals.subject_version"))
}

/// A statement that is ready to be sent.
#[derive(Debug)]
pub struct Ready {
    sql: String,
    values: Vec<Value>,
}

impl Ready {
    fn new(book: BookId, backend: DbBackend, rows: Rows, sql: impl Fn(&str) -> String) -> Result<Self, Failure> {
        let (source, mut values) = rows.source(backend, 2)?;
        values.insert(0, book.0.into());
        Ok(Self { sql: sql(&source), values })
    }

    /// Inserts entries.
    pub fn entries(book: BookId, backend: DbBackend, entries: &[NewEntry]) -> Result<Self, Failure> {
        use Kind::{Big, Int, Text, Uuid};
        // In the order of the table's key: a batch then touches each page of the two long indexes once.
        let mut sorted: Vec<&NewEntry> = entries.iter().collect();
        sorted.sort_unstable_by_key(|entry| (entry.account, entry.draft.version));
        let mut rows = Rows::new(&[Uuid, Big, Uuid, Int, Big, Big, Big, Text]);
        for entry in sorted {
            rows.push([
                entry.account.0.into(),
                entry.draft.version.into(),
                entry.journal.0.into(),
                entry.draft.line.into(),
                entry.draft.amount.into(),
                entry.draft.balance_after.into(),
                entry.recorded_at.into(),
                entry.effective_on.clone().into(),
            ]);
        }
        Self::new(book, backend, rows, |source| {
            format!(
                "INSERT INTO entries (book_id, account_id, version, journal_id, line, amount, balance_after, recorded_at, \
                 effective_on) SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7 FROM {source}"
            )
        })
    }

    /// Adds what moved to the totals of accounts by legal date and day of recording. The accounts are locked, so nobody
    /// else adds to these rows.
    pub fn totals(book: BookId, backend: DbBackend, totals: &[DayTotal]) -> Result<Self, Failure> {
        use Kind::{Big, Text, Uuid};
        let mut rows = Rows::new(&[Uuid, Text, Text, Big, Big]);
        for total in totals {
            rows.push([
                total.account.0.into(),
                total.effective_on.clone().into(),
                total.recorded_on.clone().into(),
                total.amount.into(),
                total.entries.into(),
            ]);
        }
        Self::new(book, backend, rows, |source| {
            format!(
                "INSERT INTO daily_totals (book_id, account_id, effective_on, recorded_on, amount, entries) \
                 SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4 FROM {source} WHERE true \
                 ON CONFLICT (book_id, account_id, effective_on, recorded_on) \
                 DO UPDATE SET amount = daily_totals.amount + excluded.amount, entries = daily_totals.entries + excluded.entries"
            )
        })
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`LedgerRefusal::Overflow`], a fault of the database.
    pub async fn execute(self, work: &Work) -> Result<(), Failure> {
        match work.connection().execute_raw(work.statement(&self.sql, self.values)).await {
            Err(error) if is_out_of_range(&error) => Err(LedgerRefusal::Overflow {}.into()),
            outcome => Ok(outcome.map(|_| ())?),
        }
    }
}

/// Writes where the locked accounts stand now.
pub async fn update_accounts(work: &Work, accounts: &[&AccountRow]) -> Result<(), Failure> {
    let mut rows = Rows::new(&[Kind::Uuid, Kind::Big, Kind::Big, Kind::Big]);
    for account in accounts {
        let Standing { balance, version } = account.standing;
        rows.push([account.id.0.into(), balance.into(), version.into(), account.last_recorded_at.into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "UPDATE accounts SET balance = r.c1, version = r.c2, last_recorded_at = r.c3 \
         FROM {source} WHERE accounts.book_id = $1 AND accounts.id = r.c0"
    );
    let written = work.connection().execute_raw(work.statement(&sql, values)).await?;
    if written.rows_affected() == accounts.len() as u64 {
        Ok(())
    } else {
        Err(Failure::bug("a locked account could not be written"))
    }
}

/// Writes owners.
pub async fn insert_owners(work: &Work, owners: &[Owner]) -> Result<(), Failure> {
    use Kind::{Text, Uuid};
    let mut rows = Rows::new(&[Uuid, Text, Text, Uuid, Text]);
    for owner in owners {
        let model = owners::Model {
            book_id: work.book().0,
            id: owner.id.0,
            kind: owner.kind.as_str().to_owned(),
            name: owner.name.clone(),
            organisation_id: owner.organisation.map(|id| id.0),
            area_path: owner.area_path.clone(),
        };
        work.record(&model)?;
        let owners::Model { id, kind, name, organisation_id, area_path, .. } = model;
        rows.push([id.into(), kind.into(), name.into(), organisation_id.into(), area_path.into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "INSERT INTO owners (book_id, id, kind, name, organisation_id, area_path) \
         SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

/// Writes assets.
pub async fn insert_assets(work: &Work, assets: &[Asset]) -> Result<(), Failure> {
    use Kind::{Big, Int, Text, Uuid};
    let mut rows = Rows::new(&[Uuid, Text, Text, Text, Big, Int]);
    for asset in assets {
        let model = assets::Model {
            book_id: work.book().0,
            id: asset.id.0,
            kind: asset.kind.as_str().to_owned(),
            code: asset.code.clone(),
            unit: asset.unit.clone(),
            units_per_whole: asset.units_per_whole,
            decimals: i32::try_from(asset.decimals).map_err(Failure::bug)?,
        };
        work.record(&model)?;
        let assets::Model { id, kind, code, unit, units_per_whole, decimals, .. } = model;
        rows.push([id.into(), kind.into(), code.into(), unit.into(), units_per_whole.into(), decimals.into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "INSERT INTO assets (book_id, id, kind, code, unit, units_per_whole, decimals) \
         SELECT $1, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

/// Writes the book itself.
pub async fn insert_book(work: &Work, code: &str, name: &str) -> Result<(), Failure> {
    work.record(&books::Model { id: work.book().0, code: code.to_owned(), name: name.to_owned() })?;
    let values = vec![work.book().0.into(), code.into(), name.into()];
    work.connection()
        .execute_raw(work.statement("INSERT INTO books (id, code, name) VALUES ($1, $2, $3)", values))
        .await?;
    Ok(())
}

/// The assets with these codes.
pub async fn assets_by_code(work: &Work, codes: &[String]) -> Result<HashMap<String, AssetId>, Failure> {
    let mut rows = Rows::new(&[Kind::Text]);
    for code in codes {
        rows.push([code.clone().into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql =
        format!("SELECT s.code, s.id FROM assets s WHERE s.book_id = $1 AND s.code IN (SELECT r.c0 FROM {source})");
    let found = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    found.iter().map(|row| Ok((row.try_get("", "code")?, AssetId(row.try_get("", "id")?)))).collect()
}

/// The organisations behind owners.
pub async fn organisations_of(work: &Work, owners: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Failure> {
    if owners.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows = Rows::new(&[Kind::Uuid]);
    for owner in owners {
        rows.push([(*owner).into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.book().0.into());
    let sql = format!(
        "SELECT o.id, o.organisation_id FROM {source} JOIN owners o ON o.book_id = $1 AND o.id = r.c0 \
         WHERE o.organisation_id IS NOT NULL"
    );
    let found = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    found.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "organisation_id")?))).collect()
}
