//! The contract keeps its word: what a client of the last release sends is still understood, and what it reads is still there. A
//! change that breaks this is named in CHANGELOG.md, or it fails here. `openapi/released/README.md` says how.

mod compare;

use crate::support::contract::{contract, referred};
use compare::{Break, breaks};
use serde_json::{Value, json};
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Versions and their lines in the changelog, newest first; the date of one that is not out yet is `unreleased`.
fn versions(changelog: &str) -> Vec<(String, String, String)> {
    let each = |section: &str| {
        let (heading, lines) = section.split_once('\n')?;
        let (version, date) = heading.split_once(", ")?;
        Some((version.trim().to_owned(), date.trim().to_owned(), lines.to_owned()))
    };
    changelog.split("\n## ").skip(1).filter_map(each).collect()
}

/// Breaks that no line of the changelog names.
fn unnamed<'b>(found: &'b [Break], lines: &str) -> Vec<&'b Break> {
    // A line of the list may go on in the next ones.
    let named: Vec<String> = lines
        .split("\n- ")
        .filter(|line| line.trim_start_matches("- ").starts_with("**Breaking.**"))
        .map(|line| line.replace('\n', " "))
        .collect();
    let is_named = |found: &Break| {
        named
            .iter()
            .any(|line| line.contains(&format!("`{}`", found.operation)) && line.contains(&format!("`{}`", found.what)))
    };
    found.iter().filter(|found| !is_named(found)).collect()
}

/// The contract of the version that is being written, as it stood when clients began to build on it: what is compared until there is a
/// release.
const BASELINE: &str = "baseline";

/// Judges today's contract against the newest of those that are kept, by the words of the changelog.
fn judge(changelog: &str, kept: &[(String, Value)], today: &Value) -> Result<(), String> {
    let versions = versions(changelog);
    let (current, date, lines) = versions.first().ok_or("the changelog has no version")?;
    if (current.as_str(), date.as_str()) != (env!("CARGO_PKG_VERSION"), "unreleased") {
        return Err(format!("the first version of the changelog is being written, not {current}, {date}"));
    }
    let released: Vec<&str> = versions.iter().skip(1).map(|(version, _, _)| version.as_str()).collect();
    let mut names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).filter(|name| *name != BASELINE).collect();
    names.sort_by_key(|name| released.iter().position(|version| version == name));
    if names != released {
        return Err(format!(
            "each released version has its contract in openapi/released, and no other has: {names:?}, {released:?}"
        ));
    }
    let last = released.first().copied().unwrap_or(BASELINE);
    let (_, old) =
        kept.iter().find(|(name, _)| name == last).ok_or_else(|| format!("there is no {last}.json to compare with"))?;
    let found = breaks(old, today);
    match unnamed(&found, lines).as_slice() {
        [] => Ok(()),
        unnamed => {
            Err(format!("these break clients of {last}; name them in CHANGELOG.md or take them back: {unnamed:#?}"))
        }
    }
}

/// Every contract that is kept, by its name.
fn kept() -> Vec<(String, Value)> {
    let files = std::fs::read_dir(root().join("openapi/released")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
        Some((name, referred(serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())))
    };
    files.filter_map(read).collect()
}

#[test]
fn every_released_version_keeps_its_contract_and_today_breaks_it_only_by_name() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    judge(&changelog, &kept(), contract()).unwrap_or_else(|fault| panic!("{fault}"));
}

