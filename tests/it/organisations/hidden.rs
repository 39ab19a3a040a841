//! What is hidden answers like what is not there: every operation with an id in its path is asked for another tenant's thing and for one
//! that nobody has, and the two answers do not differ.

use super::facts::rates;
use super::permits::reconciles;
use super::{applicant, id};
use crate::access::{Operation, operations};
use crate::auctions;
use crate::books::history::History;
use crate::compliance::happened;
use crate::identity::Person;
use crate::market::listings::drafts;
use crate::market::overrides;
use crate::quota::applications::submitted;
use crate::quota::batches::{file, proposed, row};
use crate::quota::certificates::issued;
use crate::quota::publicity::objected;
use crate::quota::reduction_applications;
use crate::quota::tenure::lived;
use crate::support::world::{Enterprise, TONGCHENG, WUHAN};
use crate::support::{Answer, Client, World};
use ganhe::access::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is nobody's secret: the law, public registers, and what is published of areas.
const PUBLIC: [&str; 20] = [
    "find_rulebook_version",
    "find_site",
    "find_capacity",
    "find_capacity_trend",
    // What a stranger sees of it is its emptiness.
    "list_capacity_users",
    "find_capacity_change",
    "withdraw_capacity_change",
    "find_area_suspension",
    "lift_area_suspension",
    // Auctions are published: what is on offer, what is bid, and who has won.
    "find_auction",
    "follow_auction",
    "list_lots",
    "find_lot",
    "list_bids",
    "list_auction_results",
    // What a stranger sees of them is their emptiness.
    "list_registrations",
    // Anybody may take part in what is published.
    "propose_lot",
    "withdraw_lot",
    "register_bidder",
    "place_bid",
];

/// Things of the mill by the beginning of their paths.
pub struct Hidden {
    pub history: History,
    pub things: BTreeMap<&'static str, Uuid>,
}

/// The first of a list that is of an enterprise or its site.
async fn first(world: &World, list: &str, of: Uuid) -> Uuid {
    let found = world.auditor.get(&format!("{list}?limit=200")).await.granted();
    let is_its = |item: &&Value| [&item["organisation"], &item["site"]].contains(&&json!(of));
    id(found["items"].as_array().unwrap().iter().find(is_its).unwrap())
}

/// A mismatch of an enterprise's permit.
pub async fn mismatch_of(world: &World, mill: &Enterprise) -> Uuid {
    reconciles(&world.officer).await;
    id(&mill.client.get("/permit-mismatches").await.granted()["items"][0])
}

