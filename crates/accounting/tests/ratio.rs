//! Replacement ratios: published ones, and that nothing is lost or won by rounding.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::decimal::DecimalFault;
use accounting::ratio::RatioFault;
use accounting::{Measure, Quantity, Ratio};
use proptest::prelude::*;

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).expect("a ratio")
}

fn grams(grams: i64) -> Quantity {
    Quantity::try_new(grams).expect("a quantity")
}

#[test]
fn a_ratio_is_read_and_printed_in_lowest_terms() {
    let printed =
        [("1:1", "1:1"), ("1.2:1", "1.2:1"), ("2:1", "2:1"), ("6:5", "1.2:1"), ("4:3", "4:3"), ("0.5:0.25", "2:1")];
    for (text, expected) in printed {
        assert_eq!(ratio(text).to_string(), expected, "{text}");
    }
    assert_eq!(ratio("1.20:1.0"), ratio("6:5"));
    assert_eq!(ratio("1000.000000:1").to_string(), "1000:1");
    assert_eq!(ratio("1:0.000001").to_string(), "1:0.000001");
    assert_eq!(ratio("1:1"), Ratio::EQUAL);
}

#[test]
fn what_is_no_ratio_or_replaces_too_little_is_refused() {
    let bad =
        ["", ":", "1", "1:", ":1", "0:1", "1:0", "-1:1", "1:1:1", "1e1:1", " 1:1", "1,2:1", "1.0000001:1", "1001:1"];
    for text in bad {
        assert_eq!(Ratio::parse(text), Err(RatioFault::NotRatio), "{text:?}");
    }
    for text in ["1:2", "0.999999:1", "1:1.2"] {
        assert_eq!(Ratio::parse(text), Err(RatioFault::BelowOne), "{text}");
    }
}

#[test]
fn what_must_be_bought_is_rounded_up_to_the_gram() {
    let tonnes = Measure::tonnes();
    let ten = Quantity::parse("10.000", &tonnes).expect("a quantity");
    assert_eq!(ratio("1.2:1").required(ten).map(|bought| bought.print(&tonnes)), Ok("12.000".to_owned()));
    assert_eq!(ratio("4:3").required(grams(1)), Ok(grams(2)));
    assert_eq!(ratio("4:3").required(grams(3)), Ok(grams(4)));
    assert_eq!(ratio("1:1").required(grams(i64::MAX)), Ok(grams(i64::MAX)));
    assert_eq!(ratio("1.000001:1").required(grams(i64::MAX)), Err(DecimalFault::OutOfRange));
}

#[test]
fn what_may_be_discharged_of_what_was_bought_is_rounded_down() {
    assert_eq!(ratio("1.2:1").usable_of(grams(12_000_000)), 10_000_000);
    assert_eq!(ratio("4:3").usable_of(grams(3)), 2);
    assert_eq!(ratio("2:1").usable_of(grams(1)), 0, "one gram replaces no half");
    assert_eq!(ratio("1:1").usable_of(grams(i64::MAX)), i64::MAX);
    assert!(ratio("1.2:1").is_above_one() && !ratio("1:1").is_above_one());
}

prop_compose! {
    /// Any ratio that can be written.
    fn any_ratio()(one in 1_i64..=1_000_000_000, other in 1_i64..=1_000_000_000) -> Ratio {
        let number = |steps| accounting::decimal::print(steps, 1_000_000, 0);
        ratio(&format!("{}:{}", number(one.max(other)), number(one.min(other))))
    }
}

proptest! {
    #[test]
    fn printed_and_read_back_it_is_the_same(any in any_ratio()) {
        prop_assert_eq!(Ratio::parse(&any.to_string()), Ok(any));
    }

    #[test]
    fn what_is_required_is_the_least_that_gives_what_is_wanted(any in any_ratio(), wanted in 1_i64..=9_000_000_000) {
        let required = any.required(grams(wanted)).expect("a quantity that can be counted");
        prop_assert!(any.usable_of(required) >= wanted);
        if let Ok(less) = Quantity::try_new(required.grams() - 1) {
            prop_assert!(any.usable_of(less) < wanted);
        }
    }
}
