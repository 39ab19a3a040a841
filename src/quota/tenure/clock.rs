//! What the clock causes: approved renewals take effect on the first day of their new validity, and rights past their validity expire.
//! Every node looks; a lease lets one of them act. What it moves is found by where it stands, so it happens once, and a look whose
//! node died is gone on with by another.

use super::commands::renew_due;
use super::expiry::{Looked, expire_some};
use crate::access::{Action, Caller};
use crate::db::{Db, Work, lease};
use crate::encumbrance::Binders;
use crate::kernel::{Failure, ids};
use accounting::{AssetId, Holding, OwnerId};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "rights";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Renewals in one work.
const BATCH: u64 = 200;
/// Pause between two thoughts of whether to look.
const BETWEEN: Duration = Duration::from_secs(30);
/// So many pauses pass before a node looks again on the same day: a release may have brought back rights that are over.
const AGAIN_AFTER: u32 = 20;

/// What a look has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Renewals that took effect.
    pub renewed: u64,
    /// Stocks of which something has expired.
    pub expired: u64,
}

/// Watches the days until the task is ended.
pub async fn keep(db: Db, binders: Binders) {
    let holder = ids::fresh();
    let (mut looked, mut pauses) = (None, 0);
    loop {
        let today = db.clock().business_day();
        if looked != Some(today) || pauses >= AGAIN_AFTER {
            match pass_day(&db, binders, holder).await {
                Ok(Some(Passed { renewed, expired })) => {
                    (looked, pauses) = (Some(today), 0);
                    if renewed + expired > 0 {
                        tracing::info!(renewed, expired, "Rights were renewed or have expired");
                    }
                }
                Ok(None) => {}
                Err(failure) => {
                    tracing::error!(%failure, "Rights that are over could not be looked at; it is tried again");
                }
            }
        }
        tokio::time::sleep(BETWEEN).await;
        pauses += 1;
    }
}

/// Carries out what the day has brought. Nothing is told when another node is at it.
///
/// # Errors
/// A fault of the database.
pub async fn pass_day(db: &Db, binders: Binders, holder: Uuid) -> Result<Option<Passed>, Failure> {
    let server = Caller::clock().may(Action::DecideTask)?;
    let mut passed = Passed::default();
    loop {
        // Before anything expires: what is renewed is not over.
        let turn = (holder, binders);
        let renewed: Option<u64> = db.run(&server, &turn, |work, turn| Box::pin(renew_some(work, *turn))).await?;
        let Some(renewed) = renewed else { return Ok(None) };
        passed.renewed += renewed;
        if renewed < BATCH {
            break;
        }
    }
    let mut after = (Uuid::nil(), Uuid::nil());
    loop {
        let turn = (holder, binders, after);
        let looked: Option<Looked> = db.run(&server, &turn, |work, turn| Box::pin(look(work, *turn))).await?;
        let Some(looked) = looked else { return Ok(None) };
        passed.expired += looked.count;
        match looked.last {
            Some(last) => after = last,
            None => return Ok(Some(passed)),
        }
    }
}

async fn renew_some(work: &mut Work, (holder, binders): (Uuid, Binders)) -> Result<Option<u64>, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(None);
    }
    renew_due(work, binders, BATCH).await.map(Some)
}

async fn look(
    work: &mut Work,
    (holder, binders, after): (Uuid, Binders, (Uuid, Uuid)),
) -> Result<Option<Looked>, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(None);
    }
    let after = Holding { asset: AssetId(after.0), owner: OwnerId(after.1) };
    let looked = expire_some(work, binders, after).await?;
    if looked.last.is_none() {
        lease::give_back(work, LEASE, holder).await?;
    }
    Ok(Some(looked))
}
