//! Which code of a monitor is which pollutant of the register.

use serde::{Deserialize, Serialize};

accounting::words! {
    /// An edition of the standard.
    Edition {
        /// HJ 212-2017.
        Of2017 = "2017",
        /// HJ 212-2025, in force since 2026-01-01.
        Of2025 = "2025",
    }
}

impl Edition {
    /// The edition that a flag names in its upper six bits.
    pub fn of_flag(flag: u8) -> Option<Self> {
        match flag >> 2 {
            1 => Some(Self::Of2017),
            2 => Some(Self::Of2025),
            _ => None,
        }
    }

    /// The number by which a flag names it.
    pub fn number(self) -> u8 {
        match self {
            Self::Of2017 => 1,
            Self::Of2025 => 2,
        }
    }
}

/// A code of a monitor (监测因子).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// As the messages have it: `w01018`.
    pub code: String,
    /// Code of the pollutant in the register.
    pub pollutant: String,
    /// Grams in the unit of its totals.
    pub grams_per_unit: i64,
}

/// Totals are in kilograms (HJ 212-2017, appendix B).
const KILOGRAM: i64 = 1_000;

/// Codes of HJ 212-2017, appendix B, of which rights can be traded.
const OF_2017: [(&str, &str); 7] = [
    ("w01018", "COD"),
    ("w21003", "NH3N"),
    ("w21011", "TP"),
    ("w21001", "TN"),
    ("a21026", "SO2"),
    ("a21002", "NOX"),
    ("a34013", "PM"),
];

/// The codes of an edition that are known here. Those of 2025 are not: the bureau names them with their unit when it registers the outlet.
pub fn factors_of(edition: Edition) -> Vec<Factor> {
    let factor = |(code, pollutant): (&str, &str)| Factor {
        code: code.to_owned(),
        pollutant: pollutant.to_owned(),
        grams_per_unit: KILOGRAM,
    };
    match edition {
        Edition::Of2017 => OF_2017.into_iter().map(factor).collect(),
        Edition::Of2025 => Vec::new(),
    }
}
