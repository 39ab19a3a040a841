//! May this bank take these rights as security for this loan?
//!
//! The checks follow what provinces publish on such loans (Hunan 2014 and Hebei 2013 for the caps on value and term); where
//! Hubei has published none, its rulebook says null and the check is off. What an enterprise holds is told to a bank only
//! under the enterprise's consent, so availability is judged only where it stands.

use crate::kernel::{Kind, Refusal, Violation};
use crate::parties::{Consent, Organisation, OrganisationKind, Site};
use crate::refusals;
use crate::rulebook::Rulebook;
use accounting::{Measure, Money, Origin, Quantity, RightClass, decimal};
use jiff::Span;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

refusals! {
    /// Why a pledge may not be.
    PledgeCheck {
        /// More than the site has free.
        NotEnoughAvailable { available, wanted } => Refused "PLG_NOT_ENOUGH_AVAILABLE" at "quantity": "可用量 {available},不足 {wanted}", "{available} is available, {wanted} is to be pledged", basis "湖北省排污权抵质押贷款操作指引(暂行):登记即冻结";
        /// The pledgor has not let this pledgee look at this class.
        ConsentMissing { right_class } => Refused "PLG_CONSENT_MISSING" at "right_class": "出质人未授权质权人查询 {right_class}", "the pledgor has given this pledgee no consent in force for {right_class}";
        /// The applicant is no bank and no guarantor.
        NotPledgeeKind { name } => Refused "PLG_NOT_PLEDGEE_KIND" at "": "{name} 不是银行或担保机构", "{name} is neither a bank nor a guarantor", basis "湖北省排污权抵质押贷款操作指引(暂行)";
        /// The pledgor is suspended.
        PledgorSuspended { name } => Refused "PLG_PLEDGOR_SUSPENDED" at "pledgor": "出质人 {name} 已被暂停", "the pledgor {name} is suspended";
        /// The debt outlives the right.
        TermPastValidity { valid_to } => Refused "PLG_TERM_PAST_VALIDITY" at "debt_to": "债务期限不得超过排污权有效期({valid_to})", "the debt may not outlive the right, which is valid to {valid_to}", basis "湖南省 2014、河北省 2013 排污权抵押贷款规定:期限不超过排污权有效期";
        /// The debt runs longer than the rules allow.
        TermOverCap { months } => Refused "PLG_TERM_OVER_CAP" at "debt_to": "债务期限不得超过 {months} 个月", "the debt may run for {months} months at most", basis "河北省 2013 排污权抵押贷款规定:最长三年";
        /// Too much is secured on the right.
        LtvOverCap { ltv, cap } => Refused "PLG_LTV_OVER_CAP" at "secured": "对应担保债权额与评估价值之比 {ltv} 超过上限 {cap}", "the amount secured on the rights is {ltv} of their assessed value, the cap is {cap}", basis "湖南省 2014、河北省 2013 排污权抵押贷款规定:不超过评估价值的80%";
        /// The valuation is too old.
        ValuationStale { days } => Refused "PLG_VALUATION_STALE" at "valued_on": "评估结果超过 {days} 天有效期", "a valuation may be relied on for {days} days", basis "民法典第四百零八条、第四百三十三条";
        /// The valuation is dated after today.
        ValuationFuture {} => Refused "PLG_VALUATION_FUTURE" at "valued_on": "评估日不得晚于今日", "the day of valuation has not come yet";
        /// The debt ends before it begins.
        DebtTerm {} => Refused "PLG_DEBT_TERM" at "debt_to": "债务到期日须晚于起始日", "the debt must end after it begins", basis "民法典第四百二十七条:债务履行期限";
        /// More is secured than is owed.
        SecuredOverPrincipal { principal } => Refused "PLG_SECURED_OVER_PRINCIPAL" at "secured": "对应担保债权额不得超过主债权 {principal} 元", "no more can be secured than the principal of CNY {principal}", basis "民法典第三百八十九条";
        /// A free right is pledged before its usage fee is paid.
        FreeOriginFeeUnpaid {} => Refused "PLG_FREE_ORIGIN_FEE_UNPAID" at "right_class": "无偿取得的排污权须先缴清使用费方可抵质押", "a right obtained free may be pledged only after its usage fee is paid", basis "财税〔2015〕61号";
        /// The pledgor has no accepted part in the facility.
        FacilityNotAccepted {} => Refused "PLG_FACILITY_NOT_ACCEPTED" at "facility": "出质人未接受该授信", "the pledgor has not accepted a part of this facility";
        /// The loan is larger than what is left of the sub-limit.
        FacilityExhausted { left, wanted } => Refused "PLG_FACILITY_EXHAUSTED" at "principal": "授信分额度剩余 {left} 元,不足 {wanted} 元", "CNY {left} is left of the sub-limit, CNY {wanted} is to be drawn";
        /// The right is not valid today.
        OutsideValidity { from, to } => Refused "PLG_OUTSIDE_VALIDITY" at "right_class": "该排污权有效期为 {from} 至 {to}", "the right is valid from {from} to {to} only", basis "财税〔2015〕61号第十二条";
        /// The site belongs to somebody else.
        NotOwnSite { site } => Refused "PLG_NOT_OWN_SITE" at "site": "排污单位 {site} 不属于出质人", "the site {site} is not the pledgor's", basis "民法典第四百四十条";
    }
}

