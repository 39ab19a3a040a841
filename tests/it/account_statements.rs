//! Statements of accounts: on the screen in pages, as rows and as a spreadsheet; for whoever may see the account.

use crate::exports::flat::fill;
use crate::support::client::Client;
use crate::support::world::Enterprise;
use crate::support::{Answer, World};
use calamine::{Data, Reader, Xlsx};
use ganhe::audit::verify::{KeptCheckpoint, verify_against};
use ganhe::ledger::document::LARGEST_DOCUMENT;
use ganhe::ledger::log::sequence_once;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::io::Cursor;
use uuid::Uuid;

/// A reference that a spreadsheet would take for a formula.
const FORMULA: &str = "=1+1";
const NOVEMBER: &str = "from=2022-11-01&to=2022-11-30";

/// The mill's money in October, November and December, booked in December.
async fn autumn() -> (World, Enterprise, Uuid) {
    let world = World::new().await;
    let mill = world.enterprise("=临江纸业").await;
    let head = world.settlement_head().await;
    world.deposits_on(&head, &mill, "1000.00", "2022-10-15").await.granted();
    world.deposits_on(&head, &mill, "0.10", "2022-12-01").await.granted();
    world.deposits_on(&head, &mill, "50.00", "2022-11-30").await.granted();
    let out =
        json!({"organisation": mill.id, "amount": "300.00", "bank_reference": FORMULA, "effective_on": "2022-11-01"});
    head.post("/money/withdrawals", out).await.granted();
    world.days_pass(1);
    world.deposits_on(&head, &mill, "7.00", "2022-11-12").await.granted();
    let found = mill.client.get("/balances?purpose=available&asset=CNY").await.granted();
    let account = found["items"][0]["account"].as_str().unwrap().parse().unwrap();
    (world, mill, account)
}

fn figures(summary: &Value) -> [&str; 3] {
    ["opening_balance", "moved", "closing_balance"].map(|field| summary[field].as_str().unwrap())
}

/// Dates, amounts and balances of the entries of all pages.
async fn paged(client: &Client, path: &str) -> Vec<[String; 3]> {
    let (mut entries, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = client.get(&format!("{path}&limit=2{next}")).await.granted();
        for entry in page["items"].as_array().unwrap() {
            entries.push(["effective_on", "amount", "balance"].map(|field| entry[field].as_str().unwrap().to_owned()));
        }
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return entries;
        }
    }
}

