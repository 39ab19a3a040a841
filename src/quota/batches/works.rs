//! Proposing and confirming a batch as long works: a province takes longer than a request may.

use super::commands::{self, BatchDecision, NewBatch};
use super::file::{BatchRows, Cells};
use super::{AllocationBatch, BatchRow, BatchState, store};
use crate::access::{Action, Caller};
use crate::db::Db;
use crate::decisions::documents::media::MediaType;
use crate::decisions::documents::queries::{find_content, find_document};
use crate::decisions::{DecisionRefusal, Grounds};
use crate::http::table::{self, Form, Table};
use crate::http::upload::hash;
use crate::kernel::ids::{AllocationBatchId, DocumentId};
use crate::kernel::{Failure, Progress};
use crate::operations::{Doing, LongWork, Operation};
use crate::parties::{Pollutant, queries};
use crate::quota::QuotaRefusal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Reading, judging and proposing a batch.
#[derive(Debug)]
pub struct BatchProposal;

/// What is proposed, and by whom: a work that is begun again acts for the same person.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProposalInput {
    /// Who proposes.
    pub caller: Caller,
    /// Number of the document that grants it.
    pub number: String,
    /// The uploaded file, when there is one.
    pub document: Option<DocumentId>,
    /// The rows of a list.
    pub items: Vec<Cells>,
}

impl LongWork for BatchProposal {
    fn kind(&self) -> &'static str {
        "allocation_batch_proposal"
    }

    fn run<'w>(&'w self, db: &'w Db, operation: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            let input: ProposalInput = serde_json::from_value(operation.input.clone()).map_err(Failure::bug)?;
            let permit = input.caller.may(Action::ProposeAllocation)?;
            let pollutants = queries::pollutants(db.reader()).await?;
            let (document, number) = (input.document, input.number.clone());
            let (form, document_hash, table) = read(db, input, pollutants).await?;
            let (id, progress) = (AllocationBatchId(operation.id.0), progress.clone());
            let new = NewBatch { id, number, document, document_hash, form, table, progress };
            let count = db.run(&permit, &new, |work, new| {
                Box::pin(async move { Ok(commands::propose(work, new).await?.allocations) })
            });
            Ok(told(id, count.await?))
        })
    }
}

fn told(batch: AllocationBatchId, allocations: i64) -> Value {
    json!({ "batch": batch, "allocations": allocations })
}

/// The table with what it came as and the hash that stands for it.
async fn read(
    db: &Db,
    input: ProposalInput,
    pollutants: HashMap<String, Pollutant>,
) -> Result<(Form, String, Table<BatchRow>), Failure> {
    let Some(id) = input.document else {
        let hash = hash(&serde_json::to_vec(&input.items).map_err(Failure::bug)?);
        return Ok((Form::List, hash, table::survey_items(BatchRows { pollutants: &pollutants }, &input.items)));
    };
    let unknown = || Failure::from(DecisionRefusal::UnknownDocument { id: id.to_string() }).at("document");
    let (document, _) = find_document(db, &input.caller, id).await?.ok_or_else(unknown)?;
    let content = find_content(db, &document.sha256).await?.ok_or_else(|| Failure::bug("a document was lost"))?;
    let media = document.media_type;
    // Reading takes a processor for a while, which others want too.
    let table = tokio::task::spawn_blocking(move || {
        let rows = BatchRows { pollutants: &pollutants };
        match media {
            MediaType::Csv => Ok(table::survey_csv(rows, &content)),
            MediaType::Xlsx => Ok(table::survey_xlsx(rows, &content)),
            _ => Err(QuotaRefusal::NotATable {}),
        }
    });
    Ok((Form::File, document.sha256, table.await.map_err(Failure::bug)??))
}

/// Confirming a batch.
#[derive(Debug)]
pub struct BatchConfirmation;

/// What is confirmed, by whom, and why.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfirmationInput {
    /// Who confirms.
    pub caller: Caller,
    /// Which batch.
    pub batch: AllocationBatchId,
    /// The version that they saw.
    pub expected: Option<i64>,
    /// Why, in their words.
    pub reason: Option<String>,
    /// On which documents.
    pub documents: Vec<DocumentId>,
}

impl LongWork for BatchConfirmation {
    fn kind(&self) -> &'static str {
        "allocation_batch_confirmation"
    }

    fn run<'w>(&'w self, db: &'w Db, operation: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            let input: ConfirmationInput = serde_json::from_value(operation.input.clone()).map_err(Failure::bug)?;
            let ConfirmationInput { caller, batch, expected, reason, documents } = input;
            let permit = caller.may(Action::DecideAllocation)?;
            let known = store::find(db.reader(), batch).await?;
            if let Some(done) = known.filter(|known| is_done(known, &caller, operation)) {
                return Ok(told(batch, done.allocations));
            }
            let grounds = Grounds { reason, documents, document_hash: None };
            let decision = BatchDecision { batch, expected, grounds, progress: progress.clone() };
            let count = db.run(&permit, &decision, |work, decision| {
                Box::pin(async move { Ok(commands::confirm(work, decision).await?.allocations) })
            });
            Ok(told(batch, count.await?))
        })
    }
}

/// Whether this very work has confirmed the batch already and was begun again: its node died before it could say so.
fn is_done(batch: &AllocationBatch, caller: &Caller, operation: &Operation) -> bool {
    matches!(&batch.state, BatchState::Active(ruling) if ruling.by == caller.user && ruling.at >= operation.asked_at)
}
