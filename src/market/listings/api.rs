//! Listings at a fixed price.

use super::acts::{self, ListingProposal, PurchaseProposal};
use super::commands::{self, ListingWord, NewListing, Purchase};
use super::queries::{self, Filter};
use super::{Listing, ListingState};
use crate::access::Action;
use crate::concerns;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing as List, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{ListingId, OrganisationId, ProjectId, RightClassId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::market::api_offers::EndingReason;
use crate::market::api_trades::TradeView;
use crate::market::price::read_price_basis;
use crate::parties::words::Words;
use accounting::decimal;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ListingView: Organisation [seller]);

/// The operations on listings.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(draft_listing, list_listings))
        .routes(routes!(find_listing))
        .routes(routes!(open_listing))
        .routes(routes!(withdraw_listing))
        .routes(routes!(buy_listed))
}

/// A listing: rights at a fixed price, for whoever comes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MarketListing)]
pub struct ListingView {
    /// Its identity.
    pub id: Uuid,
    /// The seller's site.
    pub seller_site: Uuid,
    /// The seller.
    pub seller: Uuid,
    /// Whether the reserve sells.
    #[schema(example = false)]
    pub seller_is_reserve: bool,
    /// Code of the area of the seller's site.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the class's unit.
    #[schema(example = "20.000")]
    pub quantity: String,
    /// The least that is sold to one buyer; of the rest less is sold when it is all that is left.
    #[schema(example = "2.000")]
    pub minimum: String,
    /// What nobody has bought.
    #[schema(example = "12.000")]
    pub left: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// CNY per display unit.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// What the price is for: `per_unit_whole_validity` or `per_unit_year`.
    #[schema(example = "per_unit_whole_validity", extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: String,
    /// `draft`, `open`, `partly_filled`, `filled`, `withdrawn` or `expired`.
    #[schema(example = "partly_filled", extensions(("x-words" = json!(ListingState::WORDS))))]
    pub state: String,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    /// When it was drafted, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub drafted_at: Moment,
    /// When it was opened.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opened_at: Option<Moment>,
    /// The last day on which somebody may buy; null where no rule sets a period.
    #[schema(value_type = Option<String>, format = Date, example = "2022-12-22")]
    pub last_day: Option<String>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ListingView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ListingView {
    pub(super) fn of(listing: Listing, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(listing.right_class)?;
        let left = decimal::print(listing.left(), measure.grams_per_unit, measure.decimals);
        let (opening, state) = (listing.state.opening(), listing.state.as_str().to_owned());
        let reason = match listing.state {
            ListingState::Withdrawn { reason, .. } => reason,
            _ => None,
        };
        Ok(Self {
            id: listing.id.0,
            seller_site: listing.seller.site.0,
            seller: listing.seller.organisation.0,
            seller_is_reserve: listing.seller_is_reserve,
            area: listing.seller.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
            right_class,
            quantity: listing.quantity.print(measure),
            minimum: listing.minimum.print(measure),
            left,
            unit: measure.unit.clone(),
            unit_price: listing.unit_price.print(),
            price_basis: listing.price_basis.as_str().to_owned(),
            state,
            reason,
            drafted_at: listing.drafted_at,
            opened_at: opening.map(|opening| opening.at),
            last_day: opening.and_then(|opening| opening.last_day).map(|day| day.to_string()),
            version: listing.version,
        })
    }
}

/// Rights to put up at a fixed price.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftListing {
    /// Your own site.
    pub seller_site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the class's unit, more than zero.
    #[schema(example = "20.000")]
    pub quantity: String,
    /// The least that is sold to one buyer, in the class's unit, more than zero.
    #[schema(example = "2.000")]
    pub minimum: String,
    /// CNY per display unit, with at most two decimals.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// What the price is for: `per_unit_whole_validity`, or `per_unit_year` for rights of whole years; the former when left out.
    #[schema(example = "per_unit_whole_validity", extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: Option<String>,
}

