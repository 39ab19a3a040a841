//! Rows of messages, of the totals in them, and of what is held.

use super::{Closing, DayTotal, DischargeHold, Doubt, KeptMessage};
use crate::compliance::days::{Measured, Year};
use crate::db::Work;
use crate::db::columns::{Kind, Rows};
use crate::db::failure::again_on_unique;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{DischargeHoldId, MonitorMessageId, OrganisationId, OutletId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Value};
use std::collections::HashSet;

entity!(monitor_messages, "monitor_messages", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    outlet_id: Uuid,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    mn: String,
    qn: String,
    command: i64,
    day: Option<String>,
    hash: String,
    segment: String,
    received_by: Uuid,
    received_at: i64,
});

entity!(monitor_values, "monitor_values", {
    #[sea_orm(primary_key, auto_increment = false)]
    message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pollutant: String,
    outlet_id: Uuid,
    site_id: Uuid,
    day: String,
    qn: String,
    grams: i64,
});

entity!(discharge_holds, "discharge_holds", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    message_id: Uuid,
    outlet_id: Uuid,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    pollutant: String,
    day: String,
    mass: String,
    reason: String,
    closed_by: Option<Uuid>,
    closed_at: Option<i64>,
    closing_reason: Option<String>,
    version: i64,
});

impl TryFrom<monitor_messages::Model> for KeptMessage {
    type Error = Failure;

    fn try_from(row: monitor_messages::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: MonitorMessageId(row.id),
            outlet: OutletId(row.outlet_id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            mn: row.mn,
            qn: row.qn,
            command: u16::try_from(row.command).map_err(Failure::bug)?,
            day: row.day.map(|day| day.parse().map_err(Failure::bug)).transpose()?,
            hash: row.hash,
            segment: row.segment,
            received_by: UserId(row.received_by),
            received_at: Moment::from_micros(row.received_at),
        })
    }
}

impl TryFrom<discharge_holds::Model> for DischargeHold {
    type Error = Failure;

