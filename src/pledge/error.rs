//! What the pledge register refuses, beside the checks in `eligibility`.

use crate::refusals;

refusals! {
    /// What the pledge register refuses.
    PledgeRefusal {
        /// The pledge has not come so far, or is over.
        WrongState { state, wanted } => Conflict "PLG_WRONG_STATE" at "": "该质押处于 {state} 状态，须为 {wanted}", "the pledge is {state}, this needs it to be {wanted}";
        /// The lien has ended.
        AlreadyReleased { number } => Conflict "PLG_ALREADY_RELEASED" at "": "质押 {number} 已解除", "the pledge {number} is released already", basis "民法典第三百九十三条";
        /// Somebody other than the pledgee.
        NotThePledgee {} => Denied "PLG_NOT_THE_PLEDGEE" at "": "仅质权人可以办理", "only the pledgee may do this", basis "民法典第三百九十三条";
        /// Somebody other than the pledgor.
        NotThePledgor {} => Denied "PLG_NOT_THE_PLEDGOR" at "": "仅出质人可以办理", "only the pledgor may do this", basis "民法典第四百二十七条";
        /// The same stock is named twice.
        RightNamedTwice { right_class } => Refused "PLG_RIGHT_NAMED_TWICE" at "rights": "同一排污单位的 {right_class} 重复列入", "the same site's {right_class} is named twice";
        /// One of several things does not say what rests on it, or what it was assessed at.
        PartMissing {} => Refused "PLG_PART_MISSING" at "": "质押多项财产的,须逐项列明对应担保债权额和评估价值", "where several things are pledged, each says which part of the loan rests on it and what it was assessed at", basis "民法典第四百二十七条";
        /// The parts do not make the whole.
        PartsDiffer { whole, sum } => Refused "PLG_PARTS_DIFFER" at "": "各项合计 {sum} 元,与总额 {whole} 元不符", "the parts add up to CNY {sum}, the whole is CNY {whole}", basis "民法典第四百二十七条";
        /// Nobody says what the rights were assessed at.
        ValueMissing {} => Refused "PLG_VALUE_MISSING" at "": "须填报评估价值,或按市场统计评估", "say what the rights were assessed at, or value them by the market's statistics";
        /// A value is stated that the statistics say.
        ValueStated {} => Refused "PLG_VALUE_STATED" at "": "按市场统计评估的,评估价值由系统计算,不得填报", "by the market's statistics the value is computed, not stated";
        /// The period of the statistics is missing, or named for another method.
        PricePeriod {} => Refused "PLG_PRICE_PERIOD" at "price_period": "统计周期(如 2022-Q4)仅在按市场统计评估时填报,且必须填报", "name the period of the statistics, such as 2022-Q4, by the method market_statistics and by no other";
        /// The market traded nothing of it then.
        NoMarketPrice { pollutant, period } => Refused "PLG_NO_MARKET_PRICE" at "price_period": "{period} 没有 {pollutant} 成交,无统计均价", "no {pollutant} was traded in {period}, so there is no mean price";
        /// At that price the rights are worth less than a fen, or more than the books can count.
        NotWorthCounting {} => Refused "PLG_NOT_WORTH_COUNTING" at "": "按该价格计算的评估价值不在可记账范围", "at that price the value is nothing, or more than the books can count";
        /// A lien that the pledge does not have.
        NoSuchLien {} => Refused "PLG_NO_SUCH_LIEN" at "": "该质押无此项质押财产", "the pledge has no such lien";
        /// A lien is named twice.
        LienNamedTwice {} => Refused "PLG_LIEN_NAMED_TWICE" at "": "同一项质押财产重复列入", "the same lien is named twice";
        /// An enterprise is named twice.
        PartNamedTwice { name } => Refused "PLG_PART_NAMED_TWICE" at "organisation": "{name} 重复列入", "{name} is named twice";
        /// Only enterprises have a part in a facility.
        NotAnEnterprise { name } => Refused "PLG_NOT_AN_ENTERPRISE" at "organisation": "{name} 不是企业", "{name} is no enterprise";
        /// The enterprise has no part in the facility.
        NoPart {} => Denied "PLG_NO_PART" at "": "未列入该授信", "your organisation has no part in this facility";
        /// The part is accepted already.
        PartAccepted {} => Conflict "PLG_PART_ACCEPTED" at "": "该授信分额度已接受", "this part of the facility is accepted already";
        /// More would be given back than was drawn.
        MoreThanDrawn { drawn } => Bug "PLG_MORE_THAN_DRAWN" at "": "归还额超过已提用额 {drawn} 元", "more would be given back than the CNY {drawn} drawn";
    }
}
