//! What differs between the bank's statements and the books: the work list of whoever reconciles.

use super::commands::{self, Closing};
use super::{BankDifference, DifferenceOf, DifferenceState, queries};
use crate::access::Action;
use crate::concerns;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::Moment;
use crate::kernel::ids::BankDifferenceId;
use crate::kernel::page::PageRequest;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(BankDifferenceView: Organisation [bank]);

/// The operations on differences.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_bank_differences))
        .routes(routes!(find_bank_difference))
        .routes(routes!(close_bank_difference))
        .merge(super::api_day::routes())
}

/// What stands on one side only.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = BankDifference)]
pub struct BankDifferenceView {
    /// Its identity.
    pub id: Uuid,
    /// In which version of the statement.
    pub statement: Uuid,
    /// Of which settlement bank.
    pub bank: Uuid,
    /// Of which day.
    #[schema(format = Date, example = "2022-12-01")]
    pub day: String,
    /// Who has it: `bank` (the file) or `book` (our books).
    #[schema(example = "bank")]
    pub side: String,
    /// The line of the file, from 1.
    #[schema(example = 7)]
    pub line: Option<u64>,
    /// The journal of ours.
    pub journal: Option<Uuid>,
    /// The bank's reference, where there is one.
    #[schema(example = "XN20221201000019")]
    pub bank_reference: Option<String>,
    /// `in` or `out`, as the bank sees it.
    #[schema(example = "in", extensions(("x-words" = json!(crate::treasury::statements::Flow::WORDS))))]
    pub direction: String,
    /// CNY.
    #[schema(example = "17580.00")]
    pub amount: String,
    /// What the payer wrote (附言).
    #[schema(example = "货款")]
    pub text: String,
    /// `open`, `closed`, or `superseded` by another version of the statement.
    #[schema(example = "open", extensions(("x-words" = json!(DifferenceState::WORDS))))]
    pub state: String,
    /// What whoever closed it has found.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// When it was found, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub found_at: Moment,
    /// When it ended, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for BankDifferenceView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<BankDifference> for BankDifferenceView {
    fn from(difference: BankDifference) -> Self {
        let (line, journal) = match difference.of {
            DifferenceOf::Bank(line) => (Some(line), None),
            DifferenceOf::Book(journal) => (None, Some(journal.0)),
        };
        let state = difference.state.as_str().to_owned();
        let (closed_at, reason) = match difference.state {
            DifferenceState::Open => (None, None),
            DifferenceState::Closed { at, reason, .. } => (Some(at), Some(reason)),
            DifferenceState::Superseded { at, .. } => (Some(at), None),
        };
        Self {
            id: difference.id.0,
            statement: difference.statement.0,
            bank: difference.bank.0,
            day: difference.day.to_string(),
            side: difference.of.party().as_str().to_owned(),
            line,
            journal,
            bank_reference: difference.bank_reference,
            direction: difference.flow.as_str().to_owned(),
            amount: difference.amount.print(),
            text: difference.text,
            state,
            reason,
            found_at: difference.found_at,
            closed_at,
            version: difference.version,
        }
    }
}

/// Filters of the differences.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BankDifferenceQuery {
    /// `open` is the work list; `closed` or `superseded`.
    #[param(example = "open")]
    state: Option<String>,
    /// Id of a statement.
    statement: Option<Uuid>,
}

/// Differences at your bank; all of them for the auditor.
#[utoipa::path(get, path = "/money/bank-differences", tag = "money", operation_id = "list_bank_differences",
    params(BankDifferenceQuery, OrderParams, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_money"))),
    responses((status = 200, description = "Differences in the order in which they were found", body = Listing<BankDifferenceView>)))]
async fn list_bank_differences(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<BankDifferenceQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<BankDifferenceView>> {
    caller.may(Action::ReadMoney)?;
    one_of("state", query.state.as_deref(), DifferenceState::WORDS)?;
    let filter = (query.state.as_deref(), query.statement);
    let found = queries::list_differences(&shared.db, &caller, filter, &page).await?;
    Ok(Answer::plain(found.map(BankDifferenceView::from).into()))
}

/// A difference that you may see.
#[utoipa::path(get, path = "/money/bank-differences/{id}", tag = "money", operation_id = "find_bank_difference",
    params(("id" = Uuid, Path, description = "Id of the difference")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "The difference", body = BankDifferenceView)))]
async fn find_bank_difference(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<BankDifferenceId>,
) -> Reply<BankDifferenceView> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_differences(&shared.db, &caller, (None, None), &PageRequest::only(id)).await?;
    let difference = found.only(id, |difference| difference.id.0).ok_or_else(|| not_found("difference"))?;
    Ok(Answer::ok(difference.into()))
}

/// What somebody found out about a difference.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBankDifference {
    /// What you found.
    #[schema(example = "银行次日入账")]
    pub reason: String,
}

/// Close a difference at your bank with what you found.
#[utoipa::path(post, path = "/money/bank-differences/{id}/close", tag = "money", operation_id = "close_bank_difference",
    params(("id" = Uuid, Path, description = "Id of the difference")), request_body = CloseBankDifference,
    security(("bearer" = [])), extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 200, description = "Closed", body = BankDifferenceView)))]
async fn close_bank_difference(
    State(shared): State<Shared>,
    Id(id): Id<BankDifferenceId>,
    command: Command<CloseBankDifference>,
) -> Reply<BankDifferenceView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &command.body.reason);
    let closing = reason.map(|reason| Closing { difference: id, expected: command.expected, reason });
    let closings = [fields.finish(closing)?];
    let closed = shared.db.run_once(&permit, &command.key, &closings, |work, closings| {
        Box::pin(async move { one(commands::close(work, closings).await?, BankDifferenceView::from) })
    });
    Ok(Answer::ok(closed.await?))
}
