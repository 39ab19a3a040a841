//! What moves in each event, told by the balances before and after.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::recipes::{self, AreaMove, CapStanding, Held, Postings, Settlement};
use accounting::{
    AccountKey, AssetId, Books, Holding, Insufficient, Journal, JournalId, JournalKind, Money, OwnerId, Posting,
    PostingFault, Purpose, Quantity, Standing, Subject, SubjectId, SubjectKind,
};
use jiff::civil::date;
use uuid::Uuid;

const COD: u128 = 1;
const CNY: u128 = 2;
const TRADE: SubjectId = SubjectId(Uuid::from_u128(70));
const OTHER_TRADE: SubjectId = SubjectId(Uuid::from_u128(71));
const LIEN: SubjectId = SubjectId(Uuid::from_u128(80));

fn stock(owner: u128, asset: u128) -> Holding {
    Holding { owner: OwnerId(Uuid::from_u128(owner)), asset: AssetId(Uuid::from_u128(asset)) }
}

fn mill() -> Holding {
    stock(10, COD)
}

fn glassworks() -> Holding {
    stock(11, COD)
}

fn glassworks_money() -> Holding {
    stock(11, CNY)
}

fn tongcheng() -> Holding {
    stock(20, 100)
}

fn chibi() -> Holding {
    stock(21, 101)
}

fn issued() -> AccountKey {
    stock(1, COD).account(Purpose::Issued)
}

fn outside() -> AccountKey {
    stock(1, CNY).account(Purpose::Outside)
}

fn treasury() -> AccountKey {
    stock(1, CNY).account(Purpose::Treasury)
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).expect("a quantity")
}

fn fen(fen: i64) -> Money {
    Money::try_new(fen).expect("an amount")
}

fn journal(postings: Postings) -> Journal {
    let subject = Subject { kind: SubjectKind::Trade, id: TRADE.0, version: 1 };
    let postings = postings.expect("a recipe that fits together");
    Journal::new(JournalId(Uuid::from_u128(900)), JournalKind::TradeSettled, subject, date(2022, 3, 31), postings)
}

/// Books in which a story is told one act at a time.
#[derive(Default)]
struct Story(Books);

impl Story {
    fn then(&mut self, postings: Postings) -> &mut Self {
        self.0.apply(&journal(postings)).expect("an act that the balances allow");
        self
    }

    fn stands(&self, account: AccountKey, expected: i64) {
        assert_eq!(self.0.balance(&account), expected, "{account:?}");
    }

    fn area_stands(&self, area: Holding, [headroom, committed, used]: [i64; 3]) {
        self.stands(area.account(Purpose::Headroom), headroom);
        self.stands(area.committed(TRADE), committed);
        self.stands(area.account(Purpose::Used), used);
        let overuse = self.0.balance(&area.account(Purpose::Overuse));
        self.stands(area.account(Purpose::Authorised), -(headroom + committed + used + overuse));
    }
}

fn standing(cap: i64, headroom: i64, pending: i64) -> CapStanding {
    CapStanding { cap, headroom, pending }
}

/// The mill holds 600 g in Tongcheng, and the glassworks of Chibi has agreed to buy 400 g of it for 5,000 fen.
fn agreed_trade() -> Story {
    let mut story = Story::default();
    story
        .then(recipes::set_cap(tongcheng(), standing(0, 0, 0), 1_000))
        .then(recipes::set_cap(chibi(), standing(0, 0, 0), 500))
        .then(recipes::allocate(issued(), mill(), Some(tongcheng()), grams(600)))
        .then(recipes::deposit(outside(), glassworks_money(), fen(7_000)))
        .then(recipes::hold_rights(mill(), TRADE, grams(400)))
        .then(recipes::hold_money(glassworks_money(), TRADE, fen(5_000)))
        .then(recipes::hold_headroom(chibi(), TRADE, grams(400)));
    story
}

fn terms(seller: Holding, proceeds: AccountKey, areas: Option<AreaMove>) -> Settlement {
    Settlement {
        trade: TRADE,
        seller,
        buyer: glassworks(),
        conversion: None,
        quantity: grams(400),
        buyer_money: glassworks_money(),
        proceeds,
        total: fen(5_000),
        fee: None,
        areas,
    }
}

