//! Pledges and their liens.

use super::acts::{Agreement, Release, proposed};
use super::api_pledgors::read_further;
use super::api_shares::{PledgeeField, read_pledgees};
use super::api_valuations::AppraisalFields;
use super::api_view::{PledgeView, words_of};
use super::commands::{self, Act, NewPledge, NewRight, Rejection, Verification};
use super::lien_commands::{self, Registering};
use super::pledge::{ClaimPart, Pledge, PledgeState, Terms};
use super::queries;
use super::valuations::commands::StatedPart;
use crate::access::{Action, Permit};
use crate::db::CommandKey;
use crate::db::Work;
use crate::db::gather::{Callers, Item};
use crate::db::work::Doing;
use crate::decisions::api_tasks::{self, TaskView, answer, read_documents};
use crate::decisions::{Grounds, Proposal};
use crate::encumbrance::Binders;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{FacilityId, OrganisationId, PledgeId, SiteId};
use crate::kernel::page::Page;
use crate::parties::words::Words;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most rights of one pledge; more than any enterprise has sites and pollutants, and one journal stays small.
const MOST_RIGHTS: usize = 50;

/// The operations on pledges.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(apply_for_pledge, list_pledges))
        .routes(routes!(find_pledge))
        .routes(routes!(verify_pledge))
        .routes(routes!(agree_pledge))
        .routes(routes!(register_pledge))
        .routes(routes!(release_pledge))
        .routes(routes!(refuse_pledge))
        .routes(routes!(withdraw_pledge))
}

/// A right to be pledged.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PledgedRight {
    /// Id of a site of the pledgor, or of one of the further pledgors.
    pub site: Uuid,
    /// Code of the right class (环境权益).
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// How much is pledged (质押数量): decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// CNY; the part of the loan that rests on it (对应担保债权额). May be left out where it is the only one.
    #[schema(example = "230000.00")]
    pub secured: Option<String>,
    /// CNY; what it was assessed at (评估价值). May be left out where it is the only one, and is where the market's statistics say it.
    #[schema(example = "260000.00")]
    pub assessed_value: Option<String>,
    /// Whether it may be more than is free, and wait for what liens before it hold (后顺位), where the rulebook lets it.
    #[serde(default)]
    #[schema(example = false)]
    pub junior: bool,
}

/// The period in which the claims of a maximum-amount pledge (最高额质押) arise; the secured amount is then their ceiling.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeterminationPeriod {
    /// First day.
    #[schema(format = Date, example = "2022-03-31")]
    pub from: String,
    /// Last day (债权确定期间届满日).
    #[schema(format = Date, example = "2023-03-30")]
    pub to: String,
}

fn restricts() -> bool {
    true
}