impl Hidden {
    #[expect(clippy::too_many_lines, reason = "one line for each kind of thing")]
    pub async fn new() -> Self {
        let history = History::happen().await;
        let (world, mill) = (&history.world, &history.mill);
        let limits = json!({"name": "2022授信", "limits": [{"organisation": mill.id, "sub_limit": "150000.00"}]});
        let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
        let zhang = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader, Role::OrganisationAdmin]).await;
        let wang = world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
        let body = json!({"delegate": wang.id, "until": "2022-12-31T00:00:00+08:00"});
        let delegation = id(&zhang.client.post("/delegations", body).await.granted());
        let consents = mill.client.get("/consents").await.granted();
        let balances = mill.client.get("/balances").await.granted();
        let account = balances["items"][0]["account"].as_str().unwrap().to_owned();
        let entries = mill.client.get(&format!("/accounts/{account}/entries")).await.granted();
        let applied = applicant(world, "paper.applied").await;
        let program = json!({"organisation": mill.id, "name": "厂内系统", "roles": ["enterprise_trader"], "scopes": ["read_books"]});
        let program = id(&world.operator.post("/api-clients", program).await.granted()["client"]);
        let session = Person::join(world, mill.id, "mill.li", "enterprise_trader").await.signs_in().await;
        let decided = world.auditor.get(&format!("/decisions?subject={}", history.allocation)).await.granted();
        let document = mill.client.upload("a.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n").await.granted();
        let verification = id(&world.auditor.post("/audit/verify", json!({})).await.granted());
        world.deposits(mill, "100.00").await;
        let out = json!({"organisation": mill.id, "amount": "1.00", "bank_reference": "OUT-MILL"});
        let withdrawal = id(&world.settlement.post("/money/withdrawals", out).await.granted());
        let traces = happened(world, mill).await;
        let bidding = auctions::happened(world, mill).await;
        let batch = proposed(&world.officer, &file(&[row(world, mill, "1.000 t COD").await])).await;
        crate::money::happened(world, mill).await;
        crate::disclosure::happened(world, mill).await;
        let of_bank = async |list: &str| id(&world.settlement.get(list).await.granted()["items"][0]);
        let things = BTreeMap::from([
            ("/money/payments/", first(world, "/money/payments", mill.id).await),
            ("/money/payment-codes/", first(world, "/money/payment-codes", mill.id).await),
            ("/money/bank-statements/", of_bank("/money/bank-statements").await),
            ("/money/bank-differences/", of_bank("/money/bank-differences").await),
            ("/publications/", id(&world.exchange.get("/publications").await.granted()["items"][0])),
            ("/allocation-applications/", submitted(mill, "1.000 t COD").await),
            ("/allocation-batches/", batch),
            ("/auctions/", bidding.session),
            ("/auction-lots/", bidding.lot),
            ("/auction-registrations/", bidding.registration),
            ("/outlets/", traces.outlet),
            ("/monitor-messages/", traces.message),
            ("/discharge-holds/", traces.open_hold),
            ("/discharge-reports/", traces.report),
            ("/compliance-years/", traces.account),
            ("/certificates/", issued(mill, "COD").await),
            ("/extracts/", crate::extracts::happened(world, mill, history.registered).await),
            ("/claim-transfers/", crate::pledges::transfers::happened(world, history.registered).await.0),
            ("/objections/", objected(world, mill, mill).await),
            ("/right-acts/", lived(world, mill, &world.bank).await),
            ("/facts/", id(&rates(&world.officer, mill, "green", "2022Q3").await.granted())),
            ("/permit-mismatches/", mismatch_of(world, mill).await),
            ("/operations/", verification),
            ("/money/deposits/", first(world, "/money/deposits", mill.id).await),
            ("/money/withdrawals/", withdrawal),
            ("/permits/", mill.permit),
            ("/projects/", first(world, "/projects", mill.site).await),
            ("/reductions/", first(world, "/reductions", mill.site).await),
            ("/reduction-applications/", reduction_applications::applied(mill, "1.000 t COD").await),
            ("/api-clients/", program),
            ("/auth/sessions/", session.body["session"].as_str().unwrap().parse().unwrap()),
            ("/accounts/", account.parse().unwrap()),
            ("/journals/", entries["items"][0]["journal"].as_str().unwrap().parse().unwrap()),
            ("/allocations/", history.allocation),
            ("/offers/", history.open_offer),
            ("/trades/", history.approved),
            ("/trade-overrides/", overrides::asked(world, mill).await),
            // An open listing is for everybody; a draft is its seller's own.
            ("/listings/", drafts(mill, "1.000 t COD", "1.000", "9000.00").await),
            ("/webhooks/", crate::events::happened(world, mill).await),
            ("/freezes/", crate::freezes::happened(world, mill).await),
            ("/pledges/", history.registered),
            ("/disposals/", crate::pledges::disposal_proposed(world, mill).await.0),
            ("/consented-sales/", crate::pledges::sales::requested(world, mill).await.0),
            ("/facilities/", facility),
            ("/consents/", id(&consents["items"][0])),
            ("/users/", wang.id),
            ("/delegations/", delegation),
            ("/organisations/", applied.organisation),
            ("/decisions/", id(&decided["items"][0])),
            // A task has the identity of its decision record.
            ("/tasks/", id(&decided["items"][0])),
            ("/documents/", id(&document)),
        ]);
        Self { history, things }
    }

    /// Tenants and offices that have nothing to do with the mill, with every role that they can have.
    pub async fn strangers(&self) -> Vec<(&'static str, Client)> {
        let world = &self.history.world;
        let mill = world.enterprise_in("武汉造纸", WUHAN, "paper").await;
        let trader = world.member(mill.id, WUHAN, &[Role::EnterpriseTrader, Role::OrganisationAdmin]).await;
        let bank = world.member(world.other_bank.id, "421281", &[Role::PledgeeOfficer, Role::OrganisationAdmin]).await;
        let bureau: Uuid =
            world.xianan_officer.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
        let officer = world.member(bureau, "421202", &[Role::BureauOfficer, Role::BureauHead]).await;
        let keeper = world.member(bureau, "421202", &[Role::OrganisationAdmin]).await;
        let reserve = world.member(world.reserve.id, "421200", &[Role::ReserveTrader]).await;
        vec![
            ("enterprise", trader.client),
            ("bank", bank.client),
            ("bureau", officer.client),
            ("bureau's administrator", keeper.client),
            ("reserve", reserve.client),
        ]
    }
}

/// A body that the form of the contract accepts as far as it can be told, with the words that operations need.
fn body(operation: &Operation) -> Value {
    match operation.id.as_str() {
        "set_approvals" => json!({"acts": ["offer"]}),
        "change_roles" => json!({"roles": ["enterprise_trader"]}),
        "accept_offer" => json!({"project": Uuid::nil()}),
        "buy_listed" => json!({"buyer_site": Uuid::nil(), "project": Uuid::nil()}),
        "decide_task" => json!({"outcome": "approved"}),
        "revise_application" => json!({
            "pollutant": "COD", "origin": "paid", "valid_from": "2022-12-01", "valid_to": "2027-11-30", "quantity": "1.000"}),
        "request_correction" => json!({"points": ["缺少环评批复"]}),
        "answer_objection" => json!({"outcome": "dismissed", "text": "一致"}),
        "pay_usage_fee" | "approve_right_act" | "decline_buy_back" => json!({}),
        "refuse_right_act" => json!({"reason": "材料不全"}),
        "review_decision" => json!({"outcome": "agreed"}),
        "withdraw_decision" => json!({"changed_on": "2022-12-01", "reason": "变更"}),
        "vary_permit" => json!({"side": "seller", "permit": Uuid::nil()}),
        _ => operation.body.clone(),
    }
}

