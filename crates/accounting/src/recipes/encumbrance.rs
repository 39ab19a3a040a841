//! What moves when a gram is bound by more than one: the line of those who wait behind a lien, court freezes, and sales out of
//! an encumbered account.

use super::{AreaMove, Postings, move_areas, step, together};
use crate::account::{AccountKey, Holding, Purpose, SubjectId};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::waterfall::waterfall;

/// Who waits for grams that another encumbrance still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimant {
    /// A junior lien: registered, with no grams of its own yet.
    Junior(SubjectId),
    /// A court freeze that came while the grams were pledged.
    Freeze(SubjectId),
}

impl Claimant {
    /// The account into which this claimant takes grams of a stock.
    pub fn account(self, site: Holding) -> AccountKey {
        match self {
            Self::Junior(lien) => site.pledged(lien),
            Self::Freeze(freeze) => site.held(Purpose::Frozen, freeze),
        }
    }
}

/// A place in the line behind an encumbrance. Junior liens and freezes stand in one line, by the instant recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Who waits.
    pub claimant: Claimant,
    /// For how much.
    pub wanted: Quantity,
}

/// Gives back what a lien holds, in whole or in part: to those who wait, each in full before the next, and only what nobody
/// waits for becomes available. With an empty line it is [`super::release`].
pub fn release_in_line(site: Holding, lien: SubjectId, quantity: Quantity, line: &[Claim]) -> Postings {
    serve(site, site.pledged(lien), quantity, line)
}

/// Freezes what is available, on the order of a court (司法冻结).
pub fn freeze(site: Holding, freeze: SubjectId, quantity: Quantity) -> Postings {
    step(site.available(), site.held(Purpose::Frozen, freeze), quantity.grams())
}

/// Lifts a freeze, in whole or in part; those who wait are served as after a release.
pub fn lift_freeze(site: Holding, freeze: SubjectId, quantity: Quantity, line: &[Claim]) -> Postings {
    serve(site, site.held(Purpose::Frozen, freeze), quantity, line)
}

fn serve(site: Holding, from: AccountKey, quantity: Quantity, line: &[Claim]) -> Postings {
    let mut left = quantity.grams();
    let mut steps = Vec::with_capacity(line.len() + 1);
    for claim in line {
        let taken = claim.wanted.grams().min(left);
        left -= taken;
        steps.push(step(from, claim.claimant.account(site), taken));
    }
    steps.push(step(from, site.available(), left));
    together(steps)
}

/// What a lien holds passes to a trade to which its pledgee has consented (经质权人同意转让): for the moment in which the trade settles.
pub fn pass_pledged(site: Holding, lien: SubjectId, trade: SubjectId, quantity: Quantity) -> Postings {
    step(site.pledged(lien), site.committed(trade), quantity.grams())
}

/// Rights that pass from an encumbered account to a buyer.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// The trade for which the buyer's money and headroom are held.
    pub trade: SubjectId,
    /// `pledged[lien]` or `frozen[freeze]` of the one who loses them.
    pub from: AccountKey,
    /// The buyer's stock.
    pub buyer: Holding,
    /// How much.
    pub quantity: Quantity,
    /// Absent when both sites lie in the same area.
    pub areas: Option<AreaMove>,
}

impl Delivery {
    fn postings(&self) -> Postings {
        let grams = self.quantity.grams();
        let rights = step(self.from, self.buyer.available(), grams);
        together([rights].into_iter().chain(move_areas(self.trade, self.areas, grams)))
    }
}

/// The court has sold what it froze; the money goes through the court and not through the books.
pub fn execute_freeze(delivery: &Delivery) -> Postings {
    delivery.postings()
}

/// Somebody who is paid from the proceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payee {
    /// Where the money goes: a bank is paid out of the books, to `outside`.
    pub account: AccountKey,
    /// What is owed to it.
    pub owed: Money,
}

/// A sale out of a lien: enforcement, or a sale to which the pledgee has consented.
#[derive(Debug, Clone, Copy)]
pub struct Enforcement<'a> {
    /// What the buyer gets.
    pub delivery: Delivery,
    /// The buyer's money, held for the trade.
    pub buyer_money: Holding,
    /// The proceeds.
    pub total: Money,
    /// Costs first, then the secured claims by rank (or the consented order of payment).
    pub payees: &'a [Payee],
    /// What is left when all are paid goes to the pledgor, never to the pledgee.
    pub surplus: AccountKey,
}

/// Holds the price of a disposal for the moment in which it is paid out: the buyer's own money, or the treasury's for the reserve.
pub fn hold_proceeds(from: AccountKey, buyer: Holding, disposal: SubjectId, amount: Money) -> Postings {
    step(from, buyer.committed(disposal), amount.fen())
}

/// The use of an area falls by rights that went to the reserve, whose holdings use no headroom.
pub fn free_area(area: Holding, quantity: Quantity) -> Postings {
    step(area.account(Purpose::Used), area.account(Purpose::Headroom), quantity.grams())
}

/// Rights to the buyer against money, which pays each payee in full before the next and then the pledgor.
pub fn enforce(terms: &Enforcement<'_>) -> Postings {
    let from = terms.buyer_money.committed(terms.delivery.trade);
    together([terms.delivery.postings(), pay_out(from, terms.total, terms.payees, terms.surplus)])
}

/// Money that is held pays each payee in full before the next and then the pledgor: the proceeds of a disposal, or the deposit that a winner
/// loses who does not settle (悔拍保证金).
pub fn pay_out(from: AccountKey, amount: Money, payees: &[Payee], surplus: AccountKey) -> Postings {
    let owed: Vec<Money> = payees.iter().map(|payee| payee.owed).collect();
    let told = waterfall(amount, &owed);
    let paid = payees.iter().zip(&told.paid).map(|(payee, paid)| step(from, payee.account, paid.fen()));
    together(paid.chain([step(from, surplus, told.surplus.fen())]))
}