impl DraftListing {
    fn read(&self, words: &Words) -> Result<NewListing, Failure> {
        let mut fields = Fields::default();
        let class: Option<(RightClassId, accounting::Measure)> =
            fields.take("", words.class_by_code(&self.right_class));
        let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &self.quantity, measure));
        let minimum = class.as_ref().and_then(|(_, measure)| fields.quantity("minimum", &self.minimum, measure));
        let unit_price = fields.price("unit_price", &self.unit_price);
        let basis = read_price_basis(&mut fields, self.price_basis.as_deref());
        let seller = SiteId(self.seller_site);
        let new = class.zip(quantity).zip(minimum).zip(unit_price).zip(basis);
        let new = new.map(|(((((right_class, _), quantity), minimum), unit_price), price_basis)| NewListing {
            seller,
            right_class,
            quantity,
            minimum,
            unit_price,
            price_basis,
        });
        fields.finish(new)
    }
}

/// Draft a listing of rights of your site. It is judged as a sale, and nothing is held before you open it.
#[utoipa::path(post, path = "/listings", tag = "market", operation_id = "draft_listing", request_body = DraftListing,
    security(("bearer" = [])), extensions(("x-permission" = json!("list_rights"))),
    responses((status = 201, description = "Drafted", body = ListingView)))]
async fn draft_listing(State(shared): State<Shared>, command: Command<DraftListing>) -> Reply<ListingView> {
    let permit = command.caller.may(Action::ListRights)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let input = ([command.body.read(&words)?], words);
    let drafted = shared.db.run_once(&permit, &command.key, &input, |work, (news, words)| {
        Box::pin(async move { ListingView::of(one(commands::draft(work, news).await?, |listing| listing)?, words) })
    });
    Ok(Answer::created(drafted.await?))
}

/// Nothing more is said of an opening.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenListing {}

/// Open your draft to whoever comes: judged again, and the whole quantity is held from now on. It ends by itself after the listing period
/// where the rules set one. Where your own organisation asks for a second person, nothing is held before that person approves.
#[utoipa::path(post, path = "/listings/{id}/open", tag = "market", operation_id = "open_listing",
    params(("id" = Uuid, Path, description = "Id of the listing")), request_body = OpenListing, security(("bearer" = [])),
    extensions(("x-permission" = json!("list_rights"))),
    responses((status = 200, description = "Open; the quantity is held", body = ListingView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn open_listing(
    State(shared): State<Shared>,
    Id(id): Id<ListingId>,
    command: Command<OpenListing>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ListRights)?;
    let wanted = acts::opening(id, &command.body, command.expected, command.caller.organisation)?;
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &ListingProposal, wanted)));
    answer(told.await?, |listing: ListingView| Answer::ok(listing).into_response())
}

/// Take your listing back, as a draft or open; what nobody bought is free again. What was bought goes on as its trades.
#[utoipa::path(post, path = "/listings/{id}/withdraw", tag = "market", operation_id = "withdraw_listing",
    params(("id" = Uuid, Path, description = "Id of the listing")), request_body = EndingReason,
    security(("bearer" = [])), extensions(("x-permission" = json!("list_rights"))),
    responses((status = 200, description = "Withdrawn", body = ListingView)))]
async fn withdraw_listing(
    State(shared): State<Shared>,
    Id(listing): Id<ListingId>,
    command: Command<EndingReason>,
) -> Reply<ListingView> {
    let permit = command.caller.may(Action::ListRights)?;
    let words = [ListingWord { listing, expected: command.expected, reason: command.body.read()? }];
    let withdrawn = shared.db.run_once(&permit, &command.key, &words, |work, words| {
        Box::pin(async move {
            let listing = one(commands::withdraw(work, words).await?, |listing| listing)?;
            let words = Words::of_ids(work.connection(), &[listing.right_class]).await?;
            ListingView::of(listing, &words)
        })
    });
    Ok(Answer::ok(withdrawn.await?))
}

