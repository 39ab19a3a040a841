//! How a body is read: no larger, no slower and no other than the contract says.

use crate::http::conduct::LARGEST_BODY;
use crate::http::extract::{RequestRefusal, sole};
use crate::http::shape::Shape;
use crate::http::unread;
use crate::http::{Problem, Shared};
use crate::kernel::Failure;
use axum::body::{Body as Stream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The body of an operation that nobody needs to sign in for; those that need it take a [`crate::http::Command`].
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_whole(&parts.headers, body, shared.conduct.longest_body).await?;
        Ok(Self(read_json(&bytes)?))
    }
}

/// Takes in a body of JSON.
///
/// # Errors
/// [`RequestRefusal::TooLarge`], [`RequestRefusal::TooSlow`], [`RequestRefusal::CutOff`], [`RequestRefusal::WrongMedia`].
pub async fn read_whole(headers: &HeaderMap, body: Stream, longest: Duration) -> Result<Bytes, Failure> {
    sole(headers, &header::CONTENT_TYPE)?;
    let bytes = arrive(headers, body, LARGEST_BODY, longest).await?;
    if !bytes.iter().all(u8::is_ascii_whitespace) && !is_json(headers) {
        let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("nothing");
        return Err(RequestRefusal::WrongMedia { given: given.to_owned() }.into());
    }
    Ok(bytes)
}

/// Takes in a body of any kind: refused before it is read when it is announced too large, as soon as it has become so otherwise,
/// and when it is not there in time.
///
/// # Errors
/// [`RequestRefusal::TooLarge`], [`RequestRefusal::TooSlow`], [`RequestRefusal::CutOff`].
pub async fn arrive(headers: &HeaderMap, body: Stream, largest: usize, longest: Duration) -> Result<Bytes, Failure> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > largest) {
        return Err(too_large(largest));
    }
    let slow = |_| RequestRefusal::TooSlow { seconds: longest.as_secs().to_string() };
    tokio::time::timeout(longest, collect(body, largest)).await.map_err(slow)?
}

fn too_large(largest: usize) -> Failure {
    RequestRefusal::TooLarge { limit: largest.to_string() }.into()
}

async fn collect(body: Stream, largest: usize) -> Result<Bytes, Failure> {
    let mut chunks = body.into_data_stream();
    let Some(first) = chunks.next().await else { return Ok(Bytes::new()) };
    let first = first.map_err(|_| RequestRefusal::CutOff {})?;
    let Some(second) = chunks.next().await else { return within(first, largest) };
    let mut whole = within(first, largest)?.to_vec();
    let mut chunk = Some(second);
    while let Some(read) = chunk {
        let read = read.map_err(|_| RequestRefusal::CutOff {})?;
        if whole.len().saturating_add(read.len()) > largest {
            return Err(too_large(largest));
        }
        whole.extend_from_slice(&read);
        chunk = chunks.next().await;
    }
    Ok(whole.into())
}

fn within(chunk: Bytes, largest: usize) -> Result<Bytes, Failure> {
    if chunk.len() > largest { Err(too_large(largest)) } else { Ok(chunk) }
}

/// `application/json` and no other media type, also where its syntax is JSON; a charset may follow, and it is UTF-8 (RFC 8259).
fn is_json(headers: &HeaderMap) -> bool {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = named.split(';').map(str::trim);
    let is_media = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |part: &str| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    is_media && parts.all(is_utf8)
}

/// Reads a body strictly: unknown and doubled fields, numbers for decimal strings, deep nesting and bad characters are refused.
///
/// # Errors
/// [`RequestRefusal::Malformed`], [`RequestRefusal::DuplicateKey`], [`RequestRefusal::TooDeep`], and then
/// [`RequestRefusal::ControlCharacter`] and [`RequestRefusal::DirectionCharacter`]; at the path of the field where it has one.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    let mut shape = Shape::of(bytes);
    shape.refuse_broken()?;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
    let body = match (read, shape.nested_list()) {
        (Ok(body), None) => body,
        // The type knows that there is no list at all; the shape knows it only of a list in a list.
        (Err(error), None) => return Err(unread::malformed(&error)),
        (Err(error), Some(_)) if unread::is_of_list(&error) => return Err(unread::malformed(&error)),
        (_, Some(refused)) => return Err(refused),
    };
    deserializer.end().map_err(|error| unread::not_json(&error))?;
    shape.refuse_texts()?;
    Ok(body)
}
