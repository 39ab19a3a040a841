//! Day by day: what a site was entitled to, what it discharged, and which of several sources is believed.

use crate::kernel::ids::OutletId;
use accounting::Validity;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::collections::{BTreeMap, HashMap};

/// Times the permitted quantity of a period beyond which nobody believes a figure: reports of thirty billion times the permit have been
/// seen, and honest figures do not come near it.
pub const IMPLAUSIBLE: i128 = 100;

/// A calendar year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Year(i16);

impl Year {
    /// The years that the books can tell.
    pub fn new(year: i16) -> Option<Self> {
        (2000..=9998).contains(&year).then_some(Self(year))
    }

    /// The year that a day lies in.
    pub fn of(day: Date) -> i16 {
        day.year()
    }

    /// Its number.
    pub fn number(self) -> i16 {
        self.0
    }

    /// Its first day.
    pub fn first(self) -> Date {
        date(self.0, 1, 1)
    }

    /// Its last day.
    pub fn last(self) -> Date {
        date(self.0, 12, 31)
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        self.first().days_in_year().into()
    }

    fn place(self, day: Date) -> Option<usize> {
        (day.year() == self.0).then(|| usize::try_from(day.day_of_year() - 1).unwrap_or_default())
    }
}

/// How many days lie between two, both of them counted.
pub fn days_of(first: Date, last: Date) -> i64 {
    first.until(last).map_or(0, |span| i64::from(span.get_days()) + 1)
}

/// Multi-year rights that came to a site or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// First and last day of their class.
    pub validity: Validity,
    /// The legal date.
    pub on: Date,
    /// Grams a year, negative when they left.
    pub grams: i64,
}

/// What a site was entitled to discharge in a year: each right counts for the days at whose end the site had it and on which it was valid,
/// a day for a part of the year in days. Rounded down to the gram once, over all rights.
pub fn entitlement(year: Year, movements: &[Movement]) -> i64 {
    entitlement_until(year, movements, year.last())
}

/// The same over the days up to one of the year.
pub fn entitlement_until(year: Year, movements: &[Movement], until: Date) -> i64 {
    let gram_days: i128 = movements
        .iter()
        .map(|movement| {
            let first = movement.on.max(movement.validity.from()).max(year.first());
            let last = movement.validity.to().min(year.last()).min(until);
            if first > last { 0 } else { i128::from(movement.grams) * i128::from(days_of(first, last)) }
        })
        .sum();
    // What left was there before, so no day is below nothing, and no year above what can be counted.
    i64::try_from(gram_days.div_euclid(year.days().into()).max(0)).unwrap_or(i64::MAX)
}

/// Who says it, the one believed least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The site's own report (执行报告).
    Report,
    /// The automatic monitors of its outlets.
    Monitor,
    /// The bureau's measurement (执法监测), which prevails (排污许可管理条例第二十九条).
    Bureau,
}

/// What somebody says of a whole period, in the order in which it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Who.
    pub source: Source,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// Grams in all.
    pub grams: i64,
}

/// The total of a day that a monitor has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Through which outlet.
    pub outlet: OutletId,
    /// On which day.
    pub day: Date,
    /// When it was asked for: a later one corrects an earlier one.
    pub qn: String,
    /// Grams.
    pub grams: i64,
}

/// What was discharged in a year, in grams by the source that was believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discharge {
    /// As the bureau has measured it.
    pub by_bureau: i64,
    /// As the monitors told it.
    pub by_monitor: i64,
    /// As the site has reported it.
    pub by_report: i64,
    /// Days of which nobody says anything.
    pub missing_days: i64,
}

impl Source {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["report", "monitor", "bureau"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Monitor => "monitor",
            Self::Bureau => "bureau",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Report, Self::Monitor, Self::Bureau].into_iter().find(|source| source.as_str() == text)
    }
}

impl Discharge {
    /// In all.
    pub fn grams(&self) -> i64 {
        self.by_bureau.saturating_add(self.by_monitor).saturating_add(self.by_report)
    }
}

/// What the sources say of each day of a year. What is said of a period is spread evenly over its days, so that the days add up to it; of
/// one source, what was recorded later counts.
pub fn told(year: Year, statements: &[Statement], measured: &[Measured]) -> Vec<BTreeMap<Source, i64>> {
    let length = usize::try_from(year.days()).unwrap_or_default();
    let mut days: Vec<BTreeMap<Source, i64>> = vec![BTreeMap::new(); length];
    for (place, grams) in monitored(year, measured) {
        days[place].insert(Source::Monitor, grams);
    }
    for statement in statements {
        for (day, share) in shares(statement) {
            if let Some(place) = year.place(day) {
                days[place].insert(statement.source, share);
            }
        }
    }
    days
}

