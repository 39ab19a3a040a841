//! The transactional outbox: no event without its commit, no commit without its event.

use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::event::Event;
use sea_orm::ConnectionTrait;

/// Writes the events of a work in the order they were told.
pub(super) async fn write(work: &Work, events: &[Event]) -> Result<(), Failure> {
    // Eight columns a row; 1,000 rows stay far below either database's limit of bound values.
    for chunk in events.chunks(1_000) {
        let mut values = Vec::with_capacity(chunk.len() * 6);
        let mut rows = Vec::with_capacity(chunk.len());
        for event in chunk {
            let at = values.len();
            rows.push(format!("(${}, ${}, ${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4, at + 5, at + 6));
            values.extend([
                crate::kernel::ids::fresh().into(),
                work.book().0.into(),
                event.kind.into(),
                event.subject.into(),
                event.payload.to_string().into(),
                work.now().micros().into(),
            ]);
        }
        let sql = format!(
            "INSERT INTO outbox (id, book_id, kind, subject_id, payload, recorded_at) VALUES {}",
            rows.join(", ")
        );
        work.connection().execute_raw(work.statement(&sql, values)).await?;
    }
    Ok(())
}
