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
        /// The buyer's site belongs to somebody else.
        NotYourBuyerSite {} => Denied "TRD_NOT_YOUR_BUYER_SITE" at "buyer_site": "受让单位不属于您的组织", "the buyer's site is not your organisation's";
        /// Nothing that could be previewed.
        NothingToPreview {} => Refused "TRD_NOTHING_TO_PREVIEW" at "": "须指明要约、挂牌，或双方单位、排污权、数量和单价", "name an offer, a listing, or both sites, the right class, quantity and unit price";
        /// What an offer or a listing says itself, beside it.
        PreviewMixed { what } => Refused "TRD_PREVIEW_MIXED" at "": "{what}已载明此项，不得另填", "the {what} says this itself: leave it out";
        /// The listing is not one that is sold from.
        ListingNotOpen { state } => Conflict "TRD_LISTING_NOT_OPEN" at "": "该挂牌为 {state}", "the listing is {state}";
        /// The last day of the listing has passed.
        ListingOver { last_day } => Conflict "TRD_LISTING_OVER" at "": "挂牌期已于 {last_day} 届满", "the last day of the listing was {last_day}", basis "2017年度湖北省第五次主要污染物排污权转让公告：挂牌期";
        /// More than nobody has bought yet.
        ListingShort { left } => Refused "TRD_LISTING_SHORT" at "quantity": "挂牌剩余 {left}", "of the listing {left} is left";
        /// Less than is sold to one buyer.
        BelowMinimum { minimum } => Refused "TRD_BELOW_MINIMUM" at "quantity": "每笔至少 {minimum}，或购买全部余量", "at least {minimum} is sold to one buyer, or all that is left";
        /// The least is more than there is.
        MinimumTooLarge { quantity } => Refused "TRD_MINIMUM_TOO_LARGE" at "minimum": "最低购买量不得超过挂牌量 {quantity}", "the least is more than the {quantity} that are listed";
        /// An offer that is over before it begins.
        OfferInPast {} => Refused "TRD_OFFER_IN_PAST" at "valid_until": "有效期不得早于今日", "the last day of an offer lies before today";
        /// An offer that stands longer than the rules let it.
        OfferTooLong { latest } => Refused "TRD_OFFER_TOO_LONG" at "valid_until": "要约有效期最迟至 {latest}", "an offer stands until {latest} at the latest";
        /// The last day of the offer has passed.
        OfferOver { valid_until } => Conflict "TRD_OFFER_OVER" at "": "要约有效期已于 {valid_until} 届满", "the last day of the offer was {valid_until}";
        /// Nobody could confirm a settlement.
        NoExchange {} => Conflict "STL_NO_EXCHANGE" at "": "尚无交易机构可确认交割", "there is no exchange that could confirm the settlement";
        /// A paid trade leaves the exchange no choice but to wait.
        ConfirmationOwed {} => Refused "STL_CONFIRMATION_OWED" at "outcome": "交割确认不得拒绝；不予交割的，由出让方撤销交易", "a settlement is confirmed or waits: it cannot be refused, the seller may call the trade off";
        /// The trade is laid open to objections.
        PublicityRunning { until } => Conflict "STL_PUBLICITY_RUNNING" at "": "公示至 {until}，期满后方可付款", "the trade is laid open until {until}: it is paid after that";
        /// An objection to the trade waits for its answer.
        ObjectionOpen { count } => Conflict "STL_OBJECTION_OPEN" at "": "有 {count} 项异议尚未答复，不能付款和交割", "{count} objections are not answered: it is neither paid nor settled", basis "环境保护法第五十三条：信息公开和公众参与";
        /// The last day for payment has passed.
        DeadlinePassed { pay_by } => Conflict "STL_DEADLINE_PASSED" at "": "付款期限已于 {pay_by} 届满", "the last day for payment was {pay_by}";
        /// The total is not price times quantity.
        AmountDiffers { product, tolerance } => Refused "STL_AMOUNT_DIFFERS" at "total": "约定总额与单价乘数量 {product} 元之差超过 {tolerance} 元", "the stated total differs from price times quantity, CNY {product}, by more than {tolerance}";
        /// Only the reserve sells by listing.
        ListingByReserve {} => Refused "TRD_LISTING_BY_RESERVE" at "mode": "挂牌方式仅限储备机构", "only the reserve sells by listing";
        /// Price times quantity is less than half a fen.
        NothingToPay {} => Refused "TRD_NOTHING_TO_PAY" at "unit_price": "成交总额不足一分", "price times quantity comes to nothing";
        /// The total cannot be counted.
        TotalOutOfRange {} => Refused "TRD_TOTAL_OUT_OF_RANGE" at "unit_price": "成交总额超出可记账范围", "price times quantity is larger than the books can count";
        /// The offer is no longer open.
        OfferNotOpen { state } => Conflict "TRD_OFFER_NOT_OPEN" at "": "该要约已{state}", "the offer is {state}";
        /// The trade is in another state.
        WrongState { state, needed } => Conflict "TRD_WRONG_STATE" at "": "交易状态为 {state}，须为 {needed}", "the trade is {state}, it would have to be {needed}";
        /// The bureau of this area has approved already.
        AlreadyApproved { area } => Conflict "TRD_ALREADY_APPROVED" at "": "区域 {area} 已审批", "the bureau of area {area} has approved already";
        /// The bureau is in charge of neither party's area.
        NotInCharge { areas } => Denied "TRD_NOT_IN_CHARGE" at "": "须由 {areas} 的生态环境部门审批", "the bureaux of {areas} decide on this trade", basis "国办发〔2014〕38号：按排污许可证核发权限管理";
        /// The trade is settled.
        AlreadySettled {} => Conflict "STL_ALREADY_SETTLED" at "": "该交易已交割", "the trade is settled already";
        /// Its rights are pledged, and its money goes by the order to which the pledgee has consented.
        SettledBySale {} => Conflict "STL_SETTLED_BY_SALE" at "": "该交易的排污权在押，由受让方按质权人同意的转让一次结清", "its rights are pledged: the buyer settles the sale to which the pledgee has consented, in one act", basis "民法典第四百四十五条：经质权人同意转让，价款提前清偿或提存";
        /// More than is left to pay.
        Overpaid { left } => Refused "STL_OVERPAID" at "amount": "剩余应付 {left} 元", "only CNY {left} is left to pay";
        /// The buyer has less free than is to be held.
        MoneyShort { available, wanted } => Refused "STL_MONEY_SHORT" at "": "可用资金为 {available} 元，少于所需的 {wanted} 元", "CNY {available} is available, {wanted} is wanted";
        /// The permit is not that of the side, or the side is done.
        AlreadyVaried { side } => Conflict "TRD_ALREADY_VARIED" at "side": "{side} 的排污许可证已变更", "the permit of the {side} is varied already";
        /// The reserve has no permit.
        NoPermitToVary {} => Refused "TRD_NO_PERMIT_TO_VARY" at "side": "储备机构无排污许可证", "the reserve has no permit to vary";
        /// The site has several permits in force, or none.
        PermitNotNamed {} => Refused "TRD_PERMIT_NOT_NAMED" at "": "该单位无有效许可证或有多个，须通过变更接口指明", "the site has no permit in force or several: name the one that was varied by the operation of its own";
        /// A settled trade leaves no choice.
        VariationOwed {} => Refused "TRD_VARIATION_OWED" at "outcome": "交割后须变更排污许可证，不得拒绝", "after settlement the permit must be varied: it cannot be refused", basis "国办发〔2014〕38号：及时变更排污许可证";
        /// The permit is another site's.
        ForeignPermit {} => Refused "TRD_FOREIGN_PERMIT" at "permit": "该排污许可证不属于交易方", "the permit is not that of the party's site";
    }
}
