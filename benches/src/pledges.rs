//! Registrations of pledges through HTTP, by the API clients of several banks: at a fixed rate, whatever the answers take, and as fast
//! as many clients at once can.

use crate::http::{self, Client, SERVE, Served, somebody, started};
use crate::large::grouped_entries;
use crate::report::{Bound, Line, grouped, percentile, rate};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::Stage;
use crate::town::{self, BASIN, Mill, PATH, Town};
use crate::{Outcome, say};
use accounting::{Measure, Money, Quantity, Validity};
use ganhe::access::{Action, Caller, Role};
use ganhe::decisions::Grounds;
use ganhe::kernel::Failure;
use ganhe::kernel::ids::{PledgeId, RightClassId};
use ganhe::ledger::log;
use ganhe::parties::commands::{NewConsent, give_consents};
use ganhe::parties::organisation::OrganisationKind;
use ganhe::parties::queries::classes_by_code;
use ganhe::pledge::commands::{Act, NewPledge, NewRight, Verification, agree, apply, verify};
use ganhe::pledge::pledge::{ClaimPart, Terms};
use ganhe::pledge::valuations::Appraisal;
use ganhe::pledge::valuations::commands::StatedPart;
use jiff::ToSpan;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Enterprises that pledge, each to one of the banks. A bank has an API client of its own.
const MILLS: usize = 1_000;
const BANKS: usize = 8;
/// Registrations that fall due in a second, and for how many seconds of each round; those of a first round warm up and do not count.
const PACE: usize = 200;
const PACED: usize = 4;
/// What 99 of 100 of them may take at most, in seconds.
const MOST: f64 = 0.050;
/// Clients at once when they do not pause, and for how many seconds of each round.
const CLIENTS: usize = 32;
const UNPAUSED: usize = 2;
/// Pledges that are ready for each of these seconds; when they are used up sooner, the measurement ends sooner.
const READY: usize = 1_000;
/// How long the fixed rate may take beyond its own time until the last answer is there.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pledges that are applied for, and verified, in one work while they are prepared.
const AT_ONCE: usize = 500;
/// What each site has of the right, and what of it each pledge takes: no measurement pledges it all.
const STOCK: &str = "1000.000";
const PLEDGED: &str = "0.010";

/// Measures on both databases.
pub async fn measure(server: &Server, home: &Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for stage in [Stage::on_postgres(server, "pledged", 1).await?, Stage::on_sqlite(home, "pledged.sqlite", 1).await?] {
        lines.extend(on(&stage, settings).await?);
    }
    Ok(lines)
}

async fn on(stage: &Stage, settings: &Settings) -> Outcome<Vec<Line>> {
    let warming = PACE * PACED;
    let at_pace = warming * (1 + settings.rounds);
    let began = Instant::now();
    let county = County::founded(stage).await?;
    let pledges = county.agreed(stage, at_pace + READY * UNPAUSED * settings.rounds).await?;
    // A database in operation is analysed; one that was filled a minute ago is not yet.
    stage.db.reader().execute_unprepared("ANALYZE").await?;
    say(&format!("{} pledges were prepared in {:.0} s", pledges.len(), began.elapsed().as_secs_f64()));
    let (paced, unpaused) = pledges.split_at(at_pace);
    let keys = http::keys(stage).await?;
    let served = started(SERVE, &stage.url).await?;
    let clients = county.banks.iter().map(|bank| Client::of(&served, &keys, bank)).collect::<Outcome<Vec<_>>>()?;
    let took = at_a_pace(&clients, paced).await?;
    let lasts = Duration::from_secs(u64::try_from(UNPAUSED * settings.rounds)?);
    let without_pause = without_pause(&clients, unpaused, lasts).await?;
    checked(stage, served, took.len() + without_pause.took.len()).await?;
    Ok(lines(stage, &took[warming..], &without_pause))
}

fn lines(stage: &Stage, paced: &[f64], without_pause: &WithoutPause) -> Vec<Line> {
    let milliseconds = |took: &[f64]| {
        let of = |hundredths| percentile(took, hundredths) * 1_000.0;
        format!("p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", of(50), of(99), of(100))
    };
    let p99 = percentile(paced, 99);
    let highest = rate(without_pause.took.len(), without_pause.lasted);
    vec![
        Line {
            work: format!(
                "pledges registered through HTTP, {PACE} a second, {} in all, {BANKS} banks, {}",
                grouped_entries(paced.len()),
                stage.database()
            ),
            against: "p99 as it was asked for".to_owned(),
            ours: milliseconds(paced),
            theirs: format!("{:.0} ms", MOST * 1_000.0),
            ratio: Some(p99 / MOST),
            // It was asked for on the database that production runs on.
            bound: if stage.is_postgres() { Bound::AtMost(1.0) } else { Bound::None },
        },
        Line::alone(
            format!("the same without a pause, {CLIENTS} clients, {}", stage.database()),
            format!("{} pledges/s, {}", grouped(highest), milliseconds(&without_pause.took)),
        ),
    ]
}

