//! A book behind a server in a process of its own, as its clients see it.

use crate::Outcome;
use crate::stage::Stage;
use ganhe::access::{Caller, Role, SecondFactor, SignInRules};
use ganhe::app::{opening, router};
use ganhe::http::{Conduct, Shared};
use ganhe::kernel::ids::{OrganisationId, UserId};
use serde_json::Value;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The first argument that makes this program serve the book at the database and the address that follow.
pub const SERVE: &str = "serve-book";
/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(120);

/// How people sign in to a measured server: nobody is asked for a second factor.
fn rules() -> SignInRules {
    SignInRules { second_factor: SecondFactor::Off, ..SignInRules::default() }
}

/// Serves a founded book to clients who ask as fast as they can.
pub async fn serve(url: &str, address: &str) -> Outcome<()> {
    let conduct = Conduct { per_user: None, per_address: None, ..Conduct::default() };
    let shared = opening::founded(url, rules()).await?.conducted(conduct);
    let listener = opening::listen(address.parse()?).await?;
    let (db, conduct) = (shared.db.clone(), Arc::clone(&shared.conduct));
    Ok(opening::serve(listener, db, router(shared), &conduct).await?)
}

/// A server in a process of its own, which ends with this.
pub struct Served {
    child: Child,
    /// Its address.
    pub base: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(|_| ())) {
            eprintln!("the server could not be ended: {error}");
        }
    }
}

/// Starts this program as a server and waits until it is ready.
pub async fn started(how: &str, url: &str) -> Outcome<Served> {
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let address = SocketAddr::from(([127, 0, 0, 1], free.port())).to_string();
    let child = Command::new(std::env::current_exe()?)
        .args([how, url, &address])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let served = Served { child, base: format!("http://{address}") };
    let (client, began) = (reqwest::Client::new(), Instant::now());
    while began.elapsed() < PATIENCE {
        if client.get(format!("{}/readyz", served.base)).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(served);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the server did not come up".into())
}

/// Somebody of an organisation in an area, whose token is signed by the book's own key.
pub fn somebody(organisation: OrganisationId, area_path: &str, role: Role) -> Caller {
    let area_path = area_path.to_owned();
    Caller { user: UserId::fresh(), organisation, roles: vec![role], area_path, ..Caller::nobody() }
}

/// The keys of a book, to sign tokens with.
pub async fn keys(stage: &Stage) -> Outcome<Shared> {
    Ok(opening::founded(&stage.url, rules()).await?)
}

/// Somebody who asks a server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    /// A caller with a token of the server's own.
    pub fn of(served: &Served, keys: &Shared, caller: &Caller) -> Outcome<Self> {
        let (token, _) = keys.tokens.sign(caller, keys.db.clock().wall_now())?;
        Ok(Self { http: reqwest::Client::new(), base: served.base.clone(), token })
    }

    /// Sends a command under a key of its own, and reads what it answers.
    pub async fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let request = self.http.post(format!("{}/api/v1{path}", self.base)).bearer_auth(&self.token);
        let answer = request.header("Idempotency-Key", Uuid::now_v7().to_string()).json(body).send().await?;
        let (status, body) = (answer.status(), answer.json::<Value>().await?);
        if status.is_success() { Ok(body) } else { Err(format!("{path}: {status} {body}").into()) }
    }
}
