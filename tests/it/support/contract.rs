//! What the contract says that an operation may answer; every answer of every story is held against it.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The media types of each status.
type Answers = BTreeMap<u16, BTreeSet<String>>;

/// An operation of the contract.
struct Operation {
    method: Method,
    /// The words of its path.
    words: Vec<String>,
    answers: Answers,
    /// All that the contract says of it.
    spec: Value,
}

/// Operations whose refusals are about something else than what the request or its answer shows, and why.
const OF_ANOTHER_COMMAND: [(&str, &str); 2] = [
    ("decide_task", "an approval carries out a command that was kept, and is refused by its rules and its fields"),
    ("announce_auction", "a session is refused for its lots, which are things of their own"),
];

fn contract() -> &'static Value {
    static CONTRACT: OnceLock<Value> = OnceLock::new();
    CONTRACT.get_or_init(|| ganhe::app::openapi().unwrap())
}

fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let mut all = Vec::new();
        for (path, item) in contract()["paths"].as_object().unwrap() {
            let words: Vec<String> = path.split('/').map(str::to_owned).collect();
            for (method, spec) in item.as_object().unwrap() {
                let (method, answers) = (method.to_uppercase().parse().unwrap(), answers(&spec["responses"]));
                all.push(Operation { method, words: words.clone(), answers, spec: spec.clone() });
            }
        }
        // A path with a word of its own stands before one with a place for any.
        all.sort_by_key(|operation| operation.words.iter().filter(|word| word.starts_with('{')).count());
        all
    })
}

fn answers(responses: &Value) -> Answers {
    let media =
        |answer: &Value| answer["content"].as_object().into_iter().flat_map(|kinds| kinds.keys().cloned()).collect();
    responses.as_object().unwrap().iter().map(|(status, answer)| (status.parse().unwrap(), media(answer))).collect()
}

/// Whether the words of a path are those of an operation; the last place of one that tells of tiles takes several.
fn fits(words: &[String], path: &[&str]) -> bool {
    let is_open = words.last().is_some_and(|word| word == "{path}");
    let is_long_enough = if is_open { path.len() >= words.len() } else { path.len() == words.len() };
    is_long_enough && words.iter().zip(path).all(|(word, given)| word.starts_with('{') || word == given)
}

fn operation(method: &Method, path: &str) -> Option<&'static Operation> {
    let words: Vec<&str> = path.split('/').collect();
    operations().iter().find(|operation| operation.method == *method && fits(&operation.words, &words))
}

/// Panics where an operation of the contract answers with a status, or in a form, that the contract does not tell of.
#[track_caller]
pub fn foresees(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap) {
    let Some(Operation { answers, .. }) = operation(method, path) else { return };
    let known: Vec<&u16> = answers.keys().collect();
    let Some(media) = answers.get(&status.as_u16()) else {
        panic!("{method} {path} answers {status}, and the contract tells of {known:?}");
    };
    let given = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default();
    assert!(media.is_empty() || media.contains(kind), "{method} {path} answers {status} as {given}, not as {media:?}");
}

/// Panics where a broken rule blames a field that neither the request has nor the thing that it is about, as its answer shows it.
#[track_caller]
pub fn blames_what_is_there(method: &Method, path: &str, status: StatusCode, answer: &Value) {
    let is_by_rule = [403, 409, 422].contains(&status.as_u16());
    let Some(Operation { spec, .. }) = operation(method, path).filter(|_| is_by_rule) else { return };
    if OF_ANOTHER_COMMAND.iter().any(|(id, _)| spec["operationId"] == *id) {
        return;
    }
    for violation in answer["violations"].as_array().into_iter().flatten() {
        let (code, field) = (&violation["code"], violation["field"].as_str().unwrap());
        assert!(is_there(spec, field), "{code} blames {field}, which {method} {path} does not have");
    }
}

/// Whether an operation has a field: as a parameter, in its body, in a line of a file or a message of a stream, or in what it answers.
fn is_there(spec: &Value, field: &str) -> bool {
    let is_parameter = |one: &Value| one["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(field));
    let of_headers = ["authorization", "acting-for", "content-type", "if-match", "idempotency-key"];
    let is_of_file = ["lines[", "messages["].iter().any(|start| field.starts_with(start));
    if field.is_empty() || is_of_file || of_headers.contains(&field) {
        return true;
    }
    let steps: Vec<&str> = field.split(['.', '[']).map(|step| step.trim_end_matches(']')).collect();
    let answered = spec["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
    let bodies = answered.map(|(_, answer)| &answer["content"]).chain([&spec["requestBody"]["content"]]);
    spec["parameters"].as_array().is_some_and(|all| all.iter().any(is_parameter))
        || bodies
            .flat_map(|media| media.as_object())
            .flat_map(|media| media.values())
            .any(|one| leads(&one["schema"], &steps))
}

/// Whether the steps lead to something in a schema.
fn leads(schema: &Value, steps: &[&str]) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        return leads(contract().pointer(reference.trim_start_matches('#')).unwrap(), steps);
    }
    let Some((step, rest)) = steps.split_first() else { return true };
    let choices = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|choice| schema[choice].as_array()).flatten();
    let is_place = step.bytes().all(|byte| byte.is_ascii_digit());
    choices.into_iter().any(|choice| leads(choice, steps))
        || (is_place && schema["items"].is_object() && leads(&schema["items"], rest))
        || schema["properties"].get(*step).is_some_and(|field| leads(field, rest))
        || schema["additionalProperties"].is_object()
}
