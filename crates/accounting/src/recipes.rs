//! What moves in each business event: the one place that knows which accounts an act debits and credits.
//!
//! The recipes do not judge. Whether an act is allowed is decided before, under the locks; a guarded account that would
//! fall below zero stops it in any case.

use crate::account::{AccountKey, Holding, Purpose, SubjectId};
use crate::balance::Books;
use crate::journal::Journal;
use crate::money::Money;
use crate::posting::{Posting, PostingFault};
use crate::quantity::Quantity;
use std::collections::{BTreeMap, HashMap};

mod encumbrance;
mod tenure;

pub use encumbrance::{
    Claim, Claimant, Delivery, Enforcement, Payee, enforce, execute_freeze, free_area, freeze, hold_proceeds,
    lift_freeze, pass_pledged, pay_out, release_in_line,
};
pub use tenure::{
    BuyBack, Renewal, buy_back, convert, expire, grant_surplus, renew, retire_excess, surrender, take_back,
};

/// The postings of an event, or the fault in how they were put together.
pub type Postings = Result<Vec<Posting>, PostingFault>;

/// Moves one amount, or nothing when it is zero.
fn step(from: AccountKey, to: AccountKey, amount: i64) -> Postings {
    if amount == 0 { Ok(Vec::new()) } else { Posting::transfer(from, to, amount).map(|posting| vec![posting]) }
}

fn together(steps: impl IntoIterator<Item = Postings>) -> Postings {
    steps.into_iter().collect::<Result<Vec<_>, _>>().map(|steps| steps.concat())
}

/// Where the capacity of an area stands, in grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CapStanding {
    /// The cap.
    pub cap: i64,
    /// Free of it.
    pub headroom: i64,
    /// In use beyond the cap: the pending reduction (待削减量).
    pub pending: i64,
}

impl CapStanding {
    /// The standing of an area in these books.
    pub fn of(books: &Books, area: Holding) -> Self {
        // The contra account stands below zero by what is authorised, overuse by what is used beyond it.
        let balance = |purpose| books.balance(&area.account(purpose));
        Self {
            cap: balance(Purpose::Authorised).saturating_neg(),
            headroom: balance(Purpose::Headroom),
            pending: balance(Purpose::Overuse).saturating_neg().max(0),
        }
    }

    /// The accounts that it is read from.
    pub fn accounts(area: Holding) -> [AccountKey; 3] {
        [Purpose::Authorised, Purpose::Headroom, Purpose::Overuse].map(|purpose| area.account(purpose))
    }
}

/// Sets a cap. A raise pays off what is pending and makes the rest free; a cut takes what is free, and what is in use beyond
/// the new cap becomes pending.
pub fn set_cap(area: Holding, now: CapStanding, cap: i64) -> Postings {
    let [authorised, free, overuse] = CapStanding::accounts(area);
    let change = cap.saturating_sub(now.cap);
    if change >= 0 {
        let paid_off = change.min(now.pending);
        together([step(authorised, overuse, paid_off), step(authorised, free, change - paid_off)])
    } else {
        let taken = (-change).min(now.headroom);
        together([step(free, authorised, taken), step(overuse, authorised, -change - taken)])
    }
}

/// The overuse accounts of the areas whose headroom these journals give back.
pub fn reduction_accounts(journals: &[Journal]) -> Vec<AccountKey> {
    let credited = journals.iter().flat_map(|journal| journal.postings.iter().map(Posting::to));
    credited.filter(|account| account.purpose == Purpose::Headroom).map(overuse_of).collect()
}

/// Takes pending reductions as use falls: what a journal gives back to an area's headroom goes to its overuse first, in
/// the same journal.
///
/// # Errors
/// [`PostingFault`].
pub fn take_reductions(journals: &mut [Journal], books: &Books) -> Result<(), PostingFault> {
    let mut pending: HashMap<AccountKey, i64> = HashMap::new();
    for journal in journals {
        let mut taken = Vec::new();
        for posting in journal.postings.iter().filter(|posting| posting.to().purpose == Purpose::Headroom) {
            let overuse = overuse_of(posting.to());
            let left = pending.entry(overuse).or_insert_with(|| books.balance(&overuse).saturating_neg().max(0));
            let amount = posting.amount().min(*left);
            *left -= amount;
            taken.extend(step(*posting.to(), overuse, amount)?);
        }
        journal.postings.extend(taken);
    }
    Ok(())
}

fn overuse_of(headroom: &AccountKey) -> AccountKey {
    AccountKey { purpose: Purpose::Overuse, ..*headroom }
}

