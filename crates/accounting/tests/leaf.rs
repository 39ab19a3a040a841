//! The canonical form of a journal: its test vectors, and that nothing can change without the hash changing.

use accounting::leaf::{LeafEntry, LeafJournal};
use proptest::prelude::*;
use uuid::Uuid;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The journal of the test vector: 2.000 t leave one account and enter another.
fn settled() -> LeafJournal {
    let entry = |account: u128, amount: i64, balance_after: i64, purpose: &str, subject| LeafEntry {
        line: 0,
        account: id(account),
        owner: id(account + 1),
        asset: id(30),
        purpose: purpose.to_owned(),
        subject,
        amount,
        balance_after,
        version: 2,
    };
    LeafJournal {
        book: 1,
        id: id(10),
        kind: "trade_settled".to_owned(),
        subject_kind: "trade".to_owned(),
        subject: id(11),
        subject_version: 4,
        effective_on: "2022-12-01".to_owned(),
        recorded_at: 1_669_856_400_000_000,
        actor: id(12),
        reason: Some("同意\n交易".to_owned()),
        document_hash: None,
        reverses: None,
        entries: vec![
            entry(20, -2_000_000, 0, "committed", Some(id(11))),
            entry(22, 2_000_000, 5_000_000, "available", None),
        ],
    }
}

const FORM: &str = "ganhe-journal/1
book 1
id 00000000-0000-0000-0000-00000000000a
kind trade_settled
subject_kind trade
subject 00000000-0000-0000-0000-00000000000b
subject_version 4
effective_on 2022-12-01
recorded_at 1669856400000000
actor 00000000-0000-0000-0000-00000000000c
reason 13 同意
交易
document_hash -
reverses -
entries 2
entry 0 00000000-0000-0000-0000-000000000014 00000000-0000-0000-0000-000000000015 00000000-0000-0000-0000-00000000001e committed 00000000-0000-0000-0000-00000000000b -2000000 0 2
entry 0 00000000-0000-0000-0000-000000000016 00000000-0000-0000-0000-000000000017 00000000-0000-0000-0000-00000000001e available - 2000000 5000000 2
";

fn hexadecimal(hash: [u8; 32]) -> String {
    hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
fn the_canonical_form_is_the_documented_one() {
    assert_eq!(settled().canonical(), FORM);
    assert_eq!(hexadecimal(settled().hash()), include_str!("leaf.sha256").trim());
}

#[test]
fn the_order_in_which_entries_were_read_does_not_matter() {
    let mut turned = settled();
    turned.entries.reverse();
    assert_eq!(turned.in_order(), settled());
}

/// Every single change of a column.
fn changes() -> Vec<fn(&mut LeafJournal)> {
    vec![
        |leaf| leaf.book = 2,
        |leaf| leaf.id = id(99),
        |leaf| leaf.kind.push('x'),
        |leaf| leaf.subject_kind.push('x'),
        |leaf| leaf.subject = id(99),
        |leaf| leaf.subject_version += 1,
        |leaf| leaf.effective_on.push('x'),
        |leaf| leaf.recorded_at += 1,
        |leaf| leaf.actor = id(99),
        |leaf| leaf.reason = None,
        |leaf| leaf.reason = Some(String::new()),
        |leaf| leaf.document_hash = Some("00".to_owned()),
        |leaf| leaf.reverses = Some(id(99)),
        |leaf| leaf.entries.truncate(1),
        |leaf| leaf.entries[0].line = 1,
        |leaf| leaf.entries[0].account = id(99),
        |leaf| leaf.entries[0].owner = id(99),
        |leaf| leaf.entries[0].asset = id(99),
        |leaf| leaf.entries[0].purpose.push('x'),
        |leaf| leaf.entries[0].subject = None,
        |leaf| leaf.entries[0].amount -= 1,
        |leaf| leaf.entries[0].balance_after += 1,
        |leaf| leaf.entries[0].version += 1,
    ]
}

#[test]
fn every_change_of_a_column_changes_the_hash() {
    for (at, change) in changes().into_iter().enumerate() {
        let mut leaf = settled();
        change(&mut leaf);
        assert_ne!(leaf.hash(), settled().hash(), "change {at}");
    }
}

proptest! {
    #[test]
    fn no_reason_can_pass_for_another_column(reason in "(?s).{0,60}", hash in proptest::option::of("[0-9a-f]{4}")) {
        let honest = LeafJournal { reason: Some(reason.clone()), document_hash: hash, ..settled() };
        let forged = LeafJournal {
            reason: Some(format!("{reason}\ndocument_hash -")),
            document_hash: None,
            ..settled()
        };
        prop_assert_ne!(honest.canonical(), forged.canonical());
        let text = format!("\nreason {} {reason}\n", reason.len());
        prop_assert!(honest.canonical().contains(&text));
    }
}
