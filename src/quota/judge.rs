//! What a grant is judged on, and every rule it may break: when it is proposed and, under the locks, when it is confirmed.

use super::allocation::Allocation;
use super::changes::commands as changes;
use super::error::QuotaRefusal;
use crate::db::Work;
use crate::kernel::ids::{OrganisationId, RightClassId, SiteId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger;
use crate::parties::queries::ClassRecord;
use crate::parties::suspensions::{self, AreaSuspension};
use crate::parties::{Organisation, PartyRefusal, Pollutant, Site, place, queries};
use crate::rulebook::Rulebook;
use accounting::{
    AccountKey, AssetId, Books, Holding, Journal, Origin, Product, Purpose, Quantity, RightClass, Validity, decimal,
};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// The site of a grant, and how it stands.
pub struct Recipient {
    /// To whom.
    pub site: Site,
    /// Whether a permit of the site is in force.
    pub is_permitted: bool,
    /// Name of the organisation, when it is suspended.
    pub suspended: Option<String>,
}

/// What the site's area has room for.
pub struct Room {
    /// What keeps the grant out of the area; the reserve's holdings use none of it.
    pub suspension: Option<QuotaRefusal>,
    /// The area's capacity; absent where no cap is recorded.
    pub capacity: Option<Holding>,
}

/// What a grant is judged on.
pub struct Case {
    /// To whom.
    pub recipient: Recipient,
    /// Into which room.
    pub room: Room,
    /// Of what.
    pub class: RightClass,
    /// Of which pollutant.
    pub pollutant: Pollutant,
    /// How much.
    pub quantity: Quantity,
}

impl Case {
    /// The capacity that the grant uses; the reserve's holdings use none.
    pub fn used_capacity(&self) -> Option<Holding> {
        self.room.capacity.filter(|_| !self.recipient.site.is_reserve)
    }

    /// The grant as a claim of which everything is known.
    pub fn claim(&self) -> Claim<'_> {
        Claim {
            recipient: Some(&self.recipient),
            room: Some(&self.room),
            pollutant: Some(&self.pollutant),
            origin: Some(self.class.origin),
            valid_from: Some(self.class.validity.from()),
            valid_to: Some(self.class.validity.to()),
            quantity: Some(self.quantity),
        }
    }
}

/// A grant as it is judged: by what is known of it, which is everything but for a row of a table that cannot be read whole.
#[derive(Clone, Copy)]
pub struct Claim<'c> {
    /// To whom.
    pub recipient: Option<&'c Recipient>,
    /// Into which room, where site and pollutant are known.
    pub room: Option<&'c Room>,
    /// Of which pollutant.
    pub pollutant: Option<&'c Pollutant>,
    /// Free or paid.
    pub origin: Option<Origin>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// How much.
    pub quantity: Option<Quantity>,
}

/// The zone of the rights that a grant brings to a site: its own, which a grant may name, or for the reserve the one that is named.
///
/// # Errors
/// [`QuotaRefusal::ZoneMismatch`], [`QuotaRefusal::ZoneMissing`].
pub fn zone_for<'z>(site: &'z Site, pollutant: &Pollutant, zone: Option<&'z str>) -> Result<&'z str, QuotaRefusal> {
    match (zone, site.is_reserve, site.zone(pollutant)) {
        (Some(zone), true, _) => Ok(zone),
        (Some(zone), false, Some(own)) if zone != own => Err(QuotaRefusal::ZoneMismatch { zone: own.to_owned() }),
        (_, false, Some(own)) => Ok(own),
        (None, true, _) | (_, false, None) => Err(QuotaRefusal::ZoneMissing {}),
    }
}

/// What a grant's zone breaks whatever its pollutant is, which nobody knows: the reserve names one, and a site's is its basin or its city.
pub fn zone_of_none(site: &Site, zone: Option<&str>) -> Option<QuotaRefusal> {
    let Some(zone) = zone else { return site.is_reserve.then_some(QuotaRefusal::ZoneMissing {}) };
    let own: Vec<&str> = [site.basin.as_deref(), place::city_of(&site.area_path)].into_iter().flatten().collect();
    let is_own = site.is_reserve || own.is_empty() || own.contains(&zone);
    (!is_own).then(|| QuotaRefusal::ZoneMismatch { zone: own.join(" / ") })
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
    let zone = zone_for(site, pollutant, zone)?.to_owned();
    Ok(RightClass { pollutant: pollutant.code.clone(), product: Product::MultiYear, origin, zone, validity })
}

/// How sites and their areas stand, read in sets and fixed until the work ends; a cap whose day has come stands already.
pub struct Standings {
    organisations: HashMap<OrganisationId, Organisation>,
    permitted: HashSet<SiteId>,
    suspensions: suspensions::Standing,
    capacities: HashMap<String, AssetId>,
}