/// A county whose mills have consented to a bank each.
struct County {
    town: Town,
    banks: Vec<Caller>,
    right_class: RightClassId,
    today: Date,
}

/// A pledge that waits for its registration, and the place of its bank.
#[derive(Clone, Copy)]
struct Agreed {
    bank: usize,
    pledge: PledgeId,
}

impl County {
    /// Registers mills and banks, allocates rights and gives the consents.
    async fn founded(stage: &Stage) -> Outcome<Self> {
        let town = town::founded(stage, MILLS).await?;
        let operator = stage.permit.caller().clone();
        let banks = town::organisations(stage, &operator, OrganisationKind::Bank, 8_000_000, BANKS).await?;
        let today = stage.db.clock().business_day();
        let validity = Validity::try_new(today, today.checked_add(5.years())?.yesterday()?)?;
        town.granted(stage, &town.mills, validity, tonnes(STOCK)?).await?;
        let day = |day: Date| day.strftime("%Y%m%d").to_string();
        let code = format!("COD-MULTI-PAID-{BASIN}-{}-{}", day(validity.from()), day(validity.to()));
        let classes = classes_by_code(stage.db.reader(), std::slice::from_ref(&code)).await?;
        let right_class = classes.get(&code).ok_or("no class of what was allocated")?.id;
        for (at, mill) in town.mills.iter().enumerate() {
            let right_classes = vec![code.clone()];
            let valid_until = today.checked_add(1.year())?;
            let news = [NewConsent { pledgee: banks[at % BANKS], right_classes, valid_until }];
            let permit = trader(*mill).may(Action::GiveConsent).map_err(Failure::from)?;
            let given = stage
                .db
                .run(&permit, &news, |work, news| Box::pin(async move { give_consents(work, news).await.map(|_| ()) }));
            given.await?;
        }
        let banks = banks.into_iter().map(|bank| somebody(bank, PATH, Role::PledgeeOfficer)).collect();
        Ok(Self { town, banks, right_class, today })
    }

    /// Pledges that are applied for, verified and agreed, of one bank after the other and of one mill after the other.
    async fn agreed(&self, stage: &Stage, count: usize) -> Outcome<Vec<Agreed>> {
        let mut of_banks = Vec::with_capacity(BANKS);
        for (bank, caller) in self.banks.iter().enumerate() {
            let news = (bank..count).step_by(BANKS).map(|at| self.new_pledge(at)).collect::<Outcome<Vec<_>>>()?;
            of_banks.push(applied_for(stage, caller, &news).await?);
        }
        let pledge = |at: usize| Agreed { bank: at % BANKS, pledge: of_banks[at % BANKS][at / BANKS] };
        let pledges: Vec<Agreed> = (0..count).map(pledge).collect();
        let acts: Vec<Act> = pledges.iter().map(|agreed| Act { pledge: agreed.pledge, expected: None }).collect();
        verified(stage, &somebody(self.town.bureau, PATH, Role::BureauOfficer), &acts).await?;
        for (at, mill) in self.town.mills.iter().enumerate() {
            let own: Vec<Act> = acts.iter().skip(at).step_by(MILLS).copied().collect();
            let permit = trader(*mill).may(Action::AgreePledge).map_err(Failure::from)?;
            let agree =
                stage.db.run(&permit, &own, |work, acts| Box::pin(async move { agree(work, acts).await.map(|_| ()) }));
            agree.await?;
        }
        // What was prepared long ago is in the log.
        log::sequence_once(&stage.db).await?;
        Ok(pledges)
    }

    fn new_pledge(&self, at: usize) -> Outcome<NewPledge> {
        let mill = self.town.mills[at % MILLS];
        let (secured, value) = (Money::parse("50000.00")?, Money::parse("80000.00")?);
        Ok(NewPledge {
            pledgor: mill.organisation,
            further: Vec::new(),
            facility: None,
            pledgees: Vec::new(),
            terms: Terms {
                loan_contract: format!("借-{at:06}"),
                pledge_contract: format!("质-{at:06}"),
                principal: secured,
                secured,
                scope: ClaimPart::ALL.to_vec(),
                determined: None,
                restricts_transfer: true,
                debt_from: self.today,
                debt_to: self.today.checked_add(6.months())?,
            },
            appraisal: Appraisal {
                method: "market_price".to_owned(),
                price_period: None,
                valued_on: self.today,
                expires_on: None,
                valuer: None,
            },
            assessed_value: Some(value),
            rights: vec![NewRight {
                site: mill.site,
                right_class: self.right_class,
                quantity: tonnes(PLEDGED)?,
                is_junior: false,
            }],
            parts: vec![StatedPart { secured: Some(secured), value: Some(value) }],
        })
    }
}

fn tonnes(text: &str) -> Outcome<Quantity> {
    Ok(Quantity::parse(text, &Measure::tonnes()).map_err(|fault| format!("{fault:?}"))?)
}

