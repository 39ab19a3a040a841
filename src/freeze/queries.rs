//! Reading freezes, always from who may see them: the holder, the bureaux in charge, the exchange, the auditor, and the buyer of what was
//! sold.

use super::freeze::Freeze;
use super::store::freezes::{self, Column};
use super::store::{self, PartExecution, freeze_executions, freeze_liftings};
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::ids::{FreezeId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::parties::queries::{in_area, parties_in};
use accounting::Holding;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(Column::AreaPath, path),
        Scope::Organisation { id } => {
            let bought = freeze_executions::Entity::find().filter(freeze_executions::Column::BuyerId.eq(id.0));
            let bought = QuerySelect::select_only(bought).column(freeze_executions::Column::FreezeId).into_query();
            let own = Condition::any().add(Column::OrganisationId.eq(id.0)).add(Column::BuyerId.eq(id.0));
            own.add(Column::Id.in_subquery(bought))
        }
    }
}

/// Which freezes are wanted.
#[derive(Debug, Clone, Default)]
pub struct FreezeFilter {
    /// On rights of this site.
    pub site: Option<SiteId>,
    /// By this document.
    pub document: Option<String>,
    /// In this state.
    pub state: Option<String>,
}

/// Freezes that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_freezes(
    db: &Db,
    scope: &Scope,
    filter: &FreezeFilter,
    page: &PageRequest,
) -> Result<Page<Freeze>, Failure> {
    let mut select = freezes::Entity::find().filter(visible(scope));
    if let Some(site) = filter.site {
        select = select.filter(Column::SiteId.eq(site.0));
    }
    if let Some(document) = &filter.document {
        select = select.filter(Column::Document.eq(document));
    }
    if let Some(state) = &filter.state {
        select = select.filter(Column::State.eq(state));
    }
    let rows = rows::page(select, Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Freeze::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |freeze| freeze.id.0))
}

/// A freeze that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_freeze(db: &Db, scope: &Scope, id: FreezeId) -> Result<Option<Freeze>, Failure> {
    let row = freezes::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(Freeze::try_from).transpose()
}

/// The parts of a freeze that were sold, oldest first; nothing when the caller may not know of it.
///
/// # Errors
/// A fault of the database.
pub async fn list_executions(
    db: &Db,
    scope: &Scope,
    id: FreezeId,
    page: &PageRequest,
) -> Result<Option<(Freeze, Page<PartExecution>)>, Failure> {
    let Some(freeze) = find_freeze(db, scope, id).await? else { return Ok(None) };
    // A buyer knows of what it has got itself, and not of what others have.
    let only_to = match scope {
        Scope::Organisation { id } if *id != freeze.organisation => Some(*id),
        _ => None,
    };
    Ok(Some((freeze, store::list_executions(db.reader(), id, only_to, page).await?)))
}

/// The freezes on a stock that were open at an instant, in the order of their record, each with what was ordered then in grams.
///
/// # Errors
/// A fault of the database.
pub async fn open_at(books: &impl ConnectionTrait, stock: Holding, at: Moment) -> Result<Vec<(Freeze, i64)>, Failure> {
    let is_open = Condition::any().add(Column::EndedAt.is_null()).add(Column::EndedAt.gt(at.micros()));
    let select = freezes::Entity::find()
        .filter(Column::SiteId.eq(stock.owner.0))
        .filter(Column::RightClassId.eq(stock.asset.0))
        .filter(Column::RecordedAt.lte(at.micros()))
        .filter(is_open)
        .order_by_asc(Column::RecordedAt)
        .order_by_asc(Column::Id);
    let rows = select.all(books).await?;
    let later = freeze_liftings::Entity::find()
        .filter(freeze_liftings::Column::FreezeId.is_in(rows.iter().map(|row| row.id)))
        .filter(freeze_liftings::Column::LiftedAt.gt(at.micros()));
    let sold = freeze_executions::Entity::find()
        .filter(freeze_executions::Column::FreezeId.is_in(rows.iter().map(|row| row.id)))
        .filter(freeze_executions::Column::ExecutedAt.gt(at.micros()));
    let mut later: Vec<(Uuid, i64)> =
        later.all(books).await?.into_iter().map(|part| (part.freeze_id, part.quantity)).collect();
    later.extend(sold.all(books).await?.into_iter().map(|part| (part.freeze_id, part.quantity)));
    let ordered = |row: freezes::Model| {
        let over: i64 = later.iter().filter(|(freeze, _)| *freeze == row.id).map(|(_, grams)| grams).sum();
        let ordered = row.quantity.saturating_add(over);
        Ok((Freeze::try_from(row)?, ordered))
    };
    rows.into_iter().map(ordered).collect()
}

/// Whose rights are frozen and who has recorded it, by the ids of freezes.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_freezes(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<freezes::Entity>(books, Column::Id, &[Column::OrganisationId, Column::RecorderId], ids).await
}
