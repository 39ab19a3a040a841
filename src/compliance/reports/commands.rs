//! Recording reports and measurements, all or nothing.

use super::{DischargeReport, permitted, store};
use crate::compliance::days::{Source, Statement, Year, most_plausible};
use crate::compliance::error::ComplianceRefusal;
use crate::compliance::store as years;
use crate::compliance::year::ComplianceYear;
use crate::db::Work;
use crate::kernel::event::Event;
use crate::kernel::ids::{DischargeReportId, SiteId};
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::parties::{PartyRefusal, Permit, Pollutant, Site, queries};
use accounting::decimal;
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// A report or a measurement to record.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// Its line, from 1.
    pub line: u64,
    /// Where its faults are told.
    pub place: String,
    /// Number of the site.
    pub site: String,
    /// Of which pollutant.
    pub pollutant: String,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// Grams.
    pub grams: i64,
    /// Number of the document that it stands in.
    pub document: String,
}

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct NewReports {
    /// By a site, or by the bureau.
    pub source: Source,
    /// The rows.
    pub rows: Vec<NewReport>,
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
    let mut violations: Vec<Violation> = Vec::new();
    let mut reports = Vec::with_capacity(new.rows.len());
    let mut lines: HashMap<(&str, &str, Date, Date), u64> = HashMap::new();
    for row in &new.rows {
        let at = |refusal: &dyn Refusal| refusal.violation().within(&row.place);
        if let Some(line) = lines.insert((&row.site, &row.pollutant, row.first, row.last), row.line) {
            violations.push(at(&ComplianceRefusal::DuplicateRow { line: line.to_string() }));
        }
        let Some(site) = facts.sites.get(&row.site) else {
            violations.push(at(&ComplianceRefusal::UnknownNumber { number: row.site.clone() }));
            continue;
        };
        if let Err(violation) = expect_in_charge(work, new.source, site) {
            violations.push(violation.within(&row.place));
            continue;
        }
        violations.extend(judge(&facts, new.source, site, row, work.today()).iter().map(|refusal| at(refusal)));
        reports.push(report(work, new, site, row));
    }
    if !violations.is_empty() {
        return Err(Failure { kind: Kind::Refused, violations, source: None });
    }
    store::insert(work, &reports).await?;
    for report in &reports {
        let payload = json!({ "site": report.site, "pollutant": report.pollutant, "source": new.source.as_str() });
        work.tell(Event { kind: "discharge.reported", subject: report.id.0, payload });
    }
    Ok(reports)
}

async fn load(work: &Work, new: &NewReports) -> Result<Facts, Failure> {
    let numbers: BTreeSet<String> = new.rows.iter().map(|row| row.site.clone()).collect();
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

/// Every rule that a row breaks. The bureau's own measurement is compared with no permit: it is what other figures are corrected by.
fn judge(facts: &Facts, source: Source, site: &Site, row: &NewReport, today: Date) -> Vec<ComplianceRefusal> {
    let mut broken = Vec::new();
    if row.last >= today {
        broken.push(ComplianceRefusal::PeriodNotOver { last: row.last.to_string() });
    }
    let account = facts.years.get(&(site.id, row.pollutant.clone(), Year::of(row.first)));
    broken.extend(account.and_then(|account| account.expect_open_to_data().err()));
    if source == Source::Report {
        let permits = facts.permits.get(&site.id).map(Vec::as_slice).unwrap_or_default();
        match permitted(permits, &row.pollutant, row.first, row.last) {
            None => broken.push(ComplianceRefusal::NoPermittedQuantity { pollutant: row.pollutant.clone() }),
            Some(grams) => {
                let most = most_plausible(grams, row.first, row.last);
                if row.grams > most {
                    broken.push(ComplianceRefusal::Implausible { most: printed(facts, &row.pollutant, most) });
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

fn report(work: &Work, new: &NewReports, site: &Site, row: &NewReport) -> DischargeReport {
    DischargeReport {
        id: DischargeReportId::fresh(),
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        pollutant: row.pollutant.clone(),
        statement: Statement { source: new.source, first: row.first, last: row.last, grams: row.grams },
        document: row.document.clone(),
        document_hash: new.document_hash.clone(),
        recorded_by: work.caller().user,
        recorded_at: work.now(),
    }
}
