//! The way of an application: applied for, verified, agreed; or refused, or withdrawn.

use super::cases::{self, Ask, Right, rights_of};
use super::error::PledgeRefusal;
use super::facility;
use super::pledge::{Lien, Pledge, PledgeState, Stamp, Terms};
use super::pledgors;
use super::ranks::seniors::Standing;
use super::screenings::{self, ScreeningStep};
use super::shares::{self, commands::NamedPledgee};
use super::store;
use super::valuations::commands::{Appraised, StatedPart, Thing, Valuer, apportion, market_values, sum};
use super::valuations::{Appraisal, Worth};
use crate::access::{Action, Caller};
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Origin, Outcome, Place, calendar};
use crate::eligibility::{Part, PledgeCase, pledge as eligibility};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, FacilityId, LienId, OrganisationId, PledgeId, RulebookId};
use crate::ledger;
use crate::parties::PartyRefusal;
use crate::parties::facts::queries::facts_of;
use crate::rulebook;
use accounting::{Journal, JournalKind, Money, Posting, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub use super::cases::Right as NewRight;

/// The word of the verification in tasks, records and the rulebook.
pub const VERIFICATION: &str = "pledge_verification";
/// The word of the pledgor's agreement.
pub const AGREEMENT: &str = "pledge_agreement";

/// A pledge to apply for.
#[derive(Debug, Clone)]
pub struct NewPledge {
    /// Whose rights; the borrower where others pledge with it.
    pub pledgor: OrganisationId,
    /// Whose rights secure the loan as well.
    pub further: Vec<OrganisationId>,
    /// From which facility the loan is drawn.
    pub facility: Option<FacilityId>,
    /// Its pledgees with their shares, the applicant among them; none where that is the only one.
    pub pledgees: Vec<NamedPledgee>,
    /// What is owed and secured.
    pub terms: Terms,
    /// How the rights are valued.
    pub appraisal: Appraisal,
    /// What they were assessed at together; absent where the statistics say it.
    pub assessed_value: Option<Money>,
    /// The rights, each stock once.
    pub rights: Vec<NewRight>,
    /// What is said of each of them, in the same order.
    pub parts: Vec<StatedPart>,
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
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// A bureau's or a pledgor's no.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// To which pledge.
    pub act: Act,
    /// Why, in their words.
    pub reason: String,
    /// The documents it rests on.
    pub grounds: Grounds,
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
    let named: Vec<_> = news.iter().map(|new| (new.pledgees.as_slice(), new.terms.secured)).collect();
    shares::commands::judge(work, &named).await?;
    let appraised = appraise(work, news).await?;
    let ask = |(new, worth)| ask_of(new, worth, pledgee);
    let asks: Vec<Ask<'_>> = news.iter().zip(&appraised).map(ask).collect();
    let mut cases = cases::load(work, &asks).await?;
    pledgors::commands::judge(&asks, &cases)?;
    cases::fill_mismatches(work, &mut cases, &rulebook).await?;
    expect_each_once(&asks, &cases)?;
    let facility_ids: Vec<FacilityId> = news.iter().filter_map(|new| new.facility).collect();
    let facilities = facility::store::lock_facilities(work, &facility_ids).await?;
    let keys: Vec<_> = asks.iter().flat_map(|ask| ask.rights.iter().map(Right::available)).collect();
    let books = ledger::balances_under_lock(work, &keys).await?;
    let asked: Vec<Right> = news.iter().flat_map(|new| new.rights.iter().copied()).collect();
    let standing = Standing::on(work, &asked).await?;
    cases::fill_fees(work, &mut cases, &asks).await?;
    let due_on = last_day(work, rulebook.pledge_processing_days()).await?;
    let mut applied = Vec::with_capacity(news.len());
    let mut journals = Vec::with_capacity(news.len());
    for ((new, worth), case) in news.iter().zip(&appraised).zip(&mut cases) {
        standing.fill_from(&mut case.rights, &new.rights, &books);
        if let Some(id) = new.facility {
            let facility = facilities.get(&id).filter(|facility| facility.pledgee == pledgee);
            case.facility = facility.ok_or_else(|| not_found("facility"))?.fact(new.pledgor);
        }
        Failure::all(&eligibility::judge(case, &rulebook, work.today()))?;
        let pledge = Pledge { due_on, ..draft(work, new, worth, case, rulebook.id)? };
        journals.push(journal(work.today(), JournalKind::PledgeApplied, &pledge, Vec::new()));
        applied.push(pledge);
    }
    store::insert(work, &applied).await?;
    screenings::freeze(work, ScreeningStep::Applied, &applied, &cases, &rulebook).await?;
    ledger::post(work, &journals).await?;
    let tasks: Vec<NewTask> = applied.iter().map(verification_task).collect();
    decisions::open(work, &rulebook.rules_of(VERIFICATION), &tasks).await?;
    tell(work, "pledge.applied", &applied);
    Ok(applied)
}

/// The rights of an application, valued: together and one by one.
type Valued = (Worth, Vec<Appraised>);

/// Values the rights of applications, and says which part of the loan rests on each.
async fn appraise(work: &Work, news: &[NewPledge]) -> Result<Vec<Valued>, Failure> {
    let mut valued = Vec::with_capacity(news.len());
    for new in news {
        let thing = |right: &NewRight| Thing { right_class: right.right_class, quantity: right.quantity };
        let things: Vec<Thing> = new.rights.iter().map(thing).collect();
        let market = market_values(work, &new.appraisal, &things, |at| format!("rights[{at}]")).await?;
        let parts = apportion(new.terms.secured, new.assessed_value, &new.parts, &market)?;
        let total = sum(parts.iter().map(|part| part.value)).ok_or(PledgeRefusal::NotWorthCounting {})?;
        valued.push((new.appraisal.worth(total), parts));
    }
    Ok(valued)
}

/// The last of so many working days from today on; none where no rule says how many.
pub(super) async fn last_day(work: &Work, days: Option<u32>) -> Result<Option<Date>, Failure> {
    let Some(days) = days else { return Ok(None) };
    Ok(calendar::from(work, work.today()).await?.working_days_after(work.today(), days))
}

fn ask_of<'a>(new: &'a NewPledge, (worth, parts): &'a Valued, pledgee: OrganisationId) -> Ask<'a> {
    let part = |part: &Appraised| Some(Part { secured: part.secured, value: part.value });
    Ask {
        pledgor: new.pledgor,
        further: new.further.clone(),
        pledgee,
        terms: &new.terms,
        worth,
        rights: new.rights.clone(),
        parts: parts.iter().map(part).collect(),
        ahead: Money::default(),
    }
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

fn draft(
    work: &Work,
    new: &NewPledge,
    (worth, parts): &Valued,
    case: &PledgeCase,
    rulebook: RulebookId,
) -> Result<Pledge, Failure> {
    let (id, at) = (PledgeId::fresh(), stamp(work));
    let valuer = Valuer { pledge: id, appraisal: &new.appraisal, pledgee: &case.pledgee.name, at };
    let liens = new.rights.iter().zip(&case.rights).zip(parts).map(|((right, known), part)| {
        let consent = case.consent_for(known, work.today());
        let mut lien = Lien {
            id: LienId::fresh(),
            site: right.site,
            pledgor: known.site.organisation,
            area_path: known.site.area_path.clone(),
            right_class: right.right_class,
            consent: consent.ok_or_else(|| Failure::bug("a pledge was judged without consent"))?.id,
            quantity: right.quantity,
            is_junior: right.is_junior,
            waits: Vec::new(),
            changed: 0,
            sold: 0,
            secured: Some(part.secured),
            valuations: Vec::new(),
            notices: Vec::new(),
        };
        lien.valuations.push(valuer.values((&lien, right.quantity), part.value, part.market_price));
        Ok(lien)
    });
    Ok(Pledge {
        id,
        pledgor: case.pledgor.id,
        pledgor_area_path: case.pledgor.area_path.clone(),
        pledgee: case.pledgee.id,
        facility: new.facility,
        terms: new.terms.clone(),
        worth: worth.clone(),
        shares: shares::commands::shares(work, id, &new.pledgees),
        further: pledgors::commands::further(id, &new.further),
        liens: liens.collect::<Result<_, Failure>>()?,
        margin_calls: Vec::new(),
        payouts: Vec::new(),
        amendments: Vec::new(),
        disposals: Vec::new(),
        on_offer: Vec::new(),
        court_releases: Vec::new(),
        due_on: None,
        processing_days: None,
        external: None,
        applied_by: at.by,
        applied_at: at.at,
        rulebook,
        state: PledgeState::Applied,
        journal: at.journal,
        version: 1,
    })
}

/// Verifies the quantities of pledges against the books, by a bureau in charge of all their sites.
///
/// # Errors
/// [`PartyRefusal::OutsideArea`], [`decisions::DecisionRefusal::OwnProposal`], [`PledgeRefusal::WrongState`],
/// [`crate::eligibility::PledgeCheck::NotEnoughAvailable`] and every exclusion; hidden when the caller may not know of it.
pub async fn verify(work: &mut Work, wanted: &[Verification]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let rules = rulebook.rules_of(VERIFICATION);
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
    decisions::four_eyes(work, &rules, &applied).await?;
    let rights: Vec<Vec<Right>> = verified.iter().map(rights_of).collect();
    let slices: Vec<&[Right]> = rights.iter().map(Vec::as_slice).collect();
    let mut cases = cases::load_rights(work, &slices).await?;
    let keys: Vec<_> = rights.iter().flatten().map(Right::available).collect();
    let books = ledger::balances_under_lock(work, &keys).await?;
    let standing = Standing::on(work, &rights.concat()).await?;
    let pledgors: Vec<OrganisationId> = verified.iter().flat_map(Pledge::pledgors).collect();
    let facts = facts_of(work.connection(), &pledgors).await?;
    for ((case, rights), pledge) in cases.iter_mut().zip(&rights).zip(&verified) {
        standing.fill_from(case, rights, &books);
        let facts: Vec<_> = pledge.pledgors().map(|id| facts.get(&id).cloned().unwrap_or_default()).collect();
        Failure::all(&eligibility::judge_verification(case, &facts, &rulebook, work.today()))?;
    }
    let grounds: Vec<&Grounds> = wanted.iter().map(|verification| &verification.grounds).collect();
    let proofs = documents::prove(work, &grounds).await?;
    let mut journals: Vec<Journal> = Vec::with_capacity(verified.len());
    let mut decided: Vec<Decision> = Vec::with_capacity(verified.len());
    for ((pledge, grounds), proof) in verified.iter().zip(grounds).zip(proofs) {
        let journal = journal(work.today(), JournalKind::PledgeVerified, pledge, Vec::new())
            .because(grounds.reason.clone())
            .proved_by(proof);
        link(work, pledge, grounds).await?;
        decided.push(decision(pledge, &journal, Outcome::Approved));
        journals.push(journal);
    }
    decisions::decide(work, &rules, &decided).await?;
    let tasks: Vec<NewTask> = verified.iter().flat_map(|pledge| party_tasks(AGREEMENT, pledge)).collect();
    decisions::open(work, &rulebook.rules_of(AGREEMENT), &tasks).await?;
    finish(work, "pledge.verified", verified, &journals).await
}

/// Agrees to the terms of pledges on behalf of the caller's enterprise; of several pledgors each agrees for itself.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::AgreedAlready`], [`PledgeRefusal::WrongState`]; hidden when the caller may not know
/// of it.
pub async fn agree(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let rules = rulebook::in_force(work).await?.rules_of(AGREEMENT);
    let mut desk = lock(work, acts).await?;
    let (mut agreed, mut journals, mut further) = (Vec::with_capacity(acts.len()), Vec::new(), Vec::new());
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect_pledgor(&pledge, work.caller())?;
        let (own, at) = (work.caller().organisation, stamp(work));
        let (pledge, kind) = if pledge.pledgor == own {
            (pledge.agree(at)?, JournalKind::PledgeAgreed)
        } else {
            let pledge = pledge.further_agrees(own, at.by, at.at)?.touched(at);
            further.extend(pledge.further.iter().filter(|further| further.pledgor == own).cloned());
            (pledge, JournalKind::FurtherPledgorAgreed)
        };
        let pledge = replace(&mut desk, pledge);
        journals.push(journal(work.today(), kind, &pledge, Vec::new()));
        agreed.push(pledge);
    }
    pledgors::store::put(work, &further).await?;
    let ids: Vec<Uuid> = agreed.iter().map(|pledge| pledge.id.0).collect();
    decisions::close(work, &rules, AGREEMENT, &ids, Outcome::Approved, None).await?;
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
    decisions::drop_open(work, &withdrawn.iter().map(|pledge| pledge.id.0).collect::<Vec<_>>()).await?;
    finish(work, "pledge.withdrawn", withdrawn, &journals).await
}

/// Refuses applications: a pledgor, or a pledgee that does not lead, those that it is named in, a bureau those in its charge, which leaves a
/// decision record.
///
/// # Errors
/// [`PartyRefusal::OutsideArea`], [`decisions::DecisionRefusal::OwnProposal`], [`PledgeRefusal::WrongState`]; hidden when
/// the caller may not know of it.
pub async fn refuse(work: &mut Work, wanted: &[Rejection]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let rules = rulebook.rules_of(VERIFICATION);
    let proofs = documents::prove(work, &wanted.iter().map(|rejection| &rejection.grounds).collect::<Vec<_>>()).await?;
    let acts: Vec<Act> = wanted.iter().map(|rejection| rejection.act).collect();
    let mut desk = lock(work, &acts).await?;
    let mut refused = Vec::with_capacity(wanted.len());
    let mut journals = Vec::with_capacity(wanted.len());
    let (mut decided, mut applied) = (Vec::new(), Vec::new());
    for (rejection, proof) in wanted.iter().zip(proofs) {
        let pledge = seen(&desk, work.caller(), rejection.act)?;
        let own = work.caller().organisation;
        let (is_own, has_share) = (pledge.is_of_pledgor(own), pledge.is_of_pledgee(own));
        if pledge.pledgee == own {
            return Err(PledgeRefusal::NotThePledgor {}.into());
        }
        if !is_own && !has_share {
            expect_in_charge(&pledge, work.caller())?;
            applied.push(application_of(&pledge));
        }
        let pledge = replace(&mut desk, pledge.refuse(rejection.reason.clone(), stamp(work))?);
        let journal = journal(work.today(), JournalKind::PledgeRefused, &pledge, Vec::new())
            .because(Some(rejection.reason.clone()))
            .proved_by(proof);
        link(work, &pledge, &rejection.grounds).await?;
        if is_own {
            let reason = Some(rejection.reason.clone());
            let own = rulebook.rules_of(AGREEMENT);
            decisions::close(work, &own, AGREEMENT, &[pledge.id.0], Outcome::Refused, reason).await?;
        } else if !has_share {
            decided.push(decision(&pledge, &journal, Outcome::Refused));
        }
        journals.push(journal);
        refused.push(pledge);
    }
    decisions::four_eyes(work, &rules, &applied).await?;
    decisions::decide(work, &rules, &decided).await?;
    // What others would still have to decide about it is over.
    decisions::drop_open(work, &refused.iter().map(|pledge| pledge.id.0).collect::<Vec<_>>()).await?;
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

/// Refuses anybody but a pledgor.
pub(super) fn expect_pledgor(pledge: &Pledge, caller: &Caller) -> Result<(), PledgeRefusal> {
    if pledge.is_of_pledgor(caller.organisation) { Ok(()) } else { Err(PledgeRefusal::NotThePledgor {}) }
}

fn expect_in_charge(pledge: &Pledge, caller: &Caller) -> Result<(), PartyRefusal> {
    match pledge.outside(caller) {
        Some(area) => Err(PartyRefusal::OutsideArea { area: area.to_owned() }),
        None => Ok(()),
    }
}

/// The caller's stamp on an act, with a journal of its own.
pub(super) fn stamp(work: &Work) -> Stamp {
    stamp_of(work, work.caller())
}

/// The stamp of one of several who act in a work.
pub(super) fn stamp_of(work: &Work, by: &Caller) -> Stamp {
    Stamp { by: by.user, at: work.now(), journal: ids::fresh_journal() }
}

/// The journal of the last act on a pledge.
pub(super) fn journal(today: Date, kind: JournalKind, pledge: &Pledge, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Pledge, id: pledge.id.0, version: pledge.version };
    Journal::new(pledge.journal, kind, subject, today, postings)
}

fn plain_journals(work: &Work, kind: JournalKind, pledges: &[Pledge]) -> Vec<Journal> {
    pledges.iter().map(|pledge| journal(work.today(), kind, pledge, Vec::new())).collect()
}

fn application_of(pledge: &Pledge) -> Origin {
    Origin { by: pledge.applied_by, at: pledge.applied_at }
}

fn verification_task(pledge: &Pledge) -> NewTask {
    NewTask {
        act: VERIFICATION,
        subject_kind: SubjectKind::Pledge.as_str(),
        subject: pledge.id.0,
        place: Place::bureau_over_all(pledge.liens.iter().map(|lien| lien.area_path.as_str())),
        permission: Action::VerifyPledge,
        has_record: true,
    }
}

/// What waits for each of the pledgors to agree to.
pub(super) fn party_tasks(act: &'static str, pledge: &Pledge) -> Vec<NewTask> {
    let task = |pledgor| NewTask {
        act,
        subject_kind: SubjectKind::Pledge.as_str(),
        subject: pledge.id.0,
        place: Place::Organisation(pledgor),
        permission: Action::AgreePledge,
        has_record: false,
    };
    pledge.pledgors().map(task).collect()
}

/// Lets all parties and the bureaux of the sites read what an act rests on.
async fn link(work: &Work, pledge: &Pledge, grounds: &Grounds) -> Result<(), Failure> {
    let areas: HashSet<&String> = pledge.liens.iter().map(|lien| &lien.area_path).collect();
    let mut audiences = vec![Audience::Organisation(pledge.pledgor), Audience::Organisation(pledge.pledgee)];
    audiences.extend(pledge.further_parties().into_iter().map(Audience::Organisation));
    audiences.extend(areas.into_iter().cloned().map(Audience::Area));
    documents::link(work, grounds, SubjectKind::Pledge.as_str(), pledge.id.0, &audiences).await
}

fn decision(pledge: &Pledge, journal: &Journal, outcome: Outcome) -> Decision {
    Decision {
        act: VERIFICATION,
        subject_kind: SubjectKind::Pledge.as_str(),
        subject: pledge.id.0,
        outcome,
        proposed_by: pledge.applied_by,
        reason: journal.reason.clone(),
        document_hash: journal.document_hash.clone(),
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

pub(super) fn tell(work: &mut Work, event: &'static str, pledges: &[Pledge]) {
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
