//! Organisations and their sites.

use super::commands::{self, NewOrganisation, NewSite};
use super::organisation::{Organisation, OrganisationKind};
use super::queries::{self, OrganisationFilter};
use super::site::Site;
use crate::access::{Action, Standing};
use crate::concerns_nobody;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{OrganisationId, SiteId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// Who takes part, and with which sites, is a public register.
concerns_nobody!(OrganisationView, SiteView);

/// The operations on organisations and sites.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_organisation, list_organisations))
        .routes(routes!(find_organisation))
        .routes(routes!(register_site, list_sites))
        .routes(routes!(find_site))
}

/// An organisation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationView {
    /// Its identity.
    pub id: Uuid,
    /// Unified social credit code (统一社会信用代码).
    #[schema(example = "91421222MA0000001F")]
    pub code: String,
    /// Name as registered.
    #[schema(example = "湖北亚细亚陶瓷有限公司")]
    pub name: String,
    /// What it is.
    #[schema(example = "enterprise")]
    pub kind: String,
    /// Code of its area.
    #[schema(example = "421222")]
    pub area: String,
    /// Its industry.
    #[schema(example = "ceramics")]
    pub sector: Option<String>,
    /// `applied`, `verified`, `refused` or `suspended`.
    #[schema(example = "verified", extensions(("x-words" = json!(Standing::WORDS))))]
    pub state: String,
    /// Why it is refused or suspended.
    pub reason: Option<String>,
    /// Counts from 1.
    pub version: i64,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

/// The last code of an area path.
pub(super) fn area_code(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        Self {
            state: organisation.standing().as_str().to_owned(),
            reason: organisation.state.reason().map(str::to_owned),
            id: organisation.id.0,
            code: organisation.code,
            name: organisation.name,
            kind: organisation.kind.as_str().to_owned(),
            area: area_code(&organisation.area_path),
            sector: organisation.sector,
            version: organisation.version,
            registered_at: organisation.registered_at,
        }
    }
}

impl Versioned for OrganisationView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// An organisation to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterOrganisation {
    /// Unified social credit code: 18 characters with its check digit.
    #[schema(example = "91421222MA0000001F")]
    pub code: String,
    /// Name as registered.
    #[schema(example = "湖北亚细亚陶瓷有限公司")]
    pub name: String,
    /// `enterprise`, `bank`, `guarantor`, `bureau`, `exchange`, `reserve`, `settlement_bank`, `auditor` or `operator`.
    #[schema(
        example = "enterprise",
        extensions(("x-words" = json!(["enterprise", "bank", "guarantor", "bureau", "exchange", "reserve", "settlement_bank", "auditor", "operator"])))
    )]
    pub kind: String,
    /// Code of its area.
    #[schema(example = "421222")]
    pub area: String,
    /// Its industry.
    #[schema(example = "ceramics")]
    pub sector: Option<String>,
}

impl RegisterOrganisation {
    fn read(&self) -> Result<NewOrganisation, Failure> {
        let mut fields = Fields::default();
        let new = self.read_into(&mut fields);
        fields.finish(new)
    }

    /// Reads it as a part of a larger body.
    pub fn read_into(&self, fields: &mut Fields) -> Option<NewOrganisation> {
        let code = fields.text("code", &self.code);
        let name = fields.text("name", &self.name);
        let kind = fields.word("kind", &self.kind, OrganisationKind::parse, OrganisationKind::WORDS);
        let area = fields.text("area", &self.area);
        let sector = fields.optional_text("sector", self.sector.as_deref());
        code.zip(name).zip(kind).zip(area).map(|(((code, name), kind), area)| NewOrganisation {
            code,
            name,
            kind,
            area,
            sector,
        })
    }
}

/// Register an organisation.
#[utoipa::path(post, path = "/organisations", tag = "parties", operation_id = "register_organisation",
    request_body = RegisterOrganisation, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_organisation"))),
    responses((status = 201, description = "Registered", body = OrganisationView)))]
async fn register_organisation(
    State(shared): State<Shared>,
    command: Command<RegisterOrganisation>,
) -> Reply<OrganisationView> {
    let permit = command.caller.may(Action::RegisterOrganisation)?;
    let new = command.body.read()?;
    let organisation = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move { one(commands::register_organisations(work, news).await?, OrganisationView::from) })
        })
        .await?;
    Ok(Answer::created(organisation))
}

/// Filters of the organisations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrganisationQuery {
    /// Unified social credit code.
    code: Option<String>,
    /// What it is.
    kind: Option<String>,
    /// How it stands: `applied`, `verified`, `refused` or `suspended`.
    #[param(example = "verified")]
    state: Option<String>,
}

