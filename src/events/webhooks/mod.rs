//! Webhooks: addresses at which an organisation is told of its events, signed after Standard Webhooks (the headers `webhook-id`,
//! `webhook-timestamp` and `webhook-signature`; <https://www.standardwebhooks.com>). A message goes by the id of its journal, the same
//! in every try, so that a receiver knows what it has had. Every address is judged when it is registered and again when a message
//! leaves, by what its name then leads to; redirects are not followed and an answer is read no further than its status.
//!
//! Of a webhook: active ⇄ suspended. Of a delivery: waiting → delivered | dead; replayed, it waits again.

pub mod api;
mod api_deliveries;
pub mod commands;
pub mod delivering;
pub mod delivery;
pub mod queries;
mod signature;
mod store;
mod webhook;

pub use commands::enqueue;
pub use delivering::deliver;
pub use store::COVERED;
pub use webhook::{Webhook, WebhookState};
