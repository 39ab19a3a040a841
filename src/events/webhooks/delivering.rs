//! Brings messages to their receivers. A node that has the lease takes, of each webhook, the message that is due; for a while nobody else
//! takes it, so that one whose node died is tried again by another. A receiver may so get a message twice, under the same id, and never
//! loses one. Of each webhook one message is under way at a time: a receiver that hangs keeps up its own messages and no others.

use super::delivery::{Attempt, Delivery};
use super::queries;
use super::signature::sign;
use super::store;
use super::webhook::Webhook;
use crate::access::{Action, Caller};
use crate::db::{Db, Work, lease};
use crate::events::api::EventView;
use crate::http::outbound::{Message, Sender};
use crate::kernel::ids::WebhookId;
use crate::kernel::{Failure, Moment};
use crate::ledger::log::queries::first_covering;
use crate::ledger::log::sequenced;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Instant;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "webhooks";
/// How long the lease outlives its holder's last look, in seconds.
const LEASED: i64 = 10;
/// For how many minutes nobody else tries a message that was taken: well beyond the time that a receiver has.
const TAKEN: i64 = 1;
/// Webhooks that messages are under way to at the same time.
const MOST_AT_ONCE: usize = 64;

/// The messages under way on one node.
#[derive(Default)]
pub struct UnderWay {
    tasks: JoinSet<WebhookId>,
    busy: BTreeSet<WebhookId>,
}

impl UnderWay {
    /// Waits until one of them is over; for ever when there is none.
    pub async fn one_is_over(&mut self) {
        match self.tasks.join_next().await {
            None => std::future::pending().await,
            Some(Ok(webhook)) => {
                self.busy.remove(&webhook);
            }
            // Whoever panicked cannot say which it was: all others are asked for again when they are over.
            Some(Err(fault)) => {
                tracing::error!(%fault, "A message broke off");
                self.busy.clear();
            }
        }
    }

    /// Waits until all of them are over.
    pub async fn all_are_over(&mut self) {
        while !self.tasks.is_empty() {
            self.one_is_over().await;
        }
    }
}

/// What is taken.
struct Taking {
    holder: Uuid,
    busy: Vec<WebhookId>,
    until: Moment,
    most: u64,
}

/// Sends whatever is due and waits until all of it is over, so often as something is. Tells how many messages were tried.
///
/// # Errors
/// A fault of the database.
pub async fn deliver(db: &Db, sender: &Sender, holder: Uuid) -> Result<u64, Failure> {
    let (mut under_way, mut total) = (UnderWay::default(), 0);
    loop {
        let begun = begin(db, sender, holder, &mut under_way).await?;
        if begun == 0 {
            return Ok(total);
        }
        total += begun;
        under_way.all_are_over().await;
    }
}

/// Begins to send what is due, to webhooks that nothing is under way to. Tells how many messages.
///
/// # Errors
/// A fault of the database.
pub async fn begin(db: &Db, sender: &Sender, holder: Uuid, under_way: &mut UnderWay) -> Result<u64, Failure> {
    let most = MOST_AT_ONCE.saturating_sub(under_way.busy.len());
    if most == 0 || !store::has_due(db.reader(), db.clock().wall_now()).await? {
        return Ok(0);
    }
    let busy: Vec<WebhookId> = under_way.busy.iter().copied().collect();
    let until = db.clock().wall_now().plus_minutes(TAKEN);
    let taking = Taking { holder, busy, until, most: most as u64 };
    let server = Caller::clock().may(Action::DecideTask)?;
    let taken: Vec<Uuid> = db.run(&server, &taking, |work, taking| Box::pin(take(work, taking))).await?;
    let deliveries = queries::deliveries_by_id(db, &taken).await?;
    let ids: Vec<WebhookId> = deliveries.iter().map(|delivery| delivery.webhook).collect();
    let webhooks = queries::webhooks_by_id(db, &ids).await?;
    let mut begun = 0;
    for delivery in deliveries {
        let Some(webhook) = webhooks.iter().find(|webhook| webhook.id == delivery.webhook).cloned() else { continue };
        under_way.busy.insert(webhook.id);
        under_way.tasks.spawn(bring(db.clone(), sender.clone(), webhook, delivery, until));
        begun += 1;
    }
    Ok(begun)
}

async fn take(work: &mut Work, taking: &Taking) -> Result<Vec<Uuid>, Failure> {
    if !lease::take(work, LEASE, taking.holder, LEASED).await? {
        return Ok(Vec::new());
    }
    let taken = store::claim(work, &taking.busy, taking.until, taking.most).await?;
    Ok(taken.into_iter().map(|delivery| delivery.id.0).collect())
}

/// Brings one message, and writes down what came of it.
async fn bring(db: Db, sender: Sender, webhook: Webhook, delivery: Delivery, taken_until: Moment) -> WebhookId {
    let (id, url) = (delivery.id, webhook.url.clone());
    match try_once(&db, &sender, &webhook, delivery, taken_until).await {
        Ok(attempt) => {
            let outcome = attempt.outcome.as_str();
            metrics::counter!("ganhe_webhook_attempts_total", "outcome" => outcome).increment(1);
            tracing::debug!(delivery.id = %id, outcome, "A message was tried");
        }
        // Nobody has written that it was tried: it is, again, when its time is over.
        Err(failure) => tracing::error!(%failure, delivery.id = %id, url, "A message could not be tried"),
    }
    webhook.id
}

async fn try_once(
    db: &Db,
    sender: &Sender,
    webhook: &Webhook,
    delivery: Delivery,
    taken_until: Moment,
) -> Result<Attempt, Failure> {
    let (tried_at, began) = (db.clock().wall_now(), Instant::now());
    let message = message(db, webhook, &delivery, tried_at).await?;
    let sent = sender.send(&message).await;
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let attempt = Attempt::of(sent, delivery.attempts + 1, tried_at, duration_ms);
    let delivery = delivery.after(&attempt, rand::random());
    let server = Caller::clock().may(Action::DecideTask)?;
    let done = (delivery, attempt, taken_until);
    let written = db.run(&server, &done, |work, (delivery, attempt, taken_until)| {
        Box::pin(async move { store::record(work, delivery, attempt, *taken_until).await })
    });
    written.await?;
    Ok(attempt)
}

/// The message of a delivery. Its body is the same in every try.
async fn message(db: &Db, webhook: &Webhook, delivery: &Delivery, now: Moment) -> Result<Message, Failure> {
    let found = sequenced::journals_at(db.reader(), &[delivery.position]).await?.pop();
    let event = found.ok_or_else(|| Failure::bug("a message is of no journal"))?;
    let (kind, recorded_at) = (event.kind.clone(), event.recorded_at);
    let checkpoint = first_covering(db.reader(), delivery.position).await?;
    let body = json!({
        "type": kind,
        "timestamp": recorded_at,
        "data": EventView::from(event),
        "checkpoint": checkpoint,
    });
    let (id, timestamp, body) = (delivery.journal.to_string(), now.seconds(), body.to_string());
    let signature = sign(&webhook.secrets_at(now), &id, timestamp, &body)?;
    let headers =
        vec![("webhook-id", id), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)];
    Ok(Message { url: webhook.url.clone(), headers, body })
}
