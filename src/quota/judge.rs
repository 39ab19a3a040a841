//! What a grant is judged on, and every rule it may break: when it is proposed and, under the locks, when it is confirmed.

use super::allocation::Allocation;
use super::error::QuotaRefusal;
use crate::db::Work;
use crate::kernel::ids::{OrganisationId, RightClassId, SiteId};
use crate::kernel::{Failure, Kind, Refusal};
use crate::ledger;
use crate::parties::queries::ClassRecord;
use crate::parties::suspensions::{self, AreaSuspension};
use crate::parties::{PartyRefusal, Pollutant, Site, place, queries};
use crate::rulebook::Rulebook;
use accounting::{
    AccountKey, AssetId, Books, Holding, Journal, Origin, Product, Purpose, Quantity, RightClass, Validity, decimal,
};
use jiff::civil::Date;
use std::collections::HashMap;

/// What a grant is judged on.
pub struct Case {
    /// To whom.
    pub site: Site,
    /// Of what.
    pub class: RightClass,
    /// Of which pollutant.
    pub pollutant: Pollutant,
    /// How much.
    pub quantity: Quantity,
    /// Whether a permit of the site is in force.
    pub is_permitted: bool,
    /// Name of the organisation, when it is suspended.
    pub suspended: Option<String>,
    /// What keeps the grant out of the site's area; the reserve's holdings use none of it.
    pub suspension: Option<QuotaRefusal>,
    /// The area's capacity; absent where no cap is recorded.
    pub capacity: Option<Holding>,
}

/// The class of the rights that a grant brings to a site.
///
/// # Errors
/// [`QuotaRefusal::ZoneMismatch`], [`QuotaRefusal::ZoneMissing`].
pub fn class_for(
    site: &Site,
    pollutant: &Pollutant,
    origin: Origin,
    validity: Validity,
    zone: Option<&str>,
) -> Result<RightClass, QuotaRefusal> {
    let zone = match (zone, site.is_reserve, site.zone(pollutant)) {
        (Some(zone), true, _) => zone,
        (Some(zone), false, Some(own)) if zone != own => {
            return Err(QuotaRefusal::ZoneMismatch { zone: own.to_owned() });
        }
        (_, false, Some(own)) => own,
        (None, true, _) | (_, false, None) => return Err(QuotaRefusal::ZoneMissing {}),
    };
    let (pollutant, zone) = (pollutant.code.clone(), zone.to_owned());
    Ok(RightClass { pollutant, product: Product::MultiYear, origin, zone, validity })
}

/// Loads what grants are judged on, in sets.
pub async fn load_cases(work: &Work, allocations: &[Allocation]) -> Result<Vec<Case>, Failure> {
    let connection = work.connection();
    let site_ids: Vec<SiteId> = allocations.iter().map(|allocation| allocation.site).collect();
    let sites = queries::known_sites(connection, &site_ids).await?;
    let organisation_ids: Vec<OrganisationId> = allocations.iter().map(|allocation| allocation.organisation).collect();
    let organisations = queries::organisations_by_id(connection, &organisation_ids).await?;
    let permits = queries::permits_of(connection, &site_ids).await?;
    let class_ids: Vec<RightClassId> = allocations.iter().map(|allocation| allocation.right_class).collect();
    let classes: HashMap<RightClassId, ClassRecord> = queries::classes_by_id(connection, &class_ids).await?;
    let pollutants = queries::pollutants(connection).await?;
    let class_of = |allocation: &Allocation| classes.get(&allocation.right_class).map(|record| record.class.clone());
    let codes: Vec<String> = allocations
        .iter()
        .filter_map(|allocation| Some(place::capacity_code(&allocation.area_path, &class_of(allocation)?.pollutant)))
        .collect();
    let capacities: HashMap<String, AssetId> = ledger::assets_by_code(work, &codes).await?;
    let paths = sites.values().filter(|site| !site.is_reserve).map(|site| site.area_path.as_str());
    let suspensions = suspensions::standing(work, paths).await?;
    let today = work.today();
    allocations
        .iter()
        .map(|allocation| {
            let site = sites.get(&allocation.site).ok_or(PartyRefusal::UnknownSite {})?.clone();
            let class = class_of(allocation).ok_or_else(|| Failure::bug("an allocation of an unknown class"))?;
            let unknown = || PartyRefusal::UnknownPollutant { code: class.pollutant.clone() };
            let pollutant = pollutants.get(&class.pollutant).ok_or_else(unknown)?.clone();
            let organisation = organisations.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
            let is_permitted = permits
                .get(&site.id)
                .is_some_and(|permits| permits.iter().any(|permit| permit.validity.contains(today)));
            let stands = suspensions.against(&pollutant, &site.area_path, None).filter(|_| !site.is_reserve);
            let asset = capacities.get(&place::capacity_code(&allocation.area_path, &class.pollutant));
            Ok(Case {
                capacity: asset.map(|asset| Holding { owner: site.area.into(), asset: *asset }),
                suspension: stands.map(area_suspended),
                quantity: allocation.quantity,
                suspended: (!organisation.is_active()).then(|| organisation.name.clone()),
                site,
                class,
                pollutant,
                is_permitted,
            })
        })
        .collect()
}

