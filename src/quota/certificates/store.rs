//! Rows of certificates and of the files that they were printed as.

use super::certificate::Issued;
use crate::db::Work;
use crate::db::rows::{insert_all, lock_history};
use crate::decisions::documents::OwnFile;
use crate::entity;
use crate::kernel::ids::{CertificateId, OrganisationId, RightClassId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::certificate::Certificate;
use sea_orm::EntityTrait;

entity!(certificates, "certificates", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    right_class_id: Uuid,
    content: String,
    content_hash: String,
    journal_id: Uuid,
    issued_by: Uuid,
    issued_at: i64,
});

entity!(certificate_files, "certificate_files", {
    #[sea_orm(primary_key, auto_increment = false)]
    certificate_id: Uuid,
    sha256: String,
    size: i64,
    printed_at: i64,
});

impl TryFrom<certificates::Model> for Issued {
    type Error = Failure;

    fn try_from(row: certificates::Model) -> Result<Self, Failure> {
        let certificate = Certificate::parse(&row.content);
        Ok(Self {
            id: CertificateId(row.id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            right_class: RightClassId(row.right_class_id),
            certificate: certificate.ok_or_else(|| Failure::bug("the text of a certificate is none"))?,
            journal: row.journal_id,
            issued_by: UserId(row.issued_by),
            issued_at: Moment::from_micros(row.issued_at),
        })
    }
}

pub async fn insert(work: &Work, issued: &Issued) -> Result<(), Failure> {
    let row = certificates::Model {
        id: issued.id.0,
        number: issued.certificate.number.clone(),
        site_id: issued.site.0,
        organisation_id: issued.organisation.0,
        area_path: issued.area_path.clone(),
        right_class_id: issued.right_class.0,
        content: issued.certificate.canonical(),
        content_hash: issued.certificate.hash(),
        journal_id: issued.journal,
        issued_by: issued.issued_by.0,
        issued_at: issued.issued_at.micros(),
    };
    insert_all::<certificates::Entity, certificates::ActiveModel>(work, vec![row]).await
}

/// Notes the file that a certificate was printed as, unless it was printed before. Tells the hash of the one that counts.
pub async fn keep_file(work: &Work, id: CertificateId, file: &OwnFile) -> Result<String, Failure> {
    lock_history::<certificates::Entity>(work, certificates::Column::Id, &[id.0]).await?;
    if let Some(known) = certificate_files::Entity::find_by_id(id.0).one(work.connection()).await? {
        return Ok(known.sha256);
    }
    let (sha256, printed_at) = (file.sha256.clone(), work.now().micros());
    let row = certificate_files::Model { certificate_id: id.0, sha256: sha256.clone(), size: file.size, printed_at };
    insert_all::<certificate_files::Entity, certificate_files::ActiveModel>(work, vec![row]).await?;
    Ok(sha256)
}
