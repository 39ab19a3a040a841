//! Approving trades, paying and settling them, and varying the permits after.

use super::cases::{self, Candidate, terms_of_trade};
use super::error::MarketRefusal;
use super::offer_commands::judge_money;
use super::overrides::lifting::fill_standing;
use super::price;
use super::publicity;
use super::settlement;
use super::store;
use super::trade::{Side, Terms, Trade, TradeState};
use crate::access::{Action, Caller, Scope};
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Outcome, Place, calendar};
use crate::eligibility::facts::TradeTerms;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, PermitId, TradeId, UserId};
use crate::ledger::{self, money_of};
use crate::parties::commands::{Variation, vary_permits};
use crate::parties::{PartyRefusal, queries as parties};
use crate::prices;
use crate::rulebook::{self, Rulebook};
use accounting::recipes;
use accounting::{AccountKey, Journal, JournalKind, Money, Posting, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The word of its decision in tasks, records and the rulebook.
pub const ACT: &str = "trade";

/// The word of the exchange's yes to the settlement of a paid trade.
pub const CONFIRMATION: &str = "settlement_confirmation";

/// The word of what a settled trade leaves to be done about a side's permit.
pub const fn variation_of(side: Side) -> &'static str {
    match side {
        Side::Seller => "seller_permit_variation",
        Side::Buyer => "buyer_permit_variation",
    }
}

/// A word on a trade.
#[derive(Debug, Clone)]
pub struct TradeWord {
    /// Which.
    pub trade: TradeId,
    /// The version the caller saw.
    pub expected: Option<i64>,
    /// Why, and on which documents.
    pub grounds: Grounds,
}

/// A payment towards a trade.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Who pays. Payments of several buyers may stand in one batch.
    pub by: Caller,
    /// Which.
    pub trade: TradeId,
    /// The version the buyer saw.
    pub expected: Option<i64>,
    /// How much; all that is left when absent.
    pub amount: Option<Money>,
}

/// A permit varied after a trade.
#[derive(Debug, Clone)]
pub struct TradeVariation {
    /// Which trade.
    pub trade: TradeId,
    /// The version the bureau saw.
    pub expected: Option<i64>,
    /// Whose permit.
    pub side: Side,
    /// Which permit.
    pub permit: PermitId,
}

