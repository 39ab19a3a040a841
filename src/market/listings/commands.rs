//! Drafting listings, opening them, buying from them, and ending them.

use super::queries::is_visible;
use super::{Listing, ListingState, Opening, store};
use crate::db::Work;
use crate::decisions;
use crate::eligibility::facts::TradeTerms;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, ListingId, OrganisationId, ProjectId, RightClassId, SiteId, TradeId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger::{self, money_of};
use crate::market::cases::{self, Candidate, party};
use crate::market::error::MarketRefusal;
use crate::market::matching::{self, HeldBy, Holds, Match};
use crate::market::offer::Mode;
use crate::market::offer_commands::{judge_money, stock};
use crate::market::overrides::lifting::fill_lifts;
use crate::market::price;
use crate::market::source::Source;
use crate::market::trade::Trade;
use crate::parties::queries as parties;
use crate::rulebook::{self, Rulebook};
use accounting::recipes::{self, Held};
use accounting::{AccountKey, Journal, JournalKind, Money, Posting, Price, PriceBasis, Quantity, Subject, SubjectKind};
use jiff::Span;
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;

/// A listing to draft.
#[derive(Debug, Clone)]
pub struct NewListing {
    /// The caller's own site.
    pub seller: SiteId,
    /// What.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// The least that is sold to one buyer.
    pub minimum: Quantity,
    /// CNY per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
}

/// A listing to open or to take back.
#[derive(Debug, Clone)]
pub struct ListingWord {
    /// Which.
    pub listing: ListingId,
    /// The version the seller saw.
    pub expected: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// Part of a listing, or all that is left of it, to buy.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// From which listing.
    pub listing: ListingId,
    /// The version the buyer saw.
    pub expected: Option<i64>,
    /// The caller's own site.
    pub buyer: SiteId,
    /// The buyer's project that the rights are for.
    pub project: ProjectId,
    /// How much; all that is left when absent.
    pub quantity: Option<Quantity>,
}

/// Drafts listings; nothing is held yet.
///
/// # Errors
/// [`MarketRefusal::NotYourSite`], [`MarketRefusal::MinimumTooLarge`], and every rule that stands against the sale, all at once.
pub async fn draft(work: &mut Work, news: &[NewListing]) -> Result<Vec<Listing>, Failure> {
    let sites: Vec<SiteId> = news.iter().map(|new| new.seller).collect();
    let own = work.caller().organisation;
    let known = parties::sites_by_id(work.connection(), &sites).await?;
    if news.iter().any(|new| known.get(&new.seller).is_none_or(|site| site.organisation != own)) {
        return Err(MarketRefusal::NotYourSite {}.into());
    }
    let rulebook = rulebook::in_force(work).await?;
    let terms: Vec<TradeTerms> = news.iter().map(sale).collect();
    let candidates = cases::load_sales(work, &terms, &rulebook).await?;
    let mut more = Vec::new();
    for (at, (new, candidate)) in news.iter().zip(&candidates).enumerate() {
        if new.minimum > new.quantity {
            let measure = &candidate.case.pollutant.measure;
            let quantity = format!("{} {}", new.quantity.print(measure), measure.unit);
            more.push((at, MarketRefusal::MinimumTooLarge { quantity }.violation()));
        }
        more.extend(candidate.product().and_then(Result::err).map(|refusal| (at, refusal.violation())));
    }
    cases::refuse_sales(work, &candidates, &rulebook, more)?;
    let drafts: Vec<Listing> =
        news.iter().zip(&candidates).map(|(new, candidate)| drafted(work, new, candidate, &rulebook)).collect();
    store::insert(work, &drafts).await?;
    post(work, JournalKind::ListingDrafted, &drafts, |_| Ok(Vec::new())).await?;
    tell(work, "listing.drafted", &drafts);
    Ok(drafts)
}

fn sale(new: &NewListing) -> TradeTerms {
    cases::terms_of_sale(Mode::Listing, new.seller, new.right_class, new.quantity, (new.unit_price, new.price_basis))
}

