//! The contract: committed as the program makes it, complete, and served with pages that need no other network.

use crate::support::app::TestApp;
use crate::support::contract::contract;
use crate::support::{Answer, Client};
use reqwest::Method;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What operations do. A name begins with one of these; a new verb is added here with its first operation.
const VERBS: &[&str] = &[
    "accept",
    "qualify",
    "place",
    "contribute",
    "join",
    "announce",
    "answer",
    "agree",
    "apply",
    "approve",
    "cancel",
    "check",
    "confirm",
    "correct",
    "decline",
    "draft",
    "find",
    "follow",
    "lift",
    "match",
    "plan",
    "give",
    "list",
    "look",
    "offer",
    "pay",
    "preview",
    "buy",
    "propose",
    "refuse",
    "raise",
    "record",
    "register",
    "reject",
    "request",
    "revise",
    "submit",
    "release",
    "set",
    "sign",
    "vary",
    "verify",
    "withdraw",
    "undo",
    "adopt",
    "export",
    "cosign",
    "reverse",
    "revoke",
    "seal",
    "reconcile",
    "refresh",
    "claim",
    "decide",
    "review",
    "publish",
    "change",
    "reset",
    "end",
    "enrol",
    "remove",
    "prepare",
    "rotate",
    "suspend",
    "reinstate",
    "restate",
    "revoke",
    "issue",
    "open",
    "report",
    "receive",
    "return",
    "grant",
    "cover",
    "settle",
    "revalue",
    "declare",
    "cure",
    "close",
    "replay",
    "execute",
];
/// The chapters of the contract.
const TAGS: [&str; 15] = [
    "audit",
    "books",
    "compliance",
    "consents",
    "decisions",
    "disclosure",
    "events",
    "identity",
    "log",
    "market",
    "money",
    "operations",
    "parties",
    "pledges",
    "quota",
];

/// Operations whose answer a format of its own describes, and its kind.
const OTHER_KINDS: [(&str, &str); 7] = [
    ("GET /log/checkpoint", "text/plain"),
    ("GET /log/tile/{path}", "application/octet-stream"),
    ("GET /api/v1/auctions/{id}/events", "text/event-stream"),
    ("GET /api/v1/operations/{id}/events", "text/event-stream"),
    ("GET /api/v1/documents/{id}/content", "application/octet-stream"),
    ("GET /api/v1/certificates/{id}/file", "application/pdf"),
    ("GET /api/v1/extracts/{id}/file", "application/pdf"),
];

/// The one operation whose errors are no problems: RFC 6749 prescribes their form, and clients' libraries read it.
const OAUTH: &str = "POST /oauth/token";

/// What an operation answers beside JSON when it takes a `format`.
const DOCUMENTS: [&str; 2] = ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv"];

/// Tables that are not made as spreadsheets: beside these, everything that is public.
const NO_SPREADSHEETS: [&str; 3] = ["find_daily_statement", "find_statistics", "find_price_index"];

/// The forms of the documents that an operation makes.
fn forms(place: &str, spec: &Value) -> &'static [&'static str] {
    let is_plain = place.contains("/public/") || NO_SPREADSHEETS.contains(&spec["operationId"].as_str().unwrap());
    if is_plain { &DOCUMENTS[1..] } else { &DOCUMENTS }
}

/// Whether an operation can be asked for a document.
fn documents(spec: &Value) -> bool {
    spec["parameters"].as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "format"))
}

/// Method, path and description of every operation.
fn operations(contract: &Value) -> Vec<(String, Value)> {
    let paths = contract["paths"].as_object().unwrap().iter();
    let each = |(path, item): (&String, &Value)| -> Vec<(String, Value)> {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, spec)| (format!("{} {path}", method.to_uppercase()), spec.clone())).collect()
    };
    paths.flat_map(each).collect()
}

#[test]
fn the_committed_contract_is_what_the_program_serves() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let served = ganhe::app::openapi_text().unwrap();
    similar_asserts::assert_eq!(committed, served, "the contract has changed; when that is meant: make contract");
}

#[test]
fn every_term_of_the_glossary_of_pledges_stands_at_its_fields() {
    let (contract, root) = (contract(), Path::new(env!("CARGO_MANIFEST_DIR")));
    let page = std::fs::read_to_string(root.join("docs/PLEDGES.md")).unwrap();
    let glossary = page.split("\n## ").find(|chapter| chapter.starts_with("12. Words")).unwrap();
    let mut fields = 0;
    for row in glossary.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for field in cells[2].split('`').skip(1).step_by(2) {
            let (schema, property) = field.split_once('.').unwrap();
            let told = &contract["components"]["schemas"][schema]["properties"][property];
            // What may be null and is of a schema of its own is described where that is named.
            let ways = told["oneOf"].as_array().into_iter().flatten();
            let mut said = std::iter::once(told).chain(ways).filter_map(|way| way["description"].as_str());
            assert!(said.any(|said| said.contains(cells[1])), "{} does not stand at {field}: {told}", cells[1]);
            fields += 1;
        }
    }
    assert!(fields > 50, "only {fields} fields are named");
}

