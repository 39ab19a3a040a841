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
    let schemas = ganhe::app::openapi().unwrap()["components"]["schemas"].clone();
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
