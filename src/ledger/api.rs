//! The books as their owner sees them.

use crate::access::Action;
use crate::concerns;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::{AccountId, OrganisationId};
use crate::ledger::balances::{self, Balance, BalanceFilter, View};
use crate::ledger::statements::{self, Entry, JournalRead};
use accounting::Purpose;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(BalanceView: Owner [owner]; EntryView: Owner [owner]);

/// The operations of the ledger.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_balances)).routes(routes!(list_entries)).routes(routes!(find_journal))
}

/// A balance of one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Balance)]
pub struct BalanceView {
    /// The account.
    pub account: Uuid,
    /// Its owner: a site, an organisation, an area, or the book itself.
    pub owner: Uuid,
    /// `site`, `organisation`, `area` or `book`.
    #[schema(example = "site", extensions(("x-words" = json!(["site", "organisation", "area", "book"]))))]
    pub owner_kind: String,
    /// The owner's name.
    pub owner_name: String,
    /// Code of the right class, of the capacity, or `CNY`.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub asset: String,
    /// `right`, `money` or `capacity`.
    #[schema(example = "right", extensions(("x-words" = json!(["right", "money", "capacity"]))))]
    pub asset_kind: String,
    /// Display unit of the balance.
    #[schema(example = "t")]
    pub unit: String,
    /// What the account is for.
    #[schema(example = "available")]
    pub purpose: String,
    /// The trade, lien or freeze that holds the balance.
    pub subject: Option<Uuid>,
    /// Decimal string in the display unit; negative only on contra accounts.
    #[schema(example = "12.500")]
    pub balance: String,
}

impl From<Balance> for BalanceView {
    fn from(balance: Balance) -> Self {
        let print = balance.print();
        Self {
            account: balance.account.0,
            owner: balance.owner,
            owner_kind: balance.owner_kind,
            owner_name: balance.owner_name,
            asset: balance.asset,
            asset_kind: balance.asset_kind,
            unit: balance.unit,
            purpose: balance.purpose,
            subject: balance.subject,
            balance: print,
        }
    }
}

/// One side of a posting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
pub struct EntryView {
    /// The journal it belongs to.
    pub journal: Uuid,
    /// What happened.
    #[schema(example = "trade_settled")]
    pub kind: String,
    /// Position of the posting in its journal, from 0.
    pub line: i32,
    /// The account.
    pub account: Uuid,
    /// The account's owner.
    pub owner: Uuid,
    /// The owner's name.
    pub owner_name: String,
    /// Code of the asset.
    pub asset: String,
    /// Display unit.
    pub unit: String,
    /// What the account is for.
    pub purpose: String,
    /// The account's version with this entry, gap-free from 1.
    pub version: i64,
    /// Signed decimal string: negative when it leaves the account.
    #[schema(example = "-2.000")]
    pub amount: String,
    /// Balance of the account after it.
    #[schema(example = "10.500")]
    pub balance_after: String,
    /// The legal date.
    #[schema(format = Date, example = "2022-12-01")]
    pub effective_on: String,
    /// When the book learnt it, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            journal: entry.journal,
            kind: entry.kind,
            line: entry.line,
            account: entry.account.0,
            owner: entry.owner,
            owner_name: entry.owner_name,
            asset: entry.asset,
            unit: entry.unit,
            purpose: entry.purpose,
            version: entry.version,
            amount: entry.amount,
            balance_after: entry.balance_after,
            effective_on: entry.effective_on,
            recorded_at: entry.recorded_at,
        }
    }
}

/// One business event with the entries that the reader may see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Journal)]
pub struct JournalView {
    /// Its identity.
    pub id: Uuid,
    /// What happened.
    #[schema(example = "trade_settled")]
    pub kind: String,
    /// What kind of thing it is about.
    #[schema(example = "trade")]
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The version the thing has reached with it.
    pub subject_version: i64,
    /// The legal date.
    #[schema(format = Date, example = "2022-12-01")]
    pub effective_on: String,
    /// When the book learnt it, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// Who acted: of what waited for a second person, who approved it.
    pub actor: Uuid,
    /// Who proposed it, when it waited for a second person.
    pub proposed_by: Option<Uuid>,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// SHA-256 of the document that proves it.
    pub document_hash: Option<String>,
    /// The journal it undoes.
    pub reverses: Option<Uuid>,
    /// The journal that undoes it.
    pub reversed_by: Option<Uuid>,
    /// SHA-256 over its canonical form (docs/JOURNAL-FORMAT.md), in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: String,
    /// Its entries.
    pub entries: Vec<EntryView>,
}