#[test]
fn a_grant_uses_the_headroom_of_the_area() {
    let mut story = Story::default();
    story.then(recipes::set_cap(tongcheng(), standing(0, 0, 0), 1_000)).then(recipes::allocate(
        issued(),
        mill(),
        Some(tongcheng()),
        grams(600),
    ));
    story.stands(issued(), -600);
    story.stands(mill().available(), 600);
    story.area_stands(tongcheng(), [400, 0, 600]);
}

#[test]
fn a_grant_beyond_the_cap_is_refused_and_says_what_is_left() {
    let mut story = Story::default();
    story.then(recipes::set_cap(tongcheng(), standing(0, 0, 0), 1_000));
    let grant = journal(recipes::allocate(issued(), mill(), Some(tongcheng()), grams(1_001)));
    let headroom = tongcheng().account(Purpose::Headroom);
    let refusal = Insufficient::Short { account: headroom, balance: 1_000, wanted: 1_001 };
    assert_eq!(story.0.apply(&grant), Err(refusal));
    story.stands(mill().available(), 0);
}

#[test]
fn an_area_without_a_cap_is_refused_and_never_unlimited() {
    let grant = journal(recipes::allocate(issued(), mill(), Some(tongcheng()), grams(1)));
    let refusal = Insufficient::Short { account: tongcheng().account(Purpose::Headroom), balance: 0, wanted: 1 };
    assert_eq!(Books::default().apply(&grant), Err(refusal));
}

#[test]
fn the_reserve_is_granted_rights_without_headroom() {
    let mut story = Story::default();
    story.then(recipes::allocate(issued(), mill(), None, grams(600)));
    story.stands(mill().available(), 600);
    assert_eq!(story.0.iter().count(), 2);
}

#[test]
fn a_held_gram_cannot_be_held_again_or_pledged() {
    let mut story = agreed_trade();
    story.stands(mill().available(), 200);
    story.stands(mill().committed(TRADE), 400);
    let refusal = Insufficient::Short { account: mill().available(), balance: 200, wanted: 201 };
    for second in [recipes::hold_rights(mill(), OTHER_TRADE, grams(201)), recipes::pledge(mill(), LIEN, grams(201))] {
        assert_eq!(story.0.apply(&journal(second)), Err(refusal));
    }
}

#[test]
fn settlement_between_areas_moves_rights_money_and_capacity_at_once() {
    let mut story = agreed_trade();
    let mill_money = stock(10, CNY);
    let areas = AreaMove { buyer: chibi(), seller: Some(tongcheng()) };
    story.then(recipes::settle(&terms(mill(), mill_money.available(), Some(areas))));
    story.stands(mill().available(), 200);
    story.stands(mill().committed(TRADE), 0);
    story.stands(glassworks().available(), 400);
    story.stands(glassworks_money().available(), 2_000);
    story.stands(glassworks_money().committed(TRADE), 0);
    story.stands(mill_money.available(), 5_000);
    story.area_stands(tongcheng(), [800, 0, 200]);
    story.area_stands(chibi(), [100, 0, 400]);
}

#[test]
fn settlement_within_an_area_leaves_its_capacity_alone() {
    let mut story = agreed_trade();
    let area_before = [400, 0, 600];
    story.area_stands(tongcheng(), area_before);
    story.then(recipes::settle(&terms(mill(), stock(10, CNY).available(), None)));
    story.stands(glassworks().available(), 400);
    story.area_stands(tongcheng(), area_before);
}

#[test]
fn the_reserve_sells_for_the_treasury_and_only_the_area_of_the_buyer_is_used() {
    let reserve = stock(12, COD);
    let mut story = agreed_trade();
    story
        .then(recipes::allocate(issued(), reserve, None, grams(400)))
        .then(recipes::hold_rights(reserve, TRADE, grams(400)))
        .then(recipes::settle(&terms(reserve, treasury(), Some(AreaMove { buyer: chibi(), seller: None }))));
    story.stands(treasury(), 5_000);
    story.stands(reserve.committed(TRADE), 0);
    story.stands(glassworks().available(), 400);
    story.area_stands(chibi(), [100, 0, 400]);
    story.area_stands(tongcheng(), [400, 0, 600]);
}

