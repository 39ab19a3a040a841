//! An import that goes well, and what can be asked of the book afterwards.

use super::files::{count, import, reported, right_book, small};
use super::generator::generate;
use crate::exports::programs::{READERS, exported};
use crate::support::demo::unloaded_database;
use crate::support::{Client, app};
use ganhe::access::{Caller, Role, SignInRules};
use ganhe::identity::queries::find_by_login;
use ganhe::kernel::ids::OrganisationId;
use sea_orm::ConnectionTrait;
use serde_json::json;

#[tokio::test]
async fn a_small_register_is_in_the_books() {
    let (files, url) = (small(), unloaded_database().await);
    let (said, balances) = reported(&url, &files.write(), &[]).await;
    said.granted();
    assert!(said.out.contains("4 transactions with 6 rows; 0 refused"), "{}", said.out);
    assert_eq!(balances, files.fold());
    let told = |account: &str, asset: &str| balances[&(account.to_owned(), asset.to_owned())].as_str();
    assert_eq!((told("mill", "SO2"), told("mill", "CNY"), told("glass", "CNY")), ("87.500", "5000.50", "0.00"));
    assert_eq!((told("idle", "SO2"), told("fund", "SO2"), told("mill", "unit")), ("62.500", "0.000", "3"));
    assert_eq!(
        (told("idle", "CNY"), told("fund", "unit")),
        ("0.00", "0"),
        "accounts that never held anything are in it"
    );
    assert_eq!(balances.len(), 4 * 3, "{balances:?}");
    let shared = right_book(&url).await;
    // The opening balances stand on the eve of the first day.
    let opening = "SELECT COUNT(*) FROM journals WHERE kind = 'opening_balance' AND effective_on = '2016-12-29'";
    assert_eq!(count(&shared, opening).await, 2);
    assert_eq!(count(&shared, "SELECT COUNT(*) FROM owners WHERE kind = 'holder'").await, 4);
    assert_eq!(count(&shared, "SELECT COUNT(*) FROM assets WHERE kind = 'imported'").await, 3);
    for reader in READERS {
        reader.passes(&exported(&url, reader.format()).await).await;
    }
}

#[tokio::test]
async fn the_auditor_finds_a_transaction_by_its_old_id() {
    let (files, url) = (small(), unloaded_database().await);
    import(&url, &files.write(), &[]).await.granted();
    let shared = ganhe::app::opening::founded(&url, SignInRules::default()).await.unwrap();
    let address = app::serve(shared.clone()).await;
    let operator = find_by_login(&shared.db, "operator").await.unwrap().unwrap();
    let of = |role| {
        let caller = Caller {
            user: operator.user.id,
            organisation: OrganisationId::fresh(),
            roles: vec![role],
            area_path: "LEGACY".to_owned(),
            ..Caller::nobody()
        };
        Client::of(address, &shared, &caller)
    };
    let auditor = of(Role::Auditor);
    let all = auditor.get("/audit/legacy-transactions?limit=3").await.granted();
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    assert!(all["next_cursor"].is_string());
    let found = auditor.get("/audit/legacy-transactions?transaction_id=T3").await.granted();
    let transaction = &found["items"][0];
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        transaction["rows"],
        json!([
            { "seq": 5, "timestamp": "2017-01-02T10:00:00", "kind": "pass on" },
            { "seq": 6, "timestamp": "2017-01-02T10:00:01", "kind": "surrender" },
        ])
    );
    let journal = auditor.get(&format!("/journals/{}", transaction["journal"].as_str().unwrap())).await.granted();
    assert_eq!((&journal["kind"], &journal["effective_on"]), (&json!("legacy_transaction"), &json!("2017-01-02")));
    assert_eq!(journal["reason"], "pass on\tT3\t2017-01-02T10:00:00\t5");
    assert_eq!(journal["entries"].as_array().unwrap().len(), 4);
    assert_eq!(auditor.get("/audit/legacy-transactions?transaction_id=T9").await.granted()["items"], json!([]));
    of(Role::Operator).get("/audit/legacy-transactions").await.is_refused_with("AUT_NOT_ALLOWED");
}

#[tokio::test]
async fn an_operator_may_sign_in_to_the_imported_book() {
    let (folder, url) = (small().write(), unloaded_database().await);
    let arguments = ["import", "register", folder.to_str().unwrap(), "--login", "keeper"];
    let mut child = crate::exports::programs::ganhe(&url, &arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut password = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut password, b"a long enough password\n").await.unwrap();
    drop(password);
    assert!(child.wait().await.unwrap().success());
    let address = app::serve(ganhe::app::opening::founded(&url, SignInRules::default()).await.unwrap()).await;
    let body = json!({ "login": "keeper", "password": "a long enough password" });
    Client::nobody(address).post("/auth/login", body).await.granted();
}

