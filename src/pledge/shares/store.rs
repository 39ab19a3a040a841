//! Rows of pledgees with shares, and of what each got.

use super::{Payment, PledgeeShare};
use crate::db::Work;
use crate::db::rows::{insert_all, put_all};
use crate::entity;
use crate::kernel::ids::{DisposalId, OrganisationId, PledgeId, UserId};
use crate::kernel::{Failure, Moment};
use crate::pledge::store::money;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

entity!(pledge_shares, "pledge_shares", {
    #[sea_orm(primary_key, auto_increment = false)]
    pledge_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pledgee_id: Uuid,
    place: i64,
    share: i64,
    joined_by: Option<Uuid>,
    joined_at: Option<i64>,
    version: i64,
});

entity!(disposal_shares, "disposal_shares", {
    #[sea_orm(primary_key, auto_increment = false)]
    disposal_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pledgee_id: Uuid,
    place: i64,
    owed: i64,
    paid: i64,
});

impl TryFrom<pledge_shares::Model> for PledgeeShare {
    type Error = Failure;

    fn try_from(row: pledge_shares::Model) -> Result<Self, Failure> {
        Ok(Self {
            pledge: PledgeId(row.pledge_id),
            pledgee: OrganisationId(row.pledgee_id),
            place: row.place,
            share: money(row.share)?,
            joined: row.joined_by.map(UserId).zip(row.joined_at.map(Moment::from_micros)),
            version: row.version,
        })
    }
}

impl From<&PledgeeShare> for pledge_shares::Model {
    fn from(share: &PledgeeShare) -> Self {
        Self {
            pledge_id: share.pledge.0,
            pledgee_id: share.pledgee.0,
            place: share.place,
            share: share.share.fen(),
            joined_by: share.joined.map(|(by, _)| by.0),
            joined_at: share.joined.map(|(_, at)| at.micros()),
            version: share.version,
        }
    }
}

/// Pledgees of pledges that have several, by pledge, the leader first.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<PledgeeShare>>, Failure> {
    let wanted = pledge_shares::Column::PledgeId.is_in(ids.iter().copied());
    let select = pledge_shares::Entity::find().filter(wanted).order_by_asc(pledge_shares::Column::Place);
    let mut found: HashMap<Uuid, Vec<PledgeeShare>> = HashMap::new();
    for row in select.all(connection).await? {
        found.entry(row.pledge_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// The pledges of which somebody is one of several pledgees.
pub fn pledges_of(pledgee: OrganisationId) -> sea_orm::sea_query::SelectStatement {
    let own = pledge_shares::Entity::find().filter(pledge_shares::Column::PledgeeId.eq(pledgee.0));
    QuerySelect::select_only(own).column(pledge_shares::Column::PledgeId).into_query()
}

/// Writes pledgees; their pledges are new or locked.
pub async fn put(work: &Work, shares: &[PledgeeShare]) -> Result<(), Failure> {
    let rows = shares.iter().map(pledge_shares::Model::from).collect();
    put_all::<pledge_shares::Entity, pledge_shares::ActiveModel>(work, rows).await
}

/// What each of several pledgees got of disposals, by disposal, the leader first.
pub async fn payments_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Payment>>, Failure> {
    let wanted = disposal_shares::Column::DisposalId.is_in(ids.iter().copied());
    let select = disposal_shares::Entity::find().filter(wanted).order_by_asc(disposal_shares::Column::Place);
    let mut found: HashMap<Uuid, Vec<Payment>> = HashMap::new();
    for row in select.all(connection).await? {
        let (owed, paid) = (money(row.owed)?, money(row.paid)?);
        let payment = Payment { pledgee: OrganisationId(row.pledgee_id), owed, paid };
        found.entry(row.disposal_id).or_default().push(payment);
    }
    Ok(found)
}

/// Writes what each of several pledgees gets of disposals that settle.
pub async fn insert_payments(work: &Work, paid: &[(DisposalId, Vec<Payment>)]) -> Result<(), Failure> {
    let rows = paid.iter().filter(|(_, payments)| payments.len() > 1).flat_map(|(disposal, payments)| {
        (0..).zip(payments).map(|(place, payment)| disposal_shares::Model {
            disposal_id: disposal.0,
            pledgee_id: payment.pledgee.0,
            place,
            owed: payment.owed.fen(),
            paid: payment.paid.fen(),
        })
    });
    insert_all::<disposal_shares::Entity, disposal_shares::ActiveModel>(work, rows.collect()).await
}
