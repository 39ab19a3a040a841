//! Months (会计期间): the periods in which the books are sealed.

use jiff::civil::Date;
use std::fmt;

/// A calendar month, written `2022-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// The month that a day lies in.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Reads `YYYY-MM` and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if is_plain { format!("{text}-01").parse().ok().map(Self) } else { None }
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.0.last_of_month()
    }

    /// The month after it; none after the last one of the calendar.
    pub fn next(self) -> Option<Self> {
        self.last_day().tomorrow().ok().map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}
