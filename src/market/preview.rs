//! Could I buy this, and if not, why? Judged by the same code and under the same locks as the commands, in a work that is rolled back.

use super::cases::{self, Candidate, broken};
use super::listings::{self, Listing};
use super::offer::Offer;
use super::offer_commands::{self, judge_money, total_of};
use super::overrides::lifting::fill_lifts;
use super::price;
use crate::db::Work;
use crate::eligibility::Lifted;
use crate::eligibility::facts::TradeTerms;
use crate::eligibility::trade::{TradeCase, TradeRefusal, judge, judge_terms};
use crate::http::extract::not_found;
use crate::kernel::ids::{ListingId, OfferId, OrganisationId, ProjectId, SiteId, TradeId, TradeOverrideId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger::{self, money_of};
use crate::market::error::MarketRefusal;
use crate::parties::queries as parties;
use crate::rulebook::{self, Rulebook};
use accounting::recipes::CapStanding;
use accounting::{AccountKey, Holding, Money, Quantity};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What somebody thinks of buying.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// An offer that was made to them.
    Offer {
        /// Which.
        offer: OfferId,
        /// The buyer's project, where it is known.
        project: Option<ProjectId>,
    },
    /// From a listing.
    Listing {
        /// Which.
        listing: ListingId,
        /// The caller's own site.
        buyer: SiteId,
        /// The buyer's project, where it is known.
        project: Option<ProjectId>,
        /// How much; all that is left when absent.
        quantity: Option<Quantity>,
    },
    /// On terms that nobody has offered yet. The buyer's site is the caller's own, or the seller's is.
    Terms {
        /// What is thought of.
        terms: TradeTerms,
        /// The total that would be agreed on, where it is not price × quantity to the fen.
        total: Option<Money>,
    },
}

/// What would come of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outlook {
    /// Every rule that stands against it.
    pub violations: Vec<Violation>,
    /// How much, in grams.
    pub grams: i64,
    /// Grams that a replacement ratio would retire.
    pub excess: i64,
    /// The total in fen; none where there can be none.
    pub total: Option<i64>,
    /// What of it would be held at once.
    pub deposit: Option<i64>,
    /// What the exchange would take of it.
    pub fee: Option<i64>,
    /// The rule that an override lifts for it.
    pub lifted: Option<LiftOutlook>,
    /// The areas whose capacity would move, with their free grams before and after.
    pub capacity: Vec<AreaOutlook>,
    /// Paths of the areas whose bureaux would decide.
    pub deciding_areas: BTreeSet<String>,
    /// Working days for which the approved trade would be laid open.
    pub publicity_days: Option<u32>,
    /// Working days for the payment.
    pub payment_days: Option<u32>,
    /// Whether the exchange would confirm it.
    pub is_confirmed: bool,
}

/// A rule that an override lifts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LiftOutlook {
    /// By which override.
    pub by: TradeOverrideId,
    /// Code of the rule.
    pub rule: String,
}

/// What would come of it for an area.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AreaOutlook {
    /// Path of the area.
    pub area_path: String,
    /// Free grams now.
    pub headroom: i64,
    /// Free grams after it has settled.
    pub headroom_after: i64,
}

/// What is thought of, as it is judged.
struct Thought {
    terms: TradeTerms,
    /// The trades whose grams do not count as sold.
    own: Vec<TradeId>,
    /// The total that was agreed on.
    total: Option<Money>,
    /// Whether somebody holds the grams already.
    is_held: bool,
    /// What stands against it whatever the rules say.
    violations: Vec<Violation>,
    judge: fn(&TradeCase, &Rulebook, Date) -> Vec<TradeRefusal>,
}

