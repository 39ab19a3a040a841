//! Bodies that no command takes, whichever it is.

use super::{Operation, anybody, operations};
use crate::support::app::TestApp;
use crate::support::{Answer, Client};
use serde_json::{Value, json};

/// Commands that take no body, a document, or the form of a standard.
const NOT_JSON: [&str; 6] =
    ["sign_out", "end_session", "register_calendar", "register_document", "receive_monitor_stream", "issue_token"];

fn commands() -> Vec<Operation> {
    let (commands, uploads): (Vec<Operation>, Vec<Operation>) = operations()
        .into_iter()
        .filter(Operation::is_command)
        .partition(|command| command.spec["requestBody"]["content"]["application/json"].is_object());
    assert!(commands.len() > 60, "only {} commands were found", commands.len());
    let uploads: Vec<&str> = uploads.iter().map(|upload| upload.id.as_str()).collect();
    assert_eq!(uploads, NOT_JSON, "whatever is not JSON is tried by tests of its own");
    commands
}

async fn sent(client: &Client, command: &Operation, kind: &str, body: String) -> Answer {
    Answer::of(command.request(client, &command.filled(None)).header("content-type", kind).body(body)).await
}

#[tokio::test]
async fn what_cannot_be_read_in_one_way_only_is_refused_by_every_command() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    for command in commands() {
        let body = command.body().to_string();
        let doubled = if body == "{}" {
            r#"{"note":1,"note":1}"#.to_owned()
        } else {
            format!("{},{}", body.strip_suffix('}').unwrap(), &body[1..])
        };
        let nested = format!(r#"{{"note":{}0{}}}"#, r#"{"a":"#.repeat(100), "}".repeat(100));
        let large = format!("{body}{}", " ".repeat(2 * 1024 * 1024));
        let json = "application/json";
        for (kind, body, status, code) in [
            ("text/plain", body.clone(), 415, "API_WRONG_MEDIA"),
            ("application/x-www-form-urlencoded", body.clone(), 415, "API_WRONG_MEDIA"),
            ("multipart/form-data; boundary=x", body.clone(), 415, "API_WRONG_MEDIA"),
            ("application/json; charset=utf-16", body.clone(), 415, "API_WRONG_MEDIA"),
            ("application/problem+json", body.clone(), 415, "API_WRONG_MEDIA"),
            ("application/merge-patch+json", body.clone(), 415, "API_WRONG_MEDIA"),
            (json, large, 413, "API_TOO_LARGE"),
            (json, doubled, 400, "API_DUPLICATE_KEY"),
            (json, nested, 400, "API_TOO_DEEP"),
            (json, "{\"\u{202e}\":".to_owned(), 400, "API_MALFORMED"),
            (json, "\u{feff}{}".to_owned(), 400, "API_MALFORMED"),
        ] {
            let answer = sent(&client, &command, kind, body).await;
            let told = (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default());
            assert_eq!(told, (status, code), "{} with {kind}: {:#}", command.id, answer.body);
        }
    }
}

/// A header that counts once and stands there twice is not taken by its first.
#[tokio::test]
async fn a_doubled_header_is_refused() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let body = json!({"code": "91421222MA0000001F", "name": "临江纸业", "kind": "enterprise", "area": "421222"});
    let keyed = || client.request(reqwest::Method::POST, "/organisations").json(&body).header("Idempotency-Key", "a1");
    for (name, one, other) in [
        ("idempotency-key", None, "a2"),
        ("authorization", None, "Bearer x"),
        ("if-match", Some("\"1\""), "\"2\""),
        ("ledger-expect", Some("\"018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01\";version=3"), "x"),
        ("content-type", None, "text/plain"),
    ] {
        let request = one.into_iter().fold(keyed(), |request, one| request.header(name, one));
        let answer = Answer::of(request.header(name, other)).await;
        answer.with_status(400).is_refused_with("API_HEADER_TWICE");
        assert_eq!(answer.body["violations"][0]["field"], name);
    }
    let request = client.request(reqwest::Method::GET, "/me").header("authorization", "Bearer x");
    Answer::of(request).await.with_status(400).is_refused_with("API_HEADER_TWICE");
    for kind in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
        let request = client.request(reqwest::Method::POST, "/trades/preview").header("Idempotency-Key", "a1");
        Answer::of(request.header("content-type", kind).body("{}"))
            .await
            .with_status(422)
            .is_refused_with("TRD_NOTHING_TO_PREVIEW");
    }
}

/// The first field of a body that is a text of free form.
fn free_text(command: &Operation, schemas: &Value) -> Option<String> {
    let reference = command.spec["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()?;
    let fields = schemas[reference.rsplit('/').next()?]["properties"].as_object()?;
    let is_free = |field: &&Value| {
        let kind = field["type"].as_str().or_else(|| field["type"][0].as_str());
        kind == Some("string") && field["format"].is_null() && field["enum"].is_null()
    };
    fields.iter().find(|(_, field)| is_free(field)).map(|(name, _)| name.clone())
}

#[tokio::test]
async fn characters_that_hide_what_a_text_says_are_refused_by_every_command_at_their_field() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let schemas = crate::support::contract::contract()["components"]["schemas"].clone();
    let mut walked = 0;
    for command in commands() {
        let Some(field) = free_text(&command, &schemas) else { continue };
        walked += 1;
        for (text, code) in [
            ("临\u{0}江", "API_CONTROL_CHARACTER"),
            ("临\u{1b}[31m江", "API_CONTROL_CHARACTER"),
            ("\u{202e}gpj.exe", "API_DIRECTION_CHARACTER"),
            ("a\u{2067}b", "API_DIRECTION_CHARACTER"),
        ] {
            let mut body = command.body();
            body[&field] = json!(text);
            let answer = sent(&client, &command, "application/json", body.to_string()).await;
            answer.with_status(422).is_refused_with(code);
            assert_eq!(answer.body["violations"][0]["field"], *field, "{}", command.id);
        }
    }
    assert!(walked > 20, "only {walked} commands have texts");
}

#[tokio::test]
async fn all_texts_with_bad_characters_are_named_at_once() {
    let app = TestApp::start().await;
    let body = json!({"code": "9142\u{0}", "name": "\u{202e}江", "kind": "enterprise", "area": "4\u{7f}2"});
    let answer = anybody(&app).post("/organisations", body).await;
    answer.with_status(422);
    let fields: Vec<&str> =
        answer.body["violations"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["area", "code", "name"]);
}
