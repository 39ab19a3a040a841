//! The price index (价格指数), base-weighted after Laspeyres; pure, and exact until it is printed.
//!
//! The price of a pollutant in a period is its turnover by its volume. Its index is that price by the price of the base period, times a
//! hundred. The overall index weighs the prices of all pollutants that were traded in the base period with the volumes of the base
//! period: Σ q₀pₜ / Σ q₀p₀. A pollutant without a trade in a period keeps its last price, and the answer says so.

use super::fraction::{fraction, print, whole};
use crate::kernel::cycle::Period;
use num_rational::BigRational;
use std::collections::{BTreeMap, BTreeSet};

/// Turnover in fen and volume in grams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Fen.
    pub turnover: i128,
    /// Grams.
    pub volume: i128,
}

impl Cell {
    /// Fen per gram; nothing where nothing was traded.
    fn price(self) -> Option<BigRational> {
        (self.volume > 0).then(|| fraction(self.turnover, self.volume))
    }

    fn add(&mut self, other: Self) {
        self.turnover += other.turnover;
        self.volume += other.volume;
    }
}

/// What was traded by month and pollutant.
pub type Months = BTreeMap<(Period, String), Cell>;

/// The index of a pollutant, or the overall one, in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The period.
    pub period: Period,
    /// Code of the pollutant; the overall index when absent.
    pub pollutant: Option<String>,
    /// The index by a hundred; nothing while there is no price yet, or none in the base period.
    pub value: Option<BigRational>,
    /// Whether a price in it is an older one, because nothing was traded in the period.
    pub is_carried: bool,
}

/// What of the months lies in a period, by pollutant.
fn traded_in(months: &Months, period: Period) -> BTreeMap<&str, Cell> {
    let mut cells: BTreeMap<&str, Cell> = BTreeMap::new();
    for ((_, pollutant), cell) in months.iter().filter(|((month, _), _)| period.contains(month.first_day())) {
        cells.entry(pollutant).or_default().add(*cell);
    }
    cells
}

/// The first calendar year in which something was traded and that is over.
pub fn first_complete_year(months: &Months, today: jiff::civil::Date) -> Option<Period> {
    let first = months.keys().next()?.0;
    let year = Period::of(first.first_day(), crate::kernel::cycle::Cycle::Year);
    (year.last_day() < today).then_some(year)
}

/// The pollutants of the base period with what was traded of them.
pub fn basket(months: &Months, base: Period) -> BTreeMap<String, Cell> {
    let traded = traded_in(months, base).into_iter();
    traded.filter(|(_, cell)| cell.volume > 0).map(|(pollutant, cell)| (pollutant.to_owned(), cell)).collect()
}

/// The index of every pollutant and the overall one, period by period from the first to the last; all are of one cycle.
pub fn series(months: &Months, base: Period, periods: &[Period]) -> Vec<Point> {
    let basket = basket(months, base);
    let pollutants: BTreeSet<&String> = months.keys().map(|(_, pollutant)| pollutant).collect();
    let mut last: BTreeMap<&str, BigRational> = BTreeMap::new();
    let mut points = Vec::new();
    let Some((first, cycle)) = periods.first().map(|first| (*first, first.cycle())) else { return points };
    // Prices from before the first period are the last ones, too.
    let mut before: Vec<Period> = months.keys().map(|(month, _)| Period::of(month.first_day(), cycle)).collect();
    before.dedup();
    for period in before.into_iter().filter(|period| *period < first).chain(periods.iter().copied()) {
        let traded = traded_in(months, period);
        let fresh: BTreeMap<&str, BigRational> =
            traded.into_iter().filter_map(|(pollutant, cell)| Some((pollutant, cell.price()?))).collect();
        last.extend(fresh.iter().map(|(pollutant, price)| (*pollutant, price.clone())));
        if period < first {
            continue;
        }
        for pollutant in &pollutants {
            let base = basket.get(*pollutant).and_then(|cell| cell.price());
            let value = last.get(pollutant.as_str()).zip(base).map(|(price, base)| price / base);
            let is_carried = value.is_some() && !fresh.contains_key(pollutant.as_str());
            points.push(Point { period, pollutant: Some((*pollutant).clone()), value, is_carried });
        }
        points.push(overall(&basket, &last, &fresh, period));
    }
    points
}

fn overall(
    basket: &BTreeMap<String, Cell>,
    last: &BTreeMap<&str, BigRational>,
    fresh: &BTreeMap<&str, BigRational>,
    period: Period,
) -> Point {
    let then: i128 = basket.values().map(|cell| cell.turnover).sum();
    let now = basket
        .iter()
        .try_fold(whole(0), |sum, (pollutant, cell)| Some(sum + last.get(pollutant.as_str())? * whole(cell.volume)));
    let value = now.filter(|_| then > 0).map(|now| now / whole(then));
    let is_carried = value.is_some() && basket.keys().any(|pollutant| !fresh.contains_key(pollutant.as_str()));
    Point { period, pollutant: None, value, is_carried }
}

/// What a series with another base is multiplied with, to continue one with this base: this index in the period of the other base.
pub fn link(months: &Months, base: Period, other: Period) -> Vec<Point> {
    series(months, base, &[other])
}

