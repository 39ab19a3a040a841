//! Idle rights (闲置排污权): what a site holds above what it uses, and for how long. A report, and nothing but a report: nothing is taken
//! back without a decision of its own.
//!
//! The age of a gram is read from the entries of its stock, first in, first out: what left a stock was what had come first. What only moves
//! within a stock (held for an offer and set free again, pledged and released) neither comes nor leaves, so nobody grows younger by it. What
//! is held or pledged is taken to be the oldest of what is there, and so is what the site uses; what stands above both is the youngest.
//!
//! What a site uses of a pollutant is its discharge in the last verified year (年度核算), or where no year of it is verified what its permits
//! in force allow; where neither is known, nothing. From how many years on rights are called idle is a rule (`idle_years`); no source of Hubei
//! gives one, so it is null there, and no rights are called idle.

pub mod api;
pub mod queries;

use jiff::civil::Date;

/// Something that came to a stock or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Its legal date.
    pub on: Date,
    /// When it was recorded, in microseconds: of one day what was recorded first came first.
    pub recorded_at: i64,
    /// Grams; less than nothing when they left.
    pub grams: i64,
}

/// What came to a stock on a day and is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer {
    /// The day.
    pub since: Date,
    /// Grams, more than zero.
    pub grams: i64,
}

/// What is still there of a stock by the day on which it came, oldest first. As what left was what had come first, what is there is the
/// youngest of what came.
pub fn layers(moves: &[Move]) -> Vec<Layer> {
    let mut came: Vec<&Move> = moves.iter().filter(|one| one.grams > 0).collect();
    came.sort_unstable();
    let left = moves.iter().filter(|one| one.grams < 0).fold(0_i64, |sum, one| sum.saturating_sub(one.grams));
    let mut left = left;
    let mut layers: Vec<Layer> = Vec::new();
    for one in came {
        let gone = one.grams.min(left);
        left -= gone;
        push(&mut layers, Layer { since: one.on, grams: one.grams - gone });
    }
    layers
}

fn push(layers: &mut Vec<Layer>, layer: Layer) {
    match layers.last_mut() {
        _ if layer.grams == 0 => {}
        Some(last) if last.since == layer.since => last.grams = last.grams.saturating_add(layer.grams),
        _ => layers.push(layer),
    }
}

/// So many grams of the youngest of them, oldest first; all of them where there are no more.
pub fn youngest(layers: &[Layer], grams: i64) -> Vec<Layer> {
    let mut left = grams.max(0);
    let mut taken: Vec<Layer> = Vec::new();
    for layer in layers.iter().rev() {
        let part = layer.grams.min(left);
        left -= part;
        if part > 0 {
            taken.push(Layer { grams: part, ..*layer });
        }
    }
    taken.reverse();
    taken
}

/// Grams of all of them.
pub fn sum(layers: &[Layer]) -> i64 {
    layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.grams))
}

/// What a site has of one class of a pollutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// Grams in all: free, held, pledged or frozen.
    pub held: i64,
    /// Grams that are free.
    pub available: i64,
    /// What came and left.
    pub moves: Vec<Move>,
}

/// What of the free rights of each stock stands above what the site uses of the pollutant, by age: of all the stocks together no more than
/// is free, and no more than they hold above `used`.
pub fn unused(stocks: &[Stock], used: i64) -> Vec<Vec<Layer>> {
    let held = stocks.iter().fold(0_i64, |sum, stock| sum.saturating_add(stock.held));
    let free: Vec<Vec<Layer>> = stocks.iter().map(|stock| youngest(&layers(&stock.moves), stock.available)).collect();
    let mut each: Vec<(Layer, usize)> =
        free.iter().enumerate().flat_map(|(at, layers)| layers.iter().map(move |layer| (*layer, at))).collect();
    each.sort_by_key(|(layer, at)| (layer.since, *at));
    let mut left = held.saturating_sub(used.max(0)).max(0);
    let mut unused = vec![Vec::new(); stocks.len()];
    for (layer, at) in each.into_iter().rev() {
        let part = layer.grams.min(left);
        left -= part;
        if part > 0 {
            unused[at].push(Layer { grams: part, ..layer });
        }
    }
    for layers in &mut unused {
        layers.reverse();
    }
    unused
}