fn drafted(work: &Work, new: &NewListing, candidate: &Candidate, rulebook: &Rulebook) -> Listing {
    Listing {
        id: ListingId::fresh(),
        seller: party(&candidate.case.seller.0),
        seller_is_reserve: candidate.case.seller.0.is_reserve,
        right_class: new.right_class,
        quantity: new.quantity,
        minimum: new.minimum,
        unit_price: new.unit_price,
        price_basis: new.price_basis,
        sold: 0,
        state: ListingState::Draft,
        drafted_by: work.caller().user,
        drafted_at: work.now(),
        rulebook: rulebook.id,
        version: 1,
    }
}

/// Opens drafts of the caller's organisation: judged again, and the whole quantity is held from now on.
///
/// # Errors
/// [`MarketRefusal::NotTheSeller`], [`MarketRefusal::ListingNotOpen`], and every rule that stands against the sale, all at once.
pub async fn open(work: &mut Work, wanted: &[ListingWord]) -> Result<Vec<Listing>, Failure> {
    let ids: Vec<ListingId> = wanted.iter().map(|word| word.listing).collect();
    // One seller's sales follow each other: what a reduction still allows is read after this lock.
    let sellers: Vec<SiteId> = store::find(work, &ids).await?.iter().map(|listing| listing.seller.site).collect();
    parties::lock_sites(work, &sellers).await?;
    let rulebook = rulebook::in_force(work).await?;
    let (own, opening) = (work.caller().organisation, opening(work, &rulebook)?);
    let mut listings = Vec::with_capacity(wanted.len());
    for listing in lock(work, wanted.iter().map(|word| (word.listing, word.expected))).await? {
        if listing.seller.organisation != own {
            return Err(MarketRefusal::NotTheSeller {}.into());
        }
        listings.push(Listing { rulebook: rulebook.id, ..listing.open(opening)? });
    }
    let terms: Vec<TradeTerms> = listings.iter().map(|listing| sale(&NewListing::of(listing))).collect();
    let candidates = cases::load_sales(work, &terms, &rulebook).await?;
    cases::refuse_sales(work, &candidates, &rulebook, Vec::new())?;
    store::save(work, &listings).await?;
    let hold = |listing: &Listing| {
        let stock = stock(&listing.seller, listing.right_class);
        Ok(recipes::hold_rights(stock, listing.id.into(), listing.quantity)?)
    };
    post(work, JournalKind::ListingOpened, &listings, hold).await?;
    tell(work, "listing.opened", &listings);
    Ok(listings)
}

impl NewListing {
    /// The terms that a draft was made of.
    fn of(listing: &Listing) -> Self {
        Self {
            seller: listing.seller.site,
            right_class: listing.right_class,
            quantity: listing.quantity,
            minimum: listing.minimum,
            unit_price: listing.unit_price,
            price_basis: listing.price_basis,
        }
    }
}

/// An opening today. The listing period counts days (2017年: 21 February to 14 March, 21 days).
fn opening(work: &Work, rulebook: &Rulebook) -> Result<Opening, Failure> {
    let last = |days: u32| work.today().checked_add(Span::new().days(i64::from(days)));
    let last_day: Option<Date> = rulebook.listing_days().map(last).transpose().map_err(Failure::bug)?;
    Ok(Opening { by: work.caller().user, at: work.now(), last_day })
}

