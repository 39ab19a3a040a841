//! Reconciliation: on demand and by the schedule, once however many nodes there are, beside a market that goes on, and loud when
//! something differs.

use crate::books::desk::execute;
use crate::support::World;
use futures::future::join_all;
use ganhe::audit::reconciliation::{Reconciliation, Schedule, list_runs, run_wanted, schedule, want};
use ganhe::db::Db;
use ganhe::kernel::ids;
use ganhe::kernel::page::PageRequest;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Nodes that share one database.
const NODES: usize = 4;

async fn nodes(world: &World) -> Vec<Db> {
    join_all((0..NODES).map(async |_| Db::open(&world.app.url, world.app.clock.clone()).await.unwrap())).await
}

async fn listed(world: &World) -> Vec<Value> {
    world.auditor.get("/audit/reconciliations?limit=200").await.granted()["items"].as_array().unwrap().clone()
}

/// The run, when it has ended.
async fn finished(world: &World, id: &Value) -> Value {
    for _ in 0..600 {
        let found = listed(world).await.into_iter().find(|run| run["id"] == *id).unwrap();
        if found["state"] == "finished" {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the run {id} does not end");
}

#[tokio::test]
async fn the_auditor_has_the_books_reconciled_and_finds_what_was_read() {
    let world = World::new().await;
    world.seller("临江纸业", "120.000 t COD").await;
    let key = ids::fresh().to_string();
    let wanted = world.auditor.post_with_key("/audit/reconciliations", json!({}), &key).await;
    wanted.with_status(202);
    let run = finished(&world, &wanted.body["id"]).await;
    let verified = world.auditor.verified().await;
    for count in ["accounts", "journals", "entries"] {
        assert_eq!(run[count], verified[count], "{count}");
    }
    assert_eq!((&run["is_clean"], &run["differences"], &run["named"]), (&json!(true), &json!(0), &json!([])));
    let again = world.auditor.post_with_key("/audit/reconciliations", json!({}), &key).await;
    assert_eq!((again.status, &again.body), (wanted.status, &wanted.body), "the first answer, and no second run");
    assert_eq!(listed(&world).await.len(), 1);
    world.operator.post("/audit/reconciliations", json!({})).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
}

#[tokio::test]
async fn a_difference_is_told_by_the_run_and_by_the_metrics_and_the_market_goes_on() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let forged = "UPDATE accounts SET balance = balance + 7 WHERE purpose = 'available' AND balance > 0";
    let rows = execute(&world.app.shared.db, forged).await.unwrap();
    let wanted = world.auditor.post("/audit/reconciliations", json!({})).await.granted();
    let run = finished(&world, &wanted["id"]).await;
    assert_eq!((&run["is_clean"], &run["differences"]), (&json!(false), &json!(rows)), "{run:#}");
    let named = run["named"].as_array().unwrap();
    assert_eq!(named.len() as u64, rows);
    assert!(named.iter().all(|named| named.as_str().unwrap().starts_with("accounts account ")), "{named:#?}");
    let metrics = world.nobody().get("/metrics").await.body;
    let line = format!("ganhe_reconciliation_differences {rows}");
    assert!(metrics.as_str().unwrap().lines().any(|told| told == line), "{metrics}");
    world.nobody().get("/readyz").await.with_status(200);
    world.deposits(&mill, "1.00").await;
}

/// What was said as an error, word by word. It keeps no spans, so it does not matter who else begins or ends one.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Words(String);
        impl Visit for Words {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                write!(self.0, "{}={value:?} ", field.name()).unwrap();
            }
        }
        let mut words = Words(String::new());
        event.record(&mut words);
        self.0.lock().unwrap().push(words.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_difference_is_an_error_in_the_log_with_its_row_and_a_right_book_is_none() {
    let errors = Errors::default();
    // Everything of this test happens on its own thread, so nobody else is heard. Where there is only one listener, another thread
    // that comes first to a line would silence it for all; so there are two.
    let _other = tracing::Dispatch::new(Errors::default());
    let _listening = tracing::subscriber::set_default(errors.clone());
    let world = World::new().await;
    world.seller("临江纸业", "120.000 t COD").await;
    let wanted = world.auditor.post("/audit/reconciliations", json!({})).await.granted();
    finished(&world, &wanted["id"]).await;
    assert_eq!(*errors.0.lock().unwrap(), [""; 0]);
    let forged = "UPDATE accounts SET balance = balance + 7 WHERE purpose = 'available' AND balance > 0";
    let rows = execute(&world.app.shared.db, forged).await.unwrap();
    let wanted = world.auditor.post("/audit/reconciliations", json!({})).await.granted();
    let run = finished(&world, &wanted["id"]).await;
    let said = errors.0.lock().unwrap().clone();
    for named in run["named"].as_array().unwrap() {
        let row = format!("A row differs: {}", named.as_str().unwrap());
        assert!(said.iter().any(|line| line.contains(&row)), "{row} is not in {said:#?}");
    }
    let loud = said.iter().find(|line| line.contains("THE BOOKS ARE NOT RIGHT")).unwrap();
    assert!(loud.contains(&format!("differences={rows} ")), "{loud}");
    assert!(loud.contains(&format!("reconciliation={}", wanted["id"].as_str().unwrap())), "{loud}");
    assert_eq!(said.len() as u64, rows + 1, "{said:#?}");
}

#[tokio::test]
async fn of_many_nodes_one_runs_each_slot() {
    let world = World::new().await;
    let nodes = nodes(&world).await;
    for slot in ["2022-12-01T02:00", "2022-12-02T02:00", "2022-12-03T02:00"] {
        join_all(nodes.iter().map(|node| want(node, slot))).await.into_iter().for_each(Result::unwrap);
        let finished: usize = join_all(nodes.iter().map(run_wanted)).await.into_iter().map(Result::unwrap).sum();
        assert_eq!(finished, 1, "{slot}");
    }
    let runs = listed(&world).await;
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run["is_clean"] == true && run["asked_by"].is_null()), "{runs:#?}");
}

