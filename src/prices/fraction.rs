//! Fractions of whole numbers of any length, never negative: nothing is rounded until it is printed.

use num_bigint::BigInt;
use std::cmp::Ordering;

/// A fraction.
#[derive(Debug, Clone)]
pub struct Fraction {
    numerator: BigInt,
    /// Above zero.
    denominator: BigInt,
}

impl Fraction {
    /// A fraction of two numbers, of which the second is above zero.
    pub fn new(numerator: i128, denominator: i128) -> Self {
        Self { numerator: numerator.into(), denominator: denominator.into() }
    }

    /// A whole number.
    pub fn whole(number: i128) -> Self {
        Self::new(number, 1)
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let numerator = &self.numerator * &other.denominator + &other.numerator * &self.denominator;
        Self { numerator, denominator: &self.denominator * &other.denominator }
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        Self { numerator: &self.numerator * &other.numerator, denominator: &self.denominator * &other.denominator }
    }

    /// The quotient by one above zero.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        Self { numerator: &self.numerator * &other.denominator, denominator: &self.denominator * &other.numerator }
    }

    /// As a decimal with so many places, rounded half-up, once.
    pub fn print(&self, places: u32) -> String {
        let (scale, two) = (BigInt::from(10).pow(places), BigInt::from(2));
        let (dividend, divisor) = (&self.numerator * scale * &two + &self.denominator, &self.denominator * two);
        let rounded = (dividend / divisor).to_string();
        let places = usize::try_from(places).unwrap_or_default();
        let padded = format!("{rounded:0>width$}", width = places + 1);
        let (whole, rest) = padded.split_at(padded.len() - places);
        if rest.is_empty() { whole.to_owned() } else { format!("{whole}.{rest}") }
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_rounded_half_up_once() {
        assert_eq!(Fraction::new(1, 200).print(2), "0.01");
        assert_eq!(Fraction::new(1, 201).print(2), "0.00");
        assert_eq!(Fraction::new(2, 3).print(6), "0.666667");
        assert_eq!(Fraction::new(5, 1).print(0), "5");
        assert_eq!(Fraction::new(52_788, 100).print(2), "527.88");
    }

    proptest! {
        #[test]
        fn fractions_keep_the_laws(a in 0_i128..1_000_000, b in 1_i128..1_000_000, c in 1_i128..1_000_000, d in 1_i128..1_000_000) {
            let (one, other) = (Fraction::new(a, b), Fraction::new(c, d));
            prop_assert_eq!(one.plus(&other), other.plus(&one));
            prop_assert_eq!(one.times(&other).over(&other), one.clone());
            prop_assert_eq!(one.times(&other), Fraction::new(a * c, b * d));
            prop_assert_eq!(one.plus(&other), Fraction::new(a * d + c * b, b * d));
            prop_assert_eq!(one.cmp(&other), (a * d).cmp(&(c * b)));
        }
    }
}