impl From<JournalRead> for JournalView {
    fn from(journal: JournalRead) -> Self {
        Self {
            id: journal.id,
            kind: journal.kind,
            subject_kind: journal.subject_kind,
            subject: journal.subject,
            subject_version: journal.subject_version,
            effective_on: journal.effective_on,
            recorded_at: journal.recorded_at,
            actor: journal.actor,
            proposed_by: journal.proposed_by,
            reason: journal.reason,
            document_hash: journal.document_hash,
            reverses: journal.reverses,
            reversed_by: journal.reversed_by,
            leaf_hash: journal.leaf_hash,
            entries: journal.entries.into_iter().map(EntryView::from).collect(),
        }
    }
}

impl Concerns for JournalView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of(self.entries.iter().map(|entry| Party::Owner(entry.owner)));
    }
}

/// Filters of the balances.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BalanceQuery {
    /// Id of a site, an organisation or an area.
    owner: Option<Uuid>,
    /// Id of an organisation: its sites and its money.
    organisation: Option<Uuid>,
    /// Code of an asset.
    asset: Option<String>,
    /// What the accounts are for.
    purpose: Option<String>,
    /// RFC 3339: the balances as they stood at that instant of business time.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// The balances by legal date: what is effective on this day or before. With `as_of`, as it was known at that instant.
    #[param(format = Date, example = "2022-11-30")]
    effective_on: Option<String>,
}

/// Balances that you may see: your organisation's; those of your area for a bureau; all for an auditor.
#[utoipa::path(get, path = "/balances", tag = "books", operation_id = "list_balances", params(BalanceQuery, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_books"))), responses((status = 200, description = "Balances in the order of their accounts", body = Listing<BalanceView>)))]
async fn list_balances(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<BalanceQuery>,
    Paging(page): Paging,
) -> Reply<Listing<BalanceView>> {
    caller.may(Action::ReadBooks)?;
    let mut fields = Fields::default();
    let as_of = query.as_of.as_deref().and_then(|text| fields.instant("as_of", text));
    let effective_on = query.effective_on.as_deref().and_then(|text| fields.date("effective_on", text));
    if let Some(purpose) = &query.purpose {
        let known: Vec<&str> = Purpose::ALL.iter().map(|purpose| purpose.as_str()).collect();
        fields.word("purpose", purpose, Purpose::parse, &known);
    }
    let filter = BalanceFilter {
        owner: query.owner,
        organisation: query.organisation.map(OrganisationId),
        asset: query.asset,
        purpose: query.purpose,
        view: View { as_of, effective_on },
    };
    let filter = fields.finish(Some(filter))?;
    let found = balances::list_balances(&shared.db, &caller.scope(), &filter, &page).await?;
    Ok(Answer::plain(found.map(BalanceView::from).into()))
}

/// Entries of one account, oldest first, with the balance after each.
#[utoipa::path(get, path = "/accounts/{id}/entries", tag = "books", operation_id = "list_entries",
    params(("id" = Uuid, Path, description = "Id of the account"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_books"))),
    responses((status = 200, description = "Entries in version order", body = Listing<EntryView>)))]
async fn list_entries(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(account): Id<AccountId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<EntryView>> {
    caller.may(Action::ReadBooks)?;
    let found = statements::list_entries(&shared.db, &caller.scope(), account, &page).await?;
    let page = found.ok_or_else(|| not_found("account"))?;
    Ok(Answer::plain(page.map(EntryView::from).into()))
}

/// One journal with those of its entries that you may see.
#[utoipa::path(get, path = "/journals/{id}", tag = "books", operation_id = "find_journal",
    params(("id" = Uuid, Path, description = "Id of the journal")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_books"))),
    responses((status = 200, description = "The journal", body = JournalView)))]
async fn find_journal(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<Uuid>) -> Reply<JournalView> {
    caller.may(Action::ReadBooks)?;
    let found = statements::find_journal(&shared.db, &caller.scope(), id).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("journal"))?.into()))
}
