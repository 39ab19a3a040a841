//! The rulebook in force.

use super::queries;
use super::rule::Rulebook;
use crate::access::Action;
use crate::http::{Answer, Reply, Shared, Signed};
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations of the rulebook.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_rulebook))
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
    security(("bearer" = [])), responses((status = 200, description = "The version that applies today", body = RulebookView)))]
async fn find_rulebook(State(shared): State<Shared>, Signed(caller): Signed) -> Reply<RulebookView> {
    caller.may(Action::ReadReference)?;
    let rulebook = queries::find_on(shared.db.reader(), shared.db.clock().business_day()).await?;
    Ok(Answer::plain(rulebook.into()))
}
