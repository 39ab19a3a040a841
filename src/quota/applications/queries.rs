//! Reading applications.

use super::application::Application;
use super::store::allocation_applications;
use crate::access::{Caller, Scope};
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::{ApplicationId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::{in_area, known_sites, parties_in};
use crate::parties::{PartyRefusal, Site};
use crate::quota::error::QuotaRefusal;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// The applicant sees all of its own; others see what was handed in.
fn visible(scope: &Scope) -> Condition {
    let handed_in = Condition::all().add(allocation_applications::Column::SubmittedAt.is_not_null());
    match scope {
        Scope::Everything => handed_in,
        Scope::Area { path } => handed_in.add(in_area(allocation_applications::Column::AreaPath, path)),
        Scope::Organisation { id } => Condition::all().add(allocation_applications::Column::OrganisationId.eq(id.0)),
    }
}

/// A site of the caller's organisation.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`QuotaRefusal::NotYourSite`].
pub async fn own_site(connection: &impl ConnectionTrait, caller: &Caller, id: SiteId) -> Result<Site, Failure> {
    let site = known_sites(connection, &[id]).await?.remove(&id);
    let site = site.ok_or(PartyRefusal::UnknownSite {})?;
    if site.organisation == caller.organisation { Ok(site) } else { Err(QuotaRefusal::NotYourSite {}.into()) }
}

/// Which applications are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplicationFilter<'f> {
    /// How far they have come.
    pub state: Option<&'f str>,
    /// For which site.
    pub site: Option<Uuid>,
    /// For which grant.
    pub allocation: Option<Uuid>,
}

/// Applications that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_applications(
    db: &Db,
    scope: &Scope,
    filter: ApplicationFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Application>, Failure> {
    let mut select = allocation_applications::Entity::find().filter(visible(scope));
    if let Some(state) = filter.state {
        select = select.filter(allocation_applications::Column::State.eq(state));
    }
    if let Some(site) = filter.site {
        select = select.filter(allocation_applications::Column::SiteId.eq(site));
    }
    if let Some(allocation) = filter.allocation {
        select = select.filter(allocation_applications::Column::AllocationId.eq(allocation));
    }
    let rows = rows::page(select, allocation_applications::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Application::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |application| application.id.0))
}

/// An application that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_application(db: &Db, scope: &Scope, id: ApplicationId) -> Result<Option<Application>, Failure> {
    let row = allocation_applications::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(Application::try_from).transpose()
}

/// Who has applied, by the ids of applications.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_applications(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<allocation_applications::Entity>(
        books,
        allocation_applications::Column::Id,
        &[allocation_applications::Column::OrganisationId],
        ids,
    )
    .await
}
