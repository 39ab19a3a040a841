//! Delivery versus payment: rights, money and the areas' capacity change hands in one journal, in which what a replacement ratio takes
//! is retired, too.

use super::cases::{Areas, Candidate};
use super::offer_commands::stock;
use super::trade::Trade;
use crate::kernel::Failure;
use crate::kernel::ids::RightClassId;
use crate::ledger::{CNY, book_side, money_of};
use crate::prices::Settled;
use accounting::recipes::{self, AreaMove, Held, Settlement};
use accounting::{AccountKey, Journal, JournalKind, Posting, Purpose};

/// Where the seller's money goes: to the treasury when the reserve sells.
fn proceeds(trade: &Trade) -> AccountKey {
    if trade.seller_is_reserve {
        book_side(CNY).account(Purpose::Treasury)
    } else {
        money_of(trade.seller.organisation).available()
    }
}

/// Where rights leave their class, and where those of another come from.
fn converted(class: RightClassId) -> AccountKey {
    book_side(class).account(Purpose::Converted)
}

/// What changes hands: the buyer's money is the agreed total, of which the fee goes to the exchange and the rest to the seller.
fn terms(trade: &Trade, areas: Option<AreaMove>) -> Settlement {
    Settlement {
        trade: trade.id.into(),
        seller: stock(&trade.seller, trade.right_class),
        buyer: stock(&trade.buyer, trade.delivered_class()),
        conversion: trade.lifted.map(|lifted| (converted(trade.right_class), converted(lifted.delivered))),
        quantity: trade.quantity,
        buyer_money: money_of(trade.buyer.organisation),
        proceeds: proceeds(trade),
        total: trade.total,
        fee: trade.fee.map(|fee| (book_side(CNY).account(Purpose::Fees), fee)),
        areas,
    }
}

/// The postings of a settlement.
///
/// # Errors
/// A fault of ours when the buyer's area is not known though it must be.
pub fn settle(trade: &Trade, candidate: &Candidate) -> Result<Vec<Posting>, Failure> {
    let areas = if candidate.case.needs_headroom() {
        let buyer = candidate.areas.buyer.ok_or_else(|| Failure::bug("an approved trade without a buyer's area"))?;
        Some(AreaMove { buyer, seller: candidate.areas.seller })
    } else {
        None
    };
    let settlement = terms(trade, areas);
    let excess = recipes::retire_excess(settlement.buyer, candidate.areas.home, trade.excess())?;
    Ok([recipes::settle(&settlement)?, excess].concat())
}

/// What the trades that these journals settle leave for the statistics.
pub fn figures(trades: &[Trade], journals: &[Journal]) -> Vec<Settled> {
    let settled = |journal: &Journal| {
        let trade = trades.iter().find(|trade| trade.id.0 == journal.subject.id)?;
        Some(Settled {
            trade: trade.id,
            journal: journal.id,
            on: journal.effective_on,
            pollutant: trade.pollutant.clone(),
            area_path: trade.buyer.area_path.clone(),
            mode: trade.mode.as_str().to_owned(),
            quantity: trade.quantity,
            total: trade.total,
            unit_price: trade.unit_price,
            seller: trade.seller.organisation,
            buyer: trade.buyer.organisation,
        })
    };
    journals.iter().filter(|journal| journal.kind == JournalKind::TradeSettled).filter_map(settled).collect()
}

/// The postings that undo everything a trade holds; of one that was not paid in time, what of the deposit is lost goes to the seller.
///
/// # Errors
/// A fault of ours in the postings.
pub fn undo(trade: &Trade, areas: Areas, holds_headroom: bool) -> Result<Vec<Posting>, Failure> {
    let grams = trade.quantity.grams();
    let (buyer, forfeited) = (money_of(trade.buyer.organisation), trade.forfeited());
    let lost = recipes::forfeit(buyer, trade.id.into(), proceeds(trade), forfeited)?;
    let held = Held {
        rights: Some((stock(&trade.seller, trade.right_class), grams)).filter(|_| !trade.source.stays_pledged()),
        money: Some((buyer, trade.paid.fen() - forfeited.fen())),
        headroom: areas.buyer.filter(|_| holds_headroom).map(|area| (area, grams)),
    };
    Ok([lost, recipes::void(trade.id.into(), &held)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::RulebookId;
    use crate::market::price;
    use crate::market::trade::tests::matched;
    use crate::rulebook::{Rule, Rulebook};
    use accounting::{Measure, Money, Price, Quantity};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn rulebook(fee_rate: Option<String>) -> Rulebook {
        let rules = BTreeMap::from([("exchange_fee_rate".to_owned(), Rule { value: fee_rate, legal_basis: None })]);
        let effective_from = jiff::civil::date(2022, 1, 1);
        Rulebook { id: RulebookId::fresh(), jurisdiction: "420000".to_owned(), version: 1, effective_from, rules }
    }

    /// Fen that postings bring to an account.
    fn brought(postings: &[Posting], account: AccountKey) -> i64 {
        postings.iter().filter(|posting| *posting.to() == account).map(Posting::amount).sum()
    }

    proptest! {
        /// Whatever is sold, at whatever price and under whatever rule: what the exchange and the seller get is what the buyer agreed to
        /// pay, to the fen; the reserve pays no fee, and no rule takes none.
        #[test]
        fn fee_and_proceeds_are_the_agreed_total(
            grams in 1_i64..10_000_000_000,
            fen in 1_i64..100_000_000,
            rate in prop::option::of(0_u32..=1_000_000),
            seller_is_reserve: bool,
        ) {
            let (measure, quantity) = (Measure::tonnes(), Quantity::try_new(grams).unwrap());
            let Ok(total) = price::product(Price::try_new(fen).unwrap(), quantity, &measure) else { return Ok(()) };
            let rules = rulebook(rate.map(|millionths| format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)));
            let fee = price::fee(total, seller_is_reserve, &rules).unwrap();
            // Half up: twice the product and the divisor once, by twice the divisor.
            let share = |rate: u32| (2 * i128::from(total.fen()) * i128::from(rate) + 1_000_000) / 2_000_000;
            let expected = rate.filter(|_| !seller_is_reserve).map(share);
            prop_assert_eq!(fee.map(|fee| i128::from(fee.fen())), expected);

            let trade = Trade { quantity, total, paid: total, fee, seller_is_reserve, ..matched() };
            let postings = recipes::settle(&terms(&trade, None)).unwrap();
            let held = money_of(trade.buyer.organisation).committed(trade.id.into());
            let given: i64 = postings.iter().filter(|posting| *posting.from() == held).map(Posting::amount).sum();
            prop_assert_eq!(given, total.fen());
            let fees = brought(&postings, book_side(CNY).account(Purpose::Fees));
            prop_assert_eq!(fees, fee.map_or(0, Money::fen));
            prop_assert_eq!(fees + brought(&postings, proceeds(&trade)), total.fen());
        }
    }
}
