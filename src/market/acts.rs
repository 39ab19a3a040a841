//! The decision on a trade, as the inbox carries it out.

use super::queries;
use super::trade_commands::{self, TradeWord};
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
        Box::pin(queries::parties_of_trades(db, subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let decided =
                [TradeWord { trade: TradeId(task.subject), expected: None, grounds: verdict.grounds.clone() }];
            match verdict.outcome {
                Outcome::Approved => trade_commands::approve(work, &decided).await?,
                Outcome::Refused => trade_commands::refuse(work, &decided).await?,
            };
            Ok(None)
        })
    }
}
