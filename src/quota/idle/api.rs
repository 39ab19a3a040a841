//! The report on idle rights.

use super::queries::{UnusedFilter, UnusedRights, Used, list_unused};
use super::{Layer, idle, sum};
use crate::access::{Action, Caller, Scope, Standing};
use crate::http::concern::{self, Concerns, Party, Whose};
use crate::http::field::one_of;
use crate::http::paging::PagingParams;
use crate::http::sheet::{as_csv, column, truth};
use crate::http::{Answer, Filters, Language, Listing, Paging, Problem, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::{Pollutant, queries as parties};
use crate::rulebook::queries::known_on;
use accounting::{Measure, decimal};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Unit;
use jiff::civil::Date;
use rust_xlsxwriter::Workbook;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Stocks that are read at a time for a file.
const AT_A_TIME: u64 = 5_000;

/// The operations on idle rights.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_idle_rights))
}

/// What came on a day and stands above what the site uses.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = IdleLayer)]
pub struct LayerView {
    /// Since which day, by legal date.
    #[schema(format = Date, example = "2017-03-14")]
    pub since: String,
    /// For how many days.
    #[schema(example = 2088)]
    pub days: i32,
    /// Decimal string in the unit.
    #[schema(example = "3.600")]
    pub quantity: String,
}

/// What a site has of a class above what it uses of the pollutant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = IdleRights)]
pub struct IdleRightsView {
    /// The site.
    pub site: Uuid,
    /// Its name.
    #[schema(example = "湖北力威电工有限公司")]
    pub site_name: String,
    /// Its organisation.
    pub organisation: Uuid,
    /// Path of its area.
    #[schema(example = "420000/421200/421222")]
    pub area_path: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// What is free of the class.
    #[schema(example = "12.500")]
    pub available: String,
    /// What the site has of the pollutant in all: of every class in force, held, pledged and frozen rights among them.
    #[schema(example = "20.000")]
    pub held: String,
    /// What the site uses of the pollutant in a year; null when nobody knows.
    #[schema(example = "16.400")]
    pub used: Option<String>,
    /// How that is known: `discharge` of the last verified year, `permit` where no year is verified, `unknown`.
    #[schema(example = "discharge")]
    pub used_by: String,
    /// The verified year.
    #[schema(example = 2021)]
    pub used_in: Option<i16>,
    /// What of the free rights stands above the use.
    #[schema(example = "3.600")]
    pub unused: String,
    /// The same by the day since when, oldest first.
    pub layers: Vec<LayerView>,
    /// What of it has stood there for `idle_years` or longer; null where no rule says how long that is.
    #[schema(example = json!(null))]
    pub idle: Option<String>,
}

impl Concerns for IdleRightsView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of([Party::Organisation(self.organisation)]);
    }
}

/// What is to be known of the report.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct IdleWarning {
    /// Always `no_idle_years`.
    #[schema(example = "no_idle_years")]
    pub code: String,
    /// In Chinese.
    #[schema(example = "规则未规定闲置年限（idle_years），仅列示持有时间，不认定闲置")]
    pub zh: String,
    /// In English.
    #[schema(
        example = "no rule says after how many years rights are idle (idle_years): ages are shown, and nothing is called idle"
    )]
    pub en: String,
}

/// A page of the report.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct IdleReport {
    /// Stocks that stand above the use of their site, in the order in which they came to be.
    pub items: Vec<IdleRightsView>,
    /// Send it as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
    /// The business day of the report.
    #[schema(format = Date, example = "2022-12-01")]
    pub today: String,
    /// From how many years on rights are called idle; null where no rule says so.
    #[schema(example = json!(null))]
    pub idle_years: Option<i32>,
    /// There while no rule says so.
    pub warning: Option<IdleWarning>,
}

impl Concerns for IdleReport {
    fn concerns(&self, whose: &mut Whose) {
        self.items.concerns(whose);
    }
}

