//! Results, for anybody.

use super::publication::{Publication, PublicationState};
use super::queries::{self, PublicationFilter};
use crate::access::Scope;
use crate::db::Db;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::published::{Row, page};
use crate::http::{Filters, Language, Listing, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, TradeId};
use crate::kernel::page::Page;
use crate::market::{self, Trade};
use crate::parties::names::Names;
use crate::parties::words::Words;
use crate::parties::{PartyRefusal, place, queries as parties};
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
    OpenApiRouter::new().routes(routes!(list_public_trades))
}

/// A result of the market. Of one that was withdrawn only that it was there.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicTrade {
    /// Identity of the publication.
    pub id: Uuid,
    /// `published` or `withdrawn`.
    #[schema(example = "published", extensions(("x-words" = json!(["published", "withdrawn"]))))]
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
    #[schema(example = "negotiated", extensions(("x-words" = json!(crate::market::offer::Mode::WORDS))))]
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
    names: Names,
}

impl Told {
    async fn of(db: &Db, publications: &[Publication]) -> Result<Self, Failure> {
        let is_shown = |one: &&Publication| matches!(one.state, PublicationState::Published { .. });
        let ids: Vec<TradeId> = publications.iter().filter(is_shown).map(|one| one.trade).collect();
        let trades = market::queries::trades_by_id(db, &ids).await?;
        let classes: Vec<_> = trades.iter().map(|trade| trade.right_class).collect();
        let words = Words::of_ids(db.reader(), &classes).await?;
        let parties_of = |trade: &Trade| [trade.seller.organisation, trade.buyer.organisation];
        let ids: Vec<OrganisationId> = trades.iter().flat_map(parties_of).collect();
        let names = Names::shown(db, &ids).await?;
        Ok(Self { trades: trades.into_iter().map(|trade| (trade.id, trade)).collect(), words, names })
    }

    fn result(&self, publication: &Publication) -> Result<PublicResult, Failure> {
        let trade =
            self.trades.get(&publication.trade).ok_or_else(|| Failure::bug("a published trade is not there"))?;
        let (right_class, measure) = self.words.class(trade.right_class)?;
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
            seller: self.names.of(trade.seller.organisation),
            buyer: self.names.of(trade.buyer.organisation),
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
    params(PublicTradeQuery, OrderParams, PagingParams),
    responses((status = 200, description = "In the order in which they were settled", content(
            (Listing<PublicTrade> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_trades(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicTradeQuery>,
    Ordered(asked): Ordered,
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
