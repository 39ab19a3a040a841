//! Annual accounts: a shortfall covered, the account settled and sealed.

use super::api::{ComplianceYearView, shown, take};
use super::commands::{self, Step};
use super::queries;
use super::settlement::{self, Cover};
use crate::access::{Action, Caller};
use crate::http::extract::not_found;
use crate::http::{Answer, Command, Empty, Fields, Id, Reply, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::ComplianceYearId;
use crate::parties::queries as parties;
use accounting::Quantity;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations on settling.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(cover_shortfall))
        .routes(routes!(settle_compliance_year))
        .routes(routes!(seal_compliance_year))
}

/// Reads a quantity in the unit of an account's pollutant; hidden when the caller may not know of the account.
pub(super) async fn read_quantity(
    shared: &Shared,
    caller: &Caller,
    account: ComplianceYearId,
    text: &str,
) -> Result<Quantity, Failure> {
    let found = queries::find_year(&shared.db, &caller.scope(), account).await?;
    let account = found.ok_or_else(|| not_found("compliance year"))?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let pollutant = pollutants.get(&account.pollutant).ok_or_else(|| Failure::bug("an unknown pollutant"))?;
    let mut fields = Fields::default();
    let quantity = fields.quantity("quantity", text, &pollutant.measure);
    fields.finish(quantity)
}

/// Rights to give up for a shortfall.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverShortfall {
    /// Code of the class: annual surplus of the account's year, pollutant and zone.
    #[schema(example = "COD-Y2022-PAID-LUSHUI-20220101-20231231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "3.500")]
    pub quantity: String,
}

/// Cover a shortfall of your site with annual surplus that the site holds: it is given up for good.
#[utoipa::path(post, path = "/compliance-years/{id}/cover", tag = "compliance", operation_id = "cover_shortfall",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = CoverShortfall,
    security(("bearer" = [])), extensions(("x-permission" = json!("cover_shortfall"))),
    responses((status = 200, description = "Covered as far as told", body = ComplianceYearView)))]
async fn cover_shortfall(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<CoverShortfall>,
) -> Reply<ComplianceYearView> {
    let permit = command.caller.may(Action::CoverShortfall)?;
    let quantity = read_quantity(&shared, &command.caller, account, &command.body.quantity).await?;
    let (expected, right_class) = (command.expected, command.body.right_class);
    let wanted = Cover { account, expected, right_class, quantity };
    let covered = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move {
            let account = settlement::cover(work, wanted).await?;
            shown(work, &account).await
        })
    });
    Ok(Answer::ok(covered.await?))
}

/// Settle an account in your area. What of its shortfall is uncovered by now is an over-discharge.
#[utoipa::path(post, path = "/compliance-years/{id}/settle", tag = "compliance", operation_id = "settle_compliance_year",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("verify_compliance"))),
    responses((status = 200, description = "Settled", body = ComplianceYearView)))]
async fn settle_compliance_year(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<Empty>,
) -> Reply<ComplianceYearView> {
    let permit = command.caller.may(Action::VerifyCompliance)?;
    let step = Step { account, expected: command.expected, reason: None };
    take(&shared, &permit, (command.key, step), |work, step| {
        Box::pin(async move {
            let account = commands::settle(work, step).await?;
            shown(work, &account).await
        })
    })
    .await
}

/// Seal a settled account in your area: nothing of it changes any more.
#[utoipa::path(post, path = "/compliance-years/{id}/seal", tag = "compliance", operation_id = "seal_compliance_year",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("verify_compliance"))),
    responses((status = 200, description = "Sealed", body = ComplianceYearView)))]
async fn seal_compliance_year(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<Empty>,
) -> Reply<ComplianceYearView> {
    let permit = command.caller.may(Action::VerifyCompliance)?;
    let step = Step { account, expected: command.expected, reason: None };
    take(&shared, &permit, (command.key, step), |work, step| {
        Box::pin(async move {
            let account = commands::seal(work, step).await?;
            shown(work, &account).await
        })
    })
    .await
}
