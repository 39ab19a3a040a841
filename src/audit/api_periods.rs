//! Accounting periods: which months are sealed, and the sealing of the next one.

use crate::access::Action;
use crate::concerns_nobody;
use crate::http::extract::RequestRefusal;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Empty, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::ledger::periods::{self, Period, SealedPeriod};
use accounting::{Month, hexadecimal};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(PeriodView);

/// The operations of accounting periods.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_periods)).routes(routes!(seal_period))
}

/// A month of the book (会计期间).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Period)]
pub struct PeriodView {
    /// Which month.
    #[schema(example = "2022-11")]
    pub month: String,
    /// Its first day.
    #[schema(format = Date, example = "2022-11-01")]
    pub first_day: String,
    /// Its last day.
    #[schema(format = Date, example = "2022-11-30")]
    pub last_day: String,
    /// `open` while it lasts, `closed` when it is over, `sealed` when nothing can be dated in it any more.
    #[schema(example = "sealed")]
    pub state: String,
    /// The seal, once there is one.
    pub seal: Option<SealView>,
}

/// What a month was sealed with.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Seal)]
pub struct SealView {
    /// Identity of the period: what the journal of the seal is about.
    pub id: Uuid,
    /// SHA-256 over the canonical form of the period (docs/SEAL-FORMAT.md), in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub seal_hash: String,
    /// The seal of the month before; null for the first month of the book.
    pub previous_hash: Option<String>,
    /// How many journals are effective in the month.
    #[schema(example = 412)]
    pub journals: i64,
    /// SHA-256 over their leaf hashes in the order in which they were recorded.
    #[schema(example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")]
    pub leaves_hash: String,
    /// The journal that records the seal.
    pub journal: Uuid,
    /// Who sealed it.
    pub sealed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub sealed_at: Moment,
}

impl From<Period> for PeriodView {
    fn from(period: Period) -> Self {
        let (month, state, seal) = match period {
            Period::Open(month) => (month, "open", None),
            Period::Closed(month) => (month, "closed", None),
            Period::Sealed(sealed) => (sealed.month, "sealed", Some(SealView::from(sealed))),
        };
        Self {
            month: month.to_string(),
            first_day: month.first_day().to_string(),
            last_day: month.last_day().to_string(),
            state: state.to_owned(),
            seal,
        }
    }
}

impl From<SealedPeriod> for SealView {
    fn from(sealed: SealedPeriod) -> Self {
        Self {
            id: sealed.id.0,
            seal_hash: hexadecimal(&sealed.seal_hash),
            previous_hash: sealed.previous.as_deref().map(hexadecimal),
            journals: sealed.journals,
            leaves_hash: hexadecimal(&sealed.leaves_hash),
            journal: sealed.journal.0,
            sealed_by: sealed.sealed_by.0,
            sealed_at: sealed.sealed_at,
        }
    }
}

/// Every month from the first legal date of the book to the current one, with the seals of those that are sealed.
#[utoipa::path(get, path = "/audit/periods", tag = "audit", operation_id = "list_periods", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!(["audit", "seal_period"]))),
    responses((status = 200, description = "Months in their order", body = Listing<PeriodView>)))]
async fn list_periods(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<PeriodView>> {
    caller.may_any(&[Action::Audit, Action::SealPeriod])?;
    // The cursor of this list is the place of a month, carried in the low bits of a UUID.
    let after = page.after.map_or(0, |after| usize::try_from(after.as_u128()).unwrap_or(usize::MAX));
    let periods = periods::list_periods(&shared.db).await?.into_iter().map(PeriodView::from);
    let placed = (1_u128..).zip(periods).skip(after).collect();
    let page = Page::cut(placed, &page, |(place, _)| Uuid::from_u128(*place));
    Ok(Answer::plain(page.map(|(_, period)| period).into()))
}

/// Seal the next month that is over: nothing can be dated in it any more, and its seal is part of the books.
#[utoipa::path(post, path = "/audit/periods/{month}/seal", tag = "audit", operation_id = "seal_period",
    params(("month" = String, Path, description = "The month, such as 2022-11", pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2022-11")), request_body = Empty,
    security(("bearer" = [])), extensions(("x-permission" = json!("seal_period"))),
    responses((status = 201, description = "Sealed", body = PeriodView)))]
async fn seal_period(State(shared): State<Shared>, Id(text): Id<String>, command: Command<Empty>) -> Reply<PeriodView> {
    let permit = command.caller.may(Action::SealPeriod)?;
    let month = Month::parse(&text).ok_or(RequestRefusal::BadMonth { text })?;
    let period = shared
        .db
        .run_alone(&permit, &command.key, &month, |work, month| {
            Box::pin(async move { Ok::<_, Failure>(Period::Sealed(periods::seal(work, *month).await?).into()) })
        })
        .await?;
    Ok(Answer::plainly_created(period))
}
