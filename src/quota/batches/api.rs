//! Batches of grants.

use super::commands::{self, BatchDecision};
use super::file::Cells;
use super::works::{BatchConfirmation, BatchProposal, ConfirmationInput, ProposalInput};
use super::{AllocationBatch, BatchState, queries};
use crate::access::Action;
use crate::concerns_nobody;
use crate::decisions::Grounds;
use crate::decisions::api_tasks::{ReadReason, read_reason, read_reason_of_no};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{AllocationBatchId, DocumentId};
use crate::kernel::{Failure, Moment, Progress};
use crate::operations;
use crate::operations::api::{OperationView, begun};
use crate::quota::QuotaRefusal;
use crate::quota::api::Decide;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(AllocationBatchView);

/// Most rows of a list: more come as a file.
const MOST_ITEMS: usize = 5_000;

/// The operations on batches.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose_allocation_batch, list_allocation_batches))
        .routes(routes!(find_allocation_batch))
        .routes(routes!(confirm_allocation_batch))
        .routes(routes!(reject_allocation_batch))
}

/// A batch of grants. The grants themselves: `GET /allocations?batch=`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AllocationBatch)]
pub struct AllocationBatchView {
    /// Its identity, that of the operation that proposed it.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// Number of the document that grants it.
    #[schema(example = "鄂环核〔2022〕1号")]
    pub number: String,
    /// The uploaded file, when there is one.
    pub document: Option<Uuid>,
    /// SHA-256 over the file, or over the rows as they were sent.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: String,
    /// How many grants.
    #[schema(example = 100_000)]
    pub allocations: i64,
    /// Path of the area that all of its sites lie in.
    #[schema(example = "420000/421200")]
    pub area_path: String,
    /// `proposed`, `publicised`, `active` or `rejected`; each of its grants stands as it does.
    #[schema(example = "proposed", extensions(("x-words" = json!(BatchState::WORDS))))]
    pub state: String,
    /// The last day on which anybody may object, or could while it was laid open; null when it never was.
    #[schema(format = Date, example = "2022-12-08")]
    pub publicised_until: Option<String>,
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
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for AllocationBatchView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<AllocationBatch> for AllocationBatchView {
    fn from(batch: AllocationBatch) -> Self {
        let ruling = batch.state.ruling().cloned();
        Self {
            id: batch.id.0,
            state: batch.state.as_str().to_owned(),
            publicised_until: batch.laid_open_until.map(|day| day.to_string()),
            number: batch.number,
            document: batch.document.map(|id| id.0),
            document_hash: batch.document_hash,
            allocations: batch.allocations,
            area_path: batch.area_path,
            proposed_by: batch.proposed_by.0,
            proposed_at: batch.proposed_at,
            decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
            decided_at: ruling.as_ref().map(|ruling| ruling.at),
            reason: ruling.and_then(|ruling| ruling.reason),
            rulebook: batch.rulebook.0,
            version: batch.version,
        }
    }
}

/// A row of a batch; the columns of a file have the same names.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchItem {
    /// Number of the site in the register.
    #[schema(example = "421222-0001")]
    pub site: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid", extensions(("x-words" = json!(accounting::Origin::WORDS))))]
    pub origin: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Basin or city; that of the site when left out.
    #[schema(example = "LUSHUI")]
    pub zone: Option<String>,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Number of the document that grants it; that of the batch when left out.
    #[schema(example = "咸环核〔2022〕118号")]
    pub document: Option<String>,
}

impl From<BatchItem> for Cells {
    fn from(item: BatchItem) -> Self {
        let BatchItem { site, pollutant, origin, valid_from, valid_to, zone, quantity, document } = item;
        let [zone, document] = [zone, document].map(Option::unwrap_or_default);
        [site, pollutant, origin, valid_from, valid_to, zone, quantity, document]
    }
}

/// A batch to propose: a document that was uploaded, or a list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeAllocationBatch {
    /// Number of the document that grants it.
    #[schema(example = "鄂环核〔2022〕1号")]
    pub number: String,
    /// Id of a document of your organisation: CSV in UTF-8, or XLSX, of which the first sheet is read. The first line names the
    /// columns.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub document: Option<Uuid>,
    /// The rows, when there is no document.
    #[schema(example = json!(null))]
    pub items: Option<Vec<BatchItem>>,
}

impl ProposeAllocationBatch {
    fn read(self) -> Result<(String, Option<DocumentId>, Vec<Cells>), Failure> {
        let mut fields = Fields::default();
        let number = fields.text("number", &self.number);
        if let Some(items) = &self.items {
            fields.count("items", items, MOST_ITEMS);
        }
        if self.document.is_some() == self.items.is_some() {
            fields.take::<(), _>("", Err(QuotaRefusal::OneSource {}));
        }
        let items = self.items.unwrap_or_default().into_iter().map(Cells::from).collect();
        let document = self.document.map(DocumentId);
        fields.finish(number.map(|number| (number, document, items)))
    }
}

