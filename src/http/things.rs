//! What the things are called that a request may not find: one word for one thing, in both languages.

/// English and Chinese, by the English.
const THINGS: [(&str, &str); 62] = [
    ("account", "账户"),
    ("allocation", "核定记录"),
    ("allocation batch", "核定批次"),
    ("application", "申请"),
    ("area suspension", "区域限批"),
    ("auction", "竞价场次"),
    ("bank", "结算银行"),
    ("bank statement", "银行对账单"),
    ("capacity", "区域总量"),
    ("capacity change", "区域总量调整"),
    ("certificate", "排污权凭证"),
    ("claim transfer", "债权转让"),
    ("client", "接口客户端"),
    ("compliance year", "履约年度"),
    ("consent", "授权"),
    ("consented sale", "经同意转让"),
    ("decision", "决定"),
    ("delegation", "委托"),
    ("deposit", "入金"),
    ("difference", "对账差异"),
    ("discharge hold", "排污冻结"),
    ("discharge report", "排放报告"),
    ("disposal", "处置"),
    ("document", "文件"),
    ("extract", "登记簿摘录"),
    ("facility", "授信额度"),
    ("fact", "事实记录"),
    ("freeze", "司法冻结"),
    ("journal", "凭证"),
    ("listing", "挂牌"),
    ("lot", "标的"),
    ("mismatch", "不符项"),
    ("monitor message", "监测报文"),
    ("objection", "异议"),
    ("offer", "报价"),
    ("operation", "后台作业"),
    ("organisation", "组织"),
    ("outlet", "排放口"),
    ("override", "省级特批"),
    ("payment", "来款"),
    ("payment code", "缴款码"),
    ("permit", "排污许可证"),
    ("pledge", "质押登记"),
    ("project", "建设项目"),
    ("publication", "公告"),
    ("publicity", "公示"),
    ("reduction", "减排量登记"),
    ("reduction application", "减排量登记申请"),
    ("registration", "报名"),
    ("reserve operation", "储备业务"),
    ("right act", "权利变更"),
    ("rulebook", "规则册"),
    ("seal", "封账"),
    ("session", "登录"),
    ("site", "排污单位"),
    ("task", "待办"),
    ("trade", "交易"),
    ("undoing", "撤销申请"),
    ("user", "用户"),
    ("valuation", "评估"),
    ("webhook", "推送地址"),
    ("withdrawal", "出金"),
];

/// The Chinese for a thing; a thing that has none here keeps its English name.
pub fn zh(en: &str) -> &str {
    THINGS.iter().find(|(name, _)| *name == en).map_or(en, |(_, zh)| zh)
}

#[cfg(test)]
mod tests {
    use super::{THINGS, zh};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn whatever_is_not_found_has_its_name_in_both_languages() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let mark = concat!("not_found", "(\"");
        let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let named: BTreeSet<&str> =
            texts.iter().flat_map(|text| text.split(mark).skip(1)).filter_map(|rest| rest.split('"').next()).collect();
        assert!(named.len() > 40, "only {named:?} were found");
        let nameless: Vec<&str> = named.into_iter().filter(|name| zh(name) == *name).collect();
        assert!(nameless.is_empty(), "{nameless:?} stand without a Chinese name");
        assert!(THINGS.is_sorted(), "the things stand in the order of their names");
    }
}