/// Buys from open listings: the deposit is held, the grams pass from the listing, and each purchase becomes a trade.
///
/// # Errors
/// [`MarketRefusal::NotYourBuyerSite`]; [`MarketRefusal::ListingNotOpen`], [`MarketRefusal::ListingOver`],
/// [`MarketRefusal::ListingShort`], [`MarketRefusal::BelowMinimum`], [`MarketRefusal::MoneyShort`], and every broken rule of eligibility at
/// once.
pub async fn buy(work: &mut Work, wanted: &[Purchase]) -> Result<Vec<Trade>, Failure> {
    let before = lock(work, wanted.iter().map(|purchase| (purchase.listing, purchase.expected))).await?;
    let sites: Vec<SiteId> = wanted.iter().map(|purchase| purchase.buyer).collect();
    let own = work.caller().organisation;
    let known = parties::sites_by_id(work.connection(), &sites).await?;
    if wanted.iter().any(|purchase| known.get(&purchase.buyer).is_none_or(|site| site.organisation != own)) {
        return Err(MarketRefusal::NotYourBuyerSite {}.into());
    }
    let rulebook = rulebook::in_force(work).await?;
    let bids: Vec<Bid> =
        before.iter().zip(wanted).map(|(listing, purchase)| Bid::of(listing, purchase)).collect::<Result<_, _>>()?;
    let terms: Vec<TradeTerms> = bids.iter().map(Bid::terms).collect();
    let mut candidates = cases::load(work, &terms, &[]).await?;
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    fill_lifts(work, &mut candidates).await?;
    let (listings, totals, mut more) = take(work, &bids, &candidates, &rulebook)?;
    let books = ledger::balances_under_lock(work, &accounts(own, &bids, &candidates)).await?;
    cases::fill_headroom(&mut candidates, &books);
    cases::fill_fees(work, &mut candidates, &[]).await?;
    leave_out_what_the_listing_bears(&mut candidates);
    let amounts: Vec<(OrganisationId, Money)> = totals.iter().map(|(_, deposit)| (own, *deposit)).collect();
    more.extend(judge_money(&books, &amounts));
    cases::refuse_broken(work, &candidates, &rulebook, more)?;
    store::save(work, &listings).await?;
    post(work, JournalKind::ListingBought, &listings, |_| Ok(Vec::new())).await?;
    let user = work.caller().user;
    let matches: Vec<Match> = bids
        .iter()
        .zip(&candidates)
        .zip(totals)
        .map(|((bid, candidate), (total, deposit))| bid.matched(candidate, &rulebook, (total, deposit), user))
        .collect();
    let trades = matching::open_trades(work, &rulebook, &matches).await?;
    tell(work, "listing.bought", &listings);
    Ok(trades)
}

/// The terms on which somebody buys from a listing, which holds the grams already.
pub(in crate::market) fn terms(
    listing: &Listing,
    buyer: SiteId,
    project: Option<ProjectId>,
    quantity: Quantity,
) -> TradeTerms {
    TradeTerms {
        seller: listing.seller.site,
        buyer,
        right_class: listing.right_class,
        quantity,
        unit_price: listing.unit_price,
        price_basis: listing.price_basis,
        mode: Mode::Listing.as_str(),
        project,
        counted: quantity.grams(),
    }
}

/// A purchase beside the listing that it takes from.
struct Bid<'a> {
    trade: TradeId,
    listing: &'a Listing,
    purchase: &'a Purchase,
    quantity: Quantity,
}

impl<'a> Bid<'a> {
    fn of(listing: &'a Listing, purchase: &'a Purchase) -> Result<Self, MarketRefusal> {
        let all = || Quantity::try_new(listing.left()).map_err(|_| listing.not_open());
        let quantity = purchase.quantity.map_or_else(all, Ok)?;
        Ok(Self { trade: TradeId::fresh(), listing, purchase, quantity })
    }

    fn terms(&self) -> TradeTerms {
        terms(self.listing, self.purchase.buyer, Some(self.purchase.project), self.quantity)
    }

