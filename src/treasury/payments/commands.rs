//! Receiving payments, and deciding on those that nobody could be matched to.

use super::evidence::{self, Verdict, is_payment_code, is_payment_reference, words_of};
use super::payment::{Cause, Incoming, Payment, PaymentState, Ruling, TowardsTrade};
use super::store::{self, Booked, PaymentCode};
use super::trades::{NamedTrade, PayableTrades, Standing, TradeOutcome, TradePart};
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::http::extract::not_found;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, OrganisationId, PaymentCodeId, PaymentId};
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::ledger::{self, CNY, LedgerRefusal, book_side, money_of};
use crate::parties::organisation::is_credit_code;
use crate::parties::{Organisation, OrganisationKind, PartyRefusal, queries as parties};
use crate::treasury::TreasuryRefusal;
use accounting::{Journal, JournalKind, Money, Purpose, Subject, SubjectKind, recipes};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Books payments of the caller's settlement bank: to whom their text says, or into suspense. One that is known already, with the same
/// content, is answered as it stands and booked no second time.
///
/// # Errors
/// [`TreasuryRefusal::ReferenceTwice`], [`TreasuryRefusal::PaymentDiffers`], [`TreasuryRefusal::ReferenceBooked`], [`LedgerRefusal::FutureDate`],
/// [`LedgerRefusal::PeriodSealed`].
pub async fn receive(
    work: &mut Work,
    trades: &dyn PayableTrades,
    incoming: &[Incoming],
) -> Result<Vec<Payment>, Failure> {
    let references: BTreeSet<String> = incoming.iter().map(|told| told.bank_reference.clone()).collect();
    store::lock_references(work, &references).await?;
    let mut known = store::payments_by_reference(work, &references).await?;
    let booked = store::booked(work, &references).await?;
    let fresh = judge_told(work, incoming, &known, &booked)?;
    let (mut payments, found) = match_all(work, trades, &fresh).await?;
    let told = payments.iter().map(|payment| (payment.told.bank_reference.clone(), payment.id.0));
    store::insert_references(work, Booked::Payment, told).await?;
    let journals = payments.iter().map(|payment| receipt(work, payment)).collect::<Result<Vec<_>, _>>()?;
    ledger::post(work, &journals).await?;
    pay_trades(work, trades, found, &mut payments).await?;
    store::insert_payments(work, &payments).await?;
    tell(work, &payments);
    known.extend(payments.into_iter().map(|payment| (payment.told.bank_reference.clone(), payment)));
    let answer = |told: &Incoming| known.get(&told.bank_reference).cloned();
    incoming.iter().map(|told| answer(told).ok_or_else(|| Failure::bug("a payment was lost"))).collect()
}

/// Those that are told for the first time; every other must say what it said before.
fn judge_told<'t>(
    work: &Work,
    incoming: &'t [Incoming],
    known: &HashMap<String, Payment>,
    booked: &HashSet<String>,
) -> Result<Vec<&'t Incoming>, Failure> {
    let (mut fresh, mut first): (Vec<&Incoming>, HashMap<&str, (usize, &Incoming)>) = (Vec::new(), HashMap::new());
    let mut violations: Vec<Violation> = Vec::new();
    let mut is_conflict = false;
    for (at, told) in incoming.iter().enumerate() {
        let place = format!("payments[{at}]");
        let reference = || told.bank_reference.clone();
        if let Some((at, before)) = first.get(told.bank_reference.as_str()) {
            if told.differs_from(before).is_some() {
                let refusal = TreasuryRefusal::ReferenceTwice { reference: reference(), first: (at + 1).to_string() };
                violations.push(refusal.violation().within(&place));
            }
            continue;
        }
        match known.get(&told.bank_reference).map(|payment| (&payment.told, payment.bank)) {
            Some((before, bank)) => {
                let other_bank = (bank != work.caller().organisation).then_some("bank");
                if let Some(what) = other_bank.or_else(|| told.differs_from(before)) {
                    let refusal = TreasuryRefusal::PaymentDiffers { reference: reference(), what: what.to_owned() };
                    violations.push(refusal.violation().within(&place));
                    is_conflict = true;
                }
            }
            None if booked.contains(&told.bank_reference) => {
                let refusal = TreasuryRefusal::ReferenceBooked { reference: reference() };
                violations.push(refusal.violation().within(&place));
                is_conflict = true;
            }
            None => {
                if told.value_date > work.today() {
                    let refusal = LedgerRefusal::FutureDate { today: work.today().to_string() };
                    violations.push(Violation { field: format!("{place}.value_date"), ..refusal.violation() });
                }
                first.insert(&told.bank_reference, (at, told));
                fresh.push(told);
            }
        }
    }
    let kind = if is_conflict { Kind::Conflict } else { Kind::Refused };
    if violations.is_empty() { Ok(fresh) } else { Err(Failure { kind, violations, source: None }) }
}

