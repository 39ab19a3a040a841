//! What the operator's monitoring reads: `/metrics` in the text format of Prometheus, without a login, because it tells numbers
//! and no business. Counters and times are kept where things happen; what stands somewhere is looked up when it is asked for.

use crate::audit::reconciliation;
use crate::db::Db;
use crate::http::layers::REQUEST_SECONDS;
use crate::kernel::{Failure, Moment};
use crate::ledger::log::queries::oldest_outside;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the request times in seconds: from a cached read to the longest request there may be.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 20.0, 60.0];
/// How often what was recorded is folded into its buckets, so that memory stays flat when nobody asks.
const FOLDED: Duration = Duration::from_secs(5);

/// Begins to keep metrics, once in a process; also describes them.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let begin = || match install() {
        Ok(handle) => Some(handle),
        Err(error) => {
            tracing::error!(%error, "No metrics are kept");
            None
        }
    };
    RECORDER.get_or_init(begin).as_ref()
}

fn install() -> Result<PrometheusHandle, BuildError> {
    let seconds = Matcher::Full(REQUEST_SECONDS.to_owned());
    let handle = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)?.install_recorder()?;
    describe_histogram!(REQUEST_SECONDS, "Requests by operation and status, and how long they took.");
    describe_counter!("ganhe_refusals_total", "Refusals by the code of the broken rule.");
    describe_counter!("ganhe_works_run_again_total", "Works that stood in each other's way and were run again.");
    describe_counter!("ganhe_gathered_works_total", "Works that were committed for several requests at once.");
    describe_counter!("ganhe_gathered_requests_total", "Requests that were answered in shared works.");
    describe_counter!("ganhe_gathered_alone_total", "Requests that ran by themselves because their batch failed.");
    describe_gauge!("ganhe_gathered_waiting", "Requests that wait now for a shared work of their command.");
    describe_gauge!("ganhe_pool_connections", "Database connections by pool: open, and of those in use.");
    describe_gauge!("ganhe_log_lag_seconds", "How long the oldest journal waits that no checkpoint covers yet.");
    describe_gauge!(
        "ganhe_reconciliation_differences",
        "Rows that differed in the last reconciliation: 0, or wake somebody."
    );
    describe_gauge!("ganhe_reconciliation_entries", "Entries read by the last reconciliation.");
    describe_gauge!(
        "ganhe_reconciliation_age_seconds",
        "How long ago the last reconciliation ended, in business time."
    );
    describe_gauge!("ganhe_reconciliation_duration_seconds", "How long the last reconciliation took.");
    Ok(handle)
}

/// `/metrics` of a database.
pub fn routes(db: Db) -> Router {
    // Begun with the routes, so that the first request is counted.
    recorder();
    Router::new().route("/metrics", get(tell)).with_state(db)
}

/// Folds what was recorded until the task is ended.
pub async fn fold() {
    loop {
        tokio::time::sleep(FOLDED).await;
        if let Some(recorder) = recorder() {
            recorder.run_upkeep();
        }
    }
}

async fn tell(State(db): State<Db>) -> impl IntoResponse {
    look_at_pools(&db);
    // A database that does not answer is told by the readiness; what is known otherwise is told all the same.
    if let Err(failure) = look_at_books(&db).await {
        tracing::warn!(%failure, "Some metrics could not be looked up");
    }
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

fn look_at_pools(db: &Db) {
    for (pool, open, used) in db.pools() {
        gauge!("ganhe_pool_connections", "pool" => pool, "state" => "open").set(open);
        gauge!("ganhe_pool_connections", "pool" => pool, "state" => "in_use").set(used);
    }
    let gathered = db.gathered();
    gauge!("ganhe_gathered_waiting").set(u32::try_from(gathered.waiting).unwrap_or(u32::MAX));
    counter!("ganhe_gathered_batches_total").absolute(gathered.batches);
    counter!("ganhe_gathered_works_total").absolute(gathered.works);
    counter!("ganhe_gathered_requests_total").absolute(gathered.requests);
    counter!("ganhe_gathered_alone_total").absolute(gathered.alone);
}

async fn look_at_books(db: &Db) -> Result<(), Failure> {
    let now = db.clock().business_now();
    let waiting = oldest_outside(db.reader()).await?.map_or(Duration::ZERO, |oldest| between(oldest, now));
    gauge!("ganhe_log_lag_seconds").set(waiting);
    let Some(run) = reconciliation::find_last_finished(db).await? else { return Ok(()) };
    let Some(outcome) = run.outcome else { return Ok(()) };
    gauge!("ganhe_reconciliation_differences").set(counted(outcome.differences));
    gauge!("ganhe_reconciliation_entries").set(counted(outcome.entries));
    gauge!("ganhe_reconciliation_age_seconds").set(between(outcome.finished_at, now));
    let started_at = run.started_at.unwrap_or(outcome.finished_at);
    gauge!("ganhe_reconciliation_duration_seconds").set(between(started_at, outcome.finished_at));
    Ok(())
}

fn between(earlier: Moment, later: Moment) -> Duration {
    Duration::from_micros(u64::try_from(later.micros().saturating_sub(earlier.micros())).unwrap_or(0))
}

/// A gauge counts to four billions and stays there.
fn counted(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
