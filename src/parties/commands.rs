//! What changes the registers of parties.

use super::ceiling::Ceilings;
use super::consent::{Consent, ConsentState};
use super::error::PartyRefusal;
use super::organisation::{Organisation, OrganisationKind, OrganisationState, Ruling, is_credit_code};
use super::place::Area;
use super::site::{Permit, Project, ProjectBasis, Reduction, Site};
use super::{queries, store};
use crate::access::Role;
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::ids::{ConsentId, OrganisationId, PermitId, ProjectId, ReductionId, SiteId, UserId};
use crate::ledger::{self, Owner, OwnerKind};
use accounting::{Quantity, Ratio, Validity, decimal};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// An organisation to register.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Unified social credit code.
    pub code: String,
    /// Name as registered.
    pub name: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// Code of its area.
    pub area: String,
    /// Its industry.
    pub sector: Option<String>,
}

fn taken(what: &str, number: &str) -> PartyRefusal {
    PartyRefusal::Duplicate { what: what.to_owned(), number: number.to_owned() }
}

fn first<T>(items: &[T], number: impl Fn(&T) -> &str) -> &str {
    items.first().map(number).unwrap_or_default()
}

/// Registers organisations as verified; each can own money from then on.
///
/// # Errors
/// [`PartyRefusal::BadCode`], [`PartyRefusal::UnknownArea`], [`PartyRefusal::Duplicate`].
pub async fn register_organisations(work: &mut Work, news: &[NewOrganisation]) -> Result<Vec<Organisation>, Failure> {
    let organisations = enter(work, news, &OrganisationState::Verified, None).await?;
    own_money(work, &organisations).await?;
    Ok(organisations)
}

/// Registers organisations as applied, on behalf of the caller. They own nothing before they are verified.
///
/// # Errors
/// As [`register_organisations`], and [`PartyRefusal::NoApplication`].
pub async fn apply(work: &mut Work, news: &[NewOrganisation]) -> Result<Vec<Organisation>, Failure> {
    let codes: Vec<String> = news.iter().map(|new| new.area.clone()).collect();
    let areas = queries::areas_by_code(work.connection(), &codes).await?;
    let broken: Vec<PartyRefusal> =
        news.iter().flat_map(|new| faults_of_applicant(new, areas.get(&new.area))).collect();
    Failure::all(&broken)?;
    enter(work, news, &OrganisationState::Applied, Some(work.caller().user)).await
}

/// What stands against registering an organisation in its area.
fn faults_of(new: &NewOrganisation, area: Option<&Area>) -> Vec<PartyRefusal> {
    let bad_code = (!is_credit_code(&new.code)).then(|| PartyRefusal::BadCode { code: new.code.clone() });
    let unknown_area = area.is_none().then(|| PartyRefusal::UnknownArea { code: new.area.clone() });
    bad_code.into_iter().chain(unknown_area).collect()
}

/// The same for one that applies itself.
pub fn faults_of_applicant(new: &NewOrganisation, area: Option<&Area>) -> Vec<PartyRefusal> {
    let is_office = !new.kind.may_apply();
    let office = is_office.then(|| PartyRefusal::NoApplication { kind: new.kind.as_str().to_owned() });
    office.into_iter().chain(faults_of(new, area)).collect()
}

async fn enter(
    work: &mut Work,
    news: &[NewOrganisation],
    state: &OrganisationState,
    applied_by: Option<UserId>,
) -> Result<Vec<Organisation>, Failure> {
    let codes: Vec<String> = news.iter().map(|new| new.area.clone()).collect();
    let areas = queries::areas_by_code(work.connection(), &codes).await?;
    let mut refusals = Vec::new();
    let mut organisations = Vec::with_capacity(news.len());
    for new in news {
        let area = areas.get(&new.area);
        refusals.extend(faults_of(new, area));
        let Some(area) = area else { continue };
        organisations.push(Organisation {
            id: OrganisationId::fresh(),
            code: new.code.clone(),
            name: new.name.clone(),
            kind: new.kind,
            area: area.id,
            area_path: area.path.clone(),
            sector: new.sector.clone(),
            state: state.clone(),
            applied_by,
            version: 1,
            registered_at: work.now(),
        });
    }
    Failure::all(&refusals)?;
    store::insert_organisations(work, &organisations).await.map_err(|failure| {
        let number = first(news, |new| &new.code);
        on_unique(failure, "organisations_code", "organisations.code", || taken("organisation", number))
            .renamed("number", "code")
    })?;
    Ok(organisations)
}

