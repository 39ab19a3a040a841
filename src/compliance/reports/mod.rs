//! What a site reports of its own discharge (执行报告), and what the bureau has measured (执法监测): of a month or a year, the bureau also of a
//! day. Nothing is taken back: what is recorded later counts, and the former stays to be seen.

pub mod api;
pub mod commands;
mod file;
pub mod queries;
pub(super) mod store;

use super::days::{Source, Statement};
use super::error::ComplianceRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{DischargeReportId, OrganisationId, SiteId, UserId};
use crate::parties::Permit;
use jiff::civil::{Date, date};

/// A report or a measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DischargeReport {
    /// Its identity.
    pub id: DischargeReportId,
    /// Of which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which pollutant.
    pub pollutant: String,
    /// What is said, by whom, of which period.
    pub statement: Statement,
    /// Number of the document that it stands in.
    pub document: String,
    /// SHA-256 over the uploaded file that it came in.
    pub document_hash: Option<String>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Moment,
}

/// The first and the last day of a period: `2022`, `2022-11`, and of a measurement also `2022-11-30`.
///
/// # Errors
/// [`ComplianceRefusal::BadPeriod`].
pub fn read_period(text: &str, source: Source) -> Result<(Date, Date), ComplianceRefusal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = |text: &str| text.parse::<Date>().ok().filter(|day| (2000..=9998).contains(&day.year()));
    let read = match (is_plain, text.len()) {
        (true, 4) => day(&format!("{text}-01-01")).map(|first| (first, date(first.year(), 12, 31))),
        (true, 7) => day(&format!("{text}-01")).map(|first| (first, first.last_of_month())),
        (true, 10) if source == Source::Bureau => day(text).map(|day| (day, day)),
        _ => None,
    };
    read.ok_or(ComplianceRefusal::BadPeriod {})
}

/// The most grams a year that a permit in force within a period allows of a pollutant; none when no permit names it.
pub fn permitted(permits: &[Permit], pollutant: &str, first: Date, last: Date) -> Option<i64> {
    let in_force = permits.iter().filter(|permit| permit.validity.from() <= last && first <= permit.validity.to());
    in_force.filter_map(|permit| permit.quantities.get(pollutant).copied()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_year_a_month_or_a_day_of_the_bureau() {
        let days = |text: &str, source| {
            read_period(text, source).map(|(first, last)| (first.to_string(), last.to_string())).ok()
        };
        let pair = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(days("2022", Source::Report), pair("2022-01-01", "2022-12-31"));
        assert_eq!(days("2024-02", Source::Report), pair("2024-02-01", "2024-02-29"));
        assert_eq!(days("2022-11-30", Source::Bureau), pair("2022-11-30", "2022-11-30"));
        assert_eq!(days("2022-11-30", Source::Report), None);
        for bad in ["", "22", "1999", "9999", "2022-13", "2022-1", "2022-02-30", "20221", "2022/11", "+022", "2022-Q1"]
        {
            assert_eq!(days(bad, Source::Bureau), None, "{bad}");
        }
    }
}
