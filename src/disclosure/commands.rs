//! Making publications due, publishing and withdrawing them.

use super::publication::{Publication, PublicationState, Step};
use super::store;
use crate::db::Work;
use crate::decisions::calendar;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::PublicationId;
use crate::rulebook::Rulebook;
use crate::rulebook::queries::known_on;
use serde_json::json;
use std::collections::HashMap;

/// Makes the publications of settled trades that have none yet, at most so many.
///
/// # Errors
/// A fault of the database.
pub async fn make_due(work: &mut Work, most: u64) -> Result<Vec<Publication>, Failure> {
    let unpublished = store::unpublished(work, most).await?;
    let Some(first) = unpublished.iter().map(|one| one.settled_on).min() else { return Ok(Vec::new()) };
    let rulebook = known_on(work.connection(), work.today()).await?;
    let days = rulebook.as_ref().and_then(Rulebook::publication_days);
    let calendar = calendar::from(work, first).await?;
    let publications: Vec<Publication> = unpublished
        .into_iter()
        .map(|one| Publication {
            id: PublicationId::fresh(),
            trade: one.trade,
            area_path: one.area_path,
            settled_on: one.settled_on,
            due_on: days.and_then(|days| calendar.working_days_after(one.settled_on, days)),
            rulebook: days.and(rulebook.as_ref()).map(|rulebook| rulebook.id),
            made_at: work.now(),
            state: PublicationState::Due,
            version: 1,
        })
        .collect();
    store::insert(work, &publications).await?;
    Ok(publications)
}

/// A word on a publication.
#[derive(Debug, Clone)]
pub struct Word {
    /// Which.
    pub publication: PublicationId,
    /// The version that was seen.
    pub expected: Option<i64>,
    /// Why it is withdrawn; it is published where there is none.
    pub withdrawn_because: Option<String>,
}

/// Publishes or withdraws.
///
/// # Errors
/// [`crate::disclosure::DisclosureRefusal`].
pub async fn say(work: &mut Work, words: &[Word]) -> Result<Vec<Publication>, Failure> {
    let ids: Vec<PublicationId> = words.iter().map(|word| word.publication).collect();
    let locked = store::lock(work, &ids).await?.into_iter();
    let mut known: HashMap<PublicationId, Publication> = locked.map(|one| (one.id, one)).collect();
    let step = Step { by: work.caller().user, at: work.now() };
    let mut changed = Vec::with_capacity(words.len());
    for word in words {
        let publication = known.remove(&word.publication).ok_or_else(|| not_found("publication"))?;
        expect_version(word.expected, publication.version)?;
        changed.push(match &word.withdrawn_because {
            None => publication.publish(step)?,
            Some(reason) => publication.withdraw(step, reason.clone())?,
        });
    }
    store::save(work, &changed).await?;
    for publication in &changed {
        let kind = match publication.state {
            PublicationState::Withdrawn { .. } => "publication.withdrawn",
            _ => "publication.published",
        };
        let payload = json!({ "trade": publication.trade, "version": publication.version });
        work.tell(Event { kind, subject: publication.id.0, payload });
    }
    Ok(changed)
}
