//! What the contract says of headers that no operation sets by itself: the trace, what is left of an allowance, when to come back.

use serde_json::{Map, Value, json};

/// On every answer. The contract names them at good ones and at those that send somebody away, to stay readable.
const ALWAYS: [&str; 3] = ["x-trace-id", "RateLimit", "RateLimit-Policy"];
const LATER: &str = "Retry-After";

/// Names the headers at the answers, and describes each once.
pub fn tell(contract: &mut Value) {
    contract["components"]["headers"] = json!({
        "x-trace-id": described(
            "The trace that this request belongs to: that of its traceparent, or a new one",
            &json!({"type": "string", "pattern": "^[0-9a-f]{32}$", "example": "4bf92f3577b34da6a3ce929d0e0e4736"}),
        ),
        "RateLimit": described(
            "What is left of each allowance, after draft-ietf-httpapi-ratelimit-headers; absent where the operator has switched them off",
            &json!({"type": "string", "example": "\"address\";r=9999;t=1, \"user\";r=999;t=1"}),
        ),
        "RateLimit-Policy": described(
            "The allowances: how many requests in how many seconds",
            &json!({"type": "string", "example": "\"address\";q=10000;w=10, \"user\";q=1000;w=10"}),
        ),
        "Retry-After": described(
            "After how many seconds to ask again",
            &json!({"type": "integer", "minimum": 0, "example": 1}),
        ),
    });
    let paths = contract["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for operation in operations {
        for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
            let is_later = ["429", "503"].contains(&status.as_str());
            if is_later || status.starts_with('2') {
                let named = ALWAYS.into_iter().chain(is_later.then_some(LATER));
                for name in named {
                    answer["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
                }
            }
        }
    }
}

fn described(description: &str, schema: &Value) -> Value {
    json!({"description": description, "schema": schema})
}
