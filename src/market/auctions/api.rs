//! Sessions of bidding.

use super::api_views::{self as views, AuctionView, AwardView};
use super::auction::{Auction, AuctionState, Format};
use super::commands::{self, AuctionWord, NewAuction, NewKey};
use super::passing::{self, BidOpening};
use super::pledged::PledgedLots;
use super::queries;
use crate::access::{Action, Permit};
use crate::db::work::Doing;
use crate::db::{CommandKey, Work};
use crate::decisions::api_tasks::{ReadReason, read_reason, read_reason_of_no};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::AuctionId;
use crate::kernel::page::Page;
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on sessions.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(plan_auction, list_auctions))
        .routes(routes!(find_auction))
        .routes(routes!(contribute_key))
        .routes(routes!(announce_auction))
        .routes(routes!(open_bids))
        .routes(routes!(confirm_auction))
        .routes(routes!(cancel_auction))
        .routes(routes!(list_results))
}

/// A rule that a session sets for itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnRule {
    /// Its name in the rulebook, which must leave it open.
    #[schema(example = "bid_step")]
    pub name: String,
    /// Its value.
    #[schema(example = "50.00")]
    pub value: String,
}

/// A session to plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanAuction {
    /// What it is called.
    #[schema(example = "咸宁市排污权竞价专场")]
    pub title: String,
    /// `ascending` or `sealed`.
    #[schema(example = "ascending", extensions(("x-words" = json!(Format::WORDS))))]
    pub format: String,
    /// Bidders register until then.
    #[schema(format = DateTime, example = "2022-12-20T17:00:00+08:00")]
    pub registration_until: String,
    /// Bidding begins.
    #[schema(format = DateTime, example = "2022-12-22T09:00:00+08:00")]
    pub opens_at: String,
    /// Its planned close.
    #[schema(format = DateTime, example = "2022-12-22T10:00:00+08:00")]
    pub closes_at: String,
    /// Rules that it sets where the rulebook leaves them open: `bid_step`, `bids_per_bidder`, `deposit_rate`, `final_bidding_seconds`,
    /// `final_wait_seconds`, `min_bidders`, `soft_close_seconds`, `winners_share`.
    #[serde(default)]
    #[schema(example = json!([{"name": "bid_step", "value": "50.00"}]))]
    pub own_rules: Vec<OwnRule>,
}

impl PlanAuction {
    fn read(&self) -> Result<NewAuction, Failure> {
        let mut fields = Fields::default();
        let title = fields.text("title", &self.title);
        let words: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        let format = fields.word("format", &self.format, Format::parse, &words);
        let registration_until = fields.instant("registration_until", &self.registration_until);
        let opens_at = fields.instant("opens_at", &self.opens_at);
        let closes_at = fields.instant("closes_at", &self.closes_at);
        let own_rules = self.own_rules.iter().map(|rule| (rule.name.clone(), rule.value.clone())).collect();
        let new = title.zip(format).zip(registration_until).zip(opens_at).zip(closes_at);
        fields.finish(new.map(|((((title, format), registration_until), opens_at), closes_at)| NewAuction {
            title,
            format,
            registration_until,
            opens_at,
            closes_at,
            own_rules,
        }))
    }
}

async fn answer(work: &Work, auctions: Vec<Auction>) -> Result<AuctionView, Failure> {
    one(views::auctions(work.connection(), auctions).await?, |auction| auction)
}

/// Plan a session of bidding, as the exchange. Its rules are frozen from the rulebook in force; what that leaves open the session may set
/// for itself, and what neither sets is off.
#[utoipa::path(post, path = "/auctions", tag = "market", operation_id = "plan_auction", request_body = PlanAuction,
    security(("bearer" = [])), extensions(("x-permission" = json!("run_auction"))),
    responses((status = 201, description = "Planned; sellers may propose their lots", body = AuctionView)))]
async fn plan_auction(State(shared): State<Shared>, command: Command<PlanAuction>) -> Reply<AuctionView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let news = [command.body.read()?];
    let planned = shared
        .db
        .run_once(&permit, &command.key, &news, |work, news| {
            Box::pin(async move {
                let planned = commands::plan(work, news).await?;
                answer(work, planned).await
            })
        })
        .await?;
    Ok(Answer::created(planned))
}

