//! Proposing changes of the terms of pledges, agreeing to them, and giving a part of the security up.

use super::change::{Changed, NewAmendment, draft};
use super::{Agreement, Amendment, AmendmentKind, AmendmentState, store};
use crate::access::Caller;
use crate::db::Work;
use crate::decisions::{self, NewTask, Outcome};
use crate::eligibility::{FacilityFact, PledgeCase, pledge as eligibility};
use crate::encumbrance::Binders;
use crate::kernel::ids::{AmendmentId, FacilityId, LienId, OrganisationId, PledgeId, UserId};
use crate::kernel::{Failure, Moment};
use crate::ledger;
use crate::pledge::cases::{self, Ask, Right};
use crate::pledge::commands::{
    Act, expect_pledgee, expect_pledgor, finish, journal, last_day, lock, party_tasks, replace, seen, stamp,
};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::facility::{self, Facility};
use crate::pledge::lien_commands::{finish_and_serve, lock_facilities, take_facility};
use crate::pledge::pledge::{Lien, Pledge, Stamp};
use crate::pledge::pledgors;
use crate::pledge::ranks::{self, Wait};
use crate::pledge::store as pledges;
use crate::pledge::valuations::commands::{as_told, names_of, tell_calls};
use crate::pledge::valuations::{self, MarginCall, Valuation};
use crate::rulebook::{self, Rulebook};
use accounting::{Holding, Journal, JournalKind, Subject, SubjectKind};
use std::collections::HashMap;
use uuid::Uuid;

/// The word of the pledgor's agreement to a change, in tasks, records and the rulebook.
pub const AMENDMENT: &str = "pledge_amendment";

/// Judges changes as they stand, with what must be free read under lock, and the facilities locked; gives the cases and the facilities back.
async fn judge(
    work: &Work,
    rulebook: &Rulebook,
    changed: &[Changed],
) -> Result<(Vec<PledgeCase>, HashMap<FacilityId, Facility>), Failure> {
    let asks: Vec<Ask<'_>> = changed.iter().map(Changed::ask).collect();
    let mut cases = cases::load(work, &asks).await?;
    cases::fill_mismatches(work, &mut cases, rulebook).await?;
    let before: Vec<Pledge> = changed.iter().map(|one| one.before.clone()).collect();
    let facilities = lock_facilities(work, &before).await?;
    Ok((cases, facilities))
}

/// Everything that stands against one change, with the pledges and the accounts locked by now.
async fn refuse_broken(
    work: &Work,
    rulebook: &Rulebook,
    changed: &[Changed],
    cases: &mut [PledgeCase],
    facilities: &HashMap<FacilityId, Facility>,
) -> Result<(), Failure> {
    let keys: Vec<_> = changed.iter().flat_map(Changed::more).map(|(_, right)| right.available()).collect();
    let mut books = ledger::balances_under_lock(work, &keys).await?;
    let asks: Vec<Ask<'_>> = changed.iter().map(Changed::ask).collect();
    cases::fill_fees(work, cases, &asks).await?;
    for (one, case) in changed.iter().zip(cases) {
        let more: Vec<Right> = one.more().into_iter().map(|(_, right)| right).collect();
        cases::fill_available(&mut case.rights, &more, &books);
        case.rights.iter_mut().skip(more.len()).for_each(|held| held.is_held = true);
        let facility = one.before.facility.and_then(|id| facilities.get(&id));
        case.facility = facility.map_or(FacilityFact::NotNamed, |facility| drawable(facility, one));
        let asks_for_credit = one.amendment.asks_for_credit(&one.before.terms);
        Failure::all(&eligibility::judge_amendment(case, rulebook, work.today(), asks_for_credit))?;
        let journal = Journal::new(
            one.after.journal,
            JournalKind::PledgeAmended,
            Subject { kind: SubjectKind::Pledge, id: one.before.id.0, version: one.before.version },
            work.today(),
            one.postings()?,
        );
        if one.amendment.kind == AmendmentKind::Amendment {
            books.apply(&journal).map_err(ledger::LedgerRefusal::from)?;
        }
    }
    Ok(())
}

