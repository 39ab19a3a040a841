//! The price index.

use super::api::read_periods;
use super::error::PriceRefusal;
use super::fraction::print;
use super::index::{self, Months, Point, print_index};
use super::queries;
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::Db;
use crate::http::concern;
use crate::http::field::one_of;
use crate::http::sheet::{as_csv, download, truth};
use crate::http::{Answer, Fields, Filters, Language, Problem, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::cycle::Period;
use crate::rulebook::queries::known_on;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(PriceIndexView);

/// Decimals of a link.
const LINK_PLACES: u8 = 6;
/// The word for the index over all pollutants.
const OVERALL: &str = "overall";

/// The operation on the price index.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_price_index))
}

/// Which index.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PriceIndexQuery {
    /// `month`, `quarter` or `year`.
    #[param(example = "quarter")]
    pub by: String,
    /// The first period: `2022-12`, `2022-Q4` or `2022`.
    #[param(example = "2022-Q1")]
    pub from: String,
    /// The last period.
    #[param(example = "2022-Q4")]
    pub to: String,
    /// The base period; that of the rulebook when left out, and where that names none the first complete year.
    #[param(example = "2022")]
    pub base: Option<String>,
    /// The base period of an older series that this one continues: the answer then tells by what it is multiplied.
    #[param(example = "2022")]
    pub link: Option<String>,
    /// `json` or `csv`; `json` when left out.
    pub format: Option<String>,
}

/// The index of a pollutant, or over all of them, in a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceIndexPoint)]
pub struct PointView {
    /// The record's own key: period and pollutant.
    #[schema(example = "2022-Q4/COD")]
    pub key: String,
    /// The period.
    #[schema(example = "2022-Q4")]
    pub period: String,
    /// Code of the pollutant, or `overall`.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// The base period is 100; two decimals, rounded half-up once. Nothing while no price is known, or none in the base period.
    #[schema(example = "113.77")]
    pub value: Option<String>,
    /// Whether a price in it is an older one, because nothing was traded in the period.
    pub carried: bool,
}

/// A weight of the overall index.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceIndexWeight)]
pub struct WeightView {
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Grams that changed hands in the base period.
    #[schema(example = "206200000")]
    pub volume_grams: String,
    /// Fen that were paid for them.
    #[schema(example = "296600000")]
    pub turnover_fen: String,
}

/// By what a series is multiplied to continue an older one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceIndexLink)]
pub struct LinkView {
    /// Code of the pollutant, or `overall`.
    #[schema(example = "overall")]
    pub pollutant: String,
    /// The older index in the base period of this one, by a hundred; six decimals. Nothing where the older one has none.
    #[schema(example = "1.131665")]
    pub factor: Option<String>,
}

/// The base-weighted price index (Laspeyres).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceIndex)]
pub struct PriceIndexView {
    /// The base period; nothing while no year is complete.
    #[schema(example = "2022")]
    pub base: Option<String>,
    /// What the overall index weighs with.
    pub weights: Vec<WeightView>,
    /// Every pollutant and the overall index, period by period.
    pub points: Vec<PointView>,
    /// By what each series is multiplied to continue that of `link`.
    pub links: Vec<LinkView>,
}

impl PointView {
    fn of(point: &Point) -> Self {
        let pollutant = point.pollutant.clone().unwrap_or_else(|| OVERALL.to_owned());
        Self {
            key: format!("{}/{pollutant}", point.period),
            period: point.period.to_string(),
            pollutant,
            value: point.value.as_ref().map(print_index),
            carried: point.is_carried,
        }
    }
}

impl LinkView {
    fn of(point: &Point) -> Self {
        let pollutant = point.pollutant.clone().unwrap_or_else(|| OVERALL.to_owned());
        Self { pollutant, factor: point.value.as_ref().map(|value| print(value, LINK_PLACES)) }
    }
}

impl PriceIndexView {
    /// The points as a table.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn as_csv(&self, language: Language) -> Result<Vec<u8>, Failure> {
        let base = self.base.clone().unwrap_or_default();
        let row = |point: &PointView| {
            let value = point.value.clone().unwrap_or_default();
            let carried = truth(point.carried, language).to_owned();
            [point.key.clone(), base.clone(), point.period.clone(), point.pollutant.clone(), value, carried]
        };
        let columns = ["key", "base", "period", "pollutant", "value", "carried"];
        as_csv(columns, language, self.points.iter().map(row))
    }
}

/// The base period: the one asked for, that of the rulebook in force, or the first complete year.
async fn base_of(db: &Db, asked: Option<Period>, months: &Months, today: Date) -> Result<Option<Period>, Failure> {
    if let Some(asked) = asked {
        if index::basket(months, asked).is_empty() {
            return Err(PriceRefusal::EmptyBase { base: asked.to_string() }.into());
        }
        return Ok(Some(asked));
    }
    let rulebook = known_on(db.reader(), today).await?;
    let ruled = rulebook.and_then(|rulebook| rulebook.index_base_period());
    Ok(ruled.or_else(|| index::first_complete_year(months, today)))
}

/// The index that is asked for.
///
/// # Errors
/// [`PriceRefusal`].
pub async fn index_of(db: &Db, query: &PriceIndexQuery) -> Result<PriceIndexView, Failure> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let mut fields = Fields::default();
    let periods = read_periods(&mut fields, &query.by, &query.from, &query.to);
    let mut period = |field: &str, text: Option<&String>| {
        let text = text?;
        let cycle = "month, quarter or year".to_owned();
        let bad = || PriceRefusal::BadPeriod { text: text.chars().take(20).collect(), cycle };
        fields.take(field, Period::parse(text).ok_or_else(bad))
    };
    let (asked, older) = (period("base", query.base.as_ref()), period("link", query.link.as_ref()));
    let periods = fields.finish(periods)?;
    let today = db.clock().business_day();
    let months = queries::months(db.reader(), Date::MAX).await?;
    let Some(base) = base_of(db, asked, &months, today).await? else {
        return Ok(PriceIndexView { base: None, weights: Vec::new(), points: Vec::new(), links: Vec::new() });
    };
    let weight = |(pollutant, cell): (String, index::Cell)| WeightView {
        pollutant,
        volume_grams: cell.volume.to_string(),
        turnover_fen: cell.turnover.to_string(),
    };
    let links = older.map(|older| index::link(&months, older, base)).unwrap_or_default();
    Ok(PriceIndexView {
        base: Some(base.to_string()),
        weights: index::basket(&months, base).into_iter().map(weight).collect(),
        points: index::series(&months, base, &periods).iter().map(PointView::of).collect(),
        links: links.iter().map(LinkView::of).collect(),
    })
}

/// The base-weighted price index of every pollutant and over all of them, from settled trades alone.
#[utoipa::path(get, path = "/price-index", tag = "market", operation_id = "find_price_index", params(PriceIndexQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The index", content((PriceIndexView = "application/json"), (String = "text/csv")))))]
async fn find_price_index(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PriceIndexQuery>,
    language: Language,
) -> Result<Response, Problem> {
    caller.may(Action::ReadReference)?;
    let found = index_of(&shared.db, &query).await?;
    if query.format.as_deref() != Some("csv") {
        return Ok(Answer::plain(found).into_response());
    }
    let mut response = download(found.as_csv(language)?, "price-index")?;
    concern::tell(&mut response, &found);
    Ok(response)
}
