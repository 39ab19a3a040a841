//! Publications, for the exchange.

use super::commands::{self, Word};
use super::publication::{Publication, PublicationState};
use super::queries::{self, PublicationFilter};
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::answer::one;
use crate::http::extract::{Empty, not_found};
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::Moment;
use crate::kernel::ids::PublicationId;
use crate::kernel::page::PageRequest;
use crate::parties::place;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// It names a trade, whose parties are told of who reads the trade itself.
concerns_nobody!(PublicationView);

/// The operations on publications.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_publications))
        .routes(routes!(find_publication))
        .routes(routes!(publish_result))
        .routes(routes!(withdraw_publication))
}

/// A result that is to be published.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Publication)]
pub struct PublicationView {
    /// Its identity.
    pub id: Uuid,
    /// The settled trade.
    pub trade: Uuid,
    /// Code of the area of the buyer's site.
    #[schema(example = "421222")]
    pub area: String,
    /// The legal date of its settlement.
    #[schema(format = Date, example = "2022-12-01")]
    pub settled_on: String,
    /// The last day for it (工作日); nothing where no rule said so.
    #[schema(format = Date, example = "2022-12-08")]
    pub due_on: Option<String>,
    /// Whether that day has passed and it still waits.
    pub overdue: bool,
    /// `due`, `published` or `withdrawn`.
    #[schema(example = "due", extensions(("x-words" = json!(PublicationState::WORDS))))]
    pub state: String,
    /// When it was published, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Moment>,
    /// When it was withdrawn, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Moment>,
    /// Why it was withdrawn.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for PublicationView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl PublicationView {
    fn of(publication: Publication, today: Date) -> Self {
        let (overdue, state) = (publication.is_overdue(today), publication.state.as_str().to_owned());
        let (published, withdrawn, reason) = match publication.state {
            PublicationState::Due => (None, None, None),
            PublicationState::Published { published } => (Some(published.at), None, None),
            PublicationState::Withdrawn { published, withdrawn, reason } => {
                (Some(published.at), Some(withdrawn.at), Some(reason))
            }
        };
        Self {
            id: publication.id.0,
            trade: publication.trade.0,
            area: place::code_of(&publication.area_path).to_owned(),
            settled_on: publication.settled_on.to_string(),
            due_on: publication.due_on.map(|day| day.to_string()),
            overdue,
            state,
            published_at: published,
            withdrawn_at: withdrawn,
            reason,
            version: publication.version,
        }
    }
}

/// Filters of the publications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicationQuery {
    /// `due`, `published` or `withdrawn`.
    #[param(example = "due")]
    state: Option<String>,
    /// Only those that wait beyond their last day.
    overdue: Option<bool>,
}

/// Results that are to be published, or were: all of them for the exchange and the auditor, those of its area for a bureau.
#[utoipa::path(get, path = "/publications", tag = "disclosure", operation_id = "list_publications",
    params(PublicationQuery, OrderParams, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_market"))),
    responses((status = 200, description = "Publications in the order in which they were made", body = Listing<PublicationView>)))]
async fn list_publications(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PublicationQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<PublicationView>> {
    caller.may(Action::ReadMarket)?;
    one_of("state", query.state.as_deref(), PublicationState::WORDS)?;
    let today = shared.db.clock().business_day();
    let is_overdue = query.overdue == Some(true);
    let states: Vec<&str> = if is_overdue { vec!["due"] } else { query.state.as_deref().into_iter().collect() };
    let filter = PublicationFilter { states: &states, due_before: is_overdue.then_some(today), area_path: None };
    let found = queries::list_publications(&shared.db, &caller.scope(), filter, &page).await?;
    Ok(Answer::plain(found.map(|publication| PublicationView::of(publication, today)).into()))
}

/// A publication that you may see.
#[utoipa::path(get, path = "/publications/{id}", tag = "disclosure", operation_id = "find_publication",
    params(("id" = Uuid, Path, description = "Id of the publication")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_market"))), responses((status = 200, description = "The publication", body = PublicationView)))]
async fn find_publication(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PublicationId>,
) -> Reply<PublicationView> {
    caller.may(Action::ReadMarket)?;
    let (filter, page) = (PublicationFilter::default(), PageRequest::only(id));
    let found = queries::list_publications(&shared.db, &caller.scope(), filter, &page).await?;
    let publication = found.only(id, |publication| publication.id.0).ok_or_else(|| not_found("publication"))?;
    Ok(Answer::ok(PublicationView::of(publication, shared.db.clock().business_day())))
}

async fn say(
    shared: &Shared,
    permit: &crate::access::Permit,
    key: &crate::db::CommandKey,
    word: Word,
) -> Reply<PublicationView> {
    let words = [word];
    let said = shared.db.run_once(permit, key, &words, |work, words| {
        Box::pin(async move {
            let today = work.today();
            one(commands::say(work, words).await?, |publication| PublicationView::of(publication, today))
        })
    });
    Ok(Answer::ok(said.await?))
}

/// Publish a result: from now on everybody can see it.
#[utoipa::path(post, path = "/publications/{id}/publish", tag = "disclosure", operation_id = "publish_result",
    params(("id" = Uuid, Path, description = "Id of the publication")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("publish_result"))), responses((status = 200, description = "Published", body = PublicationView)))]
async fn publish_result(
    State(shared): State<Shared>,
    Id(publication): Id<PublicationId>,
    command: Command<Empty>,
) -> Reply<PublicationView> {
    let permit = command.caller.may(Action::PublishResult)?;
    let word = Word { publication, expected: command.expected, withdrawn_because: None };
    say(&shared, &permit, &command.key, word).await
}

/// Why a publication is withdrawn.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPublication {
    /// Why, in your words.
    #[schema(example = "成交价格录入有误")]
    pub reason: String,
}

/// Withdraw what was published by mistake: that it was there stays visible, its content does not.
#[utoipa::path(post, path = "/publications/{id}/withdraw", tag = "disclosure", operation_id = "withdraw_publication",
    params(("id" = Uuid, Path, description = "Id of the publication")), request_body = WithdrawPublication,
    security(("bearer" = [])), extensions(("x-permission" = json!("publish_result"))),
    responses((status = 200, description = "Withdrawn", body = PublicationView)))]
async fn withdraw_publication(
    State(shared): State<Shared>,
    Id(publication): Id<PublicationId>,
    command: Command<WithdrawPublication>,
) -> Reply<PublicationView> {
    let permit = command.caller.may(Action::PublishResult)?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &command.body.reason);
    let word = reason.map(|reason| Word { publication, expected: command.expected, withdrawn_because: Some(reason) });
    say(&shared, &permit, &command.key, fields.finish(word)?).await
}
