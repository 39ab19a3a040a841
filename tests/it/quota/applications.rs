//! Applications for rights: the mill applies, the county's bureau accepts, asks for corrections, proposes or rejects, or is silent.

use super::batches::id;
use crate::decisions::{approves, inbox, record_of, refuses, task_about};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise, TONGCHENG, VALIDITY};
use crate::support::{Answer, Client};
use ganhe::access::Role;
use ganhe::decisions::escalation::pass_deadlines;
use ganhe::kernel::ids::fresh;
use ganhe::quota::applications::silence::pass_terms;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const LIST: &str = "/allocation-applications";

/// What the mill asks for: rights such as `"12.500 t COD"`.
fn asked(mill: &Enterprise, holding: &str) -> Value {
    let (quantity, pollutant) = holding.split_once(" t ").unwrap();
    json!({
        "site": mill.site, "pollutant": pollutant, "origin": "paid", "valid_from": VALIDITY.0, "valid_to": VALIDITY.1,
        "quantity": quantity, "statement": "二期扩建项目",
    })
}

async fn drafts(mill: &Enterprise, holding: &str) -> Uuid {
    id(&mill.client.post(LIST, asked(mill, holding)).await.granted())
}

async fn step(client: &Client, application: Uuid, verb: &str, body: Value) -> Answer {
    client.post(&format!("{LIST}/{application}/{verb}"), body).await
}

/// An application that the bureau waits to look at.
pub async fn submitted(mill: &Enterprise, holding: &str) -> Uuid {
    let application = drafts(mill, holding).await;
    step(&mill.client, application, "submit", json!({})).await.granted();
    application
}

/// One that was corrected once and then accepted.
pub async fn accepted(world: &World, mill: &Enterprise, holding: &str) -> Uuid {
    let application = submitted(mill, holding).await;
    let lacks = json!({"points": ["缺少环评批复", "数量与排污许可证不一致"], "days": 5});
    step(&world.officer, application, "request-correction", lacks).await.granted();
    step(&mill.client, application, "submit", json!({})).await.granted();
    step(&world.officer, application, "accept", json!({"reason": "材料齐全"})).await.granted();
    application
}

async fn found(client: &Client, application: Uuid) -> Value {
    client.get(&format!("{LIST}/{application}")).await.granted()
}

