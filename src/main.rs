//! The command line of Ganhe.

use accounting::note;
use accounting::verify::Difference;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ganhe::access::SignInRules;
use ganhe::audit::archive::{self, Trust};
use ganhe::audit::export::Format;
use ganhe::audit::verify::KeptCheckpoint;
use ganhe::config::{self, Config};
use ganhe::db::Db;
use ganhe::http::Shared;
use ganhe::identity::founding::{self, Founding};
use ganhe::identity::keys;
use ganhe::import::{self, Ending};
use ganhe::kernel::{Clock, Failure, Kind, Moment, Violation, WholeFile};
use ganhe::ledger::log;
use ganhe::paper::proof::ProofFile;
use ganhe::rulebook::commands::Completed;
use ganhe::{app, audit, demo};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write, stderr, stdout};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Ganhe (淦河): the ledger of pollutant emission rights.
#[derive(Parser)]
#[command(version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve,
    /// Load the market year of Xianning 2022 when it is not there yet, then serve it.
    Demo {
        /// Load only, do not serve.
        #[arg(long)]
        load_only: bool,
    },
    /// Bring the tables up to date.
    Migrate,
    /// Derive every balance again and build the log again; names each row that differs and then exits with 1.
    #[command(args_conflicts_with_subcommands = true)]
    Verify {
        /// Verify a paper instead of the books.
        #[command(subcommand)]
        paper: Option<VerifiedPaper>,
        /// A checkpoint of the log that was kept: today's log must extend it.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// The public key (vkey) that must have signed the checkpoint, or the archive; any that the log lists when left out.
        #[arg(long)]
        key: Option<String>,
        /// Examine this archive instead of the database: nothing but the key is trusted.
        #[arg(long, requires = "key")]
        archive: Option<PathBuf>,
        /// Public key (vkey) of a witness that must have cosigned the archive; may be given several times.
        #[arg(long, requires = "archive")]
        witness: Vec<String>,
    },
    /// Write the whole book as text that hledger, Beancount or a spreadsheet reads, or as an archive that proves itself.
    Export {
        /// For whom.
        #[arg(long)]
        format: Written,
        /// The file to write, which is there only when it is complete; standard output when left out.
        #[arg(long)]
        output: Option<PathBuf>,
    },
    /// Take over what another system kept.
    Import {
        #[command(subcommand)]
        command: Import,
    },
    /// Print the contract.
    Openapi,
    /// Ask a running server whether it lives.
    Healthcheck,
    /// Found a book; take a new key for its log.
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
}

#[derive(Subcommand)]
enum VerifiedPaper {
    /// Whether a certificate or an extract is what the registry issued: no server and no database is asked. Exits with 1 when it is not.
    Certificate {
        /// The paper (PDF), or the file certificate.json that is attached to it.
        file: PathBuf,
        /// A public key (vkey) of the log that you trust; may be given several times.
        #[arg(long, required = true)]
        key: Vec<String>,
        /// Print the text that was certified.
        #[arg(long)]
        text: bool,
    },
}

/// The formats of an export.
#[derive(Clone, Copy, ValueEnum)]
enum Written {
    /// A journal that passes `hledger check --strict`.
    Hledger,
    /// A ledger that passes `bean-check`.
    Beancount,
    /// One row for each entry.
    Csv,
    /// Every leaf of the log with its text, and the signed checkpoints, for `ganhe verify --archive`.
    Archive,
}

#[derive(Subcommand)]
enum Import {
    /// Import a legacy register from CSV files into an empty database; an import that was cut off goes on.
    Register {
        /// The folder with accounts.csv, assets.csv, opening_balances.csv and transactions.csv.
        folder: PathBuf,
        /// Judge everything and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Leave out transactions that are refused, and go on; without it the import stops at the first.
        #[arg(long = "continue")]
        goes_on: bool,
        /// Write the final balance of every account and asset to this file, as CSV.
        #[arg(long)]
        report: Option<PathBuf>,
        /// Login of the first operator, who signs in with the password read from standard input; nobody can sign in
        /// when it is left out. It counts when the import begins.
        #[arg(long)]
        login: Option<String>,
    },
}

#[derive(Subcommand)]
enum Admin {
    /// Found the book of a province with its operator, who signs in with the password read from standard input.
    Found(Found),
    /// Take a new key for access tokens: it is published at once and signs after ten minutes; tokens of the old one stay good for
    /// their time.
    RotateTokenKey {
        /// The old key may be known to others: it ends at once, and with it every token that it has signed.
        #[arg(long)]
        suspected: bool,
    },
    /// Take a new key for the transparency log and forget the old one; the checkpoint that says so is signed by both.
    RotateLogKey,
    /// Print the statements that give a role of PostgreSQL what a serving node needs, and no right to change history.
    Grants {
        /// Name of the role, which exists already.
        #[arg(long)]
        role: String,
    },
}

