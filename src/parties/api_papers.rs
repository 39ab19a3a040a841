//! The papers of a site: its discharge permits and its construction projects.

use super::commands::{self, NewPermit, NewProject};
use super::error::PartyRefusal;
use super::place::{Pollutant, measure_for};
use super::queries;
use super::site::{Permit, Project, ProjectBasis};
use crate::access::{Action, Caller};
use crate::concerns;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{PermitId, ProjectId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::rulebook;
use accounting::{Measure, Quantity, Ratio, Validity, decimal};
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(PermitView: Owner [site]; ProjectView: Owner [site]);

/// For how many years a permit is valid (排污许可管理条例第十四条).
const PERMIT_YEARS: i64 = 5;

/// Most pollutants of one permit; the published permits name up to four, heavy metals and VOCs will add some.
const MOST_POLLUTANTS: usize = 50;

/// The pollutants by code, each with the measure of its quantities.
pub(super) type Pollutants = HashMap<String, Pollutant>;

/// The operations on permits and projects.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_permit, list_permits))
        .routes(routes!(find_permit))
        .routes(routes!(register_project, list_projects))
        .routes(routes!(find_project))
}

/// Filters of the papers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaperQuery {
    /// Id of a site.
    pub(super) site: Option<Uuid>,
}

/// The measure of a pollutant that a row names.
pub(super) fn measure_of<'a>(pollutants: &'a Pollutants, code: &str) -> Result<&'a Measure, Failure> {
    let pollutant = pollutants.get(code);
    pollutant
        .map(|pollutant| &pollutant.measure)
        .ok_or_else(|| Failure::bug(format!("a row names the pollutant {code}")))
}

/// Reads a quantity of the pollutant that a request names; both faults are noted under their own fields.
pub(super) fn read_quantity(
    fields: &mut Fields,
    at: &str,
    (code, quantity): (&str, &str),
    pollutants: &Pollutants,
) -> Option<Quantity> {
    let known = pollutants.get(code).ok_or_else(|| PartyRefusal::UnknownPollutant { code: code.to_owned() });
    let known = fields.take(at, known);
    let field = if at.is_empty() { "quantity".to_owned() } else { format!("{at}.quantity") };
    let quantity = measure_for(known, pollutants).and_then(|measure| fields.quantity(&field, quantity, measure));
    quantity.filter(|_| known.is_some())
}

/// The page with its items as views, or the fault of the first that has none.
pub(super) fn views<T, V>(page: Page<T>, view: impl FnMut(T) -> Result<V, Failure>) -> Result<Listing<V>, Failure> {
    let items = page.items.into_iter().map(view).collect::<Result<Vec<V>, Failure>>()?;
    Ok(Page { items, next: page.next }.into())
}

/// What a permit allows of one pollutant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PermittedQuantity {
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// Permitted yearly quantity, a decimal string in the unit; zero after all of it was sold.
    #[schema(example = "70.000")]
    pub quantity: String,
    /// The pollutant's unit.
    #[schema(example = "t")]
    pub unit: String,
}

/// A discharge permit (排污许可证).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Permit)]
pub struct PermitView {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "91421222MA0000001F001P")]
    pub number: String,
    /// The site it was issued to; it is never transferred (排污许可管理条例).
    pub site: Uuid,
    /// First day.
    #[schema(format = Date, example = "2021-01-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2025-12-31")]
    pub valid_to: String,
    /// What it allows, in the order of the pollutants' codes.
    pub quantities: Vec<PermittedQuantity>,
    /// The day by which its renewal is to be asked for; null where the rulebook's `permit_renewal_days` is.
    #[schema(format = Date, example = "2025-11-01")]
    pub renew_by: Option<String>,
    /// Counts from 1; a variation adds one.
    pub version: i64,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl PermitView {
    fn try_new(permit: Permit, pollutants: &Pollutants, renewal_days: Option<i32>) -> Result<Self, Failure> {
        let renew_by = renewal_days.and_then(|days| permit.renew_by(days));
        let quantities = permit.quantities.into_iter().map(|(pollutant, grams)| {
            let measure = measure_of(pollutants, &pollutant)?;
            let quantity = decimal::print(grams, measure.grams_per_unit, measure.decimals);
            Ok(PermittedQuantity { pollutant, quantity, unit: measure.unit.clone() })
        });
        Ok(Self {
            id: permit.id.0,
            number: permit.number,
            site: permit.site.0,
            valid_from: permit.validity.from().to_string(),
            valid_to: permit.validity.to().to_string(),
            quantities: quantities.collect::<Result<_, Failure>>()?,
            renew_by: renew_by.map(|day| day.to_string()),
            version: permit.version,
            registered_at: permit.registered_at,
        })
    }
}

