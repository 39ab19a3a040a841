//! Opening annual accounts, handing them in, verifying, settling and sealing them. Whatever is done to an account, or to the data it is
//! made of, is done under the lock of its site.

use super::days::{Discharge, Movement, Year, discharge, entitlement};
use super::error::ComplianceRefusal;
use super::reports::permitted;
use super::year::{ComplianceYear, Figures, Mark, Reported, YearState};
use super::{messages, over_discharge, queries as years, store};
use crate::access::{Caller, Scope};
use crate::db::Work;
use crate::decisions;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, ComplianceYearId, SiteId};
use crate::ledger;
use crate::parties::{PartyRefusal, queries};
use crate::rulebook;
use accounting::{Journal, JournalKind, Origin, Posting, Subject, SubjectKind};
use serde_json::json;
use std::slice;

/// The word of what its decisions are about.
pub const SUBJECT: &str = "compliance_year";

/// An account to open.
#[derive(Debug, Clone)]
pub struct NewYear {
    /// Of which site.
    pub site: SiteId,
    /// Of which pollutant.
    pub pollutant: String,
    /// Of which year.
    pub year: Year,
}

/// A step with an account.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which.
    pub account: ComplianceYearId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// Whether the caller has to do with an account or a site: they see everything, are in charge of its area, or it is theirs.
fn is_visible(caller: &Caller, area_path: &str, organisation: crate::kernel::ids::OrganisationId) -> bool {
    match caller.scope() {
        Scope::Everything => true,
        Scope::Area { .. } => caller.covers(area_path),
        Scope::Organisation { id } => id == organisation,
    }
}

/// Opens the annual account of a site and a pollutant.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`],
/// [`ComplianceRefusal::NotYourSite`], [`ComplianceRefusal::YearNotOver`] of a year that has not begun,
/// [`ComplianceRefusal::YearKnown`].
pub async fn open(work: &mut Work, new: &NewYear) -> Result<ComplianceYear, Failure> {
    let sites = queries::known_sites(work.connection(), &[new.site]).await?;
    let site = sites.get(&new.site).ok_or(PartyRefusal::UnknownSite {})?;
    if !is_visible(work.caller(), &site.area_path, site.organisation) {
        let is_area = matches!(work.caller().scope(), Scope::Area { .. });
        let area = site.name.clone();
        return Err(if is_area {
            Failure::from(PartyRefusal::OutsideArea { area }).at("site")
        } else {
            ComplianceRefusal::NotYourSite {}.into()
        });
    }
    if !queries::pollutants(work.connection()).await?.contains_key(&new.pollutant) {
        return Err(PartyRefusal::UnknownPollutant { code: new.pollutant.clone() }.into());
    }
    if new.year.first() > work.today() {
        return Err(ComplianceRefusal::YearNotOver { year: new.year.number().to_string() }.into());
    }
    queries::lock_sites(work, &[new.site]).await?;
    let account = ComplianceYear {
        id: ComplianceYearId::fresh(),
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        pollutant: new.pollutant.clone(),
        year: new.year,
        opened: mark(work),
        state: YearState::Open,
        rulebook: rulebook::in_force(work).await?.id,
        version: 1,
    };
    store::insert(work, &account).await?;
    post(work, JournalKind::ComplianceYearOpened, &account, Vec::new(), None).await?;
    Ok(account)
}

/// Hands an account in, with the figures as they stand.
///
/// # Errors
/// [`ComplianceRefusal::YearNotOver`], [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`]; hidden from whoever
/// has nothing to do with it.
pub async fn report(work: &mut Work, step: &Step) -> Result<ComplianceYear, Failure> {
    let account = lock(work, step.account, step.expected).await?;
    if account.year.last() >= work.today() {
        return Err(ComplianceRefusal::YearNotOver { year: account.year.number().to_string() }.into());
    }
    let figures = figures(work, &account).await?.0;
    let account = judged(work, account).await?.report(Reported { mark: mark(work), figures })?;
    save(work, JournalKind::ComplianceYearReported, account, Vec::new(), step.reason.clone()).await
}

/// Sends an account back to whoever handed it in.
///
/// # Errors
/// [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`]; hidden outside the caller's area.
pub async fn send_back(work: &mut Work, step: &Step) -> Result<ComplianceYear, Failure> {
    let account = lock(work, step.account, step.expected).await?;
    let account = judged(work, account).await?.send_back()?;
    // A verification that waits for its second person ends with what it was about.
    decisions::drop_open(work, &[account.id.0]).await?;
    save(work, JournalKind::ComplianceYearReturned, account, Vec::new(), step.reason.clone()).await
}

/// Verifies an account: its figures are made once more, and stand from now on.
///
/// # Errors
/// [`ComplianceRefusal::HoldOpen`], [`ComplianceRefusal::DaysMissing`], [`ComplianceRefusal::NoPermittedQuantity`], all of them at once;
/// [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`]; hidden outside the caller's area.
pub async fn verify(work: &mut Work, step: &Step) -> Result<ComplianceYear, Failure> {
    let account = lock(work, step.account, step.expected).await?;
    let (figures, _) = figures(work, &account).await?;
    let account = judged(work, account).await?.verify(mark(work), figures)?;
    expect_verifiable(work, &account, &figures.discharge).await?;
    save(work, JournalKind::ComplianceYearVerified, account, Vec::new(), step.reason.clone()).await
}

