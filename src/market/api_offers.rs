//! Offers to a named buyer.

use super::api_trades::{self, TradeView};
use super::offer::{Mode, Offer, OfferState};
use super::offer_commands::{self, Acceptance, NewOffer, OfferEnding};
use super::price::read_price_basis;
use super::queries;
use crate::access::{Action, Permit};
use crate::concerns;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, Told, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, OwnAct, Place, approvals};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{OfferId, ProjectId, RightClassId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use crate::rulebook::OwnProposal;
use crate::rulebook::queries::asks_to_wait;
use accounting::SubjectKind;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(OfferView: Organisation [seller, buyer]);

/// The operations on offers.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose_offer, list_offers))
        .routes(routes!(find_offer))
        .routes(routes!(accept_offer))
        .routes(routes!(decline_offer))
        .routes(routes!(withdraw_offer))
}

/// An offer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferView {
    /// Its identity.
    pub id: Uuid,
    /// The trade it becomes when it is accepted; holds the quantity from now on.
    pub trade: Uuid,
    /// `negotiated` or `listing`.
    #[schema(example = "negotiated", extensions(("x-words" = json!(Mode::OF_OFFERS))))]
    pub mode: String,
    /// The seller's site.
    pub seller_site: Uuid,
    /// The buyer's site.
    pub buyer_site: Uuid,
    /// The seller.
    pub seller: Uuid,
    /// The buyer.
    pub buyer: Uuid,
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
    /// What the price is for: `per_unit_whole_validity` or `per_unit_year`.
    #[schema(example = "per_unit_whole_validity", extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: String,
    /// CNY: the agreed total; price × quantity, half up to the fen, where the seller states no other.
    #[schema(example = "17580.00")]
    pub total: String,
    /// The last day on which the buyer may accept; null where nobody says so.
    #[schema(value_type = Option<String>, format = Date, example = "2022-12-15")]
    pub valid_until: Option<String>,
    /// `proposed`, `accepted`, `declined`, `withdrawn` or `expired`.
    #[schema(example = "proposed", extensions(("x-words" = json!(OfferState::WORDS))))]
    pub state: String,
    /// Why it was declined or withdrawn.
    pub reason: Option<String>,
    /// When it was proposed, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for OfferView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn view(offer: Offer, words: &Words) -> Result<OfferView, Failure> {
    let (right_class, measure) = words.class(offer.right_class)?;
    let state = offer.state.as_str().to_owned();
    let reason = match offer.state {
        OfferState::Declined { reason } | OfferState::Withdrawn { reason } => reason,
        OfferState::Proposed | OfferState::Accepted | OfferState::Expired => None,
    };
    Ok(OfferView {
        id: offer.id.0,
        trade: offer.trade.0,
        mode: offer.mode.as_str().to_owned(),
        seller_site: offer.seller.site.0,
        buyer_site: offer.buyer.site.0,
        seller: offer.seller.organisation.0,
        buyer: offer.buyer.organisation.0,
        right_class,
        quantity: offer.quantity.print(measure),
        unit: measure.unit.clone(),
        unit_price: offer.unit_price.print(),
        price_basis: offer.price_basis.as_str().to_owned(),
        total: offer.total.print(),
        valid_until: offer.valid_until.map(|day| day.to_string()),
        state,
        reason,
        proposed_at: offer.proposed_at,
        version: offer.version,
    })
}

/// An offer to propose.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeOffer {
    /// `negotiated`, or `listing` for the reserve; negotiated when left out.
    #[schema(example = "negotiated", extensions(("x-words" = json!(Mode::OF_OFFERS))))]
    pub mode: Option<String>,
    /// Your own site.
    pub seller_site: Uuid,
    /// The site that may buy.
    pub buyer_site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the class's unit, more than zero.
    #[schema(example = "2.000")]
    pub quantity: String,
    /// CNY per display unit, with at most two decimals.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// What the price is for: `per_unit_whole_validity`, or `per_unit_year` for rights of whole years; the former when left out.
    #[schema(example = "per_unit_whole_validity", extensions(("x-words" = json!(accounting::PriceBasis::WORDS))))]
    pub price_basis: Option<String>,
    /// CNY: the total that you have agreed on; price × quantity, half up to the fen, when left out. It differs from that by no more than
    /// the rules allow.
    #[schema(example = "17580.00")]
    pub total: Option<String>,
    /// The last day on which the buyer may accept; as long as the rules allow when left out.
    #[schema(value_type = Option<String>, format = Date, example = "2022-12-15")]
    pub valid_until: Option<String>,
}

