//! What the seller's own record stands against, in both directions.

use super::*;
use crate::kernel::ids::{AreaId, FactId, OrganisationId, PermitId, ProjectId, RulebookId, SiteId, UserId};
use crate::kernel::{Moment, Refusal};
use crate::parties::facts::{About, Content, Fact, FactKind, Period, Settled};
use crate::parties::place::founding_pollutants;
use crate::parties::{OrganisationKind, OrganisationState, ProjectBasis};
use crate::rulebook::Rule;
use accounting::Validity;
use jiff::civil::date;
use std::collections::BTreeMap;

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

fn party(name: &str) -> (Site, Organisation) {
    let organisation = Organisation {
        id: OrganisationId::fresh(),
        code: String::new(),
        name: name.to_owned(),
        kind: OrganisationKind::Enterprise,
        area: AreaId::fresh(),
        area_path: "420000/421200/421222".to_owned(),
        sector: None,
        state: OrganisationState::Verified,
        applied_by: None,
        version: 1,
        registered_at: Moment::from_micros(0),
    };
    let site = Site {
        id: SiteId::fresh(),
        number: "SA0000001F".to_owned(),
        organisation: organisation.id,
        name: name.to_owned(),
        area: organisation.area,
        area_path: organisation.area_path.clone(),
        basin: Some("LUSHUI".to_owned()),
        sector: None,
        is_reserve: false,
        version: 1,
        registered_at: Moment::from_micros(0),
    };
    (site, organisation)
}

fn permit(site: &Site) -> Permit {
    Permit {
        id: PermitId::fresh(),
        number: "91421222MA0000001F001P".to_owned(),
        site: site.id,
        validity: Validity::try_new(date(2021, 1, 1), date(2025, 12, 31)).unwrap(),
        quantities: BTreeMap::from([("COD".to_owned(), 50_000_000)]),
        version: 1,
        registered_at: Moment::from_micros(0),
    }
}

/// A sale of 10 t COD within a county, at every limit at once.
fn sound() -> TradeCase {
    let (seller, buyer) = (party("临江纸业"), party("通城玻璃"));
    let project = Project {
        id: ProjectId::fresh(),
        number: "P2022-001".to_owned(),
        site: buyer.0.id,
        basis: ProjectBasis::Verified,
        document: "总量核定2022-001".to_owned(),
        verified_on: date(2022, 1, 1),
        replacement_ratio: None,
        registered_at: Moment::from_micros(0),
    };
    TradeCase {
        class: RightClass::parse(COD).unwrap(),
        pollutant: founding_pollutants().into_iter().find(|pollutant| pollutant.code == "COD").unwrap(),
        quantity: Quantity::try_new(10_000_000).unwrap(),
        unit_price: Price::parse("8790.00").unwrap(),
        price_basis: PriceBasis::PerUnitWholeValidity,
        mode: "negotiated",
        seller_permits: vec![permit(&seller.0)],
        buyer_permits: vec![permit(&buyer.0)],
        project: ProjectFact::Named(Some(project)),
        registered: 10_000_000,
        sold: 0,
        available: Some(10_000_000),
        headroom: Headroom::NotNeeded,
        lift: None,
        is_mismatched: false,
        fee_used: 0,
        seller_facts: Facts::default(),
        suspension: None,
        seller,
        buyer,
    }
}

fn codes(case: &TradeCase, rulebook: &Rulebook) -> Vec<String> {
    judge(case, rulebook, TODAY).iter().map(|broken| broken.violation().code.into_owned()).collect()
}

fn fact(kind: FactKind, site: SiteId, content: Content) -> Fact {
    Fact {
        id: FactId::fresh(),
        about: About::Site(site),
        organisation: None,
        area_path: "420000/421200/421222".to_owned(),
        kind,
        content: Some(content),
        source: "咸环罚〔2022〕9号".to_owned(),
        document_hash: None,
        corrects: None,
        reason: None,
        recorded_by: UserId::fresh(),
        recorded_for: OrganisationId::fresh(),
        recorded_at: Moment::from_micros(0),
        rulebook: RulebookId::fresh(),
    }
}

fn over(year: i16, pollutant: Option<&str>) -> Content {
    Content::OverPermit { period: Period::year(year).unwrap(), pollutant: pollutant.map(str::to_owned) }
}

/// The same sale to a buyer beyond the boundary, with an override of which so many grams are left.
fn beyond(boundary: Boundary, left: Option<i64>) -> TradeCase {
    let mut case = sound();
    case.buyer.0.basin = Some("FUSHUI".to_owned());
    let lifted = Lifted { by: TradeOverrideId::fresh(), boundary, delivered: RightClassId::fresh() };
    TradeCase { lift: left.map(|left| Lift { lifted, left }), ..case }
}

