//! Rows of transfers.

use super::{ClaimTransfer, TransferState};
use crate::access::{Caller, Scope};
use crate::db::Work;
use crate::db::rows::{self, insert_all, save_all};
use crate::entity;
use crate::kernel::ids::{ClaimTransferId, OrganisationId, PledgeId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::pledge::store::pledges;
use claim_transfers::Column;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

entity!(claim_transfers, "claim_transfers", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    pledgor_id: Uuid,
    from_id: Uuid,
    to_id: Uuid,
    document: String,
    proposed_by: Uuid,
    proposed_at: i64,
    state: String,
    ended_by: Option<Uuid>,
    ended_at: Option<i64>,
    version: i64,
});

impl From<&ClaimTransfer> for claim_transfers::Model {
    fn from(transfer: &ClaimTransfer) -> Self {
        Self {
            id: transfer.id.0,
            pledge_id: transfer.pledge.0,
            pledgor_id: transfer.pledgor.0,
            from_id: transfer.from.0,
            to_id: transfer.to.0,
            document: transfer.document.clone(),
            proposed_by: transfer.proposed_by.0,
            proposed_at: transfer.proposed_at.micros(),
            state: transfer.state.as_str().to_owned(),
            ended_by: transfer.ended.map(|(by, _)| by.0),
            ended_at: transfer.ended.map(|(_, at)| at.micros()),
            version: transfer.version,
        }
    }
}

/// Transfers of these rows, with the numbers of their pledges.
async fn with_numbers(
    books: &impl ConnectionTrait,
    rows: Vec<claim_transfers::Model>,
) -> Result<Vec<ClaimTransfer>, Failure> {
    let ids = rows.iter().map(|row| row.pledge_id);
    let heads = pledges::Entity::find().filter(pledges::Column::Id.is_in(ids)).all(books).await?;
    let numbers: HashMap<Uuid, Option<String>> = heads.into_iter().map(|head| (head.id, head.number)).collect();
    let transfer = |row: claim_transfers::Model| {
        let number = numbers.get(&row.pledge_id).cloned().flatten();
        let state = TransferState::parse(&row.state);
        Ok(ClaimTransfer {
            id: ClaimTransferId(row.id),
            pledge: PledgeId(row.pledge_id),
            number: number.ok_or_else(|| Failure::bug("a transfer of an unregistered pledge"))?,
            pledgor: OrganisationId(row.pledgor_id),
            from: OrganisationId(row.from_id),
            to: OrganisationId(row.to_id),
            document: row.document,
            proposed_by: UserId(row.proposed_by),
            proposed_at: Moment::from_micros(row.proposed_at),
            state: state.ok_or_else(|| Failure::bug("a transfer in an unknown state"))?,
            ended: row.ended_by.map(UserId).zip(row.ended_at.map(Moment::from_micros)),
            version: row.version,
        })
    };
    rows.into_iter().map(transfer).collect()
}

/// As [`ClaimTransfer::is_visible_to`] says.
fn visible(caller: &Caller) -> Condition {
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { .. } => Condition::all().add(Column::Id.is_null()),
        Scope::Organisation { id } => {
            Condition::any().add(Column::PledgorId.eq(id.0)).add(Column::FromId.eq(id.0)).add(Column::ToId.eq(id.0))
        }
    }
}

/// A page of the transfers that the caller may see, of one pledge when asked, oldest first.
pub async fn list(
    books: &impl ConnectionTrait,
    caller: &Caller,
    pledge: Option<PledgeId>,
    page: &PageRequest,
) -> Result<Page<ClaimTransfer>, Failure> {
    let mut select = claim_transfers::Entity::find().filter(visible(caller));
    if let Some(pledge) = pledge {
        select = select.filter(Column::PledgeId.eq(pledge.0));
    }
    let found = rows::page(select, Column::Id, page).all(books).await?;
    Ok(Page::cut(with_numbers(books, found).await?, page, |transfer| transfer.id.0))
}

/// Transfers as they stand; whoever changes one has its pledge locked.
pub async fn find(
    books: &impl ConnectionTrait,
    ids: &[ClaimTransferId],
) -> Result<HashMap<ClaimTransferId, ClaimTransfer>, Failure> {
    let wanted = Column::Id.is_in(ids.iter().map(|id| id.0));
    let found = claim_transfers::Entity::find().filter(wanted).all(books).await?;
    Ok(with_numbers(books, found).await?.into_iter().map(|transfer| (transfer.id, transfer)).collect())
}

/// Which of these pledges have a transfer that waits. They are locked.
pub async fn open_of(work: &Work, ids: &[PledgeId]) -> Result<BTreeSet<PledgeId>, Failure> {
    let open = claim_transfers::Entity::find()
        .filter(Column::PledgeId.is_in(ids.iter().map(|id| id.0)))
        .filter(Column::State.eq(TransferState::Proposed.as_str()));
    Ok(open.all(work.connection()).await?.into_iter().map(|row| PledgeId(row.pledge_id)).collect())
}

/// Who were pledgees of these pledges before a transfer, with the instants until which they were.
pub async fn former(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(OrganisationId, Moment)>>, Failure> {
    let accepted = claim_transfers::Entity::find()
        .filter(Column::PledgeId.is_in(ids.iter().copied()))
        .filter(Column::State.eq(TransferState::Accepted.as_str()));
    let mut found: HashMap<Uuid, Vec<(OrganisationId, Moment)>> = HashMap::new();
    for row in accepted.all(books).await? {
        let until = row.ended_at.map(Moment::from_micros).ok_or_else(|| Failure::bug("accepted, and not ended"))?;
        found.entry(row.pledge_id).or_default().push((OrganisationId(row.from_id), until));
    }
    for former in found.values_mut() {
        former.sort_by_key(|(_, until)| *until);
    }
    Ok(found)
}

pub async fn insert(work: &Work, new: &[ClaimTransfer]) -> Result<(), Failure> {
    let rows = new.iter().map(claim_transfers::Model::from).collect();
    insert_all::<claim_transfers::Entity, claim_transfers::ActiveModel>(work, rows).await
}

/// Writes transfers whose pledges are locked.
pub async fn save(work: &Work, saved: &[ClaimTransfer]) -> Result<(), Failure> {
    let rows = saved.iter().map(claim_transfers::Model::from).collect();
    save_all::<claim_transfers::Entity, claim_transfers::ActiveModel>(work, rows).await
}