impl ProposeOffer {
    fn read(&self, words: &Words) -> Result<NewOffer, Failure> {
        let mut fields = Fields::default();
        let mode = match &self.mode {
            None => Some(Mode::Negotiated),
            Some(mode) => fields.word("mode", mode, Mode::parse_of_offer, Mode::OF_OFFERS),
        };
        let class: Option<(RightClassId, accounting::Measure)> =
            fields.take("", words.class_by_code(&self.right_class));
        let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &self.quantity, measure));
        let unit_price = fields.price("unit_price", &self.unit_price);
        let price_basis = read_price_basis(&mut fields, self.price_basis.as_deref());
        let total = self.total.as_deref().and_then(|total| fields.money("total", total));
        let valid_until = self.valid_until.as_deref().and_then(|day| fields.date("valid_until", day));
        let (seller, buyer) = (SiteId(self.seller_site), SiteId(self.buyer_site));
        let new = mode.zip(class).zip(quantity).zip(unit_price).zip(price_basis);
        let new = new.map(|((((mode, (right_class, _)), quantity), unit_price), price_basis)| NewOffer {
            mode,
            seller,
            buyer,
            right_class,
            quantity,
            unit_price,
            price_basis,
            total,
            valid_until,
        });
        fields.finish(new)
    }
}

/// Offering rights, where an enterprise lets a second of its people approve.
pub struct OfferProposal;

impl OwnProposal for OfferProposal {
    fn act(&self) -> OwnAct {
        OwnAct::Offer
    }

    fn permission(&self) -> Action {
        Action::ProposeOffer
    }

    fn approval(&self) -> Action {
        // Whoever of the enterprise may decide tasks: its approver need not be able to offer.
        Action::DecideTask
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, _: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: ProposeOffer = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let words = Words::of_codes(work.connection(), std::slice::from_ref(&command.right_class)).await?;
            let offer = one(offer_commands::propose(work, &[command.read(&words)?]).await?, |offer| offer)?;
            let (subject_kind, subject) = (SubjectKind::Offer.as_str(), offer.id.0);
            Ok(Made {
                subject_kind,
                subject,
                answer: serde_json::to_value(view(offer, &words)?).map_err(Failure::bug)?,
            })
        })
    }
}

/// Offer rights of your site to a named buyer. The quantity is held from now on; where the rules in force or your own organisation
/// ask for a second person of yours, nothing is held before that person approves.
#[utoipa::path(post, path = "/offers", tag = "market", operation_id = "propose_offer", request_body = ProposeOffer,
    security(("bearer" = [])), extensions(("x-permission" = json!("propose_offer"))),
    responses((status = 201, description = "Proposed; the quantity is held", body = OfferView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn propose_offer(State(shared): State<Shared>, command: Command<ProposeOffer>) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ProposeOffer)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let news = [command.body.read(&words)?];
    let body = serde_json::to_value(&command.body).map_err(Failure::bug)?;
    let place = Place::Organisation(command.caller.organisation);
    let wanted = Proposed { body, expected: None, place, about: None };
    let input = (news, words, wanted);
    let told = shared.db.run_once(&permit, &command.key, &input, |work, (news, words, wanted)| {
        Box::pin(async move {
            // Two looks instead of the whole machinery: offers are many, and few enterprises ask for a second person.
            let by_rule = asks_to_wait(work.connection(), work.today(), OwnAct::Offer.as_str()).await?;
            if by_rule || approvals::asks(work, OwnAct::Offer).await? {
                return act(work, &OfferProposal, wanted).await;
            }
            let offer = one(offer_commands::propose(work, news).await?, |offer| offer)?;
            Ok(Told::Done(serde_json::to_value(view(offer, words)?).map_err(Failure::bug)?))
        })
    });
    answer(told.await?, |offer: OfferView| Answer::created(offer).into_response())
}

/// The buyer's yes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptOffer {
    /// Id of the construction project of your site that the rights are for.
    pub project: Uuid,
}

/// The acceptance as it is kept while it waits: the body of the operation with the id from its path.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptAcceptance {
    offer: OfferId,
    project: Uuid,
}

/// Accepting an offer, where the buyer lets a second of its people approve.
pub struct AcceptanceProposal;

impl OwnProposal for AcceptanceProposal {
    fn act(&self) -> OwnAct {
        OwnAct::OfferAcceptance
    }

    fn permission(&self) -> Action {
        Action::AnswerOffer
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let kept: KeptAcceptance = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let acceptance = Acceptance { offer: kept.offer, expected, project: ProjectId(kept.project) };
            let accepted = offer_commands::accept(work, &[acceptance]).await?;
            let trade = api_trades::only(work.connection(), accepted).await?;
            let (subject_kind, subject) = (SubjectKind::Trade.as_str(), trade.id);
            let answer = serde_json::to_value(trade).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
    }
}

/// Accept an offer made to you. The deposit is held, and the offer becomes its trade, which the bureaux then approve; where your own
/// organisation asks for a second person, nothing is held before that person approves.