/// Part of a listing to buy, or all that is left.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyListed {
    /// Your own site.
    pub buyer_site: Uuid,
    /// Id of the construction project of your site that the rights are for.
    pub project: Uuid,
    /// Decimal string in the class's unit; all that is left when left out.
    #[schema(example = "2.000")]
    pub quantity: Option<String>,
}

/// Buy from an open listing. The deposit is held and a trade is opened, which the bureaux then approve; where your own organisation asks
/// for a second person, nothing is held before that person approves.
#[utoipa::path(post, path = "/listings/{id}/purchases", tag = "market", operation_id = "buy_listed",
    params(("id" = Uuid, Path, description = "Id of the listing")), request_body = BuyListed, security(("bearer" = [])),
    extensions(("x-permission" = json!("buy_listed"))),
    responses((status = 201, description = "Matched; the deposit is held", body = TradeView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn buy_listed(
    State(shared): State<Shared>,
    Id(id): Id<ListingId>,
    command: Command<BuyListed>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::BuyListed)?;
    let listing = queries::find(&shared.db, &command.caller.scope(), id).await?.ok_or_else(|| not_found("listing"))?;
    let words = Words::of_ids(shared.db.reader(), &[listing.right_class]).await?;
    let (_, measure) = words.class(listing.right_class)?;
    let mut fields = Fields::default();
    let quantity = command.body.quantity.as_deref().and_then(|text| fields.quantity("quantity", text, measure));
    let (buyer, project) = (SiteId(command.body.buyer_site), ProjectId(command.body.project));
    let purchase = Purchase { listing: id, expected: command.expected, buyer, project, quantity };
    let purchase = fields.finish(Some(purchase))?;
    let wanted = acts::purchase(&purchase, command.caller.organisation)?;
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &PurchaseProposal, wanted)));
    answer(told.await?, |trade: TradeView| Answer::created(trade).into_response())
}

/// Filters of the listings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListingQuery {
    /// `draft`, `open`, `partly_filled`, `filled`, `withdrawn` or `expired`.
    #[param(example = "open")]
    state: Option<String>,
    /// Code of the right class.
    #[param(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    right_class: Option<String>,
    /// Id of the seller.
    seller: Option<Uuid>,
}

/// Listings: whatever was opened, and drafts of your own.
#[utoipa::path(get, path = "/listings", tag = "market", operation_id = "list_listings",
    params(ListingQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "Listings in the order of drafting", body = List<ListingView>)))]
async fn list_listings(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ListingQuery>,
    Ordered(page): Ordered,
) -> Reply<List<ListingView>> {
    caller.may(Action::ReadMarket)?;
    one_of("state", query.state.as_deref(), ListingState::WORDS)?;
    let right_class = match &query.right_class {
        None => None,
        Some(code) => {
            let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(code)).await?;
            Some(words.class_by_code(code)?.0)
        }
    };
    let filter = Filter { state: query.state, right_class, seller: query.seller.map(OrganisationId) };
    let found = queries::list(&shared.db, &caller.scope(), &filter, &page).await?;
    let ids: Vec<RightClassId> = found.items.iter().map(|listing| listing.right_class).collect();
    let words = Words::of_ids(shared.db.reader(), &ids).await?;
    let items =
        found.items.into_iter().map(|listing| ListingView::of(listing, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One listing.
#[utoipa::path(get, path = "/listings/{id}", tag = "market", operation_id = "find_listing",
    params(("id" = Uuid, Path, description = "Id of the listing")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "The listing", body = ListingView)))]
async fn find_listing(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ListingId>,
) -> Reply<ListingView> {
    caller.may(Action::ReadMarket)?;
    let listing = queries::find(&shared.db, &caller.scope(), id).await?.ok_or_else(|| not_found("listing"))?;
    let words = Words::of_ids(shared.db.reader(), &[listing.right_class]).await?;
    Ok(Answer::ok(ListingView::of(listing, &words)?))
}
