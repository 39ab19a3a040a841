//! Sales of what is pledged, with the pledgee's consent.

use super::commands::Act;
use super::queries;
use super::sales::commands::{self, NewConsent, NewRefusal, NewSale, SaleAct};
use super::sales::store::SaleFilter;
use super::sales::{self, Sale};
use crate::access::{Action, Permit};
use crate::concerns;
use crate::db::Work;
use crate::db::work::Doing;
use crate::encumbrance::Binders;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{ConsentedSaleId, LienId, OrganisationId, PledgeId, ProjectId, RightClassId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::{Measure, Money};
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ConsentedSaleView: Organisation [pledgor, pledgee, buyer]);

/// The operations on sales with consent.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(request_consented_sale))
        .routes(routes!(list_consented_sales))
        .routes(routes!(find_consented_sale))
        .routes(routes!(agree_consented_sale))
        .routes(routes!(refuse_consented_sale))
        .routes(routes!(withdraw_consented_sale))
        .routes(routes!(settle_consented_sale))
}

/// A sale to ask for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestConsentedSale {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// Id of the site that is to buy.
    pub buyer_site: Uuid,
    /// Id of the project that it buys for.
    pub project: Uuid,
    /// How much; decimal string in the pollutant's unit. All that the lien holds when left out.
    #[schema(example = "4.000")]
    pub quantity: Option<String>,
    /// CNY per display unit, over the whole validity of the right.
    #[schema(example = "9000.00")]
    pub unit_price: String,
}

impl RequestConsentedSale {
    /// Reads it, the quantity in the measure of the lien; a lien that the pledge does not have is refused by the command.
    fn read(&self, act: Act, measure: Option<&Measure>) -> Result<NewSale, Failure> {
        let mut fields = Fields::default();
        let unit_price = fields.price("unit_price", &self.unit_price);
        let asked = self.quantity.as_deref().zip(measure);
        let quantity = asked.and_then(|(text, measure)| fields.quantity("quantity", text, measure));
        fields.finish(unit_price.map(|unit_price| NewSale {
            act,
            lien: LienId(self.lien),
            buyer_site: SiteId(self.buyer_site),
            project: ProjectId(self.project),
            quantity,
            unit_price,
        }))
    }
}

/// The pledgee's consent to a sale.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentToSale {
    /// Number of the written consent.
    #[schema(example = "同意转让2023-003")]
    pub document: String,
    /// CNY; how much of the price pays your claim before its time (提前清偿). The rest is the pledgor's. May be nothing, and is no more than the total.
    #[schema(example = "30000.00")]
    pub to_claim: String,
    /// Id of the settlement bank through which the claim is paid.
    pub settlement_bank: Uuid,
}

/// The pledgee's no to a sale.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseConsentedSale {
    /// Why.
    #[schema(example = "价款不足以覆盖敞口")]
    pub reason: String,
}

/// What one of several pledgees got of what a sale paid of the claim.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsentedSalePart)]
pub struct ClaimPartView {
    /// Id of the bank or guarantor.
    pub pledgee: Uuid,
    /// CNY.
    #[schema(example = "15000.00")]
    pub paid: String,
}

impl ClaimPartView {
    fn of(sale: &Sale, paid: Money) -> Vec<Self> {
        let parts = sale.parts_of(paid).into_iter().filter(|_| !sale.shares.is_empty());
        parts.map(|part| Self { pledgee: part.pledgee.0, paid: part.amount.print() }).collect()
    }
}

