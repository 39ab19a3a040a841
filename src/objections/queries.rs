//! Reading objections.

use super::Objection;
use super::store::objections;
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::ObjectionId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// Who objects, whom the grant is for or who trades, and the bureaux in charge.
fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(objections::Column::AreaPath, path),
        Scope::Organisation { id } => Condition::any()
            .add(objections::Column::OrganisationId.eq(id.0))
            .add(objections::Column::PartyId.eq(id.0))
            .add(objections::Column::CounterpartyId.eq(id.0)),
    }
}

/// Objections that the caller may see, to one thing when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_objections(
    db: &Db,
    scope: &Scope,
    subject: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Objection>, Failure> {
    let mut select = objections::Entity::find().filter(visible(scope));
    if let Some(subject) = subject {
        select = select.filter(objections::Column::SubjectId.eq(subject));
    }
    let rows = rows::page(select, objections::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Objection::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |objection| objection.id.0))
}

/// An objection that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_objection(db: &Db, scope: &Scope, id: ObjectionId) -> Result<Option<Objection>, Failure> {
    let row = objections::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(Objection::try_from).transpose()
}

/// Whose affairs these objections are.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_objections(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let found = objections::Entity::find().filter(objections::Column::Id.is_in(ids.iter().copied())).all(books).await?;
    let parties = found.into_iter().map(|row| {
        let concerned = [Some(row.organisation_id), row.party_id, row.counterparty_id];
        (row.id, concerned.into_iter().flatten().map(Party::Organisation).collect())
    });
    Ok(parties.collect())
}
