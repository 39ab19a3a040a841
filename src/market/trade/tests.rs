//! What a trade may become, and what it may not.

use super::*;
use crate::kernel::ids::{OfferId, SiteId};

const TONGCHENG: &str = "420000/421200/421222";
const CHIBI: &str = "420000/421200/421281";

fn party(area: &str) -> Party {
    Party { site: SiteId::fresh(), organisation: OrganisationId::fresh(), area_path: area.to_owned() }
}

pub(in crate::market) fn matched() -> Trade {
    between(TONGCHENG, TONGCHENG)
}

fn between(seller_area: &str, buyer_area: &str) -> Trade {
    Trade {
        id: TradeId::fresh(),
        source: Source::Offer(OfferId::fresh()),
        mode: Mode::Negotiated,
        seller: party(seller_area),
        buyer: party(buyer_area),
        seller_is_reserve: false,
        project: ProjectId::fresh(),
        right_class: RightClassId::fresh(),
        pollutant: "COD".to_owned(),
        quantity: Quantity::try_new(2_000_000).unwrap(),
        unit_price: Price::try_new(879_000).unwrap(),
        price_basis: PriceBasis::PerUnitWholeValidity,
        publicised_until: None,
        pay_by: None,
        fee: None,
        replacement: None,
        lifted: None,
        total: Money::try_new(1_758_000).unwrap(),
        deposit: Money::try_new(527_400).unwrap(),
        paid: Money::try_new(527_400).unwrap(),
        approvals: BTreeSet::new(),
        variations: BTreeSet::new(),
        state: TradeState::Matched,
        matched_by: UserId::fresh(),
        matched_at: Moment::from_micros(0),
        rulebook: RulebookId::fresh(),
        version: 1,
    }
}

const AT: Moment = Moment::from_micros(1);

fn fen(fen: i64) -> Money {
    Money::try_new(fen).unwrap()
}

/// Noon of a day of January 1970, in Shanghai.
fn noon(day: i64) -> Moment {
    Moment::from_micros(((day - 1) * 24 + 4) * 3_600_000_000)
}

fn january(day: i8) -> Date {
    jiff::civil::date(1970, 1, day)
}

/// Approved on the first, laid open until the third, to be paid by the fifth.
fn laid_open() -> Trade {
    let terms = Terms { publicised_until: Some(january(3)), pay_by: Some(january(5)), is_confirmed: false };
    between(TONGCHENG, TONGCHENG).approve(TONGCHENG, noon(1), &terms).unwrap()
}

fn approved() -> Trade {
    between(TONGCHENG, TONGCHENG).approve(TONGCHENG, AT, &Terms::default()).unwrap()
}

fn settled() -> Trade {
    let trade = approved();
    let (buyer, left) = (trade.buyer.organisation, trade.left_to_pay());
    trade.pay(buyer, left, AT, false).unwrap().settle(AT, None).unwrap()
}

#[test]
fn a_ratio_takes_of_what_is_bought_and_leaves_the_rest() {
    let of = |text: &str| {
        let trade = Trade { replacement: Ratio::parse(text).ok(), ..between(TONGCHENG, CHIBI) };
        (trade.excess(), trade.usable())
    };
    assert_eq!((of("1:1"), of("2:1")), ((0, 2_000_000), (1_000_000, 1_000_000)));
    assert_eq!(of("1.2:1"), (333_334, 1_666_666), "what is retired is rounded up to the gram");
    let none = between(TONGCHENG, CHIBI);
    assert_eq!((none.excess(), none.usable()), (0, 2_000_000));
}

#[test]
fn both_bureaux_approve_when_the_areas_differ() {
    let trade = between(TONGCHENG, CHIBI).approve(TONGCHENG, AT, &Terms::default()).unwrap();
    assert_eq!(trade.state, TradeState::Matched);
    let again = trade.clone().approve(TONGCHENG, AT, &Terms::default());
    assert_eq!(again, Err(MarketRefusal::AlreadyApproved { area: TONGCHENG.to_owned() }));
    assert_eq!(trade.approve(CHIBI, AT, &Terms::default()).unwrap().state, TradeState::Approved { at: AT });
}

#[test]
fn a_bureau_of_another_area_decides_nothing() {
    let outside = "420000/421200/421224";
    let refusal = MarketRefusal::NotInCharge { areas: TONGCHENG.to_owned() };
    assert_eq!(between(TONGCHENG, TONGCHENG).approve(outside, AT, &Terms::default()), Err(refusal.clone()));
    assert_eq!(between(TONGCHENG, TONGCHENG).refuse(outside, None), Err(refusal));
}

