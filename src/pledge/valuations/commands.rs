//! Valuing what is to be pledged, and what is pledged.

use super::{Appraisal, MarginCall, MarketPrice, Valuation, Worth, store};
use crate::db::Work;
use crate::eligibility::pledge::PledgeCheck;
use crate::http::Fields;
use crate::kernel::Failure;
use crate::kernel::ids::{LienId, OrganisationId, PledgeId, RightClassId, ValuationId};
use crate::ledger;
use crate::parties::{PartyRefusal, queries as parties};
use crate::pledge::commands::{Act, expect_pledgee, finish, journal, last_day, lock, replace, seen, stamp, tell};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::{Lien, Pledge, Stamp};
use crate::pledge::store as pledges;
use crate::prices::queries::mean_price;
use crate::rulebook;
use accounting::{JournalKind, Money, Quantity};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// What is said of one of the things to be pledged; of a single one the totals may stand for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatedPart {
    /// The part of the loan that rests on it.
    pub secured: Option<Money>,
    /// What it was assessed at.
    pub value: Option<Money>,
}

/// One of the things to be valued.
#[derive(Debug, Clone, Copy)]
pub struct Thing {
    /// Of which class.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
}

/// What the market says that a thing is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketValue {
    /// By which price.
    pub price: MarketPrice,
    /// Price × quantity in CNY, half up to the fen.
    pub value: Money,
}

/// One of the things, valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appraised {
    /// The market price that its value was made of.
    pub market_price: Option<MarketPrice>,
    /// What it is worth.
    pub value: Money,
    /// The part of the loan that rests on it.
    pub secured: Money,
}

/// What the market's own statistics say of things; nothing of any when they are valued by another method.
///
/// # Errors
/// [`PledgeRefusal::NoMarketPrice`], [`PledgeRefusal::NotWorthCounting`], all at once under the place that `place` names of each.
pub async fn market_values(
    work: &Work,
    appraisal: &Appraisal,
    things: &[Thing],
    place: fn(usize) -> String,
) -> Result<Vec<Option<MarketValue>>, Failure> {
    let Some(period) = appraisal.price_period.filter(|_| appraisal.is_by_statistics()) else {
        return Ok(vec![None; things.len()]);
    };
    let ids: Vec<RightClassId> = things.iter().map(|thing| thing.right_class).collect();
    let classes = parties::classes_by_id(work.connection(), &ids).await?;
    let pollutants = parties::pollutants(work.connection()).await?;
    let (mut fields, mut values) = (Fields::default(), Vec::with_capacity(things.len()));
    for (at, thing) in things.iter().enumerate() {
        let unknown = || PartyRefusal::UnknownRightClass { code: thing.right_class.to_string() };
        let code = &classes.get(&thing.right_class).ok_or_else(unknown)?.class.pollutant;
        let measure = &pollutants.get(code).ok_or_else(unknown)?.measure;
        let none = || PledgeRefusal::NoMarketPrice { pollutant: code.clone(), period: period.to_string() };
        let mean = mean_price(work.connection(), period, code, measure).await?.ok_or_else(none);
        let value = fields.take(&place(at), mean).and_then(|unit_price| {
            let product = unit_price.times(thing.quantity, measure).ok().filter(|value| !value.is_zero());
            let value = fields.take(&place(at), product.ok_or(PledgeRefusal::NotWorthCounting {}))?;
            Some(MarketValue { price: MarketPrice { period, unit_price }, value })
        });
        values.push(value);
    }
    fields.finish(Some(values))
}

