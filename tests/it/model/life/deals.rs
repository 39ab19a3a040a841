//! Disposals and sales with consent in plain numbers: what they take of a lien, and what they pay of a claim.

use super::acts::Act;
use super::plain::{CLAIM, COSTS, Deal, DealState, PRICE, Plain, PledgeState, Refused, refuse_unless};

impl Plain {
    /// Disposals, and sales with consent.
    pub(super) fn deals(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Dispose { pledge, tonnes } => {
                self.expect_enforceable(pledge)?;
                self.expect_undisposed(pledge)?;
                self.expect_held(pledge, tonnes)?;
                let claim = self.owed(pledge, tonnes);
                self.expect_outstanding(pledge, claim)?;
                self.disposals.push(Deal { pledge, tonnes, claim, state: DealState::Open });
            }
            Act::DisposalEnds { disposal } => {
                let is_open = self.disposals[disposal].state == DealState::Open;
                refuse_unless(is_open, &["PLG_DISPOSAL_STATE"])?;
                self.disposals[disposal].state = DealState::Over;
            }
            Act::DisposalSettles { disposal } => {
                let Deal { pledge, tonnes, claim, state } = self.disposals[disposal];
                self.expect_enforceable(pledge)?;
                self.expect_held(pledge, tonnes)?;
                refuse_unless(state == DealState::Open, &["PLG_DISPOSAL_STATE"])?;
                self.disposals[disposal].state = DealState::Settled;
                let paid = claim.min(self.pledges[pledge].due).min(PRICE * tonnes - COSTS);
                self.pledges[pledge].due -= paid;
                self.bought[self.pledges[pledge].mill] += tonnes;
                self.pledges[pledge].tonnes -= tonnes;
                if self.pledges[pledge].claimed() == 0 {
                    self.pledges[pledge].state = PledgeState::Closed;
                    self.ends(pledge);
                }
                self.end_gone(self.pledges[pledge].mill);
            }
            Act::Ask { pledge, tonnes } => {
                self.expect_in_force(pledge)?;
                self.expect_undisposed(pledge)?;
                let waits = self.sales.iter().any(|one| one.pledge == pledge && one.state == DealState::Open);
                refuse_unless(!waits, &["PLG_SALE_OPEN"])?;
                self.expect_held(pledge, tonnes)?;
                self.expect_sellable(self.pledges[pledge].mill, tonnes)?;
                self.sales.push(Deal { pledge, tonnes, claim: CLAIM * tonnes, state: DealState::Open });
            }
            Act::AskEnds { sale } => {
                refuse_unless(self.sales[sale].state == DealState::Open, &["PLG_SALE_STATE"])?;
                self.sales[sale].state = DealState::Over;
            }
            Act::Agree { sale } => {
                let Deal { pledge, tonnes, claim, state } = self.sales[sale];
                refuse_unless(state == DealState::Open, &["PLG_SALE_STATE"])?;
                self.expect_in_force(pledge)?;
                self.expect_undisposed(pledge)?;
                self.expect_held(pledge, tonnes)?;
                self.expect_outstanding(pledge, claim)?;
                self.expect_sellable(self.pledges[pledge].mill, tonnes)?;
                self.sales[sale].state = DealState::Consented;
            }
            Act::SaleSettles { sale } => self.settle_sale(sale)?,
            _ => unreachable!("{act:?} is no deal"),
        }
        Ok(())
    }

    fn settle_sale(&mut self, sale: usize) -> Result<(), Refused> {
        let Deal { pledge, tonnes, claim, state } = self.sales[sale];
        refuse_unless(state == DealState::Consented, &["PLG_SALE_STATE"])?;
        self.expect_in_force(pledge)?;
        self.expect_undisposed(pledge)?;
        refuse_unless(self.pledges[pledge].change.is_none(), &["PLG_AMENDMENT_OPEN"])?;
        self.expect_held(pledge, tonnes)?;
        self.sales[sale].state = DealState::Settled;
        self.bought[self.pledges[pledge].mill] += tonnes;
        let one = &mut self.pledges[pledge];
        let paid = claim.min(one.outstanding());
        one.tonnes -= tonnes;
        one.secured -= paid;
        one.principal -= paid;
        one.due = (one.due - paid).max(0);
        if one.claimed() == 0 || one.secured <= 0 || one.principal <= 0 {
            self.release(pledge);
        }
        self.end_gone(self.pledges[pledge].mill);
        Ok(())
    }
}
