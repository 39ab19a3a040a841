//! Registration, which sets the lien up, release, which ends it with all that waits about it, and what the unified register says of it.

use super::amendments::{self, Amendment, AmendmentState};
use super::cases::{self, Ask, Right, rights_of};
use super::commands::{Act, expect_pledgee, finish, journal, lock, replace, seen, stamp, stamp_of, tell};
use super::disposals::{self, Disposal, DisposalState};
use super::facility::{self, Facility};
use super::notices::Register;
use super::pledge::{ExternalRegistration, ExternalStatus, Pledge, Stamp};
use super::ranks::{self, Wait, seniors::Standing};
use super::sales;
use super::screenings::{self, ScreeningStep};
use super::store;
use super::valuations::{self, MarginCall};
use crate::access::Caller;
use crate::db::Work;
use crate::decisions::{self, calendar};
use crate::eligibility::{PledgeCase, pledge as eligibility};
use crate::encumbrance::{Binders, Liens, NewNotice};
use crate::http::extract::not_found;
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionLotId, FacilityId, LienId, PledgeId, UserId};
use crate::ledger;
use crate::market::auctions;
use crate::rulebook::{self, Rulebook};
use accounting::{AccountKey, Books, Holding, Journal, JournalKind, Posting, PostingFault, recipes};
use jiff::civil::Date;
use std::collections::HashMap;
use uuid::Uuid;

/// A step on the stock that a lien lies on.
type Recipe = fn(accounting::Holding, accounting::SubjectId, accounting::Quantity) -> recipes::Postings;

/// A registration to make.
#[derive(Debug, Clone)]
pub struct Registering {
    /// Who registers. Those of several pledgees may stand in one batch.
    pub by: Caller,
    /// Which pledge.
    pub act: Act,
}

/// Registers pledges on behalf of the banks or guarantors of those who ask: everything is judged again under the locks, the number
/// is issued, the grams move to the liens' accounts and the principal is drawn from the facility.
///
/// # Errors
/// [`super::PledgeRefusal::NotThePledgee`], [`super::PledgeRefusal::WrongState`], every rule of
/// [`crate::eligibility::PledgeCheck`] at once; hidden when the one who asks may not know of it.
pub async fn register(work: &mut Work, wanted: &[Registering]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let asked: Vec<(&Caller, Act)> = wanted.iter().map(|one| (&one.by, one.act)).collect();
    let known = known_to_pledgees(work, &asked).await?;
    ranks::expect_apart(&known)?;
    let asks: Vec<Ask<'_>> = known.iter().map(Ask::from).collect();
    let mut cases = cases::load(work, &asks).await?;
    cases::fill_mismatches(work, &mut cases, &rulebook).await?;
    let mut facilities = lock_facilities(work, &known).await?;
    let rights: Vec<Right> = known.iter().flat_map(rights_of).collect();
    let seniors = Standing::on(work, &rights).await?.ids();
    let locked: Vec<PledgeId> = known.iter().map(|pledge| pledge.id).chain(seniors.iter().copied()).collect();
    let desk = store::lock(work, &locked).await?;
    let mut registering = Vec::with_capacity(asked.len());
    for (by, act) in &asked {
        let pledge = seen(&desk, by, *act)?;
        pledge.expect_agreed()?;
        pledge.expect_joined()?;
        pledge.expect_all_agreed()?;
        if registering.iter().any(|(other, _): &(Pledge, Stamp)| other.id == pledge.id) {
            return Err(Failure::bug("a batch registers a pledge twice"));
        }
        registering.push((pledge, stamp_of(work, by)));
    }
    let accounts: Vec<AccountKey> = known.iter().flat_map(accounts_of).collect();
    let mut books = ledger::balances_under_lock(work, &accounts).await?;
    // Whoever pledges takes from the accounts that are locked now: nobody comes before a junior lien any more.
    let standing = Standing::on(work, &rights).await?.expect_within(&seniors)?;
    cases::fill_fees(work, &mut cases, &asks).await?;
    let (mut waits, mut told) = (HashMap::new(), Vec::new());
    for ((pledge, case), (by, _)) in known.iter().zip(&mut cases).zip(&asked) {
        standing.fill_from(&mut case.rights, &rights_of(pledge), &books);
        let mut notices = Vec::new();
        for lien in &pledge.liens {
            let (begun, news) = standing.behind(work, lien, books.balance(&lien.stock().available()));
            waits.extend(begun.map(|wait| (lien.id, wait)));
            notices.extend(news);
        }
        told.push((by.user, notices));
        let pledge = pledge.clone().waits_for(&waits);
        judge_and_hold(work, &rulebook, &pledge, case, &mut facilities, &mut books)?;
    }
    screenings::freeze(work, ScreeningStep::Registered, &known, &cases, &rulebook).await?;
    facility::store::save_parts(work, &facilities.into_values().collect::<Vec<_>>()).await?;
    ranks::store::insert(work, &waits.values().cloned().collect::<Vec<_>>()).await?;
    let mut journals = journals_of(work, &registering, &waits)?;
    journals.extend(notify(work, told).await?);
    ledger::post(work, &journals).await?;
    let registered = numbered(work, &rulebook, registering, &waits).await?;
    store::save(work, &registered).await?;
    tell(work, "pledge.registered", &registered);
    Ok(registered)
}

