//! Liens in line, freezes, enforcement, and rights that end, go back or change their class.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{
    self, AreaMove, BuyBack, CapStanding, Claim, Claimant, Delivery, Enforcement, Payee, Postings,
};
use accounting::{
    AccountKey, AssetId, Books, Holding, Insufficient, Journal, JournalId, JournalKind, Money, OwnerId, Posting,
    Purpose, Quantity, Subject, SubjectId, SubjectKind,
};
use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

const CNY: u128 = 2;
const TRADE: SubjectId = SubjectId(Uuid::from_u128(70));
const SENIOR: SubjectId = SubjectId(Uuid::from_u128(80));
const COURT: SubjectId = SubjectId(Uuid::from_u128(90));

fn stock(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn mill() -> Holding {
    stock(10, 1)
}

fn paid_class() -> Holding {
    stock(10, 3)
}

fn glassworks() -> Holding {
    stock(11, 1)
}

fn reserve() -> Holding {
    stock(12, 1)
}

fn mill_money() -> Holding {
    stock(10, CNY)
}

fn glass_money() -> Holding {
    stock(11, CNY)
}

fn book_money() -> Holding {
    stock(1, CNY)
}

fn tongcheng() -> Holding {
    stock(20, 100)
}

fn chibi() -> Holding {
    stock(21, 101)
}

fn contra(asset: u128, purpose: Purpose) -> AccountKey {
    stock(1, asset).account(purpose)
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).expect("more than zero")
}

fn fen(fen: i64) -> Money {
    Money::try_new(fen).expect("zero or more")
}

fn journal(postings: Postings) -> Journal {
    let subject = Subject { kind: SubjectKind::Tenure, id: TRADE.0, version: 1 };
    let postings = postings.expect("a recipe that fits together");
    Journal::new(JournalId(Uuid::from_u128(900)), JournalKind::RightsSurrendered, subject, date(2022, 3, 31), postings)
}

/// The mill holds 1,000 g in Tongcheng, of which 600 g are pledged to the senior lien; the glassworks of Chibi has paid 5,000
/// fen for 400 g, for which headroom is held; the treasury has 9,000 fen.
fn books() -> Books {
    let mut books = Books::default();
    let none = CapStanding::default();
    for postings in [
        recipes::set_cap(tongcheng(), none, 1_500),
        recipes::set_cap(chibi(), none, 500),
        recipes::allocate(contra(1, Purpose::Issued), mill(), Some(tongcheng()), grams(1_000)),
        recipes::pledge(mill(), SENIOR, grams(600)),
        recipes::deposit(contra(CNY, Purpose::Outside), glass_money(), fen(7_000)),
        recipes::hold_money(glass_money(), TRADE, fen(5_000)),
        recipes::hold_headroom(chibi(), TRADE, grams(400)),
        Posting::transfer(contra(CNY, Purpose::Outside), contra(CNY, Purpose::Treasury), 9_000).map(|one| vec![one]),
    ] {
        books.apply(&journal(postings)).expect("an act that the balances allow");
    }
    books
}

/// What an act changed, without what stayed.
fn changes(before: &Books, after: &Books) -> BTreeMap<AccountKey, i64> {
    let change = |account: &AccountKey| (*account, after.balance(account) - before.balance(account));
    after.iter().map(|(account, _)| change(account)).filter(|(_, change)| *change != 0).collect()
}

/// Does one act, and tells what it changed; undoing it leaves everything as it was.
fn done(postings: Postings) -> BTreeMap<AccountKey, i64> {
    let before = books();
    let mut after = before.clone();
    let act = journal(postings);
    after.apply(&act).expect("an act that the balances allow");
    let mut undone = after.clone();
    undone.apply(&act.reversal(JournalId(Uuid::from_u128(901)), act.effective_on)).expect("what moved can move back");
    assert_eq!(changes(&before, &undone), BTreeMap::new());
    changes(&before, &after)
}

fn delivery(from: AccountKey) -> Delivery {
    let areas = Some(AreaMove { buyer: chibi(), seller: Some(tongcheng()) });
    Delivery { trade: TRADE, from, buyer: glassworks(), quantity: grams(400), areas }
}

fn used(area: Holding) -> AccountKey {
    area.account(Purpose::Used)
}

fn headroom(area: Holding) -> AccountKey {
    area.account(Purpose::Headroom)
}