/// What was discharged in a year. Every day is believed from the best source that speaks of it: the bureau before the monitors, and these
/// before the report.
pub fn discharge(days: &[BTreeMap<Source, i64>]) -> Discharge {
    let mut total = Discharge::default();
    for day in days {
        match day.last_key_value() {
            None => total.missing_days += 1,
            Some((source, grams)) => {
                let sum = match source {
                    Source::Bureau => &mut total.by_bureau,
                    Source::Monitor => &mut total.by_monitor,
                    Source::Report => &mut total.by_report,
                };
                // Nobody can cover more than the books can count, so a sum beyond that is as good as their limit.
                *sum = sum.saturating_add(*grams);
            }
        }
    }
    total
}

/// Each day of a statement with its share.
fn shares(statement: &Statement) -> impl Iterator<Item = (Date, i64)> + use<> {
    let Statement { first, last, grams, .. } = *statement;
    let count = i128::from(days_of(first, last)).max(1);
    let until = move |days: i128| i128::from(grams) * days / count;
    (0..count).filter_map(move |at| {
        let day = first.checked_add(i64::try_from(at).ok()?.days()).ok()?;
        Some((day, i64::try_from(until(at + 1) - until(at)).ok()?))
    })
}

/// The days on which every outlet of the site that measures by then has a total, with their sums. A day on which one of them is silent is
/// told by another source, so that a monitor that is switched off makes no surplus.
fn monitored(year: Year, measured: &[Measured]) -> Vec<(usize, i64)> {
    let mut outlets: HashMap<OutletId, BTreeMap<usize, (&str, i64)>> = HashMap::new();
    for value in measured {
        let Some(place) = year.place(value.day) else { continue };
        let days = outlets.entry(value.outlet).or_default();
        let newest = days.entry(place).or_insert((&value.qn, value.grams));
        if newest.0 <= value.qn.as_str() {
            *newest = (&value.qn, value.grams);
        }
    }
    let begun = |days: &BTreeMap<usize, (&str, i64)>| days.keys().next().copied().unwrap_or(usize::MAX);
    let places = 0..usize::try_from(year.days()).unwrap_or_default();
    places
        .filter_map(|place| {
            let mut measuring = outlets.values().filter(|days| begun(days) <= place).peekable();
            measuring.peek()?;
            let mut total = measuring.map(|days| days.get(&place).map(|(_, grams)| *grams));
            let sum = total.try_fold(0_i64, |sum, grams| Some(sum.saturating_add(grams?)))?;
            Some((place, sum))
        })
        .collect()
}

