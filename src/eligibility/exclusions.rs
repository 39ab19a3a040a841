//! Who is excluded from pledging by what they have done. Hunan (2014, 2025), Hebei and Ningxia (2021) publish such rules, Hubei none that was
//! seen; each stands only where the rulebook has a value for it.

use super::pledge::PledgeCheck;
use crate::parties::Facts;
use crate::parties::facts::FactKind;
use crate::rulebook::Rulebook;
use jiff::Span;
use jiff::civil::Date;

/// Every exclusion that the facts about an enterprise and its sites lead to today.
pub fn judge(facts: &Facts, rulebook: &Rulebook, today: Date) -> Vec<PledgeCheck> {
    let mut broken = Vec::new();
    if let Some(((level, period), bad)) = facts.credit_level().zip(rulebook.exclusion_credit_levels())
        && bad.contains(&level)
    {
        broken.push(PledgeCheck::CreditLevel { level: level.to_owned(), period: period.to_string() });
    }
    let within = |kind, years: Option<i32>| {
        let (last, years) = facts.last(kind).zip(years)?;
        is_within(last, years, today).then(|| (last.to_string(), years.to_string()))
    };
    if let Some((on, years)) = within(FactKind::MajorAccident, rulebook.exclusion_accident_years()) {
        broken.push(PledgeCheck::MajorAccident { on, years });
    }
    if let Some((on, years)) = within(FactKind::MajorViolation, rulebook.exclusion_violation_years()) {
        broken.push(PledgeCheck::MajorViolation { on, years });
    }
    if let Some((on, years)) = within(FactKind::IllegalDischarge, rulebook.exclusion_illegal_discharge_years()) {
        broken.push(PledgeCheck::IllegalDischarge { on, years });
    }
    let last_year = today.year() - 1;
    if rulebook.excludes_over_permit() && facts.over_permit(last_year, None) {
        broken.push(PledgeCheck::OverPermit { year: last_year.to_string() });
    }
    if let Some(owed) = facts.owed().next().filter(|_| rulebook.excludes_fee_unpaid()) {
        broken.push(PledgeCheck::FeeUnpaid { source: owed.source.clone() });
    }
    broken
}

/// Whether less than so many years have passed. A term that leads out of the calendar is not over.
fn is_within(day: Date, years: i32, today: Date) -> bool {
    let term = Span::new().try_years(years);
    term.and_then(|term| day.checked_add(term)).map_or(true, |end| today < end)
}
