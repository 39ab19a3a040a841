//! Versions: what changes has an ETag, a reader who has it gets 304, and a change against another version is refused.

use super::{Operation, operations};
use crate::auctions;
use crate::bad_input::forms::{Stage, id};
use crate::compliance::happened;
use crate::market::listings::drafts;
use crate::market::overrides;
use crate::organisations::facts::rates;
use crate::organisations::permits::reconciles;
use crate::quota::applications::submitted;
use crate::quota::batches::{file, proposed, row};
use crate::quota::cap_changes::plans;
use crate::quota::publicity::objected;
use crate::quota::reduction_applications::applied;
use crate::quota::suspensions::Province;
use crate::quota::tenure::surrenders;
use crate::support::world::{TONGCHENG, XIANAN};
use crate::support::{Answer, Client};
use ganhe::access::Role;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;

/// Commands that change no version of what their path names.
const UNVERSIONED: [&str; 10] = [
    "reverse_journal",
    "look_under_consent",
    "end_session",
    "end_sessions_of_user",
    "prepare_password_reset",
    "remove_second_factor",
    "propose_lot",
    "register_bidder",
    "place_bid",
    "replay_events",
];

/// One thing of every kind that has versions, by the first word of its path, and everybody who might act on it.
#[expect(clippy::too_many_lines, reason = "one line for each kind of thing")]
async fn things(stage: &Stage) -> (BTreeMap<&'static str, String>, Vec<Client>) {
    let world = &stage.world;
    let allocation = id(&world.propose_allocation(&stage.glass, "1.000 t COD").await.granted());
    let rows = [row(world, &stage.glass, "2.000 t COD").await];
    let batch = proposed(&world.city_officer, &file(&rows)).await;
    let objection = objected(world, &stage.mill, &stage.glass).await;
    let traces = happened(world, &stage.mill).await;
    let bidding = auctions::happened(world, &stage.mill).await;
    let right_act = id(&surrenders(&stage.mill, &stage.mill.class("COD"), "0.500").await.granted());
    let application = submitted(&stage.mill, "3.000 t COD").await;
    let reduction = applied(&stage.mill, "1.000 t COD").await;
    let pledge = id(&world.bank.applies(&stage.mill, "10.000 t COD").await.granted());
    let limits = json!({"name": "2022集中授信", "limits": [{"organisation": stage.mill.id, "sub_limit": "150000.00"}]});
    let facility = world.bank.client.post("/facilities", limits).await.text("id");
    let consent = world.auditor.get("/consents").await.granted()["items"][0]["id"].as_str().unwrap().to_owned();
    let task = first(world, &format!("/tasks?subject={allocation}")).await;
    let reviewer = world.colleague_of(&world.head, Role::LegalReviewer).await;
    let admin = world.member(stage.mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let sun = world.member(stage.mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let handed = json!({"delegate": sun.id, "until": "2022-12-31T00:00:00+08:00"});
    let zhou = world.member(stage.mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let delegation = id(&zhou.client.post("/delegations", handed).await.granted());
    let program = json!({"organisation": stage.mill.id, "name": "厂内系统", "roles": ["enterprise_trader"], "scopes": ["read_books"]});
    let program = id(&world.operator.post("/api-clients", program).await.granted()["client"]);
    reconciles(&world.officer).await;
    let fact = id(&rates(&world.officer, &stage.mill, "green", "2022Q3").await.granted());
    let change = id(&plans(&world.city_head, (XIANAN, "COD"), "500.000", "2022-12-10").await.granted());
    let province = Province::of(world).await;
    let suspension = province.suspends(XIANAN, ("pollutant", "COD")).await;
    crate::money::happened(world, &stage.mill).await;
    crate::disclosure::happened(world, &stage.mill).await;
    stage.mill.consents(&world.bank, &["COD"]).await;
    let secured = crate::pledges::secured_on(&stage.mill, "1.000", "5000.00", "9000.00");
    let claim = crate::pledges::registered(world, &stage.mill, secured).await;
    let claim = claim["id"].as_str().unwrap().parse().unwrap();
    let (transfer, heir) = crate::pledges::transfers::happened(world, claim).await;
    let things = BTreeMap::from([
        ("money/payments", first(world, "/money/payments?state=unmatched").await),
        ("money/bank-differences", first(world, "/money/bank-differences?state=open").await),
        ("publications", first(world, "/publications?state=due").await),
        ("capacity-changes", change.to_string()),
        ("area-suspensions", suspension.to_string()),
        ("api-clients", program.to_string()),
        ("rulebooks", world.auditor.get("/rulebooks/current").await.text("id")),
        ("offers", stage.offer.to_string()),
        ("trades", stage.trade.to_string()),
        ("trade-overrides", overrides::asked(world, &stage.mill).await.to_string()),
        ("listings", drafts(&stage.mill, "1.000 t COD", "1.000", "9000.00").await.to_string()),
        ("allocations", allocation.to_string()),
        ("allocation-applications", application.to_string()),
        ("reduction-applications", reduction.to_string()),
        ("allocation-batches", batch.to_string()),
        ("objections", objection.to_string()),
        ("discharge-holds", traces.open_hold.to_string()),
        ("compliance-years", traces.account.to_string()),
        ("right-acts", right_act.to_string()),
        ("auctions", bidding.session.to_string()),
        ("public/auctions", bidding.session.to_string()),
        ("auction-lots", bidding.lot.to_string()),
        ("auction-registrations", bidding.registration.to_string()),
        ("webhooks", crate::events::happened(world, &stage.mill).await.to_string()),
        ("freezes", crate::freezes::frozen(world, &stage.mill, "1.000 t COD").await.to_string()),
        ("pledges", pledge.to_string()),
        ("claim-transfers", transfer.to_string()),
        ("disposals", crate::pledges::disposal_proposed(world, &stage.mill).await.0.to_string()),
        ("consented-sales", crate::pledges::sales::requested(world, &stage.mill).await.0.to_string()),
        ("facilities", facility),
        ("consents", consent),
        ("capacities", String::new()),
        ("organisations", stage.mill.id.to_string()),
        ("sites", stage.mill.site.to_string()),
        ("permits", first(world, "/permits").await),
        ("permit-mismatches", first(world, "/permit-mismatches").await),
        ("facts", fact.to_string()),
        ("users", sun.id.to_string()),
        ("delegations", delegation.to_string()),
        ("tasks", task.clone()),
        // The record of a task carries its id.
        ("decisions", task),
    ]);
    let everybody = vec![
        world.auditor.clone(),
        world.operator.clone(),
        world.city_head.clone(),
        world.city_officer.clone(),
        world.head.clone(),
        world.officer.clone(),
        world.bank.client.clone(),
        world.settlement.clone(),
        world.exchange.clone(),
        world.reserve.client.clone(),
        stage.mill.client.clone(),
        stage.glass.client.clone(),
        reviewer,
        admin.client,
        zhou.client,
        province.officer,
        province.head,
        heir,
    ];
    (things, everybody)
}

async fn first(world: &crate::support::World, list: &str) -> String {
    world.auditor.get(list).await.granted()["items"][0]["id"].as_str().unwrap().to_owned()
}

/// The word of a path for what it is about; what is published is about the same.
fn word(operation: &Operation) -> &str {
    operation.path.trim_start_matches("/public").split('/').nth(1).unwrap()
}

fn placed(operation: &Operation, things: &BTreeMap<&'static str, String>) -> Option<String> {
    // What stands below another room is named by both words.
    let words: Vec<&str> = operation.path.split('/').skip(1).take(2).collect();
    let thing = things.get(words.join("/").as_str()).or_else(|| things.get(words[0]));
    thing.map(|id| operation.path.replace("{id}", id))
}

#[tokio::test]
async fn a_change_against_another_version_is_412_by_every_command_about_a_thing() {
    let stage = Stage::new().await;
    let (things, everybody) = things(&stage).await;
    let mut walked = 0;
    for command in operations().iter().filter(|operation| operation.parameter("If-Match").is_some()) {
        let path =
            placed(command, &things).unwrap_or_else(|| panic!("{} is not walked: name a thing for it", command.id));
        let mut told = Vec::new();
        for client in &everybody {
            let request = command.request(client, &path).header("If-Match", "\"99\"").json(&command.body());
            let answer = Answer::of(request).await;
            told.push((answer.status.as_u16(), answer.body["code"].clone()));
        }
        assert!(told.contains(&(412, json!("API_STALE_VERSION"))), "{} ignores If-Match: {told:?}", command.id);
        assert!(told.iter().all(|(status, _)| *status >= 400), "{} was done: {told:?}", command.id);
        walked += 1;
    }
    assert!(walked >= 18, "only {walked} commands were walked");
    every_thing_with_versions_is_changed_against_one();
    for command in operations().iter().filter(|operation| operation.is_command() && operation.path.contains("{id}")) {
        let is_told = command.parameter("If-Match").is_some();
        assert!(is_told || UNVERSIONED.contains(&command.id.as_str()), "{}", command.id);
    }
}

/// Things that have versions, and that no command of the API changes by itself: a site is registered once, and a permit varies with the
/// trade that says so, and a mismatch with the runs that compare.
const SETTLED: [&str; 3] = ["sites", "permits", "permit-mismatches"];

/// Whatever may be read with an ETag has commands that take it, wherever they stand.
fn every_thing_with_versions_is_changed_against_one() {
    let word = |operation: &Operation| word(operation).to_owned();
    let operations = operations();
    let taken: Vec<String> =
        operations.iter().filter(|operation| operation.parameter("If-Match").is_some()).map(word).collect();
    let read = operations.iter().filter(|operation| operation.parameter("If-None-Match").is_some());
    let settled: Vec<String> = read.map(word).filter(|word| !taken.contains(word)).collect();
    assert_eq!(
        settled,
        SETTLED.map(str::to_owned).into_iter().rev().collect::<Vec<_>>(),
        "read with an ETag, and changed without"
    );
}

#[tokio::test]
async fn who_has_the_version_gets_304_and_who_has_another_gets_the_thing() {
    let stage = Stage::new().await;
    let (things, everybody) = things(&stage).await;
    let mut walked = 0;
    for find in operations().iter().filter(|operation| operation.parameter("If-None-Match").is_some()) {
        let path = placed(find, &things).unwrap_or_else(|| find.filled(None));
        let mut seen = false;
        for client in &everybody {
            let answer = client.get(&path).await;
            if answer.status != 200 {
                continue;
            }
            let etag = answer.headers["etag"].to_str().unwrap().to_owned();
            assert_eq!(etag, format!("\"{}\"", answer.body["version"]), "{}", find.id);
            let ask = |known: &str| client.request(Method::GET, &path).header("If-None-Match", known);
            for known in [etag.clone(), format!("W/{etag}"), format!("\"98\", {etag}"), "*".to_owned()] {
                let unchanged = Answer::of(ask(&known)).await;
                unchanged.with_status(304);
                assert_eq!((unchanged.headers["etag"].to_str().unwrap(), &unchanged.body), (etag.as_str(), &json!("")));
            }
            Answer::of(ask("\"99\"")).await.with_status(200);
            seen = true;
        }
        assert!(seen, "{} was seen by nobody at {path}", find.id);
        walked += 1;
    }
    assert!(walked >= 6, "only {walked} things were walked");
    let things = crate::support::contract::contract();
    for path in things["paths"].as_object().unwrap().keys().filter(|path| path.ends_with("/{id}")) {
        assert!(things["paths"][path]["get"].is_object(), "{path} cannot be read");
    }
}
