//! Configuration: environment variables with the prefix `GANHE_`, optionally over a TOML file. A bad one tells all its
//! faults at once.

use crate::access::password::Cost;
use crate::access::rules::{REMEMBERED, USUAL_MINUTES};
use crate::access::{Passwords, SecondFactor, SignInRules};
use crate::audit::reconciliation::Schedule;
use crate::db::contents::{Contents, USUAL_LARGEST};
use crate::db::gather::USUAL_QUEUE;
use crate::http::conduct::{HeaderValue, Rate, parse_duration};
use crate::http::outbound::Receivers;
use crate::http::{Conduct, Proxies};
use crate::kernel::Failure;
use config::Value;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

/// Where a demonstration is kept when nothing else is said.
const USUAL_DATABASE: &str = "sqlite:ganhe-demo.sqlite";
/// Where the API listens when nothing else is said.
const USUAL_LISTEN: &str = "127.0.0.1:8080";
/// When the books are reconciled when nothing else is said: at night, in business time.
const USUAL_RECONCILIATION: &str = "02:00";

/// Longest time for which a second factor may count as given lately: an hour, or it says nothing of who sits there now.
const MOST_MINUTES: i64 = 60;
/// Least memory of a hash in KiB: OWASP's smallest recommendation for argon2id.
const LEAST_MEMORY: u32 = 7 * 1024;
/// Bytes that the largest document may have: it is read into memory, and arrives within the time of one request.
const LIMITS: std::ops::RangeInclusive<usize> = 1_024..=100 * 1_024 * 1_024;

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
    allowed_origins: Option<String>,
    rate_per_address: Option<String>,
    rate_per_user: Option<String>,
    applications_per_address: Option<String>,
    longest_head: Option<String>,
    longest_body: Option<String>,
    longest_request: Option<String>,
    longest_stream: Option<String>,
    longest_queue: Option<String>,
    second_factor: Option<String>,
    step_up_minutes: Option<String>,
    argon2_memory_kib: Option<String>,
    argon2_passes: Option<String>,
    argon2_lanes: Option<String>,
    argon2_at_once: Option<String>,
    webhook_receivers: Option<String>,
    documents: Option<String>,
    document_limit: Option<String>,
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
    /// How it conducts itself towards clients.
    pub conduct: Conduct,
    /// How many requests may wait for the shared works of one hot command.
    pub longest_queue: usize,
    /// Where documents are kept, and how large one may be.
    pub contents: Contents,
    /// Whether acts that move rights or money need a second factor, where that was said.
    pub asks_second_factor: Option<bool>,
    /// For how many minutes a second factor counts as given lately.
    pub step_up_minutes: i64,
    /// What hashing a password costs.
    pub argon2: Cost,
}

impl Config {
    /// How people sign in. A second factor is asked for unless the configuration says otherwise, or nothing, for a demonstration.
    ///
    /// # Errors
    /// A fault of ours: the cost was checked when the configuration was read.
    pub fn sign_in_rules(&self, is_asked_by_default: bool) -> Result<SignInRules, Failure> {
        let second_factor = if self.asks_second_factor.unwrap_or(is_asked_by_default) {
            SecondFactor::Required { minutes: self.step_up_minutes }
        } else {
            SecondFactor::Off
        };
        let passwords = Passwords::new(self.argon2).map_err(Failure::bug)?;
        Ok(SignInRules { passwords, second_factor, remembered: REMEMBERED })
    }
}

/// Reads a number, or notes the fault.
fn number<T: FromStr>(faults: &mut Vec<String>, name: &str, text: Option<String>, usual: T) -> T {
    let Some(text) = text else { return usual };
    text.parse().unwrap_or_else(|_| {
        faults.push(format!("GANHE_{name} is {text:?}: it must be a number"));
        usual
    })
}

