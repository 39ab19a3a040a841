//! The later life of rights: expiry, surrender, take-back, buy-back, set-aside, renewal, variation.

mod decided;
mod expiry;
mod races;
mod renewals;
mod reserve;

use super::batches::id;
use crate::support::world::{Bank, Enterprise, TONGCHENG};
use crate::support::{Answer, Client, World};
use ganhe::app::binders::BINDERS;
use ganhe::kernel::ids::fresh;
use ganhe::quota::tenure::clock::{Passed, pass_day};
use serde_json::{Value, json};
use uuid::Uuid;

/// Rights of COD of an origin and a validity in the basin of the stories.
pub fn class_of(origin: &str, from: &str, to: &str) -> String {
    let day = |text: &str| text.replace('-', "");
    format!("COD-MULTI-{}-LUSHUI-{}-{}", origin.to_uppercase(), day(from), day(to))
}

/// Grants rights such as `"100.000"` t of COD, valid from 2022 until a day; tells their class.
pub async fn granted(world: &World, site: Uuid, quantity: &str, origin: &str, to: &str) -> String {
    let body = json!({
        "site": site, "pollutant": "COD", "origin": origin, "zone": "LUSHUI",
        "valid_from": "2022-01-01", "valid_to": to, "quantity": quantity, "document": "核定2022-002",
    });
    let allocation = id(&world.city_officer.post("/allocations", body).await.granted());
    world.city_head.post(&format!("/allocations/{allocation}/confirm"), json!({})).await.granted();
    class_of(origin, "2022-01-01", to)
}

/// Registers a lien of the bank on rights of a class.
pub async fn pledged(world: &World, bank: &Bank, pledgor: &Enterprise, class: &str, quantity: &str) -> Uuid {
    let pledge = pledge_agreed(world, bank, pledgor, class, quantity).await;
    bank.registers(pledge).await.granted();
    pledge
}

/// The same, one step before the registration.
pub async fn pledge_agreed(world: &World, bank: &Bank, pledgor: &Enterprise, class: &str, quantity: &str) -> Uuid {
    let consent = json!({"pledgee": bank.id, "right_classes": [class], "valid_until": "2023-11-30"});
    pledgor.client.post("/consents", consent).await.granted();
    let body = json!({
        "pledgor": pledgor.id, "loan_contract": "借字2022-001", "pledge_contract": "质字2022-001",
        "principal": "100000.00", "secured": "100000.00", "assessed_value": "200000.00",
        "valuation_method": "market price", "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2022-12-04",
        "rights": [{"site": pledgor.site, "right_class": class, "quantity": quantity}],
    });
    let pledge = id(&bank.client.post("/pledges", body).await.granted());
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    pledgor.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    pledge
}

/// The clock looks, on a node of its own.
pub async fn day_passes(world: &World) -> Passed {
    pass_day(&world.app.shared.db, BINDERS, fresh()).await.unwrap().expect("nobody else is at it")
}

/// What a site has of a class for each purpose that rights stand in.
pub async fn holding(world: &World, site: Uuid, class: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for purpose in ["available", "committed", "pledged", "retired", "expired"] {
        let balance = world.balance(site, class, purpose).await;
        if !balance.trim_matches(['0', '.']).is_empty() {
            found.push((purpose, balance));
        }
    }
    found
}

/// What stands for each purpose, in words.
pub fn stands(purposes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    purposes.iter().map(|(purpose, balance)| (*purpose, (*balance).to_owned())).collect()
}

/// Headroom, held and used tonnes of Tongcheng for COD.
pub async fn capacity(world: &World) -> [String; 3] {
    let found = world.auditor.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
    ["headroom", "committed", "used"].map(|field| found["items"][0][field].as_str().unwrap().to_owned())
}

/// A surrender that an enterprise proposes.
pub async fn surrenders(enterprise: &Enterprise, class: &str, quantity: &str) -> Answer {
    enterprise.client.post("/surrenders", surrender(enterprise, class, quantity)).await
}

/// Its body.
pub fn surrender(enterprise: &Enterprise, class: &str, quantity: &str) -> Value {
    json!({"site": enterprise.site, "right_class": class, "quantity": quantity, "cause": "end_of_discharge",
        "document": "停产申请1号"})
}

/// Approves an act.
pub async fn approves(client: &Client, act: Uuid) -> Answer {
    client.post(&format!("/right-acts/{act}/approve"), json!({"reason": "资料齐全"})).await
}

/// An act as the auditor sees it.
pub async fn act(world: &World, id: Uuid) -> Value {
    world.auditor.get(&format!("/right-acts/{id}")).await.granted()
}

/// One act of every kind that stays: proposed by the mill, and carried out by the clock and a bureau, with a lien that was told and has lapsed.
/// For the walks over everything there is.
pub async fn lived(world: &World, mill: &Enterprise, bank: &Bank) -> Uuid {
    let class = granted(world, mill.site, "9.000", "paid", "2022-12-05").await;
    pledged(world, bank, mill, &class, "2.000").await;
    let given = id(&surrenders(mill, &class, "1.000").await.granted());
    approves(&world.head, given).await.granted();
    let next = json!({"site": mill.site, "right_class": class, "quantity": "3.000", "valid_from": "2022-12-06",
        "valid_to": "2027-12-05", "document": "核定2022-003"});
    let renewed = id(&world.city_officer.post("/renewals", next).await.granted());
    approves(&world.head, renewed).await.granted();
    id(&surrenders(mill, &class, "1.500").await.granted())
}
