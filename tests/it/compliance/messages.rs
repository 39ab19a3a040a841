//! Messages of monitors: counted once, corrected by later ones, refused or held when nobody can believe them.

use super::{asked, id, opened, outlet, says, sends, totals};
use crate::support::world::{CHIBI, Enterprise, TONGCHENG};
use crate::support::{Answer, World};
use ganhe::compliance::hj212::write;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// What is said of a day of an account.
async fn day(world: &World, account: Uuid, day: &str) -> Value {
    let days = world.auditor.get(&format!("/compliance-years/{account}/days")).await.granted();
    let items = days["items"].as_array().unwrap().clone();
    items.into_iter().find(|item| item["day"] == day).unwrap()
}

/// A receipt as counts: counted, noted, held, known, refused.
fn counts(receipt: &Value) -> [u64; 5] {
    ["counted", "noted", "held", "known", "refused"].map(|name| receipt[name].as_u64().unwrap())
}

#[tokio::test]
async fn the_totals_of_a_day_are_counted_once_however_often_they_are_sent() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    let account = opened(&mill, "COD", 2022).await;
    let sent = [
        totals("88888", "20221129", "w01018-Cou=46.630,w01018-Flag=N;w21003-Cou=3.100,w21003-Flag=N"),
        totals("88888", "20221130", "w01018-Cou=51.000,w01018-Flag=N"),
        asked("88888", "20221130100000000", "2061", "20221130", "w01018-Cou=2.000"),
        asked("88888", "20221130100100000", "2011", "20221130", "w01018-Rtd=12.0"),
    ];
    let first = sends(&world.city_officer, &sent).await.granted();
    assert_eq!(counts(&first), [2, 2, 0, 0, 0]);
    let again = sends(&world.city_officer, &sent).await.granted();
    assert_eq!((counts(&again), &again["items"]), ([0, 0, 0, 4, 0], &json!([])));
    let told = day(&world, account, "2022-11-29").await;
    assert_eq!((&told["source"], &told["monitor"]), (&json!("monitor"), &json!("0.04663")));
    assert_eq!(day(&world, account, "2022-11-28").await["source"], Value::Null);
    let kept = mill.client.get("/monitor-messages").await.granted();
    assert_eq!(kept["items"].as_array().unwrap().len(), 4);
    let segment = kept["items"][0]["segment"].as_str().unwrap();
    assert!(segment.contains(";PW=******;MN=88888;") && segment.ends_with("w21003-Flag=N&&"), "{segment}");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_later_message_corrects_an_earlier_one_and_both_are_kept() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    let account = opened(&mill, "COD", 2022).await;
    let late = asked("88888", "20221205080000000", "2031", "20221130", "w01018-Cou=60.000");
    let early = asked("88888", "20221201080000000", "2031", "20221130", "w01018-Cou=40.000");
    world.days_pass(10);
    for message in [late, early] {
        assert_eq!(counts(&sends(&world.city_officer, &[message]).await.granted()), [1, 0, 0, 0, 0]);
    }
    assert_eq!(day(&world, account, "2022-11-30").await["monitor"], "0.060");
    assert_eq!(mill.client.get("/monitor-messages").await.granted()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn one_bad_message_keeps_no_good_one_out_and_nothing_but_bad_ones_is_a_problem() {
    let world = World::new().await;
    let (mill, kiln) = (world.enterprise("临江纸业").await, world.enterprise_in("赤壁窑炉", CHIBI, "ceramics").await);
    outlet(&world, &mill, "88888").await;
    outlet(&world, &kiln, "99999").await;
    let good = totals("88888", "20221130", "w01018-Cou=1.000");
    let broken = good.replace("Cou=1.000", "Cou=2.000");
    let bad = [
        (broken, "CMP_WRONG_CRC"),
        (totals("77777", "20221130", "w01018-Cou=1.000"), "CMP_UNKNOWN_OUTLET"),
        (totals("99999", "20221130", "w01018-Cou=1.000"), "CMP_UNKNOWN_OUTLET"),
        (totals("88888", "20221202", "w01018-Cou=1.000"), "CMP_FUTURE_DAY"),
        (totals("88888", "20221131", "w01018-Cou=1.000"), "CMP_BAD_MESSAGE_FIELD"),
        (totals("88888", "20221130", "w01018-Cou=1;w01018-Cou=2"), "CMP_BAD_MESSAGE_FIELD"),
        (good.replace("##", "#"), "CMP_BROKEN_FRAME"),
        (
            write("QN=20221201080000000;ST=32;CN=2031;PW=1;MN=88888;CP=&&DataTime=20221130000000&&").unwrap(),
            "CMP_UNKNOWN_EDITION",
        ),
        (
            write("QN=20221201080000000;ST=32;CN=2031;PW=1;MN=88888;Flag=9;CP=&&DataTime=20221130000000&&").unwrap(),
            "CMP_OTHER_EDITION",
        ),
        (write("QN=20221201080000000;ST=32;CN=2031;PW=1;MN=88888;Flag=9;CP=&&{0x01}&&").unwrap(), "CMP_ENCRYPTED"),
    ];
    let mut all: Vec<String> = bad.iter().map(|(message, _)| message.clone()).collect();
    let none = sends(&world.officer, &all).await;
    none.with_status(422);
    for (at, (_, code)) in bad.iter().enumerate() {
        let told = &none.body["violations"][at];
        assert_eq!((told["code"].as_str(), told["field"].as_str()), (Some(*code), Some(&*format!("messages[{at}]"))));
    }
    all.push(good);
    let receipt = sends(&world.officer, &all).await.granted();
    assert_eq!(counts(&receipt), [1, 0, 0, 0, 10]);
    for (at, (_, code)) in bad.iter().enumerate() {
        let item = &receipt["items"][at];
        assert_eq!((&item["index"], item["code"].as_str()), (&json!(at), Some(*code)), "{item:#}");
        assert!(item["zh"].is_string() && item["en"].is_string());
    }
    sends(&mill.client, &all).await.is_refused_with("AUT_NOT_ALLOWED");
    sends(&world.officer, &[]).await.with_status(422);
}

async fn streams(world: &World, bytes: Vec<u8>) -> Answer {
    let request = world.officer.request(Method::POST, "/monitor-messages/stream");
    let key = ganhe::kernel::ids::fresh().to_string();
    Answer::of(request.header("Idempotency-Key", key).header("content-type", "text/plain").body(bytes)).await
}

#[tokio::test]
async fn the_bytes_of_the_monitors_are_taken_as_they_are() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    let [one, other] = ["20221129", "20221130"].map(|day| totals("88888", day, "w01018-Cou=1.000"));
    let mut flipped = other.clone().into_bytes();
    flipped[30] ^= 4;
    let stream = [one.as_bytes(), &flipped, &other.as_bytes()[..50], b"\r\n", other.as_bytes()].concat();
    let receipt = streams(&world, stream).await.granted();
    assert_eq!(counts(&receipt), [2, 0, 0, 0, 2], "{receipt:#}");
    streams(&world, Vec::new()).await.is_refused_with("CMP_BROKEN_FRAME");
    streams(&world, vec![0xff; 1_000]).await.is_refused_with("CMP_BROKEN_FRAME");
    streams(&world, vec![b'#'; 3 * 1024 * 1024]).await.is_refused_with("API_TOO_LARGE");
}

