//! What is wrong in the files: each fault is named by file, line, code and field, and leaves nothing behind.

use super::files::{Files, count, import, reported, right_book, small};
use crate::support::app::is_postgres;
use crate::support::demo::unloaded_database;
use ganhe::access::SignInRules;
use ganhe::app::opening;
use ganhe::db::{Db, sqlite_path};
use ganhe::kernel::Clock;
use sea_orm::{ConnectionTrait, Statement};

/// Nothing is founded in the database; an SQLite file has not even come into being.
pub async fn is_untouched(url: &str) {
    if let Some(path) = sqlite_path(url) {
        assert!(!path.exists(), "{} was made", path.display());
        return;
    }
    let db = Db::open(url, Clock::system()).await.unwrap();
    for table in
        ["installation", "books", "owners", "journals", "import_runs", "import_files", "import_refusals", "refusals"]
    {
        let statement = Statement::from_string(db.backend(), format!("SELECT COUNT(*) FROM {table}"));
        let rows: i64 = db.reader().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

/// A change of the small register, and the faults it leads to.
struct Case(for<'f> fn(&'f mut Files) -> &'f mut Files, &'static [&'static str]);

/// Faults for which nothing at all is imported.
const UNFIT: &[Case] = &[
    Case(|files| files.with("assets.csv", None), &["assets.csv:1: IMP_UNREADABLE -"]),
    Case(|files| files.with("transactions.csv", None), &["transactions.csv:1: IMP_UNREADABLE -"]),
    Case(|files| files.replace("accounts.csv", "kind", "sort"), &["accounts.csv:1: IMP_MISSING_COLUMN kind"]),
    Case(
        |files| files.replace("accounts.csv", "name,kind", "kind,kind"),
        &["accounts.csv:1: IMP_MISSING_COLUMN name", "accounts.csv:1: IMP_DUPLICATE_COLUMN kind"],
    ),
    Case(|files| files.replace("transactions.csv", "seq", "no"), &["transactions.csv:1: IMP_MISSING_COLUMN seq"]),
    Case(
        |files| files.with("opening_balances.csv", Some("")),
        &[
            "opening_balances.csv:1: IMP_MISSING_COLUMN account",
            "opening_balances.csv:1: IMP_MISSING_COLUMN asset",
            "opening_balances.csv:1: IMP_MISSING_COLUMN amount",
        ],
    ),
    Case(
        |files| files.accounts("mill,again,enterprise").accounts(",none,x").accounts("short"),
        &[
            "accounts.csv:6: IMP_DUPLICATE account",
            "accounts.csv:7: IMP_REQUIRED account",
            "accounts.csv:8: IMP_FIELD_COUNT -",
        ],
    ),
    Case(|files| files.accounts("a\u{7}b,x,x"), &["accounts.csv:6: IMP_CONTROL_CHARACTER account"]),
    Case(|files| files.accounts(&format!("{},x,x", "长".repeat(201))), &["accounts.csv:6: IMP_TOO_LONG account"]),
    Case(
        |files| files.assets("A,t,19").assets("B,t,-1").assets("C,t,1.0").assets("D,t,").assets("SO2,t,3"),
        &[
            "assets.csv:5: IMP_BAD_SCALE scale",
            "assets.csv:6: IMP_BAD_SCALE scale",
            "assets.csv:7: IMP_BAD_SCALE scale",
            "assets.csv:8: IMP_REQUIRED scale",
            "assets.csv:9: IMP_DUPLICATE asset",
        ],
    ),
    Case(
        |files| {
            files.openings("nobody,SO2,1").openings("mill,NOX,1").openings("fund,SO2,-1").openings("fund,CNY,1.234")
        },
        &[
            "opening_balances.csv:5: IMP_UNKNOWN_ACCOUNT account",
            "opening_balances.csv:6: IMP_UNKNOWN_ASSET asset",
            "opening_balances.csv:7: IMP_NEGATIVE amount",
            "opening_balances.csv:8: IMP_TOO_PRECISE amount",
        ],
    ),
    Case(
        |files| files.openings("fund,unit,many").openings("idle,SO2,99999999999999999.000").openings("mill,SO2,1"),
        &[
            "opening_balances.csv:5: IMP_NOT_DECIMAL amount",
            "opening_balances.csv:6: IMP_OUT_OF_RANGE amount",
            "opening_balances.csv:7: IMP_DUPLICATE account",
        ],
    ),
    Case(
        |files| files.openings("glass,unit,9000000000000000000").openings("fund,unit,9000000000000000000"),
        &["opening_balances.csv:6: IMP_OVERFLOW amount"],
    ),
    Case(
        |files| {
            files
                .transactions("8,T5,2018-01-01,\"never closed,,mill,unit,1")
                .transactions("9,T6,2018-01-01,x,,mill,unit,1")
        },
        &["transactions.csv:8: IMP_LINE_BREAK -"],
    ),
    Case(
        |files| files.accounts("mill,again,x").assets("unit,1,0"),
        &["accounts.csv:6: IMP_DUPLICATE account", "assets.csv:5: IMP_DUPLICATE asset"],
    ),
];

#[tokio::test]
async fn unfit_files_are_refused_whole_with_every_fault() {
    for (number, Case(change, faults)) in UNFIT.iter().enumerate() {
        let mut files = small();
        change(&mut files);
        let (folder, url) = (files.write(), unloaded_database().await);
        for options in [&["--dry-run"][..], &[], &["--continue"]] {
            let said = import(&url, &folder, options).await;
            assert!(!said.is_success, "{number}: {said:?}");
            assert_eq!(said.codes(), *faults, "{number} {options:?}: {said:?}");
        }
        is_untouched(&url).await;
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let (folder, url) = (small().write(), unloaded_database().await);
    let mut text = std::fs::read(folder.join("accounts.csv")).unwrap();
    text.extend_from_slice(b"\xc1\xd9\xbd\xad,x,x\n");
    std::fs::write(folder.join("accounts.csv"), text).unwrap();
    let said = import(&url, &folder, &[]).await;
    assert_eq!(said.codes(), ["accounts.csv:6: IMP_NOT_UTF8 account"]);
    is_untouched(&url).await;
}

/// Rows from line 8 on that are refused, with what is said of them; everything else passes.
const REFUSED: &[(&[&str], &[&str])] = &[
    (&["8,T5,2018-01-01,x,nobody,mill,unit,1"], &["transactions.csv:8: IMP_UNKNOWN_ACCOUNT from_account"]),
    (&["8,T5,2018-01-01,x,,nobody,unit,1"], &["transactions.csv:8: IMP_UNKNOWN_ACCOUNT to_account"]),
    (&["8,T5,2018-01-01,x,,,unit,1"], &["transactions.csv:8: IMP_REQUIRED to_account"]),
    (&["8,T5,2018-01-01,x,,mill,NOX,1"], &["transactions.csv:8: IMP_UNKNOWN_ASSET asset"]),
    (&["8,T5,2018-01-01,x,,mill,unit,0"], &["transactions.csv:8: IMP_NOT_POSITIVE amount"]),
    (&["8,T5,2018-01-01,x,,mill,unit,-1"], &["transactions.csv:8: IMP_NEGATIVE amount"]),
    (&["8,T5,2018-01-01,x,,mill,unit,1.5"], &["transactions.csv:8: IMP_TOO_PRECISE amount"]),
    (&["8,T5,2018-01-01,x,,mill,SO2,1e3"], &["transactions.csv:8: IMP_NOT_DECIMAL amount"]),
    (&["8,T5,2018-01-01,x,,mill,SO2,9223372036854775.808"], &["transactions.csv:8: IMP_OUT_OF_RANGE amount"]),
    (&["8,T5,2018-01-01,x,,mill,unit,"], &["transactions.csv:8: IMP_REQUIRED amount"]),
    (&["8,T5,2018-02-30,x,,mill,unit,1"], &["transactions.csv:8: IMP_BAD_TIMESTAMP timestamp"]),
    (&["8,T5,,x,,mill,unit,1"], &["transactions.csv:8: IMP_REQUIRED timestamp"]),
    (&["7,T5,2018-01-01,x,,mill,unit,1"], &["transactions.csv:8: IMP_SEQ_NOT_ASCENDING seq"]),
    (&["3,T5,2018-01-01,x,,mill,unit,1"], &["transactions.csv:8: IMP_SEQ_NOT_ASCENDING seq"]),
    (&["x,T5,2018-01-01,x,,mill,unit,1"], &["transactions.csv:8: IMP_BAD_SEQ seq"]),
    (&["8,,2018-01-01,x,,mill,unit,1"], &["transactions.csv:8: IMP_REQUIRED transaction_id"]),
    (&["8,T5,2018-01-01,x,mill,mill,unit,1"], &["transactions.csv:8: IMP_SAME_ACCOUNT to_account"]),
    (&["8,T5,2018-01-01,x,mill,glass,unit,4"], &["transactions.csv:8: IMP_NOT_ENOUGH from_account"]),
    (&["8,T5,2018-01-01,x,,idle,unit,9223372036854775807"], &["transactions.csv:8: IMP_OVERFLOW amount"]),
    (&["8,T5,2018-01-01,x,,mill,unit,1,more"], &["transactions.csv:8: IMP_FIELD_COUNT -"]),
    (&["8,T5,2018-01-01,\u{b}x,,mill,unit,1"], &["transactions.csv:8: IMP_CONTROL_CHARACTER type"]),
    // All or nothing: the first two rows would pass.
    (
        &[
            "8,T5,2018-01-01,x,,idle,unit,5",
            "9,T5,2018-01-01,x,idle,glass,unit,5",
            "10,T5,2018-01-01,x,idle,glass,unit,1",
        ],
        &["transactions.csv:10: IMP_NOT_ENOUGH from_account"],
    ),
    // Every fault of a transaction at once, also of rows that stand apart.
    (
        &["8,T5,2018-13-01,x,,mill,unit,0", "9,T6,2018-01-01,x,,mill,unit,1", "10,T5,2018-01-01,x,who,mill,unit,1"],
        &[
            "transactions.csv:8: IMP_BAD_TIMESTAMP timestamp",
            "transactions.csv:8: IMP_NOT_POSITIVE amount",
            "transactions.csv:10: IMP_UNKNOWN_ACCOUNT from_account",
        ],
    ),
];

#[tokio::test]
async fn a_refused_transaction_changes_nothing_and_stops_the_import() {
    for (rows, faults) in REFUSED {
        let mut files = small();
        for row in *rows {
            files.transactions(row);
        }
        files.transactions("90,T9,2019-01-01,issue,,glass,unit,1");
        let (folder, url) = (files.write(), unloaded_database().await);
        let tried = import(&url, &folder, &["--dry-run"]).await;
        is_untouched(&url).await;
        let stopped = import(&url, &folder, &[]).await;
        for said in [&tried, &stopped] {
            assert!(!said.is_success, "{rows:?}: {said:?}");
            assert_eq!(said.codes(), *faults, "{rows:?}: {said:?}");
        }
        let shared = opening::founded(&url, SignInRules::default()).await.unwrap();
        assert_eq!(
            count(&shared, "SELECT COUNT(*) FROM legacy_transactions").await,
            4,
            "those before it are in the books"
        );
        let accounts = count(&shared, "SELECT COUNT(*) FROM accounts").await;
        assert_eq!(import(&url, &folder, &[]).await.codes(), *faults, "it stands where it stood");
        assert_eq!(count(&shared, "SELECT COUNT(*) FROM accounts").await, accounts);

        let (said, balances) = reported(&url, &folder, &["--continue"]).await;
        assert!(said.is_success, "{said:?}");
        assert_eq!(said.codes(), *faults, "what is left out is listed");
        let mut without = small();
        for row in rows.iter().filter(|row| row.contains(",T6,")) {
            without.transactions(row);
        }
        assert_eq!(balances, without.transactions("90,T9,2019-01-01,issue,,glass,unit,1").fold(), "{rows:?}");
        right_book(&url).await;
        let again = import(&url, &folder, &[]).await;
        assert!(again.is_success && again.out.contains("nothing has changed"), "{again:?}");
        assert_eq!(again.codes(), *faults, "also when asked again");
    }
}

#[tokio::test]
async fn a_fault_is_told_in_both_languages_with_the_transaction() {
    let mut files = small();
    files.transactions("8,T5,2018-01-01,x,mill,glass,SO2,1000");
    let said = import(&unloaded_database().await, &files.write(), &[]).await;
    let wanted = "transactions.csv:8: IMP_NOT_ENOUGH from_account: the account mill holds 87.500 SO2 and 1000.000 would leave it \
                  / 账户 mill 持有 87.500 SO2，少于所需的 1000.000 [transaction T5]";
    assert_eq!(said.faults, [wanted]);
}

#[tokio::test]
async fn other_files_and_other_books_are_refused_by_name() {
    let mut files = small();
    files.transactions("8,T5,2018-01-01,x,mill,glass,SO2,1000");
    let (folder, url) = (files.write(), unloaded_database().await);
    import(&url, &folder, &[]).await;
    files.replace("transactions.csv", "SO2,1000", "SO2,1").replace("assets.csv", "yuan", "fen");
    let said = import(&url, &files.write(), &["--continue"]).await;
    assert!(!said.is_success);
    assert!(said.faults[0].contains("IMP_FILE_CHANGED"), "{said:?}");
    let told = said.faults.join("\n");
    assert!(told.contains("transactions.csv is not") && told.contains("assets.csv is not"), "{told}");
    assert!(!told.contains("accounts.csv"));

    let other = crate::support::app::TestApp::start().await;
    for options in [&["--dry-run"][..], &[]] {
        let said = import(&other.url, &small().write(), options).await;
        assert!(!said.is_success && said.faults[0].contains("IMP_OTHER_BOOK"), "{said:?}");
    }
    assert_eq!(count(&other.shared, "SELECT COUNT(*) FROM owners WHERE kind = 'holder'").await, 0);
}

#[tokio::test]
async fn a_trial_judges_like_the_import_and_leaves_no_trace() {
    let mut files = super::generator::generate(4_000, 11);
    for (seq, id) in [(9_000_000, "X1"), (9_000_001, "X2")] {
        files.transactions(&format!("{seq},{id},2060-01-01,x,H-00001,H-00002,NOX,9000000000000.000000"));
    }
    files.transactions("9000002,X3,2060-01-01,x,,H-00002,NOX,0.000001");
    let (folder, url) = (files.write(), unloaded_database().await);
    let (tried, would_be) = reported(&url, &folder, &["--dry-run", "--continue"]).await;
    is_untouched(&url).await;
    let (said, balances) = reported(&url, &folder, &["--continue"]).await;
    assert_eq!((tried.is_success, &tried.faults, would_be), (true, &said.faults, balances));
    assert_eq!(said.faults.len(), 2);
    assert!(tried.out.starts_with("Nothing was changed."), "{}", tried.out);
    let stays = import(&url, &folder, &["--dry-run"]).await;
    assert!(stays.is_success && stays.out.contains("was imported before"), "{stays:?}");
    if !is_postgres() {
        let folder = sqlite_path(&url).unwrap();
        assert!(folder.exists());
    }
}
