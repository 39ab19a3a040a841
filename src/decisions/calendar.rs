//! The working-day calendar, by which deadlines count (行政处罚法第八十五条): in Asia/Shanghai, a year without listed days counts
//! weekends only.

use super::error::DecisionRefusal;
use super::store;
use crate::db::Work;
use crate::kernel::calendar::{Calendar, DayKind};
use crate::kernel::{Failure, Refusal};
use jiff::civil::{Date, Weekday};

/// Registers holidays and worked weekend days; they replace what was known of those days, so a day of the week that was listed as a holiday by
/// mistake may be listed as worked. `place` names where the day of this number stands.
///
/// # Errors
/// [`DecisionRefusal::CalendarWeekday`], all of them at once;
/// A fault of the database.
pub async fn register_days(
    work: &Work,
    days: &[(Date, DayKind)],
    place: impl Fn(usize) -> String,
) -> Result<(), Failure> {
    let span = days.iter().map(|(day, _)| *day).min().zip(days.iter().map(|(day, _)| *day).max());
    let listed = match span {
        Some((from, to)) => store::calendar_days(work.connection(), from, to).await?,
        None => Vec::new(),
    };
    let is_weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let is_known = |day: Date| listed.iter().any(|(known, _)| *known == day);
    let broken = days
        .iter()
        .enumerate()
        .filter(|(_, (day, kind))| *kind == DayKind::WorkingDay && !is_weekend(*day) && !is_known(*day));
    let told = broken
        .map(|(at, (day, _))| DecisionRefusal::CalendarWeekday { day: day.to_string() }.violation().within(&place(at)));
    Failure::refused(told.collect())?;
    store::save_calendar_days(work, days).await
}

/// The calendar from the beginning of a day's year on.
///
/// # Errors
/// A fault of the database.
pub async fn from(work: &Work, day: Date) -> Result<Calendar, Failure> {
    store::calendar_from(work, day).await
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