impl Standings {
    /// Reads them for sites, each with the pollutant that it is granted rights of, where that is known.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn load(work: &mut Work, wanted: &[(&Site, Option<&Pollutant>)]) -> Result<Self, Failure> {
        let places = wanted.iter().filter_map(|(site, of)| Some((site.area, of.as_ref()?.code.clone())));
        changes::take_due(work, &places.collect::<Vec<_>>()).await?;
        let connection = work.connection();
        let site_ids: Vec<SiteId> = wanted.iter().map(|(site, _)| site.id).collect();
        let organisation_ids: Vec<OrganisationId> = wanted.iter().map(|(site, _)| site.organisation).collect();
        let organisations = queries::organisations_by_id(connection, &organisation_ids).await?;
        let today = work.today();
        let permits = queries::permits_of(connection, &site_ids).await?;
        let in_force = permits.values().flatten().filter(|permit| permit.validity.contains(today));
        let permitted = in_force.map(|permit| permit.site).collect();
        let code = |site: &Site, pollutant: &Pollutant| place::capacity_code(&site.area_path, &pollutant.code);
        let codes: Vec<String> = wanted.iter().filter_map(|(site, of)| of.map(|of| code(site, of))).collect();
        let capacities = ledger::assets_by_code(work, &codes).await?;
        let paths = wanted.iter().filter(|(site, _)| !site.is_reserve).map(|(site, _)| site.area_path.as_str());
        let suspensions = suspensions::standing(work, paths).await?;
        Ok(Self { organisations, permitted, suspensions, capacities })
    }

    /// How a site stands.
    ///
    /// # Errors
    /// [`PartyRefusal::UnknownOrganisation`].
    pub fn recipient(&self, site: Site) -> Result<Recipient, Failure> {
        let organisation = self.organisations.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
        let is_permitted = self.permitted.contains(&site.id);
        let suspended = (!organisation.is_active()).then(|| organisation.name.clone());
        Ok(Recipient { site, is_permitted, suspended })
    }

    /// What the area of a site has room for.
    pub fn room(&self, site: &Site, pollutant: &Pollutant) -> Room {
        let stands = self.suspensions.against(pollutant, &site.area_path, None).filter(|_| !site.is_reserve);
        let asset = self.capacities.get(&place::capacity_code(&site.area_path, &pollutant.code));
        let capacity = asset.map(|asset| Holding { owner: site.area.into(), asset: *asset });
        Room { suspension: stands.map(area_suspended), capacity }
    }
}

/// Loads what grants are judged on, in sets.
pub async fn load_cases(work: &mut Work, allocations: &[Allocation]) -> Result<Vec<Case>, Failure> {
    let connection = work.connection();
    let site_ids: Vec<SiteId> = allocations.iter().map(|allocation| allocation.site).collect();
    let sites = queries::known_sites(connection, &site_ids).await?;
    let class_ids: Vec<RightClassId> = allocations.iter().map(|allocation| allocation.right_class).collect();
    let classes: HashMap<RightClassId, ClassRecord> = queries::classes_by_id(connection, &class_ids).await?;
    let pollutants = queries::pollutants(connection).await?;
    let mut found = Vec::with_capacity(allocations.len());
    for allocation in allocations {
        let site = sites.get(&allocation.site).ok_or(PartyRefusal::UnknownSite {})?;
        let class = classes.get(&allocation.right_class).map(|record| &record.class);
        let class = class.ok_or_else(|| Failure::bug("an allocation of an unknown class"))?;
        let unknown = || PartyRefusal::UnknownPollutant { code: class.pollutant.clone() };
        found.push((allocation, site, class, pollutants.get(&class.pollutant).ok_or_else(unknown)?));
    }
    let wanted: Vec<(&Site, Option<&Pollutant>)> = found.iter().map(|(_, site, _, of)| (*site, Some(*of))).collect();
    let standings = Standings::load(work, &wanted).await?;
    let case = |(allocation, site, class, pollutant): (&Allocation, &Site, &RightClass, &Pollutant)| {
        Ok(Case {
            recipient: standings.recipient(site.clone())?,
            room: standings.room(site, pollutant),
            class: class.clone(),
            pollutant: pollutant.clone(),
            quantity: allocation.quantity,
        })
    };
    found.into_iter().map(case).collect()
}

fn area_suspended(suspension: &AreaSuspension) -> QuotaRefusal {
    QuotaRefusal::AreaSuspended {
        area: suspension.area_code().to_owned(),
        document: suspension.document.clone(),
        from: suspension.from.to_string(),
    }
}

