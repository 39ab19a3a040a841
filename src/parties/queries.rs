//! What is read of the parties: by commands that judge, and by callers who may see it.

use super::consent::Consent;
use super::error::PartyRefusal;
use super::organisation::{Organisation, OrganisationKind};
use super::place::{Area, Pollutant};
use super::site::{Permit, Project, Reduction, Site};
use super::store::{
    access_log, areas, basins, consents, organisations, permits, pollutants, projects, reductions, right_classes,
    sites, with_quantities,
};
use crate::access::{Caller, Scope};
use crate::db::{Work, rows};
use crate::http::concern::Party;
use crate::kernel::ids::{OrganisationId, PermitId, ProjectId, RightClassId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use accounting::{Measure, RightClass};
use jiff::civil::Date;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A right class with its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRecord {
    /// Its identity; also that of its asset.
    pub id: RightClassId,
    /// What it is.
    pub class: RightClass,
}

fn class_record(row: &right_classes::Model) -> Result<ClassRecord, Failure> {
    let class = RightClass::parse(&row.code).map_err(Failure::bug)?;
    Ok(ClassRecord { id: RightClassId(row.id), class })
}

/// The sites with these ids.
pub async fn sites_by_id(connection: &impl ConnectionTrait, ids: &[SiteId]) -> Result<HashMap<SiteId, Site>, Failure> {
    let rows = sites::Entity::find().filter(sites::Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    Ok(rows.into_iter().map(|row| (SiteId(row.id), Site::from(row))).collect())
}

/// The sites with these numbers, by number.
pub async fn sites_by_number(
    connection: &impl ConnectionTrait,
    numbers: &[String],
) -> Result<HashMap<String, Site>, Failure> {
    let wanted = sites::Column::Number.is_in(numbers.iter().cloned());
    let rows = sites::Entity::find().filter(wanted).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.number.clone(), Site::from(row))).collect())
}

/// The organisations with these unified social credit codes; a refused one does not keep its code.
///
/// # Errors
/// A fault of the database.
pub async fn organisations_by_code(
    connection: &impl ConnectionTrait,
    codes: &[String],
) -> Result<HashMap<OrganisationId, Organisation>, Failure> {
    let wanted = organisations::Column::Code.is_in(codes.iter().cloned());
    let rows = organisations::Entity::find().filter(wanted).filter(organisations::Column::State.ne("refused"));
    let rows = rows.all(connection).await?;
    rows.into_iter().map(|row| Ok((OrganisationId(row.id), Organisation::try_from(row)?))).collect()
}

/// The organisations with these ids.
pub async fn organisations_by_id(
    connection: &impl ConnectionTrait,
    ids: &[OrganisationId],
) -> Result<HashMap<OrganisationId, Organisation>, Failure> {
    let wanted = organisations::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = organisations::Entity::find().filter(wanted).all(connection).await?;
    rows.into_iter().map(|row| Ok((OrganisationId(row.id), Organisation::try_from(row)?))).collect()
}

/// The areas with these codes.
pub async fn areas_by_code(
    connection: &impl ConnectionTrait,
    codes: &[String],
) -> Result<HashMap<String, Area>, Failure> {
    let rows = areas::Entity::find().filter(areas::Column::Code.is_in(codes.iter().cloned())).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.code.clone(), Area::from(row))).collect())
}

/// All pollutants by code: there are few.
pub async fn pollutants(connection: &impl ConnectionTrait) -> Result<HashMap<String, Pollutant>, Failure> {
    let rows = pollutants::Entity::find().all(connection).await?;
    rows.into_iter().map(|row| Ok((row.code.clone(), Pollutant::try_from(row)?))).collect()
}

/// Refuses a filter that names no area or no pollutant of the register: it would silently find nothing.
///
/// # Errors
/// [`PartyRefusal::UnknownArea`], [`PartyRefusal::UnknownPollutant`], both at once.
pub async fn expect_known(
    connection: &impl ConnectionTrait,
    area: Option<&str>,
    pollutant: Option<&str>,
) -> Result<(), Failure> {
    let mut broken = Vec::new();
    if let Some(code) = area.map(str::to_owned)
        && areas_by_code(connection, std::slice::from_ref(&code)).await?.is_empty()
    {
        broken.push(PartyRefusal::UnknownArea { code });
    }
    if let Some(code) = pollutant
        && !pollutants(connection).await?.contains_key(code)
    {
        broken.push(PartyRefusal::UnknownPollutant { code: code.to_owned() });
    }
    Failure::all(&broken)
}

