//! A bureau that neither accepts an application in its term nor says what it lacks has accepted it (行政许可法第三十二条第(四)项). Every node
//! looks; a lease lets one of them act, and an application that is accepted is silent no more, so each is accepted once.

use super::commands::{journal, tell};
use super::{review, store};
use crate::access::{Action, Caller, Role};
use crate::db::{Db, Work, lease};
use crate::decisions;
use crate::kernel::{Failure, ids};
use crate::{ledger, rulebook};
use accounting::JournalKind;
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "applications";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Applications in one work: it commits within a blink.
const BATCH: u64 = 100;
/// Pause between two looks: terms are days.
const BETWEEN: Duration = Duration::from_secs(30);
/// What the journal says. Its actor is who handed the application in: nobody of the bureau has acted.
const REASON: &str = "逾期未告知，视为受理 (accepted by silence)";

/// Watches the terms until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    loop {
        if let Err(failure) = pass_terms(&db, holder).await {
            tracing::error!(%failure, "The terms of applications could not be looked at; it is tried again");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Accepts every application about which its bureau was silent past its term. Tells how many; none also when another node has the lease.
///
/// # Errors
/// A fault of the database.
pub async fn pass_terms(db: &Db, holder: Uuid) -> Result<u64, Failure> {
    let server = Caller { roles: vec![Role::Operator], ..Caller::nobody() }.may(Action::DecideTask)?;
    let mut total = 0;
    loop {
        let accepted: u64 = db.run(&server, &holder, |work, holder| Box::pin(accept_some(work, *holder))).await?;
        total += accepted;
        if accepted < BATCH {
            return Ok(total);
        }
    }
}

async fn accept_some(work: &mut Work, holder: Uuid) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let silent = store::lock_silent(work, work.today(), BATCH).await?;
    if silent.is_empty() {
        return Ok(0);
    }
    let rulebook = rulebook::in_force(work).await?;
    let (mut accepted, mut journals) = (Vec::with_capacity(silent.len()), Vec::with_capacity(silent.len()));
    for application in silent {
        let application = review::accepted(work, &rulebook, application, None).await?;
        let applicant = application.submission.as_ref().map_or(application.drafted_by, |submission| submission.by);
        let journal = journal(work, JournalKind::ApplicationAccepted, &application).by(applicant.0);
        journals.push(journal.because(Some(REASON.to_owned())));
        accepted.push(application);
    }
    store::save(work, &accepted).await?;
    ledger::post(work, &journals).await?;
    let ids: Vec<Uuid> = accepted.iter().map(|application| application.id.0).collect();
    decisions::drop_open(work, &ids).await?;
    for application in &accepted {
        review::put_before_decision(work, &rulebook, application).await?;
        tell(work, JournalKind::ApplicationAccepted, application);
    }
    u64::try_from(accepted.len()).map_err(Failure::bug)
}