    fn matched(
        &self,
        candidate: &Candidate,
        rulebook: &Rulebook,
        (total, deposit): (Money, Money),
        matched_by: ids::UserId,
    ) -> Match {
        Match {
            trade: self.trade,
            source: Source::Listing(self.listing.id),
            mode: Mode::Listing,
            seller: self.listing.seller.clone(),
            buyer: party(&candidate.case.buyer.0),
            seller_is_reserve: self.listing.seller_is_reserve,
            project: self.purchase.project,
            right_class: self.listing.right_class,
            pollutant: candidate.case.class.pollutant.clone(),
            quantity: self.quantity,
            unit_price: self.listing.unit_price,
            price_basis: self.listing.price_basis,
            replacement: candidate.case.replacement(rulebook),
            lifted: candidate.case.lifted(),
            total,
            deposit,
            held: Holds { rights: HeldBy::Subject(self.listing.id.into()), deposit: HeldBy::Nothing },
            matched_by,
        }
    }
}

/// What a purchase takes, the settled usage fee of free rights bears already, because the listing holds it.
fn leave_out_what_the_listing_bears(candidates: &mut [Candidate]) {
    let mut bought = 0_i64;
    for candidate in candidates {
        bought = bought.saturating_add(candidate.case.quantity.grams());
        candidate.case.fee_used = candidate.case.fee_used.saturating_sub(bought).max(0);
    }
}

