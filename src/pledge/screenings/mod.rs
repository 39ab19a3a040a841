//! The screening of a pledge (准入审查): what each check saw when it was applied for and when it was registered, under which rulebook, and the
//! permits of its sites, frozen into the record. It is never changed.

pub(super) mod store;

use super::pledge::Pledge;
use crate::db::Work;
use crate::eligibility::PledgeCase;
use crate::eligibility::pledge::screening::{Finding, screen};
use crate::kernel::ids::{PledgeId, RulebookId, SiteId};
use crate::kernel::{Failure, Moment};
use crate::parties::queries::permits_of;
use crate::rulebook::Rulebook;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

accounting::words! {
    /// The step at which a pledge was screened.
    ScreeningStep {
        /// When it was applied for.
        Applied = "applied",
        /// When it was registered.
        Registered = "registered",
    }
}

/// A permit of one of the sites, as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenPermit {
    /// Whose.
    pub site: Uuid,
    /// Its number.
    pub number: String,
    /// Its last day; a debt that ends later outlives the permit, which is told and not refused.
    pub valid_to: String,
}

/// What was seen, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What each check saw.
    pub findings: Vec<Finding>,
    /// The permits of the sites that were in force.
    pub permits: Vec<SeenPermit>,
}

/// A screening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screening {
    /// Of which pledge.
    pub pledge: PledgeId,
    /// At which step.
    pub step: ScreeningStep,
    /// When.
    pub at: Moment,
    /// Under which rulebook.
    pub rulebook: RulebookId,
    /// What was seen.
    pub seen: Seen,
}

/// Freezes what pledges were judged on, once no rule stands against them.
pub(super) async fn freeze(
    work: &Work,
    step: ScreeningStep,
    pledges: &[Pledge],
    cases: &[PledgeCase],
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let today = work.today();
    let sites: Vec<SiteId> = pledges.iter().flat_map(|pledge| &pledge.liens).map(|lien| lien.site).collect();
    let permits = permits_of(work.connection(), &sites).await?;
    let screened = pledges.iter().zip(cases).map(|(pledge, case)| {
        let mut own: Vec<SiteId> = pledge.liens.iter().map(|lien| lien.site).collect();
        own.sort();
        own.dedup();
        let held = own.iter().filter_map(|site| permits.get(site)).flatten();
        let in_force = held.filter(|permit| permit.validity.contains(today)).map(|permit| SeenPermit {
            site: permit.site.0,
            number: permit.number.clone(),
            valid_to: permit.validity.to().to_string(),
        });
        let seen = Seen { findings: screen(case, rulebook, today), permits: in_force.collect() };
        Screening { pledge: pledge.id, step, at: work.now(), rulebook: rulebook.id, seen }
    });
    store::insert(work, &screened.collect::<Vec<_>>()).await
}
