//! What the register of facts refuses.

use crate::refusals;

refusals! {
    /// What the register of facts refuses.
    FactRefusal {
        /// A fact about something else than its kind is about.
        WrongSubject { kind, subject } => Refused "ORG_FACT_SUBJECT" at "": "{kind} 须且仅须指明 {subject}", "a fact of kind {kind} names its {subject}, and nothing else";
        /// The kind needs a field that is not there.
        Missing { kind } => Refused "ORG_FACT_MISSING" at "": "{kind} 须填写此项", "a fact of kind {kind} needs it";
        /// The kind has no such field.
        Superfluous { kind } => Refused "ORG_FACT_SUPERFLUOUS" at "": "{kind} 不得填写此项", "a fact of kind {kind} has no such field";
        /// Not a year or a quarter, as the kind asks.
        BadPeriod { example } => Refused "ORG_BAD_PERIOD" at "period": "须为期间，例如 {example}", "must be a period such as {example}";
        /// Not a plain word.
        BadLevel {} => Refused "ORG_BAD_CREDIT_LEVEL" at "level": "信用等级须为 1 至 32 位小写字母、数字或下划线", "a level is 1 to 32 lower-case letters, digits or underscores";
        /// A level that the rules do not know.
        UnknownLevel { level, known } => Refused "ORG_UNKNOWN_CREDIT_LEVEL" at "level": "信用等级 {level} 不在规则所列（{known}）之内", "{level} is not among the levels of the rules ({known})";
        /// Told before it has happened.
        InFuture {} => Refused "ORG_FACT_IN_FUTURE" at "": "不得记录尚未发生的事实", "it has not happened yet";
        /// Only enterprises are rated.
        NotEnterprise { name } => Refused "ORG_NOT_AN_ENTERPRISE" at "organisation": "{name} 不是企业，不参加信用评价", "{name} is no enterprise and is not rated";
        /// The usage fee of rights that are paid for already.
        NotFree { right_class } => Refused "ORG_NOT_A_FREE_RIGHT" at "right_class": "{right_class} 不是无偿取得的排污权", "rights of {right_class} were not obtained free", basis "财税〔2015〕61号";
        /// It is not the fact of an unpaid fee of this site, or stands no more.
        NotOwed {} => Refused "ORG_FEE_NOT_OWED" at "settles": "该单位无此欠费记录", "no such fee of this site is owed";
        /// There is a fact of this period, right or fee already.
        ToldAlready {} => Conflict "ORG_FACT_TOLD_ALREADY" at "content": "同一期间、权证或欠费的事实已记录，应予更正", "a fact of this period, right or fee is recorded already: correct that one";
        /// Somebody corrected it before.
        CorrectedAlready {} => Conflict "ORG_FACT_CORRECTED_ALREADY" at "": "该事实已被更正，应更正最新一条", "the fact was corrected already: correct its correction";
        /// A correction of another kind.
        KindDiffers { kind } => Refused "ORG_FACT_KIND_DIFFERS" at "content.kind": "须与原事实同类：{kind}", "must be of the kind of the fact that it corrects: {kind}";
        /// An annulment of what says nothing.
        AnnulledAlready {} => Conflict "ORG_FACT_ANNULLED_ALREADY" at "": "该事实已撤销", "the fact says nothing any more";
    }
}
