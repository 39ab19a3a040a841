//! Rows of further pledgors, and of those who have agreed to a change before it is in force.

use super::FurtherPledgor;
use crate::db::Work;
use crate::db::rows::{insert_all, put_all};
use crate::entity;
use crate::kernel::ids::{AmendmentId, OrganisationId, PledgeId, UserId};
use crate::kernel::{Failure, Moment};
use crate::pledge::amendments::Agreement;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

entity!(further_pledgors, "further_pledgors", {
    #[sea_orm(primary_key, auto_increment = false)]
    pledge_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pledgor_id: Uuid,
    place: i64,
    agreed_by: Option<Uuid>,
    agreed_at: Option<i64>,
    version: i64,
});

entity!(amendment_agreements, "amendment_agreements", {
    #[sea_orm(primary_key, auto_increment = false)]
    amendment_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pledgor_id: Uuid,
    agreed_by: Uuid,
    agreed_at: i64,
});

impl From<further_pledgors::Model> for FurtherPledgor {
    fn from(row: further_pledgors::Model) -> Self {
        Self {
            pledge: PledgeId(row.pledge_id),
            pledgor: OrganisationId(row.pledgor_id),
            place: row.place,
            agreed: row.agreed_by.map(UserId).zip(row.agreed_at.map(Moment::from_micros)),
            version: row.version,
        }
    }
}

impl From<&FurtherPledgor> for further_pledgors::Model {
    fn from(further: &FurtherPledgor) -> Self {
        Self {
            pledge_id: further.pledge.0,
            pledgor_id: further.pledgor.0,
            place: further.place,
            agreed_by: further.agreed.map(|(by, _)| by.0),
            agreed_at: further.agreed.map(|(_, at)| at.micros()),
            version: further.version,
        }
    }
}

/// Further pledgors of pledges that have any, in the order of the applications.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<FurtherPledgor>>, Failure> {
    let wanted = further_pledgors::Column::PledgeId.is_in(ids.iter().copied());
    let select = further_pledgors::Entity::find().filter(wanted).order_by_asc(further_pledgors::Column::Place);
    let mut found: HashMap<Uuid, Vec<FurtherPledgor>> = HashMap::new();
    for row in select.all(connection).await? {
        found.entry(row.pledge_id).or_default().push(row.into());
    }
    Ok(found)
}

/// The pledges by which rights of somebody stand for the debt of another.
pub fn pledges_of(pledgor: OrganisationId) -> sea_orm::sea_query::SelectStatement {
    let own = further_pledgors::Entity::find().filter(further_pledgors::Column::PledgorId.eq(pledgor.0));
    QuerySelect::select_only(own).column(further_pledgors::Column::PledgeId).into_query()
}

/// Writes further pledgors; their pledges are new or locked.
pub async fn put(work: &Work, further: &[FurtherPledgor]) -> Result<(), Failure> {
    let rows = further.iter().map(further_pledgors::Model::from).collect();
    put_all::<further_pledgors::Entity, further_pledgors::ActiveModel>(work, rows).await
}

/// Who of several pledgors has agreed to changes, by change.
pub async fn agreements_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Agreement>>, Failure> {
    let wanted = amendment_agreements::Column::AmendmentId.is_in(ids.iter().copied());
    let select = amendment_agreements::Entity::find().filter(wanted);
    let select = select.order_by_asc(amendment_agreements::Column::AgreedAt);
    let mut found: HashMap<Uuid, Vec<Agreement>> = HashMap::new();
    for row in select.all(connection).await? {
        found.entry(row.amendment_id).or_default().push(Agreement {
            pledgor: OrganisationId(row.pledgor_id),
            by: UserId(row.agreed_by),
            at: Moment::from_micros(row.agreed_at),
        });
    }
    Ok(found)
}

/// Writes who agrees to changes that others have to agree to as well; their pledges are locked.
pub async fn insert_agreements(work: &Work, agreed: &[(AmendmentId, Agreement)]) -> Result<(), Failure> {
    let rows = agreed.iter().map(|(amendment, agreement)| amendment_agreements::Model {
        amendment_id: amendment.0,
        pledgor_id: agreement.pledgor.0,
        agreed_by: agreement.by.0,
        agreed_at: agreement.at.micros(),
    });
    insert_all::<amendment_agreements::Entity, amendment_agreements::ActiveModel>(work, rows.collect()).await
}
