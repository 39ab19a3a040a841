//! Requests that must be refused: malformed, mistaken, forged, somebody else's, too much, too late. Each is answered by a
//! problem with a stable code in the language asked for, and the books stay as they are.

pub mod forms;
mod shapes;

use crate::support::Answer;
use crate::support::World;
use crate::support::world::{WUHAN, XIANAN};
use forms::{Books, Form, Stage, command, id, refused};
use ganhe::kernel::ids::fresh;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_forms_of_these_stories_are_granted_when_nothing_is_wrong_with_them() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    for form in stage.forms() {
        let answer = Answer::of(command(&form.client, &form.path, &form.body.to_string())).await;
        assert!(answer.status.is_success(), "{}: {:#}", form.name, answer.body);
    }
    assert!(Books::of(&stage.world).await.journals >= before.journals + 7, "the guard of these stories sees nothing");
}

/// Forms with the id or code of nothing at a place, and what is said of that place.
fn unknown(stage: &Stage) -> Vec<(Form, &'static str, Value, &'static str)> {
    let (nothing, word) = (json!(fresh()), json!("NONE"));
    vec![
        (stage.allocation(), "site", nothing.clone(), "ORG_UNKNOWN_SITE"),
        (stage.allocation(), "pollutant", word.clone(), "QTA_UNKNOWN_POLLUTANT"),
        (stage.offer(), "buyer_site", nothing.clone(), "ORG_UNKNOWN_SITE"),
        (stage.offer(), "right_class", word.clone(), "QTA_UNKNOWN_RIGHT_CLASS"),
        (stage.acceptance(), "project", nothing.clone(), "TRD_PROJECT_MISSING"),
        (stage.deposit(), "organisation", nothing.clone(), "ORG_UNKNOWN_ORGANISATION"),
        (stage.capacity(), "area", word.clone(), "ORG_UNKNOWN_AREA"),
        (stage.capacity(), "pollutant", word.clone(), "QTA_UNKNOWN_POLLUTANT"),
        (stage.pledge(), "pledgor", nothing, "ORG_UNKNOWN_ORGANISATION"),
        (stage.pledge(), "rights[0].right_class", word.clone(), "QTA_UNKNOWN_RIGHT_CLASS"),
        (stage.organisation(), "area", word.clone(), "ORG_UNKNOWN_AREA"),
        (stage.organisation(), "code", word, "ORG_BAD_CODE"),
    ]
}

#[tokio::test]
async fn ids_of_nothing_are_told_apart_by_their_field() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    for (form, place, value, code) in unknown(&stage) {
        let what = format!("{}: {place} of {value}", form.name);
        let body = form.with(place, value);
        refused(422, code, place).when_posted(&what, &form.client, &form.path, &body).await;
    }
    let form = stage.offer();
    let body = form.with("seller_site", json!(fresh()));
    let not_yours = refused(403, "TRD_NOT_YOUR_SITE", "seller_site");
    not_yours.when_posted("no site at all", &form.client, &form.path, &body).await;
    let paths = ["/offers/{}/accept", "/trades/{}/pay"];
    for path in paths {
        let body =
            if path.ends_with("accept") { json!({"project": stage.glass.project}) } else { json!({}) }.to_string();
        let (missing, bad) = (path.replace("{}", &fresh().to_string()), path.replace("{}", "17"));
        let client = &stage.glass.client;
        refused(404, "API_NOT_FOUND", "id").when_posted(path, client, &missing, &body).await;
        refused(400, "API_BAD_ID", "id").when_posted(path, client, &bad, &body).await;
    }
    for path in
        ["/offers/17", "/trades/%00", "/allocations/0", "/journals/x", "/pledges/'%20or%201=1", "/accounts/-/entries"]
    {
        refused(400, "API_BAD_ID", "id").when_read(&stage.world.auditor, path).await;
    }
    before.are_unchanged(&stage.world).await;
}