/// The index as it is printed: times a hundred, two decimals.
pub fn print_index(value: &BigRational) -> String {
    print(&(value * whole(100)), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    /// Tonnes and yuan by month and pollutant.
    fn months(rows: &[(&str, &str, i128, i128)]) -> Months {
        let cell = |tonnes: i128, yuan: i128| Cell { turnover: yuan * 100, volume: tonnes * 1_000_000 };
        rows.iter()
            .map(|(month, pollutant, tonnes, yuan)| ((period(month), (*pollutant).to_owned()), cell(*tonnes, *yuan)))
            .collect()
    }

    fn told(points: &[Point]) -> Vec<(String, String, String, bool)> {
        let told = |point: &Point| {
            let value = point.value.as_ref().map_or_else(|| "-".to_owned(), print_index);
            let of = point.pollutant.clone().unwrap_or_else(|| "overall".to_owned());
            (point.period.to_string(), of, value, point.is_carried)
        };
        points.iter().map(told).collect()
    }

    /// The worked example of docs/STATISTICS.md.
    fn example() -> Months {
        months(&[
            ("2022-03", "COD", 100, 879_000),
            ("2022-09", "SO2", 50, 199_500),
            ("2023-02", "COD", 40, 400_000),
            ("2023-05", "SO2", 30, 135_000),
            ("2023-06", "NOX", 10, 40_000),
        ])
    }

    fn row(period: &str, of: &str, value: &str, is_carried: bool) -> (String, String, String, bool) {
        (period.to_owned(), of.to_owned(), value.to_owned(), is_carried)
    }

    #[test]
    fn the_worked_example_of_the_documents_comes_out() {
        let found = series(&example(), period("2022"), &[period("2023-Q1"), period("2023-Q2")]);
        // COD 10,000 by 8,790; SO2 kept at 3,990; (100 × 10,000 + 50 × 3,990) by 1,078,500. Then SO2 4,500 by 3,990.
        let expected = [
            row("2023-Q1", "COD", "113.77", false),
            row("2023-Q1", "NOX", "-", false),
            row("2023-Q1", "SO2", "100.00", true),
            row("2023-Q1", "overall", "111.22", true),
            row("2023-Q2", "COD", "113.77", true),
            row("2023-Q2", "NOX", "-", false),
            row("2023-Q2", "SO2", "112.78", false),
            row("2023-Q2", "overall", "113.58", true),
        ];
        assert_eq!(told(&found), expected);
    }

    #[test]
    fn the_base_is_a_hundred_and_a_link_continues_an_older_series() {
        let (months, old, new) = (example(), period("2022"), period("2023"));
        let base = series(&months, old, &[old]);
        assert!(base.iter().filter_map(|point| point.value.as_ref()).all(|value| print_index(value) == "100.00"));
        let factor =
            link(&months, old, new).into_iter().find(|point| point.pollutant.is_none()).unwrap().value.unwrap();
        let continued = series(&months, new, &[new]).pop().unwrap().value.unwrap() * &factor;
        let directly = series(&months, old, &[new]).pop().unwrap().value.unwrap();
        assert_eq!(continued, directly, "in the link period both say the same, to the last digit");
    }

    #[test]
    fn before_a_price_is_known_there_is_no_index() {
        let found = series(&example(), period("2022"), &[period("2022-Q1"), period("2022-Q3")]);
        let overall: Vec<_> = told(&found).into_iter().filter(|(_, of, ..)| of == "overall").collect();
        assert_eq!(overall, [row("2022-Q1", "overall", "-", false), row("2022-Q3", "overall", "100.00", true)]);
        assert!(series(&example(), period("2022"), &[]).is_empty());
        assert!(
            told(&series(&example(), period("2019"), &[period("2022")])).iter().all(|(_, _, value, _)| value == "-")
        );
    }

    #[test]
    fn the_first_year_counts_once_it_is_over() {
        let at = |day: &str| first_complete_year(&example(), day.parse().unwrap());
        assert_eq!((at("2022-12-31"), at("2023-01-01")), (None, Some(period("2022"))));
        assert_eq!(first_complete_year(&Months::new(), "2023-01-01".parse().unwrap()), None);
    }

    proptest! {
        #[test]
        fn doubled_prices_double_every_index(rows in vec((0_usize..3, 1_i128..1_000, 1_i128..1_000_000), 1..6)) {
            let names = ["COD", "SO2", "NOX"];
            let mut base = Months::new();
            for (at, tonnes, yuan) in rows {
                let cell = Cell { turnover: yuan * 100, volume: tonnes * 1_000_000 };
                base.insert((period("2022-01"), names[at].to_owned()), cell);
            }
            let later: Vec<_> = base.iter().map(|((_, name), cell)| {
                ((period("2023-01"), name.clone()), Cell { turnover: cell.turnover * 2, ..*cell })
            }).collect();
            let mut months = base;
            months.extend(later);
            for point in series(&months, period("2022"), &[period("2023")]) {
                prop_assert_eq!(point.value, Some(whole(2)));
            }
        }

        #[test]
        fn the_overall_index_lies_between_the_lowest_and_the_highest(rows in vec((1_i128..1_000, 1_i128..1_000_000, 1_i128..1_000_000), 3)) {
            let names = ["COD", "SO2", "NOX"];
            let mut months = Months::new();
            for ((tonnes, then, now), name) in rows.into_iter().zip(names) {
                let cell = |yuan: i128| Cell { turnover: yuan * 100, volume: tonnes * 1_000_000 };
                months.insert((period("2022-01"), name.to_owned()), cell(then));
                months.insert((period("2023-01"), name.to_owned()), cell(now));
            }
            let points = series(&months, period("2022"), &[period("2023")]);
            let (overall, parts): (Vec<&Point>, Vec<&Point>) = points.iter().partition(|point| point.pollutant.is_none());
            let overall = overall[0].value.clone();
            prop_assert!(parts.iter().map(|point| point.value.clone()).min() <= Some(overall.clone()));
            prop_assert!(parts.iter().map(|point| point.value.clone()).max() >= Some(overall));
        }
    }
}
