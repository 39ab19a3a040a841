//! Money and prices: the figures of published listings, and where counting ends.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::decimal::DecimalFault;
use accounting::{Measure, Money, Price, Quantity};
use rust_decimal::Decimal;

fn yuan(text: &str) -> Money {
    Money::parse(text).expect("an amount of money")
}

fn value(tonnes: &str, price: &str) -> Money {
    let measure = Measure::tonnes();
    let quantity = Quantity::parse(tonnes, &measure).expect("a quantity");
    Price::parse(price).expect("a price").times(quantity, &measure).expect("a value that can be counted")
}

fn rate(text: &str) -> Decimal {
    text.parse().expect("a rate")
}

/// Listing 2017-5, item 1705031704, of the Hubei exchange.
#[test]
fn the_listing_of_four_lots_is_worth_what_was_published_and_its_deposit_is_three_tenths() {
    let lots = [
        ("49.8", "8790.00", "437742.00"),
        ("2.803", "14000", "39242.00"),
        ("7.59", "3990", "30284.10"),
        ("3.6", "4000", "14400.00"),
    ];
    let mut sum = Money::ZERO;
    for (tonnes, price, published) in lots {
        assert_eq!(value(tonnes, price).print(), published, "{tonnes} t at {price}");
        sum = sum.checked_add(value(tonnes, price)).expect("a sum that can be counted");
    }
    assert_eq!(sum.print(), "521668.10");
    assert_eq!(sum.share(rate("0.30")).map(Money::print), Ok("156500.43".to_owned()));
}

#[test]
fn a_total_is_rounded_half_up_to_the_fen_once() {
    assert_eq!(value("1.688", "15951.00").print(), "26925.29", "26925.288");
    assert_eq!(value("0.066", "75757.00").print(), "4999.96", "4999.962");
    assert_eq!(value("0.005", "1.00").print(), "0.01", "half a fen goes up");
    assert_eq!(value("0.004", "1.00").print(), "0.00");
    assert_eq!(value("0.001", "2.50").print(), "0.00", "a quarter of a fen");
    assert_eq!(value("0.025", "1.00").print(), "0.03", "half up, not half to even");
}

#[test]
fn a_share_is_rounded_half_up_to_the_fen() {
    assert_eq!(yuan("0.05").share(rate("0.1")), Ok(yuan("0.01")));
    assert_eq!(yuan("0.25").share(rate("0.1")), Ok(yuan("0.03")));
    assert_eq!(yuan("0.04").share(rate("0.1")), Ok(Money::ZERO));
    assert_eq!(yuan("100").share(rate("0")), Ok(Money::ZERO));
    assert_eq!(yuan("100").share(rate("1")), Ok(yuan("100.00")));
    assert_eq!(yuan("100").share(rate("1.5000")), Ok(yuan("150.00")));
}

#[test]
fn a_share_just_below_half_a_fen_is_not_rounded_twice() {
    let just_below = rate("0.4456518504165001150829139551");
    assert_eq!(
        Money::try_new(1_844_183_404).and_then(|money| money.share(just_below)).map(Money::fen),
        Ok(821_863_746)
    );
}

#[test]
fn a_share_that_cannot_be_counted_is_refused() {
    let all = Money::try_new(i64::MAX).expect("an amount");
    assert_eq!(all.share(rate("1")), Ok(all));
    assert_eq!(all.share(rate("1.0000000000000000000000000000")), Ok(all), "noughts at the end say nothing");
    assert_eq!(all.share(rate("1.0000000000000000001")), Err(DecimalFault::OutOfRange));
    assert_eq!(all.share(Decimal::MAX), Err(DecimalFault::OutOfRange));
    assert_eq!(yuan("1").share(Decimal::MAX), Err(DecimalFault::OutOfRange));
}

#[test]
fn a_negative_rate_is_refused_however_little_it_would_take() {
    assert_eq!(yuan("1").share(rate("-0.3")), Err(DecimalFault::OutOfRange));
    assert_eq!(yuan("0.01").share(rate("-0.001")), Err(DecimalFault::OutOfRange));
    assert_eq!(Money::ZERO.share(rate("-1")), Err(DecimalFault::OutOfRange));
}

#[test]
fn a_total_that_cannot_be_counted_is_refused() {
    let (price, measure) = (Price::try_new(1_000_000).expect("a price"), Measure::tonnes());
    let quantity = Quantity::try_new(i64::MAX).expect("a quantity");
    assert_eq!(price.times(quantity, &measure).map(Money::fen), Ok(i64::MAX));
    let dearer = Price::try_new(1_000_001).expect("a price");
    assert_eq!(dearer.times(quantity, &measure), Err(DecimalFault::OutOfRange));
    let dearest = Price::try_new(i64::MAX).expect("a price");
    assert_eq!(dearest.times(quantity, &measure), Err(DecimalFault::OutOfRange));
    let unfit = Measure { grams_per_unit: 0, ..measure };
    assert_eq!(price.times(quantity, &unfit), Err(DecimalFault::OutOfRange));
}

#[test]
fn money_is_read_in_yuan_with_at_most_two_decimals() {
    assert_eq!(yuan("521668.1").fen(), 52_166_810);
    assert_eq!(Money::parse("0"), Ok(Money::ZERO));
    assert_eq!(Money::parse("0.00"), Ok(Money::ZERO));
    assert_eq!(Money::parse("1.005"), Err(DecimalFault::TooPrecise { max: 2 }));
    assert_eq!(Money::parse("92233720368547758.07").map(Money::fen), Ok(i64::MAX));
    assert_eq!(Money::parse("92233720368547758.08"), Err(DecimalFault::OutOfRange));
    for text in ["-1", "+1", "¥1", "1元", "1,000.00", "1e2", "１", "1.", ".1", ""] {
        assert_eq!(Money::parse(text), Err(DecimalFault::NotDecimal), "{text:?}");
    }
}

#[test]
fn a_price_is_more_than_zero() {
    assert_eq!(Price::parse("8790.00").map(Price::fen), Ok(879_000));
    assert_eq!(Price::parse("8790").map(Price::print), Ok("8790.00".to_owned()));
    assert_eq!(Price::parse("0.00"), Err(DecimalFault::Zero));
    assert_eq!(Price::try_new(0), Err(DecimalFault::Zero));
    assert_eq!(Price::try_new(-1), Err(DecimalFault::Zero));
    assert_eq!(Price::parse("-8790.00"), Err(DecimalFault::NotDecimal));
}

#[test]
fn money_neither_overflows_nor_falls_below_zero() {
    let all = Money::try_new(i64::MAX).expect("an amount");
    assert_eq!(all.checked_add(yuan("0.01")), None);
    assert_eq!(yuan("1").checked_sub(yuan("1.01")), None);
    assert_eq!(yuan("1").checked_sub(yuan("1")), Some(Money::ZERO));
    assert_eq!(yuan("1.01").checked_sub(yuan("1")), Some(yuan("0.01")));
    assert_eq!(Money::try_new(-1), Err(DecimalFault::OutOfRange));
    assert!(Money::ZERO.is_zero() && !yuan("0.01").is_zero());
}
