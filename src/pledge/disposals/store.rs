//! Rows of disposals.

use super::{Buyer, Disposal, DisposalMode, DisposalState, Proceeds};
use crate::access::{Caller, Scope};
use crate::db::Work;
use crate::db::rows::{self, save_all};
use crate::entity;
use crate::kernel::ids::{
    AuctionLotId, DisposalId, LienId, OrganisationId, PledgeId, ProjectId, RightClassId, SiteId, UserId,
};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::parties::queries::in_area;
use crate::pledge::lien_parties::LienParties;
use crate::pledge::lien_parties::store::{of_liens, pledges_of_party};
use crate::pledge::lots::LotWin;
use crate::pledge::shares::{self, Payment};
use crate::pledge::store::{liens, money};
use accounting::{Price, Quantity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

entity!(disposals, "disposals", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    lien_id: Uuid,
    mode: String,
    document: String,
    settlement_bank_id: Uuid,
    buyer_site_id: Uuid,
    buyer_id: Uuid,
    buyer_area_path: String,
    project_id: Option<Uuid>,
    quantity: i64,
    unit_price: i64,
    total: i64,
    costs: i64,
    owed: i64,
    proposed_by: Uuid,
    proposed_at: i64,
    state: String,
    agreed_by: Option<Uuid>,
    agreed_at: Option<i64>,
    ended_by: Option<Uuid>,
    ended_at: Option<i64>,
    paid_costs: Option<i64>,
    paid_claim: Option<i64>,
    surplus: Option<i64>,
    version: i64,
    lot_id: Option<Uuid>,
    deposit: Option<i64>,
    settle_by: Option<String>,
    shortfall: Option<i64>,
});

fn state(row: &disposals::Model) -> Result<DisposalState, Failure> {
    let unknown = || Failure::bug(format!("disposal {} is {} without what that takes", row.id, row.state));
    let ended = || row.ended_by.map(UserId).zip(row.ended_at.map(Moment::from_micros)).ok_or_else(unknown);
    match row.state.as_str() {
        "proposed" => Ok(DisposalState::Proposed),
        "agreed" => Ok(DisposalState::Agreed),
        "settled" => {
            let ((by, at), paid) = (ended()?, paid(row, unknown)?);
            Ok(DisposalState::Settled { by, at, paid })
        }
        "forfeited" => {
            let ((by, at), paid) = (ended()?, paid(row, unknown)?);
            Ok(DisposalState::Forfeited { by, at, paid })
        }
        "declined" => ended().map(|(by, at)| DisposalState::Declined { by, at }),
        "withdrawn" => ended().map(|(by, at)| DisposalState::Withdrawn { by, at }),
        _ => Err(unknown()),
    }
}

/// What was paid out. What was still owed then stands in the row of a win, because others of its lot had paid of the claim before.
fn paid(row: &disposals::Model, unknown: impl Fn() -> Failure) -> Result<Proceeds, Failure> {
    let paid = |fen: Option<i64>| money(fen.ok_or_else(&unknown)?);
    let (claim, owed) = (paid(row.paid_claim)?, money(row.owed)?);
    let shortfall = match row.shortfall {
        Some(fen) => money(fen)?,
        None => owed.checked_sub(claim).ok_or_else(&unknown)?,
    };
    Ok(Proceeds { costs: paid(row.paid_costs)?, claim, surplus: paid(row.surplus)?, shortfall })
}

fn win(row: &disposals::Model) -> Result<Option<LotWin>, Failure> {
    let Some((lot, deposit)) = row.lot_id.zip(row.deposit) else { return Ok(None) };
    let settle_by = row.settle_by.as_ref().map(|day| day.parse()).transpose().map_err(Failure::bug)?;
    Ok(Some(LotWin { lot: AuctionLotId(lot), deposit: money(deposit)?, settle_by }))
}

fn disposal(row: &disposals::Model, parties: &LienParties, payments: Vec<Payment>) -> Result<Disposal, Failure> {
    Ok(Disposal {
        id: DisposalId(row.id),
        pledge: PledgeId(row.pledge_id),
        pledgor: parties.pledgor,
        area_path: parties.lien.area_path.clone(),
        pledgee: parties.pledgee,
        lien: LienId(row.lien_id),
        right_class: RightClassId(parties.lien.right_class_id),
        mode: DisposalMode::parse(&row.mode).ok_or_else(|| Failure::bug("a disposal by an unknown way"))?,
        document: row.document.clone(),
        settlement_bank: OrganisationId(row.settlement_bank_id),
        buyer: Buyer {
            site: SiteId(row.buyer_site_id),
            organisation: OrganisationId(row.buyer_id),
            area_path: row.buyer_area_path.clone(),
            project: row.project_id.map(ProjectId),
        },
        quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
        unit_price: Price::try_new(row.unit_price).map_err(Failure::bug)?,
        total: money(row.total)?,
        costs: money(row.costs)?,
        owed: money(row.owed)?,
        proposed_by: UserId(row.proposed_by),
        proposed_at: Moment::from_micros(row.proposed_at),
        agreed: row.agreed_by.map(UserId).zip(row.agreed_at.map(Moment::from_micros)),
        win: win(row)?,
        further: parties.further.clone(),
        payments,
        state: state(row)?,
        version: row.version,
    })
}

