//! Reading webhooks and what was delivered to them: always those of one's own organisation.

use super::delivery::{Attempt, Delivery, DeliveryState};
use super::store::{self, webhook_deliveries, webhooks};
use super::webhook::Webhook;
use crate::access::Caller;
use crate::db::{Db, rows};
use crate::http::extract::not_found;
use crate::kernel::Failure;
use crate::kernel::ids::WebhookId;
use crate::kernel::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Whether a webhook is the caller's own.
pub fn is_theirs(caller: &Caller, webhook: &Webhook) -> bool {
    webhook.organisation == caller.organisation
}

/// Webhooks of the caller's organisation.
///
/// # Errors
/// A fault of the database.
pub async fn list_webhooks(db: &Db, caller: &Caller, page: &PageRequest) -> Result<Page<Webhook>, Failure> {
    let own = webhooks::Entity::find().filter(webhooks::Column::OrganisationId.eq(caller.organisation.0));
    let found = rows::page(own, webhooks::Column::Id, page).all(db.reader()).await?;
    let items = found.into_iter().map(Webhook::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |webhook| webhook.id.0))
}

/// A webhook of the caller's organisation.
///
/// # Errors
/// Not found.
pub async fn find_webhook(db: &Db, caller: &Caller, id: WebhookId) -> Result<Webhook, Failure> {
    let row = webhooks::Entity::find_by_id(id.0).one(db.reader()).await?;
    let found = row.map(Webhook::try_from).transpose()?.filter(|webhook| is_theirs(caller, webhook));
    found.ok_or_else(|| not_found("webhook").into())
}

/// Messages to a webhook with their tries, in one state when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_deliveries(
    db: &Db,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    page: &PageRequest,
) -> Result<Page<(Delivery, Vec<Attempt>)>, Failure> {
    let mut select = webhook_deliveries::Entity::find().filter(webhook_deliveries::Column::WebhookId.eq(webhook.0));
    if let Some(state) = state {
        select = select.filter(webhook_deliveries::Column::State.eq(state.as_str()));
    }
    let found = rows::page(select, webhook_deliveries::Column::Id, page).all(db.reader()).await?;
    let ids: Vec<Uuid> = found.iter().map(|row| row.id).collect();
    let mut attempts = store::attempts_of(db.reader(), &ids).await?;
    let delivery = |row: webhook_deliveries::Model| {
        let tried = attempts.remove(&row.id).unwrap_or_default();
        Ok((Delivery::try_from(row)?, tried))
    };
    let items = found.into_iter().map(delivery).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Page::cut(items, page, |(delivery, _)| delivery.id.0))
}

/// The webhooks with these ids, whoever asks: for delivering to them.
///
/// # Errors
/// A fault of the database.
pub async fn webhooks_by_id(db: &Db, ids: &[WebhookId]) -> Result<Vec<Webhook>, Failure> {
    let wanted = webhooks::Entity::find().filter(webhooks::Column::Id.is_in(ids.iter().map(|id| id.0)));
    wanted.all(db.reader()).await?.into_iter().map(Webhook::try_from).collect()
}

/// The deliveries with these ids, whoever asks: for bringing them.
///
/// # Errors
/// A fault of the database.
pub async fn deliveries_by_id(db: &Db, ids: &[Uuid]) -> Result<Vec<Delivery>, Failure> {
    let wanted = webhook_deliveries::Column::Id.is_in(ids.iter().copied());
    let rows = webhook_deliveries::Entity::find().filter(wanted).all(db.reader()).await?;
    rows.into_iter().map(Delivery::try_from).collect()
}
