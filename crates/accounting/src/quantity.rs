//! Quantities of emission rights and of regional capacity, counted in integer grams.

use crate::decimal::{self, DecimalFault};

/// How a pollutant is written: its display unit, how many smallest units (grams) one display unit is, and how many
/// decimals a document may carry. Hubei's papers use tonnes with three decimals, so the smallest step is a kilogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Display unit: `t`, `kg`, `t/d`.
    pub unit: String,
    /// Smallest units in one display unit; a power of ten (1 t = 1,000,000 g).
    pub grams_per_unit: i64,
    /// Decimals that may be written in the display unit.
    pub decimals: u32,
}

impl Measure {
    /// Tonnes with three decimals, as Hubei publishes COD, NH3-N, SO2 and NOx.
    pub fn tonnes() -> Self {
        Self { unit: "t".to_owned(), grams_per_unit: 1_000_000, decimals: 3 }
    }
}

/// A quantity that moves: more than zero grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// Reads a decimal string in the measure's display unit.
    ///
    /// # Errors
    /// Every [`DecimalFault`]; zero is refused.
    pub fn parse(text: &str, measure: &Measure) -> Result<Self, DecimalFault> {
        let grams = decimal::parse(text, measure.grams_per_unit, measure.decimals)?;
        Self::try_new(grams)
    }

    /// A quantity of `grams`.
    ///
    /// # Errors
    /// [`DecimalFault::Zero`] unless it is more than zero.
    pub fn try_new(grams: i64) -> Result<Self, DecimalFault> {
        if grams > 0 { Ok(Self(grams)) } else { Err(DecimalFault::Zero) }
    }

    /// Grams.
    pub fn grams(self) -> i64 {
        self.0
    }

    /// The decimal string in the measure's display unit, without loss.
    pub fn print(self, measure: &Measure) -> String {
        decimal::print(self.0, measure.grams_per_unit, measure.decimals)
    }
}
