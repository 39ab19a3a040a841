//! What the auditor reads.

use super::queries::{self, RefusalRecord};
use super::records;
use super::records::queries::{RowVersion, list_versions};
use super::verification::Verification;
use crate::access::Action;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::ledger::api::JournalView;
use crate::ledger::balances::{self, TrialLine, View};
use crate::ledger::statements;
use crate::operations;
use crate::operations::api::{OperationView, begun};
use crate::{concerns, concerns_nobody};
use accounting::decimal;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// Decisions of authorities are published (行政执法公示).
concerns_nobody!(TrialBalance, Verification);
concerns!(RefusalView: User [actor]);

/// The operations of audit.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(trial_balance))
        .routes(routes!(list_journals))
        .routes(routes!(list_refusals))
        .routes(routes!(list_records))
        .routes(routes!(verify_books))
}

/// One asset of the trial balance.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialAsset {
    /// Code of the right class, of the capacity, or `CNY`.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub asset: String,
    /// `right`, `money` or `capacity`.
    #[schema(example = "right", extensions(("x-words" = json!(["right", "money", "capacity"]))))]
    pub kind: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Balances by what the accounts are for.
    pub lines: Vec<TrialPurpose>,
    /// Sum of the lines: zero, or the books are wrong.
    #[schema(example = "0.000")]
    pub total: String,
}

/// One purpose of an asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialPurpose {
    /// What the accounts are for.
    #[schema(example = "available")]
    pub purpose: String,
    /// Sum of their balances; negative on the contra side.
    #[schema(example = "118.206")]
    pub balance: String,
}

/// The trial balance of the whole book.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBalance {
    /// The instant it stands for, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Moment,
    /// The legal date up to which it counts, when one was asked for.
    #[schema(format = Date, example = "2022-11-30")]
    pub effective_on: Option<String>,
    /// Whether every asset sums to zero.
    pub is_balanced: bool,
    /// The assets.
    pub assets: Vec<TrialAsset>,
}

/// Gathers the lines of each asset.
pub fn by_asset(lines: Vec<TrialLine>) -> Vec<TrialAsset> {
    let mut assets: Vec<(TrialAsset, i64, TrialLine)> = Vec::new();
    for line in lines {
        let print = |units| decimal::print(units, line.units_per_whole, line.decimals);
        let purpose = TrialPurpose { purpose: line.purpose.clone(), balance: print(line.units) };
        if let Some((asset, total, _)) = assets.last_mut().filter(|(asset, _, _)| asset.asset == line.asset) {
            asset.lines.push(purpose);
            *total = total.saturating_add(line.units);
        } else {
            let asset = TrialAsset {
                asset: line.asset.clone(),
                kind: line.asset_kind.clone(),
                unit: line.unit.clone(),
                lines: vec![purpose],
                total: String::new(),
            };
            assets.push((asset, line.units, line));
        }
    }
    let finish = |(asset, total, line): (TrialAsset, i64, TrialLine)| TrialAsset {
        total: decimal::print(total, line.units_per_whole, line.decimals),
        ..asset
    };
    assets.into_iter().map(finish).collect()
}

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// RFC 3339: as the book stood at that instant of business time; now when left out.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// By legal date: what is effective on this day or before. With `as_of`, as it was known at that instant.
    #[param(format = Date, example = "2022-11-30")]
    effective_on: Option<String>,
}

/// The trial balance (试算平衡表) of the whole book: now, as of an instant, by a legal date, or as known then about that date.
#[utoipa::path(get, path = "/audit/trial-balance", tag = "audit", operation_id = "find_trial_balance", params(AsOfQuery),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))), responses((status = 200, description = "Every asset sums to zero", body = TrialBalance)))]
async fn trial_balance(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<AsOfQuery>,
) -> Reply<TrialBalance> {
    caller.may(Action::Audit)?;
    let mut fields = Fields::default();
    let as_of = query.as_of.as_deref().and_then(|text| fields.instant("as_of", text));
    let effective_on = query.effective_on.as_deref().and_then(|text| fields.date("effective_on", text));
    let view = fields.finish(Some(View { as_of, effective_on }))?;
    let now = shared.db.clock().business_now();
    let lines = balances::trial_balance(&shared.db, view).await?;
    let sums = balances::sums(&lines);
    let is_balanced = sums.values().all(|sum| *sum == 0);
    Ok(Answer::plain(TrialBalance {
        as_of: as_of.unwrap_or(now),
        effective_on: effective_on.map(|date| date.to_string()),
        is_balanced,
        assets: by_asset(lines),
    }))
}

/// Filters of the journals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubjectQuery {
    /// Id of a trade, pledge, allocation …: the journals about it.
    subject: Option<Uuid>,
}

/// Every journal with all its entries; those about one thing when asked.
#[utoipa::path(get, path = "/audit/journals", tag = "audit", operation_id = "list_journals",
    params(SubjectQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))),
    responses((status = 200, description = "Journals in the order of their ids", body = Listing<JournalView>)))]