#[test]
fn a_trade_that_is_not_fully_paid_delivers_nothing() {
    let mut story = agreed_trade();
    let dear = Settlement { total: fen(5_001), ..terms(mill(), stock(10, CNY).available(), None) };
    let refusal = Insufficient::Short { account: glassworks_money().committed(TRADE), balance: 5_000, wanted: 5_001 };
    assert_eq!(story.0.apply(&journal(recipes::settle(&dear))), Err(refusal));
    story.stands(mill().committed(TRADE), 400);
    story.stands(glassworks().available(), 0);
}

#[test]
fn one_trade_cannot_settle_with_what_another_holds() {
    let mut story = agreed_trade();
    let other = Settlement { trade: OTHER_TRADE, ..terms(mill(), stock(10, CNY).available(), None) };
    let refusal = Insufficient::Short { account: mill().committed(OTHER_TRADE), balance: 0, wanted: 400 };
    assert_eq!(story.0.apply(&journal(recipes::settle(&other))), Err(refusal));
}

#[test]
fn a_voided_trade_gives_everything_back() {
    let mut story = agreed_trade();
    let held =
        Held { rights: Some((mill(), 400)), money: Some((glassworks_money(), 5_000)), headroom: Some((chibi(), 400)) };
    story.then(recipes::void(TRADE, &held));
    story.stands(mill().available(), 600);
    story.stands(glassworks_money().available(), 7_000);
    story.area_stands(chibi(), [500, 0, 0]);
}

#[test]
fn a_trade_that_holds_nothing_is_voided_without_a_posting() {
    assert_eq!(recipes::void(TRADE, &Held::default()), Ok(Vec::new()));
    let nothing_left = Held { rights: Some((mill(), 0)), ..Held::default() };
    assert_eq!(recipes::void(TRADE, &nothing_left), Ok(Vec::new()));
    let less_than_nothing = Held { rights: Some((mill(), -1)), ..Held::default() };
    assert_eq!(recipes::void(TRADE, &less_than_nothing), Err(PostingFault::NotPositive));
}

#[test]
fn a_pledged_gram_cannot_be_sold_and_a_release_takes_only_from_its_own_lien() {
    let mut story = agreed_trade();
    story.then(recipes::pledge(mill(), LIEN, grams(150)));
    story.stands(mill().pledged(LIEN), 150);
    story.stands(mill().available(), 50);
    let short = |account, balance, wanted| Err(Insufficient::Short { account, balance, wanted });
    let sale = journal(recipes::hold_rights(mill(), OTHER_TRADE, grams(51)));
    assert_eq!(story.0.apply(&sale), short(mill().available(), 50, 51));
    let other_lien = SubjectId(Uuid::from_u128(81));
    let strange = journal(recipes::release(mill(), other_lien, grams(1)));
    assert_eq!(story.0.apply(&strange), short(mill().pledged(other_lien), 0, 1));
    let more = journal(recipes::release(mill(), LIEN, grams(151)));
    assert_eq!(story.0.apply(&more), short(mill().pledged(LIEN), 150, 151));
    story.then(recipes::release(mill(), LIEN, grams(100)));
    story.stands(mill().pledged(LIEN), 50);
    story.stands(mill().available(), 150);
}

#[test]
fn money_goes_out_only_as_far_as_it_is_available() {
    let mut story = agreed_trade();
    story.then(recipes::withdraw(outside(), glassworks_money(), fen(1_999)));
    story.stands(glassworks_money().available(), 1);
    story.stands(outside(), -5_001);
    let more = journal(recipes::withdraw(outside(), glassworks_money(), fen(2)));
    let refusal = Insufficient::Short { account: glassworks_money().available(), balance: 1, wanted: 2 };
    assert_eq!(story.0.apply(&more), Err(refusal));
    assert_eq!(recipes::deposit(outside(), glassworks_money(), Money::ZERO), Ok(Vec::new()));
}

