//! Reading construction projects by their number, for whoever must name somebody else's.

use super::site::Project;
use super::store::projects;
use crate::kernel::Failure;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The project of a number, whoever builds it; numbers are unique.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_number(connection: &impl ConnectionTrait, number: &str) -> Result<Option<Project>, Failure> {
    let row = projects::Entity::find().filter(projects::Column::Number.eq(number)).one(connection).await?;
    row.map(Project::try_from).transpose()
}
