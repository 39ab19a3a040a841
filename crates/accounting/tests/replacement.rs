//! Replacement ratios in the books: what they retire, what of the headroom comes back, and that nothing else moves.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, AreaMove, Settlement};
use accounting::{
    AccountKey, AssetId, Books, Holding, Journal, JournalId, JournalKind, Money, OwnerId, Posting, Purpose, Quantity,
    Ratio, Subject, SubjectId, SubjectKind,
};
use proptest::prelude::*;
use uuid::Uuid;

const RIGHT: u128 = 100;
const CAPACITY: u128 = 200;
const MONEY: u128 = 300;
const TRADE: SubjectId = SubjectId(Uuid::from_u128(7));

fn holding(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn seller() -> Holding {
    holding(1, RIGHT)
}

fn buyer() -> Holding {
    holding(2, RIGHT)
}

/// The areas of seller and buyer: assets of their own, as every area's capacity is.
fn areas(is_same: bool) -> (Holding, Holding) {
    (holding(3, CAPACITY), if is_same { holding(3, CAPACITY) } else { holding(4, CAPACITY + 1) })
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).expect("a quantity")
}

fn post(books: &mut Books, postings: Vec<Posting>) {
    let subject = Subject { kind: SubjectKind::Trade, id: TRADE.0, version: 1 };
    let day = "2022-12-01".parse().expect("a day");
    let journal = Journal::new(JournalId(Uuid::from_u128(9)), JournalKind::TradeSettled, subject, day, postings);
    books.apply(&journal).expect("postings that the books can take");
}

/// A trade of `quantity` under a ratio, from the grant to its settlement.
fn settled(quantity: i64, ratio: Ratio, is_same: bool) -> Books {
    let (mut books, (home, away)) = (Books::default(), areas(is_same));
    let issued = holding(0, RIGHT).account(Purpose::Issued);
    for (area, cap) in [(home, 4 * quantity), (away, 4 * quantity)] {
        let now = recipes::CapStanding::of(&books, area);
        post(&mut books, recipes::set_cap(area, now, cap).expect("a cap"));
    }
    post(&mut books, recipes::allocate(issued, seller(), Some(home), grams(quantity)).expect("a grant"));
    post(&mut books, recipes::hold_rights(seller(), TRADE, grams(quantity)).expect("a hold"));
    if !is_same {
        post(&mut books, recipes::hold_headroom(away, TRADE, grams(quantity)).expect("headroom"));
    }
    let settlement = Settlement {
        trade: TRADE,
        seller: seller(),
        buyer: buyer(),
        conversion: None,
        quantity: grams(quantity),
        buyer_money: holding(2, MONEY),
        proceeds: holding(1, MONEY).available(),
        total: Money::default(),
        fee: None,
        areas: (!is_same).then_some(AreaMove { buyer: away, seller: Some(home) }),
    };
    let excess = recipes::retire_excess(buyer(), Some(away), ratio.excess_of(grams(quantity))).expect("an excess");
    post(&mut books, [recipes::settle(&settlement).expect("a settlement"), excess].concat());
    books
}

fn balance(books: &Books, account: AccountKey) -> i64 {
    books.balance(&account)
}

#[test]
fn the_ratios_of_the_papers_retire_what_they_say() {
    // Equal, 1.2 and double replacement of what 12 tonnes replace.
    for (text, usable, retired) in
        [("1:1", 12_000_000, 0), ("1.2:1", 10_000_000, 2_000_000), ("2:1", 6_000_000, 6_000_000)]
    {
        for is_same in [true, false] {
            let books = settled(12_000_000, Ratio::parse(text).expect("a ratio"), is_same);
            let (_, away) = areas(is_same);
            assert_eq!(balance(&books, buyer().available()), usable, "{text}");
            assert_eq!(balance(&books, buyer().account(Purpose::Retired)), retired, "{text}");
            assert_eq!(balance(&books, away.account(Purpose::Used)), usable, "{text}");
        }
    }
}

#[test]
fn one_gram_too_few_is_retired_as_a_whole_gram() {
    let books = settled(12_000_001, Ratio::parse("1.2:1").expect("a ratio"), false);
    assert_eq!(balance(&books, buyer().account(Purpose::Retired)), 2_000_001, "rounded up");
    assert_eq!(balance(&books, buyer().available()), 10_000_000);
}

#[test]
fn what_comes_back_pays_off_a_pending_reduction_first() {
    let (mut books, (area, _)) = (Books::default(), areas(true));
    let issued = holding(0, RIGHT).account(Purpose::Issued);
    let standing = |books: &Books| recipes::CapStanding::of(books, area);
    let now = standing(&books);
    post(&mut books, recipes::set_cap(area, now, 100).expect("a cap"));
    post(&mut books, recipes::allocate(issued, buyer(), Some(area), grams(100)).expect("a grant"));
    let now = standing(&books);
    post(&mut books, recipes::set_cap(area, now, 70).expect("a cut"));
    let postings = recipes::retire_excess(buyer(), Some(area), 50).expect("an excess");
    let subject = Subject { kind: SubjectKind::Trade, id: TRADE.0, version: 2 };
    let day = "2022-12-01".parse().expect("a day");
    let mut journals =
        [Journal::new(JournalId(Uuid::from_u128(10)), JournalKind::TradeSettled, subject, day, postings)];
    recipes::take_reductions(&mut journals, &books).expect("reductions");
    books.apply(&journals[0]).expect("postings");
    let now = standing(&books);
    assert_eq!((now.cap, now.headroom, now.pending), (70, 20, 0));
}

prop_compose! {
    fn any_ratio()(one in 1_i64..=1_000_000_000, other in 1_i64..=1_000_000_000) -> Ratio {
        let number = |steps| accounting::decimal::print(steps, 1_000_000, 0);
        Ratio::parse(&format!("{}:{}", number(one.max(other)), number(one.min(other)))).expect("a ratio")
    }
}

proptest! {
    #[test]
    fn rights_and_headroom_are_kept_gram_for_gram(quantity in 1_i64..=9_000_000_000_000, ratio in any_ratio(), is_same: bool) {
        let books = settled(quantity, ratio, is_same);
        let (home, away) = areas(is_same);
        let (usable, retired) = (balance(&books, buyer().available()), balance(&books, buyer().account(Purpose::Retired)));
        prop_assert_eq!(usable + retired, quantity, "nothing is lost or won");
        prop_assert_eq!(usable, ratio.usable_of(grams(quantity)));
        prop_assert_eq!(balance(&books, away.account(Purpose::Used)), usable, "an area uses what may be discharged in it");
        let of = |area: Holding| {
            let sum = |purpose| balance(&books, area.account(purpose));
            sum(Purpose::Headroom) + sum(Purpose::Used) + balance(&books, area.committed(TRADE))
        };
        prop_assert_eq!(of(home), 4 * quantity, "the cap is all there");
        prop_assert_eq!(of(away), 4 * quantity);
        if !is_same {
            prop_assert_eq!(balance(&books, home.account(Purpose::Used)), 0, "what was sold uses nothing any more");
        }
    }

    #[test]
    fn what_is_bought_for_a_need_covers_it_and_not_a_gram_less_would(need in 1_i64..=9_000_000_000, ratio in any_ratio()) {
        let bought = ratio.required(grams(need)).expect("a quantity");
        prop_assert!(ratio.usable_of(bought) >= need);
        prop_assert_eq!(ratio.usable_of(bought) + ratio.excess_of(bought), bought.grams());
    }
}
