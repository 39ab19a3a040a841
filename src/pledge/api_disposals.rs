//! Defaults, and the disposal of what is pledged.

use super::api::{PledgeCommand, act, run};
use super::api_shares::PaymentView;
use super::api_view::PledgeView;
use super::commands::Act;
use super::disposals::commands::{self, DisposalAct, NewDefault, NewDisposal};
use super::disposals::{Disposal, DisposalMode};
use super::queries;
use crate::access::{Action, Permit};
use crate::concerns;
use crate::db::Work;
use crate::db::work::Doing;
use crate::encumbrance::Binders;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{DisposalId, LienId, OrganisationId, PledgeId, ProjectId, RightClassId, SiteId};
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

/// The operations on defaults and disposals.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(declare_default))
        .routes(routes!(cure_default))
        .routes(routes!(propose_disposal))
        .routes(routes!(list_disposals))
        .routes(routes!(find_disposal))
        .routes(routes!(restate_default))
        .routes(routes!(agree_disposal))
        .routes(routes!(settle_disposal))
        .routes(routes!(decline_disposal))
        .routes(routes!(withdraw_disposal))
}

/// A default to declare.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareDefault {
    /// Why.
    #[schema(example = "逾期未还")]
    pub reason: String,
    /// CNY; what is due (到期债权额).
    #[schema(example = "1005000.00")]
    pub amount_due: String,
}

impl DeclareDefault {
    fn read(&self, act: Act) -> Result<NewDefault, Failure> {
        let mut fields = Fields::default();
        let reason = fields.passage("reason", &self.reason);
        let due = fields.money("amount_due", &self.amount_due);
        fields.finish(reason.zip(due).map(|(reason, amount_due)| NewDefault { act, reason, amount_due }))
    }
}

/// Declare the default on a pledge, as its pledgee: the term to cure it begins.
#[utoipa::path(post, path = "/pledges/{id}/declare-default", tag = "pledges", operation_id = "declare_default",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = DeclareDefault, security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 200, description = "In default", body = PledgeView)))]
async fn declare_default(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<DeclareDefault>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::EnforcePledge)?;
    let new = command.body.read(Act { pledge, expected: command.expected })?;
    let declared = run(&shared, &permit, &command.key, [new], |work, news| Box::pin(commands::declare(work, news)));
    Ok(Answer::ok(declared.await?))
}

/// Tell anew what is due after a default, as its pledgee: no disposal claims more than that, less what disposals have paid since. The term to cure
/// goes on.
#[utoipa::path(post, path = "/pledges/{id}/restate-default", tag = "pledges", operation_id = "restate_default",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = DeclareDefault, security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 200, description = "Told anew", body = PledgeView)))]
async fn restate_default(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<DeclareDefault>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::EnforcePledge)?;
    let new = command.body.read(Act { pledge, expected: command.expected })?;
    let restated = run(&shared, &permit, &command.key, [new], |work, news| Box::pin(commands::restate(work, news)));
    Ok(Answer::ok(restated.await?))
}

/// Tell that a default is cured, as the pledgee: the pledge is as it was before.
#[utoipa::path(post, path = "/pledges/{id}/cure-default", tag = "pledges", operation_id = "cure_default",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 200, description = "Cured", body = PledgeView)))]
async fn cure_default(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Reply<PledgeView> {
    let cure: PledgeCommand<[Act; 1]> = |work, acts| Box::pin(commands::cure(work, acts));
    act(&shared, id, &command, Action::EnforcePledge, cure).await
}

/// A disposal to propose.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeDisposal {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// How much; decimal string in the pollutant's unit. All that the lien holds when left out.
    #[schema(example = "10.000")]
    pub quantity: Option<String>,
    /// `auction`, `agreement` or `buy_back` (质权实现方式).
    #[schema(example = "auction", extensions(("x-words" = json!(DisposalMode::WORDS))))]
    pub mode: String,
    /// Number of the record of the auction, of the agreement, or of the buy-back.
    #[schema(example = "咸宁处置2023-001")]
    pub document: String,
    /// Id of the site that buys (受让方).
    pub buyer_site: Uuid,
    /// Id of the project that it buys for; the reserve has none.
    pub project: Option<Uuid>,
    /// CNY per display unit, over the whole validity of the right.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// CNY; costs of the disposal (实现质权的费用), which are paid first. May be nothing.
    #[schema(example = "1000.00")]
    pub costs: String,
    /// CNY; the claim that is owed now (到期债权额): principal, interest and what else the pledge secures; no more than is `outstanding`.
    #[schema(example = "61000.00")]
    pub owed: String,
    /// Id of the settlement bank through which costs and claim are paid out.
    pub settlement_bank: Uuid,
}

