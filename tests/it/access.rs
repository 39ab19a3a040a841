//! Who may do what: the contract names the permission of every operation, and every operation is tried as every role and as
//! somebody whose token is no good.

use crate::support::app::TestApp;
use crate::support::{Answer, Client};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ganhe::access::token::{TokenKey, Tokens};
use ganhe::access::{Action, Caller, Role};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// Operations that nobody needs to sign in for. A new one is a decision, not an oversight.
const OPEN: [&str; 37] = [
    "apply_for_organisation",
    "check_certificate",
    "check_certificate_file",
    "check_extract",
    "check_extract_file",
    "check_life",
    "check_paper",
    "check_readiness",
    "cosign_checkpoint",
    "find_checkpoint",
    "find_consistency_proof",
    "find_inclusion_proof",
    "find_installation",
    "find_public_auction",
    "find_public_price_index",
    "find_public_refusals",
    "find_public_statistics",
    "find_tile",
    "issue_token",
    "list_event_kinds",
    "list_log_keys",
    "list_public_announcements",
    "list_public_areas",
    "list_public_auctions",
    "list_public_basins",
    "list_public_bids",
    "list_public_capacities",
    "list_public_liens",
    "list_public_lots",
    "list_public_ratings",
    "list_public_results",
    "list_public_trades",
    "list_roles",
    "list_token_keys",
    "refresh_session",
    "reset_password",
    "sign_in",
];
/// Permissions that a task names, and no operation: `decide_task` asks for whatever its task does. `decisions::approvals` tries them.
const OF_TASKS: [&str; 1] = ["approve_act"];
/// Operations that any signed-in user may ask for, whatever their role.
const FOR_EVERYBODY: [&str; 4] = ["find_me", "list_operations", "find_operation", "follow_operation"];

/// One operation of the contract.
pub struct Operation {
    /// Its operation id.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path below the base, with the names of its parameters.
    pub template: String,
    path: String,
    /// Whether nobody needs to sign in for it.
    pub is_open: bool,
    /// `x-permission`: any of these lets a role in; absent when the contract does not say.
    any_of: Option<Vec<String>>,
    /// `x-permission` of its fields: what a role needs beyond that to fill them in.
    of_fields: Vec<String>,
    /// A body in the form of the contract, though hardly one that the business accepts.
    pub body: Value,
}

fn permissions(spec: &Value) -> Option<Vec<String>> {
    match spec.get("x-permission")? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => several.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn of_fields(contract: &Value, schema: &Value) -> Vec<String> {
    let name = schema["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
    let fields = contract.pointer(name).and_then(|schema| schema["properties"].as_object()).cloned();
    fields.unwrap_or_default().values().filter_map(permissions).flatten().collect()
}

/// The smallest value in the form of a schema.
fn sample(contract: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return sample(contract, contract.pointer(reference.trim_start_matches('#')).expect("a schema that is there"));
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match (kind, schema["format"].as_str()) {
        ("string", Some("uuid")) => json!(ganhe::kernel::ids::fresh()),
        ("string", _) => json!("x"),
        ("integer" | "number", _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        ("boolean", _) => json!(false),
        ("array", _) => json!([]),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let names = required.iter().filter_map(Value::as_str);
            let field = |name: &str| (name.to_owned(), sample(contract, &schema["properties"][name]));
            Value::Object(names.map(field).collect::<Map<_, _>>())
        }
    }
}

/// The path with random ids in it and the query parameters that it cannot do without.
fn filled(path: &str, spec: &Value) -> String {
    let mut filled = path.split('{').next().unwrap_or_default().to_owned();
    for rest in path.split('{').skip(1) {
        let (_, after) = rest.split_once('}').expect("a closed brace");
        let _ = write!(filled, "{}{after}", ganhe::kernel::ids::fresh());
    }
    let parameters = spec["parameters"].as_array().cloned().unwrap_or_default();
    let needed = parameters.iter().filter(|one| one["in"] == "query" && one["required"] == true);
    let query: Vec<String> = needed
        .map(|one| format!("{}={}", one["name"].as_str().unwrap_or_default(), ganhe::kernel::ids::fresh()))
        .collect();
    if query.is_empty() { filled } else { format!("{filled}?{}", query.join("&")) }
}

/// Every operation that the program serves.
pub fn operations() -> Vec<Operation> {
    let contract = crate::support::contract::contract();
    let mut operations = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, spec) in item.as_object().unwrap().iter().filter(|(_, spec)| spec["operationId"].is_string()) {
            let schema = &spec["requestBody"]["content"]["application/json"]["schema"];
            operations.push(Operation {
                id: spec["operationId"].as_str().unwrap().to_owned(),
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                template: path.trim_start_matches(ganhe::app::BASE).to_owned(),
                path: filled(path.trim_start_matches(ganhe::app::BASE), spec),
                is_open: spec["security"].as_array().is_none_or(Vec::is_empty),
                any_of: permissions(spec),
                of_fields: of_fields(contract, schema),
                body: if schema.is_null() { json!({}) } else { sample(contract, schema) },
            });
        }
    }
    operations
}