fn trader(mill: Mill) -> Caller {
    somebody(mill.organisation, PATH, Role::EnterpriseTrader)
}

async fn applied_for(stage: &Stage, bank: &Caller, news: &[NewPledge]) -> Outcome<Vec<PledgeId>> {
    let permit = bank.may(Action::RegisterPledge).map_err(Failure::from)?;
    let mut ids = Vec::with_capacity(news.len());
    for news in news.chunks(AT_ONCE) {
        let applied = stage.db.run(&permit, news, |work, news| {
            Box::pin(
                async move { Ok(apply(work, news).await?.into_iter().map(|pledge| pledge.id).collect::<Vec<_>>()) },
            )
        });
        ids.extend(applied.await?);
    }
    Ok(ids)
}

async fn verified(stage: &Stage, officer: &Caller, acts: &[Act]) -> Outcome<()> {
    let permit = officer.may(Action::VerifyPledge).map_err(Failure::from)?;
    for acts in acts.chunks(AT_ONCE) {
        let wanted: Vec<Verification> =
            acts.iter().map(|act| Verification { act: *act, grounds: Grounds::default() }).collect();
        let verified = stage
            .db
            .run(&permit, &wanted, |work, wanted| Box::pin(async move { verify(work, wanted).await.map(|_| ()) }));
        verified.await?;
    }
    Ok(())
}

async fn register(client: &Client, pledge: PledgeId) -> Outcome<()> {
    let answer: Value = client.post(&format!("/pledges/{}/register", pledge.0), &json!({})).await?;
    if answer["state"] == "registered" { Ok(()) } else { Err(format!("a pledge was not registered: {answer}").into()) }
}

/// Sends each request when its time has come, whatever those before it do, and tells how long after that time each was answered, in seconds and
/// in the order of sending: who is late because the machine is busy counts as late.
async fn at_a_pace(clients: &[Client], pledges: &[Agreed]) -> Outcome<Vec<f64>> {
    let mut under_way = JoinSet::new();
    let began = Instant::now();
    for (at, agreed) in pledges.iter().copied().enumerate() {
        let due = began + Duration::from_secs(1) * u32::try_from(at)? / u32::try_from(PACE)?;
        tokio::time::sleep_until(due.into()).await;
        let client = clients[agreed.bank].clone();
        under_way.spawn(async move {
            register(&client, agreed.pledge).await?;
            Outcome::Ok((at, due.elapsed().as_secs_f64()))
        });
    }
    let mut took = vec![0.0; pledges.len()];
    let answers = async {
        while let Some(answer) = under_way.join_next().await {
            let (at, seconds) = answer??;
            took[at] = seconds;
        }
        Outcome::Ok(())
    };
    tokio::time::timeout(PATIENCE, answers).await.map_err(|_| "the last registrations were not answered")??;
    Ok(took)
}

/// What clients reached who each send the next request when the last one is answered.
struct WithoutPause {
    took: Vec<f64>,
    lasted: Duration,
}

async fn without_pause(clients: &[Client], pledges: &[Agreed], lasts: Duration) -> Outcome<WithoutPause> {
    let mut at_work = JoinSet::new();
    let began = Instant::now();
    let end = began + lasts;
    for place in 0..CLIENTS {
        let own: Vec<Agreed> = pledges.iter().skip(place).step_by(CLIENTS).copied().collect();
        let clients = clients.to_vec();
        at_work.spawn(async move {
            let mut took = Vec::with_capacity(own.len());
            for agreed in own {
                let asked = Instant::now();
                if asked >= end {
                    break;
                }
                register(&clients[agreed.bank], agreed.pledge).await?;
                took.push(asked.elapsed().as_secs_f64());
            }
            Outcome::Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(own) = at_work.join_next().await {
        took.extend(own??);
    }
    Ok(WithoutPause { took, lasted: began.elapsed() })
}

/// As many pledges are registered, each under a number of its own without a gap, as were answered, and the books verify.
async fn checked(stage: &Stage, served: Served, answered: usize) -> Outcome<()> {
    drop(served);
    let sql = "SELECT number FROM pledges WHERE state = 'registered'";
    let rows = stage.db.reader().query_all_raw(Statement::from_string(stage.db.backend(), sql)).await?;
    let numbers = rows.iter().map(|row| row.try_get("", "number")).collect::<Result<Vec<String>, _>>()?;
    let running = |number: &String| number.rsplit('-').next().and_then(|text| text.parse().ok());
    let known: BTreeSet<usize> = numbers.iter().filter_map(running).collect();
    if numbers.len() != answered || known.len() != answered || known.last().is_some_and(|last| *last != answered) {
        return Err(format!("{answered} registrations were answered, {} are there", numbers.len()).into());
    }
    let findings = ganhe::audit::verify::verify(&stage.db).await?;
    findings.differences.first().map_or(Ok(()), |first| Err(format!("the book does not verify: {first}").into()))
}
