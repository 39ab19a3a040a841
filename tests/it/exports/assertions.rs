//! How many balances an export asserts: those that the rows of the book call for, no more and no fewer.

use super::programs::{READERS, Reader, exported};
use super::story::quarter;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An account and a day at whose end its balance is asserted.
type Asserted = BTreeSet<(String, Date)>;

/// What the rows for a spreadsheet call for: each account and month from the first that moved, but not the empty months of an
/// account of one subject; and how many of those are of months in which nothing moved.
fn called_for(rows: &str) -> (Asserted, usize) {
    let rows: Vec<HashMap<String, String>> =
        csv::Reader::from_reader(rows.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap();
    let mut changes: BTreeMap<String, Vec<(Date, Decimal)>> = BTreeMap::new();
    let mut of_a_subject = BTreeSet::new();
    for row in &rows {
        let change = (row["effective_on"].parse().unwrap(), row["amount"].parse().unwrap());
        changes.entry(row["account"].clone()).or_default().push(change);
        if !row["held_for"].is_empty() {
            of_a_subject.insert(&row["account"]);
        }
    }
    let end = changes.values().flatten().map(|(day, _)| *day).max().unwrap();
    let months: BTreeSet<Date> = changes.values().flatten().map(|(day, _)| day.last_of_month()).collect();
    let (mut asserted, mut quiet) = (Asserted::new(), 0);
    for (account, changes) in &changes {
        let first = changes.iter().map(|(day, _)| day.last_of_month()).min().unwrap();
        for month in months.range(first..).copied().take_while(|month| *month < end) {
            let has_moved = changes.iter().any(|(day, _)| day.last_of_month() == month);
            let held: Decimal = changes.iter().filter(|(day, _)| *day <= month).map(|(_, amount)| *amount).sum();
            if has_moved || !held.is_zero() || !of_a_subject.contains(account) {
                asserted.insert((account.clone(), month));
                quiet += usize::from(!has_moved);
            }
        }
        asserted.insert((account.clone(), end));
    }
    (asserted, quiet)
}

/// The last word of a line that begins with `before`.
fn after<'a>(line: &'a str, before: &str) -> Option<&'a str> {
    line.split_once(before).map(|(_, rest)| rest.trim_matches('"'))
}

fn in_hledger(text: &str) -> Vec<(String, Date)> {
    let mut accounts = HashMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("account ")) {
        let (name, rest) = line.split_once("  ; ").unwrap();
        accounts.insert(name, after(rest, "account: ").unwrap().split(',').next().unwrap());
    }
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2).filter_map(|pair| Some((pair[0].strip_suffix(" * balance")?, pair[1])));
    pairs
        .map(|(day, line)| {
            let name = line.trim().split_once("  ").unwrap().0;
            (accounts[name].to_owned(), day.parse().unwrap())
        })
        .collect()
}

fn in_beancount(text: &str) -> Vec<(String, Date)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut accounts = HashMap::new();
    for pair in lines.windows(2) {
        if let Some(opened) = after(pair[0], " open ") {
            accounts.insert(opened.split(' ').next().unwrap(), after(pair[1], "account: ").unwrap());
        }
    }
    let balances = lines.iter().filter_map(|line| line.split_once(" balance "));
    balances
        .map(|(day, rest)| {
            let day: Date = day.parse().unwrap();
            (accounts[rest.split(' ').next().unwrap()].to_owned(), day.yesterday().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn every_account_has_one_balance_for_each_period() {
    let world = quarter().await;
    let (called_for, quiet) = called_for(&exported(&world.app.url, "csv").await);
    assert!(quiet > 20, "most accounts rest in some month: {quiet}");
    for reader in READERS {
        let text = exported(&world.app.url, reader.format()).await;
        let found = if reader == Reader::Hledger { in_hledger(&text) } else { in_beancount(&text) };
        let unique: Asserted = found.iter().cloned().collect();
        assert_eq!(found.len(), unique.len(), "{reader:?}: once each");
        // An account that never moved has a balance too: nothing, at the end of the book.
        let moved: Asserted =
            unique.into_iter().filter(|(account, _)| called_for.iter().any(|(of, _)| of == account)).collect();
        assert_eq!(moved, called_for, "{reader:?}");
        reader.passes(&text).await;
    }
}