/// Propose a batch of grants to sites in your area, all or nothing. The work reads and judges every row; when rules are broken it
/// fails with every one of them and its line, and nothing was proposed. Its result names the batch, which a second person must confirm.
#[utoipa::path(post, path = "/allocation-batches", tag = "quota", operation_id = "propose_allocation_batch",
    request_body = ProposeAllocationBatch, security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_allocation"))),
    responses((status = 202, description = "It is read and judged", body = OperationView)))]
async fn propose_allocation_batch(
    State(shared): State<Shared>,
    command: Command<ProposeAllocationBatch>,
) -> Reply<OperationView> {
    let permit = command.caller.may(Action::ProposeAllocation)?;
    let (number, document, items) = command.body.read()?;
    let input = ProposalInput { caller: command.caller.clone(), number, document, items };
    Ok(begun(operations::begin(&shared.db, &permit, &command.key, &BatchProposal, &input).await?))
}

/// Filters of the batches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AllocationBatchQuery {
    /// `proposed`, `publicised`, `active` or `rejected`.
    #[param(example = "active")]
    state: Option<String>,
}

/// Batches of your area.
#[utoipa::path(get, path = "/allocation-batches", tag = "quota", operation_id = "list_allocation_batches",
    params(AllocationBatchQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Batches in the order of proposal", body = Listing<AllocationBatchView>)))]
async fn list_allocation_batches(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<AllocationBatchQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<AllocationBatchView>> {
    caller.may(Action::ReadQuota)?;
    one_of("state", query.state.as_deref(), BatchState::WORDS)?;
    let found = queries::list_batches(&shared.db, &caller.scope(), query.state.as_deref(), &page).await?;
    Ok(Answer::plain(found.map(AllocationBatchView::from).into()))
}

/// One batch.
#[utoipa::path(get, path = "/allocation-batches/{id}", tag = "quota", operation_id = "find_allocation_batch",
    params(("id" = Uuid, Path, description = "Id of the batch")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The batch", body = AllocationBatchView)))]
async fn find_allocation_batch(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AllocationBatchId>,
) -> Reply<AllocationBatchView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_batch(&shared.db, &caller.scope(), id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("allocation batch"))?.into()))
}

fn read_decision(body: &Decide, read: ReadReason) -> Result<Grounds, Failure> {
    let mut fields = Fields::default();
    let grounds = body.read(&mut fields, read);
    fields.finish(Some(grounds))
}

/// Confirm a batch that somebody else proposed: all of its rights come into being at once, or the work fails with every rule that
/// is broken by now, and none does.
#[utoipa::path(post, path = "/allocation-batches/{id}/confirm", tag = "quota", operation_id = "confirm_allocation_batch",
    params(("id" = Uuid, Path, description = "Id of the batch")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_allocation"))),
    responses((status = 202, description = "It is judged again and granted", body = OperationView)))]
async fn confirm_allocation_batch(
    State(shared): State<Shared>,
    Id(id): Id<AllocationBatchId>,
    command: Command<Decide>,
) -> Reply<OperationView> {
    let permit = command.caller.may(Action::DecideAllocation)?;
    let Grounds { reason, documents, .. } = read_decision(&command.body, read_reason)?;
    let input =
        ConfirmationInput { caller: command.caller.clone(), batch: id, expected: command.expected, reason, documents };
    let begins = operations::begin_if(&shared.db, &permit, &command.key, &BatchConfirmation, &input, |work, input| {
        Box::pin(commands::expect_decidable(work, input.batch, input.expected))
    });
    Ok(begun(begins.await?))
}

/// Reject a batch that somebody else proposed, with the reason in writing.
#[utoipa::path(post, path = "/allocation-batches/{id}/reject", tag = "quota", operation_id = "reject_allocation_batch",
    params(("id" = Uuid, Path, description = "Id of the batch")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_allocation"))),
    responses((status = 200, description = "Rejected", body = AllocationBatchView)))]
async fn reject_allocation_batch(
    State(shared): State<Shared>,
    Id(id): Id<AllocationBatchId>,
    command: Command<Decide>,
) -> Reply<AllocationBatchView> {
    let permit = command.caller.may(Action::DecideAllocation)?;
    let grounds = read_decision(&command.body, read_reason_of_no)?;
    let decision = BatchDecision { batch: id, expected: command.expected, grounds, progress: Progress::default() };
    let rejected = shared.db.run_once(&permit, &command.key, &decision, |work, decision| {
        Box::pin(async move { Ok(AllocationBatchView::from(commands::reject(work, decision).await?)) })
    });
    Ok(Answer::ok(rejected.await?))
}
