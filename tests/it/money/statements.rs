//! The bank's daily statement beside our books, and ours for the bank.

use super::{id, told};
use crate::support::{Client, World};
use serde_json::{Value, json};
use uuid::Uuid;

const DAY: &str = "2022-12-01";
const COLUMNS: &str = "date,bank_reference,direction,amount,text";

/// Uploads a file and has it compared: how the work has ended.
pub async fn compared(bank: &Client, day: &str, content: &str) -> Value {
    let document = id(&bank.upload("statement.csv", "text/csv", content.as_bytes()).await.granted());
    let begun = bank.post("/money/bank-statements", json!({"day": day, "document": document})).await;
    begun.with_status(202);
    bank.ended(&begun.text("id")).await
}

/// The same for a file that is good: the statement's id, its number, and whether it was there before.
pub async fn reconciled(bank: &Client, day: &str, content: &str) -> (Uuid, i64, bool) {
    let ended = compared(bank, day, content).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    let result = &ended["result"];
    let statement = result["statement"].as_str().unwrap().parse().unwrap();
    (statement, result["number"].as_i64().unwrap(), result["repeated"].as_bool().unwrap())
}

fn file(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("{DAY},{line}")).collect();
    format!("{COLUMNS}\n{}\n", lines.join("\n"))
}

