//! Reading facts: by commands that judge, and by callers who may see them.

use super::fact::{Fact, FactKind, Facts};
use super::store::{self, facts};
use crate::access::Scope;
use crate::db::rows;
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::{FactId, OrganisationId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::{in_area, parties_in};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// Every fact that concerns each of these organisations.
///
/// # Errors
/// A fault of the database.
pub async fn facts_of(
    connection: &impl ConnectionTrait,
    organisations: &[OrganisationId],
) -> Result<HashMap<OrganisationId, Facts>, Failure> {
    let mut found: HashMap<OrganisationId, Vec<Fact>> = HashMap::new();
    for fact in store::facts_of(connection, organisations).await? {
        if let Some(organisation) = fact.organisation {
            found.entry(organisation).or_default().push(fact);
        }
    }
    Ok(found.into_iter().map(|(organisation, facts)| (organisation, Facts::new(facts))).collect())
}

/// Whom a fact concerns, and the bureaux of its area; how parks are rated is published.
fn visible(scope: &Scope) -> Condition {
    let of_parks = facts::Column::Kind.eq(FactKind::ParkRating.as_str());
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => Condition::any().add(in_area(facts::Column::AreaPath, path)).add(of_parks),
        Scope::Organisation { id } => Condition::any().add(facts::Column::OrganisationId.eq(id.0)).add(of_parks),
    }
}

/// Which facts are listed.
#[derive(Debug, Clone, Default)]
pub struct FactFilter {
    /// About which organisation, site or area.
    pub subject: Option<Uuid>,
    /// Concerning which organisation: itself and its sites.
    pub organisation: Option<Uuid>,
    /// Of which kind.
    pub kind: Option<FactKind>,
}

/// A fact, and what corrects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The fact.
    pub fact: Fact,
    /// The one that stands in its place, or annuls it.
    pub corrected_by: Option<FactId>,
}

/// Facts that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_facts(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    filter: &FactFilter,
    page: &PageRequest,
) -> Result<Page<Told>, Failure> {
    use facts::{Column, Entity};
    let filters = Condition::all()
        .add_option(filter.subject.map(|subject| Column::SubjectId.eq(subject)))
        .add_option(filter.organisation.map(|organisation| Column::OrganisationId.eq(organisation)))
        .add_option(filter.kind.map(|kind| Column::Kind.eq(kind.as_str())));
    let select = Entity::find().filter(visible(scope)).filter(filters);
    let rows = rows::page(select, Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(Fact::try_from).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<FactId> = items.iter().map(|fact| fact.id).collect();
    let corrections = store::corrections_of(connection, &ids).await?;
    let told = |fact: Fact| Told { corrected_by: corrections.get(&fact.id).copied(), fact };
    Ok(Page::cut(items.into_iter().map(told).collect(), page, |told| told.fact.id.0))
}

/// Whom facts are about, by the ids of these; those about an area name nobody.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_facts(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<facts::Entity>(books, facts::Column::Id, &[facts::Column::OrganisationId], ids).await
}
