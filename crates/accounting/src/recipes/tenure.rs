//! What moves when a right ends, goes back to the government, or turns into one of another class.

use super::{Postings, step, together};
use crate::account::{AccountKey, Holding, Purpose};
use crate::money::Money;
use crate::quantity::Quantity;

/// Rights leave an account for good or for the reserve, and the area's use falls by as much. Holdings of the reserve used no
/// headroom: `area` is then absent.
fn leave(from: AccountKey, to: AccountKey, area: Option<Holding>, quantity: Quantity) -> Postings {
    let grams = quantity.grams();
    let rights = step(from, to, grams);
    let freed = area.map(|area| step(area.account(Purpose::Used), area.account(Purpose::Headroom), grams));
    together([rights].into_iter().chain(freed))
}

/// The same owner's account for another end.
fn of_same_owner(from: AccountKey, purpose: Purpose) -> AccountKey {
    AccountKey { purpose, subject: None, ..from }
}

/// Rights given up for good: from what is available or, after the defined notice, from what is pledged, committed or frozen.
pub fn surrender(from: AccountKey, area: Option<Holding>, quantity: Quantity) -> Postings {
    leave(from, of_same_owner(from, Purpose::Retired), area, quantity)
}

/// What a replacement ratio (替代比例) above 1:1 takes of rights that a site has just got: so many grams are given up for good, and
/// its area's use falls by as much. The reserve's holdings use no headroom: `area` is then absent.
pub fn retire_excess(site: Holding, area: Option<Holding>, grams: i64) -> Postings {
    match Quantity::try_new(grams) {
        Ok(excess) => surrender(site.available(), area, excess),
        Err(_) => Ok(Vec::new()),
    }
}

/// Rights past their validity, from wherever they stand.
pub fn expire(from: AccountKey, area: Option<Holding>, quantity: Quantity) -> Postings {
    leave(from, of_same_owner(from, Purpose::Expired), area, quantity)
}

/// Free rights that the government takes back (无偿收回) into the reserve.
pub fn take_back(from: AccountKey, reserve: Holding, area: Option<Holding>, quantity: Quantity) -> Postings {
    leave(from, reserve.available(), area, quantity)
}

/// Paid rights that the government buys back (回购) into the reserve.
#[derive(Debug, Clone, Copy)]
pub struct BuyBack {
    /// Stock of the one who sells.
    pub seller: Holding,
    /// Stock of the reserve, of the same class.
    pub reserve: Holding,
    /// The seller's area.
    pub area: Option<Holding>,
    /// How much.
    pub quantity: Quantity,
    /// The treasury's account, which pays.
    pub treasury: AccountKey,
    /// The seller's money.
    pub seller_money: Holding,
    /// The price of the whole.
    pub total: Money,
}

/// Rights to the reserve against money of the treasury, and the area's use falls.
pub fn buy_back(terms: &BuyBack) -> Postings {
    let rights = leave(terms.seller.available(), terms.reserve.available(), terms.area, terms.quantity);
    let money = step(terms.treasury, terms.seller_money.available(), terms.total.fen());
    together([rights, money])
}

/// Rights that turn into rights of another class, gram for gram: renewal, free into paid, an override of the zone. `old` and
/// `new` are the same site's stocks, each with its class's `converted` account.
pub fn convert(old: (Holding, AccountKey), new: (Holding, AccountKey), quantity: Quantity) -> Postings {
    let grams = quantity.grams();
    together([step(old.0.available(), old.1, grams), step(new.1, new.0.available(), grams)])
}

/// A renewal with its re-verification (到期重新核定).
#[derive(Debug, Clone, Copy)]
pub struct Renewal {
    /// The site's old stock, with the `converted` account of its class.
    pub old: (Holding, AccountKey),
    /// The site's new stock, with that of its own.
    pub new: (Holding, AccountKey),
    /// The site's area.
    pub area: Option<Holding>,
    /// What is confirmed for the new validity; may be nothing.
    pub confirmed: Option<Quantity>,
    /// What is not, and is a right no more; may be nothing.
    pub rest: Option<Quantity>,
}

/// What is confirmed turns into the new class, whose use of the area it keeps; the rest is retired, and the area's use falls by it.
pub fn renew(terms: &Renewal) -> Postings {
    let confirmed = terms.confirmed.map(|quantity| convert(terms.old, terms.new, quantity));
    let rest = terms.rest.map(|quantity| surrender(terms.old.0.available(), terms.area, quantity));
    together(confirmed.into_iter().chain(rest))
}

/// An annual surplus (年度富余量) made tradable: the multi-year right stays, and no capacity moves.
pub fn grant_surplus(issued: AccountKey, site: Holding, quantity: Quantity) -> Postings {
    step(issued, site.available(), quantity.grams())
}