async fn open(world: &World) -> Vec<(String, String, String)> {
    let found = world.settlement.get("/money/bank-differences?state=open&limit=200").await.granted();
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or("-").to_owned();
    let of = |item: &Value| (text(item, "side"), text(item, "bank_reference"), text(item, "amount"));
    found["items"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn a_statement_that_agrees_leaves_nothing_to_do() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let body = json!({"organisation": mill.id, "amount": "100.00", "bank_reference": "DP-1"});
    world.settlement.post("/money/deposits", body).await.granted();
    let body = json!({"organisation": mill.id, "amount": "30.00", "bank_reference": "WD-1"});
    world.settlement.post("/money/withdrawals", body).await.granted();
    let unmatched = told(&world.settlement, "PY-1", "货款", "70.00").await;
    let back = json!({"bank_reference": "RT-1", "reason": "退回"});
    world.settlement.post(&format!("/money/payments/{}/return", id(&unmatched)), back).await.granted();
    let content = file(&["DP-1,in,100.00,货款", "WD-1,out,30.00,", "PY-1,收,70.00,货款", "RT-1,支,70.00,退回"]);
    let (statement, number, repeated) = reconciled(&world.settlement, DAY, &content).await;
    assert_eq!((number, repeated), (1, false));
    assert!(open(&world).await.is_empty());
    let matches = world.settlement.get(&format!("/money/bank-statements/{statement}/matches")).await.granted();
    let ways: Vec<&Value> = matches["items"].as_array().unwrap().iter().map(|item| &item["way"]).collect();
    assert_eq!(ways, [&json!("one_to_one"); 8]);
    let found = world.settlement.get(&format!("/money/bank-statements/{statement}")).await.granted();
    assert_eq!((&found["lines"], &found["movements"]), (&json!(4), &json!(4)));
    world.books_are_right().await;
}

#[tokio::test]
async fn lines_and_movements_that_add_up_are_one_and_the_same() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let deposit = async |organisation: Uuid, reference: &str, amount: &str| {
        let body = json!({"organisation": organisation, "amount": amount, "bank_reference": reference});
        world.settlement.post("/money/deposits", body).await.granted();
    };
    let code = json!({"organisation": mill.id, "code": "8800421222000017"});
    world.settlement.post("/money/payment-codes", code).await.granted();
    // One line of the bank for two deposits of the mill; two lines that name the deposit of the glassworks; one that fits nothing.
    deposit(mill.id, "DP-1", "100.00").await;
    deposit(mill.id, "DP-2", "50.00").await;
    deposit(glass.id, "DEPOSIT003", "90.00").await;
    deposit(glass.id, "DP-4", "7.00").await;
    let content = file(&[
        "SUM-1,in,150.00,8800421222000017 合并入账",
        "PART-1,in,40.00,DEPOSIT003 第一笔",
        "PART-2,in,50.00,DEPOSIT003 第二笔",
        "DP-4,in,8.00,金额不符",
    ]);
    let (statement, ..) = reconciled(&world.settlement, DAY, &content).await;
    let matches = world.settlement.get(&format!("/money/bank-statements/{statement}/matches")).await.granted();
    let mut ways: Vec<(i64, &str, bool)> = matches["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["group"].as_i64().unwrap(), item["way"].as_str().unwrap(), item["line"].is_null()))
        .collect();
    ways.sort_unstable();
    let expected = [
        (1, "one_to_many", false),
        (1, "one_to_many", true),
        (1, "one_to_many", true),
        (2, "many_to_one", false),
        (2, "many_to_one", false),
        (2, "many_to_one", true),
    ];
    assert_eq!(ways, expected);
    let left = [("bank", "DP-4", "8.00"), ("book", "DP-4", "7.00")];
    assert_eq!(
        open(&world).await,
        left.map(|(side, reference, amount)| (side.into(), reference.into(), amount.into()))
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn the_same_file_changes_nothing_and_another_one_takes_its_place() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let body = json!({"organisation": mill.id, "amount": "100.00", "bank_reference": "DP-1"});
    world.settlement.post("/money/deposits", body).await.granted();
    let first = file(&["DP-9,in,100.00,"]);
    let (statement, number, repeated) = reconciled(&world.settlement, DAY, &first).await;
    assert_eq!((number, repeated, open(&world).await.len()), (1, false, 2));
    let again = reconciled(&world.settlement, DAY, &first).await;
    assert_eq!(again, (statement, 1, true));
    let found = world.settlement.get(&format!("/money/bank-statements?day={DAY}")).await.granted();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);

    let found = world.settlement.get("/money/bank-differences?state=open").await.granted();
    let close = format!("/money/bank-differences/{}/close", id(&found["items"][0]));
    let why = json!({"reason": "银行次日冲回"});
    world.head_of_another_settlement_bank().await.post(&close, why.clone()).await.with_status(404);
    let closed = world.settlement.post(&close, why.clone()).await.granted();
    assert_eq!((&closed["state"], &closed["version"]), (&json!("closed"), &json!(2)));
    world.settlement.post(&close, why.clone()).await.is_refused_with("STL_DIFFERENCE_CLOSED").with_status(409);

    let second = file(&["DP-1,in,100.00,"]);
    let (_, number, repeated) = reconciled(&world.settlement, DAY, &second).await;
    assert_eq!((number, repeated), (2, false));
    assert!(open(&world).await.is_empty(), "what was open is superseded");
    let states = world.settlement.get("/money/bank-differences").await.granted();
    let mut states: Vec<&str> =
        states["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["closed", "superseded"]);
    let superseded = world.settlement.get("/money/bank-differences?state=superseded").await.granted();
    let close = format!("/money/bank-differences/{}/close", id(&superseded["items"][0]));
    world.settlement.post(&close, why).await.is_refused_with("STL_DIFFERENCE_CLOSED");
    world.books_are_right().await;
}

#[tokio::test]
async fn every_fault_of_a_file_is_told_with_its_line_and_nothing_is_kept() {
    let world = World::new().await;
    let faults = async |content: &str| {
        let ended = compared(&world.settlement, DAY, content).await;
        assert_eq!(ended["state"], "failed", "{ended:#}");
        let told = ended["faults"].as_array().unwrap().clone();
        told.iter()
            .map(|fault| (fault["field"].as_str().unwrap().to_owned(), fault["code"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let content = format!("{COLUMNS}\n2022-12-02,XN1,in,1.00,\n{DAY},XN2,in,0.00,\n{DAY},XN3\n");
    let told = faults(&content).await;
    let expected = [
        ("lines[2].date", "STL_STATEMENT_OTHER_DAY"),
        ("lines[3].amount", "API_ZERO"),
        ("lines[4]", "STL_STATEMENT_FIELDS"),
    ];
    assert_eq!(told, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let turned = format!("{COLUMNS}\n{DAY},XN1,in,1.00,\u{202e}gpj\n");
    assert_eq!(faults(&turned).await, [("lines[2]".to_owned(), "STL_STATEMENT_UNREADABLE".to_owned())]);
    let told = faults("date,bank_reference,direction,amount,memo\n").await;
    let codes: Vec<&str> = told.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, ["STL_STATEMENT_COLUMN_UNKNOWN", "STL_STATEMENT_COLUMN_MISSING"]);
    let found = world.settlement.get("/money/bank-statements").await.granted();
    assert!(found["items"].as_array().unwrap().is_empty());
    let early = json!({"day": "2022-12-02", "document": Uuid::nil()});
    world.settlement.post("/money/bank-statements", early).await.is_refused_with("STL_STATEMENT_EARLY");
    let pdf = id(&world.settlement.upload("a.pdf", "application/pdf", b"%PDF-1.7 statement").await.granted());
    let begun = world.settlement.post("/money/bank-statements", json!({"day": DAY, "document": pdf})).await;
    let ended = world.settlement.ended(&begun.text("id")).await;
    assert_eq!(ended["faults"][0]["code"], "STL_STATEMENT_NOT_CSV");
    reconciled(&world.settlement, DAY, &format!("{COLUMNS}\n")).await;
}

#[tokio::test]
async fn a_file_may_have_very_many_faults_and_very_many_lines() {
    let world = World::new().await;
    let bad = format!("{COLUMNS}\n{}", "x\n".repeat(10_002));
    let ended = compared(&world.settlement, DAY, &bad).await;
    let told = ended["faults"].as_array().unwrap();
    assert_eq!((told.len(), &told[10_000]["code"]), (10_001, &json!("STL_STATEMENT_MORE_FAULTS")));
    let line = format!("{DAY},XN,in,1.00,\n");
    let long = format!("{COLUMNS}\n{}", line.repeat(200_001));
    let ended = compared(&world.settlement, DAY, &long).await;
    assert_eq!(ended["faults"][0]["code"], "STL_STATEMENT_TOO_LONG", "{:#}", ended["faults"][0]);
}

#[tokio::test]
async fn our_statement_of_a_day_is_the_account_outside_of_the_books() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    world.deposits_on(&head, &mill, "500.00", "2022-11-30").await.granted();
    let body = json!({"organisation": mill.id, "amount": "100.00", "bank_reference": "DP-1"});
    world.settlement.post("/money/deposits", body).await.granted();
    told(&world.settlement, "PY-1", "=货款", "70.00").await;
    let mistake = world.deposits_on(&head, &mill, "9.00", DAY).await.granted();
    let why = json!({"reason": "错账", "document_hash": "9f".repeat(32)});
    head.post(&format!("/journals/{}/reversal", mistake["journal"].as_str().unwrap()), why).await.granted();
    let path = format!("/money/daily-statement?day={DAY}");
    let statement = world.settlement.get(&path).await.granted();
    assert_eq!((&statement["opening_balance"], &statement["closing_balance"]), (&json!("500.00"), &json!("670.00")));
    let lines = statement["lines"].as_array().unwrap();
    let sum: rust_decimal::Decimal = lines
        .iter()
        .map(|line| {
            let amount: rust_decimal::Decimal = line["amount"].as_str().unwrap().parse().unwrap();
            if line["direction"] == "in" { amount } else { -amount }
        })
        .sum();
    assert_eq!(sum.to_string(), "170.00", "opening balance and lines make the closing balance");
    assert_eq!(world.balance(world.settlement_bank, "CNY", "outside").await, "-670.00");
    let early = world.settlement.get("/money/daily-statement?day=2022-12-02").await;
    early.is_refused_with("STL_STATEMENT_EARLY").with_status(422);
    let csv = world.settlement.get(&format!("{path}&format=csv")).await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let text = csv.body.as_str().unwrap();
    assert!(text.contains("期初余额,2022-12-01,,,500.00") && text.contains("期末余额,2022-12-01,,,670.00"), "{text}");
    assert!(text.contains("'=货款"), "a text that begins like a formula is guarded: {text}");
    // The bank sees its own, the auditor any, an enterprise none.
    let of_bank = format!("{path}&bank={}", world.settlement_bank);
    assert_eq!(world.auditor.get(&of_bank).await.granted()["closing_balance"], "670.00");
    mill.client.get(&of_bank).await.with_status(404);
    world.head_of_another_settlement_bank().await.get(&of_bank).await.with_status(404);
    // What was undone on its own day is nothing that the bank could have.
    reconciled(&world.settlement, DAY, &file(&["DP-1,in,100.00,", "PY-1,in,70.00,货款"])).await;
    assert!(open(&world).await.is_empty());
    world.books_are_right().await;
}