/// From the file to the verdict: today's contract is kept, tomorrow's breaks it, and the changelog says so or does not.
#[test]
fn a_break_of_a_kept_contract_passes_when_the_changelog_names_it_and_fails_when_it_does_not() {
    let today = contract();
    let kept = [(BASELINE.to_owned(), serde_json::from_str::<Value>(&today.to_string()).unwrap())];
    let changelog = |line: &str| {
        format!("# Changelog\n\n## {}, unreleased\n\n- **Books.** Double entry.\n{line}", env!("CARGO_PKG_VERSION"))
    };
    assert_eq!(judge(&changelog(""), &kept, today), Ok(()));
    let offers = "/paths/~1api~1v1~1offers";
    for (place, value, line) in [
        (
            format!("{offers}/get"),
            Value::Null,
            "- **Breaking.** `GET /api/v1/offers` `operation`: it is read elsewhere.",
        ),
        (
            format!("{offers}/post/parameters/1/required"),
            json!(true),
            "- **Breaking.** `POST /api/v1/offers` `header Ledger-Expect`: is asked for.",
        ),
        (
            "/components/schemas/ProposeOffer/required".to_owned(),
            json!(["right_class", "quantity", "unit_price", "seller_site", "buyer_site", "mode"]),
            "- **Breaking.** `POST /api/v1/offers` `request mode`: is asked for.",
        ),
        (
            format!("{offers}~1{{id}}/get/responses/200/headers/ETag"),
            Value::Null,
            "- **Breaking.** `GET /api/v1/offers/{id}` `answer 200 header ETag`: versions are told in the body.",
        ),
        (
            format!("{offers}~1{{id}}~1withdraw/post/requestBody/required"),
            json!(true),
            "- **Breaking.** `POST /api/v1/offers/{id}/withdraw` `request`: the reason is asked for.",
        ),
    ] {
        let mut tomorrow = today.clone();
        put(&mut tomorrow, &place, value);
        assert!(!breaks(today, &tomorrow).is_empty(), "{place} breaks nothing");
        assert!(judge(&changelog(""), &kept, &tomorrow).is_err(), "{place} passes unnamed");
        assert_eq!(judge(&changelog(line), &kept, &tomorrow), Ok(()), "{place}");
    }
    let released = format!("{}\n## 0.0.1, 2026-01-01\n\n- The first.\n", changelog(""));
    assert!(judge(&released, &kept, today).is_err(), "a released version without its contract");
    assert!(judge(&changelog(""), &[], today).is_err(), "nothing to compare with");
}

/// A small contract with one list and one command.
fn released() -> Value {
    json!({
        "paths": {
            "/trades": {
                "get": {
                    "security": [], "x-permission": "read_market",
                    "parameters": [
                        {"name": "state", "in": "query", "required": false, "schema": {"type": "string", "enum": ["open", "closed"]}},
                        {"name": "limit", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1, "maximum": 200}}
                    ],
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trades"}}}},
                        "404": {}
                    }
                },
                "post": {
                    "security": [], "x-permission": "propose_offer", "parameters": [],
                    "requestBody": {"required": false, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewTrade"}}}},
                    "responses": {"201": {
                        "headers": {"ETag": {"schema": {"type": "string"}}, "Retry-After": {"$ref": "#/components/headers/Retry-After"}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trade"}}}
                    }}
                }
            }
        },
        "components": {"headers": {"Retry-After": {"schema": {"type": "integer"}}}, "schemas": {
            "Trades": {"type": "object", "required": ["items"], "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Trade"}}
            }},
            "Trade": {"type": "object", "required": ["id", "total"], "properties": {
                "id": {"type": "string", "format": "uuid"}, "total": {"type": "string"}, "after": {"$ref": "#/components/schemas/Trade"}
            }},
            "NewTrade": {"type": "object", "required": ["kind"], "properties": {
                "kind": {"type": "string", "enum": ["sale", "lease"]}, "note": {"type": ["string", "null"], "maxLength": 200}
            }}
        }}
    })
}

