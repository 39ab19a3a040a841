//! Agreeing to, deciding and withdrawing an act on rights.

use super::carrying::{Carried, carry, journal, journal_kind};
use super::cases;
use super::error::TenureRefusal;
use super::judge::{Case, Stage, seize};
use super::proposing::refuse_broken;
use super::right_act::{Agreed, Kind, RightAct, What};
use super::store;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::calendar;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Origin, Outcome, Place};
use crate::encumbrance::{Binders, NewNotice, Notice, NoticeCause};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::RightActId;
use crate::ledger;
use crate::quota::batches::Ruling;
use crate::rulebook::{self, Rulebook};
use accounting::recipes;
use accounting::{AccountKey, Holding, Journal, JournalKind, SubjectKind};
use serde_json::json;
use std::collections::HashMap;

/// A word on an act.
#[derive(Debug, Clone)]
pub struct ActWord {
    /// Which.
    pub act: RightActId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// Approves acts that somebody else proposed: they take effect, judged again under the locks. A renewal whose new validity has not begun
/// waits for its first day.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`TenureRefusal::WrongState`], and every broken rule at once.
pub async fn approve(work: &mut Work, binders: Binders, wanted: &[ActWord]) -> Result<Vec<RightAct>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let locked = lock_in_charge(work, wanted, &rulebook).await?;
    locked.iter().try_for_each(RightAct::expect_waiting)?;
    let proofs = prove(work, wanted).await?;
    let cases = cases::load(work, binders, &locked).await?;
    let accounts: Vec<AccountKey> =
        locked.iter().zip(&cases).flat_map(|(act, case)| cases::accounts_of(act, case)).collect();
    let start = ledger::balances_under_lock(work, &accounts).await?;
    let mut books = start.clone();
    let (mut acts, mut journals, mut lapses) = (Vec::new(), Vec::new(), Vec::new());
    for (((act, mut case), word), proof) in locked.into_iter().zip(cases).zip(wanted).zip(&proofs) {
        cases::fill(&mut case, &act, &books);
        refuse_broken(work, std::slice::from_ref(&act), std::slice::from_ref(&case), &rulebook, Stage::Decided)?;
        let act = RightAct { rulebook: rulebook.id, ..act };
        let (act, journal, carried) = decide(work, act, &case, ruling(work, word))?;
        let journal = journal.because(word.grounds.reason.clone()).proved_by(proof.clone());
        books.apply(&journal).map_err(ledger::LedgerRefusal::from)?;
        lapses.extend(carried.map(|carried| carried.lapses).unwrap_or_default());
        journals.push(journal);
        acts.push(act);
    }
    let recorded = journals.clone();
    journals.extend(binders.lapse(work, &lapses).await?);
    recipes::take_reductions(&mut journals, &start)?;
    store::save(work, &acts).await?;
    ledger::post(work, &journals).await?;
    let taken: Vec<Holding> = if lapses.is_empty() { Vec::new() } else { acts.iter().map(RightAct::stock).collect() };
    binders.end_gone(work, &taken).await?;
    record(work, &acts, wanted, &recorded, Outcome::Approved, &rulebook).await?;
    tell_each(work, &acts);
    Ok(acts)
}

/// An act as it is approved, with the journal of that, and what moves when it takes effect now.
fn decide(
    work: &Work,
    act: RightAct,
    case: &Case,
    ruling: Ruling,
) -> Result<(RightAct, Journal, Option<Carried>), Failure> {
    let today = work.today();
    if let What::Renewal { from, .. } = act.what
        && from > today
    {
        let act = act.approve(ruling)?;
        let journal = journal(today, JournalKind::RightActApproved, &act, Vec::new());
        return Ok((act, journal, None));
    }
    let carried = carry(&act, case, today)?;
    let kind = journal_kind(act.kind());
    let act = act.carry_out(Some(ruling), work.now(), carried.moved, carried.converted)?;
    let journal = journal(today, kind, &act, carried.postings.clone());
    Ok((act, journal, Some(carried)))
}

