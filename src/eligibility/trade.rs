//! May this buyer have these rights from this seller at this price?
//!
//! The boundaries are those the exchange publishes for Hubei (常见问题 12) and 国办发〔2014〕38号: air within a city, water within a
//! basin, power apart from other industry for air, agriculture apart from industry, no growth where there is no capacity.

use crate::kernel::Refusal;
use crate::kernel::ids::{RightClassId, TradeOverrideId};
use crate::parties::{Facts, Medium, Organisation, Permit, Pollutant, Project, Site};
use crate::refusals;
use crate::rulebook::Rulebook;
use accounting::{Origin, Price, PriceBasis, PriceBasisFault, Product, Quantity, Ratio, RightClass, decimal};
use jiff::civil::Date;

refusals! {
    /// Why a trade may not be.
    TradeRefusal {
        /// Seller and buyer are the same enterprise.
        SameParty {} => Refused "TRD_SAME_PARTY" at "buyer_site": "买卖双方不得为同一单位", "seller and buyer are the same enterprise";
        /// A party is suspended.
        PartySuspended { name } => Refused "TRD_PARTY_SUSPENDED" at "": "{name} 已被暂停", "{name} is suspended";
        /// The reserve buys back by decision, not by offer.
        ReserveCannotBuy {} => Refused "TRD_RESERVE_CANNOT_BUY" at "buyer_site": "储备机构不得作为协议受让方", "the reserve buys back by decision, not by an offer", basis "鄂环发〔2024〕3号";
        /// More than the seller has free.
        NotEnoughAvailable { available, wanted } => Refused "TRD_NOT_ENOUGH_AVAILABLE" at "quantity": "可用量为 {available}，少于所需的 {wanted}", "{available} is available, {wanted} is wanted", basis "湖北省排污权抵质押贷款操作指引（暂行）：登记即冻结";
        /// The right is not valid today.
        OutsideValidity { from, to } => Refused "TRD_OUTSIDE_VALIDITY" at "right_class": "该排污权有效期为 {from} 至 {to}", "the right is valid from {from} to {to} only", basis "财税〔2015〕61号第十二条";
        /// Air rights leave their city.
        CityMismatch { zone } => Refused "TRD_CITY_MISMATCH" at "buyer_site": "大气污染物排污权须在同一市州（{zone}）内交易", "rights of air pollutants trade within their city ({zone})", basis "湖北环境资源交易中心常见问题12(b)";
        /// Water rights leave their basin.
        BasinMismatch { zone } => Refused "TRD_BASIN_MISMATCH" at "buyer_site": "水污染物排污权须在同一流域（{zone}）内交易", "rights of water pollutants trade within their basin ({zone})", basis "湖北环境资源交易中心常见问题12(b)";
        /// An override lifts the boundary, but not for so much.
        OverrideShort { left, wanted } => Refused "TRD_OVERRIDE_SHORT" at "quantity": "省级特批剩余 {left}，不足 {wanted}", "of the province's override {left} is left, {wanted} is wanted";
        /// A year's surplus leaves its area, whose capacity it never used.
        SurplusLeavesArea {} => Refused "TRD_SURPLUS_LEAVES_AREA" at "buyer_site": "年度富余量只能在本区域内交易", "a surplus of a year trades within its area: it used no capacity that could follow it", basis "襄阳市排污权交易试点：年度富余排放量";
        /// Power and other industry, for air.
        PowerSector {} => Refused "TRD_POWER_SECTOR" at "buyer_site": "火电企业与其他行业不得交易大气污染物排污权", "power plants and other industry may not trade rights of air pollutants", basis "湖北环境资源交易中心常见问题12(d)";
        /// Agriculture and industry.
        AgricultureSector {} => Refused "TRD_AGRICULTURE_SECTOR" at "buyer_site": "工业污染源不得与农业污染源交易", "industrial and agricultural sources may not trade with each other", basis "湖北环境资源交易中心常见问题12(c)";
        /// The seller has not registered such a reduction.
        ReductionNotRegistered { left, wanted } => Refused "TRD_REDUCTION_NOT_REGISTERED" at "quantity": "已登记且未出让的减排量为 {left}，少于所需的 {wanted}", "of the seller's registered reductions {left} is left to sell, {wanted} is wanted", basis "湖北省主要污染物排污权交易办法：减排登记";
        /// A free right is sold before its usage fee is paid.
        FreeOriginFeeUnpaid {} => Refused "TRD_FREE_ORIGIN_FEE_UNPAID" at "right_class": "无偿取得的排污权须先按数量缴清使用费方可转让", "of rights obtained free no more may be sold than their usage fee was paid for", basis "财税〔2015〕61号";
        /// The seller discharged more of it last year than permitted.
        SellerOverPermit { year } => Refused "TRD_SELLER_OVER_PERMIT" at "seller_site": "出让方 {year} 年该污染物超证排放，不得出让", "the seller discharged more of it than permitted in {year}", basis "国办发〔2014〕38号：超排污权排放依法处罚";
        /// The seller's permit allows more of it than the seller has rights for.
        PermitMismatch { pollutant } => Refused "TRD_PERMIT_MISMATCH" at "seller_site": "出让方 {pollutant} 证量不符，须先变更排污许可证", "the seller's permit allows more {pollutant} than the seller has rights for: it must be varied first", basis "国办发〔2014〕38号：排污权以排污许可证形式确认";
        /// Rights of the pollutant are not traded here.
        PollutantNotTraded { pollutant } => Refused "TRD_POLLUTANT_NOT_TRADED" at "right_class": "{pollutant} 未纳入排污权交易", "rights of {pollutant} are not traded here", basis "鄂政发〔2012〕64号：交易的主要污染物";
        /// The buyer has no project that may have it.
        ProjectMissing {} => Refused "TRD_PROJECT_MISSING" at "project": "受让方缺少建设项目总量核定文件", "the buyer's site has no such project with a total-quantity document", basis "2017年度湖北省第五次主要污染物排污权转让公告";
        /// The replacement ratio leaves nothing of it.
        NothingUsable { ratio } => Refused "TRD_NOTHING_USABLE" at "quantity": "按替代比例 {ratio}，该数量不足以替代任何排放", "at the replacement ratio {ratio} nothing of this quantity may be discharged", basis "环发〔2014〕197号：等量或减量替代";
        /// A party's permit is not in force.
        PermitNotInForce { site } => Refused "TRD_PERMIT_NOT_IN_FORCE" at "": "{site} 无有效排污许可证", "{site} has no permit in force", basis "排污许可管理条例";
        /// The price is below the base price where it binds.
        BelowBasePrice { base } => Refused "TRD_BELOW_BASE_PRICE" at "unit_price": "不得低于基价 {base} 元", "the base price of CNY {base} binds here", basis "湖北省主要污染物排污权交易办法实施细则：竞价基价";
        /// A price of a year for rights whose validity is not whole years.
        NotWholeYears { from, to } => Refused "TRD_NOT_WHOLE_YEARS" at "price_basis": "有效期 {from} 至 {to} 非整年，不得按年计价", "the validity from {from} to {to} is not whole years: a price of a year does not fit it";
        /// The buyer's area has no recorded cap.
        NoCap { area } => Refused "TRD_NO_CAP" at "buyer_site": "区域 {area} 未核定该污染物总量", "no cap is recorded for area {area}";
        /// The buyer's area is suspended.
        AreaSuspended { area, document, from } => Refused "TRD_AREA_SUSPENDED" at "buyer_site": "受让方所在区域 {area} 自 {from} 起限批（{document}）", "the buyer's area {area} is suspended since {from} by {document}", basis "环境保护法第四十四条；水污染防治法第二十条；大气污染防治法第二十二条：区域限批";
        /// The buyer's area cannot take more.
        NoHeadroom { headroom, wanted } => Refused "TRD_NO_HEADROOM" at "quantity": "受让方所在区域剩余容量为 {headroom}，少于所需的 {wanted}", "the buyer's area has headroom for {headroom}, {wanted} is wanted", basis "环境保护法第四十四条：总量控制";
    }
}

