//! Rows of users and of the installation.

use super::user::{User, UserKind};
use crate::access::Role;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

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

pub async fn save_users(work: &Work, users: &[User]) -> Result<(), Failure> {
    let rows = users.iter().cloned().map(users::Model::from).collect();
    save_all::<users::Entity, users::ActiveModel>(work, rows).await
}

pub async fn lock_users_of(work: &Work, organisations: &[OrganisationId]) -> Result<Vec<User>, Failure> {
    let theirs = users::Column::OrganisationId.is_in(organisations.iter().map(|organisation| organisation.0));
    let people = users::Entity::find().filter(users::Column::Kind.eq(UserKind::Person.as_str()));
    let select = people.filter(theirs).order_by_asc(users::Column::Id).lock(LockType::NoKeyUpdate);
    select.all(work.connection()).await?.into_iter().map(User::try_from).collect()
}

pub async fn users_by_id(connection: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<User>, Failure> {
    let wanted = users::Column::Id.is_in(ids.iter().map(|id| id.0));
    users::Entity::find().filter(wanted).all(connection).await?.into_iter().map(User::try_from).collect()
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

pub async fn lock_reset(work: &Work, user: UserId) -> Result<Option<password_resets::Model>, Failure> {
    let row = password_resets::Entity::find_by_id(user.0).lock(LockType::NoKeyUpdate);
    Ok(row.one(work.connection()).await?)
}

pub async fn save_reset(work: &Work, row: password_resets::Model) -> Result<(), Failure> {
    save_all::<password_resets::Entity, password_resets::ActiveModel>(work, vec![row]).await
}
