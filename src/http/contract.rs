//! What every operation of the contract shares: the bearer token, the idempotency key, and the problems it may answer.

use crate::http::problem::{ProblemView, ViolationView};
use crate::http::{examples, precise, told};
use serde_json::Value;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required,
    ResponseBuilder, Server, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// Completes the generated contract, with its examples.
///
/// # Errors
/// A fault of the serialiser.
pub fn complete(contract: OpenApi) -> Result<Value, serde_json::Error> {
    let mut whole = serde_json::to_value(with_common_parts(contract))?;
    examples::name_items(&mut whole);
    precise::sharpen(&mut whole);
    examples::show(&mut whole);
    told::tell(&mut whole);
    precise::share_headers(&mut whole);
    Ok(whole)
}

fn with_common_parts(mut contract: OpenApi) -> OpenApi {
    // The router marks a parameter that spans several segments with a star, which the contract's language does not know.
    let paths = std::mem::take(&mut contract.paths.paths);
    contract.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    contract.info = InfoBuilder::new()
        .title("Ganhe 淦河")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The ledger on which pollutant emission rights (排污权) are allocated, traded, pledged and audited. \
             Quantities and money are decimal strings; every refusal is an RFC 9457 problem that lists all broken rules. \
             Every answer, also a refusal, carries x-trace-id, RateLimit and RateLimit-Policy.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    contract.servers = Some(vec![Server::new("/")]);
    let components = contract.components.get_or_insert_default();
    components.schemas.insert(ProblemView::name().into_owned(), ProblemView::schema());
    components.schemas.insert(ViolationView::name().into_owned(), ViolationView::schema());
    components
        .security_schemes
        .insert("bearer".to_owned(), RefOr::T(SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))));
    let schemas = serde_json::to_value(&components.schemas).unwrap_or_default();
    for (path, item) in &mut contract.paths.paths {
        let place = Place { has_id: path.contains('{'), is_of_thing: path.contains("{id}") };
        let methods = [
            (&mut item.get, false),
            (&mut item.post, true),
            (&mut item.put, true),
            (&mut item.patch, true),
            (&mut item.delete, true),
        ];
        for (operation, is_command) in methods {
            if let Some(operation) = operation {
                complete_operation(operation, &schemas, is_command && !path.starts_with(OAUTH), place);
                if is_command && path.contains(SIGN_IN) {
                    complete_sign_in(operation);
                }
                if path.starts_with(OAUTH) {
                    complete_form(operation);
                }
            }
        }
    }
    contract
}

/// Commands at a path with an id whose thing has no versions of its own: a journal never changes, a look under a consent does
/// not change the consent, a fact is corrected by another one and once, and how a user signs in is no part of what the user's
/// versions count; a session of bidding takes lots, bidders and bids in without changing itself.
const UNVERSIONED: [&str; 8] = [
    "reverse_journal",
    "look_under_consent",
    "end_sessions_of_user",
    "prepare_password_reset",
    "remove_second_factor",
    "propose_lot",
    "register_bidder",
    "place_bid",
];

/// Commands about a thing that stands in their body and not in their path.
const NAMED_BY_BODY: [&str; 2] = ["set_capacity", "adopt_rulebook"];

/// What a path names.
#[derive(Clone, Copy)]
struct Place {
    /// Something, by an id, a month or a number.
    has_id: bool,
    /// A thing by its id, or what is done to it.
    is_of_thing: bool,
}

/// Operations on one's own sign-in: what they answer is secret, so that it is not kept under a key, and a repeat does no harm.
const SIGN_IN: &str = "/auth/";
/// Operations whose requests and errors have the form of RFC 6749.
const OAUTH: &str = "/oauth/";

const TOO_MANY: &str = "Too many requests or too many failures: Retry-After says when the next attempt is judged";

/// Takes from an operation of signing in what only commands on the books have, and tells that it slows down guessing.
fn complete_sign_in(operation: &mut Operation) {
    if let Some(parameters) = &mut operation.parameters {
        let is_of_books = |parameter: &RefOr<Parameter>| match parameter {
            RefOr::T(parameter) => ["Idempotency-Key", "Ledger-Expect", "If-Match", DRY_RUN.0, ACCOUNTS.0]
                .contains(&parameter.name.as_str()),
            RefOr::Ref(_) => false,
        };
        parameters.retain(|parameter| !is_of_books(parameter));
    }
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer
            && status.starts_with('2')
        {
            answer.headers.remove("Ledger-Accounts");
        }
    }
    operation.responses.responses.remove("412");
    operation.responses.responses.insert("429".to_owned(), RefOr::T(problem(TOO_MANY)));
}

