//! Parts make the whole, and a ratio over the cap leads to one call that ends when it is within the cap again.

use super::commands::{MarketValue, StatedPart, apportion};
use super::*;
use crate::kernel::Failure;
use crate::kernel::ids::{RulebookId, fresh_journal};
use crate::pledge::pledge::Stamp;
use crate::pledge::pledge::tests::{agreed_on, register};
use crate::rulebook::Rule;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn rulebook(cap: Option<&str>) -> Rulebook {
    let rule = Rule { value: cap.map(str::to_owned), legal_basis: None };
    let rules = BTreeMap::from([("ltv_cap".to_owned(), rule)]);
    let (jurisdiction, effective_from) = ("420000".to_owned(), date(2022, 1, 1));
    Rulebook { id: RulebookId::fresh(), jurisdiction, version: 1, effective_from, rules }
}

fn codes(failure: &Failure) -> Vec<(String, String)> {
    let pair = |one: &crate::kernel::Violation| (one.code.to_string(), one.field.clone());
    failure.violations.iter().map(pair).collect()
}

fn stated(secured: Option<&str>, value: Option<&str>) -> StatedPart {
    StatedPart { secured: secured.map(yuan), value: value.map(yuan) }
}

#[test]
fn a_single_thing_bears_the_totals_and_several_say_their_parts() {
    let single = apportion(yuan("230000.00"), Some(yuan("260000.00")), &[stated(None, None)], &[None]).unwrap();
    assert_eq!((single[0].secured, single[0].value), (yuan("230000.00"), yuan("260000.00")));

    let silent = [stated(None, None), stated(Some("100000.00"), None)];
    let refused = apportion(yuan("230000.00"), Some(yuan("260000.00")), &silent, &[None, None]).unwrap_err();
    let missing = |field: &str| ("PLG_PART_MISSING".to_owned(), field.to_owned());
    assert_eq!(
        codes(&refused),
        [missing("rights[0].assessed_value"), missing("rights[0].secured"), missing("rights[1].assessed_value")]
    );

    let parts = [stated(Some("130000.00"), Some("150000.00")), stated(Some("100000.00"), Some("110000.01"))];
    let refused = apportion(yuan("230000.00"), Some(yuan("260000.00")), &parts, &[None, None]).unwrap_err();
    assert_eq!(codes(&refused), [("PLG_PARTS_DIFFER".to_owned(), "assessed_value".to_owned())]);
    assert!(apportion(yuan("230000.00"), None, &parts, &[None, None]).is_ok(), "the parts alone say the value");
    assert!(apportion(yuan("230000.00"), None, &[stated(None, None)], &[None]).is_err(), "somebody says the value");
}

#[test]
fn what_the_statistics_say_nobody_states() {
    let price =
        MarketPrice { period: Period::parse("2022-Q4").unwrap(), unit_price: Price::parse("20800.00").unwrap() };
    let market = [Some(MarketValue { price, value: yuan("260000.00") })];
    let by_market = apportion(yuan("230000.00"), None, &[stated(None, None)], &market).unwrap();
    assert_eq!((by_market[0].value, by_market[0].market_price), (yuan("260000.00"), Some(price)));
    for (total, part) in [(Some("260000.00"), None), (None, Some("260000.00"))] {
        let refused = apportion(yuan("230000.00"), total.map(yuan), &[stated(None, part)], &market).unwrap_err();
        assert_eq!(codes(&refused), [("PLG_VALUE_STATED".to_owned(), "rights[0].assessed_value".to_owned())]);
    }
}

proptest! {
    /// Whatever the parts are: they are taken when they add up to the fen, and refused when one fen is missing or too many.
    #[test]
    fn parts_are_taken_only_when_they_make_the_whole(fen in prop::collection::vec(1_i64..1_000_000_000, 2..6), off in -1_i64..=1) {
        let money = |fen| Money::try_new(fen).unwrap();
        let parts: Vec<StatedPart> =
            fen.iter().map(|fen| StatedPart { secured: Some(money(*fen)), value: Some(money(*fen)) }).collect();
        let whole = fen.iter().sum::<i64>();
        let taken = apportion(money(whole + off), Some(money(whole)), &parts, &vec![None; parts.len()]);
        prop_assert_eq!(taken.is_ok(), off == 0);
    }
}

/// A valuation of the only thing of a pledge.
fn valued(pledge: &Pledge, value: &str) -> Vec<Valuation> {
    let lien = &pledge.liens[0];
    vec![Valuation {
        id: ValuationId::fresh(),
        pledge: pledge.id,
        lien: lien.id,
        quantity: lien.quantity,
        method: "market_price".to_owned(),
        market_price: None,
        value: yuan(value),
        secured: lien.secured,
        valued_on: date(2022, 6, 1),
        expires_on: None,
        valuer: "惠发村镇银行".to_owned(),
        recorded_by: UserId::fresh(),
        recorded_at: Moment::from_micros(8),
        journal: fresh_journal(),
    }]
}

fn stamp(micros: i64) -> Stamp {
    let by = UserId::fresh();
    Stamp { by, at: Moment::from_micros(micros), journal: fresh_journal() }
}

#[test]
fn one_call_is_open_while_the_ratio_is_over_the_cap_and_ends_within_it() {
    // 1,000,000 secured on 1,300,000: 76.92 %.
    let pledge = register(agreed_on("1000000.00", "1300000.00")).unwrap();
    let (strict, due) = (rulebook(Some("0.80")), Some(date(2022, 6, 15)));
    let now = Moment::from_micros(9);
    assert_eq!(pledge.margin(&strict, now, due), None);

    let fallen = valued(&pledge, "1100000.00");
    let fallen = pledge.revalued(&fallen, stamp(10)).unwrap();
    assert_eq!(fallen.margin(&rulebook(None), now, due), None, "no cap, no call");
    let call = fallen.margin(&strict, now, due).unwrap();
    assert_eq!((call.over.value, call.cap.as_str(), call.due_on), (yuan("1100000.00"), "0.80", due));
    let called = fallen.with_margin_call(call.clone());
    assert_eq!(called.margin(&strict, now, due), None, "one is open already");

    let risen = valued(&called, "1250000.00");
    let risen = called.revalued(&risen, stamp(11)).unwrap();
    let ended = risen.margin(&strict, Moment::from_micros(12), due).unwrap();
    assert_eq!((ended.id, ended.ended_at, ended.version), (call.id, Some(Moment::from_micros(12)), 2));
    assert_eq!(risen.with_margin_call(ended).open_margin_call(), None);
}
