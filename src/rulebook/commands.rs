//! Adopting a version.

use super::rule::{Rule, Rulebook};
use super::store;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::RulebookId;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Adopts the next version of a jurisdiction's rulebook.
///
/// # Errors
/// A fault of the database.
pub async fn adopt(
    work: &mut Work,
    jurisdiction: &str,
    effective_from: Date,
    rules: BTreeMap<String, Rule>,
) -> Result<Rulebook, Failure> {
    let version = store::newest_version(work.connection(), jurisdiction).await? + 1;
    let rulebook =
        Rulebook { id: RulebookId::fresh(), jurisdiction: jurisdiction.to_owned(), version, effective_from, rules };
    store::insert(work, &rulebook).await?;
    Ok(rulebook)
}
