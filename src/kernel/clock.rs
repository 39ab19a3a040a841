//! Wall time and business time. They are the same, except in a demonstration database, whose business time is offset.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Asia/Shanghai has been UTC+08:00 without daylight saving since 1992.
const SHANGHAI: Offset = Offset::constant(8);

/// An instant, in microseconds since 1970-01-01 UTC; printed as RFC 3339 in Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// From microseconds since 1970-01-01 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Seconds since 1970-01-01 UTC, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads RFC 3339, for example `2022-12-01T09:00:00+08:00`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|instant| Self(instant.as_microsecond()))
    }

    /// 09:00 on a day in Asia/Shanghai plus `minutes`.
    pub fn at(day: Date, minutes: i64) -> Option<Self> {
        let opening = SHANGHAI.to_timestamp(day.at(9, 0, 0, 0)).ok()?;
        Some(Self(opening.as_microsecond()).plus_minutes(minutes))
    }

    /// The civil day in Asia/Shanghai.
    pub fn day(self) -> Date {
        SHANGHAI.to_datetime(self.timestamp()).date()
    }

    /// Midnight in Asia/Shanghai, the first instant of a day.
    pub fn midnight(day: Date) -> Option<Self> {
        SHANGHAI.to_timestamp(day.at(0, 0, 0, 0)).ok().map(|instant| Self(instant.as_microsecond()))
    }

    /// Midnight in Asia/Shanghai at the end of a day: the first instant after it, also after the last day of the calendar, which has
    /// no tomorrow.
    pub fn end_of(day: Date) -> Option<Self> {
        Self::midnight(day).map(|midnight| midnight.plus_minutes(24 * 60))
    }

    /// The civil time of day in Asia/Shanghai.
    pub fn civil_time(self) -> Time {
        SHANGHAI.to_datetime(self.timestamp()).time()
    }

    /// Later by some minutes.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(60_000_000)))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = self.timestamp();
        write!(out, "{:.6}", instant.display_with_offset(SHANGHAI))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("is not an RFC 3339 instant"))
    }
}

#[derive(Debug, Clone)]
enum Wall {
    System,
    Manual(Arc<AtomicI64>),
}

/// Where every instant comes from.
#[derive(Debug, Clone)]
pub struct Clock {
    wall: Wall,
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { wall: Wall::System, offset: Arc::new(AtomicI64::new(0)) }
    }

    /// A clock that stands still until it is set: for tests, and for loading a past year.
    pub fn manual(start: Moment) -> Self {
        Self { wall: Wall::Manual(Arc::new(AtomicI64::new(start.0))), offset: Arc::new(AtomicI64::new(0)) }
    }

    /// Wall time: tokens and leases.
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    pub fn wall_now(&self) -> Moment {
        match &self.wall {
            Wall::System => Moment(Timestamp::now().as_microsecond()),
            Wall::Manual(now) => Moment(now.load(Ordering::SeqCst)),
        }
    }

    /// Hundredths of a second of the machine, coming round after 497 days; it runs also where time is set by hand. Only for
    /// telling which of two works began first.
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    pub fn tick(&self) -> u32 {
        let hundredths = Timestamp::now().as_millisecond() / 10;
        u32::try_from(hundredths.rem_euclid(1 << 32)).unwrap_or_default()
    }

    /// Business time: dates, deadlines, validity, and the instant the books record.
    pub fn business_now(&self) -> Moment {
        Moment(self.wall_now().0 + self.offset.load(Ordering::SeqCst))
    }

    /// The business day in Asia/Shanghai.
    pub fn business_day(&self) -> Date {
        self.business_now().day()
    }

    /// Shifts business time against wall time, in microseconds. Only a demonstration database has one.
    pub fn set_offset(&self, micros: i64) {
        self.offset.store(micros, Ordering::SeqCst);
    }

    /// Sets a manual clock; a system clock cannot be set.
    pub fn set(&self, moment: Moment) {
        if let Wall::Manual(now) = &self.wall {
            now.store(moment.0, Ordering::SeqCst);
        }
    }

    /// Moves a manual clock forward.
    pub fn advance(&self, duration: SignedDuration) {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        self.set(Moment(self.wall_now().0.saturating_add(micros)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_printed_and_read_in_shanghai_time() {
        let moment = Moment::parse("2022-12-01T09:00:00+08:00").unwrap();
        assert_eq!(moment.to_string(), "2022-12-01T09:00:00.000000+08:00");
        assert_eq!(Moment::parse(&moment.to_string()), Some(moment));
    }

    #[test]
    fn the_business_day_turns_at_midnight_in_shanghai() {
        let before = Moment::parse("2022-11-30T15:59:59.999999Z").unwrap();
        assert_eq!(before.day().to_string(), "2022-11-30");
        assert_eq!(Moment::from_micros(before.micros() + 1).day().to_string(), "2022-12-01");
    }

    #[test]
    fn every_day_has_an_end() {
        let end = |day: &str| Moment::end_of(day.parse().unwrap());
        assert_eq!(end("2022-12-01"), Moment::midnight("2022-12-02".parse().unwrap()));
        assert!(end("9999-12-31") > Moment::midnight(Date::MAX));
    }

    #[test]
    fn an_offset_shifts_business_time_and_leaves_wall_time() {
        let start = Moment::parse("2026-01-01T00:00:00Z").unwrap();
        let clock = Clock::manual(start);
        clock.set_offset(-60_000_000);
        assert_eq!(clock.wall_now(), start);
        assert_eq!(clock.business_now(), start.plus_minutes(-1));
    }
}
