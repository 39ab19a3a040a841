//! Pages: bounded, and with cursors that nobody makes but the server.

use super::{anybody, operations};
use crate::support::app::TestApp;
use crate::support::demo::Demo;
use crate::support::{Client, World};
use serde_json::{Value, json};

#[tokio::test]
async fn every_list_refuses_pages_and_filters_that_it_does_not_know() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let mut walked = 0;
    for list in operations().iter().filter(|operation| operation.parameter("cursor").is_some()) {
        let path = list.filled(None);
        let joint = if path.contains('?') { '&' } else { '?' };
        let limit = list.parameter("limit").unwrap();
        assert_eq!((&limit["schema"]["minimum"], &limit["schema"]["maximum"]), (&1.into(), &200.into()), "{}", list.id);
        // Without a seal, with a seal of zeros, and no cursor at all.
        for cursor in ["AYVp2CyAfDqbXgpPOh0uAQ", "AYVp2CyAfDqbXgpPOh0uAQAAAAAAAAAAAAAAAAAAAAA", "1", ""] {
            client
                .get(&format!("{path}{joint}cursor={cursor}"))
                .await
                .with_status(400)
                .is_refused_with("API_BAD_CURSOR");
        }
        for limit in ["0", "201", "-1", "x"] {
            client.get(&format!("{path}{joint}limit={limit}")).await.with_status(400).is_refused_with("API_BAD_LIMIT");
        }
        for query in ["surprise=1", "limit=1&limit=2", "offset=3"] {
            client.get(&format!("{path}{joint}{query}")).await.with_status(400).is_refused_with("API_BAD_QUERY");
        }
        walked += 1;
    }
    assert!(walked > 25, "only {walked} lists were walked");
}

fn cursor(page: &Value) -> String {
    page["next_cursor"].as_str().unwrap_or_else(|| panic!("there is no next page: {page:#}")).to_owned()
}

#[tokio::test]
async fn a_cursor_opens_only_the_list_the_filters_and_the_reader_it_was_made_for() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.seller("通城玻璃", "60.000 t COD").await;
    let page = world.auditor.get("/sites?limit=1").await.granted();
    let cursor = cursor(&page);
    let next = world.auditor.get(&format!("/sites?limit=2&cursor={cursor}")).await.granted();
    assert_ne!(next["items"][0], page["items"][0]);
    let bad = async |client: &Client, path: String| {
        client.get(&path).await.with_status(400).is_refused_with("API_BAD_CURSOR");
    };
    bad(&world.auditor, format!("/organisations?cursor={cursor}")).await;
    bad(&world.auditor, format!("/sites?number=X&cursor={cursor}")).await;
    for stranger in [&mill.client, &glass.client, &world.officer, &world.operator] {
        bad(stranger, format!("/sites?cursor={cursor}")).await;
    }
    for at in [0, 10, 30, cursor.len() - 2] {
        let mut forged: Vec<u8> = cursor.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        bad(&world.auditor, format!("/sites?cursor={}", String::from_utf8(forged).unwrap())).await;
    }
    bad(&world.auditor, format!("/sites?cursor={cursor}A")).await;
    let page = world.auditor.get("/balances?purpose=available&limit=1").await.granted();
    let own = self::cursor(&page);
    bad(&world.auditor, format!("/balances?purpose=headroom&cursor={own}")).await;
    world.auditor.get(&format!("/balances?cursor={own}&purpose=available&limit=2")).await.granted();
}

/// Ids of a log, page by page; at most so many, because reading a log of reads makes it longer.
async fn ids(client: &Client, path: &str, most: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}{cursor}")).await.granted();
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        ids.truncate(most);
        match page["next_cursor"].as_str() {
            Some(next) if ids.len() < most => cursor = format!("&cursor={next}"),
            _ => return ids,
        }
    }
}

