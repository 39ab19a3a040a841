//! Paying the usage fee (有偿使用费): with the last of it the rights come into being (财税〔2015〕61号).

use super::allocation::{Allocation, AllocationState};
use super::commands::{issued, journal, stock, tell};
use super::judge::load_cases;
use super::store;
use super::tenure::TenureRefusal;
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::ids::AllocationId;
use crate::ledger::{self, book_side, money_of};
use crate::treasury::TreasuryRefusal;
use accounting::{AccountKey, Books, Journal, JournalKind, Money, Purpose, recipes};

/// A payment of the organisation that the grant is for.
#[derive(Debug, Clone)]
pub struct FeePayment {
    /// Of which grant.
    pub allocation: AllocationId,
    /// The version that the payer saw.
    pub expected: Option<i64>,
    /// How much; what is left when none is named.
    pub amount: Option<Money>,
}

/// Pays towards the usage fee of a confirmed grant from the organisation's free money, to the treasury.
///
/// # Errors
/// Those of [`Allocation::pay`]; [`super::QuotaRefusal::AreaSuspended`]; [`TreasuryRefusal::MoneyShort`]; hidden when it is not the caller's organisation's.
pub async fn pay(work: &mut Work, payment: &FeePayment) -> Result<Allocation, Failure> {
    let locked = store::lock_allocations(work, &[payment.allocation]).await?.pop();
    let own = locked.filter(|allocation| allocation.organisation == work.caller().organisation);
    let allocation = own.ok_or_else(|| not_found("allocation"))?;
    expect_version(payment.expected, allocation.version)?;
    let case = load_cases(work, std::slice::from_ref(&allocation)).await?.pop();
    let case = case.ok_or_else(|| Failure::bug("a grant without its case"))?;
    // Nobody pays for what cannot come into being: the headroom stays held until the suspension is lifted.
    if let Some(refusal) = &case.room.suspension {
        return Err(refusal.clone().into());
    }
    let (allocation, amount) = allocation.pay(payment.amount)?;
    let money = money_of(allocation.organisation);
    let mut postings = recipes::pay_usage_fee(money, treasury(), amount)?;
    let is_active = matches!(allocation.state, AllocationState::Active(_));
    if is_active {
        let area = case.used_capacity();
        let (grant, quantity) = (allocation.id.into(), allocation.quantity);
        postings.extend(recipes::allocate_held(issued(&allocation), stock(&allocation), area, grant, quantity)?);
        postings.extend(recipes::retire_excess(stock(&allocation), area, allocation.excess())?);
    }
    let mut journals = [journal(work.today(), JournalKind::UsageFeePaid, &allocation, postings, None)];
    let books = expect_money(work, &journals, amount, &allocation).await?;
    recipes::take_reductions(&mut journals, &books)?;
    store::save_allocations(work, std::slice::from_ref(&allocation)).await?;
    ledger::post(work, &journals).await?;
    tell(work, if is_active { "allocation.active" } else { "allocation.fee_paid" }, std::slice::from_ref(&allocation));
    Ok(allocation)
}

/// Where usage fees are.
pub(super) fn treasury() -> AccountKey {
    book_side(ledger::CNY).account(Purpose::Treasury)
}

/// Lets grants that come to nothing give back what is theirs: their headroom, of which an area's pending reduction is taken first, and what
/// was paid of their fees, as far as the treasury has it. Every account of the journals is locked.
///
/// # Errors
/// [`TenureRefusal::TreasuryShort`].
pub(super) async fn give_back(work: &Work, journals: &mut [Journal], refunded: Money) -> Result<(), Failure> {
    if journals.iter().all(|journal| journal.postings.is_empty()) {
        return Ok(());
    }
    let mut accounts: Vec<_> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    if !refunded.is_zero() {
        let available = Money::try_new(books.balance(&treasury())).unwrap_or_default();
        if available.fen() < refunded.fen() {
            let (available, wanted) = (available.print(), refunded.print());
            return Err(Failure::from(TenureRefusal::TreasuryShort { available, wanted }).at(""));
        }
    }
    Ok(recipes::take_reductions(journals, &books)?)
}

/// Refuses what the organisation has not got, judged with every account of the journals locked; tells how these stand.
async fn expect_money(
    work: &Work,
    journals: &[Journal],
    amount: Money,
    allocation: &Allocation,
) -> Result<Books, Failure> {
    let account = money_of(allocation.organisation).available();
    let mut accounts: Vec<_> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    let available = books.balance(&account);
    if available < amount.fen() {
        let available = Money::try_new(available).map_err(Failure::bug)?.print();
        return Err(Failure::from(TreasuryRefusal::MoneyShort { available, wanted: amount.print() }).at(""));
    }
    Ok(books)
}
