//! Rows of webhooks, deliveries and attempts.

use super::delivery::{Attempt, Delivery, DeliveryState, Outcome};
use super::webhook::{Webhook, WebhookState};
use crate::db::columns::{Kind, Rows};
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::db::{Work, bind_all};
use crate::entity;
use crate::kernel::ids::{DeliveryId, OrganisationId, UserId, WebhookId};
use crate::kernel::{Failure, Moment, ids};
use accounting::JournalKind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(webhooks, "webhooks", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    url: String,
    kinds: Option<String>,
    state: String,
    secret: String,
    former_secret: Option<String>,
    former_until: Option<i64>,
    registered_by: Uuid,
    registered_at: i64,
    version: i64,
});

entity!(webhook_deliveries, "webhook_deliveries", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    webhook_id: Uuid,
    position: i64,
    journal_id: Uuid,
    state: String,
    attempts: i64,
    tries: i64,
    due_at: i64,
});

entity!(webhook_attempts, "webhook_attempts", {
    #[sea_orm(primary_key, auto_increment = false)]
    delivery_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    tried_at: i64,
    status: Option<i32>,
    duration_ms: i64,
    outcome: String,
});

/// Tables of this store whose rows leave evidence; deliveries and their attempts leave none: see `audit::records`.
pub const COVERED: &[Covered] = &[Covered::of::<webhooks::Entity>()];

impl TryFrom<webhooks::Model> for Webhook {
    type Error = Failure;

    fn try_from(row: webhooks::Model) -> Result<Self, Failure> {
        let unknown = |word: &str| Failure::bug(format!("a webhook has the unknown word {word}"));
        let kind = |word: &str| JournalKind::parse(word).ok_or_else(|| unknown(word));
        Ok(Self {
            id: WebhookId(row.id),
            organisation: OrganisationId(row.organisation_id),
            url: row.url,
            kinds: row.kinds.iter().flat_map(|kinds| kinds.split(' ')).map(kind).collect::<Result<_, _>>()?,
            state: WebhookState::parse(&row.state).ok_or_else(|| unknown(&row.state))?,
            secret: row.secret,
            former: row.former_secret.zip(row.former_until.map(Moment::from_micros)),
            registered_by: UserId(row.registered_by),
            registered_at: Moment::from_micros(row.registered_at),
            version: row.version,
        })
    }
}

impl From<&Webhook> for webhooks::Model {
    fn from(webhook: &Webhook) -> Self {
        let kinds: Vec<&str> = webhook.kinds.iter().map(|kind| kind.as_str()).collect();
        Self {
            id: webhook.id.0,
            organisation_id: webhook.organisation.0,
            url: webhook.url.clone(),
            kinds: (!kinds.is_empty()).then(|| kinds.join(" ")),
            state: webhook.state.as_str().to_owned(),
            secret: webhook.secret.clone(),
            former_secret: webhook.former.as_ref().map(|(secret, _)| secret.clone()),
            former_until: webhook.former.as_ref().map(|(_, until)| until.micros()),
            registered_by: webhook.registered_by.0,
            registered_at: webhook.registered_at.micros(),
            version: webhook.version,
        }
    }
}

impl TryFrom<webhook_deliveries::Model> for Delivery {
    type Error = Failure;

    fn try_from(row: webhook_deliveries::Model) -> Result<Self, Failure> {
        let unknown = || Failure::bug(format!("the delivery {} is {}", row.id, row.state));
        Ok(Self {
            id: DeliveryId(row.id),
            webhook: WebhookId(row.webhook_id),
            position: row.position,
            journal: row.journal_id,
            state: DeliveryState::parse(&row.state).ok_or_else(unknown)?,
            attempts: row.attempts,
            tries: row.tries,
            due_at: Moment::from_micros(row.due_at),
        })
    }
}

impl TryFrom<webhook_attempts::Model> for Attempt {
    type Error = Failure;

    fn try_from(row: webhook_attempts::Model) -> Result<Self, Failure> {
        Ok(Self {
            number: row.number,
            tried_at: Moment::from_micros(row.tried_at),
            status: row.status.map(u16::try_from).transpose().map_err(Failure::bug)?,
            duration_ms: row.duration_ms,
            outcome: Outcome::parse(&row.outcome).ok_or_else(|| Failure::bug(row.outcome))?,
        })
    }
}

pub async fn insert(work: &Work, new: &[Webhook]) -> Result<(), Failure> {
    let rows = new.iter().map(webhooks::Model::from).collect();
    insert_all::<webhooks::Entity, webhooks::ActiveModel>(work, rows).await
}

/// Writes webhooks that are locked.
pub async fn save(work: &Work, changed: &[Webhook]) -> Result<(), Failure> {
    let rows = changed.iter().map(webhooks::Model::from).collect();
    save_all::<webhooks::Entity, webhooks::ActiveModel>(work, rows).await
}

