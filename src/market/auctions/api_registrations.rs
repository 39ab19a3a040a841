//! Who may bid.

use super::api::find;
use super::api_views::{self as views, RegistrationView, optional_quantity};
use super::lot::Registration;
use super::registering::{self, NewRegistration, RegistrationWord};
use super::{queries, store};
use crate::access::{Action, Permit};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{ReadReason, read_reason, read_reason_of_no};
use crate::http::answer::one;
use crate::http::extract::{Empty, not_found};
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, AuctionLotId, AuctionRegistrationId, ProjectId, SiteId};
use crate::kernel::page::Page;
use crate::parties::words::Words;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on registrations.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_bidder, list_registrations))
        .routes(routes!(find_registration))
        .routes(routes!(qualify_bidder))
        .routes(routes!(refuse_bidder))
        .routes(routes!(withdraw_registration))
}

/// A wish to bid.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBidder {
    /// Id of the lot.
    pub lot: Uuid,
    /// Your own site that the rights are for.
    pub site: Uuid,
    /// Id of the construction project of that site.
    pub project: Uuid,
    /// The most that you want, in the class's unit: the deposit is for this much at the base price.
    #[schema(example = "20.000")]
    pub quantity: String,
    /// The fewest that are still of use to you, should only a rest be left; what you bid for when left out.
    #[schema(example = "5.000")]
    pub minimum: Option<String>,
}

impl RegisterBidder {
    fn read(&self, auction: AuctionId, measure: &accounting::Measure) -> Result<NewRegistration, Failure> {
        let mut fields = Fields::default();
        let quantity = fields.quantity("quantity", &self.quantity, measure);
        let minimum = optional_quantity(&mut fields, "minimum", self.minimum.as_deref(), measure);
        fields.finish(quantity.map(|quantity| NewRegistration {
            auction,
            lot: AuctionLotId(self.lot),
            site: SiteId(self.site),
            project: ProjectId(self.project),
            quantity,
            minimum,
        }))
    }
}

/// How the pollutant of a lot of a session is counted.
pub(super) async fn measure_of(
    shared: &Shared,
    auction: AuctionId,
    lot: AuctionLotId,
) -> Result<accounting::Measure, Failure> {
    let lots = store::lots_of(shared.db.reader(), &[auction]).await?;
    let lot = lots.into_iter().find(|one| one.id == lot).ok_or_else(|| not_found("lot"))?;
    let words = Words::of_ids(shared.db.reader(), &[lot.right_class]).await?;
    Ok(words.class(lot.right_class)?.1.clone())
}

async fn answer(work: &Work, registrations: Vec<Registration>) -> Result<RegistrationView, Failure> {
    one(views::registrations(work.connection(), registrations).await?, |registration| registration)
}

/// Register to bid for a lot: whether you may have its rights is judged, and the deposit is held.
#[utoipa::path(post, path = "/auctions/{id}/registrations", tag = "market", operation_id = "register_bidder",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = RegisterBidder, security(("bearer" = [])),
    extensions(("x-permission" = json!("bid_at_auction"))),
    responses((status = 201, description = "Registered; the deposit is held", body = RegistrationView)))]
async fn register_bidder(
    State(shared): State<Shared>,
    Id(auction): Id<AuctionId>,
    command: Command<RegisterBidder>,
) -> Reply<RegistrationView> {
    let permit = command.caller.may(Action::BidAtAuction)?;
    let measure = measure_of(&shared, auction, AuctionLotId(command.body.lot)).await?;
    let news = [command.body.read(auction, &measure)?];
    let registered = shared
        .db
        .run_once(&permit, &command.key, &news, |work, news| {
            Box::pin(async move {
                let registered = registering::register(work, news).await?;
                answer(work, registered).await
            })
        })
        .await?;
    Ok(Answer::created(registered))
}

/// Registrations of a session: your own, and all of them for the exchange.
#[utoipa::path(get, path = "/auctions/{id}/registrations", tag = "market", operation_id = "list_registrations",
    params(("id" = Uuid, Path, description = "Id of the session"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "Registrations in the order in which they were made", body = Listing<RegistrationView>)))]
