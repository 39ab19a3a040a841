//! The decision on a trade, and what is to be done about its permits, as the inbox carries it out.

use super::error::MarketRefusal;
use super::queries;
use super::trade::Side;
use super::trade_commands::{self, TradeWord};
use super::trade_endings;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::{Act, Asking, Outcome, Task, Verdict};
use crate::kernel::ids::TradeId;
use uuid::Uuid;

/// Approving or refusing a trade.
pub struct DecideTrade;

impl Act for DecideTrade {
    fn word(&self) -> &'static str {
        trade_commands::ACT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_trades(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let decided =
                [TradeWord { trade: TradeId(task.subject), expected: None, grounds: verdict.grounds.clone() }];
            match verdict.outcome {
                Outcome::Approved => trade_commands::approve(work, &decided).await?,
                Outcome::Refused => trade_endings::refuse(work, &decided).await?,
            };
            Ok(None)
        })
    }
}

/// Confirming the settlement of a paid trade, as the exchange.
pub struct ConfirmSettlement;

impl Act for ConfirmSettlement {
    fn word(&self) -> &'static str {
        trade_commands::CONFIRMATION
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_trades(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            if verdict.outcome == Outcome::Refused {
                return Err(MarketRefusal::ConfirmationOwed {}.into());
            }
            let trade = TradeId(task.subject);
            let words = [TradeWord { trade, expected: None, grounds: verdict.grounds.clone() }];
            trade_commands::confirm(work, &words).await?;
            Ok(None)
        })
    }
}

/// Varying the permit of a side after settlement.
pub struct VaryPermit(pub Side);

impl Act for VaryPermit {
    fn word(&self) -> &'static str {
        trade_commands::variation_of(self.0)
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_trades(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            match verdict.outcome {
                Outcome::Approved => trade_commands::vary_only_permit(work, TradeId(task.subject), self.0).await?,
                Outcome::Refused => return Err(MarketRefusal::VariationOwed {}.into()),
            }
            Ok(None)
        })
    }
}
