//! What of a claim is still outstanding (未受偿债权): nobody takes more from what is pledged, whatever is told of the claim, and whichever of
//! several sales is paid first.

use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::{Lien, Pledge, PledgeState, Stamp};
use crate::pledge::ranks::share;
use accounting::Money;

/// What is left of an amount, nothing when more was taken.
fn less(amount: Money, taken: Money) -> Money {
    amount.checked_sub(taken).unwrap_or_default()
}

impl Pledge {
    /// What the pledgee may still take from what is pledged, in CNY: after a default what it has told as due, less what disposals have paid
    /// since; before one the principal. Of a maximum-amount pledge (最高额质押) never more than its ceiling leaves, which costs count towards
    /// (民法典第四百二十条; 担保制度解释第十五条).
    pub fn outstanding(&self) -> Money {
        self.within_ceiling(self.unpaid(), Money::ZERO)
    }

    /// The same from one lien, beside costs: rights of a further pledgor answer with their part of the claim alone (民法典第三百九十一条).
    pub fn outstanding_on(&self, lien: &Lien, costs: Money) -> Money {
        let whole = self.unpaid();
        let own = self.rests_on(lien).map(|(part, all)| {
            let own = |other: &Lien| other.pledgor == lien.pledgor;
            less(share(self.told(), part.fen(), all.fen()), self.paid_on(own))
        });
        self.within_ceiling(own.map_or(whole, |own| own.min(whole)), costs)
    }

    /// Refuses a claim on a lien that is more than is outstanding.
    ///
    /// # Errors
    /// [`PledgeRefusal::MoreThanOutstanding`].
    pub fn expect_outstanding(&self, lien: &Lien, claim: Money, costs: Money) -> Result<(), PledgeRefusal> {
        let outstanding = self.outstanding_on(lien, costs);
        if claim > outstanding {
            return Err(PledgeRefusal::MoreThanOutstanding { outstanding: outstanding.print() });
        }
        Ok(())
    }

    /// The pledgee tells anew what is due now, with the interest since or without what was paid elsewhere; the term to cure goes on.
    ///
    /// # Errors
    /// [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`].
    pub fn restate_default(self, due: Money, stamp: Stamp) -> Result<Self, PledgeRefusal> {
        self.expect_in_force()?;
        let paid = self.paid_on(|_| true);
        match self.state.clone() {
            PledgeState::Defaulted { registration, mut default } => {
                default.amount_due = due.checked_add(paid).unwrap_or(due);
                Ok(self.become_state(PledgeState::Defaulted { registration, default }, stamp))
            }
            state => Err(state.wrong("defaulted")),
        }
    }

    /// A sale with consent has paid so much of what is due after a default; before one the principal tells it.
    #[must_use]
    pub(in crate::pledge) fn due_less(mut self, paid: Money) -> Self {
        if let PledgeState::Defaulted { default, .. } = &mut self.state {
            default.amount_due = less(default.amount_due, paid);
        }
        self
    }

    /// What was told, less what disposals have paid of it since.
    fn unpaid(&self) -> Money {
        less(self.told(), self.paid_on(|_| true))
    }

    fn told(&self) -> Money {
        match &self.state {
            PledgeState::Defaulted { default, .. } => default.amount_due,
            _ => self.terms.principal,
        }
    }

    /// What disposals have paid of the claim since the default, from some of its liens.
    fn paid_on(&self, of: impl Fn(&Lien) -> bool) -> Money {
        let PledgeState::Defaulted { default, .. } = &self.state else { return Money::ZERO };
        let since = self.disposals.iter().filter(|disposal| {
            disposal.state.ended().is_some_and(|(_, at)| at >= default.at) && self.lien(disposal.lien).is_some_and(&of)
        });
        let paid = since.filter_map(|disposal| disposal.state.paid()).map(|paid| paid.claim);
        paid.fold(Money::ZERO, |sum, paid| sum.checked_add(paid).unwrap_or(sum))
    }

    fn within_ceiling(&self, claim: Money, costs: Money) -> Money {
        if self.terms.determined.is_none() {
            return claim;
        }
        let paid = self.disposals.iter().filter_map(|disposal| disposal.state.paid());
        let left = paid.fold(self.terms.secured, |left, paid| less(less(left, paid.claim), paid.costs));
        claim.min(less(left, costs))
    }

    /// What rests on the rights of the further pledgor of a lien, and on all; none of the borrower's, and where no parts were told.
    fn rests_on(&self, lien: &Lien) -> Option<(Money, Money)> {
        if lien.pledgor == self.pledgor {
            return None;
        }
        let shares = self.pledgor_shares();
        let own = shares.iter().find(|share| share.pledgor == lien.pledgor)?.secured?;
        let all = shares.iter().try_fold(Money::ZERO, |sum, share| sum.checked_add(share.secured?))?;
        Some((own, all)).filter(|(_, all)| !all.is_zero())
    }
}