/// Filters of the sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuctionQuery {
    /// `planned`, `announced`, `open`, `final`, `closed`, `ranked`, `confirmed`, `settled`, `failed` or `cancelled`.
    #[param(example = "announced")]
    pub(super) state: Option<String>,
}

/// Sessions of bidding.
#[utoipa::path(get, path = "/auctions", tag = "market", operation_id = "list_auctions", params(AuctionQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "Sessions in the order of planning", body = Listing<AuctionView>)))]
async fn list_auctions(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<AuctionQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<AuctionView>> {
    caller.may(Action::ReadPublished)?;
    one_of("state", query.state.as_deref(), AuctionState::WORDS)?;
    let Page { items, next } = queries::list_auctions(&shared.db, query.state.as_deref(), false, &page).await?;
    let items = views::auctions(shared.db.reader(), items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}

/// The session, or 404.
pub(super) async fn find(shared: &Shared, id: AuctionId) -> Result<Auction, Failure> {
    queries::find_auction(&shared.db, id).await?.ok_or_else(|| not_found("auction").into())
}

/// One session.
#[utoipa::path(get, path = "/auctions/{id}", tag = "market", operation_id = "find_auction",
    params(("id" = Uuid, Path, description = "Id of the session")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "The session", body = AuctionView)))]
async fn find_auction(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionId>,
) -> Reply<AuctionView> {
    caller.may(Action::ReadPublished)?;
    let found = find(&shared, id).await?;
    Ok(Answer::ok(one(views::auctions(shared.db.reader(), vec![found]).await?, |auction| auction)?))
}

/// A key to which sealed bids are sealed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContributeKey {
    /// The public half of your own X25519 key in lower-case hexadecimal. Keep the other half: without it nobody opens the bids.
    #[schema(example = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")]
    pub public_key: String,
}

/// Contribute the public half of your key to a sealed session, as one of two officials of the exchange.
#[utoipa::path(post, path = "/auctions/{id}/keys", tag = "market", operation_id = "contribute_key",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = ContributeKey, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 201, description = "Contributed", body = AuctionView)))]
async fn contribute_key(
    State(shared): State<Shared>,
    Id(auction): Id<AuctionId>,
    command: Command<ContributeKey>,
) -> Reply<AuctionView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let news = [NewKey { auction, expected: command.expected, public_key: command.body.public_key }];
    let changed = shared
        .db
        .run_once(&permit, &command.key, &news, |work, news| {
            Box::pin(async move {
                let changed = commands::contribute_keys(work, news).await?;
                answer(work, changed).await
            })
        })
        .await?;
    Ok(Answer::created(changed))
}

/// A word of the exchange on a session.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionWord {
    /// Why; needed to call a session off and to take a lot out of it.
    #[schema(example = "标的信息有误")]
    pub reason: Option<String>,
}

fn word(auction: AuctionId, command: &Command<SessionWord>, read: ReadReason) -> Result<AuctionWord, Failure> {
    let mut fields = Fields::default();
    let reason = read(&mut fields, command.body.reason.as_deref());
    fields.finish(Some(AuctionWord { auction, expected: command.expected, reason }))
}

/// Whoever keeps the liens on what is on offer.
type Pledges = &'static dyn PledgedLots;

/// What is done about sessions.
type Act = for<'w> fn(&'w mut Work, Pledges, &'w [AuctionWord]) -> Doing<'w, Vec<Auction>>;

/// The one body of the operations in which the exchange says a word on a session.
async fn act(
    (shared, pledges): (&Shared, Pledges),
    permit: &Permit,
    key: &CommandKey,
    word: AuctionWord,
    act: Act,
) -> Reply<AuctionView> {
    let words = [word];
    let changed = shared.db.run_once(permit, key, &words, move |work, words| {
        Box::pin(async move {
            let changed = act(work, pledges, words).await?;
            answer(work, changed).await
        })
    });
    Ok(Answer::ok(changed.await?))
}

