//! Counts the statements that a transaction sends, by the spans that the database layer opens for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tracing::instrument::WithSubscriber;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// Where the database layer speaks of its transactions.
const SPEAKER: &str = "sea_orm::database::transaction";
/// What it calls the sending of a statement.
const SENDING: [&str; 4] = ["execute_raw", "execute_unprepared", "query_one_raw", "query_all_raw"];

struct Counter(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counter {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == SPEAKER
    }

    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        if SENDING.contains(&attributes.metadata().name()) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// What a future answers, and how many statements it sent.
pub async fn counted<T>(doing: impl Future<Output = T>) -> (T, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let subscriber = tracing_subscriber::registry().with(Counter(count.clone()));
    // Where there is only one listener, another thread that comes first to a statement would silence it for all; so there are two.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry().with(Counter(Arc::default())));
    let answer = doing.with_subscriber(subscriber).await;
    (answer, count.load(Ordering::SeqCst))
}