#[tokio::test]
async fn what_is_somebody_elses_is_hidden() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let stranger = world.enterprise("崇阳造纸").await;
    let pledge = id(&world.bank.applies(&stage.mill, "10.000 t COD").await.granted());
    let proposed = id(&world.propose_allocation(&stranger, "1.000 t COD").await.granted());
    let before = Books::of(world).await;
    let hidden = || refused(404, "API_NOT_FOUND", "id");
    let project = json!({"project": stranger.project}).to_string();
    let commands = [
        (&stranger.client, format!("/offers/{}/accept", stage.offer), project.as_str()),
        (&stranger.client, format!("/offers/{}/decline", stage.offer), "{}"),
        (&stranger.client, format!("/offers/{}/withdraw", stage.offer), "{}"),
        (&stranger.client, format!("/trades/{}/pay", stage.trade), "{}"),
        (&stranger.client, format!("/trades/{}/cancel", stage.trade), "{}"),
        (&stranger.client, format!("/pledges/{pledge}/agree"), "{}"),
        (&world.other_bank.client, format!("/pledges/{pledge}/register"), "{}"),
        (&world.other_bank.client, format!("/pledges/{pledge}/withdraw"), "{}"),
        (&world.chibi_officer, format!("/pledges/{pledge}/verify"), "{}"),
        (&world.chibi_officer, format!("/trades/{}/approve", stage.trade), "{}"),
    ];
    for (client, path, body) in &commands {
        hidden().when_posted(path, client, path, body).await;
    }
    for path in [format!("/offers/{}", stage.offer), format!("/trades/{}", stage.trade), format!("/pledges/{pledge}")] {
        hidden().when_read(&stranger.client, &path).await;
    }
    hidden().when_read(&stage.mill.client, &format!("/allocations/{proposed}")).await;
    hidden().when_read(&world.other_bank.client, &format!("/pledges/{pledge}")).await;
    before.are_unchanged(world).await;
}

#[tokio::test]
async fn another_ones_site_and_another_ones_area_are_refused() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let stranger = world.enterprise("崇阳造纸").await;
    let before = Books::of(world).await;
    let own = stage.offer();
    let foreign = own.with("seller_site", json!(stranger.site));
    refused(403, "TRD_NOT_YOUR_SITE", "seller_site")
        .when_posted("another's site", &own.client, &own.path, &foreign)
        .await;
    let outside = |field| refused(422, "ORG_OUTSIDE_AREA", field);
    let allocation = stage.allocation();
    let body = allocation.body.to_string();
    outside("site").when_posted("a bureau beside", &world.chibi_officer, &allocation.path, &body).await;
    let capacity = stage.capacity();
    for area in [XIANAN, "421200"] {
        let body = capacity.with("area", json!(area));
        outside("area").when_posted("a bureau beside or below", &world.head, &capacity.path, &body).await;
    }
    let body = capacity.with("area", json!(WUHAN));
    outside("area").when_posted("another city", &world.city_head, &capacity.path, &body).await;
    before.are_unchanged(world).await;
}

#[tokio::test]
async fn a_role_without_the_permission_is_403() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    for form in stage.forms() {
        let wrong = if form.name == "organisation" { &stage.mill.client } else { &stage.world.operator };
        for client in [wrong, &stage.world.auditor, &stage.world.exchange] {
            let body = form.body.to_string();
            let told = refused(403, "AUT_NOT_ALLOWED", "").when_posted(form.name, client, &form.path, &body).await;
            assert!(told.contains('_'), "{told} does not name the permission");
        }
    }
    before.are_unchanged(&stage.world).await;
}

#[tokio::test]
async fn without_a_good_token_it_is_401() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let nobody = stage.world.nobody();
    for form in stage.forms() {
        let body = form.body.to_string();
        let missing = refused(401, "AUT_TOKEN_MISSING", "authorization");
        missing.when_posted(form.name, &nobody, &form.path, &body).await;
        let garbage = nobody.with_token("e30.e30.e30");
        let invalid = refused(401, "AUT_TOKEN_INVALID", "authorization");
        invalid.when_posted(form.name, &garbage, &form.path, &body).await;
    }
    before.are_unchanged(&stage.world).await;
    stage.world.sign_ins_end();
    for form in stage.forms() {
        let expired = refused(401, "AUT_TOKEN_EXPIRED", "authorization");
        expired.when_posted(form.name, &form.client, &form.path, &form.body.to_string()).await;
    }
}

/// A command with another idempotency key, or none.
fn keyed(form: &Form, key: Option<&[u8]>, body: &str) -> reqwest::RequestBuilder {
    let request = form.client.request(Method::POST, &form.path).header("content-type", "application/json");
    let request = match key {
        Some(key) => request.header("Idempotency-Key", reqwest::header::HeaderValue::from_bytes(key).unwrap()),
        None => request,
    };
    request.body(body.to_owned())
}

