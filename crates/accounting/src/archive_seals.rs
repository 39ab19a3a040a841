//! Seals derived again from an archive (离线复核封账): the journals of each sealed month and the trial balance at its end, from the leaves
//! of the log alone.
//!
//! A seal takes its journals in the order of (recorded instant, id). The log has them in that order but for those that a node with a
//! slow clock brought in late, so the last ones read are kept and put in order before they are taken.

use crate::hex::{bytes, hexadecimal};
use crate::journal::JournalKind;
use crate::leaf::LeafJournal;
use crate::month::Month;
use crate::seal::{RunningLeaves, Seal, SealedBalance};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Journals that are kept to be put in order: some 25 MB, and as many as a busy book records in minutes. A journal comes late by the
/// difference of two clocks.
const KEPT: usize = 1 << 18;

/// Where a journal stands in the order of a seal.
type Place = (i64, Uuid);

/// A seal as its journal tells it.
#[derive(Debug)]
struct Claimed {
    row: String,
    book: i32,
    month: Option<Month>,
    hash: Option<String>,
}

/// What the leaves tell of the months.
#[derive(Debug)]
pub(crate) struct SealedMonths {
    kept: usize,
    recent: BTreeMap<Place, (Month, [u8; 32])>,
    /// The last journal that was taken.
    taken: Option<Place>,
    leaves: BTreeMap<Month, RunningLeaves>,
    /// Months of which a journal came too late to be put in order.
    disordered: BTreeMap<Month, String>,
    moved: BTreeMap<Month, BTreeMap<(Uuid, String), i128>>,
    claimed: Vec<Claimed>,
}

impl Default for SealedMonths {
    fn default() -> Self {
        Self::keeping(KEPT)
    }
}

impl SealedMonths {
    fn keeping(kept: usize) -> Self {
        Self {
            kept,
            recent: BTreeMap::new(),
            taken: None,
            leaves: BTreeMap::new(),
            disordered: BTreeMap::new(),
            moved: BTreeMap::new(),
            claimed: Vec::new(),
        }
    }

    /// Takes a journal with its leaf hash.
    pub(crate) fn journal(&mut self, row: &str, journal: &LeafJournal, hash: [u8; 32]) {
        // The canonical form has an ISO date here; one that is none belongs to no month, and so to no seal.
        let Some(month) = journal.effective_on.get(..7).and_then(Month::parse) else { return };
        let moved = self.moved.entry(month).or_default();
        for entry in &journal.entries {
            *moved.entry((entry.asset, entry.purpose.clone())).or_default() += i128::from(entry.amount);
        }
        let place = (journal.recorded_at, journal.id);
        if self.taken.is_some_and(|taken| place < taken) {
            self.disordered.entry(month).or_insert_with(|| row.to_owned());
        }
        self.recent.insert(place, (month, hash));
        while self.recent.len() > self.kept {
            self.take_first();
        }
        if journal.kind == JournalKind::PeriodSealed.as_str() {
            self.claimed.push(Claimed {
                row: row.to_owned(),
                book: journal.book,
                month: journal.reason.as_deref().and_then(Month::parse),
                hash: journal.document_hash.clone(),
            });
        }
    }

    fn take_first(&mut self) {
        if let Some((place, (month, hash))) = self.recent.pop_first() {
            self.leaves.entry(month).or_default().take(&hash);
            self.taken = Some(place);
        }
    }

