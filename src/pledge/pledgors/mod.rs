//! Several pledgors of one pledge (第三人出质): the borrower's rights and those of others secure the same claim (民法典第三百九十一条、第三百九十二条:
//! 第三人提供的担保物). Each gives rights of its own under a consent of its own and answers with these alone; what rests on them is its share.
//!
//! Each further pledgor agrees to the application, and to every change of the terms, as the borrower does: a change that it has not agreed to
//! would make it answer for more than it gave (第六百九十五条, by analogy). What is left of the price of its rights is its own.

pub mod commands;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::pledge::{Lien, Pledge};
use crate::kernel::Moment;
use crate::kernel::ids::{LienId, OrganisationId, PledgeId, UserId};
use accounting::Money;

/// A pledgor beside the borrower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherPledgor {
    /// Of which pledge.
    pub pledge: PledgeId,
    /// Who.
    pub pledgor: OrganisationId,
    /// In the order of the application, from 1.
    pub place: i64,
    /// Who has agreed to the application for it, and when.
    pub agreed: Option<(UserId, Moment)>,
    /// Counts from 1.
    pub version: i64,
}

/// A pledgor with what it answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PledgorShare {
    /// Who.
    pub pledgor: OrganisationId,
    /// What rests on its rights; none where the pledge was applied for before parts were told.
    pub secured: Option<Money>,
    /// When it has agreed; none of the borrower, whose yes stands in the state of the pledge.
    pub agreed_at: Option<Moment>,
}

impl Pledge {
    /// Everybody whose rights it is of, the borrower first.
    pub fn pledgors(&self) -> impl Iterator<Item = OrganisationId> {
        std::iter::once(self.pledgor).chain(self.further.iter().map(|further| further.pledgor))
    }

    /// Whether somebody's rights are pledged by it.
    pub fn is_of_pledgor(&self, id: OrganisationId) -> bool {
        self.pledgors().any(|pledgor| pledgor == id)
    }

    /// Everybody beside the leader and one of the pledgors whose rights or whose claim it is about.
    pub fn others_than(&self, pledgor: OrganisationId) -> Vec<OrganisationId> {
        self.further_parties().into_iter().chain([self.pledgor]).filter(|other| *other != pledgor).collect()
    }

    /// Everybody beside borrower and leader whose rights or whose claim it is about.
    pub fn further_parties(&self) -> Vec<OrganisationId> {
        self.further_pledgees().chain(self.further.iter().map(|further| further.pledgor)).collect()
    }

    /// The pledgees beside the leader.
    pub fn further_pledgees(&self) -> impl Iterator<Item = OrganisationId> {
        self.shares.iter().map(|share| share.pledgee).filter(|pledgee| *pledgee != self.pledgee)
    }

    /// What each pledgor answers for: what rests on its rights now.
    pub fn pledgor_shares(&self) -> Vec<PledgorShare> {
        let share = |pledgor: OrganisationId| {
            let mut own = self.liens.iter().filter(|lien| lien.pledgor == pledgor).map(|lien| lien.secured);
            let secured = own.try_fold(Money::ZERO, |sum, part| sum.checked_add(part?));
            let further = self.further.iter().find(|further| further.pledgor == pledgor);
            let agreed_at = further.and_then(|further| further.agreed).map(|(_, at)| at);
            PledgorShare { pledgor, secured, agreed_at }
        };
        self.pledgors().map(share).collect()
    }

    /// Refuses anybody but the one whose rights a lien lies on.
    ///
    /// # Errors
    /// [`PledgeRefusal::NotThePledgor`]; [`PledgeRefusal::NoSuchLien`].
    pub fn expect_pledgor_of(&self, lien: LienId, caller: OrganisationId) -> Result<&Lien, PledgeRefusal> {
        if !self.is_of_pledgor(caller) {
            return Err(PledgeRefusal::NotThePledgor {});
        }
        let lien = self.expect_lien(lien)?;
        if lien.pledgor == caller { Ok(lien) } else { Err(PledgeRefusal::NotThePledgor {}) }
    }

    /// Whether every further pledgor has agreed to the application.
    ///
    /// # Errors
    /// [`PledgeRefusal::PledgorWaiting`].
    pub fn expect_all_agreed(&self) -> Result<(), PledgeRefusal> {
        match self.further.iter().filter(|further| further.agreed.is_none()).count() {
            0 => Ok(()),
            count => Err(PledgeRefusal::PledgorWaiting { count: count.to_string() }),
        }
    }

    /// A further pledgor agrees to the terms, once the bureau has verified the quantities.
    ///
    /// # Errors
    /// [`PledgeRefusal::WrongState`], [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::AgreedAlready`].
    pub(super) fn further_agrees(
        mut self,
        pledgor: OrganisationId,
        by: UserId,
        at: Moment,
    ) -> Result<Self, PledgeRefusal> {
        self.state.pending()?;
        if self.state.steps().verified_by.is_none() {
            return Err(self.state.wrong("verified, agreed"));
        }
        let further = self.further.iter_mut().find(|further| further.pledgor == pledgor);
        let further = further.ok_or(PledgeRefusal::NotThePledgor {})?;
        if further.agreed.is_some() {
            return Err(PledgeRefusal::AgreedAlready {});
        }
        further.agreed = Some((by, at));
        further.version += 1;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