/// Carries out approved renewals whose day has come, at most so many. Tells how many. Only what is still free is renewed.
///
/// # Errors
/// A fault of the database.
pub(super) async fn renew_due(work: &mut Work, binders: Binders, most: u64) -> Result<u64, Failure> {
    let today = work.today();
    let due = store::lock_due(work, today, most).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let cases = cases::load(work, binders, &due).await?;
    let accounts: Vec<AccountKey> =
        due.iter().zip(&cases).flat_map(|(act, case)| cases::accounts_of(act, case)).collect();
    let start = ledger::balances_under_lock(work, &accounts).await?;
    let mut books = start.clone();
    let (mut acts, mut journals) = (Vec::with_capacity(due.len()), Vec::with_capacity(due.len()));
    for (act, mut case) in due.into_iter().zip(cases) {
        cases::fill(&mut case, &act, &books);
        let carried = carry(&act, &case, today)?;
        let act = act.carry_out(None, work.now(), carried.moved, carried.converted)?;
        let journal = journal(today, journal_kind(act.kind()), &act, carried.postings);
        books.apply(&journal).map_err(ledger::LedgerRefusal::from)?;
        journals.push(journal);
        acts.push(act);
    }
    recipes::take_reductions(&mut journals, &start)?;
    store::save(work, &acts).await?;
    ledger::post(work, &journals).await?;
    tell_each(work, &acts);
    u64::try_from(acts.len()).map_err(Failure::bug)
}

/// Refuses acts as the bureau in charge.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`TenureRefusal::WrongState`].
pub async fn refuse(work: &mut Work, wanted: &[ActWord]) -> Result<Vec<RightAct>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let locked = lock_in_charge(work, wanted, &rulebook).await?;
    let proofs = prove(work, wanted).await?;
    let (mut acts, mut journals) = (Vec::new(), Vec::new());
    for ((act, word), proof) in locked.into_iter().zip(wanted).zip(proofs) {
        let act = RightAct { rulebook: rulebook.id, ..act.refuse(ruling(work, word))? };
        let journal = journal(work.today(), JournalKind::RightActRefused, &act, Vec::new());
        journals.push(journal.because(word.grounds.reason.clone()).proved_by(proof));
        acts.push(act);
    }
    store::save(work, &acts).await?;
    ledger::post(work, &journals).await?;
    record(work, &acts, wanted, &journals, Outcome::Refused, &rulebook).await?;
    tell_each(work, &acts);
    Ok(acts)
}

/// Agrees to sell rights of the caller's organisation back; the bureau then decides.
///
/// # Errors
/// [`TenureRefusal::WrongState`], and every broken rule at once; hidden when the rights are not the caller's.
pub async fn agree(work: &mut Work, binders: Binders, wanted: &[ActWord]) -> Result<Vec<RightAct>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let agreed = Agreed { by: work.caller().user, at: work.now() };
    let mut acts = Vec::with_capacity(wanted.len());
    for act in lock_own(work, wanted).await? {
        acts.push(RightAct { rulebook: rulebook.id, ..act.agree(agreed)? });
    }
    let mut cases = cases::load(work, binders, &acts).await?;
    let accounts: Vec<AccountKey> =
        acts.iter().zip(&cases).flat_map(|(act, case)| cases::accounts_of(act, case)).collect();
    let books = ledger::balances_under_lock(work, &accounts).await?;
    for (act, case) in acts.iter().zip(&mut cases) {
        cases::fill(case, act, &books);
    }
    refuse_broken(work, &acts, &cases, &rulebook, Stage::Agreed)?;
    store::save(work, &acts).await?;
    let journals: Vec<Journal> =
        acts.iter().map(|act| journal(work.today(), JournalKind::RightActAgreed, act, Vec::new())).collect();
    ledger::post(work, &journals).await?;
    for act in &acts {
        decisions::open(work, &rulebook.rules_of(act.kind().as_str()), &[task(act)]).await?;
    }
    tell(work, "right_act.agreed", &acts);
    Ok(acts)
}

