//! Trades over what a lien holds, to which the pledgee has consented (经质权人同意转让, 民法典第四百四十五条): judged, approved and laid open
//! like any other. Their grams stay in the lien until they settle, and the buyer pays and settles them in one act.

use super::cases::{self, Candidate, party};
use super::error::MarketRefusal;
use super::matching::{self, HeldBy, Holds, Match};
use super::offer::Mode;
use super::offer_commands::{judge_money, stock, total_of};
use super::overrides::lifting::fill_lifts;
use super::price;
use super::publicity;
use super::settlement;
use super::source::Source;
use super::store;
use super::trade::Trade;
use super::trade_commands::{ask_for_what_is_next, ids_of, load_judged, lock, settled, tell};
use super::trade_endings;
use crate::db::Work;
use crate::eligibility::facts::TradeTerms;
use crate::kernel::ids::{ConsentedSaleId, OrganisationId, ProjectId, RightClassId, SiteId, TradeId};
use crate::kernel::{Failure, Refusal};
use crate::ledger::{self, money_of};
use crate::prices;
use crate::rulebook::Rulebook;
use accounting::recipes;
use accounting::{AccountKey, Journal, Money, Price, PriceBasis, Purpose, Quantity, SubjectId};

/// What a pledgor wants to sell of what a lien holds.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The sale.
    pub sale: ConsentedSaleId,
    /// The pledgor's site.
    pub seller: SiteId,
    /// The site that is to buy.
    pub buyer: SiteId,
    /// For which project.
    pub project: ProjectId,
    /// What.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// In CNY per display unit over the whole validity.
    pub unit_price: Price,
}

impl Wanted {
    fn terms(&self) -> TradeTerms {
        TradeTerms {
            seller: self.seller,
            buyer: self.buyer,
            right_class: self.right_class,
            quantity: self.quantity,
            unit_price: self.unit_price,
            price_basis: PriceBasis::PerUnitWholeValidity,
            mode: Mode::Negotiated.as_str(),
            project: Some(self.project),
            counted: 0,
        }
    }
}

/// A sale as it was judged.
#[derive(Debug, Clone)]
pub struct Judged {
    candidate: Candidate,
    /// Price × quantity in CNY, half up to the fen.
    pub total: Money,
}

/// Judges sales by every rule of both sides. What the lien holds of it is the pledge's to judge.
///
/// # Errors
/// Every broken rule of eligibility at once, [`MarketRefusal::NothingToPay`], [`MarketRefusal::TotalOutOfRange`].
pub async fn judge(work: &mut Work, rulebook: &Rulebook, wanted: &[Wanted]) -> Result<Vec<Judged>, Failure> {
    let terms: Vec<TradeTerms> = wanted.iter().map(Wanted::terms).collect();
    let mut candidates = cases::load(work, &terms, &[]).await?;
    for candidate in &mut candidates {
        candidate.is_pledged = true;
    }
    cases::fill_mismatches(work, &mut candidates, rulebook, false).await?;
    fill_lifts(work, &mut candidates).await?;
    let headroom: Vec<AccountKey> = candidates.iter().filter_map(Candidate::headroom_account).collect();
    let books = ledger::balances_under_lock(work, &headroom).await?;
    cases::fill_headroom(&mut candidates, &books);
    cases::fill_fees(work, &mut candidates, &[]).await?;
    let totals: Vec<_> = candidates.iter().map(|candidate| total_of(candidate, None, rulebook)).collect();
    let out_of_range = |(at, total): (usize, &Option<Result<Money, MarketRefusal>>)| {
        Some((at, total.as_ref()?.as_ref().err()?.violation()))
    };
    let more = totals.iter().enumerate().filter_map(out_of_range).collect();
    cases::refuse_broken(work, &candidates, rulebook, more)?;
    let judged = |(candidate, total): (Candidate, Option<Result<Money, MarketRefusal>>)| {
        let total = total.ok_or_else(|| Failure::bug("a sale without a total was not refused"))??;
        Ok(Judged { candidate, total })
    };
    candidates.into_iter().zip(totals).map(judged).collect()
}

/// Opens the trades of sales to which their pledgees have consented: the bureaux of both areas have them before them.
///
/// # Errors
/// A fault of the database.
pub async fn open(work: &mut Work, rulebook: &Rulebook, sales: &[(Wanted, Judged)]) -> Result<Vec<Trade>, Failure> {
    let matches: Vec<Match> = sales
        .iter()
        .map(|(wanted, Judged { candidate, total })| Match {
            trade: TradeId::fresh(),
            source: Source::ConsentedSale(wanted.sale),
            mode: Mode::Negotiated,
            seller: party(&candidate.case.seller.0),
            buyer: party(&candidate.case.buyer.0),
            seller_is_reserve: false,
            project: wanted.project,
            right_class: wanted.right_class,
            pollutant: candidate.case.class.pollutant.clone(),
            quantity: wanted.quantity,
            unit_price: wanted.unit_price,
            price_basis: PriceBasis::PerUnitWholeValidity,
            replacement: candidate.case.replacement(rulebook),
            lifted: candidate.case.lifted(),
            total: *total,
            deposit: Money::ZERO,
            held: Holds { rights: HeldBy::Lien, deposit: HeldBy::Lien },
            matched_by: work.caller().user,
        })
        .collect();
    matching::open_trades(work, rulebook, &matches).await
}

