//! The files that the portal was built into. A build without them compiles all the same and has none.

use rust_embed::{EmbeddedFile, RustEmbed};
use std::fmt::Write;

/// The first page, which loads everything else.
const FIRST_PAGE: &str = "index.html";

/// What stands in the first page where a nonce of its own is written into each answer.
const NONCE: &str = "GANHE_NONCE";

/// Files below this carry the hash of their content in their name, so that a changed one is another file.
const HASHED: &str = "assets/";

/// The compressed forms by the names of their encodings, with the ending of their files, the smaller first.
const FORMS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// What the build has made. In a debug build it is read from the folder at each request, so that a change of the portal needs no
/// compiler.
#[derive(RustEmbed)]
#[folder = "portal/dist"]
#[allow_missing = true]
struct Dist;

/// A file as it is sent.
#[derive(Debug)]
pub struct Asset {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Its media type.
    pub media: String,
    /// How the bytes are compressed, when they are.
    pub encoding: Option<&'static str>,
    /// Names this content.
    pub etag: String,
    /// Whether the name stands for this content for ever.
    pub is_immutable: bool,
}

/// A file by its path below the root, in the form that the browser likes best.
pub fn find(path: &str, accepted: &str) -> Option<Asset> {
    let path = path.trim_start_matches('/');
    // The first page is no file: each answer has its own nonce. The compressed forms are not files of their own.
    if path == FIRST_PAGE || FORMS.iter().any(|(_, ending)| path.ends_with(ending)) {
        return None;
    }
    let plain = Dist::get(path)?;
    let media = plain.metadata.mimetype().to_owned();
    let compressed = encodings(accepted)
        .into_iter()
        .find_map(|(encoding, ending)| Some((Dist::get(&format!("{path}{ending}"))?, encoding)));
    let (file, encoding) = compressed.map_or((plain, None), |(file, encoding)| (file, Some(encoding)));
    let etag = etag(&file);
    let content = file.data.into_owned();
    Some(Asset { content, media, encoding, etag, is_immutable: path.starts_with(HASHED) })
}

/// The first page with a nonce, when the portal was built.
pub fn first_page(nonce: &str) -> Option<String> {
    let page = Dist::get(FIRST_PAGE)?;
    Some(String::from_utf8_lossy(&page.data).replace(NONCE, nonce))
}

/// The hash of what is sent, as an entity tag.
fn etag(file: &EmbeddedFile) -> String {
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..16] {
        // Writing into a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// Those of the compressed forms that `Accept-Encoding` allows.
fn encodings(accepted: &str) -> Vec<(&'static str, &'static str)> {
    let allows = |name: &str| {
        accepted.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            let is_named = words.next().is_some_and(|word| word.eq_ignore_ascii_case(name));
            // `q=0` says that it is not wanted; any other weight does not matter to us.
            let is_refused = words.any(|word| {
                word.strip_prefix("q=")
                    .is_some_and(|weight| weight.starts_with('0') && weight.trim_matches(['0', '.']).is_empty())
            });
            is_named && !is_refused
        })
    };
    FORMS.into_iter().filter(|(name, _)| allows(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_form_comes_first_and_one_that_is_not_wanted_not_at_all() {
        let names = |accepted| encodings(accepted).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("gzip, deflate, br, zstd"), ["br", "gzip"]);
        assert_eq!(names("gzip;q=0.5"), ["gzip"]);
        assert_eq!(names("br;q=0, gzip;q=0.0"), Vec::<&str>::new());
        assert_eq!(names(""), Vec::<&str>::new());
    }

    #[test]
    fn nothing_outside_the_folder_is_a_file_of_the_portal() {
        for path in ["../package.json", "/../package.json", "index.html", "assets/../../package.json"] {
            assert!(find(path, "br").is_none(), "{path}");
        }
    }
}
