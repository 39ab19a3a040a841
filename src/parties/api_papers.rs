//! The papers of a site: its discharge permits, its construction projects and its registered reductions.

use super::commands::{self, NewPermit, NewProject, NewReduction};
use super::error::PartyRefusal;
use super::place::Pollutant;
use super::queries;
use super::site::{Permit, Project, ProjectBasis, Reduction};
use crate::access::Action;
use crate::concerns;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Paging, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{PermitId, ProjectId, ReductionId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use accounting::{Measure, Quantity, Ratio, Validity, decimal};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(PermitView: Owner [site]; ProjectView: Owner [site]; ReductionView: Owner [site]);

/// Most pollutants of one permit; the published permits name up to four, heavy metals and VOCs will add some.
const MOST_POLLUTANTS: usize = 50;

/// The pollutants by code, each with the measure of its quantities.
type Pollutants = HashMap<String, Pollutant>;

/// The operations on permits, projects and reductions.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_permit, list_permits))
        .routes(routes!(find_permit))
        .routes(routes!(register_project, list_projects))
        .routes(routes!(find_project))
        .routes(routes!(register_reduction, list_reductions))
        .routes(routes!(find_reduction))
}

/// Filters of the papers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PaperQuery {
    /// Id of a site.
    site: Option<Uuid>,
}

/// The measure of a pollutant that a row names.
fn measure_of<'a>(pollutants: &'a Pollutants, code: &str) -> Result<&'a Measure, Failure> {
    let pollutant = pollutants.get(code);
    pollutant
        .map(|pollutant| &pollutant.measure)
        .ok_or_else(|| Failure::bug(format!("a row names the pollutant {code}")))
}

/// Reads a quantity of the pollutant that a request names; both faults are noted under their own fields.
fn read_quantity(
    fields: &mut Fields,
    at: &str,
    (code, quantity): (&str, &str),
    pollutants: &Pollutants,
) -> Option<Quantity> {
    let known = pollutants.get(code).ok_or_else(|| PartyRefusal::UnknownPollutant { code: code.to_owned() });
    let pollutant = fields.take(at, known)?;
    let field = if at.is_empty() { "quantity".to_owned() } else { format!("{at}.quantity") };
    fields.quantity(&field, quantity, &pollutant.measure)
}

/// The page with its items as views, or the fault of the first that has none.
fn views<T, V>(page: Page<T>, view: impl FnMut(T) -> Result<V, Failure>) -> Result<Listing<V>, Failure> {
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
    /// Counts from 1; a variation adds one.
    pub version: i64,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl PermitView {
    fn try_new(permit: Permit, pollutants: &Pollutants) -> Result<Self, Failure> {
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
    fn read(&self, pollutants: &Pollutants) -> Result<NewPermit, Failure> {
        let mut fields = Fields::default();
        let number = fields.text("number", &self.number);
        let from = fields.date("valid_from", &self.valid_from);
        let to = fields.date("valid_to", &self.valid_to);
        let validity = from.zip(to).and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let quantities = self.read_quantities(&mut fields, pollutants);
        let site = SiteId(self.site);
        let new = number.zip(validity).map(|(number, validity)| NewPermit { number, site, validity, quantities });
        fields.finish(new)
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

/// Register a discharge permit of a site in your area.
#[utoipa::path(post, path = "/permits", tag = "parties", operation_id = "register_permit",
    request_body = RegisterPermit, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_permit"))),
    responses((status = 201, description = "Registered", body = PermitView)))]
async fn register_permit(State(shared): State<Shared>, command: Command<RegisterPermit>) -> Reply<PermitView> {
    let permit = command.caller.may(Action::RegisterPermit)?;
    let pollutants = queries::pollutants(shared.db.reader()).await?;
    let new = command.body.read(&pollutants)?;
    let registered = shared
        .db
        .run_once(&permit, &command.key, &([new], pollutants), |work, (news, pollutants)| {
            Box::pin(async move {
                let registered = commands::register_permits(work, news).await?;
                one(registered, |permit| PermitView::try_new(permit, pollutants))?
            })
        })
        .await?;
    Ok(Answer::created(registered))
}

/// Permits of your sites; those of your area for a bureau.
#[utoipa::path(get, path = "/permits", tag = "parties", operation_id = "list_permits",
    params(PaperQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Permits in the order of registration", body = Listing<PermitView>)))]
async fn list_permits(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PaperQuery>,
    Paging(page): Paging,
) -> Reply<Listing<PermitView>> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_permits(reader, &caller.scope(), query.site, &page).await?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::plain(views(found, |permit| PermitView::try_new(permit, &pollutants))?))
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
    fn read(&self) -> Result<NewProject, Failure> {
        let mut fields = Fields::default();
        let number = fields.text("number", &self.number);
        let basis = fields.word("basis", &self.basis, ProjectBasis::parse, ProjectBasis::WORDS);
        let document = fields.text("document", &self.document);
        let verified_on = fields.date("verified_on", &self.verified_on);
        let ratio =
            self.replacement_ratio.as_deref().map(|text| Ratio::parse(text).map_err(|_| PartyRefusal::BadRatio {}));
        let replacement_ratio = ratio.and_then(|ratio| fields.take("", ratio));
        let site = SiteId(self.site);
        let read = number.zip(basis).zip(document).zip(verified_on);
        let new = read.map(|(((number, basis), document), verified_on)| NewProject {
            number,
            site,
            basis,
            document,
            verified_on,
            replacement_ratio,
        });
        fields.finish(new)
    }
}

/// Register a construction project of a site in your area.
#[utoipa::path(post, path = "/projects", tag = "parties", operation_id = "register_project",
    request_body = RegisterProject, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_project"))),
    responses((status = 201, description = "Registered", body = ProjectView)))]
