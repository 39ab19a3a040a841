//! Rows of delegations.

use super::Delegation;
use crate::access::{Caller, Role, Scope};
use crate::db::records::Covered;
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::ids::{DelegationId, OrganisationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

entity!(delegations, "delegations", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    principal_id: Uuid,
    delegate_id: Uuid,
    roles: String,
    valid_from: i64,
    valid_until: i64,
    revoked_at: Option<i64>,
    given_at: i64,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<delegations::Entity>()];

impl TryFrom<delegations::Model> for Delegation {
    type Error = Failure;

    fn try_from(row: delegations::Model) -> Result<Self, Failure> {
        let role =
            |word: &str| Role::parse(word).ok_or_else(|| Failure::bug(format!("a delegation of the role {word}")));
        Ok(Self {
            id: DelegationId(row.id),
            organisation: OrganisationId(row.organisation_id),
            principal: UserId(row.principal_id),
            delegate: UserId(row.delegate_id),
            roles: row.roles.split(' ').map(role).collect::<Result<_, _>>()?,
            from: Moment::from_micros(row.valid_from),
            until: Moment::from_micros(row.valid_until),
            revoked_at: row.revoked_at.map(Moment::from_micros),
            given_at: Moment::from_micros(row.given_at),
            version: row.version,
        })
    }
}

impl From<Delegation> for delegations::Model {
    fn from(delegation: Delegation) -> Self {
        let roles: Vec<&str> = delegation.roles.iter().map(|role| role.as_str()).collect();
        Self {
            id: delegation.id.0,
            organisation_id: delegation.organisation.0,
            principal_id: delegation.principal.0,
            delegate_id: delegation.delegate.0,
            roles: roles.join(" "),
            valid_from: delegation.from.micros(),
            valid_until: delegation.until.micros(),
            revoked_at: delegation.revoked_at.map(Moment::micros),
            given_at: delegation.given_at.micros(),
            version: delegation.version,
        }
    }
}

/// Writes delegations that are new or have changed.
///
/// # Errors
/// A fault of the database.
pub async fn save(work: &Work, delegations: &[Delegation]) -> Result<(), Failure> {
    let rows = delegations.iter().cloned().map(delegations::Model::from).collect();
    rows::save_all::<delegations::Entity, delegations::ActiveModel>(work, rows).await
}

/// Locks delegations in id order.
///
/// # Errors
/// A fault of the database.
pub async fn lock(work: &Work, ids: &[DelegationId]) -> Result<Vec<Delegation>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = rows::lock_all::<delegations::Entity>(work, delegations::Column::Id, &ids).await?;
    rows.into_iter().map(Delegation::try_from).collect()
}

/// A delegation by id.
///
/// # Errors
/// A fault of the database.
pub async fn find(connection: &impl ConnectionTrait, id: DelegationId) -> Result<Option<Delegation>, Failure> {
    let row = delegations::Entity::find_by_id(id.0).one(connection).await?;
    row.map(Delegation::try_from).transpose()
}

/// Delegations of the caller's organisation; all of them for whoever sees everything.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<Delegation>, Failure> {
    let mut select = delegations::Entity::find();
    if caller.scope() != Scope::Everything {
        select = select.filter(delegations::Column::OrganisationId.eq(caller.organisation.0));
    }
    let rows = rows::page(select, delegations::Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(Delegation::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |delegation| delegation.id.0))
}

/// Delegations, past ones too, between one of the deciders and one of the proposers, whoever handed over to whom.
pub(super) async fn between(
    connection: &impl ConnectionTrait,
    deciders: &[UserId],
    proposers: &[UserId],
) -> Result<Vec<Delegation>, Failure> {
    use delegations::Column::{DelegateId, PrincipalId};
    let ids = |users: &[UserId]| users.iter().map(|user| user.0).collect::<Vec<_>>();
    let (deciding, proposing) = (ids(deciders), ids(proposers));
    let handed = Condition::all().add(PrincipalId.is_in(deciding.clone())).add(DelegateId.is_in(proposing.clone()));
    let taken = Condition::all().add(PrincipalId.is_in(proposing)).add(DelegateId.is_in(deciding));
    let rows = delegations::Entity::find().filter(Condition::any().add(handed).add(taken)).all(connection).await?;
    rows.into_iter().map(Delegation::try_from).collect()
}
