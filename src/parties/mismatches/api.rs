//! Permits beside rights.

use super::commands::{Asked, PermitReconciliation};
use super::mismatch::Mismatch;
use super::queries::list_mismatches;
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::MismatchId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::operations;
use crate::operations::api::{OperationView, begun};
use crate::parties::{Pollutant, queries};
use accounting::decimal;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(MismatchView: Organisation [organisation]);

/// The operations on mismatches.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(reconcile_permits))
        .routes(routes!(list_permit_mismatches))
        .routes(routes!(find_permit_mismatch))
}

/// A permit that allows another quantity than the site owns rights for (证量不符).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PermitMismatch)]
pub struct MismatchView {
    /// Its identity.
    pub id: Uuid,
    /// The site.
    pub site: Uuid,
    /// Whose site.
    pub organisation: Uuid,
    /// Code of its area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// What the permits in force allow in a year, a decimal string in the unit.
    #[schema(example = "70.000")]
    pub permitted: String,
    /// What the site owns of rights in force: free, held for a trade, pledged or frozen.
    #[schema(example = "57.500")]
    pub owned: String,
    /// The pollutant's unit.
    #[schema(example = "t")]
    pub unit: String,
    /// `permit_exceeds_rights`, which blocks sale and pledge where the rulebook's `permit_mismatch` is `block`, or
    /// `rights_exceed_permit`.
    #[schema(
        example = "permit_exceeds_rights",
        extensions(("x-words" = json!(["permit_exceeds_rights", "rights_exceed_permit"])))
    )]
    pub kind: String,
    /// `open`, or `ended` since a run found that they agree.
    #[schema(example = "open", extensions(("x-words" = json!(STATES))))]
    pub state: String,
    /// When a run first found it, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub found_at: Moment,
    /// When a run last found other figures, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Moment,
    /// When a run found it gone, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for MismatchView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl MismatchView {
    fn try_new(mismatch: &Mismatch, pollutants: &HashMap<String, Pollutant>) -> Result<Self, Failure> {
        let code = mismatch.difference.pollutant.clone();
        let pollutant =
            pollutants.get(&code).ok_or_else(|| Failure::bug(format!("a row names the pollutant {code}")))?;
        let measure = &pollutant.measure;
        let print = |grams| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        let kind = if mismatch.difference.is_excess() { "permit_exceeds_rights" } else { "rights_exceed_permit" };
        Ok(Self {
            id: mismatch.id.0,
            site: mismatch.site.0,
            organisation: mismatch.organisation.0,
            area: mismatch.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
            permitted: print(mismatch.difference.permitted),
            owned: print(mismatch.difference.owned),
            pollutant: code,
            unit: measure.unit.clone(),
            kind: kind.to_owned(),
            state: if mismatch.ended_at.is_none() { "open" } else { "ended" }.to_owned(),
            found_at: mismatch.found_at,
            changed_at: mismatch.changed_at,
            ended_at: mismatch.ended_at,
            version: mismatch.version,
        })
    }
}

/// Compare the permits of all sites of your area with their rights now; every night it is done for the whole book. Followed as an
/// operation.
#[utoipa::path(post, path = "/permit-reconciliations", tag = "parties", operation_id = "reconcile_permits", request_body = Empty,
    security(("bearer" = [])), extensions(("x-permission" = json!("reconcile_permits"))),
    responses((status = 202, description = "Wanted; follow it at its Location", body = OperationView)))]
async fn reconcile_permits(State(shared): State<Shared>, command: Command<Empty>) -> Reply<OperationView> {
    let permit = command.caller.may(Action::ReconcilePermits)?;
    let asked = Asked { area: Some(command.caller.area_path.clone()) };
    Ok(begun(operations::begin(&shared.db, &permit, &command.key, &PermitReconciliation, &asked).await?))
}

/// States of a mismatch.
const STATES: &[&str] = &["open", "ended"];

/// Filters of the mismatches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MismatchQuery {
    /// Id of a site.
    site: Option<Uuid>,
    /// `open` or `ended`.
    #[param(example = "open")]
    state: Option<String>,
}

/// Mismatches of your sites; those of its area for a bureau.
#[utoipa::path(get, path = "/permit-mismatches", tag = "parties", operation_id = "list_permit_mismatches",
    params(MismatchQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Mismatches in the order in which they were found", body = Listing<MismatchView>)))]
async fn list_permit_mismatches(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<MismatchQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<MismatchView>> {
    caller.may(Action::ReadParties)?;
    one_of("state", query.state.as_deref(), STATES)?;
    let reader = shared.db.reader();
    let is_open = query.state.map(|state| state == "open");
    let found = list_mismatches(reader, &caller.scope(), query.site, is_open, &page).await?;
    let pollutants = queries::pollutants(reader).await?;
    let items =
        found.items.into_iter().map(|one| MismatchView::try_new(&one, &pollutants)).collect::<Result<_, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// A mismatch of a site whose papers you may see.
#[utoipa::path(get, path = "/permit-mismatches/{id}", tag = "parties", operation_id = "find_permit_mismatch",
    params(("id" = Uuid, Path, description = "Id of the mismatch")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The mismatch", body = MismatchView)))]
async fn find_permit_mismatch(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<MismatchId>,
) -> Reply<MismatchView> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = list_mismatches(reader, &caller.scope(), None, None, &PageRequest::only(id)).await?;
    let mismatch = found.only(id, |mismatch| mismatch.id.0).ok_or_else(|| not_found("mismatch"))?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::ok(MismatchView::try_new(&mismatch, &pollutants)?))
}
