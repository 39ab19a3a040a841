//! Rows of decisions.

use super::Decision;
use crate::db::records::Covered;
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::{Failure, ids};

entity!(decisions, "decisions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    book_id: i32,
    act: String,
    subject_kind: String,
    subject_id: Uuid,
    outcome: String,
    proposed_by: Uuid,
    decided_by: Uuid,
    reason: Option<String>,
    document_hash: Option<String>,
    rulebook_id: Uuid,
    recorded_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<decisions::Entity>()];

/// Writes records, stamped with the moment and the caller of the work.
pub async fn insert(work: &Work, decisions: &[Decision]) -> Result<(), Failure> {
    let rows: Vec<decisions::Model> = decisions
        .iter()
        .map(|decision| decisions::Model {
            id: ids::DecisionId::fresh().0,
            book_id: work.book().0,
            act: decision.act.to_owned(),
            subject_kind: decision.subject_kind.to_owned(),
            subject_id: decision.subject,
            outcome: decision.outcome.as_str().to_owned(),
            proposed_by: decision.proposed_by.0,
            decided_by: work.caller().user.0,
            reason: decision.reason.clone(),
            document_hash: decision.document_hash.clone(),
            rulebook_id: decision.rulebook.0,
            recorded_at: work.now().micros(),
        })
        .collect();
    work.note_acts("decision", rows.iter().map(|row| row.id));
    rows::insert_all::<decisions::Entity, decisions::ActiveModel>(work, rows).await
}
