//! Limits of time, size and number, and what browsers of other origins get.

use crate::support::app::{TestApp, serve};
use crate::support::{Answer, Client};
use ganhe::access::Caller;
use ganhe::http::Conduct;
use ganhe::http::conduct::Rate;
use ganhe::kernel::ids::UserId;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Another node of the same book, with another conduct.
async fn conducted(app: &TestApp, change: impl FnOnce(&mut Conduct)) -> (SocketAddr, ganhe::http::Shared) {
    let mut conduct = Conduct::default();
    change(&mut conduct);
    let shared = app.shared.clone().conducted(conduct);
    (serve(shared.clone()).await, shared)
}

/// What comes until the server closes the connection.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // A connection that is cut off may end with an error; either way it has ended.
    let _ =
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("the server does not close the connection");
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_client_that_sends_its_head_drop_by_drop_or_not_at_all_is_cut_off() {
    let app = TestApp::start().await;
    let (address, _) = conducted(&app, |conduct| conduct.longest_head = Duration::from_millis(400)).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let (mut reader, mut writer) = slow.into_split();
    let began = Instant::now();
    let dripping = tokio::spawn(async move {
        while writer.write_all(b"X-A: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    Client::nobody(address).get("/healthz").await.with_status(200);
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), reader.read_to_end(&mut rest))
        .await
        .expect("it is heard for ever");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    assert_eq!(until_closed(&mut silent).await, "");
    tokio::time::timeout(Duration::from_secs(10), dripping).await.unwrap().unwrap();
}

/// The heads of requests whose bodies are read in different ways: a command, a file, the form of a token.
fn heads(token: &str) -> [String; 3] {
    let of = |path: &str, media: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\nAccept-Language: en\r\n\
             Content-Type: {media}\r\n"
        )
    };
    let file = "Content-Disposition: attachment; filename=\"a.txt\"\r\n";
    [
        of("/api/v1/organisations", "application/json"),
        of("/api/v1/documents", "text/plain") + file,
        of("/oauth/token", "application/x-www-form-urlencoded"),
    ]
}

