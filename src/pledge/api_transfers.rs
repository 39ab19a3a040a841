//! Transfers of claims.

use super::commands::Act;
use super::queries;
use super::transfers::ClaimTransfer;
use super::transfers::commands::{self, NewTransfer, TransferAct};
use crate::access::{Action, Permit};
use crate::concerns;
use crate::db::Work;
use crate::db::work::Doing;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::Moment;
use crate::kernel::ids::{ClaimTransferId, OrganisationId, PledgeId};
use crate::kernel::page::Page;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ClaimTransferView: Organisation [pledgor, from, to]);

/// The operations on transfers.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose_claim_transfer))
        .routes(routes!(list_claim_transfers))
        .routes(routes!(find_claim_transfer))
        .routes(routes!(accept_claim_transfer))
        .routes(routes!(decline_claim_transfer))
        .routes(routes!(withdraw_claim_transfer))
}

/// A transfer to propose.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeClaimTransfer {
    /// Id of the bank or guarantor that is to have the claim.
    pub to: Uuid,
    /// Number of the contract of the transfer.
    #[schema(example = "债转2023-007")]
    pub document: String,
}

/// A transfer of a claim with the pledge that secures it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ClaimTransfer)]
pub struct ClaimTransferView {
    /// Its identity.
    pub id: Uuid,
    /// The pledge.
    pub pledge: Uuid,
    /// Number of the pledge, which stays as it is.
    #[schema(example = "PL-2022-000001")]
    pub number: String,
    /// The enterprise whose rights are pledged.
    pub pledgor: Uuid,
    /// The bank or guarantor that hands the claim over.
    pub from: Uuid,
    /// The one that is to have it.
    pub to: Uuid,
    /// Number of the contract of the transfer.
    #[schema(example = "债转2023-007")]
    pub document: String,
    /// `proposed`, `accepted`, `declined` or `withdrawn`.
    #[schema(example = "accepted", extensions(("x-words" = json!(crate::pledge::transfers::TransferState::WORDS))))]
    pub state: String,
    /// The user who proposed it.
    pub proposed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Moment,
    /// When it was accepted, declined or taken back, in business time: from its acceptance on the other is the pledgee.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ClaimTransferView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<ClaimTransfer> for ClaimTransferView {
    fn from(transfer: ClaimTransfer) -> Self {
        Self {
            id: transfer.id.0,
            pledge: transfer.pledge.0,
            number: transfer.number,
            pledgor: transfer.pledgor.0,
            from: transfer.from.0,
            to: transfer.to.0,
            document: transfer.document,
            state: transfer.state.as_str().to_owned(),
            proposed_by: transfer.proposed_by.0,
            proposed_at: transfer.proposed_at,
            ended_at: transfer.ended.map(|(_, at)| at),
            version: transfer.version,
        }
    }
}

/// Propose that another bank or guarantor takes your claim over, with the pledge that secures it, as its pledgee.
#[utoipa::path(post, path = "/pledges/{id}/transfers", tag = "pledges", operation_id = "propose_claim_transfer",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ProposeClaimTransfer,
    security(("bearer" = [])), extensions(("x-permission" = json!("release_pledge"))),
    responses((status = 201, description = "Proposed", body = ClaimTransferView)))]
async fn propose_claim_transfer(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<ProposeClaimTransfer>,
) -> Reply<ClaimTransferView> {
    let permit = command.caller.may(Action::ReleasePledge)?;
    let mut fields = Fields::default();
    let document = fields.text("document", &command.body.document);
    let act = Act { pledge, expected: command.expected };
    let to = OrganisationId(command.body.to);
    let new = [fields.finish(document.map(|document| NewTransfer { act, to, document }))?];
    let proposed = shared.db.run_once(&permit, &command.key, &new, |work, news| {
        Box::pin(async move { one(commands::propose(work, news).await?, ClaimTransferView::from) })
    });
    Ok(Answer::created(proposed.await?))
}

