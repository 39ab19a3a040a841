//! Long work: asked for, followed, seen by those who may, done to its end whichever node dies.

use crate::support::{Answer, Client, World};
use ganhe::db::Db;
use ganhe::kernel::page::PageRequest;
use ganhe::kernel::{Failure, Progress};
use ganhe::ledger::LedgerRefusal;
use ganhe::operations::queries::list_of_kind;
use ganhe::operations::{Doing, LongWork, Operation, State, run_wanted, want};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

#[tokio::test]
async fn a_long_work_is_followed_to_its_result() {
    let world = World::new().await;
    world.seller("临江纸业", "120.000 t COD").await;
    let key = ganhe::kernel::ids::fresh().to_string();
    let begun = world.auditor.post_with_key("/audit/verify", json!({}), &key).await;
    begun.with_status(202);
    let location = begun.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("/api/v1/operations/{}", begun.text("id")));
    assert_eq!((&begun.body["state"], &begun.body["kind"]), (&json!("wanted"), &json!("verification")));
    let ended = world.auditor.ended(&begun.text("id")).await;
    assert_eq!((&ended["state"], &ended["result"]["is_clean"]), (&json!("finished"), &json!(true)), "{ended:#}");
    assert!(ended["done"].as_u64() > Some(50) && ended["done"] == ended["total"], "{ended:#}");
    let again = world.auditor.post_with_key("/audit/verify", json!({}), &key).await;
    assert_eq!(again.body, begun.body, "one key, one work");
    assert_eq!(again.headers["location"], location);
}

#[tokio::test]
async fn a_long_work_is_seen_by_its_own_organisation_and_by_those_who_see_everything() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let id = world.auditor.post("/audit/verify", json!({})).await.text("id");
    world.auditor.ended(&id).await;
    for seer in [&world.auditor, &world.operator, &world.exchange] {
        seer.get(&format!("/operations/{id}")).await.granted();
        assert_eq!(seer.get("/operations").await.granted()["items"][0]["id"], *id);
    }
    for stranger in [&mill.client, &world.officer, &world.bank.client] {
        for path in [format!("/operations/{id}"), format!("/operations/{id}/events")] {
            stranger.get(&path).await.with_status(404).is_refused_with("API_NOT_FOUND");
        }
        assert_eq!(stranger.get("/operations").await.granted()["items"], json!([]));
    }
}

/// Names and data of the events until the stream ends.
async fn events(client: &Client, id: &str) -> Vec<(String, Value)> {
    let request =
        client.request(Method::GET, &format!("/operations/{id}/events")).header("accept", "text/event-stream");
    let mut response = request.send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let mut text = String::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
    };
    let each = text.split("\n\n").filter(|event| event.contains("data:"));
    each.map(|event| (field(event, "event:"), serde_json::from_str(&field(event, "data:")).unwrap())).collect()
}

/// A work that goes on step by step as it is let, and then ends as it is told to.
struct Stepwise {
    go: Arc<Notify>,
    begun: Arc<Notify>,
}

impl Stepwise {
    fn new() -> Self {
        Self { go: Arc::new(Notify::new()), begun: Arc::new(Notify::new()) }
    }
}

impl LongWork for Stepwise {
    fn kind(&self) -> &'static str {
        "stepwise"
    }

    fn run<'w>(&'w self, _: &'w Db, _: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            progress.expect(2);
            self.begun.notify_one();
            for _ in 0..2 {
                self.go.notified().await;
                progress.advance(1);
            }
            self.go.notified().await;
            Ok(json!({"by": format!("{:p}", self)}))
        })
    }
}

async fn only(db: &Db) -> Operation {
    list_of_kind(db, &Stepwise::new(), &PageRequest::first()).await.unwrap().items.pop().unwrap()
}

#[tokio::test]
async fn whoever_listens_hears_each_step_and_the_end() {
    let world = World::new().await;
    let db = world.app.shared.db.clone();
    let work = Arc::new(Stepwise::new());
    want(&db, &*work, "one").await.unwrap();
    let id = only(&db).await.id.to_string();
    let (node, node_db) = (Arc::clone(&work), db.clone());
    let doing = tokio::spawn(async move { run_wanted(&node_db, &[&*node]).await });
    let listener = world.auditor.clone();
    let heard = tokio::spawn(async move { events(&listener, &id).await });
    work.begun.notified().await;
    for _ in 0..3 {
        // Longer than a node takes to tell and a listener to look.
        tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
        work.go.notify_one();
    }
    assert_eq!(doing.await.unwrap().unwrap(), 1);
    let heard = heard.await.unwrap();
    let told: Vec<(&str, u64)> =
        heard.iter().map(|(name, operation)| (name.as_str(), operation["done"].as_u64().unwrap())).collect();
    assert!(told.contains(&("progress", 1)) && told.contains(&("progress", 2)), "{told:?}");
    let (name, last) = heard.last().unwrap();
    assert_eq!((name.as_str(), &last["state"], &last["total"]), ("ended", &json!("finished"), &json!(2)));
    assert_eq!(heard.iter().filter(|(name, _)| name == "ended").count(), 1);
}

