//! Undoing a match that a person made by mistake (撤销认领): a counter-journal dated today, linked to the journal of the match, takes
//! the money back to suspense, as long as all of it is still free. The payment waits for a decision again.

use super::commands::lock;
use super::payment::{Payment, PaymentState, Ruling, TowardsTrade};
use super::store;
use super::trades::{PayableTrades, Standing};
use super::{commands, reference_of};
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::{self, OrganisationId, PaymentId};
use crate::ledger::{self, money_of, recorded};
use crate::treasury::TreasuryRefusal;
use accounting::{Money, Subject, SubjectKind};

/// A match that is to be undone.
#[derive(Debug, Clone)]
pub struct Undoing {
    /// Of which payment.
    pub payment: PaymentId,
    /// The version that they saw.
    pub expected: Option<i64>,
    /// Why.
    pub reason: String,
}

/// Takes a payment that was matched by hand back to suspense.
///
/// # Errors
/// [`TreasuryRefusal::NotMatchedByHand`], [`TreasuryRefusal::PaymentSpent`], [`TreasuryRefusal::MoneyShort`].
pub async fn undo(work: &mut Work, trades: &dyn PayableTrades, wanted: &Undoing) -> Result<Payment, Failure> {
    let before = lock(work, wanted.payment, wanted.expected).await?;
    let matched_at = before.version;
    if let PaymentState::Matched { towards: Some(towards), .. } = &before.state {
        refuse_spent(work, trades, towards).await?;
    }
    let ruling = Ruling { reason: wanted.reason.clone(), by: work.caller().user, at: work.now() };
    let (payment, organisation) = before.unmatched(ruling)?;
    refuse_gone(work, organisation, payment.told.amount).await?;
    let found = recorded::journal_of(work, payment.id.0, matched_at).await?;
    let mistake = found.ok_or_else(|| Failure::bug("a payment was matched without a journal"))?;
    let mut counter = mistake.reversal(ids::fresh_journal(), work.today()).because(Some(wanted.reason.clone()));
    counter.subject = Subject { kind: SubjectKind::Payment, id: payment.id.0, version: payment.version };
    ledger::post(work, &[counter]).await?;
    store::save_payment(work, &payment).await?;
    commands::tell(work, std::slice::from_ref(&payment));
    Ok(payment)
}

/// Refuses where a trade has taken of it. Of a trade that came to nothing the money is free again.
async fn refuse_spent(work: &Work, trades: &dyn PayableTrades, towards: &TowardsTrade) -> Result<(), Failure> {
    let Some(trade) = towards.trade.filter(|_| !towards.paid.is_zero()) else { return Ok(()) };
    let reference = reference_of(trade);
    // The trade is locked before the money moves, as everybody else locks it.
    let named = trades.named(work, std::slice::from_ref(&reference)).await?;
    let is_over = |standing| matches!(standing, Standing::Over | Standing::Expired);
    if named.iter().all(|one| is_over(one.standing)) {
        return Ok(());
    }
    Err(TreasuryRefusal::PaymentSpent { reference }.into())
}

/// Refuses where less than the whole payment is free, judged on the locked balance.
async fn refuse_gone(work: &Work, organisation: OrganisationId, amount: Money) -> Result<(), Failure> {
    let account = money_of(organisation).available();
    let free = ledger::balances_under_lock(work, &[account]).await?.balance(&account);
    if free < amount.fen() {
        let available = Money::try_new(free).map_err(Failure::bug)?.print();
        return Err(Failure::from(TreasuryRefusal::MoneyShort { available, wanted: amount.print() }).at(""));
    }
    Ok(())
}