#[test]
fn what_is_sold_with_consent_leaves_the_lien_for_its_trade_and_no_other_lien() {
    let told = done(recipes::pass_pledged(mill(), SENIOR, TRADE, grams(250)));
    assert_eq!(told, BTreeMap::from([(mill().pledged(SENIOR), -250), (mill().committed(TRADE), 250)]));
    let more = books().apply(&journal(recipes::pass_pledged(mill(), SENIOR, TRADE, grams(601))));
    assert_eq!(more, Err(Insufficient::Short { account: mill().pledged(SENIOR), balance: 600, wanted: 601 }));
    let junior = SubjectId(Uuid::from_u128(81));
    let foreign = books().apply(&journal(recipes::pass_pledged(mill(), junior, TRADE, grams(1))));
    assert_eq!(foreign, Err(Insufficient::Short { account: mill().pledged(junior), balance: 0, wanted: 1 }));
}

#[test]
fn what_the_senior_lien_gives_back_goes_to_those_who_wait_in_their_order() {
    let junior = SubjectId(Uuid::from_u128(81));
    let line = [
        Claim { claimant: Claimant::Junior(junior), wanted: grams(100) },
        Claim { claimant: Claimant::Freeze(COURT), wanted: grams(300) },
    ];
    let frozen = mill().held(Purpose::Frozen, COURT);
    let partly = done(recipes::release_in_line(mill(), SENIOR, grams(150), &line));
    assert_eq!(partly, BTreeMap::from([(mill().pledged(SENIOR), -150), (mill().pledged(junior), 100), (frozen, 50)]));
    let whole = done(recipes::release_in_line(mill(), SENIOR, grams(600), &line));
    let expected =
        [(mill().pledged(SENIOR), -600), (mill().pledged(junior), 100), (frozen, 300), (mill().available(), 200)];
    assert_eq!(whole, BTreeMap::from(expected));
    assert_eq!(
        recipes::release_in_line(mill(), SENIOR, grams(600), &[]),
        recipes::release(mill(), SENIOR, grams(600)),
        "without a line it is a release"
    );
}

#[test]
fn a_freeze_takes_what_is_available_and_no_pledged_gram() {
    let frozen = mill().held(Purpose::Frozen, COURT);
    assert_eq!(
        done(recipes::freeze(mill(), COURT, grams(400))),
        BTreeMap::from([(mill().available(), -400), (frozen, 400)])
    );
    let more = books().apply(&journal(recipes::freeze(mill(), COURT, grams(401))));
    assert_eq!(more, Err(Insufficient::Short { account: mill().available(), balance: 400, wanted: 401 }));
    let mut books = books();
    books.apply(&journal(recipes::freeze(mill(), COURT, grams(400)))).expect("a freeze");
    let before = books.clone();
    let line = [Claim { claimant: Claimant::Junior(SENIOR), wanted: grams(30) }];
    books.apply(&journal(recipes::lift_freeze(mill(), COURT, grams(100), &line))).expect("a lifting");
    let expected = [(frozen, -100), (mill().pledged(SENIOR), 30), (mill().available(), 70)];
    assert_eq!(changes(&before, &books), BTreeMap::from(expected));
}

#[test]
fn an_executed_freeze_gives_the_buyer_the_rights_and_the_areas_follow() {
    let mut books = books();
    books.apply(&journal(recipes::freeze(mill(), COURT, grams(400)))).expect("a freeze");
    let before = books.clone();
    let frozen = mill().held(Purpose::Frozen, COURT);
    books.apply(&journal(recipes::execute_freeze(&delivery(frozen)))).expect("an execution");
    let expected = [
        (frozen, -400),
        (glassworks().available(), 400),
        (chibi().committed(TRADE), -400),
        (used(chibi()), 400),
        (used(tongcheng()), -400),
        (headroom(tongcheng()), 400),
    ];
    assert_eq!(changes(&before, &books), BTreeMap::from(expected));
}

