//! Rows of extracts and of the files that they were printed as.

use super::extract::Issued;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_history};
use crate::decisions::documents::OwnFile;
use crate::entity;
use crate::kernel::ids::{ExtractId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::extract::Extract;
use sea_orm::EntityTrait;

entity!(extracts, "extracts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    kind: String,
    applicant_id: Uuid,
    holder_id: Uuid,
    pledgee_id: Option<Uuid>,
    area_path: String,
    subject_id: Uuid,
    content: String,
    content_hash: String,
    journal_id: Uuid,
    issued_by: Uuid,
    issued_at: i64,
});

entity!(extract_files, "extract_files", {
    #[sea_orm(primary_key, auto_increment = false)]
    extract_id: Uuid,
    sha256: String,
    size: i64,
    printed_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<extracts::Entity>(), Covered::of::<extract_files::Entity>()];

impl TryFrom<extracts::Model> for Issued {
    type Error = Failure;

    fn try_from(row: extracts::Model) -> Result<Self, Failure> {
        let extract = Extract::parse(&row.content);
        Ok(Self {
            id: ExtractId(row.id),
            applicant: OrganisationId(row.applicant_id),
            holder: OrganisationId(row.holder_id),
            pledgee: row.pledgee_id.map(OrganisationId),
            area_path: row.area_path,
            subject: row.subject_id,
            extract: extract.ok_or_else(|| Failure::bug("the text of an extract is none"))?,
            journal: row.journal_id,
            issued_by: UserId(row.issued_by),
            issued_at: Moment::from_micros(row.issued_at),
        })
    }
}

pub async fn insert(work: &Work, issued: &Issued) -> Result<(), Failure> {
    let row = extracts::Model {
        id: issued.id.0,
        number: issued.extract.number.clone(),
        kind: issued.extract.kind().to_owned(),
        applicant_id: issued.applicant.0,
        holder_id: issued.holder.0,
        pledgee_id: issued.pledgee.map(|pledgee| pledgee.0),
        area_path: issued.area_path.clone(),
        subject_id: issued.subject,
        content: issued.extract.canonical(),
        content_hash: issued.extract.hash(),
        journal_id: issued.journal,
        issued_by: issued.issued_by.0,
        issued_at: issued.issued_at.micros(),
    };
    insert_all::<extracts::Entity, extracts::ActiveModel>(work, vec![row]).await
}

/// Notes the file that an extract was printed as, unless it was printed before. Tells the hash of the one that counts.
pub async fn keep_file(work: &Work, id: ExtractId, file: &OwnFile) -> Result<String, Failure> {
    lock_history::<extracts::Entity>(work, extracts::Column::Id, &[id.0]).await?;
    if let Some(known) = extract_files::Entity::find_by_id(id.0).one(work.connection()).await? {
        return Ok(known.sha256);
    }
    let (sha256, printed_at) = (file.sha256.clone(), work.now().micros());
    let row = extract_files::Model { extract_id: id.0, sha256: sha256.clone(), size: file.size, printed_at };
    insert_all::<extract_files::Entity, extract_files::ActiveModel>(work, vec![row]).await?;
    Ok(sha256)
}
