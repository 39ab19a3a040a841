//! What an authority looks at every day: the caps of an area and all below it, how they were used over time, and by whom.
//!
//! A cap is an account of its own area. That of a city stands beside those of its counties and is no sum of them, so the overview shows
//! both: what is the area's own, and what lies below it, rolled up to the gram. Nothing here is stored: it is read from the accounts and
//! their daily totals.

pub mod api;
pub mod queries;

use super::queries::CapacityUse;
use crate::kernel::Failure;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// How caps are used, in grams, over one or several areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// How many caps they are over.
    pub caps: u32,
    /// The caps.
    pub cap: i64,
    /// Free.
    pub headroom: i64,
    /// Held for what is approved.
    pub committed: i64,
    /// In use.
    pub used: i64,
    /// In use beyond the caps.
    pub pending_reduction: i64,
}

impl Figures {
    /// Of one cap.
    pub fn of(line: &CapacityUse) -> Self {
        Self {
            caps: 1,
            cap: line.capacity.cap,
            headroom: line.headroom,
            committed: line.committed,
            used: line.used,
            pending_reduction: line.pending_reduction,
        }
    }

    /// With those of other areas.
    ///
    /// # Errors
    /// A fault of ours when the sum cannot be counted.
    pub fn with(self, other: Self) -> Result<Self, Failure> {
        let add = |one: i64, other: i64| {
            one.checked_add(other).ok_or_else(|| Failure::bug("caps whose sum cannot be counted"))
        };
        Ok(Self {
            caps: self.caps.saturating_add(other.caps),
            cap: add(self.cap, other.cap)?,
            headroom: add(self.headroom, other.headroom)?,
            committed: add(self.committed, other.committed)?,
            used: add(self.used, other.used)?,
            pending_reduction: add(self.pending_reduction, other.pending_reduction)?,
        })
    }
}

/// An area's figures for a pollutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rolled {
    /// Those of its own cap, where it has one.
    pub own: Option<Figures>,
    /// Those of all areas below it.
    pub below: Figures,
}

/// Rolls caps up over an area: by pollutant what is its own and what lies below.
///
/// # Errors
/// A fault of ours when a sum cannot be counted.
pub fn roll_up<'l>(
    area_path: &str,
    lines: impl IntoIterator<Item = &'l CapacityUse>,
) -> Result<BTreeMap<String, Rolled>, Failure> {
    let mut rolled: BTreeMap<String, Rolled> = BTreeMap::new();
    for line in lines {
        let path = &line.capacity.area_path;
        let is_below = path.strip_prefix(area_path).is_some_and(|rest| rest.starts_with('/'));
        if path == area_path {
            rolled.entry(line.capacity.pollutant.clone()).or_default().own = Some(Figures::of(line));
        } else if is_below {
            let entry = rolled.entry(line.capacity.pollutant.clone()).or_default();
            entry.below = entry.below.with(Figures::of(line))?;
        }
    }
    Ok(rolled)
}

accounting::words! {
    /// How far the points of a trend lie apart.
    Step {
        /// The end of every day.
        Day = "day",
        /// The end of every month, and the last day that is asked for.
        Month = "month",
    }
}

/// The days of a trend: no more than `most`.
pub fn points(from: Date, to: Date, step: Step, most: usize) -> Option<Vec<Date>> {
    let mut days = Vec::new();
    let mut day = from;
    while day <= to {
        let point = match step {
            Step::Day => day,
            Step::Month => day.last_of_month().min(to),
        };
        if days.len() == most {
            return None;
        }
        days.push(point);
        let Ok(next) = point.checked_add(1.day()) else { break };
        day = next;
    }
    (!days.is_empty()).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{AreaId, CapacityId};
    use crate::quota::Capacity;
    use jiff::civil::date;

    fn line(area_path: &str, pollutant: &str, cap: i64, used: i64) -> CapacityUse {
        let capacity = Capacity {
            id: CapacityId::fresh(),
            area: AreaId::fresh(),
            area_path: area_path.to_owned(),
            pollutant: pollutant.to_owned(),
            cap,
            version: 1,
        };
        CapacityUse { capacity, headroom: cap - used, committed: 0, used, pending_reduction: 0 }
    }

    #[test]
    fn a_citys_own_cap_is_no_sum_of_those_below_it() {
        let lines = [
            line("420000/421200", "COD", 1_000, 10),
            line("420000/421200/421222", "COD", 300, 299),
            line("420000/421200/421281", "COD", 200, 1),
            line("420000/4212009", "COD", 7, 7),
            line("420000/421200/421222", "SO2", 5, 5),
        ];
        let rolled = roll_up("420000/421200", &lines).unwrap();
        let cod = rolled["COD"];
        let own = cod.own.unwrap();
        assert_eq!((own.cap, own.used, own.caps), (1_000, 10, 1));
        assert_eq!((cod.below.cap, cod.below.used, cod.below.headroom, cod.below.caps), (500, 300, 200, 2));
        assert_eq!((rolled["SO2"].own, rolled["SO2"].below.used), (None, 5));
        let province = roll_up("420000", &lines).unwrap();
        assert_eq!((province["COD"].own, province["COD"].below.cap, province["COD"].below.caps), (None, 1_507, 4));
    }

    #[test]
    fn points_lie_at_the_end_of_days_and_months_and_end_where_they_are_asked_to() {
        let (from, to) = (date(2022, 11, 15), date(2023, 1, 10));
        let months = points(from, to, Step::Month, 10).unwrap();
        assert_eq!(months, [date(2022, 11, 30), date(2022, 12, 31), to]);
        assert_eq!(points(from, date(2022, 11, 17), Step::Day, 3).unwrap().len(), 3);
        assert_eq!(points(from, date(2022, 11, 18), Step::Day, 3), None, "one too many");
        assert_eq!(points(to, from, Step::Day, 3), None, "it would end before it begins");
        assert_eq!(points(from, from, Step::Month, 3).unwrap(), [from]);
    }
}