/// A sale of what a lien holds, with the consent of its pledgee.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsentedSale)]
pub struct ConsentedSaleView {
    /// Its identity.
    pub id: Uuid,
    /// The pledge.
    pub pledge: Uuid,
    /// The lien.
    pub lien: Uuid,
    /// The enterprise that sells (出质人).
    pub pledgor: Uuid,
    /// The bank or guarantor that must consent (质权人).
    pub pledgee: Uuid,
    /// The organisation that buys (受让方).
    pub buyer: Uuid,
    /// Its site.
    pub buyer_site: Uuid,
    /// The project that it buys for.
    pub project: Uuid,
    /// Code of the right class (环境权益).
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "4.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// CNY per display unit.
    #[schema(example = "9000.00")]
    pub unit_price: String,
    /// CNY; price × quantity (转让价款), half up to the fen.
    #[schema(example = "36000.00")]
    pub total: String,
    /// `requested`, `consented`, `settled`, `refused` or `withdrawn`.
    #[schema(
        example = "consented",
        extensions(("x-words" = json!(sales::STATES)))
    )]
    pub state: String,
    /// Why the pledgee has refused its consent.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// Number of the written consent.
    #[schema(example = "同意转让2023-003")]
    pub document: Option<String>,
    /// The settlement bank through which the claim is paid.
    pub settlement_bank: Option<Uuid>,
    /// CNY of the price that go to the claim first (提前清偿).
    #[schema(example = "30000.00")]
    pub to_claim: Option<String>,
    /// CNY of the price that are left for the pledgor, before the exchange's fee.
    #[schema(example = "6000.00")]
    pub to_pledgor: Option<String>,
    /// The trade that it is from the consent on: its approvals, its deadline and its end stand there.
    pub trade: Option<Uuid>,
    /// CNY that were paid of the claim, once it is settled.
    #[schema(example = json!(null))]
    pub paid_claim: Option<String>,
    /// What each of several pledgees got of that, the leader first; empty where there is one, and before it is settled.
    pub parts: Vec<ClaimPartView>,
    /// The user who asked for it.
    pub requested_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Moment,
    /// When the pledgee consented or refused, or the pledgor took it back, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Moment>,
    /// When rights and money changed hands, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ConsentedSaleView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ConsentedSaleView {
    fn of(sale: &Sale, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(sale.right_class)?;
        let (consent, settled) = (sale.state.consent(), sale.state.settled());
        let to_pledgor = consent.and_then(|consent| sale.total.checked_sub(consent.to_claim));
        Ok(Self {
            id: sale.id.0,
            pledge: sale.pledge.0,
            lien: sale.lien.0,
            pledgor: sale.pledgor.0,
            pledgee: sale.pledgee.0,
            buyer: sale.buyer.0,
            buyer_site: sale.buyer_site.0,
            project: sale.project.0,
            right_class,
            quantity: sale.quantity.print(measure),
            unit: measure.unit.clone(),
            unit_price: sale.unit_price.print(),
            total: sale.total.print(),
            state: sale.state.as_str().to_owned(),
            reason: sale.state.reason().cloned(),
            document: consent.map(|consent| consent.document.clone()),
            settlement_bank: consent.map(|consent| consent.settlement_bank.0),
            to_claim: consent.map(|consent| consent.to_claim.print()),
            to_pledgor: to_pledgor.map(Money::print),
            trade: consent.map(|consent| consent.trade.0),
            paid_claim: settled.map(|(_, _, paid)| paid.print()),
            parts: settled.map(|(_, _, paid)| ClaimPartView::of(sale, paid)).unwrap_or_default(),
            requested_by: sale.requested_by.0,
            requested_at: sale.requested_at,
            answered_at: sale.state.answered().map(|(_, at)| at),
            settled_at: settled.map(|(_, at, _)| at),
            version: sale.version,
        })
    }
}

async fn view(work: &Work, sales: Vec<Sale>) -> Result<ConsentedSaleView, Failure> {
    let sale = one(sales, |sale| sale)?;
    let words = Words::of_ids(work.connection(), &[sale.right_class]).await?;
    ConsentedSaleView::of(&sale, &words)
}

/// A command on sales with its input.
type SaleCommand<I> = for<'w> fn(&'w mut Work, &'w I) -> Doing<'w, Vec<Sale>>;

