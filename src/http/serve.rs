//! The server under the router: HTTP/1.1 with limits that the web framework leaves open. A client that sends its head too slowly, or
//! none at all, is cut off; so is one whose head is too large to be told so.

use crate::http::Conduct;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Service;

/// Connections at a time: beyond it newcomers wait in the queue of the operating system, and memory stays bounded.
const MOST_CONNECTIONS: usize = 8_192;
/// Bytes of a head that are read at all. What is above [`crate::http::conduct::LARGEST_HEAD`] and below this is refused in words.
const LARGEST_BUFFER: usize = 64 * 1024;
/// Fields of a head; beyond it hyper itself answers 431.
const MOST_FIELDS: usize = 100;
/// How long to wait after a connection could not be taken, for example because files have run out.
const AFTER_FAULT: Duration = Duration::from_millis(100);

/// Serves until `stop` resolves; requests under way are then answered first, for as long as a request may take.
pub async fn serve(listener: TcpListener, router: Router, conduct: &Conduct, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut settings = http1::Builder::new();
    settings
        .timer(TokioTimer::new())
        .header_read_timeout(conduct.longest_head)
        .max_buf_size(LARGEST_BUFFER)
        .max_headers(MOST_FIELDS);
    tokio::pin!(stop);
    loop {
        let arrival = async {
            // Closed only when it is dropped.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            arrived = arrival => arrived,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "A connection could not be taken");
                tokio::time::sleep(AFTER_FAULT).await;
                continue;
            }
        };
        // Answers are small: they go out at once.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "A connection answers late");
        }
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request.map(Body::new))
        });
        let connection = graceful.watch(settings.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Clients break connections off as they like.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "A connection was broken off");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(conduct.longest_request, graceful.shutdown()).await.is_err() {
        tracing::warn!("Some connections were still open and are cut off");
    }
}
