//! What every operation of the contract shares: the bearer token, the idempotency key, and the problems it may answer.

use crate::http::problem::{ProblemView, ViolationView};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// Completes the generated contract.
pub fn complete(mut contract: OpenApi) -> OpenApi {
    // The router marks a parameter that spans several segments with a star, which the contract's language does not know.
    let paths = std::mem::take(&mut contract.paths.paths);
    contract.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    contract.info = InfoBuilder::new()
        .title("Ganhe 淦河")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The ledger on which pollutant emission rights (排污权) are allocated, traded, pledged and audited. \
             Quantities and money are decimal strings; every refusal is an RFC 9457 problem that lists all broken rules.",
        ))
        .build();
    let components = contract.components.get_or_insert_default();
    components.schemas.insert(ProblemView::name().into_owned(), ProblemView::schema());
    components.schemas.insert(ViolationView::name().into_owned(), ViolationView::schema());
    components
        .security_schemes
        .insert("bearer".to_owned(), RefOr::T(SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))));
    for (path, item) in &mut contract.paths.paths {
        let has_id = path.contains('{');
        for (operation, is_command) in [(&mut item.get, false), (&mut item.post, true), (&mut item.put, true)] {
            if let Some(operation) = operation {
                complete_operation(operation, is_command && !path.starts_with(OAUTH), has_id);
                if is_command && path.contains(SIGN_IN) {
                    complete_sign_in(operation);
                }
            }
        }
    }
    contract
}

/// Operations on one's own sign-in: what they answer is secret, so that it is not kept under a key, and a repeat does no harm.
const SIGN_IN: &str = "/auth/";
/// Operations whose requests and errors have the form of RFC 6749.
const OAUTH: &str = "/oauth/";

/// Takes from an operation of signing in what only commands on the books have, and tells that it slows down guessing.
fn complete_sign_in(operation: &mut Operation) {
    if let Some(parameters) = &mut operation.parameters {
        let is_of_books = |parameter: &RefOr<utoipa::openapi::path::Parameter>| match parameter {
            RefOr::T(parameter) => {
                ["Idempotency-Key", "Ledger-Expect", DRY_RUN.0, ACCOUNTS.0].contains(&parameter.name.as_str())
            }
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
    let too_often = problem("Too many failures: Retry-After says when the next attempt is judged");
    operation.responses.responses.insert("429".to_owned(), RefOr::T(too_often));
}

fn complete_operation(operation: &mut Operation, is_command: bool, has_id: bool) {
    let is_open = operation.security.as_ref().is_none_or(Vec::is_empty);
    if let Some(need) = need_of(operation) {
        let told = operation.description.take().filter(|told| !told.is_empty());
        operation.description = Some(told.map_or_else(|| need.clone(), |told| format!("{told}\n\n{need}")));
    }
    let mut problems =
        vec![("500", "Ours to mend"), ("503", "Busy, try again shortly"), ("400", "The request cannot be read")];
    if is_open {
        if is_command {
            problems.extend([
                ("401", "Not accepted"),
                ("413", "The body is too large"),
                ("422", "A field or a rule is broken"),
            ]);
        }
    } else {
        problems.extend([("401", "Nobody is signed in"), ("403", "The role does not carry the permission")]);
        if has_id {
            problems.push(("404", "No such thing, or not for you to know of"));
        }
        if is_command {
            problems.extend([
                ("404", "Something the request names is not there, or not for you to know of"),
                ("409", "The state does not allow it, or the idempotency key was used for another request"),
                ("412", "It has changed since you saw it"),
                ("422", "A rule of the business is broken; all of them are listed"),
            ]);
            let parameters = operation.parameters.get_or_insert_default();
            parameters.extend([idempotency_key(), ledger_expect(), flag(DRY_RUN), flag(ACCOUNTS)].map(RefOr::T));
            tell_accounts(operation);
        } else {
            problems.push(("422", "A field is broken"));
        }
    }
    for (status, description) in problems {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
    }
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

fn flag((name, description): (&str, &str)) -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean)))
        .build()
}

fn ledger_expect() -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name("Ledger-Expect")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Accounts with the versions you saw, as Ledger-Accounts tells them: \"<account>\";version=3. The command is refused \
             with 412 when one of them has moved since.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
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

fn idempotency_key() -> utoipa::openapi::path::Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(128))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("A repeat with the same key and body gets the first answer again; another body is refused."))
        .schema(Some(schema))
        .build()
}
