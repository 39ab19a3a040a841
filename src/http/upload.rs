//! How a file is read, in the time of every body and no further than there may be bytes; and how one is sent.

use super::extract::{key_unless_rehearsed, terms};
use crate::access::Caller;
use crate::db::CommandKey;
use crate::db::columns::hexadecimal;
use crate::http::Shared;
use crate::http::body::arrive;
use crate::http::shape::turns_direction;
use crate::kernel::Failure;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 200;

/// A file that somebody has sent.
#[derive(Debug)]
pub struct Upload {
    /// The promise that a repeat is the same request.
    pub key: CommandKey,
    /// Name of the file, when it has a good one.
    pub name: Option<String>,
    /// What the client says that it holds.
    pub media_type: Option<String>,
    /// The bytes.
    pub content: Vec<u8>,
    /// SHA-256 over them, in lower-case hexadecimal.
    pub sha256: String,
}

/// Reads the body of a request as a file, whole.
///
/// # Errors
/// [`RequestRefusal::TooLarge`] beyond `largest` bytes, [`RequestRefusal::TooSlow`], and what refuses the headers of every command.
pub async fn read(request: Request, shared: &Shared, caller: &Caller, largest: usize) -> Result<Upload, Failure> {
    let (parts, body) = request.into_parts();
    let terms = terms(&parts)?;
    let key = key_unless_rehearsed(&parts.headers, &terms)?;
    let content = arrive(&parts.headers, body, largest, shared.conduct.longest_body).await?;
    let sha256 = hash(&content);
    let name = parts.headers.get(header::CONTENT_DISPOSITION).and_then(|value| name_in(value.to_str().ok()?));
    let media_type = text(&parts.headers, header::CONTENT_TYPE);
    let template = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
    let told =
        format!("{sha256}\n{}\n{}", name.as_deref().unwrap_or_default(), media_type.as_deref().unwrap_or_default());
    let key = CommandKey {
        client: caller.user.0,
        operation: format!("{} {template}", parts.method),
        key,
        request_hash: shared.tokens.request_hash(parts.uri.path(), told.as_bytes())?,
        terms,
    };
    Ok(Upload { key, name, media_type, content: content.into(), sha256 })
}

/// The line of a table on which a record begins. What reads the table tells a place before the empty lines that it passes over.
pub fn line_at(content: &[u8], byte: u64, line: u64) -> u64 {
    let rest = usize::try_from(byte).ok().and_then(|byte| content.get(byte..)).unwrap_or_default();
    let passed = rest.iter().take_while(|byte| [b'\r', b'\n'].contains(byte));
    (0..).zip(passed.filter(|byte| **byte == b'\n')).fold(line, |line, _: (u64, _)| line + 1)
}

/// SHA-256 over a content, in lower-case hexadecimal.
pub fn hash(content: &[u8]) -> String {
    hexadecimal(&Sha256::digest(content))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The name of the file in a `Content-Disposition` (RFC 6266): `filename*` in UTF-8 before the plain one.
fn name_in(disposition: &str) -> Option<String> {
    let value = |wanted: &str| {
        disposition.split(';').skip(1).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = value("filename*").and_then(|value| decoded(value.strip_prefix("UTF-8''")?));
    extended.or_else(|| value("filename")).filter(|name| is_name(name))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// A name without folders, control characters, or marks that turn the direction of what follows.
fn is_name(name: &str) -> bool {
    let is_bad = |char: char| char.is_control() || ['/', '\\', '"'].contains(&char) || turns_direction(char);
    let length = name.chars().count();
    (1..=LONGEST_NAME).contains(&length) && !name.starts_with('.') && !name.chars().any(is_bad)
}

/// A name as a `Content-Disposition` carries it to whoever downloads.
fn attachment(name: &str) -> String {
    let encoded: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("attachment; filename*=UTF-8''{encoded}")
}

/// A file to download under its name.
///
/// # Errors
/// A fault of ours.
pub fn download(content: Vec<u8>, media_type: &'static str, name: &str) -> Result<Response, Failure> {
    let name = HeaderValue::from_str(&attachment(name)).map_err(Failure::bug)?;
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        assert_eq!(name_in("attachment; filename=\"a b.pdf\"").as_deref(), Some("a b.pdf"));
        let both = "attachment; filename=\"x.pdf\"; filename*=UTF-8''%E6%A0%B8%E5%AE%9A.pdf";
        assert_eq!(name_in(both).as_deref(), Some("核定.pdf"));
        assert_eq!(name_in(&attachment("核定 1.pdf")).as_deref(), Some("核定 1.pdf"));
    }

    #[test]
    fn what_is_no_name_of_a_file_is_none() {
        let bad = [
            "attachment",
            "attachment; filename=\"\"",
            "attachment; filename=\"../../etc/passwd\"",
            "attachment; filename=\"a\\b.pdf\"",
            "attachment; filename=\".htaccess\"",
            "attachment; filename*=UTF-8''%E2%80%AEfdp.exe",
            "attachment; filename*=UTF-8''a%D8%9C.pdf",
            "attachment; filename*=UTF-8''a%E2%80%A8.pdf",
            "attachment; filename*=UTF-8''a%E2%80%A9.pdf",
            "attachment; filename*=UTF-8''a%00.pdf",
            "attachment; filename*=UTF-8''%0D%0ASet-Cookie",
            "attachment; filename*=UTF-8''%FF.pdf",
        ];
        for disposition in bad {
            assert_eq!(name_in(disposition), None, "{disposition}");
        }
        assert_eq!(name_in(&format!("attachment; filename=\"{}.pdf\"", "x".repeat(200))), None);
    }
}
