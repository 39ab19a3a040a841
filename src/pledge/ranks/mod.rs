//! Junior liens (后顺位质押): where the rulebook lets them be, a lien may ask for more of a stock than is free, as far as liens before it
//! hold the rest. It is registered with its number and its rank, and stands in one line with court freezes by the instant of the
//! registration (民法典第四百一十四条 by way of 第四百四十六条: by the order of registration). What a senior lets go it takes by a journal
//! of its own, and what nobody holds any more it waits for no longer.
//!
//! What it waits for is a sum of rows that never change: so much at the registration, less whatever it has taken since, was given up by a
//! partial release, or came to nothing.

pub mod line;
pub(super) mod seniors;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::pledge::{Lien, Pledge};
use crate::kernel::Moment;
use crate::kernel::ids::{LienId, LienWaitId};
use accounting::{Holding, Money, Quantity};
use std::collections::HashMap;

accounting::words! {
    /// Why a lien waits for more, or for less.
    WaitCause {
        /// It was registered behind others.
        Registered = "registered",
        /// It has taken what came free.
        Advanced = "advanced",
        /// Its pledgee has given it up by a partial release.
        GivenUp = "given_up",
        /// Nobody holds it any more, or the pledge is over.
        Ended = "ended",
    }
}

/// The place of a junior lien when it was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// Among the liens of the stock that were in force then; 1 is first.
    pub place: i64,
    /// What those before it secured then on what it waits for.
    pub ahead: Money,
}

/// A change of what a lien waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Its identity.
    pub id: LienWaitId,
    /// Of which lien.
    pub lien: LienId,
    /// Why.
    pub cause: WaitCause,
    /// Grams more, or less below zero.
    pub grams: i64,
    /// Its place, with the first of them.
    pub rank: Option<Rank>,
    /// When.
    pub at: Moment,
}

impl Lien {
    /// Grams that it waits for.
    pub fn waiting(&self) -> i64 {
        self.waits.iter().map(|wait| wait.grams).sum()
    }

    /// Grams that it waits for no more, because they came to nothing.
    fn ended(&self) -> i64 {
        let ended = self.waits.iter().filter(|wait| wait.cause == WaitCause::Ended);
        ended.map(|wait| wait.grams.saturating_neg()).sum()
    }

    /// What it would hold if it waited for nothing: what it holds and what it waits for. None when that is nothing.
    pub fn claimed(&self) -> Option<Quantity> {
        let lapsed: i64 = self.notices.iter().map(super::notices::LienNotice::lapsed).sum();
        let kept = self.quantity.grams().saturating_add(self.changed);
        let gone = lapsed.saturating_add(self.sold).saturating_add(self.ended());
        Quantity::try_new(kept.saturating_sub(gone)).ok()
    }

    /// What it still holds while it is registered; none when that is nothing.
    pub fn left(&self) -> Option<Quantity> {
        let claimed = self.claimed().map_or(0, Quantity::grams);
        Quantity::try_new(claimed.saturating_sub(self.waiting())).ok()
    }

    /// So much of what it still holds as is asked for; all of it when nothing is said.
    ///
    /// # Errors
    /// [`PledgeRefusal::MoreThanHeld`].
    pub fn expect_left(&self, asked: Option<Quantity>) -> Result<Quantity, PledgeRefusal> {
        let left = self.left().ok_or(PledgeRefusal::MoreThanHeld {})?;
        let quantity = asked.unwrap_or(left);
        if quantity > left { Err(PledgeRefusal::MoreThanHeld {}) } else { Ok(quantity) }
    }

    /// Its place when it was registered, where it waited for others then.
    pub fn rank(&self) -> Option<Rank> {
        self.waits.iter().find_map(|wait| wait.rank)
    }

    /// What liens before it secured on what it still waits for, as they did when it was registered: in proportion, up to the fen.
    pub fn ahead(&self) -> Money {
        let first = self.waits.iter().find_map(|wait| Some((wait.rank?.ahead, wait.grams)));
        first.map_or(Money::default(), |(ahead, of)| share(ahead, self.waiting(), of))
    }

    /// It waits for so much less.
    pub(super) fn waits_less(&mut self, grams: i64, cause: WaitCause, at: Moment) {
        if grams > 0 {
            let (id, grams) = (LienWaitId::fresh(), grams.saturating_neg());
            self.waits.push(Wait { id, lien: self.id, cause, grams, rank: None, at });
        }
    }
}

/// A share of an amount, so many parts (grams, fen) of so many, up to the fen: what is ahead of somebody is never told too small.
pub(super) fn share(amount: Money, parts: i64, of: i64) -> Money {
    if of <= 0 || parts >= of {
        return amount;
    }
    let product = i128::from(amount.fen()) * i128::from(parts.max(0));
    let up = (product + i128::from(of) - 1) / i128::from(of);
    i64::try_from(up).ok().and_then(|fen| Money::try_new(fen).ok()).unwrap_or(amount)
}

/// Refuses a batch in which a junior lien is asked for on a stock that another pledge of it takes from: the one that comes first is a senior
/// of the other, which only a work of its own can see.
///
/// # Errors
/// [`PledgeRefusal::ChangedMeanwhile`], on which each runs by itself.
pub(super) fn expect_apart(pledges: &[Pledge]) -> Result<(), PledgeRefusal> {
    let mut stocks: HashMap<Holding, (usize, bool)> = HashMap::new();
    for lien in pledges.iter().flat_map(|pledge| &pledge.liens) {
        let (count, has_junior) = stocks.entry(lien.stock()).or_default();
        *count += 1;
        *has_junior |= lien.is_junior;
    }
    let collides = stocks.into_values().any(|(count, has_junior)| count > 1 && has_junior);
    if collides { Err(PledgeRefusal::ChangedMeanwhile {}) } else { Ok(()) }
}

impl Pledge {
    /// What liens before its own secure on what these still wait for.
    pub fn ahead(&self) -> Money {
        super::valuations::commands::sum(self.liens.iter().map(Lien::ahead)).unwrap_or(self.terms.secured)
    }

    /// Its liens begin to wait for so much, as far as they do.
    #[must_use]
    pub(super) fn waits_for(mut self, begun: &HashMap<LienId, Wait>) -> Self {
        for lien in &mut self.liens {
            lien.waits.extend(begun.get(&lien.id).cloned());
        }
        self
    }

    /// It is over: what it waits for comes to nothing.
    #[must_use]
    pub(super) fn waits_no_more(mut self, at: Moment) -> Self {
        for lien in &mut self.liens {
            let waiting = lien.waiting();
            lien.waits_less(waiting, WaitCause::Ended, at);
        }
        self
    }

    /// Changes of what its liens wait for since a moment before, when they had so many.
    pub(super) fn new_waits(&self, before: &Self) -> Vec<Wait> {
        let known = |lien: &Lien| before.lien(lien.id).map_or(0, |old| old.waits.len());
        self.liens.iter().flat_map(|lien| lien.waits.iter().skip(known(lien)).cloned()).collect()
    }
}

#[cfg(test)]
mod tests;
