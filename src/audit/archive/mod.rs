//! The book as an archive (离线核验档案): the canonical text of every leaf of the log in its order, and the signed checkpoints at their
//! places. A bank or a court that has the file and a public key needs no server and no database to check every gram in it.
//! `docs/ARCHIVE-FORMAT.md` describes the file.

mod queries;

use crate::db::Db;
use crate::db::columns::hexadecimal;
use crate::kernel::Failure;
use crate::ledger::log::queries as log;
use accounting::archive::{Examination, Extent};
use accounting::note::NoteFault;
use accounting::tree::Hash;
use accounting::verify::Difference;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// First line of an archive; a changed form gets another number.
const VERSION: &str = "ganhe-archive/1";
/// Leaves and checkpoints read at a time: bounds memory whatever the size of the book.
const CHUNK: u64 = 2_000;
/// Longest line that is read: a journal of some ten thousand postings.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;

/// A line of an archive, as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    /// The head.
    Archive {
        form: String,
        origin: String,
    },
    Leaf {
        position: u64,
        leaf_hash: String,
        text: String,
    },
    Checkpoint {
        note: String,
        cosignatures: Vec<String>,
    },
    /// The end, which a file that was cut off lacks.
    End {
        leaves: u64,
        checkpoints: u64,
    },
}

fn put(out: &mut dyn Write, line: &Line) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, line).map_err(Failure::bug)?;
    out.write_all(b"\n").map_err(Failure::bug)
}

/// How much was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Leaves.
    pub leaves: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Journals that are not in the log yet, and so not in the archive.
    pub waiting: u64,
}

/// Writes the archive up to the newest checkpoint; what is not in the log yet is not in it.
///
/// # Errors
/// A fault of the database or of the writer.
pub async fn write(db: &Db, out: &mut dyn Write) -> Result<Written, Failure> {
    let books = db.snapshot().await?;
    let keys = log::list_keys(&books).await?;
    put(out, &Line::Archive { form: VERSION.to_owned(), origin: log::origin_of(&keys).to_owned() })?;
    let (mut position, mut number, mut checkpoints) = (0_u64, 0_i64, 0_u64);
    loop {
        let signed = log::list_checkpoints(&books, number, CHUNK).await?;
        let Some(last) = signed.last() else { break };
        number = last.number;
        let mut lines =
            queries::read_cosignatures(&books, signed.first().map_or(0, |first| first.number), number).await?;
        for checkpoint in signed {
            while position < checkpoint.size {
                let most = CHUNK.min(checkpoint.size - position);
                let leaves = queries::read_leaves(&books, position, most).await?;
                if leaves.is_empty() {
                    return Err(Failure::bug(format!("leaf {position} of the log is missing: run `ganhe verify`")));
                }
                for (leaf_hash, text) in leaves {
                    put(out, &Line::Leaf { position, leaf_hash: hexadecimal(&leaf_hash), text })?;
                    position += 1;
                }
            }
            let cosignatures = lines.remove(&checkpoint.number).unwrap_or_default();
            put(out, &Line::Checkpoint { note: checkpoint.note, cosignatures })?;
            checkpoints += 1;
        }
    }
    put(out, &Line::End { leaves: position, checkpoints })?;
    out.flush().map_err(Failure::bug)?;
    let waiting = queries::count_waiting(&books, position).await?;
    books.commit().await?;
    Ok(Written { leaves: position, checkpoints, waiting })
}

/// Whom the reader of an archive trusts, and what they have kept.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Public keys of the log.
    pub vkeys: Vec<String>,
    /// Public keys of witnesses, each of which must have cosigned.
    pub witnesses: Vec<String>,
    /// Signed checkpoints from before.
    pub kept: Vec<String>,
}

/// Why an archive cannot be examined at all.
#[derive(Debug)]
pub enum ArchiveFault {
    /// A key is none, or a kept checkpoint is not signed by one of the keys.
    Trust(NoteFault),
    /// The file cannot be read.
    Unreadable(std::io::Error),
}

impl std::fmt::Display for ArchiveFault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Trust(fault) => write!(out, "a key or a kept checkpoint cannot be used: {fault}"),
            Self::Unreadable(error) => write!(out, "the archive cannot be read: {error}"),
        }
    }
}

impl std::error::Error for ArchiveFault {}

/// Examines an archive with nothing but public keys: no database, no server.
///
/// # Errors
/// [`ArchiveFault`]; what differs is a finding, not an error.
pub fn examine(file: &mut dyn BufRead, trust: &Trust) -> Result<(Extent, Vec<Difference>), ArchiveFault> {
    let Trust { vkeys, witnesses, kept } = trust;
    let mut examination = Examination::begin(vkeys, witnesses, kept).map_err(ArchiveFault::Trust)?;
    let mut faults = Vec::new();
    let (mut number, mut counts, mut end) = (0_u64, (0, 0), None);
    let mut text = String::new();
    loop {
        text.clear();
        let read = std::io::Read::take(&mut *file, LONGEST_LINE).read_line(&mut text);
        if read.map_err(ArchiveFault::Unreadable)? == 0 {
            break;
        }
        number += 1;
        let mut differs =
            |fault: String| faults.push(Difference { table: "archive", row: format!("line {number}"), fault });
        if end.is_some() {
            differs("something stands behind the end".to_owned());
            break;
        }
        match serde_json::from_str::<Line>(&text) {
            Err(error) => differs(format!("it cannot be read: {error}")),
            Ok(Line::Archive { form, .. }) if number == 1 && form == VERSION => {}
            Ok(Line::Archive { .. }) => differs(format!("the first line, and only that, says {VERSION}")),
            Ok(_) if number == 1 => differs(format!("the first line must say {VERSION}")),
            Ok(Line::Leaf { position, leaf_hash, text }) => {
                counts.0 += 1;
                match hash_of(&leaf_hash) {
                    Some(claimed) => examination.leaf(position, claimed, &text),
                    None => differs("its hash is none".to_owned()),
                }
            }
            Ok(Line::Checkpoint { note, cosignatures }) => {
                counts.1 += 1;
                examination.checkpoint(&note, &cosignatures);
            }
            Ok(Line::End { leaves, checkpoints }) => end = Some((leaves, checkpoints)),
        }
    }
    if end != Some(counts) {
        let fault = "the end is missing or tells other numbers: the file was cut off or lines are missing".to_owned();
        faults.push(Difference { table: "archive", row: "end".to_owned(), fault });
    }
    let (extent, found) = examination.close();
    faults.extend(found);
    Ok((extent, faults))
}

/// A hash from 64 lower-case hexadecimal digits.
fn hash_of(text: &str) -> Option<Hash> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { None } else { accounting::hex::bytes(text) }
}
