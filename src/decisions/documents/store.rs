//! Rows of documents and their contents.

use super::media::MediaType;
use super::{Audience, Document, Link};
use crate::db::Work;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{DocumentId, DocumentLinkId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

entity!(documents, "documents", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    name: String,
    media_type: String,
    size: i64,
    sha256: String,
    uploaded_by: Uuid,
    uploaded_at: i64,
});

entity!(document_links, "document_links", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    document_id: Uuid,
    subject_kind: String,
    subject_id: Uuid,
    organisation_id: Option<Uuid>,
    area_path: Option<String>,
    linked_by: Uuid,
    linked_at: i64,
});

impl TryFrom<documents::Model> for Document {
    type Error = Failure;

    fn try_from(row: documents::Model) -> Result<Self, Failure> {
        let media_type = MediaType::parse(&row.media_type);
        Ok(Self {
            id: DocumentId(row.id),
            organisation: OrganisationId(row.organisation_id),
            name: row.name,
            media_type: media_type.ok_or_else(|| Failure::bug("a document of an unknown type"))?,
            size: row.size,
            sha256: row.sha256,
            uploaded_by: UserId(row.uploaded_by),
            uploaded_at: Moment::from_micros(row.uploaded_at),
        })
    }
}

impl TryFrom<document_links::Model> for Link {
    type Error = Failure;

    fn try_from(row: document_links::Model) -> Result<Self, Failure> {
        let audience = match (row.organisation_id, row.area_path) {
            (Some(id), None) => Audience::Organisation(OrganisationId(id)),
            (None, Some(path)) => Audience::Area(path),
            _ => return Err(Failure::bug("a document is linked to nobody")),
        };
        let (id, document) = (DocumentLinkId(row.id), DocumentId(row.document_id));
        Ok(Self { id, document, subject_kind: row.subject_kind, subject: row.subject_id, audience })
    }
}

pub async fn insert(work: &Work, documents: &[Document]) -> Result<(), Failure> {
    let row = |document: &Document| documents::Model {
        id: document.id.0,
        organisation_id: document.organisation.0,
        name: document.name.clone(),
        media_type: document.media_type.as_str().to_owned(),
        size: document.size,
        sha256: document.sha256.clone(),
        uploaded_by: document.uploaded_by.0,
        uploaded_at: document.uploaded_at.micros(),
    };
    insert_all::<documents::Entity, documents::ActiveModel>(work, documents.iter().map(row).collect()).await
}

pub async fn insert_links(work: &Work, links: Vec<Link>) -> Result<(), Failure> {
    if links.is_empty() {
        return Ok(());
    }
    let row = |link: Link| {
        let (organisation_id, area_path) = match link.audience {
            Audience::Organisation(id) => (Some(id.0), None),
            Audience::Area(path) => (None, Some(path)),
        };
        document_links::Model {
            id: link.id.0,
            document_id: link.document.0,
            subject_kind: link.subject_kind,
            subject_id: link.subject,
            organisation_id,
            area_path,
            linked_by: work.caller().user.0,
            linked_at: work.now().micros(),
        }
    };
    let rows = links.into_iter().map(row).collect();
    insert_all::<document_links::Entity, document_links::ActiveModel>(work, rows).await
}

/// Keeps a content; one that is there already stays as it is, because its name is its hash.
pub async fn keep_content(work: &Work, sha256: &str, content: &[u8]) -> Result<(), Failure> {
    let sql = "INSERT INTO document_contents (sha256, content) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    work.connection().execute_raw(work.statement(sql, vec![sha256.into(), content.to_vec().into()])).await?;
    Ok(())
}

/// Those of these documents that an organisation owns.
pub async fn documents_of(work: &Work, owner: OrganisationId, ids: &[Uuid]) -> Result<Vec<Document>, Failure> {
    let rows = documents::Entity::find()
        .filter(documents::Column::Id.is_in(ids.iter().copied()))
        .filter(documents::Column::OrganisationId.eq(owner.0))
        .all(work.connection())
        .await?;
    rows.into_iter().map(Document::try_from).collect()
}
