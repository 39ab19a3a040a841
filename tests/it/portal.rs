//! The portal: what the program answers at the root, and that it stands in front of nothing else.

use crate::support::app::TestApp;
use crate::support::{Answer, Client};
use ganhe::portal::OTHERS;
use reqwest::Method;
use reqwest::header::ACCEPT;

/// What a browser says when somebody opens an address.
const PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Asks at the root of the server, as a browser that opens an address does.
async fn opens(app: &TestApp, path: &str) -> Answer {
    let address = format!("http://{}{path}", app.address);
    Answer::of(reqwest::Client::new().get(address).header(ACCEPT, PAGE)).await
}

#[tokio::test]
async fn a_page_of_the_portal_is_answered_to_a_browser_under_a_strict_policy() {
    let app = TestApp::start().await;
    for path in ["/", "/market", "/disclosure/trades", "/login"] {
        let answer = opens(&app, path).await.with_status(200).clone();
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        let page = answer.body.as_str().unwrap();
        assert!(page.contains("淦河") && !page.contains("GANHE_NONCE"), "{path}: {page}");
        assert!(!page.contains("<script>") && !page.contains(" style=\""), "{path} runs or draws something of its own");
    }
}

#[tokio::test]
async fn the_portal_stands_in_front_of_nothing_else() {
    let app = TestApp::start().await;
    for path in
        ["/api/v1/nowhere", "/api", "/oauth/nothing", "/log/nothing", "/healthz/x", "/docs/nothing.js", "/metrics/x"]
    {
        opens(&app, path).await.with_status(404).is_refused_with("API_NO_SUCH_PATH");
    }
    opens(&app, "/healthz").await.with_status(200);
    // Who asks for data, or to change something, is told that there is nothing.
    let program = reqwest::Client::new();
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let request =
            program.request(method, format!("http://{}/market", app.address)).header(ACCEPT, "application/json");
        Answer::of(request).await.with_status(404).is_refused_with("API_NO_SUCH_PATH");
    }
}

#[test]
fn every_path_of_the_contract_is_outside_the_portal() {
    let contract = crate::support::contract::contract();
    for path in contract["paths"].as_object().unwrap().keys() {
        let first = path.trim_start_matches('/').split('/').next().unwrap();
        assert!(OTHERS.contains(&first), "{path}: the portal would stand in front of it");
    }
}

#[tokio::test]
async fn a_book_that_is_no_demonstration_names_no_logins() {
    let app = TestApp::start().await;
    let installation = Client::nobody(app.address).get("/public/installation").await.granted();
    assert_eq!(installation["is_demonstration"], false);
    assert_eq!(installation["guests"], serde_json::json!([]));
}