fn area_suspended(suspension: &AreaSuspension) -> QuotaRefusal {
    QuotaRefusal::AreaSuspended {
        area: suspension.area_code().to_owned(),
        document: suspension.document.clone(),
        from: suspension.from.to_string(),
    }
}

/// Judges grants that are decided together, the headroom of each after those before it, and lists every broken rule. Every
/// account of the journals that will follow is locked with the headroom at once, in id order.
pub async fn judge(work: &Work, cases: &[Case], rulebook: &Rulebook, journals: &[Journal]) -> Result<(), Failure> {
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(headroom_accounts(cases));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    let mut left = Headroom::default();
    let mut violations = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        if !work.caller().covers(&case.site.area_path) {
            return Err(PartyRefusal::OutsideArea { area: case.site.name.clone() }.into());
        }
        let place = if cases.len() > 1 { format!("items[{at}]") } else { String::new() };
        let broken = judge_one(case, rulebook, work.today(), &books, &mut left);
        violations.extend(broken.iter().map(|refusal| refusal.violation().within(&place)));
    }
    if violations.is_empty() { Ok(()) } else { Err(Failure { kind: Kind::Refused, violations, source: None }) }
}

/// The accounts that tell how much the areas of these cases can still take.
pub fn headroom_accounts(cases: &[Case]) -> impl Iterator<Item = AccountKey> {
    cases.iter().filter_map(|case| case.capacity).map(|area| area.account(Purpose::Headroom))
}

/// What is left of each area's headroom while grants are judged one after the other.
pub type Headroom = HashMap<Holding, i64>;

/// Every rule that a grant breaks.
pub fn judge_one(
    case: &Case,
    rulebook: &Rulebook,
    today: Date,
    books: &Books,
    left: &mut Headroom,
) -> Vec<QuotaRefusal> {
    let mut broken = judge_alone(case, rulebook, today);
    broken.extend(judge_headroom(case, books, left));
    broken
}

fn judge_alone(case: &Case, rulebook: &Rulebook, today: Date) -> Vec<QuotaRefusal> {
    let mut broken: Vec<QuotaRefusal> = case.suspension.iter().cloned().collect();
    let pollutant = &case.pollutant.code;
    if !rulebook.is_traded(pollutant) {
        broken.push(QuotaRefusal::NotTraded { pollutant: pollutant.clone() });
    }
    if let Some(name) = &case.suspended {
        broken.push(QuotaRefusal::Suspended { name: name.clone() });
    }
    if !case.site.is_reserve && !case.is_permitted {
        broken.push(QuotaRefusal::PermitNotInForce { site: case.site.name.clone() });
    }
    broken.extend(judge_validity(case.class.validity, rulebook, today));
    broken
}

/// Every rule that the validity of a right breaks.
pub fn judge_validity(validity: Validity, rulebook: &Rulebook, today: Date) -> Vec<QuotaRefusal> {
    let mut broken = Vec::new();
    let to = validity.to();
    if to < today {
        broken.push(QuotaRefusal::OutsideValidity { to: to.to_string() });
    }
    broken.extend(validity_too_long(rulebook, validity));
    broken
}

/// Refuses a validity that is longer than the rules allow.
pub fn validity_too_long(rulebook: &Rulebook, validity: Validity) -> Option<QuotaRefusal> {
    let years = rulebook.quota_validity_years()?;
    let from = validity.from();
    let longest = i16::try_from(years).ok().and_then(|years| from.checked_add(jiff::Span::new().years(years)).ok())?;
    (validity.to() >= longest).then(|| QuotaRefusal::ValidityTooLong { years: years.to_string() })
}

fn judge_headroom(case: &Case, books: &Books, left: &mut Headroom) -> Option<QuotaRefusal> {
    if case.site.is_reserve {
        return None;
    }
    let Some(area) = case.capacity else {
        let (area, pollutant) = (case.site.area_path.clone(), case.pollutant.code.clone());
        return Some(QuotaRefusal::NoCap { area, pollutant });
    };
    let headroom = left.entry(area).or_insert_with(|| books.balance(&area.account(Purpose::Headroom)));
    let wanted = case.quantity.grams();
    if *headroom < wanted {
        let measure = &case.pollutant.measure;
        let print =
            |grams| format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit);
        return Some(QuotaRefusal::OverHeadroom { headroom: print(*headroom), wanted: print(wanted) });
    }
    *headroom -= wanted;
    None
}
