//! What was measured, as a table.

use std::fmt::Write;
use std::time::Duration;

/// One line of the table.
pub struct Line {
    /// What was done.
    pub work: String,
    /// What it is compared with.
    pub against: String,
    /// The figure of the engine.
    pub ours: String,
    /// The figure of the other side.
    pub theirs: String,
    /// How they relate; more is better for the engine unless the line says otherwise.
    pub ratio: Option<f64>,
    /// What must be reached.
    pub bound: Bound,
}

/// What a ratio must be.
#[derive(Clone, Copy)]
pub enum Bound {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// For information.
    None,
}

impl Line {
    /// Two rates in the same unit.
    pub fn rates(work: String, against: &str, unit: &str, ours: f64, theirs: f64, bound: Bound) -> Self {
        let print = |rate: f64| format!("{} {unit}", grouped(rate));
        Self {
            work,
            against: against.to_owned(),
            ours: print(ours),
            theirs: print(theirs),
            ratio: Some(ours / theirs),
            bound,
        }
    }

    /// A figure without anything to compare it with.
    pub fn alone(work: String, ours: String) -> Self {
        Self { work, against: String::new(), ours, theirs: String::new(), ratio: None, bound: Bound::None }
    }

    /// The line as a row of the table.
    pub fn row(&self) -> String {
        let ratio = self.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} ×"));
        let (bound, verdict) = match (self.bound, self.ratio) {
            (Bound::AtLeast(least), Some(ratio)) => (format!("≥ {least} ×"), verdict(ratio >= least)),
            (Bound::AtMost(most), Some(ratio)) => (format!("≤ {most} ×"), verdict(ratio <= most)),
            _ => (String::new(), ""),
        };
        let Self { work, against, ours, theirs, .. } = self;
        format!("| {work} | {against} | {ours} | {theirs} | {ratio} | {bound} | {verdict} |")
    }
}

fn verdict(holds: bool) -> &'static str {
    if holds { "yes" } else { "NO" }
}

/// The table of all lines.
pub fn table(lines: &[Line]) -> String {
    let mut text =
        "| work | against | ours | theirs | ratio | wanted | holds |\n|---|---|---|---|---|---|---|\n".to_owned();
    for line in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line.row());
    }
    text
}

/// A whole number with its thousands apart.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// How many in a second.
pub fn rate(count: usize, took: Duration) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / took.as_secs_f64()
}

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50)
}

/// The value that so many of a hundred do not exceed.
pub fn percentile(values: &[f64], hundredths: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last * hundredths).div_ceil(100)).copied().unwrap_or(f64::NAN)
}
