//! Rows of the parties and of the reference data.

use super::consent::{Consent, ConsentState};
use super::organisation::{Organisation, OrganisationKind, OrganisationState};
use super::place::{Area, Medium, Pollutant};
use super::site::{Permit, Project, ProjectBasis, Reduction, Site};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, put_all, save_all};
use crate::entity;
use crate::kernel::ids::{
    AreaId, ConsentId, OrganisationId, PermitId, ProjectId, ReductionId, RightClassId, SiteId, UserId,
};
use crate::kernel::{Failure, Moment};
use accounting::{Measure, Quantity, Ratio, RightClass, Validity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

entity!(basins, "basins", {
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name: String,
});

entity!(areas, "areas", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    code: String,
    name: String,
    path: String,
    basin: Option<String>,
});

entity!(pollutants, "pollutants", {
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name_zh: String,
    name_en: String,
    medium: String,
    unit: String,
    grams_per_unit: i64,
    decimals: i32,
});

entity!(organisations, "organisations", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    code: String,
    name: String,
    kind: String,
    area_id: Uuid,
    area_path: String,
    sector: Option<String>,
    state: String,
    state_reason: Option<String>,
    applied_by: Option<Uuid>,
    version: i64,
    registered_at: i64,
});

entity!(sites, "sites", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    organisation_id: Uuid,
    name: String,
    area_id: Uuid,
    area_path: String,
    basin: Option<String>,
    sector: Option<String>,
    is_reserve: bool,
    version: i64,
    registered_at: i64,
});

entity!(permits, "permits", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    site_id: Uuid,
    valid_from: String,
    valid_to: String,
    version: i64,
    registered_at: i64,
});

entity!(permit_quantities, "permit_quantities", {
    #[sea_orm(primary_key, auto_increment = false)]
    permit_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pollutant: String,
    quantity: i64,
    version: i64,
});

entity!(projects, "projects", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    site_id: Uuid,
    basis: String,
    document: String,
    verified_on: String,
    registered_at: i64,
    replacement_ratio: Option<String>,
});

entity!(reductions, "reductions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    site_id: Uuid,
    pollutant: String,
    quantity: i64,
    document: String,
    registered_by: Uuid,
    registered_at: i64,
    document_hash: Option<String>,
});

entity!(right_classes, "right_classes", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    code: String,
    pollutant: String,
    valid_to: String,
});

entity!(consents, "consents", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    pledgee_id: Uuid,
    right_classes: String,
    valid_until: String,
    state: String,
    given_by: Uuid,
    given_at: i64,
    version: i64,
});

entity!(access_log, "access_log", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    consent_id: Uuid,
    organisation_id: Uuid,
    reader_id: Uuid,
    what: String,
    recorded_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<basins::Entity>(),
    Covered::of::<areas::Entity>(),
    Covered::of::<super::suspensions::store::area_suspensions::Entity>(),
    Covered::of::<pollutants::Entity>(),
    Covered::of::<organisations::Entity>(),
    Covered::of::<sites::Entity>(),
    Covered::of::<permits::Entity>(),
    Covered::of::<permit_quantities::Entity>(),
    Covered::of::<projects::Entity>(),
    Covered::of::<reductions::Entity>(),
    Covered::of::<right_classes::Entity>(),
    Covered::of::<super::facts::store::facts::Entity>(),
    Covered::of::<super::mismatches::store::permit_mismatches::Entity>(),
    Covered::of::<consents::Entity>(),
    Covered::of::<access_log::Entity>(),
];

fn word<T>(text: &str, parsed: Option<T>) -> Result<T, Failure> {
    parsed.ok_or_else(|| Failure::bug(format!("a row carries the unknown word {text}")))
}

impl From<areas::Model> for Area {
    fn from(row: areas::Model) -> Self {
        Self { id: AreaId(row.id), code: row.code, name: row.name, path: row.path, basin: row.basin }
    }
}

impl From<Area> for areas::Model {
    fn from(area: Area) -> Self {
        Self { id: area.id.0, code: area.code, name: area.name, path: area.path, basin: area.basin }
    }
}

impl TryFrom<pollutants::Model> for Pollutant {
    type Error = Failure;