/// What a changed pledge may have drawn of its facility: what it has drawn already is its own, also where the facility is closed.
fn drawable(facility: &Facility, one: &Changed) -> FacilityFact {
    let (before, after) = (one.before.terms.principal, one.after.terms.principal);
    match facility.fact(one.before.pledgor) {
        FacilityFact::Left(left) => left.checked_add(before).map_or(FacilityFact::NotNamed, FacilityFact::Left),
        FacilityFact::Closed if after > before => FacilityFact::Closed,
        FacilityFact::Closed | FacilityFact::NotAccepted | FacilityFact::NotNamed => FacilityFact::NotNamed,
    }
}

/// Proposes changes on behalf of the caller's bank or guarantor: judged now, and again when the pledgor agrees.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`],
/// [`PledgeRefusal::AmendmentOpen`], [`PledgeRefusal::NothingAmended`], [`PledgeRefusal::NoSuchLien`], [`PledgeRefusal::LienNamedTwice`],
/// [`PledgeRefusal::StockPledgedAlready`], [`PledgeRefusal::PartsDiffer`], every rule of
/// [`crate::eligibility::PledgeCheck`] that stands against it; hidden when the caller may not know of it.
pub async fn propose(work: &mut Work, news: &[NewAmendment]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let known = known(work, &acts).await?;
    let mut changed = Vec::with_capacity(news.len());
    let names = names_of(work, known.iter().map(|pledge| pledge.pledgee)).await?;
    for (new, pledge) in news.iter().zip(&known) {
        expect_pledgee(pledge, work.caller())?;
        pledge.expect_in_force()?;
        let at = stamp(work);
        let amendment = draft(pledge, new, AmendmentKind::Amendment, at)?;
        changed.push(Changed::of(pledge, amendment, name_in(&names, pledge), at)?);
    }
    let (mut cases, facilities) = judge(work, &rulebook, &changed).await?;
    let mut desk = lock(work, &acts).await?;
    let (mut proposed, mut amendments, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for (one, act) in changed.iter().zip(&acts) {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect_unchanged(&one.before, &pledge)?;
        if pledge.open_amendment().is_some() {
            return Err(PledgeRefusal::AmendmentOpen {}.into());
        }
        let pledge = replace(&mut desk, pledge.with_amendment(one.amendment.clone()).touched(one.at));
        journals.push(
            journal(work.today(), JournalKind::PledgeAmendmentProposed, &pledge, Vec::new())
                .because(Some(one.amendment.reason.clone())),
        );
        amendments.push(one.amendment.clone());
        proposed.push(pledge);
    }
    refuse_broken(work, &rulebook, &changed, &mut cases, &facilities).await?;
    let tasks: Vec<NewTask> = proposed.iter().flat_map(|pledge| party_tasks(AMENDMENT, pledge)).collect();
    decisions::open(work, &rulebook.rules_of(AMENDMENT), &tasks).await?;
    let proposed = finish(work, "pledge.amendment_proposed", proposed, &journals).await?;
    store::save(work, &amendments).await?;
    Ok(proposed)
}

/// Agrees to the open changes of pledges on behalf of the caller's enterprise: judged again under the locks, they are the next version of the
/// terms. Of several pledgors each agrees for itself, and the last brings the change into force.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::AgreedAlready`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`],
/// [`PledgeRefusal::NoOpenAmendment`], every rule of [`crate::eligibility::PledgeCheck`] that stands against it; hidden when the caller may
/// not know of it.
pub async fn agree(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let (mut changed, mut agreed) = (Vec::with_capacity(acts.len()), Vec::new());
    let (mut last, mut earlier) = (Vec::new(), Vec::new());
    let known = known(work, acts).await?;
    let names = names_of(work, known.iter().map(|pledge| pledge.pledgee)).await?;
    for (pledge, act) in known.into_iter().zip(acts) {
        expect_pledgor(&pledge, work.caller())?;
        pledge.expect_in_force()?;
        let open = pledge.open_amendment().cloned().ok_or(PledgeRefusal::NoOpenAmendment {})?;
        let at = stamp(work);
        if !pledge.further.is_empty() {
            agreed.push((open.id, Agreement { pledgor: work.caller().organisation, by: at.by, at: at.at }));
        }
        if pledge.waits_for_others(&open, work.caller().organisation)? {
            earlier.push((pledge, at, *act));
        } else {
            changed.push(Changed::of(&pledge, open, name_in(&names, &pledge), at)?);
            last.push(*act);
        }
    }
    let (mut cases, facilities) = judge(work, &rulebook, &changed).await?;
    for (one, case) in changed.iter_mut().zip(&cases) {
        settle_added(work, one, case);
    }
    let desk = lock(work, acts).await?;
    let seen_before = changed.iter().map(|one| &one.before).zip(&last);
    for (before, act) in seen_before.chain(earlier.iter().map(|(pledge, _, act)| (pledge, act))) {
        expect_unchanged(before, &seen(&desk, work.caller(), *act)?)?;
    }
    refuse_broken(work, &rulebook, &changed, &mut cases, &facilities).await?;
    let ids: Vec<Uuid> = acts.iter().map(|act| act.pledge.0).collect();
    decisions::close(work, &rulebook.rules_of(AMENDMENT), AMENDMENT, &ids, Outcome::Approved, None).await?;
    pledgors::store::insert_agreements(work, &agreed).await?;
    let mut pledges = agreed_before_others(work, &agreed, earlier).await?;
    let entry = Entry { kind: JournalKind::PledgeAmended, event: "pledge.amended", freed: None };
    pledges.extend(come_into_force(work, &rulebook, changed, facilities, entry).await?);
    Ok(pledges)
}

/// Notes that pledgors have agreed to changes for which others are still waited for.
async fn agreed_before_others(
    work: &mut Work,
    agreed: &[(AmendmentId, Agreement)],
    pledges: Vec<(Pledge, Stamp, Act)>,
) -> Result<Vec<Pledge>, Failure> {
    let (mut touched, mut journals) = (Vec::new(), Vec::new());
    for (pledge, at, _) in pledges {
        let open = pledge.open_amendment().cloned().ok_or(PledgeRefusal::NoOpenAmendment {})?;
        let new = agreed.iter().filter(|(id, _)| *id == open.id).map(|(_, agreement)| *agreement);
        let agreements = open.agreements.iter().copied().chain(new).collect();
        let pledge = pledge.with_amendment(Amendment { agreements, ..open }).touched(at);
        journals.push(journal(work.today(), JournalKind::FurtherPledgorAgreed, &pledge, Vec::new()));
        touched.push(pledge);
    }
    finish(work, "pledge.amendment_agreed", touched, &journals).await
}

/// Gives a part of the security up on behalf of the caller's bank or guarantor, and tells what is still owed and secured: the grams go back or
/// to whoever waits for them.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`],
/// [`PledgeRefusal::MoreThanHeld`], [`PledgeRefusal::WholeReleased`], [`PledgeRefusal::NothingAmended`], [`PledgeRefusal::NoSuchLien`],
/// [`PledgeRefusal::MoreAsked`], [`PledgeRefusal::PartsDiffer`]; hidden when the caller may not know of it.
pub async fn release_part(work: &mut Work, binders: Binders, wanted: &[NewAmendment]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = wanted.iter().map(|new| new.act).collect();
    let known = known(work, &acts).await?;
    let names = names_of(work, known.iter().map(|pledge| pledge.pledgee)).await?;
    let facilities = lock_facilities(work, &known).await?;
    let desk = lock(work, &acts).await?;
    let mut changed = Vec::with_capacity(wanted.len());
    for new in wanted {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_in_force()?;
        let at = stamp(work);
        let amendment = draft(&pledge, new, AmendmentKind::PartialRelease, at)?;
        if amendment.asks_for_credit(&pledge.terms) {
            return Err(PledgeRefusal::MoreAsked {}.into());
        }
        changed.push(Changed::of(&pledge, amendment, name_in(&names, &pledge), at)?);
    }
    let freed = changed.iter().flat_map(Changed::less).collect();
    let kind = JournalKind::PledgePartlyReleased;
    let entry = Entry { kind, event: "pledge.partly_released", freed: Some((binders, freed)) };
    come_into_force(work, &rulebook, changed, facilities, entry).await
}

/// Gives parts of a pledge, which is locked, up by order of a court: the grams go back or to whoever waits for them, and what is owed and secured
/// stays.
///
/// # Errors
/// [`PledgeRefusal::MoreThanHeld`], [`PledgeRefusal::WholeReleased`], [`PledgeRefusal::NoSuchLien`], [`PledgeRefusal::LienNamedTwice`].
pub(in crate::pledge) async fn release_ordered(
    work: &mut Work,
    binders: Binders,
    rulebook: &Rulebook,
    (pledge, new): (&Pledge, &NewAmendment),
    facilities: HashMap<FacilityId, Facility>,
) -> Result<Vec<Pledge>, Failure> {
    let names = names_of(work, std::iter::once(pledge.pledgee)).await?;
    let at = stamp(work);
    let amendment = draft(pledge, new, AmendmentKind::PartialRelease, at)?;
    let changed = Changed::of(pledge, amendment, name_in(&names, pledge), at)?;
    let freed = Some((binders, changed.less()));
    let entry = Entry { kind: JournalKind::PledgePartlyReleasedByCourt, event: "pledge.partly_released", freed };
    come_into_force(work, rulebook, vec![changed], facilities, entry).await
}

/// Lessens pledges, which are locked, by what was sold of them with their pledgees' consent, and by what that has paid of their claims.
pub(in crate::pledge) async fn lessen(
    work: &mut Work,
    rulebook: &Rulebook,
    sold: Vec<(Pledge, Amendment, Stamp)>,
    facilities: HashMap<FacilityId, Facility>,
) -> Result<Vec<Pledge>, Failure> {
    let names = names_of(work, sold.iter().map(|(pledge, _, _)| pledge.pledgee)).await?;
    let lessened = sold
        .into_iter()
        .map(|(pledge, amendment, at)| Changed::of(&pledge, amendment, name_in(&names, &pledge), at))
        .collect::<Result<Vec<_>, _>>()?;
    let entry = Entry { kind: JournalKind::SoldWithConsent, event: "pledge.sold_with_consent", freed: None };
    come_into_force(work, rulebook, lessened, facilities, entry).await
}

/// How changes that come into force are told.
struct Entry {
    kind: JournalKind,
    event: &'static str,
    /// What comes free of which stocks, and who may wait for it.
    freed: Option<(Binders, Vec<(Holding, i64)>)>,
}

/// Writes changes that are the next version of the terms of their pledges, which are locked, and moves what comes in or goes back.
async fn come_into_force(
    work: &mut Work,
    rulebook: &Rulebook,
    changed: Vec<Changed>,
    mut facilities: HashMap<FacilityId, Facility>,
    entry: Entry,
) -> Result<Vec<Pledge>, Failure> {
    let due_on = last_day(work, rulebook.margin_call_days()).await?;
    let mut written = Written::default();
    for one in changed {
        let at = one.at;
        let number = one.before.terms_number() + 1;
        let amendment = one.amendment.clone().decide(AmendmentState::InForce { number, by: at.by, at: at.at })?;
        if let Some(facility) = take_facility(&mut facilities, &one.before)? {
            let facility = redrawn(facility, &one)?;
            facilities.insert(facility.id, facility);
        }
        let postings = one.postings()?;
        let new_liens: Vec<LienId> =
            amendment.changes.things.iter().filter(|change| change.added.is_some()).map(|change| change.lien).collect();
        let pledge = one.after.with_amendment(amendment.clone()).touched(at);
        let called = pledge.margin(rulebook, work.now(), due_on);
        let pledge = called.iter().cloned().fold(pledge, Pledge::with_margin_call);
        written.calls.extend(called);
        written
            .journals
            .push(journal(work.today(), entry.kind, &pledge, postings).because(Some(amendment.reason.clone())));
        let liens = pledge.liens.iter().filter(|lien| new_liens.contains(&lien.id)).cloned();
        written.liens.extend(liens.map(|lien| (pledge.id, lien)));
        written.waits.extend(pledge.new_waits(&one.before));
        written.valuations.extend(one.valuations);
        written.amendments.push(amendment);
        written.pledges.push(pledge);
    }
    facility::store::save_parts(work, &facilities.into_values().collect::<Vec<_>>()).await?;
    written.save(work, entry).await
}

/// What changes that come into force leave to be written.
#[derive(Default)]
struct Written {
    pledges: Vec<Pledge>,
    amendments: Vec<Amendment>,
    liens: Vec<(PledgeId, Lien)>,
    valuations: Vec<Valuation>,
    waits: Vec<Wait>,
    journals: Vec<Journal>,
    calls: Vec<MarginCall>,
}

impl Written {
    async fn save(self, work: &mut Work, entry: Entry) -> Result<Vec<Pledge>, Failure> {
        pledges::insert_liens(work, &self.liens).await?;
        ranks::store::insert(work, &self.waits).await?;
        let pledges = finish_and_serve(work, entry.event, self.pledges, self.journals, entry.freed).await?;
        store::save(work, &self.amendments).await?;
        store::insert_changes(work, &self.amendments).await?;
        valuations::store::insert(work, &self.valuations).await?;
        valuations::store::save_calls(work, &self.calls).await?;
        let told = tell_calls(work, &self.calls).await?;
        Ok(as_told(pledges, &told))
    }
}

/// What a change of the principal draws of a facility, or gives back.
fn redrawn(facility: Facility, one: &Changed) -> Result<Facility, Failure> {
    let (before, after) = (one.before.terms.principal, one.after.terms.principal);
    if let Some(more) = after.checked_sub(before).filter(|more| !more.is_zero()) {
        return Ok(facility.draw(one.before.pledgor, more)?);
    }
    let less = before.checked_sub(after).unwrap_or_default();
    Ok(facility.give_back(one.before.pledgor, less)?)
}

/// Fills in owner, area and consent of what comes in, once they are known.
fn settle_added(work: &Work, one: &mut Changed, case: &PledgeCase) {
    for (known, (id, _)) in case.rights.iter().zip(one.more()) {
        let is_new = !one.before.liens.iter().any(|lien| lien.id == id);
        let Some(lien) = one.after.liens.iter_mut().find(|lien| lien.id == id).filter(|_| is_new) else { continue };
        lien.area_path.clone_from(&known.site.area_path);
        lien.pledgor = known.site.organisation;
        if let Some(consent) = case.consent_for(known, work.today()) {
            lien.consent = consent.id;
        }
    }
}

/// Turns the open changes of pledges down on behalf of the caller's enterprise.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::NoOpenAmendment`]; hidden when the caller may not know of it.
pub async fn refuse(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let ids: Vec<Uuid> = acts.iter().map(|act| act.pledge.0).collect();
    let dropped = drop_open(work, acts, expect_pledgor, |by, at| AmendmentState::Refused { by, at }).await?;
    decisions::close(work, &rulebook.rules_of(AMENDMENT), AMENDMENT, &ids, Outcome::Refused, None).await?;
    // Of several pledgors one no is enough.
    decisions::drop_waiting(work, AMENDMENT, &ids).await?;
    Ok(dropped)
}

/// Takes the open changes of pledges back on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::NoOpenAmendment`]; hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let dropped = drop_open(work, acts, expect_pledgee, |by, at| AmendmentState::Withdrawn { by, at }).await?;
    decisions::drop_waiting(work, AMENDMENT, &acts.iter().map(|act| act.pledge.0).collect::<Vec<_>>()).await?;
    Ok(dropped)
}

