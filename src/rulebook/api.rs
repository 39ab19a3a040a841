//! The rulebook in force, and its next version.

use super::checks;
use super::commands::{LONGEST_NAME, NewVersion, adopt_changes, judge};
use super::error::RulebookRefusal;
use super::queries;
use super::register::{Names, Registered};
use super::rule::{Rule, Rulebook};
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, Place, Proposal, Rules};
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::problem::ProblemView;
use crate::http::{
    Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Problem, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::RulebookId;
use crate::kernel::{Check, Failure};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(RulebookView, CheckView);

/// The operations of the rulebook.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(find_rulebook))
        .routes(routes!(find_rulebook_version))
        .routes(routes!(adopt_rulebook, list_rulebooks))
        .routes(routes!(list_checks))
}

/// One parameter or switch.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleView {
    /// Its name.
    #[schema(example = "deposit_rate")]
    pub name: String,
    /// Its value; null when nobody knows it, and its check is then off.
    #[schema(example = "0.30")]
    pub value: Option<String>,
    /// The rule or practice it rests on.
    pub legal_basis: Option<String>,
}

/// A version of the rulebook.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Rulebook)]
pub struct RulebookView {
    /// Its identity.
    pub id: Uuid,
    /// Code of the area it applies in and below.
    #[schema(example = "420000")]
    pub jurisdiction: String,
    /// Counts from 1.
    pub version: i64,
    /// The first day it applies.
    #[schema(format = Date, example = "2016-12-01")]
    pub effective_from: String,
    /// The rules in the order of their names.
    pub rules: Vec<RuleView>,
}

impl Versioned for RulebookView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Rulebook> for RulebookView {
    fn from(rulebook: Rulebook) -> Self {
        Self {
            id: rulebook.id.0,
            jurisdiction: rulebook.jurisdiction,
            version: rulebook.version,
            effective_from: rulebook.effective_from.to_string(),
            rules: rulebook
                .rules
                .into_iter()
                .map(|(name, rule)| RuleView { name, value: rule.value, legal_basis: rule.legal_basis })
                .collect(),
        }
    }
}

/// The rulebook in force today, in business time.
#[utoipa::path(get, path = "/rulebooks/current", tag = "reference", operation_id = "find_rulebook",
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))), responses(
        (status = 200, description = "The version that applies today", body = RulebookView),
        (status = 409, description = "No rulebook is in force yet", body = ProblemView, content_type = "application/problem+json")))]
async fn find_rulebook(State(shared): State<Shared>, Signed(caller): Signed) -> Reply<RulebookView> {
    caller.may(Action::ReadReference)?;
    let rulebook = queries::find_on(shared.db.reader(), shared.db.clock().business_day()).await?;
    Ok(Answer::ok(rulebook.into()))
}

/// Every version of the rulebook, past ones and those that will apply later.
#[utoipa::path(get, path = "/rulebooks", tag = "reference", operation_id = "list_rulebooks", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "Versions in the order of adoption", body = Listing<RulebookView>)))]
async fn list_rulebooks(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(NoFilters {}): Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<RulebookView>> {
    caller.may(Action::ReadReference)?;
    let found = queries::list_versions(shared.db.reader(), &page).await?;
    Ok(Answer::plain(found.map(RulebookView::from).into()))
}

/// A version of the rulebook, by which something was decided.
#[utoipa::path(get, path = "/rulebooks/{id}", tag = "reference", operation_id = "find_rulebook_version",
    params(("id" = Uuid, Path, description = "Id of the version")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))), responses((status = 200, description = "The version", body = RulebookView)))]
async fn find_rulebook_version(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<RulebookId>,
) -> Reply<RulebookView> {
    caller.may(Action::ReadReference)?;
    let found = queries::find_version(shared.db.reader(), id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("rulebook"))?.into()))
}

/// A rule that is to change.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRule {
    /// Its name.
    #[schema(example = "four_eyes_capacity")]
    pub name: String,
    /// Its value; null switches its check off.
    #[schema(example = "on")]
    pub value: Option<String>,
    /// The rule or practice it rests on; a value has one.
    #[schema(example = "行政执法三项制度：职责分离")]
    pub legal_basis: Option<String>,
}

/// The next version of the rulebook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptRulebook {
    /// The first day on which it applies: today or later.
    #[schema(format = Date, example = "2023-01-01")]
    pub effective_from: String,
    /// What changes; every other rule stays as it is.
    pub rules: Vec<ChangeRule>,
}

/// Most rules that one version changes.
const MOST_RULES: usize = 200;

