//! Statistics of the market.

use super::error::PriceRefusal;
use super::queries::{self, Grain, Part};
use super::statistics::{self, Figures, Key, Total, hundredths};
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::Db;
use crate::http::concern;
use crate::http::field::one_of;
use crate::http::sheet::{as_csv, download};
use crate::http::{Answer, Fields, Filters, Language, Problem, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::cycle::{Cycle, Period};
use crate::parties::{place, queries as parties};
use accounting::{Measure, decimal};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(StatisticsView);

/// Most periods of one answer: ten years of months.
pub const MOST_PERIODS: usize = 120;
/// How trades come about.
const MODES: [&str; 3] = ["negotiated", "listing", "auction"];
/// Most records of one answer.
const MOST_RECORDS: usize = 20_000;
/// The word for all modes together.
const ALL_MODES: &str = "all";

/// The operation on statistics.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_statistics))
}

/// Which figures.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// `month`, `quarter` or `year`.
    #[param(example = "month")]
    pub by: String,
    /// The first period: `2022-12`, `2022-Q4` or `2022`.
    #[param(example = "2022-01")]
    pub from: String,
    /// The last period.
    #[param(example = "2022-12")]
    pub to: String,
    /// Code of an area; the whole market when left out.
    #[param(example = "421200")]
    pub area: Option<String>,
    /// Whether every area below it is told by itself, too.
    pub below: Option<bool>,
    /// Code of a pollutant.
    #[param(example = "COD")]
    pub pollutant: Option<String>,
    /// `negotiated`, `listing` or `auction`.
    #[param(example = "negotiated")]
    pub mode: Option<String>,
    /// `json` or `csv`; `json` when left out.
    pub format: Option<String>,
}

/// Figures of one pollutant in one area and period, for one mode or for all of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatisticsRecord)]
pub struct RecordView {
    /// The record's own key: period, area, pollutant and mode.
    #[schema(example = "2022-12/421200/COD/all")]
    pub key: String,
    /// The period.
    #[schema(example = "2022-12")]
    pub period: String,
    /// Code of the area of the buyers' sites, with everything below it.
    #[schema(example = "421200")]
    pub area: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// The mode, or `all`.
    #[schema(example = "all")]
    pub mode: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// What changed hands, exactly.
    #[schema(example = "206.200")]
    pub volume: String,
    /// The same as it is published: two decimals, rounded half-up from smallest units.
    #[schema(example = "206.20")]
    pub volume_published: String,
    /// CNY.
    #[schema(example = "2966000.00")]
    pub turnover: String,
    /// CNY per display unit: turnover by volume, rounded half-up to the fen.
    #[schema(example = "14384.09")]
    pub mean_price: String,
    /// CNY per display unit.
    #[schema(example = "8790.00")]
    pub lowest_price: String,
    /// CNY per display unit.
    #[schema(example = "16000.00")]
    pub highest_price: String,
    /// How many trades.
    #[schema(example = 120)]
    pub trades: u64,
    /// How many organisations bought, each once.
    #[schema(example = 75)]
    pub buyers: u64,
    /// How many organisations sold, each once.
    #[schema(example = 12)]
    pub sellers: u64,
    /// How many organisations took part, each once.
    #[schema(example = 80)]
    pub participants: u64,
}

/// All pollutants of one unit together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatisticsTotal)]
pub struct TotalView {
    /// The total's own key: period, area and unit.
    #[schema(example = "2022-12/421200/t")]
    pub key: String,
    /// The period.
    #[schema(example = "2022-12")]
    pub period: String,
    /// Code of the area.
    #[schema(example = "421200")]
    pub area: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// What changed hands, exactly.
    #[schema(example = "206.200")]
    pub volume: String,
    /// The total as it is published: rounded half-up from smallest units, once.
    #[schema(example = "206.20")]
    pub volume_published: String,
    /// The sum of the published volumes of the pollutants, each rounded by itself.
    #[schema(example = "206.20")]
    pub components_published: String,
    /// What the published total differs from that sum; rounding explains it.
    #[schema(example = "0.00")]
    pub difference: String,
    /// CNY.
    #[schema(example = "2966000.00")]
    pub turnover: String,
    /// How many trades.
    #[schema(example = 120)]
    pub trades: u64,
    /// How many organisations bought, each once.
    #[schema(example = 75)]
    pub buyers: u64,
    /// How many organisations sold, each once.
    #[schema(example = 12)]
    pub sellers: u64,
    /// How many organisations took part, each once.
    #[schema(example = 80)]
    pub participants: u64,
}

/// Figures of the market, from settled trades alone. A period, area, pollutant or mode in which nothing was traded has no record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statistics)]
pub struct StatisticsView {
    /// `month`, `quarter` or `year`.
    #[schema(example = "month", extensions(("x-words" = json!(Cycle::WORDS))))]
    pub by: String,
    /// The first period.
    #[schema(example = "2022-01")]
    pub from: String,
    /// The last period.
    #[schema(example = "2022-12")]
    pub to: String,
    /// One for each period, area, pollutant and mode, and one for all modes together.
    pub records: Vec<RecordView>,
    /// One for each period, area and unit.
    pub totals: Vec<TotalView>,
}