#[tokio::test]
async fn what_the_mill_applies_for_becomes_a_grant_that_a_second_person_confirms() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let evidence = id(&mill.client.upload("a.pdf", "application/pdf", b"%PDF-1.7 approval").await.granted());
    let draft = mill.client.post(LIST, asked(&mill, "12.500 t COD")).await.granted();
    assert_eq!((&draft["state"], &draft["number"], &draft["zone"]), (&json!("draft"), &Value::Null, &json!("LUSHUI")));
    let application = id(&draft);
    let handed = step(&mill.client, application, "submit", json!({"documents": [evidence]})).await.granted();
    assert_eq!((&handed["state"], &handed["number"]), (&json!("submitted"), &json!("AP-2022-000001")));
    assert_eq!(handed["accept_until"], "2022-12-08", "five working days");
    world.officer.get(&format!("/documents/{evidence}/content")).await.with_status(200);
    let task = task_about(&world.officer, application).await;
    assert_eq!((&task["act"], &task["deadline"]), (&json!("application_acceptance"), &json!("2022-12-08")));
    approves(&world.officer, &task).await.granted();
    let record = record_of(&world.officer, &task).await;
    assert_eq!((&record["state"], &record["outcome"]), (&json!("decided"), &json!("approved")));
    let accepted = found(&mill.client, application).await;
    assert_eq!((&accepted["accepted_on"], &accepted["decide_until"]), (&json!("2022-12-01"), &json!("2022-12-29")));
    let decision = task_about(&world.officer, application).await;
    assert_eq!((&decision["act"], &decision["deadline"]), (&json!("application_decision"), &json!("2022-12-29")));
    let more = json!({"quantity": "12.501"});
    step(&world.officer, application, "propose", more).await.is_refused_with("QTA_OVER_APPLICATION");
    let less = json!({"quantity": "12.000", "document": "咸环核〔2022〕118号", "reason": "同意核定"});
    let proposed = step(&world.officer, application, "propose", less).await.granted();
    assert_eq!(record_of(&world.officer, &decision).await["outcome"], "approved");
    let grant = proposed["allocation"].as_str().unwrap().to_owned();
    let found = mill.client.get(&format!("{LIST}?allocation={grant}")).await.granted();
    assert_eq!(found["items"][0]["number"], "AP-2022-000001");
    let confirm = format!("/allocations/{grant}/confirm");
    world.officer.post(&confirm, json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    let confirmed = world.head.post(&confirm, json!({})).await.granted();
    assert_eq!((&confirmed["state"], &confirmed["document"]), (&json!("active"), &json!("咸环核〔2022〕118号")));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "12.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn everything_that_is_missing_is_told_once() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let application = submitted(&mill, "12.500 t COD").await;
    let lacks = json!({"points": ["缺少环评批复", "数量与排污许可证不一致"], "days": 10});
    for (body, code) in [
        (json!({"points": []}), "API_BAD_COUNT"),
        (json!({"points": ["缺"], "days": 0}), "QTA_BAD_TERM"),
        (json!({"points": ["缺"], "days": 251}), "QTA_BAD_TERM"),
    ] {
        step(&world.officer, application, "request-correction", body).await.is_refused_with(code);
    }
    let told = step(&world.officer, application, "request-correction", lacks.clone()).await.granted();
    assert_eq!((&told["state"], &told["correct_until"]), (&json!("correction_requested"), &json!("2022-12-15")));
    assert_eq!(told["correction_points"], json!(["缺少环评批复", "数量与排污许可证不一致"]));
    assert_eq!(inbox(&world.officer).await.len(), 0, "the bureau has kept its term");
    let late = json!({"reason": "逾期未补正"});
    step(&world.officer, application, "reject", late).await.is_refused_with("QTA_CORRECTION_RUNNING");
    step(&world.officer, application, "accept", json!({})).await.is_refused_with("QTA_APPLICATION_STATE");
    let mut revised = asked(&mill, "11.000 t COD");
    revised.as_object_mut().unwrap().remove("site");
    let path = format!("{LIST}/{application}/revise");
    let stale = mill.client.request(Method::POST, &path).header("If-Match", "\"2\"");
    let stale = Answer::of(stale.header("Idempotency-Key", fresh().to_string()).json(&revised)).await;
    stale.with_status(412);
    mill.client.post(&path, revised).await.granted();
    world.days_pass(1);
    let again = step(&mill.client, application, "submit", json!({})).await.granted();
    assert_eq!((&again["quantity"], &again["accept_until"]), (&json!("11.000"), &json!("2022-12-09")));
    assert_eq!(again["number"], "AP-2022-000001");
    step(&world.officer, application, "request-correction", lacks).await.is_refused_with("QTA_CORRECTED_ALREADY");
    step(&world.officer, application, "accept", json!({})).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn who_does_not_correct_in_time_may_be_turned_down_and_without_a_term_may_not() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let (bound, free) = (submitted(&mill, "1.000 t COD").await, submitted(&mill, "1.000 t SO2").await);
    let points = json!(["缺少环评批复"]);
    step(&world.officer, bound, "request-correction", json!({"points": points, "days": 3})).await.granted();
    step(&world.officer, free, "request-correction", json!({"points": points})).await.granted();
    world.days_pass(5);
    let late = json!({"reason": "逾期未补正"});
    step(&world.officer, bound, "reject", late.clone()).await.is_refused_with("QTA_CORRECTION_RUNNING");
    world.days_pass(1);
    assert_eq!(step(&world.officer, bound, "reject", late.clone()).await.text("state"), "rejected");
    step(&world.officer, free, "reject", late).await.is_refused_with("QTA_APPLICATION_STATE");
    assert_eq!(step(&mill.client, free, "withdraw", json!({})).await.text("state"), "withdrawn");
    world.books_are_right().await;
}

