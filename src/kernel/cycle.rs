//! Months, quarters and years as statistics count them.

use jiff::civil::Date;
use std::fmt;

/// How long a period of statistics is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cycle {
    /// A calendar month.
    Month,
    /// Three months.
    Quarter,
    /// A calendar year.
    Year,
}

impl Cycle {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["month", "quarter", "year"];

    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Month, Self::Quarter, Self::Year].into_iter().find(|cycle| cycle.as_str() == text)
    }

    /// How many of them a year has.
    fn of_a_year(self) -> i8 {
        match self {
            Self::Month => 12,
            Self::Quarter => 4,
            Self::Year => 1,
        }
    }
}

/// A month, a quarter or a year: `2022-12`, `2022-Q4`, `2022`. Periods of one cycle are in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    cycle: Cycle,
    year: i16,
    /// From 1 within the year.
    number: i8,
}

impl Period {
    /// The period of a cycle that a day lies in.
    pub fn of(day: Date, cycle: Cycle) -> Self {
        let number = (day.month() - 1) / (12 / cycle.of_a_year()) + 1;
        Self { cycle, year: day.year(), number }
    }

    /// Reads `2022-12`, `2022-Q4` or `2022` and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_at_checked(4)?;
        let year = number_of(year)?;
        let (cycle, number) = match rest {
            "" => (Cycle::Year, 1),
            rest => match rest.strip_prefix("-Q") {
                Some(quarter) if quarter.len() == 1 => (Cycle::Quarter, number_of(quarter)?),
                _ => (Cycle::Month, number_of(rest.strip_prefix('-').filter(|month| month.len() == 2)?)?),
            },
        };
        let number = i8::try_from(number).ok().filter(|number| (1..=cycle.of_a_year()).contains(number))?;
        (year >= 1).then_some(Self { cycle, year, number })
    }

    /// Its cycle.
    pub fn cycle(self) -> Cycle {
        self.cycle
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        let months = 12 / self.cycle.of_a_year();
        Date::new(self.year, (self.number - 1) * months + 1, 1).unwrap_or(Date::MIN)
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        let months = 12 / self.cycle.of_a_year();
        Date::new(self.year, self.number * months, 1).map_or(Date::MAX, Date::last_of_month)
    }

    /// The one after it; none after the last year of the calendar.
    pub fn next(self) -> Option<Self> {
        Some(Self::of(self.last_day().tomorrow().ok()?, self.cycle))
    }

    /// Whether a day lies in it.
    pub fn contains(self, day: Date) -> bool {
        (self.first_day()..=self.last_day()).contains(&day)
    }
}

fn number_of(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cycle {
            Cycle::Month => write!(out, "{:04}-{:02}", self.year, self.number),
            Cycle::Quarter => write!(out, "{:04}-Q{}", self.year, self.number),
            Cycle::Year => write!(out, "{:04}", self.year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_lies_in_its_month_its_quarter_and_its_year() {
        let day = date(2022, 12, 31);
        let told = [Cycle::Month, Cycle::Quarter, Cycle::Year].map(|cycle| Period::of(day, cycle).to_string());
        assert_eq!(told, ["2022-12", "2022-Q4", "2022"]);
        let quarter = Period::parse("2024-Q1").unwrap();
        assert_eq!((quarter.first_day(), quarter.last_day()), (date(2024, 1, 1), date(2024, 3, 31)));
        assert!(quarter.contains(date(2024, 2, 29)) && !quarter.contains(date(2024, 4, 1)));
    }

    #[test]
    fn periods_follow_one_another_without_a_gap() {
        for (from, then) in [("2022-12", "2023-01"), ("2022-Q4", "2023-Q1"), ("2022", "2023"), ("2022-Q1", "2022-Q2")] {
            assert_eq!(Period::parse(from).unwrap().next(), Period::parse(then));
        }
        assert_eq!(Period::parse("9999").unwrap().next(), None);
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else_is() {
        for text in ["2022", "2022-Q4", "2022-12", "0001"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "22",
            "0000",
            "2022-",
            "2022-Q",
            "2022-Q5",
            "2022-Q04",
            "2022-13",
            "2022-1",
            "2022-00",
            "+022",
            "2022Q4",
            "二〇二二",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
