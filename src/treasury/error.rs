//! What the treasury refuses.

use crate::refusals;

refusals! {
    /// What the treasury refuses.
    TreasuryRefusal {
        /// The bank's reference was booked already.
        ReferenceBooked { reference } => Conflict "STL_REFERENCE_BOOKED" at "bank_reference": "银行流水号 {reference} 已入账", "the bank reference {reference} is booked already";
        /// The organisation is of a kind that holds no money here.
        NoMoneyAccount { name } => Refused "STL_NO_MONEY_ACCOUNT" at "organisation": "{name} 不设资金账户", "{name} is of a kind that holds no money in this market", basis "回避与职责分离:监管、交易、储备机构人员不得参与交易";
        /// The journal is none of money in or out, and has an act of its own by which it is undone.
        UndoneByItsOwnAct { kind, act_zh, act_en } => Refused "STL_UNDONE_BY_ITS_OWN_ACT" at "id": "{kind} 类凭证不可冲销,应通过“{act_zh}”处理", "a journal of the kind {kind} is not reversed: it is undone by {act_en}";
        /// More is to go out than is free.
        MoneyShort { available, wanted } => Refused "STL_MONEY_SHORT" at "amount": "可用资金 {available} 元,不足 {wanted} 元", "CNY {available} is available, {wanted} is wanted";
    }
}
