//! The real program is killed without warning while it tells and delivers, over and over.

use super::receiver::Receiver;
use super::{feed, id, registers};
use crate::crash::server::{self, Server};
use crate::support::World;
use crate::support::app::TestApp;
use crate::support::world::TONGCHENG;
use ganhe::access::Role;
use rand::RngExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Lives of the server.
const LIVES: u64 = 6;
/// Looks at what still waits, half a second apart: whoever died with a message on its way keeps others from it for a minute.
const LOOKS: u64 = 240;

async fn start(url: &str) -> Server {
    Server::start_with(url, &[("GANHE_SECOND_FACTOR", "off"), ("GANHE_WEBHOOK_RECEIVERS", "anywhere")]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_tells_and_delivers_the_server_loses_nothing_and_invents_nothing() {
    let world = World::on(TestApp::start_beside_the_wall().await).await;
    let glass = world.enterprise("通城玻璃").await;
    let receiver = Receiver::start().await;
    let keeper = world.member(glass.id, TONGCHENG, &[Role::OrganisationAdmin]).await.client;
    let webhook = id(&registers(&keeper, &receiver.url, json!([])).await.granted()["webhook"]);
    let (url, shared) = (world.app.url.clone(), &world.app.shared);
    // Nobody else may have the file open when the program finds it after a crash.
    shared.db.clone().close().await.unwrap();
    let (mut random, mut granted) = (rand::rng(), 0);
    for life in 0..LIVES {
        let mut server = start(&url).await;
        let settlement = world.settlement.moved_to(server.address, shared);
        for at in 0..20 {
            let body =
                json!({"organisation": glass.id, "amount": "1.00", "bank_reference": format!("LIFE-{life}-{at}")});
            settlement.post("/money/deposits", body).await.granted();
            granted += 1;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        }
        server.kill().await;
    }
    let mut server = start(&url).await;
    let (glass, keeper) = (glass.client.moved_to(server.address, shared), keeper.moved_to(server.address, shared));
    let mut events = Vec::new();
    for _ in 0..LOOKS {
        tokio::time::sleep(Duration::from_millis(500)).await;
        events = feed(&glass, None).await;
        let waiting = keeper.get(&format!("/webhooks/{webhook}/deliveries?state=waiting")).await.granted();
        if events.iter().filter(|event| event["kind"] == "money_deposited").count() == granted
            && waiting["items"] == json!([])
        {
            break;
        }
    }
    let deposits = events.iter().filter(|event| event["kind"] == "money_deposited").count();
    assert_eq!(deposits, granted, "every deposit that was granted is told, once");
    // What came twice came under the same id and said the same.
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for message in receiver.received() {
        let before = seen.insert(message.id.clone(), message.body.clone());
        assert!(before.is_none_or(|before| before == message.body), "{} says something else", message.id);
    }
    let told: BTreeMap<String, &Value> =
        events.iter().map(|event| (event["id"].as_str().unwrap().to_owned(), event)).collect();
    assert_eq!(seen.keys().collect::<Vec<_>>(), told.keys().collect::<Vec<_>>());
    for (message, body) in &seen {
        assert_eq!(&serde_json::from_str::<Value>(body).unwrap()["data"], told[message]);
    }
    server.kill().await;
    server::verify(&url).await;
}
