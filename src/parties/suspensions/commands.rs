//! Suspending areas, and lifting suspensions.

use super::error::SuspensionRefusal;
use super::{AreaSuspension, Lifting, Reach, expect_from_today, store};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AreaSuspensionId};
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::ledger;
use crate::parties::{Medium, queries};
use crate::rulebook::{self, Rulebook};
use accounting::{Journal, JournalKind, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;

/// The word of its decision in tasks, records and the rulebook.
pub const ACT: &str = "area_suspension";

/// An area to suspend.
#[derive(Debug, Clone)]
pub struct NewSuspension {
    /// Code of the area.
    pub area: String,
    /// What for.
    pub reach: Reach,
    /// The first day on which it stands.
    pub from: Date,
    /// Number of the document that orders it.
    pub document: String,
    /// Why.
    pub reason: String,
}

/// A suspension to lift.
#[derive(Debug, Clone)]
pub struct NewLifting {
    /// Which.
    pub suspension: AreaSuspensionId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// The first day on which it does not stand any more.
    pub from: Date,
    /// Number of the document that orders it.
    pub document: String,
    /// Why.
    pub reason: String,
}

/// Suspends an area, as the authority of the whole jurisdiction. Whoever is adding to the area at the moment comes before it, and
/// nobody after.
///
/// # Errors
/// [`SuspensionRefusal::NotTheProvince`]; [`crate::parties::PartyRefusal::UnknownArea`], [`crate::parties::PartyRefusal::UnknownPollutant`],
/// [`SuspensionRefusal::Retroactive`], all at once;
/// [`SuspensionRefusal::SuspendedAlready`].
pub async fn suspend(work: &mut Work, new: &NewSuspension) -> Result<AreaSuspension, Failure> {
    let rulebook = expect_province(work).await?;
    let area = queries::areas_by_code(work.connection(), std::slice::from_ref(&new.area)).await?.remove(&new.area);
    let (code, pollutant) = (Some(new.area.as_str()), new.reach.pollutant());
    let names = queries::expect_known(work.connection(), code, pollutant).await;
    let violations = broken(names, Some(new.from), work.today())?;
    let Some(area) = area.filter(|_| violations.is_empty()) else {
        return Err(Failure { kind: Kind::Refused, violations, source: None });
    };
    store::lock_area(work, area.id).await?;
    let open = store::standing(work.connection(), &[area.id], None).await?;
    if let Some(same) = open.into_iter().find(|known| known.reach == new.reach) {
        return Err(SuspensionRefusal::SuspendedAlready { document: same.document }.into());
    }
    let suspension = AreaSuspension {
        id: AreaSuspensionId::fresh(),
        area: area.id,
        area_path: area.path,
        reach: new.reach.clone(),
        from: new.from,
        document: new.document.clone(),
        reason: new.reason.clone(),
        suspended_by: work.caller().user,
        suspended_at: work.now(),
        lifted: None,
        rulebook: rulebook.id,
        version: 1,
    };
    store::insert(work, suspension.clone()).await?;
    post(work, JournalKind::AreaSuspended, &suspension, &new.reason).await?;
    tell(work, "area.suspended", &suspension);
    Ok(suspension)
}

/// Every rule that a suspension breaks, as far as could be read what it says.
pub(super) fn broken(names: Result<(), Failure>, from: Option<Date>, today: Date) -> Result<Vec<Violation>, Failure> {
    let mut violations = match names {
        Ok(()) => Vec::new(),
        Err(failure) if failure.kind == Kind::Refused => failure.violations,
        Err(failure) => return Err(failure),
    };
    let retroactive = from.and_then(|from| expect_from_today(from, today).err());
    violations.extend(retroactive.map(|refusal| refusal.violation()));
    Ok(violations)
}

/// Lifts a suspension, as the authority of the whole jurisdiction.
///
/// # Errors
/// [`SuspensionRefusal::NotTheProvince`], [`SuspensionRefusal::AlreadyLifted`], [`SuspensionRefusal::LiftedTooEarly`],
/// [`SuspensionRefusal::Retroactive`].
pub async fn lift(work: &mut Work, new: &NewLifting) -> Result<AreaSuspension, Failure> {
    let rulebook = expect_province(work).await?;
    let missing = || not_found("area suspension");
    let known = store::find(work.connection(), new.suspension).await?.ok_or_else(missing)?;
    store::lock_area(work, known.area).await?;
    let locked = store::lock(work, new.suspension).await?.ok_or_else(missing)?;
    expect_version(new.expected, locked.version)?;
    let lifting = Lifting {
        from: new.from,
        document: new.document.clone(),
        reason: new.reason.clone(),
        by: work.caller().user,
        at: work.now(),
    };
    let lifted = locked.lift(lifting, rulebook.id, work.today())?;
    store::save(work, lifted.clone()).await?;
    post(work, JournalKind::AreaSuspensionLifted, &lifted, &new.reason).await?;
    tell(work, "area.suspension_lifted", &lifted);
    Ok(lifted)
}

/// Refuses everybody but the authority whose rules apply here.
async fn expect_province(work: &Work) -> Result<Rulebook, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    if work.caller().area() == rulebook.jurisdiction {
        Ok(rulebook)
    } else {
        Err(SuspensionRefusal::NotTheProvince { area: rulebook.jurisdiction }.into())
    }
}

async fn post(work: &mut Work, kind: JournalKind, suspension: &AreaSuspension, reason: &str) -> Result<(), Failure> {
    let subject = Subject { kind: SubjectKind::AreaSuspension, id: suspension.id.0, version: suspension.version };
    let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new());
    ledger::post(work, &[journal.because(Some(reason.to_owned()))]).await.map(|_| ())
}

fn tell(work: &mut Work, kind: &'static str, suspension: &AreaSuspension) {
    let payload = json!({
        "area": suspension.area_code(),
        "pollutant": suspension.reach.pollutant(),
        "medium": suspension.reach.medium().map(Medium::as_str),
        "valid_from": suspension.from.to_string(),
        "lifted_from": suspension.lifted.as_ref().map(|lifted| lifted.from.to_string()),
    });
    work.tell(Event { kind, subject: suspension.id.0, payload });
}