/// Grams of them that are idle: those that have stood there for so many years by today.
pub fn idle(layers: &[Layer], years: i32, today: Date) -> i64 {
    let span = jiff::Span::new().try_years(years);
    let latest = span.and_then(|span| today.checked_sub(span));
    let is_old = |layer: &&Layer| latest.as_ref().is_ok_and(|latest| layer.since <= *latest);
    layers.iter().filter(is_old).fold(0, |sum, layer| sum.saturating_add(layer.grams))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    fn day(at: i64) -> Date {
        date(2015, 1, 1).checked_add(at.days()).unwrap()
    }

    fn came(on: i64, grams: i64) -> Move {
        Move { on: day(on), recorded_at: on, grams }
    }

    fn layer(since: i64, grams: i64) -> Layer {
        Layer { since: day(since), grams }
    }

    #[test]
    fn what_came_first_leaves_first() {
        let moves = [came(0, 10), came(5, 4), came(7, -12), came(9, 3)];
        assert_eq!(layers(&moves), [layer(5, 2), layer(9, 3)]);
        assert_eq!(layers(&moves[..3]), [layer(5, 2)]);
        assert_eq!(layers(&[]), []);
        assert_eq!(layers(&[came(0, 1), came(0, 2)]), [layer(0, 3)], "one day is one layer");
        assert_eq!(youngest(&layers(&moves), 4), [layer(5, 1), layer(9, 3)]);
        assert_eq!(youngest(&layers(&moves), 0), []);
        assert_eq!(youngest(&layers(&moves), 99), layers(&moves));
    }

    #[test]
    fn what_is_used_and_what_is_held_is_the_oldest() {
        let old = Stock { held: 10, available: 4, moves: vec![came(0, 10)] };
        let young = Stock { held: 5, available: 5, moves: vec![came(90, 5)] };
        let stocks = [old, young];
        assert_eq!(unused(&stocks, 0), [vec![layer(0, 4)], vec![layer(90, 5)]], "no more than is free");
        assert_eq!(unused(&stocks, 8), [vec![layer(0, 2)], vec![layer(90, 5)]]);
        assert_eq!(unused(&stocks, 12), [vec![], vec![layer(90, 3)]]);
        assert_eq!(unused(&stocks, 15), [vec![], vec![]]);
        assert_eq!(unused(&stocks, 99), [vec![], vec![]]);
    }

    #[test]
    fn rights_are_idle_from_the_day_on_which_they_have_stood_there_so_long() {
        let layers = [Layer { since: date(2020, 12, 1), grams: 3 }, Layer { since: date(2020, 12, 2), grams: 4 }];
        assert_eq!(idle(&layers, 2, date(2022, 11, 30)), 0);
        assert_eq!(idle(&layers, 2, date(2022, 12, 1)), 3);
        assert_eq!(idle(&layers, 2, date(2022, 12, 2)), 7);
        assert_eq!(idle(&layers, 0, date(2020, 12, 1)), 3, "from the first day on");
        assert_eq!(idle(&layers, 10_000, date(2022, 12, 2)), 0, "longer than there are years");
    }

    /// Comings and leavings of a stock in the order of time, of which none leaves more than is there.
    fn history() -> impl Strategy<Value = Vec<Move>> {
        let step = (0..40_i64, 1..50_i64, prop::bool::weighted(0.6));
        prop::collection::vec(step, 0..60).prop_map(|steps| {
            let (mut on, mut held, mut moves) = (0, 0_i64, Vec::new());
            for (recorded_at, (later, grams, comes)) in (0..).zip(steps) {
                on += later;
                let grams = if comes { grams } else { -grams.min(held) };
                held += grams;
                if grams != 0 {
                    moves.push(Move { on: day(on), recorded_at, grams });
                }
            }
            moves
        })
    }

    /// The same told gram by gram: a queue into which each gram goes with its day, and from which the first ones leave.
    fn gram_by_gram(moves: &[Move]) -> VecDeque<Date> {
        let mut queue = VecDeque::new();
        for one in moves {
            for _ in 0..one.grams.abs() {
                if one.grams > 0 {
                    queue.push_back(one.on);
                } else {
                    queue.pop_front();
                }
            }
        }
        queue
    }

    proptest! {
        #[test]
        fn layers_are_what_a_queue_of_grams_holds(moves in history()) {
            let told: Vec<Date> = layers(&moves)
                .iter()
                .flat_map(|layer| std::iter::repeat_n(layer.since, usize::try_from(layer.grams).unwrap()))
                .collect();
            prop_assert_eq!(told, Vec::from(gram_by_gram(&moves)));
            let balance: i64 = moves.iter().map(|one| one.grams).sum();
            prop_assert_eq!(sum(&layers(&moves)), balance);
        }

        #[test]
        fn no_more_is_unused_than_is_free_or_stands_above_the_use(
            histories in prop::collection::vec((history(), 0..400_i64), 1..4), used in 0..400_i64,
        ) {
            let stocks: Vec<Stock> = histories
                .into_iter()
                .map(|(moves, free)| {
                    let held: i64 = moves.iter().map(|one| one.grams).sum();
                    Stock { held, available: free.min(held), moves }
                })
                .collect();
            let unused = unused(&stocks, used);
            for (stock, layers) in stocks.iter().zip(&unused) {
                prop_assert!(sum(layers) <= stock.available);
                prop_assert!(layers.is_sorted_by_key(|layer| layer.since) && layers.iter().all(|layer| layer.grams > 0));
            }
            let (held, free): (i64, i64) =
                stocks.iter().fold((0, 0), |(held, free), stock| (held + stock.held, free + stock.available));
            let total: i64 = unused.iter().map(|layers| sum(layers)).sum();
            prop_assert_eq!(total, free.min((held - used).max(0)));
        }
    }
}
