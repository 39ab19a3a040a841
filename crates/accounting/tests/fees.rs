//! What is paid of a usage fee, in any instalments, and refunded because the grant comes to nothing, nets to zero.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, Held};
use accounting::{
    AccountKey, AssetId, Books, Holding, Journal, JournalId, JournalKind, Money, OwnerId, Posting, Purpose, Quantity,
    Subject, SubjectId, SubjectKind,
};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

fn holding(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn fen(fen: i64) -> Money {
    Money::try_new(fen).expect("zero or more")
}

fn journal(number: u128, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Allocation, id: Uuid::from_u128(1), version: 1 };
    let id = JournalId(Uuid::from_u128(number));
    Journal::new(id, JournalKind::UsageFeePaid, subject, date(2022, 12, 1), postings)
}

proptest! {
    #[test]
    fn a_fee_paid_in_any_instalments_and_refunded_nets_to_zero(
        instalments in prop::collection::vec(1_i64..1_000_000_000, 0..12),
        grams in 1_i64..1_000_000_000,
        cap in 0_i64..1_000_000_000,
    ) {
        let (money, area, grant) = (holding(1, 1), holding(2, 2), SubjectId(Uuid::from_u128(1)));
        let (outside, treasury) = (holding(3, 1).account(Purpose::Outside), holding(4, 1).account(Purpose::Treasury));
        let quantity = Quantity::try_new(grams).expect("more than zero");
        let paid = fen(instalments.iter().sum());
        let mut books = Books::default();
        let begin = [
            recipes::set_cap(area, recipes::CapStanding::of(&books, area), grams + cap).expect("a cap"),
            recipes::deposit(outside, money, paid).expect("a deposit"),
        ];
        books.apply(&journal(1, begin.concat())).expect("money and room");
        let accounts: Vec<AccountKey> = vec![
            money.available(), treasury, area.account(Purpose::Headroom), area.committed(grant), area.account(Purpose::Used),
        ];
        let standing = |books: &Books| accounts.iter().map(|account| books.balance(account)).collect::<Vec<_>>();
        let before = standing(&books);
        books.apply(&journal(2, recipes::hold_headroom(area, grant, quantity).expect("a hold"))).expect("room");
        for (number, amount) in (3..).zip(&instalments) {
            let postings = recipes::pay_usage_fee(money, treasury, fen(*amount)).expect("a payment");
            books.apply(&journal(number, postings)).expect("money");
        }
        prop_assert_eq!(books.balance(&treasury), paid.fen());
        let held = Held { headroom: Some((area, grams)), ..Held::default() };
        let mut back = recipes::void(grant, &held).expect("a release");
        back.extend(recipes::refund_usage_fee(money, treasury, paid).expect("a refund"));
        let back = journal(100, back);
        let assets: BTreeSet<AssetId> = back.postings.iter().map(|posting| posting.to().asset).collect();
        prop_assert_eq!(assets.len(), 1 + usize::from(!paid.is_zero()), "rights and money in one journal");
        books.apply(&back).expect("what was held and paid");
        prop_assert_eq!(standing(&books), before, "as if nobody had asked for it");
    }
}