#[derive(Args)]
struct Found {
    /// Code of the province.
    #[arg(long)]
    province: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Unified social credit code of the operator.
    #[arg(long)]
    operator_code: String,
    /// Name of the operator.
    #[arg(long)]
    operator_name: String,
    /// Login of the first operator.
    #[arg(long)]
    login: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let config = match config::read() {
        Ok(config) => config,
        Err(faults) => {
            for fault in &faults {
                complain(fault);
            }
            return ExitCode::from(2);
        }
    };
    if let Err(error) = tracing::subscriber::set_global_default(app::logging::subscriber(&config.log, stderr)) {
        complain(&error.to_string());
    }
    match run(command, &config).await {
        Ok(code) => code,
        Err(failure) => {
            complain(&told(&failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve => serve(config, None).await?,
        Command::Demo { load_only } => {
            demo::load_once(&config.database_url).await?;
            // One that was loaded by an older program learns what it lacks.
            app::opening::migrated(&config.database_url, Clock::system()).await?;
            if !load_only {
                serve(config, Some(demo::LOGINS)).await?;
            }
        }
        Command::Migrate => {
            let completed = app::opening::migrated(&config.database_url, Clock::system()).await?;
            say("The tables are up to date.")?;
            for Completed { version, effective_from, added } in completed {
                say(&format!(
                    "Version {version} of the rulebook applies from {effective_from}, with what was missing:"
                ))?;
                for (name, value) in added {
                    say(&format!("  {name} = {}", value.as_deref().unwrap_or("null")))?;
                }
            }
        }
        Command::Verify { paper: Some(VerifiedPaper::Certificate { file, key, text }), .. } => {
            return verify_paper(&file, &key, text);
        }
        Command::Verify { checkpoint, key, archive: Some(path), witness, .. } => {
            let kept = checkpoint.as_deref().map(read_checkpoint).transpose()?;
            let trust =
                Trust { vkeys: key.into_iter().collect(), witnesses: witness, kept: kept.into_iter().collect() };
            return examine(&path, &trust);
        }
        Command::Verify { checkpoint, key, archive: None, .. } => {
            return verify(config, checkpoint.as_deref(), key).await;
        }
        Command::Export { format, output } => export(config, format, output.as_deref()).await?,
        Command::Import { command } => return import_register(config, command).await,
        Command::Openapi => write!(stdout(), "{}", app::openapi_text().map_err(Failure::bug)?).map_err(Failure::bug)?,
        Command::Healthcheck => return Ok(healthcheck(config.listen)),
        Command::Admin { command: Admin::RotateTokenKey { suspected } } => rotate_token_key(config, suspected).await?,
        Command::Admin { command: Admin::Grants { role } } => {
            let db = Db::open(&config.database_url, Clock::system()).await?;
            write!(stdout(), "{}", app::grants::grants(&db, &role).await?).map_err(Failure::bug)?;
        }
        Command::Admin { command: Admin::RotateLogKey } => rotate_log_key(config).await?,
        Command::Admin { command: Admin::Found(founding) } => found(config, founding).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The founded database, with documents where they are kept.
async fn opened(config: &Config, rules: SignInRules) -> Result<Shared, Failure> {
    let shared = app::opening::founded(&config.database_url, rules).await?;
    let db = shared.db.keeping(config.contents.clone()).queueing(config.longest_queue);
    Ok(Shared { db, ..shared })
}

async fn serve(config: &Config, logins: Option<&[demo::Login]>) -> Result<(), Failure> {
    // A demonstration has nothing at stake, unless its keeper wants to show the second factor, too.
    let rules = config.sign_in_rules(logins.is_none())?;
    let shared = opened(config, rules).await?.conducted(config.conduct.clone());
    let listener = app::opening::listen(config.listen).await?;
    say(&format!("\nGanhe 淦河 serves on {}", config.public_url))?;
    say(&format!("  docs           {}/docs/", config.public_url))?;
    say(&format!("  business time  {}", shared.db.clock().business_now()))?;
    if let Some(logins) = logins {
        say(&format!("\nDemo logins, all with the password {}", demo::PASSWORD))?;
        for login in logins {
            say(&format!("  {:<20} {}", login.login, login.who))?;
        }
    }
    let mut background = app::background::begin(&shared, config.reconcile_every, config.metrics_listen).await?;
    let (db, conduct) = (shared.db.clone(), Arc::clone(&shared.conduct));
    let router = match config.metrics_listen {
        Some(_) => app::router_without_metrics(shared.clone()),
        None => app::router(shared.clone()),
    };
    let served = app::opening::serve(listener, db, router, &conduct).await;
    // Every request is answered by now, and who has read what is still to be written.
    let written = shared.watch.write(&shared).await;
    background.shutdown().await;
    // What is left of a database of SQLite is one file.
    let closed = shared.db.close_at_last().await;
    served.and(written).and(closed)
}

async fn verify(config: &Config, checkpoint: Option<&Path>, vkey: Option<String>) -> Result<ExitCode, Failure> {
    let kept = match checkpoint {
        Some(path) => Some(KeptCheckpoint { note: read_checkpoint(path)?, vkey }),
        None => None,
    };
    let shared = opened(config, SignInRules::default()).await?;
    let findings = audit::verify::verify_against(&shared.db, kept.as_ref()).await?;
    say(&format!(
        "Read {} accounts, {} journals, {} entries and {} evidence records; every balance was derived again from the entries.",
        findings.accounts, findings.journals, findings.entries, findings.records
    ))?;
    tell(&findings.differences, "The books are right: nothing differs.", "the books are NOT right")
}

/// Examines an archive without database or server.
fn examine(path: &Path, trust: &Trust) -> Result<ExitCode, Failure> {
    let mut file = BufReader::new(File::open(path).map_err(|error| unreadable(path, &error))?);
    let (extent, found) = archive::examine(&mut file, trust).map_err(Failure::bug)?;
    say(&format!(
        "Read {} journals with {} entries of {} accounts, {} sealed months and {} evidence records; every leaf, root, balance and seal was derived again.",
        extent.journals, extent.entries, extent.accounts, extent.seals, extent.records
    ))?;
    if let Some(head) = &extent.head {
        say(&format!("The newest checkpoint of {} signs {} leaves.", head.origin, head.size))?;
    }
    for (witness, size) in &extent.cosigned {
        say(&format!("{witness} has cosigned {size} leaves."))?;
    }
    if found.is_empty() && extent.journals == 0 {
        complain("The archive holds no journal, so nothing of a book was checked.");
        return Ok(ExitCode::FAILURE);
    }
    tell(&found, "The archive is right: nothing differs.", "the archive is NOT right")
}

/// Verifies a paper with nothing but itself and the keys that are trusted.
fn verify_paper(path: &Path, keys: &[String], with_text: bool) -> Result<ExitCode, Failure> {
    let file = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let vkeys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let proven = ProofFile::read(&file).and_then(|proof| proof.verify(&vkeys).map(|proven| (proof, proven)));
    let (proof, proven) = match proven {
        Ok(proven) => proven,
        Err(fault) => {
            complain(&format!("{}: NOT proved: {fault}", path.display()));
            return Ok(ExitCode::FAILURE);
        }
    };
    let what = match proven.kind {
        "rights" => "the certificate of rights",
        "pledge" => "the extract of a pledge",
        _ => "the extract of encumbrances",
    };
    say(&format!(
        "Proved: {what} {} was recorded on {} in the log {}, which had {} leaves when it was signed.",
        proven.number,
        Moment::from_micros(proven.journal.recorded_at),
        proven.head.origin,
        proven.head.size
    ))?;
    if with_text {
        say(&proof.certificate)?;
    } else {
        say("Whether the paper says what was certified: compare it with --text.")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A checkpoint that somebody has kept. A file that is none says nothing about the books.
fn read_checkpoint(path: &Path) -> Result<String, Failure> {
    let note = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let no_checkpoint = |fault| Failure::bug(format!("{}: this is no checkpoint of a log: {fault}", path.display()));
    note::read(&note).map_err(no_checkpoint)?;
    Ok(note)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::bug(format!("{} cannot be read: {error}", path.display()))
}

/// A failure as the one at the keyboard reads it: every broken rule in both languages, or what lies behind the fault.
fn told(failure: &Failure) -> String {
    if failure.violations.is_empty() {
        let source = failure.source.as_ref().map(ToString::to_string);
        return match failure.kind {
            Kind::Busy => format!("the database cannot be reached, or is busy: {}", source.unwrap_or_default()),
            _ => source.unwrap_or_else(|| failure.to_string()),
        };
    }
    let line = |rule: &Violation| match rule.field.as_str() {
        "" => format!("{}: {} / {}", rule.code, rule.en, rule.zh),
        field => format!("{} {field}: {} / {}", rule.code, rule.en, rule.zh),
    };
    failure.violations.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Names what differs.
fn tell(found: &[Difference], right: &str, wrong: &str) -> Result<ExitCode, Failure> {
    if found.is_empty() {
        say(right)?;
        return Ok(ExitCode::SUCCESS);
    }
    for difference in found {
        complain(&difference.to_string());
    }
    complain(&format!("{} differences: {wrong}.", found.len()));
    Ok(ExitCode::FAILURE)
}

async fn export(config: &Config, format: Written, output: Option<&Path>) -> Result<(), Failure> {
    let shared = app::opening::founded(&config.database_url, SignInRules::default()).await?;
    let Some(path) = output else {
        write_export(&shared.db, format, &mut BufWriter::new(stdout().lock())).await?;
        return Ok(());
    };
    let whole = WholeFile::begin(path)?;
    let mut out = BufWriter::new(whole.file());
    let written = write_export(&shared.db, format, &mut out).await?;
    out.flush().map_err(|error| whole.fault(&error))?;
    drop(out);
    whole.finish()?;
    say(&format!("Wrote {written} to {}.", path.display()))
}

/// Writes an export and tells how much it is.
async fn write_export(db: &Db, format: Written, out: &mut dyn Write) -> Result<String, Failure> {
    let format = match format {
        Written::Archive => {
            let archive::Written { leaves, checkpoints, waiting } = archive::write(db, out).await?;
            if waiting > 0 {
                complain(&format!(
                    "{waiting} journals are not in the log yet, and so not in the archive: a serving node takes them in within seconds."
                ));
            }
            return Ok(format!("{leaves} leaves and {checkpoints} checkpoints"));
        }
        Written::Hledger => Format::Hledger,
        Written::Beancount => Format::Beancount,
        Written::Csv => Format::Csv,
    };
    let written = audit::export::write(db, format, out).await?;
    Ok(format!("{} accounts, {} journals and {} entries", written.accounts, written.journals, written.entries))
}

async fn rotate_log_key(config: &Config) -> Result<(), Failure> {
    let shared = app::opening::founded(&config.database_url, SignInRules::default()).await?;
    let vkey = log::commands::rotate_key(&shared.db).await?;
    shared.db.close_at_last().await?;
    say(&format!("The log is signed by a new key from now on. Tell those who check it:\n{vkey}"))
}

async fn rotate_token_key(config: &Config, is_suspected: bool) -> Result<(), Failure> {
    let shared = app::opening::founded(&config.database_url, SignInRules::default()).await?;
    let (key, signs_from) = keys::rotate(&shared.db, is_suspected).await?;
    shared.db.close_at_last().await?;
    say(&format!("Access tokens are signed by the key {} from {signs_from} on.", key.0.simple()))
}

async fn import_register(config: &Config, command: Import) -> Result<ExitCode, Failure> {
    let Import::Register { folder, dry_run, goes_on, report, login } = command;
    let operator = login.map(|login| Ok::<_, Failure>((login, read_password()?))).transpose()?;
    let options = import::Options { folder, is_dry_run: dry_run, goes_on, report, operator };
    let outcome = import::import(&config.database_url, &options, |fault| complain(&fault.to_string())).await?;
    say(&outcome.to_string())?;
    Ok(if matches!(outcome.ending, Ending::Stopped | Ending::Unfit) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read_password() -> Result<String, Failure> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).map_err(Failure::bug)?;
    Ok(password.trim_end().to_owned())
}

async fn found(config: &Config, founding: Found) -> Result<(), Failure> {
    let Found { province, name, operator_code, operator_name, login } = founding;
    let password = read_password()?;
    let db = Db::migrated(&config.database_url, Clock::system()).await?;
    let founding = Founding {
        rules_from: db.clock().business_day(),
        province,
        name,
        operator_code,
        operator_name,
        login,
        password: Some(password),
        is_demonstration: false,
    };
    founding::found(&db, &founding).await?;
    db.close_at_last().await?;
    say("The book is founded.")
}

/// Asks `/healthz` by hand, so that an image needs no other program for it.
fn healthcheck(listen: SocketAddr) -> ExitCode {
    let address = if listen.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], listen.port())) } else { listen };
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    if ask().unwrap_or(false) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(text: &str) -> Result<(), Failure> {
    writeln!(stdout(), "{text}").map_err(Failure::bug)
}

fn complain(text: &str) {
    // Nothing is left to do when even the error stream is closed.
    let _ = writeln!(stderr(), "{text}");
}
