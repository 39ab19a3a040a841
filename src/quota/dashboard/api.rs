//! The overview of an area, the trend of a cap, and who uses it.

use super::{Figures, Rolled, Step, points, queries, roll_up};
use crate::access::Action;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::CapacityId;
use crate::kernel::page::PageRequest;
use crate::parties::suspensions::{Standing, queries::standing_on};
use crate::parties::{Area, PartyRefusal, Pollutant, queries as parties};
use crate::quota::queries::{CapacityUse, list_capacities};
use crate::quota::{Capacity, QuotaRefusal};
use crate::{concerns, concerns_nobody};
use accounting::{Measure, decimal};
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(CapacityOverviewView, CapacityTrendView);
concerns!(SiteUseView: Organisation [organisation]);

/// Most points of a trend: a leap year of days, or as many months.
const MOST_POINTS: usize = 366;

/// The operations of the dashboard.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(find_capacity_overview))
        .routes(routes!(find_capacity_trend))
        .routes(routes!(list_capacity_users))
}

/// How caps are used, over one or several areas.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CapacityFigures)]
pub struct FiguresView {
    /// How many caps they are over.
    #[schema(example = 1)]
    pub caps: u32,
    /// The caps.
    #[schema(example = "766.700")]
    pub cap: String,
    /// Free.
    #[schema(example = "68.930")]
    pub headroom: String,
    /// Held for what is approved and not yet done.
    #[schema(example = "0.000")]
    pub committed: String,
    /// Used by rights.
    #[schema(example = "697.770")]
    pub used: String,
    /// In use beyond the caps, to be taken as use falls.
    #[schema(example = "0.000")]
    pub pending_reduction: String,
}

impl FiguresView {
    fn of(figures: Figures, measure: &Measure) -> Self {
        let print = |grams| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        Self {
            caps: figures.caps,
            cap: print(figures.cap),
            headroom: print(figures.headroom),
            committed: print(figures.committed),
            used: print(figures.used),
            pending_reduction: print(figures.pending_reduction),
        }
    }
}

/// A pollutant in an area.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CapacityCell {
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Display unit of the quantities, a year.
    #[schema(example = "t")]
    pub unit: String,
    /// The area's own cap, which is no sum of those below it; null where it has none.
    pub own: Option<FiguresView>,
    /// All areas below it together.
    pub below: FiguresView,
    /// The suspension that stands over the area for the pollutant today (区域限批); null when none does.
    pub suspension: Option<Uuid>,
}

/// An area with its pollutants.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AreaCapacities {
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// Its name.
    #[schema(example = "通城县")]
    pub name: String,
    /// Its pollutants in the order of their codes; those without any cap in it are left out.
    pub pollutants: Vec<CapacityCell>,
}

/// Areas by pollutants: an area, and those directly below it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapacityOverview)]
pub struct CapacityOverviewView {
    /// The area.
    #[serde(flatten)]
    pub whole: AreaCapacities,
    /// The areas directly below it in the order of their codes, each with all below it.
    pub children: Vec<AreaCapacities>,
}

/// Which area.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverviewQuery {
    /// Code of the area.
    #[param(example = "421200")]
    area: String,
}

struct Overview {
    pollutants: HashMap<String, Pollutant>,
    suspensions: Standing,
    lines: Vec<CapacityUse>,
}

impl Overview {
    fn of(&self, area: &Area) -> Result<AreaCapacities, Failure> {
        let rolled = roll_up(&area.path, &self.lines)?;
        let cells = rolled.into_iter().map(|(code, rolled)| self.cell(&area.path, code, rolled));
        let pollutants = cells.collect::<Result<Vec<_>, _>>()?;
        Ok(AreaCapacities { area: area.code.clone(), name: area.name.clone(), pollutants })
    }

    fn cell(&self, path: &str, code: String, rolled: Rolled) -> Result<CapacityCell, Failure> {
        let pollutant = self.pollutants.get(&code).ok_or_else(|| Failure::bug("an unknown pollutant"))?;
        let measure = &pollutant.measure;
        Ok(CapacityCell {
            unit: measure.unit.clone(),
            own: rolled.own.map(|own| FiguresView::of(own, measure)),
            below: FiguresView::of(rolled.below, measure),
            suspension: self.suspensions.against(pollutant, path, None).map(|suspension| suspension.id.0),
            pollutant: code,
        })
    }
}

/// Caps of an area and of those below it, by pollutant: each area's own, and what lies below it rolled up to the gram.
#[utoipa::path(get, path = "/capacity-overview", tag = "quota", operation_id = "find_capacity_overview",
    params(OverviewQuery), security(("bearer" = [])), extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "Areas by pollutants", body = CapacityOverviewView)))]
