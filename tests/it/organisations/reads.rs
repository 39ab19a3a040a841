//! Who reads another party's data is told to that party: every read of the contract is walked.

use super::facts::rates;
use super::id;
use super::permits::reconciles;
use crate::auctions;
use crate::books::history::History;
use crate::compliance::happened;
use crate::market::listings::drafts;
use crate::market::overrides;
use crate::quota::applications::submitted;
use crate::quota::certificates::issued;
use crate::quota::idle::stands_idle;
use crate::quota::publicity::objected;
use crate::quota::reduction_applications::applied;
use crate::quota::tenure::{granted, lived};
use crate::support::World;
use crate::support::world::TONGCHENG;
use crate::support::{Answer, Client};
use ganhe::access::Role;
use ganhe::http::concern::Watch;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Reads that show no single party's data, and why.
const NOBODYS: &[(&str, &str)] = &[
    ("find_allocation_batch", "a file of bureaux; its grants name their parties"),
    ("list_allocation_batches", "files of bureaux; their grants name their parties"),
    ("find_operation", "what oneself has begun"),
    ("list_operations", "what oneself has begun"),
    ("follow_operation", "what oneself has begun"),
    ("find_site", "a public register"),
    ("find_capacity", "an area's, which is published"),
    ("find_capacity_overview", "areas', which are published"),
    ("find_capacity_trend", "an area's, which is published"),
    ("find_capacity_change", "an area's, which is published"),
    ("list_capacity_changes", "an area's, which is published"),
    ("find_area_suspension", "an area's, which is published"),
    ("list_area_suspensions", "an area's, which is published"),
    ("find_me", "oneself"),
    ("list_sessions", "one's own"),
    ("list_access", "the log of one's own organisation"),
    ("list_trades_under_consent", "each page is logged by itself, as a look under the consent"),
    ("list_organisations", "a public register"),
    ("find_organisation", "a public register"),
    ("list_sites", "a public register"),
    ("list_areas", "reference data"),
    ("list_basins", "reference data"),
    ("list_pollutants", "reference data"),
    ("find_calendar", "reference data"),
    ("list_right_classes", "reference data"),
    ("list_capacities", "an area's, which is published"),
    ("find_rulebook", "the law"),
    ("list_checks", "the law"),
    ("find_rulebook_version", "the law"),
    ("list_rulebooks", "the law"),
    ("list_documents", "those of one's own organisation"),
    ("list_legacy_transactions", "a register that was closed; its holders are names"),
    ("list_periods", "sums over everybody"),
    ("list_reconciliations", "sums over everybody"),
    ("find_trial_balance", "sums over everybody"),
    ("verify_books", "sums over everybody"),
    ("list_auctions", "published"),
    ("find_auction", "published"),
    ("follow_auction", "published"),
    ("list_lots", "published"),
    ("list_pledged_lots", "lots of sessions, which anybody may read"),
    ("find_lot", "published"),
    ("list_bids", "published"),
    ("list_auction_results", "published"),
    ("list_bank_statements", "a file of the settlement bank; what its lines were matched with names the parties"),
    ("find_bank_statement", "a file of the settlement bank; what its lines were matched with names the parties"),
    ("list_bank_statement_matches", "journals, which name their parties themselves"),
    ("list_bank_differences", "lines of the settlement bank and journals, which name their parties themselves"),
    ("find_bank_difference", "lines of the settlement bank and journals, which name their parties themselves"),
    ("list_publications", "trades, which name their parties themselves"),
    ("find_publication", "a trade, which names its parties itself"),
    ("find_trade_override_use", "sums; the override names its parties itself"),
    ("find_statistics", "sums over everybody"),
    ("find_price_index", "sums over everybody"),
    ("list_events", "what happened to oneself"),
    ("list_webhooks", "one's own"),
    ("find_webhook", "one's own"),
    ("list_deliveries", "one's own"),
    ("find_buyer_project", "the pledgee's alone, walked with its disposals"),
    ("find_sale_project", "the pledgor's alone, walked with its sales"),
    ("find_delegation", "walked below"),
    ("list_delegated_acts", "walked below"),
];

