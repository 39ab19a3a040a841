//! Where trades begin: whatever a trade comes of, from here on its grams and its deposit are held for it, and the bureaux in charge have
//! it before them.

use super::offer::{Mode, Party};
use super::offer_commands::stock;
use super::source::Source;
use super::store;
use super::trade::{Trade, TradeState};
use super::trade_commands;
use crate::db::Work;
use crate::decisions;
use crate::eligibility::Lifted;
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{ProjectId, RightClassId, TradeId, UserId};
use crate::ledger::{self, money_of};
use crate::rulebook::Rulebook;
use accounting::recipes;
use accounting::{Holding, JournalKind, Money, Posting, Price, PriceBasis, Quantity, Ratio, SubjectId};
use serde_json::json;
use std::collections::BTreeSet;

/// For whom something is held at the moment of the match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBy {
    /// For nobody: it is available.
    Nothing,
    /// For the trade already.
    Trade,
    /// For something else: a listing, a lot, the registration for an auction.
    Subject(SubjectId),
    /// For a pledgee, whose lien keeps it until the trade settles.
    Lien,
}

/// Where what a match needs stands at its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// The seller's grams.
    pub rights: HeldBy,
    /// The buyer's deposit.
    pub deposit: HeldBy,
}

/// A seller and a buyer who have found each other. Whoever makes it has judged it under the locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The trade that it becomes.
    pub trade: TradeId,
    /// What it comes of.
    pub source: Source,
    /// By which way.
    pub mode: Mode,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// Whether the reserve sells.
    pub seller_is_reserve: bool,
    /// The buyer's project that the rights are for.
    pub project: ProjectId,
    /// What.
    pub right_class: RightClassId,
    /// Code of its pollutant.
    pub pollutant: String,
    /// How much.
    pub quantity: Quantity,
    /// CNY per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// The ratio that binds the buyer's project, as it stands now.
    pub replacement: Option<Ratio>,
    /// The boundary that an override lets the rights pass, as it stands now.
    pub lifted: Option<Lifted>,
    /// The agreed total in CNY.
    pub total: Money,
    /// What is held of it from now on, in CNY.
    pub deposit: Money,
    /// Where grams and deposit stand now.
    pub held: Holds,
    /// Who bought.
    pub matched_by: UserId,
}

/// Opens trades: what each holds passes to it, the bureaux of its areas get their tasks, and it is told. Nothing is judged here.
///
/// # Errors
/// A hold that is smaller than what passes from it; a fault of the database.
pub async fn open_trades(work: &mut Work, rulebook: &Rulebook, matches: &[Match]) -> Result<Vec<Trade>, Failure> {
    let mut trades = Vec::with_capacity(matches.len());
    let mut journals = Vec::with_capacity(matches.len());
    for found in matches {
        let trade = matched(work, rulebook, found);
        let journal = trade_commands::journal(work.today(), JournalKind::TradeMatched, &trade, postings(found)?, None);
        let is_callers = work.caller().user == found.matched_by;
        journals.push(if is_callers { journal } else { journal.by(found.matched_by.0) });
        trades.push(trade);
    }
    store::insert_trades(work, &trades).await?;
    ledger::post(work, &journals).await?;
    let tasks: Vec<_> = trades
        .iter()
        .flat_map(|trade| trade_commands::tasks(trade).into_iter().map(|task| (trade.matched_by, task)))
        .collect();
    decisions::open_for(work, &rulebook.rules_of(trade_commands::ACT), &tasks).await?;
    for trade in &trades {
        let source = json!({ "kind": trade.source.as_str(), "id": trade.source.id() });
        let payload = json!({ "source": source, "offer": trade.source.offer(), "deposit": trade.deposit.print() });
        work.tell(Event { kind: "trade.matched", subject: trade.id.0, payload });
    }
    Ok(trades)
}

/// What passes to the trade of what is not held for it yet.
fn postings(found: &Match) -> Result<Vec<Posting>, Failure> {
    let (trade, seller) = (found.trade.into(), stock(&found.seller, found.right_class));
    let rights = match found.held.rights {
        HeldBy::Nothing => recipes::hold_rights(seller, trade, found.quantity)?,
        HeldBy::Trade | HeldBy::Lien => Vec::new(),
        HeldBy::Subject(holder) => recipes::pass_rights(seller, holder, trade, found.quantity)?,
    };
    let buyer: Holding = money_of(found.buyer.organisation);
    let deposit = match found.held.deposit {
        HeldBy::Nothing => recipes::hold_money(buyer, trade, found.deposit)?,
        HeldBy::Trade | HeldBy::Lien => Vec::new(),
        HeldBy::Subject(holder) => recipes::pass_money(buyer, holder, trade, found.deposit)?,
    };
    Ok([rights, deposit].concat())
}

fn matched(work: &Work, rulebook: &Rulebook, found: &Match) -> Trade {
    Trade {
        id: found.trade,
        source: found.source,
        mode: found.mode,
        seller: found.seller.clone(),
        buyer: found.buyer.clone(),
        seller_is_reserve: found.seller_is_reserve,
        project: found.project,
        right_class: found.right_class,
        pollutant: found.pollutant.clone(),
        quantity: found.quantity,
        unit_price: found.unit_price,
        price_basis: found.price_basis,
        replacement: found.replacement,
        lifted: found.lifted,
        total: found.total,
        deposit: found.deposit,
        paid: found.deposit,
        publicised_until: None,
        pay_by: None,
        fee: None,
        approvals: BTreeSet::new(),
        variations: BTreeSet::new(),
        state: TradeState::Matched,
        matched_by: found.matched_by,
        matched_at: work.now(),
        rulebook: rulebook.id,
        version: 1,
    }
}
