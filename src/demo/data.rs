//! The files of the year, as they stand in `demo/xianning-2022`.

use crate::kernel::Failure;
use jiff::civil::Date;
use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer};

macro_rules! file {
    ($name:literal) => {
        rows($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/xianning-2022/", $name)))
    };
}

fn rows<T: DeserializeOwned>(name: &str, text: &str) -> Result<Vec<T>, Failure> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<Vec<T>, _>>()
        .map_err(|error| Failure::bug(format!("{name}: {error}")))
}

/// Reads a day.
pub fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|error| Failure::bug(format!("{text}: {error}")))
}

fn read_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

#[derive(Debug, Deserialize)]
pub struct AreaRow {
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub basin: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct BasinRow {
    pub code: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct DayRow {
    pub date: String,
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct OrganisationRow {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub area: String,
    pub sector: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct SiteRow {
    pub site: String,
    pub organisation: String,
    pub name: String,
    pub area: String,
    pub basin: Option<String>,
    pub sector: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct PermitRow {
    pub permit: String,
    pub site: String,
    pub valid_from: String,
    pub valid_to: String,
    pub pollutant: String,
    pub permitted_t: String,
}

#[derive(Debug, Deserialize)]
pub struct ProjectRow {
    pub project: String,
    pub site: String,
    pub basis: String,
    pub document: String,
    pub verified_on: String,
}

#[derive(Debug, Deserialize)]
pub struct HoldingRow {
    pub holder: String,
    pub pollutant: String,
    pub zone: String,
    pub origin: String,
    pub valid_from: String,
    pub valid_to: String,
    pub quantity_t: String,
}

#[derive(Debug, Deserialize)]
pub struct CapacityRow {
    pub area: String,
    pub pollutant: String,
    pub valid_from: String,
    pub cap_t: String,
}

#[derive(Debug, Deserialize)]
pub struct TradeRow {
    pub no: u32,
    #[serde(deserialize_with = "read_day")]
    pub date: Date,
    pub mode: String,
    pub seller: String,
    pub buyer: String,
    pub pollutant: String,
    pub quantity_t: String,
    pub unit_price: String,
    pub amount: String,
}

#[derive(Debug, Deserialize)]
pub struct PledgeRow {
    pub no: u32,
    #[serde(deserialize_with = "read_day")]
    pub date: Date,
    pub pledgor: String,
    pub pledgee: String,
    pub facility: Option<String>,
    pub facility_limit: Option<String>,
    pub principal: String,
    pub term_months: i64,
    pub rights: String,
    pub assessed_value: String,
    pub valuation: String,
}

/// Everything.
#[derive(Debug)]
pub struct Year {
    pub areas: Vec<AreaRow>,
    pub basins: Vec<BasinRow>,
    pub days: Vec<DayRow>,
    pub organisations: Vec<OrganisationRow>,
    pub sites: Vec<SiteRow>,
    pub permits: Vec<PermitRow>,
    pub projects: Vec<ProjectRow>,
    pub holdings: Vec<HoldingRow>,
    pub capacities: Vec<CapacityRow>,
    pub trades: Vec<TradeRow>,
    pub pledges: Vec<PledgeRow>,
}

impl Year {
    /// Reads the files, which are part of the program.
    pub fn read() -> Result<Self, Failure> {
        let mut year = Self {
            areas: file!("areas.csv")?,
            basins: file!("basins.csv")?,
            days: file!("calendar-2022.csv")?,
            organisations: file!("organisations.csv")?,
            sites: file!("sites.csv")?,
            permits: file!("permits.csv")?,
            projects: file!("projects.csv")?,
            holdings: file!("opening_holdings.csv")?,
            capacities: file!("capacities.csv")?,
            trades: file!("trades.csv")?,
            pledges: file!("pledges.csv")?,
        };
        year.trades.sort_by_key(|trade| (trade.date, trade.no));
        year.pledges.sort_by_key(|pledge| (pledge.date, pledge.no));
        Ok(year)
    }

    /// Trades and pledges.
    pub fn steps(&self) -> u64 {
        (self.trades.len() + self.pledges.len()) as u64
    }
}
