//! Reading users.

use super::store::users;
use super::user::{User, UserKind, folded};
use crate::access::{Caller, Role, Scope};
use crate::db::{Db, rows};
use crate::http::extract::not_found;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::{Organisation, PartyRefusal, queries};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

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
            ..Caller::nobody()
        }
    }

    /// Whether they may come in. Users of an organisation that is not verified or was suspended may, to read how it stands: what
    /// else they may do is for [`Caller::may`] to say.
    pub fn may_sign_in(&self) -> bool {
        self.user.is_active
    }
}

async fn member(db: &Db, row: Option<users::Model>) -> Result<Option<Member>, Failure> {
    let user = row.map(User::try_from).transpose()?;
    // Nobody's organisation is looked up, too: the time taken does not tell whether there is such a user.
    let id = user.as_ref().map_or(OrganisationId(Uuid::nil()), |user| user.organisation);
    let mut organisations = queries::organisations_by_id(db.reader(), &[id]).await?;
    let Some(user) = user else { return Ok(None) };
    let organisation = organisations.remove(&id).ok_or(PartyRefusal::UnknownOrganisation {})?;
    Ok(Some(Member { user, organisation }))
}

/// A user by id.
///
/// # Errors
/// A fault of the database.
pub async fn find_member(db: &Db, id: UserId) -> Result<Option<Member>, Failure> {
    let row = users::Entity::find_by_id(id.0).one(db.reader()).await?;
    member(db, row).await
}

/// A person by login, whatever the case of its letters.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_login(db: &Db, login: &str) -> Result<Option<Member>, Failure> {
    let people = users::Entity::find().filter(users::Column::Kind.eq(UserKind::Person.as_str()));
    let kept = Expr::expr(Func::lower(Expr::col(users::Column::Login)));
    let row = people.filter(kept.eq(folded(login))).one(db.reader()).await?;
    member(db, row).await
}

/// A user whose sign-in the caller may support: the operator any, others those of their own organisation.
///
/// # Errors
/// [`RequestRefusal::NotFound`](crate::http::extract::RequestRefusal::NotFound).
pub async fn find_supported(db: &Db, caller: &Caller, id: UserId) -> Result<Member, Failure> {
    let member = find_member(db, id).await?.filter(|member| member.user.kind == UserKind::Person);
    let theirs = member.filter(|member| sees_users_of(caller, member.organisation.id));
    theirs.ok_or_else(|| not_found("user").into())
}

/// Whether the caller may know the users of an organisation.
pub fn sees_users_of(caller: &Caller, organisation: OrganisationId) -> bool {
    sees_all_users(caller) || caller.organisation == organisation
}

/// Whether users and clients of every organisation are a caller's business.
pub fn sees_all_users(caller: &Caller) -> bool {
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