/// A pledge to apply for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyForPledge {
    /// Id of the enterprise whose rights they are (出质人); the borrower where others give rights for its loan.
    pub pledgor: Uuid,
    /// Ids of others who give rights of their own for the same loan (第三人出质). Each has consented to you, and agrees for itself.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([]))]
    pub further_pledgors: Vec<Uuid>,
    /// Id of one of your facilities, when the loan is drawn from one.
    pub facility: Option<Uuid>,
    /// Every pledgee of several (银团) with its share of what is secured, yourself among them: you lead, and act for all. Left out where you are
    /// the only one.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([]))]
    pub pledgees: Vec<PledgeeField>,
    /// Number of the loan contract (主合同).
    #[schema(example = "通汇借2022-0331")]
    pub loan_contract: String,
    /// Number of the pledge contract (质押合同).
    #[schema(example = "通汇质2022-0331")]
    pub pledge_contract: String,
    /// CNY; the whole loan (主债权).
    #[schema(example = "1000000.00")]
    pub principal: String,
    /// CNY; the part of the loan that is secured on these rights (对应担保债权额), at most the principal.
    #[schema(example = "230000.00")]
    pub secured: String,
    /// What beside the principal is secured (担保范围): `interest`, `penalty`, `damages`, `custody_costs`, `enforcement_costs`; all of it, as the law
    /// has it, when left out.
    #[schema(example = json!(["interest", "penalty", "enforcement_costs"]))]
    pub claim_scope: Option<Vec<String>>,
    /// The period in which the claims of a maximum-amount pledge arise (最高额质押); left out of any other.
    pub maximum_amount: Option<DeterminationPeriod>,
    /// Whether you have agreed with the pledgor that the rights are not sold meanwhile (禁止或限制转让的约定); you have when left out.
    #[serde(default = "restricts")]
    #[schema(example = true)]
    pub restricts_transfer: bool,
    /// CNY; what the rights were assessed at together (评估价值). Left out where the market's statistics say it.
    #[schema(example = "260000.00")]
    pub assessed_value: Option<String>,
    /// How the rights were assessed (评估方法); `market_statistics` takes the market's own mean price of `price_period`.
    #[schema(example = "market_price")]
    pub valuation_method: String,
    /// The period whose mean price counts, such as `2022-Q4`, `2022-11` or `2022`; by `market_statistics` alone.
    #[schema(example = json!(null))]
    pub price_period: Option<String>,
    /// Who assessed them (评估机构); you yourself when left out.
    #[schema(example = "湖北永业行资产评估咨询有限公司")]
    pub valuer: Option<String>,
    /// The last day for which the valuation is good (评估有效期), where it says one.
    #[schema(format = Date, example = "2023-03-27")]
    pub valuation_expires_on: Option<String>,
    /// Day of the valuation (评估日).
    #[schema(format = Date, example = "2022-03-28")]
    pub valued_on: String,
    /// First day of the debt (债务履行期限).
    #[schema(format = Date, example = "2022-03-31")]
    pub debt_from: String,
    /// Last day of the debt (债务履行期限).
    #[schema(format = Date, example = "2023-03-30")]
    pub debt_to: String,
    /// The rights (质押财产): 1 to 50, each site's stock of a class named once.
    #[schema(min_items = 1, max_items = 50)]
    pub rights: Vec<PledgedRight>,
}

impl ApplyForPledge {
    fn codes(&self) -> Vec<String> {
        self.rights.iter().take(MOST_RIGHTS).map(|right| right.right_class.clone()).collect()
    }

    fn read(&self, words: &Words) -> Result<NewPledge, Failure> {
        let mut fields = Fields::default();
        let terms = self.terms(&mut fields);
        let appraisal = AppraisalFields {
            method: &self.valuation_method,
            price_period: self.price_period.as_deref(),
            valued_on: &self.valued_on,
            expires_on: ("valuation_expires_on", self.valuation_expires_on.as_deref()),
            valuer: self.valuer.as_deref(),
        };
        let appraisal = appraisal.read(&mut fields, "valuation_method");
        let assessed_value = self.assessed_value.as_deref().and_then(|text| fields.money("assessed_value", text));
        let (mut rights, mut parts) = (Vec::new(), Vec::new());
        let listed = fields.count("rights", &self.rights, MOST_RIGHTS);
        for (at, right) in listed.iter().take(MOST_RIGHTS).enumerate() {
            let place = format!("rights[{at}]");
            let (right_secured, right_value) = (right.secured.as_deref(), right.assessed_value.as_deref());
            let is_junior = right.junior;
            let class = fields.take(&place, words.class_by_code(&right.right_class));
            let right = class.and_then(|(right_class, measure)| {
                let quantity = fields.quantity(&format!("{place}.quantity"), &right.quantity, &measure)?;
                Some(NewRight { site: SiteId(right.site), right_class, quantity, is_junior })
            });
            rights.extend(right);
            let mut money =
                |name: &str, text: Option<&str>| text.and_then(|text| fields.money(&format!("{place}.{name}"), text));
            let secured = money("secured", right_secured);
            parts.push(StatedPart { secured, value: money("assessed_value", right_value) });
        }
        let pledgees = read_pledgees(&mut fields, &self.pledgees);
        let further = read_further(&mut fields, &self.further_pledgors);
        let (pledgor, facility) = (OrganisationId(self.pledgor), self.facility.map(FacilityId));
        let read = terms.zip(appraisal);
        fields.finish(read.map(|(terms, appraisal)| NewPledge {
            pledgor,
            further,
            facility,
            pledgees,
            terms,
            appraisal,
            assessed_value,
            rights,
            parts,
        }))
    }

