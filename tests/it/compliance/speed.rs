//! How many messages a second are taken in through HTTP. What is asserted is the work; the figure is printed.

use super::{outlet, sends, totals};
use crate::support::World;
use crate::support::app::is_postgres;
use jiff::ToSpan;
use jiff::civil::date;
use std::time::Instant;

/// Monitors, days of each, and messages in a request.
const MONITORS: usize = 40;
const DAYS: i64 = 100;
const BATCH: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "the figure is the point of the test")]
async fn the_days_of_many_monitors_are_taken_in_batches() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let monitors: Vec<String> = (0..MONITORS).map(|number| format!("M{number:05}")).collect();
    for mn in &monitors {
        outlet(&world, &mill, mn).await;
    }
    let day = |at: i64| date(2022, 8, 1).checked_add(at.days()).unwrap().strftime("%Y%m%d").to_string();
    let data = "w00000-Cou=1310.00,w00000-Flag=N;w01018-Cou=46.630,w01018-Min=30.1,w01018-Avg=35.6,w01018-Max=41.2,w01018-Flag=N;\
         w21003-Cou=3.100,w21003-Min=1.9,w21003-Avg=2.4,w21003-Max=3.3,w21003-Flag=N";
    let sent: Vec<String> =
        (0..DAYS).flat_map(|at| monitors.iter().map(move |mn| totals(mn, &day(at), data))).collect();
    let begun = Instant::now();
    for batch in sent.chunks(BATCH) {
        assert_eq!(sends(&world.officer, batch).await.granted()["counted"], batch.len());
    }
    let taken = begun.elapsed();
    let database = if is_postgres() { "PostgreSQL" } else { "SQLite" };
    let rate = u128::try_from(sent.len()).unwrap() * 1_000 / taken.as_millis().max(1);
    println!("{database}: {} messages in {taken:.1?}, {rate} a second", sent.len());
    let again = sends(&world.officer, &sent[..BATCH]).await.granted();
    assert_eq!(again["known"], BATCH);
    assert!(taken.as_secs() < 120, "{taken:?}");
}