#[tokio::test]
async fn a_statement_by_legal_date_runs_from_its_opening_to_its_closing_balance() {
    let (world, mill, account) = autumn().await;
    let path = format!("/accounts/{account}/statement?{NOVEMBER}");
    let statement = mill.client.get(&path).await.granted();
    assert_eq!(figures(&statement["summary"]), ["1000.00", "-243.00", "757.00"]);
    assert_eq!(
        (&statement["summary"]["entry_count"], &statement["summary"]["basis"]),
        (&json!(3), &json!("effective"))
    );
    let expected =
        [["2022-11-01", "-300.00", "700.00"], ["2022-11-12", "7.00", "707.00"], ["2022-11-30", "50.00", "757.00"]];
    assert_eq!(paged(&mill.client, &path).await, expected);
    let empty = format!("/accounts/{account}/statement?from=2022-11-02&to=2022-11-11");
    let empty = mill.client.get(&empty).await.granted();
    assert_eq!((figures(&empty["summary"]), &empty["items"]), (["700.00", "0.00", "700.00"], &json!([])));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_statement_may_run_to_the_last_day_of_the_calendar() {
    let (_world, mill, account) = autumn().await;
    for basis in ["effective", "recorded"] {
        let path = format!("/accounts/{account}/statement?from=2022-01-01&to=9999-12-31&basis={basis}");
        let statement = mill.client.get(&path).await.granted();
        assert_eq!(figures(&statement["summary"]), ["0.00", "757.10", "757.10"], "{basis}");
        assert_eq!(paged(&mill.client, &path).await.len(), 5, "{basis}");
    }
    let path = format!("/accounts/{account}/statement?from=9999-12-31&to=9999-12-31");
    assert_eq!(figures(&mill.client.get(&path).await.granted()["summary"]), ["757.10", "0.00", "757.10"]);
}

#[tokio::test]
async fn a_statement_by_recording_tells_when_the_book_learnt_it() {
    let (_world, mill, account) = autumn().await;
    let path = |days: &str| format!("/accounts/{account}/statement?{days}&basis=recorded");
    let first = mill.client.get(&path("from=2022-12-01&to=2022-12-01")).await.granted();
    assert_eq!(figures(&first["summary"]), ["0.00", "750.10", "750.10"]);
    let expected = [
        ["2022-10-15", "1000.00", "1000.00"],
        ["2022-12-01", "0.10", "1000.10"],
        ["2022-11-30", "50.00", "1050.10"],
        ["2022-11-01", "-300.00", "750.10"],
    ];
    assert_eq!(paged(&mill.client, &path("from=2022-12-01&to=2022-12-01")).await, expected);
    let second = mill.client.get(&path("from=2022-12-02&to=2022-12-31")).await.granted();
    assert_eq!(figures(&second["summary"]), ["750.10", "7.00", "757.10"]);
    let before = mill.client.get(&path(NOVEMBER)).await.granted();
    assert_eq!((figures(&before["summary"]), &before["items"]), (["0.00", "0.00", "0.00"], &json!([])));
}

#[tokio::test]
async fn the_statements_of_an_organisation_tell_of_its_money_and_of_its_sites() {
    let (world, mill, account) = autumn().await;
    world.allocate(&mill, "120.000 t COD").await;
    let path = format!("/statements?organisation={}&from=2022-11-01&to=2022-12-31", mill.id);
    let found = mill.client.get(&path).await.granted();
    let items = found["items"].as_array().unwrap();
    let told: Vec<(&str, [&str; 3])> =
        items.iter().map(|item| (item["asset"].as_str().unwrap(), figures(item))).collect();
    let class = mill.class("COD");
    let expected = [("CNY", ["1000.00", "-242.90", "757.10"]), (class.as_str(), ["0.000", "120.000", "120.000"])];
    assert_eq!(told, expected);
    assert_eq!(items[0]["account"], account.to_string());
    let before = format!("/statements?organisation={}&from=2022-01-01&to=2022-09-30", mill.id);
    assert_eq!(mill.client.get(&before).await.granted()["items"], json!([]), "nothing stood and nothing moved");
    let site = format!("/statements?owner={}&from=2022-11-01&to=2022-12-31", mill.site);
    assert_eq!(world.officer.get(&site).await.granted()["items"].as_array().unwrap().len(), 1);
    let page = mill.client.get(&format!("{path}&limit=1")).await.granted();
    let next = format!("{path}&limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(mill.client.get(&next).await.granted()["items"][0], items[1]);
}

#[tokio::test]
async fn a_statement_is_only_for_who_may_see_the_account() {
    let (world, mill, account) = autumn().await;
    let stranger = world.enterprise("崇阳造纸").await;
    for format in ["json", "csv", "xlsx"] {
        let one = format!("/accounts/{account}/statement?{NOVEMBER}&format={format}");
        stranger.client.get(&one).await.is_refused_with("API_NOT_FOUND").with_status(404);
        world.auditor.get(&one).await.granted();
        world.settlement.get(&one).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    }
    let all = format!("/statements?organisation={}&{NOVEMBER}", mill.id);
    assert_eq!(stranger.client.get(&all).await.granted()["items"], json!([]));
    let document = stranger.client.get(&format!("{all}&format=csv")).await;
    let (rows, _) = rows_of(document.body.as_str().unwrap());
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[tokio::test]
async fn a_span_that_is_none_is_told_by_its_field() {
    let (_world, mill, account) = autumn().await;
    let one = format!("/accounts/{account}/statement");
    for (query, code, field) in [
        ("from=2022-11-30&to=2022-11-01", "LED_SPAN_REVERSED", "to"),
        ("from=2022-11-31&to=2022-12-01", "API_NOT_DATE", "from"),
        ("from=2022-11-01&to=heute", "API_NOT_DATE", "to"),
        ("from=2022-11-01&to=2022-11-30&basis=both", "API_UNKNOWN_WORD", "basis"),
        ("from=2022-11-01&to=2022-11-30&format=pdf", "API_UNKNOWN_WORD", "format"),
    ] {
        let answer = mill.client.get(&format!("{one}?{query}")).await;
        answer.is_refused_with(code).with_status(422);
        assert_eq!(answer.body["violations"][0]["field"], field, "{query}");
    }
    mill.client.get(&format!("{one}?from=2022-11-01")).await.is_refused_with("API_BAD_QUERY").with_status(400);
    let both = format!("/statements?owner={}&organisation={}&{NOVEMBER}", mill.site, mill.id);
    for path in [both, format!("/statements?{NOVEMBER}")] {
        mill.client.get(&path).await.is_refused_with("LED_HOLDER_UNCLEAR").with_status(422);
    }
}

/// The rows of a document, cell by cell.
type Rows = Vec<Vec<String>>;

/// Opening balance and entries make the closing balance, account by account.
fn add_up(rows: &Rows, words: [&str; 3]) {
    let number = |cell: &str| cell.parse::<Decimal>().unwrap();
    let mut balance = Decimal::ZERO;
    let mut accounts = 0;
    for row in &rows[1..] {
        let word = row[5].as_str();
        if word == words[0] {
            balance = number(&row[12]);
            accounts += 1;
        } else if word == words[1] {
            balance += number(&row[11]);
        }
        assert_eq!(balance, number(&row[12]), "{row:?}");
    }
    assert_eq!(rows.last().unwrap()[5], words[2]);
    assert_eq!(rows.iter().filter(|row| row[5] == words[2]).count(), accounts);
}

/// The rows of a document of comma-separated values, and the checkpoint that its last row carries.
fn rows_of(text: &str) -> (Rows, String) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut rows: Rows = reader.deserialize().collect::<Result<_, _>>().unwrap();
    let last = rows.pop().unwrap();
    assert!(["检查点", "checkpoint"].contains(&last[5].as_str()), "{last:?}");
    (rows, last[10].clone())
}

async fn asked(client: &Client, path: &str, language: &str) -> reqwest::Response {
    client.request(Method::GET, path).header("Accept-Language", language).send().await.unwrap()
}

fn header(response: &reqwest::Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_rows_open_in_a_spreadsheet_and_no_text_is_a_formula() {
    let (world, mill, account) = autumn().await;
    world.allocate(&mill, "120.000 t COD").await;
    let path = format!("/statements?organisation={}&from=2022-11-01&to=2022-12-31&format=csv", mill.id);
    let answer = asked(&mill.client, &path, "zh-CN,en;q=0.5").await;
    assert_eq!(header(&answer, "content-type"), "text/csv; charset=utf-8");
    assert_eq!(header(&answer, "content-disposition"), "attachment; filename=\"statement-2022-11-01-2022-12-31.csv\"");
    let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("without the mark spreadsheets of this country read GBK");
    assert!(text.starts_with("账户,户名,资产"), "{text}");
    let (rows, _) = rows_of(text);
    add_up(&rows, ["期初余额", "发生", "期末余额"]);
    let money: Vec<&Vec<String>> = rows.iter().filter(|row| row[0] == account.to_string()).collect();
    assert_eq!(money.len(), 6, "four entries between two balances");
    assert_eq!(
        (money[1][6].as_str(), money[1][11].as_str(), money[1][10].as_str()),
        ("2022-11-01", "-300.00", "'=1+1")
    );
    for (at, cell) in rows.iter().flatten().enumerate() {
        let is_number = cell.parse::<Decimal>().is_ok();
        assert!(is_number || !cell.starts_with(['=', '+', '-', '@']), "{at}: {cell}");
    }
    assert!(rows.iter().flatten().any(|cell| cell == "'=临江纸业"));
}

#[tokio::test]
async fn a_spreadsheet_says_the_same_to_the_last_digit() {
    let (_world, mill, account) = autumn().await;
    for (language, title, words) in [
        ("zh", "账户", ["期初余额", "发生", "期末余额"]),
        ("en", "account", ["opening balance", "entry", "closing balance"]),
    ] {
        let path = format!("/accounts/{account}/statement?{NOVEMBER}&format=xlsx");
        let answer = asked(&mill.client, &path, language).await;
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert_eq!(header(&answer, "content-type"), kind);
        let bytes = answer.bytes().await.unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        assert!(
            sheet.cells().all(|(_, _, cell)| matches!(cell, Data::String(_) | Data::Empty)),
            "every cell is a text"
        );
        let text = |cell: &Data| if let Data::String(text) = cell { text.clone() } else { String::new() };
        let rows: Rows = sheet.rows().map(|row| row.iter().map(text).collect()).collect();
        assert_eq!(rows[0][0], title);
        add_up(&rows, words);
        assert_eq!((rows[1][12].as_str(), rows[5][12].as_str()), ("1000.00", "757.00"));
        assert_eq!(
            (rows[2][1].as_str(), rows[2][10].as_str()),
            ("=临江纸业", FORMULA),
            "a text, whatever it looks like"
        );
        let formulas = book.worksheet_formula(&book.sheet_names()[0].clone()).unwrap();
        assert!(formulas.is_empty(), "{formulas:?}");
        let csv = asked(&mill.client, &path.replace("xlsx", "csv"), language).await.text().await.unwrap();
        assert_eq!(rows_of(&csv).0.len(), rows.len());
    }
}

#[tokio::test]
async fn whoever_keeps_a_statement_keeps_the_checkpoint_that_covers_it() {
    let (world, mill, account) = autumn().await;
    let db = &world.app.shared.db;
    db.clock().advance(jiff::SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap();
    let signed = world.nobody().get("/log/checkpoint").await.granted().as_str().unwrap().to_owned();
    let path = format!("/accounts/{account}/statement?{NOVEMBER}");
    let all = format!("/statements?organisation={}&{NOVEMBER}", mill.id);
    assert_eq!(mill.client.get(&path).await.text("checkpoint"), signed);
    for path in [&path, &all] {
        let csv = mill.client.get(&format!("{path}&format=csv")).await.granted();
        assert_eq!(rows_of(csv.as_str().unwrap()).1, signed);
        let answer = asked(&mill.client, &format!("{path}&format=xlsx"), "en").await;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes().await.unwrap().to_vec())).unwrap();
        let sheet = book.worksheet_range("checkpoint").unwrap();
        let lines = (0..=sheet.end().unwrap().0).map(|row| match sheet.get_value((row, 0)) {
            Some(Data::String(line)) => format!("{line}\n"),
            _ => "\n".to_owned(),
        });
        assert_eq!(lines.collect::<String>(), signed);
    }
    // Kept until something of it is changed: the log of today no longer extends what it signed.
    let kept = KeptCheckpoint { note: signed, vkey: None };
    assert_eq!(verify_against(db, Some(&kept)).await.unwrap().differences, []);
    world.deposits(&mill, "1.00").await;
    db.clock().advance(jiff::SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap();
    let next = mill.client.get(&path).await.text("checkpoint");
    assert_ne!(next, kept.note);
    assert_eq!(verify_against(db, Some(&kept)).await.unwrap().differences, []);
}

#[tokio::test]
async fn json_is_what_is_answered_unless_a_document_is_asked_for() {
    let (_world, mill, account) = autumn().await;
    let path = format!("/accounts/{account}/statement?{NOVEMBER}");
    let plain = Answer::of(mill.client.request(Method::GET, &path).header("Accept", "text/csv")).await;
    assert_eq!(plain.headers["content-type"], "application/json");
    let named = mill.client.get(&format!("{path}&format=json")).await.granted();
    assert_eq!(plain.granted(), named);
}

#[tokio::test]
async fn a_document_has_an_end_and_says_so_before_it_is_put_together() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.deposits(&mill, "0.01").await;
    fill(&world.app.shared.db, LARGEST_DOCUMENT + 1).await;
    let found = mill.client.get("/balances?purpose=available&asset=CNY").await.granted();
    let account = found["items"][0]["account"].as_str().unwrap().to_owned();
    let day = "from=2022-12-01&to=2022-12-01&basis=recorded";
    for path in [format!("/accounts/{account}/statement?{day}"), format!("/statements?organisation={}&{day}", mill.id)]
    {
        for format in ["csv", "xlsx"] {
            let refused = mill.client.get(&format!("{path}&format={format}")).await;
            refused.is_refused_with("LED_STATEMENT_TOO_LONG").with_status(422);
            let told = refused.text("detail");
            assert!(told.contains("100001") && told.contains("100000"), "{told}");
        }
        let paged = mill.client.get(&path).await.granted();
        assert_eq!(paged["summary"]["entry_count"].as_i64().unwrap_or(LARGEST_DOCUMENT + 1), LARGEST_DOCUMENT + 1);
    }
    // Fewer days make a shorter one.
    let earlier = format!("/accounts/{account}/statement?from=2022-11-01&to=2022-11-30&basis=recorded&format=csv");
    mill.client.get(&earlier).await.with_status(200);
}
