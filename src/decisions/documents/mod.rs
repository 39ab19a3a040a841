//! Documents as evidence: an organisation uploads a file, its SHA-256 stands for it in journals and decision records, and whoever
//! may know of the thing that it proves may read it. Contents are kept once for each hash, in the database or in a folder, and are
//! never served as active content.

pub mod media;
pub mod queries;
pub(super) mod store;

use super::error::DecisionRefusal;
use crate::access::{Caller, Scope};
use crate::db::columns::hexadecimal;
use crate::db::{Db, Work};
use crate::kernel::event::Event;
use crate::kernel::ids::{DocumentId, DocumentLinkId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use media::MediaType;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Most documents that one act rests on.
pub const MOST_DOCUMENTS: usize = 20;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its identity.
    pub id: DocumentId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Name of the file, as it was uploaded.
    pub name: String,
    /// What it holds.
    pub media_type: MediaType,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of what it holds, in lower-case hexadecimal.
    pub sha256: String,
    /// Who uploaded it.
    pub uploaded_by: UserId,
    /// When.
    pub uploaded_at: Moment,
}

/// A document to keep.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Name of the file.
    pub name: String,
    /// What it holds, as it was judged by its content.
    pub media_type: MediaType,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// The content, where the database keeps it; none where it stands in a folder already.
    pub content: Option<Vec<u8>>,
}

/// Why somebody acts: their words, and the documents they rest on.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    /// In their words.
    pub reason: Option<String>,
    /// Documents of their organisation.
    pub documents: Vec<DocumentId>,
    /// SHA-256 of a document that they keep themselves, or of those above.
    pub document_hash: Option<String>,
}

/// Who else may read a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// An organisation.
    Organisation(OrganisationId),
    /// The bureaux of an area and above it.
    Area(String),
}

/// Why somebody may read a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its identity.
    pub id: DocumentLinkId,
    /// Which document.
    pub document: DocumentId,
    /// What kind of thing it proves.
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// Who may read it.
    pub audience: Audience,
}

/// Keeps documents of the caller's organisation.
///
/// # Errors
/// A fault of the database.
pub async fn register(work: &mut Work, news: &[NewDocument]) -> Result<Vec<Document>, Failure> {
    let document = |new: &NewDocument| Document {
        id: DocumentId::fresh(),
        organisation: work.caller().organisation,
        name: new.name.clone(),
        media_type: new.media_type,
        size: new.size,
        sha256: new.sha256.clone(),
        uploaded_by: work.caller().user,
        uploaded_at: work.now(),
    };
    let documents: Vec<Document> = news.iter().map(document).collect();
    for new in news {
        if let Some(content) = &new.content {
            store::keep_content(work, &new.sha256, content).await?;
        }
    }
    store::insert(work, &documents).await?;
    for document in &documents {
        let payload = json!({ "sha256": document.sha256, "media_type": document.media_type.as_str() });
        work.tell(Event { kind: "document.registered", subject: document.id.0, payload });
    }
    Ok(documents)
}

/// A file of the registry's own making, to be kept under its hash.
#[derive(Debug, Clone)]
pub struct OwnFile {
    /// SHA-256 of it, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: i64,
    /// What it holds, where the database keeps it; none where it stands in a folder already.
    content: Option<Vec<u8>>,
}

impl OwnFile {
    /// Puts a file into the folder, where contents are kept in one.
    ///
    /// # Errors
    /// A fault of the disk.
    pub async fn new(db: &Db, content: Vec<u8>) -> Result<Self, Failure> {
        let size = i64::try_from(content.len()).map_err(Failure::bug)?;
        let sha256 = hexadecimal(&Sha256::digest(&content));
        let is_in_folder = db.contents().keep(&sha256, &content).await?;
        Ok(Self { sha256, size, content: (!is_in_folder).then_some(content) })
    }

    /// Keeps it in the database, where contents are kept there.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn keep(&self, work: &Work) -> Result<(), Failure> {
        match &self.content {
            Some(content) => store::keep_content(work, &self.sha256, content).await,
            None => Ok(()),
        }
    }
}

