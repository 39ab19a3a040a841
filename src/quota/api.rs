//! Grants of rights.

use super::allocation::{Allocation, AllocationState};
use super::commands::{self, AllocationDecision, NewAllocation};
use super::fees::{self, FeePayment};
use super::judge::{zone_for, zone_of_none};
use super::queries::{self, AllocationFilter};
use crate::access::{Action, Caller};
use crate::concerns;
use crate::db::Work;
use crate::db::gather::{Body, Callers, Item};
use crate::decisions::Grounds;
use crate::decisions::api_tasks::{ReadReason, read_grounds, read_reason, read_reason_of_no};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{AllocationId, ProjectId, RightClassId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment, Refusal};
use crate::parties::place::measure_for;
use crate::parties::words::Words;
use crate::parties::{PartyRefusal, Pollutant, queries as parties};
use accounting::{Origin, Validity, decimal};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(AllocationView: Organisation [organisation]);

/// The operations on allocations.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose_allocation, list_allocations))
        .routes(routes!(find_allocation))
        .routes(routes!(confirm_allocation))
        .routes(routes!(reject_allocation))
        .routes(routes!(withdraw_allocation))
        .routes(routes!(pay_usage_fee))
}

/// A grant of rights.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Allocation)]
pub struct AllocationView {
    /// Its identity.
    pub id: Uuid,
    /// To which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20221201-20271130")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// The construction project that it is for, where it is for one.
    pub project: Option<Uuid>,
    /// How much must be granted for what the project builds (替代比例), as it stood when it was proposed; null where no ratio applies.
    #[schema(example = "1.2:1")]
    pub replacement_ratio: Option<String>,
    /// What the ratio retires of the quantity when the rights come into being, rounded up to the gram, in the pollutant's unit.
    #[schema(example = "2.083334")]
    pub excess: String,
    /// Number of the document that grants it.
    #[schema(example = "咸环核〔2022〕118号")]
    pub document: String,
    /// `proposed`, `publicised`, `confirmed`, `active`, `rejected` or `withdrawn`.
    #[schema(example = "proposed", extensions(("x-words" = json!(AllocationState::WORDS))))]
    pub state: String,
    /// The last day on which anybody may object, or could while it was laid open; null when it never was.
    #[schema(format = Date, example = "2022-12-08")]
    pub publicised_until: Option<String>,
    /// Usage fee in CNY, where the rules ask for one; null when they do not.
    #[schema(example = "109875.00")]
    pub fee: Option<String>,
    /// How much of it is paid.
    #[schema(example = "0.00")]
    pub fee_paid: Option<String>,
    /// The least that may be paid now.
    #[schema(example = "36625.00")]
    pub fee_least: Option<String>,
    /// Who proposed it.
    pub proposed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Moment,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// The version of the rulebook it was judged by.
    pub rulebook: Uuid,
    /// The batch that it was proposed in, and stands as.
    pub batch: Option<Uuid>,
    /// Its line in the file of the batch.
    #[schema(example = 17)]
    pub line: Option<i64>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for AllocationView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn view(allocation: Allocation, words: &Words) -> Result<AllocationView, Failure> {
    let (right_class, measure) = words.class(allocation.right_class)?;
    let state = allocation.state.as_str().to_owned();
    let publicised_until = allocation.laid_open_until.map(|day| day.to_string());
    let ruling = allocation.state.ruling().cloned();
    Ok(AllocationView {
        id: allocation.id.0,
        site: allocation.site.0,
        organisation: allocation.organisation.0,
        right_class,
        quantity: allocation.quantity.print(measure),
        unit: measure.unit.clone(),
        project: allocation.project.map(|project| project.project.0),
        replacement_ratio: allocation.project.and_then(|project| project.ratio).map(|ratio| ratio.to_string()),
        excess: decimal::print(allocation.excess(), measure.grams_per_unit, measure.decimals),
        document: allocation.document,
        state,
        proposed_by: allocation.proposed_by.0,
        proposed_at: allocation.proposed_at,
        publicised_until,
        fee: allocation.fee.map(|fee| fee.total.print()),
        fee_paid: allocation.fee.map(|fee| fee.paid.print()),
        fee_least: allocation.fee.map(|fee| fee.least().print()),
        decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
        decided_at: ruling.as_ref().map(|ruling| ruling.at),
        reason: ruling.and_then(|ruling| ruling.reason),
        rulebook: allocation.rulebook.0,
        batch: allocation.batch.map(|place| place.batch.0),
        line: allocation.batch.map(|place| place.line),
        version: allocation.version,
    })
}

/// A grant to propose.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeAllocation {
    /// Id of the site, in your area.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid", extensions(("x-words" = json!(Origin::WORDS))))]
    pub origin: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Basin or city; that of the site when left out. Holdings of the reserve must name it.
    #[schema(example = "LUSHUI")]
    pub zone: Option<String>,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Id of a construction project of the site: what its replacement ratio takes of the quantity is retired at once.
    #[schema(example = json!(null))]
    pub project: Option<Uuid>,
    /// Number of the document that grants it.
    #[schema(example = "咸环核〔2022〕118号")]
    pub document: String,
}