#[test]
fn enforcement_pays_costs_then_claims_by_rank_and_leaves_the_surplus_to_the_pledgor() {
    let outside = contra(CNY, Purpose::Outside);
    let fees = contra(CNY, Purpose::Fees);
    let payees = [Payee { account: fees, owed: fen(300) }, Payee { account: outside, owed: fen(4_000) }];
    let terms = |payees| Enforcement {
        delivery: delivery(mill().pledged(SENIOR)),
        buyer_money: glass_money(),
        total: fen(5_000),
        payees,
        surplus: mill_money().available(),
    };
    let told = done(recipes::enforce(&terms(&payees)));
    assert_eq!(told[&mill().pledged(SENIOR)], -400);
    assert_eq!(told[&glassworks().available()], 400);
    assert_eq!((told[&fees], told[&outside], told[&mill_money().available()]), (300, 4_000, 700));
    assert_eq!(told[&glass_money().committed(TRADE)], -5_000);
    assert_eq!(told[&used(tongcheng())], -400, "the areas move as in a settlement");
    let secured = [payees[0], Payee { account: outside, owed: fen(9_000) }];
    let short = done(recipes::enforce(&terms(&secured)));
    assert_eq!((short[&fees], short[&outside]), (300, 4_700), "the last in rank gets what is left");
    assert_eq!(short.get(&mill_money().available()), None, "and the pledgor nothing");
}

#[test]
fn rights_that_end_free_their_area() {
    let area = [(used(tongcheng()), -100), (headroom(tongcheng()), 100)];
    let expected = |from: AccountKey, to: AccountKey| [(from, -100), (to, 100)].into_iter().chain(area).collect();
    let retired = mill().account(Purpose::Retired);
    let expired = mill().account(Purpose::Expired);
    for from in [mill().available(), mill().pledged(SENIOR)] {
        assert_eq!(done(recipes::surrender(from, Some(tongcheng()), grams(100))), expected(from, retired));
        assert_eq!(done(recipes::expire(from, Some(tongcheng()), grams(100))), expected(from, expired));
        assert_eq!(
            done(recipes::take_back(from, reserve(), Some(tongcheng()), grams(100))),
            expected(from, reserve().available())
        );
    }
    let of_reserve = done(recipes::surrender(mill().available(), None, grams(100)));
    assert_eq!(of_reserve, BTreeMap::from([(mill().available(), -100), (retired, 100)]), "no area where none was used");
}

#[test]
fn what_is_given_up_takes_a_pending_reduction_first() {
    let mut books = books();
    books.apply(&journal(recipes::set_cap(tongcheng(), CapStanding::of(&books, tongcheng()), 950))).expect("a cut");
    assert_eq!(CapStanding::of(&books, tongcheng()).pending, 50);
    let mut journals = [journal(recipes::surrender(mill().available(), Some(tongcheng()), grams(80)))];
    recipes::take_reductions(&mut journals, &books).expect("a reduction");
    books.apply(&journals[0]).expect("a surrender");
    assert_eq!(CapStanding::of(&books, tongcheng()), CapStanding { cap: 950, headroom: 30, pending: 0 });
}

#[test]
fn a_buy_back_is_paid_by_the_treasury_and_a_conversion_keeps_the_grams() {
    let treasury = contra(CNY, Purpose::Treasury);
    let bought = done(recipes::buy_back(&BuyBack {
        seller: mill(),
        reserve: reserve(),
        area: Some(tongcheng()),
        quantity: grams(100),
        treasury,
        seller_money: mill_money(),
        total: fen(8_000),
    }));
    assert_eq!((bought[&mill().available()], bought[&reserve().available()]), (-100, 100));
    assert_eq!((bought[&treasury], bought[&mill_money().available()]), (-8_000, 8_000));
    assert_eq!((bought[&used(tongcheng())], bought[&headroom(tongcheng())]), (-100, 100));
    let (old, new) = (contra(1, Purpose::Converted), contra(3, Purpose::Converted));
    let converted = done(recipes::convert((mill(), old), (paid_class(), new), grams(100)));
    let expected = [(mill().available(), -100), (old, 100), (new, -100), (paid_class().available(), 100)];
    assert_eq!(converted, BTreeMap::from(expected));
    let surplus = done(recipes::grant_surplus(contra(5, Purpose::Issued), stock(10, 5), grams(9)));
    assert_eq!(surplus, BTreeMap::from([(contra(5, Purpose::Issued), -9), (stock(10, 5).available(), 9)]));
}

