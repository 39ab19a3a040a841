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
