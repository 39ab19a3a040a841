//! Putting together what trades are judged on: the facts of the parties, what the seller has sold, and the balances under
//! lock.

use super::error::MarketRefusal;
use super::offer::{Mode, Offer, Party};
use super::price;
use super::queries;
use super::trade::Trade;
use crate::db::Work;
use crate::eligibility::facts::{TradeTerms, trade_cases};
use crate::eligibility::pledge::disposal::judge_purchase;
use crate::eligibility::trade::{Headroom, TradeCase, TradeRefusal, judge, judge_sale};
use crate::kernel::ids::{ProjectId, RightClassId, SiteId, TradeId};
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::ledger;
use crate::parties::mismatches::commands::blocked;
use crate::parties::{Site, place};
use crate::rulebook::Rulebook;
use crate::rulebook::kind::Mismatch;
use accounting::{
    AccountKey, AssetId, Books, Holding, Money, Origin, Price, PriceBasis, PriceBasisFault, Purpose, Quantity,
};
use std::collections::{HashMap, HashSet};

/// The accounts of the areas.
#[derive(Debug, Clone, Copy, Default)]
pub struct Areas {
    /// The buyer's area where the trade moves quantity between areas; absent when nothing moves or no cap is recorded.
    pub buyer: Option<Holding>,
    /// The seller's area; absent when nothing moves or the reserve sells.
    pub seller: Option<Holding>,
    /// The buyer's area whether anything moves or not: what a replacement ratio retires comes back to it.
    pub home: Option<Holding>,
}

/// A trade as it is judged, with the accounts of its areas.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What it is judged on.
    pub case: TradeCase,
    /// Its areas.
    pub areas: Areas,
    /// The seller's stock.
    pub stock: Holding,
    /// Whether its rights stand in a lien until it settles: among what is pledged they are counted already.
    pub is_pledged: bool,
    /// Whether a pledgee disposes of its rights: nothing is asked of the seller.
    pub is_disposal: bool,
}

/// Terms of an offer, before or after the buyer has named its project.
pub fn terms_of_offer(offer: &Offer, project: Option<ProjectId>) -> TradeTerms {
    TradeTerms {
        seller: offer.seller.site,
        buyer: offer.buyer.site,
        right_class: offer.right_class,
        quantity: offer.quantity,
        unit_price: offer.unit_price,
        price_basis: offer.price_basis,
        mode: offer.mode.as_str(),
        project,
        counted: 0,
    }
}

/// Terms of a trade.
pub fn terms_of_trade(trade: &Trade) -> TradeTerms {
    TradeTerms {
        seller: trade.seller.site,
        buyer: trade.buyer.site,
        right_class: trade.right_class,
        quantity: trade.quantity,
        unit_price: trade.unit_price,
        price_basis: trade.price_basis,
        mode: trade.mode.as_str(),
        project: Some(trade.project),
        counted: 0,
    }
}

/// Terms of a sale to whoever comes: the seller stands where the buyer would, and nothing is judged of it.
pub fn terms_of_sale(
    mode: Mode,
    seller: SiteId,
    right_class: RightClassId,
    quantity: Quantity,
    (unit_price, price_basis): (Price, PriceBasis),
) -> TradeTerms {
    TradeTerms {
        seller,
        buyer: seller,
        right_class,
        quantity,
        unit_price,
        price_basis,
        mode: mode.as_str(),
        project: None,
        counted: 0,
    }
}

/// Loads candidates for sales, with what their sellers have free under lock, each after those before it; what stands against them is told
/// by the caller.
///
/// # Errors
/// Unknown sites and organisations; a fault of the database.
pub async fn load_sales(work: &mut Work, terms: &[TradeTerms], rulebook: &Rulebook) -> Result<Vec<Candidate>, Failure> {
    let mut candidates = load(work, terms, &[]).await?;
    fill_mismatches(work, &mut candidates, rulebook, false).await?;
    let stocks: Vec<AccountKey> = candidates.iter().map(|candidate| candidate.stock.available()).collect();
    let books = ledger::balances_under_lock(work, &stocks).await?;
    fill_available(&mut candidates, &books);
    fill_fees(work, &mut candidates, &[]).await?;
    Ok(candidates)
}

