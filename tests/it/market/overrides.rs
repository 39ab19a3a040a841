//! Overrides by the province (省级特批): what they lift, how far they reach, and what becomes of trades when they end.

use super::{capacity, day_passes, id, tonnes};
use crate::quota::suspensions::Province;
use crate::support::world::{Enterprise, TONGCHENG, WUHAN, XIANAN, class};
use crate::support::{Answer, Client, World};
use futures::future::join_all;
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// Evidence of a bureau.
async fn evidence(client: &Client) -> Uuid {
    id(&client.upload("a.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n").await.granted())
}

/// A request for so much such as `"20.000 t COD"` between two sites, until a day.
fn asking(seller: &Enterprise, buyer: &Enterprise, holding: &str, until: &str, document: Uuid) -> Value {
    let (quantity, pollutant) = holding.split_once(" t ").unwrap();
    json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": seller.class(pollutant),
        "quantity": quantity, "valid_until": until, "reason": "省重点项目,流域内无可交易量", "documents": [document]})
}

async fn asks(bureau: &Client, seller: &Enterprise, buyer: &Enterprise, holding: &str, until: &str) -> Answer {
    let document = evidence(bureau).await;
    bureau.post("/trade-overrides", asking(seller, buyer, holding, until, document)).await
}

/// A word with a reason.
fn why(reason: &str) -> Value {
    json!({"reason": reason})
}

/// An override that Tongcheng's officer asks for and the province approves.
pub async fn lifted(
    world: &World,
    province: &Province,
    (seller, buyer): (&Enterprise, &Enterprise),
    holding: &str,
    until: &str,
) -> Uuid {
    let asked = id(&asks(&world.officer, seller, buyer, holding, until).await.granted());
    let approved = province.head.post(&format!("/trade-overrides/{asked}/approve"), why("同意")).await;
    assert_eq!(approved.text("state"), "approved");
    asked
}

/// The province's officer proposes to revoke an override, as one who may, and its head approves that.
async fn revokes(world: &World, province: &Province, one: Uuid) {
    let officer = world.also(&province.officer, Role::BureauHead);
    let task =
        id(&officer.post(&format!("/trade-overrides/{one}/revoke"), why("项目取消")).await.with_status(202).body);
    let decide = format!("/tasks/{task}/decide");
    let yes = json!({"outcome": "approved", "reason": "同意撤销"});
    officer.post(&decide, yes.clone()).await.is_refused_with("AUT_OWN_PROPOSAL");
    province.head.post(&decide, yes).await.granted();
}

async fn used(world: &World, one: Uuid) -> [String; 3] {
    let found = world.auditor.get(&format!("/trade-overrides/{one}/use")).await.granted();
    ["committed", "consumed", "left"].map(|field| found[field].as_str().unwrap().to_owned())
}

fn parts(committed: &str, consumed: &str, left: &str) -> [String; 3] {
    [committed, consumed, left].map(str::to_owned)
}

/// A mill in one basin, a textile works with money in another, and the province.
async fn stage() -> (World, Enterprise, Enterprise, Province) {
    let world = World::new().await;
    let province = Province::of(&world).await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let lake = world.enterprise_in("斧头湖纺织", XIANAN, "textile").await;
    world.deposits(&lake, "1000000.00").await;
    (world, mill, lake, province)
}

async fn matched(seller: &Enterprise, buyer: &Enterprise, holding: &str) -> Uuid {
    let offer = id(&seller.offers(holding, "9000.00", buyer).await.granted());
    id(&buyer.accepts(offer).await.granted())
}

async fn state_of(world: &World, trade: Uuid) -> String {
    world.auditor.get(&format!("/trades/{trade}")).await.text("state")
}

