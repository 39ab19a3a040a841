//! What is refused of suspensions of areas.

use crate::refusals;

refusals! {
    /// What is refused of suspensions of areas.
    SuspensionRefusal {
        /// Whoever asks is not in charge of the whole jurisdiction.
        NotTheProvince { area } => Denied "QTA_NOT_THE_PROVINCE" at "": "区域限批由 {area} 省级主管部门决定", "only the authority of {area} suspends an area and lifts the suspension", basis "环境保护法第四十四条：省级以上人民政府环境保护主管部门";
        /// Neither a pollutant nor a medium, or both.
        OneReach {} => Refused "QTA_ONE_REACH" at "pollutant": "须指明污染物（pollutant）或介质（medium）之一", "name either a pollutant or a medium";
        /// It would begin or end before today.
        Retroactive { today } => Refused "QTA_SUSPENSION_RETROACTIVE" at "valid_from": "限批及其解除不得溯及既往：日期不得早于 {today}", "a suspension does not reach back, and neither does its end: the day is {today} or later", basis "立法法第一百零四条：不溯及既往";
        /// The area is suspended for it already.
        SuspendedAlready { document } => Conflict "QTA_SUSPENDED_ALREADY" at "area": "该区域已限批（{document}）", "the area is suspended for it already, by {document}";
        /// The suspension was lifted already.
        AlreadyLifted {} => Conflict "QTA_SUSPENSION_LIFTED" at "": "该限批已解除", "the suspension is lifted already";
        /// It would end before it begins.
        LiftedTooEarly { from } => Refused "QTA_LIFTED_TOO_EARLY" at "valid_from": "解除日期不得早于限批日期 {from}", "it is suspended from {from} on and cannot be lifted earlier";
    }
}
