//! Auctions, for anybody: sessions from their announcement on, what is on offer, the bids and the results. Of a session that was called off
//! only that it was there and its days.

use crate::http::answer::one;
use crate::http::extract::{RequestRefusal, not_found};
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::problem::ProblemView;
use crate::http::published::{Row, kept_for_a_while, page};
use crate::http::{Answer, Filters, Language, Listing, NoFilters, Paging, PathText, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, AuctionLotId};
use crate::kernel::page::Page;
use crate::market::auctions::api_lot_view::{LotView, name_sellers};
use crate::market::auctions::api_views::{self as views, AuctionView, AwardView, BidView};
use crate::market::auctions::{Auction, AuctionState, queries};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_public_auctions))
        .routes(routes!(find_public_auction))
        .routes(routes!(list_public_lots))
        .routes(routes!(list_public_bids))
        .routes(routes!(list_public_results))
}

fn told(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

impl Row<7> for AuctionView {
    const COLUMNS: [&'static str; 7] =
        ["id", "title", "format", "state", "registration_until", "opens_at", "closes_at"];

    fn cells(&self) -> [String; 7] {
        let days = [&self.registration_until, &self.opens_at, &self.closes_at];
        let [registration_until, opens_at, closes_at] = days.map(ToString::to_string);
        let (title, format, state) = (self.title.clone(), self.format.clone(), self.state.clone());
        [self.id.to_string(), title, format, state, registration_until, opens_at, closes_at]
    }
}

impl Row<13> for LotView {
    const COLUMNS: [&'static str; 13] = [
        "id",
        "number",
        "seller_name",
        "right_class",
        "quantity",
        "unit",
        "min_quantity",
        "max_quantity",
        "base_price",
        "state",
        "bids",
        "bidders",
        "ends_at",
    ];

    fn cells(&self) -> [String; 13] {
        [
            self.id.to_string(),
            self.number.to_string(),
            told(self.seller_name.as_ref()),
            self.right_class.clone(),
            self.quantity.clone(),
            self.unit.clone(),
            told(self.min_quantity.as_ref()),
            self.max_quantity.clone(),
            self.base_price.clone(),
            self.state.clone(),
            self.bids.to_string(),
            self.bidders.to_string(),
            self.ends_at.to_string(),
        ]
    }
}

impl Row<12> for BidView {
    const COLUMNS: [&'static str; 12] = [
        "id",
        "lot",
        "number",
        "bidder",
        "bidder_name",
        "registration",
        "price",
        "quantity",
        "commitment",
        "salt",
        "fault",
        "arrived_at",
    ];

    fn cells(&self) -> [String; 12] {
        [
            self.id.to_string(),
            self.lot.to_string(),
            self.number.to_string(),
            self.bidder.to_string(),
            told(self.bidder_name.as_ref()),
            self.registration.map(|id| id.to_string()).unwrap_or_default(),
            told(self.price.as_ref()),
            told(self.quantity.as_ref()),
            told(self.commitment.as_ref()),
            told(self.salt.as_ref()),
            told(self.fault.as_ref()),
            self.arrived_at.to_string(),
        ]
    }
}

impl Row<8> for AwardView {
    const COLUMNS: [&'static str; 8] = ["id", "lot", "place", "bidder", "bidder_name", "price", "quantity", "total"];

    fn cells(&self) -> [String; 8] {
        [
            self.id.to_string(),
            self.lot.to_string(),
            self.place.to_string(),
            self.bidder.to_string(),
            told(self.bidder_name.as_ref()),
            self.price.clone(),
            told(self.quantity.as_ref()),
            told(self.total.as_ref()),
        ]
    }
}

/// A published session.
async fn published(shared: &Shared, id: &str) -> Result<Auction, Failure> {
    let id: AuctionId = id.parse().map_err(|_| RequestRefusal::BadId { text: id.to_owned() })?;
    queries::find_published(&shared.db, id).await?.ok_or_else(|| not_found("auction").into())
}

/// The same, unless it was called off: then nothing of what was in it is told.
async fn still_told(shared: &Shared, id: &str) -> Result<Option<Auction>, Failure> {
    let found = published(shared, id).await?;
    Ok(Some(found).filter(|auction| !matches!(auction.state, AuctionState::Cancelled { .. })))
}

/// Sessions as anybody may see them: of one that was called off, its days.
async fn as_published(shared: &Shared, found: Vec<Auction>) -> Result<Vec<AuctionView>, Failure> {
    let mut told = views::auctions(shared.db.reader(), found).await?;
    for auction in told.iter_mut().filter(|auction| auction.state == "cancelled") {
        auction.title.clear();
        auction.reason = None;
        auction.rules.clear();
        auction.keys.clear();
    }
    Ok(told)
}

/// Which sessions, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicAuctionQuery {
    /// `announced`, `open`, `final`, `closed`, `ranked`, `confirmed`, `settled`, `failed` or `cancelled`.
    #[param(example = "announced")]
    state: Option<String>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Which bids, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicBidQuery {
    /// Id of a lot.
    lot: Option<Uuid>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicFormQuery {
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Sessions that are announced, and those that have gone on from there. Of one that was called off after that only its days.
#[utoipa::path(get, path = "/public/auctions", tag = "market", operation_id = "list_public_auctions",
    params(PublicAuctionQuery, OrderParams, PagingParams),
    responses((status = 200, description = "Sessions in the order of planning", content(
            (Listing<AuctionView> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match"),
        (status = 422, description = "Not a state", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_auctions(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicAuctionQuery>,
    Ordered(asked): Ordered,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    one_of("state", query.state.as_deref(), AuctionState::WORDS)?;
    let Page { items, next } = queries::list_auctions(&shared.db, query.state.as_deref(), true, &asked).await?;
    let items = as_published(&shared, items).await?;
    Ok(page(&Page { items, next }.into(), query.format.as_deref(), "auctions", language)?)
}

/// An announced session. Of one that was called off after that only its days.
#[utoipa::path(get, path = "/public/auctions/{id}", tag = "market", operation_id = "find_public_auction",
    params(("id" = Uuid, Path, description = "Id of the session")),
    responses((status = 200, description = "The session", body = AuctionView),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn find_public_auction(
    State(shared): State<Shared>,
    PathText(id): PathText,
    _filters: Filters<NoFilters>,
) -> Result<Response, Problem> {
    let found = published(&shared, &id).await?;
    let told = one(as_published(&shared, vec![found]).await?, |auction| auction)?;
    Ok(kept_for_a_while(Answer::ok(told).into_response()))
}

/// What is on offer in an announced session; nothing of one that was called off.
#[utoipa::path(get, path = "/public/auctions/{id}/lots", tag = "market", operation_id = "list_public_lots",
    params(("id" = Uuid, Path, description = "Id of the session"), PublicFormQuery, PagingParams),
    responses((status = 200, description = "Lots in the order in which they were proposed", content(
            (Listing<LotView> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match"),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_lots(
    State(shared): State<Shared>,
    PathText(id): PathText,
    Filters(query): Filters<PublicFormQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let mut told = Page { items: Vec::new(), next: None };
    if let Some(auction) = still_told(&shared, &id).await? {
        let found = queries::list_lots(&shared.db, auction.id, true, &asked).await?;
        told = Page { items: views::lots(shared.db.reader(), found.items).await?, next: found.next };
        name_sellers(&shared.db, &mut told.items).await?;
        // Why one was called off stays with its parties.
        told.items.iter_mut().for_each(|lot| lot.reason = None);
    }
    Ok(page(&told.into(), query.format.as_deref(), "lots", language)?)
}

/// The bids of an announced session: bidders by number while it goes on, the complete record once it is ranked, with names where the rulebook
/// lets parties be shown; nothing of one that was called off.
#[utoipa::path(get, path = "/public/auctions/{id}/bids", tag = "market", operation_id = "list_public_bids",
    params(("id" = Uuid, Path, description = "Id of the session"), PublicBidQuery, PagingParams),
    responses((status = 200, description = "Bids in the order of arrival", content(
            (Listing<BidView> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match"),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_bids(
    State(shared): State<Shared>,
    PathText(id): PathText,
    Filters(query): Filters<PublicBidQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let mut told = Page { items: Vec::new(), next: None };
    if let Some(auction) = still_told(&shared, &id).await? {
        let found = queries::list_bids(&shared.db, auction.id, query.lot.map(AuctionLotId), &asked).await?;
        let items = views::bids(shared.db.reader(), auction.state.is_disclosed(), found.items).await?;
        told = Page { items, next: found.next };
        views::name_bidders(&shared.db, &mut told.items).await?;
    }
    Ok(page(&told.into(), query.format.as_deref(), "bids", language)?)
}

/// The results of a session that is ranked, with the names of the bidders where the rulebook lets parties be shown.
#[utoipa::path(get, path = "/public/auctions/{id}/results", tag = "market", operation_id = "list_public_results",
    params(("id" = Uuid, Path, description = "Id of the session"), PublicFormQuery, PagingParams),
    responses((status = 200, description = "Places, lot by lot", content(
            (Listing<AwardView> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match"),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_results(
    State(shared): State<Shared>,
    PathText(id): PathText,
    Filters(query): Filters<PublicFormQuery>,
    Paging(asked): Paging,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let auction = published(&shared, &id).await?;
    let found = queries::list_awards(&shared.db, auction.id, &asked).await?;
    let mut told = Page { items: views::awards(shared.db.reader(), found.items).await?, next: found.next };
    views::name_winners(&shared.db, &mut told.items).await?;
    Ok(page(&told.into(), query.format.as_deref(), "results", language)?)
}