#[tokio::test]
async fn an_override_lets_rights_into_another_basin_and_not_a_gram_is_lost() {
    let (world, mill, lake, province) = stage().await;
    mill.offers("12.000 t COD", "9000.00", &lake).await.is_refused_with("TRD_BASIN_MISMATCH");
    let one = lifted(&world, &province, (&mill, &lake), "20.000 t COD", "2022-12-30").await;
    let found = lake.client.get(&format!("/trade-overrides/{one}")).await.granted();
    let delivered = class("COD", "FUTOU");
    assert_eq!(
        (&found["rule"], &found["right_class"], &found["delivered_class"]),
        (&json!("TRD_BASIN_MISMATCH"), &json!(mill.class("COD")), &json!(delivered))
    );
    let short = mill.offers("20.001 t COD", "9000.00", &lake).await;
    assert_eq!(short.codes(), ["TRD_BASIN_MISMATCH", "TRD_OVERRIDE_SHORT"]);
    let terms = json!({"seller_site": mill.site, "buyer_site": lake.site, "right_class": mill.class("COD"),
        "quantity": "12.000", "unit_price": "9000.00", "project": lake.project});
    let seen = lake.client.post("/trades/preview", terms).await.granted();
    assert_eq!((&seen["is_possible"], &seen["lifted"]["by"]), (&json!(true), &json!(one)), "{seen:#}");
    assert_eq!(seen["lifted"]["rule"], "TRD_BASIN_MISMATCH");

    let trade = matched(&mill, &lake, "12.000 t COD").await;
    let told = lake.client.get(&format!("/trades/{trade}")).await.granted();
    assert_eq!(told["lifted"], json!({"rule": "TRD_BASIN_MISMATCH", "by": one}));
    assert_eq!((&told["right_class"], &told["delivered_class"]), (&json!(mill.class("COD")), &json!(delivered)));
    assert_eq!(used(&world, one).await, parts("12.000", "0.000", "8.000"));
    mill.offers("8.001 t COD", "9000.00", &lake).await.is_refused_with("TRD_OVERRIDE_SHORT");
    for officer in [&world.officer, &world.xianan_officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    assert_eq!(lake.pays(trade).await.text("state"), "settled");
    assert_eq!(used(&world, one).await, parts("0.000", "12.000", "8.000"));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "108.000");
    assert_eq!(world.balance(lake.site, &delivered, "available").await, "12.000", "of its own zone");
    assert_eq!(world.balance(lake.site, &mill.class("COD"), "available").await, "0");
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("892.000", "0.000", "108.000"));
    assert_eq!(capacity(&world, XIANAN).await, tonnes("988.000", "0.000", "12.000"));
    world.books_are_right().await;
}

