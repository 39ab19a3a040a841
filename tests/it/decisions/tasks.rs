//! The inbox.

use super::{approves, id, inbox, record_of, refuses, task_about};
use crate::support::World;
use crate::support::world::CHIBI;
use ganhe::access::Role;
use ganhe::decisions::escalation::pass_deadlines;
use ganhe::kernel::ids::fresh;
use serde_json::json;

#[tokio::test]
async fn what_an_officer_proposes_waits_for_the_head_who_decides_it_through_the_inbox() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let task = task_about(&world.head, allocation).await;
    assert_eq!((&task["act"], &task["state"], &task["area"]), (&json!("allocation"), &json!("open"), &json!("421222")));
    assert_eq!(task["deadline"], "2022-12-29", "twenty working days");
    assert_eq!(inbox(&world.city_head).await.len(), 1, "the bureau above is in charge too");
    assert_eq!(inbox(&world.officer).await, [] as [serde_json::Value; 0], "an officer does not confirm");
    let own = world.city_officer.get("/tasks?as=proposer").await.granted();
    assert_eq!(own["items"][0]["id"], task["id"], "{own:#}");
    for stranger in [&mill.client, &world.chibi_officer, &world.bank.client] {
        stranger.get(&format!("/tasks/{}", id(&task))).await.is_refused_with("API_NOT_FOUND");
        approves(stranger, &task).await.is_refused_with("API_NOT_FOUND");
    }
    refuses(&world.head, &task, "").await.with_status(422);
    let no_reason = world.head.post(&format!("/tasks/{}/decide", id(&task)), json!({"outcome": "refused"})).await;
    no_reason.is_refused_with("TSK_REASON_MISSING");
    let decided = approves(&world.head, &task).await.granted();
    assert_eq!((&decided["state"], &decided["outcome"]), (&json!("decided"), &json!("approved")));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "10.000");
    let record = record_of(&world.head, &task).await;
    assert_eq!((&record["state"], &record["reason"]), (&json!("decided"), &json!("同意")));
    assert_eq!((&record["proposed_by"], &record["decided_by"]), (&task["proposed_by"], &decided["decided_by"]));
    approves(&world.city_head, &task).await.is_refused_with("TSK_OVER");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_operation_of_its_own_closes_the_task() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let confirmed = world.allocate(&mill, "10.000 t COD").await;
    let rejected = id(&world.propose_allocation(&mill, "5.000 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{rejected}/reject"), json!({"reason": "重复"})).await.granted();
    assert_eq!(inbox(&world.head).await.len(), 0);
    for (allocation, outcome) in [(confirmed, "approved"), (rejected, "refused")] {
        let path = format!("/tasks?state=decided&subject={allocation}");
        let found = world.head.get(&path).await.granted();
        assert_eq!(found["items"][0]["outcome"], outcome, "{found:#}");
        assert_eq!(record_of(&world.head, &found["items"][0]).await["outcome"], outcome);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn whoever_claims_a_task_holds_it_until_it_is_laid_down() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let task = task_about(&world.head, allocation).await;
    let path = |verb: &str| format!("/tasks/{}/{verb}", id(&task));
    let claimed = world.head.post(&path("claim"), json!({})).await.granted();
    assert_eq!((&claimed["state"], &claimed["version"]), (&json!("claimed"), &json!(2)));
    world.head.post(&path("claim"), json!({})).await.granted();
    world.city_head.post(&path("claim"), json!({})).await.is_refused_with("TSK_CLAIMED");
    approves(&world.city_head, &task).await.is_refused_with("TSK_CLAIMED");
    world.city_head.post(&path("release"), json!({})).await.is_refused_with("TSK_NOT_CLAIMED");
    world.city_officer.post(&path("withdraw"), json!({})).await.is_refused_with("TSK_NO_PROPOSAL");
    world.head.post(&path("release"), json!({})).await.granted();
    world.city_head.post(&path("claim"), json!({})).await.granted();
    let stale = world.city_head.request(reqwest::Method::POST, &path("decide")).header("If-Match", "\"1\"");
    let stale = stale.header("Idempotency-Key", fresh().to_string()).json(&json!({"outcome": "approved"}));
    crate::support::Answer::of(stale).await.is_refused_with("API_STALE_VERSION");
    approves(&world.city_head, &task).await.granted();
    world.books_are_right().await;
}