/// Calls trades off whose liens are over, as far as they are open: what they hold of an area goes back.
///
/// # Errors
/// A fault of the database.
pub async fn call_off(work: &mut Work, ids: &[TradeId], why: &str) -> Result<(), Failure> {
    let open: Vec<Trade> = store::lock_trades(work, ids).await?.into_iter().filter(Trade::is_open).collect();
    if open.is_empty() {
        return Ok(());
    }
    let (ended, journals) = trade_endings::end(work, open, why).await?;
    trade_endings::post_undone(work, &ended, journals).await?;
    trade_endings::drop_open(work, &ended).await
}

/// What of an agreed part of the price reaches the claim: the exchange's fee, which the seller bears, is taken first.
///
/// # Errors
/// A fee that the books cannot count.
pub fn paid_to_claim(total: Money, to_claim: Money, rulebook: &Rulebook) -> Result<Money, Failure> {
    let fee = price::fee(total, false, rulebook).map_err(Failure::bug)?.unwrap_or_default();
    Ok(to_claim.min(total.checked_sub(fee).unwrap_or_default()))
}

/// A trade that settles out of a lien.
#[derive(Debug, Clone)]
pub struct OutOfLien {
    /// Which.
    pub trade: TradeId,
    /// The lien that holds its rights.
    pub lien: SubjectId,
    /// Through whom the claim is paid.
    pub bank: OrganisationId,
    /// What is paid of it out of the seller's proceeds, to one pledgee after the other.
    pub claims: Vec<Money>,
}

/// Pays and settles trades on behalf of their buyer, judged again under the locks: in one journal each, the money is held, the rights leave the
/// lien for the buyer's stock, and the seller's proceeds pay the claim first.
///
/// # Errors
/// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::PublicityRunning`],
/// [`MarketRefusal::ObjectionOpen`], [`MarketRefusal::DeadlinePassed`], [`MarketRefusal::MoneyShort`], and every broken rule of eligibility.
pub async fn settle(work: &mut Work, rulebook: &Rulebook, wanted: &[OutOfLien]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(TradeId, Option<i64>)> = wanted.iter().map(|one| (one.trade, None)).collect();
    let buyer = work.caller().organisation;
    let mut paid = Vec::with_capacity(wanted.len());
    for trade in lock(work, &ids).await? {
        let (version, left) = (trade.version, trade.left_to_pay());
        // It is paid and settled in one step, which is one version.
        paid.push(Trade { version, rulebook: rulebook.id, ..trade.pay(buyer, left, work.now(), false)? });
    }
    publicity::expect_answered(work, &paid).await?;
    let mut candidates = load_judged(work, &paid, rulebook).await?;
    let (mut trades, mut journals) = (Vec::with_capacity(wanted.len()), Vec::with_capacity(wanted.len()));
    for ((trade, candidate), out) in paid.into_iter().zip(&candidates).zip(wanted) {
        let (seller, id) = (stock(&trade.seller, trade.right_class), trade.id.into());
        let mut postings = recipes::hold_money(money_of(buyer), id, trade.total)?;
        postings.extend(recipes::pass_pledged(seller, out.lien, id, trade.quantity)?);
        let (trade, mut journal) = settled(work, trade, candidate, rulebook)?;
        postings.append(&mut journal.postings);
        let outside = money_of(out.bank).account(Purpose::Outside);
        for claim in &out.claims {
            postings.extend(recipes::withdraw(outside, money_of(trade.seller.organisation), *claim)?);
        }
        journals.push(Journal { postings, ..journal });
        trades.push(trade);
    }
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(&journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    recipes::take_reductions(&mut journals, &books)?;
    let amounts: Vec<(OrganisationId, Money)> = trades.iter().map(|trade| (buyer, trade.total)).collect();
    cases::fill_fees(work, &mut candidates, &ids_of(&trades)).await?;
    cases::refuse_broken(work, &candidates, rulebook, judge_money(&books, &amounts))?;
    store::save_trades(work, &trades).await?;
    ledger::post(work, &journals).await?;
    prices::record(work, &settlement::figures(&trades, &journals)).await?;
    ask_for_what_is_next(work, &trades, rulebook).await?;
    tell(work, &trades);
    Ok(trades)
}
