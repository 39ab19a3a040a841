//! The life of a pledge, from consent to release, and why nobody can have the same gram twice.

mod conflicts;
pub mod court;
mod crowd;
mod enforcement;
mod facilities;
mod life;
pub mod lots;
pub mod pledgors;
pub mod ranks;
mod refusals;
mod registration;
pub mod sales;
pub mod shares;
mod trades_seen;
pub mod transfers;
mod valuations;

use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// An application for a loan that is secured on so many tonnes of COD of an enterprise, assessed at so much.
pub fn secured_on(pledgor: &Enterprise, tonnes: &str, secured: &str, value: &str) -> Value {
    json!({
        "pledgor": pledgor.id, "loan_contract": "借字2022-007", "pledge_contract": "质字2022-007",
        "principal": secured, "secured": secured, "assessed_value": value, "valuation_method": "market_price",
        "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2023-11-30",
        "rights": [{"site": pledgor.site, "right_class": pledgor.class("COD"), "quantity": tonnes}],
    })
}

/// The bank's registration of what it applies for, through every step.
pub async fn registered(world: &World, pledgor: &Enterprise, application: Value) -> Value {
    let pledge = id(&world.bank.client.post("/pledges", application).await.granted());
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    pledgor.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    world.bank.registers(pledge).await.granted()
}

/// A mill that owes 60,000 on ten tonnes, its bank, and a buyer of the same basin with a million.
struct Stage {
    world: World,
    mill: Enterprise,
    glass: Enterprise,
    pledge: Value,
}

impl Stage {
    /// The mill has so much before it pledges.
    async fn of(stock: &str) -> Self {
        let world = World::new().await;
        let mill = world.seller("临江纸业", stock).await;
        let glass = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
        world.deposits(&glass, "1000000.00").await;
        mill.consents(&world.bank, &["COD"]).await;
        let pledge = registered(&world, &mill, secured_on(&mill, "10.000", "60000.00", "90000.00")).await;
        Self { world, mill, glass, pledge }
    }

    async fn money(&self, owner: Uuid) -> String {
        self.world.balance(owner, "CNY", "available").await
    }

    async fn state(&self) -> Value {
        self.world.bank.client.get(&format!("/pledges/{}", id(&self.pledge))).await.granted()
    }
}

/// A disposal by agreement that waits for the pledgor and its buyer: the bank's pledge of a tonne of COD is in default.
pub async fn disposal_proposed(world: &World, pledgor: &Enterprise) -> (Uuid, Enterprise) {
    pledgor.consents(&world.bank, &["COD"]).await;
    let pledge = registered(world, pledgor, secured_on(pledgor, "1.000", "5000.00", "9000.00")).await;
    let path = |act: &str| format!("/pledges/{}/{act}", id(&pledge));
    let notice = json!({"reason": "逾期未还", "amount_due": "5100.00"});
    world.bank.client.post(&path("declare-default"), notice).await.granted();
    let buyer = world.buyer("通城瓦厂", "100000.00").await;
    let disposal = json!({"lien": pledge["liens"][0]["id"], "mode": "agreement", "document": "处置2022-009", "buyer_site": buyer.site,
        "project": buyer.project, "unit_price": "8000.00", "costs": "10.00", "owed": "5100.00",
        "settlement_bank": world.settlement_bank});
    (id(&world.bank.client.post(&path("disposals"), disposal).await.granted()), buyer)
}

#[tokio::test]
async fn a_pledged_gram_can_be_neither_sold_nor_pledged_again_until_it_is_released() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    mill.consents(&world.other_bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "100.000 t COD").await;
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "0");
    let registered = world.bank.registers(pledge).await.granted();
    assert_eq!(registered["state"], "registered");
    assert_eq!(registered["number"], "PL-2022-000001");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "100.000");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "20.000");

    let sale = mill.offers("50.000 t COD", "8790.00", &glass).await;
    sale.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE").with_status(422);
    let second = world.other_bank.applies(&mill, "50.000 t COD").await;
    second.is_refused_with("PLG_NOT_ENOUGH_AVAILABLE").with_status(422);
    world.books_are_right().await;

    let released = world.bank.releases(pledge).await.granted();
    assert_eq!(released["state"], "released");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    world.bank.releases(pledge).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    mill.offers("50.000 t COD", "8790.00", &glass).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn an_offered_gram_cannot_be_pledged() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "80.000 t COD").await;
    let offer = id(&mill.offers("40.000 t COD", "8790.00", &glass).await.granted());
    world.bank.registers(pledge).await.is_refused_with("PLG_NOT_ENOUGH_AVAILABLE");
    mill.client.post(&format!("/offers/{offer}/withdraw"), json!({"reason": "先质押"})).await.granted();
    world.bank.registers(pledge).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn without_a_consent_in_force_a_bank_neither_looks_nor_applies() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    world.bank.applies(&mill, "10.000 t COD").await.is_refused_with("PLG_CONSENT_MISSING");
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let look = format!("/consents/{consent}/look");
    world.an_hour_passes();
    world.other_bank.client.post(&look, json!({})).await.with_status(404);
    let seen = world.bank.client.post(&look, json!({})).await.granted();
    assert_eq!(seen["items"][0]["balance"], "100.000");
    let log = mill.client.get("/access-log").await.granted();
    let looks = log["items"].as_array().unwrap().iter().filter(|item| item["consent"] == consent.to_string());
    assert_eq!(looks.count(), 1, "{log:#}");
    mill.client.post(&format!("/consents/{consent}/withdraw"), json!({})).await.granted();
    world.bank.client.post(&look, json!({})).await.with_status(404);
    world.bank.applies(&mill, "10.000 t COD").await.is_refused_with("PLG_CONSENT_MISSING");
}

#[tokio::test]
async fn only_its_own_bank_registers_and_releases_a_pledge() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "60.000 t COD").await;
    world.other_bank.registers(pledge).await.with_status(404);
    mill.client.post(&format!("/pledges/{pledge}/register"), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    world.bank.registers(pledge).await.granted();
    world.other_bank.releases(pledge).await.with_status(404);
    world.bank.registers(pledge).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "60.000");
}

#[tokio::test]
async fn a_loan_beyond_the_sub_limit_of_a_facility_is_not_registered() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let limits = json!({"name": "2022集中授信", "limits": [{"organisation": mill.id, "sub_limit": "150000.00"}]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    let apply = |quantity: &str| {
        json!({
            "pledgor": mill.id, "facility": facility, "loan_contract": "借字2022-001", "pledge_contract": "质字2022-001",
            "principal": "100000.00", "secured": "100000.00", "assessed_value": "200000.00",
            "valuation_method": "market price", "valued_on": "2022-12-01",
            "debt_from": "2022-12-01", "debt_to": "2023-11-30",
            "rights": [{"site": mill.site, "right_class": mill.class("COD"), "quantity": quantity}],
        })
    };
    let early = world.bank.client.post("/pledges", apply("10.000")).await;
    early.is_refused_with("PLG_FACILITY_NOT_ACCEPTED");
    mill.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
    let first = id(&world.bank.client.post("/pledges", apply("10.000")).await.granted());
    let second = id(&world.bank.client.post("/pledges", apply("10.000")).await.granted());
    for pledge in [first, second] {
        world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    }
    world.bank.registers(first).await.granted();
    world.bank.registers(second).await.is_refused_with("PLG_FACILITY_EXHAUSTED");
    world.bank.releases(first).await.granted();
    world.bank.registers(second).await.granted();
    world.books_are_right().await;
}
