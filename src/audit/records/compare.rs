//! Rows beside their records, merged in the order of their keys.

use super::rows::{LiveRow, LiveRows, ReadRecord, ReadRecords, records_beside};
use super::{COVERED, covered_tables};
use crate::db::records::Shape;
use crate::kernel::Failure;
use crate::ledger::verify::Findings;
use accounting::record::{self, Record};
use accounting::verify::Difference;
use sea_orm::ConnectionTrait;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Computes the leaf hash of every record again, follows the versions of every row, and compares every row with its newest
/// record.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn check(books: &impl ConnectionTrait, findings: &mut Findings) -> Result<(), Failure> {
    let shapes = COVERED.iter().copied().flatten().map(|covered| covered.shape());
    let shapes = shapes.collect::<Result<Vec<_>, _>>()?;
    for shape in &shapes {
        check_table(books, shape, findings).await?;
    }
    name_strangers(books, &covered_tables()?, findings).await
}

async fn check_table(books: &impl ConnectionTrait, shape: &Shape, findings: &mut Findings) -> Result<(), Failure> {
    let mut rows = LiveRows::of(books, shape);
    let mut records = ReadRecords::of(books, shape.table);
    let (mut row, mut record) = (rows.next().await?, newest(&mut records, findings).await?);
    let differs =
        |key: &str, fault: &str| Difference { table: shape.table, row: key.to_owned(), fault: fault.to_owned() };
    loop {
        let order = match (&row, &record) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(row), Some(record)) => row.key.cmp(&record.record.key),
        };
        if order.is_eq()
            && let (Some(row), Some(record)) = (&row, &record)
        {
            findings.differences.extend(columns_that_differ(shape.table, row, record));
        } else if let (Ordering::Less, Some(row)) = (order, &row) {
            findings.differences.push(differs(&row.key, "there is no evidence of this row"));
        } else if let Some(record) = &record {
            let fault = format!("the row is gone of which evidence has version {}", record.record.version);
            findings.differences.push(differs(&record.record.key, &fault));
        }
        if order.is_le() {
            row = rows.next().await?;
        }
        if order.is_ge() {
            record = newest(&mut records, findings).await?;
        }
    }
}

/// The newest record of the next row, once all records of that row were checked.
async fn newest<C: ConnectionTrait>(
    records: &mut ReadRecords<'_, C>,
    findings: &mut Findings,
) -> Result<Option<ReadRecord>, Failure> {
    let mut newest: Option<ReadRecord> = None;
    loop {
        let is_next = |next: &ReadRecord| newest.as_ref().is_none_or(|newest| newest.record.key == next.record.key);
        if !records.peek().await?.is_some_and(is_next) {
            return Ok(newest);
        }
        let Some(next) = records.next().await? else { return Ok(newest) };
        findings.records += 1;
        findings.progress.advance(1);
        findings.differences.extend(forged(&next));
        let expected = newest.as_ref().map_or(1, |newest| newest.record.version.saturating_add(1));
        if next.record.version != expected {
            let Record { table, key, version, .. } = &next.record;
            let fault = format!("this record was expected where version {version} stands");
            let row = format!("{table} {key} version {expected}");
            findings.differences.push(Difference { table: "evidence", row, fault });
        }
        newest = Some(next);
    }
}

/// What a record is called in a finding.
fn named(ReadRecord { record, .. }: &ReadRecord) -> String {
    format!("{} of {} {} version {}", record.id, record.table, record.key, record.version)
}

/// A record whose values do not give the hash that its row claims.
fn forged(read: &ReadRecord) -> Option<Difference> {
    let is_right = read.claimed == read.record.hash();
    let fault = "its values do not give the leaf that the row claims".to_owned();
    (!is_right).then(|| Difference { table: "evidence", row: named(read), fault })
}

/// Each column of a row that is not what its newest record says. A column that was added after the record was made is
/// nothing yet, and must still be nothing.
fn columns_that_differ(table: &'static str, row: &LiveRow, newest: &ReadRecord) -> Vec<Difference> {
    let recorded = &newest.record.content;
    if row.content == *recorded {
        return Vec::new();
    }
    let differs = |fault| Difference { table, row: row.key.clone(), fault };
    let (Some(stands), Some(recorded)) = (record::columns(&row.content), record::columns(recorded)) else {
        return vec![differs("its newest record in the evidence cannot be read".to_owned())];
    };
    let mut values: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (name, value) in stands {
        values.entry(name).or_insert(("-", "-")).0 = value;
    }
    for (name, value) in recorded {
        values.entry(name).or_insert(("-", "-")).1 = value;
    }
    let differing = values.into_iter().filter(|(_, (stands, recorded))| stands != recorded);
    let tell = |(name, (stands, recorded))| differs(format!("its {name} is {stands}, the evidence says {recorded}"));
    differing.map(tell).collect()
}

/// Records of tables that leave no evidence.
async fn name_strangers(books: &impl ConnectionTrait, tables: &[&str], findings: &mut Findings) -> Result<(), Failure> {
    let mut after = Uuid::nil();
    loop {
        let strangers = records_beside(books, tables, after).await?;
        let Some(last) = strangers.last() else { return Ok(()) };
        after = last.record.id;
        for stranger in &strangers {
            let fault = "no such table leaves evidence".to_owned();
            findings.differences.push(Difference { table: "evidence", row: named(stranger), fault });
        }
    }
}