/// A broken rule, and which of the rights it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// Place of the right in the pledge, from zero; absent when it concerns the whole.
    pub right: Option<usize>,
    /// The rule.
    pub check: PledgeCheck,
}

impl Refusal for BrokenRule {
    fn kind(&self) -> Kind {
        self.check.kind()
    }

    fn violation(&self) -> Violation {
        let place = self.right.map(|at| format!("rights[{at}]")).unwrap_or_default();
        self.check.violation().within(&place)
    }
}

/// What the pledgor can draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacilityFact {
    /// The loan is drawn from no facility.
    NotNamed,
    /// The pledgor has no part in it, or has not accepted it.
    NotAccepted,
    /// What is left of the pledgor's sub-limit.
    Left(Money),
}

/// One of the rights to be pledged.
#[derive(Debug, Clone)]
pub struct RightCase {
    /// Whose stock.
    pub site: Site,
    /// Of what.
    pub class: RightClass,
    /// How its quantities are written.
    pub measure: Measure,
    /// How much.
    pub quantity: Quantity,
    /// Grams the site has free; absent when they are held for this pledge already.
    pub available: Option<i64>,
}

impl RightCase {
    fn print(&self, grams: i64) -> String {
        let Measure { unit, grams_per_unit, decimals } = &self.measure;
        format!("{} {unit}", decimal::print(grams, *grams_per_unit, *decimals))
    }

    /// Whether the site has it free.
    ///
    /// # Errors
    /// [`PledgeCheck::NotEnoughAvailable`].
    pub fn judge_quantity(&self) -> Result<(), PledgeCheck> {
        let wanted = self.quantity.grams();
        match self.available {
            Some(available) if available < wanted => Err(PledgeCheck::NotEnoughAvailable {
                available: self.print(available),
                wanted: self.print(wanted),
            }),
            _ => Ok(()),
        }
    }
}

/// Everything a pledge is judged on.
#[derive(Debug, Clone)]
pub struct PledgeCase {
    /// Who pledges.
    pub pledgor: Organisation,
    /// To whom.
    pub pledgee: Organisation,
    /// Consents between them, whatever their state.
    pub consents: Vec<Consent>,
    /// What the pledgor can draw.
    pub facility: FacilityFact,
    /// The whole loan.
    pub principal: Money,
    /// The part of it that is secured on these rights (对应担保债权额).
    pub secured: Money,
    /// What the rights were assessed at.
    pub assessed_value: Money,
    /// When.
    pub valued_on: Date,
    /// First day of the debt.
    pub debt_from: Date,
    /// Last day of the debt.
    pub debt_to: Date,
    /// The rights.
    pub rights: Vec<RightCase>,
}

/// The loan-to-value ratio (抵质押率) of the part that is secured on the rights, to four places, half up. Absent when the
/// rights are worth nothing.
pub fn ltv(secured: Money, assessed_value: Money) -> Option<Decimal> {
    let ratio = Decimal::from(secured.fen()).checked_div(Decimal::from(assessed_value.fen()))?;
    Some(ratio.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero))
}

