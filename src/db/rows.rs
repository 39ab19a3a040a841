//! Sets of rows: what the stores of all capabilities use to insert, save, lock and page, always many at once. What is
//! written here is recorded as evidence by itself.

use crate::db::{Work, records};
use crate::kernel::Failure;
use crate::kernel::page::{Order, PageRequest};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    IdenStatic, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use uuid::Uuid;

/// Declares a table's entity: `entity!(sites, "sites", { #[sea_orm(primary_key, auto_increment = false)] id: Uuid, … })`.
#[macro_export]
macro_rules! entity {
    ($module:ident, $table:literal, { $($(#[$attribute:meta])* $field:ident : $type:ty),* $(,)? }) => {
        #[allow(missing_docs, clippy::allow_attributes, reason = "a row is what the migration documents")]
        pub mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model { $($(#[$attribute])* pub $field: $type),* }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

/// Values that one statement may bind; SQLite's limit is 32,766 and PostgreSQL's twice that.
const BOUND_VALUES: usize = 30_000;

fn chunk_of<E: EntityTrait>() -> usize {
    (BOUND_VALUES / E::Column::iter().count()).max(1)
}

/// Inserts new rows.
///
/// # Errors
/// What the database refuses, a broken constraint among it.
pub async fn insert_all<E, A>(work: &Work, rows: Vec<E::Model>) -> Result<(), Failure>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
    E::Model: IntoActiveModel<A> + ModelTrait<Entity = E>,
{
    rows.iter().try_for_each(|row| work.record(row))?;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(chunk_of::<E>()).map(IntoActiveModel::into_active_model).collect();
        E::insert_many(chunk).exec_without_returning(work.connection()).await?;
    }
    Ok(())
}

/// Writes rows that are new or have changed. The caller has them locked. A row that went through several versions in this
/// work stands there several times, oldest first: each leaves its evidence, and the last is written.
///
/// # Errors
/// What the database refuses.
pub async fn save_all<E, A>(work: &Work, rows: Vec<E::Model>) -> Result<(), Failure>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
    E::Model: IntoActiveModel<A> + ModelTrait<Entity = E>,
{
    rows.iter().try_for_each(|row| work.record(row))?;
    let keys = keys_of::<E>();
    let others = columns_beside::<E>(&keys);
    let mut rows = newest_of(rows)?.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(chunk_of::<E>()).map(IntoActiveModel::into_active_model).collect();
        let conflict = OnConflict::columns(keys.iter().copied()).update_columns(others.iter().copied()).to_owned();
        E::insert_many(chunk).on_conflict(conflict).exec_without_returning(work.connection()).await?;
    }
    Ok(())
}

/// Writes rows that live under the lock of another row, a part of a facility for example: the database counts their
/// versions, and those that say nothing new stay as they are and leave no evidence. What the rows carry as `version`
/// counts only where they are new.
///
/// # Errors
/// What the database refuses.
pub async fn put_all<E, A>(work: &Work, rows: Vec<E::Model>) -> Result<(), Failure>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
    E::Model: IntoActiveModel<A> + ModelTrait<Entity = E> + FromQueryResult,
{
    let table = E::default().table_name();
    let keys = keys_of::<E>();
    let others = columns_beside::<E>(&keys);
    let (version, values): (Vec<E::Column>, Vec<E::Column>) =
        others.into_iter().partition(|column| column.as_str() == "version");
    let next = version.into_iter().map(|column| (column, Expr::cust(format!("{table}.version + 1"))));
    let differs: Vec<String> = values
        .iter()
        .map(|column| format!("{table}.{name} IS DISTINCT FROM excluded.{name}", name = column.as_str()))
        .collect();
    let conflict = OnConflict::columns(keys)
        .update_columns(values)
        .values(next)
        .action_and_where(Expr::cust(differs.join(" OR ")))
        .to_owned();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(chunk_of::<E>()).map(IntoActiveModel::into_active_model).collect();
        let mut insert = E::insert_many(chunk).on_conflict(conflict.clone()).into_query();
        for written in work.connection().query_all(insert.returning_all()).await? {
            work.record(&E::Model::from_query_result(&written, "")?)?;
        }
    }
    Ok(())
}

fn keys_of<E: EntityTrait>() -> Vec<E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
}

fn columns_beside<E: EntityTrait>(keys: &[E::Column]) -> Vec<E::Column> {
    let is_key = |column: &E::Column| keys.iter().any(|key| key.as_str() == column.as_str());
    E::Column::iter().filter(|column| !is_key(column)).collect()
}

/// The last of the rows with each key, where the first of them stood.
fn newest_of<M: ModelTrait>(rows: Vec<M>) -> Result<Vec<M>, Failure> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut newest: Vec<M> = Vec::with_capacity(rows.len());
    for row in rows {
        match places.entry(records::key_of(&row)?) {
            Entry::Occupied(place) => newest[*place.get()] = row,
            Entry::Vacant(place) => {
                place.insert(newest.len());
                newest.push(row);
            }
        }
    }
    Ok(newest)
}

/// Locks rows in id order and reads them; those that are not there are simply missing.
///
/// Nobody ever changes a key, so the lock leaves foreign keys alone: a work that writes a row which refers to a locked one
/// (an offer to a site whose own offer is on its way) does not wait for it, and two that refer to each other's do not
/// lock each other out.
///
/// # Errors
/// A fault of the database.
pub async fn lock_all<E>(work: &Work, id: E::Column, ids: &[Uuid]) -> Result<Vec<E::Model>, Failure>
where
    E: EntityTrait,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = E::find().filter(id.is_in(ids.iter().copied())).order_by_asc(id).lock(LockType::NoKeyUpdate);
    Ok(rows.all(work.connection()).await?)
}

/// The same of a table that is history. PostgreSQL locks a row only for who may update it, and nobody may there; so the key itself is
/// locked until the work ends, by whoever reads the row to follow it up.
///
/// # Errors
/// A fault of the database.
pub async fn lock_history<E>(work: &Work, id: E::Column, ids: &[Uuid]) -> Result<Vec<E::Model>, Failure>
where
    E: EntityTrait,
{
    if work.backend() == DbBackend::Postgres {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        for id in ids {
            let key = vec![id.to_string().into()];
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            work.connection().query_one_raw(work.statement(sql, key)).await?;
        }
    }
    Ok(E::find().filter(id.is_in(ids.iter().copied())).order_by_asc(id).all(work.connection()).await?)
}

/// The rows of one page, and one more.
pub fn page<E: EntityTrait>(select: Select<E>, id: E::Column, request: &PageRequest) -> Select<E> {
    let select = match (request.after, request.order) {
        (None, _) => select,
        (Some(after), Order::Oldest) => select.filter(id.gt(after)),
        (Some(after), Order::Newest) => select.filter(id.lt(after)),
    };
    let sorted = match request.order {
        Order::Oldest => select.order_by_asc(id),
        Order::Newest => select.order_by_desc(id),
    };
    sorted.limit(request.fetch())
}
