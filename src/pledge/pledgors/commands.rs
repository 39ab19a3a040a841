//! Naming the further pledgors of a pledge.

use super::FurtherPledgor;
use crate::eligibility::PledgeCase;
use crate::http::Fields;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, PledgeId};
use crate::pledge::cases::Ask;
use crate::pledge::error::PledgeRefusal;
use std::collections::HashSet;

/// Judges the further pledgors that applications name: every fault is told at once.
///
/// # Errors
/// [`PledgeRefusal::PledgorNamedTwice`], [`PledgeRefusal::PledgorGivesNothing`].
pub(in crate::pledge) fn judge(asks: &[Ask<'_>], cases: &[PledgeCase]) -> Result<(), Failure> {
    let mut fields = Fields::default();
    for (ask, case) in asks.iter().zip(cases) {
        let mut once = HashSet::from([ask.pledgor]);
        for (at, further) in ask.further.iter().enumerate() {
            let place = format!("further_pledgors[{at}]");
            if !once.insert(*further) {
                fields.take::<(), _>(&place, Err(PledgeRefusal::PledgorNamedTwice {}));
            } else if !case.rights.iter().any(|right| right.site.organisation == *further) {
                fields.take::<(), _>(&place, Err(PledgeRefusal::PledgorGivesNothing {}));
            }
        }
    }
    fields.finish(Some(()))
}

/// The further pledgors of an application.
pub(in crate::pledge) fn further(pledge: PledgeId, named: &[OrganisationId]) -> Vec<FurtherPledgor> {
    let further = |(place, pledgor): (i64, &OrganisationId)| FurtherPledgor {
        pledge,
        pledgor: *pledgor,
        place,
        agreed: None,
        version: 1,
    };
    (1..).zip(named).map(further).collect()
}