async fn register_project(State(shared): State<Shared>, command: Command<RegisterProject>) -> Reply<ProjectView> {
    let permit = command.caller.may(Action::RegisterProject)?;
    let new = command.body.read()?;
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
    params(PaperQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Projects in the order of registration", body = Listing<ProjectView>)))]
async fn list_projects(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PaperQuery>,
    Paging(page): Paging,
) -> Reply<Listing<ProjectView>> {
    caller.may(Action::ReadParties)?;
    let found = queries::list_projects(shared.db.reader(), &caller.scope(), query.site, &page).await?;
    Ok(Answer::plain(found.map(ProjectView::from).into()))
}

/// A registered reduction (减排登记): how much of a pollutant a site may sell.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Reduction)]
pub struct ReductionView {
    /// Its identity.
    pub id: Uuid,
    /// The site that reduced.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// How much: a decimal string in the unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// The pollutant's unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Number of the document that verified it.
    #[schema(example = "减排核定2022-003")]
    pub document: String,
    /// When it was registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl ReductionView {
    fn try_new(reduction: Reduction, pollutants: &Pollutants) -> Result<Self, Failure> {
        let measure = measure_of(pollutants, &reduction.pollutant)?;
        Ok(Self {
            id: reduction.id.0,
            site: reduction.site.0,
            pollutant: reduction.pollutant,
            quantity: reduction.quantity.print(measure),
            unit: measure.unit.clone(),
            document: reduction.document,
            registered_at: reduction.registered_at,
        })
    }
}

/// A reduction to register.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterReduction {
    /// The site that reduced, in your area.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// How much: a decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Number of the document that verified it.
    #[schema(example = "减排核定2022-003")]
    pub document: String,
}

impl RegisterReduction {
    fn read(&self, pollutants: &Pollutants) -> Result<NewReduction, Failure> {
        let mut fields = Fields::default();
        let quantity = read_quantity(&mut fields, "", (&self.pollutant, &self.quantity), pollutants);
        let document = fields.text("document", &self.document);
        let (site, pollutant) = (SiteId(self.site), self.pollutant.clone());
        let new = quantity.zip(document);
        fields.finish(new.map(|(quantity, document)| NewReduction { site, pollutant, quantity, document }))
    }
}

/// Register a verified reduction of a site in your area (湖北省主要污染物排污权交易办法).
#[utoipa::path(post, path = "/reductions", tag = "parties", operation_id = "register_reduction",
    request_body = RegisterReduction, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_reduction"))),
    responses((status = 201, description = "Registered", body = ReductionView)))]
async fn register_reduction(State(shared): State<Shared>, command: Command<RegisterReduction>) -> Reply<ReductionView> {
    let permit = command.caller.may(Action::RegisterReduction)?;
    let pollutants = queries::pollutants(shared.db.reader()).await?;
    let new = command.body.read(&pollutants)?;
    let reduction = shared
        .db
        .run_once(&permit, &command.key, &([new], pollutants), |work, (news, pollutants)| {
            Box::pin(async move {
                let registered = commands::register_reductions(work, news).await?;
                one(registered, |reduction| ReductionView::try_new(reduction, pollutants))?
            })
        })
        .await?;
    Ok(Answer::plainly_created(reduction))
}

/// Registered reductions of your sites; those of your area for a bureau.
#[utoipa::path(get, path = "/reductions", tag = "parties", operation_id = "list_reductions",
    params(PaperQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "Reductions in the order of registration", body = Listing<ReductionView>)))]