/// The right classes with these codes.
pub async fn classes_by_code(
    connection: &impl ConnectionTrait,
    codes: &[String],
) -> Result<HashMap<String, ClassRecord>, Failure> {
    let wanted = right_classes::Column::Code.is_in(codes.iter().cloned());
    let rows = right_classes::Entity::find().filter(wanted).all(connection).await?;
    rows.iter().map(|row| Ok((row.code.clone(), class_record(row)?))).collect()
}

/// The right classes with these ids.
pub async fn classes_by_id(
    connection: &impl ConnectionTrait,
    ids: &[RightClassId],
) -> Result<HashMap<RightClassId, ClassRecord>, Failure> {
    let wanted = right_classes::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = right_classes::Entity::find().filter(wanted).all(connection).await?;
    rows.iter().map(|row| Ok((RightClassId(row.id), class_record(row)?))).collect()
}

/// The projects with these ids.
pub async fn projects_by_id(
    connection: &impl ConnectionTrait,
    ids: &[ProjectId],
) -> Result<HashMap<ProjectId, Project>, Failure> {
    let rows =
        projects::Entity::find().filter(projects::Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    rows.into_iter().map(|row| Ok((ProjectId(row.id), Project::try_from(row)?))).collect()
}

/// The permits of these sites.
pub async fn permits_of(
    connection: &impl ConnectionTrait,
    sites: &[SiteId],
) -> Result<HashMap<SiteId, Vec<Permit>>, Failure> {
    let wanted = permits::Column::SiteId.is_in(sites.iter().map(|id| id.0));
    let heads = permits::Entity::find().filter(wanted).order_by_asc(permits::Column::Id).all(connection).await?;
    let mut found: HashMap<SiteId, Vec<Permit>> = HashMap::new();
    for permit in with_quantities(connection, heads).await? {
        found.entry(permit.site).or_default().push(permit);
    }
    Ok(found)
}

/// Grams that a site has registered as reduced, by pollutant.
pub async fn reductions_of(
    connection: &impl ConnectionTrait,
    sites: &[SiteId],
) -> Result<HashMap<(SiteId, String), i64>, Failure> {
    let wanted = reductions::Column::SiteId.is_in(sites.iter().map(|id| id.0));
    let rows = reductions::Entity::find().filter(wanted).all(connection).await?;
    let mut sums = HashMap::new();
    for row in rows {
        let sum: &mut i64 = sums.entry((SiteId(row.site_id), row.pollutant)).or_insert(0);
        // Nobody can sell more than the books can count, so a sum beyond that is as good as their limit.
        *sum = sum.saturating_add(row.quantity);
    }
    Ok(sums)
}

/// The consents between an enterprise and a bank.
pub async fn consents_between(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
    pledgee: OrganisationId,
) -> Result<Vec<Consent>, Failure> {
    let rows = consents::Entity::find()
        .filter(consents::Column::OrganisationId.eq(organisation.0))
        .filter(consents::Column::PledgeeId.eq(pledgee.0))
        .order_by_asc(consents::Column::Id)
        .all(connection)
        .await?;
    rows.into_iter().map(Consent::try_from).collect()
}

/// All areas in the order of their paths.
pub async fn list_areas(connection: &impl ConnectionTrait) -> Result<Vec<Area>, Failure> {
    let rows = areas::Entity::find().order_by_asc(areas::Column::Path).all(connection).await?;
    Ok(rows.into_iter().map(Area::from).collect())
}

/// All basins, code and name.
pub async fn list_basins(connection: &impl ConnectionTrait) -> Result<Vec<(String, String)>, Failure> {
    let rows = basins::Entity::find().order_by_asc(basins::Column::Code).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.code, row.name)).collect())
}

/// Right classes, of one pollutant when asked.
pub async fn list_classes(
    connection: &impl ConnectionTrait,
    pollutant: Option<&str>,
    page: &PageRequest,
) -> Result<Page<ClassRecord>, Failure> {
    let mut select = right_classes::Entity::find();
    if let Some(pollutant) = pollutant {
        select = select.filter(right_classes::Column::Pollutant.eq(pollutant));
    }
    let rows = rows::page(select, right_classes::Column::Id, page).all(connection).await?;
    let items = rows.iter().map(class_record).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |record| record.id.0))
}

/// Which organisations are listed.
#[derive(Debug, Clone, Default)]
pub struct OrganisationFilter {
    /// Unified social credit code.
    pub code: Option<String>,
    /// What it is.
    pub kind: Option<String>,
    /// How it stands.
    pub state: Option<String>,
}

