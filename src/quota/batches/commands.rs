//! Proposing and deciding batches. All of a batch happens in one work: nobody ever sees a part of it.

use super::super::allocation::{Allocation, AllocationState, expect_publicised};
use super::super::error::QuotaRefusal;
use super::super::judge::{
    Case, Claim, Headroom, Recipient, Room, Standings, class_for, headroom_accounts, judge_claim, load_cases, zone_for,
    zone_of_none,
};
use super::super::publicity;
use super::super::publicity::expect_answered;
use super::super::store::insert_allocations;
use super::file::told;
use super::{AllocationBatch, BatchPlace, BatchRow, BatchState, PART, Ruling, store};
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Outcome, Place, Rules};
use crate::http::extract::{expect_version, not_found};
use crate::http::table::{Faults, Form, Table};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AllocationBatchId, AllocationId, AllocationPartId, DocumentId, RightClassId, SiteId};
use crate::kernel::{Failure, Progress, Refusal};
use crate::ledger;
use crate::parties::{PartyRefusal, Pollutant, Site, queries, reference};
use crate::quota::commands::ACT;
use crate::rulebook::{self, Rulebook};
use accounting::recipes::{self, Grant};
use accounting::{
    AccountKey, Books, Holding, Journal, JournalKind, Purpose, Quantity, RightClass, Subject, SubjectKind, Validity,
};
use serde_json::json;
use std::collections::HashMap;

/// Grants that are read, judged and written at a time: few statements for many, and little memory for all. A whole number of parts.
const CHUNK: usize = 20 * PART;
const CHUNK_ROWS: u64 = 5_000;
/// Most grants that are confirmed within a request: some tenths of a second.
const MOST_IN_REQUEST: i64 = 5_000;
const _: () = assert!(CHUNK == 5_000);

/// A batch to propose.
#[derive(Debug)]
pub struct NewBatch {
    /// Its identity.
    pub id: AllocationBatchId,
    /// Number of the document that grants it.
    pub number: String,
    /// The uploaded file, when there is one.
    pub document: Option<DocumentId>,
    /// SHA-256 over the file, or over the rows as they were sent.
    pub document_hash: String,
    /// What the rows came as.
    pub form: Form,
    /// The rows in the order of their lines, and what could not be read of them.
    pub table: Table<BatchRow>,
    /// Where it tells how far it has come.
    pub progress: Progress,
}

/// A decision on a batch.
#[derive(Debug)]
pub struct BatchDecision {
    /// Which.
    pub batch: AllocationBatchId,
    /// The version the decider saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
    /// Where it tells how far it has come.
    pub progress: Progress,
}

/// Grants while they are judged one after the other.
struct Judging<'r> {
    rulebook: &'r Rulebook,
    form: Form,
    faults: Faults,
    left: Headroom,
}

impl<'r> Judging<'r> {
    fn new(rulebook: &'r Rulebook, form: Form, faults: Faults) -> Self {
        Self { rulebook, form, faults, left: Headroom::default() }
    }

    /// Judges some more of the batch under the lock of their areas' headroom, each after those before it.
    async fn judge(&mut self, work: &mut Work, allocations: &[Allocation]) -> Result<Vec<Case>, Failure> {
        let cases = load_cases(work, allocations).await?;
        let accounts: Vec<AccountKey> = headroom_accounts(cases.iter().map(|case| &case.room)).collect();
        let books = ledger::balances_under_lock(work, &accounts).await?;
        for (allocation, case) in allocations.iter().zip(&cases) {
            let line = allocation.batch.map_or(0, |place| place.line);
            let place = self.form.place(u64::try_from(line).unwrap_or_default());
            self.note(work, &place, &case.claim(), &books);
        }
        Ok(cases)
    }