    fn try_from(row: discharge_holds::Model) -> Result<Self, Failure> {
        let closed = row.closed_by.zip(row.closed_at).zip(row.closing_reason);
        let closing = closed.map(|((by, at), reason)| Closing { by: UserId(by), at: Moment::from_micros(at), reason });
        Ok(Self {
            id: DischargeHoldId(row.id),
            message: MonitorMessageId(row.message_id),
            outlet: OutletId(row.outlet_id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            pollutant: row.pollutant,
            day: row.day.parse().map_err(Failure::bug)?,
            mass: row.mass,
            doubt: Doubt::parse(&row.reason).ok_or_else(|| Failure::bug("an unknown doubt"))?,
            closing,
            version: row.version,
        })
    }
}

impl From<DischargeHold> for discharge_holds::Model {
    fn from(hold: DischargeHold) -> Self {
        let closing = hold.closing;
        Self {
            id: hold.id.0,
            message_id: hold.message.0,
            outlet_id: hold.outlet.0,
            site_id: hold.site.0,
            organisation_id: hold.organisation.0,
            area_path: hold.area_path,
            pollutant: hold.pollutant,
            day: hold.day.to_string(),
            mass: hold.mass,
            reason: hold.doubt.as_str().to_owned(),
            closed_by: closing.as_ref().map(|closing| closing.by.0),
            closed_at: closing.as_ref().map(|closing| closing.at.micros()),
            closing_reason: closing.map(|closing| closing.reason),
            version: hold.version,
        }
    }
}

/// Those of these hashes whose messages are kept already.
pub async fn known(work: &Work, hashes: Vec<String>) -> Result<HashSet<String>, Failure> {
    let found: Vec<String> = monitor_messages::Entity::find()
        .select_only()
        .column(monitor_messages::Column::Hash)
        .filter(monitor_messages::Column::Hash.is_in(hashes))
        .into_tuple()
        .all(work.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// Keeps messages with the totals in them, and holds what is not believed. Monitors send all day, so messages and totals go as whole
/// columns, in one statement each.
pub async fn keep(
    work: &Work,
    messages: Vec<KeptMessage>,
    totals: Vec<DayTotal>,
    holds: Vec<DischargeHold>,
) -> Result<(), Failure> {
    insert_messages(work, messages)
        .await
        .map_err(|failure| again_on_unique(failure, "monitor_messages_once", "monitor_messages.hash"))?;
    insert_totals(work, totals).await?;
    let rows = holds.into_iter().map(discharge_holds::Model::from).collect();
    insert_all::<discharge_holds::Entity, discharge_holds::ActiveModel>(work, rows).await
}

async fn insert_messages(work: &Work, messages: Vec<KeptMessage>) -> Result<(), Failure> {
    use Kind::{Big, Text, Uuid};
    if messages.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(&[Uuid, Uuid, Uuid, Uuid, Text, Text, Text, Big, Text, Text, Text, Uuid, Big]);
    for message in messages {
        let row = monitor_messages::Model {
            id: message.id.0,
            outlet_id: message.outlet.0,
            site_id: message.site.0,
            organisation_id: message.organisation.0,
            area_path: message.area_path,
            mn: message.mn,
            qn: message.qn,
            command: message.command.into(),
            day: message.day.map(|day| day.to_string()),
            hash: message.hash,
            segment: message.segment,
            received_by: message.received_by.0,
            received_at: message.received_at.micros(),
        };
        work.record(&row)?;
        let place = [row.outlet_id, row.site_id, row.organisation_id].map(Value::from);
        let head = [row.area_path.into(), row.mn.into(), row.qn.into(), row.command.into(), row.day.into()];
        let rest = [row.hash.into(), row.segment.into(), row.received_by.into(), row.received_at.into()];
        rows.push([row.id.into()].into_iter().chain(place).chain(head).chain(rest));
    }
    let (source, values) = rows.source(work.backend(), 1)?;
    let sql = format!(
        "INSERT INTO monitor_messages (id, outlet_id, site_id, organisation_id, area_path, mn, qn, command, day, hash, segment, \
         received_by, received_at) \
         SELECT r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7, r.c8, r.c9, r.c10, r.c11, r.c12 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

async fn insert_totals(work: &Work, totals: Vec<DayTotal>) -> Result<(), Failure> {
    use Kind::{Big, Text, Uuid};
    if totals.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(&[Uuid, Text, Uuid, Uuid, Text, Text, Big]);
    for total in totals {
        let row = monitor_values::Model {
            message_id: total.message.0,
            pollutant: total.pollutant,
            outlet_id: total.outlet.0,
            site_id: total.site.0,
            day: total.day.to_string(),
            qn: total.qn,
            grams: total.grams,
        };
        work.record(&row)?;
        rows.push([
            row.message_id.into(),
            row.pollutant.into(),
            row.outlet_id.into(),
            row.site_id.into(),
            row.day.into(),
            row.qn.into(),
            row.grams.into(),
        ]);
    }
    let (source, values) = rows.source(work.backend(), 1)?;
    let sql = format!(
        "INSERT INTO monitor_values (message_id, pollutant, outlet_id, site_id, day, qn, grams) \
         SELECT r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

pub async fn lock_hold(work: &Work, id: DischargeHoldId) -> Result<Option<DischargeHold>, Failure> {
    let rows = lock_all::<discharge_holds::Entity>(work, discharge_holds::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(DischargeHold::try_from).transpose()
}

pub async fn save_hold(work: &Work, hold: DischargeHold) -> Result<(), Failure> {
    save_all::<discharge_holds::Entity, discharge_holds::ActiveModel>(work, vec![hold.into()]).await
}

/// The totals of a site and a pollutant in a year, those that were corrected among them.
pub async fn measured(
    connection: &impl ConnectionTrait,
    site: SiteId,
    pollutant: &str,
    year: Year,
) -> Result<Vec<Measured>, Failure> {
    let rows = monitor_values::Entity::find()
        .filter(monitor_values::Column::SiteId.eq(site.0))
        .filter(monitor_values::Column::Pollutant.eq(pollutant))
        .filter(monitor_values::Column::Day.between(year.first().to_string(), year.last().to_string()))
        .all(connection)
        .await?;
    let measured = |row: monitor_values::Model| {
        let day = row.day.parse().map_err(Failure::bug)?;
        Ok(Measured { outlet: OutletId(row.outlet_id), day, qn: row.qn, grams: row.grams })
    };
    rows.into_iter().map(measured).collect()
}

/// How many figures of a site and a pollutant in a year are held and wait.
pub async fn count_open_holds(work: &Work, site: SiteId, pollutant: &str, year: Year) -> Result<u64, Failure> {
    let found = discharge_holds::Entity::find()
        .filter(discharge_holds::Column::SiteId.eq(site.0))
        .filter(discharge_holds::Column::Pollutant.eq(pollutant))
        .filter(discharge_holds::Column::Day.between(year.first().to_string(), year.last().to_string()))
        .filter(discharge_holds::Column::ClosedBy.is_null());
    Ok(found.count(work.connection()).await?)
}
