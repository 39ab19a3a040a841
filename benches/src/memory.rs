//! The memory that a process takes, seen from outside: the benchmark starts itself again for the one purpose.

use crate::Outcome;
use crate::large::grouped_entries;
use crate::report::{Line, grouped};
use crate::stage::Stage;
use ganhe::audit::export::{self, Format};
use ganhe::db::Db;
use ganhe::kernel::Clock;
use std::fs::File;
use std::io::BufWriter;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The first argument that makes this program export the book at the address that follows.
pub const EXPORT: &str = "export";

/// Starts this program again with some arguments and watches its peak: what it said, and megabytes.
pub async fn watched(arguments: &[&str]) -> Outcome<(String, f64)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    let exit = loop {
        let now = std::fs::read_to_string(&status).unwrap_or_default();
        let line = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0));
        if let Some(exit) = child.try_wait()? {
            break exit;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    if !exit.success() {
        return Err(format!("{} ended with {exit}", arguments.first().copied().unwrap_or_default()).into());
    }
    let said = std::io::read_to_string(child.stdout.take().ok_or("no output")?)?;
    Ok((said, peak / 1_024.0))
}

/// Exports the book for hledger in a process of its own, and watches its peak.
pub async fn of_export(stage: &Stage) -> Outcome<Line> {
    let began = Instant::now();
    let (said, peak) = watched(&[EXPORT, &stage.url]).await?;
    let took = began.elapsed();
    let entries: usize = said.trim().parse()?;
    let work = format!("export for hledger, {} entries, {}", grouped_entries(entries), stage.database());
    let rate = crate::report::rate(entries, took);
    Ok(Line::alone(work, format!("{:.0} s, {} entries/s, peak {peak:.0} MB", took.as_secs_f64(), grouped(rate))))
}

/// Exports the book at an address to nowhere, and says how many entries it has.
pub async fn export(url: &str) -> Outcome<()> {
    let db = Db::open(url, Clock::system()).await?;
    let mut out = BufWriter::new(File::create("/dev/null")?);
    let extent = export::write(&db, Format::Hledger, &mut out).await?;
    println!("{}", extent.entries);
    Ok(())
}