/// Loads candidates in sets; the caps of their areas whose day has come stand already. `own` are the trades themselves, which do not count as sold before.
///
/// # Errors
/// Unknown sites and organisations.
pub async fn load(work: &mut Work, terms: &[TradeTerms], own: &[TradeId]) -> Result<Vec<Candidate>, Failure> {
    let sellers: Vec<SiteId> = terms.iter().map(|terms| terms.seller).collect();
    let mut sold = queries::sold_by(work, &sellers, own).await?;
    let mut cases = trade_cases(work, terms).await?;
    let places =
        |case: &TradeCase| [&case.seller.0, &case.buyer.0].map(|site| (site.area, case.class.pollutant.clone()));
    work.turn_day(&cases.iter().flat_map(places).collect::<Vec<_>>()).await?;
    let codes: Vec<String> = cases
        .iter()
        .flat_map(|case| {
            [&case.seller.0, &case.buyer.0].map(|site| place::capacity_code(&site.area_path, &case.class.pollutant))
        })
        .collect();
    let assets = ledger::assets_by_code(work, &codes).await?;
    let mut candidates = Vec::with_capacity(cases.len());
    for (mut case, terms) in cases.drain(..).zip(terms) {
        // What stands earlier in the same batch counts as sold for what stands later.
        let key = (case.seller.0.id, case.class.pollutant.clone());
        let before = sold.entry(key).or_insert(0);
        case.sold = before.saturating_sub(terms.counted);
        *before = case.sold.saturating_add(case.quantity.grams());
        let stock = Holding { owner: terms.seller.into(), asset: terms.right_class.into() };
        candidates.push(Candidate { areas: areas(&case, &assets), case, stock, is_pledged: false, is_disposal: false });
    }
    Ok(candidates)
}

fn areas(case: &TradeCase, assets: &HashMap<String, AssetId>) -> Areas {
    let holding = |site: &Site| {
        let asset = assets.get(&place::capacity_code(&site.area_path, &case.class.pollutant))?;
        Some(Holding { owner: site.area.into(), asset: *asset })
    };
    let (seller, buyer) = (&case.seller.0, &case.buyer.0);
    let home = holding(buyer);
    if !case.needs_headroom() {
        return Areas { home, ..Areas::default() };
    }
    Areas { buyer: home, seller: if seller.is_reserve { None } else { holding(seller) }, home }
}

/// A party as a trade names it.
pub fn party(site: &Site) -> Party {
    Party { site: site.id, organisation: site.organisation, area_path: site.area_path.clone() }
}

impl Candidate {
    /// Price × quantity in CNY, half up to the fen, once.
    ///
    /// # Errors
    /// [`MarketRefusal::NothingToPay`], [`MarketRefusal::TotalOutOfRange`]. A price that does not fit the validity is one of the rules, which
    /// tell it themselves: then there is no total.
    pub fn product(&self) -> Option<Result<Money, MarketRefusal>> {
        match self.case.whole_price() {
            Ok(price) => Some(price::product(price, self.case.quantity, &self.case.pollutant.measure)),
            Err(PriceBasisFault::NotWholeYears) => None,
            Err(PriceBasisFault::OutOfRange) => Some(Err(MarketRefusal::TotalOutOfRange {})),
        }
    }

    /// The account whose balance tells what the buyer's area can take.
    pub fn headroom_account(&self) -> Option<AccountKey> {
        self.areas.buyer.map(|area| area.account(Purpose::Headroom))
    }
}

/// Fills in which sellers are blocked, because their permit allows more than they own. Where the commands may settle, a seller's second
/// sale of a pollutant in one work is blocked too: what the first takes of its rights is not in the books yet, so it must stand in a
/// work of its own.
///
/// # Errors
/// A fault of the database.
pub async fn fill_mismatches(
    work: &Work,
    candidates: &mut [Candidate],
    rulebook: &Rulebook,
    may_settle: bool,
) -> Result<(), Failure> {
    let sellers: Vec<SiteId> = candidates.iter().map(|candidate| candidate.case.seller.0.id).collect();
    let blocked = blocked(work, &sellers, rulebook).await?;
    let moves = may_settle && rulebook.permit_mismatch() == Some(Mismatch::Block);
    let mut sold = HashSet::new();
    for Candidate { case, .. } in candidates.iter_mut().filter(|candidate| !candidate.case.seller.0.is_reserve) {
        let key = (case.seller.0.id, case.pollutant.code.clone());
        case.is_mismatched = blocked.contains(&key) || (moves && !sold.insert(key));
    }
    Ok(())
}