/// What the words of texts lead to.
struct Found {
    by_word: HashMap<String, OrganisationId>,
    organisations: HashMap<OrganisationId, Organisation>,
    trades: HashMap<String, NamedTrade>,
}

async fn find(work: &Work, trades: &dyn PayableTrades, texts: &[&str]) -> Result<Found, Failure> {
    let words: BTreeSet<String> = texts.iter().flat_map(|text| words_of(text)).collect();
    let references: Vec<String> = words.iter().filter(|word| is_payment_reference(word)).cloned().collect();
    let named = if references.is_empty() { Vec::new() } else { trades.named(work, &references).await? };
    let codes: Vec<String> = words.iter().filter(|word| is_credit_code(word)).cloned().collect();
    let mut organisations = parties::organisations_by_code(work.connection(), &codes).await?;
    let mut by_word: HashMap<String, OrganisationId> =
        organisations.values().map(|organisation| (organisation.code.clone(), organisation.id)).collect();
    by_word.extend(store::owners_of_codes(work, &words).await?);
    let more: Vec<OrganisationId> = by_word.values().copied().chain(named.iter().map(|named| named.buyer)).collect();
    organisations.extend(parties::organisations_by_id(work.connection(), &more).await?);
    let trades = named.into_iter().map(|named| (named.reference.clone(), named)).collect();
    Ok(Found { by_word, organisations, trades })
}

impl Found {
    fn trades_in(&self, text: &str) -> Vec<&NamedTrade> {
        words_of(text).iter().filter_map(|word| self.trades.get(word)).collect()
    }

    fn judge(&self, text: &str) -> PaymentState {
        let named = self.trades_in(text);
        let owners = words_of(text).iter().filter_map(|word| self.by_word.get(word).copied()).collect();
        match evidence::judge(&owners, &named) {
            Verdict::Unclear(cause) => PaymentState::Unmatched { cause },
            Verdict::Of { organisation, .. } => match self.stands_against(organisation) {
                Some(cause) => PaymentState::Unmatched { cause },
                None => PaymentState::Matched { organisation, towards: None, by_hand: None },
            },
        }
    }

    fn stands_against(&self, organisation: OrganisationId) -> Option<Cause> {
        match self.organisations.get(&organisation) {
            Some(known) if known.kind != OrganisationKind::Enterprise => Some(Cause::NoMoneyAccount),
            Some(known) if known.is_active() => None,
            _ => Some(Cause::NotActive),
        }
    }
}

/// Payments as their texts match them, and what these lead to; the trades that they name are locked before any money moves.
async fn match_all(
    work: &Work,
    trades: &dyn PayableTrades,
    fresh: &[&Incoming],
) -> Result<(Vec<Payment>, Found), Failure> {
    let texts: Vec<&str> = fresh.iter().map(|told| told.text.as_str()).collect();
    let found = find(work, trades, &texts).await?;
    let payment = |told: &&Incoming| Payment {
        id: PaymentId::fresh(),
        bank: work.caller().organisation,
        state: found.judge(&told.text),
        told: (*told).clone(),
        received_by: work.caller().user,
        received_at: work.now(),
        version: 1,
    };
    Ok((fresh.iter().map(payment).collect(), found))
}

