//! An organisation comes to take part: it applies, the bureau of its area looks at it.

use super::{PASSWORD, applicant, application, id};
use crate::support::app::serve;
use crate::support::world::TONGCHENG;
use crate::support::{Client, World};
use ganhe::access::Role;
use ganhe::http::Conduct;
use serde_json::json;

#[tokio::test]
async fn an_enterprise_applies_and_takes_part_once_its_bureau_has_verified_it() {
    let world = World::new().await;
    let wang = applicant(&world, "paper.wang").await;
    let mill = wang.organisation;
    let signed_in =
        world.nobody().post("/auth/login", json!({"login": "paper.wang", "password": PASSWORD})).await.granted();
    assert_eq!(signed_in["me"]["organisation_state"], "applied");
    let me = wang.client.get("/me").await.granted();
    assert_eq!((me["organisation_state"].as_str(), me["organisation_reason"].as_str()), (Some("applied"), None));
    for path in ["/organisations", "/areas", "/users", "/access-log", "/delegations"] {
        wang.client.get(path).await.with_status(403).is_refused_with("AUT_ORGANISATION_NOT_VERIFIED");
    }
    let trader = json!({"organisation": mill, "login": "paper.li", "name": "李强", "roles": ["enterprise_trader"]});
    wang.client.post("/users", trader.clone()).await.is_refused_with("AUT_ORGANISATION_NOT_VERIFIED");
    let site = json!({"number": "SITE-A", "organisation": mill, "name": "一厂", "area": TONGCHENG, "basin": "LUSHUI"});
    world.officer.post("/sites", site.clone()).await.is_refused_with("ORG_UNKNOWN_ORGANISATION");

    let verified =
        world.officer.post(&format!("/organisations/{mill}/verify"), json!({"reason": "证照核对一致"})).await;
    assert_eq!(verified.granted()["state"], "verified");
    let records = world.officer.get(&format!("/decisions?subject={mill}")).await.granted();
    let record = &records["items"][0];
    assert_eq!(
        (record["act"].as_str(), record["outcome"].as_str()),
        (Some("organisation_verification"), Some("approved"))
    );
    assert_eq!(record["proposed_by"], wang.id.to_string());
    let li = id(&wang.client.post("/users", trader).await.granted());
    let li = world.signed_in(li, mill, TONGCHENG, &[Role::EnterpriseTrader]);
    world.officer.post("/sites", site).await.granted();
    assert_eq!(li.client.get("/balances").await.granted()["items"].as_array().unwrap().len(), 0);
    let deposit = json!({"organisation": mill, "amount": "100.00", "bank_reference": "IN-1"});
    world.settlement.post("/money/deposits", deposit).await.granted();
    world.officer.post(&format!("/organisations/{mill}/verify"), json!({})).await.is_refused_with("ORG_NOT_APPLIED");
    world.books_are_right().await;
}

