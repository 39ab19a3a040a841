//! What the bureau decides of an annual account: its verification, and the grant of its surplus. Each waits for a second person where the
//! rules in force ask for one.

use super::api::{ComplianceYearView, shown};
use super::api_settlement::read_quantity;
use super::commands::{self, SUBJECT, Step};
use super::queries;
use super::settlement::{self, Grant};
use crate::access::Action;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Asking, Made, Place, Proposal, Rules};
use crate::http::extract::not_found;
use crate::http::{Answer, Command, Empty, Id, Problem, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::ComplianceYearId;
use crate::rulebook;
use accounting::Quantity;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on what the bureau decides.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(verify_compliance_year)).routes(routes!(grant_surplus))
}

/// A verification, as it is kept while it waits.
#[derive(Debug, Serialize, Deserialize)]
struct VerifyCommand {
    account: ComplianceYearId,
}

/// A grant, as it is kept while it waits.
#[derive(Debug, Serialize, Deserialize)]
struct GrantCommand {
    account: ComplianceYearId,
    grams: i64,
}

/// Verifying an annual account.
pub struct Verification;

impl Proposal for Verification {
    fn word(&self) -> &'static str {
        "compliance_verification"
    }

    fn permission(&self) -> Action {
        Action::VerifyCompliance
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_years(db.reader(), subjects))
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(Proposal::word(self))) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let VerifyCommand { account } = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let verified = commands::verify(work, &Step { account, expected, reason: None }).await?;
            made(&shown(work, &verified).await?)
        })
    }
}

/// Granting a surplus as a right of its own.
pub struct SurplusGrant;

impl Proposal for SurplusGrant {
    fn word(&self) -> &'static str {
        "surplus_grant"
    }

    fn permission(&self) -> Action {
        Action::VerifyCompliance
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_years(db.reader(), subjects))
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(Proposal::word(self))) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let GrantCommand { account, grams } = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let quantity = Quantity::try_new(grams).map_err(Failure::bug)?;
            let granted = settlement::grant(work, &Grant { account, expected, quantity }).await?;
            made(&shown(work, &granted).await?)
        })
    }
}

fn made(view: &ComplianceYearView) -> Result<Made, Failure> {
    let answer = serde_json::to_value(view).map_err(Failure::bug)?;
    Ok(Made { subject_kind: SUBJECT, subject: view.id, answer })
}

/// Carries a decision on an account out, or lets it wait.
async fn decide<B>(
    shared: &Shared,
    account: ComplianceYearId,
    command: Command<B>,
    proposal: &'static (impl Proposal + 'static),
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::VerifyCompliance)?;
    let found = queries::find_year(&shared.db, &command.caller.scope(), account).await?;
    let place = Place::BureauOver(found.ok_or_else(|| not_found("compliance year"))?.area_path);
    let body = serde_json::to_value(body).map_err(Failure::bug)?;
    let wanted = Proposed { body, expected: command.expected, place, about: Some((SUBJECT, account.0)) };
    let decision = (proposal, wanted);
    let told = shared
        .db
        .run_once(&permit, &command.key, &decision, |work, (proposal, wanted)| Box::pin(act(work, *proposal, wanted)));
    answer(told.await?, |view: ComplianceYearView| Answer::ok(view).into_response())
}

/// Verify an account in your area: its figures are made once more, and stand. Where the rules in force ask for a second person, it waits
/// for one.
#[utoipa::path(post, path = "/compliance-years/{id}/verify", tag = "compliance", operation_id = "verify_compliance_year",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("verify_compliance"))),
    responses((status = 200, description = "Verified: a surplus or a shortfall", body = ComplianceYearView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn verify_compliance_year(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<Empty>,
) -> Result<Response, Problem> {
    decide(&shared, account, command, &Verification, &VerifyCommand { account }).await
}

/// A part of a surplus.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantSurplus {
    /// Decimal string in the pollutant's unit, at most what is left of the surplus.
    #[schema(example = "20.000")]
    pub quantity: String,
}

/// Make a part of a verified surplus an annual surplus right of the site, which can be traded and covers shortfalls of the same year, and
/// never becomes a multi-year right. Where the rules in force ask for a second person, it waits for one.
#[utoipa::path(post, path = "/compliance-years/{id}/grant", tag = "compliance", operation_id = "grant_surplus",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = GrantSurplus,
    security(("bearer" = [])), extensions(("x-permission" = json!("verify_compliance"))),
    responses((status = 200, description = "Granted", body = ComplianceYearView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn grant_surplus(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<GrantSurplus>,
) -> Result<Response, Problem> {
    command.caller.may(Action::VerifyCompliance)?;
    let quantity = read_quantity(&shared, &command.caller, account, &command.body.quantity).await?;
    let kept = GrantCommand { account, grams: quantity.grams() };
    decide(&shared, account, command, &SurplusGrant, &kept).await
}
