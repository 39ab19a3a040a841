//! What the generated contract says too loosely, made precise in the finished document: bytes are no lists of numbers, a word is one of
//! those there are, what is always answered is never missing, and two headers work for nearly every operation.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Operations on one's own sign-in: nobody stands in for another there.
const SIGN_IN: &str = "/auth/";

/// Makes it precise.
pub fn sharpen(contract: &mut Value) {
    tell_words(contract);
    require_what_is_answered(contract);
    for (path, item) in contract.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|part| part.is_object()) {
            tell_bytes(operation);
            tell_headers(path, operation);
        }
    }
}

/// A body that is no JSON and a row of small numbers by its type is bytes.
fn tell_bytes(operation: &mut Value) {
    let (mut contents, mut parts) = (Vec::new(), vec![operation]);
    while let Some(part) = parts.pop().and_then(Value::as_object_mut) {
        for (name, value) in part {
            match name.as_str() {
                "content" => contents.push(value),
                "requestBody" => parts.push(value),
                "responses" => parts.extend(value.as_object_mut().into_iter().flat_map(Map::values_mut)),
                _ => {}
            }
        }
    }
    for (media, body) in contents.into_iter().filter_map(Value::as_object_mut).flatten() {
        let Some(schema) = body.get_mut("schema") else { continue };
        if !media.contains("json") && schema["type"] == "array" && schema["items"]["type"] == "integer" {
            *schema = json!({"type": "string", "format": "binary"});
        }
    }
}

/// Where a text is one of some words, its field names them in `x-words`: an enumeration, with null where nothing may be said.
fn tell_words(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::Array(mut words)) = fields.remove("x-words") {
                if fields.get("type").and_then(Value::as_array).is_some_and(|types| types.contains(&json!("null"))) {
                    words.push(Value::Null);
                }
                fields.insert("enum".to_owned(), Value::Array(words));
            }
            fields.values_mut().for_each(tell_words);
        }
        Value::Array(items) => items.iter_mut().for_each(tell_words),
        _ => {}
    }
}

/// A header that operations take alike is told once, as most of them take it, and referred to.
pub fn share_headers(contract: &mut Value) {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for parameter in headers_of(contract) {
        *seen.entry((component(parameter), parameter.to_string())).or_default() += 1;
    }
    let mut usual: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for ((name, text), times) in seen {
        let most = usual.entry(name).or_default();
        *most = (times, text).max(std::mem::take(most));
    }
    let mut shared = Map::new();
    for parameter in headers_of(contract) {
        let (name, text) = (component(parameter), parameter.to_string());
        if usual.get(&name).is_some_and(|(_, usual)| *usual == text) {
            let reference = json!({"$ref": format!("#/components/parameters/{name}")});
            shared.insert(name, std::mem::replace(parameter, reference));
        }
    }
    contract["components"]["parameters"] = Value::Object(shared);
}

/// Every header that an operation takes.
fn headers_of(contract: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = contract.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    let operations = paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten();
    parameters.filter(|parameter| parameter["in"] == "header")
}

/// The name of a header among the components: letters alone.
fn component(header: &Value) -> String {
    header["name"].as_str().unwrap_or_default().replace('-', "")
}

/// An answer says every field it has, null where there is nothing to say. A schema that is sent as well keeps what may be left out.
fn require_what_is_answered(contract: &mut Value) {
    let (mut answered, mut sent) = (BTreeSet::new(), BTreeSet::new());
    let schemas = contract["components"]["schemas"].clone();
    let paths = contract["paths"].as_object().into_iter().flat_map(Map::values);
    for operation in paths.filter_map(Value::as_object).flat_map(Map::values) {
        name_all(&operation["responses"], &schemas, &mut answered);
        name_all(&operation["requestBody"], &schemas, &mut sent);
        name_all(&operation["parameters"], &schemas, &mut sent);
    }
    for name in answered.difference(&sent) {
        if let Some(schema) = contract["components"]["schemas"].get_mut(name) {
            require_all(schema);
        }
    }
}

/// Every schema that is named below a part, also by another one.
fn name_all(part: &Value, schemas: &Value, named: &mut BTreeSet<String>) {
    match part {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            if let Some(name) = reference.filter(|name| named.insert((*name).to_owned())) {
                name_all(&schemas[name], schemas, named);
            }
            fields.values().for_each(|value| name_all(value, schemas, named));
        }
        Value::Array(items) => items.iter().for_each(|item| name_all(item, schemas, named)),
        _ => {}
    }
}

fn require_all(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        fields.values_mut().for_each(require_all);
        let names: Vec<String> = fields.keys().cloned().collect();
        if !names.is_empty() {
            schema.insert("required".to_owned(), json!(names));
        }
    }
    schema.get_mut("items").into_iter().for_each(require_all);
    for choice in ["oneOf", "anyOf", "allOf"] {
        schema.get_mut(choice).and_then(Value::as_array_mut).into_iter().flatten().for_each(require_all);
    }
}