impl Versioned for PermitView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a permit shall allow of one pollutant.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitQuantity {
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// Permitted yearly quantity: a decimal string in the pollutant's unit, more than zero.
    #[schema(example = "70.000")]
    pub quantity: String,
}

/// A permit to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPermit {
    /// Its number.
    #[schema(example = "91421222MA0000001F001P")]
    pub number: String,
    /// The site it is issued to, in your area.
    pub site: Uuid,
    /// First day.
    #[schema(format = Date, example = "2021-01-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2025-12-31")]
    pub valid_to: String,
    /// What it allows: 1 to 50 pollutants, each named once.
    #[schema(min_items = 1, max_items = 50)]
    pub quantities: Vec<PermitQuantity>,
}

impl RegisterPermit {
    fn read(&self, fields: &mut Fields, pollutants: &Pollutants) -> Option<NewPermit> {
        let number = fields.text("number", &self.number);
        let from = fields.date("valid_from", &self.valid_from);
        let to = fields.date("valid_to", &self.valid_to);
        let validity = from.zip(to).and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let validity = validity.and_then(|validity| fields.take("", expect_term(validity)));
        let quantities = self.read_quantities(fields, pollutants);
        let site = SiteId(self.site);
        number.zip(validity).map(|(number, validity)| NewPermit { number, site, validity, quantities })
    }

    fn read_quantities(&self, fields: &mut Fields, pollutants: &Pollutants) -> BTreeMap<String, Quantity> {
        let mut quantities = BTreeMap::new();
        for (at, item) in fields.count("quantities", &self.quantities, MOST_POLLUTANTS).iter().enumerate() {
            let field = format!("quantities[{at}]");
            let Some(quantity) = read_quantity(fields, &field, (&item.pollutant, &item.quantity), pollutants) else {
                continue;
            };
            if quantities.insert(item.pollutant.clone(), quantity).is_some() {
                let twice = PartyRefusal::NamedTwice { name: item.pollutant.clone() };
                fields.take::<(), _>(&format!("{field}.pollutant"), Err(twice));
            }
        }
        quantities
    }
}

/// Refuses a permit that is valid for longer than the law lets one be.
fn expect_term(validity: Validity) -> Result<Validity, PartyRefusal> {
    let beyond = validity.from().checked_add(jiff::Span::new().years(PERMIT_YEARS));
    match beyond {
        Ok(beyond) if validity.to() >= beyond => Err(PartyRefusal::PermitTooLong { years: PERMIT_YEARS.to_string() }),
        _ => Ok(validity),
    }
}

/// The body, or what is wrong with it together with what keeps the caller from acting on the site; where the body is good the command
/// tells that.
async fn read_whole<T>(
    shared: &Shared,
    caller: &Caller,
    site: Uuid,
    mut fields: Fields,
    read: Option<T>,
) -> Result<T, Failure> {
    if !fields.is_clean() {
        fields.join(queries::site_in_charge(shared.db.reader(), caller, SiteId(site)).await)?;
    }
    fields.finish(read)
}

/// Register a discharge permit of a site in your area.
#[utoipa::path(post, path = "/permits", tag = "parties", operation_id = "register_permit",
    request_body = RegisterPermit, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_permit"))),
    responses((status = 201, description = "Registered", body = PermitView)))]
