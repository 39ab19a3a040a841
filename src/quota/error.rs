//! What quota refuses.

use crate::refusals;

refusals! {
    /// What quota refuses.
    QuotaRefusal {
        /// No cap is recorded for the area and pollutant.
        NoCap { area, pollutant } => Refused "QTA_NO_CAP" at "site": "区域 {area} 未核定 {pollutant} 总量", "no cap is recorded for {pollutant} in area {area}", basis "环境保护法第四十四条:总量控制";
        /// The area cannot take more.
        OverHeadroom { headroom, wanted } => Refused "QTA_OVER_HEADROOM" at "quantity": "区域剩余容量 {headroom},不足 {wanted}", "the area has headroom for {headroom}, {wanted} is wanted", basis "环境保护法第四十四条:总量控制";
        /// The site has no permit in force.
        PermitNotInForce { site } => Refused "QTA_PERMIT_NOT_IN_FORCE" at "site": "{site} 无有效排污许可证", "{site} has no permit in force", basis "国办发〔2014〕38号:排污权以排污许可证形式确认";
        /// The right would be over before it begins, or is already.
        OutsideValidity { to } => Refused "QTA_OUTSIDE_VALIDITY" at "valid_to": "有效期已于 {to} 届满", "the validity is over since {to}";
        /// The right would be valid for longer than the rules allow.
        ValidityTooLong { years } => Refused "QTA_VALIDITY_TOO_LONG" at "valid_to": "有效期不得超过 {years} 年", "rights are valid for {years} years at most", basis "财税〔2015〕61号第十二条";
        /// The zone is not that of the site.
        ZoneMismatch { zone } => Refused "QTA_ZONE_MISMATCH" at "zone": "该排污单位的流域或城市为 {zone}", "the zone of this site is {zone}";
        /// The site has no zone for this pollutant, or the reserve's holding names none.
        ZoneMissing {} => Refused "QTA_ZONE_MISSING" at "zone": "须指明流域或城市", "name the basin or the city";
        /// The organisation is suspended.
        Suspended { name } => Refused "QTA_SUSPENDED" at "site": "{name} 已被暂停", "{name} is suspended";
        /// The allocation was decided already.
        AlreadyDecided { state } => Conflict "QTA_ALREADY_DECIDED" at "": "该核定已处理({state})", "the allocation is {state} already";
        /// A cap that begins later than today.
        FutureCap {} => Refused "QTA_FUTURE_CAP" at "valid_from": "总量核定自未来日期生效的尚不支持", "a cap cannot begin later than today";
    }
}
