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

/// The word for an objection that waits for its answer.
const RAISED: &str = "raised";

/// Where an objection may stand.
pub const STATES: &[&str] = &[RAISED, "upheld", "dismissed"];

/// Which objections are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ObjectionFilter<'a> {
    /// Those to one thing.
    pub subject: Option<Uuid>,
    /// Those in one state, one of [`STATES`].
    pub state: Option<&'a str>,
}

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

/// Objections that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_objections(
    db: &Db,
    scope: &Scope,
    filter: ObjectionFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Objection>, Failure> {
    use objections::Column;
    let mut select = objections::Entity::find().filter(visible(scope));
    if let Some(subject) = filter.subject {
        select = select.filter(Column::SubjectId.eq(subject));
    }
    select = match filter.state {
        None => select,
        Some(RAISED) => select.filter(Column::Outcome.is_null()),
        Some(outcome) => select.filter(Column::Outcome.eq(outcome)),
    };
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
