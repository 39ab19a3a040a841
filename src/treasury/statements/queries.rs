//! Reading the bank's statements and differences, and what the books moved at a bank on a day.

use super::store::{self, Matched, bank_differences, bank_statement_matches, bank_statements};
use super::{BankDifference, BankStatement, BookMove, Flow};
use crate::access::{Action, Caller, Scope};
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::{BankStatementId, OrganisationId};
use crate::kernel::page::{Page, PageRequest};
use crate::ledger::day::{Day, Move, day_of};
use crate::ledger::money_of;
use crate::treasury::payments::store::payments;
use crate::treasury::store::money_movements;
use accounting::{JournalKind, Money, Purpose, SubjectKind};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// Everything for the auditor, its own for a settlement bank, nothing for others.
fn visible<C: ColumnTrait>(caller: &Caller, bank: C) -> Condition {
    if caller.scope() == Scope::Everything {
        return Condition::all();
    }
    let of = if caller.carries(Action::ConfirmMoney) { caller.organisation.0 } else { Uuid::nil() };
    Condition::all().add(bank.eq(of))
}

/// Whether the caller may see what moved at a bank.
pub fn may_see(caller: &Caller, bank: OrganisationId) -> bool {
    caller.scope() == Scope::Everything || (caller.carries(Action::ConfirmMoney) && caller.organisation == bank)
}

/// Statements that the caller may see, of one day when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_statements(
    db: &Db,
    caller: &Caller,
    day: Option<Date>,
    page: &PageRequest,
) -> Result<Page<BankStatement>, Failure> {
    let mut select = bank_statements::Entity::find().filter(visible(caller, bank_statements::Column::BankId));
    if let Some(day) = day {
        select = select.filter(bank_statements::Column::Day.eq(day.to_string()));
    }
    let rows = rows::page(select, bank_statements::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(BankStatement::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |statement| statement.id.0))
}

/// What was matched in a statement.
///
/// # Errors
/// A fault of the database.
pub async fn list_matches(db: &Db, statement: BankStatementId, page: &PageRequest) -> Result<Page<Matched>, Failure> {
    let select =
        bank_statement_matches::Entity::find().filter(bank_statement_matches::Column::StatementId.eq(statement.0));
    let rows = rows::page(select, bank_statement_matches::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Matched::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |matched| matched.id))
}

/// Differences that the caller may see, in one state and of one statement when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_differences(
    db: &Db,
    caller: &Caller,
    (state, statement): (Option<&str>, Option<Uuid>),
    page: &PageRequest,
) -> Result<Page<BankDifference>, Failure> {
    let mut select = bank_differences::Entity::find().filter(visible(caller, bank_differences::Column::BankId));
    if let Some(state) = state {
        select = select.filter(bank_differences::Column::State.eq(state));
    }
    if let Some(statement) = statement {
        select = select.filter(bank_differences::Column::StatementId.eq(statement));
    }
    let rows = rows::page(select, bank_differences::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(BankDifference::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |difference| difference.id.0))
}

/// The versions of the statement of a day, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn versions_of(
    connection: &impl ConnectionTrait,
    bank: OrganisationId,
    day: Date,
) -> Result<Vec<BankStatement>, Failure> {
    store::versions_of(connection, bank, day).await
}

/// A day of the account outside of a bank, with what each journal moved in the bank's words.
///
/// # Errors
/// A fault of the database.
pub async fn day_at(
    books: &impl ConnectionTrait,
    bank: OrganisationId,
    day: Date,
) -> Result<(Day, Vec<BookMove>), Failure> {
    let found = day_of(books, &money_of(bank).account(Purpose::Outside), day).await?;
    let subjects = |kind| found.moves.iter().filter(move |one| one.subject_kind == kind).map(|one| one.subject);
    let movements = movements_by_id(books, subjects(SubjectKind::MoneyMovement)).await?;
    let payments = payments_by_id(books, subjects(SubjectKind::Payment)).await?;
    let moves = found.moves.iter().map(|one| book_move(one, &movements, &payments)).collect::<Result<_, _>>()?;
    Ok((found, moves))
}

async fn movements_by_id(
    books: &impl ConnectionTrait,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, money_movements::Model>, Failure> {
    let (ids, mut found): (Vec<Uuid>, HashMap<_, _>) = (ids.collect(), HashMap::new());
    for chunk in ids.chunks(IDS) {
        let wanted = money_movements::Column::Id.is_in(chunk.iter().copied());
        let rows = money_movements::Entity::find().filter(wanted).all(books).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

async fn payments_by_id(
    books: &impl ConnectionTrait,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, payments::Model>, Failure> {
    let (ids, mut found): (Vec<Uuid>, HashMap<_, _>) = (ids.collect(), HashMap::new());
    for chunk in ids.chunks(IDS) {
        let rows = payments::Entity::find().filter(payments::Column::Id.is_in(chunk.iter().copied()));
        found.extend(rows.all(books).await?.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// Ids in one statement, so that they can be bound.
const IDS: usize = 20_000;

fn book_move(
    one: &Move,
    movements: &HashMap<Uuid, money_movements::Model>,
    payments: &HashMap<Uuid, payments::Model>,
) -> Result<BookMove, Failure> {
    // The contra account falls by what the bank has more.
    let flow = if one.amount < 0 { Flow::In } else { Flow::Out };
    let amount = one.amount.checked_abs().ok_or_else(|| Failure::bug("an amount cannot be turned around"))?;
    let (movement, payment) = (movements.get(&one.subject), payments.get(&one.subject));
    let (bank_reference, organisation, text) = match (movement, payment, one.kind) {
        (Some(row), _, _) => (Some(row.bank_reference.clone()), Some(row.organisation_id), String::new()),
        (_, Some(row), JournalKind::PaymentReturned) => (row.return_reference.clone(), None, String::new()),
        (_, Some(row), _) => (Some(row.bank_reference.clone()), row.organisation_id, row.remittance_text.clone()),
        _ => (None, None, String::new()),
    };
    Ok(BookMove {
        journal: one.journal,
        reverses: one.reverses,
        kind: one.kind.as_str(),
        bank_reference,
        organisation: organisation.map(OrganisationId),
        flow,
        amount: Money::try_new(amount).map_err(Failure::bug)?,
        text,
    })
}
