//! Laws of grants that are posted together: what they move is what they would move one by one.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::PostingFault;
use accounting::recipes::{self, CapStanding, Grant, Postings};
use accounting::{
    AccountKey, AssetId, Books, Holding, Journal, JournalId, JournalKind, OwnerId, Purpose, Quantity, Subject,
    SubjectKind,
};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const AREAS: u128 = 2;
const CAP: i64 = 1_000_000;

fn holding(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn area(number: u128) -> Holding {
    holding(200 + number % AREAS, 300 + number % AREAS)
}

fn grant(site: u128, class: u128, grams: i64, is_reserve: bool) -> Grant {
    Grant {
        issued: holding(1, 500 + class).account(Purpose::Issued),
        site: holding(400 + site, 500 + class),
        area: (!is_reserve).then(|| area(site)),
        quantity: Quantity::try_new(grams).expect("more than zero"),
    }
}

fn post(books: &mut Books, number: u128, postings: Postings) {
    let subject = Subject { kind: SubjectKind::AllocationPart, id: Uuid::from_u128(number), version: 1 };
    let id = JournalId(Uuid::from_u128(number));
    let kind = JournalKind::AllocationPartGranted;
    let journal = Journal::new(id, kind, subject, date(2022, 12, 1), postings.expect("good postings"));
    books.apply(&journal).expect("enough headroom");
}

fn capped() -> Books {
    let mut books = Books::default();
    for number in 0..AREAS {
        post(&mut books, 1 + number, recipes::set_cap(area(number), CapStanding::default(), CAP));
    }
    books
}

fn accounts(grants: &[Grant]) -> BTreeSet<AccountKey> {
    let of = |grant: &Grant| {
        let areas =
            grant.area.into_iter().flat_map(|area| [area.account(Purpose::Headroom), area.account(Purpose::Used)]);
        [grant.issued, grant.site.available()].into_iter().chain(areas).collect::<Vec<_>>()
    };
    grants.iter().flat_map(of).collect()
}

proptest! {
    #[test]
    fn together_they_move_what_they_move_one_by_one(
        drawn in prop::collection::vec((0_u128..6, 0_u128..3, 1_i64..10_000, any::<bool>()), 1..60),
    ) {
        let grants: Vec<Grant> =
            drawn.into_iter().map(|(site, class, grams, reserve)| grant(site, class, grams, reserve)).collect();
        let (mut together, mut alone) = (capped(), capped());
        let postings = recipes::allocate_together(&grants);
        let areas = grants.iter().filter_map(|grant| grant.area).map(|area| area.owner).collect::<BTreeSet<_>>();
        prop_assert_eq!(postings.as_ref().map(Vec::len), Ok(grants.len() + areas.len()), "one posting for each area");
        post(&mut together, 10, postings);
        for (number, grant) in (10..).zip(&grants) {
            post(&mut alone, number, recipes::allocate(grant.issued, grant.site, grant.area, grant.quantity));
        }
        for account in accounts(&grants) {
            prop_assert_eq!(together.balance(&account), alone.balance(&account));
        }
    }

    #[test]
    fn what_is_held_for_a_fee_ends_as_if_it_had_been_granted_at_once(site in 0_u128..6, grams in 1_i64..CAP) {
        let grant = grant(site, 0, grams, false);
        let subject = accounting::SubjectId(Uuid::from_u128(9));
        let (mut held, mut at_once, before) = (capped(), capped(), capped());
        post(&mut held, 10, recipes::hold_headroom(area(site), subject, grant.quantity));
        let back = recipes::Held { headroom: Some((area(site), grams)), ..recipes::Held::default() };
        let mut given_up = held.clone();
        post(&mut given_up, 11, recipes::void(subject, &back));
        post(&mut held, 11, recipes::allocate_held(grant.issued, grant.site, grant.area, subject, grant.quantity));
        post(&mut at_once, 10, recipes::allocate(grant.issued, grant.site, grant.area, grant.quantity));
        for account in accounts(&[grant]).into_iter().chain([area(site).committed(subject)]) {
            prop_assert_eq!(held.balance(&account), at_once.balance(&account));
            prop_assert_eq!(given_up.balance(&account), before.balance(&account));
        }
    }
}

#[test]
fn a_sum_that_the_books_cannot_count_is_refused() {
    let grants = [grant(0, 0, i64::MAX, false), grant(2, 0, 1, false)];
    assert_eq!(recipes::allocate_together(&grants), Err(PostingFault::OutOfRange));
}
