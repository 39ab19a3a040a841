//! A receiver of messages, as a bank would run one: it answers what it is told to, and keeps what it got.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A message that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// Under which path.
    pub path: String,
    /// Its id.
    pub id: String,
    /// When it was sent, in seconds.
    pub timestamp: String,
    /// Its signatures.
    pub signature: String,
    /// What it says.
    pub body: String,
}

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// With this status.
    Answers(u16),
    /// With a redirect to another path of its own.
    Redirects,
    /// Not at all.
    Hangs,
}

#[derive(Clone)]
struct Kept {
    manner: Arc<Mutex<Manner>>,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A receiver that listens.
pub struct Receiver {
    /// Where.
    pub url: String,
    kept: Kept,
}

async fn receive(State(kept): State<Kept>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let received = Received {
        path: uri.path().to_owned(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    kept.received.lock().unwrap().push(received);
    let manner = *kept.manner.lock().unwrap();
    match manner {
        Manner::Answers(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Redirects => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response(),
        Manner::Hangs => std::future::pending().await,
    }
}

impl Receiver {
    /// Listens on a free port until the test ends.
    pub async fn start() -> Self {
        let kept = Kept { manner: Arc::new(Mutex::new(Manner::Answers(204))), received: Arc::default() };
        let router = Router::new().fallback(receive).with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, kept }
    }

    /// From now on it answers so.
    pub fn turns(&self, manner: Manner) {
        *self.kept.manner.lock().unwrap() = manner;
    }

    /// What it got so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.kept.received.lock().unwrap().clone()
    }

    /// Waits until it has got something.
    pub async fn gets_something(&self) {
        for _ in 0..500 {
            if !self.received().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing came");
    }
}

/// The verification of Standard Webhooks in another language, written from its text alone.
const VERIFY: &str = "
import base64, hashlib, hmac, json, sys
message = json.load(sys.stdin)
key = base64.b64decode(message['secret'].removeprefix('whsec_'))
signed = f\"{message['id']}.{message['timestamp']}.{message['body']}\".encode()
expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
given = [part.split(',', 1) for part in message['signature'].split(' ')]
sys.exit(0 if any(version == 'v1' and hmac.compare_digest(value, expected) for version, value in given) else 1)
";

impl Received {
    /// Whether a receiver who has this secret believes the message.
    pub async fn is_signed_by(&self, secret: &str) -> bool {
        let message = serde_json::json!({
            "secret": secret, "id": self.id, "timestamp": self.timestamp, "signature": self.signature, "body": self.body,
        });
        let mut python =
            Command::new("python3").args(["-c", VERIFY]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        python.stdin.take().unwrap().write_all(message.to_string().as_bytes()).await.unwrap();
        let output = python.wait_with_output().await.unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        output.status.success()
    }
}
