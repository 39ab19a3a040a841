//! Planning a session, what is put into it, announcing it and calling it off.

use super::auction::{Auction, AuctionState, Format, KeyHalf, SealKey};
use super::ending;
use super::error::AuctionRefusal;
use super::lot::{Lot, LotState};
use super::pledged::{self, OfLien, PledgedLots};
use super::rules::AuctionRules;
use super::{sealed, store};
use crate::db::Work;
use crate::eligibility::facts::TradeTerms;
use crate::eligibility::pledge::disposal::judge_offer;
use crate::eligibility::trade::judge_sale;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AuctionId, AuctionLotId, RightClassId, SiteId};
use crate::kernel::{Failure, Moment, Refusal, Violation};
use crate::ledger;
use crate::market::cases::{self, Candidate, party};
use crate::market::offer::Mode;
use crate::parties::queries as known;
use crate::rulebook::{self, Rulebook};
use accounting::recipes;
use accounting::{Journal, JournalKind, Posting, Price, PriceBasis, Quantity, Subject, SubjectKind};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// A session to plan.
#[derive(Debug, Clone)]
pub struct NewAuction {
    /// What it is called.
    pub title: String,
    /// How bids are made.
    pub format: Format,
    /// Bidders register until then.
    pub registration_until: Moment,
    /// Bidding begins.
    pub opens_at: Moment,
    /// Its planned close.
    pub closes_at: Moment,
    /// Rules that it sets where the rulebook leaves them open.
    pub own_rules: Vec<(String, String)>,
}

/// A lot to put into a session.
#[derive(Debug, Clone)]
pub struct NewLot {
    /// Into which.
    pub auction: AuctionId,
    /// The seller's site: the caller's own, or the pledgor's.
    pub site: SiteId,
    /// The lien that holds it, where its pledgee puts it in.
    pub of_lien: Option<OfLien>,
    /// What.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// The least that a bid may be for.
    pub least: Option<Quantity>,
    /// The most that a bid may be for.
    pub most: Option<Quantity>,
    /// CNY per display unit.
    pub base_price: Price,
}

/// A word of the exchange on a session.
#[derive(Debug, Clone)]
pub struct AuctionWord {
    /// On which.
    pub auction: AuctionId,
    /// The version the official saw.
    pub expected: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A word of the exchange on a lot.
#[derive(Debug, Clone)]
pub struct LotWord {
    /// On which.
    pub lot: AuctionLotId,
    /// The version the official saw.
    pub expected: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A public key for a sealed session.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// For which.
    pub auction: AuctionId,
    /// The version the official saw.
    pub expected: Option<i64>,
    /// X25519, in hexadecimal.
    pub public_key: String,
}

/// Plans sessions; their rules are frozen from the rulebook in force.
///
/// # Errors
/// [`AuctionRefusal::BadWindows`], and those of [`AuctionRules::freeze`].
pub async fn plan(work: &mut Work, news: &[NewAuction]) -> Result<Vec<Auction>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let mut planned = Vec::with_capacity(news.len());
    let mut broken = Vec::new();
    for new in news {
        let rules = AuctionRules::freeze(&rulebook, new.format, &new.own_rules).unwrap_or_else(|more| {
            broken.extend(more);
            AuctionRules(std::collections::BTreeMap::new())
        });
        let auction = Auction {
            id: AuctionId::fresh(),
            title: new.title.clone(),
            format: new.format,
            registration_until: new.registration_until,
            opens_at: new.opens_at,
            closes_at: new.closes_at,
            rules,
            rulebook: rulebook.id,
            state: AuctionState::Planned,
            planned_by: work.caller().user,
            planned_at: work.now(),
            version: 1,
        };
        broken.extend(auction.judge_windows(work.now()).err());
        planned.push(auction);
    }
    Failure::all(&broken)?;
    store::save_auctions(work, &planned).await?;
    let journals: Vec<Journal> =
        planned.iter().map(|auction| journal(work, JournalKind::AuctionPlanned, auction)).collect();
    ledger::post(work, &journals).await?;
    tell(work, &planned);
    Ok(planned)
}

