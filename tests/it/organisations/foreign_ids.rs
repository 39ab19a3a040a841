//! Ids of another tenant wherever a request carries an id: every field of every body, every filter of every list, found in the
//! contract. Whoever has nothing to do with a thing gets the answer that they would get for an id that nobody has, and no list of theirs
//! names it.

use super::hidden::Hidden;
use super::id;
use crate::conduct::{Operation, operations};
use crate::support::world::XIANAN;
use crate::support::{Answer, Client};
use ganhe::kernel::ids::fresh;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Fields of bodies in which an id of somebody else's is told apart from one that nobody has, and why that tells nothing. The list may
/// only shrink: a line that is not needed any more fails the walk.
const KNOWN_ANYWAY: [(&str, &str, &str); 0] = [];

/// Commands about a thing in their path that the walk does not act on: whoever asks for a foreign one gets 404 before the body is looked
/// at (`hidden` walks them), and their ids of documents are proved in one place for all (`documents::prove`), which `reject_allocation`
/// walks here. A lien is looked for among those of the pledge alone, and freezes are the exchange's, from which nothing is hidden.
const OF_A_THING: [&str; 21] = [
    "confirm_allocation_batch",
    "reject_allocation_batch",
    "confirm_allocation",
    "review_decision",
    "reverse_journal",
    "suspend_organisation",
    "reinstate_organisation",
    "verify_organisation",
    "refuse_organisation",
    "verify_pledge",
    "refuse_pledge",
    "revalue_pledge",
    "propose_amendment",
    "propose_disposal",
    "request_consented_sale",
    "agree_consented_sale",
    "release_part_of_pledge",
    "release_pledge_by_court",
    "decide_task",
    "record_freeze",
    "execute_freeze",
];

/// The same where a thing of both parties is needed.
const OF_A_TRADE: [&str; 9] = [
    "approve_trade",
    "refuse_trade",
    "cancel_trade",
    "confirm_settlement",
    "vary_permit",
    "approve_trade_override",
    "refuse_trade_override",
    "withdraw_trade_override",
    "revoke_trade_override",
];

/// Where ids stand in a schema: paths with `[]` for each item of a list.
fn ids_in(contract: &Value, schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return ids_in(contract, contract.pointer(reference.trim_start_matches('#')).unwrap(), at, found);
    }
    if schema["format"] == "uuid" {
        found.insert(at.to_owned());
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        for one in schema[choice].as_array().into_iter().flatten() {
            ids_in(contract, one, at, found);
        }
    }
    if schema["items"].is_object() {
        ids_in(contract, &schema["items"], &format!("{at}[]"), found);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        ids_in(contract, field, &format!("{at}/{name}"), found);
    }
}

/// A body with an id in a field; the first item of every list on the way stands for all.
fn with(body: &Value, field: &str, id: Uuid) -> Value {
    let mut body = body.clone();
    let mut place = &mut body;
    for step in field.trim_start_matches('/').split('/') {
        let name = step.trim_end_matches("[]");
        place = &mut place[name];
        if step.ends_with("[]") {
            if place.as_array().is_none_or(Vec::is_empty) {
                *place = json!([null]);
            }
            place = &mut place[0];
        }
    }
    *place = json!(id);
    body
}

/// What an answer tells: its status, and the codes of what is wrong with their fields.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>) {
    let violations = answer.body["violations"].as_array().into_iter().flatten();
    let pair = |one: &Value| (one["code"].to_string(), one["field"].to_string());
    let mut pairs: Vec<_> = violations.map(pair).collect();
    pairs.sort();
    (answer.status.as_u16(), pairs)
}

/// Whoever asks, and what they have of their own to act on, by the operations for which it is needed.
struct Stranger {
    who: &'static str,
    client: Client,
    own: BTreeMap<&'static str, String>,
}

