//! May this bank take these rights as security for this loan?
//!
//! The checks follow what provinces publish on such loans (Hunan 2014 and Hebei 2013 for the caps on value and term); where
//! Hubei has published none, its rulebook says null and the check is off. What an enterprise holds is told to a bank only
//! under the enterprise's consent, so availability is judged only where it stands.

use super::exclusions;
use crate::kernel::ids::OrganisationId;
use crate::kernel::{Kind, Refusal, Violation};
use crate::parties::{Consent, Facts, Organisation, OrganisationKind, Site};
use crate::refusals;
use crate::rulebook::Rulebook;
use accounting::{Measure, Money, Origin, Quantity, RightClass, decimal};
use jiff::Span;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

pub mod disposal;
pub mod screening;

refusals! {
    /// Why a pledge may not be.
    PledgeCheck {
        /// More than the site has free.
        NotEnoughAvailable { available, wanted } => Refused "PLG_NOT_ENOUGH_AVAILABLE" at "quantity": "可用量为 {available}，少于所需的 {wanted}", "{available} is available, {wanted} is to be pledged", basis "湖北省排污权抵质押贷款操作指引（暂行）：登记即冻结";
        /// The pledgor has not let this pledgee look at this class.
        ConsentMissing { right_class } => Refused "PLG_CONSENT_MISSING" at "right_class": "出质人未授权质权人查询 {right_class}", "the pledgor has given this pledgee no consent in force for {right_class}";
        /// The applicant is no bank and no guarantor.
        NotPledgeeKind { name } => Refused "PLG_NOT_PLEDGEE_KIND" at "": "{name} 不是银行或担保机构", "{name} is neither a bank nor a guarantor", basis "湖北省排污权抵质押贷款操作指引（暂行）";
        /// The pledgor is suspended.
        PledgorSuspended { name } => Refused "PLG_PLEDGOR_SUSPENDED" at "pledgor": "出质人 {name} 已被暂停", "the pledgor {name} is suspended";
        /// The debt outlives the rights.
        TermPastValidity { valid_to } => Refused "PLG_TERM_PAST_VALIDITY" at "debt_to": "债务期限不得超过排污权有效期（最早于 {valid_to} 届满）", "the debt may not outlive the rights, the first of which ends on {valid_to}", basis "湖南省主要污染物排污权抵押贷款管理办法：期限不超过排污权有效期";
        /// The debt runs longer than the rules allow.
        TermOverCap { months } => Refused "PLG_TERM_OVER_CAP" at "debt_to": "债务期限不得超过 {months} 个月", "the debt may run for {months} months at most", basis "河北省排污权质押贷款（2013）：最长三年";
        /// Too much is secured on the right.
        LtvOverCap { ltv, cap } => Refused "PLG_LTV_OVER_CAP" at "secured": "对应担保债权额与评估价值之比 {ltv} 超过上限 {cap}", "the amount secured on the rights is {ltv} of their assessed value, the cap is {cap}", basis "湖南省主要污染物排污权抵押贷款管理办法：按评估价值的比例";
        /// The valuation is too old.
        ValuationStale { days } => Refused "PLG_VALUATION_STALE" at "valued_on": "评估结果超过 {days} 天有效期", "a valuation may be relied on for {days} days", basis "民法典第四百零八条、第四百三十三条";
        /// The valuation says itself that it is over.
        ValuationExpired { expires_on } => Refused "PLG_VALUATION_EXPIRED" at "valuation_expires_on": "评估结果已于 {expires_on} 到期", "the valuation was good until {expires_on}", basis "民法典第四百零八条、第四百三十三条";
        /// The valuation is dated after today.
        ValuationFuture {} => Refused "PLG_VALUATION_FUTURE" at "valued_on": "评估日不得晚于今日", "the day of valuation has not come yet";
        /// The debt ends before it begins.
        DebtTerm {} => Refused "PLG_DEBT_TERM" at "debt_to": "债务到期日须晚于起始日", "the debt must end after it begins", basis "民法典第四百二十七条：债务履行期限";
        /// The period of a maximum-amount pledge ends before it begins, or after the debt.
        DeterminationPeriod {} => Refused "PLG_DETERMINATION_PERIOD" at "maximum_amount": "最高额质押的债权确定期间须先始后终，且不晚于债务到期日", "the period in which the claims of a maximum-amount pledge arise must end after it begins and no later than the debt", basis "民法典第四百二十条、第四百三十九条";
        /// More is secured than is owed.
        SecuredOverPrincipal { principal } => Refused "PLG_SECURED_OVER_PRINCIPAL" at "secured": "对应担保债权额不得超过主债权 {principal} 元", "no more can be secured than the principal of CNY {principal}", basis "民法典第三百八十九条";
        /// A free right is pledged before its usage fee is paid.
        FreeOriginFeeUnpaid {} => Refused "PLG_FREE_ORIGIN_FEE_UNPAID" at "right_class": "无偿取得的排污权须先按数量缴清使用费方可质押", "of rights obtained free no more may be pledged than their usage fee was paid for", basis "财税〔2015〕61号";
        /// The pledgor has no accepted part in the facility.
        FacilityNotAccepted {} => Refused "PLG_FACILITY_NOT_ACCEPTED" at "facility": "出质人未接受该授信", "the pledgor has not accepted a part of this facility";
        /// The pledgee has closed the facility.
        FacilityClosed {} => Refused "PLG_FACILITY_CLOSED" at "facility": "该授信已关闭，不得再提用", "this facility is closed: nothing more is drawn from it";
        /// The loan is larger than what is left of the sub-limit.
        FacilityExhausted { left, wanted } => Refused "PLG_FACILITY_EXHAUSTED" at "principal": "授信分额度余额为 {left} 元，少于所需的 {wanted} 元", "CNY {left} is left of the sub-limit, CNY {wanted} is to be drawn";
        /// The right is not valid today.
        OutsideValidity { from, to } => Refused "PLG_OUTSIDE_VALIDITY" at "right_class": "该排污权有效期为 {from} 至 {to}", "the right is valid from {from} to {to} only", basis "财税〔2015〕61号第十二条";
        /// The pledgor's newest credit rating is one that excludes.
        CreditLevel { level, period } => Refused "PLG_CREDIT_LEVEL" at "pledgor": "出质人 {period} 环境信用等级为 {level}，不得办理抵质押", "the pledgor was rated {level} for {period}, which excludes it", basis "湖南省主要污染物排污权抵押贷款管理办法：信用等级；宁夏2021年排污权抵押贷款（参照）";
        /// A major accident not long ago.
        MajorAccident { on, years } => Refused "PLG_MAJOR_ACCIDENT" at "pledgor": "出质人于 {on} 发生重大环境污染事故，{years} 年内不得办理抵质押", "the pledgor had a major accident on {on}, which excludes it for {years} years", basis "湖南省主要污染物排污权抵押贷款管理办法：三年内重大事故（参照）";
        /// A major violation not long ago.
        MajorViolation { on, years } => Refused "PLG_MAJOR_VIOLATION" at "pledgor": "出质人于 {on} 有重大环境违法，{years} 年内不得办理抵质押", "the pledgor committed a major violation on {on}, which excludes it for {years} years", basis "湘金办发〔2025〕44号：三年内重大违法（参照）";
        /// Illegal discharge not long ago.
        IllegalDischarge { on, years } => Refused "PLG_ILLEGAL_DISCHARGE" at "pledgor": "出质人于 {on} 偷排，{years} 年内不得办理抵质押", "the pledgor discharged illegally on {on}, which excludes it for {years} years", basis "河北省排污权抵押贷款办法：一年内偷排超排（参照）";
        /// More was discharged last year than permitted.
        OverPermit { year } => Refused "PLG_OVER_PERMIT" at "pledgor": "出质人 {year} 年超证排放，不得办理抵质押", "the pledgor discharged more than permitted in {year}", basis "湖南省主要污染物排污权抵押贷款管理办法：上年度超证排放（参照）";
        /// A usage fee is owed.
        FeeUnpaid { source } => Refused "PLG_FEE_UNPAID" at "pledgor": "出质人欠缴有偿使用费（{source}），不得办理抵质押", "the pledgor owes a usage fee ({source})", basis "湖南省主要污染物排污权抵押贷款管理办法：未缴清使用费（参照）";
        /// The site's permit allows more than the site has rights for.
        PermitMismatch { pollutant } => Refused "PLG_PERMIT_MISMATCH" at "site": "该排污单位 {pollutant} 证量不符，须先变更排污许可证", "the site's permit allows more {pollutant} than the site has rights for: it must be varied first", basis "国办发〔2014〕38号：排污权以排污许可证形式确认";
        /// A lien is asked for behind others where the rules know none such.
        JuniorNotAllowed {} => Refused "PLG_JUNIOR_NOT_ALLOWED" at "junior": "本省未规定后顺位质押，不得以在押数量再行质押", "the rules of this province know no junior liens: what is pledged is pledged once", basis "民法典第四百一十四条、第四百四十六条：按登记先后清偿（本省未作规定）";
        /// A junior lien asks for more than is free and pledged.
        BeyondSeniors { most, wanted } => Refused "PLG_BEYOND_SENIORS" at "quantity": "可用量与在先质押量合计 {most}，少于所需的 {wanted}", "{most} is free or held by liens before this one, {wanted} is to be pledged", basis "民法典第四百一十四条、第四百四十六条";
        /// The site belongs to somebody else.
        NotOwnSite { site } => Refused "PLG_NOT_OWN_SITE" at "site": "排污单位 {site} 不属于出质人", "the site {site} is not the pledgor's", basis "民法典第四百四十条";
    }
}