async fn drop_open(
    work: &mut Work,
    acts: &[Act],
    expect: fn(&Pledge, &Caller) -> Result<(), PledgeRefusal>,
    state: fn(UserId, Moment) -> AmendmentState,
) -> Result<Vec<Pledge>, Failure> {
    let mut desk = lock(work, acts).await?;
    let (mut dropped, mut amendments, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect(&pledge, work.caller())?;
        let open = pledge.open_amendment().cloned().ok_or(PledgeRefusal::NoOpenAmendment {})?;
        let at = stamp(work);
        let amendment = open.decide(state(at.by, at.at))?;
        let pledge = replace(&mut desk, pledge.with_amendment(amendment.clone()).touched(at));
        journals.push(journal(work.today(), JournalKind::PledgeAmendmentDropped, &pledge, Vec::new()));
        amendments.push(amendment);
        dropped.push(pledge);
    }
    let dropped = finish(work, "pledge.amendment_dropped", dropped, &journals).await?;
    store::save(work, &amendments).await?;
    Ok(dropped)
}

fn name_in<'n>(names: &'n HashMap<OrganisationId, String>, pledge: &Pledge) -> &'n str {
    names.get(&pledge.pledgee).map(String::as_str).unwrap_or_default()
}

/// The pledges as they stand before any lock is taken, in the order of the acts.
pub(in crate::pledge) async fn known(work: &Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let ids: Vec<PledgeId> = acts.iter().map(|act| act.pledge).collect();
    let found = pledges::find(work, &ids).await?;
    acts.iter().map(|act| seen(&found, work.caller(), *act)).collect()
}

/// Refuses to go on with what has changed between the look and the lock; whoever asks looks again.
fn expect_unchanged(before: &Pledge, now: &Pledge) -> Result<(), PledgeRefusal> {
    if before.version == now.version { Ok(()) } else { Err(PledgeRefusal::ChangedMeanwhile {}) }
}
