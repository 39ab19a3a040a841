//! What the market refuses beyond the checks of eligibility.

use crate::refusals;

refusals! {
    /// What the market refuses.
    MarketRefusal {
        /// The seller's site belongs to somebody else.
        NotYourSite {} => Denied "TRD_NOT_YOUR_SITE" at "seller_site": "该排污单位不属于您的组织", "the seller's site is not your organisation's";
        /// Only the named buyer answers.
        NotTheBuyer {} => Denied "TRD_NOT_THE_BUYER" at "": "仅指定受让方可以操作", "only the named buyer may do this";
        /// Only the seller withdraws.
        NotTheSeller {} => Denied "TRD_NOT_THE_SELLER" at "": "仅转让方可以操作", "only the seller may do this";
        /// Only the reserve sells by listing.
        ListingByReserve {} => Refused "TRD_LISTING_BY_RESERVE" at "mode": "挂牌方式仅限储备机构", "only the reserve sells by listing";
        /// Price times quantity is less than half a fen.
        NothingToPay {} => Refused "TRD_NOTHING_TO_PAY" at "unit_price": "成交总额不足一分", "price times quantity comes to nothing";
        /// The total cannot be counted.
        TotalOutOfRange {} => Refused "TRD_TOTAL_OUT_OF_RANGE" at "unit_price": "成交总额超出可记账范围", "price times quantity is larger than the books can count";
        /// The offer is no longer open.
        OfferNotOpen { state } => Conflict "TRD_OFFER_NOT_OPEN" at "": "该要约已{state}", "the offer is {state}";
        /// The trade is in another state.
        WrongState { state, needed } => Conflict "TRD_WRONG_STATE" at "": "交易状态为 {state},须为 {needed}", "the trade is {state}, it would have to be {needed}";
        /// The bureau of this area has approved already.
        AlreadyApproved { area } => Conflict "TRD_ALREADY_APPROVED" at "": "区域 {area} 已审批", "the bureau of area {area} has approved already";
        /// The bureau is in charge of neither party's area.
        NotInCharge { areas } => Denied "TRD_NOT_IN_CHARGE" at "": "须由 {areas} 的生态环境部门审批", "the bureaux of {areas} decide on this trade", basis "国办发〔2014〕38号:按排污许可证核发权限管理";
        /// The trade is settled.
        AlreadySettled {} => Conflict "STL_ALREADY_SETTLED" at "": "该交易已交割", "the trade is settled already";
        /// More than is left to pay.
        Overpaid { left } => Refused "STL_OVERPAID" at "amount": "剩余应付 {left} 元", "only CNY {left} is left to pay";
        /// The buyer has less free than is to be held.
        MoneyShort { available, wanted } => Refused "STL_MONEY_SHORT" at "amount": "可用资金 {available} 元,不足 {wanted} 元", "CNY {available} is available, {wanted} is wanted";
        /// The permit is not that of the side, or the side is done.
        AlreadyVaried { side } => Conflict "TRD_ALREADY_VARIED" at "side": "{side} 的排污许可证已变更", "the permit of the {side} is varied already";
        /// The reserve has no permit.
        NoPermitToVary {} => Refused "TRD_NO_PERMIT_TO_VARY" at "side": "储备机构无排污许可证", "the reserve has no permit to vary";
        /// The site has several permits in force, or none.
        PermitNotNamed {} => Refused "TRD_PERMIT_NOT_NAMED" at "": "该单位无有效许可证或有多个,须通过变更接口指明", "the site has no permit in force or several: name the one that was varied by the operation of its own";
        /// A settled trade leaves no choice.
        VariationOwed {} => Refused "TRD_VARIATION_OWED" at "outcome": "交割后须变更排污许可证,不得拒绝", "after settlement the permit must be varied: it cannot be refused", basis "国办发〔2014〕38号:及时变更排污许可证";
        /// The permit is another site's.
        ForeignPermit {} => Refused "TRD_FOREIGN_PERMIT" at "permit": "该排污许可证不属于交易方", "the permit is not that of the party's site";
    }
}