    /// The same of rows before they are grants, by as much as could be read of them.
    async fn judge_rows(&mut self, work: &Work, rows: &[NamedRow<'_>]) -> Result<(), Failure> {
        let accounts: Vec<AccountKey> = headroom_accounts(rows.iter().filter_map(|row| row.room.as_ref())).collect();
        let books = ledger::balances_under_lock(work, &accounts).await?;
        for named in rows {
            let place = self.form.place(named.row.line);
            if let Some(number) = named.row.site.clone().filter(|_| named.recipient.is_none()) {
                self.faults.refuse(&place, &QuotaRefusal::UnknownNumber { number });
            }
            if let Some(refusal) = named.zone_fault() {
                self.faults.refuse(&place, &refusal);
            }
            self.note(work, &place, &named.claim(), &books);
        }
        Ok(())
    }

    fn note(&mut self, work: &Work, place: &str, claim: &Claim<'_>, books: &Books) {
        if let Some(recipient) = claim.recipient {
            let site = &recipient.site;
            if !work.caller().covers(&site.area_path) {
                let outside = PartyRefusal::OutsideArea { area: site.name.clone() };
                self.faults.note(place, outside.violation().about("site"));
            }
            if claim.origin.is_some_and(|origin| publicity::waits_for_fee(self.rulebook, origin, site.is_reserve)) {
                self.faults.refuse(place, &QuotaRefusal::BatchFee {});
            }
        }
        for refusal in judge_claim(claim, self.rulebook, work.today(), books, &mut self.left) {
            self.faults.refuse(place, &refusal);
        }
    }
}

/// A row with what the register knows of what it names.
struct NamedRow<'n> {
    row: &'n BatchRow,
    part: AllocationPartId,
    recipient: Option<Recipient>,
    room: Option<Room>,
    pollutant: Option<&'n Pollutant>,
}

impl NamedRow<'_> {
    fn claim(&self) -> Claim<'_> {
        let BatchRow { origin, valid_from, valid_to, quantity, .. } = *self.row;
        let (recipient, room) = (self.recipient.as_ref(), self.room.as_ref());
        Claim { recipient, room, pollutant: self.pollutant, origin, valid_from, valid_to, quantity }
    }

    /// What is wrong with the zone of its rights, as far as that is known.
    fn zone_fault(&self) -> Option<QuotaRefusal> {
        let (site, zone) = (&self.recipient.as_ref()?.site, self.row.zone.as_deref());
        match self.pollutant {
            Some(pollutant) => zone_for(site, pollutant, zone).err(),
            None => zone_of_none(site, zone),
        }
    }

    /// The class of its rights, when everything that makes it up is known and good.
    fn class(&self) -> Option<RightClass> {
        let validity = Validity::try_new(self.row.valid_from?, self.row.valid_to?).ok()?;
        let site = &self.recipient.as_ref()?.site;
        class_for(site, self.pollutant?, self.row.origin?, validity, self.row.zone.as_deref()).ok()
    }
}

/// Makes grants of the rows of a batch.
struct Placing<'n> {
    new: &'n NewBatch,
    rulebook: &'n Rulebook,
    pollutants: &'n HashMap<String, Pollutant>,
    classes: HashMap<RightClass, RightClassId>,
    lines: HashMap<(SiteId, RightClassId), u64>,
}

