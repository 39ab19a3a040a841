//! Lists that are read from either end: every one of the contract is, with what a year has left in it.

use super::reads;
use crate::books::history::History;
use crate::support::Client;
use serde_json::Value;
use std::collections::BTreeSet;

/// Lists of the contract that take an order and can be asked for without anything else.
fn ordered() -> BTreeSet<String> {
    let contract = crate::support::contract::contract();
    let paths = contract["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.contains('{'));
    let lists = paths.filter(|(_, item)| {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let (mut takes_order, mut needs_more) = (false, false);
        for parameter in parameters {
            takes_order |= parameter["name"] == "order";
            needs_more |= parameter["required"] == true;
        }
        takes_order && !needs_more
    });
    lists.map(|(path, _)| path.clone()).collect()
}

/// The items of a list from one end, page after page.
async fn items(client: &Client, path: &str, order: &str, limit: usize) -> Option<Vec<Value>> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = client.get(&format!("{path}?order={order}&limit={limit}{cursor}")).await;
        // Another role reads it.
        if answer.status.as_u16() == 403 {
            return None;
        }
        let found = answer.granted();
        items.extend(found["items"].as_array().unwrap().iter().cloned());
        match found["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Some(items),
        }
    }
}

#[tokio::test]
async fn a_list_that_takes_an_order_is_the_same_from_either_end_page_by_page() {
    let history = History::happen().await;
    reads::completed(&history).await;
    let world = &history.world;
    let (mut read, mut long) = (0, 0);
    for path in ordered() {
        let path = path.trim_start_matches("/api/v1");
        for client in [&world.auditor, &world.operator, &world.settlement, &history.mill.client] {
            // Every read is noted where it concerns somebody, so that the logs of reads grow while they are read.
            if path.ends_with("access-log") {
                continue;
            }
            let Some(oldest) = items(client, path, "oldest", 200).await else { continue };
            let mut newest = items(client, path, "newest", 3).await.unwrap();
            newest.reverse();
            assert_eq!(oldest, newest, "{path}");
            read += 1;
            long += usize::from(oldest.len() > 1);
        }
    }
    assert!(read > 60 && long > 25, "{read} lists were read, {long} of them with something to put in order");
}
