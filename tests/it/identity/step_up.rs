//! Every operation as somebody who has every role and gave their password alone: what moves rights or money, binds somebody to move them,
//! or hands out the power to, waits for the second factor.

use super::second_factor::strict_node;
use crate::access::operations;
use crate::support::{Client, World};
use ganhe::access::{Caller, Role};
use reqwest::Method;
use std::collections::BTreeSet;

/// Commands that a person does with the password alone, each for its reason. A new command waits for the second factor, or it is named
/// here.
const WITH_A_PASSWORD_ALONE: &[(&str, &str)] = &[
    ("sign_out", "one's own sign-in"),
    ("change_password", "one's own sign-in; the old password is asked for"),
    ("end_session", "one's own sign-in; only ends"),
    ("end_sessions", "one's own sign-in; only ends"),
    ("enrol_second_factor", "without it there would never be a second factor; the password is asked for"),
    ("confirm_second_factor", "a code of it is asked for"),
    ("give_second_factor", "a code of it is asked for"),
    ("remove_own_second_factor", "a code of it is asked for"),
    ("register_document", "evidence: moves nothing until an act rests on it"),
    ("register_site", "a register of what stands somewhere"),
    ("register_permit", "a copy of what the permit office has decided"),
    ("register_project", "a register of what is to be built"),
    ("vary_permit", "a copy of what the permit office has decided"),
    ("raise_objection", "says something, and moves nothing"),
    ("withdraw_consent", "closes an eye; nobody shall be kept from it"),
    ("look_under_consent", "reads"),
    ("register_outlet", "a register of what discharges"),
    ("receive_monitor_messages", "what monitors have measured; it counts once a second person has verified the year"),
    ("receive_monitor_stream", "what monitors have measured; it counts once a second person has verified the year"),
    ("report_discharge", "what a site says of itself; it counts once a second person has verified the year"),
    ("close_discharge_hold", "says what a measurement was; it counts once a second person has verified the year"),
    ("open_compliance_year", "begins an account; moves nothing before it is verified"),
    ("report_compliance_year", "hands an account in; moves nothing before it is verified"),
    ("preview_trade", "reads: nothing of it is kept"),
    ("reconcile_permits", "reads, and compares"),
    ("reconcile_books", "reads, and compares"),
    ("verify_books", "reads, and compares"),
];

/// Reads that need it as well: they show who could act as whom, or who is told of what, to those who can change that.
const READ_WITH_IT: [&str; 11] = [
    "list_clients",
    "find_client",
    "list_delegations",
    "find_delegation",
    "list_delegated_acts",
    "list_sessions_of_user",
    "list_webhooks",
    "find_webhook",
    "find_buyer_project",
    "find_sale_project",
    "list_deliveries",
];

#[tokio::test]
async fn whatever_moves_rights_or_money_answers_that_the_second_factor_is_missing() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let somebody = Caller { roles: Role::ALL.to_vec(), ..world.operator.signed_in(&world.app.shared) };
    let client = Client::of(node, &world.app.shared, &somebody);
    let (mut with_password, mut faults) = (BTreeSet::new(), Vec::new());
    for operation in operations().iter().filter(|operation| !operation.is_open) {
        let answer = operation.tried_by(&client, &operation.body).await;
        let is_missing = answer.body["code"] == "AUT_SECOND_FACTOR_NEEDED";
        let is_told = is_missing && answer.status == 403;
        let actions = operation.actions();
        let waits = actions.first().is_some_and(|action| action.needs_second_factor());
        if is_told != waits || is_missing != is_told {
            faults.push(format!("{} should wait: {waits}; {} {:#}", operation.id, answer.status, answer.body));
        }
        if operation.method == Method::GET {
            assert_eq!(is_missing, READ_WITH_IT.contains(&operation.id.as_str()), "{}", operation.id);
        } else if !is_missing {
            with_password.insert(operation.id.clone());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let named: BTreeSet<String> = WITH_A_PASSWORD_ALONE.iter().map(|(id, _)| (*id).to_owned()).collect();
    let unnamed: Vec<_> = with_password.symmetric_difference(&named).collect();
    assert!(unnamed.is_empty(), "done with a password alone, or named without need: {unnamed:?}");
}