/// Filters of the transfers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClaimTransferQuery {
    /// Id of a pledge.
    pledge: Option<Uuid>,
}

/// Transfers of claims that you hand over, are to have, or that concern your rights.
#[utoipa::path(get, path = "/claim-transfers", tag = "pledges", operation_id = "list_claim_transfers",
    params(ClaimTransferQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Transfers, oldest first", body = Listing<ClaimTransferView>)))]
async fn list_claim_transfers(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ClaimTransferQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ClaimTransferView>> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_transfers(&shared.db, &caller, query.pledge.map(PledgeId), &page).await?;
    let items = found.items.into_iter().map(ClaimTransferView::from).collect();
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One transfer.
#[utoipa::path(get, path = "/claim-transfers/{id}", tag = "pledges", operation_id = "find_claim_transfer",
    params(("id" = Uuid, Path, description = "Id of the transfer")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The transfer", body = ClaimTransferView)))]
async fn find_claim_transfer(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ClaimTransferId>,
) -> Reply<ClaimTransferView> {
    caller.may(Action::ReadPledges)?;
    let found = queries::find_transfer(&shared.db, &caller, id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("claim transfer"))?.into()))
}

/// A command on transfers with its input.
type TransferCommand = for<'w> fn(&'w mut Work, &'w [TransferAct; 1]) -> Doing<'w, Vec<ClaimTransfer>>;

async fn act_on(
    shared: &Shared,
    permit: &Permit,
    id: ClaimTransferId,
    command: &Command<Empty>,
    body: TransferCommand,
) -> Reply<ClaimTransferView> {
    let act = [TransferAct { transfer: id, expected: command.expected }];
    let done = shared.db.run_once(permit, &command.key, &act, move |work, acts| {
        Box::pin(async move { one(body(work, acts).await?, ClaimTransferView::from) })
    });
    Ok(Answer::ok(done.await?))
}

/// Accept a claim, as the bank or guarantor that is to have it: you are the pledgee from then on.
#[utoipa::path(post, path = "/claim-transfers/{id}/accept", tag = "pledges", operation_id = "accept_claim_transfer",
    params(("id" = Uuid, Path, description = "Id of the transfer")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Accepted", body = ClaimTransferView)))]
async fn accept_claim_transfer(
    State(shared): State<Shared>,
    Id(id): Id<ClaimTransferId>,
    command: Command<Empty>,
) -> Reply<ClaimTransferView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    act_on(&shared, &permit, id, &command, |work, acts| Box::pin(commands::accept(work, acts))).await
}

/// Turn a claim down, as the bank or guarantor that was to have it.
#[utoipa::path(post, path = "/claim-transfers/{id}/decline", tag = "pledges", operation_id = "decline_claim_transfer",
    params(("id" = Uuid, Path, description = "Id of the transfer")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Declined", body = ClaimTransferView)))]
async fn decline_claim_transfer(
    State(shared): State<Shared>,
    Id(id): Id<ClaimTransferId>,
    command: Command<Empty>,
) -> Reply<ClaimTransferView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    act_on(&shared, &permit, id, &command, |work, acts| Box::pin(commands::decline(work, acts))).await
}

/// Take a proposed transfer back, as the pledgee.
#[utoipa::path(post, path = "/claim-transfers/{id}/withdraw", tag = "pledges", operation_id = "withdraw_claim_transfer",
    params(("id" = Uuid, Path, description = "Id of the transfer")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("release_pledge"))),
    responses((status = 200, description = "Withdrawn", body = ClaimTransferView)))]
async fn withdraw_claim_transfer(
    State(shared): State<Shared>,
    Id(id): Id<ClaimTransferId>,
    command: Command<Empty>,
) -> Reply<ClaimTransferView> {
    let permit = command.caller.may(Action::ReleasePledge)?;
    act_on(&shared, &permit, id, &command, |work, acts| Box::pin(commands::withdraw(work, acts))).await
}
