//! Rows of overrides.

use super::trade_override::{Grant, OverrideState, TradeOverride, Word};
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::db::{Work, bind_all};
use crate::eligibility::Boundary;
use crate::entity;
use crate::kernel::ids::{OrganisationId, RightClassId, RulebookId, SiteId, TradeOverrideId, UserId};
use crate::kernel::{Failure, Moment};
use crate::market::offer::Party;
use accounting::Quantity;
use jiff::civil::Date;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::HashMap;
use trade_overrides::Column;
use uuid::Uuid;

entity!(trade_overrides, "trade_overrides", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    seller_site_id: Uuid,
    buyer_site_id: Uuid,
    seller_id: Uuid,
    buyer_id: Uuid,
    seller_area_path: String,
    buyer_area_path: String,
    right_class_id: Uuid,
    boundary: String,
    quantity: i64,
    valid_until: String,
    reason: String,
    document_hash: String,
    requested_for: Uuid,
    requested_by: Uuid,
    requested_at: i64,
    state: String,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    decision_reason: Option<String>,
    delivered_class_id: Option<Uuid>,
    ended_at: Option<i64>,
    ended_by: Option<Uuid>,
    end_reason: Option<String>,
    rulebook_id: Uuid,
    version: i64,
});

fn word(by: Option<Uuid>, at: Option<i64>, reason: Option<&String>) -> Option<Word> {
    by.zip(at).map(|(by, at)| Word { by: UserId(by), at: Moment::from_micros(at), reason: reason.cloned() })
}

fn state(row: &trade_overrides::Model) -> Result<OverrideState, Failure> {
    let ruling = word(row.decided_by, row.decided_at, row.decision_reason.as_ref());
    let end = word(row.ended_by, row.ended_at, row.end_reason.as_ref());
    let grant = |word: Word| row.delivered_class_id.map(|class| Grant { word, delivered: RightClassId(class) });
    Ok(match (row.state.as_str(), ruling.clone(), ruling.and_then(grant), end, row.ended_at) {
        ("requested", None, None, None, None) => OverrideState::Requested,
        ("approved", _, Some(grant), None, None) => OverrideState::Approved(grant),
        ("refused", Some(word), None, None, None) => OverrideState::Refused(word),
        ("withdrawn", None, None, Some(end), _) => OverrideState::Withdrawn(end),
        ("revoked", _, Some(grant), Some(end), _) => OverrideState::Revoked { grant, end },
        ("lapsed", _, grant, None, Some(at)) => OverrideState::Lapsed { grant, at: Moment::from_micros(at) },
        (state, ..) => return Err(Failure::bug(format!("an override in the impossible state {state}"))),
    })
}

impl TryFrom<trade_overrides::Model> for TradeOverride {
    type Error = Failure;