async fn list_registrations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<RegistrationView>> {
    caller.may(Action::ReadMarket)?;
    find(&shared, id).await?;
    let Page { items, next } = queries::list_registrations(&shared.db, &caller.scope(), id, &page).await?;
    let items = views::registrations(shared.db.reader(), items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}

/// One registration.
#[utoipa::path(get, path = "/auction-registrations/{id}", tag = "market", operation_id = "find_registration",
    params(("id" = Uuid, Path, description = "Id of the registration")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "The registration", body = RegistrationView)))]
async fn find_registration(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionRegistrationId>,
) -> Reply<RegistrationView> {
    caller.may(Action::ReadMarket)?;
    let found = queries::find_registration(&shared.db, &caller.scope(), id).await?;
    let found = found.ok_or_else(|| not_found("registration"))?;
    Ok(Answer::ok(one(views::registrations(shared.db.reader(), vec![found]).await?, |one| one)?))
}

/// A word of the exchange on a registration.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BidderWord {
    /// Why; needed for a refusal.
    #[schema(example = "材料齐全")]
    pub reason: Option<String>,
}

fn word(
    registration: AuctionRegistrationId,
    command: &Command<BidderWord>,
    read: ReadReason,
) -> Result<RegistrationWord, Failure> {
    let mut fields = Fields::default();
    let reason = read(&mut fields, command.body.reason.as_deref());
    fields.finish(Some(RegistrationWord { registration, expected: command.expected, reason }))
}

/// What is done about registrations.
type Act = for<'w> fn(&'w mut Work, &'w [RegistrationWord]) -> Doing<'w, Vec<Registration>>;

async fn act(
    shared: &Shared,
    permit: &Permit,
    key: &crate::db::CommandKey,
    word: RegistrationWord,
    act: Act,
) -> Reply<RegistrationView> {
    let words = [word];
    let changed = shared
        .db
        .run_once(permit, key, &words, move |work, words| {
            Box::pin(async move {
                let changed = act(work, words).await?;
                answer(work, changed).await
            })
        })
        .await?;
    Ok(Answer::ok(changed))
}

/// Let a bidder in, as the exchange.
#[utoipa::path(post, path = "/auction-registrations/{id}/qualify", tag = "market", operation_id = "qualify_bidder",
    params(("id" = Uuid, Path, description = "Id of the registration")), request_body = BidderWord, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "May bid", body = RegistrationView)))]
async fn qualify_bidder(
    State(shared): State<Shared>,
    Id(registration): Id<AuctionRegistrationId>,
    command: Command<BidderWord>,
) -> Reply<RegistrationView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let word = word(registration, &command, read_reason)?;
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(registering::qualify(work, words))).await
}

/// Do not let a bidder in, as the exchange, with the reason in writing; the deposit goes back.
#[utoipa::path(post, path = "/auction-registrations/{id}/refuse", tag = "market", operation_id = "refuse_bidder",
    params(("id" = Uuid, Path, description = "Id of the registration")), request_body = BidderWord, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "Refused; the deposit is free again", body = RegistrationView)))]
async fn refuse_bidder(
    State(shared): State<Shared>,
    Id(registration): Id<AuctionRegistrationId>,
    command: Command<BidderWord>,
) -> Reply<RegistrationView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let word = word(registration, &command, read_reason_of_no)?;
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(registering::refuse(work, words))).await
}

/// Take your registration back before you have bid; the deposit is free again.
#[utoipa::path(post, path = "/auction-registrations/{id}/withdraw", tag = "market", operation_id = "withdraw_registration",
    params(("id" = Uuid, Path, description = "Id of the registration")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("bid_at_auction"))),
    responses((status = 200, description = "Taken back; the deposit is free again", body = RegistrationView)))]
async fn withdraw_registration(
    State(shared): State<Shared>,
    Id(registration): Id<AuctionRegistrationId>,
    command: Command<Empty>,
) -> Reply<RegistrationView> {
    let permit = command.caller.may(Action::BidAtAuction)?;
    let word = RegistrationWord { registration, expected: command.expected, reason: None };
    act(&shared, &permit, &command.key, word, |work, words| Box::pin(registering::withdraw(work, words))).await
}
