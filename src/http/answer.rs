//! What an operation answers when nothing is refused: a body, its status, and the version of the thing as ETag.

use crate::http::Problem;
use crate::http::concern::{Concerns, Whose};
use crate::kernel::Failure;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;

/// The answer, or the problem.
pub type Reply<T> = Result<Answer<T>, Problem>;

/// A thing whose version a client may state in `If-Match`.
pub trait Versioned {
    /// Counts from 1 with every change.
    fn version(&self) -> i64;
}

/// A body with its status and ETag.
#[derive(Debug)]
pub struct Answer<T> {
    status: StatusCode,
    version: Option<i64>,
    location: Option<HeaderValue>,
    cookie: Option<HeaderValue>,
    body: T,
}

impl<T> Answer<T> {
    /// 200 with a body that has no version.
    pub fn plain(body: T) -> Self {
        Self { status: StatusCode::OK, version: None, location: None, cookie: None, body }
    }

    /// 202 with where to follow what was begun.
    pub fn begun(body: T, location: &str) -> Self {
        let location = HeaderValue::from_str(location).ok();
        Self { status: StatusCode::ACCEPTED, version: None, location, cookie: None, body }
    }

    /// The same with a cookie that the browser is to keep, when there is one.
    #[must_use]
    pub fn keeping(self, cookie: Option<HeaderValue>) -> Self {
        Self { cookie, ..self }
    }

    /// 201 with a body that has no version.
    pub fn plainly_created(body: T) -> Self {
        Self { status: StatusCode::CREATED, version: None, location: None, cookie: None, body }
    }
}

impl<T: Versioned> Answer<T> {
    /// 200 with its version.
    pub fn ok(body: T) -> Self {
        Self { status: StatusCode::OK, version: Some(body.version()), location: None, cookie: None, body }
    }

    /// 201 with its version.
    pub fn created(body: T) -> Self {
        Self { status: StatusCode::CREATED, version: Some(body.version()), location: None, cookie: None, body }
    }
}

impl<T: Serialize + Concerns> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut whose = Whose::default();
        self.body.concerns(&mut whose);
        let mut response = (self.status, Json(self.body)).into_response();
        response.extensions_mut().insert(Arc::new(whose));
        if let Some(etag) = self.version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok()) {
            response.headers_mut().insert(header::ETAG, etag);
        }
        if let Some(location) = self.location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if let Some(cookie) = self.cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// The one result of a command that was given a batch of one.
///
/// # Errors
/// A fault of ours when the command answered nothing.
pub fn one<T, V>(results: Vec<T>, view: impl FnOnce(T) -> V) -> Result<V, Failure> {
    results.into_iter().next().map(view).ok_or_else(|| Failure::bug("a command answered nothing"))
}
