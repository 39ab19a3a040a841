//! What passes from a listing or a registration to the trades that come of it, for every way to split it.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, Held, Postings};
use accounting::{
    AssetId, Books, Holding, Journal, JournalId, JournalKind, Money, OwnerId, Purpose, Quantity, Subject, SubjectId,
    SubjectKind,
};
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

const LISTING: SubjectId = SubjectId(Uuid::from_u128(60));
const REGISTRATION: SubjectId = SubjectId(Uuid::from_u128(61));

fn stock(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn mill() -> Holding {
    stock(10, 1)
}

fn purse() -> Holding {
    stock(11, 2)
}

fn book(asset: u128, purpose: Purpose) -> accounting::AccountKey {
    stock(1, asset).account(purpose)
}

fn trade(number: usize) -> SubjectId {
    SubjectId(Uuid::from_u128(70 + u128::try_from(number).expect("a small number")))
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).expect("a quantity")
}

fn fen(fen: i64) -> Money {
    Money::try_new(fen).expect("an amount")
}

fn then(books: &mut Books, postings: Postings) -> bool {
    let subject = Subject { kind: SubjectKind::Trade, id: trade(0).0, version: 1 };
    let postings = postings.expect("a recipe that fits together");
    let id = JournalId(Uuid::from_u128(900));
    books.apply(&Journal::new(id, JournalKind::TradeMatched, subject, date(2022, 3, 31), postings)).is_ok()
}

/// Books in which the mill has put up a quantity and a bidder has left a deposit.
fn put_up(quantity: i64, deposit: i64) -> Books {
    let mut books = Books::default();
    assert!(then(&mut books, recipes::allocate(book(1, Purpose::Issued), mill(), None, grams(quantity))));
    assert!(then(&mut books, recipes::deposit(book(2, Purpose::Outside), purse(), fen(deposit))));
    assert!(then(&mut books, recipes::hold_rights(mill(), LISTING, grams(quantity))));
    assert!(then(&mut books, recipes::hold_money(purse(), REGISTRATION, fen(deposit))));
    books
}

#[test]
fn no_more_passes_than_is_held() {
    let mut books = put_up(500, 300);
    assert!(!then(&mut books, recipes::pass_rights(mill(), LISTING, trade(0), grams(501))));
    assert!(!then(&mut books, recipes::pass_money(purse(), REGISTRATION, trade(0), fen(301))));
    assert!(then(&mut books, recipes::pass_rights(mill(), LISTING, trade(0), grams(500))));
    assert!(then(&mut books, recipes::pass_money(purse(), REGISTRATION, trade(0), fen(300))));
    assert_eq!(books.balance(&mill().committed(LISTING)), 0);
    assert_eq!(books.balance(&purse().committed(trade(0))), 300);
}

proptest! {
    #[test]
    fn whatever_parts_are_bought_nothing_is_lost_and_the_rest_goes_back(
        parts in proptest::collection::vec(1_i64..1_000, 1..8),
        rest in 0_i64..1_000,
    ) {
        let whole = parts.iter().sum::<i64>() + rest;
        let mut books = put_up(whole, whole);
        for (at, part) in parts.iter().enumerate() {
            prop_assert!(then(&mut books, recipes::pass_rights(mill(), LISTING, trade(at), grams(*part))));
            prop_assert!(then(&mut books, recipes::pass_money(purse(), REGISTRATION, trade(at), fen(*part))));
            prop_assert_eq!(books.balance(&mill().committed(trade(at))), *part);
        }
        prop_assert_eq!(books.balance(&mill().committed(LISTING)), rest);
        let left = Held { rights: Some((mill(), rest)), ..Held::default() };
        prop_assert!(then(&mut books, recipes::void(LISTING, &left)));
        let left = Held { money: Some((purse(), rest)), ..Held::default() };
        prop_assert!(then(&mut books, recipes::void(REGISTRATION, &left)));
        for (at, part) in parts.iter().enumerate() {
            let held = Held { rights: Some((mill(), *part)), money: Some((purse(), *part)), headroom: None };
            prop_assert!(then(&mut books, recipes::void(trade(at), &held)));
        }
        prop_assert_eq!(books.balance(&mill().available()), whole, "undone, everything is as it was");
        prop_assert_eq!(books.balance(&purse().available()), whole);
        prop_assert!(books.balance(&book(1, Purpose::Issued)) == -whole);
    }
}