/// Lets organisations own money.
async fn own_money(work: &mut Work, organisations: &[Organisation]) -> Result<(), Failure> {
    let owners: Vec<Owner> = organisations
        .iter()
        .map(|organisation| Owner {
            id: organisation.id.into(),
            kind: OwnerKind::Organisation,
            name: organisation.name.clone(),
            organisation: Some(organisation.id),
            area_path: Some(organisation.area_path.clone()),
        })
        .collect();
    ledger::register_owners(work, &owners).await
}

/// A ruling on one organisation.
#[derive(Debug, Clone)]
pub struct RulingOn {
    /// On which.
    pub organisation: OrganisationId,
    /// The version that the client saw.
    pub expected: Option<i64>,
    /// What is decided.
    pub ruling: Ruling,
}

/// Carries out rulings on organisations, locked meanwhile. What is verified can own money from then on.
///
/// # Errors
/// What [`Organisation::ruled`] refuses, and a stale version; hidden when the caller may not rule on it: a bureau rules on those of
/// its area that may apply for themselves, the operator on the others and never on itself.
pub async fn rule_on(work: &mut Work, rulings: &[RulingOn]) -> Result<Vec<Organisation>, Failure> {
    let ids: Vec<OrganisationId> = rulings.iter().map(|one| one.organisation).collect();
    let locked = store::lock_organisations(work, &ids).await?;
    let (mut ruled, mut verified) = (Vec::with_capacity(rulings.len()), Vec::new());
    for one in rulings {
        let found = locked.iter().find(|organisation| organisation.id == one.organisation);
        let organisation = found.filter(|found| is_in_charge(work, found)).ok_or_else(|| not_found("organisation"))?;
        expect_version(one.expected, organisation.version)?;
        let after = organisation.clone().ruled(one.ruling.clone())?;
        if one.ruling == Ruling::Verify {
            verified.push(after.clone());
        }
        ruled.push(after);
    }
    store::save_organisations(work, &ruled).await?;
    own_money(work, &verified).await?;
    Ok(ruled)
}

fn is_in_charge(work: &Work, organisation: &Organisation) -> bool {
    let caller = work.caller();
    let is_operator = caller.roles.contains(&Role::Operator);
    match (is_operator, organisation.kind.may_apply()) {
        (true, false) => organisation.kind != OrganisationKind::Operator,
        (false, true) => caller.covers(&organisation.area_path),
        _ => false,
    }
}

/// Locks organisations, so that whatever is judged on the users of one follows what was done before.
///
/// # Errors
/// A fault of the database.
pub async fn lock_organisations(work: &Work, ids: &[OrganisationId]) -> Result<Vec<Organisation>, Failure> {
    store::lock_organisations(work, ids).await
}

/// A site to register.
#[derive(Debug, Clone)]
pub struct NewSite {
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Code of its area.
    pub area: String,
    /// Code of its basin.
    pub basin: Option<String>,
    /// Its industry.
    pub sector: Option<String>,
}

/// Registers sites in the caller's area; each can own rights from then on.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::NoSites`], [`PartyRefusal::UnknownArea`],
/// [`PartyRefusal::UnknownBasin`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::Duplicate`].
pub async fn register_sites(work: &mut Work, news: &[NewSite]) -> Result<Vec<Site>, Failure> {
    let ids: Vec<OrganisationId> = news.iter().map(|new| new.organisation).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    let codes: Vec<String> = news.iter().map(|new| new.area.clone()).collect();
    let areas = queries::areas_by_code(work.connection(), &codes).await?;
    let basins: Vec<String> =
        queries::list_basins(work.connection()).await?.into_iter().map(|(code, _)| code).collect();
    let mut refusals = Vec::new();
    let mut sites = Vec::with_capacity(news.len());
    for new in news {
        let Some(organisation) = organisations.get(&new.organisation).filter(|found| found.is_known()) else {
            refusals.push(PartyRefusal::UnknownOrganisation {});
            continue;
        };
        if !matches!(organisation.kind, OrganisationKind::Enterprise | OrganisationKind::Reserve) {
            refusals.push(PartyRefusal::NoSites { name: organisation.name.clone() });
        }
        if let Some(basin) = new.basin.as_ref().filter(|basin| !basins.contains(basin)) {
            refusals.push(PartyRefusal::UnknownBasin { code: basin.clone() });
        }
        let Some(area) = areas.get(&new.area) else {
            refusals.push(PartyRefusal::UnknownArea { code: new.area.clone() });
            continue;
        };
        if !work.caller().covers(&area.path) {
            refusals.push(PartyRefusal::OutsideArea { area: area.name.clone() });
        }
        sites.push(Site {
            id: SiteId::fresh(),
            number: new.number.clone(),
            organisation: organisation.id,
            name: new.name.clone(),
            area: area.id,
            area_path: area.path.clone(),
            basin: new.basin.clone(),
            sector: new.sector.clone(),
            is_reserve: organisation.kind == OrganisationKind::Reserve,
            version: 1,
            registered_at: work.now(),
        });
    }
    Failure::all(&refusals)?;
    store::insert_sites(work, &sites).await.map_err(|failure| {
        on_unique(failure, "sites_number", "sites.number", || taken("site", first(news, |new| &new.number)))
    })?;
    let owners: Vec<Owner> = sites.iter().map(owner_of).collect();
    ledger::register_owners(work, &owners).await?;
    Ok(sites)
}

