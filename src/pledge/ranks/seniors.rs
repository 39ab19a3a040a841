//! The liens that lie on a stock before a junior one.

use super::share;
use crate::db::Work;
use crate::eligibility::{RightCase, Seniors};
use crate::encumbrance::{NewNotice, Notice, NoticeCause};
use crate::kernel::Failure;
use crate::kernel::ids::{LienWaitId, PledgeId};
use crate::pledge::cases::{Right, fill_available};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::{Lien, Pledge};
use crate::pledge::ranks::{Rank, Wait, WaitCause};
use crate::pledge::store;
use accounting::{Books, Holding, Money, Quantity};
use std::collections::BTreeSet;

/// Pledges in force with liens on the stocks on which junior ones are asked for.
#[derive(Debug, Default)]
pub(in crate::pledge) struct Standing {
    pledges: Vec<Pledge>,
}

impl Standing {
    /// As they are, without a lock. Where nobody asks for a junior lien, nothing is read.
    ///
    /// # Errors
    /// A fault of the database.
    pub(in crate::pledge) async fn on(work: &Work, rights: &[Right]) -> Result<Self, Failure> {
        let stocks: Vec<Holding> = rights.iter().filter(|right| right.is_junior).map(Right::stock).collect();
        if stocks.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self { pledges: store::registered_on(work, &stocks).await? })
    }

    /// Which pledges.
    pub(in crate::pledge) fn ids(&self) -> BTreeSet<PledgeId> {
        self.pledges.iter().map(|pledge| pledge.id).collect()
    }

    /// The same as far as they were locked before: who has come in between has not, and the work is run again.
    ///
    /// # Errors
    /// [`PledgeRefusal::ChangedMeanwhile`].
    pub(in crate::pledge) fn expect_within(self, locked: &BTreeSet<PledgeId>) -> Result<Self, PledgeRefusal> {
        if self.ids().is_subset(locked) { Ok(self) } else { Err(PledgeRefusal::ChangedMeanwhile {}) }
    }

    /// Their liens on a stock, each with its pledge.
    fn liens(&self, stock: Holding) -> impl Iterator<Item = (&Pledge, &Lien)> {
        let liens = self.pledges.iter().flat_map(|pledge| pledge.liens.iter().map(move |lien| (pledge, lien)));
        liens.filter(move |(_, lien)| lien.stock() == stock && lien.claimed().is_some())
    }

    /// What they hold of a stock, in grams.
    fn held(&self, stock: Holding) -> i64 {
        self.liens(stock).filter_map(|(_, lien)| lien.left()).map(Quantity::grams).sum()
    }

    /// What they secure on a stock; the whole of a pledge that says no parts.
    fn secured(&self, stock: Holding) -> Money {
        let parts = self.liens(stock).map(|(pledge, lien)| lien.secured.unwrap_or(pledge.terms.secured));
        parts.fold(Money::default(), |sum, part| sum.checked_add(part).unwrap_or(sum))
    }

    /// What they secure on so many grams of it that somebody waits for.
    fn ahead(&self, stock: Holding, waiting: i64) -> Money {
        if waiting <= 0 { Money::default() } else { share(self.secured(stock), waiting, self.held(stock)) }
    }

    /// Fills in what is free of rights, from books that are held locked, and then as [`Self::fill`].
    pub(in crate::pledge) fn fill_from(&self, cases: &mut [RightCase], rights: &[Right], books: &Books) {
        fill_available(cases, rights, books);
        self.fill(cases, rights);
    }

    /// Fills in what junior rights are judged on, once what is free is known.
    pub(in crate::pledge) fn fill(&self, cases: &mut [RightCase], rights: &[Right]) {
        for (case, right) in cases.iter_mut().zip(rights).filter(|(_, right)| right.is_junior) {
            let free = case.available.unwrap_or_default().max(0);
            case.junior = Some(Seniors { held: self.held(right.stock()) });
            case.ahead = self.ahead(right.stock(), right.quantity.grams() - free);
        }
    }

    /// How a lien begins to wait when so much is free, and what its seniors are told; nothing when it has everything at once.
    pub(in crate::pledge) fn behind(&self, work: &Work, lien: &Lien, free: i64) -> (Option<Wait>, Vec<NewNotice>) {
        let grams = lien.quantity.grams() - free.max(0);
        if grams <= 0 || !lien.is_junior {
            return (None, Vec::new());
        }
        let before = i64::try_from(self.liens(lien.stock()).count()).unwrap_or(i64::MAX);
        let rank = Rank { place: before.saturating_add(1), ahead: self.ahead(lien.stock(), grams) };
        let notice = Notice { cause: NoticeCause::JuniorLien, right_act: None, until: None };
        let told = self.liens(lien.stock()).filter_map(|(_, senior)| {
            let held = senior.claimed()?.grams();
            Some(NewNotice { lien: senior.id.into(), notice, grams: held.min(grams) })
        });
        let wait = Wait {
            id: LienWaitId::fresh(),
            lien: lien.id,
            cause: WaitCause::Registered,
            grams,
            rank: Some(rank),
            at: work.now(),
        };
        (Some(wait), told.collect())
    }
}
