//! One legal date of one account: what stood before it, what moved on it, what stands at its end.

use crate::db::BOOK;
use crate::kernel::Failure;
use accounting::{AccountKey, JournalId, JournalKind, SubjectKind};
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

/// What one journal moved of the account, as one sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which journal.
    pub journal: JournalId,
    /// What happened.
    pub kind: JournalKind,
    /// To what kind of thing.
    pub subject_kind: SubjectKind,
    /// To which thing.
    pub subject: Uuid,
    /// The journal that it undoes.
    pub reverses: Option<JournalId>,
    /// Smallest units, negative when they left.
    pub amount: i64,
}

/// A day of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Smallest units before the day.
    pub opening: i64,
    /// What moved, in the order of recording.
    pub moves: Vec<Move>,
    /// Smallest units at its end, as the totals of the book say.
    pub closing: i64,
}

/// The account's id and what is bound to name it.
const OF: &str = "SELECT id FROM accounts WHERE book_id = $1 AND owner_id = $2 AND asset_id = $3 AND purpose = $4 AND subject_id = $5";

/// A legal date of an account.
///
/// # Errors
/// A fault of the database.
pub async fn day_of(books: &impl ConnectionTrait, account: &AccountKey, day: Date) -> Result<Day, Failure> {
    let AccountKey { owner, asset, purpose, subject } = account;
    let subject = subject.map_or(Uuid::nil(), |subject| subject.0);
    let values: Vec<Value> = vec![
        BOOK.0.into(),
        owner.0.into(),
        asset.0.into(),
        purpose.as_str().into(),
        subject.into(),
        day.to_string().into(),
    ];
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN t.effective_on < $6 THEN t.amount ELSE 0 END), 0) AS bigint) AS opening, \
         CAST(COALESCE(SUM(t.amount), 0) AS bigint) AS closing FROM daily_totals t \
         WHERE t.book_id = $1 AND t.account_id IN ({OF}) AND t.effective_on <= $6"
    );
    let statement = |sql: &str| Statement::from_sql_and_values(books.get_database_backend(), sql, values.clone());
    let totals = books.query_one_raw(statement(&sql)).await?.ok_or_else(|| Failure::bug("a sum gave no row"))?;
    let sql = format!(
        "SELECT j.id, j.kind, j.subject_kind, j.subject_id, j.reverses_id, CAST(SUM(e.amount) AS bigint) AS amount \
         FROM journals j JOIN entries e ON e.book_id = j.book_id AND e.journal_id = j.id \
         WHERE j.book_id = $1 AND j.effective_on = $6 AND e.account_id IN ({OF}) \
         GROUP BY j.id, j.kind, j.subject_kind, j.subject_id, j.reverses_id ORDER BY MIN(e.version)"
    );
    let rows = books.query_all_raw(statement(&sql)).await?;
    let moves = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Day { opening: totals.try_get("", "opening")?, moves, closing: totals.try_get("", "closing")? })
}

fn read(row: &QueryResult) -> Result<Move, Failure> {
    let word = |column: &str| row.try_get::<String>("", column).map_err(Failure::from);
    let (kind, subject_kind) = (word("kind")?, word("subject_kind")?);
    Ok(Move {
        journal: JournalId(row.try_get("", "id")?),
        kind: JournalKind::parse(&kind).ok_or_else(|| Failure::bug(format!("unknown kind {kind}")))?,
        subject_kind: SubjectKind::parse(&subject_kind).ok_or_else(|| Failure::bug("an unknown subject"))?,
        subject: row.try_get("", "subject_id")?,
        reverses: row.try_get::<Option<Uuid>>("", "reverses_id")?.map(JournalId),
        amount: row.try_get("", "amount")?,
    })
}
