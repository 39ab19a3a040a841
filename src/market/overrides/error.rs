//! What is refused of overrides.

use crate::refusals;

refusals! {
    /// What is refused of overrides.
    OverrideRefusal {
        /// The buyer lies within the boundary.
        Needless {} => Refused "TRD_OVERRIDE_NEEDLESS" at "buyer_site": "受让方位于该排污权的区域内，无须特批", "the buyer's site lies in the zone of the rights: there is nothing to lift";
        /// Nobody knows of which zone the buyer's rights would be.
        NoZone {} => Refused "TRD_OVERRIDE_NO_ZONE" at "buyer_site": "受让方未登记所在流域，无法确定其排污权的区域", "the basin of the buyer's site is not registered, so the zone of its rights is not known";
        /// It would be over before it begins.
        InPast {} => Refused "TRD_OVERRIDE_IN_PAST" at "valid_until": "有效期不得早于今日", "the last day of an override lies before today";
        /// Another one of the pair and class is open.
        OpenAlready { valid_until } => Conflict "TRD_OVERRIDE_OPEN_ALREADY" at "": "同一买卖双方同类排污权已有有效期至 {valid_until} 的特批或申请", "an override of these sites and this class until {valid_until} is open already";
        /// It is in another state.
        WrongState { state_zh, needed_zh, state, needed } => Conflict "TRD_OVERRIDE_WRONG_STATE" at "": "该特批{state_zh}，须为{needed_zh}", "the override is {state}, it would have to be {needed}";
        /// Its last day has passed.
        Over { valid_until } => Conflict "TRD_OVERRIDE_OVER" at "": "特批已于 {valid_until} 届满", "the last day of the override was {valid_until}";
        /// Only the province lifts a boundary.
        NotTheProvince { area } => Denied "TRD_NOT_THE_PROVINCE" at "": "跨区域交易特批由 {area} 的省级生态环境部门决定", "the authority of {area} alone decides on overrides";
        /// The bureau is in charge of neither site.
        NotInCharge {} => Denied "TRD_OVERRIDE_NOT_IN_CHARGE" at "seller_site": "须由买方或卖方所在地的生态环境部门申请", "a bureau of the seller's or the buyer's area asks for an override";
        /// Only the bureau that has asked takes its request back.
        NotYourRequest {} => Denied "TRD_OVERRIDE_NOT_YOURS" at "": "仅申请部门可以撤回", "only the bureau that has asked takes its request back";
    }
}