impl From<&Disposal> for disposals::Model {
    fn from(disposal: &Disposal) -> Self {
        let (ended, paid) = (disposal.state.ended(), disposal.state.paid());
        Self {
            id: disposal.id.0,
            pledge_id: disposal.pledge.0,
            lien_id: disposal.lien.0,
            mode: disposal.mode.as_str().to_owned(),
            document: disposal.document.clone(),
            settlement_bank_id: disposal.settlement_bank.0,
            buyer_site_id: disposal.buyer.site.0,
            buyer_id: disposal.buyer.organisation.0,
            buyer_area_path: disposal.buyer.area_path.clone(),
            project_id: disposal.buyer.project.map(|project| project.0),
            quantity: disposal.quantity.grams(),
            unit_price: disposal.unit_price.fen(),
            total: disposal.total.fen(),
            costs: disposal.costs.fen(),
            owed: disposal.owed.fen(),
            proposed_by: disposal.proposed_by.0,
            proposed_at: disposal.proposed_at.micros(),
            state: disposal.state.as_str().to_owned(),
            agreed_by: disposal.agreed.map(|(by, _)| by.0),
            agreed_at: disposal.agreed.map(|(_, at)| at.micros()),
            ended_by: ended.map(|(by, _)| by.0),
            ended_at: ended.map(|(_, at)| at.micros()),
            paid_costs: paid.map(|paid| paid.costs.fen()),
            paid_claim: paid.map(|paid| paid.claim.fen()),
            surplus: paid.map(|paid| paid.surplus.fen()),
            version: disposal.version,
            lot_id: disposal.win.map(|win| win.lot.0),
            deposit: disposal.win.map(|win| win.deposit.fen()),
            settle_by: disposal.win.and_then(|win| win.settle_by).map(|day| day.to_string()),
            shortfall: disposal.win.and(paid).map(|paid| paid.shortfall.fen()),
        }
    }
}

/// Disposals of these rows, with the parties of their pledges.
async fn with_parties(
    connection: &impl ConnectionTrait,
    rows: Vec<disposals::Model>,
) -> Result<Vec<Disposal>, Failure> {
    let liens: Vec<Uuid> = rows.iter().map(|row| row.lien_id).collect();
    let parties = of_liens(connection, &liens).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut payments = shares::store::payments_of(connection, &ids).await?;
    let mut whole = |row: &disposals::Model| {
        let parties = parties.get(&row.lien_id).ok_or_else(|| Failure::bug("a disposal of no lien"))?;
        disposal(row, parties, payments.remove(&row.id).unwrap_or_default())
    };
    rows.iter().map(&mut whole).collect()
}

/// Disposals of pledges, oldest first.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Disposal>>, Failure> {
    let wanted = disposals::Column::PledgeId.is_in(ids.iter().copied());
    let rows = disposals::Entity::find().filter(wanted).order_by_asc(disposals::Column::Id).all(connection).await?;
    let mut found: HashMap<Uuid, Vec<Disposal>> = HashMap::new();
    for disposal in with_parties(connection, rows).await? {
        found.entry(disposal.pledge.0).or_default().push(disposal);
    }
    Ok(found)
}

/// Disposals as they stand; whoever changes one has its pledge locked.
pub async fn find(
    connection: &impl ConnectionTrait,
    ids: &[DisposalId],
) -> Result<HashMap<DisposalId, Disposal>, Failure> {
    let wanted = disposals::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = disposals::Entity::find().filter(wanted).all(connection).await?;
    Ok(with_parties(connection, rows).await?.into_iter().map(|disposal| (disposal.id, disposal)).collect())
}

/// As [`Disposal::is_visible_to`] says.
fn visible(caller: &Caller) -> Condition {
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => {
            let on = QuerySelect::select_only(liens::Entity::find().filter(in_area(liens::Column::AreaPath, &path)));
            let own = disposals::Column::LienId.in_subquery(on.column(liens::Column::Id).into_query());
            Condition::any().add(in_area(disposals::Column::BuyerAreaPath, &path)).add(own)
        }
        Scope::Organisation { id } => Condition::any()
            .add(disposals::Column::BuyerId.eq(id.0))
            .add(disposals::Column::PledgeId.in_subquery(pledges_of_party(id))),
    }
}

/// A page of the disposals that the caller may see, of one pledge when asked, oldest first.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    pledge: Option<PledgeId>,
    page: &PageRequest,
) -> Result<Page<Disposal>, Failure> {
    let mut select = disposals::Entity::find().filter(visible(caller));
    if let Some(pledge) = pledge {
        select = select.filter(disposals::Column::PledgeId.eq(pledge.0));
    }
    let rows = rows::page(select, disposals::Column::Id, page).all(connection).await?;
    Ok(Page::cut(with_parties(connection, rows).await?, page, |disposal| disposal.id.0))
}

/// Writes disposals whose pledges are locked.
pub async fn save(work: &Work, saved: &[Disposal]) -> Result<(), Failure> {
    let rows = saved.iter().map(disposals::Model::from).collect();
    save_all::<disposals::Entity, disposals::ActiveModel>(work, rows).await
}
