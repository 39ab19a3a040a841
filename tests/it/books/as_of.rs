//! Balances as of an instant: before, between and after what happened, for ever the same.

use crate::support::World;
use crate::support::world::Enterprise;
use ganhe::kernel::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is not zero in the trial balance: by asset and purpose.
async fn trial(world: &World, as_of: Option<Moment>) -> BTreeMap<String, String> {
    let mut path = "/audit/trial-balance".to_owned();
    if let Some(instant) = as_of {
        path = format!("{path}?as_of={}", instant.to_string().replace('+', "%2B"));
    }
    let trial = world.auditor.get(&path).await.granted();
    assert_eq!(trial["is_balanced"], true, "{trial:#}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let is_zero = |balance: &str| balance.trim_matches(['0', '.']).is_empty();
    let mut lines = BTreeMap::new();
    for asset in trial["assets"].as_array().unwrap() {
        assert!(is_zero(&text(&asset["total"])), "{asset:#}");
        for line in asset["lines"].as_array().unwrap().iter().filter(|line| !is_zero(&text(&line["balance"]))) {
            lines.insert(format!("{} {}", text(&asset["asset"]), text(&line["purpose"])), text(&line["balance"]));
        }
    }
    lines
}

/// Lets business time pass; tokens live by the wall's.
fn time_passes(world: &World, minutes: i64) {
    let clock = &world.app.clock;
    let ahead = clock.business_now().micros() - clock.wall_now().micros();
    clock.set_offset(Moment::from_micros(ahead).plus_minutes(minutes).micros());
}

/// The stage of a trade, and what was seen on it after every step.
struct Diary {
    world: World,
    mill: Enterprise,
    glass: Enterprise,
    pages: Vec<(Moment, BTreeMap<String, String>, Vec<String>)>,
}

impl Diary {
    async fn balances(&self, as_of: Option<Moment>) -> Vec<String> {
        let class = self.mill.class("COD");
        let mut balances = Vec::new();
        for (owner, asset, purpose) in [
            (self.mill.site, class.as_str(), "available"),
            (self.mill.site, class.as_str(), "committed"),
            (self.mill.site, class.as_str(), "pledged"),
            (self.glass.site, class.as_str(), "available"),
            (self.glass.id, "CNY", "available"),
            (self.glass.id, "CNY", "committed"),
        ] {
            balances.push(self.world.balance_as_of(owner, asset, purpose, as_of).await);
        }
        balances
    }

    /// Half an hour after what happened it is written down; the next thing happens half an hour later.
    async fn write(&mut self) {
        time_passes(&self.world, 30);
        let page = (self.world.now(), trial(&self.world, None).await, self.balances(None).await);
        self.pages.push(page);
        time_passes(&self.world, 30);
    }
}

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// A zero is written with and without decimals, depending on whether the account was there.
fn plain(balances: &[String]) -> Vec<rust_decimal::Decimal> {
    balances.iter().map(|balance| balance.parse::<rust_decimal::Decimal>().unwrap().normalize()).collect()
}

#[tokio::test]
async fn a_balance_as_of_an_instant_is_what_it_was_then() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.reduces(&mill, "120.000 t COD").await;
    let mut diary = Diary { world: world.clone(), mill: mill.clone(), glass: glass.clone(), pages: Vec::new() };
    diary.write().await;
    world.allocate(&mill, "120.000 t COD").await;
    diary.write().await;
    world.deposits(&glass, "100000.00").await;
    diary.write().await;
    let offer = id(&mill.offers("50.000 t COD", "1000.00", &glass).await.granted());
    diary.write().await;
    let trade = id(&glass.accepts(offer).await.granted());
    diary.write().await;
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    glass.pays(trade).await.granted();
    diary.write().await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "30.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    diary.write().await;
    world.bank.releases(pledge).await.granted();
    diary.write().await;
    let available: Vec<&str> = diary.pages.iter().map(|(_, _, balances)| balances[0].as_str()).collect();
    assert_eq!(available, ["0", "120.000", "120.000", "70.000", "70.000", "70.000", "40.000", "70.000"]);
    for (instant, lines, balances) in &diary.pages {
        assert_eq!(&trial(&world, Some(*instant)).await, lines, "{instant}");
        assert_eq!(plain(&diary.balances(Some(*instant)).await), plain(balances), "{instant}");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn an_entry_counts_from_its_own_instant_on() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    time_passes(&world, 60);
    let allocation = world.allocate(&mill, "120.000 t COD").await;
    time_passes(&world, 60);
    let journals = world.auditor.get(&format!("/audit/journals?subject={allocation}")).await.granted();
    let recorded = journals["items"][1]["recorded_at"].as_str().unwrap();
    let at = Moment::parse(recorded).unwrap();
    let available = async |as_of| {
        let balance = world.balance_as_of(mill.site, &mill.class("COD"), "available", Some(as_of)).await;
        balance.parse::<rust_decimal::Decimal>().unwrap()
    };
    assert_eq!(available(Moment::from_micros(at.micros() - 1)).await, rust_decimal::Decimal::ZERO);
    assert_eq!(available(at).await, rust_decimal::Decimal::from(120));
    assert_eq!(available(world.now()).await, rust_decimal::Decimal::from(120));
}

#[tokio::test]
async fn an_instant_that_has_not_come_is_refused() {
    let world = World::new().await;
    let future = Moment::from_micros(world.now().micros() + 1).to_string().replace('+', "%2B");
    for path in ["/balances", "/audit/trial-balance"] {
        let answer = world.auditor.get(&format!("{path}?as_of={future}")).await;
        answer.is_refused_with("LED_FUTURE_INSTANT").with_status(422);
        let now = world.now().to_string().replace('+', "%2B");
        world.auditor.get(&format!("{path}?as_of={now}")).await.granted();
    }
}
