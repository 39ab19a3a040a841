//! How large the measurement is.

use std::collections::BTreeSet;

/// Read from the environment.
pub struct Settings {
    /// Entries of the large book (`GANHE_BENCH_ENTRIES`).
    pub entries: usize,
    /// Rows of the imported register (`GANHE_BENCH_ROWS`).
    pub rows: usize,
    /// Rounds that count (`GANHE_BENCH_ROUNDS`).
    pub rounds: usize,
    /// Parts to run, all of them when empty (`GANHE_BENCH_ONLY`, separated by commas).
    only: BTreeSet<String>,
}

impl Settings {
    /// From the environment, with defaults that end within a quarter of an hour.
    pub fn read() -> Result<Self, String> {
        let number = |name: &str, default: usize| match std::env::var(name) {
            Ok(text) => text.replace('_', "").parse().map_err(|_| format!("{name}: {text} is no number")),
            Err(_) => Ok(default),
        };
        let only = std::env::var("GANHE_BENCH_ONLY").unwrap_or_default();
        Ok(Self {
            entries: number("GANHE_BENCH_ENTRIES", 1_000_000)?.max(20_000),
            rows: number("GANHE_BENCH_ROWS", 500_000)?.max(10_000),
            rounds: number("GANHE_BENCH_ROUNDS", 5)?.max(1),
            only: only.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        })
    }

    /// Whether a part shall run.
    pub fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.contains(part)
    }
}