async fn register_permit(State(shared): State<Shared>, command: Command<RegisterPermit>) -> Reply<PermitView> {
    let permit = command.caller.may(Action::RegisterPermit)?;
    let pollutants = queries::pollutants(shared.db.reader()).await?;
    let mut fields = Fields::default();
    let new = command.body.read(&mut fields, &pollutants);
    let new = read_whole(&shared, &command.caller, command.body.site, fields, new).await?;
    let registered = shared
        .db
        .run_once(&permit, &command.key, &([new], pollutants), |work, (news, pollutants)| {
            Box::pin(async move {
                let registered = commands::register_permits(work, news).await?;
                let days = rulebook::in_force(work).await?.permit_renewal_days();
                one(registered, |permit| PermitView::try_new(permit, pollutants, days))?
            })
        })
        .await?;
    Ok(Answer::created(registered))
}

/// Filters of the permits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PermitQuery {
    /// Id of a site.
    site: Option<Uuid>,
    /// `true`: permits in force whose renewal is due, because they end within the rulebook's `permit_renewal_days` and no later permit
    /// of the site is registered; none where the rulebook does not say how many. `false`: all others.
    #[param(example = true)]
    renewal_due: Option<bool>,
}

/// Days before the end of a permit by which its renewal is to be asked for.
async fn renewal_days(shared: &Shared) -> Result<Option<i32>, Failure> {
    let known = rulebook::queries::known_on(shared.db.reader(), shared.db.clock().business_day()).await?;
    Ok(known.and_then(|rulebook| rulebook.permit_renewal_days()))
}

/// Permits of your sites; those of your area for a bureau.
#[utoipa::path(get, path = "/permits", tag = "parties", operation_id = "list_permits",
    params(PermitQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Permits in the order of registration", body = Listing<PermitView>)))]
async fn list_permits(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PermitQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<PermitView>> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let days = renewal_days(&shared).await?;
    let due = query
        .renewal_due
        .map(|is_due| (is_due, queries::RenewalTerm { today: shared.db.clock().business_day(), days }));
    let filter = queries::PermitFilter { site: query.site, due };
    let found = queries::list_permits(reader, &caller.scope(), &filter, &page).await?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::plain(views(found, |permit| PermitView::try_new(permit, &pollutants, days))?))
}

/// A construction project (建设项目) for which rights are bought.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectView {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "P2022-001")]
    pub number: String,
    /// The site that builds it.
    pub site: Uuid,
    /// `verified` (总量核定), `commitment` (告知承诺) or `exempted` (豁免).
    #[schema(example = "verified")]
    pub basis: String,
    /// Number of its total-quantity document (总量核定文件).
    #[schema(example = "总量核定2022-001")]
    pub document: String,
    /// Day of that document.
    #[schema(format = Date, example = "2021-12-01")]
    pub verified_on: String,
    /// Rights that must be bought to what may be discharged of them (替代比例), in lowest terms; null where the rulebook's
    /// `replacement_ratio` applies.
    #[schema(example = "1.2:1")]
    pub replacement_ratio: Option<String>,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.0,
            number: project.number,
            site: project.site.0,
            basis: project.basis.as_str().to_owned(),
            document: project.document,
            verified_on: project.verified_on.to_string(),
            replacement_ratio: project.replacement_ratio.map(|ratio| ratio.to_string()),
            registered_at: project.registered_at,
        }
    }
}

/// A project to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterProject {
    /// Its number.
    #[schema(example = "P2022-001")]
    pub number: String,
    /// The site that builds it, in your area.
    pub site: Uuid,
    /// `verified` (总量核定), `commitment` (告知承诺) or `exempted` (豁免).
    #[schema(example = "verified")]
    pub basis: String,
    /// Number of its total-quantity document (总量核定文件).
    #[schema(example = "总量核定2022-001")]
    pub document: String,
    /// Day of that document.
    #[schema(format = Date, example = "2021-12-01")]
    pub verified_on: String,
    /// Its own replacement ratio, of 1:1 or more: rights that must be bought to what may be discharged of them. Without it the
    /// rulebook's `replacement_ratio` applies.
    #[schema(example = "1.2:1")]
    pub replacement_ratio: Option<String>,
}

