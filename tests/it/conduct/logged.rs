//! What clients send, in the log of the real program: one event stays one line.

use crate::crash::server::Server;
use crate::support::app::TestApp;
use crate::support::{Answer, Client, World};
use reqwest::Method;
use serde_json::json;
use std::path::Path;

/// Whatever stands in a line of its own, or moves the cursor of a terminal, was written by a client.
const FORGED: &str = "mill\r\n2026-01-01T00:00:00.000000Z ERROR forged: rights were moved\u{1b}[31m\u{202e}\u{2028}";

#[tokio::test]
async fn what_a_client_sends_stays_one_line_of_the_log() {
    let world = World::on(TestApp::start_beside_the_wall().await).await;
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ganhe-logged-{}.log", std::process::id()));
    let settings = [("GANHE_SECOND_FACTOR", "off"), ("GANHE_LOG", "debug")];
    let mut server = Server::start_logging(&world.app.url, &settings, &log).await;
    let nobody = Client::nobody(server.address);
    let operator = world.operator.moved_to(server.address, &world.app.shared);

    let login = json!({"login": FORGED, "password": "correct-horse-battery"});
    let refused = Answer::of(nobody.request(Method::POST, "/auth/login").json(&login)).await;
    assert!(refused.status.is_client_error(), "{:#}", refused.body);
    let plain = json!({"login": "forged", "password": "correct-horse-battery"});
    Answer::of(nobody.request(Method::POST, "/auth/login").json(&plain)).await.with_status(401);
    let encoded: String = FORGED.bytes().map(|byte| format!("%{byte:02X}")).collect();
    operator.get(&format!("/offers/{encoded}")).await.with_status(400);
    operator.get(&format!("/areas?code={encoded}")).await;
    nobody.get(&format!("/{encoded}")).await.with_status(404);
    let form = format!("grant_type=client_credentials&client_id={encoded}&client_secret={encoded}");
    let token = nobody.request(Method::POST, "/oauth/token").header("user-agent", "forged/1");
    Answer::of(token.header("content-type", "application/x-www-form-urlencoded").body(form)).await.with_status(401);
    let user =
        json!({"organisation": world.bank.id, "login": "forged.user", "name": FORGED, "roles": ["pledgee_officer"]});
    operator.post("/users", user).await.with_status(422);
    server.kill().await;

    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("%66%6F%72%67%65%64"), "the log of this level names the path that was asked for: {text}");
    for line in text.lines() {
        assert!(
            line.len() > 20 && line[..4].parse::<u32>().is_ok(),
            "no event of the program begins like this: {line:?}"
        );
        assert!(!line.starts_with("2026-01-01T00:00:00.000000Z"), "{line:?}");
    }
    let hidden = |char: &char| char.is_control() && *char != '\n' || matches!(char, '\u{202e}' | '\u{2028}');
    assert_eq!(text.chars().find(hidden), None, "it moves the cursor, or hides what follows");
}
