//! What the clock causes in the market: offers and listings end after their last day, and approved trades that were not paid in time.
//! Every node looks; a lease lets one of them act. What is over is found by its state, so it ends once, and a look whose node died is gone on
//! with by another. Whoever asks after the last day is refused in any case, whether or not the clock has run.

use super::listings::commands as listings;
use super::{offer_commands, overrides, trade_endings};
use crate::access::{Action, Caller};
use crate::db::work::Doing;
use crate::db::{Db, Work, lease};
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "market";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Things in one work: it commits within a blink.
const BATCH: u64 = 100;
/// Pause between two looks: terms are days.
const BETWEEN: Duration = Duration::from_secs(30);

/// What a look has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Overrides of the province whose last day was yesterday or before.
    pub overrides: u64,
    /// Offers that nobody answered.
    pub offers: u64,
    /// Listings that nobody bought, or not all of.
    pub listings: u64,
    /// Trades that were not paid.
    pub trades: u64,
}

/// Watches the last days until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    loop {
        match pass_day(&db, holder).await {
            Ok(Passed { overrides, offers, listings, trades }) if overrides + offers + listings + trades > 0 => {
                tracing::info!(overrides, offers, listings, trades, "Last days of the market have passed");
            }
            Ok(_) => {}
            Err(failure) => tracing::error!(%failure, "The market could not be looked at; it is tried again"),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// What ends some things of one kind.
type End = for<'w> fn(&'w mut Work) -> Doing<'w, u64>;

/// Ends whatever is over. Nothing is ended when another node is at it.
///
/// # Errors
/// A fault of the database.
pub async fn pass_day(db: &Db, holder: Uuid) -> Result<Passed, Failure> {
    Ok(Passed {
        // Before the trades: who could not pay because an override is over loses no deposit.
        overrides: pass(db, holder, |work| Box::pin(overrides::commands::lapse_some(work, BATCH))).await?,
        offers: pass(db, holder, |work| Box::pin(offer_commands::expire_some(work, BATCH))).await?,
        listings: pass(db, holder, |work| Box::pin(listings::expire_some(work, BATCH))).await?,
        trades: pass(db, holder, |work| Box::pin(trade_endings::expire_some(work, BATCH))).await?,
    })
}

async fn pass(db: &Db, holder: Uuid, end: End) -> Result<u64, Failure> {
    let server = Caller::clock().may(Action::DecideTask)?;
    let mut total = 0;
    loop {
        let turn = (holder, end);
        let ended: u64 = db.run(&server, &turn, |work, (holder, end)| Box::pin(pass_some(work, *holder, *end))).await?;
        total += ended;
        if ended < BATCH {
            return Ok(total);
        }
    }
}

async fn pass_some(work: &mut Work, holder: Uuid, end: End) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let ended = end(work).await?;
    if ended < BATCH {
        lease::give_back(work, LEASE, holder).await?;
    }
    Ok(ended)
}