/// Units as a decimal string with places of its own.
fn printed(units: i128, per_whole: i64, decimals: u32) -> Result<String, Failure> {
    Ok(decimal::print(i64::try_from(units).map_err(Failure::bug)?, per_whole, decimals))
}

fn yuan(fen: i128) -> Result<String, Failure> {
    printed(fen, 100, 2)
}

fn count(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

impl RecordView {
    fn of(key: &Key, figures: &Figures, measure: &Measure) -> Result<Self, Failure> {
        let (period, area) = (key.period.to_string(), place::code_of(&key.area_path).to_owned());
        let mode = key.mode.clone().unwrap_or_else(|| ALL_MODES.to_owned());
        let (lowest, highest) = figures.prices.unwrap_or_default();
        Ok(Self {
            key: format!("{period}/{area}/{}/{mode}", key.pollutant),
            period,
            area,
            pollutant: key.pollutant.clone(),
            mode,
            unit: measure.unit.clone(),
            volume: printed(figures.volume, measure.grams_per_unit, measure.decimals)?,
            volume_published: yuan(hundredths(figures.volume, measure))?,
            turnover: yuan(figures.turnover)?,
            mean_price: yuan(figures.mean(measure).unwrap_or_default())?,
            lowest_price: yuan(lowest.into())?,
            highest_price: yuan(highest.into())?,
            trades: count(figures.trades),
            buyers: count(figures.buyers.len()),
            sellers: count(figures.sellers.len()),
            participants: count(figures.participants()),
        })
    }
}

impl TotalView {
    fn of(
        (period, area_path, unit): (Period, String, String),
        total: &Total,
        measure: &Measure,
    ) -> Result<Self, Failure> {
        let (period, area) = (period.to_string(), place::code_of(&area_path).to_owned());
        let figures = &total.figures;
        Ok(Self {
            key: format!("{period}/{area}/{unit}"),
            period,
            area,
            unit,
            volume: printed(figures.volume, measure.grams_per_unit, measure.decimals)?,
            volume_published: yuan(total.published)?,
            components_published: yuan(total.components)?,
            difference: yuan(total.difference())?,
            turnover: yuan(figures.turnover)?,
            trades: count(figures.trades),
            buyers: count(figures.buyers.len()),
            sellers: count(figures.sellers.len()),
            participants: count(figures.participants()),
        })
    }
}

/// The periods from one to another, both of the cycle.
///
/// # Errors
/// [`PriceRefusal::BadPeriod`], [`PriceRefusal::SpanReversed`], [`PriceRefusal::SpanTooLong`].
pub fn read_periods(fields: &mut Fields, by: &str, from: &str, to: &str) -> Option<Vec<Period>> {
    let cycle = fields.word("by", by, Cycle::parse, Cycle::WORDS)?;
    let mut read = |field: &str, text: &str| {
        let bad =
            || PriceRefusal::BadPeriod { text: text.chars().take(20).collect(), cycle: cycle.as_str().to_owned() };
        fields.take(field, Period::parse(text).filter(|period| period.cycle() == cycle).ok_or_else(bad))
    };
    let (from, to) = (read("from", from), read("to", to));
    let (from, to) = from.zip(to)?;
    if to < from {
        fields.take::<(), _>("", Err(PriceRefusal::SpanReversed {}));
        return None;
    }
    let following = std::iter::successors(Some(from), |period| period.next().filter(|next| *next <= to));
    let periods: Vec<Period> = following.take(MOST_PERIODS + 1).collect();
    if periods.len() > MOST_PERIODS {
        fields.take::<(), _>("", Err(PriceRefusal::SpanTooLong { max: MOST_PERIODS.to_string() }));
        return None;
    }
    Some(periods)
}

/// Paths of the areas that are asked for: the one named, or the highest there are, and those below when they are asked for.
async fn areas_of(db: &Db, query: &StatisticsQuery) -> Result<(Option<String>, BTreeSet<String>), Failure> {
    let all = parties::list_areas(db.reader()).await?;
    let named = match &query.area {
        None => None,
        Some(code) => {
            let unknown = || PriceRefusal::UnknownArea { code: code.chars().take(32).collect() };
            Some(all.iter().find(|area| area.code == *code).ok_or_else(unknown)?.path.clone())
        }
    };
    let is_below = query.below == Some(true);
    let asked = all.into_iter().map(|area| area.path).filter(|path| match &named {
        Some(named) => {
            path == named || (is_below && path.strip_prefix(named.as_str()).is_some_and(|rest| rest.starts_with('/')))
        }
        None => is_below || !path.contains('/'),
    });
    let asked = asked.collect();
    Ok((named, asked))
}

/// The figures that are asked for.
///
/// # Errors
/// [`PriceRefusal`].
pub async fn statistics_of(db: &Db, query: &StatisticsQuery) -> Result<StatisticsView, Failure> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let mut fields = Fields::default();
    let periods = read_periods(&mut fields, &query.by, &query.from, &query.to);
    if let Some(mode) = &query.mode {
        fields.word("mode", mode, |word| MODES.contains(&word).then_some(()), &MODES);
    }
    let periods = fields.finish(periods)?;
    parties::expect_known(db.reader(), None, query.pollutant.as_deref()).await?;
    let (Some(first), Some(last)) = (periods.first().copied(), periods.last().copied()) else {
        return Err(PriceRefusal::SpanReversed {}.into());
    };
    let (area_path, asked) = areas_of(db, query).await?;
    let (pollutant, mode) = (query.pollutant.clone(), query.mode.clone());
    let part = Part { from: first.first_day(), to: last.last_day(), area_path, pollutant, mode };
    // Of one area alone nobody needs to know what lies where in it.
    let told_as = asked.first().filter(|_| asked.len() == 1).map(String::as_str);
    let grain = Grain { cycle: first.cycle(), told_as };
    // Both are read from one state of the books, so that they agree while others settle.
    let books = db.snapshot().await?;
    let lines = queries::lines(&books, &part, grain).await?;
    let took_part = queries::parties(&books, &part, grain).await?;
    books.commit().await?;
    let known = parties::pollutants(db.reader()).await?;
    let measures: HashMap<String, Measure> =
        known.into_iter().map(|(code, pollutant)| (code, pollutant.measure)).collect();
    let records = statistics::records(grain.cycle, &asked, &lines, &took_part);
    expect_few(records.len())?;
    view(query, &records, &measures)
}

