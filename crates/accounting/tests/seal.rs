//! The canonical form of a sealed period: the vector of docs/SEAL-FORMAT.md, and that everything in it counts.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use accounting::seal::{Leaves, RunningLeaves, Seal, SealedBalance};
use accounting::{Month, hexadecimal};
use uuid::Uuid;

fn leaves(hashes: &[[u8; 32]]) -> Leaves {
    let mut running = RunningLeaves::default();
    for hash in hashes {
        running.take(hash);
    }
    running.finish()
}

fn balance(asset: u128, purpose: &str, units: i64) -> SealedBalance {
    SealedBalance { asset: Uuid::from_u128(asset), purpose: purpose.to_owned(), units }
}

fn seal() -> Seal {
    let balances = vec![balance(30, "issued", -2_000_000), balance(30, "available", 2_000_000)];
    Seal::new(1, Month::parse("2022-11").unwrap(), Some([0x11; 32]), leaves(&[[1; 32], [2; 32]]), balances)
}

#[test]
fn the_test_vector_of_the_documentation_holds() {
    let document = include_str!("../../../docs/SEAL-FORMAT.md");
    let seal = seal();
    assert!(document.contains(&format!("```text\n{}```", seal.canonical())), "{}", seal.canonical());
    assert!(document.contains(&hexadecimal(&seal.hash())), "{}", hexadecimal(&seal.hash()));
}

#[test]
fn whatever_differs_gives_another_hash() {
    let first = seal();
    let others = [
        Seal { book: 2, ..first.clone() },
        Seal { month: Month::parse("2022-10").unwrap(), ..first.clone() },
        Seal { previous: None, ..first.clone() },
        Seal { previous: Some([0x12; 32]), ..first.clone() },
        Seal { journals: leaves(&[[2; 32], [1; 32]]), ..first.clone() },
        Seal { journals: leaves(&[[1; 32]]), ..first.clone() },
        Seal { balances: vec![balance(30, "available", 2_000_000)], ..first.clone() },
        Seal { balances: vec![balance(30, "available", 1), balance(30, "issued", -2_000_000)], ..first.clone() },
    ];
    for other in others {
        assert_ne!(other.hash(), first.hash(), "{}", other.canonical());
    }
}

#[test]
fn the_order_in_which_balances_were_read_does_not_count() {
    let first = seal();
    let turned =
        Seal::new(1, first.month, first.previous, first.journals, first.balances.iter().rev().cloned().collect());
    assert_eq!(turned, first);
}

#[test]
fn a_month_is_read_strictly_and_followed_by_the_next() {
    for text in ["2022-13", "2022-00", "2022-1", "202-011", "2022/11", "2022-11-01", "", "abcd-ef", "2022-1 "] {
        assert_eq!(Month::parse(text), None, "{text}");
    }
    let december = Month::parse("2022-12").unwrap();
    assert_eq!(december.to_string(), "2022-12");
    assert_eq!(
        (december.first_day().to_string(), december.last_day().to_string()),
        ("2022-12-01".into(), "2022-12-31".into())
    );
    assert_eq!(december.next(), Month::parse("2023-01"));
    assert_eq!(Month::parse("2024-02").unwrap().last_day().to_string(), "2024-02-29");
    assert_eq!(Month::of("2024-02-29".parse().unwrap()), Month::parse("2024-02").unwrap());
    assert_eq!(Month::parse("9999-12").unwrap().next(), None);
}
