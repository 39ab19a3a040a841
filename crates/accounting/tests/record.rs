//! The canonical form of an evidence record: its test vector, and that nothing can change without the hash changing.

use accounting::record::{self, Cell, Record};
use proptest::prelude::*;
use uuid::Uuid;

fn columns() -> Vec<(&'static str, Cell)> {
    vec![
        ("id", Cell::Id(Uuid::from_u128(11))),
        ("number", Cell::Absent),
        ("is_reserve", Cell::Truth(false)),
        ("loan_contract", Cell::Text("借字\n2022-001".to_owned())),
        ("principal", Cell::Number(10_000_000)),
        ("password_hash", Cell::Text("secret".to_owned()).hidden()),
        ("seal", Cell::Bytes(vec![0, 255])),
        ("version", Cell::Number(3)),
    ]
}

/// The record of the test vector.
fn record() -> Record {
    Record {
        book: 1,
        id: Uuid::from_u128(10),
        table: "pledges".to_owned(),
        key: Uuid::from_u128(11).to_string(),
        version: 3,
        recorded_at: 1_669_856_400_000_000,
        content: record::content(columns()),
    }
}

const FORM: &str = "ganhe-record/1
book 1
id 00000000-0000-0000-0000-00000000000a
table pledges
row 36 00000000-0000-0000-0000-00000000000b
version 3
recorded_at 1669856400000000
column id 00000000-0000-0000-0000-00000000000b
column is_reserve false
column loan_contract 15 借字
2022-001
column number -
column password_hash sha256 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
column principal 10000000
column seal x00ff
column version 3
";

fn hexadecimal(hash: [u8; 32]) -> String {
    hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
fn the_canonical_form_is_the_documented_one() {
    assert_eq!(record().canonical(), FORM);
    let hash = include_str!("record.sha256").trim();
    assert_eq!(hexadecimal(record().hash()), hash);
    let page = include_str!("../../../docs/RECORD-FORMAT.md");
    assert!(
        page.contains(&format!("```text\n{FORM}```\n")) && page.contains(hash),
        "docs/RECORD-FORMAT.md tells another"
    );
}

#[test]
fn the_order_in_which_columns_were_told_does_not_matter() {
    let mut turned = columns();
    turned.reverse();
    assert_eq!(record::content(turned), record().content);
}

#[test]
fn every_change_of_a_record_changes_its_hash() {
    let changes: [fn(&mut Record); 8] = [
        |record| record.book = 2,
        |record| record.id = Uuid::from_u128(99),
        |record| record.table.push('x'),
        |record| record.key.push('x'),
        |record| record.version += 1,
        |record| record.recorded_at += 1,
        |record| record.content.push('x'),
        |record| record.content.clear(),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut forged = record();
        change(&mut forged);
        assert_ne!(forged.hash(), record().hash(), "change {at}");
    }
}

#[test]
fn a_secret_is_told_by_its_hash_and_what_is_no_text_as_it_is() {
    let hidden = Cell::Text("secret".to_owned()).hidden();
    assert!(matches!(hidden, Cell::Secret(_)));
    assert_ne!(hidden, Cell::Text("secrets".to_owned()).hidden());
    assert_eq!(Cell::Absent.hidden(), Cell::Absent);
}

#[test]
fn what_is_no_content_is_not_read() {
    for text in
        ["column", "column a", "column a 1", "line a 1\n", "column a 5 abc\n", "column a 2 界\n", "column a 1 b\nx"]
    {
        assert_eq!(record::columns(text), None, "{text:?}");
    }
    assert_eq!(record::columns(""), Some(Vec::new()));
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Absent),
        any::<u128>().prop_map(|id| Cell::Id(Uuid::from_u128(id))),
        any::<i64>().prop_map(Cell::Number),
        any::<bool>().prop_map(Cell::Truth),
        "(?s).{0,20}".prop_map(Cell::Text),
        // Texts that look like other lines, numbers, nothing.
        Just(Cell::Text("3\ncolumn b 4".to_owned())),
        Just(Cell::Text("-".to_owned())),
        Just(Cell::Text("7".to_owned())),
        Just(Cell::Text("true".to_owned())),
        Just(Cell::Text(String::new())),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Cell::Bytes),
        "(?s).{0,20}".prop_map(|text| Cell::Text(text).hidden()),
    ]
}

proptest! {
    #[test]
    fn two_rows_have_one_form_only_when_they_are_equal(one in (cell(), cell()), other in (cell(), cell())) {
        let form = |(a, b): &(Cell, Cell)| record::content([("a", a.clone()), ("b", b.clone())]);
        prop_assert_eq!(one == other, form(&one) == form(&other));
    }

    #[test]
    fn a_content_is_read_back_column_by_column(cells in prop::collection::vec(cell(), 0..6)) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let content = record::content(names.into_iter().zip(cells.iter().cloned()));
        let read = record::columns(&content);
        let read = read.expect("a content");
        prop_assert_eq!(read.len(), cells.len());
        for ((name, value), (wanted, cell)) in read.iter().zip(names.into_iter().zip(&cells)) {
            prop_assert_eq!(*name, wanted);
            let one = record::content([(wanted, cell.clone())]);
            prop_assert_eq!(format!("column {name} {value}\n"), one);
        }
    }
}
