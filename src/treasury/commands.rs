//! Confirming money in and out.

use super::error::TreasuryRefusal;
use super::movement::{Direction, MoneyMovement};
use super::payments::store as payments;
use super::store;
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, MoneyMovementId, OrganisationId};
use crate::kernel::{Failure, Refusal};
use crate::ledger::{self, LedgerRefusal, money_of};
use crate::parties::{OrganisationKind, PartyRefusal, queries};
use accounting::{Holding, Journal, JournalKind, Money, Purpose, Subject, SubjectKind, recipes};
use jiff::civil::Date;
use serde_json::json;

/// Money that the settlement bank received or paid out.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// Whose.
    pub organisation: OrganisationId,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Money,
    /// The settlement bank's own reference.
    pub bank_reference: String,
    /// The legal date; today when absent.
    pub effective_on: Option<Date>,
}

/// Confirms movements on behalf of the caller's settlement bank.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::SuspendedOrganisation`], [`TreasuryRefusal::ReferenceBooked`],
/// [`TreasuryRefusal::MoneyShort`], [`LedgerRefusal::FutureDate`], [`LedgerRefusal::PeriodSealed`].
pub async fn confirm(work: &mut Work, confirmations: &[Confirmation]) -> Result<Vec<MoneyMovement>, Failure> {
    let ids: Vec<OrganisationId> = confirmations.iter().map(|confirmation| confirmation.organisation).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    for id in &ids {
        let organisation = organisations.get(id).ok_or(PartyRefusal::UnknownOrganisation {})?;
        if organisation.kind != OrganisationKind::Enterprise {
            return Err(TreasuryRefusal::NoMoneyAccount { name: organisation.name.clone() }.into());
        }
        if !organisation.is_active() {
            return Err(PartyRefusal::SuspendedOrganisation { name: organisation.name.clone() }.into());
        }
    }
    let today = work.today();
    if confirmations.iter().any(|confirmation| confirmation.effective_on.is_some_and(|date| date > today)) {
        return Err(LedgerRefusal::FutureDate { today: today.to_string() }.into());
    }
    let movements: Vec<MoneyMovement> = confirmations
        .iter()
        .map(|confirmation| MoneyMovement {
            id: MoneyMovementId::fresh(),
            organisation: confirmation.organisation,
            direction: confirmation.direction,
            amount: confirmation.amount,
            bank_reference: confirmation.bank_reference.clone(),
            effective_on: confirmation.effective_on.unwrap_or(today),
            journal: ids::fresh_journal(),
            reversed_by: None,
            confirmed_by: work.caller().user,
            confirmed_at: work.now(),
        })
        .collect();
    store::insert(work, &movements).await.map_err(|failure| {
        let reference = confirmations.first().map(|first| first.bank_reference.clone()).unwrap_or_default();
        on_unique(failure, "money_movements_reference", "money_movements.bank_reference", || {
            TreasuryRefusal::ReferenceBooked { reference }
        })
    })?;
    book_references(work, &movements).await?;
    let outside = money_of(work.caller().organisation);
    judge_withdrawals(work, outside, &movements).await?;
    let journals = movements.iter().map(|movement| journal(outside, movement)).collect::<Result<Vec<_>, _>>()?;
    ledger::post(work, &journals).await.map_err(about_amount)?;
    for movement in &movements {
        work.tell(Event {
            kind: match movement.direction {
                Direction::Deposit => "money.deposited",
                Direction::Withdrawal => "money.withdrawn",
            },
            subject: movement.id.0,
            payload: json!({ "organisation": movement.organisation, "amount": movement.amount.print() }),
        });
    }
    Ok(movements)
}

/// Books the references of movements, which no payment may have either.
async fn book_references(work: &Work, movements: &[MoneyMovement]) -> Result<(), Failure> {
    let references = movements.iter().map(|movement| (movement.bank_reference.clone(), movement.id.0));
    payments::insert_references(work, payments::Booked::Movement, references).await.map_err(|failure| {
        let reference = movements.first().map(|first| first.bank_reference.clone()).unwrap_or_default();
        on_unique(failure, "bank_references_reference", "bank_references.reference", || {
            TreasuryRefusal::ReferenceBooked { reference }
        })
    })
}

/// What the books cannot count is the amount that was sent.
fn about_amount(failure: Failure) -> Failure {
    let overflow = LedgerRefusal::Overflow {}.violation().code;
    if failure.violations.iter().any(|violation| violation.code == overflow) { failure.at("amount") } else { failure }
}

/// Refuses withdrawals beyond what is free, judged on locked balances with what came before in the same batch.
async fn judge_withdrawals(work: &Work, outside: Holding, movements: &[MoneyMovement]) -> Result<(), Failure> {
    let mut keys: Vec<_> = movements.iter().map(|movement| money_of(movement.organisation).available()).collect();
    keys.push(outside.account(Purpose::Outside));
    let books = ledger::balances_under_lock(work, &keys).await?;
    let mut free = std::collections::HashMap::new();
    for movement in movements {
        let account = money_of(movement.organisation).available();
        let balance = free.entry(account).or_insert_with(|| books.balance(&account));
        match movement.direction {
            Direction::Deposit => *balance = balance.saturating_add(movement.amount.fen()),
            Direction::Withdrawal if *balance < movement.amount.fen() => {
                let available = Money::try_new(*balance).map_err(Failure::bug)?.print();
                return Err(TreasuryRefusal::MoneyShort { available, wanted: movement.amount.print() }.into());
            }
            Direction::Withdrawal => *balance -= movement.amount.fen(),
        }
    }
    Ok(())
}

fn journal(outside: Holding, movement: &MoneyMovement) -> Result<Journal, Failure> {
    let money = money_of(movement.organisation);
    let contra = outside.account(Purpose::Outside);
    let (kind, postings) = match movement.direction {
        Direction::Deposit => (JournalKind::MoneyDeposited, recipes::deposit(contra, money, movement.amount)?),
        Direction::Withdrawal => (JournalKind::MoneyWithdrawn, recipes::withdraw(contra, money, movement.amount)?),
    };
    let subject = Subject { kind: SubjectKind::MoneyMovement, id: movement.id.0, version: 1 };
    let journal = Journal::new(movement.journal, kind, subject, movement.effective_on, postings);
    Ok(journal.because(Some(movement.bank_reference.clone())))
}
