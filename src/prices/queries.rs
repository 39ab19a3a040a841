//! Reading what was settled, by period.

use super::index::{Cell, Months};
use super::statistics::{Figures, PeriodLine, PeriodParty};
use crate::db::BOOK;
use crate::kernel::Failure;
use crate::kernel::cycle::{Cycle, Period};
use accounting::{Measure, Price};
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

/// What of the market is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// First legal date.
    pub from: Date,
    /// Last legal date.
    pub to: Date,
    /// Path of an area, with everything below it.
    pub area_path: Option<String>,
    /// Code of a pollutant.
    pub pollutant: Option<String>,
    /// A mode.
    pub mode: Option<String>,
}

/// A trade whose settlement was reversed does not count. Few journals ever are.
const STANDING: &str =
    "s.journal_id NOT IN (SELECT r.reverses_id FROM journals r WHERE r.book_id = $1 AND r.reverses_id IS NOT NULL)";

impl Part {
    /// The condition and what it binds.
    fn condition(&self) -> (String, Vec<Value>) {
        let mut text = format!("{STANDING} AND s.settled_on >= $2 AND s.settled_on <= $3");
        let mut values: Vec<Value> = vec![BOOK.0.into(), self.from.to_string().into(), self.to.to_string().into()];
        if let Some(path) = &self.area_path {
            values.push(path.as_str().into());
            let at = values.len();
            let within = format!("substr(s.area_path, 1, length(${at}) + 1) = ${at} || '/'");
            text = format!("{text} AND (s.area_path = ${at} OR {within})");
        }
        for (column, value) in [("pollutant", &self.pollutant), ("mode", &self.mode)] {
            if let Some(value) = value {
                values.push(value.as_str().into());
                text = format!("{text} AND s.{column} = ${}", values.len());
            }
        }
        (text, values)
    }
}

/// The month of a legal date.
const MONTH: &str = "substr(s.settled_on, 1, 7)";

/// How finely what was settled is told.
#[derive(Debug, Clone, Copy)]
pub struct Grain<'g> {
    /// By periods of this cycle.
    pub cycle: Cycle,
    /// Everything as of this area; by the areas where it lies when absent.
    pub told_as: Option<&'g str>,
}

impl Grain<'_> {
    fn period(self) -> &'static str {
        match self.cycle {
            Cycle::Month => MONTH,
            Cycle::Quarter => {
                "substr(s.settled_on, 1, 4) || '-Q' || ((CAST(substr(s.settled_on, 6, 2) AS integer) + 2) / 3)"
            }
            Cycle::Year => "substr(s.settled_on, 1, 4)",
        }
    }

    /// The area, and with what it binds.
    fn area(self, values: &mut Vec<Value>) -> String {
        match self.told_as {
            None => "s.area_path".to_owned(),
            Some(path) => {
                values.push(path.into());
                format!("CAST(${} AS text)", values.len())
            }
        }
    }
}

/// Sums by period, pollutant, area and mode.
///
/// # Errors
/// A fault of the database.
pub async fn lines(books: &impl ConnectionTrait, part: &Part, grain: Grain<'_>) -> Result<Vec<PeriodLine>, Failure> {
    let (condition, mut values) = part.condition();
    let (period, area) = (grain.period(), grain.area(&mut values));
    let sql = format!(
        "SELECT {period} AS period, s.pollutant, {area} AS area_path, s.mode, CAST(SUM(s.quantity) AS bigint) AS volume, \
         CAST(SUM(s.total) AS bigint) AS turnover, COUNT(*) AS trades, MIN(s.unit_price) AS lowest, \
         MAX(s.unit_price) AS highest FROM settled_trades s WHERE {condition} GROUP BY 1, 2, 3, 4"
    );
    let read = |row: &QueryResult| -> Result<PeriodLine, Failure> {
        Ok(PeriodLine {
            period: period_of(row)?,
            pollutant: row.try_get("", "pollutant")?,
            area_path: row.try_get("", "area_path")?,
            mode: row.try_get("", "mode")?,
            volume: row.try_get("", "volume")?,
            turnover: row.try_get("", "turnover")?,
            trades: row.try_get("", "trades")?,
            lowest: row.try_get("", "lowest")?,
            highest: row.try_get("", "highest")?,
        })
    };
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    books.query_all_raw(statement).await?.iter().map(read).collect()
}