#[test]
fn a_cap_is_raised_and_cut_by_the_difference() {
    let mut story = Story::default();
    story.then(recipes::set_cap(tongcheng(), standing(0, 0, 0), 1_000));
    story.area_stands(tongcheng(), [1_000, 0, 0]);
    story.then(recipes::set_cap(tongcheng(), standing(1_000, 1_000, 0), 1_400));
    story.area_stands(tongcheng(), [1_400, 0, 0]);
    story.then(recipes::set_cap(tongcheng(), standing(1_400, 1_400, 0), 900));
    story.area_stands(tongcheng(), [900, 0, 0]);
    assert_eq!(recipes::set_cap(tongcheng(), standing(900, 900, 0), 900), Ok(Vec::new()));
}

#[test]
fn a_cut_below_what_is_used_waits_and_is_taken_as_use_falls() {
    let mut story = agreed_trade();
    story.then(recipes::set_cap(tongcheng(), standing(1_000, 400, 0), 300));
    story.area_stands(tongcheng(), [0, 0, 600]);
    assert_eq!(CapStanding::of(&story.0, tongcheng()), standing(300, 0, 300));

    let areas = AreaMove { buyer: chibi(), seller: Some(tongcheng()) };
    let mut settled = [journal(recipes::settle(&terms(mill(), stock(10, CNY).available(), Some(areas))))];
    assert_eq!(recipes::reduction_accounts(&settled), [tongcheng().account(Purpose::Overuse)]);
    recipes::take_reductions(&mut settled, &story.0).unwrap();
    story.0.apply(&settled[0]).unwrap();
    story.area_stands(tongcheng(), [100, 0, 200]);
    assert_eq!(CapStanding::of(&story.0, tongcheng()), standing(300, 100, 0));
}

#[test]
fn a_raise_pays_off_what_is_pending_before_it_makes_anything_free() {
    let mut story = agreed_trade();
    story.then(recipes::set_cap(tongcheng(), standing(1_000, 400, 0), 300));
    story.then(recipes::set_cap(tongcheng(), standing(300, 0, 300), 500));
    assert_eq!(CapStanding::of(&story.0, tongcheng()), standing(500, 0, 100));
    story.then(recipes::set_cap(tongcheng(), standing(500, 0, 100), 700));
    assert_eq!(CapStanding::of(&story.0, tongcheng()), standing(700, 100, 0));
}

#[test]
fn of_two_journals_that_give_back_the_second_gives_what_the_first_left_pending() {
    let mut story = agreed_trade();
    story.then(recipes::set_cap(chibi(), standing(500, 100, 0), 150));
    assert_eq!(CapStanding::of(&story.0, chibi()), standing(150, 0, 250));
    let give = |amount| {
        let posting = Posting::transfer(chibi().committed(TRADE), chibi().account(Purpose::Headroom), amount).unwrap();
        journal(Ok(vec![posting]))
    };
    let mut journals = [give(200), give(200)];
    recipes::take_reductions(&mut journals, &story.0).unwrap();
    for journal in &journals {
        story.0.apply(journal).unwrap();
    }
    assert_eq!(CapStanding::of(&story.0, chibi()), standing(150, 150, 0));
}

#[test]
fn a_posting_needs_two_accounts_of_one_asset_and_a_positive_amount() {
    let (from, to) = (mill().available(), glassworks().available());
    assert_eq!(Posting::transfer(from, glassworks_money().available(), 1), Err(PostingFault::AssetsDiffer));
    assert_eq!(Posting::transfer(from, from, 1), Err(PostingFault::SameAccount));
    for amount in [0, -1, i64::MIN] {
        assert_eq!(Posting::transfer(from, to, amount), Err(PostingFault::NotPositive));
    }
    let posting = Posting::transfer(from, to, 7).expect("a posting");
    assert_eq!((*posting.from(), *posting.to(), posting.amount()), (from, to, 7));
    assert_eq!(posting.reversed(), Posting::transfer(to, from, 7).expect("a posting"));
}

