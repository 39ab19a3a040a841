//! Reading certificates, what they are worth, and what proves them.

use super::certificate::{CertificateState, Issued, grams_of, state_of};
use super::store::{certificate_files, certificates};
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::CertificateId;
use crate::kernel::page::{Page, PageRequest};
use crate::ledger::holdings::held_now;
use crate::ledger::log::proved::{self, Proved};
use crate::parties::queries::{classes_by_id, in_area, parties_in};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(certificates::Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(certificates::Column::OrganisationId.eq(id.0)),
    }
}

/// A certificate, what it is worth, and the hash of the file that it was printed as.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The certificate.
    pub issued: Issued,
    /// What it is worth today.
    pub state: CertificateState,
    /// SHA-256 of its file, once it was printed.
    pub file_sha256: Option<String>,
}

/// Certificates that the caller may see, of one site when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_certificates(
    db: &Db,
    scope: &Scope,
    site: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Standing>, Failure> {
    let mut select = certificates::Entity::find().filter(visible(scope));
    if let Some(site) = site {
        select = select.filter(certificates::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, certificates::Column::Id, page).all(db.reader()).await?;
    Ok(Page::cut(standings(db, rows).await?, page, |standing| standing.issued.id.0))
}

/// A certificate that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_certificate(db: &Db, scope: &Scope, id: CertificateId) -> Result<Option<Standing>, Failure> {
    let row = certificates::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    Ok(standings(db, row.into_iter().collect()).await?.pop())
}

/// The certificate of a number, for anybody.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_number(db: &Db, number: &str) -> Result<Option<Standing>, Failure> {
    let row = certificates::Entity::find().filter(certificates::Column::Number.eq(number)).one(db.reader()).await?;
    Ok(standings(db, row.into_iter().collect()).await?.pop())
}

/// The certificate that was printed as the file of this hash, for anybody.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_file(db: &Db, sha256: &str) -> Result<Option<Standing>, Failure> {
    let file = certificate_files::Entity::find().filter(certificate_files::Column::Sha256.eq(sha256));
    let Some(file) = file.one(db.reader()).await? else { return Ok(None) };
    let row = certificates::Entity::find_by_id(file.certificate_id).one(db.reader()).await?;
    Ok(standings(db, row.into_iter().collect()).await?.pop())
}

/// What certificates are worth, in sets.
async fn standings(db: &Db, rows: Vec<certificates::Model>) -> Result<Vec<Standing>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let sites: Vec<Uuid> = rows.iter().map(|row| row.site_id).collect();
    let files = certificate_files::Entity::find().filter(certificate_files::Column::CertificateId.is_in(ids));
    let files: HashMap<Uuid, String> =
        files.all(db.reader()).await?.into_iter().map(|file| (file.certificate_id, file.sha256)).collect();
    let newest = newest_of(db, &sites).await?;
    let held = held_now(db.reader(), &sites).await?;
    let issued = rows.into_iter().map(Issued::try_from).collect::<Result<Vec<_>, _>>()?;
    let class_ids: Vec<_> = issued.iter().map(|issued| issued.right_class).collect();
    let classes = classes_by_id(db.reader(), &class_ids).await?;
    let today = db.clock().business_day();
    let standing = |issued: Issued| {
        let class =
            classes.get(&issued.right_class).ok_or_else(|| Failure::bug("a certificate of an unknown class"))?;
        let key = (issued.site.0, issued.right_class.0);
        let has_newer = newest.get(&key).is_some_and(|newest| *newest > issued.id.0);
        let now = held.get(&key).map(grams_of).unwrap_or_default();
        let state = state_of(issued.certificate.grams, now, has_newer, class.class.validity.to(), today);
        Ok(Standing { file_sha256: files.get(&issued.id.0).cloned(), state, issued })
    };
    issued.into_iter().map(standing).collect()
}

/// The newest certificate of each class of these sites.
async fn newest_of(db: &Db, sites: &[Uuid]) -> Result<HashMap<(Uuid, Uuid), Uuid>, Failure> {
    let rows = certificates::Entity::find()
        .select_only()
        .columns([certificates::Column::SiteId, certificates::Column::RightClassId, certificates::Column::Id])
        .filter(certificates::Column::SiteId.is_in(sites.iter().copied()))
        .into_tuple::<(Uuid, Uuid, Uuid)>()
        .all(db.reader())
        .await?;
    let mut newest: HashMap<(Uuid, Uuid), Uuid> = HashMap::new();
    for (site, class, id) in rows {
        let known = newest.entry((site, class)).or_insert(id);
        *known = id.max(*known);
    }
    Ok(newest)
}

/// What proves a certificate.
///
/// # Errors
/// [`crate::ledger::LogRefusal::NotYet`] while its journal is not in the log.
pub async fn prove(db: &Db, issued: &Issued, patience: Duration) -> Result<Proved, Failure> {
    let leaves: Vec<&str> = issued.certificate.origins.iter().map(|origin| origin.leaf_hash.as_str()).collect();
    proved::prove(db, issued.journal, &leaves, patience).await
}

/// Whose rights are certified, by the ids of certificates.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_certificates(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<certificates::Entity>(books, certificates::Column::Id, &[certificates::Column::OrganisationId], ids)
        .await
}