/// Where a rule is broken by one of several grants; a single one is the whole request.
pub fn place_of(at: usize, of: usize) -> String {
    if of > 1 { format!("items[{at}]") } else { String::new() }
}

/// Judges grants that are decided together, the headroom of each after those before it, and lists every broken rule after those
/// that are known already. Every account of the journals that will follow is locked with the headroom at once, in id order.
pub async fn judge(
    work: &Work,
    cases: &[Case],
    rulebook: &Rulebook,
    journals: &[Journal],
    known: Vec<Violation>,
) -> Result<(), Failure> {
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(headroom_accounts(cases.iter().map(|case| &case.room)));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    let mut left = Headroom::default();
    let mut violations = known;
    for (at, case) in cases.iter().enumerate() {
        let site = &case.recipient.site;
        if !work.caller().covers(&site.area_path) {
            return Err(Failure::from(PartyRefusal::OutsideArea { area: site.name.clone() }).at("site"));
        }
        let place = place_of(at, cases.len());
        let broken = judge_claim(&case.claim(), rulebook, work.today(), &books, &mut left);
        violations.extend(broken.iter().map(|refusal| refusal.violation().within(&place)));
    }
    Failure::refused(violations)
}

/// The accounts that tell how much the areas of these grants can still take.
pub fn headroom_accounts<'r>(rooms: impl Iterator<Item = &'r Room>) -> impl Iterator<Item = AccountKey> {
    rooms.filter_map(|room| room.capacity).map(|area| area.account(Purpose::Headroom))
}

/// What is left of each area's headroom while grants are judged one after the other.
pub type Headroom = HashMap<Holding, i64>;

/// Every rule that a grant breaks, as far as it is known.
pub fn judge_claim(
    claim: &Claim<'_>,
    rulebook: &Rulebook,
    today: Date,
    books: &Books,
    left: &mut Headroom,
) -> Vec<QuotaRefusal> {
    let mut broken: Vec<QuotaRefusal> = claim.room.and_then(|room| room.suspension.clone()).into_iter().collect();
    if let Some(pollutant) = claim.pollutant.filter(|pollutant| !rulebook.is_traded(&pollutant.code)) {
        broken.push(QuotaRefusal::NotTraded { pollutant: pollutant.code.clone() });
    }
    if let Some(recipient) = claim.recipient {
        broken.extend(recipient.suspended.clone().map(|name| QuotaRefusal::Suspended { name }));
        if !recipient.site.is_reserve && !recipient.is_permitted {
            broken.push(QuotaRefusal::PermitNotInForce { site: recipient.site.name.clone() });
        }
    }
    broken.extend(claim.valid_to.and_then(|to| outside_validity(to, today)));
    let validity = claim.valid_from.zip(claim.valid_to).and_then(|(from, to)| Validity::try_new(from, to).ok());
    broken.extend(validity.and_then(|validity| validity_too_long(rulebook, validity)));
    broken.extend(judge_headroom(claim, books, left));
    broken
}

/// Every rule that the validity of a right breaks.
pub fn judge_validity(validity: Validity, rulebook: &Rulebook, today: Date) -> Vec<QuotaRefusal> {
    outside_validity(validity.to(), today).into_iter().chain(validity_too_long(rulebook, validity)).collect()
}

fn outside_validity(to: Date, today: Date) -> Option<QuotaRefusal> {
    (to < today).then(|| QuotaRefusal::OutsideValidity { to: to.to_string() })
}

/// Refuses a validity that is longer than the rules allow.
pub fn validity_too_long(rulebook: &Rulebook, validity: Validity) -> Option<QuotaRefusal> {
    let years = rulebook.quota_validity_years()?;
    let from = validity.from();
    let longest = i16::try_from(years).ok().and_then(|years| from.checked_add(jiff::Span::new().years(years)).ok())?;
    (validity.to() >= longest).then(|| QuotaRefusal::ValidityTooLong { years: years.to_string() })
}

fn judge_headroom(claim: &Claim<'_>, books: &Books, left: &mut Headroom) -> Option<QuotaRefusal> {
    let (site, pollutant) = (&claim.recipient?.site, claim.pollutant?);
    if site.is_reserve {
        return None;
    }
    let Some(area) = claim.room?.capacity else {
        return Some(QuotaRefusal::NoCap { area: site.area_path.clone(), pollutant: pollutant.code.clone() });
    };
    let headroom = left.entry(area).or_insert_with(|| books.balance(&area.account(Purpose::Headroom)));
    let wanted = claim.quantity?.grams();
    if *headroom < wanted {
        let measure = &pollutant.measure;
        let print =
            |grams| format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit);
        return Some(QuotaRefusal::OverHeadroom { headroom: print(*headroom), wanted: print(wanted) });
    }
    *headroom -= wanted;
    None
}
