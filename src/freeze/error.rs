//! What the register of freezes refuses.

use crate::refusals;

refusals! {
    /// What the register of freezes refuses.
    FreezeRefusal {
        /// More than the site has, whatever holds it.
        OverHolding { held, wanted } => Refused "FRZ_OVER_HOLDING" at "quantity": "该单位共持有 {held}，不足 {wanted}", "the site holds {held} in all, {wanted} is ordered", basis "法释〔2004〕15号第十九条：以足以清偿为限";
        /// The same document freezes the same rights already.
        AlreadyRecorded { document } => Conflict "FRZ_ALREADY_RECORDED" at "document": "文书 {document} 对该排污权的冻结已登记", "the document {document} freezes these rights already";
        /// It was recorded by another document.
        UnknownDocument { document } => Refused "FRZ_UNKNOWN_DOCUMENT" at "freezing_document": "该冻结不是依据文书 {document} 登记的", "the freeze was not recorded by the document {document}";
        /// The freeze has ended.
        AlreadyLifted { document } => Conflict "FRZ_ALREADY_LIFTED" at "": "文书 {document} 的冻结已解除", "the freeze by the document {document} is lifted already";
        /// What it held was sold.
        AlreadyExecuted { document } => Conflict "FRZ_ALREADY_EXECUTED" at "": "文书 {document} 的冻结已执行完毕", "the freeze by the document {document} is executed already";
        /// It does not hold yet what is to be sold.
        NotInForce {} => Conflict "FRZ_NOT_IN_FORCE" at "": "该冻结尚在轮候，未足额冻结", "the freeze waits in line and does not hold all that was ordered", basis "法释〔2004〕15号第二十六条";
        /// More than it holds is to be sold.
        MoreThanHeld {} => Refused "FRZ_MORE_THAN_HELD" at "quantity": "超过该冻结已实际冻结的数量", "more than the freeze holds", basis "法释〔2004〕15号第二十六条：轮候冻结自在先查封解除后生效";
        /// As much as is ordered, or more.
        MoreThanOrdered {} => Refused "FRZ_MORE_THAN_ORDERED" at "quantity": "部分解除的数量须少于冻结数量，全部解除的不填数量", "a part is less than what is ordered: leave the quantity out to lift the whole";
        /// Its last day lies before today.
        TermOver {} => Refused "FRZ_TERM_OVER" at "until": "冻结期限不得早于今日", "the last day of the freeze lies before today";
        /// The books cannot carry it, whatever a court orders.
        NoHeadroom {} => Refused "FRZ_NO_HEADROOM" at "buyer_site": "受让方所在区域未核定总量或剩余容量不足，须先调整总量", "the buyer's area has no cap, or no headroom for it: the cap must be changed first", basis "环境保护法第四十四条：总量控制";
    }
}
