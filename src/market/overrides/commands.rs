//! Asking for overrides, deciding on them, and ending them.

use super::error::OverrideRefusal;
use super::store;
use super::trade_override::{Grant, OverrideState, TradeOverride, Word};
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, DecisionRefusal, Grounds, NewTask, Outcome, Place};
use crate::eligibility::{Boundary, TradeRefusal};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, RightClassId, SiteId, TradeId, TradeOverrideId};
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::ledger;
use crate::market::cases::party;
use crate::market::store as market;
use crate::market::trade::Trade;
use crate::market::trade_endings;
use crate::parties::{PartyRefusal, Pollutant, Site, queries, reference};
use crate::rulebook::{self, Rulebook};
use accounting::{Journal, JournalKind, Product, Quantity, RightClass, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// The word of the decision in tasks, records and the rulebook.
pub const ACT: &str = "trade_override";

/// The word of taking an override back. What two people have granted, two people take back: one switch is for both.
pub const REVOCATION: &str = "trade_override_revocation";

/// Why a trade is called off whose override was taken back.
const REVOKED: &str = "省级特批已撤销";
/// Why one is whose override is over.
const LAPSED: &str = "省级特批已到期";

/// An override to ask for.
#[derive(Debug, Clone)]
pub struct NewOverride {
    /// Who would sell.
    pub seller: SiteId,
    /// Who would buy.
    pub buyer: SiteId,
    /// What.
    pub right_class: RightClassId,
    /// The most that trades may take of it.
    pub quantity: Quantity,
    /// The last day.
    pub valid_until: Date,
    /// Why.
    pub reason: String,
    /// The documents that it rests on.
    pub grounds: Grounds,
}

/// A word on an override.
#[derive(Debug, Clone)]
pub struct OverrideWord {
    /// Which.
    pub id: TradeOverrideId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// What a request is judged on.
struct Facts {
    sites: HashMap<SiteId, Site>,
    classes: HashMap<RightClassId, queries::ClassRecord>,
    pollutants: HashMap<String, Pollutant>,
}

/// The parties of one request and what it is for.
struct Case<'f> {
    seller: &'f Site,
    buyer: &'f Site,
    class: &'f RightClass,
    pollutant: &'f Pollutant,
}

impl Facts {
    async fn load(work: &Work, sites: &[SiteId], classes: &[RightClassId]) -> Result<Self, Failure> {
        let connection = work.connection();
        Ok(Self {
            sites: queries::known_sites(connection, sites).await?,
            classes: queries::classes_by_id(connection, classes).await?,
            pollutants: queries::pollutants(connection).await?,
        })
    }

    fn case(&self, seller: SiteId, buyer: SiteId, class: RightClassId) -> Result<Case<'_>, Failure> {
        let unknown = || PartyRefusal::UnknownRightClass { code: class.to_string() };
        let class = &self.classes.get(&class).ok_or_else(unknown)?.class;
        Ok(Case {
            seller: self.sites.get(&seller).ok_or(PartyRefusal::UnknownSite {})?,
            buyer: self.sites.get(&buyer).ok_or(PartyRefusal::UnknownSite {})?,
            class,
            pollutant: self.pollutants.get(&class.pollutant).ok_or_else(unknown)?,
        })
    }
}

impl Case<'_> {
    /// The class that the buyer would get: the same of its own zone.
    fn delivered(&self) -> Result<RightClass, OverrideRefusal> {
        let zone = self.buyer.zone(self.pollutant).ok_or(OverrideRefusal::NoZone {})?;
        if zone == self.class.zone {
            return Err(OverrideRefusal::Needless {});
        }
        Ok(RightClass { zone: zone.to_owned(), ..self.class.clone() })
    }

    /// Every rule that stands against lifting the boundary, whatever else a trade is judged on later.
    fn broken(&self, valid_until: Date, today: Date) -> Vec<Violation> {
        let mut broken = Vec::new();
        if self.seller.organisation == self.buyer.organisation {
            broken.push(TradeRefusal::SameParty {}.violation());
        }
        if self.buyer.is_reserve {
            broken.push(TradeRefusal::ReserveCannotBuy {}.violation());
        }
        if self.class.product != Product::MultiYear {
            broken.push(TradeRefusal::SurplusLeavesArea {}.violation());
        }
        broken.extend(self.delivered().err().map(|refusal| refusal.violation()));
        if valid_until < today {
            broken.push(OverrideRefusal::InPast {}.violation());
        }
        broken
    }
}

