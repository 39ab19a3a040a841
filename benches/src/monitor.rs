//! Messages of monitors taken in through HTTP: judged, kept, evidenced and counted, by a server in a process of its own.

use crate::Outcome;
use crate::http::{self, Client, SERVE, somebody, started};
use crate::report::{Bound, Line, median, rate};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::{DAY, Stage};
use crate::town;
use ganhe::access::{Action, Role};
use ganhe::compliance::hj212::{Edition, write};
use ganhe::compliance::outlets::commands::{NewOutlet, register};
use ganhe::kernel::Failure;
use jiff::ToSpan;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Monitors, days of each in a round, and messages in a request.
const MONITORS: usize = 40;
const DAYS: usize = 100;
const BATCH: usize = 1_000;
/// What must be reached on either database, in messages a second.
const WANTED: f64 = 1_000.0;

/// Measures on both databases.
pub async fn measure(server: &Server, home: &Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for stage in [
        Stage::on_postgres(server, "monitored", 1).await?,
        Stage::on_sqlite(home, "monitored.sqlite", 1).await?,
    ] {
        lines.push(on(&stage, settings).await?);
    }
    Ok(lines)
}

async fn on(stage: &Stage, settings: &Settings) -> Outcome<Line> {
    let town = town::founded(stage, 1).await?;
    let officer = somebody(town.bureau, town::PATH, Role::BureauOfficer);
    let permit = officer.may(Action::MeasureDischarge).map_err(Failure::from)?;
    for at in 0..MONITORS {
        let (mn, name) = (number(at), format!("排口 {at}"));
        let new = NewOutlet { mn, name, site: town.mills[0].site, edition: Edition::Of2017, factors: None };
        stage.db.run(&permit, &new, |work, new| Box::pin(async move { register(work, new).await.map(|_| ()) })).await?;
    }
    let keys = http::keys(stage).await?;
    let served = started(SERVE, &stage.url).await?;
    let client = Client::of(&served, &keys, &officer)?;
    let mut rates = Vec::new();
    for round in 0..=settings.rounds {
        let sent = messages(round)?;
        let began = Instant::now();
        for batch in sent.chunks(BATCH) {
            let receipt = client.post("/monitor-messages", &json!({ "messages": batch })).await?;
            if receipt["counted"] != batch.len() {
                return Err(format!("not every message was counted: {receipt}").into());
            }
        }
        if round > 0 {
            rates.push(rate(sent.len(), began.elapsed()));
        }
    }
    let work = format!("messages of {MONITORS} monitors through HTTP, {BATCH} to a request, {}", stage.database());
    Ok(Line::rates(work, "what is wanted", "messages/s", median(&rates), WANTED, Bound::AtLeast(1.0)))
}

fn number(at: usize) -> String {
    format!("M{at:05}")
}

/// The totals of so many days of every monitor, of days that no other round has.
fn messages(round: usize) -> Outcome<Vec<String>> {
    let data = "w00000-Cou=1310.00,w00000-Flag=N;w01018-Cou=46.630,w01018-Min=30.1,w01018-Avg=35.6,w01018-Max=41.2,w01018-Flag=N;\
         w21003-Cou=3.100,w21003-Min=1.9,w21003-Avg=2.4,w21003-Max=3.3,w21003-Flag=N";
    let mut sent = Vec::with_capacity(DAYS * MONITORS);
    for at in 1..=DAYS {
        let back = i64::try_from(round * DAYS + at)?;
        let day = DAY.checked_sub(back.days())?.strftime("%Y%m%d").to_string();
        for monitor in 0..MONITORS {
            let head = format!("QN={day}235900000;ST=32;CN=2031;PW=123456;MN={};Flag=5", number(monitor));
            let framed = write(&format!("{head};CP=&&DataTime={day}000000;{data}&&"));
            sent.push(framed.ok_or("a message that cannot be written")?);
        }
    }
    Ok(sent)
}
