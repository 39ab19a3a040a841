//! Outlets (排放口) and their monitors, registered by the bureau in charge. A monitor names itself by its MN in each message; by which edition
//! of HJ 212 it speaks, and which of its codes are which pollutants, stands here. A monitor that is replaced has another MN, and is
//! another outlet of the same site.

pub mod api;
pub mod commands;
pub mod queries;
pub(super) mod store;

use super::error::ComplianceRefusal;
use super::hj212::{Edition, Factor, factors_of};
use crate::kernel::ids::{OrganisationId, OutletId, SiteId, UserId};
use crate::kernel::{Moment, Refusal, Violation};
use std::collections::HashSet;

/// Longest number of a monitor (HJ 212-2017: 24).
const LONGEST_MN: usize = 24;
/// Longest code of a monitor.
const LONGEST_CODE: usize = 12;
/// Longest code that a fault repeats, in characters.
const LONGEST_TOLD: usize = 50;

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

/// What is wrong with codes that cannot be told apart or have units that lose something, each at its place.
pub fn judge_factors(edition: Edition, factors: Option<&[Factor]>) -> Vec<Violation> {
    let Some(factors) = factors else {
        let edition_is_known = !factors_of(edition).is_empty();
        let missing = || ComplianceRefusal::FactorsMissing { edition: edition.as_str().to_owned() };
        return if edition_is_known { Vec::new() } else { vec![missing().violation()] };
    };
    let is_code = |code: &str| {
        let is_plain = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_plain && (1..=LONGEST_CODE).contains(&code.len())
    };
    let is_unit = |grams: i64| (1..=1_000_000).contains(&grams) && 10_i64.pow(grams.ilog10()) == grams;
    let mut broken = Vec::new();
    let (mut codes, mut pollutants) = (HashSet::new(), HashSet::new());
    for (at, Factor { code, pollutant, grams_per_unit }) in factors.iter().enumerate() {
        let twice = |name: &str| ComplianceRefusal::FactorTwice { name: name.to_owned() }.violation();
        let mut found = Vec::new();
        if !is_code(code) {
            let code = code.chars().take(LONGEST_TOLD).collect();
            found.push(ComplianceRefusal::BadFactor { code }.violation());
        }
        if !is_unit(*grams_per_unit) {
            let code = code.chars().take(LONGEST_TOLD).collect();
            found.push(ComplianceRefusal::BadFactorUnit { code, grams: grams_per_unit.to_string() }.violation());
        }
        if !codes.insert(code) {
            found.push(twice(code));
        }
        if !pollutants.insert(pollutant) {
            found.push(twice(pollutant).about("pollutant"));
        }
        broken.extend(found.into_iter().map(|violation| violation.within(&format!("factors[{at}]"))));
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(code: &str, pollutant: &str, grams_per_unit: i64) -> Factor {
        Factor { code: code.to_owned(), pollutant: pollutant.to_owned(), grams_per_unit }
    }

    #[test]
    fn the_codes_of_the_later_edition_are_named_and_never_guessed() {
        assert!(judge_factors(Edition::Of2017, None).is_empty());
        assert_eq!(judge_factors(Edition::Of2025, None)[0].code, "CMP_FACTORS_MISSING");
        assert!(judge_factors(Edition::Of2025, Some(&[factor("a21026", "SO2", 1_000)])).is_empty());
    }

    #[test]
    fn a_code_that_could_be_mistaken_is_none() {
        let (good, code, unit) = (factor("a21026", "SO2", 1_000), "CMP_BAD_FACTOR", "CMP_BAD_FACTOR_UNIT");
        for (bad, field, told) in [
            (factor("", "NOX", 1_000), "code", code),
            (factor("A21002", "NOX", 1_000), "code", code),
            (factor("a21002-Cou", "NOX", 1_000), "code", code),
            (factor("a21002", "NOX", 0), "grams_per_unit", unit),
            (factor("a21002", "NOX", 500), "grams_per_unit", unit),
            (factor("a21002", "NOX", 10_000_000), "grams_per_unit", unit),
            (factor("a21026", "NOX", 1_000), "code", "CMP_FACTOR_TWICE"),
            (factor("a21002", "SO2", 1_000), "pollutant", "CMP_FACTOR_TWICE"),
        ] {
            let broken = judge_factors(Edition::Of2017, Some(&[good.clone(), bad]));
            let found: Vec<(&str, &str)> = broken.iter().map(|one| (one.field.as_str(), one.code.as_ref())).collect();
            assert_eq!(found, [(format!("factors[1].{field}").as_str(), told)]);
        }
        let all = judge_factors(Edition::Of2017, Some(&[factor("", "SO2", 0), factor("", "SO2", 0)]));
        assert_eq!(all.len(), 6, "every cause of every factor at once: {all:?}");
    }

    #[test]
    fn the_number_of_a_monitor_is_plain() {
        assert!(read_mn("010000A8900016F000169DC0").is_ok() && read_mn("88888").is_ok());
        for bad in ["", "0100 00", "010000A8900016F000169DC01", "排口"] {
            assert_eq!(read_mn(bad), Err(ComplianceRefusal::BadMn {}), "{bad}");
        }
    }
}
