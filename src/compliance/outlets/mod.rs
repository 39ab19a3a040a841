//! Outlets (排放口) and their monitors, registered by the bureau in charge. A monitor names itself by its MN in each message; by which edition
//! of HJ 212 it speaks, and which of its codes are which pollutants, stands here. A monitor that is replaced has another MN, and is
//! another outlet of the same site.

pub mod api;
pub mod commands;
pub mod queries;
pub(super) mod store;

use super::error::ComplianceRefusal;
use super::hj212::{Edition, Factor, factors_of};
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, OutletId, SiteId, UserId};

/// Longest number of a monitor (HJ 212-2017: 24).
const LONGEST_MN: usize = 24;
/// Longest code of a monitor.
const LONGEST_CODE: usize = 12;

/// An outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// Its identity.
    pub id: OutletId,
    /// The number of its monitor.
    pub mn: String,
    /// Its name.
    pub name: String,
    /// Of which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// By which edition its monitor speaks.
    pub edition: Edition,
    /// Which of its codes are which pollutants, where the bureau has named them.
    pub factors: Option<Vec<Factor>>,
    /// Who registered it.
    pub registered_by: UserId,
    /// When.
    pub registered_at: Moment,
}

impl Outlet {
    /// Which codes are which pollutants.
    pub fn factors(&self) -> Vec<Factor> {
        self.factors.clone().unwrap_or_else(|| factors_of(self.edition))
    }
}

/// The number of a monitor.
///
/// # Errors
/// [`ComplianceRefusal::BadMn`].
pub fn read_mn(text: &str) -> Result<String, ComplianceRefusal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain && (1..=LONGEST_MN).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(ComplianceRefusal::BadMn {})
    }
}

/// Codes that can be told apart, with units that lose nothing.
///
/// # Errors
/// [`ComplianceRefusal::BadFactor`], [`ComplianceRefusal::FactorsMissing`].
pub fn judge_factors(edition: Edition, factors: Option<&[Factor]>) -> Result<(), ComplianceRefusal> {
    let Some(factors) = factors else {
        let edition_is_known = !factors_of(edition).is_empty();
        let missing = || ComplianceRefusal::FactorsMissing { edition: edition.as_str().to_owned() };
        return if edition_is_known { Ok(()) } else { Err(missing()) };
    };
    let is_code = |code: &str| {
        let is_plain = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_plain && (1..=LONGEST_CODE).contains(&code.len())
    };
    let is_unit = |grams: i64| (1..=1_000_000).contains(&grams) && 10_i64.pow(grams.ilog10()) == grams;
    let is_alone = |at: usize, factor: &Factor| {
        factors[..at].iter().all(|other| other.code != factor.code && other.pollutant != factor.pollutant)
    };
    let mut numbered = factors.iter().enumerate();
    let is_good =
        numbered.all(|(at, factor)| is_code(&factor.code) && is_unit(factor.grams_per_unit) && is_alone(at, factor));
    if is_good && !factors.is_empty() { Ok(()) } else { Err(ComplianceRefusal::BadFactor {}) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(code: &str, pollutant: &str, grams_per_unit: i64) -> Factor {
        Factor { code: code.to_owned(), pollutant: pollutant.to_owned(), grams_per_unit }
    }

    #[test]
    fn the_codes_of_the_later_edition_are_named_and_never_guessed() {
        assert_eq!(judge_factors(Edition::Of2017, None), Ok(()));
        let missing = ComplianceRefusal::FactorsMissing { edition: "2025".to_owned() };
        assert_eq!(judge_factors(Edition::Of2025, None), Err(missing));
        assert_eq!(judge_factors(Edition::Of2025, Some(&[factor("a21026", "SO2", 1_000)])), Ok(()));
    }

    #[test]
    fn a_code_that_could_be_mistaken_is_none() {
        for bad in [
            vec![],
            vec![factor("", "SO2", 1_000)],
            vec![factor("A21026", "SO2", 1_000)],
            vec![factor("a21026-Cou", "SO2", 1_000)],
            vec![factor("a21026", "SO2", 0)],
            vec![factor("a21026", "SO2", 500)],
            vec![factor("a21026", "SO2", 10_000_000)],
            vec![factor("a21026", "SO2", 1_000), factor("a21026", "NOX", 1_000)],
            vec![factor("a21026", "SO2", 1_000), factor("a21002", "SO2", 1_000)],
        ] {
            assert_eq!(judge_factors(Edition::Of2017, Some(&bad)), Err(ComplianceRefusal::BadFactor {}), "{bad:?}");
        }
    }

    #[test]
    fn the_number_of_a_monitor_is_plain() {
        assert!(read_mn("010000A8900016F000169DC0").is_ok() && read_mn("88888").is_ok());
        for bad in ["", "0100 00", "010000A8900016F000169DC01", "排口"] {
            assert_eq!(read_mn(bad), Err(ComplianceRefusal::BadMn {}), "{bad}");
        }
    }
}
