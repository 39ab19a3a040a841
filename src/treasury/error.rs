//! What the treasury refuses.

use crate::refusals;

refusals! {
    /// What the treasury refuses.
    TreasuryRefusal {
        /// The bank's reference was booked already.
        ReferenceBooked { reference } => Conflict "STL_REFERENCE_BOOKED" at "bank_reference": "银行流水号 {reference} 已入账", "the bank reference {reference} is booked already";
        /// More is to go out than is free.
        MoneyShort { available, wanted } => Refused "STL_MONEY_SHORT" at "amount": "可用资金 {available} 元,不足 {wanted} 元", "CNY {available} is available, {wanted} is wanted";
    }
}
