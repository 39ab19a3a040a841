//! What the ledger refuses.

use crate::refusals;

refusals! {
    /// What the ledger refuses. Capabilities judge before they post, so that their own words are heard first.
    LedgerRefusal {
        /// A guarded account would fall below zero.
        NotEnough { held, wanted } => Refused "LED_NOT_ENOUGH" at "": "账户余额不足：现有 {held}，需要 {wanted}（最小单位）", "the account holds {held} and {wanted} would leave it (smallest units)";
        /// A balance would be larger than the books can count.
        Overflow {} => Refused "LED_OVERFLOW" at "": "余额超出可记账范围", "a balance would be larger than the books can count";
        /// The recipe put a posting together that is none.
        Unbalanced { fault } => Bug "LED_UNBALANCED" at "": "分录错误：{fault}", "a posting was put together wrongly: {fault}";
        /// An account has moved since the client saw it.
        AccountMoved { account, version } => Stale "LED_ACCOUNT_MOVED" at "ledger-expect": "账户 {account} 已变更为第 {version} 版", "the account {account} has moved since you saw it and is now at version {version}";
        /// An instant that has not come yet.
        Future {} => Refused "LED_FUTURE_INSTANT" at "as_of": "查询时点尚未到来", "that instant has not come yet";
        /// A legal date in a month that is sealed, or before it.
        PeriodSealed { date, month } => Refused "LED_PERIOD_SEALED" at "effective_on": "账簿已封账至 {month}，{date} 不可再记账", "the books are sealed through {month}: nothing can be dated {date} any more";
        /// A legal date that has not come yet.
        FutureDate { today } => Refused "LED_FUTURE_DATE" at "effective_on": "日期尚未到来，今天是 {today}", "that date has not come yet, today is {today}";
        /// A month that is not over.
        PeriodNotClosed { month, today } => Conflict "LED_PERIOD_NOT_CLOSED" at "month": "{month} 尚未结束，今天是 {today}", "{month} is not over yet, today is {today}";
        /// A month is sealed once.
        PeriodAlreadySealed { month, through } => Conflict "LED_PERIOD_ALREADY_SEALED" at "month": "账簿已封账至 {through}，{month} 不可再封", "the books are sealed through {through} already, so {month} cannot be sealed again";
        /// Months are sealed one after the other.
        PeriodOutOfOrder { next } => Conflict "LED_PERIOD_OUT_OF_ORDER" at "month": "须按月依次封账，下一个应为 {next}", "months are sealed in order and {next} is the next one";
        /// A book without journals has nothing to seal.
        NothingToSeal {} => Conflict "LED_NOTHING_TO_SEAL" at "month": "账簿尚无凭证", "the books have no journal yet";
        /// The books are those of a province; who is in charge of a part of it does not seal them.
        NotTheWholeBook {} => Denied "LED_NOT_THE_WHOLE_BOOK" at "month": "仅省级管理机构可封账", "the books are sealed by who is in charge of the whole province";
        /// A span whose end lies before its begin.
        SpanReversed {} => Refused "LED_SPAN_REVERSED" at "to": "结束日期早于开始日期", "the span ends before it begins";
        /// Neither an owner nor an organisation, or both.
        HolderUnclear {} => Refused "LED_HOLDER_UNCLEAR" at "owner": "请填写账户所有者（owner）或组织（organisation）之一", "state owner or organisation, one of them";
        /// A statement that is too long to be written as one document.
        StatementTooLong { entries, largest } => Refused "LED_STATEMENT_TOO_LONG" at "to": "期间内有 {entries} 笔分录，单份文件最多 {largest} 笔，请缩短期间", "the span has {entries} entries and a document takes {largest}: choose a shorter span";
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
