//! Rows of the bank's statements, of what was matched, and of differences.

use super::matching::{Group, Way};
use super::{BankDifference, BankStatement, BookMove, DifferenceOf, DifferenceState, Flow, Party, StatementLine};
use crate::db::Work;
use crate::db::failure::again_on_unique;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{self, BankDifferenceId, BankStatementId, DocumentId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::{JournalId, Money};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

entity!(bank_statements, "bank_statements", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    bank_id: Uuid,
    day: String,
    number: i64,
    document_id: Uuid,
    sha256: String,
    lines: i64,
    movements: i64,
    recorded_by: Uuid,
    recorded_at: i64,
});

entity!(bank_statement_lines, "bank_statement_lines", {
    #[sea_orm(primary_key, auto_increment = false)]
    statement_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    line: i64,
    bank_reference: String,
    direction: String,
    amount: i64,
    remittance_text: String,
});

entity!(bank_statement_matches, "bank_statement_matches", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    statement_id: Uuid,
    group_number: i64,
    way: String,
    side: String,
    line: Option<i64>,
    journal_id: Option<Uuid>,
});

entity!(bank_differences, "bank_differences", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    statement_id: Uuid,
    bank_id: Uuid,
    day: String,
    side: String,
    line: Option<i64>,
    journal_id: Option<Uuid>,
    bank_reference: Option<String>,
    direction: String,
    amount: i64,
    remittance_text: Option<String>,
    state: String,
    found_at: i64,
    closed_at: Option<i64>,
    closed_by: Option<Uuid>,
    reason: Option<String>,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: [Covered; 4] = [
    Covered::of::<bank_statements::Entity>(),
    Covered::of::<bank_statement_lines::Entity>(),
    Covered::of::<bank_statement_matches::Entity>(),
    Covered::of::<bank_differences::Entity>(),
];

/// One item of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Its identity.
    pub id: Uuid,
    /// The number of its group in the statement, from 1.
    pub group: i64,
    /// How the group came together.
    pub way: Way,
    /// The line of the file, or the journal of ours.
    pub of: DifferenceOf,
}

impl TryFrom<bank_statements::Model> for BankStatement {
    type Error = Failure;

    fn try_from(row: bank_statements::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: BankStatementId(row.id),
            bank: OrganisationId(row.bank_id),
            day: row.day.parse().map_err(Failure::bug)?,
            number: row.number,
            document: DocumentId(row.document_id),
            sha256: row.sha256,
            lines: row.lines,
            movements: row.movements,
            recorded_by: UserId(row.recorded_by),
            recorded_at: Moment::from_micros(row.recorded_at),
        })
    }
}

fn side_of(side: &str, line: Option<i64>, journal: Option<Uuid>) -> Result<DifferenceOf, Failure> {
    match (Party::parse(side), line, journal) {
        (Some(Party::Bank), Some(line), None) => Ok(DifferenceOf::Bank(u64::try_from(line).map_err(Failure::bug)?)),
        (Some(Party::Book), None, Some(journal)) => Ok(DifferenceOf::Book(JournalId(journal))),
        _ => Err(Failure::bug("an item of a statement stands on no side")),
    }
}

/// The columns of a side.
fn columns_of(of: DifferenceOf) -> Result<(String, Option<i64>, Option<Uuid>), Failure> {
    let side = of.party().as_str().to_owned();
    Ok(match of {
        DifferenceOf::Bank(line) => (side, Some(i64::try_from(line).map_err(Failure::bug)?), None),
        DifferenceOf::Book(journal) => (side, None, Some(journal.0)),
    })
}

impl TryFrom<bank_statement_matches::Model> for Matched {
    type Error = Failure;

    fn try_from(row: bank_statement_matches::Model) -> Result<Self, Failure> {
        let way = Way::parse(&row.way).ok_or_else(|| Failure::bug("an unknown way of matching"))?;
        Ok(Self { id: row.id, group: row.group_number, way, of: side_of(&row.side, row.line, row.journal_id)? })
    }
}

impl TryFrom<bank_differences::Model> for BankDifference {
    type Error = Failure;

    fn try_from(row: bank_differences::Model) -> Result<Self, Failure> {
        let lacks = || Failure::bug("a difference lacks what its state says");
        let ended = row.closed_by.map(UserId).zip(row.closed_at.map(Moment::from_micros));
        let state = match (row.state.as_str(), ended, row.reason) {
            ("open", None, None) => DifferenceState::Open,
            ("closed", Some((by, at)), Some(reason)) => DifferenceState::Closed { by, at, reason },
            ("superseded", Some((by, at)), None) => DifferenceState::Superseded { by, at },
            _ => return Err(lacks()),
        };
        Ok(Self {
            id: BankDifferenceId(row.id),
            statement: BankStatementId(row.statement_id),
            bank: OrganisationId(row.bank_id),
            day: row.day.parse().map_err(Failure::bug)?,
            of: side_of(&row.side, row.line, row.journal_id)?,
            bank_reference: row.bank_reference,
            flow: Flow::parse(&row.direction).ok_or_else(lacks)?,
            amount: Money::try_new(row.amount).map_err(Failure::bug)?,
            text: row.remittance_text.unwrap_or_default(),
            state,
            found_at: Moment::from_micros(row.found_at),
            version: row.version,
        })
    }
}

