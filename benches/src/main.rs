//! Measures the ledger: against hand-written SQL on the very same tables, against a peer, and against itself on a longer
//! history. `make bench` runs it; docs/PERFORMANCE.md tells what the table means.

mod allocation;
mod auction;
mod bulk;
mod hand;
mod http;
mod import;
mod large;
mod memory;
mod monitor;
mod peer;
mod pledges;
mod report;
mod scan;
mod server;
mod settings;
mod sign_in;
mod single;
mod stage;
mod town;
mod trades;

use crate::large::PURSES;
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::Stage;
use sea_orm::sqlx::{self, Connection, PgConnection, SqliteConnection};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// What may fail: anything, and then the measurement ends.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [memory::EXPORT, url] => memory::export(url).await,
        [allocation::GRANT, ref arguments @ ..] => allocation::grant(arguments).await,
        [sign_in::SERVE, url, address] => sign_in::serve(url, address).await,
        [http::SERVE, url, address] => http::serve(url, address).await,
        _ => tokio::select! {
            outcome = bench() => outcome,
            outcome = told_to_end() => outcome,
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Ends with an error when somebody wants the measurement to end, so that the server and the files go with it.
async fn told_to_end() -> Outcome<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        _ = terminated.recv() => Err("terminated".into()),
    }
}

/// Files of the measurement; they go with it.
struct Home(PathBuf);

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} could not be removed: {error}", self.0.display());
        }
    }
}

async fn bench() -> Outcome<()> {
    let began = Instant::now();
    let settings = Settings::read()?;
    let home = Home(std::env::temp_dir().join(format!("ganhe-bench-{}", std::process::id())));
    std::fs::create_dir_all(&home.0)?;
    let server = Server::start(&home.0)?;
    println!("{}", conditions(&server, &home.0, &settings).await?);
    let mut lines = Vec::new();
    if settings.wants("bulk") {
        say("bulk posting on PostgreSQL");
        lines.extend(told(bulk::on_postgres(&server, &settings).await?));
        say("bulk posting on SQLite");
        lines.extend(told(bulk::on_sqlite(&home.0, &settings).await?));
    }
    if settings.wants("single") {
        say("single journals");
        lines.extend(told(single::on_postgres(&server, &settings).await?));
    }
    if settings.wants("import") {
        say("the import of a register");
        lines.extend(told(import::measure(&server, &home.0, &settings).await?));
    }
    if settings.wants("allocation") {
        say("a batch of allocations");
        lines.extend(told(allocation::measure(&server, &home.0).await?));
    }
    if settings.wants("sign-in") {
        say("balances beside a crowd that signs in");
        lines.extend(told(sign_in::measure(&server, &home.0, &settings).await?));
    }
    if settings.wants("auction") {
        say("bids in the last seconds of a lot");
        lines.extend(told(auction::measure(&server, &home.0, &settings).await?));
    }
    if settings.wants("monitor") {
        say("messages of monitors through HTTP");
        lines.extend(told(monitor::measure(&server, &home.0, &settings).await?));
    }
    if settings.wants("trades") {
        say("trades through HTTP");
        lines.extend(told(trades::measure(&server, &home.0, &settings).await?));
    }
    if settings.wants("pledges") {
        say("registrations of pledges through HTTP");
        lines.extend(told(pledges::measure(&server, &home.0, &settings).await?));
    }
    if settings.wants("postgres") {
        say("a large book on PostgreSQL");
        let large = Stage::on_postgres(&server, "large", PURSES).await?;
        let empty = Stage::on_postgres(&server, "empty", PURSES).await?;
        lines.extend(told(large::measure(&large, &empty, &settings).await?));
    }
    if settings.wants("sqlite") {
        say("a large book on SQLite");
        let large = Stage::on_sqlite(&home.0, "large.sqlite", PURSES).await?;
        let empty = Stage::on_sqlite(&home.0, "empty.sqlite", PURSES).await?;
        lines.extend(told(large::measure(&large, &empty, &settings).await?));
    }
    println!("\n{}", report::table(&lines));
    println!("It took {:.0} s.", began.elapsed().as_secs_f64());
    Ok(())
}

/// Tells on standard error what is measured already: a long run that is broken off was not for nothing.
fn told(lines: Vec<report::Line>) -> Vec<report::Line> {
    for line in &lines {
        say(&line.row());
    }
    lines
}

/// Tells on standard error how far it is.
pub fn say(what: &str) {
    eprintln!("{what}");
}

/// The machine, the versions and the settings that the figures stand on.
async fn conditions(server: &Server, home: &Path, settings: &Settings) -> Outcome<String> {
    let cores = std::thread::available_parallelism()?;
    let cpu = first_value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = first_value("/proc/meminfo", "MemTotal").unwrap_or_else(|| "unknown".to_owned());
    let mut postgres = PgConnection::connect(&server.url("postgres")).await?;
    let version: String = sqlx::query_scalar("SHOW server_version").fetch_one(&mut postgres).await?;
    let sqlite: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut SqliteConnection::connect("sqlite::memory:").await?)
        .await?;
    let set: Vec<String> = server::SETTINGS.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    Ok(format!(
        "- machine: {cores} cores, {cpu}, memory {memory}\n- files: {}\n- PostgreSQL {version}: {}\n\
         - SQLite {sqlite}: journal_mode = WAL, synchronous = FULL, cache 64 MB\n- peer: cala-ledger {}\n\
         - entries of the large book: {}; rounds: {}",
        home.display(),
        set.join(", "),
        env!("PEER_VERSION"),
        large::grouped_entries(settings.entries),
        settings.rounds,
    ))
}

fn first_value(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}