    fn try_from(row: pollutants::Model) -> Result<Self, Failure> {
        Ok(Self {
            medium: word(&row.medium, Medium::parse(&row.medium))?,
            measure: Measure {
                unit: row.unit,
                grams_per_unit: row.grams_per_unit,
                decimals: u32::try_from(row.decimals).map_err(Failure::bug)?,
            },
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
        })
    }
}

impl TryFrom<Pollutant> for pollutants::Model {
    type Error = Failure;

    fn try_from(pollutant: Pollutant) -> Result<Self, Failure> {
        Ok(Self {
            code: pollutant.code,
            name_zh: pollutant.name_zh,
            name_en: pollutant.name_en,
            medium: pollutant.medium.as_str().to_owned(),
            unit: pollutant.measure.unit,
            grams_per_unit: pollutant.measure.grams_per_unit,
            decimals: i32::try_from(pollutant.measure.decimals).map_err(Failure::bug)?,
        })
    }
}

impl TryFrom<organisations::Model> for Organisation {
    type Error = Failure;

    fn try_from(row: organisations::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: OrganisationId(row.id),
            kind: word(&row.kind, OrganisationKind::parse(&row.kind))?,
            code: row.code,
            name: row.name,
            area: AreaId(row.area_id),
            area_path: row.area_path,
            sector: row.sector,
            state: word(&row.state, OrganisationState::parse(&row.state, row.state_reason))?,
            applied_by: row.applied_by.map(UserId),
            version: row.version,
            registered_at: Moment::from_micros(row.registered_at),
        })
    }
}

impl From<Organisation> for organisations::Model {
    fn from(organisation: Organisation) -> Self {
        Self {
            state: organisation.standing().as_str().to_owned(),
            state_reason: organisation.state.reason().map(str::to_owned),
            id: organisation.id.0,
            code: organisation.code,
            name: organisation.name,
            kind: organisation.kind.as_str().to_owned(),
            area_id: organisation.area.0,
            area_path: organisation.area_path,
            sector: organisation.sector,
            applied_by: organisation.applied_by.map(|user| user.0),
            version: organisation.version,
            registered_at: organisation.registered_at.micros(),
        }
    }
}

impl From<sites::Model> for Site {
    fn from(row: sites::Model) -> Self {
        Self {
            id: SiteId(row.id),
            number: row.number,
            organisation: OrganisationId(row.organisation_id),
            name: row.name,
            area: AreaId(row.area_id),
            area_path: row.area_path,
            basin: row.basin,
            sector: row.sector,
            is_reserve: row.is_reserve,
            version: row.version,
            registered_at: Moment::from_micros(row.registered_at),
        }
    }
}

impl From<Site> for sites::Model {
    fn from(site: Site) -> Self {
        Self {
            id: site.id.0,
            number: site.number,
            organisation_id: site.organisation.0,
            name: site.name,
            area_id: site.area.0,
            area_path: site.area_path,
            basin: site.basin,
            sector: site.sector,
            is_reserve: site.is_reserve,
            version: site.version,
            registered_at: site.registered_at.micros(),
        }
    }
}

impl TryFrom<projects::Model> for Project {
    type Error = Failure;

    fn try_from(row: projects::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: ProjectId(row.id),
            number: row.number,
            site: SiteId(row.site_id),
            basis: word(&row.basis, ProjectBasis::parse(&row.basis))?,
            document: row.document,
            verified_on: row.verified_on.parse().map_err(Failure::bug)?,
            replacement_ratio: row.replacement_ratio.as_deref().map(Ratio::parse).transpose().map_err(Failure::bug)?,
            registered_at: Moment::from_micros(row.registered_at),
        })
    }
}

impl From<Project> for projects::Model {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.0,
            number: project.number,
            site_id: project.site.0,
            basis: project.basis.as_str().to_owned(),
            document: project.document,
            verified_on: project.verified_on.to_string(),
            replacement_ratio: project.replacement_ratio.map(|ratio| ratio.to_string()),
            registered_at: project.registered_at.micros(),
        }
    }
}

impl TryFrom<reductions::Model> for Reduction {
    type Error = Failure;

    fn try_from(row: reductions::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: ReductionId(row.id),
            site: SiteId(row.site_id),
            pollutant: row.pollutant,
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            document: row.document,
            document_hash: row.document_hash,
            registered_at: Moment::from_micros(row.registered_at),
        })
    }
}

impl TryFrom<consents::Model> for Consent {
    type Error = Failure;