/// Asks the province for overrides, as a bureau in charge of the seller or the buyer.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`OverrideRefusal::NotInCharge`], [`DecisionRefusal::DocumentMissing`], [`OverrideRefusal::OpenAlready`], and every
/// rule that stands against lifting the boundary, at once.
pub async fn request(work: &mut Work, news: &[NewOverride]) -> Result<Vec<TradeOverride>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let sellers: Vec<SiteId> = news.iter().map(|new| new.seller).collect();
    let buyers: Vec<SiteId> = news.iter().map(|new| new.buyer).collect();
    let classes: Vec<RightClassId> = news.iter().map(|new| new.right_class).collect();
    let facts = Facts::load(work, &[sellers.clone(), buyers.clone()].concat(), &classes).await?;
    // Requests for one seller follow each other, so that of a pair and class one is open.
    queries::lock_sites(work, &sellers).await?;
    let mut open = store::lock_open(work, &sellers, &buyers, work.today()).await?;
    let proofs = documents::prove(work, &news.iter().map(|new| &new.grounds).collect::<Vec<_>>()).await?;
    let mut requested = Vec::with_capacity(news.len());
    for (new, proof) in news.iter().zip(proofs) {
        let case = facts.case(new.seller, new.buyer, new.right_class)?;
        if ![case.seller, case.buyer].iter().any(|site| work.caller().covers(&site.area_path)) {
            return Err(OverrideRefusal::NotInCharge {}.into());
        }
        let violations = case.broken(new.valid_until, work.today());
        if !violations.is_empty() {
            return Err(Failure { kind: Kind::Refused, violations, source: None });
        }
        let same = |one: &&TradeOverride| one.is_for(new.seller, new.buyer, new.right_class.into());
        if let Some(same) = open.iter().find(same) {
            return Err(OverrideRefusal::OpenAlready { valid_until: same.valid_until.to_string() }.into());
        }
        let document_hash = proof.ok_or(DecisionRefusal::DocumentMissing {})?;
        let one = trade_override(work, &rulebook, new, &case, document_hash);
        open.push(one.clone());
        requested.push(one);
    }
    store::insert(work, &requested).await?;
    for (one, new) in requested.iter().zip(news) {
        link(work, one, &new.grounds).await?;
    }
    let journals: Vec<Journal> = requested
        .iter()
        .map(|one| {
            let journal = journal(work, JournalKind::TradeOverrideRequested, one, Some(one.reason.clone()));
            journal.proved_by(Some(one.document_hash.clone()))
        })
        .collect();
    ledger::post(work, &journals).await?;
    let tasks: Vec<NewTask> = requested.iter().map(|one| task(one, &rulebook)).collect();
    decisions::open(work, &rulebook.rules_of(ACT), &tasks).await?;
    tell(work, &requested);
    Ok(requested)
}

fn trade_override(
    work: &Work,
    rulebook: &Rulebook,
    new: &NewOverride,
    case: &Case<'_>,
    document_hash: String,
) -> TradeOverride {
    TradeOverride {
        id: TradeOverrideId::fresh(),
        seller: party(case.seller),
        buyer: party(case.buyer),
        right_class: new.right_class,
        boundary: Boundary::of(case.pollutant.medium),
        quantity: new.quantity,
        valid_until: new.valid_until,
        reason: new.reason.clone(),
        document_hash,
        requested_for: work.caller().organisation,
        requested_by: work.caller().user,
        requested_at: work.now(),
        state: OverrideState::Requested,
        rulebook: rulebook.id,
        version: 1,
    }
}