/// Every rule that stands against the pledge today.
pub fn judge(case: &PledgeCase, rulebook: &Rulebook, today: Date) -> Vec<BrokenRule> {
    let mut broken = Vec::new();
    judge_parties(case, &mut broken);
    judge_debt(case, rulebook, &mut broken);
    judge_valuation(case, rulebook, today, &mut broken);
    judge_facility(case, &mut broken);
    let whole = broken.into_iter().map(|check| BrokenRule { right: None, check });
    let rights = case.rights.iter().enumerate().flat_map(|(at, right)| {
        let broken = judge_right(case, right, today);
        broken.into_iter().map(move |check| BrokenRule { right: Some(at), check })
    });
    whole.chain(rights).collect()
}

/// Whether the books cover the quantities: what the bureau verifies.
pub fn judge_quantities(rights: &[RightCase]) -> Vec<BrokenRule> {
    let short = |(at, right): (usize, &RightCase)| {
        right.judge_quantity().err().map(|check| BrokenRule { right: Some(at), check })
    };
    rights.iter().enumerate().filter_map(short).collect()
}

fn judge_parties(case: &PledgeCase, broken: &mut Vec<PledgeCheck>) {
    if !matches!(case.pledgee.kind, OrganisationKind::Bank | OrganisationKind::Guarantor) {
        broken.push(PledgeCheck::NotPledgeeKind { name: case.pledgee.name.clone() });
    }
    if !case.pledgor.is_active {
        broken.push(PledgeCheck::PledgorSuspended { name: case.pledgor.name.clone() });
    }
}

fn judge_debt(case: &PledgeCase, rulebook: &Rulebook, broken: &mut Vec<PledgeCheck>) {
    if case.debt_from >= case.debt_to {
        broken.push(PledgeCheck::DebtTerm {});
    }
    if let Some(months) = rulebook.pledge_term_cap_months() {
        // A cap that leads out of the calendar leaves no term that is longer.
        let span = Span::new().try_months(months);
        let latest = span.and_then(|span| case.debt_from.checked_add(span)).unwrap_or(Date::MAX);
        if case.debt_to > latest {
            broken.push(PledgeCheck::TermOverCap { months: months.to_string() });
        }
    }
    if case.secured > case.principal {
        broken.push(PledgeCheck::SecuredOverPrincipal { principal: case.principal.print() });
    }
}

fn judge_valuation(case: &PledgeCase, rulebook: &Rulebook, today: Date, broken: &mut Vec<PledgeCheck>) {
    if let Some(cap) = rulebook.ltv_cap()
        && is_over(case.secured, case.assessed_value, cap)
    {
        let ltv = ltv(case.secured, case.assessed_value).map(|ltv| format!("{ltv:.4}")).unwrap_or_default();
        broken.push(PledgeCheck::LtvOverCap { ltv, cap: cap.to_string() });
    }
    if case.valued_on > today {
        broken.push(PledgeCheck::ValuationFuture {});
    }
    if let Some(days) = rulebook.valuation_days() {
        let span = Span::new().try_days(days);
        let last = span.and_then(|span| case.valued_on.checked_add(span)).unwrap_or(Date::MAX);
        if last < today {
            broken.push(PledgeCheck::ValuationStale { days: days.to_string() });
        }
    }
}

/// Whether `secured` is more than `cap` of `assessed_value`: by the product, because a quotient is rounded.
fn is_over(secured: Money, assessed_value: Money, cap: Decimal) -> bool {
    cap.checked_mul(Decimal::from(assessed_value.fen())).is_none_or(|most| Decimal::from(secured.fen()) > most)
}

fn judge_facility(case: &PledgeCase, broken: &mut Vec<PledgeCheck>) {
    match case.facility {
        FacilityFact::NotAccepted => broken.push(PledgeCheck::FacilityNotAccepted {}),
        FacilityFact::Left(left) if left < case.principal => {
            broken.push(PledgeCheck::FacilityExhausted { left: left.print(), wanted: case.principal.print() });
        }
        FacilityFact::NotNamed | FacilityFact::Left(_) => {}
    }
}