impl ProposeAllocation {
    fn read(&self, fields: &mut Fields, pollutants: &HashMap<String, Pollutant>) -> Option<NewAllocation> {
        let unknown = || PartyRefusal::UnknownPollutant { code: self.pollutant.clone() };
        let pollutant = fields.take("", pollutants.get(&self.pollutant).ok_or_else(unknown));
        let measure = measure_for(pollutant, pollutants);
        let quantity = measure.and_then(|measure| fields.quantity("quantity", &self.quantity, measure));
        let origin = fields.word("origin", &self.origin, Origin::parse, &["free", "paid"]);
        let from = fields.date("valid_from", &self.valid_from);
        let to = fields.date("valid_to", &self.valid_to);
        let validity = from.zip(to).and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let zone = fields.optional_text("zone", self.zone.as_deref());
        let document = fields.text("document", &self.document);
        quantity.zip(origin).zip(validity).zip(document).map(|(((quantity, origin), validity), document)| {
            NewAllocation {
                site: SiteId(self.site),
                pollutant: self.pollutant.clone(),
                origin,
                validity,
                zone,
                quantity,
                project: self.project.map(ProjectId),
                document,
            }
        })
    }

    /// The body, or what is wrong with it together with what is wrong with the site and its zone; where the body is good the command tells
    /// that, with the rules.
    async fn read_whole(
        &self,
        shared: &Shared,
        caller: &Caller,
        pollutants: &HashMap<String, Pollutant>,
    ) -> Result<NewAllocation, Failure> {
        let mut fields = Fields::default();
        let new = self.read(&mut fields, pollutants);
        if !fields.is_clean() {
            let site = parties::site_in_charge(shared.db.reader(), caller, SiteId(self.site)).await;
            let zone = self.zone.as_deref().map(str::trim);
            if let Some(site) = fields.join(site)? {
                let fault = match pollutants.get(&self.pollutant) {
                    Some(pollutant) => zone_for(&site, pollutant, zone).err(),
                    None => zone_of_none(&site, zone),
                };
                fields.extend(fault.map(|fault| fault.violation()));
            }
        }
        fields.finish(new)
    }
}

/// Propose a grant of rights to a site in your area. A second person must confirm it.
#[utoipa::path(post, path = "/allocations", tag = "quota", operation_id = "propose_allocation",
    request_body = ProposeAllocation, security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_allocation"))),
    responses((status = 201, description = "Proposed", body = AllocationView)))]
async fn propose_allocation(
    State(shared): State<Shared>,
    command: Command<ProposeAllocation>,
) -> Reply<AllocationView> {
    let permit = command.caller.may(Action::ProposeAllocation)?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let new = command.body.read_whole(&shared, &command.caller, &pollutants).await?;
    let proposed = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move {
                let proposed = one(commands::propose(work, news, Vec::new()).await?, |allocation| allocation)?;
                let words = Words::of_ids(work.connection(), &[proposed.right_class]).await?;
                view(proposed, &words)
            })
        })
        .await?;
    Ok(Answer::created(proposed))
}

