//! Line ends of other systems: whatever they are, a fault names the line that an editor shows, and a name stands there once.

use super::faults::is_untouched;
use super::files::{Files, count, import, reported, right_book, small};
use crate::support::demo::unloaded_database;

/// What every line of a file becomes, by its number.
type Ends = fn(usize) -> &'static str;

/// Line ends, with how many more lines there are then before each line.
type Case = (&'static str, Ends, fn(usize) -> usize);
const ENDS: [Case; 6] = [
    ("LF", |_| "\n", |_| 0),
    ("CRLF", |_| "\r\n", |_| 0),
    ("a first line of another program", |line| if line == 1 { "\n" } else { "\r\n" }, |_| 0),
    ("CRLF in the middle", |line| if line % 3 == 0 { "\r\n" } else { "\n" }, |_| 0),
    ("empty lines", |line| if line % 2 == 0 { "\n\n\n" } else { "\n" }, |line| (line - 1) / 2 * 2),
    ("empty lines of CRLF", |_| "\r\n\r\n", |line| line - 1),
];

/// The files with other line ends, and byte order marks.
fn with(files: &Files, ends: Ends, mark: &str) -> Files {
    let mut other = Files::new();
    for (name, text) in &files.texts {
        let lines = text.lines().zip(1..).map(|(line, number)| format!("{line}{}", ends(number)));
        other.texts.insert(name, format!("{mark}{}", lines.collect::<String>()));
    }
    other
}

#[tokio::test]
async fn whatever_the_line_ends_a_name_that_stands_there_twice_is_refused() {
    let mut files = small();
    files.accounts("mill,again,x").assets("SO2,kg,0").openings("mill,SO2,100.000");
    for (told, ends, more) in ENDS {
        for mark in ["", "\u{feff}"] {
            let (folder, url) = (with(&files, ends, mark).write(), unloaded_database().await);
            let said = import(&url, &folder, &[]).await;
            let at = |line: usize| line + more(line);
            let wanted = [
                format!("accounts.csv:{}: IMP_DUPLICATE account", at(6)),
                format!("assets.csv:{}: IMP_DUPLICATE asset", at(5)),
                format!("opening_balances.csv:{}: IMP_DUPLICATE account", at(5)),
            ];
            assert_eq!(said.codes(), wanted, "{told}: {said:?}");
            for fault in &said.faults {
                assert!(fault.contains(&format!("stands in line {} already", at(2))), "{told}: {fault}");
            }
            is_untouched(&url).await;
        }
    }
}

#[tokio::test]
async fn whatever_the_line_ends_a_fault_names_the_line_and_the_import_goes_on_behind_it() {
    let mut files = small();
    files.transactions("8,T5,2018-01-01,x,idle,mill,unit,5").transactions("9,T6,2018-01-01,issue,,glass,unit,1");
    // T6 stands in two places, with a row that is refused between them.
    files.transactions("10,T7,2018-01-01,x,nobody,mill,unit,5").transactions("11,T6,2018-01-01,issue,,glass,unit,1");
    for (told, ends, more) in ENDS {
        let (folder, url) = (with(&files, ends, "\u{feff}").write(), unloaded_database().await);
        let at = |line: usize| line + more(line);
        let first = format!("transactions.csv:{}: IMP_NOT_ENOUGH from_account", at(8));
        let second = format!("transactions.csv:{}: IMP_UNKNOWN_ACCOUNT from_account", at(10));
        for options in [&["--dry-run"][..], &[], &[]] {
            assert_eq!(import(&url, &folder, options).await.codes(), [first.as_str()], "{told} {options:?}");
        }
        let (said, balances) = reported(&url, &folder, &["--continue"]).await;
        assert!(said.is_success, "{told}: {said:?}");
        assert_eq!(said.codes(), [first, second], "{told}");
        let mut without = small();
        without
            .transactions("9,T6,2018-01-01,issue,,glass,unit,1")
            .transactions("11,T6,2018-01-01,issue,,glass,unit,1");
        assert_eq!(balances, without.fold(), "{told}");
        let shared = right_book(&url).await;
        let lines = format!("SELECT COUNT(*) FROM import_refusals WHERE line IN ({}, {})", at(8), at(10));
        assert_eq!(count(&shared, &lines).await, 2, "{told}");
    }
}

#[tokio::test]
async fn a_field_over_several_lines_counts_as_many() {
    let mut files = small();
    let text = "account,remark,name,kind\r\nmill,\"one\ntwo\r\n\r\nthree\",,x\r\nglass,,,x\nfund,\"\n\",,x\r\n\r\nidle,,,x\nmill,,,x\n";
    files.with("accounts.csv", Some(text));
    let said = import(&unloaded_database().await, &files.write(), &[]).await;
    assert_eq!(said.codes(), ["accounts.csv:11: IMP_DUPLICATE account"]);
    assert!(said.faults[0].contains("stands in line 2 already"), "{said:?}");
}

#[tokio::test]
async fn a_line_that_ends_with_a_carriage_return_alone_is_refused() {
    for (file, from, to, line) in [
        ("accounts.csv", "\n", "\r", 1),
        ("assets.csv", "CNY,yuan,2\n", "CNY,yuan,2\r", 3),
        ("opening_balances.csv", "5000.5\n", "5000.5\r", 4),
        (
            "transactions.csv",
            "T1,2016-12-30T09:00:00+08:00,issue,,fund,SO2,50\n",
            "T1,2016-12-30,issue,,fund,SO2,50\r",
            2,
        ),
        ("transactions.csv", ",pass on,", ",\"pass\ron\",", 5),
        ("transactions.csv", "unit,3\n", "unit,3\r\r\n", 7),
    ] {
        let mut files = small();
        let text = files.texts[file].replace(from, to);
        files.with(file, Some(&text));
        let (folder, url) = (files.write(), unloaded_database().await);
        for options in [&["--dry-run"][..], &[], &["--continue"]] {
            let said = import(&url, &folder, options).await;
            assert!(!said.is_success, "{said:?}");
            assert_eq!(said.codes(), [format!("{file}:{line}: IMP_LINE_END -")], "{from:?}: {said:?}");
        }
        is_untouched(&url).await;
    }
}
