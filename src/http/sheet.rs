//! Tables to download as comma-separated values, with the names of their columns in the language that is asked for. Numbers are texts to the
//! last digit; a text that a spreadsheet would take for a formula is guarded.

use super::Language;
use crate::kernel::Failure;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;

/// What a formula begins with; spreadsheets of this country take the full-width signs for the same.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// Tells spreadsheets that the text is UTF-8; without it those of this country read GBK.
pub const MARK: &[u8] = "\u{feff}".as_bytes();

/// Names of columns and their Chinese, by the name: one word for one idea in every table.
const COLUMNS: [(&str, &str); 93] = [
    ("allocations", "核定数"),
    ("amount", "金额"),
    ("area", "区域"),
    ("area_path", "区域路径"),
    ("arrived_at", "到达时间"),
    ("available", "可用量"),
    ("bank_reference", "流水号"),
    ("base", "基期"),
    ("base_price", "基价"),
    ("basin", "流域"),
    ("bidder", "竞买人编号"),
    ("bidder_name", "竞买人"),
    ("bidders", "竞买人数"),
    ("bids", "报价次数"),
    ("buyer", "受让方"),
    ("buyer_area", "受让方区域"),
    ("buyers", "受让方数"),
    ("cap", "总量"),
    ("carried", "沿用上期"),
    ("closes_at", "竞价结束"),
    ("code", "规则代码"),
    ("commitment", "承诺值"),
    ("committed", "占用量"),
    ("count", "次数"),
    ("date", "日期"),
    ("days", "天数"),
    ("direction", "收支"),
    ("document", "文号"),
    ("ends_at", "竞价截止"),
    ("fault", "无效原因"),
    ("format", "竞价形式"),
    ("from", "起始日期"),
    ("headroom", "剩余容量"),
    ("held", "持有总量"),
    ("highest_price", "最高价"),
    ("id", "标识"),
    ("is_idle", "闲置"),
    ("journal", "凭证"),
    ("key", "键"),
    ("kind", "类型"),
    ("level", "等级"),
    ("lot", "标的"),
    ("lowest_price", "最低价"),
    ("max_quantity", "单笔上限"),
    ("mean_price", "均价"),
    ("min_quantity", "单笔下限"),
    ("minimum", "最低购买量"),
    ("mode", "交易方式"),
    ("name", "名称"),
    ("number", "编号"),
    ("opens_at", "竞价开始"),
    ("parent", "上级区域"),
    ("participants", "参与方数"),
    ("path", "区域路径"),
    ("period", "期间"),
    ("place", "名次"),
    ("pledgee", "质权人"),
    ("pollutant", "污染物"),
    ("price", "报价"),
    ("price_basis", "计价方式"),
    ("published_on", "公布日期"),
    ("quantity", "数量"),
    ("registered_on", "登记日期"),
    ("registration", "报名"),
    ("registration_until", "报名截止"),
    ("right_class", "权证类别"),
    ("row", "行次类型"),
    ("salt", "随机数"),
    ("seller", "出让方"),
    ("seller_area", "出让方区域"),
    ("seller_name", "出让方"),
    ("sellers", "出让方数"),
    ("settled_on", "结算日期"),
    ("since", "起始日期"),
    ("site", "排污单位"),
    ("site_name", "排污单位名称"),
    ("source", "依据"),
    ("state", "状态"),
    ("text", "附言"),
    ("title", "名称"),
    ("total", "总额"),
    ("trades", "交易笔数"),
    ("turnover", "成交额"),
    ("unit", "单位"),
    ("unit_price", "单价"),
    ("until", "截止日期"),
    ("unused", "未使用量"),
    ("used", "已用量"),
    ("used_by", "使用量依据"),
    ("value", "指数"),
    ("volume", "成交量"),
    ("volume_published", "公布成交量"),
    ("withdrawn_on", "撤回日期"),
];

/// A text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers, dates and ids need none.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The name of a column in a language.
pub fn column(name: &'static str, language: Language) -> &'static str {
    let chinese = || COLUMNS.binary_search_by_key(&name, |(known, _)| *known).ok().and_then(|at| COLUMNS.get(at));
    match language {
        Language::Zh => chinese().map_or(name, |(_, chinese)| *chinese),
        Language::En => name,
    }
}

/// Yes or no in a language.
pub fn truth(is_so: bool, language: Language) -> &'static str {
    match (language, is_so) {
        (Language::Zh, true) => "是",
        (Language::Zh, false) => "否",
        (Language::En, true) => "true",
        (Language::En, false) => "false",
    }
}

/// A table with the names of its columns in the first line.
///
/// # Errors
/// A fault of ours: a row of another length.
pub fn as_csv<const N: usize>(
    columns: [&'static str; N],
    language: Language,
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(MARK.to_vec());
    writer.write_record(columns.map(|name| column(name, language))).map_err(Failure::bug)?;
    for row in rows {
        // A number may be negative; everything else that begins like a formula is guarded.
        let cell = |cell: &String| if is_number(cell) { cell.clone() } else { guarded(cell).into_owned() };
        writer.write_record(row.each_ref().map(cell)).map_err(Failure::bug)?;
    }
    writer.into_inner().map_err(|error| Failure::bug(error.to_string()))
}

/// A table to download.
///
/// # Errors
/// A fault of ours.
pub fn download(bytes: Vec<u8>, name: &str) -> Result<Response, Failure> {
    let mut response = bytes.into_response();
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Failure::bug)?);
    Ok(response)
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(language: Language) -> String {
        let row = ["-0.01", "=1+1", "通城县"].map(str::to_owned);
        String::from_utf8(as_csv(["amount", "text", "area"], language, [row]).unwrap()).unwrap()
    }

    #[test]
    fn numbers_stay_numbers_and_formulas_become_texts() {
        assert_eq!(table(Language::En), "\u{feff}amount,text,area\n-0.01,'=1+1,通城县\n");
        assert_eq!(table(Language::Zh), "\u{feff}金额,附言,区域\n-0.01,'=1+1,通城县\n");
    }

    #[test]
    fn the_names_of_columns_stand_in_their_order_each_once() {
        assert!(COLUMNS.is_sorted_by(|(one, _), (next, _)| one < next));
    }

    #[test]
    fn a_formula_is_a_text() {
        for formula in ["=1+1", "+86", "-x", "@SUM(A1)", "\u{ff1d}1", "\t=1"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        assert_eq!(guarded("临江纸业=甲"), "临江纸业=甲");
    }
}