/// Tells what would come of it. Nothing may be kept of this work.
///
/// # Errors
/// Hidden when the caller may not see the offer or the listing; [`MarketRefusal::NotYourBuyerSite`] when neither site is the caller's own.
pub async fn preview(work: &mut Work, wanted: &Wanted) -> Result<Outlook, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let thought = match wanted {
        Wanted::Offer { offer, project } => of_offer(work, *offer, *project).await?,
        Wanted::Listing { listing, buyer, project, quantity } => {
            of_listing(work, *listing, *buyer, (*project, *quantity)).await?
        }
        Wanted::Terms { terms, total } => of_terms(work, terms, *total).await?,
    };
    let Thought { terms, own, total, is_held, violations, judge } = thought;
    let mut candidates = cases::load(work, std::slice::from_ref(&terms), &own).await?;
    cases::fill_mismatches(work, &mut candidates, &rulebook, false).await?;
    fill_lifts(work, &mut candidates).await?;
    let candidate = candidates.first().ok_or_else(|| Failure::bug("a preview without its candidate"))?;
    let buyer = candidate.case.buyer.1.id;
    let stock = Holding { owner: terms.seller.into(), asset: terms.right_class.into() };
    let books = ledger::balances_under_lock(work, &accounts(candidate, buyer, stock)).await?;
    cases::fill_headroom(&mut candidates, &books);
    let mut more: Vec<(usize, Violation)> = violations.into_iter().map(|violation| (0, violation)).collect();
    cases::fill_fees(work, &mut candidates, &own).await?;
    let candidate = candidates.first_mut().ok_or_else(|| Failure::bug("a preview without its candidate"))?;
    // What a listing holds, the settled usage fee of free rights bears already.
    candidate.case.fee_used = candidate.case.fee_used.saturating_sub(terms.counted).max(0);
    if !is_held {
        candidate.case.available = Some(books.balance(&stock.available()));
    }
    let total = match total_of(candidate, total, &rulebook) {
        Some(Ok(total)) => Some(total),
        Some(Err(refusal)) => {
            more.push((0, refusal.violation()));
            None
        }
        None => None,
    };
    let deposit = total.map(|total| price::deposit(total, &rulebook)).transpose().map_err(Failure::bug)?;
    if work.caller().organisation == buyer {
        more.extend(judge_money(&books, &deposit.map(|deposit| (buyer, deposit)).into_iter().collect::<Vec<_>>()));
    }
    let is_reserve = candidate.case.seller.0.is_reserve;
    let fee = total.map(|total| price::fee(total, is_reserve, &rulebook)).transpose().map_err(Failure::bug)?.flatten();
    let excess = candidate.case.replacement(&rulebook).map_or(0, |ratio| ratio.excess_of(terms.quantity));
    let lifted = candidate.case.lifted().map(|Lifted { by, boundary, .. }| LiftOutlook { by, rule: boundary.code() });
    let areas = candidate.areas;
    let standing = |area: Option<Holding>| area.map(|area| CapStanding::of(&books, area));
    let capacity = capacity(candidate, excess, standing(areas.home), standing(areas.seller));
    let deciding_areas = [&candidate.case.seller.0, &candidate.case.buyer.0].map(|site| site.area_path.clone());
    Ok(Outlook {
        violations: broken(work, &candidates, &rulebook, more, judge),
        grams: terms.quantity.grams(),
        excess,
        total: total.map(Money::fen),
        deposit: deposit.map(Money::fen),
        fee: fee.map(Money::fen),
        lifted,
        capacity,
        deciding_areas: BTreeSet::from(deciding_areas),
        publicity_days: rulebook.trade_publicity_days(),
        payment_days: rulebook.payment_days(),
        is_confirmed: rulebook.confirms_settlement(),
    })
}

fn accounts(candidate: &Candidate, buyer: OrganisationId, stock: Holding) -> Vec<AccountKey> {
    let areas = [candidate.areas.home, candidate.areas.seller].into_iter().flatten();
    let mut accounts: Vec<AccountKey> = areas.flat_map(CapStanding::accounts).collect();
    accounts.extend([money_of(buyer).available(), stock.available()]);
    accounts
}