/// An official of the exchange contributes the public half of a key to sealed sessions; the private half stays with the official.
///
/// # Errors
/// [`AuctionRefusal::NotSealed`], [`AuctionRefusal::BadKey`], [`AuctionRefusal::KeyGiven`], [`AuctionRefusal::WrongState`].
pub async fn contribute_keys(work: &mut Work, news: &[NewKey]) -> Result<Vec<Auction>, Failure> {
    let asked: Vec<_> = news.iter().map(|new| (new.auction, new.expected)).collect();
    let locked = lock(work, &asked).await?;
    let there = store::keys_of(work.connection(), &locked.iter().map(|auction| auction.id).collect::<Vec<_>>()).await?;
    let (mut keys, mut journals, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for (auction, new) in locked.into_iter().zip(news) {
        if auction.format != Format::Sealed {
            return Err(AuctionRefusal::NotSealed {}.into());
        }
        auction.must_be_planned()?;
        sealed::judge_key(&new.public_key)?;
        let own: Vec<&SealKey> = there.iter().filter(|key| key.auction == auction.id).collect();
        let by = work.caller().user;
        let is_given =
            own.len() > 1 || own.iter().any(|key| key.contributed_by == by || key.public_key == new.public_key);
        if is_given {
            return Err(AuctionRefusal::KeyGiven {}.into());
        }
        let auction = Auction { version: auction.version + 1, ..auction };
        keys.push(SealKey {
            auction: auction.id,
            place: if own.is_empty() { 1 } else { 2 },
            public_key: new.public_key.clone(),
            contributed_by: by,
            contributed_at: work.now(),
        });
        journals.push(journal(work, JournalKind::AuctionKeyContributed, &auction));
        after.push(auction);
    }
    store::insert_keys(work, &keys).await?;
    store::save_auctions(work, &after).await?;
    ledger::post(work, &journals).await?;
    Ok(after)
}

/// Puts lots of the caller's own sites, or of what liens hold, into planned sessions. Nothing is held before the announcement; but what would
/// stand against it then stands against it now, beside what the seller has put into the session before. Of a lien its pledge has judged who
/// may put it in, and when.
///
/// # Errors
/// [`AuctionRefusal::NotYourSite`], [`AuctionRefusal::BadBounds`], [`AuctionRefusal::WrongState`], and every rule of eligibility that
/// the seller breaks.
pub async fn propose_lots(work: &mut Work, news: &[NewLot]) -> Result<Vec<Lot>, Failure> {
    let asked: Vec<_> = news.iter().map(|new| (new.auction, None)).collect();
    let auctions = lock(work, &asked).await?;
    let sites = known::sites_by_id(work.connection(), &news.iter().map(|new| new.site).collect::<Vec<_>>()).await?;
    let classes: Vec<RightClassId> = news.iter().map(|new| new.right_class).collect();
    let classes = known::classes_by_id(work.connection(), &classes).await?;
    let there = store::lots_of(work.connection(), &auctions.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    let mut last: HashMap<AuctionId, i64> = HashMap::new();
    for lot in &there {
        let number = last.entry(lot.auction).or_default();
        *number = lot.number.max(*number);
    }
    let own = work.caller().organisation;
    let mut lots = Vec::with_capacity(news.len());
    for (auction, new) in auctions.iter().zip(news) {
        auction.must_be_planned()?;
        let site = sites.get(&new.site).filter(|site| site.organisation == own || new.of_lien.is_some());
        let site = site.ok_or(AuctionRefusal::NotYourSite {})?;
        let class = classes.get(&new.right_class).ok_or_else(|| Failure::bug("a right class was not loaded"))?;
        let number = last.entry(auction.id).or_default();
        *number += 1;
        let lot = Lot {
            id: AuctionLotId::fresh(),
            auction: auction.id,
            number: *number,
            seller: party(site),
            seller_is_reserve: site.is_reserve,
            of_lien: new.of_lien,
            right_class: new.right_class,
            pollutant: class.class.pollutant.clone(),
            quantity: new.quantity,
            least: new.least,
            most: new.most,
            base_price: new.base_price,
            state: LotState::Planned,
            ends_at: auction.timetable().first_end(),
            last_arrival: None,
            bids: 0,
            bidders: 0,
            proposed_by: work.caller().user,
            proposed_at: work.now(),
            version: 1,
        };
        Failure::refused(lot.judge_bounds())?;
        lots.push(lot);
    }
    judge_new(work, &there, &lots).await?;
    store::save_lots(work, &lots).await?;
    let journals: Vec<Journal> =
        lots.iter().map(|lot| lot_journal(work, JournalKind::LotProposed, lot, Vec::new())).collect();
    ledger::post(work, &journals).await?;
    Ok(lots)
}

/// What stands against new lots, told in the words of whoever puts them in, after the seller's others in the same session.
async fn judge_new(work: &mut Work, there: &[Lot], new: &[Lot]) -> Result<(), Failure> {
    let is_beside = |lot: &Lot| {
        is_planned(lot) && new.iter().any(|one| one.auction == lot.auction && one.seller.site == lot.seller.site)
    };
    let before: Vec<Lot> = there.iter().filter(|lot| is_beside(lot)).cloned().collect();
    let all = [&before[..], new].concat();
    let rulebook = rulebook::in_force(work).await?;
    let found = judge_sellers(work, &all, &rulebook).await?;
    let place = |at: usize| if new.len() > 1 { format!("items[{at}]") } else { String::new() };
    let broken = found.into_iter().skip(before.len()).enumerate();
    let told = broken.flat_map(|(at, broken)| broken.into_iter().map(move |violation| (at, violation)));
    Failure::refused(told.map(|(at, violation)| violation.within(&place(at))).collect())
}

/// The exchange takes lots out of planned sessions, with a reason that their sellers are told.
///
/// # Errors
/// [`AuctionRefusal::WrongState`].
pub async fn remove_lots(work: &mut Work, words: &[LotWord]) -> Result<Vec<Lot>, Failure> {
    let wanted: Vec<_> = words.iter().map(|word| (word.lot, word.expected)).collect();
    let (mut lots, mut journals) = (Vec::with_capacity(words.len()), Vec::with_capacity(words.len()));
    for (lot, word) in locked_lots(work, &wanted).await?.into_iter().zip(words) {
        let lot = lot.remove(word.reason.clone())?;
        let journal = lot_journal(work, JournalKind::LotWithdrawn, &lot, Vec::new());
        journals.push(journal.because(word.reason.clone()));
        lots.push(lot);
    }
    store::save_lots(work, &lots).await?;
    ledger::post(work, &journals).await?;
    Ok(lots)
}

/// Locks lots in the order wanted.
async fn locked_lots(work: &Work, wanted: &[(AuctionLotId, Option<i64>)]) -> Result<Vec<Lot>, Failure> {
    let ids: Vec<AuctionLotId> = wanted.iter().map(|(id, _)| *id).collect();
    let locked: HashMap<_, _> = store::lock_lots(work, &ids).await?.into_iter().map(|lot| (lot.id, lot)).collect();
    let found = wanted.iter().map(|(id, expected)| {
        let lot = locked.get(id).ok_or_else(|| not_found("lot"))?;
        expect_version(*expected, lot.version)?;
        Ok(lot.clone())
    });
    found.collect()
}

/// Takes lots that the caller's organisation has put in out of planned sessions.
///
/// # Errors
/// [`AuctionRefusal::NotYours`], [`AuctionRefusal::WrongState`].
pub async fn withdraw_lots(work: &mut Work, wanted: &[(AuctionLotId, Option<i64>)]) -> Result<Vec<Lot>, Failure> {
    let mut lots = Vec::with_capacity(wanted.len());
    for lot in locked_lots(work, wanted).await? {
        lots.push(lot.withdraw(work.caller().organisation)?);
    }
    store::save_lots(work, &lots).await?;
    let journals: Vec<Journal> =
        lots.iter().map(|lot| lot_journal(work, JournalKind::LotWithdrawn, lot, Vec::new())).collect();
    ledger::post(work, &journals).await?;
    Ok(lots)
}

/// Announces sessions: the grams of every lot are held from now on, by the lot or by the lien that holds them already, and what stands against
/// any of the sellers stands against it all.
///
/// # Errors
/// [`AuctionRefusal::WrongState`], [`AuctionRefusal::BadWindows`], [`AuctionRefusal::NoLots`], [`AuctionRefusal::KeysMissing`],
/// [`AuctionRefusal::LienGone`], and every rule of eligibility that a seller breaks.
pub async fn announce(
    work: &mut Work,
    pledges: &dyn PledgedLots,
    wanted: &[AuctionWord],
) -> Result<Vec<Auction>, Failure> {
    let asked: Vec<_> = wanted.iter().map(|word| (word.auction, word.expected)).collect();
    let ids: Vec<AuctionId> = wanted.iter().map(|word| word.auction).collect();
    let gone = pledged::lock(pledges, work, &store::lots_of(work.connection(), &ids).await?).await?;
    let before = lock(work, &asked).await?;
    let keys = store::keys_of(work.connection(), &ids).await?;
    let planned: Vec<Lot> = store::lock_lots_of(work, &ids).await?.into_iter().filter(is_planned).collect();
    let mut announced = Vec::with_capacity(before.len());
    for auction in before {
        let auction = auction.announce(work.now())?;
        if !planned.iter().any(|lot| lot.auction == auction.id) {
            return Err(AuctionRefusal::NoLots {}.into());
        }
        let has_keys = keys.iter().filter(|key| key.auction == auction.id).count() == 2;
        if auction.format == Format::Sealed && !has_keys {
            return Err(AuctionRefusal::KeysMissing {}.into());
        }
        announced.push(auction);
    }
    let rulebook = rulebook::in_force(work).await?;
    let mut broken = judge_sellers(work, &planned, &rulebook).await?;
    for (_, broken) in planned.iter().zip(&mut broken).filter(|(lot, _)| gone.contains(&lot.id)) {
        broken.push(AuctionRefusal::LienGone {}.violation());
    }
    let broken = planned.iter().zip(broken);
    let told = broken.flat_map(|(lot, broken)| broken.into_iter().map(|violation| (lot.number, violation)));
    Failure::refused(told.map(|(number, violation)| violation.within(&format!("lots[{number}]"))).collect())?;
    let mut offered = Vec::with_capacity(planned.len());
    let mut journals: Vec<Journal> =
        announced.iter().map(|auction| journal(work, JournalKind::AuctionAnnounced, auction)).collect();
    for lot in planned {
        let lot = lot.offer()?;
        let postings = match lot.of_lien {
            Some(_) => Vec::new(),
            None => recipes::hold_rights(lot.stock(), lot.id.into(), lot.quantity)?,
        };
        journals.push(lot_journal(work, JournalKind::LotOffered, &lot, postings));
        offered.push(lot);
    }
    store::save_auctions(work, &announced).await?;
    store::save_lots(work, &offered).await?;
    ledger::post(work, &journals).await?;
    tell(work, &announced);
    Ok(announced)
}

fn is_planned(lot: &Lot) -> bool {
    lot.state == LotState::Planned
}

/// What stands against the sellers of each lot, each after those before it: the rules of eligibility that need no buyer, in the fields of
/// a lot. Of what a lien holds, only the right and its price are judged.
async fn judge_sellers(work: &mut Work, lots: &[Lot], rulebook: &Rulebook) -> Result<Vec<Vec<Violation>>, Failure> {
    let sites: BTreeSet<SiteId> = lots.iter().map(|lot| lot.seller.site).collect();
    known::lock_sites(work, &sites.into_iter().collect::<Vec<_>>()).await?;
    let terms = |is_of_lien: bool| {
        let asked = lots.iter().filter(move |lot| lot.of_lien.is_some() == is_of_lien);
        let terms = |lot: &Lot| {
            let price = (lot.base_price, PriceBasis::PerUnitWholeValidity);
            cases::terms_of_sale(Mode::Auction, lot.seller.site, lot.right_class, lot.quantity, price)
        };
        asked.map(terms).collect::<Vec<TradeTerms>>()
    };
    let mut own = cases::load_sales(work, &terms(false), rulebook).await?.into_iter();
    let mut pledged = cases::load(work, &terms(true), &[]).await?.into_iter();
    let of_lot = |lot: &Lot| {
        let broken = match lot.of_lien {
            Some(_) => pledged.next().map(|Candidate { case, .. }| judge_offer(&case, rulebook, work.today())),
            None => own.next().map(|Candidate { case, .. }| judge_sale(&case, rulebook, work.today())),
        };
        broken.iter().flatten().map(|refusal| in_fields_of_lot(refusal.violation())).collect()
    };
    Ok(lots.iter().map(of_lot).collect())
}

/// A violation about the field that a lot knows by another name than a sale.
fn in_fields_of_lot(violation: Violation) -> Violation {
    match violation.field.as_str() {
        "unit_price" => violation.about("base_price"),
        "seller_site" => violation.about("site"),
        _ => violation,
    }
}

/// Calls sessions off before they are ranked: every gram and every deposit goes back.
///
/// # Errors
/// [`AuctionRefusal::WrongState`].
pub async fn cancel(work: &mut Work, wanted: &[AuctionWord]) -> Result<Vec<Auction>, Failure> {
    let asked: Vec<_> = wanted.iter().map(|word| (word.auction, word.expected)).collect();
    let mut cancelled = Vec::with_capacity(wanted.len());
    let mut journals = Vec::new();
    for (auction, word) in lock(work, &asked).await?.into_iter().zip(wanted) {
        let auction = auction.cancel(word.reason.clone())?;
        journals.push(journal(work, JournalKind::AuctionCancelled, &auction).because(word.reason.clone()));
        cancelled.push(auction);
    }
    let ids: Vec<AuctionId> = cancelled.iter().map(|auction| auction.id).collect();
    let halves = store::halves_of(work.connection(), &ids).await?.into_iter();
    let useless = halves.filter(|half| half.private_key.is_some()).map(KeyHalf::spent);
    store::save_halves(work, &useless.collect::<Vec<_>>()).await?;
    let lots: Vec<Lot> = store::lock_lots_of(work, &ids).await?;
    let (planned, held): (Vec<Lot>, Vec<Lot>) = lots.into_iter().partition(is_planned);
    let mut withdrawn = Vec::with_capacity(planned.len());
    for lot in planned {
        let said = wanted.iter().find(|word| word.auction == lot.auction);
        let reason = said.and_then(|word| word.reason.clone());
        let lot = lot.remove(reason.clone())?;
        journals.push(lot_journal(work, JournalKind::LotWithdrawn, &lot, Vec::new()).because(reason));
        withdrawn.push(lot);
    }
    store::save_lots(work, &withdrawn).await?;
    for word in wanted {
        let of_word = held.iter().filter(|lot| lot.auction == word.auction).cloned().collect();
        let how = ending::Ending::Cancelled { reason: word.reason.clone() };
        journals.extend(ending::end_lots(work, of_word, &how).await?);
    }
    store::save_auctions(work, &cancelled).await?;
    ledger::post(work, &journals).await?;
    tell(work, &cancelled);
    Ok(cancelled)
}

/// Locks sessions in the order wanted.
pub(super) async fn lock(work: &Work, wanted: &[(AuctionId, Option<i64>)]) -> Result<Vec<Auction>, Failure> {
    let ids: Vec<AuctionId> = wanted.iter().map(|(id, _)| *id).collect();
    let locked: HashMap<_, _> =
        store::lock_auctions(work, &ids).await?.into_iter().map(|auction| (auction.id, auction)).collect();
    wanted
        .iter()
        .map(|(id, expected)| {
            let auction = locked.get(id).ok_or_else(|| not_found("auction"))?;
            expect_version(*expected, auction.version)?;
            Ok(auction.clone())
        })
        .collect()
}

pub(super) fn journal(work: &Work, kind: JournalKind, auction: &Auction) -> Journal {
    let subject = Subject { kind: SubjectKind::Auction, id: auction.id.0, version: auction.version };
    Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new())
}

pub(super) fn lot_journal(work: &Work, kind: JournalKind, lot: &Lot, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::AuctionLot, id: lot.id.0, version: lot.version };
    Journal::new(ids::fresh_journal(), kind, subject, work.today(), postings)
}

pub(super) fn tell(work: &mut Work, auctions: &[Auction]) {
    for auction in auctions {
        let kind = match auction.state {
            AuctionState::Planned => "auction.planned",
            AuctionState::Announced => "auction.announced",
            AuctionState::Open => "auction.opened",
            AuctionState::Final => "auction.final",
            AuctionState::Closed => "auction.closed",
            AuctionState::Ranked => "auction.ranked",
            AuctionState::Confirmed => "auction.confirmed",
            AuctionState::Settled => "auction.settled",
            AuctionState::Failed => "auction.failed",
            AuctionState::Cancelled { .. } => "auction.cancelled",
        };
        let payload = json!({ "version": auction.version, "format": auction.format.as_str() });
        work.tell(Event { kind, subject: auction.id.0, payload });
    }
}
