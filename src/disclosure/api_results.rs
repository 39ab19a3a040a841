//! Announcements and results, for anybody.

use super::api_answer::{Row, page};
use super::publication::{Publication, PublicationState};
use super::queries::{self, PublicationFilter};
use crate::access::Scope;
use crate::db::Db;
use crate::http::field::one_of;
use crate::http::paging::PagingParams;
use crate::http::{Filters, Language, Listing, Paging, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, TradeId};
use crate::kernel::page::{Page, PageRequest};
use crate::market::{self, Trade};
use crate::parties::words::Words;
use crate::parties::{PartyRefusal, place, queries as parties};
use crate::quota::allocation::{Allocation, AllocationState};
use crate::quota::batches::queries::list_batches;
use crate::quota::batches::{AllocationBatch, BatchState};
use crate::quota::queries::{AllocationFilter, list_allocations};
use crate::rulebook::queries::known_on;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_public_announcements)).routes(routes!(list_public_trades))
}

/// Something that is laid open to objections.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicAnnouncement {
    /// Its identity: that of the grant or the batch.
    pub id: Uuid,
    /// `allocation` or `allocation_batch`.
    #[schema(example = "allocation")]
    pub kind: String,
    /// Number of the document that grants it.
    #[schema(example = "咸环核〔2022〕118号")]
    pub document: String,
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// The site that the grant is for; none of a batch.
    #[schema(example = "通城玻璃厂区")]
    pub site: Option<String>,
    /// Code of the right class; none of a batch.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: Option<String>,
    /// Decimal string in the class's unit; none of a batch.
    #[schema(example = "12.500")]
    pub quantity: Option<String>,
    /// Display unit; none of a batch.
    #[schema(example = "t")]
    pub unit: Option<String>,
    /// How many grants.
    #[schema(example = 1)]
    pub allocations: i64,
    /// The last day on which anybody may object.
    #[schema(format = Date, example = "2022-12-08")]
    pub until: Option<String>,
}

impl Row<10> for PublicAnnouncement {
    const COLUMNS: [&'static str; 10] =
        ["id", "kind", "document", "area", "site", "right_class", "quantity", "unit", "allocations", "until"];

    fn cells(&self) -> [String; 10] {
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.id.to_string(),
            self.kind.clone(),
            self.document.clone(),
            self.area.clone(),
            told(&self.site),
            told(&self.right_class),
            told(&self.quantity),
            told(&self.unit),
            self.allocations.to_string(),
            told(&self.until),
        ]
    }
}

impl PublicAnnouncement {
    fn of_batch(batch: &AllocationBatch) -> Self {
        Self {
            id: batch.id.0,
            kind: "allocation_batch".to_owned(),
            document: batch.number.clone(),
            area: place::code_of(&batch.area_path).to_owned(),
            site: None,
            right_class: None,
            quantity: None,
            unit: None,
            allocations: batch.allocations,
            until: batch.publicised_until().map(|day| day.to_string()),
        }
    }

    fn of_allocation(allocation: &Allocation, site: Option<&String>, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(allocation.right_class)?;
        let until = match allocation.state {
            AllocationState::Proposed { publicised_until } => publicised_until.map(|day| day.to_string()),
            _ => None,
        };
        Ok(Self {
            id: allocation.id.0,
            kind: "allocation".to_owned(),
            document: allocation.document.clone(),
            area: place::code_of(&allocation.area_path).to_owned(),
            site: site.cloned(),
            right_class: Some(right_class),
            quantity: Some(allocation.quantity.print(measure)),
            unit: Some(measure.unit.clone()),
            allocations: 1,
            until,
        })
    }
}