#[tokio::test]
async fn the_schedule_is_kept_by_all_nodes_together_and_a_missed_run_is_made_up_for() {
    let world = World::new().await;
    let keepers: Vec<_> = nodes(&world)
        .await
        .into_iter()
        .map(|db| tokio::spawn(schedule::keep(db, Schedule::parse("1s").unwrap(), &Reconciliation)))
        .collect();
    let clock = world.app.clock.clone();
    for wanted in 1..=3 {
        // Each node looks every second; of the slots that passed meanwhile only the last is made up for.
        for _ in 0..300 {
            if listed(&world).await.iter().filter(|run| run["state"] == "finished").count() == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let runs = listed(&world).await;
        assert_eq!(runs.len(), wanted, "{runs:#?}");
        assert_eq!(runs[wanted - 1]["state"], "finished");
        clock.advance(SignedDuration::from_secs(3));
    }
    keepers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn what_a_dead_node_held_is_taken_up_when_its_hold_has_ended() {
    let world = World::new().await;
    let db = &world.app.shared.db;
    want(db, "2022-12-01T02:00").await.unwrap();
    let held_until = world.app.clock.wall_now().micros() + 60_000_000;
    let held = format!("UPDATE operations SET held_until = {held_until}, started_at = asked_at");
    execute(db, &held).await.unwrap();
    assert_eq!(run_wanted(db).await.unwrap(), 0, "another node holds it");
    assert_eq!(listed(&world).await[0]["state"], "running");
    world.app.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(run_wanted(db).await.unwrap(), 1);
    let runs = list_runs(db, &PageRequest::first()).await.unwrap().items;
    assert_eq!(runs[0].outcome.as_ref().unwrap().differences, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_that_goes_on_is_never_half_seen() {
    let world = World::new().await;
    let mut savers = Vec::new();
    for name in ["通城玻璃", "通城陶瓷", "通城食品", "通城纺织"] {
        savers.push(world.enterprise(name).await);
    }
    let market = join_all((0..8).map(async |at: usize| {
        for _ in 0..12 {
            world.deposits(&savers[at % 4], "1.00").await;
        }
    }));
    let audit = async {
        for _ in 0..6 {
            let wanted = world.auditor.post("/audit/reconciliations", json!({})).await.granted();
            finished(&world, &wanted["id"]).await;
        }
    };
    tokio::join!(market, audit);
    let runs = listed(&world).await;
    assert_eq!(runs.len(), 6);
    assert!(runs.iter().all(|run| run["is_clean"] == true), "{runs:#?}");
    let read: Vec<i64> = runs.iter().map(|run| run["journals"].as_i64().unwrap()).collect();
    assert!(read.is_sorted() && read[0] < read[5], "they read a book that grew: {read:?}");
}