#[test]
fn money_may_pass_through_an_account_but_not_run_ahead_of_itself() {
    let (first, middle, last) = (stock(10, CNY).available(), stock(11, CNY).available(), stock(12, CNY).available());
    let step = |from, to| Posting::transfer(from, to, 5).expect("a posting");
    let ahead = journal(Ok(vec![step(middle, last), step(first, middle)]));
    let through = journal(Ok(vec![step(first, middle), step(middle, last)]));
    let mut books = Books::from_standings([(first, Standing { balance: 5, version: 3 })]);
    assert_eq!(books.apply(&ahead), Err(Insufficient::Short { account: middle, balance: 0, wanted: 5 }));
    let entries = books.apply(&through).expect("money that passes through");
    let told: Vec<_> = entries.iter().map(|entry| (entry.line, entry.account, entry.amount)).collect();
    assert_eq!(told, [(0, first, -5), (0, middle, 5), (1, middle, -5), (1, last, 5)]);
    let ends: Vec<_> = entries.iter().map(|entry| (entry.balance_after, entry.version)).collect();
    assert_eq!(ends, [(0, 4), (5, 1), (0, 2), (5, 1)]);
}

#[test]
fn a_balance_beyond_64_bits_is_refused_on_either_side() {
    let full = Standing { balance: i64::MAX, version: 1 };
    let empty = Standing { balance: i64::MIN, version: 1 };
    let money = glassworks_money().available();
    let deposit = journal(recipes::deposit(outside(), glassworks_money(), fen(1)));
    let mut rich = Books::from_standings([(money, full)]);
    assert_eq!(rich.apply(&deposit), Err(Insufficient::Overflow { account: money }));
    assert_eq!(rich.balance(&outside()), 0, "the first leg is not kept");
    let mut deep = Books::from_standings([(outside(), empty)]);
    assert_eq!(deep.apply(&deposit), Err(Insufficient::Overflow { account: outside() }));
    let worn = Standing { balance: 0, version: i64::MAX };
    let mut old = Books::from_standings([(money, worn)]);
    assert_eq!(old.apply(&deposit), Err(Insufficient::Overflow { account: money }));
}

#[test]
fn a_reversal_is_the_opposite_in_the_opposite_order_and_names_what_it_undoes() {
    let areas = AreaMove { buyer: chibi(), seller: Some(tongcheng()) };
    let settled = journal(recipes::settle(&terms(mill(), treasury(), Some(areas))))
        .because(Some("approved".to_owned()))
        .proved_by(Some("00".repeat(32)));
    assert_eq!(
        (settled.reason.as_deref(), settled.document_hash.as_deref()),
        (Some("approved"), Some(&*"00".repeat(32)))
    );
    let counter = settled.reversal(JournalId(Uuid::from_u128(901)), date(2022, 4, 1));
    assert_eq!((counter.kind, counter.reverses), (JournalKind::Reversal, Some(settled.id)));
    assert_eq!(counter.effective_on, date(2022, 4, 1));
    assert_eq!(counter.subject, Subject { kind: SubjectKind::Journal, id: settled.id.0, version: 1 });
    let opposite: Vec<_> = settled.postings.iter().rev().map(Posting::reversed).collect();
    assert_eq!((counter.postings.len(), &counter.postings), (4, &opposite));
    let touched: Vec<_> = settled.accounts().collect();
    let back: Vec<_> = counter.accounts().collect();
    assert_eq!((touched.len(), touched.iter().rev().copied().collect::<Vec<_>>()), (8, back));
}

#[test]
fn only_the_contra_accounts_may_fall_below_zero() {
    let contra: Vec<_> =
        Purpose::ALL.iter().filter(|purpose| !purpose.guarded()).map(|purpose| purpose.as_str()).collect();
    assert_eq!(contra, ["issued", "converted", "outside", "authorised", "overuse"]);
    let guarded: Vec<_> =
        Purpose::ALL.iter().filter(|purpose| purpose.guarded()).map(|purpose| purpose.as_str()).collect();
    assert_eq!(
        guarded,
        [
            "available",
            "committed",
            "pledged",
            "frozen",
            "retired",
            "expired",
            "suspense",
            "fees",
            "treasury",
            "headroom",
            "used"
        ]
    );
}