/// An operator who may also upload.
fn uploader(app: &TestApp, shared: &ganhe::http::Shared) -> String {
    shared.tokens.sign(&app.operator, shared.db.clock().wall_now()).unwrap().0
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_408_and_the_connection_ends() {
    let app = TestApp::start().await;
    let (address, shared) = conducted(&app, |conduct| conduct.longest_body = Duration::from_millis(300)).await;
    for head in heads(&uploader(&app, &shared)) {
        for body in ["{\"code\":", ""] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(format!("{head}Content-Length: 1000\r\n\r\n{body}").as_bytes()).await.unwrap();
            let answer = until_closed(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{head}: {answer}");
            let (told, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(told.to_lowercase().contains("connection: close"), "{told}");
            let problem: Value = serde_json::from_str(body).unwrap();
            assert_eq!((&problem["code"], &problem["status"]), (&json!("API_TOO_SLOW"), &json!(408)));
        }
    }
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_431() {
    let app = TestApp::start().await;
    let client = Client::nobody(app.address);
    let long = |length: usize| client.request(Method::GET, "/healthz").header("x-long", "a".repeat(length));
    Answer::of(long(15_000)).await.with_status(200);
    Answer::of(long(20_000)).await.with_status(431).is_refused_with("API_HEADERS_TOO_LARGE");
    // Beyond what is read at all the server says so without words.
    assert_eq!(long(70_000).send().await.unwrap().status(), 431);
    let path = format!("/areas?code={}", "a".repeat(17_000));
    client.get(&path).await.with_status(431);
    let mut many = client.request(Method::GET, "/healthz");
    for number in 0..120 {
        many = many.header(format!("x-{number}"), "1");
    }
    assert_eq!(many.send().await.unwrap().status(), 431);
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let app = TestApp::start().await;
    for head in heads(&uploader(&app, &app.shared)) {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(format!("{head}Content-Length: 99999999999\r\n\r\n{{").as_bytes()).await.unwrap();
        let answer = until_closed(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("API_TOO_LARGE"), "{head}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_was_not_announced_is_refused_as_soon_as_it_is_too_large() {
    let app = TestApp::start().await;
    let piece = "a".repeat(1 << 20);
    for head in heads(&uploader(&app, &app.shared)) {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
        let (mut reader, mut writer) = stream.into_split();
        let chunk = format!("100000\r\n{piece}\r\n");
        let sending = tokio::spawn(async move {
            for sent in 0..200 {
                if writer.write_all(chunk.as_bytes()).await.is_err() {
                    return sent;
                }
            }
            200
        });
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(20), reader.read_to_end(&mut answer)).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        // Whoever still sends when the connection ends may lose the answer with it.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{head}: {answer}");
        assert!(sending.await.unwrap() < 200, "all of it was taken in: {head}");
    }
}

#[tokio::test]
async fn each_user_and_each_address_has_its_allowance() {
    let app = TestApp::start().await;
    let (address, shared) = conducted(&app, |conduct| conduct.per_user = Rate::parse("3/1h")).await;
    let one = Client::of(address, &shared, &app.operator);
    let other = Client::of(address, &shared, &Caller { user: UserId::fresh(), ..app.operator.clone() });
    for left in ["2", "1", "0"] {
        let answer = one.get("/areas").await;
        let told = answer.headers["ratelimit"].to_str().unwrap();
        assert!(told.contains(&format!("\"user\";r={left};t=")), "{told}");
        assert!(answer.headers["ratelimit-policy"].to_str().unwrap().contains("\"user\";q=3;w=3600"));
        answer.granted();
    }
    let refused = one.get("/areas").await;
    refused.with_status(429).is_refused_with("API_TOO_OFTEN");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1_100..=1_200).contains(&wait), "{wait}");
    // A new token of the same user has no new allowance, and another user is not harmed.
    Client::of(address, &shared, &app.operator).get("/areas").await.with_status(429);
    other.get("/areas").await.granted();

    let (address, shared) = conducted(&app, |conduct| conduct.per_address = Rate::parse("2/1h")).await;
    Client::nobody(address).get("/areas").await.with_status(401);
    Client::nobody(address).get("/areas").await.with_status(401);
    // Whoever is turned away by address is not asked for a token any more.
    Client::nobody(address).get("/areas").await.with_status(429);
    let answer = Client::of(address, &shared, &app.operator).get("/areas").await;
    answer.with_status(429).is_refused_with("API_TOO_OFTEN");

    let (address, shared) = conducted(&app, |conduct| (conduct.per_address, conduct.per_user) = (None, None)).await;
    let answer = Client::of(address, &shared, &app.operator).get("/areas").await;
    assert!(answer.headers.get("ratelimit").is_none());
    answer.granted();
}

#[tokio::test]
async fn only_configured_origins_may_ask_and_only_https_is_remembered() {
    let app = TestApp::start().await;
    let portal = "https://portal.example.cn";
    let preflight = |address| {
        Client::nobody(address)
            .request(Method::OPTIONS, "/areas")
            .header("origin", portal)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization,idempotency-key")
    };
    let denied = Answer::of(preflight(app.address)).await;
    assert!(denied.with_status(405).headers.keys().all(|name| !name.as_str().starts_with("access-control")));
    let (address, _) = conducted(&app, |conduct| {
        conduct.origins = vec![portal.parse().unwrap()];
        conduct.is_https = true;
    })
    .await;
    let granted = Answer::of(preflight(address)).await;
    assert_eq!(granted.with_status(200).headers["access-control-allow-origin"], portal);
    assert!(granted.headers["access-control-allow-headers"].to_str().unwrap().contains("idempotency-key"));
    assert!(granted.headers.get("access-control-allow-credentials").is_none());
    assert_eq!(granted.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
    let foreign = Client::nobody(address).request(Method::GET, "/areas").header("origin", "https://evil.example");
    assert!(Answer::of(foreign).await.headers.get("access-control-allow-origin").is_none());
    let refusal = Client::nobody(address).request(Method::GET, "/areas").header("origin", portal);
    let refusal = Answer::of(refusal).await;
    assert_eq!(refusal.with_status(401).headers["access-control-allow-origin"], portal, "a page reads refusals too");
}
