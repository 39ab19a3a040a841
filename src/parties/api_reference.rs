//! Reference data: areas, basins, pollutants, the working-day calendar, and the right classes made so far.

use super::error::PartyRefusal;
use super::place::{Area, Medium, Pollutant, measure, plain_code};
use super::queries::{self, ClassRecord};
use super::reference::{self, NewArea, Reference};
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::calendar::DayKind;
use accounting::{Origin, Product};
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(RegisteredReference, AreaView, BasinView, PollutantView, RightClassView);

/// Most items of one kind in a load; a province with all its townships goes in one request.
const MOST_ITEMS: usize = 2_000;
/// What a listed day may be.
pub const DAY_WORDS: &[&str] = &["holiday", "working_day"];
/// Where a pollutant may go.
pub const MEDIUM_WORDS: &[&str] = &["water", "air"];

/// The operations on reference data.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_reference))
        .routes(routes!(list_areas))
        .routes(routes!(list_basins))
        .routes(routes!(list_pollutants))
        .routes(routes!(list_right_classes))
}

/// A basin (流域) to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBasin {
    /// Its code: capital letters and digits.
    #[schema(example = "LUSHUI", pattern = "^[A-Z0-9]{1,32}$")]
    pub code: String,
    /// Its name.
    #[schema(example = "陆水")]
    pub name: String,
}

/// An administrative area to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterArea {
    /// Its code by GB/T 2260, or that of a development zone.
    #[schema(example = "421222", pattern = "^[A-Z0-9]{1,32}$")]
    pub code: String,
    /// Its name.
    #[schema(example = "通城县")]
    pub name: String,
    /// Code of the area it lies in, registered already or earlier in the list; none for a province.
    #[schema(example = "421200")]
    pub parent: Option<String>,
    /// Code of the basin it drains to.
    #[schema(example = "LUSHUI")]
    pub basin: Option<String>,
}

/// A pollutant to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPollutant {
    /// Its code: capital letters and digits.
    #[schema(example = "TP", pattern = "^[A-Z0-9]{1,32}$")]
    pub code: String,
    /// Chinese name.
    #[schema(example = "总磷")]
    pub name_zh: String,
    /// English name.
    #[schema(example = "Total phosphorus")]
    pub name_en: String,
    /// `water`: its rights trade within a basin; `air`: within a city.
    #[schema(example = "water")]
    pub medium: String,
    /// Unit in which quantities are written.
    #[schema(example = "t")]
    pub unit: String,
    /// Grams in one such unit: a power of ten.
    #[schema(example = 1_000_000, minimum = 1, maximum = 1_000_000_000_000i64)]
    #[serde(deserialize_with = "crate::http::field::whole")]
    pub grams_per_unit: i64,
    /// Decimals that a quantity may carry; no more than the zeros of `grams_per_unit`.
    #[schema(example = 3, minimum = 0, maximum = 12)]
    #[serde(deserialize_with = "crate::http::field::whole")]
    pub decimals: u32,
}

/// A day that does not follow the week.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterDay {
    /// The day.
    #[schema(format = Date, example = "2022-10-01")]
    pub date: String,
    /// `holiday`, or `working_day` for a weekend day that is worked (调休).
    #[schema(example = "holiday", extensions(("x-words" = json!(DAY_WORDS))))]
    pub kind: String,
}

/// Reference data to register, all or nothing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterReference {
    /// Basins; at most 2,000.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub basins: Vec<RegisterBasin>,
    /// Areas, parents first; at most 2,000.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub areas: Vec<RegisterArea>,
    /// Pollutants; at most 2,000.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub pollutants: Vec<RegisterPollutant>,
    /// Holidays and worked weekend days, as the State Council announces them each year; a day that is known is replaced.
    /// At most 2,000.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub calendar_days: Vec<RegisterDay>,
}

/// Notes a list that is too long; unlike most lists, one of reference data may be left out.
fn at_most<'a, T>(fields: &mut Fields, field: &str, items: &'a [T]) -> &'a [T] {
    if items.is_empty() { items } else { fields.count(field, items, MOST_ITEMS) }
}

impl RegisterReference {
    fn read(&self) -> Result<Reference, Failure> {
        let mut fields = Fields::default();
        let reference = Reference {
            basins: self.read_basins(&mut fields),
            areas: self.read_areas(&mut fields),
            pollutants: self.read_pollutants(&mut fields),
            days: self.read_days(&mut fields),
        };
        fields.finish(Some(reference))
    }