    fn try_from(row: consents::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: ConsentId(row.id),
            organisation: OrganisationId(row.organisation_id),
            pledgee: OrganisationId(row.pledgee_id),
            right_classes: row.right_classes.split(' ').map(str::to_owned).collect(),
            valid_until: row.valid_until.parse().map_err(Failure::bug)?,
            state: word(&row.state, ConsentState::parse(&row.state))?,
            given_by: UserId(row.given_by),
            given_at: Moment::from_micros(row.given_at),
            version: row.version,
        })
    }
}

impl From<Consent> for consents::Model {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id.0,
            organisation_id: consent.organisation.0,
            pledgee_id: consent.pledgee.0,
            right_classes: consent.right_classes.join(" "),
            valid_until: consent.valid_until.to_string(),
            state: consent.state.as_str().to_owned(),
            given_by: consent.given_by.0,
            given_at: consent.given_at.micros(),
            version: consent.version,
        }
    }
}

pub async fn insert_basins(work: &Work, basins: &[(String, String)]) -> Result<(), Failure> {
    let rows = basins.iter().map(|(code, name)| basins::Model { code: code.clone(), name: name.clone() }).collect();
    insert_all::<basins::Entity, basins::ActiveModel>(work, rows).await
}

pub async fn insert_areas(work: &Work, areas: &[Area]) -> Result<(), Failure> {
    let rows = areas.iter().cloned().map(areas::Model::from).collect();
    insert_all::<areas::Entity, areas::ActiveModel>(work, rows).await
}

pub async fn insert_pollutants(work: &Work, pollutants: &[Pollutant]) -> Result<(), Failure> {
    let rows = pollutants.iter().cloned().map(pollutants::Model::try_from).collect::<Result<Vec<_>, _>>()?;
    insert_all::<pollutants::Entity, pollutants::ActiveModel>(work, rows).await
}

pub async fn insert_organisations(work: &Work, organisations: &[Organisation]) -> Result<(), Failure> {
    let rows = organisations.iter().cloned().map(organisations::Model::from).collect();
    insert_all::<organisations::Entity, organisations::ActiveModel>(work, rows).await
}

pub async fn save_organisations(work: &Work, organisations: &[Organisation]) -> Result<(), Failure> {
    let rows = organisations.iter().cloned().map(organisations::Model::from).collect();
    save_all::<organisations::Entity, organisations::ActiveModel>(work, rows).await
}

pub async fn lock_organisations(work: &Work, ids: &[OrganisationId]) -> Result<Vec<Organisation>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<organisations::Entity>(work, organisations::Column::Id, &ids).await?;
    rows.into_iter().map(Organisation::try_from).collect()
}

pub async fn insert_sites(work: &Work, sites: &[Site]) -> Result<(), Failure> {
    let rows = sites.iter().cloned().map(sites::Model::from).collect();
    insert_all::<sites::Entity, sites::ActiveModel>(work, rows).await
}

pub async fn save_permits(work: &Work, permits: &[Permit]) -> Result<(), Failure> {
    let heads = permits
        .iter()
        .map(|permit| permits::Model {
            id: permit.id.0,
            number: permit.number.clone(),
            site_id: permit.site.0,
            valid_from: permit.validity.from().to_string(),
            valid_to: permit.validity.to().to_string(),
            version: permit.version,
            registered_at: permit.registered_at.micros(),
        })
        .collect();
    let quantities = permits
        .iter()
        .flat_map(|permit| {
            permit.quantities.iter().map(|(pollutant, quantity)| permit_quantities::Model {
                permit_id: permit.id.0,
                pollutant: pollutant.clone(),
                quantity: *quantity,
                version: 1,
            })
        })
        .collect();
    save_all::<permits::Entity, permits::ActiveModel>(work, heads).await?;
    put_all::<permit_quantities::Entity, permit_quantities::ActiveModel>(work, quantities).await
}

pub async fn insert_projects(work: &Work, projects: &[Project]) -> Result<(), Failure> {
    let rows = projects.iter().cloned().map(projects::Model::from).collect();
    insert_all::<projects::Entity, projects::ActiveModel>(work, rows).await
}

