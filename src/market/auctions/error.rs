//! What auctions refuse.

use crate::refusals;

refusals! {
    /// What an auction refuses.
    AuctionRefusal {
        /// The windows do not follow each other, or lie in the past.
        BadWindows {} => Refused "AUC_BAD_WINDOWS" at "opens_at": "报名截止不得晚于开始竞价，开始须早于结束，且均须在将来", "registration ends no later than bidding opens, which is before it closes, and all of it lies ahead";
        /// The session sets a rule that the rulebook has.
        RuleIsSet { rule } => Refused "AUC_RULE_IS_SET" at "own_rules": "规则 {rule} 已由规则库确定，专场不得另设", "the rulebook sets {rule}: a session may set only what it leaves open";
        /// Not a rule of auctions, or twice.
        NotAnAuctionRule { rule } => Refused "AUC_NOT_AN_AUCTION_RULE" at "own_rules": "{rule} 不是竞价规则或重复", "{rule} is no rule of auctions, or stands there twice";
        /// A value that nobody can read.
        BadRuleValue { rule, like } => Refused "AUC_BAD_RULE_VALUE" at "own_rules": "规则 {rule} 的值须形如 {like}", "the value of {rule} must be like {like}";
        /// A wait without the timed bidding that it waits for.
        FinalIncomplete {} => Refused "AUC_FINAL_INCOMPLETE" at "own_rules": "设置 final_wait_seconds 须同时设置 final_bidding_seconds", "final_wait_seconds waits for timed bidding: set final_bidding_seconds, too", basis "宁排污出让告字[2025]10号：等待后进入限时竞价";
        /// A rule of the other format.
        FormatMismatch { rule } => Refused "AUC_FORMAT_MISMATCH" at "own_rules": "密封竞价不适用规则 {rule}", "a sealed session has one round and no {rule}";
        /// The session is in another state.
        WrongState { state, needed } => Conflict "AUC_WRONG_STATE" at "": "当前状态为 {state}，须为 {needed}", "it is {state}, it would have to be {needed}";
        /// Nothing is on offer.
        NoLots {} => Refused "AUC_NO_LOTS" at "": "专场没有标的", "nothing is on offer in this session";
        /// A sealed session has fewer than two keys.
        KeysMissing {} => Refused "AUC_KEYS_MISSING" at "": "密封竞价须由两名工作人员各提供一把公钥", "two officials must each contribute a key before a sealed session is announced";
        /// The official, or somebody else, has contributed it already, or there are two.
        KeyGiven {} => Conflict "AUC_KEY_GIVEN" at "public_key": "该人员或该公钥已登记，或已有两把公钥", "this official or this key is there already, or both keys are";
        /// No X25519 public key.
        BadKey {} => Refused "AUC_BAD_KEY" at "public_key": "须为 64 位十六进制 X25519 公钥", "must be an X25519 public key in 64 lower-case hexadecimal digits";
        /// Only sealed sessions have keys, salts and an opening.
        NotSealed {} => Refused "AUC_NOT_SEALED" at "": "仅适用于密封竞价", "only a sealed session has keys, salts and an opening";
        /// A sealed bid without a salt.
        SaltMissing {} => Refused "AUC_SALT_MISSING" at "salt": "密封报价须附 64 位小写十六进制随机数", "a sealed bid needs a salt: 64 random lower-case hexadecimal digits";
        /// A key that is not the private half of one of the session's.
        WrongKey {} => Refused "AUC_WRONG_KEY" at "key": "私钥与专场登记的公钥不符", "the key is not the private half of one that was contributed";
        /// The private half of a key that somebody else has contributed.
        NotYourKey {} => Denied "AUC_NOT_YOUR_KEY" at "key": "私钥须由登记其公钥的人员本人提交", "each official hands in the private half of their own key";
        /// This half is there, and waits for the other.
        KeyHandedIn {} => Conflict "AUC_KEY_HANDED_IN" at "key": "该私钥已提交，尚待另一名工作人员提交另一把", "this half was handed in: the other official hands in the other one";
        /// The seller's site belongs to somebody else.
        NotYourSite {} => Denied "AUC_NOT_YOUR_SITE" at "site": "该排污单位不属于您的组织", "the site is not your organisation's";
        /// A lot or registration of somebody else.
        NotYours {} => Denied "AUC_NOT_YOURS" at "": "仅登记者本人可以操作", "only who has put it there may do this";
        /// A lot of what a lien holds, which that holds no more, or which may not be disposed of now.
        LienGone {} => Refused "AUC_LIEN_GONE" at "quantity": "质押权已不再控制该标的，或尚不可处置", "its lien holds it no more, or it may not be disposed of now", basis "民法典第四百三十六条";
        /// A bank or a guarantor bids for what a lien holds.
        CreditorBids {} => Refused "AUC_CREDITOR_BIDS" at "lot": "质押标的不得归质权人或其他债权人", "what is pledged becomes no bank's or guarantor's", basis "民法典第四百二十八条";
        /// Bounds that no bid can keep.
        BadBounds {} => Refused "AUC_BAD_BOUNDS" at "min_quantity": "单笔下限不得大于上限，上限不得大于标的数量", "the least of a bid is no more than the most, and that no more than the lot";
        /// The least that is still of use is more than is wanted.
        MinimumTooLarge { quantity } => Refused "AUC_MINIMUM_TOO_LARGE" at "minimum": "最低需求量不得超过报名数量 {quantity}", "the least that is of use is more than the {quantity} that are wanted";
        /// The seller bids for its own.
        OwnLot {} => Refused "AUC_OWN_LOT" at "lot": "不得竞买本单位的标的", "nobody bids for what they sell";
        /// Registration is over, or has not begun.
        RegistrationOver { until } => Refused "AUC_REGISTRATION_OVER" at "lot": "报名时间为公告后至 {until}", "bidders register from the announcement until {until}";
        /// The organisation has registered for this lot.
        AlreadyRegistered {} => Refused "AUC_ALREADY_REGISTERED" at "lot": "已报名该标的", "your organisation is registered for this lot";
        /// More than a bid may be for.
        OverLotQuantity { most } => Refused "AUC_OVER_LOT_QUANTITY" at "quantity": "数量不得超过 {most}", "no more than {most} may be bid for";
        /// Less than a bid may be for.
        UnderLotQuantity { least } => Refused "AUC_UNDER_LOT_QUANTITY" at "quantity": "数量不得少于 {least}", "no less than {least} may be bid for";
        /// Bidding has not begun.
        BeforeOpening { opens } => Refused "AUC_BEFORE_OPENING" at "": "竞价自 {opens} 开始", "bidding opens at {opens}";
        /// The wait before the timed bidding.
        Waiting { until } => Refused "AUC_WAITING" at "": "等待阶段，限时竞价自 {until} 开始", "it waits: timed bidding begins at {until}", basis "宁排污出让告字[2025]10号：4 分钟等待后限时竞价";
        /// Bidding for the lot is over.
        Late { ended } => Refused "AUC_LATE" at "": "该标的竞价已于 {ended} 结束", "bidding for this lot ended at {ended}";
        /// The session or the lot has come to its end in another way.
        Closed { state } => Conflict "AUC_CLOSED" at "": "专场或标的已 {state}", "the session or the lot is {state}";
        /// Below the base price.
        BelowBase { base } => Refused "AUC_BELOW_BASE" at "price": "报价不得低于基价 {base} 元", "the base price is CNY {base}", basis "湖北省主要污染物排污权交易办法实施细则：竞价基价";
        /// Between two steps.
        OffStep { step, base } => Refused "AUC_OFF_STEP" at "price": "报价须为基价 {base} 元加 {step} 元的整数倍", "bids are CNY {base} and whole steps of {step} more";
        /// Not better than the bidder's own.
        NotBetter {} => Refused "AUC_NOT_BETTER" at "price": "新报价须优于本单位原报价", "a new bid must be better than your own former one: no lower in price or quantity, and higher in one";
        /// The bidder has used up its bids.
        TooManyBids { most } => Refused "AUC_TOO_MANY_BIDS" at "": "每位竞买人限报 {most} 次", "each bidder has {most} bids", basis "义乌市2020年第一期政府储备排污权出让电子竞价公告：每位限报 10 次";
        /// There is no deposit for this.
        NoDeposit { covered } => Refused "AUC_NO_DEPOSIT" at "quantity": "保证金仅覆盖 {covered}", "your deposit is for {covered}", basis "2017年度湖北省第五次主要污染物排污权转让公告：保证金";
        /// The exchange has not let the bidder in.
        Unqualified {} => Refused "AUC_UNQUALIFIED" at "lot": "未取得该标的的竞买资格", "your organisation is not qualified to bid for this lot";
        /// The bidder has bid and cannot go any more.
        HasBid {} => Conflict "AUC_HAS_BID" at "": "已报价，不得撤回报名", "whoever has bid stays registered";
        /// Price times quantity is less than half a fen, or cannot be counted.
        TotalOutOfRange {} => Refused "AUC_TOTAL_OUT_OF_RANGE" at "price": "报价总额不足一分或超出可记账范围", "price times quantity comes to nothing, or to more than the books can count";
    }
}