async fn run<I: Sync, B: Sync>(
    shared: &Shared,
    permit: &Permit,
    command: &Command<B>,
    input: I,
    body: SaleCommand<I>,
) -> Result<ConsentedSaleView, Failure> {
    let done = shared.db.run_once(permit, &command.key, &input, move |work, input| {
        Box::pin(async move {
            let changed = body(work, input).await?;
            view(work, changed).await
        })
    });
    done.await
}

/// Ask to sell what a lien of yours holds to a named buyer, as the pledgor. Both sides are judged as in any trade; the pledgee has to consent.
#[utoipa::path(post, path = "/pledges/{id}/consented-sales", tag = "pledges", operation_id = "request_consented_sale",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = RequestConsentedSale,
    security(("bearer" = [])), extensions(("x-permission" = json!("propose_offer"))),
    responses((status = 201, description = "Asked for", body = ConsentedSaleView)))]
async fn request_consented_sale(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<RequestConsentedSale>,
) -> Reply<ConsentedSaleView> {
    let permit = command.caller.may(Action::ProposeOffer)?;
    let lien = LienId(command.body.lien);
    let measure = queries::measure_of_lien(&shared.db, &command.caller, pledge, lien).await?;
    let new = [command.body.read(Act { pledge, expected: command.expected }, measure.as_ref())?];
    let asked = run(&shared, &permit, &command, new, |work, news| Box::pin(commands::request(work, news)));
    Ok(Answer::created(asked.await?))
}

/// Consent to a sale, as the pledgee, with the order of payment: it is a trade from then on, which the bureaux of both areas decide on.
#[utoipa::path(post, path = "/consented-sales/{id}/consent", tag = "pledges", operation_id = "agree_consented_sale",
    params(("id" = Uuid, Path, description = "Id of the sale")), request_body = ConsentToSale, security(("bearer" = [])),
    extensions(("x-permission" = json!("release_pledge"))),
    responses((status = 200, description = "Consented", body = ConsentedSaleView)))]
async fn agree_consented_sale(
    State(shared): State<Shared>,
    Id(sale): Id<ConsentedSaleId>,
    command: Command<ConsentToSale>,
) -> Reply<ConsentedSaleView> {
    let permit = command.caller.may(Action::ReleasePledge)?;
    let mut fields = Fields::default();
    let document = fields.text("document", &command.body.document);
    let to_claim = fields.money_or_nothing("to_claim", &command.body.to_claim);
    let act = SaleAct { sale, expected: command.expected };
    let settlement_bank = OrganisationId(command.body.settlement_bank);
    let new = document.zip(to_claim);
    let new = new.map(|(document, to_claim)| NewConsent { act, document, to_claim, settlement_bank });
    let new = [fields.finish(new)?];
    let done = run(&shared, &permit, &command, new, |work, news| Box::pin(commands::consent(work, news)));
    Ok(Answer::ok(done.await?))
}

/// Refuse your consent to a sale, as the pledgee.
#[utoipa::path(post, path = "/consented-sales/{id}/refuse", tag = "pledges", operation_id = "refuse_consented_sale",
    params(("id" = Uuid, Path, description = "Id of the sale")), request_body = RefuseConsentedSale,
    security(("bearer" = [])), extensions(("x-permission" = json!("release_pledge"))),
    responses((status = 200, description = "Refused", body = ConsentedSaleView)))]
async fn refuse_consented_sale(
    State(shared): State<Shared>,
    Id(sale): Id<ConsentedSaleId>,
    command: Command<RefuseConsentedSale>,
) -> Reply<ConsentedSaleView> {
    let permit = command.caller.may(Action::ReleasePledge)?;
    let mut fields = Fields::default();
    let reason = fields.passage("reason", &command.body.reason);
    let act = SaleAct { sale, expected: command.expected };
    let new = [fields.finish(reason.map(|reason| NewRefusal { act, reason }))?];
    let done = run(&shared, &permit, &command, new, |work, news| Box::pin(commands::refuse(work, news)));
    Ok(Answer::ok(done.await?))
}