/// Lifts boundaries, as the province: the class that each buyer gets is there from then on.
///
/// # Errors
/// [`OverrideRefusal::NotTheProvince`], [`OverrideRefusal::WrongState`], [`OverrideRefusal::Over`], and [`OverrideRefusal::Needless`] or
/// [`OverrideRefusal::NoZone`] when the buyer's site has moved since.
pub async fn approve(work: &mut Work, wanted: &[OverrideWord]) -> Result<Vec<TradeOverride>, Failure> {
    let rulebook = expect_province(work).await?;
    let locked = lock(work, wanted).await?;
    let sites: Vec<SiteId> = locked.iter().flat_map(|one| [one.seller.site, one.buyer.site]).collect();
    let classes: Vec<RightClassId> = locked.iter().map(|one| one.right_class).collect();
    let facts = Facts::load(work, &sites, &classes).await?;
    let mut approved = Vec::with_capacity(locked.len());
    for (one, word) in locked.into_iter().zip(wanted) {
        let delivered = facts.case(one.seller.site, one.buyer.site, one.right_class)?.delivered()?;
        let opened = reference::open_classes(work, std::slice::from_ref(&delivered)).await?;
        let class = opened.get(&delivered.code()).ok_or_else(|| Failure::bug("a class was not opened"))?;
        let one = one.approve(Grant { word: self::word(work, &word.grounds), delivered: class.id })?;
        approved.push(TradeOverride { rulebook: rulebook.id, ..one });
    }
    decide(work, &rulebook, &approved, wanted, (JournalKind::TradeOverrideApproved, Outcome::Approved)).await?;
    Ok(approved)
}

/// Turns requests down, as the province, with the reason.
///
/// # Errors
/// [`OverrideRefusal::NotTheProvince`], [`DecisionRefusal::ReasonMissing`], [`OverrideRefusal::WrongState`].
pub async fn refuse(work: &mut Work, wanted: &[OverrideWord]) -> Result<Vec<TradeOverride>, Failure> {
    let rulebook = expect_province(work).await?;
    expect_reasons(wanted)?;
    let mut refused = Vec::with_capacity(wanted.len());
    for (one, word) in lock(work, wanted).await?.into_iter().zip(wanted) {
        let one = one.refuse(self::word(work, &word.grounds))?;
        refused.push(TradeOverride { rulebook: rulebook.id, ..one });
    }
    decide(work, &rulebook, &refused, wanted, (JournalKind::TradeOverrideRefused, Outcome::Refused)).await?;
    Ok(refused)
}

/// Takes requests back before they are decided, as the bureau that has asked.
///
/// # Errors
/// [`OverrideRefusal::NotYourRequest`], [`OverrideRefusal::WrongState`].
pub async fn withdraw(work: &mut Work, wanted: &[OverrideWord]) -> Result<Vec<TradeOverride>, Failure> {
    let own = work.caller().organisation;
    let mut withdrawn = Vec::with_capacity(wanted.len());
    for (one, word) in lock(work, wanted).await?.into_iter().zip(wanted) {
        withdrawn.push(one.withdraw(own, self::word(work, &word.grounds))?);
    }
    let reasons = wanted.iter().map(|word| (word.grounds.reason.clone(), None));
    finish(work, JournalKind::TradeOverrideWithdrawn, &withdrawn, reasons).await?;
    decisions::drop_open(work, &ids_of(&withdrawn)).await?;
    Ok(withdrawn)
}