impl Operation {
    /// Actions any of which lets somebody in.
    pub fn actions(&self) -> Vec<Action> {
        self.any_of.iter().flatten().filter_map(|word| Action::parse(word)).collect()
    }

    /// Tries it with a body, under a key of its own.
    pub async fn tried_by(&self, client: &Client, body: &Value) -> Answer {
        let request = client.request(self.method.clone(), &self.path);
        if self.method == Method::GET {
            return Answer::of(request).await;
        }
        Answer::of(request.header("Idempotency-Key", ganhe::kernel::ids::fresh().to_string()).json(body)).await
    }
}

#[test]
fn every_secured_operation_names_a_permission_that_exists() {
    let known: BTreeSet<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    let mut used = BTreeSet::new();
    let (mut open, mut for_everybody) = (Vec::new(), Vec::new());
    for operation in operations() {
        if operation.is_open {
            assert_eq!(operation.any_of, None, "{} is open to all and needs no permission", operation.id);
            open.push(operation.id);
            continue;
        }
        let any_of = operation.any_of.unwrap_or_else(|| panic!("{} does not name its x-permission", operation.id));
        for permission in any_of.iter().chain(&operation.of_fields) {
            assert!(known.contains(permission.as_str()), "{} names {permission}, which is no Action", operation.id);
        }
        if any_of.is_empty() {
            for_everybody.push(operation.id);
        }
        used.extend(any_of);
        used.extend(operation.of_fields);
    }
    open.sort();
    assert_eq!(open, OPEN);
    assert_eq!(for_everybody, FOR_EVERYBODY);
    let unused: Vec<&str> = known.into_iter().filter(|action| !used.contains(*action)).collect();
    assert_eq!(unused, OF_TASKS, "permissions that no operation needs");
}

#[tokio::test]
async fn a_role_is_refused_exactly_where_it_lacks_the_permission() {
    let app = TestApp::start().await;
    let operations = operations();
    let mut faults = Vec::new();
    for role in Role::ALL {
        let caller = Caller { roles: vec![*role], ..app.operator.clone() };
        let client = Client::of(app.address, &app.shared, &caller);
        for operation in operations.iter().filter(|operation| !operation.is_open) {
            let actions = operation.actions();
            let may = actions.is_empty() || actions.iter().any(|action| role.may(*action));
            let answer = operation.tried_by(&client, &operation.body).await;
            let is_refused = answer.status == 403 && answer.body["code"] == "AUT_NOT_ALLOWED";
            let is_heard = is_refused || answer.body["code"] != "API_MALFORMED";
            if is_refused == may || !is_heard || answer.status.is_server_error() {
                let (role, id, status) = (role.as_str(), &operation.id, answer.status);
                faults.push(format!("{role} {} {id}: {status} {}", if may { "may" } else { "may not" }, answer.body));
            }
        }
    }
    assert!(operations.len() > 60, "only {} operations were walked", operations.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Tokens that were not made here, or were changed since.
fn forged(app: &TestApp) -> Vec<(&'static str, String)> {
    let (real, _) = app.shared.tokens.sign(&app.operator, app.clock.wall_now()).unwrap();
    let stranger =
        Tokens::new(vec![TokenKey::fresh(app.clock.wall_now(), app.clock.wall_now()).unwrap()], "stranger").unwrap();
    let (of_another_key, _) = stranger.sign(&app.operator, app.clock.wall_now()).unwrap();
    let auditor = Caller { roles: vec![Role::Auditor], ..app.operator.clone() };
    let (other, _) = app.shared.tokens.sign(&auditor, app.clock.wall_now()).unwrap();
    let parts: Vec<&str> = real.split('.').collect();
    let claims = other.split('.').nth(1).unwrap();
    let header = |algorithm: &str| URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "typ": "JWT"}).to_string());
    vec![
        ("another key", of_another_key),
        ("other claims under the same signature", format!("{}.{claims}.{}", parts[0], parts[2])),
        ("alg=none", format!("{}.{}.", header("none"), parts[1])),
        ("alg=none with a signature", format!("{}.{}.{}", header("none"), parts[1], parts[2])),
        ("alg=HS256", format!("{}.{}.{}", header("HS256"), parts[1], parts[2])),
        ("no signature", format!("{}.{}", parts[0], parts[1])),
        ("garbage", "not-a-token".to_owned()),
    ]
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_that_is_good_and_made_here() {
    let app = TestApp::start().await;
    let operations = operations();
    let nobody = Client::nobody(app.address);
    let late = Client::of(app.address, &app.shared, &app.operator);
    app.clock.advance(SignedDuration::from_mins(16));
    let mut asked =
        vec![("no token", nobody.clone(), "AUT_TOKEN_MISSING"), ("an old token", late, "AUT_TOKEN_EXPIRED")];
    for (what, token) in forged(&app) {
        asked.push((what, nobody.with_token(&token), "AUT_TOKEN_INVALID"));
    }
    for operation in operations.iter().filter(|operation| !operation.is_open) {
        for (what, client, code) in &asked {
            let answer = operation.tried_by(client, &json!({})).await;
            let told = (answer.status.as_u16(), answer.body["code"].as_str());
            assert_eq!(told, (401, Some(*code)), "{} with {what}: {:#}", operation.id, answer.body);
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{} with {what}", operation.id);
            assert_eq!(answer.headers["www-authenticate"], "Bearer", "{} with {what}", operation.id);
        }
    }
}