    fn scope(&self, fields: &mut Fields) -> Option<Vec<ClaimPart>> {
        let Some(words) = &self.claim_scope else { return Some(ClaimPart::ALL.to_vec()) };
        let known: Vec<&str> = ClaimPart::ALL.iter().map(|part| part.as_str()).collect();
        let named: Option<Vec<ClaimPart>> =
            words.iter().map(|word| fields.word("claim_scope", word, ClaimPart::parse, &known)).collect();
        let is_named = |part: &ClaimPart, named: &[ClaimPart]| named.contains(part);
        named.map(|named| ClaimPart::ALL.iter().copied().filter(|part| is_named(part, &named)).collect())
    }

    fn determined(&self, fields: &mut Fields) -> Option<(Date, Date)> {
        let period = self.maximum_amount.as_ref()?;
        let from = fields.date("maximum_amount.from", &period.from);
        from.zip(fields.date("maximum_amount.to", &period.to))
    }

    fn terms(&self, fields: &mut Fields) -> Option<Terms> {
        let loan_contract = fields.text("loan_contract", &self.loan_contract);
        let pledge_contract = fields.text("pledge_contract", &self.pledge_contract);
        let principal = fields.money("principal", &self.principal);
        let secured = fields.money("secured", &self.secured);
        let (scope, determined) = (self.scope(fields), self.determined(fields));
        let debt_from = fields.date("debt_from", &self.debt_from);
        let debt_to = fields.date("debt_to", &self.debt_to);
        Some(Terms {
            loan_contract: loan_contract?,
            pledge_contract: pledge_contract?,
            principal: principal?,
            secured: secured?,
            scope: scope?,
            determined,
            restricts_transfer: self.restricts_transfer,
            debt_from: debt_from?,
            debt_to: debt_to?,
        })
    }
}

/// A command on pledges with its input.
pub(super) type PledgeCommand<I> = for<'w> fn(&'w mut Work, &'w I) -> Doing<'w, Vec<Pledge>>;

/// Runs a command on one pledge, and answers the pledge.
///
/// # Errors
/// What the command refuses.
pub(super) async fn run<I: Sync>(
    shared: &Shared,
    permit: &Permit,
    key: &CommandKey,
    input: I,
    command: PledgeCommand<I>,
) -> Result<PledgeView, Failure> {
    let answer = shared.db.run_once(permit, key, &input, move |work, input| {
        Box::pin(async move {
            let pledge = one(command(work, input).await?, |pledge| pledge)?;
            let words = words_of(work.connection(), std::slice::from_ref(&pledge)).await?;
            PledgeView::of(pledge, &words)
        })
    });
    answer.await
}

/// Apply for a pledge under the enterprise's consent. Everything is judged; nothing moves yet.
#[utoipa::path(post, path = "/pledges", tag = "pledges", operation_id = "apply_for_pledge", request_body = ApplyForPledge,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))), responses((status = 201, description = "Applied for", body = PledgeView)))]
async fn apply_for_pledge(State(shared): State<Shared>, command: Command<ApplyForPledge>) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    let words = Words::of_codes(shared.db.reader(), &command.body.codes()).await?;
    let new = command.body.read(&words)?;
    let applied = run(&shared, &permit, &command.key, [new], |work, news| Box::pin(commands::apply(work, news)));
    Ok(Answer::created(applied.await?))
}

/// A bureau's word.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyPledge {
    /// Why, for the decision record.
    #[schema(example = "与排污权电子凭证一致")]
    pub reason: Option<String>,
    /// SHA-256 of the document it rests on, in lower-case hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// Verify the quantity of a pledge against the books, as the bureau in charge of its sites.