/// Takes overrides back, as the province: the trades that rest on them and are not settled are called off, and everything goes back.
///
/// # Errors
/// [`OverrideRefusal::NotTheProvince`], [`DecisionRefusal::ReasonMissing`], [`OverrideRefusal::WrongState`].
pub async fn revoke(work: &mut Work, wanted: &[OverrideWord]) -> Result<Vec<TradeOverride>, Failure> {
    let rulebook = expect_province(work).await?;
    expect_reasons(wanted)?;
    let ids: Vec<TradeOverrideId> = wanted.iter().map(|word| word.id).collect();
    lock_trades(work, &ids).await?;
    let mut revoked = Vec::with_capacity(wanted.len());
    for (one, word) in lock(work, wanted).await?.into_iter().zip(wanted) {
        let one = one.revoke(self::word(work, &word.grounds))?;
        revoked.push(TradeOverride { rulebook: rulebook.id, ..one });
    }
    call_off(work, &ids, REVOKED).await?;
    let proofs = documents::prove(work, &wanted.iter().map(|word| &word.grounds).collect::<Vec<_>>()).await?;
    let grounds = wanted.iter().map(|word| word.grounds.reason.clone()).zip(proofs);
    finish(work, JournalKind::TradeOverrideRevoked, &revoked, grounds).await?;
    for (one, word) in revoked.iter().zip(wanted) {
        link(work, one, &word.grounds).await?;
    }
    Ok(revoked)
}

/// Ends overrides whose last day has passed, with the trades that rest on them. Tells how many. It is the clock's to call.
///
/// # Errors
/// A fault of the database.
pub(in crate::market) async fn lapse_some(work: &mut Work, most: u64) -> Result<u64, Failure> {
    let ids = store::over(work, work.today(), most).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    lock_trades(work, &ids).await?;
    let mut lapsed = Vec::with_capacity(ids.len());
    for one in store::lock(work, &ids).await? {
        // Whoever ended it meanwhile was faster.
        lapsed.extend(one.lapse(work.now()));
    }
    call_off(work, &lapsed.iter().map(|one| one.id).collect::<Vec<_>>(), LAPSED).await?;
    finish(work, JournalKind::TradeOverrideLapsed, &lapsed, std::iter::repeat((None, None))).await?;
    decisions::drop_open(work, &ids_of(&lapsed)).await?;
    u64::try_from(ids.len()).map_err(Failure::bug)
}

/// Locks the open trades of overrides before these, as whoever goes on with a trade does.
async fn lock_trades(work: &Work, ids: &[TradeOverrideId]) -> Result<Vec<Trade>, Failure> {
    let trades: Vec<TradeId> = market::open_trades_of_overrides(work, ids).await?;
    let locked = market::lock_trades(work, &trades).await?;
    Ok(locked.into_iter().filter(Trade::is_open).collect())
}

/// Calls off what rests on overrides that have ended, whose locks keep new trades out.
async fn call_off(work: &mut Work, ids: &[TradeOverrideId], why: &str) -> Result<(), Failure> {
    let open = lock_trades(work, ids).await?;
    if open.is_empty() {
        return Ok(());
    }
    let (trades, journals) = trade_endings::end(work, open, why).await?;
    trade_endings::post_undone(work, &trades, journals).await?;
    trade_endings::drop_open(work, &trades).await
}

/// Refuses everybody but the authority whose rules apply here.
async fn expect_province(work: &Work) -> Result<Rulebook, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    if work.caller().area() == rulebook.jurisdiction {
        Ok(rulebook)
    } else {
        Err(OverrideRefusal::NotTheProvince { area: rulebook.jurisdiction }.into())
    }
}

fn expect_reasons(wanted: &[OverrideWord]) -> Result<(), DecisionRefusal> {
    let is_missing = wanted.iter().any(|word| word.grounds.reason.is_none());
    if is_missing { Err(DecisionRefusal::ReasonMissing {}) } else { Ok(()) }
}

fn word(work: &Work, grounds: &Grounds) -> Word {
    Word { by: work.caller().user, at: work.now(), reason: grounds.reason.clone() }
}

fn ids_of(overrides: &[TradeOverride]) -> Vec<Uuid> {
    overrides.iter().map(|one| one.id.0).collect()
}

