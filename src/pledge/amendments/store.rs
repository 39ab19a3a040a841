//! Rows of amendments, and of what they change of liens.

use super::{Amendment, AmendmentKind, AmendmentState};
use crate::db::Work;
use crate::db::rows::{self, insert_all, save_all};
use crate::entity;
use crate::kernel::ids::{AmendmentId, PledgeId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment, ids};
use crate::pledge::pledgors::store::agreements_of;
use accounting::Money;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(pledge_amendments, "pledge_amendments", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    kind: String,
    number: Option<i64>,
    reason: String,
    principal: i64,
    secured: i64,
    debt_to: String,
    changes: String,
    proposed_by: Uuid,
    proposed_at: i64,
    state: String,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    version: i64,
});

entity!(lien_changes, "lien_changes", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    lien_id: Uuid,
    amendment_id: Uuid,
    grams: i64,
    secured: i64,
});

fn state(row: &pledge_amendments::Model) -> Result<AmendmentState, Failure> {
    let unknown = || Failure::bug(format!("amendment {} is {} without what that takes", row.id, row.state));
    let decided = || {
        let at = row.decided_at.map(Moment::from_micros);
        row.decided_by.map(UserId).zip(at).ok_or_else(unknown)
    };
    match row.state.as_str() {
        "proposed" => Ok(AmendmentState::Proposed),
        "in_force" => {
            let ((by, at), number) = (decided()?, row.number.ok_or_else(unknown)?);
            Ok(AmendmentState::InForce { number, by, at })
        }
        "refused" => decided().map(|(by, at)| AmendmentState::Refused { by, at }),
        "withdrawn" => decided().map(|(by, at)| AmendmentState::Withdrawn { by, at }),
        _ => Err(unknown()),
    }
}

impl TryFrom<pledge_amendments::Model> for Amendment {
    type Error = Failure;

    fn try_from(row: pledge_amendments::Model) -> Result<Self, Failure> {
        let money = |fen| Money::try_new(fen).map_err(Failure::bug);
        Ok(Self {
            id: AmendmentId(row.id),
            pledge: PledgeId(row.pledge_id),
            kind: AmendmentKind::parse(&row.kind).ok_or_else(|| Failure::bug("an amendment of an unknown kind"))?,
            state: state(&row)?,
            reason: row.reason,
            principal: money(row.principal)?,
            secured: money(row.secured)?,
            debt_to: row.debt_to.parse().map_err(Failure::bug)?,
            changes: serde_json::from_str(&row.changes).map_err(Failure::bug)?,
            agreements: Vec::new(),
            proposed_by: UserId(row.proposed_by),
            proposed_at: Moment::from_micros(row.proposed_at),
            version: row.version,
        })
    }
}

impl TryFrom<&Amendment> for pledge_amendments::Model {
    type Error = Failure;

    fn try_from(amendment: &Amendment) -> Result<Self, Failure> {
        let decided = amendment.state.decided();
        Ok(Self {
            id: amendment.id.0,
            pledge_id: amendment.pledge.0,
            kind: amendment.kind.as_str().to_owned(),
            number: amendment.state.number(),
            reason: amendment.reason.clone(),
            principal: amendment.principal.fen(),
            secured: amendment.secured.fen(),
            debt_to: amendment.debt_to.to_string(),
            changes: serde_json::to_string(&amendment.changes).map_err(Failure::bug)?,
            proposed_by: amendment.proposed_by.0,
            proposed_at: amendment.proposed_at.micros(),
            state: amendment.state.as_str().to_owned(),
            decided_by: decided.map(|(by, _)| by.0),
            decided_at: decided.map(|(_, at)| at.micros()),
            version: amendment.version,
        })
    }
}

/// Amendments of pledges, oldest first.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    pledges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Amendment>>, Failure> {
    let wanted = pledge_amendments::Column::PledgeId.is_in(pledges.iter().copied());
    let select = pledge_amendments::Entity::find().filter(wanted).order_by_asc(pledge_amendments::Column::Id);
    let mut found: HashMap<Uuid, Vec<Amendment>> = HashMap::new();
    for amendment in with_agreements(connection, select.all(connection).await?).await? {
        found.entry(amendment.pledge.0).or_default().push(amendment);
    }
    Ok(found)
}

/// Amendments of these rows, with those who have agreed to one that waits for others.
async fn with_agreements(
    connection: &impl ConnectionTrait,
    rows: Vec<pledge_amendments::Model>,
) -> Result<Vec<Amendment>, Failure> {
    let amended: Vec<Uuid> =
        rows.iter().filter(|row| row.kind == AmendmentKind::Amendment.as_str()).map(|row| row.id).collect();
    let mut agreements = if amended.is_empty() { HashMap::new() } else { agreements_of(connection, &amended).await? };
    let whole = |row: pledge_amendments::Model| {
        let agreements = agreements.remove(&row.id).unwrap_or_default();
        Ok(Amendment { agreements, ..row.try_into()? })
    };
    rows.into_iter().map(whole).collect()
}

/// Grams and fen by which liens have changed since they were registered.
pub async fn changes_of(
    connection: &impl ConnectionTrait,
    liens: &[Uuid],
) -> Result<HashMap<Uuid, (i64, i64)>, Failure> {
    let wanted = lien_changes::Column::LienId.is_in(liens.iter().copied());
    let mut sums: HashMap<Uuid, (i64, i64)> = HashMap::new();
    for row in lien_changes::Entity::find().filter(wanted).all(connection).await? {
        let sum = sums.entry(row.lien_id).or_default();
        let beyond = || Failure::bug("a lien has changed by more than the books can count");
        sum.0 = sum.0.checked_add(row.grams).ok_or_else(beyond)?;
        sum.1 = sum.1.checked_add(row.secured).ok_or_else(beyond)?;
    }
    Ok(sums)
}

/// A page of the amendments of a pledge, oldest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    pledge: PledgeId,
    page: &PageRequest,
) -> Result<Page<Amendment>, Failure> {
    let select = pledge_amendments::Entity::find().filter(pledge_amendments::Column::PledgeId.eq(pledge.0));
    let rows = rows::page(select, pledge_amendments::Column::Id, page).all(connection).await?;
    Ok(Page::cut(with_agreements(connection, rows).await?, page, |amendment| amendment.id.0))
}

/// Writes amendments whose pledges are locked.
pub async fn save(work: &Work, amendments: &[Amendment]) -> Result<(), Failure> {
    let rows = amendments.iter().map(pledge_amendments::Model::try_from).collect::<Result<Vec<_>, _>>()?;
    save_all::<pledge_amendments::Entity, pledge_amendments::ActiveModel>(work, rows).await
}

/// Writes what amendments that come into force change of liens that were there before.
pub async fn insert_changes(work: &Work, amendments: &[Amendment]) -> Result<(), Failure> {
    let rows = amendments.iter().flat_map(|amendment| {
        let things = amendment.changes.things.iter().filter(|change| change.added.is_none());
        let moved = things.filter(|change| change.grams != 0 || change.secured != 0);
        moved.map(|change| lien_changes::Model {
            id: ids::fresh(),
            lien_id: change.lien.0,
            amendment_id: amendment.id.0,
            grams: change.grams,
            secured: change.secured,
        })
    });
    insert_all::<lien_changes::Entity, lien_changes::ActiveModel>(work, rows.collect()).await
}
