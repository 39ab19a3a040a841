//! Several pledgees of one pledge (银团质押): one leads (代理行) and acts for all, and each has a share of the secured claim in fen. The shares
//! make the whole (按份共有, 民法典第三百零八条以下; 第五百一十七条: 按份债权). Each of the others says yes before the registration, and sees the
//! pledge, its disposals and its events from the application on.
//!
//! A share is never written anew: of what is secured after a change, of what is owed and of what is paid each has the same share, split by
//! the largest remainder, so that the parts make the whole to the fen.

pub mod commands;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::pledge::Pledge;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, PledgeId, UserId};
use accounting::Money;

/// A pledgee of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PledgeeShare {
    /// Of which pledge.
    pub pledge: PledgeId,
    /// Who.
    pub pledgee: OrganisationId,
    /// In the order of the application; the leader is 0.
    pub place: i64,
    /// Its part of what was secured when it was applied for.
    pub share: Money,
    /// Who has said yes for it, and when; the leader by its application.
    pub joined: Option<(UserId, Moment)>,
    /// Counts from 1.
    pub version: i64,
}

/// What a pledgee has of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    /// Who.
    pub pledgee: OrganisationId,
    /// How much.
    pub amount: Money,
}

/// What was owed to a pledgee when something was disposed of, and what it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// To whom.
    pub pledgee: OrganisationId,
    /// What was owed to it.
    pub owed: Money,
    /// What it got.
    pub paid: Money,
}

impl Payment {
    /// What is still owed to it.
    pub fn shortfall(&self) -> Money {
        self.owed.checked_sub(self.paid).unwrap_or_default()
    }
}

/// Splits a claim among its pledgees, and what is paid of it by what is owed to each: nobody gets more than that, because a part of a smaller
/// amount by the same weights is no larger than its weight.
pub fn pay(shares: &[Money], owed: Money, paid: Money) -> Vec<(Money, Money)> {
    let owed = split(owed, shares);
    let paid = split(paid, &owed);
    owed.into_iter().zip(paid).collect()
}

/// The parts of an amount by these shares; all to the first where no share is more than nothing.
pub fn split(amount: Money, shares: &[Money]) -> Vec<Money> {
    let weights: Vec<u64> = shares.iter().map(|share| share.fen().unsigned_abs()).collect();
    amount.split(&weights).unwrap_or_else(|_| {
        let first = |at: usize| if at == 0 { amount } else { Money::default() };
        (0..shares.len()).map(first).collect()
    })
}

fn weights(shares: &[PledgeeShare]) -> Vec<Money> {
    shares.iter().map(|share| share.share).collect()
}

/// What each pledgee has of an amount, the leader first; the whole where there is one.
pub fn parts(pledgee: OrganisationId, shares: &[PledgeeShare], amount: Money) -> Vec<PartOf> {
    if shares.is_empty() {
        return vec![PartOf { pledgee, amount }];
    }
    let parts = split(amount, &weights(shares));
    shares.iter().zip(parts).map(|(share, amount)| PartOf { pledgee: share.pledgee, amount }).collect()
}

impl Pledge {
    /// Whether somebody is a pledgee of it, leading or not.
    pub fn is_of_pledgee(&self, id: OrganisationId) -> bool {
        self.pledgee == id || self.shares.iter().any(|share| share.pledgee == id)
    }

    /// What each pledgee has of an amount, the leader first; the whole where there is one.
    pub fn parts_of(&self, amount: Money) -> Vec<PartOf> {
        parts(self.pledgee, &self.shares, amount)
    }

    /// What is owed to each pledgee of a claim, and what it gets of what is paid of it, the leader first.
    pub fn payments(&self, owed: Money, paid: Money) -> Vec<Payment> {
        if self.shares.is_empty() {
            return vec![Payment { pledgee: self.pledgee, owed, paid }];
        }
        let parts = pay(&weights(&self.shares), owed, paid);
        self.shares
            .iter()
            .zip(parts)
            .map(|(share, (owed, paid))| Payment { pledgee: share.pledgee, owed, paid })
            .collect()
    }

    /// Whether every pledgee has said yes.
    ///
    /// # Errors
    /// [`PledgeRefusal::PledgeeWaiting`].
    pub fn expect_joined(&self) -> Result<(), PledgeRefusal> {
        match self.shares.iter().filter(|share| share.joined.is_none()).count() {
            0 => Ok(()),
            count => Err(PledgeRefusal::PledgeeWaiting { count: count.to_string() }),
        }
    }

    /// A pledgee of several says yes.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`], [`PledgeRefusal::NoShare`], [`PledgeRefusal::JoinedAlready`].
    pub(super) fn join(mut self, pledgee: OrganisationId, by: UserId, at: Moment) -> Result<Self, PledgeRefusal> {
        self.state.pending()?;
        let share = self.shares.iter_mut().find(|share| share.pledgee == pledgee).ok_or(PledgeRefusal::NoShare {})?;
        if share.joined.is_some() {
            return Err(PledgeRefusal::JoinedAlready {});
        }
        share.joined = Some((by, at));
        share.version += 1;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
