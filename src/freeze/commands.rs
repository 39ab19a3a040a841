//! Recording a freeze, and ending it without a sale.

use super::error::FreezeRefusal;
use super::freeze::{Freeze, FreezeState, LiftCause};
use super::store;
use crate::db::Work;
use crate::encumbrance::{Binders, NewNotice, Notice, NoticeCause};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, FreezeId, RightClassId, SiteId};
use crate::kernel::{Failure, Kind};
use crate::ledger::holdings::accounts_of;
use crate::ledger::{self, LedgerRefusal};
use crate::parties::queries;
use accounting::{
    AccountKey, Books, Holding, Journal, JournalKind, Measure, Posting, Purpose, Quantity, Subject, SubjectId,
    SubjectKind, decimal, recipes,
};
use jiff::civil::Date;
use serde_json::json;

/// A freeze to record.
#[derive(Debug, Clone)]
pub struct NewFreeze {
    /// Number of the court's document.
    pub document: String,
    /// Which court.
    pub court: String,
    /// Whose rights.
    pub site: SiteId,
    /// Of which class.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// How quantities of the class are written.
    pub measure: Measure,
    /// Its last day.
    pub until: Option<Date>,
}

/// Records a freeze: what is free is frozen, as far as that is not enough open business is undone, and the rest waits in line.
///
/// # Errors
/// [`FreezeRefusal::TermOver`], [`FreezeRefusal::AlreadyRecorded`], [`FreezeRefusal::OverHolding`], an unknown site;
/// [`Kind::Busy`] when somebody commits the rights at the same moment, every time.
pub async fn record(work: &mut Work, binders: Binders, new: &NewFreeze) -> Result<Freeze, Failure> {
    if new.until.is_some_and(|until| until < work.today()) {
        return Err(FreezeRefusal::TermOver {}.into());
    }
    let sites = queries::known_sites(work.connection(), &[new.site]).await?;
    let site = sites.get(&new.site).ok_or_else(|| Failure::bug("a site that is known is not there"))?;
    let stock = Holding { owner: new.site.into(), asset: new.right_class.into() };
    let open = store::lock_open_on(work, &[stock], &[]).await?;
    if open.iter().any(|freeze| freeze.document == new.document) {
        return Err(FreezeRefusal::AlreadyRecorded { document: new.document.clone() }.into());
    }
    let freeze = Freeze {
        id: FreezeId::fresh(),
        document: new.document.clone(),
        court: new.court.clone(),
        rank: i64::try_from(open.len()).map_err(Failure::bug)? + 1,
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path.clone(),
        right_class: new.right_class,
        quantity: new.quantity,
        taken: 0,
        until: new.until,
        recorded_by: work.caller().user,
        recorder: work.caller().organisation,
        recorded_at: work.now(),
        state: FreezeState::Waiting,
        version: 1,
    };
    let (freeze, mut journals) = seize(work, binders, freeze, &new.measure).await?;
    let postings = freeze.held().map(|held| recipes::freeze(stock, freeze.id.into(), held)).transpose()?;
    journals.push(journal(work.today(), JournalKind::RightsFrozen, &freeze, postings.unwrap_or_default()));
    store::insert(work, &freeze).await?;
    ledger::post(work, &journals).await?;
    tell(work, "freeze.recorded", &freeze);
    Ok(freeze)
}

/// What the freeze gets at once, and the journals that make it free: business that is undone, and pledgees that are told.
async fn seize(
    work: &mut Work,
    binders: Binders,
    freeze: Freeze,
    measure: &Measure,
) -> Result<(Freeze, Vec<Journal>), Failure> {
    let stock = freeze.stock();
    let standing = accounts_of(work, &[stock]).await?;
    let undone = to_undo(&standing, freeze.quantity.grams());
    let why = format!("司法冻结 {}", freeze.document);
    let mut journals = binders.undo(work, &undone, &why).await?;
    journals.extend(tell_pledgees(work, binders, &freeze, &standing).await?);
    let start = lock_accounts(work, &journals, &[stock.available()]).await?;
    let mut books = start.clone();
    for journal in &journals {
        books.apply(journal).map_err(LedgerRefusal::from)?;
    }
    recipes::take_reductions(&mut journals, &start)?;
    // Whoever commits or pledges takes from the account that is locked now, so this is all that there is.
    let standing = accounts_of(work, &[stock]).await?;
    let total: i64 = standing.iter().map(|(_, grams)| grams).sum();
    if freeze.quantity.grams() > total {
        let print =
            |grams| format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit);
        let (held, wanted) = (print(total), print(freeze.quantity.grams()));
        return Err(FreezeRefusal::OverHolding { held, wanted }.into());
    }
    let freeze = freeze.clone().take(books.balance(&stock.available()));
    let is_committed = |(account, _): &&(AccountKey, i64)| account.purpose == Purpose::Committed;
    let slipped = standing
        .iter()
        .filter(is_committed)
        .any(|(account, _)| !undone.iter().any(|one| account.subject == Some(*one)));
    if freeze.wanted() > 0 && slipped {
        let source = Some("rights were committed while they were frozen".into());
        return Err(Failure { kind: Kind::Busy, violations: Vec::new(), source });
    }
    Ok((freeze, journals))
}

