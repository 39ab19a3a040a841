//! Posting, plural by default: one code path for one journal and for 10,000.

use crate::db::Work;
use crate::kernel::ids::AccountId;
use crate::kernel::{Failure, Moment};
use crate::ledger::balances;
use crate::ledger::error::LedgerRefusal;
use crate::ledger::store::{self, AccountRow, DayTotal, NewEntry, NewJournal, Ready};
use accounting::leaf::{LeafEntry, LeafJournal};
use accounting::{AccountKey, Books, EntryDraft, Journal, JournalId, Standing};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// So many entries are worth a thread of their own to make a statement of them.
const LARGE: usize = 1_000;

/// A journal that is in the books.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Which.
    pub id: JournalId,
    /// The instant it is recorded at: later than every earlier entry of the accounts it touches.
    pub recorded_at: Moment,
    /// Its entries with the new balances and versions.
    pub entries: Vec<EntryDraft>,
}

/// Locks accounts in id order and tells where they stand; accounts that were never used stand at zero. What is read here
/// cannot change before the work ends, so rules that are judged on it hold when it commits.
///
/// # Errors
/// A fault of the database.
pub async fn balances_under_lock(work: &Work, keys: &[AccountKey]) -> Result<Books, Failure> {
    let keys: BTreeSet<AccountKey> = keys.iter().copied().collect();
    Ok(books_of(&lock(work, &keys).await?))
}

/// Locks accounts like [`balances_under_lock`], and makes none: those that were never used stand at zero. Another work may
/// make one of them meanwhile, so this is for whoever is the only one to post on them.
///
/// # Errors
/// A fault of the database.
pub async fn standings_under_lock(work: &Work, keys: &[AccountKey]) -> Result<Books, Failure> {
    let keys: BTreeSet<AccountKey> = keys.iter().copied().collect();
    if keys.is_empty() {
        return Ok(Books::default());
    }
    Ok(books_of(&store::lock_accounts(work, &keys.into_iter().collect::<Vec<_>>()).await?))
}

/// Posts journals, all or nothing, in the order given.
///
/// # Errors
/// [`LedgerRefusal::NotEnough`] when a guarded account would fall below zero, [`LedgerRefusal::AlreadyReversed`],
/// [`LedgerRefusal::PeriodSealed`], [`LedgerRefusal::AccountMoved`] when the client saw another version of an account.
pub async fn post(work: &Work, journals: &[Journal]) -> Result<Vec<Posted>, Failure> {
    let keys: BTreeSet<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    let mut rows = lock(work, &keys).await?;
    judge_expected_versions(work, &rows)?;
    let mut books = books_of(&rows);
    let now = work.clock().business_now().micros();
    let mut posted = Vec::with_capacity(journals.len());
    for journal in journals {
        let drafts = books.apply(journal).map_err(LedgerRefusal::from)?;
        let latest = drafts.iter().filter_map(|draft| rows.get(&draft.account)).map(|row| row.last_recorded_at).max();
        let recorded_at = latest.map_or(now, |latest| now.max(latest + 1));
        for draft in &drafts {
            if let Some(row) = rows.get_mut(&draft.account) {
                row.last_recorded_at = recorded_at;
                row.standing = books.standing(&draft.account);
            }
        }
        posted.push(Posted { id: journal.id, recorded_at: Moment::from_micros(recorded_at), entries: drafts });
    }
    write(work, journals, &posted, &rows).await?;
    if let Some(told) = work.told_accounts() {
        let touched: Vec<AccountId> = rows.values().map(|row| row.id).collect();
        told.tell([told.items(), balances::tell_standings(work, &touched).await?].concat());
    }
    Ok(posted)
}

/// Refuses a command that was decided on accounts which have moved since. A client that may not see an account cannot know
/// its id, which is random, so the answer tells nothing that is hidden.
fn judge_expected_versions(work: &Work, rows: &HashMap<AccountKey, AccountRow>) -> Result<(), LedgerRefusal> {
    for row in rows.values() {
        let actual = row.standing.version;
        if work.take_expected_version(row.id.0).is_some_and(|expected| expected != actual) {
            return Err(LedgerRefusal::AccountMoved { account: row.id.0.to_string(), version: actual.to_string() });
        }
    }
    Ok(())
}