/// Grants rights to a site and uses its area's headroom. The reserve's holdings use none (`area` is then absent).
pub fn allocate(issued: AccountKey, site: Holding, area: Option<Holding>, quantity: Quantity) -> Postings {
    let grams = quantity.grams();
    let rights = step(issued, site.available(), grams);
    let capacity = area.map(|area| step(area.account(Purpose::Headroom), area.account(Purpose::Used), grams));
    together([rights].into_iter().chain(capacity))
}

/// Money paid towards the usage fee (有偿使用费) of a grant: it is the treasury's.
pub fn pay_usage_fee(money: Holding, treasury: AccountKey, amount: Money) -> Postings {
    step(money.available(), treasury, amount.fen())
}

/// What was paid of the usage fee of a grant that comes to nothing goes back to whoever paid it.
pub fn refund_usage_fee(money: Holding, treasury: AccountKey, paid: Money) -> Postings {
    step(treasury, money.available(), paid.fen())
}

/// Grants rights whose headroom was held until their usage fee was paid.
pub fn allocate_held(
    issued: AccountKey,
    site: Holding,
    area: Option<Holding>,
    grant: SubjectId,
    quantity: Quantity,
) -> Postings {
    let grams = quantity.grams();
    let rights = step(issued, site.available(), grams);
    let capacity = area.map(|area| step(area.committed(grant), area.account(Purpose::Used), grams));
    together([rights].into_iter().chain(capacity))
}

/// One grant among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The class's contra account.
    pub issued: AccountKey,
    /// Stock of the site.
    pub site: Holding,
    /// The site's area; absent for the reserve.
    pub area: Option<Holding>,
    /// How much.
    pub quantity: Quantity,
}

/// Grants rights to many sites in one journal. What they use of an area's headroom moves as one sum, so that a batch touches the
/// few accounts of areas once each.
///
/// # Errors
/// [`PostingFault`]; a sum that the books cannot count is [`PostingFault::OutOfRange`].
pub fn allocate_together(grants: &[Grant]) -> Postings {
    let mut areas: BTreeMap<AccountKey, (Holding, i64)> = BTreeMap::new();
    let mut postings = Vec::with_capacity(grants.len());
    for grant in grants {
        let grams = grant.quantity.grams();
        postings.extend(step(grant.issued, grant.site.available(), grams)?);
        if let Some(area) = grant.area {
            let (_, sum) = areas.entry(area.account(Purpose::Headroom)).or_insert((area, 0));
            *sum = sum.checked_add(grams).ok_or(PostingFault::OutOfRange)?;
        }
    }
    for (headroom, (area, grams)) in areas {
        postings.extend(step(headroom, area.account(Purpose::Used), grams)?);
    }
    Ok(postings)
}

/// Money that the settlement bank received for an organisation.
pub fn deposit(outside: AccountKey, money: Holding, amount: Money) -> Postings {
    step(outside, money.available(), amount.fen())
}

/// Money that the settlement bank paid out to an organisation.
pub fn withdraw(outside: AccountKey, money: Holding, amount: Money) -> Postings {
    step(money.available(), outside, amount.fen())
}

/// Money that came in and that nobody could be matched to yet.
pub fn receive_unmatched(outside: AccountKey, book_money: Holding, amount: Money) -> Postings {
    step(outside, book_money.account(Purpose::Suspense), amount.fen())
}

/// Money in suspense that was found to be an organisation's.
pub fn match_payment(book_money: Holding, money: Holding, amount: Money) -> Postings {
    step(book_money.account(Purpose::Suspense), money.available(), amount.fen())
}

/// Money in suspense that goes back to whoever had paid it.
pub fn return_payment(outside: AccountKey, book_money: Holding, amount: Money) -> Postings {
    step(book_money.account(Purpose::Suspense), outside, amount.fen())
}

/// Holds rights for an offer or trade.
pub fn hold_rights(seller: Holding, trade: SubjectId, quantity: Quantity) -> Postings {
    step(seller.available(), seller.committed(trade), quantity.grams())
}

/// Holds money for a trade: the deposit, or a payment towards the total.
pub fn hold_money(buyer: Holding, trade: SubjectId, amount: Money) -> Postings {
    step(buyer.available(), buyer.committed(trade), amount.fen())
}

/// Passes rights to a trade that something else has held until now: a listing of which a part is bought, a lot that was awarded.
pub fn pass_rights(seller: Holding, holder: SubjectId, trade: SubjectId, quantity: Quantity) -> Postings {
    step(seller.committed(holder), seller.committed(trade), quantity.grams())
}

/// Passes money to a trade that something else has held until now: the deposit of a registration for an auction.
pub fn pass_money(buyer: Holding, holder: SubjectId, trade: SubjectId, amount: Money) -> Postings {
    step(buyer.committed(holder), buyer.committed(trade), amount.fen())
}

