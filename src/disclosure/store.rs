//! Rows of publications.

use super::publication::{Publication, PublicationState, Step};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{PublicationId, RulebookId, TradeId, UserId};
use crate::kernel::{Failure, Moment};
use jiff::ToSpan;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

entity!(publications, "publications", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    subject_id: Uuid,
    area_path: String,
    settled_on: String,
    due_on: Option<String>,
    rulebook_id: Option<Uuid>,
    made_at: i64,
    state: String,
    published_at: Option<i64>,
    published_by: Option<Uuid>,
    withdrawn_at: Option<i64>,
    withdrawn_by: Option<Uuid>,
    reason: Option<String>,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<publications::Entity>()];

/// The only kind of result so far.
const TRADE: &str = "trade";

/// A settled trade that has no publication yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    pub trade: TradeId,
    pub area_path: String,
    pub settled_on: Date,
}

/// How far back from the newest publication a trade is looked for: a work that settles one commits within moments, so two days are
/// long.
const LOOKED_BACK: i64 = 2;

/// Settled trades without a publication, oldest day first.
pub async fn unpublished(work: &Work, most: u64) -> Result<Vec<Unpublished>, Failure> {
    let newest = work.statement("SELECT MAX(settled_on) AS newest FROM publications", Vec::new());
    let newest = work.connection().query_one_raw(newest).await?;
    let newest: Option<String> = newest.map(|row| row.try_get("", "newest")).transpose()?.flatten();
    let newest: Option<Date> = newest.map(|day| day.parse()).transpose().map_err(Failure::bug)?;
    let from = newest.and_then(|day| day.checked_sub(LOOKED_BACK.days()).ok()).unwrap_or(Date::ZERO);
    let sql = format!(
        "SELECT s.trade_id, s.area_path, s.settled_on FROM settled_trades s WHERE s.settled_on >= $1 \
         AND NOT EXISTS (SELECT 1 FROM publications p WHERE p.subject_id = s.trade_id) \
         ORDER BY s.settled_on, s.trade_id LIMIT {most}"
    );
    let rows = work.connection().query_all_raw(work.statement(&sql, vec![from.to_string().into()])).await?;
    let read = |row: &QueryResult| -> Result<Unpublished, Failure> {
        let settled_on: String = row.try_get("", "settled_on")?;
        Ok(Unpublished {
            trade: TradeId(row.try_get("", "trade_id")?),
            area_path: row.try_get("", "area_path")?,
            settled_on: settled_on.parse().map_err(Failure::bug)?,
        })
    };
    rows.iter().map(read).collect()
}

impl TryFrom<publications::Model> for Publication {
    type Error = Failure;

    fn try_from(row: publications::Model) -> Result<Self, Failure> {
        let step = |by: Option<Uuid>, at: Option<i64>| {
            by.zip(at).map(|(by, at)| Step { by: UserId(by), at: Moment::from_micros(at) })
        };
        let (published, withdrawn) =
            (step(row.published_by, row.published_at), step(row.withdrawn_by, row.withdrawn_at));
        let state = match (row.state.as_str(), published, withdrawn, row.reason) {
            ("due", None, None, None) => PublicationState::Due,
            ("published", Some(published), None, None) => PublicationState::Published { published },
            ("withdrawn", Some(published), Some(withdrawn), Some(reason)) => {
                PublicationState::Withdrawn { published, withdrawn, reason }
            }
            _ => return Err(Failure::bug("a publication lacks what its state says")),
        };
        Ok(Self {
            id: PublicationId(row.id),
            trade: TradeId(row.subject_id),
            area_path: row.area_path,
            settled_on: row.settled_on.parse().map_err(Failure::bug)?,
            due_on: row.due_on.map(|day| day.parse()).transpose().map_err(Failure::bug)?,
            rulebook: row.rulebook_id.map(RulebookId),
            made_at: Moment::from_micros(row.made_at),
            state,
            version: row.version,
        })
    }
}

impl From<Publication> for publications::Model {
    fn from(publication: Publication) -> Self {
        let state = publication.state.as_str().to_owned();
        let (published, withdrawn, reason) = match publication.state {
            PublicationState::Due => (None, None, None),
            PublicationState::Published { published } => (Some(published), None, None),
            PublicationState::Withdrawn { published, withdrawn, reason } => {
                (Some(published), Some(withdrawn), Some(reason))
            }
        };
        Self {
            id: publication.id.0,
            kind: TRADE.to_owned(),
            subject_id: publication.trade.0,
            area_path: publication.area_path,
            settled_on: publication.settled_on.to_string(),
            due_on: publication.due_on.map(|day| day.to_string()),
            rulebook_id: publication.rulebook.map(|rulebook| rulebook.0),
            made_at: publication.made_at.micros(),
            state,
            published_at: published.map(|step| step.at.micros()),
            published_by: published.map(|step| step.by.0),
            withdrawn_at: withdrawn.map(|step| step.at.micros()),
            withdrawn_by: withdrawn.map(|step| step.by.0),
            reason,
            version: publication.version,
        }
    }
}

pub async fn insert(work: &Work, publications: &[Publication]) -> Result<(), Failure> {
    let rows = publications.iter().cloned().map(publications::Model::from).collect();
    insert_all::<publications::Entity, publications::ActiveModel>(work, rows).await
}

pub async fn save(work: &Work, publications: &[Publication]) -> Result<(), Failure> {
    let rows = publications.iter().cloned().map(publications::Model::from).collect();
    save_all::<publications::Entity, publications::ActiveModel>(work, rows).await
}

pub async fn lock(work: &Work, ids: &[PublicationId]) -> Result<Vec<Publication>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<publications::Entity>(work, publications::Column::Id, &ids).await?;
    rows.into_iter().map(Publication::try_from).collect()
}