/// The form of a public list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnnouncementQuery {
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Grants that are laid open, those of batches by their batch.
async fn announcements(db: &Db, page: &PageRequest) -> Result<Page<PublicAnnouncement>, Failure> {
    let filter = AllocationFilter { state: Some("publicised"), ..AllocationFilter::default() };
    let mut alone = *page;
    let mut items: Vec<PublicAnnouncement> = Vec::new();
    let wanted = usize::try_from(page.fetch()).map_err(Failure::bug)?;
    // Grants of a batch are told by their batch, so a page of them may have to be followed by another.
    while items.len() < wanted {
        let found = list_allocations(db, &Scope::Everything, filter, &alone).await?;
        let own: Vec<&Allocation> = found.items.iter().filter(|allocation| allocation.batch.is_none()).collect();
        let classes: Vec<_> = own.iter().map(|allocation| allocation.right_class).collect();
        let sites: Vec<_> = own.iter().map(|allocation| allocation.site).collect();
        let words = Words::of_ids(db.reader(), &classes).await?;
        let sites = parties::sites_by_id(db.reader(), &sites).await?;
        for allocation in own {
            let site = sites.get(&allocation.site).map(|site| &site.name);
            items.push(PublicAnnouncement::of_allocation(allocation, site, &words)?);
        }
        let Some(next) = found.next else { break };
        alone.after = Some(next.after);
    }
    let one_more = PageRequest { limit: page.fetch(), ..*page };
    let batches = list_batches(db, &Scope::Everything, Some("publicised"), &one_more).await?.items;
    items.extend(
        batches
            .iter()
            .filter(|batch| matches!(batch.state, BatchState::Proposed { .. }))
            .map(PublicAnnouncement::of_batch),
    );
    items.sort_unstable_by_key(|item| item.id);
    Ok(Page::cut(items, page, |item| item.id))
}

