//! When bidding for a lot begins, waits and ends: a function of the rules and of the instants at which bids arrived, so that whoever
//! computes it finds the same.

use super::auction::Format;
use super::rules::AuctionRules;
use crate::kernel::Moment;

/// The windows of a session with its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timetable {
    /// Bidding begins.
    pub opens: Moment,
    /// Its planned close.
    pub closes: Moment,
    /// Microseconds of the wait and of the timed bidding after the planned close.
    pub timed: Option<(i64, i64)>,
    /// A bid in the last so many microseconds moves the end so far behind it.
    pub soft: Option<i64>,
    /// How many must have bid.
    pub min_bidders: u32,
}

/// Where bidding for a lot stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It has not begun.
    Before,
    /// Bids are taken.
    Bidding,
    /// It waits for the timed bidding, which begins then.
    Waiting {
        /// When.
        until: Moment,
    },
    /// The timed bidding: bids are taken.
    Timed,
    /// It is over, since then.
    Over {
        /// Since when.
        since: Moment,
    },
}

fn seconds(count: u32) -> i64 {
    i64::from(count) * 1_000_000
}

fn later(moment: Moment, micros: i64) -> Moment {
    Moment::from_micros(moment.micros().saturating_add(micros))
}

impl Timetable {
    /// Of a session.
    pub fn of(format: Format, opens: Moment, closes: Moment, rules: &AuctionRules) -> Self {
        let is_open = format == Format::Ascending;
        let wait = seconds(rules.final_wait_seconds().unwrap_or(0));
        Self {
            opens,
            closes,
            timed: rules.final_bidding_seconds().filter(|_| is_open).map(|length| (wait, seconds(length))),
            soft: rules.soft_close_seconds().filter(|_| is_open).map(seconds),
            min_bidders: rules.min_bidders(),
        }
    }

    /// When bidding ends if nobody bids late.
    pub fn first_end(&self) -> Moment {
        match self.timed {
            Some((wait, length)) => later(self.closes, wait.saturating_add(length)),
            None => self.closes,
        }
    }

    /// The end after a bid that arrived before it.
    pub fn extended(&self, ends: Moment, arrival: Moment) -> Moment {
        match self.soft {
            Some(soft) if arrival.micros() >= ends.micros().saturating_sub(soft) => ends.max(later(arrival, soft)),
            _ => ends,
        }
    }

    /// Where a lot stands, whose end is known and for which so many had bid by the planned close.
    pub fn phase(&self, bidders: u32, ends: Moment, now: Moment) -> Phase {
        if now < self.opens {
            return Phase::Before;
        }
        let Some((wait, _)) = self.timed else {
            return if now < ends { Phase::Bidding } else { Phase::Over { since: ends } };
        };
        let begins = later(self.closes, wait);
        if now < self.closes {
            Phase::Bidding
        } else if bidders < self.min_bidders {
            Phase::Over { since: self.closes }
        } else if now < begins {
            Phase::Waiting { until: begins }
        } else if now < ends {
            Phase::Timed
        } else {
            Phase::Over { since: ends }
        }
    }

    /// The end from all arrivals, in order: what the books keep of it is compared with this.
    pub fn end_after(&self, arrivals: impl IntoIterator<Item = Moment>) -> Moment {
        arrivals.into_iter().fold(self.first_end(), |ends, arrival| self.extended(ends, arrival))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    fn timetable(timed: Option<(i64, i64)>, soft: Option<i64>) -> Timetable {
        let micros = |seconds: i64| seconds * 1_000_000;
        let timed = timed.map(|(wait, length)| (micros(wait), micros(length)));
        Timetable { opens: at(0), closes: at(100), timed, soft: soft.map(micros), min_bidders: 2 }
    }

    #[test]
    fn four_minutes_of_wait_then_timed_bidding() {
        let ningxia = timetable(Some((240, 60)), None);
        let ends = ningxia.first_end();
        assert_eq!(ends, at(400));
        let phase = |now: i64| ningxia.phase(2, ends, at(now));
        assert_eq!(phase(-1), Phase::Before);
        assert_eq!((phase(0), phase(99)), (Phase::Bidding, Phase::Bidding));
        assert_eq!((phase(100), phase(339)), (Phase::Waiting { until: at(340) }, Phase::Waiting { until: at(340) }));
        assert_eq!((phase(340), phase(399)), (Phase::Timed, Phase::Timed));
        assert_eq!(phase(400), Phase::Over { since: at(400) });
        assert_eq!(ningxia.phase(1, ends, at(100)), Phase::Over { since: at(100) }, "one bidder is too few");
    }

    #[test]
    fn a_bid_in_the_last_ten_seconds_moves_the_end() {
        let harbin = timetable(None, Some(10));
        assert_eq!(harbin.end_after([at(89)]), at(100));
        assert_eq!(harbin.end_after([at(90)]), at(100), "ten seconds before the end it is still ten seconds to it");
        assert_eq!(harbin.end_after([at(95), at(104), at(113)]), at(123));
        assert_eq!(timetable(Some((240, 60)), Some(10)).end_after([at(50), at(399)]), at(409));
        assert_eq!(timetable(None, None).end_after([at(99)]), at(100));
    }
}