async fn write(
    work: &Work,
    journals: &[Journal],
    posted: &[Posted],
    rows: &HashMap<AccountKey, AccountRow>,
) -> Result<(), Failure> {
    let mut heads = Vec::with_capacity(journals.len());
    let mut entries = Vec::new();
    for (journal, posted) in journals.iter().zip(posted) {
        let effective_on = journal.effective_on.to_string();
        let actor = actor(work, journal)?;
        let leaf_hash = leaf(work, journal, actor, posted, rows)?.hash();
        heads.push(NewJournal { journal, actor, recorded_at: posted.recorded_at.micros(), leaf_hash });
        for draft in &posted.entries {
            let account = rows.get(&draft.account).ok_or_else(|| Failure::bug("an account was not locked"))?.id;
            entries.push(NewEntry {
                account,
                journal: journal.id,
                draft: *draft,
                recorded_at: posted.recorded_at.micros(),
                effective_on: effective_on.clone(),
            });
        }
    }
    work.note_acts("journal", journals.iter().map(|journal| journal.id.0));
    let (book, backend) = (work.book(), work.backend());
    let prepare = move || -> Result<(Ready, Ready), Failure> {
        Ok((Ready::entries(book, backend, &entries)?, Ready::totals(book, backend, &totals_of(&entries)?)?))
    };
    let count = posted.iter().map(|posted| posted.entries.len()).sum::<usize>();
    let (entries, totals) = if count > LARGE {
        // While the database writes the journals.
        let prepared = tokio::task::spawn_blocking(prepare);
        store::insert_journals(work, &heads).await?;
        prepared.await.map_err(Failure::bug)??
    } else {
        store::insert_journals(work, &heads).await?;
        if count == 0 {
            return Ok(());
        }
        prepare()?
    };
    entries.execute(work).await?;
    totals.execute(work).await?;
    store::update_accounts(work, &rows.values().collect::<Vec<_>>()).await
}

/// What the entries add up to by account, legal date and day of recording, in the order of the table's key.
fn totals_of(entries: &[NewEntry]) -> Result<Vec<DayTotal>, Failure> {
    let mut totals: BTreeMap<(AccountId, &str, Date), (i64, i64)> = BTreeMap::new();
    for entry in entries {
        let recorded_on = Moment::from_micros(entry.recorded_at).day();
        let (amount, count) = totals.entry((entry.account, &entry.effective_on, recorded_on)).or_default();
        *amount = amount.checked_add(entry.draft.amount).ok_or(LedgerRefusal::Overflow {})?;
        *count += 1;
    }
    let total = |((account, effective_on, recorded_on), (amount, entries)): ((AccountId, &str, Date), _)| DayTotal {
        account,
        effective_on: effective_on.to_owned(),
        recorded_on: recorded_on.to_string(),
        amount,
        entries,
    };
    Ok(totals.into_iter().map(total).collect())
}

/// Who acted: whom the journal names, or the one for whom the work was begun.
fn actor(work: &Work, journal: &Journal) -> Result<Uuid, Failure> {
    let actor = journal.actor.unwrap_or(work.caller().user.0);
    if actor.is_nil() { Err(Failure::bug("a journal in a work of several callers names no actor")) } else { Ok(actor) }
}

/// The journal as it is about to be recorded, every column of it.
fn leaf(
    work: &Work,
    journal: &Journal,
    actor: Uuid,
    posted: &Posted,
    rows: &HashMap<AccountKey, AccountRow>,
) -> Result<LeafJournal, Failure> {
    let entry = |draft: &EntryDraft| -> Result<LeafEntry, Failure> {
        let account = rows.get(&draft.account).ok_or_else(|| Failure::bug("an account was not locked"))?.id;
        Ok(LeafEntry {
            line: draft.line,
            account: account.0,
            owner: draft.account.owner.0,
            asset: draft.account.asset.0,
            purpose: draft.account.purpose.as_str().to_owned(),
            subject: draft.account.subject.map(|subject| subject.0),
            amount: draft.amount,
            balance_after: draft.balance_after,
            version: draft.version,
        })
    };
    let leaf = LeafJournal {
        book: work.book().0,
        id: journal.id.0,
        kind: journal.kind.as_str().to_owned(),
        subject_kind: journal.subject.kind.as_str().to_owned(),
        subject: journal.subject.id,
        subject_version: journal.subject.version,
        effective_on: journal.effective_on.to_string(),
        recorded_at: posted.recorded_at.micros(),
        actor,
        reason: journal.reason.clone(),
        document_hash: journal.document_hash.clone(),
        reverses: journal.reverses.map(|journal| journal.0),
        entries: posted.entries.iter().map(entry).collect::<Result<_, _>>()?,
    };
    Ok(leaf.in_order())
}

async fn lock(work: &Work, keys: &BTreeSet<AccountKey>) -> Result<HashMap<AccountKey, AccountRow>, Failure> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted: Vec<AccountKey> = keys.iter().copied().collect();
    let mut rows = store::lock_accounts(work, &wanted).await?;
    let missing: Vec<AccountKey> = wanted.into_iter().filter(|key| !rows.contains_key(key)).collect();
    if !missing.is_empty() {
        store::insert_accounts(work, &missing).await?;
        rows.extend(store::lock_accounts(work, &missing).await?);
    }
    Ok(rows)
}

fn books_of(rows: &HashMap<AccountKey, AccountRow>) -> Books {
    Books::from_standings(rows.iter().map(|(key, row)| -> (AccountKey, Standing) { (*key, row.standing) }))
}
