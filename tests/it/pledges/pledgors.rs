//! Several pledgors of one pledge: each gives rights of its own for the borrower's loan, agrees for itself, and keeps what is left of their price.

use super::{id, secured_on};
use crate::events::told;
use crate::support::world::{CHIBI, Enterprise};
use crate::support::{Answer, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// A mill that borrows 60,000, and its sister that gives five tonnes for a third of it.
pub(super) struct Group {
    pub(super) world: World,
    pub(super) mill: Enterprise,
    pub(super) sister: Enterprise,
}

impl Group {
    pub(super) async fn of() -> Self {
        let world = World::new().await;
        let mill = world.seller("临江纸业", "100.000 t COD").await;
        let sister = world.seller("临江化工", "20.000 t COD").await;
        mill.consents(&world.bank, &["COD"]).await;
        sister.consents(&world.bank, &["COD"]).await;
        Self { world, mill, sister }
    }

    fn application(&self) -> Value {
        let mut body = secured_on(&self.mill, "10.000", "60000.00", "90000.00");
        let right = |owner: &Enterprise, quantity: &str, secured: &str, value: &str| {
            json!({"site": owner.site, "right_class": owner.class("COD"), "quantity": quantity, "secured": secured,
                "assessed_value": value})
        };
        body["rights"] = json!([
            right(&self.mill, "10.000", "40000.00", "60000.00"),
            right(&self.sister, "5.000", "20000.00", "30000.00"),
        ]);
        body["further_pledgors"] = json!([self.sister.id]);
        body
    }

    async fn applies(&self, body: Value) -> Answer {
        self.world.bank.client.post("/pledges", body).await
    }

    async fn verified(&self) -> Uuid {
        let pledge = id(&self.applies(self.application()).await.granted());
        self.world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        pledge
    }

    pub(super) async fn registered(&self) -> Value {
        let pledge = self.verified().await;
        agrees(&self.sister, pledge).await.granted();
        agrees(&self.mill, pledge).await.granted();
        self.world.bank.registers(pledge).await.granted()
    }

    /// What the bank proposes to sell of the sister's lien to a brewery, at so much a tonne.
    async fn sale_of_sisters(&self, pledge: &Value, price: &str) -> (Value, Enterprise) {
        let bank = &self.world.bank.client;
        let path = |act: &str| format!("/pledges/{}/{act}", id(pledge));
        bank.post(&path("declare-default"), json!({"reason": "逾期未还", "amount_due": "60000.00"})).await.granted();
        let buyer = self.world.enterprise_in("赤壁酒业", CHIBI, "food").await;
        self.world.deposits(&buyer, "1000000.00").await;
        let sale = json!({"lien": lien_of(pledge, &self.sister)["id"], "mode": "agreement", "document": "处置2022-009",
            "buyer_site": buyer.site, "project": buyer.project, "unit_price": price, "costs": "1000.00", "owed": "20000.00",
            "settlement_bank": self.world.settlement_bank});
        let mut more = sale.clone();
        more["owed"] = json!("20000.01");
        let more = bank.post(&path("disposals"), more).await;
        blames(&more, "PLG_MORE_THAN_OUTSTANDING", "owed");
        (bank.post(&path("disposals"), sale).await.granted(), buyer)
    }
}

#[track_caller]
pub(super) fn blames(answer: &Answer, code: &str, field: &str) {
    let violations = answer.body["violations"].as_array().unwrap();
    let is_it = |one: &&Value| one["code"] == code && one["field"] == field;
    assert!(violations.iter().any(|one| is_it(&one)), "{code} at {field} is not told: {:#}", answer.body);
}

pub(super) fn lien_of<'p>(pledge: &'p Value, owner: &Enterprise) -> &'p Value {
    let liens = pledge["liens"].as_array().unwrap();
    liens.iter().find(|lien| lien["pledgor"] == json!(owner.id)).unwrap()
}

async fn agrees(pledgor: &Enterprise, pledge: Uuid) -> Answer {
    pledgor.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await
}

