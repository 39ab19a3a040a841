//! Money in integer fen (分, 0.01 CNY) and prices in CNY per display unit of a pollutant.

use crate::decimal::{self, DecimalFault};
use crate::quantity::{Measure, Quantity};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

/// Fen in one yuan.
const FEN_PER_YUAN: i64 = 100;

/// An amount of money, zero or more, in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads yuan with at most two decimals.
    ///
    /// # Errors
    /// [`DecimalFault::NotDecimal`], [`DecimalFault::TooPrecise`], [`DecimalFault::OutOfRange`].
    pub fn parse(text: &str) -> Result<Self, DecimalFault> {
        decimal::parse(text, FEN_PER_YUAN, 2).map(Self)
    }

    /// An amount in fen.
    ///
    /// # Errors
    /// [`DecimalFault::OutOfRange`] when negative.
    pub fn try_new(fen: i64) -> Result<Self, DecimalFault> {
        if fen >= 0 { Ok(Self(fen)) } else { Err(DecimalFault::OutOfRange) }
    }

    /// Fen.
    pub fn fen(self) -> i64 {
        self.0
    }

    /// Yuan with two decimals.
    pub fn print(self) -> String {
        decimal::print(self.0, FEN_PER_YUAN, 2)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or nothing when it cannot be counted.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing when it would be less than zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).filter(|fen| *fen >= 0).map(Self)
    }

    /// Splits this amount in proportion to weights, to the fen: each part is its share rounded down, and the fen that are left go one by one
    /// to the parts that lost most by it (最大余数法), the first of equal ones first. The parts add up to the whole exactly.
    ///
    /// # Errors
    /// [`DecimalFault::Zero`] when no weight is more than zero.
    pub fn split(self, weights: &[u64]) -> Result<Vec<Self>, DecimalFault> {
        let whole: u128 = weights.iter().copied().map(u128::from).sum();
        if whole == 0 {
            return Err(DecimalFault::Zero);
        }
        let amount = u128::from(self.0.unsigned_abs());
        let products: Vec<u128> = weights.iter().map(|weight| amount * u128::from(*weight)).collect();
        let mut parts: Vec<u128> = products.iter().map(|product| product / whole).collect();
        let left = amount - parts.iter().sum::<u128>();
        let mut places: Vec<usize> = (0..parts.len()).collect();
        places.sort_by_key(|place| (std::cmp::Reverse(products[*place] % whole), *place));
        for (_, place) in (0..left).zip(places) {
            parts[place] += 1;
        }
        let money = |part| i64::try_from(part).map(Self).map_err(|_| DecimalFault::OutOfRange);
        parts.into_iter().map(money).collect()
    }

    /// The share `rate` of this amount, rounded half up to the fen (四舍五入), once: the product is taken in integers,
    /// because a long decimal product is itself rounded.
    ///
    /// # Errors
    /// [`DecimalFault::OutOfRange`] when the rate is negative, or the result or its exact product cannot be counted.
    pub fn share(self, rate: Decimal) -> Result<Self, DecimalFault> {
        let rate = rate.normalize();
        if rate.mantissa() < 0 {
            return Err(DecimalFault::OutOfRange);
        }
        let product = i128::from(self.0).checked_mul(rate.mantissa()).ok_or(DecimalFault::OutOfRange)?;
        let one = 10_i128.pow(rate.scale());
        let (fen, rest) = (product / one, product % one);
        let rounded = fen + i128::from(rest >= one - rest);
        i64::try_from(rounded).map(Self).map_err(|_| DecimalFault::OutOfRange)
    }
}

/// A price in CNY per display unit (per tonne unless the pollutant is counted otherwise), held in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i64);

impl Price {
    /// Reads yuan per unit with at most two decimals.
    ///
    /// # Errors
    /// Every [`DecimalFault`]; zero is refused.
    pub fn parse(text: &str) -> Result<Self, DecimalFault> {
        Self::try_new(decimal::parse(text, FEN_PER_YUAN, 2)?)
    }

    /// A price of `fen` per display unit.
    ///
    /// # Errors
    /// [`DecimalFault::Zero`] unless it is more than zero.
    pub fn try_new(fen: i64) -> Result<Self, DecimalFault> {
        if fen > 0 { Ok(Self(fen)) } else { Err(DecimalFault::Zero) }
    }

    /// Fen per display unit.
    pub fn fen(self) -> i64 {
        self.0
    }

    /// Yuan per display unit with two decimals.
    pub fn print(self) -> String {
        decimal::print(self.0, FEN_PER_YUAN, 2)
    }

    /// Price × quantity, rounded half up to the fen, once.
    ///
    /// # Errors
    /// [`DecimalFault::OutOfRange`] when the product cannot be counted.
    pub fn times(self, quantity: Quantity, measure: &Measure) -> Result<Money, DecimalFault> {
        let product = Decimal::from(self.0)
            .checked_mul(Decimal::from(quantity.grams()))
            .and_then(|fen_grams| fen_grams.checked_div(Decimal::from(measure.grams_per_unit)))
            .ok_or(DecimalFault::OutOfRange)?;
        round_half_up(product)
    }
}

fn round_half_up(fen: Decimal) -> Result<Money, DecimalFault> {
    fen.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
        .ok_or(DecimalFault::OutOfRange)
        .and_then(Money::try_new)
}
