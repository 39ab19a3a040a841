//! What happened is told to whom it concerns, in one order, and brought to their webhooks: once and for ever the same, whoever is down.

mod killed;
pub mod receiver;

use crate::support::app::serve;
use crate::support::client::Answer;
use crate::support::world::Enterprise;
use crate::support::{Client, World};
use futures::future::join_all;
use ganhe::access::Role;
use ganhe::events::webhooks::delivering::{UnderWay, begin};
use ganhe::events::{tell, webhooks};
use ganhe::http::Conduct;
use ganhe::http::outbound::{Receivers, Sender};
use ganhe::kernel::ids::fresh;
use ganhe::ledger::log::sequence_once;
use jiff::SignedDuration;
use receiver::{Manner, Receiver};
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// The node that tells and delivers in these stories: a lease keeps others out for a while.
const NODE: Uuid = Uuid::from_u128(7);

/// Takes what has happened into the log and tells it, as a serving node does.
pub async fn told(world: &World) {
    let db = &world.app.shared.db;
    db.clock().advance(SignedDuration::from_millis(10));
    sequence_once(db).await.unwrap();
    tell(db, NODE).await.unwrap();
}

/// Brings what waits; how many messages were tried.
async fn brought(world: &World) -> u64 {
    let sender = Sender::new(Receivers::Anywhere).unwrap();
    webhooks::deliver(&world.app.shared.db, &sender, NODE).await.unwrap()
}

/// The bank's administrator.
fn keeper(world: &World) -> Client {
    world.also(&world.bank.client, Role::OrganisationAdmin)
}

pub(crate) async fn registers(client: &Client, url: &str, kinds: Value) -> Answer {
    client.post("/webhooks", json!({"url": url, "kinds": kinds})).await
}

/// A webhook of the bank for what happens to its pledges, and the secret of its signatures.
async fn registered(world: &World, receiver: &Receiver) -> (Uuid, String) {
    let kinds = json!(["pledge_registered", "pledge_released"]);
    let answer = registers(&keeper(world), &receiver.url, kinds).await.with_status(201).clone().granted();
    (id(&answer["webhook"]), answer["secret"].as_str().unwrap().to_owned())
}

/// A pledge of the bank that is registered.
async fn pledged(world: &World) -> (Enterprise, Uuid) {
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(world, &mill, "100.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    (mill, pledge)
}

/// Everything in the feed of somebody, page by page.
pub(crate) async fn feed(client: &Client, after: Option<i64>) -> Vec<Value> {
    let (mut events, mut cursor) = (Vec::new(), String::new());
    let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
    loop {
        let page = client.get(&format!("/events?limit=3{after}{cursor}")).await.granted();
        events.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return events,
        }
    }
}

fn position(event: &Value) -> i64 {
    event["position"].as_i64().unwrap()
}

async fn deliveries(world: &World, webhook: Uuid, state: &str) -> Vec<Value> {
    let found = keeper(world).get(&format!("/webhooks/{webhook}/deliveries?state={state}")).await.granted();
    found["items"].as_array().unwrap().clone()
}

/// A webhook in every column: with kinds and a former secret; a message that was tried. For the trials of the verification.
pub async fn happened(world: &World, mill: &Enterprise) -> Uuid {
    let receiver = Receiver::start().await;
    let admin = world.member(mill.id, &mill.area, &[Role::OrganisationAdmin]).await.client;
    let url = receiver.url.as_str();
    let webhook = id(&registers(&admin, url, json!(["trade_settled"])).await.granted()["webhook"]);
    admin.post(&format!("/webhooks/{webhook}/rotate"), json!({})).await.granted();
    registers(&admin, url, json!([])).await.granted();
    told(world).await;
    admin.post(&format!("/webhooks/{webhook}/replay"), json!({"after": 0})).await.granted();
    brought(world).await;
    webhook
}