async fn list_journals(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<SubjectQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<JournalView>> {
    caller.may(Action::Audit)?;
    let found = statements::list_journals(&shared.db, query.subject, &page).await?;
    Ok(Answer::plain(found.map(JournalView::from).into()))
}

/// A refusal by rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefusalRecord)]
pub struct RefusalView {
    /// Its identity.
    pub id: Uuid,
    /// Who asked.
    pub actor: Uuid,
    /// For what.
    #[schema(example = "POST /api/v1/offers")]
    pub operation: String,
    /// SHA-256 of the request.
    pub request_hash: String,
    /// Codes of the broken rules.
    #[schema(example = json!(["TRD_NOT_ENOUGH_AVAILABLE"]))]
    pub codes: Vec<String>,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
}

impl From<RefusalRecord> for RefusalView {
    fn from(refusal: RefusalRecord) -> Self {
        Self {
            id: refusal.id,
            actor: refusal.actor,
            operation: refusal.operation,
            request_hash: refusal.request_hash,
            codes: refusal.codes,
            recorded_at: refusal.recorded_at,
        }
    }
}

/// Every refusal by rule: who asked for what, and which rules stood against it.
#[utoipa::path(get, path = "/audit/refusals", tag = "audit", operation_id = "list_refusals",
    params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))), responses((status = 200, description = "Refusals in the order of their ids", body = Listing<RefusalView>)))]
async fn list_refusals(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<RefusalView>> {
    caller.may(Action::Audit)?;
    let found = queries::list_refusals(&shared.db, &page).await?;
    Ok(Answer::plain(found.map(RefusalView::from).into()))
}

/// Which row.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    /// Its table.
    #[param(example = "pledges")]
    table: String,
    /// Its key: the columns of the key in order, joined by a blank.
    #[param(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    key: String,
}

/// One version of a row, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceRecord)]
pub struct RowVersionView {
    /// Identity of the record.
    pub id: Uuid,
    /// Version of the row, from 1.
    pub version: i64,
    /// When the work that wrote it was about to commit, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// Every column in canonical form (docs/RECORD-FORMAT.md); secrets are told by their hash.
    #[schema(example = "column code 6 420000\ncolumn name 9 湖北省\n")]
    pub content: String,
    /// SHA-256 over its canonical form, in hexadecimal.
    pub leaf_hash: String,
}

impl From<RowVersion> for RowVersionView {
    fn from(found: RowVersion) -> Self {
        let RowVersion { id, version, recorded_at, content, leaf_hash } = found;
        Self { id, version, recorded_at, content, leaf_hash }
    }
}

/// Columns of an evidence record that name an organisation.
const ORGANISATIONS: [&str; 6] =
    ["organisation_id", "pledgee_id", "pledgor_id", "seller_id", "buyer_id", "reader_organisation_id"];
/// Columns that name an owner of accounts.
const OWNERS: [&str; 4] = ["site_id", "owner_id", "seller_site_id", "buyer_site_id"];

impl Concerns for RowVersionView {
    fn concerns(&self, whose: &mut Whose) {
        let parties = self.content.lines().filter_map(|line| {
            let mut words = line.strip_prefix("column ")?.split(' ');
            let (name, id) = (words.next()?, words.next()?.parse().ok()?);
            match name {
                name if ORGANISATIONS.contains(&name) => Some(Party::Organisation(id)),
                name if OWNERS.contains(&name) => Some(Party::Owner(id)),
                _ => None,
            }
        });
        whose.of(parties);
    }
}

/// The evidence (存证) of one row: what stood in it at each of its versions.
#[utoipa::path(get, path = "/audit/records", tag = "audit", operation_id = "list_records", params(RowQuery, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))), responses((status = 200, description = "Versions of the row, oldest first", body = Listing<RowVersionView>)))]
async fn list_records(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<RowQuery>,
    Paging(page): Paging,
) -> Reply<Listing<RowVersionView>> {
    caller.may(Action::Audit)?;
    one_of("table", Some(&query.table), &records::covered_tables()?)?;
    let found = list_versions(&shared.db, &query.table, &query.key, &page).await?;
    Ok(Answer::plain(found.map(RowVersionView::from).into()))
}

/// Derive every balance again from the entries, and compare every hold with the business that holds it and every row with
/// its evidence. The result of the operation has `is_clean`, `accounts`, `journals`, `entries`, `records` and the `differences` in words.
#[utoipa::path(post, path = "/audit/verify", tag = "audit", operation_id = "verify_books", request_body = Empty,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("audit"))),
    responses((status = 202, description = "Wanted; follow it at its Location", body = OperationView)))]
async fn verify_books(State(shared): State<Shared>, command: Command<Empty>) -> Reply<OperationView> {
    let permit = command.caller.may(Action::Audit)?;
    Ok(begun(operations::begin(&shared.db, &permit, &command.key, &Verification, &()).await?))
}
