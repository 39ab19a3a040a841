//! Configuration: environment variables with the prefix `GANHE_`, optionally over a TOML file. A bad one tells all its
//! faults at once.

use crate::audit::reconciliation::Schedule;
use crate::http::Proxies;
use config::Value;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Where a demonstration is kept when nothing else is said.
const USUAL_DATABASE: &str = "sqlite:ganhe-demo.sqlite";
/// Where the API listens when nothing else is said.
const USUAL_LISTEN: &str = "127.0.0.1:8080";
/// When the books are reconciled when nothing else is said: at night, in business time.
const USUAL_RECONCILIATION: &str = "02:00";

#[derive(Debug, Default, Deserialize)]
struct Raw {
    database_url: Option<String>,
    listen: Option<String>,
    public_url: Option<String>,
    /// Read before the others: names the file that they may stand in.
    #[serde(rename = "config")]
    _config: Option<String>,
    log: Option<String>,
    metrics_listen: Option<String>,
    reconcile_every: Option<String>,
    trusted_proxies: Option<String>,
    /// Whatever else was set; a misspelt name is a fault, not a silence.
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// What the server runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `sqlite:path` or `postgres://…`.
    pub database_url: String,
    /// Where the API listens.
    pub listen: SocketAddr,
    /// How clients reach it.
    pub public_url: String,
    /// What is logged, in the directives of `tracing`.
    pub log: String,
    /// Where the metrics are served by themselves; beside the API when absent.
    pub metrics_listen: Option<SocketAddr>,
    /// When the books are reconciled.
    pub reconcile_every: Schedule,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Proxies,
}

/// Reads the environment and the file it names.
///
/// # Errors
/// Every fault, in words.
pub fn read() -> Result<Config, Vec<String>> {
    let environment = || config::Environment::with_prefix("GANHE").try_parsing(false);
    let file =
        config::Config::builder().add_source(environment()).build().and_then(|found| found.get_string("config")).ok();
    let mut builder = config::Config::builder();
    if let Some(path) = file {
        builder = builder.add_source(config::File::new(&path, config::FileFormat::Toml));
    }
    let raw: Raw = builder
        .add_source(environment())
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| vec![error.to_string()])?;
    check(raw)
}

fn check(raw: Raw) -> Result<Config, Vec<String>> {
    // The test suite names its database in this environment too, and starts this program from within.
    let unknown = raw.unknown.keys().filter(|name| !name.starts_with("test_"));
    let mut faults: Vec<String> = unknown.map(|name| format!("GANHE_{} is not known", name.to_uppercase())).collect();
    let database_url = raw.database_url.unwrap_or_else(|| USUAL_DATABASE.to_owned());
    let is_known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| database_url.starts_with(scheme));
    if !is_known {
        // The rest of it may hold a password.
        let scheme = database_url.split(':').next().unwrap_or_default();
        faults.push(format!("GANHE_DATABASE_URL begins with {scheme:?}: it must begin with sqlite: or postgres://"));
    }
    let listen = raw.listen.unwrap_or_else(|| USUAL_LISTEN.to_owned());
    let parsed = listen.parse::<SocketAddr>();
    if parsed.is_err() {
        faults.push(format!("GANHE_LISTEN is {listen:?}: it must be an address and a port, such as {USUAL_LISTEN}"));
    }
    let public_url = raw.public_url.unwrap_or_else(|| format!("http://{listen}"));
    if !public_url.starts_with("http://") && !public_url.starts_with("https://") {
        faults.push(format!("GANHE_PUBLIC_URL is {public_url:?}: it must begin with http:// or https://"));
    }
    let metrics_listen = raw.metrics_listen.map(|text| {
        let parsed = text.parse::<SocketAddr>();
        if parsed.is_err() {
            faults.push(format!("GANHE_METRICS_LISTEN is {text:?}: it must be an address and a port"));
        }
        parsed
    });
    let reconcile_every = raw.reconcile_every.unwrap_or_else(|| USUAL_RECONCILIATION.to_owned());
    let schedule = Schedule::parse(&reconcile_every);
    if schedule.is_none() {
        faults.push(format!(
            "GANHE_RECONCILE_EVERY is {reconcile_every:?}: it must be a time of day such as {USUAL_RECONCILIATION}, an \
             interval such as 6h, 15m or 30s, or never"
        ));
    }
    let proxies = Proxies::parse(&raw.trusted_proxies.unwrap_or_default()).unwrap_or_else(|part| {
        faults.push(format!("GANHE_TRUSTED_PROXIES has {part:?}: it must list addresses and networks such as 10.0.0.0/8"));
        Proxies::default()
    });
    let log = raw.log.unwrap_or_else(|| "info,sqlx=warn,sea_orm=warn".to_owned());
    match (parsed, metrics_listen.transpose(), schedule) {
        (Ok(listen), Ok(metrics_listen), Some(reconcile_every)) if faults.is_empty() => {
            Ok(Config { database_url, listen, public_url, log, metrics_listen, reconcile_every, trusted_proxies: proxies })
        }
        _ => Err(faults),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_environment_keeps_the_demonstration_beside_the_caller() {
        let config = check(Raw::default()).unwrap();
        assert_eq!(config.database_url, USUAL_DATABASE);
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert_eq!((config.metrics_listen, Some(config.reconcile_every)), (None, Schedule::parse("02:00")));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let raw = Raw {
            database_url: Some("mysql://x".to_owned()),
            listen: Some("here".to_owned()),
            public_url: Some("gopher://x".to_owned()),
            metrics_listen: Some("there".to_owned()),
            reconcile_every: Some("now and then".to_owned()),
            trusted_proxies: Some("10.0.0.0/8, proxy".to_owned()),
            unknown: BTreeMap::from([("lisen".to_owned(), "x".into())]),
            ..Raw::default()
        };
        assert_eq!(check(raw).unwrap_err().len(), 7);
    }
}
