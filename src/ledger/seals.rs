//! Derives every seal again from journals and entries, and names each sealed period that differs.

use crate::db::BOOK;
use crate::kernel::Failure;
use crate::ledger::leaves;
use crate::ledger::periods::{self, SealedPeriod, first_month};
use crate::ledger::totals::Movements;
use crate::ledger::verify::Findings;
use accounting::seal::{RunningLeaves, Seal, SealedBalance};
use accounting::verify::Difference;
use accounting::{JournalKind, Month, hexadecimal};
use sea_orm::{ConnectionTrait, Statement};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What the journal of a seal says.
struct Record {
    id: Uuid,
    actor: Uuid,
    recorded_at: i64,
    month: Option<String>,
    document_hash: Option<String>,
}

/// Checks every sealed period in their order. `movements` are what the entries add up to.
pub(super) async fn check(
    books: &impl ConnectionTrait,
    mut movements: Movements,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let mut sealed = Vec::new();
    for row in periods::read_rows(books).await? {
        match row {
            Ok(period) => sealed.push(period),
            Err(month) => findings.differences.push(Difference {
                table: "periods",
                row: month,
                fault: "it is no month".to_owned(),
            }),
        }
    }
    let mut records = read_records(books).await?;
    if let Some(last) = sealed.last() {
        let mut leaves = leaves_by_month(books, last.month).await?;
        let mut standing: BTreeMap<(Uuid, String), i128> = BTreeMap::new();
        let mut expected = first_month(books).await?;
        let mut before: Option<SealedPeriod> = None;
        for period in sealed {
            let mut faults = Vec::new();
            if expected != Some(period.month) {
                let turn = expected.map_or_else(|| "no month".to_owned(), |month| month.to_string());
                faults.push(format!("it was the turn of {turn}"));
            }
            let later = movements.split_off(&next_text(period.month));
            for (held, units) in std::mem::replace(&mut movements, later).into_values().flatten() {
                *standing.entry(held).or_default() += units;
            }
            let running = leaves.remove(&period.month.to_string()).unwrap_or_default();
            faults.extend(compare(&period, before.as_ref(), running, &standing)?);
            faults.extend(compare_record(&period, records.remove(&period.id.0)));
            for fault in faults {
                findings.differences.push(Difference { table: "periods", row: period.month.to_string(), fault });
            }
            expected = period.month.next();
            before = Some(period);
        }
    }
    for (period, record) in records {
        findings.differences.push(Difference {
            table: "periods",
            row: record.month.unwrap_or_else(|| format!("period {period}")),
            fault: format!("journal {} seals it as period {period}, which is not there", record.id),
        });
    }
    Ok(())
}

/// What every date after the month sorts behind.
fn next_text(month: Month) -> String {
    month.next().map_or_else(|| "~".to_owned(), |next| next.to_string())
}

/// Compares a row with what its month gives.
fn compare(
    period: &SealedPeriod,
    before: Option<&SealedPeriod>,
    running: RunningLeaves,
    standing: &BTreeMap<(Uuid, String), i128>,
) -> Result<Vec<String>, Failure> {
    let mut faults = Vec::new();
    let leaves = running.finish();
    if period.journals != leaves.count {
        faults.push(format!("the row claims {} journals, {} are dated in it", period.journals, leaves.count));
    }
    if period.leaves_hash != leaves.hash {
        let (claimed, derived) = (hexadecimal(&period.leaves_hash), hexadecimal(&leaves.hash));
        faults.push(format!("the row claims the leaves {claimed}, its journals give {derived}"));
    }
    if period.previous != before.map(|before| before.seal_hash.clone()) {
        faults.push("the row claims another seal before it".to_owned());
    }
    let balance = |((asset, purpose), units): (&(Uuid, String), &i128)| -> Result<SealedBalance, Failure> {
        let units = i64::try_from(*units).map_err(Failure::bug)?;
        Ok(SealedBalance { asset: *asset, purpose: purpose.clone(), units })
    };
    let balances = standing.iter().map(balance).collect::<Result<Vec<_>, _>>()?;
    let Ok(previous) = period.previous.as_deref().map(<[u8; 32]>::try_from).transpose() else {
        return Ok(faults);
    };
    let derived = Seal::new(BOOK.0, period.month, previous, leaves, balances).hash();
    if period.seal_hash != derived {
        let (claimed, derived) = (hexadecimal(&period.seal_hash), hexadecimal(&derived));
        faults.push(format!("the row claims the seal {claimed}, the books give {derived}"));
    }
    Ok(faults)
}

/// Compares a row with the journal of its seal.
fn compare_record(period: &SealedPeriod, record: Option<Record>) -> Option<String> {
    let Some(record) = record else {
        return Some("no journal seals it".to_owned());
    };
    let is_same = record.id == period.journal.0
        && record.actor == period.sealed_by.0
        && record.recorded_at == period.sealed_at.micros()
        && record.month == Some(period.month.to_string())
        && record.document_hash.as_deref() == Some(hexadecimal(&period.seal_hash).as_str());
    (!is_same).then(|| format!("journal {} seals it otherwise", record.id))
}

/// The journals that seal something, by the period they are about.
async fn read_records(books: &impl ConnectionTrait) -> Result<HashMap<Uuid, Record>, Failure> {
    let sql = "SELECT id, subject_id, actor_id, recorded_at, reason, document_hash FROM journals \
         WHERE book_id = $1 AND kind = $2";
    let values = [BOOK.0.into(), JournalKind::PeriodSealed.as_str().into()];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let mut records = HashMap::new();
    for row in &rows {
        let record = Record {
            id: row.try_get("", "id")?,
            actor: row.try_get("", "actor_id")?,
            recorded_at: row.try_get("", "recorded_at")?,
            month: row.try_get("", "reason")?,
            document_hash: row.try_get("", "document_hash")?,
        };
        records.insert(row.try_get("", "subject_id")?, record);
    }
    Ok(records)
}

/// The leaf hashes of all months up to the last sealed one, in one reading of the journals.
async fn leaves_by_month(books: &impl ConnectionTrait, last: Month) -> Result<HashMap<String, RunningLeaves>, Failure> {
    let last = last.to_string();
    let mut months: HashMap<String, RunningLeaves> = HashMap::new();
    leaves::each_in_order(books, (i64::MIN, i64::MAX), |journal| {
        let month = journal.effective_on.get(..7).unwrap_or_default();
        if month <= last.as_str() {
            months.entry(month.to_owned()).or_default().take(&journal.leaf_hash);
        }
    })
    .await?;
    Ok(months)
}