#[test]
fn every_operation_has_a_name_a_chapter_and_words() {
    let contract = contract();
    assert!(contract["openapi"].as_str().unwrap().starts_with("3.1."), "{} is not OpenAPI 3.1", contract["openapi"]);
    let mut names = BTreeMap::new();
    for (place, spec) in operations(contract) {
        let name = spec["operationId"].as_str().unwrap_or_else(|| panic!("{place} has no operationId")).to_owned();
        let (verb, noun) = name.split_once('_').unwrap_or_else(|| panic!("{name} is not verb_noun"));
        assert!(VERBS.contains(&verb), "{name} begins with no known verb");
        assert!(noun.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name} is not snake_case");
        if let Some(other) = names.insert(name.clone(), place.clone()) {
            panic!("{name} is the name of {place} and of {other}");
        }
        let tags = spec["tags"].as_array().unwrap_or_else(|| panic!("{name} has no tag"));
        assert_eq!(tags.len(), 1, "{name} stands in one chapter");
        let tag = tags[0].as_str().unwrap();
        assert!(TAGS.contains(&tag) || tag == "reference", "{name} stands in the unknown chapter {tag}");
        let summary = spec["summary"].as_str().unwrap_or_default();
        assert!(summary.len() > 5, "{name} has no summary");
        let is_open = spec["security"].as_array().is_none_or(Vec::is_empty);
        let told = spec["description"].as_str().unwrap_or_default();
        assert!(is_open || told.contains("permission"), "{name} does not say which permission it needs");
    }
}