async fn list_reductions(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<PaperQuery>,
    Paging(page): Paging,
) -> Reply<Listing<ReductionView>> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_reductions(reader, &caller.scope(), query.site, &page).await?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::plain(views(found, |reduction| ReductionView::try_new(reduction, &pollutants))?))
}

/// A permit of a site whose papers you may see.
#[utoipa::path(get, path = "/permits/{id}", tag = "parties", operation_id = "find_permit",
    params(("id" = Uuid, Path, description = "Id of the permit")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The permit", body = PermitView)))]
async fn find_permit(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<PermitId>) -> Reply<PermitView> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_permits(reader, &caller.scope(), None, &PageRequest::only(id)).await?;
    let permit = found.only(id, |permit| permit.id.0).ok_or_else(|| not_found("permit"))?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::ok(PermitView::try_new(permit, &pollutants)?))
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

/// A reduction of a site whose papers you may see.
#[utoipa::path(get, path = "/reductions/{id}", tag = "parties", operation_id = "find_reduction",
    params(("id" = Uuid, Path, description = "Id of the reduction")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The reduction", body = ReductionView)))]
async fn find_reduction(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ReductionId>,
) -> Reply<ReductionView> {
    caller.may(Action::ReadParties)?;
    let reader = shared.db.reader();
    let found = queries::list_reductions(reader, &caller.scope(), None, &PageRequest::only(id)).await?;
    let reduction = found.only(id, |reduction| reduction.id.0).ok_or_else(|| not_found("reduction"))?;
    let pollutants = queries::pollutants(reader).await?;
    Ok(Answer::plain(ReductionView::try_new(reduction, &pollutants)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::place::hubei_pollutants;

    fn pollutants() -> Pollutants {
        hubei_pollutants().into_iter().map(|pollutant| (pollutant.code.clone(), pollutant)).collect()
    }

    fn permit(quantities: &str, valid_to: &str) -> RegisterPermit {
        let body = format!(
            r#"{{"number": "91421222MA0000001F001P", "site": "{}", "valid_from": "2021-01-01",
                "valid_to": "{valid_to}", "quantities": {quantities}}}"#,
            Uuid::nil()
        );
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn a_permit_is_read_in_the_measure_of_each_pollutant() {
        let body = permit(r#"[{"pollutant": "SO2", "quantity": "70.000"}]"#, "2025-12-31");
        let new = body.read(&pollutants()).unwrap();
        assert_eq!(new.quantities.get("SO2").map(|quantity| quantity.grams()), Some(70_000_000));
    }

    #[test]
    fn a_project_may_have_a_ratio_of_its_own_that_replaces_enough() {
        let project = |ratio: &str| -> RegisterProject {
            let body = format!(
                r#"{{"number": "P2022-001", "site": "{}", "basis": "verified", "document": "总量核定2022-001",
                    "verified_on": "2021-12-01"{ratio}}}"#,
                Uuid::nil()
            );
            serde_json::from_str(&body).unwrap()
        };
        let read = |ratio: &str| project(ratio).read().map(|new| new.replacement_ratio.map(|ratio| ratio.to_string()));
        assert_eq!(read("").unwrap(), None);
        assert_eq!(read(r#", "replacement_ratio": "6:5""#).unwrap().as_deref(), Some("1.2:1"));
        for bad in ["1:2", "2", "0:1"] {
            let failure = read(&format!(r#", "replacement_ratio": "{bad}""#)).unwrap_err();
            let fault = &failure.violations[0];
            assert_eq!((fault.field.as_str(), fault.code.as_ref()), ("replacement_ratio", "ORG_BAD_RATIO"), "{bad}");
        }
    }

    #[test]
    fn every_fault_of_a_permit_is_told_at_once() {
        let quantities = r#"[{"pollutant": "SO2", "quantity": "1"}, {"pollutant": "SO2", "quantity": "2"},
                             {"pollutant": "PB", "quantity": "1"}, {"pollutant": "COD", "quantity": "0.0001"}]"#;
        let failure = permit(quantities, "2020-12-31").read(&pollutants()).unwrap_err();
        let told: Vec<(&str, &str)> =
            failure.violations.iter().map(|fault| (fault.field.as_str(), fault.code.as_ref())).collect();
        let expected = [
            ("valid_to", "ORG_BAD_VALIDITY"),
            ("quantities[1].pollutant", "ORG_NAMED_TWICE"),
            ("quantities[2].pollutant", "QTA_UNKNOWN_POLLUTANT"),
            ("quantities[3].quantity", "API_TOO_PRECISE"),
        ];
        assert_eq!(told, expected);
    }
}