pub async fn insert_reductions(work: &Work, reductions: &[Reduction]) -> Result<(), Failure> {
    let rows = reductions
        .iter()
        .map(|reduction| reductions::Model {
            id: reduction.id.0,
            site_id: reduction.site.0,
            pollutant: reduction.pollutant.clone(),
            quantity: reduction.quantity.grams(),
            document: reduction.document.clone(),
            registered_by: work.caller().user.0,
            registered_at: reduction.registered_at.micros(),
            document_hash: reduction.document_hash.clone(),
        })
        .collect();
    insert_all::<reductions::Entity, reductions::ActiveModel>(work, rows).await
}

pub async fn insert_right_classes(work: &Work, classes: &[(RightClassId, RightClass)]) -> Result<(), Failure> {
    let rows = classes
        .iter()
        .map(|(id, class)| right_classes::Model {
            id: id.0,
            code: class.code(),
            pollutant: class.pollutant.clone(),
            valid_to: class.validity.to().to_string(),
        })
        .collect();
    insert_all::<right_classes::Entity, right_classes::ActiveModel>(work, rows).await
}

pub async fn save_consents(work: &Work, consents: &[Consent]) -> Result<(), Failure> {
    let rows = consents.iter().cloned().map(consents::Model::from).collect();
    save_all::<consents::Entity, consents::ActiveModel>(work, rows).await
}

pub async fn insert_access(work: &Work, consent: &Consent, what: &str) -> Result<(), Failure> {
    let row = access_log::Model {
        id: crate::kernel::ids::fresh(),
        consent_id: consent.id.0,
        organisation_id: consent.organisation.0,
        reader_id: work.caller().user.0,
        what: what.to_owned(),
        recorded_at: work.now().micros(),
    };
    insert_all::<access_log::Entity, access_log::ActiveModel>(work, vec![row]).await
}

pub async fn lock_consents(work: &Work, ids: &[ConsentId]) -> Result<Vec<Consent>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<consents::Entity>(work, consents::Column::Id, &ids).await?;
    rows.into_iter().map(Consent::try_from).collect()
}

/// Locks the consents between enterprises and banks in id order, shared: their readers do not wait for each other.
pub async fn share_consents(work: &Work, pairs: &[(OrganisationId, OrganisationId)]) -> Result<Vec<Consent>, Failure> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let between = pairs.iter().fold(Condition::any(), |any, (organisation, pledgee)| {
        let given = Condition::all()
            .add(consents::Column::OrganisationId.eq(organisation.0))
            .add(consents::Column::PledgeeId.eq(pledgee.0));
        any.add(given)
    });
    let select = consents::Entity::find().filter(between).order_by_asc(consents::Column::Id).lock_shared();
    select.all(work.connection()).await?.into_iter().map(Consent::try_from).collect()
}

/// Locks permits in id order, so that two variations of one permit follow each other.
pub async fn lock_permits(work: &Work, ids: &[PermitId]) -> Result<Vec<Permit>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let heads = lock_all::<permits::Entity>(work, permits::Column::Id, &ids).await?;
    with_quantities(work.connection(), heads).await
}

pub async fn with_quantities(
    connection: &impl ConnectionTrait,
    heads: Vec<permits::Model>,
) -> Result<Vec<Permit>, Failure> {
    let ids = heads.iter().map(|head| head.id);
    let rows = permit_quantities::Entity::find()
        .filter(permit_quantities::Column::PermitId.is_in(ids))
        .all(connection)
        .await?;
    let mut quantities: BTreeMap<_, BTreeMap<String, i64>> = BTreeMap::new();
    for row in rows {
        quantities.entry(row.permit_id).or_default().insert(row.pollutant, row.quantity);
    }
    heads
        .into_iter()
        .map(|head| {
            let from = head.valid_from.parse().map_err(Failure::bug)?;
            let to = head.valid_to.parse().map_err(Failure::bug)?;
            Ok(Permit {
                id: PermitId(head.id),
                number: head.number,
                site: SiteId(head.site_id),
                validity: Validity::try_new(from, to).map_err(Failure::bug)?,
                quantities: quantities.remove(&head.id).unwrap_or_default(),
                version: head.version,
                registered_at: Moment::from_micros(head.registered_at),
            })
        })
        .collect()
}

/// The project of a number, whoever builds it; numbers are unique.
///
/// # Errors
/// A fault of the database.
pub async fn project_of_number(connection: &impl ConnectionTrait, number: &str) -> Result<Option<Project>, Failure> {
    let row = projects::Entity::find().filter(projects::Column::Number.eq(number)).one(connection).await?;
    row.map(Project::try_from).transpose()
}