/// The business that gives way, the newest first, and no more than is wanting beside what is free.
fn to_undo(standing: &[(AccountKey, i64)], wanted: i64) -> Vec<SubjectId> {
    let free: i64 =
        standing.iter().filter(|(account, _)| account.purpose == Purpose::Available).map(|(_, grams)| grams).sum();
    let committed = standing.iter().filter(|(account, _)| account.purpose == Purpose::Committed);
    let mut committed: Vec<(SubjectId, i64)> =
        committed.filter_map(|(account, grams)| Some((account.subject?, *grams))).collect();
    committed.sort_by_key(|(subject, _)| std::cmp::Reverse(subject.0));
    let mut short = wanted - free;
    let gives_way = |(subject, grams): (SubjectId, i64)| {
        let is_short = short > 0;
        short -= grams;
        is_short.then_some(subject)
    };
    committed.into_iter().map_while(gives_way).collect()
}

/// Tells those whose liens the freeze waits behind: it does when even all that is free and all that may give way are not enough.
async fn tell_pledgees(
    work: &mut Work,
    binders: Binders,
    freeze: &Freeze,
    standing: &[(AccountKey, i64)],
) -> Result<Vec<Journal>, Failure> {
    let gives_way = |account: &AccountKey| matches!(account.purpose, Purpose::Available | Purpose::Committed);
    let free: i64 = standing.iter().filter(|(account, _)| gives_way(account)).map(|(_, grams)| grams).sum();
    if free >= freeze.quantity.grams() {
        return Ok(Vec::new());
    }
    let pledged = standing.iter().filter(|(account, _)| account.purpose == Purpose::Pledged);
    let pledged: Vec<SubjectId> = pledged.filter_map(|(account, _)| account.subject).collect();
    let notice = Notice { cause: NoticeCause::CourtFreeze, right_act: None, until: None };
    let behind = binders.lock_liens(work, &pledged).await?;
    let news: Vec<NewNotice> =
        behind.into_iter().map(|lien| NewNotice { lien: lien.lien, notice, grams: lien.grams }).collect();
    binders.notify(work, &news).await
}

/// Locks every account of journals, and more, at once.
pub(super) async fn lock_accounts(work: &Work, journals: &[Journal], more: &[AccountKey]) -> Result<Books, Failure> {
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(journals));
    accounts.extend(more);
    ledger::balances_under_lock(work, &accounts).await
}

/// The lifting of a freeze.
#[derive(Debug, Clone)]
pub struct NewLifting {
    /// Which.
    pub freeze: FreezeId,
    /// The version that its recorder saw.
    pub expected: Option<i64>,
    /// Number of the document by which it was recorded.
    pub freezing_document: String,
    /// Number of the document that lifts it.
    pub document: String,
    /// How much; all of it when absent.
    pub quantity: Option<Quantity>,
}

/// Lifts a freeze by order of the court, in whole or in part: what it lets go goes to whoever waits for it, and what nobody waits for is
/// free.
///
/// # Errors
/// [`FreezeRefusal::UnknownDocument`], [`FreezeRefusal::AlreadyLifted`], [`FreezeRefusal::AlreadyExecuted`],
/// [`FreezeRefusal::MoreThanOrdered`]; not found.
pub async fn lift(work: &mut Work, binders: Binders, new: &NewLifting) -> Result<Freeze, Failure> {
    let freeze = lock(work, new.freeze, new.expected).await?;
    if let Some(part) = new.quantity {
        let (lifted, freed) = freeze.lift_part(&new.freezing_document, part)?;
        store::insert_lifting(work, lifted.id, (part, freed), &new.document).await?;
        let_go(work, binders, Quantity::try_new(freed).ok(), &lifted, Some(new.document.clone())).await?;
        return Ok(lifted);
    }
    let lifted = freeze.clone().lift(&new.freezing_document, new.document.clone(), work.now())?;
    let_go(work, binders, freeze.held(), &lifted, Some(new.document.clone())).await?;
    Ok(lifted)
}