    fn read_basins(&self, fields: &mut Fields) -> Vec<(String, String)> {
        let items = at_most(fields, "basins", &self.basins).iter().enumerate();
        let read = items.filter_map(|(at, item)| {
            let code = fields.take(&format!("basins[{at}].code"), plain_code(&item.code));
            let name = fields.text(&format!("basins[{at}].name"), &item.name);
            code.zip(name)
        });
        read.collect()
    }

    fn read_areas(&self, fields: &mut Fields) -> Vec<NewArea> {
        let items = at_most(fields, "areas", &self.areas).iter().enumerate();
        let read = items.filter_map(|(at, item)| {
            let code = fields.take(&format!("areas[{at}].code"), plain_code(&item.code));
            let name = fields.text(&format!("areas[{at}].name"), &item.name);
            let parent = fields.optional_text(&format!("areas[{at}].parent"), item.parent.as_deref());
            let basin = fields.optional_text(&format!("areas[{at}].basin"), item.basin.as_deref());
            code.zip(name).map(|(code, name)| NewArea { code, name, parent, basin })
        });
        read.collect()
    }

    fn read_pollutants(&self, fields: &mut Fields) -> Vec<Pollutant> {
        let items = at_most(fields, "pollutants", &self.pollutants).iter().enumerate();
        items.filter_map(|(at, item)| item.read(fields, &format!("pollutants[{at}]"))).collect()
    }

    fn read_days(&self, fields: &mut Fields) -> Vec<(Date, DayKind)> {
        let mut named = HashSet::new();
        let items = at_most(fields, "calendar_days", &self.calendar_days).iter().enumerate();
        let read = items.filter_map(|(at, item)| {
            let day = fields.date(&format!("calendar_days[{at}].date"), &item.date);
            let kind = fields.word(&format!("calendar_days[{at}].kind"), &item.kind, DayKind::parse, DAY_WORDS);
            if day.is_some_and(|day| !named.insert(day)) {
                let twice = PartyRefusal::NamedTwice { name: item.date.clone() };
                fields.take::<(), _>(&format!("calendar_days[{at}].date"), Err(twice));
            }
            day.zip(kind)
        });
        read.collect()
    }
}

impl RegisterPollutant {
    fn read(&self, fields: &mut Fields, at: &str) -> Option<Pollutant> {
        let code = fields.take(&format!("{at}.code"), plain_code(&self.code));
        let name_zh = fields.text(&format!("{at}.name_zh"), &self.name_zh);
        let name_en = fields.text(&format!("{at}.name_en"), &self.name_en);
        let medium = fields.word(&format!("{at}.medium"), &self.medium, Medium::parse, MEDIUM_WORDS);
        let unit = fields.text(&format!("{at}.unit"), &self.unit);
        let measure = fields.take(at, measure(unit.unwrap_or_default(), self.grams_per_unit, self.decimals));
        let read = code.zip(name_zh).zip(name_en).zip(medium).zip(measure);
        read.map(|((((code, name_zh), name_en), medium), measure)| Pollutant {
            code,
            name_zh,
            name_en,
            medium,
            measure,
        })
    }
}

/// How much reference data was registered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RegisteredReference {
    /// Basins.
    #[schema(example = 5)]
    pub basins: usize,
    /// Areas.
    #[schema(example = 9)]
    pub areas: usize,
    /// Pollutants.
    #[schema(example = 0)]
    pub pollutants: usize,
    /// Days of the calendar.
    #[schema(example = 35)]
    pub calendar_days: usize,
}

impl From<&Reference> for RegisteredReference {
    fn from(reference: &Reference) -> Self {
        Self {
            basins: reference.basins.len(),
            areas: reference.areas.len(),
            pollutants: reference.pollutants.len(),
            calendar_days: reference.days.len(),
        }
    }
}

/// Register basins, areas, pollutants and days of the calendar, all or nothing.
#[utoipa::path(post, path = "/reference", tag = "reference", operation_id = "register_reference",
    request_body = RegisterReference, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_reference"))),
    responses((status = 201, description = "Registered", body = RegisteredReference)))]
async fn register_reference(
    State(shared): State<Shared>,
    command: Command<RegisterReference>,
) -> Reply<RegisteredReference> {
    let permit = command.caller.may(Action::RegisterReference)?;
    let reference = command.body.read()?;
    let registered = shared
        .db
        .run_once(&permit, &command.key, &reference, |work, reference| {
            Box::pin(async move {
                reference::register_reference(work, reference).await?;
                Ok(RegisteredReference::from(reference))
            })
        })
        .await?;
    Ok(Answer::plainly_created(registered))
}