/// What the operator reads to support people and programs, and the auditor does not.
const NOT_THE_AUDITORS: [&str; 3] = ["find_client", "list_clients", "list_sessions_of_user"];

/// Operations by id with their templates: every read that needs a sign-in.
fn reads() -> BTreeMap<String, String> {
    let contract = crate::support::contract::contract();
    let paths = contract["paths"].as_object().unwrap().iter();
    let secured = paths.filter_map(|(path, item)| {
        let spec = &item["get"];
        let is_secured = spec["security"].as_array().is_some_and(|all| !all.is_empty());
        is_secured.then(|| (spec["operationId"].as_str().unwrap().to_owned(), path.clone()))
    });
    secured.collect()
}

fn user(me: &Value) -> Uuid {
    me["user"].as_str().unwrap().parse().unwrap()
}

/// A journal that moved the mill's rights, and an account of the mill.
async fn journal_and_account(history: &History) -> (String, String) {
    let journals = format!("/audit/journals?subject={}", history.allocation);
    let found = history.world.auditor.get(&journals).await.granted();
    let moved =
        found["items"].as_array().unwrap().iter().find(|journal| !journal["entries"].as_array().unwrap().is_empty());
    let journal = moved.unwrap();
    let entries = journal["entries"].as_array().unwrap();
    let own = entries.iter().find(|entry| entry["owner"] == history.mill.site.to_string()).unwrap();
    (journal["id"].as_str().unwrap().to_owned(), own["account"].as_str().unwrap().to_owned())
}

