//! The way of an application: applied for, verified, agreed; or refused, or withdrawn.

use super::cases::{self, Ask, Right, rights_of};
use super::error::PledgeRefusal;
use super::pledge::{Lien, Pledge, PledgeState, Stamp, Terms};
use super::store;
use crate::access::Caller;
use crate::db::Work;
use crate::decisions::{self, Decision, Outcome, Proposal};
use crate::eligibility::{PledgeCase, pledge as eligibility};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, FacilityId, LienId, OrganisationId, PledgeId, RulebookId};
use crate::ledger;
use crate::parties::PartyRefusal;
use crate::rulebook;
use accounting::{Journal, JournalKind, Posting, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{HashMap, HashSet};

pub use super::cases::Right as NewRight;

/// A pledge to apply for.
#[derive(Debug, Clone)]
pub struct NewPledge {
    /// Whose rights.
    pub pledgor: OrganisationId,
    /// From which facility the loan is drawn.
    pub facility: Option<FacilityId>,
    /// What is owed and secured.
    pub terms: Terms,
    /// The rights, each stock once.
    pub rights: Vec<NewRight>,
}

/// An act on a pledge.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// Which.
    pub pledge: PledgeId,
    /// The version the actor saw.
    pub expected: Option<i64>,
}

/// A bureau's word that the books cover a pledge.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Of which pledge.
    pub act: Act,
    /// Why, in the officer's words.
    pub reason: Option<String>,
    /// SHA-256 of the document it rests on.
    pub document_hash: Option<String>,
}

/// A bureau's or a pledgor's no.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// To which pledge.
    pub act: Act,
    /// Why, in their words.
    pub reason: String,
    /// SHA-256 of the document it rests on.
    pub document_hash: Option<String>,
}

/// Applies for pledges on behalf of the caller's bank or guarantor. Everything is judged, nothing moves yet.
///
/// # Errors
/// [`PledgeRefusal::RightNamedTwice`], [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::UnknownSite`],
/// [`PartyRefusal::UnknownRightClass`], every rule of [`crate::eligibility::PledgeCheck`] at once; hidden when the facility
/// is not the caller's.
pub async fn apply(work: &mut Work, news: &[NewPledge]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let pledgee = work.caller().organisation;
    let ask = |new| ask_of(new, pledgee);
    let asks: Vec<Ask<'_>> = news.iter().map(ask).collect();
    let mut cases = cases::load(work, &asks).await?;
    expect_each_once(&asks, &cases)?;
    let facility_ids: Vec<FacilityId> = news.iter().filter_map(|new| new.facility).collect();
    let facilities = store::lock_facilities(work, &facility_ids).await?;
    let keys: Vec<_> = asks.iter().flat_map(|ask| ask.rights.iter().map(Right::available)).collect();
    let books = ledger::balances_under_lock(work, &keys).await?;
    let mut applied = Vec::with_capacity(news.len());
    let mut journals = Vec::with_capacity(news.len());
    for (new, case) in news.iter().zip(&mut cases) {
        cases::fill_available(&mut case.rights, &new.rights, &books);
        if let Some(id) = new.facility {
            let facility = facilities.get(&id).filter(|facility| facility.pledgee == pledgee);
            case.facility = facility.ok_or_else(|| not_found("facility"))?.fact(new.pledgor);
        }
        Failure::all(&eligibility::judge(case, &rulebook, work.today()))?;
        let pledge = draft(work, new, case, rulebook.id)?;
        journals.push(journal(work.today(), JournalKind::PledgeApplied, &pledge, Vec::new()));
        applied.push(pledge);
    }
    store::insert(work, &applied).await?;
    ledger::post(work, &journals).await?;
    tell(work, "pledge.applied", &applied);
    Ok(applied)
}

fn ask_of(new: &NewPledge, pledgee: OrganisationId) -> Ask<'_> {
    Ask { pledgor: new.pledgor, pledgee, terms: &new.terms, rights: new.rights.clone() }
}