/// A broken rule, and which of the rights it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// Place of the right in the pledge, from zero; absent when it concerns the whole.
    pub right: Option<usize>,
    /// About which of the further pledgors, where it is about one.
    pub further: Option<usize>,
    /// The rule.
    pub check: PledgeCheck,
}

impl Refusal for BrokenRule {
    fn kind(&self) -> Kind {
        self.check.kind()
    }

    fn violation(&self) -> Violation {
        let violation = self.check.violation();
        match (self.right, self.further) {
            (Some(at), _) => violation.within(&format!("rights[{at}]")),
            (None, Some(at)) => violation.about(&format!("further_pledgors[{at}]")),
            (None, None) => violation,
        }
    }
}

/// What the pledgor can draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacilityFact {
    /// The loan is drawn from no facility.
    NotNamed,
    /// The pledgor has no part in it, or has not accepted it.
    NotAccepted,
    /// The pledgor had accepted it, and the pledgee has closed it.
    Closed,
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
    /// Whether the site's permit allows more of it than the site has rights for, and the rules block that.
    pub is_mismatched: bool,
    /// Grams of the class that the site has sold, or that are held or pledged: what a settled usage fee has borne already.
    pub fee_used: i64,
    /// Whether it is held for the pledge already: its stock, its consent and its fee were judged when it was taken.
    pub is_held: bool,
    /// What of the loan rests on it, and what it was assessed at; absent where nobody has said which part.
    pub part: Option<Part>,
    /// What lies on the stock before it, where a lien is asked for that may wait for that.
    pub junior: Option<Seniors>,
    /// What those before it secure on what it would wait for.
    pub ahead: Money,
}

