//! Whoever says no says why.

use crate::support::{Client, World};
use ganhe::access::Role;
use serde_json::json;
use uuid::Uuid;

/// Every operation by which somebody turns down what another has asked for, or takes back what is published, with who may.
fn refusals(world: &World) -> Vec<(Client, &'static str)> {
    let head = &world.city_head;
    let officer = &world.officer;
    let both = world.also(officer, Role::BureauHead);
    vec![
        (head.clone(), "/allocations/{id}/reject"),
        (head.clone(), "/allocation-batches/{id}/reject"),
        (head.clone(), "/right-acts/{id}/refuse"),
        (both.clone(), "/trades/{id}/refuse"),
        (officer.clone(), "/allocation-applications/{id}/reject"),
        (officer.clone(), "/reduction-applications/{id}/refuse"),
        (both.clone(), "/pledges/{id}/refuse"),
        (both.clone(), "/organisations/{id}/refuse"),
        (both.clone(), "/organisations/{id}/suspend"),
        (both.clone(), "/compliance-years/{id}/return"),
        (both, "/decisions/{id}/withdraw"),
        (world.exchange.clone(), "/auctions/{id}/cancel"),
        (world.exchange.clone(), "/auction-registrations/{id}/refuse"),
        (world.exchange.clone(), "/publications/{id}/withdraw"),
    ]
}

#[tokio::test]
async fn a_no_without_its_reason_is_none() {
    let world = World::new().await;
    for (client, template) in refusals(&world) {
        let path = template.replace("{id}", &Uuid::nil().to_string());
        let say = |reason: String| {
            let mut body = json!({"reason": reason});
            if template.starts_with("/decisions") {
                body["changed_on"] = json!("2022-12-01");
            }
            let (client, path) = (client.clone(), path.clone());
            async move { client.post(&path, body).await }
        };
        let silent = client.post(&path, json!({})).await;
        let is_told = ["TSK_REASON_MISSING", "API_MALFORMED"].contains(&silent.body["code"].as_str().unwrap());
        assert!(is_told, "{template}: {:#}", silent.body);
        for reason in [String::new(), " \u{3000} ".to_owned(), "因".repeat(501)] {
            let told = say(reason).await;
            assert_eq!(told.codes(), ["API_BAD_TEXT"], "{template}: {:#}", told.body);
            assert_eq!(told.body["violations"][0]["field"], "reason", "{template}");
        }
        let heard = say("因".repeat(500)).await;
        assert_eq!(heard.status.as_u16(), 404, "{template} has no such thing: {:#}", heard.body);
    }
}
