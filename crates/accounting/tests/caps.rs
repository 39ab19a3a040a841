//! A cap to the gram: what fits exactly is posted, one gram more is not.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, CapStanding};
use accounting::{
    AssetId, Books, Holding, Insufficient, Journal, JournalId, JournalKind, OwnerId, Posting, Purpose, Quantity,
    Subject, SubjectId, SubjectKind,
};
use proptest::prelude::*;
use uuid::Uuid;

fn holding(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn area() -> Holding {
    holding(3, 200)
}

fn post(books: &mut Books, postings: Vec<Posting>) -> Result<(), Insufficient> {
    let subject = Subject { kind: SubjectKind::Capacity, id: Uuid::from_u128(7), version: 1 };
    let day = "2022-12-01".parse().expect("a day");
    let journal = Journal::new(JournalId(Uuid::from_u128(9)), JournalKind::CapSet, subject, day, postings);
    books.apply(&journal).map(|_| ())
}

fn capped(cap: i64) -> Books {
    let mut books = Books::default();
    post(&mut books, recipes::set_cap(area(), CapStanding::default(), cap).expect("a cap")).expect("a posting");
    books
}

fn grants(books: &mut Books, grams: i64) -> Result<(), Insufficient> {
    let quantity = Quantity::try_new(grams).expect("a quantity");
    let issued = holding(0, 100).account(Purpose::Issued);
    post(books, recipes::allocate(issued, holding(1, 100), Some(area()), quantity).expect("a grant"))
}

fn holds(books: &mut Books, grams: i64) -> Result<(), Insufficient> {
    let quantity = Quantity::try_new(grams).expect("a quantity");
    let trade = SubjectId(Uuid::from_u128(8));
    post(books, recipes::hold_headroom(area(), trade, quantity).expect("a hold"))
}

proptest! {
    #[test]
    fn a_cap_takes_all_of_itself_and_not_a_gram_more(cap in 2_i64..=9_000_000_000_000_000, held in 1_i64..=1_000_000) {
        let held = held.min(cap - 1);
        prop_assert!(grants(&mut capped(cap), cap + 1).is_err());
        let mut books = capped(cap);
        prop_assert!(holds(&mut books, held).is_ok());
        prop_assert!(grants(&mut books, cap - held + 1).is_err(), "what is held for a trade is not free");
        prop_assert!(grants(&mut books, cap - held).is_ok());
        prop_assert_eq!(CapStanding::of(&books, area()).headroom, 0);
        prop_assert!(grants(&mut books, 1).is_err());
        prop_assert!(holds(&mut books, 1).is_err());
    }
}