/// The journals that set liens up, each under the name of who registers it.
fn journals_of(
    work: &Work,
    registering: &[(Pledge, Stamp)],
    waits: &HashMap<LienId, Wait>,
) -> Result<Vec<Journal>, Failure> {
    let journal = |(pledge, at): &(Pledge, Stamp)| {
        let pledge = pledge.clone().touched(*at).waits_for(waits);
        let postings = postings(&pledge, recipes::pledge)?;
        let kind = if postings.is_empty() { JournalKind::JuniorLienRegistered } else { JournalKind::PledgeRegistered };
        Ok(Journal { actor: Some(at.by.0), ..journal(work.today(), kind, &pledge, postings) })
    };
    registering.iter().map(journal).collect()
}

/// Tells seniors of those who come behind them, each under the name of who registers.
async fn notify(work: &mut Work, told: Vec<(UserId, Vec<NewNotice>)>) -> Result<Vec<Journal>, Failure> {
    let mut journals = Vec::new();
    for (by, news) in told.into_iter().filter(|(_, news)| !news.is_empty()) {
        let notices = Register.notify(work, &news).await?;
        journals.extend(notices.into_iter().map(|journal| Journal { actor: Some(by.0), ..journal }));
    }
    Ok(journals)
}

/// Pledges with their numbers. These come last: the row that counts them is locked for everybody until the work commits.
async fn numbered(
    work: &Work,
    rulebook: &Rulebook,
    registering: Vec<(Pledge, Stamp)>,
    waits: &HashMap<LienId, Wait>,
) -> Result<Vec<Pledge>, Failure> {
    let applied_on = registering.iter().map(|(pledge, _)| pledge.applied_at.day()).min().unwrap_or(work.today());
    let calendar = calendar::from(work, applied_on).await?;
    let count = i64::try_from(registering.len()).map_err(Failure::bug)?;
    let year = work.today().year();
    let first = store::issue_numbers(work, year, count).await? - count + 1;
    let number = |(running, (pledge, at)): (i64, (Pledge, Stamp))| {
        let days = i64::from(calendar.working_days_between(pledge.applied_at.day(), work.today()));
        let number = format!("PL-{year}-{running:06}");
        Ok(pledge.register(number, rulebook.id, days, at)?.waits_for(waits))
    };
    (first..).zip(registering).map(number).collect()
}

