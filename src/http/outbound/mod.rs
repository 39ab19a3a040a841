//! What this server asks of others: it sends a message by a connection of its own, to an address that was looked up for it and judged,
//! within a time. A redirect is an answer like any other, and nothing of an answer is read but its status.

mod address;

pub use address::{ReceiverRefusal, is_public};

use crate::kernel::Failure;
use address::{literal, read};
use axum::body::Body;
use axum::http::{Method, Request, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec::IntoIter;
use tower::Service;

/// How long a receiver may take from the first packet to its status: Standard Webhooks recommends 15 to 30 seconds.
const LONGEST: Duration = Duration::from_secs(15);

/// The address that a name led to is not one of the public network.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name leads into a private network")
    }
}

impl std::error::Error for NotPublic {}

/// Looks names up, and gives no address that messages may not go to.
#[derive(Debug, Clone, Copy)]
struct Judged(Receivers);

impl Judged {
    fn judge(self, address: IpAddr) -> Result<(), NotPublic> {
        if self.0 == Receivers::Anywhere || is_public(address) { Ok(()) } else { Err(NotPublic) }
    }
}

type Found = Result<IntoIter<SocketAddr>, Box<dyn std::error::Error + Send + Sync>>;

impl Service<Name> for Judged {
    type Response = IntoIter<SocketAddr>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Found> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let judged = *self;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            for address in &found {
                judged.judge(address.ip())?;
            }
            Ok(found.into_iter())
        })
    }
}

/// Where messages may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receivers {
    /// To public addresses by https.
    Public,
    /// Also to private ones and by http: for tests and demonstrations on one machine.
    Anywhere,
}

/// A message to send.
#[derive(Debug, Clone)]
pub struct Message {
    /// Where.
    pub url: String,
    /// Its headers, beside those that say what and whose it is.
    pub headers: Vec<(&'static str, String)>,
    /// Its body: JSON.
    pub body: String,
}

/// What came of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// This status was answered.
    Answered(u16),
    /// Nobody answered: no such name, no connection, no valid certificate.
    Unreachable,
    /// The answer did not come in time.
    TooSlow,
    /// The address led into a private network, so that nothing was sent.
    PrivateAddress,
}

/// Whoever sends messages.
#[derive(Clone)]
pub struct Sender {
    client: Client<HttpsConnector<HttpConnector<Judged>>, Body>,
    receivers: Receivers,
}

impl Sender {
    /// A sender that reaches these receivers.
    ///
    /// # Errors
    /// A fault when the machine lists no authority that certificates are believed by.
    pub fn new(receivers: Receivers) -> Result<Self, Failure> {
        let mut http = HttpConnector::new_with_resolver(Judged(receivers));
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(ring::default_provider())
            .map_err(Failure::bug)?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        // A connection that is kept would go on where a name does not lead any more.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(https);
        Ok(Self { client, receivers })
    }

    /// Sends a message.
    pub async fn send(&self, message: &Message) -> Sent {
        let url = match read(&message.url, self.receivers) {
            Ok(url) => url,
            Err(ReceiverRefusal::PrivateAddress {}) => return Sent::PrivateAddress,
            Err(ReceiverRefusal::BadAddress {}) => return Sent::Unreachable,
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("ganhe/", env!("CARGO_PKG_VERSION")));
        for (name, value) in &message.headers {
            request = request.header(*name, value);
        }
        let Ok(request) = request.body(Body::from(message.body.clone())) else { return Sent::Unreachable };
        match tokio::time::timeout(LONGEST, self.client.request(request)).await {
            Err(_) => Sent::TooSlow,
            Ok(Err(fault)) if is_private(&fault) => Sent::PrivateAddress,
            Ok(Err(_)) => Sent::Unreachable,
            Ok(Ok(answer)) => Sent::Answered(answer.status().as_u16()),
        }
    }
}

/// Judges where an address leads to now. A name that leads nowhere yet is let pass: every message is judged again.
///
/// # Errors
/// [`ReceiverRefusal::BadAddress`], [`ReceiverRefusal::PrivateAddress`].
pub async fn judge_now(text: &str, receivers: Receivers) -> Result<(), ReceiverRefusal> {
    let url = read(text, receivers)?;
    let host = url.host().unwrap_or_default();
    if receivers == Receivers::Anywhere || literal(host).is_some() {
        return Ok(());
    }
    let looked_up = tokio::time::timeout(LONGEST, tokio::net::lookup_host((host, 0))).await;
    let mut found = looked_up.into_iter().flatten().flatten();
    if found.all(|address| is_public(address.ip())) { Ok(()) } else { Err(ReceiverRefusal::PrivateAddress {}) }
}

fn is_private(fault: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(fault), |fault| fault.source()).any(<dyn std::error::Error>::is::<NotPublic>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_judged_by_where_it_leads() {
        for name in ["https://localhost/hooks", "https://localhost:8443/hooks"] {
            let judged = judge_now(name, Receivers::Public).await;
            assert!(matches!(judged, Err(ReceiverRefusal::PrivateAddress {})), "{name}: {judged:?}");
            assert!(judge_now(name, Receivers::Anywhere).await.is_ok());
            let message = Message { url: name.to_owned(), headers: Vec::new(), body: "{}".to_owned() };
            let sender = Sender::new(Receivers::Public).unwrap();
            assert_eq!(sender.send(&message).await, Sent::PrivateAddress, "{name}");
        }
    }
}
