//! What the ledger refuses.

use crate::refusals;

refusals! {
    /// What the ledger refuses. Capabilities judge before they post, so that their own words are heard first.
    LedgerRefusal {
        /// A guarded account would fall below zero.
        NotEnough { held, wanted } => Refused "LED_NOT_ENOUGH" at "": "账户余额不足:现有 {held},需要 {wanted}(最小单位)", "the account holds {held} and {wanted} would leave it (smallest units)";
        /// A balance would be larger than the books can count.
        Overflow {} => Refused "LED_OVERFLOW" at "": "余额超出可记账范围", "a balance would be larger than the books can count";
        /// The recipe put a posting together that is none.
        Unbalanced { fault } => Bug "LED_UNBALANCED" at "": "分录错误:{fault}", "a posting was put together wrongly: {fault}";
        /// An account has moved since the client saw it.
        AccountMoved { account, version } => Stale "LED_ACCOUNT_MOVED" at "ledger-expect": "账户 {account} 已变更为第 {version} 版", "the account {account} has moved since you saw it and is now at version {version}";
        /// An instant that has not come yet.
        Future {} => Refused "LED_FUTURE_INSTANT" at "as_of": "查询时点尚未到来", "that instant has not come yet";
        /// A journal is reversed at most once.
        AlreadyReversed {} => Conflict "LED_ALREADY_REVERSED" at "": "该凭证已被冲销", "the journal has been reversed already";
    }
}

impl From<accounting::PostingFault> for LedgerRefusal {
    fn from(fault: accounting::PostingFault) -> Self {
        Self::Unbalanced { fault: fault.to_string() }
    }
}

impl From<accounting::PostingFault> for crate::kernel::Failure {
    fn from(fault: accounting::PostingFault) -> Self {
        LedgerRefusal::from(fault).into()
    }
}

impl From<accounting::Insufficient> for LedgerRefusal {
    fn from(insufficient: accounting::Insufficient) -> Self {
        match insufficient {
            accounting::Insufficient::Short { balance, wanted, .. } => {
                Self::NotEnough { held: balance.to_string(), wanted: wanted.to_string() }
            }
            accounting::Insufficient::Overflow { .. } => Self::Overflow {},
        }
    }
}
