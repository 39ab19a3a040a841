//! Signing in, and reading users.

use super::error::IdentityRefusal;
use super::password;
use super::store::users;
use super::user::User;
use crate::access::{Caller, Role, Scope};
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::{Organisation, PartyRefusal, queries};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// A user with their organisation.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub user: User,
    /// Of what.
    pub organisation: Organisation,
}

impl Member {
    /// Them as a caller.
    pub fn caller(&self) -> Caller {
        Caller {
            user: self.user.id,
            organisation: self.organisation.id,
            roles: self.user.roles.clone(),
            area_path: self.organisation.area_path.clone(),
            standing: self.organisation.standing(),
            stands_in: None,
        }
    }
}

async fn member(db: &Db, row: Option<users::Model>) -> Result<Option<Member>, Failure> {
    let Some(row) = row else { return Ok(None) };
    let user = User::try_from(row)?;
    let mut organisations = queries::organisations_by_id(db.reader(), &[user.organisation]).await?;
    let organisation = organisations.remove(&user.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    Ok(Some(Member { user, organisation }))
}

/// Signs a user in.
///
/// # Errors
/// [`IdentityRefusal::WrongLogin`], also for a suspended user. Users of an organisation that is not verified sign in too: they may
/// read how it stands, and nothing else is permitted to them.
pub async fn sign_in(db: &Db, login: &str, password: String) -> Result<Member, Failure> {
    let row = users::Entity::find().filter(users::Column::Login.eq(login)).one(db.reader()).await?;
    let found = member(db, row).await?;
    let hash = found.as_ref().and_then(|member| member.user.password_hash.clone());
    let is_match = password::matches(password, hash).await?;
    found.filter(|member| is_match && member.user.is_active).ok_or_else(|| IdentityRefusal::WrongLogin {}.into())
}

/// A user by id.
///
/// # Errors
/// A fault of the database.
pub async fn find_member(db: &Db, id: UserId) -> Result<Option<Member>, Failure> {
    let row = users::Entity::find_by_id(id.0).one(db.reader()).await?;
    member(db, row).await
}

/// A user by login.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_login(db: &Db, login: &str) -> Result<Option<Member>, Failure> {
    let row = users::Entity::find().filter(users::Column::Login.eq(login)).one(db.reader()).await?;
    member(db, row).await
}

/// Whether the caller may know the users of an organisation.
pub fn sees_users_of(caller: &Caller, organisation: OrganisationId) -> bool {
    sees_all_users(caller) || caller.organisation == organisation
}

fn sees_all_users(caller: &Caller) -> bool {
    let is_office = caller.roles.iter().any(|role| matches!(role, Role::Operator | Role::Auditor));
    is_office && caller.scope() == Scope::Everything
}

/// Users of the caller's organisation; all of them for the operator and the auditor.
///
/// # Errors
/// A fault of the database.
pub async fn list_users(db: &Db, caller: &Caller, page: &PageRequest) -> Result<Page<User>, Failure> {
    let mut select = users::Entity::find();
    if !sees_all_users(caller) {
        select = select.filter(users::Column::OrganisationId.eq(caller.organisation.0));
    }
    let rows = rows::page(select, users::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |user| user.id.0))
}
