//! Naming the pledgees of a pledge that has several, and their yes.

use super::{PledgeeShare, store};
use crate::db::Work;
use crate::http::Fields;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, PledgeId};
use crate::parties::{OrganisationKind, queries as parties};
use crate::pledge::commands::{Act, finish, journal, lock, replace, seen, stamp};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::Pledge;
use crate::pledge::valuations::commands::sum;
use accounting::{JournalKind, Money};
use std::collections::HashSet;

/// A pledgee that an application names, with its part of what is secured.
#[derive(Debug, Clone, Copy)]
pub struct NamedPledgee {
    /// Who.
    pub pledgee: OrganisationId,
    /// How much.
    pub share: Money,
}

/// Judges the pledgees that applications of the caller name, each with what it secures: every fault is told at once.
///
/// # Errors
/// [`PledgeRefusal::PledgeeNamedTwice`], [`PledgeRefusal::NotAPledgee`], [`PledgeRefusal::LeaderWithoutShare`],
/// [`PledgeRefusal::SharesDiffer`].
pub(in crate::pledge) async fn judge(work: &Work, news: &[(&[NamedPledgee], Money)]) -> Result<(), Failure> {
    let ids: Vec<OrganisationId> = news.iter().flat_map(|(named, _)| named.iter()).map(|named| named.pledgee).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known = parties::organisations_by_id(work.connection(), &ids).await?;
    let mut fields = Fields::default();
    for (named, secured) in news.iter().filter(|(named, _)| !named.is_empty()) {
        let mut once = HashSet::new();
        for (at, pledgee) in named.iter().map(|named| named.pledgee).enumerate() {
            let place = format!("pledgees[{at}].pledgee");
            if !once.insert(pledgee) {
                fields.take::<(), _>(&place, Err(PledgeRefusal::PledgeeNamedTwice {}));
            }
            let lends = |kind| matches!(kind, OrganisationKind::Bank | OrganisationKind::Guarantor);
            if !known.get(&pledgee).is_some_and(|known| lends(known.kind) && known.is_active()) {
                fields.take::<(), _>(&place, Err(PledgeRefusal::NotAPledgee {}));
            }
        }
        if !once.contains(&work.caller().organisation) {
            fields.take::<(), _>("pledgees", Err(PledgeRefusal::LeaderWithoutShare {}));
        }
        let told = sum(named.iter().map(|named| named.share));
        if told != Some(*secured) {
            let (whole, sum) = (secured.print(), told.map(Money::print).unwrap_or_default());
            fields.take::<(), _>("pledgees", Err(PledgeRefusal::SharesDiffer { whole, sum }));
        }
    }
    fields.finish(Some(()))
}

/// The pledgees of an application, the caller first, who leads and has said yes by applying.
pub(in crate::pledge) fn shares(work: &Work, pledge: PledgeId, named: &[NamedPledgee]) -> Vec<PledgeeShare> {
    let caller = work.caller();
    if named.len() == 1 {
        // Who has the whole alone is the pledgee, and nothing more.
        return Vec::new();
    }
    let leads = |named: &&NamedPledgee| named.pledgee == caller.organisation;
    let order = named.iter().filter(leads).chain(named.iter().filter(|named| !leads(named)));
    let share = |(place, named): (i64, &NamedPledgee)| PledgeeShare {
        pledge,
        pledgee: named.pledgee,
        place,
        share: named.share,
        joined: leads(&named).then(|| (caller.user, work.now())),
        version: 1,
    };
    (0..).zip(order).map(share).collect()
}

/// Says yes to pledges on behalf of the caller's bank or guarantor, which has a share.
///
/// # Errors
/// [`PledgeRefusal::NoShare`], [`PledgeRefusal::JoinedAlready`], [`PledgeRefusal::WrongState`]; hidden when the caller may not know of it.
pub async fn join(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let mut desk = lock(work, acts).await?;
    let (mut joined, mut journals, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        let pledgee = work.caller().organisation;
        let pledge = pledge.join(pledgee, work.caller().user, work.now())?.touched(stamp(work));
        let pledge = replace(&mut desk, pledge);
        journals.push(journal(work.today(), JournalKind::PledgeeJoined, &pledge, Vec::new()));
        shares.extend(pledge.shares.iter().filter(|share| share.pledgee == pledgee).cloned());
        joined.push(pledge);
    }
    store::put(work, &shares).await?;
    finish(work, "pledge.joined", joined, &journals).await
}