/// The most that is believed of a period in which a permit allows so much a year.
pub fn most_plausible(permitted: i64, first: Date, last: Date) -> i64 {
    let most =
        i128::from(permitted) * IMPLAUSIBLE * i128::from(days_of(first, last)) / i128::from(first.days_in_year());
    i64::try_from(most).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const YEAR: Year = Year(2022);

    fn discharged(statements: &[Statement], measured: &[Measured]) -> Discharge {
        discharge(&told(YEAR, statements, measured))
    }

    fn whole() -> Validity {
        Validity::try_new(date(2021, 1, 1), date(2025, 12, 31)).unwrap()
    }

    fn moved(on: Date, grams: i64) -> Movement {
        Movement { validity: whole(), on, grams }
    }

    #[test]
    fn a_right_counts_for_the_days_on_which_it_was_there_and_valid() {
        assert_eq!(entitlement(YEAR, &[moved(date(2021, 1, 1), 100)]), 100);
        assert_eq!(entitlement(YEAR, &[moved(date(2022, 12, 31), 365)]), 1, "its last day counts");
        assert_eq!(entitlement(YEAR, &[moved(date(2023, 1, 1), 365)]), 0);
        let sold = [moved(date(2021, 1, 1), 365), moved(date(2022, 7, 1), -365)];
        assert_eq!(entitlement(YEAR, &sold), 181, "on the day of the sale the buyer has it");
        let late = Validity::try_new(date(2022, 12, 1), date(2027, 11, 30)).unwrap();
        assert_eq!(entitlement(YEAR, &[Movement { validity: late, on: date(2022, 6, 1), grams: 365 }]), 31);
        assert_eq!(entitlement(Year(2024), &[moved(date(2024, 12, 31), 366)]), 1, "a leap year has a day more");
    }

    fn says(source: Source, first: Date, last: Date, grams: i64) -> Statement {
        Statement { source, first, last, grams }
    }

    fn month(source: Source, month: i8, grams: i64) -> Statement {
        let first = date(2022, month, 1);
        says(source, first, first.last_of_month(), grams)
    }

    fn sent(outlet: OutletId, day: Date, grams: i64) -> Measured {
        Measured { outlet, day, qn: "20221201001500000".to_owned(), grams }
    }

    #[test]
    fn the_bureau_is_believed_before_the_monitors_and_these_before_the_report() {
        let outlet = OutletId::fresh();
        let reports: Vec<Statement> = (1..=12).map(|number| month(Source::Report, number, 3_100)).collect();
        let march: Vec<Measured> = (1..=31).map(|day| sent(outlet, date(2022, 3, day), 7)).collect();
        let only = discharged(&reports, &[]);
        assert_eq!(only, Discharge { by_report: 37_200, ..Discharge::default() });
        // From its first total on, a silent monitor leaves the days to the report.
        let both = discharged(&reports, &march);
        assert_eq!((both.by_monitor, both.by_report, both.missing_days), (217, 34_100, 0));
        let bureau = [reports, vec![says(Source::Bureau, date(2022, 3, 10), date(2022, 3, 10), 500)]].concat();
        let all = discharged(&bureau, &march);
        assert_eq!((all.by_bureau, all.by_monitor, all.grams()), (500, 210, 34_810));
    }

    #[test]
    fn a_day_on_which_one_of_two_monitors_is_silent_has_no_total() {
        let (one, other) = (OutletId::fresh(), OutletId::fresh());
        let mut measured: Vec<Measured> = (1..=10).map(|day| sent(one, date(2022, 1, day), 5)).collect();
        measured.extend((3..=9).map(|day| sent(other, date(2022, 1, day), 1)));
        let told = discharged(&[], &measured);
        assert_eq!((told.by_monitor, told.missing_days), (2 * 5 + 7 * 6, 365 - 9));
    }

    #[test]
    fn what_is_recorded_later_counts_and_both_are_kept() {
        let outlet = OutletId::fresh();
        let day = date(2022, 1, 1);
        let later = Measured { qn: "20221205001500000".to_owned(), ..sent(outlet, day, 9) };
        for order in [[sent(outlet, day, 5), later.clone()], [later, sent(outlet, day, 5)]] {
            assert_eq!(discharged(&[], &order).by_monitor, 9);
        }
        let year = says(Source::Report, date(2022, 1, 1), date(2022, 12, 31), 36_500);
        let corrected = [month(Source::Report, 1, 1), year];
        assert_eq!(discharged(&corrected, &[]).by_report, 36_500);
    }

    #[test]
    fn a_hundred_times_the_permit_is_where_belief_ends() {
        let (first, last) = (date(2022, 1, 1), date(2022, 12, 31));
        assert_eq!(most_plausible(360_000, first, last), 36_000_000);
        assert_eq!(most_plausible(365, first, first), 100);
        assert_eq!(most_plausible(i64::MAX, first, last), i64::MAX);
    }

    fn day() -> impl Strategy<Value = Date> {
        (0_i64..800).prop_map(|days| date(2021, 6, 1).checked_add(days.days()).unwrap())
    }

    proptest! {
        #[test]
        fn a_right_held_all_year_is_worth_its_quantity(grams in 1_i64..i64::MAX / 2) {
            prop_assert_eq!(entitlement(YEAR, &[moved(date(2021, 1, 1), grams)]), grams);
        }

        #[test]
        fn parts_are_worth_less_than_a_gram_each_beside_the_whole(parts in prop::collection::vec(1_i64..1_000_000_000, 1..20), on in day()) {
            let whole = entitlement(YEAR, &[moved(on, parts.iter().sum())]);
            let apart: i64 = parts.iter().map(|grams| entitlement(YEAR, &[moved(on, *grams)])).sum();
            prop_assert!(apart <= whole && whole - apart < i64::try_from(parts.len()).unwrap());
        }

        #[test]
        fn a_sale_gives_the_two_no_more_than_there_is(grams in 1_i64..1_000_000_000_000, on in day()) {
            let seller = entitlement(YEAR, &[moved(date(2021, 1, 1), grams), moved(on, -grams)]);
            let buyer = entitlement(YEAR, &[moved(on, grams)]);
            prop_assert!(seller + buyer <= grams && grams - seller - buyer <= 1);
        }

        #[test]
        fn the_days_of_a_statement_add_up_to_it(grams in 0_i64..i64::MAX, first in day(), length in 0_i64..400) {
            let last = first.checked_add(length.days()).unwrap();
            let days: Vec<(Date, i64)> = shares(&says(Source::Report, first, last, grams)).collect();
            prop_assert_eq!(days.len(), usize::try_from(length + 1).unwrap());
            prop_assert_eq!(days.iter().map(|(_, share)| i128::from(*share)).sum::<i128>(), i128::from(grams));
            prop_assert!(days.iter().all(|(_, share)| *share >= 0 && share.abs_diff(days[0].1) <= 1));
        }
    }
}
