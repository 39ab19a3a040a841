//! Shares of a claim make the whole, whatever is secured, owed and paid.

use super::*;
use proptest::prelude::*;

fn fen(amount: i64) -> Money {
    Money::try_new(amount).unwrap()
}

fn sum(parts: impl Iterator<Item = Money>) -> i64 {
    parts.map(Money::fen).sum()
}

#[test]
fn what_is_left_over_goes_to_whom_rounding_took_most() {
    let parts = split(fen(100), &[fen(1), fen(1), fen(1)]);
    assert_eq!(parts, [fen(34), fen(33), fen(33)]);
    assert_eq!(split(fen(10), &[fen(60), fen(25), fen(15)]), [fen(6), fen(3), fen(1)]);
    assert_eq!(split(fen(10), &[fen(0), fen(0)]), [fen(10), fen(0)], "nothing is lost where nothing is owed");
}

proptest! {
    /// Whatever the shares, what is owed and what is paid of it: the parts make the whole to the fen, none is below zero, nobody is paid
    /// more than is owed, who is owed more gets no less, and who has a larger share is owed no less.
    #[test]
    fn a_claim_is_split_to_the_fen_and_nobody_gets_more_than_is_owed(
        shares in prop::collection::vec(1_i64..10_000_000_000, 1..8),
        owed in 1_i64..100_000_000_000,
        part in 0_i64..=1_000,
    ) {
        let shares: Vec<Money> = shares.into_iter().map(fen).collect();
        let paid = i64::try_from(i128::from(owed) * i128::from(part) / 1_000).unwrap();
        let parts = pay(&shares, fen(owed), fen(paid));
        prop_assert_eq!(sum(parts.iter().map(|(owed, _)| *owed)), owed);
        prop_assert_eq!(sum(parts.iter().map(|(_, paid)| *paid)), paid);
        for (at, (owed, paid)) in parts.iter().enumerate() {
            prop_assert!(*paid <= *owed && paid.fen() >= 0);
            for (other, (less, fewer)) in parts.iter().enumerate() {
                prop_assert!(shares[at] <= shares[other] || owed >= less);
                prop_assert!(owed <= less || paid >= fewer);
            }
        }
    }

    /// Whatever is secured later: of the same shares the parts make that.
    #[test]
    fn shares_follow_what_is_secured(shares in prop::collection::vec(1_i64..1_000_000, 1..8), secured in 1_i64..1_000_000_000) {
        let shares: Vec<Money> = shares.into_iter().map(fen).collect();
        prop_assert_eq!(sum(split(fen(secured), &shares).into_iter()), secured);
        let whole = fen(sum(shares.iter().copied()));
        prop_assert_eq!(split(whole, &shares), shares, "as they were applied for they are told");
    }
}
