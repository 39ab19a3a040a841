//! Laws that hold for every history of the books, every decimal and every row read back.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::decimal::{self, DecimalFault};
use accounting::recipes::{self, AreaMove, CapStanding, Held, Postings, Settlement};
use accounting::verify::{AccountTrail, Difference, ReadAccount, ReadEntry};
use accounting::{
    AccountKey, AssetId, AssetKind, Books, EntryDraft, Holding, Insufficient, Journal, JournalId, JournalKind, Measure,
    Money, Origin, OwnerId, Posting, Price, Product, Purpose, Quantity, RightClass, Standing, Subject, SubjectId,
    SubjectKind, Validity,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseResult, TestRunner};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

// --- A small province: two areas with two sites each, and the reserve, which lies in no area ---

const AREAS: usize = 2;
const SITES: usize = 5;
const RESERVE: usize = 4;
const CLASSES: usize = 2;
const SUBJECTS: usize = 3;

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128(kind * 1_000 + u128::try_from(number).expect("a small number"))
}

fn book(asset: Uuid) -> Holding {
    Holding { owner: OwnerId(id(1, 0)), asset: AssetId(asset) }
}

fn area(number: usize) -> Holding {
    Holding { owner: OwnerId(id(2, number)), asset: AssetId(id(3, number)) }
}

fn stock(site: usize, class: usize) -> Holding {
    Holding { owner: OwnerId(id(4, site)), asset: AssetId(id(5, class)) }
}

fn purse(site: usize) -> Holding {
    Holding { owner: OwnerId(id(6, site)), asset: AssetId(id(7, 0)) }
}

fn issued(class: usize) -> AccountKey {
    book(id(5, class)).account(Purpose::Issued)
}

fn converted(class: usize) -> AccountKey {
    book(id(5, class)).account(Purpose::Converted)
}

fn outside() -> AccountKey {
    book(id(7, 0)).account(Purpose::Outside)
}

fn treasury() -> AccountKey {
    book(id(7, 0)).account(Purpose::Treasury)
}

fn trade(number: usize) -> SubjectId {
    SubjectId(id(8, number))
}

fn lien(number: usize) -> SubjectId {
    SubjectId(id(9, number))
}

/// The area in which a site lies.
fn area_of(site: usize) -> Option<Holding> {
    (site != RESERVE).then(|| area(site % AREAS))
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).expect("more than zero")
}

fn fen(fen: i64) -> Money {
    Money::try_new(fen).expect("zero or more")
}

fn day() -> Date {
    date(2022, 3, 31)
}

fn journal(number: usize, kind: JournalKind, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Trade, id: id(8, number), version: 1 };
    Journal::new(JournalId(id(10, number)), kind, subject, day(), postings)
}

/// Who sells what to whom.
#[derive(Debug, Clone, Copy)]
struct Deal {
    trade: usize,
    seller: usize,
    buyer: usize,
    class: usize,
    /// Whether an override lets the rights into another zone, so that they arrive as the next class.
    crosses: bool,
    grams: i64,
    fen: i64,
}

impl Deal {
    /// The class that the buyer gets.
    fn delivered(self) -> usize {
        if self.crosses { (self.class + 1) % CLASSES } else { self.class }
    }

    fn area_move(self) -> Option<AreaMove> {
        let buyer = area_of(self.buyer)?;
        let seller = area_of(self.seller);
        (seller != Some(buyer)).then_some(AreaMove { buyer, seller })
    }

    fn settlement(self) -> Settlement {
        Settlement {
            trade: trade(self.trade),
            seller: stock(self.seller, self.class),
            buyer: stock(self.buyer, self.delivered()),
            conversion: self.crosses.then(|| (converted(self.class), converted(self.delivered()))),
            quantity: grams(self.grams),
            buyer_money: purse(self.buyer),
            proceeds: if self.seller == RESERVE { treasury() } else { purse(self.seller).available() },
            total: fen(self.fen),
            fee: None,
            areas: self.area_move(),
        }
    }

    /// What the books still hold for it.
    fn held(self, books: &Books) -> Held {
        let still = |stock: Holding| (stock, books.balance(&stock.committed(trade(self.trade))));
        Held {
            rights: Some(still(stock(self.seller, self.class))),
            money: Some(still(purse(self.buyer))),
            headroom: area_of(self.buyer).map(still),
        }
    }
}

/// One act of a history.
#[derive(Debug, Clone, Copy)]
enum Act {
    SetCap { area: usize, cap: i64 },
    Allocate { site: usize, class: usize, grams: i64 },
    Deposit { site: usize, fen: i64 },
    Withdraw { site: usize, fen: i64 },
    HoldRights(Deal),
    HoldMoney(Deal),
    HoldHeadroom(Deal),
    Settle(Deal),
    Void(Deal),
    Pledge { site: usize, class: usize, lien: usize, grams: i64 },
    Release { site: usize, class: usize, lien: usize, grams: i64 },
    Undo(Index),
}

impl Act {
    fn kind(self) -> JournalKind {
        match self {
            Self::SetCap { .. } => JournalKind::CapSet,
            Self::Allocate { .. } => JournalKind::AllocationConfirmed,
            Self::Deposit { .. } => JournalKind::MoneyDeposited,
            Self::Withdraw { .. } => JournalKind::MoneyWithdrawn,
            Self::HoldRights(_) => JournalKind::OfferProposed,
            Self::HoldMoney(_) => JournalKind::TradeMatched,
            Self::HoldHeadroom(_) => JournalKind::TradeApproved,
            Self::Settle(_) => JournalKind::TradeSettled,
            Self::Void(_) => JournalKind::TradeCancelled,
            Self::Pledge { .. } => JournalKind::PledgeRegistered,
            Self::Release { .. } => JournalKind::PledgeReleased,
            Self::Undo(_) => JournalKind::Reversal,
        }
    }