async fn strangers(hidden: &Hidden) -> Vec<Stranger> {
    let world = &hidden.history.world;
    let plain = |(who, client)| Stranger { who, client, own: BTreeMap::new() };
    let mut all: Vec<Stranger> = hidden.strangers().await.into_iter().map(plain).collect();
    let glass = world.seller("通城搪瓷", "10.000 t COD").await;
    let works = world.enterprise("通城砖瓦").await;
    let offer = id(&glass.offers("1.000 t COD", "8790.00", &works).await.granted());
    let accepting = BTreeMap::from([("accept_offer", offer.to_string())]);
    all.push(Stranger { who: "neighbour", client: works.client, own: accepting });
    // The city's bureau is in charge of the mill as well; that of another county has an allocation of its own to reject.
    let ceramics = world.enterprise_in("咸安陶瓷", XIANAN, "ceramics").await;
    let body = json!({
        "site": ceramics.site, "pollutant": "COD", "origin": "paid", "zone": ceramics.basin, "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": "1.000", "document": "核定2022-009",
    });
    let proposed = world.xianan_officer.post("/allocations", body).await;
    let bureau = all.iter_mut().find(|stranger| stranger.who == "bureau").unwrap();
    bureau.own.insert("reject_allocation", id(&proposed.granted()).to_string());
    all
}

/// Ids that are asked for: those of the mill's things, the mill and its site.
fn foreign(hidden: &Hidden) -> Vec<(&'static str, Uuid)> {
    let mill = &hidden.history.mill;
    let things = hidden.things.iter().map(|(kind, id)| (*kind, *id));
    things.chain([("the organisation", mill.id), ("its site", mill.site)]).collect()
}

/// What is answered, and what was answered in the end where a long work judges it.
async fn sends(operation: &Operation, client: &Client, path: &str, body: &Value) -> Answer {
    let mut answer = Answer::of(operation.request(client, path).json(body)).await;
    if answer.status == 202 && answer.body["asked_by"].is_string() {
        let ended = client.ended(&answer.text("id")).await;
        assert_eq!(ended["state"], "failed", "{} was done: {ended:#}", operation.id);
        answer.body["violations"] = ended["faults"].clone();
        answer.status = reqwest::StatusCode::UNPROCESSABLE_ENTITY;
    }
    answer
}