#[tokio::test]
async fn silence_accepts_once_whichever_node_looks_since_the_day_on_which_it_came() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let (silent, told) = (submitted(&mill, "12.500 t COD").await, submitted(&mill, "1.000 t SO2").await);
    step(&world.officer, told, "request-correction", json!({"points": ["缺少环评批复"]})).await.granted();
    world.days_pass(7);
    let node = fresh();
    assert_eq!(pass_terms(&world.app.shared.db, node).await.unwrap(), 0, "the last day counts");
    world.days_pass(1);
    let lacks = json!({"points": ["缺少环评批复"]});
    step(&world.officer, silent, "request-correction", lacks).await.is_refused_with("QTA_ACCEPTED_BY_SILENCE");
    let no = json!({"reason": "不属于本机关职权"});
    step(&world.officer, silent, "reject", no).await.is_refused_with("QTA_ACCEPTED_BY_SILENCE");
    let looks = [node, fresh(), fresh(), node].map(|holder| {
        let db = world.app.shared.db.clone();
        tokio::spawn(async move { pass_terms(&db, holder).await.unwrap() })
    });
    let mut accepted = 0;
    for look in looks {
        accepted += look.await.unwrap();
    }
    assert_eq!(accepted, 1);
    let application = found(&mill.client, silent).await;
    assert_eq!((&application["state"], &application["accepted_by"]), (&json!("accepted"), &Value::Null));
    assert_eq!(
        (&application["accepted_on"], &application["decide_until"]),
        (&json!("2022-12-01"), &json!("2022-12-29"))
    );
    assert_eq!(application["version"], 3);
    assert_eq!(found(&mill.client, told).await["state"], "correction_requested");
    let decision = task_about(&world.officer, silent).await;
    assert_eq!((&decision["act"], &decision["deadline"]), (&json!("application_decision"), &json!("2022-12-29")));
    world.books_are_right().await;
}

#[tokio::test]
async fn where_no_rule_names_a_term_silence_means_nothing() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let now = json!({"effective_from": "2022-12-01", "rules": [
        {"name": "application_acceptance_days", "value": null, "legal_basis": null},
        {"name": "application_decision_days", "value": null, "legal_basis": null}]});
    let proposed = world.operator.post("/rulebooks", now).await.with_status(202).clone().granted();
    approves(&world.colleague_of(&world.operator, Role::Operator).await, &proposed).await.granted();
    let application = submitted(&mill, "12.500 t COD").await;
    assert_eq!(found(&mill.client, application).await["accept_until"], Value::Null);
    world.days_pass(400);
    assert_eq!(pass_terms(&world.app.shared.db, fresh()).await.unwrap(), 0);
    let accepted = step(&world.officer, application, "accept", json!({})).await.granted();
    assert_eq!(accepted["decide_until"], Value::Null);
}

#[tokio::test]
async fn an_application_is_turned_down_with_its_reason_and_a_late_one_by_the_head() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let early = submitted(&mill, "1.000 t COD").await;
    step(&world.officer, early, "reject", json!({})).await.is_refused_with("TSK_REASON_MISSING");
    let task = task_about(&world.officer, early).await;
    refuses(&world.officer, &task, "不属于本机关职权").await.granted();
    let refused = found(&mill.client, early).await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("rejected"), &json!("不属于本机关职权")));
    let late = accepted(&world, &mill, "1.000 t COD").await;
    world.days_pass(29);
    pass_deadlines(&world.app.shared.db, fresh()).await.unwrap();
    let task = task_about(&world.head, late).await;
    refuses(&world.officer, &task, "超出总量").await.is_refused_with("TSK_ESCALATED");
    approves(&world.head, &task).await.is_refused_with("AUT_NOT_ALLOWED");
    refuses(&world.head, &task, "超出总量").await.granted();
    assert_eq!(record_of(&world.head, &task).await["outcome"], "refused");
    let late = accepted(&world, &mill, "2.000 t COD").await;
    world.days_pass(40);
    assert_eq!(
        step(&world.officer, late, "propose", json!({})).await.text("state"),
        "proposed",
        "late is a decision too"
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn a_draft_is_nobodys_business_and_an_application_that_of_its_own_bureau() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let draft = drafts(&mill, "1.000 t COD").await;
    for other in [&world.officer, &world.head, &world.auditor, &glass.client, &world.chibi_officer] {
        other.get(&format!("{LIST}/{draft}")).await.with_status(404);
        assert_eq!(other.get(LIST).await.granted()["items"], json!([]));
    }
    step(&world.officer, draft, "accept", json!({})).await.with_status(404);
    step(&glass.client, draft, "submit", json!({})).await.with_status(404);
    step(&mill.client, draft, "submit", json!({})).await.granted();
    step(&world.chibi_officer, draft, "accept", json!({})).await.with_status(404);
    step(&mill.client, draft, "accept", json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    for reader in [&world.officer, &world.city_head, &world.auditor] {
        assert_eq!(found(reader, draft).await["state"], "submitted");
    }
    let body = asked(&mill, "1.000 t COD");
    glass.client.post(LIST, body).await.is_refused_with("QTA_NOT_YOUR_SITE").with_status(403);
    let long = json!({
        "site": mill.site, "pollutant": "SO2", "origin": "free", "valid_from": "2022-12-01", "valid_to": "2027-12-01",
        "quantity": "1.000",
    });
    let long = id(&mill.client.post(LIST, long).await.granted());
    step(&mill.client, long, "submit", json!({})).await.is_refused_with("QTA_VALIDITY_TOO_LONG");
    assert_eq!(step(&mill.client, long, "withdraw", json!({})).await.text("state"), "withdrawn");
    let bare = world.enterprise_in("赤壁制药", CHIBI, "pharma").await;
    submitted(&bare, "1.000 t COD").await;
    assert_eq!(inbox(&world.chibi_officer).await.len(), 1);
}

#[tokio::test]
async fn the_same_rights_are_applied_for_once_at_a_time() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let mut drafted = Vec::new();
    for _ in 0..6 {
        drafted.push(drafts(&mill, "1.000 t COD").await);
    }
    let handed = drafted.iter().map(|draft| {
        let (client, path) = (mill.client.clone(), format!("{LIST}/{draft}/submit"));
        tokio::spawn(async move { client.post(&path, json!({})).await })
    });
    let (mut taken, mut refused) = (Vec::new(), 0);
    for answer in handed.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status.is_success() {
            taken.push(answer.granted());
        } else {
            answer.is_refused_with("QTA_APPLIED_ALREADY").with_status(409);
            refused += 1;
        }
    }
    assert_eq!((taken.len(), refused), (1, 5));
    submitted(&mill, "1.000 t SO2").await;
    step(&mill.client, id(&taken[0]), "withdraw", json!({})).await.granted();
    submitted(&mill, "2.000 t COD").await;
    world.books_are_right().await;
}

