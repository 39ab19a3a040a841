//! One look over all transactions before the first is posted: the hash of the file, its first day, whether the sequence
//! numbers ascend, and which transactions have rows in more than one place. It takes the same memory for a thousand rows
//! and for many millions.

use super::error::ImportRefusal;
use super::register::open;
use super::table::{Fault, Hashed, Line, Place, Table};
use super::transaction::{COLUMNS, ID, SEQ, TIMESTAMP, TRANSACTIONS, day_of, read_seq};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::Path;

/// Transactions that may have rows in more than one place, and rows that may stand out of order: what is noted about them
/// takes some hundred megabytes at most.
const MOST_NOTED: usize = 1_000_000;
/// Bits of the filter, 16 MiB of them: of ten million transactions fewer than one in a hundred is looked at twice.
const FILTER_BITS: usize = 1 << 27;
/// Bits that an id sets.
const FILTER_PROBES: u64 = 5;

/// What was found.
#[derive(Debug, Default)]
pub struct Survey {
    /// SHA-256 of the file.
    pub hash: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The earliest date of any row.
    pub first_day: Option<Date>,
    /// Where the rows of a transaction begin, when they stand in several places, in the order of the file.
    pub scattered: HashMap<Vec<u8>, Vec<Place>>,
    /// Sequence numbers that are not greater than those before, by where their row begins: the greatest before.
    pub out_of_order: HashMap<u64, i64>,
}

/// Remembers ids in a fixed room; it may take a new one for known, never a known one for new.
struct Filter(Vec<u64>);

impl Filter {
    fn new() -> Self {
        Self(vec![0; FILTER_BITS / 64])
    }

    /// Adds an id and tells whether it may have been there before.
    fn add(&mut self, id: &[u8]) -> bool {
        let hash = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            (seed, id).hash(&mut hasher);
            hasher.finish()
        };
        let (first, step) = (hash(0), hash(1) | 1);
        let mut was_there = true;
        for probe in 0..FILTER_PROBES {
            let bit = first.wrapping_add(probe.wrapping_mul(step)) % FILTER_BITS as u64;
            let (word, mask) = (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64));
            was_there &= self.0[word] & mask != 0;
            self.0[word] |= mask;
        }
        was_there
    }
}

/// Looks over the transactions.
///
/// # Errors
/// What makes the file as a whole unfit.
pub fn survey(folder: &Path) -> Result<Survey, Vec<Fault>> {
    let file = open(folder, TRANSACTIONS)?;
    let mut survey = Survey { bytes: file.metadata().map(|data| data.len()).unwrap_or_default(), ..Survey::default() };
    let mut table = Table::begin(TRANSACTIONS, Hashed::new(file), COLUMNS)?;
    let (mut filter, mut suspected) = (Filter::new(), HashSet::new());
    let (mut greatest, mut first_day) = (None, Vec::new());
    each_run(&mut table, |line, begins| {
        if line.has_line_break() {
            return Err(vec![Fault::new(TRANSACTIONS, line.place.line, &ImportRefusal::LineBreak {})]);
        }
        survey.note_order(line, &mut greatest)?;
        // Most rows are not earlier than the earliest: their dates are compared as text and not read.
        let day = line.raw(TIMESTAMP).get(..10).unwrap_or_default();
        if (first_day.is_empty() || day < first_day.as_slice())
            && let Some(date) = std::str::from_utf8(line.raw(TIMESTAMP)).ok().and_then(day_of)
        {
            survey.first_day = Some(date);
            first_day = day.to_vec();
        }
        if begins && filter.add(line.raw(ID)) && suspected.insert(line.raw(ID).to_vec()) {
            bounded(suspected.len(), || ImportRefusal::Scattered { max: MOST_NOTED.to_string() }, line)?;
        }
        Ok(())
    })?;
    survey.hash = table.source().digest();
    drop(filter);
    if !suspected.is_empty() {
        survey.scattered = find_scattered(folder, &suspected)?;
    }
    Ok(survey)
}

impl Survey {
    fn note_order(&mut self, line: &Line<'_>, greatest: &mut Option<i64>) -> Result<(), Vec<Fault>> {
        let Some(seq) = std::str::from_utf8(line.raw(SEQ)).ok().and_then(read_seq) else { return Ok(()) };
        match *greatest {
            Some(before) if seq <= before => {
                self.out_of_order.insert(line.place.byte, before);
                bounded(self.out_of_order.len(), || ImportRefusal::NotSorted { max: MOST_NOTED.to_string() }, line)
            }
            _ => {
                *greatest = Some(seq);
                Ok(())
            }
        }
    }
}

fn bounded(noted: usize, refusal: impl FnOnce() -> ImportRefusal, line: &Line<'_>) -> Result<(), Vec<Fault>> {
    if noted > MOST_NOTED { Err(vec![Fault::new(TRANSACTIONS, line.place.line, &refusal())]) } else { Ok(()) }
}

/// Goes over every row and tells of each whether it begins a run of one transaction.
fn each_run<R: Read>(
    table: &mut Table<R>,
    mut row: impl FnMut(&Line<'_>, bool) -> Result<(), Vec<Fault>>,
) -> Result<(), Vec<Fault>> {
    let mut last: Option<Vec<u8>> = None;
    while let Some(line) = table.peek()? {
        let id = line.raw(ID);
        let begins = last.as_deref() != Some(id);
        row(&line, begins)?;
        if begins {
            let last = last.get_or_insert_default();
            last.clear();
            last.extend_from_slice(id);
        }
        table.advance();
    }
    Ok(())
}

/// Reads the file once more for the ids that the filter took for known: some of them are.
fn find_scattered(folder: &Path, suspected: &HashSet<Vec<u8>>) -> Result<HashMap<Vec<u8>, Vec<Place>>, Vec<Fault>> {
    let mut runs: HashMap<Vec<u8>, Vec<Place>> = HashMap::new();
    let mut table = Table::begin(TRANSACTIONS, open(folder, TRANSACTIONS)?, COLUMNS)?;
    let mut noted = 0;
    each_run(&mut table, |line, begins| {
        if begins && suspected.contains(line.raw(ID)) {
            runs.entry(line.raw(ID).to_vec()).or_default().push(line.place);
            noted += 1;
            bounded(noted / 2, || ImportRefusal::Scattered { max: MOST_NOTED.to_string() }, line)?;
        }
        Ok(())
    })?;
    runs.retain(|_, places| places.len() > 1);
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_never_forgets_and_seldom_errs() {
        let mut filter = Filter::new();
        let ids: Vec<[u8; 4]> = (0..50_000_u32).map(u32::to_be_bytes).collect();
        let taken_for_known = ids.iter().filter(|id| filter.add(*id)).count();
        assert!(taken_for_known < 50, "{taken_for_known}");
        assert!(ids.iter().all(|id| filter.add(id)));
    }
}
