//! Reading API clients.

use super::client::Client;
use super::store;
use crate::access::Caller;
use crate::db::{Db, rows};
use crate::http::extract::not_found;
use crate::identity::queries::{sees_all_users, sees_users_of};
use crate::identity::store::users;
use crate::identity::user::{User, UserKind};
use crate::kernel::Failure;
use crate::kernel::ids::UserId;
use crate::kernel::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

/// A client by id, whoever asks: for signing it in.
///
/// # Errors
/// A fault of the database.
pub async fn find_any(db: &Db, id: UserId) -> Result<Option<Client>, Failure> {
    let Some(user) = users::Entity::find_by_id(id.0).one(db.reader()).await? else { return Ok(None) };
    let row = store::rows_of(db.reader(), &[id]).await?.into_iter().next();
    row.map(|row| store::client(row, User::try_from(user)?)).transpose()
}

/// A client that is the caller's business: the operator's and the auditor's any, others' those of their own organisation.
///
/// # Errors
/// [`RequestRefusal::NotFound`](crate::http::extract::RequestRefusal::NotFound).
pub async fn find_client(db: &Db, caller: &Caller, id: UserId) -> Result<Client, Failure> {
    let found = find_any(db, id).await?.filter(|client| is_theirs(caller, client));
    found.ok_or_else(|| not_found("client").into())
}

/// Whether a client is the caller's business.
pub fn is_theirs(caller: &Caller, client: &Client) -> bool {
    sees_users_of(caller, client.organisation)
}

/// Clients of the caller's organisation; all of them for the operator and the auditor.
///
/// # Errors
/// A fault of the database.
pub async fn list_clients(db: &Db, caller: &Caller, page: &PageRequest) -> Result<Page<Client>, Failure> {
    let mut select = users::Entity::find().filter(users::Column::Kind.eq(UserKind::Client.as_str()));
    if !sees_all_users(caller) {
        select = select.filter(users::Column::OrganisationId.eq(caller.organisation.0));
    }
    let found = rows::page(select, users::Column::Id, page).all(db.reader()).await?;
    let ids: Vec<UserId> = found.iter().map(|row| UserId(row.id)).collect();
    let own = store::rows_of(db.reader(), &ids).await?;
    let mut own: HashMap<_, _> = own.into_iter().map(|row| (row.id, row)).collect();
    let client = |row: users::Model| {
        let own = own.remove(&row.id).ok_or_else(|| Failure::bug("a client has no row of its own"))?;
        store::client(own, User::try_from(row)?)
    };
    let items = found.into_iter().map(client).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |client| client.id.0))
}
