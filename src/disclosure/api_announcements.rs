//! What anybody may object to, bid for or buy now, and what of it was taken back.

use crate::access::Scope;
use crate::db::Db;
use crate::http::field::one_of;
use crate::http::paging::PagingParams;
use crate::http::published::{Row, page};
use crate::http::{Filters, Language, Listing as List, Paging, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, RightClassId};
use crate::kernel::page::{Page, PageRequest};
use crate::market::auctions::auction::Auction;
use crate::market::auctions::queries::list_auctions;
use crate::market::listings::{self, Listing};
use crate::market::queries::list_laid_open;
use crate::market::{Mode, Trade};
use crate::parties::names::Names;
use crate::parties::words::Words;
use crate::parties::{place, queries as parties};
use crate::quota::allocation::{Allocation, AllocationState};
use crate::quota::batches::queries::list_batches;
use crate::quota::batches::{AllocationBatch, BatchState};
use crate::quota::queries::{AllocationFilter, list_allocations};
use accounting::decimal;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operation that needs no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_public_announcements))
}

/// Something that is laid open to objections, on sale, or to be bid for. Of what was taken back only that it was there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicAnnouncement {
    /// Its identity: that of the grant, the batch, the trade, the listing or the session.
    pub id: Uuid,
    /// `allocation`, `allocation_batch` or `trade`, which are laid open; `listing`, which is on sale; `auction`, which bidders register for.
    #[schema(
        example = "allocation",
        extensions(("x-words" = json!(["allocation", "allocation_batch", "trade", "listing", "auction"])))
    )]
    pub kind: String,
    /// `open` or `withdrawn`.
    #[schema(example = "open", extensions(("x-words" = json!(["open", "withdrawn"]))))]
    pub state: String,
    /// Number of the document that grants it, or what the session is called; empty of a trade and of a listing.
    #[schema(example = "咸环核〔2022〕118号")]
    pub document: String,
    /// Code of the area, of a trade that of the buyer's site; none of a session.
    #[schema(example = "421222")]
    pub area: String,
    /// The site that the grant is for; none of everything else.
    #[schema(example = "通城玻璃厂区")]
    pub site: Option<String>,
    /// Who sells, where the rulebook lets parties be shown.
    #[schema(example = json!(null))]
    pub seller: Option<String>,
    /// Who buys, of a trade, where the rulebook lets parties be shown.
    #[schema(example = json!(null))]
    pub buyer: Option<String>,
    /// Code of the right class; none of a batch and of a session.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: Option<String>,
    /// Decimal string in the class's unit, of a listing what is left; none of a batch and of a session.
    #[schema(example = "12.500")]
    pub quantity: Option<String>,
    /// The least that is sold of a listing to one buyer, in the class's unit.
    #[schema(example = json!(null))]
    pub minimum: Option<String>,
    /// Display unit; none of a batch and of a session.
    #[schema(example = "t")]
    pub unit: Option<String>,
    /// CNY per display unit, of a trade and of a listing.
    #[schema(example = json!(null))]
    pub unit_price: Option<String>,
    /// What the price is for: `per_unit_whole_validity` or `per_unit_year`.
    #[schema(example = json!(null), extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: Option<String>,
    /// How many grants; 0 of everything else.
    #[schema(example = 1)]
    pub allocations: i64,
    /// The first day of a listing, the day of the last approval of a trade, and the day on which bidding begins.
    #[schema(format = Date, example = json!(null))]
    pub from: Option<String>,
    /// The last day on which anybody may object, buy, or register to bid; null where no rule sets one.
    #[schema(format = Date, example = "2022-12-08")]
    pub until: Option<String>,
}

impl Row<17> for PublicAnnouncement {
    const COLUMNS: [&'static str; 17] = [
        "id",
        "kind",
        "document",
        "area",
        "site",
        "right_class",
        "quantity",
        "unit",
        "allocations",
        "until",
        "state",
        "seller",
        "buyer",
        "minimum",
        "unit_price",
        "price_basis",
        "from",
    ];

