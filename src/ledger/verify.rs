//! Derives every balance and every leaf again from what was read, and names each row that differs. Every row is read once:
//! journals and entries come side by side in the order of journal ids, and while one page is decoded and checked the next is on its way.

use crate::db::BOOK;
use crate::kernel::{Failure, Progress};
use crate::ledger::reading::{Joining, Reading, Whole, read_trail};
use crate::ledger::totals::Sums;
use crate::ledger::{leaves, log, seals, totals};
use accounting::Purpose;
use accounting::note::TreeHead;
use accounting::verify::{AccountTrail, Difference, ReadAccount, ReadEntry};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Entries that may wait for those ahead of them: works that run side by side take their ids and their turns in different
/// orders, but seldom far apart. Bounds memory; see [`Checking::follow`].
const WAITING: usize = 5_000;

/// What the verification has read and found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Journals read.
    pub journals: i64,
    /// Entries read.
    pub entries: u64,
    /// Accounts read.
    pub accounts: u64,
    /// Evidence records read.
    pub records: u64,
    /// Everything that does not add up.
    pub differences: Vec<Difference>,
    /// How far the reading has come, in entries, journals and records.
    pub progress: Progress,
}

/// An account with what identifies it in a leaf, and its entries as far as they have come.
pub(super) struct Account {
    pub(super) owner: Uuid,
    pub(super) asset: Uuid,
    pub(super) purpose: String,
    pub(super) subject: Option<Uuid>,
    trail: AccountTrail,
    waiting: BTreeMap<i64, ReadEntry>,
    is_apart: bool,
}

/// The accounts of the book by row id.
pub(super) type Accounts = HashMap<Uuid, Account>;

/// Verifies the whole book and its log, read from one state of them. `kept` are checkpoints of the log that somebody kept.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify(books: &impl ConnectionTrait, kept: &[TreeHead], progress: &Progress) -> Result<Findings, Failure> {
    progress.expect(count_rows(books).await?);
    let mut checking = Checking::new(read_accounts(books).await?, progress.clone());
    let mut reading = Reading::new(books);
    let mut joining = Joining::default();
    let mut page = reading.next().await?;
    while let Some((rows, reached)) = page {
        let checked = tokio::task::spawn_blocking(move || {
            let taken = joining.take(rows, reached).map(|mut journals| checking.check(&mut journals));
            (taken, joining, checking)
        });
        let (next, checked) = tokio::join!(reading.next(), checked);
        let taken;
        (taken, joining, checking) = checked.map_err(Failure::bug)?;
        taken?;
        page = next?;
    }
    checking.follow_apart(books).await?;
    let sums = std::mem::take(&mut checking.sums);
    let movements = sums.by_month(&checking.accounts);
    let mut findings = checking.close();
    totals::check(books, sums, &mut findings).await?;
    seals::check(books, movements, &mut findings).await?;
    findings.differences.extend(log::verify::check(books, kept).await?);
    Ok(findings)
}

/// Entries, journals and records: what takes the time.
async fn count_rows(books: &impl ConnectionTrait) -> Result<u64, Failure> {
    let sql = "SELECT (SELECT count(*) FROM entries WHERE book_id = $1) + (SELECT count(*) FROM journals WHERE book_id = $1) \
               + (SELECT count(*) FROM evidence) AS number";
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()]);
    let row = books.query_one_raw(statement).await?;
    let number: Option<i64> = row.map(|row| row.try_get("", "number")).transpose()?;
    u64::try_from(number.unwrap_or_default()).map_err(Failure::bug)
}

struct Checking {
    accounts: Accounts,
    waiting: usize,
    sums: Sums,
    findings: Findings,
}

impl Checking {
    fn new(accounts: Accounts, progress: Progress) -> Self {
        let findings = Findings { accounts: accounts.len() as u64, progress, ..Findings::default() };
        Self { accounts, waiting: 0, sums: Sums::default(), findings }
    }

