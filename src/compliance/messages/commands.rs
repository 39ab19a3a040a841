//! Taking messages in, many at a time: each is judged alone, and one that is refused spoils nobody's.

use super::{Closing, DayTotal, DischargeHold, Doubt, Incoming, KeptMessage, Outcome, store};
use crate::compliance::days::{Year, most_plausible};
use crate::compliance::error::ComplianceRefusal;
use crate::compliance::hj212::{DAY, Daily, Message, Reading, Value, read};
use crate::compliance::outlets::{self, Outlet};
use crate::compliance::reports::permitted;
use crate::compliance::store as years;
use crate::compliance::year::ComplianceYear;
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::http::upload::hash;
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{DischargeHoldId, MonitorMessageId, SiteId};
use crate::parties::{Permit, Pollutant, queries};
use jiff::civil::Date;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What became of a message.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// What.
    pub outcome: Outcome,
    /// Why it is not kept.
    pub refusal: Option<ComplianceRefusal>,
}

impl Receipt {
    fn of(outcome: Outcome) -> Self {
        Self { outcome, refusal: None }
    }

    fn refused(refusal: ComplianceRefusal) -> Self {
        Self { outcome: Outcome::Refused, refusal: Some(refusal) }
    }
}

/// What messages are judged on, loaded in sets.
struct Facts {
    outlets: HashMap<String, Outlet>,
    known: HashSet<String>,
    permits: HashMap<SiteId, Vec<Permit>>,
    years: HashMap<(SiteId, String, i16), ComplianceYear>,
    pollutants: HashMap<String, Pollutant>,
}

/// What is to be kept.
#[derive(Default)]
struct Kept {
    messages: Vec<KeptMessage>,
    totals: Vec<DayTotal>,
    holds: Vec<DischargeHold>,
}

/// Takes frames in, in their order. The sites they are of are locked, so that no annual account is verified meanwhile.
///
/// # Errors
/// A fault of the database; what is wrong with a message stands in its receipt.
pub async fn receive(work: &mut Work, frames: &[Vec<u8>]) -> Result<Vec<Receipt>, Failure> {
    let parsed: Vec<Result<Incoming, ComplianceRefusal>> = frames.iter().map(|frame| incoming(frame)).collect();
    let mut facts = load(work, &parsed).await?;
    let mut kept = Kept::default();
    let mut receipts = Vec::with_capacity(parsed.len());
    for incoming in parsed {
        let judged = incoming.and_then(|incoming| take_in(work, &mut facts, &mut kept, incoming));
        receipts.push(judged.map_or_else(Receipt::refused, Receipt::of));
    }
    for hold in &kept.holds {
        let payload = json!({ "site": hold.site, "pollutant": hold.pollutant, "day": hold.day.to_string(), "reason": hold.doubt.as_str() });
        work.tell(Event { kind: "discharge.held", subject: hold.id.0, payload });
    }
    store::keep(work, kept.messages, kept.totals, kept.holds).await?;
    Ok(receipts)
}

fn incoming(frame: &[u8]) -> Result<Incoming, ComplianceRefusal> {
    let (message, segment) = read(frame)?;
    Ok(Incoming { hash: hash(segment.as_bytes()), message, segment })
}

async fn load(work: &Work, parsed: &[Result<Incoming, ComplianceRefusal>]) -> Result<Facts, Failure> {
    let good: Vec<&Incoming> = parsed.iter().flatten().collect();
    let numbers: BTreeSet<String> = good.iter().map(|incoming| incoming.message.mn.clone()).collect();
    let outlets = outlets::store::by_mn(work.connection(), numbers.into_iter().collect()).await?;
    let in_charge = outlets.into_iter().filter(|outlet| work.caller().covers(&outlet.area_path));
    let outlets: HashMap<String, Outlet> = in_charge.map(|outlet| (outlet.mn.clone(), outlet)).collect();
    let sites: BTreeSet<SiteId> = outlets.values().map(|outlet| outlet.site).collect();
    let sites: Vec<SiteId> = sites.into_iter().collect();
    queries::lock_sites(work, &sites).await?;
    let hashes = good.iter().map(|incoming| incoming.hash.clone()).collect();
    Ok(Facts {
        outlets,
        known: store::known(work, hashes).await?,
        permits: queries::permits_of(work.connection(), &sites).await?,
        years: years::of_sites(work, &sites).await?,
        pollutants: queries::pollutants(work.connection()).await?,
    })
}

