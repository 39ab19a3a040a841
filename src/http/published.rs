//! How what is public is answered: as JSON or as a table, with an ETag over what it says, for anybody to keep for a while.

use crate::http::sheet::{as_csv, download};
use crate::http::upload::hash;
use crate::http::{Language, Listing};
use crate::kernel::Failure;
use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// For how long anybody may show an answer again without asking: what is public changes slowly, and a withdrawal must be seen soon.
const KEPT: &str = "public, max-age=60";

/// A row of a table.
pub trait Row<const N: usize> {
    /// The names of its columns.
    const COLUMNS: [&'static str; N];

    /// Its cells.
    fn cells(&self) -> [String; N];
}

/// A page of a list, in the form that is asked for. Of a table the cursor of the next page stands in the header `next-cursor`.
///
/// # Errors
/// A fault of ours.
pub fn page<T: Serialize + Row<N>, const N: usize>(
    listing: &Listing<T>,
    format: Option<&str>,
    name: &str,
    language: Language,
) -> Result<Response, Failure> {
    if format != Some("csv") {
        return whole(listing);
    }
    let bytes = as_csv(T::COLUMNS, language, listing.items.iter().map(Row::cells))?;
    let mut response = document(bytes, name)?;
    if let Some(cursor) = &listing.next_cursor {
        response.headers_mut().insert("next-cursor", HeaderValue::from_str(cursor).map_err(Failure::bug)?);
    }
    Ok(response)
}

/// An answer as JSON.
///
/// # Errors
/// A fault of the serialiser.
pub fn whole(body: &impl Serialize) -> Result<Response, Failure> {
    let told = serde_json::to_vec(body).map_err(Failure::bug)?;
    let response = Json(body).into_response();
    kept(response, &told)
}

/// An answer as a table.
///
/// # Errors
/// A fault of ours.
pub fn document(bytes: Vec<u8>, name: &str) -> Result<Response, Failure> {
    let told = bytes.clone();
    kept(download(bytes, name)?, &told)
}

fn kept(mut response: Response, told: &[u8]) -> Result<Response, Failure> {
    let tag = format!("\"{}\"", hash(told));
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Failure::bug)?);
    Ok(kept_for_a_while(response))
}

/// The same answer, for anybody to keep for a while.
pub fn kept_for_a_while(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
    response
}
