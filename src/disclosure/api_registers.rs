//! Capacities, ratings, liens and refusals, for anybody.

use super::queries;
use crate::access::{Caller, Role, Scope};
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::published::{Row, document, page, whole};
use crate::http::sheet::as_csv;
use crate::http::{Fields, Filters, Language, Listing, Paging, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::cycle::{Cycle, Period};
use crate::kernel::ids::OrganisationId;
use crate::kernel::page::Page;
use crate::parties::facts::fact::{About, Content, FactKind};
use crate::parties::facts::queries::{FactFilter, list_facts};
use crate::parties::words::Words;
use crate::parties::{place, queries as parties};
use crate::pledge::pledge::PledgeState;
use crate::pledge::queries::list_liens;
use crate::prices::PriceRefusal;
use crate::quota::queries::list_capacities;
use accounting::{Quantity, decimal};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_public_capacities))
        .routes(routes!(list_public_ratings))
        .routes(routes!(list_public_liens))
        .routes(routes!(find_public_refusals))
}

/// A cap of an area for a pollutant, and how it is used.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicCapacity {
    /// Its identity.
    pub id: Uuid,
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Display unit, a year.
    #[schema(example = "t")]
    pub unit: String,
    /// The cap.
    #[schema(example = "1000.000")]
    pub cap: String,
    /// In use.
    #[schema(example = "120.000")]
    pub used: String,
    /// Held for what is approved.
    #[schema(example = "0.000")]
    pub committed: String,
    /// Free.
    #[schema(example = "880.000")]
    pub headroom: String,
}

