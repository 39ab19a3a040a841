//! Acts on rights: reading, deciding, agreeing to and withdrawing them.

use super::acts::{BuyBackAgreement, kept};
use super::api_view::{RightActView, classes_of};
use super::commands::{self, ActWord};
use super::queries::{self, RightActFilter};
use super::right_act::{Kind, RightAct};
use super::{api_proposals, api_reserve};
use crate::access::{Action, Permit, Scope};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::Grounds;
use crate::decisions::api_tasks::{ReadReason, TaskView, act, answer, read_reason, read_reason_of_no};
use crate::encumbrance::Binders;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::RightActId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::words::Words;
use crate::quota::api::Decide;
use crate::rulebook::OwnProposal;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on acts.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_right_acts))
        .routes(routes!(find_right_act))
        .routes(routes!(approve_right_act))
        .routes(routes!(refuse_right_act))
        .routes(routes!(agree_buy_back))
        .routes(routes!(decline_buy_back))
        .routes(routes!(withdraw_right_act))
        .merge(api_proposals::routes())
        .merge(api_reserve::routes())
}

/// The one act of a command, in words.
pub(super) async fn answer_one(work: &Work, acts: Vec<RightAct>) -> Result<RightActView, Failure> {
    let words = Words::of_ids(work.connection(), &classes_of(&acts)).await?;
    one(acts, |act| RightActView::of(&act, &words))?
}

/// Filters of the acts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RightActQuery {
    /// `surrender`, `expiry`, `take_back`, `buy_back`, `set_aside`, `renewal` or `variation`.
    #[param(example = "surrender")]
    kind: Option<String>,
    /// `proposed`, `agreed`, `approved`, `carried_out`, `refused` or `withdrawn`.
    #[param(example = "carried_out")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
}