#[tokio::test]
async fn when_a_node_dies_another_one_finishes_its_work() {
    let world = World::new().await;
    let db = world.app.shared.db.clone();
    let (first, second) = (Arc::new(Stepwise::new()), Arc::new(Stepwise::new()));
    want(&db, &*first, "one").await.unwrap();
    want(&db, &*second, "one").await.unwrap();
    let other = Db::open(&world.app.url, world.app.clock.clone()).await.unwrap();
    let (node, node_db) = (Arc::clone(&first), db.clone());
    let dying = tokio::spawn(async move { run_wanted(&node_db, &[&*node]).await });
    first.begun.notified().await;
    assert_eq!(run_wanted(&other, &[&*second]).await.unwrap(), 0, "a living node holds it");
    dying.abort();
    assert!(dying.await.unwrap_err().is_cancelled());
    assert!(matches!(only(&db).await.state, State::Running { .. }));
    world.app.clock.advance(SignedDuration::from_secs(60));
    for _ in 0..3 {
        second.go.notify_one();
        tokio::task::yield_now().await;
    }
    let steps = Arc::clone(&second);
    let letting = tokio::spawn(async move {
        loop {
            steps.go.notify_one();
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    });
    assert_eq!(run_wanted(&other, &[&*second]).await.unwrap(), 1);
    letting.abort();
    assert_eq!(only(&db).await.result().unwrap(), &json!({"by": format!("{:p}", &*second)}));
}

#[tokio::test]
async fn a_node_that_lost_its_hold_cannot_end_the_work_of_another() {
    let world = World::new().await;
    let db = world.app.shared.db.clone();
    let (late, quick) = (Arc::new(Stepwise::new()), Arc::new(Stepwise::new()));
    want(&db, &*late, "one").await.unwrap();
    let step = |work: Arc<Stepwise>| {
        tokio::spawn(async move {
            for _ in 0..200 {
                work.go.notify_one();
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
    };
    let (node, node_db) = (Arc::clone(&late), db.clone());
    let slow = tokio::spawn(async move { run_wanted(&node_db, &[&*node]).await });
    late.begun.notified().await;
    world.app.clock.advance(SignedDuration::from_secs(61));
    let steps = step(Arc::clone(&quick));
    assert_eq!(run_wanted(&db, &[&*quick]).await.unwrap(), 1);
    steps.abort();
    let ended = only(&db).await;
    step(Arc::clone(&late)).await.unwrap();
    slow.await.unwrap().unwrap();
    assert_eq!(only(&db).await, ended, "what stands is what the holder wrote");
    assert_eq!(ended.result().unwrap(), &json!({"by": format!("{:p}", &*quick)}));
}

/// A work that gives no result.
struct Refused(fn() -> Failure);

impl LongWork for Refused {
    fn kind(&self) -> &'static str {
        "refused"
    }

    fn run<'w>(&'w self, _: &'w Db, _: &'w Operation, _: &'w Progress) -> Doing<'w> {
        Box::pin(async move { Err(self.0()) })
    }
}

#[tokio::test]
async fn a_work_that_fails_says_why_and_one_that_breaks_is_tried_again_before_it_is_given_up() {
    let world = World::new().await;
    let db = &world.app.shared.db;
    let refused = Refused(|| LedgerRefusal::Future {}.into());
    want(db, &refused, "by rule").await.unwrap();
    assert_eq!(run_wanted(db, &[&refused]).await.unwrap(), 1);
    let broken = Refused(|| Failure::bug("the disk is gone"));
    want(db, &broken, "on our side").await.unwrap();
    let mut attempts = 1;
    while run_wanted(db, &[&broken]).await.unwrap() == 0 {
        world.app.clock.advance(SignedDuration::from_secs(61));
        attempts += 1;
        assert!(attempts < 10, "it is tried for ever");
    }
    assert_eq!(attempts, 5);
    let listed =
        Answer::of(world.operator.request(Method::GET, "/operations").header("accept-language", "en")).await.granted();
    let told: Vec<(&Value, &Value)> =
        listed["items"].as_array().unwrap().iter().map(|one| (&one["state"], &one["faults"][0]["code"])).collect();
    assert_eq!(told, [(&json!("failed"), &json!("LED_FUTURE_INSTANT")), (&json!("failed"), &json!("API_INTERNAL"))]);
    assert!(!listed.to_string().contains("the disk is gone"), "what lies behind it stays inside");
}