#[tokio::test]
async fn an_override_of_the_city_is_for_its_pair_and_its_class_alone() {
    let world = World::new().await;
    let province = Province::of(&world).await;
    let mill = world.seller("临江纸业", "120.000 t SO2").await;
    let kiln = world.seller("通城陶艺", "120.000 t SO2").await;
    world.allocate(&mill, "10.000 t COD").await;
    world.reduces(&mill, "10.000 t COD").await;
    let wuhan = world.enterprise_in("武汉造纸", WUHAN, "paper").await;
    world.deposits(&wuhan, "1000000.00").await;
    let cap =
        json!({"area": WUHAN, "pollutant": "SO2", "cap": "1000.000", "valid_from": "2022-12-01", "document": "总量"});
    province.head.post("/capacities", cap).await.granted();
    mill.offers("5.000 t SO2", "9000.00", &wuhan).await.is_refused_with("TRD_CITY_MISMATCH");
    let one = lifted(&world, &province, (&mill, &wuhan), "5.000 t SO2", "2022-12-30").await;
    kiln.offers("5.000 t SO2", "9000.00", &wuhan).await.is_refused_with("TRD_CITY_MISMATCH");
    mill.offers("5.000 t COD", "9000.00", &wuhan).await.is_refused_with("TRD_BASIN_MISMATCH");
    let trade = matched(&mill, &wuhan, "5.000 t SO2").await;
    let told = mill.client.get(&format!("/trades/{trade}")).await.granted();
    assert_eq!(told["lifted"], json!({"rule": "TRD_CITY_MISMATCH", "by": one}));
    assert_eq!(told["delivered_class"], class("SO2", WUHAN));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_bureau_of_either_side_asks_and_a_second_person_of_the_province_decides() {
    let (world, mill, lake, province) = stage().await;
    let until = "2022-12-30";
    let document = evidence(&world.officer).await;
    let body = asking(&mill, &lake, "20.000 t COD", until, document);
    mill.client.post("/trade-overrides", body.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    asks(&world.chibi_officer, &mill, &lake, "20.000 t COD", until).await.is_refused_with("TRD_OVERRIDE_NOT_IN_CHARGE");
    let mut bare = body.clone();
    bare["documents"] = json!([]);
    world.officer.post("/trade-overrides", bare).await.is_refused_with("DOC_MISSING");
    let near = world.enterprise("通城玻璃").await;
    let wrong = asks(&world.officer, &mill, &near, "1.000 t COD", "2022-11-30").await;
    assert_eq!(wrong.codes(), ["TRD_OVERRIDE_NEEDLESS", "TRD_OVERRIDE_IN_PAST"]);

    let site = json!({"number": "SITE-DRY", "organisation": lake.id, "name": "无流域厂区", "area": XIANAN});
    let dry = id(&world.xianan_officer.post("/sites", site).await.granted());
    let mut nowhere = body.clone();
    nowhere["buyer_site"] = json!(dry);
    world.officer.post("/trade-overrides", nowhere).await.is_refused_with("TRD_OVERRIDE_NO_ZONE");

    let one = id(&asks(&world.xianan_officer, &mill, &lake, "20.000 t COD", until).await.granted());
    world
        .officer
        .post("/trade-overrides", body.clone())
        .await
        .is_refused_with("TRD_OVERRIDE_OPEN_ALREADY")
        .with_status(409);
    mill.offers("1.000 t COD", "9000.00", &lake).await.is_refused_with("TRD_BASIN_MISMATCH");
    let path = |word: &str| format!("/trade-overrides/{one}/{word}");
    world.city_head.post(&path("approve"), json!({})).await.is_refused_with("TRD_NOT_THE_PROVINCE").with_status(403);
    province.officer.post(&path("approve"), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    world.officer.post(&path("withdraw"), json!({})).await.is_refused_with("TRD_OVERRIDE_NOT_YOURS").with_status(403);
    province.head.post(&path("refuse"), json!({})).await.is_refused_with("TSK_REASON_MISSING");
    world.xianan_officer.post(&path("withdraw"), why("另行申请")).await.granted();
    province.head.post(&path("approve"), json!({})).await.is_refused_with("TRD_OVERRIDE_WRONG_STATE").with_status(409);

    let two = id(&world.officer.post("/trade-overrides", body.clone()).await.granted());
    let tasks = province.head.get(&format!("/tasks?subject={two}")).await.granted();
    let (task, act) = (id(&tasks["items"][0]), &tasks["items"][0]["act"]);
    assert_eq!(act, "trade_override");
    let no = json!({"outcome": "refused", "reason": "流域内有可交易量"});
    province.head.post(&format!("/tasks/{task}/decide"), no).await.granted();
    let refused = mill.client.get(&format!("/trade-overrides/{two}")).await.granted();
    assert_eq!((&refused["state"], &refused["decision_reason"]), (&json!("refused"), &json!("流域内有可交易量")));

    let asker = world.also(&province.officer, Role::BureauHead);
    let three = id(&asks(&asker, &mill, &lake, "20.000 t COD", until).await.granted());
    let approve = format!("/trade-overrides/{three}/approve");
    asker.post(&approve, json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    province.head.post(&approve, why("同意")).await.granted();
    let records = world.auditor.get(&format!("/decisions?subject={three}")).await.granted();
    assert_eq!(
        (&records["items"][0]["outcome"], &records["items"][0]["second_person"]),
        (&json!("approved"), &json!(true))
    );
    world.officer.post("/trade-overrides", body).await.is_refused_with("TRD_OVERRIDE_OPEN_ALREADY");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_override_is_reviewed_first_where_the_rules_call_it_major() {
    let (world, mill, lake, province) = stage().await;
    world.adopts(&[("major_acts", "trade_override")]).await.granted();
    let one = id(&asks(&world.officer, &mill, &lake, "20.000 t COD", "2022-12-30").await.granted());
    let approve = format!("/trade-overrides/{one}/approve");
    province.head.post(&approve, json!({})).await.is_refused_with("DEC_REVIEW_MISSING");
    let record = id(&world.auditor.get(&format!("/decisions?subject={one}")).await.granted()["items"][0]);
    let reviewer = world.colleague_of(&province.head, Role::LegalReviewer).await;
    let agreed = json!({"outcome": "agreed", "opinion": "程序合法"});
    reviewer.post(&format!("/decisions/{record}/review"), agreed).await.granted();
    assert_eq!(province.head.post(&approve, json!({})).await.text("state"), "approved");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_revoked_override_calls_off_what_is_not_settled_and_no_deposit_is_lost() {
    let (world, mill, lake, province) = stage().await;
    world.adopts(&[("payment_days", "1"), ("deposit_forfeit", "on")]).await.granted();
    let one = lifted(&world, &province, (&mill, &lake), "20.000 t COD", "2022-12-30").await;
    let settled = world.approved_trade(&mill, &lake, "2.000 t COD", "9000.00").await;
    assert_eq!(lake.pays(settled).await.text("state"), "settled");
    let approved = world.approved_trade(&mill, &lake, "5.000 t COD", "9000.00").await;
    let open = matched(&mill, &lake, "3.000 t COD").await;
    let waiting = id(&mill.offers("1.000 t COD", "9000.00", &lake).await.granted());
    assert_eq!(used(&world, one).await, parts("8.000", "2.000", "10.000"));
    revokes(&world, &province, one).await;

    for trade in [approved, open] {
        let ended = lake.client.get(&format!("/trades/{trade}")).await.granted();
        assert_eq!((&ended["state"], &ended["reason"]), (&json!("cancelled"), &json!("省级特批已撤销")));
    }
    assert_eq!(state_of(&world, settled).await, "settled");
    lake.accepts(waiting).await.is_refused_with("TRD_BASIN_MISMATCH");
    mill.offers("1.000 t COD", "9000.00", &lake).await.is_refused_with("TRD_BASIN_MISMATCH");
    assert_eq!(used(&world, one).await, parts("0.000", "2.000", "18.000"));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "117.000", "one is offered");
    assert_eq!(world.balance(lake.id, "CNY", "available").await, "982000.00", "what was settled is paid");
    assert_eq!(capacity(&world, XIANAN).await, tonnes("998.000", "0.000", "2.000"));
    let tasks = world.officer.get(&format!("/tasks?subject={open}")).await.granted();
    assert_eq!(tasks["items"], json!([]), "nobody has to decide on it any more");
    let twice = format!("/trade-overrides/{one}/revoke");
    province.head.post(&twice, why("重复")).await.is_refused_with("TRD_OVERRIDE_WRONG_STATE");
    world.city_head.post(&twice, why("越权")).await.is_refused_with("TRD_NOT_THE_PROVINCE");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_override_lapses_after_its_last_day_and_no_deposit_is_lost() {
    let (world, mill, lake, province) = stage().await;
    world.adopts(&[("payment_days", "1"), ("deposit_forfeit", "on")]).await.granted();
    let one = lifted(&world, &province, (&mill, &lake), "20.000 t COD", "2022-12-02").await;
    let waiting = id(&asks(
        &world.officer,
        &mill,
        &world.enterprise_in("咸安酒业", XIANAN, "food").await,
        "1.000 t COD",
        "2022-12-02",
    )
    .await
    .granted());
    let approved = world.approved_trade(&mill, &lake, "5.000 t COD", "9000.00").await;
    let open = matched(&mill, &lake, "3.000 t COD").await;
    world.days_pass(1);
    assert_eq!(day_passes(&world).await.overrides, 0, "the last day counts");
    world.officer.post(&format!("/trades/{open}/approve"), json!({})).await.granted();
    world.days_pass(3);
    // Judged by its last day, whether or not the clock has run.
    mill.offers("1.000 t COD", "9000.00", &lake).await.is_refused_with("TRD_BASIN_MISMATCH");
    world
        .xianan_officer
        .post(&format!("/trades/{open}/approve"), json!({}))
        .await
        .is_refused_with("TRD_BASIN_MISMATCH");
    lake.pays(approved).await.is_refused_with("STL_DEADLINE_PASSED");
    let approve = format!("/trade-overrides/{waiting}/approve");
    province.head.post(&approve, json!({})).await.is_refused_with("TRD_OVERRIDE_OVER").with_status(409);
    let passed = day_passes(&world).await;
    assert_eq!((passed.overrides, passed.trades), (2, 0));
    for trade in [approved, open] {
        let ended = mill.client.get(&format!("/trades/{trade}")).await.granted();
        assert_eq!((&ended["state"], &ended["reason"]), (&json!("cancelled"), &json!("省级特批已到期")));
    }
    assert_eq!(world.balance(lake.id, "CNY", "available").await, "1000000.00");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    let lapsed = mill.client.get(&format!("/trade-overrides/{one}")).await.granted();
    assert_eq!(
        (&lapsed["state"], &lapsed["ended_by"], &lapsed["version"]),
        (&json!("lapsed"), &Value::Null, &json!(3))
    );
    assert_eq!(day_passes(&world).await.overrides, 0, "once");
    let again = lifted(&world, &province, (&mill, &lake), "1.000 t COD", "2022-12-30").await;
    matched(&mill, &lake, "1.000 t COD").await;
    assert_eq!(used(&world, again).await, parts("1.000", "0.000", "0.000"));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_at_the_same_moment_take_no_more_than_an_override_lifts() {
    let (world, mill, lake, province) = stage().await;
    let one = lifted(&world, &province, (&mill, &lake), "10.000 t COD", "2022-12-30").await;
    let mut offers = Vec::new();
    for _ in 0..8 {
        offers.push(id(&mill.offers("3.000 t COD", "9000.00", &lake).await.granted()));
    }
    let answers = join_all(offers.iter().map(|offer| lake.accepts(*offer))).await;
    let trades: Vec<Uuid> =
        answers.iter().filter(|answer| answer.status.is_success()).map(|answer| id(&answer.body)).collect();
    assert_eq!(trades.len(), 3, "three times three tonnes of ten");
    for refused in answers.iter().filter(|answer| !answer.status.is_success()) {
        assert_eq!(refused.codes(), ["TRD_BASIN_MISMATCH", "TRD_OVERRIDE_SHORT"]);
    }
    assert_eq!(used(&world, one).await, parts("9.000", "0.000", "1.000"));
    // What a trade gives back, others take, again no more than there is.
    let cancel = format!("/trades/{}/cancel", trades[0]);
    lake.client.post(&cancel, json!({})).await.granted();
    let again = join_all(offers.iter().map(|offer| lake.accepts(*offer))).await;
    assert_eq!(again.iter().filter(|answer| answer.status.is_success()).count(), 1);
    assert_eq!(used(&world, one).await, parts("9.000", "0.000", "1.000"));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_rests_on_an_override_that_is_revoked_beside_it() {
    let (world, mill, lake, province) = stage().await;
    world.adopts(&[("four_eyes_trade_override", "off")]).await.granted();
    let one = lifted(&world, &province, (&mill, &lake), "20.000 t COD", "2022-12-30").await;
    let mut approved = Vec::new();
    for _ in 0..6 {
        approved.push(world.approved_trade(&mill, &lake, "1.000 t COD", "9000.00").await);
    }
    let mut offers = Vec::new();
    for _ in 0..6 {
        offers.push(id(&mill.offers("1.000 t COD", "9000.00", &lake).await.granted()));
    }
    let revoke = async {
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        province.head.post(&format!("/trade-overrides/{one}/revoke"), why("项目取消")).await.granted()
    };
    let pays = join_all(approved.iter().map(|trade| lake.pays(*trade)));
    let accepts = join_all(offers.iter().map(|offer| lake.accepts(*offer)));
    let (paid, accepted, _) = tokio::join!(pays, accepts, revoke);
    let fair = ["TRD_WRONG_STATE", "TRD_BASIN_MISMATCH"];
    for answer in paid.iter().chain(&accepted).filter(|answer| !answer.status.is_success()) {
        assert!(answer.codes().iter().all(|code| fair.contains(code)), "{:#}", answer.body);
    }
    let trades = world.auditor.get("/trades?limit=200").await.granted();
    for trade in trades["items"].as_array().unwrap() {
        let state = trade["state"].as_str().unwrap();
        assert!(["settled", "cancelled"].contains(&state), "{state} on an override that was revoked");
    }
    let settled = paid.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(used(&world, one).await[..2], parts("0.000", &format!("{settled}.000"), "")[..2]);
    world.books_are_right().await;
}

/// One that waits for the province, of rights of an enterprise.
pub async fn asked(world: &World, seller: &Enterprise) -> Uuid {
    let buyer = world.enterprise_in("武汉酒业", WUHAN, "food").await;
    id(&asks(&world.officer, seller, &buyer, "1.000 t COD", "2023-12-30").await.granted())
}

/// One that a settled trade rests on and that is revoked then, and one of every other end, for whoever needs rows. The one that waits and
/// the one that is approved lapse after two days.
pub async fn of_every_state(world: &World) {
    let province = Province::of(world).await;
    let kiln = world.seller("通城窑业", "20.000 t COD").await;
    let lake = world.enterprise_in("斧头湖纺织", XIANAN, "textile").await;
    let brewery = world.enterprise_in("咸安酒业", XIANAN, "food").await;
    world.deposits(&lake, "1000000.00").await;
    let until = world.now().day().saturating_add(jiff::Span::new().days(2)).to_string();
    let one = lifted(world, &province, (&kiln, &lake), "5.000 t COD", &until).await;
    let trade = world.approved_trade(&kiln, &lake, "2.000 t COD", "9000.00").await;
    lake.pays(trade).await.granted();
    revokes(world, &province, one).await;
    for (word, bureau) in [("withdraw", &world.officer), ("refuse", &province.head)] {
        let asked = id(&asks(&world.officer, &kiln, &brewery, "1.000 t COD", &until).await.granted());
        bureau.post(&format!("/trade-overrides/{asked}/{word}"), why("另行申请")).await.granted();
    }
    lifted(world, &province, (&kiln, &lake), "5.000 t COD", &until).await;
    asks(&world.officer, &kiln, &brewery, "1.000 t COD", &until).await.granted();
}