/// The liens before a junior one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seniors {
    /// Grams of the stock that they hold.
    pub held: i64,
}

/// What rests on one thing of several: a loan is measured by the part that the right secures, not by a package in which other things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The part of the loan that is secured on it (对应担保债权额).
    pub secured: Money,
    /// What it was assessed at.
    pub value: Money,
}

impl Part {
    /// The same, worth so much less because others come first.
    #[must_use]
    pub fn behind(self, ahead: Money) -> Self {
        Self { value: self.value.checked_sub(ahead).unwrap_or_default(), ..self }
    }
}

impl RightCase {
    fn print(&self, grams: i64) -> String {
        let Measure { unit, grams_per_unit, decimals } = &self.measure;
        format!("{} {unit}", decimal::print(grams, *grams_per_unit, *decimals))
    }

    /// Whether the site has it free, or free and in the hands of the liens before a junior one.
    ///
    /// # Errors
    /// [`PledgeCheck::NotEnoughAvailable`], [`PledgeCheck::BeyondSeniors`].
    pub fn judge_quantity(&self) -> Result<(), PledgeCheck> {
        let wanted = self.quantity.grams();
        match self.available {
            Some(available) if self.junior.is_some() => {
                let most = available.saturating_add(self.junior.map_or(0, |seniors| seniors.held));
                if wanted <= most {
                    return Ok(());
                }
                Err(PledgeCheck::BeyondSeniors { most: self.print(most), wanted: self.print(wanted) })
            }
            Some(available) if available < wanted => {
                Err(PledgeCheck::NotEnoughAvailable { available: self.print(available), wanted: self.print(wanted) })
            }
            _ => Ok(()),
        }
    }

