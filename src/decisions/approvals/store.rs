//! Rows of what organisations ask a second of their own people for.

use super::{Approvals, OwnAct};
use crate::db::records::Covered;
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, EntityTrait};

entity!(approval_rules, "approval_rules", {
    #[sea_orm(primary_key, auto_increment = false)]
    organisation_id: Uuid,
    acts: String,
    set_by: Uuid,
    set_at: i64,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<approval_rules::Entity>()];

impl TryFrom<approval_rules::Model> for Approvals {
    type Error = Failure;

    fn try_from(row: approval_rules::Model) -> Result<Self, Failure> {
        let act =
            |word: &str| OwnAct::parse(word).ok_or_else(|| Failure::bug(format!("an approval of the act {word}")));
        Ok(Self {
            organisation: OrganisationId(row.organisation_id),
            acts: row.acts.split_whitespace().map(act).collect::<Result<_, _>>()?,
            set_by: UserId(row.set_by),
            set_at: Moment::from_micros(row.set_at),
            version: row.version,
        })
    }
}

impl From<Approvals> for approval_rules::Model {
    fn from(approvals: Approvals) -> Self {
        let acts: Vec<&str> = approvals.acts.iter().map(|act| act.as_str()).collect();
        Self {
            organisation_id: approvals.organisation.0,
            acts: acts.join(" "),
            set_by: approvals.set_by.0,
            set_at: approvals.set_at.micros(),
            version: approvals.version,
        }
    }
}

/// Writes what organisations ask for from now on.
///
/// # Errors
/// A fault of the database.
pub async fn save(work: &Work, approvals: &[Approvals]) -> Result<(), Failure> {
    let rows = approvals.iter().cloned().map(approval_rules::Model::from).collect();
    rows::save_all::<approval_rules::Entity, approval_rules::ActiveModel>(work, rows).await
}

/// Locks what an organisation asks for.
///
/// # Errors
/// A fault of the database.
pub async fn lock(work: &Work, organisation: OrganisationId) -> Result<Option<Approvals>, Failure> {
    let column = approval_rules::Column::OrganisationId;
    let rows = rows::lock_all::<approval_rules::Entity>(work, column, &[organisation.0]).await?;
    rows.into_iter().next().map(Approvals::try_from).transpose()
}

/// What an organisation asks for; nothing before it has asked for anything.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    connection: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Option<Approvals>, Failure> {
    let row = approval_rules::Entity::find_by_id(organisation.0).one(connection).await?;
    row.map(Approvals::try_from).transpose()
}