/// The outlet of a message, and the totals of a day that it carries.
fn understand(work: &Work, facts: &Facts, message: &Message) -> Result<(Outlet, Option<Daily>), ComplianceRefusal> {
    let unknown = || ComplianceRefusal::UnknownOutlet { mn: message.mn.clone() };
    let outlet = facts.outlets.get(&message.mn).ok_or_else(unknown)?;
    if message.edition() != Some(outlet.edition) {
        return Err(ComplianceRefusal::OtherEdition { edition: outlet.edition.as_str().to_owned() });
    }
    if message.command != DAY {
        return Ok((outlet.clone(), None));
    }
    let mut daily = Daily::of(message, &outlet.factors())?;
    if daily.day > work.today() {
        return Err(ComplianceRefusal::FutureDay { today: work.today().to_string() });
    }
    daily.values.retain(|value| facts.pollutants.contains_key(&value.pollutant));
    for value in &daily.values {
        let account = facts.years.get(&(outlet.site, value.pollutant.clone(), Year::of(daily.day)));
        account.map_or(Ok(()), ComplianceYear::expect_open_to_data)?;
    }
    Ok((outlet.clone(), Some(daily)))
}

/// Judges a message after those before it.
fn take_in(work: &Work, facts: &mut Facts, kept: &mut Kept, incoming: Incoming) -> Result<Outcome, ComplianceRefusal> {
    let Incoming { message, segment, hash } = incoming;
    if facts.known.contains(&hash) && facts.outlets.contains_key(&message.mn) {
        return Ok(Outcome::Known);
    }
    let (outlet, daily) = understand(work, facts, &message)?;
    let (id, day) = (MonitorMessageId::fresh(), daily.as_ref().map(|daily| daily.day));
    let permits = facts.permits.get(&outlet.site).map(Vec::as_slice).unwrap_or_default();
    let outcome = daily.map_or(Outcome::Noted, |daily| count(permits, kept, (&outlet, id, &message.qn), daily));
    facts.known.insert(hash.clone());
    kept.messages.push(KeptMessage {
        id,
        outlet: outlet.id,
        site: outlet.site,
        organisation: outlet.organisation,
        area_path: outlet.area_path,
        mn: message.mn,
        qn: message.qn,
        command: message.command,
        day,
        hash,
        segment,
        received_by: work.caller().user,
        received_at: work.now(),
    });
    Ok(outcome)
}

/// Counts the totals of a day, and holds those that nobody believes.
fn count(
    permits: &[Permit],
    kept: &mut Kept,
    (outlet, message, qn): (&Outlet, MonitorMessageId, &str),
    daily: Daily,
) -> Outcome {
    let (day, before) = (daily.day, (kept.totals.len(), kept.holds.len()));
    for value in daily.values {
        match judge(permits, &value, day) {
            Some(Ok(grams)) => kept.totals.push(DayTotal {
                message,
                pollutant: value.pollutant,
                outlet: outlet.id,
                site: outlet.site,
                day,
                qn: qn.to_owned(),
                grams,
            }),
            Some(Err(doubt)) => kept.holds.push(hold(outlet, message, value, day, doubt)),
            None => {}
        }
    }
    match (kept.totals.len() > before.0, kept.holds.len() > before.1) {
        (_, true) => Outcome::Held,
        (true, false) => Outcome::Counted,
        (false, false) => Outcome::Noted,
    }
}

