//! Who the second person is: another one of the same organisation, who approves by role, and whose approval counts once.

use super::{Mill, seen, takes_back};
use crate::decisions::{approves, id, inbox, refuses};
use crate::support::Answer;
use crate::support::world::{Enterprise, Member, TONGCHENG};
use ganhe::access::Role;
use ganhe::decisions::escalation::pass_deadlines;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};

#[tokio::test]
async fn an_offer_waits_for_the_approver_and_names_both_people() {
    let mill = Mill::asking_for(&["offer"]).await;
    mill.own.offers("11.000 t COD", "8790.00", &mill.glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    let answer = mill.own.offers("6.000 t COD", "8790.00", &mill.glass).await;
    let task = answer.with_status(202).clone().granted();
    assert_eq!(answer.headers["location"].to_str().unwrap(), format!("/api/v1/tasks/{}", id(&task)));
    assert_eq!((&task["act"], &task["organisation"]), (&json!("offer"), &json!(mill.own.id)));
    assert_eq!(mill.held().await, "0", "nothing is held yet");
    let other = mill.world.member(mill.own.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    for member in [&mill.li, &other, &mill.wang] {
        assert_eq!(inbox(&member.client).await, [] as [Value; 0]);
        approves(&member.client, &task).await.with_status(403).is_refused_with("AUT_NOT_ALLOWED");
    }
    approves(&mill.glass.client, &task).await.with_status(404);
    assert_eq!(inbox(&mill.zhao.client).await.len(), 1);
    let decided = approves(&mill.zhao.client, &task).await.granted();
    assert_eq!((&decided["subject_kind"], &decided["state"]), (&json!("offer"), &json!("decided")));
    assert_eq!((&decided["proposed_by"], &decided["decided_by"]), (&json!(mill.li.id), &json!(mill.zhao.id)));
    assert_eq!(mill.held().await, "6.000");
    let journals = format!("/audit/journals?subject={}", decided["subject"].as_str().unwrap());
    let journal = mill.world.auditor.get(&journals).await.granted()["items"][0].clone();
    assert_eq!((&journal["actor"], &journal["proposed_by"]), (&json!(mill.zhao.id), &json!(mill.li.id)));
    let own = mill.li.client.get(&format!("/journals/{}", id(&journal))).await.granted();
    assert_eq!(own["proposed_by"], json!(mill.li.id), "the mill reads it as well");
    let about = format!("/tasks?as=proposer&state=decided&subject={}", decided["subject"].as_str().unwrap());
    assert_eq!(mill.li.client.get(&about).await.granted()["items"][0]["id"], task["id"]);
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn what_is_done_without_a_second_person_names_one() {
    let mill = Mill::asking_for(&["consent"]).await;
    let offer = id(&mill.own.offers("6.000 t COD", "8790.00", &mill.glass).await.with_status(201).clone().granted());
    let journals = mill.world.auditor.get(&format!("/audit/journals?subject={offer}")).await.granted();
    let journal = &journals["items"][0];
    assert_eq!((&journal["actor"], &journal["proposed_by"]), (&json!(mill.li.id), &json!(null)));
}

#[tokio::test]
async fn one_approval_serves_the_rulebook_and_the_mill_and_only_an_approver_gives_it() {
    let mill = Mill::asking_for(&[]).await;
    mill.world.adopts(&[("four_eyes_offer", "on")]).await.granted();
    let other = mill.world.member(mill.own.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let by_rule = mill.offer("1.000 t COD").await;
    approves(&other.client, &by_rule).await.granted();
    mill.asks_for(&["offer"]).await.with_status(200);
    let by_both = mill.offer("1.000 t COD").await;
    approves(&other.client, &by_both).await.is_refused_with("AUT_NOT_ALLOWED");
    approves(&mill.qian.client, &by_both).await.granted();
    assert_eq!(mill.held().await, "2.000", "each once");
    mill.world.adopts(&[("four_eyes_offer", "off")]).await.granted();
    let by_own = mill.offer("1.000 t COD").await;
    let none = mill.asks_for(&[]).await.granted();
    approves(&mill.qian.client, &none).await.granted();
    approves(&other.client, &by_own).await.is_refused_with("AUT_NOT_ALLOWED");
    approves(&mill.qian.client, &by_own).await.granted();
    mill.world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_approvers_at_the_same_moment_one_counts() {
    let mill = Mill::asking_for(&["offer"]).await;
    for _ in 0..4 {
        let task = mill.offer("1.000 t COD").await;
        let (one, other) = tokio::join!(approves(&mill.zhao.client, &task), approves(&mill.qian.client, &task));
        let codes: Vec<u16> = [&one, &other].iter().map(|answer| answer.status.as_u16()).collect();
        assert!(codes.contains(&200) && codes.contains(&409), "{:#} {:#}", one.body, other.body);
        let late = if one.status == 200 { &other } else { &one };
        late.is_refused_with("TSK_OVER");
    }
    assert_eq!(mill.held().await, "4.000");
    mill.world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_yes_and_a_no_at_the_same_moment_one_counts() {
    let mill = Mill::asking_for(&["offer"]).await;
    let task = mill.offer("6.000 t COD").await;
    let (yes, no) = tokio::join!(approves(&mill.zhao.client, &task), refuses(&mill.qian.client, &task, "价格过低"));
    assert_ne!(yes.status == 200, no.status == 200, "{:#} {:#}", yes.body, no.body);
    assert_eq!(mill.held().await, if yes.status == 200 { "6.000" } else { "0" });
    mill.world.books_are_right().await;
}

async fn hands(from: &Member, to: &Member) -> uuid::Uuid {
    let body = json!({"delegate": to.id, "until": "2022-12-05T00:00:00+08:00"});
    id(&from.client.post("/delegations", body).await.granted())
}

#[tokio::test]
async fn a_delegate_of_the_approver_approves_and_all_are_named() {
    let mill = Mill::asking_for(&["offer"]).await;
    let sun = mill.world.member(mill.own.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let task = mill.offer("6.000 t COD").await;
    let delegation = hands(&mill.zhao, &sun).await;
    let acting = sun.client.acting_for(delegation);
    let decided = approves(&acting, &task).await.granted();
    assert_eq!((&decided["proposed_by"], &decided["decided_by"]), (&json!(mill.li.id), &json!(sun.id)));
    let acts = mill.zhao.client.get(&format!("/delegations/{delegation}/acts")).await.granted();
    let act = acts["items"].as_array().unwrap().iter().find(|act| act["act_kind"] == "journal").unwrap();
    assert_eq!((&act["principal"], &act["permission"]), (&json!(mill.zhao.id), &json!("approve_act")));
    let journal = mill.li.client.get(&format!("/journals/{}", act["act"].as_str().unwrap())).await.granted();
    assert_eq!((&journal["actor"], &journal["proposed_by"]), (&json!(sun.id), &json!(mill.li.id)));
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn whoever_acts_for_the_proposer_or_from_them_is_no_second_person() {
    let mill = Mill::asking_for(&["offer"]).await;
    let first = mill.offer("1.000 t COD").await;
    // Zhao's own proposer stands in for Zhao.
    let acting = mill.li.client.acting_for(hands(&mill.zhao, &mill.li).await);
    approves(&acting, &first).await.with_status(403).is_refused_with("AUT_OWN_PROPOSAL");
    approves(&mill.zhao.client, &first).await.with_status(403).is_refused_with("AUT_BOUND_TO_PROPOSER");
    // Qian proposes in Li's place.
    let qian = mill.qian.client.acting_for(hands(&mill.li, &mill.qian).await);
    let proposing = Enterprise { client: qian, ..mill.own.clone() };
    let second = proposing.offers("1.000 t COD", "8790.00", &mill.glass).await.with_status(202).clone().granted();
    approves(&mill.qian.client, &second).await.with_status(403).is_refused_with("AUT_OWN_PROPOSAL");
    approves(&mill.qian.client, &first).await.with_status(403).is_refused_with("AUT_BOUND_TO_PROPOSER");
    approves(&mill.zhao.client, &second).await.granted();
    let third = mill.world.member(mill.own.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    approves(&third.client, &first).await.granted();
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn what_a_suspended_approver_had_taken_up_is_free_for_another() {
    let mill = Mill::asking_for(&["offer"]).await;
    let task = mill.offer("6.000 t COD").await;
    let claim = format!("/tasks/{}/claim", id(&task));
    mill.zhao.client.post(&claim, json!({})).await.granted();
    approves(&mill.qian.client, &task).await.is_refused_with("TSK_CLAIMED");
    mill.wang.client.post(&format!("/users/{}/suspend", mill.zhao.id), json!({})).await.granted();
    approves(&mill.zhao.client, &task).await.with_status(401);
    assert_eq!(mill.held().await, "0");
    assert_eq!(seen(&mill.qian.client, &task).await["state"], "open");
    mill.qian.client.post(&claim, json!({})).await.granted();
    let third = mill.world.member(mill.own.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    let trader = json!({"roles": ["enterprise_trader"]});
    mill.wang.client.post(&format!("/users/{}/roles", mill.qian.id), trader).await.granted();
    assert_eq!(seen(&third.client, &task).await["state"], "open", "other roles free it as well");
    approves(&third.client, &task).await.granted();
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn what_is_refused_withdrawn_or_lapsed_has_held_nothing() {
    let mill = Mill::asking_for(&["offer"]).await;
    mill.world.adopts(&[("proposal_days", "5")]).await.granted();
    let [refused, withdrawn, lapsed] =
        [mill.offer("3.000 t COD").await, mill.offer("3.000 t COD").await, mill.offer("3.000 t COD").await];
    let no_reason = json!({"outcome": "refused"});
    let path = format!("/tasks/{}/decide", id(&refused));
    mill.zhao.client.post(&path, no_reason).await.is_refused_with("TSK_REASON_MISSING");
    refuses(&mill.zhao.client, &refused, "价格过低").await.granted();
    takes_back(&mill.zhao.client, &withdrawn).await.is_refused_with("TSK_NOT_YOUR_PROPOSAL");
    takes_back(&mill.li.client, &withdrawn).await.granted();
    mill.world.days_pass(8);
    pass_deadlines(&mill.world.app.shared.db, fresh()).await.unwrap();
    for (task, state) in [(&refused, "decided"), (&withdrawn, "withdrawn"), (&lapsed, "lapsed")] {
        assert_eq!(seen(&mill.zhao.client, task).await["state"], state);
        approves(&mill.zhao.client, task).await.with_status(409).is_refused_with("TSK_OVER");
    }
    assert_eq!(mill.held().await, "0");
    assert_eq!(mill.world.balance(mill.own.site, &mill.own.class("COD"), "available").await, "10.000");
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn it_is_judged_again_and_the_approver_is_told_what_it_would_break() {
    let mill = Mill::asking_for(&["offer"]).await;
    let (one, other) = (mill.offer("6.000 t COD").await, mill.offer("6.000 t COD").await);
    approves(&mill.zhao.client, &one).await.granted();
    let told: Answer = approves(&mill.zhao.client, &other).await;
    told.with_status(422).is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    assert_eq!(seen(&mill.zhao.client, &other).await["state"], "open");
    let suspension = json!({"reason": "未按规定报告排放数据"});
    mill.world.head.post(&format!("/organisations/{}/suspend", mill.own.id), suspension.clone()).await.granted();
    approves(&mill.zhao.client, &other).await.with_status(403).is_refused_with("AUT_ORGANISATION_SUSPENDED");
    mill.world.head.post(&format!("/organisations/{}/reinstate", mill.own.id), suspension).await.granted();
    let offers = mill.li.client.get("/offers").await.granted();
    let first = id(&offers["items"][0]);
    mill.li.client.post(&format!("/offers/{first}/withdraw"), json!({})).await.granted();
    approves(&mill.zhao.client, &other).await.granted();
    assert_eq!(mill.held().await, "6.000");
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn a_program_is_no_second_person() {
    let mill = Mill::asking_for(&["offer"]).await;
    let program = json!({
        "organisation": mill.own.id, "name": "厂内系统", "roles": ["enterprise_approver"],
        "scopes": ["read_tasks", "decide_task", "approve_act"],
    });
    mill.wang.client.post("/api-clients", program).await.with_status(422).is_refused_with("AUT_SCOPE_MISMATCH");
}
