//! The tour of the README, run as it stands against a freshly loaded demonstration.

use crate::support::demo::Demo;
use ganhe::ledger::log;
use tokio::process::Command;
use tokio::sync::watch;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));

/// The `sh` blocks of the tour, one after the other.
fn script() -> String {
    let tour = README.split("\n## ").find(|section| section.starts_with("The five-minute tour"));
    let blocks = tour.unwrap().split("```sh\n").skip(1);
    blocks.map(|block| block.split_once("\n```").unwrap().0).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_of_the_readme_runs_as_it_stands() {
    let demo = Demo::start().await;
    // A serving node takes what is recorded into the log by itself.
    let (_going_on, stop) = watch::channel(false);
    tokio::spawn(log::keep(demo.shared.db.clone(), stop));
    let told = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script()])
        .env("BASE", format!("http://{}", demo.address))
        .output()
        .await
        .unwrap();
    let (said, complained) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success(), "the tour stopped with {}:\n{said}\n{complained}", told.status);
    let steps = said.lines().filter(|line| line.starts_with("ok: ")).count();
    assert_eq!(steps, README.matches("\nexpect \"").count(), "not every expectation was told:\n{said}\n{complained}");
}