    fn check(&mut self, page: &mut [Whole]) {
        for journal in page {
            self.findings.progress.advance(1 + journal.sides.len() as u64);
            for side in &journal.sides {
                self.findings.entries += 1;
                self.sums.add(&side.entry, &side.effective_on);
                self.follow(&side.entry);
            }
            self.findings.differences.extend(leaves::broken_lines(journal, &self.accounts));
            if let Some(head) = journal.head.take() {
                self.findings.journals += 1;
                self.findings.differences.extend(leaves::changed(head, &journal.sides, &self.accounts));
            }
        }
    }

    /// Follows the account's entries in version order. One that is ahead of its turn waits; when too many wait, those of
    /// this account are forgotten and read again on their own at the end, in their order.
    fn follow(&mut self, entry: &ReadEntry) {
        let Some(account) = self.accounts.get_mut(&entry.account) else {
            self.findings.differences.push(entry.differs("its account is not in the books".to_owned()));
            return;
        };
        if account.is_apart {
            return;
        }
        let expected = account.trail.next_version();
        if entry.version < expected {
            self.findings.differences.push(entry.differs(format!("version {expected} was expected here")));
            return;
        }
        if entry.version > expected {
            account.waiting.insert(entry.version, *entry);
            self.waiting += 1;
            if self.waiting > WAITING {
                self.waiting -= account.waiting.len();
                account.waiting.clear();
                account.is_apart = true;
            }
            return;
        }
        self.findings.differences.extend(account.trail.follow(entry));
        while let Some(next) = account.waiting.remove(&account.trail.next_version()) {
            self.waiting -= 1;
            self.findings.differences.extend(account.trail.follow(&next));
        }
    }

    async fn follow_apart(&mut self, books: &impl ConnectionTrait) -> Result<(), Failure> {
        for (id, account) in self.accounts.iter_mut().filter(|(_, account)| account.is_apart) {
            let mut from = account.trail.next_version();
            loop {
                let entries = read_trail(books, *id, from).await?;
                let Some(last) = entries.last() else { break };
                from = last.version.saturating_add(1);
                for entry in &entries {
                    self.findings.differences.extend(account.trail.follow(entry));
                }
            }
        }
        Ok(())
    }

    fn close(self) -> Findings {
        let mut findings = self.findings;
        let mut accounts: Vec<(Uuid, Account)> = self.accounts.into_iter().collect();
        accounts.sort_unstable_by_key(|(id, _)| *id);
        for (_, mut account) in accounts {
            // What still waits stands behind a gap.
            for entry in account.waiting.values() {
                findings.differences.extend(account.trail.follow(entry));
            }
            findings.differences.extend(account.trail.close());
        }
        findings
    }
}

async fn read_accounts(books: &impl ConnectionTrait) -> Result<Accounts, Failure> {
    let sql = "SELECT id, owner_id, asset_id, purpose, subject_id, guarded, balance, version, last_recorded_at \
         FROM accounts WHERE book_id = $1";
    let rows =
        books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()])).await?;
    let read = |row: &QueryResult| -> Result<(Uuid, Account), Failure> {
        let purpose: String = row.try_get_by_index(3)?;
        let read = ReadAccount {
            id: row.try_get_by_index(0)?,
            asset: row.try_get_by_index(2)?,
            purpose: Purpose::parse(&purpose),
            guarded: row.try_get_by_index(5)?,
            balance: row.try_get_by_index(6)?,
            version: row.try_get_by_index(7)?,
            last_recorded_at: row.try_get_by_index(8)?,
        };
        let subject: Uuid = row.try_get_by_index(4)?;
        let account = Account {
            owner: row.try_get_by_index(1)?,
            asset: read.asset,
            purpose,
            subject: (!subject.is_nil()).then_some(subject),
            trail: AccountTrail::new(read),
            waiting: BTreeMap::new(),
            is_apart: false,
        };
        Ok((read.id, account))
    };
    rows.iter().map(read).collect()
}