    fn try_from(row: trade_overrides::Model) -> Result<Self, Failure> {
        let party = |site, organisation, area_path| Party {
            site: SiteId(site),
            organisation: OrganisationId(organisation),
            area_path,
        };
        let boundary = Boundary::parse(&row.boundary);
        Ok(Self {
            state: state(&row)?,
            id: TradeOverrideId(row.id),
            seller: party(row.seller_site_id, row.seller_id, row.seller_area_path),
            buyer: party(row.buyer_site_id, row.buyer_id, row.buyer_area_path),
            right_class: RightClassId(row.right_class_id),
            boundary: boundary.ok_or_else(|| Failure::bug("an override of an unknown boundary"))?,
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            valid_until: row.valid_until.parse().map_err(Failure::bug)?,
            reason: row.reason,
            document_hash: row.document_hash,
            requested_for: OrganisationId(row.requested_for),
            requested_by: UserId(row.requested_by),
            requested_at: Moment::from_micros(row.requested_at),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<TradeOverride> for trade_overrides::Model {
    fn from(one: TradeOverride) -> Self {
        let (ruling, end) = (one.state.ruling().cloned(), one.state.end());
        let (ended_at, ended) = end.map_or((None, None), |(at, word)| (Some(at.micros()), word.cloned()));
        let delivered_class_id = one.state.grant().map(|grant| grant.delivered.0);
        Self {
            id: one.id.0,
            seller_site_id: one.seller.site.0,
            buyer_site_id: one.buyer.site.0,
            seller_id: one.seller.organisation.0,
            buyer_id: one.buyer.organisation.0,
            state: one.state.as_str().to_owned(),
            seller_area_path: one.seller.area_path,
            buyer_area_path: one.buyer.area_path,
            right_class_id: one.right_class.0,
            boundary: one.boundary.as_str().to_owned(),
            quantity: one.quantity.grams(),
            valid_until: one.valid_until.to_string(),
            reason: one.reason,
            document_hash: one.document_hash,
            requested_for: one.requested_for.0,
            requested_by: one.requested_by.0,
            requested_at: one.requested_at.micros(),
            decided_by: ruling.as_ref().map(|word| word.by.0),
            decided_at: ruling.as_ref().map(|word| word.at.micros()),
            decision_reason: ruling.and_then(|word| word.reason),
            delivered_class_id,
            ended_at,
            ended_by: ended.as_ref().map(|word| word.by.0),
            end_reason: ended.and_then(|word| word.reason),
            rulebook_id: one.rulebook.0,
            version: one.version,
        }
    }
}

fn read(rows: Vec<trade_overrides::Model>) -> Result<Vec<TradeOverride>, Failure> {
    rows.into_iter().map(TradeOverride::try_from).collect()
}

pub async fn insert(work: &Work, overrides: &[TradeOverride]) -> Result<(), Failure> {
    let rows = overrides.iter().cloned().map(trade_overrides::Model::from).collect();
    insert_all::<trade_overrides::Entity, trade_overrides::ActiveModel>(work, rows).await
}

pub async fn save(work: &Work, overrides: &[TradeOverride]) -> Result<(), Failure> {
    let rows = overrides.iter().cloned().map(trade_overrides::Model::from).collect();
    save_all::<trade_overrides::Entity, trade_overrides::ActiveModel>(work, rows).await
}

/// Locks overrides in id order.
pub async fn lock(work: &Work, ids: &[TradeOverrideId]) -> Result<Vec<TradeOverride>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    read(lock_all::<trade_overrides::Entity>(work, Column::Id, &ids).await?)
}

/// Locks those between these sellers and buyers that are open or in force on a day, in id order.
pub async fn lock_open(
    work: &Work,
    sellers: &[SiteId],
    buyers: &[SiteId],
    day: Date,
) -> Result<Vec<TradeOverride>, Failure> {
    let rows = trade_overrides::Entity::find()
        .filter(Column::SellerSiteId.is_in(sellers.iter().map(|site| site.0)))
        .filter(Column::BuyerSiteId.is_in(buyers.iter().map(|site| site.0)))
        .filter(Column::State.is_in(["requested", "approved"]))
        .filter(Column::ValidUntil.gte(day.to_string()))
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    read(rows)
}

/// Those whose last day has passed and that nobody has ended.
pub async fn over(work: &Work, today: Date, most: u64) -> Result<Vec<TradeOverrideId>, Failure> {
    let ids: Vec<Uuid> = trade_overrides::Entity::find()
        // SQLite takes the index of those in force only where the statement itself says that they are.
        .filter(Expr::cust("state IN ('requested', 'approved')"))
        .filter(Column::ValidUntil.lt(today.to_string()))
        .order_by_asc(Column::ValidUntil)
        .order_by_asc(Column::Id)
        .limit(most)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(work.connection())
        .await?;
    Ok(ids.into_iter().map(TradeOverrideId).collect())
}

/// What trades have taken of an override, in grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// By trades that are not settled.
    pub committed: i64,
    /// By those that are.
    pub consumed: i64,
}

/// What trades have taken of these. Whoever takes more holds their locks.
pub async fn taken(
    connection: &impl ConnectionTrait,
    ids: &[TradeOverrideId],
) -> Result<HashMap<TradeOverrideId, Taken>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = Vec::new();
    let of = bind_all(&mut values, ids.iter().map(|id| id.0));
    let sum = |states: &str| format!("CAST(SUM(CASE WHEN state IN ({states}) THEN quantity ELSE 0 END) AS bigint)");
    let sql = format!(
        "SELECT override_id, {} AS committed, {} AS consumed FROM trades WHERE override_id IN ({of}) GROUP BY override_id",
        sum("'matched', 'approved', 'publicised', 'paid'"),
        sum("'settled', 'closed'"),
    );
    let statement = sea_orm::Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let taken = Taken { committed: row.try_get("", "committed")?, consumed: row.try_get("", "consumed")? };
            Ok((TradeOverrideId(row.try_get("", "override_id")?), taken))
        })
        .collect()
}
