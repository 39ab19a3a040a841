//! What each check of a pledge saw, for the record: a bank that is asked later why it lent shows what was known on the day, and which checks
//! were off because no rule was in force.

use super::{PledgeCase, ltv};
use crate::parties::facts::{FactKind, Facts};
use crate::rulebook::{Rulebook, checks};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

accounting::words! {
    /// What came of a check.
    ScreeningOutcome {
        /// It stood and found nothing.
        Passed = "passed",
        /// No rule is in force for it.
        Off = "off",
    }
}

/// What one check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its code: `PLG_CREDIT_LEVEL`.
    pub check: String,
    /// `passed` or `off`.
    pub outcome: String,
    /// The value of the rule that it rests on.
    pub rule: Option<String>,
    /// What it was judged on; absent where nothing of the kind is known.
    pub seen: Option<String>,
    /// Which of several pledgors it is about; absent of the borrower, and of the pledge as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub further_pledgor: Option<Uuid>,
}

/// What the exclusions see of a pledgor.
fn exclusions(facts: &Facts, last_year: i16) -> [(&'static str, Option<String>); 6] {
    let day = |kind| facts.last(kind).map(|day| day.to_string());
    let owed = facts.owed().count();
    [
        ("PLG_CREDIT_LEVEL", facts.credit_level().map(|(level, period)| format!("{level} {period}"))),
        ("PLG_MAJOR_ACCIDENT", day(FactKind::MajorAccident)),
        ("PLG_MAJOR_VIOLATION", day(FactKind::MajorViolation)),
        ("PLG_ILLEGAL_DISCHARGE", day(FactKind::IllegalDischarge)),
        ("PLG_OVER_PERMIT", facts.over_permit(last_year, None).then(|| last_year.to_string())),
        ("PLG_FEE_UNPAID", (owed > 0).then(|| owed.to_string())),
    ]
}

/// What the exclusions and the terms of a pledge that no rule stands against were judged on. Whoever calls has refused every broken one.
pub fn screen(case: &PledgeCase, rulebook: &Rulebook, today: Date) -> Vec<Finding> {
    let last_year = today.year() - 1;
    let mismatched = case.rights.iter().filter(|right| right.is_mismatched).count();
    let first_to_end = case.rights.iter().map(|right| right.class.validity.to()).min();
    let whole = [
        ("PLG_PERMIT_MISMATCH", (mismatched > 0).then(|| mismatched.to_string())),
        ("PLG_LTV_OVER_CAP", ltv(case.whole().secured, case.whole().value).map(|ltv| format!("{ltv:.4}"))),
        ("PLG_VALUATION_STALE", Some(case.valued_on.to_string())),
        ("PLG_TERM_OVER_CAP", Some(format!("{} … {}", case.debt_from, case.debt_to))),
        ("PLG_TERM_PAST_VALIDITY", first_to_end.map(|day| day.to_string())),
    ];
    let finding = |further_pledgor: Option<Uuid>| {
        move |(check, seen): (&'static str, Option<String>)| Finding {
            check: check.to_owned(),
            outcome: outcome(check, rulebook).as_str().to_owned(),
            rule: checks::rules_under(check).first().and_then(|name| rulebook.value(name)).map(str::to_owned),
            seen,
            further_pledgor,
        }
    };
    let further = case
        .further
        .iter()
        .flat_map(|further| exclusions(&further.facts, last_year).into_iter().map(finding(Some(further.pledgor.id.0))));
    exclusions(&case.facts, last_year).into_iter().chain(whole).map(finding(None)).chain(further).collect()
}

fn outcome(check: &str, rulebook: &Rulebook) -> ScreeningOutcome {
    if checks::stands(check, Some(rulebook)) { ScreeningOutcome::Passed } else { ScreeningOutcome::Off }
}

#[cfg(test)]
mod tests {
    use super::super::PledgeCheck;
    use super::super::tests::{TODAY, rulebook, sound, strict};
    use super::*;

    #[test]
    fn the_record_says_of_each_check_whether_it_stood_and_what_it_saw() {
        let findings = screen(&sound(), &strict(), TODAY);
        let of = |code: &str| findings.iter().find(|finding| finding.check == code).unwrap();
        let ltv = of("PLG_LTV_OVER_CAP");
        assert_eq!(
            (ltv.outcome.as_str(), ltv.rule.as_deref(), ltv.seen.as_deref()),
            ("passed", Some("0.80"), Some("0.8000"))
        );
        let accident = of("PLG_MAJOR_ACCIDENT");
        assert_eq!(
            (accident.outcome.as_str(), accident.rule.as_deref(), accident.seen.as_deref()),
            ("off", None, None)
        );
        let validity = of("PLG_TERM_PAST_VALIDITY");
        assert_eq!((validity.outcome.as_str(), validity.seen.as_deref()), ("passed", Some("2025-12-31")));
        let ltv_off = screen(&sound(), &rulebook(&[]), TODAY).into_iter().find(|one| one.check == "PLG_LTV_OVER_CAP");
        assert_eq!(ltv_off.unwrap().outcome, "off");
    }

    #[test]
    fn every_code_of_the_record_is_a_check_of_the_catalogue() {
        for finding in screen(&sound(), &strict(), TODAY) {
            assert!(PledgeCheck::CHECKS.iter().any(|check| check.code == finding.check), "{}", finding.check);
        }
    }
}
