//! Rows of users and of the installation.

use super::user::{User, UserKind};
use crate::access::Role;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::EntityTrait;
use sea_orm::QuerySelect;
use sea_orm::sea_query::LockType;

entity!(users, "users", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    organisation_id: Uuid,
    login: String,
    name: String,
    password_hash: Option<String>,
    roles: String,
    state: String,
    version: i64,
    registered_at: i64,
});

entity!(installation, "installation", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    is_demonstration: bool,
    business_offset: i64,
    request_secret: String,
    founded_at: i64,
    version: i64,
});

entity!(password_resets, "password_resets", {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: Uuid,
    code_hash: Option<Vec<u8>>,
    made_by: Uuid,
    made_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] =
    &[Covered::of::<users::Entity>(), Covered::of::<installation::Entity>(), Covered::of::<password_resets::Entity>()];

impl TryFrom<users::Model> for User {
    type Error = Failure;

    fn try_from(row: users::Model) -> Result<Self, Failure> {
        let roles = row
            .roles
            .split(' ')
            .map(|role| Role::parse(role).ok_or_else(|| Failure::bug(format!("a user has the unknown role {role}"))));
        let kind = UserKind::parse(&row.kind);
        Ok(Self {
            id: UserId(row.id),
            kind: kind.ok_or_else(|| Failure::bug(format!("a user is of the unknown kind {}", row.kind)))?,
            organisation: OrganisationId(row.organisation_id),
            roles: roles.collect::<Result<_, _>>()?,
            login: row.login,
            name: row.name,
            password_hash: row.password_hash,
            is_active: row.state == "active",
            version: row.version,
            registered_at: Moment::from_micros(row.registered_at),
        })
    }
}

impl From<User> for users::Model {
    fn from(user: User) -> Self {
        let roles: Vec<&str> = user.roles.iter().map(|role| role.as_str()).collect();
        Self {
            id: user.id.0,
            kind: user.kind.as_str().to_owned(),
            organisation_id: user.organisation.0,
            login: user.login,
            name: user.name,
            password_hash: user.password_hash,
            roles: roles.join(" "),
            state: if user.is_active { "active" } else { "suspended" }.to_owned(),
            version: user.version,
            registered_at: user.registered_at.micros(),
        }
    }
}

pub async fn insert_users(work: &Work, users: &[User]) -> Result<(), Failure> {
    let rows = users.iter().cloned().map(users::Model::from).collect();
    insert_all::<users::Entity, users::ActiveModel>(work, rows).await
}

pub async fn insert_installation(work: &Work, row: installation::Model) -> Result<(), Failure> {
    insert_all::<installation::Entity, installation::ActiveModel>(work, vec![row]).await
}

pub async fn save_installation(work: &Work, row: installation::Model) -> Result<(), Failure> {
    save_all::<installation::Entity, installation::ActiveModel>(work, vec![row]).await
}

/// A user, locked until the work ends.
pub async fn lock_user(work: &Work, id: UserId) -> Result<Option<User>, Failure> {
    let rows = lock_all::<users::Entity>(work, users::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(User::try_from).transpose()
}

pub async fn save_user(work: &Work, user: User) -> Result<(), Failure> {
    save_all::<users::Entity, users::ActiveModel>(work, vec![users::Model::from(user)]).await
}

pub async fn lock_reset(work: &Work, user: UserId) -> Result<Option<password_resets::Model>, Failure> {
    let row = password_resets::Entity::find_by_id(user.0).lock(LockType::NoKeyUpdate);
    Ok(row.one(work.connection()).await?)
}

pub async fn save_reset(work: &Work, row: password_resets::Model) -> Result<(), Failure> {
    save_all::<password_resets::Entity, password_resets::ActiveModel>(work, vec![row]).await
}
