//! A shortfall that stays uncovered when its account is settled is an over-discharge. This is the one place where it becomes known beyond
//! the account: a fact of the site, by which pledge and trade exclude where the rulebook says so (上年度超许可排放).

use super::year::ComplianceYear;
use crate::access::Scope;
use crate::db::Work;
use crate::decisions::Grounds;
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::page::PageRequest;
use crate::parties::facts::commands::{Named, NewFact, record};
use crate::parties::facts::queries::{FactFilter, list_facts};
use crate::parties::facts::{Content, FactKind, Period};
use serde_json::json;

/// Facts of a site and a kind that are looked through: one for each year and pollutant, with their corrections.
const FACTS: u64 = 1_000;

/// Tells of an account that was settled with a part of its shortfall uncovered; of any other nothing. What the bureau has told of the same
/// year and pollutant before stands as it is, also when it has annulled it since.
///
/// # Errors
/// A fault of the database.
pub async fn tell(work: &mut Work, account: &ComplianceYear) -> Result<(), Failure> {
    let uncovered = account.state.verified().map_or(0, super::year::Verified::uncovered);
    if uncovered == 0 {
        return Ok(());
    }
    let year = account.year.number();
    let payload = json!({
        "site": account.site, "organisation": account.organisation, "pollutant": account.pollutant, "year": year,
        "uncovered_grams": uncovered,
    });
    work.tell(Event { kind: "compliance.over_discharged", subject: account.id.0, payload });
    let period = Period::year(year).ok_or_else(|| Failure::bug("a year outside the calendar"))?;
    let content = Content::OverPermit { period, pollutant: Some(account.pollutant.clone()) };
    let filter = FactFilter {
        subject: Some(account.site.0),
        kind: Some(FactKind::OverPermitDischarge),
        ..FactFilter::default()
    };
    let known = list_facts(work.connection(), &Scope::Everything, &filter, &PageRequest::of(FACTS)).await?;
    if known.items.iter().any(|told| told.fact.content.as_ref() == Some(&content)) {
        return Ok(());
    }
    let fact = NewFact {
        about: Named::Site(account.site),
        kind: FactKind::OverPermitDischarge,
        content,
        source: format!("{year}年度清缴 {}", account.id),
        grounds: Grounds::default(),
    };
    record(work, &[fact]).await.map(|_| ())
}
