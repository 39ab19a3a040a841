//! Comparing the bank's statement of a day with the books, and closing what differs.

use super::matching::{self, Item};
use super::{
    BankDifference, BankStatement, BookMove, DifferenceOf, DifferenceState, Flow, StatementLine, queries, store,
};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{BankDifferenceId, BankStatementId, DocumentId, OrganisationId};
use crate::parties::organisation::is_credit_code;
use crate::parties::queries as parties;
use crate::treasury::TreasuryRefusal;
use crate::treasury::payments::evidence::words_of;
use crate::treasury::payments::store::owners_of_codes;
use accounting::{JournalId, Money};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A file that was read.
#[derive(Debug, Clone)]
pub struct NewStatement {
    /// The identity that it gets, that of the operation that reads it.
    pub id: BankStatementId,
    /// Of which day.
    pub day: Date,
    /// The file.
    pub document: DocumentId,
    /// SHA-256 over it.
    pub sha256: String,
    /// Its lines.
    pub lines: Vec<StatementLine>,
}

/// Compares a statement of the caller's bank with the books. A file that was handed in before changes nothing; another file for the
/// same day takes the place of the former.
///
/// # Errors
/// [`TreasuryRefusal::StatementEarly`].
pub async fn reconcile(work: &mut Work, new: &NewStatement) -> Result<BankStatement, Failure> {
    let bank = work.caller().organisation;
    if new.day > work.today() {
        return Err(TreasuryRefusal::StatementEarly { today: work.today().to_string() }.into());
    }
    let versions = store::versions_of(work.connection(), bank, new.day).await?;
    if let Some(same) = versions.iter().find(|known| known.sha256 == new.sha256) {
        return Ok(same.clone());
    }
    let (_, moves) = queries::day_at(work.connection(), bank, new.day).await?;
    let moves = without_undone(moves);
    let owners = owners_in(work, &new.lines).await?;
    let bank_items: Vec<Item> = new.lines.iter().map(|line| item_of_line(line, &owners)).collect();
    let book_items: Vec<Item> = moves.iter().map(item_of_move).collect();
    let groups = matching::reconcile(&bank_items, &book_items);
    let statement = BankStatement {
        id: new.id,
        bank,
        day: new.day,
        number: versions.last().map_or(1, |last| last.number + 1),
        document: new.document,
        sha256: new.sha256.clone(),
        lines: i64::try_from(new.lines.len()).map_err(Failure::bug)?,
        movements: i64::try_from(moves.len()).map_err(Failure::bug)?,
        recorded_by: work.caller().user,
        recorded_at: work.now(),
    };
    supersede(work, bank, new.day).await?;
    store::insert_statement(work, &statement, &new.lines).await?;
    store::insert_matches(work, statement.id, &groups, &new.lines, &moves).await?;
    let in_bank: HashSet<usize> = groups.iter().flat_map(|group| group.bank.iter().copied()).collect();
    let in_book: HashSet<usize> = groups.iter().flat_map(|group| group.book.iter().copied()).collect();
    let alone = new.lines.iter().enumerate().filter(|(at, _)| !in_bank.contains(at));
    let of_bank = alone.map(|(_, line)| difference_of_line(work, &statement, line));
    let alone = moves.iter().enumerate().filter(|(at, _)| !in_book.contains(at));
    let differences: Vec<BankDifference> =
        of_bank.chain(alone.map(|(_, one)| difference_of_move(work, &statement, one))).collect();
    store::insert_differences(work, &differences).await?;
    let payload = json!({ "day": new.day.to_string(), "number": statement.number, "differences": differences.len() });
    work.tell(Event { kind: "bank_statement.reconciled", subject: statement.id.0, payload });
    Ok(statement)
}

/// The open differences of the former version end.
async fn supersede(work: &Work, bank: OrganisationId, day: Date) -> Result<(), Failure> {
    let (by, at) = (work.caller().user, work.now());
    let open = store::open_of(work, bank, day).await?;
    let locked = store::lock_differences(work, &open).await?.into_iter();
    // Somebody may have closed one meanwhile: it stays closed.
    let superseded: Vec<BankDifference> = locked.filter_map(|difference| difference.supersede(by, at).ok()).collect();
    store::save_differences(work, &superseded).await
}

/// A movement that was undone on the same day is nothing that the bank could have.
fn without_undone(moves: Vec<BookMove>) -> Vec<BookMove> {
    let known: HashSet<JournalId> = moves.iter().map(|one| one.journal).collect();
    let undone: HashSet<JournalId> =
        moves.iter().filter_map(|one| one.reverses).filter(|journal| known.contains(journal)).collect();
    let is_undone =
        |one: &BookMove| undone.contains(&one.journal) || one.reverses.is_some_and(|journal| undone.contains(&journal));
    moves.into_iter().filter(|one| !is_undone(one)).collect()
}