#[utoipa::path(post, path = "/pledges/{id}/verify", tag = "pledges", operation_id = "verify_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = VerifyPledge, security(("bearer" = [])),
    extensions(("x-permission" = json!("verify_pledge"))),
    responses((status = 200, description = "Verified", body = PledgeView)))]
async fn verify_pledge(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<VerifyPledge>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::VerifyPledge)?;
    let mut fields = Fields::default();
    let reason = fields.optional_reason("reason", command.body.reason.as_deref());
    let document_hash = fields.optional_hash("document_hash", command.body.document_hash.as_deref());
    let act = Act { pledge, expected: command.expected };
    let documents = read_documents(&mut fields, &command.body.documents);
    let grounds = Grounds { reason, documents, document_hash };
    let verification = fields.finish(Some(Verification { act, grounds }))?;
    let verified =
        run(&shared, &permit, &command.key, [verification], |work, wanted| Box::pin(commands::verify(work, wanted)));
    Ok(Answer::ok(verified.await?))
}

/// A no.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusePledge {
    /// Why.
    #[schema(example = "质押数量与凭证不符")]
    pub reason: String,
    /// SHA-256 of the document it rests on, in lower-case hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// Refuse a pledge before it is registered, as the bureau in charge of its sites, as one of its pledgors, or as a pledgee that does not lead.
#[utoipa::path(post, path = "/pledges/{id}/refuse", tag = "pledges", operation_id = "refuse_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = RefusePledge, security(("bearer" = [])),
    extensions(("x-permission" = json!(["verify_pledge", "agree_pledge", "register_pledge"]))),
    responses((status = 200, description = "Refused", body = PledgeView)))]
async fn refuse_pledge(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<RefusePledge>,
) -> Reply<PledgeView> {
    let permit = command.caller.may_any(&[Action::VerifyPledge, Action::AgreePledge, Action::RegisterPledge])?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &command.body.reason);
    let document_hash = fields.optional_hash("document_hash", command.body.document_hash.as_deref());
    let act = Act { pledge, expected: command.expected };
    let documents = read_documents(&mut fields, &command.body.documents);
    let grounds = Grounds { reason: None, documents, document_hash };
    let rejection = fields.finish(reason.map(|reason| Rejection { act, reason, grounds }))?;
    let refused =
        run(&shared, &permit, &command.key, [rejection], |work, wanted| Box::pin(commands::refuse(work, wanted)));
    Ok(Answer::ok(refused.await?))
}

/// Does an act on one pledge that needs nothing but its id.
///
/// # Errors
/// What the command refuses.
pub(super) async fn act(
    shared: &Shared,
    pledge: PledgeId,
    command: &Command<Empty>,
    action: Action,
    body: PledgeCommand<[Act; 1]>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(action)?;
    let act = Act { pledge, expected: command.expected };
    Ok(Answer::ok(run(shared, &permit, &command.key, [act], body).await?))
}

/// Does an act of a party, or lets it wait where the party asks for a second of its people.
async fn act_or_wait(
    shared: &Shared,
    pledge: PledgeId,
    command: &Command<Empty>,
    proposal: impl Proposal,
) -> Result<Response, Problem> {
    let permit = command.caller.may(proposal.permission())?;
    let wanted = proposed(Act { pledge, expected: command.expected }, command.caller.organisation)?;
    let wanted = (proposal, wanted);
    let told = shared.db.run_once(&permit, &command.key, &wanted, |work, (proposal, wanted)| {
        Box::pin(api_tasks::act(work, proposal, wanted))
    });
    answer(told.await?, |pledge: PledgeView| Answer::ok(pledge).into_response())
}