/// Declines to sell rights of the caller's organisation back.
///
/// # Errors
/// [`TenureRefusal::WrongState`]; hidden when the rights are not the caller's.
pub async fn decline(work: &mut Work, wanted: &[ActWord]) -> Result<Vec<RightAct>, Failure> {
    let (mut acts, mut journals) = (Vec::new(), Vec::new());
    for (act, word) in lock_own(work, wanted).await?.into_iter().zip(wanted) {
        let act = act.decline(ruling(work, word))?;
        let journal = journal(work.today(), JournalKind::RightActRefused, &act, Vec::new());
        journals.push(journal.because(word.grounds.reason.clone()));
        acts.push(act);
    }
    end(work, &acts, &journals).await?;
    Ok(acts)
}

/// Takes one's own proposals back before a bureau has decided.
///
/// # Errors
/// [`TenureRefusal::NotYourAct`], [`TenureRefusal::WrongState`]; hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, wanted: &[ActWord]) -> Result<Vec<RightAct>, Failure> {
    let caller = work.caller().clone();
    let locked = lock(work, wanted, |act| store::is_visible(act, &caller)).await?;
    let (mut acts, mut journals) = (Vec::new(), Vec::new());
    for act in locked {
        if act.proposed_by != caller.user {
            return Err(TenureRefusal::NotYourAct {}.into());
        }
        let act = act.withdraw()?;
        journals.push(journal(work.today(), JournalKind::RightActWithdrawn, &act, Vec::new()));
        acts.push(act);
    }
    end(work, &acts, &journals).await?;
    Ok(acts)
}

/// Writes acts that ended without a decision of a bureau.
async fn end(work: &mut Work, acts: &[RightAct], journals: &[Journal]) -> Result<(), Failure> {
    store::save(work, acts).await?;
    ledger::post(work, journals).await?;
    decisions::drop_open(work, &acts.iter().map(|act| act.id.0).collect::<Vec<_>>()).await?;
    tell_each(work, acts);
    Ok(())
}

/// Locks acts in the order wanted; what is hidden from whoever asks is not there.
async fn lock(
    work: &Work,
    wanted: &[ActWord],
    is_visible: impl Fn(&RightAct) -> bool,
) -> Result<Vec<RightAct>, Failure> {
    let ids: Vec<RightActId> = wanted.iter().map(|word| word.act).collect();
    let locked: HashMap<RightActId, RightAct> =
        store::lock(work, &ids).await?.into_iter().map(|act| (act.id, act)).collect();
    let found = wanted.iter().map(|word| {
        let act = locked.get(&word.act).filter(|act| is_visible(act)).ok_or_else(|| not_found("right act"))?;
        expect_version(word.expected, act.version)?;
        Ok(act.clone())
    });
    found.collect()
}

/// Locks acts in the caller's charge; nobody decides on their own.
async fn lock_in_charge(work: &Work, wanted: &[ActWord], rulebook: &Rulebook) -> Result<Vec<RightAct>, Failure> {
    let locked = lock(work, wanted, |act| work.caller().covers(&act.area_path)).await?;
    for act in &locked {
        let rules = rulebook.rules_of(act.kind().as_str());
        decisions::four_eyes(work, &rules, &[Origin { by: act.proposed_by, at: act.proposed_at }]).await?;
    }
    Ok(locked)
}

/// Locks buy-backs from the caller's organisation. Of what is no buy-back there is nothing to agree to.
async fn lock_own(work: &Work, wanted: &[ActWord]) -> Result<Vec<RightAct>, Failure> {
    let own = work.caller().organisation;
    lock(work, wanted, |act| act.organisation == own).await
}

fn ruling(work: &Work, said: &ActWord) -> Ruling {
    Ruling { by: work.caller().user, at: work.now(), reason: said.grounds.reason.clone() }
}

