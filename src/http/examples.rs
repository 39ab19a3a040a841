//! Examples of every request and answer of the contract, put together from the examples of the fields, so that none of them can
//! differ from its schema. A field says its own figure; what has one meaning everywhere stands here once.

use crate::http::problem::ProblemView;
use serde_json::{Map, Value, json};

/// The figures of what is called the same everywhere.
const USUAL: [(&str, &str); 36] = [
    ("Idempotency-Key", "0b1f4a52-6a1e-4c55-9c6e-2f1d1f5d9a10"),
    ("Ledger-Expect", "\"018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01\";version=3"),
    ("area", "421222"),
    ("basis", "effective"),
    ("code", "91421222MA0000001F"),
    ("format", "json"),
    ("hashes", "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0"),
    ("inclusion", "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0"),
    ("kind", "enterprise"),
    ("month", "2022-11"),
    ("number", "SA0000002J"),
    ("pollutant", "COD"),
    (
        "text/csv",
        "account,owner,asset,unit,purpose,row,effective_on,recorded_at,journal,kind,reason,amount,balance\r\n",
    ),
    ("text/plain", "ganhe/420000\n1310\nGkW1Zw0jB8mC1jbAFDkVyVmz7pPqSjTzCVcJ0iCh0nM=\n"),
    ("access_token", "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTg1NjlkOCJ9.c2lnbmF0dXJl"),
    ("asset", "COD-MULTI-PAID-LUSHUI-20210101-20251231"),
    ("canonical", "ganhe-leaf/2\nkind 7 settled\n"),
    ("checkpoint", "ganhe/420000\n1310\nGkW1Zw0jB8mC1jbAFDkVyVmz7pPqSjTzCVcJ0iCh0nM=\n"),
    ("cursor", "AYVp2CyAfDqbXgpPOh0uAZ1kq0m3n2l1b0aGZkc5c2s"),
    ("document_hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("en", "{available} is available, {wanted} is wanted"),
    ("leaf_hash", "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0"),
    ("legal_basis", "湖北省主要污染物排污权交易办法"),
    ("login", "tongcheng.officer"),
    ("name", "湖北力威电工有限公司"),
    ("organisation_name", "咸宁市生态环境局通城县分局"),
    ("owner_name", "湖北力威电工有限公司"),
    ("password", "a-password-of-twenty"),
    ("pledgee_name", "通城县惠发村镇银行"),
    ("previous_hash", "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"),
    ("purpose", "available"),
    ("reason", "符合总量控制要求"),
    ("request_hash", "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"),
    ("site_name", "湖北力威电工有限公司"),
    ("unit", "t"),
    ("zh", "可用 {available}，需要 {wanted}"),
];

/// Puts an example on every body and parameter of the contract that has none yet, and on each problem one of its own status.
pub fn show(whole: &mut Value) {
    let schemas = whole["components"]["schemas"].clone();
    for (path, item) in whole.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|part| part.is_object()) {
            show_operation(path, operation, &schemas);
        }
    }
}

/// The items of a list are things that have a name of their own: generated clients then know one type and not two.
pub fn name_items(whole: &mut Value) {
    let Some(schemas) = whole.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let known = schemas.clone();
    for (name, list) in schemas {
        let named = name.strip_prefix("Listing_").and_then(|item| Some((item, known.get(item)?)));
        if let (Some((item, schema)), Some(items)) = (named, list.pointer_mut("/properties/items/items"))
            && items == schema
        {
            *items = json!({"$ref": format!("#/components/schemas/{item}")});
        }
    }
}

fn show_operation(path: &str, operation: &mut Value, schemas: &Value) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        show_part(&name, parameter, schemas);
    }
    for body in operation
        .pointer_mut("/requestBody/content")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
    {
        show_part("", body, schemas);
    }
    for (status, answer) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        for (media, body) in answer.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
            if media == "application/problem+json" {
                let example = status
                    .parse()
                    .ok()
                    .and_then(|status| serde_json::to_value(ProblemView::example(status, path)).ok());
                body["example"] = example.unwrap_or_default();
            } else {
                let name = if media == "application/json" { "" } else { media };
                show_part(name, body, schemas);
            }
        }
    }
}

fn show_part(name: &str, part: &mut Value, schemas: &Value) {
    if part.get("example").is_none()
        && part.get("examples").is_none()
        && let Some(example) = example_of(name, &part["schema"], schemas)
    {
        part["example"] = example;
    }
}

/// An example of a schema, under the name of its field. Nothing where a text of free form has none.
fn example_of(name: &str, schema: &Value, components: &Value) -> Option<Value> {
    if let Some(example) = schema.get("example").or_else(|| schema.get("examples")?.get(0)) {
        return Some(example.clone());
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return example_of(name, components.get(reference.rsplit('/').next()?)?, components);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().map(|part| example_of(name, part, components)).collect::<Option<Vec<_>>>()?;
        let fields =
            parts.into_iter().filter_map(|part| if let Value::Object(fields) = part { Some(fields) } else { None });
        return Some(Value::Object(fields.flatten().collect()));
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        return choices
            .iter()
            .filter(|choice| choice["type"] != "null")
            .find_map(|choice| example_of(name, choice, components));
    }
    if let Some(word) = schema.get("enum").and_then(|words| words.get(0)) {
        return Some(word.clone());
    }
    let kinds = schema.get("type")?;
    let kind =
        kinds.as_str().or_else(|| kinds.as_array()?.iter().filter_map(Value::as_str).find(|kind| *kind != "null"))?;
    match kind {
        "object" => fields_of(schema, components).map(Value::Object),
        "array" => {
            let item = schema.get("items")?;
            example_of(name, item, components).map(|item| json!([item]))
        }
        "boolean" => Some(json!(true)),
        "integer" => Some(schema.get("minimum").filter(|least| **least != json!(0)).cloned().unwrap_or(json!(1))),
        "string" => text_of(name, schema).or_else(|| (name == "next_cursor").then_some(Value::Null)),
        _ => None,
    }
}

fn fields_of(schema: &Value, components: &Value) -> Option<Map<String, Value>> {
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else { return Some(Map::new()) };
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_needed = |name: &str| required.iter().any(|needed| needed == name);
    let mut example = Map::new();
    for (name, field) in fields {
        match example_of(name, field, components) {
            Some(value) => _ = example.insert(name.clone(), value),
            // What has nothing to say is told as null.
            None if is_needed(name) && may_be_null(field) => _ = example.insert(name.clone(), Value::Null),
            None if is_needed(name) => return None,
            None => {}
        }
    }
    Some(example)
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null" || kind["type"] == "null";
    ["type", "oneOf", "anyOf"]
        .iter()
        .any(|place| schema[place].as_array().is_some_and(|kinds| kinds.iter().any(is_null)))
}

fn text_of(name: &str, schema: &Value) -> Option<Value> {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => Some(json!(id_of(name))),
        Some("date-time") => Some(json!("2022-12-01T09:00:00.000000+08:00")),
        Some("binary") => Some(json!("bytes")),
        Some("date") => Some(json!("2022-12-01")),
        _ => USUAL.iter().find(|(usual, _)| *usual == name).map(|(_, figure)| json!(figure)),
    }
}

/// An id that looks like one of ours, the same for the same name.
fn id_of(name: &str) -> String {
    let tail = name.bytes().fold(7_u16, |tail, byte| tail.wrapping_mul(31).wrapping_add(u16::from(byte)));
    format!("018569d8-2c80-7c3a-9b5e-0a4f3a1d{tail:04x}")
}
