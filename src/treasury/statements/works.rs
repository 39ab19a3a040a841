//! Reading and comparing a file as a long work: a busy day takes longer than a request may.

use super::commands::{self, NewStatement};
use super::{BankStatement, file};
use crate::access::{Action, Caller};
use crate::db::Db;
use crate::decisions::DecisionRefusal;
use crate::decisions::documents::media::MediaType;
use crate::decisions::documents::queries::{find_content, find_document};
use crate::kernel::ids::{BankStatementId, DocumentId};
use crate::kernel::{Failure, Progress};
use crate::operations::{Doing, LongWork, Operation};
use crate::treasury::TreasuryRefusal;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Reading a file of the bank and comparing it with the books.
#[derive(Debug)]
pub struct StatementReading;

/// Which file of which day, and who hands it in: a work that is begun again acts for the same person.
#[derive(Debug, Serialize, Deserialize)]
pub struct StatementInput {
    /// Who hands it in.
    pub caller: Caller,
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// The uploaded file.
    pub document: DocumentId,
}

impl LongWork for StatementReading {
    fn kind(&self) -> &'static str {
        "bank_statement_reading"
    }

    fn run<'w>(&'w self, db: &'w Db, operation: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            let input: StatementInput = serde_json::from_value(operation.input.clone()).map_err(Failure::bug)?;
            let permit = input.caller.may(Action::ConfirmMoney)?;
            let new = read(db, &input, BankStatementId(operation.id.0)).await?;
            let lines = u64::try_from(new.lines.len()).map_err(Failure::bug)?;
            progress.expect(lines);
            let statement: Told = db
                .run(&permit, &new, |work, new| {
                    Box::pin(async move { Ok(Told::of(&commands::reconcile(work, new).await?, new)) })
                })
                .await?;
            progress.advance(lines);
            serde_json::to_value(statement).map_err(Failure::bug)
        })
    }
}

/// What is told of a statement that was compared.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    statement: BankStatementId,
    number: i64,
    /// Whether this very file was handed in before.
    repeated: bool,
    lines: i64,
    movements: i64,
}

impl Told {
    fn of(statement: &BankStatement, new: &NewStatement) -> Self {
        Self {
            statement: statement.id,
            number: statement.number,
            repeated: statement.id != new.id,
            lines: statement.lines,
            movements: statement.movements,
        }
    }
}

async fn read(db: &Db, input: &StatementInput, id: BankStatementId) -> Result<NewStatement, Failure> {
    let unknown = || DecisionRefusal::UnknownDocument { id: input.document.to_string() };
    let (document, _) = find_document(db, &input.caller, input.document).await?.ok_or_else(unknown)?;
    if document.media_type != MediaType::Csv {
        return Err(TreasuryRefusal::StatementNotCsv {}.into());
    }
    let content = find_content(db, &document.sha256).await?.ok_or_else(|| Failure::bug("a document was lost"))?;
    let day: Date = input.day.parse().map_err(Failure::bug)?;
    // Reading takes a processor for a while, which others want too.
    let lines = tokio::task::spawn_blocking(move || file::read(&content, day)).await.map_err(Failure::bug)??;
    Ok(NewStatement { id, day, document: input.document, sha256: document.sha256, lines })
}

/// What a reading tells, for tests of its form.
#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_told_has_plain_fields() {
        let told = Told { statement: BankStatementId::fresh(), number: 2, repeated: true, lines: 3, movements: 4 };
        let value = serde_json::to_value(&told).unwrap();
        assert_eq!((&value["number"], &value["repeated"]), (&json!(2), &json!(true)));
        assert_eq!(value["statement"], json!(told.statement));
    }
}
