//! The working-day calendar, by which deadlines count (行政处罚法第八十五条): in Asia/Shanghai, a year without listed days counts
//! weekends only.

use super::store;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::calendar::{Calendar, DayKind};
use jiff::civil::{Date, date};
use sea_orm::ConnectionTrait;

/// Registers holidays and worked weekend days; they replace what was known of those days.
///
/// # Errors
/// A fault of the database.
pub async fn register_days(work: &Work, days: &[(Date, DayKind)]) -> Result<(), Failure> {
    store::save_calendar_days(work, days).await
}

/// The calendar from a day on.
///
/// # Errors
/// A fault of the database.
pub async fn from(work: &Work, day: Date) -> Result<Calendar, Failure> {
    store::calendar_from(work, day).await
}

/// A year of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// Which.
    pub year: i16,
    /// Its listed days in their order; none when nobody has listed any, and only weekends count.
    pub listed: Vec<(Date, DayKind)>,
    /// Its days on which offices work.
    pub working_days: usize,
}

/// A year as it is known.
///
/// # Errors
/// A fault of the database.
pub async fn of_year(connection: &impl ConnectionTrait, year: i16) -> Result<Year, Failure> {
    let first = date(year, 1, 1);
    let listed = store::calendar_days(connection, first, first.last_of_year()).await?;
    let calendar = Calendar::new(listed.iter().copied());
    let days = first.series(jiff::ToSpan::day(1)).take_while(|day| day.year() == year);
    Ok(Year { year, working_days: days.filter(|day| calendar.is_working_day(*day)).count(), listed })
}

/// The last day of a term of working days that begins today; none where no rule says how long it is.
pub(super) async fn terms<const N: usize>(
    work: &Work,
    begins: Date,
    counts: [Option<u32>; N],
) -> Result<[Option<Date>; N], Failure> {
    if counts.iter().all(Option::is_none) {
        return Ok([None; N]);
    }
    let calendar = from(work, begins).await?;
    Ok(counts.map(|count| count.and_then(|count| calendar.working_days_after(begins, count))))
}