/// Releases pledges on behalf of the caller's bank or guarantor: every gram goes back or to whoever waits for it, and the principal to
/// the facility; an open margin call is over.
///
/// # Errors
/// [`super::PledgeRefusal::NotThePledgee`], [`super::PledgeRefusal::AlreadyReleased`],
/// [`super::PledgeRefusal::WrongState`]; hidden when the caller may not know of it.
pub async fn release(work: &mut Work, binders: Binders, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let asked: Vec<(&Caller, Act)> = acts.iter().map(|act| (work.caller(), *act)).collect();
    let known = known_to_pledgees(work, &asked).await?;
    let mut facilities = lock_facilities(work, &known).await?;
    let mut desk = lock(work, acts).await?;
    let mut released = Released::default();
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect_pledgee(&pledge, work.caller())?;
        let pledge = released.take(work, &mut facilities, &pledge, JournalKind::PledgeReleased)?;
        replace(&mut desk, pledge);
    }
    facility::store::save_parts(work, &facilities.into_values().collect::<Vec<_>>()).await?;
    released.save(work, binders).await
}

/// Pledges that are released, and what that leaves to be written.
#[derive(Default)]
pub(super) struct Released {
    pledges: Vec<Pledge>,
    journals: Vec<Journal>,
    /// What comes free of which stocks.
    freed: Vec<(Holding, i64)>,
    waits: Vec<Wait>,
    ends: Ends,
}

impl Released {
    /// Releases a locked pledge: what it holds goes back, what it waits for comes to nothing, and what is drawn goes back to the facility.
    pub(super) fn take(
        &mut self,
        work: &Work,
        facilities: &mut HashMap<FacilityId, Facility>,
        before: &Pledge,
        kind: JournalKind,
    ) -> Result<Pledge, Failure> {
        let at = stamp(work);
        let pledge = over(facilities, &mut self.ends, before.clone().release(at)?, at)?.waits_no_more(at.at);
        let mut postings = postings(&pledge, recipes::release)?;
        postings.extend(self.ends.deposits_back(pledge.id)?);
        self.journals.push(journal(work.today(), kind, &pledge, postings));
        self.freed.extend(pledge.liens.iter().filter_map(|lien| Some((lien.stock(), lien.left()?.grams()))));
        self.waits.extend(pledge.new_waits(before));
        self.pledges.push(pledge.clone());
        Ok(pledge)
    }

    /// Says in their journals why they are released.
    #[must_use]
    pub(super) fn because(mut self, why: &str) -> Self {
        self.journals = self.journals.into_iter().map(|journal| journal.because(Some(why.to_owned()))).collect();
        self
    }

    /// Writes it, and serves those who wait for what comes free.
    pub(super) async fn save(self, work: &mut Work, binders: Binders) -> Result<Vec<Pledge>, Failure> {
        if self.pledges.is_empty() {
            return Ok(Vec::new());
        }
        ranks::store::insert(work, &self.waits).await?;
        self.ends.save(work).await?;
        finish_and_serve(work, "pledge.released", self.pledges, self.journals, Some((binders, self.freed))).await
    }
}

/// Writes locked pledges, serves those who wait for what comes free of them, and posts everything: what a pledge lets go it does not take
/// back itself, because it is over or waits for less by then.
pub(super) async fn finish_and_serve(
    work: &mut Work,
    event: &'static str,
    pledges: Vec<Pledge>,
    mut journals: Vec<Journal>,
    freed: Option<(Binders, Vec<(Holding, i64)>)>,
) -> Result<Vec<Pledge>, Failure> {
    store::save(work, &pledges).await?;
    if let Some((binders, freed)) = freed {
        journals.extend(binders.serve(work, &freed).await?);
    }
    ledger::post(work, &journals).await?;
    tell(work, event, &pledges);
    Ok(pledges)
}

/// What ends with pledges that are over.
#[derive(Default)]
pub(super) struct Ends {
    calls: Vec<MarginCall>,
    amendments: Vec<Amendment>,
    disposals: Vec<Disposal>,
    lots: Vec<AuctionLotId>,
    pledges: Vec<PledgeId>,
}

