//! Rows of outlets.

use super::Outlet;
use crate::compliance::ComplianceRefusal;
use crate::compliance::hj212::Edition;
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{OrganisationId, OutletId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

entity!(outlets, "outlets", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    mn: String,
    name: String,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    edition: String,
    factors: Option<String>,
    registered_by: Uuid,
    registered_at: i64,
});

impl TryFrom<outlets::Model> for Outlet {
    type Error = Failure;

    fn try_from(row: outlets::Model) -> Result<Self, Failure> {
        let factors = row.factors.as_deref().map(serde_json::from_str).transpose().map_err(Failure::bug)?;
        Ok(Self {
            id: OutletId(row.id),
            mn: row.mn,
            name: row.name,
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            edition: Edition::parse(&row.edition).ok_or_else(|| Failure::bug("an unknown edition"))?,
            factors,
            registered_by: UserId(row.registered_by),
            registered_at: Moment::from_micros(row.registered_at),
        })
    }
}

fn row_of(outlet: &Outlet) -> Result<outlets::Model, Failure> {
    let factors = outlet.factors.as_ref().map(serde_json::to_string).transpose().map_err(Failure::bug)?;
    Ok(outlets::Model {
        id: outlet.id.0,
        mn: outlet.mn.clone(),
        name: outlet.name.clone(),
        site_id: outlet.site.0,
        organisation_id: outlet.organisation.0,
        area_path: outlet.area_path.clone(),
        edition: outlet.edition.as_str().to_owned(),
        factors,
        registered_by: outlet.registered_by.0,
        registered_at: outlet.registered_at.micros(),
    })
}

/// # Errors
/// [`ComplianceRefusal::OutletKnown`].
pub async fn insert(work: &Work, outlet: &Outlet) -> Result<(), Failure> {
    let rows = vec![row_of(outlet)?];
    insert_all::<outlets::Entity, outlets::ActiveModel>(work, rows).await.map_err(|failure| {
        on_unique(failure, "outlets_mn", "outlets.mn", || ComplianceRefusal::OutletKnown { mn: outlet.mn.clone() })
    })
}

/// The outlets with these monitors.
pub async fn by_mn(connection: &impl ConnectionTrait, numbers: Vec<String>) -> Result<Vec<Outlet>, Failure> {
    let rows = outlets::Entity::find().filter(outlets::Column::Mn.is_in(numbers)).all(connection).await?;
    rows.into_iter().map(Outlet::try_from).collect()
}