/// Announce a session: the grams of every lot are held from now on, those of pledged lots by their liens as before, and bidders register.
#[utoipa::path(post, path = "/auctions/{id}/announce", tag = "market", operation_id = "announce_auction",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = SessionWord, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "Announced", body = AuctionView)))]
async fn announce_auction(
    State(shared): State<Shared>,
    Extension(pledges): Extension<Pledges>,
    Id(auction): Id<AuctionId>,
    command: Command<SessionWord>,
) -> Reply<AuctionView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let word = word(auction, &command, read_reason)?;
    act((&shared, pledges), &permit, &command.key, word, |work, pledges, words| {
        Box::pin(commands::announce(work, pledges, words))
    })
    .await
}

/// The private half of your key of a sealed session.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBids {
    /// The private half of the key that you have contributed, in lower-case hexadecimal. It is kept until the bids are opened, no longer.
    #[schema(example = "77076d0a7318a57d3c16c17251b26645df2c2d2f0a2f1b0e5f1e0a5c1c1f0a2a")]
    pub key: String,
}

/// Hand in the private half of your key of a sealed session after its close, as one of two officials: each their own, while signed in as
/// themselves. With the second the bids are opened: each is compared with its commitment, and the bidders are ranked. A bid that does not
/// open, or is not what was promised, is kept with the reason and does not count.
#[utoipa::path(post, path = "/auctions/{id}/opening", tag = "market", operation_id = "open_bids",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = OpenBids, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "Kept until the other half comes, or opened and ranked", body = AuctionView)))]
async fn open_bids(
    State(shared): State<Shared>,
    Id(auction): Id<AuctionId>,
    command: Command<OpenBids>,
) -> Reply<AuctionView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let wanted = BidOpening { auction, expected: command.expected, key: command.body.key };
    let ranked = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| {
            Box::pin(async move {
                let ranked = passing::open_bids(work, wanted).await?;
                answer(work, vec![ranked]).await
            })
        })
        .await?;
    Ok(Answer::ok(ranked))
}

/// Confirm the ranking of a session (成交确认单): each win becomes a trade, or a disposal of what a lien holds, and what nobody won and the deposits of
/// the others go back.
#[utoipa::path(post, path = "/auctions/{id}/confirm", tag = "market", operation_id = "confirm_auction",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = SessionWord, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "Confirmed", body = AuctionView)))]
async fn confirm_auction(
    State(shared): State<Shared>,
    Extension(pledges): Extension<Pledges>,
    Id(auction): Id<AuctionId>,
    command: Command<SessionWord>,
) -> Reply<AuctionView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let word = word(auction, &command, read_reason)?;
    act((&shared, pledges), &permit, &command.key, word, |work, pledges, words| {
        Box::pin(passing::confirm(work, pledges, words))
    })
    .await
}

/// Call a session off before it is ranked, with the reason in writing: every gram and every deposit goes back.
#[utoipa::path(post, path = "/auctions/{id}/cancel", tag = "market", operation_id = "cancel_auction",
    params(("id" = Uuid, Path, description = "Id of the session")), request_body = SessionWord, security(("bearer" = [])),
    extensions(("x-permission" = json!("run_auction"))),
    responses((status = 200, description = "Called off", body = AuctionView)))]
async fn cancel_auction(
    State(shared): State<Shared>,
    Extension(pledges): Extension<Pledges>,
    Id(auction): Id<AuctionId>,
    command: Command<SessionWord>,
) -> Reply<AuctionView> {
    let permit = command.caller.may(Action::RunAuction)?;
    let word = word(auction, &command, read_reason_of_no)?;
    act((&shared, pledges), &permit, &command.key, word, |work, _, words| Box::pin(commands::cancel(work, words))).await
}

/// Places in the rankings of a session's lots, and what each has won.
#[utoipa::path(get, path = "/auctions/{id}/results", tag = "market", operation_id = "list_auction_results",
    params(("id" = Uuid, Path, description = "Id of the session"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "Places, lot by lot", body = Listing<AwardView>)))]
async fn list_results(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<AwardView>> {
    caller.may(Action::ReadPublished)?;
    find(&shared, id).await?;
    let Page { items, next } = queries::list_awards(&shared.db, id, &page).await?;
    let mut items = views::awards(shared.db.reader(), items).await?;
    views::name_winners(&shared.db, &mut items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}