/// A page of acts, in words.
pub(super) async fn list(
    shared: &Shared,
    scope: &Scope,
    filter: &RightActFilter<'_>,
    page: &PageRequest,
) -> Reply<Listing<RightActView>> {
    let found = queries::list_right_acts(&shared.db, scope, filter, page).await?;
    let words = Words::of_ids(shared.db.reader(), &classes_of(&found.items)).await?;
    let items = found.items.iter().map(|act| RightActView::of(act, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// Acts on rights that you may see: of your rights, that you proposed, to your reserve, or in your area.
#[utoipa::path(get, path = "/right-acts", tag = "quota", operation_id = "list_right_acts",
    params(RightActQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Acts in the order of proposal", body = Listing<RightActView>)))]
async fn list_right_acts(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<RightActQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<RightActView>> {
    caller.may(Action::ReadQuota)?;
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    one_of("kind", query.kind.as_deref(), &known)?;
    one_of("state", query.state.as_deref(), RightAct::STATES)?;
    let kinds = query.kind.as_deref().into_iter().collect();
    let filter = RightActFilter { kinds, state: query.state.as_deref(), site: query.site };
    list(&shared, &caller.scope(), &filter, &page).await
}

/// One act.
#[utoipa::path(get, path = "/right-acts/{id}", tag = "quota", operation_id = "find_right_act",
    params(("id" = Uuid, Path, description = "Id of the act")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The act", body = RightActView)))]
async fn find_right_act(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<RightActId>,
) -> Reply<RightActView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_right_act(&shared.db, &caller.scope(), id).await?;
    let act = found.ok_or_else(|| not_found("right act"))?;
    let words = Words::of_ids(shared.db.reader(), &classes_of(std::slice::from_ref(&act))).await?;
    Ok(Answer::ok(RightActView::of(&act, &words)?))
}

fn read_word(act: RightActId, command: &Command<Decide>, read: ReadReason) -> Result<ActWord, Failure> {
    let mut fields = Fields::default();
    let grounds = command.body.read(&mut fields, read);
    fields.finish(Some(ActWord { act, expected: command.expected, grounds }))
}

/// Changes acts by the words said on them.
type Saying = for<'w> fn(&'w mut Work, Binders, &'w [ActWord]) -> Doing<'w, Vec<RightAct>>;

/// Says a word on one act.
async fn say<B>(
    shared: &Shared,
    binders: Binders,
    permit: &Permit,
    command: &Command<B>,
    word: ActWord,
    saying: Saying,
) -> Reply<RightActView> {
    let words = [word];
    let done = shared.db.run_once(permit, &command.key, &words, |work, words| {
        Box::pin(async move {
            let acts = saying(work, binders, words).await?;
            answer_one(work, acts).await
        })
    });
    Ok(Answer::ok(done.await?))
}

/// Says a word with its grounds, under a permission.
async fn decide(
    shared: &Shared,
    binders: Binders,
    action: Action,
    act: RightActId,
    command: Command<Decide>,
    read: ReadReason,
    saying: Saying,
) -> Reply<RightActView> {
    let permit = command.caller.may(action)?;
    let word = read_word(act, &command, read)?;
    say(shared, binders, &permit, &command, word, saying).await
}

/// Approve what somebody else has proposed about rights in your area: it takes effect, a renewal on the first day of its new validity.
#[utoipa::path(post, path = "/right-acts/{id}/approve", tag = "quota", operation_id = "approve_right_act",
    params(("id" = Uuid, Path, description = "Id of the act")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_right_act"))),
    responses((status = 200, description = "Carried out, or approved", body = RightActView)))]
async fn approve_right_act(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<RightActId>,
    command: Command<Decide>,
) -> Reply<RightActView> {
    decide(&shared, binders, Action::DecideRightAct, id, command, read_reason, |work, binders, words| {
        Box::pin(commands::approve(work, binders, words))
    })
    .await
}

/// Refuse what somebody else has proposed about rights in your area, with the reason in writing.
#[utoipa::path(post, path = "/right-acts/{id}/refuse", tag = "quota", operation_id = "refuse_right_act",
    params(("id" = Uuid, Path, description = "Id of the act")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_right_act"))),
    responses((status = 200, description = "Refused", body = RightActView)))]
async fn refuse_right_act(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<RightActId>,
    command: Command<Decide>,
) -> Reply<RightActView> {
    decide(&shared, binders, Action::DecideRightAct, id, command, read_reason_of_no, |work, _, words| {
        Box::pin(commands::refuse(work, words))
    })
    .await
}

/// Agree to sell rights of yours back to the reserve; where your own organisation asks for a second person, it waits for one. A bureau
/// then decides.
#[utoipa::path(post, path = "/right-acts/{id}/agree", tag = "quota", operation_id = "agree_buy_back",
    params(("id" = Uuid, Path, description = "Id of the buy-back")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("agree_buy_back"))),
    responses((status = 200, description = "Agreed", body = RightActView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn agree_buy_back(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<RightActId>,
    command: Command<Empty>,
) -> Result<Response, Problem> {
    let proposal = BuyBackAgreement { binders };
    let permit = command.caller.may(proposal.permission())?;
    let wanted = (proposal, kept(id, command.expected, command.caller.organisation)?);
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, (proposal, wanted)| Box::pin(act(work, proposal, wanted)));
    answer(told.await?, |view: RightActView| Answer::ok(view).into_response())
}

/// Decline to sell rights of yours back to the reserve.
#[utoipa::path(post, path = "/right-acts/{id}/decline", tag = "quota", operation_id = "decline_buy_back",
    params(("id" = Uuid, Path, description = "Id of the buy-back")), request_body = Decide, security(("bearer" = [])),
    extensions(("x-permission" = json!("agree_buy_back"))),
    responses((status = 200, description = "Declined", body = RightActView)))]
async fn decline_buy_back(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<RightActId>,
    command: Command<Decide>,
) -> Reply<RightActView> {
    decide(&shared, binders, Action::AgreeBuyBack, id, command, read_reason, |work, _, words| {
        Box::pin(commands::decline(work, words))
    })
    .await
}

/// Take back what you have proposed about rights, before a bureau has decided on it.
#[utoipa::path(post, path = "/right-acts/{id}/withdraw", tag = "quota", operation_id = "withdraw_right_act",
    params(("id" = Uuid, Path, description = "Id of the act")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!(["surrender_rights", "renew_rights", "vary_rights", "operate_reserve"]))),
    responses((status = 200, description = "Withdrawn", body = RightActView)))]
async fn withdraw_right_act(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<RightActId>,
    command: Command<Empty>,
) -> Reply<RightActView> {
    let proposers = [Action::SurrenderRights, Action::RenewRights, Action::VaryRights, Action::OperateReserve];
    let permit = command.caller.may_any(&proposers)?;
    let word = ActWord { act: id, expected: command.expected, grounds: Grounds::default() };
    say(&shared, binders, &permit, &command, word, |work, _, words| Box::pin(commands::withdraw(work, words))).await
}
