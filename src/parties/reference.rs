//! Reference data: basins, areas, pollutants, the calendar, and right classes, which are made when they are first needed.

use super::error::PartyRefusal;
use super::place::{Area, Pollutant};
use super::queries::{self, ClassRecord};
use super::store;
use crate::db::Work;
use crate::db::failure::again_on_unique;
use crate::decisions::calendar;
use crate::kernel::calendar::DayKind;
use crate::kernel::ids::{AreaId, RightClassId};
use crate::kernel::{Failure, Refusal};
use crate::ledger::{self, Asset, Owner, OwnerKind};
use accounting::{AssetKind, RightClass};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// Most levels of areas: province, city, county, township and village, and three to spare. An index over paths holds
/// no longer text than this many codes.
const DEEPEST_AREA: usize = 8;

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
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::UnknownBasin`], [`PartyRefusal::AreaTooDeep`],
/// [`PartyRefusal::Duplicate`].
pub async fn register_reference(work: &mut Work, reference: &Reference) -> Result<(), Failure> {
    let mut broken = Vec::new();
    let basins = queries::list_basins(work.connection()).await?.into_iter().map(|(code, _)| code);
    let named = reference.basins.iter().map(|(code, _)| code);
    let basins = join("basin", basins.collect(), named, &mut broken);
    let pollutants = queries::pollutants(work.connection()).await?.into_keys().collect();
    let named = reference.pollutants.iter().map(|pollutant| &pollutant.code);
    join("pollutant", pollutants, named, &mut broken);
    let areas = place_areas(work, &reference.areas, &basins, &mut broken).await?;
    refuse(&broken)?;
    store::insert_basins(work, &reference.basins)
        .await
        .map_err(|failure| again_on_unique(failure, "basins_pkey", "basins.code"))?;
    store::insert_pollutants(work, &reference.pollutants)
        .await
        .map_err(|failure| again_on_unique(failure, "pollutants_pkey", "pollutants.code"))?;
    calendar::register_days(work, &reference.days, |at| format!("calendar_days[{at}]")).await?;
    register_areas(work, areas).await
}

/// A broken rule with the field where it stands.
type Broken = (PartyRefusal, String);

/// Refuses every broken rule at its place; as graver than one that can be mended when anything is taken already.
fn refuse(broken: &[Broken]) -> Result<(), Failure> {
    let refusals: Vec<PartyRefusal> = broken.iter().map(|(refusal, _)| refusal.clone()).collect();
    let violations = broken.iter().map(|(refusal, field)| refusal.violation().about(field)).collect();
    Failure::all(&refusals).map_err(|failure| Failure { violations, ..failure })
}

/// The known codes and the new ones, each of which must be new.
fn join<'a>(
    what: &str,
    mut known: HashSet<String>,
    named: impl Iterator<Item = &'a String>,
    broken: &mut Vec<Broken>,
) -> HashSet<String> {
    for (at, code) in named.enumerate() {
        if !known.insert(code.clone()) {
            let refusal = PartyRefusal::Duplicate { what: what.to_owned(), number: code.clone() };
            broken.push((refusal, format!("{what}s[{at}].code")));
        }
    }
    known
}

/// Gives each new area its path.
async fn place_areas(
    work: &Work,
    news: &[NewArea],
    basins: &HashSet<String>,
    broken: &mut Vec<Broken>,
) -> Result<Vec<Area>, Failure> {
    let codes: Vec<String> = news.iter().flat_map(|new| new.parent.iter().chain([&new.code])).cloned().collect();
    let known = queries::areas_by_code(work.connection(), &codes).await?;
    let mut paths: HashMap<String, String> = known.into_iter().map(|(code, area)| (code, area.path)).collect();
    let mut areas = Vec::with_capacity(news.len());
    for (at, new) in news.iter().enumerate() {
        let field = |name: &str| format!("areas[{at}].{name}");
        if let Some(basin) = new.basin.as_ref().filter(|basin| !basins.contains(*basin)) {
            broken.push((PartyRefusal::UnknownBasin { code: basin.clone() }, field("basin")));
        }
        let path = match new.parent.as_ref().map(|parent| (parent, paths.get(parent))) {
            None => new.code.clone(),
            Some((_, Some(above))) => format!("{above}/{}", new.code),
            Some((parent, None)) => {
                broken.push((PartyRefusal::UnknownArea { code: parent.clone() }, field("parent")));
                continue;
            }
        };
        if path.split('/').count() > DEEPEST_AREA {
            broken.push((PartyRefusal::AreaTooDeep { levels: DEEPEST_AREA.to_string() }, field("parent")));
            continue;
        }
        if paths.insert(new.code.clone(), path.clone()).is_some() {
            let refusal = PartyRefusal::Duplicate { what: "area".to_owned(), number: new.code.clone() };
            broken.push((refusal, field("code")));
        }
        let (code, name, basin) = (new.code.clone(), new.name.clone(), new.basin.clone());
        areas.push(Area { id: AreaId::fresh(), code, name, path, basin });
    }
    Ok(areas)
}

async fn register_areas(work: &Work, areas: Vec<Area>) -> Result<(), Failure> {
    store::insert_areas(work, &areas).await.map_err(|failure| again_on_unique(failure, "areas_code", "areas.code"))?;
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
