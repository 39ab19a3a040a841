//! Decision records: reviewed when major, decided, published in time, withdrawn when changed.

use super::{approves, id, record_of, refuses, task_about};
use crate::support::World;
use ganhe::access::Role;
use serde_json::json;

#[tokio::test]
async fn a_major_decision_is_reviewed_by_a_third_person_before_it_is_made() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let lawyer = world.colleague_of(&world.head, Role::LegalReviewer).await;
    world.adopts(&[("major_acts", "allocation")]).await.granted();
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let task = task_about(&world.head, allocation).await;
    approves(&world.head, &task).await.is_refused_with("DEC_REVIEW_MISSING");
    world
        .head
        .post(&format!("/allocations/{allocation}/confirm"), json!({}))
        .await
        .is_refused_with("DEC_REVIEW_MISSING");
    let waiting = lawyer.get("/decisions?state=legal_review").await.granted();
    assert_eq!(waiting["items"][0]["id"], task["id"], "{waiting:#}");
    let path = format!("/decisions/{}/review", id(&task));
    let own = world.also(&world.city_officer, Role::LegalReviewer);
    own.post(&path, json!({"outcome": "agreed"})).await.is_refused_with("AUT_OWN_REVIEW");
    let opinion = json!({"outcome": "agreed", "opinion": "主体、权限、程序、依据均合法"});
    let reviewed = lawyer.post(&path, opinion).await.granted();
    assert_eq!((&reviewed["state"], &reviewed["review"]["outcome"]), (&json!("reviewed"), &json!("agreed")));
    let lawyer_decides = world.also(&lawyer, Role::BureauHead);
    approves(&lawyer_decides, &task).await.is_refused_with("AUT_OWN_REVIEW");
    approves(&world.head, &task).await.granted();
    let objected = id(&world.propose_allocation(&mill, "5.000 t COD").await.granted());
    let task = task_about(&world.head, objected).await;
    let no = json!({"outcome": "objected", "opinion": "依据不足"});
    lawyer.post(&format!("/decisions/{}/review", id(&task)), no).await.granted();
    approves(&world.head, &task).await.is_refused_with("DEC_REVIEW_OBJECTED");
    refuses(&world.head, &task, "法制审核未通过").await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "10.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_decision_is_published_by_its_day_and_withdrawn_within_three_working_days_of_a_change() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
        let task = task_about(&world.head, allocation).await;
        world
            .head
            .post(&format!("/decisions/{}/publish", id(&task)), json!({}))
            .await
            .is_refused_with("DEC_WRONG_STATE");
        approves(&world.head, &task).await.granted();
        tasks.push(task);
    }
    let publish = |at: usize| format!("/decisions/{}/publish", id(&tasks[at]));
    let withdraw = format!("/decisions/{}/withdraw", id(&tasks[0]));
    world.officer.post(&publish(0), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    let change = |day: &str| json!({"changed_on": day, "reason": "复议决定撤销原决定"});
    world.head.post(&withdraw, change("2022-12-01")).await.is_refused_with("DEC_WRONG_STATE");
    let published = world.head.post(&publish(0), json!({})).await.granted();
    assert_eq!((&published["state"], &published["publish_by"]), (&json!("published"), &json!("2022-12-08")));
    world.days_pass(8);
    let overdue = world.head.get("/decisions?overdue=true").await.granted();
    assert_eq!(overdue["items"].as_array().unwrap().len(), 1, "{overdue:#}");
    assert_eq!((&overdue["items"][0]["id"], &overdue["items"][0]["is_late"]), (&tasks[1]["id"], &json!(true)));
    assert_eq!(world.head.post(&publish(1), json!({})).await.granted()["is_late"], true, "late, and told so");
    for outside in ["2022-11-30", "2022-12-10"] {
        world.head.post(&withdraw, change(outside)).await.is_refused_with("DEC_BAD_CHANGE");
    }
    let withdrawn = world.head.post(&withdraw, change("2022-12-07")).await.granted();
    assert_eq!(withdrawn["withdrawn"]["withdraw_by"], "2022-12-12");
    assert_eq!((&withdrawn["state"], &withdrawn["is_late"]), (&json!("withdrawn"), &json!(false)));
    let found =
        world.auditor.get("/decisions?from=2022-12-01&to=2022-12-01&act=allocation&outcome=approved").await.granted();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    assert_eq!(record_of(&world.auditor, &tasks[0]).await["version"], 4);
    world.chibi_officer.get(&format!("/decisions/{}", id(&tasks[0]))).await.is_refused_with("API_NOT_FOUND");
    let versions = world.auditor.get(&format!("/audit/records?table=decisions&key={}", id(&tasks[0]))).await.granted();
    assert_eq!(versions["items"].as_array().unwrap().len(), 4, "the whole way is recorded");
    world.books_are_right().await;
}
