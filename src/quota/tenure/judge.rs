//! Every rule that stands against an act on rights: when it is proposed, when its seller agrees and, under the locks, when it is
//! decided.

use super::error::TenureRefusal;
use super::right_act::{Kind, RightAct, What};
use crate::encumbrance::{LienOn, NoticeCause};
use crate::kernel::{Kind as Grave, Refusal, Violation};
use crate::parties::Site;
use crate::quota::QuotaRefusal;
use crate::quota::judge::validity_too_long;
use crate::rulebook::Rulebook;
use accounting::{Holding, Measure, Money, Origin, Product, RightClass, SubjectId, decimal};
use jiff::civil::Date;

/// What an act is judged on.
#[derive(Debug, Clone)]
pub struct Case {
    /// Whose rights; the reserve's own site when rights are set aside.
    pub site: Site,
    /// Of which class.
    pub class: RightClass,
    /// How its quantities are written.
    pub measure: Measure,
    /// Name of the organisation, when it is suspended.
    pub suspended: Option<String>,
    /// Whether a permit of the site is in force.
    pub is_permitted: bool,
    /// The site named as the reserve's.
    pub reserve: Option<Site>,
    /// The class that rights are renewed into.
    pub into: Option<RightClass>,
    /// The area whose capacity the rights use; absent for the reserve and for annual surpluses, which use none.
    pub area: Option<Holding>,
    /// Liens in force on the stock, first registered first.
    pub liens: Vec<LienOn>,
    /// Grams that the site has free, read under lock.
    pub available: i64,
    /// Fen that the treasury holds, read under lock.
    pub treasury: i64,
}

/// At which of its steps an act is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is proposed.
    Proposed {
        /// By a bureau, and not by a party.
        by_bureau: bool,
    },
    /// Its seller agrees.
    Agreed,
    /// A bureau decides.
    Decided,
}

/// Where the grams come from that a take-back takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seizure {
    /// From what is free.
    pub available: i64,
    /// From liens.
    pub liens: Vec<(SubjectId, i64)>,
}

impl Case {
    fn print(&self, grams: i64) -> String {
        let Measure { unit, grams_per_unit, decimals } = &self.measure;
        format!("{} {unit}", decimal::print(grams, *grams_per_unit, *decimals))
    }

    fn short_of(&self, wanted: i64) -> TenureRefusal {
        let (available, wanted) = (self.print(self.available), self.print(wanted));
        if self.liens.is_empty() {
            return TenureRefusal::NotEnough { available, wanted };
        }
        let numbers: Vec<&str> = self.liens.iter().map(|lien| lien.number.as_str()).collect();
        TenureRefusal::LiensInTheWay { liens: numbers.join(", "), available, wanted }
    }
}

/// A broken rule and how grave it is.
pub type Broken = (Grave, Violation);

fn told(refusal: &impl Refusal) -> Broken {
    (refusal.kind(), refusal.violation())
}

/// Every broken rule.
pub fn judge(act: &RightAct, case: &Case, rulebook: &Rulebook, today: Date, stage: Stage) -> Vec<Broken> {
    let mut broken = judge_validity(act, case, rulebook, today, stage);
    broken.extend(judge_origin(act, case).iter().map(told));
    broken.extend(judge_renewal(act, case, rulebook, today, stage));
    broken.extend(judge_quantity(act, case, today, stage).iter().map(told));
    if let (What::BuyBack { total, .. }, Stage::Decided) = (act.what, stage)
        && case.treasury < total.fen()
    {
        let available = Money::try_new(case.treasury).unwrap_or_default().print();
        broken.push(told(&TenureRefusal::TreasuryShort { available, wanted: total.print() }));
    }
    broken
}

fn judge_validity(act: &RightAct, case: &Case, rulebook: &Rulebook, today: Date, stage: Stage) -> Vec<Broken> {
    let to = case.class.validity.to();
    let mut broken = Vec::new();
    // A renewal that was asked for in time is decided on even when the validity has ended meanwhile (行政许可法第五十条).
    let is_late_renewal = act.kind() == Kind::Renewal && stage == Stage::Decided;
    if to < today && !is_late_renewal {
        broken.push(told(&TenureRefusal::ClassOver { to: to.to_string() }));
    }
    if act.kind() == Kind::SetAside {
        broken.extend(validity_too_long(rulebook, case.class.validity).iter().map(told));
    }
    broken
}

fn judge_origin(act: &RightAct, case: &Case) -> Vec<TenureRefusal> {
    let mut broken = Vec::new();
    match (act.kind(), case.class.origin) {
        (Kind::TakeBack, Origin::Paid) => broken.push(TenureRefusal::NotFree {}),
        (Kind::BuyBack, Origin::Free) => broken.push(TenureRefusal::NotPaid {}),
        _ => {}
    }
    let is_reserves = case.site.is_reserve;
    if act.kind() == Kind::SetAside && !is_reserves {
        broken.push(TenureRefusal::NotAReserve { site: case.site.name.clone() });
    }
    if let Some(reserve) = &case.reserve {
        if !reserve.is_reserve {
            broken.push(TenureRefusal::NotAReserve { site: reserve.name.clone() });
        }
        if is_reserves {
            broken.push(TenureRefusal::OfReserve { site: case.site.name.clone() });
        }
    }
    broken
}

