//! Rows of freezes.

use super::freeze::{Execution, Freeze, FreezeState, LiftCause, Lifting};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{self, insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{FreezeExecutionId, FreezeId, FreezeLiftingId, OrganisationId, RightClassId, SiteId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use accounting::{Holding, Price, Quantity};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

entity!(freezes, "freezes", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    document: String,
    court: String,
    rank: i64,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    right_class_id: Uuid,
    quantity: i64,
    taken: i64,
    until: Option<String>,
    recorded_by: Uuid,
    recorder_id: Uuid,
    recorded_at: i64,
    state: String,
    ended_at: Option<i64>,
    cause: Option<String>,
    ended_document: Option<String>,
    buyer_site_id: Option<Uuid>,
    buyer_id: Option<Uuid>,
    unit_price: Option<i64>,
    warnings: Option<String>,
    version: i64,
});

entity!(freeze_liftings, "freeze_liftings", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    freeze_id: Uuid,
    quantity: i64,
    document: String,
    lifted_by: Uuid,
    lifted_at: i64,
    freed: Option<i64>,
});

entity!(freeze_executions, "freeze_executions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    freeze_id: Uuid,
    quantity: i64,
    document: String,
    buyer_site_id: Uuid,
    buyer_id: Uuid,
    unit_price: i64,
    warnings: Option<String>,
    executed_by: Uuid,
    executed_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<freezes::Entity>(),
    Covered::of::<freeze_liftings::Entity>(),
    Covered::of::<freeze_executions::Entity>(),
];

/// The states in which a freeze holds or waits.
const OPEN: [&str; 2] = ["waiting", "in_force"];

fn state(row: &freezes::Model) -> Result<FreezeState, Failure> {
    let unknown = || Failure::bug(format!("freeze {} is {} without what that takes", row.id, row.state));
    let at = || row.ended_at.map(Moment::from_micros).ok_or_else(unknown);
    match row.state.as_str() {
        "waiting" => Ok(FreezeState::Waiting),
        "in_force" => Ok(FreezeState::InForce),
        "lifted" => Ok(FreezeState::Lifted(Lifting {
            cause: row.cause.as_deref().and_then(LiftCause::parse).ok_or_else(unknown)?,
            document: row.ended_document.clone(),
            at: at()?,
        })),
        "executed" => Ok(FreezeState::Executed(Execution {
            document: row.ended_document.clone().ok_or_else(unknown)?,
            buyer: row.buyer_site_id.map(SiteId).ok_or_else(unknown)?,
            buyer_organisation: row.buyer_id.map(OrganisationId).ok_or_else(unknown)?,
            unit_price: Price::try_new(row.unit_price.ok_or_else(unknown)?).map_err(Failure::bug)?,
            warnings: row.warnings.iter().flat_map(|codes| codes.split(' ')).map(str::to_owned).collect(),
            at: at()?,
        })),
        _ => Err(unknown()),
    }
}

impl TryFrom<freezes::Model> for Freeze {
    type Error = Failure;

    fn try_from(row: freezes::Model) -> Result<Self, Failure> {
        Ok(Self {
            state: state(&row)?,
            id: FreezeId(row.id),
            document: row.document,
            court: row.court,
            rank: row.rank,
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            right_class: RightClassId(row.right_class_id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            taken: row.taken,
            until: row.until.map(|day| day.parse().map_err(Failure::bug)).transpose()?,
            recorded_by: UserId(row.recorded_by),
            recorder: OrganisationId(row.recorder_id),
            recorded_at: Moment::from_micros(row.recorded_at),
            version: row.version,
        })
    }
}

impl From<&Freeze> for freezes::Model {
    fn from(freeze: &Freeze) -> Self {
        let (lifting, execution) = match &freeze.state {
            FreezeState::Lifted(lifting) => (Some(lifting), None),
            FreezeState::Executed(execution) => (None, Some(execution)),
            FreezeState::Waiting | FreezeState::InForce => (None, None),
        };
        let ended_document = lifting.and_then(|lifting| lifting.document.clone());
        let warnings = execution.and_then(|execution| joined(&execution.warnings));
        Self {
            id: freeze.id.0,
            document: freeze.document.clone(),
            court: freeze.court.clone(),
            rank: freeze.rank,
            site_id: freeze.site.0,
            organisation_id: freeze.organisation.0,
            area_path: freeze.area_path.clone(),
            right_class_id: freeze.right_class.0,
            quantity: freeze.quantity.grams(),
            taken: freeze.taken,
            until: freeze.until.map(|day| day.to_string()),
            recorded_by: freeze.recorded_by.0,
            recorder_id: freeze.recorder.0,
            recorded_at: freeze.recorded_at.micros(),
            state: freeze.state.as_str().to_owned(),
            ended_at: lifting.map(|lifting| lifting.at).or(execution.map(|execution| execution.at)).map(Moment::micros),
            cause: lifting.map(|lifting| lifting.cause.as_str().to_owned()),
            ended_document: ended_document.or_else(|| execution.map(|execution| execution.document.clone())),
            buyer_site_id: execution.map(|execution| execution.buyer.0),
            buyer_id: execution.map(|execution| execution.buyer_organisation.0),
            unit_price: execution.map(|execution| execution.unit_price.fen()),
            warnings,
            version: freeze.version,
        }
    }
}

pub async fn insert(work: &Work, freeze: &Freeze) -> Result<(), Failure> {
    insert_all::<freezes::Entity, freezes::ActiveModel>(work, vec![freeze.into()]).await
}

/// Writes that a part of a freeze was lifted, and how many grams of it the freeze had held.
pub async fn insert_lifting(
    work: &Work,
    freeze: FreezeId,
    (part, freed): (Quantity, i64),
    document: &str,
) -> Result<(), Failure> {
    let row = freeze_liftings::Model {
        id: FreezeLiftingId::fresh().0,
        freeze_id: freeze.0,
        quantity: part.grams(),
        document: document.to_owned(),
        lifted_by: work.caller().user.0,
        lifted_at: work.now().micros(),
        freed: Some(freed),
    };
    insert_all::<freeze_liftings::Entity, freeze_liftings::ActiveModel>(work, vec![row]).await
}

/// A part of what a freeze held that was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartExecution {
    /// Its identity.
    pub id: FreezeExecutionId,
    /// How much.
    pub quantity: Quantity,
    /// To whom, by which document, at what price, and what stood against it.
    pub execution: Execution,
}