#[tokio::test]
async fn who_has_applied_is_known_to_the_bureau_in_charge_and_to_no_stranger() {
    let world = World::new().await;
    let stranger = world.enterprise("通城建材").await;
    let wang = applicant(&world, "paper.wang").await;
    let path = format!("/organisations/{}", wang.organisation);
    for client in [&stranger.client, &world.bank.client, &world.chibi_officer, &world.settlement] {
        client.get(&path).await.with_status(404);
        assert_eq!(client.get("/organisations?state=applied").await.granted()["items"], json!([]));
    }
    for client in [&world.officer, &world.city_officer, &world.auditor] {
        assert_eq!(client.get(&path).await.granted()["state"], "applied");
        assert_eq!(client.get("/organisations?state=applied").await.granted()["items"].as_array().unwrap().len(), 1);
    }
    for word in ["verify", "refuse"] {
        let ruling = json!({"reason": "理由"});
        world.chibi_officer.post(&format!("{path}/{word}"), ruling.clone()).await.with_status(404);
        world.operator.post(&format!("{path}/{word}"), ruling.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
        stranger.client.post(&format!("{path}/{word}"), ruling).await.is_refused_with("AUT_NOT_ALLOWED");
    }
    world.officer.get("/organisations?state=unheard_of").await.is_refused_with("API_UNKNOWN_WORD");
}

#[tokio::test]
async fn a_refused_application_says_why_and_leaves_the_code_to_whom_it_belongs() {
    let world = World::new().await;
    let code = world.fresh_code();
    let nobody = world.nobody();
    let applied = nobody.post("/organisations/applications", application(&code, "paper.false")).await.granted();
    let (first, user) = (id(&applied["organisation"]), id(&applied["administrator"]));
    nobody.post("/organisations/applications", application(&code, "paper.wang")).await.is_refused_with("ORG_DUPLICATE");
    let path = format!("/organisations/{first}/refuse");
    world.officer.post(&path, json!({})).await.with_status(400);
    world.officer.post(&path, json!({"reason": " "})).await.is_refused_with("API_BAD_TEXT");
    world.officer.post(&path, json!({"reason": "法定代表人身份不符"})).await.granted();
    let member = world.signed_in(user, first, TONGCHENG, &[Role::OrganisationAdmin]);
    let me = member.client.get("/me").await.granted();
    assert_eq!(
        (me["organisation_state"].as_str(), me["organisation_reason"].as_str()),
        (Some("refused"), Some("法定代表人身份不符"))
    );
    member.client.get("/users").await.is_refused_with("AUT_ORGANISATION_NOT_VERIFIED");
    world.officer.post(&format!("/organisations/{first}/verify"), json!({})).await.is_refused_with("ORG_NOT_APPLIED");
    let again = nobody.post("/organisations/applications", application(&code, "paper.wang")).await.granted();
    let second = id(&again["organisation"]);
    world.officer.post(&format!("/organisations/{second}/verify"), json!({})).await.granted();
    nobody.post("/organisations/applications", application(&code, "paper.late")).await.is_refused_with("ORG_DUPLICATE");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_application_tells_what_is_wrong_with_it() {
    let world = World::new().await;
    let nobody = world.nobody();
    let path = "/organisations/applications";
    let mut wrong = application("91421222MA0000001G", "paper.wang");
    wrong["organisation"]["area"] = json!("999999");
    let answer = nobody.post(path, wrong).await;
    answer.with_status(422).is_refused_with("ORG_BAD_CODE").is_refused_with("ORG_UNKNOWN_AREA");
    let mut office = application(&world.fresh_code(), "paper.wang");
    office["organisation"]["kind"] = json!("bureau");
    nobody.post(path, office).await.is_refused_with("ORG_NO_APPLICATION");
    let mut weak = application(&world.fresh_code(), "paper.wang");
    weak["administrator"]["password"] = json!("short");
    nobody.post(path, weak).await.is_refused_with("AUT_WEAK_PASSWORD");
    let mut greedy = application(&world.fresh_code(), "paper.wang");
    greedy["organisation"]["state"] = json!("verified");
    nobody.post(path, greedy).await.is_refused_with("API_MALFORMED");
    let mut empty = application(&world.fresh_code(), " ");
    empty["organisation"]["name"] = json!("");
    let answer = nobody.post(path, empty).await;
    let faults: Vec<&str> =
        answer.body["violations"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(faults, ["organisation.name", "administrator.login"], "{:#}", answer.body);
    nobody.post(path, application(&world.fresh_code(), "operator")).await.is_refused_with("AUT_LOGIN_TAKEN");
    let none = world.auditor.get("/organisations?state=applied").await.granted();
    assert_eq!(none["items"], json!([]), "what was refused has left nothing");
}

#[tokio::test]
async fn an_application_that_is_repeated_is_registered_once() {
    let world = World::new().await;
    let nobody = world.nobody();
    let body = application(&world.fresh_code(), "paper.wang");
    let first = nobody.post_with_key("/organisations/applications", body.clone(), "once").await.granted();
    let again = nobody.post_with_key("/organisations/applications", body.clone(), "once").await.granted();
    assert_eq!(first, again);
    let mut other = body.clone();
    other["administrator"]["login"] = json!("paper.other");
    nobody.post_with_key("/organisations/applications", other, "once").await.is_refused_with("API_KEY_REUSED");
    let stranger = application(&world.fresh_code(), "glass.li");
    let theirs = nobody.post_with_key("/organisations/applications", stranger.clone(), "once").await.granted();
    assert_ne!(theirs, first, "strangers who think of one key do not meet in it");
    let again = nobody.post_with_key("/organisations/applications", stranger, "once").await.granted();
    assert_eq!(theirs, again);
    let (left, right) = tokio::join!(
        nobody.post("/organisations/applications", body.clone()),
        nobody.post("/organisations/applications", body)
    );
    assert!(left.status.as_u16() == 409 && right.status.as_u16() == 409);
    let code = world.fresh_code();
    let race = ["paper.a", "paper.b", "paper.c"].map(|login| application(&code, login));
    let answers = futures_of(&nobody, race).await;
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
}

#[tokio::test]
async fn an_application_may_be_rehearsed_without_a_key() {
    let world = World::new().await;
    let nobody = world.nobody();
    let body = application(&world.fresh_code(), "paper.wang");
    let path = "/organisations/applications?dry_run=true";
    let rehearsed = crate::support::Answer::of(nobody.request(reqwest::Method::POST, path).json(&body)).await.granted();
    assert_eq!(rehearsed["organisation"]["state"], "applied");
    let none = world.auditor.get("/organisations?state=applied").await.granted();
    assert_eq!(none["items"], json!([]), "nothing was kept");
    let path = "/organisations/applications";
    let keyless = crate::support::Answer::of(nobody.request(reqwest::Method::POST, path).json(&body)).await;
    keyless.with_status(400).is_refused_with("API_KEY_MISSING");
    let unknown = nobody.post("/organisations/applications?rehearse=true", body.clone()).await;
    unknown.with_status(400).is_refused_with("API_BAD_QUERY");
    nobody.post(path, body).await.granted();
}

#[tokio::test]
async fn an_address_applies_ten_times_in_an_hour_and_no_more() {
    let world = World::new().await;
    let address = serve(world.app.shared.clone().conducted(Conduct::default())).await;
    let nobody = Client::nobody(address);
    let path = "/organisations/applications";
    let mut unread = application(&world.fresh_code(), "paper.wang");
    unread["administrator"]["password"] = json!("short");
    nobody.post(path, unread).await.with_status(422);
    for number in 0..10 {
        let applied = nobody.post(path, application(&world.fresh_code(), &format!("paper.{number}"))).await;
        applied.with_status(201);
        let left = applied.headers["ratelimit"].to_str().unwrap();
        assert!(
            left.contains(&format!("\"application\";r={}", 9 - number)),
            "{left}: what was refused for its form counts"
        );
    }
    let body = application(&world.fresh_code(), "paper.late");
    let late = nobody.post(path, body.clone()).await;
    late.with_status(429).is_refused_with("API_TOO_OFTEN");
    let wait: u64 = late.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((300..=360).contains(&wait), "{wait}");
    nobody.post(&format!("{path}?dry_run=true"), body).await.with_status(429);
    nobody.get("/public/areas").await.granted();
}

async fn futures_of(client: &crate::support::Client, bodies: [serde_json::Value; 3]) -> Vec<u16> {
    let [first, second, third] = bodies.map(|body| client.post("/organisations/applications", body));
    let (first, second, third) = tokio::join!(first, second, third);
    [first, second, third].iter().map(|answer| answer.status.as_u16()).collect()
}

#[tokio::test]
async fn two_officers_rule_on_one_application_and_one_of_them_is_heard() {
    let world = World::new().await;
    let wang = applicant(&world, "paper.wang").await;
    let path = format!("/organisations/{}", wang.organisation);
    let verify = format!("{path}/verify");
    let refuse = format!("{path}/refuse");
    let (verified, refused) = tokio::join!(
        world.officer.post(&verify, json!({})),
        world.city_officer.post(&refuse, json!({"reason": "资料不全"})),
    );
    let heard = [verified.status, refused.status].iter().filter(|status| status.is_success()).count();
    assert_eq!(heard, 1, "{} {}", verified.status, refused.status);
    let records = world.auditor.get(&format!("/decisions?subject={}", wang.organisation)).await.granted();
    assert_eq!(records["items"].as_array().unwrap().len(), 1);
    world.books_are_right().await;
}

/// The one task about an application that somebody may decide.
async fn task_of(client: &crate::support::Client, organisation: uuid::Uuid) -> serde_json::Value {
    let found = client.get(&format!("/tasks?subject={organisation}")).await.granted();
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{found:#}");
    items[0].clone()
}

#[tokio::test]
async fn an_application_waits_in_the_inbox_of_the_bureau_in_charge() {
    let world = World::new().await;
    let (wang, false_one) = (applicant(&world, "paper.wang").await, applicant(&world, "paper.false").await);
    let task = task_of(&world.officer, wang.organisation).await;
    assert_eq!((&task["act"], &task["area"]), (&json!("organisation_verification"), &json!(TONGCHENG)));
    assert_eq!((&task["deadline"], &task["proposed_by"]), (&json!("2022-12-29"), &json!(wang.id)));
    let path = format!("/tasks/{}", id(&task));
    let yes = json!({"outcome": "approved", "reason": "证照核对一致"});
    for stranger in [&world.chibi_officer, &world.bank.client] {
        stranger.get(&path).await.with_status(404);
        stranger.post(&format!("{path}/decide"), yes.clone()).await.with_status(404);
    }
    wang.client.get(&path).await.with_status(403).is_refused_with("AUT_ORGANISATION_NOT_VERIFIED");
    world.officer.post(&format!("{path}/claim"), json!({})).await.granted();
    world.city_head.post(&format!("{path}/claim"), json!({})).await.is_refused_with("TSK_CLAIMED");
    let document = id(&world.officer.upload("licence.pdf", "application/pdf", b"%PDF-1.7 licence").await.granted());
    wang.client.get("/users").await.is_refused_with("AUT_ORGANISATION_NOT_VERIFIED");
    let yes = json!({"outcome": "approved", "reason": "证照核对一致", "documents": [document]});
    world.officer.post(&format!("{path}/decide"), yes).await.granted();
    wang.client.get("/users").await.granted();
    let li = world.member(wang.organisation, TONGCHENG, &[Role::EnterpriseTrader]).await;
    li.client.get(&format!("/documents/{document}")).await.granted();
    let record = world.officer.get(&format!("/decisions/{}", id(&task))).await.granted();
    assert_eq!((&record["outcome"], &record["second_person"]), (&json!("approved"), &json!(true)));
    assert!(record["document_hash"].is_string() && record["reason"] == "证照核对一致", "{record:#}");
    let other = task_of(&world.city_head, false_one.organisation).await;
    let no = json!({"outcome": "refused", "reason": "法定代表人身份不符"});
    world.city_head.post(&format!("/tasks/{}/decide", id(&other)), no).await.granted();
    let me = false_one.client.get("/me").await.granted();
    assert_eq!(
        (me["organisation_state"].as_str(), me["organisation_reason"].as_str()),
        (Some("refused"), Some("法定代表人身份不符"))
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn the_direct_ruling_closes_the_task_of_an_application() {
    let world = World::new().await;
    for (login, word, outcome) in [("paper.wang", "verify", "approved"), ("paper.false", "refuse", "refused")] {
        let applied = applicant(&world, login).await;
        let task = task_of(&world.officer, applied.organisation).await;
        let path = format!("/organisations/{}/{word}", applied.organisation);
        world.city_officer.post(&path, json!({"reason": "核对"})).await.granted();
        let closed = world.officer.get(&format!("/tasks/{}", id(&task))).await.granted();
        assert_eq!((&closed["state"], &closed["outcome"]), (&json!("decided"), &json!(outcome)));
        let records = world.officer.get(&format!("/decisions?subject={}", applied.organisation)).await.granted();
        assert_eq!(records["items"].as_array().unwrap().len(), 1, "one matter, one record: {records:#}");
        assert_eq!((&records["items"][0]["id"], &records["items"][0]["outcome"]), (&task["id"], &json!(outcome)));
        let yes = json!({"outcome": "approved"});
        world.officer.post(&format!("/tasks/{}/decide", id(&task)), yes).await.is_refused_with("TSK_OVER");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn an_application_that_nobody_looked_at_goes_to_the_head_and_a_major_one_is_reviewed() {
    use ganhe::decisions::escalation::pass_deadlines;
    let world = World::new().await;
    let wang = applicant(&world, "paper.wang").await;
    let task = task_of(&world.officer, wang.organisation).await;
    world.days_pass(40);
    assert_eq!(pass_deadlines(&world.app.shared.db, ganhe::kernel::ids::fresh()).await.unwrap(), 1);
    let path = format!("/tasks/{}/decide", id(&task));
    let yes = json!({"outcome": "approved", "reason": "核对一致"});
    world.officer.post(&path, yes.clone()).await.with_status(403).is_refused_with("TSK_ESCALATED");
    world.head.post(&path, yes).await.granted();
    world.adopts(&[("major_acts", "organisation_verification")]).await.granted();
    let li = applicant(&world, "paper.li").await;
    let verify = format!("/organisations/{}/verify", li.organisation);
    world.officer.post(&verify, json!({})).await.is_refused_with("DEC_REVIEW_MISSING");
    let reviewer = world.colleague_of(&world.head, Role::LegalReviewer).await;
    let record = id(&task_of(&world.officer, li.organisation).await);
    let agreed = json!({"outcome": "agreed", "opinion": "程序合法"});
    reviewer.post(&format!("/decisions/{record}/review"), agreed).await.granted();
    world.officer.post(&verify, json!({})).await.granted();
    let suspension = json!({"reason": "未按规定报告排放数据"});
    world.head.post(&format!("/organisations/{}/suspend", li.organisation), suspension).await.granted();
    world.books_are_right().await;
}
