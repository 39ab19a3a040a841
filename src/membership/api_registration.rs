//! Applying for an organisation, and ruling on it.

use super::commands::{self, Application, Ruled};
use crate::access::password::judge_new;
use crate::access::{Action, Caller, Role};
use crate::concerns_nobody;
use crate::decisions::Grounds;
use crate::decisions::api_tasks::read_documents;
use crate::encumbrance::Binders;
use crate::http::answer::one;
use crate::http::rate::Allowances;
use crate::http::{Address, Answer, Command, Fields, Id, Reply, Shared, Signature, Unsigned};
use crate::identity::api::UserView;
use crate::identity::user::new_login;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Refusal};
use crate::parties::api::{OrganisationView, RegisterOrganisation};
use crate::parties::commands::{NewOrganisation, RulingOn, faults_of_applicant};
use crate::parties::{Ruling, queries};
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(AppliedView);

/// The operations on applications and standings.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(apply_for_organisation))
        .routes(routes!(verify_organisation))
        .routes(routes!(refuse_organisation))
        .routes(routes!(suspend_organisation))
        .routes(routes!(reinstate_organisation))
}

/// The first administrator of an organisation that applies.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAdministrator {
    /// Login of the letters a to z, digits and `. _ - @`, unique in the installation whatever the case of its letters; it is kept in lower
    /// case.
    #[schema(example = "tongcheng.paper.admin")]
    pub login: String,
    /// Name.
    #[schema(example = "王敏")]
    pub name: String,
    /// Password of at least 12 characters.
    #[schema(format = Password, example = "correct-horse-battery")]
    pub password: String,
}

/// An organisation that applies, with its first administrator.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyForOrganisation {
    /// The organisation: an `enterprise`, a `bank` or a `guarantor`.
    pub organisation: RegisterOrganisation,
    /// Who keeps its users from then on.
    pub administrator: FirstAdministrator,
}

impl Signature for ApplyForOrganisation {
    fn whose(&self) -> &str {
        &self.organisation.code
    }
}

impl ApplyForOrganisation {
    /// Reads it and judges it together, as far as the areas are known.
    async fn read(&self, shared: &Shared) -> Result<(NewOrganisation, String, String), Failure> {
        let (mut fields, mut of_organisation) = (Fields::default(), Fields::default());
        let organisation = self.organisation.read_into(&mut of_organisation);
        if let Some(new) = &organisation {
            let areas = queries::areas_by_code(shared.db.reader(), std::slice::from_ref(&new.area)).await?;
            let broken = faults_of_applicant(new, areas.get(&new.area));
            of_organisation.extend(broken.iter().map(Refusal::violation));
        }
        fields.extend(of_organisation.into_faults().into_iter().map(|fault| fault.within("organisation")));
        let login = fields.text("administrator.login", &self.administrator.login);
        let login = login.and_then(|login| fields.take_as("administrator.login", new_login(&login)));
        let name = fields.text("administrator.name", &self.administrator.name);
        let judged = judge_new(&self.administrator.password, &self.administrator.login);
        fields.join(judged.map_err(|failure| failure.within("administrator")))?;
        let read = organisation.zip(login).zip(name).map(|((organisation, login), name)| (organisation, login, name));
        fields.finish(read)
    }
}

/// An organisation that has applied, with its first administrator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Applied)]
pub struct AppliedView {
    /// The organisation, `applied`.
    pub organisation: OrganisationView,
    /// Its administrator, who can sign in at once and read how the organisation stands.
    pub administrator: UserView,
}

/// Apply for your organisation: it waits for the bureau of its area. Its first administrator is registered with it, and can sign in to
/// see how it stands (`GET /me`); nothing else is permitted before it is verified.
///
/// An address may apply ten times in an hour, unless the operator says otherwise: 429 with `Retry-After` beyond that.
#[utoipa::path(post, path = "/organisations/applications", tag = "parties", operation_id = "apply_for_organisation",
    request_body = ApplyForOrganisation,
    params(("Idempotency-Key" = String, Header, description = "A repeat with the same key and body gets the first answer again.")),
    responses((status = 201, description = "Applied for", body = AppliedView),
        (status = 409, description = "The code or the login is registered already", body = crate::http::problem::ProblemView,
            content_type = "application/problem+json")))]
async fn apply_for_organisation(
    State(shared): State<Shared>,
    Address(address): Address,
    Extension(allowances): Extension<Allowances>,
    Unsigned { key, body }: Unsigned<ApplyForOrganisation>,
) -> Reply<AppliedView> {
    let (organisation, login, name) = body.read(&shared).await?;
    // What cannot be read costs nothing; from here on there is a hash to make, and a code that is taken.
    shared.limits.draw_by_applicant(address, &allowances)?;
    let password_hash = shared.rules.passwords.hash(body.administrator.password).await?;
    let application = Application { organisation, login, name, password_hash };
    // Nobody is signed in; who applies acts as the administrator that they are about to become.
    let applicant = Caller { user: UserId::fresh(), roles: vec![Role::OrganisationAdmin], ..Caller::nobody() };
    let permit = applicant.may(Action::ManageMembers)?;
    let applied = shared
        .db
        .run_once(&permit, &key, &application, |work, application| {
            Box::pin(async move {
                let (organisation, administrator) = commands::apply(work, application).await?;
                Ok(AppliedView { organisation: organisation.into(), administrator: administrator.into() })
            })
        })
        .await?;
    Ok(Answer::plainly_created(applied))
}

