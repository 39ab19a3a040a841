//! Areas, pollutants, and the zone within which a right trades.

use super::error::PartyRefusal;
use crate::kernel::ids::AreaId;
use accounting::Measure;

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
    /// `COD`, `NH3N`, `SO2`, `NOX`.
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

/// The four pollutants traded in Hubei (鄂政发〔2012〕64号), in tonnes with three decimals.
pub fn hubei_pollutants() -> Vec<Pollutant> {
    let pollutant = |code: &str, zh: &str, en: &str, medium| Pollutant {
        code: code.to_owned(),
        name_zh: zh.to_owned(),
        name_en: en.to_owned(),
        medium,
        measure: Measure::tonnes(),
    };
    vec![
        pollutant("COD", "化学需氧量", "Chemical oxygen demand", Medium::Water),
        pollutant("NH3N", "氨氮", "Ammonia nitrogen", Medium::Water),
        pollutant("SO2", "二氧化硫", "Sulphur dioxide", Medium::Air),
        pollutant("NOX", "氮氧化物", "Nitrogen oxides", Medium::Air),
    ]
}
