//! What is refused in the later life of rights, beside what [`crate::quota::QuotaRefusal`] refuses of grants.

use crate::refusals;

refusals! {
    /// What is refused in the later life of rights.
    TenureRefusal {
        /// The act has not come so far, or is over.
        WrongState { state, needed } => Conflict "QTA_ACT_WRONG_STATE" at "": "该事项处于 {state} 状态，须为 {needed}", "it is {state}, it would have to be {needed}";
        /// Liens hold what is wanted.
        LiensInTheWay { liens, available, wanted } => Refused "QTA_LIENS_IN_THE_WAY" at "quantity": "可用量为 {available}，少于所需的 {wanted}；其余已质押（{liens}），须先由质权人解除", "{available} is available, {wanted} is wanted; the rest is pledged ({liens}) and its pledgee must release it first", basis "民法典第三百九十条、第四百四十五条";
        /// The pledgee was told, and its term still runs.
        NoticeRunning { lien, until } => Conflict "QTA_NOTICE_RUNNING" at "": "质押 {lien} 的质权人已获通知，通知期至 {until}", "the pledgee of {lien} was told; the rights stay with it until {until}", basis "民法典第三百九十条";
        /// More than the site has free.
        NotEnough { available, wanted } => Refused "QTA_NOT_ENOUGH_AVAILABLE" at "quantity": "可用量为 {available}，少于所需的 {wanted}", "{available} is available, {wanted} is wanted";
        /// The rights end, so nothing can be done with them.
        ClassOver { to } => Refused "QTA_CLASS_OVER" at "right_class": "该排污权有效期已于 {to} 届满", "the validity of these rights was over on {to}", basis "财税〔2015〕61号第十二条";
        /// Only free rights are taken back.
        NotFree {} => Refused "QTA_NOT_FREE_ORIGIN" at "right_class": "仅无偿取得的排污权可以无偿收回，有偿取得的应回购", "only rights obtained free are taken back; paid ones are bought back", basis "湖北省排污权储备和出让管理办法（试行）";
        /// Only paid rights are bought back.
        NotPaid {} => Refused "QTA_NOT_PAID_ORIGIN" at "right_class": "仅有偿取得的排污权可以回购，无偿取得的应收回", "only paid rights are bought back; those obtained free are taken back", basis "湖北省排污权储备和出让管理办法（试行）";
        /// What is named as the reserve's site is not one.
        NotAReserve { site } => Refused "QTA_NOT_A_RESERVE" at "reserve_site": "{site} 不是储备机构的账户", "{site} is no site of a reserve", basis "湖北省排污权储备和出让管理办法（试行）";
        /// The reserve has the rights already.
        OfReserve { site } => Refused "QTA_OF_RESERVE" at "site": "{site} 的排污权已属政府储备", "the rights of {site} are the reserve's already";
        /// The site belongs to somebody else.
        NotYourSite {} => Denied "QTA_NOT_YOUR_SITE" at "site": "该排污单位不属于您的组织", "the site is not your organisation's";
        /// Only a bureau may do this.
        ByBureauOnly {} => Denied "QTA_BY_BUREAU_ONLY" at "": "仅生态环境部门可以提出", "only a bureau may propose this", basis "排污许可管理条例第十六条";
        /// Somebody else proposed it.
        NotYourAct {} => Refused "QTA_NOT_YOUR_ACT" at "": "只能撤回本人提出的事项", "only who proposed it may take it back";
        /// The treasury has less than the price.
        TreasuryShort { available, wanted } => Refused "QTA_TREASURY_SHORT" at "total": "国库账户余额为 {available} 元，少于所需的 {wanted} 元", "the treasury holds CNY {available}, {wanted} is wanted", basis "财税〔2015〕61号：排污权出让收入管理";
        /// A renewal is asked for too late.
        RenewalLate { by } => Refused "QTA_RENEWAL_LATE" at "right_class": "延续应于 {by} 前提出，逾期由生态环境部门重新核定", "a renewal is to be asked for by {by}; after that the bureau re-verifies of its own accord", basis "排污许可管理条例第十四条";
        /// Only multi-year rights are renewed.
        NotRenewable {} => Refused "QTA_NOT_RENEWABLE" at "right_class": "年度富余排放量不予延续", "an annual surplus is not renewed";
        /// The new validity does not follow the old one.
        RenewalGap { to } => Refused "QTA_RENEWAL_GAP" at "valid_from": "新有效期须与原有效期（至 {to}）衔接且更长", "the new validity must begin no later than the day after {to} and end after it", basis "财税〔2015〕61号第十二条";
        /// More is confirmed than is renewed.
        ConfirmedTooMuch { quantity } => Refused "QTA_CONFIRMED_TOO_MUCH" at "confirmed": "重新核定量不得超过 {quantity}", "no more than {quantity} can be confirmed";
        /// A field that this kind of operation does not have.
        NotForKind { kind } => Refused "QTA_NOT_FOR_KIND" at "": "{kind} 不含此项", "a {kind} has no such field";
        /// A field that this kind of operation needs.
        MissingForKind { kind } => Refused "QTA_MISSING_FOR_KIND" at "": "{kind} 须填写此项", "a {kind} needs it";
        /// Paid rights are confirmed in full.
        PaidUnaltered {} => Refused "QTA_PAID_UNALTERED" at "confirmed": "有偿取得的排污权期满延续时原则上不予调整", "paid rights are not altered when they are renewed", basis "参照外省排污权储备管理规定：有偿取得的期满原则上不予变更";
    }
}