/// A pledge of two enterprises with a change to which both have agreed, for the trials of the verification.
pub async fn happened(world: &World) {
    let mill = world.seller("集团纸业", "20.000 t COD").await;
    let sister = world.seller("集团化工", "20.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    sister.consents(&world.bank, &["COD"]).await;
    let group = Group { world: world.clone(), mill, sister };
    let pledge = id(&group.registered().await);
    longer(&group, pledge).await.granted();
    for pledgor in [&group.mill, &group.sister] {
        pledgor.client.post(&format!("/pledges/{pledge}/agree-amendment"), json!({})).await.granted();
    }
}

/// The bank asks for a month more.
async fn longer(group: &Group, pledge: Uuid) -> Answer {
    let body = json!({"reason": "展期", "debt_to": "2023-12-30"});
    group.world.bank.client.post(&format!("/pledges/{pledge}/amendments"), body).await
}

#[tokio::test]
async fn each_pledgor_agrees_for_itself_and_the_bank_registers_when_all_have() {
    let group = Group::of().await;
    let (world, sister) = (&group.world, &group.sister);
    let pledge = id(&group.applies(group.application()).await.granted());
    agrees(sister, pledge).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    for (pledgor, waiting) in [(sister, 1), (&group.mill, 1)] {
        let inbox = pledgor.client.get("/tasks?state=open").await.granted();
        let about = inbox["items"].as_array().unwrap().iter().filter(|task| task["subject"] == json!(pledge)).count();
        assert_eq!(about, waiting, "it waits for each of them");
    }
    agrees(&group.mill, pledge).await.granted();
    world.bank.registers(pledge).await.is_refused_with("PLG_PLEDGOR_WAITING").with_status(409);
    let agreed = agrees(sister, pledge).await.granted();
    agrees(sister, pledge).await.is_refused_with("PLG_AGREED_ALREADY").with_status(409);
    let shares: Vec<[&Value; 3]> = agreed["pledgors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pledgor| ["pledgor", "secured", "borrows"].map(|field| &pledgor[field]))
        .collect();
    assert_eq!(shares[0], [&json!(group.mill.id), &json!("40000.00"), &json!(true)]);
    assert_eq!(shares[1], [&json!(sister.id), &json!("20000.00"), &json!(false)]);
    let inbox = sister.client.get("/tasks?state=open").await.granted();
    assert!(inbox["items"].as_array().unwrap().iter().all(|task| task["subject"] != json!(pledge)));

    world.bank.registers(pledge).await.granted();
    let extract = world.bank.client.post("/extracts", json!({"pledge": pledge})).await.granted();
    let text = extract["content"].as_str().unwrap();
    assert!(text.contains("further_pledgors 1\nfurther_pledgor 12 临江化工\n"), "{text}");
    assert!(text.contains("part 4000000\n") && text.contains("part 2000000\n"), "{text}");
    assert_eq!(world.balance(sister.site, &sister.class("COD"), "pledged").await, "5.000");
    assert_eq!(world.balance(group.mill.site, &group.mill.class("COD"), "pledged").await, "10.000");
    assert_eq!(sister.client.get("/pledges?state=registered").await.granted()["items"][0]["id"], json!(pledge));
    told(world).await;
    let events = sister.client.get("/events?limit=200").await.granted();
    let kinds: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(
        kinds.contains(&&json!("further_pledgor_agreed")) && kinds.contains(&&json!("pledge_registered")),
        "{kinds:?}"
    );
    let screened = sister.client.get(&format!("/pledges/{pledge}/screenings")).await.granted();
    let findings = screened["items"][0]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["further_pledgor"] == json!(sister.id)), "{findings:?}");
    world.bank.client.post(&format!("/pledges/{pledge}/release"), json!({})).await.granted();
    assert_eq!(world.balance(sister.site, &sister.class("COD"), "available").await, "20.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn whose_rights_they_are_is_named_and_has_consented() {
    let group = Group::of().await;
    let changed = |field: &str, value: Value| {
        let mut body = group.application();
        body[field] = value;
        body
    };
    let (mill, sister) = (group.mill.id, group.sister.id);
    group.applies(changed("further_pledgors", json!([]))).await.is_refused_with("PLG_NOT_OWN_SITE").with_status(422);
    let twice = changed("further_pledgors", json!([sister, sister]));
    blames(&group.applies(twice).await, "PLG_PLEDGOR_NAMED_TWICE", "further_pledgors[1]");
    let borrower = changed("further_pledgors", json!([sister, mill]));
    group.applies(borrower).await.is_refused_with("PLG_PLEDGOR_NAMED_TWICE");
    let stranger = group.world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    let idle = changed("further_pledgors", json!([sister, stranger.id]));
    blames(&group.applies(idle).await, "PLG_PLEDGOR_GIVES_NOTHING", "further_pledgors[1]");
    let unknown = changed("further_pledgors", json!([sister, Uuid::nil()]));
    group.applies(unknown).await.with_status(422);
    // A consent of the borrower says nothing of what its sister has.
    let other = &group.world.other_bank;
    group.mill.consents(other, &["COD"]).await;
    blames(&other.client.post("/pledges", group.application()).await, "PLG_CONSENT_MISSING", "rights[1].right_class");
    // Nobody else knows of it.
    let pledge = id(&group.applies(group.application()).await.granted());
    stranger.client.get(&format!("/pledges/{pledge}")).await.with_status(404);
    agrees(&stranger, pledge).await.with_status(404);
    other.client.get(&format!("/pledges/{pledge}")).await.with_status(404);
}

#[tokio::test]
async fn a_change_waits_for_every_pledgor_and_one_no_ends_it() {
    let group = Group::of().await;
    let pledge = id(&group.registered().await);
    let path = |act: &str| format!("/pledges/{pledge}/{act}");
    let (mill, sister) = (&group.mill.client, &group.sister.client);
    longer(&group, pledge).await.granted();
    let half = mill.post(&path("agree-amendment"), json!({})).await.granted();
    assert_eq!((&half["debt_to"], &half["open_amendment"]), (&json!("2023-11-30"), &json!(true)));
    mill.post(&path("agree-amendment"), json!({})).await.is_refused_with("PLG_AGREED_ALREADY").with_status(409);
    let listed = sister.get(&path("amendments")).await.granted();
    assert_eq!(listed["items"][0]["agreed"], json!([group.mill.id]));
    let whole = sister.post(&path("agree-amendment"), json!({})).await.granted();
    assert_eq!((&whole["debt_to"], &whole["terms_number"]), (&json!("2023-12-30"), &json!(2)));

    let body = json!({"reason": "再展期", "debt_to": "2024-01-30"});
    group.world.bank.client.post(&path("amendments"), body).await.granted();
    mill.post(&path("agree-amendment"), json!({})).await.granted();
    sister.post(&path("refuse-amendment"), json!({})).await.granted();
    mill.post(&path("agree-amendment"), json!({})).await.is_refused_with("PLG_NO_OPEN_AMENDMENT").with_status(409);
    for pledgor in [mill, sister] {
        let inbox = pledgor.get("/tasks?state=open").await.granted();
        assert!(inbox["items"].as_array().unwrap().iter().all(|task| task["subject"] != json!(pledge)));
    }
    assert_eq!(mill.get(&format!("/pledges/{pledge}")).await.granted()["debt_to"], json!("2023-12-30"));
    group.world.books_are_right().await;
}

#[tokio::test]
async fn a_pledgor_answers_with_its_rights_alone_and_keeps_what_is_left_of_their_price() {
    let group = Group::of().await;
    let pledge = group.registered().await;
    let (sale, buyer) = group.sale_of_sisters(&pledge, "8000.00").await;
    assert_eq!(sale["pledgor"], json!(group.sister.id));
    let path = |act: &str| format!("/disposals/{}/{act}", id(&sale));
    // It is not the borrower's to agree to, though it sees it.
    group.mill.client.post(&path("agree"), json!({})).await.is_refused_with("PLG_NOT_THE_PLEDGOR").with_status(403);
    assert_eq!(group.mill.client.get(&format!("/disposals/{}", id(&sale))).await.granted()["id"], sale["id"]);
    group.sister.client.post(&path("agree"), json!({})).await.granted();
    // 40,000 are got: a thousand costs, 20,000 of the claim, and 19,000 for the sister.
    let settled = buyer.client.post(&path("settle"), json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["surplus"]), (&json!("20000.00"), &json!("19000.00")));
    assert_eq!(group.world.balance(group.sister.id, "CNY", "available").await, "19000.00");
    assert_eq!(group.world.balance(group.mill.id, "CNY", "available").await, "0");
    assert_eq!(group.world.balance(group.mill.site, &group.mill.class("COD"), "pledged").await, "10.000");
    group.world.books_are_right().await;
}