/// Why the lots of a pledge that is over are called off.
const PLEDGE_OVER: &str = "质押已终止 the pledge is over";

impl Ends {
    /// The deposits that go back because the disposals of a pledge end with it: they stand in the journal by which it does.
    pub(super) fn deposits_back(&self, pledge: PledgeId) -> Result<Vec<Posting>, Failure> {
        let of = self.disposals.iter().filter(|disposal| disposal.pledge == pledge);
        Ok(of.map(disposals::commands::let_go).collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Writes it, and drops what waited for somebody.
    pub(super) async fn save(self, work: &mut Work) -> Result<(), Failure> {
        let ids: Vec<Uuid> = self.amendments.iter().map(|amendment| amendment.pledge.0).collect();
        valuations::store::save_calls(work, &self.calls).await?;
        amendments::store::save(work, &self.amendments).await?;
        disposals::store::save(work, &self.disposals).await?;
        sales::commands::end_with(work, &self.pledges).await?;
        if !self.lots.is_empty() {
            auctions::ending::call_off(work, &self.lots, PLEDGE_OVER).await?;
        }
        if ids.is_empty() { Ok(()) } else { decisions::drop_waiting(work, amendments::commands::AMENDMENT, &ids).await }
    }
}

/// A pledge that is over gives its principal back to the facility; an open margin call ends with it, and a change, a disposal or a sale
/// that waited is withdrawn, as is what of it waits for bids.
pub(super) fn over(
    facilities: &mut HashMap<FacilityId, Facility>,
    ends: &mut Ends,
    pledge: Pledge,
    at: Stamp,
) -> Result<Pledge, Failure> {
    if let Some(facility) = take_facility(facilities, &pledge)? {
        let facility = facility.give_back(pledge.pledgor, pledge.terms.principal)?;
        facilities.insert(facility.id, facility);
    }
    let call = pledge.open_margin_call().map(|call| call.ended(at.at));
    let amendment = pledge.open_amendment().cloned();
    let withdrawn = AmendmentState::Withdrawn { by: at.by, at: at.at };
    let amendment = amendment.map(|open| open.decide(withdrawn)).transpose()?;
    ends.calls.extend(call.iter().cloned());
    ends.amendments.extend(amendment.iter().cloned());
    let open = pledge.disposals.iter().filter(|disposal| disposal.is_open()).cloned();
    let dropped = DisposalState::Withdrawn { by: at.by, at: at.at };
    let disposals = open.map(|disposal| disposal.end(dropped.clone())).collect::<Result<Vec<_>, _>>()?;
    ends.disposals.extend(disposals.iter().cloned());
    ends.lots.extend(pledge.on_offer.iter().map(|lot| lot.lot));
    ends.pledges.push(pledge.id);
    let pledge = disposals.into_iter().fold(pledge, Pledge::with_disposal);
    let pledge = call.into_iter().fold(pledge, Pledge::with_margin_call);
    Ok(amendment.into_iter().fold(pledge, Pledge::with_amendment))
}

/// The pledges as they stand, in the order of the acts, before any lock is taken: only the pledgee goes on from here.
async fn known_to_pledgees(work: &Work, asked: &[(&Caller, Act)]) -> Result<Vec<Pledge>, Failure> {
    let ids: Vec<PledgeId> = asked.iter().map(|(_, act)| act.pledge).collect();
    let found = store::find(work, &ids).await?;
    let known = |(by, act): &(&Caller, Act)| {
        let pledge = found.get(&act.pledge).filter(|pledge| pledge.is_visible_to(by));
        let pledge = pledge.ok_or_else(|| not_found("pledge"))?;
        expect_pledgee(pledge, by)?;
        Ok(pledge.clone())
    };
    asked.iter().map(known).collect()
}

/// Locks the facilities from which pledges are drawn.
pub(super) async fn lock_facilities(work: &Work, known: &[Pledge]) -> Result<HashMap<FacilityId, Facility>, Failure> {
    let ids: Vec<FacilityId> = known.iter().filter_map(|pledge| pledge.facility).collect();
    facility::store::lock_facilities(work, &ids).await
}

/// The facility of a pledge, out of those that are locked.
pub(super) fn take_facility(
    facilities: &mut HashMap<FacilityId, Facility>,
    pledge: &Pledge,
) -> Result<Option<Facility>, Failure> {
    let Some(id) = pledge.facility else {
        return Ok(None);
    };
    let facility = facilities.remove(&id).ok_or_else(|| Failure::bug("a pledge draws from no facility"))?;
    Ok(Some(facility))
}

fn accounts_of(pledge: &Pledge) -> Vec<AccountKey> {
    let accounts = |lien: &super::Lien| [lien.stock().available(), lien.stock().pledged(lien.id.into())];
    pledge.liens.iter().flat_map(accounts).collect()
}

/// Judges one pledge on what those before it in the batch have left, and takes its share in memory.
fn judge_and_hold(
    work: &Work,
    rulebook: &Rulebook,
    pledge: &Pledge,
    case: &mut PledgeCase,
    facilities: &mut HashMap<FacilityId, Facility>,
    books: &mut Books,
) -> Result<(), Failure> {
    let facility = take_facility(facilities, pledge)?;
    if let Some(facility) = &facility {
        case.facility = facility.fact(pledge.pledgor);
    }
    Failure::all(&eligibility::judge(case, rulebook, work.today()))?;
    if let Some(facility) = facility {
        let drawn = facility.draw(pledge.pledgor, pledge.terms.principal)?;
        facilities.insert(drawn.id, drawn);
    }
    let held: Journal =
        journal(work.today(), JournalKind::PledgeRegistered, pledge, postings(pledge, recipes::pledge)?);
    books.apply(&held).map_err(ledger::LedgerRefusal::from)?;
    Ok(())
}

/// One step for every lien of a pledge of which something is left.
fn postings(pledge: &Pledge, recipe: Recipe) -> Result<Vec<Posting>, PostingFault> {
    let held = pledge.liens.iter().filter_map(|lien| Some((lien, lien.left()?)));
    let steps = held.map(|(lien, left)| recipe(lien.stock(), lien.id.into(), left));
    Ok(steps.collect::<Result<Vec<_>, _>>()?.concat())
}

/// What the unified register says of a pledge.
#[derive(Debug, Clone)]
pub struct ExternalWord {
    /// Of which pledge.
    pub act: Act,
    /// Its number there.
    pub number: String,
    /// How it stands there.
    pub status: ExternalStatus,
    /// The last day of its term there.
    pub until: Option<Date>,
}

/// Tells what the unified register says of pledges, on behalf of their pledgee.
///
/// # Errors
/// [`super::PledgeRefusal::NotThePledgee`], [`super::PledgeRefusal::AlreadyReleased`],
/// [`super::PledgeRefusal::WrongState`]; hidden when the caller may not know of it.
pub async fn record_external(work: &mut Work, words: &[ExternalWord]) -> Result<Vec<Pledge>, Failure> {
    let acts: Vec<Act> = words.iter().map(|word| word.act).collect();
    let mut desk = lock(work, &acts).await?;
    let (mut told, mut journals) = (Vec::with_capacity(words.len()), Vec::with_capacity(words.len()));
    for word in words {
        let pledge = seen(&desk, work.caller(), word.act)?;
        expect_pledgee(&pledge, work.caller())?;
        let (number, status, until) = (word.number.clone(), word.status, word.until);
        let external = ExternalRegistration { number, status, until, told_at: work.now() };
        let pledge = replace(&mut desk, pledge.registered_externally(external, stamp(work))?);
        journals.push(journal(work.today(), JournalKind::PledgeExternallyRegistered, &pledge, Vec::new()));
        told.push(pledge);
    }
    finish(work, "pledge.externally_registered", told, &journals).await
}
