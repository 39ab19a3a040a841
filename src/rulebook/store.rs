//! Rows of rulebooks.

use super::rule::{Rule, Rulebook};
use crate::db::records::Covered;
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::Failure;
use crate::kernel::ids::RulebookId;
use crate::kernel::page::PageRequest;
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

entity!(rulebooks, "rulebooks", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    jurisdiction: String,
    edition: i64,
    effective_from: String,
    adopted_by: Uuid,
    adopted_at: i64,
});

entity!(rulebook_rules, "rulebook_rules", {
    #[sea_orm(primary_key, auto_increment = false)]
    rulebook_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    value: Option<String>,
    legal_basis: Option<String>,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<rulebooks::Entity>(), Covered::of::<rulebook_rules::Entity>()];

/// Writes a version.
pub async fn insert(work: &Work, rulebook: &Rulebook) -> Result<(), Failure> {
    let head = rulebooks::Model {
        id: rulebook.id.0,
        jurisdiction: rulebook.jurisdiction.clone(),
        edition: rulebook.version,
        effective_from: rulebook.effective_from.to_string(),
        adopted_by: work.caller().user.0,
        adopted_at: work.now().micros(),
    };
    let rules = rulebook.rules.iter().map(|(name, rule)| rulebook_rules::Model {
        rulebook_id: rulebook.id.0,
        name: name.clone(),
        value: rule.value.clone(),
        legal_basis: rule.legal_basis.clone(),
    });
    rows::insert_all::<rulebooks::Entity, rulebooks::ActiveModel>(work, vec![head]).await?;
    rows::insert_all::<rulebook_rules::Entity, rulebook_rules::ActiveModel>(work, rules.collect()).await
}

/// The newest version of any.
pub async fn newest_version(connection: &impl ConnectionTrait, jurisdiction: &str) -> Result<i64, Failure> {
    let found = rulebooks::Entity::find()
        .filter(rulebooks::Column::Jurisdiction.eq(jurisdiction))
        .order_by_desc(rulebooks::Column::Edition)
        .one(connection)
        .await?;
    Ok(found.map_or(0, |row| row.edition))
}

/// The newest version that applies on a day.
pub async fn find_on(connection: &impl ConnectionTrait, day: Date) -> Result<Option<Rulebook>, Failure> {
    let found = rulebooks::Entity::find()
        .filter(rulebooks::Column::EffectiveFrom.lte(day.to_string()))
        .order_by_desc(rulebooks::Column::EffectiveFrom)
        .order_by_desc(rulebooks::Column::Edition)
        .one(connection)
        .await?;
    Ok(whole(connection, found.into_iter().collect()).await?.pop())
}

/// The version that applies on a day, and of each later day from which another one applies the newest; in the order of these days.
pub async fn applying_from(connection: &impl ConnectionTrait, day: Date) -> Result<Vec<Rulebook>, Failure> {
    let later = rulebooks::Entity::find()
        .filter(rulebooks::Column::EffectiveFrom.gt(day.to_string()))
        .order_by_asc(rulebooks::Column::Edition)
        .all(connection)
        .await?;
    let newest: BTreeMap<String, rulebooks::Model> =
        later.into_iter().map(|head| (head.effective_from.clone(), head)).collect();
    let mut applying: Vec<Rulebook> = find_on(connection, day).await?.into_iter().collect();
    applying.extend(whole(connection, newest.into_values().collect()).await?);
    Ok(applying)
}

/// A version by its id.
pub async fn find_version(connection: &impl ConnectionTrait, id: RulebookId) -> Result<Option<Rulebook>, Failure> {
    let found = rulebooks::Entity::find_by_id(id.0).one(connection).await?;
    Ok(whole(connection, found.into_iter().collect()).await?.pop())
}

/// Whether a switch of the version that applies on a day is on.
pub async fn is_on(connection: &impl ConnectionTrait, day: Date, name: &str) -> Result<bool, Failure> {
    let sql = "SELECT value FROM rulebook_rules WHERE name = $1 AND rulebook_id = (SELECT id FROM rulebooks \
               WHERE effective_from <= $2 ORDER BY effective_from DESC, edition DESC LIMIT 1)";
    let values = [name.into(), day.to_string().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let found = connection.query_one_raw(statement).await?;
    let value: Option<String> = found.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    Ok(value.as_deref() == Some("on"))
}

/// A page of versions in the order of adoption, with one more than is shown.
pub async fn list(connection: &impl ConnectionTrait, page: &PageRequest) -> Result<Vec<Rulebook>, Failure> {
    let heads = rows::page(rulebooks::Entity::find(), rulebooks::Column::Id, page).all(connection).await?;
    whole(connection, heads).await
}

/// Versions with their rules.
async fn whole(connection: &impl ConnectionTrait, heads: Vec<rulebooks::Model>) -> Result<Vec<Rulebook>, Failure> {
    let ids = heads.iter().map(|head| head.id);
    let found =
        rulebook_rules::Entity::find().filter(rulebook_rules::Column::RulebookId.is_in(ids)).all(connection).await?;
    let mut rules: HashMap<Uuid, BTreeMap<String, Rule>> = HashMap::new();
    for row in found {
        let rule = Rule { value: row.value, legal_basis: row.legal_basis };
        rules.entry(row.rulebook_id).or_default().insert(row.name, rule);
    }
    let read = |head: rulebooks::Model| {
        Ok(Rulebook {
            rules: rules.remove(&head.id).unwrap_or_default(),
            id: RulebookId(head.id),
            jurisdiction: head.jurisdiction,
            version: head.edition,
            effective_from: head.effective_from.parse().map_err(Failure::bug)?,
        })
    };
    heads.into_iter().map(read).collect()
}
