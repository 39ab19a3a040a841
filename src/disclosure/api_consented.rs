//! The settled trades of an enterprise, for a bank under its consent: what it sold and bought of the classes that the consent names. Of the
//! other party, who has consented to nothing, only what the public register tells everybody.

use super::queries::published_among;
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::Db;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{ConsentId, OrganisationId, RightClassId, SiteId, TradeId};
use crate::kernel::page::{Order, Page, PageRequest};
use crate::market::queries::list_settled_of;
use crate::market::{Side, Trade};
use crate::parties::api_consents::ConsentView;
use crate::parties::consent::TRADES;
use crate::parties::names::Names;
use crate::parties::place::code_of;
use crate::parties::words::Words;
use crate::parties::{Site, commands, queries as parties};
use axum::extract::State;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// Each page is logged by itself, as a look under the consent, before it is answered.
concerns_nobody!(SeenTrade);

/// The operation on trades under a consent.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_trades_under_consent))
}

/// A settled trade as a bank sees it under the consent of one of its parties.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeenTrade {
    /// Identity of the trade.
    pub id: Uuid,
    /// The day on which it was settled.
    #[schema(format = Date, example = "2022-12-01")]
    pub settled_on: String,
    /// `negotiated`, `listing` or `auction`.
    #[schema(example = "negotiated", extensions(("x-words" = json!(crate::market::offer::Mode::WORDS))))]
    pub mode: String,
    /// Whether the enterprise was the `seller` or the `buyer`.
    #[schema(example = "seller", extensions(("x-words" = json!(Side::WORDS))))]
    pub side: String,
    /// The enterprise's site.
    pub site: Uuid,
    /// Its name.
    pub site_name: String,
    /// Code of the right class that it gave, or got.
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
    /// What the price is for: `per_unit_whole_validity` or `per_unit_year`.
    #[schema(example = "per_unit_whole_validity", extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: String,
    /// CNY: the agreed total.
    #[schema(example = "17580.00")]
    pub total: String,
    /// Name of the other party; null unless the result is published and the rulebook lets parties be shown.
    #[schema(example = "通城玻璃")]
    pub counterparty: Option<String>,
    /// Code of the area of the other party's site; null unless the result is published.
    #[schema(example = "421222")]
    pub counterparty_area: Option<String>,
}

/// What the trades of a page are told with.
struct Told {
    organisation: OrganisationId,
    words: Words,
    sites: HashMap<SiteId, Site>,
    published: HashSet<TradeId>,
    names: Names,
}

impl Told {
    async fn of(db: &Db, organisation: OrganisationId, words: Words, trades: &[Trade]) -> Result<Self, Failure> {
        let parties_of = |trade: &Trade| [trade.seller.organisation, trade.buyer.organisation];
        let organisations: Vec<OrganisationId> = trades.iter().flat_map(parties_of).collect();
        let own: Vec<SiteId> = trades.iter().map(|trade| trade.party(side_of(trade, organisation)).site).collect();
        let ids: Vec<TradeId> = trades.iter().map(|trade| trade.id).collect();
        Ok(Self {
            organisation,
            words,
            sites: parties::sites_by_id(db.reader(), &own).await?,
            published: published_among(db, &ids).await?,
            names: Names::shown(db, &organisations).await?,
        })
    }

    fn view(&self, trade: &Trade) -> Result<SeenTrade, Failure> {
        let side = side_of(trade, self.organisation);
        let (class, other) = match side {
            Side::Seller => (trade.right_class, &trade.buyer),
            Side::Buyer => (trade.delivered_class(), &trade.seller),
        };
        let (right_class, measure) = self.words.class(class)?;
        let own = trade.party(side).site;
        let place = self.sites.get(&own).ok_or_else(|| Failure::bug("a trade of an unknown site"))?;
        let (settled_at, _) = trade.state.settled_and_closed_at();
        let settled_at =
            settled_at.ok_or_else(|| Failure::bug("a trade in the list of the settled ones is not settled"))?;
        let is_published = self.published.contains(&trade.id);
        Ok(SeenTrade {
            id: trade.id.0,
            settled_on: settled_at.day().to_string(),
            mode: trade.mode.as_str().to_owned(),
            side: side.as_str().to_owned(),
            site: own.0,
            site_name: place.name.clone(),
            right_class,
            quantity: trade.quantity.print(measure),
            unit: measure.unit.clone(),
            unit_price: trade.unit_price.print(),
            price_basis: trade.price_basis.as_str().to_owned(),
            total: trade.total.print(),
            counterparty: is_published.then(|| self.names.of(other.organisation)).flatten(),
            counterparty_area: is_published.then(|| code_of(&other.area_path).to_owned()),
        })
    }
}

/// On which side an enterprise stands.
fn side_of(trade: &Trade, organisation: OrganisationId) -> Side {
    if trade.seller.organisation == organisation { Side::Seller } else { Side::Buyer }
}

/// Look at what an enterprise has sold and bought of the right classes of its consent, the newest trades first. Every page is a look that is
/// logged before it is answered, and the enterprise sees the log.
#[utoipa::path(get, path = "/consents/{id}/trades", tag = "consents", operation_id = "list_trades_under_consent",
    params(("id" = Uuid, Path, description = "Id of the consent"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_under_consent"))),
    responses((status = 200, description = "Settled trades, the one made last first", body = Listing<SeenTrade>)))]
async fn list_trades_under_consent(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ConsentId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<SeenTrade>> {
    let permit = caller.may(Action::ReadUnderConsent)?;
    let look = shared.db.run(&permit, &id, |work, id| {
        Box::pin(async move { Ok(ConsentView::from(commands::look(work, *id, TRADES).await?)) })
    });
    let consent = look.await?;
    let (db, organisation) = (&shared.db, OrganisationId(consent.organisation));
    let words = Words::of_codes(db.reader(), &consent.right_classes).await?;
    let mut classes: Vec<RightClassId> = Vec::with_capacity(consent.right_classes.len());
    for code in &consent.right_classes {
        classes.push(words.class_by_code(code)?.0);
    }
    let newest = PageRequest { order: Order::Newest, ..page };
    let found = list_settled_of(db, organisation, &classes, &newest).await?;
    let told = Told::of(db, organisation, words, &found.items).await?;
    let items = found.items.iter().map(|trade| told.view(trade)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}
