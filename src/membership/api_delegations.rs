//! Handing own roles over for a while.

use super::api_members::read_roles;
use super::delegation_commands::{self as commands, NewDelegation};
use crate::access::{Action, Caller, Scope};
use crate::concerns;
use crate::db::stand_in::{self, DelegatedAct};
use crate::decisions::delegations::{self, Delegation};
use crate::http::answer::one;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{
    Answer, Command, Empty, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{DelegationId, UserId};
use crate::kernel::{Failure, Moment};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(DelegationView: Organisation [organisation]);

/// The operations on delegations.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(give_delegation, list_delegations))
        .routes(routes!(find_delegation))
        .routes(routes!(revoke_delegation))
        .routes(routes!(list_delegated_acts))
}

/// Roles that one user has handed to another for a while.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Delegation)]
pub struct DelegationView {
    /// Its identity; the delegate sends it in the header `Acting-For` with each request under it.
    pub id: Uuid,
    /// The organisation of both.
    pub organisation: Uuid,
    /// Whose roles they are.
    pub principal: Uuid,
    /// Who may act with them.
    pub delegate: Uuid,
    /// The roles.
    #[schema(example = json!(["bureau_head"]))]
    pub roles: Vec<String>,
    /// From when, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub from: Moment,
    /// Until when; this instant itself is too late.
    #[schema(value_type = String, format = DateTime)]
    pub until: Moment,
    /// `coming`, `in_force`, `ended` or `revoked`, at the instant of the answer.
    #[schema(example = "in_force", extensions(("x-words" = json!(["coming", "in_force", "ended", "revoked"]))))]
    pub state: String,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl DelegationView {
    fn of(delegation: &Delegation, now: Moment) -> Self {
        Self {
            state: delegation.state(now).to_owned(),
            id: delegation.id.0,
            organisation: delegation.organisation.0,
            principal: delegation.principal.0,
            delegate: delegation.delegate.0,
            roles: delegation.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            from: delegation.from,
            until: delegation.until,
            revoked_at: delegation.revoked_at,
            version: delegation.version,
        }
    }
}

impl Versioned for DelegationView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A delegation to give.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveDelegation {
    /// To whom: id of another user of your organisation.
    pub delegate: Uuid,
    /// Which of your roles; all of them when left out.
    #[schema(max_items = 8, example = json!(["bureau_head"]))]
    pub roles: Option<Vec<String>>,
    /// From when, in business time; from now on when left out.
    #[schema(format = DateTime, example = "2022-12-05T00:00:00+08:00")]
    pub from: Option<String>,
    /// Until when: at most 366 days.
    #[schema(format = DateTime, example = "2022-12-12T00:00:00+08:00")]
    pub until: String,
}

impl GiveDelegation {
    fn read(&self) -> Result<NewDelegation, Failure> {
        let mut fields = Fields::default();
        let roles = read_roles(&mut fields, self.roles.as_deref().unwrap_or_default());
        let from = self.from.as_deref().and_then(|text| fields.instant("from", text));
        let until = fields.instant("until", &self.until);
        let delegate = UserId(self.delegate);
        fields.finish(until.map(|until| NewDelegation { delegate, roles, from, until }))
    }
}

/// Hand your roles, all or some, to another user of your organisation for a while. They cannot be handed on, and whoever has acted for
/// the proposer may not decide on the proposal.
#[utoipa::path(post, path = "/delegations", tag = "identity", operation_id = "give_delegation",
    request_body = GiveDelegation, security(("bearer" = [])), extensions(("x-permission" = json!("delegate"))),
    responses((status = 201, description = "Given", body = DelegationView)))]
async fn give_delegation(State(shared): State<Shared>, command: Command<GiveDelegation>) -> Reply<DelegationView> {
    let permit = command.caller.may(Action::Delegate)?;
    let new = command.body.read()?;
    let delegation = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move {
                let given = commands::give(work, news).await?;
                one(given, |delegation| DelegationView::of(&delegation, work.now()))
            })
        })
        .await?;
    Ok(Answer::created(delegation))
}

/// Take a delegation back, at once and for good: your own, or as administrator any of your organisation.
#[utoipa::path(post, path = "/delegations/{id}/revoke", tag = "identity", operation_id = "revoke_delegation",
    params(("id" = Uuid, Path, description = "Id of the delegation")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("delegate"))),
    responses((status = 200, description = "Taken back", body = DelegationView)))]
