//! Payouts (放款): what was paid out on the loan of a registered pledge, as its pledgee reports it back (湖北省排污权抵质押贷款操作指引(暂行):
//! 第六步). A report is never changed; together they are no more than the principal. Of a maximum-amount pledge (最高额质押) nothing is paid out
//! after its claims were determined: such a claim is not secured (民法典第四百二十三条、第四百三十九条).

pub mod commands;
pub(super) mod store;

use super::error::PledgeRefusal;
use super::pledge::Pledge;
use super::valuations::commands::sum;
use crate::kernel::Moment;
use crate::kernel::ids::{PayoutId, PledgeId, UserId};
use accounting::{JournalId, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What was paid out at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Its identity.
    pub id: PayoutId,
    /// On the loan of which pledge.
    pub pledge: PledgeId,
    /// In CNY.
    pub amount: Money,
    /// On which day.
    pub paid_on: Date,
    /// Percent a year, as the contract has it.
    pub annual_rate: Option<Decimal>,
    /// The bank's own reference, once for each pledge.
    pub reference: String,
    /// Who reported it.
    pub reported_by: UserId,
    /// When.
    pub reported_at: Moment,
    /// The journal of the report.
    pub journal: JournalId,
}

impl Pledge {
    /// What was paid out on its loan so far.
    pub fn paid_out(&self) -> Option<Money> {
        sum(self.payouts.iter().map(|payout| payout.amount))
    }

    /// A payout is reported.
    ///
    /// # Errors
    /// As [`Pledge::expect_in_force`]; [`PledgeRefusal::PayoutReported`], [`PledgeRefusal::ClaimDetermined`],
    /// [`PledgeRefusal::PayoutOverPrincipal`].
    pub fn pay_out(mut self, payout: Payout) -> Result<Self, PledgeRefusal> {
        self.expect_in_force()?;
        if self.payouts.iter().any(|known| known.reference == payout.reference) {
            return Err(PledgeRefusal::PayoutReported { reference: payout.reference });
        }
        // What was lent before the period the parties may let in (民法典第四百二十条第二款); what is lent after it, never.
        if let Some((_, until)) = self.terms.determined.filter(|(_, until)| payout.paid_on > *until) {
            return Err(PledgeRefusal::ClaimDetermined { until: until.to_string() });
        }
        let left = self.paid_out().and_then(|paid| self.terms.principal.checked_sub(paid)).unwrap_or_default();
        if payout.amount > left {
            return Err(PledgeRefusal::PayoutOverPrincipal { left: left.print() });
        }
        self.payouts.push(payout);
        Ok(self)
    }
}
