//! Accounting periods (会计期间): months that are sealed one after the other once they are over. A seal is a hash over the
//! month's journals and its trial balance by effective date (docs/SEAL-FORMAT.md), and a journal of its own, so that it is
//! proved like every other act. Everything that was recorded before it is in the transparency log by then. Nothing is posted into a sealed
//! month: see `store::insert_journals`.

use crate::db::{BOOK, Db, Work};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, PeriodId, UserId};
use crate::kernel::{Failure, Moment};
use crate::ledger::error::LedgerRefusal;
use crate::ledger::log::sequencer;
use crate::ledger::{leaves, post};
use accounting::seal::{RunningLeaves, Seal, SealedBalance};
use accounting::{Journal, JournalId, JournalKind, Month, Subject, SubjectKind, hexadecimal};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::json;
use uuid::Uuid;

/// A month that is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPeriod {
    /// Its identity: what the journal of the seal is about.
    pub id: PeriodId,
    /// Which month.
    pub month: Month,
    /// When it was sealed, in business time.
    pub sealed_at: Moment,
    /// Who sealed it.
    pub sealed_by: UserId,
    /// How many journals are effective in it.
    pub journals: i64,
    /// SHA-256 over their leaf hashes.
    pub leaves_hash: Vec<u8>,
    /// The seal of the month before.
    pub previous: Option<Vec<u8>>,
    /// The seal.
    pub seal_hash: Vec<u8>,
    /// The journal by which the seal is part of the books.
    pub journal: JournalId,
}

/// A month of the book, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Period {
    /// Not over yet.
    Open(Month),
    /// Over, and not sealed.
    Closed(Month),
    /// Nothing can be dated in it any more.
    Sealed(SealedPeriod),
}

/// Seals a month. The work must be alone ([`Db::run_alone`]), so that nobody still posts into it.
///
/// # Errors
/// [`LedgerRefusal::NotTheWholeBook`], [`LedgerRefusal::PeriodNotClosed`], [`LedgerRefusal::PeriodAlreadySealed`],
/// [`LedgerRefusal::PeriodOutOfOrder`], [`LedgerRefusal::NothingToSeal`].
pub async fn seal(work: &mut Work, month: Month) -> Result<SealedPeriod, Failure> {
    if work.caller().area_path.contains('/') {
        return Err(LedgerRefusal::NotTheWholeBook {}.into());
    }
    let last = read_periods(work.connection()).await?.pop();
    judge(work, month, last.as_ref()).await?;
    // What is sealed is signed by the log first, so that the seal stands on nothing that could still change unseen.
    sequencer::take_in(work).await?;
    let previous = last.map(|last| last.seal_hash);
    let chained = previous.as_deref().map(<[u8; 32]>::try_from).transpose().map_err(Failure::bug)?;
    let leaves = leaves_of(work.connection(), month).await?.finish();
    let balances = balances_at_end_of(work, month).await?;
    let seal = Seal::new(work.book().0, month, chained, leaves, balances);
    let id = PeriodId::fresh();
    let subject = Subject { kind: SubjectKind::Period, id: id.0, version: 1 };
    let journal = Journal::new(ids::fresh_journal(), JournalKind::PeriodSealed, subject, work.today(), Vec::new())
        .because(Some(month.to_string()))
        .proved_by(Some(hexadecimal(&seal.hash())));
    let posted = post(work, &[journal]).await?;
    let posted = posted.first().ok_or_else(|| Failure::bug("a journal was not posted"))?;
    let period = SealedPeriod {
        id,
        month,
        sealed_at: posted.recorded_at,
        sealed_by: work.caller().user,
        journals: leaves.count,
        leaves_hash: leaves.hash.to_vec(),
        previous,
        seal_hash: seal.hash().to_vec(),
        journal: posted.id,
    };
    insert(work, &period).await?;
    let payload = json!({ "month": month.to_string(), "seal_hash": hexadecimal(&period.seal_hash) });
    work.tell(Event { kind: "period.sealed", subject: id.0, payload });
    Ok(period)
}

/// Whether it is this month's turn.
async fn judge(work: &Work, month: Month, last: Option<&SealedPeriod>) -> Result<(), Failure> {
    let today = work.today();
    if month >= Month::of(today) {
        return Err(LedgerRefusal::PeriodNotClosed { month: month.to_string(), today: today.to_string() }.into());
    }
    if let Some(last) = last.filter(|last| month <= last.month) {
        let (month, through) = (month.to_string(), last.month.to_string());
        return Err(LedgerRefusal::PeriodAlreadySealed { month, through }.into());
    }
    let next = match last {
        Some(last) => last.month.next(),
        None => first_month(work.connection()).await?,
    };
    match next {
        None => Err(LedgerRefusal::NothingToSeal {}.into()),
        Some(next) if next != month => Err(LedgerRefusal::PeriodOutOfOrder { next: next.to_string() }.into()),
        Some(_) => Ok(()),
    }
}

/// The month of the earliest legal date in the book.
pub(super) async fn first_month(books: &impl ConnectionTrait) -> Result<Option<Month>, Failure> {
    let sql = "SELECT MIN(effective_on) AS day FROM journals WHERE book_id = $1";
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()]);
    let row = books.query_one_raw(statement).await?;
    let day: Option<String> = row.map(|row| row.try_get("", "day")).transpose()?.flatten();
    Ok(day.and_then(|day| day.get(..7).and_then(Month::parse)))
}

