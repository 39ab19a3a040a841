//! Reading the parties of liens, and the pledges of a party.

use super::LienParties;
use crate::kernel::Failure;
use crate::kernel::ids::OrganisationId;
use crate::pledge::pledgors::store as pledgors;
use crate::pledge::shares::store as shares;
use crate::pledge::store::{liens, owners_of, pledges};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

/// The parties of these liens, by lien.
pub async fn of_liens(connection: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, LienParties>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = liens::Column::Id.is_in(ids.iter().copied());
    let rows = liens::Entity::find().filter(wanted).all(connection).await?;
    let wanted = pledges::Column::Id.is_in(rows.iter().map(|row| row.pledge_id));
    let heads = pledges::Entity::find().filter(wanted).all(connection).await?;
    let pledge_ids: Vec<Uuid> = heads.iter().map(|head| head.id).collect();
    let shares = shares::of_pledges(connection, &pledge_ids).await?;
    let further = pledgors::of_pledges(connection, &pledge_ids).await?;
    let owners = owners_of(connection, &heads, &rows, &further).await?;
    let heads: HashMap<Uuid, pledges::Model> = heads.into_iter().map(|head| (head.id, head)).collect();
    let parties = |lien: liens::Model| {
        let head = heads.get(&lien.pledge_id).ok_or_else(|| Failure::bug("a lien of no pledge"))?;
        let pledgor = owners.get(&lien.id).copied().ok_or_else(|| Failure::bug("a lien on nobody's stock"))?;
        let pledgee = OrganisationId(head.pledgee_id);
        let shares = shares.get(&head.id).cloned().unwrap_or_default();
        let pledgors = further.get(&head.id).into_iter().flatten().map(|further| further.pledgor);
        let others = shares.iter().map(|share| share.pledgee).chain([OrganisationId(head.pledgor_id)]).chain(pledgors);
        let further = others.filter(|other| ![pledgor, pledgee].contains(other)).collect();
        Ok((lien.id, LienParties { lien, pledgor, pledgee, shares, further }))
    };
    rows.into_iter().map(parties).collect()
}

/// The pledges of which somebody is a party.
pub fn of_party(id: OrganisationId) -> Condition {
    Condition::any()
        .add(pledges::Column::PledgorId.eq(id.0))
        .add(pledges::Column::PledgeeId.eq(id.0))
        .add(pledges::Column::Id.in_subquery(shares::pledges_of(id)))
        .add(pledges::Column::Id.in_subquery(pledgors::pledges_of(id)))
}

/// The same, as what a column of pledges is in.
pub fn pledges_of_party(id: OrganisationId) -> SelectStatement {
    let own = QuerySelect::select_only(pledges::Entity::find().filter(of_party(id)));
    own.column(pledges::Column::Id).into_query()
}
