//! What the contract says that an operation may answer; every answer of every story is held against it.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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

/// The contract, with what it refers to among the parameters of its operations.
pub fn contract() -> &'static Value {
    static CONTRACT: OnceLock<Value> = OnceLock::new();
    CONTRACT.get_or_init(|| referred(ganhe::app::openapi().unwrap()))
}

/// A contract with each parameter that is told among its components at every operation that refers to it.
pub fn referred(mut contract: Value) -> Value {
    let shared = contract["components"]["parameters"].clone();
    let paths = contract["paths"].as_object_mut().unwrap().values_mut();
    let operations = paths.filter_map(Value::as_object_mut).flat_map(|item| item.values_mut());
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten();
    for parameter in parameters {
        if let Some(name) = parameter["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/parameters/")) {
            *parameter = shared[name].clone();
        }
    }
    contract
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

/// The operations of each room, which is the word behind `/api/v1`; those without one stand under none. Every answer of every story
/// is looked up here.
type Rooms = HashMap<Option<&'static str>, Vec<&'static Operation>>;

fn operation(method: &Method, path: &str) -> Option<&'static Operation> {
    static ROOMS: OnceLock<Rooms> = OnceLock::new();
    let rooms = ROOMS.get_or_init(|| {
        let mut rooms = Rooms::new();
        for operation in operations() {
            let room = operation.words.get(3).filter(|word| !word.starts_with('{'));
            rooms.entry(room.map(String::as_str)).or_default().push(operation);
        }
        rooms
    });
    let words: Vec<&str> = path.split('/').collect();
    let own = words.get(3).and_then(|word| rooms.get(&Some(*word)));
    let mut all = own.into_iter().chain(rooms.get(&None)).flatten();
    all.find(|operation| operation.method == *method && fits(&operation.words, &words)).copied()
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

/// Panics where an answer says a word that the contract does not list for its field.
#[track_caller]
pub fn lists_what_is_said(method: &Method, path: &str, status: StatusCode, answer: &Value) {
    let Some(Operation { spec, .. }) = operation(method, path) else { return };
    let schema = &spec["responses"][status.as_str()]["content"]["application/json"]["schema"];
    if let Some(fault) = unlisted(schema, answer) {
        panic!("{method} {path} answers {fault}");
    }
}

/// The first field that says a word which its schema does not list.
fn unlisted(schema: &Value, value: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return unlisted(contract().pointer(reference.trim_start_matches('#')).unwrap(), value);
    }
    if let Some(words) = schema["enum"].as_array().filter(|words| !words.contains(value)) {
        return Some(format!("{value}, not one of {words:?}"));
    }
    // What may be missing has one form beside null; of several forms it is not known which one was meant.
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let forms: Vec<&Value> = choices.filter(|form| form["type"] != "null").collect();
    if let [form] = forms.as_slice()
        && !value.is_null()
    {
        return unlisted(form, value);
    }
    let mut fields = schema["properties"].as_object().into_iter().flatten();
    let of_field = |(name, field): (&String, &Value)| {
        value.get(name).and_then(|value| unlisted(field, value)).map(|fault| format!("{name}: {fault}"))
    };
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    let mut items = value.as_array().into_iter().flatten();
    fields
        .find_map(of_field)
        .or_else(|| parts.find_map(|part| unlisted(part, value)))
        .or_else(|| items.find_map(|item| unlisted(&schema["items"], item)))
}

/// Panics where a broken rule blames a field that neither the request has nor the thing that it is about, as its answer shows it.
#[track_caller]
pub fn blames_what_is_there(method: &Method, path: &str, status: StatusCode, answer: &Value) {
    let is_by_rule = [403, 409, 422].contains(&status.as_u16());
    let Some(Operation { spec, words, .. }) = operation(method, path).filter(|_| is_by_rule) else { return };
    if OF_ANOTHER_COMMAND.iter().any(|(id, _)| spec["operationId"] == *id) {
        return;
    }
    // A thing is refused by what it was made of, too.
    let room = |path: &Vec<String>| path.get(3).cloned();
    let own = room(words);
    let is_kin = |one: &&Operation| own.is_some() && room(&one.words) == own;
    let kin: Vec<&Value> = operations().iter().filter(is_kin).map(|one| &one.spec).collect();
    for violation in answer["violations"].as_array().into_iter().flatten() {
        let (code, field) = (violation["code"].as_str().unwrap(), violation["field"].as_str().unwrap());
        // What is wrong with a request as such is told of whatever the request sent, and the books name what a journal has.
        if code.starts_with("API_") || code.starts_with("LED_") {
            continue;
        }
        let is_known = is_there(spec, field) || kin.iter().any(|one| is_there(one, field));
        assert!(is_known, "{code} blames {field}, which {method} {path} does not have");
    }
}

/// Whether an operation has a field: as a parameter, in its body, in a line of a file or a message of a stream, or in what it answers. What
/// stands in a list may be named by its last word alone.
fn is_there(spec: &Value, field: &str) -> bool {
    let is_parameter = |one: &Value| one["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(field));
    let of_headers = ["authorization", "acting-for", "content-type", "if-match", "idempotency-key"];
    let is_of_file = ["lines[", "messages["].iter().any(|start| field.starts_with(start));
    if field.is_empty() || is_of_file || of_headers.contains(&field) {
        return true;
    }
    let last = field.rsplit('.').next().unwrap_or_default().split('[').next().unwrap_or_default();
    let answered = spec["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
    let request = &spec["requestBody"]["content"];
    // Text and bytes have no fields: the body itself has a name.
    let is_bare = request.as_object().is_some_and(|media| media.keys().all(|kind| !kind.ends_with("json")));
    let mut bodies = answered.map(|(_, answer)| &answer["content"]).chain([request]);
    is_bare
        || spec["parameters"].as_array().is_some_and(|all| all.iter().any(is_parameter))
        || bodies.any(|media| {
            let mut kinds = media.as_object().into_iter().flat_map(|media| media.values());
            kinds.any(|one| names(&one["schema"], last, &mut BTreeSet::new()))
        })
}

/// Whether a schema has a property of this name, at whatever depth.
fn names(schema: &Value, name: &str, seen: &mut BTreeSet<String>) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let is_new = seen.insert(reference.to_owned());
        return is_new && names(contract().pointer(reference.trim_start_matches('#')).unwrap(), name, seen);
    }
    let choices = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|choice| schema[choice].as_array()).flatten();
    let parts = choices.chain(schema["items"].is_object().then_some(&schema["items"]));
    let properties = || schema["properties"].as_object().into_iter().flatten();
    properties().any(|(property, _)| property == name)
        || schema["additionalProperties"].is_object()
        || parts.chain(properties().map(|(_, field)| field)).any(|part| names(part, name, seen))
}
