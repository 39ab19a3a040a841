//! Who wins: price before time (价格优先、时间优先), each at its own bid.
//!
//! Bids are taken in order of price, the higher first, and of arrival among equals. Where a share of the bidders wins, only the first so
//! many of them (rounded half up, at least one) can. Each takes what it bid for, and the last one what is left, unless that is less than
//! the minimum that it registered: then it wins nothing and what is left goes to the next.

use crate::kernel::Moment;
use accounting::{Price, Quantity};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// The bid by which a bidder takes part in the ranking: its newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contender<B> {
    /// Which bid.
    pub bid: B,
    /// CNY per display unit.
    pub price: Price,
    /// How much it is for.
    pub quantity: Quantity,
    /// The fewest that are still of use.
    pub minimum: Quantity,
    /// When it arrived.
    pub arrived_at: Moment,
}

/// A place in the ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<B> {
    /// Whose.
    pub contender: Contender<B>,
    /// What it wins.
    pub won: Option<Quantity>,
}

/// How many of so many bidders can win.
pub fn winners(bidders: usize, share: Option<Decimal>) -> usize {
    let Some(share) = share else { return bidders };
    let exact = Decimal::from(bidders).saturating_mul(share);
    let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_usize();
    rounded.unwrap_or(bidders).clamp(bidders.min(1), bidders)
}

/// Ranks the bidders of a lot, one bid of each.
pub fn rank<B: Copy>(mut contenders: Vec<Contender<B>>, on_offer: Quantity, share: Option<Decimal>) -> Vec<Place<B>> {
    contenders.sort_by_key(|contender| (std::cmp::Reverse(contender.price), contender.arrived_at));
    let can_win = winners(contenders.len(), share);
    let mut left = on_offer.grams();
    let mut places = Vec::with_capacity(contenders.len());
    for (at, contender) in contenders.into_iter().enumerate() {
        let grams = left.min(contender.quantity.grams());
        let is_of_use = at < can_win && grams >= contender.minimum.grams();
        let won = Quantity::try_new(grams).ok().filter(|_| is_of_use);
        left -= won.map_or(0, Quantity::grams);
        places.push(Place { contender, won });
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounting::{Measure, Money};
    use proptest::prelude::*;

    fn contender(bid: usize, price: i64, grams: i64, minimum: i64, arrived: i64) -> Contender<usize> {
        Contender {
            bid,
            price: Price::try_new(price).unwrap(),
            quantity: Quantity::try_new(grams).unwrap(),
            minimum: Quantity::try_new(minimum).unwrap(),
            arrived_at: Moment::from_micros(arrived),
        }
    }

    fn quantity(grams: i64) -> Quantity {
        Quantity::try_new(grams).unwrap()
    }

    fn won(places: &[Place<usize>]) -> Vec<(usize, i64)> {
        places.iter().map(|place| (place.contender.bid, place.won.map_or(0, Quantity::grams))).collect()
    }

    #[test]
    fn price_comes_before_time_and_the_last_takes_what_is_left() {
        let bids = vec![contender(0, 100, 5, 1, 3), contender(1, 200, 5, 1, 2), contender(2, 100, 5, 1, 1)];
        assert_eq!(won(&rank(bids, quantity(12), None)), [(1, 5), (2, 5), (0, 2)]);
    }

    #[test]
    fn who_has_no_use_for_the_rest_leaves_it_to_the_next() {
        let bids = vec![contender(0, 300, 8, 8, 1), contender(1, 200, 5, 5, 2), contender(2, 100, 5, 1, 3)];
        assert_eq!(won(&rank(bids, quantity(10), None)), [(0, 8), (1, 0), (2, 2)]);
    }

    #[test]
    fn seven_tenths_of_the_bidders_win() {
        let share = |text: &str| text.parse::<Decimal>().ok();
        let of = |bidders: usize| winners(bidders, share("0.70"));
        assert_eq!([of(0), of(1), of(2), of(3), of(5), of(10), of(15)], [0, 1, 1, 2, 4, 7, 11]);
        assert_eq!((winners(9, None), winners(9, share("0"))), (9, 1));
        let bids = (0..4).map(|at| contender(at, 100, 1, 1, i64::try_from(at).unwrap())).collect();
        assert_eq!(won(&rank(bids, quantity(10), share("0.70"))), [(0, 1), (1, 1), (2, 1), (3, 0)]);
    }

    /// The slow and obvious way: gram by gram, each time looking for the best bidder who may have one more.
    fn gram_by_gram(bids: &[Contender<usize>], on_offer: i64, share: Option<Decimal>) -> Vec<(usize, i64)> {
        let beats = |one: &Contender<usize>, other: &Contender<usize>| {
            one.price > other.price || (one.price == other.price && one.arrived_at < other.arrived_at)
        };
        let place = |one: &Contender<usize>| bids.iter().filter(|other| beats(other, one)).count();
        let most = winners(bids.len(), share);
        let mut left = on_offer;
        let mut taken = vec![0; bids.len()];
        for at in 0..bids.len() {
            let one = bids.iter().find(|one| place(one) == at).unwrap();
            let mut got = 0;
            while at < most && got < one.quantity.grams() && got < left {
                got += 1;
            }
            if got < one.minimum.grams() {
                got = 0;
            }
            left -= got;
            taken[one.bid] = got;
        }
        let mut found: Vec<(usize, i64)> = taken.into_iter().enumerate().collect();
        found.sort_unstable();
        found
    }

    fn bids() -> impl Strategy<Value = Vec<Contender<usize>>> {
        prop::collection::vec((1_i64..6, 1_i64..9, 1_i64..9), 0..12).prop_map(|bids| {
            let each = bids.into_iter().enumerate();
            each.map(|(at, (price, grams, minimum))| {
                contender(at, price * 879_000, grams, minimum.min(grams), i64::try_from(at).unwrap())
            })
            .collect()
        })
    }

    proptest! {
        #[test]
        fn the_ranking_is_that_of_the_obvious_way(bids in bids(), on_offer in 1_i64..40, share in prop::option::of(0_i64..=10), shift in 0_usize..12) {
            let share = share.map(|tenths| Decimal::new(tenths, 1));
            let mut turned = bids.clone();
            let by = shift.min(turned.len());
            turned.rotate_left(by);
            let places = rank(turned, quantity(on_offer), share);
            let mut found = won(&places);
            found.sort_unstable();
            prop_assert_eq!(found, gram_by_gram(&bids, on_offer, share), "in whatever order they are read");
            let sold: i64 = places.iter().filter_map(|place| place.won).map(Quantity::grams).sum();
            prop_assert!(sold <= on_offer, "no lot is oversold");
            for pair in places.windows(2) {
                let (one, next) = (pair[0].contender, pair[1].contender);
                prop_assert!(one.price > next.price || (one.price == next.price && one.arrived_at < next.arrived_at));
            }
            let measure = Measure::tonnes();
            for place in &places {
                let Some(won) = place.won else { continue };
                let pays = place.contender.price.times(won, &measure).unwrap();
                let most: Money = place.contender.price.times(place.contender.quantity, &measure).unwrap();
                prop_assert!(pays <= most && won >= place.contender.minimum, "nobody pays more than was bid");
            }
        }
    }
}
