//! Reference data: basins, areas, pollutants, the calendar, and right classes, which are made when they are first needed.

use super::error::PartyRefusal;
use super::place::{Area, Pollutant};
use super::queries::{self, ClassRecord};
use super::store;
use crate::db::Work;
use crate::db::failure::{again_on_unique, on_unique};
use crate::kernel::Failure;
use crate::kernel::calendar::DayKind;
use crate::kernel::ids::{AreaId, RightClassId};
use crate::ledger::{self, Asset, Owner, OwnerKind};
use accounting::{AssetKind, RightClass};
use jiff::civil::Date;
use std::collections::HashMap;

/// An area to register, below a parent that is registered or stands earlier in the list.
#[derive(Debug, Clone)]
pub struct NewArea {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of the area it lies in; none for the province.
    pub parent: Option<String>,
    /// Code of its basin.
    pub basin: Option<String>,
}

/// A load of reference data.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Codes and names of basins.
    pub basins: Vec<(String, String)>,
    /// Areas, parents first.
    pub areas: Vec<NewArea>,
    /// Pollutants.
    pub pollutants: Vec<Pollutant>,
    /// Holidays and worked weekend days.
    pub days: Vec<(Date, DayKind)>,
}

/// Registers reference data, all or nothing. Days of the calendar replace what was known of them.
///
/// # Errors
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::UnknownBasin`], [`PartyRefusal::Duplicate`].
pub async fn register_reference(work: &mut Work, reference: &Reference) -> Result<(), Failure> {
    let duplicate = |what: &str| PartyRefusal::Duplicate { what: what.to_owned(), number: String::new() };
    store::insert_basins(work, &reference.basins)
        .await
        .map_err(|failure| on_unique(failure, "basins_pkey", "basins.code", || duplicate("basin")))?;
    store::insert_pollutants(work, &reference.pollutants)
        .await
        .map_err(|failure| on_unique(failure, "pollutants_pkey", "pollutants.code", || duplicate("pollutant")))?;
    let days = reference.days.iter().map(|(day, kind)| (day.to_string(), kind.as_str().to_owned())).collect();
    store::save_calendar_days(work, days).await?;
    register_areas(work, &reference.areas).await
}

async fn register_areas(work: &Work, news: &[NewArea]) -> Result<(), Failure> {
    let basins: Vec<String> = queries::list_basins(work.connection()).await?.into_iter().map(|(code, _)| code).collect();
    let parents: Vec<String> = news.iter().filter_map(|new| new.parent.clone()).collect();
    let mut known = queries::areas_by_code(work.connection(), &parents).await?;
    let mut areas = Vec::with_capacity(news.len());
    for new in news {
        if let Some(basin) = new.basin.as_ref().filter(|basin| !basins.contains(basin)) {
            return Err(PartyRefusal::UnknownBasin { code: basin.clone() }.into());
        }
        let path = match &new.parent {
            None => new.code.clone(),
            Some(parent) => {
                let parent = known.get(parent).ok_or_else(|| PartyRefusal::UnknownArea { code: parent.clone() })?;
                format!("{}/{}", parent.path, new.code)
            }
        };
        let (code, name, basin) = (new.code.clone(), new.name.clone(), new.basin.clone());
        let area = Area { id: AreaId::fresh(), code: code.clone(), name, path, basin };
        known.insert(code, area.clone());
        areas.push(area);
    }
    store::insert_areas(work, &areas).await.map_err(|failure| {
        let taken = || PartyRefusal::Duplicate { what: "area".to_owned(), number: String::new() };
        on_unique(failure, "areas_code", "areas.code", taken)
    })?;
    let owners: Vec<Owner> = areas
        .into_iter()
        .map(|area| Owner {
            id: area.id.into(),
            kind: OwnerKind::Area,
            name: area.name,
            organisation: None,
            area_path: Some(area.path),
        })
        .collect();
    ledger::register_owners(work, &owners).await
}

/// Finds right classes by what they are, and makes those that nobody needed before.
///
/// # Errors
/// [`PartyRefusal::UnknownPollutant`].
pub async fn open_classes(work: &Work, classes: &[RightClass]) -> Result<HashMap<String, ClassRecord>, Failure> {
    let mut wanted: HashMap<String, &RightClass> = classes.iter().map(|class| (class.code(), class)).collect();
    let codes: Vec<String> = wanted.keys().cloned().collect();
    let mut found = queries::classes_by_code(work.connection(), &codes).await?;
    wanted.retain(|code, _| !found.contains_key(code));
    if wanted.is_empty() {
        return Ok(found);
    }
    let pollutants = queries::pollutants(work.connection()).await?;
    let mut records = Vec::new();
    let mut assets = Vec::new();
    for (code, class) in wanted {
        let pollutant = pollutants
            .get(&class.pollutant)
            .ok_or_else(|| PartyRefusal::UnknownPollutant { code: class.pollutant.clone() })?;
        let id = RightClassId::fresh();
        assets.push(right_asset(id, &code, pollutant));
        records.push((id, class.clone()));
        found.insert(code, ClassRecord { id, class: class.clone() });
    }
    store::insert_right_classes(work, &records)
        .await
        .map_err(|failure| again_on_unique(failure, "right_classes_code", "right_classes.code"))?;
    ledger::register_assets(work, &assets).await?;
    Ok(found)
}

fn right_asset(id: RightClassId, code: &str, pollutant: &Pollutant) -> Asset {
    Asset {
        id: id.into(),
        kind: AssetKind::Right,
        code: code.to_owned(),
        unit: pollutant.measure.unit.clone(),
        units_per_whole: pollutant.measure.grams_per_unit,
        decimals: pollutant.measure.decimals,
    }
}