accounting::words! {
    /// The boundary that rights of a medium stay within.
    Boundary {
        /// The city (市州), for air.
        City = "city",
        /// The basin (流域), for water.
        Basin = "basin",
    }
}

impl Boundary {
    /// The boundary of a medium.
    pub fn of(medium: Medium) -> Self {
        match medium {
            Medium::Air => Self::City,
            Medium::Water => Self::Basin,
        }
    }

    /// What refuses rights of a zone that would leave it.
    pub fn refusal(self, zone: String) -> TradeRefusal {
        match self {
            Self::City => TradeRefusal::CityMismatch { zone },
            Self::Basin => TradeRefusal::BasinMismatch { zone },
        }
    }

    /// The code of the rule that keeps rights within it.
    pub fn code(self) -> String {
        self.refusal(String::new()).violation().code.into_owned()
    }
}

/// A boundary that the province lets the rights of a trade pass (省级特批).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifted {
    /// By which override.
    pub by: TradeOverrideId,
    /// Which boundary.
    pub boundary: Boundary,
    /// The class that the buyer gets: that of its own zone.
    pub delivered: RightClassId,
}

/// An override in force for a trade, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lift {
    /// What it lifts.
    pub lifted: Lifted,
    /// Grams that no other trade has taken.
    pub left: i64,
}