/// Every answer, a refusal at least, has a language, and whoever signs in may stand in for somebody.
fn tell_headers(path: &str, operation: &mut Value) {
    let is_open = operation["security"].as_array().is_none_or(Vec::is_empty);
    let mut headers = vec![json!({
        "name": "Accept-Language",
        "in": "header",
        "required": false,
        "description": "The language of texts, of refusals and of the columns of files: Chinese, unless English is wanted more.",
        "schema": {"type": "string"},
        "example": "en, zh;q=0.8",
    })];
    if !is_open && !path.contains(SIGN_IN) {
        headers.push(json!({
            "name": "Acting-For",
            "in": "header",
            "required": false,
            "description": "The delegation under which you act, with the roles that it hands over.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01",
        }));
    }
    match operation.get_mut("parameters").and_then(Value::as_array_mut) {
        Some(parameters) => parameters.extend(headers),
        None => operation["parameters"] = Value::Array(headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Value {
        let bytes = json!({"schema": {"type": "array", "items": {"type": "integer", "format": "int32"}}});
        let view = json!({"schema": {"$ref": "#/components/schemas/View"}});
        let both = json!({"schema": {"$ref": "#/components/schemas/Both"}});
        json!({
            "paths": {
                "/things": {"post": {
                    "security": [{"bearer": []}],
                    "requestBody": {"content": {"application/octet-stream": bytes, "application/json": both}},
                    "responses": {"200": {"content": {"application/pdf": bytes, "application/json": view}}},
                }},
                "/api/v1/auth/login": {"post": {"security": [], "responses": {"200": {"content": {"application/json": bytes}}}}},
            },
            "components": {"schemas": {
                "View": {
                    "properties": {"note": {"type": ["string", "null"]}, "parts": {"type": "array", "items": {"properties": {"a": {}}}},
                        "both": {"$ref": "#/components/schemas/Both"}},
                    "required": ["parts"],
                },
                "Both": {"properties": {"x": {}, "y": {}}, "required": ["x"]},
            }},
        })
    }

    #[test]
    fn bytes_are_bytes_where_they_are_no_json() {
        let mut contract = contract();
        sharpen(&mut contract);
        let binary = json!({"type": "string", "format": "binary"});
        let things = &contract["paths"]["/things"]["post"];
        assert_eq!(things["requestBody"]["content"]["application/octet-stream"]["schema"], binary);
        assert_eq!(things["responses"]["200"]["content"]["application/pdf"]["schema"], binary);
        let login = &contract["paths"]["/api/v1/auth/login"]["post"]["responses"]["200"]["content"];
        assert_eq!(login["application/json"]["schema"]["type"], "array");
    }

    #[test]
    fn what_is_answered_is_required_unless_it_is_sent_too() {
        let mut contract = contract();
        sharpen(&mut contract);
        let schemas = &contract["components"]["schemas"];
        assert_eq!(schemas["View"]["required"].as_array().unwrap().len(), 3);
        assert_eq!(schemas["View"]["properties"]["parts"]["items"]["required"], json!(["a"]));
        assert_eq!(schemas["Both"]["required"], json!(["x"]), "whoever sends it may leave y out");
    }

    #[test]
    fn the_words_of_a_field_are_an_enumeration() {
        let words = json!(["open", "closed"]);
        let state = json!({"type": "string", "x-words": words});
        let outcome = json!({"type": ["string", "null"], "x-words": words});
        let mut parts = json!({"properties": {"state": state, "outcome": outcome}});
        tell_words(&mut parts);
        assert_eq!(parts["properties"]["state"], json!({"type": "string", "enum": ["open", "closed"]}));
        assert_eq!(parts["properties"]["outcome"]["enum"], json!(["open", "closed", null]));
    }

    #[test]
    fn a_header_is_told_once_unless_it_says_something_else() {
        let key = |required: bool| json!({"in": "header", "name": "Idempotency-Key", "required": required});
        let operation =
            |required: bool| json!({"post": {"parameters": [key(required), {"in": "query", "name": "limit"}]}});
        let mut contract =
            json!({"paths": {"/a": operation(true), "/b": operation(true), "/c": operation(false)}, "components": {}});
        share_headers(&mut contract);
        assert_eq!(contract["components"]["parameters"]["IdempotencyKey"], key(true));
        let reference = json!({"$ref": "#/components/parameters/IdempotencyKey"});
        for (path, told) in [("/a", reference.clone()), ("/b", reference), ("/c", key(false))] {
            assert_eq!(contract["paths"][path]["post"]["parameters"][0], told, "{path}");
        }
    }

    #[test]
    fn the_headers_are_told_where_they_work() {
        let mut contract = contract();
        sharpen(&mut contract);
        let names = |path: &str| -> Vec<String> {
            let parameters = contract["paths"][path]["post"]["parameters"].as_array().unwrap().iter();
            parameters.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("/things"), ["Accept-Language", "Acting-For"]);
        assert_eq!(names("/api/v1/auth/login"), ["Accept-Language"]);
    }
}
