//! The texts that stand in the path of a request. They are refused for the same characters as the texts of bodies, and when they are
//! no text at all: no database and no reader of the log meets them.

use crate::http::extract::RequestRefusal;
use crate::http::shape::refuse_characters;
use crate::http::{Problem, Shared, Signed};
use axum::extract::{FromRequestParts, OriginalUri, RawPathParams};
use axum::http::request::Parts;
use std::str::FromStr;

/// The text in the path of an operation that nobody needs to sign in for.
#[derive(Debug, Clone)]
pub struct PathText(pub String);

impl FromRequestParts<Shared> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Ok(Self(text_of(parts, shared).await?))
    }
}

/// An id in the path, of its own type. Nobody who is not signed in learns what is wrong with an id.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Shared> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Signed::from_request_parts(parts, shared).await?;
        let text = text_of(parts, shared).await?;
        text.parse().map(Self).map_err(|_| RequestRefusal::BadId { text }.into())
    }
}

/// The one parameter of the path; no path has two.
async fn text_of(parts: &mut Parts, shared: &Shared) -> Result<String, RequestRefusal> {
    let Ok(params) = RawPathParams::from_request_parts(parts, shared).await else {
        // Bytes that are no text can only be told as they were sent.
        return Err(RequestRefusal::BadId { text: path_as_sent(parts) });
    };
    let text = params.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
    let is_plain = !text.chars().any(char::is_control) && refuse_characters(&text, "id").is_ok();
    if is_plain { Ok(text) } else { Err(RequestRefusal::BadId { text: path_as_sent(parts) }) }
}

fn path_as_sent(parts: &Parts) -> String {
    let whole = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    whole.path().to_owned()
}
