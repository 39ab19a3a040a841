//! Rights past their validity leave every account that they stand in, and the area's headroom comes back gram for gram.
//!
//! What is committed to an open offer or trade is let go first. Of what is pledged the pledgee is told; it leaves the lien at once, or after
//! the term that the rulebook sets. What a renewal waits for stays until that is decided (行政许可法第五十条: who asked in time
//! does not lose by the office's delay). Everything is found by where the grams stand, so a second look finds nothing, and a look that
//! was cut off is gone on with.

use super::carrying::{accounts_of, journal};
use super::cases::Facts;
use super::commands::tell;
use super::right_act::{Cause, Effect, RightAct, State, What};
use super::store;
use crate::db::Work;
use crate::decisions::calendar;
use crate::encumbrance::{Binders, Lapse, NewNotice, Notice, NoticeCause};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, RightActId, RightClassId, SiteId};
use crate::ledger;
use crate::rulebook::{self, Rulebook};
use accounting::{AccountKey, Books, Holding, Journal, JournalKind, Posting, Purpose, Quantity, SubjectId, recipes};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Stocks in one work: it commits within a blink.
const BATCH: u64 = 500;
/// Why an open offer or trade ends.
const WHY: &str = "排污权有效期届满";

/// How far a look has come.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Looked {
    /// Stocks of which something has expired.
    pub count: u64,
    /// Class and site of the last stock; none when there are no more.
    pub last: Option<(Uuid, Uuid)>,
}

/// What the stocks of a work are judged on.
struct Desk {
    waiting: HashMap<Holding, i64>,
    due: HashSet<SubjectId>,
    facts: Facts,
    rulebook: Rulebook,
}

/// Lets the next stocks after one expire.
///
/// # Errors
/// A fault of the database.
pub(super) async fn expire_some(work: &mut Work, binders: Binders, after: Holding) -> Result<Looked, Failure> {
    let stocks = store::stocks_over(work, work.today(), after, BATCH).await?;
    let Some(last) = stocks.last().map(|stock| (stock.asset.0, stock.owner.0)) else { return Ok(Looked::default()) };
    let rulebook = rulebook::in_force(work).await?;
    let waiting = store::lock_renewals(work, &stocks).await?;
    let held = ledger::holdings::accounts_of(work, &stocks).await?;
    let held: Vec<AccountKey> = held.into_iter().map(|(account, _)| account).collect();
    let mut journals = binders.undo(work, &subjects(&held, Purpose::Committed), WHY).await?;
    let (due, told) = tell_pledgees(work, binders, &rulebook, &subjects(&held, Purpose::Pledged)).await?;
    journals.extend(told);
    journals.extend(binders.end_expired(work, &subjects(&held, Purpose::Frozen)).await?);
    let sites: Vec<SiteId> = stocks.iter().map(|stock| SiteId(stock.owner.0)).collect();
    let classes: Vec<RightClassId> = stocks.iter().map(|stock| RightClassId(stock.asset.0)).collect();
    let desk = Desk { waiting, due, facts: Facts::load(work, &sites, &classes).await?, rulebook };
    let mut of_stock: HashMap<Holding, BTreeSet<AccountKey>> =
        stocks.iter().map(|stock| (*stock, BTreeSet::from([stock.available()]))).collect();
    for account in held {
        of_stock.entry(Holding { owner: account.owner, asset: account.asset }).or_default().insert(account);
    }
    // Every account of all journals is locked at once, in id order.
    let mut accounts = accounts_of(&journals);
    for stock in &stocks {
        accounts.extend(of_stock.get(stock).into_iter().flatten());
        accounts.push(stock.account(Purpose::Expired));
        if let Some(area) = area_of(&desk, *stock)? {
            accounts.extend([Purpose::Used, Purpose::Headroom, Purpose::Overuse].map(|purpose| area.account(purpose)));
        }
    }
    let start = ledger::balances_under_lock(work, &accounts).await?;
    let mut books = start.clone();
    for journal in &journals {
        books.apply(journal).map_err(ledger::LedgerRefusal::from)?;
    }
    let (mut acts, mut lapses) = (Vec::new(), Vec::new());
    for stock in &stocks {
        let leaving = leaving(&desk, *stock, of_stock.get(stock).into_iter().flatten(), &books);
        let Some((act, journal)) = expire(work, &desk, *stock, &leaving)? else { continue };
        lapses.extend(leaving.iter().filter_map(lapse));
        journals.push(journal);
        acts.push(act);
    }
    journals.extend(binders.lapse(work, &lapses).await?);
    recipes::take_reductions(&mut journals, &start)?;
    store::insert(work, &acts).await?;
    ledger::post(work, &journals).await?;
    binders.end_gone(work, &stocks).await?;
    binders.end_over(work, &stocks).await?;
    tell(work, "right_act.carried_out", &acts);
    Ok(Looked { count: u64::try_from(acts.len()).map_err(Failure::bug)?, last: Some(last) })
}

