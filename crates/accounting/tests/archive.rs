//! An archive is examined with a public key alone: what is right passes, and whatever is changed is named.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use accounting::archive::{Examination, Extent};
use accounting::leaf::{LeafEntry, LeafJournal};
use accounting::note::{self, TreeHead};
use accounting::record::{self, Cell, Record};
use accounting::tree::{Edge, Hash, leaf_hash};
use accounting::verify::Difference;
use proptest::prelude::*;
use uuid::Uuid;

/// A leaf with its place and the hash that is claimed for it.
#[derive(Clone)]
struct Leaf {
    position: u64,
    claimed: Hash,
    text: String,
}

/// What a file would hold.
#[derive(Clone)]
struct Archive {
    leaves: Vec<Leaf>,
    /// Notes by the number of leaves before them.
    notes: Vec<(u64, String)>,
    vkey: String,
    secret: String,
}

const ORIGIN: &str = "ganhe.example/book-1";

fn entry(line: i32, account: u128, amount: i64, balance_after: i64, version: i64) -> LeafEntry {
    let purpose = if account == 1 { "outside" } else { "available" };
    LeafEntry {
        line,
        account: Uuid::from_u128(account),
        owner: Uuid::from_u128(account + 100),
        asset: Uuid::from_u128(7),
        purpose: purpose.to_owned(),
        subject: None,
        amount,
        balance_after,
        version,
    }
}

fn journal(number: u128, reason: Option<&str>, entries: Vec<LeafEntry>) -> LeafJournal {
    LeafJournal {
        book: 1,
        id: Uuid::from_u128(1_000 + number),
        kind: "money_deposited".to_owned(),
        subject_kind: "money_movement".to_owned(),
        subject: Uuid::from_u128(2_000 + number),
        subject_version: 1,
        effective_on: "2022-12-01".to_owned(),
        recorded_at: 1_669_856_400_000_000 + i64::try_from(number).unwrap(),
        actor: Uuid::from_u128(5),
        reason: reason.map(str::to_owned),
        document_hash: None,
        reverses: None,
        entries,
    }
}

fn row(version: i64) -> Record {
    Record {
        book: 1,
        id: Uuid::from_u128(3_000 + u128::try_from(version).unwrap()),
        table: "pledges".to_owned(),
        key: "银行 1".to_owned(),
        version,
        recorded_at: 1_669_856_400_000_000,
        content: record::content([
            ("note", Cell::Text("第一行\n第二行".to_owned())),
            ("version", Cell::Number(version)),
        ]),
    }
}

impl Archive {
    /// Ten deposits to one account with a record between them, signed after the fourth leaf and at the end.
    fn small() -> Self {
        let mut texts = Vec::new();
        for number in 1..=10_i64 {
            let sides = vec![entry(0, 1, -5, -5 * number, number), entry(0, 2, 5, 5 * number, number)];
            texts.push(journal(u128::try_from(number).unwrap(), Some("因故\nreverses -"), sides).canonical());
            if number % 4 == 0 {
                texts.push(row(number / 4).canonical());
            }
        }
        Self::of(&texts)
    }

    fn of(texts: &[String]) -> Self {
        let (secret, vkey) = note::note_key(ORIGIN, &[7; 32]);
        let leaf = |(position, text): (usize, &String)| Leaf {
            position: position as u64,
            claimed: leaf_hash(text.as_bytes()),
            text: text.clone(),
        };
        let leaves = texts.iter().enumerate().map(leaf).collect();
        let mut archive = Self { leaves, notes: Vec::new(), vkey, secret };
        for size in [4, archive.leaves.len() as u64] {
            let note = archive.head(size).sign(&[archive.secret.as_str()]).unwrap();
            archive.notes.push((size, note));
        }
        archive
    }

    fn head(&self, size: u64) -> TreeHead {
        let mut edge = Edge::default();
        for leaf in &self.leaves[..usize::try_from(size).unwrap()] {
            edge.append(leaf_hash(leaf.text.as_bytes()));
        }
        TreeHead { origin: ORIGIN.to_owned(), size, root: edge.root(), extensions: Vec::new() }
    }

