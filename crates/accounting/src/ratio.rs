//! Replacement ratios (替代比例): how much must be bought for what is built.

use crate::decimal::{self, DecimalFault};
use crate::quantity::Quantity;
use std::fmt;
use thiserror::Error;

/// Decimals that either number of a ratio may carry; published ratios have at most one.
const DECIMALS: u32 = 6;
/// One, counted in the smallest step of a number.
const WHOLE: i64 = 1_000_000;
/// The largest number of a ratio: any quantity that the books count times this still fits 128 bits.
const LARGEST: i64 = 1_000 * WHOLE;

/// A replacement ratio such as `1.2:1`: rights that are bought, to what may be discharged of them. An exact rational in
/// lowest terms, never less than one: what is built is replaced in equal (等量) or greater (减量) measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ratio {
    bought: i64,
    usable: i64,
}

/// Why a text is no replacement ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RatioFault {
    /// Not two plain numbers of more than zero, up to 1000 with six decimals, and a colon between them.
    #[error("is not a ratio such as \"1.2:1\"")]
    NotRatio,
    /// Less would be bought than is built.
    #[error("is less than 1:1")]
    BelowOne,
}

impl Ratio {
    /// 1:1, equal replacement.
    pub const EQUAL: Self = Self { bought: 1, usable: 1 };

    /// Reads two plain numbers with a colon between them.
    ///
    /// # Errors
    /// [`RatioFault`] names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RatioFault> {
        let number = |text: &str| {
            let steps = decimal::parse(text, WHOLE, DECIMALS).map_err(|_| RatioFault::NotRatio)?;
            if (1..=LARGEST).contains(&steps) { Ok(steps) } else { Err(RatioFault::NotRatio) }
        };
        let (bought, usable) = text.split_once(':').ok_or(RatioFault::NotRatio)?;
        let (bought, usable) = (number(bought)?, number(usable)?);
        if bought < usable {
            return Err(RatioFault::BelowOne);
        }
        let shared = greatest_shared(bought, usable);
        Ok(Self { bought: bought / shared, usable: usable / shared })
    }

    /// Whether more is bought than may be discharged.
    pub fn is_above_one(self) -> bool {
        self.bought > self.usable
    }

    /// The rights that must be bought so that `quantity` may be discharged, rounded up to the gram.
    ///
    /// # Errors
    /// [`DecimalFault::OutOfRange`] when the books cannot count so much.
    pub fn required(self, quantity: Quantity) -> Result<Quantity, DecimalFault> {
        let (bought, usable) = (i128::from(self.bought), i128::from(self.usable));
        let grams = (i128::from(quantity.grams()) * bought + usable - 1) / usable;
        Quantity::try_new(i64::try_from(grams).map_err(|_| DecimalFault::OutOfRange)?)
    }

    /// Grams of `quantity` bought rights that may be discharged, rounded down, so that what is retired of them is rounded
    /// up. It is nothing for less than it takes to replace one gram.
    pub fn usable_of(self, quantity: Quantity) -> i64 {
        let grams = i128::from(quantity.grams()) * i128::from(self.usable) / i128::from(self.bought);
        // Never more than the quantity, because the ratio is never less than one.
        i64::try_from(grams).unwrap_or(quantity.grams())
    }

    /// Grams of `quantity` bought rights that are retired, rounded up.
    pub fn excess_of(self, quantity: Quantity) -> i64 {
        quantity.grams() - self.usable_of(quantity)
    }
}

/// Euclid's: both are more than zero.
fn greatest_shared(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { greatest_shared(other, one % other) }
}

impl fmt::Display for Ratio {
    /// `1.2:1` where six decimals are enough, `4:3` where they are not.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = i128::from(self.bought) * i128::from(WHOLE);
        let usable = i128::from(self.usable);
        match i64::try_from(steps / usable) {
            Ok(steps_to_one) if steps % usable == 0 && steps_to_one <= LARGEST => {
                write!(formatter, "{}:1", decimal::print(steps_to_one, WHOLE, 0))
            }
            _ if self.bought <= LARGEST / WHOLE => write!(formatter, "{}:{}", self.bought, self.usable),
            _ => {
                let number = |steps| decimal::print(steps, WHOLE, 0);
                write!(formatter, "{}:{}", number(self.bought), number(self.usable))
            }
        }
    }
}