fn owner_of(site: &Site) -> Owner {
    Owner {
        id: site.id.into(),
        kind: OwnerKind::Site,
        name: site.name.clone(),
        organisation: Some(site.organisation),
        area_path: Some(site.area_path.clone()),
    }
}

/// Checks that the sites are there and lie in the caller's area.
async fn sites_in_charge(work: &Work, ids: &[SiteId]) -> Result<std::collections::HashMap<SiteId, Site>, Failure> {
    let sites = queries::known_sites(work.connection(), ids).await?;
    let outside = sites.values().find(|site| !work.caller().covers(&site.area_path));
    match outside {
        Some(site) => Err(Failure::from(PartyRefusal::OutsideArea { area: site.name.clone() }).at("site")),
        None => Ok(sites),
    }
}

/// A permit to register.
#[derive(Debug, Clone)]
pub struct NewPermit {
    /// Its number.
    pub number: String,
    /// Whose.
    pub site: SiteId,
    /// First and last day.
    pub validity: Validity,
    /// Permitted quantity by pollutant code.
    pub quantities: BTreeMap<String, Quantity>,
}

/// Registers permits of sites in the caller's area.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`],
/// [`PartyRefusal::Duplicate`].
pub async fn register_permits(work: &mut Work, news: &[NewPermit]) -> Result<Vec<Permit>, Failure> {
    let ids: Vec<SiteId> = news.iter().map(|new| new.site).collect();
    sites_in_charge(work, &ids).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let mut permits = Vec::with_capacity(news.len());
    for new in news {
        if let Some(code) = new.quantities.keys().find(|code| !pollutants.contains_key(*code)) {
            return Err(PartyRefusal::UnknownPollutant { code: code.clone() }.into());
        }
        permits.push(Permit {
            id: PermitId::fresh(),
            number: new.number.clone(),
            site: new.site,
            validity: new.validity,
            quantities: new.quantities.iter().map(|(code, quantity)| (code.clone(), quantity.grams())).collect(),
            version: 1,
            registered_at: work.now(),
        });
    }
    store::save_permits(work, &permits).await.map_err(|failure| {
        on_unique(failure, "permits_number", "permits.number", || taken("permit", first(news, |new| &new.number)))
    })?;
    Ok(permits)
}

/// One change of a permitted quantity.
#[derive(Debug, Clone)]
pub struct Variation {
    /// Which permit.
    pub permit: PermitId,
    /// Of which pollutant.
    pub pollutant: String,
    /// Grams to add; negative to take off.
    pub change: i64,
}

/// A permit before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Varied {
    /// Permitted grams before.
    pub before: i64,
    /// Permitted grams after; never less than nothing.
    pub after: i64,
}

