//! Rows of valuations and margin calls.

use super::{MarginCall, MarketPrice, Valuation};
use crate::db::Work;
use crate::db::rows::{self, insert_all, save_all};
use crate::eligibility::Part;
use crate::entity;
use crate::kernel::cycle::Period;
use crate::kernel::ids::{LienId, MarginCallId, PledgeId, UserId, ValuationId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::pledge::store::money;
use accounting::{JournalId, Money, Price, Quantity};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(valuations, "valuations", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    lien_id: Uuid,
    quantity: i64,
    method: String,
    price_period: Option<String>,
    unit_price: Option<i64>,
    value: i64,
    secured: Option<i64>,
    valued_on: String,
    expires_on: Option<String>,
    valuer: String,
    recorded_by: Uuid,
    recorded_at: i64,
    journal_id: Uuid,
});

entity!(margin_calls, "margin_calls", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    called_at: i64,
    secured: i64,
    value: i64,
    cap: String,
    due_on: Option<String>,
    ended_at: Option<i64>,
    version: i64,
});

fn day(text: Option<String>) -> Result<Option<Date>, Failure> {
    text.map(|text| text.parse().map_err(Failure::bug)).transpose()
}

impl TryFrom<valuations::Model> for Valuation {
    type Error = Failure;

    fn try_from(row: valuations::Model) -> Result<Self, Failure> {
        let market_price = row.price_period.zip(row.unit_price).map(|(period, fen)| {
            let period = Period::parse(&period).ok_or_else(|| Failure::bug("a valuation by no period"))?;
            Ok::<_, Failure>(MarketPrice { period, unit_price: Price::try_new(fen).map_err(Failure::bug)? })
        });
        Ok(Self {
            id: ValuationId(row.id),
            pledge: PledgeId(row.pledge_id),
            lien: LienId(row.lien_id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            method: row.method,
            market_price: market_price.transpose()?,
            value: money(row.value)?,
            secured: row.secured.map(money).transpose()?,
            valued_on: row.valued_on.parse().map_err(Failure::bug)?,
            expires_on: day(row.expires_on)?,
            valuer: row.valuer,
            recorded_by: UserId(row.recorded_by),
            recorded_at: Moment::from_micros(row.recorded_at),
            journal: JournalId(row.journal_id),
        })
    }
}

impl From<&Valuation> for valuations::Model {
    fn from(valuation: &Valuation) -> Self {
        Self {
            id: valuation.id.0,
            pledge_id: valuation.pledge.0,
            lien_id: valuation.lien.0,
            quantity: valuation.quantity.grams(),
            method: valuation.method.clone(),
            price_period: valuation.market_price.map(|price| price.period.to_string()),
            unit_price: valuation.market_price.map(|price| price.unit_price.fen()),
            value: valuation.value.fen(),
            secured: valuation.secured.map(Money::fen),
            valued_on: valuation.valued_on.to_string(),
            expires_on: valuation.expires_on.map(|day| day.to_string()),
            valuer: valuation.valuer.clone(),
            recorded_by: valuation.recorded_by.0,
            recorded_at: valuation.recorded_at.micros(),
            journal_id: valuation.journal.0,
        }
    }
}

impl TryFrom<margin_calls::Model> for MarginCall {
    type Error = Failure;

    fn try_from(row: margin_calls::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: MarginCallId(row.id),
            pledge: PledgeId(row.pledge_id),
            called_at: Moment::from_micros(row.called_at),
            over: Part { secured: money(row.secured)?, value: money(row.value)? },
            cap: row.cap,
            due_on: day(row.due_on)?,
            ended_at: row.ended_at.map(Moment::from_micros),
            version: row.version,
        })
    }
}

impl From<&MarginCall> for margin_calls::Model {
    fn from(call: &MarginCall) -> Self {
        Self {
            id: call.id.0,
            pledge_id: call.pledge.0,
            called_at: call.called_at.micros(),
            secured: call.over.secured.fen(),
            value: call.over.value.fen(),
            cap: call.cap.clone(),
            due_on: call.due_on.map(|day| day.to_string()),
            ended_at: call.ended_at.map(Moment::micros),
            version: call.version,
        }
    }
}

/// Valuations of pledges by lien, oldest first.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    pledges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Valuation>>, Failure> {
    let wanted = valuations::Column::PledgeId.is_in(pledges.iter().copied());
    let rows = valuations::Entity::find().filter(wanted).order_by_asc(valuations::Column::Id).all(connection).await?;
    let mut found: HashMap<Uuid, Vec<Valuation>> = HashMap::new();
    for row in rows {
        found.entry(row.lien_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// Margin calls by pledge, oldest first.
pub async fn calls_of(
    connection: &impl ConnectionTrait,
    pledges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<MarginCall>>, Failure> {
    let wanted = margin_calls::Column::PledgeId.is_in(pledges.iter().copied());
    let rows =
        margin_calls::Entity::find().filter(wanted).order_by_asc(margin_calls::Column::Id).all(connection).await?;
    let mut found: HashMap<Uuid, Vec<MarginCall>> = HashMap::new();
    for row in rows {
        found.entry(row.pledge_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// A page of the valuations of a pledge, oldest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    pledge: PledgeId,
    page: &PageRequest,
) -> Result<Page<Valuation>, Failure> {
    let select = valuations::Entity::find().filter(valuations::Column::PledgeId.eq(pledge.0));
    let rows = rows::page(select, valuations::Column::Id, page).all(connection).await?;
    let found = rows.into_iter().map(Valuation::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(found, page, |valuation| valuation.id.0))
}

/// Writes new valuations.
pub async fn insert(work: &Work, new: &[Valuation]) -> Result<(), Failure> {
    let rows = new.iter().map(valuations::Model::from).collect();
    insert_all::<valuations::Entity, valuations::ActiveModel>(work, rows).await
}

/// Writes margin calls, new ones and those that have ended; their pledges are locked.
pub async fn save_calls(work: &Work, calls: &[MarginCall]) -> Result<(), Failure> {
    let rows = calls.iter().map(margin_calls::Model::from).collect();
    save_all::<margin_calls::Entity, margin_calls::ActiveModel>(work, rows).await
}
