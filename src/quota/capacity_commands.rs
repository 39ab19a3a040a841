//! Setting caps.

use super::capacity::Capacity;
use super::changes::commands::take_due;
use super::error::QuotaRefusal;
use super::store;
use crate::access::Caller;
use crate::db::Work;
use crate::db::failure::again_on_unique;
use crate::decisions::Place;
use crate::http::extract::expect_version;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AreaId, CapacityId, UserId};
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::ledger::{self, Asset};
use crate::parties::{Area, PartyRefusal, Pollutant, place, queries};
use accounting::recipes::{self, CapStanding};
use accounting::{AccountKey, AssetKind, Journal, JournalKind, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// A cap to set.
#[derive(Debug, Clone)]
pub struct NewCap {
    /// Code of the area.
    pub area: String,
    /// Code of the pollutant.
    pub pollutant: String,
    /// Grams a year.
    pub cap: i64,
    /// The day from which it applies.
    pub valid_from: Date,
    /// Number of the document that sets it.
    pub document: String,
    /// The version of the cap that the setter saw.
    pub expected: Option<i64>,
}

/// A cap that was set.
#[derive(Debug, Clone)]
pub struct SetCap {
    /// The cap.
    pub capacity: Capacity,
    /// Grams in use beyond it, taken as use falls.
    pub pending_reduction: i64,
}

/// A cap to set in an area that is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownCap<'a> {
    /// The area.
    pub area: AreaId,
    /// Path of the area.
    pub area_path: &'a str,
    /// The pollutant.
    pub pollutant: &'a Pollutant,
    /// Grams a year.
    pub cap: i64,
    /// The day from which it applies.
    pub valid_from: Date,
    /// Number of the document that sets it.
    pub document: &'a str,
    /// Who sets it.
    pub by: UserId,
    /// The version of the cap that the setter saw.
    pub expected: Option<i64>,
}