/// Whether a total can be believed; nothing of one that was not measured. Where no permit names the pollutant there is nothing to compare
/// with; its annual account is not verified then.
fn judge(permits: &[Permit], value: &Value, day: Date) -> Option<Result<i64, Doubt>> {
    let most = permitted(permits, &value.pollutant, day, day).map(|grams| most_plausible(grams, day, day));
    match value.reading {
        Reading::Unusable => None,
        Reading::Negative => Some(Err(Doubt::Negative)),
        Reading::OutOfRange => Some(Err(Doubt::OutOfRange)),
        Reading::Grams(grams) if most.is_some_and(|most| grams > most) => Some(Err(Doubt::OverPermit)),
        Reading::Grams(grams) => Some(Ok(grams)),
    }
}

fn hold(outlet: &Outlet, message: MonitorMessageId, value: Value, day: Date, doubt: Doubt) -> DischargeHold {
    DischargeHold {
        id: DischargeHoldId::fresh(),
        message,
        outlet: outlet.id,
        site: outlet.site,
        organisation: outlet.organisation,
        area_path: outlet.area_path.clone(),
        pollutant: value.pollutant,
        day,
        mass: value.text,
        doubt,
        closing: None,
        version: 1,
    }
}

/// A hold to close.
#[derive(Debug, Clone)]
pub struct CloseHold {
    /// Which.
    pub hold: DischargeHoldId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// What they found.
    pub reason: String,
}

/// Closes a hold as the bureau in charge. It stays out of every account.
///
/// # Errors
/// [`ComplianceRefusal::HoldClosed`]; hidden outside the caller's area.
pub async fn close_hold(work: &mut Work, wanted: &CloseHold) -> Result<DischargeHold, Failure> {
    let locked = store::lock_hold(work, wanted.hold).await?;
    let visible = locked.filter(|hold| work.caller().covers(&hold.area_path));
    let hold = visible.ok_or_else(|| not_found("discharge hold"))?;
    expect_version(wanted.expected, hold.version)?;
    let closing = Closing { by: work.caller().user, at: work.now(), reason: wanted.reason.clone() };
    let closed = hold.close(closing)?;
    store::save_hold(work, closed.clone()).await?;
    let payload = json!({ "site": closed.site, "pollutant": closed.pollutant, "day": closed.day.to_string() });
    work.tell(Event { kind: "discharge.hold_closed", subject: closed.id.0, payload });
    Ok(closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;
    use crate::kernel::ids::PermitId;
    use accounting::Validity;
    use jiff::civil::date;
    use std::collections::BTreeMap;

    /// A permit of 0.36 t of SO2 a year, as of the plant that reported 11.19 billion tonnes.
    fn permits() -> Vec<Permit> {
        vec![Permit {
            id: PermitId::fresh(),
            number: "P".to_owned(),
            site: SiteId::fresh(),
            validity: Validity::try_new(date(2021, 1, 1), date(2025, 12, 31)).unwrap(),
            quantities: BTreeMap::from([("SO2".to_owned(), 365_000)]),
            version: 1,
            registered_at: Moment::from_micros(0),
        }]
    }

    fn judged(pollutant: &str, reading: Reading) -> Option<Result<i64, Doubt>> {
        let value = Value { pollutant: pollutant.to_owned(), text: String::new(), reading };
        judge(&permits(), &value, date(2022, 11, 30))
    }

    #[test]
    fn what_is_beyond_belief_is_held_and_what_is_not_is_counted() {
        assert_eq!(judged("SO2", Reading::Grams(0)), Some(Ok(0)));
        assert_eq!(judged("SO2", Reading::Grams(100_000)), Some(Ok(100_000)), "a hundred times is still counted");
        assert_eq!(judged("SO2", Reading::Grams(100_001)), Some(Err(Doubt::OverPermit)));
        assert_eq!(judged("SO2", Reading::Grams(11_190_000_000_000_000)), Some(Err(Doubt::OverPermit)));
        assert_eq!(judged("SO2", Reading::Negative), Some(Err(Doubt::Negative)));
        assert_eq!(judged("SO2", Reading::OutOfRange), Some(Err(Doubt::OutOfRange)));
        assert_eq!(judged("SO2", Reading::Unusable), None);
        assert_eq!(judged("NOX", Reading::Grams(i64::MAX)), Some(Ok(i64::MAX)), "nothing to compare with");
    }
}
