//! Proposing an offer, and answering it.

use super::cases::{self, Candidate, party, terms_of_offer};
use super::error::MarketRefusal;
use super::matching::{self, HeldBy, Holds, Match};
use super::offer::{Mode, Offer, OfferState, Party};
use super::overrides::lifting::fill_lifts;
use super::price;
use super::source::Source;
use super::store;
use super::trade::Trade;
use crate::db::Work;
use crate::decisions::{self, calendar};
use crate::eligibility::facts::TradeTerms;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, OfferId, OrganisationId, ProjectId, RightClassId, SiteId, TradeId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger::{self, money_of};
use crate::parties::{PartyRefusal, queries as parties};
use crate::rulebook::{self, Rulebook};
use accounting::recipes::{self, Held};
use accounting::{
    AccountKey, Books, Holding, Journal, JournalKind, Money, Posting, Price, PriceBasis, Quantity, Subject, SubjectKind,
};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;

/// An offer to propose.
#[derive(Debug, Clone)]
pub struct NewOffer {
    /// By which way.
    pub mode: Mode,
    /// The caller's own site.
    pub seller: SiteId,
    /// The site that may buy.
    pub buyer: SiteId,
    /// What.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// CNY per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// The agreed total in CNY, where it is not price × quantity to the fen.
    pub total: Option<Money>,
    /// The last day on which the buyer may accept.
    pub valid_until: Option<Date>,
}

/// The buyer's yes.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// Which offer.
    pub offer: OfferId,
    /// The version the buyer saw.
    pub expected: Option<i64>,
    /// The buyer's project that the rights are for.
    pub project: ProjectId,
}

