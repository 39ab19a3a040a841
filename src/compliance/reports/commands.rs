//! Recording reports and measurements, all or nothing.

use super::file::told;
use super::{DischargeReport, permitted, store};
use crate::compliance::days::{Source, Statement, Year, most_plausible};
use crate::compliance::error::ComplianceRefusal;
use crate::compliance::store as years;
use crate::compliance::year::ComplianceYear;
use crate::db::Work;
use crate::http::table::{Form, Table};
use crate::kernel::event::Event;
use crate::kernel::ids::{DischargeReportId, SiteId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::parties::{PartyRefusal, Permit, Pollutant, Site, queries};
use accounting::decimal;
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// A report or a measurement to record. What a cell tells that cannot be read is absent and a fault of its own; the rest of the row is judged
/// all the same.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// Its line in the file, or its place in the list from 1.
    pub line: u64,
    /// Number of the site.
    pub site: Option<String>,
    /// Of which pollutant of the register.
    pub pollutant: Option<String>,
    /// First and last day.
    pub days: Option<(Date, Date)>,
    /// Grams.
    pub grams: Option<i64>,
    /// Number of the document that it stands in.
    pub document: Option<String>,
}

/// What is to be recorded.
#[derive(Debug)]
pub struct NewReports {
    /// By a site, or by the bureau.
    pub source: Source,
    /// What the rows came as.
    pub form: Form,
    /// The rows in the order of their lines, and what could not be read of them.
    pub table: Table<NewReport>,
    /// SHA-256 over the file that they came in.
    pub document_hash: Option<String>,
}

/// What reports are judged on, loaded in sets.
struct Facts {
    sites: HashMap<String, Site>,
    permits: HashMap<SiteId, Vec<Permit>>,
    years: HashMap<(SiteId, String, i16), ComplianceYear>,
    pollutants: HashMap<String, Pollutant>,
}

/// Records reports of the caller's own sites, or measurements of sites in their charge.
///
/// # Errors
/// Every rule of [`ComplianceRefusal`] that any row breaks, each at its place.
pub async fn record(work: &mut Work, new: &NewReports) -> Result<Vec<DischargeReport>, Failure> {
    let facts = load(work, new).await?;
    // What could not be read is told together with what the rules do not bear.
    let mut faults = new.table.faults.clone();
    let mut reports = Vec::with_capacity(new.table.rows.len());
    let mut lines: HashMap<(&str, &str, Date, Date), u64> = HashMap::new();
    for row in &new.table.rows {
        let place = new.form.place(row.line);
        let key = row.site.as_deref().zip(row.pollutant.as_deref()).zip(row.days);
        let before = key.and_then(|((site, of), (first, last))| lines.insert((site, of, first, last), row.line));
        if let Some(line) = before {
            faults.refuse(&place, &ComplianceRefusal::DuplicateRow { place: new.form.place(line) });
        }
        let site = site_of(work, &facts, new.source, row).unwrap_or_else(|violation| {
            faults.note(&place, violation);
            None
        });
        for refusal in judge(&facts, new.source, site, row, work.today()) {
            faults.refuse(&place, &refusal);
        }
        reports.extend(site.and_then(|site| report(work, new, site, row)));
    }
    faults.finish(|fault| told(fault).violation())?;
    store::insert(work, &reports).await?;
    for report in &reports {
        let payload = json!({ "site": report.site, "pollutant": report.pollutant, "source": new.source.as_str() });
        work.tell(Event { kind: "discharge.reported", subject: report.id.0, payload });
    }
    Ok(reports)
}

async fn load(work: &Work, new: &NewReports) -> Result<Facts, Failure> {
    let numbers: BTreeSet<String> = new.table.rows.iter().filter_map(|row| row.site.clone()).collect();
    let numbers: Vec<String> = numbers.into_iter().collect();
    let sites = queries::sites_by_number(work.connection(), &numbers).await?;
    let ids: Vec<SiteId> = sites.values().map(|site| site.id).collect();
    // So that no annual account of theirs is verified meanwhile.
    queries::lock_sites(work, &ids).await?;
    Ok(Facts {
        sites,
        permits: queries::permits_of(work.connection(), &ids).await?,
        years: years::of_sites(work, &ids).await?,
        pollutants: queries::pollutants(work.connection()).await?,
    })
}

/// The site of a row, which whoever speaks may speak of; none where the row names none.
fn site_of<'f>(work: &Work, facts: &'f Facts, source: Source, row: &NewReport) -> Result<Option<&'f Site>, Violation> {
    let Some(number) = &row.site else { return Ok(None) };
    let unknown = || ComplianceRefusal::UnknownNumber { number: number.clone() }.violation();
    let site = facts.sites.get(number).ok_or_else(unknown)?;
    expect_in_charge(work, source, site).map(|()| Some(site))
}

fn expect_in_charge(work: &Work, source: Source, site: &Site) -> Result<(), Violation> {
    match source {
        Source::Bureau if !work.caller().covers(&site.area_path) => {
            Err(PartyRefusal::OutsideArea { area: site.name.clone() }.violation().about("site"))
        }
        Source::Report if site.organisation != work.caller().organisation => {
            Err(ComplianceRefusal::NotYourSite {}.violation())
        }
        _ => Ok(()),
    }
}

/// Every rule that a row breaks, as far as it is known; of a site that is not the speaker's nothing is told. The bureau's own measurement
/// is compared with no permit: it is what other figures are corrected by.
fn judge(facts: &Facts, source: Source, site: Option<&Site>, row: &NewReport, today: Date) -> Vec<ComplianceRefusal> {
    let mut broken = Vec::new();
    let Some((first, last)) = row.days else { return broken };
    if last >= today {
        broken.push(ComplianceRefusal::PeriodNotOver { last: last.to_string() });
    }
    let Some((site, pollutant)) = site.zip(row.pollutant.as_ref()) else { return broken };
    let account = facts.years.get(&(site.id, pollutant.clone(), Year::of(first)));
    broken.extend(account.and_then(|account| account.expect_open_to_data().err()));
    if source == Source::Report {
        let permits = facts.permits.get(&site.id).map(Vec::as_slice).unwrap_or_default();
        match permitted(permits, pollutant, first, last) {
            None => broken.push(ComplianceRefusal::NoPermittedQuantity { pollutant: pollutant.clone() }),
            Some(grams) => {
                let most = most_plausible(grams, first, last);
                if row.grams.is_some_and(|grams| grams > most) {
                    broken.push(ComplianceRefusal::Implausible { most: printed(facts, pollutant, most) });
                }
            }
        }
    }
    broken
}

fn printed(facts: &Facts, pollutant: &str, grams: i64) -> String {
    facts.pollutants.get(pollutant).map_or_else(
        || grams.to_string(),
        |known| {
            let measure = &known.measure;
            format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit)
        },
    )
}

/// What a row records, when everything is there.
fn report(work: &Work, new: &NewReports, site: &Site, row: &NewReport) -> Option<DischargeReport> {
    let (first, last) = row.days?;
    Some(DischargeReport {
        id: DischargeReportId::fresh(),
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        pollutant: row.pollutant.clone()?,
        statement: Statement { source: new.source, first, last, grams: row.grams? },
        document: row.document.clone()?,
        document_hash: new.document_hash.clone(),
        recorded_by: work.caller().user,
        recorded_at: work.now(),
    })
}
