//! Registering webhooks, changing them, and putting messages into their queue.

use super::delivery::DeliveryState;
use super::queries::is_theirs;
use super::store;
use super::webhook::{Webhook, WebhookState};
use crate::db::Work;
use crate::events::EventRefusal;
use crate::events::parties::Telling;
use crate::events::queries::events_after;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::ids::{OrganisationId, WebhookId};
use crate::kernel::{Failure, Moment};
use crate::ledger::log::sequenced::Sequenced;
use crate::parties::commands::lock_organisations;
use accounting::JournalKind;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Webhooks that one organisation may have: each is asked for each of its events.
const MOST: usize = 20;
/// Events that one replay puts into the queue; a reader who missed more follows the feed.
const MOST_REPLAYED: u64 = 10_000;

/// A webhook to register.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Where.
    pub url: String,
    /// Which kinds of events; all of them when none is named.
    pub kinds: Vec<JournalKind>,
    /// What its messages are signed with.
    pub secret: String,
}

/// Registers a webhook of the caller's organisation.
///
/// # Errors
/// [`EventRefusal::TooManyWebhooks`].
pub async fn register(work: &Work, new: &NewWebhook) -> Result<Webhook, Failure> {
    let organisation = work.caller().organisation;
    // Two that are registered at once are counted one after the other.
    lock_organisations(work, &[organisation]).await?;
    if store::of_organisations(work.connection(), &[organisation]).await?.len() >= MOST {
        return Err(EventRefusal::TooManyWebhooks { most: MOST.to_string() }.into());
    }
    let webhook = Webhook {
        id: WebhookId::fresh(),
        organisation,
        url: new.url.clone(),
        kinds: new.kinds.clone(),
        state: WebhookState::Active,
        secret: new.secret.clone(),
        former: None,
        registered_by: work.caller().user,
        registered_at: work.now(),
        version: 1,
    };
    store::insert(work, std::slice::from_ref(&webhook)).await?;
    Ok(webhook)
}

/// What happens to a webhook.
#[derive(Debug, Clone)]
pub enum Change {
    /// It gets another secret; the present one signs as well until an instant of the wall clock.
    Rotate {
        /// The new one.
        secret: String,
        /// Until when both sign.
        until: Moment,
    },
    /// It goes into another state.
    Turn(WebhookState),
}

/// A webhook to change, in the version that its keeper has seen.
#[derive(Debug, Clone)]
pub struct WebhookChange {
    /// Which.
    pub webhook: WebhookId,
    /// In which version, when that was said.
    pub expected: Option<i64>,
    /// What happens to it.
    pub change: Change,
}

/// Changes a webhook.
///
/// # Errors
/// Not found, stale, or [`EventRefusal::WebhookStands`].
pub async fn change(work: &Work, wanted: &WebhookChange) -> Result<Webhook, Failure> {
    let webhook = lock(work, wanted.webhook).await?;
    expect_version(wanted.expected, webhook.version)?;
    let webhook = match &wanted.change {
        Change::Rotate { secret, until } => webhook.rotate(secret.clone(), *until),
        Change::Turn(state) => webhook.turn(*state)?,
    };
    store::save(work, std::slice::from_ref(&webhook)).await?;
    Ok(webhook)
}

async fn lock(work: &Work, id: WebhookId) -> Result<Webhook, Failure> {
    let found = store::lock(work, id).await?.filter(|webhook| is_theirs(work.caller(), webhook));
    Ok(found.ok_or_else(|| not_found("webhook"))?)
}

/// What is sent again.
#[derive(Debug, Clone, Copy)]
pub struct Replay {
    /// To which webhook.
    pub webhook: WebhookId,
    /// The events after this place in the log.
    pub after: i64,
    /// Only those whose last try has failed.
    pub only_dead: bool,
    /// In which version its keeper has seen the webhook, when that was said.
    pub expected: Option<i64>,
}

/// What a replay has put into the queue.
#[derive(Debug, Clone, Copy)]
pub struct Replayed {
    /// How many messages.
    pub count: u64,
    /// The place of the last event that was looked at, when there are more after it.
    pub go_on_after: Option<i64>,
}

/// Puts the events after a place into the queue of a webhook again, whether or not they were delivered before.
///
/// # Errors
/// Not found, or stale.
pub async fn replay(work: &Work, wanted: &Replay) -> Result<Replayed, Failure> {
    let webhook = lock(work, wanted.webhook).await?;
    expect_version(wanted.expected, webhook.version)?;
    let events = events_after(work.connection(), webhook.organisation, Some(wanted.after), MOST_REPLAYED).await?;
    let go_on_after = events.last().filter(|_| events.len() as u64 == MOST_REPLAYED).map(|last| last.position);
    let dead: BTreeSet<i64> = if wanted.only_dead {
        store::positions_in(work, webhook.id, DeliveryState::Dead).await?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let is_wanted = |event: &&Sequenced| {
        if wanted.only_dead { dead.contains(&event.position) } else { webhook.wants(&event.kind) }
    };
    let messages: Vec<(WebhookId, i64, Uuid)> =
        events.iter().filter(is_wanted).map(|event| (webhook.id, event.position, event.id)).collect();
    Ok(Replayed { count: store::enqueue(work, &messages).await?, go_on_after })
}

/// Puts a message into the queue of each active webhook that wants one of these journals.
///
/// # Errors
/// A fault of the database.
pub async fn enqueue(work: &Work, journals: &[Sequenced], telling: &Telling) -> Result<(), Failure> {
    let organisations: BTreeSet<OrganisationId> = telling.iter().map(|(_, id)| OrganisationId(*id)).collect();
    if organisations.is_empty() {
        return Ok(());
    }
    let organisations: Vec<OrganisationId> = organisations.into_iter().collect();
    let webhooks = store::of_organisations(work.connection(), &organisations).await?;
    let journals: HashMap<i64, &Sequenced> = journals.iter().map(|journal| (journal.position, journal)).collect();
    let mut messages = Vec::new();
    for (position, organisation) in telling {
        let Some(journal) = journals.get(position) else { continue };
        let wants = |webhook: &&Webhook| {
            webhook.organisation.0 == *organisation
                && webhook.state == WebhookState::Active
                && webhook.wants(&journal.kind)
        };
        messages.extend(webhooks.iter().filter(wants).map(|webhook| (webhook.id, *position, journal.id)));
    }
    store::enqueue(work, &messages).await?;
    Ok(())
}
