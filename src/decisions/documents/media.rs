//! What a document holds, judged by its first bytes and not by its name.

use crate::decisions::DecisionRefusal;

accounting::words! {
    /// Types of documents that are taken: those that carry no active content, and no others.
    MediaType {
        /// Portable document.
        Pdf = "application/pdf",
        /// Picture without loss.
        Png = "image/png",
        /// Photograph.
        Jpeg = "image/jpeg",
        /// Spreadsheet without macros.
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        /// Comma-separated values in UTF-8.
        Csv = "text/csv",
        /// Plain text in UTF-8.
        Text = "text/plain",
    }
}

impl MediaType {
    /// Endings of names of such files.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Xlsx => &["xlsx"],
            Self::Csv => &["csv"],
            Self::Text => &["txt"],
        }
    }

    /// What a content is, when it is any of those taken. Text is a table when its name says so.
    ///
    /// # Errors
    /// [`DecisionRefusal::Empty`], [`DecisionRefusal::NotUtf8`], [`DecisionRefusal::TypeNotAllowed`]; [`DecisionRefusal::TypeDiffers`] when the declared type
    /// or the ending of the name is another one's.
    pub fn judge(content: &[u8], declared: Option<&str>, name: &str) -> Result<Self, DecisionRefusal> {
        if content.is_empty() {
            return Err(DecisionRefusal::Empty {});
        }
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        let found = Self::of(content).map(|found| match found {
            Self::Text if ending == "csv" => Self::Csv,
            found => found,
        });
        let known: Vec<&str> = Self::ALL.iter().map(|known| known.as_str()).collect();
        let declared = declared.map(|declared| declared.split(';').next().unwrap_or_default().trim().to_lowercase());
        let is_called_text =
            ["csv", "txt"].contains(&&*ending) || declared.as_ref().is_some_and(|kind| kind.starts_with("text/"));
        let found = found.ok_or_else(|| match std::str::from_utf8(content) {
            // No encoding of Chinese text has a NUL in it.
            Err(_) if is_called_text && !content.contains(&0) => DecisionRefusal::NotUtf8 {},
            _ => DecisionRefusal::TypeNotAllowed { known: known.join(", ") },
        })?;
        // Who says nothing, or only that it is bytes, is believed to mean what it is.
        let is_declared = declared.is_none_or(|declared| declared == found.as_str() || declared == ANYTHING);
        if is_declared && found.endings().contains(&ending.as_str()) {
            Ok(found)
        } else {
            Err(DecisionRefusal::TypeDiffers { found: found.as_str().to_owned() })
        }
    }

    fn of(content: &[u8]) -> Option<Self> {
        let signatures: [(&[u8], Self); 3] =
            [(b"%PDF-", Self::Pdf), (b"\x89PNG\r\n\x1a\n", Self::Png), (b"\xff\xd8\xff", Self::Jpeg)];
        let signed = signatures.into_iter().find(|(signature, _)| content.starts_with(signature));
        match signed {
            Some((_, found)) => Some(found),
            None if is_spreadsheet(content) => Some(Self::Xlsx),
            None => is_text(content).then_some(Self::Text),
        }
    }
}

/// What a client says that does not know the type.
const ANYTHING: &str = "application/octet-stream";

fn has(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

/// A zip whose entries are those of a workbook, without macros.
fn is_spreadsheet(content: &[u8]) -> bool {
    content.starts_with(b"PK\x03\x04")
        && has(content, b"[Content_Types].xml")
        && has(content, b"xl/workbook.xml")
        && !has(content, b"vbaProject")
}

/// UTF-8 without control characters, which is no page, picture or program of its own.
fn is_text(content: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(content) else { return false };
    let is_plain = !text.chars().any(|char| char.is_control() && !['\n', '\r', '\t'].contains(&char));
    let begins = text.trim_start_matches('\u{feff}').trim_start();
    is_plain && !begins.starts_with('<') && !begins.starts_with("#!")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn judged(content: &[u8], declared: Option<&str>, name: &str) -> Result<MediaType, &'static str> {
        MediaType::judge(content, declared, name).map_err(|refusal| match refusal {
            DecisionRefusal::Empty {} => "empty",
            DecisionRefusal::TypeNotAllowed { .. } => "not allowed",
            DecisionRefusal::TypeDiffers { .. } => "differs",
            DecisionRefusal::NotUtf8 {} => "not UTF-8",
            _ => "another refusal",
        })
    }

    #[test]
    fn the_content_says_what_a_document_is() {
        assert_eq!(judged(b"%PDF-1.7\n", Some("application/pdf"), "核定书.pdf"), Ok(MediaType::Pdf));
        assert_eq!(judged(PNG, None, "scan.PNG"), Ok(MediaType::Png));
        assert_eq!(judged(b"\xff\xd8\xff\xe0", Some("application/octet-stream"), "a.jpeg"), Ok(MediaType::Jpeg));
        assert_eq!(judged("站点,克\n1,2\n".as_bytes(), Some("text/csv; charset=utf-8"), "a.csv"), Ok(MediaType::Csv));
        assert_eq!(judged("说明".as_bytes(), Some("text/plain"), "a.txt"), Ok(MediaType::Text));
        let workbook = b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml";
        assert_eq!(judged(workbook, None, "a.xlsx"), Ok(MediaType::Xlsx));
    }

    #[test]
    fn what_is_not_what_it_says_or_may_run_is_refused() {
        assert_eq!(judged(b"", None, "a.txt"), Err("empty"));
        assert_eq!(judged(PNG, Some("application/pdf"), "a.png"), Err("differs"));
        assert_eq!(judged(PNG, None, "a.pdf"), Err("differs"));
        assert_eq!(judged(b"%PDF-1.7", None, "no ending"), Err("differs"));
        assert_eq!(
            judged(b"\xb1\xea\xcc\xe2,1\n", Some("text/csv"), "a.csv"),
            Err("not UTF-8"),
            "as a spreadsheet saves it in GBK"
        );
        let active: [&[u8]; 7] = [
            b"<!doctype html><script>alert(1)</script>",
            b"\xef\xbb\xbf <svg onload=alert(1)>",
            b"#!/bin/sh\n",
            b"MZ\x90\0",
            b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml..xl/vbaProject.bin",
            b"PK\x03\x04 any other zip",
            b"text with a \0",
        ];
        for content in active {
            assert_eq!(judged(content, None, "a.txt"), Err("not allowed"), "{content:?}");
        }
    }
}
