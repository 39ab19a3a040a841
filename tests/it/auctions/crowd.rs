//! Two hundred bidders in the last seconds.

use super::stage::{OPENS, Session, it_is_at, time_passes};
use crate::support::World;
use crate::support::app::TestApp;
use crate::support::world::Enterprise;
use futures::future::join_all;
use ganhe::kernel::Moment;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};

const BIDDERS: usize = 200;

fn moment(value: &Value) -> Moment {
    Moment::parse(value.as_str().unwrap()).unwrap()
}

/// One enterprise may bid for many lots and many enterprises for one: the crowd are enterprises with a site each.
async fn crowd(world: &World) -> Vec<Enterprise> {
    let mut bidders = Vec::with_capacity(BIDDERS);
    for at in 0..BIDDERS {
        bidders.push(world.buyer(&format!("竞买企业{at}"), "10000.00").await);
    }
    bidders
}

/// Every place, page by page.
async fn results(world: &World, session: &Session) -> Vec<Value> {
    let mut won = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.exchange.get(&session.path(&format!("/results?limit=200{cursor}"))).await.granted();
        won.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return won,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "the figure is the point of the test")]
async fn two_hundred_bidders_in_the_last_seconds_lose_nothing_and_nobody_is_late() {
    let world = World::on(TestApp::start().await).await;
    let bidders = crowd(&world).await;
    world.allocate(&world.reserve, "200.000 t COD").await;
    let rules = [("bid_step", "50.00"), ("soft_close_seconds", "10")];
    let session = Session::planned(&world, "ascending", &rules).await;
    let lot = session.lot(&world.reserve, "200.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    for bidder in &bidders {
        session.admits(&world, bidder, lot, "1.000").await;
    }
    let closes = Moment::parse(super::stage::CLOSES).unwrap();
    it_is_at(&world, Moment::parse(OPENS).unwrap());
    time_passes(&world).await;
    // Two seconds before the end, by a clock that goes on meanwhile.
    let begins = Moment::from_micros(closes.micros() - 2_000_000);
    it_is_at(&world, begins);
    let began = Instant::now();
    let runs = tokio::spawn({
        let world = world.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let passed = i64::try_from(began.elapsed().as_micros()).unwrap();
                it_is_at(&world, Moment::from_micros(begins.micros() + passed));
            }
        }
    });
    let asked = bidders.iter().enumerate().map(|(at, bidder)| {
        let path = session.path("/bids");
        let price = format!("{}.00", 8_790 + 50 * (at % 40));
        async move {
            tokio::time::sleep(Duration::from_millis(u64::try_from(at).unwrap() * 5)).await;
            let body = json!({"lot": lot, "price": price, "quantity": "1.000"});
            let sent = Instant::now();
            let answer = bidder.client.post_with_key(&path, body, &fresh().to_string()).await;
            (answer, sent.elapsed())
        }
    });
    let answers = join_all(asked).await;
    let mut took: Vec<Duration> = answers.iter().map(|(_, took)| *took).collect();
    took.sort_unstable();
    let shown = |share: usize| took[took.len() * share / 100];
    println!("{BIDDERS} bids: median {:?}, p99 {:?}", shown(50), shown(99));
    let placed: Vec<Value> = answers.into_iter().map(|(answer, _)| answer.granted()).collect();
    runs.abort();
    // None is lost, none has the number or the instant of another.
    let numbers: HashSet<i64> = placed.iter().map(|bid| bid["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=i64::try_from(BIDDERS).unwrap()).collect());
    let mut arrivals: Vec<(i64, Moment)> =
        placed.iter().map(|bid| (bid["number"].as_i64().unwrap(), moment(&bid["arrived_at"]))).collect();
    arrivals.sort_unstable();
    assert!(arrivals.windows(2).all(|pair| pair[0].1 < pair[1].1), "numbers are in the order of arrival");
    // The end is ten seconds after the last of them, and from then on there are none.
    let last = arrivals.last().unwrap().1;
    let ends = moment(&world.exchange.get(&format!("/auction-lots/{lot}")).await.granted()["ends_at"]);
    assert_eq!(ends, Moment::from_micros(last.micros() + 10_000_000));
    let gathered = world.app.shared.db.gathered();
    assert_eq!(gathered.alone, 0, "no batch failed as a whole");
    it_is_at(&world, ends);
    let late = bidders.iter().map(|bidder| session.bids(bidder, lot, "20000.00", "1.000"));
    let late = join_all(late).await;
    assert!(late.iter().all(|answer| answer.codes().contains(&"AUC_LATE")), "{:#}", late[0].body);
    time_passes(&world).await;
    assert_eq!(session.state(&world).await, "ranked");
    let won = results(&world, &session).await;
    assert!(won.iter().all(|award| award["quantity"] == "1.000") && won.len() == BIDDERS);
    session.exchange(&world, "/confirm").await.granted();
    world.books_are_right().await;
}
