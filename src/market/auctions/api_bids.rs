//! Bids. The body of a sealed one is read here, judged and sealed in memory, and printed nowhere: not in what is refused either.

use super::api::find;
use super::api_registrations::measure_of;
use super::api_views::{self as views, BidView};
use super::bid::Terms;
use super::bidding::{self, NewBid};
use super::queries;
use crate::access::Action;
use crate::db::gather::{Callers, Item};
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Paging, Reply, Shared, Signed};
use crate::kernel::ids::{AuctionId, AuctionLotId};
use crate::kernel::page::Page;
use axum::extract::State;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on bids.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(place_bid, list_bids))
}

/// A bid.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceBid {
    /// Id of the lot.
    pub lot: Uuid,
    /// CNY per display unit, for the whole validity, with at most two decimals.
    #[serde(deserialize_with = "discreet")]
    #[schema(example = "8840.00")]
    pub price: String,
    /// Decimal string in the class's unit, more than zero.
    #[serde(deserialize_with = "discreet")]
    #[schema(example = "20.000")]
    pub quantity: String,
    /// 64 random lower-case hexadecimal digits of your own, for a sealed bid and only for one: they keep anybody from guessing your bid from its
    /// commitment. They are not kept in the open.
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    pub salt: Option<String>,
}

/// A text that is not repeated when it is none.
fn discreet<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        _ => Err(de::Error::custom("must be a text such as \"8840.00\"")),
    }
}

/// Place a bid. In the open each of yours must be better than your last; of a sealed session the newest counts. When it arrived is told by
/// the server's clock under the lock of its lot.
#[utoipa::path(post, path = "/auctions/{id}/bids", tag = "market", operation_id = "place_bid",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = PlaceBid, security(("bearer" = [])),
    extensions(("x-permission" = json!("bid_at_auction"))),
    responses((status = 201, description = "Arrived", body = BidView)))]
async fn place_bid(
    State(shared): State<Shared>,
    Id(auction): Id<AuctionId>,
    command: Command<PlaceBid>,
) -> Reply<BidView> {
    let permit = command.caller.may(Action::BidAtAuction)?;
    let body = command.body;
    let lot = AuctionLotId(body.lot);
    let measure = measure_of(&shared, auction, lot).await?;
    let mut fields = Fields::default();
    let price = fields.price("price", &body.price);
    let quantity = fields.quantity("quantity", &body.quantity, &measure);
    let terms = fields.finish(price.zip(quantity).map(|(price, quantity)| Terms { price, quantity }))?;
    let bid = NewBid { by: command.caller, auction, lot, terms, salt: body.salt, measure };
    let item = Item { input: bid, target: None, callers: Callers::Any };
    let bid = shared.db.gather(&permit, &command.key, item, |work, wanted| {
        Box::pin(async move {
            let auctions: Vec<AuctionId> = wanted.iter().map(|new| new.auction).collect();
            let bids = bidding::place(work, wanted).await?;
            views::bids_of(work.connection(), &auctions, false, bids).await
        })
    });
    Ok(Answer::plainly_created(bid.await?))
}

/// Filters of the bids.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BidQuery {
    /// Id of a lot.
    pub(super) lot: Option<Uuid>,
}

/// Bids of a session in the order of arrival. While it goes on bidders are told by their numbers, and of sealed bids only the commitments.
#[utoipa::path(get, path = "/auctions/{id}/bids", tag = "market", operation_id = "list_bids",
    params(("id" = Uuid, Path, description = "Id of the session"), BidQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "Bids in the order of arrival", body = Listing<BidView>)))]
async fn list_bids(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionId>,
    Filters(query): Filters<BidQuery>,
    Paging(page): Paging,
) -> Reply<Listing<BidView>> {
    caller.may(Action::ReadPublished)?;
    let auction = find(&shared, id).await?;
    let found = queries::list_bids(&shared.db, id, query.lot.map(AuctionLotId), &page).await?;
    let mut items = views::bids(shared.db.reader(), auction.state.is_disclosed(), found.items).await?;
    views::name_bidders(&shared.db, &mut items).await?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}