    fn postings(self, books: &Books) -> Postings {
        match self {
            Self::SetCap { area: number, cap } => {
                let area = area(number);
                recipes::set_cap(area, CapStanding::of(books, area), cap)
            }
            Self::Allocate { site, class, grams: granted } => {
                recipes::allocate(issued(class), stock(site, class), area_of(site), grams(granted))
            }
            Self::Deposit { site, fen: paid } => recipes::deposit(outside(), purse(site), fen(paid)),
            Self::Withdraw { site, fen: paid } => recipes::withdraw(outside(), purse(site), fen(paid)),
            Self::HoldRights(deal) => {
                recipes::hold_rights(stock(deal.seller, deal.class), trade(deal.trade), grams(deal.grams))
            }
            Self::HoldMoney(deal) => recipes::hold_money(purse(deal.buyer), trade(deal.trade), fen(deal.fen)),
            Self::HoldHeadroom(deal) => match deal.area_move() {
                Some(areas) => recipes::hold_headroom(areas.buyer, trade(deal.trade), grams(deal.grams)),
                None => Ok(Vec::new()),
            },
            Self::Settle(deal) => recipes::settle(&deal.settlement()),
            Self::Void(deal) => recipes::void(trade(deal.trade), &deal.held(books)),
            Self::Pledge { site, class, lien: number, grams: pledged } => {
                recipes::pledge(stock(site, class), lien(number), grams(pledged))
            }
            Self::Release { site, class, lien: number, grams: released } => {
                recipes::release(stock(site, class), lien(number), grams(released))
            }
            Self::Undo(_) => unreachable!("a reversal is made from its journal"),
        }
    }
}

/// Mostly amounts of one size, so that acts meet; now and then the smallest or one that only just can be counted.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![12 => 1..=400_i64, 1 => Just(1_i64), 1 => (i64::MAX - 1_000)..=i64::MAX]
}

fn deal_of(amount: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = Deal> {
    (0..SUBJECTS, 0..SITES, 0..RESERVE, 0..CLASSES, any::<bool>(), amount.clone(), amount).prop_map(
        |(trade, seller, buyer, class, crosses, grams, fen)| Deal { trade, seller, buyer, class, crosses, grams, fen },
    )
}

fn deal() -> impl Strategy<Value = Deal> {
    deal_of(amount().boxed())
}

/// A deal that the opening of a history can usually afford.
fn modest_deal() -> impl Strategy<Value = Deal> {
    deal_of(1..=100_i64)
}

fn cap() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..=400_i64, 8 => 400..=4_000_i64, 1 => (i64::MAX - 1_000)..=i64::MAX]
}

/// A trade told from the offer to its end, or one act out of any order.
fn acts() -> impl Strategy<Value = Vec<Act>> {
    let lone = |act: Act| vec![act];
    prop_oneof![
        2 => (0..AREAS, cap()).prop_map(move |(area, cap)| lone(Act::SetCap { area, cap })),
        4 => (0..SITES, 0..CLASSES, amount())
            .prop_map(move |(site, class, grams)| lone(Act::Allocate { site, class, grams })),
        4 => (0..SITES, amount()).prop_map(move |(site, fen)| lone(Act::Deposit { site, fen })),
        1 => (0..SITES, amount()).prop_map(move |(site, fen)| lone(Act::Withdraw { site, fen })),
        1 => deal().prop_map(move |deal| lone(Act::HoldRights(deal))),
        1 => deal().prop_map(move |deal| lone(Act::HoldMoney(deal))),
        1 => deal().prop_map(move |deal| lone(Act::HoldHeadroom(deal))),
        1 => deal().prop_map(move |deal| lone(Act::Settle(deal))),
        1 => deal().prop_map(move |deal| lone(Act::Void(deal))),
        4 => (modest_deal(), any::<bool>()).prop_map(|(deal, settles)| {
            let end = if settles { Act::Settle(deal) } else { Act::Void(deal) };
            vec![Act::HoldRights(deal), Act::HoldMoney(deal), Act::HoldHeadroom(deal), end]
        }),
        2 => (0..SITES, 0..CLASSES, 0..SUBJECTS, amount())
            .prop_map(move |(site, class, lien, grams)| lone(Act::Pledge { site, class, lien, grams })),
        2 => (0..SITES, 0..CLASSES, 0..SUBJECTS, amount())
            .prop_map(move |(site, class, lien, grams)| lone(Act::Release { site, class, lien, grams })),
        2 => any::<Index>().prop_map(move |which| lone(Act::Undo(which))),
    ]
}

/// Starts with caps, grants and money, so that later acts find something to move.
fn history() -> impl Strategy<Value = Vec<Act>> {
    let sites = prop::array::uniform5((0..CLASSES, 1..=400_i64, 1..=400_i64));
    let caps = prop::array::uniform2(400..=4_000_i64);
    (caps, sites, prop::collection::vec(acts(), 1..40)).prop_map(|(caps, sites, acts)| {
        let caps = (0..AREAS).zip(caps).map(|(area, cap)| Act::SetCap { area, cap });
        let stocked = (0..SITES)
            .zip(sites)
            .flat_map(|(site, (class, grams, fen))| [Act::Allocate { site, class, grams }, Act::Deposit { site, fen }]);
        caps.chain(stocked).chain(acts.into_iter().flatten()).collect()
    })
}

/// What one act did to the books.
struct Told {
    journal: Journal,
    before: Books,
    answer: Result<Vec<EntryDraft>, Insufficient>,
}

/// Tells a history act by act; a refused act is told too, and the next one goes on from there.
fn tell(history: &[Act], mut each: impl FnMut(&Told, &Books) -> TestCaseResult) -> Result<Books, TestCaseError> {
    let mut books = Books::default();
    let mut done: Vec<Journal> = Vec::new();
    for (number, act) in history.iter().enumerate() {
        let journal = match act {
            Act::Undo(_) if done.is_empty() => continue,
            Act::Undo(which) => which.get(&done).reversal(JournalId(id(10, number)), day()),
            act => journal(number, act.kind(), act.postings(&books).expect("a recipe that fits together")),
        };
        let before = books.clone();
        let answer = books.apply(&journal);
        let told = Told { journal, before, answer };
        each(&told, &books)?;
        if told.answer.is_ok() {
            done.push(told.journal);
        }
    }
    Ok(books)
}

