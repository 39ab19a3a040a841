//! The rulebook in force.

use super::queries;
use super::rule::Rulebook;
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::{Answer, Listing, Reply, Shared, Signed};
use crate::kernel::Check;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(RulebookView, CheckView);

/// The operations of the rulebook.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_rulebook)).routes(routes!(list_checks))
}

/// One parameter or switch.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
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
    extensions(("x-permission" = json!("read_reference"))), responses((status = 200, description = "The version that applies today", body = RulebookView)))]
async fn find_rulebook(State(shared): State<Shared>, Signed(caller): Signed) -> Reply<RulebookView> {
    caller.may(Action::ReadReference)?;
    let rulebook = queries::find_on(shared.db.reader(), shared.db.clock().business_day()).await?;
    Ok(Answer::plain(rulebook.into()))
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
    /// The rule it rests on, where one is known.
    pub legal_basis: Option<String>,
}

impl From<&Check> for CheckView {
    fn from(check: &Check) -> Self {
        Self {
            code: check.code.to_owned(),
            zh: check.zh.to_owned(),
            en: check.en.to_owned(),
            legal_basis: check.legal_basis.map(str::to_owned),
        }
    }
}

/// Every check there is, in the order of their codes.
#[utoipa::path(get, path = "/checks", tag = "reference", operation_id = "list_checks", security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The check catalogue", body = Listing<CheckView>)))]
async fn list_checks(State(shared): State<Shared>, Signed(caller): Signed) -> Reply<Listing<CheckView>> {
    caller.may(Action::ReadReference)?;
    let mut items: Vec<CheckView> =
        shared.checks.iter().flat_map(|checks| checks.iter()).map(CheckView::from).collect();
    items.sort_by(|one, other| one.code.cmp(&other.code));
    items.dedup_by(|one, other| one.code == other.code);
    Ok(Answer::plain(Listing { items, next_cursor: None }))
}