/// The hash that stands for what each of these acts rests on: that of its one document, or of the list of several
/// ([`hash_of`]).
///
/// # Errors
/// [`DecisionRefusal::UnknownDocument`] when a document is not one of the caller's organisation,
/// [`DecisionRefusal::HashDiffers`].
pub async fn prove(work: &Work, grounds: &[&Grounds]) -> Result<Vec<Option<String>>, Failure> {
    let ids: BTreeSet<Uuid> = grounds.iter().flat_map(|grounds| &grounds.documents).map(|id| id.0).collect();
    let known: HashMap<DocumentId, Document> = if ids.is_empty() {
        HashMap::new()
    } else {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found = store::documents_of(work, work.caller().organisation, &ids).await?;
        found.into_iter().map(|document| (document.id, document)).collect()
    };
    let prove_one = |grounds: &&Grounds| {
        let hashes = grounds.documents.iter().map(|id| {
            let document = known.get(id).ok_or_else(|| DecisionRefusal::UnknownDocument { id: id.to_string() })?;
            Ok(document.sha256.as_str())
        });
        let hash = hash_of(hashes.collect::<Result<BTreeSet<_>, DecisionRefusal>>()?);
        match (&hash, &grounds.document_hash) {
            (Some(own), Some(told)) if own != told => Err(DecisionRefusal::HashDiffers {}),
            (own, told) => Ok(own.clone().or_else(|| told.clone())),
        }
    };
    Ok(grounds.iter().map(prove_one).collect::<Result<_, DecisionRefusal>>()?)
}

/// One hash for several: that of the document when there is one, otherwise SHA-256 over all hashes in ascending order, each
/// followed by a line feed.
pub fn hash_of(hashes: BTreeSet<&str>) -> Option<String> {
    match hashes.len() {
        0 => None,
        1 => hashes.into_iter().next().map(str::to_owned),
        _ => {
            let list: String = hashes.into_iter().flat_map(|hash| [hash, "\n"]).collect();
            Some(hexadecimal(&Sha256::digest(list.as_bytes())))
        }
    }
}

/// Lets those who may know of a thing read the documents that prove it.
///
/// # Errors
/// A fault of the database.
pub async fn link(
    work: &Work,
    grounds: &Grounds,
    subject_kind: &str,
    subject: Uuid,
    audiences: &[Audience],
) -> Result<(), Failure> {
    let documents: BTreeSet<DocumentId> = grounds.documents.iter().copied().collect();
    let links = documents.into_iter().flat_map(|document| {
        audiences.iter().map(move |audience| Link {
            id: DocumentLinkId::fresh(),
            document,
            subject_kind: subject_kind.to_owned(),
            subject,
            audience: audience.clone(),
        })
    });
    store::insert_links(work, links.collect()).await
}

/// Whether a link lets the caller read its document.
fn lets_read(link: &Link, caller: &Caller) -> bool {
    match (&link.audience, caller.scope()) {
        (Audience::Organisation(id), _) => *id == caller.organisation,
        (Audience::Area(path), Scope::Area { .. }) => caller.covers(path),
        (Audience::Area(_), _) => false,
    }
}

/// Whether the caller may read a document: it is their organisation's, or evidence in something of theirs.
fn is_visible(document: &Document, links: &[Link], caller: &Caller) -> bool {
    let sees_all = caller.scope() == Scope::Everything;
    sees_all || document.organisation == caller.organisation || links.iter().any(|link| lets_read(link, caller))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_document_stands_for_itself_and_several_for_their_list() {
        let (one, other) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(hash_of(BTreeSet::new()), None);
        assert_eq!(hash_of(BTreeSet::from([one.as_str()])), Some(one.clone()));
        let list = hexadecimal(&Sha256::digest(format!("{one}\n{other}\n")));
        assert_eq!(hash_of(BTreeSet::from([other.as_str(), one.as_str()])), Some(list));
    }
}