#[tokio::test]
async fn a_large_register_adds_up_to_what_its_rows_say() {
    let (files, url) = (generate(10_000, 7), unloaded_database().await);
    let (said, balances) = reported(&url, &files.write(), &[]).await;
    said.granted();
    assert_eq!(balances, files.fold());
    let shared = right_book(&url).await;
    let widest = "SELECT COUNT(DISTINCT e.account_id) FROM entries e JOIN legacy_transactions l ON l.journal_id = e.journal_id \
                  WHERE l.row_count = 289 AND e.amount < 0 GROUP BY e.journal_id ORDER BY 1 DESC LIMIT 1";
    assert_eq!(count(&shared, widest).await, 289, "payers of one transaction");
    assert_eq!(count(&shared, "SELECT CAST(MAX(row_count) AS bigint) FROM legacy_transactions").await, 2_000);
    assert_eq!(count(&shared, "SELECT COUNT(*) FROM entries WHERE amount = 1234567890123").await, 2);
}

#[tokio::test]
async fn rows_of_a_transaction_may_stand_apart() {
    let mut files = small();
    // T5 stands where its first row stands: T6 can pay on what its last row brought.
    files.transactions("10,T5,2018-01-01,issue,,fund,unit,4").transactions("11,T6,2018-01-02,move,glass,mill,unit,2");
    files
        .transactions("12,T5,2018-01-03,pass on,fund,glass,unit,3")
        .transactions("13,T7,2018-01-04,issue,,fund,unit,1");
    files.transactions("14,T5,2018-01-05,pass on,glass,idle,unit,1");
    let url = unloaded_database().await;
    let (said, balances) = reported(&url, &files.write(), &[]).await;
    said.granted();
    assert_eq!(balances, files.fold());
    assert_eq!(balances[&("mill".to_owned(), "unit".to_owned())], "5");
    let shared = right_book(&url).await;
    let order = "SELECT COUNT(*) FROM legacy_transactions a JOIN legacy_transactions b ON a.journal_id < b.journal_id \
                 WHERE a.transaction_id = 'T5' AND b.transaction_id = 'T6' AND a.row_count = 3";
    assert_eq!(count(&shared, order).await, 1);
}

#[tokio::test]
async fn marks_and_ends_of_lines_of_other_systems_are_read() {
    let mut files = small();
    for text in files.texts.values_mut() {
        *text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    }
    files.replace("accounts.csv", "account,name,kind", "kind,ignored,account,name");
    files.texts.insert(
        "accounts.csv",
        "\u{feff}kind,remark,account,name\r\nx,,mill,\"a \"\"mill\"\"\"\r\n\r\nx,,glass,\r\nx,,fund,\r\nx,,idle,\r\n"
            .to_owned(),
    );
    let url = unloaded_database().await;
    let (said, balances) = reported(&url, &files.write(), &[]).await;
    said.granted();
    assert_eq!(balances, small().fold());
    let shared = right_book(&url).await;
    assert_eq!(count(&shared, "SELECT COUNT(*) FROM owners WHERE name = 'a \"mill\"'").await, 1);
}

#[tokio::test]
async fn an_empty_register_is_a_book() {
    let url = unloaded_database().await;
    let (said, balances) = reported(&url, &super::files::Files::new().write(), &[]).await;
    said.granted();
    assert!(balances.is_empty());
    right_book(&url).await;
}

#[tokio::test]
async fn a_changed_row_of_an_old_transaction_is_found() {
    let (folder, url) = (small().write(), unloaded_database().await);
    import(&url, &folder, &[]).await.granted();
    let shared = right_book(&url).await;
    let (off, on) = if app::is_postgres() {
        ("ALTER TABLE legacy_transactions DISABLE TRIGGER USER;", "ALTER TABLE legacy_transactions ENABLE TRIGGER USER")
    } else {
        ("DROP TRIGGER legacy_transactions_never_updated; DROP TRIGGER legacy_transactions_never_deleted;", "SELECT 1")
    };
    let execute = async |sql: &str| shared.db.writer().execute_unprepared(sql).await.unwrap();
    execute(off).await;
    let changes = [
        ("transaction_id", "'T2x'", "'T2'"),
        ("first_seq", "1", "2"),
        ("row_count", "3", "2"),
        ("occurred_at", "'2017-01-03T10:00:00'", "'2017-01-02T10:00:00'"),
        ("kind", "'gift'", "'trade'"),
        ("row_facts", "'[]'", "NULL"),
    ];
    for (column, forged, true_one) in changes {
        let set = |value| {
            format!(
                "UPDATE legacy_transactions SET {column} = {value} WHERE first_seq IN (1, 2) AND kind IN ('trade', 'gift')"
            )
        };
        execute(&set(forged)).await;
        let findings = ganhe::audit::verify::verify(&shared.db).await.unwrap().differences;
        assert_eq!(findings.len(), 1, "{column}: {findings:?}");
        assert_eq!(findings[0].table, "legacy_transactions");
        execute(&set(true_one)).await;
    }
    execute("UPDATE legacy_transactions SET row_facts = '[[5,\"x\",\"x\"]]' WHERE transaction_id = 'T3'").await;
    execute("DELETE FROM legacy_transactions WHERE transaction_id = 'T4'").await;
    execute(on).await;
    assert_eq!(ganhe::audit::verify::verify(&shared.db).await.unwrap().differences.len(), 2);
}