/// Each read that shows the mill's data, as somebody would ask for it.
#[expect(clippy::too_many_lines, reason = "one line for each read")]
async fn asked(history: &History, facility: Uuid, delegation: Uuid, member: Uuid) -> Vec<(&'static str, String)> {
    let document = history.mill.client.upload("a.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n").await.granted();
    let document = id(&document);
    let (journal, account) = journal_and_account(history).await;
    let (mill, site) = (history.mill.id, history.mill.site);
    let program =
        json!({"organisation": mill, "name": "厂内系统", "roles": ["enterprise_trader"], "scopes": ["read_books"]});
    let program = id(&history.world.operator.post("/api-clients", program).await.granted()["client"]);
    let auditor = &history.world.auditor;
    let first = async |list: &str| {
        let found = auditor.get(&format!("{list}?limit=200")).await.granted();
        let items = found["items"].as_array().unwrap();
        let (mill, site) = (json!(mill), json!(site));
        let own = items.iter().find(|item| item["organisation"] == mill || item["site"] == site).unwrap();
        format!("{list}/{}", id(own))
    };
    let decided = auditor.get(&format!("/decisions?subject={}", history.allocation)).await.granted();
    let decided = id(&decided["items"][0]);
    let span = "from=2022-12-01&to=2022-12-31";
    let sessions = auditor.get("/auctions?state=announced").await.granted();
    let session = format!("/auctions/{}", id(&sessions["items"][0]));
    let registration = id(&auditor.get(&format!("{session}/registrations")).await.granted()["items"][0]);
    let capacities = auditor.get("/capacities?area=421222&pollutant=COD").await.granted();
    let capacity = id(&capacities["items"][0]);
    let listing = drafts(&history.mill, "1.000 t COD", "1.000", "9000.00").await;
    let exception = overrides::asked(&history.world, &history.mill).await;
    let (disposed, _) = crate::pledges::disposal_proposed(&history.world, &history.mill).await;
    let (wished, _) = crate::pledges::sales::requested(&history.world, &history.mill).await;
    let (transfer, _) = crate::pledges::transfers::happened(&history.world, history.registered).await;
    let extract = crate::extracts::happened(&history.world, &history.mill, history.registered).await;
    let longer = json!({"reason": "展期", "debt_to": "2024-03-30"});
    history.world.bank.client.post(&format!("/pledges/{}/amendments", history.registered), longer).await.granted();
    vec![
        ("list_entries", format!("/accounts/{account}/entries")),
        ("find_statement", format!("/accounts/{account}/statement?{span}")),
        ("find_statement", format!("/accounts/{account}/statement?{span}&format=csv")),
        ("list_statements", format!("/statements?organisation={mill}&{span}")),
        ("list_statements", format!("/statements?owner={site}&{span}&format=xlsx")),
        ("list_balances", format!("/balances?organisation={mill}")),
        ("find_journal", format!("/journals/{journal}")),
        ("find_journal_proof", format!("/journals/{journal}/proof")),
        ("list_journals", format!("/audit/journals?subject={}", history.allocation)),
        ("list_refusals", "/audit/refusals".to_owned()),
        ("list_records", format!("/audit/records?table=allocations&key={}", history.allocation)),
        ("list_every_access", format!("/audit/access-log?organisation={mill}")),
        ("list_capacity_users", format!("/capacities/{capacity}/users")),
        ("list_allocations", format!("/allocations?site={site}")),
        ("find_allocation", format!("/allocations/{}", history.allocation)),
        ("list_applications", format!("/allocation-applications?site={site}")),
        ("find_application", first("/allocation-applications").await),
        ("list_certificates", format!("/certificates?site={site}")),
        ("find_certificate", first("/certificates").await),
        ("find_certificate_file", format!("{}/file", first("/certificates").await)),
        ("list_offers", "/offers".to_owned()),
        ("find_offer", format!("/offers/{}", history.open_offer)),
        ("list_trades", "/trades".to_owned()),
        ("find_trade", format!("/trades/{}", history.closed)),
        ("list_trade_overrides", "/trade-overrides".to_owned()),
        ("find_trade_override", format!("/trade-overrides/{exception}")),
        ("list_listings", "/listings".to_owned()),
        ("find_listing", format!("/listings/{listing}")),
        ("list_pledges", "/pledges".to_owned()),
        ("find_pledge", format!("/pledges/{}", history.registered)),
        ("list_valuations", format!("/pledges/{}/valuations", history.registered)),
        ("list_disposals", "/disposals".to_owned()),
        ("find_disposal", format!("/disposals/{disposed}")),
        ("list_consented_sales", "/consented-sales".to_owned()),
        ("find_consented_sale", format!("/consented-sales/{wished}")),
        ("list_amendments", format!("/pledges/{}/amendments", history.registered)),
        ("list_screenings", format!("/pledges/{}/screenings", history.registered)),
        ("list_claim_transfers", "/claim-transfers".to_owned()),
        ("find_claim_transfer", format!("/claim-transfers/{transfer}")),
        ("list_extracts", format!("/extracts?subject={site}")),
        ("find_extract", format!("/extracts/{extract}")),
        ("find_extract_file", format!("/extracts/{extract}/file")),
        ("list_freezes", format!("/freezes?site={site}")),
        ("find_freeze", first("/freezes").await),
        ("list_freeze_executions", format!("{}/executions", first("/freezes").await)),
        ("list_facilities", "/facilities".to_owned()),
        ("find_facility", format!("/facilities/{facility}")),
        ("list_consents", "/consents".to_owned()),
        ("find_consent", first("/consents").await),
        ("list_permits", format!("/permits?site={site}")),
        ("list_projects", format!("/projects?site={site}")),
        ("list_reductions", format!("/reductions?site={site}")),
        ("list_reduction_applications", format!("/reduction-applications?site={site}")),
        ("find_reduction_application", first("/reduction-applications").await),
        ("list_idle_rights", "/idle-rights".to_owned()),
        ("list_idle_rights", "/idle-rights?format=csv".to_owned()),
        ("find_permit", format!("/permits/{}", history.mill.permit)),
        ("find_project", first("/projects").await),
        ("find_reduction", first("/reductions").await),
        ("list_permit_mismatches", format!("/permit-mismatches?site={site}")),
        ("find_permit_mismatch", first("/permit-mismatches").await),
        ("list_facts", format!("/facts?organisation={mill}")),
        ("find_fact", first("/facts").await),
        ("find_deposit", first("/money/deposits").await),
        ("find_withdrawal", first("/money/withdrawals").await),
        ("find_payment", first("/money/payments").await),
        ("list_payments", "/money/payments".to_owned()),
        ("find_payment_code", first("/money/payment-codes").await),
        ("list_payment_codes", "/money/payment-codes".to_owned()),
        (
            "find_daily_statement",
            format!("/money/daily-statement?day=2022-12-01&bank={}", history.world.settlement_bank),
        ),
        ("list_deposits", "/money/deposits".to_owned()),
        ("list_withdrawals", "/money/withdrawals".to_owned()),
        ("list_users", "/users?limit=200".to_owned()),
        ("find_approvals", format!("/organisations/{mill}/approvals")),
        ("find_user", format!("/users/{member}")),
        ("list_sessions_of_user", format!("/users/{member}/sessions")),
        ("list_clients", "/api-clients".to_owned()),
        ("find_client", format!("/api-clients/{program}")),
        ("find_document", format!("/documents/{document}")),
        ("find_document_content", format!("/documents/{document}/content")),
        ("list_objections", "/objections".to_owned()),
        ("find_objection", first("/objections").await),
        ("list_outlets", format!("/outlets?site={site}")),
        ("find_outlet", first("/outlets").await),
        ("list_monitor_messages", format!("/monitor-messages?site={site}")),
        ("find_monitor_message", first("/monitor-messages").await),
        ("list_discharge_holds", format!("/discharge-holds?site={site}")),
        ("find_discharge_hold", first("/discharge-holds").await),
        ("list_discharge_reports", format!("/discharge-reports?site={site}")),
        ("find_discharge_report", first("/discharge-reports").await),
        ("list_compliance_years", format!("/compliance-years?site={site}")),
        ("find_compliance_year", first("/compliance-years").await),
        ("list_discharge_days", format!("{}/days", first("/compliance-years").await)),
        ("list_right_acts", format!("/right-acts?site={site}")),
        ("find_right_act", first("/right-acts").await),
        ("list_reserve_operations", "/reserve-operations".to_owned()),
        ("list_decisions", format!("/decisions?subject={}", history.allocation)),
        ("find_decision", format!("/decisions/{decided}")),
        ("list_tasks", format!("/tasks?state=decided&subject={}", history.allocation)),
        // A task has the identity of its decision record.
        ("find_task", format!("/tasks/{decided}")),
        ("list_registrations", format!("{session}/registrations")),
        ("find_registration", format!("/auction-registrations/{registration}")),
        ("list_delegations", "/delegations".to_owned()),
        ("find_delegation", format!("/delegations/{delegation}")),
        ("list_delegated_acts", format!("/delegations/{delegation}/acts")),
    ]
}