#[tokio::test]
async fn a_pledgor_sells_what_is_its_own_with_consent_and_no_other_does() {
    let group = Group::of().await;
    let pledge = group.registered().await;
    let buyer = group.world.buyer("通城瓷厂", "100000.00").await;
    let path = format!("/pledges/{}/consented-sales", id(&pledge));
    let wish = json!({"lien": lien_of(&pledge, &group.sister)["id"], "buyer_site": buyer.site,
        "project": buyer.project, "quantity": "2.000", "unit_price": "9000.00"});
    group.mill.client.post(&path, wish.clone()).await.is_refused_with("PLG_NOT_THE_PLEDGOR").with_status(403);
    let sale = group.sister.client.post(&path, wish).await.granted();
    let at = |act: &str| format!("/consented-sales/{}/{act}", id(&sale));
    let order =
        json!({"document": "同意转让2022-010", "to_claim": "5000.00", "settlement_bank": group.world.settlement_bank});
    let consented = group.world.bank.client.post(&at("consent"), order).await.granted();
    let approve = format!("/trades/{}/approve", consented["trade"].as_str().unwrap());
    group.world.officer.post(&approve, json!({})).await.granted();
    buyer.client.post(&at("settle"), json!({})).await.granted();
    assert_eq!(group.world.balance(group.sister.id, "CNY", "available").await, "13000.00");
    let after = group.mill.client.get(&format!("/pledges/{}", id(&pledge))).await.granted();
    assert_eq!((&after["secured"], &after["pledgors"][1]["secured"]), (&json!("55000.00"), &json!("15000.00")));
    group.world.books_are_right().await;
}

#[tokio::test]
async fn whoever_is_named_in_an_application_may_refuse_it() {
    let group = Group::of().await;
    let reason = json!({"reason": "未经股东会同意"});
    let refused = group.verified().await;
    let path = |pledge: Uuid| format!("/pledges/{pledge}/refuse");
    group.sister.client.post(&path(refused), reason.clone()).await.granted();
    agrees(&group.mill, refused).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    let inbox = group.mill.client.get("/tasks?state=open").await.granted();
    assert!(inbox["items"].as_array().unwrap().iter().all(|task| task["subject"] != json!(refused)));

    let (own, other) = (&group.world.bank, &group.world.other_bank);
    let mut syndicated = group.application();
    syndicated["pledgees"] =
        json!([{"pledgee": own.id, "share": "40000.00"}, {"pledgee": other.id, "share": "20000.00"}]);
    let pledge = id(&group.applies(syndicated).await.granted());
    // The leader takes it back instead.
    own.client.post(&path(pledge), reason.clone()).await.is_refused_with("PLG_NOT_THE_PLEDGOR").with_status(403);
    let over = other.client.post(&path(pledge), reason).await.granted();
    assert_eq!((&over["state"], &over["reason"]), (&json!("refused"), &json!("未经股东会同意")));
}
