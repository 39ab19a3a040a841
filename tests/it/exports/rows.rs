//! The rows for a spreadsheet: they re-add to the trial balance, and no text in them is a formula.

use super::programs::exported;
use super::story::{NAME, REASON, quarter};
use crate::support::World;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// The trial balance as the auditor sees it, by asset and purpose.
pub async fn trial_balance(world: &World) -> BTreeMap<(String, String), Decimal> {
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let mut lines = BTreeMap::new();
    for asset in trial["assets"].as_array().unwrap() {
        for line in asset["lines"].as_array().unwrap() {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            lines.insert((text(&asset["asset"]), text(&line["purpose"])), text(&line["balance"]).parse().unwrap());
        }
    }
    lines
}

/// The rows by the names of their columns.
fn read(text: &str) -> Vec<HashMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_rows_add_up_to_the_trial_balance() {
    let world = quarter().await;
    let text = exported(&world.app.url, "csv").await;
    assert!(text.starts_with("journal,kind,subject_kind,subject,subject_version,effective_on,recorded_at,actor,"));
    let rows = read(&text);
    let mut sums: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    let mut standing: HashMap<&str, (i64, Decimal)> = HashMap::new();
    for row in &rows {
        let amount: Decimal = row["amount"].parse().unwrap();
        *sums.entry((row["asset"].clone(), row["purpose"].clone())).or_default() += amount;
        let (version, balance) = standing.entry(&row["account"]).or_default();
        (*version, *balance) = (*version + 1, *balance + amount);
        assert_eq!((row["version"].clone(), row["balance_after"].parse().unwrap()), (version.to_string(), *balance));
    }
    // An account that was never moved has no row.
    let moved = trial_balance(&world).await.into_iter().filter(|(key, sum)| sums.contains_key(key) || !sum.is_zero());
    assert_eq!(sums, moved.collect());
}

#[tokio::test]
async fn no_text_is_a_formula() {
    let world = quarter().await;
    let rows = read(&exported(&world.app.url, "csv").await);
    let guarded = [format!("'{NAME}"), format!("'{REASON}")];
    assert!(rows.iter().any(|row| row["owner_name"] == guarded[0]), "the name is guarded and otherwise what it is");
    assert!(rows.iter().any(|row| row["reason"] == guarded[1]), "so is the reason");
    for (column, cell) in rows.iter().flatten() {
        let is_number = cell.parse::<Decimal>().is_ok();
        assert!(is_number || !cell.starts_with(['=', '+', '-', '@']), "{column}: {cell}");
    }
}
