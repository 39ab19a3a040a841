//! The contract keeps its word: what a client of the last release sends is still understood, and what it reads is still there. A
//! change that breaks this is named in CHANGELOG.md, or it fails here. `openapi/released/README.md` says how.

mod compare;

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

#[test]
fn every_released_version_keeps_its_contract_and_today_breaks_it_only_by_name() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let versions = versions(&changelog);
    let (current, date, lines) = versions.first().expect("the changelog has a version");
    assert_eq!(
        (current.as_str(), date.as_str()),
        (env!("CARGO_PKG_VERSION"), "unreleased"),
        "the first one is being written"
    );
    let released: Vec<&str> = versions.iter().skip(1).map(|(version, _, _)| version.as_str()).collect();
    let mut kept: Vec<String> = std::fs::read_dir(root().join("openapi/released"))
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str().and_then(|name| name.strip_suffix(".json")).map(str::to_owned)
        })
        .collect();
    kept.sort_by_key(|version| released.iter().position(|released| released == version));
    assert_eq!(kept, released, "each released version has its contract in openapi/released, and no other has");
    let Some(last) = released.first() else { return };
    let text = std::fs::read_to_string(root().join(format!("openapi/released/{last}.json"))).unwrap();
    let found = breaks(&serde_json::from_str(&text).unwrap(), &ganhe::app::openapi().unwrap());
    let unnamed = unnamed(&found, lines);
    assert!(
        unnamed.is_empty(),
        "these break clients of {last}; name them in CHANGELOG.md or take them back: {unnamed:#?}"
    );
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
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewTrade"}}}},
                    "responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Trade"}}}}}
                }
            }
        },
        "components": {"schemas": {
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
    put(&mut today, "/components/schemas/Trade/properties/buyer", json!({"type": "string"}));
    put(&mut today, "/components/schemas/Trade/required", json!(["id", "total", "buyer"]));
    put(&mut today, "/components/schemas/NewTrade/properties/reason", json!({"type": "string"}));
    put(&mut today, "/components/schemas/NewTrade/required", json!([]));
    let found = breaks(&released(), &today);
    assert!(found.is_empty(), "{found:#?}");
}