impl<'n> Placing<'n> {
    /// Finds what some rows name.
    async fn name(
        &self,
        work: &mut Work,
        rows: &[(&'n BatchRow, AllocationPartId)],
    ) -> Result<Vec<NamedRow<'n>>, Failure> {
        let mut numbers: Vec<String> = rows.iter().filter_map(|(row, _)| row.site.clone()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let sites = queries::sites_by_number(work.connection(), &numbers).await?;
        let site_of = |row: &BatchRow| row.site.as_ref().and_then(|number| sites.get(number));
        let pollutant_of = |row: &BatchRow| row.pollutant.as_ref().and_then(|code| self.pollutants.get(code));
        let wanted: Vec<(&Site, Option<&Pollutant>)> =
            rows.iter().filter_map(|(row, _)| Some((site_of(row)?, pollutant_of(row)))).collect();
        let standings = Standings::load(work, &wanted).await?;
        let named = |(row, part): &(&'n BatchRow, AllocationPartId)| {
            let (site, pollutant) = (site_of(row), pollutant_of(row));
            let room = site.zip(pollutant).map(|(site, pollutant)| standings.room(site, pollutant));
            let recipient = site.map(|site| standings.recipient(site.clone())).transpose()?;
            Ok(NamedRow { row, part: *part, recipient, room, pollutant })
        };
        rows.iter().map(named).collect()
    }

    /// The grants of some rows; one that is there already is noted. A row that lacks anything has a fault of its own and becomes none.
    async fn place(
        &mut self,
        work: &Work,
        rows: &[NamedRow<'n>],
        faults: &mut Faults,
    ) -> Result<Vec<Allocation>, Failure> {
        let found: Vec<(&NamedRow<'n>, RightClass)> =
            rows.iter().filter_map(|named| Some((named, named.class()?))).collect();
        self.open_classes(work, found.iter().map(|(_, class)| class)).await?;
        let mut allocations = Vec::with_capacity(found.len());
        for (named, class) in found {
            let class = *self.classes.get(&class).ok_or_else(|| Failure::bug("a class was not opened"))?;
            let Some(Recipient { site, .. }) = &named.recipient else { continue };
            if let Some(line) = self.lines.insert((site.id, class), named.row.line) {
                let refusal = QuotaRefusal::DuplicateRow { place: self.new.form.place(line) };
                faults.refuse(&self.new.form.place(named.row.line), &refusal);
            }
            if let Some(quantity) = named.row.quantity {
                allocations.push(self.allocation(work, named, site, class, quantity)?);
            }
        }
        Ok(allocations)
    }

    async fn open_classes(&mut self, work: &Work, wanted: impl Iterator<Item = &RightClass>) -> Result<(), Failure> {
        let mut unknown: Vec<RightClass> = Vec::new();
        for class in wanted {
            if !self.classes.contains_key(class) && !unknown.contains(class) {
                unknown.push(class.clone());
            }
        }
        if !unknown.is_empty() {
            let opened = reference::open_classes(work, &unknown).await?;
            self.classes.extend(opened.into_values().map(|record| (record.class, record.id)));
        }
        Ok(())
    }

    fn allocation(
        &self,
        work: &Work,
        named: &NamedRow<'_>,
        site: &Site,
        right_class: RightClassId,
        quantity: Quantity,
    ) -> Result<Allocation, Failure> {
        let (row, part) = (named.row, named.part);
        let line = i64::try_from(row.line).map_err(Failure::bug)?;
        Ok(Allocation {
            id: AllocationId::fresh(),
            site: site.id,
            organisation: site.organisation,
            area_path: site.area_path.clone(),
            right_class,
            quantity,
            project: None,
            document: row.document.clone().unwrap_or_else(|| self.new.number.clone()),
            proposed_by: work.caller().user,
            proposed_at: work.now(),
            state: AllocationState::Proposed { publicised_until: None },
            laid_open_until: None,
            rulebook: self.rulebook.id,
            batch: Some(BatchPlace { batch: self.new.id, part, line }),
            fee: None,
            version: 1,
        })
    }
}

/// Proposes a batch, all or nothing. Nothing moves yet, but every row is judged, the headroom of each area over all of them, and
/// the accounts of the sites are opened. A batch that is there already is answered as it is: the work was begun again.
///
/// # Errors
/// Every broken rule of every row at its line: [`QuotaRefusal`], [`PartyRefusal`]; [`QuotaRefusal::BatchKnown`],
/// [`QuotaRefusal::BatchNumberTaken`].
pub async fn propose(work: &mut Work, new: &NewBatch) -> Result<AllocationBatch, Failure> {
    if let Some(known) = store::find(work.connection(), new.id).await? {
        return Ok(known);
    }
    let rulebook = rulebook::in_force(work).await?;
    let count = u64::try_from(new.table.rows.len()).map_err(Failure::bug)?;
    // Each row is judged, and then written.
    new.progress.expect(2 * count);
    let parts: Vec<(AllocationPartId, usize)> =
        new.table.rows.chunks(PART).map(|rows| (AllocationPartId::fresh(), rows.len())).collect();
    let allocations = judge_rows(work, new, &rulebook, &parts).await?;
    let place = Place::bureau_over_all(allocations.iter().map(|allocation| allocation.area_path.as_str()));
    let Place::BureauOver(area_path) = &place else { return Err(Failure::bug("a batch of no area")) };
    let batch = AllocationBatch {
        id: new.id,
        number: new.number.clone(),
        document: new.document,
        document_hash: new.document_hash.clone(),
        allocations: i64::try_from(count).map_err(Failure::bug)?,
        area_path: area_path.clone(),
        proposed_by: work.caller().user,
        proposed_at: work.now(),
        state: BatchState::Proposed { publicised_until: None },
        laid_open_until: None,
        rulebook: rulebook.id,
        version: 1,
    };
    write(work, new, &batch, &parts, &allocations).await?;
    let journal = journal(work, JournalKind::AllocationBatchProposed, &batch);
    ledger::post(work, &[journal.proved_by(Some(new.document_hash.clone()))]).await?;
    let batch = publicise(work, &rulebook, batch).await?;
    let task = NewTask {
        act: ACT,
        subject_kind: SubjectKind::AllocationBatch.as_str(),
        subject: batch.id.0,
        place,
        permission: Action::DecideAllocation,
        has_record: true,
    };
    decisions::open(work, &rulebook.rules_of(ACT), &[task]).await?;
    tell(work, "allocation_batch.proposed", &batch);
    Ok(batch)
}

/// Lays a batch open to objections, where the rules ask for it.
async fn publicise(work: &mut Work, rulebook: &Rulebook, batch: AllocationBatch) -> Result<AllocationBatch, Failure> {
    let Some(until) = publicity::last_day(work, rulebook).await? else { return Ok(batch) };
    let batch = batch.decide(BatchState::Proposed { publicised_until: Some(until) })?;
    let batch = AllocationBatch { laid_open_until: Some(until), ..batch };
    store::save(work, batch.clone()).await?;
    ledger::post(work, &[journal(work, JournalKind::AllocationBatchPublicised, &batch)]).await?;
    tell(work, "allocation_batch.publicised", &batch);
    Ok(batch)
}

async fn judge_rows(
    work: &mut Work,
    new: &NewBatch,
    rulebook: &Rulebook,
    parts: &[(AllocationPartId, usize)],
) -> Result<Vec<Allocation>, Failure> {
    let pollutants = queries::pollutants(work.connection()).await?;
    let (classes, lines) = (HashMap::new(), HashMap::new());
    let mut placing = Placing { new, rulebook, pollutants: &pollutants, classes, lines };
    // What could not be read is told together with what the rules do not bear.
    let mut judging = Judging::new(rulebook, new.form, new.table.faults.clone());
    let mut allocations = Vec::with_capacity(new.table.rows.len());
    let chunks = new.table.rows.chunks(PART).zip(parts);
    let parted: Vec<(&BatchRow, AllocationPartId)> =
        chunks.flat_map(|(rows, (part, _))| rows.iter().map(|row| (row, *part))).collect();
    for rows in parted.chunks(CHUNK) {
        let named = placing.name(work, rows).await?;
        allocations.extend(placing.place(work, &named, &mut judging.faults).await?);
        judging.judge_rows(work, &named).await?;
        new.progress.advance(u64::try_from(rows.len()).map_err(Failure::bug)?);
    }
    judging.faults.finish(|fault| told(fault).violation())?;
    Ok(allocations)
}

async fn write(
    work: &Work,
    new: &NewBatch,
    batch: &AllocationBatch,
    parts: &[(AllocationPartId, usize)],
    allocations: &[Allocation],
) -> Result<(), Failure> {
    let counted = parts.iter().map(|(id, count)| Ok((*id, i64::try_from(*count).map_err(Failure::bug)?)));
    store::insert(work, batch, &counted.collect::<Result<Vec<_>, Failure>>()?).await?;
    store::expect_number_free(work, batch).await?;
    let grounds = Grounds { documents: new.document.into_iter().collect(), ..Grounds::default() };
    // The file must be one of the caller's own organisation.
    documents::prove(work, &[&grounds]).await?;
    link(work, &grounds, batch).await?;
    for allocations in allocations.chunks(CHUNK) {
        insert_allocations(work, allocations).await?;
        // Opened here, so that the confirmation has less to write.
        let accounts: Vec<AccountKey> = allocations.iter().map(|allocation| stock(allocation).available()).collect();
        ledger::balances_under_lock(work, &accounts).await?;
        work.write_evidence().await?;
        new.progress.advance(u64::try_from(allocations.len()).map_err(Failure::bug)?);
    }
    Ok(())
}

/// Confirms a batch that somebody else proposed: all of its rights come into being in this work, a journal for each part, and use
/// the headroom of their areas.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`QuotaRefusal::AlreadyDecided`], and every rule that a grant breaks by now, at
/// its line.
pub async fn confirm(work: &mut Work, decision: &BatchDecision) -> Result<AllocationBatch, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let rules = rulebook.rules_of(ACT);
    let batch = lock_proposed(work, decision.batch, decision.expected, &rules).await?;
    let ruling = ruling(work, decision);
    expect_publicised(batch.publicised_until(), work.today())?;
    expect_answered(work, &[batch.id.0]).await?;
    let active = batch.clone().decide(BatchState::Active(ruling))?;
    let active = AllocationBatch { rulebook: rulebook.id, ..active };
    decision.progress.expect(u64::try_from(batch.allocations).map_err(Failure::bug)?);
    let form = if batch.document.is_some() { Form::File } else { Form::List };
    let mut judging = Judging::new(&rulebook, form, Faults::default());
    let mut after = 0;
    loop {
        let allocations = store::next_allocations(work, &batch, after, CHUNK_ROWS).await?;
        let Some(last) = allocations.last().and_then(|allocation| allocation.batch) else { break };
        after = last.line;
        let cases = judging.judge(work, &allocations).await?;
        // Beyond the first broken rule nothing need be posted: it will all be undone.
        if judging.faults.is_empty() {
            ledger::post(work, &grant_parts(work, &allocations, &cases)?).await?;
        }
        decision.progress.advance(u64::try_from(allocations.len()).map_err(Failure::bug)?);
    }
    judging.faults.finish(|fault| told(fault).violation())?;
    finish(work, &rules, &active, decision, JournalKind::AllocationBatchConfirmed, Outcome::Approved).await?;
    tell(work, "allocation_batch.active", &active);
    Ok(active)
}

/// The same within a request, for a batch that takes no longer than one may.
///
/// # Errors
/// [`QuotaRefusal::BatchTooLarge`], and as [`confirm`].
pub async fn confirm_in_request(work: &mut Work, decision: &BatchDecision) -> Result<AllocationBatch, Failure> {
    let known = store::find(work.connection(), decision.batch).await?;
    if let Some(batch) = known.filter(|batch| batch.allocations > MOST_IN_REQUEST) {
        let (count, max) = (batch.allocations.to_string(), MOST_IN_REQUEST.to_string());
        return Err(QuotaRefusal::BatchTooLarge { count, max }.into());
    }
    confirm(work, decision).await
}

/// A journal for each part of these grants, which are whole parts in the order of their lines.
fn grant_parts(work: &Work, allocations: &[Allocation], cases: &[Case]) -> Result<Vec<Journal>, Failure> {
    let mut parts: Vec<(AllocationPartId, Vec<Grant>)> = Vec::new();
    for (allocation, case) in allocations.iter().zip(cases) {
        let place = allocation.batch.ok_or_else(|| Failure::bug("a grant of no batch"))?;
        let grant = Grant {
            issued: ledger::book_side(allocation.right_class).account(Purpose::Issued),
            site: stock(allocation),
            area: case.used_capacity(),
            quantity: allocation.quantity,
        };
        match parts.last_mut() {
            Some((part, grants)) if *part == place.part => grants.push(grant),
            _ => parts.push((place.part, vec![grant])),
        }
    }
    let journal = |(part, grants): (AllocationPartId, Vec<Grant>)| {
        let subject = Subject { kind: SubjectKind::AllocationPart, id: part.0, version: 1 };
        let postings = recipes::allocate_together(&grants)?;
        Ok(Journal::new(ids::fresh_journal(), JournalKind::AllocationPartGranted, subject, work.today(), postings))
    };
    parts.into_iter().map(journal).collect()
}

/// Rejects a batch that somebody else proposed, as a whole.
///
/// # Errors
/// [`decisions::DecisionRefusal::OwnProposal`], [`QuotaRefusal::AlreadyDecided`].
pub async fn reject(work: &mut Work, decision: &BatchDecision) -> Result<AllocationBatch, Failure> {
    let rules = rulebook::in_force(work).await?.rules_of(ACT);
    let batch = lock_proposed(work, decision.batch, decision.expected, &rules).await?;
    let rejected = batch.decide(BatchState::Rejected(ruling(work, decision)))?;
    finish(work, &rules, &rejected, decision, JournalKind::AllocationBatchRejected, Outcome::Refused).await?;
    tell(work, "allocation_batch.rejected", &rejected);
    Ok(rejected)
}

fn ruling(work: &Work, decision: &BatchDecision) -> Ruling {
    Ruling { by: work.caller().user, at: work.now(), reason: decision.grounds.reason.clone() }
}

fn stock(allocation: &Allocation) -> Holding {
    Holding { owner: allocation.site.into(), asset: allocation.right_class.into() }
}

/// Whether the caller may decide a batch as it stands, before a long work begins with it.
///
/// # Errors
/// As [`confirm`], but for what its grants break.
pub async fn expect_decidable(work: &mut Work, id: AllocationBatchId, expected: Option<i64>) -> Result<(), Failure> {
    let rules = rulebook::in_force(work).await?.rules_of(ACT);
    lock_proposed(work, id, expected, &rules).await.map(|_| ())
}

/// Locks a batch that the caller may decide; a hidden one is not there, and nobody decides on their own.
async fn lock_proposed(
    work: &Work,
    id: AllocationBatchId,
    expected: Option<i64>,
    rules: &Rules,
) -> Result<AllocationBatch, Failure> {
    let locked = store::lock(work, id).await?;
    let visible = locked.filter(|batch| work.caller().covers(&batch.area_path));
    let batch = visible.ok_or_else(|| not_found("allocation batch"))?;
    expect_version(expected, batch.version)?;
    batch.expect_proposed()?;
    let origin = decisions::Origin { by: batch.proposed_by, at: batch.proposed_at };
    decisions::four_eyes(work, rules, &[origin]).await?;
    Ok(batch)
}

fn journal(work: &Work, kind: JournalKind, batch: &AllocationBatch) -> Journal {
    let subject = Subject { kind: SubjectKind::AllocationBatch, id: batch.id.0, version: batch.version };
    Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new())
}

/// Writes the decision: the batch, its journal, its one record.
async fn finish(
    work: &mut Work,
    rules: &Rules,
    batch: &AllocationBatch,
    decision: &BatchDecision,
    kind: JournalKind,
    outcome: Outcome,
) -> Result<(), Failure> {
    let grounds = &decision.grounds;
    let document_hash = documents::prove(work, &[grounds]).await?.into_iter().next().flatten();
    store::save(work, batch.clone()).await?;
    let journal = journal(work, kind, batch).because(grounds.reason.clone()).proved_by(document_hash.clone());
    ledger::post(work, &[journal]).await?;
    link(work, grounds, batch).await?;
    let record = Decision {
        act: ACT,
        subject_kind: SubjectKind::AllocationBatch.as_str(),
        subject: batch.id.0,
        outcome,
        proposed_by: batch.proposed_by,
        reason: grounds.reason.clone(),
        document_hash,
    };
    decisions::decide(work, rules, &[record]).await
}

async fn link(work: &Work, grounds: &Grounds, batch: &AllocationBatch) -> Result<(), Failure> {
    let audiences = [Audience::Area(batch.area_path.clone())];
    documents::link(work, grounds, SubjectKind::AllocationBatch.as_str(), batch.id.0, &audiences).await
}

fn tell(work: &mut Work, kind: &'static str, batch: &AllocationBatch) {
    let payload = json!({ "number": batch.number, "allocations": batch.allocations });
    work.tell(Event { kind, subject: batch.id.0, payload });
}