/// A decision.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Why, for the decision record; needed for a no.
    #[schema(example = "资料齐全，符合总量控制要求")]
    pub reason: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl Decide {
    /// What the decision rests on.
    pub fn read(&self, fields: &mut Fields, read: ReadReason) -> Grounds {
        read_grounds(fields, read, self.reason.as_deref(), &self.documents)
    }
}

async fn decide(
    shared: Shared,
    id: AllocationId,
    command: Command<Decide>,
    read: ReadReason,
    body: Body<AllocationDecision, AllocationView>,
) -> Reply<AllocationView> {
    let permit = command.caller.may(Action::DecideAllocation)?;
    let mut fields = Fields::default();
    let grounds = command.body.read(&mut fields, read);
    let decision = fields.finish(Some(AllocationDecision { allocation: id, expected: command.expected, grounds }))?;
    let item = Item { input: decision, target: Some(id.0), callers: Callers::One };
    Ok(Answer::ok(shared.db.gather(&permit, &command.key, item, body).await?))
}

async fn answer_all(work: &Work, decided: Vec<Allocation>) -> Result<Vec<AllocationView>, Failure> {
    let classes: Vec<_> = decided.iter().map(|allocation| allocation.right_class).collect();
    let words = Words::of_ids(work.connection(), &classes).await?;
    decided.into_iter().map(|allocation| view(allocation, &words)).collect()
}

/// Confirm a grant that somebody else proposed: the rights come into being.
#[utoipa::path(post, path = "/allocations/{id}/confirm", tag = "quota", operation_id = "confirm_allocation",
    params(("id" = Uuid, Path, description = "Id of the allocation")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_allocation"))),
    responses((status = 200, description = "Active", body = AllocationView)))]
async fn confirm_allocation(
    State(shared): State<Shared>,
    Id(id): Id<AllocationId>,
    command: Command<Decide>,
) -> Reply<AllocationView> {
    let confirm: Body<_, _> = |work, decisions| {
        Box::pin(async move {
            let confirmed = commands::confirm(work, decisions).await?;
            answer_all(work, confirmed).await
        })
    };
    decide(shared, id, command, read_reason, confirm).await
}

/// Reject a grant that somebody else proposed, with the reason in writing.
#[utoipa::path(post, path = "/allocations/{id}/reject", tag = "quota", operation_id = "reject_allocation",
    params(("id" = Uuid, Path, description = "Id of the allocation")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_allocation"))),
    responses((status = 200, description = "Rejected", body = AllocationView)))]
async fn reject_allocation(
    State(shared): State<Shared>,
    Id(id): Id<AllocationId>,
    command: Command<Decide>,
) -> Reply<AllocationView> {
    let reject: Body<_, _> = |work, decisions| {
        Box::pin(async move {
            let rejected = commands::reject(work, decisions).await?;
            answer_all(work, rejected).await
        })
    };
    decide(shared, id, command, read_reason_of_no, reject).await
}

async fn answer_one(work: &Work, allocation: Allocation) -> Result<AllocationView, Failure> {
    one(answer_all(work, vec![allocation]).await?, |view| view)
}

/// A proposal to take back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawAllocation {
    /// Why; needed once it is laid open to objections.
    #[schema(example = "核定数量有误")]
    pub reason: Option<String>,
}

/// Take back what you have proposed, before anybody has decided on it; with the reason in writing once it is laid open.
#[utoipa::path(post, path = "/allocations/{id}/withdraw", tag = "quota", operation_id = "withdraw_allocation",
    params(("id" = Uuid, Path, description = "Id of the allocation")), request_body = WithdrawAllocation, security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_allocation"))),
    responses((status = 200, description = "Withdrawn", body = AllocationView)))]