#[test]
fn only_the_buyer_pays_and_never_more_than_is_left() {
    let trade = approved();
    let (seller, buyer) = (trade.seller.organisation, trade.buyer.organisation);
    let too_much = Money::try_new(trade.left_to_pay().fen() + 1).unwrap();
    assert_eq!(trade.clone().pay(seller, fen(1), AT, false), Err(MarketRefusal::NotTheBuyer {}));
    assert_eq!(
        trade.clone().pay(buyer, too_much, AT, false),
        Err(MarketRefusal::Overpaid { left: "12306.00".to_owned() })
    );
    let partly = trade.pay(buyer, fen(1), AT, false).unwrap();
    assert!(partly.settle(AT, None).is_err());
}

#[test]
fn nothing_is_paid_before_approval_and_nothing_after_settlement() {
    let trade = between(TONGCHENG, TONGCHENG);
    let buyer = trade.buyer.organisation;
    assert!(matches!(trade.pay(buyer, fen(1), AT, false), Err(MarketRefusal::WrongState { .. })));
    let trade = settled();
    let buyer = trade.buyer.organisation;
    assert_eq!(trade.pay(buyer, fen(1), AT, false), Err(MarketRefusal::AlreadySettled {}));
}

#[test]
fn the_buyer_cancels_until_approval_and_the_seller_until_settlement() {
    let trade = between(TONGCHENG, CHIBI);
    let buyer = trade.buyer.organisation;
    assert_eq!(trade.cancel(buyer, None).unwrap().state.as_str(), "cancelled");
    let trade = approved();
    let (seller, buyer) = (trade.seller.organisation, trade.buyer.organisation);
    assert_eq!(trade.clone().cancel(buyer, None), Err(MarketRefusal::NotTheSeller {}));
    assert_eq!(trade.cancel(seller, None).unwrap().state.as_str(), "cancelled");
    let trade = settled();
    let seller = trade.seller.organisation;
    assert_eq!(trade.cancel(seller, None), Err(MarketRefusal::AlreadySettled {}));
}

#[test]
fn a_trade_whose_rights_are_over_ends_until_it_is_settled() {
    for open in [between(TONGCHENG, CHIBI), approved()] {
        assert_eq!(open.end(Some("到期".to_owned())).unwrap().state.as_str(), "cancelled");
    }
    for over in [settled(), between(TONGCHENG, TONGCHENG).refuse(TONGCHENG, None).unwrap()] {
        assert!(matches!(over.end(None), Err(MarketRefusal::WrongState { .. })));
    }
}

#[test]
fn a_trade_closes_when_both_permits_are_varied_and_the_reserve_has_none() {
    let trade = settled().vary(Side::Buyer, AT).unwrap();
    assert_eq!(trade.state.as_str(), "settled");
    assert!(matches!(trade.clone().vary(Side::Buyer, AT), Err(MarketRefusal::AlreadyVaried { .. })));
    assert_eq!(trade.vary(Side::Seller, AT).unwrap().state.as_str(), "closed");
    let reserve = Trade { seller_is_reserve: true, ..settled() };
    assert_eq!(reserve.clone().vary(Side::Seller, AT), Err(MarketRefusal::NoPermitToVary {}));
    assert_eq!(reserve.vary(Side::Buyer, AT).unwrap().state.as_str(), "closed");
}

#[test]
fn what_is_laid_open_is_paid_after_that_and_until_the_end_of_the_last_day() {
    let trade = laid_open();
    let buyer = trade.buyer.organisation;
    assert_eq!(trade.state.as_str(), "publicised");
    let pay = |day| trade.clone().pay(buyer, trade.left_to_pay(), noon(day), false);
    assert_eq!(pay(3), Err(MarketRefusal::PublicityRunning { until: "1970-01-03".to_owned() }));
    assert_eq!(pay(6), Err(MarketRefusal::DeadlinePassed { pay_by: "1970-01-05".to_owned() }));
    for day in [4, 5] {
        let paid = pay(day).unwrap();
        assert!(paid.is_due(january(5)) && !paid.is_due(january(3)));
        assert_eq!(paid.settle(noon(day), None).unwrap().state.as_str(), "settled");
    }
    assert_eq!(trade.refuse(TONGCHENG, Some("异议成立".to_owned())).unwrap().state.as_str(), "refused");
    assert!(matches!(approved().refuse(TONGCHENG, None), Err(MarketRefusal::WrongState { .. })));
}

