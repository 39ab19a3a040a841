//! Rows of the access log. They are written by their own SQL and leave no evidence: see `audit::records`.

use super::keeper::Times;
use crate::db::Work;
use crate::db::columns::{Kind, Rows};
use crate::entity;
use crate::http::concern::Read;
use crate::kernel::{Failure, ids};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

entity!(reads, "reads", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    reader_id: Uuid,
    principal_id: Option<Uuid>,
    reader_organisation_id: Uuid,
    operation: String,
    asked: String,
    times: i64,
    first_at: i64,
    last_at: i64,
});

const KINDS: &[Kind] = &[
    Kind::Uuid,
    Kind::Uuid,
    Kind::Uuid,
    Kind::Uuid,
    Kind::Uuid,
    Kind::Text,
    Kind::Text,
    Kind::Big,
    Kind::Big,
    Kind::Big,
];

/// Writes the rows of reads, in one statement.
pub async fn insert(work: &Work, reads: &[(Uuid, &Read, Times)]) -> Result<(), Failure> {
    if reads.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(KINDS);
    for (organisation, read, times) in reads {
        rows.push([
            ids::fresh().into(),
            (*organisation).into(),
            read.reader.0.into(),
            read.principal.map(|principal| principal.0).into(),
            read.reader_organisation.into(),
            read.operation.clone().into(),
            read.asked.clone().into(),
            times.count.into(),
            times.first_at.micros().into(),
            times.last_at.micros().into(),
        ]);
    }
    let (source, values) = rows.source(work.backend(), 1)?;
    let sql = format!(
        "INSERT INTO reads (id, organisation_id, reader_id, principal_id, reader_organisation_id, operation, asked, times, \
         first_at, last_at) SELECT r.c0, r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7, r.c8, r.c9 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}
