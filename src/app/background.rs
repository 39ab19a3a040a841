//! What a serving node does beside its requests.

use crate::app::{layers, metrics, opening};
use crate::audit::reconciliation::{Schedule, schedule};
use crate::decisions::escalation;
use crate::http::Shared;
use crate::kernel::Failure;
use std::net::SocketAddr;
use tokio::task::JoinSet;

/// Begins it: the reconciliation by its schedule, the deadlines of tasks, the upkeep of the metrics and, when they have an address of their own, their
/// server. All of it ends when what is given back is dropped; a reading that is cut off is taken up again later.
///
/// # Errors
/// A fault when the address of the metrics is taken.
pub async fn begin(
    shared: &Shared,
    reconciled: Schedule,
    metrics_listen: Option<SocketAddr>,
) -> Result<JoinSet<()>, Failure> {
    let mut tasks = JoinSet::new();
    tasks.spawn(schedule::keep(shared.db.clone(), reconciled));
    tasks.spawn(escalation::keep(shared.db.clone()));
    tasks.spawn(metrics::fold());
    if let Some(address) = metrics_listen {
        let listener = opening::listen(address).await?;
        let router = layers::wrap(metrics::routes(shared.db.clone()));
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "The metrics are no longer served");
            }
        });
    }
    Ok(tasks)
}