/// Role × action as a picture, and for which actions a person needs a second factor given lately.
fn table() -> String {
    let mut text = String::new();
    let width = Action::ALL.iter().map(|action| action.as_str().len()).max().unwrap_or_default();
    let _ = writeln!(text, "{:width$}  a second factor given lately", "");
    for (column, role) in Role::ALL.iter().enumerate() {
        let _ = writeln!(text, "{:width$}  │ {}{}", "", "│ ".repeat(column), role.as_str());
    }
    for action in Action::ALL {
        let marks: Vec<&str> = Role::ALL.iter().map(|role| if role.may(*action) { "✔" } else { "·" }).collect();
        let factor = if action.needs_second_factor() { "2" } else { "·" };
        let _ = writeln!(text, "{:width$}  {factor} {}", action.as_str(), marks.join(" "));
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever renews a snapshot says so in the environment")]
fn the_permission_table_is_the_one_that_was_reviewed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/permissions.txt");
    if std::env::var("GANHE_RENEW").is_ok_and(|renew| renew == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, table()).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    similar_asserts::assert_eq!(
        reviewed,
        table(),
        "who may do what has changed; when that is meant: GANHE_RENEW=1 cargo test --test it permission_table"
    );
}

#[tokio::test]
async fn anybody_reads_which_role_may_do_what_and_it_is_what_the_contract_asks_for() {
    let app = TestApp::start().await;
    let found = Client::nobody(app.address).get("/roles").await.granted();
    let roles = found["items"].as_array().unwrap();
    assert_eq!((roles.len(), &found["next_cursor"]), (Role::ALL.len(), &Value::Null));
    for (told, role) in roles.iter().zip(Role::ALL) {
        assert_eq!(told["role"], role.as_str());
        let may: BTreeSet<&str> =
            Action::ALL.iter().filter(|action| role.may(**action)).map(|action| action.as_str()).collect();
        let permissions = told["permissions"].as_array().unwrap();
        let named: BTreeSet<&str> = permissions.iter().map(|one| one["permission"].as_str().unwrap()).collect();
        assert_eq!(named, may, "{told:#}");
    }
    let officer = roles.iter().find(|role| role["role"] == "pledgee_officer").unwrap();
    assert_eq!(officer["organisation_kinds"], json!(["bank", "guarantor"]));
    assert_eq!((&officer["name_zh"], &officer["name_en"]), (&json!("银行质权经办"), &json!("Pledgee officer")));
    let registers = json!({"permission": "register_pledge", "name_zh": "申请与登记质押",
        "name_en": "Apply for and register pledges", "needs_second_factor": true});
    assert!(officer["permissions"].as_array().unwrap().contains(&registers), "{officer:#}");
}