/// The mean price by volume of a pollutant in a period, everywhere and by every mode, as the statistics tell it, in CNY per display unit;
/// none where nothing was settled.
///
/// # Errors
/// A fault of the database, or of ours when the mean cannot be counted.
pub async fn mean_price(
    books: &impl ConnectionTrait,
    period: Period,
    pollutant: &str,
    measure: &Measure,
) -> Result<Option<Price>, Failure> {
    let (from, to) = (period.first_day(), period.last_day());
    let part = Part { from, to, area_path: None, pollutant: Some(pollutant.to_owned()), mode: None };
    let mut figures = Figures::default();
    for line in lines(books, &part, Grain { cycle: period.cycle(), told_as: None }).await? {
        figures.take_line(&line);
    }
    let price = |fen| Price::try_new(i64::try_from(fen).map_err(Failure::bug)?).map_err(Failure::bug);
    figures.mean(measure).map(price).transpose()
}

/// Who took part, by period, pollutant, area and mode.
///
/// # Errors
/// A fault of the database.
pub async fn parties(books: &impl ConnectionTrait, part: &Part, grain: Grain<'_>) -> Result<Vec<PeriodParty>, Failure> {
    let (condition, mut values) = part.condition();
    let (period, area) = (grain.period(), grain.area(&mut values));
    let of = |column: &str, is_buyer: u8| {
        format!(
            "SELECT DISTINCT {period} AS period, s.pollutant, {area} AS area_path, s.mode, CAST({is_buyer} AS bigint) AS is_buyer, \
             s.{column} AS party FROM settled_trades s WHERE {condition}"
        )
    };
    let sql = format!("{} UNION ALL {}", of("buyer_id", 1), of("seller_id", 0));
    let read = |row: &QueryResult| -> Result<PeriodParty, Failure> {
        Ok(PeriodParty {
            period: period_of(row)?,
            pollutant: row.try_get("", "pollutant")?,
            area_path: row.try_get("", "area_path")?,
            mode: row.try_get("", "mode")?,
            is_buyer: row.try_get::<i64>("", "is_buyer")? == 1,
            party: row.try_get("", "party")?,
        })
    };
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    books.query_all_raw(statement).await?.iter().map(read).collect()
}

/// What was traded by month and pollutant, from the beginning to a day.
///
/// # Errors
/// A fault of the database.
pub async fn months(books: &impl ConnectionTrait, to: Date) -> Result<Months, Failure> {
    let part = Part { from: Date::ZERO, to, area_path: None, pollutant: None, mode: None };
    let (condition, values) = part.condition();
    let sql = format!(
        "SELECT {MONTH} AS period, s.pollutant, CAST(SUM(s.quantity) AS bigint) AS volume, \
         CAST(SUM(s.total) AS bigint) AS turnover FROM settled_trades s WHERE {condition} GROUP BY 1, 2"
    );
    let read = |row: &QueryResult| -> Result<((Period, String), Cell), Failure> {
        let (volume, turnover): (i64, i64) = (row.try_get("", "volume")?, row.try_get("", "turnover")?);
        let cell = Cell { turnover: turnover.into(), volume: volume.into() };
        Ok(((period_of(row)?, row.try_get("", "pollutant")?), cell))
    };
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    books.query_all_raw(statement).await?.iter().map(read).collect()
}

fn period_of(row: &QueryResult) -> Result<Period, Failure> {
    let text: String = row.try_get("", "period")?;
    Period::parse(&text).ok_or_else(|| Failure::bug(format!("{text} is no period")))
}
