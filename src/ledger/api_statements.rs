//! Statements of accounts, to be read on a screen or kept as a document.

use crate::access::Action;
use crate::concerns;
use crate::http::concern::{self, Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Fields, Filters, Id, Language, Listing, Paging, Problem, Shared, Signed};
use crate::kernel::ids::{AccountId, OrganisationId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use crate::ledger::account_statements::{
    self, AccountStatement, Basis, Holder, Span, StatementEntry, Summary, WholeStatements, whole_statement,
    whole_statements,
};
use crate::ledger::document::{self, LARGEST_DOCUMENT, Words};
use crate::ledger::error::LedgerRefusal;
use accounting::decimal;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations of statements.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_statement)).routes(routes!(list_statements))
}

/// An account over a span of days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementSummary)]
pub struct SummaryView {
    /// The account.
    pub account: Uuid,
    /// Its owner: a site, an organisation, an area, or the book itself.
    pub owner: Uuid,
    /// The owner's name.
    pub owner_name: String,
    /// Code of the right class, of the capacity, or `CNY`.
    #[schema(example = "CNY")]
    pub asset: String,
    /// Display unit of the amounts.
    #[schema(example = "CNY")]
    pub unit: String,
    /// What the account is for.
    #[schema(example = "available")]
    pub purpose: String,
    /// The trade, lien or freeze that holds the balance.
    pub subject: Option<Uuid>,
    /// First day of the span.
    #[schema(format = Date, example = "2022-11-01")]
    pub from: String,
    /// Last day of the span, itself included.
    #[schema(format = Date, example = "2022-11-30")]
    pub to: String,
    /// `effective` (by legal date) or `recorded` (by the day of recording).
    #[schema(example = "effective")]
    pub basis: String,
    /// What stood before the span.
    #[schema(example = "1000.00")]
    pub opening_balance: String,
    /// What moved in the span: the sum of its entries.
    #[schema(example = "-250.00")]
    pub moved: String,
    /// What stands at the end of the span: the opening balance and what moved.
    #[schema(example = "750.00")]
    pub closing_balance: String,
    /// How many entries the span has.
    #[schema(example = 3)]
    pub entry_count: i64,
}

impl SummaryView {
    fn of(summary: &Summary, span: &Span) -> Self {
        let account = &summary.account;
        Self {
            account: account.account.0,
            owner: account.owner,
            owner_name: account.owner_name.clone(),
            asset: account.asset.clone(),
            unit: account.unit.clone(),
            purpose: account.purpose.clone(),
            subject: account.subject,
            from: span.from().to_string(),
            to: span.to().to_string(),
            basis: span.basis().as_str().to_owned(),
            opening_balance: summary.print(summary.opening),
            moved: summary.print(summary.moved()),
            closing_balance: account.print(),
            entry_count: summary.entries,
        }
    }
}

concerns!(SummaryView: Owner [owner]);

/// An entry in a statement.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementEntry)]
pub struct StatementEntryView {
    /// The journal it belongs to.
    pub journal: Uuid,
    /// What happened.
    #[schema(example = "money_deposited")]
    pub kind: String,
    /// Why, in the actor's words.
    #[schema(example = "XN20221201000017")]
    pub reason: Option<String>,
    /// Position of the posting in its journal, from 0.
    pub line: i32,
    /// The account's version with this entry.
    pub version: i64,
    /// The legal date.
    #[schema(format = Date, example = "2022-11-12")]
    pub effective_on: String,
    /// When the book learnt it, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// Signed decimal string: negative when it leaves the account.
    #[schema(example = "-250.00")]
    pub amount: String,
    /// What stands after it, in the order of this statement.
    #[schema(example = "750.00")]
    pub balance: String,
}

/// A statement of one account (对账单): the opening balance and the entries make the closing balance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statement)]
pub struct StatementView {
    /// The account over the span.
    pub summary: SummaryView,
    /// The entries of this page in the order of the basis.
    pub items: Vec<StatementEntryView>,
    /// Send it as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
    /// The newest signed checkpoint of the transparency log at the moment of the statement (docs/TRANSPARENCY-LOG.md). Keep it: whatever
    /// it covers cannot be changed any more without that being seen.
    #[schema(
        example = "ganhe.example/book-1\n412\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— ganhe.example/book-1 Az3grl…\n"
    )]
    pub checkpoint: String,
}

impl Concerns for StatementView {
    fn concerns(&self, whose: &mut Whose) {
        self.summary.concerns(whose);
    }
}

/// Whose accounts a document shows.
struct Owners(Vec<Uuid>);

impl Concerns for Owners {
    fn concerns(&self, whose: &mut Whose) {
        for owner in &self.0 {
            whose.of([Party::Owner(*owner)]);
        }
    }
}

impl StatementView {
    fn of(statement: AccountStatement, span: &Span) -> Self {
        let AccountStatement { summary, entries, checkpoint } = statement;
        let print = |units| decimal::print(units, summary.account.units_per_whole, summary.account.decimals);
        let view = |entry: StatementEntry| StatementEntryView {
            journal: entry.journal,
            kind: entry.kind,
            reason: entry.reason,
            line: entry.line,
            version: entry.version,
            effective_on: entry.effective_on,
            recorded_at: entry.recorded_at,
            amount: print(entry.amount),
            balance: print(entry.balance),
        };
        let Listing { items, next_cursor } = entries.map(view).into();
        Self { summary: SummaryView::of(&summary, span), items, next_cursor, checkpoint }
    }
}

/// Which days, by which clock, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SpanQuery {
    /// First day.
    #[param(format = Date, example = "2022-11-01")]
    from: String,
    /// Last day, itself included.
    #[param(format = Date, example = "2022-11-30")]
    to: String,
    /// `effective` (by legal date) or `recorded` (by the day of recording); `effective` when left out.
    basis: Option<String>,
    /// `json` (in pages), `csv` or `xlsx` (whole, up to 100,000 entries); `json` when left out.
    format: Option<String>,
}