/// Every account that purchases touch, so that all are locked at once, in id order.
fn accounts(buyer: OrganisationId, bids: &[Bid<'_>], candidates: &[Candidate]) -> Vec<AccountKey> {
    let money = money_of(buyer);
    let mut accounts: Vec<AccountKey> = vec![money.available()];
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    for bid in bids {
        let stock = stock(&bid.listing.seller, bid.listing.right_class);
        accounts.extend([stock.committed(bid.listing.id.into()), stock.committed(bid.trade.into())]);
        accounts.push(money.committed(bid.trade.into()));
    }
    accounts
}

/// Listings as they stand after each purchase, totals with their deposits, and what stands against a purchase, by its place.
type Taken = (Vec<Listing>, Vec<(Money, Money)>, Vec<(usize, Violation)>);

/// Takes each purchase from its listing, after those before it.
fn take(work: &Work, bids: &[Bid<'_>], candidates: &[Candidate], rulebook: &Rulebook) -> Result<Taken, Failure> {
    let mut newest: HashMap<ListingId, Listing> = HashMap::new();
    let (mut listings, mut totals, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (bid, candidate)) in bids.iter().zip(candidates).enumerate() {
        let listing = newest.remove(&bid.listing.id).unwrap_or_else(|| bid.listing.clone());
        // What is over is over whatever else stands against it; how much is left is told with the rest.
        match listing.clone().take(bid.quantity, work.today(), &candidate.case.pollutant.measure) {
            Ok(taken) => {
                let taken = Listing { rulebook: rulebook.id, ..taken };
                newest.insert(taken.id, taken.clone());
                listings.push(taken);
            }
            Err(refusal) if refusal.kind() == crate::kernel::Kind::Refused => {
                newest.insert(listing.id, listing);
                more.push((at, refusal.violation()));
            }
            Err(refusal) => return Err(refusal.into()),
        }
        match candidate.product() {
            Some(Ok(total)) => totals.push((total, price::deposit(total, rulebook).map_err(Failure::bug)?)),
            Some(Err(refusal)) => more.push((at, refusal.violation())),
            None => {}
        }
    }
    Ok((listings, totals, more))
}

/// Takes back listings of the caller's organisation; what nobody bought is free again.
///
/// # Errors
/// [`MarketRefusal::NotTheSeller`], [`MarketRefusal::ListingNotOpen`].
pub async fn withdraw(work: &mut Work, wanted: &[ListingWord]) -> Result<Vec<Listing>, Failure> {
    let by = work.caller().organisation;
    let (mut ended, mut journals) = (Vec::new(), Vec::new());
    for (listing, word) in
        lock(work, wanted.iter().map(|word| (word.listing, word.expected))).await?.into_iter().zip(wanted)
    {
        let held = listing.held();
        let listing = listing.withdraw(by, word.reason.clone())?;
        journals.push(undone(work.today(), JournalKind::ListingWithdrawn, &listing, held, word.reason.clone())?);
        ended.push(listing);
    }
    finish(work, &ended, &journals, "listing.withdrawn").await?;
    Ok(ended)
}

/// Ends listings whose last day has passed; what nobody bought is free again. Tells how many. It is the clock's to call.
///
/// # Errors
/// A fault of the database.
pub(in crate::market) async fn expire_some(work: &mut Work, most: u64) -> Result<u64, Failure> {
    let (mut ended, mut journals) = (Vec::new(), Vec::new());
    for listing in store::lock_over(work, work.today(), most).await? {
        let held = listing.held();
        let listing = listing.expire()?;
        journals.push(undone(work.today(), JournalKind::ListingExpired, &listing, held, None)?);
        ended.push(listing);
    }
    finish(work, &ended, &journals, "listing.expired").await?;
    u64::try_from(ended.len()).map_err(Failure::bug)
}

async fn finish(work: &mut Work, ended: &[Listing], journals: &[Journal], event: &'static str) -> Result<(), Failure> {
    store::save(work, ended).await?;
    ledger::post(work, journals).await?;
    // A purchase that still waits for the buyer's second person has nothing to buy from any more.
    decisions::drop_open(work, &ended.iter().map(|listing| listing.id.0).collect::<Vec<_>>()).await?;
    tell(work, event, ended);
    Ok(())
}

/// The journal that lets go of what a listing held until now.
pub(in crate::market) fn undone(
    today: Date,
    kind: JournalKind,
    listing: &Listing,
    held: i64,
    reason: Option<String>,
) -> Result<Journal, Failure> {
    let rights = Some((stock(&listing.seller, listing.right_class), held));
    let postings = recipes::void(listing.id.into(), &Held { rights, ..Held::default() })?;
    Ok(journal(today, kind, listing, postings).because(reason))
}

fn journal(today: Date, kind: JournalKind, listing: &Listing, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Listing, id: listing.id.0, version: listing.version };
    Journal::new(ids::fresh_journal(), kind, subject, today, postings)
}

async fn post(
    work: &Work,
    kind: JournalKind,
    listings: &[Listing],
    moves: impl Fn(&Listing) -> Result<Vec<Posting>, Failure> + Send,
) -> Result<(), Failure> {
    let journals: Vec<Journal> = listings
        .iter()
        .map(|listing| Ok(journal(work.today(), kind, listing, moves(listing)?)))
        .collect::<Result<_, Failure>>()?;
    ledger::post(work, &journals).await.map(drop)
}

/// A listing that the caller may see, locked.
///
/// # Errors
/// Hidden when it is none.
pub(in crate::market) async fn find_seen(work: &Work, id: ListingId) -> Result<Listing, Failure> {
    lock(work, [(id, None)].into_iter()).await?.pop().ok_or_else(|| not_found("listing").into())
}

/// Locks listings in the order wanted; those that the caller may not see are hidden.
async fn lock(
    work: &Work,
    wanted: impl Iterator<Item = (ListingId, Option<i64>)> + Clone + Send,
) -> Result<Vec<Listing>, Failure> {
    let ids: Vec<ListingId> = wanted.clone().map(|(id, _)| id).collect();
    let locked: HashMap<ListingId, Listing> =
        store::lock(work, &ids).await?.into_iter().map(|listing| (listing.id, listing)).collect();
    wanted
        .map(|(id, expected)| {
            let seen = locked.get(&id).filter(|listing| is_visible(listing, work.caller()));
            let listing = seen.ok_or_else(|| not_found("listing"))?;
            expect_version(expected, listing.version)?;
            Ok(listing.clone())
        })
        .collect()
}

pub(in crate::market) fn tell(work: &mut Work, kind: &'static str, listings: &[Listing]) {
    for listing in listings {
        let payload = json!({
            "seller": listing.seller.organisation,
            "right_class": listing.right_class,
            "grams": listing.quantity.grams(),
            "left": listing.left(),
            "version": listing.version,
        });
        work.tell(Event { kind, subject: listing.id.0, payload });
    }
}
