//! What the rulebook refuses.

use crate::refusals;

refusals! {
    /// What the rulebook refuses.
    RulebookRefusal {
        /// No version applies on that day.
        NoneInForce { day } => Conflict "QTA_NO_RULEBOOK" at "": "{day} 无有效的规则版本", "no rulebook is in force on {day}";
        /// Whoever asks is not in charge of the whole jurisdiction.
        OutsideJurisdiction { area } => Denied "RUL_OUTSIDE_JURISDICTION" at "": "规则由 {area} 主管部门修订", "only the authority of {area} changes its rules", basis "立法法第九十三条：规章的制定权限";
        /// A rule that nothing is judged by.
        UnknownRule { name } => Refused "RUL_UNKNOWN" at "name": "没有名为 {name} 的规则", "there is no rule {name}";
        /// A rule named twice.
        NamedTwice { name } => Refused "RUL_NAMED_TWICE" at "name": "规则 {name} 重复", "the rule {name} is named twice";
        /// A value that cannot be read.
        BadValue { name, form } => Refused "RUL_BAD_VALUE" at "value": "规则 {name} 的值须形如 {form}", "the value of {name} must look like {form}";
        /// A rule of an area that nobody has registered.
        NoSuchArea { code } => Refused "RUL_UNKNOWN_AREA" at "name": "没有代码为 {code} 的区域，该规则无从适用", "there is no area {code}, so the rule could never act";
        /// A rule of a pollutant that nobody has registered.
        NoSuchPollutant { code } => Refused "RUL_UNKNOWN_POLLUTANT" at "name": "没有代码为 {code} 的污染物，该规则无从适用", "there is no pollutant {code}, so the rule could never act";
        /// A value that rests on nothing.
        BasisMissing { name } => Refused "RUL_BASIS_MISSING" at "legal_basis": "规则 {name} 的值须载明法律依据", "a value of {name} names the rule or practice that it rests on";
        /// A version that would judge the past.
        Retroactive { today } => Refused "RUL_RETROACTIVE" at "effective_from": "规则不得溯及既往：生效日期不得早于 {today}", "rules do not reach back: they take effect on {today} or later", basis "立法法第一百零四条：不溯及既往";
    }
}