#[test]
fn whoever_has_not_paid_in_time_loses_the_deposit_where_the_rules_say_so_and_no_more() {
    let trade = laid_open();
    let buyer = trade.buyer.organisation;
    let partly = trade.clone().pay(buyer, fen(1), noon(4), false).unwrap();
    assert!(
        matches!(trade.clone().expire(noon(5), true), Err(MarketRefusal::WrongState { .. })),
        "the last day counts"
    );
    for late in [trade.clone(), partly.clone()] {
        let lost = late.clone().expire(noon(6), true).unwrap();
        assert_eq!((lost.state.as_str(), lost.forfeited()), ("expired", trade.deposit));
        assert_eq!(late.expire(noon(6), false).unwrap().forfeited(), Money::ZERO);
    }
    let paid = partly.clone().pay(buyer, partly.left_to_pay(), noon(5), false).unwrap();
    assert!(matches!(paid.expire(noon(6), true), Err(MarketRefusal::WrongState { .. })), "it is paid");
    assert!(matches!(approved().expire(noon(31), true), Err(MarketRefusal::WrongState { .. })), "it has no last day");
    let over = trade.expire(noon(6), true).unwrap();
    let seller = over.seller.organisation;
    assert!(over.clone().cancel(seller, None).is_err() && over.clone().settle(AT, None).is_err());
    assert!(over.pay(buyer, fen(1), noon(6), false).is_err());
}

#[test]
fn where_the_exchange_confirms_what_is_paid_waits_and_the_seller_may_still_call_it_off() {
    let trade = approved();
    let (seller, buyer) = (trade.seller.organisation, trade.buyer.organisation);
    let partly = trade.clone().pay(buyer, fen(1), AT, true).unwrap();
    assert_eq!(partly.state.as_str(), "approved");
    let paid = partly.clone().pay(buyer, partly.left_to_pay(), AT, true).unwrap();
    assert_eq!((paid.state.as_str(), paid.is_due(january(31))), ("paid", false));
    assert!(paid.expect_confirmable(january(6)).is_ok() && trade.expect_confirmable(january(6)).is_err());
    assert!(matches!(paid.clone().pay(buyer, fen(1), AT, true), Err(MarketRefusal::WrongState { .. })));
    assert_eq!(paid.clone().cancel(buyer, None), Err(MarketRefusal::NotTheSeller {}));
    assert_eq!(paid.clone().cancel(seller, None).unwrap().state.as_str(), "cancelled");
    let settled = paid.settle(AT, Some(fen(7))).unwrap();
    assert_eq!(
        (settled.fee, settled.expect_confirmable(january(6))),
        (Some(fen(7)), Err(MarketRefusal::AlreadySettled {}))
    );
    let held = Trade { paid: trade.total, ..between(TONGCHENG, TONGCHENG) };
    let terms = Terms { is_confirmed: true, ..Terms::default() };
    assert_eq!(held.approve(TONGCHENG, AT, &terms).unwrap().state.as_str(), "paid", "all of it was the deposit");
}

#[test]
fn what_is_laid_open_is_confirmed_after_its_last_day() {
    let open = laid_open();
    let buyer = open.buyer.organisation;
    let paid = open.clone().pay(buyer, open.left_to_pay(), noon(4), true).unwrap();
    assert!(paid.expect_confirmable(january(4)).is_ok());
    let running = MarketRefusal::PublicityRunning { until: "1970-01-03".to_owned() };
    assert_eq!(paid.expect_confirmable(january(3)), Err(running));
}

#[test]
fn an_objection_stops_the_time_and_ends_or_renews_it() {
    let open = laid_open();
    let (buyer, version) = (open.buyer.organisation, open.version);
    let stopped = open.clone().stop_time().unwrap();
    assert_eq!((stopped.pay_by, stopped.version), (None, version + 1));
    assert_eq!(stopped.clone().stop_time(), None, "it stands still already");
    assert!(matches!(stopped.clone().expire(noon(31), true), Err(MarketRefusal::WrongState { .. })));
    let resumed = stopped.clone().go_on_until(january(9)).unwrap();
    assert_eq!((resumed.pay_by, resumed.version), (Some(january(9)), version + 2));
    assert!(resumed.pay(buyer, fen(1), noon(9), false).is_ok());
    let refused = stopped.give_way("不实".to_owned()).unwrap();
    assert_eq!((refused.state.as_str(), refused.state.reason()), ("refused", Some(&"不实".to_owned())));
    for other in [approved(), settled(), refused] {
        assert_eq!(other.clone().stop_time(), None);
        assert!(other.clone().go_on_until(january(9)).is_err() && other.give_way(String::new()).is_err());
    }
}

#[test]
fn every_state_has_a_word_of_its_own() {
    let words: BTreeSet<&str> = TradeState::WORDS.iter().copied().collect();
    assert_eq!(words.len(), TradeState::WORDS.len());
    for trade in [between(TONGCHENG, CHIBI), approved(), laid_open(), settled()] {
        assert!(words.contains(trade.state.as_str()));
    }
}