fn judge_renewal(act: &RightAct, case: &Case, rulebook: &Rulebook, today: Date, stage: Stage) -> Vec<Broken> {
    let (What::Renewal { confirmed, .. }, Some(into)) = (act.what, &case.into) else { return Vec::new() };
    let (old, new) = (case.class.validity, into.validity);
    let mut broken = Vec::new();
    if let Some(name) = &case.suspended {
        broken.push(told(&QuotaRefusal::Suspended { name: name.clone() }));
    }
    if !case.site.is_reserve && !case.is_permitted {
        broken.push(told(&QuotaRefusal::PermitNotInForce { site: case.site.name.clone() }));
    }
    broken.extend(validity_too_long(rulebook, new).iter().map(told));
    let mut refuse = |refusal: TenureRefusal| broken.push(told(&refusal));
    if case.class.product != Product::MultiYear {
        refuse(TenureRefusal::NotRenewable {});
    }
    let follows = new.from() > old.from() && new.from() <= old.to().tomorrow().unwrap_or(Date::MAX);
    if !follows || new.to() <= old.to() {
        refuse(TenureRefusal::RenewalGap { to: old.to().to_string() });
    }
    if confirmed > act.quantity {
        refuse(TenureRefusal::ConfirmedTooMuch { quantity: case.print(act.quantity.grams()) });
    }
    if confirmed < act.quantity {
        match (case.class.origin, stage) {
            (Origin::Paid, _) => refuse(TenureRefusal::PaidUnaltered {}),
            (Origin::Free, Stage::Proposed { by_bureau: false }) => refuse(TenureRefusal::ByBureauOnly {}),
            (Origin::Free, _) => {}
        }
    }
    if let Some(by) = last_day_to_ask(old.to(), rulebook).filter(|by| today > *by)
        && stage == (Stage::Proposed { by_bureau: false })
    {
        refuse(TenureRefusal::RenewalLate { by: by.to_string() });
    }
    broken
}

/// The last day on which a party may ask for a renewal; none where no rule says so.
fn last_day_to_ask(to: Date, rulebook: &Rulebook) -> Option<Date> {
    let days = rulebook.permit_renewal_days()?;
    jiff::Span::new().try_days(days).and_then(|span| to.checked_sub(span)).ok()
}

fn judge_quantity(act: &RightAct, case: &Case, today: Date, stage: Stage) -> Option<TenureRefusal> {
    let wanted = act.quantity.grams();
    match (act.kind(), stage) {
        // Rights that come into being are taken from nobody; what an enterprise has free is told to nobody before it agrees.
        (Kind::SetAside, _) | (Kind::BuyBack, Stage::Proposed { .. }) => None,
        (Kind::TakeBack, _) => seize(act, case, today, stage).err(),
        _ if case.available < wanted => Some(case.short_of(wanted)),
        _ => None,
    }
}

/// Where a take-back takes its grams: from what is free, and only then from liens, the one that was registered last first, since earlier
/// ones have priority (民法典第四百一十四条). When it is decided, only liens give whose pledgee was told and whose term is over.
///
/// # Errors
/// [`TenureRefusal::NotEnough`], [`TenureRefusal::LiensInTheWay`], [`TenureRefusal::NoticeRunning`].
pub fn seize(act: &RightAct, case: &Case, today: Date, stage: Stage) -> Result<Seizure, TenureRefusal> {
    let wanted = act.quantity.grams();
    let available = case.available.min(wanted);
    let mut left = wanted - available;
    let mut liens = Vec::new();
    let until = |lien: &LienOn| lien.notice(NoticeCause::TakeBack, Some(act.id)).map(|notice| notice.until);
    let is_over = |lien: &LienOn| matches!(until(lien), Some(Some(day)) if day < today);
    for lien in case.liens.iter().rev().filter(|lien| stage != Stage::Decided || is_over(lien)) {
        let taken = lien.grams.min(left);
        left -= taken;
        if taken > 0 {
            liens.push((lien.lien, taken));
        }
    }
    if left == 0 {
        return Ok(Seizure { available, liens });
    }
    let pledged: i64 = case.liens.iter().map(|lien| lien.grams).sum();
    if case.available.saturating_add(pledged) < wanted {
        let (available, wanted) = (case.print(case.available.saturating_add(pledged)), case.print(wanted));
        return Err(TenureRefusal::NotEnough { available, wanted });
    }
    let mut waiting = case.liens.iter().rev().filter(|lien| !is_over(lien));
    let running = waiting.find_map(|lien| Some((lien, until(lien).flatten()?)));
    match running {
        Some((lien, until)) => {
            Err(TenureRefusal::NoticeRunning { lien: lien.number.clone(), until: until.to_string() })
        }
        None => Err(case.short_of(wanted)),
    }
}

#[cfg(test)]
mod tests;
