//! The canonical form of a journal (凭证规范格式), version 1, and its leaf hash: what makes any change of a recorded journal
//! visible, whoever made it. `docs/JOURNAL-FORMAT.md` describes it for a stranger, with test vectors.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use uuid::Uuid;

/// First line of the canonical form; a changed form gets another number.
pub const VERSION: &str = "ganhe-journal/1";

/// A journal as it is recorded, every column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafJournal {
    /// Number of the book.
    pub book: i32,
    /// Its identity.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The version the thing has reached with it.
    pub subject_version: i64,
    /// The legal date, ISO.
    pub effective_on: String,
    /// Microseconds since 1970 UTC, in business time.
    pub recorded_at: i64,
    /// Who acted.
    pub actor: Uuid,
    /// Why.
    pub reason: Option<String>,
    /// SHA-256 of the document that proves it, in hexadecimal.
    pub document_hash: Option<String>,
    /// The journal it undoes.
    pub reverses: Option<Uuid>,
    /// Its entries in the order of their lines, the side that leaves first.
    pub entries: Vec<LeafEntry>,
}

/// An entry as it is recorded, with the identity of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafEntry {
    /// Position of the posting, from 0.
    pub line: i32,
    /// The account.
    pub account: Uuid,
    /// Its owner.
    pub owner: Uuid,
    /// Its asset.
    pub asset: Uuid,
    /// What it is for.
    pub purpose: String,
    /// What holds its balance.
    pub subject: Option<Uuid>,
    /// Signed smallest units.
    pub amount: i64,
    /// Balance after it.
    pub balance_after: i64,
    /// The account's version with it.
    pub version: i64,
}

impl LeafJournal {
    /// The canonical bytes. Free text carries its length in bytes, so that no text can pass for another line; what is
    /// absent is a dash.
    pub fn canonical(&self) -> String {
        let id = |id: Option<Uuid>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let text = |text: Option<&String>| text.map_or_else(|| "-".to_owned(), |text| format!("{} {text}", text.len()));
        let mut form = format!(
            "{VERSION}\nbook {}\nid {}\nkind {}\nsubject_kind {}\nsubject {}\nsubject_version {}\neffective_on {}\n\
             recorded_at {}\nactor {}\nreason {}\ndocument_hash {}\nreverses {}\nentries {}\n",
            self.book,
            self.id,
            self.kind,
            self.subject_kind,
            self.subject,
            self.subject_version,
            self.effective_on,
            self.recorded_at,
            self.actor,
            text(self.reason.as_ref()),
            text(self.document_hash.as_ref()),
            id(self.reverses),
            self.entries.len(),
        );
        for entry in &self.entries {
            // Writing to a string cannot fail.
            let _ = writeln!(
                form,
                "entry {} {} {} {} {} {} {} {} {}",
                entry.line,
                entry.account,
                entry.owner,
                entry.asset,
                entry.purpose,
                id(entry.subject),
                entry.amount,
                entry.balance_after,
                entry.version
            );
        }
        form
    }

    /// Reads a canonical form back; nothing when the text is not exactly the form of some journal.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = Lines::of(text, VERSION)?;
        let mut journal = Self {
            book: lines.plain("book")?.parse().ok()?,
            id: lines.plain("id")?.parse().ok()?,
            kind: lines.plain("kind")?.to_owned(),
            subject_kind: lines.plain("subject_kind")?.to_owned(),
            subject: lines.plain("subject")?.parse().ok()?,
            subject_version: lines.plain("subject_version")?.parse().ok()?,
            effective_on: lines.plain("effective_on")?.to_owned(),
            recorded_at: lines.plain("recorded_at")?.parse().ok()?,
            actor: lines.plain("actor")?.parse().ok()?,
            reason: lines.text("reason")?.value(),
            document_hash: lines.text("document_hash")?.value(),
            reverses: optional(lines.plain("reverses")?)?.value(),
            entries: Vec::new(),
        };
        let count: usize = lines.plain("entries")?.parse().ok()?;
        while let Some(line) = lines.plain("entry") {
            journal.entries.push(LeafEntry::parse(line)?);
        }
        // Only what is written again as the same bytes is the canonical form: no other spelling of a number or an id.
        (lines.are_over() && journal.entries.len() == count && journal.canonical() == text).then_some(journal)
    }

    /// The leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical bytes.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update([0]).chain_update(self.canonical().as_bytes()).finalize().into()
    }

    /// Puts the entries in canonical order.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.entries.sort_by_key(|entry| (entry.line, entry.amount));
        self
    }
}

impl LeafEntry {
    fn parse(line: &str) -> Option<Self> {
        let parts: Vec<&str> = line.split(' ').collect();
        let [line, account, owner, asset, purpose, subject, amount, balance_after, version] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            line: line.parse().ok()?,
            account: account.parse().ok()?,
            owner: owner.parse().ok()?,
            asset: asset.parse().ok()?,
            purpose: (*purpose).to_owned(),
            subject: optional(subject)?.value(),
            amount: amount.parse().ok()?,
            balance_after: balance_after.parse().ok()?,
            version: version.parse().ok()?,
        })
    }
}

/// A value that may be explicitly absent.
pub(crate) enum Told<T> {
    Nothing,
    This(T),
}

impl<T> Told<T> {
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Nothing => None,
            Self::This(value) => Some(value),
        }
    }
}

fn optional(text: &str) -> Option<Told<Uuid>> {
    if text == "-" { Some(Told::Nothing) } else { text.parse().ok().map(Told::This) }
}

/// The lines of a canonical form on their way back into values.
pub(crate) struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Lines<'a> {
    /// The lines after the first, which tells the version of the form.
    pub(crate) fn of(text: &'a str, version: &str) -> Option<Self> {
        Some(Self { rest: text.strip_prefix(version)?.strip_prefix('\n')? })
    }

    /// The value of the next line, when that line has this name.
    pub(crate) fn plain(&mut self, name: &str) -> Option<&'a str> {
        let (value, rest) = self.rest.strip_prefix(name)?.strip_prefix(' ')?.split_once('\n')?;
        self.rest = rest;
        Some(value)
    }

    /// Free text with its length in bytes, or nothing.
    pub(crate) fn text(&mut self, name: &str) -> Option<Told<String>> {
        let value = self.rest.strip_prefix(name)?.strip_prefix(' ')?;
        if let Some(rest) = value.strip_prefix("-\n") {
            self.rest = rest;
            return Some(Told::Nothing);
        }
        let (length, from) = value.split_once(' ')?;
        let length: usize = length.parse().ok()?;
        let text = from.get(..length)?;
        self.rest = from.get(length..)?.strip_prefix('\n')?;
        Some(Told::This(text.to_owned()))
    }

    /// What is left.
    pub(crate) fn rest(self) -> &'a str {
        self.rest
    }

    /// Whether nothing is left.
    pub(crate) fn are_over(&self) -> bool {
        self.rest.is_empty()
    }
}
