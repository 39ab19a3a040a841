//! Working days in Asia/Shanghai: weekends, public holidays and the weekend days worked in their place (调休).

use jiff::civil::{Date, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// What a listed day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A public holiday.
    Holiday,
    /// A weekend day that is worked.
    WorkingDay,
}

impl DayKind {
    /// The word the database and the files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::WorkingDay => "working_day",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Holiday, Self::WorkingDay].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The listed days. A year without any counts weekends only; [`Calendar::covers`] tells.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    days: BTreeMap<Date, DayKind>,
    years: BTreeSet<i16>,
}

impl Calendar {
    /// A calendar of the listed days.
    pub fn new(days: impl IntoIterator<Item = (Date, DayKind)>) -> Self {
        let days: BTreeMap<Date, DayKind> = days.into_iter().collect();
        let years = days.keys().map(|day| day.year()).collect();
        Self { days, years }
    }

    /// Whether the year's holidays are known.
    pub fn covers(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// Whether offices work on that day.
    pub fn is_working_day(&self, day: Date) -> bool {
        match self.days.get(&day) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::WorkingDay) => true,
            None => !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }

    /// How many working days lie after `from` up to `to`, the last day included; none when `to` is no later.
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            let Ok(next) = day.tomorrow() else { break };
            count += u32::from(self.is_working_day(next));
            day = next;
        }
        count
    }

    /// The day that lies `count` working days after `day`, which itself does not count.
    pub fn working_days_after(&self, day: Date, count: u32) -> Option<Date> {
        let mut day = day;
        let mut left = count;
        while left > 0 {
            day = day.tomorrow().ok()?;
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_weekend_worked_before_spring_festival_counts_and_the_festival_does_not() {
        let festival = (31..=31).map(|day| date(2022, 1, day)).chain((1..=6).map(|day| date(2022, 2, day)));
        let worked = [date(2022, 1, 29), date(2022, 1, 30)];
        let calendar = Calendar::new(
            festival.map(|day| (day, DayKind::Holiday)).chain(worked.map(|day| (day, DayKind::WorkingDay))),
        );
        assert_eq!(calendar.working_days_after(date(2022, 1, 28), 3), Some(date(2022, 2, 7)));
        assert!(calendar.covers(2022) && !calendar.covers(2023));
    }

    #[test]
    fn a_year_without_a_calendar_counts_weekends_only() {
        assert_eq!(Calendar::default().working_days_after(date(2023, 9, 29), 1), Some(date(2023, 10, 2)));
    }
}
