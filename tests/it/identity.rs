//! People and machines: how they sign in, what ends a sign-in, and who tries to get in without one.

mod clients;
mod cookies;
mod keys;
mod passwords;
mod second_factor;
mod sessions;
mod sign_in;
mod step_up;
mod throttled;

use crate::support::app;
use crate::support::{Answer, Client, World};
use ganhe::access::SignInRules;
use ganhe::app::shared;
use ganhe::db::Db;
use ganhe::http::{Conduct, Proxies, Shared};
use ganhe::identity::founding::find_installation;
use ganhe::identity::keys::load;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::net::SocketAddr;
use uuid::Uuid;

/// A password that nobody guesses.
pub const PASSWORD: &str = "correct-horse-battery";

/// Longer than a node remembers how somebody stands.
pub async fn what_is_remembered_fades() {
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
}

/// A person with a login, who has not signed in.
#[derive(Clone)]
pub struct Person {
    pub id: Uuid,
    pub login: String,
    pub address: SocketAddr,
}

/// Somebody who is signed in: what was answered, and the client that goes on with it.
pub struct SignedIn {
    pub body: Value,
    pub client: Client,
}

impl Person {
    /// Registers them by the operator.
    pub async fn join(world: &World, organisation: Uuid, login: &str, role: &str) -> Self {
        let body = json!({
            "organisation": organisation, "login": login, "name": login, "roles": [role], "password": PASSWORD,
        });
        let user = world.operator.post("/users", body).await.granted();
        Self { id: id(&user), login: login.to_owned(), address: world.app.address }
    }

    /// A trader of a mill.
    pub async fn trader(world: &World, login: &str) -> Self {
        let mill = world.enterprise(&format!("{login} 纸业")).await;
        Self::join(world, mill.id, login, "enterprise_trader").await
    }

    /// The same person before another node.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    pub async fn tries(&self, password: &str) -> Answer {
        sign_in(self.address, &self.login, password, None).await
    }

    pub async fn signs_in(&self) -> SignedIn {
        SignedIn::of(self.address, self.tries(PASSWORD).await.granted())
    }
}

impl SignedIn {
    pub fn of(address: SocketAddr, body: Value) -> Self {
        let client = Client::nobody(address).with_token(body["access_token"].as_str().unwrap());
        Self { body, client }
    }

    pub fn refresh_token(&self) -> String {
        self.body["refresh_token"].as_str().unwrap().to_owned()
    }
}

/// Tries to sign in, seemingly from another address where one is named.
pub async fn sign_in(node: SocketAddr, login: &str, password: &str, from: Option<&str>) -> Answer {
    let request = Client::nobody(node).request(Method::POST, "/auth/login");
    let request = request.json(&json!({"login": login, "password": password}));
    Answer::of(from.into_iter().fold(request, |request, from| request.header("X-Forwarded-For", from))).await
}

/// Goes on with a session.
pub async fn refresh(node: SocketAddr, token: &str) -> Answer {
    Client::nobody(node).post("/auth/refresh", json!({"refresh_token": token})).await
}

/// What another node of the same book shares among its requests: its own connections, its own memory, the same clock.
pub async fn other_node(world: &World, rules: SignInRules) -> Shared {
    let db = Db::open(&world.app.url, world.app.clock.clone()).await.unwrap();
    let installation = find_installation(&db).await.unwrap().unwrap();
    let tokens = load(&db, &installation.request_secret).await.unwrap();
    shared(db, tokens, rules)
}

/// Serves another node, behind a proxy on this machine that is believed.
pub async fn node_behind_a_proxy(world: &World) -> SocketAddr {
    behind_a_proxy(other_node(world, app::without_second_factor()).await).await
}

/// The same by rules of its own.
pub async fn behind_a_proxy(shared: Shared) -> SocketAddr {
    let proxies = Proxies::parse("127.0.0.0/8").unwrap();
    app::serve(shared.conducted(Conduct { proxies, ..Conduct::default() })).await
}

/// Does something past the program.
pub async fn past_the_program(world: &World, sql: &str) {
    let db = world.app.shared.db.writer();
    let done = db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql} changed nothing");
}

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}