fn subjects(accounts: &[AccountKey], purpose: Purpose) -> Vec<SubjectId> {
    accounts.iter().filter(|account| account.purpose == purpose).filter_map(|account| account.subject).collect()
}

fn area_of(desk: &Desk, stock: Holding) -> Result<Option<Holding>, Failure> {
    let site = desk.facts.site(SiteId(stock.owner.0))?;
    Ok(desk.facts.area(site, desk.facts.class(RightClassId(stock.asset.0))?))
}

/// Tells the pledgees of rights that are over, each once, and names the liens that their grams leave now.
async fn tell_pledgees(
    work: &mut Work,
    binders: Binders,
    rulebook: &Rulebook,
    liens: &[SubjectId],
) -> Result<(HashSet<SubjectId>, Vec<Journal>), Failure> {
    if liens.is_empty() {
        return Ok((HashSet::new(), Vec::new()));
    }
    let today = work.today();
    let term = match rulebook.expiry_notice_days() {
        Some(days) => calendar::from(work, today).await?.working_days_after(today, days),
        None => None,
    };
    let (mut due, mut news) = (HashSet::new(), Vec::new());
    for lien in binders.lock_liens(work, liens).await? {
        let told = lien.notice(NoticeCause::Expiry, None);
        let notice = told.unwrap_or(Notice { cause: NoticeCause::Expiry, right_act: None, until: term });
        if told.is_none() {
            news.push(NewNotice { lien: lien.lien, notice, grams: lien.grams });
        }
        if notice.until.is_none_or(|until| until < today) {
            due.insert(lien.lien);
        }
    }
    Ok((due, binders.notify(work, &news).await?))
}

/// What leaves the accounts of a stock now: of what is free all but what a renewal waits for, of what is pledged only what is due. What
/// is still committed belongs to something that nobody has undone, and stays.
fn leaving<'a>(
    desk: &Desk,
    stock: Holding,
    accounts: impl Iterator<Item = &'a AccountKey>,
    books: &Books,
) -> Vec<(AccountKey, Quantity)> {
    let kept = desk.waiting.get(&stock).copied().unwrap_or_default();
    let grams = |account: &AccountKey| match account.purpose {
        Purpose::Available => books.balance(account).saturating_sub(kept),
        Purpose::Frozen => books.balance(account),
        Purpose::Pledged if account.subject.is_some_and(|lien| desk.due.contains(&lien)) => books.balance(account),
        _ => 0,
    };
    accounts.filter_map(|account| Some((*account, Quantity::try_new(grams(account)).ok()?))).collect()
}

fn lapse((account, quantity): &(AccountKey, Quantity)) -> Option<Lapse> {
    let lien = account.subject.filter(|_| account.purpose == Purpose::Pledged)?;
    Some(Lapse { lien, cause: NoticeCause::Expiry, right_act: None, grams: quantity.grams() })
}

/// One stock, as it expires; nothing when nothing leaves it.
fn expire(
    work: &Work,
    desk: &Desk,
    stock: Holding,
    leaving: &[(AccountKey, Quantity)],
) -> Result<Option<(RightAct, Journal)>, Failure> {
    let grams: i64 = leaving.iter().map(|(_, quantity)| quantity.grams()).sum();
    let Ok(quantity) = Quantity::try_new(grams) else { return Ok(None) };
    let area = area_of(desk, stock)?;
    let mut postings: Vec<Posting> = Vec::with_capacity(leaving.len() * 2);
    for (account, quantity) in leaving {
        postings.extend(recipes::expire(*account, area, *quantity)?);
    }
    let site = desk.facts.site(SiteId(stock.owner.0))?;
    let act = RightAct {
        id: RightActId::fresh(),
        what: What::Expiry,
        cause: Cause::ValidityEnded,
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        right_class: RightClassId(stock.asset.0),
        quantity,
        document: None,
        proposed_by: work.caller().user,
        proposer: OrganisationId(Uuid::nil()),
        proposed_at: work.now(),
        state: State::CarriedOut(Effect { ruling: None, at: work.now(), moved: grams, converted: 0 }),
        rulebook: desk.rulebook.id,
        version: 1,
    };
    let journal = journal(work.today(), JournalKind::RightsExpired, &act, postings);
    Ok(Some((act, journal)))
}