/// Refuses a stock that one application names twice: it would be judged twice on the same grams.
fn expect_each_once(asks: &[Ask<'_>], cases: &[PledgeCase]) -> Result<(), PledgeRefusal> {
    for (ask, case) in asks.iter().zip(cases) {
        let mut named = HashSet::new();
        for (right, known) in ask.rights.iter().zip(&case.rights) {
            if !named.insert((right.site, right.right_class)) {
                return Err(PledgeRefusal::RightNamedTwice { right_class: known.class.code() });
            }
        }
    }
    Ok(())
}

fn draft(work: &Work, new: &NewPledge, case: &PledgeCase, rulebook: RulebookId) -> Result<Pledge, Failure> {
    let liens = new.rights.iter().zip(&case.rights).map(|(right, known)| {
        let code = known.class.code();
        let consent = case.consents.iter().find(|consent| consent.covers(&code, work.today()));
        Ok(Lien {
            id: LienId::fresh(),
            site: right.site,
            area_path: known.site.area_path.clone(),
            right_class: right.right_class,
            consent: consent.ok_or_else(|| Failure::bug("a pledge was judged without consent"))?.id,
            quantity: right.quantity,
        })
    });
    Ok(Pledge {
        id: PledgeId::fresh(),
        pledgor: case.pledgor.id,
        pledgor_area_path: case.pledgor.area_path.clone(),
        pledgee: case.pledgee.id,
        facility: new.facility,
        terms: new.terms.clone(),
        liens: liens.collect::<Result<_, Failure>>()?,
        applied_by: work.caller().user,
        applied_at: work.now(),
        rulebook,
        state: PledgeState::Applied,
        journal: ids::fresh_journal(),
        version: 1,
    })
}

/// Verifies the quantities of pledges against the books, by a bureau in charge of all their sites.
///
/// # Errors
/// [`PartyRefusal::OutsideArea`], [`decisions::DecisionRefusal::OwnProposal`], [`PledgeRefusal::WrongState`],
/// [`crate::eligibility::PledgeCheck::NotEnoughAvailable`]; hidden when the caller may not know of it.
pub async fn verify(work: &mut Work, wanted: &[Verification]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = wanted.iter().map(|verification| verification.act).collect();
    let mut desk = lock(work, &acts).await?;
    let mut verified = Vec::with_capacity(wanted.len());
    let mut applied = Vec::with_capacity(wanted.len());
    for act in &acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect_in_charge(&pledge, work.caller())?;
        applied.push(application_of(&pledge));
        verified.push(replace(&mut desk, pledge.verify(stamp(work))?));
    }
    decisions::four_eyes(work, &applied).await?;
    let rights: Vec<Vec<Right>> = verified.iter().map(rights_of).collect();
    let slices: Vec<&[Right]> = rights.iter().map(Vec::as_slice).collect();
    let mut cases = cases::load_rights(work, &slices).await?;
    let keys: Vec<_> = rights.iter().flatten().map(Right::available).collect();
    let books = ledger::balances_under_lock(work, &keys).await?;
    for (case, rights) in cases.iter_mut().zip(&rights) {
        cases::fill_available(case, rights, &books);
        Failure::all(&eligibility::judge_quantities(case))?;
    }
    let journals: Vec<Journal> = verified
        .iter()
        .zip(wanted)
        .map(|(pledge, verification)| {
            journal(work.today(), JournalKind::PledgeVerified, pledge, Vec::new())
                .because(verification.reason.clone())
                .proved_by(verification.document_hash.clone())
        })
        .collect();
    let decided: Vec<Decision> = verified
        .iter()
        .zip(&journals)
        .map(|(pledge, journal)| decision(pledge, journal, Outcome::Approved, rulebook.id))
        .collect();
    decisions::record(work, &decided).await?;
    finish(work, "pledge.verified", verified, &journals).await
}

/// Agrees to the terms of pledges on behalf of the caller's enterprise.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::WrongState`]; hidden when the caller may not know of it.
pub async fn agree(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let mut desk = lock(work, acts).await?;
    let mut agreed = Vec::with_capacity(acts.len());
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        if pledge.pledgor != work.caller().organisation {
            return Err(PledgeRefusal::NotThePledgor {}.into());
        }
        agreed.push(replace(&mut desk, pledge.agree(stamp(work))?));
    }
    let journals = plain_journals(work, JournalKind::PledgeAgreed, &agreed);
    finish(work, "pledge.agreed", agreed, &journals).await
}

/// Takes applications back on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::WrongState`]; hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let mut desk = lock(work, acts).await?;
    let mut withdrawn = Vec::with_capacity(acts.len());
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect_pledgee(&pledge, work.caller())?;
        withdrawn.push(replace(&mut desk, pledge.withdraw(stamp(work))?));
    }
    let journals = plain_journals(work, JournalKind::PledgeRefused, &withdrawn);
    finish(work, "pledge.withdrawn", withdrawn, &journals).await
}