impl ProposeDisposal {
    /// Reads it, the quantity in the measure of the lien; a lien that the pledge does not have is refused by the command.
    fn read(&self, act: Act, measure: Option<&Measure>) -> Result<NewDisposal, Failure> {
        let mut fields = Fields::default();
        let known: Vec<&str> = DisposalMode::ALL.iter().map(|mode| mode.as_str()).collect();
        let mode = fields.word("mode", &self.mode, DisposalMode::parse, &known);
        let document = fields.text("document", &self.document);
        let unit_price = fields.price("unit_price", &self.unit_price);
        let costs = fields.money_or_nothing("costs", &self.costs);
        let owed = fields.money("owed", &self.owed);
        let asked = self.quantity.as_deref().zip(measure);
        let quantity = asked.and_then(|(text, measure)| fields.quantity("quantity", text, measure));
        let read = mode.zip(document).zip(unit_price).zip(costs).zip(owed);
        fields.finish(read.map(|((((mode, document), unit_price), costs), owed)| NewDisposal {
            act,
            lien: LienId(self.lien),
            quantity,
            mode,
            document,
            settlement_bank: OrganisationId(self.settlement_bank),
            buyer_site: SiteId(self.buyer_site),
            project: self.project.map(ProjectId),
            unit_price,
            costs,
            owed,
        }))
    }
}

concerns!(DisposalView: Organisation [pledgor, pledgee, buyer]);

/// A disposal of what a lien holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Disposal)]
pub struct DisposalView {
    /// Its identity.
    pub id: Uuid,
    /// The pledge.
    pub pledge: Uuid,
    /// The lien.
    pub lien: Uuid,
    /// The enterprise whose rights they are (出质人).
    pub pledgor: Uuid,
    /// The bank or guarantor (质权人).
    pub pledgee: Uuid,
    /// The organisation that buys (受让方).
    pub buyer: Uuid,
    /// Its site.
    pub buyer_site: Uuid,
    /// The project that it buys for.
    pub project: Option<Uuid>,
    /// The settlement bank through which costs and claim are paid out.
    pub settlement_bank: Uuid,
    /// `auction`, `agreement` or `buy_back` (质权实现方式).
    #[schema(example = "auction", extensions(("x-words" = json!(DisposalMode::WORDS))))]
    pub mode: String,
    /// Number of the record that it rests on.
    #[schema(example = "咸宁处置2023-001")]
    pub document: String,
    /// Code of the right class (环境权益).
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "10.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// CNY per display unit.
    #[schema(example = "8790.00")]
    pub unit_price: String,
    /// CNY; price × quantity (处置价款), half up to the fen.
    #[schema(example = "87900.00")]
    pub total: String,
    /// CNY; costs of the disposal (实现质权的费用).
    #[schema(example = "1000.00")]
    pub costs: String,
    /// CNY; the claim that was owed (到期债权额).
    #[schema(example = "61000.00")]
    pub owed: String,
    /// `proposed`, `agreed`, `settled`, `declined` or `withdrawn`.
    #[schema(example = "settled", extensions(("x-words" = json!(crate::pledge::disposals::DisposalState::WORDS))))]
    pub state: String,
    /// CNY of the proceeds to the costs, once it is settled.
    #[schema(example = "1000.00")]
    pub paid_costs: Option<String>,
    /// CNY of the proceeds to the claim (清偿).
    #[schema(example = "61000.00")]
    pub paid_claim: Option<String>,
    /// CNY of the proceeds to the pledgor (剩余价款).
    #[schema(example = "25900.00")]
    pub surplus: Option<String>,
    /// CNY of the claim that is still owed (不足清偿部分).
    #[schema(example = "0.00")]
    pub shortfall: Option<String>,
    /// The lot of an auction of the exchange that the buyer has won; null of any other disposal.
    pub lot: Option<Uuid>,
    /// CNY of the winner's deposit, held until the disposal is over.
    #[schema(example = "26370.00")]
    pub deposit: Option<String>,
    /// The last day on which the winner may settle without losing the deposit, where the rules set one.
    #[schema(value_type = Option<String>, format = Date, example = "2023-01-20")]
    pub settle_by: Option<String>,
    /// What each of several pledgees got of the claim, the leader first; empty of one, and before it is settled.
    pub payments: Vec<PaymentView>,
    /// The user who proposed it.
    pub proposed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Moment,
    /// When the pledgor agreed, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub agreed_at: Option<Moment>,
    /// When it was settled, declined or taken back, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for DisposalView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl DisposalView {
    fn of(disposal: &Disposal, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(disposal.right_class)?;
        let paid = disposal.state.paid();
        Ok(Self {
            id: disposal.id.0,
            pledge: disposal.pledge.0,
            lien: disposal.lien.0,
            pledgor: disposal.pledgor.0,
            pledgee: disposal.pledgee.0,
            buyer: disposal.buyer.organisation.0,
            buyer_site: disposal.buyer.site.0,
            project: disposal.buyer.project.map(|project| project.0),
            settlement_bank: disposal.settlement_bank.0,
            mode: disposal.mode.as_str().to_owned(),
            document: disposal.document.clone(),
            right_class,
            quantity: disposal.quantity.print(measure),
            unit: measure.unit.clone(),
            unit_price: disposal.unit_price.print(),
            total: disposal.total.print(),
            costs: disposal.costs.print(),
            owed: disposal.owed.print(),
            state: disposal.state.as_str().to_owned(),
            paid_costs: paid.map(|paid| paid.costs.print()),
            paid_claim: paid.map(|paid| paid.claim.print()),
            surplus: paid.map(|paid| paid.surplus.print()),
            shortfall: disposal.shortfall().map(Money::print),
            lot: disposal.win.map(|win| win.lot.0),
            deposit: disposal.win.map(|win| win.deposit.print()),
            settle_by: disposal.win.and_then(|win| win.settle_by).map(|day| day.to_string()),
            payments: disposal.payments.iter().filter(|_| disposal.payments.len() > 1).map(PaymentView::from).collect(),
            proposed_by: disposal.proposed_by.0,
            proposed_at: disposal.proposed_at,
            agreed_at: disposal.agreed.map(|(_, at)| at),
            ended_at: disposal.state.ended().map(|(_, at)| at),
            version: disposal.version,
        })
    }
}