/// Take your wish to sell back, as the pledgor, as long as the pledgee has not consented; after that call the trade off.
#[utoipa::path(post, path = "/consented-sales/{id}/withdraw", tag = "pledges", operation_id = "withdraw_consented_sale",
    params(("id" = Uuid, Path, description = "Id of the sale")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_offer"))),
    responses((status = 200, description = "Taken back", body = ConsentedSaleView)))]
async fn withdraw_consented_sale(
    State(shared): State<Shared>,
    Id(sale): Id<ConsentedSaleId>,
    command: Command<Empty>,
) -> Reply<ConsentedSaleView> {
    let permit = command.caller.may(Action::ProposeOffer)?;
    let act = [SaleAct { sale, expected: command.expected }];
    let done = run(&shared, &permit, &command, act, |work, acts| Box::pin(commands::withdraw(work, acts)));
    Ok(Answer::ok(done.await?))
}

/// Settle a sale, as its buyer, once both bureaux have approved its trade: judged again, rights and money change hands in one journal, and the
/// money goes by the order to which the pledgee has consented.
#[utoipa::path(post, path = "/consented-sales/{id}/settle", tag = "pledges", operation_id = "settle_consented_sale",
    params(("id" = Uuid, Path, description = "Id of the sale")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("buy_pledged"))),
    responses((status = 200, description = "Settled", body = ConsentedSaleView)))]
async fn settle_consented_sale(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(sale): Id<ConsentedSaleId>,
    command: Command<Empty>,
) -> Reply<ConsentedSaleView> {
    let permit = command.caller.may(Action::BuyPledged)?;
    let input = (binders, [SaleAct { sale, expected: command.expected }]);
    let done = run(&shared, &permit, &command, input, |work, (binders, acts)| {
        Box::pin(commands::settle(work, *binders, acts))
    });
    Ok(Answer::ok(done.await?))
}

/// Filters of the sales.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsentedSaleQuery {
    /// Id of a pledge.
    pledge: Option<Uuid>,
    /// `requested`, `consented`, `settled`, `refused` or `withdrawn`.
    #[param(example = "requested")]
    state: Option<String>,
}

/// Sales with consent that you may see: of your rights, out of your pledges, to you, or in your area.
#[utoipa::path(get, path = "/consented-sales", tag = "pledges", operation_id = "list_consented_sales",
    params(ConsentedSaleQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Sales in the order of asking", body = Listing<ConsentedSaleView>)))]
async fn list_consented_sales(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ConsentedSaleQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ConsentedSaleView>> {
    caller.may(Action::ReadPledges)?;
    one_of("state", query.state.as_deref(), sales::STATES)?;
    let filter = SaleFilter { pledge: query.pledge.map(PledgeId), state: query.state.as_deref() };
    let found = queries::list_sales(&shared.db, &caller, filter, &page).await?;
    let classes: Vec<RightClassId> = found.items.iter().map(|sale| sale.right_class).collect();
    let words = Words::of_ids(shared.db.reader(), &classes).await?;
    let items = found.items.iter().map(|one| ConsentedSaleView::of(one, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One sale with consent.
#[utoipa::path(get, path = "/consented-sales/{id}", tag = "pledges", operation_id = "find_consented_sale",
    params(("id" = Uuid, Path, description = "Id of the sale")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The sale", body = ConsentedSaleView)))]
async fn find_consented_sale(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ConsentedSaleId>,
) -> Reply<ConsentedSaleView> {
    caller.may(Action::ReadPledges)?;
    let found = queries::find_sale(&shared.db, &caller, id).await?.ok_or_else(|| not_found("consented sale"))?;
    let words = Words::of_ids(shared.db.reader(), &[found.right_class]).await?;
    Ok(Answer::ok(ConsentedSaleView::of(&found, &words)?))
}
