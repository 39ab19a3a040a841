//! The demonstration year, loaded into a database of its own and served on its own business time.

use super::client::Client;
use super::{app, made};
use ganhe::app::opening;
use ganhe::demo;
use ganhe::http::Shared;
use ganhe::identity::founding::find_installation;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// A running demonstration.
pub struct Demo {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its requests share.
    pub shared: Shared,
    /// Its database.
    pub url: String,
    /// How long the load took.
    pub took: Duration,
}

impl Demo {
    /// Loads the year and serves it until the test ends.
    pub async fn start() -> Self {
        let url = unloaded_database().await;
        let began = Instant::now();
        demo::load_once(&url).await.unwrap();
        let took = began.elapsed();
        let shared = opening::founded(&url, app::without_second_factor()).await.unwrap();
        let address = app::serve(shared.clone()).await;
        Self { address, shared, url, took }
    }

    /// Signs in with a login of the demonstration.
    pub async fn sign_in(&self, login: &str) -> Client {
        let nobody = Client::nobody(self.address);
        let body = json!({ "login": login, "password": demo::PASSWORD });
        let session = nobody.post("/auth/login", body).await.granted();
        nobody.with_token(session["access_token"].as_str().unwrap())
    }

    /// How far business time is shifted against the wall, in microseconds.
    pub async fn installation_offset(&self) -> i64 {
        find_installation(&self.shared.db).await.unwrap().unwrap().business_offset
    }
}

/// The URL of a database that `ganhe demo` would load into. An SQLite file must not be there yet: one that is there and
/// has no year in it is taken for a load that was cut off.
pub async fn unloaded_database() -> String {
    if app::is_postgres() {
        return app::fresh_database().await;
    }
    let name = format!("ganhe-demo-{}.sqlite", ganhe::kernel::ids::fresh().simple());
    made::note(format!("sqlite:{}", Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).display()))
}