/// What the report goes by.
struct Basis {
    today: Date,
    idle_years: Option<i32>,
    pollutants: HashMap<String, Pollutant>,
}

impl Basis {
    async fn of_today(shared: &Shared) -> Result<Self, Failure> {
        let today = shared.db.clock().business_day();
        let rulebook = known_on(shared.db.reader(), today).await?;
        let idle_years = rulebook.and_then(|rulebook| rulebook.idle_years());
        Ok(Self { today, idle_years, pollutants: parties::pollutants(shared.db.reader()).await? })
    }

    fn warning(&self) -> Option<IdleWarning> {
        let warning = || {
            IdleWarning {
            code: "no_idle_years".to_owned(),
            zh: "规则未规定闲置年限（idle_years），仅列示持有时间，不认定闲置".to_owned(),
            en: "no rule says after how many years rights are idle (idle_years): ages are shown, and nothing is called idle"
                .to_owned(),
        }
        };
        self.idle_years.is_none().then(warning)
    }

    fn layer(&self, layer: &Layer, measure: &Measure) -> Result<LayerView, Failure> {
        let days = layer.since.until((Unit::Day, self.today)).map_err(Failure::bug)?.get_days();
        let quantity = decimal::print(layer.grams, measure.grams_per_unit, measure.decimals);
        Ok(LayerView { since: layer.since.to_string(), days, quantity })
    }

    fn view(&self, rights: UnusedRights) -> Result<IdleRightsView, Failure> {
        let pollutant = self.pollutants.get(&rights.class.pollutant);
        let measure = &pollutant.ok_or_else(|| Failure::bug("rights of an unknown pollutant"))?.measure;
        let print = |grams: i64| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        let (used, used_by, used_in) = match rights.used {
            Used::Discharged { year, grams } => (Some(print(grams)), "discharge", Some(year)),
            Used::Permitted { grams } => (Some(print(grams)), "permit", None),
            Used::Unknown => (None, "unknown", None),
        };
        Ok(IdleRightsView {
            site: rights.site.0,
            site_name: rights.site_name,
            organisation: rights.organisation.0,
            area_path: rights.area_path,
            right_class: rights.class.code(),
            pollutant: rights.class.pollutant,
            unit: measure.unit.clone(),
            available: print(rights.available),
            held: print(rights.held),
            used,
            used_by: used_by.to_owned(),
            used_in,
            unused: print(sum(&rights.unused)),
            layers: rights.unused.iter().map(|layer| self.layer(layer, measure)).collect::<Result<_, _>>()?,
            idle: self.idle_years.map(|years| print(idle(&rights.unused, years, self.today))),
        })
    }
}

/// Which stocks, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdleQuery {
    /// Id of a site.
    site: Option<Uuid>,
    /// `json` (in pages), `csv` or `xlsx` (whole, a row for each layer); `json` when left out.
    #[param(example = "json")]
    format: Option<String>,
}

/// The reserve looks at its whole area, where it buys back; everybody else at what is theirs anyway.
fn scope_of(caller: &Caller) -> Scope {
    match caller.scope() {
        Scope::Organisation { .. } if caller.standing == Standing::Verified => {
            Scope::Area { path: caller.area_path.clone() }
        }
        scope => scope,
    }
}

