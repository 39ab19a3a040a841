//! Setting caps.

use super::capacity::Capacity;
use super::error::QuotaRefusal;
use super::store;
use crate::db::Work;
use crate::db::failure::again_on_unique;
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AreaId, CapacityId};
use crate::ledger::{self, Asset};
use crate::parties::{PartyRefusal, Pollutant, place, queries};
use accounting::{AccountKey, AssetKind, Journal, JournalKind, Subject, SubjectKind, recipes};
use jiff::civil::Date;
use serde_json::json;
use std::collections::BTreeMap;

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
}

/// Sets caps of areas in the caller's charge. A cut below what is used takes the headroom to zero and records the rest as a
/// pending reduction.
///
/// # Errors
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`],
/// [`QuotaRefusal::FutureCap`].
pub async fn set_caps(work: &mut Work, news: &[NewCap]) -> Result<Vec<Capacity>, Failure> {
    let codes: Vec<String> = news.iter().map(|new| new.area.clone()).collect();
    let areas = queries::areas_by_code(work.connection(), &codes).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let mut wanted = Vec::with_capacity(news.len());
    for new in news {
        let area = areas.get(&new.area).ok_or_else(|| PartyRefusal::UnknownArea { code: new.area.clone() })?;
        if !work.caller().covers(&area.path) {
            return Err(PartyRefusal::OutsideArea { area: area.name.clone() }.into());
        }
        let pollutant = pollutants
            .get(&new.pollutant)
            .ok_or_else(|| PartyRefusal::UnknownPollutant { code: new.pollutant.clone() })?;
        if new.valid_from > work.today() {
            return Err(QuotaRefusal::FutureCap {}.into());
        }
        wanted.push((new, area, pollutant));
    }
    let area_ids: Vec<AreaId> = wanted.iter().map(|(_, area, _)| area.id).collect();
    let locked = store::lock_capacities(work, &area_ids).await?;
    let mut known: BTreeMap<(AreaId, String), Capacity> =
        locked.into_iter().map(|capacity| ((capacity.area, capacity.pollutant.clone()), capacity)).collect();
    let mut assets = Vec::new();
    for (_, area, pollutant) in &wanted {
        known.entry((area.id, pollutant.code.clone())).or_insert_with(|| {
            let capacity = unset(area.id, &area.path, &pollutant.code);
            assets.push(capacity_asset(&capacity, pollutant));
            capacity
        });
    }
    ledger::register_assets(work, &assets)
        .await
        .map_err(|failure| again_on_unique(failure, "assets_code", "assets.book_id, assets.code"))?;
    // The accounts of all caps are locked at once, in id order.
    let accounts: Vec<AccountKey> = known.values().flat_map(Capacity::balance_accounts).collect();
    ledger::balances_under_lock(work, &accounts).await?;
    let mut set = Vec::with_capacity(wanted.len());
    for (new, area, _) in &wanted {
        if let Some(capacity) = known.get_mut(&(area.id, new.pollutant.clone())) {
            set.push((set_one(work, capacity, new).await?, new.valid_from, new.document.clone()));
        }
    }
    store::save_capacities(work, &known.into_values().collect::<Vec<_>>()).await?;
    store::insert_caps(work, &set).await?;
    Ok(set.into_iter().map(|(capacity, _, _)| capacity).collect())
}

fn unset(area: AreaId, path: &str, pollutant: &str) -> Capacity {
    Capacity {
        id: CapacityId::fresh(),
        area,
        area_path: path.to_owned(),
        pollutant: pollutant.to_owned(),
        cap: 0,
        pending_reduction: 0,
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

async fn set_one(work: &mut Work, capacity: &mut Capacity, new: &NewCap) -> Result<Capacity, Failure> {
    let holding = capacity.holding();
    let [authorised, headroom] = capacity.balance_accounts();
    let books = ledger::balances_under_lock(work, &[authorised, headroom]).await?;
    // The contra account stands below zero by what is authorised.
    let (authorised_now, free) = (-books.balance(&authorised), books.balance(&headroom));
    let postings = recipes::set_cap(holding, authorised_now, new.cap, free)?;
    capacity.cap = new.cap;
    capacity.pending_reduction = recipes::pending_reduction(authorised_now, new.cap, free);
    capacity.version += 1;
    let subject = Subject { kind: SubjectKind::Capacity, id: capacity.id.0, version: capacity.version };
    let journal = Journal::new(ids::fresh_journal(), JournalKind::CapSet, subject, work.today(), postings);
    ledger::post(work, &[journal.because(Some(new.document.clone()))]).await?;
    work.tell(Event {
        kind: "capacity.set",
        subject: capacity.id.0,
        payload: json!({ "area": new.area, "pollutant": new.pollutant, "cap_grams": new.cap }),
    });
    Ok(capacity.clone())
}
