//! Adopting a version.

use super::error::RulebookRefusal;
use super::hubei;
use super::kind::RuleKind;
use super::rule::{Rule, Rulebook};
use super::store;
use crate::db::Work;
use crate::db::failure::again_on_unique;
use crate::http::extract::expect_version;
use crate::kernel::event::Event;
use crate::kernel::ids::RulebookId;
use crate::kernel::{Failure, Refusal, Violation};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};

/// Longest name of an unknown rule that a refusal repeats, in characters.
pub(super) const LONGEST_NAME: usize = 100;

/// Adopts the next version of a jurisdiction's rulebook.
///
/// # Errors
/// A fault of the database.
pub async fn adopt(
    work: &mut Work,
    jurisdiction: &str,
    effective_from: Date,
    rules: BTreeMap<String, Rule>,
) -> Result<Rulebook, Failure> {
    let version = store::newest_version(work.connection(), jurisdiction).await? + 1;
    let rulebook =
        Rulebook { id: RulebookId::fresh(), jurisdiction: jurisdiction.to_owned(), version, effective_from, rules };
    store::insert(work, &rulebook).await?;
    Ok(rulebook)
}

/// Rules that are to change.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// The first day on which it applies.
    pub effective_from: Date,
    /// What changes, by name; every other rule stays as it is.
    pub changes: Vec<(String, Rule)>,
}

/// Adopts the next version of the rulebook that applies on the day from which it is to take effect; `expected` is the number of the
/// version that the caller has built on. Versions that wait for a later day do not undo it: each of them is followed by one with what changes here,
/// but for the rules that a later version sets itself.
///
/// # Errors
/// A stale version;
/// [`RulebookRefusal::NoneInForce`], [`RulebookRefusal::OutsideJurisdiction`], [`RulebookRefusal::Retroactive`], [`RulebookRefusal::UnknownRule`],
/// [`RulebookRefusal::NamedTwice`], [`RulebookRefusal::BadValue`], all of them at once.
pub async fn adopt_changes(work: &mut Work, new: &NewVersion, expected: Option<i64>) -> Result<Rulebook, Failure> {
    let today = work.today();
    let known = store::find_on(work.connection(), new.effective_from.max(today)).await?;
    let known = known.ok_or_else(|| RulebookRefusal::NoneInForce { day: new.effective_from.to_string() })?;
    if work.caller().area() != known.jurisdiction {
        return Err(RulebookRefusal::OutsideJurisdiction { area: known.jurisdiction }.into());
    }
    expect_version(expected, known.version)?;
    Failure::refused(judge(&new.changes, Some(new.effective_from), today))?;
    let mut waiting = store::applying_from(work.connection(), new.effective_from).await?;
    waiting.retain(|later| later.effective_from > new.effective_from && later.jurisdiction == known.jurisdiction);
    let mut rules = known.rules.clone();
    rules.extend(new.changes.iter().cloned());
    let adopted = adopt_next(work, &known.jurisdiction, new.effective_from, rules).await?;
    for (effective_from, rules) in carried(&new.changes, known, waiting) {
        adopt_next(work, &adopted.jurisdiction, effective_from, rules).await?;
    }
    Ok(adopted)
}

/// What becomes of versions that wait, in the order of their days, when a version before them changes rules: each of them with these
/// changes, as far as neither it nor one before it has set the same rule itself since `before`, which is the version that is changed.
fn carried(
    changes: &[(String, Rule)],
    mut before: Rulebook,
    waiting: Vec<Rulebook>,
) -> Vec<(Date, BTreeMap<String, Rule>)> {
    let mut changes: BTreeMap<String, Rule> = changes.iter().cloned().collect();
    let mut followed = Vec::new();
    for later in waiting {
        changes.retain(|name, _| later.rules.get(name) == before.rules.get(name));
        if changes.iter().any(|(name, rule)| later.rules.get(name) != Some(rule)) {
            let mut rules = later.rules.clone();
            rules.extend(changes.clone());
            followed.push((later.effective_from, rules));
        }
        before = later;
    }
    followed
}

/// Every rule that the changes of a version break, each at its place; the day may be one that could not be read.
pub fn judge(changes: &[(String, Rule)], effective_from: Option<Date>, today: Date) -> Vec<Violation> {
    let is_retroactive = effective_from.is_some_and(|day| day < today);
    let retroactive = is_retroactive.then(|| RulebookRefusal::Retroactive { today: today.to_string() }.violation());
    let mut violations: Vec<Violation> = retroactive.into_iter().collect();
    let mut named = HashSet::new();
    for (at, (name, rule)) in changes.iter().enumerate() {
        let is_twice = !named.insert(name);
        let twice = is_twice.then(|| RulebookRefusal::NamedTwice { name: name.clone() });
        let broken = judge_value(name, rule).into_iter().chain(twice);
        violations.extend(broken.map(|refusal| refusal.violation().within(&format!("rules[{at}]"))));
    }
    violations
}

