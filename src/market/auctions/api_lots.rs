//! What is on offer in a session.

use super::api::{SessionWord, find};
use super::api_lot_view::{LotView, name_sellers};
use super::api_views::{self as views, optional_quantity};
use super::commands::{self, LotWord, NewLot};
use super::lot::Lot;
use super::queries;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::api_tasks::read_reason_of_no;
use crate::http::answer::one;
use crate::http::extract::{Empty, not_found};
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, AuctionLotId, RightClassId, SiteId};
use crate::kernel::page::Page;
use crate::parties::words::Words;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on lots.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose_lot, list_lots))
        .routes(routes!(find_lot))
        .routes(routes!(withdraw_lot))
        .routes(routes!(remove_lot))
}

/// A lot to put into a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeLot {
    /// Your own site.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the class's unit, more than zero.
    #[schema(example = "133.252")]
    pub quantity: String,
    /// The least that a bid may be for.
    #[schema(example = "0.500")]
    pub min_quantity: Option<String>,
    /// The most that a bid may be for; the whole lot when left out.
    #[schema(example = "40.000")]
    pub max_quantity: Option<String>,
    /// CNY per display unit, for the whole validity, with at most two decimals.
    #[schema(example = "8790.00")]
    pub base_price: String,
}

impl ProposeLot {
    fn read(&self, auction: AuctionId, words: &Words) -> Result<NewLot, Failure> {
        let mut fields = Fields::default();
        let class: Option<(RightClassId, accounting::Measure)> =
            fields.take("", words.class_by_code(&self.right_class));
        let mut terms = None;
        if let Some((right_class, measure)) = &class {
            let quantity = fields.quantity("quantity", &self.quantity, measure);
            let least = optional_quantity(&mut fields, "min_quantity", self.min_quantity.as_deref(), measure);
            let most = optional_quantity(&mut fields, "max_quantity", self.max_quantity.as_deref(), measure);
            terms = quantity.map(|quantity| (*right_class, quantity, least, most));
        }
        let base_price = fields.price("base_price", &self.base_price);
        let site = SiteId(self.site);
        fields.finish(terms.zip(base_price).map(|((right_class, quantity, least, most), base_price)| NewLot {
            auction,
            site,
            of_lien: None,
            right_class,
            quantity,
            least,
            most,
            base_price,
        }))
    }
}

async fn answer(work: &Work, lots: Vec<Lot>) -> Result<LotView, Failure> {
    one(views::lots(work.connection(), lots).await?, |lot| lot)
}

/// Put rights of your own site into a planned session. It is judged as at the announcement; nothing is held before that, and until then you
/// may take it out.
#[utoipa::path(post, path = "/auctions/{id}/lots", tag = "market", operation_id = "propose_lot",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = ProposeLot, security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_lot"))),
    responses((status = 201, description = "Proposed", body = LotView)))]
async fn propose_lot(
    State(shared): State<Shared>,
    Id(auction): Id<AuctionId>,
    command: Command<ProposeLot>,
) -> Reply<LotView> {
    let permit = command.caller.may(Action::ProposeLot)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let news = [command.body.read(auction, &words)?];
    let lot = shared
        .db
        .run_once(&permit, &command.key, &news, |work, news| {
            Box::pin(async move {
                let lots = commands::propose_lots(work, news).await?;
                answer(work, lots).await
            })
        })
        .await?;
    Ok(Answer::created(lot))
}

/// Take a lot that you have put in, as its seller or as the pledgee of what a lien holds, out of a session that is not announced yet.
#[utoipa::path(post, path = "/auction-lots/{id}/withdraw", tag = "market", operation_id = "withdraw_lot",
    params(("id" = Uuid, Path, description = "Id of the lot")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!(["propose_lot", "enforce_pledge"]))),
    responses((status = 200, description = "Taken out", body = LotView)))]
async fn withdraw_lot(
    State(shared): State<Shared>,
    Id(lot): Id<AuctionLotId>,
    command: Command<Empty>,
) -> Reply<LotView> {
    let permit = command.caller.may_any(&[Action::ProposeLot, Action::EnforcePledge])?;
    let wanted = [(lot, command.expected)];
    let lot = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| {
            Box::pin(async move {
                let lots = commands::withdraw_lots(work, wanted).await?;
                answer(work, lots).await
            })
        })
        .await?;
    Ok(Answer::ok(lot))
}

/// Take somebody's lot out of a session that is not announced yet, as the exchange, with the reason in writing; its seller is told.
#[utoipa::path(post, path = "/auction-lots/{id}/remove", tag = "market", operation_id = "remove_lot",
    params(("id" = Uuid, Path, description = "Id of the lot")), request_body = SessionWord, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "Taken out", body = LotView)))]
async fn remove_lot(
    State(shared): State<Shared>,
    Id(lot): Id<AuctionLotId>,
    command: Command<SessionWord>,
) -> Reply<LotView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let mut fields = Fields::default();
    let reason = read_reason_of_no(&mut fields, command.body.reason.as_deref());
    let words = [fields.finish(Some(LotWord { lot, expected: command.expected, reason }))?];
    let lot = shared
        .db
        .run_once(&permit, &command.key, &words, |work, words| {
            Box::pin(async move {
                let lots = commands::remove_lots(work, words).await?;
                answer(work, lots).await
            })
        })
        .await?;
    Ok(Answer::ok(lot))
}

/// Lots of a session.
#[utoipa::path(get, path = "/auctions/{id}/lots", tag = "market", operation_id = "list_lots",
    params(("id" = Uuid, Path, description = "Id of the session"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "Lots in the order in which they were proposed", body = Listing<LotView>)))]
async fn list_lots(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<LotView>> {
    caller.may(Action::ReadPublished)?;
    find(&shared, id).await?;
    let Page { items, next } = queries::list_lots(&shared.db, id, false, &page).await?;
    let mut items = views::lots(shared.db.reader(), items).await?;
    name_sellers(&shared.db, &mut items).await?;
    for lot in &mut items {
        lot.hide_from(&caller);
    }
    Ok(Answer::plain(Page { items, next }.into()))
}

/// One lot.
#[utoipa::path(get, path = "/auction-lots/{id}", tag = "market", operation_id = "find_lot",
    params(("id" = Uuid, Path, description = "Id of the lot")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "The lot", body = LotView)))]
async fn find_lot(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<AuctionLotId>) -> Reply<LotView> {
    caller.may(Action::ReadPublished)?;
    let found = queries::find_lot(&shared.db, id).await?.ok_or_else(|| not_found("lot"))?;
    let mut items = views::lots(shared.db.reader(), vec![found]).await?;
    name_sellers(&shared.db, &mut items).await?;
    for lot in &mut items {
        lot.hide_from(&caller);
    }
    Ok(Answer::ok(one(items, |lot| lot)?))
}