/// The end of an offer without a trade.
#[derive(Debug, Clone)]
pub struct OfferEnding {
    /// Which offer.
    pub offer: OfferId,
    /// The version the party saw.
    pub expected: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A party's stock that an offer or trade is about.
pub fn stock(party: &Party, right_class: RightClassId) -> Holding {
    Holding { owner: party.site.into(), asset: right_class.into() }
}

/// Proposes offers; the quantity is held from now on.
///
/// # Errors
/// [`MarketRefusal::NotYourSite`], [`MarketRefusal::ListingByReserve`], [`MarketRefusal::AmountDiffers`], [`MarketRefusal::OfferInPast`],
/// [`MarketRefusal::OfferTooLong`], and every broken rule of eligibility at once.
pub async fn propose(work: &mut Work, news: &[NewOffer]) -> Result<Vec<Offer>, Failure> {
    let sites: Vec<SiteId> = news.iter().flat_map(|new| [new.seller, new.buyer]).collect();
    let sites = parties::sites_by_id(work.connection(), &sites).await?;
    let own = work.caller().organisation;
    if news.iter().any(|new| sites.get(&new.seller).is_none_or(|site| site.organisation != own)) {
        return Err(MarketRefusal::NotYourSite {}.into());
    }
    if news.iter().any(|new| !sites.contains_key(&new.buyer)) {
        return Err(Failure::from(PartyRefusal::UnknownSite {}).at("buyer_site"));
    }
    // One seller's offers follow each other: what a reduction still allows is read after this lock.
    parties::lock_sites(work, &news.iter().map(|new| new.seller).collect::<Vec<_>>()).await?;
    let terms: Vec<TradeTerms> = news
        .iter()
        .map(|new| TradeTerms {
            seller: new.seller,
            buyer: new.buyer,
            right_class: new.right_class,
            quantity: new.quantity,
            unit_price: new.unit_price,
            price_basis: new.price_basis,
            mode: new.mode.as_str(),
            project: None,
            counted: 0,
        })
        .collect();
    let rulebook = rulebook::in_force(work).await?;
    let latest = latest(work, &rulebook).await?;
    let mut candidates = cases::load(work, &terms, &[]).await?;
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    fill_lifts(work, &mut candidates).await?;
    let mut accounts: Vec<AccountKey> = candidates.iter().map(|candidate| candidate.stock.available()).collect();
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    cases::fill_headroom(&mut candidates, &books);
    cases::fill_fees(work, &mut candidates, &[]).await?;
    cases::fill_available(&mut candidates, &books);
    let mut more = Vec::new();
    let mut offers = Vec::with_capacity(news.len());
    for (at, (new, candidate)) in news.iter().zip(&candidates).enumerate() {
        if new.mode == Mode::Listing && !candidate.case.seller.0.is_reserve {
            more.push((at, MarketRefusal::ListingByReserve {}.violation()));
        }
        let valid_until = last_day(new.valid_until, work.today(), latest);
        let total = total_of(candidate, new.total, &rulebook);
        for refusal in [valid_until.as_ref().err(), total.as_ref().and_then(|total| total.as_ref().err())] {
            more.extend(refusal.map(|refusal| (at, refusal.violation())));
        }
        if let (Ok(valid_until), Some(Ok(total))) = (valid_until, total) {
            offers.push(offer(work, new, candidate, (total, valid_until), rulebook.id));
        }
    }
    cases::refuse_broken(work, &candidates, &rulebook, more)?;
    store::insert_offers(work, &offers).await?;
    let mut journals = Vec::with_capacity(offers.len());
    for offer in &offers {
        let stock = stock(&offer.seller, offer.right_class);
        let postings = recipes::hold_rights(stock, offer.trade.into(), offer.quantity)?;
        journals.push(journal(work.today(), JournalKind::OfferProposed, offer, postings, None));
    }
    ledger::post(work, &journals).await?;
    tell(work, "offer.proposed", &offers);
    Ok(offers)
}

/// The last day until which an offer may stand that is made today; none where no rule sets one.
async fn latest(work: &Work, rulebook: &Rulebook) -> Result<Option<Date>, Failure> {
    let Some(days) = rulebook.offer_days() else { return Ok(None) };
    Ok(calendar::from(work, work.today()).await?.working_days_after(work.today(), days))
}

/// The last day of an offer: the one that it names within what the rules allow, or else the last that they allow.
fn last_day(named: Option<Date>, today: Date, latest: Option<Date>) -> Result<Option<Date>, MarketRefusal> {
    match (named, latest) {
        (Some(day), _) if day < today => Err(MarketRefusal::OfferInPast {}),
        (Some(day), Some(latest)) if day > latest => Err(MarketRefusal::OfferTooLong { latest: latest.to_string() }),
        (named, latest) => Ok(named.or(latest)),
    }
}

/// The agreed total; none where the rules tell already that there can be none.
pub(super) fn total_of(
    candidate: &Candidate,
    stated: Option<Money>,
    rulebook: &Rulebook,
) -> Option<Result<Money, MarketRefusal>> {
    Some(candidate.product()?.and_then(|product| price::agreed(product, stated, rulebook)))
}

fn offer(
    work: &Work,
    new: &NewOffer,
    candidate: &Candidate,
    (total, valid_until): (Money, Option<Date>),
    rulebook: ids::RulebookId,
) -> Offer {
    Offer {
        id: OfferId::fresh(),
        trade: TradeId::fresh(),
        mode: new.mode,
        seller: party(&candidate.case.seller.0),
        buyer: party(&candidate.case.buyer.0),
        right_class: new.right_class,
        quantity: new.quantity,
        unit_price: new.unit_price,
        price_basis: new.price_basis,
        total,
        valid_until,
        state: OfferState::Proposed,
        proposed_by: work.caller().user,
        proposed_at: work.now(),
        rulebook,
        version: 1,
    }
}

/// Accepts offers made to the caller's organisation: the deposit is held and each becomes its trade.
///
/// # Errors
/// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::OfferNotOpen`], [`MarketRefusal::OfferOver`], [`MarketRefusal::MoneyShort`], and every broken rule of
/// eligibility at once.
pub async fn accept(work: &mut Work, wanted: &[Acceptance]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(OfferId, Option<i64>)> =
        wanted.iter().map(|acceptance| (acceptance.offer, acceptance.expected)).collect();
    let by = work.caller().organisation;
    let mut offers = Vec::with_capacity(wanted.len());
    for offer in lock(work, &ids).await? {
        offers.push(offer.accept(by, work.today())?);
    }
    let rulebook = rulebook::in_force(work).await?;
    let terms: Vec<TradeTerms> =
        offers.iter().zip(wanted).map(|(offer, acceptance)| terms_of_offer(offer, Some(acceptance.project))).collect();
    let own: Vec<TradeId> = offers.iter().map(|offer| offer.trade).collect();
    let mut candidates = cases::load(work, &terms, &own).await?;
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    fill_lifts(work, &mut candidates).await?;
    let deposits = offers.iter().map(|offer| price::deposit(offer.total, &rulebook)).collect::<Result<Vec<_>, _>>();
    let deposits = deposits.map_err(Failure::bug)?;
    let mut accounts: Vec<AccountKey> = vec![money_of(by).available()];
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    accounts.extend(offers.iter().map(|offer| money_of(by).committed(offer.trade.into())));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    cases::fill_headroom(&mut candidates, &books);
    cases::fill_fees(work, &mut candidates, &own).await?;
    let amounts: Vec<(OrganisationId, Money)> = deposits.iter().map(|deposit| (by, *deposit)).collect();
    let short = judge_money(&books, &amounts);
    cases::refuse_broken(work, &candidates, &rulebook, short)?;
    let matches: Vec<Match> = offers
        .iter()
        .zip(&candidates)
        .zip(wanted)
        .zip(deposits)
        .map(|(((offer, candidate), acceptance), deposit)| Match {
            trade: offer.trade,
            source: Source::Offer(offer.id),
            mode: offer.mode,
            seller: offer.seller.clone(),
            buyer: offer.buyer.clone(),
            seller_is_reserve: candidate.case.seller.0.is_reserve,
            project: acceptance.project,
            right_class: offer.right_class,
            pollutant: candidate.case.class.pollutant.clone(),
            quantity: offer.quantity,
            unit_price: offer.unit_price,
            price_basis: offer.price_basis,
            replacement: candidate.case.replacement(&rulebook),
            lifted: candidate.case.lifted(),
            total: offer.total,
            deposit,
            held: Holds { rights: HeldBy::Trade, deposit: HeldBy::Nothing },
            matched_by: work.caller().user,
        })
        .collect();
    store::save_offers(work, &offers).await?;
    matching::open_trades(work, &rulebook, &matches).await
}

/// Finds the first amounts that what is free does not cover, each after those before it.
pub fn judge_money(books: &Books, amounts: &[(OrganisationId, Money)]) -> Vec<(usize, Violation)> {
    let mut left = HashMap::new();
    let mut short = Vec::new();
    for (at, (buyer, amount)) in amounts.iter().enumerate() {
        let left = left.entry(*buyer).or_insert_with(|| books.balance(&money_of(*buyer).available()));
        if *left < amount.fen() {
            let available = Money::try_new(*left).unwrap_or_default().print();
            short.push((at, MarketRefusal::MoneyShort { available, wanted: amount.print() }.violation()));
        } else {
            *left -= amount.fen();
        }
    }
    short
}

/// Declines offers made to the caller's organisation; what they held goes back.
///
/// # Errors
/// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::OfferNotOpen`].
pub async fn decline(work: &mut Work, wanted: &[OfferEnding]) -> Result<Vec<Offer>, Failure> {
    let by = work.caller().organisation;
    end(work, wanted, JournalKind::OfferDeclined, "offer.declined", move |offer, reason| offer.decline(by, reason))
        .await
}

/// Takes back offers of the caller's organisation; what they held goes back.
///
/// # Errors
/// [`MarketRefusal::NotTheSeller`], [`MarketRefusal::OfferNotOpen`].
pub async fn withdraw(work: &mut Work, wanted: &[OfferEnding]) -> Result<Vec<Offer>, Failure> {
    let by = work.caller().organisation;
    end(work, wanted, JournalKind::OfferWithdrawn, "offer.withdrawn", move |offer, reason| offer.withdraw(by, reason))
        .await
}

/// Ends offers whose last day has passed; what they held goes back. Tells how many. It is the clock's to call.
///
/// # Errors
/// A fault of the database.
pub(super) async fn expire_some(work: &mut Work, most: u64) -> Result<u64, Failure> {
    let (mut ended, mut journals) = (Vec::new(), Vec::new());
    for offer in store::lock_offers_over(work, work.today(), most).await? {
        let offer = offer.expire()?;
        journals.push(journal(work.today(), JournalKind::OfferExpired, &offer, undo(&offer)?, None));
        ended.push(offer);
    }
    finish(work, &ended, &journals, "offer.expired").await?;
    u64::try_from(ended.len()).map_err(Failure::bug)
}

/// The postings that give back what an offer holds.
fn undo(offer: &Offer) -> Result<Vec<Posting>, Failure> {
    let rights = Some((stock(&offer.seller, offer.right_class), offer.quantity.grams()));
    Ok(recipes::void(offer.trade.into(), &Held { rights, ..Held::default() })?)
}

async fn finish(work: &mut Work, ended: &[Offer], journals: &[Journal], event: &'static str) -> Result<(), Failure> {
    store::save_offers(work, ended).await?;
    ledger::post(work, journals).await?;
    // An acceptance that still waits for the buyer's second person has nothing to accept any more.
    decisions::drop_open(work, &ended.iter().map(|offer| offer.id.0).collect::<Vec<_>>()).await?;
    tell(work, event, ended);
    Ok(())
}

async fn end(
    work: &mut Work,
    wanted: &[OfferEnding],
    kind: JournalKind,
    event: &'static str,
    transition: impl Fn(Offer, Option<String>) -> Result<Offer, MarketRefusal> + Send,
) -> Result<Vec<Offer>, Failure> {
    let ids: Vec<(OfferId, Option<i64>)> = wanted.iter().map(|ending| (ending.offer, ending.expected)).collect();
    let mut ended = Vec::with_capacity(wanted.len());
    let mut journals = Vec::with_capacity(wanted.len());
    for (offer, ending) in lock(work, &ids).await?.into_iter().zip(wanted) {
        let offer = transition(offer, ending.reason.clone())?;
        journals.push(journal(work.today(), kind, &offer, undo(&offer)?, ending.reason.clone()));
        ended.push(offer);
    }
    finish(work, &ended, &journals, event).await?;
    Ok(ended)
}

/// An offer of which the caller is a party, locked.
///
/// # Errors
/// Hidden when it is none.
pub(super) async fn find_own(work: &Work, id: OfferId) -> Result<Offer, Failure> {
    lock(work, &[(id, None)]).await?.pop().ok_or_else(|| not_found("offer").into())
}

/// Locks offers in the order wanted; those of which the caller is no party are hidden.
async fn lock(work: &Work, wanted: &[(OfferId, Option<i64>)]) -> Result<Vec<Offer>, Failure> {
    let ids: Vec<OfferId> = wanted.iter().map(|(id, _)| *id).collect();
    let locked: HashMap<OfferId, Offer> =
        store::lock_offers(work, &ids).await?.into_iter().map(|offer| (offer.id, offer)).collect();
    let own: OrganisationId = work.caller().organisation;
    wanted
        .iter()
        .map(|(id, expected)| {
            let party = |offer: &&Offer| offer.seller.organisation == own || offer.buyer.organisation == own;
            let offer = locked.get(id).filter(party).ok_or_else(|| not_found("offer"))?;
            expect_version(*expected, offer.version)?;
            Ok(offer.clone())
        })
        .collect()
}

pub(super) fn journal(
    today: Date,
    kind: JournalKind,
    offer: &Offer,
    postings: Vec<Posting>,
    reason: Option<String>,
) -> Journal {
    let subject = Subject { kind: SubjectKind::Offer, id: offer.id.0, version: offer.version };
    Journal::new(ids::fresh_journal(), kind, subject, today, postings).because(reason)
}

pub(super) fn tell(work: &mut Work, kind: &'static str, offers: &[Offer]) {
    for offer in offers {
        work.tell(Event {
            kind,
            subject: offer.id.0,
            payload: json!({
                "seller": offer.seller.organisation,
                "buyer": offer.buyer.organisation,
                "right_class": offer.right_class,
                "grams": offer.quantity.grams(),
                "total": offer.total.print(),
            }),
        });
    }
}
