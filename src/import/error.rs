//! What an import refuses.

use crate::refusals;
use accounting::decimal::DecimalFault;

refusals! {
    /// What an import refuses. The first family concerns a whole file or run, the second a row.
    ImportRefusal {
        /// The database keeps a book that no import founded.
        OtherBook {} => Conflict "IMP_OTHER_BOOK" at "": "该数据库已建立其他账簿，只能导入空数据库", "another book is founded in this database: a register is imported into an empty one";
        /// A file is not the one with which the import began.
        FileChanged { file } => Conflict "IMP_FILE_CHANGED" at "": "{file} 与开始导入时的文件不同", "{file} is not the file with which this import began";
        /// Two programs import into one database.
        UnderWay {} => Conflict "IMP_UNDER_WAY" at "": "另一个导入程序正在写入该数据库", "another import into this database is under way";
        /// A file is not there or cannot be read.
        Unreadable { reason } => Malformed "IMP_UNREADABLE" at "": "无法读取文件：{reason}", "the file cannot be read: {reason}";
        /// The first line lacks a column.
        MissingColumn { column } => Malformed "IMP_MISSING_COLUMN" at "": "首行缺少列 {column}", "the first line has no column {column}";
        /// The first line names a column twice.
        DuplicateColumn { column } => Malformed "IMP_DUPLICATE_COLUMN" at "": "首行重复列 {column}", "the first line names the column {column} twice";
        /// A carriage return without its line feed: editors and programs count such lines in different ways.
        LineEnd {} => Malformed "IMP_LINE_END" at "": "含有单独的回车符（CR），请另存为以 LF 或 CRLF 换行的文件", "a carriage return stands alone: save the file with lines that end with LF or CRLF";
        /// A field goes on over the end of its line: a quotation mark that was never closed would swallow the rest.
        LineBreak {} => Malformed "IMP_LINE_BREAK" at "": "字段内不得换行，请检查未闭合的引号", "a field goes on over the end of its line: look for a quotation mark that is not closed";
        /// The rows do not stand in the order of their sequence numbers.
        NotSorted { max } => Malformed "IMP_NOT_SORTED" at "seq": "超过 {max} 行未按 seq 升序排列，请先排序", "more than {max} rows are not in ascending order of seq: sort the file first";
        /// Too many transactions have rows in more than one place.
        Scattered { max } => Malformed "IMP_SCATTERED" at "transaction_id": "超过 {max} 笔交易的各行不相邻，请先归并", "more than {max} transactions have their rows in more than one place: bring them together first";

        /// More or fewer fields than the first line.
        FieldCount { found, wanted } => Refused "IMP_FIELD_COUNT" at "": "该行有 {found} 个字段，应为 {wanted} 个", "the row has {found} fields and not {wanted}";
        /// Not UTF-8.
        NotUtf8 {} => Refused "IMP_NOT_UTF8" at "": "不是有效的 UTF-8 文本，请另存为“CSV UTF-8”", "is not UTF-8 text: save it as “CSV UTF-8”";
        /// A character that no name or number has.
        ControlCharacter {} => Refused "IMP_CONTROL_CHARACTER" at "": "含有控制字符", "has a control character in it";
        /// Nothing where something must stand.
        Required {} => Refused "IMP_REQUIRED" at "": "不得为空", "must not be empty";
        /// Longer than the books keep.
        TooLong { max } => Refused "IMP_TOO_LONG" at "": "不得超过 {max} 个字符", "has more than {max} characters";
        /// Stands there a second time.
        Duplicate { what, first } => Refused "IMP_DUPLICATE" at "": "{what} 已在第 {first} 行出现", "{what} stands in line {first} already";
        /// Not a number of decimals.
        BadScale { max } => Refused "IMP_BAD_SCALE" at "scale": "小数位数须为 0 至 {max} 的整数", "must be a whole number from 0 to {max}";
        /// Not in accounts.csv.
        UnknownAccount { account } => Refused "IMP_UNKNOWN_ACCOUNT" at "": "accounts.csv 中没有账户 {account}", "accounts.csv has no account {account}";
        /// Not in assets.csv.
        UnknownAsset { asset } => Refused "IMP_UNKNOWN_ASSET" at "asset": "assets.csv 中没有资产 {asset}", "assets.csv has no asset {asset}";
        /// Not a plain decimal string.
        NotDecimal {} => Refused "IMP_NOT_DECIMAL" at "amount": "须为十进制数字，例如 12.500", "must be a plain decimal such as 12.500";
        /// More decimals than the asset has.
        TooPrecise { max } => Refused "IMP_TOO_PRECISE" at "amount": "小数位数不得超过 {max} 位", "has more than {max} decimals";
        /// Zero or less where something must move.
        NotPositive {} => Refused "IMP_NOT_POSITIVE" at "amount": "必须大于零", "must be greater than zero";
        /// Less than nothing at the beginning.
        Negative {} => Refused "IMP_NEGATIVE" at "amount": "不得小于零", "must not be less than zero";
        /// More than the books can count.
        OutOfRange {} => Refused "IMP_OUT_OF_RANGE" at "amount": "数值超出可记账范围", "is larger than the books can count";
        /// Not a sequence number.
        BadSeq {} => Refused "IMP_BAD_SEQ" at "seq": "须为不小于零的整数", "must be a whole number that is not negative";
        /// Not greater than those before it.
        SeqNotAscending { before } => Refused "IMP_SEQ_NOT_ASCENDING" at "seq": "须大于此前的序号 {before}", "must be greater than {before}, which stands before it";
        /// Does not begin with a date.
        BadTimestamp {} => Refused "IMP_BAD_TIMESTAMP" at "timestamp": "须为 ISO 8601 日期或时间，例如 2016-12-01T09:00:00", "must be an ISO 8601 date or time such as 2016-12-01T09:00:00";
        /// Payer and receiver are one.
        SameAccount {} => Refused "IMP_SAME_ACCOUNT" at "to_account": "付出账户与接收账户相同", "the account pays itself";
        /// The payer holds less than it pays.
        NotEnough { account, asset, held, wanted } => Refused "IMP_NOT_ENOUGH" at "from_account": "账户 {account} 持有 {held} {asset}，少于所需的 {wanted}", "the account {account} holds {held} {asset} and {wanted} would leave it";
        /// A balance would be larger than the books can count.
        Overflow { asset } => Refused "IMP_OVERFLOW" at "amount": "资产 {asset} 的余额将超出可记账范围", "a balance of {asset} would be larger than the books can count";
    }
}

impl From<DecimalFault> for ImportRefusal {
    fn from(fault: DecimalFault) -> Self {
        match fault {
            DecimalFault::NotDecimal => Self::NotDecimal {},
            DecimalFault::TooPrecise { max } => Self::TooPrecise { max: max.to_string() },
            DecimalFault::Zero => Self::NotPositive {},
            DecimalFault::OutOfRange => Self::OutOfRange {},
        }
    }
}