/// What the areas would have free: the buyer's takes what comes in and gets back what is retired, the seller's gets it back where no
/// reduction is pending there.
fn capacity(
    candidate: &Candidate,
    excess: i64,
    buyer: Option<CapStanding>,
    seller: Option<CapStanding>,
) -> Vec<AreaOutlook> {
    let grams = candidate.case.quantity.grams();
    let taken = if candidate.case.needs_headroom() { grams } else { 0 };
    let freed = |standing: CapStanding, grams: i64| grams.saturating_sub(standing.pending).max(0);
    let outlook = |area_path: &str, standing: CapStanding, headroom_after: i64| AreaOutlook {
        area_path: area_path.to_owned(),
        headroom: standing.headroom,
        headroom_after,
    };
    let buyer = buyer.filter(|_| taken > 0 || excess > 0).map(|standing| {
        let after = standing.headroom.saturating_sub(taken).saturating_add(freed(standing, excess));
        outlook(&candidate.case.buyer.0.area_path, standing, after)
    });
    let seller = seller.map(|standing| {
        let after = standing.headroom.saturating_add(freed(standing, grams));
        outlook(&candidate.case.seller.0.area_path, standing, after)
    });
    buyer.into_iter().chain(seller).collect()
}

async fn of_offer(work: &Work, id: OfferId, project: Option<ProjectId>) -> Result<Thought, Failure> {
    let offer: Offer = offer_commands::find_own(work, id).await?;
    // Its seller asks what the buyer would be told.
    let refusal = offer.clone().accept(offer.buyer.organisation, work.today()).err();
    Ok(Thought {
        terms: cases::terms_of_offer(&offer, project),
        own: vec![offer.trade],
        total: Some(offer.total),
        is_held: true,
        violations: refusal.map(|refusal| refusal.violation()).into_iter().collect(),
        judge,
    })
}

async fn of_listing(
    work: &Work,
    id: ListingId,
    buyer: SiteId,
    (project, quantity): (Option<ProjectId>, Option<Quantity>),
) -> Result<Thought, Failure> {
    expect_own(work, &[buyer]).await?;
    let listing: Listing = listings::commands::find_seen(work, id).await?;
    let measure = parties::measure_of(work.connection(), listing.right_class).await?;
    let left = Quantity::try_new(listing.left()).unwrap_or(listing.quantity);
    let quantity = quantity.unwrap_or(left);
    let refusal = listing.clone().take(quantity, work.today(), &measure).err();
    Ok(Thought {
        terms: listings::commands::terms(&listing, buyer, project, quantity),
        own: Vec::new(),
        total: None,
        is_held: true,
        violations: refusal.map(|refusal| refusal.violation()).into_iter().collect(),
        judge,
    })
}

async fn of_terms(work: &Work, terms: &TradeTerms, total: Option<Money>) -> Result<Thought, Failure> {
    let is_sellers = expect_own(work, &[terms.buyer, terms.seller]).await? == Some(terms.seller);
    // What only the seller knows of its stock and its record is not told to whoever thinks of buying.
    let judge = if is_sellers { judge } else { judge_terms };
    let terms = terms.clone();
    Ok(Thought { terms, own: Vec::new(), total, is_held: !is_sellers, violations: Vec::new(), judge })
}

/// The last of these sites that is the caller's own.
async fn expect_own(work: &Work, sites: &[SiteId]) -> Result<Option<SiteId>, Failure> {
    let known = parties::sites_by_id(work.connection(), sites).await?;
    let own = work.caller().organisation;
    let is_own = |site: &&SiteId| known.get(site).is_some_and(|site| site.organisation == own);
    let found = sites.iter().rfind(is_own).copied();
    if found.is_none() {
        return Err(MarketRefusal::NotYourBuyerSite {}.into());
    }
    if sites.iter().any(|site| !known.contains_key(site)) {
        return Err(not_found("site").into());
    }
    Ok(found)
}