    fn cells(&self) -> [String; 17] {
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
            self.state.clone(),
            told(&self.seller),
            told(&self.buyer),
            told(&self.minimum),
            told(&self.unit_price),
            told(&self.price_basis),
            told(&self.from),
        ]
    }
}

/// The word of what stands.
const OPEN: &str = "open";
/// The word of what was taken back.
const WITHDRAWN: &str = "withdrawn";

impl PublicAnnouncement {
    fn of_batch(batch: &AllocationBatch) -> Self {
        Self {
            id: batch.id.0,
            kind: "allocation_batch".to_owned(),
            state: OPEN.to_owned(),
            document: batch.number.clone(),
            area: place::code_of(&batch.area_path).to_owned(),
            allocations: batch.allocations,
            until: batch.publicised_until().map(|day| day.to_string()),
            ..Self::default()
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
            state: OPEN.to_owned(),
            document: allocation.document.clone(),
            area: place::code_of(&allocation.area_path).to_owned(),
            site: site.cloned(),
            right_class: Some(right_class),
            quantity: Some(allocation.quantity.print(measure)),
            unit: Some(measure.unit.clone()),
            allocations: 1,
            until,
            ..Self::default()
        })
    }

    fn of_trade(trade: &Trade, state: &str, told: &Told) -> Result<Self, Failure> {
        let (right_class, measure) = told.words.class(trade.right_class)?;
        Ok(Self {
            id: trade.id.0,
            kind: "trade".to_owned(),
            state: state.to_owned(),
            area: place::code_of(&trade.buyer.area_path).to_owned(),
            seller: told.names.of(trade.seller.organisation),
            buyer: told.names.of(trade.buyer.organisation),
            right_class: Some(right_class),
            quantity: Some(trade.quantity.print(measure)),
            unit: Some(measure.unit.clone()),
            unit_price: Some(trade.unit_price.print()),
            price_basis: Some(trade.price_basis.as_str().to_owned()),
            from: trade.state.approved_at().map(|at| at.day().to_string()),
            until: trade.publicised_until.map(|day| day.to_string()),
            ..Self::default()
        })
    }

    fn of_listing(listing: &Listing, state: &str, told: &Told) -> Result<Self, Failure> {
        let (right_class, measure) = told.words.class(listing.right_class)?;
        let left = decimal::print(listing.left(), measure.grams_per_unit, measure.decimals);
        let opening = listing.state.opening();
        Ok(Self {
            id: listing.id.0,
            kind: Mode::Listing.as_str().to_owned(),
            state: state.to_owned(),
            area: place::code_of(&listing.seller.area_path).to_owned(),
            seller: told.names.of(listing.seller.organisation),
            right_class: Some(right_class),
            quantity: Some(left),
            minimum: Some(listing.minimum.print(measure)),
            unit: Some(measure.unit.clone()),
            unit_price: Some(listing.unit_price.print()),
            price_basis: Some(listing.price_basis.as_str().to_owned()),
            from: opening.map(|opening| opening.at.day().to_string()),
            until: opening.and_then(|opening| opening.last_day).map(|day| day.to_string()),
            ..Self::default()
        })
    }

    fn of_auction(auction: &Auction, state: &str) -> Self {
        Self {
            id: auction.id.0,
            kind: Mode::Auction.as_str().to_owned(),
            state: state.to_owned(),
            document: auction.title.clone(),
            from: Some(auction.opens_at.day().to_string()),
            until: Some(auction.registration_until.day().to_string()),
            ..Self::default()
        }
    }

    /// As much of it as may be told once it was taken back.
    fn taken_back(self) -> Self {
        let Self { id, kind, state, area, from, until, .. } = self;
        Self { id, kind, state, area, from, until, ..Self::default() }
    }
}

/// What announcements of the market are told with.
struct Told {
    words: Words,
    names: Names,
}

