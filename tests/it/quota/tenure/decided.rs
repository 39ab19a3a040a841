//! Surrenders and variations: proposed by one, decided by another, with the liens looked at first.

use super::{act, approves, capacity, granted, holding, id, pledged, stands, surrender, surrenders};
use crate::decisions::{approves as approves_task, record_of, task_about};
use crate::support::World;
use crate::support::world::TONGCHENG;
use ganhe::access::Role;
use serde_json::json;
use uuid::Uuid;

const END: &str = "2025-12-31";

#[tokio::test]
async fn an_enterprise_gives_rights_up_and_a_bureau_decides() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "100.000", "paid", END).await;
    let proposed = surrenders(&mill, &class, "30.000").await.with_status(201).clone().granted();
    let surrender = id(&proposed);
    assert_eq!(
        (&proposed["kind"], &proposed["state"], &proposed["cause"]),
        (&json!("surrender"), &json!("proposed"), &json!("end_of_discharge"))
    );
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "100.000")]), "nothing moves yet");
    approves(&mill.client, surrender).await.is_refused_with("AUT_NOT_ALLOWED");
    approves(&world.officer, surrender).await.is_refused_with("AUT_NOT_ALLOWED");
    let task = task_about(&world.head, surrender).await;
    assert_eq!((&task["act"], &task["area"]), (&json!("surrender"), &json!(TONGCHENG)));
    let done = approves(&world.head, surrender).await.granted();
    assert_eq!(
        (&done["state"], &done["moved"], &done["version"]),
        (&json!("carried_out"), &json!("30.000"), &json!(2))
    );
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "70.000"), ("retired", "30.000")]));
    assert_eq!(capacity(&world).await, ["930.000", "0.000", "70.000"]);
    let record = record_of(&world.head, &task).await;
    assert_eq!((&record["outcome"], &record["reason"]), (&json!("approved"), &json!("资料齐全")), "{record:#}");
    assert_ne!(record["decided_by"], record["proposed_by"]);
    approves(&world.head, surrender).await.is_refused_with("QTA_ACT_WRONG_STATE").with_status(409);
    world.books_are_right().await;
}

#[tokio::test]
async fn the_same_key_gives_up_and_decides_once() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "100.000", "paid", END).await;
    let body = surrender(&mill, &class, "10.000");
    let first = mill.client.post_with_key("/surrenders", body.clone(), "surrender-1").await.granted();
    let again = mill.client.post_with_key("/surrenders", body, "surrender-1").await.granted();
    assert_eq!(first["id"], again["id"]);
    let other = surrender(&mill, &class, "11.000");
    mill.client.post_with_key("/surrenders", other, "surrender-1").await.with_status(409);
    let approve = format!("/right-acts/{}/approve", id(&first));
    for _ in 0..2 {
        let done = world.head.post_with_key(&approve, json!({}), "approval-1").await.granted();
        assert_eq!((&done["state"], &done["version"]), (&json!("carried_out"), &json!(2)));
    }
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "90.000"), ("retired", "10.000")]));
    let acts = mill.client.get("/right-acts?kind=surrender").await.granted();
    assert_eq!(acts["items"].as_array().unwrap().len(), 1);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_pledged_or_held_is_not_given_up_and_the_lien_is_named() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    surrenders(&mill, &class, "10.001").await.is_refused_with("QTA_NOT_ENOUGH_AVAILABLE");
    let waiting = id(&surrenders(&mill, &class, "7.000").await.granted());
    let pledge = pledged(&world, &world.bank, &mill, &class, "4.000").await;
    let number = world.bank.client.get(&format!("/pledges/{pledge}")).await.text("number");
    for refused in [surrenders(&mill, &class, "7.000").await, approves(&world.head, waiting).await] {
        refused.is_refused_with("QTA_LIENS_IN_THE_WAY").with_status(422);
        let named = refused.body["violations"][0]["message"].as_str().unwrap();
        assert!(named.contains(&number), "{named}");
    }
    surrenders(&mill, &class, "6.000").await.with_status(201);
    world.bank.releases(pledge).await.granted();
    assert_eq!(approves(&world.head, waiting).await.granted()["state"], "carried_out");
    world.books_are_right().await;
}