    /// Grams that nothing was pledged for before: the fee of what a junior lien waits for is borne where that lies now.
    fn fresh(&self) -> i64 {
        let wanted = self.quantity.grams();
        if self.junior.is_some() { self.available.map_or(wanted, |free| free.clamp(0, wanted)) } else { wanted }
    }
}

/// Somebody whose rights secure the debt of another (第三人).
#[derive(Debug, Clone)]
pub struct FurtherCase {
    /// Who.
    pub pledgor: Organisation,
    /// Every fact about it and its sites.
    pub facts: Facts,
}

/// Everything a pledge is judged on.
#[derive(Debug, Clone)]
pub struct PledgeCase {
    /// Who pledges; the borrower of several.
    pub pledgor: Organisation,
    /// The others of several.
    pub further: Vec<FurtherCase>,
    /// To whom.
    pub pledgee: Organisation,
    /// Consents of all pledgors to the pledgee, whatever their state.
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
    /// The last day for which the valuation says it is good.
    pub valuation_expires_on: Option<Date>,
    /// The period in which the claims of a maximum-amount pledge arise.
    pub determined: Option<(Date, Date)>,
    /// First day of the debt.
    pub debt_from: Date,
    /// Last day of the debt.
    pub debt_to: Date,
    /// What liens before it secure on what the liens of the pledge still wait for.
    pub ahead: Money,
    /// The rights.
    pub rights: Vec<RightCase>,
    /// Every fact about the pledgor and its sites.
    pub facts: Facts,
}

impl PledgeCase {
    /// What the whole is measured by: what is left of the value behind those who come first.
    pub fn whole(&self) -> Part {
        let whole = Part { secured: self.secured, value: self.assessed_value }.behind(self.ahead);
        self.rights.iter().fold(whole, |whole, right| whole.behind(right.ahead))
    }

    /// Whether a pledgor has consented to this pledgee for one of its rights at least: without that nothing is told of it.
    fn is_known_to_pledgee(&self, pledgor: OrganisationId, today: Date) -> bool {
        self.rights.iter().any(|right| self.owner_of(right) == pledgor && self.is_consented(right, today))
    }

    /// Who is to give a right: the one whose site it is, and the borrower where that is none of the pledgors.
    fn owner_of(&self, right: &RightCase) -> OrganisationId {
        if self.is_own(right) { right.site.organisation } else { self.pledgor.id }
    }

    fn is_own(&self, right: &RightCase) -> bool {
        self.facts_of(right.site.organisation).is_some()
    }

    fn facts_of(&self, pledgor: OrganisationId) -> Option<&Facts> {
        let further = self.further.iter().find(|further| further.pledgor.id == pledgor);
        if self.pledgor.id == pledgor { Some(&self.facts) } else { further.map(|further| &further.facts) }
    }

    fn is_consented(&self, right: &RightCase, today: Date) -> bool {
        self.consent_for(right, today).is_some()
    }

