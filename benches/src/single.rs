//! Single transfers by many clients at once on PostgreSQL.

use crate::Outcome;
use crate::hand;
use crate::report::{Bound, Line, grouped, median};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::{Dice, Stage};
use accounting::Journal;
use ganhe::db::CommandKey;
use ganhe::db::gather::{Callers, Item};
use ganhe::db::terms::Terms;
use ganhe::db::work::{Doing, Work};
use sea_orm::sqlx::PgPool;
use sea_orm::sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Clients at once.
const CLIENTS: u32 = 32;
/// Many more of them.
const CROWD: u32 = 256;
/// Accounts that everybody uses.
const HOT: usize = 10;
/// How long each side runs in a round.
const SLICE: Duration = Duration::from_secs(3);

/// The engine against six statements of each client, and against itself on hot accounts.
pub async fn on_postgres(server: &Server, settings: &Settings) -> Outcome<Vec<Line>> {
    let stage = Arc::new(Stage::on_postgres(server, "single", crate::bulk::ACCOUNTS).await?);
    let accounts = Arc::new(hand::accounts_of(&stage).await?);
    let pool = PgPoolOptions::new().max_connections(CLIENTS).connect(&stage.url).await?;
    let all = stage.purses.len();
    let (mut wide, mut theirs, mut hot, mut crowd, mut keyed) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=settings.rounds {
        let rates = [
            engine(&stage, CLIENTS, all, false).await?,
            by_hand(&pool, &accounts).await?,
            engine(&stage, CLIENTS, HOT, false).await?,
            engine(&stage, CROWD, all, false).await?,
            engine(&stage, CLIENTS, all, true).await?,
        ];
        if round > 0 {
            wide.push(rates[0]);
            theirs.push(rates[1]);
            hot.push(rates[2]);
            crowd.push(rates[3]);
            keyed.push(rates[4]);
        }
    }
    let (wide, hot) = (median(&wide), median(&hot));
    let unit = "journals/s";
    Ok(vec![
        Line::rates(
            format!("single journals, {CLIENTS} clients, PostgreSQL"),
            "six client statements each",
            unit,
            wide,
            median(&theirs),
            Bound::AtLeast(1.5),
        ),
        Line::rates(
            format!("the same, {HOT} hot accounts"),
            "itself on 1,000 accounts",
            unit,
            hot,
            wide,
            Bound::AtLeast(0.8),
        ),
        Line::alone(
            format!("the same, {CROWD} clients, 1,000 accounts"),
            format!("{} {unit}", grouped(median(&crowd))),
        ),
        Line::alone(
            format!("the same, {CLIENTS} clients, each journal under an idempotency key"),
            format!("{} {unit}", grouped(median(&keyed))),
        ),
    ])
}

/// What each gathered work does.
fn post<'w>(work: &'w mut Work, journals: &'w [Journal]) -> Doing<'w, Vec<()>> {
    Box::pin(async move { Ok(ganhe::ledger::post(work, journals).await?.iter().map(|_| ()).collect()) })
}

/// Journals a second of so many clients, each of which waits for its answer before it sends the next.
async fn engine(stage: &Arc<Stage>, clients: u32, accounts: usize, is_keyed: bool) -> Outcome<f64> {
    let end = Instant::now() + SLICE;
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let stage = Arc::clone(stage);
        tasks.spawn(async move {
            let mut dice = Dice::new(u64::from(client) + 100);
            let mut done = 0_u32;
            while Instant::now() < end {
                let key = CommandKey {
                    client: stage.permit.caller().user.0,
                    operation: "transfer".to_owned(),
                    key: is_keyed.then(|| uuid::Uuid::now_v7().to_string()),
                    request_hash: String::new(),
                    terms: Terms::default(),
                };
                let input = stage.transfer(&mut dice, accounts)?;
                let item = Item { input, target: None, callers: Callers::Any };
                stage.db.gather(&stage.permit, &key, item, post).await?;
                done += 1;
            }
            Outcome::Ok(done)
        });
    }
    finished(tasks).await
}

/// The same by hand-written statements, on a connection of each client's own.
async fn by_hand(pool: &PgPool, accounts: &Arc<Vec<Uuid>>) -> Outcome<f64> {
    let mut connections = Vec::new();
    for _ in 0..CLIENTS {
        connections.push(pool.acquire().await?);
    }
    let end = Instant::now() + SLICE;
    let mut tasks = JoinSet::new();
    for (client, mut connection) in connections.into_iter().enumerate() {
        let accounts = Arc::clone(accounts);
        tasks.spawn(async move {
            let mut dice = Dice::new(client as u64 + 200);
            let mut done = 0_u32;
            while Instant::now() < end {
                hand::single_on_postgres(&mut connection, &accounts, &mut dice).await?;
                done += 1;
            }
            Outcome::Ok(done)
        });
    }
    finished(tasks).await
}

async fn finished(mut tasks: JoinSet<Outcome<u32>>) -> Outcome<f64> {
    let began = Instant::now();
    let mut done = 0;
    while let Some(outcome) = tasks.join_next().await {
        done += outcome??;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}
