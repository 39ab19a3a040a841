//! What the rules ask for between the proposal of a grant and its effect: publicity, and the usage fee. What they leave null is
//! skipped, and the grant shows that it was.

use super::allocation::UsageFee;
use super::judge::Case;
use crate::db::Work;
use crate::decisions::calendar;
use crate::kernel::Failure;
use crate::rulebook::Rulebook;
use accounting::{Money, Origin, RightClass};
use jiff::civil::Date;

/// The last day of a publicity that begins today; none where no rule asks for one.
///
/// # Errors
/// A fault of the database.
pub async fn last_day(work: &Work, rulebook: &Rulebook) -> Result<Option<Date>, Failure> {
    let Some(days) = rulebook.allocation_publicity_days() else { return Ok(None) };
    Ok(calendar::from(work, work.today()).await?.working_days_after(work.today(), days))
}

/// Whether rights of this class wait for a usage fee. The reserve pays none to itself.
pub fn waits_for_fee(rulebook: &Rulebook, class: &RightClass, is_reserve: bool) -> bool {
    class.origin == Origin::Paid && !is_reserve && rulebook.usage_fee().is_some()
}

/// The usage fee of a grant, where the rules ask for one.
///
/// # Errors
/// A fee that the books cannot count.
pub fn fee_of(rulebook: &Rulebook, case: &Case) -> Result<Option<UsageFee>, Failure> {
    let Some(price) = rulebook.usage_fee().filter(|_| waits_for_fee(rulebook, &case.class, case.site.is_reserve))
    else {
        return Ok(None);
    };
    let total = price.times(case.quantity, &case.pollutant.measure).map_err(Failure::bug)?;
    let fee = UsageFee { total, paid: Money::default(), instalments: rulebook.usage_fee_instalments() };
    Ok((!total.is_zero()).then_some(fee))
}