/// Organisations that take part; for the bureau in charge and the auditor also those that have applied.
#[utoipa::path(get, path = "/organisations", tag = "parties", operation_id = "list_organisations",
    params(OrganisationQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Organisations in the order of registration", body = Listing<OrganisationView>)))]
async fn list_organisations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<OrganisationQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<OrganisationView>> {
    caller.may(Action::ReadParties)?;
    one_of("kind", query.kind.as_deref(), OrganisationKind::WORDS)?;
    let states: Vec<&str> = Standing::ALL.iter().map(|standing| standing.as_str()).collect();
    one_of("state", query.state.as_deref(), &states)?;
    let filter = OrganisationFilter { code: query.code, kind: query.kind, state: query.state };
    let found = queries::list_organisations(shared.db.reader(), &caller, &filter, &page).await?;
    Ok(Answer::plain(found.map(OrganisationView::from).into()))
}

/// An organisation.
#[utoipa::path(get, path = "/organisations/{id}", tag = "parties", operation_id = "find_organisation",
    params(("id" = Uuid, Path, description = "Id of the organisation")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The organisation", body = OrganisationView)))]
async fn find_organisation(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<OrganisationId>,
) -> Reply<OrganisationView> {
    caller.may(Action::ReadParties)?;
    let found = queries::find_organisation(shared.db.reader(), &caller, id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("organisation"))?.into()))
}

/// A discharging unit (排污单位).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Site)]
pub struct SiteView {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "SA0000001F")]
    pub number: String,
    /// Whose it is.
    pub organisation: Uuid,
    /// Its name.
    pub name: String,
    /// Code of its area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of its basin.
    #[schema(example = "LUSHUI")]
    pub basin: Option<String>,
    /// Its industry.
    #[schema(example = "ceramics")]
    pub sector: Option<String>,
    /// The reserve's own holding place.
    pub is_reserve: bool,
    /// Counts from 1.
    pub version: i64,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        Self {
            id: site.id.0,
            number: site.number,
            organisation: site.organisation.0,
            name: site.name,
            area: area_code(&site.area_path),
            basin: site.basin,
            sector: site.sector,
            is_reserve: site.is_reserve,
            version: site.version,
            registered_at: site.registered_at,
        }
    }
}

impl Versioned for SiteView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A site to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterSite {
    /// Its number.
    #[schema(example = "SA0000001F")]
    pub number: String,
    /// Whose it is: id of an enterprise or of the reserve.
    pub organisation: Uuid,
    /// Its name.
    pub name: String,
    /// Code of its area, within yours.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the basin it discharges to.
    #[schema(example = "LUSHUI")]
    pub basin: Option<String>,
    /// Its industry.
    #[schema(example = "ceramics")]
    pub sector: Option<String>,
}

impl RegisterSite {
    fn read(&self) -> Result<NewSite, Failure> {
        let mut fields = Fields::default();
        let number = fields.text("number", &self.number);
        let name = fields.text("name", &self.name);
        let area = fields.text("area", &self.area);
        let basin = fields.optional_text("basin", self.basin.as_deref());
        let sector = fields.optional_text("sector", self.sector.as_deref());
        let organisation = OrganisationId(self.organisation);
        let new = number.zip(name).zip(area).map(|((number, name), area)| NewSite {
            number,
            organisation,
            name,
            area,
            basin,
            sector,
        });
        fields.finish(new)
    }
}

/// Register a site in your area.
#[utoipa::path(post, path = "/sites", tag = "parties", operation_id = "register_site", request_body = RegisterSite,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("register_site"))), responses((status = 201, description = "Registered", body = SiteView)))]
async fn register_site(State(shared): State<Shared>, command: Command<RegisterSite>) -> Reply<SiteView> {
    let permit = command.caller.may(Action::RegisterSite)?;
    let new = command.body.read()?;
    let site = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move { one(commands::register_sites(work, news).await?, SiteView::from) })
        })
        .await?;
    Ok(Answer::created(site))
}

/// Filters of the sites.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SiteQuery {
    /// Number of the site.
    #[param(example = "SA0000002J")]
    number: Option<String>,
    /// Id of its organisation.
    organisation: Option<Uuid>,
}

/// Sites, as they are published with their permits.
#[utoipa::path(get, path = "/sites", tag = "parties", operation_id = "list_sites", params(SiteQuery, OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Sites in the order of registration", body = Listing<SiteView>)))]
async fn list_sites(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<SiteQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<SiteView>> {
    caller.may(Action::ReadParties)?;
    let found = queries::list_sites(shared.db.reader(), query.number.as_deref(), query.organisation, &page).await?;
    Ok(Answer::plain(found.map(SiteView::from).into()))
}

/// A site.
#[utoipa::path(get, path = "/sites/{id}", tag = "parties", operation_id = "find_site",
    params(("id" = Uuid, Path, description = "Id of the site")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The site", body = SiteView)))]
async fn find_site(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<SiteId>) -> Reply<SiteView> {
    caller.may(Action::ReadParties)?;
    let found = queries::list_sites(shared.db.reader(), None, None, &PageRequest::only(id)).await?;
    let site = found.only(id, |site| site.id.0).ok_or_else(|| not_found("site"))?;
    Ok(Answer::ok(site.into()))
}