/// Values the things of an application: by the market, or as they are stated; and says which part of the loan rests on each. The parts make
/// the whole to the fen.
///
/// # Errors
/// [`PledgeRefusal::ValueStated`], [`PledgeRefusal::ValueMissing`], [`PledgeRefusal::PartMissing`], [`PledgeRefusal::PartsDiffer`], all at
/// once.
pub fn apportion(
    secured: Money,
    stated: Option<Money>,
    parts: &[StatedPart],
    market: &[Option<MarketValue>],
) -> Result<Vec<Appraised>, Failure> {
    let mut fields = Fields::default();
    let is_single = parts.len() == 1;
    let missing = |of_single| if is_single { of_single } else { PledgeRefusal::PartMissing {} };
    let mut things = Vec::with_capacity(parts.len());
    for (at, (part, market)) in parts.iter().zip(market).enumerate() {
        let place = |field: &str| format!("rights[{at}].{field}");
        let value = match (market, part.value.or(stated.filter(|_| is_single))) {
            (Some(market), None) => Some(market.value),
            (Some(_), Some(_)) => fields.take(&place("assessed_value"), Err(PledgeRefusal::ValueStated {})),
            (None, Some(value)) => Some(value),
            (None, None) => fields.take(&place("assessed_value"), Err(missing(PledgeRefusal::ValueMissing {}))),
        };
        let secured = part.secured.or(Some(secured).filter(|_| is_single));
        let secured = fields.take(&place("secured"), secured.ok_or(PledgeRefusal::PartMissing {}));
        let market_price = market.as_ref().map(|market| market.price);
        things.extend(value.zip(secured).map(|(value, secured)| Appraised { market_price, value, secured }));
    }
    if things.len() == parts.len() {
        expect_whole(&mut fields, "secured", secured, things.iter().map(|thing| thing.secured));
        if let Some(stated) = stated {
            expect_whole(&mut fields, "assessed_value", stated, things.iter().map(|thing| thing.value));
        }
    }
    fields.finish(Some(things))
}

fn expect_whole(fields: &mut Fields, field: &str, whole: Money, parts: impl Iterator<Item = Money>) {
    let sum = sum(parts);
    if sum != Some(whole) {
        let sum = sum.map(Money::print).unwrap_or_default();
        fields.take::<(), _>(field, Err(PledgeRefusal::PartsDiffer { whole: whole.print(), sum }));
    }
}

/// A sum of money; nothing when it cannot be counted.
pub fn sum(parts: impl Iterator<Item = Money>) -> Option<Money> {
    let mut parts = parts;
    parts.try_fold(Money::ZERO, Money::checked_add)
}

/// How things of a pledge are valued, by whom, and in which of its acts.
#[derive(Debug, Clone, Copy)]
pub(in crate::pledge) struct Valuer<'a> {
    /// Of which pledge.
    pub pledge: PledgeId,
    /// How.
    pub appraisal: &'a Appraisal,
    /// The pledgee's name, which stands where no valuer is named.
    pub pledgee: &'a str,
    /// Who tells it, when, and in which journal.
    pub at: Stamp,
}

impl Valuer<'_> {
    /// The valuation of so much of a thing.
    pub fn values(
        &self,
        (lien, quantity): (&Lien, Quantity),
        value: Money,
        market_price: Option<MarketPrice>,
    ) -> Valuation {
        let appraisal = self.appraisal;
        Valuation {
            id: ValuationId::fresh(),
            pledge: self.pledge,
            lien: lien.id,
            quantity,
            method: appraisal.method.clone(),
            market_price,
            value,
            secured: lien.secured,
            valued_on: appraisal.valued_on,
            expires_on: appraisal.expires_on,
            valuer: appraisal.valuer.clone().unwrap_or_else(|| self.pledgee.to_owned()),
            recorded_by: self.at.by,
            recorded_at: self.at.at,
            journal: self.at.journal,
        }
    }
}

impl Appraisal {
    /// What things that are worth so much together are worth by it.
    pub fn worth(&self, assessed_value: Money) -> Worth {
        let (method, valued_on, expires_on) = (self.method.clone(), self.valued_on, self.expires_on);
        Worth { assessed_value, method, valued_on, expires_on }
    }
}

