//! Entries of an account, and journals with the entries that the reader may see.

use crate::access::Scope;
use crate::db::columns::hexadecimal;
use crate::db::{BOOK, Db, bind_all};
use crate::kernel::ids::AccountId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::ledger::balances::{ACCOUNTS, Conditions};
use accounting::decimal;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::HashMap;
use uuid::Uuid;

/// One side of a posting, as the statement prints it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which journal it belongs to.
    pub journal: Uuid,
    /// What happened.
    pub kind: String,
    /// Position of the posting in its journal.
    pub line: i32,
    /// The account.
    pub account: AccountId,
    /// The account's owner.
    pub owner: Uuid,
    /// The owner's name.
    pub owner_name: String,
    /// Code of the asset.
    pub asset: String,
    /// Display unit.
    pub unit: String,
    /// What the account is for.
    pub purpose: String,
    /// The account's version with this entry.
    pub version: i64,
    /// Signed decimal string.
    pub amount: String,
    /// Decimal string.
    pub balance_after: String,
    /// The legal date.
    pub effective_on: String,
    /// When the book learnt it.
    pub recorded_at: Moment,
}

/// A journal as it is read.
#[derive(Debug, Clone)]
pub struct JournalRead {
    /// Its identity.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The version the thing has reached with it.
    pub subject_version: i64,
    /// The legal date.
    pub effective_on: String,
    /// When the book learnt it.
    pub recorded_at: Moment,
    /// Who acted.
    pub actor: Uuid,
    /// Who proposed it, when it waited for a second person.
    pub proposed_by: Option<Uuid>,
    /// Why.
    pub reason: Option<String>,
    /// SHA-256 of the document that proves it.
    pub document_hash: Option<String>,
    /// The journal it undoes.
    pub reverses: Option<Uuid>,
    /// The journal that undoes it.
    pub reversed_by: Option<Uuid>,
    /// SHA-256 over its canonical form, in hexadecimal.
    pub leaf_hash: String,
    /// Its entries, as far as the reader may see them.
    pub entries: Vec<Entry>,
}

const ENTRY_COLUMNS: &str = "e.journal_id, j.kind, e.line, e.account_id, a.owner_id, o.name, s.code, s.unit, s.units_per_whole, \
     s.decimals, a.purpose, e.version, e.amount, e.balance_after, e.effective_on, e.recorded_at";

fn entries_from() -> String {
    format!(
        "{ACCOUNTS} JOIN entries e ON e.book_id = a.book_id AND e.account_id = a.id \
         JOIN journals j ON j.book_id = e.book_id AND j.id = e.journal_id"
    )
}

fn read_entry(row: &QueryResult) -> Result<Entry, Failure> {
    let decimals: i32 = row.try_get("", "decimals")?;
    let per_whole: i64 = row.try_get("", "units_per_whole")?;
    let print = |units: i64| u32::try_from(decimals).map(|places| decimal::print(units, per_whole, places));
    Ok(Entry {
        journal: row.try_get("", "journal_id")?,
        kind: row.try_get("", "kind")?,
        line: row.try_get("", "line")?,
        account: AccountId(row.try_get("", "account_id")?),
        owner: row.try_get("", "owner_id")?,
        owner_name: row.try_get("", "name")?,
        asset: row.try_get("", "code")?,
        unit: row.try_get("", "unit")?,
        purpose: row.try_get("", "purpose")?,
        version: row.try_get("", "version")?,
        amount: print(row.try_get("", "amount")?).map_err(Failure::bug)?,
        balance_after: print(row.try_get("", "balance_after")?).map_err(Failure::bug)?,
        effective_on: row.try_get("", "effective_on")?,
        recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
    })
}

/// The entries of an account that the caller may see, oldest first. Nothing when the account is hidden from them.
///
/// # Errors
/// A fault of the database.
pub async fn list_entries(
    db: &Db,
    scope: &Scope,
    account: AccountId,
    page: &PageRequest,
) -> Result<Option<Page<Entry>>, Failure> {
    let mut conditions = Conditions::visible_to(scope);
    conditions.and("a.id = ?", [account.0.into()]);
    let sql = format!("SELECT a.id FROM {ACCOUNTS} WHERE {}", conditions.text());
    let statement = Statement::from_sql_and_values(db.backend(), sql, conditions.values.clone());
    if db.reader().query_one_raw(statement).await?.is_none() {
        return Ok(None);
    }
    // The cursor of this list is an entry's version, carried in the low bits of a UUID.
    let after = page.after.map_or(0, |after| i64::try_from(after.as_u128()).unwrap_or(i64::MAX));
    conditions.and("e.version > ?", [after.into()]);
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM {} WHERE {} ORDER BY e.version LIMIT {}",
        entries_from(),
        conditions.text(),
        page.fetch()
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, conditions.values)).await?;
    let entries = rows.iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Page::cut(entries, page, |entry| Uuid::from_u128(u128::try_from(entry.version).unwrap_or_default()))))
}

