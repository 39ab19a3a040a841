//! The first rulebook of Hubei (湖北): what its published papers say. What they do not say is null, not guessed.

use super::rule::Rule;
use std::collections::BTreeMap;

/// The area whose papers they are.
pub const JURISDICTION: &str = "420000";

/// Names, values and their basis.
const RULES: &[(&str, Option<&str>, Option<&str>)] = &[
    ("base_price_cod", Some("8790.00"), Some("2017年度湖北省第五次主要污染物排污权转让公告")),
    ("base_price_nh3n", Some("14000.00"), Some("2017年度湖北省第五次主要污染物排污权转让公告")),
    ("base_price_so2", Some("3990.00"), Some("2017年度湖北省第五次主要污染物排污权转让公告")),
    ("base_price_nox", Some("4000.00"), Some("2017年度湖北省第五次主要污染物排污权转让公告")),
    ("base_price_binds_listing", Some("on"), Some("湖北省主要污染物排污权交易办法实施细则：竞价基价")),
    ("base_price_binds_negotiated", None, None),
    ("base_price_binds_auction", Some("on"), Some("湖北省主要污染物排污权交易办法实施细则：竞价基价")),
    ("deposit_rate", Some("0.30"), Some("2017年度湖北省第五次主要污染物排污权转让公告：保证金")),
    ("quota_validity_years", Some("5"), Some("财税〔2015〕61号第十二条")),
    ("publication_days", Some("5"), Some("DB62/T 4150-2020（甘肃），参照")),
    ("traded_pollutants", Some("COD,NH3N,SO2,NOX"), Some("鄂政发〔2012〕64号：交易的主要污染物由两项增至四项")),
    // Whether the parties of a trade are named when it is published; no paper of Hubei says so.
    ("disclose_parties", None, None),
    // Zhejiang publishes an index of prices; no paper of Hubei says of which base one would be.
    ("index_base_period", None, None),
    ("exchange_fee_rate", None, None),
    ("usage_fee", None, None),
    ("usage_fee_instalments", None, None),
    (
        "application_acceptance_days",
        Some("5"),
        Some("行政许可法第三十二条、第八十二条：五个工作日内一次告知，逾期视为受理"),
    ),
    // How long an applicant may take to correct; the law leaves it to the notice.
    ("application_correction_days", None, None),
    ("application_decision_days", Some("20"), Some("行政许可法第四十二条：自受理之日起二十个工作日")),
    // How long a grant is laid open to objections before it may be confirmed; no published rule of Hubei says so.
    ("allocation_publicity_days", None, None),
    // In how many working days an objection is answered; Zhejiang says five days (art. 14 of its rules), Hubei nothing that was seen.
    ("objection_answer_days", None, None),
    // How long a buyer may take to pay and what becomes of the deposit, how long an offer stands, whether an approved trade is laid open,
    // whether the exchange confirms it, by how much an agreed total may differ: no published rule of Hubei says so.
    ("payment_days", None, None),
    ("deposit_forfeit", None, None),
    ("offer_days", None, None),
    ("trade_publicity_days", None, None),
    ("settlement_confirmation", None, None),
    ("amount_tolerance", None, None),
    ("ltv_cap", None, None),
    ("pledge_term_cap_months", None, None),
    ("valuation_days", None, None),
    // How long the way to a registration may take, and how long a pledgor has to bring more security; no published rule of Hubei says so.
    ("pledge_processing_days", None, None),
    ("margin_call_days", None, None),
    // How long a debtor has to cure a default before what it pledged is disposed of; no published rule of Hubei says so.
    ("pledge_cure_days", None, None),
    ("junior_liens", None, None),
    ("decision_days", Some("20"), Some("永州市主要污染物排污权交易服务办事指南：法定二十个工作日，参照")),
    ("proposal_days", None, None),
    // Acts that are reviewed before they are decided (行政处罚法第五十八条); Hubei names none for emission rights.
    ("major_acts", None, None),
    ("four_eyes_organisation_verification", Some("on"), Some("湖北省主要污染物排污权交易办法：交易主体资格审核")),
    ("four_eyes_application_acceptance", Some("on"), Some("行政许可法第三十二条：由行政机关受理")),
    ("four_eyes_application_decision", Some("on"), Some("行政许可法第三十八条：由行政机关决定")),
    ("four_eyes_allocation", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_surrender", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_renewal", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_variation", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_set_aside", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_take_back", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_buy_back", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_trade", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_trade_override", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_objection", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_pledge_verification", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_pledge_agreement", Some("on"), Some("民法典第四百二十七条：质押合同由双方订立")),
    ("four_eyes_pledge_amendment", Some("on"), Some("民法典第五百四十三条：当事人协商一致，可以变更合同")),
    ("four_eyes_rulebook", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_capacity", Some("off"), None),
    ("four_eyes_area_suspension", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_compliance_verification", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_surplus_grant", Some("on"), Some("行政执法三项制度：职责分离")),
    ("four_eyes_reduction", Some("off"), None),
    ("four_eyes_withdrawal", Some("off"), None),
    ("four_eyes_payment_match", Some("off"), None),
    ("four_eyes_offer", Some("off"), None),
    ("listing_days", Some("21"), Some("2017年度湖北省第五次主要污染物排污权转让公告")),
    ("min_bidders", Some("2"), Some("湖北省主要污染物排污权电子竞价交易规则（试行）")),
    // The steps of 2017 can only be guessed from the prices; rounds, shares and waits are ruled elsewhere, not in Hubei.
    ("bid_step", None, None),
    ("auction_rounds", None, None),
    ("winners_share", None, None),
    ("bids_per_bidder", None, None),
    ("final_wait_seconds", None, None),
    ("final_bidding_seconds", None, None),
    ("soft_close_seconds", None, None),
    // Exclusions by what an enterprise has done are ruled in Hunan, Hebei and Ningxia; none of Hubei was seen. Its papers of 2017 (three
    // colours) and of 2019 (four levels) differ, so it is not said which levels of credit there are.
    ("credit_levels", None, None),
    ("exclusion_credit_levels", None, None),
    ("exclusion_accident_years", None, None),
    ("exclusion_violation_years", None, None),
    ("exclusion_illegal_discharge_years", None, None),
    ("exclusion_over_permit", None, None),
    ("exclusion_over_permit_sale", None, None),
    ("exclusion_fee_unpaid", None, None),
    ("permit_mismatch", Some("warn"), None),
    ("permit_renewal_days", Some("60"), Some("排污许可管理条例第十四条")),
    // How long a pledgee is told before rights leave its lien; no published rule of Hubei says so.
    ("expiry_notice_days", None, None),
    ("take_back_notice_days", None, None),
    // After how long rights that nobody uses are idle (闲置排污权); no published rule of Hubei says so.
    ("idle_years", None, None),
    ("replacement_ratio", Some("1:1"), Some("宁排污出让告字[2025]10号，参照")),
];

/// The rules by name.
pub fn rules() -> BTreeMap<String, Rule> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    RULES
        .iter()
        .map(|(name, value, basis)| ((*name).to_owned(), Rule { value: owned(*value), legal_basis: owned(*basis) }))
        .collect()
}
