//! Whoever disposes of what is pledged, or asks to sell it, names the project that the buyer buys for. The buyer tells its number; this says
//! whose it is. A number is asked for and no list is given, so that nobody learns of a project that they were not told of.

use super::pledge::PledgeState;
use super::{PledgeRefusal, queries};
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::problem::ProblemView;
use crate::http::{Answer, Fields, Filters, Id, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::PledgeId;
use crate::parties::project_of_number;
use crate::parties::queries::{known_sites, organisations_by_id};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(BuyerProjectView: Organisation [organisation]);

/// The operations that find the project of a buyer.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_buyer_project)).routes(routes!(find_sale_project))
}

/// The project that a buyer has told the number of, and whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BuyerProject)]
pub struct BuyerProjectView {
    /// Identity of the project, to be named in the disposal or the sale.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "P2022-001")]
    pub number: String,
    /// The site that builds it, to be named as the site that buys.
    pub site: Uuid,
    /// Name of the site.
    #[schema(example = "赤壁酒业厂区")]
    pub site_name: String,
    /// Whose site it is.
    pub organisation: Uuid,
    /// Its name.
    #[schema(example = "赤壁酒业有限公司")]
    pub organisation_name: String,
}

/// Which project.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BuyerProjectQuery {
    /// Its whole number, as the buyer has told it.
    #[param(example = "P2022-001")]
    number: String,
}

/// The project of a number, whoever builds it, for the pledgee of a pledge in default who names the buyer in a disposal. The buyer finds the
/// look in its access log.
#[utoipa::path(get, path = "/pledges/{id}/buyer-project", tag = "pledges", operation_id = "find_buyer_project",
    params(("id" = Uuid, Path, description = "Id of the pledge"), BuyerProjectQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 200, description = "The project", body = BuyerProjectView),
        (status = 409, description = "The default is not declared", body = ProblemView, content_type = "application/problem+json")))]
async fn find_buyer_project(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PledgeId>,
    Filters(query): Filters<BuyerProjectQuery>,
) -> Reply<BuyerProjectView> {
    caller.may(Action::EnforcePledge)?;
    let number = query.number()?;
    let found = queries::find_pledge(&shared.db, &caller, id).await?;
    let own = found.filter(|pledge| pledge.pledgee == caller.organisation);
    let pledge = own.ok_or_else(|| not_found("pledge"))?;
    if !matches!(pledge.state, PledgeState::Defaulted { .. }) {
        return Err(PledgeRefusal::DisposalBeforeDefault {}.into());
    }
    told(&shared, &number).await
}

/// The project of a number, whoever builds it, for a pledgor who names the buyer in a sale with consent. The buyer finds the look in its
/// access log.
#[utoipa::path(get, path = "/pledges/{id}/sale-project", tag = "pledges", operation_id = "find_sale_project",
    params(("id" = Uuid, Path, description = "Id of the pledge"), BuyerProjectQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("propose_offer"))),
    responses((status = 200, description = "The project", body = BuyerProjectView),
        (status = 409, description = "The pledge is not in force", body = ProblemView, content_type = "application/problem+json")))]
async fn find_sale_project(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PledgeId>,
    Filters(query): Filters<BuyerProjectQuery>,
) -> Reply<BuyerProjectView> {
    caller.may(Action::ProposeOffer)?;
    let number = query.number()?;
    let found = queries::find_pledge(&shared.db, &caller, id).await?;
    let own = found.filter(|pledge| pledge.liens.iter().any(|lien| lien.pledgor == caller.organisation));
    own.ok_or_else(|| not_found("pledge"))?.expect_in_force()?;
    told(&shared, &number).await
}

impl BuyerProjectQuery {
    fn number(&self) -> Result<String, Failure> {
        let mut fields = Fields::default();
        let number = fields.text("number", &self.number);
        fields.finish(number)
    }
}

async fn told(shared: &Shared, number: &str) -> Reply<BuyerProjectView> {
    let reader = shared.db.reader();
    let project = project_of_number(reader, number).await?.ok_or_else(|| not_found("project"))?;
    let gone = || Failure::bug("a project is of a site that is not there");
    let site = known_sites(reader, &[project.site]).await?.remove(&project.site).ok_or_else(gone)?;
    let organisation = organisations_by_id(reader, &[site.organisation]).await?.remove(&site.organisation);
    Ok(Answer::plain(BuyerProjectView {
        id: project.id.0,
        number: project.number,
        site: site.id.0,
        site_name: site.name,
        organisation: site.organisation.0,
        organisation_name: organisation.ok_or_else(gone)?.name,
    }))
}
