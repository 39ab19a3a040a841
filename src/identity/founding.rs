//! Founding a book: the province, its operator, the pollutants, the first rulebook, and the first key that signs tokens.

use super::error::IdentityRefusal;
use super::store::{self, installation};
use super::user::{User, UserKind, new_login};
use super::{keys, secret};
use crate::access::caller::Permit;
use crate::access::{Action, Caller, Passwords, Role};
use crate::db::{Db, Work};
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use crate::ledger;
use crate::parties::OrganisationKind;
use crate::parties::commands::{NewOrganisation, register_organisations};
use crate::parties::place::founding_pollutants;
use crate::parties::reference::{NewArea, Reference, register_reference};
use crate::rulebook;
use jiff::civil::Date;
use sea_orm::EntityTrait;

/// What a book is founded with.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Code of the province.
    pub province: String,
    /// Its name.
    pub name: String,
    /// Unified social credit code of the operator.
    pub operator_code: String,
    /// Name of the operator.
    pub operator_name: String,
    /// Login of the first operator.
    pub login: String,
    /// Their password; none when nobody shall sign in as them.
    pub password: Option<String>,
    /// Whether business time may be shifted here.
    pub is_demonstration: bool,
    /// The first day of the first rulebook.
    pub rules_from: Date,
}

/// What this database is.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Whether business time may be shifted here.
    pub is_demonstration: bool,
    /// Business time less wall time, in microseconds.
    pub business_offset: i64,
    /// What the hashes of requests are keyed with.
    pub request_secret: String,
}

/// What this database is; nothing when no book was founded yet.
///
/// # Errors
/// A fault of the database.
pub async fn find_installation(db: &Db) -> Result<Option<Installation>, Failure> {
    let row = installation::Entity::find_by_id(1).one(db.reader()).await?;
    Ok(row.map(|row| Installation {
        is_demonstration: row.is_demonstration,
        business_offset: row.business_offset,
        request_secret: row.request_secret,
    }))
}

/// Founds the book and tells its first operator.
///
/// # Errors
/// [`IdentityRefusal::AlreadyFounded`], and what the registers refuse.
pub async fn found(db: &Db, founding: &Founding) -> Result<Caller, Failure> {
    if find_installation(db).await?.is_some() {
        return Err(IdentityRefusal::AlreadyFounded {}.into());
    }
    let password_hash = password_hash(founding).await?;
    let founder = founder(founding);
    let permit = founder.may(Action::RegisterReference)?;
    let input = (founding.clone(), password_hash);
    let organisation = db
        .run(&permit, &input, |work, (founding, password_hash)| {
            Box::pin(found_in(work, founding, password_hash.clone()))
        })
        .await?;
    Ok(Caller { organisation, ..founder })
}

/// Who founds a book: its first operator, whose organisation is registered with it.
pub fn founder(founding: &Founding) -> Caller {
    Caller {
        user: UserId::fresh(),
        organisation: OrganisationId::fresh(),
        roles: vec![Role::Operator],
        area_path: founding.province.clone(),
        ..Caller::nobody()
    }
}

/// The hash of the first operator's password; none when nobody shall sign in as them.
///
/// # Errors
/// Every broken rule for a password at once.
pub async fn password_hash(founding: &Founding) -> Result<Option<String>, Failure> {
    match &founding.password {
        Some(password) => Ok(Some(Passwords::default().hash_new(password.clone(), &founding.login).await?)),
        None => Ok(None),
    }
}

/// Founds the book in a work of its [`founder`], who does more with it.
///
/// # Errors
/// What the registers refuse.
pub async fn found_in(
    work: &mut Work,
    founding: &Founding,
    password_hash: Option<String>,
) -> Result<OrganisationId, Failure> {
    let province = NewArea { code: founding.province.clone(), name: founding.name.clone(), parent: None, basin: None };
    let reference = Reference { areas: vec![province], pollutants: founding_pollutants(), ..Reference::default() };
    let operator = NewOrganisation {
        code: founding.operator_code.clone(),
        name: founding.operator_name.clone(),
        kind: OrganisationKind::Operator,
        area: founding.province.clone(),
        sector: None,
    };
    ledger::found_book(work, &founding.province, &founding.name).await?;
    register_reference(work, &reference).await?;
    let organisations = register_organisations(work, &[operator]).await?;
    let organisation = organisations.first().ok_or_else(|| Failure::bug("the operator was not registered"))?.id;
    let user = User {
        id: work.caller().user,
        kind: UserKind::Person,
        organisation,
        login: new_login(&founding.login)?,
        name: founding.operator_name.clone(),
        password_hash,
        roles: vec![Role::Operator],
        is_active: true,
        version: 1,
        registered_at: work.now(),
    };
    store::insert_users(work, &[user]).await?;
    rulebook::commands::adopt(work, &founding.province, founding.rules_from, rulebook::hubei::rules()).await?;
    let row = installation::Model {
        id: 1,
        is_demonstration: founding.is_demonstration,
        business_offset: 0,
        request_secret: secret::fresh("ganhe_request"),
        founded_at: work.now().micros(),
        version: 1,
    };
    store::insert_installation(work, row).await?;
    keys::found(work).await?;
    Ok(organisation)
}

/// Sets the business time of a demonstration database: it is `business_now` at this very moment and runs on from there.
///
/// # Errors
/// A fault of the database, which refuses an offset outside a demonstration.
pub async fn set_business_time(
    db: &Db,
    permit: &Permit,
    wall_now: Moment,
    business_now: Moment,
) -> Result<i64, Failure> {
    let offset = business_now.micros() - wall_now.micros();
    db.run(permit, &offset, |work, offset| Box::pin(shift(work, *offset))).await
}

async fn shift(work: &Work, offset: i64) -> Result<i64, Failure> {
    let row = installation::Entity::find_by_id(1).one(work.connection()).await?;
    let row = row.ok_or_else(|| Failure::bug("no book was founded"))?;
    let version = row.version + 1;
    store::save_installation(work, installation::Model { business_offset: offset, version, ..row }).await?;
    Ok(offset)
}