/// Organisations by the codes that stand in the texts of lines.
async fn owners_in(work: &Work, lines: &[StatementLine]) -> Result<HashMap<String, OrganisationId>, Failure> {
    let words: BTreeSet<String> = lines.iter().flat_map(|line| words_of(&line.text)).collect();
    let words: Vec<String> = words.into_iter().collect();
    let mut owners = HashMap::new();
    for words in words.chunks(WORDS) {
        let codes: Vec<String> = words.iter().filter(|word| is_credit_code(word)).cloned().collect();
        let found = parties::organisations_by_code(work.connection(), &codes).await?;
        owners.extend(found.into_values().map(|organisation| (organisation.code, organisation.id)));
        owners.extend(owners_of_codes(work, &words.iter().cloned().collect()).await?);
    }
    Ok(owners)
}

/// Words in one statement, so that they can be bound.
const WORDS: usize = 10_000;

fn of_reference(reference: &str) -> String {
    format!("reference {reference}")
}

fn of_organisation(organisation: OrganisationId) -> String {
    format!("organisation {organisation}")
}

/// What ties a line to movements: its reference, and every word and organisation that its text names.
fn item_of_line(line: &StatementLine, owners: &HashMap<String, OrganisationId>) -> Item {
    let words = words_of(&line.text);
    let named = words.iter().filter_map(|word| owners.get(word)).map(|organisation| of_organisation(*organisation));
    let references = words.iter().map(|word| of_reference(word)).chain([of_reference(&line.bank_reference)]);
    item(line.flow, line.amount, Some(line.bank_reference.clone()), references.chain(named).collect())
}

/// What ties a movement to lines: its reference, whose it is, and every word of its text.
fn item_of_move(one: &BookMove) -> Item {
    let words = words_of(&one.text).into_iter().map(|word| of_reference(&word));
    let own = one.bank_reference.as_deref().map(of_reference);
    let keys = words.chain(own).chain(one.organisation.map(of_organisation)).collect();
    item(one.flow, one.amount, one.bank_reference.clone(), keys)
}

fn item(flow: Flow, amount: Money, reference: Option<String>, keys: BTreeSet<String>) -> Item {
    Item { is_out: flow == Flow::Out, amount: amount.fen(), reference, keys }
}

fn difference_of_line(work: &Work, statement: &BankStatement, line: &StatementLine) -> BankDifference {
    BankDifference {
        id: BankDifferenceId::fresh(),
        statement: statement.id,
        bank: statement.bank,
        day: statement.day,
        of: DifferenceOf::Bank(line.line),
        bank_reference: Some(line.bank_reference.clone()),
        flow: line.flow,
        amount: line.amount,
        text: line.text.clone(),
        state: DifferenceState::Open,
        found_at: work.now(),
        version: 1,
    }
}

fn difference_of_move(work: &Work, statement: &BankStatement, one: &BookMove) -> BankDifference {
    BankDifference {
        id: BankDifferenceId::fresh(),
        statement: statement.id,
        bank: statement.bank,
        day: statement.day,
        of: DifferenceOf::Book(one.journal),
        bank_reference: one.bank_reference.clone(),
        flow: one.flow,
        amount: one.amount,
        text: one.text.clone(),
        state: DifferenceState::Open,
        found_at: work.now(),
        version: 1,
    }
}

/// A difference that somebody has looked into.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Which.
    pub difference: BankDifferenceId,
    /// The version that they saw.
    pub expected: Option<i64>,
    /// What they found.
    pub reason: String,
}

/// Closes differences of the caller's bank. That moves nothing and changes no right, so it leaves evidence and an event, and no journal.
///
/// # Errors
/// [`TreasuryRefusal::DifferenceClosed`].
pub async fn close(work: &mut Work, closings: &[Closing]) -> Result<Vec<BankDifference>, Failure> {
    let ids: Vec<uuid::Uuid> = closings.iter().map(|closing| closing.difference.0).collect();
    let locked = store::lock_differences(work, &ids).await?.into_iter();
    let mut own: HashMap<BankDifferenceId, BankDifference> = locked
        .filter(|difference| difference.bank == work.caller().organisation)
        .map(|difference| (difference.id, difference))
        .collect();
    let mut closed = Vec::with_capacity(closings.len());
    for closing in closings {
        let difference = own.remove(&closing.difference).ok_or_else(|| not_found("difference"))?;
        expect_version(closing.expected, difference.version)?;
        closed.push(difference.close(work.caller().user, work.now(), closing.reason.clone())?);
    }
    store::save_differences(work, &closed).await?;
    for difference in &closed {
        let payload = json!({ "version": difference.version });
        work.tell(Event { kind: "bank_difference.closed", subject: difference.id.0, payload });
    }
    Ok(closed)
}