impl AdoptRulebook {
    /// Reads the version and judges its values, so that everything that is wrong is told at once; as it comes in by what is registered, too.
    fn read(&self, today: Date, names: Option<&Names>) -> Result<NewVersion, Failure> {
        let mut fields = Fields::default();
        let effective_from = fields.date("effective_from", &self.effective_from);
        let mut changes = Vec::new();
        for (at, change) in fields.count("rules", &self.rules, MOST_RULES).iter().take(MOST_RULES).enumerate() {
            let basis = change.legal_basis.as_deref();
            let legal_basis = fields.optional_text(&format!("rules[{at}].legal_basis"), basis);
            if change.value.is_some() && basis.is_none() {
                let missing = RulebookRefusal::BasisMissing { name: change.name.chars().take(LONGEST_NAME).collect() };
                fields.take::<(), _>(&format!("rules[{at}]"), Err(missing));
            }
            let value = change.value.as_deref().map(|value| value.trim().to_owned());
            changes.push((change.name.trim().to_owned(), Rule { value, legal_basis }));
        }
        fields.extend(judge(&changes, effective_from, today));
        fields.extend(names.map(|names| names.judge(&changes)).unwrap_or_default());
        fields.finish(effective_from.map(|effective_from| NewVersion { effective_from, changes }))
    }
}

/// Adopting a version of the rulebook.
pub struct Adoption;

impl Proposal for Adoption {
    fn word(&self) -> &'static str {
        "rulebook"
    }

    fn permission(&self) -> Action {
        Action::AdoptRulebook
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(queries::in_force(work).await?.rules_of(Proposal::word(self))) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: AdoptRulebook = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let adopted = adopt_changes(work, &command.read(work.today(), None)?, expected).await?;
            let (subject_kind, subject) = ("rulebook", adopted.id.0);
            let answer = serde_json::to_value(RulebookView::from(adopted)).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
    }
}

/// Adopt the next version of the rulebook; where the rules in force ask for a second person, it waits for one.
///
/// Versions that wait for a later day are followed by versions with what changes, but for the rules that they set themselves. It changes the version that
/// applies on its first day: `If-Match` carries that one, and the command is refused when there is another by now,
/// also when it is approved.
#[utoipa::path(post, path = "/rulebooks", tag = "reference", operation_id = "adopt_rulebook",
    request_body = AdoptRulebook, security(("bearer" = [])), extensions(("x-permission" = json!("adopt_rulebook"))),
    responses((status = 201, description = "Adopted", body = RulebookView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn adopt_rulebook(
    State(shared): State<Shared>,
    Extension(Registered(register)): Extension<Registered>,
    command: Command<AdoptRulebook>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::AdoptRulebook)?;
    let names = register.names(&shared.db).await?;
    command.body.read(shared.db.clock().business_day(), Some(&names))?;
    let body = serde_json::to_value(&command.body).map_err(Failure::bug)?;
    let place = Place::Organisation(command.caller.organisation);
    let wanted = Proposed { body, expected: command.expected, place, about: None };
    let carried =
        shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &Adoption, wanted)));
    answer(carried.await?, |adopted: RulebookView| Answer::created(adopted).into_response())
}

/// A line of the check catalogue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
pub struct CheckView {
    /// Stable code: family, underscore, words.
    #[schema(example = "TRD_BASIN_MISMATCH")]
    pub code: String,
    /// The text in Chinese, with placeholders in braces.
    pub zh: String,
    /// The text in English, with placeholders in braces.
    pub en: String,
    /// The law or practice it rests on, where one is known.
    pub legal_basis: Option<String>,
    /// Whether it stands today: a check that rests on rules of the rulebook is off while none of them has a value.
    #[schema(example = true)]
    pub is_on: bool,
    /// The rules of the rulebook that it rests on, as they are today; none when it always stands.
    pub rules: Vec<RuleView>,
}

impl CheckView {
    fn new(check: &Check, rulebook: Option<&Rulebook>) -> Self {
        let rule = |name: &&str| {
            let known = rulebook.and_then(|known| known.rules.get(*name));
            let (value, legal_basis) =
                known.map(|rule| (rule.value.clone(), rule.legal_basis.clone())).unwrap_or_default();
            RuleView { name: (*name).to_owned(), value, legal_basis }
        };
        Self {
            code: check.code.to_owned(),
            zh: check.zh.to_owned(),
            en: check.en.to_owned(),
            legal_basis: check.legal_basis.map(str::to_owned),
            is_on: checks::stands(check.code, rulebook),
            rules: checks::rules_under(check.code).iter().map(rule).collect(),
        }
    }
}

/// Every check there is, in the order of their codes, and whether the rulebook in force today switches it on.
#[utoipa::path(get, path = "/checks", tag = "reference", operation_id = "list_checks", security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The check catalogue", body = Listing<CheckView>)))]
async fn list_checks(State(shared): State<Shared>, Signed(caller): Signed) -> Reply<Listing<CheckView>> {
    caller.may(Action::ReadReference)?;
    let rulebook = queries::known_on(shared.db.reader(), shared.db.clock().business_day()).await?;
    let catalogue = shared.checks.iter().flat_map(|checks| checks.iter());
    let mut items: Vec<CheckView> = catalogue.map(|check| CheckView::new(check, rulebook.as_ref())).collect();
    items.sort_by(|one, other| one.code.cmp(&other.code));
    items.dedup_by(|one, other| one.code == other.code);
    Ok(Answer::plain(Listing { items, next_cursor: None }))
}