/// Refuses applications: the pledgor its own, a bureau those in its charge, which leaves a decision record.
///
/// # Errors
/// [`PartyRefusal::OutsideArea`], [`decisions::DecisionRefusal::OwnProposal`], [`PledgeRefusal::WrongState`]; hidden when
/// the caller may not know of it.
pub async fn refuse(work: &mut Work, wanted: &[Rejection]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = wanted.iter().map(|rejection| rejection.act).collect();
    let mut desk = lock(work, &acts).await?;
    let mut refused = Vec::with_capacity(wanted.len());
    let mut journals = Vec::with_capacity(wanted.len());
    let (mut decided, mut applied) = (Vec::new(), Vec::new());
    for rejection in wanted {
        let pledge = seen(&desk, work.caller(), rejection.act)?;
        let is_own = pledge.pledgor == work.caller().organisation;
        if !is_own {
            expect_in_charge(&pledge, work.caller())?;
            applied.push(application_of(&pledge));
        }
        let pledge = replace(&mut desk, pledge.refuse(rejection.reason.clone(), stamp(work))?);
        let journal = journal(work.today(), JournalKind::PledgeRefused, &pledge, Vec::new())
            .because(Some(rejection.reason.clone()))
            .proved_by(rejection.document_hash.clone());
        if !is_own {
            decided.push(decision(&pledge, &journal, Outcome::Refused, rulebook.id));
        }
        journals.push(journal);
        refused.push(pledge);
    }
    decisions::four_eyes(work, &applied).await?;
    decisions::record(work, &decided).await?;
    finish(work, "pledge.refused", refused, &journals).await
}

/// Locks the pledges that acts name.
pub(super) async fn lock(work: &Work, acts: &[Act]) -> Result<HashMap<PledgeId, Pledge>, Failure> {
    let ids: Vec<PledgeId> = acts.iter().map(|act| act.pledge).collect();
    store::lock(work, &ids).await
}

/// The pledge an act names, as far as the caller may know of it, at the version they saw.
pub(super) fn seen(desk: &HashMap<PledgeId, Pledge>, caller: &Caller, act: Act) -> Result<Pledge, Failure> {
    let pledge = desk.get(&act.pledge).filter(|pledge| pledge.is_visible_to(caller));
    let pledge = pledge.ok_or_else(|| not_found("pledge"))?;
    expect_version(act.expected, pledge.version)?;
    Ok(pledge.clone())
}

/// Puts a pledge back where the next act of the batch finds it.
pub(super) fn replace(desk: &mut HashMap<PledgeId, Pledge>, pledge: Pledge) -> Pledge {
    desk.insert(pledge.id, pledge.clone());
    pledge
}

/// Refuses anybody but the pledgee.
pub(super) fn expect_pledgee(pledge: &Pledge, caller: &Caller) -> Result<(), PledgeRefusal> {
    if pledge.pledgee == caller.organisation { Ok(()) } else { Err(PledgeRefusal::NotThePledgee {}) }
}

fn expect_in_charge(pledge: &Pledge, caller: &Caller) -> Result<(), PartyRefusal> {
    match pledge.outside(caller) {
        Some(area) => Err(PartyRefusal::OutsideArea { area: area.to_owned() }),
        None => Ok(()),
    }
}

/// The caller's stamp on an act, with a journal of its own.
pub(super) fn stamp(work: &Work) -> Stamp {
    Stamp { by: work.caller().user, at: work.now(), journal: ids::fresh_journal() }
}

/// The journal of the last act on a pledge.
pub(super) fn journal(today: Date, kind: JournalKind, pledge: &Pledge, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Pledge, id: pledge.id.0, version: pledge.version };
    Journal::new(pledge.journal, kind, subject, today, postings)
}

fn plain_journals(work: &Work, kind: JournalKind, pledges: &[Pledge]) -> Vec<Journal> {
    pledges.iter().map(|pledge| journal(work.today(), kind, pledge, Vec::new())).collect()
}

fn application_of(pledge: &Pledge) -> Proposal {
    Proposal { by: pledge.applied_by, at: pledge.applied_at }
}

fn decision(pledge: &Pledge, journal: &Journal, outcome: Outcome, rulebook: RulebookId) -> Decision {
    Decision {
        act: journal.kind.as_str(),
        subject_kind: SubjectKind::Pledge.as_str(),
        subject: pledge.id.0,
        outcome,
        proposed_by: pledge.applied_by,
        reason: journal.reason.clone(),
        document_hash: journal.document_hash.clone(),
        rulebook,
    }
}

/// Writes locked pledges and posts their journals.
pub(super) async fn finish(
    work: &mut Work,
    event: &'static str,
    pledges: Vec<Pledge>,
    journals: &[Journal],
) -> Result<Vec<Pledge>, Failure> {
    store::save(work, &pledges).await?;
    ledger::post(work, journals).await?;
    tell(work, event, &pledges);
    Ok(pledges)
}

fn tell(work: &mut Work, event: &'static str, pledges: &[Pledge]) {
    for pledge in pledges {
        let number = pledge.state.registration().map(|registration| registration.number.clone());
        work.tell(Event {
            kind: event,
            subject: pledge.id.0,
            payload: json!({
                "pledgor": pledge.pledgor,
                "pledgee": pledge.pledgee,
                "number": number,
                "state": pledge.state.as_str(),
                "version": pledge.version,
            }),
        });
    }
}