/// Approves trades as the bureau of one of the parties' areas. The last approval holds the headroom, and settles a trade that
/// is paid in full already.
///
/// # Errors
/// [`MarketRefusal::NotInCharge`], [`MarketRefusal::AlreadyApproved`], [`MarketRefusal::WrongState`], and every broken rule
/// of eligibility, judged again under the locks.
pub async fn approve(work: &mut Work, wanted: &[TradeWord]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(TradeId, Option<i64>)> = wanted.iter().map(|word| (word.trade, word.expected)).collect();
    let (area, now) = (work.caller().area_path.clone(), work.now());
    let rulebook = rulebook::in_force(work).await?;
    let terms = terms(work, &rulebook).await?;
    let mut trades = Vec::with_capacity(wanted.len());
    for trade in lock(work, &ids).await? {
        trades.push(Trade { rulebook: rulebook.id, ..trade.approve(&area, now, &terms)? });
    }
    let mut candidates = load_judged(work, &trades, &rulebook).await?;
    let proofs = prove(work, wanted).await?;
    let mut journals = Vec::with_capacity(trades.len());
    for (((trade, candidate), word), proof) in trades.iter().zip(&candidates).zip(wanted).zip(proofs) {
        let is_last = trade.is_approved();
        let (kind, postings) = match candidate.areas.buyer.filter(|_| is_last) {
            Some(area) => (JournalKind::TradeApproved, recipes::hold_headroom(area, trade.id.into(), trade.quantity)?),
            None if is_last => (JournalKind::TradeApproved, Vec::new()),
            None => (JournalKind::TradeApprovalGiven, Vec::new()),
        };
        let journal = journal(work.today(), kind, trade, postings, word.grounds.reason.clone());
        journals.push(journal.proved_by(proof));
    }
    let passed = settle_paid(work, &mut trades, &candidates, &rulebook, &mut journals)?;
    // Every account of all journals is locked at once, in id order, before the headroom is judged.
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    accounts.extend(recipes::reduction_accounts(&journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    recipes::take_reductions(&mut journals, &books)?;
    cases::fill_headroom(&mut candidates, &books);
    cases::fill_fees(work, &mut candidates, &ids_of(&trades)).await?;
    cases::refuse_broken(work, &candidates, &rulebook, Vec::new())?;
    let approvals: Vec<(TradeId, String)> = trades.iter().map(|trade| (trade.id, area.clone())).collect();
    store::insert_approvals(work, &approvals).await?;
    store::save_trades(work, &[passed, trades.clone()].concat()).await?;
    ledger::post(work, &journals).await?;
    prices::record(work, &settlement::figures(&trades, &journals)).await?;
    for (trade, word) in trades.iter().zip(wanted) {
        link(work, trade, &word.grounds).await?;
    }
    record(work, &trades, wanted, Outcome::Approved, &rulebook).await?;
    ask_for_what_is_next(work, &trades, &rulebook).await?;
    tell(work, &trades);
    Ok(trades)
}

/// What the rules ask for between an approval of today and the settlement.
async fn terms(work: &Work, rulebook: &Rulebook) -> Result<Terms, Failure> {
    let (open, pay) = (rulebook.trade_publicity_days(), rulebook.payment_days());
    let is_confirmed = rulebook.confirms_settlement();
    if open.is_none() && pay.is_none() {
        return Ok(Terms { is_confirmed, ..Terms::default() });
    }
    let calendar = calendar::from(work, work.today()).await?;
    let publicised_until = open.and_then(|days| calendar.working_days_after(work.today(), days));
    // Whoever may not pay yet does not lose the time: it begins when the publicity is over.
    let begins = publicised_until.unwrap_or(work.today());
    let pay_by = pay.and_then(|days| calendar.working_days_after(begins, days));
    Ok(Terms { publicised_until, pay_by, is_confirmed })
}

/// Settles the trades that are approved and paid in full, and tells how those stood a moment before; one whose area has no
/// cap is left to be refused by the rules.
fn settle_paid(
    work: &Work,
    trades: &mut [Trade],
    candidates: &[Candidate],
    rulebook: &Rulebook,
    journals: &mut Vec<Journal>,
) -> Result<Vec<Trade>, Failure> {
    let mut passed = Vec::new();
    for (trade, candidate) in trades.iter_mut().zip(candidates) {
        let has_area = candidate.areas.buyer.is_some() || !candidate.case.needs_headroom();
        if trade.is_due(work.today()) && has_area {
            let (settled, journal) = settled(work, trade.clone(), candidate, rulebook)?;
            journals.push(journal);
            passed.push(std::mem::replace(trade, settled));
        }
    }
    Ok(passed)
}

pub(super) fn settled(
    work: &Work,
    trade: Trade,
    candidate: &Candidate,
    rulebook: &Rulebook,
) -> Result<(Trade, Journal), Failure> {
    let fee = price::fee(trade.total, trade.seller_is_reserve, rulebook).map_err(Failure::bug)?;
    let trade = trade.settle(work.now(), fee)?;
    let postings = settlement::settle(&trade, candidate)?;
    let journal = journal(work.today(), JournalKind::TradeSettled, &trade, postings, None);
    Ok((trade, journal))
}

/// Settles paid trades that wait for the exchange, judged again under the locks.
///
/// # Errors
/// [`MarketRefusal::PublicityRunning`], [`MarketRefusal::ObjectionOpen`], [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], and every broken rule of eligibility.
pub async fn confirm(work: &mut Work, wanted: &[TradeWord]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(TradeId, Option<i64>)> = wanted.iter().map(|word| (word.trade, word.expected)).collect();
    let rulebook = rulebook::in_force(work).await?;
    let waiting = lock(work, &ids).await?;
    for trade in &waiting {
        trade.expect_confirmable(work.today())?;
    }
    publicity::expect_answered(work, &waiting).await?;
    let mut candidates = load_judged(work, &waiting, &rulebook).await?;
    let proofs = prove(work, wanted).await?;
    let mut trades = Vec::with_capacity(wanted.len());
    let mut journals = Vec::with_capacity(wanted.len());
    for (((trade, candidate), word), proof) in waiting.into_iter().zip(&candidates).zip(wanted).zip(proofs) {
        let trade = Trade { rulebook: rulebook.id, ..trade };
        let (trade, journal) = settled(work, trade, candidate, &rulebook)?;
        journals.push(journal.because(word.grounds.reason.clone()).proved_by(proof));
        trades.push(trade);
    }
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(&journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    recipes::take_reductions(&mut journals, &books)?;
    cases::fill_fees(work, &mut candidates, &ids_of(&trades)).await?;
    cases::refuse_broken(work, &candidates, &rulebook, Vec::new())?;
    store::save_trades(work, &trades).await?;
    ledger::post(work, &journals).await?;
    prices::record(work, &settlement::figures(&trades, &journals)).await?;
    for (trade, word) in trades.iter().zip(wanted) {
        link(work, trade, &word.grounds).await?;
    }
    let subjects: Vec<Uuid> = trades.iter().map(|trade| trade.id.0).collect();
    decisions::close(work, &rulebook.rules_of(CONFIRMATION), CONFIRMATION, &subjects, Outcome::Approved, None).await?;
    ask_for_what_is_next(work, &trades, &rulebook).await?;
    tell(work, &trades);
    Ok(trades)
}

/// Pays towards approved trades from the buyers' free money, each for the one who asks. A trade that is paid in full settles in the same work, judged
/// again under the locks.
///
/// # Errors
/// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::SettledBySale`],
/// [`MarketRefusal::PublicityRunning`], [`MarketRefusal::ObjectionOpen`], [`MarketRefusal::DeadlinePassed`], [`MarketRefusal::Overpaid`],
/// [`MarketRefusal::MoneyShort`], and every broken rule of eligibility.
pub async fn pay(work: &mut Work, wanted: &[Payment]) -> Result<Vec<Trade>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let asked: Vec<_> = wanted.iter().map(|payment| (&payment.by, payment.trade, payment.expected)).collect();
    let mut trades = Vec::with_capacity(wanted.len());
    let mut amounts = Vec::with_capacity(wanted.len());
    for (trade, payment) in lock_seen_by(work, &asked).await?.into_iter().zip(wanted) {
        if trade.source.stays_pledged() {
            return Err(MarketRefusal::SettledBySale {}.into());
        }
        let amount = payment.amount.unwrap_or_else(|| trade.left_to_pay());
        let trade = trade.pay(payment.by.organisation, amount, work.now(), rulebook.confirms_settlement())?;
        trades.push(Trade { rulebook: rulebook.id, ..trade });
        amounts.push((payment.by.organisation, amount));
    }
    publicity::expect_answered(work, &trades).await?;
    let mut candidates = load_judged(work, &trades, &rulebook).await?;
    let mut journals = Vec::with_capacity(trades.len() * 2);
    for (trade, (buyer, amount)) in trades.iter().zip(&amounts) {
        let postings = recipes::hold_money(money_of(*buyer), trade.id.into(), *amount)?;
        journals.push(journal(work.today(), JournalKind::TradePaid, trade, postings, None));
    }
    let passed = settle_paid(work, &mut trades, &candidates, &rulebook, &mut journals)?;
    let payers: HashMap<TradeId, UserId> = wanted.iter().map(|payment| (payment.trade, payment.by.user)).collect();
    for journal in &mut journals {
        journal.actor = payers.get(&TradeId(journal.subject.id)).map(|user| user.0);
    }
    // Every account of all journals is locked at once, in id order, before the money is judged.
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(amounts.iter().map(|(buyer, _)| money_of(*buyer).available()));
    accounts.extend(recipes::reduction_accounts(&journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    recipes::take_reductions(&mut journals, &books)?;
    let short = judge_money(&books, &amounts);
    cases::fill_fees(work, &mut candidates, &ids_of(&trades)).await?;
    cases::refuse_broken(work, &candidates, &rulebook, short)?;
    store::save_trades(work, &[passed, trades.clone()].concat()).await?;
    ledger::post(work, &journals).await?;
    prices::record(work, &settlement::figures(&trades, &journals)).await?;
    ask_for_what_is_next(work, &trades, &rulebook).await?;
    tell(work, &trades);
    Ok(trades)
}

/// What trades that have come this far leave to be done: the exchange's confirmation, or the variation of permits.
pub(super) async fn ask_for_what_is_next(
    work: &mut Work,
    trades: &[Trade],
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    ask_for_confirmations(work, trades, rulebook).await?;
    ask_for_variations(work, trades, rulebook).await
}

/// Paid trades that wait for it stand in the inbox of the exchange.
async fn ask_for_confirmations(work: &mut Work, trades: &[Trade], rulebook: &Rulebook) -> Result<(), Failure> {
    let paid: Vec<&Trade> = trades.iter().filter(|trade| matches!(trade.state, TradeState::Paid { .. })).collect();
    if paid.is_empty() {
        return Ok(());
    }
    let exchange = parties::exchange(work.connection()).await?.ok_or(MarketRefusal::NoExchange {})?;
    let task = |trade: &&Trade| {
        let task = NewTask {
            act: CONFIRMATION,
            subject_kind: SubjectKind::Trade.as_str(),
            subject: trade.id.0,
            place: Place::Organisation(exchange),
            permission: Action::ConfirmSettlement,
            has_record: false,
        };
        (trade.matched_by, task)
    };
    let tasks: Vec<(UserId, NewTask)> = paid.iter().map(task).collect();
    decisions::open_for(work, &rulebook.rules_of(CONFIRMATION), &tasks).await.map(drop)
}

/// What is to be done about the permits of trades that have just been settled: a task in the inbox of the bureau in charge of each side
/// that has one (国办发〔2014〕38号: the parties report in time and the permit is varied). It goes by whoever accepted the offer.
async fn ask_for_variations(work: &mut Work, trades: &[Trade], rulebook: &Rulebook) -> Result<(), Failure> {
    let settled = trades.iter().filter(|trade| matches!(trade.state, TradeState::Settled { .. }));
    let mut of_side: BTreeMap<Side, Vec<(UserId, NewTask)>> = BTreeMap::new();
    for (trade, side) in settled.flat_map(|trade| trade.sides_to_vary().map(move |side| (trade, side))) {
        let task = NewTask {
            act: variation_of(side),
            subject_kind: SubjectKind::Trade.as_str(),
            subject: trade.id.0,
            place: Place::BureauOver(trade.party(side).area_path.clone()),
            permission: Action::VaryPermit,
            has_record: false,
        };
        of_side.entry(side).or_default().push((trade.matched_by, task));
    }
    for (side, tasks) in of_side {
        decisions::open_for(work, &rulebook.rules_of(variation_of(side)), &tasks).await?;
    }
    Ok(())
}

/// Records that permits were varied after settled trades (排污许可证变更); with the last of them a trade closes.
///
/// # Errors
/// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadyVaried`], [`MarketRefusal::NoPermitToVary`],
/// [`MarketRefusal::ForeignPermit`], [`MarketRefusal::NotInCharge`].
pub async fn vary(work: &mut Work, wanted: &[TradeVariation]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<(TradeId, Option<i64>)> =
        wanted.iter().map(|variation| (variation.trade, variation.expected)).collect();
    let permit_ids: Vec<PermitId> = wanted.iter().map(|variation| variation.permit).collect();
    let permits = parties::find_permits(work.connection(), &permit_ids).await?;
    let now = work.now();
    let mut trades = Vec::with_capacity(wanted.len());
    let mut variations = Vec::with_capacity(wanted.len());
    for (trade, wanted) in lock(work, &ids).await?.into_iter().zip(wanted) {
        // What a replacement ratio has retired allows no discharge.
        let change = match wanted.side {
            Side::Seller => -trade.quantity.grams(),
            Side::Buyer => trade.usable(),
        };
        let party = trade.party(wanted.side);
        if !work.caller().covers(&party.area_path) {
            return Err(MarketRefusal::NotInCharge { areas: party.area_path.clone() }.into());
        }
        let permit = permits.iter().find(|permit| permit.id == wanted.permit).ok_or(PartyRefusal::UnknownPermit {})?;
        if permit.site != party.site {
            return Err(MarketRefusal::ForeignPermit {}.into());
        }
        variations.push(Variation { permit: permit.id, pollutant: trade.pollutant.clone(), change });
        trades.push(trade.vary(wanted.side, now)?);
    }
    let varied = vary_permits(work, &variations).await?;
    let rows: Vec<_> = wanted
        .iter()
        .zip(&varied)
        .map(|(wanted, varied)| (wanted.trade, wanted.side, wanted.permit, *varied))
        .collect();
    store::insert_variations(work, &rows).await?;
    store::save_trades(work, &trades).await?;
    let journals: Vec<Journal> = trades
        .iter()
        .map(|trade| journal(work.today(), JournalKind::TradePermitVaried, trade, Vec::new(), None))
        .collect();
    ledger::post(work, &journals).await?;
    let rulebook = rulebook::in_force(work).await?;
    for (trade, wanted) in trades.iter().zip(wanted) {
        let act = variation_of(wanted.side);
        decisions::close(work, &rulebook.rules_of(act), act, &[trade.id.0], Outcome::Approved, None).await?;
    }
    tell(work, &trades);
    Ok(trades)
}

/// Varies the permit of a side that has one permit in force, as the inbox asks.
///
/// # Errors
/// [`MarketRefusal::PermitNotNamed`] when there is not exactly one, and those of [`vary`].
pub async fn vary_only_permit(work: &mut Work, id: TradeId, side: Side) -> Result<(), Failure> {
    let trade = lock(work, &[(id, None)]).await?.pop().ok_or_else(|| not_found("trade"))?;
    let holder = trade.party(side).site;
    let permits = parties::permits_of(work.connection(), &[holder]).await?.remove(&holder).unwrap_or_default();
    let mut in_force = permits.iter().filter(|permit| permit.validity.contains(work.today()));
    let (Some(permit), None) = (in_force.next(), in_force.next()) else {
        return Err(MarketRefusal::PermitNotNamed {}.into());
    };
    vary(work, &[TradeVariation { trade: id, expected: None, side, permit: permit.id }]).await.map(|_| ())
}

pub(super) async fn load(work: &mut Work, trades: &[Trade]) -> Result<Vec<Candidate>, Failure> {
    let terms: Vec<TradeTerms> = trades.iter().map(terms_of_trade).collect();
    let mut candidates = cases::load(work, &terms, &ids_of(trades)).await?;
    for (candidate, trade) in candidates.iter_mut().zip(trades) {
        candidate.is_pledged = trade.source.stays_pledged();
    }
    Ok(candidates)
}

/// The same with what is judged of trades that go on: whether the permits match, and whether the overrides stand that they rest on.
pub(super) async fn load_judged(
    work: &mut Work,
    trades: &[Trade],
    rulebook: &Rulebook,
) -> Result<Vec<Candidate>, Failure> {
    let mut candidates = load(work, trades).await?;
    cases::fill_mismatches(work, &mut candidates, rulebook, true).await?;
    fill_standing(work, &mut candidates, trades).await?;
    Ok(candidates)
}

pub(super) fn ids_of(trades: &[Trade]) -> Vec<TradeId> {
    trades.iter().map(|trade| trade.id).collect()
}

/// Locks trades in the order wanted; those that the caller may not see are hidden.
pub(super) async fn lock(work: &Work, wanted: &[(TradeId, Option<i64>)]) -> Result<Vec<Trade>, Failure> {
    let asked: Vec<_> = wanted.iter().map(|(id, expected)| (work.caller(), *id, *expected)).collect();
    lock_seen_by(work, &asked).await
}

/// Locks trades in the order wanted, each for the one who asks for it.
async fn lock_seen_by(work: &Work, wanted: &[(&Caller, TradeId, Option<i64>)]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<TradeId> = wanted.iter().map(|(_, id, _)| *id).collect();
    let locked: HashMap<TradeId, Trade> =
        store::lock_trades(work, &ids).await?.into_iter().map(|trade| (trade.id, trade)).collect();
    let may_see = |caller: &Caller, trade: &Trade| match caller.scope() {
        Scope::Everything => true,
        Scope::Area { .. } => caller.covers(&trade.seller.area_path) || caller.covers(&trade.buyer.area_path),
        Scope::Organisation { id } => id == trade.seller.organisation || id == trade.buyer.organisation,
    };
    wanted
        .iter()
        .map(|(caller, id, expected)| {
            let trade = locked.get(id).filter(|trade| may_see(caller, trade)).ok_or_else(|| not_found("trade"))?;
            expect_version(*expected, trade.version)?;
            Ok(trade.clone())
        })
        .collect()
}

pub(super) fn journal(
    today: Date,
    kind: JournalKind,
    trade: &Trade,
    postings: Vec<Posting>,
    reason: Option<String>,
) -> Journal {
    let subject = Subject { kind: SubjectKind::Trade, id: trade.id.0, version: trade.version };
    Journal::new(ids::fresh_journal(), kind, subject, today, postings).because(reason)
}

/// What the bureaux of a matched trade's areas have to decide.
pub(super) fn tasks(trade: &Trade) -> Vec<NewTask> {
    let task = |path: String| NewTask {
        act: ACT,
        subject_kind: SubjectKind::Trade.as_str(),
        subject: trade.id.0,
        place: Place::BureauAt(path),
        permission: Action::DecideTrade,
        has_record: true,
    };
    trade.deciding_areas().into_iter().map(task).collect()
}

/// The hash of what each word rests on.
pub(super) async fn prove(work: &Work, wanted: &[TradeWord]) -> Result<Vec<Option<String>>, Failure> {
    documents::prove(work, &wanted.iter().map(|word| &word.grounds).collect::<Vec<_>>()).await
}

/// Lets the parties and their bureaux read what a word rests on.
pub(super) async fn link(work: &Work, trade: &Trade, grounds: &Grounds) -> Result<(), Failure> {
    let parties = [&trade.seller, &trade.buyer];
    let organisations = parties.map(|party| Audience::Organisation(party.organisation));
    let areas = trade.deciding_areas().into_iter().map(Audience::Area);
    let audiences: Vec<Audience> = organisations.into_iter().chain(areas).collect();
    documents::link(work, grounds, SubjectKind::Trade.as_str(), trade.id.0, &audiences).await
}

pub(super) async fn record(
    work: &mut Work,
    trades: &[Trade],
    wanted: &[TradeWord],
    outcome: Outcome,
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let proofs = prove(work, wanted).await?;
    let records: Vec<Decision> = trades
        .iter()
        .zip(wanted)
        .zip(proofs)
        .map(|((trade, word), document_hash)| Decision {
            act: ACT,
            subject_kind: SubjectKind::Trade.as_str(),
            subject: trade.id.0,
            outcome,
            proposed_by: trade.matched_by,
            reason: word.grounds.reason.clone(),
            document_hash,
        })
        .collect();
    decisions::decide(work, &rulebook.rules_of(ACT), &records).await
}

pub(super) fn tell(work: &mut Work, trades: &[Trade]) {
    for trade in trades {
        let kind = match trade.state {
            TradeState::Matched => "trade.approval_given",
            TradeState::Approved { .. } => "trade.approved",
            TradeState::Publicised { .. } => "trade.publicised",
            TradeState::Paid { .. } => "trade.paid",
            TradeState::Expired { .. } => "trade.expired",
            TradeState::Settled { .. } => "trade.settled",
            TradeState::Closed { .. } => "trade.closed",
            TradeState::Refused { .. } => "trade.refused",
            TradeState::Cancelled { .. } => "trade.cancelled",
        };
        work.tell(Event {
            kind,
            subject: trade.id.0,
            payload: json!({ "version": trade.version, "paid": trade.paid.print(), "total": trade.total.print() }),
        });
    }
}