    /// The consent under which a right is pledged.
    pub fn consent_for(&self, right: &RightCase, today: Date) -> Option<&Consent> {
        let (owner, class) = (self.owner_of(right), right.class.code());
        let is_between = |consent: &&Consent| consent.organisation == owner && consent.pledgee == self.pledgee.id;
        self.consents.iter().filter(is_between).find(|consent| consent.covers(&class, today))
    }
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
    if case.is_known_to_pledgee(case.pledgor.id, today) {
        broken.extend(exclusions::judge(&case.facts, rulebook, today));
    }
    let whole = broken.into_iter().map(|check| BrokenRule { right: None, further: None, check });
    let further = case.further.iter().enumerate().flat_map(|(at, further)| {
        let broken = judge_further(case, further, rulebook, today).into_iter();
        broken.map(move |check| BrokenRule { right: None, further: Some(at), check })
    });
    let rights = case.rights.iter().enumerate().flat_map(|(at, right)| {
        let mut broken = judge_right(case, right, today);
        // A single thing bears the whole, which is judged above.
        let part = right.part.filter(|_| case.rights.iter().filter(|right| right.part.is_some()).count() > 1);
        broken.extend(part.and_then(|part| judge_ltv(part.behind(right.ahead), rulebook).err()));
        if right.junior.is_some() && !rulebook.junior_liens() {
            broken.push(PledgeCheck::JuniorNotAllowed {});
        }
        broken.into_iter().map(move |check| BrokenRule { right: Some(at), further: None, check })
    });
    whole.chain(further).chain(rights).collect()
}

/// What stands against somebody whose rights secure the debt of another: the same as against the borrower.
fn judge_further(case: &PledgeCase, further: &FurtherCase, rulebook: &Rulebook, today: Date) -> Vec<PledgeCheck> {
    let mut broken = Vec::new();
    if !further.pledgor.is_active() {
        broken.push(PledgeCheck::PledgorSuspended { name: further.pledgor.name.clone() });
    }
    if case.is_known_to_pledgee(further.pledgor.id, today) {
        broken.extend(exclusions::judge(&further.facts, rulebook, today));
    }
    broken
}

/// What stands today against a change of the terms of a pledge that is registered. One that asks for credit is judged like an application; one
/// that does not is judged by its form, and by what comes in for it.
pub fn judge_amendment(case: &PledgeCase, rulebook: &Rulebook, today: Date, asks_for_credit: bool) -> Vec<BrokenRule> {
    let is_of_form = |check: &PledgeCheck| {
        use PledgeCheck::{DebtTerm, DeterminationPeriod, SecuredOverPrincipal};
        matches!(check, DebtTerm {} | DeterminationPeriod {} | SecuredOverPrincipal { .. })
    };
    let comes_in = |at: usize| case.rights.get(at).is_some_and(|right| !right.is_held);
    let stands = |broken: &BrokenRule| match broken.right {
        Some(at) => asks_for_credit || comes_in(at),
        None => asks_for_credit || is_of_form(&broken.check),
    };
    judge(case, rulebook, today).into_iter().filter(stands).collect()
}

/// What the bureau verifies: that the books cover the quantities, and that nothing a pledgor has done excludes it. Facts are those of the
/// borrower, and then of the others in their order.
pub fn judge_verification(rights: &[RightCase], facts: &[Facts], rulebook: &Rulebook, today: Date) -> Vec<BrokenRule> {
    let excluded = facts.iter().enumerate().flat_map(|(at, facts)| {
        let broken = exclusions::judge(facts, rulebook, today).into_iter();
        broken.map(move |check| BrokenRule { right: None, further: at.checked_sub(1), check })
    });
    excluded.chain(judge_quantities(rights)).collect()
}

/// Whether the books cover the quantities.
fn judge_quantities(rights: &[RightCase]) -> Vec<BrokenRule> {
    let short = |(at, right): (usize, &RightCase)| {
        right.judge_quantity().err().map(|check| BrokenRule { right: Some(at), further: None, check })
    };
    rights.iter().enumerate().filter_map(short).collect()
}

fn judge_parties(case: &PledgeCase, broken: &mut Vec<PledgeCheck>) {
    if !matches!(case.pledgee.kind, OrganisationKind::Bank | OrganisationKind::Guarantor) {
        broken.push(PledgeCheck::NotPledgeeKind { name: case.pledgee.name.clone() });
    }
    if !case.pledgor.is_active() {
        broken.push(PledgeCheck::PledgorSuspended { name: case.pledgor.name.clone() });
    }
}

