//! What can happen in a history, and how one is thought up.

use super::plain::{Name, Plain, What, Who};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

/// Two areas with two sites each, and the reserve, which lies in no area.
pub const AREAS: usize = 2;
pub const SITES: usize = 5;
pub const RESERVE: usize = 4;
/// Rights of the first class may turn into rights of the second.
pub const CLASSES: usize = 2;
/// Trades, liens and freezes that go on at the same time, each.
pub const HOLDS: usize = 3;

/// Who sells what to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deal {
    pub trade: usize,
    pub seller: usize,
    pub buyer: usize,
    pub class: usize,
    pub grams: i64,
    pub fen: i64,
}

/// What holds grams of a stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub site: usize,
    pub class: usize,
    pub number: usize,
    pub grams: i64,
}

/// One act of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    SetCap {
        area: usize,
        cap: i64,
    },
    Allocate {
        site: usize,
        class: usize,
        grams: i64,
    },
    Surplus {
        site: usize,
        class: usize,
        grams: i64,
    },
    Deposit {
        site: usize,
        fen: i64,
    },
    Withdraw {
        site: usize,
        fen: i64,
    },
    Unmatched {
        fen: i64,
    },
    Matched {
        site: usize,
        fen: i64,
    },
    /// Rights, money and headroom are held at once.
    Hold(Deal),
    /// Money and headroom for rights that another encumbrance holds.
    Bid(Deal),
    Settle(Deal),
    Void(Deal),
    Pledge(Hold),
    Junior(Hold),
    Release(Hold),
    Enforce {
        lien: usize,
        deal: Deal,
        costs: i64,
        secured: i64,
    },
    Freeze(Hold),
    /// A freeze of what is pledged: it waits in line.
    WaitingFreeze(Hold),
    Lift(Hold),
    Execute {
        freeze: usize,
        deal: Deal,
    },
    Surrender {
        from: Name,
        grams: i64,
    },
    Expire {
        from: Name,
        grams: i64,
    },
    TakeBack {
        from: Name,
        grams: i64,
    },
    BuyBack {
        site: usize,
        class: usize,
        grams: i64,
        fen: i64,
    },
    Convert {
        site: usize,
        grams: i64,
    },
    /// The journal with this number is undone.
    Reverse(usize),
}

/// Every kind of act.
pub const NAMES: [&str; 25] = [
    "SetCap",
    "Allocate",
    "Surplus",
    "Deposit",
    "Withdraw",
    "Unmatched",
    "Matched",
    "Hold",
    "Bid",
    "Settle",
    "Void",
    "Pledge",
    "Junior",
    "Release",
    "Enforce",
    "Freeze",
    "WaitingFreeze",
    "Lift",
    "Execute",
    "Surrender",
    "Expire",
    "TakeBack",
    "BuyBack",
    "Convert",
    "Reverse",
];

/// Acts that no balance can stop: they move nothing, take from a contra account, or take what there is.
pub const NEVER_REFUSED: [&str; 7] = ["SetCap", "Surplus", "Deposit", "Unmatched", "Void", "Junior", "WaitingFreeze"];

impl Act {
    /// The kind of the act.
    pub fn name(&self) -> &'static str {
        let told = format!("{self:?}");
        let is_named = |name: &&&str| told.strip_prefix(**name).is_some_and(|rest| rest.starts_with(['(', ' ']));
        NAMES.iter().find(is_named).copied().unwrap_or("none")
    }
}

/// The area in which a site lies.
pub fn area_of(site: usize) -> Option<usize> {
    (site != RESERVE).then_some(site % AREAS)
}

/// The areas of a deal, when capacity moves: the buyer's and, unless the reserve sells, the seller's.
pub fn areas_of(deal: &Deal) -> Option<(usize, Option<usize>)> {
    let buyer = area_of(deal.buyer)?;
    let seller = area_of(deal.seller);
    (seller != Some(buyer)).then_some((buyer, seller))
}

/// How a history begins, so that later acts find something to move.
pub fn opening(random: &mut StdRng) -> Vec<Act> {
    let mut acts = Vec::new();
    for area in 0..AREAS {
        acts.push(Act::SetCap { area, cap: random.random_range(1_500..4_000) });
    }
    for site in 0..SITES {
        for class in 0..CLASSES {
            acts.push(Act::Allocate { site, class, grams: random.random_range(100..300) });
        }
        acts.push(Act::Deposit { site, fen: random.random_range(500..2_000) });
    }
    acts
}

/// Mostly amounts of one size, so that acts meet; now and then the smallest, or far too much.
fn amount(random: &mut impl Rng) -> i64 {
    match random.random_range(0..20) {
        0 => 1,
        1 => random.random_range(5_000..20_000),
        _ => random.random_range(1..200),
    }
}

fn one<T: Copy>(random: &mut impl Rng, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| all[random.random_range(0..all.len())])
}

fn deal(random: &mut impl Rng) -> Deal {
    Deal {
        trade: random.random_range(0..HOLDS),
        seller: random.random_range(0..SITES),
        buyer: random.random_range(0..RESERVE),
        class: random.random_range(0..CLASSES),
        grams: amount(random),
        fen: amount(random),
    }
}

