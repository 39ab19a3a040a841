//! A program is nobody's second person, whatever roles and scopes it was given: whoever holds its secret may be the first one.

use super::{approves, id, inbox, refuses, task_about};
use crate::support::world::{Enterprise, Member, TONGCHENG};
use crate::support::{Answer, Client, World};
use ganhe::access::Role;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Registers a program and signs it in.
async fn program(keeper: &Client, world: &World, body: &Value) -> Client {
    let made = keeper.post("/api-clients", body.clone()).await.granted();
    let (client, secret) = (id(&made["client"]), made["client_secret"].as_str().unwrap());
    let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    let request = Client::nobody(world.app.address).request(Method::POST, "/oauth/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let token = Answer::of(request).await.granted();
    Client::nobody(world.app.address).with_token(token["access_token"].as_str().unwrap())
}

async fn bureau_of(client: &Client) -> Uuid {
    client.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap()
}

/// The program of a bureau that may all that its head may.
async fn program_of_the_head(world: &World, keeper: &Member) -> Client {
    let scopes =
        ["decide_task", "decide_allocation", "decide_trade", "verify_pledge", "verify_organisation", "read_tasks"];
    let body = json!({
        "organisation": keeper.organisation, "name": "审批系统", "roles": ["bureau_head"], "scopes": scopes,
    });
    program(&keeper.client, world, &body).await
}

/// What a program is told of a task, whichever step it takes.
async fn is_told_that_a_program_does_not_decide(program: &Client, task: &Value) {
    program.post(&format!("/tasks/{}/claim", id(task)), json!({})).await.is_refused_with("AUT_PROGRAM_DECIDES");
    approves(program, task).await.with_status(403).is_refused_with("AUT_PROGRAM_DECIDES");
    refuses(program, task, "材料不全").await.is_refused_with("AUT_PROGRAM_DECIDES");
}

#[tokio::test]
async fn the_administrator_who_registers_a_program_with_the_heads_role_gains_no_second_person() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let wang = world.member(bureau_of(&world.head).await, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let program = program_of_the_head(&world, &wang).await;

    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    is_told_that_a_program_does_not_decide(&program, &task_about(&world.head, allocation).await).await;
    let offer = id(&mill.offers("5.000 t COD", "8790.00", &glass).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    is_told_that_a_program_does_not_decide(&program, &task_about(&world.officer, trade).await).await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = id(&world.bank.applies(&mill, "10.000 t COD").await.granted());
    is_told_that_a_program_does_not_decide(&program, &task_about(&world.officer, pledge).await).await;
    assert_eq!(inbox(&program).await, [] as [Value; 0], "and none of it is in its inbox");

    for (path, body) in [
        (format!("/allocations/{allocation}/confirm"), json!({})),
        (format!("/allocations/{allocation}/reject"), json!({"reason": "重复"})),
        (format!("/trades/{trade}/approve"), json!({})),
        (format!("/trades/{trade}/refuse"), json!({"reason": "材料不全"})),
        (format!("/pledges/{pledge}/verify"), json!({})),
        (format!("/pledges/{pledge}/refuse"), json!({"reason": "材料不全"})),
    ] {
        program.post(&path, body).await.with_status(403).is_refused_with("AUT_PROGRAM_DECIDES");
    }
    world.head.post(&format!("/allocations/{allocation}/confirm"), json!({})).await.granted();
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    world.officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_program_verifies_no_organisation_and_agrees_to_no_pledge() {
    let world = World::new().await;
    let wang = world.member(bureau_of(&world.head).await, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let head = program_of_the_head(&world, &wang).await;
    let applied = crate::organisations::applicant(&world, "paper.wang").await.organisation;
    let path = format!("/organisations/{applied}/verify");
    head.post(&path, json!({"reason": "一致"})).await.is_refused_with("AUT_PROGRAM_DECIDES");
    world.officer.post(&path, json!({"reason": "一致"})).await.granted();

    let mill: Enterprise = world.seller("通城造纸", "30.000 t COD").await;
    let keeper = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let body = json!({"organisation": mill.id, "name": "ERP", "roles": ["enterprise_trader"],
        "scopes": ["agree_pledge", "decide_task", "read_tasks", "read_pledges"]});
    let erp = program(&keeper.client, &world, &body).await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = id(&world.bank.applies(&mill, "10.000 t COD").await.granted());
    world.officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    is_told_that_a_program_does_not_decide(&erp, &task_about(&mill.client, pledge).await).await;
    let path = format!("/pledges/{pledge}/agree");
    erp.post(&path, json!({})).await.is_refused_with("AUT_PROGRAM_DECIDES");
    mill.client.post(&path, json!({})).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn where_the_rules_ask_for_no_second_person_a_program_may_decide() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let wang = world.member(bureau_of(&world.head).await, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let program = program_of_the_head(&world, &wang).await;
    world.adopts(&[("four_eyes_allocation", "off")]).await.granted();
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    assert_eq!(inbox(&program).await.len(), 1);
    approves(&program, &task_about(&program, allocation).await).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn no_program_gets_what_only_a_person_may() {
    let world = World::new().await;
    let bureau = bureau_of(&world.head).await;
    let wang = world.member(bureau, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let body =
        json!({"organisation": bureau, "name": "法制系统", "roles": ["legal_reviewer"], "scopes": ["review_decision"]});
    wang.client.post("/api-clients", body).await.is_refused_with("AUT_SCOPE_MISMATCH");
    let body = json!({"organisation": world.bank.id, "name": "复核系统", "roles": ["pledgee_approver"], "scopes": ["approve_act"]});
    world.operator.post("/api-clients", body).await.is_refused_with("AUT_SCOPE_MISMATCH");
}

#[tokio::test]
async fn in_an_office_the_administrator_has_no_other_role() {
    let world = World::new().await;
    let bureau = bureau_of(&world.head).await;
    let wang = world.member(bureau, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let zhao = world.member(bureau, TONGCHENG, &[Role::BureauOfficer]).await;
    let both = json!(["organisation_admin", "bureau_officer"]);
    let newcomer = json!({"organisation": bureau, "login": "bureau.both", "name": "兼任", "roles": both});
    for client in [&wang.client, &world.operator] {
        client.post("/users", newcomer.clone()).await.is_refused_with("ORG_ADMINISTRATOR_APART");
    }
    let path = format!("/users/{}/roles", zhao.id);
    wang.client.post(&path, json!({"roles": both})).await.is_refused_with("ORG_ADMINISTRATOR_APART");
    let program = json!({"organisation": bureau, "name": "人事系统", "roles": both, "scopes": ["read_parties"]});
    wang.client.post("/api-clients", program).await.is_refused_with("ORG_ADMINISTRATOR_APART");
    wang.client.post(&path, json!({"roles": ["bureau_officer", "bureau_head"]})).await.granted();
}
