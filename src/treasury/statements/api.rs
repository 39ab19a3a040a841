//! The bank's daily statements.

use super::store::Matched;
use super::works::{StatementInput, StatementReading};
use super::{BankStatement, DifferenceOf, queries};
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::{BankStatementId, DocumentId};
use crate::kernel::page::PageRequest;
use crate::operations;
use crate::operations::api::{OperationView, begun};
use crate::treasury::TreasuryRefusal;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(BankStatementView: Organisation [bank]);
concerns!(StatementMatchView: Organisation [bank]);

/// The operations on the bank's statements.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(reconcile_bank_statement, list_bank_statements))
        .routes(routes!(find_bank_statement))
        .routes(routes!(list_bank_statement_matches))
}

/// A version of the bank's statement of a day. What differs: `GET /money/bank-differences?statement=`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankStatement)]
pub struct BankStatementView {
    /// Its identity, that of the operation that read it.
    pub id: Uuid,
    /// Of which settlement bank.
    pub bank: Uuid,
    /// Of which day.
    #[schema(format = Date, example = "2022-12-01")]
    pub day: String,
    /// Counts from 1; the highest of a day counts.
    #[schema(example = 1)]
    pub number: i64,
    /// The uploaded file.
    pub document: Uuid,
    /// SHA-256 over it.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: String,
    /// How many lines it has.
    #[schema(example = 12)]
    pub lines: i64,
    /// How many movements the books had that day.
    #[schema(example = 12)]
    pub movements: i64,
    /// Who handed it in.
    pub recorded_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
}

impl From<BankStatement> for BankStatementView {
    fn from(statement: BankStatement) -> Self {
        Self {
            id: statement.id.0,
            bank: statement.bank.0,
            day: statement.day.to_string(),
            number: statement.number,
            document: statement.document.0,
            document_hash: statement.sha256,
            lines: statement.lines,
            movements: statement.movements,
            recorded_by: statement.recorded_by.0,
            recorded_at: statement.recorded_at,
        }
    }
}

/// A statement to compare with the books.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileBankStatement {
    /// The day of the statement.
    #[schema(format = Date, example = "2022-12-01")]
    pub day: String,
    /// Id of a document of your organisation: CSV in UTF-8 with the columns `date`, `bank_reference`, `direction` (`in` or `out`),
    /// `amount` and `text`.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub document: Uuid,
}

/// Compare your statement of a day with the books. The work reads every line; when some are broken it fails with every fault and its
/// line. A file that was handed in before changes nothing; another file for the same day is a new version.
#[utoipa::path(post, path = "/money/bank-statements", tag = "money", operation_id = "reconcile_bank_statement",
    request_body = ReconcileBankStatement, security(("bearer" = [])), extensions(("x-permission" = json!("confirm_money"))),
    responses((status = 202, description = "It is read and compared", body = OperationView)))]
async fn reconcile_bank_statement(
    State(shared): State<Shared>,
    command: Command<ReconcileBankStatement>,
) -> Reply<OperationView> {
    let permit = command.caller.may(Action::ConfirmMoney)?;
    let mut fields = Fields::default();
    let day = fields.date("day", &command.body.day);
    let day = fields.finish(day)?;
    let today = shared.db.clock().business_day();
    if day > today {
        return Err(TreasuryRefusal::StatementEarly { today: today.to_string() }.into());
    }
    let (caller, document) = (command.caller.clone(), DocumentId(command.body.document));
    let input = StatementInput { caller, day: day.to_string(), document };
    Ok(begun(operations::begin(&shared.db, &permit, &command.key, &StatementReading, &input).await?))
}

/// Filters of the statements.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BankStatementQuery {
    /// Of this day.
    #[param(format = Date, example = "2022-12-01")]
    day: Option<String>,
}

/// Statements of your bank; all of them for the auditor.
#[utoipa::path(get, path = "/money/bank-statements", tag = "money", operation_id = "list_bank_statements",
    params(BankStatementQuery, OrderParams, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_money"))),
    responses((status = 200, description = "Statements in the order in which they were handed in", body = Listing<BankStatementView>)))]
async fn list_bank_statements(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<BankStatementQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<BankStatementView>> {
    caller.may(Action::ReadMoney)?;
    let mut fields = Fields::default();
    let day = query.day.as_deref().and_then(|text| fields.date("day", text));
    fields.finish(Some(()))?;
    let found = queries::list_statements(&shared.db, &caller, day, &page).await?;
    Ok(Answer::plain(found.map(BankStatementView::from).into()))
}

/// A statement that you may see.
#[utoipa::path(get, path = "/money/bank-statements/{id}", tag = "money", operation_id = "find_bank_statement",
    params(("id" = Uuid, Path, description = "Id of the statement")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))), responses((status = 200, description = "The statement", body = BankStatementView)))]
async fn find_bank_statement(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<BankStatementId>,
) -> Reply<BankStatementView> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_statements(&shared.db, &caller, None, &PageRequest::only(id)).await?;
    let statement = found.only(id, |statement| statement.id.0).ok_or_else(|| not_found("bank statement"))?;
    Ok(Answer::plain(statement.into()))
}

/// A line of the file or a journal of ours, in the group that it belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankStatementMatch)]
pub struct StatementMatchView {
    /// Its identity.
    pub id: Uuid,
    /// Of which settlement bank.
    pub bank: Uuid,
    /// The number of its group in the statement, from 1: the lines and the journals of a group add up to the same.
    #[schema(example = 1)]
    pub group: i64,
    /// How the group came together: `one_to_one`, `one_to_many` (one line, several journals) or `many_to_one`.
    #[schema(
        example = "one_to_one",
        extensions(("x-words" = json!(crate::treasury::statements::matching::Way::WORDS)))
    )]
    pub way: String,
    /// The line of the file, from 1.
    #[schema(example = 2)]
    pub line: Option<u64>,
    /// The journal of ours.
    pub journal: Option<Uuid>,
}

impl StatementMatchView {
    fn of(matched: &Matched, statement: &BankStatement) -> Self {
        let (line, journal) = match matched.of {
            DifferenceOf::Bank(line) => (Some(line), None),
            DifferenceOf::Book(journal) => (None, Some(journal.0)),
        };
        let way = matched.way.as_str().to_owned();
        Self { id: matched.id, bank: statement.bank.0, group: matched.group, way, line, journal }
    }
}

/// What of a statement was matched, and with what.
#[utoipa::path(get, path = "/money/bank-statements/{id}/matches", tag = "money", operation_id = "list_bank_statement_matches",
    params(("id" = Uuid, Path, description = "Id of the statement"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_money"))),
    responses((status = 200, description = "Lines and journals group by group", body = Listing<StatementMatchView>)))]
async fn list_bank_statement_matches(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<BankStatementId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<StatementMatchView>> {
    caller.may(Action::ReadMoney)?;
    let found = queries::list_statements(&shared.db, &caller, None, &PageRequest::only(id)).await?;
    let statement = found.only(id, |statement| statement.id.0).ok_or_else(|| not_found("bank statement"))?;
    let found = queries::list_matches(&shared.db, statement.id, &page).await?;
    Ok(Answer::plain(found.map(|matched| StatementMatchView::of(&matched, &statement)).into()))
}