#[tokio::test]
async fn it_is_refused_or_taken_back_before_it_is_decided() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    surrenders(&glass, &class, "1.000").await.is_refused_with("QTA_NOT_ENOUGH_AVAILABLE");
    let of_mill =
        json!({"site": mill.site, "right_class": class, "quantity": "1.000", "cause": "voluntary", "document": "1"});
    glass.client.post("/surrenders", of_mill).await.is_refused_with("QTA_NOT_YOUR_SITE").with_status(403);
    let mut strange = surrender(&mill, &class, "1.000");
    strange["cause"] = json!("bankruptcy");
    mill.client.post("/surrenders", strange).await.is_refused_with("API_UNKNOWN_WORD");
    let refused = id(&surrenders(&mill, &class, "1.000").await.granted());
    world
        .xianan_officer
        .post(&format!("/right-acts/{refused}/refuse"), json!({}))
        .await
        .is_refused_with("AUT_NOT_ALLOWED");
    let no = world.head.post(&format!("/right-acts/{refused}/refuse"), json!({"reason": "仍在排放"})).await.granted();
    assert_eq!((&no["state"], &no["reason"]), (&json!("refused"), &json!("仍在排放")));
    let withdrawn = id(&surrenders(&mill, &class, "1.000").await.granted());
    let withdraw = format!("/right-acts/{withdrawn}/withdraw");
    let colleague = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    colleague.client.post(&withdraw, json!({})).await.is_refused_with("QTA_NOT_YOUR_ACT");
    glass.client.post(&withdraw, json!({})).await.with_status(404);
    assert_eq!(mill.client.post(&withdraw, json!({})).await.text("state"), "withdrawn");
    assert_eq!(world.head.get(&format!("/tasks?subject={withdrawn}")).await.granted()["items"], json!([]));
    approves(&world.head, withdrawn).await.is_refused_with("QTA_ACT_WRONG_STATE");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "10.000")]));
    world.books_are_right().await;
}

#[tokio::test]
async fn where_the_enterprise_asks_for_a_second_person_the_bureau_hears_of_it_after_that() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    let keeper = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let approver = world.member(mill.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    let acts = json!({"acts": ["surrender_proposal"]});
    keeper.client.post(&format!("/organisations/{}/approvals", mill.id), acts).await.with_status(200);
    let task = surrenders(&mill, &class, "4.000").await.with_status(202).clone().granted();
    assert_eq!(task["act"], "surrender_proposal");
    assert_eq!(world.head.get("/right-acts").await.granted()["items"], json!([]), "nothing is proposed yet");
    surrenders(&mill, &class, "10.001").await.is_refused_with("QTA_NOT_ENOUGH_AVAILABLE");
    let decided = approves_task(&approver.client, &task).await.granted();
    let surrender: Uuid = decided["subject"].as_str().unwrap().parse().unwrap();
    assert_eq!(act(&world, surrender).await["state"], "proposed");
    let bureaus = task_about(&world.head, surrender).await;
    assert_eq!(approves_task(&world.head, &bureaus).await.granted()["outcome"], "approved");
    assert_eq!(act(&world, surrender).await["state"], "carried_out");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_bureau_varies_rights_downward_by_two_people_and_with_cause() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "free", END).await;
    let body = |cause: &str, quantity: &str| json!({"site": mill.site, "right_class": class, "quantity": quantity, "cause": cause, "document": "咸环总量〔2022〕9号"});
    mill.client.post("/variations", body("total_control", "1.000")).await.is_refused_with("AUT_NOT_ALLOWED");
    world.xianan_officer.post("/variations", body("total_control", "1.000")).await.is_refused_with("ORG_OUTSIDE_AREA");
    world.officer.post("/variations", body("voluntary", "1.000")).await.is_refused_with("API_UNKNOWN_WORD");
    let both = world.also(&world.officer, Role::BureauHead);
    let varied = id(&both.post("/variations", body("total_control", "1.500")).await.granted());
    approves(&both, varied).await.is_refused_with("AUT_OWN_PROPOSAL");
    assert_eq!(approves(&world.head, varied).await.granted()["state"], "carried_out");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "8.500"), ("retired", "1.500")]));
    assert_eq!(capacity(&world).await, ["991.500", "0.000", "8.500"]);
    let seen = mill.client.get("/right-acts?kind=variation").await.granted();
    assert_eq!(seen["items"][0]["cause"], "total_control", "who loses them is told why");
    world.books_are_right().await;
}