#[tokio::test]
async fn the_mills_own_approver_hands_in_what_the_trader_proposes_as_it_was_seen() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let wang = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let zhao = world.member(mill.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    let asks = json!({"acts": ["application"]});
    wang.client.post(&format!("/organisations/{}/approvals", mill.id), asks).await.with_status(200);
    let draft = drafts(&mill, "3.000 t COD").await;
    let waits = step(&mill.client, draft, "submit", json!({})).await.with_status(202).clone().granted();
    assert_eq!((&waits["subject"], &waits["act"]), (&json!(draft), &json!("application")));
    assert_eq!(found(&mill.client, draft).await["state"], "draft");
    step(&mill.client, draft, "submit", json!({})).await.is_refused_with("TSK_WAITS_ALREADY");
    let mut revised = asked(&mill, "4.000 t COD");
    revised.as_object_mut().unwrap().remove("site");
    step(&mill.client, draft, "revise", revised).await.granted();
    approves(&zhao.client, &waits).await.with_status(412);
    refuses(&zhao.client, &waits, "数量已改").await.granted();
    let waits = step(&mill.client, draft, "submit", json!({})).await.with_status(202).clone().granted();
    approves(&zhao.client, &waits).await.granted();
    let handed = found(&zhao.client, draft).await;
    assert_eq!((&handed["state"], &handed["quantity"]), (&json!("submitted"), &json!("4.000")));
    assert_eq!(handed["submitted_by"], json!(zhao.id));
    assert_eq!(inbox(&world.officer).await.len(), 1);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_decision_and_a_withdrawal_at_the_same_moment_leave_one_of_them() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    for quantity in ["1.000 t COD", "2.000 t COD", "3.000 t COD"] {
        let application = accepted(&world, &mill, quantity).await;
        let (officer, client) = (world.officer.clone(), mill.client.clone());
        let propose = tokio::spawn(async move { step(&officer, application, "propose", json!({})).await.status });
        let withdraw = tokio::spawn(async move { step(&client, application, "withdraw", json!({})).await.status });
        let mut told = [propose.await.unwrap().as_u16(), withdraw.await.unwrap().as_u16()];
        told.sort_unstable();
        assert_eq!(told, [200, 409]);
        let open = world.officer.get(&format!("/tasks?subject={application}")).await.granted();
        assert_eq!(open["items"], json!([]));
    }
    world.books_are_right().await;
}
