//! A client that remembers who asks, and an answer that says what it is.

use super::contract;
use ganhe::access::Caller;
use ganhe::http::Shared;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    token: Option<String>,
    /// The delegation under which they act.
    acting_for: Option<String>,
}

impl Client {
    /// Nobody signed in.
    pub fn nobody(address: SocketAddr) -> Self {
        // On a machine that has much to do, a connection that nobody has used for long may be closed just when it is taken again.
        let http = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(5)).build().unwrap();
        Self { http, address, token: None, acting_for: None }
    }

    /// A caller with a token of the server's own.
    pub fn of(address: SocketAddr, shared: &Shared, caller: &Caller) -> Self {
        let (token, _) = shared.tokens.sign(caller, shared.db.clock().wall_now()).unwrap();
        Self { token: Some(token), ..Self::nobody(address) }
    }

    /// Whether there is a token at all.
    pub fn is_signed_in(&self) -> bool {
        self.token.is_some()
    }

    /// The same client with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same client under a delegation.
    pub fn acting_for(&self, delegation: impl Into<String>) -> Self {
        Self { acting_for: Some(delegation.into()), ..self.clone() }
    }

    /// The same client, signed in anew, at another server of the same book.
    pub fn moved_to(&self, address: SocketAddr, shared: &Shared) -> Self {
        let signed_in = shared.tokens.check(self.token.as_deref().unwrap(), shared.db.clock().wall_now()).unwrap();
        let (token, _) = shared.tokens.issue(&signed_in, shared.db.clock().wall_now()).unwrap();
        Self { token: Some(token), ..Self::nobody(address) }
    }

    /// Who is signed in.
    pub fn signed_in(&self, shared: &Shared) -> Caller {
        shared.tokens.check(self.token.as_deref().unwrap(), shared.db.clock().wall_now()).unwrap().caller
    }

    /// Uploads a file under a key of its own.
    pub async fn upload(&self, name: &str, kind: &str, content: &[u8]) -> Answer {
        let request = self.request(Method::POST, "/documents").header("Content-Type", kind);
        let request = request.header("Content-Disposition", format!("attachment; filename*=UTF-8''{name}"));
        let key = ganhe::kernel::ids::fresh().to_string();
        Answer::of(request.header("Idempotency-Key", key).body(content.to_vec())).await
    }

    /// A request to shape further; paths begin below `/api/v1` unless they begin with another slash-word.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let is_root =
            ["/healthz", "/readyz", "/docs", "/openapi.json", "/metrics", "/log/", "/oauth/", "/.well-known/"]
                .iter()
                .any(|root| path.starts_with(root));
        let base = if is_root { "" } else { "/api/v1" };
        let request = self.http.request(method, format!("http://{}{base}{path}", self.address));
        let request = match &self.acting_for {
            Some(delegation) => request.header("Acting-For", delegation),
            None => request,
        };
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Commands, under a key of its own.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_with_key(path, body, &ganhe::kernel::ids::fresh().to_string()).await
    }

    /// What the verification of the whole book finds, when it has ended.
    pub async fn verified(&self) -> Value {
        let begun = self.post("/audit/verify", Value::Object(serde_json::Map::new())).await;
        begun.with_status(202);
        self.ended(&begun.text("id")).await["result"].clone()
    }

    /// A long work, when it has ended.
    pub async fn ended(&self, id: &str) -> Value {
        for _ in 0..1_200 {
            let operation = self.get(&format!("/operations/{id}")).await.granted();
            if ["finished", "failed"].contains(&operation["state"].as_str().unwrap()) {
                return operation;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the operation {id} does not end");
    }

    /// Commands under a key.
    pub async fn post_with_key(&self, path: &str, body: Value, key: &str) -> Answer {
        let answer = Answer::of(self.request(Method::POST, path).header("Idempotency-Key", key).json(&body)).await;
        answer.tells_its_version(path);
        answer
    }
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body as JSON; null when there is none.
    pub body: Value,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// Sends a request. Whatever is answered must be one of the answers that the contract has for it.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        contract::foresees(&method, &path, status, &headers);
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        contract::lists_what_is_said(&method, &path, status, &body);
        contract::blames_what_is_there(&method, &path, status, &body);
        Self { status, body, headers }
    }

    /// A thing that counts its versions comes with its ETag, also when a command answers it, as the contract says of each.
    #[track_caller]
    fn tells_its_version(&self, path: &str) {
        if [200, 201].contains(&self.status.as_u16())
            && let Some(version) = self.body["version"].as_i64()
        {
            let etag = self.headers.get("etag").and_then(|etag| etag.to_str().ok());
            assert_eq!(etag, Some(format!("\"{version}\"").as_str()), "{path} answers without its ETag");
        }
    }

    /// The body of a 200 or 201.
    #[track_caller]
    pub fn granted(self) -> Value {
        assert!(self.status.is_success(), "{}: {:#}", self.status, self.body);
        self.body
    }

    /// Codes of the violations.
    pub fn codes(&self) -> Vec<&str> {
        let violations = self.body["violations"].as_array();
        violations.map(|all| all.iter().filter_map(|one| one["code"].as_str()).collect()).unwrap_or_default()
    }

    /// A problem that names this rule among those broken.
    #[track_caller]
    pub fn is_refused_with(&self, code: &str) -> &Self {
        assert!(self.status.is_client_error(), "{} is no refusal: {:#}", self.status, self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json", "{:#}", self.body);
        let named = self.codes().contains(&code) || self.body["code"] == code;
        assert!(named, "{code} is not among {:?}: {:#}", self.codes(), self.body);
        self
    }

    /// A problem with this status.
    #[track_caller]
    pub fn with_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self
    }

    /// A text field of the body.
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {:#}", self.body)).to_owned()
    }
}