#[tokio::test]
async fn a_bank_gets_a_signed_message_of_its_pledge_and_finds_it_in_its_feed() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, secret) = registered(&world, &receiver).await;
    let (_, pledge) = pledged(&world).await;
    told(&world).await;
    assert_eq!(brought(&world).await, 1);
    let seen = receiver.received();
    let message = &seen[0];
    assert!(message.is_signed_by(&secret).await, "the bank does not believe {message:#?}");
    assert!(!message.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").await);
    let body: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!((&body["type"], &body["data"]["subject"]), (&json!("pledge_registered"), &json!(pledge)));
    assert_eq!(body["data"]["id"], json!(message.id));
    assert!(body["checkpoint"].as_str().unwrap().contains('\u{2014}'), "a signed note: {body:#}");

    let events = feed(&world.bank.client, None).await;
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    let of_the_pledge: Vec<&str> = kinds.iter().filter(|kind| kind.starts_with("pledge_")).copied().collect();
    assert_eq!(of_the_pledge, ["pledge_applied", "pledge_verified", "pledge_agreed", "pledge_registered"]);
    assert_eq!(events.iter().find(|event| event["kind"] == "pledge_registered").unwrap(), &body["data"]);
    let delivered = deliveries(&world, webhook, "delivered").await;
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0]["attempts"][0]["outcome"], "delivered");
    assert_eq!(brought(&world).await, 0, "nothing is brought twice");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_reader_who_keeps_the_last_position_misses_nothing_and_gets_nothing_twice() {
    let world = World::new().await;
    let (mill, pledge) = pledged(&world).await;
    told(&world).await;
    let first = feed(&mill.client, None).await;
    let places: Vec<i64> = first.iter().map(position).collect();
    assert!(places.is_sorted() && places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
    let last = *places.last().unwrap();
    assert_eq!(feed(&mill.client, Some(last)).await, Vec::<Value>::new());
    world.bank.releases(pledge).await.granted();
    assert_eq!(feed(&mill.client, Some(last)).await, Vec::<Value>::new(), "what is not in the log is not told");
    told(&world).await;
    let second = feed(&mill.client, Some(last)).await;
    assert_eq!(second.iter().map(|event| event["kind"].clone()).collect::<Vec<_>>(), [json!("pledge_released")]);
    let whole = feed(&mill.client, None).await;
    assert_eq!(whole, [first, second].concat(), "the order of what was read has not changed");
    mill.client.get("/events?after=-1").await.is_refused_with("API_OUT_OF_RANGE").with_status(422);
    mill.client.get("/events?after=x").await.is_refused_with("API_BAD_QUERY").with_status(400);
}

#[tokio::test]
async fn nobody_is_told_of_what_does_not_concern_them() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = registered(&world, &receiver).await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let (mill, pledge) = pledged(&world).await;
    let offer = id(&mill.offers("10.000 t COD", "8790.00", &glass).await.granted());
    told(&world).await;
    let is_about = |event: &Value, thing: Uuid| event["subject"] == json!(thing);
    for (client, sees_pledge, sees_offer) in [
        (&world.bank.client, true, false),
        (&mill.client, true, true),
        (&glass.client, false, true),
        (&world.other_bank.client, false, false),
        (&world.settlement, false, false),
    ] {
        let events = feed(client, None).await;
        assert_eq!(events.iter().any(|event| is_about(event, pledge)), sees_pledge);
        assert_eq!(events.iter().any(|event| is_about(event, offer)), sees_offer);
    }
    let stranger = world.also(&world.other_bank.client, Role::OrganisationAdmin);
    stranger.get(&format!("/webhooks/{webhook}")).await.with_status(404);
    stranger.get(&format!("/webhooks/{webhook}/deliveries")).await.with_status(404);
    for (act, body) in
        [("rotate", json!({})), ("suspend", json!({})), ("reinstate", json!({})), ("replay", json!({"after": 0}))]
    {
        stranger.post(&format!("/webhooks/{webhook}/{act}"), body).await.with_status(404);
    }
    assert_eq!(stranger.get("/webhooks").await.granted()["items"], json!([]));
    world.bank.client.get("/webhooks").await.is_refused_with("AUT_NOT_ALLOWED");
}