#[tokio::test]
async fn no_field_of_a_body_tells_whether_another_has_what_it_names() {
    let hidden = Hidden::new().await;
    let contract = crate::support::contract::contract();
    let (foreign, strangers) = (foreign(&hidden), strangers(&hidden).await);
    let (mut faults, mut needed, mut walked) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for operation in operations().iter().filter(|operation| operation.is_command() && !operation.is_open()) {
        let schema = &operation.spec["requestBody"]["content"]["application/json"]["schema"];
        let mut fields = BTreeSet::new();
        ids_in(&contract, schema, "", &mut fields);
        for (field, stranger) in fields.iter().flat_map(|field| strangers.iter().map(move |stranger| (field, stranger)))
        {
            let own = stranger.own.get(operation.id.as_str());
            let path = operation.path.replace("{id}", &own.cloned().unwrap_or_else(|| fresh().to_string()));
            let random = sends(operation, &stranger.client, &path, &with(&operation.body(), field, fresh())).await;
            // Who may not do it at all, or asks for a thing that is not there, has the body not looked at.
            let is_looked_at = random.status != 403 && (own.is_some() || !operation.path.contains("{id}"));
            if !is_looked_at {
                continue;
            }
            assert!(!random.status.is_success(), "{} was done by {}: {:#}", operation.id, stranger.who, random.body);
            walked.insert(format!("{} {field}", operation.id));
            for (kind, thing) in &foreign {
                let real = sends(operation, &stranger.client, &path, &with(&operation.body(), field, *thing)).await;
                if told(&real) == told(&random) {
                    continue;
                }
                let line = (operation.id.clone(), field.clone());
                if KNOWN_ANYWAY.iter().any(|(id, known, _)| *id == line.0 && *known == line.1) {
                    needed.insert(line);
                } else {
                    let (real, random) = (told(&real), told(&random));
                    faults.push(format!("{} {} {field} {kind}: {real:?}, but {random:?}", stranger.who, operation.id));
                }
            }
        }
        for field in &fields {
            let is_walked = walked.contains(&format!("{} {field}", operation.id));
            let is_elsewhere = OF_A_THING.iter().chain(&OF_A_TRADE).any(|id| *id == operation.id);
            if is_walked == is_elsewhere {
                faults
                    .push(format!("{} {field}: walked {is_walked}, listed as not walked {is_elsewhere}", operation.id));
            }
        }
    }
    for (operation, field, _) in KNOWN_ANYWAY {
        assert!(
            needed.contains(&(operation.to_owned(), field.to_owned())),
            "{operation} {field} needs no exception any more"
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(walked.len() >= 12, "{walked:?}");
}

#[tokio::test]
async fn no_filter_tells_whether_another_has_what_it_names() {
    let hidden = Hidden::new().await;
    let (foreign, strangers) = (foreign(&hidden), hidden.strangers().await);
    let (mut faults, mut walked) = (Vec::new(), BTreeSet::new());
    for operation in operations().iter().filter(|operation| operation.method == Method::GET && !operation.is_open()) {
        let parameters = operation.spec["parameters"].as_array().cloned().unwrap_or_default();
        let filters = parameters.iter().filter(|one| one["in"] == "query" && one["schema"]["format"] == "uuid");
        for filter in filters.map(|one| one["name"].as_str().unwrap()) {
            let path = operation.filled(None);
            let joint = if path.contains('?') { '&' } else { '?' };
            for (who, client) in &strangers {
                let ask = async |id: Uuid| client.get(&format!("{path}{joint}{filter}={id}")).await;
                let random = ask(fresh()).await;
                if random.status == 403 {
                    continue;
                }
                walked.insert(format!("{} {filter}", operation.id));
                for (kind, thing) in &foreign {
                    let real = ask(*thing).await;
                    // Sites are a public register: who has which is read there by anybody.
                    let is_public = operation.id == "list_sites" && *kind == "the organisation";
                    let answers = |answer: &Answer| (told(answer), answer.body["items"].clone());
                    if answers(&real) != answers(&random) && !is_public {
                        faults.push(format!("{who} {} {filter} {kind}: {:#}", operation.id, real.body));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(walked.len() >= 10, "{walked:?}");
}

#[tokio::test]
async fn no_list_of_a_stranger_names_what_is_anothers() {
    let hidden = Hidden::new().await;
    let (mut faults, mut walked) = (Vec::new(), BTreeSet::new());
    let strangers = hidden.strangers().await;
    let lists = operations()
        .into_iter()
        .filter(|operation| operation.method == Method::GET && !operation.is_open() && !operation.path.contains('{'));
    for operation in lists {
        for (who, client) in &strangers {
            let path = operation.filled(None);
            // Statements are of somebody: here of whoever asks.
            let own = client.get("/me").await.granted()["organisation"].as_str().unwrap().to_owned();
            let path = if operation.id == "list_statements" { format!("{path}&organisation={own}") } else { path };
            let joint = if path.contains('?') { '&' } else { '?' };
            let is_list = operation.parameter("cursor").is_some();
            let mut next = if is_list { format!("{path}{joint}limit=200") } else { path.clone() };
            loop {
                let answer = client.get(&next).await;
                if answer.status == 403 {
                    break;
                }
                answer.with_status(200);
                walked.insert(operation.id.clone());
                let text = answer.body.to_string();
                let shown = hidden.things.iter().filter(|(_, id)| text.contains(&id.to_string()));
                faults.extend(shown.map(|(kind, id)| format!("{who} {} shows {kind} {id}", operation.id)));
                match answer.body["next_cursor"].as_str() {
                    Some(cursor) => next = format!("{path}{joint}limit=200&cursor={cursor}"),
                    None => break,
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(walked.len() >= 30, "only {} lists were walked: {walked:?}", walked.len());
}