fn journal(payment: &Payment, kind: JournalKind, day: Date, postings: Vec<accounting::Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Payment, id: payment.id.0, version: payment.version };
    Journal::new(ids::fresh_journal(), kind, subject, day, postings)
}

/// The journal by which a payment comes in.
fn receipt(work: &Work, payment: &Payment) -> Result<Journal, Failure> {
    let outside = money_of(work.caller().organisation).account(Purpose::Outside);
    let amount = payment.told.amount;
    let (kind, postings) = match &payment.state {
        PaymentState::Matched { organisation, .. } => {
            (JournalKind::PaymentMatched, recipes::deposit(outside, money_of(*organisation), amount)?)
        }
        _ => (JournalKind::PaymentUnmatched, recipes::receive_unmatched(outside, book_side(CNY), amount)?),
    };
    let journal = journal(payment, kind, payment.told.value_date, postings);
    Ok(journal.because(Some(payment.told.bank_reference.clone())))
}

/// Pays the trades that matched payments name, each by its own buyer's money, and notes what became of it.
async fn pay_trades(
    work: &mut Work,
    trades: &dyn PayableTrades,
    mut found: Found,
    payments: &mut [Payment],
) -> Result<(), Failure> {
    let mut waiting: Vec<&mut Payment> = payments.iter_mut().collect();
    // Several payments for one trade are paid one after the other, so each round has every trade once at most.
    while !waiting.is_empty() {
        let (mut round, mut later, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
        for payment in waiting {
            let towards = towards(&found, payment);
            let Some((towards, part)) = towards else { continue };
            match part {
                Some(part) if !taken.insert(part.trade) => later.push(payment),
                part => {
                    note(payment, towards);
                    round.extend(part.map(|part| (payment, part)));
                }
            }
        }
        pay_round(work, trades, round, &mut found).await?;
        waiting = later;
    }
    Ok(())
}

/// What the trade that a matched payment names would take of it; nothing where it names none.
fn towards(found: &Found, payment: &Payment) -> Option<(TowardsTrade, Option<TradePart>)> {
    let PaymentState::Matched { organisation, .. } = payment.state else { return None };
    let mut named = found.trades_in(&payment.told.text);
    named.retain(|named| named.buyer == organisation);
    let told = |trade, outcome, paid| TowardsTrade { trade, outcome, paid, refusals: Vec::new() };
    let trade = match named.as_slice() {
        [] => return None,
        [one] => *one,
        _ => return Some((told(None, TradeOutcome::SeveralTrades, Money::ZERO), None)),
    };
    let outcome = match trade.standing {
        Standing::Due(left) if payment.told.amount >= left => TradeOutcome::PaidInFull,
        Standing::Due(_) => TradeOutcome::PartPaid,
        Standing::NotApproved => TradeOutcome::NotApproved,
        Standing::Settled => TradeOutcome::AlreadySettled,
        Standing::Over => TradeOutcome::TradeOver,
        Standing::Expired => TradeOutcome::Late,
    };
    let Standing::Due(left) = trade.standing else {
        return Some((told(Some(trade.trade), outcome, Money::ZERO), None));
    };
    let amount = left.min(payment.told.amount);
    let part = TradePart { trade: trade.trade, buyer: organisation, amount };
    Some((told(Some(trade.trade), outcome, amount), Some(part)))
}

fn note(payment: &mut Payment, what: TowardsTrade) {
    if let PaymentState::Matched { towards, .. } = &mut payment.state {
        *towards = Some(what);
    }
}

/// Pays all parts at once, or where a rule stands against one of them each by itself: what is refused leaves its money free.
async fn pay_round(
    work: &mut Work,
    trades: &dyn PayableTrades,
    round: Vec<(&mut Payment, TradePart)>,
    found: &mut Found,
) -> Result<(), Failure> {
    let parts: Vec<TradePart> = round.iter().map(|(_, part)| *part).collect();
    let together = match parts.len() {
        0 => return Ok(()),
        1 => Some(Vec::new()),
        _ => try_to_pay(work, trades, &parts).await?,
    };
    for (payment, part) in round {
        let refusals = match together {
            None => Some(Vec::new()),
            Some(_) => try_to_pay(work, trades, &[part]).await?,
        };
        match refusals {
            Some(codes) if !codes.is_empty() => {
                let (trade, outcome) = (Some(part.trade), TradeOutcome::RefusedByRule);
                note(payment, TowardsTrade { trade, outcome, paid: Money::ZERO, refusals: codes });
            }
            _ => take(found, &part),
        }
    }
    Ok(())
}

/// What is left of a trade after a part of it was paid.
fn take(found: &mut Found, part: &TradePart) {
    for named in found.trades.values_mut().filter(|named| named.trade == part.trade) {
        if let Standing::Due(left) = named.standing {
            let left = left.checked_sub(part.amount).unwrap_or_default();
            named.standing = if left.is_zero() { Standing::Settled } else { Standing::Due(left) };
        }
    }
}

/// Pays parts; when a rule stands against them, undoes what was begun and gives the codes of the broken rules.
async fn try_to_pay(
    work: &mut Work,
    trades: &dyn PayableTrades,
    parts: &[TradePart],
) -> Result<Option<Vec<String>>, Failure> {
    let before = work.rehearse().await?;
    match trades.pay(work, parts).await {
        Ok(()) => work.keep_rehearsal(before).await.map(|()| None),
        Err(failure) if failure.is_by_rule() => {
            work.end_rehearsal(before).await?;
            let codes: BTreeSet<String> =
                failure.violations.iter().map(|violation| violation.code.clone().into_owned()).collect();
            Ok(Some(codes.into_iter().collect()))
        }
        Err(failure) => Err(failure),
    }
}

/// A person finds whose a payment in suspense is.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Which payment.
    pub payment: PaymentId,
    /// The version that they saw.
    pub expected: Option<i64>,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Why.
    pub reason: String,
}