#[tokio::test]
async fn a_receiver_that_was_down_gets_the_same_message_when_it_is_up() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, secret) = registered(&world, &receiver).await;
    receiver.turns(Manner::Answers(503));
    pledged(&world).await;
    told(&world).await;
    assert_eq!(brought(&world).await, 1);
    let waiting = deliveries(&world, webhook, "waiting").await;
    assert_eq!(
        (&waiting[0]["attempts"][0]["outcome"], &waiting[0]["attempts"][0]["status"]),
        (&json!("refused"), &json!(503))
    );
    assert_eq!(brought(&world).await, 0, "it is not asked again at once");
    receiver.turns(Manner::Answers(200));
    world.app.clock.advance(SignedDuration::from_secs(10));
    assert_eq!(brought(&world).await, 1);
    let seen = receiver.received();
    assert_eq!((seen[0].id.as_str(), &seen[0].body), (seen[1].id.as_str(), &seen[1].body));
    assert_ne!(seen[0].timestamp, seen[1].timestamp, "each try is signed at its own time");
    assert!(seen[1].is_signed_by(&secret).await);
    let delivered = deliveries(&world, webhook, "delivered").await;
    assert_eq!(delivered[0]["attempts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_dead_message_is_sent_again_when_its_receiver_asks_for_it() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = registered(&world, &receiver).await;
    receiver.turns(Manner::Answers(410));
    let (_, pledge) = pledged(&world).await;
    told(&world).await;
    brought(&world).await;
    assert_eq!(deliveries(&world, webhook, "dead").await.len(), 1);
    world.app.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(brought(&world).await, 0, "whoever is gone is not asked any more");
    receiver.turns(Manner::Answers(204));
    let replay = format!("/webhooks/{webhook}/replay");
    let keeper = keeper(&world);
    let replayed = keeper.post(&replay, json!({"after": 0, "only_dead": true})).await.granted();
    assert_eq!((&replayed["count"], &replayed["go_on_after"]), (&json!(1), &Value::Null));
    assert_eq!(brought(&world).await, 1);
    assert_eq!(keeper.post(&replay, json!({"after": 0, "only_dead": true})).await.granted()["count"], 0);
    let seen = receiver.received();
    assert_eq!(seen[0].id, seen[1].id);

    // What happened while it was suspended is sent on demand, and what it does not want never.
    keeper.post(&format!("/webhooks/{webhook}/suspend"), json!({})).await.granted();
    let again = keeper.post(&format!("/webhooks/{webhook}/suspend"), json!({})).await;
    again.is_refused_with("EVT_WEBHOOK_STANDS").with_status(409);
    world.bank.releases(pledge).await.granted();
    told(&world).await;
    assert_eq!(brought(&world).await, 0);
    keeper.post(&format!("/webhooks/{webhook}/reinstate"), json!({})).await.granted();
    assert_eq!(brought(&world).await, 0);
    let last = position(&serde_json::from_str::<Value>(&seen[0].body).unwrap()["data"]);
    assert_eq!(keeper.post(&replay, json!({"after": last})).await.granted()["count"], 1);
    brought(&world).await;
    let last: Value = serde_json::from_str(&receiver.received().last().unwrap().body).unwrap();
    assert_eq!(last["type"], "pledge_released");
    keeper.post(&replay, json!({"after": -1})).await.is_refused_with("API_OUT_OF_RANGE");
}

#[tokio::test]
async fn while_a_secret_gives_way_messages_are_signed_by_both() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, first) = registered(&world, &receiver).await;
    let (_, pledge) = pledged(&world).await;
    let keeper = keeper(&world);
    let rotate = format!("/webhooks/{webhook}/rotate");
    let answer = keeper.post_with_key(&rotate, json!({"overlap_hours": 1}), "rotate-1").await.granted();
    let second = answer["secret"].as_str().unwrap().to_owned();
    let repeated = keeper.post_with_key(&rotate, json!({"overlap_hours": 1}), "rotate-1").await.granted();
    assert_eq!((&repeated["secret"], &repeated["webhook"]), (&Value::Null, &answer["webhook"]), "it is shown once");
    told(&world).await;
    brought(&world).await;
    let both = receiver.received().pop().unwrap();
    assert!(both.is_signed_by(&first).await && both.is_signed_by(&second).await);
    // A secret that others may know ends at once.
    let third = keeper.post(&rotate, json!({"overlap_hours": 0})).await.granted();
    let third = third["secret"].as_str().unwrap();
    world.bank.releases(pledge).await.granted();
    told(&world).await;
    brought(&world).await;
    let one = receiver.received().pop().unwrap();
    assert!(!one.is_signed_by(&first).await && !one.is_signed_by(&second).await && one.is_signed_by(third).await);
    keeper.post(&rotate, json!({"overlap_hours": 745})).await.is_refused_with("AUT_BAD_OVERLAP");
}

