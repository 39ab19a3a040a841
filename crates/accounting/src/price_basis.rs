//! What a price is for.

use crate::money::Price;
use crate::right_class::Validity;
use jiff::Span;
use thiserror::Error;

crate::words! {
    /// What a price is for. Published prices mix them up (75,757 yuan a tonne and year that were meant for five), so each says it.
    PriceBasis {
        /// A unit of the right over its whole validity.
        PerUnitWholeValidity = "per_unit_whole_validity",
        /// A unit of the right for each year of its validity.
        PerUnitYear = "per_unit_year",
    }
}

/// Why a price says nothing about the whole validity of a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PriceBasisFault {
    /// It is for a year, and the validity is not whole years.
    #[error("the validity is not whole years")]
    NotWholeYears,
    /// Beyond what the books can count.
    #[error("is larger than the books can count")]
    OutOfRange,
}

impl PriceBasis {
    /// The price of a unit over the whole validity of a right, by which prices are compared and totals made.
    ///
    /// # Errors
    /// [`PriceBasisFault`].
    pub fn over(self, price: Price, validity: Validity) -> Result<Price, PriceBasisFault> {
        match self {
            Self::PerUnitWholeValidity => Ok(price),
            Self::PerUnitYear => {
                let years = whole_years(validity).ok_or(PriceBasisFault::NotWholeYears)?;
                let fen = price.fen().checked_mul(years).ok_or(PriceBasisFault::OutOfRange)?;
                Price::try_new(fen).map_err(|_| PriceBasisFault::OutOfRange)
            }
        }
    }
}

/// How many years a validity is long, where they are whole.
fn whole_years(validity: Validity) -> Option<i64> {
    let end = validity.to().tomorrow().ok()?;
    let years = end.year() - validity.from().year();
    let term = Span::new().try_years(years).ok()?;
    (years > 0 && validity.from().checked_add(term).ok()? == end).then_some(i64::from(years))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Date, date};

    fn over(from: Date, to: Date) -> Result<String, PriceBasisFault> {
        let validity = Validity::try_new(from, to).map_err(|_| PriceBasisFault::OutOfRange)?;
        let price = Price::try_new(90_000).map_err(|_| PriceBasisFault::OutOfRange)?;
        assert_eq!(PriceBasis::PerUnitWholeValidity.over(price, validity), Ok(price));
        PriceBasis::PerUnitYear.over(price, validity).map(Price::print)
    }

    #[test]
    fn a_price_of_a_year_counts_the_whole_years_of_the_right() {
        assert_eq!(over(date(2021, 1, 1), date(2025, 12, 31)).as_deref(), Ok("4500.00"));
        assert_eq!(over(date(2022, 12, 6), date(2027, 12, 5)).as_deref(), Ok("4500.00"));
        assert_eq!(over(date(2022, 1, 1), date(2022, 12, 31)).as_deref(), Ok("900.00"));
        assert_eq!(over(date(2022, 1, 1), date(2025, 12, 30)), Err(PriceBasisFault::NotWholeYears));
        assert_eq!(over(date(2022, 1, 1), date(2022, 6, 30)), Err(PriceBasisFault::NotWholeYears));
        assert!(PriceBasis::ALL.iter().all(|basis| PriceBasis::WORDS.contains(&basis.as_str())));
    }
}
