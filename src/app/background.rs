//! What a serving node does beside its requests.

use crate::app::{binders, layers, metrics, opening};
use crate::audit;
use crate::audit::reconciliation::{Reconciliation, Schedule, schedule};
use crate::db::Db;
use crate::decisions::escalation;
use crate::disclosure;
use crate::events;
use crate::freeze;
use crate::http::{Shared, serve};
use crate::kernel::Failure;
use crate::market;
use crate::market::auctions;
use crate::operations;
use crate::parties;
use crate::parties::mismatches::PermitReconciliation;
use crate::pledge;
use crate::quota;
use crate::quota::applications::silence;
use crate::treasury;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often a node looks for long work that was left by one that died, or that it could not begin itself.
const TAKEN_UP_EVERY: Duration = Duration::from_secs(5);

/// Takes up long work until the task is ended.
async fn take_up(db: Db) {
    let works = [audit::WORKS, quota::WORKS, parties::WORKS, treasury::WORKS].concat();
    loop {
        if let Err(failure) = operations::run_wanted(&db, &works).await {
            tracing::error!(%failure, "Long work could not be taken up; it is tried again");
        }
        tokio::time::sleep(TAKEN_UP_EVERY).await;
    }
}

/// Begins it: long work that was left, the reconciliations by their schedule, the deadlines of tasks, the days of caps, the validity of rights, the last days of the market, the steps of auctions, the permits of what is pledged, the last days of freezes, what is to be published, the feed of events with its webhooks, the upkeep of the metrics and, when
/// they have an address of their own, their server. All of it ends when what is given back is dropped; a reading that is cut off is taken up again later.
///
/// # Errors
/// A fault when the address of the metrics is taken.
pub async fn begin(
    shared: &Shared,
    reconciled: Schedule,
    metrics_listen: Option<SocketAddr>,
) -> Result<JoinSet<()>, Failure> {
    let mut tasks = JoinSet::new();
    // The books with themselves, and permits with rights.
    tasks.spawn(schedule::keep(shared.db.clone(), reconciled, &Reconciliation));
    tasks.spawn(schedule::keep(shared.db.clone(), reconciled, &PermitReconciliation));
    tasks.spawn(escalation::keep(shared.db.clone()));
    tasks.spawn(quota::changes::clock::keep(shared.db.clone()));
    tasks.spawn(quota::tenure::clock::keep(shared.db.clone(), binders::BINDERS));
    tasks.spawn(silence::keep(shared.db.clone()));
    tasks.spawn(auctions::clock::keep(shared.db.clone(), binders::PLEDGED_LOTS));
    tasks.spawn(market::clock::keep(shared.db.clone()));
    tasks.spawn(disclosure::clock::keep(shared.db.clone()));
    tasks.spawn(pledge::notices::clock::keep(shared.db.clone()));
    tasks.spawn(freeze::clock::keep(shared.db.clone(), binders::BINDERS));
    tasks.spawn(events::clock::keep(shared.db.clone()));
    tasks.spawn(events::clock::deliver(shared.db.clone(), shared.conduct.receivers));
    tasks.spawn(metrics::fold());
    tasks.spawn(take_up(shared.db.clone()));
    if let Some(address) = metrics_listen {
        let listener = opening::listen(address).await?;
        let router = layers::wrap(metrics::routes(shared.db.clone()), &shared.conduct, &shared.limits);
        let conduct = Arc::clone(&shared.conduct);
        tasks.spawn(async move { serve::serve(listener, router, &conduct, std::future::pending()).await });
    }
    Ok(tasks)
}