#[tokio::test]
async fn a_command_without_a_usable_idempotency_key_is_400() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let long = [b'k'; 129];
    let bad: [&[u8]; 5] = [b"", b"   ", b"two words", &long, "淦河".as_bytes()];
    for form in stage.forms() {
        let body = form.body.to_string();
        let missing = refused(400, "API_KEY_MISSING", "idempotency-key");
        missing.whenever(form.name, || keyed(&form, None, &body)).await;
        for key in bad {
            let what = format!("{} with {key:?}", form.name);
            refused(400, "API_BAD_KEY", "idempotency-key").whenever(&what, || keyed(&form, Some(key), &body)).await;
        }
    }
    before.are_unchanged(&stage.world).await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_another_body_under_its_key_409() {
    let stage = Stage::new().await;
    for form in stage.forms() {
        let (body, key) = (form.body.to_string(), fresh().to_string());
        let before = Books::of(&stage.world).await;
        let first = Answer::of(keyed(&form, Some(key.as_bytes()), &body)).await;
        assert!(first.status.is_success(), "{}: {:#}", form.name, first.body);
        let after = Books::of(&stage.world).await;
        assert!(after.journals <= before.journals + 1, "{} booked more than once", form.name);
        let again = Answer::of(keyed(&form, Some(key.as_bytes()), &body)).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{}", form.name);
        assert_eq!(again.headers.get("etag"), first.headers.get("etag"), "{}", form.name);
        let other = format!("{body} ");
        let reused = refused(409, "API_KEY_REUSED", "idempotency-key");
        reused.whenever(form.name, || keyed(&form, Some(key.as_bytes()), &other)).await;
        after.are_unchanged(&stage.world).await;
    }
}

#[tokio::test]
async fn a_refusal_is_repeated_under_its_key_too() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let form = stage.offer();
    let (body, key) = (form.with("quantity", json!("5000.000")), fresh().to_string());
    let first = Answer::of(keyed(&form, Some(key.as_bytes()), &body)).await;
    refused(422, "TRD_NOT_ENOUGH_AVAILABLE", "quantity").is_told_by(&first, "too much");
    stage.world.allocate(&stage.mill, "1.000 t COD").await;
    let second = Answer::of(keyed(&form, Some(key.as_bytes()), &body)).await;
    assert_eq!((second.status, &second.body["violations"]), (first.status, &first.body["violations"]));
    assert_eq!(Books::of(&stage.world).await.journals, before.journals + 2, "the allocation's journals and no other");
}

#[tokio::test]
async fn a_cap_is_granted_to_the_last_kilogram_and_not_beyond() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    // Tongcheng's cap is 1000.000 t.
    world.allocate(&mill, "999.999 t COD").await;
    let before = Books::of(&world).await;
    let body = json!({
        "site": mill.site, "pollutant": "COD", "origin": "paid", "zone": "LUSHUI", "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": "0.002", "document": "核定2022-003",
    });
    let over = refused(422, "QTA_OVER_HEADROOM", "quantity");
    over.when_posted("0.001 t too much", &world.city_officer, "/allocations", &body.to_string()).await;
    before.are_unchanged(&world).await;
    let first = id(&world.propose_allocation(&mill, "0.001 t COD").await.granted());
    let second = id(&world.propose_allocation(&mill, "0.001 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{first}/confirm"), json!({})).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "1000.000");
    let full = Books::of(&world).await;
    // Both were proposed while there was room; the second is judged again when it is confirmed.
    let confirm = format!("/allocations/{second}/confirm");
    refused(422, "QTA_OVER_HEADROOM", "quantity").when_posted("the second", &world.city_head, &confirm, "{}").await;
    over.when_posted("a full area", &world.city_officer, "/allocations", &body.to_string().replace("0.002", "0.001"))
        .await;
    full.are_unchanged(&world).await;
}