/// An administrative area.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Area)]
pub struct AreaView {
    /// Its identity; owns the accounts of its capacity.
    pub id: Uuid,
    /// Its code by GB/T 2260, or that of a development zone.
    #[schema(example = "421222")]
    pub code: String,
    /// Its name.
    #[schema(example = "通城县")]
    pub name: String,
    /// Code of the area it lies in; none for a province.
    #[schema(example = "421200")]
    pub parent: Option<String>,
    /// Codes from the province down.
    #[schema(example = "420000/421200/421222")]
    pub path: String,
    /// Code of the basin it drains to.
    #[schema(example = "LUSHUI")]
    pub basin: Option<String>,
}

impl From<Area> for AreaView {
    fn from(area: Area) -> Self {
        Self {
            id: area.id.0,
            parent: area.path.rsplit('/').nth(1).map(str::to_owned),
            code: area.code,
            name: area.name,
            path: area.path,
            basin: area.basin,
        }
    }
}

/// A basin (流域): rights of water pollutants trade within it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Basin)]
pub struct BasinView {
    /// Its code.
    #[schema(example = "LUSHUI")]
    pub code: String,
    /// Its name.
    #[schema(example = "陆水")]
    pub name: String,
}

impl From<(String, String)> for BasinView {
    fn from((code, name): (String, String)) -> Self {
        Self { code, name }
    }
}

/// A pollutant whose rights are counted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Pollutant)]
pub struct PollutantView {
    /// Its code.
    #[schema(example = "COD")]
    pub code: String,
    /// Chinese name.
    #[schema(example = "化学需氧量")]
    pub name_zh: String,
    /// English name.
    #[schema(example = "Chemical oxygen demand")]
    pub name_en: String,
    /// `water`: its rights trade within a basin; `air`: within a city.
    #[schema(example = "water")]
    pub medium: String,
    /// Unit in which quantities are written.
    #[schema(example = "t")]
    pub unit: String,
    /// Grams in one such unit.
    #[schema(example = 1_000_000)]
    pub grams_per_unit: i64,
    /// Decimals that a quantity may carry.
    #[schema(example = 3)]
    pub decimals: u32,
}

impl From<Pollutant> for PollutantView {
    fn from(pollutant: Pollutant) -> Self {
        Self {
            code: pollutant.code,
            name_zh: pollutant.name_zh,
            name_en: pollutant.name_en,
            medium: pollutant.medium.as_str().to_owned(),
            unit: pollutant.measure.unit,
            grams_per_unit: pollutant.measure.grams_per_unit,
            decimals: pollutant.measure.decimals,
        }
    }
}

/// A list that is short enough to be given whole.
fn whole<T, V: From<T>>(items: impl IntoIterator<Item = T>) -> Answer<Listing<V>> {
    Answer::plain(Listing { items: items.into_iter().map(V::from).collect(), next_cursor: None })
}

/// All areas, each after the one it lies in.
#[utoipa::path(get, path = "/areas", tag = "reference", operation_id = "list_areas", security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "All areas in the order of their paths", body = Listing<AreaView>)))]
async fn list_areas(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
) -> Reply<Listing<AreaView>> {
    caller.may(Action::ReadReference)?;
    Ok(whole(queries::list_areas(shared.db.reader()).await?))
}

/// All basins.
#[utoipa::path(get, path = "/basins", tag = "reference", operation_id = "list_basins", security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "All basins in the order of their codes", body = Listing<BasinView>)))]
async fn list_basins(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
) -> Reply<Listing<BasinView>> {
    caller.may(Action::ReadReference)?;
    Ok(whole(queries::list_basins(shared.db.reader()).await?))
}

/// All pollutants, with the unit and the decimals of their quantities.
#[utoipa::path(get, path = "/pollutants", tag = "reference", operation_id = "list_pollutants",
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "All pollutants in the order of their codes", body = Listing<PollutantView>)))]
async fn list_pollutants(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
) -> Reply<Listing<PollutantView>> {
    caller.may(Action::ReadReference)?;
    let mut pollutants: Vec<Pollutant> = queries::pollutants(shared.db.reader()).await?.into_values().collect();
    pollutants.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(whole(pollutants))
}