/// A command on disposals with its input.
type DisposalCommand<I> = for<'w> fn(&'w mut Work, &'w I) -> Doing<'w, Vec<Disposal>>;

async fn view(work: &Work, disposals: Vec<Disposal>) -> Result<DisposalView, Failure> {
    let disposal = one(disposals, |disposal| disposal)?;
    let words = Words::of_ids(work.connection(), &[disposal.right_class]).await?;
    DisposalView::of(&disposal, &words)
}

/// Propose the disposal of what a lien holds, as the pledgee of a pledge in default whose term to cure is over: by auction, by agreement with the
/// pledgor, or by buy-back of the reserve. The buyer passes every check of a buyer, and is never a pledgee.
#[utoipa::path(post, path = "/pledges/{id}/disposals", tag = "pledges", operation_id = "propose_disposal",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ProposeDisposal, security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 201, description = "Proposed", body = DisposalView)))]
async fn propose_disposal(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<ProposeDisposal>,
) -> Reply<DisposalView> {
    let permit = command.caller.may(Action::EnforcePledge)?;
    let lien = LienId(command.body.lien);
    let measure = queries::measure_of_lien(&shared.db, &command.caller, pledge, lien).await?;
    let new = [command.body.read(Act { pledge, expected: command.expected }, measure.as_ref())?];
    let proposed = shared.db.run_once(&permit, &command.key, &new, |work, news| {
        Box::pin(async move {
            let proposed = commands::propose(work, news).await?;
            view(work, proposed).await
        })
    });
    Ok(Answer::created(proposed.await?))
}

async fn act_on(
    shared: &Shared,
    permit: &Permit,
    id: DisposalId,
    command: &Command<Empty>,
    body: DisposalCommand<[DisposalAct; 1]>,
) -> Reply<DisposalView> {
    let act = [DisposalAct { disposal: id, expected: command.expected }];
    let done = shared.db.run_once(permit, &command.key, &act, move |work, acts| {
        Box::pin(async move {
            let changed = body(work, acts).await?;
            view(work, changed).await
        })
    });
    Ok(Answer::ok(done.await?))
}

/// Agree to a disposal by agreement, as the pledgor.
#[utoipa::path(post, path = "/disposals/{id}/agree", tag = "pledges", operation_id = "agree_disposal",
    params(("id" = Uuid, Path, description = "Id of the disposal")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("agree_pledge"))),
    responses((status = 200, description = "Agreed", body = DisposalView)))]
