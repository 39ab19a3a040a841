//! How trades end before they settle: refused by a bureau, called off, not paid in time, or because what they rest on is over. Everything that
//! they hold goes back.

use super::error::MarketRefusal;
use super::settlement;
use super::store;
use super::trade::Trade;
use super::trade_commands::{TradeWord, journal, link, load, lock, prove, record, tell};
use crate::db::Work;
use crate::decisions::{self, Outcome};
use crate::kernel::Failure;
use crate::kernel::ids::TradeId;
use crate::ledger;
use crate::rulebook;
use accounting::recipes;
use accounting::{AccountKey, Journal, JournalKind};

/// Ends approved trades that were not paid by their last day: everything they hold goes back, but for the deposit where the rules say that it
/// is lost. Tells how many. It is the clock's to call.
///
/// # Errors
/// A fault of the database.
pub(super) async fn expire_some(work: &mut Work, most: u64) -> Result<u64, Failure> {
    let late = store::lock_trades_late(work, work.today(), most).await?;
    if late.is_empty() {
        return Ok(0);
    }
    let rulebook = rulebook::in_force(work).await?;
    let candidates = load(work, &late).await?;
    let mut trades = Vec::with_capacity(late.len());
    let mut journals = Vec::with_capacity(late.len());
    for (trade, candidate) in late.into_iter().zip(&candidates) {
        let trade = trade.expire(work.now(), rulebook.forfeits_deposit())?;
        let trade = Trade { rulebook: rulebook.id, ..trade };
        let postings = settlement::undo(&trade, candidate.areas, true)?;
        journals.push(journal(work.today(), JournalKind::TradeExpired, &trade, postings, None));
        trades.push(trade);
    }
    post_undone(work, &trades, journals).await?;
    drop_open(work, &trades).await?;
    u64::try_from(trades.len()).map_err(Failure::bug)
}

/// Saves trades that are over, and posts what lets their holds go.
pub(super) async fn post_undone(work: &mut Work, trades: &[Trade], mut journals: Vec<Journal>) -> Result<(), Failure> {
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(&journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    recipes::take_reductions(&mut journals, &books)?;
    store::save_trades(work, trades).await?;
    ledger::post(work, &journals).await?;
    tell(work, trades);
    Ok(())
}

/// Calls off trades that hold something, whoever their parties are, because what they rest on is over: tells them as they stand then, with the
/// journals that let everything go. Nothing is written yet.
///
/// # Errors
/// [`MarketRefusal::WrongState`] of one that holds nothing.
pub(super) async fn end(work: &mut Work, open: Vec<Trade>, why: &str) -> Result<(Vec<Trade>, Vec<Journal>), Failure> {
    let candidates = load(work, &open).await?;
    let (mut ended, mut journals) = (Vec::with_capacity(open.len()), Vec::with_capacity(open.len()));
    for (trade, candidate) in open.into_iter().zip(&candidates) {
        let holds_headroom = trade.is_approved();
        let reason = Some(why.to_owned());
        let trade = trade.end(reason.clone())?;
        let postings = settlement::undo(&trade, candidate.areas, holds_headroom)?;
        journals.push(journal(work.today(), JournalKind::TradeCancelled, &trade, postings, reason));
        ended.push(trade);
    }
    Ok((ended, journals))
}

/// Refuses trades as the bureau of one of the parties' areas; everything they hold goes back.
///
/// # Errors
/// [`MarketRefusal::NotInCharge`], [`MarketRefusal::WrongState`].
pub async fn refuse(work: &mut Work, wanted: &[TradeWord]) -> Result<Vec<Trade>, Failure> {
    let area = work.caller().area_path.clone();
    let rulebook = rulebook::in_force(work).await?;
    let turn = |trade: Trade, reason| {
        let trade = trade.refuse(&area, reason)?;
        Ok(Trade { rulebook: rulebook.id, ..trade })
    };
    let trades = call_off(work, wanted, JournalKind::TradeRefused, turn).await?;
    record(work, &trades, wanted, Outcome::Refused, &rulebook).await?;
    // What the other bureau has not decided, it need not decide any more.
    drop_open(work, &trades).await?;
    Ok(trades)
}

/// Calls trades off as a party: the buyer until approval, the seller until settlement; everything they hold goes back.
///
/// # Errors
/// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::NotTheSeller`].
pub async fn cancel(work: &mut Work, wanted: &[TradeWord]) -> Result<Vec<Trade>, Failure> {
    let by = work.caller().organisation;
    let trades =
        call_off(work, wanted, JournalKind::TradeCancelled, move |trade, reason| trade.cancel(by, reason)).await?;
    drop_open(work, &trades).await?;
    Ok(trades)
}

async fn call_off(
    work: &mut Work,
    wanted: &[TradeWord],
    kind: JournalKind,
    turn: impl Fn(Trade, Option<String>) -> Result<Trade, MarketRefusal> + Send,
) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(TradeId, Option<i64>)> = wanted.iter().map(|word| (word.trade, word.expected)).collect();
    let before = lock(work, &ids).await?;
    let candidates = load(work, &before).await?;
    let proofs = prove(work, wanted).await?;
    let mut trades = Vec::with_capacity(before.len());
    let mut journals = Vec::with_capacity(before.len());
    for (((trade, candidate), word), proof) in before.into_iter().zip(&candidates).zip(wanted).zip(proofs) {
        let holds_headroom = trade.is_approved();
        let trade = turn(trade, word.grounds.reason.clone())?;
        let postings = settlement::undo(&trade, candidate.areas, holds_headroom)?;
        let journal = journal(work.today(), kind, &trade, postings, word.grounds.reason.clone());
        journals.push(journal.proved_by(proof));
        link(work, &trade, &word.grounds).await?;
        trades.push(trade);
    }
    post_undone(work, &trades, journals).await?;
    Ok(trades)
}

/// What nobody has decided yet of trades that are over, nobody need decide.
pub(super) async fn drop_open(work: &mut Work, trades: &[Trade]) -> Result<(), Failure> {
    decisions::drop_open(work, &trades.iter().map(|trade| trade.id.0).collect::<Vec<_>>()).await
}