impl Row<8> for PublicCapacity {
    const COLUMNS: [&'static str; 8] = ["id", "area", "pollutant", "unit", "cap", "used", "committed", "headroom"];

    fn cells(&self) -> [String; 8] {
        let texts = [&self.area, &self.pollutant, &self.unit, &self.cap, &self.used, &self.committed, &self.headroom];
        let mut cells = [self.id.to_string()].into_iter().chain(texts.into_iter().cloned());
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    }
}

/// Which capacities, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicCapacityQuery {
    /// Code of an area.
    #[param(example = "421222")]
    area: Option<String>,
    /// Code of a pollutant.
    #[param(example = "COD")]
    pollutant: Option<String>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Caps of areas and how they are used.
#[utoipa::path(get, path = "/public/capacities", tag = "disclosure", operation_id = "list_public_capacities",
    params(PublicCapacityQuery, PagingParams),
    responses((status = 200, description = "Caps in the order in which they were first set", content(
            (Listing<PublicCapacity> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_capacities(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicCapacityQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    parties::expect_known(shared.db.reader(), query.area.as_deref(), query.pollutant.as_deref()).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let found = list_capacities(&shared.db, query.area.as_deref(), query.pollutant.as_deref(), &asked).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for line in &found.items {
        let pollutant = pollutants.get(&line.capacity.pollutant);
        let measure = &pollutant.ok_or_else(|| Failure::bug("a cap of an unknown pollutant"))?.measure;
        let print = |grams| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        items.push(PublicCapacity {
            id: line.capacity.id.0,
            area: place::code_of(&line.capacity.area_path).to_owned(),
            pollutant: line.capacity.pollutant.clone(),
            unit: measure.unit.clone(),
            cap: print(line.capacity.cap),
            used: print(line.used),
            committed: print(line.committed),
            headroom: print(line.headroom),
        });
    }
    Ok(page(&Page { items, next: found.next }.into(), query.format.as_deref(), "capacities", language)?)
}

/// A rating of an enterprise or a park that stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicRating {
    /// Its identity.
    pub id: Uuid,
    /// `credit_rating` of an enterprise, or `park_rating`.
    #[schema(example = "credit_rating")]
    pub kind: String,
    /// Name of the enterprise, or of the area of the park.
    #[schema(example = "临江纸业有限公司")]
    pub name: String,
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// The level, in the words of whoever rates.
    #[schema(example = "green")]
    pub level: String,
    /// For which quarter or year.
    #[schema(example = "2022Q3")]
    pub period: String,
    /// Number of the document.
    #[schema(example = "鄂环信评〔2022〕5号")]
    pub source: String,
}

impl Row<7> for PublicRating {
    const COLUMNS: [&'static str; 7] = ["id", "kind", "name", "area", "level", "period", "source"];

    fn cells(&self) -> [String; 7] {
        let texts = [&self.kind, &self.name, &self.area, &self.level, &self.period, &self.source];
        let mut cells = [self.id.to_string()].into_iter().chain(texts.into_iter().cloned());
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    }
}

/// Which ratings, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicRatingQuery {
    /// `credit_rating` or `park_rating`; `credit_rating` when left out.
    #[param(example = "credit_rating")]
    kind: Option<String>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Environmental ratings of enterprises (环境信用评价), or of parks; those that were corrected are left out, so that a page may have
/// fewer items than asked for.
#[utoipa::path(get, path = "/public/ratings", tag = "disclosure", operation_id = "list_public_ratings",
    params(PublicRatingQuery, OrderParams, PagingParams),
    responses((status = 200, description = "Ratings in the order in which they were recorded", content(
            (Listing<PublicRating> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_ratings(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicRatingQuery>,
    Ordered(asked): Ordered,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let kinds = [FactKind::CreditRating, FactKind::ParkRating];
    one_of("kind", query.kind.as_deref(), &kinds.map(FactKind::as_str))?;
    let kind = query.kind.as_deref().and_then(FactKind::parse).unwrap_or(FactKind::CreditRating);
    let filter = FactFilter { kind: Some(kind), ..FactFilter::default() };
    let db = &shared.db;
    let found = list_facts(db.reader(), &Scope::Everything, &filter, &asked).await?;
    let organisations: Vec<OrganisationId> = found.items.iter().filter_map(|told| told.fact.organisation).collect();
    let organisations = parties::organisations_by_id(db.reader(), &organisations).await?;
    let areas = parties::list_areas(db.reader()).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for told in found.items.iter().filter(|told| told.corrected_by.is_none()) {
        let fact = &told.fact;
        // An annulment says nothing.
        let Some(Content::Rating { level, period }) = &fact.content else { continue };
        let name = match &fact.about {
            About::Area(id) => areas.iter().find(|area| area.id == *id).map(|area| area.name.clone()),
            _ => fact.organisation.and_then(|id| Some(organisations.get(&id)?.name.clone())),
        };
        items.push(PublicRating {
            id: fact.id.0,
            kind: fact.kind.as_str().to_owned(),
            name: name.unwrap_or_default(),
            area: place::code_of(&fact.area_path).to_owned(),
            level: level.clone(),
            period: period.to_string(),
            source: fact.source.clone(),
        });
    }
    Ok(page(&Page { items, next: found.next }.into(), query.format.as_deref(), "ratings", language)?)
}

/// A lien in the register: which, on what, for whom. What is owed is between its parties.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicLien {
    /// Its number in the register.
    #[schema(example = "PL-2022-000001")]
    pub number: String,
    /// Name of the pledgee.
    #[schema(example = "惠发村镇银行")]
    pub pledgee: String,
    /// The day of its registration.
    #[schema(format = Date, example = "2022-12-01")]
    pub registered_on: String,
    /// Code of the area of the site whose rights are pledged.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// What it still holds.
    #[schema(example = "100.000")]
    pub quantity: String,
    /// What it waits for behind liens before it (后顺位).
    #[schema(example = "0.000")]
    pub waiting: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
}

impl Row<8> for PublicLien {
    const COLUMNS: [&'static str; 8] =
        ["number", "pledgee", "registered_on", "area", "right_class", "quantity", "unit", "waiting"];

    fn cells(&self) -> [String; 8] {
        let Self { number, pledgee, registered_on, area, right_class, quantity, waiting, unit } = self;
        [number, pledgee, registered_on, area, right_class, quantity, unit, waiting].map(Clone::clone)
    }
}

/// The form of the register.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicLienQuery {
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Liens in force: number, quantity and pledgee, no amounts. A pledge over several classes has a line for each, in a page of its own where the
/// page ends between them.
#[utoipa::path(get, path = "/public/liens", tag = "disclosure", operation_id = "list_public_liens",
    params(PublicLienQuery, PagingParams),
    responses((status = 200, description = "Liens in the order in which they were named", content(
            (Listing<PublicLien> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_liens(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicLienQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let db = &shared.db;
    // Nobody signs in here; what may be shown of each is chosen below.
    let reader = Caller { roles: vec![Role::Auditor], ..Caller::nobody() };
    let found = list_liens(db, &reader, PledgeState::IN_FORCE, &asked).await?;
    let classes: Vec<_> = found.items.iter().map(|(_, lien)| lien.right_class).collect();
    let pledgees: Vec<OrganisationId> = found.items.iter().map(|(pledge, _)| pledge.pledgee).collect();
    let words = Words::of_ids(db.reader(), &classes).await?;
    let pledgees = parties::organisations_by_id(db.reader(), &pledgees).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for (pledge, lien) in &found.items {
        let Some(registration) = pledge.state.registration() else { continue };
        let (right_class, measure) = words.class(lien.right_class)?;
        let print = |grams| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        items.push(PublicLien {
            number: registration.number.clone(),
            pledgee: pledgees.get(&pledge.pledgee).map(|pledgee| pledgee.name.clone()).unwrap_or_default(),
            registered_on: registration.at.day().to_string(),
            area: place::code_of(&lien.area_path).to_owned(),
            right_class,
            quantity: print(lien.left().map_or(0, Quantity::grams)),
            waiting: print(lien.waiting()),
            unit: measure.unit.clone(),
        });
    }
    Ok(page(&Page { items, next: found.next }.into(), query.format.as_deref(), "liens", language)?)
}

/// How often a check refused somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicRefusal {
    /// Code of the check; what it refuses: `GET /checks`.
    #[schema(example = "TRD_NOT_ENOUGH_AVAILABLE")]
    pub code: String,
    /// How often.
    #[schema(example = 3)]
    pub count: u64,
}

/// Refusals of a period in aggregate: nobody is named.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicRefusals {
    /// The period.
    #[schema(example = "2022-12")]
    pub period: String,
    /// By check.
    pub items: Vec<PublicRefusal>,
}

/// Of which period, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicRefusalQuery {
    /// A month, a quarter or a year: `2022-12`, `2022-Q4`, `2022`.
    #[param(example = "2022-12")]
    period: String,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// How often each rule refused somebody in a period. A request that broke several counts for each of them.
#[utoipa::path(get, path = "/public/refusals", tag = "disclosure", operation_id = "find_public_refusals",
    params(PublicRefusalQuery),
    responses((status = 200, description = "Counts by check", content(
            (PublicRefusals = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn find_public_refusals(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicRefusalQuery>,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let mut fields = Fields::default();
    let bad =
        || PriceRefusal::BadPeriod { text: query.period.chars().take(20).collect(), cycle: Cycle::WORDS.join(", ") };
    let period = fields.take("period", Period::parse(&query.period).ok_or_else(bad));
    let period = fields.finish(period)?;
    let counts = queries::refusals_in(&shared.db, period).await?;
    let items: Vec<PublicRefusal> = counts.into_iter().map(|(code, count)| PublicRefusal { code, count }).collect();
    if query.format.as_deref() == Some("csv") {
        let row = |item: &PublicRefusal| [period.to_string(), item.code.clone(), item.count.to_string()];
        return Ok(document(as_csv(["period", "code", "count"], language, items.iter().map(row))?, "refusals")?);
    }
    Ok(whole(&PublicRefusals { period: period.to_string(), items })?)
}