/// Fills in what the settled usage fees of the sellers' free rights have borne already, each candidate after those before it. `own` are
/// the trades themselves, whose holds are theirs. The accounts of what is offered are locked by now, so nobody uses a fee meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn fill_fees(work: &Work, candidates: &mut [Candidate], own: &[TradeId]) -> Result<(), Failure> {
    let is_free =
        |candidate: &Candidate| candidate.case.class.origin == Origin::Free && !candidate.case.seller.0.is_reserve;
    let stocks: Vec<Holding> = candidates.iter().filter(|one| is_free(one)).map(|one| one.stock).collect();
    let mut used = queries::borne_by_fees(work, &stocks, own).await?;
    for candidate in candidates.iter_mut().filter(|one| is_free(one)) {
        let before = used.entry(candidate.stock).or_insert(0);
        let grams = candidate.case.quantity.grams();
        candidate.case.fee_used = before.saturating_sub(if candidate.is_pledged { grams } else { 0 });
        *before = before.saturating_add(if candidate.is_pledged { 0 } else { grams });
    }
    Ok(())
}

/// Fills in what the sellers have free, each candidate after those before it: nothing where these want more than there is, which
/// may be more than can be counted.
pub fn fill_available(candidates: &mut [Candidate], books: &Books) {
    let mut taken: HashMap<AccountKey, i64> = HashMap::new();
    for candidate in candidates {
        let account = candidate.stock.available();
        let before = taken.entry(account).or_insert(0);
        candidate.case.available = Some(books.balance(&account).saturating_sub(*before).max(0));
        *before = before.saturating_add(candidate.case.quantity.grams());
    }
}

/// Fills in what the buyers' areas can take, each candidate after those before it.
pub fn fill_headroom(candidates: &mut [Candidate], books: &Books) {
    let mut taken: HashMap<AccountKey, i64> = HashMap::new();
    for candidate in candidates.iter_mut().filter(|candidate| candidate.case.needs_headroom()) {
        candidate.case.headroom = match candidate.headroom_account() {
            None => Headroom::Unrecorded,
            Some(account) => {
                let before = taken.entry(account).or_insert(0);
                let left = books.balance(&account).saturating_sub(*before).max(0);
                *before = before.saturating_add(candidate.case.quantity.grams());
                Headroom::Grams(left)
            }
        };
    }
}

/// What stands against one candidate of a batch, as it is told: the rules by which it is judged are handed in.
type Judge = fn(&TradeCase, &Rulebook, jiff::civil::Date) -> Vec<TradeRefusal>;

/// Everything that stands against a batch: every broken rule of every candidate, and whatever the market itself found before. Where a pledgee
/// disposes of the rights, only what stands against the buyer counts.
pub fn broken(
    work: &Work,
    candidates: &[Candidate],
    rulebook: &Rulebook,
    more: Vec<(usize, Violation)>,
    judge: Judge,
) -> Vec<Violation> {
    let place = |at: usize| {
        if candidates.len() > 1 { format!("items[{at}]") } else { String::new() }
    };
    let mut violations: Vec<Violation> = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let broken = if candidate.is_disposal {
            judge_purchase(&candidate.case, rulebook, work.today(), false)
        } else {
            judge(&candidate.case, rulebook, work.today())
        };
        violations.extend(broken.iter().map(|refusal| refusal.violation().within(&place(at))));
    }
    violations.extend(more.into_iter().map(|(at, violation)| violation.within(&place(at))));
    violations
}

fn refuse(violations: Vec<Violation>) -> Result<(), Failure> {
    if violations.is_empty() { Ok(()) } else { Err(Failure { kind: Kind::Refused, violations, source: None }) }
}

/// Refuses a batch of trades in which any rule is broken, telling all of them, and anything the market itself found before.
///
/// # Errors
/// Every broken rule of every candidate.
pub fn refuse_broken(
    work: &Work,
    candidates: &[Candidate],
    rulebook: &Rulebook,
    more: Vec<(usize, Violation)>,
) -> Result<(), Failure> {
    refuse(broken(work, candidates, rulebook, more, judge))
}

/// The same of rights that are put up for whoever comes.
///
/// # Errors
/// Every broken rule of every candidate.
pub fn refuse_sales(
    work: &Work,
    candidates: &[Candidate],
    rulebook: &Rulebook,
    more: Vec<(usize, Violation)>,
) -> Result<(), Failure> {
    refuse(broken(work, candidates, rulebook, more, judge_sale))
}