const JOURNAL_COLUMNS: &str = "id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, reason, \
     document_hash, reverses_id, leaf_hash, \
     (SELECT r.id FROM journals r WHERE r.book_id = journals.book_id AND r.reverses_id = journals.id) AS reversed_by, \
     (SELECT a.proposer_id FROM approved_acts a WHERE a.act_id = journals.id AND a.act_kind = 'journal') AS proposed_by";

fn read_journal(row: &QueryResult) -> Result<JournalRead, Failure> {
    Ok(JournalRead {
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        subject_kind: row.try_get("", "subject_kind")?,
        subject: row.try_get("", "subject_id")?,
        subject_version: row.try_get("", "subject_version")?,
        effective_on: row.try_get("", "effective_on")?,
        recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
        actor: row.try_get("", "actor_id")?,
        proposed_by: row.try_get("", "proposed_by")?,
        reason: row.try_get("", "reason")?,
        document_hash: row.try_get("", "document_hash")?,
        reverses: row.try_get("", "reverses_id")?,
        reversed_by: row.try_get("", "reversed_by")?,
        leaf_hash: hexadecimal(&row.try_get::<Vec<u8>>("", "leaf_hash")?),
        entries: Vec::new(),
    })
}

/// A journal with those of its entries that the caller may see; nothing when they may see none of them.
///
/// # Errors
/// A fault of the database.
pub async fn find_journal(db: &Db, scope: &Scope, id: Uuid) -> Result<Option<JournalRead>, Failure> {
    let sql = format!("SELECT {JOURNAL_COLUMNS} FROM journals WHERE book_id = $1 AND id = $2");
    let statement = Statement::from_sql_and_values(db.backend(), sql, [BOOK.0.into(), id.into()]);
    let Some(row) = db.reader().query_one_raw(statement).await? else {
        return Ok(None);
    };
    let mut journals = vec![read_journal(&row)?];
    fill_entries(db, scope, &mut journals).await?;
    let journal = journals.remove(0);
    let is_visible = *scope == Scope::Everything || !journal.entries.is_empty();
    Ok(is_visible.then_some(journal))
}

/// Every journal of the book in the order of their ids, for the auditor; those about one subject when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_journals(db: &Db, subject: Option<Uuid>, page: &PageRequest) -> Result<Page<JournalRead>, Failure> {
    let mut values = vec![BOOK.0.into(), page.start().into()];
    let (beyond, direction) = page.order.sql();
    let about = match subject {
        Some(subject) => {
            values.push(subject.into());
            " AND subject_id = $3"
        }
        None => "",
    };
    let sql = format!(
        "SELECT {JOURNAL_COLUMNS} FROM journals WHERE book_id = $1 AND id {beyond} $2{about} ORDER BY id {direction} LIMIT {}",
        page.fetch()
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let journals = rows.iter().map(read_journal).collect::<Result<Vec<_>, _>>()?;
    let mut page = Page::cut(journals, page, |journal| journal.id);
    fill_entries(db, &Scope::Everything, &mut page.items).await?;
    Ok(page)
}

async fn fill_entries(db: &Db, scope: &Scope, journals: &mut [JournalRead]) -> Result<(), Failure> {
    if journals.is_empty() {
        return Ok(());
    }
    let mut conditions = Conditions::visible_to(scope);
    let ids = bind_all(&mut conditions.values, journals.iter().map(|journal| journal.id));
    let sql = format!(
        "SELECT {ENTRY_COLUMNS} FROM {} WHERE {} AND e.journal_id IN ({ids}) ORDER BY e.journal_id, e.line, e.amount",
        entries_from(),
        conditions.text()
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, conditions.values)).await?;
    let mut by_journal: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for row in &rows {
        let entry = read_entry(row)?;
        by_journal.entry(entry.journal).or_default().push(entry);
    }
    for journal in journals {
        journal.entries = by_journal.remove(&journal.id).unwrap_or_default();
    }
    Ok(())
}
