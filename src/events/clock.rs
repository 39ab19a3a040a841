//! What a serving node does for the feed: tells the parties of what has come into the log, and brings the messages of their webhooks.

use super::telling::tell;
use super::webhooks::delivering::{UnderWay, begin};
use crate::db::Db;
use crate::http::outbound::{Receivers, Sender};
use crate::kernel::ids;
use std::time::Duration;

/// Pause between two looks: an event is told within a second, as the log is kept.
const BETWEEN: Duration = Duration::from_millis(500);

/// Carries the feed on until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    loop {
        if let Err(failure) = tell(&db, holder).await {
            tracing::error!(%failure, "The feed could not be carried on; it is tried again");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Brings messages until the task is ended.
pub async fn deliver(db: Db, receivers: Receivers) {
    let sender = match Sender::new(receivers) {
        Ok(sender) => sender,
        Err(failure) => {
            return tracing::error!(%failure, "Webhooks are not delivered: this machine believes no certificate");
        }
    };
    let (holder, mut under_way) = (ids::fresh(), UnderWay::default());
    loop {
        if let Err(failure) = begin(&db, &sender, holder, &mut under_way).await {
            tracing::error!(%failure, "Messages could not be looked for; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => {}
            () = under_way.one_is_over() => {}
        }
    }
}
