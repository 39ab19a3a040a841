//! What anybody may see of auctions without signing in: those that are announced, what is on offer, the bids and the results.

use super::api::AuctionQuery;
use super::api_bids::BidQuery;
use super::api_views::{self as views, AuctionView, AwardView, BidView, LotView};
use super::auction::{Auction, AuctionState};
use super::queries;
use crate::http::answer::one;
use crate::http::extract::{RequestRefusal, not_found};
use crate::http::field::one_of;
use crate::http::paging::PagingParams;
use crate::http::problem::ProblemView;
use crate::http::{Answer, Filters, Listing, NoFilters, Paging, PathText, Reply, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, AuctionLotId};
use crate::kernel::page::Page;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_public_auctions))
        .routes(routes!(find_public_auction))
        .routes(routes!(list_public_lots))
        .routes(routes!(list_public_bids))
        .routes(routes!(list_public_results))
}

/// A published session.
async fn published(shared: &Shared, id: &str) -> Result<Auction, Failure> {
    let id: AuctionId = id.parse().map_err(|_| RequestRefusal::BadId { text: id.to_owned() })?;
    queries::find_published(&shared.db, id).await?.ok_or_else(|| not_found("auction").into())
}

/// Sessions that are announced, and those that have gone on from there.
#[utoipa::path(get, path = "/public/auctions", tag = "market", operation_id = "list_public_auctions",
    params(AuctionQuery, PagingParams),
    responses((status = 200, description = "Sessions in the order of planning", body = Listing<AuctionView>),
        (status = 422, description = "Not a state", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_auctions(
    State(shared): State<Shared>,
    Filters(query): Filters<AuctionQuery>,
    Paging(page): Paging,
) -> Reply<Listing<AuctionView>> {
    one_of("state", query.state.as_deref(), AuctionState::WORDS)?;
    let Page { items, next } = queries::list_auctions(&shared.db, query.state.as_deref(), true, &page).await?;
    let items = views::auctions(shared.db.reader(), items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}

/// An announced session.
#[utoipa::path(get, path = "/public/auctions/{id}", tag = "market", operation_id = "find_public_auction",
    params(("id" = Uuid, Path, description = "Id of the session")),
    responses((status = 200, description = "The session", body = AuctionView),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn find_public_auction(State(shared): State<Shared>, PathText(id): PathText) -> Reply<AuctionView> {
    let found = published(&shared, &id).await?;
    Ok(Answer::ok(one(views::auctions(shared.db.reader(), vec![found]).await?, |auction| auction)?))
}

/// What is on offer in an announced session.
#[utoipa::path(get, path = "/public/auctions/{id}/lots", tag = "market", operation_id = "list_public_lots",
    params(("id" = Uuid, Path, description = "Id of the session"), PagingParams),
    responses((status = 200, description = "Lots in the order in which they were proposed", body = Listing<LotView>),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_lots(
    State(shared): State<Shared>,
    PathText(id): PathText,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<LotView>> {
    let auction = published(&shared, &id).await?;
    let Page { items, next } = queries::list_lots(&shared.db, auction.id, &page).await?;
    let items = views::lots(shared.db.reader(), items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}

/// The bids of an announced session: bidders by number while it goes on, the complete record once it is ranked.
#[utoipa::path(get, path = "/public/auctions/{id}/bids", tag = "market", operation_id = "list_public_bids",
    params(("id" = Uuid, Path, description = "Id of the session"), BidQuery, PagingParams),
    responses((status = 200, description = "Bids in the order of arrival", body = Listing<BidView>),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_bids(
    State(shared): State<Shared>,
    PathText(id): PathText,
    Filters(query): Filters<BidQuery>,
    Paging(page): Paging,
) -> Reply<Listing<BidView>> {
    let auction = published(&shared, &id).await?;
    let found = queries::list_bids(&shared.db, auction.id, query.lot.map(AuctionLotId), &page).await?;
    let items = views::bids(shared.db.reader(), auction.state.is_disclosed(), found.items).await?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// The results of a session that is ranked.
#[utoipa::path(get, path = "/public/auctions/{id}/results", tag = "market", operation_id = "list_public_results",
    params(("id" = Uuid, Path, description = "Id of the session"), PagingParams),
    responses((status = 200, description = "Places, lot by lot", body = Listing<AwardView>),
        (status = 404, description = "No announced session has this id", body = ProblemView, content_type = "application/problem+json")))]
async fn list_public_results(
    State(shared): State<Shared>,
    PathText(id): PathText,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<AwardView>> {
    let auction = published(&shared, &id).await?;
    let Page { items, next } = queries::list_awards(&shared.db, auction.id, &page).await?;
    let items = views::awards(shared.db.reader(), items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}