/// Tells the pledgees of what take-backs will take from their liens, with the term that the rulebook sets, and of what buy-backs would have
/// to: of those the release or the pledgee's own disposal clears the way, and no term does.
pub(super) async fn notify(
    work: &mut Work,
    binders: Binders,
    acts: &[RightAct],
    cases: &[Case],
    rulebook: &Rulebook,
) -> Result<Vec<Journal>, Failure> {
    let today = work.today();
    let until = match rulebook.take_back_notice_days() {
        Some(days) => calendar::from(work, today).await?.working_days_after(today, days),
        None => None,
    };
    let mut news = Vec::new();
    for (act, case) in acts.iter().zip(cases) {
        let (cause, until) = match act.kind() {
            Kind::TakeBack => (NoticeCause::TakeBack, until),
            Kind::BuyBack => (NoticeCause::BuyBack, None),
            _ => continue,
        };
        let taken = match seize(act, case, today, Stage::Proposed { by_bureau: true }) {
            // Of a buy-back the proposer is not told that there is too little; nothing comes of it, and no pledgee is told either.
            Err(_) if act.kind() == Kind::BuyBack => continue,
            taken => taken?,
        };
        let notice = Notice { cause, right_act: Some(act.id), until };
        news.extend(taken.liens.into_iter().map(|(lien, grams)| NewNotice { lien, notice, grams }));
    }
    binders.notify(work, &news).await
}

/// What a bureau has to decide about an act.
pub(super) fn task(act: &RightAct) -> NewTask {
    NewTask {
        act: act.kind().as_str(),
        subject_kind: SubjectKind::Tenure.as_str(),
        subject: act.id.0,
        place: Place::BureauOver(act.area_path.clone()),
        permission: Action::DecideRightAct,
        has_record: true,
    }
}

/// The hash of what each word rests on.
async fn prove(work: &Work, wanted: &[ActWord]) -> Result<Vec<Option<String>>, Failure> {
    documents::prove(work, &wanted.iter().map(|word| &word.grounds).collect::<Vec<_>>()).await
}

async fn record(
    work: &mut Work,
    acts: &[RightAct],
    wanted: &[ActWord],
    journals: &[Journal],
    outcome: Outcome,
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let subject_kind = SubjectKind::Tenure.as_str();
    for ((act, word), journal) in acts.iter().zip(wanted).zip(journals) {
        let receiver = act.what.receiver().map(|reserve| Audience::Organisation(reserve.organisation));
        let own = [Audience::Organisation(act.organisation), Audience::Area(act.area_path.clone())];
        let audiences: Vec<Audience> = own.into_iter().chain(receiver).collect();
        documents::link(work, &word.grounds, subject_kind, act.id.0, &audiences).await?;
        let decision = Decision {
            act: act.kind().as_str(),
            subject_kind,
            subject: act.id.0,
            outcome,
            proposed_by: act.proposed_by,
            reason: journal.reason.clone(),
            document_hash: journal.document_hash.clone(),
        };
        decisions::decide(work, &rulebook.rules_of(act.kind().as_str()), &[decision]).await?;
    }
    Ok(())
}

fn tell_each(work: &mut Work, acts: &[RightAct]) {
    for act in acts {
        let kind = match act.state_word() {
            "approved" => "right_act.approved",
            "carried_out" => "right_act.carried_out",
            "refused" => "right_act.refused",
            _ => "right_act.withdrawn",
        };
        tell(work, kind, std::slice::from_ref(act));
    }
}

/// Tells what became of acts.
pub(super) fn tell(work: &mut Work, kind: &'static str, acts: &[RightAct]) {
    for act in acts {
        let payload = json!({
            "kind": act.kind().as_str(),
            "cause": act.cause.as_str(),
            "site": act.site,
            "right_class": act.right_class,
            "grams": act.quantity.grams(),
            "state": act.state_word(),
            "version": act.version,
        });
        work.tell(Event { kind, subject: act.id.0, payload });
    }
}