pub async fn lock(work: &Work, id: WebhookId) -> Result<Option<Webhook>, Failure> {
    let rows = lock_all::<webhooks::Entity>(work, webhooks::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(Webhook::try_from).transpose()
}

/// The webhooks of organisations, as they stand.
pub async fn of_organisations(
    connection: &impl ConnectionTrait,
    organisations: &[OrganisationId],
) -> Result<Vec<Webhook>, Failure> {
    let wanted = webhooks::Column::OrganisationId.is_in(organisations.iter().map(|id| id.0));
    let rows = webhooks::Entity::find().filter(wanted).order_by_asc(webhooks::Column::Id).all(connection).await?;
    rows.into_iter().map(Webhook::try_from).collect()
}

/// Puts messages into the queue, due at once: to which webhook, of which journal at which place. One that is there already waits
/// anew, with all its tries before it. Tells how many.
pub async fn enqueue(work: &Work, messages: &[(WebhookId, i64, Uuid)]) -> Result<u64, Failure> {
    if messages.is_empty() {
        return Ok(0);
    }
    let mut rows = Rows::new(&[Kind::Uuid, Kind::Uuid, Kind::Big, Kind::Uuid]);
    for (webhook, position, journal) in messages {
        rows.push([ids::fresh().into(), webhook.0.into(), (*position).into(), (*journal).into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.clock().wall_now().micros().into());
    let sql = format!(
        "INSERT INTO webhook_deliveries (id, webhook_id, position, journal_id, state, attempts, tries, due_at) \
         SELECT r.c0, r.c1, r.c2, r.c3, 'waiting', 0, 0, $1 FROM {source} WHERE true \
         ON CONFLICT (webhook_id, position) DO UPDATE SET state = 'waiting', tries = 0, due_at = excluded.due_at"
    );
    Ok(work.connection().execute_raw(work.statement(&sql, values)).await?.rows_affected())
}

/// Takes the next message that is due of each webhook which nobody is busy with, and keeps others from it for `until`. A webhook
/// that is suspended keeps its messages waiting.
pub async fn claim(work: &Work, busy: &[WebhookId], until: Moment, most: u64) -> Result<Vec<Delivery>, Failure> {
    let mut values = vec![work.clock().wall_now().micros().into()];
    // The nil UUID stands in for "none", as neither database takes an empty list.
    let busy = bind_all(&mut values, busy.iter().map(|id| id.0).chain([Uuid::nil()]));
    let sql = format!(
        "SELECT d.id FROM (SELECT w.id, ROW_NUMBER() OVER (PARTITION BY w.webhook_id ORDER BY w.due_at, w.position) AS place \
         FROM webhook_deliveries w JOIN webhooks h ON h.id = w.webhook_id \
         WHERE w.state = 'waiting' AND w.due_at <= $1 AND h.state = 'active' AND w.webhook_id NOT IN ({busy})) d \
         WHERE d.place = 1 LIMIT {most}"
    );
    let found = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    let ids: Vec<Uuid> = found.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![until.micros().into(), work.clock().wall_now().micros().into()];
    let wanted = bind_all(&mut values, ids);
    // Whoever was faster has moved it out of reach.
    let sql = format!(
        "UPDATE webhook_deliveries SET due_at = $1 WHERE id IN ({wanted}) AND state = 'waiting' AND due_at <= $2 \
         RETURNING id, webhook_id, position, journal_id, state, attempts, tries, due_at"
    );
    let rows = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    rows.iter().map(|row| webhook_deliveries::Model::from_query_result(row, "")?.try_into()).collect()
}

/// Writes a try and how the delivery goes on. One that was put into the queue anew meanwhile stays there.
pub async fn record(work: &Work, delivery: &Delivery, attempt: &Attempt, claimed_until: Moment) -> Result<(), Failure> {
    let values = vec![
        delivery.id.0.into(),
        attempt.number.into(),
        attempt.tried_at.micros().into(),
        attempt.status.map(i32::from).into(),
        attempt.duration_ms.into(),
        attempt.outcome.as_str().into(),
    ];
    // Where the claim had run out, another node may have tried it under the same number.
    let sql = "INSERT INTO webhook_attempts (delivery_id, number, tried_at, status, duration_ms, outcome) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    let values = vec![
        delivery.id.0.into(),
        delivery.state.as_str().into(),
        delivery.attempts.into(),
        delivery.tries.into(),
        delivery.due_at.micros().into(),
        claimed_until.micros().into(),
    ];
    let sql = "UPDATE webhook_deliveries SET attempts = $3, \
               state = CASE WHEN due_at = $6 THEN $2 ELSE state END, tries = CASE WHEN due_at = $6 THEN $4 ELSE tries END, \
               due_at = CASE WHEN due_at = $6 THEN $5 ELSE due_at END WHERE id = $1 AND attempts < $3";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// The attempts of deliveries, in their order.
pub async fn attempts_of(
    connection: &impl ConnectionTrait,
    deliveries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Attempt>>, Failure> {
    let wanted = webhook_attempts::Column::DeliveryId.is_in(deliveries.iter().copied());
    let rows = webhook_attempts::Entity::find().filter(wanted).order_by_asc(webhook_attempts::Column::Number);
    let mut found: HashMap<Uuid, Vec<Attempt>> = HashMap::new();
    for row in rows.all(connection).await? {
        found.entry(row.delivery_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// The places of those messages to a webhook that stand in a state.
pub async fn positions_in(work: &Work, webhook: WebhookId, state: DeliveryState) -> Result<Vec<i64>, Failure> {
    let wanted = webhook_deliveries::Entity::find()
        .filter(webhook_deliveries::Column::WebhookId.eq(webhook.0))
        .filter(webhook_deliveries::Column::State.eq(state.as_str()));
    Ok(wanted.all(work.connection()).await?.into_iter().map(|row| row.position).collect())
}

/// Whether a message is due: asked before anything is locked.
pub async fn has_due(connection: &impl ConnectionTrait, now: Moment) -> Result<bool, Failure> {
    let due = webhook_deliveries::Entity::find()
        // SQLite takes the index of those that wait only where the statement itself says that they do.
        .filter(Expr::cust("state = 'waiting'"))
        .filter(webhook_deliveries::Column::DueAt.lte(now.micros()));
    Ok(due.one(connection).await?.is_some())
}