/// What a ruling may rest on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyOrganisation {
    /// Why, in the words of the bureau.
    #[schema(example = "营业执照与排污许可证核对一致")]
    pub reason: Option<String>,
    /// SHA-256 of the document it rests on, in lower-case hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// A ruling that says why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleOnOrganisation {
    /// Why.
    #[schema(example = "未按规定报告排放数据")]
    pub reason: String,
    /// SHA-256 of the document it rests on, in lower-case hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl VerifyOrganisation {
    fn read(&self) -> Result<Grounds, Failure> {
        let mut fields = Fields::default();
        let reason = fields.optional_reason("reason", self.reason.as_deref());
        let document_hash = fields.optional_hash("document_hash", self.document_hash.as_deref());
        let documents = read_documents(&mut fields, &self.documents);
        fields.finish(Some(Grounds { reason, documents, document_hash }))
    }
}

impl RuleOnOrganisation {
    fn read(&self) -> Result<(String, Grounds), Failure> {
        let mut fields = Fields::default();
        let reason = fields.reason("reason", &self.reason);
        let document_hash = fields.optional_hash("document_hash", self.document_hash.as_deref());
        let documents = read_documents(&mut fields, &self.documents);
        let grounds = |reason: &String| Grounds { reason: Some(reason.clone()), documents, document_hash };
        fields.finish(reason.map(|reason| (reason.clone(), grounds(&reason))))
    }
}

async fn rule<T>(
    (shared, binders): (&Shared, Binders),
    command: &Command<T>,
    action: Action,
    organisation: OrganisationId,
    ruling: Ruling,
    grounds: Grounds,
) -> Reply<OrganisationView> {
    let permit = command.caller.may(action)?;
    let on = RulingOn { organisation, expected: command.expected, ruling };
    let ruled = [Ruled { on, grounds }];
    let organisation = shared
        .db
        .run_once(&permit, &command.key, &(binders, ruled), |work, (binders, ruled)| {
            Box::pin(async move { one(commands::rule(work, *binders, ruled).await?, OrganisationView::from) })
        })
        .await?;
    shared.door.forget();
    Ok(Answer::ok(organisation))
}

/// Verify an organisation that has applied in your area; it takes part from now on.
#[utoipa::path(post, path = "/organisations/{id}/verify", tag = "parties", operation_id = "verify_organisation",
    params(("id" = Uuid, Path, description = "Id of the organisation")), request_body = VerifyOrganisation,
    security(("bearer" = [])), extensions(("x-permission" = json!("verify_organisation"))),
    responses((status = 200, description = "Verified", body = OrganisationView)))]
async fn verify_organisation(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<OrganisationId>,
    command: Command<VerifyOrganisation>,
) -> Reply<OrganisationView> {
    command.caller.may(Action::VerifyOrganisation)?;
    let grounds = command.body.read()?;
    rule((&shared, binders), &command, Action::VerifyOrganisation, id, Ruling::Verify, grounds).await
}

/// Refuse an organisation that has applied in your area, for good; it may apply anew.
#[utoipa::path(post, path = "/organisations/{id}/refuse", tag = "parties", operation_id = "refuse_organisation",
    params(("id" = Uuid, Path, description = "Id of the organisation")), request_body = RuleOnOrganisation,
    security(("bearer" = [])), extensions(("x-permission" = json!("verify_organisation"))),
    responses((status = 200, description = "Refused", body = OrganisationView)))]
async fn refuse_organisation(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<OrganisationId>,
    command: Command<RuleOnOrganisation>,
) -> Reply<OrganisationView> {
    command.caller.may(Action::VerifyOrganisation)?;
    let (reason, grounds) = command.body.read()?;
    rule((&shared, binders), &command, Action::VerifyOrganisation, id, Ruling::Refuse { reason }, grounds).await
}

/// Suspend an organisation: its users read their own affairs, release pledges and withdraw consents, and do nothing else. What it
/// holds stays, and so do the holds and liens on it. A head of the bureau suspends whoever may apply, the operator the offices.
#[utoipa::path(post, path = "/organisations/{id}/suspend", tag = "parties", operation_id = "suspend_organisation",
    params(("id" = Uuid, Path, description = "Id of the organisation")), request_body = RuleOnOrganisation,
    security(("bearer" = [])), extensions(("x-permission" = json!("suspend_organisation"))),
    responses((status = 200, description = "Suspended", body = OrganisationView)))]
async fn suspend_organisation(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<OrganisationId>,
    command: Command<RuleOnOrganisation>,
) -> Reply<OrganisationView> {
    command.caller.may(Action::SuspendOrganisation)?;
    let (reason, grounds) = command.body.read()?;
    rule((&shared, binders), &command, Action::SuspendOrganisation, id, Ruling::Suspend { reason }, grounds).await
}

/// Reinstate a suspended organisation.
#[utoipa::path(post, path = "/organisations/{id}/reinstate", tag = "parties", operation_id = "reinstate_organisation",
    params(("id" = Uuid, Path, description = "Id of the organisation")), request_body = RuleOnOrganisation,
    security(("bearer" = [])), extensions(("x-permission" = json!("suspend_organisation"))),
    responses((status = 200, description = "Verified again", body = OrganisationView)))]
async fn reinstate_organisation(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(id): Id<OrganisationId>,
    command: Command<RuleOnOrganisation>,
) -> Reply<OrganisationView> {
    command.caller.may(Action::SuspendOrganisation)?;
    let (_, grounds) = command.body.read()?;
    rule((&shared, binders), &command, Action::SuspendOrganisation, id, Ruling::Reinstate, grounds).await
}