/// A facility, money out, and a delegation under which something was done: the rest of what the mill has.
async fn completed(history: &History) -> (Uuid, Uuid, Uuid) {
    let (world, mill) = (&history.world, &history.mill);
    let limits = json!({"name": "2022授信", "limits": [{"organisation": mill.id, "sub_limit": "150000.00"}]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    world.deposits(mill, "100.00").await;
    let out = json!({"organisation": mill.id, "amount": "1.00", "bank_reference": "OUT-MILL"});
    world.settlement.post("/money/withdrawals", out).await.granted();
    let zhang = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let wang = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let body = json!({"delegate": wang.id, "until": "2022-12-31T00:00:00+08:00"});
    let delegation = id(&zhang.client.post("/delegations", body).await.granted());
    objected(world, mill, mill).await;
    auctions::happened(world, mill).await;
    happened(world, mill).await;
    crate::money::happened(world, mill).await;
    lived(world, mill, &world.bank).await;
    let class = granted(world, mill.site, "1.000", "free", "2025-12-31").await;
    let back = json!({"kind": "take_back", "site": mill.site, "reserve_site": world.reserve.site, "right_class": class,
        "quantity": "1.000", "cause": "closure", "document": "咸环收〔2022〕3号"});
    world.officer.post("/reserve-operations", back).await.granted();
    rates(&world.officer, mill, "green", "2022Q3").await.granted();
    reconciles(&world.officer).await;
    submitted(mill, "1.000 t COD").await;
    applied(mill, "1.000 t COD").await;
    crate::freezes::happened(world, mill).await;
    stands_idle(world, mill).await;
    issued(mill, "COD").await;
    let accept = format!("/facilities/{facility}/accept");
    wang.client.acting_for(delegation).post(&accept, json!({})).await.granted();
    world.app.clock.advance(jiff::SignedDuration::from_mins(1));
    ganhe::ledger::log::sequence_once(&world.app.shared.db).await.unwrap();
    (facility, delegation, wang.id)
}

async fn logged(auditor: &Client, organisation: Uuid, reader: Uuid) -> Vec<String> {
    let (mut operations, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/audit/access-log?organisation={organisation}&reader={reader}&limit=200{cursor}");
        let found = auditor.get(&path).await.granted();
        operations.extend(
            found["items"].as_array().unwrap().iter().map(|item| item["operation"].as_str().unwrap().to_owned()),
        );
        match found["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return operations,
        }
    }
}

/// Names of those whose reads an organisation is told of.
async fn told_readers(client: &Client) -> BTreeSet<String> {
    let (mut names, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let found = client.get(&format!("/access-log?limit=200{cursor}")).await.granted();
        let items = found["items"].as_array().unwrap();
        names.extend(items.iter().map(|item| item["reader_organisation_name"].as_str().unwrap().to_owned()));
        match found["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return names,
        }
    }
}

#[tokio::test]
async fn every_read_of_another_partys_data_is_told_to_that_party() {
    let history = History::happen().await;
    let (facility, delegation, member) = completed(&history).await;
    let (world, mill) = (&history.world, &history.mill);
    let operations = reads();
    let asked = asked(&history, facility, delegation, member).await;
    for operation in operations.keys() {
        let is_walked = asked.iter().any(|(name, _)| name == operation);
        let is_nobodys = NOBODYS.iter().any(|(name, _)| name == operation);
        assert!(is_walked || is_nobodys, "{operation} shows whose data? Walk it, or say why it shows nobody's");
    }
    let second = world.member(world.bank.id, TONGCHENG, &[Role::PledgeeOfficer]).await;
    let readers = [
        ("auditor", &world.auditor),
        ("bureau", &world.city_officer),
        ("exchange", &world.exchange),
        ("settlement bank", &world.settlement),
        ("operator", &world.operator),
        ("bank", &second.client),
    ];
    let mut faults = Vec::new();
    for (who, client) in readers {
        let reader = user(&client.get("/me").await.granted());
        for (operation, path) in &asked {
            let answer = client.get(path).await;
            if !answer.status.is_success() {
                assert!(who != "auditor" || NOT_THE_AUDITORS.contains(operation), "{operation}: {:#}", answer.body);
                continue;
            }
            let told = logged(&world.auditor, mill.id, reader).await;
            let is_told = told.contains(&format!("GET {}", operations[*operation]));
            // What the bank reads here are its own pledges, facilities and consents; other lists have nothing of the mill's.
            let shows_it =
                who == "auditor" || (who != "bank" && answer.body.to_string().contains(&mill.id.to_string()));
            if shows_it && !is_told || who == "bank" && is_told {
                faults.push(format!("{who} {operation} {path}: {told:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let trader = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let names = told_readers(&trader.client).await;
    for name in ["咸宁市生态环境局", "交易中心", "结算银行", "淦河", "惠发村镇银行"] {
        assert!(names.contains(name), "{name} has read it: {names:?}");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn ones_own_affairs_are_logged_for_nobody() {
    let history = History::happen().await;
    let (world, mill) = (&history.world, &history.mill);
    let reader = user(&mill.client.get("/me").await.granted());
    for path in [
        "/balances",
        "/offers",
        "/trades",
        "/pledges",
        "/permits",
        "/consents",
        "/users",
        "/allocations",
        "/organisations",
        "/sites",
    ] {
        mill.client.get(path).await.granted();
    }
    let told = world.auditor.get(&format!("/audit/access-log?reader={reader}")).await.granted();
    assert_eq!(told["items"], json!([]));
}

#[tokio::test]
async fn the_log_tells_what_was_asked_how_often_and_in_whose_place() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let own: Uuid = world.officer.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
    let (qian, sun) = (
        world.member(own, TONGCHENG, &[Role::BureauHead]).await,
        world.member(own, TONGCHENG, &[Role::BureauOfficer]).await,
    );
    let body = json!({"delegate": sun.id, "until": "2022-12-31T00:00:00+08:00"});
    let delegation = id(&qian.client.post("/delegations", body).await.granted());
    let path = format!("/balances?organisation={}&purpose=available", mill.id);
    for _ in 0..3 {
        sun.client.acting_for(delegation).get(&path).await.granted();
    }
    let log = mill.client.get("/access-log").await.granted();
    let items = log["items"].as_array().unwrap();
    let read: Vec<&Value> = items.iter().filter(|item| item["operation"] == "GET /api/v1/balances").collect();
    assert_eq!(read.iter().map(|item| item["times"].as_i64().unwrap()).sum::<i64>(), 3);
    assert_eq!(read[0]["asked"], format!("/api/v1{path}"));
    assert_eq!(
        (read[0]["reader"].as_str(), read[0]["acting_for"].as_str()),
        (Some(&*sun.id.to_string()), Some(&*qian.id.to_string()))
    );
    assert_eq!(read[0]["reader_organisation_name"], "通城县生态环境分局");
    let glass = world.enterprise("通城玻璃").await;
    let others = glass.client.get("/access-log").await.granted();
    let strange: Vec<&Value> = others["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["organisation"] != glass.id.to_string())
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[tokio::test]
async fn many_readers_at_once_are_all_logged() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let reads = 8;
    let readers = (0..reads).map(|at| {
        let (client, path) =
            (world.city_officer.clone(), format!("/balances?organisation={}&limit={}", mill.id, at + 1));
        tokio::spawn(async move {
            for _ in 0..10 {
                client.get(&path).await.granted();
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.unwrap();
    }
    let log = mill.client.get("/access-log?limit=200").await.granted();
    let items = log["items"].as_array().unwrap();
    let balances = items.iter().filter(|item| item["operation"] == "GET /api/v1/balances");
    assert_eq!(balances.map(|item| item["times"].as_i64().unwrap()).sum::<i64>(), reads * 10);
}

#[tokio::test]
async fn what_was_noted_is_written_by_itself_soon_and_at_once_when_asked() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let count = async || {
        let sql = "SELECT COUNT(*) FROM reads WHERE operation = 'GET /api/v1/balances'";
        let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), sql).await;
        rows[0].try_get_by_index::<i64>(0).unwrap()
    };
    world.officer.get(&format!("/balances?organisation={}", mill.id)).await.granted();
    let watch: &dyn Watch = world.app.shared.watch.as_ref();
    watch.write(&world.app.shared).await.unwrap();
    assert_eq!(count().await, 1, "an orderly stop writes what waits");
    world.officer.get(&format!("/balances?organisation={}&limit=7", mill.id)).await.granted();
    let began = std::time::Instant::now();
    while count().await < 2 {
        assert!(began.elapsed().as_secs() < 20, "it was never written");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn nobody_changes_what_the_log_says() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let answer: Answer = world.officer.get(&format!("/balances?organisation={}", mill.id)).await;
    answer.granted();
    mill.client.get("/access-log").await.granted();
    for sql in ["UPDATE reads SET times = 1", "DELETE FROM reads"] {
        let outcome = sea_orm::ConnectionTrait::execute_unprepared(world.app.shared.db.writer(), sql).await;
        assert!(outcome.is_err(), "{sql}");
    }
}