/// Locks a freeze with all that stand in the line of its stock, in id order.
pub(super) async fn lock(work: &Work, id: FreezeId, expected: Option<i64>) -> Result<Freeze, Failure> {
    let known = store::find(work, id).await?.ok_or_else(|| not_found("freeze"))?;
    let line = store::lock_open_on(work, &[known.stock()], &[id]).await?;
    let freeze = line.into_iter().find(|freeze| freeze.id == id);
    let freeze = freeze.ok_or_else(|| Failure::bug("a freeze that is there was not locked"))?;
    expect_version(expected, freeze.version)?;
    Ok(freeze)
}

/// Lets grams of a freeze go; the journal's reason names the document that orders it, where one does.
async fn let_go(
    work: &mut Work,
    binders: Binders,
    freed: Option<Quantity>,
    lifted: &Freeze,
    document: Option<String>,
) -> Result<(), Failure> {
    store::save(work, std::slice::from_ref(lifted)).await?;
    let postings: Option<Vec<Posting>> =
        freed.map(|freed| recipes::lift_freeze(lifted.stock(), lifted.id.into(), freed, &[])).transpose()?;
    let journal = journal(work.today(), JournalKind::FreezeLifted, lifted, postings.unwrap_or_default());
    let mut journals = vec![journal.because(document)];
    let freed = freed.map_or(0, Quantity::grams);
    journals.extend(binders.serve(work, &[(lifted.stock(), freed)]).await?);
    ledger::post(work, &journals).await?;
    tell(work, "freeze.lifted", lifted);
    Ok(())
}

/// Lifts freezes whose last day has passed. Tells how many.
///
/// # Errors
/// A fault of the database.
pub async fn lift_run_out(work: &mut Work, binders: Binders, most: u64) -> Result<u64, Failure> {
    let mut count = 0;
    for id in store::run_out(work, work.today(), most).await? {
        let freeze = lock(work, id, None).await?;
        if !store::is_open(&freeze) {
            continue;
        }
        let lifted = freeze.clone().run_out(LiftCause::TermOver, work.now())?;
        let_go(work, binders, freeze.held(), &lifted, None).await?;
        count += 1;
    }
    Ok(count)
}

/// A journal about a freeze, at the version that the freeze has reached. Its reason names the document it rests on.
pub(super) fn journal(today: Date, kind: JournalKind, freeze: &Freeze, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Freeze, id: freeze.id.0, version: freeze.version };
    let document = match &freeze.state {
        FreezeState::Waiting | FreezeState::InForce => Some(freeze.document.clone()),
        FreezeState::Lifted(lifting) => lifting.document.clone(),
        FreezeState::Executed(execution) => Some(execution.document.clone()),
    };
    Journal::new(ids::fresh_journal(), kind, subject, today, postings).because(document)
}

pub(super) fn tell(work: &mut Work, kind: &'static str, freeze: &Freeze) {
    let payload = json!({
        "site": freeze.site, "document": freeze.document, "state": freeze.state.as_str(), "taken": freeze.taken,
        "version": freeze.version,
    });
    work.tell(Event { kind, subject: freeze.id.0, payload });
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounting::{AssetId, OwnerId};
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        /// Whatever is free and committed: business gives way as long as something is wanting, and the last that does was needed.
        #[test]
        fn no_more_business_gives_way_than_is_wanting(
            free in 0_i64..500,
            committed in prop::collection::vec(1_i64..200, 0..6),
            wanted in 1_i64..1_000,
        ) {
            let stock = Holding { owner: OwnerId(Uuid::from_u128(1)), asset: AssetId(Uuid::from_u128(2)) };
            let subject = |at: usize| SubjectId(Uuid::from_u128(at as u128 + 10));
            let mut standing = vec![(stock.available(), free)];
            standing.extend(committed.iter().enumerate().map(|(at, grams)| (stock.committed(subject(at)), *grams)));
            let undone = to_undo(&standing, wanted);
            let newest: Vec<SubjectId> = (0..committed.len()).rev().map(subject).take(undone.len()).collect();
            prop_assert_eq!(&undone, &newest);
            let freed = |count: usize| committed.iter().rev().take(count).sum::<i64>();
            let (all, without_last) = (free + freed(undone.len()), free + freed(undone.len().saturating_sub(1)));
            prop_assert!(undone.is_empty() || without_last < wanted);
            prop_assert!(all >= wanted || undone.len() == committed.len());
        }
    }
}
