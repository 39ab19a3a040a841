//! Overrides as they are shown.

use super::store::Taken;
use super::trade_override::TradeOverride;
use crate::http::Versioned;
use crate::http::answer::one;
use crate::kernel::ids::RightClassId;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use crate::{concerns, concerns_nobody};
use accounting::{Measure, decimal};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

concerns!(TradeOverrideView: Organisation [seller, buyer]);
// How much is left of what the caller may see.
concerns_nobody!(TradeOverrideUse);

/// An override by the province (省级特批) of the boundary that the rights of a trade may not pass otherwise.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = TradeOverride)]
pub struct TradeOverrideView {
    /// Its identity.
    pub id: Uuid,
    /// The site that may sell.
    pub seller_site: Uuid,
    /// The site that may buy.
    pub buyer_site: Uuid,
    /// The seller.
    pub seller: Uuid,
    /// The buyer.
    pub buyer: Uuid,
    /// Code of the right class that is sold.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Code of the right class that the buyer gets, of its own zone; null until it is approved.
    #[schema(example = "COD-MULTI-PAID-FUSHUI-20210101-20251231")]
    pub delivered_class: Option<String>,
    /// Code of the rule that it lifts: `TRD_CITY_MISMATCH` or `TRD_BASIN_MISMATCH`.
    #[schema(example = "TRD_BASIN_MISMATCH")]
    pub rule: String,
    /// The most that trades may take of it: a decimal string in the class's unit.
    #[schema(example = "5.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// The last day on which it lifts the rule.
    #[schema(format = Date, example = "2023-06-30")]
    pub valid_until: String,
    /// Why it is asked for.
    #[schema(example = "省重点项目，流域内无可交易量")]
    pub reason: String,
    /// SHA-256 of the documents that the request rests on, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: String,
    /// `requested`, `approved`, `refused`, `withdrawn`, `revoked` or `lapsed`.
    #[schema(
        example = "requested",
        extensions(("x-words" = json!(crate::market::overrides::trade_override::OverrideState::WORDS)))
    )]
    pub state: String,
    /// The bureau that has asked.
    pub requested_for: Uuid,
    /// Who of it.
    pub requested_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Moment,
    /// Who decided for the province.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in their words.
    #[schema(example = "同意")]
    pub decision_reason: Option<String>,
    /// When it was withdrawn or revoked, or was seen to have lapsed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
    /// Who withdrew or revoked it; null when it lapsed.
    pub ended_by: Option<Uuid>,
    /// Why.
    pub end_reason: Option<String>,
    /// The version of the rulebook it was last judged by.
    pub rulebook: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for TradeOverrideView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn view(one: TradeOverride, words: &Words) -> Result<TradeOverrideView, Failure> {
    let (right_class, measure) = words.class(one.right_class)?;
    let delivered = one.state.grant().map(|grant| words.class(grant.delivered)).transpose()?;
    let (ruling, end) = (one.state.ruling().cloned(), one.state.end());
    let (ended_at, ended) = end.map_or((None, None), |(at, word)| (Some(at), word.cloned()));
    Ok(TradeOverrideView {
        id: one.id.0,
        seller_site: one.seller.site.0,
        buyer_site: one.buyer.site.0,
        seller: one.seller.organisation.0,
        buyer: one.buyer.organisation.0,
        right_class,
        delivered_class: delivered.map(|(code, _)| code),
        rule: one.boundary.code(),
        quantity: one.quantity.print(measure),
        unit: measure.unit.clone(),
        valid_until: one.valid_until.to_string(),
        state: one.state.as_str().to_owned(),
        reason: one.reason,
        document_hash: one.document_hash,
        requested_for: one.requested_for.0,
        requested_by: one.requested_by.0,
        requested_at: one.requested_at,
        decided_by: ruling.as_ref().map(|word| word.by.0),
        decided_at: ruling.as_ref().map(|word| word.at),
        decision_reason: ruling.and_then(|word| word.reason),
        ended_at,
        ended_by: ended.as_ref().map(|word| word.by.0),
        end_reason: ended.and_then(|word| word.reason),
        rulebook: one.rulebook.0,
        version: one.version,
    })
}

/// Overrides as they are shown.
pub(super) async fn views(
    connection: &impl ConnectionTrait,
    overrides: Vec<TradeOverride>,
) -> Result<Vec<TradeOverrideView>, Failure> {
    let delivered = |one: &TradeOverride| one.state.grant().map(|grant| grant.delivered);
    let classes: Vec<RightClassId> =
        overrides.iter().flat_map(|one| [Some(one.right_class), delivered(one)]).flatten().collect();
    let words = Words::of_ids(connection, &classes).await?;
    overrides.into_iter().map(|one| view(one, &words)).collect()
}

/// The one override of a batch of one.
pub(super) async fn only(
    connection: &impl ConnectionTrait,
    overrides: Vec<TradeOverride>,
) -> Result<TradeOverrideView, Failure> {
    one(views(connection, overrides).await?, |view| view)
}

/// What trades have taken of an override, in the class's unit. A trade that ends before it settles gives back what it took.
#[derive(Debug, Serialize, ToSchema)]
pub struct TradeOverrideUse {
    /// The most that trades may take.
    #[schema(example = "5.000")]
    pub quantity: String,
    /// Taken by trades that are matched and not settled yet.
    #[schema(example = "2.000")]
    pub committed: String,
    /// Used up by settled trades.
    #[schema(example = "1.000")]
    pub consumed: String,
    /// What trades may still take while it is in force.
    #[schema(example = "2.000")]
    pub left: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
}

impl TradeOverrideUse {
    pub(super) fn of(one: &TradeOverride, taken: Taken, measure: &Measure) -> Self {
        let print = |grams: i64| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        Self {
            quantity: one.quantity.print(measure),
            committed: print(taken.committed),
            consumed: print(taken.consumed),
            left: print(one.quantity.grams() - taken.committed - taken.consumed),
            unit: measure.unit.clone(),
        }
    }
}