/// A form meets the limits of every body; what is wrong with it is told in the form of RFC 6749.
fn complete_form(operation: &mut Operation) {
    let answers = &mut operation.responses.responses;
    answers.remove("422");
    for (status, description) in
        [("408", "The body did not arrive in time"), ("413", "The body is too large"), ("429", TOO_MANY)]
    {
        answers.insert(status.to_owned(), RefOr::T(problem(description)));
    }
}

fn complete_operation(operation: &mut Operation, schemas: &Value, is_command: bool, place: Place) {
    // Open to all is said, not left out.
    let is_open = operation.security.get_or_insert_default().is_empty();
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.name == "Idempotency-Key"
        {
            *parameter = idempotency_key();
        }
    }
    relax_body(operation, schemas);
    if let Some(need) = need_of(operation) {
        let told = operation.description.take().filter(|told| !told.is_empty());
        operation.description = Some(told.map_or_else(|| need.clone(), |told| format!("{told}\n\n{need}")));
    }
    tell_version(operation, schemas, is_command);
    let mut problems = vec![
        ("500", "Ours to mend"),
        ("503", "Busy, try again shortly"),
        ("400", "The request cannot be read"),
        ("429", "You ask too often; Retry-After says when to come back"),
        ("431", "The head of the request is too large"),
    ];
    if !is_command {
        problems.push(("422", "A parameter is broken"));
    }
    if is_command {
        problems.extend([
            ("408", "The body did not arrive in time"),
            ("413", "The body is too large"),
            ("415", "The body is not JSON"),
            ("422", "A field is broken, or a rule of the business; all of them are listed"),
        ]);
    }
    if is_open {
        if is_command {
            problems.push(("401", "Not accepted"));
        }
        if is_keyed(operation) {
            problems.push(("412", "An account has moved since you saw it"));
            tell_terms(operation);
        }
    } else {
        problems.extend([("401", "Nobody is signed in"), ("403", "The role does not carry the permission")]);
        if place.has_id {
            problems.push(("404", "No such thing, or not for you to know of"));
        }
        if is_command {
            problems.extend([
                ("404", "Something the request names is not there, or not for you to know of"),
                ("409", "The state does not allow it, or the idempotency key was used for another request"),
                ("412", "It has changed since you saw it"),
            ]);
            let id = operation.operation_id.as_deref().unwrap_or_default();
            let is_versioned = (place.is_of_thing && !UNVERSIONED.contains(&id)) || NAMED_BY_BODY.contains(&id);
            operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
            tell_terms(operation);
            if is_versioned {
                operation.parameters.get_or_insert_default().push(RefOr::T(version_seen(
                    "If-Match",
                    "The ETag that you saw; the command is refused with 412 when it is another by now.",
                )));
            }
            tell_location(operation);
        }
    }
    for (status, description) in problems {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
    }
}

/// A body all of whose fields may be left out may be left out itself.
fn relax_body(operation: &mut Operation, schemas: &Value) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        let told = serde_json::to_value(&*body).unwrap_or_default();
        let schema = told.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
        let name = schema.and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
        let is_empty_enough = schemas[name]["required"].as_array().is_none_or(Vec::is_empty);
        if is_empty_enough && schemas[name].is_object() {
            body.required = Some(Required::False);
        }
    }
}

/// Whether a good answer is a thing that counts its versions, or has one in it that was made with it.
fn is_versioned(answer: &RefOr<utoipa::openapi::Response>, schemas: &Value) -> bool {
    let answer = serde_json::to_value(answer).unwrap_or_default();
    let schema = answer.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
    let name = schema.and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
    name == "ClientWithSecret" || schemas[name]["properties"].get("version").is_some()
}

/// Says which good answers carry an ETag, and that a reader who has it gets 304.
fn tell_version(operation: &mut Operation, schemas: &Value, is_command: bool) {
    let mut is_told = false;
    for (status, answer) in &mut operation.responses.responses {
        if !["200", "201"].contains(&status.as_str()) || !is_versioned(answer, schemas) {
            continue;
        }
        if let RefOr::T(answer) = answer {
            let version = header("The version, quoted: send it back as If-Match", "\"3\"");
            answer.headers.insert("ETag".to_owned(), RefOr::T(version));
            is_told = true;
        }
    }
    if is_command || !is_told {
        return;
    }
    let unchanged = ResponseBuilder::new().description("Unchanged since the version of If-None-Match").build();
    operation.responses.responses.insert("304".to_owned(), RefOr::T(unchanged));
    let parameter = version_seen(
        "If-None-Match",
        "The ETag that you have; the answer is 304 without a body when it is still the same.",
    );
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
}