/// A deposit that a buyer loses who did not pay in time: it is the seller's, or the treasury's when the reserve sells. The rest of what is
/// held goes back by [`void`].
pub fn forfeit(buyer: Holding, trade: SubjectId, to: AccountKey, amount: Money) -> Postings {
    step(buyer.committed(trade), to, amount.fen())
}

/// Holds headroom of the buyer's area for an approved trade.
pub fn hold_headroom(area: Holding, trade: SubjectId, quantity: Quantity) -> Postings {
    step(area.account(Purpose::Headroom), area.committed(trade), quantity.grams())
}

/// What happens to the areas when rights change place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaMove {
    /// The buyer's area, whose headroom was held for the trade.
    pub buyer: Holding,
    /// The seller's area; absent when the reserve sells, because its holdings used no headroom.
    pub seller: Option<Holding>,
}

/// Delivery versus payment (券款对付).
#[derive(Debug, Clone, Copy)]
pub struct Settlement {
    /// Which trade.
    pub trade: SubjectId,
    /// Stock of the seller's site.
    pub seller: Holding,
    /// Stock of the buyer's site, of the class that it gets.
    pub buyer: Holding,
    /// Where an override of the boundary lets the rights into another zone: the `converted` accounts of the class that the seller gives and of
    /// the one that the buyer gets. Absent when both are the same.
    pub conversion: Option<(AccountKey, AccountKey)>,
    /// How much.
    pub quantity: Quantity,
    /// The buyer's money.
    pub buyer_money: Holding,
    /// Where the proceeds go: the seller's available money, or the treasury when the reserve sells.
    pub proceeds: AccountKey,
    /// The agreed total.
    pub total: Money,
    /// The exchange's fee and its account: borne by the seller, out of the total. Absent where none is taken.
    pub fee: Option<(AccountKey, Money)>,
    /// Absent when both sites lie in the same area.
    pub areas: Option<AreaMove>,
}

/// Rights against money in one journal, with the areas gram for gram.
pub fn settle(terms: &Settlement) -> Postings {
    let grams = terms.quantity.grams();
    let (given, got) = (terms.seller.committed(terms.trade), terms.buyer.available());
    let rights = match terms.conversion {
        None => step(given, got, grams),
        Some((old, new)) => together([step(given, old, grams), step(new, got, grams)]),
    };
    let from = terms.buyer_money.committed(terms.trade);
    let taken = terms.fee.map_or(0, |(_, fee)| fee.fen().min(terms.total.fen()));
    let fee = terms.fee.map(|(fees, _)| step(from, fees, taken));
    let money = step(from, terms.proceeds, terms.total.fen() - taken);
    together([rights, money].into_iter().chain(fee).chain(move_areas(terms.trade, terms.areas, grams)))
}

/// The areas, gram for gram: what was held of the buyer's is used, and the seller's use falls.
fn move_areas(trade: SubjectId, areas: Option<AreaMove>, grams: i64) -> impl Iterator<Item = Postings> {
    areas.into_iter().flat_map(move |areas| {
        let used = step(areas.buyer.committed(trade), areas.buyer.account(Purpose::Used), grams);
        let freed = areas.seller.map(|area| step(area.account(Purpose::Used), area.account(Purpose::Headroom), grams));
        [used].into_iter().chain(freed)
    })
}

/// What a trade still holds, so that it can be undone to the gram and the fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// The seller's stock and the grams held of it.
    pub rights: Option<(Holding, i64)>,
    /// The buyer's money and the fen held of it.
    pub money: Option<(Holding, i64)>,
    /// The buyer's area and the grams of headroom held of it.
    pub headroom: Option<(Holding, i64)>,
}

/// Undoes the holds of a trade that will not settle.
pub fn void(trade: SubjectId, held: &Held) -> Postings {
    let back = |stock: Option<(Holding, i64)>, home: Purpose| {
        stock.map(|(holding, amount)| step(holding.committed(trade), holding.account(home), amount))
    };
    together(
        [
            back(held.rights, Purpose::Available),
            back(held.money, Purpose::Available),
            back(held.headroom, Purpose::Headroom),
        ]
        .into_iter()
        .flatten(),
    )
}

/// Registers a lien on what is available.
pub fn pledge(site: Holding, lien: SubjectId, quantity: Quantity) -> Postings {
    step(site.available(), site.pledged(lien), quantity.grams())
}

/// Gives back what a lien holds, in whole or in part.
pub fn release(site: Holding, lien: SubjectId, quantity: Quantity) -> Postings {
    step(site.pledged(lien), site.available(), quantity.grams())
}