async fn revoke_delegation(
    State(shared): State<Shared>,
    Id(id): Id<DelegationId>,
    command: Command<Empty>,
) -> Reply<DelegationView> {
    let permit = command.caller.may(Action::Delegate)?;
    let wanted = [(id, command.expected)];
    let delegation = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| {
            Box::pin(async move {
                let revoked = commands::revoke(work, wanted).await?;
                one(revoked, |delegation| DelegationView::of(&delegation, work.now()))
            })
        })
        .await?;
    Ok(Answer::ok(delegation))
}

/// Delegations of your organisation, past ones too; all of them for an auditor.
#[utoipa::path(get, path = "/delegations", tag = "identity", operation_id = "list_delegations", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("delegate"))),
    responses((status = 200, description = "Delegations in the order in which they were given", body = Listing<DelegationView>)))]
async fn list_delegations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<DelegationView>> {
    caller.may(Action::Delegate)?;
    let now = shared.db.clock().business_now();
    let found = delegations::list(shared.db.reader(), &caller, &page).await?;
    Ok(Answer::plain(found.map(|delegation| DelegationView::of(&delegation, now)).into()))
}

async fn visible(shared: &Shared, caller: &Caller, id: DelegationId) -> Result<Delegation, Failure> {
    let found = delegations::find(shared.db.reader(), id).await?;
    let sees_all = caller.scope() == Scope::Everything;
    let visible = found.filter(|delegation| sees_all || delegation.organisation == caller.organisation);
    visible.ok_or_else(|| not_found("delegation").into())
}

/// One delegation.
#[utoipa::path(get, path = "/delegations/{id}", tag = "identity", operation_id = "find_delegation",
    params(("id" = Uuid, Path, description = "Id of the delegation")), security(("bearer" = [])),
    extensions(("x-permission" = json!("delegate"))),
    responses((status = 200, description = "The delegation", body = DelegationView)))]
async fn find_delegation(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DelegationId>,
) -> Reply<DelegationView> {
    caller.may(Action::Delegate)?;
    let delegation = visible(&shared, &caller, id).await?;
    Ok(Answer::ok(DelegationView::of(&delegation, shared.db.clock().business_now())))
}

/// Something that was done under a delegation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DelegatedAct)]
pub struct DelegatedActView {
    /// Its identity.
    pub id: Uuid,
    /// Who acted.
    pub delegate: Uuid,
    /// In whose place.
    pub principal: Uuid,
    /// With which permission.
    #[schema(example = "decide_allocation")]
    pub permission: String,
    /// `journal`, `decision`, or `command` when it left neither.
    #[schema(example = "decision", extensions(("x-words" = json!(["journal", "decision", "command"]))))]
    pub act_kind: String,
    /// Which journal or decision.
    pub act: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// The organisation of both, for the access log.
    #[serde(skip)]
    #[schema(ignore)]
    pub organisation: Uuid,
}

impl Concerns for DelegatedActView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of([Party::Organisation(self.organisation)]);
    }
}

impl DelegatedActView {
    fn of(act: DelegatedAct, delegation: &Delegation) -> Self {
        Self {
            id: act.id,
            delegate: delegation.delegate.0,
            principal: delegation.principal.0,
            permission: act.permission,
            act_kind: act.act_kind,
            act: act.act,
            recorded_at: act.recorded_at,
            organisation: delegation.organisation.0,
        }
    }
}

/// What was done under a delegation, with both people.
#[utoipa::path(get, path = "/delegations/{id}/acts", tag = "identity", operation_id = "list_delegated_acts",
    params(("id" = Uuid, Path, description = "Id of the delegation"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("delegate"))),
    responses((status = 200, description = "Acts in the order in which they were done", body = Listing<DelegatedActView>)))]
async fn list_delegated_acts(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DelegationId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<DelegatedActView>> {
    caller.may(Action::Delegate)?;
    let delegation = visible(&shared, &caller, id).await?;
    let found = stand_in::list(shared.db.reader(), id, &page).await?;
    Ok(Answer::plain(found.map(|act| DelegatedActView::of(act, &delegation)).into()))
}
