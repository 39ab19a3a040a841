//! Somebody has changed a digit of an export.

use super::programs::{READERS, exported};
use super::story::quarter;

/// The journal of a kind with all its lines.
fn journal_of<'a>(text: &'a str, kind: &str) -> &'a str {
    let is_it = |block: &&str| block.lines().next().is_some_and(|line| line.starts_with("20") && line.contains(kind));
    text.split("\n\n").find(is_it).unwrap()
}

/// The text with something else in the journal of a kind.
fn forged(text: &str, kind: &str, there: &str, instead: &str, times: usize) -> String {
    let journal = journal_of(text, kind);
    assert!(journal.contains(there), "{journal}");
    text.replacen(journal, &journal.replacen(there, instead, times), 1)
}

/// The text with the last digit of its last balance changed.
fn with_another_balance(text: &str) -> String {
    let line = text.lines().rfind(|line| line.contains(" = ") || line.contains(" ~ 0 ")).unwrap();
    let mark = if line.contains(" ~ 0 ") { " ~ 0 " } else { " \"" };
    let at = text.rfind(line).unwrap() + line.rfind(mark).unwrap() - 1;
    let digit = if &text[at..=at] == "7" { "8" } else { "7" };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

#[tokio::test]
async fn one_changed_digit_is_found_by_both_programs() {
    let world = quarter().await;
    for reader in READERS {
        let text = exported(&world.app.url, reader.format()).await;
        reader.passes(&text).await;
        let one_side = forged(&text, "trade_settled", " 10.125 ", " 10.126 ", 1);
        reader.complains(&one_side, "balance").await;
        let one_gram = forged(&text, "trade_settled", " 10.125 ", " 10.125001 ", 1);
        reader.complains(&one_gram, "balance").await;
        let all_sides = forged(&text, "allocation_confirmed", "120.000 ", "121.000 ", usize::MAX);
        reader.complains(&all_sides, "balance").await;
        let another_month = forged(&text, "pledge_registered", "2022-12-15", "2023-01-15", 1);
        reader.complains(&another_month, "balance").await;
        reader.complains(&with_another_balance(&text), "balance").await;
        let removed = text.replacen(journal_of(&text, "money_deposited"), "", 1);
        reader.complains(&removed, "balance").await;
    }
}