fn hold(random: &mut impl Rng) -> Hold {
    Hold {
        site: random.random_range(0..SITES),
        class: random.random_range(0..CLASSES),
        number: random.random_range(0..HOLDS),
        grams: amount(random),
    }
}

/// Mostly a hold that is there, and mostly no more of it than there is.
fn standing_hold(random: &mut impl Rng, model: &Plain, purpose: &'static str) -> Hold {
    let there: Vec<Hold> = model
        .standing(purpose)
        .filter_map(|(name, balance)| match *name {
            Name { who: Who::Site(site), what: What::Class(class), hold: Some(hold), .. } => {
                Some(Hold { site, class, number: hold % 10, grams: balance })
            }
            _ => None,
        })
        .collect();
    match one(random, &there) {
        Some(found) if random.random_bool(0.8) => Hold { grams: random.random_range(1..=found.grams), ..found },
        Some(found) if random.random_bool(0.5) => Hold { grams: found.grams + 1, ..found },
        _ => hold(random),
    }
}

/// An account of rights from which something leaves for good.
fn source(random: &mut impl Rng, model: &Plain) -> (Name, i64) {
    let purpose = ["available", "available", "pledged", "committed", "frozen"][random.random_range(0..5)];
    let there: Vec<(Name, i64)> = model
        .standing(purpose)
        .filter(|(name, _)| matches!((name.who, name.what), (Who::Site(_), What::Class(_))))
        .map(|(name, balance)| (*name, balance))
        .collect();
    let Some((name, balance)) = one(random, &there) else {
        return (Name::stock(random.random_range(0..SITES), 0, "available"), amount(random));
    };
    (name, if random.random_bool(0.85) { random.random_range(1..=balance) } else { balance + 1 })
}

/// The end of a trade that is under way, or of one that is not.
fn trade_end(random: &mut impl Rng, model: &Plain) -> Act {
    let deal = one(random, model.open_deals()).filter(|_| random.random_bool(0.9)).unwrap_or_else(|| deal(random));
    if random.random_bool(0.6) { Act::Settle(deal) } else { Act::Void(deal) }
}

/// A sale out of a lien or a freeze for which somebody has bid, or has not.
fn forced_sale(random: &mut impl Rng, model: &Plain) -> Act {
    let is_lien = random.random_bool(0.5);
    let held = standing_hold(random, model, if is_lien { "pledged" } else { "frozen" });
    let bid = one(random, model.open_bids());
    let wanted = Deal { seller: held.site, class: held.class, grams: held.grams, ..deal(random) };
    match bid {
        Some(bid) if random.random_bool(0.7) => {
            let deal = Deal { seller: held.site, class: held.class, grams: bid.grams.min(held.grams), ..bid };
            if is_lien {
                Act::Enforce { lien: held.number, deal, costs: amount(random).min(50), secured: amount(random) }
            } else {
                Act::Execute { freeze: held.number, deal }
            }
        }
        _ if random.random_bool(0.3) && is_lien => {
            Act::Enforce { lien: held.number, deal: wanted, costs: 5, secured: amount(random) }
        }
        _ if random.random_bool(0.3) => Act::Execute { freeze: held.number, deal: wanted },
        _ => Act::Bid(wanted),
    }
}

fn end_of_rights(random: &mut impl Rng, model: &Plain) -> Act {
    let (from, grams) = source(random, model);
    match random.random_range(0..3) {
        0 => Act::Surrender { from, grams },
        // The reserve takes nothing back from itself.
        1 if from.who != Who::Site(RESERVE) => Act::TakeBack { from, grams },
        _ => Act::Expire { from, grams },
    }
}

fn encumbrance(random: &mut impl Rng, model: &Plain) -> Act {
    match random.random_range(0..9) {
        0 | 1 => Act::Pledge(hold(random)),
        2 => Act::Junior(hold(random)),
        3 | 4 => Act::Release(standing_hold(random, model, "pledged")),
        5 | 6 => Act::Freeze(hold(random)),
        7 => Act::WaitingFreeze(hold(random)),
        _ => Act::Lift(standing_hold(random, model, "frozen")),
    }
}

/// What happens next.
pub fn next(random: &mut StdRng, model: &Plain) -> Act {
    let (site, class) = (random.random_range(0..SITES), random.random_range(0..CLASSES));
    match random.random_range(0..40) {
        0 => Act::SetCap { area: random.random_range(0..AREAS), cap: random.random_range(0..4_000) },
        1 | 2 => Act::Allocate { site, class, grams: amount(random) },
        3 => Act::Surplus { site, class, grams: amount(random) },
        4 | 5 => Act::Deposit { site, fen: amount(random) },
        6 => Act::Withdraw { site, fen: amount(random) },
        7 => Act::Unmatched { fen: amount(random) },
        8 => Act::Matched { site, fen: amount(random) },
        9..=13 => Act::Hold(deal(random)),
        14..=18 => trade_end(random, model),
        19..=26 => encumbrance(random, model),
        27..=31 => forced_sale(random, model),
        32 | 33 => end_of_rights(random, model),
        34 | 35 => {
            Act::BuyBack { site: random.random_range(0..RESERVE), class, grams: amount(random), fen: amount(random) }
        }
        36 | 37 => Act::Convert { site, grams: amount(random) },
        _ => Act::Reverse(random.random_range(0..model.journals().max(1))),
    }
}
