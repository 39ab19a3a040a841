//! Proposing an offer, and answering it.

use super::cases::{self, Candidate, terms_of_offer};
use super::error::MarketRefusal;
use super::matching::{self, HeldBy, Holds, Match};
use super::offer::{Mode, Offer, OfferState, Party};
use super::source::Source;
use super::store;
use super::trade::Trade;
use crate::db::Work;
use crate::decisions;
use crate::eligibility::facts::TradeTerms;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, OfferId, OrganisationId, ProjectId, RightClassId, SiteId, TradeId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger::{self, money_of};
use crate::parties::{PartyRefusal, Site, queries as parties};
use crate::rulebook;
use accounting::decimal::DecimalFault;
use accounting::recipes::{self, Held};
use accounting::{
    AccountKey, Books, Holding, Journal, JournalKind, Money, Posting, Price, Quantity, Subject, SubjectKind,
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

/// The seller's stock that an offer or trade is about.
pub fn stock(seller: &Party, right_class: RightClassId) -> Holding {
    Holding { owner: seller.site.into(), asset: right_class.into() }
}

/// Proposes offers; the quantity is held from now on.
///
/// # Errors
/// [`MarketRefusal::NotYourSite`], [`MarketRefusal::ListingByReserve`], and every broken rule of eligibility at once.
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
            mode: new.mode.as_str(),
            project: None,
            sold: 0,
        })
        .collect();
    let rulebook = rulebook::in_force(work).await?;
    let mut candidates = cases::load(work, &terms, &[]).await?;
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    let mut accounts: Vec<AccountKey> = news
        .iter()
        .map(|new| Holding { owner: new.seller.into(), asset: new.right_class.into() }.available())
        .collect();
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    cases::fill_headroom(&mut candidates, &books);
    cases::fill_fees(work, &mut candidates, &[]).await?;
    fill_available(&mut candidates, news, &books);
    let mut more = Vec::new();
    let mut offers = Vec::with_capacity(news.len());
    for (at, (new, candidate)) in news.iter().zip(&candidates).enumerate() {
        if new.mode == Mode::Listing && !candidate.case.seller.0.is_reserve {
            more.push((at, MarketRefusal::ListingByReserve {}.violation()));
        }
        match total(new, candidate) {
            Ok(total) => offers.push(offer(work, new, candidate, total, rulebook.id)),
            Err(refusal) => more.push((at, refusal.violation())),
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

fn fill_available(candidates: &mut [Candidate], news: &[NewOffer], books: &Books) {
    let mut held: HashMap<AccountKey, i64> = HashMap::new();
    for (candidate, new) in candidates.iter_mut().zip(news) {
        let account = Holding { owner: new.seller.into(), asset: new.right_class.into() }.available();
        let before = held.entry(account).or_insert(0);
        candidate.case.available = Some(books.balance(&account) - *before);
        *before += new.quantity.grams();
    }
}

fn total(new: &NewOffer, candidate: &Candidate) -> Result<Money, MarketRefusal> {
    match new.unit_price.times(new.quantity, &candidate.case.pollutant.measure) {
        Ok(total) if total.is_zero() => Err(MarketRefusal::NothingToPay {}),
        Ok(total) => Ok(total),
        Err(_) => Err(MarketRefusal::TotalOutOfRange {}),
    }
}

fn offer(work: &Work, new: &NewOffer, candidate: &Candidate, total: Money, rulebook: ids::RulebookId) -> Offer {
    let party =
        |site: &Site| Party { site: site.id, organisation: site.organisation, area_path: site.area_path.clone() };
    Offer {
        id: OfferId::fresh(),
        trade: TradeId::fresh(),
        mode: new.mode,
        seller: party(&candidate.case.seller.0),
        buyer: party(&candidate.case.buyer.0),
        right_class: new.right_class,
        quantity: new.quantity,
        unit_price: new.unit_price,
        total,
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
/// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::OfferNotOpen`], [`MarketRefusal::MoneyShort`], and every broken rule of
/// eligibility at once.
pub async fn accept(work: &mut Work, wanted: &[Acceptance]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(OfferId, Option<i64>)> =
        wanted.iter().map(|acceptance| (acceptance.offer, acceptance.expected)).collect();
    let by = work.caller().organisation;
    let mut offers = Vec::with_capacity(wanted.len());
    for offer in lock(work, &ids).await? {
        offers.push(offer.accept(by)?);
    }
    let rulebook = rulebook::in_force(work).await?;
    let terms: Vec<TradeTerms> =
        offers.iter().zip(wanted).map(|(offer, acceptance)| terms_of_offer(offer, Some(acceptance.project))).collect();
    let own: Vec<TradeId> = offers.iter().map(|offer| offer.trade).collect();
    let mut candidates = cases::load(work, &terms, &own).await?;
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    let deposits = offers.iter().map(|offer| deposit(offer, &rulebook)).collect::<Result<Vec<_>, _>>();
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
            replacement: candidate.case.replacement(&rulebook),
            total: offer.total,
            deposit,
            held: Holds { rights: HeldBy::Trade, deposit: HeldBy::Nothing },
            matched_by: work.caller().user,
        })
        .collect();
    store::save_offers(work, &offers).await?;
    matching::open_trades(work, &rulebook, &matches).await
}

/// The deposit (保证金): the rulebook's share of the total, or all of it where no share is known.
fn deposit(offer: &Offer, rulebook: &rulebook::Rulebook) -> Result<Money, DecimalFault> {
    match rulebook.deposit_rate() {
        Some(rate) => offer.total.share(rate),
        None => Ok(offer.total),
    }
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
        let rights = Some((stock(&offer.seller, offer.right_class), offer.quantity.grams()));
        let postings = recipes::void(offer.trade.into(), &Held { rights, ..Held::default() })?;
        journals.push(journal(work.today(), kind, &offer, postings, ending.reason.clone()));
        ended.push(offer);
    }
    store::save_offers(work, &ended).await?;
    ledger::post(work, &journals).await?;
    // An acceptance that still waits for the buyer's second person has nothing to accept any more.
    decisions::drop_open(work, &ended.iter().map(|offer| offer.id.0).collect::<Vec<_>>()).await?;
    tell(work, event, &ended);
    Ok(ended)
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