fn judge_value(name: &str, rule: &Rule) -> Option<RulebookRefusal> {
    let Some(kind) = RuleKind::of(name) else {
        return Some(RulebookRefusal::UnknownRule { name: name.chars().take(LONGEST_NAME).collect() });
    };
    let is_read = rule.value.as_deref().is_none_or(|value| kind.reads(value));
    (!is_read).then(|| RulebookRefusal::BadValue { name: name.to_owned(), form: kind.told() })
}

/// A version that was adopted because the one before it did not know of some rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completed {
    /// The number of the new version.
    pub version: i64,
    /// The first day on which it applies, ISO.
    pub effective_from: String,
    /// The rules that it has got, with their values.
    pub added: BTreeMap<String, Option<String>>,
}

/// Gives the rules that the program has learnt since to a book that was founded before: the version in force, and each that waits for its
/// day, is followed by one with the missing rules. What stands in a rulebook stays as it is. In Hubei they are as the first rulebook
/// has them; elsewhere, where nobody has read the papers, they are null, and their checks are off. Where nothing is missing nothing is
/// adopted.
///
/// # Errors
/// A fault of the database.
pub async fn complete(work: &mut Work) -> Result<Vec<Completed>, Failure> {
    let today = work.today();
    let mut completed = Vec::new();
    for known in store::applying_from(work.connection(), today).await? {
        let is_hubei = known.jurisdiction == hubei::JURISDICTION;
        let null = Rule { value: None, legal_basis: None };
        let learnt = hubei::rules().into_iter().map(|(name, rule)| (name, if is_hubei { rule } else { null.clone() }));
        let added: BTreeMap<String, Rule> = learnt.filter(|(name, _)| !known.rules.contains_key(name)).collect();
        if added.is_empty() {
            continue;
        }
        let mut rules = known.rules;
        rules.extend(added.clone());
        let adopted = adopt_next(work, &known.jurisdiction, known.effective_from.max(today), rules).await?;
        let added = added.into_iter().map(|(name, rule)| (name, rule.value)).collect();
        let effective_from = adopted.effective_from.to_string();
        completed.push(Completed { version: adopted.version, effective_from, added });
    }
    Ok(completed)
}

/// Adopts the next version while others may do so, too, and tells it.
async fn adopt_next(
    work: &mut Work,
    jurisdiction: &str,
    effective_from: Date,
    rules: BTreeMap<String, Rule>,
) -> Result<Rulebook, Failure> {
    let adopted = adopt(work, jurisdiction, effective_from, rules).await.map_err(|failure| {
        again_on_unique(failure, "rulebooks_edition", "rulebooks.jurisdiction, rulebooks.edition")
    })?;
    let payload = json!({ "version": adopted.version, "effective_from": adopted.effective_from.to_string() });
    work.tell(Event { kind: "rulebook.adopted", subject: adopted.id.0, payload });
    Ok(adopted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(value: &str) -> Rule {
        Rule { value: Some(value.to_owned()), legal_basis: Some("试行".to_owned()) }
    }

    fn version(day: &str, rules: &[(&str, &str)]) -> Rulebook {
        let rules = rules.iter().map(|(name, value)| ((*name).to_owned(), rule(value))).collect();
        let (jurisdiction, effective_from) = ("420000".to_owned(), day.parse().unwrap());
        Rulebook { id: RulebookId::fresh(), jurisdiction, version: 1, effective_from, rules }
    }

    #[test]
    fn a_change_goes_on_through_the_versions_that_wait_until_one_of_them_sets_the_rule_itself() {
        let before = version("2022-12-01", &[("a", "1"), ("b", "1"), ("c", "1")]);
        let waiting = vec![
            version("2022-12-02", &[("a", "1"), ("b", "1"), ("c", "2")]),
            version("2022-12-05", &[("a", "1"), ("b", "2"), ("c", "2")]),
            // It sets `b` back to what it was: that is its own, too.
            version("2022-12-09", &[("a", "1"), ("b", "1"), ("c", "2")]),
        ];
        let changes = ["a", "b"].map(|name| (name.to_owned(), rule("9")));
        let told: Vec<(String, Vec<String>)> = carried(&changes, before.clone(), waiting.clone())
            .into_iter()
            .map(|(day, rules)| (day.to_string(), rules.into_values().filter_map(|rule| rule.value).collect()))
            .collect();
        let expected =
            [("2022-12-02", ["9", "9", "2"]), ("2022-12-05", ["9", "2", "2"]), ("2022-12-09", ["9", "1", "2"])];
        let expected: Vec<(String, Vec<String>)> =
            expected.map(|(day, values)| (day.to_owned(), values.map(str::to_owned).to_vec())).to_vec();
        assert_eq!(told, expected);
        let own = [("c".to_owned(), rule("9"))];
        assert_eq!(carried(&own, before, waiting), [], "whoever waits has set it itself");
    }
}
