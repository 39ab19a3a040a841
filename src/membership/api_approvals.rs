//! For which acts an organisation asks for a second of its own people.

use super::approval_commands::{self as commands, acts_of};
use crate::access::{Action, Caller};
use crate::concerns;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, Told, answer, told};
use crate::decisions::approvals::{self, Approvals, OwnAct};
use crate::decisions::proposals::{self, Command as Proposed};
use crate::decisions::{Made, Place, Proposal, Rules};
use crate::http::extract::not_found;
use crate::http::{Answer, Command, Fields, Id, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::OrganisationId;
use crate::kernel::{Failure, Moment};
use crate::parties::{OrganisationKind, queries};
use crate::rulebook;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ApprovalsView: Organisation [organisation]);

/// The operations on what an organisation asks a second of its people for.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_approvals, set_approvals))
}

/// For which of its acts an organisation asks for a second of its own people.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Approvals)]
pub struct ApprovalsView {
    /// The organisation.
    pub organisation: Uuid,
    /// The acts that wait for a second person.
    #[schema(example = json!(["offer", "offer_acceptance"]))]
    pub acts: Vec<String>,
    /// The acts that it could let wait.
    #[schema(example = json!(["offer", "offer_acceptance", "surrender_proposal", "buy_back_agreement", "pledge_acceptance",
        "facility_acceptance", "consent"]))]
    pub possible: Vec<String>,
    /// Who set it; of what took an act out, who approved it. Null before anything was asked for.
    pub set_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub set_at: Option<Moment>,
    /// 0 before anything was asked for, then from 1.
    pub version: i64,
}

impl Versioned for ApprovalsView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ApprovalsView {
    fn of(organisation: OrganisationId, kind: OrganisationKind, known: Option<&Approvals>) -> Self {
        let words = |acts: &mut dyn Iterator<Item = OwnAct>| acts.map(|act| act.as_str().to_owned()).collect();
        Self {
            organisation: organisation.0,
            acts: known.map_or_else(Vec::new, |known| words(&mut known.acts.iter().copied())),
            possible: words(&mut acts_of(kind).iter().copied()),
            set_by: known.map(|known| known.set_by.0),
            set_at: known.map(|known| known.set_at),
            version: known.map_or(0, |known| known.version),
        }
    }
}

/// For which acts your organisation asks for a second of its people; of any organisation for the auditor.
#[utoipa::path(get, path = "/organisations/{id}/approvals", tag = "identity", operation_id = "find_approvals",
    params(("id" = Uuid, Path, description = "Id of the organisation")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "What it asks for", body = ApprovalsView)))]
async fn find_approvals(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<OrganisationId>,
) -> Reply<ApprovalsView> {
    caller.may(Action::ReadParties)?;
    let organisation = queries::organisations_by_id(shared.db.reader(), &[id]).await?.remove(&id);
    let organisation = organisation.filter(|_| sees(&caller, id)).ok_or_else(|| not_found("organisation"))?;
    let known = approvals::find(shared.db.reader(), id).await?;
    Ok(Answer::ok(ApprovalsView::of(id, organisation.kind, known.as_ref())))
}

fn sees(caller: &Caller, organisation: OrganisationId) -> bool {
    caller.organisation == organisation || caller.carries(Action::Audit)
}

/// Acts to ask a second person for from now on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetApprovals {
    /// All acts that shall wait, those that wait already among them.
    #[schema(max_items = 8, example = json!(["offer", "offer_acceptance"]))]
    pub acts: Vec<String>,
}

/// Most acts that one request names; more than there are.
const MOST_ACTS: usize = 8;

impl SetApprovals {
    fn read(&self) -> Result<BTreeSet<OwnAct>, Failure> {
        let known: Vec<&str> = OwnAct::ALL.iter().map(|act| act.as_str()).collect();
        let mut fields = Fields::default();
        let words = if self.acts.is_empty() { &[] } else { fields.count("acts", &self.acts, MOST_ACTS) };
        let acts = fields.words("acts", words, OwnAct::parse, &known).into_iter().collect();
        fields.finish(Some(acts))
    }
}

/// Setting for which acts the own organisation asks for a second person. It waits itself when it would ask for less.
pub struct ApprovalsProposal;

impl Proposal for ApprovalsProposal {
    fn word(&self) -> &'static str {
        "approvals"
    }

    fn permission(&self) -> Action {
        Action::RequireApproval
    }

    fn approval(&self) -> Action {
        Action::ApproveAct
    }

    fn is_of_authority(&self) -> bool {
        false
    }

    fn has_rule(&self) -> bool {
        false
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(Proposal::word(self))) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: SetApprovals = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let set = commands::set(work, &command.read()?, expected).await?;
            let id = set.organisation;
            let organisation = queries::organisations_by_id(work.connection(), &[id]).await?.remove(&id);
            let kind = organisation.ok_or_else(|| Failure::bug("an organisation that is gone"))?.kind;
            let answer = serde_json::to_value(ApprovalsView::of(id, kind, Some(&set))).map_err(Failure::bug)?;
            Ok(Made { subject_kind: SUBJECT, subject: id.0, answer })
        })
    }
}

/// What the switch is about, in tasks.
const SUBJECT: &str = "organisation";

/// What setting goes by.
struct Setting {
    organisation: OrganisationId,
    acts: BTreeSet<OwnAct>,
    body: Value,
    expected: Option<i64>,
}

async fn set(work: &mut Work, wanted: &Setting) -> Result<Told, Failure> {
    commands::expect_own(work, wanted.organisation)?;
    let known = commands::lock(work, wanted.expected).await?;
    let loses = known.as_ref().is_some_and(|known| known.loses(&wanted.acts));
    let rules = ApprovalsProposal.rules(work).await?;
    let rules = if loses { rules.with_own() } else { rules };
    let command = Proposed {
        body: wanted.body.clone(),
        // What is approved is a change of what the proposer saw, and of nothing else.
        expected: Some(known.map_or(0, |known| known.version)),
        place: Place::Organisation(wanted.organisation),
        about: Some((SUBJECT, wanted.organisation.0)),
    };
    told(proposals::act_under(work, &rules, &ApprovalsProposal, &command).await?)
}

/// Set for which acts your organisation asks for a second of its people, as its administrator. What it asks for from now on waits as
/// a task for somebody with the permission `approve_act`, never for the proposer. Asking for less waits for such a person itself.
#[utoipa::path(post, path = "/organisations/{id}/approvals", tag = "identity", operation_id = "set_approvals",
    params(("id" = Uuid, Path, description = "Id of your organisation")), request_body = SetApprovals,
    security(("bearer" = [])), extensions(("x-permission" = json!("require_approval"))),
    responses((status = 200, description = "Asked for from now on", body = ApprovalsView),
        (status = 202, description = "Asks for less, and waits for a second person", body = TaskView)))]
async fn set_approvals(
    State(shared): State<Shared>,
    Id(organisation): Id<OrganisationId>,
    command: Command<SetApprovals>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::RequireApproval)?;
    let acts = command.body.read()?;
    let body = serde_json::to_value(&command.body).map_err(Failure::bug)?;
    let wanted = Setting { organisation, acts, body, expected: command.expected };
    let told = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(set(work, wanted)));
    answer(told.await?, |set: ApprovalsView| Answer::ok(set).into_response())
}
