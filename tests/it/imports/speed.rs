//! How fast a large register is imported. It measures and judges nothing, so it runs only when asked for, with a release
//! build: `cargo test --release --test it imports::speed -- --ignored --nocapture`.

use super::files::{read_report, reported, right_book};
use super::generator::generate;
use crate::support::demo::unloaded_database;
use std::time::Instant;

const ROWS: usize = 500_000;
const SEED: u64 = 20_260;

#[tokio::test]
#[ignore = "measures"]
#[expect(clippy::print_stdout, reason = "the measure is what it is for")]
async fn half_a_million_rows() {
    let files = generate(ROWS, SEED);
    let rows = files.texts["transactions.csv"].lines().count() - 1;
    let (folder, url) = (files.write(), unloaded_database().await);
    let began = Instant::now();
    let (said, balances) = reported(&url, &folder, &[]).await;
    let took = began.elapsed();
    said.granted();
    println!("{rows} rows in {:.1} s: {} rows a second", took.as_secs_f64(), rows as u128 * 1_000 / took.as_millis());
    assert_eq!(balances, files.fold());
    assert_eq!(balances, read_report(&folder.join("report.csv")));
    right_book(&url).await;
    println!("register in {}, database {url}", folder.display());
}