/// The leaf hashes of the journals that are effective in a month, in the order of (recorded instant, id).
async fn leaves_of(books: &impl ConnectionTrait, month: Month) -> Result<RunningLeaves, Failure> {
    let sql = "SELECT MIN(recorded_at) AS first, MAX(recorded_at) AS last FROM journals \
         WHERE book_id = $1 AND effective_on >= $2 AND effective_on <= $3";
    let values = [BOOK.0.into(), month.first_day().to_string().into(), month.last_day().to_string().into()];
    let row = books.query_one_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let mut running = RunningLeaves::default();
    let (first, last): (Option<i64>, Option<i64>) = match row {
        Some(row) => (row.try_get("", "first")?, row.try_get("", "last")?),
        None => (None, None),
    };
    if let Some((first, last)) = first.zip(last) {
        // Back-dated journals stand among those of later months, so the span of their instants is read and sifted.
        let days = [month.first_day(), month.last_day()].map(|day| day.to_string());
        leaves::each_in_order(books, (first, last), |journal| {
            if (days[0].as_str()..=days[1].as_str()).contains(&journal.effective_on.as_str()) {
                running.take(&journal.leaf_hash);
            }
        })
        .await?;
    }
    Ok(running)
}

/// The trial balance by effective date at the end of a month.
async fn balances_at_end_of(work: &Work, month: Month) -> Result<Vec<SealedBalance>, Failure> {
    let sql = "SELECT a.asset_id, a.purpose, CAST(SUM(t.amount) AS bigint) AS units FROM daily_totals t \
         JOIN accounts a ON a.book_id = t.book_id AND a.id = t.account_id \
         WHERE t.book_id = $1 AND t.effective_on <= $2 GROUP BY a.asset_id, a.purpose";
    let values = vec![work.book().0.into(), month.last_day().to_string().into()];
    let rows = work.connection().query_all_raw(work.statement(sql, values)).await?;
    let read = |row: &QueryResult| -> Result<SealedBalance, Failure> {
        Ok(SealedBalance {
            asset: row.try_get("", "asset_id")?,
            purpose: row.try_get("", "purpose")?,
            units: row.try_get("", "units")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn insert(work: &Work, period: &SealedPeriod) -> Result<(), Failure> {
    let sql = "INSERT INTO periods (book_id, month, id, sealed_at, sealed_by, journals, leaves_hash, previous_hash, seal_hash, \
         journal_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = vec![
        work.book().0.into(),
        period.month.to_string().into(),
        period.id.0.into(),
        period.sealed_at.micros().into(),
        period.sealed_by.0.into(),
        period.journals.into(),
        period.leaves_hash.clone().into(),
        period.previous.clone().into(),
        period.seal_hash.clone().into(),
        period.journal.0.into(),
    ];
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// The sealed months in their order.
async fn read_periods(books: &impl ConnectionTrait) -> Result<Vec<SealedPeriod>, Failure> {
    let periods = read_rows(books).await?.into_iter();
    periods.map(|row| row.map_err(|month| Failure::bug(format!("{month} is no month")))).collect()
}

/// The rows of sealed months in their order; of one whose month is none, only what stands there.
pub(super) async fn read_rows(books: &impl ConnectionTrait) -> Result<Vec<Result<SealedPeriod, String>>, Failure> {
    let sql = "SELECT month, id, sealed_at, sealed_by, journals, leaves_hash, previous_hash, seal_hash, journal_id \
         FROM periods WHERE book_id = $1 ORDER BY month";
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, [BOOK.0.into()]);
    let rows = books.query_all_raw(statement).await?;
    let read = |row: &QueryResult| -> Result<Result<SealedPeriod, String>, Failure> {
        let text: String = row.try_get("", "month")?;
        let Some(month) = Month::parse(&text) else { return Ok(Err(text)) };
        Ok(Ok(SealedPeriod {
            id: PeriodId(row.try_get("", "id")?),
            month,
            sealed_at: Moment::from_micros(row.try_get("", "sealed_at")?),
            sealed_by: UserId(row.try_get("", "sealed_by")?),
            journals: row.try_get("", "journals")?,
            leaves_hash: row.try_get("", "leaves_hash")?,
            previous: row.try_get("", "previous_hash")?,
            seal_hash: row.try_get("", "seal_hash")?,
            journal: JournalId(row.try_get::<Uuid>("", "journal_id")?),
        }))
    };
    rows.iter().map(read).collect()
}

/// Every month of the book from its first legal date to the current one.
///
/// # Errors
/// A fault of the database.
pub async fn list_periods(db: &Db) -> Result<Vec<Period>, Failure> {
    let sealed = read_periods(db.reader()).await?;
    let mut next = match sealed.last() {
        Some(last) => last.month.next(),
        None => first_month(db.reader()).await?,
    };
    let mut periods: Vec<Period> = sealed.into_iter().map(Period::Sealed).collect();
    let current = Month::of(db.clock().business_day());
    while let Some(month) = next.filter(|month| *month <= current) {
        periods.push(if month < current { Period::Closed(month) } else { Period::Open(month) });
        next = month.next();
    }
    Ok(periods)
}