/// What the buyer's area can still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headroom {
    /// The rights stay in one area, or the headroom is held already.
    NotNeeded,
    /// Nobody has set a cap: refused, never unlimited.
    Unrecorded,
    /// Grams.
    Grams(i64),
}

/// The buyer's project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectFact {
    /// The buyer names it when it accepts.
    NotYetNamed,
    /// The named one, when it is there.
    Named(Option<Project>),
}

/// Everything a trade is judged on.
#[derive(Debug, Clone)]
pub struct TradeCase {
    /// Seller's site and organisation.
    pub seller: (Site, Organisation),
    /// Buyer's site and organisation.
    pub buyer: (Site, Organisation),
    /// What is sold.
    pub class: RightClass,
    /// Its pollutant.
    pub pollutant: Pollutant,
    /// How much.
    pub quantity: Quantity,
    /// At what price per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// `negotiated`, `listing` or `auction`.
    pub mode: &'static str,
    /// The seller's permits.
    pub seller_permits: Vec<Permit>,
    /// The buyer's permits.
    pub buyer_permits: Vec<Permit>,
    /// The buyer's project.
    pub project: ProjectFact,
    /// Grams the seller has registered as reduced.
    pub registered: i64,
    /// Grams of the pollutant the seller has sold or holds for other trades.
    pub sold: i64,
    /// Grams the seller has free; absent when they are held for this trade already.
    pub available: Option<i64>,
    /// What keeps rights that come from outside out of the buyer's area.
    pub suspension: Option<TradeRefusal>,
    /// What the buyer's area can take.
    pub headroom: Headroom,
    /// The override in force that lifts the boundary between the sites; filled in by the caller, under its lock.
    pub lift: Option<Lift>,
    /// Whether the seller's permit allows more of it than the seller has rights for, and the rules block that.
    pub is_mismatched: bool,
    /// Every fact about the seller's enterprise and its sites.
    pub seller_facts: Facts,
    /// Grams of the class that the seller has sold, or that are held or pledged: what a settled usage fee has borne already.
    pub fee_used: i64,
}

impl TradeCase {
    fn print(&self, grams: i64) -> String {
        let measure = &self.pollutant.measure;
        format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit)
    }

    /// How much must be bought for what the named project builds: its own ratio, or that of the rulebook. An annual surplus is no
    /// lasting quantity, and replaces nothing.
    pub fn replacement(&self, rulebook: &Rulebook) -> Option<Ratio> {
        let ProjectFact::Named(Some(project)) = &self.project else { return None };
        let of_rules = || rulebook.replacement_ratio(&self.buyer.0.area_path, &self.class.pollutant);
        let is_lasting = self.class.product == Product::MultiYear;
        project.replacement_ratio.or_else(of_rules).filter(|_| is_lasting)
    }

    /// The price of a unit over the whole validity of the right.
    ///
    /// # Errors
    /// [`PriceBasisFault`].
    pub fn whole_price(&self) -> Result<Price, PriceBasisFault> {
        self.price_basis.over(self.unit_price, self.class.validity)
    }

    /// The boundary that the rights would pass.
    pub fn crossed(&self) -> Option<Boundary> {
        let is_outside = self.buyer.0.zone(&self.pollutant) != Some(&self.class.zone);
        is_outside.then(|| Boundary::of(self.pollutant.medium))
    }

    /// What lets all of it pass the boundary.
    pub fn lifted(&self) -> Option<Lifted> {
        let boundary = self.crossed()?;
        let lift = self.lift.filter(|lift| lift.lifted.boundary == boundary && lift.left >= self.quantity.grams());
        lift.map(|lift| lift.lifted)
    }

    /// Whether the trade moves quantity into the buyer's area.
    pub fn needs_headroom(&self) -> bool {
        needs_headroom(&self.seller.0, &self.buyer.0)
    }
}