impl RegisterProject {
    fn read(&self, fields: &mut Fields, today: Date) -> Option<NewProject> {
        let number = fields.text("number", &self.number);
        let basis = fields.word("basis", &self.basis, ProjectBasis::parse, ProjectBasis::WORDS);
        let document = fields.text("document", &self.document);
        let verified_on = fields.date("verified_on", &self.verified_on);
        let is_past = |day: &Date| if *day > today { Err(PartyRefusal::VerifiedInFuture {}) } else { Ok(()) };
        let verified_on = verified_on.filter(|day| fields.take("", is_past(day)).is_some());
        let ratio =
            self.replacement_ratio.as_deref().map(|text| Ratio::parse(text).map_err(|_| PartyRefusal::BadRatio {}));
        let replacement_ratio = ratio.and_then(|ratio| fields.take("", ratio));
        let site = SiteId(self.site);
        let read = number.zip(basis).zip(document).zip(verified_on);
        read.map(|(((number, basis), document), verified_on)| NewProject {
            number,
            site,
            basis,
            document,
            verified_on,
            replacement_ratio,
        })
    }
}

/// Register a construction project of a site in your area.
#[utoipa::path(post, path = "/projects", tag = "parties", operation_id = "register_project",
    request_body = RegisterProject, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_project"))),
    responses((status = 201, description = "Registered", body = ProjectView)))]
async fn register_project(State(shared): State<Shared>, command: Command<RegisterProject>) -> Reply<ProjectView> {
    let permit = command.caller.may(Action::RegisterProject)?;
    let mut fields = Fields::default();
    let new = command.body.read(&mut fields, shared.db.clock().business_day());
    let new = read_whole(&shared, &command.caller, command.body.site, fields, new).await?;
    let project = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move { one(commands::register_projects(work, news).await?, ProjectView::from) })
        })
        .await?;
    Ok(Answer::plainly_created(project))
}

/// Projects of your sites; those of your area for a bureau.
#[utoipa::path(get, path = "/projects", tag = "parties", operation_id = "list_projects",
    params(PaperQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Projects in the order of registration", body = Listing<ProjectView>)))]
async fn list_projects(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PaperQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ProjectView>> {
    caller.may(Action::ReadParties)?;
    let found = queries::list_projects(shared.db.reader(), &caller.scope(), query.site, &page).await?;
    Ok(Answer::plain(found.map(ProjectView::from).into()))
}

/// A permit of a site whose papers you may see.
#[utoipa::path(get, path = "/permits/{id}", tag = "parties", operation_id = "find_permit",
    params(("id" = Uuid, Path, description = "Id of the permit")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The permit", body = PermitView)))]
async fn find_permit(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<PermitId>) -> Reply<PermitView> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let filter = queries::PermitFilter::default();
    let found = queries::list_permits(reader, &caller.scope(), &filter, &PageRequest::only(id)).await?;
    let permit = found.only(id, |permit| permit.id.0).ok_or_else(|| not_found("permit"))?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::ok(PermitView::try_new(permit, &pollutants, renewal_days(&shared).await?)?))
}

/// A project of a site whose papers you may see.
#[utoipa::path(get, path = "/projects/{id}", tag = "parties", operation_id = "find_project",
    params(("id" = Uuid, Path, description = "Id of the project")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The project", body = ProjectView)))]
async fn find_project(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ProjectId>,
) -> Reply<ProjectView> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_projects(reader, &caller.scope(), None, &PageRequest::only(id)).await?;
    let project = found.only(id, |project| project.id.0).ok_or_else(|| not_found("project"))?;

    Ok(Answer::plain(project.into()))
}

#[cfg(test)]
mod tests;
