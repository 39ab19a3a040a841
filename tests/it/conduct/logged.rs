//! What clients send, and the log of the real program: one event stays one line, and nothing that somebody types into a field gets there.

use crate::crash::server::Server;
use crate::support::app::TestApp;
use crate::support::{Answer, Client, World};
use reqwest::Method;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// Whatever stands in a line of its own, or moves the cursor of a terminal, was written by a client.
const FORGED: &str = "mill\r\n2026-01-01T00:00:00.000000Z ERROR forged: rights were moved\u{1b}[31m\u{202e}\u{2028}";

/// Asks for a token as a program of the bank, with the wrong secret: the log tells of it.
async fn is_refused(operator: &Client, world: &World, nobody: &Client) {
    let program = json!({"organisation": world.bank.id, "name": "forged 系统", "roles": ["pledgee_officer"], "scopes": ["read_pledges"]});
    let made = operator.post("/api-clients", program).await.granted();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret=forged",
        made["client"]["id"].as_str().unwrap()
    );
    let token = nobody.request(Method::POST, "/oauth/token").header("user-agent", "forged/1");
    Answer::of(token.header("content-type", "application/x-www-form-urlencoded").body(form)).await.with_status(401);
}

#[tokio::test]
async fn what_a_client_sends_stays_one_line_of_the_log() {
    let world = World::on(TestApp::start_beside_the_wall().await).await;
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ganhe-logged-{}.log", ganhe::kernel::ids::fresh()));
    let settings = [("GANHE_SECOND_FACTOR", "off"), ("GANHE_LOG", "trace")];
    let mut server = Server::start_logging(&world.app.url, &settings, &log).await;
    let nobody = Client::nobody(server.address);
    let operator = world.operator.moved_to(server.address, &world.app.shared);

    for login in [FORGED, "forged"] {
        let body = json!({"login": login, "password": format!("forged {login}")});
        let refused = Answer::of(nobody.request(Method::POST, "/auth/login").json(&body)).await;
        assert!(refused.status.is_client_error(), "{:#}", refused.body);
    }
    let encoded = FORGED.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    operator.get(&format!("/offers/{encoded}")).await.with_status(400);
    operator.get(&format!("/areas?code={encoded}")).await;
    nobody.get(&format!("/{encoded}")).await.with_status(404);
    let form = format!("grant_type=client_credentials&client_id={encoded}&client_secret={encoded}");
    let token = nobody.request(Method::POST, "/oauth/token");
    Answer::of(token.header("content-type", "application/x-www-form-urlencoded").body(form)).await.with_status(401);
    let user =
        json!({"organisation": world.bank.id, "login": "forged.user", "name": FORGED, "roles": ["pledgee_officer"]});
    operator.post("/users", user).await.with_status(422);
    is_refused(&operator, &world, &nobody).await;

    // The log may be written a moment after the answer.
    let began = Instant::now();
    let text = loop {
        let text = std::fs::read_to_string(&log).unwrap();
        if text.contains("A client was refused") {
            break text;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "the log does not tell of the refusal: {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    server.kill().await;
    for line in text.lines() {
        let begins = line.get(..4).is_some_and(|year| year.parse::<u32>().is_ok());
        assert!(begins && !line.starts_with("2026-01-01T00:00:00.000000Z"), "no event of the program: {line:?}");
    }
    let hidden = |char: &char| char.is_control() && *char != '\n' || matches!(char, '\u{202e}' | '\u{2028}');
    assert_eq!(text.chars().find(hidden), None, "it moves the cursor, or hides what follows");
    assert!(!text.contains("forged"), "people type passwords into the field for the login: {text}");
}