/// A site of an enterprise whose permit allows 0.36 t of SO2 a year.
async fn small_stack(world: &World, of: &Enterprise) -> Enterprise {
    let site = json!({"number": "SITE-0.36", "organisation": of.id, "name": "锅炉房", "area": TONGCHENG, "basin": "LUSHUI", "sector": "paper"});
    let site = id(&world.city_officer.post("/sites", site).await.granted());
    let permit = json!({"number": "PERMIT-0.36", "site": site, "valid_from": "2021-01-01", "valid_to": "2025-12-31",
        "quantities": [{"pollutant": "SO2", "quantity": "0.360"}]});
    world.city_officer.post("/permits", permit).await.granted();
    Enterprise { site, ..of.clone() }
}

/// Failure 5 of the catalogue: 11.19 billion tonnes of SO2 against 0.36 t permitted, negative emissions, misspelt pollutants. Neither a
/// monitor nor a report brings such a figure into an account; the bureau sees each.
#[tokio::test]
async fn absurd_figures_are_held_or_refused_and_never_counted() {
    let world = World::new().await;
    let stack = small_stack(&world, &world.enterprise("临江纸业").await).await;
    outlet(&world, &stack, "88888").await;
    let account = opened(&stack, "SO2", 2022).await;
    let sent = [
        ("20221126", "11190000000000"),
        ("20221127", "-3.5"),
        ("20221128", "99999999999999999999"),
        // A hundred times 0.36 t, of which a 365th belongs to a day: 98.630 kg.
        ("20221129", "98.631"),
        ("20221130", "98.630"),
    ];
    let sent = sent.map(|(day, mass)| totals("88888", day, &format!("a21026-Cou={mass};s02-Cou=7")));
    let receipt = sends(&world.city_officer, &sent).await.granted();
    assert_eq!(counts(&receipt), [1, 0, 4, 0, 0]);
    let holds = world.officer.get("/discharge-holds?state=open").await.granted();
    let reasons: Vec<&str> =
        holds["items"].as_array().unwrap().iter().map(|hold| hold["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["over_permit", "negative", "out_of_range", "over_permit"]);
    assert_eq!(holds["items"][0]["mass"], "11190000000000");
    for (of, grams) in [("2022-11-26", Value::Null), ("2022-11-27", Value::Null), ("2022-11-30", json!("0.09863"))] {
        assert_eq!(day(&world, account, of).await["monitor"], grams, "{of}");
    }
    let report = async |pollutant: &str, quantity: &str| {
        says(&world, &stack.client, &stack, (pollutant, "2022-10", quantity)).await
    };
    report("SO2", "11190000000.000").await.is_refused_with("CMP_IMPLAUSIBLE");
    report("SO2", "-0.001").await.is_refused_with("CMP_IMPLAUSIBLE");
    report("S02", "0.010").await.is_refused_with("QTA_UNKNOWN_POLLUTANT");
    report("NOX", "0.010").await.is_refused_with("CMP_NO_PERMITTED_QUANTITY");
    report("SO2", "0.010").await.granted();
    // Closing a hold tells that somebody has looked; the figure stays out.
    let path = format!("/discharge-holds/{}/close", id(&holds["items"][0]));
    world.chibi_officer.post(&path, json!({"reason": "单位错误"})).await.with_status(404);
    stack.client.post(&path, json!({"reason": "单位错误"})).await.is_refused_with("AUT_NOT_ALLOWED");
    world.officer.post(&path, json!({"reason": "单位错误"})).await.granted();
    world.officer.post(&path, json!({"reason": "单位错误"})).await.is_refused_with("CMP_HOLD_CLOSED");
    assert_eq!(day(&world, account, "2022-11-26").await["monitor"], Value::Null);
    world.books_are_right().await;
}

/// Failure 6 of the catalogue: forged data of monitors and third parties. The bureau's measurement prevails, whatever was sent or reported
/// before or after, and what was corrected stays to be seen.
#[tokio::test]
async fn what_the_bureau_measures_prevails_over_forged_data_and_both_are_kept() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    outlet(&world, &mill, "88888").await;
    let account = opened(&mill, "COD", 2022).await;
    let forged = totals("88888", "20221130", "w01018-Cou=1.000");
    sends(&world.officer, &[forged]).await.granted();
    says(&world, &mill.client, &mill, ("COD", "2022-11", "0.030")).await.granted();
    let measured = says(&world, &world.officer, &mill, ("COD", "2022-11-30", "0.250")).await.granted();
    assert_eq!(measured["items"][0]["source"], "bureau");
    // A repaired monitor and a new report change nothing of it.
    let repaired = asked("88888", "20221201090000000", "2031", "20221130", "w01018-Cou=2.000");
    sends(&world.officer, &[repaired]).await.granted();
    says(&world, &mill.client, &mill, ("COD", "2022-11", "0.060")).await.granted();
    let told = day(&world, account, "2022-11-30").await;
    let wanted =
        json!({"day": "2022-11-30", "source": "bureau", "bureau": "0.250", "monitor": "0.002", "report": "0.002"});
    assert_eq!(told, wanted);
    let before = day(&world, account, "2022-11-29").await;
    assert_eq!((&before["source"], &before["report"]), (&json!("report"), &json!("0.002")));
    assert_eq!(mill.client.get("/monitor-messages").await.granted()["items"].as_array().unwrap().len(), 2);
    assert_eq!(mill.client.get("/discharge-reports").await.granted()["items"].as_array().unwrap().len(), 3);
    world.books_are_right().await;
}

#[tokio::test]
async fn the_codes_of_the_later_edition_are_those_that_the_bureau_has_named() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let body =
        |factors: Value| json!({"site": mill.site, "mn": "A2", "name": "烟囱", "edition": "2025", "factors": factors});
    world.officer.post("/outlets", body(json!(null))).await.is_refused_with("CMP_FACTORS_MISSING");
    let twice = json!([{"code": "a21026", "pollutant": "SO2", "grams_per_unit": 1000}, {"code": "a21026", "pollutant": "COD", "grams_per_unit": 1000}]);
    world.officer.post("/outlets", body(twice)).await.is_refused_with("CMP_FACTOR_TWICE");
    let bad = json!([{"code": "a21026", "pollutant": "SO2", "grams_per_unit": 1000},
        {"code": "A21", "pollutant": "SOX", "grams_per_unit": 500}]);
    let refused = world.officer.post("/outlets", body(bad)).await;
    refused.is_refused_with("CMP_BAD_FACTOR_UNIT");
    let told: Vec<String> = refused.is_refused_with("CMP_BAD_FACTOR").body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["field"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let expected = [
        "factors[1].code CMP_BAD_FACTOR",
        "factors[1].grams_per_unit CMP_BAD_FACTOR_UNIT",
        "factors[1].pollutant QTA_UNKNOWN_POLLUTANT",
    ];
    assert_eq!(told, expected, "which factor, and why");
    let unknown = json!([{"code": "a21026", "pollutant": "SOX", "grams_per_unit": 1000}]);
    world.officer.post("/outlets", body(unknown)).await.is_refused_with("QTA_UNKNOWN_POLLUTANT");
    let factors = json!([{"code": "a21026", "pollutant": "SO2", "grams_per_unit": 1}]);
    world.chibi_officer.post("/outlets", body(factors.clone())).await.is_refused_with("ORG_OUTSIDE_AREA");
    mill.client.post("/outlets", body(factors.clone())).await.is_refused_with("AUT_NOT_ALLOWED");
    let registered = world.officer.post("/outlets", body(factors.clone())).await.granted();
    assert_eq!(registered["factors"], factors);
    world.officer.post("/outlets", body(factors)).await.is_refused_with("CMP_OUTLET_KNOWN");
    let mut bad = body(json!(null));
    bad["mn"] = json!("A 2");
    world.officer.post("/outlets", bad).await.is_refused_with("CMP_BAD_MN");
    let account = opened(&mill, "SO2", 2022).await;
    let segment =
        "QN=20221201080000000;ST=31;CN=2031;PW=1;MN=A2;Flag=9;RF=1;CP=&&DataTime=20221130000000;a21026-Cou=1500&&";
    assert_eq!(counts(&sends(&world.officer, &[write(segment).unwrap()]).await.granted()), [1, 0, 0, 0, 0]);
    assert_eq!(day(&world, account, "2022-11-30").await["monitor"], "0.0015");
}
