//! Fractions of whole numbers of any length: nothing is rounded until it is printed.

use num_rational::BigRational;

/// A fraction of two numbers, of which the second is above zero.
pub fn fraction(numerator: i128, denominator: i128) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// A whole number.
pub fn whole(number: i128) -> BigRational {
    BigRational::from_integer(number.into())
}

/// One that is not negative as a decimal with so many places, rounded half-up, once.
pub fn print(fraction: &BigRational, places: u8) -> String {
    let rounded = (fraction * whole(10).pow(places.into())).round().to_integer().to_string();
    let places = usize::from(places);
    let padded = format!("{rounded:0>width$}", width = places + 1);
    let (whole, rest) = padded.split_at(padded.len() - places);
    if rest.is_empty() { whole.to_owned() } else { format!("{whole}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_rounded_half_up_once() {
        assert_eq!(print(&fraction(1, 200), 2), "0.01");
        assert_eq!(print(&fraction(1, 201), 2), "0.00");
        assert_eq!(print(&fraction(2, 3), 6), "0.666667");
        assert_eq!(print(&whole(5), 0), "5");
        assert_eq!(print(&fraction(52_788, 100), 2), "527.88");
    }

    proptest! {
        /// Whole numbers say what half-up is: twice the dividend and the divisor once, by twice the divisor.
        #[test]
        fn what_is_printed_is_the_nearest_decimal(numerator in 0_i128..1_000_000_000, denominator in 1_i128..1_000_000, places in 0_u8..8) {
            let scale = 10_i128.pow(places.into());
            let units = (2 * numerator * scale + denominator) / (2 * denominator);
            let printed = print(&fraction(numerator, denominator), places);
            prop_assert_eq!(printed.replace('.', "").parse::<i128>().unwrap(), units);
            prop_assert_eq!(printed.split_once('.').map_or(0, |(_, rest)| rest.len()), usize::from(places));
        }
    }
}
