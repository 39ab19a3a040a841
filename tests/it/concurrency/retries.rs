//! Listens to how often a work had to run again, and why: a deadlock that the server hides from its clients is still a wrong
//! order of locks.

use std::fmt::{Debug, Write};
use std::sync::Mutex;
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Where a work says that it runs again, alone or one by one after it was shared.
const SPEAKERS: [&str; 2] = ["ganhe::db::work", "ganhe::db::gather"];

static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());
static LISTENING: Once = Once::new();

struct Ear;

impl<S: Subscriber> Layer<S> for Ear {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        SPEAKERS.contains(&metadata.target()) && *metadata.level() <= Level::DEBUG
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        HEARD.lock().unwrap().push(words.0);
    }
}

#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

/// Begins to listen, once for the process.
pub fn listen() {
    LISTENING.call_once(|| tracing_subscriber::registry().with(Ear).try_init().unwrap());
}

/// No two works ever locked each other out.
#[track_caller]
pub fn no_deadlock_was_heard() {
    let heard = HEARD.lock().unwrap();
    let deadlocks: Vec<&String> = heard.iter().filter(|words| words.contains("deadlock")).collect();
    assert!(deadlocks.is_empty(), "{} of {} retries were deadlocks: {deadlocks:#?}", deadlocks.len(), heard.len());
}
