//! When the books are reconciled: each day at a time of business time, or again and again after an interval.

use crate::db::Db;
use crate::kernel::{Failure, Moment};
use crate::operations::{self, LongWork};
use jiff::civil::Time;
use std::time::Duration;

/// How often a node looks whether a run is due or was left by a node that died.
const BETWEEN: Duration = Duration::from_secs(20);

/// When the books are reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Each business day at this time in Asia/Shanghai.
    Daily(Time),
    /// After each interval.
    Every(Duration),
    /// Only on demand.
    Never,
}

impl Schedule {
    /// Reads `02:00`, `15m`, `6h`, `30s` or `never`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "never" {
            return Some(Self::Never);
        }
        if let Ok(time) = Time::strptime("%H:%M", text) {
            return Some(Self::Daily(time));
        }
        let unit = text.chars().next_back()?;
        let count: u64 = text.strip_suffix(unit)?.parse().ok().filter(|count| *count > 0)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            _ => return None,
        };
        count
            .checked_mul(seconds)
            .filter(|seconds| *seconds <= 31_536_000)
            .map(|seconds| Self::Every(Duration::from_secs(seconds)))
    }

    /// The slot that has come last: its name is the same on every node and at every moment until the next one.
    pub fn slot(self, now: Moment) -> Option<String> {
        match self {
            Self::Daily(time) => {
                let has_come = now.civil_time() >= time;
                let day = if has_come { Some(now.day()) } else { now.day().yesterday().ok() };
                day.map(|day| format!("{day}T{}", time.strftime("%H:%M")))
            }
            Self::Every(interval) => {
                let seconds = i64::try_from(interval.as_secs()).ok().filter(|seconds| *seconds > 0)?;
                Some(format!("{seconds}s-{}", now.seconds().div_euclid(seconds)))
            }
            Self::Never => None,
        }
    }

    fn pause(self) -> Duration {
        match self {
            Self::Every(interval) => interval.min(BETWEEN),
            Self::Daily(_) | Self::Never => BETWEEN,
        }
    }
}

/// Does a work by the schedule, and takes up what is due or was left by a node that died, until the task is ended. A run that is due
/// when the server starts is made up for.
pub async fn keep(db: Db, schedule: Schedule, work: &'static dyn LongWork) {
    loop {
        if let Err(failure) = look(&db, schedule, work).await {
            tracing::error!(work = work.kind(), %failure, "A reconciliation could not be run; it is tried again");
        }
        tokio::time::sleep(schedule.pause()).await;
    }
}

async fn look(db: &Db, schedule: Schedule, work: &'static dyn LongWork) -> Result<(), Failure> {
    if let Some(slot) = schedule.slot(db.clock().business_now()) {
        operations::want(db, work, &slot).await?;
    }
    operations::run_wanted(db, &[work]).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn a_time_an_interval_or_never() {
        assert_eq!(Schedule::parse("02:00"), Some(Schedule::Daily(time(2, 0, 0, 0))));
        assert_eq!(Schedule::parse("90m"), Some(Schedule::Every(Duration::from_mins(90))));
        assert_eq!(Schedule::parse("2s"), Some(Schedule::Every(Duration::from_secs(2))));
        assert_eq!(Schedule::parse("never"), Some(Schedule::Never));
        for text in ["", "2", "0h", "-1h", "25:00", "2:61", "1d", "9999999h", "h", "时"] {
            assert_eq!(Schedule::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_slot_is_one_name_until_the_next_has_come() {
        let daily = Schedule::parse("02:00").unwrap();
        let at = |text: &str| Moment::parse(text).unwrap();
        assert_eq!(daily.slot(at("2022-12-02T01:59:59+08:00")).unwrap(), "2022-12-01T02:00");
        assert_eq!(daily.slot(at("2022-12-02T02:00:00+08:00")).unwrap(), "2022-12-02T02:00");
        assert_eq!(daily.slot(at("2022-12-02T23:00:00+08:00")).unwrap(), "2022-12-02T02:00");
        let hourly = Schedule::parse("1h").unwrap();
        assert_eq!(hourly.slot(at("2022-12-02T02:00:00Z")), hourly.slot(at("2022-12-02T02:59:59Z")));
        assert_ne!(hourly.slot(at("2022-12-02T02:59:59Z")), hourly.slot(at("2022-12-02T03:00:00Z")));
        assert_eq!(Schedule::Never.slot(at("2022-12-02T02:00:00Z")), None);
    }
}
