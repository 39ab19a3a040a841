//! What passes from a listing or a registration to the trades that come of it, for every way to split it.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, Held, Postings, Settlement};
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

    /// What is sold into another zone arrives as rights of that zone, gram for gram: of the pollutant, which both classes count, no gram
    /// comes into being and none is lost, whatever a replacement ratio then retires of it.
    #[test]
    fn rights_that_leave_their_zone_stay_whole(whole in 2_i64..1_000_000, share in 1_i64..1_000_000, excess in 0_i64..1_000_000) {
        let sold = 1 + share % whole;
        let excess = excess % (sold + 1);
        let (buyer, money) = (stock(12, 3), stock(13, 2));
        let mut books = Books::default();
        prop_assert!(then(&mut books, recipes::allocate(book(1, Purpose::Issued), mill(), None, grams(whole))));
        prop_assert!(then(&mut books, recipes::deposit(book(2, Purpose::Outside), money, fen(sold))));
        prop_assert!(then(&mut books, recipes::hold_rights(mill(), trade(0), grams(sold))));
        prop_assert!(then(&mut books, recipes::hold_money(money, trade(0), fen(sold))));
        let settlement = Settlement {
            trade: trade(0),
            seller: mill(),
            buyer,
            conversion: Some((book(1, Purpose::Converted), book(3, Purpose::Converted))),
            quantity: grams(sold),
            buyer_money: money,
            proceeds: purse().available(),
            total: fen(sold),
            fee: None,
            areas: None,
        };
        let retired = recipes::retire_excess(buyer, None, excess).expect("an excess");
        let settled = [recipes::settle(&settlement).expect("a settlement"), retired].concat();
        prop_assert!(then(&mut books, Ok(settled)));
        let standing = |holding: Holding, purpose| books.balance(&holding.account(purpose));
        prop_assert_eq!(standing(mill(), Purpose::Available), whole - sold);
        prop_assert_eq!(standing(buyer, Purpose::Available), sold - excess);
        let of_sites = [mill(), buyer].map(|site| standing(site, Purpose::Available) + standing(site, Purpose::Retired));
        prop_assert_eq!(of_sites.iter().sum::<i64>(), whole, "grams of the pollutant");
        prop_assert_eq!(books.balance(&mill().committed(trade(0))), 0);
        let turned = [1, 3].map(|asset| books.balance(&book(asset, Purpose::Converted)));
        prop_assert_eq!(turned, [sold, -sold], "what left one class came into the other");
    }
}
