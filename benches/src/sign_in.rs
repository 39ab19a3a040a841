//! What hashing passwords does to everybody else: balances read while a crowd signs in, against the same reads on a quiet server.

use crate::Outcome;
use crate::http::started;
use crate::report::{Bound, Line, median, percentile};
use crate::server::Server;
use crate::settings::Settings;
use ganhe::access::{SecondFactor, SignInRules};
use ganhe::app::{opening, router};
use ganhe::demo;
use ganhe::http::Conduct;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The first argument that makes this program serve the demonstration at the database and the address that follow.
pub const SERVE: &str = "serve";
/// Clients that sign in again and again.
const CROWD: usize = 64;
/// Clients that read balances, one after the other each, with pauses as people and programs make them.
const READERS: usize = 4;
/// Reads of each client on each side of a round.
const READS: usize = 500;
/// A pause between two reads of a client.
const PAUSE: Duration = Duration::from_millis(5);

/// Loads the demonstration into a new database and serves it, with passwords that cost what they cost in production.
pub async fn serve(url: &str, address: &str) -> Outcome<()> {
    demo::load_once(url).await?;
    let rules = SignInRules { second_factor: SecondFactor::Off, ..SignInRules::default() };
    // The readers of the measurement ask as fast as they can.
    let conduct = Conduct { per_user: None, per_address: None, ..Conduct::default() };
    let shared = opening::founded(url, rules).await?.conducted(conduct);
    let listener = opening::listen(address.parse()?).await?;
    let (db, conduct) = (shared.db.clone(), Arc::clone(&shared.conduct));
    Ok(opening::serve(listener, db, router(shared), &conduct).await?)
}

/// Measures on both databases.
pub async fn measure(server: &Server, home: &Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let mut admin =
        <sea_orm::sqlx::PgConnection as sea_orm::sqlx::Connection>::connect(&server.url("postgres")).await?;
    sea_orm::sqlx::query("CREATE DATABASE signed").execute(&mut admin).await?;
    let targets = [
        ("PostgreSQL", server.url("signed")),
        ("SQLite", format!("sqlite:{}", home.join("signed.sqlite").display())),
    ];
    let mut lines = Vec::new();
    for (database, url) in targets {
        lines.push(on(database, &url, settings).await?);
    }
    Ok(lines)
}

async fn on(database: &str, url: &str, settings: &Settings) -> Outcome<Line> {
    let served = started(SERVE, url).await?;
    let client = reqwest::Client::new();
    let token = sign_in(&client, &served.base, "auditor").await?.ok_or("the auditor cannot sign in")?;
    let (mut quiet, mut crowded) = (Vec::new(), Vec::new());
    let (mut in_time, mut turned_away, mut span) = (0, 0, Duration::ZERO);
    for round in 0..=settings.rounds {
        let alone = reads(&client, &served.base, &token).await?;
        let crowd = Crowd::gather(&client, &served.base);
        let began = Instant::now();
        let beside = reads(&client, &served.base, &token).await?;
        let took = began.elapsed();
        let (through, away) = crowd.disperse().await?;
        if round > 0 {
            quiet.push(alone);
            crowded.push(beside);
            in_time += through;
            turned_away += away;
            span += took;
        }
    }
    let (quiet, crowded) = (median(&quiet), median(&crowded));
    let millis = |seconds: f64| format!("p99 {:.2} ms", seconds * 1_000.0);
    let rate = crate::report::rate(in_time, span);
    Ok(Line {
        work: format!("balances read beside {CROWD} parallel sign-ins ({rate:.0}/s, {turned_away} asked to come back), {database}"),
        against: "the same on a quiet server".to_owned(),
        ours: millis(crowded),
        theirs: millis(quiet),
        ratio: Some(crowded / quiet),
        bound: Bound::AtMost(3.0),
    })
}

/// A token, or nothing when the server was too busy.
async fn sign_in(client: &reqwest::Client, base: &str, login: &str) -> Outcome<Option<String>> {
    let body = json!({"login": login, "password": demo::PASSWORD});
    let answer = client.post(format!("{base}/api/v1/auth/login")).json(&body).send().await?;
    if answer.status() == reqwest::StatusCode::SERVICE_UNAVAILABLE {
        return Ok(None);
    }
    let entry: Value = answer.error_for_status()?.json().await?;
    Ok(Some(entry["access_token"].as_str().ok_or("no token")?.to_owned()))
}

/// The 99th percentile of reads by several clients, in seconds.
async fn reads(client: &reqwest::Client, base: &str, token: &str) -> Outcome<f64> {
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (client, base, token) = (client.clone(), base.to_owned(), token.to_owned());
        readers.spawn(async move {
            let mut took = Vec::with_capacity(READS);
            for _ in 0..READS {
                let began = Instant::now();
                let asked = client.get(format!("{base}/api/v1/balances?limit=20")).bearer_auth(&token);
                asked.send().await?.error_for_status()?.bytes().await?;
                took.push(began.elapsed().as_secs_f64());
                tokio::time::sleep(PAUSE).await;
            }
            Outcome::Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(took) = readers.join_next().await {
        all.extend(took??);
    }
    Ok(percentile(&all, 99))
}

/// Clients that sign in until they are sent home.
struct Crowd {
    goes_on: Arc<AtomicBool>,
    through: Arc<AtomicUsize>,
    away: Arc<AtomicUsize>,
    members: JoinSet<Outcome<()>>,
}

impl Crowd {
    fn gather(client: &reqwest::Client, base: &str) -> Self {
        let mut crowd = Self {
            goes_on: Arc::new(AtomicBool::new(true)),
            through: Arc::default(),
            away: Arc::default(),
            members: JoinSet::new(),
        };
        for member in 0..CROWD {
            let login = demo::LOGINS[member % demo::LOGINS.len()].login;
            let (client, base) = (client.clone(), base.to_owned());
            let (goes_on, through, away) =
                (Arc::clone(&crowd.goes_on), Arc::clone(&crowd.through), Arc::clone(&crowd.away));
            crowd.members.spawn(async move {
                while goes_on.load(Ordering::Relaxed) {
                    let counted = if sign_in(&client, &base, login).await?.is_some() { &through } else { &away };
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        crowd
    }

    /// How many got in, and how many were asked to come back.
    async fn disperse(mut self) -> Outcome<(usize, usize)> {
        let through = self.through.load(Ordering::Relaxed);
        let away = self.away.load(Ordering::Relaxed);
        self.goes_on.store(false, Ordering::Relaxed);
        while let Some(member) = self.members.join_next().await {
            member??;
        }
        Ok((through, away))
    }
}