/// Nothing is verified while something implausible waits, while nobody says anything of some days, or where no permit tells what is
/// plausible: a monitor that was switched off would make a surplus.
async fn expect_verifiable(work: &Work, account: &ComplianceYear, discharge: &Discharge) -> Result<(), Failure> {
    let ComplianceYear { site, pollutant, year, .. } = account;
    let mut broken = Vec::new();
    let open = messages::store::count_open_holds(work, *site, pollutant, *year).await?;
    if open > 0 {
        broken.push(ComplianceRefusal::HoldOpen { count: open.to_string() });
    }
    if discharge.missing_days > 0 {
        broken.push(ComplianceRefusal::DaysMissing { days: discharge.missing_days.to_string() });
    }
    let permits = queries::permits_of(work.connection(), &[*site]).await?.remove(site).unwrap_or_default();
    if permitted(&permits, pollutant, year.first(), year.last()).is_none() {
        broken.push(ComplianceRefusal::NoPermittedQuantity { pollutant: pollutant.clone() });
    }
    Failure::all(&broken)
}

/// Settles an account. What of its shortfall is uncovered now is an over-discharge.
///
/// # Errors
/// [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`]; hidden outside the caller's area.
pub async fn settle(work: &mut Work, step: &Step) -> Result<ComplianceYear, Failure> {
    let account = lock(work, step.account, step.expected).await?;
    let account = judged(work, account).await?.settle(mark(work))?;
    // A grant of its surplus that waits for its second person comes too late.
    decisions::drop_open(work, &[account.id.0]).await?;
    over_discharge::tell(work, &account).await?;
    save(work, JournalKind::ComplianceYearSettled, account, Vec::new(), step.reason.clone()).await
}

/// Seals an account: nothing of it changes any more.
///
/// # Errors
/// [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`]; hidden outside the caller's area.
pub async fn seal(work: &mut Work, step: &Step) -> Result<ComplianceYear, Failure> {
    let account = lock(work, step.account, step.expected).await?;
    let account = judged(work, account).await?.seal(mark(work))?;
    save(work, JournalKind::ComplianceYearSealed, account, Vec::new(), step.reason.clone()).await
}

/// Locks an account and its site, for whoever has to do with it.
///
/// # Errors
/// Hidden from everybody else; stale when the caller saw another version.
pub(super) async fn lock(work: &Work, id: ComplianceYearId, expected: Option<i64>) -> Result<ComplianceYear, Failure> {
    let hidden = || not_found("compliance year");
    let found = store::find(work.connection(), id).await?;
    let found = found.filter(|account| is_visible(work.caller(), &account.area_path, account.organisation));
    queries::lock_sites(work, &[found.ok_or_else(hidden)?.site]).await?;
    let account = store::lock(work, id).await?.ok_or_else(hidden)?;
    expect_version(expected, account.version)?;
    Ok(account)
}

/// What an account comes to by the books and the data of now, and whether any of its rights was free of charge.
pub(super) async fn figures(work: &Work, account: &ComplianceYear) -> Result<(Figures, Origin), Failure> {
    let moved = years::movements_of(work.connection(), account, account.year.last()).await?;
    let is_free = moved
        .iter()
        .any(|(movement, origin)| *origin == Origin::Free && entitlement(account.year, slice::from_ref(movement)) != 0);
    let origin = if is_free { Origin::Free } else { Origin::Paid };
    let movements: Vec<Movement> = moved.into_iter().map(|(movement, _)| movement).collect();
    let days = years::days_of(work.connection(), account).await?;
    let entitlement = entitlement(account.year, &movements);
    Ok((Figures { entitlement, discharge: discharge(&days) }, origin))
}

/// The account as it is judged by the rules in force.
pub(super) async fn judged(work: &Work, account: ComplianceYear) -> Result<ComplianceYear, Failure> {
    Ok(ComplianceYear { rulebook: rulebook::in_force(work).await?.id, ..account })
}

pub(super) fn mark(work: &Work) -> Mark {
    Mark { by: work.caller().user, at: work.now() }
}

/// Writes what has become of an account, with its journal.
pub(super) async fn save(
    work: &mut Work,
    kind: JournalKind,
    account: ComplianceYear,
    postings: Vec<Posting>,
    reason: Option<String>,
) -> Result<ComplianceYear, Failure> {
    store::save(work, &account).await?;
    post(work, kind, &account, postings, reason).await?;
    Ok(account)
}

async fn post(
    work: &mut Work,
    kind: JournalKind,
    account: &ComplianceYear,
    postings: Vec<Posting>,
    reason: Option<String>,
) -> Result<(), Failure> {
    let subject = Subject { kind: SubjectKind::ComplianceYear, id: account.id.0, version: account.version };
    let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), postings).because(reason);
    ledger::post(work, &[journal]).await?;
    let told = match kind {
        JournalKind::ComplianceYearOpened => "compliance.opened",
        JournalKind::ComplianceYearReported => "compliance.reported",
        JournalKind::ComplianceYearReturned => "compliance.returned",
        JournalKind::ComplianceYearVerified => "compliance.verified",
        JournalKind::SurplusGranted => "compliance.surplus_granted",
        JournalKind::ShortfallCovered => "compliance.shortfall_covered",
        JournalKind::ComplianceYearSettled => "compliance.settled",
        _ => "compliance.sealed",
    };
    let payload = json!({
        "site": account.site, "pollutant": account.pollutant, "year": account.year.number(), "state": account.state.as_str(),
    });
    work.tell(Event { kind: told, subject: account.id.0, payload });
    Ok(())
}
