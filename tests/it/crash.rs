//! The crash test: the real program, with clients at work, is killed without warning and started again, over and over. What was
//! acknowledged is there, once; a retry gets the first answer; the books are right.

mod load;
mod migrating;
pub(crate) mod server;

use crate::support::app::{TestApp, is_postgres};
use crate::support::{World, soak};
use ganhe::db::{Db, sqlite_path};
use ganhe::kernel::Clock;
use load::{Everything, Stage};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use server::Server;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Kills of a bounded run.
const KILLS: u64 = 50;
/// In a bounded run the books are verified after every kill. In a soak the book grows for hours: then after each of so many, and at the
/// end.
const VERIFIED_EACH: u64 = 10;
/// How often connections to PostgreSQL are cut in a bounded run.
const CUTS: u64 = 8;

/// A book with people in it, at which no server is left; the tokens of the people stay good.
async fn stage() -> Stage {
    let world = World::on(TestApp::start_beside_the_wall().await).await;
    Stage::set(world).await
}

/// A moment in the middle of things: after so many answers, however slow the machine is, and some microseconds.
async fn moment_after(answers: Arc<AtomicU64>, wanted: u64, micros: u64) {
    let began = Instant::now();
    while answers.load(Ordering::SeqCst) < wanted && began.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_micros(micros)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_its_work_the_server_loses_nothing_and_does_nothing_twice() {
    let stage = stage().await;
    let began = Instant::now();
    let seed = soak::seed();
    let announced = soak::Announced::new("crash", seed);
    let mut random = StdRng::seed_from_u64(seed);
    let mut all = Everything::of(&stage).await;
    let wanted = soak::kills().unwrap_or(KILLS);
    let (mut kills, mut server, mut verifying) = (0, Server::start(&stage.url).await, Duration::ZERO);
    while kills < wanted {
        let (answers, micros) = (random.random_range(0..20), random.random_range(0..10_000));
        let moment = moment_after(all.answers(), answers, micros);
        let (sent, ()) = tokio::join!(all.work_at(server.address), async {
            moment.await;
            server.kill().await;
        });
        kills += 1;
        server = Server::start(&stage.url).await;
        all.nothing_is_lost_or_doubled(&sent).await;
        all.retries_get_the_first_answer(server.address, sent, &mut random).await;
        if soak::kills().is_none() || kills.is_multiple_of(VERIFIED_EACH) {
            let began = Instant::now();
            server::verify(&stage.url).await;
            verifying += began.elapsed();
        }
    }
    all.adds_up().await;
    server.kill().await;
    server::verify(&stage.url).await;
    let took = format!("{kills} kills in {:.0?}, {verifying:.0?} of it verifying", began.elapsed());
    soak::conclude("crash", &format!("{took}: {all}"));
    assert!(all.is_a_trial(kills), "{all}");
    announced.ends_well();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_in_order_the_server_leaves_one_file_that_holds_every_act() {
    // PostgreSQL keeps its files itself.
    if is_postgres() {
        return;
    }
    let world = World::on(TestApp::start_beside_the_wall().await).await;
    let mill = world.enterprise("临江纸业").await;
    let url = world.app.url.clone();
    world.app.shared.db.clone().close().await.unwrap();
    let mut server = Server::start(&url).await;
    let settlement = world.settlement.moved_to(server.address, &world.app.shared);
    for number in 0..10 {
        let body = json!({"organisation": mill.id, "amount": "1.00", "bank_reference": format!("XN-{number}")});
        settlement.post("/money/deposits", body).await.granted();
    }
    server.stop().await;
    let file = sqlite_path(&url).unwrap();
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", file.display()));
    assert!(!beside("-wal").exists() && !beside("-shm").exists(), "the stop left something beside the file");
    let copy = beside(".copy");
    std::fs::copy(&file, &copy).unwrap();
    let copied = format!("sqlite:{}", copy.display());
    server::verify(&copied).await;
    let db = Db::open(&copied, Clock::system()).await.unwrap();
    let sql = "SELECT COUNT(*) AS deposits FROM journals WHERE kind = 'money_deposited'";
    let row = db.reader().query_one_raw(Statement::from_string(db.backend(), sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "deposits").unwrap(), 10);
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_connections_are_cut_answers_busy_and_goes_on() {
    // SQLite has no connections that another could cut.
    if !is_postgres() {
        return;
    }
    let stage = stage().await;
    let mut random = StdRng::seed_from_u64(soak::seed());
    let mut all = Everything::of(&stage).await;
    let mut server = Server::start(&stage.url).await;
    for _ in 0..CUTS {
        let moment = moment_after(all.answers(), random.random_range(5..30), random.random_range(0..10_000));
        let stop = all.stop();
        let (sent, ()) = tokio::join!(all.work_at(server.address), async {
            moment.await;
            server::cut_connections(&stage.url).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.send_replace(true);
        });
        all.nothing_is_lost_or_doubled(&sent).await;
        all.retries_get_the_first_answer(server.address, sent, &mut random).await;
    }
    all.adds_up().await;
    server::verify(&stage.url).await;
    soak::conclude("connections cut", &format!("{CUTS} times: {all}"));
    assert!(all.is_a_trial(CUTS), "{all}");
    server.kill().await;
}
