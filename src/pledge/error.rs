//! What the pledge register refuses, beside the checks in `eligibility`.

use crate::refusals;

refusals! {
    /// What the pledge register refuses.
    PledgeRefusal {
        /// The pledge has not come so far, or is over.
        WrongState { state, wanted } => Conflict "PLG_WRONG_STATE" at "": "该质押处于 {state} 状态，须为 {wanted}", "the pledge is {state}, this needs it to be {wanted}";
        /// The lien has ended.
        AlreadyReleased { number } => Conflict "PLG_ALREADY_RELEASED" at "": "质押 {number} 已解除", "the pledge {number} is released already", basis "民法典第三百九十三条";
        /// Somebody other than the pledgee.
        NotThePledgee {} => Denied "PLG_NOT_THE_PLEDGEE" at "": "仅质权人可以办理", "only the pledgee may do this", basis "民法典第三百九十三条";
        /// Somebody other than the pledgor.
        NotThePledgor {} => Denied "PLG_NOT_THE_PLEDGOR" at "": "仅出质人可以办理", "only the pledgor may do this", basis "民法典第四百二十七条";
        /// A pledgor is named twice among several, or as the borrower and as another.
        PledgorNamedTwice {} => Refused "PLG_PLEDGOR_NAMED_TWICE" at "": "同一出质人重复列入", "the same pledgor is named twice";
        /// A further pledgor of whom no right is named.
        PledgorGivesNothing {} => Refused "PLG_PLEDGOR_GIVES_NOTHING" at "": "该出质人未提供任何排污权", "no right of this pledgor is named", basis "民法典第四百二十七条";
        /// A registration before all pledgors have agreed.
        PledgorWaiting { count } => Conflict "PLG_PLEDGOR_WAITING" at "": "尚有 {count} 名出质人未同意", "{count} of the pledgors have not agreed yet", basis "民法典第三百九十一条、第四百二十七条";
        /// A second yes of the same pledgor.
        AgreedAlready {} => Conflict "PLG_AGREED_ALREADY" at "": "贵单位已经同意", "your organisation has agreed already";
        /// The same stock is named twice.
        RightNamedTwice { right_class } => Refused "PLG_RIGHT_NAMED_TWICE" at "rights": "同一排污单位的 {right_class} 重复列入", "the same site's {right_class} is named twice";
        /// One of several things does not say what rests on it, or what it was assessed at.
        PartMissing {} => Refused "PLG_PART_MISSING" at "": "质押多项财产的，须逐项列明对应担保债权额和评估价值", "where several things are pledged, each says which part of the loan rests on it and what it was assessed at", basis "民法典第四百二十七条";
        /// The parts do not make the whole.
        PartsDiffer { whole, sum } => Refused "PLG_PARTS_DIFFER" at "": "各项合计 {sum} 元，与总额 {whole} 元不符", "the parts add up to CNY {sum}, the whole is CNY {whole}", basis "民法典第四百二十七条";
        /// Nobody says what the rights were assessed at.
        ValueMissing {} => Refused "PLG_VALUE_MISSING" at "": "须填报评估价值，或按市场统计评估", "say what the rights were assessed at, or value them by the market's statistics";
        /// A value is stated that the statistics say.
        ValueStated {} => Refused "PLG_VALUE_STATED" at "": "按市场统计评估的，评估价值由系统计算，不得填报", "by the market's statistics the value is computed, not stated";
        /// The period of the statistics is missing, or named for another method.
        PricePeriod {} => Refused "PLG_PRICE_PERIOD" at "price_period": "统计周期（如 2022-Q4）仅在按市场统计评估时填报，且必须填报", "name the period of the statistics, such as 2022-Q4, by the method market_statistics and by no other";
        /// The market traded nothing of it then.
        NoMarketPrice { pollutant, period } => Refused "PLG_NO_MARKET_PRICE" at "price_period": "{period} 没有 {pollutant} 成交，无统计均价", "no {pollutant} was traded in {period}, so there is no mean price";
        /// At that price the rights are worth less than a fen, or more than the books can count.
        NotWorthCounting {} => Refused "PLG_NOT_WORTH_COUNTING" at "": "按该价格计算的评估价值不在可记账范围", "at that price the value is nothing, or more than the books can count";
        /// A lien that the pledge does not have.
        NoSuchLien {} => Refused "PLG_NO_SUCH_LIEN" at "": "该质押无此项质押财产", "the pledge has no such lien";
        /// A lien is named twice.
        LienNamedTwice {} => Refused "PLG_LIEN_NAMED_TWICE" at "": "同一项质押财产重复列入", "the same lien is named twice";
        /// A change waits for the pledgor already.
        AmendmentOpen {} => Conflict "PLG_AMENDMENT_OPEN" at "": "该质押已有待出质人确认的变更", "a change of this pledge waits for the pledgor already";
        /// No change waits.
        NoOpenAmendment {} => Conflict "PLG_NO_OPEN_AMENDMENT" at "": "该质押没有待确认的变更", "no change of this pledge waits";
        /// A change that changes nothing.
        NothingAmended {} => Refused "PLG_NOTHING_AMENDED" at "": "变更内容与现行条款相同", "the change leaves everything as it is";
        /// A stock that comes in is pledged by this pledge already.
        StockPledgedAlready {} => Refused "PLG_STOCK_PLEDGED_ALREADY" at "rights": "该项排污权已在本质押中，请按追加数量办理", "this stock is pledged by this pledge already: add to its lien";
        /// A thing that comes in is to wait for others.
        JuniorComesLater {} => Refused "PLG_JUNIOR_COMES_LATER" at "": "变更追加的财产不得列为后顺位：其顺位自本质押登记时起算", "what comes in by a change waits for nobody: its rank would be that of the pledge, which is older";
        /// More than a lien holds.
        MoreThanHeld {} => Refused "PLG_MORE_THAN_HELD" at "quantity": "超过该项质押财产的在押数量或对应担保债权额", "more than the lien holds, or than rests on it", basis "民法典第三百九十三条";
        /// A partial release of everything.
        WholeReleased {} => Refused "PLG_WHOLE_RELEASED" at "": "全部解除须办理质押解除", "the last gram goes back by the release";
        /// A partial release that asks for more.
        MoreAsked {} => Refused "PLG_MORE_ASKED" at "": "部分解除不得增加债权或担保额", "a partial release neither lends nor secures more";
        /// A payout that was reported before.
        PayoutReported { reference } => Conflict "PLG_PAYOUT_REPORTED" at "reference": "放款 {reference} 已报送", "the payout {reference} is reported already";
        /// More is paid out than is lent.
        PayoutOverPrincipal { left } => Refused "PLG_PAYOUT_OVER_PRINCIPAL" at "amount": "主债权尚可放款 {left} 元", "CNY {left} of the principal is left to be paid out";
        /// The same document has released a part of the pledge already.
        CourtDocumentRecorded { document } => Conflict "PLG_COURT_DOCUMENT_RECORDED" at "document": "文书 {document} 对该质押的解除已登记", "the release of this pledge by the document {document} is recorded already";
        /// The court's document is of a day that has not come.
        CourtDocumentDay {} => Refused "PLG_COURT_DOCUMENT_DAY" at "dated_on": "法院文书的日期不得晚于今日", "the court's document is dated after today";
        /// A payout after the claims of a maximum-amount pledge were determined.
        ClaimDetermined { until } => Refused "PLG_CLAIM_DETERMINED" at "paid_on": "最高额质押的债权已于 {until} 确定，此后发放的款项不受该质押担保", "the claims of this maximum-amount pledge were determined on {until}: what is paid out later is not secured", basis "民法典第四百二十条、第四百二十三条、第四百三十九条";
        /// A payout of a day that has not come.
        PayoutDay {} => Refused "PLG_PAYOUT_DAY" at "": "放款日不得晚于今日", "the day of the payout has not come yet";
        /// Somebody else has changed the pledge between the look and the lock; the work is run again.
        ChangedMeanwhile {} => Busy "PLG_CHANGED_MEANWHILE" at "": "该质押刚被他人变更，请重试", "somebody has just changed this pledge, try again";
        /// Disposal before the default is declared.
        DisposalBeforeDefault {} => Conflict "PLG_DISPOSAL_BEFORE_DEFAULT" at "": "未宣布违约，不得处置质押财产", "nothing is disposed of before the default is declared", basis "民法典第四百三十六条";
        /// The term to cure the default is not over.
        CureRunning { until } => Conflict "PLG_CURE_RUNNING" at "": "违约补救期至 {until}，期满前不得处置", "the default may be cured until {until}: nothing is disposed of before that is over", basis "民法典第四百三十六条";
        /// What a pledge holds does not become the pledgee's.
        DisposalToPledgee {} => Refused "PLG_DISPOSAL_TO_PLEDGEE" at "": "质押财产不得归质权人或其他金融机构所有", "what is pledged becomes neither the pledgee's nor another bank's", basis "民法典第四百二十八条：流质条款";
        /// The reserve buys back, and nobody else does.
        NotTheReserve {} => Refused "PLG_NOT_THE_RESERVE" at "": "政府回购的受让方须为储备机构，其他方式的受让方不得为储备机构", "a buy-back is by the reserve, and by no other way does it buy";
        /// Money is paid out by a settlement bank.
        NotASettlementBank {} => Refused "PLG_NOT_A_SETTLEMENT_BANK" at "": "须指定在用的结算银行", "name an active settlement bank";
        /// A disposal waits already.
        DisposalOpen {} => Conflict "PLG_DISPOSAL_OPEN" at "": "该质押有未完成的处置", "a disposal waits already";
        /// The disposal has not come so far, or is over.
        DisposalState { state, wanted } => Conflict "PLG_DISPOSAL_STATE" at "": "该处置处于 {state} 状态，须为 {wanted}", "the disposal is {state}, this needs it to be {wanted}";
        /// A disposal at auction or by buy-back waits for no agreement.
        NoAgreementNeeded {} => Conflict "PLG_NO_AGREEMENT_NEEDED" at "": "拍卖和回购无须出质人同意", "a disposal at auction or by buy-back takes no agreement";
        /// Somebody other than the buyer.
        NotTheBuyer {} => Denied "PLG_NOT_THE_BUYER" at "": "仅受让方可以办理", "only the buyer may do this";
        /// Everything that the pledge held was disposed of.
        EnforcedAlready { number } => Conflict "PLG_ENFORCED_ALREADY" at "": "质押 {number} 已处置完毕", "everything that the pledge {number} held was disposed of", basis "民法典第三百九十三条";
        /// A sale waits for the pledgee's consent already.
        SaleOpen {} => Conflict "PLG_SALE_OPEN" at "": "该项质押财产已有待质权人同意的转让", "a sale of what this lien holds waits for the pledgee's consent already";
        /// The sale has not come so far, or is over.
        SaleState { state, wanted } => Conflict "PLG_SALE_STATE" at "": "该转让处于 {state} 状态，须为 {wanted}", "the sale is {state}, this needs it to be {wanted}";
        /// More goes to the claim than is paid.
        MoreThanPrice { total } => Refused "PLG_MORE_THAN_PRICE" at "to_claim": "清偿额超过转让价款 {total} 元", "more goes to the claim than the CNY {total} that are paid", basis "民法典第四百四十五条：价款提前清偿债务或者提存";
        /// More is claimed than is outstanding.
        MoreThanOutstanding { outstanding } => Refused "PLG_MORE_THAN_OUTSTANDING" at "": "超过未受偿债权 {outstanding} 元", "more than the CNY {outstanding} that are outstanding", basis "民法典第三百八十九条、第四百二十条";
        /// Who is to have a claim may not.
        NotACreditor {} => Refused "PLG_NOT_A_CREDITOR" at "to": "受让债权的须为其他在用的银行或担保机构", "a claim goes to another bank or guarantor that is active", basis "民法典第五百四十五条";
        /// A pledgee is named twice.
        PledgeeNamedTwice {} => Refused "PLG_PLEDGEE_NAMED_TWICE" at "": "同一质权人重复列入", "the same pledgee is named twice";
        /// Who is named as a pledgee lends nothing.
        NotAPledgee {} => Refused "PLG_NOT_A_PLEDGEE" at "": "须为在用的银行或担保机构", "a pledgee is a bank or guarantor that is active";
        /// Who applies is none of the pledgees.
        LeaderWithoutShare {} => Refused "PLG_LEADER_WITHOUT_SHARE" at "": "申请人（代理行）须列明本行份额", "who applies leads the others, and has a share itself";
        /// The shares do not make the whole.
        SharesDiffer { whole, sum } => Refused "PLG_SHARES_DIFFER" at "": "各质权人份额合计 {sum} 元，与担保债权额 {whole} 元不符", "the shares add up to CNY {sum}, CNY {whole} is secured", basis "民法典第五百一十七条：按份债权";
        /// A pledgee has not said yes.
        PledgeeWaiting { count } => Conflict "PLG_PLEDGEE_WAITING" at "": "尚有 {count} 家质权人未确认份额", "{count} of the pledgees have not said yes to their shares", basis "民法典第五百一十七条：按份债权";
        /// The caller has no share.
        NoShare {} => Denied "PLG_NO_SHARE" at "": "本机构在该质押中没有份额", "your organisation has no share in this pledge";
        /// The caller has said yes before.
        JoinedAlready {} => Conflict "PLG_JOINED_ALREADY" at "": "本机构已确认份额", "your organisation has said yes already";
        /// The claim is held in shares.
        ClaimShared {} => Conflict "PLG_CLAIM_SHARED" at "": "债权由多家质权人按份享有，不得单独转让", "the claim is held by several in shares: it does not go alone";
        /// The loan is drawn from a facility.
        ClaimOfFacility {} => Conflict "PLG_CLAIM_OF_FACILITY" at "": "该贷款在授信项下提用，不得单独转让债权", "the loan is drawn from a facility: its claim does not go alone";
        /// A transfer waits already.
        TransferOpen {} => Conflict "PLG_TRANSFER_OPEN" at "": "该质押的债权已有待受让方确认的转让", "a transfer of this claim waits already";
        /// The transfer is over.
        TransferState { state, wanted } => Conflict "PLG_TRANSFER_STATE" at "": "该转让处于 {state} 状态，须为 {wanted}", "the transfer is {state}, this needs it to be {wanted}";
        /// Somebody other than who is to have the claim.
        NotTheHeir {} => Denied "PLG_NOT_THE_HEIR" at "": "仅债权受让方可以办理", "only who is to have the claim may do this", basis "民法典第五百四十七条";
        /// An enterprise is named twice.
        PartNamedTwice { name } => Refused "PLG_PART_NAMED_TWICE" at "organisation": "{name} 重复列入", "{name} is named twice";
        /// Only enterprises have a part in a facility.
        NotAnEnterprise { name } => Refused "PLG_NOT_AN_ENTERPRISE" at "organisation": "{name} 不是企业", "{name} is no enterprise";
        /// The enterprise has no part in the facility.
        NoPart {} => Denied "PLG_NO_PART" at "": "未列入该授信", "your organisation has no part in this facility";
        /// The part is accepted already.
        PartAccepted {} => Conflict "PLG_PART_ACCEPTED" at "": "该授信分额度已接受", "this part of the facility is accepted already";
        /// The part was declined, taken back or closed.
        PartOver { state } => Conflict "PLG_PART_OVER" at "": "该授信分额度处于 {state} 状态，不再办理", "this part of the facility is {state}, and nothing more becomes of it";
        /// The facility has no part for the enterprise that its pledgee names.
        NoSuchPart {} => Refused "PLG_NO_SUCH_PART" at "organisation": "该授信未列入此企业", "the facility has no part for this enterprise";
        /// The facility is closed already.
        FacilityOver {} => Conflict "PLG_FACILITY_OVER" at "": "该授信已经关闭", "this facility is closed already";
        /// More would be given back than was drawn.
        MoreThanDrawn { drawn } => Bug "PLG_MORE_THAN_DRAWN" at "": "归还额超过已提用额 {drawn} 元", "more would be given back than the CNY {drawn} drawn";
    }
}