#[test]
fn an_override_lifts_its_boundary_as_far_as_it_reaches() {
    let rules = rulebook(&[]);
    assert_eq!(codes(&beyond(Boundary::Basin, None), &rules), ["TRD_BASIN_MISMATCH"]);
    assert_eq!(codes(&beyond(Boundary::Basin, Some(10_000_000)), &rules), [""; 0]);
    let short = beyond(Boundary::Basin, Some(9_999_999));
    assert_eq!(codes(&short, &rules), ["TRD_BASIN_MISMATCH", "TRD_OVERRIDE_SHORT"]);
    assert_eq!(short.lifted(), None);
    let other = beyond(Boundary::City, Some(10_000_000));
    assert!(codes(&other, &rules).contains(&"TRD_BASIN_MISMATCH".to_owned()), "it lifts another boundary");
}

#[test]
fn an_override_lifts_nothing_but_its_boundary() {
    let mut case = beyond(Boundary::Basin, Some(10_000_000));
    case.buyer.0.sector = Some("agriculture".to_owned());
    case.registered = 0;
    case.unit_price = Price::parse("1.00").unwrap();
    let binding = rulebook(&[("base_price_cod", "8790.00"), ("base_price_binds_negotiated", "on")]);
    let expected = ["TRD_REDUCTION_NOT_REGISTERED", "TRD_AGRICULTURE_SECTOR", "TRD_BELOW_BASE_PRICE"];
    let told = codes(&case, &binding);
    assert!(expected.iter().all(|code| told.contains(&(*code).to_owned())), "{told:?}");
    assert!(!told.contains(&"TRD_BASIN_MISMATCH".to_owned()), "{told:?}");
}

#[test]
fn a_trade_within_its_zone_takes_no_override() {
    let beyond = beyond(Boundary::Basin, Some(10_000_000));
    let within = TradeCase { lift: beyond.lift, ..sound() };
    assert_eq!((within.crossed(), within.lifted()), (None, None));
    assert_eq!(beyond.lifted(), beyond.lift.map(|lift| lift.lifted));
}

#[test]
fn a_sound_trade_stands() {
    assert_eq!(codes(&sound(), &rulebook(&[])), [""; 0]);
}

#[test]
fn nothing_comes_into_a_suspended_area() {
    let (area, document, from) = ("421222".to_owned(), "鄂环函〔2022〕88号".to_owned(), "2022-12-01".to_owned());
    let suspension = Some(TradeRefusal::AreaSuspended { area, document, from });
    assert_eq!(codes(&TradeCase { suspension, ..sound() }, &rulebook(&[])), ["TRD_AREA_SUSPENDED"]);
}

#[test]
fn something_must_be_left_of_what_a_ratio_replaces() {
    let of = |ratio: Option<&str>, grams: i64, rules: &[(&str, &str)]| {
        let mut case = sound();
        case.quantity = Quantity::try_new(grams).unwrap();
        if let ProjectFact::Named(Some(project)) = &mut case.project {
            project.replacement_ratio = ratio.map(|text| Ratio::parse(text).unwrap());
        }
        (codes(&case, &rulebook(rules)), case.replacement(&rulebook(rules)).map(|ratio| ratio.to_string()))
    };
    let told = |codes: &[&str], ratio: &str| {
        (codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>(), Some(ratio.to_owned()))
    };
    assert_eq!(of(Some("2:1"), 1, &[]), told(&["TRD_NOTHING_USABLE"], "2:1"), "a gram replaces no half");
    assert_eq!(of(Some("2:1"), 2, &[]), told(&[], "2:1"));
    assert_eq!(of(None, 1, &[("replacement_ratio", "1.2:1")]), told(&["TRD_NOTHING_USABLE"], "1.2:1"));
    assert_eq!(of(Some("1:1"), 1, &[("replacement_ratio", "2:1")]), told(&[], "1:1"), "its own comes first");
}