    /// Derives every seal again, in the order of their months. Tells how many there are, and of each that differs its leaf and the
    /// fault.
    pub(crate) fn close(mut self) -> (u64, Vec<(String, String)>) {
        while !self.recent.is_empty() {
            self.take_first();
        }
        let mut found = Vec::new();
        let mut expected = self.moved.keys().next().copied();
        let mut standing: BTreeMap<(Uuid, String), i128> = BTreeMap::new();
        let mut previous = None;
        let count = self.claimed.len() as u64;
        for claimed in std::mem::take(&mut self.claimed) {
            let Some(month) = claimed.month else {
                found.push((claimed.row, "it seals what is no month".to_owned()));
                continue;
            };
            if expected != Some(month) {
                let turn = expected.map_or_else(|| "no month".to_owned(), |month| month.to_string());
                found.push((claimed.row, format!("it seals {month}, and it was the turn of {turn}")));
                continue;
            }
            let later = month.next().map(|next| self.moved.split_off(&next)).unwrap_or_default();
            for (held, units) in std::mem::replace(&mut self.moved, later).into_values().flatten() {
                *standing.entry(held).or_default() += units;
            }
            if let Some(late) = self.disordered.get(&month) {
                let fault = format!("the seal of {month} cannot be derived: {late} stands too far from its place");
                found.push((claimed.row.clone(), fault));
            }
            let leaves = self.leaves.remove(&month).unwrap_or_default().finish();
            let balance = |((asset, purpose), units): (&(Uuid, String), &i128)| {
                i64::try_from(*units).ok().map(|units| SealedBalance { asset: *asset, purpose: purpose.clone(), units })
            };
            let derived = standing.iter().map(balance).collect::<Option<Vec<_>>>();
            let derived = derived.map(|balances| Seal::new(claimed.book, month, previous, leaves, balances).hash());
            let told = derived.as_ref().map(|hash| hexadecimal(hash));
            if claimed.hash != told || told.is_none() {
                let (claims, gives) = (claimed.hash.as_deref().unwrap_or("-"), told.as_deref().unwrap_or("no seal"));
                found.push((claimed.row, format!("it seals {month} with {claims}, the leaves give {gives}")));
            }
            // The next one stands on the seal that was recorded: one wrong seal is named once.
            previous = claimed.hash.as_deref().and_then(bytes);
            expected = month.next();
        }
        (count, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Leaves;

    fn journal(number: u128, day: &str) -> LeafJournal {
        LeafJournal {
            book: 1,
            id: Uuid::from_u128(number),
            kind: "money_deposited".to_owned(),
            subject_kind: "money_movement".to_owned(),
            subject: Uuid::from_u128(number),
            subject_version: 1,
            effective_on: day.to_owned(),
            recorded_at: i64::try_from(number).unwrap(),
            actor: Uuid::nil(),
            reason: None,
            document_hash: None,
            reverses: None,
            entries: Vec::new(),
        }
    }

    fn seal(number: u128, month: &str, leaves: Leaves, previous: Option<[u8; 32]>) -> LeafJournal {
        let hash = Seal::new(1, Month::parse(month).unwrap(), previous, leaves, Vec::new()).hash();
        LeafJournal {
            kind: "period_sealed".to_owned(),
            reason: Some(month.to_owned()),
            document_hash: Some(hexadecimal(&hash)),
            ..journal(number, "2023-01-09")
        }
    }

    fn leaves(numbers: &[u8]) -> Leaves {
        let mut running = RunningLeaves::default();
        for number in numbers {
            running.take(&[*number; 32]);
        }
        running.finish()
    }

    fn told(months: SealedMonths) -> Vec<String> {
        months.close().1.into_iter().map(|(row, fault)| format!("{row}: {fault}")).collect()
    }

    /// Journals 1 to 3 of November and December, and their seals.
    fn read(order: &[u8], kept: usize) -> SealedMonths {
        let mut months = SealedMonths::keeping(kept);
        for number in order {
            let day = if *number == 3 { "2022-12-05" } else { "2022-11-30" };
            months.journal(&format!("leaf {number}"), &journal(u128::from(*number), day), [*number; 32]);
        }
        months
    }

    fn sealed(mut months: SealedMonths, leaves_of_november: Leaves) -> SealedMonths {
        let first = seal(8, "2022-11", leaves_of_november, None);
        let before = bytes(first.document_hash.as_deref().unwrap());
        months.journal("leaf 8", &first, [8; 32]);
        months.journal("leaf 9", &seal(9, "2022-12", leaves(&[3]), before), [9; 32]);
        months
    }

    #[test]
    fn right_seals_pass_also_when_a_journal_came_late() {
        for order in [[1, 2, 3], [2, 3, 1]] {
            let months = sealed(read(&order, 10), leaves(&[1, 2]));
            assert_eq!(months.close(), (2, Vec::new()), "{order:?}");
        }
        // What comes after the order is settled cannot be judged, and is said.
        let told = told(sealed(read(&[2, 3, 1], 1), leaves(&[1, 2])));
        assert!(told.iter().any(|fault| fault.contains("leaf 1 stands too far from its place")), "{told:?}");
    }

    #[test]
    fn a_wrong_seal_is_named_once_and_the_one_on_it_is_judged_by_itself() {
        let told = told(sealed(read(&[1, 2, 3], 10), leaves(&[1])));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("leaf 8: it seals 2022-11 with "), "{told:?}");
    }

    #[test]
    fn a_seal_out_of_turn_is_named() {
        let mut months = read(&[1, 2, 3], 10);
        months.journal("leaf 8", &seal(8, "2022-12", leaves(&[3]), None), [8; 32]);
        assert_eq!(told(months), ["leaf 8: it seals 2022-12, and it was the turn of 2022-11"]);
        let mut months = read(&[1], 10);
        let other = LeafJournal { reason: Some("November".to_owned()), ..seal(8, "2022-11", leaves(&[1]), None) };
        months.journal("leaf 8", &other, [8; 32]);
        assert_eq!(told(months), ["leaf 8: it seals what is no month"]);
    }
}
