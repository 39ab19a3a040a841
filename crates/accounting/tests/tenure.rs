//! Laws of the later life of rights: whatever is granted, pledged, given up, taken back, renewed and expired in any order, no gram
//! is lost or made, and the area's headroom comes back gram for gram.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, CapStanding, Postings, Renewal};
use accounting::{
    AccountKey, AssetId, Books, Holding, Journal, JournalId, JournalKind, OwnerId, Purpose, Quantity, Subject,
    SubjectId, SubjectKind,
};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

const CAP: i64 = 10_000;
const LIEN: SubjectId = SubjectId(Uuid::from_u128(80));
const OLD: u128 = 501;
const NEW: u128 = 502;

fn holding(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn site(class: u128) -> Holding {
    holding(400, class)
}

fn area() -> Holding {
    holding(200, 300)
}

fn contra(class: u128, purpose: Purpose) -> AccountKey {
    holding(1, class).account(purpose)
}

fn grams(grams: i64) -> Option<Quantity> {
    Quantity::try_new(grams).ok()
}

/// One step: what is done, and of how much as a share in percent.
#[derive(Debug, Clone, Copy)]
enum Step {
    Grant(i64),
    Pledge(i64),
    Release(i64),
    Surrender(i64),
    TakeBack(i64),
    TakeBackPledged(i64),
    Renew { whole: i64, confirmed: i64 },
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    let share = || 0_i64..=100;
    prop_oneof![
        (1_i64..2_000).prop_map(Step::Grant),
        share().prop_map(Step::Pledge),
        share().prop_map(Step::Release),
        share().prop_map(Step::Surrender),
        share().prop_map(Step::TakeBack),
        share().prop_map(Step::TakeBackPledged),
        (share(), share()).prop_map(|(whole, confirmed)| Step::Renew { whole, confirmed }),
        Just(Step::Expire),
    ]
}

fn postings(books: &Books, step: Step) -> Option<Postings> {
    let old = site(OLD);
    let free = books.balance(&old.available());
    let pledged = books.balance(&old.pledged(LIEN));
    let part = |of: i64, share: i64| grams(of * share / 100);
    let reserve = holding(450, OLD);
    Some(match step {
        Step::Grant(wanted) => {
            let wanted = grams(wanted.min(books.balance(&area().account(Purpose::Headroom))))?;
            recipes::allocate(contra(OLD, Purpose::Issued), old, Some(area()), wanted)
        }
        Step::Pledge(share) => recipes::pledge(old, LIEN, part(free, share)?),
        Step::Release(share) => recipes::release(old, LIEN, part(pledged, share)?),
        Step::Surrender(share) => recipes::surrender(old.available(), Some(area()), part(free, share)?),
        Step::TakeBack(share) => recipes::take_back(old.available(), reserve, Some(area()), part(free, share)?),
        Step::TakeBackPledged(share) => {
            recipes::take_back(old.pledged(LIEN), reserve, Some(area()), part(pledged, share)?)
        }
        Step::Renew { whole, confirmed } => {
            let whole = free * whole / 100;
            let confirmed = whole * confirmed / 100;
            recipes::renew(&Renewal {
                old: (old, contra(OLD, Purpose::Converted)),
                new: (site(NEW), contra(NEW, Purpose::Converted)),
                area: Some(area()),
                confirmed: grams(confirmed),
                rest: grams(whole - confirmed),
            })
        }
        Step::Expire => {
            let all = [(old.available(), free), (old.pledged(LIEN), pledged)];
            let all = all.into_iter().filter_map(|(from, held)| Some((from, grams(held)?)));
            all.map(|(from, quantity)| recipes::expire(from, Some(area()), quantity))
                .collect::<Result<Vec<_>, _>>()
                .map(|steps| steps.concat())
        }
    })
}

fn post(books: &mut Books, number: u128, postings: Postings) {
    let subject = Subject { kind: SubjectKind::Tenure, id: Uuid::from_u128(number), version: 1 };
    let id = JournalId(Uuid::from_u128(number));
    let postings = postings.expect("good postings");
    let journal = Journal::new(id, JournalKind::RightsExpired, subject, date(2026, 1, 1), postings);
    books.apply(&journal).expect("what is there");
}

proptest! {
    #[test]
    fn no_history_of_rights_loses_or_makes_a_gram(steps in prop::collection::vec(step(), 1..60)) {
        let mut books = Books::default();
        post(&mut books, 1, recipes::set_cap(area(), CapStanding::default(), CAP));
        let mut granted = 0;
        for (number, step) in (2..).zip(steps) {
            let before = books.balance(&contra(OLD, Purpose::Issued));
            let Some(postings) = postings(&books, step) else { continue };
            post(&mut books, number, postings);
            granted += before - books.balance(&contra(OLD, Purpose::Issued));
            let mut sums: BTreeMap<AssetId, i64> = BTreeMap::new();
            for (account, standing) in books.iter() {
                *sums.entry(account.asset).or_default() += standing.balance;
            }
            prop_assert!(sums.values().all(|sum| *sum == 0), "{:?}", sums);
            let of = |stock: Holding, purpose| books.balance(&stock.account(purpose));
            let held = of(site(OLD), Purpose::Available)
                + books.balance(&site(OLD).pledged(LIEN))
                + of(site(NEW), Purpose::Available);
            prop_assert_eq!(of(area(), Purpose::Used), held, "what is used is what is held");
            prop_assert_eq!(of(area(), Purpose::Headroom), CAP - held, "and the rest is free");
            let converted = books.balance(&contra(OLD, Purpose::Converted));
            prop_assert_eq!(of(site(NEW), Purpose::Available), converted, "what is renewed is there to the gram");
            let ended = of(site(OLD), Purpose::Retired) + of(site(OLD), Purpose::Expired);
            let reserved = of(holding(450, OLD), Purpose::Available);
            prop_assert_eq!(granted, held + ended + reserved, "every gram is somewhere");
        }
    }

    #[test]
    fn a_renewal_moves_as_much_as_it_renews_and_retires(confirmed in 0_i64..1_000, rest in 0_i64..1_000) {
        let mut books = Books::default();
        post(&mut books, 1, recipes::set_cap(area(), CapStanding::default(), CAP));
        if let Some(whole) = grams(confirmed + rest) {
            post(&mut books, 2, recipes::allocate(contra(OLD, Purpose::Issued), site(OLD), Some(area()), whole));
        }
        let terms = Renewal {
            old: (site(OLD), contra(OLD, Purpose::Converted)),
            new: (site(NEW), contra(NEW, Purpose::Converted)),
            area: Some(area()),
            confirmed: grams(confirmed),
            rest: grams(rest),
        };
        let told = recipes::renew(&terms);
        let none = confirmed + rest == 0;
        prop_assert_eq!(told.as_ref().map(Vec::is_empty), Ok(none), "nothing moves when nothing is left");
        post(&mut books, 3, told);
        prop_assert_eq!(books.balance(&site(NEW).available()), confirmed);
        prop_assert_eq!(books.balance(&site(OLD).available()), 0);
        prop_assert_eq!(books.balance(&area().account(Purpose::Used)), confirmed, "only what is renewed still uses the area");
    }
}