/// A revaluation of things of a pledge.
#[derive(Debug, Clone)]
pub struct Revaluation {
    /// Of which pledge.
    pub act: Act,
    /// How.
    pub appraisal: Appraisal,
    /// Which things, and what each was assessed at; not stated where the statistics say it.
    pub things: Vec<(LienId, Option<Money>)>,
}

/// Values things of pledges anew on behalf of their pledgee. Where the ratio is over the cap afterwards, the pledgor is called for more
/// security; where it is within the cap again, an open call ends.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`], [`PledgeRefusal::NoSuchLien`],
/// [`PledgeRefusal::LienNamedTwice`], [`PledgeRefusal::ValueMissing`], [`PledgeRefusal::ValueStated`], [`PledgeRefusal::NoMarketPrice`],
/// [`PledgeCheck::ValuationFuture`], [`PledgeCheck::ValuationExpired`]; hidden when the caller may not know of it.
pub async fn revalue(work: &mut Work, wanted: &[Revaluation]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = wanted.iter().map(|revaluation| revaluation.act).collect();
    let mut desk = lock(work, &acts).await?;
    let due_on = last_day(work, rulebook.margin_call_days()).await?;
    let names = names_of(work, desk.values().map(|pledge| pledge.pledgee)).await?;
    let (mut revalued, mut journals) = (Vec::new(), Vec::new());
    let (mut valuations, mut calls) = (Vec::new(), Vec::new());
    for revaluation in wanted {
        let pledge = seen(&desk, work.caller(), revaluation.act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_in_force()?;
        let name = names.get(&pledge.pledgee).map(String::as_str).unwrap_or_default();
        let at = stamp(work);
        let new = value_anew(work, &pledge, revaluation, name, at).await?;
        let pledge = pledge.revalued(&new, at)?;
        let called = pledge.margin(&rulebook, work.now(), due_on);
        let pledge = called.iter().cloned().fold(pledge, Pledge::with_margin_call);
        let pledge = replace(&mut desk, pledge);
        valuations.extend(new);
        calls.extend(called);
        journals.push(journal(work.today(), JournalKind::PledgeRevalued, &pledge, Vec::new()));
        revalued.push(pledge);
    }
    let revalued = finish(work, "pledge.revalued", revalued, &journals).await?;
    store::insert(work, &valuations).await?;
    store::save_calls(work, &calls).await?;
    let told = tell_calls(work, &calls).await?;
    Ok(as_told(revalued, &told))
}

/// Names of organisations, by their ids.
pub(in crate::pledge) async fn names_of(
    work: &Work,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<HashMap<OrganisationId, String>, Failure> {
    let known = parties::organisations_by_id(work.connection(), &ids.collect::<Vec<_>>()).await?;
    Ok(known.into_iter().map(|(id, organisation)| (id, organisation.name)).collect())
}

/// The new valuations of things of a pledge.
async fn value_anew(
    work: &Work,
    pledge: &Pledge,
    revaluation: &Revaluation,
    pledgee: &str,
    at: Stamp,
) -> Result<Vec<Valuation>, Failure> {
    let appraisal = &revaluation.appraisal;
    let mut fields = Fields::default();
    judge_days(&mut fields, appraisal, work.today());
    let liens = named(&mut fields, pledge, &revaluation.things);
    let liens: Vec<(&Lien, Quantity, Option<Money>)> = fields.finish(Some(liens))?;
    let things: Vec<Thing> =
        liens.iter().map(|(lien, quantity, _)| Thing { right_class: lien.right_class, quantity: *quantity }).collect();
    let market = market_values(work, appraisal, &things, |at| format!("valuations[{at}]")).await?;
    let valuer = Valuer { pledge: pledge.id, appraisal, pledgee, at };
    let (mut fields, mut new) = (Fields::default(), Vec::with_capacity(things.len()));
    for (place, ((lien, quantity, stated), market)) in liens.iter().zip(market).enumerate() {
        let place = format!("valuations[{place}].assessed_value");
        let value = match (market.map(|market| market.value), *stated) {
            (Some(_), Some(_)) => fields.take(&place, Err(PledgeRefusal::ValueStated {})),
            (by_market, stated) => fields.take(&place, by_market.or(stated).ok_or(PledgeRefusal::ValueMissing {})),
        };
        let price = market.map(|market| market.price);
        new.extend(value.map(|value| valuer.values((*lien, *quantity), value, price)));
    }
    fields.finish(Some(new))
}

/// Refuses a valuation of a day that has not come, and one that is over.
fn judge_days(fields: &mut Fields, appraisal: &Appraisal, today: Date) {
    if appraisal.valued_on > today {
        fields.take::<(), _>("", Err(PledgeCheck::ValuationFuture {}));
    }
    if let Some(expires_on) = appraisal.expires_on.filter(|last| *last < today) {
        fields.take::<(), _>("", Err(PledgeCheck::ValuationExpired { expires_on: expires_on.to_string() }));
    }
}

/// The named liens that still hold something, with how much.
fn named<'p>(
    fields: &mut Fields,
    pledge: &'p Pledge,
    things: &[(LienId, Option<Money>)],
) -> Vec<(&'p Lien, Quantity, Option<Money>)> {
    let mut once = HashSet::new();
    let mut found = Vec::with_capacity(things.len());
    for (at, (id, stated)) in things.iter().enumerate() {
        let place = format!("valuations[{at}].lien");
        if !once.insert(*id) {
            fields.take::<(), _>(&place, Err(PledgeRefusal::LienNamedTwice {}));
        }
        let lien = pledge.lien(*id);
        let held = lien.and_then(|lien| Some((lien, lien.claimed()?, *stated)));
        found.extend(fields.take(&place, held.ok_or(PledgeRefusal::NoSuchLien {})));
    }
    found
}

/// Tells the parties of calls that were made and of those that have ended (追加担保), each by an entry of its own, so that whoever follows the
/// events needs not compare valuations. Gives the pledges as they stand after that.
///
/// # Errors
/// A fault of the database.
pub(in crate::pledge) async fn tell_calls(
    work: &mut Work,
    calls: &[MarginCall],
) -> Result<HashMap<PledgeId, Pledge>, Failure> {
    if calls.is_empty() {
        return Ok(HashMap::new());
    }
    let of: Vec<PledgeId> = calls.iter().map(|call| call.pledge).collect();
    let mut desk = pledges::lock(work, &of).await?;
    let (mut told, mut journals) = (Vec::new(), Vec::new());
    for call in calls {
        let pledge = desk.remove(&call.pledge).ok_or_else(|| Failure::bug("a call of no pledge"))?;
        let pledge = replace(&mut desk, pledge.touched(stamp(work)));
        let is_met = call.ended_at.is_some();
        let kind = if is_met { JournalKind::MarginMet } else { JournalKind::MarginCalled };
        journals.push(journal(work.today(), kind, &pledge, Vec::new()));
        told.push((if is_met { "pledge.margin_met" } else { "pledge.margin_called" }, pledge));
    }
    let (events, versions): (Vec<_>, Vec<_>) = told.into_iter().unzip();
    pledges::save(work, &versions).await?;
    ledger::post(work, &journals).await?;
    for (event, pledge) in events.into_iter().zip(&versions) {
        tell(work, event, std::slice::from_ref(pledge));
    }
    Ok(desk)
}

/// The same pledges, those of them as they stand now of which more was told meanwhile.
pub(in crate::pledge) fn as_told(pledges: Vec<Pledge>, told: &HashMap<PledgeId, Pledge>) -> Vec<Pledge> {
    pledges.into_iter().map(|pledge| told.get(&pledge.id).cloned().unwrap_or(pledge)).collect()
}
