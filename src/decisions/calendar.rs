//! The working-day calendar, by which deadlines count (行政处罚法第八十五条): in Asia/Shanghai, a year without listed days counts
//! weekends only.

use super::store;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::calendar::{Calendar, DayKind};
use jiff::civil::Date;

/// Registers holidays and worked weekend days; they replace what was known of those days.
///
/// # Errors
/// A fault of the database.
pub async fn register_days(work: &Work, days: &[(Date, DayKind)]) -> Result<(), Failure> {
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
