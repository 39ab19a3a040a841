//! What the registers of parties refuse.

use crate::refusals;

refusals! {
    /// What the registers of parties refuse.
    PartyRefusal {
        /// The check digit or the form of a unified social credit code is wrong.
        BadCode { code } => Refused "ORG_BAD_CODE" at "code": "统一社会信用代码“{code}”无效", "{code} is not a valid unified social credit code", basis "GB 32100-2015";
        /// The number or code is taken.
        Duplicate { what, number } => Conflict "ORG_DUPLICATE" at "number": "{what} {number} 已登记", "{what} {number} is registered already";
        /// The organisation is not there.
        UnknownOrganisation {} => Refused "ORG_UNKNOWN_ORGANISATION" at "organisation": "组织不存在", "there is no such organisation";
        /// The organisation is suspended.
        SuspendedOrganisation { name } => Refused "ORG_SUSPENDED" at "organisation": "{name} 已被暂停", "{name} is suspended";
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
        OutsideArea { area } => Refused "ORG_OUTSIDE_AREA" at "area": "{area} 不在您的管辖区域内", "{area} lies outside your area", basis "国办发〔2014〕38号:按排污许可证核发权限管理";
        /// Only enterprises and the reserve have sites.
        NoSites { name } => Refused "ORG_NO_SITES" at "organisation": "{name} 不能设立排污单位", "{name} is of a kind that has no sites";
        /// Validity ends before it begins.
        BadValidity {} => Refused "ORG_BAD_VALIDITY" at "valid_to": "有效期止早于有效期起", "the validity ends before it begins";
        /// The consent names an organisation that is no bank or guarantor.
        NotPledgee {} => Refused "ORG_NOT_A_PLEDGEE" at "pledgee": "授权对象须为银行或担保机构", "consent can be given to a bank or a guarantor only";
        /// The consent would end before it begins.
        ConsentInPast {} => Refused "ORG_CONSENT_IN_PAST" at "valid_until": "授权截止日不得早于今日", "the consent would have ended already";
        /// The consent is withdrawn already.
        ConsentWithdrawn {} => Conflict "ORG_CONSENT_WITHDRAWN" at "": "授权已撤回", "the consent is withdrawn already";
    }
}
