//! Approved trades that are laid open (公示): how somebody objects to one. While an objection waits, the trade is neither paid nor
//! settled, and the time to pay stands still; dismissed, the buyer has that time anew; upheld, the trade is refused and everything it
//! holds goes back.

use super::error::MarketRefusal;
use super::settlement;
use super::store;
use super::trade::{Trade, TradeState};
use super::trade_commands::{journal, load};
use super::trade_endings::{drop_open, post_undone};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::{Place, calendar};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{TradeId, UserId};
use crate::ledger;
use crate::objections::{self, About, Finding, LaidOpen, Objection, Open};
use crate::rulebook::queries::find_version;
use accounting::JournalKind;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

impl Trade {
    /// Whether it is laid open, or was and has not settled since.
    pub fn is_laid_open(&self) -> bool {
        self.is_approved() && self.publicised_until.is_some()
    }

    /// Somebody has objected: the time to pay stands still. None where it does already, or has no end.
    #[must_use]
    pub fn stop_time(self) -> Option<Self> {
        let runs = self.is_laid_open() && self.pay_by.is_some();
        runs.then(|| Self { pay_by: None, ..self }.next())
    }

    /// The last objection was dismissed: the buyer pays until a day.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] when it is not laid open.
    pub fn go_on_until(self, pay_by: Date) -> Result<Self, MarketRefusal> {
        if !self.is_laid_open() {
            return Err(self.wrong("publicised"));
        }
        Ok(Self { pay_by: Some(pay_by), ..self }.next())
    }

    /// An objection was upheld.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] when it is not laid open.
    pub fn give_way(self, reason: String) -> Result<Self, MarketRefusal> {
        if !self.is_laid_open() {
            return Err(self.wrong("publicised"));
        }
        let state = TradeState::Refused { approved_at: self.state.approved_at(), reason: Some(reason) };
        Ok(Self { state, ..self }.next())
    }
}

/// Refuses to pay or settle trades while an objection to one of them waits for its answer.
///
/// # Errors
/// [`MarketRefusal::ObjectionOpen`].
pub async fn expect_answered(work: &Work, trades: &[Trade]) -> Result<(), Failure> {
    let laid_open: Vec<Uuid> =
        trades.iter().filter(|trade| trade.publicised_until.is_some()).map(|trade| trade.id.0).collect();
    if laid_open.is_empty() {
        return Ok(());
    }
    match objections::in_the_way(work, &laid_open).await?.open {
        0 => Ok(()),
        count => Err(MarketRefusal::ObjectionOpen { count: count.to_string() }.into()),
    }
}

/// The trades that are laid open.
#[derive(Debug)]
pub struct OpenTrades;

impl LaidOpen for OpenTrades {
    fn kinds(&self) -> &'static [About] {
        &[About::Trade]
    }

    fn lock<'w>(&'w self, work: &'w Work, _: About, id: Uuid) -> Doing<'w, Option<Open>> {
        Box::pin(async move {
            let found = store::lock_trades(work, &[TradeId(id)]).await?.pop().filter(Trade::is_laid_open);
            Ok(found.and_then(|trade| {
                let until = trade.publicised_until?;
                let (party, counterparty) = (Some(trade.seller.organisation), Some(trade.buyer.organisation));
                Some(Open { party, counterparty, area_path: area_over(&trade), until })
            }))
        })
    }

    fn approved_by<'w>(&'w self, work: &'w Work, objection: &'w Objection) -> Doing<'w, Vec<UserId>> {
        Box::pin(store::approvers_of(work, TradeId(objection.subject)))
    }

    fn raised<'w>(&'w self, work: &'w mut Work, objection: &'w Objection) -> Doing<'w, ()> {
        Box::pin(async move {
            let locked = store::lock_trades(work, &[TradeId(objection.subject)]).await?.pop();
            match locked.and_then(Trade::stop_time) {
                Some(trade) => turn(work, trade, JournalKind::TradeObjected, "trade.objected").await,
                None => Ok(()),
            }
        })
    }

    fn answered<'w>(&'w self, work: &'w mut Work, objection: &'w Objection) -> Doing<'w, ()> {
        Box::pin(async move {
            let locked = store::lock_trades(work, &[TradeId(objection.subject)]).await?.pop();
            let Some((trade, answer)) = locked.filter(Trade::is_laid_open).zip(objection.answer.as_ref()) else {
                return Ok(());
            };
            match answer.finding {
                Finding::Upheld => refuse(work, trade, answer.text.clone()).await,
                Finding::Dismissed => go_on(work, trade).await,
            }
        })
    }
}

/// The bureau that answers is in charge of both parties.
fn area_over(trade: &Trade) -> String {
    match Place::bureau_over_all([trade.seller.area_path.as_str(), trade.buyer.area_path.as_str()]) {
        Place::BureauOver(path) | Place::BureauAt(path) => path,
        Place::Organisation(_) => String::new(),
    }
}

/// The time to pay begins anew when nothing stands in the way any more, by the rules that the trade was judged by.
async fn go_on(work: &mut Work, trade: Trade) -> Result<(), Failure> {
    let rules = find_version(work.connection(), trade.rulebook).await?;
    let days = rules.and_then(|rules| rules.payment_days()).filter(|_| !matches!(trade.state, TradeState::Paid { .. }));
    let (Some(days), None) = (days, trade.pay_by) else { return Ok(()) };
    if objections::in_the_way(work, &[trade.id.0]).await?.open > 0 {
        return Ok(());
    }
    let calendar = calendar::from(work, work.today()).await?;
    let begins = trade.publicised_until.map_or(work.today(), |until| until.max(work.today()));
    match calendar.working_days_after(begins, days) {
        Some(pay_by) => turn(work, trade.go_on_until(pay_by)?, JournalKind::TradeResumed, "trade.resumed").await,
        None => Ok(()),
    }
}

async fn turn(work: &mut Work, trade: Trade, kind: JournalKind, told: &'static str) -> Result<(), Failure> {
    store::save_trades(work, std::slice::from_ref(&trade)).await?;
    ledger::post(work, &[journal(work.today(), kind, &trade, Vec::new(), None)]).await?;
    let payload = json!({ "version": trade.version, "pay_by": trade.pay_by.map(|day| day.to_string()) });
    work.tell(Event { kind: told, subject: trade.id.0, payload });
    Ok(())
}

async fn refuse(work: &mut Work, trade: Trade, reason: String) -> Result<(), Failure> {
    let candidates = load(work, std::slice::from_ref(&trade)).await?;
    let areas = candidates.first().map(|candidate| candidate.areas).unwrap_or_default();
    let trade = trade.give_way(reason.clone())?;
    let postings = settlement::undo(&trade, areas, true)?;
    let journals = vec![journal(work.today(), JournalKind::TradeRefused, &trade, postings, Some(reason))];
    post_undone(work, std::slice::from_ref(&trade), journals).await?;
    drop_open(work, std::slice::from_ref(&trade)).await
}