/// Changes of that contract, each with what is said of it.
fn changes() -> Vec<(&'static str, Value, &'static str)> {
    let get = "/paths/~1trades/get";
    let schemas = "/components/schemas";
    let at = |base: &str, rest: &str| -> &'static str { Box::leak(format!("{base}{rest}").into_boxed_str()) };
    vec![
        ("/paths/~1trades/post", Value::Null, "the operation is gone"),
        ("/paths/~1trades/post/requestBody/required", json!(true), "the body is required now"),
        ("/paths/~1trades/post/responses/201/headers/ETag", Value::Null, "the header is gone"),
        ("/components/headers/Retry-After/schema/type", json!("string"), "\"string\" was not answered before"),
        (at(get, "/parameters/0/required"), json!(true), "is required now"),
        (at(get, "/parameters/0/schema/enum"), json!(["open"]), "\"closed\" is no longer taken"),
        (at(get, "/parameters/1/schema/type"), json!("string"), "takes \"integer\" no longer"),
        (at(get, "/parameters/1/schema/maximum"), json!(100), "maximum is stricter: 100"),
        (at(get, "/parameters/1/schema/minimum"), json!(2), "minimum is stricter: 2"),
        (at(get, "/parameters/1/name"), json!("size"), "is gone"),
        (at(get, "/responses/200"), Value::Null, "the status is gone"),
        (at(get, "/responses/404"), Value::Null, "the status is gone"),
        (at(get, "/responses/200/content"), json!({"text/csv": {}}), "the media type application/json is gone"),
        (at(get, "/x-permission"), json!("audit"), "needs another permission"),
        (at(get, "/security"), json!([{"bearer": []}]), "needs signing in now"),
        (at(schemas, "/NewTrade/properties/note"), Value::Null, "is gone"),
        (at(schemas, "/NewTrade/properties/note/maxLength"), json!(100), "maxLength is stricter: 100"),
        (at(schemas, "/NewTrade/properties/note/type"), json!("string"), "takes \"null\" no longer"),
        (at(schemas, "/NewTrade/properties/note/pattern"), json!("^a"), "the pattern is another"),
        (at(schemas, "/NewTrade/properties/kind/enum"), json!(["sale"]), "\"lease\" is no longer taken"),
        (at(schemas, "/NewTrade/required"), json!(["kind", "note"]), "is required now"),
        (at(schemas, "/Trade/properties/total"), Value::Null, "is gone"),
        (at(schemas, "/Trade/properties/total/type"), json!("integer"), "\"integer\" was not answered before"),
        (at(schemas, "/Trade/properties/id/format"), Value::Null, "the format is another"),
        (at(schemas, "/Trade/required"), json!(["id"]), "may be missing now"),
        (
            at(schemas, "/Trades/properties/items/items"),
            json!({"type": "string"}),
            "\"string\" was not answered before",
        ),
    ]
}

/// Puts a value at a place, or takes away what is there.
fn put(contract: &mut Value, place: &str, value: Value) {
    let (parent, last) = place.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/");
    match contract.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => _ = fields.remove(&last),
        Value::Object(fields) => _ = fields.insert(last, value),
        other => panic!("{other} at {parent} has no fields"),
    }
}

#[test]
fn every_kind_of_breaking_change_is_found_and_named() {
    for (place, value, fault) in changes() {
        let mut today = released();
        put(&mut today, place, value);
        let found = breaks(&released(), &today);
        assert!(found.iter().any(|found| found.fault.contains(fault)), "{place}: {found:#?}");
        for found in &found {
            let line = format!("\n- **Breaking.** `{}` `{}`: on purpose.\n- Another.", found.operation, found.what);
            assert!(unnamed(std::slice::from_ref(found), &line).is_empty());
            assert_eq!(unnamed(std::slice::from_ref(found), "\n- **Breaking.** `GET /elsewhere` `x`").len(), 1);
            assert_eq!(unnamed(std::slice::from_ref(found), &line.replace("**Breaking.**", "")).len(), 1);
        }
    }
}

#[test]
fn what_only_adds_breaks_nothing() {
    let mut today = released();
    assert!(breaks(&released(), &today).is_empty());
    let get = "/paths/~1trades/get";
    let sales = json!({"get": today.pointer(get).unwrap()});
    put(&mut today, "/paths/~1sales", sales);
    put(&mut today, &format!("{get}/parameters/1/schema/maximum"), json!(500));
    put(&mut today, &format!("{get}/parameters/0/schema/enum"), json!(["open", "closed", "void"]));
    put(&mut today, &format!("{get}/responses/429"), json!({}));
    let permission = today.pointer(&format!("{get}/x-permission")).cloned().unwrap();
    put(&mut today, &format!("{get}/x-permission"), json!([permission, "audit"]));
    put(&mut today, "/components/schemas/Trade/properties/buyer", json!({"type": "string"}));
    put(&mut today, "/components/schemas/Trade/required", json!(["id", "total", "buyer"]));
    put(&mut today, "/components/schemas/NewTrade/properties/reason", json!({"type": "string"}));
    put(&mut today, "/components/schemas/NewTrade/required", json!([]));
    let found = breaks(&released(), &today);
    assert!(found.is_empty(), "{found:#?}");
}
