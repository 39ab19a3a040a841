//! What the treasury refuses.

use crate::refusals;

refusals! {
    /// What the treasury refuses.
    TreasuryRefusal {
        /// The bank's reference was booked already.
        ReferenceBooked { reference } => Conflict "STL_REFERENCE_BOOKED" at "bank_reference": "银行流水号 {reference} 已入账", "the bank reference {reference} is booked already";
        /// The organisation is of a kind that holds no money here.
        NoMoneyAccount { name } => Refused "STL_NO_MONEY_ACCOUNT" at "organisation": "{name} 不设资金账户", "{name} is of a kind that holds no money in this market", basis "回避与职责分离：监管、交易、储备机构人员不得参与交易";
        /// The journal is none of money in or out, and has an act of its own by which it is undone.
        UndoneByItsOwnAct { kind, act_zh, act_en } => Refused "STL_UNDONE_BY_ITS_OWN_ACT" at "id": "{kind} 类凭证不可冲销，应通过“{act_zh}”处理", "a journal of the kind {kind} is not reversed: it is undone by {act_en}";
        /// No act undoes it.
        NotReversed { kind } => Refused "STL_NOT_REVERSED" at "id": "{kind} 类凭证不是资金收付，不可冲销", "a journal of the kind {kind} is no movement of money: it is not reversed";
        /// More is to go out than is free.
        MoneyShort { available, wanted } => Refused "STL_MONEY_SHORT" at "amount": "可用资金为 {available} 元，少于所需的 {wanted} 元", "CNY {available} is available, {wanted} is wanted";
        /// Two payments of one request under the same reference.
        ReferenceTwice { reference, first } => Refused "STL_REFERENCE_TWICE" at "bank_reference": "本次请求中银行流水号 {reference} 已用于第 {first} 笔，内容不同", "the reference {reference} stands for another payment of this request, at place {first} of its list";
        /// The bank has told this payment before, and it said something else of it.
        PaymentDiffers { reference, what } => Conflict "STL_PAYMENT_DIFFERS" at "bank_reference": "银行流水号 {reference} 已登记，且{what}不同", "the payment {reference} is known already with another {what}";
        /// The payment is not in suspense any more.
        PaymentDecided { state } => Conflict "STL_PAYMENT_DECIDED" at "": "该笔来款状态为 {state}，已不在待认领款中", "the payment is {state} and not in suspense any more";
        /// No person has matched the payment, or that is undone already.
        NotMatchedByHand { state } => Conflict "STL_NOT_MATCHED_BY_HAND" at "": "该笔来款状态为 {state}，并无人工认领可撤销", "the payment is {state}, and there is no match by hand to undo";
        /// A trade has taken of the payment.
        PaymentSpent { reference } => Conflict "STL_PAYMENT_SPENT" at "": "该笔来款已用于交易 {reference}，不可撤销认领", "the payment has gone to the trade {reference}, so its match is not undone";
        /// The code has not the form of one.
        BadPaymentCode {} => Refused "STL_BAD_PAYMENT_CODE" at "code": "付款识别码须为 6 至 32 位大写字母或数字，且不得为统一社会信用代码或交易付款编号", "a payment code is 6 to 32 capital letters and digits, and neither a credit code nor the payment reference of a trade";
        /// The code is somebody's.
        PaymentCodeTaken { code } => Conflict "STL_PAYMENT_CODE_TAKEN" at "code": "付款识别码 {code} 已被登记", "the payment code {code} is registered already";
        /// Another document than a table of comma-separated values.
        StatementNotCsv {} => Refused "STL_STATEMENT_NOT_CSV" at "document": "对账单须为 CSV 文件", "a statement is a CSV file";
        /// The file of a day that is not over.
        StatementEarly { today } => Refused "STL_STATEMENT_EARLY" at "day": "仅可查询、核对今日（{today}）或之前的账", "only today ({today}) or an earlier day has a statement";
        /// The file cannot be read.
        StatementUnreadable { reason } => Refused "STL_STATEMENT_UNREADABLE" at "": "无法读取：{reason}", "it cannot be read: {reason}";
        /// The first line lacks a column.
        StatementColumnMissing { column } => Refused "STL_STATEMENT_COLUMN_MISSING" at "": "缺少列 {column}", "the column {column} is missing";
        /// The first line names a column that nobody knows, or one twice.
        StatementColumnUnknown { column } => Refused "STL_STATEMENT_COLUMN_UNKNOWN" at "": "列 {column} 未知或重复", "the column {column} is unknown or stands there twice";
        /// A line has more or fewer fields than there are columns.
        StatementFields { found, wanted } => Refused "STL_STATEMENT_FIELDS" at "": "该行有 {found} 列，应为 {wanted} 列", "the line has {found} fields where there are {wanted} columns";
        /// A line of another day than the statement's.
        StatementOtherDay { day } => Refused "STL_STATEMENT_OTHER_DAY" at "date": "日期须为对账日 {day}", "the line is not of the day of the statement, {day}";
        /// The file has more lines than one statement takes.
        StatementTooLong { max } => Refused "STL_STATEMENT_TOO_LONG" at "": "超过 {max} 行", "there are more than {max} lines";
        /// More faults than are told one by one.
        StatementMoreFaults { count } => Refused "STL_STATEMENT_MORE_FAULTS" at "": "另有 {count} 处错误", "there are {count} more faults";
        /// The difference is closed, or another version of the statement took its place.
        DifferenceClosed { state } => Conflict "STL_DIFFERENCE_CLOSED" at "": "该差异已为 {state}", "the difference is {state} already";
    }
}