async fn find_capacity_overview(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<OverviewQuery>,
) -> Reply<CapacityOverviewView> {
    caller.may(Action::ReadReference)?;
    let connection = shared.db.reader();
    let areas = parties::list_areas(connection).await?;
    let whole = areas.iter().find(|area| area.code == query.area);
    let whole = whole.ok_or_else(|| PartyRefusal::UnknownArea { code: query.area.clone() })?;
    let overview = Overview {
        pollutants: parties::pollutants(connection).await?,
        suspensions: standing_on(connection, shared.db.clock().business_day()).await?,
        lines: queries::caps_under(&shared.db, &whole.path).await?,
    };
    let is_child = |area: &&Area| area.path.rsplit_once('/').is_some_and(|(parent, _)| parent == whole.path);
    let children = areas.iter().filter(is_child).map(|area| overview.of(area)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(CapacityOverviewView { whole: overview.of(whole)?, children }))
}

/// How a cap stood at the end of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendPoint {
    /// The day.
    #[schema(format = Date, example = "2022-12-31")]
    pub date: String,
    /// How it stood.
    #[serde(flatten)]
    pub figures: FiguresView,
}

/// How a cap was used over time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CapacityTrend)]
pub struct CapacityTrendView {
    /// The cap.
    pub capacity: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Display unit of the quantities, a year.
    #[schema(example = "t")]
    pub unit: String,
    /// In the order of the days.
    pub points: Vec<TrendPoint>,
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrendQuery {
    /// First day.
    #[param(example = "2022-01-01")]
    from: String,
    /// Last day.
    #[param(example = "2022-12-31")]
    to: String,
    /// `day`, or `month` for the end of every month; `month` when left out.
    #[param(example = "month")]
    step: Option<String>,
}

impl TrendQuery {
    fn days(&self) -> Result<Vec<Date>, Failure> {
        let mut fields = Fields::default();
        let (from, to) = (fields.date("from", &self.from), fields.date("to", &self.to));
        let known: Vec<&str> = Step::ALL.iter().map(|step| step.as_str()).collect();
        let step = match &self.step {
            Some(text) => fields.word("step", text, Step::parse, &known),
            None => Some(Step::Month),
        };
        let days = from.zip(to).zip(step).and_then(|((from, to), step)| {
            let days = points(from, to, step, MOST_POINTS);
            fields.take("", days.ok_or_else(|| QuotaRefusal::TrendTooLong { max: MOST_POINTS.to_string() }))
        });
        fields.finish(days)
    }
}

async fn find(shared: &Shared, id: CapacityId) -> Result<(Capacity, Measure), Failure> {
    let found = list_capacities(&shared.db, None, None, &PageRequest::only(id)).await?;
    let line = found.only(id, |line| line.capacity.id.0).ok_or_else(|| not_found("capacity"))?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let pollutant = pollutants.get(&line.capacity.pollutant).ok_or_else(|| Failure::bug("an unknown pollutant"))?;
    Ok((line.capacity, pollutant.measure.clone()))
}

/// How a cap and its use stood over time, by legal date: at the end of every day or month.
#[utoipa::path(get, path = "/capacities/{id}/trend", tag = "quota", operation_id = "find_capacity_trend",
    params(("id" = Uuid, Path, description = "Id of the cap"), TrendQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The trend", body = CapacityTrendView)))]
async fn find_capacity_trend(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<CapacityId>,
    Filters(query): Filters<TrendQuery>,
) -> Reply<CapacityTrendView> {
    caller.may(Action::ReadReference)?;
    let (capacity, measure) = find(&shared, id).await?;
    let points = queries::trend(&shared.db, &capacity, &query.days()?).await?;
    let point = |(day, figures): (Date, Figures)| TrendPoint {
        date: day.to_string(),
        figures: FiguresView::of(figures, &measure),
    };
    Ok(Answer::plain(CapacityTrendView {
        capacity: id.0,
        pollutant: capacity.pollutant,
        unit: measure.unit.clone(),
        points: points.into_iter().map(point).collect(),
    }))
}

/// A site and what it uses of a cap.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteUse)]
pub struct SiteUseView {
    /// The site.
    pub site: Uuid,
    /// Its organisation.
    pub organisation: Uuid,
    /// Name of the site.
    #[schema(example = "湖北力威电工有限公司")]
    pub name: String,
    /// Multi-year rights that it has, held and pledged ones among them.
    #[schema(example = "12.500")]
    pub used: String,
    /// Display unit, a year.
    #[schema(example = "t")]
    pub unit: String,
}

/// Who uses a cap, as far as you may see them, the largest first: every one to the bureaux in charge, to an enterprise its own sites.
#[utoipa::path(get, path = "/capacities/{id}/users", tag = "quota", operation_id = "list_capacity_users",
    params(("id" = Uuid, Path, description = "Id of the cap"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_books"))),
    responses((status = 200, description = "Sites by what they use, the largest first", body = Listing<SiteUseView>)))]
async fn list_capacity_users(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<CapacityId>,
    Filters(NoFilters {}): Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<SiteUseView>> {
    caller.may(Action::ReadBooks)?;
    let (capacity, measure) = find(&shared, id).await?;
    let found = queries::users(&shared.db, &caller.scope(), &capacity, &page).await?;
    let view = |line: queries::SiteUse| SiteUseView {
        site: line.site,
        organisation: line.organisation,
        name: line.name,
        used: decimal::print(line.used, measure.grams_per_unit, measure.decimals),
        unit: measure.unit.clone(),
    };
    Ok(Answer::plain(found.map(view).into()))
}
