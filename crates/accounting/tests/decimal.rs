//! Decimal strings at the door: what is read, what is refused, and how it is printed.

use accounting::decimal::{self, DecimalFault};
use accounting::{Measure, Quantity};

fn grams(text: &str) -> Result<i64, DecimalFault> {
    Quantity::parse(text, &Measure::tonnes()).map(Quantity::grams)
}

#[test]
fn tonnes_are_read_into_grams() {
    assert_eq!(grams("49.8"), Ok(49_800_000));
    assert_eq!(grams("12.500"), Ok(12_500_000));
    assert_eq!(grams("0.001"), Ok(1_000));
    assert_eq!(grams("7"), Ok(7_000_000));
    assert_eq!(grams("007.000"), Ok(7_000_000));
}

#[test]
fn only_plain_digits_with_at_most_one_point_are_a_number() {
    let strangers = [
        "",
        " ",
        ".",
        "-",
        "+",
        "-1",
        "+1",
        "1e3",
        "1E3",
        "1e-3",
        " 1",
        "1 ",
        "1 000",
        "1\t",
        "1\n",
        "\u{a0}1",
        "1.",
        ".5",
        "1..5",
        "1.2.3",
        "1,5",
        "1,000",
        "1,000.5",
        "1_000",
        "1'000",
        "１２",
        "１.５",
        "1．5",
        "١٢",
        "१२",
        "一",
        "0x10",
        "NaN",
        "inf",
        "1.-5",
        "1.+5",
        "1. 5",
        "1t",
        "½",
        "²",
        "1\0",
        "\u{feff}1",
        "−1",
    ];
    for text in strangers {
        assert_eq!(grams(text), Err(DecimalFault::NotDecimal), "{text:?}");
    }
}

#[test]
fn a_fourth_decimal_of_a_tonne_is_refused_even_when_it_is_zero() {
    assert_eq!(grams("1.0001"), Err(DecimalFault::TooPrecise { max: 3 }));
    assert_eq!(grams("1.0000"), Err(DecimalFault::TooPrecise { max: 3 }));
    let four = Measure { decimals: 4, ..Measure::tonnes() };
    assert_eq!(Quantity::parse("1.0001", &four).map(Quantity::grams), Ok(1_000_100));
}

#[test]
fn nothing_does_not_move() {
    assert_eq!(grams("0"), Err(DecimalFault::Zero));
    assert_eq!(grams("0.000"), Err(DecimalFault::Zero));
    assert_eq!(Quantity::try_new(0), Err(DecimalFault::Zero));
    assert_eq!(Quantity::try_new(-1), Err(DecimalFault::Zero));
    assert_eq!(Quantity::try_new(1).map(Quantity::grams), Ok(1));
}

#[test]
fn the_largest_quantity_is_read_and_one_step_more_is_refused() {
    assert_eq!(grams("9223372036854.775"), Ok(9_223_372_036_854_775_000));
    assert_eq!(grams("9223372036854.776"), Err(DecimalFault::OutOfRange));
    assert_eq!(decimal::parse("9223372036854775807", 1, 0), Ok(i64::MAX));
    assert_eq!(decimal::parse("9223372036854775808", 1, 0), Err(DecimalFault::OutOfRange));
    assert_eq!(grams(&"9".repeat(19)), Err(DecimalFault::OutOfRange));
    assert_eq!(grams(&"9".repeat(10_000)), Err(DecimalFault::OutOfRange));
    assert_eq!(grams(&format!("{}1", "0".repeat(10_000))), Ok(1_000_000));
}

#[test]
fn a_decimal_finer_than_a_gram_is_refused_whatever_the_measure_allows() {
    let loose = Measure { unit: "kg".to_owned(), grams_per_unit: 1_000, decimals: 40 };
    assert_eq!(Quantity::parse("1.001", &loose).map(Quantity::grams), Ok(1_001));
    assert_eq!(Quantity::parse("1.0015", &loose), Err(DecimalFault::TooPrecise { max: 3 }));
}

#[test]
fn a_quantity_is_printed_with_its_decimals_and_more_only_where_grams_would_be_lost() {
    let print = |grams: i64, measure: &Measure| Quantity::try_new(grams).expect("more than zero").print(measure);
    let tonnes = Measure::tonnes();
    assert_eq!(tonnes.unit, "t");
    assert_eq!(print(49_800_000, &tonnes), "49.800");
    assert_eq!(print(1_000, &tonnes), "0.001");
    assert_eq!(print(1, &tonnes), "0.000001");
    assert_eq!(print(1_000_100, &tonnes), "1.0001");
    assert_eq!(print(i64::MAX, &tonnes), "9223372036854.775807");
    let kilograms = Measure { unit: "kg".to_owned(), grams_per_unit: 1_000, decimals: 2 };
    assert_eq!(print(1_500, &kilograms), "1.50");
    assert_eq!(print(1_505, &kilograms), "1.505");
    let grams = Measure { unit: "g".to_owned(), grams_per_unit: 1, decimals: 0 };
    assert_eq!(print(42, &grams), "42");
}

#[test]
fn a_contra_balance_is_printed_with_its_sign() {
    assert_eq!(decimal::print(-1_500_000, 1_000_000, 3), "-1.500");
    assert_eq!(decimal::print(-1, 100, 2), "-0.01");
    assert_eq!(decimal::print(0, 100, 2), "0.00");
    assert_eq!(decimal::print(i64::MIN, 100, 2), "-92233720368547758.08");
}