/// Varies permits (排污许可证变更). A permitted quantity that would fall below nothing is set to nothing: the permit then
/// allows no discharge of that pollutant.
///
/// # Errors
/// [`PartyRefusal::UnknownPermit`].
pub async fn vary_permits(work: &mut Work, variations: &[Variation]) -> Result<Vec<Varied>, Failure> {
    let ids: Vec<PermitId> = variations.iter().map(|variation| variation.permit).collect();
    let locked = store::lock_permits(work, &ids).await?;
    let mut permits: BTreeMap<PermitId, Permit> = locked.into_iter().map(|permit| (permit.id, permit)).collect();
    let mut varied = Vec::with_capacity(variations.len());
    for variation in variations {
        let permit = permits.get_mut(&variation.permit).ok_or(PartyRefusal::UnknownPermit {})?;
        let quantity = permit.quantities.entry(variation.pollutant.clone()).or_insert(0);
        let before = *quantity;
        *quantity = before.checked_add(variation.change).unwrap_or(i64::MAX).max(0);
        varied.push(Varied { before, after: *quantity });
    }
    for permit in permits.values_mut() {
        permit.version += 1;
    }
    store::save_permits(work, &permits.into_values().collect::<Vec<_>>()).await?;
    Ok(varied)
}

/// A project to register.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its number.
    pub number: String,
    /// Whose.
    pub site: SiteId,
    /// On what basis.
    pub basis: ProjectBasis,
    /// Number of its total-quantity document.
    pub document: String,
    /// Day of that document.
    pub verified_on: Date,
    /// Its own replacement ratio; none where the rulebook's applies.
    pub replacement_ratio: Option<Ratio>,
}

/// Registers construction projects of sites in the caller's area.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::Duplicate`].
pub async fn register_projects(work: &mut Work, news: &[NewProject]) -> Result<Vec<Project>, Failure> {
    let ids: Vec<SiteId> = news.iter().map(|new| new.site).collect();
    sites_in_charge(work, &ids).await?;
    let projects: Vec<Project> = news
        .iter()
        .map(|new| Project {
            id: ProjectId::fresh(),
            number: new.number.clone(),
            site: new.site,
            basis: new.basis,
            document: new.document.clone(),
            verified_on: new.verified_on,
            replacement_ratio: new.replacement_ratio,
            registered_at: work.now(),
        })
        .collect();
    store::insert_projects(work, &projects).await.map_err(|failure| {
        on_unique(failure, "projects_number", "projects.number", || taken("project", first(news, |new| &new.number)))
    })?;
    Ok(projects)
}

/// A reduction to register.
#[derive(Debug, Clone)]
pub struct NewReduction {
    /// Whose.
    pub site: SiteId,
    /// Of which pollutant.
    pub pollutant: String,
    /// How much.
    pub quantity: Quantity,
    /// Number of the document that verified it.
    pub document: String,
    /// SHA-256 of the documents that prove it.
    pub document_hash: Option<String>,
}

/// Registers reductions (减排登记) of sites in the caller's area.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`], [`PartyRefusal::UnknownPollutant`],
/// [`PartyRefusal::ReductionOverCeiling`].
pub async fn register_reductions(work: &mut Work, news: &[NewReduction]) -> Result<Vec<Reduction>, Failure> {
    let ids: Vec<SiteId> = news.iter().map(|new| new.site).collect();
    sites_in_charge(work, &ids).await?;
    let pollutants = queries::pollutants(work.connection()).await?;
    let ceilings = Ceilings::load(work, &ids).await?;
    let mut broken = Vec::new();
    for new in news {
        let Some(pollutant) = pollutants.get(&new.pollutant) else {
            broken.push(PartyRefusal::UnknownPollutant { code: new.pollutant.clone() });
            continue;
        };
        let ceiling = ceilings.of(new.site, &new.pollutant);
        if new.quantity.grams() > ceiling {
            let measure = &pollutant.measure;
            let printed = decimal::print(ceiling, measure.grams_per_unit, measure.decimals);
            let (pollutant, ceiling) = (new.pollutant.clone(), format!("{printed} {}", measure.unit));
            broken.push(PartyRefusal::ReductionOverCeiling { pollutant, ceiling });
        }
    }
    Failure::all(&broken)?;
    let reductions: Vec<Reduction> = news
        .iter()
        .map(|new| Reduction {
            id: ReductionId::fresh(),
            site: new.site,
            pollutant: new.pollutant.clone(),
            quantity: new.quantity,
            document: new.document.clone(),
            document_hash: new.document_hash.clone(),
            registered_at: work.now(),
        })
        .collect();
    store::insert_reductions(work, &reductions).await.map_err(|failure| {
        let columns = "reductions.site_id, reductions.pollutant, reductions.document";
        let document = first(news, |new| &new.document);
        on_unique(failure, "reductions_document", columns, || taken("reduction", document))
            .renamed("number", "document")
    })?;
    Ok(reductions)
}