fn judge_debt(case: &PledgeCase, rulebook: &Rulebook, broken: &mut Vec<PledgeCheck>) {
    if case.debt_from >= case.debt_to {
        broken.push(PledgeCheck::DebtTerm {});
    }
    let first_to_end = case.rights.iter().map(|right| right.class.validity.to()).min();
    if let Some(valid_to) = first_to_end.filter(|valid_to| case.debt_to > *valid_to) {
        broken.push(PledgeCheck::TermPastValidity { valid_to: valid_to.to_string() });
    }
    if let Some(months) = rulebook.pledge_term_cap_months() {
        // A cap that leads out of the calendar leaves no term that is longer.
        let span = Span::new().try_months(months);
        let latest = span.and_then(|span| case.debt_from.checked_add(span)).unwrap_or(Date::MAX);
        if case.debt_to > latest {
            broken.push(PledgeCheck::TermOverCap { months: months.to_string() });
        }
    }
    if case.determined.is_some_and(|(from, to)| from > to || to > case.debt_to) {
        broken.push(PledgeCheck::DeterminationPeriod {});
    }
    if case.secured > case.principal {
        broken.push(PledgeCheck::SecuredOverPrincipal { principal: case.principal.print() });
    }
}

fn judge_valuation(case: &PledgeCase, rulebook: &Rulebook, today: Date, broken: &mut Vec<PledgeCheck>) {
    broken.extend(judge_ltv(case.whole(), rulebook).err());
    if let Some(expires_on) = case.valuation_expires_on.filter(|last| *last < today) {
        broken.push(PledgeCheck::ValuationExpired { expires_on: expires_on.to_string() });
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

/// Whether no more is secured than the cap allows of the value: by the product, because a quotient is rounded.
///
/// # Errors
/// [`PledgeCheck::LtvOverCap`].
pub fn judge_ltv(part: Part, rulebook: &Rulebook) -> Result<(), PledgeCheck> {
    let Some(cap) = rulebook.ltv_cap() else { return Ok(()) };
    let most = cap.checked_mul(Decimal::from(part.value.fen()));
    if most.is_some_and(|most| Decimal::from(part.secured.fen()) <= most) {
        return Ok(());
    }
    // Where others come first with all that it is worth, there is no figure for it.
    let ltv = ltv(part.secured, part.value).map_or_else(|| "∞".to_owned(), |ltv| format!("{ltv:.4}"));
    Err(PledgeCheck::LtvOverCap { ltv, cap: cap.to_string() })
}

fn judge_facility(case: &PledgeCase, broken: &mut Vec<PledgeCheck>) {
    match case.facility {
        FacilityFact::NotAccepted => broken.push(PledgeCheck::FacilityNotAccepted {}),
        FacilityFact::Closed => broken.push(PledgeCheck::FacilityClosed {}),
        FacilityFact::Left(left) if left < case.principal => {
            broken.push(PledgeCheck::FacilityExhausted { left: left.print(), wanted: case.principal.print() });
        }
        FacilityFact::NotNamed | FacilityFact::Left(_) => {}
    }
}

fn judge_right(case: &PledgeCase, right: &RightCase, today: Date) -> Vec<PledgeCheck> {
    if right.is_held {
        return Vec::new();
    }
    let mut broken = Vec::new();
    let (code, validity) = (right.class.code(), right.class.validity);
    let is_own = case.is_own(right);
    let is_consented = case.is_consented(right, today);
    if !is_own {
        broken.push(PledgeCheck::NotOwnSite { site: right.site.name.clone() });
    }
    if !is_consented {
        broken.push(PledgeCheck::ConsentMissing { right_class: code });
    }
    if is_own && is_consented {
        broken.extend(right.judge_quantity().err());
        if right.is_mismatched {
            broken.push(PledgeCheck::PermitMismatch { pollutant: right.class.pollutant.clone() });
        }
    }
    if !validity.contains(today) {
        let (from, to) = (validity.from().to_string(), validity.to().to_string());
        broken.push(PledgeCheck::OutsideValidity { from, to });
    }
    let facts = case.facts_of(case.owner_of(right)).unwrap_or(&case.facts);
    let covered = facts.fee_covered(right.site.id, &right.class.code());
    if right.class.origin == Origin::Free && !covered.bears(right.fee_used, right.fresh()) {
        broken.push(PledgeCheck::FreeOriginFeeUnpaid {});
    }
    broken
}

#[cfg(test)]
mod tests;