#[utoipa::path(post, path = "/offers/{id}/accept", tag = "market", operation_id = "accept_offer",
    params(("id" = Uuid, Path, description = "Id of the offer")), request_body = AcceptOffer, security(("bearer" = [])),
    extensions(("x-permission" = json!("answer_offer"))),
    responses((status = 201, description = "Matched; the deposit is held", body = TradeView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn accept_offer(
    State(shared): State<Shared>,
    Id(offer): Id<OfferId>,
    command: Command<AcceptOffer>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::AnswerOffer)?;
    let kept = KeptAcceptance { offer, project: command.body.project };
    let wanted = Proposed {
        body: serde_json::to_value(kept).map_err(Failure::bug)?,
        expected: command.expected,
        place: Place::Organisation(command.caller.organisation),
        about: Some((SubjectKind::Offer.as_str(), offer.0)),
    };
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &AcceptanceProposal, wanted)));
    answer(told.await?, |trade: TradeView| Answer::created(trade).into_response())
}

/// A word of reason, of whoever ends an offer or a listing.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndingReason {
    /// Why.
    #[schema(example = "价格未能达成一致")]
    pub reason: Option<String>,
}

impl EndingReason {
    /// The reason as it is kept.
    ///
    /// # Errors
    /// A text that is empty or too long.
    pub fn read(&self) -> Result<Option<String>, Failure> {
        let mut fields = Fields::default();
        let reason = fields.optional_reason("reason", self.reason.as_deref());
        fields.finish(Some(reason))
    }
}

/// Ends an offer by one of the commands that do.
async fn end(
    shared: &Shared,
    permit: &Permit,
    command: &Command<EndingReason>,
    offer: OfferId,
    by: for<'w> fn(&'w mut Work, &'w [OfferEnding]) -> Doing<'w, Vec<Offer>>,
) -> Reply<OfferView> {
    let wanted = ([OfferEnding { offer, expected: command.expected, reason: command.body.read()? }], by);
    let ended = shared.db.run_once(permit, &command.key, &wanted, |work, (endings, by)| {
        Box::pin(async move {
            let offer = one(by(work, endings).await?, |offer| offer)?;
            let words = Words::of_ids(work.connection(), &[offer.right_class]).await?;
            view(offer, &words)
        })
    });
    Ok(Answer::ok(ended.await?))
}

/// Decline an offer made to you; what it held goes back to the seller.
#[utoipa::path(post, path = "/offers/{id}/decline", tag = "market", operation_id = "decline_offer",
    params(("id" = Uuid, Path, description = "Id of the offer")), request_body = EndingReason, security(("bearer" = [])),
    extensions(("x-permission" = json!("answer_offer"))),
    responses((status = 200, description = "Declined", body = OfferView)))]
async fn decline_offer(
    State(shared): State<Shared>,
    Id(offer): Id<OfferId>,
    command: Command<EndingReason>,
) -> Reply<OfferView> {
    let permit = command.caller.may(Action::AnswerOffer)?;
    end(&shared, &permit, &command, offer, |work, endings| Box::pin(offer_commands::decline(work, endings))).await
}

/// Take your own offer back; what it held is free again.
#[utoipa::path(post, path = "/offers/{id}/withdraw", tag = "market", operation_id = "withdraw_offer",
    params(("id" = Uuid, Path, description = "Id of the offer")), request_body = EndingReason, security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_offer"))),
    responses((status = 200, description = "Withdrawn", body = OfferView)))]
async fn withdraw_offer(
    State(shared): State<Shared>,
    Id(offer): Id<OfferId>,
    command: Command<EndingReason>,
) -> Reply<OfferView> {
    let permit = command.caller.may(Action::ProposeOffer)?;
    end(&shared, &permit, &command, offer, |work, endings| Box::pin(offer_commands::withdraw(work, endings))).await
}

/// Filters of the offers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferQuery {
    /// `proposed`, `accepted`, `declined`, `withdrawn` or `expired`.
    #[param(example = "proposed")]
    state: Option<String>,
}

/// Offers that you may see.
#[utoipa::path(get, path = "/offers", tag = "market", operation_id = "list_offers", params(OfferQuery, OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "Offers in the order of proposal", body = Listing<OfferView>)))]
async fn list_offers(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<OfferQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<OfferView>> {
    caller.may(Action::ReadMarket)?;
    one_of("state", query.state.as_deref(), OfferState::WORDS)?;
    let found = queries::list_offers(&shared.db, &caller.scope(), query.state.as_deref(), &page).await?;
    let ids: Vec<RightClassId> = found.items.iter().map(|offer| offer.right_class).collect();
    let words = Words::of_ids(shared.db.reader(), &ids).await?;
    let items = found.items.into_iter().map(|offer| view(offer, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One offer.
#[utoipa::path(get, path = "/offers/{id}", tag = "market", operation_id = "find_offer",
    params(("id" = Uuid, Path, description = "Id of the offer")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "The offer", body = OfferView)))]
async fn find_offer(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<OfferId>) -> Reply<OfferView> {
    caller.may(Action::ReadMarket)?;
    let found = queries::find_offer(&shared.db, &caller.scope(), id).await?;
    let offer = found.ok_or_else(|| not_found("offer"))?;
    let words = Words::of_ids(shared.db.reader(), &[offer.right_class]).await?;
    Ok(Answer::ok(view(offer, &words)?))
}