/// Locks overrides in the caller's area, in the order asked.
async fn lock(work: &Work, wanted: &[OverrideWord]) -> Result<Vec<TradeOverride>, Failure> {
    let ids: Vec<TradeOverrideId> = wanted.iter().map(|word| word.id).collect();
    let mut locked: HashMap<TradeOverrideId, TradeOverride> =
        store::lock(work, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    let covers =
        |one: &TradeOverride| [&one.seller, &one.buyer].into_iter().any(|party| work.caller().covers(&party.area_path));
    wanted
        .iter()
        .map(|word| {
            let one = locked.remove(&word.id).filter(covers).ok_or_else(|| not_found("override"))?;
            expect_version(word.expected, one.version)?;
            Ok(one)
        })
        .collect()
}

/// Writes what the province has decided, with the decision records.
async fn decide(
    work: &mut Work,
    rulebook: &Rulebook,
    overrides: &[TradeOverride],
    wanted: &[OverrideWord],
    (kind, outcome): (JournalKind, Outcome),
) -> Result<(), Failure> {
    let proofs = documents::prove(work, &wanted.iter().map(|word| &word.grounds).collect::<Vec<_>>()).await?;
    let mut records = Vec::with_capacity(overrides.len());
    for ((one, word), proof) in overrides.iter().zip(wanted).zip(&proofs) {
        link(work, one, &word.grounds).await?;
        records.push(Decision {
            act: ACT,
            subject_kind: SubjectKind::TradeOverride.as_str(),
            subject: one.id.0,
            outcome,
            proposed_by: one.requested_by,
            reason: word.grounds.reason.clone(),
            document_hash: proof.clone(),
        });
    }
    let grounds = records.iter().map(|record| (record.reason.clone(), record.document_hash.clone()));
    finish(work, kind, overrides, grounds).await?;
    decisions::decide(work, &rulebook.rules_of(ACT), &records).await
}

/// Writes overrides that have come a step further, each with its reason and the hash of what it rests on.
async fn finish(
    work: &mut Work,
    kind: JournalKind,
    overrides: &[TradeOverride],
    grounds: impl Iterator<Item = (Option<String>, Option<String>)> + Send,
) -> Result<(), Failure> {
    store::save(work, overrides).await?;
    let journals: Vec<Journal> = overrides
        .iter()
        .zip(grounds)
        .map(|(one, (reason, proof))| journal(work, kind, one, reason).proved_by(proof))
        .collect();
    ledger::post(work, &journals).await?;
    tell(work, overrides);
    Ok(())
}

/// Lets the parties and the bureaux in charge read what an act rests on.
async fn link(work: &Work, one: &TradeOverride, grounds: &Grounds) -> Result<(), Failure> {
    let parties = [&one.seller, &one.buyer];
    let organisations = parties.map(|party| Audience::Organisation(party.organisation));
    let areas = parties.map(|party| Audience::Area(party.area_path.clone()));
    let audiences: Vec<Audience> = organisations.into_iter().chain(areas).collect();
    documents::link(work, grounds, SubjectKind::TradeOverride.as_str(), one.id.0, &audiences).await
}

fn task(one: &TradeOverride, rulebook: &Rulebook) -> NewTask {
    NewTask {
        act: ACT,
        subject_kind: SubjectKind::TradeOverride.as_str(),
        subject: one.id.0,
        place: Place::BureauAt(rulebook.jurisdiction.clone()),
        permission: Action::DecideTradeOverride,
        has_record: true,
    }
}

fn journal(work: &Work, kind: JournalKind, one: &TradeOverride, reason: Option<String>) -> Journal {
    let subject = Subject { kind: SubjectKind::TradeOverride, id: one.id.0, version: one.version };
    Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new()).because(reason)
}

fn tell(work: &mut Work, overrides: &[TradeOverride]) {
    for one in overrides {
        let kind = match one.state {
            OverrideState::Requested => "trade_override.requested",
            OverrideState::Approved(_) => "trade_override.approved",
            OverrideState::Refused(_) => "trade_override.refused",
            OverrideState::Withdrawn(_) => "trade_override.withdrawn",
            OverrideState::Revoked { .. } => "trade_override.revoked",
            OverrideState::Lapsed { .. } => "trade_override.lapsed",
        };
        let payload = json!({
            "seller_site": one.seller.site, "buyer_site": one.buyer.site, "boundary": one.boundary.as_str(),
            "grams": one.quantity.grams(), "valid_until": one.valid_until.to_string(),
        });
        work.tell(Event { kind, subject: one.id.0, payload });
    }
}
