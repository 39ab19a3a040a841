//! Derives every balance again from the entries alone, and names each row that differs.

use crate::db::BOOK;
use crate::kernel::{Failure, Progress};
use crate::ledger::{leaves, log, seals, totals};
use accounting::Purpose;
use accounting::note::TreeHead;
use accounting::verify::{AccountTrail, Difference, ReadAccount, ReadEntry};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

/// Entries read at a time: bounds memory whatever the size of the book.
const CHUNK: u64 = 20_000;

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

/// Verifies the whole book and its log, read from one state of them. `kept` are checkpoints of the log that somebody kept.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify(books: &impl ConnectionTrait, kept: &[TreeHead], progress: &Progress) -> Result<Findings, Failure> {
    progress.expect(count_rows(books).await?);
    let mut findings = Findings { progress: progress.clone(), ..Findings::default() };
    follow_accounts(books, &mut findings).await?;
    check_journals(books, &mut findings).await?;
    leaves::check(books, &mut findings).await?;
    totals::check(books, &mut findings).await?;
    seals::check(books, &mut findings).await?;
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

/// Follows each account's entries in version order beside the account's own row.
async fn follow_accounts(books: &impl ConnectionTrait, findings: &mut Findings) -> Result<(), Failure> {
    let mut accounts = read_accounts(books).await?.into_iter().peekable();
    findings.accounts = accounts.len() as u64;
    let mut trail: Option<(Uuid, AccountTrail)> = None;
    let mut position = (Uuid::nil(), 0_i64);
    loop {
        let entries = read_entries(books, position).await?;
        let Some(last) = entries.last() else { break };
        position = (last.account, last.version);
        findings.entries += entries.len() as u64;
        findings.progress.advance(entries.len() as u64);
        for entry in &entries {
            while trail.as_ref().is_none_or(|(account, _)| *account != entry.account) {
                close(trail.take(), findings);
                let Some(account) = accounts.next_if(|account| account.id <= entry.account) else {
                    findings.differences.push(Difference {
                        table: "entries",
                        row: entry.row(),
                        fault: "its account is not in the books".to_owned(),
                    });
                    break;
                };
                trail = Some((account.id, AccountTrail::new(account)));
            }
            if let Some((_, trail)) = trail.as_mut().filter(|(account, _)| *account == entry.account) {
                findings.differences.extend(trail.follow(entry));
            }
        }
    }
    close(trail, findings);
    for account in accounts {
        findings.differences.extend(AccountTrail::new(account).close());
    }
    Ok(())
}

fn close(trail: Option<(Uuid, AccountTrail)>, findings: &mut Findings) {
    findings.differences.extend(trail.and_then(|(_, trail)| trail.close()));
}

async fn read_accounts(books: &impl ConnectionTrait) -> Result<Vec<ReadAccount>, Failure> {
    let sql = "SELECT id, asset_id, purpose, guarded, balance, version, last_recorded_at FROM accounts WHERE book_id = $1 ORDER BY id";
    let rows =
        books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()])).await?;
    let read = |row: &QueryResult| -> Result<ReadAccount, Failure> {
        Ok(ReadAccount {
            id: row.try_get("", "id")?,
            asset: row.try_get("", "asset_id")?,
            purpose: Purpose::parse(&row.try_get::<String>("", "purpose")?),
            guarded: row.try_get("", "guarded")?,
            balance: row.try_get("", "balance")?,
            version: row.try_get("", "version")?,
            last_recorded_at: row.try_get("", "last_recorded_at")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn read_entries(books: &impl ConnectionTrait, after: (Uuid, i64)) -> Result<Vec<ReadEntry>, Failure> {
    let sql = format!(
        "SELECT account_id, version, journal_id, line, amount, balance_after, recorded_at FROM entries \
         WHERE book_id = $1 AND (account_id, version) > ($2, $3) ORDER BY account_id, version LIMIT {CHUNK}"
    );
    let values = [BOOK.0.into(), after.0.into(), after.1.into()];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<ReadEntry, Failure> {
        Ok(ReadEntry {
            account: row.try_get("", "account_id")?,
            version: row.try_get("", "version")?,
            journal: row.try_get("", "journal_id")?,
            line: row.try_get("", "line")?,
            amount: row.try_get("", "amount")?,
            balance_after: row.try_get("", "balance_after")?,
            recorded_at: row.try_get("", "recorded_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Finds lines of journals that are not one positive amount leaving one account and entering another of the same asset at
/// the instant and on the date of their journal.
async fn check_journals(books: &impl ConnectionTrait, findings: &mut Findings) -> Result<(), Failure> {
    let sql = "SELECT e.journal_id, e.line, COUNT(*) AS sides, CAST(SUM(e.amount) AS bigint) AS total, \
         COUNT(DISTINCT a.asset_id) AS assets, \
         CAST(SUM(CASE WHEN j.id IS NULL THEN 1 ELSE 0 END) AS bigint) AS orphans, \
         CAST(SUM(CASE WHEN j.recorded_at <> e.recorded_at OR j.effective_on <> e.effective_on THEN 1 ELSE 0 END) AS bigint) AS misdated \
         FROM entries e \
         LEFT JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
         LEFT JOIN journals j ON j.book_id = e.book_id AND j.id = e.journal_id \
         WHERE e.book_id = $1 GROUP BY e.journal_id, e.line \
         HAVING COUNT(*) <> 2 OR SUM(e.amount) <> 0 OR COUNT(DISTINCT a.asset_id) <> 1 \
         OR SUM(CASE WHEN j.id IS NULL OR j.recorded_at <> e.recorded_at OR j.effective_on <> e.effective_on THEN 1 ELSE 0 END) > 0";
    let rows =
        books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()])).await?;
    for row in &rows {
        let (journal, line): (Uuid, i32) = (row.try_get("", "journal_id")?, row.try_get("", "line")?);
        let (sides, total): (i64, i64) = (row.try_get("", "sides")?, row.try_get("", "total")?);
        let (assets, orphans): (i64, i64) = (row.try_get("", "assets")?, row.try_get("", "orphans")?);
        let misdated: i64 = row.try_get("", "misdated")?;
        let fault = if orphans > 0 {
            "its journal is not in the books".to_owned()
        } else if sides != 2 || assets != 1 {
            format!("it has {sides} sides over {assets} assets")
        } else if total != 0 {
            format!("its sides sum to {total}, not to zero")
        } else {
            format!("{misdated} of its sides carry another instant or date than the journal")
        };
        findings.differences.push(Difference {
            table: "entries",
            row: format!("journal {journal} line {line}"),
            fault,
        });
    }
    Ok(())
}