#[test]
fn a_site_that_discharged_too_much_last_year_does_not_sell_rights_of_it() {
    let told = |content: Content, rules: &[(&str, &str)]| {
        let mut case = sound();
        case.seller_facts = Facts::new(vec![fact(FactKind::OverPermitDischarge, case.seller.0.id, content)]);
        codes(&case, &rulebook(rules))
    };
    let on = [("exclusion_over_permit_sale", "on")];
    assert_eq!(told(over(2021, Some("COD")), &on), ["TRD_SELLER_OVER_PERMIT"]);
    assert_eq!(told(over(2021, None), &on), ["TRD_SELLER_OVER_PERMIT"], "of all of them where none is named");
    assert_eq!(told(over(2021, Some("SO2")), &on), [""; 0], "of another pollutant");
    assert_eq!(told(over(2020, Some("COD")), &on), [""; 0], "the year before");
    assert_eq!(told(over(2021, Some("COD")), &[]), [""; 0], "no rule, no exclusion");
    assert_eq!(told(over(2021, Some("COD")), &[("exclusion_over_permit", "on")]), [""; 0], "the rule for pledges");
}

#[test]
fn a_mismatch_that_the_rules_block_and_a_pollutant_that_they_do_not_name_are_refused() {
    let mismatched = TradeCase { is_mismatched: true, ..sound() };
    assert_eq!(codes(&mismatched, &rulebook(&[])), ["TRD_PERMIT_MISMATCH"]);
    assert_eq!(codes(&sound(), &rulebook(&[("traded_pollutants", "NH3N,SO2")])), ["TRD_POLLUTANT_NOT_TRADED"]);
    assert_eq!(codes(&sound(), &rulebook(&[("traded_pollutants", "COD,SO2")])), [""; 0]);
}

#[test]
fn what_another_site_of_the_enterprise_discharged_does_not_stand_against_this_one() {
    let mut case = sound();
    case.seller_facts = Facts::new(vec![fact(FactKind::OverPermitDischarge, SiteId::fresh(), over(2021, None))]);
    assert_eq!(codes(&case, &rulebook(&[("exclusion_over_permit_sale", "on")])), [""; 0]);
}

#[test]
fn a_free_right_is_sold_once_its_usage_fee_is_settled() {
    let free = COD.replace("PAID", "FREE");
    let told = |site: fn(&TradeCase) -> SiteId, of: &str| {
        let mut case = sound();
        case.class.origin = Origin::Free;
        let of = Settled::Rights { right_class: of.to_owned(), quantity: None };
        let content = Content::Settlement { on: TODAY, of };
        case.seller_facts = Facts::new(vec![fact(FactKind::FeeSettled, site(&case), content)]);
        codes(&case, &rulebook(&[]))
    };
    assert_eq!(told(|case| case.seller.0.id, &free), [""; 0]);
    assert_eq!(told(|_| SiteId::fresh(), &free), ["TRD_FREE_ORIGIN_FEE_UNPAID"], "of another site");
    let other = free.replace("2025", "2024");
    assert_eq!(told(|case| case.seller.0.id, &other), ["TRD_FREE_ORIGIN_FEE_UNPAID"], "of another class");
}

#[test]
fn a_surplus_of_a_year_stays_in_its_area_and_a_lasting_right_need_not() {
    let leaves = |product, is_elsewhere: bool| {
        let mut case = sound();
        case.buyer.0.area = if is_elsewhere { AreaId::fresh() } else { case.seller.0.area };
        case.class.product = product;
        codes(&case, &rulebook(&[])).contains(&"TRD_SURPLUS_LEAVES_AREA".to_owned())
    };
    assert!(leaves(Product::AnnualSurplus { year: 2022 }, true));
    assert!(!leaves(Product::AnnualSurplus { year: 2022 }, false));
    assert!(!leaves(Product::MultiYear, true));
}

#[test]
fn a_settled_fee_bears_the_sale_of_as_much_as_it_is_for() {
    let free = COD.replace("PAID", "FREE");
    let told = |settled: &[i64], fee_used: i64| {
        let mut case = TradeCase { fee_used, ..sound() };
        case.class.origin = Origin::Free;
        let facts = settled.iter().map(|grams| {
            let quantity = Some(Quantity::try_new(*grams).unwrap());
            let of = Settled::Rights { right_class: free.clone(), quantity };
            fact(FactKind::FeeSettled, case.seller.0.id, Content::Settlement { on: TODAY, of })
        });
        case.seller_facts = Facts::new(facts.collect());
        codes(&case, &rulebook(&[]))
    };
    assert_eq!(told(&[10_000_000], 0), [""; 0], "10 t are sold");
    assert_eq!(told(&[9_999_999], 0), ["TRD_FREE_ORIGIN_FEE_UNPAID"]);
    assert_eq!(told(&[10_000_000], 1), ["TRD_FREE_ORIGIN_FEE_UNPAID"], "a gram of it is sold or pledged already");
    assert_eq!(told(&[10_000_000, 1], 1), [""; 0], "two fees bear together");
}
