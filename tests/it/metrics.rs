//! What the operator's monitoring reads.

use crate::crash::server::Server;
use crate::support::app::TestApp;
use crate::support::{Client, World};
use ganhe::kernel::ids;
use serde_json::json;
use std::net::{SocketAddr, TcpListener};

/// The value of a series, whose labels may stand in any order.
fn value(text: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let is_it = |line: &&str| {
        let rest = line.strip_prefix(name).unwrap_or_default();
        rest.starts_with(['{', ' '])
            && labels.iter().all(|(label, value)| rest.contains(&format!("{label}=\"{value}\"")))
    };
    text.lines().find(is_it).map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

async fn told(client: &Client) -> String {
    let answer = client.get("/metrics").await;
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.granted().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn requests_refusals_and_connections_are_counted_without_a_login() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let nobody = world.nobody();
    let deposits = [("operation", "POST /api/v1/money/deposits"), ("status", "201")];
    let code = [("code", "ORG_UNKNOWN_ORGANISATION")];
    let count = |text: &str, labels: &[(&str, &str)]| {
        value(text, "ganhe_request_duration_seconds_count", labels).unwrap_or(0.0)
    };
    let before = told(&nobody).await;
    for _ in 0..3 {
        world.deposits(&mill, "1.00").await;
    }
    let stranger = json!({"organisation": ids::fresh(), "amount": "1.00", "bank_reference": "XN-NOBODY"});
    let refusal = world.settlement.post("/money/deposits", stranger).await;
    let after = told(&nobody).await;
    assert_eq!(refusal.codes(), [code[0].1]);
    let refused = [deposits[0], ("status", refusal.status.as_str())];
    assert!(refusal.status.is_client_error());
    // Other tests of this process are counted with it.
    assert!(count(&after, &deposits) >= count(&before, &deposits) + 3.0, "{after}");
    assert!(count(&after, &refused) >= count(&before, &refused) + 1.0, "{after}");
    let refusals = |text: &str| value(text, "ganhe_refusals_total", &code).unwrap_or(0.0);
    assert!(refusals(&after) >= refusals(&before) + 1.0);
    let bucket = [deposits[0], deposits[1], ("le", "60")];
    assert!(value(&after, "ganhe_request_duration_seconds_bucket", &bucket) >= Some(3.0));
    assert!(value(&after, "ganhe_pool_connections", &[("state", "open")]) >= Some(1.0));
    assert!(value(&after, "ganhe_gathered_requests_total", &[]) >= Some(3.0), "{after}");
    assert!(value(&after, "ganhe_gathered_waiting", &[]).is_some(), "{after}");
    assert!(!after.contains(&mill.id.to_string()), "no id is a label");
}

#[tokio::test]
async fn metrics_with_an_address_of_their_own_are_served_there_alone() {
    let app = TestApp::start().await;
    let apart: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = [("GANHE_METRICS_LISTEN", &*apart.to_string()), ("GANHE_RECONCILE_EVERY", "1s")];
    let mut server = Server::start_with(&app.url, &settings).await;
    Client::nobody(server.address).get("/metrics").await.with_status(404);
    // The contract is not of this address.
    let elsewhere = reqwest::get(format!("http://{apart}/readyz")).await.unwrap();
    assert_eq!(elsewhere.status(), 404);
    let monitor = Client::nobody(apart);
    let mut text = told(&monitor).await;
    for _ in 0..200 {
        if value(&text, "ganhe_reconciliation_differences", &[]) == Some(0.0) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        text = told(&monitor).await;
    }
    assert_eq!(value(&text, "ganhe_reconciliation_differences", &[]), Some(0.0), "{text}");
    assert!(value(&text, "ganhe_reconciliation_age_seconds", &[]).is_some(), "{text}");
    server.kill().await;
}