/// Everybody signed in may know who takes part in the market. Who has applied, or was refused, is known to the bureau in charge, to
/// whoever sees everything, and to itself.
fn organisations_visible(caller: &Caller) -> Condition {
    let known = organisations::Column::State.is_in(["verified", "suspended"]);
    let own = organisations::Column::Id.eq(caller.organisation.0);
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => {
            Condition::any().add(known).add(own).add(in_area(organisations::Column::AreaPath, &path))
        }
        Scope::Organisation { .. } => Condition::any().add(known).add(own),
    }
}

/// Organisations that the caller may know of.
pub async fn list_organisations(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    filter: &OrganisationFilter,
    page: &PageRequest,
) -> Result<Page<Organisation>, Failure> {
    let mut select = organisations::Entity::find().filter(organisations_visible(caller));
    if let Some(code) = &filter.code {
        select = select.filter(organisations::Column::Code.eq(code));
    }
    if let Some(kind) = &filter.kind {
        select = select.filter(organisations::Column::Kind.eq(kind));
    }
    if let Some(state) = &filter.state {
        select = select.filter(organisations::Column::State.eq(state));
    }
    let rows = rows::page(select, organisations::Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(Organisation::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |organisation| organisation.id.0))
}

/// An organisation that the caller may know of.
pub async fn find_organisation(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    id: OrganisationId,
) -> Result<Option<Organisation>, Failure> {
    let found = organisations::Entity::find_by_id(id.0).filter(organisations_visible(caller)).one(connection).await?;
    found.map(Organisation::try_from).transpose()
}

/// Sites: everybody signed in may know them, as they are published with their permits.
pub async fn list_sites(
    connection: &impl ConnectionTrait,
    number: Option<&str>,
    organisation: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Site>, Failure> {
    let mut select = sites::Entity::find();
    if let Some(number) = number {
        select = select.filter(sites::Column::Number.eq(number));
    }
    if let Some(organisation) = organisation {
        select = select.filter(sites::Column::OrganisationId.eq(organisation));
    }
    let rows = rows::page(select, sites::Column::Id, page).all(connection).await?;
    Ok(Page::cut(rows.into_iter().map(Site::from).collect(), page, |site| site.id.0))
}

/// Ids of the sites whose papers the caller may see, as a condition on a `site_id` column.
fn site_visible(scope: &Scope, column: impl ColumnTrait) -> Condition {
    let visible = match scope {
        Scope::Everything => return Condition::all(),
        Scope::Area { path } => sites::Entity::find().filter(in_area(sites::Column::AreaPath, path)),
        Scope::Organisation { id } => sites::Entity::find().filter(sites::Column::OrganisationId.eq(id.0)),
    };
    let ids = QuerySelect::select_only(visible).column(sites::Column::Id);
    Condition::all().add(column.in_subquery(sea_orm::QueryTrait::into_query(ids)))
}

/// The area itself and everything below it.
pub fn in_area(column: impl ColumnTrait, path: &str) -> Condition {
    Condition::any().add(column.eq(path)).add(column.starts_with(format!("{path}/")))
}

/// By when renewals are due.
#[derive(Debug, Clone, Copy)]
pub struct RenewalTerm {
    /// Today.
    pub today: Date,
    /// Days before its end by which the renewal of a permit is to be asked for; nothing is due where nobody says so.
    pub days: Option<i32>,
}

impl RenewalTerm {
    /// Permits in force that end within the days, without a later one of the same site.
    fn is_due(self) -> Condition {
        let last = self.days.and_then(|days| jiff::Span::new().try_days(days).ok());
        let last = last.and_then(|term| self.today.checked_add(term).ok());
        let Some(last) = last else { return Condition::any() };
        let later = "NOT EXISTS (SELECT 1 FROM permits later WHERE later.site_id = permits.site_id \
                     AND later.valid_to > permits.valid_to)";
        Condition::all()
            .add(permits::Column::ValidFrom.lte(self.today.to_string()))
            .add(permits::Column::ValidTo.between(self.today.to_string(), last.to_string()))
            .add(Expr::cust(later))
    }
}

/// Which permits are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct PermitFilter {
    /// Of one site.
    pub site: Option<Uuid>,
    /// Only those whose renewal is due, or only the others.
    pub due: Option<(bool, RenewalTerm)>,
}