/// Whose accounts, which days, by which clock, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HolderQuery {
    /// Id of a site, an organisation or an area.
    owner: Option<Uuid>,
    /// Id of an organisation: its sites and its money. State this or `owner`.
    organisation: Option<Uuid>,
    /// First day.
    #[param(format = Date, example = "2022-11-01")]
    from: String,
    /// Last day, itself included.
    #[param(format = Date, example = "2022-11-30")]
    to: String,
    /// `effective` (by legal date) or `recorded` (by the day of recording); `effective` when left out.
    basis: Option<String>,
    /// `json` (in pages), `csv` or `xlsx` (whole, up to 100,000 entries); `json` when left out.
    format: Option<String>,
}

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Xlsx,
}

/// Reads the span and the form; no form is JSON.
fn read_span(from: &str, to: &str, basis: Option<&str>, format: Option<&str>) -> Result<(Span, Option<Form>), Failure> {
    one_of("format", format, &["json", "csv", "xlsx"])?;
    let form = match format {
        Some("csv") => Some(Form::Csv),
        Some("xlsx") => Some(Form::Xlsx),
        _ => None,
    };
    let mut fields = Fields::default();
    let (from, to) = (fields.date("from", from), fields.date("to", to));
    let known: Vec<&str> = Basis::ALL.iter().map(|basis| basis.as_str()).collect();
    let basis = fields.word("basis", basis.unwrap_or("effective"), Basis::parse, &known);
    let (from, to, basis) = fields.finish(from.zip(to).zip(basis).map(|((from, to), basis)| (from, to, basis)))?;
    Ok((Span::try_new(from, to, basis)?, form))
}

/// Writes a document off the threads that serve others.
async fn document(
    statements: WholeStatements,
    span: Span,
    form: Form,
    language: Language,
) -> Result<Response, Failure> {
    let words: &'static Words = language.pick(&document::ZH, &document::EN);
    let (kind, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let owners = Owners(statements.accounts.iter().map(|(summary, _)| summary.account.owner).collect());
    let write = move || match form {
        Form::Csv => document::as_csv(&statements, words),
        Form::Xlsx => document::as_xlsx(&statements, words),
    };
    let bytes = tokio::task::spawn_blocking(write).await.map_err(Failure::bug)??;
    let name = format!("attachment; filename=\"statement-{}-{}.{ending}\"", span.from(), span.to());
    let mut response = bytes.into_response();
    concern::tell(&mut response, &owners);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Failure::bug)?);
    Ok(response)
}

/// The statement (对账单) of one account over a span of days, by legal date or by the day of recording.
#[utoipa::path(get, path = "/accounts/{id}/statement", tag = "books", operation_id = "find_statement",
    params(("id" = Uuid, Path, description = "Id of the account"), SpanQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_books"))),
    responses((status = 200, description = "Opening balance, entries, closing balance", content(
        (StatementView = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
async fn find_statement(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(account): Id<AccountId>,
    Filters(query): Filters<SpanQuery>,
    Paging(page): Paging,
    language: Language,
) -> Result<Response, Problem> {
    caller.may(Action::ReadBooks)?;
    let (span, form) = read_span(&query.from, &query.to, query.basis.as_deref(), query.format.as_deref())?;
    let (db, scope) = (&shared.db, caller.scope());
    let Some(form) = form else {
        let found = account_statements::find_statement(db, &scope, account, &span, &page).await?;
        let statement = found.ok_or_else(|| not_found("account"))?;
        return Ok(Answer::plain(StatementView::of(statement, &span)).into_response());
    };
    let found = whole_statement(db, &scope, account, &span, LARGEST_DOCUMENT).await?;
    let statement = found.ok_or_else(|| not_found("account"))?;
    Ok(document(statement, span, form, language).await?)
}

fn read_holder(query: &HolderQuery) -> Result<Holder, LedgerRefusal> {
    match (query.owner, query.organisation) {
        (Some(owner), None) => Ok(Holder::Owner(owner)),
        (None, Some(organisation)) => Ok(Holder::Organisation(OrganisationId(organisation))),
        _ => Err(LedgerRefusal::HolderUnclear {}),
    }
}

/// Statements of all accounts of an owner or an organisation that you may see: the balances of each as pages, with all
/// entries as a document.
#[utoipa::path(get, path = "/statements", tag = "books", operation_id = "list_statements",
    params(HolderQuery, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_books"))),
    responses((status = 200, description = "Accounts in the order of their ids", content(
        (Listing<SummaryView> = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
async fn list_statements(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<HolderQuery>,
    Paging(page): Paging,
    language: Language,
) -> Result<Response, Problem> {
    caller.may(Action::ReadBooks)?;
    let holder = read_holder(&query)?;
    let (span, form) = read_span(&query.from, &query.to, query.basis.as_deref(), query.format.as_deref())?;
    let scope = caller.scope();
    match form {
        None => list(&shared, &scope, holder, &span, &page).await,
        Some(form) => {
            let statements = whole_statements(&shared.db, &scope, holder, &span, LARGEST_DOCUMENT).await?;
            Ok(document(statements, span, form, language).await?)
        }
    }
}

async fn list(
    shared: &Shared,
    scope: &crate::access::Scope,
    holder: Holder,
    span: &Span,
    page: &PageRequest,
) -> Result<Response, Problem> {
    let found = account_statements::list_summaries(&shared.db, scope, holder, span, page).await?;
    let listing: Listing<SummaryView> = found.map(|summary| SummaryView::of(&summary, span)).into();
    Ok(Answer::plain(listing).into_response())
}