/// Sets caps of areas in the caller's charge. A cut below what is used takes the headroom to zero and records the rest as a
/// pending reduction.
///
/// # Errors
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::OutsideArea`], [`QuotaRefusal::OwnCap`], [`PartyRefusal::UnknownPollutant`],
/// [`QuotaRefusal::FutureCap`], all of them at once; stale when the cap has changed since the setter saw it.
pub async fn set_caps(work: &mut Work, news: &[NewCap]) -> Result<Vec<SetCap>, Failure> {
    let codes: Vec<String> = news.iter().map(|new| new.area.clone()).collect();
    let areas = queries::areas_by_code(work.connection(), &codes).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let mut wanted = Vec::with_capacity(news.len());
    let mut violations = Vec::new();
    for new in news {
        let late = (new.valid_from > work.today()).then(|| QuotaRefusal::FutureCap {}.violation());
        match judge(work, new, &areas, &pollutants) {
            Ok((area, pollutant)) if late.is_none() => wanted.push(new.known(area, pollutant, work.caller().user)),
            Ok(_) => violations.extend(late),
            Err(broken) => violations.extend(broken.into_iter().chain(late)),
        }
    }
    if !violations.is_empty() {
        return Err(Failure { kind: Kind::Refused, violations, source: None });
    }
    // What was planned for a day before this stands before it.
    let places = wanted.iter().map(|cap| (cap.area, cap.pollutant.code.clone()));
    take_due(work, &places.collect::<Vec<_>>()).await?;
    apply(work, &wanted).await
}

impl NewCap {
    fn known<'a>(&'a self, area: &'a Area, pollutant: &'a Pollutant, by: UserId) -> KnownCap<'a> {
        KnownCap {
            area: area.id,
            area_path: &area.path,
            pollutant,
            cap: self.cap,
            valid_from: self.valid_from,
            document: &self.document,
            by,
            expected: self.expected,
        }
    }
}

/// Sets caps one after the other, in the order given.
///
/// # Errors
/// Stale when a cap has changed since its setter saw it.
pub(super) async fn apply(work: &mut Work, wanted: &[KnownCap<'_>]) -> Result<Vec<SetCap>, Failure> {
    let area_ids: Vec<AreaId> = wanted.iter().map(|cap| cap.area).collect();
    let locked = store::lock_capacities(work, &area_ids).await?;
    let mut known: BTreeMap<(AreaId, String), Capacity> =
        locked.into_iter().map(|capacity| ((capacity.area, capacity.pollutant.clone()), capacity)).collect();
    let mut assets = Vec::new();
    for cap in wanted {
        known.entry((cap.area, cap.pollutant.code.clone())).or_insert_with(|| {
            let capacity = unset(cap.area, cap.area_path, &cap.pollutant.code);
            assets.push(capacity_asset(&capacity, cap.pollutant));
            capacity
        });
    }
    ledger::register_assets(work, &assets)
        .await
        .map_err(|failure| again_on_unique(failure, "assets_code", "assets.book_id, assets.code"))?;
    // The accounts of all caps are locked at once, in id order.
    let accounts: Vec<AccountKey> =
        known.values().flat_map(|capacity| CapStanding::accounts(capacity.holding())).collect();
    ledger::balances_under_lock(work, &accounts).await?;
    let mut set = Vec::with_capacity(wanted.len());
    for cap in wanted {
        if let Some(capacity) = known.get_mut(&(cap.area, cap.pollutant.code.clone())) {
            expect_version(cap.expected, capacity.version)?;
            set.push(set_one(work, capacity, cap).await?);
        }
    }
    let versions: Vec<Capacity> = set.iter().map(|set| set.capacity.clone()).collect();
    store::save_capacities(work, &versions).await?;
    store::insert_caps(work, set.iter().zip(wanted)).await?;
    Ok(set)
}

fn unset(area: AreaId, path: &str, pollutant: &str) -> Capacity {
    Capacity {
        id: CapacityId::fresh(),
        area,
        area_path: path.to_owned(),
        pollutant: pollutant.to_owned(),
        cap: 0,
        version: 0,
    }
}

fn capacity_asset(capacity: &Capacity, pollutant: &Pollutant) -> Asset {
    Asset {
        id: capacity.id.into(),
        kind: AssetKind::Capacity,
        code: place::capacity_code(&capacity.area_path, &capacity.pollutant),
        unit: pollutant.measure.unit.clone(),
        units_per_whole: pollutant.measure.grams_per_unit,
        decimals: pollutant.measure.decimals,
    }
}

async fn set_one(work: &mut Work, capacity: &mut Capacity, new: &KnownCap<'_>) -> Result<SetCap, Failure> {
    let holding = capacity.holding();
    let mut books = ledger::balances_under_lock(work, &CapStanding::accounts(holding)).await?;
    let postings = recipes::set_cap(holding, CapStanding::of(&books, holding), new.cap)?;
    capacity.cap = new.cap;
    capacity.version += 1;
    let subject = Subject { kind: SubjectKind::Capacity, id: capacity.id.0, version: capacity.version };
    let journal = Journal::new(ids::fresh_journal(), JournalKind::CapSet, subject, work.today(), postings);
    let journal = journal.because(Some(new.document.to_owned())).by(new.by.0);
    ledger::post(work, std::slice::from_ref(&journal)).await?;
    books.apply(&journal).map_err(Failure::bug)?;
    work.tell(Event {
        kind: "capacity.set",
        subject: capacity.id.0,
        payload: json!({ "area": place::code_of(new.area_path), "pollutant": new.pollutant.code, "cap_grams": new.cap }),
    });
    Ok(SetCap { capacity: capacity.clone(), pending_reduction: CapStanding::of(&books, holding).pending })
}

/// The area of a cap that the caller may set: one below their own, of which the authority above tells the total (总量控制指标); the province's is its
/// own affair.
///
/// # Errors
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::OutsideArea`], [`QuotaRefusal::OwnCap`].
pub(super) fn area_of<'a>(
    caller: &Caller,
    areas: &'a HashMap<String, Area>,
    code: &str,
) -> Result<&'a Area, Violation> {
    let unknown = || PartyRefusal::UnknownArea { code: code.to_owned() }.violation();
    let area = areas.get(code).ok_or_else(unknown)?;
    if !caller.covers(&area.path) {
        return Err(PartyRefusal::OutsideArea { area: area.name.clone() }.violation());
    }
    expect_above(caller, &area.path).map_err(|refusal| refusal.violation())?;
    Ok(area)
}

/// Refuses whoever would set the total of their own area, but for the province.
///
/// # Errors
/// [`QuotaRefusal::OwnCap`].
pub(super) fn expect_above(caller: &Caller, area_path: &str) -> Result<(), QuotaRefusal> {
    let is_own = caller.area_path == area_path && area_path.contains('/');
    if is_own { Err(QuotaRefusal::OwnCap { area: place::code_of(area_path).to_owned() }) } else { Ok(()) }
}

/// Who decides on the cap of an area: the bureaux above it, and of the province its own.
pub(super) fn decided_over(area_path: &str) -> Place {
    Place::BureauOver(area_path.rsplit_once('/').map_or(area_path, |(above, _)| above).to_owned())
}

/// Every broken rule of a cap at once, and the area and pollutant it names when none is broken.
pub(super) fn judge<'a>(
    work: &Work,
    new: &NewCap,
    areas: &'a HashMap<String, Area>,
    pollutants: &'a HashMap<String, Pollutant>,
) -> Result<(&'a Area, &'a Pollutant), Vec<Violation>> {
    let mut broken: Vec<Violation> = Vec::new();
    let area = area_of(work.caller(), areas, &new.area).map_err(|violation| broken.push(violation)).ok();
    let pollutant = pollutants.get(&new.pollutant);
    if pollutant.is_none() {
        broken.push(PartyRefusal::UnknownPollutant { code: new.pollutant.clone() }.violation());
    }
    match area.zip(pollutant) {
        Some(found) if broken.is_empty() => Ok(found),
        _ => Err(broken),
    }
}
