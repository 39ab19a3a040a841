//! A claim goes to another bank, and the pledge with it: who stands in the register may act, and nobody else.

use super::id;
use crate::events::told;
use crate::support::World;
use crate::support::client::{Answer, Client};
use crate::support::world::{Bank, Enterprise, TONGCHENG};
use futures::future::join_all;
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

async fn stage() -> (World, Enterprise, Uuid) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "40.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    (world, mill, pledge)
}

async fn hands_over(bank: &Bank, pledge: Uuid, to: Uuid) -> Answer {
    bank.client.post(&format!("/pledges/{pledge}/transfers"), json!({"to": to, "document": "债转2023-007"})).await
}

async fn answers(bank: &Bank, transfer: &Value, word: &str) -> Answer {
    bank.client.post(&format!("/claim-transfers/{}/{word}", id(transfer)), json!({})).await
}

async fn third_bank(world: &World) -> Bank {
    let body = json!({"code": world.fresh_code(), "name": "崇阳村镇银行", "kind": "bank", "area": TONGCHENG});
    let bank = id(&world.operator.post("/organisations", body).await.granted());
    Bank { id: bank, client: world.member(bank, TONGCHENG, &[Role::PledgeeOfficer]).await.client }
}

/// A transfer of every state: for the trials of the verification. Tells one that waits, and who is to have the claim.
pub async fn happened(world: &World, pledge: Uuid) -> (Uuid, Client) {
    let heir = third_bank(world).await;
    let declined = hands_over(&world.bank, pledge, heir.id).await.granted();
    answers(&heir, &declined, "decline").await.granted();
    let there = hands_over(&world.bank, pledge, heir.id).await.granted();
    answers(&heir, &there, "accept").await.granted();
    let back = hands_over(&heir, pledge, world.bank.id).await.granted();
    answers(&world.bank, &back, "accept").await.granted();
    (id(&hands_over(&world.bank, pledge, heir.id).await.granted()), heir.client)
}

#[tokio::test]
async fn another_bank_accepts_a_claim_and_is_the_pledgee_from_then_on() {
    let (world, mill, pledge) = stage().await;
    let found = async |bank: &Bank| bank.client.get(&format!("/pledges/{pledge}")).await;
    let number = found(&world.bank).await.text("number");
    let transfer = hands_over(&world.bank, pledge, world.other_bank.id).await.granted();
    assert_eq!((&transfer["state"], &transfer["number"]), (&json!("proposed"), &json!(number)));
    found(&world.other_bank).await.with_status(404);
    hands_over(&world.bank, pledge, world.other_bank.id).await.is_refused_with("PLG_TRANSFER_OPEN").with_status(409);
    answers(&world.bank, &transfer, "accept").await.is_refused_with("PLG_NOT_THE_HEIR").with_status(403);
    world.an_hour_passes();
    let accepted = answers(&world.other_bank, &transfer, "accept").await.granted();
    assert_eq!(accepted["state"], "accepted");
    answers(&world.other_bank, &transfer, "accept").await.is_refused_with("PLG_TRANSFER_STATE").with_status(409);

    let seen = found(&world.other_bank).await.granted();
    assert_eq!(
        (&seen["number"], &seen["state"], &seen["pledgee"]),
        (&json!(number), &json!("registered"), &json!(world.other_bank.id))
    );
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "40.000", "no gram has moved");
    found(&world.bank).await.with_status(404);
    world.bank.releases(pledge).await.with_status(404);
    let owed = mill.client.get("/claim-transfers").await.granted();
    assert_eq!(id(&owed["items"][0]), id(&transfer), "the pledgor knows whom to pay");
    told(&world).await;
    let told = mill.client.get("/events?limit=200").await.granted();
    assert!(told.to_string().contains("claim_transfer_proposed"), "{told:#}");
    world.other_bank.releases(pledge).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_search_names_the_pledgee_of_its_instant() {
    let (world, mill, pledge) = stage().await;
    world.an_hour_passes();
    let before = world.now().to_string();
    world.an_hour_passes();
    let transfer = hands_over(&world.bank, pledge, world.other_bank.id).await.granted();
    answers(&world.other_bank, &transfer, "accept").await.granted();
    world.an_hour_passes();
    let pledgee = async |as_of: Option<&str>| {
        let body = json!({"site": mill.site, "right_class": mill.class("COD"), "as_of": as_of});
        mill.client.post("/encumbrance-searches", body).await.granted()["search"]["encumbrances"][0]["party"].clone()
    };
    let (then, now) = (pledgee(Some(&before)).await, pledgee(None).await);
    assert_ne!(then, now);
    let names = async |bank: &Bank| bank.client.get("/me").await.granted()["organisation_name"].clone();
    assert_eq!((then, now), (names(&world.bank).await, names(&world.other_bank).await));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_claim_goes_only_to_a_creditor_and_only_when_nothing_of_it_waits() {
    let (world, mill, pledge) = stage().await;
    for nobody in [mill.id, world.bank.id, Uuid::nil()] {
        let refused = hands_over(&world.bank, pledge, nobody).await;
        refused.is_refused_with("PLG_NOT_A_CREDITOR").with_status(422);
        assert_eq!(refused.body["violations"][0]["field"], "to");
    }
    hands_over(&world.other_bank, pledge, world.bank.id).await.with_status(404);
    mill.client
        .post(&format!("/pledges/{pledge}/transfers"), json!({"to": world.other_bank.id, "document": "x"}))
        .await
        .is_refused_with("AUT_NOT_ALLOWED");
    let amendments = format!("/pledges/{pledge}/amendments");
    world.bank.client.post(&amendments, json!({"reason": "展期", "debt_to": "2024-11-30"})).await.granted();
    hands_over(&world.bank, pledge, world.other_bank.id).await.is_refused_with("PLG_AMENDMENT_OPEN").with_status(409);
    world.bank.client.post(&format!("/pledges/{pledge}/withdraw-amendment"), json!({})).await.granted();
    let transfer = hands_over(&world.bank, pledge, world.other_bank.id).await.granted();
    answers(&world.other_bank, &transfer, "withdraw").await.is_refused_with("PLG_NOT_THE_PLEDGEE").with_status(403);
    answers(&world.bank, &transfer, "withdraw").await.granted();
    answers(&world.other_bank, &transfer, "accept").await.is_refused_with("PLG_TRANSFER_STATE");
    world.bank.releases(pledge).await.granted();
    hands_over(&world.bank, pledge, world.other_bank.id).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_accepts_and_who_releases_at_once_do_not_both_get_their_way() {
    let (world, mill, pledge) = stage().await;
    let transfer = hands_over(&world.bank, pledge, world.other_bank.id).await.granted();
    let accepted = join_all((0..3).map(|_| answers(&world.other_bank, &transfer, "accept")));
    let (accepted, released) = tokio::join!(accepted, world.bank.releases(pledge));
    let yes = accepted.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(yes + usize::from(released.status.is_success()), 1, "{accepted:#?} {released:#?}");
    let held = world.balance(mill.site, &mill.class("COD"), "pledged").await;
    assert_eq!(held == "0.000", released.status.is_success());
    world.books_are_right().await;
}
