//! Decision records: unpublished ones are for those in charge, and the party learns who reads them; published ones are for everybody.

use super::id;
use crate::support::world::{CHIBI, TONGCHENG};
use crate::support::{Client, World};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// Operations that an organisation is told somebody has read.
async fn told(world: &World, organisation: Uuid, reader: &Client) -> Vec<String> {
    let reader = reader.get("/me").await.granted();
    let path =
        format!("/audit/access-log?organisation={organisation}&reader={}&limit=200", reader["user"].as_str().unwrap());
    let found = world.auditor.get(&path).await.granted();
    let items = found["items"].as_array().unwrap();
    items.iter().map(|item| item["operation"].as_str().unwrap().to_owned()).collect()
}

async fn decisions(client: &Client, subject: Uuid) -> Vec<Value> {
    client.get(&format!("/decisions?subject={subject}")).await.granted()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_is_not_published_is_read_by_those_in_charge_and_what_is_by_everybody() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("通城造纸").await, world.enterprise_in("赤壁玻璃", CHIBI, "glass").await);
    let keeper = world.member(glass.id, CHIBI, &[Role::OrganisationAdmin]).await;
    let allocation = world.allocate(&mill, "10.000 t COD").await;
    let decision = id(&decisions(&world.head, allocation).await[0]);
    let path = format!("/decisions/{decision}");
    let everybody = [
        ("the party itself", &mill.client),
        ("another enterprise", &glass.client),
        ("its administrator", &keeper.client),
        ("the bank", &world.bank.client),
        ("the settlement bank", &world.settlement),
        ("the exchange", &world.exchange),
        ("a bureau beside it", &world.chibi_officer),
    ];
    for (who, client) in &everybody {
        client.get(&path).await.with_status(404);
        assert!(decisions(client, allocation).await.is_empty(), "{who} reads what is not published");
    }
    for client in [&world.officer, &world.city_head, &world.auditor, &world.operator] {
        client.get(&path).await.granted();
    }
    world.head.post(&format!("{path}/publish"), json!({})).await.granted();
    for (who, client) in &everybody {
        let read = client.get(&path).await.granted();
        assert_eq!((&read["state"], &read["outcome"]), (&json!("published"), &json!("approved")), "{who}");
        assert_eq!(decisions(client, allocation).await.len(), 1, "{who}");
        client
            .post(&format!("{path}/withdraw"), json!({"changed_on": "2022-12-01", "reason": "x"}))
            .await
            .with_status(403);
    }
    world.nobody().get(&path).await.with_status(401);
    let change = json!({"changed_on": "2022-12-01", "reason": "复议决定撤销原决定"});
    world.head.post(&format!("{path}/withdraw"), change).await.granted();
    for (who, client) in &everybody {
        client.get(&path).await.with_status(404);
        assert!(decisions(client, allocation).await.is_empty(), "{who} reads what was withdrawn");
    }
    world.officer.get(&path).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_party_learns_who_reads_its_tasks_and_its_decisions_until_they_are_published() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = id(&world.bank.applies(&mill, "10.000 t COD").await.granted());
    let offer = id(&mill.offers("5.000 t COD", "8790.00", &glass).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    let allocation = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
    let applied = crate::organisations::applicant(&world, "paper.wang").await.organisation;
    let bureau: Uuid = world.head.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
    let read = ["/tasks", "/tasks/{id}", "/decisions", "/decisions/{id}"].map(|path| format!("GET /api/v1{path}"));
    for (subject, parties) in [
        (allocation, vec![mill.id]),
        (trade, vec![mill.id, glass.id]),
        (pledge, vec![mill.id, world.bank.id]),
        (applied, vec![applied]),
    ] {
        // Each has a reader of its own, so that one read does not stand for another.
        let reader = world.member(bureau, TONGCHENG, &[Role::BureauHead]).await.client;
        let found = reader.get(&format!("/tasks?subject={subject}")).await.granted();
        let task = id(&found["items"][0]);
        reader.get(&format!("/tasks/{task}")).await.granted();
        assert_eq!(decisions(&reader, subject).await.len(), 1);
        reader.get(&format!("/decisions/{task}")).await.granted();
        for party in parties {
            let told = told(&world, party, &reader).await;
            assert!(read.iter().all(|operation| told.contains(operation)), "{party} of {subject}: {told:?}");
        }
    }
    world.head.post(&format!("/allocations/{allocation}/confirm"), json!({})).await.granted();
    let decision = id(&decisions(&world.head, allocation).await[0]);
    world.head.post(&format!("/decisions/{decision}/publish"), json!({})).await.granted();
    let reader = world.member(bureau, TONGCHENG, &[Role::BureauOfficer]).await.client;
    reader.get(&format!("/decisions/{decision}")).await.granted();
    glass.client.get(&format!("/decisions/{decision}")).await.granted();
    assert_eq!(told(&world, mill.id, &reader).await, [] as [String; 0], "what is published is read by anybody");
    assert!(told(&world, mill.id, &glass.client).await.iter().all(|operation| !operation.contains("decisions")));
    world.books_are_right().await;
}
