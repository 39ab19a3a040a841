//! What the registers of parties refuse.

use crate::refusals;

refusals! {
    /// What the registers of parties refuse.
    PartyRefusal {
        /// The check digit or the form of a unified social credit code is wrong.
        BadCode { code } => Refused "ORG_BAD_CODE" at "code": "统一社会信用代码“{code}”无效", "{code} is not a valid unified social credit code", basis "GB 32100-2015";
        /// The number or code is taken.
        Duplicate { what, number } => Conflict "ORG_DUPLICATE" at "number": "{what} {number} 已登记", "{what} {number} is registered already";
        /// A request names the same thing twice.
        NamedTwice { name } => Refused "ORG_NAMED_TWICE" at "": "“{name}”重复出现", "{name} is named twice";
        /// A code with other letters than the books can join and compare.
        BadPlainCode { longest } => Refused "ORG_BAD_PLAIN_CODE" at "": "代码须为 1 至 {longest} 位大写字母或数字", "must be 1 to {longest} capital letters and digits";
        /// Areas below areas without end.
        AreaTooDeep { levels } => Refused "ORG_AREA_TOO_DEEP" at "parent": "区域层级不得超过 {levels} 级", "areas may lie at most {levels} levels deep";
        /// A unit that is no power of ten of the gram, or more decimals than it has zeros.
        BadMeasure { largest } => Refused "QTA_BAD_MEASURE" at "grams_per_unit": "计量单位须为克的十的幂（不超过 {largest}），小数位数不得超过其零的个数", "the unit must be a power of ten of the gram, at most {largest}, with no more decimals than it has zeros";
        /// The organisation is not there.
        UnknownOrganisation {} => Refused "ORG_UNKNOWN_ORGANISATION" at "organisation": "组织不存在", "there is no such organisation";
        /// The organisation is suspended.
        SuspendedOrganisation { name } => Refused "ORG_SUSPENDED" at "organisation": "{name} 已被暂停", "{name} is suspended";
        /// A verification of what does not wait for one.
        NotApplied {} => Conflict "ORG_NOT_APPLIED" at "": "该组织不在待审核状态", "the organisation does not wait for its verification";
        /// A suspension of what does not take part.
        NotVerified {} => Conflict "ORG_NOT_VERIFIED" at "": "该组织不在正常状态", "the organisation is not verified";
        /// A reinstatement of what is not suspended.
        NotSuspended {} => Conflict "ORG_NOT_SUSPENDED" at "": "该组织未被暂停", "the organisation is not suspended";
        /// An application by a kind that the operator founds.
        NoApplication { kind } => Refused "ORG_NO_APPLICATION" at "kind": "{kind} 类组织由平台运营机构设立，不得自行申请", "an organisation of kind {kind} is founded by the operator and cannot apply";
        /// The site is not there.
        UnknownSite {} => Refused "ORG_UNKNOWN_SITE" at "site": "排污单位不存在", "there is no such site";
        /// The permit is not there.
        UnknownPermit {} => Refused "ORG_UNKNOWN_PERMIT" at "permit": "排污许可证不存在", "there is no such permit";
        /// The area is not there.
        UnknownArea { code } => Refused "ORG_UNKNOWN_AREA" at "area": "区域 {code} 不存在", "there is no area {code}";
        /// The basin is not there.
        UnknownBasin { code } => Refused "ORG_UNKNOWN_BASIN" at "basin": "流域 {code} 不存在", "there is no basin {code}";
        /// The pollutant is not there.
        UnknownPollutant { code } => Refused "QTA_UNKNOWN_POLLUTANT" at "pollutant": "污染物 {code} 不存在", "there is no pollutant {code}";
        /// The right class is not there.
        UnknownRightClass { code } => Refused "QTA_UNKNOWN_RIGHT_CLASS" at "right_class": "排污权类别 {code} 不存在", "there is no right class {code}";
        /// The thing lies outside the bureau's area.
        OutsideArea { area } => Refused "ORG_OUTSIDE_AREA" at "area": "{area} 不在您的管辖区域内", "{area} lies outside your area", basis "国办发〔2014〕38号：按排污许可证核发权限管理";
        /// Only enterprises and the reserve have sites.
        NoSites { name } => Refused "ORG_NO_SITES" at "organisation": "{name} 不能设立排污单位", "{name} is of a kind that has no sites";
        /// Not a replacement ratio of 1:1 or more.
        BadRatio {} => Refused "ORG_BAD_RATIO" at "replacement_ratio": "替代比例须不低于 1:1，例如 \"1.2:1\"（购入量：可排放量）", "must be a ratio of 1:1 or more such as \"1.2:1\": what is bought to what may be discharged", basis "环发〔2014〕197号：等量或减量替代";
        /// Validity ends before it begins.
        BadValidity {} => Refused "ORG_BAD_VALIDITY" at "valid_to": "有效期止早于有效期起", "the validity ends before it begins";
        /// A document of a day to come.
        VerifiedInFuture {} => Refused "ORG_VERIFIED_IN_FUTURE" at "verified_on": "核定文件的日期不得晚于今日", "the document bears a day that is still to come";
        /// A permit that is valid for longer than the law lets one be.
        PermitTooLong { years } => Refused "ORG_PERMIT_TOO_LONG" at "valid_to": "排污许可证有效期为 {years} 年", "a permit is valid for {years} years", basis "排污许可管理条例第十四条";
        /// More than the site may discharge.
        ReductionOverCeiling { pollutant, ceiling } => Refused "QTA_REDUCTION_OVER_CEILING" at "quantity": "减排登记量不得超过该排污单位 {pollutant} 现有排污权与现行许可排放量中的较大者 {ceiling}", "no more {pollutant} can be reduced than the site may discharge: {ceiling}, the greater of its rights and its permits in force", basis "湖北省主要污染物排污权交易办法：实际年排放量低于许可量的可申请减排登记";
        /// The consent names an organisation that is no bank or guarantor.
        NotPledgee {} => Refused "ORG_NOT_A_PLEDGEE" at "pledgee": "授权对象须为银行或担保机构", "consent can be given to a bank or a guarantor only";
        /// The consent would end before it begins.
        ConsentInPast {} => Refused "ORG_CONSENT_IN_PAST" at "valid_until": "授权截止日不得早于今日", "the consent would have ended already";
        /// The consent is withdrawn already.
        ConsentWithdrawn {} => Conflict "ORG_CONSENT_WITHDRAWN" at "": "授权已撤回", "the consent is withdrawn already";
    }
}
