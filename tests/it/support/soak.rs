//! Long runs: `make test` runs the random trials bounded, `make soak` as long as one likes, and a printed seed repeats one.

use super::figures;
use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "a soak is told by its environment how long and from which seed it runs")]
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.trim().parse().unwrap_or_else(|_| panic!("{name} is {text:?}: it must be a number")))
}

/// The seed that `GANHE_SEED` names, or a fresh one.
pub fn seed() -> u64 {
    number("GANHE_SEED").unwrap_or_else(rand::random)
}

/// How long a soak lasts, from `GANHE_TEST_SOAK_SECONDS`; nothing in a bounded run.
pub fn duration() -> Option<Duration> {
    number("GANHE_TEST_SOAK_SECONDS").map(Duration::from_secs)
}

/// How often the server is killed, from `GANHE_TEST_KILLS`.
pub fn kills() -> Option<u64> {
    number("GANHE_TEST_KILLS")
}

/// How many trials are made at once, from `GANHE_TEST_AT_ONCE`.
pub fn at_once() -> Option<usize> {
    number("GANHE_TEST_AT_ONCE").map(|count| usize::try_from(count).unwrap())
}

/// Says how a trial went, and keeps it for the end of the run.
pub fn conclude(trial: &str, text: &str) {
    report(&format!("{trial}: {text}"));
    figures::keep(trial, text);
}

/// Says something; the test runner shows it when the test fails, or when asked to.
#[expect(clippy::print_stderr, reason = "what a soak says is its report")]
pub fn report(text: &str) {
    eprintln!("{text}");
}

/// A trial with a seed. If it does not end well, its seed is told last, where it is seen.
pub struct Announced {
    trial: &'static str,
    seed: u64,
}

impl Announced {
    /// Tells the seed before the trial begins.
    pub fn new(trial: &'static str, seed: u64) -> Self {
        report(&format!("{trial}: seed {seed}"));
        Self { trial, seed }
    }

    /// It went well.
    pub fn ends_well(self) {
        std::mem::forget(self);
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        report(&format!("{}: FAILED, repeat it with GANHE_SEED={}", self.trial, self.seed));
    }
}