fn difference_row(difference: &BankDifference) -> Result<bank_differences::Model, Failure> {
    let (side, line, journal_id) = columns_of(difference.of)?;
    let (closed_by, closed_at, reason) = match &difference.state {
        DifferenceState::Open => (None, None, None),
        DifferenceState::Closed { by, at, reason } => (Some(by.0), Some(at.micros()), Some(reason.clone())),
        DifferenceState::Superseded { by, at } => (Some(by.0), Some(at.micros()), None),
    };
    Ok(bank_differences::Model {
        id: difference.id.0,
        statement_id: difference.statement.0,
        bank_id: difference.bank.0,
        day: difference.day.to_string(),
        side,
        line,
        journal_id,
        bank_reference: difference.bank_reference.clone(),
        direction: difference.flow.as_str().to_owned(),
        amount: difference.amount.fen(),
        remittance_text: Some(difference.text.clone()).filter(|text| !text.is_empty()),
        state: difference.state.as_str().to_owned(),
        found_at: difference.found_at.micros(),
        closed_at,
        closed_by,
        reason,
        version: difference.version,
    })
}

/// The versions of the statement of a day, oldest first.
pub async fn versions_of(
    connection: &impl ConnectionTrait,
    bank: OrganisationId,
    day: Date,
) -> Result<Vec<BankStatement>, Failure> {
    let rows = bank_statements::Entity::find()
        .filter(bank_statements::Column::BankId.eq(bank.0))
        .filter(bank_statements::Column::Day.eq(day.to_string()))
        .order_by_asc(bank_statements::Column::Number)
        .all(connection)
        .await?;
    rows.into_iter().map(BankStatement::try_from).collect()
}

/// Writes a version of a statement with its lines; who lost the race for its number runs again.
pub async fn insert_statement(work: &Work, statement: &BankStatement, lines: &[StatementLine]) -> Result<(), Failure> {
    let row = bank_statements::Model {
        id: statement.id.0,
        bank_id: statement.bank.0,
        day: statement.day.to_string(),
        number: statement.number,
        document_id: statement.document.0,
        sha256: statement.sha256.clone(),
        lines: statement.lines,
        movements: statement.movements,
        recorded_by: statement.recorded_by.0,
        recorded_at: statement.recorded_at.micros(),
    };
    let inserted = insert_all::<bank_statements::Entity, bank_statements::ActiveModel>(work, vec![row]).await;
    let of_day = |failure| again_on_unique(failure, "bank_statements_day", "bank_statements.number");
    let of_file = |failure| again_on_unique(failure, "bank_statements_file", "bank_statements.sha256");
    inserted.map_err(|failure| of_file(of_day(failure)))?;
    let row = |line: &StatementLine| -> Result<bank_statement_lines::Model, Failure> {
        Ok(bank_statement_lines::Model {
            statement_id: statement.id.0,
            line: i64::try_from(line.line).map_err(Failure::bug)?,
            bank_reference: line.bank_reference.clone(),
            direction: line.flow.as_str().to_owned(),
            amount: line.amount.fen(),
            remittance_text: line.text.clone(),
        })
    };
    let rows = lines.iter().map(row).collect::<Result<_, _>>()?;
    insert_all::<bank_statement_lines::Entity, bank_statement_lines::ActiveModel>(work, rows).await
}

/// Writes groups of lines and movements.
pub async fn insert_matches(
    work: &Work,
    statement: BankStatementId,
    groups: &[Group],
    lines: &[StatementLine],
    moves: &[BookMove],
) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for (number, group) in (1..).zip(groups) {
        let lines = group.bank.iter().map(|at| DifferenceOf::Bank(lines[*at].line));
        for of in lines.chain(group.book.iter().map(|at| DifferenceOf::Book(moves[*at].journal))) {
            let (side, line, journal_id) = columns_of(of)?;
            rows.push(bank_statement_matches::Model {
                id: ids::fresh(),
                statement_id: statement.0,
                group_number: number,
                way: group.way.as_str().to_owned(),
                side,
                line,
                journal_id,
            });
        }
    }
    insert_all::<bank_statement_matches::Entity, bank_statement_matches::ActiveModel>(work, rows).await
}

pub async fn insert_differences(work: &Work, differences: &[BankDifference]) -> Result<(), Failure> {
    let rows = differences.iter().map(difference_row).collect::<Result<_, _>>()?;
    insert_all::<bank_differences::Entity, bank_differences::ActiveModel>(work, rows).await
}

pub async fn save_differences(work: &Work, differences: &[BankDifference]) -> Result<(), Failure> {
    let rows = differences.iter().map(difference_row).collect::<Result<_, _>>()?;
    save_all::<bank_differences::Entity, bank_differences::ActiveModel>(work, rows).await
}

pub async fn lock_differences(work: &Work, ids: &[Uuid]) -> Result<Vec<BankDifference>, Failure> {
    let rows = lock_all::<bank_differences::Entity>(work, bank_differences::Column::Id, ids).await?;
    rows.into_iter().map(BankDifference::try_from).collect()
}

/// Ids of the open differences of a day.
pub async fn open_of(work: &Work, bank: OrganisationId, day: Date) -> Result<Vec<Uuid>, Failure> {
    let select = bank_differences::Entity::find()
        .filter(bank_differences::Column::BankId.eq(bank.0))
        .filter(bank_differences::Column::State.eq("open"))
        .filter(bank_differences::Column::Day.eq(day.to_string()))
        .select_only()
        .column(bank_differences::Column::Id);
    Ok(select.into_tuple().all(work.connection()).await?)
}
