//! The compliance year: what monitors send, what sites report, what the bureau measures, and the annual accounts made of it.

pub mod messages;
mod races;
mod reports;
mod speed;
mod years;

use crate::quota::batches::number_of;
use crate::support::world::{Enterprise, TONGCHENG};
use crate::support::{Answer, Client, World};
use ganhe::access::Role;
use ganhe::compliance::hj212::write;
use serde_json::{Value, json};
use uuid::Uuid;

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// The frame of the totals of a day such as `"20221130"`, asked for on the day after.
pub fn totals(mn: &str, day: &str, data: &str) -> String {
    asked(mn, &format!("{day}235900000"), "2031", day, data)
}

/// The frame of a command, asked for at a time of the monitor's clock.
pub fn asked(mn: &str, qn: &str, command: &str, day: &str, data: &str) -> String {
    let head = format!("QN={qn};ST=32;CN={command};PW=123456;MN={mn};Flag=5");
    write(&format!("{head};CP=&&DataTime={day}000000;{data}&&")).unwrap()
}

/// The bureau registers a monitor of the edition of 2017 at an enterprise.
pub async fn outlet(world: &World, of: &Enterprise, mn: &str) -> Uuid {
    let body = json!({"site": of.site, "mn": mn, "name": "总排口", "edition": "2017"});
    id(&world.city_officer.post("/outlets", body).await.granted())
}

/// The platform hands messages in.
pub async fn sends(client: &Client, messages: &[String]) -> Answer {
    client.post("/monitor-messages", json!({ "messages": messages })).await
}

/// A list of one row: a pollutant, a period, a quantity.
pub async fn says(world: &World, client: &Client, of: &Enterprise, row: (&str, &str, &str)) -> Answer {
    let (pollutant, period, quantity) = row;
    let site = number_of(world, of).await;
    let item =
        json!({"site": site, "pollutant": pollutant, "period": period, "quantity": quantity, "document": "2022年报"});
    client.post("/discharge-reports", json!({"items": [item]})).await
}

/// The enterprise opens the account of a year.
pub async fn opened(of: &Enterprise, pollutant: &str, year: i16) -> Uuid {
    let body = json!({"site": of.site, "pollutant": pollutant, "year": year});
    id(&of.client.post("/compliance-years", body).await.granted())
}

/// A step with an account.
pub async fn step(client: &Client, account: Uuid, verb: &str, body: Value) -> Answer {
    client.post(&format!("/compliance-years/{account}/{verb}"), body).await
}

/// An officer proposes, and the head of the bureau approves.
pub async fn decided(world: &World, account: Uuid, verb: &str, body: Value) -> Answer {
    let proposed = step(&world.officer, account, verb, body).await;
    proposed.with_status(202);
    let path = format!("/tasks/{}/decide", proposed.text("id"));
    world.head.post(&path, json!({"outcome": "approved", "reason": "核实无误"})).await
}

/// An account that the enterprise hands in and the bureau verifies.
pub async fn verified(world: &World, of: &Enterprise, pollutant: &str, year: i16) -> Value {
    let account = opened(of, pollutant, year).await;
    step(&of.client, account, "report", json!({})).await.granted();
    decided(world, account, "verify", json!({})).await.granted();
    found(world, account).await
}

pub async fn found(world: &World, account: Uuid) -> Value {
    world.auditor.get(&format!("/compliance-years/{account}")).await.granted()
}

/// Something of an enterprise in each table of the compliance year, and of what changes each of its versions.
pub struct Traces {
    pub outlet: Uuid,
    pub message: Uuid,
    pub open_hold: Uuid,
    pub report: Uuid,
    pub account: Uuid,
}

/// Lets all of it happen, in the year before that of the stories, of which no right tells anything.
pub async fn happened(world: &World, of: &Enterprise) -> Traces {
    let own = outlet(world, of, "A1").await;
    let factors = json!([{"code": "a21026", "pollutant": "SO2", "grams_per_unit": 1000}]);
    let later = json!({"site": of.site, "mn": "A2", "name": "烟囱", "edition": "2025", "factors": factors});
    world.city_officer.post("/outlets", later).await.granted();
    let sent = [
        totals("A1", "20221101", "w01018-Cou=46.630"),
        asked("A1", "20221101010000000", "2061", "20221101", "w01018-Cou=2.000"),
        totals("A1", "20221102", "w01018-Cou=-1"),
        totals("A1", "20221103", "w01018-Cou=-2"),
    ];
    let receipt = sends(&world.city_officer, &sent).await.granted();
    assert_eq!((&receipt["counted"], &receipt["noted"], &receipt["held"]), (&json!(1), &json!(1), &json!(2)));
    let holds = world.auditor.get("/discharge-holds?state=open").await.granted();
    let holds: Vec<Uuid> = holds["items"].as_array().unwrap().iter().map(id).collect();
    let close = format!("/discharge-holds/{}/close", holds[0]);
    world.city_officer.post(&close, json!({"reason": "校准"})).await.granted();
    let trader = world.member(of.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let file =
        format!("site,pollutant,period,quantity,document\n{},COD,2022-10,1.000,十月\n", number_of(world, of).await);
    let document = id(&trader.client.upload("a.csv", "text/csv", file.as_bytes()).await.granted());
    trader.client.post("/discharge-reports", json!({ "document": document })).await.granted();
    let report = says(world, &trader.client, of, ("COD", "2021", "0")).await.granted();
    let account = id(&verified(world, of, "COD", 2021).await);
    step(&world.officer, account, "settle", json!({})).await.granted();
    step(&world.head, account, "seal", json!({})).await.granted();
    opened(of, "SO2", 2022).await;
    let messages = world.auditor.get(&format!("/monitor-messages?outlet={own}")).await.granted();
    Traces {
        outlet: own,
        message: id(&messages["items"][0]),
        open_hold: holds[1],
        report: id(&report["items"][0]),
        account,
    }
}
