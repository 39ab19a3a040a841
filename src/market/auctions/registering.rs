//! Who may bid: registering for a lot, and what the exchange says to it.

use super::auction::{Auction, AuctionState};
use super::ending::{registration_journal, release};
use super::error::AuctionRefusal;
use super::lot::{Lot, LotState, Registration, RegistrationState};
use super::pledged;
use super::record::store as record;
use super::store;
use crate::db::Work;
use crate::eligibility::facts::TradeTerms;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{AuctionId, AuctionLotId, AuctionRegistrationId, OrganisationId, ProjectId, SiteId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger::{self, money_of};
use crate::market::cases::{self, Candidate, party};
use crate::market::offer::{Mode, Party};
use crate::market::offer_commands::judge_money;
use crate::market::overrides::lifting::fill_lifts;
use crate::parties::queries as known;
use crate::rulebook;
use accounting::recipes;
use accounting::{AccountKey, Journal, JournalKind, Measure, Money, PriceBasis, Quantity};
use serde_json::json;
use std::collections::HashMap;

/// A bidder's wish to bid.
#[derive(Debug, Clone)]
pub struct NewRegistration {
    /// In which session.
    pub auction: AuctionId,
    /// For which lot of it.
    pub lot: AuctionLotId,
    /// The caller's own site.
    pub site: SiteId,
    /// The project that the rights are for.
    pub project: ProjectId,
    /// The most that is wanted.
    pub quantity: Quantity,
    /// The fewest that are still of use; all that is bid for where nobody says so.
    pub minimum: Option<Quantity>,
}

/// A word on a registration.
#[derive(Debug, Clone)]
pub struct RegistrationWord {
    /// On which.
    pub registration: AuctionRegistrationId,
    /// The version that was seen.
    pub expected: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// Registers the caller's organisation for lots: the deposit is held from now on.
///
/// # Errors
/// [`AuctionRefusal::RegistrationOver`], [`AuctionRefusal::OwnLot`], [`AuctionRefusal::AlreadyRegistered`],
/// [`AuctionRefusal::NotYourSite`], [`AuctionRefusal::OverLotQuantity`], [`AuctionRefusal::UnderLotQuantity`], too little money,
/// and every broken rule of eligibility: all at once.
pub async fn register(work: &mut Work, news: &[NewRegistration]) -> Result<Vec<Registration>, Failure> {
    let own = work.caller().organisation;
    let lots = lots_on_offer(work, news).await?;
    let lot_ids: Vec<AuctionLotId> = lots.iter().map(|(_, lot)| lot.id).collect();
    let there = store::registrations_of(work.connection(), &lot_ids, None).await?;
    let sites = known::sites_by_id(work.connection(), &news.iter().map(|new| new.site).collect::<Vec<_>>()).await?;
    let terms: Vec<TradeTerms> = news.iter().zip(&lots).map(|(new, (_, lot))| terms_of(new, lot)).collect();
    let rulebook = rulebook::in_force(work).await?;
    let mut candidates = cases::load(work, &terms, &[]).await?;
    for (candidate, (_, lot)) in candidates.iter_mut().zip(&lots) {
        candidate.is_disposal = lot.of_lien.is_some();
    }
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    fill_lifts(work, &mut candidates).await?;
    let (mut made, mut more, mut numbers): (Vec<Registration>, Vec<(usize, Violation)>, HashMap<_, i64>) =
        (Vec::new(), Vec::new(), HashMap::new());
    for (at, ((new, (auction, lot)), candidate)) in news.iter().zip(&lots).zip(&candidates).enumerate() {
        let measure = &candidate.case.pollutant.measure;
        let is_twice = |one: &Registration| one.lot == lot.id && one.bidder.organisation == own && one.is_live();
        let broken = judge(work, new, auction, lot, measure, there.iter().chain(&made).any(is_twice));
        more.extend(broken.into_iter().map(|refusal| (at, refusal.violation())));
        more.extend(pledged::judge_bidder(lot.of_lien, candidate.case.buyer.1.kind).map(|violation| (at, violation)));
        let Some(site) = sites.get(&new.site).filter(|site| site.organisation == own) else {
            more.push((at, AuctionRefusal::NotYourSite {}.violation()));
            continue;
        };
        let last = there.iter().filter(|one| one.lot == lot.id).map(|one| one.number).max().unwrap_or(0);
        let number = numbers.entry(lot.id).or_insert(last);
        *number += 1;
        let deposit = deposit(auction, lot, new.quantity, measure)?;
        made.push(registration(work, new, party(site), *number, deposit));
    }
    let mut accounts: Vec<AccountKey> = vec![money_of(own).available()];
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    cases::fill_headroom(&mut candidates, &books);
    let amounts: Vec<(OrganisationId, Money)> = made.iter().map(|one| (own, one.deposit)).collect();
    more.extend(judge_money(&books, &amounts));
    cases::refuse_broken(work, &candidates, &rulebook, more).map_err(in_words_of_bidders)?;
    store::save_registrations(work, &made).await?;
    let mut journals = Vec::with_capacity(made.len());
    for one in &made {
        let postings = recipes::hold_money(money_of(own), one.id.into(), one.deposit)?;
        journals.push(registration_journal(work, JournalKind::BidderRegistered, one, postings));
    }
    ledger::post(work, &journals).await?;
    tell(work, &made);
    Ok(made)
}

/// A refusal in the fields that a bidder fills in: what is wrong with seller, class and price is wrong with the lot.
fn in_words_of_bidders(failure: Failure) -> Failure {
    let of_lot = ["seller_site", "right_class", "unit_price", "price_basis"];
    let about_lot = |failure: Failure, field| failure.renamed(field, "lot");
    of_lot.into_iter().fold(failure.renamed("buyer_site", "site"), about_lot)
}

/// The lots that are asked for, locked, with their sessions.
async fn lots_on_offer(work: &Work, news: &[NewRegistration]) -> Result<Vec<(Auction, Lot)>, Failure> {
    let ids: Vec<AuctionLotId> = news.iter().map(|new| new.lot).collect();
    let lots: HashMap<_, _> = store::lock_lots(work, &ids).await?.into_iter().map(|lot| (lot.id, lot)).collect();
    let auctions: Vec<AuctionId> = news.iter().map(|new| new.auction).collect();
    let auctions = store::auctions_by_id(work.connection(), &auctions).await?;
    news.iter()
        .map(|new| {
            let auction = auctions.iter().find(|one| one.id == new.auction).ok_or_else(|| not_found("auction"))?;
            let lot = lots.get(&new.lot).filter(|lot| lot.auction == auction.id).ok_or_else(|| not_found("lot"))?;
            Ok((auction.clone(), lot.clone()))
        })
        .collect()
}

fn terms_of(new: &NewRegistration, lot: &Lot) -> TradeTerms {
    TradeTerms {
        seller: lot.seller.site,
        buyer: new.site,
        right_class: lot.right_class,
        quantity: new.quantity,
        unit_price: lot.base_price,
        price_basis: PriceBasis::PerUnitWholeValidity,
        mode: Mode::Auction.as_str(),
        project: Some(new.project),
        // What the lot itself holds of the seller's reductions is what is bid for.
        counted: lot.held(),
    }
}

fn judge(
    work: &Work,
    new: &NewRegistration,
    auction: &Auction,
    lot: &Lot,
    measure: &Measure,
    is_twice: bool,
) -> Vec<AuctionRefusal> {
    let mut broken = Vec::new();
    let is_open = auction.state == AuctionState::Announced && work.now() < auction.registration_until;
    if !is_open || lot.state != LotState::Offered {
        broken.push(AuctionRefusal::RegistrationOver { until: auction.registration_until.to_string() });
    }
    if lot.seller.organisation == work.caller().organisation {
        broken.push(AuctionRefusal::OwnLot {});
    }
    if is_twice {
        broken.push(AuctionRefusal::AlreadyRegistered {});
    }
    let told = |quantity: Quantity| format!("{} {}", quantity.print(measure), measure.unit);
    if new.quantity > lot.most() {
        broken.push(AuctionRefusal::OverLotQuantity { most: told(lot.most()) });
    }
    if let Some(least) = lot.least.filter(|least| new.quantity < *least) {
        broken.push(AuctionRefusal::UnderLotQuantity { least: told(least) });
    }
    if new.minimum.is_some_and(|minimum| minimum > new.quantity) {
        broken.push(AuctionRefusal::MinimumTooLarge { quantity: told(new.quantity) });
    }
    broken
}

/// The deposit (保证金): the session's share of base price × quantity wanted, or all of that.
fn deposit(auction: &Auction, lot: &Lot, wanted: Quantity, measure: &Measure) -> Result<Money, Failure> {
    let Ok(base) = lot.base_price.times(wanted, measure) else {
        return Err(Failure::from(AuctionRefusal::TotalOutOfRange {}).at("quantity"));
    };
    match auction.rules.deposit_rate() {
        Some(rate) => base.share(rate).map_err(Failure::bug),
        None => Ok(base),
    }
}

fn registration(work: &Work, new: &NewRegistration, bidder: Party, number: i64, deposit: Money) -> Registration {
    Registration {
        id: AuctionRegistrationId::fresh(),
        auction: new.auction,
        lot: new.lot,
        number,
        bidder,
        project: new.project,
        quantity: new.quantity,
        minimum: new.minimum.unwrap_or(new.quantity).min(new.quantity),
        deposit,
        state: RegistrationState::Registered,
        registered_by: work.caller().user,
        registered_at: work.now(),
        version: 1,
    }
}

/// The exchange lets bidders in.
///
/// # Errors
/// [`AuctionRefusal::WrongState`].
pub async fn qualify(work: &mut Work, wanted: &[RegistrationWord]) -> Result<Vec<Registration>, Failure> {
    let mut qualified = Vec::with_capacity(wanted.len());
    let mut journals = Vec::with_capacity(wanted.len());
    for (registration, word) in lock(work, wanted).await?.into_iter().zip(wanted) {
        let registration = registration.qualify()?;
        let journal = registration_journal(work, JournalKind::BidderQualified, &registration, Vec::new());
        journals.push(journal.because(word.reason.clone()));
        qualified.push(registration);
    }
    save(work, qualified, journals).await
}

/// The exchange does not let bidders in; their deposits go back.
///
/// # Errors
/// [`AuctionRefusal::WrongState`].
pub async fn refuse(work: &mut Work, wanted: &[RegistrationWord]) -> Result<Vec<Registration>, Failure> {
    let (mut refused, mut journals) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
    for (registration, word) in lock(work, wanted).await?.into_iter().zip(wanted) {
        let registration = registration.refuse(word.reason.clone())?;
        let journal = release(work, JournalKind::BidderRefused, &registration)?;
        journals.push(journal.because(word.reason.clone()));
        refused.push(registration);
    }
    save(work, refused, journals).await
}

/// Bidders of the caller's organisation take their registration back before having bid; so goes the deposit.
///
/// # Errors
/// [`AuctionRefusal::NotYours`], [`AuctionRefusal::HasBid`], [`AuctionRefusal::WrongState`].
pub async fn withdraw(work: &mut Work, wanted: &[RegistrationWord]) -> Result<Vec<Registration>, Failure> {
    let locked = lock(work, wanted).await?;
    let bids = record::bids_under(work.connection(), &locked.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    let (mut withdrawn, mut journals) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
    for registration in locked {
        let has_bid = bids.iter().any(|bid| bid.registration == registration.id);
        let registration = registration.withdraw(work.caller().organisation, has_bid)?;
        journals.push(release(work, JournalKind::BidderWithdrawn, &registration)?);
        withdrawn.push(registration);
    }
    save(work, withdrawn, journals).await
}

/// Locks the lots, by which bids come, and then the registrations, in the order wanted.
async fn lock(work: &Work, wanted: &[RegistrationWord]) -> Result<Vec<Registration>, Failure> {
    let ids: Vec<AuctionRegistrationId> = wanted.iter().map(|word| word.registration).collect();
    let lots = store::registrations_by_id(work.connection(), &ids).await?.iter().map(|one| one.lot).collect::<Vec<_>>();
    store::lock_lots(work, &lots).await?;
    let locked: HashMap<_, _> =
        store::lock_registrations(work, &ids).await?.into_iter().map(|one| (one.id, one)).collect();
    let (caller, sees_all) = (work.caller(), work.caller().scope() == crate::access::Scope::Everything);
    wanted
        .iter()
        .map(|word| {
            let is_seen = |one: &&Registration| sees_all || one.bidder.organisation == caller.organisation;
            let found = locked.get(&word.registration).filter(is_seen).ok_or_else(|| not_found("registration"))?;
            expect_version(word.expected, found.version)?;
            Ok(found.clone())
        })
        .collect()
}

async fn save(
    work: &mut Work,
    changed: Vec<Registration>,
    journals: Vec<Journal>,
) -> Result<Vec<Registration>, Failure> {
    store::save_registrations(work, &changed).await?;
    ledger::post(work, &journals).await?;
    tell(work, &changed);
    Ok(changed)
}

fn tell(work: &mut Work, registrations: &[Registration]) {
    for registration in registrations {
        let kind = match registration.state {
            RegistrationState::Registered => "auction.bidder_registered",
            RegistrationState::Qualified => "auction.bidder_qualified",
            RegistrationState::Refused { .. } => "auction.bidder_refused",
            RegistrationState::Withdrawn => "auction.bidder_withdrawn",
            RegistrationState::Released => "auction.bidder_released",
            RegistrationState::Won => "auction.bidder_won",
        };
        let payload = json!({ "lot": registration.lot, "deposit": registration.deposit.print() });
        work.tell(Event { kind, subject: registration.id.0, payload });
    }
}
