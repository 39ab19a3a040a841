//! Planning changes of caps, taking them back, and what happens on their day.

use super::super::capacity_commands::{self, KnownCap, NewCap};
use super::super::error::QuotaRefusal;
use super::{CapacityChange, ChangeState, store};
use crate::db::Work;
use crate::db::day::{CapPlace, DayTurn};
use crate::db::work::Doing;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, CapacityChangeId};
use crate::kernel::{Failure, Kind};
use crate::ledger;
use crate::parties::{PartyRefusal, place, queries};
use crate::rulebook;
use accounting::{Journal, JournalKind, Subject, SubjectKind};
use serde_json::json;

/// A change to take back.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// Which.
    pub change: CapacityChangeId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// Why.
    pub reason: String,
}

/// Plans a change of a cap in the caller's charge. What is approved so late that its day has come takes effect at once.
///
/// # Errors
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::OutsideArea`], [`QuotaRefusal::OwnCap`], [`PartyRefusal::UnknownPollutant`], all of them at once;
/// [`QuotaRefusal::CapWaitsAlready`].
pub async fn plan(work: &mut Work, new: &NewCap) -> Result<CapacityChange, Failure> {
    let areas = queries::areas_by_code(work.connection(), std::slice::from_ref(&new.area)).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let judged = capacity_commands::judge(work, new, &areas, &pollutants);
    let (area, pollutant) = judged.map_err(|violations| Failure { kind: Kind::Refused, violations, source: None })?;
    let change = CapacityChange {
        id: CapacityChangeId::fresh(),
        area: area.id,
        area_path: area.path.clone(),
        pollutant: pollutant.code.clone(),
        cap: new.cap,
        valid_from: new.valid_from,
        document: new.document.clone(),
        planned_by: work.caller().user,
        planned_at: work.now(),
        state: ChangeState::Waiting,
        rulebook: rulebook::in_force(work).await?.id,
        version: 1,
    };
    store::insert(work, &change).await?;
    post(work, JournalKind::CapChangePlanned, std::slice::from_ref(&change)).await?;
    if change.valid_from > work.today() {
        return Ok(change);
    }
    take_effect(work, vec![change]).await?.pop().ok_or_else(|| Failure::bug("no change took effect"))
}

/// The changes whose day has come, for whoever judges by caps.
#[derive(Debug)]
pub struct DueCaps;

impl DayTurn for DueCaps {
    fn turn<'w>(&'w self, work: &'w mut Work, places: &'w [CapPlace]) -> Doing<'w, ()> {
        Box::pin(take_due(work, places))
    }
}

/// Lets the changes of these places take effect whose day has come, so that nothing is judged by the cap of yesterday.
///
/// # Errors
/// A fault of the database.
pub async fn take_due(work: &mut Work, places: &[CapPlace]) -> Result<(), Failure> {
    let due = store::lock_due_of(work, work.today(), places).await?;
    if due.is_empty() {
        return Ok(());
    }
    take_effect(work, due).await.map(|_| ())
}

/// Changes that are locked take effect, in the order given.
///
/// # Errors
/// A fault of the database.
pub async fn take_effect(work: &mut Work, due: Vec<CapacityChange>) -> Result<Vec<CapacityChange>, Failure> {
    let pollutants = queries::pollutants(work.connection()).await?;
    let known = |change: &'_ CapacityChange| {
        pollutants.get(&change.pollutant).ok_or_else(|| Failure::bug("a change of an unknown pollutant"))
    };
    let mut caps = Vec::with_capacity(due.len());
    for change in &due {
        caps.push(KnownCap {
            area: change.area,
            area_path: &change.area_path,
            pollutant: known(change)?,
            cap: change.cap,
            valid_from: change.valid_from,
            document: &change.document,
            by: change.planned_by,
            expected: None,
        });
    }
    let set = capacity_commands::apply(work, &caps).await?;
    let at = work.now();
    let turned = due.into_iter().zip(&set).map(|(change, set)| change.take_effect(at, set.capacity.id));
    let effective = turned.collect::<Result<Vec<_>, QuotaRefusal>>()?;
    store::save(work, effective.clone()).await?;
    post(work, JournalKind::CapChangeEffective, &effective).await?;
    Ok(effective)
}

/// Takes a change back that waits for its day.
///
/// # Errors
/// [`PartyRefusal::OutsideArea`], [`QuotaRefusal::OwnCap`], [`QuotaRefusal::ChangeOver`]; hidden when there is none.
pub async fn withdraw(work: &mut Work, wanted: &Withdrawal) -> Result<CapacityChange, Failure> {
    let change = store::lock(work, wanted.change).await?.ok_or_else(|| not_found("capacity change"))?;
    if !work.caller().covers(&change.area_path) {
        return Err(PartyRefusal::OutsideArea { area: place::code_of(&change.area_path).to_owned() }.into());
    }
    capacity_commands::expect_above(work.caller(), &change.area_path)?;
    expect_version(wanted.expected, change.version)?;
    let withdrawn = change.withdraw(work.caller().user, work.now(), wanted.reason.clone())?;
    store::save(work, vec![withdrawn.clone()]).await?;
    post(work, JournalKind::CapChangeWithdrawn, std::slice::from_ref(&withdrawn)).await?;
    Ok(withdrawn)
}

/// The journals about changes, and the events.
async fn post(work: &mut Work, kind: JournalKind, changes: &[CapacityChange]) -> Result<(), Failure> {
    let mut journals = Vec::with_capacity(changes.len());
    for change in changes {
        let subject = Subject { kind: SubjectKind::CapacityChange, id: change.id.0, version: change.version };
        let (by, reason) = match &change.state {
            ChangeState::Waiting | ChangeState::Effective { .. } => (change.planned_by, &change.document),
            ChangeState::Withdrawn { by, reason, .. } => (*by, reason),
        };
        let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new());
        journals.push(journal.because(Some(reason.clone())).by(by.0));
        let told = match change.state {
            ChangeState::Waiting => "capacity_change.planned",
            ChangeState::Effective { .. } => "capacity_change.effective",
            ChangeState::Withdrawn { .. } => "capacity_change.withdrawn",
        };
        let payload = json!({
            "area": place::code_of(&change.area_path),
            "pollutant": change.pollutant,
            "cap_grams": change.cap,
            "valid_from": change.valid_from.to_string(),
        });
        work.tell(Event { kind: told, subject: change.id.0, payload });
    }
    ledger::post(work, &journals).await.map(|_| ())
}