/// What is said of passwords and second factors.
fn check_sign_in(raw: &mut Raw, faults: &mut Vec<String>) -> (Option<bool>, i64, Cost) {
    let asks = match raw.second_factor.as_deref() {
        None => None,
        Some("required") => Some(true),
        Some("off") => Some(false),
        Some(other) => {
            faults.push(format!("GANHE_SECOND_FACTOR is {other:?}: it must be required or off"));
            None
        }
    };
    let minutes = number(faults, "STEP_UP_MINUTES", raw.step_up_minutes.take(), USUAL_MINUTES);
    if !(1..=MOST_MINUTES).contains(&minutes) {
        faults.push(format!("GANHE_STEP_UP_MINUTES is {minutes}: it must be 1 to {MOST_MINUTES}"));
    }
    let usual = Cost::default();
    let cost = Cost {
        memory: number(faults, "ARGON2_MEMORY_KIB", raw.argon2_memory_kib.take(), usual.memory),
        passes: number(faults, "ARGON2_PASSES", raw.argon2_passes.take(), usual.passes),
        lanes: number(faults, "ARGON2_LANES", raw.argon2_lanes.take(), usual.lanes),
        at_once: number(faults, "ARGON2_AT_ONCE", raw.argon2_at_once.take(), usual.at_once),
    };
    if cost.memory < LEAST_MEMORY {
        faults.push(format!(
            "GANHE_ARGON2_MEMORY_KIB is {}: less than {LEAST_MEMORY} is too cheap to guess",
            cost.memory
        ));
    }
    if let Err(fault) = Passwords::new(cost) {
        faults.push(format!("GANHE_ARGON2_… cannot be used: {fault}"));
    }
    (asks, minutes, cost)
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

fn check(mut raw: Raw) -> Result<Config, Vec<String>> {
    // The test suite names its database in this environment too, and starts this program from within.
    let unknown = raw.unknown.keys().filter(|name| !name.starts_with("test_"));
    let mut faults: Vec<String> = unknown.map(|name| format!("GANHE_{} is not known", name.to_uppercase())).collect();
    let (asks_second_factor, step_up_minutes, argon2) = check_sign_in(&mut raw, &mut faults);
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
    let longest_queue = number(&mut faults, "LONGEST_QUEUE", raw.longest_queue, USUAL_QUEUE);
    if longest_queue == 0 {
        faults.push("GANHE_LONGEST_QUEUE is 0: nobody could ever be served".to_owned());
    }
    let said = Said {
        public_url: public_url.trim_end_matches('/').to_owned(),
        trusted_proxies: raw.trusted_proxies,
        allowed_origins: raw.allowed_origins,
        webhook_receivers: raw.webhook_receivers,
        rates: [raw.rate_per_address, raw.rate_per_user, raw.applications_per_address],
        times: [raw.longest_head, raw.longest_body, raw.longest_request, raw.longest_stream],
    };
    let conduct = said.read(&mut faults);
    let contents = documents(raw.documents.as_deref(), raw.document_limit.as_deref(), &mut faults);
    let log = raw.log.unwrap_or_else(|| "info,sqlx=warn,sea_orm=warn".to_owned());
    match (parsed, metrics_listen.transpose(), schedule) {
        (Ok(listen), Ok(metrics_listen), Some(reconcile_every)) if faults.is_empty() => Ok(Config {
            database_url,
            listen,
            public_url,
            log,
            metrics_listen,
            reconcile_every,
            conduct,
            longest_queue,
            contents,
            asks_second_factor,
            step_up_minutes,
            argon2,
        }),
        _ => Err(faults),
    }
}

/// What was said about the conduct.
struct Said {
    public_url: String,
    trusted_proxies: Option<String>,
    allowed_origins: Option<String>,
    webhook_receivers: Option<String>,
    /// By address, by user, and of applications by address.
    rates: [Option<String>; 3],
    /// Of the head, of the body, of the whole request, of a stream of events.
    times: [Option<String>; 4],
}

impl Said {
    fn read(self, faults: &mut Vec<String>) -> Conduct {
        let usual = Conduct::default();
        let [per_address, per_user, applications] = self.rates;
        let [head, body, request, stream] = self.times;
        Conduct {
            is_https: self.public_url.starts_with("https://"),
            public_url: self.public_url,
            proxies: proxies(&self.trusted_proxies.unwrap_or_default(), faults),
            origins: origins(self.allowed_origins.as_deref().unwrap_or_default(), faults),
            longest_head: time("LONGEST_HEAD", head, usual.longest_head, faults),
            longest_body: time("LONGEST_BODY", body, usual.longest_body, faults),
            longest_request: time("LONGEST_REQUEST", request, usual.longest_request, faults),
            longest_stream: time("LONGEST_STREAM", stream, usual.longest_stream, faults),
            per_address: rate("RATE_PER_ADDRESS", per_address, usual.per_address, faults),
            per_user: rate("RATE_PER_USER", per_user, usual.per_user, faults),
            applications_per_address: rate(
                "APPLICATIONS_PER_ADDRESS",
                applications,
                usual.applications_per_address,
                faults,
            ),
            receivers: receivers(self.webhook_receivers.as_deref(), usual.receivers, faults),
        }
    }
}

/// Where webhooks may lead: what is not public only by that word.
fn receivers(text: Option<&str>, usual: Receivers, faults: &mut Vec<String>) -> Receivers {
    match text {
        None => usual,
        Some("public") => Receivers::Public,
        Some("anywhere") => Receivers::Anywhere,
        Some(other) => {
            faults.push(format!("GANHE_WEBHOOK_RECEIVERS is {other:?}: it must be public or anywhere"));
            usual
        }
    }
}

fn proxies(text: &str, faults: &mut Vec<String>) -> Proxies {
    Proxies::parse(text).unwrap_or_else(|part| {
        faults.push(format!(
            "GANHE_TRUSTED_PROXIES has {part:?}: it must list addresses and networks such as 10.0.0.0/8"
        ));
        Proxies::default()
    })
}

fn time(name: &str, text: Option<String>, usual: Duration, faults: &mut Vec<String>) -> Duration {
    let Some(text) = text else { return usual };
    parse_duration(&text).unwrap_or_else(|| {
        faults.push(format!("GANHE_{name} is {text:?}: it must be a time such as 500ms, 30s or 5m"));
        usual
    })
}

/// A limit is off only by that word, never by a slip.
fn rate(name: &str, text: Option<String>, usual: Option<Rate>, faults: &mut Vec<String>) -> Option<Rate> {
    let Some(text) = text else { return usual };
    if text == "off" {
        return None;
    }
    Rate::parse(&text).or_else(|| {
        faults.push(format!("GANHE_{name} is {text:?}: it must be a count over a time, such as 600/1m, or off"));
        usual
    })
}

/// Origins as browsers name them: scheme, host and port and nothing behind them. There is no word for all of them.
fn origins(text: &str, faults: &mut Vec<String>) -> Vec<HeaderValue> {
    let mut origins = Vec::new();
    for origin in text.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or_default();
        let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        match HeaderValue::from_str(origin) {
            Ok(value) if !host.is_empty() && is_plain => origins.push(value),
            _ => faults.push(format!(
                "GANHE_ALLOWED_ORIGINS has {origin:?}: each must be an origin such as https://portal.example.cn"
            )),
        }
    }
    origins
}