    fn examined_with(
        &self,
        vkey: &str,
        witnesses: &[String],
        kept: &[String],
        lines: &[String],
    ) -> (Extent, Vec<Difference>) {
        let mut examination = Examination::begin(&[vkey.to_owned()], witnesses, kept).unwrap();
        for (at, leaf) in self.leaves.iter().enumerate() {
            examination.leaf(leaf.position, leaf.claimed, &leaf.text);
            for (_, note) in self.notes.iter().filter(|(size, _)| *size == at as u64 + 1) {
                examination.checkpoint(note, lines);
            }
        }
        examination.close()
    }

    fn found(&self) -> String {
        let (_, found) = self.examined_with(&self.vkey, &[], &[], &[]);
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    /// Puts another text in place of one, with a hash that fits it.
    fn with_text(mut self, at: usize, change: impl Fn(&str) -> String) -> Self {
        let text = change(&self.leaves[at].text);
        assert_ne!(text, self.leaves[at].text);
        self.leaves[at].claimed = leaf_hash(text.as_bytes());
        self.leaves[at].text = text;
        self
    }

    /// The operator signs what there is now.
    fn signed_anew(self) -> Self {
        let texts: Vec<String> = self.leaves.iter().map(|leaf| leaf.text.clone()).collect();
        Self::of(&texts)
    }
}

#[test]
fn a_right_archive_passes_and_tells_what_it_holds() {
    let archive = Archive::small();
    let (extent, found) = archive.examined_with(&archive.vkey, &[], &[], &[]);
    assert_eq!(found, []);
    let Extent { journals, entries, accounts, records, checkpoints, head, .. } = extent;
    assert_eq!((journals, entries, accounts, records, checkpoints), (10, 20, 2, 2, 2));
    assert_eq!(head.unwrap().size, 12);
}

#[test]
fn a_changed_text_is_named_by_its_leaf() {
    let mut archive = Archive::small();
    archive.leaves[5].text = archive.leaves[5].text.replace("available - 5", "available - 6");
    let found = archive.found();
    assert!(found.contains("archive leaf 5: its text does not give the hash"), "{found}");
}

#[test]
fn a_changed_text_with_a_hash_that_fits_breaks_the_next_root() {
    let archive = Archive::small().with_text(6, |text| text.replace("2022-12-01", "2022-11-01"));
    let found = archive.found();
    assert!(
        found.contains("checkpoint of size 12: its root is not that of the leaves: one of the leaves from 4 on"),
        "{found}"
    );
}

#[test]
fn books_that_do_not_add_up_are_named_even_when_the_operator_signs_them() {
    let cases: [(usize, &str, &str, &str); 6] = [
        (2, "- 5 15 3", "- 6 15 3", "leaf 2 (journal 00000000-0000-0000-0000-0000000003eb): line 0 is not one amount"),
        (2, "- 5 15 3", "- 5 16 3", "leaf 2: account 00000000-0000-0000-0000-000000000002: 10 and 5 do not make 16"),
        (2, "- 5 15 3", "- 5 15 30", "account 00000000-0000-0000-0000-000000000002: version 3 is missing"),
        (2, "- 5 15 3", "- 5 15 2", "has its version 2 twice"),
        (2, "available - 5 15 3", "pledged - 5 15 3", "is another one than in an earlier entry"),
        (4, "version 1\nrecorded", "version 3\nrecorded", "pledges 银行 1: version 1 is missing"),
    ];
    for (at, from, to, named) in cases {
        let archive = Archive::small().with_text(at, |text| text.replace(from, to)).signed_anew();
        let found = archive.found();
        assert!(found.contains(named), "{from} -> {to}: {found}");
    }
}

#[test]
fn leaves_that_are_taken_away_added_or_exchanged_are_named() {
    let mut without = Archive::small();
    without.leaves.remove(3);
    assert!(without.found().contains("leaf 4: leaf 3 was expected here"), "{}", without.found());
    let mut cut = Archive::small();
    cut.leaves.truncate(9);
    assert!(cut.found().contains("leaf 4: the newest checkpoint signs 4 leaves only"), "{}", cut.found());
    let mut longer = Archive::small();
    let last = longer.leaves[0].clone();
    longer.leaves.push(Leaf { position: 12, ..last });
    assert!(longer.found().contains("leaf 12: the newest checkpoint signs 12 leaves only"), "{}", longer.found());
    let mut exchanged = Archive::small();
    exchanged.leaves.swap(1, 2);
    assert!(exchanged.found().contains("leaf 2: leaf 1 was expected here"), "{}", exchanged.found());
}

#[test]
fn only_a_trusted_key_counts() {
    let archive = Archive::small();
    let (_, other) = note::note_key(ORIGIN, &[8; 32]);
    let (_, found) = archive.examined_with(&other, &[], &[], &[]);
    assert!(found.iter().any(|one| one.fault == "none is signed by a key that you trust"), "{found:#?}");
    assert!(Examination::begin(&["nonsense".to_owned()], &[], &[archive.notes[0].1.clone()]).is_err());
}

#[test]
fn a_kept_checkpoint_shows_what_was_cut_off_or_written_anew() {
    let archive = Archive::small();
    let kept = [archive.notes[0].1.clone(), archive.notes[1].1.clone()];
    assert_eq!(archive.examined_with(&archive.vkey, &[], &kept, &[]).1, []);
    let mut cut = archive.clone();
    cut.leaves.truncate(8);
    let cut = cut.signed_anew();
    let (_, found) = cut.examined_with(&archive.vkey, &[], &kept, &[]);
    assert!(
        found.iter().any(|one| one.to_string().contains("kept checkpoint of size 12: the archive ends with 8 leaves")),
        "{found:#?}"
    );
    let anew = archive.clone().with_text(1, |text| text.replace("2022-12-01", "2022-11-01")).signed_anew();
    let (_, found) = anew.examined_with(&archive.vkey, &[], &kept, &[]);
    assert!(
        found
            .iter()
            .any(|one| one.to_string().contains("kept checkpoint of size 4: the leaves up to here are not those")),
        "{found:#?}"
    );
}

#[test]
fn witnesses_that_are_trusted_must_have_signed() {
    let archive = Archive::small();
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let vkey = note::witness_key("bank.example", &key.verifying_key());
    let line = note::cosign(&archive.head(12), "bank.example", &key, 1_669_856_400).unwrap();
    let (_, found) = archive.examined_with(&archive.vkey, std::slice::from_ref(&vkey), &[], &[]);
    assert!(found.iter().any(|one| one.row == "witness bank.example"), "{found:#?}");
    let (extent, found) = archive.examined_with(&archive.vkey, &[vkey], &[], &[line]);
    assert_eq!(extent.cosigned["bank.example"], 12);
    // The same line stands under the earlier checkpoint too, which it does not sign.
    assert!(found.iter().all(|one| one.fault.contains("the line of bank.example")), "{found:#?}");
}

#[test]
fn a_row_that_entered_late_is_no_gap() {
    let archive = Archive::small();
    let mut texts: Vec<String> = archive.leaves.iter().map(|leaf| leaf.text.clone()).collect();
    texts.swap(5, 9);
    assert_eq!(Archive::of(&texts).found(), "");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(reason in proptest::option::of(".{0,40}"), amounts in proptest::collection::vec(1_i64..1_000_000, 0..6)) {
        let mut balance = 0;
        let mut entries = Vec::new();
        for (line, amount) in (0..).zip(&amounts) {
            balance += amount;
            entries.push(entry(line, 1, -amount, -balance, i64::from(line) + 1));
            entries.push(entry(line, 2, *amount, balance, i64::from(line) + 1));
        }
        let journal = journal(1, reason.as_deref(), entries);
        prop_assert_eq!(LeafJournal::parse(&journal.canonical()), Some(journal));
        let record = Record { key: reason.unwrap_or_default(), ..row(3) };
        prop_assert_eq!(Record::parse(&record.canonical()), Some(record));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_single_byte_can_be_changed_unseen(leaf in 0_usize..12, at in 0_usize..4_000, with in any::<u8>()) {
        let mut archive = Archive::small();
        let mut bytes = archive.leaves[leaf].text.clone().into_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != with);
        bytes[at] = with;
        prop_assume!(String::from_utf8(bytes.clone()).is_ok());
        archive.leaves[leaf].text = String::from_utf8(bytes).unwrap();
        let named = format!("archive leaf {leaf}: ");
        prop_assert!(archive.found().contains(&named));
    }
}