/// A consent to give.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// Who may look.
    pub pledgee: OrganisationId,
    /// Codes of the right classes.
    pub right_classes: Vec<String>,
    /// The last day.
    pub valid_until: Date,
}

/// Gives consents on behalf of the caller's organisation.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::NotPledgee`], [`PartyRefusal::SuspendedOrganisation`],
/// [`PartyRefusal::UnknownRightClass`], [`PartyRefusal::ConsentInPast`].
pub async fn give_consents(work: &mut Work, news: &[NewConsent]) -> Result<Vec<Consent>, Failure> {
    let ids: Vec<OrganisationId> = news.iter().map(|new| new.pledgee).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    let codes: Vec<String> = news.iter().flat_map(|new| new.right_classes.clone()).collect();
    let classes = queries::classes_by_code(work.connection(), &codes).await?;
    let mut refusals = Vec::new();
    let mut consents = Vec::with_capacity(news.len());
    for new in news {
        match organisations.get(&new.pledgee).filter(|pledgee| pledgee.is_known()) {
            Some(pledgee) if !matches!(pledgee.kind, OrganisationKind::Bank | OrganisationKind::Guarantor) => {
                refusals.push(PartyRefusal::NotPledgee {});
            }
            Some(pledgee) if !pledgee.is_active() => {
                refusals.push(PartyRefusal::SuspendedOrganisation { name: pledgee.name.clone() });
            }
            Some(_) => {}
            None => refusals.push(PartyRefusal::UnknownOrganisation {}),
        }
        if let Some(code) = new.right_classes.iter().find(|code| !classes.contains_key(*code)) {
            refusals.push(PartyRefusal::UnknownRightClass { code: code.clone() });
        }
        if new.valid_until < work.today() {
            refusals.push(PartyRefusal::ConsentInPast {});
        }
        consents.push(Consent {
            id: ConsentId::fresh(),
            organisation: work.caller().organisation,
            pledgee: new.pledgee,
            right_classes: new.right_classes.clone(),
            valid_until: new.valid_until,
            state: ConsentState::InForce,
            given_by: work.caller().user,
            given_at: work.now(),
            version: 1,
        });
    }
    Failure::all(&refusals).map_err(|failure| failure.renamed("right_class", "right_classes"))?;
    store::save_consents(work, &consents).await?;
    Ok(consents)
}

/// Withdraws consents of the caller's organisation, at once and for good.
///
/// # Errors
/// [`PartyRefusal::ConsentWithdrawn`]; hidden when it is not the caller's.
pub async fn withdraw_consents(work: &mut Work, wanted: &[(ConsentId, Option<i64>)]) -> Result<Vec<Consent>, Failure> {
    let ids: Vec<ConsentId> = wanted.iter().map(|(id, _)| *id).collect();
    let locked = store::lock_consents(work, &ids).await?;
    let mut withdrawn = Vec::with_capacity(wanted.len());
    for (id, expected) in wanted {
        let own = locked.iter().find(|consent| consent.id == *id && consent.organisation == work.caller().organisation);
        let consent = own.ok_or_else(|| not_found("consent"))?;
        expect_version(*expected, consent.version)?;
        withdrawn.push(consent.clone().withdraw()?);
    }
    store::save_consents(work, &withdrawn).await?;
    Ok(withdrawn)
}

/// The consents between these enterprises and banks, locked: none of them is withdrawn before the work ends.
///
/// # Errors
/// A fault of the database.
pub async fn consents_under_lock(
    work: &Work,
    pairs: &[(OrganisationId, OrganisationId)],
) -> Result<Vec<Consent>, Failure> {
    store::share_consents(work, pairs).await
}

/// Logs that the caller looks under a consent, and tells the consent.
///
/// # Errors
/// Hidden when the consent was not given to the caller's organisation or does not stand.
pub async fn look(work: &mut Work, id: ConsentId, what: &str) -> Result<Consent, Failure> {
    let found = store::lock_consents(work, &[id]).await?.into_iter().next();
    let consent = found
        .filter(|consent| consent.pledgee == work.caller().organisation && consent.is_in_force(work.today()))
        .ok_or_else(|| not_found("consent"))?;
    store::insert_access(work, &consent, what).await?;
    Ok(consent)
}
