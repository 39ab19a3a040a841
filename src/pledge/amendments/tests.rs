//! Versions of terms: what a change leaves held and secured, to the gram and the fen.

use super::*;
use crate::kernel::ids::UserId;
use crate::pledge::pledge::tests::{agreed_on, register};
use accounting::{Money, Quantity};
use jiff::civil::date;
use proptest::prelude::*;

fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn pledge() -> Pledge {
    register(agreed_on("1000000.00", "1300000.00")).unwrap()
}

fn change_of(pledge: &Pledge, grams: i64, secured: i64) -> Amendment {
    let lien = pledge.liens[0].id;
    let things = vec![ThingChange { lien, added: None, grams, secured, value: None }];
    Amendment {
        id: AmendmentId::fresh(),
        pledge: pledge.id,
        kind: AmendmentKind::PartialRelease,
        reason: "部分还款".to_owned(),
        principal: pledge.terms.principal,
        secured: Money::try_new(pledge.terms.secured.fen() + secured).unwrap(),
        debt_to: pledge.terms.debt_to,
        changes: Changes { things, appraised: None },
        proposed_by: UserId::fresh(),
        proposed_at: Moment::from_micros(1),
        agreements: Vec::new(),
        state: AmendmentState::Proposed,
        version: 1,
    }
}

#[test]
fn a_change_is_decided_once_and_makes_the_next_version() {
    let pledge = pledge();
    assert_eq!(pledge.terms_number(), 1);
    let open = change_of(&pledge, -1_000, 0);
    let pledge = pledge.with_amendment(open.clone());
    assert_eq!(pledge.open_amendment(), Some(&open));
    let (by, at) = (UserId::fresh(), Moment::from_micros(2));
    let done = open.decide(AmendmentState::InForce { number: 2, by, at }).unwrap();
    assert_eq!(done.clone().decide(AmendmentState::Refused { by, at }), Err(PledgeRefusal::NoOpenAmendment {}));
    let pledge = pledge.with_amendment(done);
    assert_eq!((pledge.terms_number(), pledge.open_amendment()), (2, None));
}

#[test]
fn whatever_is_more_or_longer_asks_for_credit_and_whatever_is_less_does_not() {
    let pledge = pledge();
    let asks = |change: fn(&mut Amendment)| {
        let mut amendment = change_of(&pledge, 0, 0);
        change(&mut amendment);
        amendment.asks_for_credit(&pledge.terms)
    };
    assert!(asks(|one| one.principal = yuan("1000000.01")));
    assert!(asks(|one| one.secured = yuan("1000000.01")));
    assert!(asks(|one| one.debt_to = date(2023, 3, 31)));
    assert!(!asks(|one| {
        (one.principal, one.secured, one.debt_to) = (yuan("900000.00"), yuan("900000.00"), date(2023, 3, 29));
    }));
}

#[test]
fn nothing_is_given_up_that_is_not_held_and_something_stays() {
    let pledge = pledge();
    let held = pledge.liens[0].left().unwrap().grams();
    let released = |grams, secured| pledge.clone().changed(&change_of(&pledge, grams, secured), Vec::new());
    assert_eq!(released(-held - 1, 0), Err(PledgeRefusal::MoreThanHeld {}));
    assert_eq!(released(-held, 0), Err(PledgeRefusal::WholeReleased {}));
    let left = released(1 - held, -1).unwrap();
    assert_eq!(left.liens[0].left().map(Quantity::grams), Some(1));
    assert_eq!((left.liens[0].secured, left.terms.secured), (Some(yuan("999999.99")), yuan("999999.99")));
    let mut apart = change_of(&pledge, -1, -1);
    apart.secured = pledge.terms.secured;
    let (whole, sum) = ("1000000.00".to_owned(), "999999.99".to_owned());
    assert_eq!(pledge.clone().changed(&apart, Vec::new()), Err(PledgeRefusal::PartsDiffer { whole, sum }));
}

proptest! {
    /// Any run of changes: what the lien holds and what rests on it is the sum of all steps, and never less than nothing.
    #[test]
    fn steps_add_up(steps in prop::collection::vec((-5_000_000_i64..5_000_000, -20_000_000_i64..20_000_000), 1..12)) {
        let mut now = pledge();
        let (mut grams, mut fen) = (now.liens[0].left().unwrap().grams(), now.terms.secured.fen());
        for (by, of) in steps {
            if fen + of <= 0 {
                continue;
            }
            match now.clone().changed(&change_of(&now, by, of), Vec::new()) {
                Ok(changed) => {
                    (grams, fen) = (grams + by, fen + of);
                    now = changed;
                }
                Err(PledgeRefusal::MoreThanHeld {}) => prop_assert!(grams + by < 0),
                Err(PledgeRefusal::WholeReleased {}) => prop_assert_eq!(grams + by, 0),
                Err(other) => prop_assert!(false, "{:?}", other),
            }
            prop_assert_eq!(now.liens[0].left().map_or(0, Quantity::grams), grams);
            prop_assert_eq!(now.liens[0].secured.map(Money::fen), Some(fen));
            prop_assert!(grams > 0);
        }
    }
}
