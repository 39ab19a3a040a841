//! What the statistics refuse.

use crate::refusals;

refusals! {
    /// What the statistics refuse.
    PriceRefusal {
        /// A period that is none, or of another cycle.
        BadPeriod { text, cycle } => Refused "PRC_BAD_PERIOD" at "": "“{text}”不是{cycle}周期，应如 2022-12、2022-Q4 或 2022", "{text} is no {cycle}: write 2022-12, 2022-Q4 or 2022";
        /// The last period lies before the first.
        SpanReversed {} => Refused "PRC_SPAN_REVERSED" at "to": "结束期间早于开始期间", "the last period lies before the first";
        /// More periods than one answer tells.
        SpanTooLong { max } => Refused "PRC_SPAN_TOO_LONG" at "to": "一次至多 {max} 个期间", "one answer tells {max} periods at most";
        /// More records than one answer tells.
        TooManyRecords { max } => Refused "PRC_TOO_MANY_RECORDS" at "": "结果超过 {max} 条，请缩小范围", "there are more than {max} records: narrow the question";
        /// An area that nobody knows.
        UnknownArea { code } => Refused "PRC_UNKNOWN_AREA" at "area": "区域 {code} 不存在", "there is no area {code}";
        /// Nothing was traded in the base period.
        EmptyBase { base } => Refused "PRC_EMPTY_BASE" at "base": "基期 {base} 无成交", "nothing was traded in the base period {base}";
    }
}