fn joined(warnings: &[String]) -> Option<String> {
    Some(warnings.join(" ")).filter(|codes| !codes.is_empty())
}

/// Writes that a part of what a freeze held was sold.
pub async fn insert_execution(
    work: &Work,
    freeze: FreezeId,
    part: Quantity,
    execution: &Execution,
) -> Result<(), Failure> {
    let row = freeze_executions::Model {
        id: FreezeExecutionId::fresh().0,
        freeze_id: freeze.0,
        quantity: part.grams(),
        document: execution.document.clone(),
        buyer_site_id: execution.buyer.0,
        buyer_id: execution.buyer_organisation.0,
        unit_price: execution.unit_price.fen(),
        warnings: joined(&execution.warnings),
        executed_by: work.caller().user.0,
        executed_at: execution.at.micros(),
    };
    insert_all::<freeze_executions::Entity, freeze_executions::ActiveModel>(work, vec![row]).await
}

/// A page of the parts of a freeze that were sold, to one buyer when asked, oldest first.
pub async fn list_executions(
    books: &impl ConnectionTrait,
    freeze: FreezeId,
    to: Option<OrganisationId>,
    page: &PageRequest,
) -> Result<Page<PartExecution>, Failure> {
    use freeze_executions::Column;
    let mut select = freeze_executions::Entity::find().filter(Column::FreezeId.eq(freeze.0));
    if let Some(buyer) = to {
        select = select.filter(Column::BuyerId.eq(buyer.0));
    }
    let part = |row: freeze_executions::Model| {
        Ok::<_, Failure>(PartExecution {
            id: FreezeExecutionId(row.id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            execution: Execution {
                document: row.document,
                buyer: SiteId(row.buyer_site_id),
                buyer_organisation: OrganisationId(row.buyer_id),
                unit_price: Price::try_new(row.unit_price).map_err(Failure::bug)?,
                warnings: row.warnings.iter().flat_map(|codes| codes.split(' ')).map(str::to_owned).collect(),
                at: Moment::from_micros(row.executed_at),
            },
        })
    };
    let rows = rows::page(select, Column::Id, page).all(books).await?;
    let parts = rows.into_iter().map(part).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(parts, page, |part| part.id.0))
}

/// Writes freezes that are locked.
pub async fn save(work: &Work, changed: &[Freeze]) -> Result<(), Failure> {
    let rows = changed.iter().map(freezes::Model::from).collect();
    save_all::<freezes::Entity, freezes::ActiveModel>(work, rows).await
}

/// A freeze as it stands, without a lock: for what never changes in it.
pub async fn find(work: &Work, id: FreezeId) -> Result<Option<Freeze>, Failure> {
    freezes::Entity::find_by_id(id.0).one(work.connection()).await?.map(Freeze::try_from).transpose()
}

/// Locks freezes in id order.
pub async fn lock(work: &Work, ids: &[Uuid]) -> Result<Vec<Freeze>, Failure> {
    let rows = lock_all::<freezes::Entity>(work, freezes::Column::Id, ids).await?;
    rows.into_iter().map(Freeze::try_from).collect()
}

/// Locks the open freezes of these stocks, and those named besides, in id order.
pub async fn lock_open_on(work: &Work, stocks: &[Holding], besides: &[FreezeId]) -> Result<Vec<Freeze>, Failure> {
    let on = freezes::Entity::find()
        .filter(freezes::Column::SiteId.is_in(stocks.iter().map(|stock| stock.owner.0)))
        .filter(freezes::Column::RightClassId.is_in(stocks.iter().map(|stock| stock.asset.0)))
        .filter(freezes::Column::State.is_in(OPEN));
    // The two lists name more pairs than were asked for.
    let is_on = |row: &freezes::Model| {
        stocks.iter().any(|stock| (stock.owner.0, stock.asset.0) == (row.site_id, row.right_class_id))
    };
    let found = on.all(work.connection()).await?.into_iter().filter(is_on).map(|row| row.id);
    let ids: Vec<Uuid> = found.chain(besides.iter().map(|id| id.0)).collect();
    if ids.is_empty() { Ok(Vec::new()) } else { lock(work, &ids).await }
}

/// Open freezes whose last day was before a day.
pub async fn run_out(work: &Work, today: Date, most: u64) -> Result<Vec<FreezeId>, Failure> {
    let over = freezes::Entity::find()
        .filter(freezes::Column::State.is_in(OPEN))
        .filter(freezes::Column::Until.lt(today.to_string()))
        .order_by_asc(freezes::Column::Id)
        .limit(most);
    Ok(over.all(work.connection()).await?.into_iter().map(|row| FreezeId(row.id)).collect())
}

/// Whether it waits or holds.
pub fn is_open(freeze: &Freeze) -> bool {
    OPEN.contains(&freeze.state.as_str())
}
