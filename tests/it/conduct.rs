//! The conduct of the API: conventions that hold for every operation of the contract, limits, cursors, versions, long work. The walks
//! read the contract, so an operation that is added is walked with the others.

mod attacks;
mod bodies;
mod conventions;
mod cursors;
mod limits;
mod logged;
mod long_work;
mod slow;
mod versions;

use crate::support::Client;
use crate::support::app::TestApp;
use ganhe::access::{Caller, Role};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// An operation of the contract.
pub struct Operation {
    /// Its operationId.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path as the client of the tests names it, with its parameters in braces.
    pub path: String,
    /// What the contract says of it.
    pub spec: Value,
}

/// Every operation of the contract.
pub fn operations() -> Vec<Operation> {
    let contract = crate::support::contract::contract();
    let mut operations = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, spec) in item.as_object().unwrap() {
            operations.push(Operation {
                id: spec["operationId"].as_str().unwrap().to_owned(),
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.trim_start_matches(ganhe::app::BASE).to_owned(),
                spec: spec.clone(),
            });
        }
    }
    assert!(operations.len() > 85, "only {} operations were found", operations.len());
    operations
}

impl Operation {
    /// Whether nobody needs to sign in.
    pub fn is_open(&self) -> bool {
        self.spec["security"].as_array().unwrap().is_empty()
    }

    /// Whether it changes something.
    pub fn is_command(&self) -> bool {
        self.method != Method::GET
    }

    /// A parameter by its name.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.spec["parameters"].as_array()?.iter().find(|parameter| parameter["name"] == name)
    }

    /// The example of its body.
    pub fn body(&self) -> Value {
        self.spec["requestBody"]["content"]["application/json"]["example"].clone()
    }

    /// Its path with the examples of the contract, or with one word in place of every parameter, and the query it cannot do without.
    pub fn filled(&self, word: Option<&str>) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in self.spec["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let example = parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned);
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), word.unwrap_or(&example));
            } else if parameter["in"] == "query" && parameter["required"] == true {
                query.push(format!("{name}={example}"));
            }
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// A request as the contract shows it, without a body.
    pub fn request(&self, client: &Client, path: &str) -> RequestBuilder {
        let request = client.request(self.method.clone(), path);
        if self.parameter("Idempotency-Key").is_some() {
            return request.header("Idempotency-Key", ganhe::kernel::ids::fresh().to_string());
        }
        request
    }
}

/// Somebody with every role there is, so that nothing is refused for lack of a permission.
pub fn anybody(app: &TestApp) -> Client {
    Client::of(app.address, &app.shared, &Caller { roles: Role::ALL.to_vec(), ..app.operator.clone() })
}