/// Whether a trade between these sites uses headroom of the buyer's area.
pub fn needs_headroom(seller: &Site, buyer: &Site) -> bool {
    seller.is_reserve || seller.area != buyer.area
}

/// Every rule that stands against the trade today.
pub fn judge(case: &TradeCase, rulebook: &Rulebook, today: Date) -> Vec<TradeRefusal> {
    let mut broken = Vec::new();
    judge_parties(case, today, &mut broken);
    judge_right(case, today, &mut broken);
    judge_boundaries(case, &mut broken);
    judge_record(case, rulebook, today, &mut broken);
    judge_price(case, rulebook, &mut broken);
    if let Some(ratio) = case.replacement(rulebook).filter(|ratio| ratio.usable_of(case.quantity) == 0) {
        broken.push(TradeRefusal::NothingUsable { ratio: ratio.to_string() });
    }
    broken.extend(case.suspension.iter().cloned());
    match case.headroom {
        Headroom::Grams(headroom) if headroom < case.quantity.grams() => broken.push(TradeRefusal::NoHeadroom {
            headroom: case.print(headroom),
            wanted: case.print(case.quantity.grams()),
        }),
        Headroom::Unrecorded => broken.push(TradeRefusal::NoCap { area: case.buyer.0.area_path.clone() }),
        _ => {}
    }
    broken
}

/// Every rule that stands today against putting rights up for whoever comes: nothing is said of a buyer yet, and what the case says of one
/// is not looked at.
pub fn judge_sale(case: &TradeCase, rulebook: &Rulebook, today: Date) -> Vec<TradeRefusal> {
    let mut broken = Vec::new();
    let (site, organisation) = &case.seller;
    judge_standing(organisation, &mut broken);
    judge_permit(site, &case.seller_permits, today, &mut broken);
    judge_right(case, today, &mut broken);
    judge_record(case, rulebook, today, &mut broken);
    judge_price(case, rulebook, &mut broken);
    broken
}

/// Every rule that stands today against a trade on terms that nobody has offered yet, as far as its buyer may know: of the seller's stock and
/// record nothing is told.
pub fn judge_terms(case: &TradeCase, rulebook: &Rulebook, today: Date) -> Vec<TradeRefusal> {
    without_sellers_record(case, |known| judge(known, rulebook, today))
}

/// What is found of a case in which nothing is known of the seller's stock and record.
pub(super) fn without_sellers_record(
    case: &TradeCase,
    judge: impl Fn(&TradeCase) -> Vec<TradeRefusal>,
) -> Vec<TradeRefusal> {
    let known = TradeCase {
        available: None,
        registered: i64::MAX,
        sold: 0,
        is_mismatched: false,
        seller_facts: Facts::default(),
        ..case.clone()
    };
    let mut broken = judge(&known);
    // Whether the fee of a free right is paid is in the seller's record.
    broken.retain(|refusal| !matches!(refusal, TradeRefusal::FreeOriginFeeUnpaid {}));
    broken
}

/// The base price is compared with the price over the whole validity. A price that cannot be counted is refused where the total is made.
fn judge_price(case: &TradeCase, rulebook: &Rulebook, broken: &mut Vec<TradeRefusal>) {
    let validity = case.class.validity;
    let base = rulebook.base_price(&case.class.pollutant).filter(|_| rulebook.base_price_binds(case.mode));
    match case.whole_price() {
        Ok(price) => broken
            .extend(base.filter(|base| price < *base).map(|base| TradeRefusal::BelowBasePrice { base: base.print() })),
        Err(PriceBasisFault::NotWholeYears) => broken
            .push(TradeRefusal::NotWholeYears { from: validity.from().to_string(), to: validity.to().to_string() }),
        Err(PriceBasisFault::OutOfRange) => {}
    }
}

fn judge_standing(organisation: &Organisation, broken: &mut Vec<TradeRefusal>) {
    if !organisation.is_active() {
        broken.push(TradeRefusal::PartySuspended { name: organisation.name.clone() });
    }
}

fn judge_permit(site: &Site, permits: &[Permit], today: Date, broken: &mut Vec<TradeRefusal>) {
    let is_permitted = permits.iter().any(|permit| permit.validity.contains(today));
    if !site.is_reserve && !is_permitted {
        broken.push(TradeRefusal::PermitNotInForce { site: site.name.clone() });
    }
}