async fn ask(client: &Client, operation: &Operation, thing: Uuid) -> (u16, String) {
    let path = operation.template.replace("{id}", &thing.to_string());
    let path = if operation.id == "find_statement" { format!("{path}?from=2022-12-01&to=2022-12-31") } else { path };
    let request = client.request(operation.method.clone(), &path);
    let answer = if operation.method == reqwest::Method::GET {
        Answer::of(request).await
    } else {
        let key = ganhe::kernel::ids::fresh().to_string();
        Answer::of(request.header("Idempotency-Key", key).json(&body(operation))).await
    };
    let hidden = answer.body.to_string().replace(&thing.to_string(), "…");
    let trace = answer.body["trace_id"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), hidden.replace(&trace, "…"))
}

#[tokio::test]
async fn a_strangers_answer_does_not_tell_whether_the_thing_is_there() {
    let hidden = Hidden::new().await;
    let operations = operations();
    let is_hidden = |operation: &&Operation| !operation.is_open && !PUBLIC.contains(&operation.id.as_str());
    let with_ids: Vec<&Operation> =
        operations.iter().filter(is_hidden).filter(|operation| operation.template.contains("{id}")).collect();
    let (mut faults, mut asked, mut hidden_ones) = (Vec::new(), 0, 0);
    for (who, client) in hidden.strangers().await {
        for operation in &with_ids {
            let Some((_, thing)) = hidden.things.iter().find(|(start, _)| operation.template.starts_with(**start))
            else {
                faults.push(format!("{} has an id of a kind that is not walked", operation.template));
                continue;
            };
            let (real, random) =
                (ask(&client, operation, *thing).await, ask(&client, operation, ganhe::kernel::ids::fresh()).await);
            asked += 1;
            hidden_ones += usize::from(real.0 == 404);
            if real != random {
                faults.push(format!("{who} {}: {real:?} but {random:?}", operation.id));
            }
        }
    }
    assert!(asked > 100 && hidden_ones > 60, "{asked} asked, {hidden_ones} hidden");
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_filter_by_anothers_id_finds_what_a_filter_by_nobodys_finds() {
    let hidden = Hidden::new().await;
    let mill = &hidden.history.mill;
    for (who, client) in hidden.strangers().await {
        for (path, thing) in [
            ("/balances?owner=", mill.site),
            ("/balances?organisation=", mill.id),
            ("/statements?from=2022-12-01&to=2022-12-31&owner=", mill.site),
            ("/statements?from=2022-12-01&to=2022-12-31&organisation=", mill.id),
            ("/allocations?site=", mill.site),
            ("/right-acts?site=", mill.site),
            ("/allocation-applications?site=", mill.site),
            ("/certificates?site=", mill.site),
            ("/extracts?subject=", mill.site),
            ("/permits?site=", mill.site),
            ("/projects?site=", mill.site),
            ("/reductions?site=", mill.site),
            ("/facts?site=", mill.site),
            ("/permit-mismatches?site=", mill.site),
            ("/facts?organisation=", mill.id),
            ("/decisions?subject=", hidden.history.allocation),
        ] {
            let real = client.get(&format!("{path}{thing}")).await;
            let random = client.get(&format!("{path}{}", Uuid::nil())).await;
            assert_eq!((real.status, &real.body["items"]), (random.status, &random.body["items"]), "{who} {path}");
        }
    }
}

#[tokio::test]
async fn a_body_that_names_anothers_thing_is_answered_like_one_that_names_nothing() {
    let hidden = Hidden::new().await;
    let (world, mill): (&World, _) = (&hidden.history.world, &hidden.history.mill);
    let glass = world.enterprise("通城搪瓷").await;
    let keeper = world.member(glass.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let offer = |seller: Uuid| json!({"seller_site": seller, "buyer_site": glass.site, "right_class": mill.class("COD"), "quantity": "1.000", "unit_price": "1000.00"});
    let user = |organisation: Uuid| json!({"organisation": organisation, "login": "spy", "name": "李强", "roles": ["enterprise_trader"]});
    let delegation = |delegate: Uuid| json!({"delegate": delegate, "until": "2022-12-31T00:00:00+08:00"});
    let theirs = hidden.things["/users/"];
    for (client, path, real, random) in [
        (&glass.client, "/offers", offer(mill.site), offer(Uuid::nil())),
        (&keeper.client, "/users", user(mill.id), user(Uuid::nil())),
        (&keeper.client, "/delegations", delegation(theirs), delegation(Uuid::nil())),
    ] {
        let (real, random) = (client.post(path, real).await, client.post(path, random).await);
        assert!(real.status.is_client_error(), "{path}: {:#}", real.body);
        if path != "/offers" {
            // Sites are a public register: that one is there is known; that it is not one's own is what is refused.
            assert_eq!((real.status, real.codes()), (random.status, random.codes()), "{path}");
        }
    }
}
