//! Delivery versus payment: rights, money and the areas' capacity change hands in one journal, in which what a replacement ratio takes
//! is retired, too.

use super::cases::{Areas, Candidate};
use super::offer_commands::stock;
use super::trade::Trade;
use crate::kernel::Failure;
use crate::ledger::{CNY, book_side, money_of};
use crate::prices::Settled;
use accounting::recipes::{self, AreaMove, Held, Settlement};
use accounting::{AccountKey, Holding, Journal, JournalKind, Posting, Purpose};

/// Where the seller's money goes: to the treasury when the reserve sells.
fn proceeds(trade: &Trade) -> AccountKey {
    if trade.seller_is_reserve {
        book_side(CNY).account(Purpose::Treasury)
    } else {
        money_of(trade.seller.organisation).available()
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
    let settlement = Settlement {
        trade: trade.id.into(),
        seller: stock(&trade.seller, trade.right_class),
        buyer: Holding { owner: trade.buyer.site.into(), asset: trade.right_class.into() },
        quantity: trade.quantity,
        buyer_money: money_of(trade.buyer.organisation),
        proceeds: proceeds(trade),
        total: trade.total,
        fee: trade.fee.map(|fee| (book_side(CNY).account(Purpose::Fees), fee)),
        areas,
    };
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
        rights: Some((stock(&trade.seller, trade.right_class), grams)),
        money: Some((buyer, trade.paid.fen() - forfeited.fen())),
        headroom: areas.buyer.filter(|_| holds_headroom).map(|area| (area, grams)),
    };
    Ok([lost, recipes::void(trade.id.into(), &held)?].concat())
}
