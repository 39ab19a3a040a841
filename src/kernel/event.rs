//! What the rest of the world is told: written to the outbox in the transaction that made it true.

use serde_json::Value;
use uuid::Uuid;

/// Something that happened, for the event feed and webhooks.
#[derive(Debug, Clone)]
pub struct Event {
    /// Dotted name, for example `trade.settled`.
    pub kind: &'static str,
    /// What it is about.
    pub subject: Uuid,
    /// What a reader needs to know, without secrets.
    pub payload: Value,
}
