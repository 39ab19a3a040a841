//! Chinese for the words of the contract that refusals and documents repeat: a state, a kind, a role, what an account is for. What the contract takes as it stands (the values of a
//! filter, names of rules and of permissions) is never translated.

use std::borrow::Cow;

/// Placeholders of refusals that hold words of the contract.
const PLACEHOLDERS: [&str; 8] = ["act", "kind", "needed", "role", "side", "state", "subject", "what"];

/// A word and its Chinese, by the word.
const WORDS: [(&str, &str); 146] = [
    ("accepted", "已受理"),
    ("active", "已生效"),
    ("agreed", "已同意"),
    ("allocation", "核定"),
    ("amount", "金额"),
    ("announced", "已公告"),
    ("applied", "已申请"),
    ("approved", "已批准"),
    ("area", "区域"),
    ("area_suspension", "区域限批"),
    ("auditor", "审计人员"),
    ("authorised", "核准总量"),
    ("available", "可用"),
    ("awarded", "已成交"),
    ("bank", "银行"),
    ("bureau", "生态环境主管部门"),
    ("bureau_head", "主管部门负责人"),
    ("bureau_officer", "主管部门经办人"),
    ("buy_back", "回购"),
    ("buy_back_agreement", "同意回购"),
    ("buyer", "受让方"),
    ("cancelled", "已取消"),
    ("capacity", "区域总量"),
    ("changed", "已变更"),
    ("claimed", "已领取"),
    ("closed", "已关闭"),
    ("closing", "期末余额"),
    ("committed", "交易冻结"),
    ("compliance_verification", "年度核定"),
    ("confirmed", "已确认"),
    ("converted", "类别转换"),
    ("correction", "更正"),
    ("correction_requested", "待补正"),
    ("counted", "已计入"),
    ("credit_rating", "企业环境信用评价"),
    ("decided", "已决定"),
    ("declined", "已拒绝"),
    ("dismissed", "不成立"),
    ("draft", "草稿"),
    ("dropped", "已撤销"),
    ("due", "待执行"),
    ("ended", "已结束"),
    ("enterprise", "企业"),
    ("enterprise_approver", "企业复核人"),
    ("enterprise_trader", "企业交易员"),
    ("exchange", "交易机构"),
    ("exchange_approver", "交易机构复核人"),
    ("exchange_officer", "交易机构经办人"),
    ("expired", "已过期"),
    ("expiry", "到期"),
    ("facility_acceptance", "接受授信"),
    ("failed", "未成交"),
    ("fee_settled", "缴清使用费"),
    ("fee_unpaid", "欠缴使用费"),
    ("fees", "手续费"),
    ("filled", "已售完"),
    ("final", "末段竞价"),
    ("frozen", "司法冻结"),
    ("guarantor", "担保机构"),
    ("headroom", "剩余容量"),
    ("held", "冻结中"),
    ("illegal_discharge", "偷排"),
    ("in", "收入"),
    ("in_force", "有效"),
    ("issued", "已核发"),
    ("known", "已知"),
    ("lapsed", "已失效"),
    ("legal_reviewer", "法制审核人员"),
    ("line", "发生"),
    ("listing", "挂牌"),
    ("major_accident", "重大环境污染事故"),
    ("major_violation", "重大环境违法"),
    ("matched", "已匹配"),
    ("noted", "已记录"),
    ("objection", "异议"),
    ("offer", "报价"),
    ("offer_acceptance", "接受报价"),
    ("offered", "已提出"),
    ("open", "进行中"),
    ("opening", "期初余额"),
    ("operator", "平台运营机构"),
    ("organisation", "组织"),
    ("organisation_admin", "组织管理员"),
    ("organisation_verification", "组织审核"),
    ("out", "支出"),
    ("outside", "银行存款"),
    ("over_permit_discharge", "超证排放"),
    ("overuse", "超用"),
    ("paid", "已付款"),
    ("park_rating", "园区环境信用评价"),
    ("partly_filled", "部分售出"),
    ("payer_account", "付款账号"),
    ("payer_name", "付款户名"),
    ("payment", "来款"),
    ("pending", "待处理"),
    ("permit", "排污许可证"),
    ("planned", "计划中"),
    ("pledge_acceptance", "接受质押"),
    ("pledge_release", "质押解除"),
    ("pledged", "已质押"),
    ("pledgee_approver", "质权人复核人"),
    ("pledgee_officer", "质权人经办人"),
    ("project", "建设项目"),
    ("proposed", "待审批"),
    ("publicised", "公示中"),
    ("published", "已公布"),
    ("qualified", "资格已确认"),
    ("ranked", "已排名"),
    ("reduction", "减排登记"),
    ("refused", "已驳回"),
    ("registered", "已登记"),
    ("rejected", "已驳回"),
    ("released", "已解除"),
    ("removed", "已移除"),
    ("renewal", "延续"),
    ("reported", "已上报"),
    ("reserve", "储备机构"),
    ("reserve_approver", "储备机构复核人"),
    ("reserve_trader", "储备机构交易员"),
    ("retired", "已注销"),
    ("returned", "已退回"),
    ("reviewed", "已审核"),
    ("rulebook", "规则修订"),
    ("sealed", "已封存"),
    ("seller", "出让方"),
    ("set_aside", "预留"),
    ("settled", "已结算"),
    ("settlement_bank", "结算银行"),
    ("settlement_head", "结算银行负责人"),
    ("settlement_officer", "结算银行经办人"),
    ("site", "排污单位"),
    ("submitted", "已提交"),
    ("surrender", "注销"),
    ("suspended", "已暂停"),
    ("suspense", "待认领"),
    ("take_back", "收回"),
    ("text", "附言"),
    ("trade", "交易"),
    ("treasury", "国库"),
    ("unmatched", "未认领"),
    ("upheld", "成立"),
    ("used", "已用"),
    ("value_date", "起息日"),
    ("variation", "变更"),
    ("verified", "已核定"),
    ("withdrawn", "已撤回"),
];

/// The Chinese for a word of the contract.
pub fn word(english: &str) -> Option<&'static str> {
    let at = WORDS.binary_search_by_key(&english, |(word, _)| *word).ok()?;
    WORDS.get(at).map(|(_, chinese)| *chinese)
}

/// What a placeholder of a Chinese text says: words of the contract in Chinese, anything else as it is.
pub fn told<'t>(placeholder: &str, text: &'t str) -> Cow<'t, str> {
    if !PLACEHOLDERS.contains(&placeholder) {
        return Cow::Borrowed(text);
    }
    let words: Option<Vec<&str>> = text.split(", ").map(word).collect();
    words.map_or(Cow::Borrowed(text), |words| Cow::Owned(words.join("、")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_in_their_order_each_once() {
        assert!(WORDS.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(PLACEHOLDERS.is_sorted());
    }

    #[test]
    fn words_of_the_contract_are_told_in_chinese_and_everything_else_as_it_is() {
        assert_eq!(told("state", "active"), "已生效");
        assert_eq!(told("needed", "agreed, proposed"), "已同意、待审批");
        assert_eq!(told("known", "free, paid"), "free, paid", "what a filter takes is told as it takes it");
        assert_eq!(told("what", "active, 临江纸业"), "active, 临江纸业");
        assert_eq!(told("name", "active"), "active", "nobody's name is a state");
    }
}