/// Where every account stands.
fn standings(books: &Books) -> BTreeMap<AccountKey, (i64, i64)> {
    books.iter().map(|(account, standing)| (*account, (standing.balance, standing.version))).collect()
}

/// The balances that are not zero.
fn balances(books: &Books) -> BTreeMap<AccountKey, i64> {
    books.iter().map(|(account, standing)| (*account, standing.balance)).filter(|(_, balance)| *balance != 0).collect()
}

fn sums(amounts: impl Iterator<Item = (AccountKey, i64)>) -> BTreeMap<AssetId, i128> {
    let mut sums = BTreeMap::new();
    for (account, amount) in amounts {
        *sums.entry(account.asset).or_default() += i128::from(amount);
    }
    sums
}

/// The sum of what `chosen` accounts hold.
fn total(books: &Books, chosen: impl Fn(&AccountKey) -> bool) -> i128 {
    books.iter().filter(|(account, _)| chosen(account)).map(|(_, standing)| i128::from(standing.balance)).sum()
}

proptest! {
    #[test]
    fn every_asset_sums_to_zero_over_every_journal_and_over_the_book(history in history()) {
        tell(&history, |told, books| {
            for (asset, sum) in sums(books.iter().map(|(account, standing)| (*account, standing.balance))) {
                prop_assert_eq!(sum, 0, "{:?}", asset);
            }
            let entries = told.answer.iter().flatten();
            for (asset, sum) in sums(entries.map(|entry| (entry.account, entry.amount))) {
                prop_assert_eq!(sum, 0, "{:?} over {:?}", asset, told.journal);
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_guarded_account_is_ever_below_zero(history in history()) {
        tell(&history, |told, books| {
            for (account, standing) in books.iter() {
                prop_assert!(standing.balance >= 0 || !account.purpose.guarded(), "{:?}", account);
            }
            for entry in told.answer.iter().flatten() {
                prop_assert!(entry.balance_after >= 0 || !entry.account.purpose.guarded(), "{:?}", entry);
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_area_uses_exactly_what_its_sites_hold(history in history()) {
        tell(&history, |_, books| {
            for number in 0..AREAS {
                let sites: BTreeSet<_> =
                    (0..SITES).filter(|site| area_of(*site) == Some(area(number))).map(|site| stock(site, 0).owner).collect();
                let held = total(books, |account| sites.contains(&account.owner));
                prop_assert_eq!(i128::from(books.balance(&area(number).account(Purpose::Used))), held);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_refused_journal_leaves_the_books_exactly_unchanged(history in history()) {
        tell(&history, |told, books| {
            if told.answer.is_err() {
                prop_assert_eq!(standings(books), standings(&told.before));
            }
            Ok(())
        })?;
    }

    #[test]
    fn entries_continue_the_versions_and_balances_of_their_accounts(history in history()) {
        tell(&history, |told, books| {
            let Ok(entries) = &told.answer else { return Ok(()) };
            let mut expected = standings(&told.before);
            let sides = told.journal.postings.iter().zip(0_i32..).flat_map(|(posting, line)| {
                [(line, *posting.from(), -posting.amount()), (line, *posting.to(), posting.amount())]
            });
            prop_assert_eq!(entries.len(), told.journal.postings.len() * 2);
            for (entry, (line, account, amount)) in entries.iter().zip(sides) {
                let (balance, version) = expected.entry(account).or_default();
                (*balance, *version) = (*balance + amount, *version + 1);
                let side = EntryDraft { line, account, amount, balance_after: *balance, version: *version };
                prop_assert_eq!(*entry, side);
            }
            prop_assert_eq!(standings(books), expected);
            Ok(())
        })?;
    }

    #[test]
    fn a_journal_followed_by_its_reversal_restores_every_balance(history in history()) {
        tell(&history, |told, books| {
            if told.answer.is_ok() {
                let mut undone = books.clone();
                let counter = told.journal.reversal(JournalId(id(11, 0)), day());
                prop_assert!(undone.apply(&counter).is_ok(), "what just moved can move back");
                prop_assert_eq!(balances(&undone), balances(&told.before));
                prop_assert_eq!(counter.reversal(told.journal.id, day()).postings, told.journal.postings.clone());
            }
            Ok(())
        })?;
    }

    #[test]
    fn void_restores_exactly_what_was_held(
        history in history(), deal in prop_oneof![deal(), modest_deal()], second_payment in 1..=200_i64,
    ) {
        let start = tell(&history, |_, _| Ok(()))?;
        let fresh = trade(SUBJECTS);
        let mut books = start.clone();
        let mut held = Held::default();
        let (rights, money, headroom) = (stock(deal.seller, deal.class), purse(deal.buyer), area(deal.buyer % AREAS));
        let mut takes = |postings: Postings| {
            books.apply(&journal(0, JournalKind::TradeMatched, postings.expect("a hold"))).is_ok()
        };
        if takes(recipes::hold_rights(rights, fresh, grams(deal.grams))) {
            held.rights = Some((rights, deal.grams));
        }
        let mut paid = 0;
        for payment in [deal.fen, second_payment] {
            if takes(recipes::hold_money(money, fresh, fen(payment))) {
                paid += payment;
                held.money = Some((money, paid));
            }
        }
        if takes(recipes::hold_headroom(headroom, fresh, grams(deal.grams))) {
            held.headroom = Some((headroom, deal.grams));
        }
        let void = recipes::void(fresh, &held).expect("a void");
        prop_assert_eq!(void.len(), [held.rights, held.money, held.headroom].iter().flatten().count());
        prop_assert!(books.apply(&journal(1, JournalKind::TradeCancelled, void)).is_ok());
        prop_assert_eq!(balances(&books), balances(&start));
    }

    #[test]
    fn a_settlement_takes_nothing_but_what_its_own_trade_holds(history in history(), deal in modest_deal()) {
        let holds = [Act::HoldRights(deal), Act::HoldMoney(deal), Act::HoldHeadroom(deal)];
        let start = tell(&[history, holds.to_vec()].concat(), |_, _| Ok(()))?;
        let settled = journal(0, JournalKind::TradeSettled, recipes::settle(&deal.settlement()).expect("a settlement"));
        let mut books = start.clone();
        if books.apply(&settled).is_ok() {
            let other_holds = |account: &AccountKey| account.subject.is_some_and(|subject| subject != trade(deal.trade));
            prop_assert_eq!(total(&books, other_holds), total(&start, other_holds));
            let fallen: BTreeSet<_> = standings(&start)
                .into_iter()
                .filter(|(account, (balance, _))| account.purpose.guarded() && books.balance(account) < *balance)
                .map(|(account, _)| account.purpose)
                .collect();
            let freed = area_of(deal.seller).is_some() && deal.area_move().is_some();
            let may_fall: BTreeSet<_> = [Purpose::Committed].into_iter().chain(freed.then_some(Purpose::Used)).collect();
            prop_assert!(fallen.is_subset(&may_fall), "{:?}", fallen);
        }
    }

    #[test]
    fn a_cap_is_reached_as_far_as_use_allows_and_the_rest_waits(
        steps in prop::collection::vec((cap(), 1..=400_i64, any::<bool>()), 1..30),
    ) {
        let place = area(0);
        let (authorised, headroom, used) =
            (place.account(Purpose::Authorised), place.account(Purpose::Headroom), place.account(Purpose::Used));
        let mut books = Books::default();
        for (cap, moved, uses) in steps {
            let (from, to) = if uses { (headroom, used) } else { (used, headroom) };
            let shift = Posting::transfer(from, to, moved).expect("a posting");
            let _ = books.apply(&journal(0, JournalKind::AllocationConfirmed, vec![shift]));
            let _ = books.apply(&journal(0, JournalKind::TradeApproved,
                recipes::hold_headroom(place, trade(0), grams(moved)).expect("a hold")));

            let in_use = books.balance(&used) + books.balance(&place.committed(trade(0)));
            let change = recipes::set_cap(place, CapStanding::of(&books, place), cap).expect("a change of cap");
            prop_assert!(books.apply(&journal(0, JournalKind::CapSet, change)).is_ok());

            prop_assert_eq!(books.balance(&headroom), (cap - in_use).max(0));
            prop_assert_eq!(books.balance(&used) + books.balance(&place.committed(trade(0))), in_use);
            prop_assert_eq!(-books.balance(&authorised), cap);
            prop_assert_eq!(CapStanding::of(&books, place).pending, (in_use - cap).max(0));
            prop_assert_eq!(total(&books, |account| account.asset == place.asset), 0);
            let again = recipes::set_cap(place, CapStanding::of(&books, place), cap);
            prop_assert_eq!(again, Ok(Vec::new()), "the same cap again moves nothing");
        }
    }
}

/// The other laws would hold of histories in which nothing happens, or in which everything succeeds.
#[test]
fn in_the_histories_every_act_is_sometimes_done_and_sometimes_refused() {
    let mut runner = TestRunner::deterministic();
    let (mut done, mut refused, mut overflowed, mut moved_areas) =
        (BTreeSet::new(), BTreeSet::new(), 0, BTreeSet::new());
    for _ in 0..256 {
        let history = history().new_tree(&mut runner).expect("a history").current();
        tell(&history, |told, _| {
            match &told.answer {
                Ok(entries) if !entries.is_empty() => {
                    done.insert(told.journal.kind);
                    if told.journal.kind == JournalKind::TradeSettled {
                        moved_areas.insert(entries.len());
                    }
                }
                Ok(_) => {}
                Err(fault) => {
                    refused.insert(told.journal.kind);
                    overflowed += usize::from(matches!(fault, Insufficient::Overflow { .. }));
                }
            }
            Ok(())
        })
        .expect("a history that is told");
    }
    let all = BTreeSet::from([
        JournalKind::CapSet,
        JournalKind::AllocationConfirmed,
        JournalKind::MoneyDeposited,
        JournalKind::MoneyWithdrawn,
        JournalKind::OfferProposed,
        JournalKind::TradeMatched,
        JournalKind::TradeApproved,
        JournalKind::TradeSettled,
        JournalKind::TradeCancelled,
        JournalKind::PledgeRegistered,
        JournalKind::PledgeReleased,
        JournalKind::Reversal,
    ]);
    assert_eq!(done, all);
    // A cap is cut only as far as it is free, and a void takes only what is held: neither is ever short.
    let never_short = BTreeSet::from([JournalKind::CapSet, JournalKind::TradeCancelled]);
    assert!(refused.is_superset(&(&all - &never_short)), "{refused:?}");
    assert!(overflowed > 0);
    assert_eq!(
        moved_areas,
        BTreeSet::from([4, 6, 8, 10]),
        "within an area, between areas, and each with a conversion of the class"
    );
}

// --- Journals of any postings, against arithmetic without bounds ---

fn any_account() -> impl Strategy<Value = AccountKey> {
    let purpose = prop::sample::select(vec![Purpose::Issued, Purpose::Available, Purpose::Committed, Purpose::Pledged]);
    (0..2_usize, purpose).prop_map(|(owner, purpose)| stock(owner, 0).account(purpose))
}

fn any_posting() -> impl Strategy<Value = Posting> {
    let amount = prop_oneof![1..=100_i64, 1..=i64::MAX, (i64::MAX - 100)..=i64::MAX];
    (any_account(), any_account(), amount)
        .prop_filter_map("an account cannot pay itself", |(from, to, amount)| Posting::transfer(from, to, amount).ok())
}

fn any_standing() -> impl Strategy<Value = (AccountKey, Standing)> {
    let edge = prop_oneof![0..=200_i64, (i64::MAX - 200)..=i64::MAX, i64::MIN..=(i64::MIN + 200)];
    let version = prop_oneof![6 => 0..=100_i64, 1 => (i64::MAX - 1)..=i64::MAX];
    (any_account(), edge, version).prop_map(|(account, balance, version)| {
        let balance = if account.purpose.guarded() { balance.max(0) } else { balance };
        (account, Standing { balance, version })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn books_agree_with_unbounded_arithmetic_or_refuse(
        opening in prop::collection::vec(any_standing(), 0..8),
        postings in prop::collection::vec(any_posting(), 0..8),
    ) {
        let mut books = Books::from_standings(opening);
        let before = standings(&books);
        let mut unbounded: BTreeMap<_, (i128, i128)> =
            before.iter().map(|(account, (balance, version))| (*account, ((*balance).into(), (*version).into()))).collect();
        let mut fault = None;
        let sides = postings.iter().flat_map(|posting| {
            [(*posting.from(), -i128::from(posting.amount())), (*posting.to(), i128::from(posting.amount()))]
        });
        for (account, amount) in sides {
            let (balance, version) = unbounded.entry(account).or_default();
            let held = *balance;
            (*balance, *version) = (*balance + amount, *version + 1);
            if account.purpose.guarded() && *balance < 0 {
                let small = |wide: i128| i64::try_from(wide).expect("a balance that was counted before");
                fault = Some(Insufficient::Short { account, balance: small(held), wanted: small(-amount) });
            } else if i64::try_from(*balance).is_err() || i64::try_from(*version).is_err() {
                fault = Some(Insufficient::Overflow { account });
            }
            if fault.is_some() {
                break;
            }
        }
        let answer = books.apply(&journal(0, JournalKind::TradeSettled, postings));
        prop_assert_eq!(answer.as_ref().err(), fault.as_ref());
        let after = standings(&books);
        if fault.is_some() {
            prop_assert_eq!(after, before);
        } else {
            let wide: BTreeMap<_, _> =
                after.into_iter().map(|(account, (balance, version))| (account, (balance.into(), version.into()))).collect();
            prop_assert_eq!(wide, unbounded);
        }
    }
}

// --- Rows read back ---

/// The rows a history leaves behind, as they are kept.
#[derive(Debug, Clone)]
struct Rows {
    accounts: Vec<ReadAccount>,
    entries: Vec<ReadEntry>,
}

fn rows() -> impl Strategy<Value = Rows> {
    history().prop_map(|history| {
        let mut accounts: BTreeMap<AccountKey, ReadAccount> = BTreeMap::new();
        let mut entries = Vec::new();
        let mut recorded_at = 0;
        tell(&history, |told, _| {
            recorded_at += 10;
            for entry in told.answer.iter().flatten() {
                let row = id(12, accounts.len());
                let account = accounts.entry(entry.account).or_insert(ReadAccount {
                    id: row,
                    asset: entry.account.asset.0,
                    purpose: Some(entry.account.purpose),
                    guarded: entry.account.purpose.guarded(),
                    balance: 0,
                    version: 0,
                    last_recorded_at: 0,
                });
                (account.balance, account.version) = (entry.balance_after, entry.version);
                account.last_recorded_at = recorded_at;
                entries.push(ReadEntry {
                    account: account.id,
                    version: entry.version,
                    journal: told.journal.id.0,
                    line: entry.line,
                    amount: entry.amount,
                    balance_after: entry.balance_after,
                    recorded_at,
                });
            }
            Ok(())
        })
        .expect("a history that is told");
        Rows { accounts: accounts.into_values().collect(), entries }
    })
}

/// Follows every account through its rows in version order, as they would be read.
fn verify(rows: &Rows) -> Vec<Difference> {
    let mut found = Vec::new();
    for account in &rows.accounts {
        let mut own: Vec<_> = rows.entries.iter().filter(|entry| entry.account == account.id).collect();
        own.sort_by_key(|entry| entry.version);
        let mut trail = AccountTrail::new(*account);
        found.extend(own.into_iter().flat_map(|entry| trail.follow(entry)));
        found.extend(trail.close());
    }
    found
}

/// Whether a difference names a row, or any row of an account.
fn names(found: &[Difference], row: &str) -> bool {
    found.iter().any(|difference| difference.row.starts_with(row))
}

fn of_account(account: Uuid) -> String {
    format!("account {account}")
}

/// Not zero.
fn shift() -> impl Strategy<Value = i64> {
    prop_oneof![Just(1_i64), Just(-1_i64), any::<i64>()].prop_filter("something changes", |shift| *shift != 0)
}

proptest! {
    #[test]
    fn the_rows_of_every_history_are_clean(rows in rows()) {
        prop_assert_eq!(verify(&rows), vec![]);
    }

    #[test]
    fn an_altered_amount_or_balance_is_named_on_its_very_row(
        rows in rows(), which in any::<Index>(), shift in shift(), balance in any::<bool>(),
    ) {
        let mut rows = rows;
        let row = which.get_mut(&mut rows.entries);
        let field = if balance { &mut row.balance_after } else { &mut row.amount };
        *field = field.wrapping_add(shift);
        let row = row.row();
        prop_assert!(names(&verify(&rows), &row), "{row}");
    }

    #[test]
    fn an_altered_version_is_told_of_its_account(rows in rows(), which in any::<Index>(), shift in shift()) {
        let mut rows = rows;
        let row = which.get_mut(&mut rows.entries);
        row.version = row.version.wrapping_add(shift);
        let account = row.account;
        prop_assert!(names(&verify(&rows), &of_account(account)));
    }

    #[test]
    fn a_row_moved_to_another_account_is_told_of_the_account_it_left(
        rows in rows(), which in any::<Index>(), stranger in any::<Index>(),
    ) {
        let mut rows = rows;
        let row = which.get_mut(&mut rows.entries);
        let left = row.account;
        let mut others: Vec<_> = rows.accounts.iter().map(|account| account.id).filter(|id| *id != left).collect();
        others.push(id(99, 0));
        row.account = *stranger.get(&others);
        prop_assert!(names(&verify(&rows), &of_account(left)));
    }

    #[test]
    fn a_row_recorded_out_of_order_is_told_on_the_later_of_the_two(
        rows in rows(), which in any::<Index>(), moves_back in any::<bool>(),
    ) {
        let mut rows = rows;
        let follows = |earlier: &ReadEntry, later: &ReadEntry| {
            earlier.account == later.account && earlier.version + 1 == later.version
        };
        let pairs: Vec<(usize, usize)> = (0..rows.entries.len())
            .flat_map(|earlier| (earlier..rows.entries.len()).map(move |later| (earlier, later)))
            .filter(|(earlier, later)| follows(&rows.entries[*earlier], &rows.entries[*later]))
            .collect();
        prop_assume!(!pairs.is_empty());
        let (earlier, later) = *which.get(&pairs);
        if moves_back {
            rows.entries[later].recorded_at = rows.entries[earlier].recorded_at - 1;
        } else {
            rows.entries[earlier].recorded_at = rows.entries[later].recorded_at + 1;
        }
        prop_assert!(names(&verify(&rows), &rows.entries[later].row()));
    }

    #[test]
    fn a_removed_or_repeated_row_is_told_of_its_account(rows in rows(), which in any::<Index>(), removed in any::<bool>()) {
        let mut rows = rows;
        let chosen = which.index(rows.entries.len());
        let row = rows.entries[chosen];
        if removed {
            rows.entries.remove(chosen);
        } else {
            rows.entries.push(row);
        }
        prop_assert!(names(&verify(&rows), &of_account(row.account)));
    }

    #[test]
    fn a_made_up_row_at_the_end_is_told_against_the_account(
        rows in rows(), which in any::<Index>(), amount in 1..=1_000_i64,
    ) {
        let mut rows = rows;
        let account = *which.get(&rows.accounts);
        rows.entries.push(ReadEntry {
            account: account.id,
            version: account.version + 1,
            journal: id(10, 999),
            line: 0,
            amount,
            balance_after: account.balance.saturating_add(amount),
            recorded_at: i64::MAX,
        });
        let found = verify(&rows);
        prop_assert!(found.iter().any(|difference| difference.table == "accounts" && difference.row == of_account(account.id)));
    }

    #[test]
    fn an_altered_account_row_is_told_against_it(
        rows in rows(), which in any::<Index>(), shift in shift(), balance in any::<bool>(),
    ) {
        let mut rows = rows;
        let account = which.get_mut(&mut rows.accounts);
        let field = if balance { &mut account.balance } else { &mut account.version };
        *field = field.wrapping_add(shift);
        let account = account.id;
        let found = verify(&rows);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!((found[0].table, &found[0].row), ("accounts", &of_account(account)));
    }
}

// --- Decimals ---

fn measure() -> impl Strategy<Value = Measure> {
    prop::sample::select(vec![
        ("t", 1_000_000, 3),
        ("t", 1_000_000, 4),
        ("t", 1_000_000, 6),
        ("t", 1_000_000, 1),
        ("kg", 1_000, 2),
        ("t/d", 1_000_000, 0),
        ("g", 1, 0),
    ])
    .prop_map(|(unit, grams_per_unit, decimals)| Measure { unit: unit.to_owned(), grams_per_unit, decimals })
}

/// The smallest step a document may carry.
fn step(measure: &Measure) -> i64 {
    measure.grams_per_unit / 10_i64.pow(measure.decimals)
}

/// From one to everything, each size as likely as the next.
fn of_any_size() -> impl Strategy<Value = i64> {
    (0..63_u32, 1..=i64::MAX).prop_map(|(shift, number)| (number >> shift).max(1))
}

/// Texts that look like numbers, and texts that do not.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9]{0,22}\\.?[0-9]{0,8}",
        2 => "[+\\-−]?[0-9]{1,4}[.,' _eE٫．·]?[+\\-]?[0-9]{0,3}[ \\t\\n]?",
        2 => "[0-9０-９٠-٩०-९.]{0,8}",
        1 => "[ \\u{3000}\\u{a0}\\u{200b}]?[0-9]{1,3}(\\.[0-9]{1,3})?[ \\u{3000}\\u{a0}\\u{200b}]?",
        2 => any::<String>(),
    ]
}

/// Digits, and perhaps one point with digits after it.
fn is_plain(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 2
        && parts.iter().all(|part| !part.is_empty() && part.chars().all(|letter| "0123456789".contains(letter)))
}

/// What a plain text says in smallest units, added up digit by digit.
fn spelled(text: &str, measure: &Measure) -> Result<i64, DecimalFault> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.chars().count() > measure.decimals as usize {
        return Err(DecimalFault::TooPrecise { max: measure.decimals });
    }
    let mut units = 0_i128;
    for digit in whole.chars().filter_map(|letter| letter.to_digit(10)) {
        units = (units * 10 + i128::from(digit)).min(i128::from(i64::MAX) * 2);
    }
    units *= i128::from(measure.grams_per_unit);
    let mut place = i128::from(measure.grams_per_unit);
    for digit in fraction.chars().filter_map(|letter| letter.to_digit(10)) {
        place /= 10;
        units += i128::from(digit) * place;
    }
    i64::try_from(units).map_err(|_| DecimalFault::OutOfRange)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn only_plain_decimals_are_read_and_they_say_what_they_spell(text in any_text(), measure in measure()) {
        let read = decimal::parse(&text, measure.grams_per_unit, measure.decimals);
        let expected = if is_plain(&text) { spelled(&text, &measure) } else { Err(DecimalFault::NotDecimal) };
        prop_assert_eq!(read, expected);
        let quantity = Quantity::parse(&text, &measure).map(Quantity::grams);
        prop_assert_eq!(quantity, if expected == Ok(0) { Err(DecimalFault::Zero) } else { expected });
    }

    #[test]
    fn money_and_prices_are_read_as_strictly(text in any_text()) {
        let yuan = Measure { unit: "CNY".to_owned(), grams_per_unit: 100, decimals: 2 };
        let expected = if is_plain(&text) { spelled(&text, &yuan) } else { Err(DecimalFault::NotDecimal) };
        prop_assert_eq!(Money::parse(&text).map(Money::fen), expected);
        let price = if expected == Ok(0) { Err(DecimalFault::Zero) } else { expected };
        prop_assert_eq!(Price::parse(&text).map(Price::fen), price);
    }

    #[test]
    fn no_measure_however_odd_makes_reading_panic_or_lose_a_digit(
        text in any_text(), places in 0..=18_u32, decimals in any::<u32>(),
    ) {
        if let Ok(units) = decimal::parse(&text, 10_i64.pow(places), decimals) {
            let exact = Measure { unit: String::new(), grams_per_unit: 10_i64.pow(places), decimals: places };
            prop_assert_eq!(spelled(&text, &exact), Ok(units));
        }
    }

    #[test]
    fn a_quantity_printed_and_read_back_is_the_same(steps in of_any_size(), measure in measure()) {
        let quantity = grams((steps / step(&measure)).max(1) * step(&measure));
        let text = quantity.print(&measure);
        prop_assert_eq!(Quantity::parse(&text, &measure), Ok(quantity), "{}", text);
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert_eq!(decimals, measure.decimals as usize, "{}", text);
    }

    #[test]
    fn printing_never_loses_a_gram(number in of_any_size(), measure in measure()) {
        let to_the_gram = Measure { decimals: measure.grams_per_unit.ilog10(), ..measure.clone() };
        let text = grams(number).print(&measure);
        prop_assert_eq!(Quantity::parse(&text, &to_the_gram).map(Quantity::grams), Ok(number), "{}", text);
        let debit = decimal::print(-number, measure.grams_per_unit, measure.decimals);
        prop_assert_eq!(debit, format!("-{text}"));
    }

    #[test]
    fn money_and_prices_printed_and_read_back_are_the_same(number in of_any_size()) {
        prop_assert_eq!(Money::parse(&fen(number).print()), Ok(fen(number)));
        let price = Price::try_new(number).expect("more than zero");
        prop_assert_eq!(Price::parse(&price.print()), Ok(price));
        prop_assert_eq!(price.print(), format!("{}.{:02}", number / 100, number % 100));
    }

    /// `total` is the fen of the product exactly when total − ½ ≤ product < total + ½.
    #[test]
    fn price_times_quantity_is_half_up_to_the_fen_or_refused(
        price in of_any_size(), quantity in of_any_size(), measure in measure(),
    ) {
        let twice = 2 * i128::from(price) * i128::from(quantity);
        let unit = i128::from(measure.grams_per_unit);
        match Price::try_new(price).expect("more than zero").times(grams(quantity), &measure) {
            Ok(total) => {
                let total = 2 * i128::from(total.fen());
                prop_assert!((total - 1) * unit <= twice && twice < (total + 1) * unit, "{}", total);
            }
            Err(fault) => {
                prop_assert_eq!(fault, DecimalFault::OutOfRange);
                prop_assert!(twice >= (2 * i128::from(i64::MAX) + 1) * unit);
            }
        }
    }

    #[test]
    fn half_a_fen_goes_up_and_a_gram_less_goes_down(
        total in 0..=1_000_000_000_000_i64, half in prop::sample::select(vec![1, 2, 4, 5, 8, 125, 2_500, 100_000, 500_000_i64]),
    ) {
        let price = Price::try_new(500_000 / half).expect("more than zero");
        let grams_of_half = total.checked_mul(2 * half).and_then(|grams| grams.checked_add(half)).expect("small");
        let measure = Measure::tonnes();
        prop_assert_eq!(price.times(grams(grams_of_half), &measure).map(Money::fen), Ok(total + 1));
        prop_assume!(grams_of_half > 1);
        prop_assert_eq!(price.times(grams(grams_of_half - 1), &measure).map(Money::fen), Ok(total));
    }

    /// Split by weights, money neither comes nor goes; each part is its exact share rounded down or up, and a larger weight never gets less.
    #[test]
    fn parts_by_the_largest_remainder_make_the_whole_to_the_fen(
        money in 0..=i64::MAX,
        weights in prop::collection::vec(prop_oneof![0..=5_u64, any::<u64>()], 1..8),
    ) {
        let whole: u128 = weights.iter().copied().map(u128::from).sum();
        let Ok(parts) = fen(money).split(&weights) else {
            prop_assert_eq!(whole, 0);
            return Ok(());
        };
        let sum: i128 = parts.iter().map(|part| i128::from(part.fen())).sum();
        prop_assert_eq!(sum, i128::from(money));
        for (part, weight) in parts.iter().zip(&weights) {
            let down = u128::from(money.unsigned_abs()) * u128::from(*weight) / whole;
            let part = u128::from(part.fen().unsigned_abs());
            prop_assert!(part == down || part == down + 1, "{} of {}", part, down);
            prop_assert!(*weight > 0 || part == 0);
        }
        for (one, its) in parts.iter().zip(&weights) {
            for (other, others) in parts.iter().zip(&weights) {
                prop_assert!(its <= others || one >= other);
            }
        }
    }

    #[test]
    fn a_share_is_half_up_to_the_fen_or_refused(
        money in of_any_size(), rate in of_any_size(), scale in 0..=18_u32,
    ) {
        let (twice, one) = (2 * i128::from(money) * i128::from(rate), 10_i128.pow(scale));
        match fen(money).share(Decimal::new(rate, scale)) {
            Ok(share) => {
                let share = 2 * i128::from(share.fen());
                prop_assert!((share - 1) * one <= twice && twice < (share + 1) * one, "{}", share);
            }
            Err(fault) => {
                prop_assert_eq!(fault, DecimalFault::OutOfRange);
                prop_assert!(twice >= (2 * i128::from(i64::MAX) + 1) * one);
            }
        }
    }

    #[test]
    fn a_share_on_either_side_of_half_a_fen_is_rounded_once(money in 2..=4_000_000_000_i64, at in 0..=4_000_000_000_i64) {
        let finest = 10_i128.pow(28);
        let below = |whole: i64| (2 * i128::from(whole) + 1) * finest / (2 * i128::from(money));
        let whole = at % money;
        let rate = below(whole);
        let exact = 2 * i128::from(money) * rate == (2 * i128::from(whole) + 1) * finest;
        let share = |rate| fen(money).share(Decimal::from_i128_with_scale(rate, 28)).map(Money::fen);
        prop_assert_eq!(share(rate), Ok(if exact { whole + 1 } else { whole }));
        prop_assert_eq!(share(rate + 1), Ok(whole + 1));
    }

    #[test]
    fn a_negative_rate_is_never_a_share(money in 0..=i64::MAX, rate in of_any_size(), scale in 0..=28_u32) {
        prop_assert_eq!(fen(money).share(Decimal::new(-rate, scale)), Err(DecimalFault::OutOfRange));
    }

    #[test]
    fn a_share_of_any_rate_never_panics(money in 0..=i64::MAX, bits in any::<[u32; 3]>(), scale in 0..=28_u32) {
        let _ = fen(money).share(Decimal::from_parts(bits[0], bits[1], bits[2], false, scale));
    }
}

// --- Codes and words ---

fn any_day() -> impl Strategy<Value = Date> {
    (0..=9_999_i16, 1..=12_i8, 1..=31_i8)
        .prop_filter_map("a day of the calendar", |(year, month, day)| Date::new(year, month, day).ok())
}

fn right_class() -> impl Strategy<Value = RightClass> {
    let product =
        prop_oneof![Just(Product::MultiYear), (0..=9_999_i16).prop_map(|year| Product::AnnualSurplus { year })];
    let origin = prop::sample::select(vec![Origin::Free, Origin::Paid]);
    ("[A-Z0-9_]{1,8}", product, origin, "[A-Z0-9_]{1,12}", any_day(), any_day()).prop_map(
        |(pollutant, product, origin, zone, one, other)| RightClass {
            pollutant,
            product,
            origin,
            zone,
            validity: Validity::try_new(one.min(other), one.max(other)).expect("in order"),
        },
    )
}

proptest! {
    #[test]
    fn a_class_is_read_back_from_its_code(class in right_class()) {
        prop_assert_eq!(RightClass::parse(&class.code()), Ok(class));
    }

    #[test]
    fn a_code_that_is_read_is_the_only_way_to_write_its_class(
        class in right_class(), at in any::<Index>(), stranger in prop_oneof![any::<char>(), prop::char::range('-', 'Z')],
    ) {
        let mut letters: Vec<char> = class.code().chars().collect();
        *at.get_mut(&mut letters) = stranger;
        let altered: String = letters.into_iter().collect();
        if let Ok(read) = RightClass::parse(&altered) {
            prop_assert_eq!(read.code(), altered);
        }
    }

    #[test]
    fn no_text_makes_the_reading_of_a_code_panic(text in prop_oneof![any::<String>(), "[A-Z0-9０-９-]{0,40}"]) {
        if let Ok(read) = RightClass::parse(&text) {
            prop_assert_eq!(read.code(), text);
        }
    }

    #[test]
    fn a_word_that_is_read_is_the_word_that_is_written(text in prop_oneof![any::<String>(), "[a-z_]{0,20}"]) {
        prop_assert!(Purpose::parse(&text).is_none_or(|purpose| purpose.as_str() == text));
        prop_assert!(JournalKind::parse(&text).is_none_or(|kind| kind.as_str() == text));
        prop_assert!(SubjectKind::parse(&text).is_none_or(|kind| kind.as_str() == text));
        prop_assert!(AssetKind::parse(&text).is_none_or(|kind| kind.as_str() == text));
    }
}

#[test]
fn every_purpose_and_kind_is_read_back_from_its_word() {
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::parse(purpose.as_str()), Some(*purpose));
    }
    for kind in JournalKind::ALL {
        assert_eq!(JournalKind::parse(kind.as_str()), Some(*kind));
    }
    for kind in SubjectKind::ALL {
        assert_eq!(SubjectKind::parse(kind.as_str()), Some(*kind));
    }
    for kind in [AssetKind::Right, AssetKind::Money, AssetKind::Capacity, AssetKind::Imported] {
        assert_eq!(AssetKind::parse(kind.as_str()), Some(kind));
    }
    assert_eq!((Purpose::ALL.len(), JournalKind::ALL.len(), SubjectKind::ALL.len()), (16, 161, 31));
}

#[test]
fn every_word_is_the_name_of_what_it_says() {
    let word = |name: String| {
        name.chars().enumerate().fold(String::new(), |mut word, (at, letter)| {
            if at > 0 && letter.is_ascii_uppercase() {
                word.push('_');
            }
            word.push(letter.to_ascii_lowercase());
            word
        })
    };
    for purpose in Purpose::ALL {
        assert_eq!(purpose.as_str(), word(format!("{purpose:?}")));
    }
    for kind in JournalKind::ALL {
        assert_eq!(kind.as_str(), word(format!("{kind:?}")));
    }
    for kind in SubjectKind::ALL {
        assert_eq!(kind.as_str(), word(format!("{kind:?}")));
    }
    for kind in [AssetKind::Right, AssetKind::Money, AssetKind::Capacity, AssetKind::Imported] {
        assert_eq!(kind.as_str(), word(format!("{kind:?}")));
    }
}

#[test]
fn a_word_in_other_letters_or_with_blanks_is_not_read() {
    for word in ["Available", " available", "available ", "AVAILABLE", ""] {
        assert_eq!(Purpose::parse(word), None, "{word:?}");
    }
    assert_eq!(JournalKind::parse("Trade_Settled"), None);
    assert_eq!(SubjectKind::parse("trades"), None);
    assert_eq!(AssetKind::parse("rights"), None);
}
