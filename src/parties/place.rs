//! Areas, pollutants, and the zone within which a right trades.

use super::error::PartyRefusal;
use crate::kernel::ids::AreaId;
use accounting::Measure;
use std::collections::HashMap;

/// Longest code of an area, a basin or a pollutant. GB/T 2260 has 6 digits and the codes of statistics have 12.
const LONGEST_CODE: usize = 32;
/// The largest unit in grams: a million tonnes.
const LARGEST_UNIT: i64 = 1_000_000_000_000;

/// Reads the code of an area, a basin or a pollutant: capital letters and digits. Codes are joined by `/` to paths of
/// areas, which decide who sees what, and by `-` to codes of right classes; so they carry neither, and no wildcard.
///
/// # Errors
/// [`PartyRefusal::BadPlainCode`].
pub fn plain_code(text: &str) -> Result<String, PartyRefusal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_plain && (1..=LONGEST_CODE).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(PartyRefusal::BadPlainCode { longest: LONGEST_CODE.to_string() })
    }
}

/// A measure that decimal strings can be read and printed in without loss.
///
/// # Errors
/// [`PartyRefusal::BadMeasure`] unless the unit is a power of ten of the gram with at least as many zeros as decimals.
pub fn measure(unit: String, grams_per_unit: i64, decimals: u32) -> Result<Measure, PartyRefusal> {
    let zeros = grams_per_unit.checked_ilog10().filter(|zeros| 10_i64.pow(*zeros) == grams_per_unit);
    if grams_per_unit <= LARGEST_UNIT && zeros.is_some_and(|zeros| decimals <= zeros) {
        Ok(Measure { unit, grams_per_unit, decimals })
    } else {
        Err(PartyRefusal::BadMeasure { largest: LARGEST_UNIT.to_string() })
    }
}

/// An administrative area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its identity; owns the accounts of its capacity.
    pub id: AreaId,
    /// Code of GB/T 2260, or of a development zone.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Codes from the province down, joined by `/`.
    pub path: String,
    /// The basin it drains to, where it has one.
    pub basin: Option<String>,
}

/// The code of an area: the last in its path.
pub fn code_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The code of the city (市州) in an area path: the second of its codes.
pub fn city_of(path: &str) -> Option<&str> {
    path.split('/').nth(1)
}

/// By what a quantity is read: the measure of its pollutant, or of what nobody knows the finest measure that there is, so that a number is told to
/// be none whatever it is of.
pub fn measure_for<'p, S>(known: Option<&'p Pollutant>, all: &'p HashMap<String, Pollutant, S>) -> Option<&'p Measure> {
    let finest = || all.values().max_by_key(|pollutant| pollutant.measure.decimals);
    known.or_else(finest).map(|pollutant| &pollutant.measure)
}

/// Code of the ledger asset that counts an area's standing capacity for a pollutant.
pub fn capacity_code(area_path: &str, pollutant: &str) -> String {
    format!("CAP-{}-{pollutant}", code_of(area_path))
}

/// Where a pollutant goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Rights trade within a basin (流域).
    Water,
    /// Rights trade within a city (市州).
    Air,
}

impl Medium {
    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Air => "air",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Water, Self::Air].into_iter().find(|medium| medium.as_str() == text)
    }
}

/// A pollutant whose rights are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pollutant {
    /// `COD`, `NH3N`, `SO2`, `NOX`, `PB`, `WW`.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Water or air.
    pub medium: Medium,
    /// Unit, scale and decimals.
    pub measure: Measure,
}

/// Kilograms with three decimals, to the gram: the heavy metals of a workshop are a few grams a year. Published papers carry two.
fn kilograms() -> Measure {
    Measure { unit: "kg".to_owned(), grams_per_unit: 1_000, decimals: 3 }
}

/// Tonnes of wastewater a day, counted in grams a day: the right is a daily volume, as Zhejiang trades it, and so are its price and its
/// cap.
fn tonnes_a_day() -> Measure {
    Measure { unit: "t/d".to_owned(), ..Measure::tonnes() }
}

/// The pollutants of a founded book: those of the total-quantity control, the heavy metals in kilograms, and wastewater by the day. Which
/// of them are granted and traded is the rulebook's matter (`traded_pollutants`): the register also serves permits, which name more.
pub fn founding_pollutants() -> Vec<Pollutant> {
    use Medium::{Air, Water};
    let pollutant = |code: &str, zh: &str, en: &str, medium, measure| Pollutant {
        code: code.to_owned(),
        name_zh: zh.to_owned(),
        name_en: en.to_owned(),
        medium,
        measure,
    };
    let tonnes = Measure::tonnes;
    vec![
        pollutant("COD", "化学需氧量", "Chemical oxygen demand", Water, tonnes()),
        pollutant("NH3N", "氨氮", "Ammonia nitrogen", Water, tonnes()),
        pollutant("TP", "总磷", "Total phosphorus", Water, tonnes()),
        pollutant("TN", "总氮", "Total nitrogen", Water, tonnes()),
        pollutant("SO2", "二氧化硫", "Sulphur dioxide", Air, tonnes()),
        pollutant("NOX", "氮氧化物", "Nitrogen oxides", Air, tonnes()),
        pollutant("VOCS", "挥发性有机物", "Volatile organic compounds", Air, tonnes()),
        pollutant("PM", "颗粒物", "Particulates", Air, tonnes()),
        pollutant("PB", "铅", "Lead", Water, kilograms()),
        pollutant("CD", "镉", "Cadmium", Water, kilograms()),
        pollutant("AS", "砷", "Arsenic", Water, kilograms()),
        pollutant("HG", "汞", "Mercury", Water, kilograms()),
        pollutant("CR", "铬", "Chromium", Water, kilograms()),
        pollutant("WW", "废水排放量", "Wastewater", Water, tonnes_a_day()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounting::Quantity;

    fn printed(code: &str, text: &str) -> (i64, String) {
        let pollutant = founding_pollutants().into_iter().find(|pollutant| pollutant.code == code).unwrap();
        let quantity = Quantity::parse(text, &pollutant.measure).unwrap();
        (quantity.grams(), format!("{} {}", quantity.print(&pollutant.measure), pollutant.measure.unit))
    }

    #[test]
    fn each_pollutant_is_written_in_its_own_unit_and_counted_in_grams() {
        assert_eq!(printed("COD", "12.5"), (12_500_000, "12.500 t".to_owned()));
        assert_eq!(printed("CD", "36.50"), (36_500, "36.500 kg".to_owned()));
        assert_eq!(printed("HG", "0.003"), (3, "0.003 kg".to_owned()));
        assert_eq!(printed("WW", "20200"), (20_200_000_000, "20200.000 t/d".to_owned()));
    }

    #[test]
    fn every_founding_pollutant_is_one_that_could_be_registered() {
        let mut codes = std::collections::HashSet::new();
        for pollutant in founding_pollutants() {
            assert_eq!(plain_code(&pollutant.code).as_ref(), Ok(&pollutant.code));
            let Measure { unit, grams_per_unit, decimals } = pollutant.measure.clone();
            assert_eq!(measure(unit, grams_per_unit, decimals), Ok(pollutant.measure));
            assert!(codes.insert(pollutant.code));
        }
    }
}
