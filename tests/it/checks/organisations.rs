//! What the registers of organisations, areas, permits and consents refuse.

use crate::support::World;
use crate::support::world::{Member, TONGCHENG};
use ganhe::access::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_area_lies_below_a_known_one_in_a_known_basin_and_not_too_deep() {
    let world = World::new().await;
    let area = |code: &str, parent: &str, basin: Option<&str>| json!({"areas": [{"code": code, "name": "开发区", "parent": parent, "basin": basin}]});
    world.operator.post("/reference", area("42122201", TONGCHENG, Some("LUSHUI"))).await.granted();
    let unknown = world.operator.post("/reference", area("42122202", TONGCHENG, Some("HANJIANG"))).await;
    unknown.is_refused_with("ORG_UNKNOWN_BASIN");
    world.operator.post("/reference", area("42122202", "429999", None)).await.is_refused_with("ORG_UNKNOWN_AREA");
    world.operator.post("/reference", area("421222-1", TONGCHENG, None)).await.is_refused_with("ORG_BAD_PLAIN_CODE");
    world.operator.post("/reference", area("42122201", TONGCHENG, None)).await.is_refused_with("ORG_DUPLICATE");
    let several = json!({"areas": [
        {"code": "42122203", "name": "甲", "parent": TONGCHENG},
        {"code": "42122203", "name": "乙", "parent": "429999"},
        {"code": "42122203", "name": "丙", "parent": TONGCHENG, "basin": "HANJIANG"}],
        "basins": [{"code": "LUSHUI", "name": "陆水"}]});
    let refused = world.operator.post("/reference", several).await;
    let told: Vec<String> = refused.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["field"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let expected = [
        "basins[0].code ORG_DUPLICATE",
        "areas[1].parent ORG_UNKNOWN_AREA",
        "areas[2].basin ORG_UNKNOWN_BASIN",
        "areas[2].code ORG_DUPLICATE",
    ];
    assert_eq!(told, expected, "each at its place");
    // Province, city, county and the development zone are four levels; four more fit.
    let mut parent = "42122201".to_owned();
    for level in 5..=8 {
        let code = format!("LEVEL{level}");
        world.operator.post("/reference", area(&code, &parent, None)).await.granted();
        parent = code;
    }
    world.operator.post("/reference", area("LEVEL9", &parent, None)).await.is_refused_with("ORG_AREA_TOO_DEEP");
}

#[tokio::test]
async fn nothing_is_named_twice_in_one_request() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let days = |second: &str| json!({"calendar_days": [{"date": "2023-01-02", "kind": "holiday"}, {"date": second, "kind": "holiday"}]});
    world.operator.post("/reference", days("2023-01-02")).await.is_refused_with("ORG_NAMED_TWICE");
    world.operator.post("/reference", days("2023-01-03")).await.granted();
    let consent =
        |classes: Value| json!({"pledgee": world.bank.id, "right_classes": classes, "valid_until": "2023-11-30"});
    let class = mill.class("COD");
    mill.client.post("/consents", consent(json!([class, class]))).await.is_refused_with("ORG_NAMED_TWICE");
    mill.client.post("/consents", consent(json!([class]))).await.granted();
}

#[tokio::test]
async fn a_consent_is_given_to_a_bank_until_today_or_later_and_withdrawn_once() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.enterprise("通城玻璃").await;
    let consent = |pledgee: Uuid, until: &str| json!({"pledgee": pledgee, "right_classes": [mill.class("COD")], "valid_until": until});
    mill.client.post("/consents", consent(glass.id, "2023-11-30")).await.is_refused_with("ORG_NOT_A_PLEDGEE");
    let today = world.now().day();
    let yesterday = today.yesterday().unwrap().to_string();
    mill.client.post("/consents", consent(world.bank.id, &yesterday)).await.is_refused_with("ORG_CONSENT_IN_PAST");
    let given = mill.client.post("/consents", consent(world.bank.id, &today.to_string())).await.granted();
    let withdraw = format!("/consents/{}/withdraw", id(&given));
    assert_eq!(mill.client.post(&withdraw, json!({})).await.text("state"), "withdrawn");
    mill.client.post(&withdraw, json!({})).await.is_refused_with("ORG_CONSENT_WITHDRAWN").with_status(409);
}

/// Nobody suspends themself, so the last one can only go when two suspend each other: what the one who loses is told.
#[tokio::test]
async fn an_organisation_keeps_an_administrator() {
    let world = World::new().await;
    let mut told = BTreeSet::new();
    for round in 0..5 {
        let mill = world.enterprise(&format!("临江纸业{round}")).await;
        let wang = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
        let zhao = world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
        let suspends =
            async |by: &Member, whom: &Member| by.client.post(&format!("/users/{}/suspend", whom.id), json!({})).await;
        let (one, other) = tokio::join!(suspends(&wang, &zhao), suspends(&zhao, &wang));
        let lost = if one.status.is_success() { other } else { one };
        told.insert(lost.text("code"));
    }
    // Whoever was suspended before the request came to the door is told that.
    assert!(told.iter().all(|code| ["ORG_LAST_ADMINISTRATOR", "AUT_USER_SUSPENDED"].contains(&&**code)), "{told:?}");
}

#[tokio::test]
async fn a_bank_has_no_sites() {
    let world = World::new().await;
    let site = |organisation: Uuid, number: &str| json!({"number": number, "organisation": organisation, "name": "厂区", "area": TONGCHENG, "basin": "LUSHUI"});
    let bank = world.city_officer.post("/sites", site(world.bank.id, "SITE-BANK")).await;
    bank.is_refused_with("ORG_NO_SITES");
    let mill = world.enterprise("临江纸业").await;
    world.city_officer.post("/sites", site(mill.id, "SITE-SECOND")).await.granted();
}

#[tokio::test]
async fn only_a_registered_permit_is_varied() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "20000.00").await;
    let trade = world.approved_trade(&mill, &glass, "2.000 t COD", "8790.00").await;
    glass.pays(trade).await.granted();
    let vary = format!("/trades/{trade}/vary-permit");
    let side = |permit: Uuid| json!({"side": "seller", "permit": permit});
    world.officer.post(&vary, side(ganhe::kernel::ids::fresh())).await.is_refused_with("ORG_UNKNOWN_PERMIT");
    world.officer.post(&vary, side(mill.permit)).await.granted();
}