/// Permits of sites whose papers the caller may see.
pub async fn list_permits(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &PermitFilter,
    page: &PageRequest,
) -> Result<Page<Permit>, Failure> {
    let mut select = permits::Entity::find().filter(site_visible(scope, permits::Column::SiteId));
    if let Some(site) = filter.site {
        select = select.filter(permits::Column::SiteId.eq(site));
    }
    match filter.due {
        Some((true, RenewalTerm { days: None, .. })) => {
            return Ok(Page::cut(Vec::new(), page, |permit: &Permit| permit.id.0));
        }
        Some((true, term)) => select = select.filter(term.is_due()),
        Some((false, term)) if term.days.is_some() => select = select.filter(term.is_due().not()),
        Some((false, _)) | None => {}
    }
    let heads = rows::page(select, permits::Column::Id, page).all(connection).await?;
    Ok(Page::cut(with_quantities(connection, heads).await?, page, |permit| permit.id.0))
}

/// A permit by id, for commands.
pub async fn find_permits(connection: &impl ConnectionTrait, ids: &[PermitId]) -> Result<Vec<Permit>, Failure> {
    let heads =
        permits::Entity::find().filter(permits::Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    with_quantities(connection, heads).await
}

/// Projects of sites whose papers the caller may see.
pub async fn list_projects(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    site: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Project>, Failure> {
    let mut select = projects::Entity::find().filter(site_visible(scope, projects::Column::SiteId));
    if let Some(site) = site {
        select = select.filter(projects::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, projects::Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(Project::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |project| project.id.0))
}

/// Registered reductions of sites whose papers the caller may see.
pub async fn list_reductions(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    site: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Reduction>, Failure> {
    let mut select = reductions::Entity::find().filter(site_visible(scope, reductions::Column::SiteId));
    if let Some(site) = site {
        select = select.filter(reductions::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, reductions::Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(Reduction::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |reduction| reduction.id.0))
}

/// Consents that the caller's organisation gave or received; all of them for an auditor.
pub async fn list_consents(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<Consent>, Failure> {
    let mut select = consents::Entity::find();
    if caller.scope() != Scope::Everything {
        let own = caller.organisation.0;
        let party =
            Condition::any().add(consents::Column::OrganisationId.eq(own)).add(consents::Column::PledgeeId.eq(own));
        select = select.filter(party);
    }
    let rows = rows::page(select, consents::Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(Consent::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |consent| consent.id.0))
}

/// Which looks are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct LookFilter {
    /// Whose holdings were looked at.
    pub organisation: Option<Uuid>,
    /// Who looked.
    pub reader: Option<Uuid>,
}

/// Somebody looked at an enterprise's holdings under its consent.
#[derive(Debug, Clone)]
pub struct LookRecord {
    /// Identity of the record.
    pub id: Uuid,
    /// Under which consent.
    pub consent: Uuid,
    /// Whose holdings.
    pub organisation: OrganisationId,
    /// The organisation the consent was given to.
    pub pledgee: OrganisationId,
    /// The user who looked.
    pub reader: Uuid,
    /// At what.
    pub what: String,
    /// When.
    pub recorded_at: Moment,
}

/// Looks under consents: those of a page, and one more.
pub async fn list_looks(
    connection: &impl ConnectionTrait,
    filter: LookFilter,
    page: &PageRequest,
) -> Result<Vec<LookRecord>, Failure> {
    let mut select = access_log::Entity::find();
    if let Some(organisation) = filter.organisation {
        select = select.filter(access_log::Column::OrganisationId.eq(organisation));
    }
    if let Some(reader) = filter.reader {
        select = select.filter(access_log::Column::ReaderId.eq(reader));
    }
    let rows = rows::page(select, access_log::Column::Id, page).all(connection).await?;
    let given = consents::Column::Id.is_in(rows.iter().map(|row| row.consent_id));
    let given = consents::Entity::find().filter(given).all(connection).await?;
    let pledgees: HashMap<Uuid, OrganisationId> =
        given.into_iter().map(|row| (row.id, OrganisationId(row.pledgee_id))).collect();
    let look = |row: access_log::Model| {
        let pledgee = pledgees.get(&row.consent_id).copied();
        Ok(LookRecord {
            id: row.id,
            consent: row.consent_id,
            organisation: OrganisationId(row.organisation_id),
            pledgee: pledgee.ok_or_else(|| Failure::bug("a look rests on a consent that is not there"))?,
            reader: row.reader_id,
            what: row.what,
            recorded_at: Moment::from_micros(row.recorded_at),
        })
    };
    rows.into_iter().map(look).collect()
}

/// The bureau that is in charge of exactly this area.
pub async fn bureau_of(connection: &impl ConnectionTrait, area_path: &str) -> Result<Option<Organisation>, Failure> {
    let row = organisations::Entity::find()
        .filter(organisations::Column::Kind.eq("bureau"))
        .filter(organisations::Column::AreaPath.eq(area_path))
        .limit(1)
        .one(connection)
        .await?;
    row.map(Organisation::try_from).transpose()
}

/// The measure of the pollutant of a right class.
///
/// # Errors
/// [`PartyRefusal::UnknownRightClass`].
pub async fn measure_of(connection: &impl ConnectionTrait, class: RightClassId) -> Result<Measure, Failure> {
    let unknown = || PartyRefusal::UnknownRightClass { code: class.to_string() };
    let record = classes_by_id(connection, &[class]).await?.remove(&class).ok_or_else(unknown)?;
    let pollutant = pollutants(connection).await?.remove(&record.class.pollutant).ok_or_else(unknown)?;
    Ok(pollutant.measure)
}

/// The exchange (交易中心): the first that was registered and is verified.
///
/// # Errors
/// A fault of the database.
pub async fn exchange(connection: &impl ConnectionTrait) -> Result<Option<OrganisationId>, Failure> {
    let row = organisations::Entity::find()
        .filter(organisations::Column::Kind.eq(OrganisationKind::Exchange.as_str()))
        .filter(organisations::Column::State.eq("verified"))
        .order_by_asc(organisations::Column::Id)
        .limit(1)
        .one(connection)
        .await?;
    Ok(row.map(|row| OrganisationId(row.id)))
}

/// Sites, all of them known, in the order asked.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`].
pub async fn known_sites(connection: &impl ConnectionTrait, ids: &[SiteId]) -> Result<HashMap<SiteId, Site>, Failure> {
    let found = sites_by_id(connection, ids).await?;
    if ids.iter().all(|id| found.contains_key(id)) { Ok(found) } else { Err(PartyRefusal::UnknownSite {}.into()) }
}

/// A site in the caller's charge, for whoever tells what is wrong with a request before it is carried out.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::OutsideArea`].
pub async fn site_in_charge(connection: &impl ConnectionTrait, caller: &Caller, id: SiteId) -> Result<Site, Failure> {
    let site = known_sites(connection, &[id]).await?.remove(&id).ok_or(PartyRefusal::UnknownSite {})?;
    if caller.covers(&site.area_path) {
        return Ok(site);
    }
    Err(Failure::from(PartyRefusal::OutsideArea { area: site.name }).at("site"))
}

/// Sites that discharge, which all do but those of the reserve: of an area and below, or all.
fn discharging(area: Option<&str>) -> Condition {
    let own = Condition::all().add(sites::Column::IsReserve.eq(false));
    own.add_option(area.map(|path| in_area(sites::Column::AreaPath, path)))
}

/// How many sites discharge.
pub async fn count_discharging(connection: &impl ConnectionTrait, area: Option<&str>) -> Result<u64, Failure> {
    Ok(sites::Entity::find().filter(discharging(area)).count(connection).await?)
}

/// The next of them in id order.
pub async fn discharging_after(
    connection: &impl ConnectionTrait,
    area: Option<&str>,
    after: Option<SiteId>,
    limit: u64,
) -> Result<Vec<Site>, Failure> {
    let beyond = Condition::all().add_option(after.map(|site| sites::Column::Id.gt(site.0)));
    let select = sites::Entity::find().filter(discharging(area)).filter(beyond);
    let rows = select.order_by_asc(sites::Column::Id).limit(limit).all(connection).await?;
    Ok(rows.into_iter().map(Site::from).collect())
}

/// Locks sites in id order, so that what is judged on one of them follows what was done before.
///
/// # Errors
/// A fault of the database.
pub async fn lock_sites(work: &Work, ids: &[SiteId]) -> Result<(), Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    rows::lock_all::<sites::Entity>(work, sites::Column::Id, &ids).await.map(|_| ())
}

/// Whose rows these are, by their ids: the organisations that stand in these columns of a table.
///
/// # Errors
/// A fault of the database.
pub async fn parties_in<E: EntityTrait>(
    books: &impl ConnectionTrait,
    id: E::Column,
    organisations: &[E::Column],
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let mut parties: HashMap<Uuid, Vec<Party>> = HashMap::new();
    for organisation in organisations {
        let wanted = E::find().filter(id.is_in(ids.iter().copied())).filter(organisation.is_not_null());
        let columns = QuerySelect::select_only(wanted).column(id).column(*organisation);
        for (of, whose) in columns.into_tuple::<(Uuid, Uuid)>().all(books).await? {
            parties.entry(of).or_default().push(Party::Organisation(whose));
        }
    }
    Ok(parties)
}