#[test]
fn money_nobody_is_known_for_waits_in_suspense() {
    let outside = contra(CNY, Purpose::Outside);
    let suspense = book_money().account(Purpose::Suspense);
    let received = done(recipes::receive_unmatched(outside, book_money(), fen(70)));
    assert_eq!(received, BTreeMap::from([(outside, -70), (suspense, 70)]));
    let early = books().apply(&journal(recipes::match_payment(book_money(), mill_money(), fen(1))));
    assert_eq!(early, Err(Insufficient::Short { account: suspense, balance: 0, wanted: 1 }));
}

fn line() -> impl Strategy<Value = Vec<Claim>> {
    let claim = (0..2_u8, 1..=400_i64);
    vec(claim, 0..6).prop_map(|claims| {
        let claim = |(at, (kind, wanted)): (u128, (u8, i64))| {
            let id = SubjectId(Uuid::from_u128(1_000 + at));
            let claimant = if kind == 0 { Claimant::Junior(id) } else { Claimant::Freeze(id) };
            Claim { claimant, wanted: grams(wanted) }
        };
        (0..).zip(claims).map(claim).collect()
    })
}

proptest! {
    #[test]
    fn nobody_in_line_gets_a_gram_before_those_ahead_have_all_of_theirs(line in line(), released in 1..=600_i64) {
        let told = done(recipes::release_in_line(mill(), SENIOR, grams(released), &line));
        prop_assert_eq!(told[&mill().pledged(SENIOR)], -released);
        let mut ahead_are_served = true;
        let mut given = told.get(&mill().available()).copied().unwrap_or_default();
        let is_free = given > 0;
        for claim in &line {
            let got = told.get(&claim.claimant.account(mill())).copied().unwrap_or_default();
            prop_assert!(got == 0 || ahead_are_served);
            prop_assert!(got <= claim.wanted.grams());
            ahead_are_served &= got == claim.wanted.grams();
            given += got;
        }
        prop_assert_eq!(given, released, "nothing is lost and nothing is made");
        prop_assert!(!is_free || ahead_are_served, "what is free was wanted by nobody");
    }

    #[test]
    fn no_payee_gets_a_fen_before_those_of_higher_rank_have_all_of_theirs(owed in vec(0..=3_000_i64, 0..5), total in 0..=5_000_i64) {
        let payee = |(at, owed): (u128, i64)| Payee { account: stock(500 + at, CNY).account(Purpose::Outside), owed: fen(owed) };
        let payees: Vec<Payee> = (0..).zip(owed).map(payee).collect();
        let told = done(recipes::enforce(&Enforcement {
            delivery: delivery(mill().pledged(SENIOR)),
            buyer_money: glass_money(),
            total: fen(total),
            payees: &payees,
            surplus: mill_money().available(),
        }));
        let paid = |account: &AccountKey| told.get(account).copied().unwrap_or_default();
        let mut ahead_are_paid = true;
        let mut sum = paid(&mill_money().available());
        prop_assert!(sum == 0 || payees.iter().all(|payee| paid(&payee.account) == payee.owed.fen()));
        for payee in &payees {
            let got = paid(&payee.account);
            prop_assert!(got <= payee.owed.fen() && (got == 0 || ahead_are_paid));
            ahead_are_paid &= got == payee.owed.fen();
            sum += got;
        }
        prop_assert_eq!(sum, total);
        prop_assert_eq!(paid(&glass_money().committed(TRADE)), -total);
    }

    #[test]
    fn what_ends_leaves_the_cap_of_its_area_whole(amount in 1..=400_i64, which in 0..4_usize) {
        let from = mill().available();
        let area = Some(tongcheng());
        let told = done(match which {
            0 => recipes::surrender(from, area, grams(amount)),
            1 => recipes::expire(from, area, grams(amount)),
            2 => recipes::take_back(from, reserve(), area, grams(amount)),
            _ => recipes::buy_back(&BuyBack {
                seller: mill(), reserve: reserve(), area, quantity: grams(amount),
                treasury: contra(CNY, Purpose::Treasury), seller_money: mill_money(), total: fen(amount),
            }),
        });
        prop_assert_eq!(told[&used(tongcheng())], -amount);
        prop_assert_eq!(told[&headroom(tongcheng())], amount);
        prop_assert_eq!(told[&from], -amount);
        let mut sums: BTreeMap<AssetId, i64> = BTreeMap::new();
        for (account, change) in &told {
            *sums.entry(account.asset).or_default() += change;
        }
        prop_assert!(sums.values().all(|sum| *sum == 0), "{:?}", sums);
    }
}