fn judge_right(case: &PledgeCase, right: &RightCase, today: Date) -> Vec<PledgeCheck> {
    let mut broken = Vec::new();
    let (code, validity) = (right.class.code(), right.class.validity);
    let is_own = right.site.organisation == case.pledgor.id;
    let is_consented = case.consents.iter().any(|consent| {
        let is_between = consent.organisation == case.pledgor.id && consent.pledgee == case.pledgee.id;
        is_between && consent.covers(&code, today)
    });
    if !is_own {
        broken.push(PledgeCheck::NotOwnSite { site: right.site.name.clone() });
    }
    if !is_consented {
        broken.push(PledgeCheck::ConsentMissing { right_class: code });
    }
    if is_own && is_consented {
        broken.extend(right.judge_quantity().err());
    }
    if !validity.contains(today) {
        let (from, to) = (validity.from().to_string(), validity.to().to_string());
        broken.push(PledgeCheck::OutsideValidity { from, to });
    }
    if case.debt_to > validity.to() {
        broken.push(PledgeCheck::TermPastValidity { valid_to: validity.to().to_string() });
    }
    if right.class.origin == Origin::Free {
        broken.push(PledgeCheck::FreeOriginFeeUnpaid {});
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;
    use crate::kernel::ids::{AreaId, ConsentId, OrganisationId, RulebookId, SiteId, UserId};
    use crate::parties::consent::ConsentState;
    use crate::rulebook::Rule;
    use jiff::civil::date;

    const TODAY: Date = date(2022, 12, 1);
    const COD: &str = "COD-MULTI-PAID-LUSHUI-20210101-20251231";

    fn rulebook(rules: &[(&str, &str)]) -> Rulebook {
        let rule = |value: &str| Rule { value: Some(value.to_owned()), legal_basis: None };
        Rulebook {
            id: RulebookId::fresh(),
            jurisdiction: "420000".to_owned(),
            version: 1,
            effective_from: date(2020, 1, 1),
            rules: rules.iter().map(|(name, value)| ((*name).to_owned(), rule(value))).collect(),
        }
    }

    fn organisation(name: &str, kind: OrganisationKind) -> Organisation {
        Organisation {
            id: OrganisationId::fresh(),
            code: String::new(),
            name: name.to_owned(),
            kind,
            area: AreaId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            sector: None,
            is_active: true,
            version: 1,
            registered_at: Moment::from_micros(0),
        }
    }

    fn site_of(organisation: &Organisation) -> Site {
        Site {
            id: SiteId::fresh(),
            number: "SA0000001F".to_owned(),
            organisation: organisation.id,
            name: "通城生产基地".to_owned(),
            area: organisation.area,
            area_path: organisation.area_path.clone(),
            basin: Some("LUSHUI".to_owned()),
            sector: None,
            is_reserve: false,
            version: 1,
            registered_at: Moment::from_micros(0),
        }
    }

    fn yuan(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    fn right(site: Site) -> RightCase {
        RightCase {
            site,
            class: RightClass::parse(COD).unwrap(),
            measure: Measure::tonnes(),
            quantity: Quantity::try_new(10_000_000).unwrap(),
            available: Some(10_000_000),
        }
    }

    /// The first pledge of the province: Tongcheng, 1,000,000 on rights alone.
    fn sound() -> PledgeCase {
        let pledgor = organisation("湖北亚细亚陶瓷有限公司", OrganisationKind::Enterprise);
        let pledgee = organisation("通城惠民村镇银行", OrganisationKind::Bank);
        let consent = Consent {
            id: ConsentId::fresh(),
            organisation: pledgor.id,
            pledgee: pledgee.id,
            right_classes: vec![COD.to_owned()],
            valid_until: TODAY,
            state: ConsentState::InForce,
            given_by: UserId::fresh(),
            given_at: Moment::from_micros(0),
            version: 1,
        };
        PledgeCase {
            rights: vec![right(site_of(&pledgor))],
            pledgor,
            pledgee,
            consents: vec![consent],
            facility: FacilityFact::Left(yuan("1000000.00")),
            principal: yuan("1000000.00"),
            secured: yuan("800000.00"),
            assessed_value: yuan("1000000.00"),
            valued_on: TODAY,
            debt_from: TODAY,
            debt_to: date(2025, 12, 1),
        }
    }

    fn strict() -> Rulebook {
        rulebook(&[("ltv_cap", "0.80"), ("pledge_term_cap_months", "36"), ("valuation_days", "90")])
    }

    fn codes(case: &PledgeCase, rulebook: &Rulebook) -> Vec<String> {
        judge(case, rulebook, TODAY).iter().map(|broken| broken.violation().code.into_owned()).collect()
    }

    /// The code that a sound case yields once one thing in it is broken.
    #[track_caller]
    fn breaks(expected: &str, change: impl FnOnce(&mut PledgeCase)) {
        let mut case = sound();
        change(&mut case);
        assert_eq!(codes(&case, &strict()), [expected]);
    }

    #[track_caller]
    fn stands(rulebook: &Rulebook, change: impl FnOnce(&mut PledgeCase)) {
        let mut case = sound();
        change(&mut case);
        assert_eq!(codes(&case, rulebook), [""; 0]);
    }

    #[test]
    fn a_sound_pledge_stands_at_every_limit_at_once() {
        stands(&strict(), |_| {});
    }

    #[test]
    fn more_than_is_available_is_refused_and_what_is_held_is_not_asked_for_again() {
        breaks("PLG_NOT_ENOUGH_AVAILABLE", |case| case.rights[0].available = Some(9_999_999));
        stands(&strict(), |case| case.rights[0].available = None);
        let mut short = sound();
        short.rights[0].available = Some(9_999_999);
        let field = judge(&short, &strict(), TODAY)[0].violation().field;
        assert_eq!(field, "rights[0].quantity");
        assert_eq!(judge_quantities(&short.rights), judge(&short, &strict(), TODAY));
        assert_eq!(judge_quantities(&sound().rights), []);
    }

    #[test]
    fn a_consent_counts_for_its_pledgee_its_class_and_its_days_only() {
        breaks("PLG_CONSENT_MISSING", |case| case.consents.clear());
        breaks("PLG_CONSENT_MISSING", |case| case.consents[0].pledgee = OrganisationId::fresh());
        breaks("PLG_CONSENT_MISSING", |case| case.consents[0].organisation = OrganisationId::fresh());
        breaks("PLG_CONSENT_MISSING", |case| case.consents[0].state = ConsentState::Withdrawn);
        breaks("PLG_CONSENT_MISSING", |case| case.consents[0].valid_until = date(2022, 11, 30));
        breaks("PLG_CONSENT_MISSING", |case| {
            case.consents[0].right_classes = vec!["SO2-MULTI-PAID-421200-20210101-20251231".to_owned()];
        });
    }

    #[test]
    fn without_consent_nothing_is_told_of_what_the_enterprise_holds() {
        breaks("PLG_CONSENT_MISSING", |case| {
            case.consents.clear();
            case.rights[0].available = Some(0);
        });
        breaks("PLG_NOT_OWN_SITE", |case| {
            case.rights[0].site.organisation = OrganisationId::fresh();
            case.rights[0].available = Some(0);
        });
    }

    #[test]
    fn a_bank_and_a_guarantor_may_be_pledgees_and_nobody_else() {
        stands(&strict(), |case| case.pledgee.kind = OrganisationKind::Guarantor);
        for kind in [OrganisationKind::Enterprise, OrganisationKind::Exchange, OrganisationKind::Reserve] {
            breaks("PLG_NOT_PLEDGEE_KIND", |case| case.pledgee.kind = kind);
        }
    }

    #[test]
    fn a_suspended_pledgor_is_refused() {
        breaks("PLG_PLEDGOR_SUSPENDED", |case| case.pledgor.is_active = false);
    }

    #[test]
    fn the_debt_may_end_on_the_last_valid_day_and_not_later() {
        let uncapped = rulebook(&[]);
        stands(&uncapped, |case| case.debt_to = date(2025, 12, 31));
        let mut late = sound();
        late.debt_to = date(2026, 1, 1);
        assert_eq!(codes(&late, &uncapped), ["PLG_TERM_PAST_VALIDITY"]);
    }

    #[test]
    fn the_term_is_capped_in_months_where_the_rulebook_says_so() {
        breaks("PLG_TERM_OVER_CAP", |case| case.debt_to = date(2025, 12, 2));
        stands(&rulebook(&[]), |case| case.debt_to = date(2025, 12, 2));
    }

    #[test]
    fn the_cap_binds_the_part_secured_on_the_rights_and_not_the_whole_loan() {
        breaks("PLG_LTV_OVER_CAP", |case| case.secured = yuan("800000.01"));
        stands(&rulebook(&[]), |case| case.secured = yuan("1000000.00"));
        // Huangshi: 10 million lent, of which what the rights of 3 million bear is judged.
        stands(&strict(), |case| {
            case.facility = FacilityFact::NotNamed;
            case.principal = yuan("10000000.00");
            (case.secured, case.assessed_value) = (yuan("2400000.00"), yuan("3000000.00"));
        });
    }

    #[test]
    fn gutian_secures_230_000_of_its_million_on_a_right_of_260_000() {
        let mut gutian = sound();
        (gutian.secured, gutian.assessed_value) = (yuan("230000.00"), yuan("260000.00"));
        let printed = ltv(gutian.secured, gutian.assessed_value).map(|ltv| ltv.to_string());
        assert_eq!(printed.as_deref(), Some("0.8846"));
        assert_eq!(codes(&gutian, &rulebook(&[("ltv_cap", "0.80")])), ["PLG_LTV_OVER_CAP"]);
        assert_eq!(codes(&gutian, &rulebook(&[("ltv_cap", "0.90")])), [""; 0]);
    }

    #[test]
    fn a_ratio_that_only_rounds_to_the_cap_is_over_it() {
        assert!(is_over(yuan("8000.01"), yuan("10000.00"), Decimal::new(80, 2)));
        assert!(!is_over(yuan("8000.00"), yuan("10000.00"), Decimal::new(80, 2)));
        assert!(is_over(yuan("0.01"), Money::ZERO, Decimal::ONE));
        assert_eq!(ltv(yuan("1.00"), Money::ZERO), None);
    }

    #[test]
    fn a_valuation_is_neither_stale_nor_of_tomorrow() {
        stands(&strict(), |case| case.valued_on = date(2022, 9, 2));
        breaks("PLG_VALUATION_STALE", |case| case.valued_on = date(2022, 9, 1));
        stands(&rulebook(&[]), |case| case.valued_on = date(2012, 9, 1));
        breaks("PLG_VALUATION_FUTURE", |case| case.valued_on = date(2022, 12, 2));
    }

    #[test]
    fn the_debt_ends_after_it_begins() {
        breaks("PLG_DEBT_TERM", |case| case.debt_to = case.debt_from);
        breaks("PLG_DEBT_TERM", |case| case.debt_to = date(2022, 11, 30));
        stands(&strict(), |case| case.debt_to = date(2022, 12, 2));
    }

    #[test]
    fn no_more_is_secured_than_is_owed() {
        breaks("PLG_SECURED_OVER_PRINCIPAL", |case| case.principal = yuan("799999.99"));
        stands(&strict(), |case| case.principal = yuan("800000.00"));
    }

    #[test]
    fn a_free_right_must_first_pay_its_usage_fee() {
        breaks("PLG_FREE_ORIGIN_FEE_UNPAID", |case| {
            case.rights[0].class.origin = Origin::Free;
            case.consents[0].right_classes = vec![case.rights[0].class.code()];
        });
    }

    #[test]
    fn a_facility_must_be_accepted_and_have_enough_left() {
        breaks("PLG_FACILITY_NOT_ACCEPTED", |case| case.facility = FacilityFact::NotAccepted);
        breaks("PLG_FACILITY_EXHAUSTED", |case| case.facility = FacilityFact::Left(yuan("999999.99")));
        stands(&strict(), |case| case.facility = FacilityFact::NotNamed);
    }

    #[test]
    fn the_right_must_be_valid_today() {
        let tomorrow = "COD-MULTI-PAID-LUSHUI-20221202-20271201";
        breaks("PLG_OUTSIDE_VALIDITY", |case| {
            case.rights[0].class = RightClass::parse(tomorrow).unwrap();
            case.consents[0].right_classes = vec![tomorrow.to_owned()];
        });
    }

    #[test]
    fn every_site_must_be_the_pledgors_own() {
        breaks("PLG_NOT_OWN_SITE", |case| {
            let other = organisation("另一企业", OrganisationKind::Enterprise);
            case.rights.push(right(site_of(&other)));
        });
    }

    #[test]
    fn all_broken_rules_are_listed_at_once_with_the_right_they_concern() {
        let mut case = sound();
        case.pledgor.is_active = false;
        case.valued_on = date(2022, 12, 2);
        let other = organisation("另一企业", OrganisationKind::Enterprise);
        case.rights.push(right(site_of(&other)));
        case.rights[0].available = Some(0);
        let expected =
            ["PLG_PLEDGOR_SUSPENDED", "PLG_VALUATION_FUTURE", "PLG_NOT_ENOUGH_AVAILABLE", "PLG_NOT_OWN_SITE"];
        assert_eq!(codes(&case, &strict()), expected);
        let places: Vec<_> = judge(&case, &strict(), TODAY).iter().map(|broken| broken.right).collect();
        assert_eq!(places, [None, None, Some(0), Some(1)]);
    }
}
