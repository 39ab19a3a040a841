//! The query parameters that each reading operation knows, as the contract tells them. Another one, or one that stands there twice, is
//! refused and never ignored: whoever asks for a part must not take the whole for it.

use crate::http::extract::pairs_of;
use crate::http::{Problem, unread};
use crate::kernel::Failure;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the reading operations know, by the template of their path.
#[derive(Debug, Default)]
pub struct Parameters(HashMap<String, Known>);

#[derive(Debug)]
struct Known {
    names: Vec<String>,
    /// Nobody needs to sign in.
    is_open: bool,
}

/// What nobody knows of a query, until it is known who asks.
#[derive(Debug, Clone)]
pub struct Strange(String);

impl Strange {
    /// The refusal.
    pub fn refusal(&self) -> Failure {
        unread::of_query(&self.0)
    }
}

impl Parameters {
    /// Of every operation of the contract that reads.
    pub fn of(contract: &Value) -> Self {
        let paths = contract["paths"].as_object().into_iter().flatten();
        let reads = paths.filter_map(|(path, item)| Some((path.clone(), Known::of(item.get("get")?))));
        Self(reads.collect())
    }

    fn strange(&self, template: &str, uri: &Uri) -> Option<(Strange, bool)> {
        // The contract's language has no star for what spans several segments.
        let known = self.0.get(&template.replace("{*", "{"))?;
        let mut seen = HashSet::new();
        for (name, _) in pairs_of(uri).unwrap_or_default() {
            let said = if !known.names.contains(&name) {
                let names: Vec<String> = known.names.iter().map(|name| format!("`{name}`")).collect();
                format!("unknown field `{name}`, expected {}", names.join(", "))
            } else if seen.insert(name.clone()) {
                continue;
            } else {
                format!("duplicate field `{name}`")
            };
            return Some((Strange(said), known.is_open));
        }
        None
    }
}

impl Known {
    fn of(operation: &Value) -> Self {
        let of_query = |parameter: &&Value| parameter["in"] == "query";
        let parameters = operation["parameters"].as_array().into_iter().flatten().filter(of_query);
        let names = parameters.filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned())).collect();
        Self { names, is_open: operation["security"].as_array().is_none_or(Vec::is_empty) }
    }
}

/// Refuses a read that asks for something unknown; where somebody must sign in, who asks is judged before.
pub async fn judge(State(parameters): State<Arc<Parameters>>, mut request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method()) && request.uri().query().is_some();
    let template = request.extensions().get::<MatchedPath>().filter(|_| reads);
    let strange = template.and_then(|template| parameters.strange(template.as_str(), request.uri()));
    match strange {
        Some((strange, true)) => return Problem(strange.refusal()).into_response(),
        Some((strange, false)) => {
            request.extensions_mut().insert(strange);
        }
        None => {}
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_contract_does_not_name_is_strange_and_so_is_what_stands_there_twice() {
        let get =
            json!({"security": [], "parameters": [{"in": "query", "name": "state"}, {"in": "path", "name": "id"}]});
        let parameters = Parameters::of(&json!({"paths": {"/a/{id}": {"get": get}}}));
        let field = |template: &str, query: &str| {
            let uri: Uri = format!("/?{query}").parse().unwrap();
            let (strange, _) = parameters.strange(template, &uri)?;
            Some(strange.refusal().violations.remove(0).field)
        };
        assert_eq!(field("/a/{id}", "state=open"), None);
        assert_eq!(field("/a/{*id}", "state=open&limit=5").as_deref(), Some("limit"));
        assert_eq!(field("/a/{id}", "id=5").as_deref(), Some("id"));
        assert_eq!(field("/a/{id}", "state=open&%73tate=x").as_deref(), Some("state"));
        assert_eq!(field("/elsewhere", "x=1"), None, "what is no operation is no matter of the contract");
    }
}