#[tokio::test]
async fn a_change_against_another_version_is_412() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let allocation = id(&world.propose_allocation(&stage.glass, "1.000 t COD").await.granted());
    let pledge = id(&world.bank.applies(&stage.mill, "10.000 t COD").await.granted());
    let before = Books::of(world).await;
    let project = json!({"project": stage.glass.project}).to_string();
    let commands = [
        (&stage.glass.client, format!("/offers/{}/accept", stage.offer), project.as_str()),
        (&stage.mill.client, format!("/offers/{}/withdraw", stage.offer), "{}"),
        (&stage.glass.client, format!("/trades/{}/pay", stage.trade), "{}"),
        (&stage.mill.client, format!("/trades/{}/cancel", stage.trade), "{}"),
        (&world.city_head, format!("/allocations/{allocation}/confirm"), "{}"),
        (&world.city_officer, format!("/pledges/{pledge}/verify"), "{}"),
        (&world.bank.client, format!("/pledges/{pledge}/withdraw"), "{}"),
    ];
    for (client, path, body) in &commands {
        for version in ["\"0\"", "\"99\"", "\"-1\""] {
            let changed = refused(412, "API_STALE_VERSION", "if-match");
            changed.whenever(path, || command(client, path, body).header("If-Match", version)).await;
        }
        for version in ["", "\"x\"", "W/\"1\"", "\"1\", \"2\"", "99999999999999999999"] {
            let bad = refused(400, "API_BAD_VERSION", "if-match");
            bad.whenever(path, || command(client, path, body).header("If-Match", version)).await;
        }
    }
    before.are_unchanged(world).await;
    let path = format!("/offers/{}", stage.offer);
    let etag = Answer::of(stage.glass.client.request(Method::GET, &path)).await.headers["etag"].clone();
    let accept = command(&stage.glass.client, &format!("{path}/accept"), &project).header("If-Match", etag);
    Answer::of(accept).await.granted();
}

/// Code and field of every violation, in the order told.
fn told(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let violations = answer.body["violations"].as_array().unwrap();
    violations.iter().map(|one| (text(&one["code"]), text(&one["field"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(code, field)| ((*code).to_owned(), (*field).to_owned())).collect()
}

#[tokio::test]
async fn every_broken_rule_is_told_at_once() {
    let stage = Stage::new().await;
    let fishery = stage.world.enterprise_in("咸安养殖", XIANAN, "agriculture").await;
    let before = Books::of(&stage.world).await;
    let form = stage.pledge();
    let body = json!({
        "pledgor": stage.mill.id, "loan_contract": "", "pledge_contract": " ", "principal": "1e5", "secured": "0.00",
        "assessed_value": "1.234", "valuation_method": "", "valued_on": "2022-02-30", "debt_from": "today", "debt_to": "",
        "rights": [
            {"site": stage.mill.site, "right_class": stage.mill.class("COD"), "quantity": "-1"},
            {"site": stage.mill.site, "right_class": "GOLD", "quantity": "1"},
        ],
    });
    let answer = form.client.post(&form.path, body).await;
    let expected = [
        ("API_BAD_TEXT", "loan_contract"),
        ("API_BAD_TEXT", "pledge_contract"),
        ("API_NOT_DECIMAL", "principal"),
        ("API_ZERO", "secured"),
        ("API_NOT_DATE", "debt_from"),
        ("API_NOT_DATE", "debt_to"),
        ("API_BAD_TEXT", "valuation_method"),
        ("API_NOT_DATE", "valued_on"),
        ("API_TOO_PRECISE", "assessed_value"),
        ("API_NOT_DECIMAL", "rights[0].quantity"),
        ("QTA_UNKNOWN_RIGHT_CLASS", "rights[1].right_class"),
    ];
    assert_eq!(told(answer.with_status(422)), pairs(&expected));
    let form = stage.offer();
    let mut body = form.body.clone();
    (body["buyer_site"], body["quantity"]) = (json!(fishery.site), json!("1000.001"));
    let answer = form.client.post(&form.path, body).await;
    let mut broken = told(answer.with_status(422));
    let mut expected = pairs(&[
        ("TRD_NOT_ENOUGH_AVAILABLE", "quantity"),
        ("TRD_REDUCTION_NOT_REGISTERED", "quantity"),
        ("TRD_BASIN_MISMATCH", "buyer_site"),
        ("TRD_AGRICULTURE_SECTOR", "buyer_site"),
        ("TRD_NO_HEADROOM", "quantity"),
    ]);
    broken.sort();
    expected.sort();
    assert_eq!(broken, expected);
    before.are_unchanged(&stage.world).await;
}