/// A payment in suspense goes back.
#[derive(Debug, Clone)]
pub struct Return {
    /// Which payment.
    pub payment: PaymentId,
    /// The version that they saw.
    pub expected: Option<i64>,
    /// The bank's reference of the return.
    pub bank_reference: String,
    /// Why.
    pub reason: String,
}

/// Gives a payment in suspense to an organisation; when its text names an approved trade of that organisation, pays it.
///
/// # Errors
/// [`TreasuryRefusal::PaymentDecided`], [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::SuspendedOrganisation`],
/// [`TreasuryRefusal::NoMoneyAccount`].
pub async fn assign(work: &mut Work, trades: &dyn PayableTrades, assignment: &Assignment) -> Result<Payment, Failure> {
    let payment = lock(work, assignment.payment, assignment.expected).await?;
    let found = parties::organisations_by_id(work.connection(), &[assignment.organisation]).await?;
    let organisation = found.get(&assignment.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    if organisation.kind != OrganisationKind::Enterprise {
        return Err(TreasuryRefusal::NoMoneyAccount { name: organisation.name.clone() }.into());
    }
    if !organisation.is_active() {
        return Err(PartyRefusal::SuspendedOrganisation { name: organisation.name.clone() }.into());
    }
    let ruling = Ruling { reason: assignment.reason.clone(), by: work.caller().user, at: work.now() };
    let mut payment = payment.matched(assignment.organisation, ruling)?;
    // The trade is locked before the money moves, as everybody else locks it.
    let named = find(work, trades, &[payment.told.text.as_str()]).await?;
    let postings = recipes::match_payment(book_side(CNY), money_of(assignment.organisation), payment.told.amount)?;
    let journal = journal(&payment, JournalKind::PaymentMatched, work.today(), postings);
    ledger::post(work, &[journal.because(Some(assignment.reason.clone()))]).await?;
    pay_trades(work, trades, named, std::slice::from_mut(&mut payment)).await?;
    store::save_payment(work, &payment).await?;
    tell(work, std::slice::from_ref(&payment));
    Ok(payment)
}

/// Sends a payment in suspense back to whoever paid it.
///
/// # Errors
/// [`TreasuryRefusal::PaymentDecided`], [`TreasuryRefusal::ReferenceBooked`].
pub async fn send_back(work: &mut Work, wanted: &Return) -> Result<Payment, Failure> {
    let references = BTreeSet::from([wanted.bank_reference.clone()]);
    store::lock_references(work, &references).await?;
    let payment = lock(work, wanted.payment, wanted.expected).await?;
    let ruling = Ruling { reason: wanted.reason.clone(), by: work.caller().user, at: work.now() };
    let payment = payment.returned(wanted.bank_reference.clone(), ruling)?;
    if !store::booked(work, &references).await?.is_empty() {
        return Err(TreasuryRefusal::ReferenceBooked { reference: wanted.bank_reference.clone() }.into());
    }
    let booked = [(wanted.bank_reference.clone(), payment.id.0)];
    store::insert_references(work, Booked::Return, booked.into_iter()).await?;
    let outside = money_of(payment.bank).account(Purpose::Outside);
    let postings = recipes::return_payment(outside, book_side(CNY), payment.told.amount)?;
    let journal = journal(&payment, JournalKind::PaymentReturned, work.today(), postings);
    ledger::post(work, &[journal.because(Some(wanted.reason.clone()))]).await?;
    store::save_payment(work, &payment).await?;
    tell(work, std::slice::from_ref(&payment));
    Ok(payment)
}

/// Locks a payment of the caller's bank.
pub(super) async fn lock(work: &Work, id: PaymentId, expected: Option<i64>) -> Result<Payment, Failure> {
    let bank = work.caller().organisation;
    let found = store::lock_payment(work, id).await?.filter(|payment| payment.bank == bank);
    let payment = found.ok_or_else(|| not_found("payment"))?;
    crate::http::extract::expect_version(expected, payment.version)?;
    Ok(payment)
}

pub(super) fn tell(work: &mut Work, payments: &[Payment]) {
    for payment in payments {
        let kind = match payment.state {
            PaymentState::Unmatched { .. } | PaymentState::Undone { .. } => "payment.unmatched",
            PaymentState::Matched { .. } => "payment.matched",
            PaymentState::Returned { .. } => "payment.returned",
        };
        let amount = payment.told.amount.print();
        work.tell(Event {
            kind,
            subject: payment.id.0,
            payload: json!({ "version": payment.version, "amount": amount }),
        });
    }
}

/// Registers the code by which payments to an organisation are recognised at the caller's settlement bank.
///
/// # Errors
/// [`TreasuryRefusal::BadPaymentCode`], [`TreasuryRefusal::PaymentCodeTaken`], [`PartyRefusal::UnknownOrganisation`],
/// [`TreasuryRefusal::NoMoneyAccount`].
pub async fn register_code(
    work: &mut Work,
    (organisation, code): &(OrganisationId, String),
) -> Result<PaymentCode, Failure> {
    if !is_payment_code(code) {
        return Err(TreasuryRefusal::BadPaymentCode {}.into());
    }
    let found = parties::organisations_by_id(work.connection(), &[*organisation]).await?;
    let known = found.get(organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    if known.kind != OrganisationKind::Enterprise {
        return Err(TreasuryRefusal::NoMoneyAccount { name: known.name.clone() }.into());
    }
    let registered = PaymentCode {
        id: PaymentCodeId::fresh(),
        code: code.clone(),
        organisation: *organisation,
        bank: work.caller().organisation,
        registered_by: work.caller().user,
        registered_at: work.now(),
    };
    store::insert_code(work, &registered).await.map_err(|failure| {
        let taken = || TreasuryRefusal::PaymentCodeTaken { code: code.clone() };
        on_unique(failure, "payment_codes_code", "payment_codes.code", taken)
    })?;
    let payload = json!({ "organisation": organisation, "code": code });
    work.tell(Event { kind: "payment_code.registered", subject: registered.id.0, payload });
    Ok(registered)
}
