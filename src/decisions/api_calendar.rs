//! The working-day calendar.

use super::queries::{CalendarYear, find_calendar_year};
use super::{calendar, calendar_file};
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::table::Form;
use crate::http::{Answer, Filters, Reply, Shared, Signed, upload};
use crate::kernel::Failure;
use crate::kernel::calendar::DayKind;
use crate::refusals;
use axum::extract::{Request, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(CalendarView, CalendarLoaded);

/// Bytes of a file: a thousand lines, and room to spare.
const LARGEST: usize = 64 * 1024;

/// The operations of the calendar.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(register_calendar, find_calendar))
}

refusals! {
    /// What the calendar refuses.
    CalendarRefusal {
        /// A year out of the calendar of the books.
        BadYear {} => Refused "API_CALENDAR_YEAR" at "year": "须为 1900 至 9998 的年份", "must be a year from 1900 to 9998";
    }
}

/// How much a file has told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CalendarLoaded {
    /// Holidays, and weekend days that are worked.
    #[schema(example = 33)]
    pub days: usize,
    /// The years that they lie in.
    #[schema(example = json!([2023]))]
    pub years: Vec<i16>,
}

impl CalendarLoaded {
    fn of(days: &[(Date, DayKind)]) -> Self {
        let years: BTreeSet<i16> = days.iter().map(|(day, _)| day.year()).collect();
        Self { days: days.len(), years: years.into_iter().collect() }
    }
}

/// Load holidays and worked weekend days from a file: CSV in UTF-8 with the columns `date` (日期) and `kind` (类型: `holiday` or 放假,
/// `working_day` or 上班), all or nothing. They replace what was known of these days.
#[utoipa::path(post, path = "/calendars", tag = "reference", operation_id = "register_calendar",
    request_body(content = String, content_type = "text/csv", description = "The file",
        example = "date,kind\n2023-01-02,holiday\n2023-01-28,working_day\n"),
    security(("bearer" = [])), extensions(("x-permission" = json!("register_reference"))),
    responses((status = 201, description = "Loaded", body = CalendarLoaded)))]
async fn register_calendar(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    request: Request,
) -> Reply<CalendarLoaded> {
    let permit = caller.may(Action::RegisterReference)?;
    let sent = upload::read(request, &shared, &caller, LARGEST).await?;
    let read: (Vec<u64>, Vec<(Date, DayKind)>) = calendar_file::read(&sent.content)?.into_iter().unzip();
    let loaded = shared.db.run_once(&permit, &sent.key, &read, |work, (lines, days)| {
        Box::pin(async move {
            let place = |at: usize| Form::File.place(lines.get(at).copied().unwrap_or_default());
            calendar::register_days(work, days, place).await?;
            Ok(CalendarLoaded::of(days))
        })
    });
    Ok(Answer::plainly_created(loaded.await?))
}

/// A listed day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CalendarDayView {
    /// The day.
    #[schema(format = Date, example = "2022-10-01")]
    pub date: String,
    /// `holiday`, or `working_day` for a weekend day that is worked (调休).
    #[schema(example = "holiday", extensions(("x-words" = json!(["holiday", "working_day"]))))]
    pub kind: String,
}

/// What is to be known of a year's calendar.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CalendarWarning {
    /// Always `weekends_only`.
    #[schema(example = "weekends_only")]
    pub code: String,
    /// In Chinese.
    #[schema(example = "2024 年尚未录入节假日，期限仅按周末计算")]
    pub zh: String,
    /// In English.
    #[schema(example = "no holidays of 2024 are listed: deadlines count weekends only")]
    pub en: String,
}

/// The working-day calendar of a year: what is not listed follows the week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Calendar)]
pub struct CalendarView {
    /// The year.
    #[schema(example = 2022)]
    pub year: i16,
    /// Whether any of its days is listed.
    #[schema(example = true)]
    pub is_listed: bool,
    /// There while none is: deadlines then count weekends only.
    #[schema(example = json!(null))]
    pub warning: Option<CalendarWarning>,
    /// Days of the year on which offices work.
    #[schema(example = 250)]
    pub working_days: usize,
    /// The listed days in their order.
    pub days: Vec<CalendarDayView>,
}

impl From<CalendarYear> for CalendarView {
    fn from(year: CalendarYear) -> Self {
        let (number, is_listed) = (year.year, year.is_listed);
        let warning = || CalendarWarning {
            code: "weekends_only".to_owned(),
            zh: format!("{number} 年尚未录入节假日，期限仅按周末计算"),
            en: format!("no holidays of {number} are listed: deadlines count weekends only"),
        };
        let day =
            |(day, kind): &(Date, DayKind)| CalendarDayView { date: day.to_string(), kind: kind.as_str().to_owned() };
        Self {
            year: number,
            is_listed,
            warning: (!is_listed).then(warning),
            working_days: year.working_days,
            days: year.listed.iter().map(day).collect(),
        }
    }
}

/// Which year of the calendar.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// The year; that of today's business date when it is left out.
    #[param(minimum = 1900, maximum = 9998, example = 2022)]
    year: Option<i16>,
}

/// The working-day calendar of a year, with a warning while none of its holidays is listed.
#[utoipa::path(get, path = "/calendars", tag = "reference", operation_id = "find_calendar", params(CalendarQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The calendar of the year", body = CalendarView)))]
async fn find_calendar(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<CalendarQuery>,
) -> Reply<CalendarView> {
    caller.may(Action::ReadReference)?;
    let year = query.year.unwrap_or_else(|| shared.db.clock().business_day().year());
    let known = (1_900..=9_998).contains(&year).then_some(year).ok_or(CalendarRefusal::BadYear {});
    let found = find_calendar_year(shared.db.reader(), known.map_err(Failure::from)?).await?;
    Ok(Answer::plain(found.into()))
}