#[tokio::test]
async fn a_log_is_read_from_either_end_and_every_row_comes_once() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let look = world.bank.client.get("/consents").await.granted()["items"][0]["id"].as_str().unwrap().to_owned();
    for at in 0..6 {
        world.city_officer.get(&format!("/balances?organisation={}&limit={}", mill.id, at + 1)).await.granted();
        world.bank.client.post(&format!("/consents/{look}/look"), json!({})).await.granted();
        mill.client.get("/access-log").await.granted();
        assert!(mill.offers("500.000 t COD", "8790.00", &mill).await.status.is_client_error());
    }
    let logs = [
        ("/access-log?limit=3", &mill.client),
        ("/audit/access-log?limit=3", &world.auditor),
        ("/audit/journals?limit=3", &world.auditor),
        ("/audit/refusals?limit=3", &world.auditor),
    ];
    for (log, reader) in logs {
        let newest = ids(reader, &format!("{log}&order=newest"), usize::MAX).await;
        let mut oldest = ids(reader, &format!("{log}&order=oldest"), newest.len()).await;
        assert!(newest.len() > 4, "{log}: {newest:?}");
        oldest.reverse();
        assert_eq!(newest, oldest, "{log}");
        let page = reader.get(&format!("{log}&order=newest")).await.granted();
        let next = self::cursor(&page);
        reader.get(&format!("{log}&cursor={next}")).await.with_status(400).is_refused_with("API_BAD_CURSOR");
        reader.get(&format!("{log}&order=latest")).await.with_status(422).is_refused_with("API_UNKNOWN_WORD");
    }
    let caps = world.auditor.get("/capacities?order=newest").await;
    caps.with_status(400).is_refused_with("API_BAD_QUERY");
}

/// What grows while it is read, or has positions instead of ids; both are read from either end elsewhere.
const LOGS: [&str; 4] = ["/events", "/access-log", "/audit/access-log", "/webhooks/{id}/deliveries"];

/// What the demonstration has more of than a page of two holds.
const LONG: [&str; 11] = [
    "/allocations",
    "/audit/journals",
    "/audit/reconciliations",
    "/decisions",
    "/money/deposits",
    "/operations",
    "/pledges",
    "/public/trades",
    "/publications",
    "/reductions",
    "/trades",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_list_that_takes_an_order_is_read_from_either_end() {
    let demo = Demo::start().await;
    let mut readers = Vec::new();
    for login in ["auditor", "liwei.trader", "tongcheng.officer", "exchange.officer", "settlement.officer"] {
        readers.push(demo.sign_in(login).await);
    }
    for _ in 0..3 {
        readers[0].post("/audit/reconciliations", json!({})).await.granted();
    }
    let pledges = readers[0].get("/pledges?limit=1").await.granted();
    let pledge = pledges["items"][0]["id"].as_str().unwrap();
    let (mut long, mut walked) = (Vec::new(), 0);
    for list in operations().iter().filter(|operation| operation.parameter("order").is_some()) {
        if LOGS.contains(&list.path.as_str()) {
            continue;
        }
        let path = list.path.replace("{id}", pledge);
        readers[0].get(&format!("{path}?order=latest")).await.with_status(422).is_refused_with("API_UNKNOWN_WORD");
        for reader in &readers {
            // Whose list it is not, or whose pledge.
            if [403, 404].contains(&reader.get(&path).await.status.as_u16()) {
                continue;
            }
            let mut whole = ids(reader, &format!("{path}?limit=200&order=oldest"), usize::MAX).await;
            let newest = ids(reader, &format!("{path}?limit=2&order=newest"), 9).await;
            let is_long = whole.len() > 2;
            whole.reverse();
            whole.truncate(9);
            assert_eq!(newest, whole, "{path}");
            if is_long {
                long.push(path.clone());
                break;
            }
        }
        walked += 1;
    }
    assert!(walked > 35, "only {walked} lists were walked");
    for path in LONG {
        assert!(long.iter().any(|one| one == path), "{path} is too short to tell its ends apart: {long:?}");
    }
}