async fn agree_disposal(
    State(shared): State<Shared>,
    Id(id): Id<DisposalId>,
    command: Command<Empty>,
) -> Reply<DisposalView> {
    let permit = command.caller.may(Action::AgreePledge)?;
    act_on(&shared, &permit, id, &command, |work, acts| Box::pin(commands::agree(work, acts))).await
}

/// Settle a disposal, as its buyer: judged again, rights and money change hands in one journal, and the proceeds pay costs, claim and pledgor.
#[utoipa::path(post, path = "/disposals/{id}/settle", tag = "pledges", operation_id = "settle_disposal",
    params(("id" = Uuid, Path, description = "Id of the disposal")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("buy_pledged"))),
    responses((status = 200, description = "Settled", body = DisposalView)))]
async fn settle_disposal(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<DisposalId>,
    command: Command<Empty>,
) -> Reply<DisposalView> {
    let permit = command.caller.may(Action::BuyPledged)?;
    let act = [DisposalAct { disposal: id, expected: command.expected }];
    let settled = shared.db.run_once(&permit, &command.key, &act, move |work, acts| {
        Box::pin(async move {
            let settled = commands::settle(work, binders, acts).await?;
            view(work, settled).await
        })
    });
    Ok(Answer::ok(settled.await?))
}

/// Decline a disposal, as its buyer, or as the pledgor of one by agreement. The winner of a lot loses the deposit where the rules say so.
#[utoipa::path(post, path = "/disposals/{id}/decline", tag = "pledges", operation_id = "decline_disposal",
    params(("id" = Uuid, Path, description = "Id of the disposal")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("buy_pledged"))),
    responses((status = 200, description = "Declined", body = DisposalView)))]
async fn decline_disposal(
    State(shared): State<Shared>,
    Id(id): Id<DisposalId>,
    command: Command<Empty>,
) -> Reply<DisposalView> {
    let permit = command.caller.may(Action::BuyPledged)?;
    act_on(&shared, &permit, id, &command, |work, acts| Box::pin(commands::decline(work, acts))).await
}

/// Take a disposal back, as its pledgee. The winner of a lot gets the deposit back, unless the last day to settle has gone by and the rules say that
/// it is lost.
#[utoipa::path(post, path = "/disposals/{id}/withdraw", tag = "pledges", operation_id = "withdraw_disposal",
    params(("id" = Uuid, Path, description = "Id of the disposal")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 200, description = "Withdrawn", body = DisposalView)))]
async fn withdraw_disposal(
    State(shared): State<Shared>,
    Id(id): Id<DisposalId>,
    command: Command<Empty>,
) -> Reply<DisposalView> {
    let permit = command.caller.may(Action::EnforcePledge)?;
    act_on(&shared, &permit, id, &command, |work, acts| Box::pin(commands::withdraw(work, acts))).await
}

/// Filters of the disposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DisposalQuery {
    /// Id of a pledge.
    pledge: Option<Uuid>,
}

/// Disposals that you may see: of your rights, for you, to you, or in your area.
#[utoipa::path(get, path = "/disposals", tag = "pledges", operation_id = "list_disposals",
    params(DisposalQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Disposals in the order of proposal", body = Listing<DisposalView>)))]
async fn list_disposals(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<DisposalQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<DisposalView>> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_disposals(&shared.db, &caller, query.pledge.map(PledgeId), &page).await?;
    let classes: Vec<RightClassId> = found.items.iter().map(|disposal| disposal.right_class).collect();
    let words = Words::of_ids(shared.db.reader(), &classes).await?;
    let items = found.items.iter().map(|one| DisposalView::of(one, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One disposal.
#[utoipa::path(get, path = "/disposals/{id}", tag = "pledges", operation_id = "find_disposal",
    params(("id" = Uuid, Path, description = "Id of the disposal")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The disposal", body = DisposalView)))]
async fn find_disposal(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DisposalId>,
) -> Reply<DisposalView> {
    caller.may(Action::ReadPledges)?;
    let found = queries::find_disposal(&shared.db, &caller, id).await?.ok_or_else(|| not_found("disposal"))?;
    let words = Words::of_ids(shared.db.reader(), &[found.right_class]).await?;
    Ok(Answer::ok(DisposalView::of(&found, &words)?))
}
