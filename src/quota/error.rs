//! What quota refuses.

use crate::refusals;

refusals! {
    /// What quota refuses.
    QuotaRefusal {
        /// No cap is recorded for the area and pollutant.
        NoCap { area, pollutant } => Refused "QTA_NO_CAP" at "site": "区域 {area} 未核定 {pollutant} 总量", "no cap is recorded for {pollutant} in area {area}", basis "环境保护法第四十四条：总量控制";
        /// Nobody sets the total of their own area.
        OwnCap { area } => Refused "QTA_OWN_CAP" at "area": "{area} 的总量控制指标由上一级主管部门下达", "the total of {area} is set by the authority above it", basis "环境保护法第四十四条：重点污染物排放总量控制指标由国务院下达，省级人民政府分解落实";
        /// A cap of a day that is over.
        PastCap { today } => Refused "QTA_PAST_CAP" at "valid_from": "总量自 {today} 或之后生效，不溯及既往", "a cap applies from {today} or later: it does not reach back";
        /// The area cannot take more.
        OverHeadroom { headroom, wanted } => Refused "QTA_OVER_HEADROOM" at "quantity": "区域剩余容量为 {headroom}，少于所需的 {wanted}", "the area has headroom for {headroom}, {wanted} is wanted", basis "环境保护法第四十四条：总量控制";
        /// Rights of the pollutant are not granted here.
        NotTraded { pollutant } => Refused "QTA_POLLUTANT_NOT_TRADED" at "pollutant": "{pollutant} 未纳入排污权交易，不予核定", "rights of {pollutant} are not traded here, so none are granted", basis "鄂政发〔2012〕64号：交易的主要污染物";
        /// The site has no permit in force.
        PermitNotInForce { site } => Refused "QTA_PERMIT_NOT_IN_FORCE" at "site": "{site} 无有效排污许可证", "{site} has no permit in force", basis "国办发〔2014〕38号：排污权以排污许可证形式确认";
        /// The right would be over before it begins, or is already.
        OutsideValidity { to } => Refused "QTA_OUTSIDE_VALIDITY" at "valid_to": "有效期已于 {to} 届满", "the validity is over since {to}";
        /// The right would be valid for longer than the rules allow.
        ValidityTooLong { years } => Refused "QTA_VALIDITY_TOO_LONG" at "valid_to": "有效期不得超过 {years} 年", "rights are valid for {years} years at most", basis "财税〔2015〕61号第十二条";
        /// The zone is not that of the site.
        ZoneMismatch { zone } => Refused "QTA_ZONE_MISMATCH" at "zone": "该排污单位的流域或城市为 {zone}", "the zone of this site is {zone}";
        /// The site has no zone for this pollutant, or the reserve's holding names none.
        ZoneMissing {} => Refused "QTA_ZONE_MISSING" at "zone": "须指明流域或城市", "name the basin or the city";
        /// The site has no such project.
        ProjectMissing {} => Refused "QTA_PROJECT_MISSING" at "project": "该排污单位没有此建设项目", "the site has no such construction project", basis "环发〔2014〕197号：建设项目总量指标";
        /// The replacement ratio leaves nothing of it.
        NothingUsable { ratio } => Refused "QTA_NOTHING_USABLE" at "quantity": "按替代比例 {ratio}，该数量不足以替代任何排放", "at the replacement ratio {ratio} nothing of this quantity may be discharged", basis "环发〔2014〕197号：等量或减量替代";
        /// The site's area is suspended.
        AreaSuspended { area, document, from } => Refused "QTA_AREA_SUSPENDED" at "site": "区域 {area} 自 {from} 起限批（{document}）", "area {area} is suspended since {from} by {document}", basis "环境保护法第四十四条；水污染防治法第二十条；大气污染防治法第二十二条：区域限批";
        /// The organisation is suspended.
        Suspended { name } => Refused "QTA_SUSPENDED" at "site": "{name} 已被暂停", "{name} is suspended";
        /// The allocation was decided already.
        AlreadyDecided { state } => Conflict "QTA_ALREADY_DECIDED" at "": "该核定已处理（{state}）", "the allocation is {state} already";
        /// The application is not in a state in which this can be done.
        ApplicationState { state } => Conflict "QTA_APPLICATION_STATE" at "": "该申请当前状态为 {state}，不能办理此事项", "this cannot be done with an application that is {state}";
        /// The same was applied for and waits.
        AppliedAlready {} => Conflict "QTA_APPLIED_ALREADY" at "": "该排污单位同一类别的申请正在办理", "an application of this site for the same rights is on its way already";
        /// The bureau has told once what the application lacks.
        CorrectedAlready {} => Conflict "QTA_CORRECTED_ALREADY" at "": "需补正的全部内容应一次告知，不得再次要求补正", "everything that an application lacks is told once: no second correction can be asked for", basis "行政许可法第三十二条第（四）项：一次告知";
        /// The term passed in which the bureau could have said what the application lacks.
        AcceptedBySilence { until } => Conflict "QTA_ACCEPTED_BY_SILENCE" at "": "告知期限已于 {until} 届满，该申请自收到之日起视为受理", "the term ended on {until}: by law the application is accepted since the day on which it came", basis "行政许可法第三十二条第（四）项：逾期不告知即为受理";
        /// The applicant may still correct.
        CorrectionRunning { until } => Conflict "QTA_CORRECTION_RUNNING" at "": "补正期限至 {until}，尚未届满", "the applicant may correct it until {until}";
        /// A term of no days, or of a year and more.
        BadTerm { max } => Refused "QTA_BAD_TERM" at "days": "补正期限须为 1 至 {max} 个工作日", "the term of a correction is 1 to {max} working days";
        /// There is nothing to certify.
        NothingHeld { site, right_class } => Refused "QTA_NOTHING_HELD" at "right_class": "{site} 未持有 {right_class} 的排污权", "{site} holds nothing of {right_class}";
        /// A name that cannot be printed.
        CannotPrint { letter } => Refused "QTA_CANNOT_PRINT" at "": "内置字体没有“{letter}”字，请在服务器上安装 fonts-noto-cjk", "the built-in face has no letter {letter}: install fonts-noto-cjk on the server";
        /// The reduction was decided on or taken back.
        ReductionState { state } => Conflict "QTA_REDUCTION_STATE" at "": "减排登记申请状态为 {state}，不能再办理", "the application for the reduction is {state} already";
        /// A reduction of the same pollutant waits.
        ReductionAppliedAlready {} => Conflict "QTA_REDUCTION_APPLIED_ALREADY" at "pollutant": "该排污单位该污染物的减排登记申请正在办理", "an application of this site for a reduction of the pollutant is on its way already";
        /// Nothing of the pollutant could have been reduced: no permit in force names it.
        NothingToReduce { pollutant } => Refused "QTA_NOTHING_TO_REDUCE" at "pollutant": "该排污单位现行许可证未载明 {pollutant} 许可排放量", "no permit in force of the site tells a quantity of {pollutant}", basis "湖北省主要污染物排污权交易办法：实际年排放量低于许可量的可申请减排登记";
        /// More than the permits in force allow of it.
        OverPermitted { permitted } => Refused "QTA_OVER_PERMITTED" at "quantity": "减排量不得超过许可排放量 {permitted}", "no more than the permitted {permitted} can have been reduced", basis "湖北省主要污染物排污权交易办法：实际年排放量低于许可量的可申请减排登记";
        /// More than was applied for.
        OverApplication { applied } => Refused "QTA_OVER_APPLICATION" at "quantity": "核定数量不得超过申请数量 {applied}", "no more than the {applied} that were applied for can be granted";
        /// The site is another organisation's.
        NotYourSite {} => Denied "QTA_NOT_YOUR_SITE" at "site": "该排污单位不属于您的组织", "the site is not your organisation's";
        /// A file that is no table.
        Unreadable { reason } => Refused "QTA_UNREADABLE" at "": "文件无法读取：{reason}", "the file cannot be read: {reason}";
        /// A document that is neither CSV nor a workbook.
        NotATable {} => Refused "QTA_NOT_A_TABLE" at "document": "该文件不是 CSV 或 XLSX", "the document is neither CSV nor XLSX";
        /// A batch of a file and a list at once, or of neither.
        OneSource {} => Refused "QTA_ONE_SOURCE" at "document": "须提供文件（document）或列表（items）之一", "give either a document or items";
        /// A table without rows.
        NoRows {} => Refused "QTA_NO_ROWS" at "document": "没有数据行", "there are no rows";
        /// A table with too many rows.
        TooManyRows { max } => Refused "QTA_TOO_MANY_ROWS" at "": "数据行超过 {max}", "there are more than {max} rows";
        /// A column that must be there.
        MissingColumn { column } => Refused "QTA_MISSING_COLUMN" at "": "缺少列 {column}", "the column {column} is missing";
        /// A column that nobody reads.
        UnknownColumn { column } => Refused "QTA_UNKNOWN_COLUMN" at "": "未知的列 {column}", "there is no column {column}";
        /// A column that stands there twice.
        DuplicateColumn { column } => Refused "QTA_DUPLICATE_COLUMN" at "": "列 {column} 重复", "the column {column} is there twice";
        /// A row that does not fit its columns.
        FieldCount { found, wanted } => Refused "QTA_FIELD_COUNT" at "": "该行有 {found} 个字段，应为 {wanted} 个", "the row has {found} fields, there are {wanted} columns";
        /// A text that is read otherwise than it is stored.
        BadCharacter {} => Refused "QTA_BAD_CHARACTER" at "": "含有控制字符或改变文字方向的字符", "contains a control character or one that turns the direction of text";
        /// More faults than are told one by one.
        MoreFaults { count } => Refused "QTA_MORE_FAULTS" at "": "另有 {count} 处错误未列出", "{count} more faults are not listed";
        /// A grant of the same class to the same site, twice in a batch.
        DuplicateRow { place } => Refused "QTA_DUPLICATE_ROW" at "site": "与 {place} 重复（同一排污单位、同一权证类别）", "the same site and class stand in {place} already";
        /// No site goes by this number.
        UnknownNumber { number } => Refused "QTA_UNKNOWN_SITE_NUMBER" at "site": "排污单位编号 {number} 不存在", "no site has the number {number}";
        /// The same file was proposed before.
        BatchKnown {} => Conflict "QTA_BATCH_KNOWN" at "document": "该文件已提交核定", "this file was proposed already";
        /// A batch of the same document is there.
        BatchNumberTaken { number } => Conflict "QTA_BATCH_NUMBER_TAKEN" at "number": "本区域已有文号为 {number} 且未被驳回的批次", "a batch of the document {number} was proposed in this area and not rejected";
        /// A batch that takes longer than a request may.
        BatchTooLarge { count, max } => Conflict "QTA_BATCH_TOO_LARGE" at "": "该批次有 {count} 项；超过 {max} 项的批次须用其自身的确认操作办理", "the batch has {count} grants; beyond {max} it is confirmed by the operation of its own";
        /// The publicity is not over.
        PublicityRunning { until } => Conflict "QTA_PUBLICITY_RUNNING" at "": "公示期至 {until}，尚未结束", "it is laid open to objections until {until}", basis "环境保护法第五十三条：信息公开和公众参与";
        /// An objection waits for its answer.
        ObjectionOpen { count } => Conflict "QTA_OBJECTION_OPEN" at "": "有 {count} 项异议尚未答复", "{count} objections are not answered";
        /// An objection was found to be right.
        ObjectionUpheld { count } => Conflict "QTA_OBJECTION_UPHELD" at "": "有 {count} 项异议成立，不能确认", "{count} objections were upheld: it cannot be confirmed";
        /// No usage fee is due.
        NoFeeDue { state } => Conflict "QTA_NO_FEE_DUE" at "": "该核定（{state}）无应缴使用费", "no usage fee is due for an allocation that is {state}";
        /// Less than an instalment.
        FeeTooLittle { least } => Refused "QTA_FEE_TOO_LITTLE" at "amount": "本次至少缴纳 {least} 元", "pay at least CNY {least}", basis "财税〔2015〕61号：排污权使用费缴纳";
        /// More than is left to pay.
        FeeTooMuch { left } => Refused "QTA_FEE_TOO_MUCH" at "amount": "应缴余额为 {left} 元", "CNY {left} is left to pay";
        /// Paid rights of a batch would each wait for their fee.
        BatchFee {} => Refused "QTA_BATCH_FEE" at "origin": "有偿排污权须缴使用费，应单独核定", "paid rights wait for their usage fee, so they are granted one by one";
        /// Somebody else proposed it.
        NotYourProposal {} => Refused "QTA_NOT_YOUR_PROPOSAL" at "": "只能撤回本人提出的核定", "only who proposed it may take it back";
        /// A grant of a batch stands as its batch does.
        InBatch { batch } => Conflict "QTA_IN_BATCH" at "": "该核定属于批次 {batch}，须随批次办理", "the allocation belongs to batch {batch} and is decided with it";
        /// A cap that begins later than today.
        FutureCap {} => Refused "QTA_FUTURE_CAP" at "valid_from": "自未来日期生效的总量核定请提交 POST /capacity-changes", "a cap that begins later than today is planned by POST /capacity-changes";
        /// Another change waits for the same day.
        CapWaitsAlready { day } => Conflict "QTA_CAP_WAITS_ALREADY" at "valid_from": "该区域该污染物自 {day} 起的总量变更已在等待；请先撤回", "a change of this cap waits for {day} already: take that one back first";
        /// A trend that ends before it begins, or has too many points.
        TrendTooLong { max } => Refused "QTA_TREND_TOO_LONG" at "to": "须为起始日期当日或之后，且不超过 {max} 个时点", "must not be before from, and no more than {max} points after it";
        /// A change that waits no more.
        ChangeOver { state } => Conflict "QTA_CHANGE_OVER" at "": "该总量变更已处理（{state}）", "the change is {state} already";
    }
}
