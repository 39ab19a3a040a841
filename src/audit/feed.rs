//! Derives again whom each journal concerns, and compares it with what the feed has told.

use crate::events::queries::{Told, told, told_before};
use crate::events::{BATCH, of_journals};
use crate::kernel::Failure;
use crate::ledger::log::sequenced;
use accounting::verify::Difference;
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Compares the feed with the journals, batch by batch. What stands at a place where no journal is, or beyond its end, was never told.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn compare(books: &impl ConnectionTrait) -> Result<Vec<Difference>, Failure> {
    let end = told_before(books).await?;
    let (mut from, mut differences) = (0, Vec::new());
    loop {
        let journals = sequenced::journals_from(books, from, end, BATCH).await?;
        let is_last = (journals.len() as u64) < BATCH;
        let before = journals.last().filter(|_| !is_last).map_or(i64::MAX, |last| last.position + 1);
        let ids: HashMap<i64, Uuid> = journals.iter().map(|journal| (journal.position, journal.id)).collect();
        let derived = of_journals(books, &journals).await?;
        let derived: Told = derived
            .into_iter()
            .filter_map(|(position, organisation)| Some((position, organisation, *ids.get(&position)?)))
            .collect();
        differences.extend(differing(&derived, &told(books, from, before).await?));
        if is_last {
            return Ok(differences);
        }
        from = before;
    }
}

fn differing(derived: &Told, told: &Told) -> Vec<Difference> {
    let name = |(position, organisation, _): &(i64, Uuid, Uuid)| (*organisation, *position);
    let mut faults: BTreeMap<(Uuid, i64), &str> = BTreeMap::new();
    let untold = "the journal concerns it, and the feed does not say so";
    faults.extend(derived.difference(told).map(|one| (name(one), untold)));
    let invented = "the feed tells it of a journal that does not concern it";
    faults.extend(told.difference(derived).map(|one| (name(one), invented)));
    let difference = |((organisation, position), fault): ((Uuid, i64), &str)| Difference {
        table: "event_parties",
        row: format!("{organisation} {position}"),
        fault: fault.to_owned(),
    };
    faults.into_iter().map(difference).collect()
}
