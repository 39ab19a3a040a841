//! Outlets.

use super::commands::{self, NewOutlet};
use super::{Outlet, queries, read_mn};
use crate::access::Action;
use crate::compliance::hj212::{Edition, Factor};
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Paging, Reply, Shared, Signed};
use crate::kernel::ids::{OutletId, SiteId};
use crate::kernel::{Failure, Moment};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(OutletView: Organisation [organisation]);

/// Most codes of one monitor.
const MOST_FACTORS: usize = 50;

/// The operations on outlets.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(register_outlet, list_outlets)).routes(routes!(find_outlet))
}

/// Which code of a monitor is which pollutant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MonitorFactor)]
pub struct FactorView {
    /// As the messages have it.
    #[schema(example = "w01018")]
    pub code: String,
    /// Code of the pollutant in the register.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Grams in the unit of its totals (`-Cou`): 1000 for kilograms.
    #[serde(deserialize_with = "crate::http::field::whole")]
    #[schema(example = 1000)]
    pub grams_per_unit: i64,
}

/// An outlet with its monitor.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Outlet)]
pub struct OutletView {
    /// Its identity.
    pub id: Uuid,
    /// The number of its monitor.
    #[schema(example = "010000A8900016F000169DC0")]
    pub mn: String,
    /// Its name.
    #[schema(example = "废水总排口")]
    pub name: String,
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// By which edition of HJ 212 its monitor speaks: `2017` or `2025`.
    #[schema(example = "2017", extensions(("x-words" = json!(Edition::WORDS))))]
    pub edition: String,
    /// Which of its codes are counted, as which pollutant.
    pub factors: Vec<FactorView>,
    /// Who registered it.
    pub registered_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl From<Outlet> for OutletView {
    fn from(outlet: Outlet) -> Self {
        let factor = |factor: Factor| FactorView {
            code: factor.code,
            pollutant: factor.pollutant,
            grams_per_unit: factor.grams_per_unit,
        };
        Self {
            id: outlet.id.0,
            factors: outlet.factors().into_iter().map(factor).collect(),
            mn: outlet.mn,
            name: outlet.name,
            site: outlet.site.0,
            organisation: outlet.organisation.0,
            edition: outlet.edition.as_str().to_owned(),
            registered_by: outlet.registered_by.0,
            registered_at: outlet.registered_at,
        }
    }
}

/// An outlet to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterOutlet {
    /// Id of the site, in your area.
    pub site: Uuid,
    /// The number of its monitor: 1 to 24 digits or letters.
    #[schema(example = "010000A8900016F000169DC0")]
    pub mn: String,
    /// Its name.
    #[schema(example = "废水总排口")]
    pub name: String,
    /// By which edition of HJ 212 its monitor speaks: `2017` or `2025`.
    #[schema(example = "2017", extensions(("x-words" = json!(Edition::WORDS))))]
    pub edition: String,
    /// Which of its codes are which pollutants, in which unit. May be left out for the edition of 2017, whose codes are known; must be
    /// named for that of 2025.
    #[schema(example = json!(null))]
    pub factors: Option<Vec<FactorView>>,
}

impl RegisterOutlet {
    fn read(&self) -> Result<NewOutlet, Failure> {
        let mut fields = Fields::default();
        let mn = fields.take("", read_mn(&self.mn));
        let name = fields.text("name", &self.name);
        let edition = fields.word("edition", &self.edition, Edition::parse, &["2017", "2025"]);
        if let Some(factors) = &self.factors {
            fields.count("factors", factors, MOST_FACTORS);
        }
        let factor = |factor: &FactorView| Factor {
            code: factor.code.clone(),
            pollutant: factor.pollutant.clone(),
            grams_per_unit: factor.grams_per_unit,
        };
        let factors = self.factors.as_ref().map(|factors| factors.iter().map(factor).collect());
        let site = SiteId(self.site);
        let new = mn.zip(name).zip(edition);
        fields.finish(new.map(|((mn, name), edition)| NewOutlet { mn, name, site, edition, factors }))
    }
}

/// Register an outlet of a site in your area, with its monitor.
#[utoipa::path(post, path = "/outlets", tag = "compliance", operation_id = "register_outlet",
    request_body = RegisterOutlet, security(("bearer" = [])), extensions(("x-permission" = json!("measure_discharge"))),
    responses((status = 201, description = "Registered", body = OutletView)))]
async fn register_outlet(State(shared): State<Shared>, command: Command<RegisterOutlet>) -> Reply<OutletView> {
    let permit = command.caller.may(Action::MeasureDischarge)?;
    let new = command.body.read()?;
    let registered = shared.db.run_once(&permit, &command.key, &new, |work, new| {
        Box::pin(async move { commands::register(work, new).await.map(OutletView::from) })
    });
    Ok(Answer::plainly_created(registered.await?))
}

/// Filters of the outlets.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutletQuery {
    /// Id of a site.
    site: Option<Uuid>,
}

/// Outlets that you may see.
#[utoipa::path(get, path = "/outlets", tag = "compliance", operation_id = "list_outlets",
    params(OutletQuery, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "Outlets in the order of registration", body = Listing<OutletView>)))]
async fn list_outlets(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<OutletQuery>,
    Paging(page): Paging,
) -> Reply<Listing<OutletView>> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::list_outlets(&shared.db, &caller.scope(), query.site, &page).await?;
    Ok(Answer::plain(found.map(OutletView::from).into()))
}

/// One outlet.
#[utoipa::path(get, path = "/outlets/{id}", tag = "compliance", operation_id = "find_outlet",
    params(("id" = Uuid, Path, description = "Id of the outlet")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "The outlet", body = OutletView)))]
async fn find_outlet(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<OutletId>) -> Reply<OutletView> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::find_outlet(&shared.db, &caller.scope(), id).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("outlet"))?.into()))
}