/// An answer stays as large as a reader can take in.
fn expect_few(records: usize) -> Result<(), PriceRefusal> {
    if records > MOST_RECORDS { Err(PriceRefusal::TooManyRecords { max: MOST_RECORDS.to_string() }) } else { Ok(()) }
}

fn view(
    query: &StatisticsQuery,
    records: &BTreeMap<Key, Figures>,
    measures: &HashMap<String, Measure>,
) -> Result<StatisticsView, Failure> {
    let unknown = || Failure::bug("a pollutant that was traded is not registered");
    let mut by_unit: HashMap<&str, &Measure> = HashMap::new();
    let mut views = Vec::with_capacity(records.len());
    for (key, figures) in records {
        let measure = measures.get(&key.pollutant).ok_or_else(unknown)?;
        by_unit.insert(&measure.unit, measure);
        views.push(RecordView::of(key, figures, measure)?);
    }
    let total = |(place, total): ((Period, String, String), Total)| {
        let measure = *by_unit.get(place.2.as_str()).ok_or_else(unknown)?;
        TotalView::of(place, &total, measure)
    };
    let totals = statistics::totals(records, measures).into_iter().map(total).collect::<Result<_, _>>()?;
    Ok(StatisticsView { by: query.by.clone(), from: query.from.clone(), to: query.to.clone(), records: views, totals })
}

impl StatisticsView {
    /// The records as a table.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn as_csv(&self, language: Language) -> Result<Vec<u8>, Failure> {
        let columns = [
            "key",
            "period",
            "area",
            "pollutant",
            "mode",
            "unit",
            "volume",
            "volume_published",
            "turnover",
            "mean_price",
            "lowest_price",
            "highest_price",
            "trades",
            "buyers",
            "sellers",
            "participants",
        ];
        let row = |record: &RecordView| {
            let texts = [
                &record.key,
                &record.period,
                &record.area,
                &record.pollutant,
                &record.mode,
                &record.unit,
                &record.volume,
                &record.volume_published,
                &record.turnover,
                &record.mean_price,
                &record.lowest_price,
                &record.highest_price,
            ];
            let counts = [record.trades, record.buyers, record.sellers, record.participants];
            let mut cells = texts.into_iter().cloned().chain(counts.iter().map(ToString::to_string));
            std::array::from_fn(|_| cells.next().unwrap_or_default())
        };
        as_csv(columns, language, self.records.iter().map(row))
    }
}

/// Volume, turnover, prices and participants of the market by period, area, pollutant and mode, from settled trades alone.
#[utoipa::path(get, path = "/statistics", tag = "market", operation_id = "find_statistics", params(StatisticsQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The figures", content((StatisticsView = "application/json"), (String = "text/csv")))))]
async fn find_statistics(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<StatisticsQuery>,
    language: Language,
) -> Result<Response, Problem> {
    caller.may(Action::ReadReference)?;
    let found = statistics_of(&shared.db, &query).await?;
    if query.format.as_deref() != Some("csv") {
        return Ok(Answer::plain(found).into_response());
    }
    let mut response = download(found.as_csv(language)?, "statistics")?;
    concern::tell(&mut response, &found);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_so_many_records_and_no_more() {
        assert_eq!(expect_few(MOST_RECORDS), Ok(()));
        let refused = PriceRefusal::TooManyRecords { max: "20000".to_owned() };
        assert_eq!(expect_few(MOST_RECORDS + 1), Err(refused));
    }
}