impl Told {
    async fn of(db: &Db, trades: &[Trade], listings: &[Listing]) -> Result<Self, Failure> {
        let classes = trades.iter().map(|trade| trade.right_class);
        let classes: Vec<RightClassId> = classes.chain(listings.iter().map(|listing| listing.right_class)).collect();
        let parties = trades.iter().flat_map(|trade| [trade.seller.organisation, trade.buyer.organisation]);
        let parties: Vec<OrganisationId> =
            parties.chain(listings.iter().map(|listing| listing.seller.organisation)).collect();
        Ok(Self { words: Words::of_ids(db.reader(), &classes).await?, names: Names::shown(db, &parties).await? })
    }
}

/// Grants that are laid open, those of batches by their batch.
async fn grants(db: &Db, page: &PageRequest) -> Result<Vec<PublicAnnouncement>, Failure> {
    let filter = AllocationFilter { state: Some("publicised"), ..AllocationFilter::default() };
    let mut alone = *page;
    let mut items: Vec<PublicAnnouncement> = Vec::new();
    let wanted = usize::try_from(page.limit).map_err(Failure::bug)?;
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
    let batches = list_batches(db, &Scope::Everything, Some("publicised"), page).await?.items;
    let open = batches.iter().filter(|batch| matches!(batch.state, BatchState::Proposed { .. }));
    items.extend(open.map(PublicAnnouncement::of_batch));
    Ok(items)
}

/// Trades, listings and sessions that stand, or that were taken back after they had been announced.
async fn market(db: &Db, state: &str, page: &PageRequest) -> Result<Vec<PublicAnnouncement>, Failure> {
    let is_open = state == OPEN;
    let trades = list_laid_open(db, is_open, page).await?.items;
    let (on_sale, session) =
        if is_open { (&["open", "partly_filled"][..], "announced") } else { (&["withdrawn"][..], "cancelled") };
    let listings = listings::queries::list_opened(db, on_sale, page).await?.items;
    let auctions = list_auctions(db, Some(session), true, page).await?.items;
    let told = Told::of(db, &trades, &listings).await?;
    let trades = trades.iter().map(|trade| PublicAnnouncement::of_trade(trade, state, &told));
    let listings = listings.iter().map(|listing| PublicAnnouncement::of_listing(listing, state, &told));
    let mut items = trades.chain(listings).collect::<Result<Vec<_>, _>>()?;
    items.extend(auctions.iter().map(|auction| PublicAnnouncement::of_auction(auction, state)));
    Ok(if is_open { items } else { items.into_iter().map(PublicAnnouncement::taken_back).collect() })
}

async fn announcements(db: &Db, state: &str, page: &PageRequest) -> Result<Page<PublicAnnouncement>, Failure> {
    // Of each kind one more than the page takes, so that what is merged shows whether there is a next one.
    let each = PageRequest { limit: page.fetch(), ..*page };
    let mut items = market(db, state, &each).await?;
    if state == OPEN {
        items.extend(grants(db, &each).await?);
    }
    items.sort_unstable_by_key(|item| item.id);
    Ok(Page::cut(items, page, |item| item.id))
}

/// Which announcements, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnnouncementQuery {
    /// `open`, or `withdrawn` for listings, sessions and trades that were taken back; `open` when left out.
    #[param(example = "open")]
    state: Option<String>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// What anybody may object to, buy or bid for now: grants, batches of grants and trades that are laid open, listings on sale, and sessions
/// that bidders register for.
#[utoipa::path(get, path = "/public/announcements", tag = "disclosure", operation_id = "list_public_announcements",
    params(AnnouncementQuery, PagingParams),
    responses((status = 200, description = "In the order in which they were proposed", content(
            (List<PublicAnnouncement> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_announcements(
    State(shared): State<Shared>,
    Filters(query): Filters<AnnouncementQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    one_of("state", query.state.as_deref(), &[OPEN, WITHDRAWN])?;
    let found = announcements(&shared.db, query.state.as_deref().unwrap_or(OPEN), &asked).await?;
    Ok(page(&found.into(), query.format.as_deref(), "announcements", language)?)
}
