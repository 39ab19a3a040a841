//! Our own statement of a day, for the bank.

use super::{BookMove, queries};
use crate::access::Action;
use crate::http::concern::{self, Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::problem::ProblemView;
use crate::http::sheet::as_csv;
use crate::http::{Answer, Fields, Filters, Language, Problem, Shared, Signed};
use crate::kernel::ids::OrganisationId;
use crate::kernel::{Failure, chinese};
use crate::ledger::LedgerRefusal;
use crate::ledger::day::Day;
use crate::ledger::document::LARGEST_DOCUMENT;
use crate::treasury::TreasuryRefusal;
use accounting::decimal;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operation on our own statement of a day.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_daily_statement))
}

/// A movement at the bank, as our books have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DailyStatementLine {
    /// The journal that booked it.
    pub journal: Uuid,
    /// What happened.
    #[schema(example = "money_deposited")]
    pub kind: String,
    /// The bank's reference; a correction of ours has none.
    #[schema(example = "XN20221201000017")]
    pub bank_reference: Option<String>,
    /// `in` or `out`, as the bank sees it.
    #[schema(example = "in", extensions(("x-words" = json!(crate::treasury::statements::Flow::WORDS))))]
    pub direction: String,
    /// CNY.
    #[schema(example = "17580.00")]
    pub amount: String,
    /// Whose money, where it is somebody's.
    pub organisation: Option<Uuid>,
    /// What the payer wrote (附言).
    #[schema(example = "货款")]
    pub text: String,
}

/// A day at the bank, as our books have it: opening balance and lines make the closing balance.
#[derive(Debug, Serialize, ToSchema)]
pub struct DailyStatement {
    /// The settlement bank.
    pub bank: Uuid,
    /// The legal date.
    #[schema(format = Date, example = "2022-12-01")]
    pub day: String,
    /// CNY that the bank held for the market before the day.
    #[schema(example = "100000.00")]
    pub opening_balance: String,
    /// What moved, in the order of recording.
    pub lines: Vec<DailyStatementLine>,
    /// CNY that it holds at the end of the day.
    #[schema(example = "117580.00")]
    pub closing_balance: String,
}

impl Concerns for DailyStatement {
    fn concerns(&self, whose: &mut Whose) {
        whose.of([Party::Organisation(self.bank)]);
        for organisation in self.lines.iter().filter_map(|line| line.organisation) {
            whose.of([Party::Organisation(organisation)]);
        }
    }
}

/// Fen of the contra account as the bank sees them: what the market has less there, the bank holds.
fn held(units: i64) -> Result<String, Failure> {
    let units = units.checked_neg().ok_or_else(|| Failure::bug("a balance cannot be turned around"))?;
    Ok(decimal::print(units, 100, 2))
}

impl DailyStatement {
    fn of(bank: OrganisationId, day: Date, found: &Day, moves: Vec<BookMove>) -> Result<Self, Failure> {
        let line = |one: BookMove| DailyStatementLine {
            journal: one.journal.0,
            kind: one.kind.to_owned(),
            bank_reference: one.bank_reference,
            direction: one.flow.as_str().to_owned(),
            amount: one.amount.print(),
            organisation: one.organisation.map(|organisation| organisation.0),
            text: one.text,
        };
        Ok(Self {
            bank: bank.0,
            day: day.to_string(),
            opening_balance: held(found.opening)?,
            lines: moves.into_iter().map(line).collect(),
            closing_balance: held(found.closing)?,
        })
    }

    /// One row for the opening balance, one for each line, one for the closing balance.
    fn as_csv(&self, language: Language) -> Result<Vec<u8>, Failure> {
        let told = |word: &str| language.pick(chinese::word(word).unwrap_or(word), word).to_owned();
        let standing = |row: &str, balance: &str| {
            let (row, none) = (told(row), String::new());
            let (day, balance) = (self.day.clone(), balance.to_owned());
            [row, day, none.clone(), none.clone(), balance, none.clone(), none.clone(), none]
        };
        let moved = |line: &DailyStatementLine| {
            let reference = line.bank_reference.clone().unwrap_or_default();
            let (direction, amount) = (told(&line.direction), line.amount.clone());
            let (journal, kind) = (line.journal.to_string(), line.kind.clone());
            [told("line"), self.day.clone(), reference, direction, amount, line.text.clone(), journal, kind]
        };
        let opening = std::iter::once(standing("opening", &self.opening_balance));
        let closing = std::iter::once(standing("closing", &self.closing_balance));
        let columns = ["row", "date", "bank_reference", "direction", "amount", "text", "journal", "kind"];
        as_csv(columns, language, opening.chain(self.lines.iter().map(moved)).chain(closing))
    }
}

/// Which day, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DailyStatementQuery {
    /// The legal date.
    #[param(format = Date, example = "2022-12-01")]
    day: String,
    /// Id of a settlement bank; your own organisation when left out.
    bank: Option<Uuid>,
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// Our statement of a day at your bank: what it held for the market before, what moved, what it holds after. It is the account
/// `outside` of the books, seen from the bank.
#[utoipa::path(get, path = "/money/daily-statement", tag = "money", operation_id = "find_daily_statement",
    params(DailyStatementQuery), security(("bearer" = [])), extensions(("x-permission" = json!("read_money"))),
    responses(
        (status = 200, description = "Opening balance, lines, closing balance",
            content((DailyStatement = "application/json"), (String = "text/csv"))),
        (status = 404, description = "No such bank, or not for you to know of", body = ProblemView,
            content_type = "application/problem+json"),
        (status = 422, description = "A day that has not come, or one with too many lines", body = ProblemView,
            content_type = "application/problem+json")))]
async fn find_daily_statement(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<DailyStatementQuery>,
    language: Language,
) -> Result<Response, Problem> {
    caller.may(Action::ReadMoney)?;
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let mut fields = Fields::default();
    let day = fields.date("day", &query.day);
    let day = fields.finish(day)?;
    let bank = query.bank.map_or(caller.organisation, OrganisationId);
    if !queries::may_see(&caller, bank) {
        return Err(not_found("bank").into());
    }
    let today = shared.db.clock().business_day();
    if day > today {
        return Err(TreasuryRefusal::StatementEarly { today: today.to_string() }.into());
    }
    let books = shared.db.snapshot().await?;
    let (found, moves) = queries::day_at(&books, bank, day).await?;
    books.commit().await.map_err(Failure::from)?;
    let entries = i64::try_from(moves.len()).map_err(Failure::bug)?;
    if entries > LARGEST_DOCUMENT {
        let (entries, largest) = (entries.to_string(), LARGEST_DOCUMENT.to_string());
        return Err(LedgerRefusal::StatementTooLong { entries, largest }.into());
    }
    let statement = DailyStatement::of(bank, day, &found, moves)?;
    if query.format.as_deref() != Some("csv") {
        return Ok(Answer::plain(statement).into_response());
    }
    let mut response = statement.as_csv(language)?.into_response();
    concern::tell(&mut response, &statement);
    let name = format!("attachment; filename=\"daily-statement-{day}.csv\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Failure::bug)?);
    Ok(response)
}
