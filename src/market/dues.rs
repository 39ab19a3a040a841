//! What trades take of the money that comes in for them at the settlement bank.

use super::store;
use super::trade::{Trade, TradeState};
use super::trade_commands::{self, Payment};
use crate::access::Caller;
use crate::db::Work;
use crate::db::work::Doing;
use crate::objections::waiting_about;
use crate::treasury::payments::{NamedTrade, PayableTrades, Standing, TradePart, reference_of};
use jiff::civil::Date;
use std::collections::HashSet;
use uuid::Uuid;

/// The trades of the market.
#[derive(Debug)]
pub struct Dues;

impl PayableTrades for Dues {
    fn named<'w>(&'w self, work: &'w Work, references: &'w [String]) -> Doing<'w, Vec<NamedTrade>> {
        Box::pin(async move {
            let found = store::lock_trades_named(work, references).await?;
            let laid_open: Vec<Uuid> =
                found.iter().filter(|trade| trade.is_laid_open()).map(|trade| trade.id.0).collect();
            let objected = if laid_open.is_empty() { HashSet::new() } else { waiting_about(work, &laid_open).await? };
            let named = found.into_iter().map(|trade| NamedTrade {
                reference: reference_of(trade.id),
                trade: trade.id,
                buyer: trade.buyer.organisation,
                standing: standing_of(&trade, work.today(), objected.contains(&trade.id.0)),
            });
            Ok(named.collect())
        })
    }

    fn pay<'w>(&'w self, work: &'w mut Work, parts: &'w [TradePart]) -> Doing<'w, ()> {
        Box::pin(async move {
            // The bank acts for the buyer, whose text asks for it.
            let payment = |part: &TradePart| Payment {
                by: Caller { user: work.caller().user, organisation: part.buyer, ..Caller::nobody() },
                trade: part.trade,
                expected: None,
                amount: Some(part.amount),
            };
            let payments: Vec<Payment> = parts.iter().map(payment).collect();
            trade_commands::pay(work, &payments).await.map(|_| ())
        })
    }
}

/// How a trade stands to money that comes in today: what comes before the publicity is over, while an objection waits, or after the last
/// day, is not for it.
fn standing_of(trade: &Trade, today: Date, is_objected: bool) -> Standing {
    // What is pledged is paid by the settlement of its sale, and by nothing else.
    if trade.source.stays_pledged() && trade.is_approved() {
        return Standing::NotApproved;
    }
    let is_late = trade.pay_by.is_some_and(|last| last < today);
    match trade.state {
        TradeState::Matched => Standing::NotApproved,
        TradeState::Approved { .. } | TradeState::Publicised { .. } if is_objected => Standing::NotApproved,
        TradeState::Approved { .. } | TradeState::Publicised { .. } if is_late => Standing::Expired,
        TradeState::Publicised { .. } if trade.publicised_until.is_some_and(|until| today <= until) => {
            Standing::NotApproved
        }
        TradeState::Approved { .. } | TradeState::Publicised { .. } => Standing::Due(trade.left_to_pay()),
        TradeState::Paid { .. } | TradeState::Settled { .. } | TradeState::Closed { .. } => Standing::Settled,
        TradeState::Refused { .. } | TradeState::Cancelled { .. } => Standing::Over,
        TradeState::Expired { .. } => Standing::Expired,
    }
}