/// Says where to follow what was begun.
fn tell_location(operation: &mut Operation) {
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("202") {
        let example = "/api/v1/operations/018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01";
        answer.headers.insert(
            "Location".to_owned(),
            RefOr::T(header("Where to follow it: an operation, or the task of the second person", example)),
        );
    }
}

fn header(description: &str, example: &str) -> utoipa::openapi::Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).examples([Value::from(example)]);
    HeaderBuilder::new().description(Some(description)).schema(Some(schema)).build()
}

fn version_seen(name: &str, description: &str) -> Parameter {
    // RFC 9110 allows more in If-None-Match than an ETag of ours, and what is none of ours is simply not the version there is.
    let schema = ObjectBuilder::new().schema_type(Type::String);
    let is_strict = name == "If-Match";
    let schema = if is_strict { schema.min_length(Some(1)).pattern(Some(r#"^("[0-9]{1,18}"|\*)$"#)) } else { schema };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .example(Some(Value::from("\"3\"")))
        .schema(Some(schema))
        .build()
}

/// Which permission the operation needs, in words, from its `x-permission`: one, any of several, or none but a signed-in user.
fn need_of(operation: &Operation) -> Option<String> {
    let permission = operation.extensions.as_ref()?.get("x-permission")?;
    let any_of: Vec<&str> = match permission.as_array() {
        Some(permissions) => permissions.iter().filter_map(serde_json::Value::as_str).collect(),
        None => permission.as_str().into_iter().collect(),
    };
    match any_of.as_slice() {
        [] => Some("Needs no permission, only a signed-in user.".to_owned()),
        [one] => Some(format!("Needs the permission `{one}`.")),
        several => Some(format!("Needs one of the permissions `{}`.", several.join("`, `"))),
    }
}

fn problem(description: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemView::name()))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

const DRY_RUN: (&str, &str) = (
    "dry_run",
    "Judge and compute everything by the same code, and keep nothing: what the answer names does not exist. Needs no Idempotency-Key.",
);
const ACCOUNTS: (&str, &str) = (
    "accounts",
    "Tell the accounts that the command moved, as far as you may see them, in the header Ledger-Accounts.",
);

fn flag((name, description): (&str, &str)) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean)))
        .build()
}

/// Accounts with versions, as `Ledger-Expect` lists them.
const EXPECTATION: &str = concat!(
    r#"^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";version=[0-9]{1,18}"#,
    r#"(, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";version=[0-9]{1,18})*$"#
);

fn ledger_expect() -> Parameter {
    ParameterBuilder::new()
        .name("Ledger-Expect")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Accounts with the versions you saw, as Ledger-Accounts tells them: \"<account>\";version=3. The command is refused \
             with 412 when one of them has moved since.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some(EXPECTATION))))
        .build()
}

/// Whether it asks for a key though nobody signs in.
fn is_keyed(operation: &Operation) -> bool {
    let is_key = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(one) if one.name == "Idempotency-Key");
    operation.parameters.iter().flatten().any(is_key)
}

/// Says what may be asked of a command beside its body.
fn tell_terms(operation: &mut Operation) {
    let terms = [ledger_expect(), flag(DRY_RUN), flag(ACCOUNTS)].map(RefOr::T);
    operation.parameters.get_or_insert_default().extend(terms);
    tell_accounts(operation);
}

/// Says in each good answer of a command that it may tell accounts.
fn tell_accounts(operation: &mut Operation) {
    let header = HeaderBuilder::new()
        .description(Some("The accounts that were moved, when asked for: \"<account>\";version=3;balance=\"12.500\";asset=\"CNY\";purpose=\"available\""))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer
            && status.starts_with('2')
        {
            answer.headers.insert("Ledger-Accounts".to_owned(), RefOr::T(header.clone()));
        }
    }
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(128))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "A repeat with the same key and body gets the first answer again; another body is refused. Not needed with dry_run=true, which \
             keeps nothing.",
        ))
        .schema(Some(schema))
        .build()
}