#[tokio::test]
async fn no_message_goes_where_only_this_server_can_reach() {
    let world = World::new().await;
    let strict = Conduct { receivers: Receivers::Public, ..(*world.app.shared.conduct).clone() };
    let shared = world.app.shared.clone().conducted(strict);
    let address = serve(shared.clone()).await;
    let keeper = keeper(&world).moved_to(address, &shared);
    for (url, code) in [
        ("http://bank.example/hooks", "API_BAD_ADDRESS"),
        ("https://bank:secret@bank.example/hooks", "API_BAD_ADDRESS"),
        ("bank.example", "API_BAD_ADDRESS"),
        ("https://127.0.0.1:8443/hooks", "API_PRIVATE_ADDRESS"),
        ("https://[::ffff:169.254.169.254]/latest", "API_PRIVATE_ADDRESS"),
        ("https://10.0.0.8/hooks", "API_PRIVATE_ADDRESS"),
        ("https://localhost/hooks", "API_PRIVATE_ADDRESS"),
    ] {
        registers(&keeper, url, json!([])).await.is_refused_with(code).with_status(422);
    }
    registers(&keeper, "https://8.8.8.8/hooks", json!([])).await.with_status(201);
    registers(&keeper, "https://8.8.8.8/hooks", json!(["nothing"])).await.is_refused_with("API_UNKNOWN_WORD");

    // Registered where anything goes: what leaves is judged again.
    let lenient = self::keeper(&world);
    let mut private = Vec::new();
    for url in ["https://127.0.0.1:8443/hooks", "https://localhost:8443/hooks"] {
        let answer = registers(&lenient, url, json!(["pledge_registered"])).await.granted();
        private.push(id(&answer["webhook"]));
    }
    pledged(&world).await;
    told(&world).await;
    let sender = Sender::new(Receivers::Public).unwrap();
    webhooks::deliver(&world.app.shared.db, &sender, fresh()).await.unwrap();
    for webhook in private {
        let tried = deliveries(&world, webhook, "waiting").await;
        let attempt = &tried[0]["attempts"][0];
        assert_eq!((&attempt["outcome"], &attempt["status"]), (&json!("private_address"), &Value::Null), "{tried:#?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = registered(&world, &receiver).await;
    receiver.turns(Manner::Redirects);
    pledged(&world).await;
    told(&world).await;
    brought(&world).await;
    let seen = receiver.received();
    assert_eq!(seen.iter().map(|message| message.path.as_str()).collect::<Vec<_>>(), ["/hooks"]);
    let tried = deliveries(&world, webhook, "waiting").await;
    assert_eq!(
        (&tried[0]["attempts"][0]["outcome"], &tried[0]["attempts"][0]["status"]),
        (&json!("refused"), &json!(307))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dies_with_a_message_on_its_way_loses_it_to_another() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = registered(&world, &receiver).await;
    receiver.turns(Manner::Hangs);
    pledged(&world).await;
    told(&world).await;
    let (db, sender) = (&world.app.shared.db, Sender::new(Receivers::Anywhere).unwrap());
    let mut under_way = UnderWay::default();
    assert_eq!(begin(db, &sender, fresh(), &mut under_way).await.unwrap(), 1);
    receiver.gets_something().await;
    // The node dies: nothing is written of the try.
    drop(under_way);
    receiver.turns(Manner::Answers(204));
    assert_eq!(brought(&world).await, 0, "it is still the dead node's");
    world.app.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(brought(&world).await, 1);
    let seen = receiver.received();
    assert_eq!((seen.len(), &seen[0].id), (2, &seen[1].id), "at least once, under the same id");
    assert_eq!(deliveries(&world, webhook, "delivered").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_nodes_at_once_tell_each_event_once_and_bring_each_message_once() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let keeper = keeper(&world);
    let webhook = id(&registers(&keeper, &receiver.url, json!([])).await.granted()["webhook"]);
    pledged(&world).await;
    let db = &world.app.shared.db;
    db.clock().advance(SignedDuration::from_millis(10));
    sequence_once(db).await.unwrap();
    let (one, other) = (fresh(), fresh());
    join_all((0..8).map(|at| tell(db, if at % 2 == 0 { one } else { other }))).await;
    tell(db, one).await.unwrap();
    let sender = Sender::new(Receivers::Anywhere).unwrap();
    join_all((0..4).map(|_| webhooks::deliver(db, &sender, one))).await;
    let events = feed(&world.bank.client, None).await;
    let mut brought: Vec<String> = receiver.received().into_iter().map(|message| message.id).collect();
    let mut wanted: Vec<String> = events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    brought.sort();
    wanted.sort();
    assert_eq!(brought, wanted);
    assert_eq!(deliveries(&world, webhook, "waiting").await.len(), 0);
    world.books_are_right().await;
}

#[tokio::test]
async fn an_organisation_has_so_many_webhooks_and_no_more() {
    let world = World::new().await;
    let keeper = keeper(&world);
    for at in 0..20 {
        registers(&keeper, &format!("http://127.0.0.1:9/{at}"), json!([])).await.with_status(201);
    }
    let more = registers(&keeper, "http://127.0.0.1:9/20", json!([])).await;
    more.is_refused_with("EVT_TOO_MANY_WEBHOOKS").with_status(422);
}

#[tokio::test]
async fn anybody_reads_the_kinds_of_events_with_their_names() {
    let world = World::new().await;
    let found = world.nobody().get("/event-kinds").await.granted();
    let kinds = found["items"].as_array().unwrap();
    assert_eq!(kinds.len(), accounting::JournalKind::ALL.len());
    let registered = json!({"kind": "pledge_registered", "name_zh": "质押登记", "name_en": "Pledge registered"});
    assert!(kinds.contains(&registered), "{found:#}");
    let every: Vec<&Value> = kinds.iter().map(|kind| &kind["kind"]).collect();
    let answer = registers(&keeper(&world), "https://bank.example/hooks", json!(every)).await;
    assert_eq!(answer.granted()["webhook"]["kinds"], json!(every), "a webhook may be registered for each");
}

#[tokio::test]
async fn the_feed_is_read_from_its_end_and_stays_the_same_while_more_happens() {
    let world = World::new().await;
    let (mill, pledge) = pledged(&world).await;
    told(&world).await;
    let mut events = feed(&mill.client, None).await;
    events.reverse();
    let first = mill.client.get("/events?order=newest&limit=2").await.granted();
    assert_eq!(first["items"], json!(events[..2]));
    world.bank.releases(pledge).await.granted();
    told(&world).await;
    let (mut older, mut cursor) = (Vec::new(), first["next_cursor"].as_str().map(str::to_owned));
    while let Some(next) = cursor {
        let page = mill.client.get(&format!("/events?order=newest&limit=2&cursor={next}")).await.granted();
        older.extend(page["items"].as_array().unwrap().clone());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(older, events[2..], "what came meanwhile neither repeats nor hides anything");
    let now = mill.client.get("/events?order=newest&limit=1").await.granted();
    assert_eq!(now["items"][0]["kind"], "pledge_released");
    let after = events[2]["position"].as_i64().unwrap();
    let since = mill.client.get(&format!("/events?order=newest&after={after}")).await.granted();
    assert_eq!(since["items"].as_array().unwrap()[1..], events[..2], "the list ends at the place that one has");
}
