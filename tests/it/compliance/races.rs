//! Two acts on one account, or two batches of one monitor, at the same moment.

use super::{decided, found, id, opened, outlet, says, sends, step, totals, verified};
use crate::support::World;
use futures::future::join_all;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_several_nodes_send_at_once_is_counted_once() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    let sent: Vec<String> =
        (1..=30).map(|day| totals("88888", &format!("202211{day:02}"), "w01018-Cou=1.000")).collect();
    let answers = join_all((0..6).map(|_| sends(&world.officer, &sent))).await;
    let sum = |name: &str| answers.iter().map(|answer| answer.clone().granted()[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("counted"), sum("known")), (30, 150));
    let kept = world.auditor.get("/monitor-messages?limit=200").await.granted();
    assert_eq!(kept["items"].as_array().unwrap().len(), 30);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_handed_in_once_and_no_more_is_covered_than_is_missing() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.allocate(&mill, "365.000 t COD").await;
    world.days_pass(40);
    says(&world, &mill.client, &mill, ("COD", "2022", "0")).await.granted();
    let account = opened(&mill, "COD", 2022).await;
    let handed_in = join_all((0..6).map(|_| step(&mill.client, account, "report", json!({})))).await;
    assert_eq!(handed_in.iter().filter(|answer| answer.status.is_success()).count(), 1);
    decided(&world, account, "verify", json!({})).await.granted();
    // One grant of a thing waits at a time, and each of two that come one after the other takes what the first has left.
    decided(&world, account, "grant", json!({"quantity": "20.000"})).await.granted();
    let over = step(&world.officer, account, "grant", json!({"quantity": "20.000"})).await;
    over.is_refused_with("CMP_OVER_SURPLUS");
    says(&world, &glass.client, &glass, ("COD", "2022", "2.000")).await.granted();
    let short = id(&verified(&world, &glass, "COD", 2022).await);
    let settled = join_all((0..4).map(|_| step(&world.officer, short, "settle", json!({})))).await;
    assert_eq!(settled.iter().filter(|answer| answer.status.is_success()).count(), 1);
    assert_eq!(found(&world, short).await["uncovered"], "2.000");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_figure_that_comes_while_an_account_is_verified_is_in_it_or_refused() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.adopts(&[("four_eyes_compliance_verification", "off")]).await.granted();
    world.days_pass(40);
    says(&world, &mill.client, &mill, ("COD", "2022", "1.000")).await.granted();
    let account = opened(&mill, "COD", 2022).await;
    step(&mill.client, account, "report", json!({})).await.granted();
    let (verified, said) = futures::join!(
        step(&world.officer, account, "verify", json!({})),
        says(&world, &world.city_officer, &mill, ("COD", "2022", "9.000")),
    );
    let verified = verified.granted();
    let is_in = said.status.is_success();
    assert_eq!(verified["discharged"], if is_in { "9.000" } else { "1.000" }, "{:#}", said.body);
    if !is_in {
        said.is_refused_with("CMP_YEAR_VERIFIED");
    }
    world.books_are_right().await;
}
