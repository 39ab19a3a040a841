//! What the compliance year refuses.

use super::hj212::Fault;
use crate::refusals;

refusals! {
    /// What the compliance year refuses.
    ComplianceRefusal {
        /// No outlet is registered under the number of the monitor.
        UnknownOutlet { mn } => Refused "CMP_UNKNOWN_OUTLET" at "": "监测设备 {mn} 未登记", "no outlet is registered for the monitor {mn}";
        /// The number of the monitor is taken.
        OutletKnown { mn } => Conflict "CMP_OUTLET_KNOWN" at "mn": "监测设备 {mn} 已登记", "the monitor {mn} is registered already";
        /// A number that no monitor has.
        BadMn {} => Refused "CMP_BAD_MN" at "mn": "MN 编码须为 1 至 24 位数字或字母", "the number of a monitor is 1 to 24 digits or letters", basis "HJ 212-2017:MN";
        /// The codes of the edition are not known here, and none were given.
        FactorsMissing { edition } => Refused "CMP_FACTORS_MISSING" at "factors": "HJ 212-{edition} 的监测因子须在登记时列明", "the codes of HJ 212-{edition} are named with the outlet";
        /// A code or its unit that is none.
        BadFactor { code } => Refused "CMP_BAD_FACTOR" at "code": "监测因子“{code}”须为 1 至 12 位小写字母或数字", "{code} is no code of a factor: 1 to 12 small letters or digits";
        /// A unit in which grams would be lost.
        BadFactorUnit { code, grams } => Refused "CMP_BAD_FACTOR_UNIT" at "grams_per_unit": "监测因子“{code}”的单位须为克的十的幂（1 至 1000000），而非 {grams}", "the unit of {code} must be a power of ten of the gram up to a tonne, which {grams} is not";
        /// A code or a pollutant that would be read twice.
        FactorTwice { name } => Refused "CMP_FACTOR_TWICE" at "code": "“{name}”重复", "{name} stands there twice";
        /// Bytes that are no message.
        BrokenFrame {} => Refused "CMP_BROKEN_FRAME" at "": "报文不符合 HJ 212 通信包结构", "it is no frame of HJ 212", basis "HJ 212-2017 6.3：通讯包结构";
        /// The check sum is another.
        WrongCrc { told, wanted } => Refused "CMP_WRONG_CRC" at "": "CRC 校验失败：报文为 {told}，应为 {wanted}", "the check sum is {told}, over the data it is {wanted}", basis "HJ 212-2017 附录A";
        /// A field of a message.
        BadMessageField { name } => Refused "CMP_BAD_MESSAGE_FIELD" at "": "报文字段 {name} 缺失、重复或无法读取", "the field {name} of the message is missing, doubled or cannot be read";
        /// The flag names no edition that is known.
        UnknownEdition {} => Refused "CMP_UNKNOWN_EDITION" at "": "报文 Flag 未标明 HJ 212-2017 或 HJ 212-2025", "the flag names neither HJ 212-2017 nor HJ 212-2025";
        /// The monitor is registered for another edition.
        OtherEdition { edition } => Refused "CMP_OTHER_EDITION" at "": "该监测设备登记为 HJ 212-{edition}", "the monitor is registered for HJ 212-{edition}";
        /// The data are encrypted.
        Encrypted {} => Refused "CMP_ENCRYPTED" at "": "报文数据区已加密，应由持有密钥的接收平台解密后提交", "the data are encrypted: the platform that holds the keys decrypts them first", basis "HJ 212-2025 6.4";
        /// The day lies ahead.
        FutureDay { today } => Refused "CMP_FUTURE_DAY" at "": "数据日期晚于今日 {today}", "the day of the data lies after today, {today}";
        /// A figure that nobody believes.
        Implausible { most } => Refused "CMP_IMPLAUSIBLE" at "quantity": "排放量不可信：不得为负，且不得超过许可量的 100 倍（{most}）", "the figure is implausible: less than nothing, or more than 100 times what the permit allows ({most})", basis "排污许可管理条例第三十四条：数据真实性";
        /// No permit of the time names the pollutant.
        NoPermittedQuantity { pollutant } => Refused "CMP_NO_PERMITTED_QUANTITY" at "pollutant": "该期间无许可证载明 {pollutant} 许可排放量", "no permit of the time tells a quantity of {pollutant}";
        /// Somebody else's site.
        NotYourSite {} => Refused "CMP_NOT_YOUR_SITE" at "site": "只能申报本单位的排污单位", "a report is of one's own sites";
        /// No site goes by this number.
        UnknownNumber { number } => Refused "CMP_UNKNOWN_SITE_NUMBER" at "site": "排污单位编号 {number} 不存在", "no site has the number {number}";
        /// A period that is none.
        BadPeriod {} => Refused "CMP_BAD_PERIOD" at "period": "期间须为年（2022）、月（2022-11），执法监测也可为日（2022-11-30）", "a period is a year (2022), a month (2022-11), and of a measurement also a day (2022-11-30)";
        /// A period that is not over.
        PeriodNotOver { last } => Refused "CMP_PERIOD_NOT_OVER" at "period": "该期间至 {last} 尚未结束", "the period is not over until {last}";
        /// The same site, pollutant and period stand there twice.
        DuplicateRow { place } => Refused "CMP_DUPLICATE_ROW" at "period": "与 {place} 重复（同一排污单位、污染物、期间）", "the same site, pollutant and period stand in {place} already";
        /// A file that is no table.
        Unreadable { reason } => Refused "CMP_UNREADABLE" at "": "文件无法读取：{reason}", "the file cannot be read: {reason}";
        /// A document that is neither CSV nor a workbook.
        NotATable {} => Refused "CMP_NOT_A_TABLE" at "document": "该文件不是 CSV 或 XLSX", "the document is neither CSV nor XLSX";
        /// More faults than are told one by one.
        MoreFaults { count } => Refused "CMP_MORE_FAULTS" at "": "另有 {count} 处错误未列出", "{count} more faults are not listed";
        /// A file and a list at once, or neither.
        OneSource {} => Refused "CMP_ONE_SOURCE" at "document": "须提供文件（document）或列表（items）之一", "give either a document or items";
        /// A table without rows, or with too many.
        RowCount { max } => Refused "CMP_ROW_COUNT" at "": "数据行须为 1 至 {max} 行", "there must be 1 to {max} rows";
        /// A column that is missing, unknown or there twice.
        BadColumn { column } => Refused "CMP_BAD_COLUMN" at "": "列 {column} 缺少、未知或重复", "the column {column} is missing, unknown or there twice";
        /// A row that does not fit its columns.
        FieldCount { found, wanted } => Refused "CMP_FIELD_COUNT" at "": "该行有 {found} 个字段，应为 {wanted} 个", "the row has {found} fields, there are {wanted} columns";
        /// A text that is read otherwise than it is stored.
        BadCharacter {} => Refused "CMP_BAD_CHARACTER" at "": "含有控制字符或改变文字方向的字符", "contains a control character or one that turns the direction of text";
        /// The hold was closed already.
        HoldClosed {} => Conflict "CMP_HOLD_CLOSED" at "": "该存疑数据已处理", "the hold is closed already";
        /// The annual account is there already.
        YearKnown { year } => Conflict "CMP_YEAR_KNOWN" at "year": "该排污单位 {year} 年度该污染物账户已建立", "the annual account of {year} is there already";
        /// A year that is not over.
        YearNotOver { year } => Refused "CMP_YEAR_NOT_OVER" at "": "{year} 年度尚未结束", "the year {year} is not over";
        /// The account is in another state.
        WrongState { state, needed } => Conflict "CMP_WRONG_STATE" at "": "年度账户状态为 {state}，须为 {needed}", "the annual account is {state}, it must be {needed}";
        /// The account is verified, so its data stand.
        YearVerified { year } => Conflict "CMP_YEAR_VERIFIED" at "period": "{year} 年度账户已核定，排放数据不再变更", "the annual account of {year} is verified: its data stand";
        /// The account is sealed.
        PeriodSealed { year } => Conflict "CMP_PERIOD_SEALED" at "": "{year} 年度账户已封存", "the annual account of {year} is sealed";
        /// Implausible data wait.
        HoldOpen { count } => Conflict "CMP_HOLD_OPEN" at "": "有 {count} 项存疑数据尚未处理", "{count} held figures wait for the bureau";
        /// Nobody says anything of some days.
        DaysMissing { days } => Conflict "CMP_DAYS_MISSING" at "": "有 {days} 天没有任何排放数据", "{days} days have no data at all";
        /// There is no surplus, or less than is wanted.
        OverSurplus { left, wanted } => Refused "CMP_OVER_SURPLUS" at "quantity": "剩余年度富余量为 {left}，少于所需的 {wanted}", "{left} of the surplus is left, {wanted} is wanted", basis "襄阳市排污权交易试点：年度富余排放量";
        /// The site has no basin or city for the pollutant.
        ZoneMissing {} => Refused "CMP_ZONE_MISSING" at "": "该排污单位没有该污染物的流域或城市", "the site has no basin or city for this pollutant";
        /// More than is missing.
        OverShortfall { left, wanted } => Refused "CMP_OVER_SHORTFALL" at "quantity": "尚缺 {left}，多于此数的 {wanted} 不能清缴", "{left} is missing, {wanted} is more than that";
        /// A right that is no annual surplus.
        NotAnnualSurplus {} => Refused "CMP_NOT_ANNUAL_SURPLUS" at "right_class": "清缴只能使用年度富余量，不得使用多年期排污权", "only annual surplus covers a shortfall, never a multi-year right", basis "襄阳市排污权交易试点：清缴结算";
        /// Annual surplus of another year, pollutant or zone.
        OtherSurplus { wanted } => Refused "CMP_OTHER_SURPLUS" at "right_class": "须为 {wanted} 的年度富余量", "it must be annual surplus of {wanted}";
        /// Less is free than is given up.
        NotEnough { available, wanted } => Refused "CMP_NOT_ENOUGH" at "quantity": "可用量为 {available}，少于所需的 {wanted}", "{available} is available, {wanted} is wanted";
    }
}

impl From<Fault> for ComplianceRefusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Frame => Self::BrokenFrame {},
            Fault::Crc { told, wanted } => Self::WrongCrc { told, wanted },
            Fault::Field { name } => Self::BadMessageField { name },
            Fault::Edition => Self::UnknownEdition {},
            Fault::Encrypted => Self::Encrypted {},
        }
    }
}
