//! The query parameters that each reading operation knows, as the contract tells them. Another one, or one that stands there twice, is
//! refused and never ignored: whoever asks for a part must not take the whole for it.

use crate::http::extract::pairs_of;
use crate::http::{Problem, unread};
use crate::kernel::Failure;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

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
    pub fn of(contract: &OpenApi) -> Self {
        let reads = contract.paths.paths.iter().filter_map(|(path, item)| Some((path, item.get.as_ref()?)));
        Self(reads.map(|(path, operation)| (path.clone(), Known::of(operation))).collect())
    }

    fn strange(&self, template: &str, uri: &Uri) -> Option<(Strange, bool)> {
        let known = self.0.get(template)?;
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
    fn of(operation: &Operation) -> Self {
        let of_query = |parameter: &RefOr<Parameter>| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
            _ => None,
        };
        let names = operation.parameters.iter().flatten().filter_map(of_query).collect();
        Self { names, is_open: operation.security.as_ref().is_none_or(Vec::is_empty) }
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
        let parameter =
            |name: &str, place: &str, required: bool| json!({"in": place, "name": name, "required": required});
        let parameters = [parameter("state", "query", false), parameter("id", "path", true)];
        let get = json!({"security": [], "parameters": parameters, "responses": {}});
        let paths = json!({"/a/{id}": {"get": get}, "/b/{*id}": {"get": get}});
        let info = json!({"title": "", "version": ""});
        let contract = json!({"openapi": "3.1.0", "info": info, "paths": paths});
        let parameters = Parameters::of(&serde_json::from_value(contract).unwrap());
        let field = |template: &str, query: &str| {
            let uri: Uri = format!("/?{query}").parse().unwrap();
            let (strange, _) = parameters.strange(template, &uri)?;
            Some(strange.refusal().violations.remove(0).field)
        };
        assert_eq!(field("/a/{id}", "state=open"), None);
        assert_eq!(field("/b/{*id}", "state=open&limit=5").as_deref(), Some("limit"));
        assert_eq!(field("/a/{id}", "id=5").as_deref(), Some("id"));
        assert_eq!(field("/a/{id}", "state=open&%73tate=x").as_deref(), Some("state"));
        assert_eq!(field("/elsewhere", "x=1"), None, "what is no operation is no matter of the contract");
    }
}