/// Multi-year rights in force that stand above what their site uses, and for how long: by the bureau and the reserve of an area, and by
/// the auditor. Ages are derived from the entries, first in, first out. It is a report alone: nothing follows from it by itself.
#[utoipa::path(get, path = "/idle-rights", tag = "quota", operation_id = "list_idle_rights", params(IdleQuery, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_idle_rights"))),
    responses((status = 200, description = "Stocks above the use of their site", content(
        (IdleReport = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
async fn list_idle_rights(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<IdleQuery>,
    Paging(page): Paging,
    language: Language,
) -> Result<Response, Problem> {
    caller.may(Action::ReadIdleRights)?;
    one_of("format", query.format.as_deref(), &["json", "csv", "xlsx"])?;
    let (scope, filter, basis) =
        (scope_of(&caller), UnusedFilter { site: query.site }, Basis::of_today(&shared).await?);
    let form = match query.format.as_deref() {
        Some("csv") => Some(Form::Csv),
        Some("xlsx") => Some(Form::Xlsx),
        _ => None,
    };
    if let Some(form) = form {
        let mut items = Vec::new();
        let mut page = PageRequest::of(AT_A_TIME);
        loop {
            let found = list_unused(&shared.db, &scope, filter, basis.today, &page).await?;
            for rights in found.items {
                items.push(basis.view(rights)?);
            }
            let Some(next) = found.next else { return Ok(file(&items, &basis, form, language)?) };
            page.after = Some(next.after);
        }
    }
    let found = list_unused(&shared.db, &scope, filter, basis.today, &page).await?;
    let items = found.items.into_iter().map(|rights| basis.view(rights)).collect::<Result<Vec<_>, _>>()?;
    let listing: Listing<IdleRightsView> = Page { items, next: found.next }.into();
    let (today, idle_years, warning) = (basis.today.to_string(), basis.idle_years, basis.warning());
    let Listing { items, next_cursor } = listing;
    Ok(Answer::plain(IdleReport { items, next_cursor, today, idle_years, warning }).into_response())
}

/// The columns of the file, in Chinese and in English.
const COLUMNS: [&str; 14] = [
    "site",
    "site_name",
    "area_path",
    "pollutant",
    "right_class",
    "unit",
    "available",
    "held",
    "used",
    "used_by",
    "since",
    "days",
    "unused",
    "is_idle",
];

/// A form of the report as a file.
#[derive(Debug, Clone, Copy)]
enum Form {
    Csv,
    Xlsx,
}

/// The report row by row: one for each layer, so that each age stands beside its quantity. Whether a layer is idle is left empty where no
/// rule says when it is.
fn rows_of(
    items: &[IdleRightsView],
    basis: &Basis,
    language: Language,
) -> Result<Vec<[String; COLUMNS.len()]>, Failure> {
    let mut rows = Vec::new();
    for rights in items {
        for layer in &rights.layers {
            let since: Date = layer.since.parse().map_err(Failure::bug)?;
            let is_idle = basis.idle_years.map(|years| idle(&[Layer { since, grams: 1 }], years, basis.today) > 0);
            rows.push([
                rights.site.to_string(),
                rights.site_name.clone(),
                rights.area_path.clone(),
                rights.pollutant.clone(),
                rights.right_class.clone(),
                rights.unit.clone(),
                rights.available.clone(),
                rights.held.clone(),
                rights.used.clone().unwrap_or_default(),
                rights.used_by.clone(),
                layer.since.clone(),
                layer.days.to_string(),
                layer.quantity.clone(),
                is_idle.map_or_else(String::new, |is_idle| truth(is_idle, language).to_owned()),
            ]);
        }
    }
    Ok(rows)
}

fn as_xlsx(names: [&str; COLUMNS.len()], rows: &[[String; COLUMNS.len()]]) -> Result<Vec<u8>, Failure> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(names) {
        sheet.write_string(0, column, name).map_err(Failure::bug)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell).map_err(Failure::bug)?;
        }
    }
    book.save_to_buffer().map_err(Failure::bug)
}

/// The report as a file.
fn file(items: &[IdleRightsView], basis: &Basis, form: Form, language: Language) -> Result<Response, Failure> {
    let rows = rows_of(items, basis, language)?;
    let (bytes, kind, ending) = match form {
        Form::Csv => (as_csv(COLUMNS, language, rows)?, "text/csv; charset=utf-8", "csv"),
        Form::Xlsx => (
            as_xlsx(COLUMNS.map(|name| column(name, language)), &rows)?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let name = format!("attachment; filename=\"idle-rights-{}.{ending}\"", basis.today);
    let mut response = bytes.into_response();
    concern::tell(&mut response, items);
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    told.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Failure::bug)?);
    Ok(response)
}