#[test]
fn every_answer_is_described_and_every_refusal_is_a_problem() {
    let contract = contract();
    for (place, spec) in operations(contract) {
        let answers = spec["responses"].as_object().unwrap_or_else(|| panic!("{place} answers nothing"));
        let statuses: BTreeSet<&str> = answers.keys().map(String::as_str).collect();
        assert!(statuses.iter().any(|status| status.starts_with('2')), "{place} never succeeds");
        let is_open = spec["security"].as_array().is_none_or(Vec::is_empty);
        let is_sign_in = place.contains("/auth/") && place.starts_with("POST");
        let expected: &[&str] = match (is_open, place.starts_with("POST")) {
            _ if place == OAUTH => &["400", "401", "429", "431", "500", "503"],
            (false, true) if is_sign_in => {
                &["400", "401", "403", "408", "409", "413", "415", "422", "429", "431", "500", "503"]
            }
            (true, false) => &["400", "422", "429", "431", "500", "503"],
            (true, true) => &["400", "401", "408", "413", "415", "422", "429", "431", "500", "503"],
            (false, false) => &["400", "401", "403", "422", "429", "431", "500", "503"],
            (false, true) => {
                &["400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "431", "500", "503"]
            }
        };
        for status in expected {
            assert!(statuses.contains(status), "{place} does not tell of {status}");
        }
        for (status, answer) in answers {
            assert!(
                answer["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{place} {status} says nothing"
            );
            if status == "304" {
                assert!(answer["content"].is_null(), "{place}: nothing new has a body");
                continue;
            }
            let content = answer["content"].as_object().unwrap_or_else(|| panic!("{place} {status} has no body"));
            let kinds: Vec<&str> = content.keys().map(String::as_str).collect();
            let has_own_form = place == OAUTH && ["400", "401"].contains(&status.as_str());
            let is_problem = (status.starts_with('4') || status.starts_with('5')) && !has_own_form;
            let other = OTHER_KINDS.iter().find(|(named, _)| *named == place).map(|(_, kind)| *kind);
            let granted = other.unwrap_or("application/json");
            let expected = if is_problem { "application/problem+json" } else { granted };
            let mut told = vec![expected];
            if !is_problem && documents(&spec) {
                told.extend(forms(&place, &spec));
            }
            assert_eq!(kinds, told, "{place} {status}");
            if is_problem {
                assert_eq!(content[expected]["schema"]["$ref"], "#/components/schemas/Problem", "{place} {status}");
            }
        }
    }
}

/// The validator of a schema that may name those of the contract.
/// The names of the schemas that a schema refers to.
fn referred_to(schema: &Value) -> Vec<&str> {
    let own = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/"));
    let parts = schema.as_object().into_iter().flat_map(|fields| fields.values());
    let parts = parts.chain(schema.as_array().into_iter().flatten());
    own.into_iter().chain(parts.flat_map(referred_to)).collect()
}

/// Of a schema, with those schemas of the contract alone that it refers to.
fn validator(contract: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    let (mut needed, mut unread) = (serde_json::Map::new(), referred_to(schema));
    while let Some(name) = unread.pop() {
        if !needed.contains_key(name) {
            let part = &contract["components"]["schemas"][name];
            unread.extend(referred_to(part));
            needed.insert(name.to_owned(), part.clone());
        }
    }
    whole["components"]["schemas"] = Value::Object(needed);
    jsonschema::options().should_validate_formats(true).build(&whole).unwrap()
}

#[test]
fn every_body_and_every_parameter_has_an_example_that_fits_its_schema() {
    let contract = contract();
    let mut shown = 0;
    let mut faults = Vec::new();
    let mut show = |place: String, part: &Value| {
        let Some(example) = part.get("example") else {
            faults.push(format!("{place} has no example"));
            return;
        };
        shown += 1;
        let validator = validator(contract, &part["schema"]);
        faults.extend(validator.iter_errors(example).map(|fault| format!("{place}: {fault} in {example}")));
    };
    for (place, spec) in operations(contract) {
        for parameter in spec["parameters"].as_array().into_iter().flatten() {
            show(format!("{place} {}", parameter["name"]), parameter);
        }
        for (media, body) in spec["requestBody"]["content"].as_object().into_iter().flatten() {
            show(format!("{place} {media}"), body);
        }
        for (status, answer) in spec["responses"].as_object().unwrap() {
            let text = |(media, _): &(&String, &Value)| media.contains("json") || media.starts_with("text/");
            for (media, body) in answer["content"].as_object().into_iter().flatten().filter(text) {
                show(format!("{place} {status} {media}"), body);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(shown > 1_000, "only {shown} examples were found");
}

/// Bytes are told as bytes, and a field that is sent as null is neither told as absent nor as one that may be missing.
#[test]
fn what_is_answered_is_told_as_it_is_sent() {
    let contract = contract();
    let mut faults = Vec::new();
    let mut files = 0;
    for (place, spec) in operations(contract) {
        let bodies = spec["responses"].as_object().into_iter().flat_map(|answers| answers.values());
        for body in bodies.chain([&spec["requestBody"]]) {
            for (media, body) in body["content"].as_object().into_iter().flatten() {
                if media.contains("json") || media.starts_with("text/") || media.contains("form-urlencoded") {
                    continue;
                }
                files += 1;
                if body["schema"] != serde_json::json!({"type": "string", "format": "binary"}) {
                    faults.push(format!("{place} {media} is told as {}", body["schema"]));
                }
            }
        }
    }
    assert!(files >= 8, "only {files} files were found");
    let schemas = contract["components"]["schemas"].as_object().unwrap();
    let mut whole = 0;
    for (name, schema) in schemas {
        let Some(fields) = schema["properties"].as_object() else { continue };
        let needed: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !fields.keys().all(|field| needed.contains(&field.as_str())) {
            continue;
        }
        whole += 1;
        for (field, told) in fields {
            let words = told["description"].as_str().unwrap_or_default();
            if words.to_lowercase().contains("absent") {
                faults.push(format!("{name}.{field}: {words}"));
            }
        }
    }
    assert!(whole > 200, "only {whole} answers say all they have");
    assert_eq!(schemas["Listing_Area"]["required"].as_array().map(Vec::len), Some(2));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Commands that nobody signs in for and that register something all the same.
const KEYED_THOUGH_OPEN: [&str; 1] = ["POST /api/v1/organisations/applications"];

#[test]
fn every_command_asks_for_its_idempotency_key() {
    for (place, spec) in operations(contract()) {
        let is_secured = spec["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
        let parameters = spec["parameters"].as_array().cloned().unwrap_or_default();
        let key = parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key");
        let is_sign_in = place.contains("/auth/");
        let is_command =
            is_secured && place.starts_with("POST") && !is_sign_in || KEYED_THOUGH_OPEN.contains(&place.as_str());
        assert_eq!(key.is_some(), is_command, "{place}");
        assert!(key.is_none_or(|key| key["required"] == true), "{place}");
    }
}

/// What a page loads: the values of its `src` and `href`.
fn links(page: &str) -> Vec<String> {
    let marks = ["src=\"", "href=\"", "src='", "href='"];
    let each = |mark: &&str| -> Vec<String> {
        let ends = ['"', '\''];
        page.split(mark).skip(1).filter_map(|rest| Some(rest.split(ends).next()?.to_owned())).collect()
    };
    marks.iter().flat_map(each).collect()
}

#[tokio::test]
async fn the_contract_and_its_pages_are_served_without_another_network() {
    let app = TestApp::start().await;
    let client = Client::nobody(app.address);
    let served = client.get("/openapi.json").await.granted();
    assert_eq!(served, serde_json::from_str::<Value>(&ganhe::app::openapi_text().unwrap()).unwrap());
    let page = Answer::of(client.request(Method::GET, "/docs/")).await.with_status(200).clone();
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{:?}", page.headers);
    let links = links(page.body.as_str().unwrap());
    assert!(links.len() >= 3, "the page loads nothing: {}", page.body);
    for link in links {
        let is_foreign = link.contains("://") || link.starts_with("//");
        assert!(!is_foreign, "the page of the contract loads {link} from elsewhere");
        if !link.starts_with("data:") {
            let path = format!("/docs/{}", link.trim_start_matches("./").trim_start_matches("/docs/"));
            Answer::of(client.request(Method::GET, &path)).await.with_status(200);
        }
    }
}