/// A right class (权证类别): two rights are interchangeable only within one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RightClass)]
pub struct RightClassView {
    /// Its identity; also that of its asset in the books.
    pub id: Uuid,
    /// Its code, made of all that follows.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub code: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `multi_year` (排污权) or `annual_surplus` (年度富余排放量).
    #[schema(example = "multi_year")]
    pub product: String,
    /// The compliance year of an annual surplus.
    pub year: Option<i16>,
    /// `free` or `paid`: they follow different rules on sale, pledge and take-back (财税〔2015〕61号).
    #[schema(example = "paid", extensions(("x-words" = json!(Origin::WORDS))))]
    pub origin: String,
    /// Basin code for water, city code for air: rights trade only within it.
    #[schema(example = "LUSHUI")]
    pub zone: String,
    /// First day of use.
    #[schema(format = Date, example = "2021-01-01")]
    pub valid_from: String,
    /// Last day of use.
    #[schema(format = Date, example = "2025-12-31")]
    pub valid_to: String,
    /// Unit in which its quantities are written.
    #[schema(example = "t")]
    pub unit: String,
}

impl RightClassView {
    fn new(record: ClassRecord, unit: String) -> Self {
        let (product, year) = match record.class.product {
            Product::MultiYear => ("multi_year", None),
            Product::AnnualSurplus { year } => ("annual_surplus", Some(year)),
        };
        let origin = match record.class.origin {
            Origin::Free => "free",
            Origin::Paid => "paid",
        };
        Self {
            id: record.id.0,
            code: record.class.code(),
            product: product.to_owned(),
            year,
            origin: origin.to_owned(),
            valid_from: record.class.validity.from().to_string(),
            valid_to: record.class.validity.to().to_string(),
            pollutant: record.class.pollutant,
            zone: record.class.zone,
            unit,
        }
    }
}

/// Filters of the right classes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RightClassQuery {
    /// Code of a pollutant.
    pollutant: Option<String>,
}

/// Right classes; each is made when the first right of it is allocated.
#[utoipa::path(get, path = "/right-classes", tag = "reference", operation_id = "list_right_classes",
    params(RightClassQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "Right classes in the order in which they were made", body = Listing<RightClassView>)))]
async fn list_right_classes(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<RightClassQuery>,
    Paging(page): Paging,
) -> Reply<Listing<RightClassView>> {
    caller.may(Action::ReadReference)?;
    let reader = shared.db.reader();
    queries::expect_known(reader, None, query.pollutant.as_deref()).await?;
    let pollutants = queries::pollutants(reader).await?;
    let found = queries::list_classes(reader, query.pollutant.as_deref(), &page).await?;
    let views = found.map(|record| {
        let unit = pollutants.get(&record.class.pollutant).map(|pollutant| pollutant.measure.unit.clone());
        RightClassView::new(record, unit.unwrap_or_default())
    });
    Ok(Answer::plain(views.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str) -> Vec<(String, String)> {
        let body: RegisterReference = serde_json::from_str(body).unwrap();
        let failure = body.read().unwrap_err();
        failure.violations.into_iter().map(|fault| (fault.field, fault.code.into_owned())).collect()
    }

    fn fault(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn every_fault_of_a_load_is_told_at_once_and_where_it_stands() {
        let told = faults(
            r#"{"basins": [{"code": "LU-SHUI", "name": "陆水"}], "areas": [{"code": "42/1200", "name": " "}],
                "pollutants": [{"code": "TP", "name_zh": "总磷", "name_en": "Total phosphorus", "medium": "soil",
                                "unit": "t", "grams_per_unit": 1500, "decimals": 3}],
                "calendar_days": [{"date": "2022-10-01", "kind": "holiday"}, {"date": "2022-10-01", "kind": "feast"}]}"#,
        );
        let expected = [
            fault("basins[0].code", "ORG_BAD_PLAIN_CODE"),
            fault("areas[0].code", "ORG_BAD_PLAIN_CODE"),
            fault("areas[0].name", "API_BAD_TEXT"),
            fault("pollutants[0].medium", "API_UNKNOWN_WORD"),
            fault("pollutants[0].grams_per_unit", "QTA_BAD_MEASURE"),
            fault("calendar_days[1].kind", "API_UNKNOWN_WORD"),
            fault("calendar_days[1].date", "ORG_NAMED_TWICE"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_list_that_is_left_out_is_empty() {
        let body: RegisterReference = serde_json::from_str("{}").unwrap();
        assert!(body.read().unwrap().areas.is_empty());
    }
}
