//! Laws of the order in which proceeds are paid out.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::{Money, waterfall};
use proptest::prelude::*;

fn fen(fen: i64) -> Money {
    Money::try_new(fen).expect("not below zero")
}

proptest! {
    /// Whatever is owed: the shares and the surplus make the proceeds to the fen, none is more than what is owed or below zero, and
    /// nobody is paid before all who stand in front are paid in full.
    #[test]
    fn proceeds_are_given_out_to_the_fen_and_in_order(
        proceeds in 0..=i64::MAX,
        owed in prop::collection::vec(prop_oneof![0..=1_000_i64, 0..=i64::MAX], 0..8),
    ) {
        let owed: Vec<Money> = owed.into_iter().map(fen).collect();
        let told = waterfall::waterfall(fen(proceeds), &owed);
        prop_assert_eq!(told.paid.len(), owed.len());
        let sum: i128 = told.paid.iter().chain([&told.surplus]).map(|money| i128::from(money.fen())).sum();
        prop_assert_eq!(sum, i128::from(proceeds));
        let mut all_before_are_paid = true;
        for (paid, owed) in told.paid.iter().zip(&owed) {
            prop_assert!(*paid <= *owed && paid.fen() >= 0);
            prop_assert!(all_before_are_paid || paid.is_zero());
            all_before_are_paid &= paid == owed;
        }
        prop_assert!(told.surplus.is_zero() || all_before_are_paid);
    }
}

#[test]
fn costs_come_first_then_the_senior_then_the_junior_and_the_rest_is_the_pledgors() {
    let owed = [fen(5_000), fen(100_000), fen(50_000)];
    let of = |proceeds| {
        let told = waterfall::waterfall(fen(proceeds), &owed);
        (told.paid.iter().map(|paid| paid.fen()).collect::<Vec<_>>(), told.surplus.fen())
    };
    assert_eq!(of(200_000), (vec![5_000, 100_000, 50_000], 45_000));
    assert_eq!(of(120_000), (vec![5_000, 100_000, 15_000], 0));
    assert_eq!(of(60_000), (vec![5_000, 55_000, 0], 0));
    assert_eq!(of(3_000), (vec![3_000, 0, 0], 0));
}
