//! Reporting payouts.

use super::{Payout, store};
use crate::db::Work;
use crate::http::Fields;
use crate::kernel::Failure;
use crate::kernel::ids::PayoutId;
use crate::pledge::commands::{Act, expect_pledgee, finish, journal, lock, replace, seen, stamp};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::Pledge;
use accounting::{JournalKind, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A payout to report.
#[derive(Debug, Clone)]
pub struct NewPayout {
    /// On the loan of which pledge.
    pub act: Act,
    /// In CNY.
    pub amount: Money,
    /// On which day.
    pub paid_on: Date,
    /// Percent a year.
    pub annual_rate: Option<Decimal>,
    /// The bank's own reference.
    pub reference: String,
}

/// Reports payouts on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`],
/// [`PledgeRefusal::PayoutReported`], [`PledgeRefusal::ClaimDetermined`], [`PledgeRefusal::PayoutOverPrincipal`],
/// [`PledgeRefusal::PayoutDay`]; hidden when the caller may not know of it.
pub async fn report(work: &mut Work, news: &[NewPayout]) -> Result<Vec<Pledge>, Failure> {
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let mut desk = lock(work, &acts).await?;
    let (mut reported, mut journals, mut payouts) = (Vec::new(), Vec::new(), Vec::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_in_force()?;
        let at = stamp(work);
        let payout = Payout {
            id: PayoutId::fresh(),
            pledge: pledge.id,
            amount: new.amount,
            paid_on: new.paid_on,
            annual_rate: new.annual_rate,
            reference: new.reference.clone(),
            reported_by: at.by,
            reported_at: at.at,
            journal: at.journal,
        };
        let mut fields = Fields::default();
        if new.paid_on > work.today() {
            fields.take::<(), _>("paid_on", Err(PledgeRefusal::PayoutDay {}));
        }
        let paid = fields.take("", pledge.pay_out(payout.clone()));
        let pledge = replace(&mut desk, fields.finish(paid)?.touched(at));
        journals.push(journal(work.today(), JournalKind::PayoutReported, &pledge, Vec::new()));
        payouts.push(payout);
        reported.push(pledge);
    }
    let reported = finish(work, "pledge.paid_out", reported, &journals).await?;
    store::insert(work, &payouts).await?;
    Ok(reported)
}