/// What is claimed or has gone to the head is so for the operation of its own, too.
#[tokio::test]
async fn the_operation_of_its_own_is_refused_as_the_inbox_is() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let task = task_about(&world.head, allocation).await;
    world.head.post(&format!("/tasks/{}/claim", id(&task)), json!({})).await.granted();
    let confirm = format!("/allocations/{allocation}/confirm");
    approves(&world.city_head, &task).await.with_status(409).is_refused_with("TSK_CLAIMED");
    world.city_head.post(&confirm, json!({})).await.with_status(409).is_refused_with("TSK_CLAIMED");
    let reject = world.city_head.post(&format!("/allocations/{allocation}/reject"), json!({"reason": "重复"})).await;
    reject.with_status(409).is_refused_with("TSK_CLAIMED");
    world.head.post(&confirm, json!({})).await.granted();

    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let offer = id(&mill.offers("5.000 t COD", "8790.00", &glass).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    let task = task_about(&world.officer, trade).await;
    world.days_pass(29);
    world.app.clock.advance(jiff::SignedDuration::from_mins(2));
    assert!(pass_deadlines(&world.app.shared.db, fresh()).await.unwrap() > 0);
    approves(&world.officer, &task).await.with_status(403).is_refused_with("TSK_ESCALATED");
    let approve = format!("/trades/{trade}/approve");
    world.officer.post(&approve, json!({})).await.with_status(403).is_refused_with("TSK_ESCALATED");
    world.head.post(&approve, json!({})).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn each_bureau_of_a_trade_has_its_task_and_a_refusal_ends_the_other() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    let glass = world.enterprise_in("赤壁玻璃", CHIBI, "glass").await;
    world.deposits(&glass, "1000000.00").await;
    let mut trades = Vec::new();
    for _ in 0..3 {
        let offer = id(&mill.offers("5.000 t COD", "8790.00", &glass).await.granted());
        trades.push(id(&glass.accepts(offer).await.granted()));
    }
    for trade in &trades[..2] {
        let task = task_about(&world.officer, *trade).await;
        assert_eq!((&task["area"], &task["act"]), (&json!("421222"), &json!("trade")));
        approves(&world.chibi_officer, &task).await.is_refused_with("API_NOT_FOUND");
        approves(&world.officer, &task).await.granted();
    }
    let last = task_about(&world.chibi_officer, trades[0]).await;
    approves(&world.chibi_officer, &last).await.granted();
    assert_eq!(world.auditor.get(&format!("/trades/{}", trades[0])).await.granted()["state"], "approved");
    let open = task_about(&world.chibi_officer, trades[1]).await;
    refuses(&world.chibi_officer, &open, "超出总量").await.granted();
    let first = task_about(&world.officer, trades[2]).await;
    let other = task_about(&world.chibi_officer, trades[2]).await;
    refuses(&world.officer, &first, "材料不全").await.granted();
    let ended = world.chibi_officer.get(&format!("/tasks/{}", id(&other))).await.granted();
    assert_eq!(ended["state"], "withdrawn");
    assert_eq!(record_of(&world.chibi_officer, &other).await["state"], "dropped");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "committed").await, "5.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_pledge_is_verified_and_agreed_through_two_inboxes() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = id(&world.bank.applies(&mill, "10.000 t COD").await.granted());
    let verification = task_about(&world.officer, pledge).await;
    approves(&world.officer, &verification).await.granted();
    let agreement = task_about(&mill.client, pledge).await;
    assert_eq!(agreement["act"], "pledge_agreement");
    approves(&mill.client, &agreement).await.granted();
    world.bank.registers(pledge).await.granted();
    let second = id(&world.bank.applies(&mill, "5.000 t COD").await.granted());
    let task = task_about(&world.officer, second).await;
    world.bank.client.post(&format!("/pledges/{second}/withdraw"), json!({})).await.granted();
    assert_eq!(world.officer.get(&format!("/tasks/{}", id(&task))).await.granted()["state"], "withdrawn");
    let third = id(&world.bank.applies(&mill, "5.000 t COD").await.granted());
    approves(&world.officer, &task_about(&world.officer, third).await).await.granted();
    refuses(&mill.client, &task_about(&mill.client, third).await, "不同意条款").await.granted();
    assert_eq!(world.auditor.get(&format!("/pledges/{third}")).await.granted()["state"], "refused");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_nobody_decides_in_time_goes_to_the_head_once_whichever_node_looks() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let offer = id(&mill.offers("5.000 t COD", "8790.00", &glass).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    let task = task_about(&world.officer, trade).await;
    world.officer.post(&format!("/tasks/{}/claim", id(&task)), json!({})).await.granted();
    let db = &world.app.shared.db;
    assert_eq!(pass_deadlines(db, fresh()).await.unwrap(), 0, "there is time");
    world.days_pass(29);
    world.app.clock.advance(jiff::SignedDuration::from_mins(2));
    let (one, other) = tokio::join!(pass_deadlines(db, fresh()), pass_deadlines(db, fresh()));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    let escalated = task_about(&world.officer, trade).await;
    assert_eq!((&escalated["state"], escalated["escalated_at"].is_string()), (&json!("open"), true));
    let head = world.head.get("/tasks?escalated=true").await.granted();
    assert_eq!(head["items"][0]["id"], task["id"]);
    approves(&world.officer, &task).await.is_refused_with("TSK_ESCALATED");
    approves(&world.head, &task).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn nobody_decides_their_own_unless_the_rules_ask_for_nobody_else_and_the_record_says_so() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let both = world.also(&world.city_officer, Role::BureauHead);
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let found = both.get("/tasks?as=proposer").await.granted();
    approves(&both, &found["items"][0]).await.is_refused_with("AUT_OWN_PROPOSAL");
    assert_eq!(inbox(&both).await.len(), 0);
    let path = format!("/allocations/{allocation}/confirm");
    both.post(&path, json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    world.adopts(&[("four_eyes_allocation", "off")]).await.granted();
    // What was opened under the old rules is decided by them.
    both.post(&path, json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    world.head.post(&path, json!({})).await.granted();
    let second = id(&world.propose_allocation(&mill, "5.000 t COD").await.granted());
    let task = task_about(&both, second).await;
    both.post(&format!("/allocations/{second}/confirm"), json!({})).await.granted();
    let record = record_of(&world.city_head, &task).await;
    assert_eq!(
        (&record["second_person"], &record["decided_by"]),
        (&json!(false), &record["proposed_by"]),
        "{record:#}"
    );
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_decide_the_same_thing_at_once_one_does() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let colleague = world.colleague_of(&world.head, Role::BureauHead).await;
    for round in 0..4 {
        let allocation = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
        let task = task_about(&world.head, allocation).await;
        let path = format!("/allocations/{allocation}/confirm");
        let answers = tokio::join!(
            approves(&world.head, &task),
            approves(&world.city_head, &task),
            refuses(&colleague, &task, "重复"),
            world.city_head.post(&path, json!({})),
        );
        let answers = [answers.0, answers.1, answers.2, answers.3];
        let granted = answers.iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(granted, 1, "round {round}: {answers:#?}");
        for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
            answer.with_status(409);
        }
    }
    world.books_are_right().await;
}