fn judge_parties(case: &TradeCase, today: Date, broken: &mut Vec<TradeRefusal>) {
    let ((seller, seller_organisation), (buyer, buyer_organisation)) = (&case.seller, &case.buyer);
    if seller.organisation == buyer.organisation {
        broken.push(TradeRefusal::SameParty {});
    }
    for organisation in [seller_organisation, buyer_organisation] {
        judge_standing(organisation, broken);
    }
    if buyer.is_reserve {
        broken.push(TradeRefusal::ReserveCannotBuy {});
    }
    for (site, permits) in [(seller, &case.seller_permits), (buyer, &case.buyer_permits)] {
        judge_permit(site, permits, today, broken);
    }
    if let ProjectFact::Named(project) = &case.project
        && project.as_ref().is_none_or(|project| project.site != buyer.id)
    {
        broken.push(TradeRefusal::ProjectMissing {});
    }
}

fn judge_right(case: &TradeCase, today: Date, broken: &mut Vec<TradeRefusal>) {
    let (grams, validity) = (case.quantity.grams(), case.class.validity);
    if let Some(available) = case.available.filter(|available| *available < grams) {
        let (available, wanted) = (case.print(available), case.print(grams));
        broken.push(TradeRefusal::NotEnoughAvailable { available, wanted });
    }
    if !validity.contains(today) {
        broken.push(TradeRefusal::OutsideValidity { from: validity.from().to_string(), to: validity.to().to_string() });
    }
    let is_reserve = case.seller.0.is_reserve;
    let is_settled = || case.seller_facts.fee_covered(case.seller.0.id, &case.class.code()).bears(case.fee_used, grams);
    if case.class.origin == Origin::Free && !is_reserve && !is_settled() {
        broken.push(TradeRefusal::FreeOriginFeeUnpaid {});
    }
    let left = case.registered.saturating_sub(case.sold).max(0);
    if !is_reserve && left < grams {
        broken.push(TradeRefusal::ReductionNotRegistered { left: case.print(left), wanted: case.print(grams) });
    }
}

/// Whether rights of it are traded at all, and what the seller has done. The reserve discharges nothing.
fn judge_record(case: &TradeCase, rulebook: &Rulebook, today: Date, broken: &mut Vec<TradeRefusal>) {
    let code = case.pollutant.code.clone();
    if !rulebook.is_traded(&code) {
        broken.push(TradeRefusal::PollutantNotTraded { pollutant: code.clone() });
    }
    if case.is_mismatched {
        broken.push(TradeRefusal::PermitMismatch { pollutant: code });
    }
    let (seller, last_year) = (&case.seller.0, today.year() - 1);
    let is_over = case.seller_facts.over_permit(last_year, Some((seller.id, &case.pollutant.code)));
    if is_over && !seller.is_reserve && rulebook.excludes_over_permit_sale() {
        broken.push(TradeRefusal::SellerOverPermit { year: last_year.to_string() });
    }
}

fn judge_boundaries(case: &TradeCase, broken: &mut Vec<TradeRefusal>) {
    let (seller, buyer) = (&case.seller.0, &case.buyer.0);
    let is_surplus = matches!(case.class.product, Product::AnnualSurplus { .. });
    if is_surplus && seller.area != buyer.area {
        broken.push(TradeRefusal::SurplusLeavesArea {});
    }
    if let Some(boundary) = case.crossed().filter(|_| case.lifted().is_none()) {
        broken.push(boundary.refusal(case.class.zone.clone()));
        let short = |lift: Lift| TradeRefusal::OverrideShort {
            left: case.print(lift.left),
            wanted: case.print(case.quantity.grams()),
        };
        broken.extend(case.lift.map(short));
    }
    let is_air = case.pollutant.medium == Medium::Air;
    if is_air && !seller.is_reserve && is_power(seller) != is_power(buyer) {
        broken.push(TradeRefusal::PowerSector {});
    }
    if !seller.is_reserve && (is_agriculture(seller) != is_agriculture(buyer)) {
        broken.push(TradeRefusal::AgricultureSector {});
    }
}

fn is_power(site: &Site) -> bool {
    site.sector.as_deref() == Some("power")
}

fn is_agriculture(site: &Site) -> bool {
    site.sector.as_deref() == Some("agriculture")
}

#[cfg(test)]
mod tests;