/// Agree to the terms of a pledge, as its pledgor; of several pledgors each agrees for itself, in any order. Where your own organisation asks for a second person, it waits for one.
#[utoipa::path(post, path = "/pledges/{id}/agree", tag = "pledges", operation_id = "agree_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("agree_pledge"))),
    responses((status = 200, description = "Agreed", body = PledgeView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn agree_pledge(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Result<Response, Problem> {
    act_or_wait(&shared, id, &command, Agreement).await
}

/// Register a pledge, as its pledgee: the number is issued and the grams are held.
#[utoipa::path(post, path = "/pledges/{id}/register", tag = "pledges", operation_id = "register_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Registered", body = PledgeView)))]
async fn register_pledge(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    let act = Act { pledge: id, expected: command.expected };
    let item = Item { input: Registering { by: command.caller, act }, target: Some(id.0), callers: Callers::Any };
    let registered = shared.db.gather(&permit, &command.key, item, |work, wanted| {
        Box::pin(async move {
            let pledges = lien_commands::register(work, wanted).await?;
            let words = words_of(work.connection(), &pledges).await?;
            pledges.into_iter().map(|pledge| PledgeView::of(pledge, &words)).collect()
        })
    });
    Ok(Answer::ok(registered.await?))
}

/// Release a pledge, as its pledgee: every gram goes back. Where your own organisation asks for a second person, the lien stands until
/// that person approves.
#[utoipa::path(post, path = "/pledges/{id}/release", tag = "pledges", operation_id = "release_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("release_pledge"))),
    responses((status = 200, description = "Released", body = PledgeView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn release_pledge(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Result<Response, Problem> {
    act_or_wait(&shared, id, &command, Release { binders }).await
}

/// Take an application back before it is registered, as its pledgee.
#[utoipa::path(post, path = "/pledges/{id}/withdraw", tag = "pledges", operation_id = "withdraw_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Withdrawn", body = PledgeView)))]
async fn withdraw_pledge(
    State(shared): State<Shared>,
    Id(id): Id<PledgeId>,
    command: Command<Empty>,
) -> Reply<PledgeView> {
    let withdraw: PledgeCommand<[Act; 1]> = |work, acts| Box::pin(commands::withdraw(work, acts));
    act(&shared, id, &command, Action::RegisterPledge, withdraw).await
}

/// Filters of the pledges.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PledgeQuery {
    /// `applied`, `verified`, `agreed`, `registered`, `defaulted`, `closed`, `released`, `refused` or `withdrawn`.
    #[param(example = "registered")]
    state: Option<String>,
    /// Number in the register.
    #[param(example = "421222-2022-000001")]
    number: Option<String>,
}

impl PledgeQuery {
    fn state(&self) -> Result<Option<&'static str>, Failure> {
        let known = |text: &str| PledgeState::WORDS.iter().find(|word| **word == text).copied();
        let mut fields = Fields::default();
        let state = self.state.as_deref().and_then(|text| fields.word("state", text, known, PledgeState::WORDS));
        fields.finish(Some(state))
    }
}

/// Pledges that you may see: of your rights, to you, or in your area.
#[utoipa::path(get, path = "/pledges", tag = "pledges", operation_id = "list_pledges",
    params(PledgeQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Pledges in the order of application", body = Listing<PledgeView>)))]
async fn list_pledges(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PledgeQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<PledgeView>> {
    caller.may(Action::ReadPledges)?;
    let (state, number) = (query.state()?, query.number.as_deref());
    let found =
        queries::list_pledges(&shared.db, &caller, state.as_ref().map(std::slice::from_ref), number, &page).await?;
    let words = words_of(shared.db.reader(), &found.items).await?;
    let items = found.items.into_iter().map(|pledge| PledgeView::of(pledge, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One pledge.
#[utoipa::path(get, path = "/pledges/{id}", tag = "pledges", operation_id = "find_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The pledge", body = PledgeView)))]
async fn find_pledge(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<PledgeId>) -> Reply<PledgeView> {
    caller.may(Action::ReadPledges)?;
    let found = queries::find_pledge(&shared.db, &caller, id).await?;
    let pledge = found.ok_or_else(|| not_found("pledge"))?;
    let words = words_of(shared.db.reader(), std::slice::from_ref(&pledge)).await?;
    Ok(Answer::ok(PledgeView::of(pledge, &words)?))
}