async fn withdraw_allocation(
    State(shared): State<Shared>,
    Id(id): Id<AllocationId>,
    command: Command<WithdrawAllocation>,
) -> Reply<AllocationView> {
    let permit = command.caller.may(Action::ProposeAllocation)?;
    let mut fields = Fields::default();
    let reason = read_reason(&mut fields, command.body.reason.as_deref());
    let wanted = (id, command.expected, fields.finish(Some(reason))?);
    let withdrawn = shared.db.run_once(&permit, &command.key, &wanted, |work, (id, expected, reason)| {
        Box::pin(async move {
            let withdrawn = commands::withdraw(work, *id, *expected, reason.clone()).await?;
            answer_one(work, withdrawn).await
        })
    });
    Ok(Answer::ok(withdrawn.await?))
}

/// A payment of the usage fee.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayUsageFee {
    /// CNY; all that is left when it is left out.
    #[schema(example = "36625.00")]
    pub amount: Option<String>,
}

/// Pay towards the usage fee of your confirmed grant from your free money. With the last of it the rights come into being.
#[utoipa::path(post, path = "/allocations/{id}/pay", tag = "quota", operation_id = "pay_usage_fee",
    params(("id" = Uuid, Path, description = "Id of the allocation")), request_body = PayUsageFee, security(("bearer" = [])),
    extensions(("x-permission" = json!("pay_usage_fee"))),
    responses((status = 200, description = "Paid, and active when nothing is left to pay", body = AllocationView)))]
async fn pay_usage_fee(
    State(shared): State<Shared>,
    Id(allocation): Id<AllocationId>,
    command: Command<PayUsageFee>,
) -> Reply<AllocationView> {
    let permit = command.caller.may(Action::PayUsageFee)?;
    let mut fields = Fields::default();
    let amount = command.body.amount.as_deref().and_then(|amount| fields.money("amount", amount));
    let payment = fields.finish(Some(FeePayment { allocation, expected: command.expected, amount }))?;
    let paid = shared.db.run_once(&permit, &command.key, &payment, |work, payment| {
        Box::pin(async move {
            let paid = fees::pay(work, payment).await?;
            answer_one(work, paid).await
        })
    });
    Ok(Answer::ok(paid.await?))
}

/// Filters of the allocations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AllocationQuery {
    /// `proposed`, `publicised`, `confirmed`, `active`, `rejected` or `withdrawn`.
    #[param(example = "active")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
    /// Id of a batch.
    batch: Option<Uuid>,
}

/// Grants that you may see.
#[utoipa::path(get, path = "/allocations", tag = "quota", operation_id = "list_allocations",
    params(AllocationQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Allocations in the order of proposal", body = Listing<AllocationView>)))]
async fn list_allocations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<AllocationQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<AllocationView>> {
    caller.may(Action::ReadQuota)?;
    one_of("state", query.state.as_deref(), AllocationState::WORDS)?;
    let filter = AllocationFilter { state: query.state.as_deref(), site: query.site, batch: query.batch };
    let found = queries::list_allocations(&shared.db, &caller.scope(), filter, &page).await?;
    let ids: Vec<RightClassId> = found.items.iter().map(|allocation| allocation.right_class).collect();
    let words = Words::of_ids(shared.db.reader(), &ids).await?;
    let items = found.items.into_iter().map(|allocation| view(allocation, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One grant.
#[utoipa::path(get, path = "/allocations/{id}", tag = "quota", operation_id = "find_allocation",
    params(("id" = Uuid, Path, description = "Id of the allocation")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The allocation", body = AllocationView)))]
async fn find_allocation(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AllocationId>,
) -> Reply<AllocationView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_allocation(&shared.db, &caller.scope(), id).await?;
    let allocation = found.ok_or_else(|| not_found("allocation"))?;
    let words = Words::of_ids(shared.db.reader(), &[allocation.right_class]).await?;
    Ok(Answer::ok(view(allocation, &words)?))
}
