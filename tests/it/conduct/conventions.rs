//! What is true of every answer.

use super::{anybody, operations};
use crate::support::app::TestApp;
use crate::support::{Answer, Client};
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What every answer says, whatever it answers.
const HEADERS: [(&str, &str); 8] = [
    ("x-trace-id", TRACE),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("vary", "accept-language"),
    ("content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
];

#[tokio::test]
async fn every_answer_of_every_operation_carries_the_headers_of_the_house() {
    let app = TestApp::start().await;
    for client in [anybody(&app), Client::nobody(app.address)] {
        for operation in operations() {
            let request = operation
                .request(&client, &operation.filled(None))
                .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
                .header("accept-language", "zh;q=0.3, en;q=0.4");
            let request = if operation.is_command() { request.json(&operation.body()) } else { request };
            if operation.id == "follow_operation" && client.is_signed_in() {
                continue; // Its answer is walked with the long work.
            }
            let answer = Answer::of(request).await;
            let name = &operation.id;
            assert!(answer.status.as_u16() < 500, "{name}: {} {:#}", answer.status, answer.body);
            for (header, value) in HEADERS {
                assert_eq!(answer.headers[header], value, "{name}: {header}");
            }
            for header in ["permissions-policy", "cache-control", "ratelimit", "ratelimit-policy"] {
                assert!(answer.headers.contains_key(header), "{name} has no {header}");
            }
            assert!(answer.headers.get("access-control-allow-origin").is_none(), "{name}");
            assert!(answer.headers.get("strict-transport-security").is_none(), "{name} is reached by http");
            let status = answer.status.as_u16().to_string();
            assert!(
                operation.spec["responses"][&status].is_object(),
                "{name} answers {status}, which the contract does not tell"
            );
            if answer.status.is_client_error() && operation.id != "issue_token" {
                assert_eq!(answer.headers["content-type"], "application/problem+json", "{name}");
                assert_eq!(answer.headers["content-language"], "en", "{name}");
                assert_eq!(answer.body["trace_id"], TRACE, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn who_asks_is_judged_before_what_is_asked() {
    let app = TestApp::start().await;
    let nobody = Client::nobody(app.address);
    for operation in operations().iter().filter(|operation| !operation.is_open()) {
        let path = operation.filled(Some("17"));
        let joint = if path.contains('?') { '&' } else { '?' };
        let request = nobody.request(operation.method.clone(), &format!("{path}{joint}surprise=1&limit=x&cursor=x"));
        let request = request.header("content-type", "text/plain").header("if-match", "x").body("{{");
        let answer = Answer::of(request).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["code"]),
            (401, &"AUT_TOKEN_MISSING".into()),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn an_id_that_is_none_is_named_by_every_operation() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let mut walked = 0;
    for operation in operations().iter().filter(|operation| operation.path.contains("{id}")) {
        for id in ["17", "%00", "%e2%80%ae", "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e0g"] {
            let request = operation.request(&client, &operation.filled(Some(id)));
            let request = if operation.is_command() { request.json(&operation.body()) } else { request };
            Answer::of(request).await.with_status(400).is_refused_with("API_BAD_ID");
        }
        walked += 1;
    }
    assert!(walked > 25, "{walked}");
}

/// NUL, bytes that are no text, a line feed, half of a character, a mark that turns the direction: no path is served with one, and none
/// breaks anything.
#[tokio::test]
async fn a_path_with_what_is_no_text_is_refused_by_every_operation() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let mut walked = BTreeSet::new();
    for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
        for word in ["%00", "%FF", "%0A", "%ED%A0%80", "a%00b", "2022-11%0D", "%E2%80%AE"] {
            let request = operation.request(&client, &operation.filled(Some(word)));
            let request = if operation.is_command() { request.json(&operation.body()) } else { request };
            let answer = Answer::of(request).await;
            answer.with_status(400).is_refused_with("API_BAD_ID");
        }
        walked.extend(operation.path.split('/').filter(|word| word.starts_with('{')).map(str::to_owned));
    }
    let known: Vec<&str> = walked.iter().map(String::as_str).collect();
    assert_eq!(known, ["{id}", "{month}", "{number}", "{path}"]);
}

/// Whoever asks for a part must not take the whole for it: no read ignores what it does not know.
#[tokio::test]
async fn a_parameter_that_the_contract_does_not_tell_is_refused_by_every_read() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let mut walked = 0;
    for operation in operations().iter().filter(|operation| operation.method == Method::GET) {
        let path = operation.filled(None);
        let joint = if path.contains('?') { '&' } else { '?' };
        let reader = if operation.is_open() { Client::nobody(app.address) } else { client.clone() };
        let mut strange = vec!["surprise"];
        strange.extend(["limit", "cursor"].into_iter().filter(|name| operation.parameter(name).is_none()));
        for name in strange {
            let answer = Answer::of(reader.request(Method::GET, &format!("{path}{joint}{name}=1"))).await;
            let told = (answer.status.as_u16(), &answer.body["code"], &answer.body["violations"][0]["field"]);
            assert_eq!(told, (400, &"API_BAD_QUERY".into(), &name.into()), "{}", operation.id);
        }
        walked += 1;
    }
    assert!(walked > 100, "only {walked} reads were found");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_405_with_those_it_knows() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations() {
        methods.entry(operation.filled(None)).or_default().insert(operation.method.to_string());
    }
    for (path, known) in methods {
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE] {
            if known.contains(method.as_str()) {
                continue;
            }
            let answer = Answer::of(client.request(method, &path)).await;
            answer.with_status(405).is_refused_with("API_METHOD_NOT_ALLOWED");
            let allowed = answer.headers["allow"].to_str().unwrap();
            assert!(known.iter().all(|method| allowed.contains(method)), "{path}: {allowed}");
        }
    }
    for path in ["/nowhere", "/offers/", "/healthz/x", "/docs/nothing.js"] {
        let answer = client.get(path).await;
        answer.with_status(404).is_refused_with("API_NO_SUCH_PATH");
    }
}

#[tokio::test]
async fn every_code_that_the_program_or_a_test_names_is_in_the_catalogue_in_both_languages() {
    let app = TestApp::start().await;
    let catalogue = anybody(&app).get("/checks").await.granted();
    let mut codes = BTreeSet::new();
    for check in catalogue["items"].as_array().unwrap() {
        let text = |field: &str| check[field].as_str().unwrap().to_owned();
        assert!(!text("en").is_empty() && text("zh").chars().any(|char| char > '\u{2e80}'), "{check:#}");
        assert!(codes.insert(text("code")), "{} stands there twice", text("code"));
    }
    // `TRD_BASIN_MISMATCH` is of the family `TRD_`.
    let families: BTreeSet<&str> = codes.iter().map(|code| &code[..=code.find('_').unwrap()]).collect();
    assert!(families.len() >= 12, "{families:?}");
    let mut named = BTreeSet::new();
    for folder in ["src", "tests"] {
        collect_codes(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &families, &mut named);
    }
    for family in &families {
        assert!(named.iter().any(|code| code.starts_with(family)), "no source names a code of {family}");
    }
    assert!(named.len() > 120, "only {} codes were found in the sources", named.len());
    let unknown: Vec<_> = named.difference(&codes).collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
}

/// Gathers what looks like a code in the quoted words of the sources.
fn collect_codes(folder: &std::path::Path, families: &BTreeSet<&str>, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_codes(&path, families, codes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let quoted = text.split('"').skip(1).step_by(1);
            let is_code = |word: &&str| {
                families.iter().any(|family| word.len() > family.len() && word.starts_with(family))
                    && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            };
            codes.extend(quoted.filter(is_code).map(str::to_owned));
        }
    }
}

#[tokio::test]
async fn the_pages_of_the_contract_may_run_their_own_program_and_nothing_else() {
    let app = TestApp::start().await;
    let answer = Client::nobody(app.address).get("/docs/").await;
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("script-src 'self' 'unsafe"), "{policy}");
    let page = answer.granted();
    let inline =
        page.as_str().unwrap().split("<script").skip(1).filter(|script| !script.trim_start().starts_with("src="));
    let inline: Vec<&str> = inline.filter(|script| !script.split('>').next().unwrap().contains("src=")).collect();
    assert!(inline.is_empty(), "a script inside the page would not run: {inline:?}");
}