/// Where documents are kept, and how large one may be: a file larger than what a request may bring in its time is none.
fn documents(place: Option<&str>, limit: Option<&str>, faults: &mut Vec<String>) -> Contents {
    let place = place.unwrap_or("database");
    let folder = Contents::parse(place);
    if folder.is_none() {
        faults.push(format!("GANHE_DOCUMENTS is {place:?}: it must be database, or folder: and a path"));
    }
    let largest = limit.map_or(Some(USUAL_LARGEST), |limit| limit.parse().ok().filter(|limit| LIMITS.contains(limit)));
    if largest.is_none() {
        let (least, most) = (LIMITS.start(), LIMITS.end());
        faults.push(format!(
            "GANHE_DOCUMENT_LIMIT is {:?}: it must be a number of bytes from {least} to {most}",
            limit.unwrap_or_default()
        ));
    }
    Contents { folder: folder.flatten(), largest: largest.unwrap_or(USUAL_LARGEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_environment_keeps_the_demonstration_beside_the_caller() {
        let config = check(Raw::default()).unwrap();
        assert_eq!(config.database_url, USUAL_DATABASE);
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert_eq!(config.sign_in_rules(true).unwrap().second_factor, SecondFactor::Required { minutes: 15 });
        assert_eq!(config.sign_in_rules(false).unwrap().second_factor, SecondFactor::Off);
        assert_eq!((config.contents, config.longest_queue), (Contents::default(), USUAL_QUEUE));
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
            allowed_origins: Some("https://portal.example.cn, *, https://x/path".to_owned()),
            rate_per_address: Some("0".to_owned()),
            rate_per_user: Some(String::new()),
            longest_head: Some("0s".to_owned()),
            longest_queue: Some("0".to_owned()),
            webhook_receivers: Some("nowhere".to_owned()),
            second_factor: Some("sometimes".to_owned()),
            step_up_minutes: Some("600".to_owned()),
            argon2_memory_kib: Some("64".to_owned()),
            argon2_passes: Some("many".to_owned()),
            argon2_at_once: Some("0".to_owned()),
            documents: Some("somewhere".to_owned()),
            document_limit: Some("10 MB".to_owned()),
            unknown: BTreeMap::from([("lisen".to_owned(), "x".into())]),
            ..Raw::default()
        };
        assert_eq!(check(raw).unwrap_err().len(), 21);
    }

    #[test]
    fn the_conduct_is_read_and_a_limit_is_off_only_by_that_word() {
        let raw = Raw {
            public_url: Some("https://ganhe.example.cn".to_owned()),
            allowed_origins: Some("https://portal.example.cn, http://localhost:5173".to_owned()),
            rate_per_address: Some("off".to_owned()),
            rate_per_user: Some("600/1m".to_owned()),
            applications_per_address: Some("100/1h".to_owned()),
            longest_body: Some("5s".to_owned()),
            longest_queue: Some("64".to_owned()),
            webhook_receivers: Some("anywhere".to_owned()),
            ..Raw::default()
        };
        let config = check(raw).unwrap();
        assert_eq!(config.longest_queue, 64);
        let conduct = config.conduct;
        assert_eq!((conduct.is_https, conduct.origins.len()), (true, 2));
        assert_eq!((conduct.receivers, Conduct::default().receivers), (Receivers::Anywhere, Receivers::Public));
        assert_eq!((conduct.per_address, conduct.per_user), (None, Rate::parse("600/1m")));
        assert_eq!(conduct.applications_per_address, Rate::parse("100/1h"));
        assert_eq!(
            (conduct.longest_body, conduct.longest_head),
            (Duration::from_secs(5), Conduct::default().longest_head)
        );
    }
}
