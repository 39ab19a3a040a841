//! Reading the access log: the looks under consents and all other reads in one list.

use super::store::reads;
use crate::db::{Db, rows};
use crate::kernel::ids::OrganisationId;
use crate::kernel::page::{Order, Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::parties::consent::{ENCUMBRANCES, TRADES};
use crate::parties::queries::{self, LookFilter};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// What a look under a consent shows.
const LOOK: &str = "POST /api/v1/consents/{id}/look";
/// A page of the trades under a consent, as the contract names it.
const TRADES_SEEN: &str = "GET /api/v1/consents/{id}/trades";
/// A search under a consent.
const SEARCH: &str = "POST /api/v1/encumbrance-searches";

/// Which reads are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadFilter {
    /// Whose data was read.
    pub organisation: Option<Uuid>,
    /// Who read.
    pub reader: Option<Uuid>,
}

/// Somebody has read an organisation's data.
#[derive(Debug, Clone)]
pub struct ReadRecord {
    /// Its identity.
    pub id: Uuid,
    /// Whose data.
    pub organisation: Uuid,
    /// Who read.
    pub reader: Uuid,
    /// For whom they stood in.
    pub principal: Option<Uuid>,
    /// The reader's organisation.
    pub reader_organisation: Uuid,
    /// Its name.
    pub reader_organisation_name: String,
    /// Which operation.
    pub operation: String,
    /// Path and query as they were asked.
    pub asked: String,
    /// Under which consent.
    pub consent: Option<Uuid>,
    /// How often.
    pub times: i64,
    /// When it was first read.
    pub first_at: Moment,
    /// When it was last read.
    pub last_at: Moment,
}

/// The log in the order in which it was written, or the other way round.
///
/// # Errors
/// A fault of the database.
pub async fn list(db: &Db, filter: ReadFilter, page: &PageRequest) -> Result<Page<ReadRecord>, Failure> {
    let mut select = reads::Entity::find();
    if let Some(organisation) = filter.organisation {
        select = select.filter(reads::Column::OrganisationId.eq(organisation));
    }
    if let Some(reader) = filter.reader {
        select = select.filter(reads::Column::ReaderId.eq(reader));
    }
    let found = rows::page(select, reads::Column::Id, page).all(db.reader()).await?;
    let mut records: Vec<ReadRecord> = found.into_iter().map(ReadRecord::from).collect();
    let looks = LookFilter { organisation: filter.organisation, reader: filter.reader };
    for look in queries::list_looks(db.reader(), looks, page).await? {
        let operation = match look.what.as_str() {
            ENCUMBRANCES => SEARCH,
            TRADES => TRADES_SEEN,
            _ => LOOK,
        };
        records.push(ReadRecord {
            id: look.id,
            organisation: look.organisation.0,
            reader: look.reader,
            principal: None,
            reader_organisation: look.pledgee.0,
            reader_organisation_name: String::new(),
            operation: operation.to_owned(),
            asked: path_of(operation).replace("{id}", &look.consent.to_string()),
            consent: Some(look.consent),
            times: 1,
            first_at: look.recorded_at,
            last_at: look.recorded_at,
        });
    }
    // Each of the two is a page of its own; the first of both together are the page.
    records.sort_by_key(|record| record.id);
    if page.order == Order::Newest {
        records.reverse();
    }
    records.truncate(usize::try_from(page.fetch()).unwrap_or(usize::MAX));
    name(db, &mut records).await?;
    Ok(Page::cut(records, page, |record| record.id))
}

/// The path of an operation, without its method.
fn path_of(operation: &str) -> &str {
    operation.split_once(' ').map_or(operation, |(_, path)| path)
}

async fn name(db: &Db, records: &mut [ReadRecord]) -> Result<(), Failure> {
    let ids: Vec<OrganisationId> = records.iter().map(|record| OrganisationId(record.reader_organisation)).collect();
    let organisations = queries::organisations_by_id(db.reader(), &ids).await?;
    let names: HashMap<Uuid, String> =
        organisations.into_iter().map(|(id, organisation)| (id.0, organisation.name)).collect();
    for record in records {
        record.reader_organisation_name = names.get(&record.reader_organisation).cloned().unwrap_or_default();
    }
    Ok(())
}

impl From<reads::Model> for ReadRecord {
    fn from(row: reads::Model) -> Self {
        Self {
            id: row.id,
            organisation: row.organisation_id,
            reader: row.reader_id,
            principal: row.principal_id,
            reader_organisation: row.reader_organisation_id,
            reader_organisation_name: String::new(),
            operation: row.operation,
            asked: row.asked,
            consent: None,
            times: row.times,
            first_at: Moment::from_micros(row.first_at),
            last_at: Moment::from_micros(row.last_at),
        }
    }
}