/// What is laid open to objections now: grants, and batches of grants.
#[utoipa::path(get, path = "/public/announcements", tag = "disclosure", operation_id = "list_public_announcements",
    params(AnnouncementQuery, PagingParams),
    responses((status = 200, description = "In the order in which they were proposed", content(
            (Listing<PublicAnnouncement> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_announcements(
    State(shared): State<Shared>,
    Filters(query): Filters<AnnouncementQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let found = announcements(&shared.db, &asked).await?;
    Ok(page(&found.into(), query.format.as_deref(), "announcements", language)?)
}

/// A result of the market. Of one that was withdrawn only that it was there.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicTrade {
    /// Identity of the publication.
    pub id: Uuid,
    /// `published` or `withdrawn`.
    #[schema(example = "published")]
    pub state: String,
    /// The day on which it was published.
    #[schema(format = Date, example = "2022-12-02")]
    pub published_on: Option<String>,
    /// The day on which it was withdrawn.
    #[schema(example = json!(null))]
    pub withdrawn_on: Option<String>,
    /// What it says; nothing when it was withdrawn.
    pub result: Option<PublicResult>,
}

/// What a published result says.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicResult {
    /// The legal date of the settlement.
    #[schema(format = Date, example = "2022-12-01")]
    pub settled_on: String,
    /// `negotiated`, `listing` or `auction`.
    #[schema(example = "negotiated")]
    pub mode: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the class's unit.
    #[schema(example = "2.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// CNY per display unit.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// CNY.
    #[schema(example = "17580.00")]
    pub total: String,
    /// Code of the area of the seller's site.
    #[schema(example = "421222")]
    pub seller_area: String,
    /// Code of the area of the buyer's site.
    #[schema(example = "421281")]
    pub buyer_area: String,
    /// Who sold, where the rulebook lets parties be shown.
    #[schema(example = "临江纸业有限公司")]
    pub seller: Option<String>,
    /// Who bought, where the rulebook lets parties be shown.
    #[schema(example = "通城玻璃有限公司")]
    pub buyer: Option<String>,
}

impl Row<16> for PublicTrade {
    const COLUMNS: [&'static str; 16] = [
        "id",
        "state",
        "published_on",
        "withdrawn_on",
        "settled_on",
        "mode",
        "pollutant",
        "right_class",
        "quantity",
        "unit",
        "unit_price",
        "total",
        "seller_area",
        "buyer_area",
        "seller",
        "buyer",
    ];

    fn cells(&self) -> [String; 16] {
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        let of = |cell: fn(&PublicResult) -> String| self.result.as_ref().map(cell).unwrap_or_default();
        [
            self.id.to_string(),
            self.state.clone(),
            told(&self.published_on),
            told(&self.withdrawn_on),
            of(|result| result.settled_on.clone()),
            of(|result| result.mode.clone()),
            of(|result| result.pollutant.clone()),
            of(|result| result.right_class.clone()),
            of(|result| result.quantity.clone()),
            of(|result| result.unit.clone()),
            of(|result| result.unit_price.clone()),
            of(|result| result.total.clone()),
            of(|result| result.seller_area.clone()),
            of(|result| result.buyer_area.clone()),
            of(|result| result.seller.clone().unwrap_or_default()),
            of(|result| result.buyer.clone().unwrap_or_default()),
        ]
    }
}

/// What the results of a page are told with.
struct Told {
    trades: HashMap<TradeId, Trade>,
    words: Words,
    /// Names, where the rulebook lets parties be shown.
    names: Option<HashMap<OrganisationId, String>>,
}

impl Told {
    async fn of(db: &Db, publications: &[Publication]) -> Result<Self, Failure> {
        let is_shown = |one: &&Publication| matches!(one.state, PublicationState::Published { .. });
        let ids: Vec<TradeId> = publications.iter().filter(is_shown).map(|one| one.trade).collect();
        let trades = market::queries::trades_by_id(db, &ids).await?;
        let classes: Vec<_> = trades.iter().map(|trade| trade.right_class).collect();
        let words = Words::of_ids(db.reader(), &classes).await?;
        let rulebook = known_on(db.reader(), db.clock().business_day()).await?;
        let names = if rulebook.is_some_and(|rulebook| rulebook.discloses_parties()) {
            let parties_of = |trade: &Trade| [trade.seller.organisation, trade.buyer.organisation];
            let ids: Vec<OrganisationId> = trades.iter().flat_map(parties_of).collect();
            let known = parties::organisations_by_id(db.reader(), &ids).await?;
            Some(known.into_iter().map(|(id, organisation)| (id, organisation.name)).collect())
        } else {
            None
        };
        Ok(Self { trades: trades.into_iter().map(|trade| (trade.id, trade)).collect(), words, names })
    }

    fn result(&self, publication: &Publication) -> Result<PublicResult, Failure> {
        let trade =
            self.trades.get(&publication.trade).ok_or_else(|| Failure::bug("a published trade is not there"))?;
        let (right_class, measure) = self.words.class(trade.right_class)?;
        let name = |id| self.names.as_ref().and_then(|names| names.get(&id).cloned());
        Ok(PublicResult {
            settled_on: publication.settled_on.to_string(),
            mode: trade.mode.as_str().to_owned(),
            pollutant: trade.pollutant.clone(),
            right_class,
            quantity: trade.quantity.print(measure),
            unit: measure.unit.clone(),
            unit_price: trade.unit_price.print(),
            total: trade.total.print(),
            seller_area: place::code_of(&trade.seller.area_path).to_owned(),
            buyer_area: place::code_of(&trade.buyer.area_path).to_owned(),
            seller: name(trade.seller.organisation),
            buyer: name(trade.buyer.organisation),
        })
    }

    fn view(&self, publication: &Publication) -> Result<PublicTrade, Failure> {
        let (published, withdrawn) = match &publication.state {
            PublicationState::Due => (None, None),
            PublicationState::Published { published } => (Some(published.at), None),
            PublicationState::Withdrawn { published, withdrawn, .. } => (Some(published.at), Some(withdrawn.at)),
        };
        let is_shown = matches!(publication.state, PublicationState::Published { .. });
        Ok(PublicTrade {
            id: publication.id.0,
            state: publication.state.as_str().to_owned(),
            published_on: published.map(|at| at.day().to_string()),
            withdrawn_on: withdrawn.map(|at| at.day().to_string()),
            result: if is_shown { Some(self.result(publication)?) } else { None },
        })
    }
}

/// Which results, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicTradeQuery {
    /// Code of the area of the buyers' sites, with everything below it.
    #[param(example = "421200")]
    area: Option<String>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Published results of the market: quantity, price, class and area; the parties where the rulebook lets them be shown.
#[utoipa::path(get, path = "/public/trades", tag = "disclosure", operation_id = "list_public_trades",
    params(PublicTradeQuery, PagingParams),
    responses((status = 200, description = "In the order in which they were settled", content(
            (Listing<PublicTrade> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_trades(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicTradeQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let path = match &query.area {
        None => None,
        Some(code) => {
            let found = parties::areas_by_code(shared.db.reader(), std::slice::from_ref(code)).await?;
            Some(
                found
                    .get(code)
                    .ok_or(PartyRefusal::UnknownArea { code: code.chars().take(32).collect() })?
                    .path
                    .clone(),
            )
        }
    };
    let states = ["published", "withdrawn"];
    let filter = PublicationFilter { states: &states, due_before: None, area_path: path.as_deref() };
    let found = queries::list_publications(&shared.db, &Scope::Everything, filter, &asked).await?;
    let told = Told::of(&shared.db, &found.items).await?;
    let items = found.items.iter().map(|publication| told.view(publication)).collect::<Result<Vec<_>, _>>()?;
    Ok(page(&Page { items, next: found.next }.into(), query.format.as_deref(), "trades", language)?)
}
