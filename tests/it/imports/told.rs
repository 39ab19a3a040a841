//! What an import tells beside the books: the report, also of one that stops, and how far it has come.

use super::faults::is_untouched;
use super::files::{Files, import, read_report, reported, small};
use super::generator::generate;
use crate::support::demo::unloaded_database;
use tokio::process::Command;

/// The small register with a transaction that nobody can pay, and one behind it.
fn refused() -> Files {
    let mut files = small();
    files.accounts("late,,enterprise").assets("NOX,t,4");
    files.transactions("8,T5,2018-01-01,trade,idle,mill,unit,9").transactions("9,T6,2018-01-02,issue,,glass,unit,1");
    files
}

#[tokio::test]
async fn a_stopped_import_reports_what_is_in_the_books() {
    let (files, url) = (refused(), unloaded_database().await);
    let folder = files.write();
    let mut before = refused();
    before.replace("transactions.csv", "9,T6,2018-01-02,issue,,glass,unit,1\n", "");
    for options in [&["--dry-run"][..], &[], &[]] {
        let (said, balances) = reported(&url, &folder, options).await;
        assert!(!said.is_success && said.codes() == ["transactions.csv:8: IMP_NOT_ENOUGH from_account"], "{said:?}");
        assert_eq!(balances, before.fold(), "{options:?}: T6 was not come to");
        std::fs::remove_file(folder.join("report.csv")).unwrap();
    }
    let (said, balances) = reported(&url, &folder, &["--continue"]).await;
    assert!(said.is_success, "{said:?}");
    assert_eq!(balances, files.fold());
    assert_eq!(balances[&("glass".to_owned(), "unit".to_owned())], "1");
}

#[tokio::test]
async fn the_report_names_every_account_with_every_asset() {
    let (files, url) = (refused(), unloaded_database().await);
    let folder = files.write();
    let (said, tried) = reported(&url, &folder, &["--dry-run", "--continue"]).await;
    assert!(said.is_success, "{said:?}");
    let (said, balances) = reported(&url, &folder, &["--continue"]).await;
    assert!(said.is_success, "{said:?}");
    assert_eq!((&tried, balances.len()), (&balances, 5 * 4), "five accounts, four assets");
    let of = |account: &str, asset: &str| balances[&(account.to_owned(), asset.to_owned())].clone();
    assert_eq!([of("late", "SO2"), of("late", "unit"), of("mill", "NOX")], ["0.000", "0", "0.0000"]);
    // A finished import that is run again writes it again.
    let (_, again) = reported(&url, &folder, &[]).await;
    assert_eq!(again, balances);
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_refused_before_anything_is_imported() {
    let (folder, url) = (small().write(), unloaded_database().await);
    let nowhere = folder.join("no such folder/balances.csv");
    for options in [&["--dry-run"][..], &[]] {
        let said = import(&url, &folder, &[options, &["--report", nowhere.to_str().unwrap()]].concat()).await;
        assert!(!said.is_success && said.out.is_empty(), "{said:?}");
        assert!(said.faults[0].starts_with(&format!("{} cannot be written: ", nowhere.display())), "{said:?}");
        is_untouched(&url).await;
    }
}

#[tokio::test]
async fn a_report_that_fails_later_leaves_an_import_that_says_it_is_done() {
    let (files, url) = (small(), unloaded_database().await);
    let folder = files.write();
    // A disk on which nothing fits.
    for (options, wanted) in [
        (&["--dry-run"][..], "Nothing was changed. This would be imported: 4 transactions"),
        (&[], "The register is imported: 4 transactions"),
        (&[], "The register was imported before and nothing has changed: 4 transactions"),
    ] {
        let said = import(&url, &folder, &[options, &["--report", "/dev/full"]].concat()).await;
        assert!(!said.is_success && said.faults[0].starts_with(wanted), "{said:?}");
        assert!(said.faults[1].starts_with("Only the report is missing: /dev/full cannot be written: "), "{said:?}");
    }
    let (said, balances) = reported(&url, &folder, &[]).await;
    said.granted();
    assert_eq!(balances, files.fold());
    assert!(!folder.join("report.csv.partial").exists());
}

/// What the program writes to a terminal of its own.
async fn on_a_terminal(url: &str, folder: &std::path::Path, options: &str) -> String {
    let program = env!("CARGO_BIN_EXE_ganhe");
    // A terminal of no size has no room for a bar.
    let line = format!("stty cols 100 rows 24; exec '{program}' import register '{}' {options}", folder.display());
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .env_remove("GANHE_TEST_DATABASE")
        .env("GANHE_DATABASE_URL", url);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_bar_tells_how_far_it_has_come_on_a_terminal_and_nowhere_else() {
    let mut files = generate(3_000, 11);
    files.transactions("90000000,T-REFUSED,2030-01-01,trade,NOBODY,NOBODY,SO2,1");
    let (folder, url) = (files.write(), unloaded_database().await);
    let told = on_a_terminal(&url, &folder, "--continue").await;
    let bar = told.split(['\r', '\n']).find(|line| line.contains("=>") && line.contains(" left"));
    let bar = bar.unwrap_or_else(|| panic!("no bar in {told:?}"));
    assert!(bar.contains(" KiB/") || bar.contains(" MiB/"), "bytes read of all: {bar:?}");
    assert!(told.contains("transactions.csv:") && told.contains("IMP_UNKNOWN_ACCOUNT"), "{told:?}");
    // The bar is wiped away before the end is told.
    let end = told.rsplit(['\r', '\n']).find(|line| line.contains("1 refused and left out")).unwrap();
    assert!(end.starts_with("\u{1b}[2KThe register is imported: "), "{end:?}");
    let other = unloaded_database().await;
    let said = import(&other, &folder, &["--continue", "--report", folder.join("report.csv").to_str().unwrap()]).await;
    assert!(said.faults.iter().all(|line| line.starts_with("transactions.csv:")), "only faults: {:?}", said.faults);
    assert!(!said.out.contains("=>") && !read_report(&folder.join("report.csv")).is_empty(), "{}", said.out);
}
